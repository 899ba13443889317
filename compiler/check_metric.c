/*
 * Metrics: what each one means as a record, and the code that says which events count and with what.
 *
 * The code of an aggregate reads its event alone, a formula reads metrics alone, so a metric is the same whoever asks and
 * whenever; the verifier proves it (vm/verify.c). All of it lies in region 0, before the segments that may read it. A
 * formula that names another one has that one's arithmetic in its own code.
 *
 * Not here: how metrics are read (check_value.c), what is kept of them (the engine).
 * spec: language.md#metrics
 */
#include "compiler/check_money.h"
#include "compiler/check_points.h"
#include "compiler/check_rates.h"
#include "compiler/tournament.h"

#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/zone.h"

enum { FORMULA_DEPTH_MAX = 8 };

#define COUNT_MOST INT64_C(1000000000000)
#define DAYS_MOST  INT64_C(3660) /* that many days are kept where the author says nothing */
#define SUM_MOST   INT64_C(1000000000000000)
#define SHARE_MOST INT64_C(1000000000000000000) /* of millionths */

static void metric_make(struct emitter *emitter, struct metric_info *info);

/* ------------------------------------------------------------------ reading */

struct reading metric_reading(const struct emitter *emitter, const struct metric_info *metric, struct span span)
{
    if (metric->stage != METRIC_READY) return reading_broken(span); /* was reported where it is declared */
    return (struct reading){
        .type = metric->type,
        .bank = BANK_METRIC,
        .slot = metric->index,
        .range = metric->range,
        .num = 1,
        .den = 1,
        .span = span,
        .optional = metric->optional && !facts_has(&emitter->facts, BANK_METRIC, metric->index),
    };
}

struct reading metric_in_formula(struct emitter *emitter, const struct value *value)
{
    struct names *names = emitter->names;
    const struct metric_info *metric = names_metric(names, value->name.text, emitter->metric->campaign);
    if (metric == NULL) {
        struct text *list = ARENA_ARRAY(names->arena, struct text, names->metric_count + 1);
        uint32_t count = 0;
        for (uint32_t i = 0; list != NULL && i < names->metric_count; i++) {
            const struct metric_info *other = &names->metrics[i];
            bool own = other->campaign == PROGRAM_NONE || other->campaign == emitter->metric->campaign;
            if (own && other != emitter->metric) list[count++] = other->name;
        }
        names_unknown(names, DIAGNOSTIC_UNKNOWN_METRIC, &value->name, list, count);
        return reading_broken(value->span);
    }
    if (metric->stage != METRIC_READY) return reading_broken(value->span);
    const struct metric *written = metric->declaration->metric;
    if (written->aggregate != AGGREGATE_WORD_FORMULA) return metric_reading(emitter, metric, value->span);
    if (emitter->depth == FORMULA_DEPTH_MAX) {
        REPORT(names, DIAGNOSTIC_TOO_MANY, value->span, TEXT("more than 8"),
               TEXT("formulas that name one another in a row"), TEXT("8"));
        return reading_broken(value->span);
    }
    emitter->depth++;
    struct reading reading = value_read(emitter, written->formula, NULL);
    emitter->depth--;
    reading.span = value->span;
    return reading;
}

struct reading metric_refuses(struct emitter *emitter, const struct value *value)
{
    struct names *names = emitter->names;
    const struct metric_info *metric = emitter->metric;
    if (metric->declaration->is_hidden) {
        REPORT(names, DIAGNOSTIC_WITHOUT_READS, value->span, metric->event->name, names_words(names, value->span));
        return reading_broken(value->span);
    }
    if (metric->each != 0) {
        REPORT(names, DIAGNOSTIC_EARN_READS_OTHER, value->span, names_words(names, value->span), metric->event->name);
        return reading_broken(value->span);
    }
    struct diagnostic *diagnostic =
        REPORT(names, metric->event == NULL ? DIAGNOSTIC_FORMULA_READS_OTHER : DIAGNOSTIC_METRIC_READS_OTHER,
               value->span, metric->name, names_words(names, value->span));
    bool own = metric->event != NULL && text_equal(value->owner.text, metric->declaration->metric->event.text);
    if (diagnostic != NULL && own)
        diagnostic_set_help(
            names->diagnostics, diagnostic,
            arena_print(names->arena, "here its fields are written alone: `%.*s`", TEXT_ARGS(value->name.text)));
    return reading_broken(value->span);
}

/* ------------------------------------------------------------------ formulas */

/* Makes the metrics that a formula names, so that their types are known. */
static void make_named(struct emitter *emitter, const struct metric_info *info, const struct value *value)
{
    if (value == NULL) return;
    if (value->kind == VALUE_WORD) {
        struct metric_info *other = names_metric(emitter->names, value->name.text, info->campaign);
        if (other != NULL && other->stage == METRIC_BUSY) {
            REPORT(emitter->names, DIAGNOSTIC_METRIC_OF_ITSELF, value->span, info->name);
        } else if (other != NULL && other->stage == METRIC_NEW) {
            metric_make(emitter, other);
        }
    }
    make_named(emitter, info, value->left);
    make_named(emitter, info, value->right);
    for (const struct clause *clause = value->clauses; clause != NULL; clause = clause->next)
        make_named(emitter, info, clause->value);
}

/* Whether it can come out between two numbers: then it says how it is rounded. */
static bool needs_rounding(const struct value *value)
{
    if (value == NULL) return false;
    if (value->kind == VALUE_FORMULA) return needs_rounding(value->left);
    if (value->kind == VALUE_SHARE_OF) return true;
    if (value->kind != VALUE_BINARY) return value->kind == VALUE_NUMBER && !value->is_whole;
    return value->operation == OPERATION_DIVIDE || needs_rounding(value->left) || needs_rounding(value->right);
}

static bool is_rounded(const struct value *value)
{
    if (value->kind != VALUE_FORMULA) return false;
    for (const struct clause *clause = value->clauses; clause != NULL; clause = clause->next) {
        if (clause->kind == CLAUSE_ROUNDED) return true;
    }
    return false;
}

/* The code of a formula; false after a report. Where it has no answer the metric has no value. */
static bool emit_formula(struct emitter *emitter, struct metric_info *info, uint32_t *pc)
{
    struct names *names = emitter->names;
    const struct value *formula = info->declaration->metric->formula;
    struct label none = {0};
    *pc = emit_pc(emitter);
    info->event = NULL;
    emitter->sight = SIGHT_METRIC;
    emitter->event = NULL;
    emitter->facts = (struct facts){0};
    emitter->next_register = 0;
    emitter->unknown = &none;
    emitter->depth = 0;
    if (needs_rounding(formula) && !is_rounded(formula)) {
        REPORT(names, DIAGNOSTIC_METRIC_ROUNDING, formula->span, names_words(names, formula->span));
        return false;
    }
    struct reading reading = value_read(emitter, formula, NULL);
    bool fine = value_need_known(emitter, &reading);
    if (fine && !names_is_amount(reading.type)) {
        REPORT(names, DIAGNOSTIC_METRIC_NO_NUMBER, formula->span, names_words(names, formula->span),
               names_type_words(names, reading.type));
        fine = false;
    }
    if (fine) emit(emitter, OP_YIELD, value_into(emitter, &reading, ROUNDING_DOWN, PROGRAM_NONE), 0, 0, 0);
    fine = fine && !reading_is_broken(&reading);
    emit_bind(emitter, &none);
    if (none.used) emit(emitter, OP_REJECT, 0, 0, 0, 0);
    emitter->unknown = NULL;
    if (fine && emitter->next_register >= PROGRAM_REGISTERS) {
        REPORT(names, DIAGNOSTIC_TOO_MANY, formula->span, TEXT("more than 64"), TEXT("numbers at one time"),
               TEXT("64: a formula of fewer metrics"));
        fine = false;
    }
    info->type = reading.type;
    info->range = reading.range;
    info->optional = none.used;
    return fine;
}

/* ------------------------------------------------------------------ the code over an event */

static bool reads_field(const struct metric_info *info, enum aggregate_word word)
{
    return word != AGGREGATE_WORD_FORMULA && ast_is_present(&info->declaration->metric->field);
}

/* The value that an event has for the metric: its field, converted where that is asked for. */
static struct reading read_field(struct emitter *emitter, const struct metric *written, uint32_t currency)
{
    struct value word = {.kind = VALUE_WORD, .span = written->field.span, .name = written->field};
    if (!ast_is_present(&written->conversion.rates)) return value_slot(emitter, &word);
    struct value conversion = {.kind = VALUE_CONVERSION,
                               .span = span_join(written->field.span, written->conversion.span),
                               .left = &word,
                               .name = written->conversion.currency,
                               .owner = written->conversion.rates};
    struct type money = {TYPE_MONEY, currency, 0};
    return value_read(emitter, &conversion, &money);
}

/* Money of the event is money of the metric where it is in its currency; any other does not count. */
static void ask_currencies(struct emitter *emitter, const struct metric_info *info, uint64_t money, struct label *no)
{
    for (uint32_t i = 0; i < info->event->field_count && i < 64; i++) {
        const struct member *field = &info->event->fields[i];
        if ((money >> i & 1) == 0) continue;
        struct label absent = {0};
        if (field->optional) emit_skip(emitter, OP_IF_KNOWN_EVENT, field->slot, 0, &absent, 0);
        emit_skip(emitter, OP_IF_EQ_EVENT, field->slot + 1, 0, no, info->currency);
        emit_bind(emitter, &absent);
    }
    for (uint32_t i = 0; i < info->event->field_count;
         i++) { /* converted in the filter: what has no rate does not count */
        const struct member *field = &info->event->fields[i];
        uint32_t conversions[64], count = 0;
        if (field->type.kind == TYPE_MONEY)
            count = rates_of_field(emitter->names, info->declaration->metric->where, field->name.text, conversions, 0);
        struct reading currency = {.bank = BANK_EVENT, .slot = field->slot + 1, .num = 1, .den = 1};
        struct label absent = {0};
        if (count > 0 && field->optional) emit_skip(emitter, OP_IF_KNOWN_EVENT, field->slot, 0, &absent, 0);
        for (uint32_t j = 0; j < count; j++) rates_ask(emitter, &currency, conversions[j], 0, no);
        emit_bind(emitter, &absent);
    }
}

/* What an event is worth where no field says it alone: a number, in millionths. False after a report. */
static bool read_earned(struct emitter *emitter, const struct metric *written, struct label *no, struct reading *out)
{
    struct type decimal = {TYPE_DECIMAL, PROGRAM_NONE, 0};
    emitter->unknown = no;
    *out = value_read(emitter, written->earned, &decimal);
    if (!value_need_known(emitter, out)) {
        emitter->unknown = NULL;
        return false;
    }
    uint32_t kind = out->type.kind;
    bool fits = out->num <= INT64_MAX / DECIMAL_ONE;
    if (kind != TYPE_DECIMAL && kind != TYPE_PERCENT && (kind != TYPE_WHOLE || !fits)) {
        REPORT(emitter->names, DIAGNOSTIC_TOURNAMENT_EARN, written->earned->span,
               arena_print(emitter->names->arena, "points are a number, and this is %.*s",
                           TEXT_ARGS(names_type_words(emitter->names, out->type))),
               TEXT("write a number, or `earn 1 per 0.01 EUR of …` to count money"));
        emitter->unknown = NULL;
        return false;
    }
    if (out->bank == BANK_CONSTANT && kind == TYPE_WHOLE) {
        *out = reading_constant(out->span, TYPE_DECIMAL, PROGRAM_NONE, out->number * DECIMAL_ONE);
    } else if (kind == TYPE_WHOLE) {
        out->num *= DECIMAL_ONE;
    }
    out->type.kind = TYPE_DECIMAL;
    (void)value_into(emitter, out, ROUNDING_DOWN, PROGRAM_NONE); /* What is too large to be kept does not count. */
    emitter->unknown = NULL;
    return !reading_is_broken(out);
}

/* Over the event in info->event: REJECT, or YIELD of its value; `out` gets the field's reading. False after a report. */
static bool emit_over_event(struct emitter *emitter, struct metric_info *info, uint32_t *pc, struct reading *out)
{
    const struct metric *written = info->declaration->metric;
    uint64_t money = condition_money(info->event, written->where);
    struct label no = {0};
    bool fine = true, has_field = reads_field(info, written->aggregate);
    bool average = written->aggregate == AGGREGATE_WORD_AVERAGE;
    if (has_field && !ast_is_present(&written->conversion.rates)) {
        const struct member *field = names_field(info->event, written->field.text);
        if (field != NULL && field->type.kind == TYPE_MONEY) money |= UINT64_C(1) << (field - info->event->fields);
    }
    *pc = emit_pc(emitter);
    emitter->sight = SIGHT_FILTER;
    emitter->event = info->event;
    emitter->own_event_first = true;
    emitter->facts = (struct facts){0};
    emitter->next_register = 0;
    ask_currencies(emitter, info, money, &no);
    if (written->where != NULL) condition_emit(emitter, written->where, &no);
    emitter->next_register = 0;
    *out = reading_constant(written->span, TYPE_WHOLE, PROGRAM_NONE, info->each);
    if (has_field) {
        emitter->unknown = &no; /* without the field it does not count */
        *out = read_field(emitter, written, info->currency);
        fine = value_need_known(emitter, out);
        emitter->unknown = NULL;
        /* The average of whole numbers has decimals. */
        int64_t most = range_high64(out->range), least = range_low64(out->range);
        if (fine && average && out->type.kind == TYPE_WHOLE && most <= INT64_MAX / DECIMAL_ONE &&
            least >= -(INT64_MAX / DECIMAL_ONE)) {
            uint32_t whole = value_into(emitter, out, ROUNDING_DOWN, PROGRAM_NONE);
            emit(emitter, OP_MUL_CONST, whole, whole, 0, DECIMAL_ONE);
            out->type.kind = TYPE_DECIMAL;
            out->range = range_mul(out->range, range_point(DECIMAL_ONE));
        }
    }
    if (written->earned != NULL) fine = read_earned(emitter, written, &no, out);
    if (fine) {
        bool text = out->type.kind == TYPE_TEXT;
        uint32_t value = value_into(emitter, out, ROUNDING_DOWN, PROGRAM_NONE);
        fine = !reading_is_broken(out);
        if (written->earns && fine) emit_skip(emitter, OP_IF_GT_CONST, value, 0, &no, 0);
        emit(emitter, text ? OP_YIELD_TEXT : OP_YIELD, value, 0, 0, 0);
    }
    emit_bind(emitter, &no);
    if (no.used) emit(emitter, OP_REJECT, 0, 0, 0, 0);
    emitter->own_event_first = false;
    return fine;
}

/* ------------------------------------------------------------------ reversals */

/* The event that takes such events back, or NULL. */
static const struct event_info *reversal_of(struct names *names, const struct event_info *event, const struct line **at)
{
    for (uint32_t i = 0; i < names->event_count; i++) {
        const struct line *line = ast_find_line(&names->events[i].declaration->lines, LINE_REVERSES, NULL);
        if (line == NULL || !text_equal(line->as.reverses.event.text, event->name)) continue;
        *at = line;
        return &names->events[i];
    }
    return NULL;
}

/* Whether the reversing event has each field that a value reads, of the same type; reports the first that it lacks. */
static bool has_fields(struct names *names, const struct metric_info *info, const struct event_info *reversal,
                       const struct value *value)
{
    if (value == NULL) return true;
    if (value->kind == VALUE_WORD) {
        const struct member *field = names_field(info->event, value->name.text);
        const struct member *same = names_field(reversal, value->name.text);
        if (field != NULL && (same == NULL || !names_same_type(field->type, same->type))) {
            struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_REVERSAL_FIELD, value->span, info->name,
                                                   value->name.text, reversal->name, info->event->name);
            if (diagnostic != NULL && same != NULL)
                diagnostic_add_note(names->diagnostics, diagnostic, same->name.span,
                                    TEXT("here it is of another type"));
            return false;
        }
    }
    return has_fields(names, info, reversal, value->left) && has_fields(names, info, reversal, value->right);
}

static bool condition_has_fields(struct names *names, const struct metric_info *info, const struct event_info *reversal,
                                 const struct condition *condition)
{
    if (condition == NULL) return true;
    if (!has_fields(names, info, reversal, condition->left)) return false;
    for (const struct value *value = condition->values.first; value != NULL; value = value->next) {
        if (value->kind != VALUE_WORD && !has_fields(names, info, reversal, value)) return false;
    }
    for (const struct condition *child = condition->children; child != NULL; child = child->next) {
        if (!condition_has_fields(names, info, reversal, child)) return false;
    }
    return true;
}

/* The code over the event that takes others back. False after a report. */
static bool emit_reversal(struct emitter *emitter, struct metric_info *info, struct bundle_metric *record)
{
    struct names *names = emitter->names;
    const struct metric *written = info->declaration->metric;
    const struct line *line = NULL;
    const struct event_info *event = info->event, *reversal = reversal_of(names, event, &line);
    if (reversal == NULL) return true;
    struct value field = {.kind = VALUE_WORD, .span = written->field.span, .name = written->field};
    if (reads_field(info, written->aggregate) && !has_fields(names, info, reversal, &field)) return false;
    if (!has_fields(names, info, reversal, written->earned)) return false;
    if (!condition_has_fields(names, info, reversal, written->where)) return false;
    if (!ast_is_present(&line->as.reverses.at) && written->window != WINDOW_WORD_EVER) {
        struct diagnostic *diagnostic =
            REPORT(names, DIAGNOSTIC_REVERSAL_TIME, written->window_span, info->name, reversal->name, event->name);
        diagnostic_add_note(names->diagnostics, diagnostic, line->span, TEXT("this line lacks it"));
        return false;
    }
    struct reading unused;
    info->event = reversal;
    bool fine = emit_over_event(emitter, info, &record->reversal_code, &unused);
    info->event = event;
    record->reversal = reversal->index;
    return fine;
}

/* ------------------------------------------------------------------ the record */

static const enum aggregate aggregates[] = {
    [AGGREGATE_WORD_FORMULA] = AGGREGATE_FORMULA,
    [AGGREGATE_WORD_COUNT] = AGGREGATE_COUNT_EVENTS,
    [AGGREGATE_WORD_COUNT_DIFFERENT] = AGGREGATE_DIFFERENT,
    [AGGREGATE_WORD_DIFFERENT_DAYS] = AGGREGATE_DIFFERENT_DAYS,
    [AGGREGATE_WORD_DAYS_IN_A_ROW] = AGGREGATE_DAYS_IN_A_ROW,
    [AGGREGATE_WORD_SUM] = AGGREGATE_SUM,
    [AGGREGATE_WORD_AVERAGE] = AGGREGATE_AVERAGE,
    [AGGREGATE_WORD_SMALLEST] = AGGREGATE_SMALLEST,
    [AGGREGATE_WORD_LARGEST] = AGGREGATE_LARGEST,
    [AGGREGATE_WORD_FIRST] = AGGREGATE_FIRST,
    [AGGREGATE_WORD_LAST] = AGGREGATE_LAST,
    [AGGREGATE_WORD_FAVOURITE] = AGGREGATE_FAVOURITE,
    [AGGREGATE_WORD_FIRST_TIME] = AGGREGATE_FIRST_TIME,
    [AGGREGATE_WORD_LAST_TIME] = AGGREGATE_LAST_TIME,
    [AGGREGATE_WORD_DIFFERENT_EACH] = AGGREGATE_DIFFERENT_EACH,
};

static bool has_sum(struct type type)
{
    return names_is_amount(type) || type.kind == TYPE_DURATION;
}

/* What makes one event's value different from another's, and stays what it is in a later program. */
static bool is_kept(struct type type)
{
    switch ((uint32_t)type.kind) {
    case TYPE_SET:
    case TYPE_CALENDAR:
    case TYPE_ZONE:
    case TYPE_CURRENCY: return false;
    default: return (uint32_t)type.kind < TYPE_COUNT;
    }
}

/* Type, range and whether it may have no value, from the value that one event has. False after a report. */
static bool type_of(struct names *names, struct metric_info *info, const struct reading *value)
{
    const struct metric *written = info->declaration->metric;
    struct type type = value->type;
    bool fits = true;
    int64_t kept = written->kept_up_to;
    info->optional = true;
    info->type = type;
    info->range = type.kind == TYPE_TEXT ? range_of(0, 0) : value->range;
    switch (written->aggregate) {
    case AGGREGATE_WORD_COUNT:
    case AGGREGATE_WORD_COUNT_DIFFERENT:
    case AGGREGATE_WORD_DIFFERENT_EACH:
    case AGGREGATE_WORD_DIFFERENT_DAYS:
    case AGGREGATE_WORD_DAYS_IN_A_ROW: {
        bool days =
            written->aggregate == AGGREGATE_WORD_DIFFERENT_DAYS || written->aggregate == AGGREGATE_WORD_DAYS_IN_A_ROW;
        bool values =
            written->aggregate == AGGREGATE_WORD_COUNT_DIFFERENT || written->aggregate == AGGREGATE_WORD_DIFFERENT_EACH;
        fits = !values || is_kept(type);
        info->type = (struct type){TYPE_WHOLE, PROGRAM_NONE, 0};
        info->range = range_of(0, kept > 0 ? kept : days ? DAYS_MOST : COUNT_MOST);
        info->optional = false;
        break;
    }
    case AGGREGATE_WORD_SUM: {
        int64_t most = type.kind == TYPE_DECIMAL || type.kind == TYPE_PERCENT ? SHARE_MOST : SUM_MOST;
        fits = has_sum(type);
        info->range = range_of(range_low64(value->range) < 0 ? -most : 0, most);
        info->optional = false;
        break;
    }
    case AGGREGATE_WORD_AVERAGE: fits = has_sum(type); break;
    case AGGREGATE_WORD_SMALLEST:
    case AGGREGATE_WORD_LARGEST: fits = names_is_ordered(names, type); break;
    case AGGREGATE_WORD_FIRST:
    case AGGREGATE_WORD_LAST:
    case AGGREGATE_WORD_FAVOURITE: fits = is_kept(type); break;
    case AGGREGATE_WORD_FIRST_TIME:
    case AGGREGATE_WORD_LAST_TIME:
        info->type = (struct type){TYPE_MOMENT, PROGRAM_NONE, 0};
        info->range = names_type_range(info->type);
        break;
    case AGGREGATE_WORD_FORMULA: break;
    }
    if (!fits) {
        REPORT(names, DIAGNOSTIC_METRIC_FIELD_KIND, written->field.span, written->field.text,
               names_type_words(names, type));
    }
    return fits;
}

/* `, otherwise V`: what stands for no value. False after a report. */
static bool read_preset(struct emitter *emitter, struct metric_info *info, struct bundle_metric *record)
{
    struct names *names = emitter->names;
    const struct metric *written = info->declaration->metric;
    record->preset_text = PROGRAM_NONE;
    if (written->otherwise == NULL) return true;
    if (!info->optional) {
        REPORT(names, DIAGNOSTIC_METRIC_NEVER_EMPTY, written->otherwise->span, info->name);
        return false;
    }
    struct reading preset;
    if (!value_constant(emitter, written->otherwise, info->type, info->name, &preset)) return false;
    info->optional = false;
    if (info->type.kind == TYPE_TEXT) {
        record->preset_text = builder_text(emitter->builder, preset.text);
        return true;
    }
    record->preset = preset.number;
    info->range = range_join(info->range, range_point(preset.number));
    return true;
}

static bool read_window(struct names *names, struct metric_info *info, struct bundle_metric *record)
{
    static const enum grain periods[] = {[PERIOD_EVER] = GRAIN_EVENT,
                                         [PERIOD_DAY] = GRAIN_DAY,
                                         [PERIOD_WEEK] = GRAIN_WEEK,
                                         [PERIOD_MONTH] = GRAIN_MONTH,
                                         [PERIOD_YEAR] = GRAIN_YEAR};
    const struct metric *written = info->declaration->metric;
    bool in_campaign = info->campaign != PROGRAM_NONE;
    if (in_campaign != (written->window == WINDOW_WORD_SINCE_ENTRY)) {
        names_report(names, in_campaign ? DIAGNOSTIC_METRIC_IN_CAMPAIGN : DIAGNOSTIC_METRIC_SINCE_ENTRY,
                     written->window_span, &info->name, 1);
        return false;
    }
    switch (written->window) {
    case WINDOW_WORD_EVER: record->span = SPAN_EVER; return true;
    case WINDOW_WORD_SINCE_ENTRY: record->span = SPAN_ENTRY; return true;
    case WINDOW_WORD_INSTANCE:
        record->span = SPAN_INSTANCE;
        record->tournament = tournament_index(names, written->tournament);
        return true;
    case WINDOW_WORD_THIS:
    case WINDOW_WORD_PREVIOUS:
    case WINDOW_WORD_BEFORE_THIS:
        record->span = written->window == WINDOW_WORD_THIS       ? SPAN_THIS
                       : written->window == WINDOW_WORD_PREVIOUS ? SPAN_PREVIOUS
                                                                 : SPAN_BEFORE;
        record->grain = periods[written->period];
        return true;
    case WINDOW_WORD_LAST: break;
    }
    const struct duration *duration = &written->duration->duration;
    int64_t ms = names_duration_ms(duration);
    if (written->duration->kind != VALUE_DURATION) return false;
    if (ms == 0) {
        names_report(names, DIAGNOSTIC_DURATION_ZERO, written->duration->span, NULL, 0);
        return false;
    }
    static const enum grain grains[] = {[GRAIN_WORD_NONE] = GRAIN_EVENT,
                                        [GRAIN_WORD_MINUTE] = GRAIN_MINUTE,
                                        [GRAIN_WORD_HOUR] = GRAIN_HOUR,
                                        [GRAIN_WORD_DAY] = GRAIN_DAY};
    record->span = SPAN_ROLLING;
    record->rolling_kind = names_duration(duration, &record->window);
    bool by_default = written->grain == GRAIN_WORD_NONE && written->kept_up_to == 0;
    record->grain = grains[by_default ? ast_default_grain(duration) : written->grain];
    return true;
}

/* Whether the days of a zone have any part in it. */
static bool has_days(const struct bundle_metric *record)
{
    return record->aggregate == AGGREGATE_DIFFERENT_DAYS || record->aggregate == AGGREGATE_DAYS_IN_A_ROW ||
           record->span == SPAN_THIS || record->span == SPAN_PREVIOUS || record->span == SPAN_BEFORE ||
           (record->span == SPAN_ROLLING && (record->rolling_kind == WINDOW_CALENDAR || record->grain == GRAIN_DAY));
}

static bool read_zone(struct names *names, struct metric_info *info, struct bundle_metric *record)
{
    const struct zone_words *zone = &info->declaration->metric->zone;
    uint32_t index = info->zone;
    if (zone->span.end != 0 && !has_days(record)) {
        REPORT(names, DIAGNOSTIC_METRIC_ZONE, zone->span, info->name);
        return false;
    }
    if (ast_is_present(&zone->name)) {
        int found = names_need_zone(names, &zone->name);
        if (found < 0) return false;
        index = (uint32_t)found;
    }
    if (zone->in_player_zone && names->zone_attribute == PROGRAM_NONE) {
        REPORT(names, DIAGNOSTIC_METRIC_PLAYER_ZONE, zone->span, info->name);
        return false;
    }
    record->players_zone = zone->in_player_zone;
    record->zone = builder_text(names->builder, text_of(zone_name(index)));
    return true;
}

/* Where sums by time are not enough the events themselves are kept, and the author says how many. False after a report. */
static bool judge_kept(struct names *names, struct metric_info *info, const struct bundle_metric *record)
{
    const struct metric *written = info->declaration->metric;
    const char *why = NULL;
    bool days = record->aggregate == AGGREGATE_DIFFERENT_DAYS || record->aggregate == AGGREGATE_DAYS_IN_A_ROW;
    bool sums = record->aggregate == AGGREGATE_COUNT_EVENTS || record->aggregate == AGGREGATE_SUM ||
                record->aggregate == AGGREGATE_AVERAGE;
    if (record->kept > 0) {
        if (record->kept > 100000) {
            REPORT(names, DIAGNOSTIC_TOO_MANY, written->kept_span, names_number(names, written->kept_up_to),
                   TEXT("events kept for one player"), TEXT("100,000"));
            return false;
        }
        if (sums && record->span != SPAN_ROLLING) {
            REPORT(names, DIAGNOSTIC_METRIC_KEPT_IDLE, written->kept_span, info->name);
            return false;
        }
        return true;
    }
    if (sums || days) return true;
    if (record->aggregate == AGGREGATE_DIFFERENT)
        why = "to count what is different, what came before is remembered";
    else if (record->aggregate == AGGREGATE_FAVOURITE)
        why = "to know what comes most often, what came before is remembered";
    else if (record->reversal != PROGRAM_NONE)
        why = "such events can be taken back, and then the next one of them counts";
    else if (record->span == SPAN_ROLLING)
        why = "when an event leaves the window the next one of them counts";
    if (why == NULL) return true;
    REPORT(names, DIAGNOSTIC_METRIC_KEPT, written->span, info->name, text_of(why));
    return false;
}

/* The currency of its event's money: as written; of a campaign; the only one of the workspace; that of the amounts it compares
 * with. PROGRAM_NONE after a report. */
static const struct value *first_amount(const struct condition *condition)
{
    if (condition == NULL) return NULL;
    for (const struct value *value = condition->values.first; value != NULL; value = value->next) {
        if (value->kind == VALUE_MONEY) return value;
    }
    for (const struct condition *child = condition->children; child != NULL; child = child->next) {
        const struct value *found = first_amount(child);
        if (found != NULL) return found;
    }
    return NULL;
}

static uint32_t campaign_currency(struct names *names, uint32_t campaign)
{
    const struct line *line = ast_find_line(&names->campaigns[campaign].declaration->lines, LINE_CURRENCY, NULL);
    if (line == NULL || line->as.words.first == NULL) return 0;
    uint32_t index = names_index(names->currencies, names->currency_count, line->as.words.first->name.text);
    return index == PROGRAM_NONE ? 0 : index;
}

/* Of the campaign that stands for the tournament. */
static uint32_t tournament_currency(struct names *names, const struct declaration *tournament)
{
    for (uint32_t i = 0; i < names->campaign_count; i++) {
        if (names->campaigns[i].declaration == tournament) return campaign_currency(names, i);
    }
    return 0;
}

static bool find_currency(struct names *names, struct metric_info *info)
{
    const struct metric *written = info->declaration->metric;
    const struct name *word = &written->conversion.currency;
    const struct member *field = ast_is_present(&written->field) ? names_field(info->event, written->field.text) : NULL;
    bool money = field != NULL && field->type.kind == TYPE_MONEY;
    const struct value *amount = first_amount(written->where);
    info->currency = 0;
    if (ast_is_present(word)) {
        if (field != NULL && !money) {
            REPORT(names, DIAGNOSTIC_METRIC_IN_NO_MONEY, written->conversion.span, written->field.text,
                   names_type_words(names, field->type));
            return false;
        }
        info->currency = names_need_currency(names, word->text, word->span);
        return info->currency != PROGRAM_NONE;
    }
    if (info->campaign != PROGRAM_NONE) {
        info->currency = campaign_currency(names, info->campaign);
    } else if (written->tournament != NULL) {
        info->currency = tournament_currency(names, written->tournament);
    } else if (info->standard || names->currency_count == 1) {
        return true;
    } else if (money) {
        REPORT(names, DIAGNOSTIC_METRIC_CURRENCY, written->field.span, info->name, info->event->name,
               written->field.text, names->currencies[0]);
        return false;
    } else if (amount != NULL) {
        uint32_t index = names_index(names->currencies, names->currency_count, amount->currency);
        if (index != PROGRAM_NONE) info->currency = index; /* else the condition's own check tells */
    }
    return true;
}

static bool make_aggregate(struct emitter *emitter, struct metric_info *info, struct bundle_metric *record)
{
    struct names *names = emitter->names;
    const struct metric *written = info->declaration->metric;
    struct name event = written->event;
    struct reading value;
    record->aggregate = aggregates[written->aggregate];
    record->window = written->each;
    record->kept = (uint32_t)(written->kept_up_to < UINT32_MAX ? written->kept_up_to : UINT32_MAX);
    record->rounding = written->is_rounded ? written->rounding : ROUNDING_DOWN;
    info->event = names_need_event(names, &event);
    if (info->event == NULL) return false;
    record->event = info->event->index;
    if (written->is_rounded && written->aggregate != AGGREGATE_WORD_AVERAGE) {
        REPORT(names, DIAGNOSTIC_METRIC_ROUNDED_IDLE, written->span, info->name);
        return false;
    }
    if (!find_currency(names, info) || !emit_over_event(emitter, info, &record->code, &value)) return false;
    bool fine = type_of(names, info, &value);
    record->size = reads_field(info, written->aggregate) && value.type.kind == TYPE_TEXT ? value.type.size : 0;
    if (value.contact) {
        REPORT(names, DIAGNOSTIC_CONTACT_READ, written->field.span, names_words(names, written->field.span));
        fine = false;
    }
    fine = fine && read_preset(emitter, info, record) && read_window(names, info, record) &&
           read_zone(names, info, record) && emit_reversal(emitter, info, record) && judge_kept(names, info, record);
    return fine;
}

static bool make_measure(struct emitter *emitter, struct metric_info *info, struct bundle_metric *record,
                         struct reading *value)
{
    struct name event = info->declaration->metric->event;
    record->code = record->reversal = record->reversal_code = PROGRAM_NONE;
    info->event = names_need_event(emitter->names, &event);
    if (info->event == NULL) return false;
    record->event = info->event->index;
    return emit_over_event(emitter, info, &record->code, value) && emit_reversal(emitter, info, record);
}

bool metric_measure(struct emitter *emitter, struct metric_info *info, struct measure *out)
{
    struct names *names = emitter->names;
    struct emitter outer = *emitter;
    struct bundle_metric record = {0};
    uint32_t errors = names->diagnostics->error_count + names->muted_errors;
    info->stage = METRIC_BUSY;
    emitter->metric = info;
    emitter->dry = true;
    bool fine = make_measure(emitter, info, &record, &out->value);
    emitter->dry = false;
    fine = fine && names->diagnostics->error_count + names->muted_errors == errors;
    names->muted++; /* all was told */
    if (fine) fine = make_measure(emitter, info, &record, &out->value);
    names->muted--;
    outer.register_high = emitter->register_high;
    outer.bound = emitter->bound;
    *emitter = outer;
    out->event = record.event;
    out->code = record.code;
    out->reversal = record.reversal;
    out->reversal_code = record.reversal_code;
    return fine;
}

/* The record and its code; false after a report. */
static bool make(struct emitter *emitter, struct metric_info *info, struct bundle_metric *record)
{
    struct names *names = emitter->names;
    *record = (struct bundle_metric){
        .name = builder_text(names->builder, info->name),
        .of = PROGRAM_NONE,
        .preset_text = PROGRAM_NONE,
        .zone = builder_text(names->builder, text_of(zone_name(info->zone))),
        .event = PROGRAM_NONE,
        .code = PROGRAM_NONE,
        .reversal = PROGRAM_NONE,
        .reversal_code = PROGRAM_NONE,
        .campaign = info->campaign,
        .tournament = PROGRAM_NONE,
        .file = info->declaration->span.file,
        .line = names_line(names, info->declaration->span),
    };
    bool fine = info->declaration->metric->aggregate == AGGREGATE_WORD_FORMULA
                    ? emit_formula(emitter, info, &record->code)
                    : make_aggregate(emitter, info, record);
    if (!fine) return false;
    bool text = info->type.kind == TYPE_TEXT;
    record->kind = info->type.kind;
    record->of = info->type.kind == TYPE_ENUM || info->type.kind == TYPE_MONEY ? info->type.of : PROGRAM_NONE;
    record->low = text ? 0 : range_low64(info->range);
    record->high = text ? 0 : range_high64(info->range);
    record->optional = info->optional;
    return true;
}

static uint32_t zone_of_campaign(struct names *names, uint32_t campaign)
{
    const struct line *line = ast_find_line(&names->campaigns[campaign].declaration->lines, LINE_TIMEZONE, NULL);
    int zone = line == NULL ? -1 : zone_find(line->as.text.text);
    return zone < 0 ? names->zone : (uint32_t)zone;
}

static void metric_make(struct emitter *emitter, struct metric_info *info)
{
    struct names *names = emitter->names;
    struct emitter outer = *emitter;
    struct bundle_metric record;
    info->stage = METRIC_BUSY;
    info->zone = info->campaign == PROGRAM_NONE ? names->zone : zone_of_campaign(names, info->campaign);
    const struct metric *written = info->declaration->metric;
    uint32_t errors = names->diagnostics->error_count + names->muted_errors;
    if (info->standard) names->muted++; /* it may speak of what this project does not have; then it is not there */
    if (written == NULL || info->declaration->is_broken) {
        names->muted_errors++;
    } else {
        if (written->aggregate == AGGREGATE_WORD_FORMULA) make_named(emitter, info, written->formula);
        if (names_attribute(names, info->name) != NULL || text_equal(info->name, TEXT("id")) ||
            text_equal(info->name, TEXT("tags")))
            REPORT(names, DIAGNOSTIC_METRIC_IS_ATTRIBUTE, info->declaration->name.span, info->name);
        outer.next_register = emitter->next_register;
        outer.register_high = emitter->register_high;
        emitter->metric = info;
        emitter->dry = true;
        bool fine = make(emitter, info, &record);
        emitter->dry = false;
        fine = fine && names->diagnostics->error_count + names->muted_errors == errors;
        names->muted++; /* all was told */
        if (fine) fine = make(emitter, info, &record);
        names->muted--;
        outer.register_high = emitter->register_high;
        outer.bound = emitter->bound;
        if (!fine) names->muted_errors++;
    }
    if (info->standard) names->muted--;
    *emitter = outer;
    if (names->diagnostics->error_count + names->muted_errors != errors) {
        info->stage = METRIC_DROPPED;
        return;
    }
    info->index = builder_add_metric(names->builder, &record);
    info->stage = METRIC_READY;
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_';
}

/* Whether the word stands anywhere in the project's files. */
static bool is_mentioned(const struct names *names, struct text word)
{
    for (uint32_t i = 0; i < names->project_file_count && i < names->sources->count; i++) {
        struct text all = names->sources->sources[i]->text;
        const char *at = all.at, *end = all.at + all.size;
        while (word.size > 0 && (at = memmem(at, (size_t)(end - at), word.at, word.size)) != NULL) {
            bool begins = at == all.at || !is_letter(at[-1]);
            if (begins && (at + word.size == end || !is_letter(at[word.size]))) return true;
            at++;
        }
    }
    return false;
}

/* Of the standard ones only those that the project speaks of, and what they are computed from: a figure that nobody reads would
 * cost each event its time and each player its room. */
void metrics_emit(struct emitter *emitter)
{
    struct names *names = emitter->names;
    for (uint32_t i = 0; i < names->metric_count; i++) {
        struct metric_info *metric = &names->metrics[i];
        if (metric->stage != METRIC_NEW || (metric->standard && !is_mentioned(names, metric->name))) continue;
        metric_make(emitter, metric);
    }
}
