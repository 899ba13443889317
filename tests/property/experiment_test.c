/*
 * What experiments count, against a recount: random players enter, come back, deposit, have deposits reversed, late or in time; a second program
 * with nothing but lists of what happened counts each arm again. The arm itself is the published hash (vm/split.h). Cut by restarts, on several
 * shards. SEED=n repeats one.
 */
#include "tests/kit/engine_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vm/split.h"

enum { PLAYERS = 40, STEPS = 600, RUNS = 12, ARMS = 3, WINDOW_HOURS = 48, LATE_HOURS = 100 };

#define HOUR  INT64_C(3600000)
#define BEGIN INT64_C(1780308000000) /* 2026-06-01T10:00:00Z */

static const uint32_t cumulative[ARMS] = {200000, 500000, 1000000};
static const char *const arm_names[ARMS] = {"holdout", "A", "B"};

static const char source[] = "campaign \"C\"\n  product casino\n  currency EUR\n  timezone \"UTC\"\n  start on "
                             "registration\n  enter every time\n"
                             "  goal \"large\" within 48 hours on deposit where amount is at least 50 EUR\n"
                             "  measure \"revenue\" within 48 hours of deposit.amount\n"
                             "  step \"One\"\n    split \"recount\"\n      20% \"holdout\"  go on\n      30% \"A\"  go "
                             "on\n      50% \"B\"  go on\n    end\n"
                             "    finish as \"DONE\"\n  end\nend\n";

static uint64_t seed;

static uint32_t below(uint32_t most)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % most;
}

/* Everything that was told. */
struct deposit {
    uint32_t player;
    int64_t at, amount;
    bool back;        /* Taken back … */
    int64_t back_now; /* … at this instant. */
};
static struct deposit deposits[STEPS];
static uint32_t deposit_count;
static int64_t first_entry[PLAYERS]; /* 0: none yet. */

struct tally {
    uint64_t size, reached;
    int128 sum;
    uint128 squares;
};

/* The recount of one arm. */
static struct tally recount(uint32_t arm)
{
    struct tally out = {0};
    for (uint32_t player = 0; player < PLAYERS; player++) {
        char id[16];
        int size = snprintf(id, sizeof id, "p%u", player);
        uint32_t millionth = split_millionth(text_make(id, (uint32_t)size), split_seed(TEXT("recount")));
        if (first_entry[player] == 0 || split_arm(cumulative, ARMS, millionth) != arm) continue;
        int64_t from = first_entry[player], until = from + WINDOW_HOURS * HOUR, sum = 0;
        uint32_t large = 0;
        for (uint32_t i = 0; i < deposit_count; i++) {
            const struct deposit *deposit = &deposits[i];
            if (deposit->player != player || deposit->at <= from || deposit->at >= until) continue;
            if (deposit->back && deposit->back_now < until) continue;
            sum += deposit->amount;
            large += deposit->amount >= 5000;
        }
        out.size++;
        out.reached += large > 0;
        out.sum += sum;
        out.squares += (uint128)((int128)sum * sum);
    }
    return out;
}

static void look(void *context, const struct engine_cell *cell)
{
    uint32_t *seen = context;
    if (cell->kind != ENGINE_CELL_ARM) return;
    uint32_t arm = 0;
    while (arm < ARMS && !text_equal(cell->arm, text_of(arm_names[arm]))) arm++;
    assert_true(arm < ARMS);
    struct tally want = recount(arm);
    assert_int_equal(cell->size, want.size);
    (*seen)++;
    if (want.size == 0) return;
    assert_int_equal(cell->outcome_count, 2);
    assert_int_equal(cell->outcome[0].reached, want.reached);
    assert_true(cell->outcome[1].sum == want.sum);
    assert_true(cell->outcome[1].squares == want.squares);
}

static void instant(char out[40], int64_t at)
{
    int64_t past = at - BEGIN + 10 * HOUR; /* Of 2026-06-01, and June is long enough. */
    (void)snprintf(out, 40, "2026-06-%02dT%02d:%02d:%02d.%03dZ", (int)(1 + past / (24 * HOUR)), (int)(past / HOUR % 24),
                   (int)(past / 60000 % 60), (int)(past / 1000 % 60), (int)(past % 1000));
}

static void tell(struct kit *kit, const char *line, int64_t now)
{
    char text[40];
    instant(text, now);
    kit_line_at(kit, line, text);
    kit_settle(kit);
}

static void step(struct kit *kit, uint32_t number, int64_t now)
{
    char line[400], at[40], when[40];
    uint32_t player = below(PLAYERS), what = below(10);
    instant(at, now);
    if (what < 2) {
        (void)snprintf(line, sizeof line,
                       "{\"id\":\"r%u\",\"event\":\"registered\",\"player\":\"p%u\",\"at\":\"%s\",\"data\":{}}", number,
                       player, at);
        tell(kit, line, now);
        if (first_entry[player] == 0) first_entry[player] = now;
        return;
    }
    if (what < 8 || deposit_count == 0) {
        int64_t late = below(4) == 0 ? (int64_t)below(LATE_HOURS) * HOUR : 0;
        struct deposit *deposit = &deposits[deposit_count];
        *deposit = (struct deposit){.player = player, .at = now - late, .amount = 100 * (int64_t)(1 + below(90))};
        if (deposit->at < BEGIN) deposit->at = BEGIN;
        instant(when, deposit->at);
        (void)snprintf(
            line, sizeof line,
            "{\"id\":\"d%u\",\"event\":\"deposit\",\"player\":\"p%u\",\"at\":\"%s\",\"data\":{\"amount\":\"%lld.00 "
            "EUR\",\"first\":false,\"method\":\"card\"}}",
            deposit_count, player, when, (long long)(deposit->amount / 100));
        deposit_count++;
        tell(kit, line, now);
        return;
    }
    uint32_t index = below(deposit_count);
    struct deposit *deposit = &deposits[index];
    instant(when, deposit->at);
    (void)snprintf(
        line, sizeof line,
        "{\"id\":\"x%u\",\"event\":\"deposit.reversed\",\"player\":\"p%u\",\"at\":\"%s\",\"data\":{\"deposit_id\":"
        "\"d%u\",\"deposited_at\":\"%s\",\"amount\":\"%lld.00 EUR\",\"first\":false,\"method\":\"card\"}}",
        number, deposit->player, at, index, when, (long long)(deposit->amount / 100));
    tell(kit, line, now);
    if (deposit->back) return; /* Once. */
    deposit->back = true;
    deposit->back_now = now;
}

static void run(uint64_t number)
{
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    seed = number * UINT64_C(0x9E3779B97F4A7C15) + 1;
    deposit_count = 0;
    memset(first_entry, 0, sizeof first_entry);
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, source, 1 + (uint32_t)(number % 7));
    int64_t now = BEGIN;
    for (uint32_t i = 0; i < STEPS; i++) {
        now += below(3) == 0 ? below(20) : (int64_t)below(2 * 3600 * 1000);
        step(&kit, i, now);
        if (below(60) == 0) kit_restart(&kit, &store, 1 + below(5));
        if (i % 50 != 49) continue;
        uint32_t seen = 0;
        engine_experiments(kit.engine, look, &seen);
        assert_int_equal(seen, ARMS);
    }
    kit_close(&kit);
    store_close(&store);
}

static void arms_are_counted_as_by_hand(void **state)
{
    (void)state;
    const char *given = getenv("SEED");
    if (given != NULL) {
        run(strtoull(given, NULL, 10));
        return;
    }
    for (uint64_t number = 1; number <= RUNS; number++) {
        (void)fprintf(stderr, "SEED=%llu\n", (unsigned long long)number);
        run(number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arms_are_counted_as_by_hand),
    };
    return cmocka_run_group_tests_name("experiments, recounted", tests, NULL, NULL);
}
