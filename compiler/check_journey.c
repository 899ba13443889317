/*
 * What must be known of a journey before its first instruction is written: which effects it can make and what identifies
 * them, its variables and counters, and the types and ranges of what it remembers (by passes that emit nothing).
 *
 * The instructions themselves: emit_journey.c, emit_effects.c, emit_wait.c.
 */
#include "compiler/emit_journey.h"
#include "compiler/shown.h"

/* ------------------------------------------------------------------ variables, counters, labels */

static bool is_effect(const struct node *node)
{
    return node->kind == NODE_SEND || node->kind == NODE_CREDIT || node->kind == NODE_DO || node->kind == NODE_TAG ||
           node->kind == NODE_ASK || node->kind == NODE_TELL || node->kind == NODE_AWARD || node->kind == NODE_CODE ||
           node->kind == NODE_SPEND;
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
        key.name = campaign_shows(statement);
        break;
    case NODE_ASK:
        key.act = ACT_ASK;
        key.action = ast_is_present(&statement->as.ask.query) ? statement->as.ask.query.text : TEXT("approval");
        break;
    case NODE_SPEND:
        key.act = ACT_SPEND;
        key.action = TEXT("spend");
        break;
    case NODE_AWARD:
        key.act = ACT_AWARD;
        key.action = TEXT("award");
        break;
    case NODE_CODE:
        key.act = statement->kind == STATEMENT_GIVE_CODE ? ACT_GIVE_CODE : ACT_RELEASE_CODE;
        key.action = statement->kind == STATEMENT_GIVE_CODE ? TEXT("give code") : TEXT("release code");
        break;
    case NODE_TELL:
        key.act = ACT_TELL;
        key.action = TEXT("tell");
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
    bool needs_label = !one_statement && effect->act != ACT_TAG && effect->act != ACT_UNTAG && effect->act != ACT_ASK &&
                       effect->act != ACT_AWARD && effect->act != ACT_RELEASE_CODE;
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
            .name = arena_print(campaign->names->arena, "%.*s.%.*s%s", TEXT_ARGS(read->event->name), TEXT_ARGS(field),
                                read->type.kind == TYPE_CURRENCY && read->open ? "'s currency" : ""),
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
        if (node->kind == NODE_ASK) ask_prepare(campaign, node);
        if (node->kind != NODE_REMEMBER || campaign_remembered(campaign, node->statement->name.text) != NULL) continue;
        struct variable variable = {.use = VARIABLE_REMEMBERED,
                                    .name = node->statement->name.text,
                                    .type = {(enum type_kind)TYPE_BROKEN, PROGRAM_NONE, 0},
                                    .span = node->span};
        campaign_variable(campaign, variable);
        const struct metric_info *metric = names_metric(campaign->names, variable.name, campaign->index);
        if (metric == NULL || metric->campaign == PROGRAM_NONE) continue;
        struct diagnostic *diagnostic = REPORT(
            campaign->names, DIAGNOSTIC_DECLARED_TWICE, node->statement->name.span, TEXT("what the journey reads as"),
            arena_print(campaign->names->arena, "journey.%.*s", TEXT_ARGS(variable.name)));
        diagnostic_add_note(campaign->names->diagnostics, diagnostic, metric->declaration->name.span,
                            TEXT("a metric has that name"));
    }
    for (uint32_t i = 0; i < flow->order_count; i++) {
        const struct node *node = flow->order[i];
        if (node->kind == NODE_COUNT) campaign_counter(campaign, node->statement);
    }
    shown_prepare(campaign);
    ask_judge_names(campaign);
    prepare_effects(campaign);
}

/* ------------------------------------------------------------------ remembered values */

/* `remember x as V, otherwise W` is the formula V with that clause. */
struct reading journey_read_remembered(struct emitter *emitter, const struct statement *statement,
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
        dry->rates = 0;
        memset(&dry->facts, 0xFF, sizeof dry->facts);
        struct reading reading =
            journey_read_remembered(dry, node->statement, variable->typed ? &variable->type : NULL);
        if (reading_is_broken(&reading) || (variable->typed && !names_same_type(variable->type, reading.type)))
            continue;
        changed = changed || (dry->rates & ~variable->rates) != 0;
        variable->rates |= dry->rates;
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

/* What rates have a part in may be all that money can be: another version of a table makes no other version of the campaign. */
static bool widen_converted(struct variable *variable)
{
    if (variable->rates == 0 || !variable->typed || variable->type.kind != TYPE_MONEY) return false;
    struct range range = range_join(variable->range, names_type_range(variable->type));
    bool changed = !range_equal(range, variable->range);
    variable->range = range;
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
    dry.assumes = true;
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
                /* Only the side that grows is widened: what the other one is proven to be stays. */
                struct range all = range_join(names_type_range(variable->type), ranges[i]);
                if (look < WIDEN_AT) all = range_join(variable->range, ranges[i]);
                if (ranges[i].low < variable->range.low) variable->range.low = all.low;
                if (ranges[i].high > variable->range.high) variable->range.high = all.high;
            }
        }
        for (uint32_t i = 0; i < campaign->variable_count; i++)
            changed = widen_converted(&campaign->variables[i]) || changed;
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
        struct reading reading = journey_read_remembered(&dry, node->statement, &variable->type);
        names->muted--;
        bool same = !reading_is_broken(&reading) && names_same_type(variable->type, reading.type);
        if (same && range_holds(variable->range, reading.range)) continue;
        /* Another type is told where it is emitted; what is broken for another reason, there too. */
        if (!same &&
            (!reading_is_broken(&reading) || !reads_itself(node->statement->as.remember.value, variable->name)))
            continue;
        REPORT(names, DIAGNOSTIC_REMEMBER_GROWS, node->span, variable->name);
        flow->failed = true;
    }
}
