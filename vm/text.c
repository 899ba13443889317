/*
 * Comparing, cutting and guessing at borrowed text. Contract: vm/text.h.
 */
#include "vm/text.h"

enum { DISTANCE_BYTES_MAX = 64 };

struct text text_of(const char *string)
{
    if (string == NULL) return (struct text){NULL, 0};
    return text_make(string, strlen(string));
}

int text_compare(struct text left, struct text right)
{
    uint32_t common = left.size < right.size ? left.size : right.size;
    int order = common == 0 ? 0 : memcmp(left.at, right.at, common);
    if (order != 0) return order;
    return left.size < right.size ? -1 : left.size > right.size;
}

int text_compare_id(struct text left, struct text right)
{
    if (left.size != right.size) return left.size < right.size ? -1 : 1;
    return left.size == 0 ? 0 : memcmp(left.at, right.at, left.size);
}

bool text_starts_with(struct text text, struct text prefix)
{
    return text.size >= prefix.size && (prefix.size == 0 || memcmp(text.at, prefix.at, prefix.size) == 0);
}

bool text_ends_with(struct text text, struct text suffix)
{
    return text.size >= suffix.size &&
           (suffix.size == 0 || memcmp(text.at + text.size - suffix.size, suffix.at, suffix.size) == 0);
}

struct text text_slice(struct text text, uint32_t start, uint32_t count)
{
    if (start > text.size) start = text.size;
    if (count > text.size - start) count = text.size - start;
    return (struct text){.at = text.at == NULL ? NULL : text.at + start, .size = count};
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct text text_trim(struct text text)
{
    while (text.size > 0 && is_blank(text.at[0])) {
        text.at++;
        text.size--;
    }
    while (text.size > 0 && is_blank(text.at[text.size - 1])) text.size--;
    return text;
}

uint32_t text_find(struct text text, char byte, uint32_t start)
{
    if (start >= text.size) return text.size;
    const char *found = memchr(text.at + start, byte, text.size - start);
    return found == NULL ? text.size : (uint32_t)(found - text.at);
}

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static uint32_t least(uint32_t left, uint32_t right)
{
    return left < right ? left : right;
}

/* Optimal string alignment: the Damerau-Levenshtein distance in which no piece is edited twice. Three rows are enough. */
uint32_t text_distance(struct text left, struct text right, uint32_t limit)
{
    if (text_equal(left, right)) return 0;
    if (left.size > DISTANCE_BYTES_MAX || right.size > DISTANCE_BYTES_MAX) return limit + 1;
    uint32_t rows[3][DISTANCE_BYTES_MAX + 1];
    for (uint32_t column = 0; column <= right.size; column++) rows[0][column] = column;
    for (uint32_t line = 1; line <= left.size; line++) {
        uint32_t *now = rows[line % 3];
        const uint32_t *above = rows[(line - 1) % 3];
        const uint32_t *two_above = rows[(line + 1) % 3];
        now[0] = line;
        uint32_t nearest = line;
        for (uint32_t column = 1; column <= right.size; column++) {
            char a = lower(left.at[line - 1]);
            char b = lower(right.at[column - 1]);
            uint32_t best = above[column - 1] + (a != b);
            best = least(best, least(above[column], now[column - 1]) + 1);
            if (line > 1 && column > 1 && a == lower(right.at[column - 2]) && b == lower(left.at[line - 2])) {
                best = least(best, two_above[column - 2] + 1);
            }
            now[column] = best;
            nearest = least(nearest, best);
        }
        /* A later row can be one better than this one's best only through a swap, which looks two rows up. */
        if (nearest > limit + 1) return limit + 1;
    }
    return least(rows[left.size % 3][right.size], limit + 1);
}

uint32_t text_distance_limit(struct text text)
{
    if (text.size <= 3) return 1;
    return text.size <= 7 ? 2 : 3;
}

uint64_t text_hash(struct text text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (uint32_t index = 0; index < text.size; index++) {
        hash ^= (unsigned char)text.at[index];
        hash *= UINT64_C(0x100000001b3);
    }
    return hash;
}

/* Bytes of the well-formed UTF-8 sequence at `at`, or 0. */
static uint32_t sequence_size(const unsigned char *at, uint32_t left)
{
    unsigned char first = at[0];
    if (first < 0x80) return 1;
    uint32_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || left < size) return 0;
    for (uint32_t index = 1; index < size; index++) {
        if ((at[index] & 0xC0) != 0x80) return 0;
    }
    if (first == 0xE0 && at[1] < 0xA0) return 0; /* overlong */
    if (first == 0xED && at[1] > 0x9F) return 0; /* surrogate */
    if (first == 0xF0 && at[1] < 0x90) return 0; /* overlong */
    if (first == 0xF4 && at[1] > 0x8F) return 0; /* beyond U+10FFFF */
    return size;
}

uint32_t text_utf8_size(struct text text, uint32_t at)
{
    if (at >= text.size) return 0;
    return sequence_size((const unsigned char *)text.at + at, text.size - at);
}

bool text_is_utf8(struct text text)
{
    uint32_t at = 0;
    while (at < text.size) {
        uint32_t size = text_utf8_size(text, at);
        if (size == 0) return false;
        at += size;
    }
    return true;
}
