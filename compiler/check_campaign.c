/*
 * The lines of a campaign as records, and the order in which a campaign is made:
 * what it says of itself, offers, budget, graph (flow.c), then its region: filters first, then the journey.
 * spec: language.md#campaigns
 */
#include "compiler/campaign.h"
#include "compiler/check_ask.h"
#include "compiler/check_habits.h"
#include "compiler/check_versions.h"
#include "compiler/check_zones.h"
#include "compiler/check_policies.h"
#include "compiler/check_rules.h"
#include "compiler/check_schedule.h"

#include <stddef.h>

#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/limits.h"
#include "vm/zone.h"

/* ------------------------------------------------------------------ finders */

struct campaign_offer *campaign_offer(struct campaign *campaign, struct text name)
{
    for (uint32_t i = 0; i < campaign->offer_count; i++) {
        if (text_equal(campaign->offers[i].declaration->name.text, name)) return &campaign->offers[i];
    }
    return NULL;
}

struct split_info *campaign_split(struct campaign *campaign, struct text name)
{
    for (uint32_t i = 0; i < campaign->split_count; i++) {
        if (text_equal(campaign->splits[i].name, name)) return &campaign->splits[i];
    }
    return NULL;
}

struct variable *campaign_remembered(struct campaign *campaign, struct text name)
{
    for (uint32_t i = 0; i < campaign->variable_count; i++) {
        struct variable *variable = &campaign->variables[i];
        if (variable->use == VARIABLE_REMEMBERED && text_equal(variable->name, name)) return variable;
    }
    return NULL;
}

uint32_t campaign_variable(struct campaign *campaign, struct variable variable)
{
    if (campaign->variable_count == CAMPAIGN_VARIABLES_MAX) {
        if (!campaign->too_many_variables) {
            REPORT(campaign->names, DIAGNOSTIC_TOO_MANY, campaign->declaration->span, TEXT("more than 64"),
                   TEXT("values that one journey keeps (event fields read later, remembered values, counters)"),
                   TEXT("64"));
        }
        campaign->too_many_variables = true;
        return PROGRAM_NONE;
    }
    campaign->variables[campaign->variable_count] = variable;
    return campaign->variable_count++;
}

uint32_t campaign_counter(struct campaign *campaign, const struct statement *statement)
{
    for (uint32_t i = 0; i < campaign->variable_count; i++) {
        const struct variable *variable = &campaign->variables[i];
        if (variable->use == VARIABLE_COUNTER && variable->statement == statement) return i;
    }
    struct variable counter = {.use = VARIABLE_COUNTER,
                               .name = TEXT(""),
                               .type = {TYPE_WHOLE, PROGRAM_NONE, 0},
                               .range = range_of(0, INT32_MAX),
                               .typed = true,
                               .statement = statement,
                               .span = statement->span};
    uint32_t number = campaign_variable(campaign, counter);
    return number == PROGRAM_NONE ? 0 : number;
}

const struct line *campaign_parameter(const struct campaign_offer *offer, struct text name)
{
    for (const struct line *line = offer->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_PARAMETER && text_equal(line->as.parameter.name.text, name)) return line;
    }
    return NULL;
}

static const struct declaration *find_terms(struct campaign *campaign, struct text name)
{
    for (uint32_t i = 0; i < campaign->terms_count; i++) {
        if (text_equal(campaign->terms[i]->name.text, name)) return campaign->terms[i];
    }
    const struct thing *terms = names_thing(campaign->names->terms, campaign->names->terms_count, name);
    return terms != NULL ? terms->declaration : NULL;
}

const struct line *campaign_terms_line(struct campaign *campaign, const struct declaration *offer, enum line_kind kind)
{
    const struct line *own = ast_find_line(&offer->lines, kind, NULL);
    if (own != NULL) return own;
    const struct line *follows = ast_find_line(&offer->lines, LINE_FOLLOWS, NULL);
    if (follows == NULL) return NULL;
    const struct declaration *terms = find_terms(campaign, follows->as.text.text);
    return terms != NULL ? ast_find_line(&terms->lines, kind, NULL) : NULL;
}

void campaign_patch(struct campaign *campaign, enum section section, uint32_t index, size_t offset,
                    const struct node *node)
{
    struct patch *patch = ARENA_NEW(campaign->names->arena, struct patch);
    if (patch == NULL) return;
    *patch = (struct patch){section, index, offset, node, campaign->patches};
    campaign->patches = patch;
}

uint32_t campaign_about(struct campaign *campaign, const struct event_match *match, const struct event_info *event,
                        bool in_journey)
{
    struct names *names = campaign->names;
    if (!ast_is_present(&match->about)) return PROGRAM_NONE;
    struct text name = match->about.text;
    bool known = false;
    struct text *list = ARENA_ARRAY(names->arena, struct text,
                                    names->message_count + names->campaign_count + names->offer_count +
                                        campaign->offer_count + campaign->effect_count + 1);
    uint32_t count = 0;
    if (list == NULL) return PROGRAM_NONE;
    switch (event->about) {
    case ABOUT_NOTHING:
    case ABOUT_COUNT:
        REPORT(names, DIAGNOSTIC_EVENT_ABOUT_NOTHING, match->about.span, event->name);
        return PROGRAM_NONE;
    case ABOUT_MESSAGE:
        for (uint32_t i = 0; i < names->message_count; i++) list[count++] = names->messages[i].name;
        break;
    case ABOUT_OFFER:
        for (uint32_t i = 0; i < campaign->offer_count; i++) list[count++] = campaign->offers[i].declaration->name.text;
        if (!in_journey) {
            for (uint32_t i = 0; i < names->offer_count; i++) list[count++] = names->offers[i].name;
            for (uint32_t i = 0; i < names->campaign_count; i++) {
                for (const struct line *line = names->campaigns[i].declaration->lines.first; line != NULL;
                     line = line->next) {
                    if (line->kind == LINE_OFFER && text_equal(line->as.declaration->name.text, name)) known = true;
                }
            }
        }
        break;
    case ABOUT_CAMPAIGN:
        for (uint32_t i = 0; i < names->campaign_count; i++) list[count++] = names->campaigns[i].name;
        break;
    case ABOUT_CODES: known = true; break;
    }
    known = known || names_index(list, count, name) != PROGRAM_NONE;
    if (!known) {
        names_unknown(names, DIAGNOSTIC_UNKNOWN_ABOUT, &match->about, list, count);
        return PROGRAM_NONE;
    }
    if (in_journey && (event->about == ABOUT_MESSAGE || event->about == ABOUT_OFFER)) {
        bool made = false;
        for (uint32_t i = 0; i < campaign->effect_count; i++) {
            const struct effect_info *effect = &campaign->effects[i];
            made = made || (effect->act == (event->about == ABOUT_MESSAGE ? ACT_SEND : ACT_CREDIT) &&
                            text_equal(effect->name, name));
        }
        if (!made) REPORT(names, DIAGNOSTIC_NOT_MADE_HERE, match->about.span, name);
    }
    return builder_text(names->builder, name);
}

uint64_t campaign_money(const struct campaign *campaign, const struct node *entry)
{
    const struct flow *flow = &campaign->flow;
    uint64_t mask = 0;
    for (uint32_t i = 0; i < flow->read_count; i++) {
        const struct read *read = &flow->reads[i];
        if (read->event != entry->event || read->field == NULL || read->type.kind != TYPE_MONEY || read->open ||
            (entry->live_after >> i & 1) == 0)
            continue;
        mask |= UINT64_C(1) << (read->field - read->event->fields);
    }
    return mask;
}

uint32_t campaign_conversions(const struct campaign *campaign, const struct node *entry, const struct member *field,
                              uint32_t out[64])
{
    const struct flow *flow = &campaign->flow;
    uint32_t count = 0;
    for (uint32_t i = 0; i < flow->read_count && count < 64; i++) {
        const struct read *read = &flow->reads[i];
        if (read->event == entry->event && read->field == field && read->conversion != PROGRAM_NONE &&
            (entry->live_after >> i & 1) != 0)
            out[count++] = read->conversion;
    }
    return count;
}

/* ------------------------------------------------------------------ offers */

static void add_fact(struct builder *builder, struct bundle_offer *record, struct text name, struct text value)
{
    struct bundle_fact fact = {.name = builder_text(builder, name), .value = builder_text(builder, value)};
    builder_add_fact(builder, &fact);
    record->fact_count++;
}

static void judge_offer_lines(struct campaign *campaign, struct campaign_offer *offer)
{
    struct names *names = campaign->names;
    schema_judge_repeats(names, offer->declaration);
    const struct action_info *action = offer->action;
    struct text *list = ARENA_ARRAY(names->arena, struct text, action->parameter_count + 5);
    if (list == NULL) return;
    uint32_t list_count = 0;
    for (uint32_t i = 0; i < action->parameter_count; i++) list[list_count++] = action->parameters[i].name.text;
    list[list_count++] = TEXT("wagering");
    list[list_count++] = TEXT("games");
    list[list_count++] = TEXT("expires");
    list[list_count++] = TEXT("follows");
    for (const struct line *line = offer->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_PARAMETER) {
            if (names_index(list, action->parameter_count, line->as.parameter.name.text) == PROGRAM_NONE) {
                if (!action->declaration->is_broken)
                    names_unknown(names, DIAGNOSTIC_UNKNOWN_PARAMETER, &line->as.parameter.name, list, list_count);
                offer->broken = true;
            }
            for (const struct line *later = line->next; later != NULL; later = later->next) {
                if (later->kind == LINE_PARAMETER &&
                    text_equal(later->as.parameter.name.text, line->as.parameter.name.text)) {
                    REPORT(names, DIAGNOSTIC_LINE_TWICE, later->span, later->as.parameter.name.text);
                }
            }
        }
        if (line->kind == LINE_FOLLOWS && find_terms(campaign, line->as.text.text) == NULL) {
            struct text *known = ARENA_ARRAY(names->arena, struct text, campaign->terms_count + names->terms_count + 1);
            uint32_t count = 0;
            for (uint32_t i = 0; known != NULL && i < campaign->terms_count; i++)
                known[count++] = campaign->terms[i]->name.text;
            for (uint32_t i = 0; known != NULL && i < names->terms_count; i++) known[count++] = names->terms[i].name;
            if (!campaign->declaration->is_broken)
                names_unknown(names, DIAGNOSTIC_UNKNOWN_TERMS, &line->as.text, known, count);
        }
    }
    for (uint32_t i = 0; i < action->parameter_count; i++) {
        if (campaign_parameter(offer, list[i]) != NULL || offer->declaration->is_broken || offer->broken) continue;
        REPORT(names, DIAGNOSTIC_PARAMETER_MISSING, offer->declaration->span, action->name, list[i],
               names_type_words(names, action->parameters[i].type));
        offer->broken = true;
    }
    bool terms = ast_find_line(&offer->declaration->lines, LINE_FOLLOWS, NULL) != NULL ||
                 campaign_terms_line(campaign, offer->declaration, LINE_WAGERING) != NULL ||
                 campaign_terms_line(campaign, offer->declaration, LINE_EXPIRES) != NULL ||
                 campaign_terms_line(campaign, offer->declaration, LINE_GAMES) != NULL;
    if (!terms && action->costs != NULL && !offer->declaration->is_broken && !offer->broken) {
        REPORT(names, DIAGNOSTIC_OFFER_WITHOUT_TERMS, offer->declaration->span, offer->declaration->name.text);
    }
}

static void emit_offer(struct campaign *campaign, struct campaign_offer *offer)
{
    struct names *names = campaign->names;
    struct builder *builder = names->builder;
    const struct declaration *declaration = offer->declaration;
    const struct action_info *action = names_action(names, declaration->offer_kind.text);
    if (action == NULL || action->class != CLASS_REWARD) {
        struct text *list = ARENA_ARRAY(names->arena, struct text, names->action_count + 1);
        uint32_t count = 0;
        for (uint32_t i = 0; list != NULL && i < names->action_count; i++) {
            if (names->actions[i].class == CLASS_REWARD) list[count++] = names->actions[i].name;
        }
        names_unknown(names, action == NULL ? DIAGNOSTIC_UNKNOWN_REWARD : DIAGNOSTIC_NOT_A_REWARD,
                      &declaration->offer_kind, list, count);
        offer->broken = true;
        return;
    }
    offer->action = action;
    judge_offer_lines(campaign, offer);
    struct bundle_offer record = {
        .name = builder_text(builder, declaration->name.text),
        .campaign = campaign->index,
        .action = action->index,
        .currency = campaign->currency,
        .amount_parameter = PROGRAM_NONE,
        .fact_first = builder_count(builder, SECTION_FACT),
        .expires_kind = WINDOW_NONE,
    };
    for (uint32_t i = 0; i < action->parameter_count; i++) {
        if (action->parameters[i].type.kind != TYPE_MONEY) continue;
        bool named = text_equal(action->parameters[i].name.text, TEXT("amount"));
        bool costs = action->costs != NULL && action->costs->kind == VALUE_WORD &&
                     text_equal(action->costs->name.text, action->parameters[i].name.text);
        if (named || costs) record.amount_parameter = i;
    }
    const struct line *wagering = campaign_terms_line(campaign, declaration, LINE_WAGERING);
    if (wagering != NULL) {
        if (!wagering->as.wagering.none && wagering->as.wagering.multiple != NULL) {
            const struct value *multiple = wagering->as.wagering.multiple;
            if (multiple->kind == VALUE_MULTIPLE) {
                record.wagering = multiple->amount;
            }
            record.wagering_of = wagering->as.wagering.of_bonus && wagering->as.wagering.of_deposit ? WAGERING_BOTH
                                 : wagering->as.wagering.of_deposit                                 ? WAGERING_DEPOSIT
                                                                                                    : WAGERING_BONUS;
        }
        struct text words = names_words(names, wagering->span);
        add_fact(builder, &record, TEXT("wagering"), text_trim(text_slice(words, 8, words.size)));
    }
    const struct line *games = campaign_terms_line(campaign, declaration, LINE_GAMES);
    if (games != NULL) {
        struct text list = TEXT("");
        for (const struct name_node *node = games->as.words.first; node != NULL; node = node->next) {
            list = arena_print(names->arena, "%.*s%s%.*s", TEXT_ARGS(list), list.size > 0 ? ", " : "",
                               TEXT_ARGS(node->name.text));
        }
        add_fact(builder, &record, TEXT("games"), list);
    }
    const struct line *expires = campaign_terms_line(campaign, declaration, LINE_EXPIRES);
    if (expires != NULL) {
        const struct value *duration = expires->as.expires.duration;
        if (duration != NULL && duration->kind == VALUE_DURATION) {
            record.expires_kind = names_duration(&duration->duration, &record.expires);
            if (names_duration_ms(&duration->duration) == 0)
                names_report(names, DIAGNOSTIC_DURATION_ZERO, duration->span, NULL, 0);
        }
        record.expires_after_activation = expires->as.expires.after_activation;
        struct text words = names_words(names, expires->span);
        add_fact(builder, &record, TEXT("expires"), text_trim(text_slice(words, 7, words.size)));
    }
    offer->index = builder_add_offer(builder, &record);
}

static void collect_offers(struct campaign *campaign)
{
    struct names *names = campaign->names;
    uint32_t count = names->offer_count;
    uint32_t terms = 0;
    for (const struct line *line = campaign->declaration->lines.first; line != NULL; line = line->next) {
        count += line->kind == LINE_OFFER;
        terms += line->kind == LINE_TERMS;
    }
    campaign->offers = ARENA_ARRAY(names->arena, struct campaign_offer, count + 1);
    campaign->terms = ARENA_ARRAY(names->arena, struct declaration *, terms + 1);
    if (campaign->offers == NULL || campaign->terms == NULL) return;
    for (const struct line *line = campaign->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_TERMS) {
            if (find_terms(campaign, line->as.declaration->name.text) != NULL)
                REPORT(names, DIAGNOSTIC_DECLARED_TWICE, line->span, TEXT("the terms"),
                       line->as.declaration->name.text);
            schema_judge_repeats(names, line->as.declaration);
            campaign->terms[campaign->terms_count++] = line->as.declaration;
        }
        if (line->kind == LINE_OFFER) {
            if (campaign_offer(campaign, line->as.declaration->name.text) != NULL) {
                REPORT(names, DIAGNOSTIC_DECLARED_TWICE, line->span, TEXT("the offer"),
                       line->as.declaration->name.text);
                continue;
            }
            names_judge_length(names, &line->as.declaration->name);
            campaign->offers[campaign->offer_count++] = (struct campaign_offer){.declaration = line->as.declaration};
        }
    }
    for (uint32_t i = 0; i < names->offer_count; i++) {
        if (campaign_offer(campaign, names->offers[i].name) != NULL) continue;
        campaign->offers[campaign->offer_count++] =
            (struct campaign_offer){.declaration = names->offers[i].declaration, .shared = true};
    }
}

/* ------------------------------------------------------------------ splits */

static bool is_holdout(struct text name)
{
    return text_equal(name, TEXT("holdout")) || text_equal(name, TEXT("control")) ||
           text_equal(name, TEXT("Holdout")) || text_equal(name, TEXT("Control"));
}

/* The first statement of a block that is of the kind (CREDIT, SEND) and of that name (NULL: any), also by way of a `go to` (at depth
 * 0). */
/* The cases of a wait or of a question. */
static const struct choice_list *cases_of(const struct statement *statement)
{
    return statement->kind == STATEMENT_ASK ? &statement->as.ask.cases : &statement->as.wait_up_to.cases;
}

static const struct statement *find_in(const struct campaign *campaign, const struct block *block,
                                       enum statement_kind kind, uint32_t depth, const struct text *name);

static const struct statement *find_at(const struct campaign *campaign, const struct statement *statement,
                                       enum statement_kind kind, uint32_t depth, const struct text *name)
{
    const struct statement *found = NULL;
    switch (statement->kind) {
    case STATEMENT_CREDIT:
    case STATEMENT_SEND:
        if (statement->kind == kind && (name == NULL || text_equal(*name, statement->name.text))) return statement;
        break;
    case STATEMENT_GO_TO:
        for (uint32_t i = 0; i < campaign->step_count && depth == 0 && found == NULL; i++) {
            if (text_equal(campaign->steps[i]->as.step.name.text, statement->name.text))
                found = find_in(campaign, &campaign->steps[i]->as.step.body, kind, 1, name);
        }
        if (found != NULL) return statement;
        break;
    case STATEMENT_IF:
        for (const struct branch *branch = statement->as.branch.branches.first; branch != NULL && found == NULL;
             branch = branch->next)
            found = find_in(campaign, &branch->body, kind, depth, name);
        if (found == NULL && statement->as.branch.has_otherwise)
            found = find_in(campaign, &statement->as.branch.otherwise, kind, depth, name);
        break;
    case STATEMENT_CHOOSE:
        for (const struct choice *choice = statement->as.choose.cases.first; choice != NULL && found == NULL;
             choice = choice->next)
            found = find_in(campaign, &choice->body, kind, depth, name);
        break;
    case STATEMENT_WAIT_UP_TO:
    case STATEMENT_ASK:
        for (const struct choice *choice = cases_of(statement)->first; choice != NULL && found == NULL;
             choice = choice->next)
            found = find_in(campaign, &choice->body, kind, depth, name);
        break;
    case STATEMENT_SPLIT:
        for (const struct choice *choice = statement->as.split.arms.first; choice != NULL && found == NULL;
             choice = choice->next)
            found = find_in(campaign, &choice->body, kind, depth, name);
        break;
    case STATEMENT_REPEAT: found = find_in(campaign, &statement->as.repeat.body, kind, depth, name); break;
    default: break;
    }
    if (found == NULL && statement->otherwise != NULL)
        found = find_at(campaign, statement->otherwise, kind, depth, name);
    return found;
}

static const struct statement *find_in(const struct campaign *campaign, const struct block *block,
                                       enum statement_kind kind, uint32_t depth, const struct text *name)
{
    for (const struct statement *statement = block->first; statement != NULL; statement = statement->next) {
        const struct statement *found = find_at(campaign, statement, kind, depth, name);
        if (found != NULL) return found;
    }
    return NULL;
}

static const struct statement *find_credit(const struct campaign *campaign, const struct block *block, uint32_t depth,
                                           const struct text *offer)
{
    return find_in(campaign, block, STATEMENT_CREDIT, depth, offer);
}

static void add_split(struct campaign *campaign, const struct statement *statement)
{
    struct names *names = campaign->names;
    const struct split_info *before = campaign_split(campaign, statement->name.text);
    if (before != NULL) {
        struct diagnostic *diagnostic =
            REPORT(names, DIAGNOSTIC_DECLARED_TWICE, statement->name.span, TEXT("the split"), statement->name.text);
        diagnostic_add_note(names->diagnostics, diagnostic, before->statement->span, TEXT("the first one is here"));
        return;
    }
    names_judge_length(names, &statement->name);
    names_note_split(names, &statement->name);
    struct split_info *split = &campaign->splits[campaign->split_count];
    *split =
        (struct split_info){.statement = statement, .name = statement->name.text, .index = campaign->split_count++};
    split->arms = ARENA_ARRAY(names->arena, struct text, statement->as.split.arms.count + 1);
    if (split->arms == NULL) return;
    int64_t sum = 0;
    for (const struct choice *arm = statement->as.split.arms.first; arm != NULL; arm = arm->next) {
        if (names_index(split->arms, split->arm_count, arm->name.text) != PROGRAM_NONE)
            REPORT(names, DIAGNOSTIC_DECLARED_TWICE, arm->name.span, TEXT("the arm"), arm->name.text);
        names_judge_length(names, &arm->name);
        split->arms[split->arm_count++] = arm->name.text;
        sum += arm->share;
        if (arm->share <= 0) REPORT(names, DIAGNOSTIC_ARM_EMPTY, arm->span, arm->name.text);
        const struct statement *credit = is_holdout(arm->name.text) ? find_credit(campaign, &arm->body, 0, NULL) : NULL;
        if (credit != NULL) REPORT(names, DIAGNOSTIC_REWARD_IN_HOLDOUT, credit->span, arm->name.text, split->name);
        const struct statement *send =
            is_holdout(arm->name.text) ? find_in(campaign, &arm->body, STATEMENT_SEND, 0, NULL) : NULL;
        if (send != NULL) REPORT(names, DIAGNOSTIC_MESSAGE_IN_HOLDOUT, send->span, arm->name.text, split->name);
    }
    if (sum != DECIMAL_ONE && !campaign->declaration->is_broken) {
        struct buffer words;
        buffer_init(&words, 0);
        decimal_print_percent(&words, sum);
        REPORT(names, DIAGNOSTIC_SPLIT_SUM, statement->span, buffer_as_text(&words));
        buffer_deinit(&words);
    } else if (sum == DECIMAL_ONE && (split->arm_count < 2 || split->arm_count > LIMIT_SPLIT_ARMS)) {
        REPORT(names, DIAGNOSTIC_SPLIT_ARMS, statement->span, names_number(names, split->arm_count));
    }
}

static void find_splits(struct campaign *campaign, const struct block *block, uint32_t *count, bool add)
{
    for (const struct statement *statement = block->first; statement != NULL; statement = statement->next) {
        for (const struct statement *one = statement; one != NULL; one = one->otherwise) {
            switch (one->kind) {
            case STATEMENT_SPLIT:
                (*count)++;
                if (add) add_split(campaign, one);
                for (const struct choice *arm = one->as.split.arms.first; arm != NULL; arm = arm->next)
                    find_splits(campaign, &arm->body, count, add);
                break;
            case STATEMENT_IF:
                for (const struct branch *branch = one->as.branch.branches.first; branch != NULL; branch = branch->next)
                    find_splits(campaign, &branch->body, count, add);
                if (one->as.branch.has_otherwise) find_splits(campaign, &one->as.branch.otherwise, count, add);
                break;
            case STATEMENT_CHOOSE:
                for (const struct choice *choice = one->as.choose.cases.first; choice != NULL; choice = choice->next)
                    find_splits(campaign, &choice->body, count, add);
                break;
            case STATEMENT_WAIT_UP_TO:
            case STATEMENT_ASK:
                for (const struct choice *choice = cases_of(one)->first; choice != NULL; choice = choice->next)
                    find_splits(campaign, &choice->body, count, add);
                break;
            case STATEMENT_REPEAT: find_splits(campaign, &one->as.repeat.body, count, add); break;
            default: break;
            }
        }
    }
}

static void emit_splits(struct campaign *campaign)
{
    struct builder *builder = campaign->names->builder;
    for (uint32_t i = 0; i < campaign->split_count; i++) {
        const struct split_info *split = &campaign->splits[i];
        struct bundle_split record = {.name = builder_text(builder, split->name),
                                      .arm_first = builder_count(builder, SECTION_ARM),
                                      .arm_count = split->arm_count,
                                      .line = names_line(campaign->names, split->statement->span)};
        uint32_t upto = 0;
        for (const struct choice *arm = split->statement->as.split.arms.first; arm != NULL; arm = arm->next) {
            upto += (uint32_t)arm->share;
            builder_add_arm(builder, &(struct bundle_arm){.name = builder_text(builder, arm->name.text), .upto = upto});
        }
        builder_add_split(builder, &record);
    }
}

/* ------------------------------------------------------------------ the lines */

/* The first amount of money in a value. */
static const struct value *money_in(const struct value *value)
{
    if (value == NULL || value->kind == VALUE_MONEY) return value;
    const struct value *found = NULL;
    if (value->kind == VALUE_BINARY || value->kind == VALUE_SHARE_OF || value->kind == VALUE_FORMULA)
        found = money_in(value->left);
    if (found == NULL && (value->kind == VALUE_BINARY || value->kind == VALUE_SHARE_OF)) found = money_in(value->right);
    for (const struct clause *clause = value->clauses; clause != NULL && found == NULL; clause = clause->next)
        found = money_in(clause->value);
    return found;
}

/* Whether every amount in the lines is in one currency: that of *out, or the first that is met. */
static bool one_currency(const struct line_list *lines, const struct value **out)
{
    for (const struct line *line = lines->first; line != NULL; line = line->next) {
        const struct value *value = NULL;
        switch (line->kind) {
        case LINE_TOTAL:
        case LINE_PER_PERIOD:
        case LINE_PER_PLAYER:
        case LINE_PER_OFFER: value = money_in(line->as.amount.value); break;
        case LINE_PARAMETER: value = money_in(line->as.parameter.value); break;
        case LINE_BUDGET:
        case LINE_OFFER:
            if (!one_currency(&line->as.declaration->lines, out)) return false;
            break;
        default: break;
        }
        if (value == NULL) continue;
        if (*out != NULL && !text_equal((*out)->currency, value->currency)) return false;
        if (*out == NULL) *out = value;
    }
    return true;
}

/* A campaign without a currency that can be read has that of its amounts: one message instead of one for each of them. */
static void judge_currency(struct campaign *campaign, bool reported)
{
    struct names *names = campaign->names;
    const struct value *money = NULL;
    if (!one_currency(&campaign->declaration->lines, &money) || money == NULL) return;
    uint32_t currency = names_index(names->currencies, names->currency_count, money->currency);
    if (currency == PROGRAM_NONE || currency == campaign->currency) return;
    if (!reported && !campaign->declaration->is_broken)
        REPORT(names, DIAGNOSTIC_CAMPAIGN_CURRENCY, money->span, money->currency,
               names->currencies[campaign->currency]);
    campaign->currency = currency;
}

static void read_enter(struct campaign *campaign, const struct line *line, struct bundle_campaign *record)
{
    struct names *names = campaign->names;
    record->enter = ENTER_ONCE;
    record->enter_count = 1;
    record->enter_limit = PROGRAM_NONE;
    record->enter_limit_reason = PROGRAM_NONE;
    if (line == NULL) return;
    static const enum enter periods[] = {
        [PERIOD_EVER] = ENTER_ONCE, [PERIOD_DAY] = ENTER_DAY, [PERIOD_WEEK] = ENTER_WEEK, [PERIOD_MONTH] = ENTER_MONTH};
    switch (line->as.enter.kind) {
    case ENTER_ONCE_PER_PLAYER: break;
    case ENTER_ONCE_PER_PERIOD: record->enter = periods[line->as.enter.period]; break;
    case ENTER_EVERY_TIME: record->enter = ENTER_ALWAYS; break;
    case ENTER_AT_MOST:
        record->enter = periods[line->as.enter.period];
        record->enter_count =
            line->as.enter.times > 0 && line->as.enter.times < 1000000 ? (uint32_t)line->as.enter.times : 1;
        if (line->as.enter.per != NULL && line->as.enter.per->kind == VALUE_DURATION) {
            record->enter = ENTER_WINDOW;
            record->enter_window_kind = names_duration(&line->as.enter.per->duration, &record->enter_window);
            if (names_duration_ms(&line->as.enter.per->duration) == 0)
                names_report(names, DIAGNOSTIC_DURATION_ZERO, line->as.enter.per->span, NULL, 0);
        }
        break;
    }
    if (line->as.enter.players_at_most > 0)
        record->enter_limit = line->as.enter.players_at_most < (int64_t)PROGRAM_NONE
                                  ? (uint32_t)line->as.enter.players_at_most
                                  : PROGRAM_NONE;
    if (ast_is_present(&line->as.enter.otherwise_reason))
        record->enter_limit_reason = builder_text(names->builder, line->as.enter.otherwise_reason.text);
    enter_read_again(names, line, record);
    enter_read_keys(names, line, record);
}

static void read_heading(struct campaign *campaign, struct bundle_campaign *record)
{
    struct names *names = campaign->names;
    struct builder *builder = names->builder;
    for (struct line *line = campaign->declaration->lines.first; line != NULL; line = line->next) {
        switch (line->kind) {
        case LINE_NOTE: record->note = builder_text(builder, line->as.text.text); break;
        case LINE_OWNER: record->owner = builder_text(builder, line->as.text.text); break;
        case LINE_PRODUCT:
            if (line->as.words.first != NULL)
                campaign->product = names_need_product(names, &line->as.words.first->name);
            break;
        case LINE_CURRENCY:
            if (line->as.words.first != NULL &&
                line == ast_find_line(&campaign->declaration->lines, LINE_CURRENCY, NULL)) {
                uint32_t currency =
                    names_need_currency(names, line->as.words.first->name.text, line->as.words.first->name.span);
                if (currency != PROGRAM_NONE) campaign->currency = currency;
            }
            break;
        case LINE_TIMEZONE: {
            int zone = names_need_zone(names, &line->as.text);
            if (zone >= 0) campaign->zone = (uint32_t)zone;
            break;
        }
        case LINE_JURISDICTION:
            if (!ast_is_present(&line->as.word)) break;
            if (value_country(line->as.word.text) < 0) {
                struct diagnostic *diagnostic =
                    REPORT(names, DIAGNOSTIC_UNKNOWN_COUNTRY, line->as.word.span, line->as.word.text);
                if (text_equal(line->as.word.text, TEXT("UK")))
                    diagnostic_set_help(names->diagnostics, diagnostic, TEXT("the United Kingdom is `GB`"));
            }
            record->jurisdiction = builder_text(builder, line->as.word.text);
            break;
        case LINE_ROUNDING: campaign->rounding = line->as.rounding; break;
        case LINE_LATE_EVENTS:
            if (line->as.value != NULL && line->as.value->kind == VALUE_DURATION)
                record->late_ms = names_duration_ms(&line->as.value->duration);
            break;
        case LINE_RUNS:
            if (line->as.runs.from != NULL && line->as.runs.from->kind == VALUE_DATE)
                record->runs_from = line->as.runs.from->amount;
            if (line->as.runs.through != NULL && line->as.runs.through->kind == VALUE_DATE)
                record->runs_through = line->as.runs.through->amount;
            if (record->runs_from > record->runs_through)
                names_report(names, DIAGNOSTIC_RUNS_EMPTY, line->span, NULL, 0);
            record->runs_end = ast_is_present(&line->as.runs.then_finish) ? RUNS_END_END : RUNS_END_GO_ON;
            if (record->runs_end == RUNS_END_END)
                record->runs_end_reason = builder_text(builder, line->as.runs.then_finish.text);
            break;
        case LINE_PAUSE_ON: {
            const struct event_info *event = names_need_event(names, &line->as.word);
            if (event != NULL && event->safety != SAFETY_TIME_OUT)
                REPORT(names, DIAGNOSTIC_PAUSE_ON, line->as.word.span, line->as.word.text);
            record->pause_on = SAFETY_TIME_OUT;
            break;
        }
        case LINE_BUDGET: campaign->budget = line->as.declaration; break;
        case LINE_START:
        case LINE_START_ENTERING:
        case LINE_START_LEAVING:
        case LINE_START_WITHOUT:
        case LINE_START_COMMAND:
        case LINE_START_SCHEDULE: campaign->start = line; break;
        default: break;
        }
    }
}

static void read_goal(struct campaign *campaign, struct line *line, struct bundle_campaign *record)
{
    struct names *names = campaign->names;
    const struct event_info *event = names_need_event(names, &line->as.goal.event.event);
    if (event != NULL) record->goal_event = event->index;
    if (line->as.goal.within != NULL && line->as.goal.within->kind == VALUE_DURATION) {
        record->goal_kind = names_duration(&line->as.goal.within->duration, &record->goal_within);
        if (names_duration_ms(&line->as.goal.within->duration) == 0)
            names_report(names, DIAGNOSTIC_DURATION_ZERO, line->as.goal.within->span, NULL, 0);
    }
}

/* Caps that concern the campaign: its own and those of all policies. */
static void judge_caps(struct campaign *campaign)
{
    struct names *names = campaign->names;
    uint32_t count = 0;
    for (uint32_t i = 0; i <= names->policy_count; i++) {
        const struct declaration *declaration =
            i < names->policy_count ? names->policies[i].declaration : campaign->declaration;
        for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
            if (line->kind == LINE_MESSAGES_AT_MOST) count += line->as.messages.rates.count;
        }
    }
    if (count > LIMIT_CAPS_PER_CAMPAIGN)
        REPORT(names, DIAGNOSTIC_TOO_MANY, campaign->declaration->span, names_number(names, count),
               TEXT("caps of messages, those of all policies among them,"),
               names_number(names, LIMIT_CAPS_PER_CAMPAIGN));
}

static void emit_variables(struct campaign *campaign, struct bundle_campaign *record)
{
    struct builder *builder = campaign->names->builder;
    record->variable_first = builder_count(builder, SECTION_VARIABLE);
    record->variable_count = campaign->variable_count;
    for (uint32_t i = 0; i < campaign->variable_count; i++) {
        const struct variable *variable = &campaign->variables[i];
        struct bundle_variable row = {
            .low = range_low64(variable->range),
            .high = range_high64(variable->range),
            .name = builder_text(builder, variable->name),
            .kind = (uint32_t)variable->type.kind < TYPE_COUNT ? variable->type.kind : TYPE_BOOL,
            .of =
                variable->type.kind == TYPE_ENUM || variable->type.kind == TYPE_SET || variable->type.kind == TYPE_MONEY
                    ? variable->type.of
                    : PROGRAM_NONE,
            .counter = variable->use == VARIABLE_COUNTER,
        };
        if (variable->type.kind == TYPE_TEXT) {
            row.low = row.high = 0;
            row.size = variable->type.size > 0 ? variable->type.size : 1;
            row.text_offset = record->text_size;
            record->text_size += row.size;
        }
        builder_add_variable(builder, &row);
    }
}

/* A line that moves a journey once says so where it is explained. */
static uint32_t leave_site(struct emitter *emitter, const struct line *line)
{
    return emit_site(emitter, line->span, TEXT("once in a journey"), NULL);
}

static void emit_leaves(struct campaign *campaign, struct emitter *emitter, struct bundle_campaign *record)
{
    struct names *names = campaign->names;
    record->leave_first = builder_count(names->builder, SECTION_LEAVE);
    uint32_t with_target = 0;
    for (struct line *line = campaign->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_LEAVE_ON && line->kind != LINE_LEAVE_WHEN) continue;
        struct bundle_leave leave = {.event = PROGRAM_NONE,
                                     .about = PROGRAM_NONE,
                                     .filter = PROGRAM_NONE,
                                     .target = PROGRAM_NONE,
                                     .line = names_line(names, line->span)};
        emitter->node = NULL;
        emitter->known = 0;
        emitter->event = NULL;
        const struct statement *then = line->as.leave.then;
        const struct node *entry = then != NULL ? campaign->flow.leaves[with_target++] : NULL;
        /* Without a count it moves a journey once. */
        bool once = then != NULL && then->kind == STATEMENT_GO_TO && then->as.go_to.at_most == 0;
        if (line->kind == LINE_LEAVE_WHEN) {
            struct label no = {0};
            leave.filter = emit_pc(emitter);
            emitter->sight = SIGHT_JOURNEY;
            emitter->facts = (struct facts){0};
            emitter->next_register = 0;
            if (once)
                emit_skip(emitter, OP_IF_LT_JOURNEY, campaign_counter(campaign, then), leave_site(emitter, line), &no,
                          1);
            if (line->as.leave.condition != NULL) condition_emit(emitter, line->as.leave.condition, &no);
            emit(emitter, OP_ACCEPT, 0, 0, 0, 0);
            if (no.used) {
                emit_bind(emitter, &no);
                emit(emitter, OP_REJECT, 0, 0, 0, 0);
            }
        } else {
            const struct event_info *event = names_need_event(names, &line->as.leave.event.event);
            if (event != NULL) {
                leave.event = event->index;
                leave.about = campaign_about(campaign, &line->as.leave.event, event, true);
                uint32_t first = emit_pc(emitter);
                if (once) { /* It has moved this journey before: the event passes by. */
                    struct label not_yet = {0};
                    emit_skip(emitter, OP_IF_GE_JOURNEY, campaign_counter(campaign, then), 0, &not_yet, 1);
                    emit(emitter, OP_REJECT, 0, 0, 0, 0);
                    emit_bind(emitter, &not_yet);
                }
                leave.filter = condition_event_filter(emitter, event, line->as.leave.event.where, entry);
                if (once && leave.filter == PROGRAM_NONE) emit(emitter, OP_ACCEPT, 0, 0, 0, 0);
                if (once) leave.filter = first;
            }
        }
        uint32_t index = builder_add_leave(names->builder, &leave);
        if (entry != NULL) campaign_patch(campaign, SECTION_LEAVE, index, offsetof(struct bundle_leave, target), entry);
        record->leave_count++;
    }
}

static void emit_region(struct campaign *campaign, struct bundle_campaign *record)
{
    struct names *names = campaign->names;
    const uint32_t errors = names->diagnostics->error_count;
    struct emitter emitter = {.names = names,
                              .builder = names->builder,
                              .campaign = campaign,
                              .zone = campaign->zone,
                              .sight = SIGHT_JOURNEY};
    campaign->emitter = &emitter;
    journey_prepare(campaign);
    journey_infer(campaign, &emitter);
    flow_known(&campaign->flow);
    emit_region_begin(&emitter);

    const struct line *start = campaign->start;
    struct node *entry = campaign->flow.start;
    emitter.own_event_first = true;
    if (entry->event != NULL) {
        record->start_event = entry->event->index;
        record->start_about = campaign_about(campaign, &start->as.event, entry->event, false);
        record->start_filter = condition_event_filter(&emitter, entry->event, start->as.event.where, entry);
    }
    const struct line *audience = ast_find_line(&campaign->declaration->lines, LINE_ONLY_FOR, NULL);
    if (audience != NULL) record->audience = condition_player_filter(&emitter, audience->as.condition);
    const struct line *goal = ast_find_line(&campaign->declaration->lines, LINE_GOAL, NULL);
    if (goal != NULL && record->goal_event != PROGRAM_NONE) {
        record->goal_filter =
            condition_event_filter(&emitter, &names->events[record->goal_event], goal->as.goal.event.where, NULL);
        if (ast_is_present(&goal->as.goal.event.about))
            names_report(names, DIAGNOSTIC_GOAL_OF, goal->as.goal.event.about.span, NULL, 0);
    }
    emitter.own_event_first = false;
    emit_leaves(campaign, &emitter, record);
    journey_emit(campaign, &emitter);
    record->start = entry->pc;
    record->region = emit_region_end(&emitter, campaign->index);
    if (emitter.too_large && names->diagnostics->error_count == errors)
        REPORT(names, DIAGNOSTIC_TOO_LARGE, campaign->declaration->span,
               arena_print(names->arena, "the campaign `%.*s`", TEXT_ARGS(campaign->name)));
    campaign->emitter = NULL;
}

void campaign_compile(struct names *names, struct thing *thing, uint32_t index)
{
    struct builder *builder = names->builder;
    const uint32_t errors = names->diagnostics->error_count;
    struct campaign *campaign = ARENA_NEW(names->arena, struct campaign);
    if (campaign == NULL) return;
    *campaign = (struct campaign){
        .names = names,
        .declaration = thing->declaration,
        .name = thing->name,
        .index = index,
        .zone = names->zone,
        .rounding = ROUNDING_DOWN,
        .product = PROGRAM_NONE,
        .pool = PROGRAM_NONE,
        .schedule = thing->schedule,
        .holidays = schedule_country(names, thing->declaration),
    };
    struct bundle_campaign record = {
        .runs_from = INT64_MIN,
        .runs_through = INT64_MAX,
        .name = builder_text(builder, thing->name),
        .note = PROGRAM_NONE,
        .owner = PROGRAM_NONE,
        .jurisdiction = PROGRAM_NONE,
        .priority = 1000,
        .start_event = PROGRAM_NONE,
        .start_about = PROGRAM_NONE,
        .start_segment = PROGRAM_NONE,
        .start_schedule = PROGRAM_NONE,
        .start_filter = PROGRAM_NONE,
        .audience = PROGRAM_NONE,
        .goal_event = PROGRAM_NONE,
        .goal_filter = PROGRAM_NONE,
        .budget = PROGRAM_NONE,
        .pool = PROGRAM_NONE,
        .runs_end_reason = PROGRAM_NONE,
        .file = thing->declaration->span.file,
        .line = names_line(names, thing->declaration->span),
    };
    schema_judge_repeats(names, thing->declaration);
    zones_judge(names, thing->declaration);
    habits_judge(names, thing->declaration);
    versions_judge(names, thing->declaration, names->before);
    for (uint32_t i = 0; i < names->pool_count; i++) {
        if (!text_equal(names->pools[i].name, thing->name)) continue;
        struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_DECLARED_TWICE, thing->declaration->name.span,
                                               TEXT("as campaign and shared budget, the name"), thing->name);
        diagnostic_add_note(names->diagnostics, diagnostic, names->pools[i].declaration->name.span,
                            TEXT("the shared budget is here"));
    }
    read_heading(campaign, &record);
    const struct line *currency = ast_find_line(&campaign->declaration->lines, LINE_CURRENCY, NULL);
    const struct name_node *code = currency != NULL ? currency->as.words.first : NULL;
    if (code == NULL || names_index(names->currencies, names->currency_count, code->name.text) == PROGRAM_NONE)
        judge_currency(campaign, currency != NULL);
    read_enter(campaign, ast_find_line(&campaign->declaration->lines, LINE_ENTER, NULL), &record);
    for (struct line *line = campaign->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_GOAL) read_goal(campaign, line, &record);
        if (line->kind == LINE_SEND_BETWEEN) policies_judge_hours(names, line, campaign->zone);
        if (line->kind == LINE_PRIORITY) record.priority = policies_priority(names, line);
        if (line->kind == LINE_GROUP) schema_emit_member(names, line, index, campaign->name);
        if (line->kind == LINE_MESSAGES_AT_MOST || line->kind == LINE_SEND_BETWEEN)
            schema_emit_message_rule(names, line, index, campaign->name);
    }
    judge_caps(campaign);
    record.product = campaign->product;
    record.currency = campaign->currency;
    record.zone = builder_text(builder, text_of(zone_name(campaign->zone)));
    record.rounding = campaign->rounding;

    collect_offers(campaign);
    for (uint32_t i = 0; i < campaign->offer_count; i++) {
        if (!campaign->offers[i].shared) emit_offer(campaign, &campaign->offers[i]);
    }
    if (campaign->offer_count > LIMIT_OFFERS_PER_CAMPAIGN + names->offer_count)
        REPORT(names, DIAGNOSTIC_TOO_MANY, campaign->declaration->span,
               names_number(names, campaign->offer_count - names->offer_count), TEXT("offers"),
               names_number(names, LIMIT_OFFERS_PER_CAMPAIGN));
    campaign->steps = ARENA_ARRAY(names->arena, const struct line *, campaign->declaration->lines.count + 1);
    if (campaign->steps == NULL) return;
    uint32_t splits = 0;
    for (const struct line *line = campaign->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_STEP) continue;
        for (uint32_t i = 0; i < campaign->step_count; i++) {
            if (text_equal(campaign->steps[i]->as.step.name.text, line->as.step.name.text))
                REPORT(names, DIAGNOSTIC_DECLARED_TWICE, line->as.step.name.span, TEXT("the step"),
                       line->as.step.name.text);
        }
        names_judge_length(names, &line->as.step.name);
        campaign->steps[campaign->step_count++] = line;
        find_splits(campaign, &line->as.step.body, &splits, false);
    }
    campaign->splits = ARENA_ARRAY(names->arena, struct split_info, splits + 1);
    if (campaign->splits == NULL) return;
    for (uint32_t i = 0; i < campaign->step_count; i++)
        find_splits(campaign, &campaign->steps[i]->as.step.body, &splits, true);
    for (uint32_t i = 0; i < campaign->offer_count; i++) {
        bool credited = false;
        for (uint32_t j = 0; j < campaign->step_count && campaign->offers[i].shared; j++)
            credited = credited || find_credit(campaign, &campaign->steps[j]->as.step.body, 1,
                                               &campaign->offers[i].declaration->name.text) != NULL;
        if (credited) emit_offer(campaign, &campaign->offers[i]);
    }

    if (campaign->budget != NULL) {
        const struct line *from = ast_find_line(&campaign->budget->lines, LINE_FROM_POOL, NULL);
        if (from != NULL) {
            const struct thing *pool = names_thing(names->pools, names->pool_count, from->as.text.text);
            if (pool == NULL) {
                struct text *list = ARENA_ARRAY(names->arena, struct text, names->pool_count + 1);
                for (uint32_t i = 0; list != NULL && i < names->pool_count; i++) list[i] = names->pools[i].name;
                names_unknown(names, DIAGNOSTIC_UNKNOWN_BUDGET, &from->as.text, list, names->pool_count);
            } else {
                record.pool = pool->index;
                const struct bundle_budget *budget = builder_at(builder, SECTION_BUDGET, pool->index);
                if (budget != NULL && budget->currency != campaign->currency) {
                    REPORT(names, DIAGNOSTIC_POOL_CURRENCY, from->span, pool->name, names->currencies[budget->currency],
                           names->currencies[campaign->currency]);
                }
            }
        }
        record.budget =
            schema_emit_budget(names, campaign->budget, index, campaign, campaign->name, campaign->currency);
    }
    bool whole = !campaign->declaration->is_broken;
    if (campaign->start == NULL && whole)
        REPORT(names, DIAGNOSTIC_NO_START, campaign->declaration->span, campaign->name);
    if (campaign->step_count == 0 && whole)
        REPORT(names, DIAGNOSTIC_NO_STEP, campaign->declaration->span, campaign->name);
    if (campaign->step_count > LIMIT_STEPS_PER_CAMPAIGN)
        REPORT(names, DIAGNOSTIC_TOO_MANY, campaign->declaration->span, names_number(names, campaign->step_count),
               TEXT("steps"), names_number(names, LIMIT_STEPS_PER_CAMPAIGN));
    if (campaign->start == NULL || campaign->step_count == 0) return;
    if (campaign->start->kind == LINE_START) {
        struct name start_name = campaign->start->as.event.event;
        (void)names_need_event(names, &start_name); /* reported where it is unknown; the rest is still judged */
    }
    campaign_read_start(campaign, &record);

    record.step_first = campaign->step_first = builder_count(builder, SECTION_STEP);
    record.step_count = campaign->step_count;
    for (uint32_t i = 0; i < campaign->step_count; i++) {
        const struct step *step = &campaign->steps[i]->as.step;
        struct bundle_step row = {
            .name = builder_text(builder, step->name.text),
            .renamed_from =
                ast_is_present(&step->renamed_from) ? builder_text(builder, step->renamed_from.text) : PROGRAM_NONE,
            .line = names_line(names, campaign->steps[i]->span),
        };
        builder_add_step(builder, &row);
    }
    record.split_first = campaign->split_first = builder_count(builder, SECTION_SPLIT);
    record.split_count = campaign->split_count;
    emit_splits(campaign);
    record.effect_first = campaign->effect_first = builder_count(builder, SECTION_EFFECT);
    record.gate_first = campaign->gate_first = builder_count(builder, SECTION_GATE);
    record.state_first = campaign->state_first = builder_count(builder, SECTION_STATE);
    if (!flow_build(&campaign->flow, names, campaign)) return;
    emit_region(campaign, &record);
    record.effect_count = campaign->effect_count;
    record.gate_count = campaign->gate_count;
    record.state_count = campaign->state_count;
    if (campaign->state_count > LIMIT_WAITS_PER_CAMPAIGN)
        REPORT(names, DIAGNOSTIC_TOO_MANY, campaign->declaration->span, names_number(names, campaign->state_count),
               TEXT("waits and credits, with every repeat written out,"),
               names_number(names, LIMIT_WAITS_PER_CAMPAIGN));
    emit_variables(campaign, &record);
    if (names->diagnostics->error_count == errors && !campaign->declaration->is_broken) {
        rules_judge_campaign(campaign, record.runs_from, record.runs_through);
        rules_judge_liability(campaign, &record);
    }
    circles_note(campaign, &record);
    builder_add_campaign(builder, &record);
    for (uint32_t i = 0;
         i < campaign->offer_count && names->diagnostics->error_count == errors && !campaign->declaration->is_broken;
         i++) {
        bool credited = campaign->offers[i].shared;
        for (uint32_t j = 0; j < campaign->step_count && !credited; j++)
            credited = find_credit(campaign, &campaign->steps[j]->as.step.body, 1,
                                   &campaign->offers[i].declaration->name.text) != NULL;
        if (!credited)
            REPORT(names, DIAGNOSTIC_OFFER_NOT_CREDITED, campaign->offers[i].declaration->span,
                   campaign->offers[i].declaration->name.text);
    }
}
