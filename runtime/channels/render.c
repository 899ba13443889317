/* Messages as their readers see them. See render.h. */
#include "runtime/channels/render.h"

#include <stdio.h>

#include "runtime/channels/locale.h"
#include "runtime/channels/markdown.h"
#include "runtime/channels/terms.h"
#include "vm/address.h"
#include "vm/civil.h"
#include "vm/memory.h"
#include "vm/plural.h"
#include "vm/template.h"
#include "vm/zone.h"

/* How bytes of a value are written. */
enum escape { ESCAPE_NONE, ESCAPE_LINE, ESCAPE_HTML, ESCAPE_URL };

struct scribe {
    const struct render_request *request;
    const struct bundle_message *message;
    struct text locale;
    struct text channel;
    struct error *error;
    enum status status; /* of the first thing that was missing */
};

/* ------------------------------------------------------------------ escaping */

static void put_html(struct buffer *out, struct text text)
{
    for (uint32_t i = 0; i < text.size; i++) {
        switch (text.at[i]) {
        case '&': buffer_string(out, "&amp;"); break;
        case '<': buffer_string(out, "&lt;"); break;
        case '>': buffer_string(out, "&gt;"); break;
        case '"': buffer_string(out, "&quot;"); break;
        case '\'': buffer_string(out, "&#39;"); break;
        default: buffer_u8(out, (uint8_t)text.at[i]); break;
        }
    }
}

/* Control characters become blanks: a value never begins a line of its own. */
static void put_line(struct buffer *out, struct text text)
{
    for (uint32_t i = 0; i < text.size; i++) {
        const unsigned char byte = (unsigned char)text.at[i];
        buffer_u8(out, byte < 0x20 || byte == 0x7F ? (uint8_t)' ' : byte);
    }
}

static void put_escaped(struct buffer *out, struct text text, enum escape escape)
{
    struct buffer line = BUFFER_EMPTY;
    if (escape == ESCAPE_NONE) {
        buffer_text(out, text);
        return;
    }
    put_line(&line, text);
    const struct text clean = buffer_as_text(&line);
    switch (escape) {
    case ESCAPE_HTML: put_html(out, clean); break;
    case ESCAPE_URL: address_encode(out, clean); break;
    default: buffer_text(out, clean); break;
    }
    if (!buffer_ok(&line)) out->failed = true;
    buffer_deinit(&line);
}

/* ------------------------------------------------------------------ values */

uint32_t render_find(const struct program *program, struct text message)
{
    for (uint32_t i = 0; i < program->message_count; i++) {
        if (text_equal(program_text(program, program->message[i].name), message)) return i;
    }
    return PROGRAM_NONE;
}

uint32_t render_kind(const struct program *program, struct text message, struct text hole, uint32_t *of)
{
    const uint32_t index = render_find(program, message);
    if (of != NULL) *of = PROGRAM_NONE;
    for (uint32_t i = 0; i < program->effect_count && index != PROGRAM_NONE; i++) {
        const struct bundle_effect *effect = &program->effect[i];
        if (effect->kind != ACT_SEND || effect->object != index) continue;
        for (uint32_t j = 0; j < effect->value_count; j++) {
            const struct bundle_value *value = &program->value[effect->value_first + j];
            if (!text_equal(program_text(program, value->name), hole)) continue;
            if (of != NULL) *of = value->of;
            return value->kind;
        }
    }
    return TYPE_TEXT;
}

static const struct render_value *value_of(const struct render_request *request, struct text name)
{
    for (uint32_t i = 0; i < request->value_count; i++) {
        if (text_equal(request->values[i].name, name)) return &request->values[i];
    }
    return NULL;
}

static void put_money(struct buffer *out, struct text locale, struct text value)
{
    uint32_t blank = value.size;
    while (blank > 0 && value.at[blank - 1] != ' ') blank--;
    if (blank == 0) {
        locale_number(out, locale, value);
        return;
    }
    locale_money(out, locale, text_trim(text_slice(value, 0, blank)), text_slice(value, blank, value.size), false);
}

/* A value of a type in the locale's form. What is not written as its type is, is shown as it stands. */
static void put_value(struct buffer *out, const struct scribe *scribe, uint32_t kind, struct text value)
{
    int64_t number = 0;
    switch (kind) {
    case TYPE_MONEY: put_money(out, scribe->locale, value); return;
    case TYPE_WHOLE:
    case TYPE_DECIMAL: locale_number(out, scribe->locale, value); return;
    case TYPE_PERCENT:
        if (value.size == 0 || value.at[value.size - 1] != '%') break;
        locale_percent(out, scribe->locale, text_slice(value, 0, value.size - 1));
        return;
    case TYPE_BOOL:
        buffer_text(out,
                    terms_yes_or_no(scribe->locale, text_equal(value, TEXT("true")) || text_equal(value, TEXT("yes"))));
        return;
    case TYPE_DATE:
        if (civil_parse_date(&number, value, NULL) != OK) break;
        locale_date(out, scribe->locale, number);
        return;
    case TYPE_TIME:
        if (civil_parse_time(&number, value, NULL) != OK) break;
        locale_time(out, scribe->locale, number);
        return;
    case TYPE_MOMENT:
        if (civil_parse_instant(&number, value, NULL) != OK) break;
        locale_moment(out, scribe->locale, scribe->request->zone, number);
        return;
    case TYPE_DURATION:
    case TYPE_CALENDAR: locale_duration(out, scribe->locale, value); return;
    case TYPE_COUNTRY: locale_country(out, scribe->locale, value); return;
    case TYPE_ENUM:
        for (uint32_t i = 0; i < value.size; i++) buffer_u8(out, value.at[i] == '_' ? ' ' : (uint8_t)value.at[i]);
        return;
    default: break;
    }
    buffer_text(out, value);
}

/* The value of a hole, unescaped; the hole's word by its plural form. */
static void put_hole(struct buffer *out, struct scribe *scribe, const struct template_piece *piece)
{
    const struct render_request *request = scribe->request;
    const struct render_value *value = value_of(request, piece->inside);
    if (value == NULL) {
        if (scribe->status == OK)
            scribe->status = error_set(scribe->error, STATUS_NOT_FOUND, "there is no value for `{%.*s}` of `%.*s`",
                                       TEXT_ARGS(piece->inside), TEXT_ARGS(request->message));
        return;
    }
    if (text_equal(piece->inside, TEXT("offer.terms"))) {
        uint32_t campaign = PROGRAM_NONE;
        const uint32_t offer = terms_find(request->program, request->campaign, value->value, &campaign);
        if (offer != PROGRAM_NONE) terms_sentences(out, request->program, campaign, offer, scribe->locale, TEXT(" "));
        return;
    }
    const uint32_t kind = render_kind(request->program, request->message, piece->inside, NULL);
    if (piece->form_count == 0) {
        put_value(out, scribe, kind, value->value);
        return;
    }
    struct buffer number = BUFFER_EMPTY;
    put_value(&number, scribe, kind, value->value);
    const uint32_t count = piece->form_count < TEMPLATE_FORMS_MAX ? piece->form_count : TEMPLATE_FORMS_MAX;
    const uint32_t form = plural_form(scribe->locale, locale_plural(scribe->locale, value->value), count);
    template_form(out, piece->form[form], buffer_as_text(&number));
    buffer_deinit(&number);
}

/* The address of a link, as a reader's program is to open it. */
static void put_address(struct buffer *out, struct scribe *scribe, struct text name)
{
    const struct program *program = scribe->request->program;
    for (uint32_t i = 0; i < scribe->message->link_count; i++) {
        const struct bundle_link *link = &program->link[scribe->message->link_first + i];
        if (!text_equal(program_text(program, link->name), name)) continue;
        if (program->workspace->short_links != PROGRAM_NONE && scribe->request->effect != NULL &&
            !text_equal(scribe->channel, TEXT("email"))) {
            char id[ADDRESS_SHORT_SIZE + 1];
            address_short(id, scribe->request->effect, name);
            buffer_text(out, program_text(program, program->workspace->short_links));
            buffer_string(out, id);
            return;
        }
        struct buffer address = BUFFER_EMPTY;
        struct template template;
        struct template_piece piece;
        template_begin(&template, program_text(program, link->address), BODY_PLAIN);
        while (template_next(&piece, &template)) {
            struct buffer value = BUFFER_EMPTY;
            if (piece.kind == TEMPLATE_TEXT) buffer_text(&address, piece.text);
            if (piece.kind == TEMPLATE_VALUE) { /* in its plain form: an address is read by programs */
                const struct render_value *found = value_of(scribe->request, piece.inside);
                if (found != NULL)
                    buffer_text(&value, found->value);
                else
                    put_hole(&value, scribe, &piece);
                put_escaped(&address, buffer_as_text(&value), ESCAPE_URL);
            }
            buffer_deinit(&value);
        }
        const uint32_t marks = scribe->message->marks;
        address_mark(out, buffer_as_text(&address), marks != PROGRAM_NONE ? program_text(program, marks) : TEXT(""));
        if (!buffer_ok(&address)) out->failed = true;
        buffer_deinit(&address);
        return;
    }
    if (scribe->status == OK)
        scribe->status = error_set(scribe->error, STATUS_NOT_FOUND, "`%.*s` has no link `%.*s`",
                                   TEXT_ARGS(scribe->request->message), TEXT_ARGS(name));
}

/* One hole as it stands in HTML. */
static void put_html_piece(struct buffer *out, struct scribe *scribe, const struct template_piece *piece,
                           enum markup_place place)
{
    struct buffer value = BUFFER_EMPTY;
    if (piece->kind == TEMPLATE_LINK)
        put_address(&value, scribe, piece->name);
    else
        put_hole(&value, scribe, piece);
    const struct text text = buffer_as_text(&value);
    switch (place) {
    case MARKUP_TEXT:
        if (piece->kind == TEMPLATE_LINK) {
            buffer_string(out, "<a href=\"");
            put_escaped(out, text, ESCAPE_HTML);
            buffer_string(out, "\">");
            put_escaped(out, text, ESCAPE_HTML);
            buffer_string(out, "</a>");
            break;
        }
        put_escaped(out, text, ESCAPE_HTML);
        break;
    case MARKUP_VALUE: put_escaped(out, text, ESCAPE_HTML); break;
    case MARKUP_URL_START:
    case MARKUP_URL:
        put_escaped(out, text, piece->kind == TEMPLATE_LINK && place == MARKUP_URL_START ? ESCAPE_HTML : ESCAPE_URL);
        break;
    case MARKUP_RAW:
    case MARKUP_UNSAFE: break; /* refused by the compiler; a forged bundle shows nothing here */
    }
    if (!buffer_ok(&value)) out->failed = true;
    buffer_deinit(&value);
}

/* ------------------------------------------------------------------ bodies */

/* Blanks that a locale puts between number and sign, as plain ones: a text message would be UCS-2 for them alone. */
static void plain_blanks(struct buffer *text)
{
    static const struct text blanks[] = {TEXT_INIT("\xC2\xA0"), TEXT_INIT("\xE2\x80\xAF"), TEXT_INIT("\xE2\x80\x89")};
    size_t kept = 0;
    for (size_t at = 0; at < text->size;) {
        size_t size = 0;
        const struct text rest = text_make((const char *)text->bytes + at, text->size - at);
        for (size_t i = 0; i < sizeof blanks / sizeof blanks[0]; i++) {
            if (text_starts_with(rest, blanks[i])) size = blanks[i].size;
        }
        text->bytes[kept++] = size > 0 ? ' ' : text->bytes[at];
        at += size > 0 ? size : 1;
    }
    text->size = kept;
}

/* Text with holes, each escaped in the same way. */
static void put_plain(struct buffer *out, struct scribe *scribe, struct text body, enum escape escape)
{
    struct template template;
    struct template_piece piece;
    template_begin(&template, body, BODY_PLAIN);
    while (template_next(&piece, &template)) {
        struct buffer value = BUFFER_EMPTY;
        switch (piece.kind) {
        case TEMPLATE_TEXT: put_escaped(out, piece.text, escape); continue;
        case TEMPLATE_VALUE: put_hole(&value, scribe, &piece); break;
        case TEMPLATE_LINK: put_address(&value, scribe, piece.name); break;
        case TEMPLATE_BAD: break;
        }
        if (text_equal(scribe->channel, TEXT("sms"))) plain_blanks(&value);
        put_escaped(out, buffer_as_text(&value), ESCAPE_LINE);
        if (!buffer_ok(&value)) out->failed = true;
        buffer_deinit(&value);
    }
}

static void put_html_body(struct buffer *out, struct scribe *scribe, struct text body)
{
    struct template template;
    struct template_piece piece;
    template_begin(&template, body, BODY_HTML);
    while (template_next(&piece, &template)) {
        if (piece.kind == TEMPLATE_TEXT) buffer_text(out, piece.text);
        if (piece.kind == TEMPLATE_VALUE || piece.kind == TEMPLATE_LINK)
            put_html_piece(out, scribe, &piece, piece.place);
    }
}

/* Letters that the body does not hold: the holes' places while Markdown is read, so that no value is ever read as Markdown. */
static struct text unused_mark(char out[16], struct text body)
{
    for (uint32_t n = 0;; n++) {
        const int size = snprintf(out, 16, "Qz%uvX", n);
        const struct text mark = text_make(out, (size_t)size);
        bool found = false;
        for (uint32_t i = 0; i < body.size && !found; i++)
            found = text_starts_with(text_slice(body, i, mark.size), mark);
        if (!found) return mark;
    }
}

/* The n-th piece of a body that is no text. */
static bool nth_hole(struct template_piece *out, struct text body, uint32_t number)
{
    struct template template;
    template_begin(&template, body, BODY_PLAIN);
    while (template_next(out, &template)) {
        if (out->kind != TEMPLATE_TEXT && number-- == 0) return true;
    }
    return false;
}

static void put_markdown_body(struct buffer *out, struct scribe *scribe, struct text body)
{
    char room[16];
    const struct text mark = unused_mark(room, body);
    struct buffer marked = BUFFER_EMPTY, html = BUFFER_EMPTY;
    struct template template;
    struct template_piece piece;
    uint32_t count = 0;
    template_begin(&template, body, BODY_PLAIN);
    while (template_next(&piece, &template)) {
        if (piece.kind == TEMPLATE_TEXT) {
            buffer_text(&marked, piece.text);
            continue;
        }
        buffer_text(&marked, mark);
        buffer_print(&marked, "%uz", count++);
    }
    markdown_html(&html, buffer_as_text(&marked));
    const struct text page = buffer_as_text(&html);
    struct markup markup;
    markup_begin(&markup);
    for (uint32_t at = 0; at < page.size;) {
        if (page.at[at] == mark.at[0] && text_starts_with(text_slice(page, at, mark.size), mark)) {
            uint32_t end = at + mark.size, number = 0;
            while (end < page.size && page.at[end] >= '0' && page.at[end] <= '9' && number < 1000000)
                number = number * 10 + (uint32_t)(page.at[end++] - '0');
            if (end < page.size && page.at[end] == 'z' && nth_hole(&piece, body, number)) {
                put_html_piece(out, scribe, &piece, markup_place(&markup));
                markup_value(&markup);
                at = end + 1;
                continue;
            }
        }
        markup_feed(&markup, page.at[at]);
        buffer_u8(out, (uint8_t)page.at[at++]);
    }
    if (!buffer_ok(&marked) || !buffer_ok(&html)) out->failed = true;
    buffer_deinit(&marked);
    buffer_deinit(&html);
}

/* A page around the HTML of a Markdown body: readable on a narrow screen, in the direction of its language. */
static void put_page(struct buffer *out, const struct scribe *scribe, struct text subject, struct text body)
{
    buffer_string(out, "<!doctype html>\n<html lang=\"");
    put_html(out, scribe->locale);
    buffer_string(out, locale_is_backwards(scribe->locale) ? "\" dir=\"rtl\">\n" : "\">\n");
    buffer_string(out,
                  "<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    put_html(out, subject);
    buffer_string(out, "</title>\n<style>\nbody { margin: 0 auto; max-width: 36em; padding: 1.5em; font: 16px/1.5 "
                       "sans-serif; color: #222; }\n"
                       "a { color: #0b57d0; }\nh1 { font-size: 1.5em; }\n</style>\n</head>\n<body>\n");
    buffer_text(out, body);
    buffer_string(out, "</body>\n</html>\n");
}

/* How well a body's locale fits: 3 the very one, 2 its language, 1 any. */
static unsigned fit_of(struct text body, struct text locale)
{
    if (text_equal(body, locale)) return 3;
    const uint32_t left = text_find(body, '-', 0), right = text_find(locale, '-', 0);
    return text_equal(text_slice(body, 0, left), text_slice(locale, 0, right)) ? 2 : 1;
}

static const struct bundle_body *body_of(const struct render_request *request, const struct bundle_message *message,
                                         bool subject, struct text locale)
{
    const struct program *program = request->program;
    const struct bundle_body *best = NULL;
    unsigned fit = 0;
    for (uint32_t i = 0; i < message->body_count; i++) {
        const struct bundle_body *body = &program->body[message->body_first + i];
        if (!text_equal(program_text(program, program->channel[body->channel].name), request->channel)) continue;
        if ((body->format == BODY_SUBJECT) != subject) continue;
        const unsigned its = fit_of(program_text(program, body->locale), locale);
        if (its > fit) fit = its, best = body;
    }
    return best;
}

enum status render_message(struct rendered *out, const struct render_request *request, struct error *error)
{
    *out = (struct rendered){.subject = BUFFER_EMPTY, .html = BUFFER_EMPTY, .text = BUFFER_EMPTY};
    const uint64_t lost = memory_lost();
    const struct program *program = request->program;
    const uint32_t index = render_find(program, request->message);
    if (index == PROGRAM_NONE)
        return error_set(error, STATUS_NOT_FOUND, "there is no message `%.*s`", TEXT_ARGS(request->message));
    const struct bundle_message *message = &program->message[index];
    const struct bundle_body *body = body_of(request, message, false, request->locale);
    if (body == NULL)
        return error_set(error, STATUS_NOT_FOUND, "the message `%.*s` has no body for the channel `%.*s`",
                         TEXT_ARGS(request->message), TEXT_ARGS(request->channel));
    struct scribe scribe = {.request = request,
                            .message = message,
                            .locale = program_text(program, body->locale),
                            .channel = request->channel,
                            .error = error};
    out->locale = scribe.locale;
    const struct bundle_body *subject = body_of(request, message, true, scribe.locale);
    if (subject != NULL) put_plain(&out->subject, &scribe, program_text(program, subject->text), ESCAPE_LINE);
    const struct text words = program_text(program, body->text);
    struct buffer html = BUFFER_EMPTY;
    switch (body->format) {
    case BODY_MARKDOWN: put_markdown_body(&html, &scribe, words); break;
    case BODY_HTML: put_html_body(&html, &scribe, words); break;
    default: put_plain(&out->text, &scribe, words, ESCAPE_NONE); break;
    }
    const bool has_page = (body->format == BODY_MARKDOWN || body->format == BODY_HTML);
    if (has_page) markup_plain(&out->text, buffer_as_text(&html));
    if (has_page && text_equal(request->channel, TEXT("email"))) {
        if (body->format == BODY_MARKDOWN)
            put_page(&out->html, &scribe, buffer_as_text(&out->subject), buffer_as_text(&html));
        else
            buffer_text(&out->html, buffer_as_text(&html));
    }
    const bool fine = memory_lost() == lost && buffer_ok(&html) && buffer_ok(&out->html) && buffer_ok(&out->text) &&
                      buffer_ok(&out->subject);
    buffer_deinit(&html);
    if (!fine) return error_set(error, STATUS_NO_MEMORY, "memory is out");
    if (scribe.status == OK && text_equal(request->channel, TEXT("sms")))
        out->sms = sms_measure(buffer_as_text(&out->text));
    return scribe.status;
}

void render_release(struct rendered *rendered)
{
    buffer_deinit(&rendered->subject);
    buffer_deinit(&rendered->html);
    buffer_deinit(&rendered->text);
}
