/*
 * Hashes, keyed identities and sealing; the only file that knows libsodium.
 *
 * Everything is a function of its arguments but crypto_random_key, which only runtime/store may call: the VM and the
 * engine know no randomness.
 */
#ifndef VM_CRYPTO_H
#define VM_CRYPTO_H

#include "vm/text.h"

enum {
    CRYPTO_DIGEST_SIZE = 32, /* BLAKE2b-256 */
    CRYPTO_ID_SIZE = 16,     /* keyed identities */
    CRYPTO_KEY_SIZE = 32,    /* sealing and keyed hashing */
    CRYPTO_SIP_KEY_SIZE = 16,
    CRYPTO_NONCE_SIZE = 24,
    CRYPTO_SEAL_EXTRA = 16, /* a sealed message is this much longer */
    CRYPTO_SIGNATURE_SIZE = 64
};

struct crypto_digest {
    uint8_t bytes[CRYPTO_DIGEST_SIZE];
};
struct crypto_id {
    uint8_t bytes[CRYPTO_ID_SIZE];
};
struct crypto_key {
    uint8_t bytes[CRYPTO_KEY_SIZE];
};
struct crypto_nonce {
    uint8_t bytes[CRYPTO_NONCE_SIZE];
};

/* Readies the library; call once before threads start. STATUS_IO when it cannot be had. */
enum status crypto_start(struct error *error) MUST_CHECK;

/* BLAKE2b-256 of the bytes. */
struct crypto_digest crypto_digest256(const void *bytes, size_t size);

/* The same in pieces. The state is the caller's, on the stack or static (it is 64-aligned, which memory_alloc is not); begin
 * again after the end. */
struct crypto_stream {
    _Alignas(64) unsigned char state[384];
};
void crypto_stream_begin(struct crypto_stream *stream);
void crypto_stream_add(struct crypto_stream *stream, const void *bytes, size_t size);
struct crypto_digest crypto_stream_end(struct crypto_stream *stream);

/* 128 bits of keyed BLAKE2b: identities of effects and events. Nobody without the key can guess or collide them. */
struct crypto_id crypto_keyed128(const void *bytes, size_t size, const struct crypto_key *key);

/* 128 bits of SipHash-2-4: quick, keyed, for de-duplication of ids in memory. */
struct crypto_id crypto_siphash128(const void *bytes, size_t size, const uint8_t key[CRYPTO_SIP_KEY_SIZE]);

/* A key made from a name and a purpose ("effect identity"): the same every time. */
struct crypto_key crypto_derive_key(struct text secret, struct text purpose);

/* Seals `size` bytes (XChaCha20-Poly1305) into out, which has room for size + CRYPTO_SEAL_EXTRA. The header is not
 * sealed but bound: opening with another header fails. A nonce must never come twice with one key. */
void crypto_seal(uint8_t *out, const void *bytes, size_t size, const void *header, size_t header_size,
                 const struct crypto_nonce *nonce, const struct crypto_key *key);

/* Opens `size` sealed bytes into out, which has room for size - CRYPTO_SEAL_EXTRA. STATUS_CORRUPT when bytes, header, nonce
 * or key are not those of the sealing; then out is undefined. */
enum status crypto_open(uint8_t *out, const uint8_t *sealed, size_t size, const void *header, size_t header_size,
                        const struct crypto_nonce *nonce, const struct crypto_key *key) MUST_CHECK;

/* Ed25519: the secret key (its 32-byte seed), the public one that follows from it, and signatures of 64 bytes. */
struct crypto_signing_key {
    uint8_t bytes[32];
};
struct crypto_public_key {
    uint8_t bytes[32];
};
void crypto_signing_public(struct crypto_public_key *out, const struct crypto_signing_key *key);
void crypto_signing_make(uint8_t out[CRYPTO_SIGNATURE_SIZE], const void *bytes, size_t size,
                         const struct crypto_signing_key *key);
MUST_CHECK bool crypto_signing_check(const uint8_t signature[CRYPTO_SIGNATURE_SIZE], const void *bytes, size_t size,
                                     const struct crypto_public_key *key);

/* Base64 with padding: 4 digits for each 3 bytes begun, and a NUL. Reading takes exactly `size` bytes, and nothing but the one way to write them. */
void crypto_base64(char *out, const void *bytes, size_t size);
MUST_CHECK bool crypto_unbase64(void *out, size_t size, struct text digits);

/* A fresh random key. For runtime/store only. */
void crypto_random_key(struct crypto_key *out);

/* Overwrites a secret so that no optimiser drops it. */
void crypto_wipe(void *bytes, size_t size);

/* Same bytes, in a time that does not tell where they differ. */
bool crypto_equal(const void *left, const void *right, size_t size);

/* Lower-case hexadecimal of `size` bytes: 2 * size digits and a NUL. */
void crypto_hex(char *out, const void *bytes, size_t size);

/* Reads exactly 2 * size hexadecimal digits, either case. False when they are not. */
bool crypto_unhex(void *out, size_t size, struct text digits) MUST_CHECK;

#endif
