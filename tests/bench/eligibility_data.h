/*
 * The data of the eligibility workload: players and events, once as native structs and once as the banks of 8-byte slots that the
 * interpreter reads. Both say the same.
 */
#ifndef PROMO_TESTS_BENCH_ELIGIBILITY_DATA_H
#define PROMO_TESTS_BENCH_ELIGIBILITY_DATA_H

#include "compiler/compiler.h"

enum { ELIGIBILITY_PLAYERS = 100000, ELIGIBILITY_EVENTS = 1000000 };
#define ELIGIBILITY_NOW INT64_C(1782000000000) /* 2026-06-21 */

/* 64 bytes, as a C programmer would lay a player out. */
struct native_player {
    int64_t last_login;
    int64_t registered_at;
    uint32_t lifetime;
    uint16_t country;
    uint8_t vip_level;
    uint8_t casino_push;
    uint8_t known; /* bit 0: last_login, bit 1: registered_at */
    uint8_t reactivation;
    uint8_t bonus_abuse;
    uint8_t id_size;
    char id[12];
    uint8_t spare[24];
};
/* 40 bytes. */
struct native_event {
    int64_t at;
    int64_t amount;
    uint32_t player;
    uint32_t nth;
    uint32_t number;
    uint16_t type;
    uint16_t currency;
    uint64_t spare;
};

/* A player as the engine prepares it: slots, which are known, the bytes of texts; two cache lines. */
struct banked_player {
    int64_t slot[9];
    uint64_t known;
    uint8_t bytes[48];
};

struct eligibility {
    struct compiler_output output;
    struct program program;
    uint32_t deposit;      /* EVENT index */
    uint32_t player_slots; /* slots of a player */
    uint32_t event_slots;  /* slots of an event, here of a deposit */
    uint32_t slot_of_amount, slot_of_nth;
    struct native_player *players;
    struct native_event *events;
    struct banked_player *banked; /* the same players as the interpreter reads them */
    int64_t *event_slot;          /* ELIGIBILITY_EVENTS * event_slots */
    uint64_t *event_known;        /* one word an event */
};

/* Compiles the campaign and makes the data: every event passes (`full`), or about nine in a hundred. Exits where it can't. */
void eligibility_make(struct eligibility *out, const char *path, bool full, uint64_t seed);
void eligibility_release(struct eligibility *data);

#endif
