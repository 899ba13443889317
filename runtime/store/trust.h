/*
 * Whose bundles may run: public keys with names and days, as lines of a file that an operator keeps.
 *
 *     # who may deploy
 *     promo-key anna 3f2a90c1d4e5b687 MCowBQYDK2VwAyEA…= from 2026-01-01 until 2026-12-31
 *     promo-revoked 0011223344556677 lost with a laptop
 *
 * A key counts from the beginning of its first day to the end of its last, UTC, by the clock at the moment a bundle is brought; a revoked key never
 * does. Signatures themselves: vm/signature.h. The secret key stands in a file of one line, `promo-secret-key NAME KEYID BASE64`.
 * Thread rules: one that nobody closes may be read by any thread.
 */
#ifndef PROMO_RUNTIME_STORE_TRUST_H
#define PROMO_RUNTIME_STORE_TRUST_H

#include "vm/signature.h"

struct trust;

/* A key that was named: by a line of the file. `from` and `until`: ms since 1970; `until` is the first moment behind the last day. */
struct trust_key {
    struct text name;
    struct signature_key_id id;
    struct crypto_public_key public_key;
    int64_t from, until;
};

/* Reads the text of a trust file, which is copied. STATUS_INVALID with the line and how to mend it: an unknown word, a key id that is not its key's, a key
 * twice, a day that is none. A file without keys is fine and trusts nobody. Release with trust_close. */
MUST_CHECK enum status trust_open(struct trust **out, struct text file, struct error *error);
void trust_close(struct trust *trust);
uint32_t trust_count(const struct trust *trust);

/* Judges the bundle's bytes, which nobody has to have checked. OK: `who` is the key that signed them (borrowed from the trust). STATUS_REFUSED, with words
 * that say why and what to do: unsigned, by an unknown or revoked key, outside the key's days, or bytes that are not those that were signed. */
MUST_CHECK enum status trust_judge(const struct trust *trust, const uint8_t *bundle, uint64_t size, int64_t now,
                                   const struct trust_key **who, struct error *error);

/* The line of a public key, with its days where they are given (text "2026-01-01", or empty), and a line feed. */
void trust_put_line(struct buffer *out, struct text name, const struct crypto_public_key *key, struct text from,
                    struct text until);

/* The file of a secret key, and back. `name` points into the text. STATUS_INVALID with what is wrong; wipe the key after use. */
void trust_put_secret(struct buffer *out, struct text name, const struct crypto_signing_key *key);
MUST_CHECK enum status trust_read_secret(struct crypto_signing_key *out, struct text *name, struct text file,
                                         struct error *error);

/* Whether a name may stand in these lines: 1 to 64 bytes, none of them blank, `#` or a control character. */
bool trust_name_is_fine(struct text name);

#endif
