/*
 * Conditions and filters: typed, proven, and emitted as compare-and-skip.
 *
 * A condition falls through where it holds and goes to `no` where it does not; each comparison that the author wrote is
 * one site, noted by the instruction itself (check_compare.c). What a true condition proves known is added to the emitter's
 * facts. spec: language.md#conditions
 */
#include "compiler/check_money.h"
#include "compiler/check_rates.h"

struct thing *condition_segment(struct names *names, struct text name, struct span span)
{
    struct thing *segment = names_thing(names->segments, names->segment_count, name);
    if (segment != NULL && !segment->dropped) return segment;
    struct text *list = ARENA_ARRAY(names->arena, struct text, names->segment_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; list != NULL && i < names->segment_count; i++) {
        if (!names->segments[i].dropped && !names->segments[i].declaration->is_hidden)
            list[count++] = names->segments[i].name;
    }
    if (segment == NULL || segment->standard)
        names_unknown(names, DIAGNOSTIC_UNKNOWN_SEGMENT, &(struct name){name, span, 0}, list, count);
    return NULL;
}

/* ------------------------------------------------------------------ trees */

void condition_emit(struct emitter *emitter, const struct condition *condition, struct label *no)
{
    struct names *names = emitter->names;
    for (const struct condition *child = condition->children; child != NULL; child = child->next) {
        bool mixed = (condition->kind == CONDITION_ALL && child->kind == CONDITION_ANY) ||
                     (condition->kind == CONDITION_ANY && child->kind == CONDITION_ALL);
        if (mixed && !condition->is_group && !child->is_group) {
            names_report(names, DIAGNOSTIC_MIXED_AND_OR, condition->span, NULL, 0);
            return;
        }
    }
    switch (condition->kind) {
    case CONDITION_COMPARE: condition_compare(emitter, condition, condition->left, no); return;
    case CONDITION_ALL:
        for (const struct condition *child = condition->children; child != NULL; child = child->next)
            condition_emit(emitter, child, no);
        return;
    case CONDITION_ANY: {
        struct label yes = {0};
        struct facts before = emitter->facts;
        struct facts after = before;
        bool first = true;
        for (const struct condition *child = condition->children; child != NULL; child = child->next) {
            struct label next = {0};
            emitter->facts = before;
            condition_emit(emitter, child, child->next == NULL ? no : &next);
            if (first) {
                after = emitter->facts;
            } else {
                facts_meet(&after, &emitter->facts);
            }
            first = false;
            if (child->next != NULL) {
                emit_jump(emitter, &yes);
                emit_bind(emitter, &next);
            }
        }
        emit_bind(emitter, &yes);
        emitter->facts = after;
        return;
    }
    case CONDITION_NONE: {
        struct facts before = emitter->facts;
        for (const struct condition *child = condition->children; child != NULL; child = child->next) {
            struct label next = {0};
            emitter->facts = before;
            condition_emit(emitter, child, &next);
            emit_jump(emitter, no);
            emit_bind(emitter, &next);
        }
        emitter->facts = before;
        return;
    }
    case CONDITION_BROKEN: return;
    }
}

void condition_case(struct emitter *emitter, const struct condition *condition, struct span line,
                    const struct value *subject, struct label *no)
{
    if (condition->kind != CONDITION_COMPARE) return;
    struct text outer = emitter->subject;
    struct text words = names_words(emitter->names, line);
    if (text_starts_with(words, TEXT("when "))) words = text_trim(text_slice(words, 5, words.size - 5));
    emitter->subject = arena_print(emitter->names->arena, "%.*s is %.*s",
                                   TEXT_ARGS(names_words(emitter->names, subject->span)), TEXT_ARGS(words));
    condition_compare(emitter, condition, subject, no);
    emitter->subject = outer;
}

static void accept_or_reject(struct emitter *emitter, struct label *no)
{
    emit(emitter, OP_ACCEPT, 0, 0, 0, 0);
    if (no->used) {
        emit_bind(emitter, no);
        emit(emitter, OP_REJECT, 0, 0, 0, 0);
    }
}

uint32_t condition_player_filter(struct emitter *emitter, const struct condition *condition)
{
    if (condition == NULL) return PROGRAM_NONE;
    uint32_t pc = emit_pc(emitter);
    struct label no = {0};
    enum sight sight = emitter->sight;
    const struct event_info *event = emitter->event;
    emitter->sight = SIGHT_PLAYER;
    emitter->event = NULL;
    emitter->facts = (struct facts){0};
    emitter->next_register = 0;
    condition_emit(emitter, condition, &no);
    accept_or_reject(emitter, &no);
    emitter->sight = sight;
    emitter->event = event;
    return pc;
}

/* The money fields of the event that a condition reads by their bare names. */
static uint64_t value_money(const struct event_info *event, const struct value *value)
{
    if (value == NULL) return 0;
    uint64_t mask = 0;
    if (value->kind == VALUE_WORD) {
        const struct member *field = names_field(event, value->name.text);
        if (field != NULL && field->type.kind == TYPE_MONEY) mask |= UINT64_C(1) << (field - event->fields);
    }
    if (value->kind == VALUE_BINARY || value->kind == VALUE_SHARE_OF) mask |= value_money(event, value->right);
    if (value->kind == VALUE_BINARY || value->kind == VALUE_SHARE_OF || value->kind == VALUE_FORMULA ||
        (value->kind == VALUE_CONVERSION && value->left != NULL && value->left->kind != VALUE_WORD))
        mask |= value_money(event, value->left);
    return mask;
}

uint64_t condition_money(const struct event_info *event, const struct condition *condition)
{
    if (condition == NULL) return 0;
    uint64_t mask = money_is_priced(condition) ? 0 : value_money(event, condition->left);
    if (condition->comparison == COMPARISON_KNOWN && condition->kind == CONDITION_COMPARE) mask = 0;
    for (const struct value *value = condition->values.first; value != NULL; value = value->next)
        mask |= value_money(event, value);
    for (const struct condition *child = condition->children; child != NULL; child = child->next)
        mask |= condition_money(event, child);
    return mask;
}

/* What a line asks of the currency of a money field before all else: that it is the campaign's, or has a price, or a rate. */
static void ask_currency(struct emitter *emitter, const struct member *field, const struct condition *where, bool plain,
                         const struct node *entry, struct label *no)
{
    struct names *names = emitter->names;
    struct money_currencies set = {{0}};
    uint32_t conversions[64];
    if (field->type.kind != TYPE_MONEY) return;
    bool priced = money_priced_field(names, where, field->name.text, &set);
    uint32_t count = entry != NULL ? campaign_conversions(emitter->campaign, entry, field, conversions) : 0;
    count = rates_of_field(names, where, field->name.text, conversions, count);
    if (!plain && !priced && count == 0) return;
    uint32_t currency = emitter->campaign->currency;
    struct reading slot = {
        .type = {TYPE_CURRENCY, PROGRAM_NONE, 0}, .bank = BANK_EVENT, .slot = field->slot + 1, .num = 1, .den = 1};
    struct span span = where != NULL ? where->span : emitter->campaign->declaration->span;
    struct label absent = {0};
    if (field->optional) emit_skip(emitter, OP_IF_KNOWN_EVENT, field->slot, 0, &absent, 0);
    if (plain || priced) {
        struct text words =
            arena_print(names->arena, "%.*s in %.*s", TEXT_ARGS(field->name.text),
                        TEXT_ARGS(plain ? names->currencies[currency] : money_words(names, &set, "or")));
        uint32_t site = emit_site(emitter, span, words, &slot);
        if (plain) {
            emit_skip(emitter, OP_IF_EQ_EVENT, field->slot + 1, site, no, currency);
        } else {
            money_ask_currency(emitter, field->slot + 1, &set, site, no);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct bundle_conversion *conversion = builder_at(emitter->builder, SECTION_CONVERSION, conversions[i]);
        struct text words = arena_print(names->arena, "%.*s in a currency that \"%.*s\" has a rate for",
                                        TEXT_ARGS(field->name.text), TEXT_ARGS(names->rates[conversion->rates].name));
        rates_ask(emitter, &slot, conversions[i], emit_site(emitter, span, words, &slot), no);
    }
    emitter->next_register = 0;
    emit_bind(emitter, &absent);
}

/* Money that later lines read as one amount, of an event that this line takes in several currencies. */
static void judge_open_reads(struct emitter *emitter, const struct event_info *event, const struct condition *where,
                             uint64_t money)
{
    struct names *names = emitter->names;
    for (uint32_t i = 0; i < event->field_count && i < 64 && money != 0 && emitter->campaign != NULL; i++) {
        const struct member *field = &event->fields[i];
        struct money_currencies set = {{0}};
        struct read *read = flow_read(&emitter->campaign->flow, event, field->slot);
        if ((money >> i & 1) == 0 || read == NULL || read->told ||
            !money_priced_field(names, where, field->name.text, &set))
            continue;
        struct money_currencies home = {{0}};
        home.bits[emitter->campaign->currency / 64] |= UINT64_C(1) << (emitter->campaign->currency % 64);
        if (memcmp(&set, &home, sizeof set) == 0) continue;
        read->told = true;
        struct text code = names->currencies[emitter->campaign->currency];
        struct diagnostic *diagnostic =
            REPORT(names, DIAGNOSTIC_MONEY_OPEN, read->span,
                   arena_print(names->arena, "%.*s.%.*s", TEXT_ARGS(event->name), TEXT_ARGS(field->name.text)),
                   money_words(names, &set, "or"), code);
        diagnostic_add_note(
            names->diagnostics, diagnostic, where->span,
            arena_print(names->arena, "this line takes it in %.*s", TEXT_ARGS(money_words(names, &set, "or"))));
    }
}

uint32_t condition_event_filter(struct emitter *emitter, const struct event_info *event, const struct condition *where,
                                const struct node *entry)
{
    uint64_t money = entry != NULL && emitter->campaign != NULL ? campaign_money(emitter->campaign, entry) : 0;
    judge_open_reads(emitter, event, where, money);
    money |= condition_money(event, where);
    uint32_t pc = emit_pc(emitter);
    struct label no = {0};
    struct facts outer_facts = emitter->facts;
    enum sight sight = emitter->sight;
    const struct event_info *outer = emitter->event;
    emitter->sight = SIGHT_FILTER;
    emitter->event = event;
    emitter->facts = (struct facts){0};
    emitter->next_register = 0;
    for (uint32_t i = 0; i < event->field_count && i < 64; i++) {
        if (emitter->campaign != NULL)
            ask_currency(emitter, &event->fields[i], where, (money >> i & 1) != 0, entry, &no);
    }
    if (where != NULL) condition_emit(emitter, where, &no);
    if (where != NULL || no.used) {
        accept_or_reject(emitter, &no);
    } else {
        pc = PROGRAM_NONE;
    }
    emitter->sight = sight;
    emitter->event = outer;
    emitter->facts = outer_facts;
    return pc;
}
