/* Which events of the active program the engine makes, answers or hears, and where their fields lie. spec: roles.def, runtime.md#events-of-the-engine
 *
 * A role is an event known by its name. Making one: announce.h; answering one: answers.h; hearing: parts.h.
 */
#ifndef PROMO_RUNTIME_ENGINE_ROLES_H
#define PROMO_RUNTIME_ENGINE_ROLES_H

#include "runtime/engine/state.h"

enum role {
    ROLE_NONE,
#define ROLE(number, NAME, event, direction, sentence) ROLE_##NAME = number,
#include "spec/roles.def"
    ROLE_COUNT = 128 /* room for every number, in whichever order they stand */
};
enum role_direction { ROLE_MADE, ROLE_ASKED, ROLE_HEARD };

/* The fields of a role by number: ROLE_FIELD_NAME_n is not needed, the numbers stand in roles.def. */
#define ROLE_FIELDS_MOST 8u

struct role_event {
    uint32_t event;                  /* EVENT of the newest program; PROGRAM_NONE: it does not declare it. */
    uint32_t slot[ROLE_FIELDS_MOST]; /* Of the role's fields; PROGRAM_NONE: the event lacks it. */
};

/* Finds the roles in the newest program; to be called when programs are linked. False when memory is out. */
MUST_CHECK bool roles_link(struct engine *engine);
/* The event of a role. */
const struct role_event *roles_find(const struct engine *engine, enum role role);
/* The role of an event of the newest program; ROLE_NONE. */
enum role roles_of(const struct engine *engine, uint32_t event);
enum role_direction roles_direction(enum role role);

/* A field of an event in a role. `out` stays as it is and the result is false where it was not given (or the event lacks the field).
 * The text borrows from the event. */
bool roles_number(const struct engine *engine, enum role role, uint32_t field, const struct kept_event *event,
                  int64_t *out);
bool roles_text(const struct engine *engine, enum role role, uint32_t field, const struct kept_event *event,
                struct text *out);
/* The currency of a money field (an index of the program). */
bool roles_currency(const struct engine *engine, enum role role, uint32_t field, const struct kept_event *event,
                    uint32_t *out);
/* The word of a field that is one of several. */
bool roles_word(const struct engine *engine, enum role role, uint32_t field, const struct kept_event *event,
                struct text *out);
/* The name an event is about, and the effect (16 bytes); false: none. */
bool roles_about(const struct kept_event *event, struct text *name_out);
bool roles_about_effect(const struct kept_event *event, uint8_t id_out[16]);
/* When it happened. */
int64_t roles_time(const struct kept_event *event);
/* A hash of its source and id that tells it from others, as metrics keep it. */
struct text roles_id(const struct kept_event *event);

#endif
