/*
 * Delivered again: a stream, a part of it or a line that comes a second time changes nothing, however late. What is refused or of no
 * effect is told and counted. And what a line may say beside its event: brands, catch-up ticks, effects by their id.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "compiler/compiler.h"
#include "runtime/engine/effect_json.h"
#include "runtime/store/promo.h"

#define WORKSPACE(brands)                                 \
    "workspace \"Twice\"\n" brands "  product   casino\n" \
    "  currency  EUR\n"                                   \
    "  channel   email, inbox\n"                          \
    "  lateness  3 days\n"                                \
    "  timezone  \"UTC\"\n"                               \
    "  use events\n"                                      \
    "  use attributes\n"                                  \
    "  use actions\n"                                     \
    "end\n"                                               \
    "message \"m\"\n"                                     \
    "  about  casino\n"                                   \
    "  inbox  \"en\" \"Hello\"\n"                         \
    "  email  \"en\" \"Hello\"\n"                         \
    "end\n"
#define CAMPAIGN(name, lines) \
    "campaign \"" name "\"\n  product   casino\n  currency  EUR\n  enter every time\n" lines "end\n"
#define SENDS(name, start) \
    CAMPAIGN(name, "  start on " start "\n  step \"S\"\n    send inbox \"m\"\n    finish as \"SENT\"\n  end\n")

static const char plain[] = WORKSPACE("") SENDS("C", "session") SENDS("W", "withdrawal_paid")
    SENDS("V", "registration where player.vip is yes");
static const char brands[] = WORKSPACE("  brand  alpha, beta\n") SENDS("C", "session");
static const char waits[] = WORKSPACE("") "policy \"P\"\n  send email about casino to everyone\nend\n" CAMPAIGN(
    "C", "  send only between 08:00 and 20:00, otherwise delay\n"
         "  start on session\n  step \"S\"\n    wait 2 hours\n    send email \"m\"\n    finish as \"SENT\"\n  end\n");
static const char about[] =
    WORKSPACE("") CAMPAIGN("C", "  start on session\n  step \"S\"\n    send inbox \"m\"\n    wait up to 1 day\n"
                                "      when message_opened of \"m\" finish as \"OPENED\"\n      when time is up finish "
                                "as \"SILENT\"\n    end\n  end\n");

static const char ways[] =
    WORKSPACE("") CAMPAIGN("C", "  start on session\n  leave on withdrawal_paid\n  step \"S\"\n    wait 2 hours\n"
                                "    finish as \"SENT\"\n  end\n");

static struct compiler_output compiled;
static char folder[] = "/tmp/promo-delivery-XXXXXX";
static char path[128];
static int made;
static bool open_end; /* of the next runs */

/* What came of the runs of one database. */
struct story {
    struct buffer effects, ends, refused;
    uint64_t told;              /* notes of records that were not applied */
    struct promo_counts counts; /* of the last run */
    struct buffer *summary;     /* if not NULL: receives how journeys ended, after each run */
};

static void begin(struct story *story, const char *source)
{
    struct error error = ERROR_NONE;
    struct compiler_input input = {.path = TEXT("twice.promo"), .bytes = text_of(source)};
    struct compiler_options options = {.default_name = TEXT("Twice")};
    assert_int_equal(compiler_compile(&compiled, &input, 1, options, &error), OK);
    if (compiled.failed) {
        struct buffer messages = BUFFER_EMPTY;
        diagnostics_render(&compiled.diagnostics, DIAGNOSTIC_TEXT, &messages);
        print_message("%s\n", buffer_as_string(&messages));
        buffer_deinit(&messages);
    }
    assert_false(compiled.failed);
    (void)snprintf(path, sizeof path, "%s/%d.db", folder, made++);
    *story = (struct story){.counts = {0}};
}

/* The same program and another database. */
static void begin_again(struct story *story)
{
    buffer_deinit(&story->effects);
    buffer_deinit(&story->ends);
    buffer_deinit(&story->refused);
    *story = (struct story){.counts = {0}};
    (void)snprintf(path, sizeof path, "%s/%d.db", folder, made++);
}

static void end(struct story *story)
{
    begin_again(story);
    compiler_release(&compiled);
}

static void keep_effect(void *context, const struct engine_effect *effect)
{
    struct story *story = context;
    effect_json_write(&story->effects, effect);
}

static void keep_note(void *context, const struct engine_note *note)
{
    struct story *story = context;
    story->told += note->kind == NOTE_NOT_APPLIED;
    if (note->kind == NOTE_FINISHED) buffer_print(&story->ends, "%.*s ", TEXT_ARGS(note->finish));
}

static void keep_refusal(void *context, uint64_t line, const char *message)
{
    struct story *story = context;
    buffer_print(&story->refused, "line %llu: %s\n", (unsigned long long)line, message);
}

static enum status read_lines(void *context, char *bytes, size_t room, size_t *size_out, struct error *error)
{
    (void)error;
    struct text *rest = context;
    size_t size = rest->size < room ? rest->size : room;
    memcpy(bytes, rest->at, size);
    rest->at += size;
    rest->size -= (uint32_t)size;
    *size_out = size;
    return OK;
}

static void keep_summary(void *context, const struct engine_campaign_summary *summary)
{
    struct buffer *out = context;
    for (uint32_t i = 0; i < summary->finished_count; i++) {
        buffer_print(out, "%.*s %llu ", TEXT_ARGS(summary->finished[i].name),
                     (unsigned long long)summary->finished[i].count);
    }
}

/* Opens the story's database, folds the lines and closes it. */
static void run(struct story *story, const char *lines)
{
    struct error error = ERROR_NONE;
    struct promo *promo = NULL;
    struct promo_options options = {.bundle = compiled.bundle.bytes,
                                    .bundle_size = compiled.bundle.size,
                                    .database = path,
                                    .sink = {.context = story, .effect = keep_effect, .note = keep_note}};
    enum status status = promo_open(&promo, &options, &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
    struct text rest = text_of(lines);
    struct promo_run_options run_options = {
        .reader = read_lines, .reader_context = &rest, .refused = keep_refusal, .context = story, .open_end = open_end};
    status = promo_run(promo, &run_options, &story->counts, &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
    if (story->summary != NULL) assert_true(engine_summary(promo_engine(promo), keep_summary, story->summary));
    assert_int_equal(promo_close(promo, &error), OK);
}

static uint64_t not_applied(const struct story *story, enum reason reason)
{
    return story->counts.not_applied[reason];
}

/* Whether the text stands in what was kept. */
static bool holds(const struct buffer *buffer, const char *text)
{
    return buffer->size > 0 && memmem(buffer->bytes, buffer->size, text, strlen(text)) != NULL;
}

static uint32_t lines_of(const struct buffer *buffer)
{
    uint32_t count = 0;
    for (size_t i = 0; i < buffer->size; i++) count += buffer->bytes[i] == '\n';
    return count;
}

#define EVENT(id, event, player, at, data)                                                                            \
    "{\"id\":\"" id "\",\"event\":\"" event "\",\"player\":\"" player "\",\"at\":\"2026-06-" at "Z\",\"data\":{" data \
    "}}\n"
#define SESSION(id, player, at) EVENT(id, "session", player, at, "")
#define PAID(id, player, at)    EVENT(id, "withdrawal_paid", player, at, "\"amount\":\"5.00 EUR\"")

#define LEAVES PAID("z", "p1", "11T10:30:00")

/* ---------------------------------------------------------------- a second delivery */

/* A run that brings nothing new leaves the clock alone: what comes late afterwards is folded at the same instant. */
static void repeated_lines_move_nothing(void **state)
{
    (void)state;
    static const char first[] = SESSION("a", "p1", "10T12:00:00")
        PAID("b", "p1", "10T12:00:00") "{\"kind\":\"tick\",\"at\":\"2026-06-10T12:00:00Z\"}\n";
    static const char late[] = SESSION("c", "p2", "10T11:59:00");
    struct story story;
    begin(&story, plain);
    run(&story, first);
    run(&story, late);
    assert_true(holds(&story.effects, "\"at\":\"2026-06-10T12:00:00.001Z\",\"player\":\"p2\""));
    for (int times = 1; times < 4; times++) {
        begin_again(&story);
        run(&story, first);
        for (int again = 0; again < times; again++) {
            run(&story, first);
            assert_int_equal(not_applied(&story, REASON_DUPLICATE), 2);
        }
        run(&story, late);
        assert_true(holds(&story.effects, "\"at\":\"2026-06-10T12:00:00.001Z\",\"player\":\"p2\""));
        assert_int_equal(lines_of(&story.effects), 3);
        assert_int_equal(story.told, 2 * times); /* Once each: the checkpoint leaves them behind. */
        /* What is new closes its instant again, and the effects of it leave in the same run. */
        run(&story, SESSION("d", "p3", "10T11:59:30"));
        assert_true(holds(&story.effects, "\"at\":\"2026-06-10T12:00:00.002Z\",\"player\":\"p3\""));
    }
    end(&story);
}

/* A tick of before the log's end is no end of its own: what came with it still leaves in its run. */
static void an_old_tick_closes_nothing(void **state)
{
    (void)state;
    struct story story;
    begin(&story, plain);
    run(&story, SESSION("a", "p1", "10T12:00:00"));
    run(&story, SESSION("b", "p2", "10T11:00:00") "{\"kind\":\"tick\",\"at\":\"2026-06-10T12:00:00Z\"}\n");
    assert_int_equal(lines_of(&story.effects), 2);
    end(&story);
}

/* An id that another record had is refused for as long as that record could come again. */
static void a_refused_event_stays_refused(void **state)
{
    (void)state;
    static const char lines[] =
        PAID("X", "p1", "10T00:00:00") PAID("X", "p2", "12T00:00:00") SESSION("e", "p3", "13T12:00:00");
    struct story story;
    begin(&story, plain);
    run(&story, lines);
    assert_int_equal(not_applied(&story, REASON_EVENT_ID_REUSED), 1);
    run(&story, lines);
    assert_int_equal(not_applied(&story, REASON_EVENT_ID_REUSED), 1);
    assert_int_equal(not_applied(&story, REASON_TOO_LATE), 1);
    assert_int_equal(not_applied(&story, REASON_DUPLICATE), 1);
    assert_int_equal(lines_of(&story.effects), 2);
    assert_false(holds(&story.effects, "p2"));
    end(&story);
}

/* The same for a command, which is never too late. */
static void a_refused_command_stays_refused(void **state)
{
    (void)state;
    static const char lines[] =
        "{\"kind\":\"command\",\"id\":\"s\",\"at\":\"2026-06-10T00:00:00Z\",\"command\":\"suspend\",\"campaign\":\"C\"}"
        "\n" PAID("5", "p1", "10T00:00:00") "{\"kind\":\"command\",\"id\":\"5\",\"at\":\"2026-06-10T01:00:00Z\","
                                            "\"command\":\"resume\",\"campaign\":\"C\"}\n" PAID("6", "p2",
                                                                                                "29T00:00:00");
    struct story story;
    begin(&story, plain);
    run(&story, lines);
    run(&story, lines);
    run(&story, SESSION("7", "p3", "29T12:00:00"));
    assert_int_equal(lines_of(&story.effects), 2);
    assert_false(holds(&story.effects, "\"campaign\":\"C\""));
    end(&story);
}

/* And for what is known of a player. */
static void a_refused_attribute_stays_refused(void **state)
{
    (void)state;
    static const char lines[] =
        "{\"kind\":\"attributes\",\"id\":\"a1\",\"player\":\"p1\",\"at\":\"2026-06-10T00:00:00Z\",\"set\":{\"vip\":"
        "true}}\n" PAID("X", "p2",
                        "11T00:00:00") "{\"kind\":\"attributes\",\"id\":\"X\",\"player\":\"p1\",\"at\":\"2026-06-11T00:"
                                       "01:00Z\",\"set\":{\"vip\":false}}\n" SESSION("e", "p3", "29T00:00:00");
    struct story story;
    begin(&story, plain);
    run(&story, lines);
    run(&story, lines);
    run(&story, EVENT("r", "registered", "p1", "29T01:00:00", ""));
    assert_true(holds(&story.effects, "\"player\":\"p1\",\"campaign\":\"V\""));
    end(&story);
}

/* What is too late leaves no trace: its id is free for a record that the first delivery took. */
static void an_old_attribute_keeps_no_id(void **state)
{
    (void)state;
    static const char lines[] = "{\"kind\":\"attributes\",\"id\":\"Z\",\"player\":\"p1\",\"at\":\"2026-06-10T00:00:"
                                "00Z\",\"set\":{\"vip\":true}}\n" PAID("m", "p2", "14T00:00:00");
    static const char later[] = SESSION("Z", "p3", "15T00:00:00");
    struct story story;
    begin(&story, plain);
    run(&story, lines);
    run(&story, lines);
    assert_int_equal(not_applied(&story, REASON_TOO_LATE), 1);
    run(&story, later);
    assert_true(holds(&story.effects, "\"player\":\"p3\",\"campaign\":\"C\""));
    end(&story);
}

/* ---------------------------------------------------------------- what is counted */

static void what_was_not_applied_is_counted(void **state)
{
    (void)state;
    struct story story;
    begin(&story, plain);
    run(&story,
        SESSION("a", "p1", "10T12:00:00") SESSION("a", "p1", "10T12:00:00") SESSION("a", "p2", "10T13:00:00")
            SESSION("b", "p2",
                    "01T12:00:00") "{\"kind\":\"reply\",\"id\":\"r\",\"effect\":\"00000000000000000000000000000001\","
                                   "\"at\":\"2026-06-10T13:00:00Z\",\"status\":\"credited\"}\n");
    assert_int_equal(story.counts.records, 5);
    assert_int_equal(not_applied(&story, REASON_DUPLICATE), 1);
    assert_int_equal(not_applied(&story, REASON_EVENT_ID_REUSED), 1);
    assert_int_equal(not_applied(&story, REASON_TOO_LATE), 1);
    assert_int_equal(not_applied(&story, REASON_NONE), 1);
    /* Each run counts its own. */
    run(&story, SESSION("c", "p1", "10T14:00:00"));
    for (uint32_t reason = 0; reason < REASON_COUNT; reason++) assert_int_equal(not_applied(&story, reason), 0);
    end(&story);
}

/* ---------------------------------------------------------------- what is shown */

static void the_summary_does_not_tell_runs(void **state)
{
    (void)state;
    static const char *const runs[2][3] = {
        {SESSION("a", "p1", "10T12:00:00") "{\"kind\":\"tick\",\"at\":\"2026-06-11T09:00:00Z\"}\n" SESSION(
             "b", "p1", "11T10:00:00") LEAVES,
         NULL, NULL},
        {SESSION("a", "p1", "10T12:00:00"), "{\"kind\":\"tick\",\"at\":\"2026-06-11T09:00:00Z\"}\n",
         SESSION("b", "p1", "11T10:00:00") LEAVES},
    };
    struct buffer shown[2] = {BUFFER_EMPTY, BUFFER_EMPTY};
    struct story story;
    begin(&story, ways);
    for (int way = 0; way < 2; way++) {
        for (int part = 0; part < 3 && runs[way][part] != NULL; part++) {
            buffer_clear(&shown[way]);
            story.summary = &shown[way];
            run(&story, runs[way][part]);
        }
        begin_again(&story);
    }
    assert_true(text_equal(buffer_as_text(&shown[0]), buffer_as_text(&shown[1])));
    assert_true(holds(&shown[0], "LEFT 1 SENT 1 "));
    buffer_deinit(&shown[0]);
    buffer_deinit(&shown[1]);
    end(&story);
}

/* ---------------------------------------------------------------- what a line may say */

static void among_several_brands_one_is_named(void **state)
{
    (void)state;
    struct story story;
    begin(&story, brands);
    run(&story, SESSION("a", "p1", "10T12:00:00") "{\"kind\":\"attributes\",\"id\":\"b\",\"player\":\"p1\",\"at\":"
                                                  "\"2026-06-10T12:00:00Z\",\"set\":{\"vip\":true}}\n"
                                                  "{\"id\":\"c\",\"event\":\"session\",\"player\":\"p1\",\"brand\":"
                                                  "\"beta\",\"at\":\"2026-06-10T12:00:00Z\"}\n");
    assert_int_equal(story.counts.refused, 2);
    assert_true(holds(&story.refused, "line 1: the record names no `brand`, and the workspace has several; say which: "
                                      "\"brand\":\"alpha\" or \"beta\"\n"));
    assert_true(holds(&story.refused, "line 2: the record names no `brand`"));
    assert_int_equal(lines_of(&story.effects), 1);
    assert_true(holds(&story.effects, "\"brand\":\"beta\""));
    end(&story);
}

/* What fell due while the server slept is judged by the time of the tick: quiet hours keep it. */
static void a_catch_up_tick_keeps_quiet(void **state)
{
    (void)state;
    struct story story;
    begin(&story, waits);
    run(&story, SESSION("a", "p1", "10T12:00:00") "{\"kind\":\"tick\",\"at\":\"2026-06-11T03:00:00Z\"}\n");
    assert_true(holds(&story.effects, "\"at\":\"2026-06-10T14:00:00.000Z\""));
    begin_again(&story);
    run(&story,
        SESSION("a", "p1", "10T12:00:00") "{\"kind\":\"tick\",\"at\":\"2026-06-11T03:00:00Z\",\"catch_up\":true}\n");
    assert_int_equal(story.effects.size, 0);
    run(&story, "{\"kind\":\"tick\",\"at\":\"2026-06-11T09:00:00Z\",\"catch_up\":false}\n");
    assert_int_equal(lines_of(&story.effects), 1);
    assert_true(holds(&story.effects, "\"at\":\"2026-06-11T08:00:00.000Z\""));
    run(&story,
        "{\"id\":\"b\",\"event\":\"session\",\"player\":\"p1\",\"at\":\"2026-06-11T10:00:00Z\",\"catch_up\":true}\n"
        "{\"kind\":\"tick\",\"at\":\"2026-06-11T10:00:00Z\",\"catch_up\":1}\n");
    assert_true(holds(&story.refused, "line 1: a record of kind `event` has no `catch_up`"));
    assert_true(holds(&story.refused, "line 2: `catch_up` is `1`; write true or false, without quotes"));
    end(&story);
}

/* An event may name what it is about by the effect's id alone, in either case of its letters. */
static void an_event_names_only_the_effect(void **state)
{
    (void)state;
    static const char session[] = SESSION("a", "p1", "10T12:00:00");
    struct story story;
    begin(&story, about);
    run(&story, session);
    const char *at = memmem(story.effects.bytes, story.effects.size, "\"id\":\"", 6);
    assert_non_null(at);
    for (int upper = 0; upper < 3; upper++) {
        char id[33] = "", line[400];
        memcpy(id, at + 6, 32);
        for (int i = 0; upper == 1 && i < 32; i++) id[i] = (char)(id[i] >= 'a' ? id[i] - 'a' + 'A' : id[i]);
        if (upper == 2) id[0] = id[0] == '0' ? '1' : '0';
        (void)snprintf(line, sizeof line, EVENT("o", "message.opened", "p1", "10T13:00:00", "\"effect\":\"%s\""), id);
        struct story other = {.counts = {0}};
        (void)snprintf(path, sizeof path, "%s/%d.db", folder, made++);
        run(&other, session);
        run(&other, line);
        assert_int_equal(holds(&other.ends, "OPENED"), upper < 2);
        buffer_deinit(&other.effects);
        buffer_deinit(&other.ends);
        buffer_deinit(&other.refused);
    }
    end(&story);
}

/* ---------------------------------------------------------------- the state as it is now */

/* Its digest; false where it cannot be had. */
static bool state_of(bool newest, uint64_t *position_out, uint8_t digest[32])
{
    struct error error = ERROR_NONE;
    struct engine *engine = NULL;
    struct promo_base base = {.position = 0};
    const struct promo_options options = {.newest = newest, .base = &base};
    if (promo_replay(path, &options, &engine, &error) != OK) return false;
    assert_int_equal(engine_settle(engine, &error), OK);
    assert_int_equal(engine_digest(engine, digest, &error), OK);
    *position_out = base.position;
    engine_close(engine);
    return true;
}

static void change_file(const char *statement)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, statement, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(database);
}

/* Who wants the state alone gets it from the newest checkpoint and what stands behind it: the records before are not even read. Where there is no checkpoint
 * that can be read, the log tells the same. */
static void state_without_its_story(void **state)
{
    (void)state;
    struct story story;
    uint8_t whole[32], newest[32];
    uint64_t position = 0;
    begin(&story, waits);
    run(&story, SESSION("a", "p1", "10T12:00:00") SESSION("b", "p2", "10T13:00:00"));
    open_end = true;
    run(&story, SESSION("c", "p3", "10T14:00:00") SESSION("d", "p4", "10T14:00:00"));
    open_end = false;
    assert_true(state_of(false, &position, whole));
    assert_int_equal(position, 1);
    assert_true(state_of(true, &position, newest));
    assert_int_equal(position, 4); /* behind a program and two events */
    assert_memory_equal(whole, newest, 32);
    change_file("UPDATE checkpoint SET bytes = x'00' WHERE key >= 4096");
    assert_true(state_of(true, &position, newest));
    assert_int_equal(position, 1);
    assert_memory_equal(whole, newest, 32);
    end(&story);
    begin(&story, waits);
    run(&story, SESSION("a", "p1", "10T12:00:00") SESSION("b", "p2", "10T13:00:00"));
    assert_true(state_of(false, &position, whole));
    change_file("UPDATE log SET body = x'00' WHERE first = 1");
    assert_false(state_of(false, &position, newest));
    assert_true(state_of(true, &position, newest));
    assert_memory_equal(whole, newest, 32);
    end(&story);
}

static int prepare(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[160];
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeated_lines_move_nothing),       cmocka_unit_test(an_old_tick_closes_nothing),
        cmocka_unit_test(a_refused_event_stays_refused),     cmocka_unit_test(a_refused_command_stays_refused),
        cmocka_unit_test(a_refused_attribute_stays_refused), cmocka_unit_test(an_old_attribute_keeps_no_id),
        cmocka_unit_test(what_was_not_applied_is_counted),   cmocka_unit_test(the_summary_does_not_tell_runs),
        cmocka_unit_test(among_several_brands_one_is_named), cmocka_unit_test(a_catch_up_tick_keeps_quiet),
        cmocka_unit_test(an_event_names_only_the_effect),    cmocka_unit_test(state_without_its_story),
    };
    return cmocka_run_group_tests_name("delivery", tests, prepare, remove_folder);
}
