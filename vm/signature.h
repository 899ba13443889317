/*
 * The signature of a bundle: who says that these are the bytes that he built.
 *
 *   section 90, not critical, last in the file, 80 bytes:   version:32 = 1   zero:32   key id: 8 bytes   signature: 64 bytes
 *   signed: BLAKE2b-256("promo bundle signature 1" and the whole file, its full hash and the 64 bytes themselves as zeros)
 *
 * Ed25519. Every byte of the file is covered: the full hash follows from the others (bundle.h checks it). Nothing of what a program means depends on its
 * signature, so the semantic hash is the same with and without. Whom to trust is not decided here: runtime/store/trust.h.
 * All of it takes bytes that nobody has checked yet.
 */
#ifndef VM_SIGNATURE_H
#define VM_SIGNATURE_H

#include "vm/buffer.h"
#include "vm/crypto.h"
#include "vm/status.h"

enum { SIGNATURE_SECTION = 90, SIGNATURE_RECORD_SIZE = 80, SIGNATURE_KEY_ID_SIZE = 8 };

/* The first bytes of a digest of the public key: which key it is, nothing more. */
struct signature_key_id {
    uint8_t bytes[SIGNATURE_KEY_ID_SIZE];
};
struct signature_key_id signature_key_id(const struct crypto_public_key *key);

/* What a bundle says about its signature; not yet whether that is true. */
struct signature {
    struct signature_key_id key_id;
    uint64_t at; /* offset of the 64 bytes in the file */
};

/* OK; STATUS_NOT_FOUND: it is not signed; STATUS_CORRUPT, STATUS_REFUSED: no bundle, or a signature section that cannot be. */
MUST_CHECK enum status signature_find(struct signature *out, const uint8_t *bundle, uint64_t size, struct error *error);

/* Whether the signature that was found is this key's, over these bytes. */
MUST_CHECK bool signature_is_of(const struct signature *signature, const uint8_t *bundle, uint64_t size,
                                const struct crypto_public_key *key);

/* Appends the bundle with a signature to `out`, in place of one that it has. The same bytes and key give the same bytes. STATUS_NO_MEMORY; STATUS_LIMIT
 * for one that would be too large; else as signature_find. */
MUST_CHECK enum status signature_add(struct buffer *out, const uint8_t *bundle, uint64_t size,
                                     const struct crypto_signing_key *key, struct error *error);

#endif
