/* Effect and note lines, byte for byte as spec/events.md shows them, and each type of value. Every line is read back with
 * jansson, which must find it well-formed and free of repeated keys.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "runtime/engine/effect_json.h"
#include "vm/civil.h"
#include "vm/zone.h"

/* ------------------------------------------------------------------------------------------------- a small program */

static char bytes[2048];
static struct bundle_string strings[64];
static uint32_t string_count, byte_count;

static uint32_t word(const char *text)
{
    uint32_t size = (uint32_t)strlen(text);
    assert_true(byte_count + size <= sizeof bytes && string_count < 64);
    memcpy(bytes + byte_count, text, size);
    strings[string_count] = (struct bundle_string){.offset = byte_count, .size = size};
    byte_count += size;
    return string_count++;
}

static struct bundle_currency currency[2];
static struct bundle_enumeration enumeration[1];
static struct bundle_wording wording[3];
static struct bundle_campaign campaign[1];
static struct bundle_step step[1];
static struct bundle_message message[1];
static struct bundle_action action[1];
static struct bundle_offer offer[1];
static struct bundle_fact fact[3];
static struct bundle_effect effect[5];
static struct bundle_value value[10];
static struct bundle_rates rates[2];
static struct bundle_budget budget[2];
static struct bundle_rule rule[1];
static struct bundle_split split[1];
static struct bundle_arm arm[2];
static struct program program;
static const struct bundle_workspace workspace = {.short_links = PROGRAM_NONE};

enum { SEND, CREDIT, DO, TAG, PAID };

static int make_program(void **state)
{
    (void)state;
    currency[0].code = word("GBP");
    currency[1].code = word("JPY");
    wording[0].name = word("slots");
    wording[1].name = word("live");
    wording[2].name = word("table \"A\"");
    enumeration[0] = (struct bundle_enumeration){.wording_first = 0, .wording_count = 3};
    campaign[0] = (struct bundle_campaign){.name = word("Welcome series"), .currency = 0};
    step[0] = (struct bundle_step){.name = word("Reward"), .renamed_from = word("Old")};
    message[0].content = word("9c41");
    action[0].name = word("bonus");
    action[0].parameter_count = 1;
    fact[0] = (struct bundle_fact){.name = word("wagering"), .value = word("10x of bonus")};
    fact[1] = (struct bundle_fact){.name = word("games"), .value = word("slots, live")};
    fact[2] = (struct bundle_fact){.name = word("expires"), .value = word("7 days after grant")};
    offer[0] = (struct bundle_offer){.name = word("welcome"),
                                     .action = 0,
                                     .currency = 0,
                                     .wagering_of = WAGERING_BONUS,
                                     .fact_first = 0,
                                     .fact_count = 3};
    value[0] = (struct bundle_value){.name = word("deposit.amount"), .kind = TYPE_MONEY, .of = 0};
    value[1] = (struct bundle_value){.name = word("name"), .kind = TYPE_TEXT};
    value[2] = (struct bundle_value){.name = word("amount"), .kind = TYPE_MONEY, .of = 0};
    value[3] = (struct bundle_value){.name = word("cost"), .kind = TYPE_MONEY, .of = 0};
    value[4] = (struct bundle_value){.name = word("team"), .kind = TYPE_ENUM, .of = 0};
    value[5] = (struct bundle_value){.name = word("id"), .kind = TYPE_WHOLE};
    value[6] = (struct bundle_value){.name = value[2].name, .kind = TYPE_MONEY, .of = PROGRAM_NONE};
    value[7] = value[3];
    value[8] = (struct bundle_value){.name = word("paid"), .kind = TYPE_MONEY, .of = PROGRAM_NONE};
    value[9] = (struct bundle_value){.name = word("currency"), .kind = TYPE_CURRENCY};
    rates[0] = (struct bundle_rates){.name = word("house"), .version = word("1"), .content = word("11")};
    rates[1] = (struct bundle_rates){.name = word("ecb"), .version = word("2026-11-20"), .content = word("22")};
    effect[PAID] = (struct bundle_effect){.kind = ACT_CREDIT,
                                          .action = word("credit"),
                                          .name = offer[0].name,
                                          .value_first = 6,
                                          .value_count = 4,
                                          .rates = 2};
    effect[SEND] = (struct bundle_effect){
        .kind = ACT_SEND, .action = word("email"), .name = word("welcome-1"), .value_first = 0, .value_count = 2};
    effect[CREDIT] = (struct bundle_effect){
        .kind = ACT_CREDIT, .action = word("credit"), .name = offer[0].name, .value_first = 2, .value_count = 2};
    effect[DO] = (struct bundle_effect){
        .kind = ACT_DO, .action = word("notify_crm"), .name = word(""), .value_first = 4, .value_count = 2};
    effect[TAG] = (struct bundle_effect){.kind = ACT_TAG, .action = word("tag"), .name = word("at_risk")};
    budget[0] = (struct bundle_budget){.name = campaign[0].name, .campaign = 0, .currency = 0};
    budget[1] = (struct bundle_budget){.name = word("Pot"), .campaign = PROGRAM_NONE, .currency = 0};
    rule[0] = (struct bundle_rule){.name = word("safer play"), .line = 12};
    split[0] = (struct bundle_split){.name = word("nudge"), .arm_first = 0, .arm_count = 2};
    arm[0].name = word("A");
    arm[1].name = word("holdout");
    program = (struct program){.workspace = &workspace,
                               .workspace_count = 1,
                               .bytes = (const uint8_t *)bytes,
                               .bytes_count = byte_count,
                               .string = strings,
                               .string_count = string_count,
                               .currency = currency,
                               .currency_count = 2,
                               .enumeration = enumeration,
                               .enumeration_count = 1,
                               .wording = wording,
                               .wording_count = 3,
                               .campaign = campaign,
                               .campaign_count = 1,
                               .step = step,
                               .step_count = 1,
                               .message = message,
                               .message_count = 1,
                               .action = action,
                               .action_count = 1,
                               .offer = offer,
                               .offer_count = 1,
                               .fact = fact,
                               .fact_count = 3,
                               .effect = effect,
                               .effect_count = 5,
                               .value = value,
                               .value_count = 10,
                               .rates = rates,
                               .rates_count = 2,
                               .budget = budget,
                               .budget_count = 2,
                               .rule = rule,
                               .rule_count = 1,
                               .split = split,
                               .split_count = 1,
                               .arm = arm,
                               .arm_count = 2};
    return 0;
}

static void expect_line(struct buffer *out, const char *line)
{
    assert_true(buffer_ok(out));
    assert_string_equal(buffer_as_string(out), line);
    json_error_t error;
    json_t *json = json_loadb((const char *)out->bytes, out->size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (json == NULL) print_message("%s\n", error.text);
    assert_non_null(json);
    json_decref(json);
    buffer_deinit(out);
}

static void expect_effect(const struct engine_effect *one, const char *line)
{
    struct buffer out = BUFFER_EMPTY;
    effect_json_write(&out, one);
    expect_line(&out, line);
}

static void expect_note(const struct engine_note *one, const char *line)
{
    struct buffer out = BUFFER_EMPTY;
    effect_json_note(&out, one);
    expect_line(&out, line);
}

#define AT INT64_C(1781164800250) /* 2026-06-11T08:00:00.250Z */
#define ID                                                        \
    {                                                             \
        0x0f, 0x3c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 255 \
    }

static struct engine_effect make(enum engine_effect_kind kind, const struct bundle_effect *record,
                                 const int64_t *values)
{
    return (struct engine_effect){.kind = kind,
                                  .id = ID,
                                  .at = AT,
                                  .player = TEXT("p1"),
                                  .program = &program,
                                  .journey = 1,
                                  .effect = record,
                                  .values = values,
                                  .budget = PROGRAM_NONE};
}

/* ------------------------------------------------------------------------------------------------- effects */

static void test_send(void **state)
{
    (void)state;
    static const uint8_t player_bytes[] = "..Zo\"e";
    const uint8_t *banks[BANK_COUNT] = {[BANK_PLAYER] = player_bytes};
    const int64_t values[] = {3750, handle_make(BANK_PLAYER, 4, 2)};
    struct engine_effect one = make(ENGINE_SEND, &effect[SEND], values);
    one.banks = banks;
    expect_effect(
        &one,
        "{\"effect\":\"send\",\"id\":\"0f3c000102030405060708090a0b0cff\",\"at\":\"2026-06-11T08:00:00.250Z\","
        "\"player\":\"p1\",\"campaign\":\"Welcome series\",\"journey\":1,\"step\":\"Reward\",\"channel\":\"email\","
        "\"message\":\"welcome-1\",\"content\":\"9c41\",\"values\":{\"deposit.amount\":\"37.50 "
        "GBP\",\"name\":\"Zo\\\"e\"}}\n");
}

static void test_credit(void **state)
{
    (void)state;
    const int64_t values[] = {3750, 3750};
    struct engine_effect one = make(ENGINE_CREDIT, &effect[CREDIT], values);
    one.cost = 3750;
    one.target = 37500;
    one.expires_at = AT + 7 * CIVIL_DAY_MS;
    one.brand = TEXT("spinhouse");
    expect_effect(
        &one,
        "{\"effect\":\"credit\",\"id\":\"0f3c000102030405060708090a0b0cff\",\"at\":\"2026-06-11T08:00:00.250Z\","
        "\"player\":\"p1\",\"brand\":\"spinhouse\",\"campaign\":\"Welcome series\",\"journey\":1,\"step\":\"Reward\","
        "\"offer\":\"welcome\",\"action\":\"bonus\",\"amount\":\"37.50 GBP\",\"cost\":\"37.50 "
        "GBP\",\"target\":\"375.00 GBP\","
        "\"terms\":{\"wagering\":\"10x of "
        "bonus\",\"games\":[\"slots\",\"live\"],\"expires\":\"2026-06-18T08:00:00.250Z\"}}\n");
    /* Nothing to wager, no fixed end, no cost. */
    one.expires_at = 0;
    one.cost = 0;
    one.test_player = true;
    offer[0].wagering_of = WAGERING_NONE;
    expect_effect(
        &one, "{\"effect\":\"credit\",\"id\":\"0f3c000102030405060708090a0b0cff\",\"at\":\"2026-06-11T08:00:00.250Z\","
              "\"player\":\"p1\",\"brand\":\"spinhouse\",\"test\":true,\"campaign\":\"Welcome "
              "series\",\"journey\":1,\"step\":\"Reward\","
              "\"offer\":\"welcome\",\"action\":\"bonus\",\"amount\":\"37.50 GBP\","
              "\"terms\":{\"wagering\":\"10x of bonus\",\"games\":[\"slots\",\"live\"],\"expires\":\"7 days after "
              "grant\"}}\n");
    offer[0].wagering_of = WAGERING_BONUS;
}

/* Paid in a currency of the moment: amount, what is paid and the target are in it, the cost is in the campaign's. */
static void test_credit_in_another_currency(void **state)
{
    (void)state;
    const int64_t values[] = {7200, 3750, 7200, 1};
    struct engine_effect one = make(ENGINE_CREDIT, &effect[PAID], values);
    one.cost = 3750;
    one.target = 72000;
    expect_effect(
        &one,
        "{\"effect\":\"credit\",\"id\":\"0f3c000102030405060708090a0b0cff\",\"at\":\"2026-06-11T08:00:00.250Z\","
        "\"player\":\"p1\",\"campaign\":\"Welcome series\",\"journey\":1,\"step\":\"Reward\","
        "\"offer\":\"welcome\",\"action\":\"bonus\",\"amount\":\"7200 JPY\",\"cost\":\"37.50 GBP\","
        "\"paid\":\"7200 JPY\",\"target\":\"72000 JPY\","
        "\"terms\":{\"wagering\":\"10x of bonus\",\"games\":[\"slots\",\"live\"],\"expires\":\"7 days after grant\"},"
        "\"rates\":[{\"name\":\"ecb\",\"version\":\"2026-11-20\",\"content\":\"22\"}]}\n");
}

static void test_do_and_tags(void **state)
{
    (void)state;
    const int64_t values[] = {2, -7};
    struct engine_effect one = make(ENGINE_DO, &effect[DO], values);
    /* A parameter called like a fixed key does not shadow it. */
    expect_effect(
        &one,
        "{\"effect\":\"do\",\"id\":\"0f3c000102030405060708090a0b0cff\",\"at\":\"2026-06-11T08:00:00.250Z\","
        "\"player\":\"p1\",\"campaign\":\"Welcome series\",\"journey\":1,\"step\":\"Reward\",\"action\":\"notify_crm\","
        "\"team\":\"table \\\"A\\\"\",\"with_id\":-7}\n");
    one = make(ENGINE_UNTAG, &effect[TAG], NULL);
    expect_effect(
        &one,
        "{\"effect\":\"untag\",\"id\":\"0f3c000102030405060708090a0b0cff\",\"at\":\"2026-06-11T08:00:00.250Z\","
        "\"player\":\"p1\",\"campaign\":\"Welcome series\",\"journey\":1,\"step\":\"Reward\",\"tag\":\"at_risk\"}\n");
    one = make(ENGINE_RECALL, &effect[CREDIT], NULL);
    expect_effect(
        &one, "{\"effect\":\"cancel\",\"id\":\"f0c3fffefdfcfbfaf9f8f7f6f5f4f300\",\"at\":\"2026-06-11T08:00:00.250Z\","
              "\"player\":\"p1\",\"campaign\":\"Welcome series\",\"journey\":1,\"step\":\"Reward\","
              "\"of\":\"0f3c000102030405060708090a0b0cff\"}\n");
}

static void test_suspension(void **state)
{
    (void)state;
    struct engine_effect one = make(ENGINE_SUSPENDED, NULL, NULL);
    one.budget = 0;
    expect_effect(&one, "{\"effect\":\"campaign_suspended\",\"id\":\"0f3c000102030405060708090a0b0cff\","
                        "\"at\":\"2026-06-11T08:00:00.250Z\",\"campaign\":\"Welcome series\",\"budget\":\"total\"}\n");
    one.budget = 1;
    expect_effect(
        &one,
        "{\"effect\":\"campaign_suspended\",\"id\":\"0f3c000102030405060708090a0b0cff\","
        "\"at\":\"2026-06-11T08:00:00.250Z\",\"campaign\":\"Welcome series\",\"budget\":\"pool\",\"pool\":\"Pot\"}\n");
}

/* ------------------------------------------------------------------------------------------------- values */

static void expect_json(uint32_t kind, uint32_t of, int64_t number, const char *json)
{
    struct buffer out = BUFFER_EMPTY;
    effect_json_value(&out, &program, kind, of, number, TEXT("a\nb"));
    expect_line(&out, json);
}

static void test_each_type_of_value(void **state)
{
    (void)state;
    int zone = zone_find(TEXT("Europe/Malta"));
    expect_json(TYPE_BOOL, 0, 1, "true");
    expect_json(TYPE_BOOL, 0, 0, "false");
    expect_json(TYPE_WHOLE, 0, INT64_MIN, "-9223372036854775808");
    expect_json(TYPE_DECIMAL, 0, 1500000, "1.5");
    expect_json(TYPE_DECIMAL, 0, -1, "-0.000001");
    expect_json(TYPE_PERCENT, 0, 500000, "\"50%\"");
    expect_json(TYPE_PERCENT, 0, 125000, "\"12.5%\"");
    expect_json(TYPE_MONEY, 0, 5, "\"0.05 GBP\"");
    expect_json(TYPE_MONEY, 1, 500, "\"500 JPY\"");
    expect_json(TYPE_MONEY, 9, 500, "500"); /* No such currency: a number, not a crash. */
    expect_json(TYPE_DURATION, 0, 72 * CIVIL_HOUR_MS, "\"72 hours\"");
    expect_json(TYPE_CALENDAR, 0, calendar_pack(0, 7, 0), "\"7 days\"");
    expect_json(TYPE_MOMENT, 0, AT, "\"2026-06-11T08:00:00.250Z\"");
    expect_json(TYPE_DATE, 0, 0, "\"1970-01-01\"");
    expect_json(TYPE_TIME, 0, 22 * CIVIL_HOUR_MS + 30 * CIVIL_MINUTE_MS, "\"22:30\"");
    expect_json(TYPE_TEXT, 0, 0, "\"a\\nb\"");
    expect_json(TYPE_ENUM, 0, 1, "\"live\"");
    expect_json(TYPE_ENUM, 0, 77, "\"\"");
    expect_json(TYPE_COUNTRY, 0, ('D' - 'A') * 26 + ('E' - 'A'), "\"DE\"");
    expect_json(TYPE_COUNTRY, 0, -1, "\"\"");
    expect_json(TYPE_ZONE, 0, zone, "\"Europe/Malta\"");
    expect_json(TYPE_ZONE, 0, 1000000, "\"\"");
    expect_json(TYPE_SET, 0, 0, "[]");
    expect_json(TYPE_SET, 0, 5, "[\"slots\",\"table \\\"A\\\"\"]");
}

/* ------------------------------------------------------------------------------------------------- notes */

static void test_notes(void **state)
{
    (void)state;
    struct engine_note note = {.kind = NOTE_FINISHED,
                               .now = AT,
                               .player = TEXT("p1"),
                               .brand = TEXT("b"),
                               .program = &program,
                               .journey = 2,
                               .step = 0,
                               .detail = "",
                               .rule = PROGRAM_NONE,
                               .finish = TEXT("converted"),
                               .split = PROGRAM_NONE,
                               .budget = PROGRAM_NONE,
                               .limit = PROGRAM_NONE,
                               .position = 77};
    expect_note(&note, "{\"note\":\"finished\",\"at\":\"2026-06-11T08:00:00.250Z\",\"player\":\"p1\",\"brand\":\"b\","
                       "\"campaign\":\"Welcome series\",\"journey\":2,\"step\":\"Reward\",\"as\":\"converted\"}\n");
    note.kind = NOTE_EFFECT_REFUSED;
    note.effect = &effect[CREDIT];
    note.reason = REASON_BUDGET;
    note.detail = "total";
    note.amount = 3750;
    note.left = 1200;
    expect_note(
        &note,
        "{\"note\":\"effect_refused\",\"at\":\"2026-06-11T08:00:00.250Z\",\"player\":\"p1\",\"brand\":\"b\","
        "\"campaign\":\"Welcome series\",\"journey\":2,\"step\":\"Reward\",\"action\":\"credit\",\"name\":\"welcome\","
        "\"reason\":\"BUDGET\",\"detail\":\"total\",\"amount\":\"37.50 GBP\",\"left\":\"12.00 GBP\"}\n");
    note.kind = NOTE_RESERVED;
    note.reason = REASON_NONE;
    note.detail = "";
    note.amount = 3750;
    note.budget = 0;
    note.effect_id[0] = 1;
    expect_note(
        &note,
        "{\"note\":\"reserved\",\"at\":\"2026-06-11T08:00:00.250Z\",\"player\":\"p1\",\"brand\":\"b\","
        "\"campaign\":\"Welcome series\",\"journey\":2,\"step\":\"Reward\",\"action\":\"credit\",\"name\":\"welcome\","
        "\"budget\":\"Welcome series\",\"amount\":\"37.50 GBP\",\"id\":\"01000000000000000000000000000000\"}\n");
    note = (struct engine_note){.kind = NOTE_EXPOSURE,
                                .now = AT,
                                .player = TEXT("p1"),
                                .program = &program,
                                .journey = 1,
                                .step = PROGRAM_NONE,
                                .detail = "",
                                .rule = PROGRAM_NONE,
                                .split = 0,
                                .arm = 1};
    expect_note(&note, "{\"note\":\"exposure\",\"at\":\"2026-06-11T08:00:00.250Z\",\"player\":\"p1\","
                       "\"campaign\":\"Welcome series\",\"journey\":1,\"split\":\"nudge\",\"arm\":\"holdout\"}\n");
    note = (struct engine_note){.kind = NOTE_ENTRY_REFUSED,
                                .now = AT,
                                .player = TEXT("p1"),
                                .program = &program,
                                .step = PROGRAM_NONE,
                                .reason = REASON_RG_BLOCKED,
                                .rule = 0};
    expect_note(&note,
                "{\"note\":\"entry_refused\",\"at\":\"2026-06-11T08:00:00.250Z\",\"player\":\"p1\","
                "\"campaign\":\"Welcome series\",\"reason\":\"RG_BLOCKED\",\"rule\":\"safer play\",\"line\":12}\n");
    note = (struct engine_note){.kind = NOTE_NOT_APPLIED,
                                .now = AT,
                                .player = TEXT("p1"),
                                .campaign = PROGRAM_NONE,
                                .step = PROGRAM_NONE,
                                .reason = REASON_TOO_LATE,
                                .rule = PROGRAM_NONE};
    expect_note(
        &note,
        "{\"note\":\"not_applied\",\"at\":\"2026-06-11T08:00:00.250Z\",\"player\":\"p1\",\"reason\":\"TOO_LATE\"}\n");
}

static void test_every_word_is_there(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < NOTE_KIND_COUNT; i++) assert_non_null(effect_json_note_word((enum note_kind)i));
    for (uint32_t i = 0; i <= ENGINE_RECALL; i++) assert_non_null(effect_json_effect_word((enum engine_effect_kind)i));
    for (uint32_t i = 0; i < REASON_COUNT; i++) assert_non_null(effect_json_reason((enum reason)i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_send),
        cmocka_unit_test(test_credit),
        cmocka_unit_test(test_credit_in_another_currency),
        cmocka_unit_test(test_do_and_tags),
        cmocka_unit_test(test_suspension),
        cmocka_unit_test(test_each_type_of_value),
        cmocka_unit_test(test_notes),
        cmocka_unit_test(test_every_word_is_there),
    };
    return cmocka_run_group_tests_name("effect_json", tests, make_program, NULL);
}
