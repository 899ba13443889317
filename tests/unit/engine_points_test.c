/* Points and levels across programs, restarts and damage: what is kept by name, whose timers go on, what a checkpoint may not hold.
 * What is earned and spent is tests/compiler/points.promo's matter and tests/property/points_test.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/clock/clock_kit.h"
#include "tests/kit/engine_kit.h"
#include "vm/civil.h"

#define WORKSPACE                                                               \
    "workspace \"Kit\"\n  product casino\n  currency EUR\n  timezone \"UTC\"\n" \
    "  use events\n  use attributes\n  use actions\nend\n"
#define POINTS(name) "points \"" name "\"\n  earn 10 per session\n  expires 40 days after grant\nend\n"
#define LEVELS                                                                                     \
    "levels \"Club\"\n  product casino\n  sets level\n  counts \"stars\" earned over this month\n" \
    "  down 1 level per month\n  level silver from 30\n  level gold from 60\nend\n"

static int64_t property(struct kit *kit, enum property which, const char *of)
{
    return engine_find_property(kit->engine, TEXT(""), TEXT("p"), which, text_of(of));
}

static int64_t level(struct kit *kit)
{
    const struct program *program = engine_program(kit->engine);
    struct engine_player_view view;
    assert_true(engine_find_player(kit->engine, TEXT(""), TEXT("p"), &view));
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        if (text_equal(program_text(program, program->attribute[i].name), TEXT("level")))
            return view.slot[program->attribute[i].slot];
    }
    return -1;
}

static void visit(struct kit *kit, const char *id, const char *at)
{
    kit_event(kit, id, "session.started", "p", at, "");
}

/* Points are kept by name: a program without the block adds nothing and loses nothing. */
static void programs_come_and_go(void **unused)
{
    (void)unused;
    struct kit kit;
    kit_open(&kit, WORKSPACE POINTS("stars") POINTS("moons"), 2);
    visit(&kit, "s1", "2026-06-01T10:00:00Z");
    kit_settle(&kit);
    assert_int_equal(property(&kit, PROPERTY_POINTS_BALANCE, "stars"), 10);
    kit_activate(&kit, WORKSPACE POINTS("moons"), clock_instant("2026-06-02T00:00:00Z"));
    visit(&kit, "s2", "2026-06-03T10:00:00Z");
    kit_settle(&kit);
    assert_int_equal(property(&kit, PROPERTY_POINTS_BALANCE, "stars"), 10);
    assert_int_equal(property(&kit, PROPERTY_POINTS_BALANCE, "moons"), 20);
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_restart(&kit, &store, 5);
    kit_activate(&kit, WORKSPACE POINTS("moons") POINTS("stars") LEVELS, clock_instant("2026-06-04T00:00:00Z"));
    visit(&kit, "s3", "2026-06-05T10:00:00Z");
    kit_settle(&kit);
    assert_int_equal(property(&kit, PROPERTY_POINTS_BALANCE, "stars"), 20);
    assert_int_equal(property(&kit, PROPERTY_LEVELS_COUNTED, "Club"), 10); /* From the block's activation on. */
    kit_tick(&kit, "2026-07-11T00:00:00Z");
    kit_settle(&kit);
    assert_int_equal(property(&kit, PROPERTY_POINTS_BALANCE, "stars"), 10); /* Those of 1 June are gone. */
    assert_int_equal(property(&kit, PROPERTY_POINTS_BALANCE, "moons"), 20);
    kit_close(&kit);
    store_close(&store);
}

/* Whoever stands on a level when the block comes, or is put there by the platform, is judged at the end of the month. */
static void levels_of_before_are_judged(void **unused)
{
    (void)unused;
    struct kit kit;
    kit_open(&kit, WORKSPACE POINTS("stars"), 1);
    kit_set(&kit, "p", "2026-06-01T09:00:00Z", "level", "\"gold\"");
    kit_settle(&kit);
    kit_activate(&kit, WORKSPACE POINTS("stars") LEVELS, clock_instant("2026-06-02T00:00:00Z"));
    visit(&kit, "s1", "2026-06-03T10:00:00Z");
    kit_settle(&kit);
    assert_int_equal(level(&kit), 2);
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_restart(&kit, &store, 3);
    kit_tick(&kit, "2026-07-01T00:00:00.001Z");
    kit_settle(&kit);
    assert_int_equal(level(&kit), 1);
    kit_line(&kit, "{\"kind\":\"attributes\",\"id\":\"a2\",\"player\":\"p\",\"at\":\"2026-07-02T09:00:00Z\",\"set\":{"
                   "\"level\":\"none\"}}");
    kit_tick(&kit, "2026-08-02T00:00:00Z");
    kit_settle(&kit);
    assert_int_equal(level(&kit), 0);
    assert_int_equal(kit_count(&kit.effects, "level.lost"), 1);
    kit_line(&kit, "{\"kind\":\"attributes\",\"id\":\"a3\",\"player\":\"p\",\"at\":\"2026-08-03T09:00:00Z\",\"set\":{"
                   "\"level\":\"gold\"}}");
    kit_tick(&kit, "2026-09-01T00:00:00.001Z");
    kit_settle(&kit);
    assert_int_equal(level(&kit), 1);
    kit_close(&kit);
    store_close(&store);
}

/* Late points count on their day, and give back no level that is lost; those of this month do at once. */
static void late_points(void **unused)
{
    (void)unused;
    struct kit kit;
    kit_open(&kit, WORKSPACE POINTS("stars") LEVELS, 1);
    visit(&kit, "s1", "2026-06-01T10:00:00Z");
    visit(&kit, "s2", "2026-06-01T10:00:00Z");
    visit(&kit, "s3", "2026-06-01T10:00:00Z");
    kit_settle(&kit);
    assert_int_equal(level(&kit), 1);
    kit_tick(&kit, "2026-08-01T00:00:00.001Z"); /* July had none. */
    kit_settle(&kit);
    assert_int_equal(level(&kit), 0);
    for (uint32_t i = 0; i < 4; i++) {
        char line[256];
        snprintf(line, sizeof line,
                 "{\"event\":\"session.started\",\"id\":\"l%u\",\"player\":\"p\",\"at\":\"2026-07-31T23:00:00Z\"}", i);
        kit_line_at(&kit, line, "2026-08-02T10:00:00Z");
    }
    kit_settle(&kit);
    assert_int_equal(level(&kit), 0);
    assert_int_equal(property(&kit, PROPERTY_POINTS_EARNED, "stars"), 70);
    assert_int_equal(property(&kit, PROPERTY_LEVELS_COUNTED, "Club"), 0);
    for (uint32_t i = 0; i < 3; i++) {
        char id[8];
        snprintf(id, sizeof id, "n%u", i);
        visit(&kit, id, "2026-08-03T10:00:00Z");
    }
    kit_settle(&kit);
    assert_int_equal(level(&kit), 1);
    kit_close(&kit);
}

/* Nothing is left of somebody who is erased. */
static void erasure(void **unused)
{
    (void)unused;
    struct kit kit;
    kit_open(&kit, WORKSPACE POINTS("stars") LEVELS, 1);
    visit(&kit, "s1", "2026-06-01T10:00:00Z");
    kit_settle(&kit);
    assert_int_equal(property(&kit, PROPERTY_POINTS_BALANCE, "stars"), 10);
    kit_line(&kit, "{\"kind\":\"erase\",\"id\":\"x1\",\"player\":\"p\",\"at\":\"2026-06-02T10:00:00Z\"}");
    kit_tick(&kit, "2026-09-01T00:00:00Z");
    kit_settle(&kit);
    assert_int_equal(property(&kit, PROPERTY_POINTS_BALANCE, "stars"), 0);
    assert_int_equal(kit_count(&kit.effects, "points.expired"), 0);
    visit(&kit, "s9", "2026-09-02T10:00:00Z");
    kit_settle(&kit);
    assert_int_equal(property(&kit, PROPERTY_POINTS_BALANCE, "stars"), 10);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_come_and_go),
        cmocka_unit_test(levels_of_before_are_judged),
        cmocka_unit_test(late_points),
        cmocka_unit_test(erasure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
