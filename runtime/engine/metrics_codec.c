/* Metrics in checkpoints: the meters with what is shared, their states with the players. See metrics.h; one state: metric_codec.c. */
#include "runtime/engine/metrics.h"

#include "runtime/engine/codec.h"
#include "vm/memory.h"

void metrics_encode_meters(const struct engine *engine, struct buffer *out)
{
    buffer_u32(out, engine->meter_count);
    for (uint32_t i = 0; i < engine->meter_count; i++) {
        const struct meter *meter = &engine->meter[i];
        buffer_i64(out, meter->identity_0);
        buffer_i64(out, meter->identity_1);
        buffer_u32(out, meter->use == NULL ? 0 : meter->use->number);
        buffer_u32(out, meter->use == NULL ? 0 : meter->metric);
    }
}

enum status metrics_decode_meters(struct engine *engine, struct buffer_reader *in, struct error *error)
{
    uint32_t count = buffer_read_u32(in);
    if (in->failed || count > (in->size - in->at) / 24) return codec_corrupt(error, "its list of metrics is cut off");
    engine->meter = memory_alloc_array((size_t)count + 1, sizeof *engine->meter);
    if (engine->meter == NULL) return codec_no_memory(error);
    engine->meter_capacity = count + 1;
    for (uint32_t i = 0; i < count; i++) {
        struct meter *meter = &engine->meter[engine->meter_count++];
        meter->identity_0 = buffer_read_i64(in);
        meter->identity_1 = buffer_read_i64(in);
        uint32_t number = buffer_read_u32(in), metric = buffer_read_u32(in);
        if (number == 0) continue;
        meter->use = programs_find(engine, number);
        if (meter->use == NULL || metric >= meter->use->program.metric_count)
            return codec_corrupt(error, "a metric is of a program that is missing");
        const struct bundle_metric *record = &meter->use->program.metric[metric];
        if (record->identity_0 != meter->identity_0 || record->identity_1 != meter->identity_1 ||
            record->aggregate == AGGREGATE_FORMULA || record->aggregate == AGGREGATE_PROPERTY ||
            record->span == SPAN_ENTRY)
            return codec_corrupt(error, "a metric is another one than its program says");
        meter->metric = metric;
        meter->rule = meter->use->metric[metric];
        meter->use->metered = true;
    }
    return in->failed ? codec_corrupt(error, "its list of metrics is cut off") : OK;
}

void metrics_encode_player(const struct engine *engine, const struct player *player, struct buffer *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < player->metrics.count; i++) {
        const struct metric_state *state = &player->metrics.state[i];
        count += !metric_is_empty(state, &engine->meter[state->number].rule, engine->now);
    }
    buffer_u32(out, count);
    for (uint32_t i = 0; i < player->metrics.count; i++) {
        const struct metric_state *state = &player->metrics.state[i];
        const struct metric_rule *rule = &engine->meter[state->number].rule;
        if (metric_is_empty(state, rule, engine->now)) continue;
        buffer_u32(out, state->number);
        metric_encode(state, rule, engine->now, out);
    }
}

enum status metrics_decode_player(struct engine *engine, struct player *player, struct buffer_reader *in,
                                  struct error *error)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    uint32_t count = buffer_read_u32(in), next = 0;
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        uint32_t number = buffer_read_u32(in);
        if (in->failed || number < next || number >= engine->meter_count || engine->meter[number].use == NULL)
            return codec_corrupt(error, "a player's metric is unknown");
        next = number + 1;
        struct metric_state *state = metrics_state(engine, &player->metrics, player->group, number, true);
        if (state == NULL) return codec_no_memory(error);
        RETURN_IF_FAILED(metric_decode(state, &engine->meter[number].rule, slab, in, error));
    }
    return in->failed ? codec_corrupt(error, "a player's metrics are cut off") : OK;
}

void metrics_encode_journey(const struct engine *engine, const struct journey *journey, struct buffer *out)
{
    buffer_u32(out, journey->metrics.count);
    for (uint32_t i = 0; i < journey->metrics.count; i++) {
        const struct metric_state *state = &journey->metrics.state[i];
        buffer_u32(out, state->number);
        metric_encode(state, &journey->use->metric[state->number], engine->now, out);
    }
}

enum status metrics_decode_journey(struct engine *engine, const struct player *player, struct journey *journey,
                                   struct buffer_reader *in, struct error *error)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    const struct use *use = journey->use;
    uint32_t count = buffer_read_u32(in), next = 0;
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        uint32_t number = buffer_read_u32(in);
        bool own = false;
        for (uint32_t j = use->entry_first[journey->campaign]; j < use->entry_first[journey->campaign + 1]; j++)
            own = own || use->entry_metric[j] == number;
        if (in->failed || !own || number < next) return codec_corrupt(error, "a journey's metric is unknown");
        next = number + 1;
        struct metric_state *state = metrics_state(engine, &journey->metrics, player->group, number, true);
        if (state == NULL) return codec_no_memory(error);
        RETURN_IF_FAILED(metric_decode(state, &use->metric[number], slab, in, error));
    }
    return in->failed ? codec_corrupt(error, "a journey's metrics are cut off") : OK;
}
