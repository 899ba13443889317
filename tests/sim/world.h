/* The platform around the system that is simulated: what players do, by a seed, and a wallet that pays.
 *
 * Lines are told late, twice, under an id that was another's; replies of the wallet get lost, come twice, late, or say no. The wallet keeps ids
 * and pays each once. Every line is remembered with what it means, so that auditor.c needs no decoder. Nothing here knows the engine.
 */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/buffer.h"

enum { WORLD_PLAYERS = 20, WORLD_CODES = 40, WORLD_LINES_MAX = 4096 };
/* Whether records of a player come after the erasure: another life of that id. */
#define WORLD_FORGOTTEN_COME_BACK true
#define WORLD_START               INT64_C(1780300800000) /* 2026-06-01T08:00:00Z, a Monday */
#define WORLD_DAY                 INT64_C(86400000)
#define WORLD_ZONE_MS             INT64_C(7200000) /* Malta in June */

enum world_what {
    WORLD_CONSENT, /* attributes: consents, age, VIP, test player */
    WORLD_REGISTRATION,
    WORLD_DEPOSIT,
    WORLD_DEPOSIT_REVERSED,
    WORLD_WITHDRAWAL,
    WORLD_SESSION,
    WORLD_BET,
    WORLD_CODE,
    WORLD_SPEND,
    WORLD_REVIEW,
    WORLD_CHECKOUT,
    WORLD_REFUND,
    WORLD_RACE,
    WORLD_EXPLORER,
    WORLD_EXCLUSION,
    WORLD_TIME_OUT,
    WORLD_ERASE,
    WORLD_REPLY,
    WORLD_TICK,
    WORLD_SUSPEND,
    WORLD_RESUME,
    WORLD_WHAT_COUNT
};

struct world_line {
    enum world_what what;
    char text[480];
    uint32_t size;
    char id[24], source[8];
    uint32_t player; /* WORLD_PLAYERS: none */
    int64_t at;
    int64_t amount;  /* minor units; SPEND: points */
    uint32_t number; /* CODE: which; CONSENT: bits of enum world_consent */
    char effect[33]; /* REPLY: of what */
    bool paid;       /* REPLY */
    bool reused;     /* an id that another line had: to be refused */
    bool late;       /* told long after it happened */
    int64_t until;   /* TIME_OUT */
};
enum world_consent { WORLD_EMAIL = 1, WORLD_PUSH = 2, WORLD_ADULT = 4, WORLD_VIP = 8, WORLD_TEST = 16 };

struct world_counts {
    uint64_t lines, twice, late, too_late, reused, same_instant, erased, excluded;
    uint64_t paid, refused, reply_lost, reply_twice, reply_late, seen_again;
};

struct world;

/* `codes`: WORLD_CODES texts that the pool of codes knows. `bug` plants a mistake of the platform's side: see sim.h. */
struct world *world_open(uint64_t seed, char (*codes)[24], struct world_counts *counts);
void world_close(struct world *world);

/* The next line to be told, by its number in world_line(). It may be one that was told before. Time goes on. */
uint32_t world_next(struct world *world);
/* A tick at the latest time of all, `days` on. */
uint32_t world_tick(struct world *world, int64_t days);
const struct world_line *world_line(const struct world *world, uint32_t number);
uint32_t world_lines(const struct world *world);
int64_t world_now(const struct world *world);

/* The wallet and the channels receive an effect's line. */
void world_receive(struct world *world, const char *line, uint32_t size);
/* What the wallet paid for this effect: 0 nothing, 1 paid, -1 refused. */
int world_paid(const struct world *world, const char *effect);
/* All replies that the wallet owes are due now and none is lost any more. True: there is one. */
bool world_owes(struct world *world);

#endif
