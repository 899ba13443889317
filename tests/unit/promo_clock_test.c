/*
 * A service whose clock stands still, is set back or jumps: what is stamped, what is told, and what a person's word does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "compiler/compiler.h"
#include "runtime/store/backup.h"
#include "runtime/store/promo.h"
#include "vm/civil.h"

static const char campaign[] = "workspace \"Bank\"\n  currency  EUR\n  channel   inbox\n  lateness  7 days\n  use "
                               "events\n  use attributes\n  use actions\nend\n"
                               "message \"hello\"\n  about  casino\n  class  service\n  inbox \"en\" \"Hello.\"\nend\n"
                               "campaign \"Hello\"\n  product  casino\n  start on registration\n  step \"Greet\"\n"
                               "    send inbox \"hello\"\n    finish as \"GREETED\"\n  end\nend\n";

static struct {
    int64_t wall, steady;
    uint32_t told[PROMO_ALARM_KIND_COUNT];
    char words[512];
} world;
static char folder[] = "/tmp/promo_clock_XXXXXX";
static char path[64];
static int number;

static int64_t wall(void *context)
{
    (void)context;
    return world.wall;
}

static int64_t steady(void *context)
{
    (void)context;
    return world.steady;
}

static void on_alarm(void *context, enum promo_alarm_kind kind, const char *words)
{
    (void)context;
    world.told[kind]++;
    (void)snprintf(world.words, sizeof world.words, "%s", words);
}

static struct compiler_output compiled;

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

static struct promo *open_service(const char *database, int64_t gap)
{
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    const struct promo_options options = {.bundle = compiled.bundle.bytes,
                                          .bundle_size = compiled.bundle.size,
                                          .database = database,
                                          .clock = {.wall = wall, .steady = steady},
                                          .clock_gap_ms = gap,
                                          .alarm = on_alarm};
    if (promo_open(&promo, &options, &error) != OK) fail_msg("%s", error.message);
    return promo;
}

static void close_service(struct promo *promo)
{
    struct error error = ERROR_NONE;
    assert_int_equal(promo_close(promo, &error), OK);
}

/* Some time passes for both clocks; the wall clock may be set as well. */
static void pass(int64_t ms, int64_t set)
{
    world.wall += ms + set;
    world.steady += ms;
}

/* The `now` of a record that comes in now. */
static int64_t stamp(struct promo *promo)
{
    char line[200];
    struct error error = ERROR_NONE;
    struct promo_outcome outcome = {.lines = NULL};
    number++;
    int size = snprintf(
        line, sizeof line,
        "{\"id\":\"r%d\",\"event\":\"registration\",\"player\":\"p%d\",\"at\":\"2026-06-01T10:00:00Z\",\"data\":{}}",
        number, number);
    if (promo_submit(promo, line, (size_t)size, &outcome, &error) != OK) fail_msg("%s", error.message);
    assert_int_not_equal(outcome.verdict, PROMO_REFUSED);
    return outcome.now;
}

static int begin_world(void **state)
{
    (void)state;
    memset(&world, 0, sizeof world);
    world.wall = INT64_C(1780308000000); /* 2026-06-01T10:00:00Z */
    world.steady = 5000;
    return 0;
}

/* promise R7 */
static void a_clock_that_stands(void **state)
{
    (void)state;
    struct promo *promo = open_service(NULL, 0);
    int64_t first = stamp(promo);
    assert_int_equal(first, world.wall);
    world.steady += 9999;
    (void)stamp(promo);
    assert_int_equal(world.told[PROMO_ALARM_CLOCK_STANDS], 0);
    world.steady += 60000;
    assert_int_equal(stamp(promo), first + 69999);
    assert_int_equal(world.told[PROMO_ALARM_CLOCK_STANDS], 1);
    world.steady += 60000;
    assert_int_equal(stamp(promo), first + 129999);
    assert_int_equal(world.told[PROMO_ALARM_CLOCK_STANDS], 1); /* once */
    world.wall += 130000;
    world.steady += 1;
    assert_int_equal(stamp(promo), world.wall);
    assert_int_equal(world.told[PROMO_ALARM_CLOCK_GOOD], 1);
    close_service(promo);
}

/* promise R7 */
static void a_clock_that_is_set_back(void **state)
{
    (void)state;
    struct promo *promo = open_service(NULL, 0);
    int64_t first = stamp(promo);
    pass(1000, -3600000);
    int64_t second = stamp(promo);
    assert_int_equal(world.told[PROMO_ALARM_CLOCK_BACK], 1);
    assert_true(second > first && second < first + 1000);
    pass(1800000, 0);
    int64_t third = stamp(promo);
    assert_true(third > second && third < first + 1000);
    pass(1800000, 0);
    assert_int_equal(stamp(promo), world.wall);
    assert_true(world.wall > third);
    assert_int_equal(world.told[PROMO_ALARM_CLOCK_BACK], 1);
    close_service(promo);
}

/* promise R7 */
static void a_clock_that_jumps(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    struct promo *promo = open_service(NULL, 0);
    int64_t first = stamp(promo);
    /* Two hours: taken, and told. */
    pass(1000, 2 * CIVIL_HOUR_MS);
    assert_int_equal(stamp(promo), world.wall);
    assert_int_equal(world.told[PROMO_ALARM_CLOCK_JUMPED], 1);
    first = world.wall;
    /* Ten years: not taken. */
    pass(1000, 3653 * CIVIL_DAY_MS);
    assert_int_equal(stamp(promo), first + 1000);
    assert_int_equal(world.told[PROMO_ALARM_CLOCK_AHEAD], 1);
    pass(5000, 0);
    assert_int_equal(stamp(promo), first + 6000);
    assert_int_equal(promo_tick(promo, &error), OK);
    assert_int_equal(world.told[PROMO_ALARM_CLOCK_AHEAD], 1);
    /* Set right again. */
    pass(1000, -3653 * CIVIL_DAY_MS);
    assert_int_equal(stamp(promo), first + 7000);
    assert_int_equal(world.told[PROMO_ALARM_CLOCK_GOOD], 1);
    assert_int_equal(world.told[PROMO_ALARM_CLOCK_BACK], 0);
    /* Two days, and a person says that it is so. */
    pass(1000, 2 * CIVIL_DAY_MS);
    assert_int_equal(stamp(promo), first + 8000);
    assert_int_equal(world.told[PROMO_ALARM_CLOCK_AHEAD], 2);
    assert_int_equal(promo_clock_accept(promo, "", &error), STATUS_USAGE);
    assert_int_equal(promo_clock_accept(promo, "anna", &error), OK);
    assert_int_equal(stamp(promo), world.wall);
    close_service(promo);
}

/* promise R7 */
static void a_clock_that_is_wrong_at_the_start(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    (void)snprintf(path, sizeof path, "%s/start.db", folder);
    struct promo *promo = open_service(path, 0);
    int64_t first = stamp(promo);
    close_service(promo);
    /* A weekend away is nothing special. */
    world.wall += 3 * CIVIL_DAY_MS;
    world.steady = 7;
    promo = open_service(path, 0);
    assert_int_equal(stamp(promo), first + 3 * CIVIL_DAY_MS);
    close_service(promo);
    assert_int_equal(world.told[PROMO_ALARM_CLOCK_AHEAD], 0);
    /* Twelve years are. */
    int64_t last = world.wall;
    world.wall += 4383 * CIVIL_DAY_MS;
    promo = open_service(path, 0);
    int64_t now = stamp(promo);
    assert_true(now > last && now < last + 1000);
    assert_int_equal(world.told[PROMO_ALARM_CLOCK_AHEAD], 1);
    assert_non_null(strstr(world.words, "long after the log's last instant"));
    pass(60000, 0);
    assert_true(stamp(promo) < last + 62000);
    assert_int_equal(promo_clock_accept(promo, "anna", &error), OK);
    close_service(promo);
    /* The word of a person is kept. */
    pass(1000, 0);
    promo = open_service(path, 0);
    assert_int_equal(stamp(promo), world.wall);
    assert_int_equal(world.told[PROMO_ALARM_CLOCK_AHEAD], 1);
    close_service(promo);
    /* Whoever wants no limit has none. */
    world.wall += 4383 * CIVIL_DAY_MS;
    promo = open_service(path, -1);
    assert_int_equal(stamp(promo), world.wall);
    close_service(promo);
    backup_remove(path);
}

static int setup(void **state)
{
    (void)state;
    compile(&compiled, campaign);
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    compiler_release(&compiled);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_clock_that_stands, begin_world),
        cmocka_unit_test_setup(a_clock_that_is_set_back, begin_world),
        cmocka_unit_test_setup(a_clock_that_jumps, begin_world),
        cmocka_unit_test_setup(a_clock_that_is_wrong_at_the_start, begin_world),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
