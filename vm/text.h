/*
 * A borrowed piece of text: where it begins and how many bytes it has. It owns nothing and ends with no NUL.
 *
 * All order is by bytes, the same on every machine; nothing here knows about locales. UTF-8 passes through.
 */
#ifndef VM_TEXT_H
#define VM_TEXT_H

#include <string.h>

#include "vm/status.h"

struct text {
    const char *at; /* may be NULL when size is 0 */
    uint32_t size;  /* bytes */
};

/* A string literal as text, usable in expressions. */
#define TEXT(literal) ((struct text){.at = (literal), .size = (uint32_t)(sizeof(literal) - 1)})

/* The same for static initialisers. */
/* clang-format off */
#define TEXT_INIT(literal) {.at = (literal), .size = (uint32_t)(sizeof(literal) - 1)}
/* clang-format on */

/* Where the bytes of a text begin; never NULL. Borrows. */
static inline const char *text_start(struct text text)
{
    return text.at != NULL ? text.at : "";
}

/* For printf: `printf("`%.*s`", TEXT_ARGS(name))`. */
#define TEXT_ARGS(text_value) (int)(text_value).size, text_start(text_value)

/* The text of a NUL-ended string (NULL gives the empty text). Borrows. */
struct text text_of(const char *string);

/* `size` bytes at `at`. Borrows. */
static inline struct text text_make(const char *at, size_t size)
{
    INVARIANT(size <= UINT32_MAX);
    return (struct text){.at = at, .size = (uint32_t)size};
}

/* Same bytes. */
static inline bool text_equal(struct text left, struct text right)
{
    return left.size == right.size && (left.size == 0 || memcmp(left.at, right.at, left.size) == 0);
}

/* Negative, 0 or positive by bytes, a prefix first. */
int text_compare(struct text left, struct text right);

/* The order of ids: by length, then by bytes, so "7" comes before "12". */
int text_compare_id(struct text left, struct text right);

bool text_starts_with(struct text text, struct text prefix);
bool text_ends_with(struct text text, struct text suffix);

/* `count` bytes from `start`; both are cut to what is there. */
struct text text_slice(struct text text, uint32_t start, uint32_t count);

/* Without blanks (space, tab, CR, LF) at both ends. */
struct text text_trim(struct text text);

/* Index of the first `byte` at or after `start`, or text.size. */
uint32_t text_find(struct text text, char byte, uint32_t start);

/* How many single edits (insert, delete, replace, swap two neighbours) make `right` of `left`; letters that differ in
 * ASCII case alone count as equal. Gives limit + 1 as soon as it is more than `limit`. Texts over 64 bytes are never
 * near (limit + 1) unless they are equal. For "did you mean". */
uint32_t text_distance(struct text left, struct text right, uint32_t limit);

/* How far a name of this length may be off to be worth a suggestion: 1 up to 3 bytes, 2 up to 7, else 3. */
uint32_t text_distance_limit(struct text text);

/* A 64-bit hash for tables in memory (FNV-1a). Not for bundles, ids or anything that a stranger may choose at will. */
uint64_t text_hash(struct text text);

/* Whether the bytes are well-formed UTF-8 (no surrogates, nothing overlong). */
bool text_is_utf8(struct text text);

/* Bytes (1 to 4) of the well-formed UTF-8 character that begins at index `at`, or 0 when there is none. */
uint32_t text_utf8_size(struct text text, uint32_t at);

#endif
