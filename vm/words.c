/* Folding and finding words. See words.h. */
#include "vm/words.h"

#include <utf8proc.h>

/* The longest folding of a character is 18 for its 3 bytes; one blank at each end. */
#define FOLDED_MAX (WORDS_TEXT_BYTES_MAX * 6 + 2)

#define BLANK         0x20
#define DOTLESS_I     0x131
#define COMBINING_DOT 0x307

static bool is_mark(int32_t letter)
{
    utf8proc_category_t category = utf8proc_category(letter);
    return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

/* Letters, marks and digits make words; everything else stands between them. */
static bool is_in_word(int32_t letter)
{
    utf8proc_category_t category = utf8proc_category(letter);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

/* Scripts that are written without blanks between words. */
static bool is_unspaced(int32_t letter)
{
    static const struct {
        int32_t first, last;
    } scripts[] = {
        {0x0E00, 0x0EFF},   /* Thai, Lao */
        {0x0F00, 0x0FFF},   /* Tibetan */
        {0x1000, 0x109F},   /* Burmese */
        {0x1780, 0x17FF},   /* Khmer */
        {0x3005, 0x3007},   /* Han repetition and closing marks */
        {0x3040, 0x312F},   /* kana, bopomofo */
        {0x31F0, 0x31FF},   /* kana extensions */
        {0x3400, 0x9FFF},   /* Han */
        {0xF900, 0xFAFF},   /* Han, compatibility */
        {0x20000, 0x3FFFF}, /* Han, further planes */
    };
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        if (letter >= scripts[i].first && letter <= scripts[i].last) return true;
    }
    return false;
}

/* A text cut to what is looked at, at the beginning of a character. */
static struct text cut(struct text text)
{
    if (text.size <= WORDS_TEXT_BYTES_MAX) return text;
    uint32_t size = WORDS_TEXT_BYTES_MAX;
    while (size > 0 && ((unsigned char)text.at[size] & 0xC0) == 0x80) size--;
    return text_slice(text, 0, size);
}

/* The words of a text with one blank before each and one at the end; 0 where it is no UTF-8. */
static uint32_t fold(int32_t out[FOLDED_MAX], struct text text)
{
    const utf8proc_option_t options =
        (utf8proc_option_t)(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    out[0] = BLANK;
    utf8proc_ssize_t size = 0;
    if (text.size > 0)
        size = utf8proc_decompose((const utf8proc_uint8_t *)text.at, text.size, out + 1, FOLDED_MAX - 2, options);
    if (size < 0 || size > FOLDED_MAX - 2) return 0;
    uint32_t count = 1;
    for (utf8proc_ssize_t i = 1; i <= size; i++) {
        int32_t letter = out[i] == DOTLESS_I ? 'i' : out[i];
        if (letter == COMBINING_DOT && out[count - 1] == 'i') continue;
        if (!is_in_word(letter)) letter = BLANK;
        if (letter == BLANK && out[count - 1] == BLANK) continue;
        out[count++] = letter;
    }
    if (out[count - 1] != BLANK) out[count++] = BLANK;
    return count;
}

bool words_fold(struct buffer *out, struct text text)
{
    int32_t letters[FOLDED_MAX];
    if (text.size > WORDS_TEXT_BYTES_MAX) return false;
    uint32_t count = fold(letters, text);
    for (uint32_t i = 1; i + 1 < count; i++) {
        utf8proc_uint8_t bytes[4];
        utf8proc_ssize_t size = utf8proc_encode_char(letters[i], bytes);
        buffer_append(out, bytes, (size_t)size);
    }
    return count > 2;
}

static bool is_boundary(int32_t before, int32_t after)
{
    if (before == BLANK || after == BLANK) return true;
    return !is_mark(after) && (is_unspaced(before) || is_unspaced(after));
}

/* Whether the folded words stand at letters[at]; `end_out` is where they end. */
static bool stands_at(const int32_t *letters, uint32_t count, uint32_t at, struct text folded, uint32_t *end_out)
{
    for (utf8proc_ssize_t i = 0; i < (utf8proc_ssize_t)folded.size; at++) {
        int32_t wanted;
        utf8proc_ssize_t size =
            utf8proc_iterate((const utf8proc_uint8_t *)folded.at + i, (utf8proc_ssize_t)folded.size - i, &wanted);
        if (size <= 0 || at >= count || letters[at] != wanted) return false;
        i += size;
    }
    *end_out = at;
    return true;
}

bool words_contain(struct text text, struct text folded)
{
    int32_t letters[FOLDED_MAX];
    uint32_t count = fold(letters, cut(text)), end;
    if (folded.size == 0) return false;
    for (uint32_t at = 1; at + 1 < count; at++) {
        if (!is_boundary(letters[at - 1], letters[at]) || !stands_at(letters, count, at, folded, &end)) continue;
        if (end < count && is_boundary(letters[end - 1], letters[end])) return true;
    }
    return false;
}

const char *words_unicode_version(void)
{
    return utf8proc_unicode_version();
}
