/* When runs are due, whom they take, and their slices. See run.h. */
#include "runtime/engine/run.h"

#include <stdlib.h>

#include "runtime/engine/codec.h"
#include "runtime/engine/effects.h"
#include "runtime/engine/entry.h"
#include "runtime/engine/gates.h"
#include "runtime/engine/settlement.h"
#include "vm/memory.h"
#include "vm/schedule.h"
#include "vm/zone.h"

/* A campaign of the newest program that starts by schedule. */
struct scheduled {
    struct title *title;
    uint32_t campaign;
    const struct bundle_schedule *schedule;
    struct schedule_holidays holidays;
    uint32_t zone; /* Of the schedule; in the player's own zone: of players whose zone is not known. */
    int64_t next;  /* When its next run is due. */
    int64_t *
        zone_next; /* In the player's own zone: the same by zone, INT64_MIN where not worked out yet; otherwise NULL. */
};

/* A run with rows that wait. */
struct run {
    struct run *next; /* By the title's name, then by due. */
    struct title *title;
    int64_t due; /* T */
    int64_t at;  /* When its next slice is due. */
    struct player **row;
    uint32_t count, served;
    struct buffer names; /* Between run_decode() and run_find_players(): who the rows are. */
};

struct run_table {
    struct scheduled *scheduled; /* In the order of ranks: by priority, then name. */
    uint32_t count;
    struct run *first;
    int64_t due; /* The earliest of all … */
    bool stale;  /* … unless this is set. */
};

static void release_run(struct run *run)
{
    memory_release(run->row);
    buffer_deinit(&run->names);
    memory_release(run);
}

static void release_scheduled(struct run_table *table)
{
    for (uint32_t i = 0; i < table->count; i++) memory_release(table->scheduled[i].zone_next);
    memory_release(table->scheduled);
    table->scheduled = NULL;
    table->count = 0;
}

bool run_open(struct engine *engine)
{
    engine->runs = memory_alloc(sizeof *engine->runs);
    if (engine->runs == NULL) return false;
    engine->runs->due = STATE_NEVER;
    return true;
}

void run_release(struct engine *engine)
{
    struct run_table *table = engine->runs;
    if (table == NULL) return;
    while (table->first != NULL) {
        struct run *run = table->first;
        table->first = run->next;
        release_run(run);
    }
    release_scheduled(table);
    memory_release(table);
    engine->runs = NULL;
}

/* ---------------------------------------------------------------- linking */

static int compare_scheduled(const void *left, const void *right)
{
    const struct scheduled *a = left, *b = right;
    return a->title->rank < b->title->rank ? -1 : a->title->rank > b->title->rank;
}

/* Runs in the order of the table again, after ranks changed. */
static void sort_runs(struct run_table *table)
{
    struct run *left = table->first;
    table->first = NULL;
    while (left != NULL) {
        struct run *run = left, **at = &table->first;
        left = run->next;
        while (*at != NULL &&
               ((*at)->title->rank < run->title->rank || ((*at)->title == run->title && (*at)->due <= run->due)))
            at = &(*at)->next;
        run->next = *at;
        *at = run;
    }
}

bool run_link(struct engine *engine)
{
    struct run_table *table = engine->runs;
    struct use *use = engine->newest;
    const struct program *program = &use->program;
    release_scheduled(table);
    table->stale = true;
    uint32_t count = 0;
    for (uint32_t i = 0; i < program->campaign_count; i++) count += program->campaign[i].start_kind == START_SCHEDULE;
    if (count == 0 || engine->fill != NULL) return true;
    table->scheduled = memory_alloc_array(count, sizeof *table->scheduled);
    if (table->scheduled == NULL) return false;
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        if (program->campaign[i].start_kind != START_SCHEDULE) continue;
        struct scheduled *scheduled = &table->scheduled[table->count++];
        const struct bundle_schedule *schedule = &program->schedule[program->campaign[i].start_schedule];
        *scheduled = (struct scheduled){.title = use->plan[i].title,
                                        .campaign = i,
                                        .schedule = schedule,
                                        .holidays = schedule_holidays(program, schedule->holidays),
                                        .zone = use->plan[i].zone,
                                        .next = STATE_NEVER};
        if (schedule->zone != PROGRAM_NONE) {
            int zone = zone_find(program_text(program, schedule->zone));
            if (zone >= 0) scheduled->zone = (uint32_t)zone;
        }
        if (!schedule->players_zone) continue;
        scheduled->zone_next = memory_alloc_array(zone_count(), sizeof *scheduled->zone_next);
        if (scheduled->zone_next == NULL) return false;
        for (uint32_t zone = 0; zone < zone_count(); zone++) scheduled->zone_next[zone] = INT64_MIN;
    }
    qsort(table->scheduled, table->count, sizeof *table->scheduled, compare_scheduled);
    sort_runs(table);
    return true;
}

static struct scheduled *find_scheduled(const struct run_table *table, const struct title *title)
{
    for (uint32_t i = 0; i < table->count; i++) {
        if (table->scheduled[i].title == title) return &table->scheduled[i];
    }
    return NULL;
}

/* Local times were checked with the zone rules of when the program was compiled; where these are others people should know. */
static void compare_zones(struct engine *engine)
{
    const struct program *program = &engine->newest->program;
    if (text_equal(program_text(program, program->workspace->zone_hash), text_of(zone_hash()))) return;
    struct engine_note note = effects_note(engine, NOTE_ZONES, NULL, engine->newest, PROGRAM_NONE, engine->now);
    note.finish = program_text(program, program->workspace->zone_version);
    effects_emit_note(engine, &note);
}

void run_activated(struct engine *engine)
{
    struct run_table *table = engine->runs;
    compare_zones(engine);
    for (uint32_t i = 0; i < table->count; i++) {
        struct title *title = table->scheduled[i].title;
        if (title->runs_after == INT64_MIN) title->runs_after = engine->now;
    }
    for (struct run **at = &table->first; *at != NULL;) {
        struct run *run = *at;
        if (find_scheduled(table, run->title) != NULL) {
            at = &run->next;
            continue;
        }
        *at = run->next;
        release_run(run);
    }
    settlement_activated(engine);
    table->stale = true;
}

/* ---------------------------------------------------------------- when */

/* The first instant after `after` at which it is due in the zone, within the campaign's run. */
static int64_t next_in_zone(const struct scheduled *scheduled, const struct campaign_plan *plan, uint32_t zone,
                            int64_t after)
{
    if (after < plan->runs_from - 1 && plan->runs_from > INT64_MIN) after = plan->runs_from - 1;
    int64_t next = schedule_next(scheduled->schedule, scheduled->holidays, zone, after);
    return next < plan->runs_until ? next : STATE_NEVER;
}

static void find_next(struct engine *engine, struct scheduled *scheduled)
{
    const struct campaign_plan *plan = &engine->newest->plan[scheduled->campaign];
    int64_t after = scheduled->title->runs_after;
    if (after < engine->folded_until) after = engine->folded_until;
    if (scheduled->zone_next == NULL) {
        if (scheduled->next <= after || scheduled->next == STATE_NEVER)
            scheduled->next = next_in_zone(scheduled, plan, scheduled->zone, after);
        return;
    }
    scheduled->next = STATE_NEVER;
    for (uint32_t place = 0; place <= zone_count(); place++) {
        if (engine->zone_players[place] == 0) continue;
        uint32_t zone = place < zone_count() ? place : scheduled->zone;
        if (scheduled->zone_next[zone] <= after)
            scheduled->zone_next[zone] = next_in_zone(scheduled, plan, zone, after);
        if (scheduled->zone_next[zone] < scheduled->next) scheduled->next = scheduled->zone_next[zone];
    }
}

int64_t run_next_due(struct engine *engine)
{
    struct run_table *table = engine->runs;
    if (!table->stale && !engine->zones_changed) return table->due;
    table->due = STATE_NEVER;
    for (uint32_t i = 0; i < table->count; i++) {
        find_next(engine, &table->scheduled[i]);
        if (table->scheduled[i].next < table->due) table->due = table->scheduled[i].next;
    }
    for (const struct run *run = table->first; run != NULL; run = run->next) {
        if (run->at < table->due) table->due = run->at;
    }
    int64_t settlement = settlement_next_due(engine);
    if (settlement < table->due) table->due = settlement;
    table->stale = engine->zones_changed = false;
    return table->due;
}

/* ---------------------------------------------------------------- whom */

/* A player of the audience, and where the values lie that order the rows. */
struct candidate {
    struct player *player;
    const int64_t *value; /* order_count of them; then one whose bit n says that the n-th is known. */
};

struct candidates {
    struct candidate *candidate;
    uint32_t count, capacity;
    const struct bundle_order *order;
    uint32_t order_count;
    struct arena values;
};

static int compare_candidates(const void *left, const void *right, void *context)
{
    const struct candidate *a = left, *b = right;
    const struct candidates *candidates = context;
    uint32_t count = candidates->order_count;
    uint64_t known_a = count == 0 ? 0 : (uint64_t)a->value[count], known_b = count == 0 ? 0 : (uint64_t)b->value[count];
    for (uint32_t i = 0; i < count; i++) {
        uint64_t bit = UINT64_C(1) << i;
        if (((known_a ^ known_b) & bit) != 0) return (known_a & bit) != 0 ? -1 : 1; /* Who has no value comes last. */
        if ((known_a & bit) == 0 || a->value[i] == b->value[i]) continue;
        bool smaller = a->value[i] < b->value[i], largest_first = candidates->order[i].largest_first != 0;
        return smaller != largest_first ? -1 : 1;
    }
    return state_compare_players(state_player_id(a->player), state_player_brand(a->player), state_player_id(b->player),
                                 state_player_brand(b->player));
}

/* The player's value of an attribute, if known. */
static bool attribute_of(const struct engine *engine, const struct player *player, uint32_t attribute, int64_t *out)
{
    const struct program *program = &engine->newest->program;
    uint32_t slot = program->attribute[attribute].slot;
    const uint64_t *known = state_known_words(player, program->workspace->player_slot_count);
    *out = player->slot[slot];
    return (known[slot / 64] >> (slot % 64)) & 1;
}

/* Whether the run at `due` concerns the player, as far as zones and dates say. */
static bool is_due_for(const struct engine *engine, const struct scheduled *scheduled, const struct player *player,
                       const struct passage *passage, int64_t due)
{
    uint32_t zone = scheduled->zone;
    if (scheduled->zone_next != NULL) {
        zone = programs_player_zone(engine, player, scheduled->zone);
        if (scheduled->zone_next[zone] != due) return false;
        /* Who moves west does not live the same day twice. */
        if (passage != NULL && zone_local_ms(zone, due) <= passage->run_local) return false;
    }
    if (scheduled->schedule->birthday == PROGRAM_NONE) return true;
    int64_t day;
    if (!attribute_of(engine, player, scheduled->schedule->birthday, &day)) return false;
    if (engine->newest->program.attribute[scheduled->schedule->birthday].kind == TYPE_MOMENT)
        day = zone_date(zone, day);
    return schedule_is_anniversary(day, zone_date(zone, due));
}

static bool add_candidate(struct candidates *list, struct player *player)
{
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        struct candidate *grown = memory_resize_array(list->candidate, capacity, sizeof *grown);
        if (grown == NULL) return false;
        list->candidate = grown;
        list->capacity = capacity;
    }
    list->candidate[list->count++] = (struct candidate){player, NULL};
    return true;
}

/* The values that order the rows, as of the run's instant. */
static bool take_values(struct engine *engine, struct candidates *list, struct candidate *candidate)
{
    if (list->order_count == 0) return true;
    int64_t *value = ARENA_ARRAY(&list->values, int64_t, list->order_count + 1);
    if (value == NULL) return false;
    gates_aim(engine, candidate->player, engine->now);
    engine->judge->now = engine->now;
    for (uint32_t i = 0; i < list->order_count; i++) {
        if (!interp_enter(engine->judge, list->order[i].code) || engine->judge->outcome != OUTCOME_YIELD) continue;
        value[i] = engine->judge->yielded;
        value[list->order_count] |= INT64_C(1) << i;
    }
    candidate->value = value;
    return true;
}

/* Judges every player, in the order of groups and ids. False when memory is out. */
static bool find_candidates(struct engine *engine, const struct scheduled *scheduled, const struct turn *turn,
                            struct candidates *list)
{
    for (uint32_t i = 0; i < RECORD_GROUPS && engine->failed == OK; i++) {
        const struct group *group = state_group(engine, i);
        if (group->count == 0) continue;
        uint32_t count = 0;
        struct player **sorted = state_sorted_players(group, &count);
        if (sorted == NULL) return false;
        bool added = true;
        for (uint32_t j = 0; j < count && added && engine->failed == OK; j++) {
            struct player *player = sorted[j];
            struct passage *passage = state_passage(engine, player, scheduled->title, false);
            if (!is_due_for(engine, scheduled, player, passage, turn->due)) continue;
            if (!entry_in_audience(engine, turn, player, scheduled->campaign)) continue;
            added = add_candidate(list, player) && take_values(engine, list, &list->candidate[list->count - 1]);
            if (scheduled->zone_next == NULL || !added) continue;
            passage = state_passage(engine, player, scheduled->title, true);
            if (passage == NULL) break;
            uint32_t zone = programs_player_zone(engine, player, scheduled->zone);
            passage->run_local = zone_local_ms(zone, turn->due);
            engine->group[i].changed = true;
        }
        memory_release(sorted);
        if (!added) return false;
    }
    return engine->failed == OK;
}

/* ---------------------------------------------------------------- slices */

static void start_row(struct engine *engine, const struct turn *turn, uint32_t campaign)
{
    uint32_t running = state_count_journeys(turn->player, turn->title);
    entry_try(engine, turn, turn->player, campaign, NULL, running);
    if (engine->failed == OK) state_arm_player(engine, turn->player);
}

bool run_is_stopped(const struct title *title, int64_t due)
{
    for (uint32_t i = 0; i < title->empty_run_count; i++) {
        if (title->empty_run[i] == due) return true;
    }
    return false;
}

/* In the order of time, so that equal states have equal bytes. */
static void add_empty(struct engine *engine, struct title *title, int64_t due)
{
    int64_t *stopped = memory_resize_array(title->empty_run, title->empty_run_count + 1, sizeof *stopped);
    if (stopped == NULL) {
        (void)state_no_memory(engine);
        return;
    }
    uint32_t at = title->empty_run_count++;
    for (; at > 0 && stopped[at - 1] > due; at--) stopped[at] = stopped[at - 1];
    stopped[at] = due;
    title->empty_run = stopped;
}

int64_t run_oldest(const struct engine *engine)
{
    return engine->now - engine->newest->program.workspace->retention_ms;
}

void run_stop(struct engine *engine, struct title *title, int64_t due)
{
    int64_t oldest = run_oldest(engine);
    if (due < oldest || run_is_stopped(title, due)) return;
    uint32_t gone = 0;
    while (gone < title->empty_run_count && title->empty_run[gone] < oldest) gone++;
    title->empty_run_count -= gone;
    if (gone > 0) memmove(title->empty_run, title->empty_run + gone, title->empty_run_count * sizeof *title->empty_run);
    add_empty(engine, title, due);
}

void run_row(struct engine *engine, const struct turn *turn)
{
    const struct scheduled *scheduled = find_scheduled(engine->runs, turn->title);
    if (scheduled != NULL) start_row(engine, turn, scheduled->campaign);
}

static struct turn turn_of(struct title *title, int64_t due)
{
    return (struct turn){.class = TURN_RUN,
                         .kind = TURN_ROW,
                         .depth = 1,
                         .rank = title->rank,
                         .due = due,
                         .key_title = title,
                         .title = title};
}

/* One slice; the run is gone when it was the last. */
static void serve_slice(struct engine *engine, const struct scheduled *scheduled, struct run **at)
{
    struct run *run = *at;
    struct turn turn = turn_of(run->title, run->due);
    uint32_t end = run->count - run->served > RUN_SLICE ? run->served + RUN_SLICE : run->count;
    for (; run->served < end && engine->failed == OK; run->served++) {
        turn.player = run->row[run->served];
        turn.key_number = run->served;
        if (turn.player->request != NULL) {
            fold_defer(engine, &turn);
        } else {
            start_row(engine, &turn, scheduled->campaign);
        }
    }
    run->at = engine->now + 1;
    if (run->served < run->count) return;
    *at = run->next;
    release_run(run);
}

/* Freezes the rows of a run that is due; NULL where there is none, or memory is out. */
static struct run *freeze(struct engine *engine, const struct scheduled *scheduled, const struct turn *turn)
{
    struct candidates list = {.order = engine->newest->program.order + scheduled->schedule->order_first,
                              .order_count = scheduled->schedule->order_count};
    arena_init(&list.values, 0);
    struct run *run = NULL;
    if (find_candidates(engine, scheduled, turn, &list)) {
        if (list.count > 1) qsort_r(list.candidate, list.count, sizeof *list.candidate, compare_candidates, &list);
        run = memory_alloc(sizeof *run);
        if (run != NULL) run->row = memory_alloc_array(list.count + 1, sizeof *run->row);
    }
    if (run == NULL || run->row == NULL) {
        memory_release(run);
        run = state_no_memory(engine);
    } else {
        run->title = scheduled->title;
        run->due = run->at = turn->due;
        run->count = list.count;
        for (uint32_t i = 0; i < list.count; i++) run->row[i] = list.candidate[i].player;
    }
    memory_release(list.candidate);
    arena_deinit(&list.values);
    return run;
}

static void tell(struct engine *engine, const struct scheduled *scheduled, enum note_kind kind, uint32_t rows)
{
    struct engine_note note = effects_note(engine, kind, NULL, engine->newest, scheduled->campaign, engine->now);
    note.rows = rows;
    if (kind == NOTE_RUN_MISSED) note.reason = REASON_MISSED_RUN;
    effects_emit_note(engine, &note);
}

/* A campaign's run begins. */
static struct run *begin(struct engine *engine, const struct scheduled *scheduled)
{
    struct figures *figures = &scheduled->title->figures;
    bool given = engine->campaigns_given == NULL || scheduled->campaign >= engine->campaigns_given_count ||
                 engine->campaigns_given[scheduled->campaign];
    if (!given) return NULL;
    if (engine->gate_now != INT64_MIN && engine->gate_now - engine->now > scheduled->schedule->missed_ms) {
        figures->runs_missed++;
        tell(engine, scheduled, NOTE_RUN_MISSED, 0);
        return NULL;
    }
    struct turn turn = turn_of(scheduled->title, engine->now);
    struct run *run = freeze(engine, scheduled, &turn);
    if (run == NULL) return NULL;
    figures->runs++;
    tell(engine, scheduled, NOTE_RUN, run->count);
    return run;
}

void run_serve(struct engine *engine)
{
    struct run_table *table = engine->runs;
    if (run_next_due(engine) > engine->now) return;
    table->stale = true;
    struct run **at = &table->first;
    for (uint32_t i = 0; i < table->count && engine->failed == OK; i++) {
        struct scheduled *scheduled = &table->scheduled[i];
        while (*at != NULL && (*at)->title == scheduled->title && engine->failed == OK) {
            struct run *run = *at;
            if (run->at <= engine->now) serve_slice(engine, scheduled, at);
            if (*at == run) at = &run->next;
        }
        if (scheduled->next != engine->now || engine->failed != OK) continue;
        struct run *run = begin(engine, scheduled);
        if (run == NULL) continue;
        run->next = *at;
        *at = run;
        serve_slice(engine, scheduled, at);
        if (*at == run) at = &run->next;
    }
    if (engine->failed == OK) settlement_serve(engine);
}

void run_forget_player(struct engine *engine, const struct player *player)
{
    settlement_forget_player(engine, player);
    for (struct run *run = engine->runs->first; run != NULL; run = run->next) {
        uint32_t kept = 0;
        for (uint32_t i = run->served; i < run->count; i++) {
            if (run->row[i] != player) run->row[kept++] = run->row[i];
        }
        run->served = 0;
        run->count = kept;
    }
}

/* ---------------------------------------------------------------- bytes */

static enum status decode_empty(struct engine *engine, struct buffer_reader *in, struct error *error)
{
    for (uint32_t i = 0; i < engine->title_count && !in->failed; i++) {
        struct title *title = engine->title[i];
        uint32_t count = buffer_read_u32(in);
        if (count > (in->size - in->at) / 8) return codec_corrupt(error, "its list of runs is cut off");
        for (uint32_t j = 0; j < count; j++) {
            int64_t due = buffer_read_i64(in);
            if (!run_is_stopped(title, due)) add_empty(engine, title, due);
        }
        if (engine->failed != OK) return error_set(error, STATUS_NO_MEMORY, "no memory for a run");
        if (title->empty_run_count != count) return codec_corrupt(error, "a run ended twice");
    }
    return OK;
}

void run_encode(const struct engine *engine, struct buffer *out)
{
    for (uint32_t i = 0; i < engine->title_count; i++) {
        buffer_u32(out, engine->title[i]->empty_run_count);
        for (uint32_t j = 0; j < engine->title[i]->empty_run_count; j++)
            buffer_i64(out, engine->title[i]->empty_run[j]);
    }
    uint32_t count = 0;
    for (const struct run *run = engine->runs->first; run != NULL; run = run->next) count++;
    buffer_u32(out, count);
    for (const struct run *run = engine->runs->first; run != NULL; run = run->next) {
        buffer_u32(out, run->title->number);
        buffer_i64(out, run->due);
        buffer_i64(out, run->at);
        buffer_u32(out, run->count - run->served);
        for (uint32_t i = run->served; i < run->count; i++) {
            buffer_sized_text(out, state_player_id(run->row[i]));
            buffer_sized_text(out, state_player_brand(run->row[i]));
        }
    }
}

enum status run_decode(struct engine *engine, struct buffer_reader *in, struct error *error)
{
    RETURN_IF_FAILED(decode_empty(engine, in, error));
    struct run **end = &engine->runs->first;
    uint32_t count = buffer_read_u32(in);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        uint32_t title = buffer_read_u32(in);
        int64_t due = buffer_read_i64(in), at = buffer_read_i64(in);
        uint32_t rows = buffer_read_u32(in);
        if (in->failed || title >= engine->title_count || rows > (in->size - in->at) / 4)
            return codec_corrupt(error, "a run is of an unknown campaign, or cut off");
        struct run *run = memory_alloc(sizeof *run);
        if (run == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory for a run");
        run->title = engine->title[title];
        run->due = due;
        run->at = at;
        run->count = rows;
        *end = run;
        end = &run->next;
        for (uint32_t j = 0; j < 2 * rows && !in->failed; j++)
            buffer_sized_text(&run->names, buffer_read_sized_text(in));
        run->row = memory_alloc_array(rows + 1, sizeof *run->row);
        if (run->row == NULL || !buffer_ok(&run->names))
            return error_set(error, STATUS_NO_MEMORY, "no memory for a run");
    }
    return in->failed ? codec_corrupt(error, "a run is cut off") : OK;
}

enum status run_find_players(struct engine *engine, struct error *error)
{
    const struct run *before = NULL;
    for (struct run *run = engine->runs->first; run != NULL; before = run, run = run->next) {
        struct buffer_reader in = buffer_read(run->names.bytes, run->names.size);
        for (uint32_t i = 0; i < run->count; i++) {
            struct text id = buffer_read_sized_text(&in), brand = buffer_read_sized_text(&in);
            run->row[i] = in.failed ? NULL : state_find_player(engine, record_group(brand, id), brand, id);
            if (run->row[i] == NULL) return codec_corrupt(error, "a run takes a player who is not there");
        }
        buffer_deinit(&run->names);
        if (find_scheduled(engine->runs, run->title) == NULL)
            return codec_corrupt(error, "a run is of a campaign without schedule");
        bool same = before != NULL && before->title == run->title;
        if (before != NULL && (before->title->rank > run->title->rank || (same && before->due >= run->due)))
            return codec_corrupt(error, "its runs are out of order");
    }
    return OK;
}
