/*
 * format_words: one token, one spelling. Next: compiler/format.c.
 */
#include "compiler/format_words.h"

#include "compiler/grammar.h"

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* A number with its whole part in groups of three and its decimals as they were typed. */
static void write_number(struct buffer *out, struct text text)
{
    char digits[64];
    uint32_t count = 0;
    uint32_t at = 0;
    while (at < text.size && text.at[at] != '.' && count < sizeof digits) {
        if (is_digit(text.at[at])) digits[count++] = text.at[at];
        at++;
    }
    uint32_t first = 0;
    while (first + 1 < count && digits[first] == '0') first++;
    for (uint32_t i = first; i < count; i++) {
        if (i > first && (count - i) % 3 == 0) buffer_string(out, ",");
        buffer_append(out, &digits[i], 1);
    }
    buffer_text(out, text_slice(text, at, text.size - at));
}

/* Where the number at the start of the text ends. */
static uint32_t number_size(struct text text)
{
    uint32_t size = 0;
    while (size < text.size && (is_digit(text.at[size]) || text.at[size] == ',' || text.at[size] == '.')) size++;
    return size;
}

/* Numbers and words by turns, one blank between: `20 EUR or 90 PLN`, `7 days 1 hour`. */
static void write_measure(struct buffer *out, struct text text, bool is_duration)
{
    bool is_first = true;
    bool is_one = false;
    while (text.size > 0) {
        const bool is_number = is_digit(text.at[0]);
        uint32_t size = number_size(text);
        if (!is_number) {
            while (size < text.size &&
                   ((text.at[size] >= 'a' && text.at[size] <= 'z') || (text.at[size] >= 'A' && text.at[size] <= 'Z'))) {
                size++;
            }
        }
        if (size == 0) {
            text = text_slice(text, 1, text.size - 1);
            continue;
        }
        const struct text part = text_slice(text, 0, size);
        if (!is_first) buffer_string(out, " ");
        if (is_number) {
            write_number(out, part);
            is_one = text_equal(part, TEXT("1"));
        } else if (is_duration) {
            const bool has_s = text_ends_with(part, TEXT("s"));
            buffer_text(out, has_s ? text_slice(part, 0, size - 1) : part);
            if (!is_one) buffer_string(out, "s");
        } else {
            buffer_text(out, part);
        }
        is_first = false;
        text = text_slice(text, size, text.size - size);
    }
}

static void write_token(struct buffer *out, const struct token *token)
{
    switch (token->kind) {
    case TK_NUMBER: write_number(out, token->text); break;
    case TK_PERCENT:
    case TK_MULTIPLE:
        write_number(out, text_slice(token->text, 0, token->text.size - 1));
        buffer_text(out, text_slice(token->text, token->text.size - 1, 1));
        break;
    case TK_MONEY:
    case TK_PRICES: write_measure(out, token->text, false); break;
    case TK_DURATION: write_measure(out, token->text, true); break;
    case TK_CLOCK:
        if (text_find(token->text, ':', 0) == 1) buffer_string(out, "0");
        buffer_text(out, token->text);
        break;
    case TK_EQUAL: buffer_string(out, "is"); break;
    case TK_NOT_EQUAL: buffer_string(out, "is not"); break;
    case TK_LESS_SIGN: buffer_string(out, "is less than"); break;
    case TK_LESS_EQUAL: buffer_string(out, "is at most"); break;
    case TK_GREATER_SIGN: buffer_string(out, "is more than"); break;
    case TK_GREATER_EQUAL: buffer_string(out, "is at least"); break;
    case TK_COMMA_OTHERWISE: buffer_string(out, ", otherwise"); break;
    case TK_WAIT_UP: buffer_string(out, "wait up"); break;
    case TK_ALL_OF: buffer_string(out, "all of"); break;
    case TK_ANY_OF: buffer_string(out, "any of"); break;
    case TK_NONE_OF: buffer_string(out, "none of"); break;
    case TK_PLAYERS_OWN: buffer_string(out, "player's"); break;
    default: buffer_text(out, token->text); break;
    }
}

bool format_words_has_space(const struct token *tokens, uint32_t at)
{
    const uint16_t kind = tokens[at].kind;
    const uint16_t before = tokens[at - 1].kind;
    if (kind == TK_COMMA || kind == TK_COMMA_OTHERWISE || kind == TK_RIGHT_PAREN) return false;
    if (before == TK_LEFT_PAREN) return false;
    /* `-3` behind anything that a difference cannot begin with is one number. */
    if (before == TK_MINUS && kind == TK_NUMBER) {
        const uint16_t left = at < 2 ? TK_MINUS : tokens[at - 2].kind;
        return left == TK_NUMBER || left == TK_MONEY || left == TK_PERCENT || left == TK_MULTIPLE ||
               left == TK_RIGHT_PAREN || left == TK_ID || left == TK_PATH || left == TK_STRING;
    }
    /* `+50 hours` of a test is one moment. */
    if (before == TK_PLUS && (at < 2 || tokens[at - 2].kind == TK_AT)) return false;
    return true;
}

bool format_words_may_break(uint16_t kind)
{
    return kind == TK_COMMA || kind == TK_AND || kind == TK_OR;
}

void format_words_write(struct buffer *out, const struct token *tokens, uint32_t first, uint32_t end)
{
    for (uint32_t at = first; at < end; at++) {
        if (at > first && format_words_has_space(tokens, at)) buffer_string(out, " ");
        write_token(out, &tokens[at]);
    }
}

uint32_t format_words_width(struct arena *arena, const struct token *tokens, uint32_t first, uint32_t end)
{
    struct buffer words = BUFFER_EMPTY;
    format_words_write(&words, tokens, first, end);
    uint32_t width = 0;
    if (!buffer_ok(&words)) arena->failed = true; /* told once, at the end */
    for (size_t i = 0; i < words.size; i++) width += (words.bytes[i] & 0xC0) != 0x80;
    buffer_deinit(&words);
    return width;
}
