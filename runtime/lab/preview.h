/*
 * preview: the values that a message is shown with before it is sent: those of its latest sending to a player, what is known of the
 * player, or samples of the right type.
 */
#ifndef PROMO_RUNTIME_LAB_PREVIEW_H
#define PROMO_RUNTIME_LAB_PREVIEW_H

#include "runtime/channels/render.h"
#include "runtime/engine/engine.h"
#include "vm/arena.h"

enum { PREVIEW_VALUES_MAX = 128 };

struct preview {
    struct arena *arena; /* owns what the texts hold */
    const struct program *program;
    struct text message;
    struct text player, brand; /* whose sending is watched for; empty: nobody's */
    struct text campaign;      /* that sends it; empty: none does */
    struct render_value values[PREVIEW_VALUES_MAX];
    uint32_t count;
    uint8_t effect[16]; /* the id of the latest sending, or one for show */
    bool was_sent;
};

/* A sink for a fold: keeps the values of the latest sending of the message to the player. */
struct engine_sink preview_sink(struct preview *preview);

/* Sets a value, in place of one of that name. False: there are too many. */
bool preview_set(struct preview *preview, struct text name, struct text value);

/* Fills in every hole of the message that has no value yet: from the player's state (`engine` may be NULL), else with a sample. Finds
 * the campaign that sends it. */
void preview_fill(struct preview *preview, struct engine *engine);

#endif
