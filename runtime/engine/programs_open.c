/* Opening a program: what is worked out from its bundle alone. Contract: programs_open in programs.h.
 *
 * Verified first; then the defaults of players, which attributes and rules protect people, the lists of rules by kind, the slots that
 * hold texts. What depends on other programs in use is plan.c and programs_link.
 */
#include "runtime/engine/programs.h"

#include "runtime/engine/metrics.h"
#include "runtime/engine/missions.h"
#include "runtime/engine/segments.h"
#include "vm/bundle.h"
#include "vm/layout.h"
#include "vm/memory.h"
#include "vm/verify.h"
#include "vm/zone.h"

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
        return calendar_months(rule->window) * INT64_C(32) * CIVIL_DAY_MS +
               calendar_days(rule->window) * INT64_C(26) * CIVIL_HOUR_MS + calendar_ms(rule->window);
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
                if (group->kind != RULE_GROUP || !program_same_text(program, group->object, program, member->object))
                    continue;
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
    if (use == NULL) return programs_no_memory(error);
    enum status status = OK;
    arena_init(&use->memory, 0);
    arena_init(&use->linked, 0);
    use->bundle = memory_alloc(size);
    use->bundle_size = size;
    if (use->bundle == NULL) {
        status = programs_no_memory(error);
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
        !metrics_prepare(use) || !missions_prepare(use))
        status = programs_no_memory(error);

done:
    if (status != OK) {
        programs_close(use);
        return status;
    }
    *out = use;
    return OK;
}
