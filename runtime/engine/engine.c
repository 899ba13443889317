/* The engine's surface: opening, folding, looking in. See engine.h; what a record does begins in fold.c. */
#include "runtime/engine/engine.h"

#include "runtime/engine/codes.h"
#include "runtime/engine/checkpoint.h"
#include "runtime/engine/effect_json.h"
#include "runtime/engine/fold.h"
#include "runtime/engine/segments.h"
#include "runtime/engine/metrics.h"
#include "runtime/engine/run.h"
#include "runtime/engine/parts.h"
#include "runtime/engine/points.h"
#include "runtime/engine/property.h"
#include "runtime/engine/suppress.h"
#include "vm/memory.h"
#include "vm/zone.h"

/* ---------------------------------------------------------------- opening */

enum status engine_open(struct engine **out, const struct engine_options *options, struct error *error)
{
    if (options->shards == 0 || options->shards > LIMIT_SHARDS) {
        return error_set(error, STATUS_USAGE, "%u shards are not possible: 1 to 64 are", options->shards);
    }
    enum status status = error_set(error, STATUS_NO_MEMORY, "no memory for an engine");
    struct engine *engine = memory_alloc(sizeof *engine);
    if (engine == NULL) return status;
    engine->options = *options;
    if (options->identity_key != NULL) {
        memcpy(engine->given_key, options->identity_key, sizeof engine->given_key);
        engine->options.identity_key = engine->given_key;
    }
    engine->now = engine->gate_now = engine->ids_from = engine->folded_until = INT64_MIN;
    engine->shard_count = options->shards;
    arena_init(&engine->instant, 0);
    engine->group = memory_alloc_array(RECORD_GROUPS, sizeof *engine->group);
    engine->shard = memory_alloc_array(engine->shard_count, sizeof *engine->shard);
    engine->body = memory_alloc(sizeof *engine->body);
    engine->judge = memory_alloc(sizeof *engine->judge);
    engine->measure = memory_alloc(sizeof *engine->measure);
    engine->journey_slot = memory_alloc_array(64, sizeof(int64_t));
    engine->zone_players = memory_alloc_array(zone_count() + 1, sizeof *engine->zone_players);
    if (engine->zone_players == NULL || engine->group == NULL || engine->shard == NULL || engine->body == NULL ||
        engine->judge == NULL || engine->measure == NULL || engine->journey_slot == NULL || !fold_open(engine) ||
        !run_open(engine)) {
        engine_close(engine);
        return status;
    }
    for (uint32_t i = 0; i < engine->shard_count; i++) {
        slab_init(&engine->shard[i].slab);
        deadline_init(&engine->shard[i].heap);
    }
    status = books_open(&engine->books, error);
    if (status != OK) {
        engine_close(engine);
        return status;
    }
    *out = engine;
    return OK;
}

static void release_arms(struct arm_given *arms)
{
    while (arms != NULL) {
        struct arm_given *next = arms->next;
        memory_release(arms);
        arms = next;
    }
}

void engine_close(struct engine *engine)
{
    if (engine == NULL) return;
    for (uint32_t i = 0; engine->group != NULL && i < RECORD_GROUPS; i++) {
        struct group *group = &engine->group[i];
        for (uint32_t j = 0; j < group->capacity; j++) {
            if (group->seat[j].player != NULL) state_free_player(engine, group->seat[j].player);
        }
        memory_release(group->seat);
        memory_release(group->sleepers.bytes);
        dedupe_deinit(&group->ids);
        dedupe_deinit(&group->keys);
        dedupe_deinit(&group->suppressed);
    }
    parts_free_shared(engine);
    memory_release(engine->roles);
    memory_release(engine->role_of);
    memory_release(engine->hearers);
    for (uint32_t i = 0; engine->shard != NULL && i < engine->shard_count; i++) {
        slab_deinit(&engine->shard[i].slab);
        deadline_deinit(&engine->shard[i].heap);
    }
    whose_deinit(&engine->whose);
    programs_release(engine);
    if (engine->fill != NULL) programs_close(engine->fill);
    memory_release(engine->meter);
    for (uint32_t i = 0; i < engine->title_count; i++) {
        figures_deinit(&engine->title[i]->figures);
        memory_release(engine->title[i]->empty_run);
        memory_release(engine->title[i]);
    }
    memory_release(engine->title);
    memory_release(engine->ranked);
    if (engine->books != NULL) books_close(engine->books);
    fold_release(engine);
    run_release(engine);
    memory_release(engine->zone_players);
    release_arms(engine->arms);
    memory_release(engine->campaigns_given);
    arena_deinit(&engine->instant);
    memory_release(engine->group);
    memory_release(engine->shard);
    memory_release(engine->body);
    memory_release(engine->judge);
    memory_release(engine->measure);
    memory_release(engine->journey_slot);
    memory_release(engine->journey_bytes);
    memory_release(engine->old_player_slot);
    memory_release(engine->old_event_slot);
    memory_release(engine->touched);
    memory_release(engine->is_touched);
    memory_release(engine->stored);
    memory_release(engine->workspace);
    crypto_wipe(engine->given_key, sizeof engine->given_key);
    memory_release(engine);
}

/* ---------------------------------------------------------------- folding */

static enum status whole(const struct engine *engine, struct error *error)
{
    if (engine->failed == OK) return OK;
    if (engine->failed == STATUS_CORRUPT) {
        *error = engine->asleep_error;
        return engine->failed;
    }
    return error_set(error, engine->failed,
                     "memory ran out in the middle of a fold: open the engine anew from the last checkpoint");
}

enum status engine_fold(struct engine *engine, const struct record *record, struct error *error)
{
    RETURN_IF_FAILED(whole(engine, error));
    const struct engine_sink *sink = &engine->options.sink;
    if (sink->record != NULL) sink->record(sink->context, record, engine_program(engine));
    return fold_take(engine, record, error);
}

enum status engine_settle(struct engine *engine, struct error *error)
{
    RETURN_IF_FAILED(whole(engine, error));
    return fold_close(engine, error);
}

const struct program *engine_program(const struct engine *engine)
{
    return engine->newest == NULL ? NULL : &engine->newest->program;
}

struct text engine_bundle(const struct engine *engine)
{
    const struct use *use = engine->newest;
    return use == NULL ? TEXT("") : text_make((const char *)use->bundle, use->bundle_size);
}

bool engine_brings_metrics(const struct engine *engine, const struct program *program)
{
    for (uint32_t i = 0; i < program->metric_count && engine->newest != NULL; i++) {
        if (metrics_is_new(engine, &program->metric[i])) return true;
    }
    return false;
}

uint32_t engine_erasures(const struct engine *engine, struct text brand, struct text player)
{
    return engine->newest == NULL ? 0 : suppress_life(engine, brand, player);
}

bool engine_suppressed(struct engine *engine, struct text brand, struct text player)
{
    if (engine->newest == NULL) return false;
    const struct player *known = state_find_player(engine, record_group(brand, player), brand, player);
    return known != NULL ? suppress_holds(engine, known) : suppress_names(engine, brand, player);
}

int64_t engine_now(const struct engine *engine)
{
    return engine->now;
}

int64_t engine_next_deadline(struct engine *engine)
{
    int64_t due = state_next_due(engine), run = run_next_due(engine);
    return civil_earlier(due, run);
}

bool engine_waits(const struct engine *engine)
{
    return engine->pending != NULL;
}

uint64_t engine_position(const struct engine *engine)
{
    return engine->position;
}

/* ---------------------------------------------------------------- looking in */

/* Refusals by reason: those of entries, which are counted apart, and those of effects. */
static bool add_refusals(struct figure_list *list, const struct figures *figures)
{
    bool added = true;
    for (uint32_t i = 0; i < figures->refusals.count; i++) {
        const struct engine_figure *figure = &figures->refusals.figure[i];
        added = added && figures_add(list, figure->name, figure->detail, figure->count, figure->amount);
    }
    for (uint32_t i = 0; i < REASON_COUNT; i++) {
        if (figures->entries_refused[i] == 0) continue;
        struct text name = text_of(effect_json_reason((enum reason)i));
        added = added && figures_add(list, name, TEXT("entry"), figures->entries_refused[i], 0);
    }
    return added;
}

/* By title, how many of the journeys that wait are of test players; NULL where there are none. False where memory is out. */
static bool count_waiting_tests(const struct engine *engine, uint64_t **out)
{
    uint64_t *count = *out = NULL;
    for (uint32_t i = 0; i < RECORD_GROUPS && engine->newest->test_slot != PROGRAM_NONE; i++) {
        const struct group *group = state_group(engine, i);
        for (uint32_t j = 0; j < group->capacity; j++) {
            const struct player *player = group->seat[j].player;
            if (player == NULL || player->journeys == NULL || !state_is_test(engine, player)) continue;
            if (count == NULL) count = *out = memory_alloc_array((size_t)engine->title_count + 1, sizeof *count);
            if (count == NULL) return false;
            for (const struct journey *journey = player->journeys; journey != NULL; journey = journey->next)
                count[journey->title->number]++;
        }
    }
    return true;
}

bool engine_summary(struct engine *engine, void (*each)(void *context, const struct engine_campaign_summary *summary),
                    void *context)
{
    if (engine->newest == NULL) return true;
    uint64_t *tests = NULL;
    /* Journeys that wait are counted awake. */
    bool whole = state_wake_all(engine) && count_waiting_tests(engine, &tests);
    const struct program *program = &engine->newest->program;
    for (uint32_t i = 0; whole && i < program->campaign_count; i++) {
        struct title *title = engine->newest->plan[i].title;
        struct figures *figures = &title->figures;
        struct figures shown = {0};
        whole = add_refusals(&shown.refusals, figures);
        /* So that a summary does not tell how many runs there were. */
        figures_sort(figures);
        figures_sort(&shown);
        struct books_total total = books_campaign_total(engine->books, program, i);
        struct engine_campaign_summary summary = {
            .name = title->name,
            .campaign = i,
            .started = figures->started,
            .entered = figures->entered,
            .waiting = figures->waiting - (tests == NULL ? 0 : tests[title->number]),
            .converted = figures->converted,
            .runs = figures->runs,
            .runs_missed = figures->runs_missed,
            .suspended = title->suspended,
            .stopped = title->stopped == TITLE_ENDED    ? REASON_ENDED
                       : title->stopped == TITLE_KILLED ? REASON_KILLED
                                                        : REASON_NONE,
            .budget_cap = total.cap,
            .budget_reserved = total.reserved,
            .budget_spent = total.spent,
            .finished = figures->finished.figure,
            .finished_count = figures->finished.count,
            .messages = figures->messages.figure,
            .messages_count = figures->messages.count,
            .credits = figures->credits.figure,
            .credits_count = figures->credits.count,
            .refusals = shown.refusals.figure,
            .refusals_count = shown.refusals.count,
            .arms = figures->arms.figure,
            .arms_count = figures->arms.count,
            .largest_player_spend = books_largest_player(engine->books, title->name),
        };
        if (whole) each(context, &summary);
        figures_deinit(&shown);
    }
    memory_release(tests);
    return whole;
}

static struct engine_player_view view_of(const struct engine *engine, const struct player *player)
{
    return (struct engine_player_view){
        .player = state_player_id(player),
        .brand = state_player_brand(player),
        .slot = player->slot,
        .known = state_known_words(player, engine->newest->program.workspace->player_slot_count),
        .bytes = player->bytes,
        .journey_count = player->journey_count,
    };
}

/* Calls `see` for every player, by group, brand and id. False where memory is out or the state could not be read. */
static bool walk_players(struct engine *engine,
                         void (*see)(void *context, struct engine *engine, const struct player *player), void *context)
{
    for (uint32_t i = 0; i < RECORD_GROUPS; i++) {
        const struct group *group = state_group(engine, i);
        if (engine->failed != OK) return false;
        if (group->count == 0) continue;
        uint32_t count = 0;
        struct player **sorted = state_sorted_players(group, &count);
        if (sorted == NULL) return false;
        for (uint32_t j = 0; j < count; j++) see(context, engine, sorted[j]);
        memory_release(sorted);
    }
    return true;
}

struct player_visit {
    void (*each)(void *context, const struct engine_player_view *view);
    void *context;
};

static void visit_player(void *context, struct engine *engine, const struct player *player)
{
    const struct player_visit *visit = context;
    const struct engine_player_view view = view_of(engine, player);
    visit->each(visit->context, &view);
}

bool engine_each_player(struct engine *engine, void (*each)(void *context, const struct engine_player_view *view),
                        void *context)
{
    struct player_visit visit = {each, context};
    return walk_players(engine, visit_player, &visit);
}

struct journey_visit {
    void (*each)(void *context, const struct engine_journey_view *view);
    void *context;
};

static void visit_journeys(void *context, struct engine *engine, const struct player *player)
{
    (void)engine;
    const struct journey_visit *visit = context;
    for (const struct journey *journey = player->journeys; journey != NULL; journey = journey->next) {
        const struct program *program = &journey->use->program;
        const struct bundle_campaign *campaign = &program->campaign[journey->campaign];
        const struct engine_journey_view view = {
            .player = state_player_id(player),
            .brand = state_player_brand(player),
            .campaign = journey->title->name,
            .step = program_text(program, program->step[campaign->step_first + journey->step].name),
            .state = journey->status == JOURNEY_PAUSED ? TEXT("paused") : TEXT("waiting"),
            .journey = journey->number,
            .entered_at = journey->entered_at,
            .due_at = journey->due,
            .line = program->state[campaign->state_first + journey->state].line,
            .program = program,
            .campaign_index = journey->campaign,
            .state_index = campaign->state_first + journey->state,
        };
        visit->each(visit->context, &view);
    }
}

bool engine_each_journey(struct engine *engine, void (*each)(void *context, const struct engine_journey_view *view),
                         void *context)
{
    struct journey_visit visit = {each, context};
    return walk_players(engine, visit_journeys, &visit);
}

bool engine_find_player(struct engine *engine, struct text brand, struct text player, struct engine_player_view *out)
{
    const struct player *found = state_find_player(engine, record_group(brand, player), brand, player);
    if (found == NULL) return false;
    *out = view_of(engine, found);
    return true;
}

static const struct journey *journey_of(const struct engine *engine, const struct player *player, uint32_t campaign)
{
    for (const struct journey *journey = player->journeys; journey != NULL; journey = journey->next) {
        if (journey->use == engine->newest && journey->campaign == campaign) return journey;
    }
    return NULL;
}

static uint32_t find_metric(const struct engine *engine, struct text name)
{
    const struct program *program = engine_program(engine);
    for (uint32_t i = 0; program != NULL && i < program->metric_count; i++) {
        if (text_equal(program_text(program, program->metric[i].name), name)) return i;
    }
    return PROGRAM_NONE;
}

bool engine_find_metric(struct engine *engine, struct text brand, struct text player, struct text name,
                        struct engine_metric *out)
{
    uint32_t number = find_metric(engine, name);
    const struct player *found = state_find_player(engine, record_group(brand, player), brand, player);
    if (number == PROGRAM_NONE || found == NULL) return false;
    const struct bundle_metric *metric = &engine->newest->program.metric[number];
    const struct journey *journey =
        metric->campaign == PROGRAM_NONE ? NULL : journey_of(engine, found, metric->campaign);
    struct metric_read read;
    metrics_read(engine, found, journey, engine->newest, number, engine->now, &read);
    *out = (struct engine_metric){.metric = number,
                                  .known = read.known,
                                  .value = read.value,
                                  .text = read.text,
                                  .changes_at = read.changes_at,
                                  .fallen = metrics_fallen(engine, found, journey, number)};
    if (out->known || metric->optional) return engine->failed == OK;
    out->known = true;
    out->value = metric->preset;
    out->text = program_text(&engine->newest->program, metric->preset_text);
    return engine->failed == OK;
}

int64_t engine_find_property(struct engine *engine, struct text brand, struct text player, enum property property,
                             struct text object)
{
    const struct bundle_metric like = {.low = INT64_MIN,
                                       .high = INT64_MAX,
                                       .aggregate = AGGREGATE_PROPERTY,
                                       .property = (uint32_t)property,
                                       .object = PROGRAM_NONE};
    struct metric_value value;
    property_read(&(struct property_read){engine, state_find_player(engine, record_group(brand, player), brand, player),
                                          NULL, engine->newest, &like, object, engine->now},
                  &value);
    return value.value;
}

bool engine_find_membership(struct engine *engine, struct text brand, struct text player, uint32_t segment,
                            struct engine_membership *out)
{
    struct player *found = state_find_player(engine, record_group(brand, player), brand, player);
    if (found == NULL || engine->newest == NULL || segment >= engine->newest->program.segment_count) return false;
    interp_clear_trace(engine->judge);
    *out = (struct engine_membership){
        .at = engine->now, .activation = engine->judge, .pc = engine->newest->program.segment[segment].filter};
    out->in = segments_holds(engine, found, segment, engine->now, &out->changes_at);
    return true;
}

bool engine_find_refusal(struct engine *engine, struct text brand, struct text player, struct text campaign,
                         struct engine_refusal *out)
{
    struct player *found = state_find_player(engine, record_group(brand, player), brand, player);
    struct title *title = state_title(engine, campaign, false);
    const struct passage *passage = found == NULL || title == NULL ? NULL : state_passage(engine, found, title, false);
    if (passage == NULL || passage->refused == REASON_NONE) return false;
    *out = (struct engine_refusal){.reason = (enum reason)passage->refused,
                                   .at = passage->refused_at,
                                   .rule = passage->refused_rule,
                                   .trace = passage->refused_trace,
                                   .sites = passage->refused_sites};
    return true;
}

/* ---------------------------------------------------------------- checkpoints */

enum status engine_checkpoint(struct engine *engine, const struct checkpoint_store *store, uint64_t position,
                              struct error *error)
{
    RETURN_IF_FAILED(whole(engine, error));
    return checkpoint_write(engine, store, position, error);
}

enum status engine_restore(struct engine *engine, const struct checkpoint_store *store, uint64_t *position,
                           struct error *error)
{
    if (engine->newest != NULL || engine->player_count > 0) {
        return error_set(error, STATUS_USAGE, "a checkpoint can be restored into a fresh engine only");
    }
    return checkpoint_read(engine, store, position, error);
}

enum status engine_wake(struct engine *engine, struct error *error)
{
    (void)state_wake_all(engine);
    return whole(engine, error);
}

enum status engine_digest(struct engine *engine, uint8_t out[32], struct error *error)
{
    RETURN_IF_FAILED(whole(engine, error));
    return checkpoint_digest(engine, out, error);
}

/* ---------------------------------------------------------------- what tests may set */

static void give_arm(struct engine *engine, struct arm_given **list, struct text split, int32_t arm)
{
    for (struct arm_given *given = *list; given != NULL; given = given->next) {
        if (!text_equal(given->split, split)) continue;
        given->arm = arm;
        return;
    }
    struct arm_given *given = memory_alloc(sizeof *given + split.size);
    if (given == NULL) {
        (void)state_no_memory(engine);
        return;
    }
    if (split.size > 0) memcpy(given + 1, split.at, split.size);
    given->split = text_make((const char *)(given + 1), split.size);
    given->arm = arm;
    given->next = *list;
    *list = given;
    engine->arms_given = true;
}

void engine_given_arm(struct engine *engine, struct text split, int32_t arm)
{
    give_arm(engine, &engine->arms, split, arm);
}

void engine_given_arm_of(struct engine *engine, struct text brand, struct text player, struct text split, int32_t arm)
{
    struct player *found = state_player(engine, record_group(brand, player), brand, player, 0);
    if (found != NULL) give_arm(engine, &found->arms, split, arm);
}

void engine_given_metric(struct engine *engine, struct text brand, struct text player, struct text name, bool known,
                         int64_t value, struct text text)
{
    uint32_t number = find_metric(engine, name);
    struct player *found = state_player(engine, record_group(brand, player), brand, player, 0);
    if (number == PROGRAM_NONE || found == NULL) return;
    struct metric_given *given = memory_alloc(sizeof *given + text.size);
    if (given == NULL) {
        (void)state_no_memory(engine);
        return;
    }
    if (text.size > 0) memcpy(given + 1, text.at, text.size);
    *given = (struct metric_given){.next = found->given,
                                   .metric = number,
                                   .known = known,
                                   .value = value,
                                   .text = text_make((const char *)(given + 1), text.size)};
    found->given = given;
}

struct engine_epoch engine_epoch(const struct engine *engine)
{
    return (struct engine_epoch){
        .epoch = engine->identity.epoch, .now = engine->epoch_now, .unreconciled = engine->unreconciled};
}

struct engine_credit engine_find_credit(const struct engine *engine, const uint8_t effect[16])
{
    struct books_settled found;
    enum books_outcome outcome = books_find(engine->books, effect, &found);
    if (outcome == BOOKS_UNKNOWN) return (struct engine_credit){.state = ENGINE_CREDIT_UNKNOWN};
    return (struct engine_credit){.state = outcome == BOOKS_DONE ? ENGINE_CREDIT_OPEN : ENGINE_CREDIT_SETTLED,
                                  .amount = found.amount,
                                  .lost = found.lost,
                                  .paid = outcome == BOOKS_ALREADY && !found.back,
                                  .final = outcome == BOOKS_ALREADY && !(found.back && found.returnable)};
}

enum status engine_check_books(struct engine *engine, struct error *error)
{
    return books_check(engine->books, error);
}

bool engine_budget(const struct engine *engine, uint32_t budget, struct engine_budget *out)
{
    const struct program *program = engine_program(engine);
    if (program == NULL || budget >= program->budget_count) return false;
    struct books_total total = books_budget_total(engine->books, program, budget);
    *out = (struct engine_budget){total.cap, total.reserved, total.spent};
    return true;
}

void engine_given_budget_left(struct engine *engine, struct text campaign_or_pool, int64_t left)
{
    if (engine->newest == NULL) return;
    enum status status = books_given_left(engine->books, &engine->newest->program, campaign_or_pool, left, NULL);
    if (status == STATUS_NO_MEMORY) (void)state_no_memory(engine);
}

void engine_each_code(struct engine *engine, struct text pool,
                      void (*each)(void *context, const struct engine_code *code), void *context)
{
    if (engine->newest != NULL) codes_each(engine, pool, each, context);
}

void engine_given_code(struct engine *engine, struct text pool, struct text code)
{
    if (engine->newest != NULL) (void)codes_permit(engine, pool, code);
}

void engine_given_points(struct engine *engine, struct text brand, struct text player, struct text points,
                         int64_t amount)
{
    if (engine->newest == NULL) return;
    struct player *found = state_player(engine, record_group(brand, player), brand, player, 0);
    if (found != NULL) points_given(engine, found, points, amount);
}

void engine_given_codes_left(struct engine *engine, struct text pool_or_quota, int64_t left)
{
    if (engine->newest != NULL) codes_set_left(engine, pool_or_quota, left);
}

void engine_given_campaigns(struct engine *engine, const uint32_t *campaigns, uint32_t count)
{
    memory_release(engine->campaigns_given);
    engine->campaigns_given = NULL;
    if (engine->newest == NULL || campaigns == NULL) return;
    uint32_t known = engine->newest->program.campaign_count;
    engine->campaigns_given = memory_alloc(known + 1);
    if (engine->campaigns_given == NULL) {
        (void)state_no_memory(engine);
        return;
    }
    engine->campaigns_given_count = known;
    for (uint32_t i = 0; i < count; i++) {
        if (campaigns[i] < known) engine->campaigns_given[campaigns[i]] = 1;
    }
}
