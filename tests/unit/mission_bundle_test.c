/*
 * Missions, tasks and badges in forged bundles: each mistake in a record is refused with words for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/engine_kit.h"

#include "vm/builder.h"
#include "vm/bundle.h"
#include "vm/limits.h"
#include "vm/verify.h"

static const char SOURCE[] =
    "workspace \"Forged\"\n  product casino\n  currency EUR\n  channel inbox\n  use events\n  use actions\nend\n"
    "metric bets is count of bet ever\n"
    "campaign \"A\"\n  product casino\n  currency EUR\n  start on session\n"
    "  metric plays is count of bet since entry\n  metric spent is sum of bet.stake in EUR since entry\n"
    "  metric games is count of different bet.game since entry, kept up to 50\n"
    "  step \"S\"\n    wait 1 day\n    finish as \"DONE\"\n  end\nend\n"
    "campaign \"B\"\n  product casino\n  currency EUR\n  start on session\n"
    "  step \"S\"\n    wait 1 day\n    finish as \"DONE\"\n  end\nend\n";

enum { BETS, PLAYS, SPENT, GAMES }; /* METRIC indexes */

struct records {
    struct bundle_mission mission[2];
    uint32_t missions;
    struct bundle_task task[2];
    struct bundle_metric *metric;
    uint32_t badges;
    struct bundle_campaign *campaign;
};

/* A change of one record, and what the refusal says. */
struct forgery {
    void (*change)(struct records *records);
    const char *words;
};
#define CHANGE(name, statement)               \
    static void name(struct records *records) \
    {                                         \
        statement;                            \
    }
CHANGE(nothing, (void)records)
CHANGE(no_task, records->mission[0].task_count = 0)
CHANGE(tasks_beyond, records->mission[0].task_count = 3)
CHANGE(no_campaign, records->mission[0].campaign = 7)
CHANGE(twice, records->missions = 2)
CHANGE(per_run, records->mission[0].period = LIMIT_RUN)
CHANGE(per_century, records->mission[0].period = PERIOD_COUNT)
CHANGE(no_number, records->mission[0].most = 0)
CHANGE(of_the_workspace, records->task[0].metric = BETS)
CHANGE(of_another, records->mission[0].campaign = 1)
CHANGE(no_metric, records->task[1].metric = 99)
CHANGE(needs_nothing, records->task[0].need = 0)
CHANGE(needs_less, records->task[1].need = -5)
CHANGE(too_many_parts, records->task[0].need = LIMIT_TASK_PARTS + INT64_C(1))
CHANGE(sum_in_parts, records->task[1].in_parts = 1)
CHANGE(flag_two, records->task[1].in_parts = 2)
CHANGE(an_average, records->metric[SPENT].aggregate = AGGREGATE_LARGEST)
CHANGE(each_of_a_sum, records->metric[SPENT].aggregate = AGGREGATE_DIFFERENT_EACH)
CHANGE(each_never, records->metric[GAMES].aggregate = AGGREGATE_DIFFERENT_EACH)
CHANGE(each, records->metric[GAMES].aggregate = AGGREGATE_DIFFERENT_EACH; records->metric[GAMES].window = 3)
CHANGE(each_of_all, records->metric[GAMES].aggregate = AGGREGATE_DIFFERENT_EACH; records->metric[GAMES].window = 3;
       records->metric[GAMES].kept = 0)
CHANGE(each_this_week, records->metric[BETS].aggregate = AGGREGATE_DIFFERENT_EACH; records->metric[BETS].window = 3;
       records->metric[BETS].kept = 3; records->metric[BETS].span = SPAN_THIS; records->metric[BETS].grain = GRAIN_WEEK)
CHANGE(two_at_once, records->campaign->at_once = 2)
CHANGE(many_badges, records->badges = LIMIT_BADGES + 1)

static const struct forgery forgeries[] = {
    {nothing, NULL},
    {each, NULL},
    {no_task, "1 to 16 tasks"},
    {tasks_beyond, "task"},
    {no_campaign, "campaign"},
    {twice, "an earlier campaign"},
    {per_run, "its period"},
    {per_century, "period"},
    {no_number, "its period"},
    {of_the_workspace, "not kept with the mission's journeys"},
    {of_another, "not kept with the mission's journeys"},
    {no_metric, "metric"},
    {needs_nothing, "needs nothing"},
    {needs_less, "needs nothing"},
    {too_many_parts, "more parts"},
    {sum_in_parts, "parts of a sum"},
    {flag_two, "in_parts"},
    {an_average, "none of count"},
    {each_of_a_sum, "no whole number"},
    {each_never, "how often"},
    {each_of_all, "how many are kept"},
    {each_this_week, "since the entry, or ever"},
    {two_at_once, "at once"},
    {many_badges, "more than 256"},
};

static enum status judge(const struct forgery *forgery, const struct program *from, struct error *error)
{
    struct builder builder;
    builder_init(&builder);
#define SECTION(number, NAME, name, criticality, sentence) \
    for (uint32_t i = 0; i < from->name##_count; i++) (void)builder_add_##name(&builder, &from->name[i]);
#include "spec/bundle.def"
    uint32_t name = from->campaign[0].name;
    struct records records = {
        .mission = {{.campaign = 0, .task_count = 2, .most = 4, .period = LIMIT_MONTH}, {.task_count = 2}},
        .missions = 1,
        .task = {{.need = 20, .name = name, .metric = PLAYS, .in_parts = 1},
                 {.need = 2000, .name = name, .metric = SPENT}},
        .metric = builder_at(&builder, SECTION_METRIC, 0),
        .badges = 1,
        .campaign = builder_at(&builder, SECTION_CAMPAIGN, 0),
    };
    forgery->change(&records);
    for (uint32_t i = 0; i < records.missions; i++) (void)builder_add_mission(&builder, &records.mission[i]);
    for (uint32_t i = 0; i < 2; i++) (void)builder_add_task(&builder, &records.task[i]);
    for (uint32_t i = 0; i < records.badges; i++)
        (void)builder_add_badge(&builder,
                                &(struct bundle_badge){.name = name, .note = PROGRAM_NONE, .image = PROGRAM_NONE});
    struct program program;
    struct buffer bytes = BUFFER_EMPTY;
    enum status status = builder_program(&program, &builder, error);
    if (status == OK) status = bundle_write(&bytes, &program, error);
    if (status == OK) status = bundle_open(&program, bytes.bytes, bytes.size, error);
    if (status == OK) status = verify_program(&program, error);
    buffer_deinit(&bytes);
    builder_deinit(&builder);
    return status;
}

static void forged_records_are_refused(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, SOURCE, 1);
    const struct program *program = engine_program(kit.engine);
    assert_true(text_equal(program_text(program, program->metric[GAMES].name), TEXT("games")));
    for (size_t i = 0; i < sizeof forgeries / sizeof *forgeries; i++) {
        struct error error = ERROR_NONE;
        const char *words = forgeries[i].words;
        enum status status = judge(&forgeries[i], program, &error);
        if (words == NULL && status != OK) fail_msg("forgery %zu: %s", i, error.message);
        if (words == NULL) continue;
        if (status == OK) fail_msg("forgery %zu (%s) passes", i, words);
        if (strstr(error.message, words) == NULL)
            fail_msg("forgery %zu: `%s` does not say `%s`", i, error.message, words);
    }
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forged_records_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
