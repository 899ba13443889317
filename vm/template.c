/* Message bodies as pieces. See template.h. */
#include "vm/template.h"

#include "vm/buffer.h"

static bool is_word(struct text text)
{
    for (uint32_t i = 0; i < text.size; i++) {
        const char byte = text.at[i];
        const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        if (!letter && (i == 0 || (byte != '_' && (byte < '0' || byte > '9')))) return false;
    }
    return text.size > 0;
}

void template_begin(struct template *template, struct text body, enum body_format format)
{
    *template = (struct template){.body = body, .is_html = format == BODY_HTML};
    markup_begin(&template->markup);
}

static void read_forms(struct template_piece *out, struct text forms)
{
    uint32_t start = 0;
    while (start <= forms.size) {
        const uint32_t end = text_find(forms, '|', start);
        if (out->form_count < TEMPLATE_FORMS_MAX)
            out->form[out->form_count] = text_trim(text_slice(forms, start, end - start));
        if (out->form_count <= TEMPLATE_FORMS_MAX) out->form_count++;
        start = end + 1;
    }
}

/* What stands between the braces. */
static void read_hole(struct template_piece *out, struct text inside)
{
    const struct text link = TEXT("link ");
    out->kind = TEMPLATE_BAD;
    out->inside = inside;
    const uint32_t colon = text_find(inside, ':', 0);
    const struct text words = text_trim(text_slice(inside, 0, colon));
    if (text_starts_with(words, link)) {
        out->name = text_trim(text_slice(words, link.size, words.size));
        if (colon == inside.size && out->name.size > 0) out->kind = TEMPLATE_LINK;
        return;
    }
    const uint32_t dot = text_find(words, '.', 0);
    out->owner = text_slice(words, 0, dot);
    out->name = dot < words.size ? text_slice(words, dot + 1, words.size) : TEXT("");
    if (!is_word(out->owner) || (dot < words.size && !is_word(out->name))) return;
    if (dot == words.size && !text_equal(out->owner, TEXT("code"))) return;
    out->inside = words;
    out->kind = TEMPLATE_VALUE;
    if (colon < inside.size) read_forms(out, text_slice(inside, colon + 1, inside.size));
}

/* Whether a hole or a doubled brace begins at `at`. */
static bool begins_here(const struct template *template, uint32_t at)
{
    if (template->body.at[at] != '{') return false;
    return !template->is_html || markup_place(&template->markup) != MARKUP_RAW;
}

bool template_next(struct template_piece *out, struct template *template)
{
    const struct text body = template->body;
    *out = (struct template_piece){.kind = TEMPLATE_TEXT, .start = template->at, .place = MARKUP_TEXT};
    if (template->at >= body.size) return false;
    uint32_t at = template->at;
    if (begins_here(template, at)) {
        const uint32_t close = text_find(body, '}', at);
        if (at + 1 < body.size && body.at[at + 1] == '{') {
            out->text = text_slice(body, at, 1);
            out->end = template->at = at + 2;
            if (template->is_html) markup_feed(&template->markup, '{');
            return true;
        }
        if (close < body.size) {
            out->place = template->is_html ? markup_place(&template->markup) : MARKUP_TEXT;
            read_hole(out, text_slice(body, at + 1, close - at - 1));
            if (template->is_html) markup_value(&template->markup);
            out->end = template->at = close + 1;
            return true;
        }
        if (template->is_html) markup_feed(&template->markup, '{');
        at++;
    }
    while (at < body.size && !begins_here(template, at)) {
        if (template->is_html) markup_feed(&template->markup, body.at[at]);
        at++;
    }
    out->text = text_slice(body, out->start, at - out->start);
    out->end = template->at = at;
    return true;
}

void template_form(struct buffer *out, struct text form, struct text number)
{
    for (uint32_t i = 0; i < form.size; i++) {
        if (form.at[i] == '#')
            buffer_text(out, number);
        else
            buffer_u8(out, (uint8_t)form.at[i]);
    }
}
