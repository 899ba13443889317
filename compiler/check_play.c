/*
 * How offers are played: which bets count, the largest stake and win, claims, queues, and what takes a reward away. Contract: check_play.h.
 *
 * Wagering, games and expiry are check_offers.c; what the engine makes of it is runtime/engine/bonus.c. spec: language.md#offers-and-terms
 */
#include "compiler/check_play.h"

/* The lines of this kind: the offer's own, otherwise those of the terms that it follows. */
static const struct line *first_line(struct campaign *campaign, const struct declaration *offer, enum line_kind kind)
{
    return campaign_terms_line(campaign, offer, kind);
}

static const struct line *next_line(const struct line *line)
{
    enum line_kind kind = line->kind;
    for (line = line->next; line != NULL; line = line->next) {
        if (line->kind == kind) return line;
    }
    return NULL;
}

/* ------------------------------------------------------------------ facts for the host */

/* The line's words behind its first `skip` words. */
static struct text words_behind(struct names *names, struct span span, unsigned skip)
{
    struct text words = names_words(names, span);
    while (skip-- > 0) {
        uint32_t at = text_find(words, ' ', 0);
        words = text_trim(text_slice(words, at, words.size));
    }
    return words;
}

static void add_fact(struct campaign *campaign, struct bundle_offer *record, const char *name, struct text value)
{
    struct builder *builder = campaign->names->builder;
    struct bundle_fact fact = {.name = builder_text(builder, text_of(name)), .value = builder_text(builder, value)};
    builder_add_fact(builder, &fact);
    record->fact_count++;
}

/* One fact for all lines of a kind. */
static void facts_of(struct campaign *campaign, const struct declaration *offer, enum line_kind kind, const char *name,
                     unsigned skip, struct bundle_offer *record)
{
    struct names *names = campaign->names;
    struct text all = TEXT("");
    for (const struct line *line = first_line(campaign, offer, kind); line != NULL; line = next_line(line)) {
        struct text words = words_behind(names, line->span, skip);
        all = arena_print(names->arena, "%.*s%s%.*s", TEXT_ARGS(all), all.size > 0 ? ", " : "", TEXT_ARGS(words));
    }
    if (all.size > 0) add_fact(campaign, record, name, all);
}

/* ------------------------------------------------------------------ bets */

/* The words of a field of `bet` that is one of a list; NULL where there is no such field. */
static const struct enumeration_info *bet_words(const struct names *names, const char *field)
{
    const struct event_info *bet = names_event(names, TEXT("bet"));
    const struct member *found = bet != NULL ? names_field(bet, text_of(field)) : NULL;
    if (found == NULL || found->type.kind != TYPE_ENUM) return NULL;
    return &names->enumerations[found->type.of];
}

static void add_word(struct campaign *campaign, struct bundle_offer *record, enum weight what, struct text word,
                     int64_t share)
{
    struct builder *builder = campaign->names->builder;
    struct bundle_weight row = {.what = what,
                                .word = builder_text(builder, word),
                                .share = share,
                                .event = PROGRAM_NONE,
                                .filter = PROGRAM_NONE};
    builder_add_weight(builder, &row);
    record->weight_count++;
}

/* Whether `word` is one that a bet can say; reported where it is not. */
static void judge_word(struct names *names, const struct name *word, const struct enumeration_info *words)
{
    if (words == NULL || names_index(words->words, words->count, word->text) != PROGRAM_NONE) return;
    names_unknown(names, DIAGNOSTIC_UNKNOWN_BET_WORD, word, words->words, words->count);
}

static void emit_shares(struct campaign *campaign, const struct line *line, struct bundle_offer *record)
{
    struct names *names = campaign->names;
    const struct enumeration_info *kinds = bet_words(names, "kind");
    if (kinds == NULL) REPORT(names, DIAGNOSTIC_NO_BETS, line->span, TEXT("counts"), TEXT("kind"));
    for (const struct share *share = line->as.shares.first; share != NULL; share = share->next) {
        judge_word(names, &share->name, kinds);
        for (const struct share *before = line->as.shares.first; before != share; before = before->next) {
            if (text_equal(before->name.text, share->name.text))
                REPORT(names, DIAGNOSTIC_COUNTS_TWICE, share->span, share->name.text);
        }
        if (share->share < 0 || share->share > 1000000) {
            REPORT(names, DIAGNOSTIC_COUNTS_SHARE, share->span, share->name.text);
            continue;
        }
        add_word(campaign, record, WEIGHT_COUNT_KIND, share->name.text, share->share);
    }
}

static void emit_words(struct campaign *campaign, const struct line *line, enum weight what,
                       const struct enumeration_info *words, struct bundle_offer *record)
{
    for (const struct name_node *node = line->as.words.first; node != NULL; node = node->next) {
        judge_word(campaign->names, &node->name, words);
        add_word(campaign, record, what, node->name.text, 0);
    }
}

/* ------------------------------------------------------------------ amounts and durations */

static int64_t money_of(struct campaign *campaign, const struct value *value, const char *subject)
{
    struct names *names = campaign->names;
    struct emitter plain = {.names = names, .builder = names->builder, .dry = true, .zone = names->zone};
    struct reading reading;
    const struct type type = {TYPE_MONEY, campaign->currency, 0};
    if (value == NULL || !value_constant(&plain, value, type, text_of(subject), &reading)) return 0;
    if (reading.number > 0) return reading.number;
    REPORT(names, DIAGNOSTIC_AMOUNT_ZERO, value->span, text_of(subject));
    return 0;
}

/* A limit is in the campaign's currency; a reward that is paid in the player's has none there. */
static void judge_open(struct campaign *campaign, const struct campaign_offer *offer, const struct line *line,
                       const char *word)
{
    bool open = ast_find_line(&offer->declaration->lines, LINE_PAYS_IN, NULL) != NULL;
    for (const struct line *at = offer->declaration->lines.first; at != NULL; at = at->next) {
        if (at->kind == LINE_PARAMETER && at->as.parameter.value != NULL &&
            at->as.parameter.value->kind == VALUE_PRICE_LIST)
            open = true;
    }
    if (open) REPORT(campaign->names, DIAGNOSTIC_LIMIT_OPEN, line->span, text_of(word), offer->declaration->name.text);
}

/* ------------------------------------------------------------------ what takes it away */

static void emit_events(struct campaign *campaign, const struct declaration *offer, enum line_kind kind,
                        enum weight what, struct bundle_offer *record)
{
    struct names *names = campaign->names;
    for (const struct line *line = first_line(campaign, offer, kind); line != NULL; line = next_line(line)) {
        struct name name = line->as.event.event;
        const struct event_info *event = names_need_event(names, &name);
        if (event == NULL) continue;
        if (what == WEIGHT_REVOKE) {
            const struct bundle_event *own = builder_at(names->builder, SECTION_EVENT, event->index);
            if (own != NULL && (own->reverses == PROGRAM_NONE || own->reverses_by == PROGRAM_NONE)) {
                REPORT(names, DIAGNOSTIC_REVOKE_ON, line->as.event.event.span, event->name);
                continue;
            }
        }
        struct bundle_weight row = {.what = what, .word = PROGRAM_NONE, .event = event->index, .filter = PROGRAM_NONE};
        builder_add_weight(names->builder, &row);
        record->weight_count++;
    }
}

const struct event_info *play_source(struct campaign *campaign, const struct declaration *offer)
{
    const struct names *names = campaign->names;
    for (const struct line *line = first_line(campaign, offer, LINE_REVOKE_ON); line != NULL; line = next_line(line)) {
        const struct event_info *event = names_event(names, line->as.event.event.text);
        const struct line *reverses =
            event != NULL ? ast_find_line(&event->declaration->lines, LINE_REVERSES, NULL) : NULL;
        if (reverses != NULL) return names_event(names, reverses->as.reverses.event.text);
    }
    return NULL;
}

void play_emit_filters(struct campaign *campaign, struct emitter *emitter)
{
    struct names *names = campaign->names;
    const enum line_kind kinds[2] = {LINE_CANCEL_ON, LINE_REVOKE_ON};
    for (uint32_t i = 0; i < campaign->offer_count; i++) {
        const struct campaign_offer *offer = &campaign->offers[i];
        if (offer->action == NULL || offer->index == PROGRAM_NONE) continue;
        const struct bundle_offer *record = builder_at(names->builder, SECTION_OFFER, offer->index);
        if (record == NULL || record->weight_count == 0) continue;
        uint32_t at = record->weight_first, end = record->weight_first + record->weight_count;
        for (uint32_t k = 0; k < 2; k++) {
            const struct line *line = first_line(campaign, offer->declaration, kinds[k]);
            for (; line != NULL; line = next_line(line)) {
                const struct event_info *event = names_event(names, line->as.event.event.text);
                enum weight what = kinds[k] == LINE_CANCEL_ON ? WEIGHT_CANCEL : WEIGHT_REVOKE;
                while (at < end) {
                    const struct bundle_weight *row = builder_at(names->builder, SECTION_WEIGHT, at);
                    if (row->what == (uint32_t)what && event != NULL && row->event == event->index) break;
                    at++;
                }
                if (at == end) break;
                if (line->as.event.where != NULL) {
                    uint32_t pc = condition_event_filter(emitter, event, line->as.event.where, NULL);
                    struct bundle_weight *row = builder_at(names->builder, SECTION_WEIGHT, at);
                    if (row != NULL) row->filter = pc;
                }
                at++;
            }
        }
    }
}

uint32_t play_ordered(struct campaign *campaign, const struct statement *statement)
{
    struct names *names = campaign->names;
    const struct campaign_offer *offer = campaign_offer(campaign, statement->name.text);
    if (offer == NULL) {
        struct text *list = ARENA_ARRAY(names->arena, struct text, campaign->offer_count + 1);
        for (uint32_t i = 0; list != NULL && i < campaign->offer_count; i++)
            list[i] = campaign->offers[i].declaration->name.text;
        if (list != NULL && !campaign->declaration->is_broken)
            names_unknown(names, DIAGNOSTIC_UNKNOWN_OFFER, &statement->name, list, campaign->offer_count);
        return PROGRAM_NONE;
    }
    bool credited = false;
    for (uint32_t j = 0; j < campaign->step_count && !credited; j++)
        credited =
            campaign_credit(campaign, &campaign->steps[j]->as.step.body, 1, &offer->declaration->name.text) != NULL;
    if (!credited) {
        REPORT(names, DIAGNOSTIC_ORDER_NOT_CREDITED, statement->name.span, statement->name.text);
        return PROGRAM_NONE;
    }
    return offer->broken || offer->action == NULL ? PROGRAM_NONE : offer->index;
}

/* ------------------------------------------------------------------ all of it */

void play_emit(struct campaign *campaign, const struct campaign_offer *offer, struct bundle_offer *record)
{
    struct names *names = campaign->names;
    const struct declaration *declaration = offer->declaration;
    record->shared = offer->shared;
    record->weight_first = builder_count(names->builder, SECTION_WEIGHT);
    const struct line *counts = first_line(campaign, declaration, LINE_COUNTS);
    if (counts != NULL) emit_shares(campaign, counts, record);
    const struct line *games = first_line(campaign, declaration, LINE_GAMES);
    if (games != NULL) emit_words(campaign, games, WEIGHT_KIND, bet_words(names, "kind"), record);
    const struct line *ids = first_line(campaign, declaration, LINE_GAME_IDS);
    if (ids != NULL) emit_words(campaign, ids, WEIGHT_GAME, NULL, record);
    const struct line *funds = first_line(campaign, declaration, LINE_FUNDS);
    if (funds != NULL) {
        const struct enumeration_info *words = bet_words(names, "funds");
        if (words == NULL) REPORT(names, DIAGNOSTIC_NO_BETS, funds->span, TEXT("funds"), TEXT("funds"));
        emit_words(campaign, funds, WEIGHT_FUNDS, words, record);
    }
    emit_events(campaign, declaration, LINE_CANCEL_ON, WEIGHT_CANCEL, record);
    emit_events(campaign, declaration, LINE_REVOKE_ON, WEIGHT_REVOKE, record);
    const struct line *stake = first_line(campaign, declaration, LINE_STAKE);
    if (stake != NULL) {
        record->stake_most = money_of(campaign, stake->as.stake.value, "stake");
        record->stake_forfeits = stake->as.stake.otherwise != STAKE_NOT_COUNTED;
        judge_open(campaign, offer, stake, "stake");
    }
    const struct line *win = first_line(campaign, declaration, LINE_WIN);
    if (win != NULL) {
        record->win_most = money_of(campaign, win->as.value, "win");
        judge_open(campaign, offer, win, "win");
    }
    const struct line *deposit = first_line(campaign, declaration, LINE_DEPOSIT);
    if (deposit != NULL) {
        (void)money_of(campaign, deposit->as.value, "deposit");
        const struct event_info *event = names_event(names, TEXT("deposit"));
        const struct member *amount = event != NULL ? names_field(event, TEXT("amount")) : NULL;
        if (amount == NULL || amount->type.kind != TYPE_MONEY)
            names_report(names, DIAGNOSTIC_NO_DEPOSIT, deposit->span, NULL, 0);
    }
    const struct line *claim = first_line(campaign, declaration, LINE_CLAIM);
    if (claim != NULL && claim->as.value != NULL && claim->as.value->kind == VALUE_DURATION) {
        record->claim_kind = names_duration(&claim->as.value->duration, &record->claim);
        if (names_duration_ms(&claim->as.value->duration) == 0) {
            names_report(names, DIAGNOSTIC_DURATION_ZERO, claim->as.value->span, NULL, 0);
            record->claim_kind = WINDOW_NONE;
        }
    }
    record->queued = first_line(campaign, declaration, LINE_QUEUE) != NULL;
    const struct line *grant = first_line(campaign, declaration, LINE_GRANT);
    if (grant != NULL && grant->as.limit.times > 0)
        record->grants_most = grant->as.limit.times < INT32_MAX ? (uint32_t)grant->as.limit.times : INT32_MAX;
    const struct line *part = first_line(campaign, declaration, LINE_SHORT);
    if (part != NULL) {
        record->short_grant = record->amount_parameter != PROGRAM_NONE;
        if (!record->short_grant)
            REPORT(names, DIAGNOSTIC_SHORT_GRANT, part->span, declaration->name.text, offer->action->name);
    }
    facts_of(campaign, declaration, LINE_COUNTS, "counts", 1, record);
    facts_of(campaign, declaration, LINE_GAME_IDS, "game_ids", 1, record);
    facts_of(campaign, declaration, LINE_FUNDS, "funds", 1, record);
    facts_of(campaign, declaration, LINE_STAKE, "stake", 1, record);
    facts_of(campaign, declaration, LINE_WIN, "win", 1, record);
    facts_of(campaign, declaration, LINE_DEPOSIT, "deposit", 1, record);
    facts_of(campaign, declaration, LINE_CLAIM, "claim", 1, record);
    facts_of(campaign, declaration, LINE_QUEUE, "queue", 1, record);
    facts_of(campaign, declaration, LINE_CANCEL_ON, "cancel_on", 2, record);
    facts_of(campaign, declaration, LINE_REVOKE_ON, "revoke_on", 2, record);
    facts_of(campaign, declaration, LINE_GRANT, "grant", 1, record);
    facts_of(campaign, declaration, LINE_SHORT, "short", 1, record);
}

bool play_has_life(struct campaign *campaign, const struct declaration *offer)
{
    static const enum line_kind kinds[] = {LINE_EXPIRES, LINE_COUNTS,    LINE_GAMES,    LINE_GAME_IDS,
                                           LINE_FUNDS,   LINE_STAKE,     LINE_WIN,      LINE_CLAIM,
                                           LINE_QUEUE,   LINE_CANCEL_ON, LINE_REVOKE_ON};
    const struct line *wagering = campaign_terms_line(campaign, offer, LINE_WAGERING);
    if (play_platform_keeps(campaign->names)) return false;
    if (wagering != NULL && !wagering->as.wagering.none) return true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (campaign_terms_line(campaign, offer, kinds[i]) != NULL) return true;
    }
    return false;
}

/* ------------------------------------------------------------------ who keeps bonuses */

bool play_platform_keeps(const struct names *names)
{
    for (uint32_t i = 0; i < names->file_count; i++) {
        for (const struct declaration *at = names->files[i]->declarations.first; at != NULL; at = at->next) {
            const struct line *line =
                at->kind == DECLARATION_WORKSPACE ? ast_find_line(&at->lines, LINE_BONUSES_KEPT_BY, NULL) : NULL;
            if (line != NULL) return text_equal(line->as.word.text, TEXT("platform"));
        }
    }
    return false;
}

bool play_is_platforms(const struct names *names, struct text event)
{
    static const char *const told[] = {
        "bonus_activated", "bonus_progress",  "bonus_wagered",   "bonus_converted",
        "bonus_expired",   "bonus_forfeited", "bonus_cancelled", "bonus_revoked",
    };
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        if (text_equal(event, text_of(told[i]))) return play_platform_keeps(names);
    }
    return false;
}
