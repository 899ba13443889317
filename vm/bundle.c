/*
 * Writing and reading .pbc files. The bytes of a section are the records as they lie in memory, so reading is checking
 * and pointing, never copying; spec/bundle.md draws the layout.
 *
 *   0    "PRMO"                 4    container version u16, instruction set version u16
 *   8    size of the file u64   16   number of sections u32, zero u32
 *   24   full hash, 32 bytes    56   semantic hash, 32 bytes
 *   88   section table, 24 bytes each: number u32, critical u32, offset u64, size u64; then the sections, 8-aligned
 *
 * What single records must hold is vm/layout.c's matter, what code must hold vm/verify.c's.
 */
#include "vm/bundle.h"

#include "vm/crypto.h"
#include "vm/layout.h"
#include "vm/limits.h"
#include "vm/signature.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "bundles are used in place and are little-endian");

enum {
    CONTAINER_VERSION = 1,
    INSTRUCTIONS_VERSION = 1,
    HEAD_SIZE = BUNDLE_HEAD_SIZE,
    FULL_HASH_AT = BUNDLE_FULL_HASH_AT,
    SEMANTIC_HASH_AT = 56,
    ROW_SIZE = BUNDLE_ROW_SIZE,
};

/* Everything but the full hash itself. */
static struct crypto_digest full_hash(const uint8_t *bytes, size_t size)
{
    struct crypto_stream stream;
    crypto_stream_begin(&stream);
    crypto_stream_add(&stream, bytes, FULL_HASH_AT);
    crypto_stream_add(&stream, bytes + SEMANTIC_HASH_AT, size - SEMANTIC_HASH_AT);
    return crypto_stream_end(&stream);
}

void bundle_rehash(uint8_t *bytes, uint64_t size)
{
    struct crypto_digest full = full_hash(bytes, (size_t)size);
    memcpy(bytes + FULL_HASH_AT, full.bytes, CRYPTO_DIGEST_SIZE);
}

/* The critical sections by rising number: number, size, bytes. Unknown ones cannot be there (they refuse the bundle). */
static struct crypto_digest semantic_hash(const struct program *program)
{
    struct crypto_stream stream;
    crypto_stream_begin(&stream);
    for (unsigned i = 0; i < layout_section_count; i++) {
        const struct layout_section *section = &layout_sections[i];
        uint64_t size = (uint64_t)layout_count(program, section) * section->record_size;
        if (!section->critical || size == 0) continue;
        uint64_t head[2] = {section->number, size};
        crypto_stream_add(&stream, head, sizeof head);
        crypto_stream_add(&stream, layout_rows(program, section), (size_t)size);
    }
    return crypto_stream_end(&stream);
}

enum status bundle_write(struct buffer *out, struct program *program, struct error *error)
{
    uint32_t section_count = 0;
    for (unsigned i = 0; i < layout_section_count; i++) {
        if (layout_count(program, &layout_sections[i]) != 0) section_count++;
    }
    struct crypto_digest semantic = semantic_hash(program);
    size_t start = out->size;
    buffer_string(out, "PRMO");
    buffer_u16(out, CONTAINER_VERSION);
    buffer_u16(out, INSTRUCTIONS_VERSION);
    buffer_u64(out, 0);
    buffer_u32(out, section_count);
    buffer_u32(out, 0);
    buffer_fill(out, 0, CRYPTO_DIGEST_SIZE);
    buffer_append(out, semantic.bytes, CRYPTO_DIGEST_SIZE);
    uint64_t offset = HEAD_SIZE + (uint64_t)section_count * ROW_SIZE;
    for (unsigned i = 0; i < layout_section_count; i++) {
        const struct layout_section *section = &layout_sections[i];
        uint64_t size = (uint64_t)layout_count(program, section) * section->record_size;
        if (size == 0) continue;
        buffer_u32(out, section->number);
        buffer_u32(out, section->critical ? 1 : 0);
        buffer_u64(out, offset);
        buffer_u64(out, size);
        offset += (size + 7) / 8 * 8;
    }
    for (unsigned i = 0; i < layout_section_count; i++) {
        const struct layout_section *section = &layout_sections[i];
        size_t size = (size_t)layout_count(program, section) * section->record_size;
        if (size == 0) continue;
        buffer_append(out, layout_rows(program, section), size);
        buffer_fill(out, 0, (8 - size % 8) % 8);
    }
    if (!buffer_ok(out))
        return error_set(error, STATUS_NO_MEMORY, "no memory for a bundle of %llu bytes", (unsigned long long)offset);
    if (offset > LIMIT_BUNDLE_BYTES)
        return error_set(error, STATUS_LIMIT, "the bundle has %llu bytes; at most 67,108,864 are allowed",
                         (unsigned long long)offset);
    INVARIANT(out->size - start == offset);
    buffer_patch_u64(out, start + 8, offset);
    struct crypto_digest full = full_hash(out->bytes + start, (size_t)offset);
    memcpy(out->bytes + start + FULL_HASH_AT, full.bytes, CRYPTO_DIGEST_SIZE);
    memcpy(program->full_hash, full.bytes, CRYPTO_DIGEST_SIZE);
    memcpy(program->semantic_hash, semantic.bytes, CRYPTO_DIGEST_SIZE);
    return OK;
}

/* One row of the section table: where the section lies, and whether we know it. `end` is where the one before ended. */
static enum status open_section(struct program *out, const uint8_t *bytes, uint64_t size, uint32_t index,
                                uint32_t *number_before, uint64_t *end, struct error *error)
{
    const uint8_t *row = bytes + HEAD_SIZE + (size_t)index * ROW_SIZE;
    uint32_t number = buffer_load_u32(row);
    uint32_t critical = buffer_load_u32(row + 4);
    uint64_t offset = buffer_load_u64(row + 8);
    uint64_t length = buffer_load_u64(row + 16);
    if (number <= *number_before)
        return error_set(error, STATUS_REFUSED, "section table, row %u: section %u is out of order", index, number);
    if (critical > 1) return error_set(error, STATUS_REFUSED, "section table, row %u: unknown flags", index);
    if (length == 0)
        return error_set(error, STATUS_REFUSED, "section table, row %u: section %u is empty and should be left out",
                         index, number);
    if (offset != *end || offset > size || length > size - offset) {
        return error_set(error, STATUS_REFUSED, "section table, row %u: section %u does not lie where it must", index,
                         number);
    }
    *number_before = number;
    *end = offset + (length + 7) / 8 * 8;
    if (*end > size)
        return error_set(error, STATUS_REFUSED, "section table, row %u: section %u is cut off", index, number);
    for (uint64_t at = offset + length; at < *end; at++) {
        if (bytes[at] != 0)
            return error_set(error, STATUS_REFUSED, "section %u: the bytes after it must be zero", number);
    }
    const struct layout_section *section = layout_section(number);
    if (number == SIGNATURE_SECTION) {
        /* Who signed is not asked here; but it has one shape. */
        struct signature signature;
        enum status status = signature_find(&signature, bytes, size, error);
        return status == STATUS_NOT_FOUND ? error_set(error, STATUS_REFUSED, "section signature must be the last one")
                                          : status;
    }
    if (section == NULL) {
        if (critical == 0) return OK; /* a newer writer's extra; not needed to run */
        return error_set(error, STATUS_REFUSED,
                         "section %u is needed and not known here: the bundle is for a newer promo", number);
    }
    if ((critical != 0) != section->critical)
        return error_set(error, STATUS_REFUSED, "section %s has the wrong critical flag", section->name);
    if (length % section->record_size != 0) {
        return error_set(error, STATUS_REFUSED, "section %s: %llu bytes are no whole number of records of %u bytes",
                         section->name, (unsigned long long)length, section->record_size);
    }
    layout_set(out, section, bytes + offset, (uint32_t)(length / section->record_size));
    return OK;
}

enum status bundle_open(struct program *out, const uint8_t *bytes, uint64_t size, struct error *error)
{
    memset(out, 0, sizeof *out);
    INVARIANT(((uintptr_t)bytes & 7) == 0);
    if (size < HEAD_SIZE)
        return error_set(error, STATUS_CORRUPT, "this is no bundle: it has only %llu bytes", (unsigned long long)size);
    if (memcmp(bytes, "PRMO", 4) != 0)
        return error_set(error, STATUS_CORRUPT, "this is no bundle: it does not begin with PRMO");
    if (size > LIMIT_BUNDLE_BYTES) return error_set(error, STATUS_REFUSED, "the bundle has more than 67,108,864 bytes");
    if (buffer_load_u16(bytes + 4) != CONTAINER_VERSION || buffer_load_u16(bytes + 6) != INSTRUCTIONS_VERSION) {
        return error_set(error, STATUS_REFUSED, "the bundle has version %u.%u; this promo reads %u.%u: build it again",
                         buffer_load_u16(bytes + 4), buffer_load_u16(bytes + 6), CONTAINER_VERSION,
                         INSTRUCTIONS_VERSION);
    }
    if (buffer_load_u64(bytes + 8) != size) {
        return error_set(error, STATUS_CORRUPT,
                         "the bundle is cut off or has something behind it: %llu bytes instead of %llu",
                         (unsigned long long)size, (unsigned long long)buffer_load_u64(bytes + 8));
    }
    uint32_t section_count = buffer_load_u32(bytes + 16);
    if (section_count > LIMIT_BUNDLE_SECTIONS || size < HEAD_SIZE + (uint64_t)section_count * ROW_SIZE) {
        return error_set(error, STATUS_REFUSED,
                         "the bundle says it has %u sections, and at most 128 are allowed: build it again",
                         section_count);
    }
    if (buffer_load_u32(bytes + 20) != 0)
        return error_set(error, STATUS_REFUSED, "the bundle's head has unknown flags");
    struct crypto_digest full = full_hash(bytes, (size_t)size);
    if (memcmp(full.bytes, bytes + FULL_HASH_AT, CRYPTO_DIGEST_SIZE) != 0) {
        return error_set(error, STATUS_CORRUPT, "the bundle is damaged: its hash does not match its bytes");
    }
    uint32_t number = 0;
    uint64_t end = HEAD_SIZE + (uint64_t)section_count * ROW_SIZE;
    for (uint32_t i = 0; i < section_count; i++) {
        RETURN_IF_FAILED(open_section(out, bytes, size, i, &number, &end, error));
    }
    if (end != size)
        return error_set(error, STATUS_REFUSED, "the bundle has %llu bytes after its last section",
                         (unsigned long long)(size - end));
    RETURN_IF_FAILED(layout_check(out, error));
    struct crypto_digest semantic = semantic_hash(out);
    if (memcmp(semantic.bytes, bytes + SEMANTIC_HASH_AT, CRYPTO_DIGEST_SIZE) != 0) {
        return error_set(error, STATUS_CORRUPT, "the bundle is damaged: its semantic hash does not match its sections");
    }
    memcpy(out->full_hash, full.bytes, CRYPTO_DIGEST_SIZE);
    memcpy(out->semantic_hash, semantic.bytes, CRYPTO_DIGEST_SIZE);
    return OK;
}
