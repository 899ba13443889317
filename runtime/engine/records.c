/* Turns of records and deadlines. See records.h. */
#include "runtime/engine/records.h"

#include "runtime/engine/bonus.h"
#include "runtime/engine/answers.h"
#include "runtime/engine/codes.h"
#include "runtime/engine/commands.h"
#include "runtime/engine/effects.h"
#include "runtime/engine/entry.h"
#include "runtime/engine/epoch.h"
#include "runtime/engine/gates.h"
#include "runtime/engine/handed.h"
#include "runtime/engine/journey.h"
#include "runtime/engine/levels.h"
#include "runtime/engine/metrics.h"
#include "runtime/engine/parts.h"
#include "runtime/engine/persons.h"
#include "runtime/engine/property.h"
#include "runtime/engine/questions.h"
#include "runtime/engine/requests.h"
#include "runtime/engine/run.h"
#include "runtime/engine/safety.h"
#include "runtime/engine/segments.h"
#include "runtime/engine/suppress.h"
#include "runtime/engine/tells.h"
#include "vm/split.h"
#include "vm/zone.h"

/* ---------------------------------------------------------------- checks at the door */

enum status records_check(const struct engine *engine, const struct record *record, struct error *error)
{
    if (record->player.size > 64 || record->brand.size > 64 || record->id.size > 64 || record->source.size > 64) {
        return error_set(error, STATUS_REFUSED, "an id of the record is longer than 64 bytes");
    }
    if (record->kind == 0 || record->kind >= RECORD_KIND_COUNT) {
        return error_set(error, STATUS_REFUSED, "the record has an unknown kind, %u", record->kind);
    }
    if (record->group >= RECORD_GROUPS) {
        return error_set(error, STATUS_REFUSED, "the record's key group is %u, the largest is %u", record->group,
                         RECORD_GROUPS - 1);
    }
    bool of_player = record->kind == RECORD_EVENT || record->kind == RECORD_ATTRIBUTES ||
                     record->kind == RECORD_IMPORT || record->kind == RECORD_ERASE || record->kind == RECORD_HISTORY ||
                     record->kind == RECORD_PERSON ||
                     (record->kind == RECORD_COMMAND && record->command == COMMAND_START);
    if (of_player && record->player.size == 0) return error_set(error, STATUS_REFUSED, "the record names no player");
    bool of_event = record->kind == RECORD_EVENT || record->kind == RECORD_HISTORY ||
                    (record->kind == RECORD_REPLY && record->status == REPLY_ANSWERED);
    if (of_event) {
        const struct program *program = &engine->newest->program;
        if (record->kind != RECORD_REPLY && record->event < program->event_count &&
            program->event[record->event].made_by_engine) {
            return error_set(error, STATUS_REFUSED, "the record is of event `%.*s`, which the engine itself makes",
                             TEXT_ARGS(program_text(program, program->event[record->event].name)));
        }
        if (record->event >= program->event_count) {
            return error_set(error, STATUS_REFUSED, "the record's event is number %u, the program has %u",
                             record->event, program->event_count);
        }
        if (record->slot_count != program->event[record->event].slot_count) {
            return error_set(error, STATUS_REFUSED, "the record of event `%.*s` has %u slots, the program says %u",
                             TEXT_ARGS(program_text(program, program->event[record->event].name)), record->slot_count,
                             program->event[record->event].slot_count);
        }
    }
    if (record->kind == RECORD_ATTRIBUTES || record->kind == RECORD_IMPORT) {
        uint32_t slots = engine->newest->program.workspace->player_slot_count;
        if (record->slot_count != slots || record->given == NULL) {
            return error_set(error, STATUS_REFUSED, "the record of attributes has %u slots, the program says %u",
                             record->slot_count, slots);
        }
    }
    return OK;
}

enum turn_class records_class(const struct engine *engine, const struct record *record)
{
    switch ((enum record_kind)record->kind) {
    case RECORD_EVENT:
        return engine->newest->program.event[record->event].safety != SAFETY_NONE ? TURN_SAFETY : TURN_OTHER;
    case RECORD_ATTRIBUTES:
    case RECORD_IMPORT:
    case RECORD_HISTORY: return TURN_ATTRIBUTES;
    case RECORD_PERSON: return TURN_PERSON;
    case RECORD_REPLY:
    case RECORD_DELIVERY: return TURN_OTHER;
    case RECORD_COMMAND:
        if (record->command == COMMAND_START) return TURN_OTHER; /* About one player, like an event. */
        break;
    case RECORD_CODE:
    case RECORD_ERASE:
    case RECORD_SUPPRESS:
    case RECORD_UNSUPPRESS:
    case RECORD_EPOCH:
    case RECORD_LOST:
    case RECORD_RECONCILED:
    case RECORD_TICK:
    case RECORD_ACTIVATE:
    case RECORD_KIND_COUNT: break;
    }
    return TURN_CONTROL;
}

enum status records_activate(struct engine *engine, const struct record *record, struct error *error)
{
    return programs_activate(engine, record, error);
}

/* ---------------------------------------------------------------- reacting */

/* The campaign with the lowest rank from `from` on that the event may start; PROGRAM_NONE if there is none. */
static uint32_t next_start(const struct use *use, uint32_t event, uint32_t from, uint32_t *rank)
{
    if (event == PROGRAM_NONE) return PROGRAM_NONE;
    for (uint32_t i = use->start_first[event]; i < use->start_first[event + 1]; i++) {
        uint32_t campaign = use->start_campaign[i];
        if (use->plan[campaign].title->rank < from) continue;
        *rank = use->plan[campaign].title->rank;
        return campaign;
    }
    return PROGRAM_NONE;
}

/* The first journey from this rank on; in this rank itself from this number on. */
static struct journey *next_journey(const struct player *player, uint32_t from, uint32_t number)
{
    struct journey *journey = player->journeys;
    while (journey != NULL &&
           (journey->title->rank < from || (journey->title->rank == from && journey->number < number)))
        journey = journey->next;
    return journey;
}

/* How far a reaction has come: the campaign's rank, and in it the next journey's number (0: from its beginning) and how many ran
 * when it began. What begins in the meantime has a higher number and is not asked. */
struct progress {
    uint32_t rank, number, running;
};

/* The player has paused with things left to do: they wait behind the answer. */
static void put_off(struct engine *engine, const struct turn *turn, struct player *player, bool quiet,
                    struct progress at)
{
    struct turn rest = *turn;
    rest.kind = TURN_REST;
    rest.player = player;
    rest.rank = at.rank;
    rest.journey = at.number;
    rest.number = at.running;
    rest.quiet = quiet;
    fold_defer(engine, &rest);
}

/* What the player's campaigns do about an event (or, without one, about changed attributes), from `at` on. */
static void react_from(struct engine *engine, const struct turn *turn, struct player *player,
                       const struct kept_event *event, struct progress at)
{
    INVARIANT(player != NULL);
    if (engine->fill != NULL) return; /* Only figures are filled in. */
    const struct use *use = engine->newest;
    uint32_t index = event != NULL ? event->event : PROGRAM_NONE;
    int64_t now = engine->now;
    while (engine->failed == OK) {
        uint32_t rank = UINT32_MAX, start = next_start(use, index, at.rank, &rank);
        struct journey *journey = next_journey(player, at.rank, at.number);
        if (journey == NULL && start == PROGRAM_NONE) break;
        if (journey != NULL && (start == PROGRAM_NONE || journey->title->rank < rank)) {
            rank = journey->title->rank;
            start = PROGRAM_NONE;
        }
        if (rank != at.rank || at.number == 0)
            at = (struct progress){.rank = rank,
                                   .number = 1,
                                   .running = state_count_journeys(player, engine->title[engine->ranked[rank]])};
        struct turn part = *turn;
        part.rank = rank;
        part.journey = part.number = 0;
        while (journey != NULL && journey->title->rank == rank && player->request == NULL && engine->failed == OK) {
            at.number = journey->number + 1;
            journey_react(engine, &part, player, journey, index, event, now);
            journey = next_journey(player, rank, at.number);
        }
        /* Where as many run as may, the start is refused at once; one that may come about waits behind an answer. */
        bool left = journey != NULL && journey->title->rank == rank;
        bool full = start != PROGRAM_NONE && entry_is_full(use, start, at.running);
        if (!left && (player->request == NULL || start == PROGRAM_NONE || full) && engine->failed == OK) {
            if (start != PROGRAM_NONE) entry_try(engine, &part, player, start, event, at.running);
            at = (struct progress){.rank = rank + 1};
        }
        if (player->request == NULL || engine->failed != OK) continue;
        if (next_start(use, index, at.rank, &rank) == PROGRAM_NONE && next_journey(player, at.rank, at.number) == NULL)
            break;
        put_off(engine, turn, player, event == NULL, at);
        break;
    }
}

static void react(struct engine *engine, const struct turn *turn, struct player *player, const struct kept_event *event)
{
    int64_t now = engine->now;
    INVARIANT(player != NULL);
    if (player->journeys != NULL || player->delayed != NULL) {
        gates_aim(engine, player, now);
        (void)safety_finish(engine, player, now);
    }
    if (event == NULL && engine->failed == OK) safety_unpause(engine, player, now);
    if (event != NULL && engine->newest->converts[event->event] && engine->failed == OK)
        journey_goals(engine, player, event->event, event, now);
    react_from(engine, turn, player, event, (struct progress){0});
}

/* ---------------------------------------------------------------- records of players */

void records_not_applied(struct engine *engine, const struct record *record, enum reason reason, const char *detail)
{
    /* In the state they count when their instant closes. */
    engine->refused_waiting++;
    struct engine_note note = effects_note(engine, NOTE_NOT_APPLIED, NULL, engine->newest, PROGRAM_NONE, engine->now);
    note.player = record->player;
    note.brand = record->brand;
    note.reason = reason;
    note.detail = detail;
    effects_emit_note(engine, &note);
}

/* When a player was last erased is remembered under an id that no record can have: a source with a zero byte. */
static struct dedupe_entry erasure_of(const struct engine *engine, const struct record *record)
{
    char name[2 + 64] = "\0e";
    if (record->brand.size > 0) memcpy(name + 2, record->brand.at, record->brand.size);
    return dedupe_hash(engine->id_key, text_make(name, 2 + record->brand.size), record->player);
}

static bool is_of_before_erasure(struct engine *engine, const struct record *record)
{
    struct dedupe_entry erasure = erasure_of(engine, record);
    const struct dedupe_entry *known =
        dedupe_find(&engine->group[erasure.low % RECORD_GROUPS].ids, erasure, engine->now);
    return known != NULL && record->at <= (int64_t)known->content;
}

/* Beyond the lateness? An attribute change may then be a repetition whose id is forgotten: it counts if nothing as new is known. */
static bool is_too_late(struct engine *engine, const struct record *record, bool ages)
{
    int64_t earliest = engine->now - engine->newest->program.workspace->lateness_ms;
    if (record->at >= (earliest > engine->ids_from ? earliest : engine->ids_from)) return false;
    if (record->kind != RECORD_ATTRIBUTES) return ages;
    const struct player *player = state_find_player(engine, record->group, record->brand, record->player);
    return (player != NULL && record->at <= player->attributes_at) || is_of_before_erasure(engine, record);
}

/* Of a player who was erased since it happened: it would bring back what is to be forgotten. Responsible gaming is heard even so. */
static bool is_of_the_erased(struct engine *engine, const struct record *record)
{
    if (engine->suppressed_count == 0 || record->player.size == 0) return false;
    bool tells = record->kind == RECORD_ATTRIBUTES || record->kind == RECORD_IMPORT || record->kind == RECORD_HISTORY ||
                 record->kind == RECORD_PERSON ||
                 (record->kind == RECORD_EVENT && engine->newest->program.event[record->event].safety == SAFETY_NONE);
    return tells && is_of_before_erasure(engine, record);
}

/* Too late, or applied before? What is too late leaves no trace, not even its id. spec: runtime.md#de-duplication */
static bool is_applied(struct engine *engine, const struct record *record, struct dedupe_entry entry, bool ages)
{
    if (is_too_late(engine, record, ages)) {
        records_not_applied(engine, record, REASON_TOO_LATE, "");
        return false;
    }
    if (is_of_the_erased(engine, record)) {
        records_not_applied(engine, record, REASON_ERASED, "");
        return false;
    }
    if (record->id.size == 0) return true;
    int64_t lateness = engine->newest->program.workspace->lateness_ms;
    uint64_t said[4] = {record->content, record->kind, 0, 0};
    memcpy(&said[2], record->effect, sizeof record->effect);
    entry.content = split_hash64(record->player.at, record->player.size, split_hash64(said, sizeof said, 0));
    if (record->brand.size > 0) entry.content = split_hash64(record->brand.at, record->brand.size, entry.content);
    /* What is never too late is remembered as long as the log is kept: a stream that is delivered again changes nothing. */
    int64_t retention = engine->newest->program.workspace->retention_ms;
    bool for_long = !ages && record->kind != RECORD_ATTRIBUTES && record->kind != RECORD_DELIVERY;
    entry.until = (ages ? record->at : engine->now) + (for_long ? retention : lateness);
    struct group *group = &engine->group[entry.low % RECORD_GROUPS];
    switch (dedupe_add(&group->ids, entry, engine->now)) {
    case DEDUPE_NEW: group->changed = true; return true;
    case DEDUPE_SAME:
        records_not_applied(engine, record, REASON_DUPLICATE, "");
        if (record->kind == RECORD_EVENT && engine->newest->program.event[record->event].answered &&
            engine->fill == NULL)
            (void)answers_repeat(engine, record);
        return false;
    case DEDUPE_REUSED:
        /* The first owner keeps the identity for as long as this record could come again and pass for new. */
        dedupe_extend(&group->ids, entry, ages ? entry.until : engine->now + retention);
        group->changed = true;
        records_not_applied(engine, record, REASON_EVENT_ID_REUSED, "");
        return false;
    case DEDUPE_NO_MEMORY: (void)state_no_memory(engine); return false;
    }
    return false;
}

bool records_turn_away(struct engine *engine, const struct record *record, struct dedupe_entry id)
{
    bool event = record->kind == RECORD_EVENT;
    bool of_history = record->kind == RECORD_IMPORT || record->kind == RECORD_HISTORY;
    if (!event && !of_history && record->kind != RECORD_ATTRIBUTES && record->kind != RECORD_REPLY &&
        record->kind != RECORD_COMMAND && record->kind != RECORD_ERASE && record->kind != RECORD_CODE &&
        record->kind != RECORD_DELIVERY && record->kind != RECORD_SUPPRESS && record->kind != RECORD_UNSUPPRESS &&
        record->kind != RECORD_PERSON)
        return false;
    bool ages = event && engine->newest->program.event[record->event].safety == SAFETY_NONE;
    bool known = record->id.size > 0 && dedupe_holds(&engine->group[id.low % RECORD_GROUPS].ids, id, engine->now);
    if (!known && !is_too_late(engine, record, ages)) return false;
    engine->cause = record->position;
    bool applied = is_applied(engine, record, id, ages);
    INVARIANT(!applied);
    engine->cause = 0;
    return true;
}

/* The platform tells what became of a message: it is not asked back any more. */
static void confirm(struct engine *engine, struct player *player, const struct kept_event *event)
{
    if (!((event->known[0] >> PROGRAM_SLOT_ABOUT_EFFECT) & 1)) return;
    int64_t handle = event->slot[PROGRAM_SLOT_ABOUT_EFFECT];
    uint8_t id[16];
    struct text hex = text_make((const char *)event->bytes + handle_offset(handle), handle_size(handle));
    if (crypto_unhex(id, sizeof id, hex)) handed_confirm(engine, player, id);
}

/* By which its events are kept. What the engine makes itself has no place among the ids that were applied. */
static uint64_t id_of(const struct engine *engine, const struct pending *pending)
{
    struct dedupe_entry id = pending->id;
    if (id.low == 0 && id.high == 0) id = dedupe_hash(engine->id_key, pending->record.source, pending->record.id);
    return metrics_id(&id);
}

/* An event of before: the metrics learn of it, and what follows from them starts nothing. */
static void run_history(struct engine *engine, const struct turn *turn)
{
    const struct record *record = &turn->pending->record;
    if (!is_applied(engine, record, turn->pending->id, false)) return;
    struct player *player = state_player_by_hash(engine, record->group, turn->pending->player_hash, record->brand,
                                                 record->player, record->number);
    if (player == NULL) return;
    metrics_event(engine, player, &turn->pending->event, record->source, metrics_id(&turn->pending->id));
    if (engine->failed != OK || engine->fill != NULL) return;
    segments_touch_event(engine, record->event);
    segments_judge(engine, NULL, player, engine->now);
    journey_look_ahead(engine, player);
    if (engine->failed == OK) state_arm_player(engine, player);
}

/* An event that counts: what it sets and protects, then what the campaigns do. */
static void take_event(struct engine *engine, const struct turn *turn, struct player *player)
{
    const struct kept_event *kept = &turn->pending->event;
    const struct bundle_event *event = &engine->newest->program.event[kept->event];
    metrics_event(engine, player, kept, turn->pending->record.source, id_of(engine, turn->pending));
    if (engine->failed != OK || engine->fill != NULL) return;
    if (event->safety != SAFETY_NONE || event->sets != PROGRAM_NONE) {
        safety_event(engine, player, kept->event, kept, engine->now);
        if (engine->failed != OK) return;
    }
    parts_event(engine, turn, player, kept);
    segments_touch_event(engine, kept->event);
    segments_judge(engine, turn, player, engine->now);
    if (engine->failed != OK) return;
    if (event->about == ABOUT_MESSAGE && player->handed_count > 0) confirm(engine, player, kept);
    /* What protects is done; the campaigns wait behind the answer to what an earlier event of this instant asked for. */
    if (player->request != NULL) {
        struct turn rest = *turn;
        rest.kind = TURN_REST;
        rest.player = player;
        fold_defer(engine, &rest);
        state_arm_player(engine, player);
        return;
    }
    react(engine, turn, player, kept);
    if (engine->failed == OK && player->request == NULL) bonus_show(engine, player);
    if (engine->failed == OK) state_arm_player(engine, player);
}

/* What protects a player protects the whole person: the others hear the event in the same turn, each as if it were his own. */
static void tell_person(struct engine *engine, const struct turn *turn, const struct player *player)
{
    const struct record *record = &turn->pending->record;
    struct persons_list list = persons_of(engine, player);
    for (uint32_t i = 0; i < list.count && engine->failed == OK; i++) {
        struct player *other = list.player[i];
        if (other == player) continue;
        struct pending *pending = ARENA_NEW(&engine->instant, struct pending);
        if (pending == NULL) {
            (void)state_no_memory(engine);
            return;
        }
        *pending = *turn->pending;
        /* Copies: what is put off outlives the bytes of his that a later turn of the instant changes. */
        pending->record.player = arena_copy_text(&engine->instant, state_player_id(other));
        pending->record.brand = arena_copy_text(&engine->instant, state_player_brand(other));
        if (pending->record.player.at == NULL || pending->record.brand.at == NULL) {
            (void)state_no_memory(engine);
            return;
        }
        pending->record.group = other->group;
        pending->record.number = other->number;
        pending->player_hash = other->hash;
        struct turn own = *turn;
        own.pending = pending;
        if (engine->fill == NULL) {
            struct engine_note note =
                effects_note(engine, NOTE_PROTECTED, other, engine->newest, PROGRAM_NONE, engine->now);
            const struct program *program = &engine->newest->program;
            note.event = program_text(program, program->event[record->event].name);
            note.other = record->brand;
            note.since = record->at;
            effects_emit_note(engine, &note);
        }
        take_event(engine, &own, other);
    }
}

static void run_event(struct engine *engine, const struct turn *turn)
{
    const struct record *record = &turn->pending->record;
    const struct bundle_event *event = &engine->newest->program.event[record->event];
    if (!is_applied(engine, &turn->pending->record, turn->pending->id, event->safety == SAFETY_NONE)) return;
    struct player *player = state_player_by_hash(engine, record->group, turn->pending->player_hash, record->brand,
                                                 record->player, record->number);
    if (player == NULL) return;
    take_event(engine, turn, player);
    if (event->safety != SAFETY_NONE && engine->failed == OK) tell_person(engine, turn, player);
}

/* A player is linked to a person: what protects one of its players protects all from now on, as if an event had said so. */
static void run_person(struct engine *engine, const struct turn *turn)
{
    const struct record *record = &turn->pending->record;
    if (!is_applied(engine, record, turn->pending->id, false)) return;
    struct player *player = state_player_by_hash(engine, record->group, turn->pending->player_hash, record->brand,
                                                 record->player, record->number);
    if (player == NULL) return;
    enum persons_answer answer = persons_link(engine, player, record->person);
    if (answer == PERSONS_FULL) records_not_applied(engine, record, REASON_PERSON_LIMIT, "");
    if (answer != PERSONS_CHANGED || engine->fill != NULL) return;
    struct persons_list list = persons_of(engine, player);
    bool *changed = ARENA_ARRAY(&engine->instant, bool, list.count + 1);
    if (changed == NULL) {
        (void)state_no_memory(engine);
        return;
    }
    safety_share(engine, list.player, changed, list.count);
    for (uint32_t i = 0; i < list.count && engine->failed == OK; i++) {
        if (!changed[i]) continue;
        struct player *other = list.player[i];
        segments_judge(engine, turn, other, engine->now);
        if (engine->failed != OK) return;
        if (other->request != NULL) {
            put_off(engine, turn, other, true, (struct progress){0});
        } else {
            react(engine, turn, other, NULL);
            if (engine->failed == OK && other->request == NULL) bonus_show(engine, other);
        }
        if (engine->failed == OK) state_arm_player(engine, other);
    }
}

bool records_keeps_range(const struct engine *engine, const struct bundle_attribute *attribute, int64_t value)
{
    const struct program *program = &engine->newest->program;
    switch ((enum type_kind)attribute->kind) {
    case TYPE_BOOL: return value == 0 || value == 1;
    case TYPE_ENUM: return value >= 0 && value < (int64_t)program->enumeration[attribute->of].wording_count;
    case TYPE_COUNTRY: return value >= 0 && value < INT64_C(26) * 26;
    case TYPE_CURRENCY: return value >= 0 && value < (int64_t)program->currency_count;
    case TYPE_ZONE: return value >= 0 && value < (int64_t)zone_count();
    case TYPE_SET:
    case TYPE_CALENDAR: return true;
    case TYPE_TEXT: return handle_size(value) <= attribute->size;
    default: return value >= attribute->low && value <= attribute->high;
    }
}

static void drop_clear_of(struct engine *engine, struct player *player, uint32_t attribute)
{
    for (uint32_t i = 0; i < player->clear_count; i++) {
        if (player->clear[i].attribute == attribute) {
            state_drop_clear(engine, player, i);
            return;
        }
    }
}

static bool has_bit(const uint64_t *words, uint32_t bit)
{
    return (words[bit / 64] >> (bit % 64)) & 1;
}

static void run_attributes(struct engine *engine, const struct turn *turn)
{
    const struct record *record = &turn->pending->record;
    if (!is_applied(engine, &turn->pending->record, turn->pending->id, false)) return;
    struct player *player = state_player_by_hash(engine, record->group, turn->pending->player_hash, record->brand,
                                                 record->player, record->number);
    if (player == NULL) return;
    const struct program *program = &engine->newest->program;
    if (record->kind == RECORD_ATTRIBUTES) {
        if (record->at > player->attributes_at) player->attributes_at = record->at;
        engine->group[player->group].changed = true;
    }
    const uint64_t *set = state_known_words(player, program->workspace->player_slot_count) + engine->newest->words;
    for (uint32_t i = 0; i < program->attribute_count && engine->failed == OK; i++) {
        const struct bundle_attribute *attribute = &program->attribute[i];
        uint32_t slot = attribute->slot;
        if (!has_bit(record->given, slot)) continue;
        if (record->kind == RECORD_IMPORT && has_bit(set, slot))
            continue; /* History never overrides what is known since. */
        int64_t value = record->slot[slot];
        if (!has_bit(record->known, slot)) {
            state_unset(engine, player, slot);
        } else if (!records_keeps_range(engine, attribute, value)) {
            records_not_applied(engine, record, REASON_NONE, "attribute out of range");
            continue;
        } else if (attribute->kind == TYPE_TEXT) {
            state_set_text(engine, player, slot,
                           text_make((const char *)record->bytes + handle_offset(value), handle_size(value)));
        } else {
            state_set_number(engine, player, slot, value);
        }
        drop_clear_of(engine, player, i);
        if (attribute->privacy == FIELD_CONTACT) suppress_touch(player);
        segments_touch_slot(engine, slot);
    }
    levels_watch(engine, player);
    /* History starts nothing. */
    segments_judge(engine, record->kind == RECORD_ATTRIBUTES ? turn : NULL, player, engine->now);
    if (engine->failed == OK && record->kind == RECORD_ATTRIBUTES) react(engine, turn, player, NULL);
    if (engine->failed == OK && record->kind == RECORD_IMPORT) journey_look_ahead(engine, player);
    if (engine->failed == OK) state_arm_player(engine, player);
}

/* ---------------------------------------------------------------- replies */

/* The wallet's answer as the event `credited` or `credit_failed`, if the program declares it: about the offer and the effect. */
static bool make_answer(struct engine *engine, struct pending *pending, uint32_t index, struct text offer,
                        int64_t amount)
{
    const struct program *program = &engine->newest->program;
    const struct bundle_event *event = &program->event[index];
    const struct record *record = &pending->record;
    uint32_t size = record->id.size + offer.size + 32 + record->reason.size;
    int64_t *slot = ARENA_ARRAY(&engine->instant, int64_t, event->slot_count);
    uint64_t *known = ARENA_ARRAY(&engine->instant, uint64_t, event->slot_count / 64 + 1);
    char *bytes = arena_alloc(&engine->instant, (size_t)size + 1);
    if (slot == NULL || known == NULL || bytes == NULL) {
        (void)state_no_memory(engine);
        return false;
    }
    uint32_t end = record->id.size;
    memcpy(bytes, record->id.at, record->id.size);
    slot[PROGRAM_SLOT_TIME] = record->at;
    slot[PROGRAM_SLOT_EVENT_ID] = handle_make(BANK_EVENT, record->id.size, 0);
    if (offer.size > 0) memcpy(bytes + end, offer.at, offer.size);
    slot[PROGRAM_SLOT_ABOUT] = handle_make(BANK_EVENT, offer.size, end);
    end += offer.size;
    char hex[33];
    crypto_hex(hex, record->effect, sizeof record->effect);
    memcpy(bytes + end, hex, 32);
    slot[PROGRAM_SLOT_ABOUT_EFFECT] = handle_make(BANK_EVENT, 32, end);
    end += 32;
    if (record->reason.size > 0) memcpy(bytes + end, record->reason.at, record->reason.size);
    known[0] = 15;
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct bundle_field *field = &program->field[event->field_first + i];
        bool is_reason = field->kind == TYPE_TEXT && text_equal(program_text(program, field->name), TEXT("reason"));
        bool is_amount = field->kind == TYPE_MONEY && text_equal(program_text(program, field->name), TEXT("amount"));
        if (field->optional && !is_reason) continue;
        int64_t value = field->low > 0 ? field->low : field->high < 0 ? field->high : 0;
        if (field->kind == TYPE_TEXT) value = handle_make(BANK_EVENT, 0, 0);
        if (is_reason)
            value = handle_make(BANK_EVENT, record->reason.size < field->size ? record->reason.size : field->size, end);
        if (is_amount && amount >= field->low && amount <= field->high) value = amount;
        slot[field->slot] = value;
        known[field->slot / 64] |= UINT64_C(1) << (field->slot % 64);
        if (field->kind == TYPE_MONEY) known[(field->slot + 1) / 64] |= UINT64_C(1) << ((field->slot + 1) % 64);
    }
    pending->event = (struct kept_event){.event = index,
                                         .slot_count = event->slot_count,
                                         .bytes_size = size,
                                         .now = engine->now,
                                         .slot = slot,
                                         .known = known,
                                         .bytes = (const uint8_t *)bytes};
    return true;
}

static uint32_t find_money(const struct program *program, uint32_t event, uint32_t slot)
{
    const struct bundle_event *record = &program->event[event];
    for (uint32_t i = 0; i < record->field_count; i++) {
        const struct bundle_field *field = &program->field[record->field_first + i];
        if (field->kind == TYPE_MONEY && field->slot + 1 == slot) return i;
    }
    return PROGRAM_NONE;
}

/* Money of the answer is in the campaign's currency. */
static void set_currency(struct engine *engine, struct pending *pending, uint32_t currency)
{
    const struct program *program = &engine->newest->program;
    int64_t *slot = (int64_t *)(uintptr_t)pending->event.slot;
    for (uint32_t i = PROGRAM_EVENT_SLOTS; i < pending->event.slot_count; i++) {
        if (find_money(program, pending->event.event, i) != PROGRAM_NONE) slot[i] = currency;
    }
}

static void run_reply(struct engine *engine, const struct turn *turn)
{
    struct pending *pending = turn->pending;
    const struct record *record = &pending->record;
    if (!is_applied(engine, record, pending->id, false)) return;
    if (record->kind == RECORD_DELIVERY && record->status == DELIVERY_NO_REPLY) return; /* Of the outbox alone. */
    if (questions_is_answer(record)) {
        questions_reply(engine, turn);
        return;
    }
    if (record->status != REPLY_CREDITED && record->status != REPLY_FAILED) {
        /* Recorded; what became of a message comes as an event. But it is not asked back any more. */
        struct player *whose = state_whose(engine, record->effect);
        if (whose != NULL) handed_confirm(engine, whose, record->effect);
        return;
    }
    bool credited = record->status == REPLY_CREDITED;
    struct books_settled settled;
    enum books_outcome outcome = credited ? books_commit(engine->books, record->effect, &settled)
                                          : books_release(engine->books, record->effect, &settled);
    if (outcome != BOOKS_DONE) {
        records_not_applied(engine, record, outcome == BOOKS_ALREADY ? REASON_DUPLICATE : REASON_NONE,
                            outcome == BOOKS_ALREADY ? "settled before" : "no such reservation");
        return;
    }
    struct title *title = state_title(engine, settled.campaign, false);
    struct player *player =
        settled.player.size == 0 ? NULL : state_find_player(engine, settled.group, settled.brand, settled.player);
    if (player != NULL) handed_confirm(engine, player, record->effect);
    struct text offer = arena_copy_text(&engine->instant, settled.offer);
    int64_t amount = settled.amount;
    uint32_t campaign = title == NULL ? PROGRAM_NONE : title->campaign;
    struct engine_note note =
        effects_note(engine, credited ? NOTE_COMMITTED : NOTE_RELEASED, player, engine->newest, campaign, engine->now);
    note.amount = amount;
    memcpy(note.effect_id, record->effect, sizeof note.effect_id);
    if (player != NULL && title != NULL) {
        note.journey = settled.journey;
        struct passage *passage = state_passage(engine, player, title, false);
        if (!credited && passage != NULL) passage->spent -= amount;
        if (!credited && player->rewards > 0) player->rewards--;
        if (!credited) bonus_failed(engine, player, record->effect, title, offer);
        engine->group[player->group].changed = true;
    }
    effects_emit_note(engine, &note);
    if (!credited && title != NULL) {
        effects_refused(engine, player, title, REASON_CREDIT_FAILED, "");
        note.kind = NOTE_CREDIT_FAILED;
        note.reason = REASON_CREDIT_FAILED;
        effects_emit_note(engine, &note);
    }
    uint32_t index = credited ? engine->newest->credited : engine->newest->credit_failed;
    if (player == NULL || index == PROGRAM_NONE || !make_answer(engine, pending, index, offer, amount)) return;
    if (campaign != PROGRAM_NONE) set_currency(engine, pending, engine->newest->program.campaign[campaign].currency);
    metrics_event(engine, player, &pending->event, record->source, metrics_id(&pending->id));
    if (engine->failed != OK) return;
    segments_touch_event(engine, index);
    segments_judge(engine, turn, player, engine->now);
    react(engine, turn, player, &pending->event);
    if (engine->failed == OK) state_arm_player(engine, player);
}

/* ---------------------------------------------------------------- control records */

/* A player begins a campaign, if it starts on command. */
static void run_start_command(struct engine *engine, const struct turn *turn)
{
    const struct record *record = &turn->pending->record;
    const struct title *title = state_title(engine, record->campaign, false);
    if (title == NULL || title->campaign == PROGRAM_NONE) {
        records_not_applied(engine, record, REASON_NONE, "no such campaign");
        return;
    }
    if (engine->newest->program.campaign[title->campaign].start_kind != START_COMMAND) {
        records_not_applied(engine, record, REASON_NONE, "the campaign does not start on command");
        return;
    }
    struct player *player = state_player_by_hash(engine, record->group, turn->pending->player_hash, record->brand,
                                                 record->player, record->number);
    if (player == NULL) return;
    segments_judge(engine, turn, player, engine->now);
    struct turn part = *turn;
    part.rank = title->rank;
    entry_try(engine, &part, player, title->campaign, NULL, state_count_journeys(player, title));
    if (engine->failed == OK) state_arm_player(engine, player);
}

static void run_command(struct engine *engine, const struct turn *turn)
{
    const struct record *record = &turn->pending->record;
    if (!is_applied(engine, record, turn->pending->id, false) || engine->fill != NULL) return;
    if (record->command == COMMAND_RETRY || record->command == COMMAND_DROP) return; /* Of the outbox alone. */
    if (record->command == COMMAND_START) {
        run_start_command(engine, turn);
    } else {
        commands_run(engine, record);
    }
}

/* A code of a pool of uploaded ones, in the order in which they come. */
static void run_code(struct engine *engine, const struct turn *turn)
{
    const struct record *record = &turn->pending->record;
    if (!is_applied(engine, record, turn->pending->id, false) || engine->fill != NULL) return;
    enum reason reason = codes_upload(engine, record->campaign, record->reason);
    if (reason != REASON_NONE)
        records_not_applied(engine, record, reason, reason == REASON_NOT_KNOWN ? "no such pool of uploaded codes" : "");
}

/* So that what was known of the player before, delivered once more, does not bring it back. */
static void remember_erasure(struct engine *engine, const struct record *record)
{
    struct dedupe_entry erasure = erasure_of(engine, record);
    erasure.content = (uint64_t)record->at;
    erasure.until = engine->now + engine->newest->program.workspace->retention_ms;
    struct group *group = &engine->group[erasure.low % RECORD_GROUPS];
    struct dedupe_entry *known = dedupe_find(&group->ids, erasure, engine->now);
    group->changed = true;
    if (known == NULL) {
        if (dedupe_add(&group->ids, erasure, engine->now) == DEDUPE_NO_MEMORY) (void)state_no_memory(engine);
        return;
    }
    if (record->at > (int64_t)known->content) known->content = erasure.content;
    known->until = erasure.until;
}

static void run_erase(struct engine *engine, const struct pending *pending)
{
    const struct record *record = &pending->record;
    if (!is_applied(engine, record, pending->id, false)) return;
    remember_erasure(engine, record);
    struct player *player = state_find_player(engine, record->group, record->brand, record->player);
    suppress_erased(engine, record->brand, record->player, player);
    if (engine->failed != OK) return;
    struct engine_note note = effects_note(engine, NOTE_ERASED, NULL, NULL, PROGRAM_NONE, engine->now);
    note.player = record->player;
    note.brand = record->brand;
    note.number = record->number;
    effects_emit_note(engine, &note);
    if (player == NULL) {
        /* Nothing of him but his books, perhaps: a credit that a restore found lost. */
        if (books_erase_player(engine->books, record->group, record->brand, record->player, NULL) != OK)
            (void)state_no_memory(engine);
        return;
    }
    if (player->number == 0) player->number = record->number; /* He slept in a checkpoint. */
    journey_finish_all(engine, player, TEXT("ERASED"), REASON_ERASED, PROGRAM_NONE, engine->now);
    handed_tell(engine, player, TEXT(""), true, engine->now);
    bonus_erase(engine, player);
    persons_forget(engine, player);
    if (books_erase_player(engine->books, player->group, record->brand, record->player, NULL) != OK) {
        (void)state_no_memory(engine);
        return;
    }
    fold_forget_player(engine, player);
    state_remove_player(engine, player);
}

static void run_suppress(struct engine *engine, const struct pending *pending)
{
    if (!is_applied(engine, &pending->record, pending->id, false) || engine->fill != NULL) return;
    suppress_record(engine, &pending->record);
}

/* ---------------------------------------------------------------- turns */

/* The player that a record concerns, if known already. */
static struct player *player_of(struct engine *engine, const struct turn *turn)
{
    if (turn->player != NULL) return turn->player;
    const struct record *record = &turn->pending->record;
    if (record->kind == RECORD_REPLY || record->kind == RECORD_DELIVERY) {
        if (record->status != REPLY_CREDITED && record->status != REPLY_FAILED)
            return state_whose(engine, record->effect);
        struct books_settled settled;
        if (books_find(engine->books, record->effect, &settled) == BOOKS_UNKNOWN || settled.player.size == 0)
            return NULL;
        return state_find_player(engine, settled.group, settled.brand, settled.player);
    }
    if (record->player.size == 0) return NULL;
    return state_find_player(engine, record->group, record->brand, record->player);
}

static void run_record(struct engine *engine, const struct turn *turn)
{
    switch ((enum record_kind)turn->pending->record.kind) {
    case RECORD_EVENT: run_event(engine, turn); break;
    case RECORD_ATTRIBUTES:
    case RECORD_IMPORT: run_attributes(engine, turn); break;
    case RECORD_HISTORY: run_history(engine, turn); break;
    case RECORD_REPLY:
    case RECORD_DELIVERY: run_reply(engine, turn); break;
    case RECORD_COMMAND: run_command(engine, turn); break;
    case RECORD_CODE: run_code(engine, turn); break;
    case RECORD_ERASE: run_erase(engine, turn->pending); break;
    case RECORD_PERSON: run_person(engine, turn); break;
    case RECORD_SUPPRESS:
    case RECORD_UNSUPPRESS: run_suppress(engine, turn->pending); break;
    case RECORD_EPOCH:
        if (engine->fill == NULL) epoch_begin(engine, &turn->pending->record);
        break;
    case RECORD_LOST:
        if (engine->fill == NULL) epoch_lost(engine, &turn->pending->record);
        break;
    case RECORD_RECONCILED:
        if (engine->fill == NULL) epoch_reconciled(engine, &turn->pending->record);
        break;
    case RECORD_TICK:
    case RECORD_ACTIVATE:
    case RECORD_KIND_COUNT: break;
    }
}

static void run_tags(struct engine *engine, const struct turn *turn)
{
    struct player *player = turn->player;
    int64_t bit = (int64_t)(UINT64_C(1) << turn->tag), tags = player->slot[PROGRAM_SLOT_TAGS];
    int64_t changed = turn->on ? tags | bit : tags & ~bit;
    if (changed == tags) return;
    state_set_number(engine, player, PROGRAM_SLOT_TAGS, changed);
    segments_touch_slot(engine, PROGRAM_SLOT_TAGS);
    segments_judge(engine, turn, player, engine->now);
    if (turn->depth <= STATE_CASCADE) {
        react(engine, turn, player, NULL);
        return;
    }
    /* The chain ends here, and with it the journey that went on with it. */
    struct journey *journey = state_find_journey(player, turn->title, turn->journey);
    if (journey == NULL) return;
    journey_finish(engine, player, journey, TEXT("CASCADE_LIMIT"), REASON_CASCADE_LIMIT, PROGRAM_NONE, true,
                   engine->now);
}

static void run_clear(struct engine *engine, const struct turn *turn)
{
    safety_clear(engine, turn->player, turn->number);
    segments_judge(engine, turn, turn->player, turn->due);
    if (engine->failed == OK) react(engine, turn, turn->player, NULL);
}

/* An event of the engine's own. */
static void run_made(struct engine *engine, const struct turn *turn)
{
    const struct kept_event *made = turn->made;
    int64_t id = made->slot[PROGRAM_SLOT_EVENT_ID];
    metrics_event(engine, turn->player, made, TEXT(""),
                  split_hash64(made->bytes + handle_offset(id), handle_size(id), made->event));
    if (engine->failed == OK) parts_event(engine, turn, turn->player, made);
    segments_touch_event(engine, made->event);
    segments_judge(engine, turn, turn->player, engine->now);
    if (engine->failed == OK) react(engine, turn, turn->player, made);
}

/* A reward's deadline, or a change of what the player has: segments and lines that watch see it. */
static void run_reward(struct engine *engine, const struct turn *turn)
{
    bonus_due(engine, turn);
    if (engine->failed != OK || turn->number != 0) return;
    segments_judge(engine, turn, turn->player, engine->now);
    if (engine->failed == OK && turn->depth <= STATE_CASCADE) react(engine, turn, turn->player, NULL);
}

/* A timer of a part of the player's state; what it changes may matter to segments, and to lines that watch. */
static void run_part(struct engine *engine, const struct turn *turn)
{
    gates_aim(engine, turn->player, turn->due);
    parts_fire(engine, turn);
    if (engine->failed != OK) return;
    segments_judge(engine, turn, turn->player, turn->due);
    if (engine->failed == OK) react(engine, turn, turn->player, NULL);
}

/* What properties show has changed, perhaps beside a turn of the player's own. */
static void run_property(struct engine *engine, const struct turn *turn)
{
    turn->player->property_stale = false;
    if (turn->depth > STATE_CASCADE) return;
    property_touch(engine);
    gates_aim(engine, turn->player, engine->now);
    segments_judge(engine, turn, turn->player, engine->now);
    if (engine->failed == OK) react(engine, turn, turn->player, NULL);
}

/* Points changed: perhaps enough were counted for a higher level. */
static void run_levels(struct engine *engine, const struct turn *turn)
{
    if (turn->depth > STATE_CASCADE) return;
    property_touch(engine);
    (void)levels_climb(engine, turn->player);
    if (engine->failed != OK) return;
    gates_aim(engine, turn->player, engine->now);
    segments_judge(engine, turn, turn->player, engine->now);
    if (engine->failed == OK) react(engine, turn, turn->player, NULL);
}

/* A campaign that no event starts: the player entered or left a segment. */
static void start_campaign(struct engine *engine, const struct turn *turn)
{
    uint32_t campaign = turn->title->campaign;
    if (campaign == PROGRAM_NONE) return;
    uint32_t running = state_count_journeys(turn->player, turn->title);
    entry_try(engine, turn, turn->player, campaign, NULL, running);
}

/* Deadlines and answers of one journey. */
static void run_journey(struct engine *engine, const struct turn *turn, struct journey *journey)
{
    struct player *player = turn->player;
    bool stands = journey != NULL &&
                  (turn->kind == TURN_RUN_END || (turn->kind == TURN_LEAVE && journey->leaves_at <= turn->due) ||
                   (journey->timer == turn->number && journey->status == JOURNEY_WAITING));
    if (!stands) return;
    if (turn->depth > STATE_CASCADE) {
        journey_finish(engine, player, journey, TEXT("CASCADE_LIMIT"), REASON_CASCADE_LIMIT, PROGRAM_NONE, true,
                       engine->now);
        return;
    }
    int64_t now = turn->kind == TURN_SINCE ? turn->now : turn->due;
    gates_aim(engine, player, now);
    if (turn->kind == TURN_RUN_END) {
        const struct program *program = &journey->use->program;
        uint32_t reason = program->campaign[journey->campaign].runs_end_reason;
        journey_finish(engine, player, journey, reason == PROGRAM_NONE ? TEXT("ENDED") : program_text(program, reason),
                       REASON_ENDED, PROGRAM_NONE, true, now);
    } else if (safety_finish(engine, player, now)) {
        return;
    } else if (turn->kind == TURN_LEAVE) {
        journey_leave(engine, turn, player, journey);
    } else if (turn->kind == TURN_WAIT) {
        journey_timeout(engine, turn, player, journey);
    } else {
        journey_since(engine, turn, player, journey);
    }
}

static void run_delayed(struct engine *engine, const struct turn *turn)
{
    struct player *player = turn->player;
    struct delayed *delayed = player->delayed;
    while (delayed != NULL && delayed->number != turn->number) delayed = delayed->next;
    if (delayed == NULL) return;
    engine->group[player->group].changed = true;
    gates_aim(engine, player, turn->due);
    if (safety_finish(engine, player, turn->due)) return;
    effects_delayed_due(engine, player, delayed, turn->due);
}

/* An event that another player's journey made: as if the platform had sent it. */
static void run_told(struct engine *engine, const struct turn *turn)
{
    uint8_t hops = 1;
    const struct told *at = turn->player->told;
    while (at != NULL && at->number != turn->number) at = at->next;
    if (at != NULL) hops = at->hops;
    struct turn told = *turn;
    told.pending = tells_due(engine, turn->player, turn->number);
    if (told.pending == NULL) return;
    told.depth = hops;
    take_event(engine, &told, turn->player);
}

static void run_resume(struct engine *engine, const struct turn *turn)
{
    const struct request *request = turn->request;
    gates_aim(engine, turn->player, request->now);
    if (request->kind == REQUEST_CODE && request->event != NULL) return; /* It was answered; what it held up goes on. */
    if (request->kind == REQUEST_ENTER) {
        entry_answer(engine, turn, turn->player);
        return;
    }
    if (turn->depth > STATE_CASCADE) {
        struct title *title = request->use->plan[request->campaign].title;
        struct journey *journey = state_find_journey(turn->player, title, request->journey);
        if (journey == NULL) return;
        journey_finish(engine, turn->player, journey, TEXT("CASCADE_LIMIT"), REASON_CASCADE_LIMIT, PROGRAM_NONE, true,
                       request->now);
        return;
    }
    if (safety_finish(engine, turn->player, request->now)) return;
    journey_answer(engine, turn, turn->player);
}

void records_run_turn(struct engine *engine, const struct turn *turn)
{
    if (turn->kind == TURN_GONE) return;
    /* Only where somebody has paused is it worth looking up who this is. */
    struct player *player = engine->paused == 0 ? turn->player : player_of(engine, turn);
    /* A responsible gaming event does not wait: it withdraws the request (safety_event). Nor does a control record. */
    bool waits = turn->kind != TURN_RECORD || turn->class > TURN_SAFETY;
    if (player != NULL && player->request != NULL && waits) {
        fold_defer(engine, turn);
        return;
    }
    switch ((enum turn_kind)turn->kind) {
    case TURN_RESUME: run_resume(engine, turn); break;
    case TURN_RECORD: run_record(engine, turn); break;
    case TURN_REST: {
        const struct record *record = turn->pending != NULL ? &turn->pending->record : NULL;
        bool event = !turn->quiet && record != NULL && (record->kind == RECORD_EVENT || record->kind == RECORD_REPLY);
        const struct kept_event *kept = turn->made != NULL ? turn->made : event ? &turn->pending->event : NULL;
        struct progress at = {.rank = turn->rank, .number = turn->journey, .running = turn->number};
        if (turn->rank == 0 && turn->journey == 0) {
            react(engine, turn, player, kept);
        } else {
            react_from(engine, turn, player, kept, at);
        }
        break;
    }
    case TURN_TAGS: run_tags(engine, turn); break;
    case TURN_CLEAR: run_clear(engine, turn); break;
    case TURN_WAIT:
    case TURN_RUN_END:
    case TURN_LEAVE:
    case TURN_SINCE: run_journey(engine, turn, state_find_journey(player, turn->title, turn->journey)); break;
    case TURN_DELAYED: run_delayed(engine, turn); break;
    case TURN_ROW: run_row(engine, turn); break;
    case TURN_MEMBERS: segments_due(engine, turn, player, turn->due); break;
    case TURN_START: start_campaign(engine, turn); break;
    case TURN_TOLD: run_told(engine, turn); break;
    case TURN_MADE: run_made(engine, turn); break;
    case TURN_LEVELS: run_levels(engine, turn); break;
    case TURN_REWARD: run_reward(engine, turn); break;
    case TURN_PROPERTY: run_property(engine, turn); break;
    case TURN_PART: run_part(engine, turn); break;
    case TURN_GONE: break;
    }
    if (turn->player != NULL && turn->player->request == NULL && engine->failed == OK) bonus_show(engine, turn->player);
    /* Whatever the turn did, the heap knows of the player's deadlines; turns of records see to it themselves. */
    if (turn->player != NULL && engine->failed == OK) state_arm_player(engine, turn->player);
}
