/*
 * The service as an embedding program sees it: streams and single lines, many threads, restarts, kills, and what it refuses.
 * The effects of a log are the same however it came to be folded.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>
#include <sqlite3.h>

#include "compiler/compiler.h"
#include "runtime/engine/effect_json.h"
#include "runtime/store/effect_lines.h"
#include "runtime/store/promo.h"
#include "runtime/store/sqlite_store.h"
#include "vm/civil.h"
#include "vm/memory.h"
#include "vm/split.h"

static const char source[] = "workspace \"Bank\"\n"
                             "  currency  EUR\n"
                             "  channel   email, inbox\n"
                             "  tag       rich\n"
                             "  lateness  7 days\n"
                             "  use events\n"
                             "  use attributes\n"
                             "  use actions\n"
                             "end\n"
                             "message \"hello\"\n"
                             "  about  casino\n"
                             "  inbox  \"en\" \"Welcome!\"\n"
                             "end\n"
                             "campaign \"Gift\"\n"
                             "  product   casino\n"
                             "  currency  EUR\n"
                             "  budget\n"
                             "    total       100 EUR\n"
                             "    when empty  go on without rewards\n"
                             "  end\n"
                             "  enter once per player\n"
                             "  start on registration\n"
                             "  offer bonus \"gift\"\n"
                             "    amount    10 EUR\n"
                             "    wagering  1x of bonus\n"
                             "    games     slots\n"
                             "    expires   7 days after grant\n"
                             "  end\n"
                             "  goal on deposit\n"
                             "  step \"Only\"\n"
                             "    split \"half\"\n"
                             "      50%  \"A\"  go on\n"
                             "      50%  \"B\"  go on\n"
                             "    end\n"
                             "    send inbox \"hello\"\n"
                             "    wait up to 2 hours\n"
                             "      when deposit          go to \"Reward\"\n"
                             "      when time is up       finish as \"SILENT\"\n"
                             "    end\n"
                             "  end\n"
                             "  step \"Reward\"\n"
                             "    credit \"gift\", otherwise finish as \"EMPTY\"\n"
                             "    tag rich\n"
                             "    finish as \"DONE\"\n"
                             "  end\n"
                             "end\n";

static struct compiler_output compiled, renamed;
static char folder[] = "/tmp/promo-submit-XXXXXX";
static char path[128];
static int made;

static void compile(struct compiler_output *out, const char *text)
{
    struct error error = ERROR_NONE;
    struct compiler_input input = {.path = TEXT("gift.promo"), .bytes = text_of(text)};
    struct compiler_options options = {.default_name = TEXT("Bank")};
    assert_int_equal(compiler_compile(out, &input, 1, options, &error), OK);
    if (out->failed) {
        struct buffer messages = BUFFER_EMPTY;
        diagnostics_render(&out->diagnostics, DIAGNOSTIC_TEXT, &messages);
        print_message("%s\n", buffer_as_string(&messages));
        buffer_deinit(&messages);
    }
    assert_false(out->failed);
}

static void fresh_path(void)
{
    (void)snprintf(path, sizeof path, "%s/%d.db", folder, made++);
}

/* ---------------------------------------------------------------- what leaves */

struct gathered {
    struct buffer lines;
    uint64_t credits, sends, flushes, not_applied;
};

static void gather_effect(void *context, const struct engine_effect *effect)
{
    struct gathered *gathered = context;
    effect_json_write(&gathered->lines, effect);
    if (effect->kind == ENGINE_CREDIT) gathered->credits++;
    if (effect->kind == ENGINE_SEND) gathered->sends++;
}

static void gather_note(void *context, const struct engine_note *note)
{
    struct gathered *gathered = context;
    if (note->kind == NOTE_NOT_APPLIED) gathered->not_applied++;
}

static enum status gather_flush(void *context, struct error *error)
{
    (void)error;
    struct gathered *gathered = context;
    gathered->flushes++;
    return OK;
}

static struct promo_options options_for(struct gathered *gathered, const char *database)
{
    return (struct promo_options){
        .bundle = compiled.bundle.bytes,
        .bundle_size = compiled.bundle.size,
        .database = database,
        .checkpoint_every = 40,
        .sink = {.context = gathered, .effect = gather_effect, .note = gather_note},
        .flush = gather_flush,
        .flush_context = gathered,
        .time = PROMO_TIME_RECORDS,
    };
}

static struct promo *open_promo(const struct promo_options *options)
{
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    enum status status = promo_open(&promo, options, &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
    return promo;
}

static void close_promo(struct promo *promo)
{
    struct error error = ERROR_NONE;
    enum status status = promo_close(promo, &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
}

static int64_t query(const char *statement)
{
    sqlite3 *database;
    sqlite3_stmt *rows;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, statement, -1, &rows, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(rows, 0);
    (void)sqlite3_finalize(rows);
    (void)sqlite3_close(database);
    return value;
}

/* ---------------------------------------------------------------- streams */

static struct buffer stream; /* 120 players register and deposit, ten of them get the gift */

/* Players come five at a time: five registrations in one instant, then their deposits in another. */
static void make_stream(void)
{
    for (int first = 0; first < 120; first += 5) {
        for (int player = first; player < first + 5; player++) {
            buffer_print(&stream,
                         "{\"id\":\"r%d\",\"event\":\"registered\",\"player\":\"p%d\",\"at\":\"2026-06-10T%02d:%02d:"
                         "00Z\",\"data\":{}}\n",
                         player, player, 8 + first / 60, first % 60);
        }
        for (int player = first + 4; player >= first; player--) {
            if (player % 3 == 0) continue;
            buffer_print(&stream,
                         "{\"id\":\"d%d\",\"event\":\"deposit\",\"player\":\"p%d\",\"at\":\"2026-06-10T%02d:%02d:30Z\","
                         "\"data\":{\"amount\":\"20.00 EUR\",\"first\":true,\"method\":\"card\",\"ip\":\"::1\"}}\n",
                         player, player, 8 + first / 60, first % 60);
        }
    }
    buffer_string(&stream, "{\"kind\":\"tick\",\"at\":\"2026-06-11T00:00:00Z\"}\n");
    assert_true(buffer_ok(&stream));
}

/* Whether an instant ends where a line ends: the next line begins another one. */
static bool is_between_instants(size_t at)
{
    const char *left = (const char *)stream.bytes + at;
    do left--;
    while (left > (const char *)stream.bytes && left[-1] != '\n');
    const char *before = strstr(left, "\"at\"");
    const char *after = strstr((const char *)stream.bytes + at, "\"at\"");
    return after == NULL || memcmp(before, after, 26) != 0;
}

struct source_text {
    const char *at;
    size_t size, step;
};

static enum status read_text(void *context, char *bytes, size_t room, size_t *size_out, struct error *error)
{
    (void)error;
    struct source_text *text = context;
    size_t size = text->size < room ? text->size : room;
    if (text->step != 0 && size > text->step) size = text->step;
    memcpy(bytes, text->at, size);
    text->at += size;
    text->size -= size;
    *size_out = size;
    return OK;
}

static struct promo_counts run_part(struct promo *promo, const char *at, size_t size, uint32_t batch, bool open_end)
{
    struct source_text text = {.at = at, .size = size, .step = 97};
    struct promo_run_options options = {
        .reader = read_text, .reader_context = &text, .batch = batch, .open_end = open_end};
    struct promo_counts counts;
    struct error error = ERROR_NONE;
    enum status status = promo_run(promo, &options, &counts, &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
    return counts;
}

static const char *stream_text(void)
{
    return (const char *)stream.bytes;
}

static void run_whole(struct gathered *gathered, const char *database, uint32_t shards, uint32_t batch)
{
    struct promo_options options = options_for(gathered, database);
    options.shards = shards;
    struct promo *promo = open_promo(&options);
    struct promo_counts counts = run_part(promo, stream_text(), stream.size, batch, false);
    assert_int_equal(counts.lines, 201);
    assert_int_equal(counts.records, 201);
    assert_int_equal(counts.refused, 0);
    assert_int_equal(counts.dropped, 80);
    close_promo(promo);
}

/* Effect lines without repeated ids, in order. */
static void drop_repeats(struct buffer *lines)
{
    struct buffer kept = BUFFER_EMPTY;
    struct text rest = buffer_as_text(lines);
    while (rest.size > 0) {
        uint32_t end = text_find(rest, '\n', 0);
        struct text line = text_slice(rest, 0, end + 1);
        const char *id = memmem(line.at, line.size, "\"id\":\"", 6);
        assert_non_null(id);
        if (kept.size == 0 || memmem(kept.bytes, kept.size, id, 38) == NULL) buffer_text(&kept, line);
        rest = text_slice(rest, end + 1, rest.size);
    }
    buffer_deinit(lines);
    *lines = kept;
}

static void assert_same_effects(struct gathered *left, struct gathered *right)
{
    drop_repeats(&left->lines);
    drop_repeats(&right->lines);
    assert_int_equal(left->lines.size, right->lines.size);
    assert_memory_equal(left->lines.bytes, right->lines.bytes, left->lines.size);
}

static struct gathered expected;

static void a_stream_in_memory(void **state)
{
    (void)state;
    run_whole(&expected, NULL, 1, 1000);
    assert_int_equal(expected.credits, 10);
    assert_int_equal(expected.sends, 120);
    assert_true(expected.flushes > 0);
}

/* promise D6 */
static void any_store_batch_and_shards(void **state)
{
    (void)state;
    static const uint32_t batches[] = {1, 7, 1000};
    static const uint32_t shards[] = {1, 4, 7};
    for (size_t index = 0; index < 3; index++) {
        struct gathered gathered = {0};
        fresh_path();
        run_whole(&gathered, index == 0 ? NULL : path, shards[index], batches[index]);
        assert_int_equal(gathered.credits, 10);
        assert_same_effects(&expected, &gathered);
        buffer_deinit(&gathered.lines);
    }
}

/* The number of bytes of the first `lines` lines. */
static size_t size_of_lines(uint32_t lines)
{
    size_t at = 0;
    while (lines > 0 && at < stream.size) {
        if (stream.bytes[at++] == '\n') lines--;
    }
    return at;
}

static void cut_in_two_runs(void **state)
{
    (void)state;
    for (uint32_t cut = 1; cut < 200; cut += 9) {
        struct gathered gathered = {0};
        fresh_path();
        size_t first = size_of_lines(cut);
        struct promo_options options = options_for(&gathered, path);
        struct promo *promo = open_promo(&options);
        (void)run_part(promo, stream_text(), first, 16, !is_between_instants(first));
        close_promo(promo);
        options.shards = 4;
        promo = open_promo(&options);
        (void)run_part(promo, stream_text() + first, stream.size - first, 16, false);
        close_promo(promo);
        assert_same_effects(&expected, &gathered);
        buffer_deinit(&gathered.lines);
    }
}

static void delivered_twice(void **state)
{
    (void)state;
    struct gathered gathered = {0};
    fresh_path();
    struct promo_options options = options_for(&gathered, path);
    struct promo *promo = open_promo(&options);
    (void)run_part(promo, stream_text(), stream.size, 16, false);
    uint64_t credits = gathered.credits;
    (void)run_part(promo, stream_text(), stream.size, 16, false);
    assert_int_equal(gathered.credits, credits);
    close_promo(promo);
    assert_same_effects(&expected, &gathered);
    buffer_deinit(&gathered.lines);
}

/* A child dies after so many batches, without closing anything; its effects went to a file as they left. */
static void killed_and_resumed(void **state)
{
    (void)state;
    for (uint32_t lines = 20; lines < 200; lines += 60) {
        fresh_path();
        int pipes[2];
        assert_int_equal(pipe(pipes), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct gathered gathered = {0};
            struct promo_options options = options_for(&gathered, path);
            struct promo *promo = open_promo(&options);
            struct source_text text = {.at = stream_text(), .size = size_of_lines(lines)};
            struct promo_run_options run = {.reader = read_text, .reader_context = &text, .batch = 8, .open_end = true};
            struct promo_counts counts;
            struct error error = ERROR_NONE;
            if (promo_run(promo, &run, &counts, &error) != OK) _exit(1);
            if (write(pipes[1], gathered.lines.bytes, gathered.lines.size) != (ssize_t)gathered.lines.size) _exit(2);
            _exit(0);
        }
        (void)close(pipes[1]);
        struct gathered gathered = {0};
        for (;;) {
            char bytes[4096];
            ssize_t got = read(pipes[0], bytes, sizeof bytes);
            if (got <= 0) break;
            buffer_append(&gathered.lines, bytes, (size_t)got);
        }
        (void)close(pipes[0]);
        int result;
        assert_int_equal(waitpid(child, &result, 0), child);
        assert_int_equal(result, 0);
        struct promo_options options = options_for(&gathered, path);
        struct promo *promo = open_promo(&options);
        size_t done = size_of_lines(lines - 8); /* Some lines come again. */
        (void)run_part(promo, stream_text() + done, stream.size - done, 8, false);
        close_promo(promo);
        assert_same_effects(&expected, &gathered);
        buffer_deinit(&gathered.lines);
    }
}

static void read_lines(struct buffer *out, const char *file_path)
{
    FILE *file = fopen(file_path, "r");
    assert_non_null(file);
    char bytes[4096];
    size_t got;
    while ((got = fread(bytes, 1, sizeof bytes, file)) > 0) buffer_append(out, bytes, got);
    fclose(file);
}

/* Child: folds the whole stream into database and outbox, with many checkpoints, until it is killed. */
static void fold_until_killed(const char *effects)
{
    struct effect_lines outbox;
    struct error error = ERROR_NONE;
    if (effect_lines_open(&outbox, effects, &error) != OK) _exit(1);
    struct promo_options options = {.bundle = compiled.bundle.bytes,
                                    .bundle_size = compiled.bundle.size,
                                    .database = path,
                                    .checkpoint_every = 30,
                                    .sink = {.context = &outbox, .effect = effect_lines_effect},
                                    .flush = effect_lines_flush,
                                    .flush_context = &outbox};
    struct promo *promo;
    if (promo_open(&promo, &options, &error) != OK) _exit(2);
    struct source_text text = {.at = stream_text(), .size = stream.size};
    struct promo_run_options run = {.reader = read_text, .reader_context = &text, .batch = 11};
    struct promo_counts counts;
    if (promo_run(promo, &run, &counts, &error) != OK) _exit(3);
    if (promo_close(promo, &error) != OK) _exit(4);
    effect_lines_close(&outbox);
    _exit(0);
}

/* Killed again and again, at moments that nobody chose, and started again with the whole stream until one run gets through.
 * Half a line is added behind each corpse: the outbox cuts it off. (promises D7, F1, X3) */
static void killed_at_any_moment(void **state)
{
    (void)state;
    uint32_t kills = 0;
    for (uint32_t round = 0; round < 2; round++) {
        fresh_path();
        char effects[160];
        (void)snprintf(effects, sizeof effects, "%s.ndjson", path);
        int result = -1;
        for (uint32_t attempt = 0; result != 0; attempt++) {
            pid_t child = fork();
            assert_true(child >= 0);
            if (child == 0) fold_until_killed(effects);
            (void)usleep(1500 + 1777 * (attempt * 2 + round) % 9000 + attempt * 4000);
            (void)kill(child, SIGKILL);
            assert_int_equal(waitpid(child, &result, 0), child);
            if (WIFEXITED(result)) assert_int_equal(WEXITSTATUS(result), 0);
            if (result == 0) break;
            kills++;
            FILE *file = fopen(effects, "a");
            assert_non_null(file);
            fputs("{\"effect\":\"send\",\"id\":\"00", file);
            fclose(file);
            assert_true(attempt < 200);
        }
        struct gathered gathered = {0};
        read_lines(&gathered.lines, effects);
        assert_same_effects(&expected, &gathered);
        buffer_deinit(&gathered.lines);
    }
    print_message("killed %u times\n", kills);
}

/* What left is over: a line of the same time that comes after a crash belongs to a later instant, or it could change what has left. (promises D7, D8, X2) */
static void a_closed_instant_stays_closed(void **state)
{
    (void)state;
    fresh_path();
    static const char first[] =
        "{\"id\":\"9\",\"event\":\"registered\",\"player\":\"p1\",\"at\":\"2026-06-10T08:00:00Z\",\"data\":{}}";
    static const char then[] = "{\"id\":\"1\",\"event\":\"player.self_excluded\",\"player\":\"p1\",\"at\":\"2026-06-"
                               "10T08:00:00Z\",\"data\":{}}";
    struct gathered gathered = {0};
    struct promo_options options = options_for(&gathered, path);
    struct promo_outcome outcome = {.lines = NULL};
    struct error error = ERROR_NONE;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct promo *promo = open_promo(&options);
        _exit(promo_submit(promo, first, sizeof first - 1, &outcome, &error) == OK && gathered.sends == 1 ? 0 : 1);
    }
    int result = -1;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    struct promo *promo = open_promo(&options);
    assert_int_equal(gathered.sends, 1); /* the instant is closed by the log, not by what comes next */
    assert_int_equal(promo_submit(promo, then, sizeof then - 1, &outcome, &error), OK);
    int64_t at = 0;
    assert_int_equal(civil_parse_instant(&at, TEXT("2026-06-10T08:00:00Z"), &error), OK);
    assert_int_equal(outcome.now, at + 1);
    close_promo(promo);
    struct gathered again = {0};
    struct promo_options replay = options_for(&again, NULL);
    struct engine *engine = NULL;
    assert_int_equal(promo_replay(path, &replay, &engine, &error), OK);
    assert_int_equal(again.sends, 1);
    assert_int_equal(again.lines.size, gathered.lines.size);
    assert_memory_equal(again.lines.bytes, gathered.lines.bytes, again.lines.size);
    engine_close(engine);
    buffer_deinit(&again.lines);
    buffer_deinit(&gathered.lines);
}

/* Opens, runs some lines and closes while the `nth` allocation fails; true if that made any difference. */
static bool survives(uint64_t nth, const char *database, struct gathered *gathered)
{
    struct promo_options options = options_for(gathered, database);
    options.checkpoint_every = 5;
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    memory_fail_once(nth);
    enum status status = promo_open(&promo, &options, &error);
    if (status == OK) {
        struct source_text text = {.at = stream_text(), .size = size_of_lines(30)};
        struct promo_run_options run = {.reader = read_text, .reader_context = &text, .batch = 7};
        struct promo_counts counts;
        status = promo_run(promo, &run, &counts, &error);
        struct error closing = ERROR_NONE;
        enum status closed = promo_close(promo, &closing);
        if (status == OK) status = closed;
    }
    bool reached = memory_count() >= nth;
    memory_fail_once(0);
    if (status != OK) {
        assert_int_equal(status, STATUS_NO_MEMORY);
        assert_true(error.message[0] != 0);
    }
    return reached;
}

/* Whichever allocation fails: words instead of a crash, and the next run goes on where the log stands. (promise F4) */
static void every_allocation_fails_once(void **state)
{
    (void)state;
    uint64_t nth = 1;
    uint64_t failures = 0;
    bool reached = true;
    while (reached) {
        struct gathered gathered = {0};
        reached = survives(nth, NULL, &gathered);
        buffer_deinit(&gathered.lines);
        failures++;
        nth += 1 + nth / 40;
    }
    assert_true(failures > 50);
    struct gathered whole = {0};
    (void)survives(0, NULL, &whole);
    for (nth = 3; nth < 3000; nth += nth / 4 + 7) {
        struct gathered gathered = {0};
        buffer_fill(&gathered.lines, 0, 65536); /* what gathers is not on trial */
        buffer_clear(&gathered.lines);
        fresh_path();
        (void)survives(nth, path, &gathered);
        (void)survives(0, path, &gathered);
        assert_true(gathered.lines.size >= whole.lines.size);
        buffer_deinit(&gathered.lines);
    }
    buffer_deinit(&whole.lines);
}

/* A disk with no room left: the run ends with words, the log is whole, and the next run goes on. (promise F3) */
static void a_full_disk(void **state)
{
    (void)state;
    for (rlim_t room = 20000; room < 700000; room += 97000) {
        fresh_path();
        char effects[160];
        (void)snprintf(effects, sizeof effects, "%s.ndjson", path);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            (void)signal(SIGXFSZ, SIG_IGN);
            struct rlimit limit = {.rlim_cur = room, .rlim_max = room};
            (void)setrlimit(RLIMIT_FSIZE, &limit);
            struct gathered gathered = {0};
            struct promo_options options = options_for(&gathered, path);
            struct promo *promo;
            struct error error = ERROR_NONE;
            enum status status = promo_open(&promo, &options, &error);
            if (status == OK) {
                struct source_text text = {.at = stream_text(), .size = stream.size};
                struct promo_run_options run = {.reader = read_text, .reader_context = &text, .batch = 4};
                struct promo_counts counts;
                status = promo_run(promo, &run, &counts, &error);
                (void)promo_close(promo, NULL);
            }
            _exit(status == OK ? 0 : status == STATUS_IO && error.message[0] != 0 ? 1 : 2);
        }
        int result;
        assert_int_equal(waitpid(child, &result, 0), child);
        assert_true(WIFEXITED(result) && WEXITSTATUS(result) < 2);
        struct gathered gathered = {0};
        struct promo_options options = options_for(&gathered, path);
        struct promo *promo = open_promo(&options);
        (void)run_part(promo, stream_text(), stream.size, 50, false);
        close_promo(promo);
        assert_int_equal(query("SELECT reserved + spent FROM budgets WHERE campaign = 'Gift'"), 10000);
        buffer_deinit(&gathered.lines);
    }
}

struct heard {
    uint64_t line[8];
    char message[8][512];
    uint32_t count;
};

static void hear(void *context, uint64_t line, const char *message)
{
    struct heard *heard = context;
    if (heard->count == 8) return;
    heard->line[heard->count] = line;
    (void)snprintf(heard->message[heard->count++], 512, "%s", message);
}

/* promise F6 */
static void bad_lines_are_told(void **state)
{
    (void)state;
    struct gathered gathered = {0};
    struct promo_options options = options_for(&gathered, NULL);
    struct promo *promo = open_promo(&options);
    struct buffer lines = BUFFER_EMPTY;
    buffer_string(
        &lines,
        "\n{\"id\":\"a\",\"event\":\"registered\",\"player\":\"p\",\"at\":\"2026-06-10T08:00:00Z\",\"data\":{}}\r\n"
        "{\"id\":\"b\",\"event\":\"regstered\",\"player\":\"p\",\"at\":\"2026-06-10T08:00:00Z\"}\n  \n{\"zz\":\"");
    buffer_fill(&lines, 'x', 3000000);
    buffer_string(
        &lines,
        "\"}\n{\"id\":\"c\",\"event\":\"registered\",\"player\":\"q\",\"at\":\"2026-06-10T08:00:00Z\",\"data\":{}}");
    struct heard heard = {0};
    struct source_text text = {.at = (const char *)lines.bytes, .size = lines.size};
    struct promo_run_options run = {.reader = read_text, .reader_context = &text, .refused = hear, .context = &heard};
    struct promo_counts counts;
    struct error error = ERROR_NONE;
    assert_int_equal(promo_run(promo, &run, &counts, &error), OK);
    assert_int_equal(counts.records, 2);
    assert_int_equal(counts.refused, 2);
    assert_int_equal(counts.lines, 4);
    assert_int_equal(heard.line[0], 3);
    assert_string_equal(heard.message[0], "`regstered` is not an event of this workspace; did you mean `registered`?");
    assert_int_equal(heard.line[1], 5);
    assert_string_equal(heard.message[1], "the line is longer than 65536 bytes; send less in one record");
    assert_int_equal(gathered.sends, 2);
    close_promo(promo);
    buffer_deinit(&lines);
    buffer_deinit(&gathered.lines);
}

/* A checkpoint stands before a record that is durable: where that one is gone, the log has lost rows. */
static void a_log_that_lost_its_end(void **state)
{
    (void)state;
    struct gathered gathered = {0};
    fresh_path();
    run_whole(&gathered, path, 1, 16);
    int64_t last = query("SELECT max(first) FROM log");
    assert_int_equal(query("SELECT value FROM meta WHERE name = 'checkpoint'"), last);
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(database, "DELETE FROM log WHERE first = (SELECT max(first) FROM log)", NULL, NULL, NULL),
        SQLITE_OK);
    (void)sqlite3_close(database);
    struct promo_options options = options_for(&gathered, path);
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(promo_open(&promo, &options, &error), STATUS_CORRUPT);
    char words[128];
    (void)snprintf(words, sizeof words, "its checkpoint stands at record %lld, but its last record is %lld",
                   (long long)last, (long long)last - 1);
    if (strstr(error.message, words) == NULL) print_message("%s\n", error.message);
    assert_non_null(strstr(error.message, words));
    buffer_deinit(&gathered.lines);
}

struct told {
    uint32_t count[PROMO_ALARM_KIND_COUNT];
};

static void on_alarm(void *context, enum promo_alarm_kind kind, const char *words)
{
    struct told *told = context;
    assert_true(strlen(words) > 0);
    told->count[kind]++;
}

static enum status keep_shared(void *context, uint32_t key, struct text bytes, struct error *error)
{
    (void)error;
    if (key == 4096) buffer_text(context, bytes);
    return OK;
}

/* The shared part of the checkpoint as another program would have written it: its version is the first byte. Older programs did not
 * seal blobs. */
static void age_checkpoint(int by)
{
    sqlite3 *database;
    sqlite3_stmt *row;
    struct buffer blob = BUFFER_EMPTY;
    struct store store;
    struct error error = ERROR_NONE;
    uint64_t position = 0;
    assert_int_equal(sqlite_store_open(&store, path, SQLITE_STORE_READ, &error), OK);
    assert_int_equal(store.checkpoint.load(store.checkpoint.self, &position, keep_shared, &blob, &error), OK);
    store_close(&store);
    unsigned char *bytes = blob.bytes;
    const size_t size = blob.size;
    assert_true(size > 4);
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    bytes[0] = (unsigned char)(bytes[0] + by);
    assert_int_equal(
        sqlite3_prepare_v2(database, "UPDATE checkpoint SET bytes = ?1, hash = ?2 WHERE key = 4096", -1, &row, NULL),
        SQLITE_OK);
    (void)sqlite3_bind_blob(row, 1, bytes, (int)size, SQLITE_STATIC);
    (void)sqlite3_bind_int64(row, 2, (sqlite3_int64)split_hash64(bytes, size, 4096));
    assert_int_equal(sqlite3_step(row), SQLITE_DONE);
    (void)sqlite3_finalize(row);
    assert_int_equal(sqlite3_exec(database,
                                  "UPDATE meta SET value = (SELECT count(*) || ':' || sum(hash & 4294967295) FROM "
                                  "checkpoint) WHERE name = 'checkpoint seal'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    (void)sqlite3_close(database);
    buffer_deinit(&blob);
}

static void a_checkpoint_of_an_older_program(void **state)
{
    (void)state;
    struct gathered first = {0}, second = {0};
    fresh_path();
    run_whole(&first, path, 1, 16);
    const int64_t rows = query("SELECT count(*) FROM ledger");
    const int64_t position = query("SELECT value FROM meta WHERE name = 'checkpoint'");
    assert_true(rows > 0);
    struct promo_options options = options_for(&second, path);
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    struct told told = {0};
    options.alarm = on_alarm;
    options.alarm_context = &told;
    /* promise R5: of a newer program, refused; of an older one, folded from the log by itself, and nothing leaves twice. */
    age_checkpoint(1);
    assert_int_equal(promo_open(&promo, &options, &error), STATUS_REFUSED);
    assert_non_null(strstr(error.message, "the checkpoint is of version"));
    assert_non_null(strstr(error.message, "use the program that wrote it, or a newer one"));
    assert_int_equal(second.lines.size, 0);
    age_checkpoint(-10); /* Too old to be read (CHECKPOINT_OLDEST). */
    uint8_t before[32], after[32];
    assert_int_equal(promo_open(&promo, &options, &error), OK);
    assert_int_equal(told.count[PROMO_ALARM_REFOLDED], 1);
    assert_int_equal(second.lines.size, 0);
    assert_int_equal(engine_digest(promo_engine(promo), before, &error), OK);
    close_promo(promo);
    assert_int_equal(query("SELECT value FROM meta WHERE name = 'checkpoint'"), position);
    promo = open_promo(&options);
    assert_int_equal(told.count[PROMO_ALARM_REFOLDED], 1);
    assert_int_equal(engine_digest(promo_engine(promo), after, &error), OK);
    assert_memory_equal(before, after, sizeof before);
    close_promo(promo);
    assert_int_equal(second.lines.size, 0);
    assert_int_equal(query("SELECT count(*) FROM ledger"), rows);
    options.refold = true;
    promo = open_promo(&options);
    (void)run_part(promo, "", 0, 16, false);
    close_promo(promo);
    assert_int_equal(second.lines.size, first.lines.size);
    assert_memory_equal(second.lines.bytes, first.lines.bytes, first.lines.size);
    assert_int_equal(query("SELECT count(*) FROM ledger"), rows);
    assert_true(query("SELECT value FROM meta WHERE name = 'checkpoint'") >= position);
    options.refold = false;
    buffer_clear(&second.lines);
    close_promo(open_promo(&options));
    assert_int_equal(second.lines.size, 0);
    buffer_deinit(&first.lines);
    buffer_deinit(&second.lines);
}

/* ---------------------------------------------------------------- looking back */

static void tables_for_people(void **state)
{
    (void)state;
    struct gathered gathered = {0};
    fresh_path();
    run_whole(&gathered, path, 1, 16);
    assert_int_equal(query("SELECT count(*) FROM players"), 120);
    assert_int_equal(query("SELECT count(*) FROM messages WHERE outcome = 'sent'"), 120);
    assert_int_equal(query("SELECT count(*) FROM ledger WHERE kind = 'reserved'"), 10);
    assert_int_equal(query("SELECT sum(amount) FROM ledger WHERE kind = 'reserved'"), 10000);
    assert_int_equal(query("SELECT count(*) FROM ledger WHERE reason = 'BUDGET'"), 70);
    assert_int_equal(query("SELECT reserved + spent FROM budgets WHERE campaign = 'Gift'"), 10000);
    assert_int_equal(query("SELECT count FROM figures WHERE figure = 'journeys' AND name = 'entered'"), 120);
    assert_int_equal(query("SELECT sum(count) FROM figures WHERE figure = 'exposed' AND name = 'half'"), 120);
    assert_int_equal(query("SELECT count(*) FROM figures WHERE figure = 'converted' AND detail IN ('A', 'B')"), 2);
    assert_int_equal(query("SELECT sum(count) FROM figures WHERE figure = 'converted' AND name = 'half'"), 80);
    assert_int_equal(query("SELECT count(DISTINCT position) FROM view"), 1);
    assert_int_equal(query("SELECT position FROM view LIMIT 1"),
                     query("SELECT value FROM meta WHERE name = 'checkpoint'"));
    assert_int_equal(query("SELECT count(*) FROM players WHERE json_extract(attributes, '$.language') = 'en'"), 120);
    /* Nobody's id stands in the log. */
    assert_int_equal(query("SELECT count(*) FROM log WHERE instr(body, CAST('p117' AS BLOB)) > 0"), 0);
    buffer_deinit(&gathered.lines);
}

/* promise F7 */
static void replayed_from_the_log(void **state)
{
    (void)state;
    struct gathered gathered = {0};
    fresh_path();
    run_whole(&gathered, path, 1, 16);
    struct gathered again = {0};
    struct promo_options options = options_for(&again, NULL);
    struct engine *engine;
    struct error error = ERROR_NONE;
    assert_int_equal(promo_replay(path, &options, &engine, &error), OK);
    assert_same_effects(&gathered, &again);
    uint8_t left[32];
    uint8_t right[32];
    assert_int_equal(engine_digest(engine, left, &error), OK);
    engine_close(engine);
    /* The state out of a checkpoint and a tail is the state of the whole log. */
    struct gathered tail = {0};
    options = options_for(&tail, path);
    struct promo *promo = open_promo(&options);
    assert_int_equal(engine_digest(promo_engine(promo), right, &error), OK);
    assert_memory_equal(left, right, sizeof left);
    close_promo(promo);
    buffer_deinit(&gathered.lines);
    buffer_deinit(&again.lines);
    buffer_deinit(&tail.lines);
    assert_int_equal(promo_replay("/tmp/no-such-database", &options, &engine, &error), STATUS_NOT_FOUND);
}

static void refusals_at_the_door(void **state)
{
    (void)state;
    struct gathered gathered = {0};
    fresh_path();
    run_whole(&gathered, path, 1, 100);
    struct promo *promo;
    struct error error = ERROR_NONE;
    struct promo_options options = options_for(&gathered, path);
    options.bundle = renamed.bundle.bytes;
    options.bundle_size = renamed.bundle.size;
    assert_int_equal(promo_open(&promo, &options, &error), STATUS_REFUSED);
    assert_non_null(strstr(error.message, "belongs to a workspace of another name"));
    options = options_for(&gathered, path);
    static const uint8_t key[32] = {1};
    options.identity_key = key;
    assert_int_equal(promo_open(&promo, &options, &error), STATUS_REFUSED);
    assert_non_null(strstr(error.message, "another identity key"));
    options = options_for(&gathered, NULL);
    options.bundle_size -= 8;
    assert_int_not_equal(promo_open(&promo, &options, &error), OK);
    assert_non_null(strstr(error.message, "the bundle is refused"));
    options = options_for(&gathered, NULL);
    options.bundle = NULL;
    assert_int_equal(promo_open(&promo, &options, &error), STATUS_USAGE);
    /* The database's own program goes on without a bundle. */
    options = options_for(&gathered, path);
    options.bundle = NULL;
    promo = open_promo(&options);
    struct promo *second;
    assert_int_equal(promo_open(&second, &options, &error), STATUS_BUSY);
    close_promo(promo);
    buffer_deinit(&gathered.lines);
}

/* ---------------------------------------------------------------- lines of many threads */

/* promise D1 */
static void outcomes(void **state)
{
    (void)state;
    struct gathered gathered = {0};
    fresh_path();
    struct promo_options options = options_for(&gathered, path);
    struct promo *promo = open_promo(&options);
    struct error error = ERROR_NONE;
    struct buffer lines = BUFFER_EMPTY;
    struct promo_outcome outcome = {.lines = &lines};
    static const char registered[] =
        "{\"id\":\"r\",\"event\":\"registered\",\"player\":\"anna\",\"at\":\"2026-06-10T08:00:00Z\",\"data\":{}}";
    assert_int_equal(promo_submit(promo, registered, sizeof registered - 1, &outcome, &error), OK);
    assert_int_equal(outcome.verdict, PROMO_APPLIED);
    assert_int_equal(outcome.position, 2); /* behind the program */
    assert_int_equal(outcome.effects, 1);
    assert_non_null(memmem(lines.bytes, lines.size, "\"effect\":\"send\"", 15));
    static const char deposit[] =
        "{\"id\":\"d\",\"event\":\"deposit\",\"player\":\"anna\",\"at\":\"2026-06-10T08:10:00Z\",\"data\":{\"amount\":"
        "\"20.00 EUR\",\"first\":true,\"method\":\"card\"}}";
    assert_int_equal(promo_submit(promo, deposit, sizeof deposit - 1, &outcome, &error), OK);
    assert_int_equal(outcome.verdict, PROMO_APPLIED);
    assert_int_equal(outcome.effects, 3); /* the gift, that it is active, and the tag */
    outcome.lines = NULL;
    assert_int_equal(promo_submit(promo, deposit, sizeof deposit - 1, &outcome, &error), OK);
    assert_int_equal(outcome.verdict, PROMO_NOT_APPLIED);
    assert_int_equal(outcome.reason, REASON_DUPLICATE);
    static const char reused[] =
        "{\"id\":\"d\",\"event\":\"deposit\",\"player\":\"anna\",\"at\":\"2026-06-10T08:10:00Z\",\"data\":{\"amount\":"
        "\"21.00 EUR\",\"first\":true,\"method\":\"card\"}}";
    assert_int_equal(promo_submit(promo, reused, sizeof reused - 1, &outcome, &error), OK);
    assert_int_equal(outcome.verdict, PROMO_NOT_APPLIED);
    assert_int_equal(outcome.reason, REASON_EVENT_ID_REUSED);
    assert_int_equal(promo_submit(promo, "{}", 2, &outcome, &error), OK);
    assert_int_equal(outcome.verdict, PROMO_REFUSED);
    assert_true(outcome.message[0] != 0 && outcome.position == 0);
    assert_int_equal(promo_tick(promo, &error), STATUS_USAGE);
    close_promo(promo);
    /* What was submitted is in the log, closed and checkpointed. */
    assert_int_equal(query("SELECT count(*) FROM ledger WHERE kind = 'reserved'"), 1);
    struct gathered later = {0};
    options = options_for(&later, path);
    promo = open_promo(&options);
    assert_int_equal(later.lines.size, 0);
    close_promo(promo);
    buffer_deinit(&lines);
    buffer_deinit(&gathered.lines);
    buffer_deinit(&later.lines);
}

enum { THREADS = 64, PLAYERS_EACH = 6 };
static struct promo *shared;
static pthread_barrier_t ready;

static void *submit_some(void *argument)
{
    int thread = *(int *)argument;
    uintptr_t failed = 0;
    (void)pthread_barrier_wait(&ready);
    for (int player = 0; player < PLAYERS_EACH; player++) {
        static const char *const forms[] = {"{\"id\":\"r-%d-%d\",\"event\":\"registered\",\"player\":\"p-%d-%d\","
                                            "\"at\":\"2026-06-10T08:00:00Z\",\"data\":{}}",
                                            "{\"id\":\"d-%d-%d\",\"event\":\"deposit\",\"player\":\"p-%d-%d\",\"at\":"
                                            "\"2026-06-10T08:00:00Z\",\"data\":{\"amount\":"
                                            "\"20.00 EUR\",\"first\":true,\"method\":\"card\"}}"};
        for (int form = 0; form < 2; form++) {
            char line[256];
            struct promo_outcome outcome = {.lines = NULL};
            struct error error = ERROR_NONE;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            int size = snprintf(line, sizeof line, forms[form], thread, player, thread, player);
#pragma GCC diagnostic pop
            if (promo_submit(shared, line, (size_t)size, &outcome, &error) != OK || outcome.verdict != PROMO_APPLIED)
                failed++;
            if (outcome.position == 0) failed++;
        }
    }
    return (void *)failed;
}

static void many_threads(const char *database, enum promo_time time)
{
    struct gathered gathered = {0};
    struct promo_options options = options_for(&gathered, database);
    options.time = time;
    shared = open_promo(&options);
    pthread_t threads[THREADS];
    int numbers[THREADS];
    assert_int_equal(pthread_barrier_init(&ready, NULL, THREADS), 0);
    for (int thread = 0; thread < THREADS; thread++) {
        numbers[thread] = thread;
        assert_int_equal(pthread_create(&threads[thread], NULL, submit_some, &numbers[thread]), 0);
    }
    uintptr_t failed = 0;
    for (int thread = 0; thread < THREADS; thread++) {
        void *result = NULL;
        assert_int_equal(pthread_join(threads[thread], &result), 0);
        failed += (uintptr_t)result;
    }
    (void)pthread_barrier_destroy(&ready);
    assert_int_equal(failed, 0);
    assert_int_equal(gathered.credits, 10); /* 384 players wanted one; the budget has ten. */
    assert_int_equal(gathered.sends, THREADS * PLAYERS_EACH);
    close_promo(shared);
    buffer_deinit(&gathered.lines);
}

/* promise B2 */
static void threads_never_overspend(void **state)
{
    (void)state;
    many_threads(NULL, PROMO_TIME_RECORDS);
    fresh_path();
    many_threads(path, PROMO_TIME_RECORDS);
    assert_int_equal(query("SELECT reserved + spent FROM budgets WHERE campaign = 'Gift'"), 10000);
}

static void a_live_clock(void **state)
{
    (void)state;
    struct gathered gathered = {0};
    struct promo_options options = options_for(&gathered, NULL);
    options.time = PROMO_TIME_CLOCK;
    struct promo *promo = open_promo(&options);
    struct error error = ERROR_NONE;
    char line[200], at[CIVIL_INSTANT_SIZE];
    (void)civil_format_instant(at, (int64_t)time(NULL) * 1000);
    int64_t last = 0;
    for (int number = 0; number < 5; number++) {
        int size = snprintf(line, sizeof line,
                            "{\"id\":\"r%d\",\"event\":\"registered\",\"player\":\"p%d\",\"at\":\"%s\",\"data\":{}}",
                            number, number, at);
        struct promo_outcome outcome = {.lines = NULL};
        assert_int_equal(promo_submit(promo, line, (size_t)size, &outcome, &error), OK);
        assert_int_equal(outcome.verdict, PROMO_APPLIED);
        assert_int_equal(outcome.effects, 1);
        assert_true(outcome.now > last);
        last = outcome.now;
        assert_int_equal(promo_tick(promo, &error), OK);
    }
    close_promo(promo);
    buffer_deinit(&gathered.lines);
}

/* A message was due half an hour ago, in hours in which it might be sent; now it may not. A tick of the stream at that time
 * sends it; a service that was away and comes back now keeps quiet, whatever it hears first. */
static void nobody_is_woken_by_an_outage(void **state)
{
    (void)state;
    int64_t now = (int64_t)time(NULL) * 1000;
    char text[1200], from[CIVIL_TIME_SIZE], to[CIVIL_TIME_SIZE], registered[CIVIL_INSTANT_SIZE],
        late[CIVIL_INSTANT_SIZE];
    int64_t minute = CIVIL_MINUTE_MS;
    (void)civil_format_time(from, civil_ms_of_day(now - 180 * minute) / minute * minute);
    (void)civil_format_time(to, civil_ms_of_day(now - 15 * minute) / minute * minute);
    (void)civil_format_instant(registered, now - 90 * minute);
    (void)civil_format_instant(late, now - 30 * minute + 1);
    (void)snprintf(
        text, sizeof text,
        "workspace \"Bank\"\n  currency  EUR\n  timezone  \"UTC\"\n  channel   email, inbox\n  lateness  7 days\n  use "
        "events\n  use "
        "attributes\nend\n"
        "message \"hello\"\n  about  casino\n  email  \"en\" \"Welcome!\"\nend\n"
        "policy \"Consent\"\n  send email about casino to everyone\nend\n"
        "campaign \"Later\"\n  product casino\n  currency EUR\n  enter once per player\n  start on registration\n"
        "  send only between %s and %s, otherwise delay\n"
        "  step \"Only\"\n    wait 1 hour\n    send email \"hello\"\n    finish as \"SENT\"\n  end\nend\n",
        from, to);
    struct compiler_output later;
    compile(&later, text);
    for (int by = 0; by < 3; by++) {
        struct gathered gathered = {0};
        fresh_path();
        struct promo_options options = options_for(&gathered, path);
        options.bundle = later.bundle.bytes;
        options.bundle_size = later.bundle.size;
        struct promo *promo = open_promo(&options);
        char line[200];
        int size = snprintf(line, sizeof line,
                            "{\"id\":\"r\",\"event\":\"registered\",\"player\":\"p\",\"at\":\"%s\",\"data\":{}}\n",
                            registered);
        (void)run_part(promo, line, (size_t)size, 10, true);
        if (by == 0) {
            size = snprintf(line, sizeof line, "{\"kind\":\"tick\",\"at\":\"%s\"}\n", late);
            (void)run_part(promo, line, (size_t)size, 10, false);
        }
        close_promo(promo);
        options.time = PROMO_TIME_CLOCK;
        promo = open_promo(&options);
        struct error error = ERROR_NONE;
        if (by == 2) {
            size = snprintf(line, sizeof line,
                            "{\"id\":\"q\",\"event\":\"registered\",\"player\":\"q\",\"at\":\"%s\",\"data\":{}}", late);
            struct promo_outcome outcome = {.lines = NULL};
            assert_int_equal(promo_submit(promo, line, (size_t)size, &outcome, &error), OK);
            assert_int_equal(outcome.verdict, PROMO_APPLIED);
            assert_int_equal(outcome.position, query("SELECT first + count - 1 FROM log ORDER BY first DESC LIMIT 1"));
        } else {
            assert_int_equal(promo_tick(promo, &error), OK);
        }
        close_promo(promo);
        assert_int_equal(gathered.sends, by == 0 ? 1 : 0);
        assert_int_equal(query("SELECT count(*) FROM messages WHERE outcome = 'delayed'"), by == 0 ? 0 : 1);
        /* The log alone says so: folded again, it comes to the same. */
        gathered.sends = 0;
        struct engine *engine = NULL;
        assert_int_equal(promo_replay(path, &options, &engine, &error), OK);
        assert_int_equal(gathered.sends, by == 0 ? 1 : 0);
        engine_close(engine);
        buffer_deinit(&gathered.lines);
    }
    compiler_release(&later);
}

static int setup(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL) return -1;
    compile(&compiled, source);
    char other[sizeof source];
    memcpy(other, source, sizeof source);
    memcpy(strstr(other, "Bank"), "Bonk", 4);
    compile(&renamed, other);
    make_stream();
    (void)buffer_as_string(&stream);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    compiler_release(&compiled);
    compiler_release(&renamed);
    buffer_deinit(&stream);
    buffer_deinit(&expected.lines);
    char command[64];
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_in_memory),
        cmocka_unit_test(any_store_batch_and_shards),
        cmocka_unit_test(cut_in_two_runs),
        cmocka_unit_test(delivered_twice),
        cmocka_unit_test(killed_and_resumed),
        cmocka_unit_test(killed_at_any_moment),
        cmocka_unit_test(a_closed_instant_stays_closed),
        cmocka_unit_test(every_allocation_fails_once),
        cmocka_unit_test(a_full_disk),
        cmocka_unit_test(bad_lines_are_told),
        cmocka_unit_test(a_log_that_lost_its_end),
        cmocka_unit_test(a_checkpoint_of_an_older_program),
        cmocka_unit_test(tables_for_people),
        cmocka_unit_test(replayed_from_the_log),
        cmocka_unit_test(refusals_at_the_door),
        cmocka_unit_test(outcomes),
        cmocka_unit_test(threads_never_overspend),
        cmocka_unit_test(a_live_clock),
        cmocka_unit_test(nobody_is_woken_by_an_outage),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
