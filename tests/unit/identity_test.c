/* Identities of effects: the published vectors (spec/identity-vectors.tsv), what makes a difference, and that the
 * encoding keeps texts apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/engine/identity.h"

static const struct identity_parts plain = {
    .campaign = TEXT_INIT("Welcome series"),
    .brand = TEXT_INIT("spinhouse"),
    .player = TEXT_INIT("p1"),
    .journey = 1,
    .step = TEXT_INIT("Reward"),
    .action = TEXT_INIT("credit"),
    .name = TEXT_INIT("welcome-big"),
    .label = TEXT_INIT(""),
    .nth = 1,
};

/* Reads the tab-separated vectors: workspace, campaign, brand, player, journey, step, action, name, label, nth, id. */
static void test_published_vectors(void **state)
{
    (void)state;
    FILE *file = fopen("spec/identity-vectors.tsv", "r");
    if (file == NULL) {
        print_message("run it from the project's root\n");
        fail();
        return;
    }
    char line[1024];
    int seen = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#' || line[0] == '\n') continue;
        line[strcspn(line, "\n")] = '\0';
        char *column[11];
        char *rest = line;
        for (int i = 0; i < 11; i++) {
            column[i] = strsep(&rest, "\t");
            assert_non_null(column[i]);
        }
        struct identity identity;
        identity_init(&identity, text_of(column[0]), NULL);
        struct identity_parts parts = {.campaign = text_of(column[1]),
                                       .brand = text_of(column[2]),
                                       .player = text_of(column[3]),
                                       .journey = (uint32_t)strtoul(column[4], NULL, 10),
                                       .step = text_of(column[5]),
                                       .action = text_of(column[6]),
                                       .name = text_of(column[7]),
                                       .label = text_of(column[8]),
                                       .nth = strtoull(column[9], NULL, 10)};
        uint8_t id[16];
        char digits[33];
        identity_effect(id, &identity, &parts);
        crypto_hex(digits, id, 16);
        assert_string_equal(digits, column[10]);
        seen++;
    }
    fclose(file);
    assert_int_equal(seen, 8);
}

static void identify(uint8_t out[16], const char *workspace, const struct identity_parts *parts)
{
    struct identity identity;
    identity_init(&identity, text_of(workspace), NULL);
    identity_effect(out, &identity, parts);
}

static void test_each_part_makes_a_difference(void **state)
{
    (void)state;
    uint8_t id[20][16];
    uint32_t count = 0;
    struct identity_parts parts = plain;
    identify(id[count++], "w", &parts);
    identify(id[count++], "v", &parts);
    parts.campaign = TEXT("Welcome serie"), identify(id[count++], "w", &parts), parts = plain;
    parts.brand = TEXT(""), identify(id[count++], "w", &parts), parts = plain;
    parts.player = TEXT("p2"), identify(id[count++], "w", &parts), parts = plain;
    parts.journey = 2, identify(id[count++], "w", &parts), parts = plain;
    parts.step = TEXT("reward"), identify(id[count++], "w", &parts), parts = plain;
    parts.action = TEXT("email"), identify(id[count++], "w", &parts), parts = plain;
    parts.name = TEXT("welcome"), identify(id[count++], "w", &parts), parts = plain;
    parts.label = TEXT("again"), identify(id[count++], "w", &parts), parts = plain;
    parts.nth = 2, identify(id[count++], "w", &parts), parts = plain;
    parts.life = 1, identify(id[count++], "w", &parts), parts = plain; /* promise X2 */
    parts.life = 2, identify(id[count++], "w", &parts), parts = plain;
    /* The same letters, divided otherwise. */
    parts.step = TEXT("Rewardc"), parts.action = TEXT("redit"), identify(id[count++], "w", &parts), parts = plain;
    parts.brand = TEXT("spinhousep"), parts.player = TEXT("1"), identify(id[count++], "w", &parts), parts = plain;
    struct identity keyed;
    uint8_t key[32] = {1};
    identity_init(&keyed, TEXT("w"), key);
    identity_effect(id[count++], &keyed, &parts);
    /* An epoch, a later one, and one that is a life's number. */
    struct identity restored;
    identity_init(&restored, TEXT("w"), NULL);
    restored.epoch = 1, identity_effect(id[count++], &restored, &parts);
    restored.epoch = 2, identity_effect(id[count++], &restored, &parts);
    parts.life = 1, identity_effect(id[count++], &restored, &parts), parts = plain;
    for (uint32_t a = 0; a < count; a++) {
        for (uint32_t b = a + 1; b < count; b++) assert_memory_not_equal(id[a], id[b], 16);
    }
}

static void test_long_texts_keep_their_difference(void **state)
{
    (void)state;
    char long_name[5000];
    memset(long_name, 'x', sizeof long_name);
    struct identity_parts parts = plain;
    uint8_t first[16], second[16], third[16];
    parts.step = parts.name = parts.label = parts.campaign = text_make(long_name, sizeof long_name);
    identify(first, "w", &parts);
    identify(second, "w", &parts);
    assert_memory_equal(first, second, 16);
    parts.label = text_make(long_name, sizeof long_name - 1);
    identify(third, "w", &parts);
    assert_memory_not_equal(first, third, 16);
}

static void test_renamed_step_keeps_its_identity(void **state)
{
    (void)state;
    static const char bytes[] = "CampOldNewcreditwelcome";
    static const struct bundle_string strings[] = {{.offset = 0, .size = 4},
                                                   {.offset = 4, .size = 3},
                                                   {.offset = 7, .size = 3},
                                                   {.offset = 10, .size = 6},
                                                   {.offset = 16, .size = 7}};
    static const struct bundle_campaign campaign = {.name = 0};
    static const struct bundle_step before[] = {{.name = 1, .renamed_from = PROGRAM_NONE}};
    static const struct bundle_step after[] = {{.name = 2, .renamed_from = 1}};
    static const struct bundle_effect effect = {.step = 0, .action = 3, .name = 4, .label = PROGRAM_NONE};
    struct program program = {.bytes = (const uint8_t *)bytes,
                              .string = strings,
                              .string_count = 5,
                              .campaign = &campaign,
                              .campaign_count = 1,
                              .step = before,
                              .step_count = 1};
    struct identity_parts parts = {.brand = TEXT(""), .player = TEXT("p"), .journey = 1, .nth = 1};
    uint8_t old_id[16], new_id[16];
    identity_fill(&parts, &program, 0, &effect);
    assert_true(text_equal(parts.campaign, TEXT("Camp")) && text_equal(parts.step, TEXT("Old")));
    assert_true(text_equal(parts.action, TEXT("credit")) && text_equal(parts.name, TEXT("welcome")) &&
                parts.label.size == 0);
    identify(old_id, "w", &parts);
    program.step = after;
    identity_fill(&parts, &program, 0, &effect);
    identify(new_id, "w", &parts);
    assert_memory_equal(old_id, new_id, 16);
}

static void test_suspensions_differ_by_campaign_and_instant(void **state)
{
    (void)state;
    struct identity identity;
    identity_init(&identity, TEXT("w"), NULL);
    uint8_t first[16], second[16], third[16];
    identity_suspension(first, &identity, TEXT("A"), 1);
    identity_suspension(second, &identity, TEXT("A"), 2);
    identity_suspension(third, &identity, TEXT("B"), 1);
    assert_memory_not_equal(first, second, 16);
    assert_memory_not_equal(first, third, 16);
}

static int set_up(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    return crypto_start(&error) == OK ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_vectors),
        cmocka_unit_test(test_each_part_makes_a_difference),
        cmocka_unit_test(test_long_texts_keep_their_difference),
        cmocka_unit_test(test_renamed_step_keeps_its_identity),
        cmocka_unit_test(test_suspensions_differ_by_campaign_and_instant),
    };
    return cmocka_run_group_tests_name("identity", tests, set_up, NULL);
}
