/*
 * Keys of entries: one of a device, whatever the shards and the order of the lines; kept by the hash alone, through restarts, other
 * versions of the campaign and the erasure of the player.
 */
#include "tests/kit/engine_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SOURCE(product)                                                 \
    "attribute device_id  optional text up to 64\n"                     \
    "campaign \"C\"\n  product " product "\n  currency EUR\n"           \
    "  start on registration\n"                                         \
    "  enter once per player and per device_id, missing keys refused\n" \
    "  step \"One\"\n    tag reviewers\n    finish as \"IN\"\n  end\nend\n"

static void device(struct kit *kit, const char *player, const char *code)
{
    char value[80];
    (void)snprintf(value, sizeof value, "\"%s\"", code);
    kit_set(kit, player, "2026-06-01T09:00:00Z", "device_id", value);
}

static void enters(struct kit *kit, const char *player, const char *at)
{
    char id[32];
    (void)snprintf(id, sizeof id, "e-%s", player);
    kit_event(kit, id, "registration", player, at, "");
}

/* 40 players on 10 devices at one instant: the first of each in turn order, alike on 1 and on 7 shards. */
static void one_of_each_device(void **state)
{
    (void)state;
    struct kit_runs runs = {0};
    for (int run = 0; run < 2; run++) {
        struct kit kit;
        kit_open(&kit, SOURCE("casino"), run == 0 ? 1 : 7);
        for (int i = 0; i < 40; i++) {
            char player[16], code[16];
            (void)snprintf(player, sizeof player, "p%02d", run == 0 ? i : 39 - i); /* lines in another order */
            (void)snprintf(code, sizeof code, "d%d", (run == 0 ? i : 39 - i) % 10);
            device(&kit, player, code);
        }
        for (int i = 0; i < 40; i++) {
            char player[16];
            (void)snprintf(player, sizeof player, "p%02d", run == 0 ? i : 39 - i);
            enters(&kit, player, "2026-06-01T10:00:00Z");
        }
        kit_settle(&kit);
        assert_int_equal(kit_count(&kit.notes, "\"note\":\"entered\""), 10);
        assert_int_equal(kit_count(&kit.notes, "\"reason\":\"KEY_USED\""), 30);
        for (int i = 0; i < 10; i++) {
            char entered[64];
            (void)snprintf(entered, sizeof entered, "\"player\":\"p%02d\"", i);
            assert_true(kit_count(&kit.effects, entered) == 1);
        }
        kit_runs_add(&runs, &kit);
    }
    kit_runs_judge(&runs);
}

static void a_key_outlives_its_player(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    uint8_t before[32], after[32];
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, SOURCE("casino"), 3);
    device(&kit, "a", "d1");
    device(&kit, "b", "d1");
    device(&kit, "c", "d2");
    enters(&kit, "a", "2026-06-01T10:00:00Z");
    kit_settle(&kit);
    kit_digest(&kit, before);
    kit_restart(&kit, &store, 1);
    kit_digest(&kit, after);
    assert_memory_equal(before, after, 32);
    kit_activate(&kit, SOURCE("poker"), INT64_C(1780315200000)); /* another version */
    kit_line(&kit, "{\"kind\":\"erase\",\"id\":\"x\",\"player\":\"a\",\"at\":\"2026-06-01T13:00:00Z\"}");
    enters(&kit, "b", "2026-06-01T14:00:00Z");
    enters(&kit, "c", "2026-06-01T15:00:00Z");
    kit_event(&kit, "e-d", "registration", "d", "2026-06-01T16:00:00Z", "");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.notes, "\"player\":\"b\",\"campaign\":\"C\",\"reason\":\"KEY_USED\""), 1);
    assert_int_equal(kit_count(&kit.notes, "\"player\":\"d\",\"campaign\":\"C\",\"reason\":\"KEY_MISSING\""), 1);
    assert_int_equal(kit_count(&kit.effects, "\"player\":\"c\""), 1);
    kit_close(&kit);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_of_each_device),
        cmocka_unit_test(a_key_outlives_its_player),
    };
    return cmocka_run_group_tests_name("engine: keys of entries", tests, NULL, NULL);
}
