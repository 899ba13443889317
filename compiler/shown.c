/* What messages show of credits and codes. See shown.h. */
#include "compiler/shown.h"

#include "compiler/check_money.h"
#include "vm/civil.h"
#include "vm/decimal.h"

enum { CARD_CODE_BYTES = 19 };

bool shown_is(const struct hole *hole)
{
    return text_equal(hole->owner, TEXT("offer")) || text_equal(hole->owner, TEXT("code"));
}

static struct shown *find(const struct campaign *campaign, const struct hole *hole)
{
    for (uint32_t i = 0; i < campaign->shown_count; i++) {
        struct shown *shown = &campaign->shown[i];
        if (text_equal(shown->owner, hole->owner) && text_equal(shown->name, hole->name)) return shown;
    }
    return NULL;
}

/* ------------------------------------------------------------------ what an offer has */

static bool is_open(const struct campaign_offer *offer)
{
    for (const struct line *line = offer->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_PAYS_IN) return true;
        if (line->kind == LINE_PARAMETER && line->as.parameter.value != NULL &&
            line->as.parameter.value->kind == VALUE_PRICE_LIST)
            return true;
    }
    return false;
}

static const struct member *parameter_of(const struct campaign_offer *offer, struct text name, uint32_t *index)
{
    for (uint32_t i = 0; i < offer->action->parameter_count; i++) {
        if (!text_equal(offer->action->parameters[i].name.text, name)) continue;
        *index = i;
        return &offer->action->parameters[i];
    }
    return NULL;
}

/* What is a text of an offer, and written in it: its name, by which its terms are found, or a parameter; empty where it has none. */
static struct text text_in(const struct campaign_offer *offer, struct text name)
{
    uint32_t index;
    if (text_equal(name, TEXT("terms")) || text_equal(name, TEXT("name"))) return offer->declaration->name.text;
    const struct member *parameter = parameter_of(offer, name, &index);
    const struct line *line =
        parameter != NULL && parameter->type.kind == TYPE_TEXT ? campaign_parameter(offer, name) : NULL;
    const struct value *value = line != NULL ? line->as.parameter.value : NULL;
    return value != NULL && value->kind == VALUE_TEXT ? value->name.text : TEXT("");
}

/* The code by which a gift card or coupon is used: the engine writes it into the journey when the credit is granted (runtime/engine/card.h). */
static bool is_card_code(const struct campaign_offer *offer, struct text name)
{
    return text_equal(name, TEXT("code")) &&
           (text_equal(offer->action->name, TEXT("gift_card")) || text_equal(offer->action->name, TEXT("coupon")));
}

/* The type in which the offer has what is shown; false: it has none, or only the engine knows it. */
static bool type_in(struct campaign *campaign, const struct campaign_offer *offer, struct text name, struct type *out)
{
    const struct line *wagering = campaign_terms_line(campaign, offer->declaration, LINE_WAGERING);
    const struct line *expires = campaign_terms_line(campaign, offer->declaration, LINE_EXPIRES);
    const bool is_short = campaign_terms_line(campaign, offer->declaration, LINE_SHORT) != NULL;
    uint32_t index;
    *out = (struct type){TYPE_MONEY, campaign->currency, 0};
    if (offer->action == NULL || offer->broken) return false;
    if (is_card_code(offer, name)) {
        *out = (struct type){TYPE_TEXT, PROGRAM_NONE, CARD_CODE_BYTES};
        return true;
    }
    if (text_in(offer, name).size > 0) {
        *out = (struct type){TYPE_TEXT, PROGRAM_NONE, text_in(offer, name).size};
        return true;
    }
    if (text_equal(name, TEXT("wagering"))) {
        out->kind = TYPE_DECIMAL;
        out->of = PROGRAM_NONE;
        return wagering != NULL;
    }
    if (text_equal(name, TEXT("expires"))) {
        out->kind = TYPE_MOMENT;
        out->of = PROGRAM_NONE;
        return expires != NULL && !expires->as.expires.after_activation && expires->as.expires.duration != NULL &&
               expires->as.expires.duration->kind == VALUE_DURATION;
    }
    if (text_equal(name, TEXT("target"))) {
        return wagering != NULL && !wagering->as.wagering.none && wagering->as.wagering.multiple != NULL &&
               wagering->as.wagering.multiple->kind == VALUE_MULTIPLE && !is_short;
    }
    const struct member *parameter = parameter_of(offer, name, &index);
    if (parameter == NULL || (is_short && parameter->type.kind == TYPE_MONEY)) return false;
    *out = parameter->type;
    if (out->kind == TYPE_MONEY) out->of = campaign->currency;
    return out->kind != TYPE_TEXT && out->kind != TYPE_SET && out->kind != TYPE_CALENDAR &&
           (uint32_t)out->kind < TYPE_COUNT;
}

static bool is_code_event(const struct node *node)
{
    static const struct text events[] = {TEXT_INIT("code_redeemed"), TEXT_INIT("code_given"),
                                         TEXT_INIT("publication_succeeded")};
    return node->kind == NODE_EVENT && node->event != NULL && names_index(events, 3, node->event->name) != PROGRAM_NONE;
}

/* ------------------------------------------------------------------ preparing */

static void prepare_offer(struct campaign *campaign, struct shown *shown)
{
    struct flow *flow = &campaign->flow;
    bool open = false, found = false;
    struct type type = {TYPE_BOOL, PROGRAM_NONE, 0}, its;
    for (uint32_t i = 0; i < flow->order_count; i++) {
        const struct node *node = flow->order[i];
        const struct campaign_offer *offer =
            node->kind == NODE_CREDIT ? campaign_offer(campaign, node->statement->name.text) : NULL;
        if (offer == NULL || !type_in(campaign, offer, shown->name, &its)) continue;
        if (found && (its.kind != type.kind || (its.kind == TYPE_ENUM && its.of != type.of))) {
            shown->differs = true;
            shown->first = type;
            shown->second = its;
            return;
        }
        if (!found || its.size > type.size) type = its;
        found = true;
        open = open || (its.kind == TYPE_MONEY && is_open(offer));
    }
    if (!found) return;
    if (open) type.of = PROGRAM_NONE;
    const bool is_code = text_equal(shown->name, TEXT("code"));
    if (type.kind == TYPE_TEXT && !is_code) { /* which offer it was: its text is looked up where it is shown */
        shown->is_text = true;
        type = (struct type){TYPE_WHOLE, PROGRAM_NONE, 0};
    }
    struct variable variable = {.use = VARIABLE_SHOWN,
                                .name = arena_print(campaign->names->arena, "offer.%.*s", TEXT_ARGS(shown->name)),
                                .type = type,
                                .range = names_type_range(type),
                                .typed = true};
    shown->variable = campaign_variable(campaign, variable);
    if (!open) return;
    const uint32_t count = campaign->names->currency_count;
    variable.name = arena_print(campaign->names->arena, "offer.%.*s's currency", TEXT_ARGS(shown->name));
    variable.type = (struct type){TYPE_CURRENCY, PROGRAM_NONE, 0};
    variable.range = range_of(0, count > 0 ? (int64_t)count - 1 : 0);
    shown->currency = campaign_variable(campaign, variable);
}

static void prepare_code(struct campaign *campaign, struct shown *shown)
{
    struct flow *flow = &campaign->flow;
    for (uint32_t i = 0; i < flow->order_count; i++) {
        const struct member *field =
            is_code_event(flow->order[i]) ? names_field(flow->order[i]->event, TEXT("code")) : NULL;
        if (field == NULL || field->type.kind != TYPE_TEXT || field->optional) continue;
        struct variable variable = {.use = VARIABLE_SHOWN,
                                    .name = TEXT("code"),
                                    .type = {TYPE_TEXT, PROGRAM_NONE, field->type.size},
                                    .range = range_of(0, 0),
                                    .typed = true};
        if (shown->variable == PROGRAM_NONE) shown->variable = campaign_variable(campaign, variable);
        struct variable *made = shown->variable != PROGRAM_NONE ? &campaign->variables[shown->variable] : NULL;
        if (made != NULL && made->type.size < field->type.size) made->type.size = field->type.size;
    }
}

/* The holes of a SEND in its channel; NULL: it names no message. */
static const struct hole *holes_of(struct campaign *campaign, const struct node *node, uint32_t *count)
{
    struct names *names = campaign->names;
    const struct message_info *message = names_message(names, node->statement->name.text);
    *count = 0;
    if (message == NULL) return NULL;
    const struct text channel = node->statement->as.send.channel.text;
    return schema_holes(names, message, names_index(names->channels, names->channel_count, channel), count);
}

bool shown_in_send(struct campaign *campaign, const struct node *node)
{
    uint32_t count;
    const struct hole *holes = holes_of(campaign, node, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (text_equal(holes[i].owner, TEXT("offer"))) return true;
    }
    return false;
}

void shown_prepare(struct campaign *campaign)
{
    struct flow *flow = &campaign->flow;
    struct names *names = campaign->names;
    for (uint32_t i = 0; i < flow->order_count; i++) {
        const struct node *node = flow->order[i];
        uint32_t count = 0;
        const struct hole *holes = node->kind == NODE_SEND ? holes_of(campaign, node, &count) : NULL;
        for (uint32_t j = 0; j < count; j++) {
            if (!shown_is(&holes[j]) || find(campaign, &holes[j]) != NULL ||
                campaign->shown_count == CAMPAIGN_SHOWN_MAX)
                continue;
            if (campaign->shown == NULL) campaign->shown = ARENA_ARRAY(names->arena, struct shown, CAMPAIGN_SHOWN_MAX);
            if (campaign->shown == NULL) return;
            struct shown *shown = &campaign->shown[campaign->shown_count++];
            *shown = (struct shown){
                .owner = holes[j].owner, .name = holes[j].name, .variable = PROGRAM_NONE, .currency = PROGRAM_NONE};
            if (shown->name.size > 0)
                prepare_offer(campaign, shown);
            else
                prepare_code(campaign, shown);
        }
    }
}

/* ------------------------------------------------------------------ what is known where */

static uint64_t bits_of(const struct shown *shown)
{
    uint64_t bits = shown->variable != PROGRAM_NONE ? UINT64_C(1) << shown->variable : 0;
    if (shown->currency != PROGRAM_NONE) bits |= UINT64_C(1) << shown->currency;
    return bits;
}

uint64_t shown_of_offers(const struct campaign *campaign)
{
    uint64_t bits = 0;
    for (uint32_t i = 0; i < campaign->shown_count; i++) {
        if (campaign->shown[i].name.size > 0) bits |= bits_of(&campaign->shown[i]);
    }
    return bits;
}

uint64_t shown_by_credit(const struct campaign *campaign, const struct node *node)
{
    uint64_t bits = 0;
    struct type type;
    if (campaign->shown_count == 0) return 0;
    struct campaign *own = campaign->flow.campaign;
    const struct campaign_offer *offer = campaign_offer(own, node->statement->name.text);
    for (uint32_t i = 0; i < campaign->shown_count && offer != NULL; i++) {
        const struct shown *shown = &campaign->shown[i];
        if (shown->name.size > 0 && type_in(own, offer, shown->name, &type)) bits |= bits_of(shown);
    }
    return bits;
}

uint64_t shown_by_event(const struct campaign *campaign, const struct node *node)
{
    if (campaign->shown_count == 0 || !is_code_event(node)) return 0;
    const struct member *field = names_field(node->event, TEXT("code"));
    if (field == NULL || field->type.kind != TYPE_TEXT || field->optional) return 0;
    for (uint32_t i = 0; i < campaign->shown_count; i++) {
        if (campaign->shown[i].name.size == 0) return bits_of(&campaign->shown[i]);
    }
    return 0;
}

/* ------------------------------------------------------------------ instructions */

/* A register of the target: the bonus, the deposit or both, so many times, rounded down as the engine does. */
static uint32_t emit_target(struct emitter *emitter, const struct line *wagering,
                            const struct shown_registers *registers)
{
    int64_t num = wagering->as.wagering.multiple->amount, den = DECIMAL_ONE;
    for (int64_t left = num, right = den; right != 0;) {
        const int64_t rest = left % right;
        left = right;
        right = rest;
        if (right == 0) num /= left, den /= left;
    }
    uint32_t index = 0, bonus = registers->paid;
    if (parameter_of(registers->offer, TEXT("amount"), &index) != NULL) bonus = registers->base + index;
    const bool of_deposit = wagering->as.wagering.of_deposit && registers->deposit != PROGRAM_NONE;
    const uint32_t result = emit_register(emitter);
    const int64_t most =
        INT64_MAX / 4 / (num > 0 ? num : 1); /* nothing above is money of any campaign; the proof needs a bound */
    emit(emitter, OP_MIN_CONST, result, wagering->as.wagering.of_bonus ? bonus : registers->deposit, 0, most);
    if (wagering->as.wagering.of_bonus && of_deposit) {
        const uint32_t other = emit_register(emitter);
        emit(emitter, OP_MIN_CONST, other, registers->deposit, 0, most);
        emit(emitter, OP_ADD, result, result, other, 0);
    }
    emit(emitter, OP_SCALE, result, result, ROUNDING_DOWN, (int64_t)((uint64_t)num << 32 | (uint64_t)den));
    return result;
}

static uint32_t emit_expires(struct emitter *emitter, const struct line *expires)
{
    int64_t duration = 0;
    const uint32_t result = emit_register(emitter);
    emit(emitter, OP_LOAD_NOW, result, 0, 0, 0);
    if (names_duration(&expires->as.expires.duration->duration, &duration) == WINDOW_CALENDAR)
        emit(emitter, OP_ADD_CALENDAR, result, result, PLACE_CAMPAIGN, duration);
    else
        emit(emitter, OP_ADD_CONST, result, result, 0, duration);
    emit(emitter, OP_MAX_CONST, result, result, 0, CIVIL_INSTANT_MIN);
    emit(emitter, OP_MIN_CONST, result, result, 0, CIVIL_INSTANT_MAX);
    return result;
}

void shown_store(struct campaign *campaign, struct emitter *emitter, const struct node *node,
                 const struct shown_registers *registers)
{
    const struct campaign_offer *offer = registers->offer;
    for (uint32_t i = 0; i < campaign->shown_count; i++) {
        const struct shown *shown = &campaign->shown[i];
        struct type type;
        uint32_t index = 0, from;
        (void)node;
        if (shown->name.size == 0 || shown->variable == PROGRAM_NONE || !type_in(campaign, offer, shown->name, &type))
            continue;
        const struct line *wagering = campaign_terms_line(campaign, offer->declaration, LINE_WAGERING);
        if (is_card_code(offer, shown->name)) { /* known from here on; its text comes with the grant */
            from = emit_register(emitter);
            emit(emitter, OP_LOAD_TEXT, from, 0, 0, builder_text(emitter->builder, TEXT("")));
            emit(emitter, OP_STORE_TEXT, shown->variable, from, 0, 0);
            continue;
        }
        if (type.kind == TYPE_TEXT) {
            from = emit_register(emitter);
            emit(emitter, OP_LOAD_CONST, from, 0, 0, offer - campaign->offers);
        } else if (text_equal(shown->name, TEXT("wagering"))) {
            const struct value *multiple = wagering->as.wagering.none ? NULL : wagering->as.wagering.multiple;
            from = emit_register(emitter);
            emit(emitter, OP_LOAD_CONST, from, 0, 0,
                 multiple != NULL && multiple->kind == VALUE_MULTIPLE ? multiple->amount : 0);
        } else if (text_equal(shown->name, TEXT("expires"))) {
            from = emit_expires(emitter, campaign_terms_line(campaign, offer->declaration, LINE_EXPIRES));
        } else if (text_equal(shown->name, TEXT("target"))) {
            from = emit_target(emitter, wagering, registers);
        } else {
            if (parameter_of(offer, shown->name, &index) == NULL) continue;
            from = registers->base + index;
        }
        emit(emitter, OP_STORE, shown->variable, from, 0, 0);
        if (shown->currency == PROGRAM_NONE) continue;
        uint32_t currency = registers->currency;
        if (currency == PROGRAM_NONE) {
            currency = emit_register(emitter);
            emit(emitter, OP_LOAD_CONST, currency, 0, 0, campaign->currency);
        }
        emit(emitter, OP_STORE, shown->currency, currency, 0, 0);
    }
}

void shown_capture(struct campaign *campaign, struct emitter *emitter, const struct node *node)
{
    if (shown_by_event(campaign, node) == 0) return;
    const struct member *field = names_field(node->event, TEXT("code"));
    for (uint32_t i = 0; i < campaign->shown_count; i++) {
        if (campaign->shown[i].name.size == 0)
            emit(emitter, OP_CAPTURE, campaign->shown[i].variable, field->slot, 0, 0);
    }
}

/* ------------------------------------------------------------------ reading */

uint32_t shown_values(const struct campaign *campaign, const struct hole *hole)
{
    const struct shown *shown = shown_is(hole) ? find(campaign, hole) : NULL;
    return shown != NULL && shown->currency != PROGRAM_NONE ? 2 : 1;
}

static struct reading reading_of(const struct campaign *campaign, uint32_t variable, struct span span)
{
    const struct variable *its = &campaign->variables[variable];
    return (struct reading){.type = its->type,
                            .bank = BANK_JOURNEY,
                            .slot = variable,
                            .range = its->range,
                            .num = 1,
                            .den = 1,
                            .span = span};
}

/* The text of the offer whose number the variable holds. */
static void emit_text(struct campaign *campaign, struct emitter *emitter, const struct shown *shown, uint32_t target)
{
    bool first = true;
    for (uint32_t i = 0; i < campaign->offer_count; i++) {
        const struct campaign_offer *offer = &campaign->offers[i];
        struct type type;
        bool credited = false;
        for (uint32_t j = 0; j < campaign->flow.order_count && !credited; j++) {
            const struct node *node = campaign->flow.order[j];
            credited = node->kind == NODE_CREDIT && campaign_offer(campaign, node->statement->name.text) == offer;
        }
        if (!credited || !type_in(campaign, offer, shown->name, &type) || type.kind != TYPE_TEXT) continue;
        struct label other = {0};
        if (!first) emit_skip(emitter, OP_IF_EQ_JOURNEY, shown->variable, 0, &other, i);
        emit(emitter, OP_LOAD_TEXT, target, 0, 0, builder_text(emitter->builder, text_in(offer, shown->name)));
        emit_bind(emitter, &other);
        first = false;
    }
}

bool shown_read(struct campaign *campaign, struct emitter *emitter, const struct node *node, const struct hole *hole,
                uint32_t target, struct reading *out, struct reading *currency)
{
    struct names *names = campaign->names;
    const struct shown *shown = find(campaign, hole);
    const struct text message = node->statement->name.text;
    if (shown == NULL) return false;
    if (shown->differs) {
        REPORT(names, DIAGNOSTIC_OFFER_DIFFERS, node->span,
               arena_print(names->arena, "{offer.%.*s}", TEXT_ARGS(hole->name)), names_type_words(names, shown->first),
               names_type_words(names, shown->second));
        return false;
    }
    if (shown->variable == PROGRAM_NONE || (emitter->known >> shown->variable & 1) == 0) {
        struct diagnostic *diagnostic =
            hole->name.size == 0 ? REPORT(names, DIAGNOSTIC_CODE_UNKNOWN, node->span, message)
                                 : REPORT(names, DIAGNOSTIC_OFFER_UNKNOWN, node->span,
                                          arena_print(names->arena, "{offer.%.*s}", TEXT_ARGS(hole->name)), message);
        struct span span;
        const struct text way =
            shown->variable != PROGRAM_NONE ? flow_path_words(&campaign->flow, node, shown->variable, &span) : TEXT("");
        if (way.size > 0) diagnostic_add_note(names->diagnostics, diagnostic, span, way);
        diagnostic_add_note(names->diagnostics, diagnostic, hole->span, TEXT("the message shows it here"));
        return false;
    }
    *out = reading_of(campaign, shown->variable, node->span);
    if (shown->is_text) {
        emit_text(campaign, emitter, shown, target);
        *out = (struct reading){
            .type = {TYPE_TEXT, PROGRAM_NONE, LIMIT_NAME_BYTES}, .bank = BANK_REGISTER, .slot = target};
    }
    if (shown->currency != PROGRAM_NONE) *currency = reading_of(campaign, shown->currency, node->span);
    return true;
}
