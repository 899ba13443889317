/* The books against a model: every operation on them, by chance, for campaigns with every kind of limit.
 *
 * The model keeps a list of grants, each with the keys of the limits that it falls under, and works every sum out anew by
 * walking that list. After each operation each book, each answer, each settlement and the marks of change are compared, and
 * now and then the books are written and read back. Not here: the bytes themselves (books_bytes_test.c) and single stories
 * (books_test.c). SEED=n runs another life.
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

/* ------------------------------------------------------------------------------------------------- two programs */

enum { BIG, SMALL, FREE, SHARER, CAMPAIGNS, POT = CAMPAIGNS, BONUS, SPINS, NAMES };
static char big[] = "Big 0";
static const char *words[NAMES] = {big, "Small", "Free", "Sharer", "Pot", "bonus", "spins"};
enum { OFFERS = 2, BUDGETS = 3, LIMITS_MAX = 24, ANY = 9 };

/* A line of a budget: who, how long, of which offer, how much. */
struct line {
    uint32_t budget, scope, period, offer;
    int64_t amount;
};
static const struct line first_lines[] = {
    {0, SCOPE_PLAYER, LIMIT_RUN, ANY, 900},    {0, SCOPE_TOTAL, LIMIT_EVER, ANY, 30000},
    {0, SCOPE_TOTAL, LIMIT_DAY, ANY, 4000},    {0, SCOPE_TOTAL, LIMIT_MONTH, ANY, 12000},
    {0, SCOPE_TOTAL, LIMIT_YEAR, ANY, 20000},  {0, SCOPE_TOTAL, LIMIT_RUN, ANY, 2500},
    {0, SCOPE_PLAYER, LIMIT_EVER, ANY, 8000},  {0, SCOPE_PLAYER, LIMIT_WEEK, ANY, 1500},
    {0, SCOPE_PLAYER, LIMIT_DAY, ANY, 1000},   {0, SCOPE_OFFER, LIMIT_EVER, 1, 9000},
    {0, SCOPE_OFFER, LIMIT_DAY, 1, 1200},      {0, SCOPE_OFFER, LIMIT_RUN, 0, 2000},
    {0, SCOPE_TOTAL, LIMIT_DAY, ANY, 3900},    {0, SCOPE_PLAYER, LIMIT_EVER, ANY, 8001},
    {0, SCOPE_TOTAL, LIMIT_DAY, ANY, 3900},    {1, SCOPE_TOTAL, LIMIT_EVER, ANY, 9000},
    {1, SCOPE_TOTAL, LIMIT_DAY, ANY, 1800},    {2, SCOPE_TOTAL, LIMIT_EVER, ANY, 30000},
    {2, SCOPE_TOTAL, LIMIT_MONTH, ANY, 24000}, {2, SCOPE_PLAYER, LIMIT_EVER, ANY, 12000},
};
/* The next version: some lines are gone, others are new, in another order. */
static const struct line second_lines[] = {
    {0, SCOPE_TOTAL, LIMIT_DAY, ANY, 3000},   {0, SCOPE_OFFER, LIMIT_WEEK, 0, 9000},
    {0, SCOPE_TOTAL, LIMIT_EVER, ANY, 90000}, {1, SCOPE_PLAYER, LIMIT_MONTH, ANY, 2000},
    {1, SCOPE_TOTAL, LIMIT_EVER, ANY, 12000}, {2, SCOPE_TOTAL, LIMIT_EVER, ANY, 80000},
    {2, SCOPE_OFFER, LIMIT_EVER, 1, 30000},
};

/* Each of its lines is a book of its own: no room is left over. */
static const struct line third_lines[] = {
    {0, SCOPE_TOTAL, LIMIT_DAY, ANY, 30000},
    {0, SCOPE_TOTAL, LIMIT_MONTH, ANY, 60000},
    {0, SCOPE_PLAYER, LIMIT_WEEK, ANY, 30000},
};

static char bytes[72];
static struct bundle_string strings[NAMES];
static struct bundle_campaign campaigns[CAMPAIGNS];
static struct bundle_offer offers[OFFERS];
static struct version {
    const struct line *line;
    uint32_t count;
    struct program program;
} versions[3];

/* A copy in a block of its own size: whoever reads beyond its end is seen by the sanitizer. */
static void *exact_copy(const void *from, size_t size)
{
    void *copy = malloc(size);
    assert_non_null(copy);
    memcpy(copy, from, size);
    return copy;
}

static void make_version(struct version *version, const struct line *line, uint32_t count, uint8_t hash)
{
    *version = (struct version){.line = line, .count = count};
    struct bundle_budget budget[BUDGETS];
    struct bundle_limit limit[LIMITS_MAX];
    for (uint32_t b = 0; b < BUDGETS; b++) {
        budget[b] = (struct bundle_budget){.name = b == 2 ? POT : b, .campaign = b == 2 ? PROGRAM_NONE : b};
        for (uint32_t i = count; i-- > 0;) {
            if (line[i].budget != b) continue;
            budget[b].limit_first = i;
            budget[b].limit_count++;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        limit[i] = (struct bundle_limit){.amount = line[i].amount,
                                         .scope = (uint8_t)line[i].scope,
                                         .period = (uint8_t)line[i].period,
                                         .offer = line[i].offer == ANY ? PROGRAM_NONE : line[i].offer};
    }
    version->program = (struct program){.bytes = (const uint8_t *)bytes,
                                        .bytes_count = sizeof bytes,
                                        .string = strings,
                                        .string_count = NAMES,
                                        .campaign = exact_copy(campaigns, sizeof campaigns),
                                        .campaign_count = CAMPAIGNS,
                                        .budget = exact_copy(budget, sizeof budget),
                                        .budget_count = BUDGETS,
                                        .offer = offers,
                                        .offer_count = OFFERS,
                                        .limit = exact_copy(limit, count * sizeof *limit),
                                        .limit_count = count};
    version->program.full_hash[31] = hash;
}

static void free_version(struct version *version)
{
    free((void *)(uintptr_t)version->program.campaign);
    free((void *)(uintptr_t)version->program.budget);
    free((void *)(uintptr_t)version->program.limit);
}

static void make_programs(void)
{
    for (uint32_t i = 0; i < 3; i++) free_version(&versions[i]);
    uint32_t at = 0;
    for (uint32_t i = 0; i < NAMES; i++) {
        strings[i] = (struct bundle_string){.offset = at, .size = (uint32_t)strlen(words[i])};
        memcpy(bytes + at, words[i], strings[i].size);
        at += strings[i].size;
    }
    campaigns[BIG] = (struct bundle_campaign){.name = BIG, .budget = 0, .pool = 2};
    campaigns[SMALL] = (struct bundle_campaign){.name = SMALL, .budget = 1, .pool = 2};
    campaigns[FREE] = (struct bundle_campaign){.name = FREE, .budget = PROGRAM_NONE, .pool = PROGRAM_NONE};
    campaigns[SHARER] = (struct bundle_campaign){.name = SHARER, .budget = PROGRAM_NONE, .pool = 2};
    offers[0].name = BONUS;
    offers[1].name = SPINS;
    make_version(&versions[0], first_lines, sizeof first_lines / sizeof *first_lines, 1);
    make_version(&versions[1], second_lines, sizeof second_lines / sizeof *second_lines, 2);
    make_version(&versions[2], third_lines, sizeof third_lines / sizeof *third_lines, 3);
}

/* ------------------------------------------------------------------------------------------------- the model */

enum { PLAYERS = 8, GRANTS = 1500, KEYS = 6000, PARTS = 20, GROUPS = 3 };

/* One book, as the model sees it. */
struct key {
    uint32_t owner, scope, period, offer; /* Owner and offer: numbers of words; ANY: no offer. */
    int64_t start;
    int player;    /* -1: shared. */
    uint32_t life; /* Of the player: an erased one begins anew. */
    bool there;    /* It should be in memory. */
    bool closed;   /* Its period is over. */
    int64_t cap;   /* What the last grant left as its cap. */
    int64_t given; /* By a test; -1: not. */
    int64_t gone;  /* What was spent in it when it was forgotten. */
    int64_t reserved, spent, kept;
};
enum grant_state { HELD, SPENT, BACK, KEPT, LOST };
struct grant {
    int64_t amount, at;
    enum grant_state state;
    int player;
    uint32_t life, campaign, offer, journey;
    uint16_t group;
    bool returnable, forgotten;
    uint32_t part[PARTS], parts;
};

static struct key keys[KEYS];
static struct grant grants[GRANTS];
static uint32_t key_count, grant_count, life[PLAYERS];
static unsigned zone_malta, zone_home;
static struct books *books;
static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 33) % below;
}

static void effect_of(uint8_t out[16], uint32_t number)
{
    struct crypto_digest digest = crypto_digest256(&number, sizeof number);
    memcpy(out, digest.bytes, 16);
    out[0] = (uint8_t)(number % 7); /* Some begin alike. */
}

static struct text brand_of(int player)
{
    return player % 2 == 0 ? TEXT("spinhouse") : TEXT("betbarn");
}
static struct text name_of(int player)
{
    static const char *const names[] = {"1", "2", "3", "10"};
    return text_of(names[player / 2]);
}
static uint16_t group_of(int player)
{
    static const uint16_t groups[GROUPS] = {0, 63, 4095};
    return groups[player % GROUPS];
}

static int64_t start_of(uint32_t period, unsigned zone, int64_t now, int64_t run)
{
    if (period == LIMIT_EVER) return 0;
    if (period == LIMIT_RUN) return run;
    int64_t day = zone_date(zone, now);
    while (period == LIMIT_WEEK && civil_weekday(day) != 0) day--;
    while ((period == LIMIT_MONTH || period == LIMIT_YEAR) && civil_date_parts(day).day != 1) day--;
    while (period == LIMIT_YEAR && (civil_date_parts(day).month != 1 || civil_date_parts(day).day != 1)) day--;
    return day;
}

static uint32_t key_of(uint32_t owner, uint32_t scope, uint32_t period, uint32_t offer, int64_t start, int player)
{
    int whose = scope == SCOPE_PLAYER ? player : -1;
    for (uint32_t i = 0; i < key_count; i++) {
        const struct key *key = &keys[i];
        if (key->owner == owner && key->scope == scope && key->period == period && key->offer == offer &&
            key->start == start && key->player == whose && (whose < 0 || key->life == life[whose]))
            return i;
    }
    assert_true(key_count < KEYS);
    keys[key_count] = (struct key){.owner = owner,
                                   .scope = scope,
                                   .period = period,
                                   .offer = offer,
                                   .start = start,
                                   .player = whose,
                                   .life = whose < 0 ? 0 : life[whose],
                                   .given = -1};
    return key_count++;
}

static struct crypto_id id_of(const struct key *key)
{
    return books_id(key->owner == POT ? BOOKS_OWNER_POOL : BOOKS_OWNER_CAMPAIGN, text_of(words[key->owner]), key->scope,
                    key->period, key->offer == ANY ? TEXT("") : text_of(words[BONUS + key->offer]));
}

static const struct book *book_of(const struct key *key)
{
    if (key->player < 0) {
        uint32_t place = books_find_shared(books, id_of(key), key->start);
        return place == BOOKS_NOWHERE ? NULL : &books->shared.book[place];
    }
    uint32_t player = books_find_player(books, group_of(key->player), brand_of(key->player), name_of(key->player));
    if (player == BOOKS_NOWHERE || key->life != life[key->player]) return NULL;
    uint32_t place = books_find_in_player(&books->player[player], id_of(key), key->start);
    return place == BOOKS_NOWHERE ? NULL : &books->player[player].books.book[place];
}

/* All sums anew. */
static void recount(void)
{
    for (uint32_t k = 0; k < key_count; k++) keys[k].reserved = keys[k].kept = 0, keys[k].spent = -keys[k].gone;
    for (uint32_t i = 0; i < grant_count; i++) {
        const struct grant *grant = &grants[i];
        for (uint32_t p = 0; p < grant->parts; p++) {
            struct key *key = &keys[grant->part[p]];
            if (grant->state == HELD) key->reserved += grant->amount;
            if (grant->state == SPENT || grant->state == KEPT || grant->state == LOST) key->spent += grant->amount;
            if ((grant->state == KEPT || grant->state == LOST) && !grant->forgotten) key->kept += grant->amount;
        }
    }
}

static void forget_if_over(struct key *key)
{
    if (!key->there || !key->closed || key->reserved > 0 || key->kept > 0) return;
    key->there = key->closed = false;
    key->gone += key->spent;
    key->spent = 0;
}

/* A limit that a request falls under. */
struct candidate {
    uint32_t key;
    int64_t cap, oldest;
    uint32_t budget, limit, rank;
};
static struct candidate candidates[PARTS];
static uint32_t candidate_count;
static const char *const rank_words[] = {"player", "offer", "period", "total", "pool"};

static void add_candidate(struct candidate one)
{
    for (uint32_t i = 0; i < candidate_count; i++) {
        if (candidates[i].key != one.key) continue;
        if (one.cap < candidates[i].cap) candidates[i] = one;
        return;
    }
    assert_true(candidate_count < PARTS);
    candidates[candidate_count++] = one;
}

struct wish {
    const struct version *version;
    uint32_t campaign, offer;
    int player;
    int64_t now, run, runs_from, earliest, cost;
};

/* The totals that are kept of each campaign, then each line of its budget and of its pool. */
static void find_candidates(const struct wish *wish, bool known)
{
    candidate_count = 0;
    uint32_t own = known ? campaigns[wish->campaign].budget : PROGRAM_NONE;
    add_candidate((struct candidate){key_of(wish->campaign, SCOPE_TOTAL, LIMIT_EVER, ANY, 0, -1), INT64_MAX, 0, own,
                                     PROGRAM_NONE, 3});
    add_candidate((struct candidate){key_of(wish->campaign, SCOPE_PLAYER, LIMIT_EVER, ANY, 0, wish->player), INT64_MAX,
                                     0, own, PROGRAM_NONE, 0});
    for (uint32_t pass = 0; pass < 2 && known; pass++) {
        for (uint32_t i = 0; i < wish->version->count; i++) {
            const struct line *line = &wish->version->line[i];
            bool pool = line->budget == 2;
            if (pool != (pass == 1)) continue;
            if (line->budget != (pool ? campaigns[wish->campaign].pool : own)) continue;
            if (line->offer != ANY && line->offer != wish->offer) continue;
            if (line->period == LIMIT_RUN && wish->run == INT64_MIN) continue;
            unsigned zone = pool ? zone_home : zone_malta;
            uint32_t rank = line->scope == SCOPE_PLAYER  ? 0
                            : line->scope == SCOPE_OFFER ? 1
                            : line->period != LIMIT_EVER ? 2
                            : pool                       ? 4
                                                         : 3;
            bool over = line->period == LIMIT_RUN && wish->run < wish->runs_from;
            add_candidate((struct candidate){key_of(pool ? POT : wish->campaign, line->scope, line->period, line->offer,
                                                    start_of(line->period, zone, wish->now, wish->run), wish->player),
                                             over ? 0 : line->amount,
                                             start_of(line->period, zone, wish->earliest, wish->runs_from),
                                             line->budget, i, rank});
        }
    }
}

static int64_t left_of(const struct candidate *one)
{
    const struct key *key = &keys[one->key];
    int64_t cap = key->given >= 0 ? key->given : one->cap;
    int64_t used = key->reserved + key->spent;
    return used < cap ? cap - used : 0;
}

/* Writes the grant into the model. */
static struct grant *take(const struct wish *wish, bool returnable, enum grant_state as)
{
    struct grant *grant = &grants[grant_count];
    *grant = (struct grant){.amount = wish->cost,
                            .at = wish->now,
                            .state = HELD,
                            .player = wish->player,
                            .life = life[wish->player],
                            .campaign = wish->campaign,
                            .offer = wish->offer,
                            .journey = grant_count % 5 + 1,
                            .group = group_of(wish->player),
                            .returnable = returnable};
    grant_count++;
    if (wish->cost > 0) {
        for (uint32_t i = 0; i < candidate_count; i++) {
            grant->part[grant->parts++] = candidates[i].key;
            keys[candidates[i].key].there = true;
            keys[candidates[i].key].closed = false;
        }
    }
    recount();
    for (uint32_t i = 0; i < candidate_count && wish->cost > 0; i++) {
        struct key *key = &keys[candidates[i].key];
        int64_t cap = key->given >= 0 ? key->given : candidates[i].cap;
        int64_t used = key->reserved + key->spent;
        key->cap = cap > used ? cap : used;
    }
    grant->state = as;
    recount();
    return grant;
}

/* A newly opened period closes those of the same limit that nobody can ask for any more. */
static void close_old(const struct wish *wish)
{
    if (wish->cost == 0) return;
    for (uint32_t i = 0; i < candidate_count; i++) {
        const struct key *opened = &keys[candidates[i].key];
        if (opened->there || opened->start == 0) continue;
        for (uint32_t k = 0; k < key_count; k++) {
            struct key *key = &keys[k];
            if (!key->there || key->owner != opened->owner || key->scope != opened->scope ||
                key->period != opened->period || key->offer != opened->offer || key->player != opened->player ||
                key->life != opened->life || key->start >= candidates[i].oldest)
                continue;
            key->closed = true;
            forget_if_over(key);
        }
    }
}

/* ------------------------------------------------------------------------------------------------- comparing */

static void compare_books(void)
{
    uint32_t there = 0, found = 0;
    for (uint32_t k = 0; k < key_count; k++) {
        const struct key *key = &keys[k];
        const struct book *book = book_of(key);
        if (key->player >= 0 && key->life != life[key->player]) continue;
        assert_int_equal(book != NULL, key->there);
        if (book == NULL) continue;
        there++;
        assert_int_equal(book->reserved, key->reserved);
        assert_int_equal(book->spent, key->spent);
        assert_int_equal(book->kept, key->kept);
        assert_int_equal(book->superseded, key->closed);
        assert_int_equal(book->given, key->given);
        assert_int_equal(book->cap, key->cap);
    }
    for (uint32_t i = 0; i < books->shared.count; i++) found += books->shared.book[i].used;
    for (uint32_t p = 0; p < books->player_count; p++) {
        for (uint32_t i = 0; i < books->player[p].books.count; i++) found += books->player[p].books.book[i].used;
    }
    assert_int_equal(found, there);
}

static uint32_t told;
static int64_t told_sum;
static void hear_open(void *context, const uint8_t effect[16], const struct books_settled *open)
{
    (void)context;
    (void)effect;
    told++;
    told_sum += open->amount;
}
static void hear_effect(void *context, const uint8_t effect[16])
{
    uint8_t *sum = context;
    for (uint32_t i = 0; i < 16; i++) sum[i] ^= effect[i];
    told++;
}

static void compare_settled(const struct grant *grant, const struct books_settled *settled)
{
    bool nobody = grant->life != life[grant->player];
    assert_int_equal(settled->amount, grant->amount);
    assert_true(text_equal(settled->campaign, text_of(words[grant->campaign])));
    assert_true(text_equal(settled->offer, text_of(words[BONUS + grant->offer])));
    assert_true(text_equal(settled->brand, nobody ? TEXT("") : brand_of(grant->player)));
    assert_true(text_equal(settled->player, nobody ? TEXT("") : name_of(grant->player)));
    assert_int_equal(settled->group, grant->group);
    assert_int_equal(settled->journey, grant->journey);
    assert_int_equal(settled->reserved_at, grant->at);
    assert_int_equal(settled->lost, grant->state == LOST);
    assert_int_equal(settled->back, grant->state == BACK);
    assert_int_equal(settled->returnable, grant->returnable);
}

/* What may be asked without a change. */
static void compare_answers(void)
{
    uint32_t open = 0;
    int64_t sum = 0;
    for (uint32_t i = 0; i < grant_count; i++) {
        if (grants[i].state == HELD) open++, sum += grants[i].amount;
    }
    told = 0, told_sum = 0;
    books_each_open(books, hear_open, NULL);
    assert_int_equal(told, open);
    assert_int_equal(told_sum, sum);
    for (uint32_t turn = 0; turn < 4 && grant_count > 0; turn++) {
        uint32_t which = draw(grant_count);
        uint8_t effect[16];
        effect_of(effect, which);
        struct books_settled settled;
        enum books_outcome outcome = books_find(books, effect, &settled);
        if (grants[which].forgotten) {
            assert_int_equal(outcome, BOOKS_UNKNOWN);
            continue;
        }
        assert_int_equal(outcome, grants[which].state == HELD ? BOOKS_DONE : BOOKS_ALREADY);
        compare_settled(&grants[which], &settled);
        if (grants[which].life != life[grants[which].player]) continue;
        uint8_t expected[16] = {0}, heard[16] = {0};
        uint32_t count = 0;
        for (uint32_t i = 0; i < grant_count; i++) {
            const struct grant *one = &grants[i];
            if (one->forgotten || one->state == BACK || one->player != grants[which].player ||
                one->life != grants[which].life || one->campaign != grants[which].campaign ||
                one->journey != grants[which].journey)
                continue;
            count++;
            effect_of(effect, i);
            for (uint32_t b = 0; b < 16; b++) expected[b] ^= effect[b];
        }
        told = 0;
        int player = grants[which].player;
        books_of_journey(books, group_of(player), brand_of(player), name_of(player),
                         text_of(words[grants[which].campaign]), grants[which].journey, hear_effect, heard);
        assert_int_equal(told, count);
        assert_memory_equal(expected, heard, 16);
    }
    for (uint32_t c = 0; c < CAMPAIGNS; c++) {
        int64_t largest = 0;
        struct books_total total = books_campaign_total(books, &versions[0].program, c), expected = {.cap = -1};
        if (c == BIG) expected.cap = 30000;
        if (c == SMALL) expected.cap = 9000;
        for (uint32_t k = 0; k < key_count; k++) {
            const struct key *key = &keys[k];
            if (key->owner != c || key->period != LIMIT_EVER || key->offer != ANY) continue;
            if (key->scope == SCOPE_PLAYER && key->life == life[key->player] && key->reserved + key->spent > largest)
                largest = key->reserved + key->spent;
            if (key->scope != SCOPE_TOTAL) continue;
            if (key->given >= 0) expected.cap = key->given;
            expected.reserved = key->reserved;
            expected.spent = key->spent;
        }
        assert_int_equal(total.cap, expected.cap);
        assert_int_equal(total.reserved, expected.reserved);
        assert_int_equal(total.spent, expected.spent);
        assert_int_equal(books_largest_player(books, text_of(words[c])), largest);
    }
    const struct key *pot = &keys[key_of(POT, SCOPE_TOTAL, LIMIT_EVER, ANY, 0, -1)];
    struct books_total total = books_budget_total(books, &versions[1].program, 2);
    assert_int_equal(total.cap, pot->given >= 0 ? pot->given : 80000);
    assert_int_equal(total.reserved, pot->reserved);
    assert_int_equal(total.spent, pot->spent);
}

static void write_part(uint32_t part, struct buffer *out)
{
    struct error error = ERROR_NONE;
    if (part < GROUPS) {
        assert_int_equal(books_encode_group(books, group_of((int)part), out, &error), OK);
    } else {
        assert_int_equal(books_encode_shared(books, out, &error), OK);
    }
}

static struct buffer parts_before[GROUPS + 1];

static void keep_parts(void)
{
    for (uint32_t i = 0; i <= GROUPS; i++) {
        buffer_clear(&parts_before[i]);
        write_part(i, &parts_before[i]);
    }
    books_clear_changed(books);
}

/* A group that a checkpoint would write anew has its mark; where nothing was changed none has. */
static void compare_marks(bool changed)
{
    struct buffer now;
    buffer_init(&now, 0);
    for (uint32_t i = 0; i <= GROUPS; i++) {
        buffer_clear(&now);
        write_part(i, &now);
        bool same = text_equal(buffer_as_text(&now), buffer_as_text(&parts_before[i]));
        if (!changed) assert_true(same);
        if (i == GROUPS) continue; /* What is shared is written always. */
        bool mark = books_group_changed(books, group_of((int)i));
        if (!same) assert_true(mark);
        if (!changed) assert_false(mark);
    }
    assert_false(books_group_changed(books, 1) || books_group_changed(books, 64) || books_group_changed(books, 62));
    buffer_deinit(&now);
}

/* Writes all and reads it into new books. */
static void restore(bool shared_first)
{
    struct error error = ERROR_NONE;
    keep_parts();
    struct books *again = NULL;
    assert_int_equal(books_open(&again, &error), OK);
    for (uint32_t step = 0; step <= GROUPS; step++) {
        uint32_t part = shared_first ? GROUPS - step : step;
        struct text text = buffer_as_text(&parts_before[part]);
        if (part < GROUPS) {
            assert_int_equal(books_decode_group(again, group_of((int)part), text, &error), OK);
        } else {
            assert_int_equal(books_decode_shared(again, text, &error), OK);
        }
    }
    assert_int_equal(books_check(again, &error), OK);
    books_close(books);
    books = again;
    compare_marks(false);
    /* A book that holds nothing is not written. */
    for (uint32_t k = 0; k < key_count; k++) {
        struct key *key = &keys[k];
        if (key->there && key->reserved == 0 && key->spent == 0 && key->given < 0) key->there = key->closed = false;
    }
}

/* ------------------------------------------------------------------------------------------------- operations */

static struct books_request request_of(const struct wish *wish, bool returnable)
{
    struct books_request request = {.program = &wish->version->program,
                                    .campaign = wish->campaign,
                                    .offer = text_of(words[BONUS + wish->offer]),
                                    .brand = brand_of(wish->player),
                                    .player = name_of(wish->player),
                                    .group = group_of(wish->player),
                                    .journey = grant_count % 5 + 1,
                                    .now = wish->now,
                                    .run = wish->run,
                                    .runs_from = wish->runs_from,
                                    .earliest = wish->earliest,
                                    .campaign_zone = zone_malta,
                                    .home_zone = zone_home,
                                    .cost = wish->cost,
                                    .returnable = returnable};
    effect_of(request.effect, grant_count);
    return request;
}

static uint32_t refused_by[5], granted, exact;

static void do_reserve(struct wish wish, bool returnable)
{
    find_candidates(&wish, true);
    const struct candidate *against = NULL;
    int64_t least = INT64_MAX;
    for (uint32_t i = 0; i < candidate_count; i++) {
        if (left_of(&candidates[i]) < least) least = left_of(&candidates[i]);
    }
    /* At the edge more often than chance would have it. */
    if (least < 2000 && draw(4) == 0) wish.cost = least + draw(2), exact++;
    for (uint32_t i = 0; i < candidate_count; i++) {
        const struct candidate *one = &candidates[i];
        if (wish.cost == 0 || wish.cost <= left_of(one)) continue;
        if (against == NULL || one->rank < against->rank) against = one;
    }
    struct books_request request = request_of(&wish, returnable);
    struct books_refusal refusal = {.detail = "untouched"};
    enum books_answer answer = books_reserve(books, &request, &refusal);
    if (against != NULL) {
        assert_int_equal(answer, BOOKS_REFUSED);
        assert_string_equal(refusal.detail, rank_words[against->rank]);
        assert_int_equal(refusal.budget, against->budget);
        assert_int_equal(refusal.limit, against->limit);
        assert_int_equal(refusal.cost, wish.cost);
        assert_int_equal(refusal.left, left_of(against));
        bool run = against->limit != PROGRAM_NONE && wish.version->line[against->limit].period == LIMIT_RUN;
        assert_int_equal(refusal.empty, against->rank >= 3 || run);
        refused_by[against->rank]++;
        compare_marks(false);
        return;
    }
    assert_int_equal(answer, BOOKS_GRANTED);
    assert_string_equal(refusal.detail, "untouched");
    granted++;
    close_old(&wish);
    take(&wish, returnable, HELD);
    compare_marks(true);
    books_clear_changed(books);
    /* The same effect again changes nothing, whatever it asks. */
    request.cost = 1;
    keep_parts();
    assert_int_equal(books_reserve(books, &request, &refusal), BOOKS_REPEATED);
    assert_int_equal(books_lose(books, &request, text_of(words[wish.campaign])), BOOKS_REPEATED);
    compare_marks(false);
}

/* The next state of a grant, in the model. */
static void go_to(struct grant *grant, enum grant_state to)
{
    grant->state = to;
    recount();
    if (to == KEPT || to == LOST) return;
    for (uint32_t p = 0; p < grant->parts; p++) forget_if_over(&keys[grant->part[p]]);
}

enum operation { COMMIT, RELEASE, RETURN, CLOSE };

static void do_settle(enum operation operation, uint32_t which)
{
    struct grant *grant = &grants[which];
    uint8_t effect[16];
    effect_of(effect, which);
    struct books_settled settled;
    memset(&settled, 0x5A, sizeof settled);
    struct grant before = *grant;
    enum books_outcome expected = BOOKS_DONE, outcome = BOOKS_DONE;
    enum grant_state to = grant->state;
    switch (operation) {
    case COMMIT:
        outcome = books_commit(books, effect, &settled);
        if (grant->state == HELD)
            to = grant->returnable ? KEPT : SPENT;
        else
            expected = BOOKS_ALREADY;
        break;
    case RELEASE:
        outcome = books_release(books, effect, &settled);
        if (grant->state == HELD || grant->state == LOST)
            to = BACK;
        else
            expected = BOOKS_ALREADY;
        break;
    case RETURN:
        outcome = books_return(books, effect, &settled);
        if (grant->returnable && (grant->state == HELD || grant->state == KEPT))
            to = BACK;
        else
            expected = BOOKS_ALREADY;
        break;
    case CLOSE: books_close_return(books, effect); break;
    }
    if (grant->forgotten) {
        if (operation != CLOSE) assert_int_equal(outcome, BOOKS_UNKNOWN);
        compare_marks(false);
        return;
    }
    if (operation == CLOSE) {
        if (!grant->returnable) {
            compare_marks(false);
            return;
        }
        if (grant->state == KEPT) go_to(grant, SPENT);
        grant->returnable = false;
        compare_marks(true);
        return;
    }
    assert_int_equal(outcome, expected);
    compare_settled(&before, &settled);
    if (expected == BOOKS_DONE) go_to(grant, to);
    compare_marks(expected == BOOKS_DONE);
}

static void do_lose(struct wish wish, bool known, bool returnable)
{
    find_candidates(&wish, known);
    struct books_request request = request_of(&wish, returnable);
    if (!known) request.campaign = PROGRAM_NONE;
    assert_int_equal(books_lose(books, &request, text_of(words[wish.campaign])), BOOKS_GRANTED);
    take(&wish, returnable, LOST);
    compare_marks(true);
}

static void do_adopt(struct wish wish, bool returnable)
{
    struct grant *oldest = NULL;
    uint32_t oldest_number = 0;
    for (uint32_t i = 0; i < grant_count; i++) {
        struct grant *one = &grants[i];
        if (one->state != LOST || one->forgotten || one->player != wish.player || one->life != life[wish.player] ||
            one->campaign != wish.campaign || one->offer != wish.offer)
            continue;
        uint8_t mine[16], other[16];
        effect_of(mine, i);
        effect_of(other, oldest_number);
        if (oldest == NULL || one->at < oldest->at || (one->at == oldest->at && memcmp(mine, other, 16) < 0))
            oldest = one, oldest_number = i;
    }
    struct books_request request = request_of(&wish, returnable);
    request.journey = 77;
    bool adopted = books_adopt(books, &request, text_of(words[wish.campaign]));
    assert_int_equal(adopted, oldest != NULL);
    if (oldest == NULL) {
        compare_marks(false);
        return;
    }
    uint8_t effect[16];
    effect_of(effect, oldest_number);
    assert_memory_equal(request.effect, effect, 16);
    assert_int_equal(request.cost, oldest->amount);
    oldest->state = HELD;
    oldest->journey = 77;
    oldest->returnable = returnable;
    recount();
    compare_marks(true);
}

static void do_trim(int64_t before)
{
    books_trim(books, before);
    for (uint32_t i = 0; i < grant_count; i++) {
        struct grant *grant = &grants[i];
        if (grant->forgotten || grant->state == HELD || grant->at >= before) continue;
        if (grant->state == KEPT || grant->state == LOST) go_to(grant, SPENT);
        grant->forgotten = true;
    }
    recount();
    compare_marks(true);
}

static void do_erase(int player)
{
    struct error error = ERROR_NONE;
    assert_int_equal(books_erase_player(books, group_of(player), brand_of(player), name_of(player), &error), OK);
    for (uint32_t i = 0; i < grant_count; i++) {
        struct grant *grant = &grants[i];
        if (grant->player != player || grant->life != life[player]) continue;
        uint32_t kept = 0;
        for (uint32_t p = 0; p < grant->parts; p++) {
            if (keys[grant->part[p]].player < 0) grant->part[kept++] = grant->part[p];
        }
        grant->parts = kept;
    }
    life[player]++;
    recount();
    compare_marks(true);
    /* Once more: there is nobody. */
    keep_parts();
    assert_int_equal(books_erase_player(books, group_of(player), brand_of(player), name_of(player), &error), OK);
    compare_marks(false);
}

static void do_give(uint32_t owner, int64_t left)
{
    struct error error = ERROR_NONE;
    assert_int_equal(books_given_left(books, &versions[0].program, text_of(words[owner]), left, &error), OK);
    struct key *key = &keys[key_of(owner, SCOPE_TOTAL, LIMIT_EVER, ANY, 0, -1)];
    int64_t used = key->reserved + key->spent;
    key->given = key->cap = left > INT64_MAX - used ? INT64_MAX : left + used;
    key->there = true;
    compare_marks(true);
}

/* ------------------------------------------------------------------------------------------------- lives */

static void live(uint64_t seed, uint32_t turns)
{
    big[4] = (char)('0' + seed % 10); /* Other names, other identities, another order of books. */
    make_programs();
    random_state = seed * 2654435761u + 88172645463325252u;
    struct error error = ERROR_NONE;
    assert_int_equal(books_open(&books, &error), OK);
    key_count = grant_count = 0;
    memset(life, 0, sizeof life);
    int64_t latest = clock_instant("2026-11-20T12:00:00Z");
    bool second = false;
    recount();
    keep_parts();
    if (seed % 2 == 0) do_give(FREE, 0), books_clear_changed(books), do_give(SMALL, 0);
    for (uint32_t turn = 0; turn < turns && grant_count + 2 < GRANTS; turn++) {
        if (draw(7) == 0) latest += (int64_t)draw(20 * CIVIL_HOUR_MS);
        if (draw(200) == 0) second = !second;
        struct wish wish = {.version = &versions[second],
                            .campaign = draw(3) == 0 ? draw(CAMPAIGNS) : BIG,
                            .offer = draw(OFFERS),
                            .player = (int)draw(PLAYERS),
                            .now = latest - (draw(4) == 0 ? (int64_t)draw(3 * CIVIL_DAY_MS) : 0),
                            .run = INT64_MIN,
                            .runs_from = latest - 30 * CIVIL_DAY_MS,
                            .earliest = latest - 5 * CIVIL_DAY_MS,
                            .cost = draw(12) == 0  ? 0
                                    : draw(6) == 0 ? 1
                                                   : (int64_t)draw(500)};
        if (draw(2) == 0) wish.run = (latest / CIVIL_DAY_MS - draw(draw(5) == 0 ? 40 : 3)) * CIVIL_DAY_MS;
        if (wish.run != INT64_MIN && draw(6) == 0) wish.runs_from = wish.run + (int64_t)draw(2);
        recount();
        keep_parts();
        uint32_t choice = draw(100);
        if (choice < 45) {
            do_reserve(wish, draw(3) == 0);
        } else if (choice < 85) {
            uint32_t back = draw(2) == 0 && grant_count > 30 ? 30 : grant_count;
            if (grant_count > 0) do_settle((enum operation)draw(4), grant_count - 1 - draw(back));
        } else if (choice < 89) {
            wish.campaign = draw(CAMPAIGNS);
            /* Of any day before, at the very instant of another one now and then. */
            wish.now -= wish.now % CIVIL_DAY_MS + (int64_t)draw(30) * CIVIL_DAY_MS;
            if (wish.run != INT64_MIN) wish.run -= (int64_t)draw(30) * CIVIL_DAY_MS;
            uint32_t like = draw(grant_count + 1);
            if (like < grant_count && draw(2) == 0) {
                wish.now = grants[like].at, wish.player = grants[like].player, wish.campaign = grants[like].campaign;
                wish.offer = grants[like].offer;
            }
            do_lose(wish, draw(3) > 0, draw(2) == 0);
        } else if (choice < 94) {
            for (uint32_t i = draw(grant_count + 1); i < grant_count; i++) { /* Of somebody who has one, mostly. */
                if (grants[i].state != LOST) continue;
                wish.player = grants[i].player, wish.campaign = grants[i].campaign, wish.offer = grants[i].offer;
                break;
            }
            do_adopt(wish, draw(2) == 0);
        } else if (choice < 96) {
            do_trim(latest - (int64_t)draw(20) * CIVIL_DAY_MS);
        } else if (choice < 97) {
            do_erase((int)draw(PLAYERS));
        } else if (choice < 98 && draw(3) == 0) {
            static const uint32_t owners[] = {SMALL, FREE, SHARER, POT};
            uint32_t owner = owners[draw(4)];
            do_give(owner, draw(9) == 0 ? INT64_MAX : draw(3) == 0 ? 0 : (int64_t)draw(owner == POT ? 60000 : 3000));
        } else {
            restore(draw(2) == 0);
        }
        compare_books();
        assert_int_equal(books_check(books, &error), OK);
        compare_books();
        compare_answers();
    }
    books_close(books);
}

/* promises B1, B3, B4 */
static void test_every_operation_as_the_model_has_it(void **state)
{
    (void)state;
    const char *text = getenv("SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : 20261120;
    printf("SEED=%llu (replay: SEED=%llu build/tests/books_model_test)\n", (unsigned long long)seed,
           (unsigned long long)seed);
    for (uint32_t i = 0; i <= GROUPS; i++) buffer_init(&parts_before[i], 0);
    for (uint32_t i = 0; i < 6; i++) live(seed + i, 500);
    for (uint32_t i = 0; i <= GROUPS; i++) buffer_deinit(&parts_before[i]);
    printf("%u granted, refused by player %u, offer %u, period %u, total %u, pool %u; %u at the edge\n", granted,
           refused_by[0], refused_by[1], refused_by[2], refused_by[3], refused_by[4], exact);
    for (uint32_t i = 0; i < 4; i++) assert_true(refused_by[i] > 0);
    assert_true(granted > 300);
}

/* ------------------------------------------------------------------------------------------------- no memory */

static struct wish wish_of(uint32_t campaign, int player, int64_t cost)
{
    int64_t noon = clock_instant("2026-06-10T12:00:00Z");
    return (struct wish){.version = &versions[0],
                         .campaign = campaign,
                         .offer = 1,
                         .player = player,
                         .now = noon,
                         .run = noon,
                         .runs_from = noon - CIVIL_DAY_MS,
                         .earliest = noon - CIVIL_DAY_MS,
                         .cost = cost};
}

/* One of everything that may need memory. True where there was enough. */
static bool try_one(uint32_t what, struct books_request *request, struct error *error)
{
    struct books_refusal refusal;
    enum books_answer answer = BOOKS_GRANTED;
    enum books_change change = BOOKS_CHANGED;
    enum status status = OK;
    switch (what) {
    case 0: answer = books_reserve(books, request, &refusal); break;
    case 1: answer = books_lose(books, request, text_of(words[BIG])); break;
    case 2:
        request->campaign = PROGRAM_NONE;
        answer = books_lose(books, request, TEXT("Gone long ago"));
        break;
    case 3: status = books_given_left(books, &versions[0].program, TEXT("Pot"), 5, error); break;
    case 4: change = books_suspend(books, TEXT("Small"), REASON_BUDGET, 1); break;
    case 5: change = books_enter(books, TEXT("Sharer"), 5); break;
    case 6: status = books_erase_player(books, group_of(0), brand_of(0), name_of(0), error); break;
    }
    assert_true(answer == BOOKS_GRANTED || answer == BOOKS_NO_MEMORY);
    assert_true(change == BOOKS_CHANGED || change == BOOKS_CHANGE_NO_MEMORY);
    assert_true(status == OK || status == STATUS_NO_MEMORY);
    if (status != OK) assert_non_null(strstr(error->message, "no memory"));
    return answer == BOOKS_GRANTED && change == BOOKS_CHANGED && status == OK;
}

/* Where the n-th allocation fails nothing has changed, for every n, and a second try succeeds. */
static void test_without_memory_nothing_changes(void **state)
{
    (void)state;
    for (uint32_t i = 0; i <= GROUPS; i++) buffer_init(&parts_before[i], 0);
    for (uint32_t what = 0; what < 7; what++) {
        uint64_t nth = 1;
        for (bool reached = true; reached; nth++) {
            struct error error = ERROR_NONE;
            assert_int_equal(books_open(&books, &error), OK);
            key_count = grant_count = 0;
            memset(life, 0, sizeof life);
            /* Tables that have no room left: growing them is part of it. */
            struct wish wish = wish_of(FREE, 0, 5);
            struct books_refusal refusal;
            uint32_t fill = what == 6 ? 3 : 64;
            wish.version = &versions[1];
            for (uint32_t i = 0; i < fill; i++) {
                struct books_request request = request_of(&wish, false);
                effect_of(request.effect, 1000 + i);
                char name[16];
                (void)snprintf(name, sizeof name, "filler %u", i);
                if (i > 0 && what != 6) request.player = text_of(name);
                assert_int_equal(books_reserve(books, &request, &refusal), BOOKS_GRANTED);
            }
            for (uint32_t i = 0; what == 4 || what == 5 ? i < 14 : false; i++) {
                char name[16];
                (void)snprintf(name, sizeof name, "campaign %u", i);
                assert_int_equal(books_enter(books, text_of(name), 1), BOOKS_CHANGED);
            }
            for (uint32_t i = 0; what == 3 && i < 7; i++) {
                struct crypto_id id = {{(uint8_t)i}};
                assert_int_not_equal(books_make_shared(books, id, 0), BOOKS_NOWHERE);
            }
            keep_parts();
            wish = wish_of(BIG, 1, 50);
            struct books_request request = request_of(&wish, true);
            memory_fail_once(nth);
            bool enough = try_one(what, &request, &error);
            reached = memory_count() >= nth;
            memory_fail_once(0);
            if (what != 6 || enough) assert_int_equal(enough, !reached);
            assert_int_equal(books_check(books, &error), OK);
            if (!enough) {
                compare_marks(false);
                if (nth % 2 == 0) {
                    struct wish again = wish_of(FREE, 2, 5);
                    again.version = &versions[1];
                    struct books_request another = request_of(&again, false);
                    effect_of(another.effect, 3000);
                    assert_int_equal(books_reserve(books, &another, &refusal), BOOKS_GRANTED);
                }
                assert_true(try_one(what, &request, &error));
                assert_int_equal(books_check(books, &error), OK);
            }
            compare_marks(true);
            /* The limits of the program before are at hand again, whatever was lost on the way. */
            wish = wish_of(FREE, 1, 50);
            wish.version = &versions[1];
            for (uint32_t i = 0; i < 2; i++, wish.version = &versions[0]) {
                request = request_of(&wish, false);
                effect_of(request.effect, 2000 + i);
                assert_int_equal(books_reserve(books, &request, &refusal), BOOKS_GRANTED);
            }
            books_close(books);
        }
        assert_true(nth > 2);
    }
    for (uint32_t i = 0; i <= GROUPS; i++) buffer_deinit(&parts_before[i]);
}

/* A program of the same place in memory and another hash is another program, and the other way round. */
static void test_each_program_has_its_own_limits(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    struct books_refusal refusal;
    assert_int_equal(books_open(&books, &error), OK);
    grant_count = 0;
    struct wish wish = wish_of(SMALL, 0, 1801);
    struct books_request request = request_of(&wish, false);
    assert_int_equal(books_reserve(books, &request, &refusal), BOOKS_REFUSED);
    assert_int_equal(refusal.limit, 16);
    static struct version other;
    other = versions[1];
    memcpy(other.program.full_hash, versions[0].program.full_hash, 32);
    request.program = &other.program;
    request.cost = 2001;
    assert_int_equal(books_reserve(books, &request, &refusal), BOOKS_REFUSED);
    assert_int_equal(refusal.limit, 3);
    /* In the same place now lie the lines of the first one. */
    other = versions[0];
    other.program.full_hash[31] = 99;
    request.cost = 1801;
    assert_int_equal(books_reserve(books, &request, &refusal), BOOKS_REFUSED);
    assert_int_equal(refusal.limit, 16);
    request.cost = 1800;
    assert_int_equal(books_reserve(books, &request, &refusal), BOOKS_GRANTED);
    assert_int_equal(books_check(books, &error), OK);
    books_close(books);
}

static void hear_nobody(void *context, const uint8_t effect[16])
{
    (void)context;
    (void)effect;
    fail();
}

static void test_of_nobody_nothing_is_told(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    struct books_refusal refusal;
    assert_int_equal(books_open(&books, &error), OK);
    books_of_journey(books, 1, TEXT("a"), TEXT("b"), TEXT("c"), 1, hear_nobody, NULL);
    grant_count = 0;
    struct wish wish = wish_of(FREE, 0, 5);
    struct books_request request = request_of(&wish, false);
    assert_int_equal(books_reserve(books, &request, &refusal), BOOKS_GRANTED);
    books_of_journey(books, group_of(1), brand_of(1), name_of(1), TEXT("Free"), 1, hear_nobody, NULL);
    books_of_journey(books, group_of(0), brand_of(0), name_of(0), TEXT("Nothing"), 1, hear_nobody, NULL);
    books_of_journey(books, group_of(0), brand_of(0), name_of(0), TEXT("Free"), 2, hear_nobody, NULL);
    assert_int_equal(books_lose(books,
                                &(struct books_request){.program = &versions[0].program,
                                                        .campaign = FREE,
                                                        .offer = TEXT("x"),
                                                        .player = TEXT("somebody"),
                                                        .cost = 3},
                                TEXT("Free")),
                     BOOKS_GRANTED);
    assert_int_equal(books_given_left(books, &versions[0].program, TEXT("Nobody's"), 5, &error), STATUS_NOT_FOUND);
    request.offer = TEXT("nothing");
    assert_false(books_adopt(books, &request, TEXT("Free")));
    request.offer = TEXT("x");
    assert_false(books_adopt(books, &request, TEXT("Nothing")));
    assert_false(books_adopt(books, &request, TEXT("Free")));
    request.player = TEXT("nobody");
    assert_false(books_adopt(books, &request, TEXT("Free")));
    books_close(books);
}

/* All lines of a budget are books of their own, and all are asked. Of several totals the smallest is the cap; there may be none. */
static void test_totals_of_several_lines(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    struct books_refusal refusal;
    assert_int_equal(books_open(&books, &error), OK);
    grant_count = 0;
    struct wish wish = wish_of(BIG, 0, 5);
    wish.version = &versions[2];
    struct books_request request = request_of(&wish, false);
    assert_int_equal(books_reserve(books, &request, &refusal), BOOKS_GRANTED);
    request.cost = 29996;
    effect_of(request.effect, 1);
    assert_int_equal(books_reserve(books, &request, &refusal), BOOKS_REFUSED);
    assert_int_equal(refusal.limit, 2);
    request.player = TEXT("another");
    assert_int_equal(books_reserve(books, &request, &refusal), BOOKS_REFUSED);
    assert_int_equal(refusal.limit, 0);
    assert_int_equal(books_budget_total(books, &versions[2].program, 0).cap, -1);
    assert_int_equal(books_campaign_total(books, &versions[2].program, BIG).cap, -1);
    assert_int_equal(books_campaign_total(books, &versions[2].program, BIG).reserved, 5);
    static const int64_t amounts[][3] = {{0, 7, 0}, {7, 0, 0}, {7, 5, 5}, {5, 7, 5}, {7, 7, 7}};
    for (uint32_t i = 0; i < 5; i++) {
        const struct line lines[] = {{0, SCOPE_TOTAL, LIMIT_EVER, ANY, amounts[i][0]},
                                     {0, SCOPE_TOTAL, LIMIT_DAY, ANY, 1},
                                     {0, SCOPE_PLAYER, LIMIT_EVER, ANY, 1},
                                     {0, SCOPE_TOTAL, LIMIT_EVER, 1, 1},
                                     {0, SCOPE_TOTAL, LIMIT_EVER, ANY, amounts[i][1]}};
        struct version several;
        make_version(&several, lines, 5, 4);
        assert_int_equal(books_budget_total(books, &several.program, 0).cap, amounts[i][2]);
        free_version(&several);
    }
    books_close(books);
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
    make_programs();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 3; i++) free_version(&versions[i]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_operation_as_the_model_has_it),
        cmocka_unit_test(test_without_memory_nothing_changes), cmocka_unit_test(test_each_program_has_its_own_limits),
        cmocka_unit_test(test_of_nobody_nothing_is_told), cmocka_unit_test(test_totals_of_several_lines)};
    return cmocka_run_group_tests_name("books: model", tests, set_up, tear_down);
}
