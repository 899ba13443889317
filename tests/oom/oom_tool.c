/*
 * The N-th allocation fails, for all N.
 *
 *     oom_tool [--seconds=S] [--seed=N] [--only=TEXT] [--stride=N] [--once | --for-ever] [--chunks | --apart] [--from=N --to=N]
 *              [--sample=N]
 *
 * Each scenario runs once in peace, then again and again with the first, second, third … allocation failing: only that one, and
 * that one with all after it, until a run needs no more. Nothing else may come of it than what was to come, or STATUS_NO_MEMORY with words; nothing leaks;
 * a database opens again, holds the state before or after the line that failed, and goes on to the same state and the same effects. With --seconds the
 * N are strided, from an offset by the seed, so that the time suffices; without, it is all of them. Then the same with each block of an arena
 * apart (--apart), where of all N the first of each place in the code that allocates is tried, told apart by its callers.
 * A run that takes a hundred times as long as in peace is broken too: something grew without bound on the way.
 * promise F4
 * Prints a line for each scenario: allocations failed, statuses, and what repeats a failure. Next: lose.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compiler/compiler.h"
#include "runtime/channels/render.h"
#include "runtime/channels/terms.h"
#include "runtime/engine/programs.h"
#include "runtime/engine/state.h"
#include "runtime/lab/explain.h"
#include "runtime/store/backup.h"
#include "runtime/store/doctor.h"
#include "runtime/store/memory_store.h"
#include "runtime/store/promo_parts.h"
#include "runtime/store/restore.h"
#include "tests/forge/forge.h"
#include "tests/oom/format.h"
#include "tests/oom/lose.h"
#include "vm/assemble.h"
#include "vm/bundle.h"
#include "vm/disassemble.h"
#include "vm/memory.h"
#include "vm/template.h"
#include "vm/verify.h"

enum { LINES = 14, IDS_MAX = 4000 };

/* What a run must say of itself. */
struct verdict {
    enum status status;
    char words[512];
    const char *broken; /* a promise that did not hold; NULL: none */
};

struct scenario {
    const char *name;
    void (*prepare)(uint32_t sample); /* before each run, with memory; may be NULL */
    void (*run)(uint32_t sample, struct verdict *out);
    void (*judge)(uint32_t sample, struct verdict *out); /* after each run, with memory again; may be NULL */
    void (*clean)(void);                                 /* may be NULL */
    bool each_sample;
    bool when_asked; /* by --only alone: it still finds what is not mended */
};

static bool peaceful; /* the run that says what is right */

static void broken(struct verdict *out, const char *what)
{
    if (out->broken == NULL) out->broken = what;
}

static void failed(struct verdict *out, enum status status, const struct error *error)
{
    if (out->status != OK) return;
    out->status = status;
    (void)snprintf(out->words, sizeof out->words, "%s", error->message);
}

/* ---------------------------------------------------------------- what must come out the same */

static struct crypto_digest expected;

static void same(struct verdict *out, const void *bytes, size_t size)
{
    const struct crypto_digest digest = crypto_digest256(bytes, size);
    if (peaceful)
        expected = digest;
    else if (memcmp(&digest, &expected, sizeof digest) != 0)
        broken(out, "it says that all is well, and gives something else than in peace");
}

/* ---------------------------------------------------------------- compiler */

static char source[65536];
static size_t source_size;
/* An empty name: the mistakes below. */
static const char *const sources[] = {
    "examples/hello/hello.promo",
    "examples/c02-ladder/ladder.promo",
    "examples/c03-cashback/cashback.promo",
    "examples/c04-rake-race/race.promo",
    "examples/c07-gift-card/gift-card.promo",
    "examples/c09-mission/mission.promo",
    "examples/c10-levels/levels.promo",
    "examples/quiet-hours/quiet-hours.promo",
    "examples/referral/referral.promo",
    "",
    "examples/c08-reactivation/reactivation.promo",
    "tests/diagnostics/E0202_second_things.promo",
    "tests/diagnostics/E0203_events_by_other_names.promo",
    "tests/diagnostics/E0208_expected_of_a_test.promo",
    "tests/diagnostics/E0225_given_of_a_test.promo",
    "tests/diagnostics/E0301_values_of_other_types.promo",
    "tests/diagnostics/E0320_bounds.promo",
    "tests/diagnostics/E1400_tournaments_too_much.promo",
    "tests/diagnostics/E0127_more_statements.promo",
    "tests/diagnostics/E0127_promotion_blocks.promo",
    "tests/diagnostics/E0127_two_on_a_line.promo",
    "tests/diagnostics/W0609_choose_of_all_kinds.promo",
    "tests/compiler/bonuses.promo",
    "tests/compiler/conditions.promo",
    "tests/compiler/formulas.promo",
    "tests/compiler/codes.promo",
    "tests/compiler/questions.promo",
    "tests/compiler/rates.promo",
    "tests/compiler/points.promo",
    "tests/compiler/missions.promo",
    "tests/compiler/tournaments.promo",
    "tests/compiler/metrics.promo",
    "tests/compiler/jurisdictions.promo",
    "tests/compiler/schedules.promo",
    "tests/compiler/journeys.promo",
    "tests/compiler/paths.promo",
    "tests/compiler/shown.promo",
};

static void read_source(uint32_t number)
{
    FILE *file = fopen(sources[number % (sizeof sources / sizeof *sources)], "r");
    static const char wrong[] = "campaign \"C\"\n  prodct casino\n  curency EUR\n  start on depsit\n  step \"A\"\n    "
                                "credit \"x\"\n  end\nend\n";
    source_size = 0;
    if (file == NULL) { /* mistakes: the way of messages and hints */
        memcpy(source, wrong, sizeof wrong);
        source_size = sizeof wrong - 1;
        return;
    }
    source_size = fread(source, 1, sizeof source, file);
    (void)fclose(file);
}

static void run_compile(uint32_t sample, struct verdict *out)
{
    (void)sample;
    struct compiler_input input = {TEXT("oom.promo"), text_make(source, source_size)};
    struct compiler_output output;
    struct error error = ERROR_NONE;
    struct buffer words = BUFFER_EMPTY;
    enum status status =
        compiler_compile(&output, &input, 1, (struct compiler_options){.default_name = TEXT("oom")}, &error);
    if (status != OK) failed(out, status, &error);
    if (status == OK) {
        diagnostics_render(&output.diagnostics, DIAGNOSTIC_TEXT, &words);
        diagnostics_render(&output.diagnostics, DIAGNOSTIC_SARIF, &words);
        if (!buffer_ok(&words))
            failed(out, STATUS_NO_MEMORY, &(struct error){STATUS_NO_MEMORY, "no memory for messages"});
        else {
            buffer_append(&words, output.bundle.bytes, output.bundle.size);
            if (!buffer_ok(&words))
                failed(out, STATUS_NO_MEMORY, &(struct error){STATUS_NO_MEMORY, "no memory of the test"});
            else
                same(out, words.bytes, words.size);
        }
    }
    buffer_deinit(&words);
    compiler_release(&output);
}

static void run_format(uint32_t sample, struct verdict *out)
{
    (void)sample;
    struct error error = ERROR_NONE;
    struct buffer words = BUFFER_EMPTY;
    const enum status status = format_whole(&words, text_make(source, source_size), &error);
    if (status != OK) failed(out, status, &error);
    if (status == OK && !buffer_ok(&words)) broken(out, "a text that lacks memory is called whole");
    if (status == OK) same(out, words.bytes, words.size);
    buffer_deinit(&words);
}

/* ---------------------------------------------------------------- bundles */

static void run_load(uint32_t sample, struct verdict *out)
{
    const struct buffer *bundle = &forge_sample(sample)->bundle;
    struct program program;
    struct bundle_bound bound[64];
    struct error error = ERROR_NONE;
    struct buffer words = BUFFER_EMPTY;
    enum status status = bundle_open(&program, bundle->bytes, bundle->size, &error);
    if (status == OK) status = verify_program(&program, &error);
    if (status == OK && program.campaign_count <= 64) status = verify_bounds(&program, bound, &error);
    if (status != OK) failed(out, status, &error);
    if (status == OK) {
        disassemble(&words, &program);
        if (!buffer_ok(&words))
            failed(out, STATUS_NO_MEMORY, &(struct error){STATUS_NO_MEMORY, "no memory for the text"});
        else
            same(out, words.bytes, words.size);
    }
    buffer_deinit(&words);
}

/* ---------------------------------------------------------------- what leaves */

static uint8_t id[IDS_MAX][16];
static bool id_seen[IDS_MAX];
static uint32_t id_count;
static bool id_unknown;

static void take_effect(void *context, const struct engine_effect *effect)
{
    (void)context;
    for (uint32_t i = 0; i < id_count; i++) {
        if (memcmp(id[i], effect->id, 16) == 0) {
            id_seen[i] = true;
            return;
        }
    }
    if (peaceful && id_count < IDS_MAX) {
        memcpy(id[id_count], effect->id, 16);
        id_seen[id_count++] = true;
    } else {
        id_unknown = true;
    }
}

static void forget_effects(void)
{
    if (peaceful) id_count = 0;
    id_unknown = false;
    memset(id_seen, 0, sizeof id_seen);
}

static void judge_effects(struct verdict *out)
{
    if (id_unknown) broken(out, "an effect left that does not leave in peace");
    for (uint32_t i = 0; i < id_count; i++) {
        if (!id_seen[i]) broken(out, "an effect is lost");
    }
}

/* ---------------------------------------------------------------- the service on a database */

static char path[128];
static uint32_t line_reached; /* lines whose promo_submit said that they are durable */
static uint32_t line_count;

/* What a database holds in peace when it is opened after so many lines, whether it was closed (which ends the last instant with a tick) or not
 * (then the last instant may go on); and what a life that goes on from there ends with. */
struct milestone {
    uint64_t next; /* position of the next record */
    bool is_ended; /* its last instant was ended by a tick */
    uint8_t state[32], end[32];
};
static struct milestone closed[LINES + 1], killed[LINES + 1];

static struct text line_of(uint32_t sample, uint32_t number)
{
    const struct buffer *lines = &forge_sample(sample)->lines;
    const char *at = (const char *)lines->bytes, *end = at + lines->size;
    for (; at < end; number--) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (number == 0) return text_make(at, (size_t)(stop - at));
        at = stop + 1;
    }
    return (struct text){NULL, 0};
}

static struct promo_options options_of(uint32_t sample, bool stored)
{
    const struct forge_sample *of = forge_sample(sample);
    return (struct promo_options){.bundle = of->bundle.bytes,
                                  .bundle_size = of->bundle.size,
                                  .database = stored ? path : NULL,
                                  .shards = 2,
                                  .checkpoint_every = 5,
                                  .sink = {.effect = take_effect},
                                  .time = PROMO_TIME_RECORDS};
}

static void remove_database(void)
{
    static const char *const endings[] = {"",      "-keys",     "-wal",      "-shm",         "-journal",
                                          "-lock", "-keys-wal", "-keys-shm", "-keys-journal"};
    char name[160];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        (void)snprintf(name, sizeof name, "%s%s", path, endings[i]);
        if (unlink(name) != 0 && errno != ENOENT) perror(name);
    }
}

static void prepare_database(uint32_t sample)
{
    (void)sample;
    remove_database();
    forget_effects();
    line_reached = 0;
}

/* Submits from a line on; stops at the first failure. */
static enum status submit_from(struct promo *promo, uint32_t sample, uint32_t from, uint32_t to, struct error *error)
{
    for (uint32_t i = from; i < to; i++) {
        const struct text line = line_of(sample, i);
        struct promo_outcome outcome = {.lines = NULL};
        if (line.at == NULL) break;
        RETURN_IF_FAILED(promo_submit(promo, line.at, line.size, &outcome, error));
        line_reached = i + 1;
    }
    return OK;
}

static void run_service(uint32_t sample, struct verdict *out, bool stored)
{
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    const struct promo_options options = options_of(sample, stored);
    enum status status = promo_open(&promo, &options, &error);
    if (status == OK) {
        status = submit_from(promo, sample, 0, LINES, &error);
        if (status != OK) failed(out, status, &error);
        status = promo_close(promo, &error);
    }
    if (status != OK) failed(out, status, &error);
}

static void run_database(uint32_t sample, struct verdict *out)
{
    run_service(sample, out, true);
}

static void run_memory(uint32_t sample, struct verdict *out)
{
    run_service(sample, out, false);
    if (out->status == OK) judge_effects(out);
}

static void at_state(struct promo *promo, uint8_t out[32])
{
    struct error error = ERROR_NONE;
    const enum status status = engine_digest(promo_engine(promo), out, &error);
    INVARIANT(status == OK);
}

/* A life of some lines that is closed or not, is taken up and goes on. */
static void learn_one(uint32_t sample, uint32_t lines, bool is_closed, struct milestone *out)
{
    const struct promo_options options = options_of(sample, true);
    struct error error = ERROR_NONE;
    struct promo *promo = NULL;
    remove_database();
    enum status status = promo_open(&promo, &options, &error);
    if (status == OK) status = submit_from(promo, sample, 0, lines, &error);
    INVARIANT(status == OK);
    if (!is_closed) lose_arm(1, true); /* it cannot write its last words */
    status = promo_close(promo, &error);
    (void)lose_disarm();
    INVARIANT(status == OK || !is_closed);
    status = promo_open(&promo, &options, &error);
    INVARIANT(status == OK);
    at_state(promo, out->state);
    out->next = promo->next;
    out->is_ended = promo->closed;
    status = submit_from(promo, sample, lines, line_count, &error);
    INVARIANT(status == OK);
    at_state(promo, out->end);
    status = promo_close(promo, &error);
    INVARIANT(status == OK);
}

static void learn(uint32_t sample)
{
    for (line_count = 0; line_count < LINES && line_of(sample, line_count).at != NULL; line_count++) continue;
    for (uint32_t i = 0; i <= line_count; i++) {
        learn_one(sample, i, true, &closed[i]);
        learn_one(sample, i, false, &killed[i]);
    }
    remove_database();
}

static bool is_at(const struct milestone *milestone, const uint8_t state[32], const struct promo *promo)
{
    return milestone->next == promo->next && milestone->is_ended == promo->closed &&
           memcmp(state, milestone->state, 32) == 0;
}

/* Opens what the failure left, with memory: before or after the line that failed, and on to the same end. */
static void judge_database(uint32_t sample, struct verdict *out)
{
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    uint8_t now[32];
    static uint32_t learnt = UINT32_MAX;
    if (peaceful) {
        if (learnt != sample) learn(sample);
        learnt = sample;
        return;
    }
    const struct promo_options options = options_of(sample, true);
    const uint32_t reached = line_reached;
    enum status status = promo_open(&promo, &options, &error);
    if (status != OK) {
        (void)snprintf(out->words, sizeof out->words, "%s", error.message);
        broken(out, "the database does not open again");
        return;
    }
    at_state(promo, now);
    const struct milestone *found = NULL;
    uint32_t from = reached;
    for (uint32_t i = reached; i <= reached + 1 && i <= line_count && found == NULL; i++) {
        from = i;
        if (is_at(&closed[i], now, promo))
            found = &closed[i];
        else if (is_at(&killed[i], now, promo))
            found = &killed[i];
    }
    if (found == NULL && getenv("OOM_DEBUG") != NULL) {
        printf("  reached %" PRIu32 " of %" PRIu32 ", next %" PRIu64 "; the state is that of", reached, line_count,
               promo->next);
        for (uint32_t i = 0; i <= line_count; i++) {
            if (memcmp(now, closed[i].state, 32) == 0) printf(" closed %" PRIu32 " (%" PRIu64 ")", i, closed[i].next);
            if (memcmp(now, killed[i].state, 32) == 0) printf(" killed %" PRIu32 " (%" PRIu64 ")", i, killed[i].next);
        }
        printf("\n");
    }
    if (found == NULL) broken(out, "the state is neither that before nor that after the line that failed");
    status = submit_from(promo, sample, from, line_count, &error);
    if (status != OK) broken(out, "it does not go on with memory");
    at_state(promo, now);
    if (found != NULL && memcmp(now, found->end, 32) != 0) broken(out, "it goes on to another state than in peace");
    status = promo_close(promo, &error);
    if (status != OK) broken(out, "it does not close with memory");
    judge_effects(out);
}

/* ---------------------------------------------------------------- recovery */

/* A database with a checkpoint and a tail behind it, as after a crash: everything was appended, nothing was closed. */
static void prepare_crashed(uint32_t sample)
{
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    const bool was_peaceful = peaceful;
    prepare_database(sample);
    const struct promo_options options = options_of(sample, true);
    enum status status = promo_open(&promo, &options, &error);
    INVARIANT(status == OK);
    peaceful = false;
    const uint32_t known = id_count;
    id_count = 0;
    status = submit_from(promo, sample, 0, LINES, &error);
    INVARIANT(status == OK);
    status = promo_close(promo, &error);
    INVARIANT(status == OK);
    id_count = known;
    peaceful = was_peaceful;
    forget_effects();
}

static void run_recover(uint32_t sample, struct verdict *out)
{
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    struct promo_options options = options_of(sample, true);
    options.refold = true;
    uint8_t now[32];
    enum status status = promo_open(&promo, &options, &error);
    if (status != OK) failed(out, status, &error);
    if (status == OK) {
        status = engine_digest(promo_engine(promo), now, &error);
        if (status == OK) same(out, now, sizeof now);
        if (status != OK) failed(out, status, &error);
        status = promo_close(promo, &error);
        if (status != OK) failed(out, status, &error);
    }
}

static void run_reopen(uint32_t sample, struct verdict *out)
{
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    const struct promo_options options = options_of(sample, true);
    uint8_t now[32];
    struct buffer wallet = BUFFER_EMPTY;
    enum status status = promo_open(&promo, &options, &error);
    if (status != OK) failed(out, status, &error);
    if (status == OK) {
        status = engine_digest(promo_engine(promo), now, &error);
        if (status == OK) same(out, now, sizeof now);
        if (status != OK) failed(out, status, &error);
        status = promo_wallet(promo, TEXT(""), TEXT("anna"), &wallet, &error);
        if (status != OK) failed(out, status, &error);
        status = promo_close(promo, &error);
        if (status != OK) failed(out, status, &error);
    }
    buffer_deinit(&wallet);
}

static void judge_reopen(uint32_t sample, struct verdict *out)
{
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    const struct promo_options options = options_of(sample, true);
    uint8_t now[32];
    if (peaceful) return;
    enum status status = promo_open(&promo, &options, &error);
    if (status != OK) {
        (void)snprintf(out->words, sizeof out->words, "%s", error.message);
        broken(out, "the database does not open again");
        return;
    }
    status = engine_digest(promo_engine(promo), now, &error);
    if (status == OK) same(out, now, sizeof now);
    status = promo_close(promo, &error);
    if (status != OK) broken(out, "it does not close with memory");
}

/* ---------------------------------------------------------------- checkpoints in memory */

static void run_checkpoint(uint32_t sample, struct verdict *out)
{
    const struct forge_sample *of = forge_sample(sample);
    struct engine *engine = NULL, *again = NULL;
    struct error error = ERROR_NONE;
    struct store store = {.close = NULL};
    const struct engine_options options = {.shards = 3};
    uint64_t position = of->position;
    struct checkpoint_store reader = forge_reader((struct forge_blob *)(uintptr_t)of->blob, of->blob_count, &position);
    uint8_t digest[32];
    enum status status = memory_store_open(&store, &error);
    if (status == OK) status = engine_open(&engine, &options, &error);
    if (status == OK) status = engine_restore(engine, &reader, &position, &error);
    if (status == OK) {
        for (uint32_t i = 0; i < RECORD_GROUPS; i++) engine->group[i].changed = true;
        for (struct use *use = engine->uses; use != NULL; use = use->next) use->stored = false;
        status = engine_checkpoint(engine, &store.checkpoint, engine_position(engine), &error);
    }
    if (status == OK) status = engine_digest(engine, digest, &error);
    if (status == OK) same(out, digest, sizeof digest);
    if (status == OK) status = engine_open(&again, &options, &error);
    if (status == OK) status = engine_restore(again, &store.checkpoint, &position, &error);
    if (status != OK) failed(out, status, &error);
    engine_close(again);
    engine_close(engine);
    store_close(&store);
}

/* ---------------------------------------------------------------- explain, render, terms */

static void run_explain(uint32_t sample, struct verdict *out)
{
    const struct forge_sample *of = forge_sample(sample);
    struct arena arena;
    struct engine *engine = NULL;
    struct error error = ERROR_NONE;
    struct intake *intake = NULL;
    struct buffer words = BUFFER_EMPTY;
    static char player[80];
    arena_init(&arena, (size_t)64 << 20);
    if (peaceful) { /* the player of the first line */
        const struct text line = line_of(sample, 0);
        const char *at = memmem(line.at, line.size, "\"player\":\"", 10);
        (void)snprintf(player, sizeof player, "%.*s", at == NULL ? 0 : (int)strcspn(at + 10, "\""),
                       at == NULL ? "" : at + 10);
    }
    struct explain *explain = explain_new(&arena, text_of(player), TEXT(""), TEXT(""));
    struct record first = {
        .kind = RECORD_ACTIVATE, .position = 1, .bundle = of->bundle.bytes, .bundle_size = of->bundle.size};
    enum status status = explain == NULL ? error_set(&error, STATUS_NO_MEMORY, "no memory to explain") : OK;
    struct engine_options options = {.shards = 1};
    if (status == OK) options.sink = explain_sink(explain);
    if (status == OK) status = engine_open(&engine, &options, &error);
    if (status == OK) status = engine_fold(engine, &first, &error);
    if (status == OK) status = intake_open(&intake, engine_program(engine), &error);
    for (uint32_t i = 0; i < LINES && status == OK; i++) {
        const struct text line = line_of(sample, i);
        struct record record;
        if (line.at == NULL) break;
        if (intake_line(intake, line.at, line.size, &record, &error) != OK) continue;
        record.position = i + 2;
        if (record.now < engine_now(engine)) record.now = engine_now(engine);
        status = engine_fold(engine, &record, &error);
    }
    if (status == OK) status = engine_settle(engine, &error);
    if (status == OK && !explain_render(explain, engine, EXPLAIN_ALL, &words))
        status = error_set(&error, STATUS_NO_MEMORY, "no memory to explain");
    if (status == OK && !explain_render(explain, engine, EXPLAIN_JSON, &words))
        status = error_set(&error, STATUS_NO_MEMORY, "no memory to explain");
    if (status == OK && !buffer_ok(&words)) broken(out, "an explanation that lacks memory is called whole");
    if (status == OK) same(out, words.bytes, words.size);
    if (status != OK) failed(out, status, &error);
    intake_close(intake);
    engine_close(engine);
    buffer_deinit(&words);
    arena_deinit(&arena);
}

static struct program rendered_program; /* opened with memory */

static void prepare_program(uint32_t sample)
{
    struct error error = ERROR_NONE;
    const struct buffer *bundle = &forge_sample(sample)->bundle;
    enum status status = bundle_open(&rendered_program, bundle->bytes, bundle->size, &error);
    INVARIANT(status == OK);
}

static void run_render(uint32_t sample, struct verdict *out)
{
    (void)sample;
    const struct program *program = &rendered_program;
    struct error error = ERROR_NONE;
    struct buffer words = BUFFER_EMPTY;
    enum status status = OK;
    for (uint32_t i = 0; i < program->message_count && status == OK; i++) {
        const struct bundle_message *message = &program->message[i];
        for (uint32_t b = 0; b < message->body_count && status == OK; b++) {
            const struct bundle_body *body = &program->body[message->body_first + b];
            struct render_value values[64];
            uint32_t count = 0;
            struct template template;
            struct template_piece piece;
            template_begin(&template, program_text(program, body->text), (enum body_format)body->format);
            while (template_next(&piece, &template) && count < 64) {
                if (piece.kind == TEMPLATE_VALUE) values[count++] = (struct render_value){piece.inside, TEXT("7")};
            }
            struct rendered rendered;
            const struct render_request request = {.program = program,
                                                   .message = program_text(program, message->name),
                                                   .channel =
                                                       program_text(program, program->channel[body->channel].name),
                                                   .locale = program_text(program, body->locale),
                                                   .values = values,
                                                   .value_count = count};
            status = render_message(&rendered, &request, &error);
            if (status == STATUS_NOT_FOUND)
                status = OK;
            else if (status == OK) {
                if (!buffer_ok(&rendered.text) || !buffer_ok(&rendered.html) || !buffer_ok(&rendered.subject))
                    broken(out, "a message that lacks memory is called whole");
                buffer_append(&words, rendered.text.bytes, rendered.text.size);
                buffer_append(&words, rendered.html.bytes, rendered.html.size);
            }
            render_release(&rendered);
        }
    }
    for (uint32_t i = 0; i < program->campaign_count && status == OK; i++) {
        for (uint32_t n = 0; n < program->offer_count; n++) {
            terms_write(&words, program, i, n, TEXT("en"), TERMS_TEXT);
            terms_write(&words, program, i, n, TEXT("de"), TERMS_HTML);
        }
    }
    if (status == OK && !buffer_ok(&words)) status = error_set(&error, STATUS_NO_MEMORY, "no memory for the terms");
    if (status == OK) same(out, words.bytes, words.size);
    if (status != OK) failed(out, status, &error);
    buffer_deinit(&words);
}

/* ---------------------------------------------------------------- the table */

/* ---------------------------------------------------------------- copies */

static char copy_path[160], restored_path[160];

static void remove_copies(void)
{
    backup_remove(copy_path);
    backup_remove(restored_path);
    remove_database();
}

static void prepare_copy(uint32_t sample)
{
    prepare_crashed(sample);
    (void)snprintf(copy_path, sizeof copy_path, "%s-copy", path);
    (void)snprintf(restored_path, sizeof restored_path, "%s-back", path);
    backup_remove(copy_path);
    backup_remove(restored_path);
}

/* A copy, brought back: each is whole or not there. */
static void run_copy(uint32_t sample, struct verdict *out)
{
    struct error error = ERROR_NONE;
    struct backup_report copied;
    struct restore_report restored;
    const struct backup_options backup = {.database = path, .to = copy_path};
    const struct restore_options restore = {
        .from = copy_path, .database = restored_path, .by = "anna", .clock = INT64_C(1900000000000)};
    (void)sample;
    enum status status = backup_write(&backup, &copied, &error);
    if (status == OK) status = restore_begin(&restore, &restored, &error);
    if (status != OK) failed(out, status, &error);
}

static void see_finding(void *context, const struct doctor_finding *finding)
{
    (void)context;
    if (finding->verdict == DOCTOR_WRONG && getenv("OOM_DEBUG") != NULL) printf("  %s\n", finding->what);
}

static bool is_whole(const char *database)
{
    struct error error = ERROR_NONE;
    struct doctor_counts counts;
    const struct doctor_options options = {.database = database, .found = see_finding};
    return doctor_look(&options, &counts, &error) == OK && counts.verdict[DOCTOR_WRONG] == 0;
}

static void judge_copy(uint32_t sample, struct verdict *out)
{
    (void)sample;
    const bool copied = access(copy_path, F_OK) == 0, restored = access(restored_path, F_OK) == 0;
    if (copied && !is_whole(copy_path)) broken(out, "a copy that has its name is not whole");
    if (restored && !is_whole(restored_path)) broken(out, "a restored database that has its name is not whole");
    if (out->status == OK && !(copied && restored)) broken(out, "it says that it is done, and there is nothing");
    if (out->status != OK && restored) broken(out, "it says that it failed, and the restored database is there");
    if (!is_whole(path)) broken(out, "the database was harmed by being copied");
}

static const struct scenario scenarios[] = {
    {"compile", read_source, run_compile, NULL, NULL, false, false},
    {"format", read_source, run_format, NULL, NULL, false, false},
    {"load and verify", NULL, run_load, NULL, NULL, true, false},
    {"fold in memory", prepare_database, run_memory, NULL, NULL, true, false},
    {"fold with a database", prepare_database, run_database, judge_database, remove_database, true, false},
    {"reopen a database", prepare_crashed, run_reopen, judge_reopen, remove_database, true, false},
    {"fold the whole log again", prepare_crashed, run_recover, judge_reopen, remove_database, true, false},
    {"checkpoint and restore", NULL, run_checkpoint, NULL, NULL, true, false},
    {"back up and restore", prepare_copy, run_copy, judge_copy, remove_copies, true, true},
    {"explain", NULL, run_explain, NULL, NULL, true, false},
    {"render and terms", prepare_program, run_render, NULL, NULL, true, false},
};

static double seconds_each; /* 0: all N */
static uint32_t only_sample = UINT32_MAX;
static uint64_t seed = 1, stride_given, from_given, to_given;
static const char *only;
static bool without_once, without_ever, without_apart, without_chunks;
static uint64_t all_failed, all_runs, all_broken;

static bool is_chosen(const struct scenario *scenario)
{
    return only == NULL ? !scenario->when_asked : strstr(scenario->name, only) != NULL;
}

/* What repeats the run that is on, for a run that crashes. */
static char repeat[256];

static void crashed(int number)
{
    (void)lose_disarm();
    (void)!write(STDERR_FILENO, repeat, strlen(repeat));
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static double clock_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint64_t run_once(const struct scenario *scenario, uint32_t sample, uint64_t nth, bool for_ever,
                         struct verdict *out)
{
    *out = (struct verdict){.status = OK};
    if (scenario->prepare != NULL) scenario->prepare(sample);
    if (nth > 0)
        lose_arm(nth, for_ever);
    else
        lose_arm(UINT64_MAX, false);
    scenario->run(sample, out);
    const uint64_t count = lose_disarm();
    if (nth > 0) all_failed += lose_failed();
    if (scenario->judge != NULL) scenario->judge(sample, out);
    if (scenario->clean != NULL) scenario->clean();
    return count;
}

/* All N of one sample in one mode (with blocks of arenas apart: the first of each place that allocates), in `seconds` (0: as long as it takes); false where a promise broke. */
static bool run_all(const struct scenario *scenario, uint32_t sample, bool apart, bool for_ever, double seconds,
                    uint64_t *runs, uint64_t statuses[STATUS_COUNT])
{
    struct verdict out;
    peaceful = true;
    (void)run_once(scenario, sample, 0, false, &out); /* the libraries' own caches are warm after it */
    const double begin = clock_seconds();
    const uint64_t needed = run_once(scenario, sample, 0, false, &out);
    const double each = clock_seconds() - begin;
    const uint64_t *places = NULL;
    uint32_t place_count = 0;
    if (apart) { /* what is counted is warm now: once more, to learn the places */
        lose_learn(true);
        (void)run_once(scenario, sample, 0, false, &out);
        lose_learn(false);
        place_count = lose_places(&places);
    }
    peaceful = false;
    if (out.status != OK || out.broken != NULL) {
        printf("oom: %s, sample %" PRIu32 ": fails in peace: %s %s\n", scenario->name, sample, out.words,
               out.broken == NULL ? "" : out.broken);
        return false;
    }
    const uint64_t all = apart ? place_count : needed;
    uint64_t stride = stride_given == 0 ? 1 : stride_given;
    if (seconds > 0) {
        const double fit = seconds / (each * 1.3 + 1e-6);
        stride = fit < 1 ? all : (uint64_t)((double)all / fit) + 1;
    }
    const uint64_t first =
        from_given > 0 ? from_given : 1 + (stride > 1 ? (seed * 2654435761u + sample * 97) % stride : 0);
    const uint64_t last = to_given > 0 ? to_given : apart ? all : all + 2;
    for (uint64_t step = first; step <= last; step += stride) {
        /* Of the places each is tried once, by its number. */
        const uint64_t nth = apart && to_given == 0 ? places[step - 1] : step;
        if (seconds > 0 && clock_seconds() - begin > seconds * 1.5) break;
        (void)snprintf(repeat, sizeof repeat,
                       "oom: crashed; repeat: oom_tool --only='%s' --from=%" PRIu64 " --to=%" PRIu64
                       " %s %s --sample=%" PRIu32 "\n",
                       scenario->name, nth, nth, apart ? "--apart" : "--chunks", for_ever ? "--for-ever" : "--once",
                       sample);
        const int64_t before = lose_live();
        const double start = clock_seconds();
        (void)run_once(scenario, sample, nth, for_ever, &out);
        const int64_t leaked = lose_live() - before;
        ++*runs;
        statuses[out.status]++;
        if (out.broken == NULL && out.status != OK && out.status != STATUS_NO_MEMORY)
            out.broken = "another status than no_memory";
        if (out.broken == NULL && out.status != OK && out.words[0] == 0) out.broken = "a failure without words";
        if (out.broken == NULL && clock_seconds() - start > 3 + 100 * each)
            out.broken = "it takes far longer than in peace";
        if (out.broken == NULL && leaked > 0) out.broken = "something leaked";
        if (out.broken != NULL) {
            printf("oom: %s, sample %" PRIu32 ", allocation %" PRIu64 " %s: %s (status %s%s%s; blocks more: %" PRId64
                   ")\n",
                   scenario->name, sample, nth, for_ever ? "and all after it" : "alone", out.broken,
                   status_name(out.status), out.words[0] != 0 ? ", " : "", out.words, leaked);
            printf("  repeat: oom_tool --only='%s' --from=%" PRIu64 " --to=%" PRIu64 " %s %s --sample=%" PRIu32 "\n",
                   scenario->name, nth, nth, apart ? "--apart" : "--chunks", for_ever ? "--for-ever" : "--once",
                   sample);
            if (++all_broken > 20) exit(1);
        }
    }
    return true;
}

static void run_scenario(const struct scenario *scenario, uint32_t modes)
{
    const uint32_t samples = scenario->each_sample ? forge_samples() : (uint32_t)(sizeof sources / sizeof *sources);
    uint64_t runs = 0, statuses[STATUS_COUNT] = {0};
    const uint64_t failed_before = all_failed, broken_before = all_broken;
    const double begin = clock_seconds();
    /* In little time a few samples, others with each seed. */
    uint32_t some = seconds_each > 0 && seconds_each < samples ? (uint32_t)seconds_each + 1 : samples;
    if (only_sample != UINT32_MAX) some = 1;
    for (unsigned mode = 0; mode < 4; mode++) {
        const bool apart = mode >= 2, for_ever = mode % 2 != 0;
        if ((for_ever ? without_ever : without_once) || (apart ? without_apart : without_chunks)) continue;
        lose_apart(apart);
        lose_forget_places();
        for (uint32_t i = 0; i < some; i++) {
            const uint32_t sample = only_sample != UINT32_MAX ? only_sample : (uint32_t)((seed + i * 5) % samples);
            if (!run_all(scenario, sample, apart, for_ever, seconds_each / some / modes, &runs, statuses)) all_broken++;
        }
        lose_apart(false);
    }
    printf("oom: %s: %" PRIu64 " runs, %" PRIu64 " allocations failed; ok %" PRIu64 ", no_memory %" PRIu64
           ", broken %" PRIu64 " (%.1f s)\n",
           scenario->name, runs, all_failed - failed_before, statuses[OK], statuses[STATUS_NO_MEMORY],
           all_broken - broken_before, clock_seconds() - begin);
    (void)fflush(stdout);
    all_runs += runs;
    const char *log = getenv("TORTURE_LOG");
    FILE *file = log == NULL ? NULL : fopen(log, "a");
    if (file != NULL) {
        (void)fprintf(file, "oom\tallocations that failed: %s\t%" PRIu64 "\t%" PRIu64 "\tseed %" PRIu64 "\t%.0f\n",
                      scenario->name, all_failed - failed_before, all_broken - broken_before, seed,
                      clock_seconds() - begin);
        (void)fclose(file);
    }
}

int main(int argc, char **argv)
{
    lose_begin();
    (void)signal(SIGSEGV, crashed);
    (void)signal(SIGABRT, crashed);
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--seconds=", 10) == 0)
            seconds_each = atof(argv[i] + 10);
        else if (strncmp(argv[i], "--seed=", 7) == 0)
            seed = strtoull(argv[i] + 7, NULL, 10);
        else if (strncmp(argv[i], "--only=", 7) == 0)
            only = argv[i] + 7;
        else if (strncmp(argv[i], "--stride=", 9) == 0)
            stride_given = strtoull(argv[i] + 9, NULL, 10);
        else if (strncmp(argv[i], "--from=", 7) == 0)
            from_given = strtoull(argv[i] + 7, NULL, 10);
        else if (strncmp(argv[i], "--sample=", 9) == 0)
            only_sample = (uint32_t)strtoul(argv[i] + 9, NULL, 10);
        else if (strncmp(argv[i], "--to=", 5) == 0)
            to_given = strtoull(argv[i] + 5, NULL, 10);
        else if (strcmp(argv[i], "--once") == 0)
            without_ever = true;
        else if (strcmp(argv[i], "--for-ever") == 0)
            without_once = true;
        else if (strcmp(argv[i], "--chunks") == 0)
            without_apart = true;
        else if (strcmp(argv[i], "--apart") == 0)
            without_chunks = true;
        else {
            (void)fprintf(stderr, "oom_tool: `%s` is no option\n", argv[i]);
            return 2;
        }
    }
    char quick[] = "/dev/shm/promo-oom-XXXXXX", slow[] = "/tmp/promo-oom-XXXXXX";
    const char *folder = mkdtemp(quick);
    if (folder == NULL) folder = mkdtemp(slow);
    INVARIANT(folder != NULL);
    (void)snprintf(path, sizeof path, "%s/a.db", folder);
    printf("oom: seed %" PRIu64 "\n", seed);
    const size_t count = sizeof scenarios / sizeof *scenarios;
    size_t chosen = 0;
    for (size_t i = 0; i < count; i++) chosen += is_chosen(&scenarios[i]);
    seconds_each /= chosen == 0 ? 1 : (double)chosen;
    for (size_t i = 0; i < count; i++) {
        if (is_chosen(&scenarios[i]))
            run_scenario(&scenarios[i],
                         (without_once || without_ever ? 1u : 2u) * (without_apart || without_chunks ? 1u : 2u));
    }
    remove_database();
    (void)rmdir(folder);
    printf("oom: %" PRIu64 " runs, %" PRIu64 " allocations failed, %" PRIu64 " broken\n", all_runs, all_failed,
           all_broken);
    return all_broken == 0 && all_runs > 0 ? 0 : 1;
}
