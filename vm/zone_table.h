/*
 * The layout of the generated zone table, shared by vm/zone_generate.c, which prints it, and vm/zone.c, the only reader.
 *
 *   zone_entries (sorted by name)          zone_transitions
 *   [ Europe/Warsaw | first, count ] ───►  [ at, offset | at, offset | ... ]   times rise within one zone
 *   [ Poland        | first, count ] ───►    (zones with equal rules share one run)
 */
#ifndef VM_ZONE_TABLE_H
#define VM_ZONE_TABLE_H

#include <stdint.h>

struct zone_entry {
    const char *name;
    uint32_t first;        /* index of its first transition */
    uint32_t count;        /* of its transitions */
    int32_t offset_before; /* seconds east of UTC before the first transition */
    uint32_t canonical;    /* index of the entry that this one is an alias of, or its own */
};

/* From `at` (seconds since 1970 UTC) on, the local clock is `offset` seconds east of UTC. */
struct zone_transition {
    int64_t at;
    int32_t offset;
};

extern const struct zone_entry zone_entries[];
extern const unsigned zone_entry_count;
extern const struct zone_transition zone_transitions[];
extern const char zone_table_version[];
extern const char zone_table_hash[];

#endif
