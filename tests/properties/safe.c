/* See safe.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/properties/safe.h"

#include "runtime/engine/effect_json.h"

enum { CHANNELS_MOST = 64, LATE_MOST = 4096, EFFECTS_MOST = 1 << 16, LINES_MOST = 1 << 14 };

/* The effects that were decided for a player, for what comes late. */
struct decided {
    uint64_t player;
    int64_t at;
};

struct person {
    uint64_t player; /* 0: free */
    int64_t until;   /* excluded before this instant; INT64_MIN: not */
    uint64_t agreed; /* bit n: to consent n */
    uint64_t group;  /* of which person the player is; 0: of none */
};

struct consent {
    uint32_t attribute, product, channel;
};

struct safe {
    const struct program *program;
    bool planted;
    bool finishes; /* some policy ends journeys of excluded players */
    struct consent consent[CHANNELS_MOST];
    uint32_t consent_count;
    struct person *person;
    uint32_t room;
    struct decided *decided;
    uint32_t decided_count;
    uint64_t *line; /* ids of lines that came once */
    uint32_t line_count;
    struct safe_figures figures;
    char fault[2][400];
};

static uint64_t player_of(struct text brand, struct text player)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < player.size; i++) hash = (hash ^ (uint8_t)player.at[i]) * UINT64_C(1099511628211);
    for (size_t i = 0; i < brand.size; i++) hash = (hash ^ (uint8_t)brand.at[i]) * UINT64_C(1099511628211) + 7;
    return hash | 1;
}

/* The product whose consent counts: slots and live are part of the casino. */
static struct text consent_product(struct text product)
{
    return text_equal(product, TEXT("slots")) || text_equal(product, TEXT("live")) ? TEXT("casino") : product;
}

static void keep_consents(struct safe *safe)
{
    const struct program *program = safe->program;
    for (uint32_t p = 0; p < program->product_count; p++) {
        for (uint32_t c = 0; c < program->channel_count; c++) {
            char name[128];
            snprintf(name, sizeof name, "%.*s_%.*s",
                     TEXT_ARGS(consent_product(program_text(program, program->product[p].name))),
                     TEXT_ARGS(program_text(program, program->channel[c].name)));
            for (uint32_t a = 0; a < program->attribute_count; a++) {
                const struct bundle_attribute *attribute = &program->attribute[a];
                if (attribute->kind != TYPE_BOOL || !text_equal(program_text(program, attribute->name), text_of(name)))
                    continue;
                if (safe->consent_count < CHANNELS_MOST)
                    safe->consent[safe->consent_count++] = (struct consent){a, p, c};
            }
        }
    }
}

struct safe *safe_open(const struct program *program, bool planted)
{
    struct safe *safe = calloc(1, sizeof *safe);
    if (safe == NULL) abort();
    safe->program = program;
    safe->planted = planted;
    for (uint32_t i = 0; i < program->rule_count; i++)
        safe->finishes = safe->finishes || program->rule[i].kind == RULE_FINISH;
    keep_consents(safe);
    safe->room = 4096;
    safe->person = calloc(safe->room, sizeof *safe->person);
    safe->decided = calloc(EFFECTS_MOST, sizeof *safe->decided);
    safe->line = calloc(LINES_MOST, sizeof *safe->line);
    if (safe->person == NULL || safe->decided == NULL || safe->line == NULL) abort();
    return safe;
}

void safe_close(struct safe *safe)
{
    free(safe->person);
    free(safe->decided);
    free(safe->line);
    free(safe);
}

static struct person *person_of(struct safe *safe, struct text brand, struct text player)
{
    uint64_t hash = player_of(brand, player);
    uint32_t at = (uint32_t)(hash % safe->room);
    while (safe->person[at].player != 0 && safe->person[at].player != hash) at = (at + 1) % safe->room;
    struct person *person = &safe->person[at];
    if (person->player == 0) {
        *person = (struct person){.player = hash, .until = INT64_MIN};
        for (uint32_t i = 0; i < safe->consent_count; i++) {
            const struct bundle_attribute *attribute = &safe->program->attribute[safe->consent[i].attribute];
            if (!attribute->optional && attribute->preset != 0) person->agreed |= UINT64_C(1) << i;
        }
    }
    return person;
}

static bool known(const uint64_t *words, uint32_t slot)
{
    return (words[slot / 64] >> (slot % 64)) & 1;
}

static void take_attributes(struct safe *safe, struct person *person, const struct record *record)
{
    const struct program *program = safe->program;
    for (uint32_t i = 0; i < safe->consent_count; i++) {
        const struct bundle_attribute *attribute = &program->attribute[safe->consent[i].attribute];
        if (!known(record->given, attribute->slot)) continue;
        bool yes = known(record->known, attribute->slot) ? record->slot[attribute->slot] != 0
                                                         : !attribute->optional && attribute->preset != 0;
        person->agreed = yes ? person->agreed | UINT64_C(1) << i : person->agreed & ~(UINT64_C(1) << i);
    }
    /* A person may lift by hand what an event set. */
    for (uint32_t e = 0; e < program->event_count; e++) {
        const struct bundle_event *event = &program->event[e];
        bool excludes = event->safety == SAFETY_SELF_EXCLUSION || event->safety == SAFETY_CLOSED;
        if (!excludes || event->sets == PROGRAM_NONE) continue;
        if (known(record->given, program->attribute[event->sets].slot)) person->until = INT64_MIN;
    }
}

static void take_exclusion(struct safe *safe, struct person *person, const struct record *record)
{
    const struct bundle_event *event = &safe->program->event[record->event];
    int64_t until = INT64_MAX;
    if (event->sets == PROGRAM_NONE || !safe->finishes) return;
    if (event->until != PROGRAM_NONE && known(record->known, safe->program->field[event->until].slot))
        until = record->slot[safe->program->field[event->until].slot];
    if (until > person->until) person->until = until;
    safe->figures.exclusions++;
}

/* What was decided between the time from which late news holds and its coming. */
static void count_late(struct safe *safe, const struct person *person, const struct record *record)
{
    for (uint32_t i = 0; i < safe->decided_count; i++) {
        const struct decided *decided = &safe->decided[i];
        safe->figures.late_effects +=
            decided->player == person->player && decided->at >= record->at && decided->at < record->now;
    }
}

/* A line that comes again is not applied. */
static bool comes_again(struct safe *safe, const struct record *record)
{
    uint64_t line = player_of(record->source, record->id);
    for (uint32_t i = 0; i < safe->line_count; i++) {
        if (safe->line[i] == line) return true;
    }
    if (safe->line_count < LINES_MOST) safe->line[safe->line_count++] = line;
    return false;
}

/* The other players of the person hear what protects one of them. */
static void take_for_others(struct safe *safe, const struct person *person, const struct record *record, bool excludes)
{
    for (uint32_t i = 0; i < safe->room && person->group != 0; i++) {
        struct person *other = &safe->person[i];
        if (other == person || other->player == 0 || other->group != person->group) continue;
        if (record->at < record->now) count_late(safe, other, record);
        if (excludes) take_exclusion(safe, other, record);
        safe->figures.others++;
    }
}

/* From now on the longest exclusion of one is that of all. */
static void take_person(struct safe *safe, struct person *person, const struct record *record)
{
    person->group = record->person.size == 0 ? 0 : player_of(TEXT("group"), record->person);
    int64_t until = INT64_MIN;
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < safe->room && person->group != 0; i++) {
            struct person *other = &safe->person[i];
            if (other->player == 0 || other->group != person->group) continue;
            if (pass == 1) other->until = until;
            if (other->until > until) until = other->until;
        }
    }
}

void safe_record(void *context, struct telling *telling, const struct record *record)
{
    struct safe *safe = context;
    (void)telling;
    if (record->player.size == 0) return;
    struct person *person = person_of(safe, record->brand, record->player);
    if (record->kind == RECORD_ATTRIBUTES) take_attributes(safe, person, record);
    if (record->kind == RECORD_ERASE) {
        person->until = INT64_MIN;
        person->group = 0;
        person->agreed = 0;
        for (uint32_t i = 0; i < safe->consent_count; i++) {
            const struct bundle_attribute *attribute = &safe->program->attribute[safe->consent[i].attribute];
            if (!attribute->optional && attribute->preset != 0) person->agreed |= UINT64_C(1) << i;
        }
    }
    if (record->kind == RECORD_PERSON && !comes_again(safe, record)) take_person(safe, person, record);
    if (record->kind != RECORD_EVENT) return;
    uint32_t safety = safe->program->event[record->event].safety;
    if (safety != SAFETY_NONE && record->at < record->now) count_late(safe, person, record);
    bool excludes = safety == SAFETY_SELF_EXCLUSION || safety == SAFETY_CLOSED;
    if (excludes) take_exclusion(safe, person, record);
    if (safety != SAFETY_NONE && !comes_again(safe, record)) take_for_others(safe, person, record, excludes);
}

static void judge_consent(struct safe *safe, const struct person *person, const struct engine_effect *effect)
{
    const struct program *program = effect->program;
    const struct bundle_message *message = &program->message[effect->effect->object];
    if (message->class != MESSAGE_CLASS_MARKETING || message->about == PROGRAM_NONE) return;
    for (uint32_t i = 0; i < safe->consent_count; i++) {
        const struct consent *consent = &safe->consent[i];
        if (consent->product != message->about || consent->channel != effect->effect->channel ||
            program->channel[consent->channel].in_app)
            continue;
        safe->figures.marketing++;
        bool agreed = (person->agreed >> i) & 1;
        if (safe->planted && safe->figures.marketing == 5) agreed = false;
        if (agreed || safe->fault[1][0] != '\0') continue;
        snprintf(safe->fault[1], sizeof safe->fault[1], "player %.*s got \"%.*s\" by %.*s without `%.*s`",
                 TEXT_ARGS(effect->player), TEXT_ARGS(program_text(program, message->name)),
                 TEXT_ARGS(program_text(program, program->channel[consent->channel].name)),
                 TEXT_ARGS(program_text(program, program->attribute[consent->attribute].name)));
    }
}

void safe_effect(void *context, const struct engine_effect *effect)
{
    struct safe *safe = context;
    if (effect->effect == NULL || effect->player.size == 0 || effect->kind == ENGINE_RECALL) return;
    struct person *person = person_of(safe, effect->brand, effect->player);
    bool safety =
        effect->kind == ENGINE_SEND && effect->program->message[effect->effect->object].class == MESSAGE_CLASS_SAFETY;
    bool listed = effect->kind != ENGINE_TAG && effect->kind != ENGINE_UNTAG && effect->kind != ENGINE_AWARD;
    if (listed && safe->decided_count < EFFECTS_MOST)
        safe->decided[safe->decided_count++] = (struct decided){person->player, effect->at};
    int64_t until = person->until;
    if (safe->planted && safe->figures.exclusions > 0) until = INT64_MAX;
    if (!safety && effect->at < until) {
        safe->figures.after++;
        if (safe->fault[0][0] == '\0')
            snprintf(safe->fault[0], sizeof safe->fault[0],
                     "player %.*s is excluded, and %s of \"%.*s\" was decided at %" PRId64, TEXT_ARGS(effect->player),
                     effect_json_effect_word(effect->kind),
                     TEXT_ARGS(program_text(effect->program, effect->program->campaign[effect->campaign].name)),
                     effect->at);
    }
    if (effect->kind == ENGINE_SEND) judge_consent(safe, person, effect);
}

struct safe_figures safe_figures(const struct safe *safe)
{
    return safe->figures;
}

const char *safe_fault(const struct safe *safe, bool consent)
{
    return safe->fault[consent][0] == '\0' ? NULL : safe->fault[consent];
}
