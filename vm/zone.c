/*
 * Looking up and adding in local time over the generated table (build/gen/vm/zone_data.c). Contract: vm/zone.h.
 */
#include "vm/zone.h"

#include "vm/zone_table.h"

/* No offset is larger; looking this far around a local time meets every candidate. */
#define OFFSET_MS_MAX (26 * CIVIL_HOUR_MS)

unsigned zone_count(void)
{
    return zone_entry_count;
}

int zone_find(struct text name)
{
    unsigned low = 0;
    unsigned high = zone_entry_count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        int order = text_compare(name, text_of(zone_entries[middle].name));
        if (order == 0) return (int)middle;
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return -1;
}

/* "Warsaw" and "europe/warsow" both mean Europe/Warsaw: the whole name or its last part may be nearly right. */
int zone_find_near(struct text name)
{
    uint32_t limit = text_distance_limit(name);
    uint32_t nearest = limit + 1;
    int found = -1;
    for (unsigned zone = 0; zone < zone_entry_count; zone++) {
        struct text whole = text_of(zone_entries[zone].name);
        uint32_t city = 0;
        for (uint32_t slash = text_find(whole, '/', 0); slash < whole.size; slash = text_find(whole, '/', slash + 1)) {
            city = slash + 1;
        }
        uint32_t distance = text_distance(name, whole, limit);
        uint32_t city_distance = text_distance(name, text_slice(whole, city, whole.size), limit);
        if (city_distance < distance) distance = city_distance;
        if (distance < nearest) {
            nearest = distance;
            found = (int)zone;
        }
    }
    return found;
}

unsigned zone_utc(void)
{
    int zone = zone_find(TEXT("UTC"));
    INVARIANT(zone >= 0);
    return (unsigned)zone;
}

unsigned zone_find_or_utc(struct text name)
{
    int zone = zone_find(name);
    return zone < 0 ? zone_utc() : (unsigned)zone;
}

static const struct zone_entry *entry_of(unsigned zone)
{
    INVARIANT(zone < zone_entry_count);
    return &zone_entries[zone];
}

const char *zone_name(unsigned zone)
{
    return entry_of(zone)->name;
}

unsigned zone_canonical(unsigned zone)
{
    return entry_of(zone)->canonical;
}

const char *zone_version(void)
{
    return zone_table_version;
}

const char *zone_hash(void)
{
    return zone_table_hash;
}

/* How many transitions of the zone lie at or before the instant: 0 is the time before the first. */
static uint32_t span_of(const struct zone_entry *entry, int64_t instant)
{
    const struct zone_transition *transitions = zone_transitions + entry->first;
    uint32_t low = 0;
    uint32_t high = entry->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (transitions[middle].at * CIVIL_SECOND_MS <= instant) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The offset in ms that holds in that span. */
static int64_t span_offset(const struct zone_entry *entry, uint32_t span)
{
    int32_t seconds = span == 0 ? entry->offset_before : zone_transitions[entry->first + span - 1].offset;
    return seconds * CIVIL_SECOND_MS;
}

/* First instant of the span; span is not 0. */
static int64_t span_start(const struct zone_entry *entry, uint32_t span)
{
    return zone_transitions[entry->first + span - 1].at * CIVIL_SECOND_MS;
}

int64_t zone_offset_ms(unsigned zone, int64_t instant)
{
    const struct zone_entry *entry = entry_of(zone);
    return span_offset(entry, span_of(entry, instant));
}

int64_t zone_next_change(unsigned zone, int64_t instant)
{
    const struct zone_entry *entry = entry_of(zone);
    uint32_t span = span_of(entry, instant);
    return span == entry->count ? INT64_MAX : span_start(entry, span + 1);
}

int64_t zone_local_ms(unsigned zone, int64_t instant)
{
    return instant + zone_offset_ms(zone, instant);
}

/* Walks the spans around a local time in order. The first span whose clock shows it has the first such instant; if a span
 * begins with its clock already beyond it, the time was skipped, and that beginning is the first instant after the gap. */
static int64_t find_instant(const struct zone_entry *entry, int64_t local_ms, enum zone_local *kind_out)
{
    uint32_t span = span_of(entry, local_ms - OFFSET_MS_MAX);
    for (;; span++) {
        int64_t instant = local_ms - span_offset(entry, span);
        if (span > 0 && instant < span_start(entry, span)) {
            *kind_out = ZONE_LOCAL_SKIPPED;
            return span_start(entry, span);
        }
        if (span == entry->count || instant < span_start(entry, span + 1)) {
            bool again = span < entry->count && local_ms - span_offset(entry, span + 1) >= span_start(entry, span + 1);
            *kind_out = again ? ZONE_LOCAL_TWICE : ZONE_LOCAL_ONCE;
            return instant;
        }
    }
}

int64_t zone_to_instant(unsigned zone, int64_t local_ms)
{
    enum zone_local kind;
    return find_instant(entry_of(zone), local_ms, &kind);
}

enum zone_local zone_local_kind(unsigned zone, int64_t local_ms)
{
    enum zone_local kind;
    (void)find_instant(entry_of(zone), local_ms, &kind);
    return kind;
}

int64_t zone_date(unsigned zone, int64_t instant)
{
    return civil_date_of_instant(zone_local_ms(zone, instant));
}

int64_t zone_date_start(unsigned zone, int64_t date)
{
    return zone_to_instant(zone, date * CIVIL_DAY_MS);
}

int64_t zone_day_start(unsigned zone, int64_t instant)
{
    return zone_date_start(zone, zone_date(zone, instant));
}

int64_t zone_add_calendar(unsigned zone, int64_t instant, int32_t months, int32_t days, int64_t ms)
{
    if (months != 0 || days != 0) {
        int64_t local = zone_local_ms(zone, instant);
        int64_t date = civil_add_months(civil_date_of_instant(local), months) + days;
        instant = zone_to_instant(zone, date * CIVIL_DAY_MS + civil_ms_of_day(local));
    }
    return instant + ms;
}

int64_t zone_next_time(unsigned zone, int64_t instant, int64_t ms_of_day)
{
    int64_t date = zone_date(zone, instant);
    for (;; date++) {
        int64_t next = zone_to_instant(zone, date * CIVIL_DAY_MS + ms_of_day);
        if (next > instant) return next;
    }
}

int64_t zone_next_weekday(unsigned zone, int64_t instant, enum civil_weekday weekday, int64_t ms_of_day)
{
    int64_t date = zone_date(zone, instant);
    while (civil_weekday(date) != weekday) date++;
    for (;; date += 7) {
        int64_t next = zone_to_instant(zone, date * CIVIL_DAY_MS + ms_of_day);
        if (next > instant) return next;
    }
}
