/* What a request is answered, in every field of its notes: each limit and each `when empty`, suspensions, short grants, test players,
 * places, withdrawn requests; and what a checkpoint in between keeps of it.
 *
 * The sums themselves: books_test.c, books_model_test.c. SOURCE's campaigns differ in what happens when money or places run out.
 */
#include "tests/kit/engine_kit.h"
#include "runtime/engine/state.h"
#include "vm/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HAS(where, text)          assert_true(kit_count(&kit.where, text) > 0)
#define TIMES(where, text, times) assert_int_equal(kit_count(&kit.where, text), times)

#define WORKSPACE                                                                                               \
    "workspace \"asks\"\n  product casino\n  currency EUR\n  channel inbox\n  timezone \"UTC\"\n  use events\n" \
    "  use actions\nend\n"                                                                                      \
    "attribute self_excluded yes or no, otherwise no\nattribute timed_out yes or no, otherwise no\n"            \
    "attribute closed yes or no, otherwise no\nattribute harm_flagged yes or no, otherwise no\n"                \
    "attribute test_player yes or no, otherwise no\nattribute poor yes or no, otherwise no\n"                   \
    "attribute sum whole number, otherwise 20\n"                                                                \
    "policy \"Poor\"\n  never reward players where poor is yes\nend\n"
#define PAYS(name, limits)                                                                                           \
    "campaign \"" name "\"\n  currency EUR\n" limits "  start on registration\n  enter every time\n"                 \
    "  offer cash \"gift\"\n    amount 20 EUR\n    wagering none\n  end\n"                                           \
    "  step \"Pay\"\n    credit \"gift\", otherwise finish as \"NO\"\n    wait 10 minutes\n    finish as \"PAID\"\n" \
    "  end\nend\n"

/* ---------------------------------------------------------------- the last notes, with all that they hold */

enum { KEPT = 64 };
static struct heard {
    struct engine_note note;
    char player[16], detail[16], campaign[32];
    uint32_t effect_step;
    bool has_effect;
} heard[KEPT];
static uint32_t heard_count;

static void hear(const struct engine_note *note)
{
    if (note->kind != NOTE_EFFECT_REFUSED && note->kind != NOTE_RESERVED && note->kind != NOTE_SUSPENDED &&
        note->kind != NOTE_RESUMED)
        return;
    assert_true(heard_count < KEPT);
    struct heard *one = &heard[heard_count++];
    memset(one, 0, sizeof *one);
    one->note = *note;
    one->has_effect = note->effect != NULL;
    one->effect_step = note->effect == NULL ? PROGRAM_NONE : note->effect->step;
    (void)snprintf(one->player, sizeof one->player, "%.*s", TEXT_ARGS(note->player));
    (void)snprintf(one->detail, sizeof one->detail, "%s", note->detail == NULL ? "" : note->detail);
    (void)snprintf(one->campaign, sizeof one->campaign, "%.*s",
                   TEXT_ARGS(program_text(note->program, note->program->campaign[note->campaign].name)));
}

static void open_asks(struct kit *kit, const char *source, uint32_t shards)
{
    heard_count = 0;
    kit_hear_note = hear;
    kit_open(kit, source, shards);
}

static void close_asks(struct kit *kit)
{
    kit_hear_note = NULL;
    kit_close(kit);
}

/* The n-th note that was kept is this refusal or reservation. */
static const struct engine_note *expect(uint32_t n, enum note_kind kind, const char *player, enum reason reason,
                                        const char *detail, int64_t amount, int64_t left)
{
    assert_true(n < heard_count);
    const struct heard *one = &heard[n];
    assert_int_equal(one->note.kind, kind);
    assert_string_equal(one->player, player);
    assert_int_equal(one->note.reason, reason);
    assert_string_equal(one->detail, detail);
    assert_int_equal(one->note.amount, amount);
    assert_int_equal(one->note.left, left);
    if (kind == NOTE_RESERVED || kind == NOTE_EFFECT_REFUSED) {
        static const uint8_t none[16];
        assert_memory_not_equal(one->note.effect_id, none, 16);
        assert_true(one->note.journey > 0);
        assert_true(one->note.step != PROGRAM_NONE && one->has_effect);
        assert_int_equal(one->effect_step, one->note.step);
    }
    return &one->note;
}

static void registers(struct kit *kit, const char *player, const char *at)
{
    char id[48];
    (void)snprintf(id, sizeof id, "%s-%s", player, at + 5);
    kit_event(kit, id, "registered", player, at, "");
}

static void order(struct kit *kit, const char *word, const char *campaign, const char *at)
{
    char line[200];
    (void)snprintf(line, sizeof line,
                   "{\"kind\":\"command\",\"id\":\"%s-%s\",\"at\":\"%s\",\"command\":\"%s\",\"campaign\":\"%s\"}", word,
                   at, at, word, campaign);
    kit_line(kit, line);
}

/* What a checkpoint keeps is what there was, after every step: other shards, the same digest. */
static void again(struct kit *kit, struct store *store)
{
    uint8_t before[32], after[32];
    kit_settle(kit);
    kit_digest(kit, before);
    kit_restart(kit, store, kit->shards == 7 ? 2 : 7);
    kit_digest(kit, after);
    assert_memory_equal(before, after, 32);
}

/* ---------------------------------------------------------------- limits */

static void each_limit_is_told_with_what_was_left(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    open_asks(&kit,
              WORKSPACE "budget \"pot\"\n  total 130 EUR\nend\n" PAYS(
                  "P", "  budget\n    total 110 EUR\n    per player 30 EUR\n    per day 50 EUR\n    from \"pot\"\n"
                       "  end\n"),
              1);
    const struct program *program = engine_program(kit.engine);
    uint32_t own = program->campaign[0].budget;
    registers(&kit, "a", "2026-06-01T10:00:00Z");
    kit_settle(&kit);
    const struct engine_note *note = expect(0, NOTE_RESERVED, "a", REASON_NONE, "", 2000, 0);
    assert_int_equal(note->budget, own);
    again(&kit, &store);
    kit_hear_note = hear;
    registers(&kit, "a", "2026-06-01T11:00:00Z");
    kit_settle(&kit);
    note = expect(1, NOTE_EFFECT_REFUSED, "a", REASON_BUDGET, "player", 2000, 1000);
    program = engine_program(kit.engine);
    assert_int_equal(note->budget, own);
    assert_int_equal(program->limit[note->limit].scope, SCOPE_PLAYER);
    assert_int_equal(note->rule, PROGRAM_NONE);
    assert_int_equal(note->journey, 2);
    again(&kit, &store);
    registers(&kit, "b", "2026-06-01T12:00:00Z");
    registers(&kit, "c", "2026-06-01T13:00:00Z");
    kit_settle(&kit);
    expect(2, NOTE_RESERVED, "b", REASON_NONE, "", 2000, 0);
    note = expect(3, NOTE_EFFECT_REFUSED, "c", REASON_BUDGET, "period", 2000, 1000);
    program = engine_program(kit.engine);
    assert_int_equal(program->limit[note->limit].period, LIMIT_DAY);
    /* Days go by until the total has 10 left. The default is to suspend, once, by the budget that refused. */
    registers(&kit, "d", "2026-06-02T10:00:00Z");
    registers(&kit, "e", "2026-06-02T11:00:00Z");
    registers(&kit, "f", "2026-06-03T10:00:00Z");
    again(&kit, &store);
    registers(&kit, "g", "2026-06-03T11:00:00Z");
    kit_settle(&kit);
    note = expect(7, NOTE_EFFECT_REFUSED, "g", REASON_BUDGET, "total", 2000, 1000);
    note = expect(8, NOTE_SUSPENDED, "", REASON_BUDGET, "", 0, 0);
    assert_int_equal(note->budget, own);
    assert_string_equal(heard[8].campaign, "P");
    TIMES(effects, "\"effect\":\"campaign_suspended\"", 1);
    again(&kit, &store);
    struct engine_budget books;
    assert_true(engine_budget(kit.engine, 0, &books));
    assert_int_equal(books.reserved, 10000);
    order(&kit, "resume", "P", "2026-06-03T12:00:00Z");
    kit_settle(&kit);
    expect(9, NOTE_RESUMED, "", REASON_NONE, "", 0, 0);
    order(&kit, "resume", "P", "2026-06-03T12:30:00Z");
    kit_settle(&kit);
    assert_int_equal(heard_count, 10);
    again(&kit, &store);
    order(&kit, "suspend", "P", "2026-06-03T13:00:00Z");
    kit_settle(&kit);
    note = expect(10, NOTE_SUSPENDED, "", REASON_NONE, "", 0, 0);
    assert_int_equal(note->budget, PROGRAM_NONE);
    TIMES(effects, "\"effect\":\"campaign_suspended\"", 1); /* The operator knows. */
    again(&kit, &store);
    order(&kit, "suspend", "P", "2026-06-03T13:30:00Z");
    kit_settle(&kit);
    assert_int_equal(heard_count, 11);
    registers(&kit, "h", "2026-06-03T14:00:00Z");
    kit_settle(&kit);
    HAS(notes, "\"SUSPENDED\"");
    assert_int_equal(heard_count, 11);
    uint32_t entered = kit_count(&kit.notes, "\"note\":\"entered\"");
    order(&kit, "resume", "P", "2026-06-03T15:00:00Z");
    registers(&kit, "i", "2026-06-03T16:00:00Z");
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"entered\"", entered + 1);
    again(&kit, &store);
    close_asks(&kit);
    store_close(&store);
}

/* Two of one instant: the first takes the last money, the second is refused, the third finds the campaign suspended. */
static void suspended_by_the_one_before(void **state)
{
    (void)state;
    struct kit kit;
    open_asks(&kit, WORKSPACE PAYS("P", "  budget\n    total 30 EUR\n  end\n"), 7);
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"a", "b", "c"};
        registers(&kit, names[i], "2026-06-01T10:00:00Z");
    }
    kit_settle(&kit);
    assert_int_equal(heard_count, 4);
    expect(0, NOTE_RESERVED, "a", REASON_NONE, "", 2000, 0);
    expect(1, NOTE_EFFECT_REFUSED, "b", REASON_BUDGET, "total", 2000, 1000);
    expect(2, NOTE_SUSPENDED, "", REASON_BUDGET, "", 0, 0);
    const struct engine_note *note = expect(3, NOTE_EFFECT_REFUSED, "c", REASON_SUSPENDED, "", 0, 0);
    assert_int_equal(note->rule, PROGRAM_NONE);
    TIMES(effects, "\"effect\":\"credit\"", 1);
    TIMES(notes, "\"as\":\"NO\"", 2);
    close_asks(&kit);
}

static void when_a_budget_is_empty(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        const char *end;
        bool suspends;
    } cases[] = {
        {WORKSPACE PAYS("P", "  budget\n    total 30 EUR\n    when empty finish as \"OUT\"\n  end\n"), "\"as\":\"OUT\"",
         false},
        {WORKSPACE PAYS("P", "  budget\n    total 30 EUR\n    when empty go on without rewards\n  end\n"),
         "\"as\":\"NO\"", false},
        {WORKSPACE PAYS("P", "  budget\n    total 30 EUR\n    when empty suspend the campaign\n  end\n"),
         "\"as\":\"NO\"", true},
        {WORKSPACE "budget \"pot\"\n  total 30 EUR\n  when empty finish as \"OUT\"\nend\n" PAYS(
             "P", "  budget\n    total 100 EUR\n    from \"pot\"\n  end\n"),
         "\"as\":\"OUT\"", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        open_asks(&kit, cases[i].source, 2);
        registers(&kit, "a", "2026-06-01T10:00:00Z");
        again(&kit, &store);
        registers(&kit, "b", "2026-06-01T11:00:00Z");
        again(&kit, &store);
        expect(1, NOTE_EFFECT_REFUSED, "b", REASON_BUDGET, i == 3 ? "pool" : "total", 2000, 1000);
        assert_int_equal(heard_count, cases[i].suspends ? 3 : 2);
        TIMES(notes, cases[i].end, 1);
        TIMES(notes, "\"note\":\"finished\"", 2);
        if (strstr(cases[i].end, "OUT") != NULL) {
            HAS(notes, "\"reason\":\"BUDGET\",\"as\":\"OUT\"");
        }
        registers(&kit, "c", "2026-06-01T12:00:00Z");
        kit_settle(&kit);
        TIMES(notes, "\"note\":\"entered\"", cases[i].suspends ? 2 : 3);
        kit_tick(&kit, "2026-06-03T00:00:00Z");
        kit_settle(&kit);
        TIMES(notes, "\"as\":\"PAID\"", 1);
        close_asks(&kit);
        store_close(&store);
    }
}

/* A refusal under an older program's journey is by the newest one's limits, and tells no numbers of another program. */
static void the_newest_limits_count(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    static const char first[] = WORKSPACE
        "campaign \"P\"\n  currency EUR\n  budget\n    total 100 EUR\n  end\n  start on registration\n"
        "  offer cash \"gift\"\n    amount 20 EUR\n    wagering none\n  end\n"
        "  step \"Wait\"\n    wait 1 day\n    credit \"gift\", otherwise finish as \"NO\"\n    finish as \"PAID\"\n"
        "  end\nend\n";
    static const char second[] = WORKSPACE
        "campaign \"A\"\n  currency EUR\n  budget\n    total 7 EUR\n  end\n  start on session\n"
        "  offer cash \"x\"\n    amount 1 EUR\n    wagering none\n  end\n"
        "  step \"S\"\n    credit \"x\"\n    finish as \"DONE\"\n  end\nend\n"
        "campaign \"P\"\n  currency EUR\n  budget\n    total 30 EUR\n    when empty finish as \"OUT\"\n  end\n"
        "  start on registration\n"
        "  offer cash \"gift\"\n    amount 20 EUR\n    wagering none\n  end\n"
        "  step \"Other\"\n    wait 9 days\n    credit \"gift\", otherwise finish as \"NO\"\n    finish as \"WELL\"\n"
        "  end\nend\n";
    static const char third[] = WORKSPACE
        "campaign \"A\"\n  currency EUR\n  start on session\n  step \"S\"\n    wait 1 day\n    finish as \"DONE\"\n"
        "  end\nend\n";
    for (int gone = 0; gone < 2; gone++) {
        assert_int_equal(memory_store_open(&store, &error), OK);
        open_asks(&kit, first, 2);
        registers(&kit, "a", "2026-06-01T10:00:00Z");
        registers(&kit, "b", "2026-06-01T11:00:00Z");
        kit_settle(&kit);
        kit_activate(&kit, gone ? third : second, engine_now(kit.engine));
        again(&kit, &store);
        kit_tick(&kit, "2026-06-03T00:00:00Z");
        kit_settle(&kit);
        if (gone) { /* The own program's limits, where the newest one does not have the campaign. */
            expect(0, NOTE_RESERVED, "a", REASON_NONE, "", 2000, 0);
            expect(1, NOTE_RESERVED, "b", REASON_NONE, "", 2000, 0);
            TIMES(notes, "\"as\":\"PAID\"", 2);
        } else {
            expect(0, NOTE_RESERVED, "a", REASON_NONE, "", 2000, 0);
            const struct engine_note *note = expect(1, NOTE_EFFECT_REFUSED, "b", REASON_BUDGET, "total", 2000, 1000);
            assert_int_equal(note->budget, PROGRAM_NONE);
            assert_int_equal(note->limit, PROGRAM_NONE);
            TIMES(notes, "\"as\":\"OUT\"", 1);
            TIMES(notes, "\"as\":\"PAID\"", 1);
        }
        again(&kit, &store);
        close_asks(&kit);
        store_close(&store);
    }
}

/* ---------------------------------------------------------------- amounts */

#define SHORT(limits)                                                                                       \
    WORKSPACE "event win\n  field amount money\nend\n"                                                      \
              "campaign \"P\"\n  currency EUR\n" limits "  start on win\n  enter every time\n"              \
              "  offer cash \"gift\"\n    amount 50% of win.amount, at most 1,000 EUR\n    wagering none\n" \
              "    short grant what is left\n  end\n"                                                       \
              "  step \"Pay\"\n    credit \"gift\", otherwise finish as \"NO\"\n    finish as \"PAID\"\n  end\nend\n"

static void win(struct kit *kit, const char *id, const char *player, const char *at, const char *amount)
{
    char data[48];
    (void)snprintf(data, sizeof data, "\"amount\":\"%s EUR\"", amount);
    kit_event(kit, id, "win", player, at, data);
}

static void what_is_left_is_granted(void **state)
{
    (void)state;
    struct kit kit;
    open_asks(&kit, SHORT("  budget\n    total 100 EUR\n    per player 30 EUR\n    per day 45 EUR\n  end\n"), 1);
    win(&kit, "1", "a", "2026-06-01T10:00:00Z", "20.01"); /* Half a cent is not paid. */
    win(&kit, "2", "a", "2026-06-01T11:00:00Z", "80");
    win(&kit, "3", "b", "2026-06-01T12:00:00Z", "70"); /* Two limits are too small: the smaller counts. */
    win(&kit, "4", "b", "2026-06-01T13:00:00Z", "70");
    win(&kit, "5", "c", "2026-06-02T10:00:00Z", "0");
    win(&kit, "6", "c", "2026-06-02T11:00:00Z", "0.01");
    kit_settle(&kit);
    expect(0, NOTE_RESERVED, "a", REASON_NONE, "", 1000, 0);
    expect(1, NOTE_RESERVED, "a", REASON_NONE, "", 2000, 0);
    expect(2, NOTE_RESERVED, "b", REASON_NONE, "", 1500, 0);
    expect(3, NOTE_EFFECT_REFUSED, "b", REASON_BUDGET, "period", 3500, 0);
    const struct engine_note *note = expect(4, NOTE_EFFECT_REFUSED, "c", REASON_AMOUNT_ZERO, "", 0, 0);
    assert_int_equal(note->budget, PROGRAM_NONE);
    expect(5, NOTE_EFFECT_REFUSED, "c", REASON_AMOUNT_ZERO, "", 0, 0);
    TIMES(effects, "\"amount\":\"10.00 EUR\",\"cost\":\"10.00 EUR\"", 1);
    TIMES(effects, "\"amount\":\"20.00 EUR\",\"cost\":\"20.00 EUR\"", 1);
    TIMES(effects, "\"amount\":\"15.00 EUR\",\"cost\":\"15.00 EUR\"", 1);
    TIMES(effects, "\"effect\":\"credit\"", 3);
    win(&kit, "7", "c", "2026-06-02T12:00:00Z", "0.02"); /* The smallest there is. */
    kit_settle(&kit);
    expect(6, NOTE_RESERVED, "c", REASON_NONE, "", 1, 0);
    close_asks(&kit);
}

/* What is granted of a cost is granted of the amount that is paid for it, too. */
static void a_short_grant_in_another_currency(void **state)
{
    (void)state;
    struct kit kit;
    open_asks(&kit,
              "workspace \"asks\"\n  product casino\n  currency EUR, PLN\n  timezone \"UTC\"\n  use events\n"
              "  use actions\n  use attributes\nend\n"
              "rates \"ecb\"\n  version \"1\"\n  rate EUR to PLN 4.2651\nend\n"
              "campaign \"P\"\n  currency EUR\n  budget\n    total 27 EUR\n  end\n  start on registration\n"
              "  offer bonus \"gift\"\n    amount 20 EUR\n    wagering 10x of bonus\n"
              "    pays in the player's currency by \"ecb\"\n    short grant what is left\n  end\n"
              "  step \"One\"\n    credit \"gift\", otherwise finish as \"NO\"\n    finish as \"PAID\"\n  end\nend\n",
              1);
    kit_set(&kit, "p", "2026-06-01T08:00:00Z", "currency", "\"PLN\"");
    kit_set(&kit, "q", "2026-06-01T08:00:00Z", "currency", "\"PLN\"");
    registers(&kit, "p", "2026-06-01T10:00:00Z");
    registers(&kit, "q", "2026-06-01T11:00:00Z");
    kit_settle(&kit);
    expect(0, NOTE_RESERVED, "p", REASON_NONE, "", 2000, 0);
    expect(1, NOTE_RESERVED, "q", REASON_NONE, "", 700, 0);
    HAS(effects, "\"amount\":\"85.30 PLN\",\"cost\":\"20.00 EUR\",\"paid\":\"85.30 PLN\"");
    HAS(effects, "\"amount\":\"29.85 PLN\",\"cost\":\"7.00 EUR\",\"paid\":\"29.85 PLN\"");
    close_asks(&kit);
}

/* ---------------------------------------------------------------- who asks */

static void set(struct kit *kit, const char *player, const char *attribute, const char *at)
{
    char line[240];
    (void)snprintf(line, sizeof line,
                   "{\"kind\":\"attributes\",\"id\":\"s-%s-%s\",\"player\":\"%s\",\"at\":\"%s\",\"set\":{\"%s\":true}}",
                   player, attribute, player, at, attribute);
    kit_line(kit, line);
}

static void a_test_takes_nothing(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    open_asks(&kit, WORKSPACE PAYS("P", "  budget\n    total 20 EUR\n  end\n"), 2);
    set(&kit, "t", "test_player", "2026-06-01T08:00:00Z");
    set(&kit, "poor", "poor", "2026-06-01T08:00:00Z");
    registers(&kit, "poor", "2026-06-01T09:00:00Z");
    kit_settle(&kit);
    const struct engine_note *note = expect(0, NOTE_EFFECT_REFUSED, "poor", REASON_POLICY, "", 0, 0);
    assert_true(note->rule < note->rules->rule_count && note->rules->rule[note->rule].kind == RULE_NEVER_REWARD);
    registers(&kit, "t", "2026-06-01T10:00:00Z");
    registers(&kit, "t", "2026-06-01T11:00:00Z");
    again(&kit, &store);
    assert_int_equal(heard_count, 1); /* Nothing is reserved … */
    TIMES(effects, "\"amount\":\"20.00 EUR\",\"cost\":\"20.00 EUR\"", 2);
    struct engine_budget books;
    assert_true(engine_budget(kit.engine, 0, &books));
    assert_int_equal(books.reserved, 0);
    registers(&kit, "a", "2026-06-01T12:00:00Z"); /* … so all is there for a player. */
    kit_settle(&kit);
    expect(1, NOTE_RESERVED, "a", REASON_NONE, "", 2000, 0);
    /* The budget is empty now; a test goes on. */
    registers(&kit, "t", "2026-06-01T13:00:00Z");
    again(&kit, &store);
    TIMES(effects, "\"effect\":\"credit\"", 4);
    assert_int_equal(heard_count, 2);
    close_asks(&kit);
    store_close(&store);
}

static void places_are_taken_in_order(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    static const char source[] = WORKSPACE
        "campaign \"Few\"\n  currency EUR\n  start on registration\n  enter once per player, at most 2 players\n"
        "  step \"S\"\n    wait 9 days\n    finish as \"DONE\"\n  end\nend\n";
    open_asks(&kit, source, 2);
    set(&kit, "t", "test_player", "2026-06-01T08:00:00Z");
    registers(&kit, "a", "2026-06-01T09:00:00Z");
    registers(&kit, "t", "2026-06-01T09:00:00Z");
    again(&kit, &store);
    TIMES(notes, "\"note\":\"entered\"", 2);
    registers(&kit, "b", "2026-06-01T10:00:00Z");
    registers(&kit, "c", "2026-06-01T10:00:00Z");
    again(&kit, &store);
    TIMES(notes, "\"note\":\"entered\"", 3);
    TIMES(notes, "\"ENTRANTS\"", 1);
    /* Each test enters, whatever is taken. */
    set(&kit, "u", "test_player", "2026-06-01T11:00:00Z");
    registers(&kit, "u", "2026-06-01T12:00:00Z");
    again(&kit, &store);
    TIMES(notes, "\"note\":\"entered\"", 4);
    close_asks(&kit);
    store_close(&store);
}

/* A responsible-gaming event of the same instant comes first: nothing is entered, reserved or given. */
static void a_withdrawn_entry(void **state)
{
    (void)state;
    static const char source[] =
        WORKSPACE "campaign \"Few\"\n  currency EUR\n  start on harm_flag\n  enter once per player, at most 2 players\n"
                  "  step \"S\"\n    wait 9 days\n    finish as \"DONE\"\n  end\nend\n";
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    open_asks(&kit, source, 2);
    kit_event(&kit, "1", "player.harm_flagged", "p", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "2", "player.closed", "p", "2026-06-01T10:00:00Z", "");
    again(&kit, &store);
    HAS(notes, "\"WITHDRAWN\"");
    TIMES(notes, "\"note\":\"entered\"", 0);
    kit_event(&kit, "3", "player.harm_flagged", "q", "2026-06-01T11:00:00Z", "");
    kit_event(&kit, "4", "player.harm_flagged", "r", "2026-06-01T11:00:00Z", "");
    kit_event(&kit, "5", "player.harm_flagged", "s", "2026-06-01T11:00:00Z", "");
    again(&kit, &store);
    TIMES(notes, "\"note\":\"entered\"", 2); /* The place is still there. */
    TIMES(notes, "\"ENTRANTS\"", 1);
    close_asks(&kit);
    store_close(&store);
}

static void a_withdrawn_credit(void **state)
{
    (void)state;
    static const char source[] =
        WORKSPACE "campaign \"P\"\n  currency EUR\n  budget\n    total 100 EUR\n  end\n  start on harm_flag\n"
                  "  offer cash \"gift\"\n    amount 5 EUR\n    wagering none\n  end\n"
                  "  step \"S\"\n    credit \"gift\", otherwise finish as \"NO\"\n    finish as \"YES\"\n  end\nend\n";
    struct kit kit;
    open_asks(&kit, source, 2);
    kit_event(&kit, "1", "player.harm_flagged", "p", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "2", "player.closed", "p", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    const struct engine_note *note = expect(0, NOTE_EFFECT_REFUSED, "p", REASON_WITHDRAWN, "", 0, 0);
    assert_int_equal(note->rule, PROGRAM_NONE);
    assert_int_equal(note->journey, 1);
    assert_int_equal(heard_count, 1);
    TIMES(effects, "\"effect\":\"credit\"", 0);
    close_asks(&kit);
}

/* ---------------------------------------------------------------- after a restore */

static void lost(struct kit *kit, const char *player, uint8_t first, int64_t amount)
{
    struct text brand = {"", 0}, id = text_of(player);
    struct record record = {.kind = RECORD_LOST,
                            .now = engine_now(kit->engine),
                            .at = engine_now(kit->engine),
                            .player = id,
                            .brand = brand,
                            .group = record_group(brand, id),
                            .campaign = TEXT("P"),
                            .offer = TEXT("gift"),
                            .amount = amount};
    memset(record.effect, first, sizeof record.effect);
    kit_record(kit, &record);
}

/* What another life paid becomes the credit of who asks for the same: its id, its amount. Until all is known nobody else is paid. */
static void another_life_has_paid(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    open_asks(&kit, WORKSPACE PAYS("P", "  budget\n    total 100 EUR\n  end\n"), 2);
    set(&kit, "t", "test_player", "2026-06-01T08:00:00Z");
    kit_tick(&kit, "2026-06-01T09:00:00Z");
    kit_settle(&kit);
    struct record epoch = {.kind = RECORD_EPOCH, .now = engine_now(kit.engine), .epoch = 1, .unreconciled = true};
    kit_record(&kit, &epoch);
    lost(&kit, "p", 0xAA, 1200);
    lost(&kit, "q", 0xBB, 2000);
    lost(&kit, "r", 0xCC, 0);
    again(&kit, &store);
    registers(&kit, "p", "2026-06-01T10:00:00Z");
    kit_settle(&kit);
    const struct engine_note *note = expect(0, NOTE_RESERVED, "p", REASON_NONE, "", 1200, 0);
    assert_int_equal(note->effect_id[0], 0xAA);
    HAS(effects, "\"amount\":\"12.00 EUR\",\"cost\":\"12.00 EUR\"");
    again(&kit, &store);
    registers(&kit, "q", "2026-06-01T10:01:00Z");
    kit_settle(&kit);
    note = expect(1, NOTE_RESERVED, "q", REASON_NONE, "", 2000, 0);
    assert_int_equal(note->effect_id[0], 0xBB);
    TIMES(effects, "\"amount\":\"20.00 EUR\",\"cost\":\"20.00 EUR\"", 1);
    registers(&kit, "r", "2026-06-01T10:02:00Z"); /* A credit that cost nothing: it is the same one. */
    kit_settle(&kit);
    assert_int_equal(heard_count, 2);
    HAS(effects, "\"id\":\"cccccccccccccccccccccccccccccccc\"");
    TIMES(effects, "\"effect\":\"credit\"", 3);
    /* Nobody else, as long as a credit may be unknown; what costs nothing, a test, goes on. */
    registers(&kit, "s", "2026-06-01T10:03:00Z");
    registers(&kit, "t", "2026-06-01T10:04:00Z");
    again(&kit, &store);
    note = expect(2, NOTE_EFFECT_REFUSED, "s", REASON_UNRECONCILED, "", 0, 0);
    assert_int_equal(note->rule, PROGRAM_NONE);
    assert_int_equal(heard_count, 3);
    TIMES(effects, "\"effect\":\"credit\"", 4);
    kit_tick(&kit, "2026-06-01T12:00:00Z");
    kit_settle(&kit);
    TIMES(notes, "\"as\":\"PAID\"", 4);
    TIMES(notes, "\"as\":\"NO\"", 1);
    struct record known = {.kind = RECORD_RECONCILED, .now = engine_now(kit.engine)};
    kit_record(&kit, &known);
    registers(&kit, "u", "2026-06-01T13:00:00Z");
    again(&kit, &store);
    expect(3, NOTE_RESERVED, "u", REASON_NONE, "", 2000, 0);
    struct engine_budget books;
    assert_true(engine_budget(kit.engine, 0, &books));
    assert_int_equal(books.reserved + books.spent, 5200);
    close_asks(&kit);
    store_close(&store);
}

/* ---------------------------------------------------------------- what stays of an answer */

static struct player *player_of(struct kit *kit, const char *name)
{
    struct text id = text_of(name);
    struct player *player = state_find_player(kit->engine, record_group(TEXT(""), id), TEXT(""), id);
    assert_non_null(player);
    return player;
}

static void count_refusals(void *context, const struct engine_campaign_summary *summary)
{
    uint64_t *count = context;
    for (uint32_t i = 0; i < summary->refusals_count; i++) {
        const struct engine_figure *one = &summary->refusals[i];
        if (text_equal(one->name, TEXT("BUDGET")) && text_equal(one->detail, TEXT("player"))) *count += one->count;
    }
}

static void answer(struct kit *kit, const char *effect, const char *at, const char *status)
{
    char line[200];
    (void)snprintf(line, sizeof line,
                   "{\"kind\":\"reply\",\"id\":\"r-%s\",\"effect\":\"%s\",\"at\":\"%s\",\"status\":\"%s\"}", effect,
                   effect, at, status);
    kit_line(kit, line);
}

static void what_a_grant_leaves(void **state)
{
    (void)state;
    struct kit kit;
    open_asks(&kit, WORKSPACE PAYS("P", "  budget\n    total 110 EUR\n    per player 50 EUR\n  end\n"), 1);
    registers(&kit, "a", "2026-06-01T10:00:00Z");
    kit_settle(&kit);
    const struct player *player = player_of(&kit, "a");
    assert_int_equal(player->passages->spent, 2000);
    assert_int_equal(player->rewards, 1);
    assert_int_equal(player->handed_count, 1); /* On its way: what a ban asks back. */
    assert_true(player->handed[0].reward);
    assert_int_equal(player->handed[0].at, engine_now(kit.engine));
    registers(&kit, "a", "2026-06-01T11:00:00Z");
    registers(&kit, "a", "2026-06-01T12:00:00Z");
    kit_settle(&kit);
    assert_int_equal(player_of(&kit, "a")->passages->spent, 4000);
    assert_int_equal(player_of(&kit, "a")->rewards, 2);
    uint64_t refused = 0;
    assert_true(engine_summary(kit.engine, count_refusals, &refused));
    assert_int_equal(refused, 1);
    char id[33];
    kit_effect_id(&kit, "\"effect\":\"credit\"", 0, id);
    answer(&kit, id, "2026-06-01T13:00:00Z", "failed");
    kit_settle(&kit);
    assert_int_equal(player_of(&kit, "a")->passages->spent, 2000); /* Taken back: as if it had never been. */
    assert_int_equal(player_of(&kit, "a")->rewards, 1);
    close_asks(&kit);
}

/* A deadline of a campaign with grace asks for the money of the day it was due, whatever was asked for since: that day's book is kept. */
static void a_late_deadline_finds_its_day_in_the_books(void **state)
{
    (void)state;
    static const char source[] = WORKSPACE
        "budget \"pot\"\n  total 1,000 EUR\n  per day 30 EUR\n  when empty go on without rewards\nend\n"
        "campaign \"L\"\n  currency EUR\n  late events up to 5 days\n  budget\n    total 500 EUR\n    from \"pot\"\n  "
        "end\n"
        "  start on session\n"
        "  offer cash \"gift\"\n    amount 20 EUR\n    wagering none\n  end\n"
        "  step \"Wait\"\n    wait up to 1 hour\n      when deposit     finish as \"OUT\"\n"
        "      when time is up  go to \"Pay\"\n    end\n  end\n"
        "  step \"Pay\"\n    credit \"gift\", otherwise finish as \"NO\"\n    finish as \"LATE\"\n  end\nend\n" PAYS(
            "P", "  late events up to 1 hour\n  budget\n    total 500 EUR\n    from \"pot\"\n  end\n");
    /* An older program that somebody is still in, without grace: the longest counts. */
    static const char older[] = WORKSPACE "campaign \"O\"\n  currency EUR\n  start on registration\n"
                                          "  step \"S\"\n    wait 30 days\n    finish as \"DONE\"\n  end\nend\n";
    struct kit kit;
    open_asks(&kit, older, 2);
    registers(&kit, "o", "2026-05-31T10:00:00Z");
    kit_settle(&kit);
    kit_activate(&kit, source, engine_now(kit.engine));
    kit_event(&kit, "s", "session.started", "l", "2026-06-01T10:00:00Z", "");
    registers(&kit, "a", "2026-06-01T12:00:00Z");
    kit_settle(&kit);
    expect(0, NOTE_RESERVED, "a", REASON_NONE, "", 2000, 0);
    char id[33];
    kit_effect_id(&kit, "\"effect\":\"credit\"", 0, id);
    answer(&kit, id, "2026-06-01T12:10:00Z", "credited");
    registers(&kit, "b", "2026-06-05T10:00:00Z"); /* More than two days later: old books could go. */
    kit_settle(&kit);
    expect(1, NOTE_RESERVED, "b", REASON_NONE, "", 2000, 0);
    kit_tick(&kit, "2026-06-06T12:00:00Z");
    kit_settle(&kit);
    expect(2, NOTE_EFFECT_REFUSED, "l", REASON_BUDGET, "period", 2000, 1000);
    TIMES(notes, "\"as\":\"LATE\"", 0);
    close_asks(&kit);
}

/* Memory that runs out is told, and never half an answer: all allocations from the n-th on fail, for each n. */
static void memory_runs_out_at_an_answer(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        uint64_t nth = 1;
        for (enum status status = STATUS_NO_MEMORY; status != OK; nth++) {
            struct kit kit;
            struct error error = ERROR_NONE;
            open_asks(&kit,
                      WORKSPACE PAYS("P", "  budget\n    total 30 EUR\n  end\n")
                          PAYS("Q", "  budget\n    total 5 EUR\n  end\n"),
                      1);
            registers(&kit, "a", "2026-06-01T10:00:00Z");
            if (way == 1) registers(&kit, "b", "2026-06-01T10:00:00Z");
            memory_fail_from(nth);
            status = engine_settle(kit.engine, &error);
            memory_fail_from(0);
            if (status != OK) assert_int_equal(status, STATUS_NO_MEMORY);
            if (status == OK) {
                TIMES(notes, "\"note\":\"entered\"", way == 1 ? 4 : 2);
                assert_int_equal(heard_count, way == 1 ? 6 : 3);
            }
            close_asks(&kit);
        }
        assert_true(nth > 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_limit_is_told_with_what_was_left),
        cmocka_unit_test(suspended_by_the_one_before),
        cmocka_unit_test(when_a_budget_is_empty),
        cmocka_unit_test(the_newest_limits_count),
        cmocka_unit_test(what_is_left_is_granted),
        cmocka_unit_test(a_short_grant_in_another_currency),
        cmocka_unit_test(a_test_takes_nothing),
        cmocka_unit_test(places_are_taken_in_order),
        cmocka_unit_test(a_withdrawn_entry),
        cmocka_unit_test(a_withdrawn_credit),
        cmocka_unit_test(another_life_has_paid),
        cmocka_unit_test(what_a_grant_leaves),
        cmocka_unit_test(a_late_deadline_finds_its_day_in_the_books),
        cmocka_unit_test(memory_runs_out_at_an_answer),
    };
    return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
