/* Where one stands in an HTML text. See markup.h. */
#include "vm/markup.h"

#include "vm/buffer.h"

enum state {
    STATE_TEXT,
    STATE_OPEN,    /* behind `<` */
    STATE_ELEMENT, /* in its name */
    STATE_TAG,     /* between attributes */
    STATE_NAME,    /* in the name of an attribute */
    STATE_NAMED,   /* behind it, before `=` or the next */
    STATE_EQUALS,  /* behind `=` */
    STATE_QUOTED,
    STATE_BARE,
    STATE_BANG, /* behind `<!`: a comment or a declaration */
    STATE_DECLARATION,
    STATE_COMMENT,
    STATE_RAW_TEXT, /* in style or script */
    STATE_RAW_OPEN, /* … behind `<` */
    STATE_RAW_CLOSE /* … behind `</`, in its name */
};

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
}

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static bool is_letter(char byte)
{
    return lower(byte) >= 'a' && lower(byte) <= 'z';
}

static void grow(char *name, uint8_t *size, char byte)
{
    if (*size < MARKUP_NAME_MAX) name[(*size)++] = lower(byte);
    name[*size] = '\0';
}

static bool is_one_of(const char *name, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (strcmp(name, *list) == 0) return true;
    }
    return false;
}

static bool is_raw(const char *element)
{
    static const char *const list[] = {"script", "style", "xmp", "iframe", "noembed", "noframes", "plaintext", NULL};
    return is_one_of(element, list);
}

static bool is_address(const char *name)
{
    static const char *const list[] = {"href", "src",  "action",     "formaction", "background", "poster",
                                       "cite", "data", "xlink:href", "longdesc",   "manifest",   NULL};
    return is_one_of(name, list);
}

/* Attributes whose value is a language of its own. */
static bool is_program(const char *name)
{
    static const char *const list[] = {"style", "srcset", "srcdoc", "http-equiv", "content", NULL};
    return is_one_of(name, list) || (name[0] == 'o' && name[1] == 'n');
}

void markup_begin(struct markup *markup)
{
    *markup = (struct markup){.state = STATE_TEXT};
}

static void end_tag(struct markup *markup)
{
    markup->state = !markup->closing && is_raw(markup->element) ? STATE_RAW_TEXT : STATE_TEXT;
}

static void begin_name(struct markup *markup, char byte)
{
    markup->name_size = 0;
    grow(markup->name, &markup->name_size, byte);
    markup->state = STATE_NAME;
}

void markup_feed(struct markup *markup, char byte)
{
    switch ((enum state)markup->state) {
    case STATE_TEXT:
        if (byte == '<') markup->state = STATE_OPEN;
        return;
    case STATE_OPEN:
        markup->closing = byte == '/';
        markup->element_size = 0;
        markup->element[0] = '\0';
        if (byte == '!' || byte == '?') {
            markup->state = STATE_BANG;
            markup->name_size = 0;
        } else if (byte == '/') {
            markup->state = STATE_ELEMENT;
        } else if (is_letter(byte)) {
            grow(markup->element, &markup->element_size, byte);
            markup->state = STATE_ELEMENT;
        } else if (byte != '<') {
            markup->state = STATE_TEXT; /* `a < b` */
        }
        return;
    case STATE_ELEMENT:
        if (byte == '>')
            end_tag(markup);
        else if (is_blank(byte) || byte == '/')
            markup->state = STATE_TAG;
        else
            grow(markup->element, &markup->element_size, byte);
        return;
    case STATE_TAG:
        if (byte == '>')
            end_tag(markup);
        else if (!is_blank(byte) && byte != '/')
            begin_name(markup, byte);
        return;
    case STATE_NAME:
        if (byte == '>')
            end_tag(markup);
        else if (byte == '=')
            markup->state = STATE_EQUALS;
        else if (byte == '/')
            markup->state = STATE_TAG;
        else if (is_blank(byte))
            markup->state = STATE_NAMED;
        else
            grow(markup->name, &markup->name_size, byte);
        return;
    case STATE_NAMED:
        if (byte == '>')
            end_tag(markup);
        else if (byte == '=')
            markup->state = STATE_EQUALS;
        else if (byte == '/')
            markup->state = STATE_TAG;
        else if (!is_blank(byte))
            begin_name(markup, byte);
        return;
    case STATE_EQUALS:
        markup->started = false;
        if (byte == '"' || byte == '\'') {
            markup->quote = byte;
            markup->state = STATE_QUOTED;
        } else if (byte == '>') {
            end_tag(markup);
        } else if (!is_blank(byte)) {
            markup->state = STATE_BARE;
        }
        return;
    case STATE_QUOTED:
        if (byte == markup->quote)
            markup->state = STATE_TAG;
        else if (!is_blank(byte))
            markup->started = true;
        return;
    case STATE_BARE:
        if (byte == '>')
            end_tag(markup);
        else if (is_blank(byte))
            markup->state = STATE_TAG;
        return;
    case STATE_BANG:
        if (byte == '-' && markup->name_size < 2) {
            grow(markup->name, &markup->name_size, byte);
            if (markup->name_size < 2) return;
            markup->state = STATE_COMMENT;
            markup->name_size = 0;
        } else {
            markup->state = byte == '>' ? STATE_TEXT : STATE_DECLARATION;
        }
        return;
    case STATE_DECLARATION:
        if (byte == '>') markup->state = STATE_TEXT;
        return;
    case STATE_COMMENT: /* name_size counts the dashes before */
        if (byte == '>' && markup->name_size >= 2)
            markup->state = STATE_TEXT;
        else if (byte == '-')
            markup->name_size = markup->name_size < 2 ? (uint8_t)(markup->name_size + 1) : 2;
        else
            markup->name_size = 0;
        return;
    case STATE_RAW_TEXT:
        if (byte == '<') markup->state = STATE_RAW_OPEN;
        return;
    case STATE_RAW_OPEN:
        markup->name_size = 0;
        markup->name[0] = '\0';
        if (byte != '<') markup->state = byte == '/' ? STATE_RAW_CLOSE : STATE_RAW_TEXT;
        return;
    case STATE_RAW_CLOSE:
        if (is_letter(byte)) {
            grow(markup->name, &markup->name_size, byte);
            return;
        }
        if (strcmp(markup->name, markup->element) != 0) {
            markup->state = byte == '<' ? STATE_RAW_OPEN : STATE_RAW_TEXT;
            return;
        }
        markup->closing = true;
        markup->state = byte == '>' ? STATE_TEXT : STATE_TAG;
        return;
    }
}

void markup_value(struct markup *markup)
{
    if (markup->state == STATE_QUOTED) markup->started = true;
    if (markup->state == STATE_OPEN) markup->state = STATE_TEXT; /* the value's bytes are escaped: no tag begins */
}

enum markup_place markup_place(const struct markup *markup)
{
    switch ((enum state)markup->state) {
    case STATE_TEXT: return MARKUP_TEXT;
    case STATE_QUOTED:
        if (is_program(markup->name)) return MARKUP_UNSAFE;
        if (!is_address(markup->name)) return MARKUP_VALUE;
        return markup->started ? MARKUP_URL : MARKUP_URL_START;
    case STATE_RAW_TEXT:
    case STATE_RAW_OPEN:
    case STATE_RAW_CLOSE: return MARKUP_RAW;
    default: return MARKUP_UNSAFE;
    }
}

/* ------------------------------------------------------------------ words alone */

static const struct {
    struct text name, bytes;
} entities[] = {
    {TEXT_INIT("amp"), TEXT_INIT("&")},   {TEXT_INIT("lt"), TEXT_INIT("<")},    {TEXT_INIT("gt"), TEXT_INIT(">")},
    {TEXT_INIT("quot"), TEXT_INIT("\"")}, {TEXT_INIT("#39"), TEXT_INIT("'")},   {TEXT_INIT("apos"), TEXT_INIT("'")},
    {TEXT_INIT("nbsp"), TEXT_INIT(" ")},  {TEXT_INIT("euro"), TEXT_INIT("€")},  {TEXT_INIT("pound"), TEXT_INIT("£")},
    {TEXT_INIT("mdash"), TEXT_INIT("—")}, {TEXT_INIT("ndash"), TEXT_INIT("–")}, {TEXT_INIT("hellip"), TEXT_INIT("…")},
};

/* Appends what the entity at `at` (an ampersand) stands for; its size, or 0 where it is none of these. */
static uint32_t put_entity(struct buffer *out, struct text html, uint32_t at)
{
    const uint32_t end = text_find(html, ';', at);
    if (end >= html.size || end - at > 8) return 0;
    const struct text name = text_slice(html, at + 1, end - at - 1);
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        if (!text_equal(entities[i].name, name)) continue;
        buffer_text(out, entities[i].bytes);
        return end + 1 - at;
    }
    return 0;
}

static char last_byte(const struct buffer *out)
{
    return out->size > 0 ? (char)out->bytes[out->size - 1] : '\n';
}

static void trim_blanks(struct buffer *out)
{
    while (out->size > 0 && out->bytes[out->size - 1] == ' ') out->size--;
}

/* Ends the line that has begun; with `empty` leaves one free. */
static void break_line(struct buffer *out, bool empty)
{
    trim_blanks(out);
    if (out->size == 0) return;
    if (last_byte(out) != '\n') buffer_u8(out, '\n');
    if (empty && (out->size < 2 || out->bytes[out->size - 2] != '\n')) buffer_u8(out, '\n');
}

void markup_plain(struct buffer *out, struct text html)
{
    static const char *const paragraphs[] = {"p",  "h1", "h2",    "h3",         "h4",  "h5", "h6",
                                             "ul", "ol", "table", "blockquote", "pre", "hr", NULL};
    static const char *const lines[] = {"br", "div", "tr", "li", "section", "header", "footer", NULL};
    struct markup markup;
    struct text address = TEXT("");
    uint32_t words = 0; /* where the words of the link begin */
    uint32_t value = 0; /* where the value of the attribute begins */
    bool in_title = false;
    markup_begin(&markup);
    for (uint32_t at = 0; at < html.size; at++) {
        const uint8_t before = markup.state;
        const bool was_tag = before != STATE_TEXT && before != STATE_RAW_TEXT && before != STATE_OPEN;
        if (before == STATE_TEXT && !in_title && html.at[at] != '<') {
            const uint32_t entity = html.at[at] == '&' ? put_entity(out, html, at) : 0;
            if (entity > 0) {
                at += entity - 1;
            } else if (is_blank(html.at[at])) {
                if (!is_blank(last_byte(out))) buffer_u8(out, ' ');
            } else {
                buffer_u8(out, (uint8_t)html.at[at]);
            }
            continue;
        }
        markup_feed(&markup, html.at[at]);
        if (before == STATE_OPEN && markup.state == STATE_TEXT && !in_title) { /* `a < b` */
            buffer_u8(out, '<');
            at--;
            continue;
        }
        if (before == STATE_EQUALS && markup.state == STATE_QUOTED) value = at + 1;
        if (before == STATE_QUOTED && markup.state == STATE_TAG && strcmp(markup.name, "href") == 0 &&
            strcmp(markup.element, "a") == 0) {
            address = text_slice(html, value, at - value);
            words = (uint32_t)out->size;
        }
        const bool ended = was_tag && (markup.state == STATE_TEXT || markup.state == STATE_RAW_TEXT) &&
                           before != STATE_COMMENT && before != STATE_DECLARATION && before != STATE_BANG &&
                           before != STATE_RAW_OPEN && before != STATE_RAW_CLOSE;
        if (!ended) continue;
        if (strcmp(markup.element, "title") == 0) in_title = !markup.closing;
        if (is_one_of(markup.element, paragraphs)) break_line(out, true);
        if (is_one_of(markup.element, lines)) break_line(out, false);
        if (strcmp(markup.element, "li") == 0 && !markup.closing) buffer_string(out, "- ");
        if (strcmp(markup.element, "a") == 0 && markup.closing && address.size > 0) {
            struct buffer plain = BUFFER_EMPTY;
            for (uint32_t i = 0; i < address.size; i++) {
                const uint32_t entity = address.at[i] == '&' ? put_entity(&plain, address, i) : 0;
                if (entity > 0)
                    i += entity - 1;
                else
                    buffer_u8(&plain, (uint8_t)address.at[i]);
            }
            const struct text shown =
                text_make((const char *)out->bytes + (out->bytes == NULL ? 0 : words), out->size - words);
            if (!text_equal(text_trim(shown), buffer_as_text(&plain))) {
                trim_blanks(out);
                buffer_string(out, " <");
                buffer_text(out, buffer_as_text(&plain));
                buffer_u8(out, '>');
            }
            buffer_deinit(&plain);
            address = TEXT("");
        }
    }
    break_line(out, false);
    while (out->size > 1 && out->bytes[out->size - 1] == '\n' && out->bytes[out->size - 2] == '\n') out->size--;
}
