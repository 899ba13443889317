/* Telling stories to the engine and the evaluator. See differ.h. */
#include "tests/reference/differ.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/store/intake.h"
#include "runtime/store/memory_store.h"
#include "tests/lives/ledger.h"
#include "tests/lives/maker.h"
#include "vm/bundle.h"
#include "vm/civil.h"

enum { SHARDS = 8, RESTART_EVERY = 150 };

struct telling {
    struct differ_result *result;
    struct compiler_output compiled;
    struct compare *comparison;
    struct engine *engine;
    struct intake *intake;
    struct store store;
    struct maker *maker;   /* NULL: it is told again */
    struct ledger *ledger; /* the books by another hand */
    uint64_t position;
};

static void hear_effect(void *context, const struct engine_effect *effect)
{
    struct telling *telling = context;
    ledger_effect(telling->ledger, effect);
    if (effect->kind == ENGINE_ANSWER) telling->result->reasons[effect->answer->reason]++;
    if (telling->maker != NULL) maker_hear(telling->maker, effect);
}

static void hear_note(void *context, const struct engine_note *note)
{
    struct telling *telling = context;
    ledger_note(telling->ledger, note);
    compare_note(telling->comparison, note);
}

static void hear_probe(void *context, const struct engine_probe_call *call)
{
    compare_probe(((struct telling *)context)->comparison, call);
}

static bool fine(struct telling *telling, enum status status, const struct error *error, const char *what)
{
    if (status != OK && telling->result->fault[0] == '\0')
        snprintf(telling->result->fault, sizeof telling->result->fault, "%s: %s", what, error->message);
    return status == OK;
}

static bool open_engine(struct telling *telling, uint32_t shards)
{
    struct error error = ERROR_NONE;
    struct engine_options options = {
        .shards = shards, .sink = {.context = telling, .effect = hear_effect, .note = hear_note, .probe = hear_probe}};
    return fine(telling, engine_open(&telling->engine, &options, &error), &error, "engine_open");
}

static bool settle(struct telling *telling)
{
    struct error error = ERROR_NONE;
    if (!fine(telling, engine_settle(telling->engine, &error), &error, "engine_settle")) return false;
    ledger_settled(telling->ledger);
    compare_settled(telling->comparison, engine_now(telling->engine));
    return true;
}

/* A file that a campaign file names. */
static bool read_beside(void *context, struct text path, struct buffer *out)
{
    char name[1024], bytes[4096];
    size_t size;
    (void)context;
    snprintf(name, sizeof name, "%.*s", TEXT_ARGS(path));
    FILE *file = fopen(name, "rb");
    if (file == NULL) return false;
    while ((size = fread(bytes, 1, sizeof bytes, file)) > 0) buffer_append(out, bytes, size);
    fclose(file);
    return true;
}

static bool begin(struct telling *telling, const struct differ_story *story, enum reference_plant plant)
{
    struct error error = ERROR_NONE;
    struct differ_result *result = telling->result;
    struct compiler_options options = {.default_name = TEXT("Reference"), .reader = {.read = read_beside}};
    buffer_clear(&result->diagnostics);
    result->fault[0] = result->last[0] = '\0';
    result->compiled = false;
    if (!fine(telling, crypto_start(&error), &error, "crypto_start")) return false;
    enum status status = compiler_compile(&telling->compiled, story->file, story->file_count, options, &error);
    if (status != OK) {
        buffer_string(&result->diagnostics, error.message);
        if (status == STATUS_REFUSED) (void)fine(telling, status, &error, "the verifier");
        return false;
    }
    if (telling->compiled.failed) {
        diagnostics_render(&telling->compiled.diagnostics, DIAGNOSTIC_TEXT, &result->diagnostics);
        return false;
    }
    result->compiled = true;
    const struct program *program = &telling->compiled.program;
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        const struct bundle_region *region = &program->region[program->campaign[i].region];
        for (uint32_t j = 0; j < region->code_count; j++)
            result->opcodes[program->instruction[region->code_first + j].op % 512]++;
    }
    for (uint32_t j = 0; j < program->region[0].code_count; j++)
        result->opcodes[program->instruction[program->region[0].code_first + j].op % 512]++;
    coverage_count(&result->coverage, telling->compiled.names);
    telling->comparison = compare_open(&telling->compiled, plant);
    telling->ledger = ledger_open(&telling->compiled.program, PLANT_NOTHING);
    return fine(telling, memory_store_open(&telling->store, &error), &error, "memory_store_open");
}

static bool activate(struct telling *telling, int64_t now, uint32_t shards)
{
    struct error error = ERROR_NONE;
    struct record record = {.kind = RECORD_ACTIVATE,
                            .now = now,
                            .at = now,
                            .position = ++telling->position,
                            .bundle = telling->compiled.bundle.bytes,
                            .bundle_size = telling->compiled.bundle.size};
    return open_engine(telling, shards) &&
           fine(telling, engine_fold(telling->engine, &record, &error), &error, "activation") &&
           fine(telling, intake_open(&telling->intake, engine_program(telling->engine), &error), &error, "intake_open");
}

/* Down and up again from a checkpoint alone; the evaluator's journeys go on as they were. */
static bool restart(struct telling *telling, uint32_t shards)
{
    struct error error = ERROR_NONE;
    uint64_t position = 0;
    if (!settle(telling)) return false;
    bool good =
        fine(telling,
             engine_checkpoint(telling->engine, &telling->store.checkpoint, engine_position(telling->engine), &error),
             &error, "engine_checkpoint");
    intake_close(telling->intake);
    engine_close(telling->engine);
    telling->intake = NULL;
    telling->engine = NULL;
    telling->result->restarts++;
    return good && open_engine(telling, shards) &&
           fine(telling, engine_restore(telling->engine, &telling->store.checkpoint, &position, &error), &error,
                "engine_restore") &&
           fine(telling, intake_open(&telling->intake, engine_program(telling->engine), &error), &error, "intake_open");
}

/* False: it differs, or the engine has failed. A line that the schema does not know is passed over. */
static bool tell_line(struct telling *telling, const struct differ_line *line)
{
    struct error error = ERROR_NONE;
    struct record record;
    struct differ_result *result = telling->result;
    if (line->text == NULL) return restart(telling, line->shards);
    result->lines++;
    if (intake_line(telling->intake, line->text, strlen(line->text), &record, &error) != OK) return true;
    int64_t before = engine_now(telling->engine);
    record.now = line->now > before ? line->now : before;
    record.position = ++telling->position;
    char player[80] = "";
    bool forgets = record.kind == RECORD_ERASE;
    if (forgets) snprintf(player, sizeof player, "%.*s", TEXT_ARGS(record.player));
    if (line->failed) ledger_told_failed(telling->ledger, line->effect);
    /* Where the platform keeps bonuses the engine makes no events of rewards, so their ends are not told by it. */
    if (telling->compiled.program.workspace->platform_bonuses) ledger_told_any(telling->ledger);
    bool expects = record.kind == RECORD_EVENT && line->settle;
    if (expects) compare_expect(telling->comparison, record.player, record.brand, record.event);
    bool good = fine(telling, engine_fold(telling->engine, &record, &error), &error, line->text);
    if (good && (line->settle || forgets)) good = settle(telling);
    if (good && expects) compare_expected(telling->comparison);
    if (forgets) {
        compare_forget(telling->comparison, text_of(player));
        ledger_forget(telling->ledger, record.brand, text_of(player));
    }
    const char *fault = compare_fault(telling->comparison);
    if (fault == NULL) fault = ledger_fault(telling->ledger);
    if (fault == NULL && good) return true;
    if (fault != NULL) snprintf(result->fault, sizeof result->fault, "%s", fault);
    snprintf(result->last, sizeof result->last, "%s", line->text);
    return false;
}

static void end(struct telling *telling)
{
    struct differ_result *result = telling->result;
    if (telling->comparison != NULL) {
        const struct compared counts = compare_counts(telling->comparison);
        const char *fault = compare_fault(telling->comparison);
        if (fault != NULL) snprintf(result->fault, sizeof result->fault, "%s", fault);
        result->counts.filters += counts.filters;
        result->counts.activations += counts.activations;
        result->counts.conditions += counts.conditions;
        result->counts.expected += counts.expected;
        result->counts.deeds += counts.deeds;
        result->counts.values += counts.values;
        result->counts.deadlines += counts.deadlines;
        result->counts.ends += counts.ends;
        result->counts.rules += counts.rules;
        result->counts.unsure += counts.unsure;
        for (uint32_t i = 0; i < REASON_COUNT; i++) result->reasons[i] += compare_reasons(telling->comparison)[i];
        if (getenv("DIFFER_UNSURE") != NULL) compare_print(telling->comparison);
        result->credits += ledger_credits(telling->ledger);
        result->refusals += ledger_refusals(telling->ledger);
        ledger_close(telling->ledger);
        compare_close(telling->comparison);
    }
    intake_close(telling->intake);
    engine_close(telling->engine);
    store_close(&telling->store);
    compiler_release(&telling->compiled);
}

static struct differ_line *add_line(struct differ_story *story)
{
    if (story->line_count == story->line_capacity) {
        story->line_capacity = story->line_capacity * 2 + 64;
        story->line = realloc(story->line, story->line_capacity * sizeof *story->line);
        if (story->line == NULL) abort();
    }
    struct differ_line *line = &story->line[story->line_count++];
    *line = (struct differ_line){.text = NULL, .shards = 1};
    return line;
}

static void drop_lines(struct differ_story *story)
{
    for (uint32_t i = 0; i < story->line_count; i++) free(story->line[i].text);
    story->line_count = 0;
}

/* What still waits comes to its end. */
static void last_tick(struct telling *telling, struct differ_story *story)
{
    char when[CIVIL_INSTANT_SIZE], line[120];
    int64_t now = engine_now(telling->engine) + 200 * CIVIL_DAY_MS;
    civil_format_instant(when, now);
    snprintf(line, sizeof line, "{\"kind\":\"tick\",\"at\":\"%s\"}", when);
    struct differ_line *tick = add_line(story);
    *tick = (struct differ_line){.text = strdup(line), .now = now, .settle = true};
    (void)tell_line(telling, tick);
}

void differ_live(struct differ_story *story, uint64_t seed, uint32_t lives, uint32_t lines, enum reference_plant plant,
                 struct differ_result *result)
{
    struct telling telling = {.result = result};
    struct buffer line = BUFFER_EMPTY;
    drop_lines(story);
    if (begin(&telling, story, plant)) {
        telling.maker = maker_open(&telling.compiled.program, seed, lives);
        struct differ_line *first = add_line(story);
        first->now = maker_start(telling.maker);
        first->shards = 1 + (uint32_t)(seed % SHARDS);
        bool good = activate(&telling, first->now, first->shards);
        for (uint32_t n = 0; n < lines && good; n++) {
            struct maker_made made = maker_next(telling.maker, &line);
            struct differ_line *next = add_line(story);
            next->text = strdup(buffer_as_string(&line));
            next->now = made.now;
            next->failed = made.kind == MAKER_FAILED;
            memcpy(next->effect, made.effect, sizeof next->effect);
            next->settle = made.kind == MAKER_ERASE || maker_random(telling.maker, 3) == 0;
            good = (made.kind != MAKER_ERASE || settle(&telling)) && tell_line(&telling, next);
            if (next->settle) maker_pass(telling.maker, 1);
            if (!good || maker_random(telling.maker, RESTART_EVERY) != 0) continue;
            next = add_line(story);
            next->shards = 1 + maker_random(telling.maker, SHARDS);
            good = tell_line(&telling, next);
            maker_pass(telling.maker, 1);
        }
        if (good) last_tick(&telling, story);
        maker_close(telling.maker);
    }
    buffer_deinit(&line);
    end(&telling);
}

void differ_tell(const struct differ_story *story, enum reference_plant plant, struct differ_result *result)
{
    struct telling telling = {.result = result};
    if (begin(&telling, story, plant) && story->line_count > 0) {
        bool good = activate(&telling, story->line[0].now, story->line[0].shards);
        for (uint32_t n = 1; n < story->line_count && good; n++) good = tell_line(&telling, &story->line[n]);
    }
    end(&telling);
}

void differ_free(struct differ_story *story)
{
    drop_lines(story);
    free(story->line);
}

void differ_result_free(struct differ_result *result)
{
    buffer_deinit(&result->diagnostics);
}

/* ------------------------------------------------------------------ making it smaller */

static bool still_differs(const struct differ_story *story, enum reference_plant plant, struct differ_result *result)
{
    struct differ_result fresh = {.diagnostics = BUFFER_EMPTY};
    differ_tell(story, plant, &fresh);
    bool differs = fresh.fault[0] != '\0';
    if (differs) {
        buffer_deinit(&result->diagnostics);
        *result = fresh;
    } else {
        buffer_deinit(&fresh.diagnostics);
    }
    return differs;
}

/* Leaves out runs of lines, long ones first. */
static void fewer_lines(struct differ_story *story, enum reference_plant plant, uint32_t *tries,
                        struct differ_result *result)
{
    struct differ_line *all = malloc((story->line_count + 1) * sizeof *all), *kept = story->line;
    if (all == NULL) return;
    for (uint32_t run = story->line_count / 2; run > 0; run /= 2) {
        for (uint32_t at = 1; at<story->line_count && * tries> 0;) {
            uint32_t count = story->line_count, gone = run < count - at ? run : count - at;
            memcpy(all, kept, count * sizeof *all);
            story->line = all;
            memmove(all + at, all + at + gone, (count - at - gone) * sizeof *all);
            story->line_count = count - gone;
            --*tries;
            bool differs = still_differs(story, plant, result);
            story->line = kept;
            if (differs) {
                for (uint32_t i = at; i < at + gone; i++) free(kept[i].text);
                memmove(kept + at, kept + at + gone, (count - at - gone) * sizeof *kept);
            } else {
                story->line_count = count;
                at += gone;
            }
        }
    }
    free(all);
}

static uint32_t indent_at(struct text text, uint32_t at)
{
    uint32_t blanks = 0;
    while (at + blanks < text.size && text.at[at + blanks] == ' ') blanks++;
    return blanks;
}

static uint32_t line_end(struct text text, uint32_t at)
{
    uint32_t end = text_find(text, '\n', at);
    return end < text.size ? end + 1 : text.size;
}

/* Where the thing that begins with the line at `at` is over: with what stands deeper below it, and its `end`. */
static uint32_t thing_end(struct text text, uint32_t at)
{
    uint32_t depth = indent_at(text, at), end = line_end(text, at);
    bool deeper = false;
    while (end < text.size) {
        bool blank = text.at[end + indent_at(text, end)] == '\n';
        bool closes = indent_at(text, end) == depth && text_starts_with(text_slice(text, end + depth, 4), TEXT("end"));
        if (!blank && indent_at(text, end) <= depth && !(closes && deeper)) break;
        deeper = deeper || indent_at(text, end) > depth;
        end = line_end(text, end);
        if (closes && deeper) break;
    }
    return end;
}

/* Leaves out things of the source: blocks with all that is in them, then single lines; also only the lines around a block. */
static bool fewer_things(struct differ_story *story, struct buffer *source, enum reference_plant plant, uint32_t *tries,
                         struct differ_result *result)
{
    bool smaller = false;
    struct buffer other = BUFFER_EMPTY;
    for (uint32_t at = 0; at<source->size && * tries> 0;) {
        struct text text = buffer_as_text(source);
        uint32_t end = thing_end(text, at);
        buffer_clear(&other);
        buffer_append(&other, source->bytes, at);
        buffer_append(&other, source->bytes + end, source->size - end);
        story->file[0].bytes = buffer_as_text(&other);
        --*tries;
        if (still_differs(story, plant, result)) {
            struct buffer swap = *source;
            *source = other;
            other = swap;
            smaller = true;
        } else {
            at = line_end(text, at);
        }
        story->file[0].bytes = buffer_as_text(source);
    }
    buffer_deinit(&other);
    return smaller;
}

void differ_shrink(struct differ_story *story, struct buffer *source, enum reference_plant plant, uint32_t tries,
                   struct differ_result *result)
{
    story->file[0].bytes = buffer_as_text(source);
    fewer_lines(story, plant, &tries, result);
    while (tries > 0 && fewer_things(story, source, plant, &tries, result)) continue;
    fewer_lines(story, plant, &tries, result);
    (void)still_differs(story, plant, result);
}
