/*
 * Windows of tournaments: weekly, daily and monthly ones over clock changes, a single one, and those that a bad record would make overlap.
 * What is counted in them is tests/unit/engine_tournament_test.c's matter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vm/civil.h"
#include "vm/instance.h"
#include "vm/meaning_tournament.h"
#include "vm/schedule.h"
#include "vm/zone.h"

enum { MONDAY = 1, SUNDAY = 64, ANY = 127 };

struct scene {
    struct bundle_schedule schedule[3];
    struct bundle_tournament tournament;
    struct program program;
    struct instance_rule rule;
};

static struct bundle_schedule weekly(uint32_t weekdays, unsigned hour, unsigned minute)
{
    return (struct bundle_schedule){.minutes = INT64_C(1) << minute,
                                    .hours = UINT32_C(1) << hour,
                                    .days = SCHEDULE_ALL_DAYS,
                                    .months = SCHEDULE_ALL_MONTHS,
                                    .weekdays = weekdays,
                                    .zone = PROGRAM_NONE,
                                    .birthday = PROGRAM_NONE,
                                    .holidays = PROGRAM_NONE};
}

static struct bundle_schedule monthly(unsigned day, unsigned hour)
{
    struct bundle_schedule schedule = weekly(ANY, hour, 0);
    schedule.days = UINT32_C(1) << day;
    schedule.short_months = 1;
    return schedule;
}

static void set(struct scene *scene, struct bundle_schedule start, struct bundle_schedule end,
                struct bundle_schedule settle, const char *zone)
{
    *scene = (struct scene){.schedule = {start, end, settle}, .tournament = {.start = 0, .end = 1, .settle = 2}};
    scene->program = (struct program){
        .schedule = scene->schedule, .schedule_count = 3, .tournament = &scene->tournament, .tournament_count = 1};
    scene->rule = instance_rule_make(&scene->program, 0, (uint32_t)zone_find(text_of(zone)));
}

static int64_t at(int year, unsigned month, unsigned day, unsigned hour, unsigned minute)
{
    return civil_date_of(year, month, day) * CIVIL_DAY_MS + hour * CIVIL_HOUR_MS + minute * CIVIL_MINUTE_MS;
}

static void a_week(void **state)
{
    (void)state;
    struct scene scene;
    struct instance instance;
    set(&scene, weekly(MONDAY, 12, 0), weekly(SUNDAY, 22, 0), weekly(MONDAY, 0, 0), "Europe/Malta");
    int64_t start = at(2026, 6, 15, 10, 0), end = at(2026, 6, 21, 20, 0), settles = at(2026, 6, 21, 22, 0);
    assert_true(instance_holds(&scene.rule, start, &instance));
    assert_int_equal(instance.start, start);
    assert_int_equal(instance.end, end);
    assert_int_equal(instance.settles, settles);
    assert_int_equal(instance.next, at(2026, 6, 22, 10, 0));
    assert_true(instance_holds(&scene.rule, end - 1, &instance));
    assert_false(instance_holds(&scene.rule, end, &instance));
    assert_false(instance_holds(&scene.rule, start - 1, &instance));
    assert_true(instance_counts(&scene.rule, end - 1, settles - 1));
    assert_false(instance_counts(&scene.rule, end - 1, settles));
    assert_true(instance_at_start(&scene.rule, start, &instance));
    assert_false(instance_at_start(&scene.rule, start + 1, &instance));
    assert_true(instance_current(&scene.rule, settles - 1, &instance));
    assert_false(instance_current(&scene.rule, settles, &instance));
    assert_int_equal(instance_oldest(&scene.rule, settles), start);
    assert_int_equal(instance_oldest(&scene.rule, settles + 1), at(2026, 6, 22, 10, 0));
    assert_true(instance_next_settlement(&scene.rule, settles - 1, &instance));
    assert_int_equal(instance.settles, settles);
    assert_true(instance_next_settlement(&scene.rule, settles, &instance));
    assert_int_equal(instance.settles, at(2026, 6, 28, 22, 0));
    assert_int_equal(instance_changes(&scene.rule, start), settles);
    assert_int_equal(instance_changes(&scene.rule, settles), at(2026, 6, 22, 10, 0));
}

/* The night of 2026-03-29 has no 02:30 in Malta: that is 03:00, which is 01:00 UTC. */
static void days_over_clock_changes(void **state)
{
    (void)state;
    struct scene scene;
    struct instance instance;
    set(&scene, weekly(ANY, 2, 30), weekly(ANY, 2, 30), weekly(ANY, 3, 30), "Europe/Malta");
    assert_true(instance_holds(&scene.rule, at(2026, 3, 29, 0, 59), &instance));
    assert_int_equal(instance.start, at(2026, 3, 28, 1, 30));
    assert_int_equal(instance.end, at(2026, 3, 29, 1, 0));
    assert_int_equal(instance.settles, at(2026, 3, 29, 1, 30));
    assert_true(instance_holds(&scene.rule, at(2026, 3, 29, 1, 0), &instance));
    assert_int_equal(instance.start, at(2026, 3, 29, 1, 0));
    assert_int_equal(instance.end, at(2026, 3, 30, 0, 30));
    /* The one before is unsettled for half an hour. */
    assert_int_equal(instance_oldest(&scene.rule, at(2026, 3, 29, 1, 15)), at(2026, 3, 28, 1, 30));
    assert_true(instance_next_settlement(&scene.rule, at(2026, 3, 29, 1, 15), &instance));
    assert_int_equal(instance.start, at(2026, 3, 28, 1, 30));
    /* Every instant of a year lies in one instance, and none begins before the last one ended. */
    int64_t before = at(2026, 1, 1, 12, 0), ended = INT64_MIN;
    while (before < at(2027, 1, 1, 12, 0)) {
        assert_true(instance_holds(&scene.rule, before, &instance));
        assert_true(ended == INT64_MIN || instance.start == ended);
        ended = instance.end;
        before = instance.end;
    }
}

/* Both times fall into the hour that is skipped: the window of that night would last a week. */
static void windows_never_overlap(void **state)
{
    (void)state;
    struct scene scene;
    struct instance instance;
    set(&scene, weekly(SUNDAY, 2, 15), weekly(SUNDAY, 2, 45), weekly(SUNDAY, 3, 0), "Europe/Malta");
    assert_true(instance_find(&scene.rule, at(2026, 3, 29, 1, 0), &instance));
    assert_int_equal(instance.start, at(2026, 3, 29, 1, 0));
    assert_true(instance.end <= instance.next);
    assert_int_equal(instance.next, at(2026, 4, 5, 0, 15));
}

static void months(void **state)
{
    (void)state;
    struct scene scene;
    struct instance instance;
    set(&scene, monthly(31, 0), monthly(15, 0), monthly(16, 0), "UTC");
    assert_true(instance_holds(&scene.rule, at(2026, 3, 2, 0, 0), &instance));
    assert_int_equal(instance.start, at(2026, 2, 28, 0, 0));
    assert_int_equal(instance.end, at(2026, 3, 15, 0, 0));
    assert_int_equal(instance.settles, at(2026, 3, 16, 0, 0));
    assert_int_equal(instance.next, at(2026, 3, 31, 0, 0));
    assert_true(instance_find(&scene.rule, at(2026, 3, 30, 0, 0), &instance));
    assert_int_equal(instance.start, at(2026, 2, 28, 0, 0));
}

static void a_single_one(void **state)
{
    (void)state;
    struct scene scene = {.tournament = {.start = PROGRAM_NONE, .end = PROGRAM_NONE, .settle = PROGRAM_NONE}};
    struct instance instance;
    scene.tournament.from = 1000;
    scene.tournament.until = 2000;
    scene.tournament.settles = 3000;
    scene.program = (struct program){.tournament = &scene.tournament, .tournament_count = 1};
    scene.rule = instance_rule_make(&scene.program, 0, 0);
    assert_false(instance_find(&scene.rule, 999, &instance));
    assert_true(instance_holds(&scene.rule, 1000, &instance));
    assert_false(instance_holds(&scene.rule, 2000, &instance));
    assert_true(instance_counts(&scene.rule, 1999, 2999));
    assert_false(instance_counts(&scene.rule, 1999, 3000));
    assert_true(instance_next_settlement(&scene.rule, 2999, &instance));
    assert_false(instance_next_settlement(&scene.rule, 3000, &instance));
    assert_int_equal(instance_oldest(&scene.rule, 3000), 1000);
    assert_true(instance_oldest(&scene.rule, 3001) > 1000);
    assert_int_equal(instance_changes(&scene.rule, 0), 1000);
    assert_int_equal(instance_changes(&scene.rule, 1000), 3000);
    assert_int_equal(instance_changes(&scene.rule, 3000), INT64_MAX);
}

/* A pool of 3,333.33: shares are rounded down, and place 1 gets the seven cents. */
static void prizes(void **state)
{
    (void)state;
    static const struct bundle_prize table[] = {{300000, 1, 1}, {200000, 2, 2}, {120000, 3, 3}, {80000, 4, 4},
                                                {60000, 5, 5},  {50000, 6, 9},  {40000, 10, 10}};
    static const int64_t expected[] = {0, 100006, 66666, 39999, 26666, 19999, 16666, 16666, 16666, 16666, 13333, 0};
    struct bundle_tournament tournament = {.pool = 333333, .prize_count = 7, .leftover_first = 1};
    struct program program = {.prize = table, .prize_count = 7, .tournament = &tournament, .tournament_count = 1};
    for (uint32_t place = 1; place < 12; place++)
        assert_int_equal(tournament_prize(&program, &tournament, place), expected[place]);
    assert_int_equal(tournament_prizes(&program, &tournament), 333333);
    assert_int_equal(tournament_places(&program, &tournament), 10);
    tournament.leftover_first = 0;
    assert_int_equal(tournament_prize(&program, &tournament, 1), 99999);
    assert_int_equal(tournament_prizes(&program, &tournament), 333326);
    tournament.pool = 0; /* the same numbers as amounts */
    assert_int_equal(tournament_prize(&program, &tournament, 7), 50000);
    assert_int_equal(tournament_prizes(&program, &tournament), 300000 + 200000 + 120000 + 80000 + 60000 + 240000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_week),
        cmocka_unit_test(days_over_clock_changes),
        cmocka_unit_test(windows_never_overlap),
        cmocka_unit_test(months),
        cmocka_unit_test(a_single_one),
        cmocka_unit_test(prizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
