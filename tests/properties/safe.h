/* What protects players, judged from lines and effects alone: P7 (nothing after an exclusion), P8 (no marketing without consent).
 *
 * It keeps by itself who is excluded until when and who agreed to what, from the records as they are folded, and looks at each effect that leaves. It knows the standard
 * library's names of attributes and nothing of gates.
 */
#ifndef TESTS_PROPERTIES_SAFE_H
#define TESTS_PROPERTIES_SAFE_H

#include "tests/properties/story.h"

struct safe;
struct safe *safe_open(const struct program *program, bool planted);
void safe_close(struct safe *safe);
/* To be put into the hooks of a telling, with `safe` as their context. */
void safe_record(void *context, struct telling *telling, const struct record *record);
void safe_effect(void *context, const struct engine_effect *effect);

struct safe_figures {
    uint64_t exclusions;   /* were folded */
    uint64_t others;       /* times that another player of the person was covered */
    uint64_t after;        /* effects that were looked at while their player was excluded: none may be */
    uint64_t marketing;    /* messages that were judged */
    uint64_t late_effects; /* decided between the time of an exclusion and its coming */
};
struct safe_figures safe_figures(const struct safe *safe);
/* What was broken first, or NULL. */
const char *safe_fault(const struct safe *safe, bool consent);

#endif
