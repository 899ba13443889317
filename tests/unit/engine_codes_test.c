/*
 * Codes against a small model of them: whatever players enter, reserve, give back and have taken back, in whatever order, each request is
 * answered as the model says, on any number of shards and over restarts. And single stories: repeated requests, a made code by its number, erasure.
 */
#include "tests/kit/damage.h"
#include "runtime/store/memory_store.h"
#include "vm/code_word.h"
#include "vm/crypto.h"
#include "vm/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WORKSPACE                                                                               \
    "workspace \"W\"\n  product  casino\n  currency EUR\n  tag      seen\n  timezone \"UTC\"\n" \
    "  use events, attributes, actions\nend\n"
#define CAMPAIGN                                                                                                       \
    "campaign \"C\"\n  product casino\n  currency EUR\n  start on code_redeemed of \"pool\"\n"                         \
    "  enter every time, at most 9 at once\n  step \"One\"\n    tag seen\n    wait 900 days\n    finish as \"IN\"\n  " \
    "end\nend\n"
#define LETTERS "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

enum {
    CODES = 6,
    PLAYERS = 8,
    EVENTS = 260,
    MINUTE = 60000,
    HOLD = 10 * MINUTE,
    LOCK = 60 * MINUTE,
    WITHIN = 120 * MINUTE
};
static const int64_t begin = INT64_C(1780308000000); /* 2026-06-01 10:00 UTC */

static const char source[] =
    WORKSPACE "codes \"pool\"\n  make 6 like \"S-????????\" from \"" LETTERS "\"\n  read ignoring case, dashes\n"
              "  each code at most 2 times\n  each player at most 3 times\n  in all at most 9 times\n"
              "  quota \"VIP\" 3 for players where vip is yes\n  quota \"ELSE\" 5 for everyone else\n"
              "  hold 10 minutes\n  lock 60 minutes after 3 wrong tries in 120 minutes\nend\n" CAMPAIGN;

/* ---------------------------------------------------------------- the model */

struct model_code {
    int uses[PLAYERS];     /* by player */
    int64_t held[PLAYERS]; /* until; 0: not */
};
static struct {
    struct model_code code[CODES];
    int64_t tries[PLAYERS][8];
    int tried[PLAYERS];
    int64_t locked[PLAYERS];
} model;

static int is_vip(int player)
{
    return player % 3 == 0;
}

/* What a test player has counts for himself alone. */
static int is_test(int player)
{
    return player >= PLAYERS - 2;
}

static int count(int asks, int player, int code, int vip, int64_t now, int with_holds)
{
    int sum = 0;
    for (int c = 0; c < CODES; c++) {
        for (int p = 0; p < PLAYERS; p++) {
            if (is_test(p) && p != asks) continue;
            if ((player >= 0 && p != player) || (code >= 0 && c != code) || (vip >= 0 && is_vip(p) != vip)) continue;
            sum += model.code[c].uses[p] + (with_holds && model.code[c].held[p] > now ? 1 : 0);
        }
    }
    return sum;
}

enum ask { ENTER, HOLD_IT, RELEASE, ROLL_BACK, ASKS };

static const char *model_answer(enum ask ask, int player, int code, int64_t now)
{
    struct model_code *at = code < 0 ? NULL : &model.code[code];
    int mine = at != NULL && at->held[player] > now;
    if (ask == ENTER || ask == HOLD_IT) {
        if (model.locked[player] > now) return "LOCKED";
        if (at == NULL) {
            int kept = 0;
            for (int i = 0; i < model.tried[player]; i++)
                if (model.tries[player][i] + WITHIN > now) model.tries[player][kept++] = model.tries[player][i];
            model.tries[player][kept++] = now;
            if (kept == 3) model.locked[player] = now + LOCK, kept = 0;
            model.tried[player] = kept;
            return "UNKNOWN_CODE";
        }
        if (!mine) {
            if (count(player, -1, code, -1, now, 1) >= 2) return "ALREADY_USED";
            if (count(player, player, -1, -1, now, 1) >= 3) return "PLAYER_LIMIT";
            if (count(player, -1, -1, is_vip(player), now, 1) >= (is_vip(player) ? 3 : 5)) return "SEGMENT_QUOTA";
            if (count(player, -1, -1, -1, now, 1) >= 9) return "POOL_EMPTY";
        }
        if (ask == ENTER) at->uses[player]++;
        at->held[player] = ask == ENTER ? 0 : now + HOLD;
        return "OK";
    }
    if (at == NULL) return "UNKNOWN_CODE";
    if (ask == RELEASE) {
        if (!mine) return "NOT_OF_PLAYER";
        at->held[player] = 0;
        return "OK";
    }
    if (at->uses[player] == 0) return "NOT_OF_PLAYER";
    at->uses[player]--;
    return "OK";
}

/* ---------------------------------------------------------------- stories */

struct story_event {
    enum ask ask;
    int player, code;
    int64_t at;
    const char *expected;
};

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

/* Events of one instant: of a player who asks twice the second waits behind the answers to all others. */
static void tell_model(struct story_event *events, int count_of)
{
    memset(&model, 0, sizeof model);
    for (int first = 0, end; first < count_of; first = end) {
        end = first;
        while (end < count_of && events[end].at == events[first].at) end++;
        for (int left = end - first; left > 0;) {
            int busy[PLAYERS] = {0};
            for (int i = first; i < end; i++) {
                if (events[i].expected != NULL || busy[events[i].player]) continue;
                busy[events[i].player] = 1;
                events[i].expected = model_answer(events[i].ask, events[i].player, events[i].code, events[i].at);
                left--;
            }
        }
    }
}

static void format_time(char out[32], int64_t at)
{
    int64_t minutes = (at - begin) / MINUTE;
    (void)snprintf(out, 32, "2026-06-%02dT%02d:%02d:00Z", 1 + (int)((600 + minutes) / 1440),
                   (int)((600 + minutes) / 60 % 24), (int)((600 + minutes) % 60));
}

static void made_code(char out[CODE_WORD_SIZE + 1], const char *pool, const char *pattern, uint64_t n)
{
    struct code_word word;
    struct crypto_key identity = crypto_derive_key(TEXT("W"), TEXT("effect identity"));
    struct crypto_key key = code_word_key(&identity, text_of(pool));
    assert_int_equal(code_word_make(&word, text_of(pattern), TEXT(LETTERS), (struct code_reading){true, false, true}),
                     CODE_WORD_FINE);
    uint32_t size = code_word_nth(out, &word, &key, n);
    out[size] = 0;
}

static void ask(struct kit *kit, const char *id, const char *event, const char *player, const char *at,
                const char *pool, const char *code)
{
    char line[400];
    (void)snprintf(
        line, sizeof line,
        "{\"event\":\"%s\",\"id\":\"%s\",\"player\":\"%s\",\"at\":\"%s\",\"data\":{\"codes\":\"%s\",\"code\":\"%s\"}}",
        event, id, player, at, pool, code);
    kit_line(kit, line);
}

static void tell_engine(struct kit *kit, const struct story_event *events, int from, int to)
{
    static const char *const names[ASKS] = {"code.entered", "code.held", "code.released", "code.rolled_back"};
    for (int i = from; i < to; i++) {
        char id[16], player[16], at[32], code[CODE_WORD_SIZE + 1] = "S-ABCDEFGH";
        (void)snprintf(id, sizeof id, "e%04d", i);
        (void)snprintf(player, sizeof player, "p%d", events[i].player);
        format_time(at, events[i].at);
        if (events[i].code >= 0) made_code(code, "pool", "S-????????", (uint64_t)events[i].code);
        ask(kit, id, names[events[i].ask], player, at, "pool", code);
    }
}

static void judge(const struct kit *kit, const struct story_event *events, int count_of, uint64_t seed)
{
    for (int i = 0; i < count_of; i++) {
        char wanted[120], to[32];
        const char *text = (const char *)kit->effects.bytes;
        (void)snprintf(to, sizeof to, "\"to\":\"e%04d\"", i);
        (void)snprintf(wanted, sizeof wanted, "\"result\":\"%s\"", events[i].expected);
        const char *line = strstr(text, to);
        if (line == NULL) fail_msg("seed %llu: request %d has no answer", (unsigned long long)seed, i);
        const char *end = strchr(line, '\n'), *found = strstr(line, wanted);
        if (found == NULL || found > end)
            fail_msg("seed %llu: request %d should be answered %s: %.*s", (unsigned long long)seed, i,
                     events[i].expected, (int)(end - line), line);
    }
}

static void make_story(struct story_event *events, int count_of, uint64_t seed)
{
    int64_t at = begin;
    for (int i = 0; i < count_of; i++) {
        uint64_t dice = next_random(&seed) % 10;
        if (next_random(&seed) % 3 != 0) at += (int64_t)(next_random(&seed) % 7) * MINUTE;
        events[i] = (struct story_event){.ask = dice < 4   ? ENTER
                                                : dice < 7 ? HOLD_IT
                                                : dice < 8 ? RELEASE
                                                           : ROLL_BACK,
                                         .player = (int)(next_random(&seed) % PLAYERS),
                                         .code = (int)(next_random(&seed) % (CODES + 1)) - 1,
                                         .at = at};
        if (events[i].code < 0 && next_random(&seed) % 2 == 0) events[i].code = 0;
        if (events[i].player < 2 && next_random(&seed) % 2 == 0) events[i].code = -1; /* Two who guess. */
    }
}

static void set_test(struct kit *kit, const char *player, const char *at, bool test)
{
    char line[200];
    (void)snprintf(line, sizeof line,
                   "{\"kind\":\"attributes\",\"id\":\"%s %s\",\"player\":\"%s\",\"at\":\"%s\",\"set\":{"
                   "\"test_player\":%s}}",
                   player, at, player, at, test ? "true" : "false");
    kit_line(kit, line);
}

static void set_vips(struct kit *kit)
{
    for (int p = 0; p < PLAYERS; p++) {
        char player[16];
        (void)snprintf(player, sizeof player, "p%d", p);
        kit_set(kit, player, "2026-06-01T09:00:00Z", "vip", is_vip(p) ? "true" : "false");
        if (is_test(p)) set_test(kit, player, "2026-06-01T09:01:00Z", true);
    }
}

static void answers_are_those_of_the_model(void **state)
{
    (void)state;
    uint64_t rounds = getenv("SEED") != NULL ? 1 : 12;
    for (uint64_t round = 0; round < rounds; round++) {
        uint64_t seed = getenv("SEED") != NULL ? strtoull(getenv("SEED"), NULL, 10) : 20260601 + round;
        static struct story_event events[EVENTS];
        make_story(events, EVENTS, seed);
        tell_model(events, EVENTS);
        struct kit_runs runs = {0};
        for (int run = 0; run < 3; run++) {
            struct kit kit;
            struct store store;
            struct error error = ERROR_NONE;
            assert_int_equal(memory_store_open(&store, &error), OK);
            kit_open(&kit, source, run == 1 ? 7 : 1);
            set_vips(&kit);
            int cut = EVENTS / 2;
            while (cut < EVENTS && events[cut].at == events[cut - 1].at) cut++;
            tell_engine(&kit, events, 0, cut);
            if (run == 2) {
                kit_settle(&kit);
                kit_restart(&kit, &store, 5);
            }
            tell_engine(&kit, events, cut, EVENTS);
            kit_settle(&kit);
            judge(&kit, events, EVENTS, seed);
            kit_runs_add(&runs, &kit);
            store_close(&store);
        }
        kit_runs_judge(&runs);
    }
}

/* A comparison that never meets an answer says nothing about it. */
static void the_stories_reach_every_answer(void **state)
{
    (void)state;
    static struct story_event events[EVENTS];
    uint32_t seen[10] = {0};
    static const char *const all[] = {"OK",           "ALREADY_USED", "PLAYER_LIMIT", "SEGMENT_QUOTA",
                                      "UNKNOWN_CODE", "LOCKED",       "NOT_OF_PLAYER"};
    for (uint64_t round = 0; round < 12; round++) {
        make_story(events, EVENTS, 20260601 + round);
        tell_model(events, EVENTS);
        for (int i = 0; i < EVENTS; i++)
            for (size_t j = 0; j < sizeof all / sizeof *all; j++) seen[j] += strcmp(events[i].expected, all[j]) == 0;
    }
    for (size_t j = 0; j < sizeof all / sizeof *all; j++) {
        if (seen[j] < 3) fail_msg("%s was the answer only %u times", all[j], seen[j]);
    }
}

/* ---------------------------------------------------------------- single stories */

static void a_repeated_request_is_answered_the_same(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    char code[CODE_WORD_SIZE + 1];
    assert_int_equal(memory_store_open(&store, &error), OK);
    made_code(code, "pool", "S-????????", 3);
    kit_open(&kit, source, 1);
    for (int i = 0; i < 2; i++) ask(&kit, "r1", "code.entered", "a", "2026-06-01T10:00:00Z", "pool", code);
    kit_settle(&kit);
    kit_restart(&kit, &store, 1);
    kit_set(&kit, "a", "2026-06-01T10:00:00Z", "test_player", "true"); /* by then; the answer was given before */
    kit_settle(&kit);
    ask(&kit, "r1", "code.entered", "a", "2026-06-01T10:00:00Z", "pool", code);
    ask(&kit, "r1", "code.entered", "a", "2026-06-01T10:00:00Z", "pool", "OTHER");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"to\":\"r1\""), 3);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"OK\""), 3);
    assert_int_equal(kit_count(&kit.effects, "\"test\":true"), 0);
    assert_int_equal(kit_count(&kit.effects, "\"event\":\"code.redeemed\""), 1);
    assert_int_equal(kit_count(&kit.notes, "\"reason\":\"EVENT_ID_REUSED\""), 1);
    char first[33], again[33];
    kit_effect_id(&kit, "\"to\":\"r1\"", 0, first);
    kit_effect_id(&kit, "\"to\":\"r1\"", 2, again);
    assert_string_equal(first, again);
    kit_close(&kit);
    store_close(&store);
}

/* Without `of` all pools are searched; what is in none counts as wrong in every pool that counts. */
static void a_code_finds_its_pool(void **state)
{
    (void)state;
    struct kit kit;
    char code[CODE_WORD_SIZE + 1], line[300];
    made_code(code, "pool", "S-????????", 0);
    kit_open(&kit, source, 1);
    (void)snprintf(line, sizeof line,
                   "{\"event\":\"code.entered\",\"id\":\"x\",\"player\":\"a\",\"at\":\"2026-06-01T10:00:00Z\",\"data\":"
                   "{\"code\":\" %s \"}}",
                   code);
    kit_line(&kit, line);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(line, sizeof line,
                       "{\"event\":\"code.entered\",\"id\":\"w%d\",\"player\":\"a\",\"at\":\"2026-06-01T11:0%d:00Z\","
                       "\"data\":{\"code\":\"NONE%d\"}}",
                       i, i, i);
        kit_line(&kit, line);
    }
    made_code(code, "pool", "S-????????", 1);
    ask(&kit, "l", "code.entered", "a", "2026-06-01T12:01:59Z", "pool", code);
    ask(&kit, "o", "code.entered", "a", "2026-06-01T12:02:00Z", "pool", code);
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"codes\":\"pool\""), 2);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"UNKNOWN_CODE\""), 3);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"LOCKED\""), 1);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"OK\""), 2);
    kit_close(&kit);
}

/* What a player used stays used when he is erased, and nothing of his remains with it but hashes. */
static void erasure_leaves_the_code_used(void **state)
{
    (void)state;
    struct kit kit;
    char code[CODE_WORD_SIZE + 1];
    made_code(code, "once", "T-????????", 0);
    kit_open(&kit,
             WORKSPACE "codes \"once\"\n  make 2 like \"T-????????\" from \"" LETTERS
                       "\"\n  read ignoring case, dashes\nend\n",
             1);
    ask(&kit, "a1", "code.entered", "a", "2026-06-01T10:00:00Z", "once", code);
    kit_line(&kit, "{\"kind\":\"erase\",\"id\":\"x\",\"player\":\"a\",\"at\":\"2026-06-01T11:00:00Z\"}");
    ask(&kit, "b1", "code.entered", "b", "2026-06-01T12:00:00Z", "once", code);
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"OK\""), 1);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"ALREADY_USED\""), 1);
    kit_close(&kit);
}

/* ---------------------------------------------------------------- test players */

#define GIVES_NOW                                                                                                    \
    "campaign \"G\"\n  product casino\n  currency EUR\n  start on purchase\n  step \"One\"\n    give code \"few\", " \
    "otherwise finish as \"NONE\"\n    wait 900 days\n    finish as \"GIVEN\"\n  end\nend\n"

static void buys(struct kit *kit, const char *player, const char *at)
{
    kit_event(kit, player, "purchase", player, at, "\"product_id\":\"x\",\"total\":\"1.00 EUR\",\"first\":true");
}

/* What is given to a test player is given to the next player too, and each uses it; what he holds is free; and as a player again he has used nothing. */
static void a_test_takes_nothing(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    char code[2][CODE_WORD_SIZE + 1];
    for (unsigned i = 0; i < 2; i++) made_code(code[i], "few", "T-????????", i);
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit,
             WORKSPACE
             "codes \"few\"\n  make 2 like \"T-????????\" from \"" LETTERS
             "\"\n  read ignoring case, dashes\n  each player at most 9 times\n  hold 10 days\nend\n" GIVES_NOW,
             2);
    set_test(&kit, "t", "2026-06-01T09:00:00Z", true);
    buys(&kit, "t", "2026-06-01T10:00:00Z");
    buys(&kit, "a", "2026-06-01T10:01:00Z");
    kit_settle(&kit);
    kit_restart(&kit, &store, 3);
    assert_int_equal(kit_count(&kit.effects, code[0]), 2);
    ask(&kit, "e1", "code.entered", "t", "2026-06-01T10:02:00Z", "few", code[0]);
    ask(&kit, "e2", "code.entered", "t", "2026-06-01T10:03:00Z", "few", code[0]);
    ask(&kit, "e3", "code.held", "t", "2026-06-01T10:03:00Z", "few", code[1]);
    kit_tick(&kit, "2026-06-01T10:04:00Z");
    kit_restart(&kit, &store, 1);
    ask(&kit, "e4", "code.entered", "a", "2026-06-01T10:05:00Z", "few", code[0]);
    ask(&kit, "e5", "code.entered", "b", "2026-06-01T10:05:00Z", "few", code[1]);
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"OK\""), 4);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"ALREADY_USED\""), 1);
    /* All are used now, for him too but where he holds one; and nobody's use is taken back by him. */
    ask(&kit, "e6", "code.entered", "t", "2026-06-01T10:06:00Z", "few", code[1]);
    ask(&kit, "e7", "code.rolled_back", "t", "2026-06-01T10:07:00Z", "few", code[0]);
    ask(&kit, "e8", "code.entered", "c", "2026-06-01T10:08:00Z", "few", code[0]);
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"OK\""), 6);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"NOT_OF_PLAYER\""), 1); /* `c`: it was given to `a` */
    set_test(&kit, "t", "2026-06-01T11:00:00Z", false);
    ask(&kit, "e9", "code.rolled_back", "t", "2026-06-01T11:01:00Z", "few", code[1]);
    ask(&kit, "f1", "code.entered", "t", "2026-06-01T11:02:00Z", "few", code[1]);
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"OK\""), 7);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"ALREADY_USED\""), 2);
    kit_close(&kit);
    store_close(&store);
}

/* ---------------------------------------------------------------- another program */

#define GIVES(wait)                                                                                         \
    "campaign \"G\"\n  product casino\n  currency EUR\n  start on purchase\n  step \"One\"\n    wait " wait \
    "\n    give code \"once\", otherwise finish as \"NONE\"\n    finish as \"GIVEN\"\n  end\nend\n"
#define ONCE(more) "codes \"once\"\n  make 9 like \"T-????????\" from \"" LETTERS "\"\n" more "end\n"

#define GIVES_NOTHING                                                                                                 \
    "campaign \"H\"\n  product casino\n  currency EUR\n  start on session\n  step \"One\"\n    tag seen\n    finish " \
    "as \"X\"\n  end\nend\n"

static void buy(struct kit *kit, const char *player)
{
    kit_event(kit, player, "purchase", player, "2026-06-01T10:00:00Z",
              "\"product_id\":\"x\",\"total\":\"1.00 EUR\",\"first\":true");
}

/* Pools are never pinned: a journey of an older version asks the pool as it is now, or finds that there is none any more; what was used stays. */
static void another_program_has_the_pool(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    char code[CODE_WORD_SIZE + 1];
    assert_int_equal(memory_store_open(&store, &error), OK);
    made_code(code, "once", "T-????????", 5);
    kit_open(&kit, WORKSPACE ONCE("") GIVES("2 hours"), 2);
    buy(&kit, "a");
    ask(&kit, "u1", "code.entered", "u", "2026-06-01T10:10:00Z", "once", code);
    kit_settle(&kit);
    kit_activate(&kit, WORKSPACE ONCE("  in all at most 1 times\n") GIVES("3 hours"),
                 INT64_C(1780309800000)); /* 10:30 */
    buy(&kit, "b");
    ask(&kit, "u2", "code.entered", "w", "2026-06-01T10:40:00Z", "once", code);
    kit_tick(&kit, "2026-06-01T12:30:00Z"); /* `a` goes on by the old version and meets the new limit. */
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"OK\""), 1);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"ALREADY_USED\""), 1);
    assert_int_equal(kit_count(&kit.effects, "\"event\":\"code.given\""), 0);
    assert_int_equal(kit_count(&kit.notes, "\"as\":\"NONE\""), 1);
    kit_activate(&kit, WORKSPACE ONCE("") GIVES("3 hours"), INT64_C(1780317600000)); /* 12:40 */
    kit_restart(&kit, &store, 3);
    kit_tick(&kit, "2026-06-01T14:00:00Z"); /* `b`, where the pool gives again. */
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"event\":\"code.given\""), 1);
    kit_activate(&kit, WORKSPACE GIVES_NOTHING, INT64_C(1780326000000));
    ask(&kit, "u3", "code.entered", "w", "2026-06-01T16:00:00Z", "once", code);
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"UNKNOWN_CODE\""), 1);
    kit_close(&kit);
    store_close(&store);
}

/* ---------------------------------------------------------------- memory and damage */

static const char life[] = WORKSPACE
    "codes \"pool\"\n  make 60 like \"S-????????\" from \"" LETTERS "\"\n  read ignoring case, dashes\n"
    "  each player at most 9 times\n  quota \"VIP\" 3 for players where vip is yes\n"
    "  quota \"ELSE\" 50 for everyone else\n  lock 30 minutes after 3 wrong tries in 20 minutes\nend\n"
    "codes \"gifts\"\n  make 20 like \"G-????????\" from \"" LETTERS "\"\nend\n"
    "campaign \"C\"\n  product casino\n  currency EUR\n  start on code_redeemed of \"pool\"\n  enter every time\n"
    "  step \"One\"\n    give code \"gifts\", otherwise finish as \"NONE\"\n    wait 1 hour\n"
    "    release code of \"pool\"\n    finish as \"IN\"\n  end\nend\n";

/* The n-th line of a story in which all kinds of requests come. */
static int story_line(char line[400], int n)
{
    static const char *const names[ASKS] = {"code.entered", "code.held", "code.released", "code.rolled_back"};
    char code[CODE_WORD_SIZE + 1];
    made_code(code, "pool", "S-????????", (uint64_t)(n / 2 % 60));
    if (n % 7 == 6) (void)snprintf(code, sizeof code, "NONE");
    return snprintf(line, 400,
                    "{\"event\":\"%s\",\"id\":\"e%d\",\"player\":\"p%d\",\"at\":\"2026-06-01T%02d:%02d:00Z\",\"data\":{"
                    "\"code\":\"%s\"}}",
                    names[n % 9 == 8   ? 3
                          : n % 5 == 4 ? 2
                          : n % 3 == 1 ? 1
                                       : 0],
                    n, n % 5, 10 + n / 20, n % 20 * 3, code);
}

static void memory_runs_out(void **state)
{
    (void)state;
    damage_memory(life, story_line);
}

/* Whatever bytes of the state are wrong, it is refused, or read as something that goes on without harm. */
static void a_damaged_checkpoint_does_no_harm(void **state)
{
    (void)state;
    static struct damage damage;
    damage_take(&damage, life, story_line, 40);
    uint64_t seed = 7;
    for (int round = 0; round < 3000; round++) {
        uint32_t which = (uint32_t)(next_random(&seed) % damage.count);
        if (round % 2 == 0) {
            which = 0;
            while (damage.blob[which].key != CHECKPOINT_SHARED) which++;
        }
        if (damage.blob[which].key > CHECKPOINT_SHARED || damage.blob[which].size == 0)
            continue; /* Bundles have a test. */
        unsigned char *byte = &damage.blob[which].bytes[(size_t)next_random(&seed) % damage.blob[which].size];
        unsigned char before = *byte;
        *byte = next_random(&seed) % 3 == 0 ? 0xFF : (unsigned char)(before + 1 + next_random(&seed) % 254);
        damage_try(&damage, story_line, 40);
        *byte = before;
    }
    assert_true(damage.refused > 100 && damage.read > 100);
    damage_release(&damage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_those_of_the_model),
        cmocka_unit_test(the_stories_reach_every_answer),
        cmocka_unit_test(a_repeated_request_is_answered_the_same),
        cmocka_unit_test(a_code_finds_its_pool),
        cmocka_unit_test(erasure_leaves_the_code_used),
        cmocka_unit_test(a_test_takes_nothing),
        cmocka_unit_test(another_program_has_the_pool),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(a_damaged_checkpoint_does_no_harm),
    };
    return cmocka_run_group_tests_name("engine: codes", tests, NULL, NULL);
}
