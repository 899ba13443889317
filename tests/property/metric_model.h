/* What metrics are, said in the plainest way: every event is kept, and everything is counted anew at each look.
 *
 * Written from spec/runtime.md alone and without the engine's code; of the calendar it asks vm/zone.h and vm/civil.h. A mistake may be
 * planted, which the comparison (metrics_test.c) must see. Not a test itself.
 */
#ifndef TESTS_PROPERTY_METRIC_MODEL_H
#define TESTS_PROPERTY_METRIC_MODEL_H

#include "vm/program.h"
#include "vm/round.h"

enum { MODEL_PLAYERS = 6, MODEL_SPECS = 256, MODEL_EVENTS = 4096 };

/* A metric, as an author might have written it. */
struct model_spec {
    enum aggregate aggregate;
    enum metric_span span;
    enum window_kind rolling;
    int64_t window;
    enum grain grain;
    uint32_t kept;
    bool players_zone;
    uint32_t zone;
    bool reversible;
    bool filtered; /* Only where points is at least -900. */
    bool texts;    /* Of `game`, otherwise of `points`. */
    enum rounding rounding;
    int64_t low, high;
};

/* Mistakes to plant. */
enum model_mistake {
    MODEL_RIGHT,
    MODEL_CLOSED_WINDOW,   /* A window holds what happened exactly its length ago. */
    MODEL_GRAIN_FORGOTTEN, /* The old end is cut at the instant, not at the grain. */
    MODEL_VOID_TWICE,      /* A second reversal counts too. */
    MODEL_VOID_NOW,        /* A reversal counts when it comes, not when the original happened. */
    MODEL_ARRIVAL,         /* Events count when they come, not when they happened. */
    MODEL_DUPLICATES,      /* Nothing is recognised as a repetition. */
    MODEL_TOO_LATE,        /* Lateness has no limit. */
    MODEL_ZONE_NOW,        /* The day of an event follows the player to the next zone. */
    MODEL_SUNDAY,          /* Weeks begin on sunday. */
    MODEL_KEEPS_ALL,       /* `kept up to` is not heeded. */
    MODEL_OLDEST_KEPT,     /* What falls out is the newest. */
    MODEL_ROW_FROM_TODAY,  /* Days in a row need one today. */
    MODEL_MISTAKES
};

struct model_event {
    uint32_t player;
    char id[16];
    int64_t at, now;
    int64_t points;
    char game[24];
    bool voids;
    char original[16];
    int64_t original_at;
};

struct model;
struct model *model_open(const struct model_spec *specs, uint32_t count, int64_t lateness, enum model_mistake mistake);
void model_close(struct model *model);

void model_move(struct model *model, uint32_t player, uint32_t zone);
void model_event(struct model *model, const struct model_event *event);

struct model_value {
    bool known;
    int64_t value;
    char text[24];
};
struct model_value model_read(const struct model *model, uint32_t spec, uint32_t player, int64_t now);

#endif
