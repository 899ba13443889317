/*
 * What a campaign has, by name and by number: offers, terms, splits, variables, patches, conversions. Contract: campaign.h.
 *
 * Finders and lists only; what is read off the lines is check_campaign.c and check_offers.c.
 */
#include "compiler/campaign.h"

#include "compiler/check_codes.h"
#include "compiler/check_missions.h"
#include "compiler/check_points.h"

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

const struct declaration *campaign_terms(struct campaign *campaign, struct text name)
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
    const struct declaration *terms = campaign_terms(campaign, follows->as.text.text);
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
    case ABOUT_CODES:
        if (codes_need(names, &match->about) == NULL) return PROGRAM_NONE;
        known = true;
        break;
    case ABOUT_POINTS:
        if (points_need(names, &match->about) == PROGRAM_NONE) return PROGRAM_NONE;
        known = true;
        break;
    case ABOUT_BADGE:
        if (badges_need(names, &match->about) == PROGRAM_NONE) return PROGRAM_NONE;
        known = true;
        break;
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

/* ------------------------------------------------------------------ statements */

const struct choice_list *campaign_cases(const struct statement *statement)
{
    return statement->kind == STATEMENT_ASK ? &statement->as.ask.cases : &statement->as.wait_up_to.cases;
}

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
                found = campaign_find(campaign, &campaign->steps[i]->as.step.body, kind, 1, name);
        }
        if (found != NULL) return statement;
        break;
    case STATEMENT_IF:
        for (const struct branch *branch = statement->as.branch.branches.first; branch != NULL && found == NULL;
             branch = branch->next)
            found = campaign_find(campaign, &branch->body, kind, depth, name);
        if (found == NULL && statement->as.branch.has_otherwise)
            found = campaign_find(campaign, &statement->as.branch.otherwise, kind, depth, name);
        break;
    case STATEMENT_CHOOSE:
        for (const struct choice *choice = statement->as.choose.cases.first; choice != NULL && found == NULL;
             choice = choice->next)
            found = campaign_find(campaign, &choice->body, kind, depth, name);
        break;
    case STATEMENT_WAIT_UP_TO:
    case STATEMENT_ASK:
        for (const struct choice *choice = campaign_cases(statement)->first; choice != NULL && found == NULL;
             choice = choice->next)
            found = campaign_find(campaign, &choice->body, kind, depth, name);
        break;
    case STATEMENT_SPLIT:
        for (const struct choice *choice = statement->as.split.arms.first; choice != NULL && found == NULL;
             choice = choice->next)
            found = campaign_find(campaign, &choice->body, kind, depth, name);
        break;
    case STATEMENT_REPEAT: found = campaign_find(campaign, &statement->as.repeat.body, kind, depth, name); break;
    default: break;
    }
    if (found == NULL && statement->otherwise != NULL)
        found = find_at(campaign, statement->otherwise, kind, depth, name);
    return found;
}

const struct statement *campaign_find(const struct campaign *campaign, const struct block *block,
                                      enum statement_kind kind, uint32_t depth, const struct text *name)
{
    for (const struct statement *statement = block->first; statement != NULL; statement = statement->next) {
        const struct statement *found = find_at(campaign, statement, kind, depth, name);
        if (found != NULL) return found;
    }
    return NULL;
}

const struct statement *campaign_credit(const struct campaign *campaign, const struct block *block, uint32_t depth,
                                        const struct text *offer)
{
    return campaign_find(campaign, block, STATEMENT_CREDIT, depth, offer);
}

struct text campaign_shows(const struct statement *statement)
{
    const struct argument *argument = statement->as.action.arguments.first;
    const bool shows = statement->kind == STATEMENT_DO && text_equal(statement->name.text, TEXT("show_offer")) &&
                       argument != NULL && text_equal(argument->name.text, TEXT("offer")) && argument->value != NULL &&
                       argument->value->kind == VALUE_TEXT;
    return shows ? argument->value->name.text : TEXT("");
}
