/* See metric_model.h. */
#include "tests/property/metric_model.h"

#include <stdlib.h>
#include <string.h>

#include "vm/memory.h"
#include "vm/round.h"
#include "vm/zone.h"

/* What counts for one metric: an event, or one taken back. */
struct part {
    struct part *next;
    uint32_t player;
    int64_t at, date;
    int64_t points;
    char game[24];
    char id[16];
    int sign;
    bool waits; /* Kept events: taken back before it came. */
};

struct seen {
    struct seen *next;
    char id[20];
};

struct model {
    struct model_spec spec[MODEL_SPECS];
    uint32_t count;
    int64_t lateness;
    enum model_mistake mistake;
    uint32_t zone[MODEL_PLAYERS];
    struct part *part[MODEL_SPECS];
    struct seen *seen, *voided;
};

static bool of_sums(const struct model_spec *spec)
{
    return spec->aggregate == AGGREGATE_COUNT_EVENTS || spec->aggregate == AGGREGATE_SUM ||
           spec->aggregate == AGGREGATE_AVERAGE;
}

static bool of_days(const struct model_spec *spec)
{
    return spec->aggregate == AGGREGATE_DIFFERENT_DAYS || spec->aggregate == AGGREGATE_DAYS_IN_A_ROW;
}

/* Values are counted one by one: `window` says how often each must have come. */
static bool of_values(const struct model_spec *spec)
{
    return spec->aggregate == AGGREGATE_DIFFERENT_EACH;
}

/* Sums need no events but where the window is exact to them. */
static bool keeps_events(const struct model_spec *spec)
{
    if (spec->kept == 0 || of_days(spec) || of_values(spec)) return false;
    return !of_sums(spec) || (spec->span == SPAN_ROLLING && spec->grain == GRAIN_EVENT);
}

struct model *model_open(const struct model_spec *specs, uint32_t count, int64_t lateness, enum model_mistake mistake)
{
    struct model *model = memory_alloc(sizeof *model);
    memcpy(model->spec, specs, count * sizeof *specs);
    model->count = count;
    model->lateness = lateness;
    model->mistake = mistake;
    for (uint32_t i = 0; i < MODEL_PLAYERS; i++) model->zone[i] = (uint32_t)zone_find(TEXT("Europe/Malta"));
    return model;
}

static void forget(struct seen *seen)
{
    while (seen != NULL) {
        struct seen *next = seen->next;
        memory_release(seen);
        seen = next;
    }
}

void model_close(struct model *model)
{
    for (uint32_t i = 0; i < model->count; i++) {
        while (model->part[i] != NULL) {
            struct part *next = model->part[i]->next;
            memory_release(model->part[i]);
            model->part[i] = next;
        }
    }
    forget(model->seen);
    forget(model->voided);
    memory_release(model);
}

void model_move(struct model *model, uint32_t player, uint32_t zone)
{
    model->zone[player] = zone;
}

static bool note(struct seen **list, const char *id)
{
    for (const struct seen *seen = *list; seen != NULL; seen = seen->next) {
        if (strcmp(seen->id, id) == 0) return false;
    }
    struct seen *seen = memory_alloc(sizeof *seen);
    strcpy(seen->id, id);
    seen->next = *list;
    *list = seen;
    return true;
}

static uint32_t zone_of(const struct model *model, const struct model_spec *spec, uint32_t player)
{
    return spec->players_zone ? model->zone[player] : spec->zone;
}

/* ---------------------------------------------------------------- windows */

static int64_t modulo(int64_t a, int64_t b)
{
    return (a % b + b) % b;
}

/* The number of the day, week, month or year. */
static int64_t period(const struct model *model, enum grain grain, int64_t date)
{
    struct civil_date parts = civil_date_parts(date);
    int64_t shift = model->mistake == MODEL_SUNDAY ? 4 : 3; /* 1 January 1970 was a Thursday. */
    if (grain == GRAIN_WEEK) return (date + shift - modulo(date + shift, 7)) / 7;
    if (grain == GRAIN_MONTH) return parts.year * 12 + parts.month;
    return grain == GRAIN_YEAR ? parts.year : date;
}

static int64_t back(const struct model_spec *spec, uint32_t zone, int64_t now)
{
    return zone_add_calendar(zone, now, -calendar_months(spec->window), -calendar_days(spec->window),
                             -(int64_t)calendar_ms(spec->window));
}

/* Where the window begins. It never moves back, so what earlier instants reached counts too. */
static int64_t begin_of(const struct model_spec *spec, uint32_t zone, int64_t now)
{
    if (spec->rolling == WINDOW_EXACT) return now - spec->window;
    int64_t start = back(spec, zone, now);
    for (int64_t minute = 0; minute < 180; minute++) {
        int64_t before = now - modulo(now, CIVIL_MINUTE_MS) - minute * CIVIL_MINUTE_MS - 1;
        int64_t reached = back(spec, zone, before);
        if (reached > start) start = reached;
    }
    for (int64_t day = 0; day < 4; day++) {
        int64_t reached = back(spec, zone, zone_date_start(zone, zone_date(zone, now) - day) - 1);
        if (reached > start) start = reached;
    }
    return start;
}

static bool inside(const struct model *model, const struct model_spec *spec, const struct part *part, uint32_t zone,
                   int64_t now)
{
    int64_t date = part->date, today = zone_date(zone, now);
    if (model->mistake == MODEL_ZONE_NOW) date = zone_date(zone, part->at);
    if (spec->span == SPAN_EVER) return true;
    if (spec->span != SPAN_ROLLING) {
        int64_t then = period(model, spec->grain, date), current = period(model, spec->grain, today);
        if (spec->span == SPAN_THIS) return then == current;
        return spec->span == SPAN_PREVIOUS ? then == current - 1 : then < current;
    }
    int64_t start = begin_of(spec, zone, now);
    if (of_days(spec)) return date >= zone_date(zone, start);
    if (model->mistake == MODEL_GRAIN_FORGOTTEN) return part->at > start;
    switch (spec->grain) {
    case GRAIN_EVENT: return part->at > start - (model->mistake == MODEL_CLOSED_WINDOW);
    case GRAIN_MINUTE: return part->at >= start - modulo(start, CIVIL_MINUTE_MS);
    case GRAIN_HOUR: return part->at >= start - modulo(start, CIVIL_HOUR_MS);
    default: return date >= zone_date(zone, start);
    }
}

/* ---------------------------------------------------------------- events */

static void add_part(struct model *model, uint32_t spec, const struct part *part)
{
    struct part *added = memory_alloc(sizeof *added);
    *added = *part;
    added->next = model->part[spec];
    model->part[spec] = added;
}

static void drop_part(struct model *model, uint32_t spec, struct part *part)
{
    struct part **at = &model->part[spec];
    while (*at != part) at = &(*at)->next;
    *at = part->next;
    memory_release(part);
}

/* Whether `part` goes before `other` where there is no room. */
static bool goes_first(const struct model_spec *spec, const struct part *part, const struct part *other)
{
    bool whole = spec->span == SPAN_EVER || spec->span == SPAN_ENTRY;
    bool later = part->at > other->at;
    switch ((enum aggregate)spec->aggregate) {
    case AGGREGATE_FIRST:
    case AGGREGATE_FIRST_TIME: return whole || spec->span == SPAN_BEFORE ? later : !later;
    case AGGREGATE_SMALLEST:
    case AGGREGATE_LARGEST:
        if (!whole) return !later;
        if (part->waits != other->waits) return part->waits;
        if (part->waits) return !later;
        if (part->points == other->points) return later;
        return (part->points > other->points) == (spec->aggregate == AGGREGATE_SMALLEST);
    default: return !later;
    }
}

/* Of all that is kept for the player: how many, and the one that goes where there is no room (as a mistake, the newest). */
static struct part *leaving(struct model *model, uint32_t spec, uint32_t player, uint32_t *count)
{
    struct part *found = NULL;
    *count = 0;
    for (struct part *part = model->part[spec]; part != NULL; part = part->next) {
        if (part->player != player) continue;
        ++*count;
        if (found == NULL) {
            found = part;
        } else if (model->mistake == MODEL_OLDEST_KEPT ? part->at > found->at
                                                       : goes_first(&model->spec[spec], part, found)) {
            found = part;
        }
    }
    return found;
}

/* Whether no window can hold it from now on, two days allowed for between zones: then it takes no place of the `kept`. It matters where
 * players move, since a later event may then lie on an earlier date. */
static bool is_forgotten(const struct model *model, const struct model_spec *spec, const struct part *part, int64_t now)
{
    int64_t today = (now - modulo(now, CIVIL_DAY_MS)) / CIVIL_DAY_MS - 2;
    if (spec->span == SPAN_THIS) return period(model, spec->grain, part->date) < period(model, spec->grain, today);
    if (spec->span == SPAN_PREVIOUS)
        return period(model, spec->grain, part->date) < period(model, spec->grain, today) - 1;
    if (spec->span != SPAN_ROLLING || spec->grain != GRAIN_DAY) return false;
    int64_t start = now - spec->window;
    if (spec->rolling == WINDOW_CALENDAR)
        start = now - (calendar_months(spec->window) * 31 + calendar_days(spec->window) + 2) * CIVIL_DAY_MS -
                calendar_ms(spec->window);
    return part->date < (start - modulo(start, CIVIL_DAY_MS)) / CIVIL_DAY_MS - 2;
}

static void keep_event(struct model *model, uint32_t spec, const struct part *part, int64_t now)
{
    for (struct part *other = model->part[spec]; other != NULL;) {
        struct part *next = other->next;
        if (other->player == part->player && is_forgotten(model, &model->spec[spec], other, now))
            drop_part(model, spec, other);
        other = next;
    }
    if (is_forgotten(model, &model->spec[spec], part, now)) return;
    for (struct part *other = model->part[spec]; other != NULL; other = other->next) {
        if (other->player != part->player || strcmp(other->id, part->id) != 0 || other->at != part->at) continue;
        if (other->waits != (part->sign < 0)) drop_part(model, spec, other);
        return;
    }
    /* A reversal that tells the time less exactly is known by the id. */
    for (struct part *other = model->part[spec]; other != NULL && part->sign < 0; other = other->next) {
        if (other->player != part->player || strcmp(other->id, part->id) != 0 || other->waits) continue;
        drop_part(model, spec, other);
        return;
    }
    struct part come = *part;
    come.waits = part->sign < 0;
    add_part(model, spec, &come);
    uint32_t count = 0;
    struct part *last = leaving(model, spec, part->player, &count);
    if (count > model->spec[spec].kept && model->mistake != MODEL_KEEPS_ALL) drop_part(model, spec, last);
}

/* Dates are kept whole: the oldest goes with all that is on it. */
static void keep_day(struct model *model, uint32_t spec, const struct part *part)
{
    add_part(model, spec, part);
    uint32_t kept = model->spec[spec].kept;
    if (kept == 0 || model->mistake == MODEL_KEEPS_ALL) return;
    for (;;) {
        int64_t oldest = INT64_MAX, dates[MODEL_EVENTS];
        uint32_t count = 0;
        for (const struct part *at = model->part[spec]; at != NULL; at = at->next) {
            if (at->player != part->player) continue;
            bool known = false;
            int64_t sum = 0;
            for (const struct part *other = model->part[spec]; other != NULL; other = other->next)
                sum += other->player == at->player && other->date == at->date ? other->sign : 0;
            for (uint32_t i = 0; i < count; i++) known = known || dates[i] == at->date;
            if (known || sum == 0) continue;
            dates[count++] = at->date;
            if (at->date < oldest) oldest = at->date;
        }
        if (count <= kept) return;
        for (struct part *at = model->part[spec]; at != NULL;) {
            struct part *next = at->next;
            if (at->player == part->player && at->date == oldest) drop_part(model, spec, at);
            at = next;
        }
    }
}

static bool same_value(const struct model_spec *spec, const struct part *a, const struct part *b)
{
    return spec->texts ? strcmp(a->game, b->game) == 0 : a->points == b->points;
}

/* How often the part's value came, less what was taken back. */
static int64_t tally(const struct model *model, uint32_t spec, const struct part *part)
{
    int64_t sum = 0;
    for (const struct part *other = model->part[spec]; other != NULL; other = other->next) {
        if (other->player == part->player && same_value(&model->spec[spec], part, other)) sum += other->sign;
    }
    return sum;
}

/* How many values have a tally of `each` or more; each = 0: any tally but none. */
static int64_t count_values(const struct model *model, uint32_t spec, uint32_t player, int64_t each)
{
    int64_t count = 0;
    for (const struct part *part = model->part[spec]; part != NULL; part = part->next) {
        bool first = true;
        for (const struct part *other = part->next; other != NULL; other = other->next)
            first = first && (other->player != player || !same_value(&model->spec[spec], part, other));
        if (part->player != player || !first) continue;
        int64_t came = tally(model, spec, part);
        count += each == 0 ? came != 0 : came >= each;
    }
    return count;
}

/* A new value beyond those that are kept has no place. */
static void keep_value(struct model *model, uint32_t spec, const struct part *part)
{
    bool full = count_values(model, spec, part->player, 0) >= model->spec[spec].kept;
    if (full && tally(model, spec, part) == 0 && model->mistake != MODEL_KEEPS_ALL) return;
    add_part(model, spec, part);
}

void model_event(struct model *model, const struct model_event *event)
{
    if (model->mistake != MODEL_TOO_LATE && event->at < event->now - model->lateness) return;
    if (!note(&model->seen, event->id) && model->mistake != MODEL_DUPLICATES) return;
    int64_t at = event->at > event->now ? event->now : event->at;
    if (event->voids) {
        bool first = note(&model->voided, event->original);
        if (!first && model->mistake != MODEL_VOID_TWICE) return;
        int64_t own = at;
        at = event->original_at > event->now ? event->now : event->original_at;
        if (model->mistake == MODEL_VOID_NOW) at = own;
    }
    if (model->mistake == MODEL_ARRIVAL) at = event->now;
    for (uint32_t i = 0; i < model->count; i++) {
        const struct model_spec *spec = &model->spec[i];
        if (event->voids && !spec->reversible) continue;
        if (spec->filtered && event->points < -900) continue;
        uint32_t zone = zone_of(model, spec, event->player);
        struct part part = {.player = event->player,
                            .at = at,
                            .date = zone_date(zone, at),
                            .points = event->points,
                            .sign = event->voids ? -1 : 1};
        strcpy(part.game, event->game);
        strcpy(part.id, event->voids ? event->original : event->id);
        if (keeps_events(spec)) {
            keep_event(model, i, &part, event->now);
        } else if (of_days(spec)) {
            keep_day(model, i, &part);
        } else if (of_values(spec)) {
            keep_value(model, i, &part);
        } else {
            add_part(model, i, &part);
        }
    }
}

/* ---------------------------------------------------------------- reading */

static int64_t clamp(const struct model_spec *spec, int64_t value)
{
    return value < spec->low ? spec->low : value > spec->high ? spec->high : value;
}

static int64_t average(int64_t sum, int64_t count, enum rounding rounding)
{
    int64_t size = sum < 0 ? -sum : sum, quotient = size / count, rest = size % count;
    if (rounding == ROUNDING_UP && rest > 0) quotient++;
    if (rounding == ROUNDING_HALF_UP && 2 * rest >= count) quotient++;
    return sum < 0 ? -quotient : quotient;
}

/* Days with something on them, counted one by one; days in a row up to the last of them. */
static int64_t count_days(const struct model *model, const struct model_spec *spec, const struct part *parts,
                          uint32_t player, uint32_t zone, int64_t now)
{
    int64_t days = 0, last = INT64_MIN, today = zone_date(zone, now), row = 0;
    for (int64_t pass = 0; pass < 2; pass++) {
        for (int64_t date = today - 1100; date <= today + 2; date++) {
            int64_t sum = 0;
            for (const struct part *part = parts; part != NULL; part = part->next) {
                if (part->player == player && part->date == date && inside(model, spec, part, zone, now))
                    sum += part->sign;
            }
            if (pass == 0 && sum > 0) {
                days++;
                last = date;
            } else if (pass == 1) {
                row = sum > 0 ? row + 1 : 0;
                if (date == last) break;
            }
        }
        if (spec->aggregate == AGGREGATE_DIFFERENT_DAYS) return days;
    }
    int64_t needed = model->mistake == MODEL_ROW_FROM_TODAY ? today : today - 1;
    return last >= needed ? row : 0;
}

struct model_value model_read(const struct model *model, uint32_t index, uint32_t player, int64_t now)
{
    const struct model_spec *spec = &model->spec[index];
    uint32_t zone = zone_of(model, spec, player);
    struct model_value out = {.known = true};
    if (of_days(spec)) {
        out.value = clamp(spec, count_days(model, spec, model->part[index], player, zone, now));
        return out;
    }
    if (of_values(spec)) {
        out.value = clamp(spec, count_values(model, index, player, spec->window));
        return out;
    }
    int64_t count = 0, sum = 0, different = 0, most = 0;
    const struct part *chosen = NULL;
    for (const struct part *part = model->part[index]; part != NULL; part = part->next) {
        if (part->player != player || part->waits || !inside(model, spec, part, zone, now)) continue;
        count += part->sign;
        sum += part->sign * part->points;
        int64_t alike = 0;
        bool first = true;
        const struct part *last = part;
        for (const struct part *other = model->part[index]; other != NULL; other = other->next) {
            if (other->player != player || other->waits || !same_value(spec, part, other)) continue;
            if (!inside(model, spec, other, zone, now)) continue;
            alike++;
            if (other->at < part->at) first = false;
            if (other->at > last->at) last = other;
        }
        different += first;
        bool better = chosen == NULL;
        switch (spec->aggregate) {
        case AGGREGATE_SMALLEST: better = better || part->points < chosen->points; break;
        case AGGREGATE_LARGEST: better = better || part->points > chosen->points; break;
        case AGGREGATE_FIRST:
        case AGGREGATE_FIRST_TIME: better = better || part->at < chosen->at; break;
        case AGGREGATE_LAST:
        case AGGREGATE_LAST_TIME: better = better || part->at > chosen->at; break;
        case AGGREGATE_FAVOURITE:
            better = better || alike > most || (alike == most && last->at > chosen->at);
            if (better) most = alike;
            break;
        default: break;
        }
        if (better) chosen = spec->aggregate == AGGREGATE_FAVOURITE ? last : part;
    }
    switch (spec->aggregate) {
    case AGGREGATE_COUNT_EVENTS: out.value = clamp(spec, count); return out;
    case AGGREGATE_SUM: out.value = clamp(spec, sum); return out;
    case AGGREGATE_DIFFERENT: out.value = clamp(spec, different); return out;
    case AGGREGATE_AVERAGE:
        out.known = count > 0;
        out.value = out.known ? clamp(spec, average(sum, count, spec->rounding)) : 0;
        return out;
    default: break;
    }
    out.known = chosen != NULL;
    if (!out.known) return out;
    bool time = spec->aggregate == AGGREGATE_FIRST_TIME || spec->aggregate == AGGREGATE_LAST_TIME;
    if (spec->texts && !time) {
        strcpy(out.text, chosen->game);
    } else {
        out.value = clamp(spec, time ? chosen->at : chosen->points);
    }
    return out;
}
