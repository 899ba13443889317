/*
 * Reads: the fields of events that the nodes of a campaign use outside the event's own filter, and which event is in the bank there.
 * Contract: flow.h. What is known on which path is flow_known.c.
 */
#include "compiler/flow.h"

#include "compiler/check_money.h"
#include "compiler/check_rates.h"
#include "compiler/check_play.h"

static struct read *find_read(struct flow *flow, const struct event_info *event, uint32_t slot, bool open,
                              uint32_t conversion)
{
    for (uint32_t i = 0; i < flow->read_count; i++) {
        struct read *read = &flow->reads[i];
        if (read->event == event && read->slot == slot && read->open == open && read->conversion == conversion)
            return read;
    }
    return NULL;
}

struct read *flow_read(struct flow *flow, const struct event_info *event, uint32_t slot)
{
    return find_read(flow, event, slot, false, PROGRAM_NONE);
}

struct read *flow_read_open(struct flow *flow, const struct event_info *event, uint32_t slot, uint32_t conversion)
{
    return find_read(flow, event, slot, true, conversion);
}

static void use_read(struct flow *flow, struct node *node, struct read read)
{
    struct read *known = find_read(flow, read.event, read.slot, read.open, read.conversion);
    if (known == NULL) {
        if (flow->read_count == 64) {
            flow->too_many_reads = true;
            return;
        }
        known = &flow->reads[flow->read_count++];
        *known = read;
    }
    node->uses |= UINT64_C(1) << (known - flow->reads);
}

static void use_field(struct flow *flow, struct node *node, const struct event_info *event, struct text name,
                      struct span span)
{
    struct read read = {.event = event, .span = span, .conversion = PROGRAM_NONE, .variable = PROGRAM_NONE};
    if (text_equal(name, TEXT("time"))) {
        read.slot = PROGRAM_SLOT_TIME;
        read.type = (struct type){TYPE_MOMENT, PROGRAM_NONE, 0};
        struct range range = names_type_range(read.type);
        read.low = range_low64(range);
        read.high = range_high64(range);
    } else if (text_equal(name, TEXT("id"))) {
        read.slot = PROGRAM_SLOT_EVENT_ID;
        read.type = (struct type){TYPE_TEXT, PROGRAM_NONE, LIMIT_ID_BYTES};
    } else {
        const struct member *field = names_field(event, name);
        if (field == NULL || (uint32_t)field->type.kind == TYPE_BROKEN) return;
        read.field = field;
        read.slot = field->slot;
        read.type = field->type;
        if (read.type.kind == TYPE_MONEY) read.type.of = flow->campaign->currency;
        read.low = field->low;
        read.high = field->high;
        read.optional = field->optional;
    }
    use_read(flow, node, read);
}

/* Money in whatever currency it came, and that currency. False: it is no such field. */
static bool use_open_money(struct flow *flow, struct node *node, const struct value *value, uint32_t conversion)
{
    const struct event_info *event =
        value != NULL && value->kind == VALUE_PATH ? names_event(flow->names, value->owner.text) : NULL;
    const struct member *field = event != NULL ? names_field(event, value->name.text) : NULL;
    if (field == NULL || field->type.kind != TYPE_MONEY) return false;
    struct read read = {.event = event,
                        .field = field,
                        .slot = field->slot,
                        .type = {TYPE_MONEY, PROGRAM_NONE, 0},
                        .low = field->low,
                        .high = field->high,
                        .optional = field->optional,
                        .open = true,
                        .conversion = conversion,
                        .span = value->span,
                        .variable = PROGRAM_NONE};
    use_read(flow, node, read);
    read.slot = field->slot + 1;
    read.conversion = PROGRAM_NONE;
    read.type = (struct type){TYPE_CURRENCY, PROGRAM_NONE, 0};
    read.low = 0;
    read.high = flow->names->currency_count > 0 ? (int64_t)flow->names->currency_count - 1 : 0;
    use_read(flow, node, read);
    return true;
}

static void use_value(struct flow *flow, struct node *node, const struct value *value)
{
    if (value == NULL) return;
    if (value->kind == VALUE_PATH) {
        const struct event_info *event = names_event(flow->names, value->owner.text);
        if (event != NULL) use_field(flow, node, event, value->name.text, value->span);
        return;
    }
    if (value->kind == VALUE_CONVERSION) {
        flow->names->muted++; /* told where the value is read */
        uint32_t conversion = rates_of_value(flow->names, value);
        flow->names->muted--;
        if (conversion == PROGRAM_NONE || !use_open_money(flow, node, value->left, conversion))
            use_value(flow, node, value->left);
    }
    if (value->kind == VALUE_BINARY || value->kind == VALUE_SHARE_OF || value->kind == VALUE_FORMULA) {
        use_value(flow, node, value->left);
        if (value->kind != VALUE_FORMULA) use_value(flow, node, value->right);
    }
    for (const struct clause *clause = value->clauses; clause != NULL; clause = clause->next)
        use_value(flow, node, clause->value);
}

static void use_condition(struct flow *flow, struct node *node, const struct condition *condition)
{
    if (condition == NULL) return;
    if (!money_is_priced(condition) || !use_open_money(flow, node, condition->left, PROGRAM_NONE))
        use_value(flow, node, condition->left);
    for (const struct value *value = condition->values.first; value != NULL; value = value->next)
        use_value(flow, node, value);
    for (const struct condition *child = condition->children; child != NULL; child = child->next)
        use_condition(flow, node, child);
}

bool flow_shows_open(const struct flow *flow, const struct event_info *event, const struct member *field)
{
    if (field == NULL || field->type.kind != TYPE_MONEY) return false;
    for (uint32_t i = 0; i < flow->count; i++) {
        const struct node *node = flow->nodes[i];
        if (node->kind != NODE_EVENT || node->event != event || node->match == NULL) continue;
        struct money_currencies set = {{0}};
        uint32_t conversions[64];
        if (money_priced_field(flow->names, node->match->where, field->name.text, &set) ||
            rates_of_field(flow->names, node->match->where, field->name.text, conversions, 0) > 0)
            return true;
    }
    return false;
}

void flow_use(struct flow *flow, struct node *node)
{
    struct names *names = flow->names;
    const struct statement *statement = node->statement;
    switch (node->kind) {
    case NODE_SEND: {
        const struct message_info *message = names_message(names, statement->name.text);
        if (message == NULL) return;
        uint32_t count = 0;
        const struct hole *holes =
            schema_holes(names, message,
                         names_index(names->channels, names->channel_count, statement->as.send.channel.text), &count);
        for (uint32_t i = 0; i < count; i++) {
            const struct event_info *event = names_event(names, holes[i].owner);
            if (event == NULL) continue;
            const struct value path = {.kind = VALUE_PATH,
                                       .span = node->span,
                                       .owner = {holes[i].owner, node->span, 0},
                                       .name = {holes[i].name, node->span, 0}};
            if (!flow_shows_open(flow, event, names_field(event, holes[i].name)) ||
                !use_open_money(flow, node, &path, PROGRAM_NONE))
                use_field(flow, node, event, holes[i].name, node->span);
        }
        return;
    }
    case NODE_CREDIT: {
        const struct campaign_offer *offer = campaign_offer(flow->campaign, statement->name.text);
        if (offer == NULL) return;
        for (const struct line *line = offer->declaration->lines.first; line != NULL; line = line->next) {
            if (line->kind == LINE_PARAMETER) use_value(flow, node, line->as.parameter.value);
        }
        const struct line *wagering = campaign_terms_line(flow->campaign, offer->declaration, LINE_WAGERING);
        const struct event_info *deposit = names_event(names, TEXT("deposit"));
        if (wagering != NULL && wagering->as.wagering.of_deposit && deposit != NULL)
            use_field(flow, node, deposit, TEXT("amount"), wagering->span);
        const struct line *least = campaign_terms_line(flow->campaign, offer->declaration, LINE_DEPOSIT);
        if (least != NULL && deposit != NULL) use_field(flow, node, deposit, TEXT("amount"), least->span);
        const struct event_info *source = play_source(flow->campaign, offer->declaration);
        if (source != NULL) use_field(flow, node, source, TEXT("id"), statement->span);
        return;
    }
    case NODE_DO:
        for (const struct argument *argument = statement->as.action.arguments.first; argument != NULL;
             argument = argument->next)
            use_value(flow, node, argument->value);
        return;
    case NODE_TELL:
        use_value(flow, node, statement->as.tell.player);
        for (const struct argument *argument = statement->as.tell.arguments.first; argument != NULL;
             argument = argument->next)
            use_value(flow, node, argument->value);
        return;
    case NODE_SPEND: use_value(flow, node, statement->as.spend.amount); return;
    case NODE_REMEMBER:
        use_value(flow, node, statement->as.remember.value);
        use_value(flow, node, statement->as.remember.otherwise);
        return;
    case NODE_IF: use_condition(flow, node, node->condition); return;
    case NODE_CASE:
        use_value(flow, node, node->subject);
        use_condition(flow, node, node->condition);
        return;
    case NODE_KNOWN: use_value(flow, node, node->subject); return;
    case NODE_WAIT:
        if (statement->kind != STATEMENT_WAIT_UP_TO) return;
        for (const struct choice *choice = statement->as.wait_up_to.cases.first; choice != NULL;
             choice = choice->next) {
            if (choice->kind == CHOICE_EVENT) use_condition(flow, node, choice->event.where);
        }
        return;
    default: return;
    }
}

/* The reads of its own event that a filter proves known wherever it holds. */
uint64_t flow_proven(const struct flow *flow, const struct event_info *event, const struct condition *condition)
{
    if (condition == NULL) return 0;
    uint64_t mask = condition->kind == CONDITION_ANY ? UINT64_MAX : 0;
    switch (condition->kind) {
    case CONDITION_COMPARE:
        if (condition->comparison != COMPARISON_KNOWN || condition->negated || condition->left == NULL ||
            condition->left->kind != VALUE_WORD)
            return 0;
        for (uint32_t i = 0; i < flow->read_count; i++) {
            const struct read *read = &flow->reads[i];
            if (read->event == event && read->field != NULL &&
                text_equal(read->field->name.text, condition->left->name.text))
                mask |= UINT64_C(1) << i;
        }
        return mask;
    case CONDITION_ALL:
        for (const struct condition *child = condition->children; child != NULL; child = child->next)
            mask |= flow_proven(flow, event, child);
        return mask;
    case CONDITION_ANY:
        for (const struct condition *child = condition->children; child != NULL; child = child->next)
            mask &= flow_proven(flow, event, child);
        return mask;
    default: return 0;
    }
}

static uint64_t reads_of(const struct flow *flow, const struct event_info *event)
{
    uint64_t mask = 0;
    for (uint32_t i = 0; i < flow->read_count; i++) {
        if (flow->reads[i].event == event) mask |= UINT64_C(1) << i;
    }
    return mask;
}

void flow_use_leaves(struct flow *flow)
{
    for (const struct line *line = flow->campaign->declaration->lines.first; line != NULL; line = line->next) {
        struct node asks = {.kind = NODE_PLAIN};
        if (line->kind == LINE_LEAVE_ON) use_condition(flow, &asks, line->as.leave.event.where);
        if (line->kind == LINE_LEAVE_WHEN) use_condition(flow, &asks, line->as.leave.condition);
        const struct event_info *own =
            line->kind == LINE_LEAVE_ON ? names_event(flow->names, line->as.leave.event.event.text) : NULL;
        flow->leave_uses |= own != NULL ? asks.uses & ~reads_of(flow, own) : asks.uses;
    }
}

/* Which event is in the bank, which reads are still to come. */
void flow_banks(struct flow *flow)
{
    for (uint32_t i = 0; i < flow->order_count; i++) {
        struct node *node = flow->order[i];
        if (node->is_entry) {
            node->bank = node->kind == NODE_EVENT ? node->event : NULL;
            node->bank_set = true;
        }
    }
    for (uint32_t i = 0; i < flow->order_count; i++) {
        struct node *node = flow->order[i];
        for (uint32_t j = 0; j < node->next_count; j++) {
            struct node *to = node->next[j];
            if (to->bank_set && to->bank != node->bank) to->bank = NULL;
            if (!to->bank_set) to->bank = node->bank;
            to->bank_set = true;
        }
    }
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = flow->order_count; i > 0; i--) {
            struct node *node = flow->order[i - 1];
            uint64_t live = 0;
            for (uint32_t j = 0; j < node->next_count; j++) live |= node->next[j]->live;
            for (uint32_t j = 0; j < node->resume_count; j++) live |= node->resume[j]->live;
            for (uint32_t j = 0; j < flow->leave_count && node->resume_count > 0; j++) live |= flow->leaves[j]->live;
            if (node->resume_count > 0) live |= flow->leave_uses;
            node->live_after = live;
            if (node->kind == NODE_EVENT && node->event != NULL) live &= ~reads_of(flow, node->event);
            live |= node->uses;
            if (live != node->live) {
                node->live = live;
                changed = true;
            }
        }
    }
    for (uint32_t j = 0; j < flow->read_count; j++) {
        if ((flow->leave_uses >> j & 1) != 0) flow->reads[j].captured = true;
    }
    for (uint32_t i = 0; i < flow->order_count; i++) {
        const struct node *node = flow->order[i];
        for (uint32_t j = 0; j < flow->read_count; j++) {
            if ((node->uses >> j & 1) == 0) continue;
            if (node->kind == NODE_WAIT || node->bank != flow->reads[j].event) flow->reads[j].captured = true;
        }
    }
}
