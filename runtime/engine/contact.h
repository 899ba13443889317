/* The keyed hash by which a contact value is known that must not be used: an email address, a telephone number.
 *
 * Intake makes it of `suppress` lines, so that the value itself is in no log; suppress.c of the values of players. The key is derived
 * from the identity key, or from the workspace's name where none is given: then whoever knows that name can try values, if he
 * has the state (which lies sealed). What follows from a hash is suppress.h.
 * Thread rules: pure functions.
 */
#ifndef PROMO_RUNTIME_ENGINE_CONTACT_H
#define PROMO_RUNTIME_ENGINE_CONTACT_H

#include "vm/crypto.h"
#include "vm/status.h"
#include "vm/text.h"

/* The key of these hashes. `identity_key` is 32 bytes, or NULL. */
struct crypto_key contact_key(struct text workspace, const uint8_t *identity_key);

/* The hash of a contact value, as 16 bytes: blanks around it and the case of ASCII letters do not count; of what consists of digits and
 * `+ ( ) . / -` and blanks alone, only `+` in front and the digits do. False if nothing is left of it. */
MUST_CHECK bool contact_hash(uint8_t out[16], const struct crypto_key *key, struct text value);

#endif
