/* Keeping events, sums and days. See metric.h; reading is metric_read.c. */
#include "runtime/engine/metric.h"

#include <string.h>

#include "vm/split.h"

static bool of_events(const struct metric_rule *rule)
{
    return rule->shape == METRIC_EVENTS || rule->shape == METRIC_BEST;
}

static size_t entry_size(const struct metric_rule *rule)
{
    return of_events(rule) ? sizeof(struct metric_event) : sizeof(struct metric_total);
}

/* ---------------------------------------------------------------- memory */

struct metric_text *metric_keep_text(struct slab *slab, struct text text)
{
    struct metric_text *kept = slab_alloc(slab, sizeof *kept + text.size);
    if (kept == NULL) return NULL;
    kept->size = text.size;
    if (text.size > 0) memcpy(kept->at, text.at, text.size);
    return kept;
}

static void drop_text(struct slab *slab, struct metric_event *event)
{
    if (event->text != NULL) slab_free(slab, event->text, sizeof *event->text + event->text->size);
    event->text = NULL;
}

/* Entries leave at the front and come at the back: the block begins `skipped` entries before the first. */
static void *block_of(const struct metric_state *state, const struct metric_rule *rule)
{
    if (state->entry.total == NULL) return NULL;
    return of_events(rule) ? (void *)(state->entry.event - state->skipped)
                           : (void *)(state->entry.total - state->skipped);
}

static void set_entries(struct metric_state *state, const struct metric_rule *rule, void *entries)
{
    if (of_events(rule)) {
        state->entry.event = entries;
    } else {
        state->entry.total = entries;
    }
}

static void skip_entries(struct metric_state *state, const struct metric_rule *rule, uint32_t count)
{
    set_entries(state, rule,
                of_events(rule) ? (void *)(state->entry.event + count) : (void *)(state->entry.total + count));
    state->skipped += count;
    state->capacity -= count;
    state->count -= count;
}

bool metric_reserve(struct metric_state *state, const struct metric_rule *rule, struct slab *slab, uint32_t more)
{
    if (state->cache == NULL) {
        state->cache = slab_alloc(slab, sizeof *state->cache);
        if (state->cache == NULL) return false;
        state->cache->low = INT64_MAX; /* Nothing is in the sums yet. */
    }
    if (state->capacity - state->count >= more) return true;
    size_t size = entry_size(rule);
    void *block = block_of(state, rule);
    void *old = of_events(rule) ? (void *)state->entry.event : (void *)state->entry.total;
    if (state->skipped >= more && state->skipped >= state->count) {
        /* Moved no more often than so many have left. */
        if (state->count > 0) memmove(block, old, state->count * size);
        set_entries(state, rule, block);
        state->capacity += state->skipped;
        state->skipped = 0;
        return true;
    }
    uint32_t capacity = state->count < 2 ? 2 : state->count * 2;
    while (capacity - state->count < more) capacity *= 2;
    void *grown = slab_alloc(slab, capacity * size);
    if (grown == NULL) return false;
    if (state->count > 0) memcpy(grown, old, state->count * size);
    slab_free(slab, block, (state->capacity + state->skipped) * size);
    set_entries(state, rule, grown);
    state->capacity = capacity;
    state->skipped = 0;
    return true;
}

void metric_release(struct metric_state *state, const struct metric_rule *rule, struct slab *slab)
{
    for (uint32_t i = 0; of_events(rule) && i < state->count; i++) drop_text(slab, &state->entry.event[i]);
    slab_free(slab, block_of(state, rule), (state->capacity + state->skipped) * entry_size(rule));
    slab_free(slab, state->cache, sizeof *state->cache);
    state->entry.total = NULL;
    state->cache = NULL;
    state->count = state->capacity = state->skipped = 0;
}

bool metric_copy(struct metric_state *to, const struct metric_state *from, const struct metric_rule *rule,
                 struct slab *slab)
{
    *to = (struct metric_state){
        .number = to->number, .base_count = from->base_count, .base_sum = from->base_sum, .fallen = from->fallen};
    if (from->count == 0) return true;
    if (!metric_reserve(to, rule, slab, from->count)) return false;
    if (!of_events(rule)) {
        memcpy(to->entry.total, from->entry.total, from->count * entry_size(rule));
        to->count = to->cache->first = from->count;
        return true;
    }
    for (; to->count < from->count; to->count++) {
        struct metric_event *event = &to->entry.event[to->count];
        *event = from->entry.event[to->count];
        if (event->text == NULL) continue;
        event->text = metric_keep_text(slab, text_make(event->text->at, event->text->size));
        if (event->text == NULL) return false;
    }
    to->cache->first = to->count;
    return true;
}

/* ---------------------------------------------------------------- totals and days */

/* The first entry whose key is not below `key`. */
static uint32_t place_of_key(const struct metric_state *state, int64_t key)
{
    uint32_t low = 0, high = state->count;
    if (high > 0 && state->entry.total[high - 1].key < key) return high; /* as mostly */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (state->entry.total[middle].key < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void drop_totals(struct metric_state *state, const struct metric_rule *rule, uint32_t first, uint32_t count)
{
    struct metric_cache *cache = state->cache;
    for (uint32_t i = first; i < first + count; i++) {
        if (i < cache->first) continue;
        cache->count -= state->entry.total[i].count;
        cache->sum -= state->entry.total[i].sum;
    }
    if (first < cache->first) cache->first = cache->first - first < count ? first : cache->first - count;
    if (first == 0) {
        skip_entries(state, rule, count);
        return;
    }
    memmove(&state->entry.total[first], &state->entry.total[first + count],
            (state->count - first - count) * sizeof *state->entry.total);
    state->count -= count;
}

static bool is_before(const struct metric_rule *rule)
{
    return rule->metric->span == SPAN_BEFORE && rule->shape == METRIC_TOTALS;
}

static void trim_totals(struct metric_state *state, const struct metric_rule *rule, int64_t now)
{
    int64_t oldest = metric_rule_oldest(rule, now);
    if (rule->shape == METRIC_DAYS && rule->metric->span == SPAN_BEFORE) return;
    uint32_t gone = 0;
    while (gone < state->count && state->entry.total[gone].key < oldest) {
        if (is_before(rule)) {
            state->base_count += state->entry.total[gone].count;
            state->base_sum += state->entry.total[gone].sum;
        }
        gone++;
    }
    if (gone > 0) drop_totals(state, rule, 0, gone);
}

static bool add_total(struct metric_state *state, const struct metric_rule *rule, struct slab *slab,
                      const struct metric_item *item, int64_t count, uint32_t zone, int64_t now, bool *full)
{
    int128 sum = rule->shape == METRIC_TOTALS ? (int128)item->value * count : 0;
    if (rule->key == METRIC_KEY_ALL) {
        state->base_count += count;
        state->base_sum += sum;
        return true;
    }
    if (state->count > 0) trim_totals(state, rule, now);
    bool days_before = rule->shape == METRIC_DAYS && rule->metric->span == SPAN_BEFORE;
    if (!days_before && item->key < metric_rule_oldest(rule, now)) {
        if (is_before(rule)) {
            state->base_count += count;
            state->base_sum += sum;
        }
        return true;
    }
    uint32_t place = place_of_key(state, item->key);
    if (place == state->count || state->entry.total[place].key != item->key) {
        if (rule->shape == METRIC_VALUES && state->count >= rule->kept) {
            /* Those that are there stay; what comes is not counted, nor taken back. */
            *full = count > 0;
            state->fallen += count > 0;
            return true;
        }
        if (rule->shape == METRIC_DAYS && state->count >= rule->kept) {
            /* The oldest date goes, be it the one that comes. */
            struct metric_range range = metric_rule_range(rule, zone, now);
            int64_t leaving = place == 0 ? item->key : state->entry.total[0].key;
            bool counted = place == 0 ? count > 0 : state->entry.total[0].count > 0;
            if (counted && leaving >= range.low && leaving <= range.high) *full = true;
            if (counted) state->fallen++;
            if (place == 0) return true;
            drop_totals(state, rule, 0, 1);
            place--;
        }
        if (!metric_reserve(state, rule, slab, 1)) return false;
        memmove(&state->entry.total[place + 1], &state->entry.total[place],
                (state->count - place) * sizeof *state->entry.total);
        state->entry.total[place] = (struct metric_total){.key = item->key};
        state->count++;
        if (item->key < state->cache->low && place <= state->cache->first) state->cache->first++;
    }
    struct metric_total *total = &state->entry.total[place];
    total->count += count;
    total->sum += sum;
    if (item->key >= state->cache->low) {
        state->cache->count += count;
        state->cache->sum += sum;
    }
    state->cache->judged = false;
    if (total->count == 0 && total->sum == 0) drop_totals(state, rule, place, 1);
    return true;
}

/* ---------------------------------------------------------------- events */

static int compare_events(int64_t at, uint64_t id, const struct metric_event *event)
{
    if (at != event->at) return at < event->at ? -1 : 1;
    return id < event->id ? -1 : id > event->id;
}

/* The first entry that is not before (at, id). */
static uint32_t place_of_event(const struct metric_state *state, int64_t at, uint64_t id)
{
    uint32_t low = 0, high = state->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_events(at, id, &state->entry.event[middle]) > 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Rolling sums over single events: out of the sums with it. */
static void leave_sums(struct metric_cache *cache, const struct metric_event *event)
{
    if (event->taken != 0) return;
    cache->count--;
    cache->sum -= event->value;
}

static void drop_events(struct metric_state *state, const struct metric_rule *rule, struct slab *slab, uint32_t first,
                        uint32_t count)
{
    struct metric_cache *cache = state->cache;
    for (uint32_t i = first; i < first + count; i++) {
        if (i >= cache->first) leave_sums(cache, &state->entry.event[i]);
        drop_text(slab, &state->entry.event[i]);
    }
    if (first < cache->first) cache->first = cache->first - first < count ? first : cache->first - count;
    cache->judged = false;
    if (first == 0) {
        skip_entries(state, rule, count);
        return;
    }
    memmove(&state->entry.event[first], &state->entry.event[first + count],
            (state->count - first - count) * sizeof *state->entry.event);
    state->count -= count;
}

static bool put_event(struct metric_state *state, const struct metric_rule *rule, struct slab *slab, uint32_t place,
                      const struct metric_item *item, bool taken)
{
    if (!metric_reserve(state, rule, slab, 1)) return false;
    struct metric_text *text = NULL;
    if (rule->texts && !taken) {
        text = metric_keep_text(slab, item->text);
        if (text == NULL) return false;
    }
    memmove(&state->entry.event[place + 1], &state->entry.event[place],
            (state->count - place) * sizeof *state->entry.event);
    state->entry.event[place] = (struct metric_event){.key = item->key,
                                                      .at = item->at,
                                                      .id = item->id,
                                                      .value = taken || rule->texts ? 0 : item->value,
                                                      .text = text,
                                                      .taken = taken};
    state->count++;
    struct metric_cache *cache = state->cache;
    if (item->key < cache->low && place <= cache->first) {
        cache->first++;
    } else if (item->key >= cache->low && !taken) {
        cache->count++;
        cache->sum += rule->texts ? 0 : item->value;
    }
    cache->judged = false;
    return true;
}

static void trim_events(struct metric_state *state, const struct metric_rule *rule, struct slab *slab, int64_t now)
{
    if (rule->metric->span == SPAN_BEFORE) return;
    int64_t oldest = metric_rule_oldest(rule, now);
    uint32_t gone = 0;
    while (gone < state->count && state->entry.event[gone].key < oldest) gone++;
    if (gone > 0) drop_events(state, rule, slab, 0, gone);
    /* Keys follow time but where a player moved; these few are looked for one by one. */
    if (rule->key != METRIC_KEY_DATE && rule->key != METRIC_KEY_PERIOD && rule->key != METRIC_KEY_INSTANCE) return;
    for (uint32_t i = 0; i < state->count;) {
        if (state->entry.event[i].key < oldest) {
            drop_events(state, rule, slab, i, 1);
        } else {
            i++;
        }
    }
}

/* ---- which event goes where there is no room */

static bool is_first(const struct metric_rule *rule)
{
    return rule->metric->aggregate == AGGREGATE_FIRST || rule->metric->aggregate == AGGREGATE_FIRST_TIME;
}

/* Over all time the extremes stay, whenever they were; a window that moves needs what is newest. */
static bool is_extreme(const struct metric_rule *rule)
{
    bool extreme = rule->metric->aggregate == AGGREGATE_SMALLEST || rule->metric->aggregate == AGGREGATE_LARGEST;
    return extreme && (rule->metric->span == SPAN_EVER || rule->metric->span == SPAN_ENTRY);
}

static bool keeps_oldest(const struct metric_rule *rule)
{
    return is_first(rule) &&
           (rule->metric->span == SPAN_EVER || rule->metric->span == SPAN_ENTRY || rule->metric->span == SPAN_BEFORE);
}

/* The one that counts last of all that are kept; one that waits for its original goes before all others, the oldest first. */
static uint32_t last_in_rank(const struct metric_state *state, const struct metric_rule *rule)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < state->count; i++) {
        const struct metric_event *event = &state->entry.event[i];
        if (event->taken != 0) return i;
        if (metric_compare(rule, event, &state->entry.event[last]) > 0) last = i;
    }
    return last;
}

/* The entry that goes for one that comes at `place`; the count: none, what comes is not kept itself. */
static uint32_t leaving_entry(const struct metric_state *state, const struct metric_rule *rule, uint32_t place,
                              const struct metric_item *item)
{
    if (keeps_oldest(rule)) return place == state->count ? state->count : state->count - 1;
    if (!is_extreme(rule)) return place == 0 ? state->count : 0;
    uint32_t last = last_in_rank(state, rule);
    if (state->entry.event[last].taken != 0) return last;
    struct metric_event come = {.key = item->key, .at = item->at, .id = item->id, .value = item->value};
    return metric_compare(rule, &come, &state->entry.event[last]) > 0 ? state->count : last;
}

/* Whether what goes where there is no room stands behind all that stays: then the value does not suffer, and nobody need be told. */
static bool ranks_last(const struct metric_rule *rule)
{
    bool last = rule->metric->aggregate == AGGREGATE_LAST || rule->metric->aggregate == AGGREGATE_LAST_TIME;
    return last || keeps_oldest(rule) || is_extreme(rule);
}

/* Each instance of a tournament has the whole room to itself. How many are kept that share it with one of this key. */
static uint32_t kept_beside(const struct metric_state *state, const struct metric_rule *rule, int64_t key)
{
    if (rule->key != METRIC_KEY_INSTANCE) return state->count;
    uint32_t count = 0;
    for (uint32_t i = 0; i < state->count; i++) count += state->entry.event[i].key == key;
    return count;
}

/* The same as leaving_entry(), among those of its instance. */
static uint32_t leaving_beside(const struct metric_state *state, const struct metric_rule *rule,
                               const struct metric_item *item)
{
    struct metric_event come = {.key = item->key, .at = item->at, .id = item->id, .value = item->value};
    bool largest = rule->metric->aggregate == AGGREGATE_LARGEST || rule->metric->aggregate == AGGREGATE_SMALLEST;
    uint32_t last = state->count;
    for (uint32_t i = 0; i < state->count; i++) {
        const struct metric_event *event = &state->entry.event[i];
        if (event->key != item->key) continue;
        if (event->taken != 0) return i;
        if (last == state->count || (largest && metric_compare(rule, event, &state->entry.event[last]) > 0)) last = i;
    }
    if (last == state->count) return last;
    bool behind = largest ? metric_compare(rule, &come, &state->entry.event[last]) > 0
                          : compare_events(come.at, come.id, &state->entry.event[last]) < 0;
    return behind ? state->count : last;
}

static uint32_t leaving_for(const struct metric_state *state, const struct metric_rule *rule, uint32_t place,
                            const struct metric_item *item)
{
    return rule->key == METRIC_KEY_INSTANCE ? leaving_beside(state, rule, item)
                                            : leaving_entry(state, rule, place, item);
}

static void leave(struct metric_state *state, const struct metric_rule *rule, struct slab *slab, uint32_t leaving,
                  uint32_t *place)
{
    drop_events(state, rule, slab, leaving, 1);
    if (leaving < *place) --*place;
}

/* Room among the `kept`. False if the one that comes is not kept. */
static bool make_place(struct metric_state *state, const struct metric_rule *rule, struct slab *slab, uint32_t *place,
                       const struct metric_item *item, uint32_t zone, int64_t now, bool *full)
{
    if (kept_beside(state, rule, item->key) < rule->kept) return true;
    struct metric_range range = metric_rule_range(rule, zone, now);
    uint32_t leaving = leaving_for(state, rule, *place, item);
    const struct metric_event *event = leaving == state->count ? NULL : &state->entry.event[leaving];
    int64_t key = event == NULL ? item->key : event->key;
    bool counted = event == NULL || event->taken == 0;
    if (counted && key >= range.low && key <= range.high && !ranks_last(rule)) *full = true;
    if (counted) state->fallen++;
    if (event == NULL) return false;
    leave(state, rule, slab, leaving, place);
    return true;
}

static bool add_event(struct metric_state *state, const struct metric_rule *rule, struct slab *slab,
                      const struct metric_item *item, uint32_t zone, int64_t now, bool *full)
{
    if (state->count > 0) trim_events(state, rule, slab, now);
    if (rule->metric->span != SPAN_BEFORE && item->key < metric_rule_oldest(rule, now)) return true;
    uint32_t place = place_of_event(state, item->at, item->id);
    if (place < state->count && compare_events(item->at, item->id, &state->entry.event[place]) == 0) {
        /* It was taken back before it came. Nothing else comes twice. */
        if (state->entry.event[place].taken != 0) drop_events(state, rule, slab, place, 1);
        return true;
    }
    if (!make_place(state, rule, slab, &place, item, zone, now, full)) return true;
    return put_event(state, rule, slab, place, item, false);
}

static bool take_event(struct metric_state *state, const struct metric_rule *rule, struct slab *slab,
                       const struct metric_item *item, int64_t now)
{
    if (state->count > 0) trim_events(state, rule, slab, now);
    if (rule->metric->span != SPAN_BEFORE && item->key < metric_rule_oldest(rule, now)) return true;
    uint32_t place = place_of_event(state, item->at, item->id);
    if (place < state->count && compare_events(item->at, item->id, &state->entry.event[place]) == 0) {
        if (state->entry.event[place].taken == 0) drop_events(state, rule, slab, place, 1);
        return true;
    }
    /* What takes it back may tell its time less exactly, or a clock ran ahead when it came: the id finds it. */
    for (uint32_t i = 0; i < state->count; i++) {
        if (state->entry.event[i].id != item->id || state->entry.event[i].taken != 0) continue;
        drop_events(state, rule, slab, i, 1);
        return true;
    }
    /* It has not come yet, or it was not kept: then it would not be now. */
    if (kept_beside(state, rule, item->key) >= rule->kept) {
        uint32_t leaving = leaving_for(state, rule, place, item);
        if (leaving == state->count) return true;
        if (state->entry.event[leaving].taken == 0) state->fallen++;
        leave(state, rule, slab, leaving, &place);
    }
    return put_event(state, rule, slab, place, item, true);
}

/* ---------------------------------------------------------------- the one that counts */

int metric_compare(const struct metric_rule *rule, const struct metric_event *a, const struct metric_event *b)
{
    int order = compare_events(a->at, a->id, b);
    switch ((enum aggregate)rule->metric->aggregate) {
    case AGGREGATE_SMALLEST:
    case AGGREGATE_LARGEST:
        if (a->value == b->value) return order;
        return (a->value < b->value) == (rule->metric->aggregate == AGGREGATE_SMALLEST) ? -1 : 1;
    case AGGREGATE_LAST:
    case AGGREGATE_LAST_TIME: return -order;
    default: return order;
    }
}

/* One event a key; the periods that lie in every window have one together. */
static int64_t best_key(const struct metric_rule *rule, int64_t key, int64_t now)
{
    return rule->metric->span == SPAN_BEFORE && key < metric_rule_oldest(rule, now) ? INT64_MIN : key;
}

static bool add_best(struct metric_state *state, const struct metric_rule *rule, struct slab *slab,
                     const struct metric_item *item, int64_t now)
{
    if (!metric_reserve(state, rule, slab, 1)) return false;
    struct metric_event *events = state->entry.event;
    int64_t oldest = metric_rule_oldest(rule, now);
    bool before = rule->metric->span == SPAN_BEFORE;
    if (!before && item->key < oldest) return true;
    struct metric_event come = {
        .key = best_key(rule, item->key, now), .at = item->at, .id = item->id, .value = item->value};
    if (rule->texts) {
        come.value = 0;
        come.text = metric_keep_text(slab, item->text);
        if (come.text == NULL) return false;
    }
    events[state->count++] = come;
    /* Few periods: all are looked at. Of two with the same key the better one stays. */
    for (uint32_t i = 0; i < state->count;) {
        struct metric_event *event = &events[i];
        uint32_t other = 0;
        event->key = best_key(rule, event->key, now);
        while (other < i && events[other].key != event->key) other++;
        bool keep = other == i && (before || event->key >= oldest);
        if (keep) {
            i++;
            continue;
        }
        if (other < i && metric_compare(rule, event, &events[other]) < 0) {
            struct metric_event better = *event;
            *event = events[other];
            events[other] = better;
        }
        drop_text(slab, event);
        events[i] = events[--state->count];
    }
    state->cache->judged = false;
    return true;
}

/* ---------------------------------------------------------------- both ways */

int64_t metric_value_key(const struct metric_rule *rule, const struct metric_item *item)
{
    return rule->texts ? (int64_t)split_hash64(item->text.at, item->text.size, 0) : item->value;
}

bool metric_add(struct metric_state *state, const struct metric_rule *rule, struct slab *slab,
                const struct metric_item *item, uint32_t zone, int64_t now, bool *full)
{
    switch ((enum metric_shape)rule->shape) {
    case METRIC_NOTHING: return true;
    case METRIC_TOTALS:
    case METRIC_VALUES:
    case METRIC_DAYS: return add_total(state, rule, slab, item, 1, zone, now, full);
    case METRIC_BEST: return add_best(state, rule, slab, item, now);
    case METRIC_EVENTS: return add_event(state, rule, slab, item, zone, now, full);
    }
    return true;
}

bool metric_take_back(struct metric_state *state, const struct metric_rule *rule, struct slab *slab,
                      const struct metric_item *item, uint32_t zone, int64_t now, bool *full)
{
    switch ((enum metric_shape)rule->shape) {
    case METRIC_NOTHING:
    case METRIC_BEST: return true; /* Our compiler asks for `kept up to` there. */
    case METRIC_TOTALS:
    case METRIC_VALUES:
    case METRIC_DAYS: return add_total(state, rule, slab, item, -1, zone, now, full);
    case METRIC_EVENTS: return take_event(state, rule, slab, item, now);
    }
    return true;
}

uint64_t metric_bytes_most(const struct metric_rule *rule)
{
    const struct bundle_metric *metric = rule->metric;
    uint64_t entries = 0, instances = metric->span == SPAN_INSTANCE ? 3 : 1, size = entry_size(rule),
             text = rule->texts ? sizeof(struct metric_text) + metric->size : 0;
    if (rule->shape == METRIC_NOTHING) return 0;
    if (rule->shape == METRIC_EVENTS || rule->shape == METRIC_VALUES) entries = rule->kept * instances;
    if (rule->shape == METRIC_VALUES) text = 0; /* Only its hash. */
    if (rule->shape == METRIC_BEST || rule->shape == METRIC_TOTALS) entries = rule->key == METRIC_KEY_ALL ? 0 : 5;
    if (rule->shape == METRIC_BEST && rule->key == METRIC_KEY_ALL) entries = 2;
    if (rule->shape == METRIC_DAYS) entries = rule->kept;
    if (metric->span == SPAN_ROLLING && rule->shape != METRIC_EVENTS) {
        int64_t window = metric->window;
        if (metric->rolling_kind == WINDOW_CALENDAR) {
            window =
                ((int64_t)calendar_months(window) * 31 + calendar_days(window) + 5) * 86400000 + calendar_ms(window);
        }
        int64_t grain = rule->key == METRIC_KEY_MINUTE ? 60000 : rule->key == METRIC_KEY_HOUR ? 3600000 : 86400000;
        uint64_t keys = (uint64_t)(window / grain) + 4;
        if (rule->shape == METRIC_TOTALS || keys < entries) entries = keys;
    }
    /* A block has room for twice what it holds. */
    return sizeof(struct metric_state) + (entries == 0 ? 0 : sizeof(struct metric_cache)) + 2 * entries * size +
           entries * text;
}
