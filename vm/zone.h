/*
 * Time zones: rules as a table that is part of the program, made from tzdata when the program is built
 * (vm/zone_generate.c). At run time nothing is read from disk and no library is asked, so a fold gives the same result
 * on every machine that has the same table; zone_hash names it.
 *
 * The table covers 1996 to 2060; before and after, the nearest known offset holds.
 *
 * Two local times need a rule: one that a clock change skips becomes the first instant after the gap, and one that
 * comes twice is the first of the two.
 */
#ifndef VM_ZONE_H
#define VM_ZONE_H

#include "vm/civil.h"

/* How many zones there are; indices are 0 to count - 1. An index is stable only for one zone_hash: whatever outlives
 * the process (bundles, logs, checkpoints) keeps the name or the hash beside it. */
unsigned zone_count(void);

/* Index of the zone with exactly this name, or -1. */
int zone_find(struct text name);

/* Index of the zone whose name is nearest (a slip of the pen, or another case), or -1. For "did you mean". */
int zone_find_near(struct text name);

/* Index of "UTC". */
unsigned zone_utc(void);

/* Index of the zone with exactly this name, or of "UTC": for names in bundles of another machine, whose table may know more. */
unsigned zone_find_or_utc(struct text name);

/* Its name, NUL-ended; lives for ever. */
const char *zone_name(unsigned zone);

/* The entry that a name is an alias of, or itself. */
unsigned zone_canonical(unsigned zone);

/* "2026f": the release of tzdata that the table was made from. */
const char *zone_version(void);

/* 32 hexadecimal digits over names and rules of the whole table. */
const char *zone_hash(void);

/* Local clock minus UTC, in ms, at the instant. */
int64_t zone_offset_ms(unsigned zone, int64_t instant);

/* What the clock on the wall shows: local ms. */
int64_t zone_local_ms(unsigned zone, int64_t instant);

/* The first instant strictly after `instant` at which the offset is another one; INT64_MAX where none follows. */
int64_t zone_next_change(unsigned zone, int64_t instant);

/* The instant at which the local clock shows `local_ms`, with the two rules above. */
int64_t zone_to_instant(unsigned zone, int64_t local_ms);

/* What is special about a local time, for the lint of schedules. */
enum zone_local { ZONE_LOCAL_ONCE, ZONE_LOCAL_SKIPPED, ZONE_LOCAL_TWICE };
enum zone_local zone_local_kind(unsigned zone, int64_t local_ms);

/* The local date of an instant. */
int64_t zone_date(unsigned zone, int64_t instant);

/* The first instant of the local day that holds `instant`; the first instant of a local date. */
int64_t zone_day_start(unsigned zone, int64_t instant);
int64_t zone_date_start(unsigned zone, int64_t date);

/* Later by a calendar duration: months, then days on the local clock, then exact ms. With no months and no days the
 * instant moves by exactly `ms`. */
int64_t zone_add_calendar(unsigned zone, int64_t instant, int32_t months, int32_t days, int64_t ms);

/* The first instant strictly after `instant` at which the local clock shows `ms_of_day` (a skipped one counts at the end
 * of its gap). */
int64_t zone_next_time(unsigned zone, int64_t instant, int64_t ms_of_day);

/* The first instant strictly after `instant` that is `ms_of_day` on the given weekday. */
int64_t zone_next_weekday(unsigned zone, int64_t instant, enum civil_weekday weekday, int64_t ms_of_day);

#endif
