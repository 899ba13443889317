/* Which ids have been applied: one small table a key group.
 *
 * An id is (source, id), kept as a 128-bit keyed hash until `at` + lateness. The key group is that of the hash, not the
 * player's, so the same id for another player is found as well. The content's hash tells a repetition from a reused id.
 * Expired entries stay until their table is full and are then swept; whether one counts is judged by the clock alone, so
 * the sweep never shows.
 */
#ifndef PROMO_RUNTIME_ENGINE_DEDUPE_H
#define PROMO_RUNTIME_ENGINE_DEDUPE_H

#include "vm/buffer.h"
#include "vm/crypto.h"

/* 32 bytes; low and high both 0 is an empty place (the hash is never that, see dedupe_hash). */
struct dedupe_entry {
    uint64_t low, high;
    uint64_t content;
    int64_t until; /* Counts while now <= until. */
};

struct dedupe_table {
    struct dedupe_entry *entry;
    uint32_t count, capacity; /* Capacity is a power of two, or 0. */
};

void dedupe_deinit(struct dedupe_table *table);

/* The keyed hash of an id. Its low 12 bits are the key group of the entry. */
struct dedupe_entry dedupe_hash(const uint8_t key[CRYPTO_SIP_KEY_SIZE], struct text source, struct text id);

enum dedupe_answer { DEDUPE_NEW, DEDUPE_SAME, DEDUPE_REUSED, DEDUPE_NO_MEMORY };

/* Whether the id is kept at `now`. */
bool dedupe_holds(const struct dedupe_table *table, struct dedupe_entry entry, int64_t now);
/* The entry of an id that is kept at `now`, or NULL; valid until the next one is added. */
struct dedupe_entry *dedupe_find(const struct dedupe_table *table, struct dedupe_entry entry, int64_t now);
/* Asks memory for the place of this id. */
void dedupe_prefetch(const struct dedupe_table *table, uint64_t low);
/* Looks the id up and, if it is new, keeps it until `entry.until`. */
enum dedupe_answer dedupe_add(struct dedupe_table *table, struct dedupe_entry entry, int64_t now);
/* Keeps an id that is there until `until`, if that is later than before. Its content stays the first one's. */
void dedupe_extend(struct dedupe_table *table, struct dedupe_entry entry, int64_t until);

/* Keeps all ids that are kept at `now` by so much longer. */
void dedupe_prolong(struct dedupe_table *table, int64_t by, int64_t now);
/* Whether any id is kept at `now`. */
bool dedupe_any(const struct dedupe_table *table, int64_t now);
/* Appends the live entries in the order of their hashes; canonical. */
void dedupe_encode(const struct dedupe_table *table, int64_t now, struct buffer *out);
/* Reads them back into an empty table. */
MUST_CHECK enum status dedupe_decode(struct dedupe_table *table, struct buffer_reader *reader, struct error *error);

#endif
