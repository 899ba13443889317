/*
 * The code of metrics: what the verifier refuses in it and in their records, what a definition's identity sees and does not
 * see, and that filters over metrics, moments and dates say when they change, against a walk through the instants between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler/compiler.h"
#include "tests/fuzz/bundle_kit.h"
#include "vm/assemble.h"
#include "vm/civil.h"
#include "vm/interp.h"
#include "vm/memory.h"
#include "vm/verify.h"
#include "vm/zone.h"

/* ---------------------------------------------------------------- what is refused */

static void read_prelude(struct buffer *out)
{
    FILE *file = fopen("tests/bytecode/prelude.asm", "rb");
    assert_non_null(file);
    char bytes[4096];
    for (size_t got; (got = fread(bytes, 1, sizeof bytes, file)) > 0;) buffer_append(out, bytes, got);
    (void)fclose(file);
    buffer_string(out, "\nstart: FINISH \"end\"\n");
}

static void verify_changed(const char *from, const char *to, struct error *error, enum status *status)
{
    struct buffer source = BUFFER_EMPTY, changed = BUFFER_EMPTY;
    read_prelude(&source);
    const char *all = buffer_as_string(&source), *at = strstr(all, from);
    if (at == NULL) fail_msg("the prelude has no `%s`", from);
    buffer_append(&changed, all, (size_t)(at - all));
    buffer_string(&changed, to);
    buffer_string(&changed, at + strlen(from));
    struct builder builder;
    struct program program;
    struct bundle_bound bounds[2];
    builder_init(&builder);
    *status = assemble(&builder, buffer_as_text(&changed), error);
    if (*status == OK) *status = builder_program(&program, &builder, error);
    if (*status == OK) *status = verify_bounds(&program, bounds, error);
    builder_deinit(&builder);
    buffer_deinit(&source);
    buffer_deinit(&changed);
}

static void forged_metrics_are_refused(void **unused)
{
    (void)unused;
    static const struct {
        const char *from, *to, *words;
    } cases[] = {
        {"paid:   LOAD_EVENT r0, e4", "paid:   LOAD_PLAYER r0, p6", "a metric cannot read the player"},
        {"paid:   LOAD_EVENT r0, e4", "paid:   LOAD_METRIC r0, m4", "a metric is kept from its event alone"},
        {"paid:   LOAD_EVENT r0, e4", "paid:   LOAD_NOW r0", "a metric cannot depend on now"},
        {"paid:   LOAD_EVENT r0, e4", "paid: LOAD_EVENT r0, e0\n DATE_OF r0, r0, player",
         "a metric cannot read the player"},
        {"paid:   LOAD_EVENT r0, e4", "paid: IF_WITHIN_EVENT e0, s1, mean, 5\n LOAD_EVENT r0, e4",
         "a metric cannot depend on now"},
        {"paid:   LOAD_EVENT r0, e4", "paid: LOAD_EVENT r0, e0\n IF_WITHIN_CALENDAR r0, s1, mean, 0m1d0",
         "a metric cannot depend on now"},
        {"paid:   LOAD_EVENT r0, e4", "paid:   ACCEPT", "only gives a value"},
        {"paid:   LOAD_EVENT r0, e4\n        YIELD r0", "paid:   LOAD_EVENT r0, e4",
         "code of two kinds, or of two metrics"},
        {"code=@mean", "code=@paid", "code of two kinds, or of two metrics"},
        {"mean:   LOAD_EVENT r0, e4", "mean: LOAD_CONST r0, 10000001", "register 0 can hold [10000001, 10000001]"},
        {"colour: LOAD_EVENT r0, e6", "colour: LOAD_EVENT r0, e10", "metric 4 only [0, 2]"},
        {"way:    LOAD_TEXT r0, \"card\"\n        YIELD_TEXT r0", "way: LOAD_CONST r0, 0\n YIELD r0",
         "metric 3 is made of texts"},
        {"one:    LOAD_CONST r0, 0\n        YIELD r0", "one: LOAD_TEXT r0, \"a\"\n YIELD_TEXT r0",
         "can be longer than the 0 bytes of metric 5"},
        {"note\" aggregate=10 kind=10 size=16", "note\" aggregate=10 kind=10 size=15",
         "can be longer than the 15 bytes of metric 2"},
        {"twice:  LOAD_METRIC r0, m0", "twice:  LOAD_METRIC r0, m7", "a formula cannot read a formula"},
        {"twice:  LOAD_METRIC r0, m0", "twice:  LOAD_METRIC r0, m5", "belongs to the journeys of another campaign"},
        {"twice:  LOAD_METRIC r0, m0", "twice:  LOAD_METRIC r0, m1", "slot 1 may be unknown here"},
        {"twice:  LOAD_METRIC r0, m0", "twice:  LOAD_EVENT r0, e4", "there is no event here"},
        {"twice:  LOAD_METRIC r0, m0", "twice:  LOAD_PLAYER r0, p6", "a metric cannot read the player"},
        {"MUL_CONST r0, r0, 2", "MUL_CONST r0, r0, 3", "metric 7 only [0, 2000000000]"},
        {"LOAD_METRIC r0, m0", "LOAD_METRIC r0, m9", "operand b (METRIC) is 9; there are 8"},
        {"name=\"paid\" aggregate=5 kind=4", "name=\"paid\" aggregate=5 kind=14 of=1", "it is a set"},
        {"aggregate=12 kind=7", "aggregate=12 kind=1", "it is a time, and no moment"},
        {"aggregate=1 span=5 kind=1", "aggregate=1 span=5 kind=4 of=1", "it counts, and is no whole number"},
        {"aggregate=1 span=5", "aggregate=1 span=0", "it belongs to a campaign, and not to its journeys"},
        {"event=1 code=@one campaign=0", "event=1 code=@one", "it counts from the entry of no campaign"},
        {"aggregate=5 kind=4", "aggregate=5 span=1 rolling_kind=1 kind=4", "its window is no duration"},
        {"aggregate=5 kind=4", "aggregate=5 span=1 rolling_kind=1 window=1000 kind=4", "needs kept events"},
        {"aggregate=5 kind=4", "aggregate=5 span=1 window=1000 kind=4", "neither exact nor of the calendar"},
        {"aggregate=5 kind=4", "aggregate=5 span=2 kind=4", "no day, week, month or year"},
        {"preset=1 name=\"colour\"", "preset=3 name=\"colour\"", "its `otherwise` lies outside its range"},
        {"zone=\"UTC\" code=@twice", "zone=\"UTC\" event=0 code=@twice", "it has no code, or no event"},
        {"event=0 code=@paid", "event=0 code=@paid reversal=1", "has no code, or the code no event"},
        {"event=0 code=@paid", "event=0 code=@paid reversal=1 reversal_code=@paid",
         "its reversal takes other events back"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = ERROR_NONE;
        enum status status;
        verify_changed(cases[i].from, cases[i].to, &error, &status);
        if (status != STATUS_REFUSED || strstr(error.message, cases[i].words) == NULL)
            fail_msg("`%s` is not refused with `%s` but: %s", cases[i].to, cases[i].words, error.message);
    }
    struct error error = ERROR_NONE;
    enum status status;
    verify_changed("word 0", "word 0", &error, &status);
    if (status != OK) fail_msg("%s", error.message);
}

/* ---------------------------------------------------------------- identity */

static struct compiler_output compile(const char *source)
{
    struct compiler_output out;
    struct error error = ERROR_NONE;
    struct compiler_input input = {TEXT("test.promo"), text_of(source)};
    assert_int_equal(compiler_compile(&out, &input, 1, (struct compiler_options){.default_name = TEXT("test")}, &error),
                     OK);
    struct buffer words = BUFFER_EMPTY;
    if (out.failed) {
        diagnostics_render(&out.diagnostics, DIAGNOSTIC_TEXT, &words);
        fail_msg("%s", buffer_as_string(&words));
    }
    return out;
}

static const struct bundle_metric *last_metric(const struct program *program)
{
    return &program->metric[program->metric_count - 1];
}

static bool same_identity(const char *left, const char *right)
{
    struct compiler_output one = compile(left), two = compile(right);
    const struct bundle_metric *a = last_metric(&one.program), *b = last_metric(&two.program);
    bool same = a->identity_0 == b->identity_0 && a->identity_1 == b->identity_1;
    compiler_release(&one);
    compiler_release(&two);
    return same;
}

#define SMALL                                                                                             \
    "workspace \"W\"\n  product casino\n  currency EUR, PLN\n  channel email\n  timezone \"UTC\"\n  use " \
    "attributes\nend\n"
#define TURNED                                                                                            \
    "workspace \"W\"\n  product casino\n  currency PLN, EUR\n  channel email\n  timezone \"UTC\"\n  use " \
    "attributes\nend\n"
#define PLAYED(words)                                                                    \
    "event played from \"p\"\n  field stake money up to 100\n  field kind one of " words \
    "\n  field game text up to 9\nend\n"
#define SUM "metric m is sum of played.stake in EUR over last 7 days where kind is b and game is \"x\"\n"

static void the_identity_is_the_definition(void **unused)
{
    (void)unused;
    const char *base = SMALL PLAYED("a, b") SUM;
    /* Neither names nor neighbours nor the order of anything. */
    assert_true(same_identity(base, base));
    assert_true(
        same_identity(base, SMALL PLAYED("a, b") "metric other is sum of played.stake in EUR over last 7 days by hour "
                                                 "where kind is b and game is \"x\"\n"));
    assert_true(same_identity(base, SMALL "event earlier\n  field n whole number\nend\n" PLAYED(
                                        "a, b") "metric n is count of earlier ever\n" SUM));
    assert_true(same_identity(base, TURNED PLAYED("a, b") SUM));
    assert_true(same_identity(base,
                              SMALL "event bet2 from \"p\"\n  field stake money up to 100\n  field kind one of a, b\n"
                                    "  field game text up to 9\nend\n"
                                    "metric m is sum of bet2.stake in EUR over last 7 days where kind is b and "
                                    "game is \"x\"\n"));
    /* Everything that counts. */
    static const char *const others[] = {
        SMALL PLAYED(
            "a, b") "metric m is sum of played.stake in PLN over last 7 days where kind is b and game is \"x\"\n",
        SMALL PLAYED(
            "a, b") "metric m is sum of played.stake in EUR over last 8 days where kind is b and game is \"x\"\n",
        SMALL PLAYED("a, b") "metric m is sum of played.stake in EUR over last 7 days by day where kind is b and game "
                             "is \"x\"\n",
        SMALL PLAYED(
            "a, b") "metric m is sum of played.stake in EUR over last 168 hours where kind is b and game is \"x\"\n",
        SMALL PLAYED("a, b") "metric m is sum of played.stake in EUR ever where kind is b and game is \"x\"\n",
        SMALL PLAYED(
            "a, b") "metric m is average of played.stake in EUR over last 7 days where kind is b and game is \"x\"\n",
        SMALL PLAYED(
            "a, b") "metric m is sum of played.stake in EUR over last 7 days where kind is a and game is \"x\"\n",
        SMALL PLAYED(
            "a, b") "metric m is sum of played.stake in EUR over last 7 days where kind is b and game is \"y\"\n",
        SMALL PLAYED("a, b") "metric m is sum of played.stake in EUR over last 7 days where kind is b\n",
        SMALL PLAYED("b, a") SUM,
        SMALL PLAYED("a, b") "metric m is sum of played.stake in EUR over last 7 days, kept up to 9 where kind is b "
                             "and game is \"x\"\n",
        SMALL PLAYED("a, b") "metric m is sum of played.stake in EUR over last 7 days in \"Europe/Warsaw\" where kind "
                             "is b and game is \"x\"\n",
        SMALL PLAYED("a, b") "metric m is sum of played.stake in EUR over last 7 days in the player's zone where kind "
                             "is b and game is \"x\"\n",
        SMALL PLAYED(
            "a, b") "event undone\n  reverses played by of_id at played_at\n  field of_id text up to 64\n  field "
                    "played_at moment\n"
                    "  field stake money up to 100\n  field kind one of a, b\n  field game text up to 9\nend\n" SUM,
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (same_identity(base, others[i])) fail_msg("the same identity as: %s", others[i]);
    }
}

/* ---------------------------------------------------------------- when filters change */

enum { FILTERS = 400, INSTANTS = 12, SAMPLES = 40, METRICS = 3 };

/* Metrics as steps over time: at each instant a value or none, and the instant of the next step. */
struct steps {
    int64_t at[8];
    int64_t value[8]; /* below zero: none */
};
struct world {
    struct steps metric[METRICS];
    int64_t now;
};

static void read_step(void *context, uint32_t metric, struct metric_read *out)
{
    const struct world *world = context;
    const struct steps *steps = &world->metric[metric];
    unsigned n = 0;
    while (n + 1 < 8 && steps->at[n + 1] <= world->now) n++;
    *out = (struct metric_read){.known = steps->value[n] >= 0,
                                .value = steps->value[n],
                                .text = {"", 0},
                                .changes_at = n + 1 < 8 ? steps->at[n + 1] : INT64_MAX};
}

static const char *const conditions[] = {
    "number is at least 3",
    "number is between 1 and 4",
    "seen is known and seen is within last 2 days",
    "seen is known and seen is not within last 26 hours",
    "seen is known and seen is within last 1 month",
    "birth is known and birth is within last 40 days",
    "birth is known and birth is not within last 2 months",
    "vip is yes",
    "late is known and late is within last 90 minutes",
    "late is known and late is not within last 3 days",
    "late is not known",
    "score is 2",
};

static void put_condition(struct buffer *out, struct bundle_kit_dice *dice, unsigned depth)
{
    static const char *const groups[] = {"all of", "any of", "none of"};
    if (depth == 0 || bundle_kit_below(dice, 3) == 0) {
        buffer_print(out, "  %s\n", conditions[bundle_kit_below(dice, sizeof conditions / sizeof *conditions)]);
        return;
    }
    buffer_print(out, "  %s\n", groups[bundle_kit_below(dice, 3)]);
    for (uint64_t i = 1 + bundle_kit_below(dice, 3); i > 0; i--) put_condition(out, dice, depth - 1);
    buffer_string(out, "  end\n");
}

/* Judges at an instant; *changes gets what the run says. */
static bool judge(struct activation *activation, struct world *world, uint32_t pc, int64_t now, int64_t *changes)
{
    activation->now = world->now = now;
    activation->changes_at = INT64_MAX;
    bool holds = interp_filter(activation, pc);
    *changes = activation->changes_at;
    return holds;
}

static void walk_filter(struct bundle_kit_dice *dice, struct activation *activation, struct world *world, uint32_t pc,
                        const char *source)
{
    int64_t now = world->now;
    for (unsigned i = 0; i < INSTANTS; i++) {
        int64_t changes, unused;
        bool holds = judge(activation, world, pc, now, &changes);
        assert_true(changes > now);
        int64_t end = changes == INT64_MAX ? now + 400 * CIVIL_DAY_MS : changes;
        for (unsigned k = 0; k < SAMPLES; k++) {
            int64_t at = now + (int64_t)bundle_kit_below(dice, (uint64_t)(end - now));
            if (k < 3) at = end - 1 - (int64_t)k;
            if (at <= now) continue;
            if (judge(activation, world, pc, at, &unused) != holds)
                fail_msg("%s\nholds %d at %lld, said to stay so until %lld, but is %d at %lld", source, holds,
                         (long long)now, (long long)changes, !holds, (long long)at);
        }
        if (changes == INT64_MAX) return;
        now = changes;
    }
}

static void filters_say_when_they_change(void **unused)
{
    (void)unused;
    static const char *const zones[] = {"UTC", "Europe/Warsaw", "Pacific/Auckland", "America/Nuuk", "Asia/Kathmandu"};
    struct bundle_kit_dice dice = {42};
    struct activation *activation = memory_alloc(sizeof *activation);
    for (unsigned f = 0; f < FILTERS; f++) {
        struct buffer source = BUFFER_EMPTY;
        buffer_string(&source, SMALL "attribute seen optional moment\nattribute birth optional date\n"
                                     "attribute score whole number, otherwise 0\n"
                                     "event ping\nend\n"
                                     "metric number is count of ping ever\n"
                                     "metric late is last time of ping ever\n"
                                     "segment \"S\" is players where all of\n");
        put_condition(&source, &dice, 3);
        buffer_string(&source, "end\n");
        struct compiler_output out = compile(buffer_as_string(&source));
        const struct program *program = &out.program;
        int64_t slot[512] = {0};
        uint64_t known[8] = {0};
        struct world world = {.now = INT64_C(1774000000000) + (int64_t)bundle_kit_below(&dice, 20 * CIVIL_DAY_MS)};
        for (unsigned m = 0; m < METRICS; m++) {
            for (unsigned k = 0; k < 8; k++) {
                world.metric[m].at[k] = k == 0 ? 0
                                               : (k == 1 ? world.now : world.metric[m].at[k - 1]) + 1 +
                                                     (int64_t)bundle_kit_below(&dice, 9 * CIVIL_DAY_MS);
                world.metric[m].value[k] = (int64_t)bundle_kit_below(&dice, 7) - 1;
                if (m == 1 && world.metric[m].value[k] >= 0)
                    world.metric[m].value[k] =
                        world.metric[m].at[k] - (int64_t)bundle_kit_below(&dice, 4 * CIVIL_DAY_MS);
                if (m == 1 && k == 0 && world.metric[m].value[k] != -1)
                    world.metric[m].value[k] = world.now - (int64_t)bundle_kit_below(&dice, 4 * CIVIL_DAY_MS);
                if (m == 0 && world.metric[m].value[k] < 0) world.metric[m].value[k] = 0;
            }
        }
        for (uint32_t i = 0; i < program->attribute_count; i++) {
            const struct bundle_attribute *attribute = &program->attribute[i];
            struct text name = program_text(program, attribute->name);
            slot[attribute->slot] = attribute->preset;
            bool is_known = attribute->optional == 0 || bundle_kit_below(&dice, 4) != 0;
            if (text_equal(name, TEXT("seen")))
                slot[attribute->slot] =
                    world.now + (int64_t)bundle_kit_below(&dice, 40 * CIVIL_DAY_MS) - 35 * CIVIL_DAY_MS;
            if (text_equal(name, TEXT("birth")))
                slot[attribute->slot] = world.now / CIVIL_DAY_MS + (int64_t)bundle_kit_below(&dice, 70) - 65;
            if (text_equal(name, TEXT("score"))) slot[attribute->slot] = (int64_t)bundle_kit_below(&dice, 4);
            if (text_equal(name, TEXT("vip"))) slot[attribute->slot] = (int64_t)bundle_kit_below(&dice, 2);
            if (is_known) known[attribute->slot / 64] |= UINT64_C(1) << (attribute->slot % 64);
        }
        *activation = (struct activation){.program = program, .campaign = PROGRAM_NONE};
        activation->player = (struct bank_read){slot, known, (const uint8_t *)""};
        activation->read_metric = read_step;
        activation->metric_context = &world;
        activation->campaign_zone =
            (uint32_t)zone_find(text_of(zones[bundle_kit_below(&dice, sizeof zones / sizeof *zones)]));
        activation->player_zone = activation->campaign_zone;
        walk_filter(&dice, activation, &world, program->segment[0].filter, buffer_as_string(&source));
        compiler_release(&out);
        buffer_deinit(&source);
    }
    memory_release(activation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forged_metrics_are_refused),
        cmocka_unit_test(the_identity_is_the_definition),
        cmocka_unit_test(filters_say_when_they_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
