/* Cells, exposures, and what events do to them; their bytes. See experiment.h. */
#include "runtime/engine/experiment.h"

#include "runtime/engine/books.h"
#include "runtime/engine/codec.h"
#include "runtime/engine/effects.h"
#include "runtime/engine/measure.h"
#include "vm/civil.h"
#include "vm/crypto.h"
#include "vm/memory.h"
#include "vm/zone.h"

#define CELLS_MAX    (1u << 20)
#define OUTCOMES_MAX 4096u /* Names that one campaign had over all its versions. */

/* ---------------------------------------------------------------- cells */

struct tally {
    struct engine_outcome figures; /* Its name is owned. */
    uint32_t measure;              /* MEASURE index in the newest program, or PROGRAM_NONE. Not state. */
};

struct cell {
    enum engine_cell_kind kind;
    struct text campaign, split, arm; /* One block, which begins with `campaign`. */
    uint64_t size, expected;
    uint32_t outcome_count, outcome_capacity;
    struct tally *outcome;
    uint32_t split_index, arm_index; /* In the newest program, or PROGRAM_NONE. Not state. */
};

/* A window of an exposure that may still change. */
struct window {
    uint32_t outcome; /* The cell's n-th. */
    uint32_t hits;
    int64_t from, until; /* An event counts at or after the one and before the other. */
    int64_t sum;
};

struct exposure {
    struct exposure *next; /* Of the player, in the order in which they came. */
    uint32_t cell;
    uint32_t journey; /* 0: none, he was held out. */
    int64_t at;
    uint32_t count, capacity;
    struct window window[];
};

struct shared {
    struct cell *cell;
    uint32_t count, capacity;
};

static struct shared *shared_of(const struct engine *engine)
{
    return engine->shared_part[PART_EXPERIMENTS];
}

static struct shared *make_shared(struct engine *engine)
{
    struct shared *shared = shared_of(engine);
    if (shared != NULL) return shared;
    shared = memory_alloc(sizeof *shared);
    if (shared == NULL) return NULL;
    *shared = (struct shared){0};
    engine->shared_part[PART_EXPERIMENTS] = shared;
    return shared;
}

static void free_shared(struct engine *engine)
{
    struct shared *shared = shared_of(engine);
    if (shared == NULL) return;
    for (uint32_t i = 0; i < shared->count; i++) {
        struct cell *cell = &shared->cell[i];
        for (uint32_t j = 0; j < cell->outcome_count; j++)
            memory_release((void *)(uintptr_t)cell->outcome[j].figures.name.at);
        memory_release(cell->outcome);
        memory_release((void *)(uintptr_t)cell->campaign.at);
    }
    memory_release(shared->cell);
    memory_release(shared);
    engine->shared_part[PART_EXPERIMENTS] = NULL;
}

static bool is_cell(const struct cell *cell, enum engine_cell_kind kind, struct text campaign, struct text split)
{
    return cell->kind == kind && text_equal(cell->split, split) && text_equal(cell->campaign, campaign);
}

static uint32_t campaign_of(const struct program *program, struct text name)
{
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        if (text_equal(program_text(program, program->campaign[i].name), name)) return i;
    }
    return PROGRAM_NONE;
}

/* What a cell's names are in the newest program. */
static void link_cell(const struct engine *engine, struct cell *cell)
{
    const struct program *program = &engine->newest->program;
    uint32_t campaign = cell->campaign.size == 0 ? PROGRAM_NONE : campaign_of(program, cell->campaign);
    cell->split_index = cell->arm_index = PROGRAM_NONE;
    for (uint32_t i = 0; i < cell->outcome_count; i++) cell->outcome[i].measure = PROGRAM_NONE;
    if (campaign == PROGRAM_NONE) return;
    for (uint32_t i = 0; i < program->measure_count; i++) {
        if (program->measure[i].campaign != campaign) continue;
        for (uint32_t j = 0; j < cell->outcome_count; j++) {
            if (text_equal(cell->outcome[j].figures.name, program_text(program, program->measure[i].name)))
                cell->outcome[j].measure = i;
        }
    }
    if (cell->kind != ENGINE_CELL_ARM) return;
    const struct bundle_campaign *record = &program->campaign[campaign];
    for (uint32_t i = record->split_first; i < record->split_first + record->split_count; i++) {
        const struct bundle_split *split = &program->split[i];
        if (!text_equal(program_text(program, split->name), cell->split)) continue;
        for (uint32_t j = 0; j < split->arm_count; j++) {
            if (!text_equal(program_text(program, program->arm[split->arm_first + j].name), cell->arm)) continue;
            cell->split_index = i;
            cell->arm_index = j;
        }
    }
}

static struct cell *add_cell(struct shared *shared, enum engine_cell_kind kind, struct text campaign, struct text split,
                             struct text arm)
{
    if (shared->count == CELLS_MAX) return NULL;
    if (shared->count == shared->capacity) {
        uint32_t capacity = shared->capacity == 0 ? 8 : shared->capacity * 2;
        struct cell *grown = memory_resize_array(shared->cell, capacity, sizeof *grown);
        if (grown == NULL) return NULL;
        shared->cell = grown;
        shared->capacity = capacity;
    }
    char *words = memory_alloc((size_t)campaign.size + split.size + arm.size + 1);
    if (words == NULL) return NULL;
    if (campaign.size > 0) memcpy(words, campaign.at, campaign.size);
    if (split.size > 0) memcpy(words + campaign.size, split.at, split.size);
    if (arm.size > 0) memcpy(words + campaign.size + split.size, arm.at, arm.size);
    struct cell *cell = &shared->cell[shared->count++];
    *cell = (struct cell){
        .kind = kind,
        .campaign = text_make(words, campaign.size),
        .split = text_make(words + campaign.size, split.size),
        .arm = text_make(words + campaign.size + split.size, arm.size),
        .split_index = PROGRAM_NONE,
        .arm_index = PROGRAM_NONE,
    };
    return cell;
}

/* The cell's number, a new one if need be; PROGRAM_NONE when memory is out, and then the engine has failed. */
static uint32_t cell_of(struct engine *engine, enum engine_cell_kind kind, struct text campaign, struct text split,
                        struct text arm)
{
    struct shared *shared = make_shared(engine);
    for (uint32_t i = 0; shared != NULL && i < shared->count; i++) {
        if (is_cell(&shared->cell[i], kind, campaign, split) && text_equal(shared->cell[i].arm, arm)) return i;
    }
    struct cell *cell = shared == NULL ? NULL : add_cell(shared, kind, campaign, split, arm);
    if (cell == NULL) {
        (void)state_no_memory(engine);
        return PROGRAM_NONE;
    }
    link_cell(engine, cell);
    return shared->count - 1;
}

static struct tally *add_outcome(struct cell *cell, struct text name)
{
    if (cell->outcome_count == OUTCOMES_MAX) return NULL;
    if (cell->outcome_count == cell->outcome_capacity) {
        uint32_t capacity = cell->outcome_capacity == 0 ? 4 : cell->outcome_capacity * 2;
        struct tally *grown = memory_resize_array(cell->outcome, capacity, sizeof *grown);
        if (grown == NULL) return NULL;
        cell->outcome = grown;
        cell->outcome_capacity = capacity;
    }
    char *words = memory_alloc((size_t)name.size + 1);
    if (words == NULL) return NULL;
    if (name.size > 0) memcpy(words, name.at, name.size);
    struct tally *outcome = &cell->outcome[cell->outcome_count++];
    *outcome = (struct tally){.figures = {.name = text_make(words, name.size)}, .measure = PROGRAM_NONE};
    return outcome;
}

/* What the newest program says of it; its words may have been others before. */
static void describe(struct tally *outcome, const struct program *program, uint32_t index)
{
    const struct bundle_measure *measure = &program->measure[index];
    outcome->measure = index;
    outcome->figures.is_goal = measure->is_goal != 0;
    outcome->figures.kind = (enum type_kind)measure->kind;
    memset(outcome->figures.currency, 0, sizeof outcome->figures.currency);
    if (measure->kind != TYPE_MONEY) return;
    struct text code = program_text(program, program->currency[measure->of].code);
    memcpy(outcome->figures.currency, code.at, code.size < 3 ? code.size : 3);
}

/* The cell's n-th outcome under the measure's name; PROGRAM_NONE when memory is out. */
static uint32_t outcome_of(struct engine *engine, struct cell *cell, uint32_t measure)
{
    const struct program *program = &engine->newest->program;
    struct text name = program_text(program, program->measure[measure].name);
    struct tally *outcome = NULL;
    for (uint32_t i = 0; i < cell->outcome_count && outcome == NULL; i++) {
        if (text_equal(cell->outcome[i].figures.name, name)) outcome = &cell->outcome[i];
    }
    if (outcome == NULL) outcome = add_outcome(cell, name);
    if (outcome == NULL) {
        (void)state_no_memory(engine);
        return PROGRAM_NONE;
    }
    describe(outcome, program, measure);
    return (uint32_t)(outcome - cell->outcome);
}

/* ---------------------------------------------------------------- exposures */

static size_t size_of(const struct exposure *exposure)
{
    return sizeof *exposure + exposure->capacity * sizeof exposure->window[0];
}

static struct exposure *first_of(const struct player *player)
{
    return parts_of(player, PART_EXPERIMENTS);
}

/* At the end of the player's list; `count` windows. NULL when memory is out. */
static struct exposure *append(struct engine *engine, struct player *player, uint32_t count)
{
    struct exposure *exposure =
        slab_alloc(&state_shard(engine, player->group)->slab, sizeof *exposure + count * sizeof exposure->window[0]);
    if (exposure == NULL) return state_no_memory(engine);
    *exposure = (struct exposure){.capacity = count};
    struct exposure *last = first_of(player);
    if (last == NULL) return parts_put(engine, player, PART_EXPERIMENTS, exposure) ? exposure : NULL;
    while (last->next != NULL) last = last->next;
    last->next = exposure;
    engine->group[player->group].changed = true;
    return exposure;
}

/* Windows that are over go; an exposure without any stays only where it says that the player was counted. */
static void tidy(struct engine *engine, struct player *player)
{
    const struct shared *shared = shared_of(engine);
    struct slab *slab = &state_shard(engine, player->group)->slab;
    /* A late event still counts in a window that was open when it happened. */
    int64_t oldest = engine->now - engine->newest->program.workspace->lateness_ms;
    struct exposure *before = NULL;
    for (struct exposure *exposure = first_of(player), *next; exposure != NULL; exposure = next) {
        next = exposure->next;
        uint32_t kept = 0;
        for (uint32_t i = 0; i < exposure->count; i++) {
            if (exposure->window[i].until > oldest) exposure->window[kept++] = exposure->window[i];
        }
        exposure->count = kept;
        if (kept > 0 || shared->cell[exposure->cell].kind != ENGINE_CELL_ENTRIES) {
            before = exposure;
            continue;
        }
        if (before != NULL)
            before->next = next;
        else if (!parts_put(engine, player, PART_EXPERIMENTS, next))
            return;
        slab_free(slab, exposure, size_of(exposure));
    }
    engine->group[player->group].changed = true;
}

static int64_t later(uint32_t zone, int64_t at, uint32_t kind, int64_t length)
{
    if (kind == WINDOW_EXACT) return at + length;
    if (kind == WINDOW_CALENDAR)
        return zone_add_calendar(zone, at, calendar_months(length), calendar_days(length), calendar_ms(length));
    return at;
}

static uint32_t measures_of(const struct program *program, uint32_t campaign)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < program->measure_count; i++) count += program->measure[i].campaign == campaign;
    return count;
}

/* Exposes the player to a cell from now on, with the windows of a campaign of the newest program (PROGRAM_NONE: none). */
static void expose(struct engine *engine, struct player *player, uint32_t number, uint32_t campaign, uint32_t journey)
{
    if (number == PROGRAM_NONE || engine->failed != OK) return;
    const struct program *program = &engine->newest->program;
    uint32_t count = campaign == PROGRAM_NONE ? 0 : measures_of(program, campaign);
    struct exposure *exposure = append(engine, player, count);
    if (exposure == NULL) return;
    exposure->cell = number;
    exposure->journey = journey;
    exposure->at = engine->now;
    struct cell *cell = &shared_of(engine)->cell[number];
    cell->size++;
    for (uint32_t i = 0; i < program->measure_count && count > 0; i++) {
        const struct bundle_measure *measure = &program->measure[i];
        if (measure->campaign != campaign) continue;
        uint32_t outcome = outcome_of(engine, cell, i);
        if (outcome == PROGRAM_NONE) return;
        uint32_t zone = engine->newest->plan[campaign].zone;
        /* What the platform tells of the very instant of the exposure has not come of it. */
        int64_t from = later(zone, engine->now, measure->after_kind, measure->after);
        int64_t until = measure->within_kind == WINDOW_NONE ? STATE_NEVER
                                                            : later(zone, from, measure->within_kind, measure->within);
        exposure->window[exposure->count++] =
            (struct window){.outcome = outcome, .from = from > engine->now ? from : engine->now + 1, .until = until};
    }
}

/* Whether the player counts already in some arm of this split, or on some side of this `hold out`. */
static bool is_counted(const struct engine *engine, const struct player *player, enum engine_cell_kind kind,
                       struct text campaign, struct text split)
{
    const struct shared *shared = shared_of(engine);
    for (const struct exposure *exposure = first_of(player); exposure != NULL; exposure = exposure->next) {
        if (is_cell(&shared->cell[exposure->cell], kind, campaign, split)) return true;
    }
    return false;
}

/* One side of a `hold out`: for a campaign, and once for them all. */
static void expose_side(struct engine *engine, struct player *player, uint32_t campaign, uint32_t journey,
                        const struct bundle_rule *rule, bool held)
{
    static const char *const words[2] = {"let in", "held out"};
    const struct program *program = &engine->newest->program;
    struct text salt = program_text(program, rule->object);
    for (uint32_t i = 0; i < 2 && engine->failed == OK; i++) {
        struct text name = i == 0 ? program_text(program, program->campaign[campaign].name) : TEXT("");
        if (is_counted(engine, player, ENGINE_CELL_HOLD_OUT, name, salt)) continue;
        uint32_t number[2];
        for (uint32_t side = 0; side < 2; side++) {
            number[side] = cell_of(engine, ENGINE_CELL_HOLD_OUT, name, salt, text_of(words[side]));
            if (number[side] == PROGRAM_NONE) return;
            shared_of(engine)->cell[number[side]].expected +=
                (uint64_t)(side == 1 ? rule->amount : 1000000 - rule->amount);
        }
        expose(engine, player, number[held], i == 0 ? campaign : PROGRAM_NONE, journey);
    }
}

void experiment_held_out(struct engine *engine, struct player *player, uint32_t campaign, uint32_t rule)
{
    const struct use *use = engine->newest;
    /* The lines before it let him in. */
    for (uint32_t i = 0; i < use->hold_out_count && engine->failed == OK; i++) {
        bool held = use->hold_out_rule[i] == rule;
        expose_side(engine, player, campaign, 0, &use->program.rule[use->hold_out_rule[i]], held);
        if (held) return;
    }
}

void experiment_entered(struct engine *engine, struct player *player, const struct use *use, uint32_t campaign,
                        uint32_t journey)
{
    if (state_is_test(engine, player)) return;
    const struct program *program = &use->program;
    if (measures_of(program, campaign) > 0) {
        tidy(engine, player);
        struct text name = program_text(program, program->campaign[campaign].name);
        expose(engine, player, cell_of(engine, ENGINE_CELL_ENTRIES, name, TEXT(""), TEXT("")), campaign, journey);
    }
    if (!use->plan[campaign].promotes) return;
    for (uint32_t i = 0; i < use->hold_out_count && engine->failed == OK; i++)
        expose_side(engine, player, campaign, journey, &program->rule[use->hold_out_rule[i]], false);
}

void experiment_exposed(struct engine *engine, struct player *player, const struct journey *journey, uint32_t split,
                        uint32_t arm)
{
    const struct program *program = &journey->use->program;
    const struct bundle_split *record = &program->split[program->campaign[journey->campaign].split_first + split];
    struct text name = program_text(program, record->name);
    if (is_counted(engine, player, ENGINE_CELL_ARM, journey->title->name, name)) return;
    uint32_t mine = PROGRAM_NONE;
    for (uint32_t i = 0; i < record->arm_count && engine->failed == OK; i++) {
        const struct bundle_arm *at = &program->arm[record->arm_first + i];
        uint32_t number = cell_of(engine, ENGINE_CELL_ARM, journey->title->name, name, program_text(program, at->name));
        if (number == PROGRAM_NONE) return;
        shared_of(engine)->cell[number].expected += at->upto - (i == 0 ? 0 : at[-1].upto);
        if (i == arm) mine = number;
    }
    expose(engine, player, mine, journey->title->campaign, journey->number);
}

/* ---------------------------------------------------------------- events */

static bool hears(const struct engine *engine, uint32_t event)
{
    const struct program *program = &engine->newest->program;
    for (uint32_t i = 0; i < program->measure_count; i++) {
        if (program->measure[i].event == event || program->measure[i].reversal == event) return true;
    }
    return false;
}

static struct text text_at(const struct kept_event *event, uint32_t slot)
{
    int64_t handle = event->slot[slot];
    if (((event->known[0] >> slot) & 1) == 0) return (struct text){"", 0};
    return text_make((const char *)event->bytes + handle_offset(handle), handle_size(handle));
}

/* `of "NAME"`: by the event's own word, or what the books know of the credit that it is about. */
static bool is_about(const struct engine *engine, const struct player *player, const struct kept_event *event,
                     uint32_t about)
{
    if (about == PROGRAM_NONE) return true;
    const struct program *program = &engine->newest->program;
    struct text wanted = program_text(program, about), name = text_at(event, PROGRAM_SLOT_ABOUT);
    if (name.size > 0) return text_equal(name, wanted);
    struct text hex = text_at(event, PROGRAM_SLOT_ABOUT_EFFECT);
    uint8_t effect[16];
    struct books_settled settled;
    return program->event[event->event].about == ABOUT_OFFER && crypto_unhex(effect, sizeof effect, hex) &&
           books_find(engine->books, effect, &settled) != BOOKS_UNKNOWN &&
           text_equal(settled.player, state_player_id(player)) &&
           text_equal(settled.brand, state_player_brand(player)) && text_equal(settled.offer, wanted);
}

static uint128 square(int64_t number)
{
    uint128 size = number < 0 ? (uint128)(-(int128)number) : (uint128)number;
    return size * size;
}

static void tell_reached(struct engine *engine, const struct player *player, const struct exposure *exposure,
                         const struct tally *outcome)
{
    const struct cell *cell = &shared_of(engine)->cell[exposure->cell];
    if (cell->kind == ENGINE_CELL_HOLD_OUT) return; /* It is told by the campaign as a whole, or nobody was in it. */
    uint32_t campaign = engine->newest->program.measure[outcome->measure].campaign;
    struct engine_note note = effects_note(engine, NOTE_CONVERTED, player, engine->newest, campaign, engine->now);
    note.journey = exposure->journey;
    note.goal = outcome->figures.name;
    note.split = cell->split_index;
    note.arm = cell->arm_index;
    effects_emit_note(engine, &note);
}

/* One window and one event: `value` is added, or taken out. */
static void count(struct engine *engine, const struct player *player, const struct exposure *exposure,
                  struct window *window, int64_t value, bool reversal)
{
    struct tally *outcome = &shared_of(engine)->cell[exposure->cell].outcome[window->outcome];
    int64_t sum = 0;
    if (reversal && window->hits == 0) return; /* Its original was none of these. */
    if (window->hits == UINT32_MAX) return;
    bool over =
        reversal ? __builtin_sub_overflow(window->sum, value, &sum) : __builtin_add_overflow(window->sum, value, &sum);
    if (over) return;
    uint32_t hits = reversal ? window->hits - 1 : window->hits + 1;
    outcome->figures.reached += hits > 0;
    outcome->figures.reached -= window->hits > 0;
    outcome->figures.sum += (int128)sum - window->sum;
    outcome->figures.squares += square(sum) - square(window->sum);
    bool reached = outcome->figures.is_goal && window->hits == 0;
    window->hits = hits;
    window->sum = sum;
    if (reached) tell_reached(engine, player, exposure, outcome);
}

static void on_event(struct engine *engine, const struct turn *turn, struct player *player,
                     const struct kept_event *event)
{
    (void)turn;
    if (first_of(player) == NULL || engine->fill != NULL) return;
    tidy(engine, player);
    const struct program *program = &engine->newest->program;
    struct shared *shared = shared_of(engine);
    int64_t at = event->slot[PROGRAM_SLOT_TIME];
    bool made = program->event[event->event].made_by_engine != 0;
    if (at > engine->now) at = engine->now;
    for (struct exposure *exposure = first_of(player); exposure != NULL; exposure = exposure->next) {
        const struct cell *cell = &shared->cell[exposure->cell];
        for (uint32_t i = 0; i < exposure->count && engine->failed == OK; i++) {
            struct window *window = &exposure->window[i];
            uint32_t index = cell->outcome[window->outcome].measure;
            /* What the engine makes in the instant of the exposure has come of it: a bonus that is active at once. */
            int64_t from = made && window->from == exposure->at + 1 ? exposure->at : window->from;
            if (index == PROGRAM_NONE || at < from || at >= window->until) continue;
            const struct bundle_measure *measure = &program->measure[index];
            uint32_t zone = engine->newest->plan[measure->campaign].zone;
            int64_t value = 0;
            if (measure->event == event->event && is_about(engine, player, event, measure->about) &&
                measure_event(engine, measure->code, event, zone, &value))
                count(engine, player, exposure, window, value, false);
            bool within = engine->original_at >= window->from && engine->original_at < window->until;
            if (measure->reversal == event->event && engine->reverses && within &&
                is_about(engine, player, event, measure->about) &&
                measure_event(engine, measure->reversal_code, event, zone, &value))
                count(engine, player, exposure, window, value, true);
        }
    }
}

/* ---------------------------------------------------------------- reading */

void engine_experiments(struct engine *engine, void (*each)(void *context, const struct engine_cell *cell),
                        void *context)
{
    const struct shared *shared = shared_of(engine);
    if (shared == NULL || shared->count == 0) return;
    uint64_t *open = memory_alloc_array(shared->count, sizeof *open);
    struct engine_outcome *outcomes = memory_alloc_array(OUTCOMES_MAX, sizeof *outcomes);
    if (open == NULL || outcomes == NULL) {
        memory_release(open);
        memory_release(outcomes);
        return;
    }
    memset(open, 0, shared->count * sizeof *open);
    for (uint32_t group = 0; group < RECORD_GROUPS; group++) {
        const struct group *in = state_group(engine, group);
        for (uint32_t i = 0; i < in->capacity; i++) {
            const struct player *player = in->seat[i].player;
            for (const struct exposure *at = player == NULL ? NULL : first_of(player); at != NULL; at = at->next) {
                bool is_open = false;
                for (uint32_t j = 0; j < at->count; j++)
                    is_open = is_open || (at->window[j].until > engine->now && at->window[j].until != STATE_NEVER);
                open[at->cell] += is_open;
            }
        }
    }
    for (uint32_t i = 0; i < shared->count; i++) {
        const struct cell *cell = &shared->cell[i];
        for (uint32_t j = 0; j < cell->outcome_count; j++) outcomes[j] = cell->outcome[j].figures;
        struct engine_cell view = {.kind = cell->kind,
                                   .campaign = cell->campaign,
                                   .split = cell->split,
                                   .arm = cell->arm,
                                   .size = cell->size,
                                   .open = open[i],
                                   .expected = cell->expected,
                                   .outcome = outcomes,
                                   .outcome_count = cell->outcome_count};
        each(context, &view);
    }
    memory_release(open);
    memory_release(outcomes);
}

/* ---------------------------------------------------------------- the part */

static void free_player(struct engine *engine, struct player *player)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    for (struct exposure *exposure = first_of(player), *next; exposure != NULL; exposure = next) {
        next = exposure->next;
        slab_free(slab, exposure, size_of(exposure));
    }
}

static bool linked(struct engine *engine)
{
    struct shared *shared = shared_of(engine);
    for (uint32_t i = 0; shared != NULL && i < shared->count; i++) link_cell(engine, &shared->cell[i]);
    return true;
}

static void encode(const struct engine *engine, const struct player *player, struct buffer *out)
{
    (void)engine;
    for (const struct exposure *exposure = first_of(player); exposure != NULL; exposure = exposure->next) {
        buffer_u32(out, exposure->cell);
        buffer_u32(out, exposure->journey);
        buffer_i64(out, exposure->at);
        buffer_u32(out, exposure->count);
        for (uint32_t i = 0; i < exposure->count; i++) {
            const struct window *window = &exposure->window[i];
            buffer_u32(out, window->outcome);
            buffer_u32(out, window->hits);
            buffer_i64(out, window->from);
            buffer_i64(out, window->until);
            buffer_i64(out, window->sum);
        }
    }
}

static enum status damaged(struct error *error)
{
    return codec_corrupt(error, "what it has of experiments does not fit together");
}

static enum status decode(struct engine *engine, struct player *player, struct buffer_reader *in, struct error *error)
{
    const struct shared *shared = shared_of(engine);
    while (in->at < in->size && !in->failed) {
        uint32_t cell = buffer_read_u32(in), journey = buffer_read_u32(in);
        int64_t at = buffer_read_i64(in);
        uint32_t windows = buffer_read_u32(in);
        if (in->failed || shared == NULL || cell >= shared->count || windows > (in->size - in->at) / 32)
            return damaged(error);
        struct exposure *exposure = append(engine, player, windows);
        if (exposure == NULL) return codec_no_memory(error);
        exposure->cell = cell;
        exposure->journey = journey;
        exposure->at = at;
        for (uint32_t i = 0; i < windows; i++) {
            struct window *window = &exposure->window[i];
            window->outcome = buffer_read_u32(in);
            window->hits = buffer_read_u32(in);
            window->from = buffer_read_i64(in);
            window->until = buffer_read_i64(in);
            window->sum = buffer_read_i64(in);
            if (in->failed || window->outcome >= shared->cell[cell].outcome_count) return damaged(error);
        }
        exposure->count = windows;
    }
    return OK;
}

static void put_wide(struct buffer *out, uint128 number)
{
    buffer_u64(out, (uint64_t)number);
    buffer_u64(out, (uint64_t)(number >> 64));
}

static uint128 read_wide(struct buffer_reader *in)
{
    uint64_t low = buffer_read_u64(in), high = buffer_read_u64(in);
    return (uint128)high << 64 | low;
}

static void encode_shared(const struct engine *engine, struct buffer *out)
{
    const struct shared *shared = shared_of(engine);
    if (shared == NULL || shared->count == 0) return;
    buffer_u32(out, shared->count);
    for (uint32_t i = 0; i < shared->count; i++) {
        const struct cell *cell = &shared->cell[i];
        buffer_u8(out, (uint8_t)cell->kind);
        buffer_sized_text(out, cell->campaign);
        buffer_sized_text(out, cell->split);
        buffer_sized_text(out, cell->arm);
        buffer_u64(out, cell->size);
        buffer_u64(out, cell->expected);
        buffer_u32(out, cell->outcome_count);
        for (uint32_t j = 0; j < cell->outcome_count; j++) {
            const struct engine_outcome *outcome = &cell->outcome[j].figures;
            buffer_sized_text(out, outcome->name);
            buffer_u8(out, outcome->is_goal);
            buffer_u8(out, (uint8_t)outcome->kind);
            buffer_append(out, outcome->currency, sizeof outcome->currency);
            buffer_u64(out, outcome->reached);
            put_wide(out, (uint128)outcome->sum);
            put_wide(out, outcome->squares);
        }
    }
}

static enum status decode_outcome(struct cell *cell, struct buffer_reader *in, struct error *error)
{
    struct text name = buffer_read_sized_text(in);
    bool is_goal = buffer_read_u8(in) != 0;
    uint8_t kind = buffer_read_u8(in);
    if (in->failed || kind >= TYPE_COUNT || in->size - in->at < 3) return damaged(error);
    struct tally *outcome = add_outcome(cell, name);
    if (outcome == NULL) return codec_no_memory(error);
    outcome->figures.is_goal = is_goal;
    outcome->figures.kind = (enum type_kind)kind;
    for (uint32_t i = 0; i < sizeof outcome->figures.currency; i++)
        outcome->figures.currency[i] = (char)buffer_read_u8(in);
    outcome->figures.reached = buffer_read_u64(in);
    outcome->figures.sum = (int128)read_wide(in);
    outcome->figures.squares = read_wide(in);
    return OK;
}

static enum status decode_shared(struct engine *engine, struct buffer_reader *in, struct error *error)
{
    struct shared *shared = make_shared(engine);
    if (shared == NULL) return codec_no_memory(error);
    uint32_t cells = buffer_read_u32(in);
    for (uint32_t i = 0; i < cells && !in->failed; i++) {
        uint8_t kind = buffer_read_u8(in);
        struct text campaign = buffer_read_sized_text(in), split = buffer_read_sized_text(in);
        struct text arm = buffer_read_sized_text(in);
        if (in->failed || kind > ENGINE_CELL_HOLD_OUT) return damaged(error);
        struct cell *cell = add_cell(shared, (enum engine_cell_kind)kind, campaign, split, arm);
        if (cell == NULL) return codec_no_memory(error);
        cell->size = buffer_read_u64(in);
        cell->expected = buffer_read_u64(in);
        uint32_t outcomes = buffer_read_u32(in);
        if (outcomes > OUTCOMES_MAX) return damaged(error);
        for (uint32_t j = 0; j < outcomes && !in->failed; j++) RETURN_IF_FAILED(decode_outcome(cell, in, error));
    }
    return OK;
}

const struct part experiment_part = {
    .name = "experiments",
    .free = free_player,
    .encode = encode,
    .decode = decode,
    .hears = hears,
    .event = on_event,
    .free_shared = free_shared,
    .encode_shared = encode_shared,
    .decode_shared = decode_shared,
    .linked = linked,
};
