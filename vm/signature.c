/*
 * Finding, checking and adding the signature section. Contract: vm/signature.h; the file around it: vm/bundle.c.
 */
#include "vm/signature.h"

#include "vm/bundle.h"
#include "vm/limits.h"

enum { VERSION = 1, KEY_ID_AT = 8, BYTES_AT = 16 };

static const char purpose[] = "promo bundle signature 1";

_Static_assert(BYTES_AT + CRYPTO_SIGNATURE_SIZE == SIGNATURE_RECORD_SIZE, "the record is its parts");

struct signature_key_id signature_key_id(const struct crypto_public_key *key)
{
    struct signature_key_id id;
    struct crypto_digest digest = crypto_digest256(key->bytes, sizeof key->bytes);
    memcpy(id.bytes, digest.bytes, sizeof id.bytes);
    return id;
}

/* The head as far as it is needed here: how many rows the section table has. */
static enum status read_head(const uint8_t *bundle, uint64_t size, uint32_t *rows_out, struct error *error)
{
    if (size < BUNDLE_HEAD_SIZE || memcmp(bundle, "PRMO", 4) != 0)
        return error_set(error, STATUS_CORRUPT, "this is no bundle: it does not begin with PRMO");
    if (size > LIMIT_BUNDLE_BYTES) return error_set(error, STATUS_REFUSED, "the bundle has more than 67,108,864 bytes");
    if (buffer_load_u64(bundle + 8) != size)
        return error_set(error, STATUS_CORRUPT, "the bundle is cut off or has something behind it");
    uint32_t rows = buffer_load_u32(bundle + 16);
    if (rows > LIMIT_BUNDLE_SECTIONS || size < BUNDLE_HEAD_SIZE + (uint64_t)rows * BUNDLE_ROW_SIZE)
        return error_set(error, STATUS_REFUSED, "the bundle says it has %u sections, which is too many", rows);
    *rows_out = rows;
    return OK;
}

enum status signature_find(struct signature *out, const uint8_t *bundle, uint64_t size, struct error *error)
{
    uint32_t rows = 0;
    RETURN_IF_FAILED(read_head(bundle, size, &rows, error));
    const uint8_t *last = bundle + BUNDLE_HEAD_SIZE + (uint64_t)(rows == 0 ? 0 : rows - 1) * BUNDLE_ROW_SIZE;
    /* It stands last, or nowhere: rows rise, and no section has a larger number. */
    if (rows == 0 || buffer_load_u32(last) != SIGNATURE_SECTION)
        return error_set(error, STATUS_NOT_FOUND, "the bundle is not signed");
    uint64_t at = buffer_load_u64(last + 8);
    if (buffer_load_u32(last + 4) != 0 || buffer_load_u64(last + 16) != SIGNATURE_RECORD_SIZE ||
        size < SIGNATURE_RECORD_SIZE || at != size - SIGNATURE_RECORD_SIZE ||
        at < BUNDLE_HEAD_SIZE + (uint64_t)rows * BUNDLE_ROW_SIZE) {
        return error_set(error, STATUS_REFUSED, "section signature does not lie where it must");
    }
    if (buffer_load_u32(bundle + at) != VERSION || buffer_load_u32(bundle + at + 4) != 0)
        return error_set(error, STATUS_REFUSED, "the bundle is signed in a way that this promo does not know");
    memcpy(out->key_id.bytes, bundle + at + KEY_ID_AT, sizeof out->key_id.bytes);
    out->at = at + BYTES_AT;
    return OK;
}

/* What is signed: everything but the full hash and the signature itself. */
static struct crypto_digest digest_of(const uint8_t *bundle, uint64_t size, uint64_t signature_at)
{
    static const uint8_t zeros[CRYPTO_SIGNATURE_SIZE];
    uint64_t behind = signature_at + CRYPTO_SIGNATURE_SIZE;
    struct crypto_stream stream;
    crypto_stream_begin(&stream);
    crypto_stream_add(&stream, purpose, sizeof purpose - 1);
    crypto_stream_add(&stream, bundle, BUNDLE_FULL_HASH_AT);
    crypto_stream_add(&stream, zeros, CRYPTO_DIGEST_SIZE);
    crypto_stream_add(&stream, bundle + BUNDLE_FULL_HASH_AT + CRYPTO_DIGEST_SIZE,
                      (size_t)(signature_at - BUNDLE_FULL_HASH_AT - CRYPTO_DIGEST_SIZE));
    crypto_stream_add(&stream, zeros, sizeof zeros);
    crypto_stream_add(&stream, bundle + behind, (size_t)(size - behind));
    return crypto_stream_end(&stream);
}

bool signature_is_of(const struct signature *signature, const uint8_t *bundle, uint64_t size,
                     const struct crypto_public_key *key)
{
    struct signature_key_id id = signature_key_id(key);
    if (memcmp(id.bytes, signature->key_id.bytes, sizeof id.bytes) != 0) return false;
    struct crypto_digest digest = digest_of(bundle, size, signature->at);
    return crypto_signing_check(bundle + signature->at, digest.bytes, sizeof digest.bytes, key);
}

/* A section's row, moved by the row that is added or taken away before it. */
static void put_row(struct buffer *out, const uint8_t *row, int64_t moved)
{
    buffer_append(out, row, 8);
    buffer_u64(out, buffer_load_u64(row + 8) + (uint64_t)moved);
    buffer_append(out, row + 16, 8);
}

enum status signature_add(struct buffer *out, const uint8_t *bundle, uint64_t size,
                          const struct crypto_signing_key *key, struct error *error)
{
    struct signature before;
    uint32_t rows = 0;
    RETURN_IF_FAILED(read_head(bundle, size, &rows, error));
    enum status found = signature_find(&before, bundle, size, error);
    if (found != OK && found != STATUS_NOT_FOUND) return found;
    uint64_t sections_at = BUNDLE_HEAD_SIZE + (uint64_t)rows * BUNDLE_ROW_SIZE;
    uint64_t sections_end = found == OK ? size - SIGNATURE_RECORD_SIZE : size;
    uint32_t kept = found == OK ? rows - 1 : rows;
    int64_t moved = found == OK ? 0 : BUNDLE_ROW_SIZE;
    uint64_t signed_size = sections_end + (uint64_t)moved + SIGNATURE_RECORD_SIZE;
    if (signed_size > LIMIT_BUNDLE_BYTES || kept + 1 > LIMIT_BUNDLE_SECTIONS)
        return error_set(error, STATUS_LIMIT, "the bundle would be too large with a signature");
    size_t start = out->size;
    struct crypto_public_key public;
    crypto_signing_public(&public, key);
    struct signature_key_id id = signature_key_id(&public);
    buffer_append(out, bundle, BUNDLE_HEAD_SIZE);
    for (uint32_t row = 0; row < kept; row++)
        put_row(out, bundle + BUNDLE_HEAD_SIZE + (size_t)row * BUNDLE_ROW_SIZE, moved);
    buffer_u32(out, SIGNATURE_SECTION);
    buffer_u32(out, 0);
    buffer_u64(out, sections_end + (uint64_t)moved);
    buffer_u64(out, SIGNATURE_RECORD_SIZE);
    buffer_append(out, bundle + sections_at, (size_t)(sections_end - sections_at));
    buffer_u32(out, VERSION);
    buffer_u32(out, 0);
    buffer_append(out, id.bytes, sizeof id.bytes);
    buffer_fill(out, 0, CRYPTO_SIGNATURE_SIZE);
    if (!buffer_ok(out)) return error_set(error, STATUS_NO_MEMORY, "no memory for a signed bundle");
    INVARIANT(out->size - start == signed_size);
    buffer_patch_u64(out, start + 8, signed_size);
    buffer_patch_u32(out, start + 16, kept + 1);
    uint8_t *bytes = out->bytes + start;
    struct crypto_digest digest = digest_of(bytes, signed_size, signed_size - CRYPTO_SIGNATURE_SIZE);
    crypto_signing_make(bytes + signed_size - CRYPTO_SIGNATURE_SIZE, digest.bytes, sizeof digest.bytes, key);
    bundle_rehash(bytes, signed_size);
    return OK;
}
