/* The ledger of lives. See ledger.h.
 *
 *   RESERVED ──► an entry, added to the accounts of journey, player, run, campaign, offer, and each limit it falls under ──► judged
 *   REFUSED ───► judged: by the account of the limit that it names it does not fit, and so much is left
 *   RELEASED ──► the entry, once, with its amount, taken off the same accounts
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lives/ledger.h"

#include "runtime/engine/effect_json.h"
#include "vm/civil.h"
#include "vm/zone.h"

enum account_kind { OF_JOURNEY, OF_PLAYER, OF_RUN, OF_CAMPAIGN, OF_OFFER, OF_LIMIT, OF_PLACING, ACCOUNT_KINDS };
enum { BOUNDS = 4, ACCOUNTS_MOST = 80, WORDS_SIZE = 400 };

struct account {
    enum account_kind kind;
    uint64_t key[3];
    int64_t sum;   /* granted less returned */
    int64_t gross; /* granted */
    int64_t run;   /* OF_JOURNEY, OF_PLACING: the run it belongs to; INT64_MIN: none */
};

struct entry {
    uint8_t id[16];
    int64_t amount;
    bool reserved, returned, left; /* there was a reservation; it was released; the credit left */
    bool explained;                /* something said that it is taken back */
    uint64_t bytes;                /* hash of the effect's line; 0: none left */
    uint32_t account[ACCOUNTS_MOST];
    uint32_t account_count;
};

/* Open addressing over numbers of rows; 0 is free, n + 1 is row n. */
struct table {
    uint32_t *place;
    uint32_t size;
};

struct ledger {
    const struct program *program;
    enum ledger_plant plant;
    struct account *account;
    uint32_t account_count, account_room;
    struct table accounts;
    struct entry *entry;
    uint32_t entry_count, entry_room;
    struct table entries;
    uint64_t *forgotten; /* Hashes of players, once for each time. */
    uint32_t forgotten_count;
    uint32_t *open; /* Entries whose release waits for its word. */
    uint32_t open_count;
    int64_t *last_run; /* By campaign. */
    double (*share)
        [BOUNDS]; /* By campaign: the largest of journey, player, run, campaign; below zero: there is no such bound. */
    double limit_share[SCOPE_COUNT][PERIOD_COUNT];
    uint64_t credits, returned, refusals;
    struct buffer line;
    bool any_word; /* the platform has told what became of a reward without its id: until the next settled instant */
    char fault[WORDS_SIZE];
};

static const char *const bound_word[BOUNDS] = {"journey", "player", "run", "in all"};
static const char *const scope_word[SCOPE_COUNT] = {"in all", "per player", "per offer"};
static const char *const period_word[PERIOD_COUNT] = {"", " a day", " a week", " a month", " a run", " a year"};

static void *grown(void *old, size_t count, size_t size)
{
    void *made = realloc(old, count * size);
    if (made == NULL) abort();
    return made;
}

static uint64_t mixed(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static uint64_t hash_of(const void *bytes, size_t size)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < size; i++) hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(1099511628211);
    return mixed(hash) | 1;
}

PRINTF_LIKE(2, 3) static void fault(struct ledger *ledger, const char *format, ...)
{
    if (ledger->fault[0] != '\0') return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(ledger->fault, sizeof ledger->fault, format, arguments);
    va_end(arguments);
}

/* ------------------------------------------------------------------------------------------------- rows */

static uint64_t player_of(const struct ledger *ledger, struct text brand, struct text player)
{
    uint64_t hash = hash_of(brand.at, brand.size) * 31 + hash_of(player.at, player.size), times = 0;
    for (uint32_t i = 0; i < ledger->forgotten_count; i++) times += ledger->forgotten[i] == hash;
    return hash + times;
}

static bool is_forgotten(const struct ledger *ledger, struct text brand, struct text player)
{
    uint64_t hash = hash_of(brand.at, brand.size) * 31 + hash_of(player.at, player.size);
    for (uint32_t i = 0; i < ledger->forgotten_count; i++) {
        if (ledger->forgotten[i] == hash) return true;
    }
    return false;
}

static uint64_t account_hash(enum account_kind kind, const uint64_t key[3])
{
    return mixed(mixed(mixed(key[0] * 8 + kind) + key[1]) + key[2]);
}

static void put(struct table *table, uint64_t hash, uint32_t row)
{
    uint32_t at = (uint32_t)hash & (table->size - 1);
    while (table->place[at] != 0) at = (at + 1) & (table->size - 1);
    table->place[at] = row + 1;
}

/* Doubles a table whose rows are half as many as its places; true: every row must be put in again. */
static bool made_room(struct table *table, uint32_t rows)
{
    if (table->size > rows * 2) return false;
    table->size = table->size == 0 ? 1024 : table->size * 2;
    free(table->place);
    table->place = calloc(table->size, sizeof *table->place);
    if (table->place == NULL) abort();
    return true;
}

static uint32_t account_at(struct ledger *ledger, enum account_kind kind, uint64_t first, uint64_t second,
                           uint64_t third)
{
    const uint64_t key[3] = {first, second, third};
    if (made_room(&ledger->accounts, ledger->account_count)) {
        for (uint32_t i = 0; i < ledger->account_count; i++)
            put(&ledger->accounts, account_hash(ledger->account[i].kind, ledger->account[i].key), i);
    }
    uint64_t hash = account_hash(kind, key);
    for (uint32_t at = (uint32_t)hash; ledger->accounts.place[at & (ledger->accounts.size - 1)] != 0; at++) {
        uint32_t row = ledger->accounts.place[at & (ledger->accounts.size - 1)] - 1;
        if (ledger->account[row].kind == kind && memcmp(ledger->account[row].key, key, sizeof key) == 0) return row;
    }
    if (ledger->account_count == ledger->account_room) {
        ledger->account_room = ledger->account_room * 2 + 256;
        ledger->account = grown(ledger->account, ledger->account_room, sizeof *ledger->account);
    }
    ledger->account[ledger->account_count] =
        (struct account){.kind = kind, .key = {first, second, third}, .run = INT64_MIN};
    put(&ledger->accounts, hash, ledger->account_count);
    return ledger->account_count++;
}

static struct entry *entry_of(struct ledger *ledger, const uint8_t id[16])
{
    if (made_room(&ledger->entries, ledger->entry_count)) {
        for (uint32_t i = 0; i < ledger->entry_count; i++) put(&ledger->entries, hash_of(ledger->entry[i].id, 16), i);
    }
    uint64_t hash = hash_of(id, 16);
    for (uint32_t at = (uint32_t)hash; ledger->entries.place[at & (ledger->entries.size - 1)] != 0; at++) {
        struct entry *entry = &ledger->entry[ledger->entries.place[at & (ledger->entries.size - 1)] - 1];
        if (memcmp(entry->id, id, 16) == 0) return entry;
    }
    if (ledger->entry_count == ledger->entry_room) {
        ledger->entry_room = ledger->entry_room * 2 + 256;
        ledger->entry = grown(ledger->entry, ledger->entry_room, sizeof *ledger->entry);
    }
    struct entry *entry = &ledger->entry[ledger->entry_count];
    *entry = (struct entry){.amount = 0};
    memcpy(entry->id, id, 16);
    put(&ledger->entries, hash, ledger->entry_count++);
    return entry;
}

/* ------------------------------------------------------------------------------------------------- judging */

static void judge_bound(struct ledger *ledger, uint32_t campaign, uint32_t which, int64_t sum)
{
    const struct bundle_bound *bound = &ledger->program->bound[campaign];
    const int64_t most[BOUNDS] = {bound->spend_journey, bound->spend_player, bound->spend_run, bound->spend_campaign};
    if (most[which] < 0) return;
    int64_t least = ledger->plant == PLANT_BOUNDS ? most[which] / 2 : most[which];
    double share = most[which] == 0 ? (double)sum : (double)sum / (double)most[which];
    if (share > ledger->share[campaign][which]) ledger->share[campaign][which] = share;
    if (sum <= least) return;
    fault(ledger, "campaign \"%.*s\": %" PRId64 " minor units, %s; the bound is %" PRId64,
          TEXT_ARGS(program_text(ledger->program, ledger->program->campaign[campaign].name)), sum, bound_word[which],
          least);
}

static void judge_limit(struct ledger *ledger, uint32_t budget, const struct bundle_limit *limit, int64_t sum)
{
    int64_t most = ledger->plant == PLANT_LIMITS ? limit->amount / 2 : limit->amount;
    double share = limit->amount == 0 ? (double)sum : (double)sum / (double)limit->amount;
    if (share > ledger->limit_share[limit->scope][limit->period])
        ledger->limit_share[limit->scope][limit->period] = share;
    if (sum <= most) return;
    fault(ledger, "budget \"%.*s\", line %u: %" PRId64 " minor units %s%s; the limit is %" PRId64,
          TEXT_ARGS(program_text(ledger->program, ledger->program->budget[budget].name)), limit->line, sum,
          scope_word[limit->scope], period_word[limit->period], most);
}

static int64_t period_of(uint32_t period, unsigned zone, int64_t now)
{
    int64_t day = zone_date(zone, now);
    struct civil_date parts = civil_date_parts(day);
    switch (period) {
    case LIMIT_DAY: return day;
    case LIMIT_WEEK: return (day + 3 + 7 * 200000) / 7; /* Weeks begin on monday; 1970 began on a thursday. */
    case LIMIT_MONTH: return parts.year * 12 + parts.month;
    case LIMIT_YEAR: return parts.year;
    default: return 0;
    }
}

static int64_t add(struct ledger *ledger, struct entry *entry, uint32_t account)
{
    if (entry->account_count == ACCOUNTS_MOST) abort();
    entry->account[entry->account_count++] = account;
    ledger->account[account].gross += entry->amount;
    return ledger->account[account].sum += entry->amount;
}

static const struct bundle_tournament *tournament_of(const struct program *program, uint32_t campaign)
{
    for (uint32_t i = 0; i < program->tournament_count; i++) {
        if (program->tournament[i].campaign == campaign) return &program->tournament[i];
    }
    return NULL;
}

/* The account of a limit that the note falls under. */
static uint32_t limit_account(struct ledger *ledger, const struct engine_note *note, const struct bundle_budget *budget,
                              uint32_t index, uint64_t player, int64_t run)
{
    const struct program *program = ledger->program;
    const struct bundle_limit *limit = &program->limit[index];
    struct text place = program_text(
        program, budget->campaign == PROGRAM_NONE ? program->workspace->zone : program->campaign[note->campaign].zone);
    int64_t period = limit->period == LIMIT_RUN ? run : period_of(limit->period, zone_find_or_utc(place), note->now);
    return account_at(ledger, OF_LIMIT, index, (uint64_t)period, limit->scope == SCOPE_PLAYER ? player : 0);
}

static void book_limits(struct ledger *ledger, struct entry *entry, const struct engine_note *note, uint64_t player,
                        int64_t run)
{
    const struct program *program = ledger->program;
    const struct bundle_campaign *campaign = &program->campaign[note->campaign];
    const uint32_t budgets[2] = {campaign->budget, campaign->pool};
    for (uint32_t b = 0; b < 2; b++) {
        if (budgets[b] == PROGRAM_NONE) continue;
        const struct bundle_budget *budget = &program->budget[budgets[b]];
        for (uint32_t i = budget->limit_first; i < budget->limit_first + budget->limit_count; i++) {
            const struct bundle_limit *limit = &program->limit[i];
            if (limit->scope == SCOPE_OFFER && limit->offer != note->effect->object) continue;
            if (limit->period == LIMIT_RUN && run == INT64_MIN) continue;
            uint32_t account = limit_account(ledger, note, budget, i, player, run);
            judge_limit(ledger, budgets[b], limit, add(ledger, entry, account));
        }
    }
}

static int64_t run_of(struct ledger *ledger, const struct engine_note *note, uint64_t player)
{
    bool placing = tournament_of(ledger->program, note->campaign) != NULL;
    uint32_t account = account_at(ledger, placing ? OF_PLACING : OF_JOURNEY, note->campaign, player,
                                  placing ? 0 : note->journey); /* it may move the accounts */
    return ledger->account[account].run;
}

/* A refusal names a limit: by the accounts it must not fit there, and so much must be left as it says. */
static void judge_refusal(struct ledger *ledger, const struct engine_note *note)
{
    const struct program *program = ledger->program;
    if (note->effect == NULL || note->limit >= program->limit_count || note->budget >= program->budget_count) return;
    const struct bundle_limit *limit = &program->limit[note->limit];
    uint64_t player = player_of(ledger, note->brand, note->player);
    int64_t run = run_of(ledger, note, player);
    if (limit->period == LIMIT_RUN && run == INT64_MIN) return;
    uint32_t account = limit_account(ledger, note, &program->budget[note->budget], note->limit, player, run);
    int64_t sum = ledger->account[account].sum, most = limit->amount;
    if (ledger->plant == PLANT_REFUSALS) most *= 2;
    ledger->refusals++;
    if (sum + note->amount > most && most - sum == note->left) return;
    fault(ledger,
          "budget \"%.*s\", line %u: %" PRId64 " minor units were refused with %" PRId64
          " left; by the accounts %" PRId64 " of %" PRId64 " are taken",
          TEXT_ARGS(program_text(program, program->budget[note->budget].name)), limit->line, note->amount, note->left,
          sum, most);
}

/* Of an offer a player has at most so many. */
static void book_grant(struct ledger *ledger, struct entry *entry, const struct engine_note *note, uint64_t player)
{
    const struct bundle_offer *offer = &ledger->program->offer[note->effect->object];
    uint32_t account =
        account_at(ledger, OF_OFFER, note->effect->object, offer->shared ? PROGRAM_NONE : note->campaign, player);
    if (entry->account_count == ACCOUNTS_MOST) abort();
    entry->account[entry->account_count++] = account;
    int64_t had = ++ledger->account[account].sum;
    if (offer->grants_most > 0 && had > (int64_t)offer->grants_most)
        fault(ledger, "offer \"%.*s\": a player has it %" PRId64 " times; `grant` says %u",
              TEXT_ARGS(program_text(ledger->program, offer->name)), had, offer->grants_most);
}

static void book(struct ledger *ledger, const struct engine_note *note)
{
    struct entry *entry = entry_of(ledger, note->effect_id);
    if (entry->reserved) {
        fault(ledger, "one effect was reserved twice");
        return;
    }
    entry->reserved = true;
    entry->amount = note->amount;
    ledger->credits++;
    uint64_t player = player_of(ledger, note->brand, note->player);
    uint32_t journey = account_at(ledger, OF_JOURNEY, note->campaign, player, note->journey);
    int64_t run = run_of(ledger, note, player);
    add(ledger, entry, journey);
    /* The walk counts every credit that is granted, so what comes back makes no room in a journey. */
    judge_bound(ledger, note->campaign, 0, ledger->account[journey].gross);
    judge_bound(ledger, note->campaign, 1,
                add(ledger, entry, account_at(ledger, OF_PLAYER, note->campaign, player, 0)));
    if (run != INT64_MIN)
        judge_bound(ledger, note->campaign, 2,
                    add(ledger, entry, account_at(ledger, OF_RUN, note->campaign, (uint64_t)run, 0)));
    judge_bound(ledger, note->campaign, 3, add(ledger, entry, account_at(ledger, OF_CAMPAIGN, note->campaign, 0, 0)));
    book_limits(ledger, entry, note, player, run);
    book_grant(ledger, entry, note, player);
}

static void release(struct ledger *ledger, const struct engine_note *note)
{
    if (note->amount == 0) return; /* what costs nothing is in no account */
    struct entry *entry = entry_of(ledger, note->effect_id);
    if (!entry->reserved || entry->returned || entry->amount != note->amount) {
        fault(ledger, "%" PRId64 " minor units were released of a reservation of %" PRId64 "%s", note->amount,
              entry->amount, entry->returned ? ", for the second time" : "");
        return;
    }
    entry->returned = true;
    ledger->returned++;
    if (entry->left && !entry->explained) {
        ledger->open = grown(ledger->open, ledger->open_count + 1, sizeof *ledger->open);
        ledger->open[ledger->open_count++] = (uint32_t)(entry - ledger->entry);
    }
    if (ledger->plant == PLANT_RELEASES) return;
    for (uint32_t i = 0; i < entry->account_count; i++) {
        struct account *account = &ledger->account[entry->account[i]];
        account->sum -= account->kind == OF_OFFER ? 1 : entry->amount;
        if (account->sum < 0) fault(ledger, "an account fell below nothing");
    }
}

/* ------------------------------------------------------------------------------------------------- what is told */

void ledger_note(struct ledger *ledger, const struct engine_note *note)
{
    if (note->kind == NOTE_RUN && note->campaign != PROGRAM_NONE) ledger->last_run[note->campaign] = note->now;
    if (note->kind == NOTE_RELEASED) release(ledger, note);
    if (note->campaign == PROGRAM_NONE || note->test_player) return;
    if (note->kind == NOTE_RESERVED) book(ledger, note);
    if (note->kind == NOTE_EFFECT_REFUSED && note->reason == REASON_BUDGET) judge_refusal(ledger, note);
    if (note->kind == NOTE_ENTERED && ledger->program->campaign[note->campaign].start_kind == START_SCHEDULE) {
        uint64_t player = player_of(ledger, note->brand, note->player);
        uint32_t journey = account_at(ledger, OF_JOURNEY, note->campaign, player, note->journey);
        ledger->account[journey].run = ledger->last_run[note->campaign];
    }
}

static struct text slot_text(const struct engine_event *event, uint32_t slot)
{
    if (((event->known[slot / 64] >> (slot % 64)) & 1) == 0) return TEXT("");
    int64_t handle = event->slot[slot];
    return (struct text){.at = (const char *)event->bytes + handle_offset(handle), .size = handle_size(handle)};
}

static bool id_of_text(uint8_t out[16], struct text digits)
{
    if (digits.size != 32) return false;
    for (unsigned i = 0; i < 32; i++) {
        char c = digits.at[i];
        uint8_t value = (uint8_t)(c >= 'a' ? c - 'a' + 10 : c - '0');
        out[i / 2] = (uint8_t)(i % 2 == 0 ? value << 4 : out[i / 2] | value);
    }
    return true;
}

/* What the engine made: a placing says which instance is paid for, an event about a reward that something became of it. */
static void hear(struct ledger *ledger, const struct engine_effect *effect)
{
    const struct program *program = effect->program;
    const struct bundle_event *event = &program->event[effect->made->event];
    struct text name = program_text(program, event->name);
    uint8_t id[16];
    if (event->about == ABOUT_OFFER && !text_equal(name, TEXT("bonus_activated")) &&
        !text_equal(name, TEXT("bonus_progress")) && id_of_text(id, slot_text(effect->made, PROGRAM_SLOT_ABOUT_EFFECT)))
        entry_of(ledger, id)->explained = true;
    if (!text_equal(name, TEXT("tournament_placed")) && !text_equal(name, TEXT("tournament_cancelled"))) return;
    struct text about = slot_text(effect->made, PROGRAM_SLOT_ABOUT);
    for (uint32_t campaign = 0; campaign < program->campaign_count; campaign++) {
        if (!text_equal(program_text(program, program->campaign[campaign].name), about)) continue;
        uint64_t player = player_of(ledger, effect->brand, effect->player);
        uint32_t placing = account_at(ledger, OF_PLACING, campaign, player, 0);
        for (uint32_t i = 0; i < event->field_count; i++) {
            const struct bundle_field *field = &program->field[event->field_first + i];
            if (text_equal(program_text(program, field->name), TEXT("started")))
                ledger->account[placing].run = effect->made->slot[field->slot];
        }
    }
}

void ledger_effect(struct ledger *ledger, const struct engine_effect *effect)
{
    buffer_clear(&ledger->line);
    effect_json_write(&ledger->line, effect);
    uint64_t bytes = hash_of(ledger->line.bytes, ledger->line.size);
    uint8_t id[16];
    memcpy(id, effect->id, sizeof id);
    if (effect->kind == ENGINE_RECALL) { /* It has the id of what it takes back; its own is that one turned over. */
        entry_of(ledger, id)->explained = true;
        for (unsigned i = 0; i < sizeof id; i++) id[i] = (uint8_t)~id[i];
    }
    struct entry *entry = entry_of(ledger, id);
    /* Whoever comes again under the name of one who was erased begins at journey 1, whose effects had these ids. */
    if (is_forgotten(ledger, effect->brand, effect->player)) entry->bytes = 0;
    if (entry->bytes != 0 && entry->bytes != bytes)
        fault(ledger, "one id has other bytes: %.*s", (int)(ledger->line.size < 300 ? ledger->line.size : 300),
              (const char *)ledger->line.bytes);
    if (entry->bytes != 0 && effect->kind == ENGINE_CREDIT) fault(ledger, "one credit left twice");
    entry->bytes = bytes;
    if (effect->kind == ENGINE_CREDIT) {
        entry->left = true;
        bool booked = entry->reserved && !entry->returned && entry->amount == effect->cost;
        if (effect->cost > 0 && !effect->test_player && !booked)
            fault(ledger, "a credit of %" PRId64 " left without a reservation of that: %.*s", effect->cost,
                  (int)(ledger->line.size < 300 ? ledger->line.size : 300), (const char *)ledger->line.bytes);
    }
    if (effect->kind == ENGINE_EVENT) hear(ledger, effect);
}

void ledger_told_failed(struct ledger *ledger, const uint8_t effect[16])
{
    entry_of(ledger, effect)->explained = true;
}

void ledger_forget(struct ledger *ledger, struct text brand, struct text player)
{
    ledger->forgotten = grown(ledger->forgotten, ledger->forgotten_count + 1, sizeof *ledger->forgotten);
    ledger->forgotten[ledger->forgotten_count++] = hash_of(brand.at, brand.size) * 31 + hash_of(player.at, player.size);
}

void ledger_settled(struct ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->open_count; i++) {
        const struct entry *entry = &ledger->entry[ledger->open[i]];
        if (!entry->explained && !ledger->any_word)
            fault(ledger, "%" PRId64 " minor units came back, and nothing says that the credit did", entry->amount);
    }
    ledger->open_count = 0;
    ledger->any_word = false;
}

void ledger_told_any(struct ledger *ledger)
{
    ledger->any_word = true;
}

/* ------------------------------------------------------------------------------------------------- the whole */

struct ledger *ledger_open(const struct program *program, enum ledger_plant plant)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL) abort();
    ledger->program = program;
    ledger->plant = plant;
    ledger->share = grown(NULL, program->campaign_count + 1, sizeof *ledger->share);
    ledger->last_run = grown(NULL, program->campaign_count + 1, sizeof *ledger->last_run);
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        const struct bundle_bound *bound = &program->bound[i];
        ledger->share[i][0] = bound->spend_journey < 0 ? -1 : 0;
        ledger->share[i][1] = bound->spend_player < 0 ? -1 : 0;
        ledger->share[i][2] = bound->spend_run < 0 ? -1 : 0;
        ledger->share[i][3] = bound->spend_campaign < 0 ? -1 : 0;
    }
    buffer_init(&ledger->line, 0);
    ledger_restart(ledger);
    return ledger;
}

void ledger_restart(struct ledger *ledger)
{
    ledger->account_count = ledger->entry_count = ledger->forgotten_count = ledger->open_count = 0;
    free(ledger->accounts.place);
    free(ledger->entries.place);
    ledger->accounts = ledger->entries = (struct table){NULL, 0};
    for (uint32_t i = 0; i < ledger->program->campaign_count; i++) ledger->last_run[i] = INT64_MIN;
}

void ledger_close(struct ledger *ledger)
{
    free(ledger->account);
    free(ledger->accounts.place);
    free(ledger->entry);
    free(ledger->entries.place);
    free(ledger->forgotten);
    free(ledger->open);
    free(ledger->last_run);
    free(ledger->share);
    buffer_deinit(&ledger->line);
    free(ledger);
}

const char *ledger_fault(const struct ledger *ledger)
{
    return ledger->fault[0] == '\0' ? NULL : ledger->fault;
}

uint64_t ledger_credits(const struct ledger *ledger)
{
    return ledger->credits;
}

uint64_t ledger_refusals(const struct ledger *ledger)
{
    return ledger->refusals;
}

uint64_t ledger_returned(const struct ledger *ledger)
{
    return ledger->returned;
}

void ledger_print(const struct ledger *ledger)
{
    const struct program *program = ledger->program;
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        if (program->bound[i].spend_journey == 0) continue;
        printf("  \"%.*s\":", TEXT_ARGS(program_text(program, program->campaign[i].name)));
        const char *between = " ";
        for (uint32_t b = 0; b < BOUNDS; b++) {
            if (ledger->share[i][b] < 0) continue;
            printf("%s%s %.0f%%", between, bound_word[b], ledger->share[i][b] * 100);
            between = ", ";
        }
        printf("\n");
    }
    const char *between = "  limits: ";
    for (uint32_t scope = 0; scope < SCOPE_COUNT; scope++) {
        for (uint32_t period = 0; period < PERIOD_COUNT; period++) {
            if (ledger->limit_share[scope][period] == 0) continue;
            printf("%s%s%s %.0f%%", between, scope_word[scope], period_word[period],
                   ledger->limit_share[scope][period] * 100);
            between = ", ";
        }
    }
    if (between[0] == ',') printf("\n");
}
