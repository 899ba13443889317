/* Rate tables and conversions. Contract: check_rates.h. */
#include "compiler/check_rates.h"

#include "compiler/arithmetic.h"
#include "compiler/check_money.h"
#include "vm/convert.h"
#include "vm/crypto.h"

/* ------------------------------------------------------------------ tables */

static void add_number(struct crypto_stream *stream, uint64_t number)
{
    unsigned char bytes[8];
    for (unsigned i = 0; i < 8; i++) bytes[i] = (unsigned char)(number >> (8 * i));
    crypto_stream_add(stream, bytes, sizeof bytes);
}

static void add_text(struct crypto_stream *stream, struct text text)
{
    add_number(stream, text.size);
    crypto_stream_add(stream, text.at, text.size);
}

/* A `rate` line as a record; false: reported. */
static bool rate_of(struct names *names, const struct declaration *table, const struct line *line,
                    struct bundle_rate *out)
{
    uint32_t from = names_need_currency(names, line->as.exchange.from.text, line->as.exchange.from.span);
    uint32_t to = names_need_currency(names, line->as.exchange.to.text, line->as.exchange.to.span);
    const struct value *number = line->as.exchange.number;
    if (from == PROGRAM_NONE || to == PROGRAM_NONE || number == NULL || number->kind != VALUE_NUMBER) return false;
    if (from == to) {
        REPORT(names, DIAGNOSTIC_RATE_SAME, line->span, names->currencies[from]);
        return false;
    }
    if (number->amount <= 0 || number->amount > CONVERT_RATE_MAX) {
        REPORT(names, DIAGNOSTIC_RATE_NUMBER, number->span, names_words(names, number->span));
        return false;
    }
    for (const struct line *other = table->lines.first; other != line; other = other->next) {
        if (other->kind != LINE_EXCHANGE) continue;
        struct text one = other->as.exchange.from.text;
        struct text two = other->as.exchange.to.text;
        bool same = text_equal(one, names->currencies[from]) && text_equal(two, names->currencies[to]);
        bool back = text_equal(one, names->currencies[to]) && text_equal(two, names->currencies[from]);
        if (!same && !back) continue;
        struct diagnostic *diagnostic =
            REPORT(names, DIAGNOSTIC_RATE_TWICE, line->span, names->currencies[from], names->currencies[to]);
        diagnostic_add_note(names->diagnostics, diagnostic, other->span, TEXT("the first is here"));
        return false;
    }
    *out = (struct bundle_rate){.number = number->amount, .from = from, .to = to};
    return true;
}

void rates_emit(struct names *names)
{
    struct builder *builder = names->builder;
    for (uint32_t i = 0; i < names->rates_count; i++) {
        const struct declaration *table = names->rates[i].declaration;
        const struct line *version = ast_find_line(&table->lines, LINE_VERSION, NULL);
        const struct line *source = ast_find_line(&table->lines, LINE_SOURCE, NULL);
        schema_judge_repeats(names, table);
        if (version == NULL && !table->is_broken)
            REPORT(names, DIAGNOSTIC_RATES_VERSION, table->span, table->name.text);
        struct bundle_rates record = {
            .name = builder_text(builder, table->name.text),
            .version = builder_text(builder, version != NULL ? version->as.text.text : TEXT("")),
            .source = source != NULL ? builder_text(builder, source->as.text.text) : PROGRAM_NONE,
            .rate_first = builder_count(builder, SECTION_RATE),
        };
        struct crypto_stream stream;
        crypto_stream_begin(&stream);
        add_text(&stream, table->name.text);
        add_text(&stream, version != NULL ? version->as.text.text : TEXT(""));
        for (const struct line *line = table->lines.first; line != NULL; line = line->next) {
            struct bundle_rate rate;
            if (line->kind != LINE_EXCHANGE || !rate_of(names, table, line, &rate)) continue;
            builder_add_rate(builder, &rate);
            record.rate_count++;
            add_text(&stream, names->currencies[rate.from]);
            add_text(&stream, names->currencies[rate.to]);
            add_number(&stream, (uint64_t)rate.number);
        }
        struct crypto_digest digest = crypto_stream_end(&stream);
        char hex[33];
        crypto_hex(hex, digest.bytes, 16);
        record.content = builder_text(builder, text_of(hex));
        builder_add_rates(builder, &record);
    }
}

uint32_t rates_need(struct names *names, const struct name *name)
{
    for (uint32_t i = 0; i < names->rates_count; i++) {
        if (text_equal(names->rates[i].name, name->text)) return i;
    }
    struct text *list = ARENA_ARRAY(names->arena, struct text, names->rates_count + 1);
    for (uint32_t i = 0; list != NULL && i < names->rates_count; i++) list[i] = names->rates[i].name;
    names_unknown(names, DIAGNOSTIC_UNKNOWN_RATES, name, list, list != NULL ? names->rates_count : 0);
    return PROGRAM_NONE;
}

static const void *records(struct names *names, enum section section)
{
    return builder_count(names->builder, section) > 0 ? builder_at(names->builder, section, 0) : NULL;
}

/* What vm/convert.h reads of a program, from the records that stand so far. */
static struct program tables_of(struct names *names)
{
    return (struct program){
        .currency = records(names, SECTION_CURRENCY),
        .currency_count = names->currency_count,
        .rates = records(names, SECTION_RATES),
        .rates_count = builder_count(names->builder, SECTION_RATES),
        .rate = records(names, SECTION_RATE),
        .rate_count = builder_count(names->builder, SECTION_RATE),
    };
}

/* A conversion, with what the formula scales it by. */
static uint32_t conversion_of(struct names *names, struct bundle_conversion record)
{
    struct builder *builder = names->builder;
    uint32_t count = builder_count(builder, SECTION_CONVERSION);
    if (builder->failed) return count;
    for (uint32_t i = 0; i < count; i++) {
        const struct bundle_conversion *known = builder_at(builder, SECTION_CONVERSION, i);
        if (known->rates == record.rates && known->currency == record.currency && known->outward == record.outward &&
            known->num == record.num && known->den == record.den)
            return i;
    }
    record.factor_first = builder_count(builder, SECTION_FACTOR);
    record.factor_count = names->currency_count;
    const struct program tables = tables_of(names);
    for (uint32_t i = 0; i < names->currency_count; i++) {
        struct bundle_factor factor = convert_factor_of(&tables, &record, i);
        builder_add_factor(builder, &factor);
    }
    return builder_add_conversion(builder, &record);
}

uint32_t rates_conversion(struct names *names, uint32_t rates, uint32_t currency, bool outward)
{
    return conversion_of(names, (struct bundle_conversion){
                                    .num = 1, .den = 1, .rates = rates, .currency = currency, .outward = outward});
}

uint32_t rates_of_value(struct names *names, const struct value *value)
{
    uint32_t rates = rates_need(names, &value->owner);
    uint32_t currency = names_need_currency(names, value->name.text, value->name.span);
    if (rates == PROGRAM_NONE || currency == PROGRAM_NONE) return PROGRAM_NONE;
    return rates_conversion(names, rates, currency, false);
}

/* ------------------------------------------------------------------ values */

void rates_ask(struct emitter *emitter, const struct reading *currency, uint32_t conversion, uint32_t site,
               struct label *no)
{
    struct reading loaded = *currency;
    arithmetic_load(emitter, &loaded);
    emit_skip(emitter, OP_IF_RATE, loaded.slot, site, no, convert_operand(conversion, ROUNDING_DOWN));
}

struct reading rates_convert(struct emitter *emitter, const struct reading *amount, const struct reading *currency,
                             uint32_t conversion, struct span span)
{
    const struct bundle_conversion *record = builder_at(emitter->names->builder, SECTION_CONVERSION, conversion);
    struct reading out = *amount;
    out.type = (struct type){TYPE_MONEY, record->outward ? PROGRAM_NONE : record->currency, 0};
    out.converts = true;
    out.conversion = conversion;
    out.currency_bank = currency->bank;
    out.currency_slot = currency->slot;
    out.span = span;
    emitter->rates |= UINT32_C(1) << record->rates;
    return out;
}

/* All that the conversion can make of the amount; false where a rate or a result leaves what a number can hold. */
static bool range_of_conversion(struct names *names, const struct reading *reading, uint32_t conversion,
                                enum rounding rounding, struct range *out)
{
    if (names->builder->failed) return false;
    const struct bundle_conversion *record = builder_at(names->builder, SECTION_CONVERSION, conversion);
    const struct bundle_factor *factors = builder_at(names->builder, SECTION_FACTOR, record->factor_first);
    const struct bundle_conversion *plain = builder_at(names->builder, SECTION_CONVERSION, reading->conversion);
    const struct bundle_factor *rates = builder_at(names->builder, SECTION_FACTOR, plain->factor_first);
    for (uint32_t i = 0; i < names->currency_count; i++) {
        if ((factors[i].den == 0) != (rates[i].den == 0)) return false;
    }
    *out = convert_range(factors, reading->range, 0, names->currency_count - 1, rounding);
    return range_fits(*out);
}

bool rates_settle(struct emitter *emitter, struct reading *reading, enum rounding rounding)
{
    struct names *names = emitter->names;
    if (!reading->converts) return true;
    const struct bundle_conversion *plain = builder_at(names->builder, SECTION_CONVERSION, reading->conversion);
    struct bundle_conversion scaled = *plain;
    int64_t num = reading->num, den = reading->den;
    uint32_t conversion = reading->conversion;
    struct range range;
    bool fits = num > 0;
    if (fits) {
        scaled.num = num;
        scaled.den = den;
        conversion = conversion_of(names, scaled);
        fits = range_of_conversion(names, reading, conversion, rounding, &range);
    }
    if (!fits) {
        REPORT(names, DIAGNOSTIC_CONVERSION_RANGE, reading->span, names_words(names, reading->span));
        reading->type.kind = (enum type_kind)TYPE_BROKEN;
        return false;
    }
    struct reading which = {.type = {TYPE_CURRENCY, PROGRAM_NONE, 0},
                            .bank = reading->currency_bank,
                            .slot = reading->currency_slot,
                            .num = 1,
                            .den = 1,
                            .span = reading->span};
    reading->converts = false;
    reading->num = reading->den = 1;
    arithmetic_load(emitter, reading);
    arithmetic_load(emitter, &which);
    uint32_t target = emit_register(emitter);
    emit(emitter, OP_CONVERT, target, reading->slot, which.slot, convert_operand(conversion, rounding));
    reading->bank = BANK_REGISTER;
    reading->slot = target;
    reading->range = range;
    reading->optional = false;
    return true;
}

/* Whether a value names money of an event by itself, which may then be in any currency. */
static bool is_event_money(const struct emitter *emitter, const struct value *value)
{
    const struct event_info *event = NULL;
    if (value->kind == VALUE_WORD && emitter->sight == SIGHT_FILTER) event = emitter->event;
    if (value->kind == VALUE_PATH) event = names_event(emitter->names, value->owner.text);
    const struct member *field = event != NULL ? names_field(event, value->name.text) : NULL;
    return field != NULL && field->type.kind == TYPE_MONEY;
}

struct reading rates_read(struct emitter *emitter, const struct value *value)
{
    struct names *names = emitter->names;
    uint32_t conversion = rates_of_value(names, value);
    if (conversion == PROGRAM_NONE || value->left == NULL) return reading_broken(value->span);
    if (is_event_money(emitter, value->left)) {
        struct reading amount;
        struct reading currency;
        if (!money_read(emitter, value->left, conversion, &amount, &currency)) return reading_broken(value->span);
        if (emitter->unknown != NULL) rates_ask(emitter, &currency, conversion, 0, emitter->unknown);
        return rates_convert(emitter, &amount, &currency, conversion, value->span);
    }
    const struct bundle_conversion *record = builder_at(names->builder, SECTION_CONVERSION, conversion);
    uint32_t rates = record->rates, currency = record->currency;
    struct reading left = value_read(emitter, value->left, NULL);
    if (!value_need_known(emitter, &left)) return reading_broken(value->span);
    if (left.type.kind != TYPE_MONEY || left.type.of >= names->currency_count) {
        REPORT(names, DIAGNOSTIC_CONVERSION_OF, value->left->span, names_words(names, value->left->span),
               names_type_words(names, left.type));
        return reading_broken(value->span);
    }
    if (names->builder->failed) return reading_broken(value->span); /* memory is out, and rates may be missing */
    const struct program tables = tables_of(names);
    struct bundle_factor factor = convert_factor(&tables, rates, left.type.of, currency);
    if (factor.den == 0) {
        REPORT(names, DIAGNOSTIC_RATE_MISSING, value->span, names->rates[rates].name, names->currencies[left.type.of],
               names->currencies[currency]);
        return reading_broken(value->span);
    }
    left.span = value->span;
    left.type.of = currency;
    emitter->rates |= UINT32_C(1) << rates;
    if (arithmetic_scale(&left, (int128)left.num * factor.num, (int128)left.den * factor.den)) return left;
    REPORT(names, DIAGNOSTIC_CONVERSION_RANGE, value->span, names_words(names, value->span));
    return reading_broken(value->span);
}

/* ------------------------------------------------------------------ what a filter asks for */

static uint32_t of_value(struct names *names, const struct value *value, struct text field, uint32_t out[64],
                         uint32_t count)
{
    if (value == NULL) return count;
    if (value->kind == VALUE_CONVERSION && value->left != NULL && value->left->kind == VALUE_WORD &&
        text_equal(value->left->name.text, field)) {
        names->muted++; /* told where the value is read */
        uint32_t conversion = rates_of_value(names, value);
        names->muted--;
        for (uint32_t i = 0; i < count; i++) {
            if (out[i] == conversion) return count;
        }
        if (conversion != PROGRAM_NONE && count < 64) out[count++] = conversion;
        return count;
    }
    if (value->kind == VALUE_BINARY || value->kind == VALUE_SHARE_OF || value->kind == VALUE_FORMULA ||
        value->kind == VALUE_CONVERSION) {
        count = of_value(names, value->left, field, out, count);
        if (value->kind == VALUE_BINARY || value->kind == VALUE_SHARE_OF)
            count = of_value(names, value->right, field, out, count);
    }
    return count;
}

uint32_t rates_of_field(struct names *names, const struct condition *condition, struct text field, uint32_t out[64],
                        uint32_t count)
{
    if (condition == NULL) return count;
    count = of_value(names, condition->left, field, out, count);
    for (const struct value *value = condition->values.first; value != NULL; value = value->next)
        count = of_value(names, value, field, out, count);
    for (const struct condition *child = condition->children; child != NULL; child = child->next)
        count = rates_of_field(names, child, field, out, count);
    return count;
}
