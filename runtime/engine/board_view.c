/* Boards for people. See board_view.h. */
#include "runtime/engine/board_view.h"

#include "runtime/engine/settlement_state.h"
#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/memory.h"

/* ---------------------------------------------------------------- the order that is kept for a while */

static bool is_fresh(const struct board_kept *kept, const struct title *title, int64_t start, int64_t clock,
                     uint32_t age_ms)
{
    return kept != NULL && kept->title == title && kept->start == start && clock >= kept->clock &&
           clock - kept->clock < age_ms;
}

void board_forget(struct engine *engine)
{
    struct settlement_table *table = settlement_table(engine);
    if (table == NULL || table->kept == NULL) return;
    memory_release(table->kept->order);
    memory_release(table->kept);
    table->kept = NULL;
}

/* All who are ranked, in order. */
static struct board_kept *make_order(struct engine *engine, const struct title *title, uint32_t tournament,
                                     const struct instance *instance, int64_t clock)
{
    const struct program *program = &engine->newest->program;
    struct settlement_table *table = settlement_need_table(engine);
    if (table == NULL) return NULL;
    if (is_fresh(table->kept, title, instance->start, clock, program->tournament[tournament].board_age_ms))
        return table->kept;
    board_forget(engine);
    uint32_t count = 0, ranked = 0;
    struct board_row *rows = board_collect(engine, tournament, title, instance->start, true, &count);
    struct board_kept *kept = memory_alloc(sizeof *kept);
    struct player **order = memory_alloc_array((size_t)count + 1, sizeof *order);
    if (rows == NULL || kept == NULL || order == NULL) {
        memory_release(rows);
        memory_release(kept);
        memory_release(order);
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!rows[i].blocked) rows[ranked++] = rows[i];
    }
    board_sort(program, &program->tournament[tournament], rows, ranked);
    *kept = (struct board_kept){
        .title = title, .start = instance->start, .clock = clock, .order = order, .count = ranked, .now = engine->now};
    for (uint32_t i = 0; i < ranked; i++) {
        order[i] = rows[i].player;
        kept->field += rows[i].score >= BOARD_POINT;
    }
    memory_release(rows);
    table->kept = kept;
    return kept;
}

/* ---------------------------------------------------------------- live */

static struct board_place place_of(struct engine *engine, uint32_t tournament, const struct board_kept *kept,
                                   uint32_t index)
{
    const struct program *program = &engine->newest->program;
    const struct bundle_tournament *record = &program->tournament[tournament];
    const struct player *player = kept->order[index];
    struct board_place place = {.place = index + 1,
                                .player = state_player_id(player),
                                .brand = state_player_brand(player),
                                .score = board_score(engine, tournament, player, kept->start)};
    place.has_last = board_last(engine, tournament, player, kept->start, &place.last);
    bool wins = kept->field >= record->least_field && place.score >= record->least_score;
    if (wins) place.prize = tournament_prize(program, record, index + 1);
    return place;
}

static bool show_live(struct engine *engine, const struct title *title, uint32_t tournament,
                      const struct instance *instance, struct text brand, struct text player, int64_t clock,
                      struct board_view *view, struct board_place **places_out)
{
    const struct board_kept *kept = make_order(engine, title, tournament, instance, clock);
    if (kept == NULL) return false;
    uint32_t top = engine->newest->program.tournament[tournament].board_top;
    view->count = kept->count < top ? kept->count : top;
    struct board_place *places = *places_out = memory_alloc_array((size_t)view->count + 1, sizeof *places);
    if (places == NULL) return false;
    for (uint32_t i = 0; i < view->count; i++) places[i] = place_of(engine, tournament, kept, i);
    view->place = places;
    view->state = engine->now < instance->end ? BOARD_RUNNING : BOARD_ENDED;
    view->players = kept->count;
    view->field = kept->field;
    view->as_of = kept->now;
    const struct player *own =
        player.size == 0 ? NULL : state_find_player(engine, record_group(brand, player), brand, player);
    for (uint32_t i = 0; own != NULL && i < kept->count && !view->has_own; i++) {
        if (kept->order[i] != own) continue;
        view->own = place_of(engine, tournament, kept, i);
        view->has_own = true;
    }
    return true;
}

/* ---------------------------------------------------------------- results */

static const struct settlement_result *result_of(const struct engine *engine, const struct title *title, int64_t start)
{
    const struct settlement_table *table = settlement_table(engine);
    const struct settlement_result *found = NULL;
    for (const struct settlement_result *at = table == NULL ? NULL : table->results; at != NULL; at = at->next) {
        if (at->title == title && (start == INT64_MIN || at->start == start)) found = at; /* The last one. */
    }
    return found;
}

static struct board_place read_place(struct buffer_reader *in, uint32_t index)
{
    struct settlement_row row = settlement_read_row(in);
    return (struct board_place){.place = index + 1,
                                .player = row.id,
                                .brand = row.brand,
                                .score = row.score,
                                .has_last = row.has_last,
                                .last = row.last,
                                .prize = row.prize};
}

static bool show_result(const struct settlement_result *result, uint32_t top, struct text brand, struct text player,
                        struct board_view *view, struct board_place **places_out)
{
    view->state = result->cancelled ? BOARD_CANCELLED : BOARD_SETTLED;
    view->start = result->start;
    view->end = result->end;
    view->settles = view->as_of = result->settled_at;
    view->players = result->players;
    view->field = result->field;
    view->count = result->count < top ? result->count : top;
    struct board_place *places = *places_out = memory_alloc_array((size_t)view->count + 1, sizeof *places);
    if (places == NULL) return false;
    struct buffer_reader in = buffer_read(result->rows.bytes, result->rows.size);
    for (uint32_t i = 0; i < result->count; i++) {
        struct board_place place = read_place(&in, i);
        if (i < view->count) places[i] = place;
        if (player.size == 0 || !text_equal(place.player, player) || !text_equal(place.brand, brand)) continue;
        view->own = place;
        view->has_own = true;
    }
    view->place = places;
    return true;
}

bool board_result_place(const struct engine *engine, const struct title *title, const struct player *player,
                        struct board_place *out)
{
    const struct settlement_result *result = result_of(engine, title, INT64_MIN);
    if (result == NULL) return false;
    struct buffer_reader in = buffer_read(result->rows.bytes, result->rows.size);
    for (uint32_t i = 0; i < result->count; i++) {
        *out = read_place(&in, i);
        if (text_equal(out->player, state_player_id(player)) && text_equal(out->brand, state_player_brand(player)))
            return true;
    }
    return false;
}

static struct text currency_of(const struct engine *engine, const struct title *title)
{
    const struct program *program = &engine->newest->program;
    if (title->campaign == PROGRAM_NONE) return text_make(title->currency, 3);
    return program_text(program, program->currency[program->campaign[title->campaign].currency].code);
}

enum status board_view(struct engine *engine, struct text name, int64_t started, struct text brand, struct text player,
                       int64_t clock, void (*take)(void *context, const struct board_view *view), void *context,
                       struct error *error)
{
    const struct title *title = engine->newest == NULL ? NULL : state_title(engine, name, false);
    uint32_t tournament = title == NULL ? PROGRAM_NONE : board_tournament(engine, title);
    if (tournament == PROGRAM_NONE)
        return error_set(error, STATUS_NOT_FOUND, "there is no tournament `%.*s`", TEXT_ARGS(name));
    const struct bundle_tournament *record = &engine->newest->program.tournament[tournament];
    struct board_view view = {.name = title->name,
                              .currency = currency_of(engine, title),
                              .masked = record->board_masked != 0,
                              .age_ms = record->board_age_ms,
                              .as_of = engine->now};
    struct instance_rule *rule = &engine->newest->instance[tournament];
    struct instance instance;
    bool live = started == INT64_MIN ? instance_current(rule, engine->now, &instance)
                                     : instance_at_start(rule, started, &instance) && engine->now >= instance.start &&
                                           engine->now < instance.settles;
    struct board_place *places = NULL;
    bool fine = true;
    if (live) {
        view.start = instance.start;
        view.end = instance.end;
        view.settles = instance.settles;
        fine = show_live(engine, title, tournament, &instance, brand, player, clock, &view, &places);
    } else {
        const struct settlement_result *result = result_of(engine, title, started);
        if (result != NULL) fine = show_result(result, record->board_top, brand, player, &view, &places);
    }
    if (fine) take(context, &view);
    memory_release(places);
    return fine ? OK : error_set(error, STATUS_NO_MEMORY, "no memory for a board");
}

void board_each_result(struct engine *engine, void (*each)(void *context, const struct board_result *result),
                       void *context)
{
    const struct settlement_table *table = settlement_table(engine);
    for (const struct settlement_result *at = table == NULL ? NULL : table->results; at != NULL; at = at->next) {
        struct buffer_reader in = buffer_read(at->rows.bytes, at->rows.size);
        for (uint32_t i = 0; i < at->count; i++) {
            struct board_result result = {.name = at->title->name,
                                          .currency = currency_of(engine, at->title),
                                          .start = at->start,
                                          .end = at->end,
                                          .settled_at = at->settled_at,
                                          .cancelled = at->cancelled,
                                          .place = read_place(&in, i)};
            each(context, &result);
        }
    }
}

/* ---------------------------------------------------------------- words */

const char *board_view_state(enum board_state state)
{
    switch (state) {
    case BOARD_NONE: return "none";
    case BOARD_RUNNING: return "running";
    case BOARD_ENDED: return "ended";
    case BOARD_SETTLED: return "settled";
    case BOARD_CANCELLED: return "cancelled";
    }
    return "";
}

void board_view_name(struct buffer *out, const struct board_view *view, struct text player)
{
    if (player.size == 0) {
        buffer_string(out, "***");
        return;
    }
    uint32_t shown = player.size;
    if (view->masked) {
        shown = 0;
        for (uint32_t i = 0; i < 2 && shown < player.size; i++) {
            uint32_t size = text_utf8_size(player, shown);
            shown += size == 0 ? 1 : size;
        }
    }
    buffer_text(out, text_slice(player, 0, shown));
    if (view->masked) buffer_string(out, "***");
}

static void put_instant(struct buffer *out, const char *name, int64_t instant)
{
    char text[CIVIL_INSTANT_SIZE];
    civil_format_instant(text, instant);
    buffer_print(out, ",\"%s\":\"%s\"", name, text);
}

static void put_place(struct buffer *out, const struct board_view *view, const struct board_place *place, bool own)
{
    struct buffer name = BUFFER_EMPTY;
    char code[4] = "";
    memcpy(code, view->currency.at, view->currency.size < 3 ? view->currency.size : 3);
    if (own) {
        buffer_text(&name, place->player);
    } else {
        board_view_name(&name, view, place->player);
    }
    buffer_print(out, "{\"place\":%u,\"player\":", place->place);
    buffer_json_text(out, buffer_as_text(&name));
    if (place->brand.size > 0 && own) {
        buffer_string(out, ",\"brand\":");
        buffer_json_text(out, place->brand);
    }
    buffer_string(out, ",\"score\":");
    decimal_print(out, place->score, DECIMAL_MILLIONTHS, DECIMAL_TRIM);
    if (place->has_last) put_instant(out, "last", place->last);
    buffer_string(out, ",\"prize\":\"");
    decimal_print_money_wire(out, place->prize, code);
    buffer_string(out, "\"}");
    if (!buffer_ok(&name)) out->failed = true;
    buffer_deinit(&name);
}

void board_view_json(struct buffer *out, const struct board_view *view)
{
    buffer_string(out, "{\"tournament\":");
    buffer_json_text(out, view->name);
    buffer_print(out, ",\"state\":\"%s\"", board_view_state(view->state));
    put_instant(out, "as_of", view->as_of);
    if (view->state != BOARD_NONE) {
        put_instant(out, "started", view->start);
        put_instant(out, "ends", view->end);
        put_instant(out, "settles", view->settles);
    }
    buffer_print(out, ",\"players\":%u,\"field\":%u,\"places\":[", view->players, view->field);
    for (uint32_t i = 0; i < view->count; i++) {
        if (i > 0) buffer_u8(out, ',');
        put_place(out, view, &view->place[i], false);
    }
    buffer_u8(out, ']');
    if (view->has_own) {
        buffer_string(out, ",\"own\":");
        put_place(out, view, &view->own, true);
    }
    buffer_string(out, "}\n");
}
