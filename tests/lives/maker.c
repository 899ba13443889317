/* Lives by chance. See maker.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lives/maker.h"

#include "runtime/engine/effect_json.h"
#include "runtime/engine/record.h"
#include "vm/civil.h"
#include "vm/layout.h"
#include "vm/pool.h"
#include "vm/zone.h"

enum {
    CONSTANTS_MOST = 4096,
    WORDS_MOST = 256,
    OUT_MOST = 4096, /* lines that wait for their time */
    OUT_SIZE = 400,
    DONE_MOST = 24, /* events of a player that are remembered */
    FIELDS_MOST = 32,
    HELD_MOST = 24, /* credits of a player */
    ORDERS_MOST = 8,
    UPLOADED = 12,    /* codes for each pool that is uploaded to */
    CODES_DRAWN = 40, /* made codes that players know */
};

/* Twelve digits before the point are what a line may hold. */
#define DECIMALS_MOST INT64_C(999999999999999999)

struct constant {
    uint16_t bank; /* enum bank; BANK_CONSTANT: of no field */
    uint16_t slot;
    int64_t value;
};

/* An event that was told, to be taken back. */
struct done {
    uint32_t event;
    char id[24];
    int64_t at;
    int64_t value[FIELDS_MOST];
    uint32_t of[FIELDS_MOST];
};

struct held {
    char id[33];
    char code[40];
};

struct life {
    char name[24];
    struct text brand;
    bool known;
    struct done done[DONE_MOST];
    uint32_t done_count;
    struct held held[HELD_MOST];
    uint32_t held_count;
    char order[ORDERS_MOST][32];
    uint32_t order_count;
};

struct waiting {
    int64_t due;
    struct maker_made made;
    char line[OUT_SIZE];
};

struct maker {
    const struct program *program;
    uint64_t state;
    int64_t now, start;
    uint64_t number; /* of the line */
    struct life *life;
    uint32_t lives;
    struct constant *constant;
    uint32_t constant_count;
    struct text word[WORDS_MOST];
    uint32_t word_count;
    uint32_t *weight; /* by event */
    uint32_t weights;
    uint8_t *chance; /* by attribute: percent of yes */
    struct waiting *out;
    uint32_t out_count;
    uint32_t uploaded;  /* lines of codes that were told */
    struct buffer last; /* the last line */
    int64_t pace;       /* how far time goes on average, ms */
    uint32_t failures;  /* percent of credits that fail */
    uint32_t unsafe;    /* one of so many lines is of responsible gaming */
    uint32_t meddling;  /* one of so many lines is an operator's; 0: none is */
    uint32_t erasures;  /* one of so many lines erases; 0: none does */
};

uint32_t maker_random(struct maker *maker, uint32_t below)
{
    uint64_t x = maker->state += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((x ^ (x >> 31)) % below);
}

void maker_endanger(struct maker *maker, uint32_t one_of)
{
    maker->unsafe = one_of;
}

static uint32_t draw(struct maker *maker, uint32_t below)
{
    return maker_random(maker, below);
}

static uint64_t draw_wide(struct maker *maker, uint64_t below)
{
    uint64_t wide = (uint64_t)draw(maker, UINT32_MAX) << 32 | draw(maker, UINT32_MAX);
    return below == 0 ? wide : wide % below;
}

static bool chance(struct maker *maker, uint32_t percent)
{
    return draw(maker, 100) < percent;
}

/* ------------------------------------------------------------------------------------------------- what the bundle says */

static void keep_constant(struct maker *maker, enum bank bank, uint32_t slot, int64_t value)
{
    if (maker->constant_count == CONSTANTS_MOST) return;
    for (uint32_t i = 0; i < maker->constant_count; i++) {
        const struct constant *one = &maker->constant[i];
        if (one->bank == bank && one->slot == slot && one->value == value) return;
    }
    maker->constant[maker->constant_count++] = (struct constant){(uint16_t)bank, (uint16_t)slot, value};
}

static void keep_word(struct maker *maker, struct text word)
{
    if (maker->word_count < WORDS_MOST && word.size > 0) maker->word[maker->word_count++] = word;
}

static void keep_instruction(struct maker *maker, const struct instruction *at)
{
    const struct program *program = maker->program;
    const struct layout_opcode *opcode = layout_opcode(at->op);
    enum bank bank = opcode->a == OPERAND_EVENT || opcode->b == OPERAND_EVENT     ? BANK_EVENT
                     : opcode->a == OPERAND_PLAYER || opcode->b == OPERAND_PLAYER ? BANK_PLAYER
                                                                                  : BANK_CONSTANT;
    uint32_t slot = opcode->a == OPERAND_EVENT || opcode->a == OPERAND_PLAYER ? at->a
                    : bank == BANK_CONSTANT                                   ? 0
                                                                              : at->b;
    if (opcode->imm == OPERAND_I64 && at->op != OP_COUNT) keep_constant(maker, bank, slot, at->imm);
    if (opcode->imm == OPERAND_TEXT && at->op != OP_FINISH) keep_word(maker, program_text(program, (uint32_t)at->imm));
    if (opcode->imm != OPERAND_BITS) return;
    for (uint32_t word = (uint32_t)at->imm, n = 0; n < 11 && word < program->word_count; n++, word++) {
        for (uint32_t bit = 0; bit < 64; bit++) {
            if ((program->word[word] >> bit) & 1) keep_constant(maker, bank, slot, n * 64 + bit);
        }
    }
}

static void keep_constants(struct maker *maker)
{
    const struct program *program = maker->program;
    for (uint32_t i = 0; i < program->instruction_count; i++) keep_instruction(maker, &program->instruction[i]);
    for (uint32_t i = 0; i < program->level_count; i++) keep_constant(maker, BANK_CONSTANT, 0, program->level[i].from);
    for (uint32_t i = 0; i < program->task_count; i++) keep_constant(maker, BANK_CONSTANT, 0, program->task[i].need);
    for (uint32_t i = 0; i < program->earn_count; i++) keep_constant(maker, BANK_CONSTANT, 0, program->earn[i].den);
    for (uint32_t i = 0; i < program->score_count; i++) keep_constant(maker, BANK_CONSTANT, 0, program->score[i].den);
    for (uint32_t i = 0; i < program->weight_count; i++)
        keep_word(maker, program_text(program, program->weight[i].word));
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        if (program->campaign[i].jurisdiction == PROGRAM_NONE) continue;
        struct text code = program_text(program, program->campaign[i].jurisdiction);
        if (code.size == 2) keep_constant(maker, BANK_CONSTANT, 1, (code.at[0] - 'A') * 26 + (code.at[1] - 'A'));
    }
}

/* The answer to a question, which is no event of the platform. */
static bool is_query(const struct program *program, uint32_t event)
{
    for (uint32_t i = 0; i < program->query_count; i++) {
        if (program->query[i].event == event) return true;
    }
    return false;
}

static bool is_safety(const struct maker *maker, uint32_t event)
{
    return maker->program->event[event].safety != SAFETY_NONE;
}

/* Which events come how often: those that campaigns and figures hear more than others, and each by the temper of the seed. */
static void weigh_events(struct maker *maker)
{
    const struct program *program = maker->program;
    uint32_t *heard = calloc(program->event_count + 1, sizeof *heard);
    if (heard == NULL) abort();
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        const struct bundle_campaign *campaign = &program->campaign[i];
        if (campaign->start_event != PROGRAM_NONE) heard[campaign->start_event] += 6;
        if (campaign->goal_event != PROGRAM_NONE) heard[campaign->goal_event] += 1;
    }
    for (uint32_t i = 0; i < program->wait_case_count; i++) heard[program->wait_case[i].event] += 2;
    for (uint32_t i = 0; i < program->leave_count; i++) {
        if (program->leave[i].event != PROGRAM_NONE) heard[program->leave[i].event] += 1;
    }
    for (uint32_t i = 0; i < program->metric_count; i++) {
        if (program->metric[i].event != PROGRAM_NONE) heard[program->metric[i].event] += 2;
    }
    for (uint32_t i = 0; i < program->earn_count; i++) heard[program->earn[i].event] += 4;
    for (uint32_t i = 0; i < program->weight_count; i++) {
        if (program->weight[i].event != PROGRAM_NONE) heard[program->weight[i].event] += 2;
    }
    static const uint32_t temper[] = {0, 1, 1, 3, 10};
    for (uint32_t i = 0; i < program->event_count; i++) {
        const struct bundle_event *event = &program->event[i];
        if (event->made_by_engine || is_safety(maker, i) || is_query(program, i)) continue;
        uint32_t weight = heard[i] > 12 ? 12 : heard[i];
        if (program->offer_count > 0 && (event->answered || event->about == ABOUT_OFFER)) weight += 2;
        if (event->answered && event->about == ABOUT_CODES) weight += program->pool_count > 0 ? 6 : 0;
        if (event->reverses != PROGRAM_NONE && heard[event->reverses] > 0) weight += 1;
        maker->weight[i] =
            weight * temper[weight >= 6 ? 1 + draw(maker, 4) : draw(maker, 5)] * 4 + (draw(maker, 4) == 0);
        maker->weights += maker->weight[i];
    }
    free(heard);
    if (maker->weights == 0) abort();
}

/* Where a campaign, a pool or a tournament has days of its own, lives begin a little before them. */
static int64_t first_instant(struct maker *maker)
{
    const struct program *program = maker->program;
    const int64_t none = INT64_MAX, least = civil_date_of(2000, 1, 1), most = civil_date_of(2100, 1, 1);
    int64_t first = none;
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        int64_t day = program->campaign[i].runs_from;
        if (day > least && day < most && day < first) first = day;
    }
    for (uint32_t i = 0; i < program->pool_count; i++) {
        int64_t day = program->pool[i].valid_from;
        if (day > least && day < most && day < first) first = day;
    }
    for (uint32_t i = 0; i < program->tournament_count; i++) {
        int64_t day = program->tournament[i].from / CIVIL_DAY_MS;
        if (program->tournament[i].start == PROGRAM_NONE && day > least && day < most && day < first) first = day;
    }
    if (first == none) first = civil_date_of(2026, 6, 1);
    return (first - 2 + draw(maker, 4)) * CIVIL_DAY_MS + draw(maker, 24) * CIVIL_HOUR_MS;
}

/* ------------------------------------------------------------------------------------------------- values */

/* A number between two, mostly one that the code looks at. */
static int64_t draw_number(struct maker *maker, enum bank bank, uint32_t slot, int64_t low, int64_t high)
{
    if (low == 0 && high == 0) high = 1000000000;
    uint32_t how = draw(maker, 10);
    if (how < 7 && maker->constant_count > 0) {
        for (uint32_t tries = 0; tries < 60; tries++) {
            const struct constant *one = &maker->constant[draw(maker, maker->constant_count)];
            bool own = one->bank == bank && one->slot == slot;
            if (!own && (how < 4 || one->bank != BANK_CONSTANT)) continue;
            int64_t value = one->value;
            if (value > low && chance(maker, 15)) value--;
            if (value < high && chance(maker, 15)) value++;
            if (value >= low && value <= high) return value;
        }
    }
    if (how == 7) return chance(maker, 15) ? high : low;
    uint64_t span = (uint64_t)high - (uint64_t)low;
    uint64_t within = draw_wide(maker, span == UINT64_MAX ? 0 : span + 1);
    for (uint32_t bits = draw(maker, 40); bits > 0 && within > 1; bits--) within /= 2;
    return (int64_t)((uint64_t)low + within);
}

static struct text draw_word(struct maker *maker, uint32_t size, char room[64])
{
    for (uint32_t tries = 0; tries < 8 && maker->word_count > 0 && chance(maker, 60); tries++) {
        struct text word = maker->word[draw(maker, maker->word_count)];
        if (word.size <= size) return word;
    }
    if (chance(maker, 40))
        snprintf(room, 64, "p%u", draw(maker, maker->lives));
    else
        snprintf(room, 64, "g%u", draw(maker, 6));
    struct text text = text_of(room);
    if (text.size > size) text.size = size;
    return text;
}

static uint32_t draw_currency(struct maker *maker)
{
    const struct program *program = maker->program;
    if (program->campaign_count > 0 && !chance(maker, 8))
        return program->campaign[draw(maker, program->campaign_count)].currency;
    return draw(maker, program->currency_count);
}

/* A value of a type. `of` becomes the currency of MONEY. */
static int64_t draw_value(struct maker *maker, enum bank bank, uint32_t slot, uint32_t kind, uint32_t *of, int64_t low,
                          int64_t high)
{
    const struct program *program = maker->program;
    int64_t today = zone_date(zone_find_or_utc(program_text(program, program->workspace->zone)), maker->now);
    static const char *const zones[] = {"Europe/Berlin", "Europe/Malta", "America/New_York", "Asia/Tokyo", "Etc/UTC"};
    static const char countries[][3] = {"DE", "MT", "GB", "SE", "FR"};
    switch ((enum type_kind)kind) {
    case TYPE_BOOL: return chance(maker, 50);
    case TYPE_ENUM: return draw(maker, program->enumeration[*of].wording_count);
    case TYPE_SET:
        return (int64_t)(draw_wide(maker, 0) & ((UINT64_C(2) << (program->enumeration[*of].wording_count - 1)) - 1));
    case TYPE_COUNTRY: {
        if (chance(maker, 60)) {
            int64_t value = draw_number(maker, chance(maker, 70) ? bank : BANK_CONSTANT, slot, 0, 675);
            if (value % 26 != 0 && value > 25) return value;
        }
        const char *code = countries[draw(maker, 5)];
        return (code[0] - 'A') * 26 + (code[1] - 'A');
    }
    case TYPE_ZONE: return zone_find_or_utc(text_of(zones[draw(maker, 5)]));
    case TYPE_CURRENCY: return draw_currency(maker);
    case TYPE_MONEY:
        if (*of == PROGRAM_NONE) *of = draw_currency(maker);
        return draw_number(maker, bank, slot, low, high);
    case TYPE_MOMENT:
        return maker->now + ((int64_t)draw(maker, 40 * 24) - (bank == BANK_PLAYER ? 20 * 24 : 0)) * CIVIL_HOUR_MS +
               1000;
    case TYPE_DATE:
        return chance(maker, 60) ? civil_add_months(today, -12 * (18 + (int64_t)draw(maker, 50))) + draw(maker, 20)
                                 : today - draw(maker, 20000);
    case TYPE_TIME: return (int64_t)draw(maker, 24 * 60) * CIVIL_MINUTE_MS;
    case TYPE_DECIMAL:
        if (low < -DECIMALS_MOST) low = -DECIMALS_MOST;
        if (high > DECIMALS_MOST) high = DECIMALS_MOST;
        break;
    case TYPE_WHOLE:
    case TYPE_PERCENT:
    case TYPE_DURATION:
    case TYPE_CALENDAR:
    case TYPE_TEXT:
    case TYPE_COUNT: break;
    }
    return draw_number(maker, bank, slot, low, high);
}

static void put_value(struct maker *maker, struct buffer *out, uint32_t kind, uint32_t of, int64_t value,
                      struct text text)
{
    effect_json_value(out, maker->program, kind, of, value, text);
}

/* ------------------------------------------------------------------------------------------------- codes, names */

static struct text draw_name(struct maker *maker, uint32_t about)
{
    const struct program *program = maker->program;
    uint32_t name = PROGRAM_NONE;
    if (about == ABOUT_OFFER && program->offer_count > 0) name = program->offer[draw(maker, program->offer_count)].name;
    if (about == ABOUT_MESSAGE && program->message_count > 0)
        name = program->message[draw(maker, program->message_count)].name;
    if (about == ABOUT_CODES && program->pool_count > 0) name = program->pool[draw(maker, program->pool_count)].name;
    if (about == ABOUT_CAMPAIGN && program->campaign_count > 0)
        name = program->campaign[draw(maker, program->campaign_count)].name;
    if (about == ABOUT_POINTS && program->points_count > 0)
        name = program->points[draw(maker, program->points_count)].name;
    if (about == ABOUT_BADGE && program->badge_count > 0) name = program->badge[draw(maker, program->badge_count)].name;
    return name == PROGRAM_NONE ? TEXT("") : program_text(program, name);
}

/* A code of this pool, or of any; now and then none of them. */
static void draw_code(struct maker *maker, struct text pool_name, char out[CODE_WORD_SIZE + 1])
{
    const struct program *program = maker->program;
    snprintf(out, CODE_WORD_SIZE + 1, "NO-SUCH-%u", draw(maker, 5));
    if (program->pool_count == 0 || chance(maker, 6)) return;
    uint32_t index = pool_name.size > 0 ? pool_find(program, pool_name) : draw(maker, program->pool_count);
    if (index == PROGRAM_NONE) return;
    const struct bundle_pool *pool = &program->pool[index];
    struct code_word word;
    if (pool->kind == POOL_FIXED) {
        snprintf(out, CODE_WORD_SIZE + 1, "%.*s", TEXT_ARGS(program_text(program, pool->pattern)));
    } else if (pool->kind == POOL_UPLOADED) {
        snprintf(out, CODE_WORD_SIZE + 1, "UP-%u", draw(maker, UPLOADED + 2));
    } else if (pool_word(program, pool, &word)) {
        struct crypto_key identity =
            crypto_derive_key(program_text(program, program->workspace->name), TEXT("effect identity"));
        struct crypto_key key = code_word_key(&identity, program_text(program, pool->name));
        uint64_t most = (uint64_t)pool->codes < CODES_DRAWN ? (uint64_t)pool->codes : CODES_DRAWN;
        out[code_word_nth(out, &word, &key, draw(maker, (uint32_t)most))] = '\0';
    }
}

/* ------------------------------------------------------------------------------------------------- lines */

static void begin_line(struct maker *maker, struct buffer *out, const struct life *life, int64_t at, char id[24])
{
    char when[CIVIL_INSTANT_SIZE];
    civil_format_instant(when, at);
    snprintf(id, 24, "e%" PRIu64, maker->number);
    buffer_print(out, "{\"id\":\"%s\",\"at\":\"%s\"", id, when);
    if (life == NULL) return;
    buffer_print(out, ",\"player\":\"%s\"", life->name);
    if (maker->program->brand_count > 1) buffer_print(out, ",\"brand\":\"%.*s\"", TEXT_ARGS(life->brand));
}

/* A reply or an answer for later. */
static void wait_with(struct maker *maker, int64_t after, struct maker_made made, const char *members)
{
    if (maker->out_count == OUT_MOST) return;
    struct waiting *waiting = &maker->out[maker->out_count++];
    *waiting = (struct waiting){.due = maker->now + after, .made = made};
    char when[CIVIL_INSTANT_SIZE];
    civil_format_instant(when, waiting->due);
    snprintf(waiting->line, sizeof waiting->line, "{\"kind\":\"reply\",\"id\":\"r%" PRIu64 "\",\"at\":\"%s\",%s}",
             ++maker->number, when, members);
}

static const struct done *draw_done(struct maker *maker, const struct life *life, uint32_t event)
{
    for (uint32_t tries = 0; tries < 20 && life->done_count > 0; tries++) {
        const struct done *done = &life->done[draw(maker, life->done_count < DONE_MOST ? life->done_count : DONE_MOST)];
        if (done->event == event) return done;
    }
    return NULL;
}

static void put_about(struct maker *maker, struct buffer *out, const struct life *life,
                      const struct bundle_event *event, struct text *name)
{
    static const char *const key[ABOUT_COUNT] = {NULL, "offer", "message", "codes", "campaign", "points", "badge"};
    if (event->about == ABOUT_NOTHING) return;
    if (event->about == ABOUT_OFFER && life->held_count > 0 && chance(maker, 60)) {
        uint32_t count = life->held_count < HELD_MOST ? life->held_count : HELD_MOST;
        buffer_print(out, "\"effect\":\"%s\",", life->held[draw(maker, count)].id);
        return;
    }
    *name = draw_name(maker, event->about);
    if (name->size == 0) *name = TEXT("nothing");
    buffer_print(out, "\"%s\":", key[event->about]);
    buffer_json_text(out, *name);
    buffer_string(out, ",");
}

static struct text draw_text_field(struct maker *maker, struct life *life, const struct bundle_field *field,
                                   struct text about, char room[80], const char *id)
{
    struct text name = program_text(maker->program, field->name);
    struct text text = TEXT("");
    if (text_equal(name, TEXT("code"))) {
        draw_code(maker, about, room);
        text = text_of(room);
    } else if (text_equal(name, TEXT("order_id"))) {
        if (life->order_count > 0 && chance(maker, 60)) {
            uint32_t count = life->order_count < ORDERS_MOST ? life->order_count : ORDERS_MOST;
            return text_of(life->order[draw(maker, count)]);
        }
        snprintf(life->order[life->order_count % ORDERS_MOST], sizeof life->order[0], "o%s", id);
        text = text_of(life->order[life->order_count++ % ORDERS_MOST]);
    } else if (text_equal(name, TEXT("card")) || text_equal(name, TEXT("coupon"))) {
        uint32_t count = life->held_count < HELD_MOST ? life->held_count : HELD_MOST;
        const char *code = count == 0 ? "" : life->held[draw(maker, count)].code;
        text = code[0] != '\0' && chance(maker, 60) ? text_of(code) : draw_name(maker, ABOUT_OFFER);
    }
    if (text.size == 0 || text.size > field->size) text = draw_word(maker, field->size, room);
    return text;
}

static void put_fields(struct maker *maker, struct buffer *out, struct life *life, uint32_t number, int64_t at,
                       struct text about, struct done *done)
{
    const struct program *program = maker->program;
    const struct bundle_event *event = &program->event[number];
    const struct done *other = event->reverses == PROGRAM_NONE ? NULL : draw_done(maker, life, event->reverses);
    for (uint32_t i = 0; i < event->field_count; i++) {
        uint32_t index = event->field_first + i;
        const struct bundle_field *field = &program->field[index];
        if (field->optional && !chance(maker, 70) && index != event->reverses_by) continue;
        char room[80] = "";
        struct text text = TEXT("");
        uint32_t of = field->of;
        int64_t value = field->kind == TYPE_TEXT
                            ? 0
                            : draw_value(maker, BANK_EVENT, field->slot, field->kind, &of, field->low, field->high);
        if (field->kind == TYPE_TEXT) text = draw_text_field(maker, life, field, about, room, done->id);
        if (index == event->reverses_by && other != NULL) text = text_of(other->id);
        if (index == event->happens_at) value = at;
        if (index == event->reverses_at && other != NULL) value = other->at;
        if (other != NULL && field->kind != TYPE_TEXT && chance(maker, 85)) {
            const struct bundle_event *reversed = &program->event[event->reverses];
            for (uint32_t k = 0; k < reversed->field_count && k < FIELDS_MOST; k++) {
                const struct bundle_field *same = &program->field[reversed->field_first + k];
                if (same->kind != field->kind || !program_same_text(program, same->name, program, field->name))
                    continue;
                if (other->value[k] >= field->low && (other->value[k] <= field->high || field->high == 0)) {
                    value = other->value[k];
                    of = other->of[k];
                }
            }
        }
        if (i < FIELDS_MOST) {
            done->value[i] = value;
            done->of[i] = of;
        }
        buffer_json_text(out, program_text(program, field->name));
        buffer_string(out, ":");
        put_value(maker, out, field->kind, of, value, text);
        buffer_string(out, ",");
    }
}

static void close_members(struct buffer *out, const char *end)
{
    if (out->size > 0 && out->bytes[out->size - 1] == ',') out->size--;
    buffer_string(out, end);
}

static void put_event(struct maker *maker, struct buffer *out, struct life *life, uint32_t number)
{
    const struct program *program = maker->program;
    const struct bundle_event *event = &program->event[number];
    struct done done = {.event = number, .at = maker->now};
    if (chance(maker, event->safety != SAFETY_NONE ? 40 : 4)) done.at -= draw(maker, 72 * 60) * CIVIL_MINUTE_MS;
    if (done.at < maker->start) done.at = maker->start;
    bool history = chance(maker, 1) && event->about == ABOUT_NOTHING && !event->answered;
    char when[CIVIL_INSTANT_SIZE];
    if (history) {
        snprintf(done.id, sizeof done.id, "h%" PRIu64, maker->number);
        done.at = maker->start - draw(maker, 400 * 24) * CIVIL_HOUR_MS;
        civil_format_instant(when, done.at);
        buffer_print(out, "{\"import\":\"w\",\"row\":\"%s\",\"at\":\"%s\",\"player\":\"%s\"", done.id, when,
                     life->name);
        if (program->brand_count > 1) buffer_print(out, ",\"brand\":\"%.*s\"", TEXT_ARGS(life->brand));
    } else {
        begin_line(maker, out, life, done.at, done.id);
    }
    buffer_string(out, ",\"event\":");
    buffer_json_text(out, program_text(program, event->wire));
    buffer_string(out, ",\"data\":{");
    struct text about = TEXT("");
    put_about(maker, out, life, event, &about);
    put_fields(maker, out, life, number, done.at, about, &done);
    close_members(out, "}}");
    if (!history) life->done[life->done_count++ % DONE_MOST] = done;
}

static void put_attributes(struct maker *maker, struct buffer *out, struct life *life, bool all)
{
    const struct program *program = maker->program;
    char id[24];
    begin_line(maker, out, life, maker->now, id);
    buffer_string(out, ",\"kind\":\"attributes\",\"set\":{");
    uint32_t one = program->attribute_count == 0 ? 0 : draw(maker, program->attribute_count);
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        const struct bundle_attribute *attribute = &program->attribute[i];
        if (!all && i != one) continue;
        bool protects = false;
        for (uint32_t e = 0; e < program->event_count; e++) protects = protects || program->event[e].sets == i;
        if (protects ? !chance(maker, 1) : !chance(maker, 90)) continue;
        char room[80] = "";
        uint32_t of = attribute->of;
        int64_t value =
            draw_value(maker, BANK_PLAYER, attribute->slot, attribute->kind, &of, attribute->low, attribute->high);
        if (attribute->kind == TYPE_BOOL) value = chance(maker, maker->chance[i]);
        if (text_equal(program_text(program, attribute->name), TEXT("test_player"))) value = chance(maker, 4);
        struct text text = attribute->kind == TYPE_TEXT ? draw_word(maker, attribute->size, room) : TEXT("");
        buffer_json_text(out, program_text(program, attribute->name));
        buffer_string(out, ":");
        put_value(maker, out, attribute->kind, of, value, text);
        buffer_string(out, ",");
    }
    close_members(out, "}}");
}

static bool put_command(struct maker *maker, struct buffer *out)
{
    const struct program *program = maker->program;
    static const char *const words[] = {"resume",  "resume",       "resume", "suspend",
                                        "suspend", "end_journeys", "end",    "kill"};
    if (program->campaign_count == 0) return false;
    const struct bundle_campaign *campaign = &program->campaign[draw(maker, program->campaign_count)];
    uint32_t which = draw(maker, 40);
    char id[24];
    begin_line(maker, out, NULL, maker->now, id);
    buffer_print(out,
                 ",\"kind\":\"command\",\"command\":\"%s\",\"campaign\":", words[which < 2 ? 6 + which : which % 6]);
    buffer_json_text(out, program_text(program, campaign->name));
    buffer_string(out, "}");
    return true;
}

static bool put_start(struct maker *maker, struct buffer *out, const struct life *life)
{
    const struct program *program = maker->program;
    for (uint32_t tries = 0; tries < 4 && program->campaign_count > 0; tries++) {
        const struct bundle_campaign *campaign = &program->campaign[draw(maker, program->campaign_count)];
        if (campaign->start_kind != START_COMMAND) continue;
        char id[24];
        begin_line(maker, out, life, maker->now, id);
        buffer_string(out, ",\"kind\":\"command\",\"command\":\"start\",\"campaign\":");
        buffer_json_text(out, program_text(program, campaign->name));
        buffer_string(out, "}");
        return true;
    }
    return false;
}

/* He is one of a few persons, or of none: every fifth player, whom some stories leave out (test players), stays alone. Its instant begins with it, since
 * links are folded before what protects. */
static bool put_person(struct maker *maker, struct buffer *out, const struct life *life)
{
    if ((life - maker->life) % 5 == 0) return false;
    char id[24];
    maker->now++;
    begin_line(maker, out, life, maker->now, id);
    if (chance(maker, 15)) {
        buffer_string(out, ",\"kind\":\"person\",\"person\":null}");
    } else {
        buffer_print(out, ",\"kind\":\"person\",\"person\":\"g%u\"}", draw(maker, maker->lives / 4 + 1));
    }
    return true;
}

static bool put_upload(struct maker *maker, struct buffer *out)
{
    const struct program *program = maker->program;
    while (maker->uploaded < program->pool_count * UPLOADED) {
        uint32_t n = maker->uploaded++;
        const struct bundle_pool *pool = &program->pool[n / UPLOADED];
        if (pool->kind != POOL_UPLOADED) continue;
        char when[CIVIL_INSTANT_SIZE];
        civil_format_instant(when, maker->now);
        buffer_string(out, "{\"codes\":");
        buffer_json_text(out, program_text(program, pool->name));
        buffer_print(out, ",\"code\":\"UP-%u\",\"at\":\"%s\"}", n % UPLOADED, when);
        return true;
    }
    return false;
}

/* ------------------------------------------------------------------------------------------------- what left */

static struct life *life_of(struct maker *maker, struct text player)
{
    if (player.size < 2 || player.size > 9 || player.at[0] != 'p') return NULL;
    char digits[12];
    snprintf(digits, sizeof digits, "%.*s", (int)player.size - 1, player.at + 1);
    unsigned long number = strtoul(digits, NULL, 10);
    return number < maker->lives ? &maker->life[number] : NULL;
}

static void hear_ask(struct maker *maker, const struct engine_effect *effect, const char *digits)
{
    char members[300];
    const struct program *program = effect->program;
    if (effect->ask->query == PROGRAM_NONE) {
        static const char *const people[] = {"anna", "ben", "carl", "dora"};
        for (uint32_t i = 0; i < effect->ask->people; i++) {
            if (chance(maker, 15)) continue;
            snprintf(members, sizeof members, "\"effect\":\"%s\",\"status\":\"%s\",\"by\":\"%s\"", digits,
                     chance(maker, 80) ? "approved" : "refused", people[i % 4]);
            wait_with(maker, draw(maker, 3 * 60) * CIVIL_MINUTE_MS, (struct maker_made){.kind = MAKER_LINE}, members);
        }
        return;
    }
    const struct bundle_query *query = &program->query[effect->ask->query];
    const struct bundle_field *field = &program->field[program->event[query->event].field_first];
    char room[80] = "";
    uint32_t of = field->of;
    int64_t value = draw_value(maker, BANK_EVENT, field->slot, field->kind, &of, field->low, field->high);
    struct text text = field->kind == TYPE_TEXT ? draw_word(maker, field->size, room) : TEXT("");
    struct buffer answer = BUFFER_EMPTY;
    put_value(maker, &answer, field->kind, of, value, text);
    snprintf(members, sizeof members, "\"effect\":\"%s\",\"status\":\"answered\",\"answer\":{\"%.*s\":%s}", digits,
             TEXT_ARGS(program_text(program, query->name)), buffer_as_string(&answer));
    buffer_deinit(&answer);
    if (!chance(maker, 10)) wait_with(maker, draw(maker, 20000), (struct maker_made){.kind = MAKER_LINE}, members);
}

static void hear_credit(struct maker *maker, const struct engine_effect *effect, const char *digits)
{
    char members[200];
    struct maker_made failed = {.kind = MAKER_FAILED}, fine = {.kind = MAKER_LINE};
    memcpy(failed.effect, effect->id, sizeof failed.effect);
    bool fails = chance(maker, maker->failures);
    snprintf(members, sizeof members, "\"effect\":\"%s\",\"status\":\"%s\"", digits, fails ? "failed" : "credited");
    static const int64_t late[] = {0, 1000, CIVIL_MINUTE_MS, CIVIL_HOUR_MS, CIVIL_DAY_MS, 20 * CIVIL_DAY_MS};
    int64_t after = late[draw(maker, 6)];
    if (!chance(maker, 10)) wait_with(maker, after, fails ? failed : fine, members);
    if (!chance(maker, 10)) return; /* the other word comes too */
    snprintf(members, sizeof members, "\"effect\":\"%s\",\"status\":\"%s\"", digits, fails ? "credited" : "failed");
    wait_with(maker, after + late[draw(maker, 6)], fails ? fine : failed, members);
}

static void hold(struct maker *maker, struct text player, const char *digits, struct text code)
{
    struct life *life = life_of(maker, player);
    if (life == NULL) return;
    struct held *held = &life->held[life->held_count++ % HELD_MOST];
    snprintf(held->id, sizeof held->id, "%s", digits);
    snprintf(held->code, sizeof held->code, "%.*s", (int)(code.size < 39 ? code.size : 39), code.at);
}

void maker_hear(struct maker *maker, const struct engine_effect *effect)
{
    char digits[33];
    crypto_hex(digits, effect->id, sizeof effect->id);
    if (effect->kind == ENGINE_CREDIT) {
        hold(maker, effect->player, digits, effect->code);
        hear_credit(maker, effect, digits);
    }
    if (effect->kind == ENGINE_ASK) hear_ask(maker, effect, digits);
    if (effect->kind == ENGINE_SEND && chance(maker, 10)) {
        char members[100];
        snprintf(members, sizeof members, "\"effect\":\"%s\",\"status\":\"delivered\"", digits);
        wait_with(maker, draw(maker, 600000), (struct maker_made){.kind = MAKER_LINE}, members);
    }
    if (effect->kind != ENGINE_EVENT || effect->program->event[effect->made->event].about != ABOUT_OFFER) return;
    const uint64_t *known = effect->made->known;
    if (((known[0] >> PROGRAM_SLOT_ABOUT_EFFECT) & 1) == 0) return;
    int64_t handle = effect->made->slot[PROGRAM_SLOT_ABOUT_EFFECT];
    bool offered = text_equal(program_text(effect->program, effect->program->event[effect->made->event].name),
                              TEXT("bonus_offered"));
    if (!offered || handle_size(handle) != 32) return;
    snprintf(digits, sizeof digits, "%.32s", (const char *)effect->made->bytes + handle_offset(handle));
    hold(maker, effect->player, digits, TEXT(""));
}

/* ------------------------------------------------------------------------------------------------- the next line */

static uint32_t draw_event(struct maker *maker)
{
    const struct program *program = maker->program;
    if (draw(maker, maker->unsafe) == 0) {
        for (uint32_t tries = 0; tries < 100; tries++) {
            uint32_t event = draw(maker, program->event_count);
            if (is_safety(maker, event) && !program->event[event].made_by_engine) return event;
        }
    }
    uint32_t place = draw(maker, maker->weights), event = 0;
    while (place >= maker->weight[event]) place -= maker->weight[event++];
    return event;
}

static bool take_waiting(struct maker *maker, int64_t until, struct maker_made *made, struct buffer *out)
{
    uint32_t first = maker->out_count;
    for (uint32_t i = 0; i < maker->out_count; i++) {
        if (maker->out[i].due <= until && (first == maker->out_count || maker->out[i].due < maker->out[first].due))
            first = i;
    }
    if (first == maker->out_count) return false;
    struct waiting *waiting = &maker->out[first];
    if (waiting->due > maker->now) maker->now = waiting->due;
    *made = waiting->made;
    made->now = maker->now;
    buffer_string(out, waiting->line);
    *waiting = maker->out[--maker->out_count];
    return true;
}

void maker_pass(struct maker *maker, int64_t ms)
{
    maker->now += ms;
}

static void put_tick(struct maker *maker, struct buffer *out)
{
    char when[CIVIL_INSTANT_SIZE];
    civil_format_instant(when, maker->now);
    buffer_print(out, "{\"kind\":\"tick\",\"at\":\"%s\"}", when);
}

struct maker_made maker_next(struct maker *maker, struct buffer *out)
{
    struct maker_made made = {.kind = MAKER_LINE};
    buffer_clear(out);
    maker->number++;
    int64_t next = maker->now;
    if (chance(maker, 60)) next += (int64_t)draw_wide(maker, (uint64_t)maker->pace * 3);
    if (take_waiting(maker, next, &made, out)) return made;
    maker->now = next;
    made.now = next;
    if (put_upload(maker, out)) return made;
    struct life *life = &maker->life[draw(maker, maker->lives)];
    if (!life->known) {
        life->known = true;
        put_attributes(maker, out, life, true);
    } else if (maker->last.size > 0 && chance(maker, 2)) {
        buffer_append(out, maker->last.bytes, maker->last.size);
        return made;
    } else if (chance(maker, 3)) {
        put_attributes(maker, out, life, chance(maker, 20));
    } else if (chance(maker, 1)) {
        maker->now += draw(maker, 20 * 24) * CIVIL_HOUR_MS / (chance(maker, 80) ? 10 : 1);
        made.now = maker->now;
        put_tick(maker, out);
        return made;
    } else if (maker->erasures > 0 && draw(maker, maker->erasures) == 0) {
        char id[24];
        begin_line(maker, out, life, maker->now, id);
        buffer_string(out, ",\"kind\":\"erase\"}");
        made.kind = MAKER_ERASE;
        snprintf(made.player, sizeof made.player, "%s", life->name);
        made.brand = life->brand;
        life->known = false;
        life->done_count = life->held_count = life->order_count = 0;
        return made;
    } else if (maker->meddling > 0 && draw(maker, maker->meddling) == 0) {
        if (!put_command(maker, out)) put_tick(maker, out);
    } else if (maker->unsafe > 0 && chance(maker, 4) && put_person(maker, out, life)) {
        made.now = maker->now;
    } else if (!chance(maker, 10) || !put_start(maker, out, life)) {
        put_event(maker, out, life, draw_event(maker));
    }
    buffer_clear(&maker->last);
    buffer_append(&maker->last, out->bytes, out->size);
    return made;
}

/* ------------------------------------------------------------------------------------------------- the whole */

static void *needed(size_t count, size_t size)
{
    void *made = calloc(count + 1, size);
    if (made == NULL) abort();
    return made;
}

struct maker *maker_open(const struct program *program, uint64_t seed, uint32_t lives)
{
    struct maker *maker = needed(1, sizeof *maker);
    maker->program = program;
    maker->state = seed * UINT64_C(0xD1342543DE82EF95) + 1;
    maker->lives = lives;
    maker->life = needed(lives, sizeof *maker->life);
    maker->constant = needed(CONSTANTS_MOST, sizeof *maker->constant);
    maker->weight = needed(program->event_count, sizeof *maker->weight);
    maker->chance = needed(program->attribute_count, sizeof *maker->chance);
    maker->out = needed(OUT_MOST, sizeof *maker->out);
    buffer_init(&maker->last, 0);
    for (uint32_t i = 0; i < lives; i++) {
        snprintf(maker->life[i].name, sizeof maker->life[i].name, "p%u", i);
        if (program->brand_count > 0)
            maker->life[i].brand = program_text(program, program->brand[draw(maker, program->brand_count)].name);
    }
    keep_constants(maker);
    weigh_events(maker);
    static const uint8_t yes[] = {20, 80, 95, 100};
    for (uint32_t i = 0; i < program->attribute_count; i++) maker->chance[i] = yes[draw(maker, 4)];
    static const int64_t pace[] = {4 * CIVIL_MINUTE_MS, CIVIL_HOUR_MS / 2, 3 * CIVIL_HOUR_MS};
    static const uint32_t failures[] = {0, 15, 60}, unsafe[] = {2000, 300, 100}, meddling[] = {0, 0, 150},
                          erasures[] = {0, 0, 500};
    maker->pace = pace[draw(maker, 3)];
    maker->failures = failures[draw(maker, 3)];
    maker->unsafe = unsafe[draw(maker, 3)];
    maker->meddling = meddling[draw(maker, 3)];
    maker->erasures = erasures[draw(maker, 3)];
    maker->start = maker->now = first_instant(maker);
    return maker;
}

void maker_close(struct maker *maker)
{
    free(maker->life);
    free(maker->constant);
    free(maker->weight);
    free(maker->chance);
    free(maker->out);
    buffer_deinit(&maker->last);
    free(maker);
}

int64_t maker_start(const struct maker *maker)
{
    return maker->start;
}
