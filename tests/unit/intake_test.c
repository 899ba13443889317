/*
 * Intake: what is read, in any order and shape, and the exact words of what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "runtime/store/intake.h"
#include "tests/unit/sample_schema.h"
#include "vm/civil.h"
#include "vm/limits.h"
#include "vm/zone.h"

static struct builder builder;
static struct program program;
static struct intake *intake;

static int setup(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    sample_schema(&builder, &program);
    return intake_open(&intake, &program, &error) == OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    intake_close(intake);
    builder_deinit(&builder);
    return 0;
}

static struct record read_good(const char *line)
{
    struct record record;
    struct error error = ERROR_NONE;
    enum status status = intake_line(intake, line, strlen(line), &record, &error);
    if (status != OK) print_message("%s\n  %s\n", line, error.message);
    assert_int_equal(status, OK);
    return record;
}

static void assert_refused(const char *line, const char *message)
{
    struct record record;
    struct error error = ERROR_NONE;
    enum status status = intake_line(intake, line, strlen(line), &record, &error);
    assert_int_not_equal(status, OK);
    if (strcmp(error.message, message) != 0) print_message("line:    %s\n", line);
    assert_string_equal(error.message, message);
}

static void assert_text(struct text text, const char *expected)
{
    if (!text_equal(text, text_of(expected))) print_message("`%.*s` is not `%s`\n", TEXT_ARGS(text), expected);
    assert_true(text_equal(text, text_of(expected)));
}

static bool is_known(const struct record *record, uint32_t slot)
{
    return (record->known[slot / 64] >> (slot % 64) & 1) != 0;
}

static struct text text_at(const struct record *record, uint32_t slot)
{
    int64_t handle = record->slot[slot];
    return (struct text){.at = (const char *)record->bytes + handle_offset(handle), .size = handle_size(handle)};
}

static const char deposit_line[] =
    "{\"id\":\"e1\",\"source\":\"core\",\"event\":\"deposit\",\"player\":\"p1\",\"at\":\"2026-06-10T21:30:00Z\","
    "\"data\":{\"amount\":\"37.50 GBP\",\"first\":true,\"method\":\"card\"}}";

static void a_deposit(void **state)
{
    (void)state;
    for (int time = 0; time < 3; time++) { /* the second time by the order of the first */
        struct record record = read_good(deposit_line);
        assert_int_equal(record.kind, RECORD_EVENT);
        assert_int_equal(record.event, SAMPLE_DEPOSIT);
        assert_text(record.id, "e1");
        assert_text(record.source, "core");
        assert_text(record.player, "p1");
        assert_int_equal(record.brand.size, 0);
        assert_int_equal(record.group, record_group(TEXT(""), TEXT("p1")));
        int64_t at;
        assert_int_equal(civil_parse_instant(&at, TEXT("2026-06-10T21:30:00Z"), NULL), OK);
        assert_int_equal(record.at, at);
        assert_int_equal(record.now, at);
        assert_int_equal(record.slot[PROGRAM_SLOT_TIME], at);
        assert_text(text_at(&record, PROGRAM_SLOT_EVENT_ID), "e1");
        uint32_t amount = sample_slot(&program, SAMPLE_DEPOSIT, "amount");
        assert_int_equal(record.slot[amount], 3750);
        assert_int_equal(record.slot[amount + 1], 1);
        assert_true(is_known(&record, amount) && is_known(&record, amount + 1));
        assert_int_equal(record.slot[sample_slot(&program, SAMPLE_DEPOSIT, "first")], 1);
        assert_text(text_at(&record, sample_slot(&program, SAMPLE_DEPOSIT, "method")), "card");
        assert_false(is_known(&record, PROGRAM_SLOT_ABOUT));
    }
}

static void any_order_and_white_space(void **state)
{
    (void)state;
    uint64_t content = read_good(deposit_line).content;
    static const char *const same[] = {
        " { \"data\" : { \"method\" : \"card\" ,\t\"first\" : true , \"amount\" : \"37.50 GBP\" } , \"at\" : "
        "\"2026-06-10T21:30:00Z\" "
        ", \"player\" : \"p1\" , \"event\" : \"deposit\" , \"id\" : \"e1\" } \r\n",
        "{\"kind\":\"event\",\"id\":\"e1\",\"event\":\"deposit\",\"player\":\"p1\",\"at\":\"2026-06-10T23:30:00+02:"
        "00\","
        "\"data\":{\"amount\":\"37.5 "
        "GBP\",\"first\":true,\"method\":\"c\\u0061rd\",\"ip\":\"10.0.0.1\",\"tags\":[1,{\"a\":[]}]}}",
        "{\"player\":\"p1\",\"data\":{\"first\":true,\"ua\":null,\"amount\":\"37.50 "
        "GBP\",\"method\":\"card\"},\"id\":\"e1\","
        "\"at\":\"2026-06-10t21:30:00.000z\",\"\\u0065vent\":\"depos\\u0069t\"}\n",
    };
    for (size_t index = 0; index < sizeof same / sizeof same[0]; index++) {
        struct record record = read_good(same[index]);
        assert_int_equal(record.event, SAMPLE_DEPOSIT);
        assert_int_equal(record.slot[sample_slot(&program, SAMPLE_DEPOSIT, "amount")], 3750);
        assert_text(text_at(&record, sample_slot(&program, SAMPLE_DEPOSIT, "method")), "card");
        assert_true(record.content == content);
    }
    struct record other =
        read_good("{\"id\":\"e1\",\"event\":\"deposit\",\"player\":\"p1\",\"at\":\"2026-06-10T21:30:00Z\","
                  "\"data\":{\"amount\":\"37.51 GBP\",\"first\":true,\"method\":\"card\"}}");
    assert_true(other.content != content);
}

static void dropped_fields_are_counted(void **state)
{
    (void)state;
    uint64_t before = intake_dropped_total(intake);
    for (int time = 0; time < 3; time++) {
        (void)read_good(
            "{\"id\":\"e1\",\"trace\":\"x\",\"event\":\"deposit\",\"player\":\"p1\",\"at\":\"2026-06-10T21:30:00Z\","
            "\"data\":{\"ip9\":\"::1\",\"amount\":\"1 JPY\",\"first\":false,\"method\":\"\",\"ua9\":{\"a\":1}}}");
    }
    assert_int_equal(intake_dropped_total(intake) - before, 9);
    struct intake_dropped dropped;
    uint32_t index = 0;
    while (intake_dropped_name(intake, index, &dropped) && !text_equal(dropped.name, TEXT("ua9"))) index++;
    assert_text(dropped.name, "ua9");
    assert_int_equal(dropped.count, 3);
    /* A line that is refused dropped nothing. */
    assert_refused("{\"id\":\"e1\",\"event\":\"deposit\",\"player\":\"p1\",\"at\":\"2026-06-10T21:30:00Z\",\"data\":{"
                   "\"ua9\":1,\"ua10\":2}}",
                   "the `data` of `deposit` has no `amount`; it is needed");
    assert_int_equal(intake_dropped_total(intake) - before, 9);
    (void)intake_dropped_name(intake, index, &dropped);
    assert_int_equal(dropped.count, 3);
    /* More of them than are counted by name in one line. */
    char line[4096];
    size_t size = (size_t)snprintf(line, sizeof line, "{\"kind\":\"tick\",\"at\":\"2026-06-10T21:30:00Z\"");
    for (int time = 0; time < 300; time++) size += (size_t)snprintf(line + size, sizeof line - size, ",\"ua9\":1");
    (void)snprintf(line + size, sizeof line - size, "}");
    (void)read_good(line);
    assert_int_equal(intake_dropped_total(intake) - before, 309);
}

static void every_type(void **state)
{
    (void)state;
    struct record record = read_good(
        "{\"id\":\"s\",\"event\":\"survey.answered\",\"player\":\"p\",\"at\":\"2026-06-10T21:30:00.250Z\",\"data\":{"
        "\"score\":5,"
        "\"share\":\"12.5%\",\"born\":\"1990-02-28\",\"wakes_at\":\"07:30\",\"games\":[\"live\", \"slots\"],"
        "\"spent\":\"1 hour 30 minutes\",\"every\":\"1 month 3 days\",\"home\":\"DE\",\"zone\":\"Europe/Malta\","
        "\"remark\":\"\\ud83d\\ude00 gr\xC3\xBC\xC3\x9F \\\"dich\\\"\\n\"}}");
    const struct program *p = &program;
    assert_int_equal(record.at % 1000, 250);
    assert_int_equal(record.slot[sample_slot(p, SAMPLE_SURVEY, "score")], 5);
    assert_int_equal(record.slot[sample_slot(p, SAMPLE_SURVEY, "share")], 125000);
    assert_int_equal(record.slot[sample_slot(p, SAMPLE_SURVEY, "born")], civil_date_of(1990, 2, 28));
    assert_int_equal(record.slot[sample_slot(p, SAMPLE_SURVEY, "wakes_at")], 27000000);
    assert_int_equal(record.slot[sample_slot(p, SAMPLE_SURVEY, "games")], 5);
    assert_int_equal(record.slot[sample_slot(p, SAMPLE_SURVEY, "spent")], 5400000);
    assert_true(record.slot[sample_slot(p, SAMPLE_SURVEY, "every")] == calendar_pack(1, 3, 0));
    assert_int_equal(record.slot[sample_slot(p, SAMPLE_SURVEY, "home")], 3 * 26 + 4);
    assert_int_equal(record.slot[sample_slot(p, SAMPLE_SURVEY, "zone")], zone_find(TEXT("Europe/Malta")));
    assert_text(text_at(&record, sample_slot(p, SAMPLE_SURVEY, "remark")),
                "\xF0\x9F\x98\x80 gr\xC3\xBC\xC3\x9F \"dich\"\n");
    record = read_good(
        "{\"id\":\"s\",\"event\":\"survey\",\"player\":\"p\",\"at\":\"2026-06-10T21:30:00Z\",\"data\":{\"score\":1,"
        "\"share\":0.125,\"born\":null,\"games\":[]}}");
    assert_int_equal(record.slot[sample_slot(p, SAMPLE_SURVEY, "share")], 125000);
    assert_false(is_known(&record, sample_slot(p, SAMPLE_SURVEY, "born")));
    assert_true(is_known(&record, sample_slot(p, SAMPLE_SURVEY, "games")));
}

static void the_time_of_a_bet_is_its_field(void **state)
{
    (void)state;
    struct record record = read_good(
        "{\"id\":\"b\",\"event\":\"bet\",\"player\":\"p\",\"at\":\"2026-06-10T21:30:00Z\",\"data\":{\"settled_at\":"
        "\"2026-06-10T20:30:00Z\",\"game\":\"g\",\"kind\":\"live\",\"stake\":\"0.105 "
        "TND\",\"multiplier\":-0,\"round\":-12}}");
    assert_int_equal(record.now - record.at, CIVIL_HOUR_MS);
    assert_int_equal(record.slot[PROGRAM_SLOT_TIME], record.at);
    assert_int_equal(record.slot[sample_slot(&program, SAMPLE_BET, "stake")], 105);
    assert_int_equal(record.slot[sample_slot(&program, SAMPLE_BET, "round")], -12);
    record =
        read_good("{\"id\":\"b\",\"event\":\"bet\",\"player\":\"p\",\"data\":{\"settled_at\":"
                  "\"2026-06-10T20:30:00Z\",\"game\":\"g\",\"kind\":\"live\",\"stake\":\"1 EUR\",\"multiplier\":1.5}}");
    assert_int_equal(record.now, record.at);
}

static void events_about_something(void **state)
{
    (void)state;
    struct record record =
        read_good("{\"id\":\"w\",\"event\":\"bonus.wagered\",\"player\":\"p\",\"at\":\"2026-06-10T21:30:00Z\","
                  "\"data\":{\"offer\":\"welcome\"}}");
    assert_true(is_known(&record, PROGRAM_SLOT_ABOUT));
    assert_false(is_known(&record, PROGRAM_SLOT_ABOUT_EFFECT));
    assert_text(text_at(&record, PROGRAM_SLOT_ABOUT), "welcome");
    record = read_good("{\"id\":\"w\",\"event\":\"bonus_wagered\",\"player\":\"p\",\"at\":\"2026-06-10T21:30:00Z\","
                       "\"data\":{\"effect\":\"00112233445566778899aabbccddeeff\"}}");
    assert_text(text_at(&record, PROGRAM_SLOT_ABOUT_EFFECT), "00112233445566778899aabbccddeeff");
    assert_refused(
        "{\"id\":\"w\",\"event\":\"bonus_wagered\",\"player\":\"p\",\"at\":\"2026-06-10T21:30:00Z\",\"data\":{}}",
        "the `data` of `bonus_wagered` does not say what it is about; name it by `offer`, or exactly by `effect`");
    assert_refused("{\"id\":\"w\",\"event\":\"bonus_wagered\",\"player\":\"p\",\"at\":\"2026-06-10T21:30:00Z\","
                   "\"data\":{\"effect\":\"12\"}}",
                   "`effect` is `12`; write the effect's id, 32 hexadecimal digits");
}

static void lines_of_history(void **state)
{
    (void)state;
    struct record record =
        read_good("{\"import\":\"old\",\"row\":\"7\",\"event\":\"bet\",\"player\":\"p\",\"data\":{\"settled_"
                  "at\":\"2024-06-10T20:30:00Z\",\"game\":\"g\",\"kind\":\"live\",\"stake\":\"1 "
                  "EUR\",\"multiplier\":1.5}}");
    assert_int_equal(record.kind, RECORD_HISTORY);
    assert_text(record.source, "old");
    assert_text(record.id, "7");
    record = read_good("{\"import\":\"old\",\"row\":\"8\",\"player\":\"p\",\"at\":\"2024-06-10T08:00:00Z\",\"set\":{"
                       "\"country\":\"DE\"}}");
    assert_int_equal(record.kind, RECORD_IMPORT);
    record = read_good(
        "{\"kind\":\"attributes\",\"import\":\"old\",\"row\":\"8\",\"player\":\"p\",\"at\":\"2024-06-10T08:00:"
        "00Z\",\"set\":{\"country\":\"DE\"}}");
    assert_int_equal(record.kind, RECORD_IMPORT);
    assert_refused(
        "{\"import\":\"old\",\"event\":\"bet\",\"player\":\"p\",\"data\":{\"settled_at\":\"2024-06-10T20:30:00Z\","
        "\"game\":\"g\",\"kind\":\"live\",\"stake\":\"1 EUR\",\"multiplier\":1.5}}",
        "a record of kind `import` has no `row`; it is needed");
    assert_refused(
        "{\"import\":\"old\",\"row\":\"8\",\"id\":\"x\",\"player\":\"p\",\"at\":\"2024-06-10T08:00:00Z\",\"set\":{"
        "\"country\":\"DE\"}}",
        "a record of kind `import` has no `id`; leave it out, or send a record of its own");
    assert_refused("{\"import\":\"\",\"row\":\"8\",\"player\":\"p\",\"at\":\"2024-06-10T08:00:00Z\",\"set\":{}}",
                   "`import` is empty; write 1 to 64 bytes");
}

static void other_kinds(void **state)
{
    (void)state;
    struct record record =
        read_good("{\"kind\":\"attributes\",\"id\":\"a1\",\"player\":\"p1\",\"at\":\"2026-06-10T08:00:00Z\",\"set\":"
                  "{\"country\":\"DE\",\"vip\":true,\"churn_risk\":null,\"lifetime_value\":\"12 EUR\",\"level\":null,"
                  "\"language\":null,\"shoe_size\":43}}");
    assert_int_equal(record.kind, RECORD_ATTRIBUTES);
    uint32_t risk = sample_attribute(&program, "churn_risk");
    assert_true((record.given[0] >> risk & 1) != 0 && !is_known(&record, risk));
    assert_true(is_known(&record, sample_attribute(&program, "level")));
    assert_int_equal(record.slot[sample_attribute(&program, "level")], 0);
    assert_text(text_at(&record, sample_attribute(&program, "language")), "en");
    assert_int_equal(record.slot[sample_attribute(&program, "lifetime_value")], 1200);
    assert_false((record.given[0] >> sample_attribute(&program, "email") & 1) != 0);

    record = read_good("{\"kind\":\"tick\",\"at\":\"2026-06-11T00:00:00Z\"}");
    assert_int_equal(record.kind, RECORD_TICK);
    assert_int_equal(record.id.size, 0);
    record = read_good("{\"kind\":\"reply\",\"id\":\"r1\",\"effect\":\"00112233445566778899aabbccddeeff\",\"at\":"
                       "\"2026-06-10T21:31:00Z\","
                       "\"status\":\"failed\",\"reason\":\"account locked\"}");
    assert_int_equal(record.kind, RECORD_REPLY);
    assert_int_equal(record.status, REPLY_FAILED);
    assert_int_equal(record.effect[1], 0x11);
    assert_text(record.reason, "account locked");
    record = read_good("{\"kind\":\"command\",\"id\":\"c1\",\"at\":\"2026-06-10T09:00:00Z\",\"command\":\"suspend\","
                       "\"campaign\":\"Welcome series\"}");
    assert_int_equal(record.kind, RECORD_COMMAND);
    assert_int_equal(record.by.size, 0);
    uint64_t content = record.content;
    assert_int_equal(record.command, COMMAND_SUSPEND);
    record = read_good("{\"kind\":\"command\",\"id\":\"c1\",\"at\":\"2026-06-10T09:00:00Z\",\"command\":\"suspend\","
                       "\"campaign\":\"Welcome series\",\"by\":\"anna\"}");
    assert_true(text_equal(record.by, TEXT("anna")));
    assert_true(record.content == content); /* the same order, whoever brings it again */
    assert_text(record.campaign, "Welcome series");
}

#define HEAD "{\"id\":\"e\",\"event\":\"deposit\",\"player\":\"p\",\"at\":\"2026-06-10T21:30:00Z\",\"data\":"
#define REST ",\"first\":true,\"method\":\"card\"}}"
#define SURVEY \
    "{\"id\":\"s\",\"event\":\"survey\",\"player\":\"p\",\"at\":\"2026-06-10T21:30:00Z\",\"data\":{\"score\":1,"

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"", "the line is empty; write one JSON object a line"},
        {"{\"id\":\"x\",\"event\":\"\"}", "`event` is empty; say which event it is, as in \"event\":\"deposit\""},
        {"[]", "column 1: write one JSON object a line, not a list"},
        {"hello", "column 1: expected `{`: one JSON object a line"},
        {"{\"id\":\"bad4\",\"event\":", "the line ends in the middle of the record; is it cut off?"},
        {"{\"id\":\"bad4\",\"event\":\"depo", "the line ends inside a text; is it cut off, or a quote missing?"},
        {"{\"id\":\"x\"", "the line ends in the middle of the record; is it cut off?"},
        {"{\"id\":\"x\" \"event\":\"deposit\"}", "column 11: expected `,` or `}`"},
        {"{\"id\" \"x\"}", "column 7: expected `:` behind the key"},
        {"{id:\"x\"}", "column 2: expected a key in quotes"},
        {"{\"id\":\"x\",}", "column 11: expected a key in quotes"},
        {"{\"zz\":tru}", "column 7: expected a value: a text in quotes, a number, true, false, null, `{` or `[`"},
        {"{\"zz\":True}", "column 7: write true, false or null in small letters"},
        {"{\"zz\":'a'}", "column 7: JSON takes double quotes"},
        {"{\"zz\":01}", "column 8: expected `,` or `}`"},
        {"{\"zz\":\"\\x\"}", "column 8: an escape that JSON does not have"},
        {"{\"zz\":\"\\ud800\"}", "column 8: half of a surrogate pair; write both halves or the character itself"},
        {"{\"zz\":\"\xFF\"}", "column 8: bytes that are not UTF-8"},
        {"{\"zz\":\"a\tb\"}", "column 9: a control character inside a text; write it as \\u0009"},
        {"{\"zz\":1}",
         "the record has neither `event` nor `kind`, but `zz`; say which event it is, as in \"event\":\"deposit\""},
        {"{\"kind\":\"tick\",\"at\":\"2026-06-11T00:00:00Z\"} x", "column 45: something stands behind the closing `}`"},
        {"{\"kind\":\"tock\",\"at\":\"2026-06-11T00:00:00Z\"}",
         "`kind` is `tock`; write one of event, attributes, tick, reply, command, erase, code, "
         "suppress, unsuppress, person"},
        {"{\"kind\":\"tick\"}", "a record of kind `tick` has no `at`; it is needed"},
        {"{\"kind\":\"tick\",\"at\":\"2026-06-11T00:00:00Z\",\"player\":\"p\"}",
         "a record of kind `tick` has no `player`; leave it out, or send a record of its own"},
        {"{\"id\":\"e\",\"event\":\"depsit\",\"player\":\"p\",\"at\":\"2026-06-10T21:30:00Z\",\"data\":{}}",
         "`depsit` is not an event of this workspace; did you mean `deposit`?"},
        {"{\"id\":\"e\",\"event\":\"jackpot\",\"player\":\"p\"}",
         "`jackpot` is not an event of this workspace; declare it, as in: event jackpot"},
        {"{\"event\":\"deposit\",\"player\":\"p\",\"at\":\"2026-06-10T21:30:00Z\",\"data\":{\"amount\":\"1 EUR\"" REST,
         "a record of kind `event` has no `id`; it is needed"},
        {"{\"id\":\"e\",\"id\":\"e\"}", "column 11: `id` stands twice in the same object; keep one"},
        {"{\"id\":7}", "`id` is `7`; write a text in quotes"},
        {"{\"id\":\"\"}", "`id` is empty; write 1 to 64 bytes"},
        {"{\"at\":\"2026-06-05 00:00\"}",
         "`at` is `2026-06-05 00:00`; write a moment with seconds and its zone, such as "
         "\"2026-06-10T21:30:00Z\" or \"2026-06-10T23:30:00+02:00\""},
        {"{\"at\":1749590000}",
         "`at` is `1749590000`; a moment is a text such as \"2026-06-10T21:30:00Z\", never a number"},
        {"{\"at\":\"2026-02-30T00:00:00Z\"}", "`at` is `2026-02-30T00:00:00Z`; there is no such day or time of day"},
        {"{\"id\":\"e\",\"event\":\"deposit\",\"player\":\"p\",\"brand\":\"x\",\"at\":\"2026-06-10T21:30:00Z\","
         "\"data\":{\"amount\":\"1 EUR\"" REST,
         "`brand` is `x`, but the workspace declares no brands; add a line: brand x"},
        {HEAD "{\"amount\":\"37.5\"" REST, "`amount` is `37.5`; money needs a currency, as in \"37.50 GBP\""},
        {HEAD "{\"amount\":37.5" REST,
         "`amount` is `37.5`; money is a text with its currency, such as \"37.50 GBP\", never a number"},
        {HEAD "{\"amount\":\"12,50 EUR\"" REST,
         "`amount` is `12,50 EUR`; write money with a point and without groups, as in \"1234.50 EUR\""},
        {HEAD "{\"amount\":\"37.50 gbp\"" REST,
         "`amount` is `37.50 gbp`; write the currency as three capitals, as in \"37.50 GBP\""},
        {HEAD "{\"amount\":\"GBP 37.50\"" REST,
         "`amount` is `GBP 37.50`; write money as a number, a space and three capitals, as in \"37.50 GBP\""},
        {HEAD "{\"amount\":\"5.00 USD\"" REST,
         "`amount` is `5.00 USD`; USD is not a currency of this workspace; declared are EUR, GBP, JPY, TND"},
        {HEAD "{\"amount\":\"5.00 XYZ\"" REST,
         "`amount` is `5.00 XYZ`; XYZ is not a currency; declared are EUR, GBP, JPY, TND"},
        {HEAD "{\"amount\":\"5.001 EUR\"" REST,
         "`amount` is `5.001 EUR`; EUR has 2 decimals, and amounts have at most 18 digits"},
        {HEAD "{\"amount\":\"5.5 JPY\"" REST,
         "`amount` is `5.5 JPY`; JPY has no decimals, and amounts have at most 18 digits"},
        {HEAD "{\"amount\":\"-5 EUR\"" REST, "`amount` is `-5 EUR`; it must lie between 0 and 1,000,000"},
        {HEAD "{\"amount\":\"2000000 EUR\"" REST, "`amount` is `2000000 EUR`; it must lie between 0 and 1,000,000"},
        {HEAD "{\"amount\":null" REST, "`amount` is `null`; this field is not optional and needs a value"},
        {HEAD "{\"amout\":\"1 EUR\"" REST,
         "the `data` of `deposit` has no `amount`, but `amout`; did you mean `amount`?"},
        {HEAD "{\"amount\":\"1 EUR\",\"first\":\"true\",\"method\":\"c\"}}",
         "`first` is `true`; write true or false, without quotes"},
        {HEAD "{\"amount\":\"1 EUR\",\"first\":true,\"method\":\"a method that has far too many bytes\"}}",
         "`method` is `a method that has far too many bytes`; it has 36 bytes; at most 32 are declared"},
        {HEAD "{\"amount\":\"1 EUR\",\"amount\":\"1 EUR\"" REST,
         "column 95: `amount` stands twice in the same object; keep one"},
        {HEAD "3}", "column 77: `data` must be an object with the event's fields"},
        {"{\"id\":\"e\",\"event\":\"deposit\",\"player\":\"p\",\"at\":\"2026-06-10T21:30:00Z\"}",
         "the `data` of `deposit` has no `amount`; it is needed"},
        {SURVEY "\"share\":\"a\"}}", "`share` is `a`; write a percentage such as \"12.5%\", or 0.125"},
        {SURVEY "\"share\":0.1234567}}",
         "`share` is `0.1234567`; at most six decimals and twelve digits before them are possible; round it"},
        {SURVEY "\"share\":1e-7}}", "`share` is `1e-7`; write the number without an exponent"},
        {SURVEY "\"share\":2}}", "`share` is `2`; it must lie between 0% and 100%"},
        {SURVEY "\"games\":[\"slot\"]}}", "`games` is `slot`; that is not one of its words; did you mean `slots`?"},
        {SURVEY "\"games\":\"slots\"}}", "`games` is `slots`; write a list of words, as in [\"slots\",\"live\"]"},
        {SURVEY "\"games\":[\"roulette\"]}}", "`games` is `roulette`; write one of slots, table, live, poker"},
        {SURVEY "\"home\":\"Germany\"}}", "`home` is `Germany`; write a country as two capitals, such as \"DE\""},
        {SURVEY "\"zone\":\"Europe/Berln\"}}",
         "`zone` is `Europe/Berln`; no such time zone; did you mean `Europe/Berlin`?"},
        {SURVEY "\"born\":\"28.02.1990\"}}", "`born` is `28.02.1990`; write a date such as \"2026-06-10\""},
        {SURVEY "\"spent\":90}}", "`spent` is `90`; write a duration such as \"72 hours\" or \"1 hour 30 minutes\""},
        {"{\"id\":\"s\",\"event\":\"survey\",\"player\":\"p\",\"at\":\"2026-06-10T21:30:00Z\",\"data\":{\"score\":6}}",
         "`score` is `6`; it must lie between 1 and 5"},
        {"{\"id\":\"s\",\"event\":\"survey\",\"player\":\"p\",\"at\":\"2026-06-10T21:30:00Z\",\"data\":{\"score\":1.5}"
         "}",
         "`score` is `1.5`; write a whole number, without decimals"},
        {"{\"id\":\"s\",\"event\":\"survey\",\"player\":\"p\",\"at\":\"2026-06-10T21:30:00Z\",\"data\":{\"score\":"
         "\"3\"}}",
         "`score` is `3`; write the number without quotes"},
        {"{\"kind\":\"attributes\",\"id\":\"a\",\"player\":\"p\",\"at\":\"2026-06-10T21:30:00Z\",\"set\":{\"lifetime_"
         "value\":\"1 GBP\"}}",
         "`lifetime_value` is `1 GBP`; this attribute is kept in EUR"},
        {"{\"kind\":\"command\",\"id\":\"c1\",\"at\":\"2026-06-10T09:00:00Z\",\"command\":\"suspend\",\"campaign\":"
         "\"Welcome serie\"}",
         "there is no campaign `Welcome serie`; did you mean `Welcome series`?"},
        {"{\"kind\":\"reply\",\"id\":\"r\",\"effect\":\"xy\"}",
         "`effect` is `xy`; write the effect's id, 32 hexadecimal digits"},
        {"{\"kind\":\"reply\",\"status\":\"lost\"}",
         "`status` is `lost`; write one of credited, failed, delivered, bounced, opened, clicked, "
         "approved, refused, answered"},
        {"\xEF\xBB\xBF{\"id\":1}", "the file begins with a byte order mark; write UTF-8 without one"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        assert_refused(cases[index].line, cases[index].message);
        (void)read_good(deposit_line); /* What was refused leaves nothing behind. */
    }
}

static void deep_nesting_and_long_lines(void **state)
{
    (void)state;
    char line[200];
    int size = snprintf(line, sizeof line, "{\"zz\":");
    for (int depth = 0; depth < 33; depth++) line[size++] = '[';
    line[size] = 0;
    assert_refused(line, "column 39: lists and objects nested too deeply");
    static char big[LIMIT_EVENT_LINE_BYTES + 2];
    memset(big, ' ', sizeof big - 1);
    assert_refused(big, "the line is longer than 65536 bytes; send less in one record");
    /* The longest line there may be, with every text behind an escape. */
    memset(big, '\\', sizeof big);
    big[LIMIT_EVENT_LINE_BYTES] = 0;
    memcpy(big, "{\"zz\":\"", 7);
    memcpy(big + LIMIT_EVENT_LINE_BYTES - 3, "z\"}", 3);
    assert_refused(
        big, "the record has neither `event` nor `kind`, but `zz`; say which event it is, as in \"event\":\"deposit\"");
}

/* Every prefix of a line and every line with one byte changed: refused or read, never worse. */
static void cut_and_changed_lines(void **state)
{
    (void)state;
    static const char line[] =
        "{\"id\":\"e\",\"event\":\"survey\",\"player\":\"p\\n\\ud83d\\ude00\",\"at\":\"2026-06-10T21:30:00Z\",\"data\":"
        "{\"score\":1,"
        "\"share\":\"12.5%\",\"games\":[\"live\"],\"x\":[1.5e3,{\"y\":null}],\"remark\":\"gr\xC3\xBC\xC3\x9F\"}}";
    struct record record;
    struct error error = ERROR_NONE;
    for (size_t size = 0; size < sizeof line - 1; size++) {
        assert_int_equal(intake_line(intake, line, size, &record, &error), STATUS_INVALID);
        assert_true(error.message[0] != 0);
    }
    char changed[sizeof line];
    for (size_t at = 0; at < sizeof line - 1; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            memcpy(changed, line, sizeof line);
            changed[at] = (char)byte;
            error.message[0] = 0;
            enum status status = intake_line(intake, changed, sizeof line - 1, &record, &error);
            assert_true(status == OK || error.message[0] != 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deposit),
        cmocka_unit_test(any_order_and_white_space),
        cmocka_unit_test(dropped_fields_are_counted),
        cmocka_unit_test(every_type),
        cmocka_unit_test(the_time_of_a_bet_is_its_field),
        cmocka_unit_test(events_about_something),
        cmocka_unit_test(lines_of_history),
        cmocka_unit_test(other_kinds),
        cmocka_unit_test(refusals),
        cmocka_unit_test(deep_nesting_and_long_lines),
        cmocka_unit_test(cut_and_changed_lines),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
