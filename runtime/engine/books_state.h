/* The inside of the books, shared by books.c (what changes them) and books_codec.c (their bytes). Nobody else includes it.
 *
 * One index (open addressing with kept hashes) serves all four tables. Everything is found by name or identity; the
 * numbers of books, players and reservations are only places in memory and stand in no blob.
 *
 *   player ──> its books, by (limit's identity, first day of the period)
 *      └─────> its reservations ──> parts: which books the amount lies in (number of a shared book, or of one of
 *                                   the player's with PART_OF_PLAYER set)
 */
#ifndef PROMO_RUNTIME_ENGINE_BOOKS_STATE_H
#define PROMO_RUNTIME_ENGINE_BOOKS_STATE_H

#include "runtime/engine/books.h"
#include "runtime/engine/record.h"
#include "vm/crypto.h"

#define BOOKS_NOWHERE      UINT32_C(0xFFFFFFFF)
#define BOOKS_NO_CAP       INT64_MAX
#define BOOKS_PARTS_INLINE 6u
#define PART_OF_PLAYER     UINT32_C(0x80000000)

/* From a hash to the number of a thing. A slot is empty when its value is BOOKS_NOWHERE. */
struct books_slot {
    uint32_t hash, value;
};
struct books_index {
    struct books_slot *slot;
    uint32_t capacity, count; /* Capacity is a power of two, or 0. */
};

/* One book. It is kept while something is reserved in it or a request may still fall into its period. */
struct book {
    struct crypto_id id; /* Hash of budget's kind and name, scope, period, offer: see books_id(). */
    int64_t start;       /* First day (date) of its period; 0 where it has none. */
    int64_t cap;         /* Never below reserved + spent: a limit lowered by a new program stands at what is used. */
    int64_t reserved, spent;
    int64_t kept;    /* Of `spent`, what may still be given back; in no blob. */
    int64_t given;   /* Cap that a test has set, or -1. */
    bool used;       /* Place taken. */
    bool superseded; /* No request falls into its period any more: goes when nothing is reserved in it. */
};
struct book_array {
    struct book *book;
    uint32_t count, capacity; /* Places, taken or free. */
};

/* A name that reservations or suspensions speak of, and what is kept by campaign. */
struct books_name {
    struct text name; /* Owned. */
    int64_t since;
    uint64_t entrants;
    uint16_t reason;
    bool suspended;
};

struct books_player {
    struct text brand, player; /* One owned block; both empty: reservations of the erased. */
    uint16_t group;
    bool used;
    struct book_array books;
    uint32_t reservation_first;
    uint32_t next, previous; /* In the group. */
};

enum reservation_status {
    RESERVATION_FREE,
    RESERVATION_OPEN,
    RESERVATION_COMMITTED,
    RESERVATION_RELEASED,
    RESERVATION_KEPT, /* Committed, and may still be given back: it keeps its parts. */
    RESERVATION_LOST  /* The same, of another life: the next credit of its key takes it over (epoch.h). */
};
struct reservation {
    uint8_t effect[16];
    int64_t amount;
    int64_t reserved_at;
    uint32_t player;
    uint32_t next, previous;  /* Of the player. */
    uint32_t campaign, offer; /* Numbers of names. */
    uint32_t journey;         /* Number of the journey that asked. */
    uint16_t part_count;
    uint8_t status;
    bool returnable;
    union {
        uint32_t inside[BOOKS_PARTS_INLINE];
        uint32_t *outside; /* More than BOOKS_PARTS_INLINE parts. */
    } part;
};

/* A limit that a request is judged by. */
struct books_asked {
    struct crypto_id id;
    int64_t start, cap;
    int64_t oldest; /* Start of the oldest period that a later request may still fall into. */
    uint32_t budget, limit;
    uint32_t found; /* Number of its book, or BOOKS_NOWHERE. */
    uint8_t rank;
    bool of_player;
};

struct books {
    struct book_array shared;
    struct books_index shared_index;
    struct books_player *player;
    uint32_t player_count, player_capacity, player_free;
    struct books_index player_index;
    struct reservation *reservation;
    uint32_t reservation_count, reservation_capacity, reservation_free;
    struct books_index reservation_index;
    struct books_name *name;
    uint32_t name_count, name_capacity;
    struct books_index name_index;
    uint32_t suspended_count;
    uint32_t group_first[RECORD_GROUPS];
    uint64_t changed[RECORD_GROUPS / 64];
    bool any_lost; /* There may be lost ones; outside state. */
    /* Identities of the limits of the program asked last; outside state. */
    const struct program *program;
    uint8_t program_hash[32];
    struct crypto_id *limit_id, *total_id, *player_id;
    struct books_asked *asked; /* Room for the limits of any campaign. */
};

/* Whose limit it is. */
enum books_owner { BOOKS_OWNER_CAMPAIGN, BOOKS_OWNER_POOL };

/* The identity of a limit: a hash of names. */
struct crypto_id books_id(enum books_owner owner, struct text budget, uint32_t scope, uint32_t period,
                          struct text offer);

/* Places by name or identity; BOOKS_NOWHERE if there is none. */
uint32_t books_find_shared(const struct books *books, struct crypto_id id, int64_t start);
uint32_t books_find_in_player(const struct books_player *player, struct crypto_id id, int64_t start);
uint32_t books_find_player(const struct books *books, uint16_t group, struct text brand, struct text player);
uint32_t books_find_reservation(const struct books *books, const uint8_t effect[16]);
uint32_t books_find_name(const struct books *books, struct text name);

/* The same, made if missing; BOOKS_NOWHERE when memory is out. */
uint32_t books_make_shared(struct books *books, struct crypto_id id, int64_t start);
uint32_t books_make_in_player(struct books_player *player, struct crypto_id id, int64_t start);
uint32_t books_make_player(struct books *books, uint16_t group, struct text brand, struct text player);
uint32_t books_make_name(struct books *books, struct text name);

/* A reservation of the player with room for `part_count` parts, in the index; BOOKS_NOWHERE when memory is out. */
uint32_t books_make_reservation(struct books *books, const uint8_t effect[16], uint32_t player, uint32_t part_count);
/* Moves, and the ends: an entry without reservations, a settled reservation, a book that nothing is reserved in. */
void books_link_reservation(struct books *books, uint32_t place, uint32_t player);
void books_unlink_reservation(struct books *books, uint32_t place);
void books_drop_parts(struct reservation *reservation);
void books_drop_reservation(struct books *books, uint32_t place);
void books_drop_player(struct books *books, uint32_t place);
void books_drop_shared(struct books *books, uint32_t place);

static inline uint32_t *reservation_parts(struct reservation *reservation)
{
    return reservation->part_count > BOOKS_PARTS_INLINE ? reservation->part.outside : reservation->part.inside;
}
static inline const uint32_t *reservation_parts_read(const struct reservation *reservation)
{
    return reservation->part_count > BOOKS_PARTS_INLINE ? reservation->part.outside : reservation->part.inside;
}

/* cap = unallocated + reserved + spent, every term >= 0. */
static inline bool book_balances(const struct book *book)
{
    return book->reserved >= 0 && book->spent >= 0 && book->reserved <= book->cap &&
           book->spent <= book->cap - book->reserved;
}

/* Spent, and still lying in its books. */
static inline bool reservation_is_kept(const struct reservation *reservation)
{
    return reservation->status == RESERVATION_KEPT || reservation->status == RESERVATION_LOST;
}

/* What a checkpoint must write. */
static inline void books_touch_group(struct books *books, uint16_t group)
{
    books->changed[group / 64] |= UINT64_C(1) << (group % 64);
}

#endif
