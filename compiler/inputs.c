/*
 * What a reward depends on (inputs.h). All nodes from which the credit can be reached are its way; of these events, conditions
 * and subjects count, and so do the lines of the campaign that every journey passes.
 */
#include "compiler/inputs.h"

enum { DEPTH_MOST = 32 };

/* Whose bare names a condition reads. */
enum bare { BARE_PLAYER, BARE_EVENT, BARE_JOURNEY };

struct search {
    struct campaign *campaign;
    const struct name_list *words; /* NULL: other products than the family are looked for */
    struct text word;              /* found */
    struct text family, products;
    uint32_t depth;
};

/* ------------------------------------------------------------------ products */

struct text inputs_family(struct text word)
{
    static const char *const casino[] = {"slots", "slot", "table", "live", "roulette", "blackjack", "live_casino"};
    for (size_t i = 0; i < sizeof casino / sizeof *casino; i++) {
        if (text_equal(word, text_of(casino[i]))) return TEXT("casino");
    }
    if (text_equal(word, TEXT("betting")) || text_equal(word, TEXT("sportsbook"))) return TEXT("sports");
    return word;
}

/* A field whose words are products: one of them is a product of the workspace, or belongs to one. */
static bool tells_product(const struct names *names, const struct member *field, const struct enumeration_info **out)
{
    if (field->type.kind != TYPE_ENUM || field->type.of >= names->enumeration_count) return false;
    const struct enumeration_info *list = &names->enumerations[field->type.of];
    *out = list;
    for (uint32_t i = 0; i < list->count; i++) {
        struct text family = inputs_family(list->words[i]);
        if (names_index(names->products, names->product_count, list->words[i]) != PROGRAM_NONE ||
            names_index(names->products, names->product_count, family) != PROGRAM_NONE)
            return true;
    }
    return false;
}

enum truth { TRUTH_NO, TRUTH_MAY, TRUTH_YES };

/* Whether the condition holds for an event whose field has this word; everything else about it is open. */
static enum truth holds(const struct condition *condition, struct text field, struct text word)
{
    if (condition == NULL) return TRUTH_YES;
    if (condition->kind == CONDITION_COMPARE) {
        const struct value *left = condition->left;
        bool same = left != NULL && (left->kind == VALUE_WORD || left->kind == VALUE_PATH) &&
                    !text_equal(left->owner.text, TEXT("player")) && text_equal(left->name.text, field);
        if (!same || (condition->comparison != COMPARISON_IS && condition->comparison != COMPARISON_ONE_OF))
            return TRUTH_MAY;
        bool listed = false;
        for (const struct value *value = condition->values.first; value != NULL; value = value->next)
            listed = listed || text_equal(value->name.text, word);
        return listed != condition->negated ? TRUTH_YES : TRUTH_NO;
    }
    enum truth all = TRUTH_YES, any = TRUTH_NO;
    for (const struct condition *child = condition->children; child != NULL; child = child->next) {
        enum truth one = holds(child, field, word);
        if (one < all) all = one;
        if (one > any) any = one;
    }
    switch (condition->kind) {
    case CONDITION_ALL: return all;
    case CONDITION_ANY: return any;
    case CONDITION_NONE: return any == TRUTH_YES ? TRUTH_NO : any == TRUTH_NO ? TRUTH_YES : TRUTH_MAY;
    default: return TRUTH_MAY;
    }
}

/* The words of an event's product field that its filter lets through and that are no product of the family. */
static bool other_products(const struct names *names, const struct event_info *event, const struct condition *where,
                           struct text family, struct text *products_out)
{
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct member *field = &event->fields[i];
        const struct enumeration_info *list;
        if (!tells_product(names, field, &list)) continue;
        struct text *others = ARENA_ARRAY(names->arena, struct text, list->count + 1);
        uint32_t count = 0;
        for (uint32_t j = 0; j < list->count && others != NULL; j++) {
            if (text_equal(inputs_family(list->words[j]), family)) continue;
            if (holds(where, field->name.text, list->words[j]) != TRUTH_NO) others[count++] = list->words[j];
        }
        if (count == 0) continue;
        *products_out = names_list(names, others, count);
        return true;
    }
    return false;
}

/* ------------------------------------------------------------------ figures */

static bool is_word(struct search *search, struct text name)
{
    if (search->words == NULL) return false;
    for (const struct name_node *node = search->words->first; node != NULL; node = node->next) {
        if (!text_equal(node->name.text, name)) continue;
        search->word = name;
        return true;
    }
    return false;
}

static bool reads_condition(struct search *search, const struct condition *condition, enum bare bare);
static bool reads_value(struct search *search, const struct value *value, enum bare bare);

/* An event that qualifies or is counted: by its name, by what its filter reads, by the products that the filter lets through. */
static bool reads_event(struct search *search, struct text name, const struct condition *where)
{
    if (is_word(search, name)) return true;
    const struct names *names = search->campaign->names;
    const struct event_info *event = names_event(names, name);
    if (search->words == NULL && event != NULL &&
        other_products(names, event, where, search->family, &search->products))
        return true;
    return reads_condition(search, where, BARE_EVENT);
}

/* A remembered value is what it was made of, wherever it was remembered. */
static bool reads_remembered(struct search *search, struct text name)
{
    const struct flow *flow = &search->campaign->flow;
    for (uint32_t i = 0; i < flow->count; i++) {
        const struct node *node = flow->nodes[i];
        if (node->kind != NODE_REMEMBER || !text_equal(node->statement->name.text, name)) continue;
        if (reads_value(search, node->statement->as.remember.value, BARE_JOURNEY) ||
            reads_value(search, node->statement->as.remember.otherwise, BARE_JOURNEY))
            return true;
    }
    return false;
}

/* ------------------------------------------------------------------ losses */

/* Whether the field is money that a player puts in (stakes, deposits), or that comes back (wins, withdrawals). */
static bool is_put_in(const struct metric *metric)
{
    return text_equal(metric->field.text, TEXT("stake")) || text_starts_with(metric->event.text, TEXT("deposit"));
}

static bool comes_back(const struct metric *metric)
{
    return text_equal(metric->field.text, TEXT("win")) || text_equal(metric->event.text, TEXT("win")) ||
           text_starts_with(metric->event.text, TEXT("withdrawal"));
}

/* Whether the formula reads a sum of such money, itself or by way of other formulas. */
static bool sums(const struct search *search, const struct value *value, bool put_in, uint32_t depth)
{
    if (value == NULL || depth >= DEPTH_MOST) return false;
    if (value->kind == VALUE_WORD || value->kind == VALUE_PATH) {
        const struct metric_info *info =
            names_metric(search->campaign->names, value->name.text, search->campaign->index);
        const struct metric *metric = info != NULL ? info->declaration->metric : NULL;
        if (metric == NULL) return false;
        if (metric->formula != NULL) return sums(search, metric->formula, put_in, depth + 1);
        return metric->aggregate == AGGREGATE_WORD_SUM && (put_in ? is_put_in(metric) : comes_back(metric));
    }
    return sums(search, value->left, put_in, depth + 1) || sums(search, value->right, put_in, depth + 1);
}

/* Whether money that was put in stands on one side and money that came back on the other. */
static bool sets_against(const struct search *search, const struct value *left, const struct value *right,
                         uint32_t depth)
{
    return (sums(search, left, true, depth) && sums(search, right, false, depth)) ||
           (sums(search, left, false, depth) && sums(search, right, true, depth));
}

/* A figure of what a player has lost: one of them subtracted from, or divided by, the other. */
static bool is_loss(const struct search *search, const struct value *formula, uint32_t depth)
{
    if (formula == NULL || depth >= DEPTH_MOST) return false;
    if (formula->kind == VALUE_BINARY &&
        (formula->operation == OPERATION_SUBTRACT || formula->operation == OPERATION_DIVIDE) &&
        sets_against(search, formula->left, formula->right, depth))
        return true;
    return is_loss(search, formula->left, depth + 1) || is_loss(search, formula->right, depth + 1);
}

/* `win is 0 EUR`, `multiplier is less than 1`: an event of play that brought nothing, or little. */
static bool asks_for_loss(const struct condition *condition)
{
    const struct value *field = condition->left, *value = condition->values.first;
    if (field == NULL || value == NULL || field->kind != VALUE_WORD || condition->negated) return false;
    if (!text_equal(field->name.text, TEXT("win")) && !text_equal(field->name.text, TEXT("multiplier"))) return false;
    return condition->comparison == COMPARISON_AT_MOST || condition->comparison == COMPARISON_LESS_THAN ||
           (condition->comparison == COMPARISON_IS && value->amount == 0);
}

/* An attribute by its name; a metric also by what it is kept from and made of. */
static bool reads_figure(struct search *search, struct text name)
{
    if (is_word(search, name)) return true;
    const struct metric_info *info = names_metric(search->campaign->names, name, search->campaign->index);
    const struct metric *metric = info != NULL ? info->declaration->metric : NULL;
    if (metric == NULL || search->depth >= DEPTH_MOST) return false;
    if (is_loss(search, metric->formula, 0) && is_word(search, TEXT("losses"))) {
        search->word = name;
        return true;
    }
    search->depth++;
    bool found = metric->formula != NULL ? reads_value(search, metric->formula, BARE_PLAYER)
                                         : reads_event(search, metric->event.text, metric->where);
    search->depth--;
    return found;
}

static bool reads_path(struct search *search, const struct value *value)
{
    if (text_equal(value->owner.text, TEXT("player"))) return reads_figure(search, value->name.text);
    if (!text_equal(value->owner.text, TEXT("journey"))) return is_word(search, value->owner.text);
    if (search->depth >= DEPTH_MOST) return false;
    search->depth++;
    bool found = reads_remembered(search, value->name.text);
    search->depth--;
    if (found) return true;
    /* A metric of the campaign itself. */
    const uint32_t campaign = search->campaign->index;
    return names_metric(search->campaign->names, value->name.text, campaign) != NULL &&
           reads_figure(search, value->name.text);
}

static bool reads_value(struct search *search, const struct value *value, enum bare bare)
{
    if (value == NULL) return false;
    switch (value->kind) {
    case VALUE_WORD: return bare == BARE_PLAYER && reads_figure(search, value->name.text);
    case VALUE_PATH: return reads_path(search, value);
    case VALUE_BINARY:
    case VALUE_SHARE_OF:
        if (is_loss(search, value, 0) && is_word(search, TEXT("losses"))) return true;
        if (reads_value(search, value->right, bare)) return true;
        break;
    default: break;
    }
    if (reads_value(search, value->left, bare)) return true;
    for (const struct clause *clause = value->clauses; clause != NULL; clause = clause->next) {
        if (reads_value(search, clause->value, bare)) return true;
    }
    return false;
}

static bool reads_segment(struct search *search, struct text name)
{
    const struct names *names = search->campaign->names;
    const struct thing *segment = names_thing(names->segments, names->segment_count, name);
    if (segment == NULL || search->depth >= DEPTH_MOST) return false;
    search->depth++;
    bool found = reads_condition(search, segment->declaration->condition, BARE_PLAYER);
    search->depth--;
    return found;
}

static bool reads_condition(struct search *search, const struct condition *condition, enum bare bare)
{
    if (condition == NULL) return false;
    if (condition->kind == CONDITION_COMPARE) {
        if (bare == BARE_EVENT && asks_for_loss(condition) && is_word(search, TEXT("losses"))) return true;
        if (reads_value(search, condition->left, bare)) return true;
        if (condition->comparison == COMPARISON_IN_SEGMENT)
            return condition->values.first != NULL && reads_segment(search, condition->values.first->name.text);
        for (const struct value *value = condition->values.first; value != NULL; value = value->next) {
            if (sets_against(search, condition->left, value, 0) && is_word(search, TEXT("losses"))) return true;
            /* A bare word on the right is a value of a list, not a name. */
            if (value->kind != VALUE_WORD && reads_value(search, value, bare)) return true;
        }
    }
    for (const struct condition *child = condition->children; child != NULL; child = child->next) {
        if (reads_condition(search, child, bare)) return true;
    }
    return false;
}

/* ------------------------------------------------------------------ the way */

void inputs_mark_way(struct flow *flow, const struct node *credit)
{
    for (uint32_t i = 0; i < flow->count; i++) flow->nodes[i]->mark = flow->nodes[i] == credit;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = flow->count; i-- > 0;) {
            struct node *node = flow->nodes[i];
            bool leads = node->mark != 0;
            for (uint32_t j = 0; j < node->next_count && !leads; j++) leads = node->next[j]->mark != 0;
            for (uint32_t j = 0; j < node->resume_count && !leads; j++) leads = node->resume[j]->mark != 0;
            if (!leads || node->mark != 0) continue;
            node->mark = 1;
            changed = true;
        }
    }
}

static bool reads_node(struct search *search, const struct node *node)
{
    switch (node->kind) {
    case NODE_EVENT: return node->match != NULL && reads_event(search, node->match->event.text, node->match->where);
    case NODE_IF: return reads_condition(search, node->condition, BARE_JOURNEY);
    case NODE_CASE:
        return reads_value(search, node->subject, BARE_JOURNEY) ||
               reads_condition(search, node->condition, BARE_JOURNEY);
    case NODE_KNOWN: return reads_value(search, node->subject, BARE_JOURNEY);
    default: return false;
    }
}

/* Lines of the campaign that say who enters and when. */
static bool reads_line(struct search *search, const struct line *line, uint32_t *leaves)
{
    switch (line->kind) {
    case LINE_ONLY_FOR: return reads_condition(search, line->as.condition, BARE_PLAYER);
    case LINE_START_ENTERING:
    case LINE_START_LEAVING: return reads_segment(search, line->as.text.text);
    case LINE_START_WITHOUT:
        /* What did not happen is no product that was used. */
        return is_word(search, line->as.without.event.event.text) ||
               reads_condition(search, line->as.without.event.where, BARE_EVENT);
    case LINE_LEAVE_ON:
        if (line->as.leave.then != NULL) (*leaves)++;
        return false;
    case LINE_LEAVE_WHEN: {
        if (line->as.leave.then == NULL) return false;
        const struct flow *flow = &search->campaign->flow;
        uint32_t number = (*leaves)++;
        return number < flow->leave_count && flow->leaves[number]->mark != 0 &&
               reads_condition(search, line->as.leave.condition, BARE_JOURNEY);
    }
    default: return false;
    }
}

static bool look(struct search *search, const struct node *credit, const struct campaign_offer *offer,
                 struct span *span_out)
{
    struct campaign *campaign = search->campaign;
    struct flow *flow = &campaign->flow;
    inputs_mark_way(flow, credit);
    uint32_t leaves = 0;
    for (const struct line *line = campaign->declaration->lines.first; line != NULL; line = line->next) {
        *span_out = line->span;
        if (reads_line(search, line, &leaves)) return true;
    }
    for (uint32_t i = 0; i < flow->count; i++) {
        *span_out = flow->nodes[i]->match != NULL ? flow->nodes[i]->match->span : flow->nodes[i]->span;
        if (flow->nodes[i]->mark != 0 && reads_node(search, flow->nodes[i])) return true;
    }
    for (const struct line *line = offer->declaration->lines.first; line != NULL; line = line->next) {
        *span_out = line->span;
        if (line->kind == LINE_PARAMETER && reads_value(search, line->as.parameter.value, BARE_JOURNEY)) return true;
    }
    return false;
}

bool inputs_read(struct campaign *campaign, const struct node *credit, const struct campaign_offer *offer,
                 const struct name_list *words, struct text *word_out, struct span *span_out)
{
    struct search search = {.campaign = campaign, .words = words};
    if (!look(&search, credit, offer, span_out)) return false;
    *word_out = search.word;
    return true;
}

bool inputs_other_product(struct campaign *campaign, const struct node *credit, const struct campaign_offer *offer,
                          struct text family, struct text *products_out, struct span *span_out)
{
    struct search search = {.campaign = campaign, .family = family};
    if (!look(&search, credit, offer, span_out)) return false;
    *products_out = search.products;
    return true;
}
