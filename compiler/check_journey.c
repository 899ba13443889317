/*
 * Each node of a campaign as instructions, in the order of flow.h; effects, states and variables as they appear.
 *
 * A node's code begins where its label is bound and ends by falling into the next node or by a jump. Nothing lives in a
 * register from one node to the next, so a node can be reached from anywhere; what lasts is in journey variables, and
 * which of them are known stands in node->known, as the verifier will find it too.
 */
#include "compiler/campaign.h"

#include <stddef.h>

#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/limits.h"
#include "vm/zone.h"

enum { EFFECT_VALUES_MAX = 16 }; /* as vm/layout.c has it */

/* ------------------------------------------------------------------ variables, counters, labels */

static bool is_effect(const struct node *node)
{
    return node->kind == NODE_SEND || node->kind == NODE_CREDIT || node->kind == NODE_DO || node->kind == NODE_TAG;
}

static struct effect_info effect_key(const struct node *node)
{
    const struct statement *statement = node->statement;
    struct effect_info key = {.step = node->step,
                              .node = node,
                              .counter = PROGRAM_NONE,
                              .record = PROGRAM_NONE,
                              .label = statement->label.text,
                              .name = statement->name.text};
    switch (node->kind) {
    case NODE_SEND:
        key.act = ACT_SEND;
        key.action = statement->as.send.channel.text;
        break;
    case NODE_CREDIT:
        key.act = ACT_CREDIT;
        key.action = TEXT("credit");
        break;
    case NODE_DO:
        key.act = ACT_DO;
        key.action = statement->name.text;
        key.name = TEXT("");
        break;
    default:
        key.act = statement->kind == STATEMENT_TAG ? ACT_TAG : ACT_UNTAG;
        key.action = statement->kind == STATEMENT_TAG ? TEXT("tag") : TEXT("untag");
        break;
    }
    return key;
}

static bool same_effect(const struct effect_info *left, const struct effect_info *right)
{
    return left->act == right->act && left->step == right->step && text_equal(left->action, right->action) &&
           text_equal(left->name, right->name) && text_equal(left->label, right->label);
}

static struct effect_info *find_effect(struct campaign *campaign, const struct node *node)
{
    struct effect_info key = effect_key(node);
    for (uint32_t i = 0; i < campaign->effect_count; i++) {
        if (same_effect(&campaign->effects[i], &key)) return &campaign->effects[i];
    }
    return NULL;
}

/*
 * Which effects can be made again in one journey (they get a counter), and which of them need a label because one path makes
 * them by two statements. One search from each place that makes it.
 */
static void judge_effect(struct campaign *campaign, struct effect_info *effect, struct node **makers)
{
    struct flow *flow = &campaign->flow;
    struct names *names = campaign->names;
    uint32_t count = 0;
    bool one_statement = true;
    for (struct node *node = effect->last; node != NULL; node = node->same) {
        makers[count++] = node;
        one_statement = one_statement && node->statement == effect->last->statement;
    }
    bool needs_label = !one_statement && effect->act != ACT_TAG && effect->act != ACT_UNTAG;
    bool repeats = false;
    for (uint32_t i = count; i > 0 && (needs_label || !repeats); i--) { /* in their order */
        const struct node *first = makers[i - 1];
        (void)flow_reaches(flow, first, NULL, true);
        for (uint32_t j = 0; j < count && !repeats; j++) repeats = makers[j]->mark != 0;
        if (!needs_label) continue;
        (void)flow_reaches(flow, first, NULL, false);
        for (uint32_t j = i - 1; j > 0; j--) {
            struct node *second = makers[j - 1];
            if (second->mark == 0 || second->repeats || second->statement == first->statement) continue;
            second->repeats = true; /* told once */
            struct diagnostic *diagnostic =
                REPORT(names, DIAGNOSTIC_EFFECT_NEEDS_LABEL, second->span, names_words(names, second->span),
                       campaign->steps[second->step]->as.step.name.text);
            diagnostic_add_note(names->diagnostics, diagnostic, first->span, TEXT("the same path makes it here too"));
        }
    }
    if (!repeats) return;
    struct variable counter = {.use = VARIABLE_COUNTER,
                               .name = TEXT(""),
                               .type = {TYPE_WHOLE, PROGRAM_NONE, 0},
                               .range = range_of(0, INT32_MAX),
                               .typed = true,
                               .span = effect->node->span};
    effect->counter = campaign_variable(campaign, counter);
}

static void prepare_effects(struct campaign *campaign)
{
    struct flow *flow = &campaign->flow;
    struct names *names = campaign->names;
    struct node **makers = ARENA_ARRAY(names->arena, struct node *, flow->order_count + 1);
    campaign->effects = ARENA_ARRAY(names->arena, struct effect_info, flow->order_count + 1);
    if (campaign->effects == NULL || makers == NULL) return;
    for (uint32_t i = 0; i < flow->order_count; i++) {
        struct node *node = flow->order[i];
        if (!is_effect(node)) continue;
        struct effect_info *effect = find_effect(campaign, node);
        if (effect == NULL) {
            effect = &campaign->effects[campaign->effect_count++];
            *effect = effect_key(node);
        } else {
            node->same = effect->last;
        }
        effect->last = node;
        node->effect = (uint32_t)(effect - campaign->effects) + 1;
        names_judge_length(names, &node->statement->label);
    }
    for (uint32_t i = 0; i < campaign->effect_count; i++) judge_effect(campaign, &campaign->effects[i], makers);
}

void journey_prepare(struct campaign *campaign)
{
    struct flow *flow = &campaign->flow;
    for (uint32_t i = 0; i < flow->read_count; i++) {
        struct read *read = &flow->reads[i];
        if (!read->captured) continue;
        struct text field = read->field != NULL               ? read->field->name.text
                            : read->slot == PROGRAM_SLOT_TIME ? TEXT("time")
                                                              : TEXT("id");
        struct variable variable = {
            .use = VARIABLE_CAPTURED,
            .name = arena_print(campaign->names->arena, "%.*s.%.*s", TEXT_ARGS(read->event->name), TEXT_ARGS(field)),
            .type = read->type,
            .range = range_of(read->low, read->high),
            .typed = true,
            .optional = read->optional,
            .event = read->event,
            .event_slot = read->slot,
        };
        read->variable = campaign_variable(campaign, variable);
        if (read->variable == PROGRAM_NONE) read->captured = false;
    }
    for (uint32_t i = 0; i < flow->order_count; i++) {
        const struct node *node = flow->order[i];
        if (node->kind != NODE_REMEMBER || campaign_remembered(campaign, node->statement->name.text) != NULL) continue;
        struct variable variable = {.use = VARIABLE_REMEMBERED,
                                    .name = node->statement->name.text,
                                    .type = {(enum type_kind)TYPE_BROKEN, PROGRAM_NONE, 0},
                                    .span = node->span};
        campaign_variable(campaign, variable);
    }
    for (uint32_t i = 0; i < flow->order_count; i++) {
        const struct node *node = flow->order[i];
        if (node->kind == NODE_COUNT) campaign_counter(campaign, node->statement);
    }
    prepare_effects(campaign);
}

/* ------------------------------------------------------------------ remembered values */

/* `remember x as V, otherwise W` is the formula V with that clause. */
static struct reading read_remembered(struct emitter *emitter, const struct statement *statement,
                                      const struct type *type)
{
    struct clause clause = {
        .kind = CLAUSE_OTHERWISE, .span = statement->span, .value = statement->as.remember.otherwise};
    struct value whole = {.kind = VALUE_FORMULA,
                          .span = statement->as.remember.value->span,
                          .left = statement->as.remember.value,
                          .clauses = &clause};
    const struct value *value = statement->as.remember.otherwise != NULL ? &whole : statement->as.remember.value;
    struct reading reading = value_read(emitter, value, type);
    if (!value_need_known(emitter, &reading)) reading.type.kind = (enum type_kind)TYPE_BROKEN;
    value_into(emitter, &reading, value_rounding(emitter), PROGRAM_NONE);
    return reading;
}

/* Whether a value reads `journey.NAME`. */
static bool reads_itself(const struct value *value, struct text name)
{
    if (value == NULL) return false;
    if (value->kind == VALUE_PATH)
        return text_equal(value->owner.text, TEXT("journey")) && text_equal(value->name.text, name);
    if (value->kind != VALUE_BINARY && value->kind != VALUE_SHARE_OF && value->kind != VALUE_FORMULA) return false;
    return reads_itself(value->left, name) || (value->kind != VALUE_FORMULA && reads_itself(value->right, name));
}

/* One look at every `remember`: joins what each value can be into `ranges` (by variable). Whether something is new. */
static bool infer_pass(struct campaign *campaign, struct emitter *dry, struct range *ranges, bool *seen)
{
    struct flow *flow = &campaign->flow;
    bool changed = false;
    for (uint32_t i = 0; i < flow->order_count; i++) {
        const struct node *node = flow->order[i];
        if (node->kind != NODE_REMEMBER || node->statement->as.remember.value == NULL) continue;
        struct variable *variable = campaign_remembered(campaign, node->statement->name.text);
        if (variable == NULL) continue;
        uint32_t number = (uint32_t)(variable - campaign->variables);
        dry->event = node->bank;
        dry->next_register = 0;
        memset(&dry->facts, 0xFF, sizeof dry->facts);
        struct reading reading = read_remembered(dry, node->statement, variable->typed ? &variable->type : NULL);
        if (reading_is_broken(&reading) || (variable->typed && !names_same_type(variable->type, reading.type)))
            continue;
        if (!variable->typed) {
            variable->type = reading.type;
            variable->range = reading.range;
            variable->typed = true;
            changed = true;
        }
        if (reading.type.size > variable->type.size) {
            variable->type.size = reading.type.size;
            changed = true;
        }
        ranges[number] = seen[number] ? range_join(ranges[number], reading.range) : reading.range;
        seen[number] = true;
    }
    return changed;
}

/* Types and ranges of remembered values. One may be made from another, or from itself in a loop: so look until nothing is new;
 * widen to all that the type can hold where it takes long; then take back what the values cannot be after all. */
void journey_infer(struct campaign *campaign, struct emitter *emitter)
{
    enum { LOOKS = 16, WIDEN_AT = 6, NARROW_AT = 10 };
    struct flow *flow = &campaign->flow;
    struct names *names = campaign->names;
    struct emitter dry = *emitter;
    dry.dry = true;
    dry.sight = SIGHT_JOURNEY;
    dry.known = UINT64_MAX;
    dry.node = NULL;
    names->muted++;
    for (uint32_t look = 0; look < LOOKS; look++) {
        struct range ranges[CAMPAIGN_VARIABLES_MAX];
        bool seen[CAMPAIGN_VARIABLES_MAX] = {false};
        bool changed = infer_pass(campaign, &dry, ranges, seen);
        for (uint32_t i = 0; i < campaign->variable_count; i++) {
            struct variable *variable = &campaign->variables[i];
            if (variable->use != VARIABLE_REMEMBERED || !seen[i]) continue;
            bool holds = range_holds(variable->range, ranges[i]);
            if (look >= NARROW_AT) {
                if (holds) variable->range = ranges[i];
            } else if (!holds) {
                changed = true;
                variable->range = look < WIDEN_AT ? range_join(variable->range, ranges[i])
                                                  : range_join(names_type_range(variable->type), ranges[i]);
            }
        }
        if (!changed && look < WIDEN_AT) break;
    }
    names->muted--;
    for (uint32_t i = 0; i < flow->order_count; i++) {
        const struct node *node = flow->order[i];
        struct variable *variable =
            node->kind == NODE_REMEMBER ? campaign_remembered(campaign, node->statement->name.text) : NULL;
        if (variable == NULL || !variable->typed || node->statement->as.remember.value == NULL) continue;
        names->muted++;
        dry.next_register = 0;
        dry.event = node->bank;
        struct reading reading = read_remembered(&dry, node->statement, &variable->type);
        names->muted--;
        bool same = !reading_is_broken(&reading) && names_same_type(variable->type, reading.type);
        if (same && range_holds(variable->range, reading.range)) continue;
        if (!same && !reads_itself(node->statement->as.remember.value, variable->name)) continue;
        REPORT(names, DIAGNOSTIC_REMEMBER_GROWS, node->span, variable->name);
        flow->failed = true;
    }
}

/* ------------------------------------------------------------------ effects */

static uint32_t gate_of(struct campaign *campaign, struct emitter *emitter, enum action_class class,
                        uint32_t message_class, uint32_t channel, uint32_t product)
{
    struct bundle_gate gate = {.class = class, .message_class = message_class, .channel = channel, .product = product};
    for (uint32_t i = 0; i < campaign->gate_count; i++) {
        const struct bundle_gate *known = builder_at(emitter->builder, SECTION_GATE, campaign->gate_first + i);
        if (known != NULL && memcmp(known, &gate, sizeof gate) == 0) return i;
    }
    if (campaign->gate_count == CAMPAIGN_GATES_MAX) {
        REPORT(campaign->names, DIAGNOSTIC_TOO_MANY, campaign->declaration->span, TEXT("more than 32"),
               TEXT("kinds of messages and rewards in one campaign"), TEXT("32"));
        return 0;
    }
    builder_add_gate(emitter->builder, &gate);
    return campaign->gate_count++;
}

/* Puts a node's facts, as they are now, on the way to another node. */
static void pass_facts(const struct facts *facts, struct node *to)
{
    if (to == NULL) return;
    if (!to->facts_set) {
        to->facts = *facts;
        to->facts_set = true;
    } else {
        facts_meet(&to->facts, facts);
    }
}

static void go_on(struct campaign *campaign, struct emitter *emitter, const struct node *node, struct node *to)
{
    const struct flow *flow = &campaign->flow;
    if (node->order + 1 < flow->order_count && flow->order[node->order + 1] == to) return;
    emit_jump(emitter, &to->label);
}

static uint32_t emit_effect(struct campaign *campaign, struct emitter *emitter, const struct node *node,
                            struct bundle_effect record, const struct bundle_value *values, uint32_t count)
{
    if (node->effect == 0) return 0;
    struct effect_info *effect = &campaign->effects[node->effect - 1];
    uint32_t number = (uint32_t)(effect - campaign->effects);
    if (effect->record != PROGRAM_NONE) return number;
    record.kind = effect->act;
    record.step = campaign->step_first + effect->step;
    record.action = builder_text(emitter->builder, effect->action);
    record.name = builder_text(emitter->builder, effect->name);
    record.label = effect->label.size > 0 ? builder_text(emitter->builder, effect->label) : PROGRAM_NONE;
    record.counter = effect->counter;
    record.value_first = builder_count(emitter->builder, SECTION_VALUE);
    record.value_count = count;
    record.line = names_line(campaign->names, node->span);
    for (uint32_t i = 0; i < count; i++) builder_add_value(emitter->builder, &values[i]);
    struct bundle_effect *reserved = builder_at(emitter->builder, SECTION_EFFECT, campaign->effect_first + number);
    if (reserved != NULL) *reserved = record;
    effect->record = campaign->effect_first + number;
    return number;
}

static struct bundle_value value_record(struct emitter *emitter, struct text name, struct type type)
{
    return (struct bundle_value){
        .name = builder_text(emitter->builder, name),
        .kind = (uint32_t)type.kind < TYPE_COUNT ? type.kind : TYPE_BOOL,
        .of = type.kind == TYPE_ENUM || type.kind == TYPE_SET || type.kind == TYPE_MONEY ? type.of : PROGRAM_NONE,
    };
}

static void emit_send(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct names *names = campaign->names;
    const struct statement *statement = node->statement;
    uint32_t channel = names_need_channel(names, &statement->as.send.channel);
    const struct message_info *message = names_message(names, statement->name.text);
    if (message == NULL) {
        struct text *list = ARENA_ARRAY(names->arena, struct text, names->message_count + 1);
        for (uint32_t i = 0; list != NULL && i < names->message_count; i++) list[i] = names->messages[i].name;
        names_unknown(names, DIAGNOSTIC_UNKNOWN_MESSAGE, &statement->name, list, names->message_count);
    }
    if (message == NULL || channel == PROGRAM_NONE) {
        go_on(campaign, emitter, node, node->next[0]);
        return;
    }
    if (message->first_body != NULL && !message->declaration->is_broken &&
        (channel >= 64 || (message->channels >> channel & 1) == 0)) {
        struct text *list = ARENA_ARRAY(names->arena, struct text, names->channel_count + 1);
        uint32_t count = 0;
        for (uint32_t i = 0; list != NULL && i < names->channel_count; i++) {
            if ((message->channels >> i & 1) != 0) list[count++] = names->channels[i];
        }
        struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_NO_BODY_FOR_CHANNEL, statement->span, message->name,
                                               names->channels[channel], names_list(names, list, count));
        diagnostic_add_note(names->diagnostics, diagnostic, message->declaration->span, TEXT("the message is here"));
    }
    uint32_t product = message->about != PROGRAM_NONE ? message->about : campaign->product;
    if (product == PROGRAM_NONE && message->class == MESSAGE_CLASS_MARKETING) {
        REPORT(names, DIAGNOSTIC_MARKETING_WITHOUT_PRODUCT, statement->span, message->name);
    }
    uint32_t count = 0;
    const struct hole *holes = schema_holes(names, message, channel, &count);
    if (count > EFFECT_VALUES_MAX) {
        REPORT(names, DIAGNOSTIC_TOO_MANY, message->declaration->span, names_number(names, count),
               TEXT("values in one message"), names_number(names, EFFECT_VALUES_MAX));
        campaign->flow.failed = true;
        return;
    }
    uint32_t base = emitter->next_register;
    emitter->next_register += count;
    if (emitter->next_register > emitter->register_high) emitter->register_high = emitter->next_register;
    struct bundle_value *values = ARENA_ARRAY(names->arena, struct bundle_value, count + 1);
    for (uint32_t i = 0; i < count && values != NULL; i++) {
        struct value path = {.kind = VALUE_PATH,
                             .span = holes[i].span,
                             .owner = {holes[i].owner, holes[i].span, 0},
                             .name = {holes[i].name, holes[i].span, 0}};
        struct reading reading = value_slot(emitter, &path);
        if (!value_need_known(emitter, &reading)) {
            continue;
        }
        if (reading.type.kind == TYPE_SET || reading.type.kind == TYPE_CALENDAR) {
            REPORT(names, DIAGNOSTIC_HOLE_TYPE, holes[i].span, names_words(names, holes[i].span),
                   names_type_words(names, reading.type));
            continue;
        }
        values[i] = value_record(
            emitter, arena_print(names->arena, "%.*s.%.*s", TEXT_ARGS(holes[i].owner), TEXT_ARGS(holes[i].name)),
            reading.type);
        value_into(emitter, &reading, ROUNDING_DOWN, base + i);
    }
    struct bundle_effect record = {.object = message->index,
                                   .channel = channel,
                                   .gate = gate_of(campaign, emitter, CLASS_MESSAGE, message->class, channel, product)};
    uint32_t effect = emit_effect(campaign, emitter, node, record, values, count);
    emit_skip(emitter, OP_SEND, effect, base, &node->next[1]->label, 0);
    pass_facts(&emitter->facts, node->next[1]);
    go_on(campaign, emitter, node, node->next[0]);
}

/* `consent ATTRIBUTE` of an action: asked before anything else of it; to `no` where the player has not agreed. */
static void ask_consent(struct emitter *emitter, const struct action_info *action, struct span span, struct label *no)
{
    struct names *names = emitter->names;
    const struct member *attribute = action->consent.size > 0 ? names_attribute(names, action->consent) : NULL;
    if (attribute == NULL || attribute->type.kind != TYPE_BOOL) return; /* reported where the action is declared */
    struct reading reading = {.type = attribute->type, .bank = BANK_PLAYER, .slot = attribute->slot};
    struct text words = arena_print(names->arena, "player.%.*s is yes", TEXT_ARGS(action->consent));
    uint32_t site = emit_site(emitter, span, words, &reading);
    if (attribute->optional) emit_skip(emitter, OP_IF_KNOWN_PLAYER, attribute->slot, site, no, 0);
    emit_skip(emitter, OP_IF_EQ_PLAYER, attribute->slot, site, no, 1);
}

static void refuse_consent(struct emitter *emitter, struct label *no, uint32_t effect)
{
    emit_bind(emitter, no);
    emit(emitter, OP_REFUSE, effect, REASON_SKIPPED_NO_CONSENT, 0, 0);
}

static void emit_do(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct names *names = campaign->names;
    const struct statement *statement = node->statement;
    const struct action_info *action = names_action(names, statement->name.text);
    if (action == NULL) {
        struct text *list = ARENA_ARRAY(names->arena, struct text, names->action_count + 1);
        uint32_t count = 0;
        for (uint32_t i = 0; list != NULL && i < names->action_count; i++) {
            if (names->actions[i].class != CLASS_REWARD) list[count++] = names->actions[i].name;
        }
        names_unknown(names, DIAGNOSTIC_UNKNOWN_ACTION, &statement->name, list, count);
        go_on(campaign, emitter, node, node->next[0]);
        return;
    }
    if (action->class == CLASS_REWARD) {
        REPORT(names, DIAGNOSTIC_DO_REWARD, statement->span, action->name);
        go_on(campaign, emitter, node, node->next[0]);
        return;
    }
    for (const struct argument *argument = statement->as.action.arguments.first; argument != NULL;
         argument = argument->next) {
        bool known = false;
        struct text *list = ARENA_ARRAY(names->arena, struct text, action->parameter_count + 1);
        for (uint32_t i = 0; list != NULL && i < action->parameter_count; i++) {
            list[i] = action->parameters[i].name.text;
            known = known || text_equal(list[i], argument->name.text);
        }
        if (!known && !action->declaration->is_broken)
            names_unknown(names, DIAGNOSTIC_UNKNOWN_PARAMETER, &argument->name, list, action->parameter_count);
        for (const struct argument *later = argument->next; later != NULL; later = later->next) {
            if (text_equal(later->name.text, argument->name.text))
                REPORT(names, DIAGNOSTIC_DECLARED_TWICE, later->span, TEXT("the parameter"), later->name.text);
        }
    }
    struct label no_consent = {0};
    ask_consent(emitter, action, statement->span, &no_consent);
    uint32_t base = emitter->next_register;
    emitter->next_register += action->parameter_count;
    if (emitter->next_register > emitter->register_high) emitter->register_high = emitter->next_register;
    struct bundle_value *values = ARENA_ARRAY(names->arena, struct bundle_value, action->parameter_count + 1);
    for (uint32_t i = 0; i < action->parameter_count && values != NULL; i++) {
        const struct member *parameter = &action->parameters[i];
        const struct argument *given = statement->as.action.arguments.first;
        while (given != NULL && !text_equal(given->name.text, parameter->name.text)) given = given->next;
        struct type type = parameter->type;
        if (type.kind == TYPE_MONEY) type.of = campaign->currency;
        values[i] = value_record(emitter, parameter->name.text, type);
        if (given == NULL) {
            REPORT(names, DIAGNOSTIC_PARAMETER_MISSING, statement->span, action->name, parameter->name.text,
                   names_type_words(names, parameter->type));
            continue;
        }
        struct reading reading;
        (void)value_argument(emitter, given->value, type, parameter->name.text, base + i, NULL, &reading);
    }
    struct bundle_effect record = {
        .object = action->index,
        .channel = PROGRAM_NONE,
        .gate = gate_of(campaign, emitter, action->class, MESSAGE_CLASS_SERVICE, PROGRAM_NONE, campaign->product)};
    if (action->class == CLASS_OTHER)
        record.gate = gate_of(campaign, emitter, CLASS_OTHER, 0, PROGRAM_NONE, campaign->product);
    uint32_t effect = emit_effect(campaign, emitter, node, record, values, action->parameter_count);
    emit_skip(emitter, OP_DO, effect, base, &node->next[1]->label, 0);
    pass_facts(&emitter->facts, node->next[1]);
    if (!no_consent.used) {
        go_on(campaign, emitter, node, node->next[0]);
        return;
    }
    emit_jump(emitter, &node->next[0]->label);
    refuse_consent(emitter, &no_consent, effect);
    go_on(campaign, emitter, node, node->next[1]);
}

static uint32_t emit_state(struct campaign *campaign, struct emitter *emitter, const struct node *node,
                           struct bundle_state state)
{
    uint64_t all = campaign->variable_count >= 64 ? UINT64_MAX : (UINT64_C(1) << campaign->variable_count) - 1;
    state.known = (int64_t)(node->known & all);
    state.step = campaign->step_first + node->step;
    state.timeout = state.granted = state.declined = PROGRAM_NONE;
    state.line = names_line(campaign->names, node->span);
    state.case_first = builder_count(emitter->builder, SECTION_CASE);
    builder_add_state(emitter->builder, &state);
    return campaign->state_count++;
}

/* Warns once of an offer whose smallest cost is above a line of the budget. */
static void warn_never_fits(struct campaign *campaign, struct campaign_offer *offer, const struct reading *cost)
{
    struct names *names = campaign->names;
    struct text name = offer->declaration->name.text;
    for (const struct line *line = campaign->budget != NULL ? campaign->budget->lines.first : NULL; line != NULL;
         line = line->next) {
        bool amount = line->kind == LINE_TOTAL || line->kind == LINE_PER_PERIOD || line->kind == LINE_PER_PLAYER ||
                      (line->kind == LINE_PER_OFFER && text_equal(line->as.amount.offer.text, name));
        const struct value *value = amount ? line->as.amount.value : NULL;
        if (value == NULL || value->kind != VALUE_MONEY || offer->told || cost->range.low <= value->amount) continue;
        offer->told = true;
        REPORT(names, DIAGNOSTIC_OFFER_NEVER_FITS, line->span, name,
               names_money(names, range_low64(cost->range), campaign->currency),
               names_money(names, value->amount, campaign->currency));
    }
}

static void emit_credit(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct names *names = campaign->names;
    const struct statement *statement = node->statement;
    struct campaign_offer *offer = campaign_offer(campaign, statement->name.text);
    if (offer == NULL) {
        struct text *list = ARENA_ARRAY(names->arena, struct text, campaign->offer_count + 1);
        for (uint32_t i = 0; list != NULL && i < campaign->offer_count; i++)
            list[i] = campaign->offers[i].declaration->name.text;
        if (!campaign->declaration->is_broken)
            names_unknown(names, DIAGNOSTIC_UNKNOWN_OFFER, &statement->name, list, campaign->offer_count);
        return;
    }
    if (offer->action == NULL || offer->broken) return;
    const struct action_info *action = offer->action;
    struct label no_consent = {0};
    ask_consent(emitter, action, statement->span, &no_consent);
    const struct line *wagering = campaign_terms_line(campaign, offer->declaration, LINE_WAGERING);
    bool with_deposit = wagering != NULL && wagering->as.wagering.of_deposit;
    uint32_t count = action->parameter_count + 1 + with_deposit;
    uint32_t base = emitter->next_register;
    emitter->next_register += count;
    if (emitter->next_register > emitter->register_high) emitter->register_high = emitter->next_register;
    struct reading *readings = ARENA_ARRAY(names->arena, struct reading, count);
    struct bundle_value *values = ARENA_ARRAY(names->arena, struct bundle_value, count + 1);
    struct label below = {0};
    bool fine = readings != NULL && values != NULL;
    for (uint32_t i = 0; fine && i < action->parameter_count; i++) {
        const struct member *parameter = &action->parameters[i];
        struct type type = parameter->type;
        if (type.kind == TYPE_MONEY) type.of = campaign->currency;
        values[i] = value_record(emitter, parameter->name.text, type);
        const struct line *line = campaign_parameter(offer, parameter->name.text);
        if (line == NULL) {
            fine = false;
            break;
        }
        uint32_t errors = names->diagnostics->error_count;
        fine = value_argument(emitter, line->as.parameter.value, type, parameter->name.text, base + i, &below,
                              &readings[i]);
        if (!fine && names->diagnostics->error_count > errors && offer->shared) offer->broken = true;
        readings[i].bank = BANK_REGISTER;
        readings[i].slot = base + i;
        readings[i].num = readings[i].den = 1;
    }
    if (!fine) return;
    struct type money = {TYPE_MONEY, campaign->currency, 0};
    values[action->parameter_count] = value_record(emitter, TEXT("cost"), money);
    struct reading cost = {.range = range_point(0)};
    if (action->costs == NULL) {
        emit(emitter, OP_LOAD_CONST, base + action->parameter_count, 0, 0, 0);
    } else {
        emitter->sight = SIGHT_ACTION;
        emitter->action = action;
        emitter->parameters = readings;
        fine =
            value_argument(emitter, action->costs, money, TEXT("costs"), base + action->parameter_count, NULL, &cost);
        emitter->sight = SIGHT_JOURNEY;
        if (!fine) return;
        if (cost.range.low < 0) {
            const struct line *amount = campaign_parameter(offer, TEXT("amount"));
            struct diagnostic *diagnostic =
                REPORT(names, DIAGNOSTIC_NEGATIVE_REWARD,
                       amount != NULL ? amount->span : offer->declaration->span, statement->name.text,
                       names_money(names, range_low64(cost.range), campaign->currency));
            diagnostic_add_note(names->diagnostics, diagnostic, statement->span, TEXT("it is credited here"));
            offer->broken = true;
            return;
        }
        warn_never_fits(campaign, offer, &cost);
        if (cost.range.high > 0 && campaign->budget == NULL && !campaign->declaration->is_broken) {
            REPORT(names, DIAGNOSTIC_REWARD_WITHOUT_BUDGET, statement->span, statement->name.text, campaign->name,
                   names_money(names, range_high64(cost.range), campaign->currency));
        }
    }
    if (with_deposit) {
        /* `10x of bonus and deposit`: the deposit goes along behind the cost, for the target. */
        uint32_t last = action->parameter_count + 1;
        struct span span = wagering->span;
        struct value path = {
            .kind = VALUE_PATH, .span = span, .owner = {TEXT("deposit"), span, 0}, .name = {TEXT("amount"), span, 0}};
        values[last] = value_record(emitter, TEXT("deposit"), money);
        struct reading deposit;
        if (!value_argument(emitter, &path, money, TEXT("wagering"), base + last, NULL, &deposit)) return;
    }
    struct bundle_effect record = {.object = offer->index,
                                   .channel = PROGRAM_NONE,
                                   .gate =
                                       gate_of(campaign, emitter, CLASS_REWARD, 0, PROGRAM_NONE, campaign->product)};
    uint32_t effect = emit_effect(campaign, emitter, node, record, values, count);
    uint32_t state =
        emit_state(campaign, emitter, node, (struct bundle_state){.kind = STATE_CREDIT, .deadline = DEADLINE_NONE});
    campaign_patch(campaign, SECTION_STATE, campaign->state_first + state, offsetof(struct bundle_state, granted),
                   node->resume[0]);
    campaign_patch(campaign, SECTION_STATE, campaign->state_first + state, offsetof(struct bundle_state, declined),
                   node->resume[1]);
    emit(emitter, OP_CREDIT, effect, base, 0, state);
    if (below.used) {
        emit_bind(emitter, &below);
        emit(emitter, OP_REFUSE, effect, REASON_BELOW_SMALLEST, 0, 0);
        if (no_consent.used) {
            emit_jump(emitter, &node->next[0]->label);
        } else {
            go_on(campaign, emitter, node, node->next[0]);
        }
    }
    if (no_consent.used) {
        refuse_consent(emitter, &no_consent, effect);
        go_on(campaign, emitter, node, node->next[0]);
    }
}

/* Whether a text has an amount in it: digits before or behind a currency. */
static bool has_amount(const struct names *names, struct text body)
{
    for (uint32_t i = 0; i < names->currency_count; i++) {
        for (uint32_t at = 0; at + 4 < body.size; at++) {
            bool digit = body.at[at] >= '0' && body.at[at] <= '9';
            if (digit && body.at[at + 1] == ' ' && text_equal(text_slice(body, at + 2, 3), names->currencies[i]))
                return true;
        }
    }
    static const char *const symbols[] = {"€", "£", "$"};
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        struct text symbol = text_of(symbols[i]);
        for (uint32_t at = 0; at + symbol.size < body.size; at++) {
            if (!text_equal(text_slice(body, at, symbol.size), symbol)) continue;
            char next = body.at[at + symbol.size];
            char before = at > 0 ? body.at[at - 1] : ' ';
            if ((next >= '0' && next <= '9') || (before >= '0' && before <= '9')) return true;
        }
    }
    return false;
}

/* Warns of a message right after a granted credit whose amount was typed by hand. */
static void warn_amounts(struct campaign *campaign, const struct node *credit)
{
    struct names *names = campaign->names;
    const struct node *node = credit->resume[0];
    for (uint32_t i = 0; i < campaign->flow.count && node != NULL; i++) {
        if (node->kind == NODE_SEND) {
            const struct message_info *message = names_message(names, node->statement->name.text);
            for (const struct line *line = message != NULL ? message->declaration->lines.first : NULL; line != NULL;
                 line = line->next) {
                if (line->kind != LINE_CONTENT || !has_amount(names, line->as.content.text.text)) continue;
                struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_AMOUNT_TYPED, node->span, message->name);
                diagnostic_add_note(names->diagnostics, diagnostic, line->span, TEXT("the amount is here"));
                return;
            }
        }
        node = node->next_count > 0 ? node->next[0] : NULL;
    }
}

/* Warns of messages that go out although the credit before them was declined and nothing says otherwise. */
static void warn_after_credit(struct campaign *campaign, struct node *credit)
{
    struct flow *flow = &campaign->flow;
    if (credit->statement->otherwise != NULL) return;
    for (uint32_t i = 0; i < flow->count; i++) flow->nodes[i]->mark = 0;
    struct node **stack = flow_stack(flow);
    if (stack == NULL) return;
    uint32_t count = 0;
    stack[count++] = credit->resume[1];
    while (count > 0) {
        struct node *node = stack[--count];
        if (node->kind == NODE_SEND) {
            struct diagnostic *diagnostic = REPORT(campaign->names, DIAGNOSTIC_MESSAGE_AFTER_DECLINED, node->span,
                                                   node->statement->name.text, credit->statement->name.text);
            diagnostic_add_note(campaign->names->diagnostics, diagnostic, credit->span,
                                TEXT("this credit goes on when it is declined"));
            return;
        }
        for (uint32_t i = 0; i < node->next_count; i++) {
            if (node->next[i]->mark == 0) stack[count++] = node->next[i];
            node->next[i]->mark = 1;
        }
    }
}

/* ------------------------------------------------------------------ waits */

static bool wait_duration(struct names *names, const struct value *value, struct bundle_state *state)
{
    if (value == NULL || value->kind != VALUE_DURATION) return false;
    if (value->duration.months == 0 && value->duration.days == 0 && value->duration.ms == 0) {
        names_report(names, DIAGNOSTIC_DURATION_ZERO, value->span, NULL, 0);
        return false;
    }
    state->deadline =
        names_duration(&value->duration, &state->duration) == WINDOW_EXACT ? DEADLINE_DURATION : DEADLINE_CALENDAR;
    return true;
}

/* A clock time that a change of clocks skips or repeats somewhere in the coming years. */
static void warn_clock(struct campaign *campaign, const struct value *clock)
{
    int64_t first = civil_date_of(2026, 1, 1);
    for (int64_t day = first; day < first + 366; day++) {
        enum zone_local kind = zone_local_kind(campaign->zone, day * CIVIL_DAY_MS + clock->amount);
        if (kind == ZONE_LOCAL_ONCE) continue;
        char date[CIVIL_DATE_SIZE];
        civil_format_date(date, day);
        REPORT(campaign->names, kind == ZONE_LOCAL_SKIPPED ? DIAGNOSTIC_CLOCK_SKIPPED : DIAGNOSTIC_CLOCK_TWICE,
               clock->span, names_words(campaign->names, clock->span), text_of(zone_name(campaign->zone)),
               text_of(date));
        return;
    }
}

static void emit_wait(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct names *names = campaign->names;
    const struct statement *statement = node->statement;
    struct bundle_state state = {.kind = STATE_WAIT};
    uint32_t cases = 0;
    switch (statement->kind) {
    case STATEMENT_WAIT: (void)wait_duration(names, statement->as.wait.duration, &state); break;
    case STATEMENT_WAIT_UNTIL:
        state.deadline = DEADLINE_CLOCK;
        state.place = statement->as.wait_until.in_player_zone ? PLACE_PLAYER : PLACE_CAMPAIGN;
        state.weekday = (uint32_t)(statement->as.wait_until.weekday_index + 1);
        if (statement->as.wait_until.clock != NULL && statement->as.wait_until.clock->kind == VALUE_CLOCK) {
            state.clock_ms = (uint32_t)statement->as.wait_until.clock->amount;
            if (state.place == PLACE_CAMPAIGN) warn_clock(campaign, statement->as.wait_until.clock);
        }
        break;
    default:
        (void)wait_duration(names, statement->as.wait_up_to.duration, &state);
        state.since_entry = statement->as.wait_up_to.since_entry;
        cases = node->resume_count - 1;
        break;
    }
    if (cases > LIMIT_CASES_PER_WAIT) cases = LIMIT_CASES_PER_WAIT; /* reported */
    state.case_count = cases;
    uint32_t number = emit_state(campaign, emitter, node, state);
    emit(emitter, OP_WAIT, number, 0, 0, 0);
    campaign_patch(campaign, SECTION_STATE, campaign->state_first + number, offsetof(struct bundle_state, timeout),
                   node->resume[node->resume_count - 1]);
    uint32_t case_first = builder_count(emitter->builder, SECTION_CASE);
    for (uint32_t i = 0; i < cases; i++) {
        struct node *entry = node->resume[i];
        struct bundle_wait_case record = {
            .about = PROGRAM_NONE, .filter = PROGRAM_NONE, .line = names_line(names, entry->span)};
        if (entry->event != NULL) {
            record.event = entry->event->index;
            record.about = campaign_about(campaign, entry->match, entry->event, true);
        }
        builder_add_wait_case(emitter->builder, &record);
        campaign_patch(campaign, SECTION_CASE, case_first + i, offsetof(struct bundle_wait_case, target), entry);
    }
    for (uint32_t i = 0; i < cases; i++) {
        struct node *entry = node->resume[i];
        if (entry->event == NULL) continue;
        uint32_t filter =
            condition_event_filter(emitter, entry->event, entry->match->where, campaign_money(campaign, entry));
        struct bundle_wait_case *record = builder_at(emitter->builder, SECTION_CASE, case_first + i);
        if (record != NULL) record->filter = filter;
    }
}

/* ------------------------------------------------------------------ the other nodes */

static void emit_split(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct split_info *split = campaign_split(campaign, node->statement->name.text);
    if (split == NULL) return;
    uint32_t arm = emit_register(emitter);
    emit(emitter, OP_SPLIT, arm, 0, 0, split->index);
    for (uint32_t i = 0; i < node->next_count; i++) {
        pass_facts(&emitter->facts, node->next[i]);
        if (i + 1 == node->next_count) {
            go_on(campaign, emitter, node, node->next[i]);
            continue;
        }
        emit_skip(emitter, OP_IF_NE_CONST, arm, 0, &node->next[i]->label, i);
    }
}

static void emit_remember(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct names *names = campaign->names;
    struct variable *variable = campaign_remembered(campaign, node->statement->name.text);
    if (variable == NULL || node->statement->as.remember.value == NULL) return;
    uint32_t slot = (uint32_t)(variable - campaign->variables);
    struct reading reading = read_remembered(emitter, node->statement, variable->typed ? &variable->type : NULL);
    if (!reading_is_broken(&reading) && variable->typed) {
        if (!names_same_type(reading.type, variable->type) || reading.type.kind == TYPE_SET) {
            REPORT(names, DIAGNOSTIC_REMEMBER_TYPES, node->span, variable->name,
                   names_type_words(names, variable->type), names_type_words(names, reading.type));
        } else {
            emit(emitter, reading.type.kind == TYPE_TEXT ? OP_STORE_TEXT : OP_STORE, slot, reading.slot, 0, 0);
        }
    }
    pass_facts(&emitter->facts, node->next[0]);
    go_on(campaign, emitter, node, node->next[0]);
}

/* One case of `choose` as an interval of the subject's raw numbers; false where it is not a constant. */
static bool case_interval(struct emitter *emitter, const struct condition *condition, const struct reading *subject,
                          const struct value *value, struct range *out)
{
    struct reading first;
    struct reading second;
    if (!value_is_literal(value) || !value_constant(emitter, value, subject->type, TEXT("this"), &first)) return false;
    struct range low = {-(int128)INT64_MAX, (int128)first.number};
    struct range high = {(int128)first.number, (int128)INT64_MAX};
    switch (condition->comparison) {
    case COMPARISON_IS:
    case COMPARISON_ONE_OF: *out = range_point(first.number); return true;
    case COMPARISON_AT_LEAST: *out = high; return true;
    case COMPARISON_MORE_THAN: *out = (struct range){high.low + 1, high.high}; return true;
    case COMPARISON_AT_MOST: *out = low; return true;
    case COMPARISON_LESS_THAN: *out = (struct range){low.low, low.high - 1}; return true;
    case COMPARISON_BETWEEN:
        if (value->next == NULL || !value_constant(emitter, value->next, subject->type, TEXT("this"), &second) ||
            second.number < first.number)
            return false;
        *out = range_of(first.number, second.number);
        return true;
    default: return false;
    }
}

/* Warns of a `choose` without `otherwise` whose cases leave values open. */
static void warn_open_choice(struct campaign *campaign, const struct emitter *emitter, const struct node *node)
{
    struct names *names = campaign->names;
    struct emitter dry = *emitter;
    struct range intervals[64];
    uint32_t count = 0;
    dry.dry = true;
    names->muted++;
    struct reading subject = value_read(&dry, node->subject, NULL);
    bool judged =
        !reading_is_broken(&subject) && subject.type.kind != TYPE_TEXT && subject.num == 1 && subject.den == 1;
    bool open_negation = false;
    bool wrong = false;
    for (const struct choice *choice = node->statement->as.choose.cases.first; choice != NULL && judged;
         choice = choice->next) {
        if (choice->kind != CHOICE_VALUE || choice->condition == NULL) continue;
        open_negation = open_negation || choice->condition->negated;
        for (const struct value *value = choice->condition->values.first; value != NULL && count < 64;
             value = value->next) {
            if (choice->condition->negated) break;
            if (!case_interval(&dry, choice->condition, &subject, value, &intervals[count])) {
                wrong = true; /* a mistake that is reported where it stands, or a value that only the run knows */
                break;
            }
            count++;
            if (choice->condition->comparison == COMPARISON_BETWEEN) break;
        }
    }
    names->muted--;
    if (reading_is_broken(&subject) || open_negation || wrong || count == 64) return;
    if ((uint32_t)subject.type.kind == TYPE_ARM) {
        /* An arm whose players never come here need not be named. */
        struct flow *flow = &campaign->flow;
        for (uint32_t i = 0; i < flow->order_count; i++) {
            const struct node *split = flow->order[i];
            if (split->kind != NODE_SPLIT ||
                campaign_split(campaign, split->statement->name.text) != &campaign->splits[subject.type.of])
                continue;
            for (uint32_t arm = 0; arm < split->next_count && count < 64; arm++) {
                if (split->next[arm] != node && !flow_reaches(flow, split->next[arm], node, true))
                    intervals[count++] = range_point(arm);
            }
        }
    }
    int128 next = judged ? subject.range.low : 0;
    for (bool moved = judged; moved;) {
        moved = false;
        for (uint32_t i = 0; i < count; i++) {
            if (intervals[i].low > next || intervals[i].high < next) continue;
            next = intervals[i].high + 1;
            moved = true;
        }
    }
    if (judged && next > subject.range.high) return;
    struct text which = TEXT("");
    if (subject.type.kind == TYPE_ENUM)
        which = arena_print(names->arena, "for instance `%.*s`, ",
                            TEXT_ARGS(names->enumerations[subject.type.of].words[next]));
    if ((uint32_t)subject.type.kind == TYPE_ARM)
        which = arena_print(names->arena, "for instance \"%.*s\", ",
                            TEXT_ARGS(campaign->splits[subject.type.of].arms[next]));
    REPORT(names, DIAGNOSTIC_CHOOSE_OPEN, node->span, names_words(names, node->subject->span), which);
}

static void emit_known(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct names *names = campaign->names;
    const struct value *subject = node->subject;
    if (subject != NULL && (subject->kind == VALUE_TEXT || subject->kind == VALUE_NUMBER || subject->kind == VALUE_PERCENT ||
                            subject->kind == VALUE_MONEY || subject->kind == VALUE_YES_NO || subject->kind == VALUE_DATE ||
                            subject->kind == VALUE_CLOCK || subject->kind == VALUE_DURATION)) {
        struct text words = names_words(names, subject->span);
        bool is_split = subject->kind == VALUE_TEXT && campaign_split(campaign, subject->name.text) != NULL;
        REPORT(names, DIAGNOSTIC_CHOOSE_CONSTANT, subject->span, words,
               is_split ? arena_print(names->arena, "write `choose by arm of %.*s`", TEXT_ARGS(words))
                        : TEXT("name a value that differs, such as `choose by player.level`"));
        campaign->flow.failed = true;
        return;
    }
    if (subject != NULL && (subject->kind == VALUE_PATH || subject->kind == VALUE_WORD)) {
        names->muted++;
        struct reading reading = value_slot(emitter, subject);
        names->muted--;
        if (!reading_is_broken(&reading) && reading.optional) {
            if (node->next_count < 2) {
                REPORT(names, DIAGNOSTIC_CHOOSE_NEEDS_OTHERWISE, node->span, names_words(names, subject->span));
                facts_add(&emitter->facts, reading.bank, reading.slot);
            } else {
                struct facts before = emitter->facts;
                enum opcode op = reading.bank == BANK_EVENT    ? OP_IF_KNOWN_EVENT
                                 : reading.bank == BANK_PLAYER ? OP_IF_KNOWN_PLAYER
                                                               : OP_IF_KNOWN_JOURNEY;
                struct text words =
                    arena_print(names->arena, "%.*s is known", TEXT_ARGS(names_words(names, subject->span)));
                emit_skip(emitter, op, reading.slot, emit_site(emitter, subject->span, words, &reading),
                          &node->next[1]->label, 0);
                pass_facts(&before, node->next[1]);
                facts_add(&emitter->facts, reading.bank, reading.slot);
            }
        }
    }
    if (node->next_count < 2 && subject != NULL) warn_open_choice(campaign, emitter, node);
    pass_facts(&emitter->facts, node->next[0]);
    go_on(campaign, emitter, node, node->next[0]);
}

static void emit_captures(struct campaign *campaign, struct emitter *emitter, const struct node *node)
{
    const struct flow *flow = &campaign->flow;
    for (uint32_t i = 0; i < flow->read_count; i++) {
        const struct read *read = &flow->reads[i];
        if (read->event != node->event || (node->live_after >> i & 1) == 0) continue;
        if (read->optional && (node->proven >> i & 1) != 0) {
            /* The filter has checked it; the code says so again, for the verifier proves each entry by itself. */
            emit_skip(emitter, OP_IF_KNOWN_EVENT, read->slot, 0, &campaign->impossible, 0);
            facts_add(&emitter->facts, BANK_EVENT, read->slot);
        }
        if (!read->captured) continue;
        emit(emitter, OP_CAPTURE, read->variable, read->slot, 0, 0);
    }
}

static void emit_node(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct names *names = campaign->names;
    node->pc = emit_pc(emitter);
    emit_bind(emitter, &node->label);
    emitter->node = node;
    emitter->use = NULL;
    emitter->event = node->bank;
    emitter->known = node->known;
    emitter->facts = node->is_entry || !node->facts_set ? (struct facts){0} : node->facts;
    emitter->next_register = 0;
    emitter->sight = SIGHT_JOURNEY;
    switch (node->kind) {
    case NODE_STEP: emit(emitter, OP_STEP, node->step, 0, 0, 0); break;
    case NODE_EVENT: emit_captures(campaign, emitter, node); break;
    case NODE_PLAIN: break;
    case NODE_TAG: {
        uint32_t tag = names_need_tag(names, &node->statement->name);
        struct bundle_effect record = {.object = tag, .channel = PROGRAM_NONE, .gate = PROGRAM_NONE};
        uint32_t effect = tag == PROGRAM_NONE ? 0 : emit_effect(campaign, emitter, node, record, NULL, 0);
        emit(emitter, node->statement->kind == STATEMENT_TAG ? OP_TAG : OP_UNTAG, effect, 0, 0, 0);
        break;
    }
    case NODE_SEND:
        emitter->use = node->statement;
        emit_send(campaign, emitter, node);
        pass_facts(&emitter->facts, node->next[0]);
        pass_facts(&emitter->facts, node->next[1]);
        return;
    case NODE_DO:
        emit_do(campaign, emitter, node);
        pass_facts(&emitter->facts, node->next[0]);
        pass_facts(&emitter->facts, node->next[1]);
        return;
    case NODE_CREDIT:
        emitter->use = node->statement;
        emit_credit(campaign, emitter, node);
        warn_after_credit(campaign, node);
        warn_amounts(campaign, node);
        return;
    case NODE_REMEMBER: emit_remember(campaign, emitter, node); return;
    case NODE_COUNT: {
        uint32_t counter = campaign_counter(campaign, node->statement);
        int64_t most = node->statement->kind == STATEMENT_REPEAT ? node->statement->as.repeat.at_most
                                                                 : node->statement->as.go_to.at_most;
        bool leaves =
            node->statement->kind == STATEMENT_GO_TO && most == 0; /* a `leave on … go to` moves a journey once */
        if (leaves) most = 1;
        struct text words =
            leaves ? TEXT("once in a journey") : arena_print(names->arena, "at most %lld times", (long long)most);
        uint32_t site = emit_site(emitter, node->span, words, NULL);
        emit_skip(emitter, OP_COUNT, counter, site, &node->next[1]->label, most);
        pass_facts(&emitter->facts, node->next[0]);
        pass_facts(&emitter->facts, node->next[1]);
        go_on(campaign, emitter, node, node->next[0]);
        return;
    }
    case NODE_IF:
    case NODE_CASE: {
        struct facts before = emitter->facts;
        if (node->kind == NODE_IF) {
            if (node->condition != NULL) condition_emit(emitter, node->condition, &node->next[1]->label);
        } else if (node->condition != NULL && node->subject != NULL) {
            condition_case(emitter, node->condition, node->span, node->subject, &node->next[1]->label);
        }
        pass_facts(&before, node->next[1]);
        pass_facts(&emitter->facts, node->next[0]);
        go_on(campaign, emitter, node, node->next[0]);
        return;
    }
    case NODE_KNOWN: emit_known(campaign, emitter, node); return;
    case NODE_SPLIT: emit_split(campaign, emitter, node); return;
    case NODE_WAIT: emit_wait(campaign, emitter, node); return;
    case NODE_FINISH:
        names_judge_length(names, &node->statement->name);
        emit(emitter, OP_FINISH, 0, 0, 0, builder_text(emitter->builder, node->statement->name.text));
        return;
    case NODE_END:
    case NODE_BROKEN: emit(emitter, OP_FINISH, 0, 0, 0, builder_text(emitter->builder, TEXT(""))); return;
    }
    if (node->next_count > 0) {
        pass_facts(&emitter->facts, node->next[0]);
        go_on(campaign, emitter, node, node->next[0]);
    }
}

void journey_emit(struct campaign *campaign, struct emitter *emitter)
{
    struct flow *flow = &campaign->flow;
    for (uint32_t i = 0; i < campaign->effect_count; i++) {
        struct bundle_effect reserved = {.kind = ACT_TAG};
        builder_add_effect(emitter->builder, &reserved);
    }
    for (uint32_t i = 0; i < flow->order_count; i++) emit_node(campaign, emitter, flow->order[i]);
    if (campaign->impossible.used) {
        emit_bind(emitter, &campaign->impossible);
        emit(emitter, OP_FINISH, 0, 0, 0, builder_text(emitter->builder, TEXT("TRAP")));
    }
    for (const struct patch *patch = campaign->patches; patch != NULL; patch = patch->next) {
        char *record = builder_at(emitter->builder, patch->section, patch->index);
        const uint32_t pc = emit_entry(emitter, patch->node->pc);
        if (record != NULL) memcpy(record + patch->offset, &pc, sizeof pc);
    }
}
