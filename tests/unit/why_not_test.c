/*
 * "What would have to differ": each kind of comparison, groups, unknown values, several changes, and what has no answer. Every answer
 * is applied and the filter judged again: an answer that is not true fails here, whatever its words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/compiler.h"
#include "runtime/lab/filter_words.h"
#include "runtime/lab/why_not.h"
#include "vm/civil.h"
#include "vm/memory.h"
#include "vm/zone.h"

#define NOW "2026-06-10T12:00:00Z"

enum { SLOTS = 128, BYTES = 256 };

static const char SCHEMA[] = "workspace \"Why\"\n  product casino\n  currency EUR, USD\n  channel inbox\n  tag seen, "
                             "at_risk, lost\n  timezone \"UTC\"\n  use events\nend\n"
                             "attribute vip yes or no, otherwise no\n"
                             "attribute rank ranked none, silver, gold, otherwise none\n"
                             "attribute kind one of slots, live, poker, otherwise slots\n"
                             "attribute visits whole number, otherwise 0\n"
                             "attribute rate decimal between 0 and 10, otherwise 0\n"
                             "attribute risk optional percent\n"
                             "attribute balance optional money up to 1,000,000\n"
                             "attribute nick optional text up to 20\n"
                             "attribute land country code, otherwise ZZ\n"
                             "attribute seen_at optional moment\n"
                             "attribute born optional date\n"
                             "attribute wake optional time of day\n"
                             "attribute games set of slots_game, table_game, otherwise slots_game\n"
                             "attribute one yes or no, otherwise no\nattribute two yes or no, otherwise no\nattribute "
                             "three yes or no, otherwise no\n"
                             "attribute four yes or no, otherwise no\nattribute five yes or no, otherwise no\n";

/* One activation to ask about: a program, and a player or an event whose slots are ours. */
struct bench {
    struct compiler_output output;
    struct activation *activation;
    int64_t player[SLOTS], event[SLOTS], journey[SLOTS];
    uint64_t player_known[SLOTS / 64], event_known[SLOTS / 64];
    uint8_t bytes[BYTES];
    uint32_t bytes_used;
};

static void bench_open(struct bench *bench, const char *source)
{
    struct error error = ERROR_NONE;
    struct compiler_input input = {TEXT("why.promo"), text_of(source)};
    memset(bench, 0, sizeof *bench);
    assert_int_equal(
        compiler_compile(&bench->output, &input, 1, (struct compiler_options){.default_name = TEXT("why")}, &error),
        OK);
    if (bench->output.failed) {
        struct buffer words = BUFFER_EMPTY;
        diagnostics_render(&bench->output.diagnostics, DIAGNOSTIC_TEXT, &words);
        fail_msg("%s", buffer_as_string(&words));
    }
    const struct program *program = &bench->output.program;
    bench->activation = memory_alloc(sizeof *bench->activation);
    assert_non_null(bench->activation);
    memset(bench->activation, 0, sizeof *bench->activation);
    bench->activation->program = program;
    bench->activation->campaign = PROGRAM_NONE;
    bench->activation->player = (struct bank_read){bench->player, bench->player_known, bench->bytes};
    bench->activation->campaign_zone = zone_utc();
    bench->activation->player_zone = zone_utc();
    assert_int_equal(civil_parse_instant(&bench->activation->now, text_of(NOW), &error), OK);
    bench->player_known[0] = UINT64_C(1) << PROGRAM_SLOT_TAGS | UINT64_C(1) << PROGRAM_SLOT_PLAYER_ID;
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        const struct bundle_attribute *attribute = &program->attribute[i];
        assert_true(attribute->slot < SLOTS);
        if (!attribute->optional) {
            bench->player_known[attribute->slot / 64] |= UINT64_C(1) << (attribute->slot % 64);
            bench->player[attribute->slot] = attribute->preset;
        }
    }
}

static void bench_close(struct bench *bench)
{
    memory_release(bench->activation);
    compiler_release(&bench->output);
}

static uint32_t slot_of(const struct bench *bench, const char *name)
{
    const struct program *program = &bench->output.program;
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        if (text_equal(program_text(program, program->attribute[i].name), text_of(name)))
            return program->attribute[i].slot;
    }
    fail_msg("no attribute %s", name);
    return 0;
}

static void set_number(struct bench *bench, const char *name, int64_t value)
{
    const uint32_t slot = slot_of(bench, name);
    bench->player[slot] = value;
    bench->player_known[slot / 64] |= UINT64_C(1) << (slot % 64);
}

static void set_text(struct bench *bench, const char *name, const char *value)
{
    const uint32_t size = (uint32_t)strlen(value);
    memcpy(bench->bytes + bench->bytes_used, value, size);
    set_number(bench, name, handle_make(BANK_PLAYER, size, bench->bytes_used));
    bench->bytes_used += size;
}

/* Applies the changes to the bench itself, judges, and takes them back. */
static bool judge_changed(struct bench *bench, uint32_t pc, const struct why_not_change *changes, unsigned count)
{
    struct bench before = *bench;
    for (unsigned i = 0; i < count; i++) {
        const struct why_not_change *change = &changes[i];
        assert_true(change->slot < SLOTS);
        const uint64_t bit = UINT64_C(1) << (change->slot % 64);
        int64_t *slots = change->bank == BANK_EVENT    ? bench->event
                         : change->bank == BANK_PLAYER ? bench->player
                                                       : bench->journey;
        uint64_t *known = change->bank == BANK_EVENT    ? &bench->event_known[change->slot / 64]
                          : change->bank == BANK_PLAYER ? &bench->player_known[change->slot / 64]
                                                        : &bench->activation->journey_known;
        slots[change->slot] = change->value;
        *known = change->unknown ? *known & ~bit : *known | bit;
    }
    const uint64_t journey_known = bench->activation->journey_known;
    interp_clear_trace(bench->activation);
    const bool accepted = interp_filter(bench->activation, pc);
    struct activation *activation = bench->activation;
    *bench = before;
    bench->activation = activation;
    bench->activation->journey_known = journey_known;
    return accepted;
}

/* Asks what would make the filter say `wanted`; `count` changes are expected, and these words. */
static void ask(struct bench *bench, uint32_t pc, bool wanted, unsigned count, const char *words)
{
    struct why_not_change changes[WHY_NOT_CHANGES_MAX];
    interp_clear_trace(bench->activation);
    assert_int_equal(interp_filter(bench->activation, pc), !wanted);
    const struct activation before = *bench->activation;
    const unsigned found = why_not_search(bench->activation, pc, wanted, changes);
    assert_memory_equal(&before, bench->activation, sizeof before);
    struct buffer out = BUFFER_EMPTY;
    why_not_print(&out, bench->activation, changes, found);
    assert_string_equal(buffer_as_string(&out), words);
    assert_int_equal(found, count);
    buffer_deinit(&out);
    if (found > 0) assert_int_equal(judge_changed(bench, pc, changes, found), wanted);
    /* Fewer of them do not do: each change is needed. */
    for (unsigned i = 0; found > 1 && i < found; i++) {
        struct why_not_change fewer[WHY_NOT_CHANGES_MAX];
        unsigned kept = 0;
        for (unsigned k = 0; k < found; k++) {
            if (k != i) fewer[kept++] = changes[k];
        }
        assert_int_equal(judge_changed(bench, pc, fewer, kept), !wanted);
    }
}

static uint32_t segment_pc(const struct bench *bench)
{
    const struct program *program = &bench->output.program;
    return program->segment[program->segment_count - 1].filter;
}

static void open_segment(struct bench *bench, const char *condition)
{
    struct buffer source = BUFFER_EMPTY;
    buffer_print(&source, "%ssegment \"Asked\" is players where %s\n", SCHEMA, condition);
    bench_open(bench, buffer_as_string(&source));
    buffer_deinit(&source);
}

/* A player of whom nothing but defaults is known. */
static void ask_defaults(const char *condition, unsigned count, const char *words)
{
    struct bench bench;
    open_segment(&bench, condition);
    ask(&bench, segment_pc(&bench), true, count, words);
    bench_close(&bench);
}

static void ask_number(const char *condition, const char *name, int64_t value, const char *words)
{
    struct bench bench;
    open_segment(&bench, condition);
    set_number(&bench, name, value);
    ask(&bench, segment_pc(&bench), true, 1, words);
    bench_close(&bench);
}

static void numbers(void **state)
{
    (void)state;
    ask_number("visits is 5", "visits", 3, "`visits is 5` (it was 3; 5 would do)");
    ask_number("visits is not 5", "visits", 5, "`visits is not 5` (it was 5; 6 would do)");
    ask_number("visits is at least 5", "visits", 3, "`visits is at least 5` (it was 3; 5 would do)");
    ask_number("visits is at most 5", "visits", 9, "`visits is at most 5` (it was 9; 5 would do)");
    ask_number("visits is more than 5", "visits", 5, "`visits is more than 5` (it was 5; 6 would do)");
    ask_number("visits is less than 5", "visits", 5, "`visits is less than 5` (it was 5; 4 would do)");
    ask_number("visits is between 5 and 8", "visits", 4, "`visits is between 5 and 8` (it was 4; 5 would do)");
    ask_number("visits is between 5 and 8", "visits", 9, "`visits is between 5 and 8` (it was 9; 8 would do)");
    ask_number("visits is one of 5, 7", "visits", 9, "`visits is one of 5, 7` (it was 9; 7 would do)");
    ask_number("rate is at least 2.5", "rate", 1500000, "`rate is at least 2.5` (it was 1.5; 2.5 would do)");
}

static void other_types(void **state)
{
    (void)state;
    ask_number("risk is known and risk is at least 12.5%", "risk", 50000,
               "`risk is at least 12.5%` (it was 5%; 12.5% would do)");
    ask_number("balance is known and balance is at least 20 EUR", "balance", 1999,
               "`balance is at least 20 EUR` (it was 19.99 EUR; 20 EUR would do)");
    ask_defaults("vip is yes", 1, "`vip is yes` (it was no; yes would do)");
    ask_defaults("rank is at least silver", 1, "`rank is at least silver` (it was none; silver would do)");
    ask_number("rank is less than gold", "rank", 2, "`rank is less than gold` (it was gold; silver would do)");
    ask_defaults("kind is one of live, poker", 1, "`kind is one of live, poker` (it was slots; live would do)");
    ask_number("kind is not one of live, poker", "kind", 2,
               "`kind is not one of live, poker` (it was poker; slots would do)");
    ask_defaults("land is one of MT, DE", 1, "`land is one of MT, DE` (it was ZZ; DE would do)");
    ask_defaults("land is MT", 1, "`land is MT` (it was ZZ; MT would do)");
    ask_number("born is known and born is at least 2000-01-01", "born", 0,
               "`born is at least 2000-01-01` (it was 1970-01-01; 2000-01-01 would do)");
    ask_number("wake is known and wake is less than 09:00", "wake", INT64_C(36000000),
               "`wake is less than 09:00` (it was 10:00; 08:59:59.999 would do)");
    ask_defaults("games contains table_game", 1,
                 "`games contains table_game` (it was slots_game; slots_game, table_game would do)");
    ask_number("player.tags contains at_risk", "vip", 0,
               "`player.tags contains at_risk` (it was nothing; at_risk would do)");
}

static void texts(void **state)
{
    (void)state;
    struct bench bench;
    open_segment(&bench, "nick is known and nick is \"bob\"");
    set_text(&bench, "nick", "alice");
    ask(&bench, segment_pc(&bench), true, 1, "`nick is \"bob\"` (it was \"alice\"; \"bob\" would do)");
    bench_close(&bench);
    open_segment(&bench, "nick is known and nick contains \"ob\"");
    set_text(&bench, "nick", "alice");
    ask(&bench, segment_pc(&bench), true, 1, "`nick contains \"ob\"` (it was \"alice\"; \"ob\" would do)");
    bench_close(&bench);
    open_segment(&bench, "nick is known and nick is not \"alice\"");
    set_text(&bench, "nick", "alice");
    ask(&bench, segment_pc(&bench), true, 1, "`nick is not \"alice\"` (it was \"alice\"; \"\" would do)");
    bench_close(&bench);
}

static void moments(void **state)
{
    (void)state;
    const int64_t day = INT64_C(86400000);
    const int64_t now = INT64_C(1781092800000); /* NOW */
    ask_number("seen_at is known and seen_at is within last 7 days", "seen_at", now - 8 * day,
               "`seen_at is within last 7 days` (it was 2026-06-02 12:00:00 UTC; 2026-06-10 12:00:00 UTC would do)");
    ask_number("seen_at is known and seen_at is within last 48 hours", "seen_at", now - 8 * day,
               "`seen_at is within last 48 hours` (it was 2026-06-02 12:00:00 UTC; 2026-06-10 12:00:00 UTC would do)");
    ask_number(
        "seen_at is known and seen_at is not within last 48 hours", "seen_at", now - day,
        "`seen_at is not within last 48 hours` (it was 2026-06-09 12:00:00 UTC; 2026-06-08 12:00:00 UTC would do)");
    ask_number("born is known and born is within last 30 days", "born", 0,
               "`born is within last 30 days` (it was 1970-01-01; 2026-06-10 would do)");
}

static void unknown_values(void **state)
{
    (void)state;
    ask_defaults("nick is known", 1, "`nick is known` (it is not known; \"\" would do)");
    ask_number("risk is not known", "risk", 50000, "`risk is not known` (it was 5%; not known would do)");
    /* To be known and to be enough is one change of one value. */
    ask_defaults("risk is known and risk is at least 70%", 1, "`risk is at least 70%` (it is not known; 70% would do)");
}

static void groups(void **state)
{
    (void)state;
    ask_defaults("all of\n  one is yes\n  two is yes\nend", 2,
                 "`one is yes` (it was no; yes would do), and `two is yes` (it was no; yes would do)");
    ask_defaults("all of\n  one is yes\n  two is yes\n  three is yes\nend", 3,
                 "`one is yes` (it was no; yes would do), `two is yes` (it was no; yes would do), and `three is yes` "
                 "(it was no; yes would do)");
    ask_defaults("all of\n  one is yes\n  two is yes\n  three is yes\n  four is yes\nend", 4,
                 "`one is yes` (it was no; yes would do), `two is yes` (it was no; yes would do), `three is yes` (it "
                 "was no; yes would do), "
                 "and `four is yes` (it was no; yes would do)");
    ask_defaults("any of\n  one is yes\n  two is yes\nend", 1, "`one is yes` (it was no; yes would do)");
    ask_defaults("all of\n  vip is no\n  any of\n    one is yes\n    two is yes\n  end\nend", 1,
                 "`one is yes` (it was no; yes would do)");
    ask_number("none of\n  vip is yes\n  one is yes\nend", "vip", 1, "not `vip is yes` (it was yes; no would do)");
    struct bench bench;
    open_segment(&bench, "none of\n  vip is yes\n  visits is at least 3\nend");
    set_number(&bench, "vip", 1);
    set_number(&bench, "visits", 7);
    ask(&bench, segment_pc(&bench), true, 2,
        "not `vip is yes` (it was yes; no would do), and not `visits is at least 3` (it was 7; 2 would do)");
    bench_close(&bench);
}

static void the_other_way_round(void **state)
{
    (void)state;
    struct bench bench;
    open_segment(&bench, "one is yes or two is yes");
    set_number(&bench, "one", 1);
    ask(&bench, segment_pc(&bench), false, 1, "not `one is yes` (it was yes; no would do)");
    set_number(&bench, "two", 1);
    ask(&bench, segment_pc(&bench), false, 2,
        "not `one is yes` (it was yes; no would do), and not `two is yes` (it was yes; no would do)");
    bench_close(&bench);
}

static void no_answer(void **state)
{
    (void)state;
    /* Five changes are more than are looked for, and what contradicts itself has none. */
    ask_defaults("all of\n  one is yes\n  two is yes\n  three is yes\n  four is yes\n  five is yes\nend", 0, "");
    ask_defaults("vip is yes and vip is no", 0, "");
    /* Nothing beyond what the type allows is proposed. */
    ask_defaults("rate is more than 10", 0, "");
    struct bench bench;
    open_segment(&bench, "vip is no");
    struct why_not_change changes[WHY_NOT_CHANGES_MAX];
    assert_int_equal(why_not_search(bench.activation, segment_pc(&bench), true, changes), 0); /* It holds already. */
    bench_close(&bench);
}

/* ------------------------------------------------------------------ events */

static const char CAMPAIGN[] = "campaign \"C\"\n  product casino\n  currency EUR\n  start on deposit where %s\n"
                               "  step \"S\"\n    wait 1 day\n    finish as \"DONE\"\n  end\nend\n";

static void open_start(struct bench *bench, const char *condition)
{
    struct buffer source = BUFFER_EMPTY;
    buffer_string(&source, SCHEMA);
    buffer_print(&source, CAMPAIGN, condition);
    bench_open(bench, buffer_as_string(&source));
    buffer_deinit(&source);
    bench->activation->campaign = 0;
    bench->activation->event = (struct bank_read){bench->event, bench->event_known, bench->bytes};
    bench->event_known[0] = UINT64_MAX;
}

static uint32_t field_slot(const struct bench *bench, const char *name)
{
    const struct program *program = &bench->output.program;
    const struct bundle_event *event = &program->event[program->campaign[0].start_event];
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct bundle_field *field = &program->field[event->field_first + i];
        if (text_equal(program_text(program, field->name), text_of(name))) return field->slot;
    }
    fail_msg("no field %s", name);
    return 0;
}

static void events(void **state)
{
    (void)state;
    struct bench bench;
    open_start(&bench, "amount is at least 20 EUR and first is yes");
    const uint32_t pc = bench.output.program.campaign[0].start_filter;
    const uint32_t amount = field_slot(&bench, "amount");
    bench.event[amount] = 1999;
    bench.event[field_slot(&bench, "first")] = 1;
    ask(&bench, pc, true, 1, "`amount is at least 20 EUR` (it was 19.99 EUR; 20 EUR would do)");
    bench.event[field_slot(&bench, "first")] = 0;
    ask(&bench, pc, true, 2,
        "`amount is at least 20 EUR` (it was 19.99 EUR; 20 EUR would do), and `first is yes` (it was no; yes would "
        "do)");
    /* Money of another currency is told in its own. */
    bench.event[field_slot(&bench, "first")] = 1;
    bench.event[amount] = 2500;
    bench.event[amount + 1] = 1;
    ask(&bench, pc, true, 1, "`amount in EUR` (it was in USD; EUR would do)");
    struct buffer words = BUFFER_EMPTY;
    const struct bundle_campaign *campaign = &bench.output.program.campaign[0];
    filter_words_print(&words, &bench.output.program, 0, campaign->start_event, campaign->start_about,
                       campaign->start_filter);
    assert_string_equal(buffer_as_string(&words), "deposit where amount is at least 20 EUR, first is yes");
    buffer_deinit(&words);
    bench_close(&bench);
}

/* A value against another value: the other one is what is proposed. */
static void values_against_values(void **state)
{
    (void)state;
    struct bench bench;
    open_start(&bench, "player.balance is known and amount is at least player.balance");
    const uint32_t pc = bench.output.program.campaign[0].start_filter;
    bench.event[field_slot(&bench, "amount")] = 1999;
    set_number(&bench, "balance", 12345);
    ask(&bench, pc, true, 1, "`amount is at least player.balance` (it was 19.99 EUR; 123.45 EUR would do)");
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),        cmocka_unit_test(other_types),
        cmocka_unit_test(texts),          cmocka_unit_test(moments),
        cmocka_unit_test(unknown_values), cmocka_unit_test(groups),
        cmocka_unit_test(no_answer),      cmocka_unit_test(the_other_way_round),
        cmocka_unit_test(events),         cmocka_unit_test(values_against_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
