/* New metrics over a database: filled in from its log, also by a recovery that reads the log a second time while it reads it.
 * What is filled in is tests/unit/engine_metrics_test.c's and tests/property/metrics_test.c's matter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "compiler/compiler.h"
#include "runtime/store/promo.h"
#include "vm/crypto.h"

#define BASE                                                                                          \
    "workspace \"Log\"\n  product casino\n  currency EUR\n  channel inbox\n  timezone \"UTC\"\nend\n" \
    "event play\n  field points whole number between 0 and 1,000\nend\n"

static const char METERED[] =
    BASE "metric plays is count of play ever\nmetric points is sum of play.points over last 30 days by day\n";

static char path[64];

static void compile(struct buffer *out, const char *source)
{
    struct error error = ERROR_NONE;
    struct compiler_output output;
    struct compiler_input input = {.path = TEXT("test.promo"), .bytes = text_of(source)};
    if (compiler_compile(&output, &input, 1, (struct compiler_options){.default_name = TEXT("Log")}, &error) != OK)
        fail_msg("%s", error.message);
    assert_false(output.failed);
    buffer_append(out, output.bundle.bytes, output.bundle.size);
    compiler_release(&output);
}

static struct promo *open_promo(const struct buffer *bundle)
{
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    struct promo_options options = {.bundle = bundle == NULL ? NULL : bundle->bytes,
                                    .bundle_size = bundle == NULL ? 0 : bundle->size,
                                    .database = path,
                                    .shards = 2,
                                    .time = PROMO_TIME_RECORDS};
    if (promo_open(&promo, &options, &error) != OK) fail_msg("%s", error.message);
    return promo;
}

static void play(struct promo *promo, uint32_t id, const char *player)
{
    char line[256];
    struct error error = ERROR_NONE;
    struct promo_outcome outcome;
    int size =
        snprintf(line, sizeof line,
                 "{\"id\":\"%u\",\"event\":\"play\",\"player\":\"%s\",\"at\":\"2026-06-%02uT10:00:00Z\",\"data\":{"
                 "\"points\":%u}}",
                 id, player, 1 + id / 10, id);
    if (promo_submit(promo, line, (size_t)size, &outcome, &error) != OK) fail_msg("%s", error.message);
    assert_int_equal(outcome.verdict, PROMO_APPLIED);
}

static int64_t value_of(struct promo *promo, const char *player, const char *name)
{
    struct error error = ERROR_NONE;
    struct engine_metric metric;
    struct engine *engine = promo_engine(promo);
    assert_int_equal(engine_settle(engine, &error), OK);
    assert_true(engine_find_metric(engine, TEXT(""), text_of(player), text_of(name), &metric));
    return metric.value;
}

static void begin(const struct buffer *bundle)
{
    struct error error = ERROR_NONE;
    snprintf(path, sizeof path, "build/backfill_%d.db", (int)getpid());
    struct promo *promo = open_promo(bundle);
    for (uint32_t i = 1; i <= 40; i++) play(promo, i, i % 2 == 0 ? "even" : "odd");
    assert_int_equal(promo_close(promo, &error), OK);
}

static void end(void)
{
    static const char *const parts[] = {"", "-wal", "-shm", "-keys", "-keys-wal", "-keys-shm", "-lock"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char name[96];
        snprintf(name, sizeof name, "%s%s", path, parts[i]);
        (void)unlink(name);
    }
}

static void a_log_fills_in(void **unused)
{
    (void)unused;
    struct buffer base = BUFFER_EMPTY, metered = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    compile(&base, BASE);
    compile(&metered, METERED);
    begin(&base);
    struct promo *promo = open_promo(&metered);
    play(promo, 50, "even"); /* The program takes effect before it. */
    assert_int_equal(value_of(promo, "even", "plays"), 21);
    assert_int_equal(value_of(promo, "odd", "plays"), 20);
    assert_int_equal(value_of(promo, "even", "points"), 420 + 50);
    assert_int_equal(promo_close(promo, &error), OK);
    promo = open_promo(NULL);
    assert_int_equal(value_of(promo, "even", "points"), 420 + 50);
    assert_int_equal(promo_close(promo, &error), OK);
    /* The whole log again, from its beginning. */
    struct engine *engine = NULL;
    struct promo_options options = {.shards = 1};
    if (promo_replay(path, &options, &engine, &error) != OK) fail_msg("%s", error.message);
    struct engine_metric metric;
    assert_int_equal(engine_settle(engine, &error), OK);
    assert_true(engine_find_metric(engine, TEXT(""), TEXT("odd"), TEXT("plays"), &metric));
    assert_int_equal(metric.value, 20);
    engine_close(engine);
    end();
    buffer_deinit(&base);
    buffer_deinit(&metered);
}

static void a_recovery_fills_in_again(void **unused)
{
    (void)unused;
    struct buffer base = BUFFER_EMPTY, metered = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    compile(&base, BASE);
    compile(&metered, METERED);
    begin(&base);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        /* Gone without a checkpoint: the activation stands in the tail of the log. */
        struct promo *promo = open_promo(&metered);
        play(promo, 50, "even");
        play(promo, 51, "odd");
        _exit(value_of(promo, "odd", "plays") == 21 ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    struct promo *promo = open_promo(NULL);
    assert_int_equal(value_of(promo, "even", "plays"), 21);
    assert_int_equal(value_of(promo, "odd", "plays"), 21);
    assert_int_equal(promo_close(promo, &error), OK);
    end();
    buffer_deinit(&base);
    buffer_deinit(&metered);
}

int main(void)
{
    struct error error = ERROR_NONE;
    if (crypto_start(&error) != OK) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_log_fills_in), cmocka_unit_test(a_recovery_fills_in_again)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
