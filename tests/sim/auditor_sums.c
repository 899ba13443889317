/* Own sums: what the records that count add up to, by spec/runtime.md, held against effects, answers and state. Contract: auditor.h.
 *
 * Turn order, what counts and what is turned away are worked out here once more. Where the order inside one instant could matter the check
 * is lenient; where a player was forgotten, figures of that player are left alone from then on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/auditor_parts.h"
#include "vm/split.h"

enum { TABLE = 8192, HISTORY_MAX = 64, BETS_MAX = 4096, RACERS_MAX = 1024 };
#define LATENESS (7 * WORLD_DAY)
#define HOUR     INT64_C(3600000)

struct span {
    int64_t from, until;
};

struct person {
    struct {
        int64_t now;
        uint32_t bits;
    } consent[HISTORY_MAX];
    uint32_t consents;
    struct span barred[HISTORY_MAX]; /* exclusions and time-outs */
    uint32_t barreds;
    int64_t erased_at; /* the last time; INT64_MIN: never */
    int64_t staked, spent;
    int64_t card_taken;
    bool card, card_failed;
};

struct bet {
    uint32_t player;
    int64_t at, now, stake;
};

struct racer {
    uint32_t player;
    int64_t day;
};

/* What became of a credit, by effect id. */
struct fate {
    uint64_t key;
    bool granted, answered, paid, released, committed, taken_back;
    int64_t answered_at, cost;
    char campaign[16];
};

/* An answer that must come. */
struct expected {
    uint64_t key;
    bool sure, ok;
};

struct sums {
    struct auditor *auditor;
    struct person person[WORLD_PLAYERS];
    struct bet bet[BETS_MAX];
    uint32_t bets;
    struct racer racer[RACERS_MAX];
    uint32_t racers;
    struct fate fate[TABLE];
    struct expected expected[TABLE];
    uint64_t owner[TABLE]; /* identities; who has each */
    uint32_t owner_line[TABLE];
};

static uint32_t slot_of(uint64_t key)
{
    return (uint32_t)(key >> 8) % TABLE;
}

static uint64_t key_of(const char *first, const char *second)
{
    uint64_t key = split_hash64(first, strlen(first), 5);
    return split_hash64(second, strlen(second), key) | 1;
}

static struct fate *fate_of(struct sums *sums, const char *effect)
{
    uint64_t key = key_of(effect, "");
    uint32_t at = slot_of(key);
    while (sums->fate[at].key != 0 && sums->fate[at].key != key) at = (at + 1) % TABLE;
    sums->fate[at].key = key;
    return &sums->fate[at];
}

static struct expected *expected_of(struct sums *sums, const char *id, const char *source)
{
    uint64_t key = key_of(id, source);
    uint32_t at = slot_of(key);
    while (sums->expected[at].key != 0 && sums->expected[at].key != key) at = (at + 1) % TABLE;
    sums->expected[at].key = key;
    return &sums->expected[at];
}

/* ---------------------------------------------------------------- turn order */

static int phase_of(const struct audit_record *record, const struct world *world)
{
    if (record->kind == RECORD_COMMAND || record->kind == RECORD_ACTIVATE || record->line == AUDIT_NONE) return 0;
    enum world_what what = world_line(world, record->line)->what;
    if (what == WORLD_EXCLUSION || what == WORLD_TIME_OUT) return 1;
    return what == WORLD_CONSENT ? 2 : 4;
}

static int compare_ids(const char *left, const char *right)
{
    size_t left_size = strlen(left), right_size = strlen(right);
    if (left_size != right_size) return left_size < right_size ? -1 : 1;
    return strcmp(left, right);
}

static const struct world *sorting;

static int compare_records(const void *left, const void *right)
{
    const struct audit_record *a = *(const struct audit_record *const *)left;
    const struct audit_record *b = *(const struct audit_record *const *)right;
    if (a->now != b->now) return a->now < b->now ? -1 : 1;
    int phase = phase_of(a, sorting), other = phase_of(b, sorting);
    if (phase != other) return phase - other;
    int order = phase == 0 ? 0 : phase < 4 ? compare_ids(a->player, b->player) : 0;
    if (order == 0 && phase > 0) order = compare_ids(a->id, b->id);
    if (order == 0 && phase > 0) order = compare_ids(a->source, b->source);
    if (order == 0 && phase == 4) order = compare_ids(a->player, b->player);
    if (order != 0) return order;
    return a->position < b->position ? -1 : 1;
}

/* Whether the record is applied: known before, under another's id, or too late. */
static bool counts(struct sums *sums, const struct audit_record *record, const struct world_line *line)
{
    bool ever = line->what == WORLD_REPLY || line->what == WORLD_ERASE || line->what == WORLD_EXCLUSION ||
                line->what == WORLD_TIME_OUT || line->what == WORLD_SUSPEND || line->what == WORLD_RESUME;
    uint64_t key = key_of(record->id, record->source);
    uint32_t at = slot_of(key);
    while (sums->owner[at] != 0 && sums->owner[at] != key) at = (at + 1) % TABLE;
    if (!ever && record->now - record->at > LATENESS) return false;
    if (sums->owner[at] == key) return false;
    sums->owner[at] = key;
    sums->owner_line[at] = record->line;
    return true;
}

/* ---------------------------------------------------------------- what each record means */

static void bar(struct sums *sums, uint32_t player, int64_t from, int64_t until)
{
    struct person *person = &sums->person[player];
    if (person->barreds < HISTORY_MAX) person->barred[person->barreds++] = (struct span){.from = from, .until = until};
}

static void apply(struct sums *sums, const struct audit_record *record, const struct world_line *line)
{
    struct person *person = line->player < WORLD_PLAYERS ? &sums->person[line->player] : NULL;
    switch (line->what) {
    case WORLD_CONSENT:
        if (person->consents < HISTORY_MAX) {
            person->consent[person->consents].now = record->now;
            person->consent[person->consents++].bits = line->number;
        }
        break;
    case WORLD_BET:
        person->staked += line->amount;
        if (sums->bets < BETS_MAX) {
            sums->bet[sums->bets++] =
                (struct bet){.player = line->player, .at = line->at, .now = record->now, .stake = line->amount};
        }
        break;
    case WORLD_SPEND: {
        struct expected *expected = expected_of(sums, record->id, record->source);
        expected->sure = person->erased_at == INT64_MIN;
        expected->ok = person->staked / 1000 - person->spent >= line->amount;
        if (expected->ok) person->spent += line->amount;
        break;
    }
    case WORLD_RACE: {
        int64_t local = record->now + WORLD_ZONE_MS, day = local / WORLD_DAY, time = local % WORLD_DAY;
        if (time >= 10 * HOUR && time < 20 * HOUR && sums->racers < RACERS_MAX)
            sums->racer[sums->racers++] = (struct racer){.player = line->player, .day = day};
        break;
    }
    case WORLD_EXCLUSION: bar(sums, line->player, record->now, INT64_MAX); break;
    case WORLD_TIME_OUT: bar(sums, line->player, record->now, line->until); break;
    case WORLD_ERASE:
        person->erased_at = record->now;
        person->barreds = 0;
        if (person->consents < HISTORY_MAX) {
            person->consent[person->consents].now = record->now;
            person->consent[person->consents++].bits = 0;
        }
        break;
    case WORLD_REPLY: {
        struct fate *fate = fate_of(sums, line->effect);
        if (fate->answered) break;
        fate->answered = true;
        fate->paid = line->paid;
        fate->answered_at = record->now;
        break;
    }
    default: break;
    }
}

/* A reward that was taken back before it left, or refused by its receiver, was never paid. */
static void apply_attempt(struct sums *sums, const struct audit_record *record)
{
    if (record->outcome != DELIVERY_RECALLED && record->outcome != DELIVERY_REFUSED) return;
    struct fate *fate = fate_of(sums, record->effect);
    if (fate->answered) return;
    fate->answered = fate->taken_back = true;
    fate->answered_at = record->now;
}

static void apply_all(struct sums *sums)
{
    struct auditor *auditor = sums->auditor;
    const struct audit_record **order = calloc(auditor->records + 1, sizeof *order);
    INVARIANT(order != NULL);
    for (uint32_t index = 0; index < auditor->records; index++) order[index] = &auditor->record[index];
    sorting = auditor->world;
    qsort(order, auditor->records, sizeof *order, compare_records);
    for (uint32_t index = 0; index < auditor->records; index++) {
        if (order[index]->kind == RECORD_DELIVERY) apply_attempt(sums, order[index]);
        if (order[index]->line == AUDIT_NONE) continue;
        const struct world_line *line = world_line(auditor->world, order[index]->line);
        if (counts(sums, order[index], line)) apply(sums, order[index], line);
    }
    free(order);
}

/* ---------------------------------------------------------------- gates */

static uint32_t consent_at(const struct person *person, int64_t at)
{
    uint32_t bits = 0;
    for (uint32_t index = 0; index < person->consents; index++) {
        if (person->consent[index].now <= at) bits = person->consent[index].bits;
    }
    return bits;
}

static void judge_gates(struct sums *sums, const struct audit_effect *effect)
{
    struct auditor *auditor = sums->auditor;
    if (effect->player >= WORLD_PLAYERS) return;
    const struct person *person = &sums->person[effect->player];
    if (effect->at <= person->erased_at) return; /* an earlier life */
    for (uint32_t index = 0; index < person->barreds; index++) {
        if (effect->at >= person->barred[index].from && effect->at < person->barred[index].until)
            audit_fail(auditor, "p%u got %s of %s (%s) although excluded, or on a time-out", effect->player,
                       effect->name, effect->campaign, effect->id);
    }
    uint32_t bits = consent_at(person, effect->at);
    if (effect->kind == AUDIT_CREDIT) {
        if (!(bits & WORLD_ADULT))
            audit_fail(auditor, "p%u got a reward with no verified age (%s)", effect->player, effect->id);
        return;
    }
    auditor->counts.sends++;
    if (strcmp(effect->name, "inbox") == 0) return;
    uint32_t needed = strcmp(effect->name, "email") == 0 ? WORLD_EMAIL : WORLD_PUSH;
    if (!(bits & needed))
        audit_fail(auditor, "p%u got a message by %s without consent (%s)", effect->player, effect->name, effect->id);
    int64_t time = (effect->at + WORLD_ZONE_MS) % WORLD_DAY;
    if (time < 9 * HOUR || time >= 21 * HOUR)
        audit_fail(auditor, "p%u got a message in the quiet hours (%s)", effect->player, effect->id);
    uint32_t within = 0;
    for (uint32_t index = 0; index < auditor->effects; index++) {
        const struct audit_effect *other = &auditor->effect[index];
        if (other->kind == AUDIT_SEND && other->player == effect->player && strcmp(other->name, "inbox") != 0 &&
            other->at <= effect->at && other->at > effect->at - WORLD_DAY)
            within++;
    }
    if (within > 3) audit_fail(auditor, "p%u got %u messages within 24 hours (%s)", effect->player, within, effect->id);
}

/* ---------------------------------------------------------------- budgets */

enum cap_scope { TOTAL, PER_DAY, PER_PLAYER, PER_PLAYER_DAY, PER_RUN };
static const struct cap {
    const char *campaign, *other; /* two campaigns share a cap where both are named */
    enum cap_scope scope;
    int64_t most;
} caps[] = {
    {"Race", NULL, TOTAL, 20000},         {"Race", NULL, PER_DAY, 3000},     {"Explorer", NULL, TOTAL, 15000},
    {"Explorer", NULL, PER_PLAYER, 1500}, {"Match", NULL, TOTAL, 55000},     {"Match", NULL, PER_DAY, 25000},
    {"Match", NULL, PER_PLAYER, 8000},    {"Spins", NULL, TOTAL, 18000},     {"Spins", NULL, PER_DAY, 9000},
    {"Spins", "Reload", TOTAL, 90000},    {"Reload", NULL, TOTAL, 45000},    {"Reload", NULL, PER_PLAYER_DAY, 2500},
    {"Cashback", NULL, TOTAL, 50000},     {"Cashback", NULL, PER_RUN, 4000}, {"Cashback", NULL, PER_PLAYER, 6000},
    {"Codes", NULL, TOTAL, 30000},        {"Card", NULL, TOTAL, 25000},      {"Card", NULL, PER_PLAYER, 2500},
    {"Club", NULL, TOTAL, 12000},
};

/* Rewards of these have a life of their own and may come back without the wallet's word. */
static bool has_life(const char *campaign)
{
    return strcmp(campaign, "Match") == 0 || strcmp(campaign, "Card") == 0;
}

static bool under(const struct cap *cap, const struct audit_effect *effect)
{
    return effect->kind == AUDIT_CREDIT && !effect->test && effect->cost > 0 &&
           (strcmp(effect->campaign, cap->campaign) == 0 ||
            (cap->other != NULL && strcmp(effect->campaign, cap->other) == 0));
}

static bool same_account(enum cap_scope scope, const struct audit_effect *left, const struct audit_effect *right)
{
    int64_t left_day = (left->at + WORLD_ZONE_MS) / WORLD_DAY, right_day = (right->at + WORLD_ZONE_MS) / WORLD_DAY;
    switch (scope) {
    case TOTAL: return true;
    case PER_DAY: return left_day == right_day;
    case PER_PLAYER: return left->player == right->player;
    case PER_PLAYER_DAY: return left->player == right->player && left_day == right_day;
    case PER_RUN: return left_day == right_day; /* one a day, and its slices lie within it */
    }
    return false;
}

/* When the money of a credit came back; INT64_MAX: never. */
static int64_t back_at(struct sums *sums, const struct audit_effect *effect)
{
    const struct fate *fate = fate_of(sums, effect->id);
    if (has_life(effect->campaign)) {
        for (uint32_t index = 0; index < sums->auditor->notes; index++) {
            const struct audit_note *note = &sums->auditor->note[index];
            if (note->kind == NOTE_RELEASED && strcmp(note->id, effect->id) == 0) return note->now;
        }
        return INT64_MAX;
    }
    return fate->answered && !fate->paid ? fate->answered_at : INT64_MAX;
}

/* At the instant of each credit: all that is out under the cap, itself included, is at most the cap. */
static void judge_caps(struct sums *sums)
{
    struct auditor *auditor = sums->auditor;
    int64_t *back = calloc(auditor->effects + 1, sizeof *back);
    INVARIANT(back != NULL);
    for (uint32_t index = 0; index < auditor->effects; index++) {
        if (auditor->effect[index].kind == AUDIT_CREDIT) back[index] = back_at(sums, &auditor->effect[index]);
    }
    for (uint32_t number = 0; number < sizeof caps / sizeof caps[0]; number++) {
        const struct cap *cap = &caps[number];
        for (uint32_t index = 0; index < auditor->effects; index++) {
            const struct audit_effect *credit = &auditor->effect[index];
            if (!under(cap, credit)) continue;
            /* A player who was forgotten begins anew. */
            if (cap->scope != TOTAL && cap->scope != PER_DAY && cap->scope != PER_RUN &&
                credit->player < WORLD_PLAYERS && sums->person[credit->player].erased_at != INT64_MIN)
                continue;
            int64_t out = 0;
            for (uint32_t before = 0; before <= index; before++) {
                const struct audit_effect *other = &auditor->effect[before];
                if (under(cap, other) && same_account(cap->scope, other, credit) && back[before] > credit->at)
                    out += other->cost;
            }
            if (out > cap->most) /* promise B2 */
                audit_fail(auditor, "%s: %lld of %lld is out (scope %d) at credit %s", cap->campaign, (long long)out,
                           (long long)cap->most, (int)cap->scope, credit->id);
        }
    }
    free(back);
}

/* ---------------------------------------------------------------- the books in the state */

struct book {
    char campaign[16];
    int64_t reserved, spent, booked; /* booked: of what has a life, by the notes */
};

static void gather_fates(struct sums *sums)
{
    struct auditor *auditor = sums->auditor;
    for (uint32_t index = 0; index < auditor->effects; index++) {
        const struct audit_effect *effect = &auditor->effect[index];
        if (effect->kind != AUDIT_CREDIT) continue;
        auditor->counts.credits++;
        struct fate *fate = fate_of(sums, effect->id);
        if (fate->granted) audit_fail(auditor, "credit %s was granted twice", effect->id);
        fate->granted = true;
        fate->cost = effect->test ? 0 : effect->cost;
        memcpy(fate->campaign, effect->campaign, sizeof fate->campaign);
    }
    for (uint32_t index = 0; index < auditor->notes; index++) {
        const struct audit_note *note = &auditor->note[index];
        struct fate *fate = fate_of(sums, note->id);
        if (note->kind == NOTE_COMMITTED && fate->committed) audit_fail(auditor, "%s was committed twice", note->id);
        if (note->kind == NOTE_RELEASED && fate->released) audit_fail(auditor, "%s was released twice", note->id);
        if (note->kind == NOTE_COMMITTED) fate->committed = true;
        if (note->kind != NOTE_RELEASED) continue;
        auditor->counts.released++;
        fate->released = true;
        if (fate->granted && !has_life(fate->campaign) && (!fate->answered || fate->paid)) /* promise B4 */
            audit_fail(auditor, "%s of %s came back, and the wallet never said no", note->id, fate->campaign);
        if (fate->granted && note->amount > fate->cost)
            audit_fail(auditor, "%s gave back %lld of %lld", note->id, (long long)note->amount, (long long)fate->cost);
    }
}

struct judge_book {
    struct sums *sums;
};

static void judge_book(void *context, const struct engine_campaign_summary *summary)
{
    struct sums *sums = ((struct judge_book *)context)->sums;
    struct auditor *auditor = sums->auditor;
    char campaign[16];
    size_t size = summary->name.size < 15 ? summary->name.size : 15;
    memcpy(campaign, summary->name.at, size);
    campaign[size] = 0;
    int64_t reserved = 0, spent = 0, out = 0;
    for (uint32_t index = 0; index < TABLE; index++) {
        const struct fate *fate = &sums->fate[index];
        if (!fate->granted || strcmp(fate->campaign, campaign) != 0) continue;
        if (!fate->answered) reserved += fate->cost;
        if (fate->answered && fate->paid) spent += fate->cost;
    }
    for (uint32_t index = 0; index < auditor->notes; index++) {
        const struct audit_note *note = &auditor->note[index];
        if (strcmp(note->campaign, campaign) != 0) continue;
        if (note->kind == NOTE_RESERVED) out += note->amount;
        if (note->kind == NOTE_RELEASED) out -= note->amount;
    }
    if (summary->budget_cap < 0) return;
    auditor->counts.books++;
    if (summary->budget_reserved < 0 || summary->budget_spent < 0)
        audit_fail(auditor, "the books of %s are below zero", campaign);
    bool same = has_life(campaign) ? summary->budget_reserved + summary->budget_spent == out
                                   : summary->budget_reserved == reserved && summary->budget_spent == spent;
    if (!same) /* promise B1 */
        audit_fail(
            auditor,
            "the books of %s say reserved %lld, spent %lld; the wallet was asked for %lld and paid %lld (notes: %lld)",
            campaign, (long long)summary->budget_reserved, (long long)summary->budget_spent, (long long)reserved,
            (long long)spent, (long long)out);
}

/* The outbox has carried all: what the engine decided and nobody took back has left. */
static void judge_carried(struct sums *sums)
{
    struct auditor *auditor = sums->auditor;
    for (uint32_t index = 0; index < auditor->effects && auditor->carried; index++) {
        const struct audit_effect *effect = &auditor->effect[index];
        if (effect->kind != AUDIT_CREDIT || effect->player >= WORLD_PLAYERS) continue;
        const struct person *person = &sums->person[effect->player];
        if (person->barreds > 0 || person->erased_at != INT64_MIN || fate_of(sums, effect->id)->taken_back) continue;
        if (!audit_has_left(auditor, effect->id)) /* promise O1 */
            audit_fail(auditor, "the outbox never carried %s of %s, player p%u, id %s", effect->name, effect->campaign,
                       effect->player, effect->id);
    }
}

/* ---------------------------------------------------------------- who may have what once */

static bool first_life(const struct sums *sums, uint32_t player)
{
    return player < WORLD_PLAYERS && sums->person[player].erased_at == INT64_MIN;
}

static void judge_once(struct sums *sums)
{
    struct auditor *auditor = sums->auditor;
    for (uint32_t index = 0; index < auditor->effects; index++) {
        const struct audit_effect *effect = &auditor->effect[index];
        if (effect->kind != AUDIT_CREDIT || !first_life(sums, effect->player)) continue;
        bool ever = strcmp(effect->campaign, "Spins") == 0 || strcmp(effect->campaign, "Club") == 0 ||
                    strcmp(effect->campaign, "Card") == 0;
        bool daily = strcmp(effect->campaign, "Cashback") == 0;
        for (uint32_t before = 0; before < index; before++) {
            const struct audit_effect *other = &auditor->effect[before];
            if (other->kind != AUDIT_CREDIT || other->player != effect->player ||
                strcmp(other->campaign, effect->campaign) != 0)
                continue;
            bool same_day = (other->at + WORLD_ZONE_MS) / WORLD_DAY == (effect->at + WORLD_ZONE_MS) / WORLD_DAY;
            bool same = strcmp(other->name, effect->name) == 0;
            /* What the wallet refused was never there, and may be given again. */
            const struct fate *fate = fate_of(sums, other->id);
            if (ever && same && !(fate->answered && !fate->paid && strcmp(effect->campaign, "Club") == 0))
                audit_fail(auditor, "p%u got %s twice (%s, %s)", effect->player, effect->name, other->id, effect->id);
            if (daily && same_day)
                audit_fail(auditor, "p%u got cashback twice in a day (%s, %s)", effect->player, other->id, effect->id);
            if (other->journey == effect->journey && same) /* promise X4 */
                audit_fail(auditor, "p%u got %s twice in a journey (%s, %s)", effect->player, effect->name, other->id,
                           effect->id);
        }
    }
}

/* ---------------------------------------------------------------- codes, cards, points */

/* Of one code one redemption lives: one of a real player, whose money was not refused. */
static void judge_codes(struct sums *sums)
{
    struct auditor *auditor = sums->auditor;
    const struct world *world = auditor->world;
    static uint32_t alive[WORLD_CODES], ok[WORLD_PLAYERS];
    memset(alive, 0, sizeof alive);
    memset(ok, 0, sizeof ok);
    uint32_t all = 0;
    for (uint32_t number = 0; number < world_lines(world); number++) {
        const struct world_line *line = world_line(world, number);
        if (line->what != WORLD_CODE || line->reused) continue;
        const struct audit_effect *answer = NULL, *credit = NULL;
        for (uint32_t index = 0; index < auditor->effects && answer == NULL; index++) {
            const struct audit_effect *effect = &auditor->effect[index];
            if (effect->kind == AUDIT_ANSWER && strcmp(effect->to, line->id) == 0 &&
                strcmp(effect->source, line->source) == 0 && strcmp(effect->name, "code.entered") == 0)
                answer = effect;
        }
        if (answer == NULL || strcmp(answer->result, "OK") != 0) continue;
        for (uint32_t index = 0; index < auditor->effects; index++) {
            const struct audit_effect *effect = &auditor->effect[index];
            if (effect->kind == AUDIT_CREDIT && strcmp(effect->campaign, "Codes") == 0 &&
                effect->player == line->player && effect->at == answer->at)
                credit = effect;
        }
        if (credit == NULL || credit->test) continue; /* a test player takes no code from others */
        const struct fate *fate = fate_of(sums, credit->id);
        if (fate->answered && !fate->paid) continue;
        auditor->counts.answers++;
        all++;
        if (++alive[line->number] > 1) audit_fail(auditor, "code %u was redeemed twice", line->number);
        if (++ok[line->player] > 2 && first_life(sums, line->player))
            audit_fail(auditor, "p%u redeemed more than two codes", line->player);
    }
    if (all > 20) audit_fail(auditor, "%u codes were redeemed, and the quotas together have 20", all);
}

static void judge_answers(struct sums *sums)
{
    struct auditor *auditor = sums->auditor;
    for (uint32_t index = 0; index < auditor->effects; index++) {
        const struct audit_effect *effect = &auditor->effect[index];
        if (effect->kind == AUDIT_CREDIT && strcmp(effect->campaign, "Card") == 0 && effect->player < WORLD_PLAYERS) {
            const struct fate *fate = fate_of(sums, effect->id);
            sums->person[effect->player].card = true;
            sums->person[effect->player].card_failed = fate->answered && !fate->paid;
        }
        if (effect->kind != AUDIT_ANSWER || effect->player >= WORLD_PLAYERS) continue;
        struct person *person = &sums->person[effect->player];
        if (strcmp(effect->name, "points.spend") == 0) {
            const struct expected *expected = expected_of(sums, effect->to, effect->source);
            bool is_ok = strcmp(effect->result, "OK") == 0;
            auditor->counts.answers++;
            if (expected->sure && expected->ok != is_ok)
                audit_fail(auditor, "p%u asked to spend points (%s): %s, and should be %s", effect->player, effect->to,
                           effect->result, expected->ok ? "OK" : "INSUFFICIENT");
        }
        /* An answer that is given again is the same one. */
        bool again = false;
        for (uint32_t before = 0; before < index && !again; before++)
            again = strcmp(auditor->effect[before].id, effect->id) == 0;
        if (again) continue;
        if (strcmp(effect->name, "checkout") == 0) person->card_taken += effect->from_card;
        if (strcmp(effect->name, "checkout.refunded") == 0) person->card_taken -= effect->to_card;
        if (person->card_taken < 0 || person->card_taken > 2500)
            if (first_life(sums, effect->player))
                audit_fail(auditor, "the card of p%u gave %lld in all", effect->player, (long long)person->card_taken);
    }
}

static void judge_players(struct sums *sums, struct engine *engine)
{
    struct auditor *auditor = sums->auditor;
    for (uint32_t player = 0; player < WORLD_PLAYERS; player++) {
        if (!first_life(sums, player)) continue;
        const struct person *person = &sums->person[player];
        char name[8];
        (void)snprintf(name, sizeof name, "p%u", player);
        int64_t balance = engine_find_property(engine, TEXT(""), text_of(name), PROPERTY_POINTS_BALANCE, TEXT("stars"));
        int64_t own = person->staked / 1000 - person->spent;
        auditor->counts.points++;
        if (balance != own)
            audit_fail(auditor, "p%u has %lld stars, and should have %lld", player, (long long)balance, (long long)own);
        if (!person->card || person->card_failed) continue;
        int64_t left = engine_find_property(engine, TEXT(""), text_of(name), PROPERTY_OFFER_BALANCE, TEXT("card"));
        auditor->counts.cards++;
        if (left != 2500 - person->card_taken)
            audit_fail(auditor, "the card of p%u has %lld left, and should have %lld", player, (long long)left,
                       (long long)(2500 - person->card_taken));
    }
}

/* ---------------------------------------------------------------- cashback and places */

static int64_t staked_on(const struct sums *sums, uint32_t player, int64_t day, int64_t before)
{
    int64_t sum = 0;
    for (uint32_t index = 0; index < sums->bets; index++) {
        const struct bet *bet = &sums->bet[index];
        if (bet->player == player && (bet->at + WORLD_ZONE_MS) / WORLD_DAY == day && bet->now <= before)
            sum += bet->stake;
    }
    return sum;
}

static void judge_cashback(struct sums *sums, const struct audit_effect *effect)
{
    if (strcmp(effect->campaign, "Cashback") != 0 || !first_life(sums, effect->player)) return;
    int64_t day = (effect->at + WORLD_ZONE_MS) / WORLD_DAY;
    int64_t ten = staked_on(sums, effect->player, day - 1, effect->at) / 10;
    if (ten > 1000) ten = 1000;
    if (llabs(ten - effect->cost) > 1 && !effect->test)
        audit_fail(sums->auditor, "the cashback of p%u is %lld, and should be %lld (%s)", effect->player,
                   (long long)effect->cost, (long long)ten, effect->id);
}

/* The points of the player in the race of that day: one for each whole euro of all stakes together. */
static int64_t raced(const struct sums *sums, uint32_t player, int64_t day)
{
    int64_t from = day * WORLD_DAY + 10 * HOUR - WORLD_ZONE_MS, until = from + 10 * HOUR, settled = from + 11 * HOUR,
            sum = 0;
    for (uint32_t index = 0; index < sums->bets; index++) {
        const struct bet *bet = &sums->bet[index];
        if (bet->player == player && bet->at >= from && bet->at < until && bet->now < settled) sum += bet->stake;
    }
    return sum / 100;
}

/* Whoever is paid stands above everybody who took part, may win, and is paid less or nothing. */
static void judge_race(struct sums *sums, const struct audit_effect *effect)
{
    if (strcmp(effect->campaign, "Race") != 0 || effect->test || !first_life(sums, effect->player)) return;
    struct auditor *auditor = sums->auditor;
    int64_t day = (effect->at + WORLD_ZONE_MS) / WORLD_DAY;
    int64_t own = raced(sums, effect->player, day);
    uint32_t above = 0;
    bool seen[WORLD_PLAYERS] = {false}, took_part = false, unsure = false;
    for (uint32_t index = 0; index < sums->racers; index++) {
        uint32_t player = sums->racer[index].player;
        if (sums->racer[index].day != day || seen[player]) continue;
        seen[player] = true;
        if (player == effect->player) {
            took_part = true;
            continue;
        }
        if (!first_life(sums, player)) {
            unsure = true;
            continue;
        }
        uint32_t bits = consent_at(&sums->person[player], effect->at);
        bool may = (bits & WORLD_ADULT) && !(bits & WORLD_TEST);
        for (uint32_t span = 0; span < sums->person[player].barreds; span++) {
            const struct span *barred = &sums->person[player].barred[span];
            /* Who was barred when he would have entered, or is at the settlement, may not be in it. */
            if (barred->from <= effect->at && barred->until > day * WORLD_DAY + 10 * HOUR - WORLD_ZONE_MS)
                unsure = true, may = false;
        }
        int64_t score = raced(sums, player, day);
        if (score == 0 || !may) continue;
        /* Of two with the same points the times of their last ones decide, which are the engine's to say. */
        if (score == own) unsure = true;
        if (score > own) above++;
    }
    static const int64_t prizes[] = {1500, 900, 600};
    auditor->counts.places++;
    if (own == 0) audit_fail(auditor, "p%u won the race without a point (%s)", effect->player, effect->id);
    if (!took_part) audit_fail(auditor, "p%u won the race without taking part (%s)", effect->player, effect->id);
    if (!unsure && (above > 2 || prizes[above] != effect->cost))
        audit_fail(auditor, "p%u has place %u of the race and got %lld (%s)", effect->player, above + 1,
                   (long long)effect->cost, effect->id);
}

void audit_sums(struct auditor *auditor, struct engine *engine)
{
    struct sums *sums = calloc(1, sizeof *sums);
    INVARIANT(sums != NULL);
    sums->auditor = auditor;
    for (uint32_t player = 0; player < WORLD_PLAYERS; player++) sums->person[player].erased_at = INT64_MIN;
    apply_all(sums);
    gather_fates(sums);
    for (uint32_t index = 0; index < auditor->effects; index++) {
        const struct audit_effect *effect = &auditor->effect[index];
        if (effect->kind != AUDIT_SEND && effect->kind != AUDIT_CREDIT) continue;
        judge_gates(sums, effect);
        if (effect->kind == AUDIT_CREDIT) judge_cashback(sums, effect);
        if (effect->kind == AUDIT_CREDIT) judge_race(sums, effect);
    }
    judge_carried(sums);
    judge_caps(sums);
    judge_once(sums);
    judge_codes(sums);
    judge_answers(sums);
    struct judge_book book = {.sums = sums};
    if (!engine_summary(engine, judge_book, &book)) abort();
    judge_players(sums, engine);
    free(sums);
}
