/*
 * Questions, answers and events for others: `query`, `ask` and `tell`, as records and instructions; and the judgement that campaigns
 * which tell one another do not go round without a wait.
 *
 * A query's answer comes as an event of one field, so that intake, log and engine read it like any other; the entry `when answered` keeps
 * it in the journey. How it rests and resumes: runtime/engine/questions.c; how it is told: runtime/engine/tells.c.
 */
#include "compiler/emit_journey.h"

#include <stddef.h>

#include "vm/limits.h"

/* ------------------------------------------------------------------ queries */

const struct query_info *names_query(const struct names *names, struct text name)
{
    for (uint32_t i = 0; i < names->query_count; i++) {
        if (text_equal(names->queries[i].value.name.text, name)) return &names->queries[i];
    }
    return NULL;
}

void query_judge(struct names *names, struct query_info *query)
{
    struct member *value = &query->value;
    bool plain = value->type.kind != TYPE_MONEY && value->type.kind != TYPE_SET && value->type.kind != TYPE_CALENDAR &&
                 value->type.kind != TYPE_ZONE && !value->optional && value->preset_value == NULL;
    if (!plain && (uint32_t)value->type.kind != TYPE_BROKEN)
        names_report(names, DIAGNOSTIC_QUERY_TYPE, query->declaration->span, NULL, 0);
    if (names_event(names, value->name.text) != NULL)
        REPORT(names, DIAGNOSTIC_DECLARED_TWICE, value->name.span, TEXT("the event or query"), value->name.text);
}

void queries_emit(struct names *names, uint32_t *event_slots)
{
    struct builder *builder = names->builder;
    for (uint32_t i = 0; i < names->query_count; i++) {
        struct query_info *query = &names->queries[i];
        const struct member *value = &query->value;
        uint32_t name = builder_text(builder, value->name.text);
        struct bundle_event event = {.name = name,
                                     .wire = name,
                                     .field_first = builder_count(builder, SECTION_FIELD),
                                     .field_count = 1,
                                     .sets = PROGRAM_NONE,
                                     .until = PROGRAM_NONE,
                                     .happens_at = PROGRAM_NONE,
                                     .reverses = PROGRAM_NONE,
                                     .reverses_by = PROGRAM_NONE,
                                     .reverses_at = PROGRAM_NONE,
                                     .slot_count = PROGRAM_EVENT_SLOTS + 1};
        bool listed = value->type.kind == TYPE_ENUM;
        struct bundle_field field = {.low = value->low,
                                     .high = value->high,
                                     .name = name,
                                     .kind = (uint32_t)value->type.kind < TYPE_COUNT ? value->type.kind : TYPE_BOOL,
                                     .of = listed ? value->type.of : PROGRAM_NONE,
                                     .size = value->type.size,
                                     .slot = PROGRAM_EVENT_SLOTS};
        builder_add_field(builder, &field);
        query->event = builder_add_event(builder, &event);
        builder_add_query(builder, &(struct bundle_query){.name = name, .event = query->event});
        if (*event_slots < event.slot_count) *event_slots = event.slot_count;
    }
}

/* ------------------------------------------------------------------ ask */

static const struct query_info *need_query(struct campaign *campaign, const struct statement *statement)
{
    struct names *names = campaign->names;
    const struct query_info *query = names_query(names, statement->as.ask.query.text);
    if (query != NULL) return query;
    struct text *list = ARENA_ARRAY(names->arena, struct text, names->query_count + 1);
    for (uint32_t i = 0; list != NULL && i < names->query_count; i++) list[i] = names->queries[i].value.name.text;
    names_unknown(names, DIAGNOSTIC_UNKNOWN_QUERY, &statement->as.ask.query, list, names->query_count);
    return NULL;
}

void ask_prepare(struct campaign *campaign, const struct node *node)
{
    struct names *names = campaign->names;
    const struct statement *statement = node->statement;
    if (!ast_is_present(&statement->as.ask.query)) {
        if (statement->as.ask.people < 1 || statement->as.ask.people > (int64_t)PROGRAM_PEOPLE) {
            REPORT(names, DIAGNOSTIC_ASK_PEOPLE, statement->span, names_number(names, statement->as.ask.people));
            campaign->flow.failed = true;
        }
        return;
    }
    const struct query_info *query = need_query(campaign, statement);
    if (query == NULL) {
        campaign->flow.failed = true;
        return;
    }
    if (campaign_remembered(campaign, query->value.name.text) != NULL) return;
    struct variable variable = {.use = VARIABLE_REMEMBERED,
                                .name = query->value.name.text,
                                .type = query->value.type,
                                .range = range_of(query->value.low, query->value.high),
                                .typed = true,
                                .span = node->span};
    (void)campaign_variable(campaign, variable);
}

/* A remembered value may not be called like a query that the campaign asks: the answer stands there. */
void ask_judge_names(struct campaign *campaign)
{
    const struct flow *flow = &campaign->flow;
    for (uint32_t i = 0; i < flow->order_count; i++) {
        const struct node *node = flow->order[i];
        if (node->kind != NODE_REMEMBER || names_query(campaign->names, node->statement->name.text) == NULL) continue;
        for (uint32_t j = 0; j < flow->order_count; j++) {
            const struct node *other = flow->order[j];
            if (other->kind != NODE_ASK || !text_equal(other->statement->as.ask.query.text, node->statement->name.text))
                continue;
            struct diagnostic *diagnostic =
                REPORT(campaign->names, DIAGNOSTIC_QUERY_REMEMBERED, node->span, node->statement->name.text);
            diagnostic_add_note(campaign->names->diagnostics, diagnostic, other->span, TEXT("it is asked here"));
            campaign->flow.failed = true;
            return;
        }
    }
}

void emit_answer(struct campaign *campaign, struct emitter *emitter, const struct node *node)
{
    const struct variable *variable = campaign_remembered(campaign, node->statement->as.ask.query.text);
    if (variable == NULL) return;
    emit(emitter, OP_CAPTURE, (uint32_t)(variable - campaign->variables), PROGRAM_EVENT_SLOTS, 0, 0);
}

void emit_ask(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct names *names = campaign->names;
    const struct statement *statement = node->statement;
    bool approval = !ast_is_present(&statement->as.ask.query);
    const struct query_info *query = approval ? NULL : names_query(names, statement->as.ask.query.text);
    names_judge_length(names, &statement->name);
    struct bundle_effect effect = {.channel = PROGRAM_NONE, .gate = PROGRAM_NONE};
    uint32_t number = emit_effect(campaign, emitter, node, effect, NULL, 0);
    struct bundle_ask ask = {.asked = builder_text(emitter->builder, statement->name.text),
                             .effect = number,
                             .query = query == NULL ? PROGRAM_NONE : query->index,
                             .people = approval ? (uint32_t)statement->as.ask.people : 0};
    struct bundle_state state = {
        .kind = STATE_ASK, .holidays = PROGRAM_NONE, .ask = builder_add_ask(emitter->builder, &ask)};
    (void)emit_wait_duration(names, statement->as.ask.duration, false, &state);
    uint32_t rest = emit_state(campaign, emitter, node, state);
    emit(emitter, OP_ASK, number, 0, 0, rest);
    uint32_t record = campaign->state_first + rest;
    campaign_patch(campaign, SECTION_STATE, record, offsetof(struct bundle_state, granted), node->resume[0]);
    if (approval)
        campaign_patch(campaign, SECTION_STATE, record, offsetof(struct bundle_state, declined), node->resume[1]);
    campaign_patch(campaign, SECTION_STATE, record, offsetof(struct bundle_state, timeout),
                   node->resume[node->resume_count - 1]);
}

/* ------------------------------------------------------------------ tell */

static bool tell_event(struct campaign *campaign, const struct statement *statement, const struct event_info *event)
{
    struct names *names = campaign->names;
    if (event->safety != SAFETY_NONE) {
        REPORT(names, DIAGNOSTIC_TELL_SAFETY, statement->name.span, event->name);
        return false;
    }
    if (event->about != ABOUT_NOTHING) {
        REPORT(names, DIAGNOSTIC_TELL_ABOUT, statement->name.span, event->name);
        return false;
    }
    for (const struct argument *argument = statement->as.tell.arguments.first; argument != NULL;
         argument = argument->next) {
        if (names_need_field(names, event, &argument->name) == NULL) return false;
        for (const struct argument *later = argument->next; later != NULL; later = later->next) {
            if (text_equal(later->name.text, argument->name.text))
                REPORT(names, DIAGNOSTIC_DECLARED_TWICE, later->span, TEXT("the field"), later->name.text);
        }
    }
    bool fine = true;
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct member *field = &event->fields[i];
        const struct argument *given = statement->as.tell.arguments.first;
        while (given != NULL && !text_equal(given->name.text, field->name.text)) given = given->next;
        if (given != NULL || field->optional) continue;
        REPORT(names, DIAGNOSTIC_TELL_FIELD, statement->span, event->name, field->name.text,
               names_type_words(names, field->type));
        fine = false;
    }
    return fine;
}

/* Whom: a text of at most 64 bytes that is known here. */
static bool tell_whom(struct emitter *emitter, const struct value *value, uint32_t target)
{
    struct names *names = emitter->names;
    struct type text = {TYPE_TEXT, PROGRAM_NONE, LIMIT_ID_BYTES};
    struct reading reading = value_read(emitter, value, &text);
    if (reading_is_broken(&reading)) return false;
    if (reading.type.kind != TYPE_TEXT || reading.type.size > LIMIT_ID_BYTES || reading.contact) {
        REPORT(names, DIAGNOSTIC_TELL_WHOM, value->span, names_words(names, value->span),
               reading.type.kind != TYPE_TEXT ? names_type_words(names, reading.type)
               : reading.contact              ? TEXT("contact data")
                                              : TEXT("a longer text"));
        return false;
    }
    if (!value_need_known(emitter, &reading)) return false;
    value_into(emitter, &reading, ROUNDING_DOWN, target);
    return true;
}

void emit_tell(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct names *names = campaign->names;
    const struct statement *statement = node->statement;
    struct name name = statement->name;
    const struct event_info *event = names_need_event(names, &name);
    if (event == NULL || statement->as.tell.player == NULL || !tell_event(campaign, statement, event)) {
        emit_go_on(campaign, emitter, node, node->next[0]);
        campaign->flow.failed = true;
        return;
    }
    uint32_t count = 1;
    for (const struct argument *at = statement->as.tell.arguments.first; at != NULL; at = at->next) count++;
    if (count > EFFECT_VALUES_MAX) {
        REPORT(names, DIAGNOSTIC_TOO_MANY, statement->span, names_number(names, count - 1), TEXT("fields to tell"),
               names_number(names, EFFECT_VALUES_MAX - 1));
        campaign->flow.failed = true;
        return;
    }
    uint32_t base = emitter->next_register;
    emitter->next_register += count;
    if (emitter->next_register > emitter->register_high) emitter->register_high = emitter->next_register;
    struct bundle_value values[EFFECT_VALUES_MAX] = {
        {.name = builder_text(emitter->builder, TEXT("player")), .kind = TYPE_TEXT, .of = PROGRAM_NONE}};
    (void)tell_whom(emitter, statement->as.tell.player, base);
    uint32_t at = 1;
    for (const struct argument *given = statement->as.tell.arguments.first; given != NULL; given = given->next, at++) {
        const struct member *field = names_field(event, given->name.text);
        struct type type = field->type;
        if (type.kind == TYPE_MONEY) type.of = campaign->currency;
        bool listed = type.kind == TYPE_ENUM || type.kind == TYPE_SET || type.kind == TYPE_MONEY;
        values[at] = (struct bundle_value){.name = builder_text(emitter->builder, field->name.text),
                                           .kind = (uint32_t)type.kind < TYPE_COUNT ? type.kind : TYPE_BOOL,
                                           .of = listed ? type.of : PROGRAM_NONE};
        struct reading reading;
        if (!value_argument(emitter, given->value, type, field->name.text, base + at, NULL, &reading)) continue;
        bool fits = type.kind == TYPE_TEXT || (reading.range.low >= field->low && reading.range.high <= field->high);
        if (!fits || (type.kind == TYPE_TEXT && reading.type.size > type.size)) {
            REPORT(names, DIAGNOSTIC_TELL_RANGE, given->span, names_words(names, given->value->span), field->name.text,
                   event->name);
            campaign->flow.failed = true;
        }
    }
    struct bundle_effect record = {.object = event->index, .channel = PROGRAM_NONE, .gate = PROGRAM_NONE};
    uint32_t effect = emit_effect(campaign, emitter, node, record, values, count);
    emit_skip(emitter, OP_TELL, effect, base, &node->next[1]->label, 0);
    emit_pass_facts(&emitter->facts, node->next[0]);
    emit_pass_facts(&emitter->facts, node->next[1]);
    emit_go_on(campaign, emitter, node, node->next[0]);
}

/* ------------------------------------------------------------------ campaigns that tell one another */

/* Whether a step of the block, or of what it goes to, tells an event before it waits. Steps are walked once. */
struct telling {
    struct names *names;
    const struct declaration *campaign;
    struct text event;
    const struct statement *found;
    uint64_t seen[4]; /* steps */
};

static bool walk_block(struct telling *telling, const struct block *block);

static bool walk_step(struct telling *telling, struct text name)
{
    uint32_t number = 0;
    for (const struct line *line = telling->campaign->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_STEP) continue;
        uint32_t bit = number++;
        if (name.size > 0 && !text_equal(line->as.step.name.text, name)) continue;
        if (bit >= 256 || ((telling->seen[bit / 64] >> (bit % 64)) & 1)) return false;
        telling->seen[bit / 64] |= UINT64_C(1) << (bit % 64);
        return walk_block(telling, &line->as.step.body);
    }
    return false;
}

/* True where no way leads on past the statement without a wait. */
static bool walk_statement(struct telling *telling, const struct statement *statement)
{
    const struct choice_list *cases = NULL;
    switch (statement->kind) {
    case STATEMENT_TELL:
        if (telling->found == NULL && (telling->event.size == 0 || text_equal(statement->name.text, telling->event)))
            telling->found = statement;
        break;
    case STATEMENT_GO_TO:
        (void)walk_step(telling, statement->name.text);
        if (statement->otherwise != NULL) (void)walk_statement(telling, statement->otherwise);
        return true;
    case STATEMENT_WAIT: /* `after entry` may find its time past already */
        if (!statement->as.wait.after_entry) return true;
        break;
    case STATEMENT_WAIT_UP_TO:
        if (!statement->as.wait_up_to.after_entry) return true;
        cases = &statement->as.wait_up_to.cases;
        break;
    case STATEMENT_FINISH:
    case STATEMENT_WAIT_UNTIL:
    case STATEMENT_WAIT_BUSINESS_DAYS:
    case STATEMENT_ASK: return true;
    case STATEMENT_IF:
        for (const struct branch *branch = statement->as.branch.branches.first; branch != NULL; branch = branch->next)
            (void)walk_block(telling, &branch->body);
        if (statement->as.branch.has_otherwise) (void)walk_block(telling, &statement->as.branch.otherwise);
        break;
    case STATEMENT_CHOOSE: cases = &statement->as.choose.cases; break;
    case STATEMENT_SPLIT: cases = &statement->as.split.arms; break;
    case STATEMENT_REPEAT: (void)walk_block(telling, &statement->as.repeat.body); break;
    default: break;
    }
    for (const struct choice *choice = cases == NULL ? NULL : cases->first; choice != NULL; choice = choice->next)
        (void)walk_block(telling, &choice->body);
    if (statement->otherwise != NULL) (void)walk_statement(telling, statement->otherwise);
    return false;
}

static bool walk_block(struct telling *telling, const struct block *block)
{
    for (const struct statement *statement = block->first; statement != NULL; statement = statement->next) {
        if (walk_statement(telling, statement)) return true;
    }
    return false;
}

/* The event that starts a campaign which lets a player in again and again; empty: none. */
static struct text starting_event(const struct declaration *campaign)
{
    const struct line *start = ast_find_line(&campaign->lines, LINE_START, NULL);
    const struct line *enter = ast_find_line(&campaign->lines, LINE_ENTER, NULL);
    bool again = enter != NULL && enter->as.enter.kind == ENTER_EVERY_TIME;
    return start == NULL || !again ? TEXT("") : start->as.event.event.text;
}

/* Where the campaign tells this event (an empty one: any) before it has waited, or NULL. */
static const struct statement *tells(struct names *names, const struct declaration *campaign, struct text event)
{
    struct telling telling = {.names = names, .campaign = campaign, .event = event};
    (void)walk_step(&telling, TEXT(""));
    return telling.found;
}

void tells_judge_loops(struct names *names)
{
    /* From each campaign forward over those that its events start, breadth first; a way back to it is a circle. */
    uint32_t count = names->campaign_count;
    uint32_t *queue = ARENA_ARRAY(names->arena, uint32_t, count + 1);
    bool *seen = ARENA_ARRAY(names->arena, bool, count + 1);
    for (uint32_t first = 0; queue != NULL && seen != NULL && first < count; first++) {
        struct text own = starting_event(names->campaigns[first].declaration);
        if (own.size == 0 || tells(names, names->campaigns[first].declaration, TEXT("")) == NULL) continue;
        uint32_t head = 0, tail = 0;
        memset(seen, 0, count * sizeof *seen);
        queue[tail++] = first;
        while (head < tail) {
            const struct declaration *at = names->campaigns[queue[head++]].declaration;
            const struct statement *back = tells(names, at, own);
            if (back != NULL) {
                REPORT(names, DIAGNOSTIC_TELL_LOOP, back->span, own, names->campaigns[first].name);
                return;
            }
            for (uint32_t i = 0; i < count; i++) {
                struct text event = starting_event(names->campaigns[i].declaration);
                if (seen[i] || event.size == 0 || tells(names, at, event) == NULL) continue;
                seen[i] = true;
                queue[tail++] = i;
            }
        }
    }
}

/* ------------------------------------------------------------------ several journeys */

void enter_read_again(struct names *names, const struct line *line, struct bundle_campaign *record)
{
    if (line == NULL) return;
    bool restarts = ast_is_present(&line->as.enter.restarting_as);
    bool once = line->as.enter.kind == ENTER_ONCE_PER_PLAYER;
    if (once && (restarts || line->as.enter.at_once != 0)) {
        names_report(names, DIAGNOSTIC_ENTER_NEVER_AGAIN, line->span, NULL, 0);
        return;
    }
    if (line->as.enter.at_once != 0) {
        if (line->as.enter.at_once < 2 || line->as.enter.at_once > 1000) {
            REPORT(names, DIAGNOSTIC_ENTER_AT_ONCE, line->span, names_number(names, line->as.enter.at_once));
            return;
        }
        record->at_once = (uint32_t)line->as.enter.at_once;
    }
    if (!restarts) return;
    names_judge_length(names, &line->as.enter.restarting_as);
    record->restarts = 1;
    record->restart_reason = builder_text(names->builder, line->as.enter.restarting_as.text);
}

void enter_read_keys(struct names *names, const struct line *line, struct bundle_campaign *record)
{
    record->key_first = builder_count(names->builder, SECTION_KEY);
    record->keys_needed = line->as.enter.missing_keys == MISSING_KEYS_REFUSED;
    if (line->as.enter.keys.count > LIMIT_ENTRY_KEYS)
        REPORT(names, DIAGNOSTIC_TOO_MANY, line->span, names_number(names, line->as.enter.keys.count), TEXT("keys"),
               names_number(names, LIMIT_ENTRY_KEYS));
    for (const struct name_node *node = line->as.enter.keys.first; node != NULL && record->key_count < LIMIT_ENTRY_KEYS;
         node = node->next) {
        const struct member *attribute = names_need_attribute(names, &node->name);
        if (attribute == NULL) continue;
        bool twice = false;
        for (const struct name_node *other = line->as.enter.keys.first; other != node; other = other->next)
            twice = twice || text_equal(other->name.text, node->name.text);
        if (twice) {
            REPORT(names, DIAGNOSTIC_DECLARED_TWICE, node->name.span, TEXT("the key"), node->name.text);
            continue;
        }
        if (attribute->type.kind != TYPE_TEXT || !attribute->optional) {
            REPORT(names, DIAGNOSTIC_KEY_TYPE, node->name.span, node->name.text);
            continue;
        }
        builder_add_key(names->builder, &(struct bundle_key){.attribute = attribute->index});
        record->key_count++;
    }
    const struct name_node *key = line->as.enter.keys.first;
    if (key != NULL && line->as.enter.missing_keys == MISSING_KEYS_UNSAID)
        REPORT(names, DIAGNOSTIC_KEY_MISSING_UNSAID, line->span, key->name.text);
    if (key == NULL && line->as.enter.missing_keys != MISSING_KEYS_UNSAID)
        names_report(names, DIAGNOSTIC_KEYS_NONE, line->span, NULL, 0);
}
