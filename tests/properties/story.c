/* Stories and tellings. See story.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/properties/story.h"

#include "runtime/engine/effect_json.h"
#include "runtime/store/history.h"
#include "vm/civil.h"

enum { LAST_DAYS = 45 };

static uint64_t mixed(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static uint32_t draw(uint64_t *state, uint32_t below)
{
    return (uint32_t)(mixed(*state += UINT64_C(0x9E3779B97F4A7C15)) % below);
}

static uint64_t hash_of(const void *bytes, size_t size, uint64_t hash)
{
    for (size_t i = 0; i < size; i++) hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(1099511628211);
    return mixed(hash);
}

static void *needed(void *made)
{
    if (made == NULL) abort();
    return made;
}

/* ------------------------------------------------------------------------------------------------- the engine of a telling */

static void fail(struct telling *telling, const char *what, const struct error *error)
{
    if (telling->fault[0] == '\0')
        snprintf(telling->fault, sizeof telling->fault, "%.300s: %.300s", what, error->message);
}

static void take_effect(void *context, const struct engine_effect *effect)
{
    struct telling *telling = context;
    effect_json_write(&telling->effects, effect);
    telling->effect_count++;
    if (telling->hooks.effect != NULL) telling->hooks.effect(telling->hooks.context, effect);
}

static void take_note(void *context, const struct engine_note *note)
{
    struct telling *telling = context;
    effect_json_note(&telling->notes, note);
    if (telling->hooks.note != NULL) telling->hooks.note(telling->hooks.context, note);
}

/* What was asked and what came out, condition by condition. */
static void take_probe(void *context, const struct engine_probe_call *call)
{
    struct telling *telling = context;
    const struct program *program = call->activation->program;
    uint32_t region =
        call->activation->campaign == PROGRAM_NONE ? 0 : program->campaign[call->activation->campaign].region;
    uint32_t sites = program->region[region].site_count;
    if (sites > ACTIVATION_SITES_MAX) sites = ACTIVATION_SITES_MAX;
    const uint32_t what[4] = {(uint32_t)call->kind, call->pc, call->accepted, call->about};
    telling->conditions = hash_of(what, sizeof what, telling->conditions);
    telling->conditions = hash_of(call->player.at, call->player.size, telling->conditions);
    telling->conditions = hash_of(call->activation->trace, sites, telling->conditions);
    telling->condition_count++;
    if (telling->hooks.probe != NULL) telling->hooks.probe(telling->hooks.context, call);
}

static enum status read_history(void *context, uint64_t before, log_reader reader, void *reader_context,
                                struct error *error)
{
    const struct telling *telling = context;
    return history_read(&telling->store.log, before, reader, reader_context, error);
}

static bool open_engine(struct telling *telling)
{
    struct error error = ERROR_NONE;
    struct engine_options options = {.shards = telling->way.shards == 0 ? 1 : telling->way.shards,
                                     .sink = {.context = telling, .effect = take_effect, .note = take_note},
                                     .lazy = telling->way.shards % 2 == 0,
                                     .history = read_history,
                                     .history_context = telling};
    if (telling->way.probed) options.sink.probe = take_probe;
    if (engine_open(&telling->engine, &options, &error) == OK) return true;
    fail(telling, "engine_open", &error);
    return false;
}

static bool open_intake(struct telling *telling)
{
    struct error error = ERROR_NONE;
    intake_close(telling->intake);
    telling->intake = NULL;
    if (intake_open(&telling->intake, engine_program(telling->engine), &error) == OK) return true;
    fail(telling, "intake_open", &error);
    return false;
}

static bool append(struct telling *telling, const struct record *record)
{
    struct error error = ERROR_NONE;
    struct buffer open = BUFFER_EMPTY, secret = BUFFER_EMPTY;
    enum status status = record_encode(&open, &secret, record, engine_program(telling->engine));
    struct log_record row = {.now = record->now,
                             .number = record->number,
                             .group = record->group,
                             .kind = record->kind,
                             .open = buffer_as_text(&open),
                             .secret = buffer_as_text(&secret)};
    uint64_t first = 0;
    if (status == OK) status = telling->store.log.append(telling->store.log.self, &row, 1, &first, &error);
    if (status != OK) fail(telling, "the log", &error);
    buffer_deinit(&open);
    buffer_deinit(&secret);
    return status == OK;
}

bool telling_fold(struct telling *telling, struct record *record)
{
    struct error error = ERROR_NONE;
    int64_t before = engine_now(telling->engine);
    if (record->now < before) record->now = before;
    record->position = ++telling->position;
    if (telling->way.logged && !append(telling, record)) return false;
    if (engine_fold(telling->engine, record, &error) == OK) return true;
    fail(telling, "engine_fold", &error);
    return false;
}

bool telling_settle(struct telling *telling)
{
    struct error error = ERROR_NONE;
    if (engine_settle(telling->engine, &error) == OK) return true;
    fail(telling, "engine_settle", &error);
    return false;
}

static bool activate(struct telling *telling, const uint8_t *bundle, size_t size, int64_t now)
{
    struct record record = {.kind = RECORD_ACTIVATE, .now = now, .at = now, .bundle = bundle, .bundle_size = size};
    telling->activations++;
    return telling_fold(telling, &record) && open_intake(telling);
}

/* ------------------------------------------------------------------------------------------------- making */

struct making {
    struct telling telling;
    struct maker *maker;
};

static void hear(void *context, const struct engine_effect *effect)
{
    maker_hear(((struct making *)context)->maker, effect);
}

static void add_line(struct story *story, const struct buffer *text, const struct maker_made *made, int64_t now)
{
    if (story->count == story->room) {
        story->room = story->room * 2 + 256;
        story->line = needed(realloc(story->line, story->room * sizeof *story->line));
    }
    struct story_line *line = &story->line[story->count++];
    *line = (struct story_line){.size = (uint32_t)text->size, .now = now, .alone = made->kind == MAKER_ERASE};
    line->text = needed(malloc(text->size + 1));
    memcpy(line->text, text->bytes, text->size);
    line->text[text->size] = '\0';
    static const char mark[] = "\"player\":\"";
    const char *player = strstr(line->text, mark);
    if (player != NULL) {
        player += sizeof mark - 1;
        snprintf(line->player, sizeof line->player, "%.*s", (int)strcspn(player, "\""), player);
    }
    line->control = strncmp(line->text, "{\"codes\":", 9) == 0 || strstr(line->text, "\"kind\":\"tick\"") != NULL ||
                    strstr(line->text, "\"kind\":\"command\"") != NULL || strstr(line->text, "\"import\":") != NULL;
}

void story_make(struct story *story, const struct program *program, const uint8_t *bundle, size_t size, uint64_t seed,
                uint32_t lives, uint32_t lines)
{
    *story = (struct story){.program = program, .bundle = bundle, .bundle_size = size, .seed = seed};
    struct making making = {.maker = maker_open(program, seed, lives)};
    struct telling *telling = &making.telling;
    struct error error = ERROR_NONE;
    telling->story = story;
    telling->hooks = (struct telling_hooks){.context = &making, .effect = hear};
    story->start = maker_start(making.maker);
    if (seed % 2 == 0) maker_endanger(making.maker, 60);
    bool good = memory_store_open(&telling->store, &error) == OK && open_engine(telling) &&
                activate(telling, bundle, size, story->start);
    struct buffer text = BUFFER_EMPTY;
    for (uint32_t n = 0; n < lines && good; n++) {
        struct maker_made made = maker_next(making.maker, &text);
        struct record record;
        buffer_clear(&telling->effects);
        buffer_clear(&telling->notes);
        if (made.kind == MAKER_ERASE) {
            good = telling_settle(telling);
            maker_pass(making.maker, 1);
            if (made.now <= engine_now(telling->engine)) made.now = engine_now(telling->engine) + 1;
        }
        if (good && intake_line(telling->intake, buffer_as_string(&text), text.size, &record, &error) != OK) {
            fail(telling, buffer_as_string(&text), &error);
            good = false;
        }
        record.now = made.now;
        good = good && telling_fold(telling, &record);
        add_line(story, &text, &made, record.now);
        if (good && made.kind == MAKER_ERASE) {
            good = telling_settle(telling);
            maker_pass(making.maker, 1);
        }
    }
    if (!good) {
        printf("BROKEN: seed %" PRIu64 ": %s\n", seed, telling->fault);
        exit(1);
    }
    buffer_deinit(&text);
    maker_close(making.maker);
    telling_free(telling);
}

bool story_read(struct story *story, const struct program *program, const uint8_t *bundle, size_t size,
                const char *path)
{
    *story = (struct story){.program = program, .bundle = bundle, .bundle_size = size, .start = INT64_MAX};
    FILE *file = fopen(path, "r");
    if (file == NULL) return false;
    struct error error = ERROR_NONE;
    struct intake *intake = NULL;
    if (intake_open(&intake, program, &error) != OK) abort();
    struct buffer text = BUFFER_EMPTY;
    static char line[65536];
    int64_t now = INT64_MIN;
    while (fgets(line, sizeof line, file) != NULL) {
        struct record record;
        size_t length = strcspn(line, "\n");
        if (intake_line(intake, line, length, &record, &error) != OK) continue;
        if (record.now > now) now = record.now;
        if (now < story->start) story->start = now;
        struct maker_made made = {.kind = record.kind == RECORD_ERASE ? MAKER_ERASE : MAKER_LINE};
        buffer_clear(&text);
        buffer_append(&text, line, length);
        add_line(story, &text, &made, now);
    }
    fclose(file);
    intake_close(intake);
    if (story->count > 0) {
        char when[CIVIL_INSTANT_SIZE];
        struct maker_made made = {.kind = MAKER_LINE};
        now += 365 * CIVIL_DAY_MS;
        civil_format_instant(when, now);
        buffer_clear(&text);
        buffer_print(&text, "{\"kind\":\"tick\",\"at\":\"%s\"}", when);
        add_line(story, &text, &made, now);
    }
    buffer_deinit(&text);
    return story->count > 0;
}

void story_put_first(struct story *story, const char *text, const char *player)
{
    struct buffer bytes = BUFFER_EMPTY;
    buffer_string(&bytes, text);
    struct maker_made made = {.kind = MAKER_LINE};
    add_line(story, &bytes, &made, story->start);
    buffer_deinit(&bytes);
    struct story_line first = story->line[story->count - 1];
    memmove(story->line + 1, story->line, (story->count - 1) * sizeof first);
    snprintf(first.player, sizeof first.player, "%s", player);
    story->line[0] = first;
}

void story_free(struct story *story)
{
    for (uint32_t i = 0; i < story->count; i++) free(story->line[i].text);
    free(story->line);
    *story = (struct story){.program = NULL};
}

/* ------------------------------------------------------------------------------------------------- telling */

static uint32_t player_number(const char *player)
{
    return player[0] == 'p' ? (uint32_t)strtoul(player + 1, NULL, 10) : UINT32_MAX;
}

static bool tell_line(struct telling *telling, uint32_t number)
{
    const struct story_line *line = &telling->story->line[number];
    struct error error = ERROR_NONE;
    struct record record;
    uint32_t player = player_number(line->player);
    if (telling->way.without != NULL && player != UINT32_MAX && telling->way.without[player]) return true;
    if (line->alone && !telling_settle(telling)) return false;
    if (intake_line(telling->intake, line->text, line->size, &record, &error) != OK) {
        fail(telling, line->text, &error);
        return false;
    }
    record.now = line->now;
    if (telling->hooks.before != NULL) telling->hooks.before(telling->hooks.context, telling, number, &record);
    if (!telling_fold(telling, &record)) return false;
    if (telling->hooks.after != NULL) telling->hooks.after(telling->hooks.context, telling, &record);
    return !line->alone || telling_settle(telling);
}

/* The order of lines: those of one instant may change places, but for control lines. */
static uint32_t *order_of(struct telling *telling)
{
    const struct story *story = telling->story;
    uint32_t *order = needed(calloc(story->count + 1, sizeof *order));
    for (uint32_t i = 0; i < story->count; i++) order[i] = i;
    if (!telling->way.shuffled) return order;
    for (uint32_t first = 0, end; first < story->count; first = end) {
        end = first + 1;
        while (end < story->count && story->line[end].now == story->line[first].now) end++;
        for (uint32_t i = end - 1; i > first; i--) {
            uint32_t other = first + draw(&telling->state, i - first + 1);
            const struct story_line *a = &story->line[order[i]], *b = &story->line[order[other]];
            if (other == i || a->control || b->control || a->alone || b->alone) continue;
            uint32_t kept = order[i];
            order[i] = order[other];
            order[other] = kept;
            telling->moved++;
        }
    }
    return order;
}

static bool checkpoint(struct telling *telling, uint32_t next)
{
    struct error error = ERROR_NONE;
    /* Between two instants, as the program does it. */
    if (!telling_settle(telling)) return false;
    if (engine_checkpoint(telling->engine, &telling->store.checkpoint, engine_position(telling->engine), &error) !=
        OK) {
        fail(telling, "engine_checkpoint", &error);
        return false;
    }
    telling->effects_kept = telling->effects.size;
    telling->line_kept = next;
    telling->position_kept = telling->position;
    telling->checkpointed = true;
    return true;
}

/* Dies without a word and comes up again, on other shards. */
static bool die(struct telling *telling, uint32_t *next)
{
    struct error error = ERROR_NONE;
    uint64_t position = 0;
    const struct telling *expected = telling->way.expected;
    if (expected != NULL && telling->effects.size > 0 &&
        (telling->effects.size > expected->effects.size ||
         memcmp(telling->effects.bytes, expected->effects.bytes, telling->effects.size) != 0)) {
        error_set(&error, STATUS_CORRUPT, "they are not those of the whole run");
        fail(telling, "effects that left before a death", &error);
        return false;
    }
    engine_close(telling->engine);
    telling->engine = NULL;
    intake_close(telling->intake);
    telling->intake = NULL;
    telling->kills++;
    telling->way.shards = 1 + draw(&telling->state, 8);
    telling->effects.size = telling->effects_kept;
    telling->position = telling->position_kept;
    *next = telling->line_kept;
    if (!open_engine(telling)) return false;
    if (!telling->checkpointed)
        return activate(telling, telling->story->bundle, telling->story->bundle_size, telling->story->start);
    if (engine_restore(telling->engine, &telling->store.checkpoint, &position, &error) != OK) {
        fail(telling, "engine_restore", &error);
        return false;
    }
    return open_intake(telling);
}

static bool tell_again(struct telling *telling, const uint32_t *order, uint32_t number)
{
    uint32_t at = draw(&telling->state, 3) == 0 && number > 20 ? number - draw(&telling->state, 20) : number;
    const struct story_line *line = &telling->story->line[order[at]];
    if (line->alone || line->control || telling->story->line[order[number]].alone) return true;
    struct error error = ERROR_NONE;
    struct record record;
    if (intake_line(telling->intake, line->text, line->size, &record, &error) != OK) return true;
    record.now = telling->story->line[order[number]].now;
    telling->repeated++;
    return telling_fold(telling, &record);
}

void telling_tell(struct telling *telling, const struct story *story, struct way way, const struct telling_hooks *hooks,
                  bool leave_open)
{
    struct error error = ERROR_NONE;
    *telling = (struct telling){.story = story, .way = way, .state = way.seed};
    if (hooks != NULL) telling->hooks = *hooks;
    bool good = memory_store_open(&telling->store, &error) == OK && open_engine(telling) &&
                activate(telling, story->bundle, story->bundle_size, story->start);
    if (good) telling->position_kept = 0;
    uint32_t *order = order_of(telling);
    uint32_t away = way.other == NULL ? UINT32_MAX : 1 + draw(&telling->state, story->count),
             back = way.other == NULL ? UINT32_MAX : away + draw(&telling->state, story->count);
    bool first_life = true;
    for (uint32_t n = 0; n < (way.lines == 0 ? story->count : way.lines) && good; n++) {
        if (n == away) good = activate(telling, way.other, way.other_size, story->line[order[n]].now);
        if (n == back) good = good && activate(telling, story->bundle, story->bundle_size, story->line[order[n]].now);
        good = good && tell_line(telling, order[n]);
        if (good && way.twice && draw(&telling->state, 3) == 0) good = tell_again(telling, order, n);
        bool between = n + 1 < story->count && story->line[order[n + 1]].now > story->line[order[n]].now;
        if (good && way.killed && between && draw(&telling->state, 60) == 0) good = checkpoint(telling, n + 1);
        if (good && way.killed && draw(&telling->state, first_life ? 40 : 150) == 0 && telling->kills < 40) {
            uint32_t next = 0;
            good = die(telling, &next);
            n = next - 1; /* the loop adds one */
            first_life = false;
        }
    }
    free(order);
    if (good && way.lines > 0) good = telling_settle(telling);
    if (good && way.lines == 0) {
        struct record record = {.kind = RECORD_TICK, .now = engine_now(telling->engine) + LAST_DAYS * CIVIL_DAY_MS};
        record.at = record.now;
        good = telling_fold(telling, &record) && telling_settle(telling);
    }
    if (good && engine_digest(telling->engine, telling->digest, &error) != OK) fail(telling, "engine_digest", &error);
    if (leave_open) return;
    engine_close(telling->engine);
    telling->engine = NULL;
}

struct replaying {
    struct telling *telling;
    struct record_space space;
};

static enum status replay_one(void *context, uint64_t position, const struct log_record *row, struct error *error)
{
    struct replaying *replaying = context;
    struct record record;
    RETURN_IF_FAILED(record_decode(&record, &replaying->space, row->open, row->secret,
                                   engine_program(replaying->telling->engine), error));
    record.position = position;
    record.number = row->number;
    return engine_fold(replaying->telling->engine, &record, error);
}

void telling_replay(struct telling *telling, const struct telling *told, uint32_t shards)
{
    struct error error = ERROR_NONE;
    *telling = (struct telling){.story = told->story, .way = {.shards = shards, .probed = told->way.probed}};
    struct replaying replaying = {.telling = telling};
    record_space_init(&replaying.space);
    if (memory_store_open(&telling->store, &error) != OK || !open_engine(telling)) return;
    enum status status = told->store.log.read(told->store.log.self, 1, replay_one, &replaying, &error);
    if (status != OK) fail(telling, "the log", &error);
    if (status == OK && telling_settle(telling) && engine_digest(telling->engine, telling->digest, &error) != OK)
        fail(telling, "engine_digest", &error);
    record_space_deinit(&replaying.space);
}

void telling_free(struct telling *telling)
{
    engine_close(telling->engine);
    intake_close(telling->intake);
    store_close(&telling->store);
    buffer_deinit(&telling->effects);
    buffer_deinit(&telling->notes);
}

/* ------------------------------------------------------------------------------------------------- comparing */

struct reading {
    const char *at, *end;
    uint64_t *seen;
    uint64_t room, count;
};

static struct reading read_effects(const struct telling *telling)
{
    struct reading reading = {.at = (const char *)telling->effects.bytes};
    reading.end = reading.at + telling->effects.size;
    reading.room = telling->effects.size / 32 + 64;
    reading.seen = needed(calloc(reading.room, sizeof *reading.seen));
    return reading;
}

/* The next line that did not come before. */
static struct text next_line(struct reading *reading)
{
    while (reading->at < reading->end) {
        const char *line = reading->at, *feed = memchr(line, '\n', (size_t)(reading->end - line));
        size_t size = (size_t)(feed - line);
        reading->at = feed + 1;
        uint64_t hash = hash_of(line, size, 1) | 1, place = hash % reading->room;
        while (reading->seen[place] != 0 && reading->seen[place] != hash) place = (place + 1) % reading->room;
        if (reading->seen[place] == hash) continue;
        reading->seen[place] = hash;
        reading->count++;
        return text_make(line, size);
    }
    return text_make("", 0);
}

bool telling_same(const struct telling *one, const struct telling *other, char words[600])
{
    if (one->fault[0] != '\0' || other->fault[0] != '\0') {
        snprintf(words, 600, "%.290s%.290s", one->fault, other->fault);
        return false;
    }
    struct reading left = read_effects(one), right = read_effects(other);
    bool same = true, more = true;
    while (same && more) {
        struct text a = next_line(&left), b = next_line(&right);
        same = text_equal(a, b);
        more = a.size > 0 || b.size > 0;
        if (!same)
            snprintf(words, 600, "effect %" PRIu64 " is\n    %.*s instead of\n    %.*s", left.count,
                     (int)(b.size < 250 ? b.size : 250), b.at, (int)(a.size < 250 ? a.size : 250), a.at);
    }
    free(left.seen);
    free(right.seen);
    return same;
}
