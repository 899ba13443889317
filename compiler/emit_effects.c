/*
 * Messages, actions and credits as instructions: their values into registers, their EFFECT record with its identity, the
 * gate they pass, what happens otherwise; and the warnings about what is said of a credit.
 *
 * A credit ends the activation with a request; its two answers are entries of a CREDIT state. Next: emit_journey.c.
 */
#include "compiler/check_money.h"
#include "compiler/check_play.h"
#include "compiler/emit_journey.h"
#include "compiler/shown.h"

#include <stddef.h>

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

uint32_t emit_effect(struct campaign *campaign, struct emitter *emitter, const struct node *node,
                     struct bundle_effect record, const struct bundle_value *values, uint32_t count)
{
    if (node->effect == 0) return 0;
    struct effect_info *effect = &campaign->effects[node->effect - 1];
    uint32_t number = (uint32_t)(effect - campaign->effects);
    if (effect->record != PROGRAM_NONE) return number;
    if (values == NULL) count = 0; /* out of memory */
    record.kind = effect->act;
    record.step = campaign->step_first + effect->step;
    record.action = builder_text(emitter->builder, effect->action);
    record.name = builder_text(emitter->builder, effect->name);
    record.label = effect->label.size > 0 ? builder_text(emitter->builder, effect->label) : PROGRAM_NONE;
    record.counter = effect->counter;
    record.value_first = builder_count(emitter->builder, SECTION_VALUE);
    record.value_count = count;
    record.line = names_line(campaign->names, node->span);
    record.rates = emitter->rates;
    for (uint32_t i = 0; i < count && values != NULL; i++) builder_add_value(emitter->builder, &values[i]);
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

/* Whether a hole shows an event's money in the currency that it came in. */
static bool shows_open(const struct campaign *campaign, const struct hole *hole)
{
    const struct event_info *event = names_event(campaign->names, hole->owner);
    return event != NULL && flow_shows_open(&campaign->flow, event, names_field(event, hole->name));
}

void emit_send(struct campaign *campaign, struct emitter *emitter, struct node *node)
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
        emit_go_on(campaign, emitter, node, node->next[0]);
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
    uint32_t shown = count; /* money in the currency that it came in takes two values */
    for (uint32_t i = 0; i < count; i++)
        shown += shown_is(&holes[i]) ? shown_values(campaign, &holes[i]) - 1 : shows_open(campaign, &holes[i]);
    if (shown > EFFECT_VALUES_MAX) {
        REPORT(names, DIAGNOSTIC_TOO_MANY, message->declaration->span, names_number(names, shown),
               TEXT("values in one message"), names_number(names, EFFECT_VALUES_MAX));
        campaign->flow.failed = true;
        return;
    }
    emitter->rates = 0;
    uint32_t base = emitter->next_register;
    emitter->next_register += shown;
    if (emitter->next_register > emitter->register_high) emitter->register_high = emitter->next_register;
    struct bundle_value *values = ARENA_ARRAY(names->arena, struct bundle_value, shown + 1);
    uint32_t next = 0;
    for (uint32_t i = 0; i < count && values != NULL; i++) {
        struct value path = {.kind = VALUE_PATH,
                             .span = holes[i].span,
                             .owner = {holes[i].owner, holes[i].span, 0},
                             .name = {holes[i].name, holes[i].span, 0}};
        struct reading reading, currency;
        bool open = shows_open(campaign, &holes[i]);
        if (shown_is(&holes[i])) {
            open = shown_values(campaign, &holes[i]) == 2;
            if (!shown_read(campaign, emitter, node, &holes[i], base + next, &reading, &currency)) continue;
        } else if (open) {
            if (!money_read(emitter, &path, PROGRAM_NONE, &reading, &currency)) continue;
        } else {
            reading = value_slot(emitter, &path);
            if (!value_need_known(emitter, &reading)) continue;
        }
        if (reading.type.kind == TYPE_SET || reading.type.kind == TYPE_CALENDAR) {
            REPORT(names, DIAGNOSTIC_HOLE_TYPE, holes[i].span, names_words(names, holes[i].span),
                   names_type_words(names, reading.type));
            continue;
        }
        values[next] =
            value_record(emitter,
                         holes[i].name.size == 0 ? holes[i].owner
                                                 : arena_print(names->arena, "%.*s.%.*s", TEXT_ARGS(holes[i].owner),
                                                               TEXT_ARGS(holes[i].name)),
                         reading.type);
        if (reading.bank != BANK_REGISTER) value_into(emitter, &reading, ROUNDING_DOWN, base + next);
        next++;
        if (!open) continue;
        values[next] = value_record(emitter, TEXT(""), currency.type);
        value_into(emitter, &currency, ROUNDING_DOWN, base + next++);
    }
    struct bundle_effect record = {.object = message->index,
                                   .channel = channel,
                                   .gate = gate_of(campaign, emitter, CLASS_MESSAGE, message->class, channel, product)};
    uint32_t effect = emit_effect(campaign, emitter, node, record, values, shown);
    emit_skip(emitter, OP_SEND, effect, base, &node->next[1]->label, 0);
    emit_pass_facts(&emitter->facts, node->next[1]);
    emit_go_on(campaign, emitter, node, node->next[0]);
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

void emit_do(struct campaign *campaign, struct emitter *emitter, struct node *node)
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
        emit_go_on(campaign, emitter, node, node->next[0]);
        return;
    }
    if (action->class == CLASS_REWARD) {
        REPORT(names, DIAGNOSTIC_DO_REWARD, statement->span, action->name);
        emit_go_on(campaign, emitter, node, node->next[0]);
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
    const struct text shown = campaign_shows(statement);
    const struct argument *first = statement->as.action.arguments.first;
    if (shown.size > 0 && first != NULL) {
        const struct campaign_offer *offer = campaign_offer(campaign, shown);
        struct text *list = ARENA_ARRAY(names->arena, struct text, campaign->offer_count + 1);
        for (uint32_t i = 0; list != NULL && i < campaign->offer_count; i++)
            list[i] = campaign->offers[i].declaration->name.text;
        struct name name = {shown, first->value->span, 0};
        if (offer == NULL) names_unknown(names, DIAGNOSTIC_UNKNOWN_OFFER, &name, list, campaign->offer_count);
    }
    struct label no_consent = {0};
    ask_consent(emitter, action, statement->span, &no_consent);
    emitter->rates = 0;
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
    /* An offer is shown where the player is: marketing, but outside consent, pressure and quiet hours. */
    uint32_t channel = PROGRAM_NONE;
    if (shown.size > 0) channel = names_index(names->channels, names->channel_count, TEXT("chat"));
    if (shown.size > 0 && channel == PROGRAM_NONE)
        channel = names_index(names->channels, names->channel_count, TEXT("inbox"));
    const uint32_t message_class =
        action->class == CLASS_MESSAGE && channel == PROGRAM_NONE ? MESSAGE_CLASS_SERVICE : MESSAGE_CLASS_MARKETING;
    if (action->class != CLASS_MESSAGE) channel = PROGRAM_NONE;
    struct bundle_effect record = {
        .object = action->index,
        .channel = PROGRAM_NONE,
        .gate = gate_of(campaign, emitter, action->class, message_class, channel, campaign->product)};
    uint32_t effect = emit_effect(campaign, emitter, node, record, values, action->parameter_count);
    emit_skip(emitter, OP_DO, effect, base, &node->next[1]->label, 0);
    emit_pass_facts(&emitter->facts, node->next[1]);
    if (!no_consent.used) {
        emit_go_on(campaign, emitter, node, node->next[0]);
        return;
    }
    emit_jump(emitter, &node->next[0]->label);
    refuse_consent(emitter, &no_consent, effect);
    emit_go_on(campaign, emitter, node, node->next[1]);
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

/* What the reward costs in the currency that is paid: the action's formula over what is paid. */
static bool emit_paid(struct emitter *emitter, const struct action_info *action, const struct reading *paid,
                      uint32_t target)
{
    struct reading cost;
    emitter->sight = SIGHT_ACTION;
    emitter->action = action;
    emitter->parameters = paid;
    bool fine = value_argument(emitter, action->costs, (struct type){TYPE_MONEY, PROGRAM_NONE, 0}, TEXT("costs"),
                               target, NULL, &cost);
    emitter->sight = SIGHT_JOURNEY;
    return fine;
}

/* `deposit at least 20 EUR`: a smaller one goes to `below`, as `nothing below` does. */
static bool ask_deposit(struct campaign *campaign, struct emitter *emitter, const struct campaign_offer *offer,
                        struct label *below)
{
    const struct line *least = campaign_terms_line(campaign, offer->declaration, LINE_DEPOSIT);
    if (least == NULL || least->as.value == NULL) return true;
    struct span span = least->span;
    struct value path = {
        .kind = VALUE_PATH, .span = span, .owner = {TEXT("deposit"), span, 0}, .name = {TEXT("amount"), span, 0}};
    struct clause clause = {.kind = CLAUSE_NOTHING_BELOW, .span = span, .value = least->as.value};
    struct value formula = {.kind = VALUE_FORMULA, .span = span, .left = &path, .clauses = &clause};
    struct reading deposit;
    return value_argument(emitter, &formula, (struct type){TYPE_MONEY, campaign->currency, 0}, TEXT("deposit"),
                          emit_register(emitter), below, &deposit);
}

void emit_credit(struct campaign *campaign, struct emitter *emitter, struct node *node)
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
    struct money_offer paid;
    if (!money_offer_begin(emitter, offer, &paid)) {
        offer->broken = true;
        return;
    }
    uint32_t count = action->parameter_count + 1 + with_deposit + (paid.open ? 2 : 0);
    const struct event_info *source = play_source(campaign, offer->declaration);
    uint32_t total = count + (source != NULL); /* The id of what it is revoked with comes last. */
    if (total > EFFECT_VALUES_MAX) {
        REPORT(names, DIAGNOSTIC_TOO_MANY, offer->declaration->span, names_number(names, total),
               TEXT("values in one reward"), names_number(names, EFFECT_VALUES_MAX));
        offer->broken = true;
        return;
    }
    emitter->rates = 0;
    uint32_t base = emitter->next_register;
    emitter->next_register += total;
    if (emitter->next_register > emitter->register_high) emitter->register_high = emitter->next_register;
    struct reading *readings = paid.own;
    struct bundle_value *values = ARENA_ARRAY(names->arena, struct bundle_value, total + 1);
    struct label below = {0};
    bool fine = values != NULL && ask_deposit(campaign, emitter, offer, &below);
    if (paid.open) money_offer_pick(emitter, offer, &paid, base, base + count - 1);
    for (uint32_t i = 0; fine && i < action->parameter_count; i++) {
        const struct member *parameter = &action->parameters[i];
        struct type type = parameter->type;
        bool open = paid.open && type.kind == TYPE_MONEY;
        if (type.kind == TYPE_MONEY) type.of = open ? PROGRAM_NONE : campaign->currency;
        values[i] = value_record(emitter, parameter->name.text, type);
        if (open && paid.has_lists) continue;
        const struct line *line = campaign_parameter(offer, parameter->name.text);
        if (line == NULL) {
            fine = false;
            break;
        }
        uint32_t errors = names->diagnostics->error_count;
        uint32_t target = open ? emit_register(emitter) : base + i;
        if (open) type.of = campaign->currency;
        fine =
            value_argument(emitter, line->as.parameter.value, type, parameter->name.text, target, &below, &readings[i]);
        if (!fine && names->diagnostics->error_count > errors && offer->shared) offer->broken = true;
        readings[i].bank = BANK_REGISTER;
        readings[i].slot = target;
        readings[i].num = readings[i].den = 1;
        paid.paid[i] = readings[i];
        if (fine && open)
            fine = money_offer_convert(emitter, &paid, &readings[i], base + count - 1, base + i, &paid.paid[i]);
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
                REPORT(names, DIAGNOSTIC_NEGATIVE_REWARD, amount != NULL ? amount->span : offer->declaration->span,
                       statement->name.text, names_money(names, range_low64(cost.range), campaign->currency));
            diagnostic_add_note(names->diagnostics, diagnostic, statement->span, TEXT("it is credited here"));
            offer->broken = true;
            return;
        }
        if (paid.open && !emit_paid(emitter, action, paid.paid, base + count - 2)) return;
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
        uint32_t target = paid.open ? emit_register(emitter) : base + last;
        if (!value_argument(emitter, &path, money, TEXT("wagering"), target, NULL, &deposit)) return;
        deposit.bank = BANK_REGISTER;
        deposit.slot = target;
        if (paid.open) {
            values[last].of = PROGRAM_NONE;
            if (!money_offer_convert(emitter, &paid, &deposit, base + count - 1, base + last, &deposit)) return;
        }
    }
    if (paid.open) {
        values[count - 2] = value_record(emitter, TEXT("paid"), (struct type){TYPE_MONEY, PROGRAM_NONE, 0});
        values[count - 1] = value_record(emitter, TEXT("currency"), (struct type){TYPE_CURRENCY, PROGRAM_NONE, 0});
        if (action->costs == NULL) emit(emitter, OP_LOAD_CONST, base + count - 2, 0, 0, 0);
    }
    shown_store(campaign, emitter, node,
                &(struct shown_registers){.offer = offer,
                                          .base = base,
                                          .paid = paid.open ? base + count - 2 : base + action->parameter_count,
                                          .deposit = with_deposit ? base + action->parameter_count + 1 : PROGRAM_NONE,
                                          .currency = paid.open ? base + count - 1 : PROGRAM_NONE});
    if (source != NULL) {
        struct span span = statement->span;
        struct type text = {TYPE_TEXT, PROGRAM_NONE, LIMIT_ID_BYTES};
        struct value path = {
            .kind = VALUE_PATH, .span = span, .owner = {source->name, span, 0}, .name = {TEXT("id"), span, 0}};
        values[count] = value_record(emitter, arena_print(names->arena, "%.*s_id", TEXT_ARGS(source->name)), text);
        struct reading id;
        if (!value_argument(emitter, &path, text, TEXT("revoke on"), base + count, NULL, &id)) return;
    }
    struct bundle_effect record = {.object = offer->index,
                                   .channel = PROGRAM_NONE,
                                   .gate =
                                       gate_of(campaign, emitter, CLASS_REWARD, 0, PROGRAM_NONE, campaign->product)};
    uint32_t effect = emit_effect(campaign, emitter, node, record, values, total);
    uint32_t state =
        emit_state(campaign, emitter, node,
                   (struct bundle_state){.kind = STATE_CREDIT, .deadline = DEADLINE_NONE, .holidays = PROGRAM_NONE});
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
            emit_go_on(campaign, emitter, node, node->next[0]);
        }
    }
    if (no_consent.used) {
        refuse_consent(emitter, &no_consent, effect);
        emit_go_on(campaign, emitter, node, node->next[0]);
    }
}

/* Warns of messages that go out although the credit before them was declined and nothing says otherwise. */
void emit_warn_after_credit(struct campaign *campaign, struct node *credit)
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
            if (shown_in_send(campaign, node)) return; /* an error there: it cannot be filled */
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
