/* How the values of one program are found in another: by the names of attributes, events, fields and words.
 *
 * A map is made once, when a program is activated, and then moves values by number. It knows nothing of players or journeys:
 * programs.h says which maps there are. Pure functions; a finished map may be read by any number of threads.
 */
#ifndef PROMO_RUNTIME_ENGINE_VALUE_MAP_H
#define PROMO_RUNTIME_ENGINE_VALUE_MAP_H

#include "vm/arena.h"
#include "vm/program.h"

#define VALUE_MAP_GONE    UINT32_C(0xFFFFFFFF)
#define VALUE_MAP_NO_WORD UINT16_C(0xFFFF)

/* How a value of one program is found in another: by name. */
struct value_map {
    uint32_t from; /* Slot there, or VALUE_MAP_GONE. */
    bool set, enumerated, text;
    bool optional;
    uint32_t word_count;
    const uint16_t *word; /* ENUM, SET, currency: ordinal there to ordinal here, VALUE_MAP_NO_WORD; NULL: the same. */
    int64_t low, high;    /* Range here; TEXT: largest size in `high`. */
};

/* By player slot of `to`: where the value lies in `from`, VALUE_MAP_GONE where no attribute of that name and type is there. In the
 * arena; NULL when its memory is out. */
struct value_map *value_map_players(struct arena *arena, const struct program *from, const struct program *to);

/* The same by slot of `to`'s event `to_event`, for values of `from`'s event `from_event`. */
struct value_map *value_map_event(struct arena *arena, const struct program *from, uint32_t from_event,
                                  const struct program *to, uint32_t to_event);

/* One value through its map, which is not VALUE_MAP_GONE. False, and *out as it was, where it has no counterpart: a word that is gone, a
 * number or a text beyond the new range. Of a set those words stay that are still there. */
bool value_map_apply(const struct value_map *map, int64_t value, int64_t *out);

#endif
