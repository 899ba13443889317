/* Unit tests of the books: each kind of limit, periods and their ends, settlement once, suspensions, checkpoints,
 * and a long random run against sums kept beside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/clock/clock_kit.h"
#include "runtime/engine/books.h"
#include "runtime/engine/books_state.h"
#include "vm/civil.h"
#include "vm/crypto.h"
#include "vm/memory.h"
#include "vm/zone.h"

/* ------------------------------------------------------------------------------------------------- a small program */

/* Two campaigns: "Big" with limits of every kind and a share in the pool "Pot"; "Free" with no budget at all. */
enum { BIG, FREE, CAMPAIGNS };
enum { BUDGET_BIG, BUDGET_POT, BUDGETS };
enum { OFFER_BONUS, OFFER_SPINS, OFFERS };
enum {
    LIMIT_BIG_TOTAL,
    LIMIT_BIG_DAY,
    LIMIT_BIG_PLAYER,
    LIMIT_BIG_PLAYER_WEEK,
    LIMIT_BIG_SPINS,
    LIMIT_POT_TOTAL,
    LIMIT_POT_MONTH,
    LIMITS
};

static const char *const words[] = {"Big", "Free", "Pot", "bonus", "spins", "EUR"};
static struct bundle_string strings[6];
static char bytes[64];
static struct bundle_campaign campaigns[CAMPAIGNS];
static struct bundle_budget budgets[BUDGETS];
static struct bundle_offer offers[OFFERS];
static struct bundle_limit limits[LIMITS];
static struct program program;

static void make_program(void)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < 6; i++) {
        uint32_t size = (uint32_t)strlen(words[i]);
        strings[i] = (struct bundle_string){.offset = at, .size = size};
        memcpy(bytes + at, words[i], size);
        at += size;
    }
    memset(campaigns, 0, sizeof campaigns);
    campaigns[BIG] = (struct bundle_campaign){.name = 0, .budget = BUDGET_BIG, .pool = BUDGET_POT};
    campaigns[FREE] = (struct bundle_campaign){.name = 1, .budget = PROGRAM_NONE, .pool = PROGRAM_NONE};
    budgets[BUDGET_BIG] = (struct bundle_budget){.name = 0, .campaign = BIG, .limit_first = 0, .limit_count = 5};
    budgets[BUDGET_POT] =
        (struct bundle_budget){.name = 2, .campaign = PROGRAM_NONE, .limit_first = 5, .limit_count = 2};
    offers[OFFER_BONUS] = (struct bundle_offer){.name = 3};
    offers[OFFER_SPINS] = (struct bundle_offer){.name = 4};
    limits[LIMIT_BIG_TOTAL] = (struct bundle_limit){.amount = 10000, .scope = SCOPE_TOTAL, .offer = PROGRAM_NONE};
    limits[LIMIT_BIG_DAY] =
        (struct bundle_limit){.amount = 2000, .scope = SCOPE_TOTAL, .period = LIMIT_DAY, .offer = PROGRAM_NONE};
    limits[LIMIT_BIG_PLAYER] = (struct bundle_limit){.amount = 1500, .scope = SCOPE_PLAYER, .offer = PROGRAM_NONE};
    limits[LIMIT_BIG_PLAYER_WEEK] =
        (struct bundle_limit){.amount = 1000, .scope = SCOPE_PLAYER, .period = LIMIT_WEEK, .offer = PROGRAM_NONE};
    limits[LIMIT_BIG_SPINS] = (struct bundle_limit){.amount = 500, .scope = SCOPE_OFFER, .offer = OFFER_SPINS};
    limits[LIMIT_POT_TOTAL] = (struct bundle_limit){.amount = 9000, .scope = SCOPE_TOTAL, .offer = PROGRAM_NONE};
    limits[LIMIT_POT_MONTH] =
        (struct bundle_limit){.amount = 5000, .scope = SCOPE_TOTAL, .period = LIMIT_MONTH, .offer = PROGRAM_NONE};
    program = (struct program){.bytes = (const uint8_t *)bytes,
                               .bytes_count = at,
                               .string = strings,
                               .string_count = 6,
                               .campaign = campaigns,
                               .campaign_count = CAMPAIGNS,
                               .budget = budgets,
                               .budget_count = BUDGETS,
                               .offer = offers,
                               .offer_count = OFFERS,
                               .limit = limits,
                               .limit_count = LIMITS};
}

/* ------------------------------------------------------------------------------------------------- helpers */

static unsigned zone_malta, zone_home;
static struct books_refusal refused;

static void effect_of(uint8_t out[16], uint32_t number)
{
    struct crypto_digest digest = crypto_digest256(&number, sizeof number);
    memcpy(out, digest.bytes, 16);
}

static bool returnable; /* Of what is asked next. */

static enum books_answer ask(struct books *books, uint32_t campaign, const char *offer, const char *player, int64_t now,
                             int64_t cost, uint32_t effect)
{
    struct books_request request = {.program = &program,
                                    .campaign = campaign,
                                    .offer = text_of(offer),
                                    .brand = TEXT("spinhouse"),
                                    .player = text_of(player),
                                    .group = (uint16_t)(text_hash(text_of(player)) % 4096),
                                    .now = now,
                                    .earliest = now - 60 * CIVIL_HOUR_MS,
                                    .campaign_zone = zone_malta,
                                    .home_zone = zone_home,
                                    .cost = cost,
                                    .journey = effect + 1,
                                    .returnable = returnable};
    effect_of(request.effect, effect);
    memset(&refused, 0, sizeof refused);
    return books_reserve(books, &request, &refused);
}

static enum books_answer ask_for_run(struct books *books, int64_t run, int64_t now, int64_t cost, uint32_t effect)
{
    struct books_request request = {.program = &program,
                                    .campaign = BIG,
                                    .offer = TEXT("bonus"),
                                    .brand = TEXT("spinhouse"),
                                    .player = TEXT("p"),
                                    .now = now,
                                    .run = run,
                                    .runs_from = now - 30 * CIVIL_DAY_MS,
                                    .earliest = now - 60 * CIVIL_HOUR_MS,
                                    .campaign_zone = zone_malta,
                                    .home_zone = zone_home,
                                    .cost = cost,
                                    .journey = effect + 1};
    effect_of(request.effect, effect);
    memset(&refused, 0, sizeof refused);
    return books_reserve(books, &request, &refused);
}

static enum books_outcome commit(struct books *books, uint32_t effect)
{
    uint8_t id[16];
    effect_of(id, effect);
    return books_commit(books, id, NULL);
}

static enum books_outcome release(struct books *books, uint32_t effect)
{
    uint8_t id[16];
    effect_of(id, effect);
    return books_release(books, id, NULL);
}

static struct books *open_books(void)
{
    struct books *books = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(books_open(&books, &error), OK);
    return books;
}

/* All blobs in one buffer, each with its size before it; the parts in `sizes`. */
static void encode_all(const struct books *books, struct buffer *out)
{
    struct error error = ERROR_NONE;
    buffer_init(out, 0);
    struct buffer part;
    buffer_init(&part, 0);
    for (uint32_t group = 0; group <= 4096; group++) {
        buffer_clear(&part);
        if (group < 4096) {
            assert_int_equal(books_encode_group(books, (uint16_t)group, &part, &error), OK);
        } else {
            assert_int_equal(books_encode_shared(books, &part, &error), OK);
        }
        if (part.size == 0) continue;
        buffer_u32(out, group);
        buffer_sized_text(out, buffer_as_text(&part));
    }
    buffer_deinit(&part);
}

static struct books *decode_all(const struct buffer *blobs, bool shared_first)
{
    struct books *books = open_books();
    struct error error = ERROR_NONE;
    for (int pass = 0; pass < 2; pass++) {
        struct buffer_reader reader = buffer_read(blobs->bytes, blobs->size);
        while (reader.at < reader.size) {
            uint32_t group = buffer_read_u32(&reader);
            struct text text = buffer_read_sized_text(&reader);
            bool shared = group == 4096;
            if (shared != (shared_first == (pass == 0))) continue;
            if (shared) {
                assert_int_equal(books_decode_shared(books, text, &error), OK);
            } else {
                assert_int_equal(books_decode_group(books, (uint16_t)group, text, &error), OK);
            }
        }
    }
    assert_int_equal(books_check(books, &error), OK);
    return books;
}

static void assert_same_state(const struct books *left, const struct books *right)
{
    struct buffer a, b;
    encode_all(left, &a);
    encode_all(right, &b);
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.bytes, b.bytes, a.size);
    buffer_deinit(&a);
    buffer_deinit(&b);
}

#define NOON     clock_instant("2026-06-10T12:00:00Z")
#define HOURS(n) ((n)*CIVIL_HOUR_MS)

/* ------------------------------------------------------------------------------------------------- limits */

/* promise B3 */
static void test_reward_fits_whole_or_not_at_all(void **state)
{
    (void)state;
    struct books *books = open_books();
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 900, 1), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 101, 2), BOOKS_REFUSED);
    assert_string_equal(refused.detail, "player");
    assert_int_equal(refused.limit, LIMIT_BIG_PLAYER_WEEK);
    assert_false(refused.empty);
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 100, 3), BOOKS_GRANTED);
    struct books_total total = books_campaign_total(books, &program, BIG);
    assert_int_equal(total.cap, 10000);
    assert_int_equal(total.reserved, 1000);
    assert_int_equal(total.spent, 0);
    books_close(books);
}

static void test_an_effect_is_reserved_once(void **state)
{
    (void)state;
    struct books *books = open_books();
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 100, 1), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 100, 1), BOOKS_REPEATED);
    assert_int_equal(commit(books, 1), BOOKS_DONE);
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 100, 1), BOOKS_REPEATED);
    assert_int_equal(books_campaign_total(books, &program, BIG).spent, 100);
    books_close(books);
}

static void test_refusals_name_the_nearest_limit(void **state)
{
    (void)state;
    struct books *books = open_books();
    /* The offer's own limit, then the day's; neither empties the campaign. */
    assert_int_equal(ask(books, BIG, "spins", "p1", NOON, 501, 1), BOOKS_REFUSED);
    assert_string_equal(refused.detail, "offer");
    assert_int_equal(refused.budget, BUDGET_BIG);
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 1000, 2), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p2", NOON, 1000, 3), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p3", NOON, 1, 4), BOOKS_REFUSED);
    assert_string_equal(refused.detail, "period");
    assert_false(refused.empty);
    /* A player at the own limit is refused by that, though the day is full as well. */
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 1, 5), BOOKS_REFUSED);
    assert_string_equal(refused.detail, "player");
    books_close(books);
}

static void test_total_and_pool_empty_the_campaign(void **state)
{
    (void)state;
    struct books *books = open_books();
    struct error error = ERROR_NONE;
    assert_int_equal(books_given_left(books, &program, TEXT("Big"), 2000, &error), OK);
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 1000, 1), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p2", NOON + HOURS(24), 1000, 2), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p3", NOON + HOURS(48), 1, 3), BOOKS_REFUSED);
    assert_string_equal(refused.detail, "total");
    assert_true(refused.empty);
    assert_int_equal(refused.budget, BUDGET_BIG);
    assert_int_equal(refused.limit, LIMIT_BIG_TOTAL);
    assert_int_equal(books_given_left(books, &program, TEXT("Big"), 5000, &error), OK);
    assert_int_equal(books_given_left(books, &program, TEXT("Pot"), 10, &error), OK);
    assert_int_equal(ask(books, BIG, "bonus", "p3", NOON + HOURS(48), 11, 4), BOOKS_REFUSED);
    assert_string_equal(refused.detail, "pool");
    assert_true(refused.empty);
    assert_int_equal(refused.budget, BUDGET_POT);
    assert_int_equal(ask(books, BIG, "bonus", "p3", NOON + HOURS(48), 10, 5), BOOKS_GRANTED);
    assert_int_equal(books_given_left(books, &program, TEXT("Nowhere"), 1, &error), STATUS_NOT_FOUND);
    assert_non_null(strstr(error.message, "`Nowhere`"));
    books_close(books);
}

static void test_days_are_those_of_the_zone(void **state)
{
    (void)state;
    struct books *books = open_books();
    /* Malta is UTC+2 in June: its midnight is 22:00 UTC. */
    assert_int_equal(ask(books, BIG, "bonus", "p1", clock_instant("2026-06-10T21:59:59.999Z"), 1000, 1), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p2", clock_instant("2026-06-10T21:59:59.999Z"), 1000, 2), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p3", clock_instant("2026-06-10T21:59:59.999Z"), 1, 3), BOOKS_REFUSED);
    assert_int_equal(ask(books, BIG, "bonus", "p3", clock_instant("2026-06-10T22:00:00Z"), 1000, 4), BOOKS_GRANTED);
    books_close(books);
}

static void test_weeks_begin_on_monday_and_months_on_the_first(void **state)
{
    (void)state;
    struct books *books = open_books();
    /* Sunday 14 June 2026, then Monday: the week of the player is new, the 1,500 for ever are not. */
    assert_int_equal(ask(books, BIG, "bonus", "p1", clock_instant("2026-06-14T12:00:00Z"), 1000, 1), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p1", clock_instant("2026-06-15T12:00:00Z"), 501, 2), BOOKS_REFUSED);
    assert_int_equal(refused.limit, LIMIT_BIG_PLAYER);
    assert_int_equal(ask(books, BIG, "bonus", "p1", clock_instant("2026-06-15T12:00:00Z"), 500, 3), BOOKS_GRANTED);
    /* The pool's month: 5,000 in June in the home zone. */
    static const char *const days[] = {"2026-06-16T12:00:00Z", "2026-06-17T12:00:00Z", "2026-06-18T12:00:00Z",
                                       "2026-06-19T12:00:00Z"};
    static const char *const players[] = {"a", "b", "c", "d"};
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(ask(books, BIG, "bonus", players[i], clock_instant(days[i]), 1000, 10 + i), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", players[3], clock_instant(days[3]), 501, 14), BOOKS_REFUSED);
    assert_string_equal(refused.detail, "period");
    assert_int_equal(refused.limit, LIMIT_POT_MONTH);
    assert_int_equal(ask(books, BIG, "bonus", players[3], clock_instant("2026-07-01T00:00:00Z"), 501, 15),
                     BOOKS_GRANTED);
    books_close(books);
}

/* A deadline with grace asks at the instant at which it was due, after the next day has begun: no day begins anew. */
static void test_a_late_request_finds_its_day(void **state)
{
    (void)state;
    struct books *books = open_books();
    int64_t next = NOON + HOURS(24);
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 1000, 1), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p2", NOON, 1000, 2), BOOKS_GRANTED);
    assert_int_equal(commit(books, 1), BOOKS_DONE);
    assert_int_equal(commit(books, 2), BOOKS_DONE);
    assert_int_equal(ask(books, BIG, "bonus", "p3", next, 1000, 3), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p4", next, 900, 4), BOOKS_GRANTED);
    assert_int_equal(commit(books, 3), BOOKS_DONE);
    assert_int_equal(commit(books, 4), BOOKS_DONE);
    assert_int_equal(ask(books, BIG, "bonus", "p5", NOON, 1, 5), BOOKS_REFUSED);
    assert_string_equal(refused.detail, "period");
    assert_int_equal(ask(books, BIG, "bonus", "p5", next, 101, 6), BOOKS_REFUSED);
    assert_int_equal(ask(books, BIG, "bonus", "p5", next, 100, 7), BOOKS_GRANTED);
    books_close(books);
}

static void test_release_goes_to_the_period_it_was_made_in(void **state)
{
    (void)state;
    struct books *books = open_books();
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 1000, 1), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p2", NOON, 1000, 2), BOOKS_GRANTED);
    int64_t next = NOON + HOURS(24);
    assert_int_equal(ask(books, BIG, "bonus", "p3", next, 1000, 3), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p4", next, 1000, 4), BOOKS_GRANTED);
    /* What comes back from yesterday does not make room today … */
    assert_int_equal(release(books, 1), BOOKS_DONE);
    assert_int_equal(ask(books, BIG, "bonus", "p5", next, 1, 5), BOOKS_REFUSED);
    assert_string_equal(refused.detail, "period");
    /* … what comes back from today does. */
    assert_int_equal(release(books, 4), BOOKS_DONE);
    assert_int_equal(ask(books, BIG, "bonus", "p5", next, 1000, 6), BOOKS_GRANTED);
    struct books_total total = books_campaign_total(books, &program, BIG);
    assert_int_equal(total.reserved, 3000);
    books_close(books);
}

/* promises B4, X4 */
static void test_settled_once_whatever_comes_later(void **state)
{
    (void)state;
    struct books *books = open_books();
    uint8_t id[16];
    effect_of(id, 1);
    struct books_settled settled;
    assert_int_equal(commit(books, 1), BOOKS_UNKNOWN);
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 700, 1), BOOKS_GRANTED);
    assert_int_equal(books_find(books, id, &settled), BOOKS_DONE);
    assert_int_equal(settled.amount, 700);
    assert_int_equal(settled.journey, 2);
    assert_true(text_equal(settled.campaign, TEXT("Big")) && text_equal(settled.offer, TEXT("bonus")));
    assert_true(text_equal(settled.player, TEXT("p1")) && text_equal(settled.brand, TEXT("spinhouse")));
    assert_int_equal(books_commit(books, id, &settled), BOOKS_DONE);
    assert_int_equal(commit(books, 1), BOOKS_ALREADY);
    assert_int_equal(release(books, 1), BOOKS_ALREADY);
    struct books_total total = books_campaign_total(books, &program, BIG);
    assert_int_equal(total.spent, 700);
    assert_int_equal(total.reserved, 0);
    assert_int_equal(books_find(books, id, NULL), BOOKS_ALREADY);
    books_trim(books, NOON);
    assert_int_equal(books_find(books, id, NULL), BOOKS_ALREADY);
    books_trim(books, NOON + 1);
    assert_int_equal(books_find(books, id, NULL), BOOKS_UNKNOWN);
    assert_int_equal(books_campaign_total(books, &program, BIG).spent, 700);
    books_close(books);
}

/* What was spent comes back once, into the day it was spent on, however long ago that is; and nothing comes back after the close. */
static void test_what_is_returnable_comes_back_once(void **state)
{
    (void)state;
    struct books *books = open_books();
    struct error error = ERROR_NONE;
    uint8_t one[16], two[16], three[16];
    effect_of(one, 1), effect_of(two, 2), effect_of(three, 3);
    returnable = true;
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 600, 1), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 100, 2), BOOKS_GRANTED);
    returnable = false;
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 50, 3), BOOKS_GRANTED);
    assert_int_equal(commit(books, 1), BOOKS_DONE);
    assert_int_equal(commit(books, 3), BOOKS_DONE);
    assert_int_equal(books_check(books, &error), OK);
    /* Three days later the day's book is closed to requests, but not to what comes back. */
    assert_int_equal(ask(books, BIG, "bonus", "p2", NOON + 3 * CIVIL_DAY_MS, 10, 4), BOOKS_GRANTED);
    struct books_settled settled;
    assert_int_equal(books_return(books, three, NULL), BOOKS_ALREADY);
    assert_int_equal(books_return(books, two, &settled), BOOKS_DONE);
    assert_int_equal(settled.amount, 100);
    assert_int_equal(books_return(books, one, &settled), BOOKS_DONE);
    assert_int_equal(settled.amount, 600);
    assert_int_equal(books_return(books, one, NULL), BOOKS_ALREADY);
    assert_int_equal(commit(books, 2), BOOKS_ALREADY);
    assert_int_equal(books_campaign_total(books, &program, BIG).spent, 50);
    assert_int_equal(books_campaign_total(books, &program, BIG).reserved, 10);
    assert_int_equal(books_check(books, &error), OK);
    returnable = true;
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON + 3 * CIVIL_DAY_MS, 5, 5), BOOKS_GRANTED);
    returnable = false;
    assert_int_equal(commit(books, 5), BOOKS_DONE);
    uint8_t five[16];
    effect_of(five, 5);
    books_close_return(books, five);
    assert_int_equal(books_return(books, five, NULL), BOOKS_ALREADY);
    assert_int_equal(books_campaign_total(books, &program, BIG).spent, 55);
    assert_int_equal(books_check(books, &error), OK);
    books_close(books);
}

static void test_a_limit_lowered_or_added_later_counts_what_was_used(void **state)
{
    (void)state;
    struct books *books = open_books();
    struct error error = ERROR_NONE;
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 1000, 1), BOOKS_GRANTED);
    assert_int_equal(ask(books, FREE, "bonus", "p1", NOON, 5000, 2), BOOKS_GRANTED);
    make_program();
    limits[LIMIT_BIG_TOTAL].amount = 600;
    program.full_hash[0] = 1; /* Another program. */
    assert_int_equal(ask(books, BIG, "bonus", "p2", NOON, 1, 3), BOOKS_REFUSED);
    assert_string_equal(refused.detail, "total");
    assert_int_equal(books_check(books, &error), OK);
    assert_int_equal(release(books, 1), BOOKS_DONE);
    assert_int_equal(ask(books, BIG, "bonus", "p2", NOON, 600, 4), BOOKS_GRANTED);
    /* "Free" gets a limit per player: what p1 had before counts. */
    campaigns[FREE].budget = BUDGET_POT;
    budgets[BUDGET_POT] =
        (struct bundle_budget){.name = 1, .campaign = FREE, .limit_first = LIMIT_BIG_PLAYER, .limit_count = 1};
    campaigns[BIG].pool = PROGRAM_NONE;
    program.full_hash[0] = 2;
    assert_int_equal(ask(books, FREE, "bonus", "p1", NOON, 1, 5), BOOKS_REFUSED);
    assert_string_equal(refused.detail, "player");
    assert_int_equal(ask(books, FREE, "bonus", "p2", NOON, 1500, 6), BOOKS_GRANTED);
    assert_int_equal(books_largest_player(books, TEXT("Free")), 5000);
    make_program();
    books_close(books);
}

/* A run every day for a year: only the books of the last 30 days stay, and an older run has nothing left to give. */
static void test_runs_of_long_ago_are_over(void **state)
{
    (void)state;
    struct books *books = open_books();
    limits[LIMIT_BIG_TOTAL].amount = limits[LIMIT_POT_TOTAL].amount = INT64_MAX;
    limits[LIMIT_POT_MONTH].amount = limits[LIMIT_BIG_PLAYER].amount = INT64_MAX;
    limits[LIMIT_BIG_DAY].period = limits[LIMIT_BIG_PLAYER_WEEK].period = LIMIT_RUN;
    size_t after_a_month = 0;
    for (uint32_t day = 0; day < 365; day++) {
        int64_t run = NOON + day * CIVIL_DAY_MS;
        assert_int_equal(ask_for_run(books, run, run, 900, day), BOOKS_GRANTED);
        assert_int_equal(ask_for_run(books, run, run, 900, 1000 + day), BOOKS_REFUSED);
        assert_int_equal(commit(books, day), BOOKS_DONE);
        books_trim(books, run);
        struct buffer all;
        encode_all(books, &all);
        if (day == 40) after_a_month = all.size;
        if (day > 40) assert_true(all.size <= after_a_month + 200);
        buffer_deinit(&all);
    }
    int64_t last = NOON + 364 * CIVIL_DAY_MS;
    assert_int_equal(ask_for_run(books, last - 29 * CIVIL_DAY_MS, last, 100, 2000), BOOKS_GRANTED);
    assert_int_equal(ask_for_run(books, last - 31 * CIVIL_DAY_MS, last, 100, 2001), BOOKS_REFUSED);
    assert_int_equal(ask_for_run(books, last - 31 * CIVIL_DAY_MS, last, 0, 2002), BOOKS_GRANTED);
    books_close(books);
    make_program();
}

static void test_two_lines_about_the_same_are_one_book(void **state)
{
    (void)state;
    struct books *books = open_books();
    limits[LIMIT_BIG_DAY] = (struct bundle_limit){.amount = 300, .scope = SCOPE_TOTAL, .offer = PROGRAM_NONE};
    program.full_hash[0] = 3;
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 200, 1), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p2", NOON, 101, 2), BOOKS_REFUSED);
    assert_int_equal(refused.limit, LIMIT_BIG_DAY);
    assert_int_equal(ask(books, BIG, "bonus", "p2", NOON, 100, 3), BOOKS_GRANTED);
    assert_int_equal(books_campaign_total(books, &program, BIG).reserved, 300);
    make_program();
    books_close(books);
}

static void test_a_cost_of_nothing_always_fits(void **state)
{
    (void)state;
    struct books *books = open_books();
    struct error error = ERROR_NONE;
    assert_int_equal(books_given_left(books, &program, TEXT("Big"), 0, &error), OK);
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 0, 1), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON + HOURS(24), 0, 2), BOOKS_GRANTED);
    assert_int_equal(release(books, 1), BOOKS_DONE);
    assert_int_equal(commit(books, 2), BOOKS_DONE);
    assert_int_equal(books_check(books, &error), OK);
    books_close(books);
}

/* Two limits are one book only where owner, scope, period and both names agree: names of one letter, and letters that change sides, too. */
static void test_each_pair_of_names_is_a_book_of_its_own(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"", ""},    {"a", ""},   {"b", ""},   {"", "a"},  {"", "b"},
                                           {"a", "a"},  {"a", "b"},  {"b", "a"},  {"b", "b"}, {"ab", "c"},
                                           {"a", "bc"}, {"abc", ""}, {"", "abc"}, {"ab", "d"}};
    enum { NAMES = sizeof names / sizeof names[0] };
    struct crypto_id ids[NAMES];
    for (uint32_t i = 0; i < NAMES; i++) {
        ids[i] = books_id(BOOKS_OWNER_CAMPAIGN, text_of(names[i][0]), SCOPE_OFFER, LIMIT_DAY, text_of(names[i][1]));
        for (uint32_t n = 0; n < i; n++) assert_memory_not_equal(&ids[i], &ids[n], sizeof ids[i]);
    }
    struct crypto_id same = books_id(BOOKS_OWNER_CAMPAIGN, TEXT("ab"), SCOPE_OFFER, LIMIT_DAY, TEXT("c"));
    struct crypto_id owner = books_id(BOOKS_OWNER_POOL, TEXT("ab"), SCOPE_OFFER, LIMIT_DAY, TEXT("c"));
    struct crypto_id scope = books_id(BOOKS_OWNER_CAMPAIGN, TEXT("ab"), SCOPE_TOTAL, LIMIT_DAY, TEXT("c"));
    struct crypto_id period = books_id(BOOKS_OWNER_CAMPAIGN, TEXT("ab"), SCOPE_OFFER, LIMIT_WEEK, TEXT("c"));
    assert_memory_equal(&same, &ids[9], sizeof same);
    assert_memory_not_equal(&owner, &same, sizeof same);
    assert_memory_not_equal(&scope, &same, sizeof same);
    assert_memory_not_equal(&period, &same, sizeof same);
}

/* Nothing left means nothing, not what the line of the campaign says; one left is one. */
static void test_what_is_given_is_all_there_is(void **state)
{
    (void)state;
    struct books *books = open_books();
    struct error error = ERROR_NONE;
    assert_int_equal(books_given_left(books, &program, TEXT("Big"), 0, &error), OK);
    assert_int_equal(books_campaign_total(books, &program, BIG).cap, 0);
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 1, 1), BOOKS_REFUSED);
    assert_int_equal(refused.limit, LIMIT_BIG_TOTAL);
    assert_int_equal(books_given_left(books, &program, TEXT("Big"), 1, &error), OK);
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 2, 2), BOOKS_REFUSED);
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 1, 3), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 1, 4), BOOKS_REFUSED);
    assert_int_equal(books_given_left(books, &program, TEXT("Nobody"), 1, &error), STATUS_NOT_FOUND);
    assert_int_equal(books_check(books, &error), OK);
    books_close(books);
}

/* What can be given back is closed once; of nobody and of what never came back nothing changes. */
static void test_a_return_is_closed_once(void **state)
{
    (void)state;
    struct books *books = open_books();
    struct error error = ERROR_NONE;
    uint8_t id[16];
    effect_of(id, 99);
    books_close_return(books, id); /* nothing is there at all */
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 100, 1), BOOKS_GRANTED);
    effect_of(id, 1);
    books_close_return(books, id);
    assert_int_equal(books_campaign_total(books, &program, BIG).reserved, 100);
    assert_int_equal(commit(books, 1), BOOKS_DONE);
    effect_of(id, 2);
    books_close_return(books, id);
    assert_int_equal(books_campaign_total(books, &program, BIG).spent, 100);
    assert_int_equal(books_campaign_total(books, &program, BIG).reserved, 0);
    assert_int_equal(books_check(books, &error), OK);
    books_close(books);
}

/* ------------------------------------------------------------------------------------------------- suspensions, entrants, erasure */

static void test_suspension_is_told_once(void **state)
{
    (void)state;
    struct books *books = open_books();
    uint16_t reason = 0;
    int64_t since = 0;
    assert_false(books_is_suspended(books, TEXT("Big")));
    assert_int_equal(books_suspend(books, TEXT("Big"), REASON_BUDGET, NOON), BOOKS_CHANGED);
    assert_int_equal(books_suspend(books, TEXT("Big"), REASON_BUDGET, NOON + 1), BOOKS_UNCHANGED);
    assert_true(books_suspension(books, TEXT("Big"), &reason, &since));
    assert_int_equal(reason, REASON_BUDGET);
    assert_int_equal(since, NOON);
    assert_false(books_is_suspended(books, TEXT("Free")));
    assert_int_equal(books_resume(books, TEXT("Big")), BOOKS_CHANGED);
    assert_int_equal(books_resume(books, TEXT("Big")), BOOKS_UNCHANGED);
    assert_int_equal(books_resume(books, TEXT("Free")), BOOKS_UNCHANGED);
    assert_int_equal(books_suspend(books, TEXT("Big"), REASON_BUDGET, NOON + 2), BOOKS_CHANGED);
    books_close(books);
}

static void test_entrants_stop_at_the_limit(void **state)
{
    (void)state;
    struct books *books = open_books();
    for (uint32_t i = 0; i < 3; i++) assert_int_equal(books_enter(books, TEXT("Big"), 3), BOOKS_CHANGED);
    assert_int_equal(books_enter(books, TEXT("Big"), 3), BOOKS_UNCHANGED);
    assert_int_equal(books_enter(books, TEXT("Big"), PROGRAM_NONE), BOOKS_CHANGED);
    assert_int_equal(books_entrants(books, TEXT("Big")), 4);
    assert_int_equal(books_entrants(books, TEXT("Free")), 0);
    books_close(books);
}

static void test_erasure_keeps_the_sums_and_forgets_the_name(void **state)
{
    (void)state;
    struct books *books = open_books();
    struct error error = ERROR_NONE;
    assert_int_equal(ask(books, BIG, "bonus", "secret-name", NOON, 1000, 1), BOOKS_GRANTED);
    assert_int_equal(ask(books, BIG, "bonus", "other", NOON, 500, 2), BOOKS_GRANTED);
    uint16_t group = (uint16_t)(text_hash(TEXT("secret-name")) % 4096);
    assert_int_equal(books_erase_player(books, group, TEXT("spinhouse"), TEXT("secret-name"), &error), OK);
    assert_int_equal(books_erase_player(books, group, TEXT("spinhouse"), TEXT("secret-name"), &error), OK);
    assert_int_equal(books_check(books, &error), OK);
    struct buffer blobs;
    encode_all(books, &blobs);
    assert_null(memmem(blobs.bytes, blobs.size, "secret-name", 11));
    buffer_deinit(&blobs);
    assert_int_equal(books_campaign_total(books, &program, BIG).reserved, 1500);
    assert_int_equal(release(books, 1), BOOKS_DONE);
    assert_int_equal(books_campaign_total(books, &program, BIG).reserved, 500);
    assert_int_equal(books_check(books, &error), OK);
    books_close(books);
}

/* ------------------------------------------------------------------------------------------------- checkpoints */

static void test_damaged_blobs_are_refused(void **state)
{
    (void)state;
    struct books *books = open_books();
    struct error error = ERROR_NONE;
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 100, 1), BOOKS_GRANTED);
    assert_int_equal(books_suspend(books, TEXT("Big"), REASON_BUDGET, NOON), BOOKS_CHANGED);
    uint16_t group = (uint16_t)(text_hash(TEXT("p1")) % 4096);
    struct buffer shared, own;
    buffer_init(&shared, 0);
    buffer_init(&own, 0);
    assert_int_equal(books_encode_shared(books, &shared, &error), OK);
    assert_int_equal(books_encode_group(books, group, &own, &error), OK);
    /* Cut short anywhere: refused. A bit turned over: refused, or read as other contents, never a crash. */
    for (size_t size = 0; size < shared.size; size++) {
        struct books *fresh = open_books();
        assert_int_equal(books_decode_shared(fresh, text_make((const char *)shared.bytes, size), &error),
                         STATUS_CORRUPT);
        books_close(fresh);
    }
    for (size_t size = 1; size < own.size; size++) {
        struct books *fresh = open_books();
        assert_int_equal(books_decode_group(fresh, group, text_make((const char *)own.bytes, size), &error),
                         STATUS_CORRUPT);
        books_close(fresh);
    }
    for (size_t bit = 0; bit < own.size * 8; bit++) {
        struct books *fresh = open_books();
        own.bytes[bit / 8] ^= (unsigned char)(1u << (bit % 8));
        if (books_decode_group(fresh, group, buffer_as_text(&own), &error) == OK) {
            enum status status = books_check(fresh, &error);
            assert_true(status == OK || status == STATUS_CORRUPT);
        }
        own.bytes[bit / 8] ^= (unsigned char)(1u << (bit % 8));
        books_close(fresh);
    }
    /* Reservations without their shared books do not add up. */
    struct books *half = open_books();
    assert_int_equal(books_decode_group(half, group, buffer_as_text(&own), &error), OK);
    assert_int_equal(books_check(half, &error), STATUS_CORRUPT);
    books_close(half);
    buffer_deinit(&shared);
    buffer_deinit(&own);
    books_close(books);
}

static void test_changed_marks(void **state)
{
    (void)state;
    struct books *books = open_books();
    uint16_t group = (uint16_t)(text_hash(TEXT("p1")) % 4096);
    assert_false(books_group_changed(books, group));
    assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 100, 1), BOOKS_GRANTED);
    assert_true(books_group_changed(books, group));
    books_clear_changed(books);
    assert_false(books_group_changed(books, group));
    assert_int_equal(commit(books, 1), BOOKS_DONE);
    assert_true(books_group_changed(books, group));
    books_close(books);
}

static void test_every_failing_allocation_leaves_the_books_right(void **state)
{
    (void)state;
    for (uint64_t nth = 1;; nth++) {
        struct books *books = open_books();
        struct error error = ERROR_NONE;
        assert_int_equal(ask(books, BIG, "bonus", "p0", NOON, 100, 100), BOOKS_GRANTED);
        struct buffer before, after;
        encode_all(books, &before);
        program.full_hash[0] = (uint8_t)(program.full_hash[0] + 1);
        memory_fail_once(nth);
        enum books_answer answer = ask(books, BIG, "bonus", "p1", NOON, 100, 1);
        memory_fail_once(0);
        assert_int_equal(books_check(books, &error), OK);
        if (answer == BOOKS_NO_MEMORY) {
            encode_all(books, &after);
            assert_int_equal(before.size, after.size);
            assert_memory_equal(before.bytes, after.bytes, before.size);
            buffer_deinit(&after);
            assert_int_equal(ask(books, BIG, "bonus", "p1", NOON, 100, 1), BOOKS_GRANTED);
        }
        buffer_deinit(&before);
        books_close(books);
        if (answer == BOOKS_GRANTED) break;
        assert_int_equal(answer, BOOKS_NO_MEMORY);
        assert_true(nth < 1000);
    }
    make_program();
}

/* ------------------------------------------------------------------------------------------------- a long random run */

static uint64_t random_state;
static uint32_t draw(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 33) % below;
}

/* Keeps every grant in a list and works all sums out anew by walking it: slow, and too plain to be wrong. */
enum { GRANTS = 3000, PLAYERS = 12 };
static struct grant {
    int64_t amount, at;
    uint32_t player, campaign, offer;
    enum { HELD, SPENT, BACK } state;
} grants[GRANTS];

static int64_t used(uint32_t count, uint32_t campaign, int player, int offer, int64_t from)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct grant *grant = &grants[i];
        if (grant->state == BACK || grant->campaign != campaign || grant->at < from) continue;
        if (player >= 0 && grant->player != (uint32_t)player) continue;
        if (offer >= 0 && grant->offer != (uint32_t)offer) continue;
        sum += grant->amount;
    }
    return sum;
}

/* promise B1 */
static void test_random_run_against_plain_sums(void **state)
{
    (void)state;
    const char *given = getenv("SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : 20260610;
    printf("SEED=%llu (replay: SEED=%llu build/tests/books_test)\n", (unsigned long long)seed,
           (unsigned long long)seed);
    random_state = seed * 2654435761u + 88172645463325252u;
    limits[LIMIT_BIG_TOTAL].amount = 60000;
    limits[LIMIT_POT_TOTAL].amount = 70000;
    limits[LIMIT_BIG_PLAYER].amount = 9000;
    limits[LIMIT_BIG_SPINS].amount = 9000;
    program.full_hash[0] = 9;
    struct books *books = open_books();
    static const char *const names[] = {"bonus", "spins"};
    char player[16];
    int64_t now = NOON;
    uint32_t count = 0, refusals = 0, settled = 0;
    for (uint32_t turn = 0; turn < 6000 && count < GRANTS; turn++) {
        if (draw(4) == 0) now += (int64_t)draw((uint32_t)HOURS(9));
        uint32_t choice = draw(10);
        if (choice < 6) {
            uint32_t who = draw(PLAYERS), offer = draw(2), campaign = draw(8) == 0 ? FREE : BIG;
            int64_t cost = (int64_t)draw(400);
            snprintf(player, sizeof player, "p%u", who);
            enum books_answer answer = ask(books, campaign, names[offer], player, now, cost, count);
            int64_t day = zone_day_start(zone_malta, now);
            int64_t date = zone_date(zone_malta, now);
            int64_t week = zone_date_start(zone_malta, date - (int64_t)civil_weekday(date));
            struct civil_date parts = civil_date_parts(zone_date(zone_home, now));
            int64_t month = zone_date_start(zone_home, civil_date_of(parts.year, parts.month, 1));
            bool fit = true;
            if (campaign == BIG && cost > 0) {
                fit = used(count, BIG, -1, -1, INT64_MIN) + cost <= 60000 &&
                      used(count, BIG, -1, -1, day) + cost <= 2000 &&
                      used(count, BIG, (int)who, -1, INT64_MIN) + cost <= 9000 &&
                      used(count, BIG, (int)who, -1, week) + cost <= 1000 &&
                      used(count, BIG, -1, -1, month) + cost <= 5000 &&
                      (offer == OFFER_BONUS || used(count, BIG, -1, OFFER_SPINS, INT64_MIN) + cost <= 9000);
            }
            assert_int_equal(answer, fit ? BOOKS_GRANTED : BOOKS_REFUSED);
            if (!fit) {
                refusals++;
                continue;
            }
            grants[count++] = (struct grant){
                .amount = cost, .at = now, .player = who, .campaign = campaign, .offer = offer, .state = HELD};
        } else if (choice < 9 && count > 0) {
            uint32_t which = draw(count);
            bool spend = draw(2) == 0;
            enum books_outcome outcome = spend ? commit(books, which) : release(books, which);
            assert_int_equal(outcome, grants[which].state == HELD ? BOOKS_DONE : BOOKS_ALREADY);
            if (grants[which].state == HELD) grants[which].state = spend ? SPENT : BACK;
            settled++;
        } else if (draw(20) == 0) {
            struct buffer blobs;
            encode_all(books, &blobs);
            struct books *again = decode_all(&blobs, draw(2) == 0);
            assert_same_state(books, again);
            books_close(books);
            books = again;
            buffer_deinit(&blobs);
        }
    }
    int64_t spent = 0, held = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (grants[i].campaign == BIG && grants[i].state == SPENT) spent += grants[i].amount;
        if (grants[i].campaign == BIG && grants[i].state == HELD) held += grants[i].amount;
    }
    struct books_total total = books_campaign_total(books, &program, BIG);
    assert_int_equal(total.spent, spent);
    assert_int_equal(total.reserved, held);
    assert_true(refusals > 100 && settled > 100);
    books_close(books);
    make_program();
}

static int set_up(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    if (crypto_start(&error) != OK) return 1;
    int malta = zone_find(TEXT("Europe/Malta"));
    if (malta < 0) return 1;
    zone_malta = (unsigned)malta;
    zone_home = zone_utc();
    make_program();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reward_fits_whole_or_not_at_all),
        cmocka_unit_test(test_an_effect_is_reserved_once),
        cmocka_unit_test(test_refusals_name_the_nearest_limit),
        cmocka_unit_test(test_total_and_pool_empty_the_campaign),
        cmocka_unit_test(test_days_are_those_of_the_zone),
        cmocka_unit_test(test_weeks_begin_on_monday_and_months_on_the_first),
        cmocka_unit_test(test_a_late_request_finds_its_day),
        cmocka_unit_test(test_release_goes_to_the_period_it_was_made_in),
        cmocka_unit_test(test_settled_once_whatever_comes_later),
        cmocka_unit_test(test_what_is_returnable_comes_back_once),
        cmocka_unit_test(test_a_limit_lowered_or_added_later_counts_what_was_used),
        cmocka_unit_test(test_runs_of_long_ago_are_over),
        cmocka_unit_test(test_two_lines_about_the_same_are_one_book),
        cmocka_unit_test(test_a_cost_of_nothing_always_fits),
        cmocka_unit_test(test_each_pair_of_names_is_a_book_of_its_own),
        cmocka_unit_test(test_what_is_given_is_all_there_is),
        cmocka_unit_test(test_a_return_is_closed_once),
        cmocka_unit_test(test_suspension_is_told_once),
        cmocka_unit_test(test_entrants_stop_at_the_limit),
        cmocka_unit_test(test_erasure_keeps_the_sums_and_forgets_the_name),
        cmocka_unit_test(test_damaged_blobs_are_refused),
        cmocka_unit_test(test_changed_marks),
        cmocka_unit_test(test_every_failing_allocation_leaves_the_books_right),
        cmocka_unit_test(test_random_run_against_plain_sums),
    };
    return cmocka_run_group_tests_name("books", tests, set_up, NULL);
}
