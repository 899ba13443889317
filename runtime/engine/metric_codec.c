/* Writing what is kept of a metric, and reading it back. See metric.h; the whole checkpoint: checkpoint.c.
 *
 * Only what counts at the instant of writing is written, so that entries which nobody has cleared away yet do not show.
 */
#include <string.h>

#include "runtime/engine/codec.h"
#include "runtime/engine/metric.h"

static bool of_events(const struct metric_rule *rule)
{
    return rule->shape == METRIC_EVENTS || rule->shape == METRIC_BEST;
}

static void write_wide(struct buffer *out, int128 value)
{
    buffer_u64(out, (uint64_t)(uint128)value);
    buffer_u64(out, (uint64_t)((uint128)value >> 64));
}

static int128 read_wide(struct buffer_reader *in)
{
    uint64_t low = buffer_read_u64(in), high = buffer_read_u64(in);
    return (int128)((uint128)high << 64 | low);
}

/* What `before` windows have all in common: base sums, or one best event with the smallest key. */
static bool is_common(const struct metric_rule *rule, int64_t key, int64_t oldest)
{
    return rule->metric->span == SPAN_BEFORE && rule->shape == METRIC_TOTALS && key < oldest;
}

/* Whether an entry still lies in some window. */
static bool counts(const struct metric_rule *rule, int64_t key, int64_t oldest)
{
    return key >= oldest || rule->metric->span == SPAN_BEFORE;
}

bool metric_is_empty(const struct metric_state *state, const struct metric_rule *rule, int64_t now)
{
    if (state->base_count != 0 || state->base_sum != 0 || state->fallen != 0) return false;
    int64_t oldest = metric_rule_oldest(rule, now);
    for (uint32_t i = 0; i < state->count; i++) {
        int64_t key = of_events(rule) ? state->entry.event[i].key : state->entry.total[i].key;
        if (counts(rule, key, oldest)) return false;
    }
    return true;
}

static void write_totals(const struct metric_state *state, const struct metric_rule *rule, int64_t oldest,
                         struct buffer *out)
{
    int64_t base_count = state->base_count;
    int128 base_sum = state->base_sum;
    uint32_t count = 0;
    for (uint32_t i = 0; i < state->count; i++) {
        const struct metric_total *total = &state->entry.total[i];
        if (is_common(rule, total->key, oldest)) {
            base_count += total->count;
            base_sum += total->sum;
        } else {
            count += counts(rule, total->key, oldest);
        }
    }
    buffer_i64(out, base_count);
    write_wide(out, base_sum);
    buffer_u32(out, count);
    for (uint32_t i = 0; i < state->count; i++) {
        const struct metric_total *total = &state->entry.total[i];
        if (is_common(rule, total->key, oldest) || !counts(rule, total->key, oldest)) continue;
        buffer_i64(out, total->key);
        buffer_i64(out, total->count);
        write_wide(out, total->sum);
    }
}

/* The best events of a metric lie in no order in memory. Those of old periods that were not put together yet are written as they will
 * be: the next event does it, and so does reading them back. */
static int64_t written_key(const struct metric_rule *rule, int64_t key, int64_t oldest)
{
    bool common = rule->shape == METRIC_BEST && rule->metric->span == SPAN_BEFORE && key < oldest;
    return common ? INT64_MIN : key;
}

static bool is_best(const struct metric_state *state, const struct metric_rule *rule, uint32_t index, int64_t oldest)
{
    if (rule->shape != METRIC_BEST) return true;
    int64_t key = written_key(rule, state->entry.event[index].key, oldest);
    for (uint32_t i = 0; i < state->count; i++) {
        if (i == index || written_key(rule, state->entry.event[i].key, oldest) != key) continue;
        if (metric_compare(rule, &state->entry.event[i], &state->entry.event[index]) < 0) return false;
    }
    return true;
}

static void write_event(const struct metric_event *event, int64_t key, bool texts, struct buffer *out)
{
    buffer_i64(out, key);
    buffer_i64(out, event->at);
    buffer_u64(out, event->id);
    buffer_u8(out, event->taken != 0);
    if (!texts) {
        buffer_i64(out, event->value);
    } else if (event->text != NULL) {
        buffer_sized_text(out, text_make(event->text->at, event->text->size));
    } else {
        buffer_sized_text(out, TEXT(""));
    }
}

static void write_events(const struct metric_state *state, const struct metric_rule *rule, int64_t oldest,
                         struct buffer *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < state->count; i++)
        count += counts(rule, state->entry.event[i].key, oldest) && is_best(state, rule, i, oldest);
    buffer_u32(out, count);
    if (rule->shape == METRIC_EVENTS) {
        for (uint32_t i = 0; i < state->count; i++) {
            const struct metric_event *event = &state->entry.event[i];
            if (counts(rule, event->key, oldest)) write_event(event, event->key, rule->texts, out);
        }
        return;
    }
    /* By key; they are few. */
    int64_t last = 0;
    for (uint32_t n = 0; n < count; n++) {
        const struct metric_event *next = NULL;
        int64_t next_key = 0;
        for (uint32_t i = 0; i < state->count; i++) {
            const struct metric_event *event = &state->entry.event[i];
            int64_t key = written_key(rule, event->key, oldest);
            if (!counts(rule, event->key, oldest) || !is_best(state, rule, i, oldest) || (n > 0 && key <= last))
                continue;
            if (next != NULL && key >= next_key) continue;
            next = event;
            next_key = key;
        }
        if (next == NULL) break;
        write_event(next, next_key, rule->texts, out);
        last = next_key;
    }
}

void metric_encode(const struct metric_state *state, const struct metric_rule *rule, int64_t now, struct buffer *out)
{
    int64_t oldest = metric_rule_oldest(rule, now);
    buffer_u64(out, state->fallen);
    if (of_events(rule)) {
        write_events(state, rule, oldest, out);
    } else {
        write_totals(state, rule, oldest, out);
    }
}

static enum status read_totals(struct metric_state *state, const struct metric_rule *rule, struct slab *slab,
                               struct buffer_reader *in, struct error *error)
{
    state->base_count = buffer_read_i64(in);
    state->base_sum = read_wide(in);
    uint32_t count = buffer_read_u32(in);
    if (in->failed || count > (in->size - in->at) / 32) return codec_corrupt(error, "a metric is cut off");
    if (rule->shape == METRIC_VALUES && count > rule->kept)
        return codec_corrupt(error, "a metric keeps too many values");
    if (count == 0) return OK;
    if (!metric_reserve(state, rule, slab, count)) return codec_no_memory(error);
    for (; state->count < count; state->count++) {
        struct metric_total *total = &state->entry.total[state->count];
        total->key = buffer_read_i64(in);
        total->count = buffer_read_i64(in);
        total->sum = read_wide(in);
        if (state->count > 0 && total->key <= total[-1].key)
            return codec_corrupt(error, "the days or hours of a metric are out of order");
    }
    state->cache->first = state->count;
    return OK;
}

static enum status read_events(struct metric_state *state, const struct metric_rule *rule, struct slab *slab,
                               struct buffer_reader *in, struct error *error)
{
    uint32_t count = buffer_read_u32(in);
    if (in->failed || count > (in->size - in->at) / 29) return codec_corrupt(error, "a metric is cut off");
    uint64_t instances = rule->key == METRIC_KEY_INSTANCE ? 3 : 1;
    if (rule->shape == METRIC_EVENTS && count > rule->kept * instances)
        return codec_corrupt(error, "a metric keeps too many events");
    if (count == 0) return OK;
    if (!metric_reserve(state, rule, slab, count)) return codec_no_memory(error);
    for (uint32_t i = 0; i < count; i++) {
        struct metric_event event = {.key = buffer_read_i64(in)};
        event.at = buffer_read_i64(in);
        event.id = buffer_read_u64(in);
        event.taken = buffer_read_u8(in) != 0;
        struct text text = TEXT("");
        if (rule->texts) {
            text = buffer_read_sized_text(in);
        } else {
            event.value = buffer_read_i64(in);
        }
        if (in->failed || text.size > rule->metric->size)
            return codec_corrupt(error, "an event of a metric is cut off");
        const struct metric_event *last = i == 0 ? NULL : &state->entry.event[i - 1];
        bool ordered = last == NULL || (rule->shape == METRIC_BEST
                                            ? last->key < event.key
                                            : last->at < event.at || (last->at == event.at && last->id < event.id));
        if (!ordered) return codec_corrupt(error, "the events of a metric are out of order");
        if (rule->texts && event.taken == 0) {
            event.text = metric_keep_text(slab, text);
            if (event.text == NULL) return codec_no_memory(error);
        }
        state->entry.event[i] = event;
        state->cache->first = state->count = i + 1;
    }
    return OK;
}

enum status metric_decode(struct metric_state *state, const struct metric_rule *rule, struct slab *slab,
                          struct buffer_reader *in, struct error *error)
{
    state->fallen = buffer_read_u64(in);
    return of_events(rule) ? read_events(state, rule, slab, in, error) : read_totals(state, rule, slab, in, error);
}
