/* Conditions, asked from left to right until the answer is there. See evaluator.h. spec: language.md#conditions */
#include "tests/reference/evaluator.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/reference/days.h"
#include "tests/reference/walk.h"
#include "vm/words.h"

/* ------------------------------------------------------------------ words in texts */

static bool is_plain(struct text text)
{
    for (uint32_t i = 0; i < text.size; i++) {
        if ((unsigned char)text.at[i] >= 128) return false;
    }
    return true;
}

/* The n-th word: letters and digits without a gap. */
static struct text next_word(struct text text, uint32_t *at)
{
    while (*at < text.size && !isalnum((unsigned char)text.at[*at])) (*at)++;
    uint32_t from = *at;
    while (*at < text.size && isalnum((unsigned char)text.at[*at])) (*at)++;
    return text_slice(text, from, *at - from);
}

static bool same_word(struct text one, struct text other)
{
    return one.size == other.size && strncasecmp(one.at, other.at, one.size) == 0;
}

/* Whole words in a row, whatever stands between them. */
static bool has_words(struct reference *reference, struct text text, struct text words)
{
    if (!is_plain(text) || !is_plain(words) || text.size > WORDS_TEXT_BYTES_MAX) {
        reference_unsure(reference, "words beyond ASCII");
        return false;
    }
    uint32_t start = 0;
    while (start < text.size) {
        uint32_t at = start, in = 0, after = 0;
        bool all = true;
        struct text word = next_word(words, &in);
        for (bool first = true; word.size > 0; first = false) {
            struct text found = next_word(text, &at);
            if (first) after = at;
            all = all && found.size > 0 && same_word(found, word);
            word = next_word(words, &in);
        }
        if (all) return true;
        if (after == start) break;
        start = after;
    }
    return false;
}

static bool has_text(struct text text, struct text part)
{
    for (uint32_t at = 0; at + part.size <= text.size; at++) {
        if (part.size == 0 || memcmp(text.at + at, part.at, part.size) == 0) return true;
    }
    return part.size == 0;
}

/* ------------------------------------------------------------------ comparisons */

static const struct choice *arm_of(const struct block *block, struct text split, int64_t millionth, uint32_t *index);

static const struct choice *arm_in(const struct statement *statement, struct text split, int64_t millionth,
                                   uint32_t *index)
{
    const struct choice *found = NULL;
    const struct choice_list *cases = NULL;
    switch (statement->kind) {
    case STATEMENT_SPLIT:
        if (text_equal(statement->name.text, split)) {
            int64_t upto = 0;
            uint32_t at = 0;
            for (const struct choice *arm = statement->as.split.arms.first; arm != NULL; arm = arm->next, at++) {
                upto += arm->share;
                *index = at;
                if (millionth < upto || arm->next == NULL) return arm;
            }
        }
        cases = &statement->as.split.arms;
        break;
    case STATEMENT_WAIT_UP_TO: cases = &statement->as.wait_up_to.cases; break;
    case STATEMENT_ASK: cases = &statement->as.ask.cases; break;
    case STATEMENT_CHOOSE: cases = &statement->as.choose.cases; break;
    case STATEMENT_REPEAT: return arm_of(&statement->as.repeat.body, split, millionth, index);
    case STATEMENT_IF:
        for (const struct branch *branch = statement->as.branch.branches.first; branch != NULL && found == NULL;
             branch = branch->next)
            found = arm_of(&branch->body, split, millionth, index);
        if (found == NULL && statement->as.branch.has_otherwise)
            found = arm_of(&statement->as.branch.otherwise, split, millionth, index);
        return found;
    default: break;
    }
    for (const struct choice *choice = cases == NULL ? NULL : cases->first; choice != NULL && found == NULL;
         choice = choice->next)
        found = arm_of(&choice->body, split, millionth, index);
    return found;
}

static const struct choice *arm_of(const struct block *block, struct text split, int64_t millionth, uint32_t *index)
{
    const struct choice *found = NULL;
    for (const struct statement *at = block->first; at != NULL && found == NULL; at = at->next)
        found = arm_in(at, split, millionth, index);
    return found;
}

static struct text arm_name(const struct scene *scene, const struct term *term)
{
    uint32_t index = 0;
    for (const struct line *line = scene->campaign->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_STEP) continue;
        const struct choice *arm = arm_of(&line->as.step.body, term->text, (int64_t)term->num, &index);
        if (arm != NULL) return arm->name.text;
    }
    return TEXT("");
}

/* Whether it is written as it is: a number, an amount, a word. */
static bool is_literal(const struct value *value)
{
    switch (value->kind) {
    case VALUE_PATH:
    case VALUE_PROPERTY:
    case VALUE_PLAYER:
    case VALUE_BINARY:
    case VALUE_SHARE_OF:
    case VALUE_FORMULA:
    case VALUE_CONVERSION: return false;
    default: return true;
    }
}

/* The right side: a constant of the left side's type where it is written as one. */
static struct term right_side(struct scene *scene, const struct term *left, const struct value *value)
{
    struct type type = left->type;
    bool listed =
        type.kind == TYPE_ENUM || type.kind == TYPE_COUNTRY || type.kind == TYPE_CURRENCY || type.kind == TYPE_SET;
    if (value->kind == VALUE_WORD && !listed && scene->sight != SEES_JOURNEY)
        return reference_value(scene, value, &type);
    if (is_literal(value)) return reference_constant(scene, value, type);
    struct term right = reference_value(scene, value, &type);
    if (!right.known) reference_fail(scene->reference, "an unknown value is compared with");
    return term_round(scene->reference, right, scene->rounding);
}

static bool holds(struct reference *reference, enum comparison comparison, int order)
{
    switch (comparison) {
    case COMPARISON_IS:
    case COMPARISON_ONE_OF: return order == 0;
    case COMPARISON_AT_LEAST: return order >= 0;
    case COMPARISON_AT_MOST: return reference->plant == PLANTED_AT_MOST ? order < 0 : order <= 0;
    case COMPARISON_MORE_THAN: return order > 0;
    case COMPARISON_LESS_THAN: return order < 0;
    default: return false;
    }
}

static bool in_bounds(struct scene *scene, const struct condition *condition, const struct term *left)
{
    struct reference *reference = scene->reference;
    const struct value *first = condition->values.first;
    if (condition->comparison == COMPARISON_BETWEEN) {
        struct term low = right_side(scene, left, first), high = right_side(scene, left, first->next);
        return term_compare(reference, left, &low) >= 0 && term_compare(reference, left, &high) <= 0;
    }
    for (const struct value *value = first; value != NULL; value = value->next) {
        struct term right = right_side(scene, left, value);
        if (holds(reference, condition->comparison, term_compare(reference, left, &right))) return true;
        if (reference->plant == PLANTED_NOT && condition->negated) return false;
    }
    return false;
}

/* `amount is at least 20 EUR or 90 PLN`: by the currency that the money came in. */
static bool by_price(struct scene *scene, const struct condition *condition, const struct value *left)
{
    struct reference *reference = scene->reference;
    const struct names *names = reference->names;
    const struct member *field =
        left->kind == VALUE_WORD && scene->sight == SEES_EVENT ? names_field(scene->event, left->name.text) : NULL;
    if (field == NULL) {
        reference_unsure(reference, "a price list away from its event");
        return false;
    }
    const struct bank_read *bank = &scene->inputs->event;
    int64_t amount = bank->slot[field->slot], currency = bank->slot[field->slot + 1];
    for (const struct value *price = condition->values.first->prices; price != NULL; price = price->next) {
        if (names_index(names->currencies, names->currency_count, price->currency) != (uint32_t)currency) continue;
        if (condition->comparison != COMPARISON_BETWEEN) {
            int order = amount < price->amount ? -1 : amount > price->amount ? 1 : 0;
            return holds(reference, condition->comparison, order) != condition->negated;
        }
        for (const struct value *high = condition->values.first->next->prices; high != NULL; high = high->next) {
            if (text_equal(high->currency, price->currency))
                return (amount >= price->amount && amount <= high->amount) != condition->negated;
        }
    }
    return false;
}

static bool within_last(struct scene *scene, const struct condition *condition, const struct term *left)
{
    const struct duration *last = &condition->values.first->duration;
    bool exact = last->months == 0 && last->days == 0;
    if (left->type.kind == TYPE_DATE) {
        int64_t begin = exact ? days_later(scene->zone, scene->now, 0, -(last->ms / DAYS_MS), -(last->ms % DAYS_MS))
                              : days_later(scene->zone, scene->now, -last->months, -last->days, -last->ms);
        if (exact && last->ms < DAYS_MS) begin = scene->now - last->ms;
        return left->num > days_date(scene->zone, begin) && left->num <= days_date(scene->zone, scene->now);
    }
    int64_t begin =
        exact ? scene->now - last->ms : days_window(scene->zone, scene->now, last->months, last->days, last->ms);
    if (scene->reference->plant == PLANTED_WINDOW) return left->num > begin;
    return left->num > begin && left->num <= scene->now;
}

static bool contains(struct scene *scene, const struct condition *condition, const struct term *left)
{
    for (const struct value *value = condition->values.first; value != NULL; value = value->next) {
        if (condition->comparison == COMPARISON_CONTAINS_WORD) {
            if (has_words(scene->reference, left->text, value->name.text)) return true;
        } else if (left->type.kind == TYPE_TEXT) {
            if (has_text(left->text, value->name.text)) return true;
        } else {
            struct term right = reference_constant(scene, value, left->type);
            if (((uint64_t)left->num >> (uint64_t)right.num & 1) != 0) return true;
        }
    }
    return false;
}

static bool in_segment(struct scene *scene, struct text name)
{
    const struct names *names = scene->reference->names;
    const struct thing *segment = names_thing(names->segments, names->segment_count, name);
    if (segment == NULL || scene->depth > 32) {
        reference_fail(scene->reference, "no segment is called \"%.*s\"", TEXT_ARGS(name));
        return false;
    }
    struct scene inner = *scene;
    inner.sight = SEES_PLAYER;
    inner.event = NULL;
    inner.depth++;
    return reference_condition(&inner, segment->declaration->condition, NULL);
}

static bool has_badge(struct scene *scene, struct text name)
{
    struct value awarded = {.kind = VALUE_PROPERTY, .owner = {.text = name}, .name = {.text = TEXT("awarded")}};
    return reference_value(scene, &awarded, NULL).num == 1;
}

static bool compare(struct scene *scene, const struct condition *condition, const struct value *subject)
{
    struct reference *reference = scene->reference;
    const struct value *first = condition->values.first;
    const struct value *left = condition->left != NULL ? condition->left : subject;
    bool not = condition->negated;
    if (condition->comparison == COMPARISON_KNOWN) return reference_known(scene, left) != not ;
    if (condition->comparison == COMPARISON_IN_SEGMENT) return in_segment(scene, first->name.text) != not ;
    if (condition->comparison == COMPARISON_HAS_BADGE) return has_badge(scene, first->name.text) != not ;
    if (first->kind == VALUE_PRICE_LIST) return by_price(scene, condition, left);
    struct term term = reference_value(scene, left, NULL);
    if (reference->unsure) return false;
    if (!term.known) {
        reference_fail(reference, "an unknown value is compared");
        return false;
    }
    if ((uint32_t)term.type.kind == TYPE_ARM) {
        struct text name = arm_name(scene, &term);
        for (const struct value *value = first; value != NULL; value = value->next) {
            if (text_equal(value->name.text, name)) return !not ;
        }
        return not ;
    }
    if (condition->comparison == COMPARISON_WITHIN_LAST) return within_last(scene, condition, &term) != not ;
    if (condition->comparison == COMPARISON_CONTAINS || condition->comparison == COMPARISON_CONTAINS_WORD)
        return contains(scene, condition, &term) != not ;
    term = term_round(reference, term, scene->rounding);
    return in_bounds(scene, condition, &term) != not ;
}

bool reference_condition(struct scene *scene, const struct condition *condition, const struct value *subject)
{
    switch (condition->kind) {
    case CONDITION_COMPARE: {
        bool yes = compare(scene, condition, subject);
        reference_mark(scene->reference, condition, yes);
        return yes;
    }
    case CONDITION_ALL:
        for (const struct condition *child = condition->children; child != NULL; child = child->next) {
            if (reference_condition(scene, child, subject)) continue;
            /* A planted mistake: the rest is asked all the same. */
            for (child = child->next; child != NULL && scene->reference->plant == PLANTED_TRACE; child = child->next)
                reference_mark(scene->reference, child, false);
            return false;
        }
        return true;
    case CONDITION_ANY:
        for (const struct condition *child = condition->children; child != NULL; child = child->next) {
            if (reference_condition(scene, child, subject)) return true;
        }
        return false;
    case CONDITION_NONE:
        for (const struct condition *child = condition->children; child != NULL; child = child->next) {
            if (reference_condition(scene, child, subject)) return false;
        }
        return true;
    case CONDITION_BROKEN: break;
    }
    reference_fail(scene->reference, "a condition that is none");
    return false;
}

/* ------------------------------------------------------------------ filters of events */

/* Whether a condition asks the field for a price in one of several currencies. */
static bool is_priced(const struct condition *condition, struct text field)
{
    if (condition == NULL) return false;
    if (condition->kind == CONDITION_COMPARE)
        return condition->left != NULL && condition->left->kind == VALUE_WORD &&
               text_equal(condition->left->name.text, field) && condition->values.first != NULL &&
               condition->values.first->kind == VALUE_PRICE_LIST;
    for (const struct condition *child = condition->children; child != NULL; child = child->next) {
        if (is_priced(child, field)) return true;
    }
    return false;
}

static bool reads_value(const struct value *value, struct text field)
{
    if (value == NULL) return false;
    if (value->kind == VALUE_WORD && text_equal(value->name.text, field)) return true;
    if (value->kind == VALUE_CONVERSION) return false;
    return reads_value(value->left, field) || reads_value(value->right, field);
}

static bool reads(const struct condition *condition, struct text field)
{
    if (condition == NULL) return false;
    if (condition->kind == CONDITION_COMPARE && condition->comparison == COMPARISON_KNOWN) return false;
    if (reads_value(condition->left, field)) return true;
    for (const struct value *value = condition->values.first; value != NULL; value = value->next) {
        if (reads_value(value, field)) return true;
    }
    for (const struct condition *child = condition->children; child != NULL; child = child->next) {
        if (reads(child, field)) return true;
    }
    return false;
}

/* ------------------------------------------------------------------ what a campaign mentions */

/* `event.field` as it is written in a text: never, only with ` in CURRENCY by "…"` behind, or also without. */
static enum mention in_text(const struct reference *reference, const struct declaration *declaration, const char *path)
{
    const struct span from = declaration->span, to = declaration->end_span;
    const struct source *source = reference->names->sources->sources[from.file];
    struct text text = text_slice(source->text, from.start, to.end > from.start ? to.end - from.start : 0);
    uint32_t size = (uint32_t)strlen(path);
    enum mention mention = MENTION_NONE;
    for (uint32_t at = 0; at + size <= text.size; at++) {
        if (memcmp(text.at + at, path, size) != 0) continue;
        struct text behind = text_slice(text, at + size, 12);
        if (behind.size > 0 && isalnum((unsigned char)behind.at[0])) continue;
        bool converted =
            text_starts_with(behind, TEXT(" in ")) && text_ends_with(text_slice(behind, 0, 11), TEXT(" by "));
        if (!converted) return MENTION_PLAIN;
        mention = MENTION_CONVERTED;
    }
    return mention;
}

enum mention reference_mentions(const struct reference *reference, const struct thing *campaign, struct text event,
                                struct text field)
{
    const struct names *names = reference->names;
    char path[200];
    snprintf(path, sizeof path, "%.*s.%.*s", TEXT_ARGS(event), TEXT_ARGS(field));
    /* Of a deposit more is read than is written: what is wagered, what a term asks. */
    if (text_equal(event, TEXT("deposit"))) return MENTION_PLAIN;
    enum mention mention = in_text(reference, campaign->declaration, path);
    for (uint32_t i = 0; i < names->offer_count; i++) {
        enum mention other = in_text(reference, names->offers[i].declaration, path);
        if (other > mention) mention = other;
    }
    for (uint32_t i = 0; i < names->message_count; i++) {
        enum mention other = in_text(reference, names->messages[i].declaration, path);
        /* Every message of the workspace, sent by this campaign or not: it is not known here what is read. */
        if (other > mention) mention = other;
    }
    return mention;
}

/* The rates by which a condition converts the field, or nothing. */
static struct text converted_by(const struct value *value, struct text field)
{
    struct text found = TEXT("");
    if (value == NULL) return found;
    if (value->kind == VALUE_CONVERSION && value->left->kind == VALUE_WORD && text_equal(value->left->name.text, field))
        return value->owner.text;
    if (value->left != NULL) found = converted_by(value->left, field);
    if (found.size == 0 && value->right != NULL) found = converted_by(value->right, field);
    return found;
}

static struct text converted_in(const struct condition *condition, struct text field)
{
    struct text found = TEXT("");
    if (condition == NULL) return found;
    found = converted_by(condition->left, field);
    for (const struct condition *child = condition->children; child != NULL && found.size == 0; child = child->next)
        found = converted_in(child, field);
    return found;
}

int reference_meets(struct scene *scene, const struct event_info *event, const struct condition *where)
{
    const struct bank_read *bank = &scene->inputs->event;
    bool depends = false;
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct member *field = &event->fields[i];
        bool there = (bank->known[field->slot / 64] >> (field->slot % 64) & 1) != 0;
        if (field->type.kind != TYPE_MONEY || !there || bank->slot[field->slot + 1] == scene->currency) continue;
        if (is_priced(where, field->name.text)) {
            depends = true; /* one of the prices, or not: the currency alone may decide */
            continue;
        }
        if (reads(where, field->name.text)) return 0;
        int128 num, den;
        struct text rates = converted_in(where, field->name.text);
        uint32_t from = (uint32_t)bank->slot[field->slot + 1];
        if (rates.size > 0 && !reference_rate(scene->reference, rates, from, scene->currency, &num, &den)) return 0;
        enum mention mention = scene->campaign == NULL ? MENTION_PLAIN
                                                       : reference_mentions(scene->reference, scene->campaign,
                                                                            event->name, field->name.text);
        depends = depends || mention == MENTION_PLAIN || (mention == MENTION_CONVERTED && rates.size == 0);
    }
    bool holds = where == NULL || reference_condition(scene, where, NULL);
    return depends ? (holds ? -1 : -2) : holds;
}
