/* Opening, planning and replacing programs. See programs.h.
 *
 * Everything here happens when a program is activated, never in a turn, but for the two functions at the end that give an
 * older program its reads. Plans of older programs are made anew at each activation, because policies are never pinned.
 */
#include "runtime/engine/programs.h"

#include <stdlib.h>

#include "runtime/engine/announce.h"
#include "runtime/engine/backfill.h"
#include "runtime/engine/run.h"
#include "runtime/engine/segments.h"
#include "runtime/engine/tells.h"
#include "vm/bundle.h"
#include "vm/layout.h"
#include "vm/memory.h"
#include "vm/verify.h"
#include "vm/zone.h"

static enum status no_memory(struct error *error)
{
    return error_set(error, STATUS_NO_MEMORY, "no memory to activate a program");
}

static bool same_name(const struct program *a, uint32_t text_a, const struct program *b, uint32_t text_b)
{
    return text_equal(program_text(a, text_a), program_text(b, text_b));
}

/* ---------------------------------------------------------------- opening */

void programs_close(struct use *use)
{
    arena_deinit(&use->memory);
    arena_deinit(&use->linked);
    memory_release(use->bundle);
    memory_release(use);
}

/* Defaults of players and which attributes protect. */
static bool prepare_attributes(struct use *use)
{
    const struct program *program = &use->program;
    uint32_t slots = program->workspace->player_slot_count;
    use->preset = ARENA_ARRAY(&use->memory, int64_t, slots);
    use->attribute_of = ARENA_ARRAY(&use->memory, uint32_t, slots);
    use->protects = ARENA_ARRAY(&use->memory, uint8_t, program->attribute_count + 1);
    if (use->memory.failed) return false;
    for (uint32_t i = 0; i < slots; i++) use->attribute_of[i] = PROGRAM_NONE;
    use->preset_known[0] = 3; /* Tags, none at first, and the id. */
    use->zone_slot = use->test_slot = PROGRAM_NONE;
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        const struct bundle_attribute *attribute = &program->attribute[i];
        use->attribute_of[attribute->slot] = i;
        if (attribute->kind == TYPE_BOOL && text_equal(program_text(program, attribute->name), TEXT("test_player")))
            use->test_slot = attribute->slot;
        if (attribute->optional) continue;
        use->preset_known[attribute->slot / 64] |= UINT64_C(1) << (attribute->slot % 64);
        int64_t value = attribute->preset;
        if (attribute->kind == TYPE_TEXT && attribute->preset_text != PROGRAM_NONE) {
            const struct bundle_string *string = &program->string[attribute->preset_text];
            value = handle_make(BANK_CONSTANT, string->size, string->offset);
        } else if (attribute->kind == TYPE_TEXT) {
            value = handle_make(BANK_CONSTANT, 0, 0);
        } else if (attribute->kind == TYPE_ZONE) {
            value = zone_find_or_utc(program_text(program, attribute->preset_text));
        }
        use->preset[attribute->slot] = value;
    }
    if (program->workspace->zone_attribute != PROGRAM_NONE) {
        use->zone_slot = program->attribute[program->workspace->zone_attribute].slot;
    }
    for (uint32_t i = 0; i < program->event_count; i++) {
        const struct bundle_event *event = &program->event[i];
        if (event->safety != SAFETY_NONE && event->sets != PROGRAM_NONE)
            use->protects[event->sets] = (uint8_t)event->safety;
    }
    return true;
}

/* Which rules read an attribute that a responsible gaming event sets. Code of a filter ends where the next one begins. */
static bool find_protecting_rules(struct use *use)
{
    const struct program *program = &use->program;
    use->rule_protects = ARENA_ARRAY(&use->memory, uint8_t, program->rule_count + 1);
    if (use->memory.failed) return false;
    if (program->region_count == 0) return true;
    uint32_t end = program->region[0].code_first + program->region[0].code_count;
    for (uint32_t i = 0; i < program->rule_count; i++) {
        uint32_t pc = program->rule[i].filter;
        if (pc == PROGRAM_NONE) continue;
        uint32_t stop = end;
        for (uint32_t j = 0; j < program->rule_count; j++) {
            uint32_t other = program->rule[j].filter;
            if (other != PROGRAM_NONE && other > pc && other < stop) stop = other;
        }
        for (uint32_t j = 0; j < program->segment_count; j++) {
            if (program->segment[j].filter > pc && program->segment[j].filter < stop) stop = program->segment[j].filter;
        }
        for (; pc < stop; pc++) {
            const struct instruction *at = &program->instruction[pc];
            uint32_t slot = PROGRAM_NONE;
            if (at->op >= OP_IF_EQ_PLAYER && at->op <= OP_IF_KNOWN_PLAYER) slot = at->a;
            if (at->op == OP_LOAD_PLAYER || at->op == OP_LOAD_PLAYER_OR) slot = at->b;
            if (slot >= program->workspace->player_slot_count) continue;
            uint32_t attribute = use->attribute_of[slot];
            if (attribute != PROGRAM_NONE && use->protects[attribute] != SAFETY_NONE)
                use->rule_protects[i] = use->protects[attribute];
        }
    }
    return true;
}

static int64_t pressure_window(const struct bundle_rule *rule)
{
    switch (rule->window_kind) {
    case WINDOW_EXACT: return rule->window;
    case WINDOW_CALENDAR:
        return calendar_months(rule->window) * 32 * CIVIL_DAY_MS + calendar_days(rule->window) * 26 * CIVIL_HOUR_MS +
               calendar_ms(rule->window);
    case WINDOW_DAY: return 2 * CIVIL_DAY_MS;
    case WINDOW_WEEK: return 9 * CIVIL_DAY_MS;
    case WINDOW_MONTH: return 33 * CIVIL_DAY_MS;
    default: return 0;
    }
}

/* Which groups each campaign is in: MEMBER rules, found again as the GROUP rules of that name. */
static bool prepare_groups(struct use *use)
{
    const struct program *program = &use->program;
    uint32_t members = 0;
    for (uint32_t i = 0; i < program->rule_count; i++) members += program->rule[i].kind == RULE_MEMBER;
    use->group_of = ARENA_ARRAY(&use->memory, uint32_t, program->campaign_count + 1);
    use->group_rule = ARENA_ARRAY(&use->memory, uint32_t, members + 1);
    if (use->memory.failed) return false;
    uint32_t next = 0;
    for (uint32_t campaign = 0; campaign < program->campaign_count; campaign++) {
        use->group_of[campaign] = next;
        for (uint32_t i = 0; i < program->rule_count && members > 0; i++) {
            const struct bundle_rule *member = &program->rule[i];
            if (member->kind != RULE_MEMBER || member->campaign != campaign) continue;
            for (uint32_t j = 0; j < program->rule_count; j++) {
                const struct bundle_rule *group = &program->rule[j];
                if (group->kind != RULE_GROUP || !same_name(program, group->object, program, member->object)) continue;
                use->group_rule[next++] = j;
                break;
            }
        }
    }
    use->group_of[program->campaign_count] = next;
    return true;
}

static bool prepare_rules(struct use *use)
{
    const struct program *program = &use->program;
    use->finish_rule = ARENA_ARRAY(&use->memory, uint32_t, program->rule_count + 1);
    use->enter_rule = ARENA_ARRAY(&use->memory, uint32_t, program->rule_count + 1);
    use->profile_rule = ARENA_ARRAY(&use->memory, uint32_t, program->rule_count + 1);
    use->hold_out_rule = ARENA_ARRAY(&use->memory, uint32_t, program->rule_count + 1);
    use->rule_zone = ARENA_ARRAY(&use->memory, uint32_t, program->rule_count + 1);
    if (use->memory.failed || !prepare_groups(use)) return false;
    use->jurisdiction_slot = PROGRAM_NONE;
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        const struct bundle_attribute *attribute = &program->attribute[i];
        if (attribute->kind == TYPE_COUNTRY && text_equal(program_text(program, attribute->name), TEXT("jurisdiction")))
            use->jurisdiction_slot = attribute->slot;
    }
    for (uint32_t i = 0; i < program->rule_count; i++) {
        const struct bundle_rule *rule = &program->rule[i];
        use->rule_zone[i] =
            rule->zone == PROGRAM_NONE ? PROGRAM_NONE : zone_find_or_utc(program_text(program, rule->zone));
        if (rule->kind >= RULE_WAGERING) use->profile_rule[use->profile_count++] = i;
        if (rule->kind == RULE_HOLD_OUT) use->hold_out_rule[use->hold_out_count++] = i;
        if (rule->kind == RULE_FINISH && rule->filter != PROGRAM_NONE) use->finish_rule[use->finish_count++] = i;
        if (rule->kind == RULE_NEVER_ENTER) use->enter_rule[use->enter_count++] = i;
        if (rule->kind == RULE_PRESSURE && pressure_window(rule) > use->longest_pressure) {
            use->longest_pressure = pressure_window(rule);
        }
    }
    return find_protecting_rules(use);
}

/* Which slots of each event, and of the player, hold texts. */
static bool list_texts(struct use *use)
{
    const struct program *program = &use->program;
    uint32_t room = 3 * program->event_count + program->attribute_count;
    for (uint32_t i = 0; i < program->event_count; i++) room += program->event[i].field_count;
    use->text_first = ARENA_ARRAY(&use->memory, uint32_t, program->event_count + 2);
    use->text_slot = ARENA_ARRAY(&use->memory, uint32_t, room + 1);
    if (use->memory.failed) return false;
    uint32_t next = 0;
    for (uint32_t i = 0; i < program->event_count; i++) {
        const struct bundle_event *event = &program->event[i];
        use->text_first[i] = next;
        use->text_slot[next++] = PROGRAM_SLOT_EVENT_ID;
        use->text_slot[next++] = PROGRAM_SLOT_ABOUT;
        use->text_slot[next++] = PROGRAM_SLOT_ABOUT_EFFECT;
        for (uint32_t j = 0; j < event->field_count; j++) {
            const struct bundle_field *field = &program->field[event->field_first + j];
            if (field->kind == TYPE_TEXT) use->text_slot[next++] = field->slot;
        }
    }
    use->text_first[program->event_count] = next;
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        if (program->attribute[i].kind == TYPE_TEXT) use->text_slot[next++] = program->attribute[i].slot;
    }
    use->text_first[program->event_count + 1] = next;
    return true;
}

enum status programs_open(struct use **out, const uint8_t *bundle, uint64_t size, struct error *error)
{
    struct use *use = memory_alloc(sizeof *use);
    if (use == NULL) return no_memory(error);
    enum status status = OK;
    arena_init(&use->memory, 0);
    arena_init(&use->linked, 0);
    use->bundle = memory_alloc(size);
    use->bundle_size = size;
    if (use->bundle == NULL) {
        status = no_memory(error);
        goto done;
    }
    memcpy(use->bundle, bundle, size);
    status = bundle_open(&use->program, use->bundle, size, error);
    if (status == OK) status = verify_program(&use->program, error);
    if (status != OK) goto done;
    const struct program *program = &use->program;
    use->words = (program->workspace->player_slot_count + 63) / 64;
    if (use->words > 8) {
        status = error_set(error, STATUS_REFUSED, "the bundle has %u player slots, at most 512 are possible",
                           program->workspace->player_slot_count);
        goto done;
    }
    use->home_zone = zone_find_or_utc(program_text(program, program->workspace->zone));
    use->credited = use->credit_failed = PROGRAM_NONE;
    for (uint32_t i = 0; i < program->event_count; i++) {
        if (program->event[i].about != ABOUT_OFFER) continue;
        if (text_equal(program_text(program, program->event[i].name), TEXT("credited"))) use->credited = i;
        if (text_equal(program_text(program, program->event[i].name), TEXT("credit_failed"))) use->credit_failed = i;
    }
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        if (program->campaign[i].late_ms > use->longest_grace) use->longest_grace = program->campaign[i].late_ms;
    }
    if (!prepare_attributes(use) || !prepare_rules(use) || !list_texts(use) || !segments_prepare(use) ||
        !metrics_prepare(use))
        status = no_memory(error);

done:
    if (status != OK) {
        programs_close(use);
        return status;
    }
    *out = use;
    return OK;
}

/* ---------------------------------------------------------------- maps between programs */

/* Ordinals of `from`'s list as ordinals of `to`'s; NULL where they are the same. False when memory is out. */
static bool map_words(struct arena *arena, struct value_map *map, const struct text *from, uint32_t from_count,
                      const struct text *to, uint32_t to_count)
{
    uint16_t *word = ARENA_ARRAY(arena, uint16_t, from_count + 1);
    if (word == NULL) return false;
    bool same = from_count <= to_count;
    for (uint32_t i = 0; i < from_count; i++) {
        word[i] = PROGRAMS_NO_WORD;
        for (uint32_t j = 0; j < to_count; j++) {
            if (text_equal(from[i], to[j])) word[i] = (uint16_t)j;
        }
        same = same && word[i] == i;
    }
    map->word = same ? NULL : word;
    map->word_count = from_count;
    return true;
}

enum words_of { WORDS_TAGS, WORDS_CURRENCIES, WORDS_ENUMERATION };

static uint32_t list_words(struct text out[256], const struct program *program, enum words_of of, uint32_t enumeration)
{
    uint32_t count = 0;
    if (of == WORDS_TAGS) {
        for (; count < program->tag_count && count < 256; count++)
            out[count] = program_text(program, program->tag[count].name);
    } else if (of == WORDS_CURRENCIES) {
        for (; count < program->currency_count && count < 256; count++) {
            out[count] = program_text(program, program->currency[count].code);
        }
    } else {
        const struct bundle_enumeration *list = &program->enumeration[enumeration];
        for (; count < list->wording_count && count < 256; count++) {
            out[count] = program_text(program, program->wording[list->wording_first + count].name);
        }
    }
    return count;
}

static bool map_list(struct arena *arena, struct value_map *map, const struct program *from, uint32_t from_of,
                     const struct program *to, uint32_t to_of, enum words_of of)
{
    struct text from_words[256], to_words[256];
    uint32_t from_count = list_words(from_words, from, of, from_of);
    uint32_t to_count = list_words(to_words, to, of, to_of);
    map->enumerated = true;
    return map_words(arena, map, from_words, from_count, to_words, to_count);
}

/* By slot of `to`: where a player's value lies in `from`. */
static struct value_map *map_players(struct arena *arena, const struct program *from, const struct program *to)
{
    struct value_map *maps = ARENA_ARRAY(arena, struct value_map, to->workspace->player_slot_count);
    if (maps == NULL) return NULL;
    for (uint32_t i = 0; i < to->workspace->player_slot_count; i++) maps[i].from = PROGRAMS_GONE;
    maps[PROGRAM_SLOT_TAGS] =
        (struct value_map){.from = PROGRAM_SLOT_TAGS, .set = true, .low = INT64_MIN, .high = INT64_MAX};
    if (!map_list(arena, &maps[PROGRAM_SLOT_TAGS], from, 0, to, 0, WORDS_TAGS)) return NULL;
    maps[PROGRAM_SLOT_PLAYER_ID] = (struct value_map){.from = PROGRAM_SLOT_PLAYER_ID, .text = true, .high = INT64_MAX};
    for (uint32_t i = 0; i < to->attribute_count; i++) {
        const struct bundle_attribute *wanted = &to->attribute[i];
        for (uint32_t j = 0; j < from->attribute_count; j++) {
            const struct bundle_attribute *have = &from->attribute[j];
            if (!text_equal(program_text(to, wanted->name), program_text(from, have->name)) ||
                wanted->kind != have->kind)
                continue;
            struct value_map *map = &maps[wanted->slot];
            *map = (struct value_map){.from = have->slot,
                                      .set = wanted->kind == TYPE_SET,
                                      .text = wanted->kind == TYPE_TEXT,
                                      .optional = wanted->optional,
                                      .low = wanted->low,
                                      .high = wanted->high};
            if (map->text) map->high = wanted->size;
            bool listed = wanted->kind == TYPE_ENUM || wanted->kind == TYPE_SET;
            if (listed && !map_list(arena, map, from, have->of, to, wanted->of, WORDS_ENUMERATION)) return NULL;
            if (wanted->kind == TYPE_CURRENCY && !map_list(arena, map, from, 0, to, 0, WORDS_CURRENCIES)) return NULL;
            if (wanted->kind == TYPE_MONEY) {
                struct text a = program_text(from, from->currency[have->of].code),
                            b = program_text(to, to->currency[wanted->of].code);
                if (!text_equal(a, b)) map->from = PROGRAMS_GONE;
            }
        }
    }
    return maps;
}

static struct value_map *map_event(struct arena *arena, const struct program *from, uint32_t from_event,
                                   const struct program *to, uint32_t to_event)
{
    const struct bundle_event *have_event = &from->event[from_event], *wanted_event = &to->event[to_event];
    struct value_map *maps = ARENA_ARRAY(arena, struct value_map, wanted_event->slot_count);
    if (maps == NULL) return NULL;
    for (uint32_t i = 0; i < wanted_event->slot_count; i++) {
        maps[i] = (struct value_map){
            .from = i < PROGRAM_EVENT_SLOTS ? i : PROGRAMS_GONE, .low = INT64_MIN, .high = INT64_MAX};
        maps[i].text = i == PROGRAM_SLOT_EVENT_ID || i == PROGRAM_SLOT_ABOUT || i == PROGRAM_SLOT_ABOUT_EFFECT;
        maps[i].optional = i != PROGRAM_SLOT_TIME && i != PROGRAM_SLOT_EVENT_ID;
    }
    for (uint32_t i = 0; i < wanted_event->field_count; i++) {
        const struct bundle_field *wanted = &to->field[wanted_event->field_first + i];
        struct value_map *map = &maps[wanted->slot];
        map->optional = wanted->optional;
        if (wanted->kind == TYPE_MONEY) maps[wanted->slot + 1].optional = wanted->optional;
        for (uint32_t j = 0; j < have_event->field_count; j++) {
            const struct bundle_field *have = &from->field[have_event->field_first + j];
            if (!text_equal(program_text(to, wanted->name), program_text(from, have->name)) ||
                wanted->kind != have->kind)
                continue;
            map->from = have->slot;
            map->set = wanted->kind == TYPE_SET;
            map->text = wanted->kind == TYPE_TEXT;
            map->low = wanted->low;
            map->high = map->text ? (int64_t)wanted->size : wanted->high;
            bool listed = wanted->kind == TYPE_ENUM || wanted->kind == TYPE_SET;
            if (listed && !map_list(arena, map, from, have->of, to, wanted->of, WORDS_ENUMERATION)) return NULL;
            if (wanted->kind == TYPE_MONEY) {
                maps[wanted->slot + 1].from = have->slot + 1;
                if (!map_list(arena, &maps[wanted->slot + 1], from, 0, to, 0, WORDS_CURRENCIES)) return NULL;
            }
        }
    }
    return maps;
}

/* One value through its map. False where it has no counterpart. */
static bool map_value(const struct value_map *map, int64_t value, int64_t *out)
{
    if (map->set && map->word != NULL) {
        uint64_t bits = (uint64_t)value, mapped = 0;
        for (; bits != 0; bits &= bits - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(bits);
            if (bit < map->word_count && map->word[bit] < 64) mapped |= UINT64_C(1) << map->word[bit];
        }
        *out = (int64_t)mapped;
        return true;
    }
    if (map->enumerated && !map->set && map->word != NULL) {
        if (value < 0 || value >= map->word_count || map->word[value] == PROGRAMS_NO_WORD) return false;
        value = map->word[value];
    } else if (map->text) {
        if ((int64_t)handle_size(value) > map->high) return false;
    } else if (!map->set && (value < map->low || value > map->high)) {
        return false;
    }
    *out = value;
    return true;
}

/* ---------------------------------------------------------------- linking: titles, plans, starts */

static int compare_titles(const void *left, const void *right)
{
    const struct title *a = *(struct title *const *)left, *b = *(struct title *const *)right;
    if (a->priority != b->priority) return a->priority < b->priority ? -1 : 1;
    return text_compare(a->name, b->name);
}

static enum status rank_titles(struct engine *engine, struct error *error)
{
    for (uint32_t i = 0; i < engine->title_count; i++) engine->title[i]->campaign = PROGRAM_NONE;
    /* Oldest first, so that the newest program has the last word on a priority. */
    struct use *order[256];
    uint32_t count = 0;
    for (struct use *use = engine->uses; use != NULL && count < 256; use = use->next) order[count++] = use;
    while (count-- > 0) {
        const struct program *program = &order[count]->program;
        for (uint32_t i = 0; i < program->campaign_count; i++) {
            struct title *title = state_title(engine, program_text(program, program->campaign[i].name), true);
            if (title == NULL) return no_memory(error);
            title->priority = program->campaign[i].priority;
            if (order[count] == engine->newest) title->campaign = i;
        }
    }
    struct title **sorted = memory_alloc_array(engine->title_count + 1, sizeof(struct title *));
    if (sorted == NULL) return no_memory(error);
    if (engine->title_count > 0) memcpy(sorted, engine->title, engine->title_count * sizeof(struct title *));
    qsort(sorted, engine->title_count, sizeof(struct title *), compare_titles);
    for (uint32_t i = 0; i < engine->title_count; i++) {
        sorted[i]->rank = i;
        engine->ranked[i] = sorted[i]->number;
        sorted[i]->suspended = books_is_suspended(engine->books, sorted[i]->name);
    }
    memory_release(sorted);
    return OK;
}

/* Whether a rule's channel and product (of the newest program) are a gate's (of `program`). */
static bool concerns(const struct program *newest, const struct bundle_rule *rule, const struct program *program,
                     const struct bundle_gate *gate)
{
    if (rule->class != PROGRAM_NONE && rule->class != gate->message_class) return false;
    if (rule->channel != PROGRAM_NONE) {
        if (gate->channel == PROGRAM_NONE) return false;
        if (!same_name(newest, newest->channel[rule->channel].name, program, program->channel[gate->channel].name))
            return false;
    }
    if (rule->product != PROGRAM_NONE) {
        if (gate->product == PROGRAM_NONE) return false;
        if (!same_name(newest, newest->product[rule->product].name, program, program->product[gate->product].name))
            return false;
    }
    return true;
}

static bool add_rule(struct use *use, uint32_t rule)
{
    if (use->rules_count == use->rules_capacity) {
        uint32_t capacity = use->rules_capacity == 0 ? 64 : use->rules_capacity * 2;
        uint32_t *grown = ARENA_ARRAY(&use->linked, uint32_t, capacity);
        if (grown == NULL) return false;
        if (use->rules_count > 0) memcpy(grown, use->rules, use->rules_count * sizeof *grown);
        use->rules = grown;
        use->rules_capacity = capacity;
    }
    use->rules[use->rules_count++] = rule;
    return true;
}

static bool collect(struct use *use, const struct program *newest, const struct bundle_gate *gate,
                    uint32_t newest_campaign, enum rule_kind kind, uint32_t *first, uint32_t *count)
{
    *first = use->rules_count;
    for (uint32_t i = 0; i < newest->rule_count; i++) {
        const struct bundle_rule *rule = &newest->rule[i];
        if (rule->kind != kind || (rule->campaign != PROGRAM_NONE && rule->campaign != newest_campaign)) continue;
        if (!concerns(newest, rule, &use->program, gate)) continue;
        if (!add_rule(use, i)) return false;
    }
    *count = use->rules_count - *first;
    return true;
}

static bool plan_gate(struct use *use, const struct program *newest, struct campaign_plan *plan,
                      const struct bundle_gate *gate, struct gate_plan *out)
{
    out->message = gate->class == CLASS_MESSAGE;
    out->reward = gate->class == CLASS_REWARD;
    bool in_app = gate->channel != PROGRAM_NONE && use->program.channel[gate->channel].in_app;
    out->outside = in_app || gate->message_class == MESSAGE_CLASS_SAFETY;
    out->marketing = out->message && gate->message_class == MESSAGE_CLASS_MARKETING;
    out->own_consent = gate->channel == PROGRAM_NONE;
    if (out->marketing || out->reward) plan->promotes = true;
    uint32_t campaign = plan->newest;
    if (!out->message) {
        return !out->reward ||
               collect(use, newest, gate, campaign, RULE_NEVER_REWARD, &out->never_first, &out->never_count);
    }
    if (!collect(use, newest, gate, campaign, RULE_NEVER_MESSAGE, &out->never_first, &out->never_count)) return false;
    if (out->outside) return true;
    for (uint32_t i = 0; i < plan->pressure_count; i++) {
        if (concerns(newest, &newest->rule[plan->pressure[i]], &use->program, gate)) out->pressure |= UINT32_C(1) << i;
    }
    if (!collect(use, newest, gate, campaign, RULE_CONSENT, &out->consent_first, &out->consent_count)) return false;
    for (uint32_t i = 0; i < out->consent_count; i++) {
        out->asks = out->asks || newest->rule[use->rules[out->consent_first + i]].filter != PROGRAM_NONE;
    }
    return collect(use, newest, gate, campaign, RULE_QUIET, &out->quiet_first, &out->quiet_count);
}

static bool plan_counters(struct use *use, struct campaign_plan *plan, const struct bundle_campaign *campaign)
{
    const struct program *program = &use->program;
    plan->own_counter = ARENA_ARRAY(&use->linked, uint64_t, campaign->effect_count / 64 + 1);
    if (plan->own_counter == NULL) return false;
    const struct bundle_region *region = &program->region[campaign->region];
    for (uint32_t i = 0; i < campaign->effect_count; i++) {
        uint32_t counter = program->effect[campaign->effect_first + i].counter;
        if (counter == PROGRAM_NONE) continue;
        bool counted = false;
        for (uint32_t pc = region->code_first; pc < region->code_first + region->code_count && !counted; pc++) {
            counted = program->instruction[pc].op == OP_COUNT && program->instruction[pc].a == counter;
        }
        if (!counted) plan->own_counter[i / 64] |= UINT64_C(1) << (i % 64);
    }
    return true;
}

/* A country code as values of type COUNTRY are; -1 for none. */
static int country_of(struct text code)
{
    if (code.size != 2 || code.at[0] < 'A' || code.at[0] > 'Z' || code.at[1] < 'A' || code.at[1] > 'Z') return -1;
    return (code.at[0] - 'A') * 26 + (code.at[1] - 'A');
}

static bool plan_campaign(struct engine *engine, struct use *use, uint32_t number)
{
    const struct program *program = &use->program, *newest = &engine->newest->program;
    const struct bundle_campaign *campaign = &program->campaign[number];
    struct campaign_plan *plan = &use->plan[number];
    plan->title = state_title(engine, program_text(program, campaign->name), true);
    if (plan->title == NULL) return false;
    plan->newest = plan->title->campaign;
    plan->zone = zone_find_or_utc(program_text(program, campaign->zone));
    if (use == engine->newest)
        memcpy(plan->title->currency, program_text(program, program->currency[campaign->currency].code).at,
               sizeof plan->title->currency);
    plan->country = country_of(program_text(program, campaign->jurisdiction));
    plan->runs_from = INT64_MIN;
    plan->runs_until = INT64_MAX;
    if (campaign->runs_from > CIVIL_DATE_MIN) plan->runs_from = zone_date_start(plan->zone, campaign->runs_from);
    if (campaign->runs_through < CIVIL_DATE_MAX)
        plan->runs_until = zone_date_start(plan->zone, campaign->runs_through + 1);
    for (uint32_t i = 0; i < campaign->leave_count; i++) {
        plan->leaves_when |= program->leave[campaign->leave_first + i].event == PROGRAM_NONE;
    }
    for (uint32_t i = 0; i < campaign->state_count; i++)
        plan->since_entry |= program->state[campaign->state_first + i].since_entry;
    for (uint32_t i = 0; i < newest->rule_count && plan->pressure_count < ACTIVATION_RULES_MAX; i++) {
        const struct bundle_rule *rule = &newest->rule[i];
        if (rule->kind != RULE_PRESSURE || (rule->campaign != PROGRAM_NONE && rule->campaign != plan->newest)) continue;
        plan->pressure[plan->pressure_count++] = i;
    }
    for (uint32_t i = 0; i < campaign->gate_count && i < ACTIVATION_GATES_MAX; i++) {
        if (!plan_gate(use, newest, plan, &program->gate[campaign->gate_first + i], &plan->gate[i])) return false;
    }
    return plan_counters(use, plan, campaign);
}

/* By event, the campaigns that it may start, in the order of ranks. */
static bool index_starts(struct engine *engine, struct use *use)
{
    const struct program *program = &use->program;
    use->start_first = ARENA_ARRAY(&use->linked, uint32_t, program->event_count + 1);
    use->start_campaign = ARENA_ARRAY(&use->linked, uint32_t, program->campaign_count + 1);
    use->converts = ARENA_ARRAY(&use->linked, uint8_t, program->event_count + 1);
    if (use->linked.failed) return false;
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        if (program->campaign[i].goal_event != PROGRAM_NONE) use->converts[program->campaign[i].goal_event] = 1;
    }
    uint32_t next = 0;
    for (uint32_t event = 0; event < program->event_count; event++) {
        use->start_first[event] = next;
        for (uint32_t i = 0; i < engine->title_count; i++) {
            uint32_t campaign = engine->title[engine->ranked[i]]->campaign;
            if (campaign != PROGRAM_NONE && program->campaign[campaign].start_event == event)
                use->start_campaign[next++] = campaign;
        }
    }
    use->start_first[program->event_count] = next;
    return true;
}

static bool link_older(struct engine *engine, struct use *use)
{
    const struct program *newest = &engine->newest->program, *program = &use->program;
    use->player_map = map_players(&use->linked, newest, program);
    use->event_of = ARENA_ARRAY(&use->linked, uint32_t, newest->event_count + 1);
    use->event_map = ARENA_ARRAY(&use->linked, struct value_map *, program->event_count + 1);
    if (use->linked.failed) return false;
    for (uint32_t i = 0; i < newest->event_count; i++) {
        use->event_of[i] = PROGRAM_NONE;
        for (uint32_t j = 0; j < program->event_count; j++) {
            if (!same_name(newest, newest->event[i].name, program, program->event[j].name)) continue;
            use->event_of[i] = j;
            use->event_map[j] = map_event(&use->linked, newest, i, program, j);
            if (use->event_map[j] == NULL) return false;
        }
    }
    return true;
}

static bool link_use(struct engine *engine, struct use *use)
{
    arena_deinit(&use->linked);
    arena_init(&use->linked, 0);
    use->rules = NULL;
    use->rules_count = use->rules_capacity = 0;
    use->player_map = NULL;
    use->event_of = NULL;
    use->plan = ARENA_ARRAY(&use->linked, struct campaign_plan, use->program.campaign_count + 1);
    if (use->plan == NULL) return false;
    for (uint32_t i = 0; i < use->program.campaign_count; i++) {
        if (!plan_campaign(engine, use, i)) return false;
    }
    if (use == engine->newest) return index_starts(engine, use);
    return link_older(engine, use);
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
    RETURN_IF_FAILED(rank_titles(engine, error));
    for (struct use *use = engine->uses; use != NULL; use = use->next) {
        if (!link_use(engine, use)) return no_memory(error);
    }
    if (engine->fill != NULL) {
        arena_deinit(&engine->fill->linked);
        arena_init(&engine->fill->linked, 0);
        if (!link_older(engine, engine->fill)) return no_memory(error);
    }
    if (!make_room(engine) || !segments_make_room(engine) || !metrics_link(engine)) return no_memory(error);
    engine->judge->program = &engine->newest->program;
    engine->judge->campaign = PROGRAM_NONE;
    announce_link(engine);
    return run_link(engine) ? OK : no_memory(error);
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
    if (engine->workspace == NULL) return no_memory(error);
    if (name.size > 0) memcpy(engine->workspace, name.at, name.size);
    identity_init(&engine->identity, text_make(engine->workspace, name.size), engine->options.identity_key);
    struct crypto_key key = crypto_derive_key(engine->identity.workspace, TEXT("event ids"));
    memcpy(engine->id_key, key.bytes, sizeof engine->id_key);
    engine->has_identity = true;
    return OK;
}

/* Lays one player's attributes out by the new program. */
static bool relay_player(struct engine *engine, struct player *player, const struct use *old, const struct use *new,
                         const struct value_map *maps)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    uint32_t old_slots = old->program.workspace->player_slot_count,
             new_slots = new->program.workspace->player_slot_count;
    size_t size = (size_t)(new_slots + 2 * new->words) * sizeof(int64_t);
    int64_t *slot = slab_alloc(slab, size);
    if (slot == NULL) return false;
    uint64_t *known = (uint64_t *)(void *)(slot + new_slots), *set = known + new->words;
    const uint64_t *old_set = (const uint64_t *)(const void *)(player->slot + old_slots) + old->words;
    memcpy(slot, new->preset, new_slots * sizeof *slot);
    memcpy(known, new->preset_known, new->words * sizeof *known);
    for (uint32_t i = 0; i < new_slots; i++) {
        const struct value_map *map = &maps[i];
        if (map->from == PROGRAMS_GONE) continue;
        bool always = i == PROGRAM_SLOT_TAGS || i == PROGRAM_SLOT_PLAYER_ID;
        if (!always && !((old_set[map->from / 64] >> (map->from % 64)) & 1)) continue;
        int64_t value;
        if (!map_value(map, player->slot[map->from], &value)) continue;
        slot[i] = value;
        known[i / 64] |= UINT64_C(1) << (i % 64);
        set[i / 64] |= UINT64_C(1) << (i % 64);
    }
    slab_free(slab, player->slot, player->slot_size);
    player->slot = slot;
    player->slot_size = (uint32_t)size;
    return true;
}

static uint32_t find_attribute(const struct program *program, struct text name)
{
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        if (text_equal(program_text(program, program->attribute[i].name), name)) return i;
    }
    return PROGRAM_NONE;
}

static uint16_t find_channel(const struct program *program, struct text name)
{
    for (uint32_t i = 0; i < program->channel_count; i++) {
        if (text_equal(program_text(program, program->channel[i].name), name)) return (uint16_t)i;
    }
    return UINT16_MAX;
}

/* The campaign of the newest program that means the same as this one, or PROGRAM_NONE. */
/* Whether a journey of one campaign can be read by the other: the semantic hash says so of what our compiler wrote, and this of
 * everything else. All that a journey's state is read by must be alike. */
static bool same_layout(const struct program *a, const struct bundle_campaign *from, const struct program *b,
                        const struct bundle_campaign *to)
{
    if (from->variable_count != to->variable_count || from->text_size != to->text_size ||
        from->state_count != to->state_count || from->effect_count != to->effect_count ||
        from->split_count != to->split_count) {
        return false;
    }
    for (uint32_t i = 0; i < from->variable_count; i++) {
        const struct bundle_variable *x = &a->variable[from->variable_first + i],
                                     *y = &b->variable[to->variable_first + i];
        if (x->kind != y->kind || x->low != y->low || x->high != y->high || x->size != y->size ||
            x->text_offset != y->text_offset || x->counter != y->counter) {
            return false;
        }
    }
    for (uint32_t i = 0; i < from->state_count; i++) {
        const struct bundle_state *x = &a->state[from->state_first + i], *y = &b->state[to->state_first + i];
        uint32_t place_x = x->case_first - a->state[from->state_first].case_first;
        uint32_t place_y = y->case_first - b->state[to->state_first].case_first;
        if (x->kind != y->kind || x->known != y->known || x->case_count != y->case_count || place_x != place_y)
            return false;
    }
    for (uint32_t i = 0; i < from->effect_count; i++) {
        const struct bundle_effect *x = &a->effect[from->effect_first + i], *y = &b->effect[to->effect_first + i];
        if (x->kind != y->kind || x->value_count != y->value_count) return false;
        for (uint32_t v = 0; v < x->value_count; v++) {
            if (a->value[x->value_first + v].kind != b->value[y->value_first + v].kind) return false;
        }
    }
    for (uint32_t i = 0; i < from->split_count; i++) {
        if (a->split[from->split_first + i].arm_count != b->split[to->split_first + i].arm_count) return false;
    }
    return true;
}

static uint32_t same_meaning(const struct engine *engine, const struct use *use, uint32_t campaign)
{
    uint32_t newest = use->plan[campaign].newest;
    if (newest == PROGRAM_NONE) return PROGRAM_NONE;
    const struct bundle_campaign *a = &use->program.campaign[campaign], *b = &engine->newest->program.campaign[newest];
    bool same = a->semantic_0 == b->semantic_0 && a->semantic_1 == b->semantic_1 &&
                same_layout(&use->program, a, &engine->newest->program, b);
    return same ? newest : PROGRAM_NONE;
}

static void move_journeys(struct engine *engine, struct player *player)
{
    struct use *new = engine->newest;
    for (struct journey *journey = player->journeys; journey != NULL; journey = journey->next) {
        uint32_t newest = journey->use == new ? PROGRAM_NONE : same_meaning(engine, journey->use, journey->campaign);
        if (newest == PROGRAM_NONE) continue;
        const struct bundle_campaign *from = &journey->use->program.campaign[journey->campaign],
                                     *to = &new->program.campaign[newest];
        for (struct since *since = journey->since; since != NULL; since = since->next) {
            uint32_t first_from = journey->use->program.state[from->state_first].case_first;
            since->wait_case = new->program.state[to->state_first].case_first + (since->wait_case - first_from);
            since->event.event = new->program.wait_case[since->wait_case].event;
        }
        metrics_move_journey(engine, player, journey, new, newest);
        if (journey->split != PROGRAM_NONE) journey->split = to->split_first + (journey->split - from->split_first);
        journey->use->pins--;
        new->pins++;
        journey->use = new;
        journey->campaign = newest;
    }
    for (struct delayed *delayed = player->delayed; delayed != NULL; delayed = delayed->next) {
        uint32_t newest = delayed->use == new ? PROGRAM_NONE : same_meaning(engine, delayed->use, delayed->campaign);
        if (newest == PROGRAM_NONE) continue;
        /* Texts of the old program's constants were copied when the message was queued. */
        delayed->use->pins--;
        new->pins++;
        delayed->use = new;
        delayed->campaign = newest;
    }
    state_sort_journeys(player);
}

uint32_t programs_newest_split(const struct engine *engine, const struct program *program, uint32_t split)
{
    const struct program *newest = &engine->newest->program;
    if (split == PROGRAM_NONE || program == newest) return split;
    for (uint32_t i = 0; i < newest->split_count; i++) {
        if (same_name(newest, newest->split[i].name, program, program->split[split].name)) return i;
    }
    return PROGRAM_NONE;
}

static void move_lists(struct engine *engine, struct player *player, const struct use *old)
{
    const struct program *new = &engine->newest->program;
    for (struct passage *passage = player->passages; passage != NULL; passage = passage->next) {
        for (uint32_t i = 0; i < passage->goal_count; i++) {
            passage->goal[i].split = programs_newest_split(engine, &old->program, passage->goal[i].split);
        }
    }
    for (uint32_t i = 0; i < player->sent_count; i++) {
        uint16_t channel = player->sent[i].channel;
        if (channel == UINT16_MAX) continue;
        player->sent[i].channel = find_channel(new, program_text(&old->program, old->program.channel[channel].name));
    }
    for (uint32_t i = 0; i < player->clear_count;) {
        struct text name = program_text(&old->program, old->program.attribute[player->clear[i].attribute].name);
        uint32_t attribute = find_attribute(new, name);
        if (attribute == PROGRAM_NONE) {
            state_drop_clear(engine, player, i);
            if (engine->failed != OK) return;
        } else {
            player->clear[i++].attribute = attribute;
        }
    }
}

static enum status move_players(struct engine *engine, const struct use *old, struct error *error)
{
    struct arena scratch;
    arena_init(&scratch, 0);
    const struct use *new = engine->newest;
    struct value_map *maps = map_players(&scratch, &old->program, &new->program);
    bool moved = maps != NULL;
    for (uint32_t i = 0; i < RECORD_GROUPS && moved; i++) {
        struct group *group = &engine->group[i];
        group->changed = group->changed || group->count > 0;
        for (uint32_t j = 0; j < group->capacity && moved; j++) {
            struct player *player = group->seat[j].player;
            if (player == NULL) continue;
            moved = relay_player(engine, player, old, new, maps);
            if (!moved) break;
            move_journeys(engine, player);
            move_lists(engine, player, old);
            tells_move(engine, player, old);
            moved = engine->failed == OK;
        }
    }
    arena_deinit(&scratch);
    if (moved) return OK;
    (void)state_no_memory(engine);
    return no_memory(error);
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
        if (title == NULL || title->currency[0] == '\0' || memcmp(title->currency, now.at, sizeof title->currency) == 0)
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
    engine->shared_changed = true;
    status = programs_link(engine, error);
    if (status == OK && old != NULL) status = move_players(engine, old, error);
    if (status == OK && !metrics_activate(engine)) status = no_memory(error);
    if (status == OK && filled != NULL && !backfill_move(engine, filled)) status = no_memory(error);
    engine_close(filled);
    if (status == OK && old != NULL && engine->fill == NULL && !segments_move_players(engine, old))
        status = no_memory(error);
    if (status != OK) {
        /* Half a change of programs is no state to go on from. */
        (void)state_no_memory(engine);
        return status;
    }
    state_count_zones(engine);
    run_activated(engine);
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
        engine->shared_changed = true;
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
        if (map->from == PROGRAMS_GONE || !((known[map->from / 64] >> (map->from % 64)) & 1)) continue;
        int64_t value;
        if (!map_value(map, player->slot[map->from], &value)) continue;
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
        bool known = map->from != PROGRAMS_GONE && ((event->known[map->from / 64] >> (map->from % 64)) & 1);
        int64_t value;
        if (known && map_value(map, event->slot[map->from], &value)) {
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
    while (own < to->program.event_count && !same_name(&to->program, to->program.event[own].name, &from->program,
                                                       from->program.event[event->event].name))
        own++;
    if (own == to->program.event_count) return false;
    uint32_t slots = to->program.event[own].slot_count;
    struct value_map *maps = map_event(&engine->instant, &from->program, event->event, &to->program, own);
    int64_t *slot = ARENA_ARRAY(&engine->instant, int64_t, slots);
    uint64_t *known = ARENA_ARRAY(&engine->instant, uint64_t, slots / 64 + 1);
    if (maps == NULL || slot == NULL || known == NULL) {
        (void)state_no_memory(engine);
        return false;
    }
    for (uint32_t i = 0; i < slots; i++) {
        const struct value_map *map = &maps[i];
        bool is_known = map->from != PROGRAMS_GONE && ((event->known[map->from / 64] >> (map->from % 64)) & 1);
        if (is_known && map_value(map, event->slot[map->from], &slot[i])) {
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
