/* Forged bundles that verify: numbers of records are changed, the hashes written anew. What the verifier lets pass must fold: events,
 * attributes, replies, time, a change of program, a checkpoint and back, with no broken invariant and no step outside memory.
 * promise I21. Bytes that do not verify are tests/fuzz's matter. SEED=n takes another row, TIMES=n more of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fuzz/bundle_kit.h"
#include "tests/kit/engine_kit.h"

#include "runtime/engine/effect_json.h"
#include "runtime/engine/wallet.h"
#include "vm/arena.h"
#include "vm/bundle.h"
#include "vm/civil.h"
#include "vm/layout.h"
#include "vm/memory.h"
#include "vm/zone.h"

static struct bundle_kit_dice dice;

static uint64_t below(uint64_t count)
{
    return bundle_kit_below(&dice, count);
}

/* ---------------------------------------------------------------- bundles */

struct bytes {
    uint8_t *at;
    size_t size;
};

#define BUNDLES 13
static struct bytes whole[BUNDLES];

static const char OWN[] =
    "workspace \"Forged\"\n  product casino\n  currency EUR, USD\n  channel email, push, inbox\n  tag seen, other\n  "
    "timezone \"Europe/Malta\"\n"
    "  use events\n  use actions\nend\n"
    "attribute self_excluded yes or no, otherwise no\nattribute timed_out yes or no, otherwise no\n"
    "attribute harm_flagged yes or no, otherwise no\nattribute closed yes or no, otherwise no\n"
    "attribute level ranked none, silver, gold, otherwise none\nattribute nick optional text up to 20\n"
    "attribute home time zone, otherwise \"Europe/Malta\"\nattribute points whole number between 0 and 1,000, "
    "otherwise 0\n"
    "message \"m\"\n  about casino\n  inbox \"en\" \"m {player.id}\"\n  email \"en\" \"Hi {player.id}\"\nend\n"
    "policy \"P\"\n  send email about casino to everyone\n  finish as \"RG_BLOCKED\" for players where self_excluded "
    "is yes\n"
    "  never reward players where harm_flagged is yes\n  send only between 09:00 and 21:00 in the player's zone, "
    "otherwise delay\n"
    "  messages at most 3 per 24 hours, otherwise delay\n  messages marketing at most 9 per month in the player's "
    "zone, otherwise drop\n"
    "  group \"g\" one campaign at a time\n  hold out 1% by \"h\"\nend\n"
    "attribute jurisdiction country code, otherwise MT\n"
    "rules for MT from 2020-01-01\n  limit wagering at most 10x\n  limit products at most 1 per offer\n"
    "  limit rewards at most 9 per player\n  limit rewards to players where points is less than 999\n"
    "  limit expiry at most 30 days\n  require terms\n  require opt_in by product, channel\n"
    "  forbid rewards by points\nend\n"
    "budget \"pot\"\n  total 900 EUR\n  per month 500 EUR\nend\n"
    "campaign \"A\"\n  currency EUR\n  late events up to 10 minutes\n  pause on time_out\n"
    "  budget\n    from \"pot\"\n    total 300 EUR\n    per day 50 EUR\n    per player 40 EUR\n    when empty suspend "
    "the campaign\n  end\n"
    "  start on deposit where amount is at least 5 EUR\n  enter at most 3 times per 30 days\n  goal within 9 days on "
    "session\n"
    "  goal \"again\" within 2 days on deposit\n  measure \"paid\" within 9 days of deposit.amount where first is no\n"
    "  leave when player.level is gold  go to \"T\"\n  leave on withdrawal_requested\n"
    "  offer bonus \"b\"\n    amount 50% of deposit.amount, at most 20 EUR\n    wagering 10x of bonus\n    expires 7 "
    "days after grant\n  end\n"
    "  group \"g\"\n  step \"S\"\n    remember d as deposit.amount\n    send email \"m\"\n    credit \"b\", otherwise "
    "go to \"T\"\n"
    "    wait up to 2 days, including since entry\n      when session          tag seen\n      when bonus_wagered of "
    "\"b\"  go to \"T\"\n"
    "      when time is up       untag seen\n    end\n"
    "    split \"half\"\n      50% \"one\"  send inbox \"m\"\n      50% \"two\"  wait until 10:00\n    end\n    wait 3 "
    "days\n    go to \"T\"\n  end\n"
    "  step \"T\"\n    send email \"m\"\n    finish as \"DONE\"\n  end\nend\n"
    "holidays DE\n  day 2026-05-25 \"Whit Monday\"\n  through 2026-12-31\nend\n"
    "campaign \"Runs\"\n  currency EUR\n  business days of DE\n  start every business day at 11:00 in the player's "
    "zone\n"
    "  only for players where points is at most 900\n  order by player.points from largest, then player.level from "
    "smallest\n"
    "  enter every time, at most 4 players\n  step \"S\"\n    send inbox \"m\"\n    wait 2 business days\n    finish "
    "as "
    "\"DONE\"\n  end\nend\n"
    "campaign \"Cron\"\n  currency EUR\n  start on schedule \"0 */6 * * *\"\n  enter once per day\n"
    "  step \"S\"\n    send email \"m\"\n    wait until business day 10:00\n    finish as \"DONE\"\n  end\n"
    "  business days of DE\nend\n"
    "campaign \"B\"\n  currency EUR\n  priority 5\n  group \"g\"\n  start on harm_flag\n  enter once per player, at "
    "most 5 players\n"
    "  step \"S\"\n    send inbox \"m\"\n    finish as \"DONE\"\n  end\nend\n";

/* Starts by state: segments, silence, ends of campaigns, words, commands. */
static const char STATES[] =
    "workspace \"States\"\n  product casino\n  currency EUR\n  channel inbox\n  tag seen, other\n  use events\n"
    "  use actions\nend\n"
    "attribute points whole number between 0 and 1,000, otherwise 0\nattribute home time zone, otherwise "
    "\"Europe/Malta\"\n"
    "attribute self_excluded yes or no, otherwise no\nattribute timed_out yes or no, otherwise no\n"
    "attribute harm_flagged yes or no, otherwise no\nattribute closed yes or no, otherwise no\n"
    "attribute jurisdiction country code, otherwise MT\n"
    "attribute last optional moment\n"
    "segment \"Low\" is players where points is less than 500 and player.tags contains seen\n"
    "segment \"Quiet\" is players where last is known and last is not within last 2 days and player is not in \"Low\"\n"
    "campaign \"In\"\n  currency EUR\n  start on entering \"Low\"\n  enter every time\n"
    "  leave when player.last is known and player.last is not within last 30 hours\n"
    "  step \"S\"\n    wait 9 days\n    finish as \"DONE\"\n  end\nend\n"
    "campaign \"Out\"\n  currency EUR\n  start on leaving \"Quiet\"\n  enter at most 3 times, at most 4 players\n"
    "  step \"S\"\n    tag seen\n    finish as \"DONE\"\n  end\nend\n"
    "campaign \"Next\"\n  currency EUR\n  start on campaign_finished of \"In\"\n  enter every time\n"
    "  step \"S\"\n    untag seen\n    wait up to 2 days\n      when campaign_finished where reason is \"DONE\"  tag "
    "other\n"
    "      when time is up  go on\n    end\n    finish as \"DONE\"\n  end\nend\n"
    "campaign \"Words\"\n  currency EUR\n  start on chat_message where text contains one of words \"xx\", \"bonus\"\n"
    "  step \"S\"\n    finish as \"DONE\"\n  end\nend\n"
    "campaign \"Silent\"\n  currency EUR\n  start after 2 days without session where device is known\n  enter every "
    "time\n"
    "  step \"S\"\n    finish as \"DONE\"\n  end\nend\n"
    "campaign \"Call\"\n  currency EUR\n  start on command\n  enter every time, at most 2 players\n"
    "  step \"S\"\n    finish as \"DONE\"\n  end\nend\n";

/* Money of several currencies, and keys of entries. */
static const char MONEY[] =
    "workspace \"Money\"\n  product casino\n  currency EUR, USD, JPY\n  channel email\n  tag seen\n  use events\n"
    "  use actions\nend\n"
    "attribute wallet optional currency code\nattribute nick optional text up to 20\n"
    "attribute test_player yes or no, otherwise no\nattribute self_excluded yes or no, otherwise no\n"
    "attribute timed_out yes or no, otherwise no\nattribute harm_flagged yes or no, otherwise no\n"
    "attribute closed yes or no, otherwise no\n"
    "rates \"r\"\n  version \"1\"\n  rate EUR to USD 1.1\nend\n"
    "campaign \"Money\"\n  currency EUR\n  budget\n    total 900 EUR\n  end\n"
    "  start on deposit where amount in EUR by \"r\" is at least 5 EUR\n"
    "  enter once per player and per nick, missing keys enter\n"
    "  offer bonus \"l\"\n    amount 10 EUR or 11 USD\n    wagering 2x of bonus\n  end\n"
    "  offer bonus \"p\"\n    amount 50% of deposit.amount in EUR by \"r\", at most 9 EUR\n    wagering 2x of bonus\n"
    "    pays in the player's currency by \"r\"\n  end\n"
    "  step \"S\"\n    credit \"l\"\n    wait up to 3 days\n"
    "      when deposit where amount is more than 6 EUR or 7 USD  go to \"P\"\n      when time is up  finish as "
    "\"LATE\"\n"
    "    end\n  end\n"
    "  step \"P\"\n    remember worth as deposit.amount in EUR by \"r\"\n    credit \"p\"\n"
    "    if journey.worth is at least 20 EUR\n      tag seen\n    end\n    finish as \"PAID\"\n  end\nend\n";
/* Metrics of each way of keeping, and a campaign that asks for them. */
static const char METERED[] =
    "workspace \"Metered\"\n  product casino\n  currency EUR, USD\n  channel inbox\n  timezone \"Europe/Malta\"\n"
    "  use events\n  use actions\nend\nattribute home time zone, otherwise \"Europe/Malta\"\n"
    "attribute level ranked none, silver, gold, otherwise none\n"
    "message \"m\"\n  about casino\n  inbox \"en\" \"m {player.id}\"\nend\n"
    "event play\n  field points whole number between 0 and 1,000\n  field game text up to 9\nend\n"
    "event play_voided\n  reverses play by play_id at played_at\n  field play_id text up to 20\n  field played_at "
    "moment\n"
    "  field points whole number between 0 and 1,000\n  field game text up to 9\nend\n"
    "metric plays is count of play ever\nmetric hours is sum of play.points over last 30 hours by hour\n"
    "metric exact is average of play.points over last 2 days, kept up to 3\n"
    "metric week is largest of play.points over this week in the player's zone, kept up to 2\n"
    "metric games is count of different play.game over last 1 month by day, kept up to 3\n"
    "metric loved is favourite of play.game ever, kept up to 2\nmetric row is days in a row of play ever, kept up to "
    "2\n"
    "metric days is count of different days of play before this month in the player's zone, kept up to 4\n"
    "metric last is last of withdrawal_requested.amount in EUR over previous week\nmetric ratio is hours / plays, "
    "rounded down, "
    "otherwise 0\n"
    "policy \"P\"\n  never reward players where row is at least 2\nend\n"
    "segment \"S\" is players where hours is at least 200 and plays is at most 50\n"
    "campaign \"A\"\n  product casino\n  currency EUR\n  metric since is count of play since entry\n"
    "  start on play where player.plays is at least 1\n  only for players where days is less than 3\n  enter every "
    "time\n"
    "  leave when player.ratio is more than 900\n  step \"S\"\n    wait up to 2 days\n      when deposit\n"
    "        if journey.since is at least 2\n          send inbox \"m\"\n        end\n      when time is up\n"
    "        if player.games is at least 2\n          send inbox \"m\" as \"b\"\n        end\n    end\n"
    "    finish as \"DONE\"\n  end\nend\n"
    "campaign \"B\"\n  product casino\n  currency EUR\n  start on entering \"S\"\n  enter every time\n"
    "  step \"S\"\n    send inbox \"m\"\n    finish as \"DONE\"\n  end\nend\n"
    "badge \"b\"\n  for players where plays is at least 3\nend\nbadge \"c\"\nend\n"
    "mission \"M\"\n  product casino\n  currency EUR\n  start on play\n  complete at most 2 times per week\n"
    "  lasts 3 days\n  task \"games\" needs 2 different play.game, each at least 2 times\n"
    "  task \"days\" needs 2 days in a row of play in the player's zone\n  task \"plays\" needs 5 play\n"
    "  task \"points\" needs 50 of play.points\n"
    "  progress\n    when 25%  send inbox \"m\"\n    when 75%\n      if player has no badge \"c\"\n        award badge "
    "\"c\"\n"
    "      end\n    when 100%  award badge \"b\"\n  end\nend\n"
    "tournament \"T\"\n  product casino\n  currency EUR\n  runs every day from 10:00 until 22:00\n  settles at 23:00\n"
    "  start on play\n  earn 1 per 2 of play.points\n  earn 3 per play\n  metric here is count of play since entry\n"
    "  order by entry.score from largest, then entry.last_score from earliest, then entry.here from smallest, then "
    "player.id from smallest\n  field at least 2 players, otherwise nothing\n"
    "  prizes cash\n    pool 100 EUR\n    leftover to place 1\n    place 1 60%\n    place 2 30%\n    wagering none\n  "
    "end\n"
    "  budget\n    per run 100 EUR\n  end\nend\n"
    "tournament \"U\"\n  product casino\n  currency EUR\n  runs every week from monday 00:00 until monday 00:00\n"
    "  settles at monday 06:00\n  start on play\n  score largest\n  earn play.points * 2 per play\n"
    "  order by entry.score from largest, then player.id from smallest\n"
    "  prizes cash\n    place 1 10 EUR\n    place 2 to 3 5 EUR\n    wagering none\n  end\n"
    "  budget\n    per run 20 EUR\n  end\nend\n";

static void add_bundle(uint32_t number, const char *source)
{
    struct kit kit;
    kit_open(&kit, source, 1);
    whole[number].size = kit.bundle.size;
    whole[number].at = memory_alloc(kit.bundle.size);
    memcpy(whole[number].at, kit.bundle.bytes, kit.bundle.size);
    kit_close(&kit);
}

static void add_file(uint32_t number, const char *path)
{
    struct buffer source = BUFFER_EMPTY;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char part[4096];
    for (size_t size; (size = fread(part, 1, sizeof part, file)) > 0;) buffer_append(&source, part, size);
    (void)fclose(file);
    add_bundle(number, buffer_as_string(&source));
    buffer_deinit(&source);
}

/* A number that may fit, or nearly. */
static uint32_t other_number(uint32_t number, uint32_t most)
{
    switch (below(8)) {
    case 0: return 0;
    case 1: return number + 1;
    case 2: return number - 1;
    case 3: return PROGRAM_NONE;
    case 4: return (uint32_t)bundle_kit_next(&dice);
    case 5: return (uint32_t)below(8);
    default: return most == 0 ? 0 : (uint32_t)below(most);
    }
}

static int64_t other_wide(int64_t number)
{
    switch (below(8)) {
    case 0: return 0;
    case 1: return (int64_t)((uint64_t)number + 1);
    case 2: return -1;
    case 3: return INT64_MAX;
    case 4: return INT64_MIN;
    case 5: return (int64_t)bundle_kit_next(&dice);
    case 6: return (int64_t)below(CIVIL_DAY_MS * 40);
    default: return (int64_t)(uint64_t)number >> below(40);
    }
}

static void change_field(uint8_t *bytes, size_t size)
{
    struct program program;
    struct error error = ERROR_NONE;
    bundle_kit_rehash(bytes, size);
    if (bundle_open(&program, bytes, size, &error) != OK) return;
    const struct layout_section *section = &layout_sections[below(layout_section_count)];
    uint32_t count = layout_count(&program, section), fields = 0;
    if (count == 0 || section->fields[0].kind == LAYOUT_END || section->number == SECTION_STRING ||
        section->number == SECTION_BOUND)
        return;
    while (section->fields[fields].kind != LAYOUT_END) fields++;
    uint32_t chosen = (uint32_t)below(fields);
    const uint8_t *found = (const uint8_t *)layout_rows(&program, section) + below(count) * section->record_size;
    uint8_t *at = bytes + (found - bytes);
    for (uint32_t i = 0; i < chosen; i++) at += layout_field_size(section->fields[i].kind);
    const struct layout_field *field = &section->fields[chosen];
    if (field->kind == LAYOUT_I64) {
        int64_t value;
        memcpy(&value, at, sizeof value);
        value = other_wide(value);
        memcpy(at, &value, sizeof value);
        return;
    }
    uint32_t value, most = field->kind == LAYOUT_ENUM ? field->argument : program.string_count;
    if (field->kind == LAYOUT_INDEX || field->kind == LAYOUT_INDEX_OR_NONE || field->kind == LAYOUT_FIRST) {
        most = layout_count(&program, layout_section(field->argument));
    }
    if (field->kind == LAYOUT_PC || field->kind == LAYOUT_PC_OR_NONE) most = program.instruction_count;
    memcpy(&value, at, sizeof value);
    value = field->kind == LAYOUT_FLAG ? value ^ 1u : other_number(value, most);
    memcpy(at, &value, sizeof value);
}

/* ---------------------------------------------------------------- records, as intake would make them */

struct seen {
    uint8_t id[64][16];
    uint32_t count;
};

static void take_effect(void *context, const struct engine_effect *effect)
{
    struct seen *seen = context;
    memcpy(seen->id[seen->count++ % 64], effect->id, 16);
    struct buffer line = BUFFER_EMPTY;
    effect_json_write(&line, effect); /* Whoever prints it reads all it points to. */
    buffer_deinit(&line);
}

static void take_note(void *context, const struct engine_note *note)
{
    (void)context;
    struct buffer line = BUFFER_EMPTY;
    effect_json_note(&line, note);
    buffer_deinit(&line);
}

static int64_t any_value(const struct program *program, uint32_t kind, uint32_t of, int64_t low, int64_t high,
                         int64_t now)
{
    switch ((enum type_kind)kind) {
    case TYPE_BOOL: return (int64_t)below(2);
    case TYPE_ENUM: return (int64_t)below(program->enumeration[of].wording_count);
    case TYPE_CURRENCY: return (int64_t)below(program->currency_count);
    case TYPE_COUNTRY: return (int64_t)below(676);
    case TYPE_ZONE: return (int64_t)below((uint64_t)zone_count());
    case TYPE_TIME: return (int64_t)below(CIVIL_DAY_MS);
    case TYPE_DATE: return 20000 + (int64_t)below(1000);
    case TYPE_MOMENT: return now + (int64_t)below(9) * CIVIL_DAY_MS;
    case TYPE_SET: return (int64_t)below(2);
    default: break;
    }
    if (low == high) return low;
    if (low <= 100000000 && high >= 100000000 && below(2) == 0)
        return (int64_t)below(5000) < low ? low : (int64_t)below(100000000);
    return below(2) == 0 ? low : high;
}

struct slots {
    int64_t slot[LAYOUT_PLAYER_SLOTS_MAX];
    uint64_t known[8], given[8];
    uint8_t bytes[65536];
    uint32_t size;
};

static void put_number(struct slots *slots, uint32_t slot, int64_t value)
{
    slots->slot[slot] = value;
    slots->known[slot / 64] |= UINT64_C(1) << (slot % 64);
    slots->given[slot / 64] |= UINT64_C(1) << (slot % 64);
}

static void put_text(struct slots *slots, enum bank bank, uint32_t slot, uint32_t most)
{
    uint32_t size = (uint32_t)below(most < 30 ? most + 1u : 30);
    if (size > sizeof slots->bytes - slots->size) size = 0;
    memset(slots->bytes + slots->size, 'x', size);
    put_number(slots, slot, handle_make(bank, size, slots->size));
    slots->size += size;
}

static void put_name(struct slots *slots, uint32_t slot, struct text name)
{
    uint32_t size = name.size < 64 ? name.size : 64;
    memcpy(slots->bytes + slots->size, name.at, size);
    put_number(slots, slot, handle_make(BANK_EVENT, size, slots->size));
    slots->size += size;
}

/* The name of something that events are about. */
static struct text any_name(const struct program *program)
{
    switch (below(4)) {
    case 0:
        if (program->pool_count > 0) return program_text(program, program->pool[below(program->pool_count)].name);
        break;
    case 1:
        if (program->points_count > 0) return program_text(program, program->points[below(program->points_count)].name);
        break;
    default: break;
    }
    return program->offer_count == 0 ? TEXT("")
                                     : program_text(program, program->offer[below(program->offer_count)].name);
}

/* A code, a card or an order that there may be. */
static struct text any_word(const struct program *program)
{
    switch (below(5)) {
    case 0:
        if (program->pool_count > 0) return program_text(program, program->pool[below(program->pool_count)].pattern);
        break;
    case 1: return TEXT("order");
    case 2:
        if (program->stacking_count > 0)
            return program_text(program, program->stacking[below(program->stacking_count)].name);
        break;
    case 3: return TEXT("3");
    default: break;
    }
    return any_name(program);
}

/* False where intake could not make one: a list without words. */
static bool fill_event(struct slots *slots, const struct program *program, uint32_t number, int64_t at)
{
    const struct bundle_event *event = &program->event[number];
    put_number(slots, PROGRAM_SLOT_TIME, at);
    put_text(slots, BANK_EVENT, PROGRAM_SLOT_EVENT_ID, 9);
    if (event->about != ABOUT_NOTHING && below(4) != 0) put_name(slots, PROGRAM_SLOT_ABOUT, any_name(program));
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct bundle_field *field = &program->field[event->field_first + i];
        if (field->optional && below(3) == 0) continue;
        if (field->kind == TYPE_TEXT) {
            struct text word = any_word(program);
            if (below(2) == 0 && word.size <= field->size && word.size <= 64)
                put_name(slots, field->slot, word);
            else
                put_text(slots, BANK_EVENT, field->slot, field->size);
            continue;
        }
        if (field->kind == TYPE_ENUM && program->enumeration[field->of].wording_count == 0) return false;
        put_number(slots, field->slot, any_value(program, field->kind, field->of, field->low, field->high, at));
        if (field->kind != TYPE_MONEY) continue;
        if (program->currency_count == 0) return false;
        bool open = field->of == PROGRAM_NONE;
        put_number(slots, field->slot + 1, open ? (int64_t)below(program->currency_count) : (int64_t)field->of);
    }
    return true;
}

static void fill_attributes(struct slots *slots, const struct program *program, int64_t at)
{
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        const struct bundle_attribute *attribute = &program->attribute[i];
        if (below(3) == 0) continue;
        if (attribute->kind == TYPE_TEXT) {
            put_text(slots, BANK_PLAYER, attribute->slot, attribute->size);
        } else if (attribute->kind != TYPE_ENUM || program->enumeration[attribute->of].wording_count > 0) {
            put_number(slots, attribute->slot,
                       any_value(program, attribute->kind, attribute->of, attribute->low, attribute->high, at));
        }
    }
}

/* Often one that something waits for. */
static uint32_t any_event(const struct program *program)
{
    uint64_t choice = below(4);
    if (choice == 0 && program->wait_case_count > 0) return program->wait_case[below(program->wait_case_count)].event;
    if (choice <= 2 && program->campaign_count > 0) {
        uint32_t start = program->campaign[below(program->campaign_count)].start_event;
        if (start != PROGRAM_NONE) return start;
    }
    return (uint32_t)below(program->event_count);
}

static void fold_some(struct engine *engine, struct seen *seen, uint64_t *position, int64_t *now, uint32_t count)
{
    static struct slots slots;
    static const char *const players[] = {"p", "q", "rr"};
    for (uint32_t i = 0; i < count; i++) {
        const struct program *program = engine_program(engine);
        memset(&slots, 0, sizeof slots);
        if (below(3) != 0) *now += (int64_t)below(30 * CIVIL_HOUR_MS);
        char id[24];
        (void)snprintf(id, sizeof id, "%llu", (unsigned long long)*position);
        struct text player = text_of(players[below(3)]);
        struct record record = {.now = *now,
                                .at = *now,
                                .id = text_of(id),
                                .player = player,
                                .content = *position,
                                .slot = slots.slot,
                                .known = slots.known,
                                .bytes = slots.bytes};
        record.group = record_group(record.brand, player);
        uint64_t kind = below(12);
        if (kind == 0) {
            record = (struct record){.kind = RECORD_TICK, .now = *now, .at = *now};
        } else if (kind == 1 && seen->count > 0) {
            record = (struct record){.kind = RECORD_REPLY,
                                     .now = *now,
                                     .at = *now,
                                     .id = text_of(id),
                                     .content = *position,
                                     .status = (uint8_t)below(REPLY_STATUS_COUNT),
                                     .reason = text_of(below(2) == 0 ? "anna" : "ben")};
            memcpy(record.effect, seen->id[below(seen->count < 64 ? seen->count : 64)], 16);
            if (record.status == REPLY_ANSWERED) {
                if (program->query_count == 0) continue;
                record.event = program->query[below(program->query_count)].event;
                record.slot_count = program->event[record.event].slot_count;
                if (!fill_event(&slots, program, record.event, *now)) continue;
                record.slot = slots.slot;
                record.known = slots.known;
                record.bytes = slots.bytes;
                record.bytes_size = slots.size;
            }
        } else if (kind == 2 && program->campaign_count > 0) {
            record = (struct record){
                .kind = RECORD_COMMAND,
                .now = *now,
                .at = *now,
                .id = text_of(id),
                .player = player,
                .group = record_group(TEXT(""), player),
                .content = *position,
                .command = below(2) == 0 ? (uint8_t)COMMAND_RESUME : (uint8_t)below(COMMAND_KIND_COUNT),
                .campaign = program_text(program, program->campaign[below(program->campaign_count)].name)};
        } else if (kind <= 4) {
            record.kind = RECORD_ATTRIBUTES;
            record.slot_count = program->workspace->player_slot_count;
            record.given = slots.given;
            fill_attributes(&slots, program, *now);
            record.bytes_size = slots.size;
        } else if (kind == 5 && program->pool_count > 0 && below(2) == 0) {
            record = (struct record){.kind = RECORD_CODE,
                                     .now = *now,
                                     .at = *now,
                                     .id = text_of(id),
                                     .content = *position,
                                     .campaign = program_text(program, program->pool[below(program->pool_count)].name),
                                     .reason = text_of(below(2) == 0 ? "ABC" : id)};
        } else if (program->event_count > 0) {
            record.kind = RECORD_EVENT;
            record.event = any_event(program);
            if (program->event[record.event].made_by_engine != 0) continue;
            record.slot_count = program->event[record.event].slot_count;
            if (!fill_event(&slots, program, record.event, *now)) continue;
            record.bytes_size = slots.size;
        } else {
            continue;
        }
        record.position = ++*position;
        struct error error = ERROR_NONE;
        if (engine_fold(engine, &record, &error) != OK)
            fail_msg("record %llu: %s", (unsigned long long)*position, error.message);
    }
}

static enum status activate(struct engine *engine, const struct bytes *bundle, uint64_t *position, int64_t now)
{
    struct record record = {.kind = RECORD_ACTIVATE,
                            .position = *position + 1,
                            .now = now,
                            .at = now,
                            .bundle = bundle->at,
                            .bundle_size = bundle->size,
                            .incomplete = below(4) != 0};
    struct error error = ERROR_NONE;
    enum status status = engine_fold(engine, &record, &error);
    if (status == OK) ++*position;
    return status;
}

/* What is kept can be read again, and means the same. */
static struct engine *restored(struct engine *engine, const struct engine_options *options, struct store *store)
{
    struct error error = ERROR_NONE;
    assert_int_equal(engine_settle(engine, &error), OK);
    uint8_t before[32], after[32];
    uint64_t position;
    assert_int_equal(engine_digest(engine, before, &error), OK);
    assert_int_equal(engine_checkpoint(engine, &store->checkpoint, engine_position(engine), &error), OK);
    engine_close(engine);
    assert_int_equal(engine_open(&engine, options, &error), OK);
    if (engine_restore(engine, &store->checkpoint, &position, &error) != OK) fail_msg("%s", error.message);
    assert_int_equal(engine_digest(engine, after, &error), OK);
    assert_memory_equal(before, after, sizeof before);
    return engine;
}

static void read_metrics(struct engine *engine)
{
    const struct program *program = engine_program(engine);
    for (uint32_t i = 0; i < program->metric_count; i++) {
        static const char *const players[] = {"p", "q", "rr"};
        for (uint32_t player = 0; player < 3; player++) {
            struct engine_metric metric;
            struct text word = program_text(program, program->metric[i].name);
            if (!engine_find_metric(engine, TEXT(""), text_of(players[player]), word, &metric)) continue;
            assert_true(metric.changes_at > engine_now(engine));
            for (uint32_t at = 0; metric.known && at < metric.text.size; at++)
                assert_true((unsigned char)metric.text.at[at] >= ' ');
        }
    }
}

/* What people are shown. */
static void look(struct engine *engine)
{
    static const char *const players[] = {"p", "q", "rr"};
    for (uint32_t player = 0; player < 3; player++) {
        struct buffer out = BUFFER_EMPTY;
        struct error error = ERROR_NONE;
        wallet_json(engine, TEXT(""), text_of(players[player]), &out);
        enum status status = wallet_price(engine, engine_now(engine), TEXT(""), text_of(players[player]),
                                          TEXT("40.00 EUR"), TEXT("order"), TEXT(""), TEXT(""), &out, &error);
        assert_true(status == OK || status == STATUS_NOT_FOUND || status == STATUS_INVALID);
        buffer_deinit(&out);
    }
}

static void test_forged_bundles_fold(void **state)
{
    (void)state;
    const char *given = getenv("SEED"), *asked = getenv("TIMES");
    uint64_t seed = given == NULL ? 2026 : strtoull(given, NULL, 10);
    uint64_t times = asked == NULL ? 1500 : strtoull(asked, NULL, 10);
    add_bundle(0, OWN);
    add_bundle(1, METERED);
    add_file(2, "examples/drip/drip.promo");
    add_file(3, "examples/hello/hello.promo");
    add_bundle(4, MONEY);
    add_bundle(5, STATES);
    add_file(6, "tests/compiler/bonuses.promo");
    add_file(7, "tests/compiler/codes.promo");
    add_file(8, "tests/compiler/cards.promo");
    add_file(9, "tests/compiler/points.promo");
    add_file(10, "tests/compiler/levels.promo");
    add_file(11, "tests/compiler/properties.promo");
    add_file(12, "tests/compiler/tournaments.promo");
    uint32_t passed = 0;
    uint64_t effects = 0;
    for (uint64_t i = 0; i < times; i++) {
        dice.state = seed + i;
        alarm(60); /* An endless loop is a fault too. */
        const struct bytes *from = &whole[below(2) == 0 ? below(BUNDLES) : below(2)];
        struct bytes forged = {memory_alloc(from->size), from->size};
        memcpy(forged.at, from->at, from->size);
        for (uint64_t changes = 1 + below(3); changes > 0; changes--) change_field(forged.at, forged.size);
        bundle_kit_rehash(forged.at, forged.size);
        struct seen seen = {.count = 0};
        struct engine_options options = {.shards = 1 + (uint32_t)below(3),
                                         .sink = {.context = &seen, .effect = take_effect, .note = take_note}};
        struct engine *engine;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        assert_int_equal(engine_open(&engine, &options, &error), OK);
        uint64_t position = 0;
        int64_t now = INT64_C(1780000000000);
        if (getenv("LOUD") != NULL) print_message("SEED=%llu TIMES=1\n", (unsigned long long)(seed + i));
        bool first = below(2) == 0;
        const struct bytes *order[2] = {first ? &forged : from, first ? from : &forged};
        if (activate(engine, order[0], &position, now) == OK) {
            if (first) passed++;
            fold_some(engine, &seen, &position, &now, 30);
            if (below(3) == 0) engine = restored(engine, &options, &store);
            enum status status = activate(engine, order[1], &position, now);
            if (!first && status == OK) passed++;
            fold_some(engine, &seen, &position, &now, 30);
            engine = restored(engine, &options, &store);
            now += 40 * CIVIL_DAY_MS;
            fold_some(engine, &seen, &position, &now, 5);
            assert_int_equal(engine_settle(engine, &error), OK);
            read_metrics(engine);
            look(engine);
        }
        effects += seen.count;
        engine_close(engine);
        store_close(&store);
        memory_release(forged.at);
    }
    alarm(0);
    print_message("%u of %llu forged bundles verified, %llu effects\n", passed, (unsigned long long)times,
                  (unsigned long long)effects);
    assert_true(passed > times / 20 && effects > times / 2);
    for (uint32_t i = 0; i < BUNDLES; i++) memory_release(whole[i].at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forged_bundles_fold)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
