/*
 * The tables for people. Contract: runtime/store/views.h; columns: spec/storage.md.
 *
 * Rows wait in arrays until the checkpoint; texts lie in an arena, equal ones in a row once.
 */
#include "runtime/store/views.h"

#include "runtime/engine/board_view.h"
#include "runtime/engine/each.h"
#include "runtime/engine/effect_json.h"
#include "runtime/store/sqlite_parts.h"
#include "vm/arena.h"
#include "vm/civil.h"
#include "vm/memory.h"
#include "vm/pool.h"

struct ledger_row {
    int64_t now, amount;
    uint64_t number, position;
    const char *kind, *reason;
    struct text campaign, offer, budget, currency, detail;
    uint32_t journey;
    uint8_t effect[16];
};

struct message_row {
    int64_t now;
    uint64_t number;
    const char *outcome; /* sent, delayed, or the reason why not */
    struct text campaign, step, channel, message;
    uint32_t journey;
    uint8_t effect[16];
};

/* A statement a table. */
enum put {
    PUT_LEDGER,
    PUT_MESSAGE,
    PUT_BUDGET,
    PUT_FIGURE,
    PUT_PLAYER,
    PUT_JOURNEY,
    PUT_RESULT,
    PUT_CODES,
    PUT_USED_CODE,
    PUT_REWARD,
    PUT_POINTS,
    PUT_LEVEL,
    PUT_BADGE,
    PUT_MISSION,
    PUT_VIEW,
    PUT_COUNT
};

struct views {
    struct store *store;
    struct sqlite_store *sqlite;
    struct arena texts;
    struct text last[6]; /* the newest copies: most rows repeat them */
    uint32_t last_at;
    struct ledger_row *ledger;
    uint32_t ledger_count, ledger_room;
    struct message_row *message;
    uint32_t message_count, message_room;
    bool failed; /* memory was out: told at the next checkpoint */
    sqlite3_stmt *put[PUT_COUNT];
    struct text pool;      /* While codes of it are written … */
    bool pool_in_the_open; /* … which stand in the source. */
    struct engine *engine; /* while writing */
    struct buffer line;
    struct error *error;
    enum status status;
};

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS view(name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS players(number INTEGER, brand TEXT, running INTEGER, attributes TEXT);"
    "CREATE TABLE IF NOT EXISTS journeys(number INTEGER, campaign TEXT, journey INTEGER, state TEXT, step TEXT, "
    "entered_at TEXT, due_at TEXT, line INTEGER);"
    "CREATE TABLE IF NOT EXISTS ledger(now TEXT, number INTEGER, campaign TEXT, journey INTEGER, kind TEXT, offer "
    "TEXT, amount INTEGER, currency TEXT, "
    "budget TEXT, reason TEXT, detail TEXT, effect TEXT, position INTEGER);"
    "CREATE TABLE IF NOT EXISTS messages(now TEXT, number INTEGER, campaign TEXT, journey INTEGER, step TEXT, channel "
    "TEXT, message TEXT, outcome TEXT, effect TEXT);"
    "CREATE TABLE IF NOT EXISTS budgets(campaign TEXT, cap INTEGER, reserved INTEGER, spent INTEGER, suspended "
    "INTEGER, largest_player_spend INTEGER);"
    "CREATE TABLE IF NOT EXISTS figures(campaign TEXT, figure TEXT, name TEXT, detail TEXT, count INTEGER, amount "
    "INTEGER);"
    "CREATE TABLE IF NOT EXISTS results(tournament TEXT, started TEXT, settled TEXT, cancelled INTEGER, place INTEGER, "
    "number INTEGER, score INTEGER, last TEXT, prize INTEGER, currency TEXT);"
    "CREATE TABLE IF NOT EXISTS codes(pool TEXT, quota TEXT, used INTEGER, remaining INTEGER);"
    "CREATE TABLE IF NOT EXISTS used_codes(pool TEXT, code TEXT, redeemed INTEGER, reserved INTEGER, given_at TEXT);"
    "CREATE TABLE IF NOT EXISTS rewards(number INTEGER, campaign TEXT, offer TEXT, kind TEXT, action TEXT, state TEXT, "
    "currency TEXT, amount INTEGER, target INTEGER, progress INTEGER, balance INTEGER, granted_at TEXT, until TEXT, "
    "ended_at TEXT, effect TEXT);"
    "CREATE TABLE IF NOT EXISTS points(number INTEGER, name TEXT, balance INTEGER, earned INTEGER, owed INTEGER, "
    "expiring INTEGER, expires_at TEXT);"
    "CREATE TABLE IF NOT EXISTS levels(number INTEGER, name TEXT, level TEXT, counted INTEGER, next TEXT, next_from "
    "INTEGER);"
    "CREATE TABLE IF NOT EXISTS badges(number INTEGER, badge TEXT, awarded_at TEXT);"
    "CREATE TABLE IF NOT EXISTS missions(number INTEGER, mission TEXT, state TEXT, percent INTEGER, completed INTEGER, "
    "started_at TEXT, until TEXT);";

enum status views_open(struct views **out, struct store *store, struct error *error)
{
    struct views *views = memory_alloc(sizeof *views);
    if (views == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory for the tables for people");
    views->store = store;
    views->sqlite = store->self;
    arena_init(&views->texts, 0);
    *out = views;
    struct sqlite_store *sqlite = views->sqlite;
    RETURN_IF_FAILED(sqlite_run(sqlite, sqlite->main, schema, "making the tables of", error));
    static const char *const statements[PUT_COUNT] = {
        [PUT_LEDGER] = "INSERT INTO ledger VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        [PUT_MESSAGE] = "INSERT INTO messages VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        [PUT_BUDGET] = "INSERT INTO budgets VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
        [PUT_FIGURE] = "INSERT INTO figures VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
        [PUT_PLAYER] = "INSERT INTO players VALUES(?1, ?2, ?3, ?4)",
        [PUT_JOURNEY] = "INSERT INTO journeys VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        [PUT_RESULT] = "INSERT INTO results VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        [PUT_CODES] = "INSERT INTO codes VALUES(?1, ?2, ?3, ?4)",
        [PUT_USED_CODE] = "INSERT INTO used_codes VALUES(?1, ?2, ?3, ?4, ?5)",
        [PUT_REWARD] = "INSERT INTO rewards VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        [PUT_POINTS] = "INSERT INTO points VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        [PUT_LEVEL] = "INSERT INTO levels VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
        [PUT_BADGE] = "INSERT INTO badges VALUES(?1, ?2, ?3)",
        [PUT_MISSION] = "INSERT INTO missions VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        [PUT_VIEW] = "INSERT INTO view VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET position = ?2",
    };
    for (size_t index = 0; index < PUT_COUNT; index++) {
        RETURN_IF_FAILED(sqlite_prepare(sqlite, sqlite->main, statements[index], &views->put[index], error));
    }
    return OK;
}

void views_close(struct views *views)
{
    if (views == NULL) return;
    for (size_t index = 0; index < PUT_COUNT; index++) (void)sqlite3_finalize(views->put[index]);
    arena_deinit(&views->texts);
    buffer_deinit(&views->line);
    memory_release(views->ledger);
    memory_release(views->message);
    memory_release(views);
}

/* ---------------------------------------------------------------- rows that wait */

static struct text keep(struct views *views, struct text text)
{
    if (text.size == 0) return TEXT("");
    for (uint32_t index = 0; index < sizeof views->last / sizeof views->last[0]; index++) {
        if (text_equal(views->last[index], text)) return views->last[index];
    }
    struct text copy = arena_copy_text(&views->texts, text);
    if (copy.at == NULL) {
        views->failed = true;
        return TEXT("");
    }
    views->last[views->last_at++ % (sizeof views->last / sizeof views->last[0])] = copy;
    return copy;
}

static void *new_row(struct views *views, void **rows, uint32_t *count, uint32_t *room, size_t size)
{
    if (*count == *room) {
        uint32_t grown_room = *room == 0 ? 1024 : *room * 2;
        void *grown = memory_resize_array(*rows, grown_room, size);
        if (grown == NULL) {
            views->failed = true;
            return NULL;
        }
        *rows = grown;
        *room = grown_room;
    }
    return (char *)*rows + size * (*count)++;
}

static uint64_t number_of(const struct views *views, struct text brand, struct text player)
{
    return player.size == 0 ? 0 : keyring_life(views->store->keyring, brand, player);
}

/* The engine knows the number of whom it folds; only who was made by another player's journey has none yet. */
static uint64_t number_of_note(const struct views *views, const struct engine_note *note)
{
    return note->number != 0 ? note->number : number_of(views, note->brand, note->player);
}

static struct text campaign_name(const struct program *program, uint32_t campaign)
{
    return campaign == PROGRAM_NONE ? TEXT("") : program_text(program, program->campaign[campaign].name);
}

static struct text step_name(const struct program *program, const struct bundle_effect *effect)
{
    return effect->step < program->step_count ? program_text(program, program->step[effect->step].name) : TEXT("");
}

static void add_message(struct views *views, const struct program *program, const struct bundle_effect *effect,
                        int64_t now, uint64_t number, uint32_t campaign, uint32_t journey, const uint8_t *id,
                        const char *outcome)
{
    void *rows = views->message;
    struct message_row *row = new_row(views, &rows, &views->message_count, &views->message_room, sizeof *row);
    views->message = rows;
    if (row == NULL) return;
    *row = (struct message_row){.now = now,
                                .number = number,
                                .outcome = outcome,
                                .journey = journey,
                                .campaign = keep(views, campaign_name(program, campaign)),
                                .step = keep(views, step_name(program, effect)),
                                .channel = keep(views, program_text(program, effect->action)),
                                .message = keep(views, program_text(program, effect->name))};
    memcpy(row->effect, id, sizeof row->effect);
}

void views_effect(struct views *views, const struct engine_effect *effect)
{
    if (effect->kind != ENGINE_SEND || effect->effect == NULL) return;
    add_message(views, effect->program, effect->effect, effect->at,
                effect->number != 0 ? effect->number : number_of(views, effect->brand, effect->player),
                effect->campaign, effect->journey, effect->id, "sent");
}

/* What the ledger keeps: every reservation, commit, release and refusal of money, and suspensions. */
static bool is_of_ledger(const struct engine_note *note)
{
    switch (note->kind) {
    case NOTE_RESERVED:
    case NOTE_COMMITTED:
    case NOTE_RELEASED:
    case NOTE_CREDIT_FAILED:
    case NOTE_WITHHELD:
    case NOTE_SUSPENDED:
    case NOTE_RESUMED: return true;
    case NOTE_EFFECT_REFUSED: return note->effect != NULL && note->effect->kind == ACT_CREDIT;
    default: return false;
    }
}

static void add_ledger(struct views *views, const struct engine_note *note)
{
    void *rows = views->ledger;
    struct ledger_row *row = new_row(views, &rows, &views->ledger_count, &views->ledger_room, sizeof *row);
    views->ledger = rows;
    if (row == NULL) return;
    const struct program *program = note->program;
    *row = (struct ledger_row){.now = note->now,
                               .amount = note->amount,
                               .number = number_of_note(views, note),
                               .position = note->position,
                               .kind = effect_json_note_word(note->kind),
                               .journey = note->journey,
                               .reason = note->reason == REASON_NONE ? "" : effect_json_reason(note->reason)};
    row->campaign = keep(views, campaign_name(program, note->campaign));
    if (note->campaign != PROGRAM_NONE) {
        uint32_t currency = program->campaign[note->campaign].currency;
        row->currency = keep(views, program_text(program, program->currency[currency].code));
    }
    if (note->effect != NULL && note->effect->kind == ACT_CREDIT) {
        row->offer = keep(views, program_text(program, note->effect->name));
    }
    if (program != NULL && note->budget < program->budget_count) {
        row->budget = keep(views, program_text(program, program->budget[note->budget].name));
    }
    row->detail = keep(views, text_of(note->detail == NULL ? "" : note->detail));
    memcpy(row->effect, note->effect_id, sizeof row->effect);
}

void views_note(struct views *views, const struct engine_note *note)
{
    if (note->test_player && is_of_ledger(note)) return; /* No money of anybody's. */
    if (is_of_ledger(note)) {
        add_ledger(views, note);
        return;
    }
    bool about_message = note->kind == NOTE_EFFECT_REFUSED || note->kind == NOTE_DELAYED || note->kind == NOTE_DROPPED;
    if (!about_message || note->effect == NULL || note->effect->kind != ACT_SEND) return;
    const char *outcome = note->kind == NOTE_DELAYED ? "delayed" : effect_json_reason(note->reason);
    add_message(views, note->program, note->effect, note->now, number_of_note(views, note), note->campaign,
                note->journey, note->effect_id, outcome);
}

/* ---------------------------------------------------------------- writing */

static void bind_text(sqlite3_stmt *statement, int place, struct text text)
{
    (void)sqlite3_bind_text(statement, place, text.size == 0 ? "" : text.at, (int)text.size, SQLITE_STATIC);
}

/* An instant as people read it; it must live until the step. */
static void bind_instant(sqlite3_stmt *statement, int place, char out[CIVIL_INSTANT_SIZE], int64_t instant)
{
    unsigned size = civil_format_instant(out, instant);
    (void)sqlite3_bind_text(statement, place, out, (int)size, SQLITE_STATIC);
}

static void bind_id(sqlite3_stmt *statement, int place, char out[33], const uint8_t id[16])
{
    crypto_hex(out, id, 16);
    (void)sqlite3_bind_text(statement, place, out, 32, SQLITE_STATIC);
}

static void step(struct views *views, sqlite3_stmt *statement)
{
    if (views->status == OK)
        views->status = sqlite_step(views->sqlite, statement, "writing the tables of", views->error);
}

static void write_ledger(struct views *views)
{
    char instant[CIVIL_INSTANT_SIZE];
    char id[33];
    sqlite3_stmt *put = views->put[PUT_LEDGER];
    for (uint32_t index = 0; index < views->ledger_count && views->status == OK; index++) {
        const struct ledger_row *row = &views->ledger[index];
        bind_instant(put, 1, instant, row->now);
        (void)sqlite3_bind_int64(put, 2, (sqlite3_int64)row->number);
        bind_text(put, 3, row->campaign);
        (void)sqlite3_bind_int64(put, 4, row->journey);
        (void)sqlite3_bind_text(put, 5, row->kind, -1, SQLITE_STATIC);
        bind_text(put, 6, row->offer);
        (void)sqlite3_bind_int64(put, 7, row->amount);
        bind_text(put, 8, row->currency);
        bind_text(put, 9, row->budget);
        (void)sqlite3_bind_text(put, 10, row->reason, -1, SQLITE_STATIC);
        bind_text(put, 11, row->detail);
        bind_id(put, 12, id, row->effect);
        (void)sqlite3_bind_int64(put, 13, (sqlite3_int64)row->position);
        step(views, put);
    }
}

static void write_messages(struct views *views)
{
    char instant[CIVIL_INSTANT_SIZE];
    char id[33];
    sqlite3_stmt *put = views->put[PUT_MESSAGE];
    for (uint32_t index = 0; index < views->message_count && views->status == OK; index++) {
        const struct message_row *row = &views->message[index];
        bind_instant(put, 1, instant, row->now);
        (void)sqlite3_bind_int64(put, 2, (sqlite3_int64)row->number);
        bind_text(put, 3, row->campaign);
        (void)sqlite3_bind_int64(put, 4, row->journey);
        bind_text(put, 5, row->step);
        bind_text(put, 6, row->channel);
        bind_text(put, 7, row->message);
        (void)sqlite3_bind_text(put, 8, row->outcome, -1, SQLITE_STATIC);
        bind_id(put, 9, id, row->effect);
        step(views, put);
    }
}

static void write_figures(struct views *views, struct text campaign, const char *figure,
                          const struct engine_figure *figures, uint32_t count)
{
    sqlite3_stmt *put = views->put[PUT_FIGURE];
    for (uint32_t index = 0; index < count && views->status == OK; index++) {
        bind_text(put, 1, campaign);
        (void)sqlite3_bind_text(put, 2, figure, -1, SQLITE_STATIC);
        bind_text(put, 3, figures[index].name);
        bind_text(put, 4, figures[index].detail);
        (void)sqlite3_bind_int64(put, 5, (sqlite3_int64)figures[index].count);
        (void)sqlite3_bind_int64(put, 6, figures[index].amount);
        step(views, put);
    }
}

static void write_campaign(void *context, const struct engine_campaign_summary *summary)
{
    struct views *views = context;
    sqlite3_stmt *put = views->put[PUT_BUDGET];
    bind_text(put, 1, summary->name);
    if (summary->budget_cap < 0) {
        (void)sqlite3_bind_null(put, 2);
    } else {
        (void)sqlite3_bind_int64(put, 2, summary->budget_cap);
    }
    (void)sqlite3_bind_int64(put, 3, summary->budget_reserved);
    (void)sqlite3_bind_int64(put, 4, summary->budget_spent);
    (void)sqlite3_bind_int64(put, 5, summary->suspended);
    (void)sqlite3_bind_int64(put, 6, summary->largest_player_spend);
    step(views, put);
    const struct engine_figure counts[] = {
        {.name = TEXT("started"), .detail = TEXT(""), .count = summary->started},
        {.name = TEXT("entered"), .detail = TEXT(""), .count = summary->entered},
        {.name = TEXT("waiting"), .detail = TEXT(""), .count = summary->waiting},
        {.name = TEXT("converted"), .detail = TEXT(""), .count = summary->converted},
    };
    write_figures(views, summary->name, "journeys", counts, sizeof counts / sizeof counts[0]);
    write_figures(views, summary->name, "finished", summary->finished, summary->finished_count);
    write_figures(views, summary->name, "messages", summary->messages, summary->messages_count);
    write_figures(views, summary->name, "credits", summary->credits, summary->credits_count);
    write_figures(views, summary->name, "refusals", summary->refusals, summary->refusals_count);
    for (uint32_t i = 0; i < summary->arms_count; i++) {
        struct engine_figure arm = summary->arms[i], reached = arm;
        reached.count = (uint64_t)arm.amount;
        arm.amount = reached.amount = 0;
        write_figures(views, summary->name, "exposed", &arm, 1);
        write_figures(views, summary->name, "converted", &reached, 1);
    }
}

/* Plain attributes that are known, as one JSON object. */
static void print_attributes(struct views *views, const struct engine_player_view *player)
{
    const struct program *program = engine_program(views->engine);
    struct buffer *line = &views->line;
    buffer_clear(line);
    buffer_u8(line, '{');
    bool first = true;
    for (uint32_t index = 0; index < program->attribute_count; index++) {
        const struct bundle_attribute *row = &program->attribute[index];
        if (row->privacy != FIELD_PLAIN || (player->known[row->slot / 64] >> (row->slot % 64) & 1) == 0) continue;
        int64_t value = player->slot[row->slot];
        struct text text = TEXT("");
        if (row->kind == TYPE_TEXT && handle_size(value) > 0) {
            /* A default stands in the program, what was told in the player. */
            const uint8_t *bank = handle_bank(value) == BANK_CONSTANT ? program->bytes : player->bytes;
            text = (struct text){.at = (const char *)bank + handle_offset(value), .size = handle_size(value)};
        }
        if (!first) buffer_u8(line, ',');
        first = false;
        buffer_json_text(line, program_text(program, row->name));
        buffer_u8(line, ':');
        effect_json_value(line, program, row->kind, row->of, value, text);
    }
    buffer_u8(line, '}');
    if (!buffer_ok(line)) views->failed = true;
}

static void write_player(void *context, const struct engine_player_view *player)
{
    struct views *views = context;
    sqlite3_stmt *put = views->put[PUT_PLAYER];
    print_attributes(views, player);
    (void)sqlite3_bind_int64(put, 1, (sqlite3_int64)number_of(views, player->brand, player->player));
    bind_text(put, 2, player->brand);
    (void)sqlite3_bind_int64(put, 3, player->journey_count);
    bind_text(put, 4, buffer_as_text(&views->line));
    step(views, put);
}

static void write_journey(void *context, const struct engine_journey_view *journey)
{
    struct views *views = context;
    sqlite3_stmt *put = views->put[PUT_JOURNEY];
    char entered[CIVIL_INSTANT_SIZE];
    char due[CIVIL_INSTANT_SIZE];
    (void)sqlite3_bind_int64(put, 1, (sqlite3_int64)number_of(views, journey->brand, journey->player));
    bind_text(put, 2, journey->campaign);
    (void)sqlite3_bind_int64(put, 3, journey->journey);
    bind_text(put, 4, journey->state);
    bind_text(put, 5, journey->step);
    bind_instant(put, 6, entered, journey->entered_at);
    if (journey->due_at <= 0 || journey->due_at > CIVIL_INSTANT_MAX) {
        (void)sqlite3_bind_null(put, 7);
    } else {
        bind_instant(put, 7, due, journey->due_at);
    }
    (void)sqlite3_bind_int64(put, 8, journey->line);
    step(views, put);
}

static void write_result(void *context, const struct board_result *result)
{
    struct views *views = context;
    sqlite3_stmt *put = views->put[PUT_RESULT];
    const struct board_place *place = &result->place;
    char started[CIVIL_INSTANT_SIZE], settled[CIVIL_INSTANT_SIZE], last[CIVIL_INSTANT_SIZE];
    if (views->status != OK) return;
    bind_text(put, 1, result->name);
    bind_instant(put, 2, started, result->start);
    bind_instant(put, 3, settled, result->settled_at);
    (void)sqlite3_bind_int64(put, 4, result->cancelled);
    (void)sqlite3_bind_int64(put, 5, place->place);
    (void)sqlite3_bind_int64(put, 6, (sqlite3_int64)number_of(views, place->brand, place->player));
    (void)sqlite3_bind_int64(put, 7, place->score);
    if (place->has_last) {
        bind_instant(put, 8, last, place->last);
    } else {
        (void)sqlite3_bind_null(put, 8);
    }
    (void)sqlite3_bind_int64(put, 9, place->prize);
    bind_text(put, 10, result->currency);
    step(views, put);
}

/* ---------------------------------------------------------------- what players hold, and codes */

/* No instant, no end: NULL. */
static void bind_instant_if(sqlite3_stmt *statement, int place, char out[CIVIL_INSTANT_SIZE], int64_t instant)
{
    if (instant < 0 || instant > CIVIL_INSTANT_MAX) {
        (void)sqlite3_bind_null(statement, place);
    } else {
        bind_instant(statement, place, out, instant);
    }
}

static void bind_number_if(sqlite3_stmt *statement, int place, bool there, int64_t number)
{
    if (there) {
        (void)sqlite3_bind_int64(statement, place, number);
    } else {
        (void)sqlite3_bind_null(statement, place);
    }
}

static void write_reward(void *context, const struct each_reward *reward)
{
    struct views *views = context;
    sqlite3_stmt *put = views->put[PUT_REWARD];
    char granted[CIVIL_INSTANT_SIZE], until[CIVIL_INSTANT_SIZE], ended[CIVIL_INSTANT_SIZE], id[33];
    (void)sqlite3_bind_int64(put, 1, (sqlite3_int64)number_of(views, reward->brand, reward->player));
    bind_text(put, 2, reward->campaign);
    bind_text(put, 3, reward->offer);
    bind_text(put, 4, reward->kind);
    bind_text(put, 5, reward->action);
    bind_text(put, 6, reward->state);
    bind_text(put, 7, reward->currency);
    bind_number_if(put, 8, reward->is_money, reward->amount);
    bind_number_if(put, 9, reward->is_played, reward->target);
    bind_number_if(put, 10, reward->is_played, reward->progress);
    (void)sqlite3_bind_int64(put, 11, reward->balance);
    bind_instant_if(put, 12, granted, reward->granted_at);
    bind_instant_if(put, 13, until, reward->until);
    bind_instant_if(put, 14, ended, reward->ended_at);
    bind_id(put, 15, id, reward->id);
    step(views, put);
}

static void write_points(void *context, const struct each_points *points)
{
    struct views *views = context;
    sqlite3_stmt *put = views->put[PUT_POINTS];
    char expires[CIVIL_INSTANT_SIZE];
    (void)sqlite3_bind_int64(put, 1, (sqlite3_int64)number_of(views, points->brand, points->player));
    bind_text(put, 2, points->points);
    (void)sqlite3_bind_int64(put, 3, points->balance);
    (void)sqlite3_bind_int64(put, 4, points->earned);
    (void)sqlite3_bind_int64(put, 5, points->owed);
    (void)sqlite3_bind_int64(put, 6, points->expiring);
    bind_instant_if(put, 7, expires, points->expires_at);
    step(views, put);
}

static void write_level(void *context, const struct each_level *level)
{
    struct views *views = context;
    sqlite3_stmt *put = views->put[PUT_LEVEL];
    (void)sqlite3_bind_int64(put, 1, (sqlite3_int64)number_of(views, level->brand, level->player));
    bind_text(put, 2, level->levels);
    bind_text(put, 3, level->level);
    (void)sqlite3_bind_int64(put, 4, level->counted);
    bind_text(put, 5, level->next);
    bind_number_if(put, 6, level->next.size > 0, level->next_from);
    step(views, put);
}

static void write_badge(void *context, const struct each_badge *badge)
{
    struct views *views = context;
    sqlite3_stmt *put = views->put[PUT_BADGE];
    char awarded[CIVIL_INSTANT_SIZE];
    (void)sqlite3_bind_int64(put, 1, (sqlite3_int64)number_of(views, badge->brand, badge->player));
    bind_text(put, 2, badge->badge);
    bind_instant_if(put, 3, awarded, badge->awarded_at);
    step(views, put);
}

static void write_mission(void *context, const struct each_mission *mission)
{
    struct views *views = context;
    sqlite3_stmt *put = views->put[PUT_MISSION];
    char started[CIVIL_INSTANT_SIZE], until[CIVIL_INSTANT_SIZE];
    (void)sqlite3_bind_int64(put, 1, (sqlite3_int64)number_of(views, mission->brand, mission->player));
    bind_text(put, 2, mission->mission);
    bind_text(put, 3, mission->state);
    (void)sqlite3_bind_int64(put, 4, mission->percent);
    (void)sqlite3_bind_int64(put, 5, mission->completed);
    bind_instant_if(put, 6, started, mission->started_at);
    bind_instant_if(put, 7, until, mission->until);
    step(views, put);
}

static void write_codes(void *context, const struct each_codes *codes)
{
    struct views *views = context;
    sqlite3_stmt *put = views->put[PUT_CODES];
    bind_text(put, 1, codes->pool);
    bind_text(put, 2, codes->quota);
    (void)sqlite3_bind_int64(put, 3, codes->used);
    bind_number_if(put, 4, codes->bounded, codes->left);
    step(views, put);
}

/* Whoever reads tables must not be able to redeem: of a code the first two letters are shown. */
static void write_used_code(void *context, const struct engine_code *code)
{
    struct views *views = context;
    sqlite3_stmt *put = views->put[PUT_USED_CODE];
    char given[CIVIL_INSTANT_SIZE];
    if (code->uses == 0 && code->held == 0 && code->given_at == INT64_MIN) return;
    buffer_clear(&views->line);
    board_view_name(&views->line, &(struct board_view){.masked = !views->pool_in_the_open}, code->code);
    if (!buffer_ok(&views->line)) views->failed = true;
    bind_text(put, 1, views->pool);
    bind_text(put, 2, buffer_as_text(&views->line));
    (void)sqlite3_bind_int64(put, 3, code->uses);
    (void)sqlite3_bind_int64(put, 4, code->held);
    bind_instant_if(put, 5, given, code->given_at);
    step(views, put);
}

static void write_used_codes(struct views *views)
{
    const struct program *program = engine_program(views->engine);
    for (uint32_t index = 0; program != NULL && index < program->pool_count; index++) {
        views->pool = program_text(program, program->pool[index].name);
        views->pool_in_the_open = program->pool[index].kind == POOL_FIXED;
        engine_each_code(views->engine, views->pool, write_used_code, views);
    }
}

static void write_held(struct views *views)
{
    static const struct each_takers takers = {.reward = write_reward,
                                              .points = write_points,
                                              .level = write_level,
                                              .badge = write_badge,
                                              .mission = write_mission};
    enum status status = engine_each_held(views->engine, &takers, views, views->error);
    if (views->status == OK) views->status = status;
}

static void say_position(struct views *views, const char *name, uint64_t position)
{
    (void)sqlite3_bind_text(views->put[PUT_VIEW], 1, name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(views->put[PUT_VIEW], 2, (sqlite3_int64)position);
    step(views, views->put[PUT_VIEW]);
}

/* What is as large as the players are many. */
static void write_full(struct views *views, uint64_t position)
{
    views->status = sqlite_run(views->sqlite, views->sqlite->main,
                               "DELETE FROM players; DELETE FROM journeys; DELETE FROM rewards; DELETE FROM points; "
                               "DELETE FROM levels; DELETE FROM badges; DELETE FROM missions; DELETE FROM used_codes",
                               "writing the tables of", views->error);
    if (views->status == OK && (!engine_each_player(views->engine, write_player, views) ||
                                !engine_each_journey(views->engine, write_journey, views)))
        views->status = error_set(views->error, STATUS_NO_MEMORY, "no memory for the rows of the tables for people");
    if (views->status == OK) write_held(views);
    if (views->status == OK) write_used_codes(views);
    static const char *const names[] = {"players", "journeys", "rewards",  "points",
                                        "levels",  "badges",   "missions", "used_codes"};
    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) say_position(views, names[index], position);
}

enum status views_write(struct views *views, struct engine *engine, uint64_t position, bool full, struct error *error)
{
    if (views->failed) return error_set(error, STATUS_NO_MEMORY, "no memory for the rows of the tables for people");
    struct sqlite_store *sqlite = views->sqlite;
    views->engine = engine;
    views->error = error;
    views->status = OK;
    RETURN_IF_FAILED(sqlite_run(sqlite, sqlite->main,
                                "DELETE FROM budgets; DELETE FROM figures; DELETE FROM results; DELETE FROM codes",
                                "writing the tables of", error));
    write_ledger(views);
    write_messages(views);
    if (!engine_summary(engine, write_campaign, views) && views->status == OK)
        views->status = error_set(error, STATUS_NO_MEMORY, "no memory for the rows of the tables for people");
    board_each_result(engine, write_result, views);
    engine_each_codes(engine, write_codes, views);
    static const char *const always[] = {"results", "ledger", "messages", "budgets", "figures", "codes"};
    for (size_t index = 0; index < sizeof always / sizeof always[0]; index++)
        say_position(views, always[index], position);
    if (full && views->status == OK) write_full(views, position);
    if (views->status == OK && views->failed) {
        return error_set(error, STATUS_NO_MEMORY, "no memory for the rows of the tables for people");
    }
    return views->status;
}

void views_written(struct views *views)
{
    views->ledger_count = 0;
    views->message_count = 0;
    memset(views->last, 0, sizeof views->last);
    arena_reset(&views->texts);
}
