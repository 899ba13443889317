/* The identity of an effect: 16 bytes by which the host tells a repetition from a second effect.
 *
 * A keyed hash of names (workspace, campaign, player, journey number, step, action, name, label, n-th time), so it is
 * the same on every store, machine, number of shards and version of the program, and nobody without the key can guess
 * it. The encoding under the hash is length-prefixed: no two different tuples share bytes. Vectors:
 * spec/identity-vectors.tsv. Which effect is made stands in fold.c; how it is printed in effect_json.h.
 * Thread rules: an identity is read only after identity_init; any number of threads.
 */
#ifndef PROMO_RUNTIME_ENGINE_IDENTITY_H
#define PROMO_RUNTIME_ENGINE_IDENTITY_H

#include "vm/crypto.h"
#include "vm/program.h"

struct identity {
    struct crypto_key key;
    struct text workspace; /* Borrowed: outlives the identity. */
    uint64_t epoch;        /* Of the last restore (epoch.h); 0: there was none, and it is in no hash. */
};

/* `key` is 32 bytes, or NULL: then it is derived from the workspace's name. */
void identity_init(struct identity *out, struct text workspace, const uint8_t *key);

struct identity_parts {
    struct text campaign;      /* Name. */
    struct text brand, player; /* The brand may be empty. */
    uint32_t journey;          /* Number, from 1. */
    struct text step;          /* Name: identity_step(). */
    struct text action;        /* "credit", the channel of a send, the action's name, "tag", "untag". */
    struct text name;          /* Message, offer, tag, or empty. */
    struct text label;         /* `as`, or empty. */
    uint64_t nth;              /* From 1: the n-th time in this journey. */
    uint32_t life;             /* How often the player was erased before. */
};

/* The identity of an effect. */
void identity_effect(uint8_t out[16], const struct identity *identity, const struct identity_parts *parts);

/* The identity of the notice that a campaign was suspended at this instant. */
void identity_suspension(uint8_t out[16], const struct identity *identity, struct text campaign, int64_t at);

/* The name a step has in identities: `renamed from` keeps the old one. Borrows from the program. */
struct text identity_step(const struct program *program, uint32_t step);

/* The parts of the program's effect: fills in campaign, step, action, name and label; leaves the rest. */
void identity_fill(struct identity_parts *parts, const struct program *program, uint32_t campaign,
                   const struct bundle_effect *effect);

#endif
