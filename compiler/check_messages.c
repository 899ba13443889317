/* Messages: bodies, holes, links, locales. See check_messages.h. */
#include "compiler/check_messages.h"

#include "compiler/check.h"
#include "compiler/check_texts.h"
#include "vm/address.h"
#include "vm/crypto.h"
#include "vm/decimal.h"
#include "vm/plural.h"
#include "vm/sms.h"

bool messages_is_body(const struct line *line)
{
    return line->kind == LINE_CONTENT || line->kind == LINE_SUBJECT;
}

struct text messages_channel(const struct line *line)
{
    return line->kind == LINE_SUBJECT ? TEXT("email") : line->as.content.channel.text;
}

struct span messages_span(const struct line *line, uint32_t start, uint32_t end)
{
    const struct span span = line->as.content.text.span;
    const uint32_t first = span.start + (line->as.content.is_file ? 0 : 1); /* behind the quotation mark */
    return (struct span){span.file, first + start, first + end};
}

const struct line *messages_link(const struct message_info *message, struct text name)
{
    for (const struct line *line = message->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_LINK && text_equal(line->as.link.name.text, name)) return line;
    }
    return NULL;
}

/* ------------------------------------------------------------------ files */

static bool leads_out(struct text path)
{
    if (path.size == 0 || path.at[0] == '/' || path.at[0] == '\\') return true;
    for (uint32_t at = 0; at < path.size;) {
        const uint32_t end = text_find(path, '/', at);
        if (text_equal(text_slice(path, at, end - at), TEXT(".."))) return true;
        at = end + 1;
    }
    return false;
}

static bool format_of(struct text path, enum body_format *out)
{
    *out = text_ends_with(path, TEXT(".md"))     ? BODY_MARKDOWN
           : text_ends_with(path, TEXT(".html")) ? BODY_HTML
           : text_ends_with(path, TEXT(".txt"))  ? BODY_PLAIN
                                                 : BODY_FORMAT_COUNT;
    return *out != BODY_FORMAT_COUNT;
}

/* Without the mark of the byte order, and without line ends at its end. */
static struct text trimmed(struct text text)
{
    if (text_starts_with(text, TEXT("\xEF\xBB\xBF"))) text = text_slice(text, 3, text.size);
    while (text.size > 0 && (text.at[text.size - 1] == '\n' || text.at[text.size - 1] == '\r')) text.size--;
    return text;
}

static bool load_body(struct names *names, struct line *line)
{
    const struct name file = line->as.content.text;
    const struct source *beside = source_set_get(names->sources, line->span.file);
    enum body_format format;
    if (leads_out(file.text)) return REPORT(names, DIAGNOSTIC_BODY_FILE_PATH, file.span, file.text), false;
    if (!format_of(file.text, &format)) return REPORT(names, DIAGNOSTIC_BODY_FILE_KIND, file.span, file.text), false;
    uint32_t folder = beside != NULL ? beside->name.size : 0;
    while (folder > 0 && beside->name.at[folder - 1] != '/') folder--;
    const struct text path =
        arena_print(names->arena, "%.*s%.*s", (int)folder, folder > 0 ? beside->name.at : "", TEXT_ARGS(file.text));
    struct buffer bytes = BUFFER_EMPTY;
    struct source *source = NULL;
    bool fine = false;
    if (names->reader.read == NULL || !names->reader.read(names->reader.context, path, &bytes)) {
        REPORT(names, DIAGNOSTIC_BODY_FILE, file.span, file.text);
    } else if (bytes.size > LIMIT_BODY_BYTES) {
        REPORT(names, DIAGNOSTIC_BODY_FILE_LARGE, file.span, file.text, names_number(names, (int64_t)bytes.size),
               names_number(names, LIMIT_BODY_BYTES));
    } else if (!text_is_utf8(buffer_as_text(&bytes)) ||
               (bytes.size > 0 && memchr(bytes.bytes, 0, bytes.size) != NULL)) {
        REPORT(names, DIAGNOSTIC_BODY_FILE_BYTES, file.span, file.text);
    } else {
        fine = source_set_add(&source, names->sources, path, buffer_as_text(&bytes), NULL) == OK;
    }
    buffer_deinit(&bytes);
    if (!fine) return false;
    const struct text text = trimmed(source->text);
    const uint32_t start = (uint32_t)(text.size > 0 ? text.at - source->text.at : 0);
    line->resolved = format;
    line->as.content.text = (struct name){text, {source->file, start, start + text.size}, 0};
    return true;
}

/* ------------------------------------------------------------------ lines of the workspace */

/* "en", "pt-BR", "zh-Hans-CN". */
static bool is_locale(struct text text)
{
    uint32_t part = 0, parts = 0;
    for (uint32_t i = 0; i <= text.size; i++) {
        if (i == text.size || text.at[i] == '-') {
            const bool first = parts++ == 0;
            if (first ? part < 2 || part > 3 : part < 2 || part > 8) return false;
            part = 0;
            continue;
        }
        const char byte = text.at[i];
        const bool letter = (byte >= 'a' && byte <= 'z') ||
                            (parts > 0 && ((byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9')));
        if (!letter) return false;
        part++;
    }
    return true;
}

static void read_workspace(struct names *names, const struct declaration *workspace)
{
    for (const struct line *line = workspace->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_SHORT_LINKS) {
            const struct text base = line->as.text.text;
            const bool is_web = text_starts_with(base, TEXT("https://")) || text_starts_with(base, TEXT("http://"));
            if (!is_web || base.at[base.size - 1] != '/' || base.size < 10)
                REPORT(names, DIAGNOSTIC_SHORT_LINKS, line->as.text.span, base);
            else
                names->short_links = base;
        }
        if (line->kind != LINE_LOCALE) continue;
        names->locales = ARENA_ARRAY(names->arena, struct text, line->as.words.count + 1);
        names->locale_count = 0;
        for (const struct name_node *node = line->as.words.first; node != NULL && names->locales != NULL;
             node = node->next) {
            if (!is_locale(node->name.text))
                REPORT(names, DIAGNOSTIC_UNKNOWN_LOCALE, node->name.span, node->name.text);
            else
                names->locales[names->locale_count++] = node->name.text;
        }
    }
}

void messages_load(struct names *names)
{
    for (uint32_t i = 0; i < names->file_count && i < names->project_file_count; i++) {
        for (struct declaration *at = names->files[i]->declarations.first; at != NULL; at = at->next) {
            if (at->kind == DECLARATION_WORKSPACE) read_workspace(names, at);
        }
    }
    for (uint32_t i = 0; i < names->message_count; i++) {
        struct message_info *message = &names->messages[i];
        for (struct line *line = message->declaration->lines.first; line != NULL; line = line->next) {
            if (line->kind == LINE_CONTENT && line->as.content.is_file && !load_body(names, line))
                line->kind = LINE_BROKEN;
        }
    }
}

/* ------------------------------------------------------------------ holes */

struct holes {
    struct hole *hole;
    uint32_t count, capacity;
};

static void add_hole(struct holes *holes, struct text owner, struct text name, struct span span)
{
    for (uint32_t i = 0; i < holes->count; i++) {
        if (text_equal(holes->hole[i].owner, owner) && text_equal(holes->hole[i].name, name)) return;
    }
    if (holes->count < holes->capacity) holes->hole[holes->count++] = (struct hole){owner, name, span};
}

/* The holes of a link's address; they are shown wherever the link is. */
static void add_link(struct holes *holes, const struct line *link)
{
    struct template template;
    struct template_piece piece;
    template_begin(&template, link->as.link.address.text, BODY_PLAIN);
    while (template_next(&piece, &template)) {
        const uint32_t first = link->as.link.address.span.start + 1;
        if (piece.kind == TEMPLATE_VALUE)
            add_hole(holes, piece.owner, piece.name,
                     (struct span){link->as.link.address.span.file, first + piece.start, first + piece.end});
    }
}

struct hole *schema_holes(struct names *names, const struct message_info *message, uint32_t channel, uint32_t *count)
{
    struct holes holes = {.capacity =
                              256}; /* of all bodies together; what one effect carries is judged where it is sent */
    *count = 0;
    holes.hole = ARENA_ARRAY(names->arena, struct hole, holes.capacity);
    if (holes.hole == NULL) return NULL;
    for (const struct line *line = message->declaration->lines.first; line != NULL; line = line->next) {
        if (!messages_is_body(line)) continue;
        if (channel != PROGRAM_NONE &&
            names_index(names->channels, names->channel_count, messages_channel(line)) != channel)
            continue;
        struct template template;
        struct template_piece piece;
        template_begin(&template, line->as.content.text.text, (enum body_format)line->resolved);
        while (template_next(&piece, &template)) {
            if (piece.kind == TEMPLATE_VALUE)
                add_hole(&holes, piece.owner, piece.name, messages_span(line, piece.start, piece.end));
            const struct line *link = piece.kind == TEMPLATE_LINK ? messages_link(message, piece.name) : NULL;
            if (link != NULL) add_link(&holes, link);
        }
    }
    *count = holes.count;
    return holes.hole;
}

const struct line *messages_without_terms(const struct message_info *message, struct text channel)
{
    for (const struct line *line = message->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_CONTENT || !text_equal(messages_channel(line), channel)) continue;
        struct template template;
        struct template_piece piece;
        bool tells = false, shows = false;
        template_begin(&template, line->as.content.text.text, (enum body_format)line->resolved);
        while (template_next(&piece, &template)) {
            const bool of_offer = piece.kind == TEMPLATE_VALUE && text_equal(piece.owner, TEXT("offer"));
            const bool is_terms = text_equal(piece.name, TEXT("terms"));
            shows = shows || (is_terms && (of_offer || piece.kind == TEMPLATE_LINK));
            tells = tells || (of_offer && !is_terms && !text_equal(piece.name, TEXT("name")));
        }
        if (tells && !shows) return line;
    }
    return NULL;
}

/* ------------------------------------------------------------------ one body */

static void judge_link(struct names *names, const struct message_info *message, const struct template_piece *piece,
                       struct span span)
{
    if (messages_link(message, piece->name) != NULL) return;
    struct text *list = ARENA_ARRAY(names->arena, struct text, message->declaration->lines.count + 1);
    uint32_t count = 0;
    for (const struct line *line = message->declaration->lines.first; line != NULL && list != NULL; line = line->next) {
        if (line->kind == LINE_LINK) list[count++] = line->as.link.name.text;
    }
    struct name name = {piece->name, span, 0};
    names_unknown(names, DIAGNOSTIC_UNKNOWN_LINK, &name, list, count);
}

/* `{play}`, where the message has a link of that name. */
static void judge_bad_hole(struct names *names, const struct message_info *message, struct span span)
{
    const struct text words = names_words(names, span);
    struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_BAD_HOLE, span, words);
    if (diagnostic == NULL || words.size < 3) return;
    const struct text name = text_slice(words, 1, words.size - 2);
    if (messages_link(message, name) == NULL) return;
    diagnostic_set_help(names->diagnostics, diagnostic,
                        arena_print(names->arena, "write {link %.*s}: `%.*s` is a link of this message",
                                    TEXT_ARGS(name), TEXT_ARGS(name)));
}

/* What `{offer.…}` may show of an offer, besides the parameters of its action. */
static const struct text offer_words[] = {TEXT_INIT("amount"),   TEXT_INIT("target"), TEXT_INIT("expires"),
                                          TEXT_INIT("wagering"), TEXT_INIT("terms"),  TEXT_INIT("name"),
                                          TEXT_INIT("code")};
enum { OFFER_WORDS = sizeof offer_words / sizeof offer_words[0] };

static void judge_offer_hole(struct names *names, struct name name)
{
    struct text list[128];
    uint32_t count = 0;
    for (uint32_t i = 0; i < OFFER_WORDS; i++) list[count++] = offer_words[i];
    for (uint32_t i = 0; i < names->action_count; i++) {
        const struct action_info *action = &names->actions[i];
        for (uint32_t j = 0; j < action->parameter_count && action->class == CLASS_REWARD && count < 128; j++) {
            if (names_index(list, count, action->parameters[j].name.text) == PROGRAM_NONE)
                list[count++] = action->parameters[j].name.text;
        }
    }
    if (names_index(list, count, name.text) == PROGRAM_NONE)
        names_unknown(names, DIAGNOSTIC_UNKNOWN_OFFER_HOLE, &name, list, count);
}

/* The type of a hole that is declared; TYPE_COUNT where only the place of the `send` knows it. */
static struct type hole_type(struct names *names, struct text owner, struct text name)
{
    const struct member *member = NULL;
    if (text_equal(owner, TEXT("player"))) {
        member = names_attribute(names, name);
    } else {
        const struct event_info *event = names_event(names, owner);
        if (event != NULL) member = names_field(event, name);
    }
    if (member != NULL) return member->type;
    if (text_equal(owner, TEXT("offer")) && text_equal(name, TEXT("expires")))
        return (struct type){TYPE_MOMENT, PROGRAM_NONE, 0};
    if (text_equal(owner, TEXT("code"))) return (struct type){TYPE_TEXT, PROGRAM_NONE, 16};
    return (struct type){TYPE_COUNT, PROGRAM_NONE, 0};
}

static void judge_forms(struct names *names, const struct line *line, const struct template_piece *piece,
                        struct span span)
{
    const struct text locale = line->as.content.locale.text;
    const uint32_t needed = plural_count(locale);
    const struct type type = hole_type(names, piece->owner, piece->name);
    const bool is_number = type.kind == TYPE_WHOLE || type.kind == TYPE_DECIMAL || (uint32_t)type.kind == TYPE_COUNT;
    if (!is_number && (uint32_t)type.kind != TYPE_BROKEN) {
        REPORT(names, DIAGNOSTIC_PLURAL_NUMBER, span, piece->inside, names_type_words(names, type));
    } else if (needed == 0) {
        REPORT(names, DIAGNOSTIC_PLURAL_LANGUAGE, span, locale);
    } else if (piece->form_count != needed) {
        struct buffer list = BUFFER_EMPTY;
        const struct text categories = plural_categories(locale);
        for (uint32_t at = 0; at < categories.size;) {
            const uint32_t end = text_find(categories, ' ', at);
            if (at > 0) buffer_string(&list, " | ");
            buffer_text(&list, text_slice(categories, at, end - at));
            at = end + 1;
        }
        REPORT(names, DIAGNOSTIC_PLURAL_COUNT, span, piece->inside, names_number(names, piece->form_count), locale,
               names_number(names, needed), arena_print(names->arena, "%.*s", TEXT_ARGS(buffer_as_text(&list))));
        buffer_deinit(&list);
    }
}

static void judge_place(struct names *names, const struct template_piece *piece, struct span span)
{
    if (piece->place == MARKUP_UNSAFE)
        REPORT(names, DIAGNOSTIC_HOLE_PLACE, span, names_words(names, span));
    else if (piece->place == MARKUP_URL_START && piece->kind == TEMPLATE_VALUE)
        REPORT(names, DIAGNOSTIC_HOLE_ADDRESS, span, names_words(names, span));
}

static void judge_owner(struct names *names, const struct template_piece *piece, struct span span)
{
    struct name owner = {piece->owner, span, 0}, field = {piece->name, span, 0};
    if (text_equal(owner.text, TEXT("journey")) || text_equal(owner.text, TEXT("code"))) return;
    if (text_equal(owner.text, TEXT("offer"))) {
        judge_offer_hole(names, field);
        return;
    }
    if (text_equal(owner.text, TEXT("player"))) {
        if (!text_equal(field.text, TEXT("id")) && !text_equal(field.text, TEXT("tags")) &&
            names_metric(names, field.text, PROGRAM_NONE) == NULL)
            names_need_attribute(names, &field);
        return;
    }
    const struct event_info *event = names_need_event(names, &owner);
    if (event != NULL && !text_equal(field.text, TEXT("time")) && !text_equal(field.text, TEXT("id")))
        names_need_field(names, event, &field);
}

static void judge_body(struct names *names, const struct message_info *message, const struct line *line,
                       struct holes *told)
{
    struct template template;
    struct template_piece piece;
    const struct text body = line->as.content.text.text;
    texts_judge(names, line);
    template_begin(&template, body, (enum body_format)line->resolved);
    while (template_next(&piece, &template)) {
        const struct span span = messages_span(line, piece.start, piece.end);
        const uint32_t count = told->count;
        switch (piece.kind) {
        case TEMPLATE_TEXT:
            if (body.at[piece.start] == '{' && piece.end == piece.start + piece.text.size) {
                const uint32_t end = piece.start + (piece.text.size < 24 ? piece.text.size : 24);
                REPORT(names, DIAGNOSTIC_HOLE_NOT_CLOSED, messages_span(line, piece.start, piece.start + 1),
                       text_slice(body, piece.start,
                                  text_find(body, '\n', piece.start) < end
                                      ? text_find(body, '\n', piece.start) - piece.start
                                      : end - piece.start));
            }
            continue;
        case TEMPLATE_BAD: judge_bad_hole(names, message, span); continue;
        case TEMPLATE_LINK: judge_link(names, message, &piece, span); break;
        case TEMPLATE_VALUE:
            add_hole(told, piece.owner, piece.name, span);
            if (told->count > count) judge_owner(names, &piece, span); /* once for all bodies */
            if (piece.form_count > 0) judge_forms(names, line, &piece, span);
            break;
        }
        judge_place(names, &piece, span);
    }
}

/* ------------------------------------------------------------------ text messages */

/* How long values of a hole usually are, at most. */
static uint32_t usual_size(struct names *names, const struct template_piece *piece)
{
    const struct type type = hole_type(names, piece->owner, piece->name);
    switch ((uint32_t)type.kind) {
    case TYPE_TEXT: return type.size < 16 ? type.size : 16;
    case TYPE_DATE: return 17;
    case TYPE_MOMENT: return 26;
    case TYPE_BOOL: return 3;
    case TYPE_WHOLE: return 6;
    case TYPE_PERCENT: return 5;
    default: return 9; /* an amount such as €1,000.00 */
    }
}

static void judge_sms(struct names *names, const struct message_info *message, const struct line *line)
{
    struct template template;
    struct template_piece piece;
    struct buffer text = BUFFER_EMPTY;
    bool has_values = false;
    if (!text_equal(messages_channel(line), TEXT("sms"))) return;
    template_begin(&template, line->as.content.text.text, (enum body_format)line->resolved);
    while (template_next(&piece, &template)) {
        uint32_t longest = 0;
        switch (piece.kind) {
        case TEMPLATE_TEXT: buffer_text(&text, piece.text); continue;
        case TEMPLATE_LINK: {
            const struct line *link = messages_link(message, piece.name);
            longest = names->short_links.size > 0 ? names->short_links.size + ADDRESS_SHORT_SIZE
                      : link != NULL              ? link->as.link.address.text.size
                                                  : 0;
            break;
        }
        default:
            has_values = true;
            longest = usual_size(names, &piece);
            for (uint32_t i = 0; i < piece.form_count && i < TEMPLATE_FORMS_MAX; i++)
                if (piece.form[i].size > longest) longest = piece.form[i].size;
            break;
        }
        buffer_fill(&text, '0', longest);
    }
    const struct text whole = buffer_as_text(&text);
    const struct sms sms = sms_measure(whole);
    bool replaceable = sms.is_wide;
    for (uint32_t at = 0;
         at < whole.size && replaceable;) { /* whether each character outside has another way of writing */
        const struct sms rest = sms_measure(text_slice(whole, at, whole.size));
        if (!rest.is_wide) break;
        replaceable = sms_instead(rest.wide_letter).size > 0;
        at += rest.wide_at + text_utf8_size(whole, at + rest.wide_at);
    }
    if (replaceable) {
        const struct text letter = text_slice(whole, sms.wide_at, text_utf8_size(whole, sms.wide_at));
        const struct text body = line->as.content.text.text;
        uint32_t at = 0;
        while (at < body.size && !text_starts_with(text_slice(body, at, letter.size), letter)) at++;
        REPORT(names, DIAGNOSTIC_SMS_WIDE, messages_span(line, at, at + letter.size), letter,
               names_number(names, sms_room(true, 1)), names_number(names, sms_room(false, 1)),
               sms_instead(sms.wide_letter));
    }
    if (sms.parts > 1)
        REPORT(names, DIAGNOSTIC_SMS_PARTS, line->as.content.text.span, names_number(names, sms.units),
               has_values ? TEXT(" with values of usual length") : TEXT(""), names_number(names, sms.parts),
               names_number(names, sms_room(sms.is_wide, 1)));
    buffer_deinit(&text);
}

/* ------------------------------------------------------------------ the lines together */

static void judge_repeats(struct names *names, const struct line *line)
{
    for (const struct line *later = line->next; later != NULL; later = later->next) {
        if (later->kind == line->kind && text_equal(messages_channel(later), messages_channel(line)) &&
            text_equal(later->as.content.locale.text, line->as.content.locale.text))
            REPORT(names, DIAGNOSTIC_BODY_TWICE, later->span,
                   line->kind == LINE_SUBJECT ? TEXT("subject") : messages_channel(later),
                   later->as.content.locale.text);
    }
}

static const struct line *find_body(const struct message_info *message, enum line_kind kind, struct text channel,
                                    struct text locale)
{
    for (const struct line *line = message->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind == kind && text_equal(messages_channel(line), channel) &&
            (locale.size == 0 || text_equal(line->as.content.locale.text, locale)))
            return line;
    }
    return NULL;
}

/* Each locale of the workspace for each channel of the message; a subject for each email where there is one for some. */
static void judge_locales(struct names *names, const struct message_info *message)
{
    bool has_subject = find_body(message, LINE_SUBJECT, TEXT("email"), TEXT("")) != NULL;
    for (const struct line *line = message->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_BROKEN) return;
        has_subject = has_subject || (line->kind == LINE_CONTENT && line->as.content.is_file &&
                                      text_equal(messages_channel(line), TEXT("email")));
    }
    for (const struct line *line = message->declaration->lines.first; line != NULL; line = line->next) {
        if (!messages_is_body(line)) continue;
        const struct text channel = messages_channel(line), locale = line->as.content.locale.text;
        const bool first = find_body(message, line->kind, channel, TEXT("")) == line;
        for (uint32_t i = 0; first && i < names->locale_count; i++) {
            if (find_body(message, line->kind, channel, names->locales[i]) == NULL)
                REPORT(names, DIAGNOSTIC_MISSING_LOCALE, line->span, message->name,
                       line->kind == LINE_SUBJECT ? TEXT("subject") : channel, names->locales[i]);
        }
        if (line->kind == LINE_CONTENT && has_subject && text_equal(channel, TEXT("email")) &&
            find_body(message, LINE_SUBJECT, channel, locale) == NULL &&
            names_index(names->locales, names->locale_count, locale) == PROGRAM_NONE)
            REPORT(names, DIAGNOSTIC_NO_SUBJECT, line->span, message->name, locale);
        if (line->kind == LINE_SUBJECT && find_body(message, LINE_CONTENT, channel, locale) == NULL)
            REPORT(names, DIAGNOSTIC_SUBJECT_ALONE, line->span, message->name, locale);
    }
}

static void emit_links(struct names *names, const struct message_info *message, struct bundle_message *record,
                       struct crypto_stream *stream)
{
    for (const struct line *line = message->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_LINK) continue;
        const struct text name = line->as.link.name.text, address = line->as.link.address.text;
        const struct line *same = messages_link(message, name);
        if (same != line) REPORT(names, DIAGNOSTIC_DECLARED_TWICE, line->as.link.name.span, TEXT("the link"), name);
        uint32_t colon = text_find(address, ':', 0);
        bool is_address =
            colon > 1 && colon + 1 < address.size && text_starts_with(text_slice(address, colon, 3), TEXT("://"));
        for (uint32_t i = 0; i < colon && is_address; i++) is_address = address.at[i] >= 'a' && address.at[i] <= 'z';
        for (uint32_t i = 0; i < address.size && is_address; i++) {
            const char byte = address.at[i];
            is_address = byte != '"' && byte != '<' && byte != '>' && byte != '\\' && byte != '\t';
        }
        if (!is_address || text_starts_with(address, TEXT("javascript:")))
            REPORT(names, DIAGNOSTIC_LINK_ADDRESS, line->as.link.address.span, address);
        struct template template;
        struct template_piece piece;
        template_begin(&template, address, BODY_PLAIN);
        while (template_next(&piece, &template)) {
            const uint32_t first = line->as.link.address.span.start + 1;
            const struct span span = {line->as.link.address.span.file, first + piece.start, first + piece.end};
            if (piece.kind == TEMPLATE_VALUE && piece.form_count == 0)
                judge_owner(names, &piece, span);
            else if (piece.kind != TEMPLATE_TEXT)
                REPORT(names, DIAGNOSTIC_BAD_HOLE, span, names_words(names, span));
        }
        builder_add_link(names->builder, &(struct bundle_link){.name = builder_text(names->builder, name),
                                                               .address = builder_text(names->builder, address)});
        record->link_count++;
        crypto_stream_add(stream, name.at, name.size);
        crypto_stream_add(stream, "=", 1);
        crypto_stream_add(stream, address.at, address.size);
        crypto_stream_add(stream, "\n", 1);
    }
}

/* `utm source "promo", medium "email"` as it stands in a query. */
static void emit_marks(struct names *names, const struct message_info *message, struct bundle_message *record,
                       struct crypto_stream *stream)
{
    static const struct text known[] = {TEXT_INIT("source"), TEXT_INIT("medium"), TEXT_INIT("campaign"),
                                        TEXT_INIT("term"), TEXT_INIT("content")};
    struct buffer marks = BUFFER_EMPTY;
    for (const struct line *line = message->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_UTM) continue;
        for (const struct argument *argument = line->as.arguments.first; argument != NULL; argument = argument->next) {
            if (names_index(known, 5, argument->name.text) == PROGRAM_NONE) {
                names_unknown(names, DIAGNOSTIC_UTM_NAME, &argument->name, known, 5);
                continue;
            }
            for (const struct argument *other = line->as.arguments.first; other != argument; other = other->next) {
                if (text_equal(other->name.text, argument->name.text))
                    REPORT(names, DIAGNOSTIC_DECLARED_TWICE, argument->name.span, TEXT("the mark"),
                           argument->name.text);
            }
            if (argument->value == NULL || argument->value->kind != VALUE_TEXT) {
                REPORT(names, DIAGNOSTIC_UTM_VALUE, argument->span, argument->name.text);
                continue;
            }
            if (marks.size > 0) buffer_u8(&marks, '&');
            buffer_string(&marks, "utm_");
            buffer_text(&marks, argument->name.text);
            buffer_u8(&marks, '=');
            address_encode(&marks, argument->value->name.text);
        }
    }
    if (marks.size > 0) {
        record->marks = builder_text(names->builder, buffer_as_text(&marks));
        crypto_stream_add(stream, marks.bytes, marks.size);
    }
    buffer_deinit(&marks);
}

void messages_emit(struct names *names)
{
    struct builder *builder = names->builder;
    for (uint32_t i = 0; i < names->message_count; i++) {
        const struct message_info *message = &names->messages[i];
        struct holes told = {.capacity = 256};
        told.hole = ARENA_ARRAY(names->arena, struct hole, told.capacity);
        if (told.hole == NULL) return;
        schema_judge_repeats(names, message->declaration);
        struct crypto_stream stream;
        crypto_stream_begin(&stream);
        struct bundle_message record = {
            .name = builder_text(builder, message->name),
            .class = message->class,
            .about = message->about,
            .body_first = builder_count(builder, SECTION_BODY),
            .link_first = builder_count(builder, SECTION_LINK),
            .marks = PROGRAM_NONE,
        };
        for (const struct line *line = message->declaration->lines.first; line != NULL; line = line->next) {
            if (!messages_is_body(line)) continue;
            const struct text channel = messages_channel(line);
            uint32_t number = names_index(names->channels, names->channel_count, channel);
            judge_repeats(names, line);
            judge_body(names, message, line, &told);
            if (number == PROGRAM_NONE) continue;
            judge_sms(names, message, line);
            struct bundle_body body = {
                .channel = number,
                .locale = builder_text(builder, line->as.content.locale.text),
                .text = builder_text(builder, line->as.content.text.text),
                .format = line->kind == LINE_SUBJECT ? (uint32_t)BODY_SUBJECT : line->resolved,
            };
            builder_add_body(builder, &body);
            record.body_count++;
            const struct text parts[] = {line->kind == LINE_SUBJECT ? TEXT("subject") : channel,
                                         line->as.content.locale.text, line->as.content.text.text};
            for (size_t j = 0; j < 3; j++) {
                crypto_stream_add(&stream, &parts[j].size, sizeof parts[j].size);
                crypto_stream_add(&stream, parts[j].at, parts[j].size);
            }
        }
        emit_links(names, message, &record, &stream);
        emit_marks(names, message, &record, &stream);
        struct crypto_digest digest = crypto_stream_end(&stream);
        char hex[33];
        crypto_hex(hex, digest.bytes, 16);
        record.content = builder_text(builder, text_of(hex));
        builder_add_message(builder, &record);
        if (!message->declaration->is_broken) judge_locales(names, message);
    }
}
