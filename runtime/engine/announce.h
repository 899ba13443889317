/* Events that the engine makes: `campaign_finished`, `bonus_wagered`, `points_expired` … spec: runtime.md#events-of-the-engine
 *
 * Such an event is a turn of the next generation for its player, like any other event of that player: metrics count it, waits and
 * starts are met by it. Except for the end of a journey (a note of its own) it also leaves as an effect, once, under an identity, so that
 * the platform learns of it: {"effect":"event", …}.
 * Which events there are: spec/roles.def. A workspace that does not declare one has none made.
 */
#ifndef PROMO_RUNTIME_ENGINE_ANNOUNCE_H
#define PROMO_RUNTIME_ENGINE_ANNOUNCE_H

#include "runtime/engine/fold.h"
#include "runtime/engine/roles.h"

/* Finds out who listens; to be called when programs are linked, after roles_link(). */
void announce_link(struct engine *engine);

/* A journey of this campaign ended as `reason`, within the turn that engine->turn points at. */
void announce_finished(struct engine *engine, struct player *player, const struct title *title, uint32_t journey,
                       struct text reason);

/* What happened. Texts are copied. */
struct announcement {
    enum role role; /* MADE */
    struct player *player;
    struct text about;     /* The name it is about; empty: about nothing. */
    const uint8_t *effect; /* 16 bytes: the effect that it is about; NULL: none. */
    struct text key;       /* What tells it from others of this role, about and effect; the instant does so anyway. */
    uint32_t known;        /* Bit n: the role's n-th field is given, a number or, for texts and words, in `text`. */
    int64_t value[ROLE_FIELDS_MOST]; /* Kept within the declared range. */
    struct text text[ROLE_FIELDS_MOST];
    uint32_t currency; /* Of all its money: CURRENCY of the newest program. */
};

/* Makes the event, within the turn that engine->turn points at: told to the platform, and a turn of the next generation. Nothing where the
 * program does not declare it. A field that is not given is absent if it is optional, otherwise zero (the nearest value in range) or empty. */
void announce(struct engine *engine, const struct announcement *announcement);
/* Whether anybody in the programs in use waits for this role's event or counts it. (The platform is told in any case.) */
bool announce_is_heard(const struct engine *engine, enum role role);

#endif
