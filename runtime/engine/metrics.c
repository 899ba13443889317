/* Meters, events and reads. See metrics.h. */
#include "runtime/engine/metrics.h"

#include <stdlib.h>

#include "runtime/engine/property.h"
#include "runtime/engine/effects.h"
#include "runtime/engine/points.h"
#include "vm/limits.h"
#include "vm/memory.h"
#include "vm/zone.h"

/* ---------------------------------------------------------------- tables */

static uint32_t place_of(const struct metric_table *table, uint32_t number)
{
    uint32_t low = 0, high = table->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (table->state[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct metric_state *find_state(const struct metric_table *table, uint32_t number)
{
    uint32_t place = place_of(table, number);
    return place < table->count && table->state[place].number == number ? &table->state[place] : NULL;
}

struct metric_state *metrics_state(struct engine *engine, struct metric_table *table, uint16_t group, uint32_t number,
                                   bool make)
{
    uint32_t place = place_of(table, number);
    if (place < table->count && table->state[place].number == number) return &table->state[place];
    if (!make) return NULL;
    if (table->count == table->capacity) {
        struct slab *slab = &state_shard(engine, group)->slab;
        uint32_t capacity = table->capacity == 0 ? 2 : table->capacity * 2;
        struct metric_state *grown = slab_alloc(slab, capacity * sizeof *grown);
        if (grown == NULL) return state_no_memory(engine);
        if (table->count > 0) memcpy(grown, table->state, table->count * sizeof *grown);
        slab_free(slab, table->state, table->capacity * sizeof *grown);
        table->state = grown;
        table->capacity = capacity;
    }
    memmove(&table->state[place + 1], &table->state[place], (table->count - place) * sizeof *table->state);
    table->state[place] = (struct metric_state){.number = number};
    table->count++;
    return &table->state[place];
}

static void free_table(struct slab *slab, struct metric_table *table)
{
    slab_free(slab, table->state, table->capacity * sizeof *table->state);
    *table = (struct metric_table){0};
}

void metrics_free_player(struct engine *engine, struct player *player)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    for (uint32_t i = 0; i < player->metrics.count; i++) {
        struct metric_state *state = &player->metrics.state[i];
        metric_release(state, &engine->meter[state->number].rule, slab);
    }
    free_table(slab, &player->metrics);
}

void metrics_free_journey(struct engine *engine, const struct player *player, struct journey *journey)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    for (uint32_t i = 0; i < journey->metrics.count; i++) {
        struct metric_state *state = &journey->metrics.state[i];
        metric_release(state, &journey->use->metric[state->number], slab);
    }
    free_table(slab, &journey->metrics);
}

/* ---------------------------------------------------------------- programs */

static bool of_journeys(const struct bundle_metric *metric)
{
    return metric->span == SPAN_ENTRY;
}

/* A metric that players keep. */
static bool is_kept(const struct bundle_metric *metric)
{
    return metric->aggregate != AGGREGATE_FORMULA && metric->aggregate != AGGREGATE_PROPERTY && !of_journeys(metric);
}

static bool same_identity(const struct bundle_metric *a, const struct bundle_metric *b)
{
    return a->identity_0 == b->identity_0 && a->identity_1 == b->identity_1;
}

bool metrics_prepare(struct use *use)
{
    const struct program *program = &use->program;
    use->metric = ARENA_ARRAY(&use->memory, struct metric_rule, program->metric_count + 1);
    use->meter_of = ARENA_ARRAY(&use->memory, uint32_t, program->metric_count + 1);
    use->entry_first = ARENA_ARRAY(&use->memory, uint32_t, program->campaign_count + 1);
    use->entry_metric = ARENA_ARRAY(&use->memory, uint32_t, program->metric_count + 1);
    use->instance = ARENA_ARRAY(&use->memory, struct instance_rule, program->tournament_count + 1);
    use->tournament_of = ARENA_ARRAY(&use->memory, uint32_t, program->campaign_count + 1);
    if (use->memory.failed) return false;
    for (uint32_t i = 0; i < program->campaign_count; i++) use->tournament_of[i] = PROGRAM_NONE;
    for (uint32_t i = 0; i < program->tournament_count; i++) {
        const struct bundle_campaign *campaign = &program->campaign[program->tournament[i].campaign];
        use->instance[i] = instance_rule_make(program, i, zone_find_or_utc(program_text(program, campaign->zone)));
        use->tournament_of[program->tournament[i].campaign] = i;
    }
    for (uint32_t i = 0; i < program->metric_count; i++) {
        uint32_t zone = zone_find_or_utc(program_text(program, program->metric[i].zone));
        use->metric[i] = metric_rule_make(&program->metric[i], zone);
        uint32_t tournament = program->metric[i].tournament;
        if (tournament != PROGRAM_NONE) use->metric[i].instance = &use->instance[tournament];
        use->meter_of[i] = PROGRAM_NONE;
    }
    uint32_t next = 0;
    for (uint32_t campaign = 0; campaign < program->campaign_count; campaign++) {
        use->entry_first[campaign] = next;
        for (uint32_t i = 0; i < program->metric_count; i++) {
            const struct bundle_metric *metric = &program->metric[i];
            bool own = metric->aggregate != AGGREGATE_FORMULA && of_journeys(metric) && metric->campaign == campaign;
            if (own) use->entry_metric[next++] = i;
        }
    }
    use->entry_first[program->campaign_count] = next;
    return true;
}

uint32_t metrics_find(const struct engine *engine, const struct bundle_metric *metric)
{
    for (uint32_t i = 0; i < engine->meter_count; i++) {
        const struct meter *meter = &engine->meter[i];
        if (meter->identity_0 == metric->identity_0 && meter->identity_1 == metric->identity_1) return i;
    }
    return PROGRAM_NONE;
}

bool metrics_is_new(const struct engine *engine, const struct bundle_metric *metric)
{
    uint32_t meter = metrics_find(engine, metric);
    return is_kept(metric) && (meter == PROGRAM_NONE || engine->meter[meter].use == NULL);
}

bool metrics_any_new(const struct engine *engine, const struct use *use)
{
    for (uint32_t i = 0; i < use->program.metric_count; i++) {
        if (metrics_is_new(engine, &use->program.metric[i])) return true;
    }
    return false;
}

enum status metrics_admit(const struct engine *engine, const struct use *use, bool incomplete, struct error *error)
{
    if (engine->newest == NULL || incomplete || engine->fill != NULL || engine->options.history != NULL) return OK;
    for (uint32_t i = 0; i < use->program.metric_count; i++) {
        const struct bundle_metric *metric = &use->program.metric[i];
        if (!metrics_is_new(engine, metric)) continue;
        return error_set(error, STATUS_REFUSED,
                         "the bundle brings metric `%.*s`, and there is no log here from which to count what happened "
                         "before: run with a database, or let it begin now (incomplete)",
                         TEXT_ARGS(program_text(&use->program, metric->name)));
    }
    return OK;
}

static bool add_meter(struct engine *engine, struct use *use, uint32_t metric)
{
    const struct bundle_metric *record = &use->program.metric[metric];
    uint32_t number = metrics_find(engine, record);
    if (number == PROGRAM_NONE) {
        if (engine->meter_count == engine->meter_capacity) {
            uint32_t capacity = engine->meter_capacity == 0 ? 32 : engine->meter_capacity * 2;
            struct meter *grown = memory_resize_array(engine->meter, capacity, sizeof *grown);
            if (grown == NULL) return false;
            engine->meter = grown;
            engine->meter_capacity = capacity;
        }
        number = engine->meter_count++;
        engine->meter[number] = (struct meter){.identity_0 = record->identity_0, .identity_1 = record->identity_1};
    }
    struct meter *meter = &engine->meter[number];
    meter->use = use;
    meter->metric = metric;
    meter->rule = use->metric[metric];
    return true;
}

/* What players keep under meters that go. */
static void drop_states(struct engine *engine, struct player *player, const struct meter *before, const uint8_t *gone)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < player->metrics.count; i++) {
        struct metric_state *state = &player->metrics.state[i];
        if (gone[state->number]) {
            metric_release(state, &before[state->number].rule, slab);
        } else {
            player->metrics.state[kept++] = *state;
        }
    }
    player->metrics.count = kept;
}

/* Whether what was kept by one rule can be read by the other: the same identity says so of what our compiler wrote. */
static bool same_rule(const struct metric_rule *a, const struct metric_rule *b)
{
    const struct bundle_metric *x = a->metric, *y = b->metric;
    return a->shape == b->shape && a->key == b->key && a->texts == b->texts && a->kept == b->kept &&
           x->span == y->span && x->grain == y->grain && x->size == y->size && x->window == y->window &&
           x->rolling_kind == y->rolling_kind && x->aggregate == y->aggregate;
}

static bool drop_meters(struct engine *engine, const struct meter *before, uint32_t count)
{
    uint8_t *gone = memory_alloc((size_t)engine->meter_count + 1);
    if (gone == NULL) return false;
    bool any = false;
    for (uint32_t i = 0; i < count; i++) {
        gone[i] = before[i].use != NULL &&
                  (engine->meter[i].use == NULL || !same_rule(&before[i].rule, &engine->meter[i].rule));
        any = any || gone[i];
    }
    for (uint32_t i = 0; any && i < RECORD_GROUPS; i++) {
        struct group *group = state_group(engine, i);
        for (uint32_t j = 0; j < group->capacity; j++) {
            if (group->seat[j].player == NULL || group->seat[j].player->metrics.count == 0) continue;
            drop_states(engine, group->seat[j].player, before, gone);
            group->changed = true;
        }
    }
    memory_release(gone);
    return true;
}

bool metrics_activate(struct engine *engine)
{
    if (engine->fill != NULL) return metrics_link(engine); /* The meters are those that are being filled. */
    uint32_t count = engine->meter_count;
    struct meter *before = memory_alloc_array((size_t)count + 1, sizeof *before);
    if (before == NULL) return false;
    if (count > 0) memcpy(before, engine->meter, count * sizeof *before);
    for (uint32_t i = 0; i < count; i++) engine->meter[i].use = NULL;
    /* Newest first: the first that has an identity runs its code. What is only kept by a metric goes with it. */
    bool added = true;
    for (struct use *use = engine->uses; use != NULL && added; use = use->next) {
        bool needed = use == engine->newest || use->pins > 0;
        use->metered = false;
        for (uint32_t i = 0; i < use->program.metric_count && needed && added; i++) {
            const struct bundle_metric *metric = &use->program.metric[i];
            uint32_t meter = is_kept(metric) ? metrics_find(engine, metric) : PROGRAM_NONE;
            if (!is_kept(metric) || (meter != PROGRAM_NONE && engine->meter[meter].use != NULL)) continue;
            added = add_meter(engine, use, i);
            use->metered = true;
        }
    }
    added = added && drop_meters(engine, before, count);
    memory_release(before);
    return added && metrics_link(engine);
}

/* The event of the newest program that this program's is, by name; PROGRAM_NONE: none. */
static uint32_t newest_event(const struct engine *engine, const struct use *use, uint32_t event)
{
    if (use == engine->newest) return event;
    for (uint32_t i = 0; i < engine->newest->program.event_count; i++) {
        if (use->event_of[i] == event) return i;
    }
    return PROGRAM_NONE;
}

struct feed_row {
    uint32_t newest;
    struct meter_feed feed;
};

static int compare_rows(const void *left, const void *right)
{
    const struct feed_row *a = left, *b = right;
    if (a->newest != b->newest) return a->newest < b->newest ? -1 : 1;
    if (a->feed.meter != b->feed.meter) return a->feed.meter < b->feed.meter ? -1 : 1;
    return (int)a->feed.reversal - (int)b->feed.reversal;
}

bool metrics_link(struct engine *engine)
{
    struct use *newest = engine->newest;
    uint32_t events = newest->program.event_count, count = 0;
    struct feed_row *rows = memory_alloc_array((size_t)engine->meter_count * 2 + 1, sizeof *rows);
    newest->feed_first = ARENA_ARRAY(&newest->linked, uint32_t, events + 2);
    newest->feed = ARENA_ARRAY(&newest->linked, struct meter_feed, engine->meter_count * 2 + 1);
    if (rows == NULL || newest->linked.failed) {
        memory_release(rows);
        return false;
    }
    for (uint32_t i = 0; i < engine->meter_count; i++) {
        const struct meter *meter = &engine->meter[i];
        if (meter->use == NULL) continue;
        const struct bundle_metric *metric = meter->rule.metric;
        uint32_t event = newest_event(engine, meter->use, metric->event);
        if (event != PROGRAM_NONE) rows[count++] = (struct feed_row){event, {i, metric->event, false}};
        if (metric->reversal == PROGRAM_NONE) continue;
        event = newest_event(engine, meter->use, metric->reversal);
        if (event != PROGRAM_NONE) rows[count++] = (struct feed_row){event, {i, metric->reversal, true}};
    }
    qsort(rows, count, sizeof *rows, compare_rows);
    uint32_t next = 0;
    for (uint32_t event = 0; event <= events; event++) {
        newest->feed_first[event] = next;
        while (next < count && rows[next].newest == event) {
            newest->feed[next] = rows[next].feed;
            next++;
        }
    }
    memory_release(rows);
    for (struct use *use = engine->uses; use != NULL; use = use->next) {
        for (uint32_t i = 0; i < use->program.metric_count; i++) {
            const struct bundle_metric *metric = &use->program.metric[i];
            use->meter_of[i] = is_kept(metric) ? metrics_find(engine, metric) : PROGRAM_NONE;
        }
    }
    return true;
}

/* ---------------------------------------------------------------- events */

/* An event as one program sees it. */
struct happened {
    const struct kept_event *event; /* By the newest program. */
    int64_t at;
    uint64_t id; /* Of the original where it is taken back. */
    int64_t original_at;
    bool reverses; /* It may take the original back. */
};

uint64_t metrics_id(const struct dedupe_entry *entry)
{
    return entry->high;
}

/* Runs a metric's code over the event; false: it does not count. */
static bool measure(struct engine *engine, const struct use *use, uint32_t pc, const struct bank_read *bank,
                    const struct metric_rule *rule, struct metric_item *item)
{
    struct activation *measure = engine->measure;
    measure->program = &use->program;
    measure->campaign = PROGRAM_NONE;
    measure->event = *bank;
    measure->player = (struct bank_read){NULL, NULL, NULL};
    measure->journey_slot = NULL;
    measure->journey_known = 0;
    measure->journey_bytes = NULL;
    measure->now = engine->now;
    measure->campaign_zone = measure->player_zone = rule->zone;
    measure->read_metric = NULL;
    if (!interp_enter(measure, pc)) return false;
    item->value = measure->yielded;
    item->text = rule->texts ? interp_text(measure, measure->yielded) : TEXT("");
    return item->text.size <= rule->metric->size || !rule->texts;
}

static void tell_full(struct engine *engine, const struct player *player, const struct use *use,
                      const struct bundle_metric *metric)
{
    struct engine_note note = effects_note(engine, NOTE_METRIC_FULL, player, engine->newest, PROGRAM_NONE, engine->now);
    note.reason = REASON_METRIC_FULL;
    note.metric = program_text(&use->program, metric->name);
    effects_emit_note(engine, &note);
}

static bool apply(struct engine *engine, const struct player *player, struct metric_state *state,
                  const struct metric_rule *rule, const struct use *use, const struct happened *happened, bool reversal,
                  struct metric_item *item)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    uint32_t zone = rule->metric->players_zone != 0 ? programs_player_zone(engine, player, rule->zone) : rule->zone;
    item->at = reversal ? happened->original_at : happened->at;
    /* What no instance holds, or one that is settled, counts for nothing. */
    if (rule->key == METRIC_KEY_INSTANCE && !instance_counts(rule->instance, item->at, engine->now)) return true;
    item->key = rule->key == METRIC_KEY_VALUE ? metric_value_key(rule, item) : metric_rule_key(rule, zone, item->at);
    item->id = happened->id;
    bool full = false;
    bool done = reversal ? metric_take_back(state, rule, slab, item, zone, engine->now, &full)
                         : metric_add(state, rule, slab, item, zone, engine->now, &full);
    if (!done) {
        (void)state_no_memory(engine);
        return false;
    }
    if (full) tell_full(engine, player, use, rule->metric);
    return true;
}

static void feed_player(struct engine *engine, struct player *player, const struct happened *own,
                        const struct happened *original)
{
    const struct use *newest = engine->newest;
    uint32_t index = own->event->event;
    for (uint32_t i = newest->feed_first[index]; i < newest->feed_first[index + 1] && engine->failed == OK; i++) {
        const struct meter_feed *feed = &newest->feed[i];
        const struct meter *meter = &engine->meter[feed->meter];
        if (feed->reversal && !original->reverses) continue;
        uint32_t event = index;
        struct bank_read bank = programs_event_bank(engine, meter->use, index, own->event, &event);
        if (event == PROGRAM_NONE) continue;
        const struct bundle_metric *metric = meter->rule.metric;
        struct metric_item item = {0};
        if (!measure(engine, meter->use, feed->reversal ? metric->reversal_code : metric->code, &bank, &meter->rule,
                     &item))
            continue;
        struct metric_state *state = metrics_state(engine, &player->metrics, player->group, feed->meter, true);
        if (state == NULL) return;
        if (!apply(engine, player, state, &meter->rule, meter->use, feed->reversal ? original : own, feed->reversal,
                   &item))
            return;
        engine->group[player->group].changed = true;
    }
}

static void feed_journey(struct engine *engine, struct player *player, struct journey *journey,
                         const struct happened *own, const struct happened *original)
{
    struct use *use = journey->use;
    uint32_t first = use->entry_first[journey->campaign], end = use->entry_first[journey->campaign + 1];
    if (first == end) return;
    uint32_t event = own->event->event;
    struct bank_read bank = programs_event_bank(engine, use, own->event->event, own->event, &event);
    for (uint32_t i = first; i < end && event != PROGRAM_NONE && engine->failed == OK; i++) {
        uint32_t number = use->entry_metric[i];
        const struct metric_rule *rule = &use->metric[number];
        for (uint32_t reversal = 0; reversal < 2 && engine->failed == OK; reversal++) {
            const struct happened *happened = reversal ? original : own;
            if ((reversal ? rule->metric->reversal : rule->metric->event) != event) continue;
            if (reversal && !original->reverses) continue;
            /* What happened before the entry is none of the journey's, whenever it was told. */
            if ((reversal ? happened->original_at : happened->at) < journey->entered_at) continue;
            struct metric_item item = {0};
            if (!measure(engine, use, reversal ? rule->metric->reversal_code : rule->metric->code, &bank, rule, &item))
                continue;
            struct metric_state *state = metrics_state(engine, &journey->metrics, player->group, number, true);
            if (state == NULL) return;
            if (!apply(engine, player, state, rule, use, happened, reversal != 0, &item)) return;
            engine->group[player->group].changed = true;
        }
    }
}

static bool slot_known(const struct kept_event *event, uint32_t slot)
{
    return (event->known[slot / 64] >> (slot % 64)) & 1;
}

/* What the event takes back, if it is the first that does. spec: runtime.md#reversals */
static struct happened original_of(struct engine *engine, const struct player *player, const struct kept_event *event,
                                   struct text source, int64_t at)
{
    const struct program *program = &engine->newest->program;
    const struct bundle_event *record = &program->event[event->event];
    struct happened original = {.event = event, .at = at, .original_at = at};
    if (record->reverses == PROGRAM_NONE || record->reverses_by == PROGRAM_NONE) return original;
    uint32_t slot = program->field[record->reverses_by].slot;
    if (!slot_known(event, slot)) return original;
    struct text id =
        text_make((const char *)event->bytes + handle_offset(event->slot[slot]), handle_size(event->slot[slot]));
    if (record->reverses_at != PROGRAM_NONE && slot_known(event, program->field[record->reverses_at].slot)) {
        original.original_at = event->slot[program->field[record->reverses_at].slot];
        if (original.original_at > engine->now) original.original_at = engine->now;
    }
    struct dedupe_entry entry = dedupe_hash(engine->id_key, source, id);
    original.id = metrics_id(&entry);
    /* That it was taken back is remembered under an id that no record can have: a source with a zero byte. */
    char bytes[4 + 2 * 120 + 2 * LIMIT_ID_BYTES];
    struct text wire = program_text(program, program->event[record->reverses].wire);
    uint32_t size = 0;
    bytes[size++] = '\0';
    for (uint32_t i = 0; i < wire.size && i < 120; i++) bytes[size++] = wire.at[i];
    bytes[size++] = '\0';
    for (uint32_t i = 0; i < source.size && i < 120; i++) bytes[size++] = source.at[i];
    /* By the player, too: a slip in another player's name does not use it up. */
    const struct text whose[] = {state_player_brand(player), state_player_id(player)};
    for (size_t part = 0; part < 2; part++) {
        bytes[size++] = '\0';
        for (uint32_t i = 0; i < whose[part].size && i < LIMIT_ID_BYTES; i++) bytes[size++] = whose[part].at[i];
    }
    entry = dedupe_hash(engine->id_key, text_make(bytes, size), id);
    entry.until = engine->now + program->workspace->retention_ms;
    struct group *group = &engine->group[entry.low % RECORD_GROUPS];
    switch (dedupe_add(&group->ids, entry, engine->now)) {
    case DEDUPE_NEW:
        group->changed = true;
        original.reverses = true;
        break;
    case DEDUPE_SAME:
    case DEDUPE_REUSED: {
        struct engine_note note =
            effects_note(engine, NOTE_NOT_APPLIED, player, engine->newest, PROGRAM_NONE, engine->now);
        note.reason = REASON_DUPLICATE;
        note.detail = "taken back before";
        effects_emit_note(engine, &note);
        break;
    }
    case DEDUPE_NO_MEMORY: (void)state_no_memory(engine); break;
    }
    return original;
}

void metrics_event(struct engine *engine, struct player *player, const struct kept_event *event, struct text source,
                   uint64_t id)
{
    int64_t at = event->slot[PROGRAM_SLOT_TIME];
    if (at > engine->now) at = engine->now;
    struct happened own = {.event = event, .at = at, .id = id, .original_at = at};
    struct happened original = original_of(engine, player, event, source, at);
    if (engine->failed != OK) return;
    engine->reverses = original.reverses;
    engine->original_at = original.original_at;
    feed_player(engine, player, &own, &original);
    for (struct journey *journey = player->journeys; journey != NULL && engine->failed == OK; journey = journey->next)
        feed_journey(engine, player, journey, &own, &original);
}

/* ---------------------------------------------------------------- reading */

static void on_read(void *context, uint32_t metric, struct metric_read *out)
{
    const struct metric_reads *reads = context;
    metrics_read(reads->engine, reads->player, reads->journey, reads->use, metric, reads->activation->now, out);
}

void metrics_aim(struct engine *engine, struct activation *activation, struct metric_reads *reads,
                 const struct player *player, const struct journey *journey, const struct use *use)
{
    *reads = (struct metric_reads){engine, activation, player, journey, use};
    activation->read_metric = on_read;
    activation->metric_context = reads;
    activation->points_left = points_left;
    activation->points_context = reads;
}

static void read_formula(struct engine *engine, const struct player *player, const struct journey *journey,
                         const struct use *use, uint32_t metric, int64_t now, struct metric_read *out)
{
    struct activation *measure = engine->measure;
    struct metric_reads reads;
    measure->program = &use->program;
    measure->campaign = PROGRAM_NONE;
    measure->event = (struct bank_read){NULL, NULL, NULL};
    measure->player = measure->event;
    measure->journey_slot = NULL;
    measure->now = now;
    measure->changes_at = INT64_MAX;
    metrics_aim(engine, measure, &reads, player, journey, use);
    out->known = interp_enter(measure, use->program.metric[metric].code);
    out->changes_at = measure->changes_at;
    if (!out->known) return;
    out->value = measure->yielded;
    if (use->metric[metric].texts) out->text = interp_text(measure, measure->yielded);
}

/* What a test said it is. */
static bool is_given(const struct player *player, uint32_t metric, struct metric_read *out)
{
    for (const struct metric_given *given = player->given; given != NULL; given = given->next) {
        if (given->metric != metric) continue;
        *out = (struct metric_read){
            .known = given->known, .value = given->value, .text = given->text, .changes_at = INT64_MAX};
        return true;
    }
    return false;
}

void metrics_read(struct engine *engine, const struct player *player, const struct journey *journey,
                  const struct use *use, uint32_t metric, int64_t now, struct metric_read *out)
{
    *out = (struct metric_read){.text = TEXT(""), .changes_at = INT64_MAX};
    if (player->given != NULL && use == engine->newest && is_given(player, metric, out)) return;
    if (now < engine->now) now = engine->now;
    const struct metric_rule *rule = &use->metric[metric];
    if (rule->metric->aggregate == AGGREGATE_PROPERTY) {
        struct metric_value known;
        property_read(&(struct property_read){engine, player, journey, use, rule->metric,
                                              program_text(&use->program, rule->metric->object), now},
                      &known);
        *out = (struct metric_read){
            .known = known.known, .value = known.value, .text = known.text, .changes_at = known.changes_at};
        return;
    }
    if (rule->shape == METRIC_NOTHING) {
        read_formula(engine, player, journey, use, metric, now, out);
        return;
    }
    struct metric_state *state = NULL;
    if (of_journeys(rule->metric)) {
        if (journey != NULL) state = find_state(&journey->metrics, metric);
    } else if (use->meter_of[metric] != PROGRAM_NONE) {
        state = find_state(&player->metrics, use->meter_of[metric]);
    }
    uint32_t zone = rule->metric->players_zone != 0 ? programs_player_zone(engine, player, rule->zone) : rule->zone;
    struct metric_value value;
    if (!metric_read(state, rule, zone, now, &value)) {
        (void)state_no_memory(engine);
        return;
    }
    *out = (struct metric_read){
        .known = value.known, .value = value.value, .text = value.text, .changes_at = value.changes_at};
}

uint64_t metrics_fallen(const struct engine *engine, const struct player *player, const struct journey *journey,
                        uint32_t metric)
{
    const struct use *use = engine->newest;
    const struct metric_state *state = NULL;
    if (of_journeys(use->metric[metric].metric)) {
        if (journey != NULL) state = find_state(&journey->metrics, metric);
    } else if (use->meter_of[metric] != PROGRAM_NONE) {
        state = find_state(&player->metrics, use->meter_of[metric]);
    }
    return state == NULL ? 0 : state->fallen;
}

/* ---------------------------------------------------------------- moving */

void metrics_move_journey(struct engine *engine, const struct player *player, struct journey *journey,
                          const struct use *to, uint32_t campaign)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    struct metric_table old = journey->metrics;
    journey->metrics = (struct metric_table){0};
    for (uint32_t i = 0; i < old.count; i++) {
        struct metric_state *state = &old.state[i];
        const struct bundle_metric *metric = &journey->use->program.metric[state->number];
        struct metric_state *moved = NULL;
        for (uint32_t j = to->entry_first[campaign]; j < to->entry_first[campaign + 1] && moved == NULL; j++) {
            uint32_t number = to->entry_metric[j];
            if (!same_identity(&to->program.metric[number], metric) ||
                !same_rule(&to->metric[number], &journey->use->metric[state->number]))
                continue;
            moved = metrics_state(engine, &journey->metrics, player->group, number, true);
            if (moved != NULL) {
                *moved = *state;
                moved->number = number;
            }
        }
        if (moved == NULL) metric_release(state, &journey->use->metric[state->number], slab);
    }
    free_table(slab, &old);
}
