/*
 * A growing row of bytes that owns them. A failed allocation sets a sticky flag and later appends do nothing, so a
 * writer checks once, at the end (buffer_ok). Numbers are written little-endian, on every machine.
 */
#ifndef VM_BUFFER_H
#define VM_BUFFER_H

#include "vm/text.h"

struct buffer {
    unsigned char *bytes; /* NULL while empty */
    size_t size;          /* bytes in use */
    size_t capacity;
    size_t limit; /* size may not exceed this; 0 = no limit */
    bool failed;  /* sticky: memory or the limit was out */
};

/* clang-format off */
#define BUFFER_EMPTY {NULL, 0, 0, 0, false}
/* clang-format on */

/* Empty, with a limit in bytes (0 = none). */
void buffer_init(struct buffer *buffer, size_t limit);

/* Releases the bytes; the buffer is empty and usable again. */
void buffer_deinit(struct buffer *buffer);

/* Size 0, flag cleared, memory kept. */
void buffer_clear(struct buffer *buffer);

/* Whether everything appended so far is there. */
static inline bool buffer_ok(const struct buffer *buffer)
{
    return !buffer->failed;
}

/* Makes room for `more` bytes; false (and the flag) if there is none. */
bool buffer_reserve(struct buffer *buffer, size_t more);

void buffer_append(struct buffer *buffer, const void *bytes, size_t size);
void buffer_text(struct buffer *buffer, struct text text);
void buffer_string(struct buffer *buffer, const char *string);
void buffer_print(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);
void buffer_vprint(struct buffer *buffer, const char *format, va_list arguments) PRINTF_LIKE(2, 0);
void buffer_fill(struct buffer *buffer, unsigned char byte, size_t count);

void buffer_u8(struct buffer *buffer, uint8_t value);
void buffer_u16(struct buffer *buffer, uint16_t value);
void buffer_u32(struct buffer *buffer, uint32_t value);
void buffer_u64(struct buffer *buffer, uint64_t value);
void buffer_i64(struct buffer *buffer, int64_t value);

/* Zeros up to the next multiple of `alignment` (a power of two). */
void buffer_align(struct buffer *buffer, size_t alignment);

/* Overwrites bytes that are there already, for lengths and offsets known later. */
void buffer_patch_u32(struct buffer *buffer, size_t offset, uint32_t value);
void buffer_patch_u64(struct buffer *buffer, size_t offset, uint64_t value);

/* The integer in decimal digits; quicker than buffer_print. */
void buffer_decimal(struct buffer *buffer, int64_t value);

/* The text as a JSON string with its quotes. Control bytes, quote and backslash are escaped; bytes that are not
 * UTF-8 become U+FFFD, so the output is always valid JSON. */
void buffer_json_text(struct buffer *buffer, struct text text);

/* A NUL after the last byte that is not counted in size, and the bytes as a string; "" on failure. Borrows until the
 * next append. */
const char *buffer_as_string(struct buffer *buffer);

/* The bytes as text (at most 4 GiB). Borrows until the next append. */
struct text buffer_as_text(const struct buffer *buffer);

/* Hands the bytes over; release them with memory_release. The buffer is empty afterwards. May give NULL when empty. */
unsigned char *buffer_take(struct buffer *buffer, size_t *size_out);

/* Little-endian loads for readers of bundles, logs and checkpoints; any alignment. The caller checks the bounds. */
static inline uint16_t buffer_load_u16(const unsigned char *at)
{
    return (uint16_t)(at[0] | (at[1] << 8));
}
static inline uint32_t buffer_load_u32(const unsigned char *at)
{
    return (uint32_t)at[0] | ((uint32_t)at[1] << 8) | ((uint32_t)at[2] << 16) | ((uint32_t)at[3] << 24);
}
static inline uint64_t buffer_load_u64(const unsigned char *at)
{
    return (uint64_t)buffer_load_u32(at) | ((uint64_t)buffer_load_u32(at + 4) << 32);
}

/* A checked reader over borrowed bytes: reads beyond the end give 0 and set `failed`, which stays. */
struct buffer_reader {
    const unsigned char *bytes;
    size_t size;
    size_t at;
    uint32_t version; /* Of the form of the bytes, where whoever began to read has said so; 0: they have none. */
    bool failed;
};

struct buffer_reader buffer_read(const void *bytes, size_t size);
uint8_t buffer_read_u8(struct buffer_reader *reader);
uint16_t buffer_read_u16(struct buffer_reader *reader);
uint32_t buffer_read_u32(struct buffer_reader *reader);
uint64_t buffer_read_u64(struct buffer_reader *reader);
int64_t buffer_read_i64(struct buffer_reader *reader);

/* `size` bytes in place, or NULL and `failed`. Borrows from the reader's bytes. */
const unsigned char *buffer_read_bytes(struct buffer_reader *reader, size_t size);

/* A text written as u32 size and bytes, as buffer_sized_text writes it. Borrows. */
struct text buffer_read_sized_text(struct buffer_reader *reader);

/* The same as a reader of its own, of the same version; where the text is cut off both have failed. Borrows. */
struct buffer_reader buffer_read_part(struct buffer_reader *reader);
void buffer_sized_text(struct buffer *buffer, struct text text);

#endif
