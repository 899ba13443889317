/*
 * The life of a bonus in the running engine: granted, wagered, queued, claimed, expired, forfeited, cancelled and revoked; the same on one
 * shard and on seven, and through a restart. Stories go in as event lines, as the platform sends them.
 */
#include "tests/kit/engine_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "runtime/engine/reward.h"

#define WORKSPACE                                           \
    "workspace \"bonus\"\n"                                 \
    "  product   casino\n"                                  \
    "  currency  EUR\n"                                     \
    "  use       events\n  use attributes\n  use actions\n" \
    "end\n"

#define SIMPLE                                                                                                  \
    WORKSPACE "campaign \"C\"\n  product casino\n  currency EUR\n"                                              \
              "  budget\n    total 100 EUR\n    per player 60 EUR\n  end\n"                                     \
              "  start on registration\n"                                                                       \
              "  offer bonus \"gift\"\n    amount 20 EUR\n    wagering 10x of bonus\n    expires 3 days after " \
              "grant\n  end\n"                                                                                  \
              "  step \"One\"\n"                                                                                \
              "    credit \"gift\", otherwise finish as \"NO\"\n"                                               \
              "    finish as \"DONE\"\n  end\nend\n"

/* The n-th reward of a player, from 0. */
static const struct reward *reward_of(const struct kit *kit, const char *player, uint32_t n)
{
    struct text id = text_of(player), brand = TEXT("");
    struct player *found = state_find_player(kit->engine, record_group(brand, id), brand, id);
    assert_non_null(found);
    const struct reward *reward = found->reward;
    while (reward != NULL && n-- > 0) reward = reward->next;
    assert_non_null(reward);
    return reward;
}

static void a_granted_bonus_is_kept_and_expires(void **state)
{
    (void)state;
    for (uint32_t shards = 1; shards <= 7; shards += 6) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        kit_open(&kit, SIMPLE, shards);
        kit_event(&kit, "e1", "registration", "p1", "2026-06-01T10:00:00Z", "");
        kit_settle(&kit);
        const struct reward *reward = reward_of(&kit, "p1", 0);
        assert_int_equal(reward->state, REWARD_ACTIVE);
        assert_int_equal(reward->amount, 2000);
        assert_int_equal(reward->as.bonus.target, 20000);
        assert_true(text_equal(reward_offer(reward), TEXT("gift")));
        uint8_t before[32], after[32];
        kit_digest(&kit, before);
        kit_restart(&kit, &store, 8 - shards);
        kit_digest(&kit, after);
        assert_memory_equal(before, after, sizeof before);
        kit_tick(&kit, "2026-06-04T09:59:59Z");
        kit_tick(&kit, "2026-06-04T10:00:00Z");
        assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_ACTIVE);
        kit_settle(&kit);
        assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_EXPIRED);
        assert_null(reward_of(&kit, "p1", 0)->use);
        kit_restart(&kit, &store, shards);
        assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_EXPIRED);
        kit_close(&kit);
        store_close(&store);
    }
}

static void what_the_wallet_refuses_was_never_there(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, SIMPLE, 1);
    kit_event(&kit, "e1", "registration", "p1", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    char id[33], line[256];
    kit_effect_id(&kit, "\"gift\"", 0, id);
    (void)snprintf(
        line, sizeof line,
        "{\"kind\":\"reply\",\"id\":\"r\",\"effect\":\"%s\",\"at\":\"2026-06-01T11:00:00Z\",\"status\":\"failed\"}",
        id);
    kit_line(&kit, line);
    kit_settle(&kit);
    struct text player = TEXT("p1");
    assert_null(state_find_player(kit.engine, record_group(TEXT(""), player), TEXT(""), player)->reward);
    kit_close(&kit);
}

/* ---------------------------------------------------------------- terms, claims, orders */

#define TERMS(counts)                                                                                               \
    WORKSPACE "campaign \"C\"\n  product casino\n  currency EUR\n"                                                  \
              "  budget\n    total 100 EUR\n    per player 60 EUR\n  end\n"                                         \
              "  start on registration\n"                                                                           \
              "  offer bonus \"gift\"\n    amount 20 EUR\n    wagering 1x of bonus\n    counts " counts "\n  end\n" \
              "  step \"One\"\n    credit \"gift\", otherwise finish as \"NO\"\n    finish as \"DONE\"\n  end\nend\n"

static void bet(struct kit *kit, const char *id, const char *at, const char *kind, const char *stake)
{
    char data[300];
    (void)snprintf(data, sizeof data,
                   "\"settled_at\":\"%s\",\"game\":\"G\",\"kind\":\"%s\",\"funds\":\"bonus\",\"stake\":\"%s EUR\","
                   "\"win\":\"0.00 EUR\",\"multiplier\":\"0\"",
                   at, kind, stake);
    kit_event(kit, id, "bet", "p1", at, data);
}

/* A bonus keeps the terms that it was granted by, whatever a new program says; where that says the same it moves over. */
static void terms_are_those_of_the_grant(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, TERMS("slots 100%, table 10%"), 1);
    kit_event(&kit, "e1", "registration", "p1", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    const struct use *first = reward_of(&kit, "p1", 0)->use;
    kit_activate(&kit, TERMS("slots 100%, table 50%"), INT64_C(1780315200000)); /* 12:00 */
    assert_ptr_equal(reward_of(&kit, "p1", 0)->use, first);
    kit_restart(&kit, &store, 7);
    bet(&kit, "b1", "2026-06-01T13:00:00Z", "table", "10.00");
    kit_settle(&kit);
    assert_int_equal(reward_of(&kit, "p1", 0)->as.bonus.wagered, INT64_C(100) * 1000000);
    kit_event(&kit, "e2", "registration", "p1", "2026-06-02T10:00:00Z", "");
    kit_activate(&kit, TERMS("slots 100%, table 10%"), INT64_C(1780401600000));
    kit_settle(&kit);
    bet(&kit, "b2", "2026-06-03T13:00:00Z", "table", "10.00");
    kit_settle(&kit);
    assert_int_equal(reward_of(&kit, "p1", 0)->as.bonus.wagered, INT64_C(200) * 1000000);
    kit_close(&kit);
    store_close(&store);
}

#define CLAIMED                                                                                                       \
    WORKSPACE "campaign \"C\"\n  product casino\n  currency EUR\n"                                                    \
              "  budget\n    total 100 EUR\n    per player 60 EUR\n  end\n"                                           \
              "  start on registration\n  enter every time\n"                                                         \
              "  offer free_spins \"spins\"\n    spins 10\n    value 1 EUR\n    game \"G-BOOK\"\n    wagering none\n" \
              "    claim within 2 days\n    expires 1 day after grant\n  end\n"                                       \
              "  step \"One\"\n    credit \"spins\", otherwise finish as \"NO\"\n    finish as \"DONE\"\n  end\nend\n"

/* What waits to be claimed leaves with the values of its credit, also after a restart; two claims bring one credit and two answers. */
static void a_claim_survives_a_restart(void **state)
{
    (void)state;
    struct kit_runs runs = {0};
    for (uint32_t shards = 1; shards <= 7; shards += 6) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        struct engine_budget books;
        assert_int_equal(memory_store_open(&store, &error), OK);
        kit_open(&kit, CLAIMED, shards);
        kit_event(&kit, "e1", "registration", "p1", "2026-06-01T10:00:00Z", "");
        kit_settle(&kit);
        assert_int_equal(kit_count(&kit.effects, "\"effect\":\"credit\""), 0);
        assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_OFFERED);
        assert_true(engine_budget(kit.engine, 0, &books));
        assert_int_equal(books.reserved, 1000);
        kit_restart(&kit, &store, 8 - shards);
        kit_event(&kit, "c1", "reward.claimed", "p1", "2026-06-02T10:00:00Z", "\"offer\":\"spins\"");
        kit_event(&kit, "c2", "reward.claimed", "p1", "2026-06-02T10:00:00Z", "\"offer\":\"spins\"");
        kit_settle(&kit);
        assert_int_equal(kit_count(&kit.effects, "\"effect\":\"credit\""), 1);
        assert_int_equal(kit_count(&kit.effects, "\"spins\":10,\"value\":\"1.00 EUR\",\"game\":\"G-BOOK\""), 1);
        assert_int_equal(kit_count(&kit.effects, "\"to\":\"c1\",\"event\":\"reward.claimed\",\"result\":\"OK\""), 1);
        assert_int_equal(
            kit_count(&kit.effects, "\"to\":\"c2\",\"event\":\"reward.claimed\",\"result\":\"ALREADY_CLAIMED\""), 1);
        /* The same request again is answered again, and brings nothing. */
        kit_event(&kit, "c1", "reward.claimed", "p1", "2026-06-02T10:00:00Z", "\"offer\":\"spins\"");
        kit_settle(&kit);
        assert_int_equal(kit_count(&kit.effects, "\"effect\":\"credit\""), 1);
        assert_int_equal(kit_count(&kit.effects, "\"to\":\"c1\",\"event\":\"reward.claimed\",\"result\":\"OK\""), 2);
        /* It expires a day after the claim. */
        kit_tick(&kit, "2026-06-03T10:00:00Z");
        kit_settle(&kit);
        assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_EXPIRED);
        /* Another one, that a kill of its campaign takes back. */
        kit_event(&kit, "e2", "registration", "p1", "2026-06-04T10:00:00Z", "");
        kit_settle(&kit);
        assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_OFFERED);
        kit_line(&kit, "{\"kind\":\"command\",\"id\":\"k\",\"at\":\"2026-06-04T11:00:00Z\",\"command\":\"kill\","
                       "\"campaign\":\"C\"}");
        kit_settle(&kit);
        assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_CANCELLED);
        assert_true(engine_budget(kit.engine, 0, &books));
        assert_int_equal(books.reserved, 1000); /* What was claimed; the wallet has not answered. */
        kit_runs_add(&runs, &kit);
        store_close(&store);
    }
    kit_runs_judge(&runs);
}

/* ---------------------------------------------------------------- random stories against a recount */

#define PLAYED                                                                                               \
    WORKSPACE                                                                                                \
    "campaign \"C\"\n  product casino\n  currency EUR\n"                                                     \
    "  budget\n    total 100000 EUR\n    per player 50000 EUR\n  end\n"                                      \
    "  start on deposit\n  enter every time\n"                                                               \
    "  offer bonus \"match\"\n    amount 100% of deposit.amount, at most 20 EUR\n    wagering 2x of bonus\n" \
    "    counts slots 100%, table 10%\n    stake at most 5 EUR, otherwise forfeit\n"                         \
    "    expires 2 days after activation\n    queue one at a time\n"                                         \
    "    cancel on withdrawal_requested\n    revoke on deposit_reversed\n  end\n"                            \
    "  step \"One\"\n    credit \"match\", otherwise finish as \"NO\"\n    finish as \"GIVEN\"\n  end\nend\n"

/* The wallet learns which deposit the bonus stands and falls with; also of a bonus that waits in the queue. */
static void the_event_that_revokes_is_told(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, PLAYED, 1);
    kit_event(&kit, "d-17", "deposit", "p1", "2026-06-01T10:00:00Z",
              "\"amount\":\"20 EUR\",\"first\":true,\"method\":\"card\"");
    kit_event(&kit, "d-18", "deposit", "p1", "2026-06-01T11:00:00Z",
              "\"amount\":\"20 EUR\",\"first\":false,\"method\":\"card\"");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"target\":\"40.00 EUR\",\"deposit_id\":\"d-17\""), 1);
    assert_int_equal(kit_count(&kit.effects, "\"state\":\"pending\",\"deposit_id\":\"d-18\""), 1);
    kit_close(&kit);
}

enum { PLAYERS = 3, STEPS = 260, BONUSES = 400, BETS = 400 };
enum model_state { M_PENDING, M_ACTIVE, M_WAGERED, M_EXPIRED, M_FORFEITED, M_CANCELLED, M_REVOKED, M_STATES };
static const char *const told[M_STATES] = {
    NULL, "bonus.activated", "bonus.wagered", "bonus.expired", "bonus.forfeited", "bonus.cancelled", "bonus.revoked"};

/* What a bonus is by a recount that knows nothing of the engine: whole cents in tenths, one list a player. */
struct model_bonus {
    enum model_state state;
    int64_t amount, tenths; /* Tenths of cents that were wagered. */
    int64_t active_at, deposit;
};
struct model_bet {
    int64_t at, tenths;
    bool is_void;
};
struct model {
    struct model_bonus bonus[BONUSES];
    uint32_t count;
    struct model_bet bet[BETS];
    uint32_t bet_count;
    uint32_t changes[M_STATES];
};

static void model_change(struct model *model, struct model_bonus *bonus, enum model_state state)
{
    bonus->state = state;
    model->changes[state]++;
}

static struct model_bonus *model_active(struct model *model)
{
    for (uint32_t i = 0; i < model->count; i++) {
        if (model->bonus[i].state == M_ACTIVE) return &model->bonus[i];
    }
    return NULL;
}

static void model_next(struct model *model, int64_t now)
{
    for (uint32_t i = 0; i < model->count && model_active(model) == NULL; i++) {
        if (model->bonus[i].state != M_PENDING) continue;
        model->bonus[i].active_at = now;
        model_change(model, &model->bonus[i], M_ACTIVE);
    }
}

/* Everything that expires up to `now`, each at its own instant. */
static void model_time(struct model *model, int64_t now)
{
    const int64_t two_days = INT64_C(2) * 24 * 3600 * 1000;
    for (struct model_bonus *active; (active = model_active(model)) != NULL && active->active_at + two_days <= now;) {
        int64_t at = active->active_at + two_days;
        model_change(model, active, M_EXPIRED);
        model_next(model, at);
    }
}

static void instant(char out[32], int64_t minute)
{
    (void)snprintf(out, 32, "2026-06-%02dT%02d:%02d:00Z", (int)(1 + minute / 1440), (int)(minute / 60 % 24),
                   (int)(minute % 60));
}

static uint32_t dice;
static uint32_t roll(uint32_t below)
{
    dice = dice * 1664525u + 1013904223u;
    return (dice >> 8) % below;
}

static void play_step(struct kit *kit, struct model *model, const char *player, uint32_t step, int64_t minute)
{
    char at[32], before[32], data[400], id[64];
    const int64_t start = INT64_C(1780272000000); /* 2026-06-01 */
    int64_t now = start + minute * 60000;
    instant(at, minute);
    (void)snprintf(id, sizeof id, "s%u", step);
    model_time(model, now);
    uint32_t what = roll(20);
    if (what < 4) {
        int64_t cents = 100 + roll(3000);
        (void)snprintf(data, sizeof data, "\"amount\":\"%lld.%02lld EUR\",\"first\":false,\"method\":\"card\"",
                       (long long)(cents / 100), (long long)(cents % 100));
        kit_event(kit, id, "deposit", player, at, data);
        struct model_bonus *bonus = &model->bonus[model->count++];
        *bonus = (struct model_bonus){.amount = cents < 2000 ? cents : 2000, .deposit = step};
        model_next(model, now);
    } else if (what < 16) {
        bool table = roll(3) == 0, large = roll(60) == 0;
        int64_t cents = large ? 501 : 1 + roll(500);
        (void)snprintf(
            data, sizeof data,
            "\"settled_at\":\"%s\",\"game\":\"G\",\"kind\":\"%s\",\"funds\":\"bonus\",\"stake\":\"%lld.%02lld "
            "EUR\",\"win\":\"0.00 EUR\",\"multiplier\":\"0\"",
            at, table ? "table" : "slots", (long long)(cents / 100), (long long)(cents % 100));
        (void)snprintf(id, sizeof id, "%s-%u", player, model->bet_count);
        kit_event(kit, id, "bet", player, at, data);
        struct model_bonus *active = model_active(model);
        model->bet[model->bet_count++] =
            (struct model_bet){.at = minute, .tenths = large ? 0 : cents * (table ? 1 : 10)};
        if (active != NULL && active->active_at < now) {
            if (large) {
                model_change(model, active, M_FORFEITED);
                model_next(model, now);
            } else {
                active->tenths += cents * (table ? 1 : 10);
                if (active->tenths / 10 >= active->amount * 2) {
                    model_change(model, active, M_WAGERED);
                    model_next(model, now);
                }
            }
        }
    } else if (what < 18 && model->bet_count > 0) {
        /* A bet is void, perhaps one of before the bonus, perhaps one that was void before. */
        uint32_t n =
            model->bet_count - 1 - roll(model->bet_count < 6 ? model->bet_count : 6); /* often the same again */
        struct model_bet *bet = &model->bet[n];
        int64_t cents = bet->tenths / 10;
        if (bet->tenths == 0 || bet->tenths % 10 != 0) return;
        instant(before, bet->at);
        (void)snprintf(
            data, sizeof data,
            "\"bet_id\":\"%s-%u\",\"settled_at\":\"%s\",\"game\":\"G\",\"kind\":\"slots\",\"funds\":\"bonus\","
            "\"stake\":\"%lld.%02lld EUR\",\"win\":\"0.00 EUR\",\"multiplier\":\"0\"",
            player, n, before, (long long)(cents / 100), (long long)(cents % 100));
        kit_event(kit, id, "bet.voided", player, at, data);
        struct model_bonus *active = model_active(model);
        if (active == NULL || active->active_at >= start + bet->at * 60000 || bet->is_void) return;
        bet->is_void = true;
        active->tenths -= bet->tenths;
    } else if (what == 18) {
        kit_event(kit, id, "withdrawal.requested", player, at, "\"amount\":\"1.00 EUR\"");
        struct model_bonus *active = model_active(model);
        if (active == NULL) return;
        model_change(model, active, M_FORFEITED);
        for (uint32_t i = 0; i < model->count; i++) {
            if (model->bonus[i].state == M_PENDING) model_change(model, &model->bonus[i], M_CANCELLED);
        }
    } else if (model->count > 0) {
        struct model_bonus *bonus = &model->bonus[roll(model->count)];
        (void)snprintf(data, sizeof data,
                       "\"deposit_id\":\"s%lld\",\"deposited_at\":\"%s\",\"amount\":\"1.00 EUR\",\"first\":false,"
                       "\"method\":\"card\"",
                       (long long)bonus->deposit, at);
        kit_event(kit, id, "deposit.reversed", player, at, data);
        bool was_active = bonus->state == M_ACTIVE;
        if (bonus->state != M_ACTIVE && bonus->state != M_PENDING) return;
        model_change(model, bonus, M_REVOKED);
        if (was_active) model_next(model, now);
    }
}

/* The books hold what was granted, less what came back: revoked, and cancelled before it was played. */
static void judge_story(struct kit *kit, const struct model *models)
{
    int64_t granted = 0;
    for (uint32_t p = 0; p < PLAYERS; p++) {
        char player[16];
        (void)snprintf(player, sizeof player, "p%u", p);
        const struct model *model = &models[p];
        for (uint32_t state = M_ACTIVE; state < M_STATES; state++) {
            char line[128];
            (void)snprintf(line, sizeof line, "\"player\":\"%s\",\"event\":\"%s\"", player, told[state]);
            assert_int_equal(kit_count(&kit->effects, line), model->changes[state]);
        }
        struct text id = text_of(player), brand = TEXT("");
        const struct player *found = state_find_player(kit->engine, record_group(brand, id), brand, id);
        const struct reward *reward = found == NULL ? NULL : found->reward;
        for (uint32_t i = 0; i < model->count; i++) {
            const struct model_bonus *bonus = &model->bonus[i];
            bool comes_back = bonus->state == M_REVOKED || bonus->state == M_CANCELLED;
            granted += comes_back ? 0 : bonus->amount;
            if (bonus->state != M_PENDING && bonus->state != M_ACTIVE) continue;
            while (reward != NULL && reward_is_over(reward)) reward = reward->next;
            assert_non_null(reward);
            assert_int_equal(reward->state, bonus->state == M_ACTIVE ? REWARD_ACTIVE : REWARD_PENDING);
            assert_int_equal(reward->amount, bonus->amount);
            assert_int_equal(reward->as.bonus.wagered, bonus->tenths * 100000);
            reward = reward->next;
        }
        while (reward != NULL && reward_is_over(reward)) reward = reward->next;
        assert_null(reward);
    }
    struct engine_budget books;
    assert_true(engine_budget(kit->engine, 0, &books));
    assert_int_equal(books.reserved + books.spent, granted);
}

static void tell_story(uint32_t seed, uint32_t shards, bool killed, struct kit_runs *runs)
{
    static struct model models[PLAYERS];
    memset(models, 0, sizeof models);
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    dice = seed;
    kit_open(&kit, PLAYED, shards);
    int64_t minute = 600;
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t p = roll(PLAYERS);
        char player[16];
        (void)snprintf(player, sizeof player, "p%u", p);
        minute += 1 + roll(60);
        play_step(&kit, &models[p], player, step, minute);
        if (killed && step % 60 == 59) {
            kit_settle(&kit);
            kit_restart(&kit, &store, shards = 8 - shards);
        }
    }
    char at[32];
    instant(at, minute + 1);
    kit_tick(&kit, at);
    kit_settle(&kit);
    for (uint32_t p = 0; p < PLAYERS; p++) model_time(&models[p], INT64_C(1780272000000) + (minute + 1) * 60000);
    judge_story(&kit, models);
    kit_runs_add(runs, &kit);
    store_close(&store);
}

static void random_stories_are_what_a_recount_says(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 12; seed++) {
        struct kit_runs runs = {0};
        tell_story(seed, 1, false, &runs);
        tell_story(seed, 7, false, &runs);
        tell_story(seed, 7, true, &runs);
        kit_runs_judge(&runs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_granted_bonus_is_kept_and_expires),
        cmocka_unit_test(what_the_wallet_refuses_was_never_there),
        cmocka_unit_test(terms_are_those_of_the_grant),
        cmocka_unit_test(a_claim_survives_a_restart),
        cmocka_unit_test(the_event_that_revokes_is_told),
        cmocka_unit_test(random_stories_are_what_a_recount_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
