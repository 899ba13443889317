/* Activating and replacing programs, and the reads of older ones. Contract: programs.h.
 *
 *   bundle ──► programs_open.c ──► link: plan.c, value_map.c ──► programs_move.c: players and journeys go over
 *
 * All of it happens when a program is activated, never in a turn, but for the functions at the end.
 */
#include "runtime/engine/programs.h"

#include "runtime/engine/announce.h"
#include "runtime/engine/parts.h"
#include "runtime/engine/backfill.h"
#include "runtime/engine/levels.h"
#include "runtime/engine/run.h"
#include "runtime/engine/segments.h"
#include "runtime/engine/suppress.h"
#include "vm/memory.h"
#include "vm/zone.h"

enum status programs_no_memory(struct error *error)
{
    return error_set(error, STATUS_NO_MEMORY, "no memory to activate a program");
}

/* ---------------------------------------------------------------- linking */

static bool link_older(struct engine *engine, struct use *use)
{
    const struct program *newest = &engine->newest->program, *program = &use->program;
    use->player_map = value_map_players(&use->linked, newest, program);
    use->event_of = ARENA_ARRAY(&use->linked, uint32_t, newest->event_count + 1);
    use->event_map = ARENA_ARRAY(&use->linked, struct value_map *, program->event_count + 1);
    if (use->linked.failed) return false;
    for (uint32_t i = 0; i < newest->event_count; i++) {
        use->event_of[i] = PROGRAM_NONE;
        for (uint32_t j = 0; j < program->event_count; j++) {
            if (!program_same_text(newest, newest->event[i].name, program, program->event[j].name)) continue;
            use->event_of[i] = j;
            use->event_map[j] = value_map_event(&use->linked, newest, i, program, j);
            if (use->event_map[j] == NULL) return false;
        }
    }
    return true;
}

static bool link_use(struct engine *engine, struct use *use)
{
    arena_deinit(&use->linked);
    arena_init(&use->linked, 0);
    use->player_map = NULL;
    use->event_of = NULL;
    if (!plan_campaigns(engine, use)) return false;
    return use == engine->newest ? plan_starts(engine, use) : link_older(engine, use);
}

/* Work space for the reads of older programs, as wide as the widest. */
static bool make_room(struct engine *engine)
{
    uint32_t player = 1, event = 1;
    const struct program *fill = engine->fill == NULL ? NULL : &engine->fill->program;
    for (uint32_t i = 0; fill != NULL && i < fill->event_count; i++) {
        if (fill->event[i].slot_count > event) event = fill->event[i].slot_count;
    }
    for (const struct use *use = engine->uses; use != NULL; use = use->next) {
        if (use->program.workspace->player_slot_count > player) player = use->program.workspace->player_slot_count;
        for (uint32_t i = 0; i < use->program.event_count; i++) {
            if (use->program.event[i].slot_count > event) event = use->program.event[i].slot_count;
        }
    }
    int64_t *slots = memory_resize_array(engine->old_player_slot, player, sizeof *slots);
    if (slots == NULL) return false;
    engine->old_player_slot = slots;
    slots = memory_resize_array(engine->old_event_slot, event + 1, sizeof *slots);
    if (slots == NULL) return false;
    engine->old_event_slot = slots;
    return true;
}

enum status programs_link(struct engine *engine, struct error *error)
{
    if (!plan_titles(engine)) return programs_no_memory(error);
    for (struct use *use = engine->uses; use != NULL; use = use->next) {
        if (!link_use(engine, use)) return programs_no_memory(error);
    }
    if (engine->fill != NULL) {
        arena_deinit(&engine->fill->linked);
        arena_init(&engine->fill->linked, 0);
        if (!link_older(engine, engine->fill)) return programs_no_memory(error);
    }
    if (!make_room(engine) || !segments_make_room(engine) || !metrics_link(engine)) return programs_no_memory(error);
    engine->judge->program = &engine->newest->program;
    engine->judge->campaign = PROGRAM_NONE;
    if (!roles_link(engine) || !parts_link(engine)) return programs_no_memory(error);
    announce_link(engine);
    return run_link(engine) ? OK : programs_no_memory(error);
}

/* ---------------------------------------------------------------- activating */

static enum status set_workspace(struct engine *engine, const struct use *use, struct error *error)
{
    struct text name = program_text(&use->program, use->program.workspace->name);
    if (engine->has_identity) {
        if (text_equal(name, engine->identity.workspace)) return OK;
        return error_set(error, STATUS_REFUSED,
                         "the bundle is of workspace `%.*s`, the log of `%.*s`: give the workspace its old name, "
                         "or begin a new database",
                         TEXT_ARGS(name), TEXT_ARGS(engine->identity.workspace));
    }
    engine->workspace = memory_alloc((size_t)name.size + 1);
    if (engine->workspace == NULL) return programs_no_memory(error);
    if (name.size > 0) memcpy(engine->workspace, name.at, name.size);
    uint64_t epoch = engine->identity.epoch; /* A checkpoint has said it before. */
    identity_init(&engine->identity, text_make(engine->workspace, name.size), engine->options.identity_key);
    engine->identity.epoch = epoch;
    struct crypto_key key = crypto_derive_key(engine->identity.workspace, TEXT("event ids"));
    memcpy(engine->id_key, key.bytes, sizeof engine->id_key);
    engine->suppress_key = contact_key(engine->identity.workspace, engine->options.identity_key);
    engine->suppress_serial = 1;
    engine->has_identity = true;
    return OK;
}

bool programs_newest_arm(const struct engine *engine, const struct title *title, const struct program *program,
                         struct passed *passed)
{
    const struct program *newest = &engine->newest->program;
    if (title->campaign == PROGRAM_NONE) return false;
    const struct bundle_split *old = &program->split[passed->split];
    const struct bundle_campaign *campaign = &newest->campaign[title->campaign];
    for (uint32_t i = campaign->split_first; i < campaign->split_first + campaign->split_count; i++) {
        const struct bundle_split *split = &newest->split[i];
        if (!program_same_text(newest, split->name, program, old->name)) continue;
        for (uint32_t j = 0; j < split->arm_count; j++) {
            if (!program_same_text(newest, newest->arm[split->arm_first + j].name, program,
                                   program->arm[old->arm_first + passed->arm].name))
                continue;
            *passed = (struct passed){i, j};
            return true;
        }
    }
    return false;
}

static struct text currency_of(const struct program *program, uint32_t currency)
{
    return program_text(program, program->currency[currency].code);
}

/* Books outlive versions, and an amount says nothing without its currency. */
static enum status keeps_currencies(struct engine *engine, const struct program *program, struct error *error)
{
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        struct text name = program_text(program, program->campaign[i].name),
                    now = currency_of(program, program->campaign[i].currency);
        const struct title *title = state_title(engine, name, false);
        if (title == NULL || title->currency[0] == '\0' ||
            text_equal(text_make(title->currency, sizeof title->currency), now))
            continue;
        return error_set(
            error, STATUS_REFUSED,
            "campaign `%.*s` changes its currency from %.3s to %.*s, and its books are kept in the old one: "
            "give the campaign another name",
            TEXT_ARGS(name), title->currency, TEXT_ARGS(now));
    }
    const struct program *old = engine->newest == NULL ? NULL : &engine->newest->program;
    for (uint32_t i = 0; old != NULL && i < program->budget_count; i++) {
        if (program->budget[i].campaign != PROGRAM_NONE) continue;
        struct text name = program_text(program, program->budget[i].name),
                    now = currency_of(program, program->budget[i].currency);
        for (uint32_t j = 0; j < old->budget_count; j++) {
            struct text before = currency_of(old, old->budget[j].currency);
            if (old->budget[j].campaign != PROGRAM_NONE || !text_equal(program_text(old, old->budget[j].name), name) ||
                text_equal(before, now))
                continue;
            return error_set(error, STATUS_REFUSED,
                             "budget `%.*s` changes its currency from %.*s to %.*s: give it another name",
                             TEXT_ARGS(name), TEXT_ARGS(before), TEXT_ARGS(now));
        }
    }
    return OK;
}

/* A longer lateness keeps the ids that are known for longer; those that are forgotten stay too late. */
static void keep_ids(struct engine *engine, int64_t before, int64_t after)
{
    if (after <= before || engine->now == INT64_MIN) return;
    if (engine->now - before > engine->ids_from) engine->ids_from = engine->now - before;
    for (uint32_t i = 0; i < RECORD_GROUPS; i++) {
        struct group *group = &engine->group[i];
        if (group->ids.count == 0) continue;
        dedupe_prolong(&group->ids, after - before, engine->now);
        group->changed = true;
    }
}

enum status programs_activate(struct engine *engine, const struct record *record, struct error *error)
{
    struct use *use = NULL;
    struct engine *filled = NULL;
    RETURN_IF_FAILED(programs_open(&use, record->bundle, record->bundle_size, error));
    struct use *old = engine->newest;
    if (old != NULL && memcmp(old->program.full_hash, use->program.full_hash, sizeof old->program.full_hash) == 0) {
        programs_close(use);
        return OK;
    }
    /* Who sleeps lies in the form of the program that was. */
    if (!state_wake_all(engine)) {
        programs_close(use);
        return error_set(error, engine->failed, "%s",
                         engine->failed == STATUS_CORRUPT ? engine->asleep_error.message : "no memory");
    }
    enum status status = set_workspace(engine, use, error);
    if (status != OK) {
        programs_close(use);
        return status;
    }
    status = keeps_currencies(engine, &use->program, error);
    if (status == OK) status = metrics_admit(engine, use, record->incomplete, error);
    if (status == OK) status = backfill_read(engine, use, record, &filled, error);
    if (status != OK) {
        programs_close(use);
        return status;
    }
    if (old != NULL) keep_ids(engine, old->program.workspace->lateness_ms, use->program.workspace->lateness_ms);
    use->number = ++engine->use_serial;
    use->next = engine->uses;
    engine->uses = use;
    engine->newest = use;
    status = programs_link(engine, error);
    if (status == OK && old != NULL && !programs_move_players(engine, old)) status = programs_no_memory(error);
    if (status == OK && !metrics_activate(engine)) status = programs_no_memory(error);
    if (status == OK && filled != NULL && !backfill_move(engine, filled)) status = programs_no_memory(error);
    engine_close(filled);
    if (status == OK && old != NULL && engine->fill == NULL && !segments_move_players(engine, old))
        status = programs_no_memory(error);
    if (status != OK) {
        /* Half a change of programs is no state to go on from. */
        (void)state_no_memory(engine);
        return status;
    }
    state_count_zones(engine);
    run_activated(engine);
    levels_watch_all(engine);
    programs_sweep(engine);
    return OK;
}

enum status programs_add(struct engine *engine, const uint8_t *bundle, uint64_t size, uint32_t number,
                         struct error *error)
{
    struct use *use = NULL;
    RETURN_IF_FAILED(programs_open(&use, bundle, size, error));
    enum status status = set_workspace(engine, use, error);
    if (status != OK) {
        programs_close(use);
        return status;
    }
    use->number = number;
    use->stored = true;
    use->next = engine->uses;
    engine->uses = use;
    engine->newest = use;
    return OK;
}

void programs_sweep(struct engine *engine)
{
    struct use **at = &engine->uses;
    while (*at != NULL) {
        struct use *use = *at;
        if (programs_needed(engine, use)) {
            at = &use->next;
            continue;
        }
        *at = use->next;
        programs_close(use);
    }
}

void programs_release(struct engine *engine)
{
    while (engine->uses != NULL) {
        struct use *use = engine->uses;
        engine->uses = use->next;
        programs_close(use);
    }
    engine->newest = NULL;
}

struct use *programs_find(const struct engine *engine, uint32_t number)
{
    for (struct use *use = engine->uses; use != NULL; use = use->next) {
        if (use->number == number) return use;
    }
    return NULL;
}

/* ---------------------------------------------------------------- reads */

struct bank_read programs_player_bank(struct engine *engine, const struct use *use, const struct player *player)
{
    uint32_t slots = engine->newest->program.workspace->player_slot_count;
    const uint64_t *known = state_known_words(player, slots);
    if (use == engine->newest) return (struct bank_read){.slot = player->slot, .known = known, .bytes = player->bytes};
    uint32_t own = use->program.workspace->player_slot_count;
    memcpy(engine->old_player_slot, use->preset, own * sizeof(int64_t));
    memcpy(engine->old_player_known, use->preset_known, sizeof engine->old_player_known);
    for (uint32_t i = 0; i < own; i++) {
        const struct value_map *map = &use->player_map[i];
        if (map->from == VALUE_MAP_GONE || !((known[map->from / 64] >> (map->from % 64)) & 1)) continue;
        int64_t value;
        if (!value_map_apply(map, player->slot[map->from], &value)) continue;
        /* A default text of the newest program lies in its bytes, which this program does not have: its own default stands. */
        if (map->text && handle_bank(value) == BANK_CONSTANT) continue;
        engine->old_player_slot[i] = value;
        engine->old_player_known[i / 64] |= UINT64_C(1) << (i % 64);
    }
    return (struct bank_read){
        .slot = engine->old_player_slot, .known = engine->old_player_known, .bytes = player->bytes};
}

struct bank_read programs_event_bank(struct engine *engine, const struct use *use, uint32_t newest_event,
                                     const struct kept_event *event, uint32_t *event_out)
{
    struct bank_read bank = {.slot = event->slot, .known = event->known, .bytes = event->bytes};
    *event_out = newest_event;
    if (use == engine->newest) return bank;
    *event_out = use->event_of[newest_event];
    if (*event_out == PROGRAM_NONE) return bank;
    const struct value_map *maps = use->event_map[*event_out];
    uint32_t slots = use->program.event[*event_out].slot_count;
    memset(engine->old_event_known, 0, sizeof engine->old_event_known);
    for (uint32_t i = 0; i < slots; i++) {
        const struct value_map *map = &maps[i];
        engine->old_event_slot[i] = 0;
        bool known = map->from != VALUE_MAP_GONE && ((event->known[map->from / 64] >> (map->from % 64)) & 1);
        int64_t value;
        if (known && value_map_apply(map, event->slot[map->from], &value)) {
            engine->old_event_slot[i] = value;
            engine->old_event_known[i / 64] |= UINT64_C(1) << (i % 64);
        } else if (!map->optional) {
            *event_out = PROGRAM_NONE; /* It lacks what this program's code takes for granted. */
            return bank;
        }
    }
    return (struct bank_read){.slot = engine->old_event_slot, .known = engine->old_event_known, .bytes = event->bytes};
}

bool programs_event_onto(struct engine *engine, const struct use *from, struct kept_event *event)
{
    const struct use *to = engine->newest;
    if (from == to) return true;
    uint32_t own = 0;
    while (own < to->program.event_count && !program_same_text(&to->program, to->program.event[own].name,
                                                               &from->program, from->program.event[event->event].name))
        own++;
    if (own == to->program.event_count) return false;
    uint32_t slots = to->program.event[own].slot_count;
    struct value_map *maps = value_map_event(&engine->instant, &from->program, event->event, &to->program, own);
    int64_t *slot = ARENA_ARRAY(&engine->instant, int64_t, slots);
    uint64_t *known = ARENA_ARRAY(&engine->instant, uint64_t, slots / 64 + 1);
    if (maps == NULL || slot == NULL || known == NULL) {
        (void)state_no_memory(engine);
        return false;
    }
    for (uint32_t i = 0; i < slots; i++) {
        const struct value_map *map = &maps[i];
        bool is_known = map->from != VALUE_MAP_GONE && ((event->known[map->from / 64] >> (map->from % 64)) & 1);
        if (is_known && value_map_apply(map, event->slot[map->from], &slot[i])) {
            known[i / 64] |= UINT64_C(1) << (i % 64);
        } else if (!map->optional) {
            return false;
        }
    }
    event->event = own;
    event->slot_count = slots;
    event->slot = slot;
    event->known = known;
    return true;
}

uint32_t programs_player_zone(const struct engine *engine, const struct player *player, uint32_t campaign_zone)
{
    uint32_t slot = engine->newest->zone_slot;
    if (slot == PROGRAM_NONE) return campaign_zone;
    const uint64_t *known = state_known_words(player, engine->newest->program.workspace->player_slot_count);
    if (!((known[slot / 64] >> (slot % 64)) & 1)) return campaign_zone;
    int64_t zone = player->slot[slot];
    return zone >= 0 && zone < (int64_t)zone_count() ? (uint32_t)zone : campaign_zone;
}
