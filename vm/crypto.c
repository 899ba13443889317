/*
 * The skin over libsodium (the only file that includes sodium.h). Contract: vm/crypto.h.
 */
#include "vm/crypto.h"

#include <sodium.h>

_Static_assert(sizeof(crypto_generichash_state) <= sizeof(((struct crypto_stream *)0)->state), "the state fits");
_Static_assert(_Alignof(struct crypto_stream) >= 64, "libsodium wants its state on a cache line");
_Static_assert(CRYPTO_NONCE_SIZE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce size");
_Static_assert(CRYPTO_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key size");
_Static_assert(CRYPTO_SEAL_EXTRA == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag size");
_Static_assert(CRYPTO_SIP_KEY_SIZE == crypto_shorthash_siphashx24_KEYBYTES, "siphash key size");
_Static_assert(CRYPTO_SIGNATURE_SIZE == crypto_sign_BYTES, "signature size");
_Static_assert(sizeof(struct crypto_signing_key) == crypto_sign_SEEDBYTES, "signing key size");
_Static_assert(sizeof(struct crypto_public_key) == crypto_sign_PUBLICKEYBYTES, "public key size");
_Static_assert(CRYPTO_ID_SIZE == crypto_shorthash_siphashx24_BYTES, "siphash size");

enum status crypto_start(struct error *error)
{
    if (sodium_init() < 0) {
        return error_set(error, STATUS_IO, "the cryptographic library cannot start: the system gives no randomness");
    }
    return OK;
}

static void hash(uint8_t *out, size_t out_size, const void *bytes, size_t size, const uint8_t *key, size_t key_size)
{
    int result = crypto_generichash(out, out_size, bytes, size, key, key_size);
    INVARIANT(result == 0);
}

struct crypto_digest crypto_digest256(const void *bytes, size_t size)
{
    struct crypto_digest digest;
    hash(digest.bytes, sizeof digest.bytes, bytes, size, NULL, 0);
    return digest;
}

static crypto_generichash_state *state_of(struct crypto_stream *stream)
{
    return (crypto_generichash_state *)(void *)stream->state;
}

void crypto_stream_begin(struct crypto_stream *stream)
{
    int result = crypto_generichash_init(state_of(stream), NULL, 0, CRYPTO_DIGEST_SIZE);
    INVARIANT(result == 0);
}

void crypto_stream_add(struct crypto_stream *stream, const void *bytes, size_t size)
{
    int result = crypto_generichash_update(state_of(stream), bytes, size);
    INVARIANT(result == 0);
}

struct crypto_digest crypto_stream_end(struct crypto_stream *stream)
{
    struct crypto_digest digest;
    int result = crypto_generichash_final(state_of(stream), digest.bytes, sizeof digest.bytes);
    INVARIANT(result == 0);
    return digest;
}

struct crypto_id crypto_keyed128(const void *bytes, size_t size, const struct crypto_key *key)
{
    struct crypto_id id;
    hash(id.bytes, sizeof id.bytes, bytes, size, key->bytes, sizeof key->bytes);
    return id;
}

struct crypto_id crypto_siphash128(const void *bytes, size_t size, const uint8_t key[CRYPTO_SIP_KEY_SIZE])
{
    struct crypto_id id;
    int result = crypto_shorthash_siphashx24(id.bytes, bytes, size, key);
    INVARIANT(result == 0);
    return id;
}

/* The secret is hashed to a key first, so that it may have any length; the purpose is then hashed under it. */
struct crypto_key crypto_derive_key(struct text secret, struct text purpose)
{
    struct crypto_digest root = crypto_digest256(secret.at, secret.size);
    struct crypto_key key;
    hash(key.bytes, sizeof key.bytes, purpose.at, purpose.size, root.bytes, sizeof root.bytes);
    crypto_wipe(&root, sizeof root);
    return key;
}

void crypto_seal(uint8_t *out, const void *bytes, size_t size, const void *header, size_t header_size,
                 const struct crypto_nonce *nonce, const struct crypto_key *key)
{
    unsigned long long sealed_size = 0;
    int result = crypto_aead_xchacha20poly1305_ietf_encrypt(out, &sealed_size, bytes, size, header, header_size, NULL,
                                                            nonce->bytes, key->bytes);
    INVARIANT(result == 0 && sealed_size == size + CRYPTO_SEAL_EXTRA);
}

enum status crypto_open(uint8_t *out, const uint8_t *sealed, size_t size, const void *header, size_t header_size,
                        const struct crypto_nonce *nonce, const struct crypto_key *key)
{
    if (size < CRYPTO_SEAL_EXTRA) return STATUS_CORRUPT;
    unsigned long long opened_size = 0;
    int result = crypto_aead_xchacha20poly1305_ietf_decrypt(out, &opened_size, NULL, sealed, size, header, header_size,
                                                            nonce->bytes, key->bytes);
    return result == 0 ? OK : STATUS_CORRUPT;
}

void crypto_signing_public(struct crypto_public_key *out, const struct crypto_signing_key *key)
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    int result = crypto_sign_seed_keypair(out->bytes, secret, key->bytes);
    INVARIANT(result == 0);
    crypto_wipe(secret, sizeof secret);
}

void crypto_signing_make(uint8_t out[CRYPTO_SIGNATURE_SIZE], const void *bytes, size_t size,
                         const struct crypto_signing_key *key)
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES], public[crypto_sign_PUBLICKEYBYTES];
    int result = crypto_sign_seed_keypair(public, secret, key->bytes);
    INVARIANT(result == 0);
    result = crypto_sign_detached(out, NULL, bytes, size, secret);
    INVARIANT(result == 0);
    crypto_wipe(secret, sizeof secret);
}

bool crypto_signing_check(const uint8_t signature[CRYPTO_SIGNATURE_SIZE], const void *bytes, size_t size,
                          const struct crypto_public_key *key)
{
    return crypto_sign_verify_detached(signature, bytes, size, key->bytes) == 0;
}

void crypto_base64(char *out, const void *bytes, size_t size)
{
    (void)sodium_bin2base64(out, sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL), bytes, size,
                            sodium_base64_VARIANT_ORIGINAL);
}

bool crypto_unbase64(void *out, size_t size, struct text digits)
{
    size_t got = 0;
    return sodium_base642bin(out, size, digits.at, digits.size, NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL) ==
               0 &&
           got == size;
}

void crypto_random_key(struct crypto_key *out)
{
    randombytes_buf(out->bytes, sizeof out->bytes);
}

void crypto_wipe(void *bytes, size_t size)
{
    sodium_memzero(bytes, size);
}

bool crypto_equal(const void *left, const void *right, size_t size)
{
    return sodium_memcmp(left, right, size) == 0;
}

void crypto_hex(char *out, const void *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *from = bytes;
    for (size_t index = 0; index < size; index++) {
        out[2 * index] = digits[from[index] >> 4];
        out[2 * index + 1] = digits[from[index] & 15];
    }
    out[2 * size] = 0;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

bool crypto_unhex(void *out, size_t size, struct text digits)
{
    if (digits.size != 2 * size) return false;
    uint8_t *to = out;
    for (size_t index = 0; index < size; index++) {
        int high = hex_value(digits.at[2 * index]);
        int low = hex_value(digits.at[2 * index + 1]);
        if (high < 0 || low < 0) return false;
        to[index] = (uint8_t)(high * 16 + low);
    }
    return true;
}
