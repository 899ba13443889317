/* The platform's side. Contract: world.h. */
#include "tests/sim/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/civil.h"
#include "vm/status.h"

enum { CREDITS_MAX = 2048, HOUR_MS = 3600000 };

struct credit {
    char effect[33];
    int paid;
    int64_t reply_at; /* INT64_MAX: none is owed */
    uint32_t replies, lost;
};

struct world {
    uint64_t random;
    int64_t now;
    char (*codes)[24];
    struct world_counts *counts;
    struct world_line line[WORLD_LINES_MAX];
    uint32_t lines, next_id;
    struct credit credit[CREDITS_MAX];
    uint32_t credits;
    uint32_t known; /* players of whom consents were told */
    bool erased[WORLD_PLAYERS];
    bool suspended;
    bool insists; /* the wallet loses no more replies */
};

static uint32_t draw(struct world *world, uint32_t below)
{
    uint64_t x = world->random += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((x ^ (x >> 31)) % below);
}

struct world *world_open(uint64_t seed, char (*codes)[24], struct world_counts *counts)
{
    struct world *world = calloc(1, sizeof *world);
    INVARIANT(world != NULL);
    world->random = seed;
    world->now = WORLD_START;
    world->codes = codes;
    world->counts = counts;
    return world;
}

void world_close(struct world *world)
{
    free(world);
}

const struct world_line *world_line(const struct world *world, uint32_t number)
{
    INVARIANT(number < world->lines);
    return &world->line[number];
}

uint32_t world_lines(const struct world *world)
{
    return world->lines;
}

int64_t world_now(const struct world *world)
{
    return world->now;
}

/* ---------------------------------------------------------------- lines */

static struct world_line *fresh(struct world *world, enum world_what what, uint32_t player)
{
    INVARIANT(world->lines < WORLD_LINES_MAX);
    struct world_line *line = &world->line[world->lines++];
    *line = (struct world_line){.what = what, .player = player, .at = world->now};
    static const char *const sources[] = {"", "core", "games"};
    snprintf(line->source, sizeof line->source, "%s", sources[draw(world, 3)]);
    /* Ids in no order of time: within an instant they decide. */
    snprintf(line->id, sizeof line->id, "%u", (world->next_id++ * 7919u + 13u) % 1000003u);
    world->counts->lines++;
    if (player < WORLD_PLAYERS && WORLD_FORGOTTEN_COME_BACK) world->erased[player] = false;
    return line;
}

__attribute__((format(printf, 2, 3))) static void write_line(struct world_line *line, const char *words, ...)
{
    va_list arguments;
    va_start(arguments, words);
    int size = vsnprintf(line->text, sizeof line->text, words, arguments);
    va_end(arguments);
    INVARIANT(size > 0 && (size_t)size < sizeof line->text);
    line->size = (uint32_t)size;
}

static void write_event(struct world_line *line, const char *event, const char *data)
{
    char at[CIVIL_INSTANT_SIZE], source[32] = "";
    (void)civil_format_instant(at, line->at);
    if (line->source[0] != 0) snprintf(source, sizeof source, ",\"source\":\"%s\"", line->source);
    write_line(line, "{\"id\":\"%s\"%s,\"event\":\"%s\",\"player\":\"p%u\",\"at\":\"%s\",\"data\":{%s}}", line->id,
               source, event, line->player, at, data);
}

static uint32_t tell_consent(struct world *world, uint32_t player)
{
    struct world_line *line = fresh(world, WORLD_CONSENT, player);
    line->source[0] = 0;
    snprintf(line->id, sizeof line->id, "a%u", world->next_id++);
    line->number = (draw(world, 4) != 0 ? WORLD_EMAIL : 0) | (draw(world, 3) != 0 ? WORLD_PUSH : 0) |
                   (draw(world, 12) != 0 ? WORLD_ADULT : 0) | (draw(world, 4) == 0 ? WORLD_VIP : 0) |
                   (player % 10 == 7 ? WORLD_TEST : 0);
    char at[CIVIL_INSTANT_SIZE];
    (void)civil_format_instant(at, line->at);
    write_line(line,
               "{\"kind\":\"attributes\",\"id\":\"%s\",\"player\":\"p%u\",\"at\":\"%s\",\"set\":{\"casino_email\":%s,"
               "\"casino_push\":%s,\"age_verified\":%s,\"vip\":%s,\"test_player\":%s}}",
               line->id, player, at, line->number & WORLD_EMAIL ? "true" : "false",
               line->number & WORLD_PUSH ? "true" : "false", line->number & WORLD_ADULT ? "true" : "false",
               line->number & WORLD_VIP ? "true" : "false", line->number & WORLD_TEST ? "true" : "false");
    return world->lines - 1;
}

static void write_money(struct world_line *line, const char *event, const char *before, int64_t amount,
                        const char *behind)
{
    char data[320];
    line->amount = amount;
    snprintf(data, sizeof data, "%s\"amount\":\"%lld.%02lld EUR\"%s", before, (long long)(amount / 100),
             (long long)(amount % 100), behind);
    write_event(line, event, data);
}

static void write_bet(struct world *world, struct world_line *line)
{
    char data[256], at[CIVIL_INSTANT_SIZE];
    line->amount = 100 + 50 * draw(world, 100) + draw(world, 2) * draw(world, 100);
    line->number = draw(world, 5);
    (void)civil_format_instant(at, line->at);
    snprintf(
        data, sizeof data,
        "\"settled_at\":\"%s\",\"game\":\"g%u\",\"kind\":\"slots\",\"funds\":\"real\",\"stake\":\"%lld.%02lld EUR\","
        "\"win\":\"0.00 EUR\",\"multiplier\":0",
        at, line->number, (long long)(line->amount / 100), (long long)(line->amount % 100));
    write_event(line, "bet", data);
}

/* Whether nothing more is told of the player. */
static bool is_gone(const struct world *world, uint32_t player)
{
    return player < WORLD_PLAYERS && world->erased[player] && !WORLD_FORGOTTEN_COME_BACK;
}

/* The id of an earlier line, other content: refused whoever says it. It lies in an instant of its own. */
static bool reuse_id(struct world *world)
{
    uint32_t of = draw(world, world->lines);
    if (is_gone(world, world->line[of].player)) return false;
    if (world->line[of].what != WORLD_BET && world->line[of].what != WORLD_DEPOSIT) return false;
    if (world->line[of].late || world->line[of].reused || world->now - world->line[of].at > 5 * WORLD_DAY) return false;
    world->now += 1000;
    struct world_line *line = fresh(world, world->line[of].what, world->line[of].player);
    strcpy(line->id, world->line[of].id);
    strcpy(line->source, world->line[of].source);
    line->reused = true;
    if (line->what == WORLD_BET) {
        write_bet(world, line);
    } else {
        write_money(line, "deposit", "", 9900, ",\"first\":false,\"method\":\"bank\"");
    }
    world->counts->reused++;
    return true;
}

/* An earlier deposit of the player, or WORLD_LINES_MAX. */
static uint32_t earlier(const struct world *world, uint32_t player, enum world_what what)
{
    for (uint32_t number = world->lines; number > 0; number--) {
        const struct world_line *line = &world->line[number - 1];
        if (line->player == player && line->what == what && !line->reused) return number - 1;
    }
    return WORLD_LINES_MAX;
}

static void make_late(struct world *world, struct world_line *line)
{
    if (draw(world, 12) != 0) return;
    bool beyond = draw(world, 4) == 0;
    line->at -=
        beyond ? 8 * WORLD_DAY + (int64_t)draw(world, 100000) * 1000 : (int64_t)(1 + draw(world, 6 * 24 - 2)) * HOUR_MS;
    line->late = true;
    if (beyond) {
        world->counts->too_late++;
    } else {
        world->counts->late++;
    }
}

static uint32_t tell_event(struct world *world)
{
    uint32_t player = draw(world, WORLD_PLAYERS);
    if (is_gone(world, player)) return tell_event(world);
    uint32_t kind = draw(world, 100);
    struct world_line *line;
    char data[200];
    if (kind < 10) {
        line = fresh(world, WORLD_REGISTRATION, player);
        write_event(line, "registered", "");
    } else if (kind < 30) {
        line = fresh(world, WORLD_DEPOSIT, player);
        make_late(world, line);
        write_money(line, "deposit", "", 1000 + draw(world, 9000), ",\"first\":false,\"method\":\"card\"");
    } else if (kind < 55) {
        line = fresh(world, WORLD_BET, player);
        make_late(world, line);
        write_bet(world, line);
    } else if (kind < 60) {
        line = fresh(world, WORLD_SESSION, player);
        write_event(line, "session.started", "\"device\":\"mobile\"");
    } else if (kind < 67) {
        line = fresh(world, WORLD_CODE, player);
        line->number = draw(world, WORLD_CODES);
        snprintf(data, sizeof data, "\"codes\":\"spring\",\"code\":\"%s\"", world->codes[line->number]);
        write_event(line, "code.entered", data);
    } else if (kind < 73) {
        line = fresh(world, WORLD_SPEND, player);
        line->amount = 1 + draw(world, 12);
        snprintf(data, sizeof data, "\"points\":\"stars\",\"amount\":%lld", (long long)line->amount);
        write_event(line, "points.spend", data);
    } else if (kind < 77) {
        line = fresh(world, WORLD_REVIEW, player);
        snprintf(data, sizeof data, "\"review_id\":\"r%s\",\"product_id\":\"x\",\"length\":80,\"bought\":true",
                 line->id);
        write_event(line, "review.left", data);
    } else if (kind < 82) {
        line = fresh(world, WORLD_CHECKOUT, player);
        write_money(line, "checkout", "", 1000 + draw(world, 1500), ",\"card\":\"card\"");
    } else if (kind < 84) {
        uint32_t order = earlier(world, player, WORLD_CHECKOUT);
        if (order == WORLD_LINES_MAX) return tell_event(world);
        line = fresh(world, WORLD_REFUND, player);
        line->number = order;
        snprintf(data, sizeof data, "\"order_id\":\"%s\",", world->line[order].id);
        write_money(line, "checkout.refunded", data, 100 + draw(world, 1000), "");
    } else if (kind < 88) {
        line = fresh(world, WORLD_RACE, player);
        write_event(line, "campaign.opted_in", "\"campaign\":\"Race\"");
    } else if (kind < 91) {
        line = fresh(world, WORLD_EXPLORER, player);
        write_event(line, "campaign.opted_in", "\"campaign\":\"Explorer\"");
    } else if (kind < 93) {
        line = fresh(world, WORLD_WITHDRAWAL, player);
        write_money(line, "withdrawal.requested", "", 5000 + draw(world, 6000), "");
    } else if (kind < 95) {
        uint32_t of = earlier(world, player, WORLD_DEPOSIT);
        if (of == WORLD_LINES_MAX) return tell_event(world);
        const struct world_line *deposit = &world->line[of];
        char at[CIVIL_INSTANT_SIZE];
        (void)civil_format_instant(at, deposit->at);
        line = fresh(world, WORLD_DEPOSIT_REVERSED, player);
        strcpy(line->source, deposit->source);
        line->number = of;
        snprintf(data, sizeof data, "\"deposit_id\":\"%s\",\"deposited_at\":\"%s\",", deposit->id, at);
        write_money(line, "deposit.reversed", data, deposit->amount, ",\"first\":false,\"method\":\"card\"");
    } else if (kind == 95) {
        if (draw(world, 3) != 0) return tell_event(world);
        line = fresh(world, WORLD_EXCLUSION, player);
        write_event(line, "player.self_excluded", "");
        world->counts->excluded++;
    } else if (kind == 96) {
        line = fresh(world, WORLD_TIME_OUT, player);
        line->until = line->at + (int64_t)(1 + draw(world, 40)) * HOUR_MS;
        char at[CIVIL_INSTANT_SIZE];
        (void)civil_format_instant(at, line->until);
        snprintf(data, sizeof data, "\"ends_at\":\"%s\"", at);
        write_event(line, "player.timed_out", data);
    } else if (kind == 97) {
        if (draw(world, 3) != 0) return tell_event(world);
        /* Not twice, with nothing between: the key of such a record is never there to be kept by the auditor. */
        if (player == 0 || world->erased[player]) return tell_event(world);
        world->now += 1000; /* an instant of its own */
        line = fresh(world, WORLD_ERASE, player);
        char at[CIVIL_INSTANT_SIZE];
        line->source[0] = 0;
        snprintf(line->id, sizeof line->id, "x%u", world->next_id++);
        (void)civil_format_instant(at, line->at);
        write_line(line, "{\"kind\":\"erase\",\"id\":\"%s\",\"player\":\"p%u\",\"at\":\"%s\"}", line->id, player, at);
        world->now += 1000;
        world->counts->erased++;
        world->erased[player] = true;
    } else if (kind == 98) {
        line = fresh(world, world->suspended ? WORLD_RESUME : WORLD_SUSPEND, WORLD_PLAYERS);
        world->suspended = !world->suspended;
        char at[CIVIL_INSTANT_SIZE];
        line->source[0] = 0;
        snprintf(line->id, sizeof line->id, "c%u", world->next_id++);
        (void)civil_format_instant(at, line->at);
        write_line(line, "{\"kind\":\"command\",\"id\":\"%s\",\"at\":\"%s\",\"command\":\"%s\",\"campaign\":\"Spins\"}",
                   line->id, at, line->what == WORLD_RESUME ? "resume" : "suspend");
    } else {
        return tell_consent(world, player);
    }
    return world->lines - 1;
}

static uint32_t tell_tick(struct world *world)
{
    struct world_line *line = fresh(world, WORLD_TICK, WORLD_PLAYERS);
    char at[CIVIL_INSTANT_SIZE];
    line->source[0] = line->id[0] = 0;
    (void)civil_format_instant(at, line->at);
    write_line(line, "{\"kind\":\"tick\",\"at\":\"%s\"}", at);
    return world->lines - 1;
}

uint32_t world_tick(struct world *world, int64_t days)
{
    world->now += days * WORLD_DAY;
    return tell_tick(world);
}

/* ---------------------------------------------------------------- the wallet */

static const char *value_of(const char *line, const char *key, char *out, size_t room)
{
    char quoted[40];
    snprintf(quoted, sizeof quoted, "\"%s\":\"", key);
    const char *at = strstr(line, quoted);
    if (at == NULL) return NULL;
    at += strlen(quoted);
    size_t size = strcspn(at, "\"");
    if (size >= room) return NULL;
    memcpy(out, at, size);
    out[size] = 0;
    return out;
}

static struct credit *find_credit(const struct world *world, const char *effect)
{
    for (uint32_t index = 0; index < world->credits; index++) {
        if (strcmp(world->credit[index].effect, effect) == 0) return (struct credit *)(uintptr_t)&world->credit[index];
    }
    return NULL;
}

int world_paid(const struct world *world, const char *effect)
{
    const struct credit *credit = find_credit(world, effect);
    return credit == NULL ? 0 : credit->paid;
}

void world_receive(struct world *world, const char *line, uint32_t size)
{
    char id[40];
    if (size < 20 || memcmp(line, "{\"effect\":\"credit\"", 18) != 0) return;
    if (value_of(line, "id", id, sizeof id) == NULL) return;
    if (find_credit(world, id) != NULL) {
        world->counts->seen_again++;
        return;
    }
    INVARIANT(world->credits < CREDITS_MAX && strlen(id) == 32);
    struct credit *credit = &world->credit[world->credits++];
    *credit = (struct credit){.reply_at = world->now};
    strcpy(credit->effect, id);
    credit->paid = draw(world, 4) == 0 ? -1 : 1;
    if (credit->paid > 0) {
        world->counts->paid++;
    } else {
        world->counts->refused++;
    }
    if (draw(world, 4) == 0) {
        credit->reply_at += (int64_t)draw(world, 60) * HOUR_MS;
        world->counts->reply_late++;
    } else {
        credit->reply_at += (int64_t)draw(world, 100) * 1000;
    }
}

/* The reply of a credit that is due; or WORLD_LINES_MAX. */
static uint32_t reply(struct world *world)
{
    for (uint32_t index = 0; index < world->credits; index++) {
        struct credit *credit = &world->credit[index];
        if (credit->reply_at > world->now) continue;
        if (draw(world, 6) == 0 && !world->insists) {
            /* Lost on the way; the wallet says it again some day. */
            credit->reply_at = world->now + (int64_t)(1 + draw(world, 30)) * HOUR_MS;
            world->counts->reply_lost++;
            continue;
        }
        struct world_line *line = fresh(world, WORLD_REPLY, WORLD_PLAYERS);
        strcpy(line->effect, credit->effect);
        line->paid = credit->paid > 0;
        line->source[0] = 0;
        snprintf(line->id, sizeof line->id, "w%u", world->next_id++);
        char at[CIVIL_INSTANT_SIZE];
        (void)civil_format_instant(at, line->at);
        write_line(line, "{\"kind\":\"reply\",\"id\":\"%s\",\"effect\":\"%s\",\"at\":\"%s\",\"status\":\"%s\"}",
                   line->id, line->effect, at, line->paid ? "credited" : "failed");
        credit->reply_at = INT64_MAX;
        /* Once more under another id, by a wallet that does not know whether it was heard. */
        if (credit->replies++ == 0 && draw(world, 8) == 0 && !world->insists) {
            credit->reply_at = world->now + (int64_t)draw(world, 20) * HOUR_MS;
            world->counts->reply_twice++;
        }
        return world->lines - 1;
    }
    return WORLD_LINES_MAX;
}

bool world_owes(struct world *world)
{
    world->insists = true;
    bool any = false;
    for (uint32_t index = 0; index < world->credits; index++) {
        if (world->credit[index].reply_at == INT64_MAX) continue;
        world->credit[index].reply_at = world->now;
        any = true;
    }
    return any;
}

uint32_t world_next(struct world *world)
{
    if (world->known < WORLD_PLAYERS) return tell_consent(world, world->known++);
    uint32_t pass = world->insists ? 1 : draw(world, 20);
    if (pass == 0) {
        world->now += (int64_t)(1 + draw(world, 12)) * HOUR_MS;
    } else if (pass < 4) {
        world->now += (int64_t)draw(world, 3600) * 1000;
    } else if (pass < 12) {
        world->now += 1 + draw(world, 60000);
    } else {
        world->counts->same_instant++;
    }
    uint32_t owed = reply(world);
    if (owed != WORLD_LINES_MAX) return owed;
    if (world->insists) return tell_tick(world);
    uint32_t kind = draw(world, 40);
    if (kind < 4) {
        uint32_t again = draw(world, world->lines);
        if (is_gone(world, world->line[again].player) && world->line[again].what != WORLD_ERASE)
            return tell_tick(world);
        world->counts->twice++;
        return again;
    }
    if (kind == 4 && reuse_id(world)) return world->lines - 1;
    if (kind == 5) return tell_tick(world);
    return tell_event(world);
}
