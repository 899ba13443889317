/*
 * The growing byte buffer and its checked reader. Contract: vm/buffer.h.
 */
#include "vm/buffer.h"

#include <stdio.h>

#include "vm/memory.h"

enum { CAPACITY_FIRST = 256 };

void buffer_init(struct buffer *buffer, size_t limit)
{
    *buffer = (struct buffer){.bytes = NULL, .size = 0, .capacity = 0, .limit = limit, .failed = false};
}

void buffer_deinit(struct buffer *buffer)
{
    memory_release(buffer->bytes);
    buffer_init(buffer, buffer->limit);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
}

bool buffer_reserve(struct buffer *buffer, size_t more)
{
    if (buffer->failed) return false;
    if (more > SIZE_MAX / 4 || buffer->size > SIZE_MAX / 4 ||
        (buffer->limit != 0 && (buffer->size > buffer->limit || more > buffer->limit - buffer->size))) {
        buffer->failed = true;
        return false;
    }
    size_t needed = buffer->size + more;
    if (needed <= buffer->capacity) return true;
    size_t capacity = buffer->capacity == 0 ? CAPACITY_FIRST : buffer->capacity;
    while (capacity < needed) capacity *= 2;
    unsigned char *bytes = memory_resize(buffer->bytes, capacity);
    if (bytes == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t size)
{
    if (size == 0 || !buffer_reserve(buffer, size)) return;
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
}

void buffer_text(struct buffer *buffer, struct text text)
{
    buffer_append(buffer, text.at, text.size);
}

void buffer_string(struct buffer *buffer, const char *string)
{
    buffer_append(buffer, string, strlen(string));
}

void buffer_fill(struct buffer *buffer, unsigned char byte, size_t count)
{
    if (count == 0 || !buffer_reserve(buffer, count)) return;
    memset(buffer->bytes + buffer->size, byte, count);
    buffer->size += count;
}

void buffer_vprint(struct buffer *buffer, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    INVARIANT(size >= 0);
    if (buffer_reserve(buffer, (size_t)size + 1)) {
        (void)vsnprintf((char *)buffer->bytes + buffer->size, (size_t)size + 1, format, again);
        buffer->size += (size_t)size;
    }
    va_end(again);
}

void buffer_print(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buffer_vprint(buffer, format, arguments);
    va_end(arguments);
}

/* Appends the low `size` bytes of the value, lowest first. */
static void append_number(struct buffer *buffer, uint64_t value, size_t size)
{
    unsigned char bytes[8];
    for (size_t index = 0; index < size; index++) bytes[index] = (unsigned char)(value >> (8 * index));
    buffer_append(buffer, bytes, size);
}

void buffer_u8(struct buffer *buffer, uint8_t value)
{
    append_number(buffer, value, 1);
}

void buffer_u16(struct buffer *buffer, uint16_t value)
{
    append_number(buffer, value, 2);
}

void buffer_u32(struct buffer *buffer, uint32_t value)
{
    append_number(buffer, value, 4);
}

void buffer_u64(struct buffer *buffer, uint64_t value)
{
    append_number(buffer, value, 8);
}

void buffer_i64(struct buffer *buffer, int64_t value)
{
    append_number(buffer, (uint64_t)value, 8);
}

void buffer_align(struct buffer *buffer, size_t alignment)
{
    INVARIANT(alignment != 0 && (alignment & (alignment - 1)) == 0);
    size_t rest = buffer->size & (alignment - 1);
    if (rest != 0) buffer_fill(buffer, 0, alignment - rest);
}

static void patch_number(struct buffer *buffer, size_t offset, uint64_t value, size_t size)
{
    if (buffer->failed) return;
    INVARIANT(offset <= buffer->size && size <= buffer->size - offset);
    for (size_t index = 0; index < size; index++) {
        buffer->bytes[offset + index] = (unsigned char)(value >> (8 * index));
    }
}

void buffer_patch_u32(struct buffer *buffer, size_t offset, uint32_t value)
{
    patch_number(buffer, offset, value, 4);
}

void buffer_patch_u64(struct buffer *buffer, size_t offset, uint64_t value)
{
    patch_number(buffer, offset, value, 8);
}

void buffer_decimal(struct buffer *buffer, int64_t value)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (value < 0) digits[--at] = '-';
    buffer_append(buffer, digits + at, sizeof digits - at);
}

/* Whether a byte stands for itself inside a JSON string. */
static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\' && byte != 0x7F;
}

static void append_escaped(struct buffer *buffer, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";
    switch (byte) {
    case '"': buffer_append(buffer, "\\\"", 2); break;
    case '\\': buffer_append(buffer, "\\\\", 2); break;
    case '\n': buffer_append(buffer, "\\n", 2); break;
    case '\r': buffer_append(buffer, "\\r", 2); break;
    case '\t': buffer_append(buffer, "\\t", 2); break;
    default: {
        char escape[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
        buffer_append(buffer, escape, sizeof escape);
        break;
    }
    }
}

void buffer_json_text(struct buffer *buffer, struct text text)
{
    buffer_u8(buffer, '"');
    uint32_t at = 0;
    while (at < text.size) {
        uint32_t run = at;
        while (run < text.size && is_plain((unsigned char)text.at[run])) run++;
        buffer_append(buffer, text.at + at, run - at);
        at = run;
        if (at == text.size) break;
        uint32_t size = text_utf8_size(text, at);
        if (size == 0) {
            buffer_append(buffer, "\xEF\xBF\xBD", 3);
            at++;
        } else if (size == 1) {
            append_escaped(buffer, (unsigned char)text.at[at]);
            at++;
        } else {
            buffer_append(buffer, text.at + at, size);
            at += size;
        }
    }
    buffer_u8(buffer, '"');
}

const char *buffer_as_string(struct buffer *buffer)
{
    if (!buffer_reserve(buffer, 1)) return "";
    buffer->bytes[buffer->size] = 0;
    return (const char *)buffer->bytes;
}

struct text buffer_as_text(const struct buffer *buffer)
{
    return text_make((const char *)buffer->bytes, buffer->size);
}

unsigned char *buffer_take(struct buffer *buffer, size_t *size_out)
{
    unsigned char *bytes = buffer->bytes;
    *size_out = buffer->size;
    buffer_init(buffer, buffer->limit);
    return bytes;
}

struct buffer_reader buffer_read(const void *bytes, size_t size)
{
    return (struct buffer_reader){.bytes = bytes, .size = size, .at = 0, .failed = false};
}

const unsigned char *buffer_read_bytes(struct buffer_reader *reader, size_t size)
{
    static const unsigned char nothing[1];
    if (reader->failed || size > reader->size - reader->at) {
        reader->failed = true;
        return NULL;
    }
    if (size == 0) return nothing;
    const unsigned char *at = reader->bytes + reader->at;
    reader->at += size;
    return at;
}

uint8_t buffer_read_u8(struct buffer_reader *reader)
{
    const unsigned char *at = buffer_read_bytes(reader, 1);
    return at == NULL ? 0 : at[0];
}

uint16_t buffer_read_u16(struct buffer_reader *reader)
{
    const unsigned char *at = buffer_read_bytes(reader, 2);
    return at == NULL ? 0 : buffer_load_u16(at);
}

uint32_t buffer_read_u32(struct buffer_reader *reader)
{
    const unsigned char *at = buffer_read_bytes(reader, 4);
    return at == NULL ? 0 : buffer_load_u32(at);
}

uint64_t buffer_read_u64(struct buffer_reader *reader)
{
    const unsigned char *at = buffer_read_bytes(reader, 8);
    return at == NULL ? 0 : buffer_load_u64(at);
}

int64_t buffer_read_i64(struct buffer_reader *reader)
{
    return (int64_t)buffer_read_u64(reader);
}

struct text buffer_read_sized_text(struct buffer_reader *reader)
{
    uint32_t size = buffer_read_u32(reader);
    const unsigned char *at = buffer_read_bytes(reader, size);
    if (at == NULL) return (struct text){NULL, 0};
    return (struct text){.at = (const char *)at, .size = size};
}

struct buffer_reader buffer_read_part(struct buffer_reader *reader)
{
    struct text bytes = buffer_read_sized_text(reader);
    struct buffer_reader part = buffer_read(bytes.at, bytes.size);
    part.version = reader->version;
    part.failed = reader->failed;
    return part;
}

void buffer_sized_text(struct buffer *buffer, struct text text)
{
    buffer_u32(buffer, text.size);
    buffer_text(buffer, text);
}
