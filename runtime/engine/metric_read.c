/* What a metric says at an instant. See metric.h.
 *
 * Sums that roll are carried from read to read: what has left the window is taken off, and put on again where time went back (a catch-up
 * judges by a later time for a moment). Everything else is worked out anew after an event or when the window moved, and kept until then.
 */
#include "runtime/engine/metric.h"

#include <stdlib.h>
#include <string.h>

#include "vm/memory.h"
#include "vm/zone.h"

static bool inside(const struct metric_range *range, int64_t key)
{
    return key >= range->low && key <= range->high;
}

static int64_t clamp(const struct metric_rule *rule, int128 value)
{
    if (value < rule->metric->low) return rule->metric->low;
    if (value > rule->metric->high) return rule->metric->high;
    return (int64_t)value;
}

/* ---------------------------------------------------------------- sums */

static bool sums_events(const struct metric_rule *rule)
{
    uint32_t aggregate = rule->metric->aggregate;
    return rule->shape == METRIC_EVENTS &&
           (aggregate == AGGREGATE_COUNT_EVENTS || aggregate == AGGREGATE_SUM || aggregate == AGGREGATE_AVERAGE);
}

static int64_t key_at(const struct metric_state *state, bool events, uint32_t index)
{
    return events ? state->entry.event[index].key : state->entry.total[index].key;
}

static void move_sums(struct metric_state *state, bool events, uint32_t index, int sign)
{
    struct metric_cache *cache = state->cache;
    if (!events) {
        cache->count += sign * state->entry.total[index].count;
        cache->sum += sign * state->entry.total[index].sum;
    } else if (state->entry.event[index].taken == 0) {
        cache->count += sign;
        cache->sum += sign * (int128)state->entry.event[index].value;
    }
}

/* Moves the rolling sums to a window that begins with the key `low`. */
static void roll(struct metric_state *state, bool events, int64_t low)
{
    struct metric_cache *cache = state->cache;
    while (cache->first < state->count && key_at(state, events, cache->first) < low)
        move_sums(state, events, cache->first++, -1);
    while (cache->first > 0 && key_at(state, events, cache->first - 1) >= low)
        move_sums(state, events, --cache->first, 1);
    cache->low = low;
}

/* Sum and count of what the window holds, and when that changes. */
static void read_sums(struct metric_state *state, const struct metric_rule *rule, uint32_t zone, int64_t now,
                      int64_t *count, int128 *sum, int64_t *changes_at)
{
    struct metric_range range = metric_rule_range(rule, zone, now);
    bool events = sums_events(rule);
    *count = state->base_count;
    *sum = state->base_sum;
    if (state->count == 0) return;
    if (rule->metric->span == SPAN_ROLLING) {
        struct metric_cache *cache = state->cache;
        roll(state, events, range.low);
        *count += cache->count;
        *sum += cache->sum;
        if (cache->first == state->count) return;
        /* When the oldest leaves is worked out once for each oldest, whatever comes behind it. */
        int64_t oldest = key_at(state, events, cache->first);
        if (cache->value != oldest || cache->zone != zone || cache->until <= now) {
            cache->until = metric_rule_leaves(rule, zone, now, oldest);
            cache->value = oldest;
            cache->zone = zone;
        }
        *changes_at = cache->until;
        return;
    }
    for (uint32_t i = 0; i < state->count; i++) {
        const struct metric_total *total = &state->entry.total[i];
        if (total->key >= (rule->metric->span == SPAN_BEFORE ? range.high : range.low))
            *changes_at = metric_rule_turns(rule, zone, now);
        if (!inside(&range, total->key)) continue;
        *count += total->count;
        *sum += total->sum;
    }
}

static void judge_sums(struct metric_state *state, const struct metric_rule *rule, uint32_t zone, int64_t now,
                       struct metric_value *out)
{
    int64_t count = 0;
    int128 sum = 0;
    if (state != NULL) read_sums(state, rule, zone, now, &count, &sum, &out->changes_at);
    switch ((enum aggregate)rule->metric->aggregate) {
    case AGGREGATE_COUNT_EVENTS:
        out->known = true;
        out->value = clamp(rule, count);
        break;
    case AGGREGATE_SUM:
        out->known = true;
        out->value = clamp(rule, sum);
        break;
    default:
        out->known = count > 0;
        if (out->known) out->value = clamp(rule, round_div128(sum, count, (enum rounding)rule->metric->rounding));
        break;
    }
}

/* ---------------------------------------------------------------- days */

/* Days of a row: those up to the last one without a gap, where that is today or yesterday (or, after a journey to the west, tomorrow). */
static void judge_days(const struct metric_state *state, const struct metric_rule *rule, uint32_t zone, int64_t now,
                       struct metric_value *out)
{
    struct metric_range range = metric_rule_range(rule, zone, now);
    uint32_t span = rule->metric->span;
    int64_t days = 0, row = 0, last = INT64_MIN, today = zone_date(zone, now);
    for (uint32_t i = 0; state != NULL && i < state->count; i++) {
        const struct metric_total *total = &state->entry.total[i];
        if (total->count <= 0) continue;
        bool turns = span == SPAN_THIS || span == SPAN_PREVIOUS || span == SPAN_BEFORE;
        if (turns && total->key >= (span == SPAN_BEFORE ? range.high : range.low))
            out->changes_at = civil_earlier(out->changes_at, metric_rule_turns(rule, zone, now));
        if (!inside(&range, total->key)) continue;
        if (span == SPAN_ROLLING && days == 0)
            out->changes_at = civil_earlier(out->changes_at, metric_rule_leaves(rule, zone, now, total->key));
        days++;
        row = last != INT64_MIN && total->key == last + 1 ? row + 1 : 1;
        last = total->key;
    }
    out->known = true;
    out->value = clamp(rule, days);
    if (rule->metric->aggregate != AGGREGATE_DAYS_IN_A_ROW) return;
    if (days == 0 || last < today - 1) row = 0;
    if (row > 0) out->changes_at = civil_earlier(out->changes_at, zone_date_start(zone, last + 2));
    out->value = clamp(rule, row);
}

/* ---------------------------------------------------------------- values */

/* How many values came so often as is asked of each. */
static void judge_values(const struct metric_state *state, const struct metric_rule *rule, struct metric_value *out)
{
    int64_t values = 0;
    for (uint32_t i = 0; state != NULL && i < state->count; i++)
        values += state->entry.total[i].count >= rule->metric->window;
    out->known = true;
    out->value = clamp(rule, values);
}

/* ---------------------------------------------------------------- events */

static int compare_values(const struct metric_event *a, const struct metric_event *b)
{
    if (a->text == NULL || b->text == NULL) return a->value < b->value ? -1 : a->value > b->value;
    uint32_t common = a->text->size < b->text->size ? a->text->size : b->text->size;
    int order = common == 0 ? 0 : memcmp(a->text->at, b->text->at, common);
    if (order != 0) return order;
    return a->text->size < b->text->size ? -1 : a->text->size > b->text->size;
}

static int compare_times(const struct metric_event *a, const struct metric_event *b)
{
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

static int by_value(const void *left, const void *right)
{
    const struct metric_event *a = *(const struct metric_event *const *)left,
                              *b = *(const struct metric_event *const *)right;
    int order = compare_values(a, b);
    return order != 0 ? order : compare_times(a, b);
}

/* The values side by side: how many are different, and the last event of the one that comes most often. */
static bool judge_different(const struct metric_event **events, uint32_t count, int64_t *different,
                            const struct metric_event **favourite)
{
    qsort(events, count, sizeof *events, by_value);
    uint32_t most = 0;
    *different = 0;
    for (uint32_t first = 0, end; first < count; first = end) {
        end = first + 1;
        while (end < count && compare_values(events[first], events[end]) == 0) end++;
        const struct metric_event *last = events[end - 1];
        if (end - first > most || (end - first == most && compare_times(last, *favourite) > 0)) *favourite = last;
        if (end - first > most) most = end - first;
        ++*different;
    }
    return true;
}

/* Whether `a` is to be read rather than `b`. */
static bool is_better(const struct metric_rule *rule, const struct metric_event *a, const struct metric_event *b)
{
    switch ((enum aggregate)rule->metric->aggregate) {
    case AGGREGATE_SMALLEST: return a->value < b->value;
    case AGGREGATE_LARGEST: return a->value > b->value;
    case AGGREGATE_LAST:
    case AGGREGATE_LAST_TIME: return compare_times(a, b) > 0;
    default: return compare_times(a, b) < 0;
    }
}

static void say(const struct metric_rule *rule, const struct metric_event *event, struct metric_value *out)
{
    uint32_t aggregate = rule->metric->aggregate;
    out->known = true;
    if (aggregate == AGGREGATE_FIRST_TIME || aggregate == AGGREGATE_LAST_TIME) {
        out->value = clamp(rule, event->at);
    } else if (event->text != NULL) {
        out->text = text_make(event->text->at, event->text->size);
    } else {
        out->value = clamp(rule, event->value);
    }
}

static bool judge_events(const struct metric_state *state, const struct metric_rule *rule, uint32_t zone, int64_t now,
                         struct metric_value *out)
{
    uint32_t aggregate = rule->metric->aggregate, span = rule->metric->span, count = 0;
    bool compares = aggregate == AGGREGATE_DIFFERENT || aggregate == AGGREGATE_FAVOURITE;
    if (aggregate == AGGREGATE_DIFFERENT) out->known = true;
    if (state == NULL || state->count == 0) {
        out->value = out->known ? clamp(rule, 0) : 0;
        return true;
    }
    struct metric_range range = metric_rule_range(rule, zone, now);
    const struct metric_event **events = NULL, *best = NULL;
    if (compares) {
        events = memory_alloc_array(state->count, sizeof *events);
        if (events == NULL) return false;
    }
    int64_t oldest = INT64_MAX;
    for (uint32_t i = 0; i < state->count; i++) {
        const struct metric_event *event = &state->entry.event[i];
        if (event->taken != 0) continue;
        bool turns = span == SPAN_THIS || span == SPAN_PREVIOUS || span == SPAN_BEFORE || span == SPAN_INSTANCE;
        if (turns && event->key >= (span == SPAN_BEFORE ? range.high : range.low))
            out->changes_at = metric_rule_turns(rule, zone, now);
        if (!inside(&range, event->key)) continue;
        oldest = civil_earlier(oldest, event->key);
        if (events != NULL) {
            events[count++] = event;
        } else if (best == NULL || is_better(rule, event, best)) {
            best = event;
        }
    }
    if (span == SPAN_ROLLING && oldest != INT64_MAX) out->changes_at = metric_rule_leaves(rule, zone, now, oldest);
    if (events != NULL) {
        int64_t different = 0;
        (void)judge_different(events, count, &different, &best);
        memory_release(events);
        if (aggregate == AGGREGATE_DIFFERENT) {
            out->value = clamp(rule, different);
            return true;
        }
    }
    if (best != NULL) say(rule, best, out);
    return true;
}

/* ---------------------------------------------------------------- reading */

static bool is_sum(const struct metric_rule *rule)
{
    return rule->shape == METRIC_TOTALS || sums_events(rule);
}

/* Through the cache: what was worked out holds until an event comes or its time is up. */
static bool judge_kept(struct metric_state *state, const struct metric_rule *rule, uint32_t zone, int64_t now,
                       struct metric_value *out)
{
    /* Which instance is meant may change at once: at its settlement. */
    struct metric_cache *cache = state != NULL && rule->key != METRIC_KEY_INSTANCE ? state->cache : NULL;
    if (cache != NULL && cache->judged && cache->zone == zone && now >= cache->from && now < cache->until) {
        *out = (struct metric_value){cache->known, cache->value, cache->text, cache->until};
        return true;
    }
    if (rule->shape == METRIC_DAYS) {
        judge_days(state, rule, zone, now, out);
    } else if (rule->shape == METRIC_VALUES) {
        judge_values(state, rule, out);
    } else if (!judge_events(state, rule, zone, now, out)) {
        return false;
    }
    if (cache == NULL) return true;
    cache->judged = true;
    cache->zone = zone;
    cache->from = now;
    cache->until = out->changes_at;
    cache->known = out->known;
    cache->value = out->value;
    cache->text = out->text;
    return true;
}

bool metric_read(struct metric_state *state, const struct metric_rule *rule, uint32_t zone, int64_t now,
                 struct metric_value *out)
{
    *out = (struct metric_value){.text = TEXT(""), .changes_at = INT64_MAX};
    if (rule->shape == METRIC_NOTHING) return true;
    if (is_sum(rule)) {
        judge_sums(state, rule, zone, now, out);
        return true;
    }
    return judge_kept(state, rule, zone, now, out);
}
