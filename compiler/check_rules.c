/*
 * Rules of jurisdictions: blocks as RULE records, and what campaigns for one jurisdiction may not say (check_rules.h).
 */
#include "compiler/check_rules.h"

#include <string.h>

#include "compiler/check_messages.h"
#include "compiler/check_money.h"
#include "compiler/inputs.h"
#include "compiler/name_help.h"
#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/round.h"

/* ------------------------------------------------------------------ the blocks */

static int64_t date_of(const struct value *value, int64_t absent)
{
    return value != NULL && value->kind == VALUE_DATE ? value->amount : absent;
}

/* The last day of a block: its own, or the one before the next of its jurisdiction begins. */
static int64_t last_day(const struct names *names, const struct declaration *block)
{
    int64_t from = date_of(block->from, INT64_MIN), last = date_of(block->through, INT64_MAX);
    for (uint32_t i = 0; i < names->profile_count; i++) {
        const struct declaration *other = names->profiles[i].declaration;
        int64_t next = date_of(other->from, INT64_MIN);
        if (text_equal(other->name.text, block->name.text) && next > from && next - 1 < last) last = next - 1;
    }
    return last;
}

static struct text heading(const struct names *names, const struct declaration *block)
{
    struct text from = block->from == NULL ? TEXT("…") : names_words(names, block->from->span);
    return arena_print(names->arena, "rules for %.*s from %.*s", TEXT_ARGS(block->name.text), TEXT_ARGS(from));
}

/* The words of `require opt_in by`: 1 product, 2 channel. */
static bool opt_in_words(struct names *names, const struct line *line, uint32_t *out)
{
    static const struct text words[] = {TEXT_INIT("product"), TEXT_INIT("channel")};
    *out = 0;
    for (const struct name_node *node = line->as.words.first; node != NULL; node = node->next) {
        uint32_t word = names_index(words, 2, node->name.text);
        if (word == PROGRAM_NONE) {
            names_unknown(names, DIAGNOSTIC_UNKNOWN_OPT_IN, &node->name, words, 2);
            return false;
        }
        *out |= 1u << word;
    }
    return *out != 0;
}

/* What `forbid rewards by` names must exist; a standard block leaves out what the workspace does not have. */
static void judge_figures(struct names *names, const struct line *line, bool standard)
{
    for (const struct name_node *node = line->as.words.first; node != NULL && !standard; node = node->next) {
        struct text name = node->name.text;
        if (names_attribute(names, name) != NULL || names_event(names, name) != NULL ||
            names_metric(names, name, PROGRAM_NONE) != NULL || text_equal(name, TEXT("losses")))
            continue;
        struct text *list = ARENA_ARRAY(names->arena, struct text,
                                        names->metric_count + names->attribute_count + names->event_count + 1);
        uint32_t count = 0;
        for (uint32_t i = 0; i < names->metric_count && list != NULL; i++) list[count++] = names->metrics[i].name;
        for (uint32_t i = 0; i < names->attribute_count && list != NULL; i++)
            list[count++] = names->attributes[i].name.text;
        for (uint32_t i = 0; i < names->event_count && list != NULL; i++) list[count++] = names->events[i].name;
        names_unknown(names, DIAGNOSTIC_UNKNOWN_FIGURE, &node->name, list, count);
    }
}

static void emit_line(struct emitter *emitter, struct line *line, struct bundle_rule rule, bool standard)
{
    struct names *names = emitter->names;
    switch (line->kind) {
    case LINE_LIMIT_WAGERING:
        if (line->as.value == NULL || line->as.value->kind != VALUE_MULTIPLE) return;
        rule.kind = RULE_WAGERING;
        rule.amount = line->as.value->amount;
        break;
    case LINE_LIMIT_PRODUCTS:
        rule.kind = RULE_PRODUCTS;
        rule.count = line->as.count > 0 && line->as.count < 256 ? (uint32_t)line->as.count : 1;
        break;
    case LINE_LIMIT_REWARDS:
        rule.kind = RULE_REWARDS;
        rule.count = line->as.count >= 0 && line->as.count < 1000000000 ? (uint32_t)line->as.count : 0;
        break;
    case LINE_LIMIT_REWARDS_TO:
        rule.kind = RULE_PLAYERS;
        if (!schema_filter(emitter, line->as.condition, standard, &rule.filter) || rule.filter == PROGRAM_NONE) return;
        break;
    case LINE_LIMIT_EXPIRY:
        if (line->as.value == NULL || line->as.value->kind != VALUE_DURATION) return;
        rule.kind = RULE_EXPIRY;
        rule.window_kind = names_duration(&line->as.value->duration, &rule.window);
        break;
    case LINE_REQUIRE_TERMS: rule.kind = RULE_TERMS; break;
    case LINE_REQUIRE_OPT_IN:
        rule.kind = RULE_OPT_IN;
        if (!opt_in_words(names, line, &rule.count)) return;
        break;
    case LINE_FORBID_REWARDS:
        rule.kind = RULE_FIGURES;
        judge_figures(names, line, standard);
        break;
    default: return;
    }
    line->resolved = builder_add_rule(names->builder, &rule) + 1;
}

void rules_emit(struct emitter *emitter)
{
    struct names *names = emitter->names;
    for (uint32_t i = 0; i < names->profile_count; i++) {
        struct declaration *block = names->profiles[i].declaration;
        int country = value_country(block->name.text);
        if (country < 0) {
            struct diagnostic *diagnostic =
                REPORT(names, DIAGNOSTIC_UNKNOWN_COUNTRY, block->name.span, block->name.text);
            if (text_equal(block->name.text, TEXT("UK")))
                diagnostic_set_help(names->diagnostics, diagnostic, TEXT("the United Kingdom is `GB`"));
            continue;
        }
        if (date_of(block->through, INT64_MAX) < date_of(block->from, INT64_MIN))
            REPORT(names, DIAGNOSTIC_RULES_EMPTY, block->through->span, heading(names, block));
        schema_judge_repeats(names, block);
        for (struct line *line = block->lines.first; line != NULL; line = line->next) {
            struct bundle_rule rule = schema_rule(names, line, PROGRAM_NONE, heading(names, block));
            rule.country = (uint32_t)country;
            rule.from_day = date_of(block->from, INT64_MIN);
            rule.through_day = last_day(names, block);
            emit_line(emitter, line, rule, names->profiles[i].standard);
        }
    }
}

/* ------------------------------------------------------------------ campaigns */

/* One credit against one line. */
struct judgement {
    struct campaign *campaign;
    struct names *names;
    const struct declaration *block;
    const struct line *line;
    bool here; /* The campaign is for this jurisdiction, and the block is in force while it runs. */
    bool told; /* … or for that of each player, in words: then it is a warning. */
    const struct node *credit;
    struct campaign_offer *offer;
    int64_t
        through; /* The last day on which a journey may come to the reward, where the block begins after `runs`; else 0. */
};

static void note_rule(const struct judgement *judgement, struct diagnostic *diagnostic)
{
    struct names *names = judgement->names;
    diagnostic_add_note(names->diagnostics, diagnostic, judgement->line->span, TEXT("the rule is here"));
    const struct line *runs = ast_find_line(&judgement->campaign->declaration->lines, LINE_RUNS, NULL);
    if (judgement->through == 0 || runs == NULL) return;
    struct civil_date last = civil_date_parts(judgement->through == INT64_MAX ? 0 : judgement->through);
    diagnostic_add_note(names->diagnostics, diagnostic, runs->span,
                        judgement->through == INT64_MAX
                            ? TEXT("a journey that was paused may come to it when these rules are in force")
                            : arena_print(names->arena,
                                          "a journey from these days may come to it as late as %04d-%02u-%02u, when "
                                          "these rules are in force",
                                          (int)last.year, (unsigned)last.month, (unsigned)last.day));
}

/* Reports, or warns that the reward is never given in that jurisdiction; at most once for a place. */
static void forbid(const struct judgement *judgement, enum diagnostic_code code, struct span span, struct text first,
                   struct text second, struct text third)
{
    struct names *names = judgement->names;
    struct diagnostic *diagnostic = NULL;
    if (judgement->here) {
        diagnostic = REPORT(names, code, span, first, second, third);
    } else if (judgement->told && last_day(names, judgement->block) == INT64_MAX) {
        diagnostic = REPORT(names, DIAGNOSTIC_NEVER_THERE, span, judgement->offer->declaration->name.text,
                            judgement->block->name.text, heading(names, judgement->block));
    }
    if (diagnostic != NULL) note_rule(judgement, diagnostic);
}

static void leave_breach(const struct judgement *judgement, struct span span, struct text words)
{
    struct builder *builder = judgement->names->builder;
    if (judgement->line->resolved == 0 || judgement->credit->effect == 0) return;
    struct bundle_breach breach = {
        .rule = judgement->line->resolved - 1,
        .effect = judgement->campaign->effect_first + judgement->credit->effect - 1,
        .words = builder_text(builder, words),
        .line = names_line(judgement->names, span),
    };
    builder_add_breach(builder, &breach);
}

static struct text multiple_words(const struct names *names, int64_t multiple)
{
    struct buffer words;
    buffer_init(&words, 0);
    decimal_print_multiple(&words, multiple);
    struct text text = arena_print(names->arena, "%.*s", TEXT_ARGS(buffer_as_text(&words)));
    buffer_deinit(&words);
    return text;
}

/* The largest part of the deposit that the reward's amount can be, in millionths: 500,000 of `50% of deposit.amount, at most 60 EUR`;
 * 0 where the formula does not say. */
static int64_t share_of_deposit(const struct declaration *offer)
{
    const struct value *amount = NULL;
    for (const struct line *line = offer->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_PARAMETER && text_equal(line->as.parameter.name.text, TEXT("amount")))
            amount = line->as.parameter.value;
    }
    const struct clause *clause = amount != NULL ? amount->clauses : NULL;
    if (amount != NULL && amount->kind == VALUE_FORMULA) amount = amount->left;
    if (amount == NULL || amount->kind != VALUE_SHARE_OF || amount->left == NULL || amount->right == NULL) return 0;
    const struct value *share = amount->left, *of = amount->right;
    if ((share->kind != VALUE_PERCENT && share->kind != VALUE_MULTIPLE) || of->kind != VALUE_PATH) return 0;
    if (!text_equal(of->owner.text, TEXT("deposit")) || !text_equal(of->name.text, TEXT("amount"))) return 0;
    for (; clause != NULL; clause = clause->next) {
        bool smaller = clause->kind == CLAUSE_AT_MOST || clause->kind == CLAUSE_NOTHING_BELOW ||
                       (clause->kind == CLAUSE_ROUNDED && clause->rounding == ROUNDING_DOWN);
        if (!smaller) return 0;
    }
    return share->amount;
}

/* ------------------------------------------------------------------ deposits that are too large */

/* Minor units of the campaign's currency; -1 where the value is no such amount. */
static int64_t money_of(const struct judgement *judgement, const struct value *value)
{
    uint32_t currency = judgement->campaign->currency;
    if (value != NULL && value->kind == VALUE_PRICE_LIST) value = money_price(judgement->names, value, currency);
    return value != NULL && value->kind == VALUE_MONEY ? value->amount : -1;
}

/* The most that the reward is worth, in words such as `at most 50 EUR` or as a fixed amount; -1 where it has no limit. */
static int64_t most_of(const struct judgement *judgement)
{
    const struct value *amount = NULL;
    for (const struct line *line = judgement->offer->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_PARAMETER && text_equal(line->as.parameter.name.text, TEXT("amount")))
            amount = line->as.parameter.value;
    }
    int64_t most = money_of(judgement, amount);
    for (const struct clause *clause = amount != NULL ? amount->clauses : NULL; clause != NULL; clause = clause->next) {
        int64_t limit = clause->kind == CLAUSE_AT_MOST ? money_of(judgement, clause->value) : -1;
        if (limit >= 0 && (most < 0 || limit < most)) most = limit;
    }
    return most;
}

/* The largest deposit for which the condition holds; INT64_MAX where it sets no limit. `bare`: it speaks of `amount`, not of
 * `deposit.amount`. */
static int64_t largest_deposit(const struct judgement *judgement, const struct condition *condition, bool bare)
{
    if (condition == NULL) return INT64_MAX;
    if (condition->kind == CONDITION_COMPARE) {
        const struct value *left = condition->left, *value = condition->values.first;
        if (left == NULL || condition->negated || left->kind != (bare ? VALUE_WORD : VALUE_PATH) ||
            !text_equal(left->name.text, TEXT("amount")) || (!bare && !text_equal(left->owner.text, TEXT("deposit"))))
            return INT64_MAX;
        switch (condition->comparison) {
        case COMPARISON_IS:
        case COMPARISON_ONE_OF:
        case COMPARISON_AT_MOST:
        case COMPARISON_LESS_THAN:
        case COMPARISON_BETWEEN: break;
        default: return INT64_MAX;
        }
        int64_t most = -1;
        for (; value != NULL; value = value->next) {
            int64_t money = money_of(judgement, value);
            if (money < 0) return INT64_MAX;
            if (condition->comparison == COMPARISON_LESS_THAN) money--;
            if (money > most) most = money;
        }
        return most < 0 ? INT64_MAX : most;
    }
    if (condition->kind != CONDITION_ALL && condition->kind != CONDITION_ANY) return INT64_MAX;
    bool all = condition->kind == CONDITION_ALL;
    int64_t most = all ? INT64_MAX : 0;
    for (const struct condition *child = condition->children; child != NULL; child = child->next) {
        int64_t one = largest_deposit(judgement, child, bare);
        if (all ? one < most : one > most) most = one;
    }
    return most;
}

/* Whether the ways to the credit may bring a larger deposit; any line there that asks for its amount counts as a limit if it says so little. */
static bool comes_larger(const struct judgement *judgement, int64_t most)
{
    struct flow *flow = &judgement->campaign->flow;
    bool larger = false;
    inputs_mark_way(flow, judgement->credit);
    for (uint32_t i = 0; i < flow->count; i++) {
        const struct node *node = flow->nodes[i];
        if (node->mark == 0) continue;
        if (node->kind == NODE_EVENT && node->match != NULL && text_equal(node->match->event.text, TEXT("deposit")))
            larger = larger || largest_deposit(judgement, node->match->where, true) > most;
        if (node->kind == NODE_IF && largest_deposit(judgement, node->condition, false) <= most) return false;
        if (node->kind == NODE_CASE && node->subject != NULL && node->subject->kind == VALUE_PATH &&
            text_equal(node->subject->owner.text, TEXT("deposit")) &&
            text_equal(node->subject->name.text, TEXT("amount")))
            return false;
    }
    return larger;
}

/* A reward with an upper limit, of which the deposit counts for the wagering: past some deposit it is too much. */
static void judge_large_deposits(const struct judgement *judgement, const struct line *wagering, int64_t multiple,
                                 int64_t allowed)
{
    struct names *names = judgement->names;
    int64_t bonus = most_of(judgement), most = 0;
    if (!judgement->here && !(judgement->told && last_day(names, judgement->block) == INT64_MAX)) return;
    int64_t left = allowed - (wagering->as.wagering.of_bonus ? multiple : 0);
    if (bonus <= 0 || multiple <= 0 || left < 0) return;
    if (!round_mul_div(&most, bonus, left, multiple, ROUNDING_DOWN) || !comes_larger(judgement, most)) return;
    note_rule(judgement,
              REPORT(names, DIAGNOSTIC_RULE_DEPOSIT, wagering->span, judgement->offer->declaration->name.text,
                     names_money(names, bonus, judgement->campaign->currency),
                     names_money(names, most, judgement->campaign->currency), multiple_words(names, allowed),
                     judgement->block->name.text));
}

static void judge_wagering(const struct judgement *judgement)
{
    const struct declaration *offer = judgement->offer->declaration;
    const struct line *wagering = campaign_terms_line(judgement->campaign, offer, LINE_WAGERING);
    const struct value *most = judgement->line->as.value;
    if (wagering == NULL || most == NULL || wagering->as.wagering.none) return;
    const struct value *multiple = wagering->as.wagering.multiple;
    if (multiple == NULL || multiple->kind != VALUE_MULTIPLE) return;
    struct names *names = judgement->names;
    struct text allowed = multiple_words(names, most->amount);
    if (wagering->as.wagering.of_bonus && multiple->amount > most->amount) {
        forbid(judgement, DIAGNOSTIC_RULE_WAGERING, wagering->span, offer->name.text,
               multiple_words(names, multiple->amount), allowed);
        return;
    }
    /* What counts from the deposit is so many times the bonus at least. */
    int64_t share = share_of_deposit(offer);
    if (!wagering->as.wagering.of_deposit) return;
    if (share <= 0 || multiple->amount > INT64_MAX / DECIMAL_ONE) {
        judge_large_deposits(judgement, wagering, multiple->amount, most->amount);
        return;
    }
    int64_t times = multiple->amount * DECIMAL_ONE / share;
    if (wagering->as.wagering.of_bonus) times += multiple->amount;
    if (times <= most->amount) {
        judge_large_deposits(judgement, wagering, multiple->amount, most->amount);
        return;
    }
    forbid(judgement, DIAGNOSTIC_RULE_WAGERING, wagering->span, offer->name.text,
           arena_print(names->arena, "%.*s or more of the bonus, as the deposit counts",
                       TEXT_ARGS(multiple_words(names, times))),
           allowed);
}

static void judge_expiry(const struct judgement *judgement)
{
    struct names *names = judgement->names;
    const struct declaration *offer = judgement->offer->declaration;
    const struct line *expires = campaign_terms_line(judgement->campaign, offer, LINE_EXPIRES);
    const struct value *most = judgement->line->as.value;
    if (most == NULL || most->kind != VALUE_DURATION) return;
    struct text how = TEXT("has no line `expires`");
    if (expires != NULL && expires->as.expires.after_activation) {
        how = TEXT("ends a time after its activation, which may come late");
    } else if (expires != NULL) {
        const struct value *duration = expires->as.expires.duration;
        if (duration == NULL || duration->kind != VALUE_DURATION ||
            names_duration_ms(&duration->duration) <= names_duration_ms(&most->duration))
            return;
        how = arena_print(names->arena, "ends %.*s after its grant", TEXT_ARGS(names_words(names, duration->span)));
    }
    forbid(judgement, DIAGNOSTIC_RULE_EXPIRY, expires != NULL ? expires->span : offer->span, offer->name.text, how,
           names_words(names, most->span));
}

static void judge_terms(const struct judgement *judgement)
{
    const struct declaration *offer = judgement->offer->declaration;
    if (campaign_terms_line(judgement->campaign, offer, LINE_WAGERING) != NULL) return;
    forbid(judgement, DIAGNOSTIC_RULE_TERMS, offer->span, offer->name.text, judgement->block->name.text, TEXT(""));
}

/* What an offer is played with: its games; otherwise what its kind is for; otherwise the campaign's product. */
static struct text offer_family(const struct judgement *judgement)
{
    const struct campaign *campaign = judgement->campaign;
    const struct declaration *offer = judgement->offer->declaration;
    const struct line *games = campaign_terms_line(judgement->campaign, offer, LINE_GAMES);
    if (games != NULL && games->as.words.first != NULL) return inputs_family(games->as.words.first->name.text);
    if (text_equal(offer->offer_kind.text, TEXT("free_spins"))) return TEXT("casino");
    if (text_equal(offer->offer_kind.text, TEXT("free_bet"))) return TEXT("sports");
    if (campaign->product == PROGRAM_NONE) return TEXT("");
    return inputs_family(judgement->names->products[campaign->product]);
}

static void judge_products(const struct judgement *judgement)
{
    if (judgement->line->as.count != 1) return;
    const struct declaration *offer = judgement->offer->declaration;
    struct text family = offer_family(judgement), others;
    struct span span;
    const struct line *games = campaign_terms_line(judgement->campaign, offer, LINE_GAMES);
    for (const struct name_node *node = games != NULL ? games->as.words.first : NULL; node != NULL; node = node->next) {
        if (text_equal(inputs_family(node->name.text), family)) continue;
        forbid(judgement, DIAGNOSTIC_RULE_GAMES, node->name.span, offer->name.text, family, node->name.text);
        leave_breach(judgement, node->name.span, TEXT("it is played with two products"));
        return;
    }
    if (family.size == 0 ||
        !inputs_other_product(judgement->campaign, judgement->credit, judgement->offer, family, &others, &span))
        return;
    forbid(judgement, DIAGNOSTIC_RULE_PRODUCTS, span, offer->name.text, family, others);
    leave_breach(judgement, span, TEXT("it is played with one product and earned with another"));
}

static void judge_reads(const struct judgement *judgement)
{
    struct text word;
    struct span span;
    if (!inputs_read(judgement->campaign, judgement->credit, judgement->offer, &judgement->line->as.words, &word,
                     &span))
        return;
    forbid(judgement, DIAGNOSTIC_RULE_FIGURES, span, judgement->offer->declaration->name.text, word,
           judgement->block->name.text);
    leave_breach(judgement, span, arena_print(judgement->names->arena, "it depends on %.*s", TEXT_ARGS(word)));
}

static void judge_credit(const struct judgement *judgement)
{
    switch (judgement->line->kind) {
    case LINE_LIMIT_WAGERING: judge_wagering(judgement); return;
    case LINE_LIMIT_EXPIRY: judge_expiry(judgement); return;
    case LINE_REQUIRE_TERMS: judge_terms(judgement); return;
    case LINE_LIMIT_PRODUCTS: judge_products(judgement); return;
    case LINE_FORBID_REWARDS: judge_reads(judgement); return;
    default: return;
    }
}

/* Whether some policy asks the player about this channel and product. */
static bool is_asked(const struct names *names, struct text channel, struct text product)
{
    for (uint32_t i = 0; i < names->policy_count; i++) {
        for (const struct line *line = names->policies[i].declaration->lines.first; line != NULL; line = line->next) {
            if (line->kind == LINE_SEND_ONLY_TO && line->as.send_only_to.condition != NULL &&
                text_equal(line->as.send_only_to.channel.text, channel) &&
                text_equal(line->as.send_only_to.product.text, product))
                return true;
        }
    }
    return false;
}

static void judge_send(const struct judgement *judgement, const struct node *node)
{
    struct names *names = judgement->names;
    struct text channel = node->statement->as.send.channel.text;
    const struct message_info *message = names_message(names, node->statement->name.text);
    if (!judgement->here || message == NULL || message->class != MESSAGE_CLASS_MARKETING ||
        text_equal(channel, TEXT("inbox")) || text_equal(channel, TEXT("chat")))
        return;
    uint32_t product = message->about != PROGRAM_NONE ? message->about : judgement->campaign->product;
    if (product == PROGRAM_NONE || is_asked(names, channel, names->products[product])) return;
    note_rule(judgement,
              REPORT(names, DIAGNOSTIC_RULE_OPT_IN, node->span, message->name, channel, names->products[product]));
}

/* A message that tells what was credited shows the terms of it. */
static void judge_shown_terms(const struct judgement *judgement, const struct node *node)
{
    struct names *names = judgement->names;
    const struct message_info *message = names_message(names, node->statement->name.text);
    const struct line *body = message != NULL && judgement->here
                                  ? messages_without_terms(message, node->statement->as.send.channel.text)
                                  : NULL;
    if (body == NULL) return;
    struct diagnostic *diagnostic =
        REPORT(names, DIAGNOSTIC_TERMS_NOT_SHOWN, node->span, message->name, judgement->block->name.text);
    diagnostic_add_note(names->diagnostics, diagnostic, body->as.content.text.span, TEXT("the text is here"));
    note_rule(judgement, diagnostic);
}

/* Whether the block, which begins after the campaign's last day, is in force when a journey may come to the node. */
static bool comes_late(struct judgement *judgement, const struct node *node, const struct bundle_campaign *record,
                       int64_t *memory)
{
    if (memory[node->number] == 0) memory[node->number] = rules_last_day(judgement->campaign, node, record);
    judgement->through = memory[node->number];
    return date_of(judgement->block->from, INT64_MIN) <= judgement->through;
}

void rules_judge_campaign(struct campaign *campaign, const struct bundle_campaign *record)
{
    struct names *names = campaign->names;
    const struct line *jurisdiction = ast_find_line(&campaign->declaration->lines, LINE_JURISDICTION, NULL);
    bool fixed = jurisdiction != NULL && ast_is_present(&jurisdiction->as.word);
    bool has_rules = false;
    uint32_t highest = 0;
    for (uint32_t i = 0; i < campaign->flow.count; i++) {
        if (campaign->flow.nodes[i]->number > highest) highest = campaign->flow.nodes[i]->number;
    }
    int64_t *memory = ARENA_ARRAY(names->arena, int64_t, (size_t)highest + 1);
    if (memory == NULL) return;
    memset(memory, 0, sizeof *memory * ((size_t)highest + 1));
    for (uint32_t i = 0; i < names->profile_count; i++) {
        const struct declaration *block = names->profiles[i].declaration;
        has_rules = has_rules || (fixed && text_equal(jurisdiction->as.word.text, block->name.text));
        bool fits = jurisdiction != NULL && (!fixed || text_equal(jurisdiction->as.word.text, block->name.text)) &&
                    last_day(names, block) >= record->runs_from;
        bool late = date_of(block->from, INT64_MIN) > record->runs_through;
        struct judgement judgement = {.campaign = campaign, .names = names, .block = block};
        for (const struct line *line = block->lines.first; line != NULL; line = line->next) {
            judgement.line = line;
            for (uint32_t n = 0; n < campaign->flow.count; n++) {
                const struct node *node = campaign->flow.nodes[n];
                if (!node->reachable || (node->kind != NODE_SEND && node->kind != NODE_CREDIT)) continue;
                /* What is forbidden to players of that country alone is left for the engine in any case. */
                bool counts = fits && (!late || comes_late(&judgement, node, record, memory));
                judgement.here = counts && fixed;
                judgement.told = counts && !fixed;
                if (node->kind == NODE_SEND && line->kind == LINE_REQUIRE_OPT_IN) judge_send(&judgement, node);
                if (node->kind == NODE_SEND && line->kind == LINE_REQUIRE_TERMS) judge_shown_terms(&judgement, node);
                if (node->kind != NODE_CREDIT) continue;
                judgement.credit = node;
                judgement.offer = campaign_offer(campaign, node->statement->name.text);
                if (judgement.offer != NULL && judgement.offer->action != NULL) judge_credit(&judgement);
            }
        }
    }
    if (!fixed || has_rules) return;
    struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_NO_RULES, jurisdiction->span, jurisdiction->as.word.text);
    struct text help = name_help(names, DIAGNOSTIC_NO_RULES, jurisdiction->as.word.text);
    if (help.size > 0) diagnostic_set_help(names->diagnostics, diagnostic, help);
}
