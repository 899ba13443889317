/*
 * Offers of a campaign as records: which there are, their parameters, terms and facts. Contract: check_offers.h.
 *
 * The lines around them are check_campaign.c, finders campaign.c. spec: language.md#offers-and-terms
 */
#include "compiler/check_offers.h"

#include "compiler/check_stacking.h"
#include "compiler/check_play.h"

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
        if (line->kind == LINE_FOLLOWS && campaign_terms(campaign, line->as.text.text) == NULL) {
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
                 campaign_terms_line(campaign, offer->declaration, LINE_GAMES) != NULL ||
                 campaign_terms_line(campaign, offer->declaration, LINE_GAME_IDS) != NULL ||
                 campaign_terms_line(campaign, offer->declaration, LINE_CLAIM) != NULL ||
                 campaign_terms_line(campaign, offer->declaration, LINE_GRANT) != NULL;
    if (!terms && !offer->declaration->is_hidden && action->costs != NULL && !offer->declaration->is_broken &&
        !offer->broken) {
        REPORT(names, DIAGNOSTIC_OFFER_WITHOUT_TERMS, offer->declaration->span, offer->declaration->name.text);
    }
}

/* The reward that the offer is of; NULL after a report. */
static const struct action_info *need_reward(struct names *names, struct campaign_offer *offer)
{
    const struct action_info *action = names_action(names, offer->declaration->offer_kind.text);
    if (action == NULL || action->class != CLASS_REWARD) {
        struct text *list = ARENA_ARRAY(names->arena, struct text, names->action_count + 1);
        uint32_t count = 0;
        for (uint32_t i = 0; list != NULL && i < names->action_count; i++) {
            if (names->actions[i].class == CLASS_REWARD) list[count++] = names->actions[i].name;
        }
        names_unknown(names, action == NULL ? DIAGNOSTIC_UNKNOWN_REWARD : DIAGNOSTIC_NOT_A_REWARD,
                      &offer->declaration->offer_kind, list, count);
        offer->broken = true;
        return NULL;
    }
    return action;
}

void offers_emit(struct campaign *campaign, struct campaign_offer *offer)
{
    struct names *names = campaign->names;
    struct builder *builder = names->builder;
    const struct declaration *declaration = offer->declaration;
    const struct action_info *action = need_reward(names, offer);
    if (action == NULL) return;
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
    play_emit(campaign, offer, &record);
    stacking_card_terms(campaign, declaration, action, &record);
    offer->index = builder_add_offer(builder, &record);
}

void offers_collect(struct campaign *campaign)
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
            if (campaign_terms(campaign, line->as.declaration->name.text) != NULL)
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

/* ---------------------------------------------------------------- offers that nobody credits */

static void judge_names(struct campaign *campaign, struct value *value)
{
    struct names *names = campaign->names;
    if (value == NULL) return;
    const bool of_player = text_equal(value->owner.text, TEXT("player"));
    if (value->kind == VALUE_PATH && of_player) {
        if (names_metric(names, value->name.text, campaign->index) == NULL &&
            !text_equal(value->name.text, TEXT("id")) && !text_equal(value->name.text, TEXT("tags")))
            names_need_attribute(names, &value->name);
    } else if (value->kind == VALUE_PATH && !text_equal(value->owner.text, TEXT("journey"))) {
        const struct event_info *event = names_need_event(names, &value->owner);
        const bool built_in = text_equal(value->name.text, TEXT("time")) || text_equal(value->name.text, TEXT("id"));
        if (event != NULL && !built_in) names_need_field(names, event, &value->name);
    }
    judge_names(campaign, value->left);
    judge_names(campaign, value->right);
    for (struct clause *clause = value->clauses; clause != NULL; clause = clause->next)
        judge_names(campaign, clause->value);
}

void offers_judge_names(struct campaign *campaign, const struct declaration *offer)
{
    for (const struct line *line = offer->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_PARAMETER) judge_names(campaign, line->as.parameter.value);
    }
}

void offers_judge_idle(struct names *names)
{
    for (uint32_t i = 0; i < names->offer_count; i++) {
        const struct thing *thing = &names->offers[i];
        if (thing->credited || thing->standard || thing->dropped) continue;
        /* It belongs to no campaign: one without lines stands in. */
        struct campaign *campaign = ARENA_NEW(names->arena, struct campaign);
        if (campaign == NULL) return;
        *campaign = (struct campaign){.names = names, .declaration = thing->declaration, .index = PROGRAM_NONE};
        struct campaign_offer offer = {.declaration = thing->declaration, .shared = true};
        offer.action = need_reward(names, &offer);
        if (offer.action != NULL) judge_offer_lines(campaign, &offer);
        offers_judge_names(campaign, thing->declaration);
        if (names->campaign_count > 0)
            REPORT(names, DIAGNOSTIC_OFFER_NOT_CREDITED, thing->declaration->span, thing->name);
    }
}
