/* Freezing, telling and keeping. See settlement.h; what people are shown: settlement_board.c. */
#include "runtime/engine/settlement.h"

#include "runtime/engine/announce.h"
#include "runtime/engine/codec.h"
#include "runtime/engine/effects.h"
#include "runtime/engine/property.h"
#include "runtime/engine/run.h"
#include "runtime/engine/settlement_state.h"
#include "vm/memory.h"

struct settlement_table *settlement_table(const struct engine *engine)
{
    return engine->shared_part[PART_BOARDS];
}

struct settlement_table *settlement_need_table(struct engine *engine)
{
    if (engine->shared_part[PART_BOARDS] == NULL) {
        engine->shared_part[PART_BOARDS] = memory_alloc(sizeof(struct settlement_table));
        if (engine->shared_part[PART_BOARDS] == NULL) (void)state_no_memory(engine);
    }
    return engine->shared_part[PART_BOARDS];
}

static void release_waiting(struct settlement *settlement)
{
    buffer_deinit(&settlement->rows);
    memory_release(settlement);
}

static void release_result(struct settlement_result *result)
{
    buffer_deinit(&result->rows);
    memory_release(result);
}

static void free_shared(struct engine *engine)
{
    struct settlement_table *table = settlement_table(engine);
    if (table == NULL) return;
    board_forget(engine);
    while (table->waiting != NULL) {
        struct settlement *next = table->waiting->next;
        release_waiting(table->waiting);
        table->waiting = next;
    }
    while (table->results != NULL) {
        struct settlement_result *next = table->results->next;
        release_result(table->results);
        table->results = next;
    }
    memory_release(table);
    engine->shared_part[PART_BOARDS] = NULL;
}

/* ---------------------------------------------------------------- when */

/* The next settlement of a title's tournament; false: none. */
static bool next_of(struct engine *engine, const struct title *title, struct instance *out)
{
    uint32_t tournament = board_tournament(engine, title);
    if (tournament == PROGRAM_NONE || title->runs_after == INT64_MIN) return false;
    int64_t after = title->runs_after > engine->folded_until ? title->runs_after : engine->folded_until;
    return instance_next_settlement(&engine->newest->instance[tournament], after, out);
}

int64_t settlement_next_due(struct engine *engine)
{
    int64_t due = STATE_NEVER;
    if (engine->newest == NULL || engine->fill != NULL) return due;
    const struct program *program = &engine->newest->program;
    const struct settlement_table *table = settlement_table(engine);
    for (const struct settlement *at = table == NULL ? NULL : table->waiting; at != NULL; at = at->next) {
        if (at->at < due) due = at->at;
    }
    for (uint32_t i = 0; i < program->tournament_count; i++) {
        struct instance instance;
        const struct title *title = engine->newest->plan[program->tournament[i].campaign].title;
        if (next_of(engine, title, &instance) && instance.settles < due) due = instance.settles;
    }
    return due;
}

void settlement_activated(struct engine *engine)
{
    const struct program *program = &engine->newest->program;
    for (uint32_t i = 0; i < program->tournament_count; i++) {
        struct title *title = engine->newest->plan[program->tournament[i].campaign].title;
        if (title->runs_after == INT64_MIN) title->runs_after = engine->now;
    }
}

/* ---------------------------------------------------------------- freezing */

static void add_row(struct buffer *out, const struct board_row *row, uint32_t place, int64_t prize)
{
    buffer_sized_text(out, state_player_id(row->player));
    buffer_sized_text(out, state_player_brand(row->player));
    buffer_u32(out, place);
    buffer_i64(out, row->score);
    buffer_i64(out, prize);
}

static void add_result_row(struct engine *engine, uint32_t tournament, int64_t start, struct buffer *out,
                           const struct board_row *row, int64_t prize)
{
    int64_t last = 0;
    bool known = board_last(engine, tournament, row->player, start, &last);
    buffer_sized_text(out, state_player_id(row->player));
    buffer_sized_text(out, state_player_brand(row->player));
    buffer_i64(out, row->score);
    buffer_u8(out, known);
    buffer_i64(out, known ? last : 0);
    buffer_i64(out, prize);
}

/* By the number of the title, then by start. */
static bool is_before(const struct title *title, int64_t start, const struct title *other, int64_t other_start)
{
    return title->number < other->number || (title == other && start < other_start);
}

static void keep_result(struct settlement_table *table, struct settlement_result *result, int64_t oldest)
{
    struct settlement_result **at = &table->results;
    while (*at != NULL && is_before((*at)->title, (*at)->start, result->title, result->start)) {
        struct settlement_result *old = *at;
        if (old->title != result->title || old->settled_at >= oldest) {
            at = &old->next;
            continue;
        }
        *at = old->next;
        release_result(old);
    }
    result->next = *at;
    *at = result;
}

static void keep_waiting(struct settlement_table *table, struct settlement *settlement)
{
    struct settlement **at = &table->waiting;
    while (*at != NULL && is_before((*at)->title, (*at)->start, settlement->title, settlement->start))
        at = &(*at)->next;
    settlement->next = *at;
    *at = settlement;
}

/* Blocked players behind all others. Gives how many are not. */
static uint32_t part(struct board_row *rows, uint32_t count)
{
    uint32_t free = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].blocked) continue;
        struct board_row row = rows[free];
        rows[free++] = rows[i];
        rows[i] = row;
    }
    return free;
}

/* What the program that the journey is pinned to would pay at most: the result says what is paid. */
static int64_t most_of(const struct board_row *row)
{
    const struct use *use = row->journey->use;
    uint32_t tournament = use->tournament_of[row->journey->campaign];
    return tournament == PROGRAM_NONE ? 0 : tournament_largest(&use->program, &use->program.tournament[tournament]);
}

/* The rows of an instance that is due; false when memory is out. */
static bool freeze(struct engine *engine, struct title *title, uint32_t tournament, const struct instance *instance,
                   struct settlement *settlement, struct settlement_result *result)
{
    const struct program *program = &engine->newest->program;
    const struct bundle_tournament *record = &program->tournament[tournament];
    uint32_t count = 0, shown = tournament_places(program, record), field = 0;
    struct board_row *rows = board_collect(engine, tournament, title, instance->start, true, &count);
    if (rows == NULL) return false;
    uint32_t ranked = part(rows, count);
    board_sort(program, record, rows, ranked);
    board_sort(program, record, rows + ranked, count - ranked);
    for (uint32_t i = 0; i < ranked; i++) field += rows[i].score >= BOARD_POINT;
    bool cancelled = field < record->least_field;
    if (shown < record->board_top) shown = record->board_top;
    *settlement = (struct settlement){
        .title = title, .start = instance->start, .due = engine->now, .at = engine->now, .cancelled = cancelled};
    *result = (struct settlement_result){.title = title,
                                         .start = instance->start,
                                         .end = instance->end,
                                         .settled_at = engine->now,
                                         .cancelled = cancelled,
                                         .players = ranked,
                                         .field = field};
    for (uint32_t i = 0; i < count; i++) {
        bool wins = !cancelled && i < ranked && rows[i].score >= record->least_score;
        int64_t prize = wins ? tournament_prize(program, record, i + 1) : 0, most = most_of(&rows[i]);
        if (prize > most) prize = most;
        add_row(&settlement->rows, &rows[i], i < ranked ? i + 1 : 0, prize);
        settlement->count++;
        if (i >= ranked || i >= shown) continue;
        add_result_row(engine, tournament, instance->start, &result->rows, &rows[i], prize);
        result->count++;
    }
    memory_release(rows);
    return buffer_ok(&settlement->rows) && buffer_ok(&result->rows);
}

static bool begin(struct engine *engine, struct title *title, uint32_t tournament, const struct instance *instance)
{
    struct settlement_table *table = settlement_need_table(engine);
    bool given = engine->campaigns_given == NULL || title->campaign >= engine->campaigns_given_count ||
                 engine->campaigns_given[title->campaign];
    if (table == NULL || !given) return table != NULL;
    struct settlement *settlement = memory_alloc(sizeof *settlement);
    struct settlement_result *result = memory_alloc(sizeof *result);
    bool fine = settlement != NULL && result != NULL && freeze(engine, title, tournament, instance, settlement, result);
    if (!fine) {
        if (settlement != NULL) release_waiting(settlement);
        if (result != NULL) release_result(result);
        (void)state_no_memory(engine);
        return false;
    }
    title->figures.runs++;
    struct engine_note note = effects_note(engine, NOTE_RUN, NULL, engine->newest, title->campaign, engine->now);
    note.rows = settlement->count;
    effects_emit_note(engine, &note);
    if (settlement->count > 0) {
        keep_result(table, result, run_oldest(engine));
        keep_waiting(table, settlement);
    } else { /* Nobody was in it. */
        release_result(result);
        release_waiting(settlement);
    }
    return true;
}

/* ---------------------------------------------------------------- telling */

static void tell(struct engine *engine, const struct settlement *settlement, struct player *player, uint32_t place,
                 int64_t score, int64_t prize)
{
    uint32_t campaign = settlement->title->campaign;
    struct announcement what = {
        .role = settlement->cancelled ? ROLE_TOURNAMENT_CANCELLED : ROLE_TOURNAMENT_PLACED,
        .player = player,
        .about = settlement->title->name,
        .key = text_make((const char *)&settlement->start, sizeof settlement->start),
        .known = settlement->cancelled ? 3
                 : place > 0           ? 15
                                       : 13,
        .currency = campaign == PROGRAM_NONE ? PROGRAM_NONE : engine->newest->program.campaign[campaign].currency,
    };
    if (settlement->cancelled) {
        what.value[0] = settlement->start;
        what.value[1] = place > 0 ? score : 0; /* Who may not win gets no consolation. */
    } else {
        what.value[0] = settlement->start;
        what.value[1] = place;
        what.value[2] = score;
        what.value[3] = prize;
    }
    announce(engine, &what);
}

/* One slice; the settlement is gone when it was the last. */
static void serve_slice(struct engine *engine, struct settlement **at)
{
    struct settlement *settlement = *at;
    const struct turn *before = engine->turn;
    struct buffer_reader in = buffer_read(settlement->rows.bytes, settlement->rows.size);
    in.at = settlement->read;
    for (uint32_t i = 0; i < RUN_SLICE && settlement->served < settlement->count && engine->failed == OK; i++) {
        struct text id = buffer_read_sized_text(&in), brand = buffer_read_sized_text(&in);
        uint32_t place = buffer_read_u32(&in);
        int64_t score = buffer_read_i64(&in), prize = buffer_read_i64(&in);
        struct turn turn = {.class = TURN_RUN,
                            .kind = TURN_ROW,
                            .depth = 1,
                            .rank = settlement->title->rank,
                            .due = settlement->due,
                            .key_title = settlement->title,
                            .title = settlement->title,
                            .key_number = settlement->served++};
        turn.player = state_find_player(engine, record_group(brand, id), brand, id);
        if (turn.player == NULL) continue; /* Erased meanwhile. */
        engine->turn = &turn;
        tell(engine, settlement, turn.player, place, score, prize);
        engine->turn = before;
    }
    settlement->read = in.at;
    settlement->at = engine->now + 1;
    if (settlement->served < settlement->count) return;
    *at = settlement->next;
    release_waiting(settlement);
}

static void serve_title(struct engine *engine, struct title *title)
{
    struct settlement_table *table = settlement_table(engine);
    for (struct settlement **at = table == NULL ? NULL : &table->waiting; at != NULL && *at != NULL;) {
        struct settlement *settlement = *at;
        if (settlement->title == title && settlement->at <= engine->now) serve_slice(engine, at);
        if (*at == settlement) at = &settlement->next;
    }
}

void settlement_serve(struct engine *engine)
{
    struct settlement_table *table = settlement_table(engine);
    bool waits = table != NULL && table->waiting != NULL;
    if (engine->newest == NULL || engine->fill != NULL || (!waits && engine->newest->program.tournament_count == 0))
        return;
    for (uint32_t i = 0; i < engine->title_count && engine->failed == OK; i++) {
        struct title *title = engine->title[engine->ranked[i]];
        struct instance instance;
        bool due = next_of(engine, title, &instance) && instance.settles == engine->now;
        if (due && !begin(engine, title, board_tournament(engine, title), &instance)) return;
        serve_title(engine, title);
    }
}

bool settlement_is_of_another(const struct engine *engine, const struct journey *journey,
                              const struct kept_event *event)
{
    enum role role = roles_of(engine, event->event);
    int64_t started;
    if (role != ROLE_TOURNAMENT_PLACED && role != ROLE_TOURNAMENT_CANCELLED) return false;
    return journey->run != INT64_MIN && roles_number(engine, role, 0, event, &started) && started != journey->run;
}

/* ---------------------------------------------------------------- those who go */

void settlement_forget_player(struct engine *engine, const struct player *player)
{
    struct settlement_table *table = settlement_table(engine);
    board_forget(engine);
    for (struct settlement_result *result = table == NULL ? NULL : table->results; result != NULL;
         result = result->next) {
        struct buffer kept = BUFFER_EMPTY;
        struct buffer_reader in = buffer_read(result->rows.bytes, result->rows.size);
        bool found = false;
        for (uint32_t i = 0; i < result->count; i++) {
            struct settlement_row row = settlement_read_row(&in);
            bool same =
                text_equal(row.id, state_player_id(player)) && text_equal(row.brand, state_player_brand(player));
            found = found || same;
            buffer_sized_text(&kept, same ? TEXT("") : row.id);
            buffer_sized_text(&kept, same ? TEXT("") : row.brand);
            buffer_i64(&kept, row.score);
            buffer_u8(&kept, row.has_last);
            buffer_i64(&kept, row.last);
            buffer_i64(&kept, row.prize);
        }
        if (!buffer_ok(&kept)) (void)state_no_memory(engine);
        if (found && buffer_ok(&kept)) {
            buffer_deinit(&result->rows);
            result->rows = kept;
        } else {
            buffer_deinit(&kept);
        }
    }
}

struct settlement_row settlement_read_row(struct buffer_reader *in)
{
    struct settlement_row row = {.id = buffer_read_sized_text(in), .brand = buffer_read_sized_text(in)};
    row.score = buffer_read_i64(in);
    row.has_last = buffer_read_u8(in) != 0;
    row.last = buffer_read_i64(in);
    row.prize = buffer_read_i64(in);
    return row;
}

/* ---------------------------------------------------------------- bytes */

static void encode_shared(const struct engine *engine, struct buffer *out)
{
    const struct settlement_table *table = settlement_table(engine);
    if (table == NULL || (table->waiting == NULL && table->results == NULL)) return;
    uint32_t count = 0;
    for (const struct settlement *at = table->waiting; at != NULL; at = at->next) count++;
    buffer_u32(out, count);
    for (const struct settlement *at = table->waiting; at != NULL; at = at->next) {
        buffer_u32(out, at->title->number);
        buffer_i64(out, at->start);
        buffer_i64(out, at->due);
        buffer_i64(out, at->at);
        buffer_u8(out, at->cancelled);
        buffer_u32(out, at->served);
        buffer_u32(out, at->count);
        buffer_sized_text(out,
                          text_make((const char *)at->rows.bytes + at->read, (uint32_t)(at->rows.size - at->read)));
    }
    count = 0;
    for (const struct settlement_result *at = table->results; at != NULL; at = at->next) count++;
    buffer_u32(out, count);
    for (const struct settlement_result *at = table->results; at != NULL; at = at->next) {
        buffer_u32(out, at->title->number);
        buffer_i64(out, at->start);
        buffer_i64(out, at->end);
        buffer_i64(out, at->settled_at);
        buffer_u8(out, at->cancelled);
        buffer_u32(out, at->players);
        buffer_u32(out, at->field);
        buffer_u32(out, at->count);
        buffer_sized_text(out, buffer_as_text(&at->rows));
    }
}

static enum status decode_waiting(struct engine *engine, struct settlement_table *table, struct buffer_reader *in,
                                  struct error *error)
{
    uint32_t title = buffer_read_u32(in);
    struct settlement *settlement = memory_alloc(sizeof *settlement);
    if (settlement == NULL) return codec_no_memory(error);
    settlement->start = buffer_read_i64(in);
    settlement->due = buffer_read_i64(in);
    settlement->at = buffer_read_i64(in);
    settlement->cancelled = buffer_read_u8(in) != 0;
    settlement->served = buffer_read_u32(in);
    settlement->count = buffer_read_u32(in);
    struct text rows = buffer_read_sized_text(in);
    struct buffer_reader check = buffer_read(rows.at, rows.size);
    for (uint32_t i = settlement->served; i < settlement->count && !check.failed; i++) {
        (void)buffer_read_sized_text(&check);
        (void)buffer_read_sized_text(&check);
        (void)buffer_read_u32(&check);
        (void)buffer_read_i64(&check);
        (void)buffer_read_i64(&check);
    }
    bool whole = !in->failed && title < engine->title_count && settlement->served < settlement->count &&
                 !check.failed && check.at == check.size;
    buffer_text(&settlement->rows, rows);
    if (whole && buffer_ok(&settlement->rows)) {
        settlement->title = engine->title[title];
        const struct settlement *last = table->waiting;
        while (last != NULL && last->next != NULL) last = last->next;
        if (last == NULL || is_before(last->title, last->start, settlement->title, settlement->start)) {
            keep_waiting(table, settlement);
            return OK;
        }
        whole = false;
    }
    release_waiting(settlement);
    return whole ? codec_no_memory(error) : codec_corrupt(error, "a tournament that is being settled is cut off");
}

static enum status decode_result(struct engine *engine, struct settlement_table *table, struct buffer_reader *in,
                                 struct error *error)
{
    uint32_t title = buffer_read_u32(in);
    struct settlement_result *result = memory_alloc(sizeof *result);
    if (result == NULL) return codec_no_memory(error);
    result->start = buffer_read_i64(in);
    result->end = buffer_read_i64(in);
    result->settled_at = buffer_read_i64(in);
    result->cancelled = buffer_read_u8(in) != 0;
    result->players = buffer_read_u32(in);
    result->field = buffer_read_u32(in);
    result->count = buffer_read_u32(in);
    struct text rows = buffer_read_sized_text(in);
    struct buffer_reader check = buffer_read(rows.at, rows.size);
    for (uint32_t i = 0; i < result->count && !check.failed; i++) (void)settlement_read_row(&check);
    bool whole = !in->failed && title < engine->title_count && !check.failed && check.at == check.size;
    buffer_text(&result->rows, rows);
    if (whole && buffer_ok(&result->rows)) {
        result->title = engine->title[title];
        const struct settlement_result *last = table->results;
        while (last != NULL && last->next != NULL) last = last->next;
        if (last == NULL || is_before(last->title, last->start, result->title, result->start)) {
            keep_result(table, result, INT64_MIN);
            return OK;
        }
        whole = false;
    }
    release_result(result);
    return whole ? codec_no_memory(error) : codec_corrupt(error, "the result of a tournament is cut off");
}

static enum status decode_shared(struct engine *engine, struct buffer_reader *in, struct error *error)
{
    struct settlement_table *table = settlement_need_table(engine);
    if (table == NULL) return codec_no_memory(error);
    uint32_t count = buffer_read_u32(in);
    for (uint32_t i = 0; i < count; i++) RETURN_IF_FAILED(decode_waiting(engine, table, in, error));
    count = buffer_read_u32(in);
    for (uint32_t i = 0; i < count; i++) RETURN_IF_FAILED(decode_result(engine, table, in, error));
    return OK;
}

/* ---------------------------------------------------------------- what properties show */

/* Whether programs ask for a property of tournaments at all. */
static bool is_shown(const struct program *program)
{
    for (uint32_t i = 0; i < program->metric_count; i++) {
        const struct bundle_metric *metric = &program->metric[i];
        if (metric->aggregate == AGGREGATE_PROPERTY &&
            (metric->property == PROPERTY_BOARD_PLACE || metric->property == PROPERTY_BOARD_SCORE))
            return true;
    }
    return false;
}

/* What gives points, and the news of a place. */
static bool hears(const struct engine *engine, uint32_t event)
{
    const struct program *program = &engine->newest->program;
    if (program->tournament_count == 0 || !is_shown(program)) return false;
    enum role role = roles_of(engine, event);
    if (role == ROLE_TOURNAMENT_PLACED || role == ROLE_TOURNAMENT_CANCELLED) return true;
    for (uint32_t i = 0; i < program->metric_count; i++) {
        const struct bundle_metric *metric = &program->metric[i];
        if (metric->tournament != PROGRAM_NONE && (metric->event == event || metric->reversal == event)) return true;
    }
    return false;
}

static void hear(struct engine *engine, const struct turn *turn, struct player *player, const struct kept_event *event)
{
    (void)turn;
    (void)player;
    (void)event;
    property_changed(engine, player);
}

static bool linked(struct engine *engine)
{
    board_forget(engine);
    return true;
}

const struct part settlement_part = {
    .name = "tournaments",
    .hears = hears,
    .event = hear,
    .linked = linked,
    .free_shared = free_shared,
    .encode_shared = encode_shared,
    .decode_shared = decode_shared,
};
