/*
 * `WORD of "NAME"`: finds the thing of that name and the row of spec/properties.def, and reads it as a metric of its own record.
 *
 * Not here: `arm of "SPLIT"` (check_formula.c), `left of budget` in tests (resolver_expect.c), how the engine knows it (runtime/engine/property.c).
 * spec: language.md#properties
 */
#include "compiler/check_property.h"

#include "compiler/campaign.h"
#include "vm/decimal.h"
#include "vm/zone.h"

#define MONEY_MOST INT64_C(1000000000000000)
#define WHOLE_MOST INT64_C(1000000000000)

struct row {
    enum property property;
    struct text word;
    enum property_object object;
    uint32_t kind;
    struct text words;
};

static const struct row rows[] = {
#define PROPERTY(number, NAME, word, OBJECT, TYPE, words, sentence) \
    {PROPERTY_##NAME, TEXT_INIT(word), PROPERTY_OF_##OBJECT, TYPE_##TYPE, TEXT_INIT(words)},
#include "spec/properties.def"
};
enum { ROWS = sizeof rows / sizeof rows[0] };

/* ------------------------------------------------------------------ enumerations */

static uint32_t enumeration_of(struct names *names, struct text words)
{
    struct text *list = ARENA_ARRAY(names->arena, struct text, words.size + 1);
    uint32_t count = 0, at = 0;
    while (list != NULL && at < words.size) {
        uint32_t end = text_find(words, ' ', at);
        list[count++] = text_slice(words, at, end - at);
        at = end + 1;
    }
    return names_enumeration(names, list, count, false);
}

void property_collect(struct names *names)
{
    for (uint32_t i = 0; i < ROWS; i++) {
        if (rows[i].kind == TYPE_ENUM) (void)enumeration_of(names, rows[i].words);
    }
}

/* ------------------------------------------------------------------ things by their names */

static enum property_object object_of(const struct declaration *declaration)
{
    switch (declaration->kind) {
    case DECLARATION_OFFER: return PROPERTY_OF_OFFER;
    case DECLARATION_CODES: return PROPERTY_OF_CODES;
    case DECLARATION_POINTS: return PROPERTY_OF_POINTS;
    case DECLARATION_LEVELS: return PROPERTY_OF_LEVELS;
    case DECLARATION_CAMPAIGN:
        if (declaration->tournament != NULL) return PROPERTY_OF_TOURNAMENT;
        return declaration->is_mission ? PROPERTY_OF_MISSION : PROPERTY_OF_NOTHING;
    case DECLARATION_TOURNAMENT: return PROPERTY_OF_TOURNAMENT;
    case DECLARATION_BADGE: return PROPERTY_OF_BADGE;
    default: return PROPERTY_OF_NOTHING;
    }
}

static bool is_named(const struct declaration *declaration, struct text name)
{
    return ast_is_present(&declaration->name) && text_equal(declaration->name.text, name);
}

/* Things within a block. */
static enum property_object find_within(const struct declaration *block, struct text name)
{
    for (const struct line *line = block->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_OFFER && is_named(line->as.declaration, name)) return PROPERTY_OF_OFFER;
        if (line->kind == LINE_QUOTA && text_equal(line->as.quota.name.text, name)) return PROPERTY_OF_QUOTA;
        if (line->kind == LINE_TASK && text_equal(line->as.task.name.text, name)) return PROPERTY_OF_TASK;
    }
    return PROPERTY_OF_NOTHING;
}

static const struct row *row_of(enum property_object object, struct text word)
{
    for (uint32_t i = 0; i < ROWS; i++) {
        if (rows[i].object == object && text_equal(rows[i].word, word)) return &rows[i];
    }
    return NULL;
}

/* What the name stands for, of things that have the word: of the campaign at hand first, then at the top of a file, then in any other
 * block. `block` receives in which one. */
static enum property_object find(const struct names *names, const struct campaign *campaign, struct text name,
                                 struct text word, const struct declaration **block)
{
    enum property_object found = PROPERTY_OF_NOTHING;
    *block = campaign == NULL ? NULL : names->campaigns[campaign->index].declaration;
    if (*block != NULL) found = find_within(*block, name);
    if (row_of(found, word) == NULL) found = PROPERTY_OF_NOTHING;
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < names->file_count && found == PROPERTY_OF_NOTHING; i++) {
            for (const struct declaration *each = names->files[i]->declarations.first; each != NULL;
                 each = each->next) {
                *block = pass == 0 ? NULL : each;
                if (pass == 0 && is_named(each, name)) found = object_of(each);
                if (pass == 1) found = find_within(each, name);
                if (row_of(found, word) == NULL) found = PROPERTY_OF_NOTHING;
                if (found != PROPERTY_OF_NOTHING) break;
            }
        }
    }
    return found;
}

static uint32_t currency_of(struct emitter *emitter, const struct declaration *block)
{
    struct names *names = emitter->names;
    if (emitter->campaign != NULL) return emitter->campaign->currency;
    const struct line *line = block == NULL ? NULL : ast_find_line(&block->lines, LINE_CURRENCY, NULL);
    for (uint32_t i = 0; line != NULL && i < names->currency_count; i++) {
        if (text_equal(names->currencies[i], line->as.word.text)) return i;
    }
    return 0;
}

/* ------------------------------------------------------------------ reading */

static struct range range_by(uint32_t kind, struct type type, const struct names *names)
{
    switch (kind) {
    case TYPE_ENUM: {
        const uint32_t count = names->enumerations[type.of].count; /* 0 where memory is out */
        return range_of(0, count > 0 ? (int64_t)count - 1 : 0);
    }
    case TYPE_MONEY: return range_of(0, MONEY_MOST);
    case TYPE_PERCENT: return range_of(0, DECIMAL_ONE);
    case TYPE_BOOL: return range_of(0, 1);
    default: return range_of(0, WHOLE_MOST);
    }
}

/* The record of this property of this thing; made once. */
static uint32_t record_of(struct emitter *emitter, const struct row *row, const struct value *value, struct type type,
                          struct range range)
{
    struct builder *builder = emitter->builder;
    uint32_t object = builder_text(builder, value->owner.text);
    for (uint32_t i = 0; i < builder_count(builder, SECTION_METRIC); i++) {
        const struct bundle_metric *metric = builder_at(builder, SECTION_METRIC, i);
        if (metric->aggregate == AGGREGATE_PROPERTY && metric->property == row->property && metric->object == object &&
            metric->of == type.of)
            return i;
    }
    struct text name =
        arena_print(emitter->names->arena, "%.*s of \"%.*s\"", TEXT_ARGS(row->word), TEXT_ARGS(value->owner.text));
    struct bundle_metric record = {.low = (int64_t)range.low,
                                   .high = (int64_t)range.high,
                                   .name = builder_text(builder, name),
                                   .aggregate = AGGREGATE_PROPERTY,
                                   .span = SPAN_EVER,
                                   .kind = row->kind,
                                   .of = type.of,
                                   .preset_text = PROGRAM_NONE,
                                   .zone = builder_text(builder, text_of(zone_name(emitter->names->zone))),
                                   .event = PROGRAM_NONE,
                                   .code = PROGRAM_NONE,
                                   .reversal = PROGRAM_NONE,
                                   .reversal_code = PROGRAM_NONE,
                                   .campaign = PROGRAM_NONE,
                                   .tournament = PROGRAM_NONE,
                                   .file = value->span.file,
                                   .line = names_line(emitter->names, value->span),
                                   .property = row->property,
                                   .object = object};
    return builder_add_metric(builder, &record);
}

static const struct row *lookup(struct emitter *emitter, const struct value *value, struct type *type)
{
    const struct declaration *block;
    enum property_object object = find(emitter->names, emitter->campaign, value->owner.text, value->name.text, &block);
    const struct row *row = object == PROPERTY_OF_NOTHING ? NULL : row_of(object, value->name.text);
    if (row == NULL) return NULL;
    *type = (struct type){(enum type_kind)row->kind, PROGRAM_NONE, 0};
    if (row->kind == TYPE_ENUM) {
        type->of = enumeration_of(emitter->names, row->words);
        if (type->of == PROGRAM_NONE) return NULL; /* out of memory */
    }
    if (row->kind == TYPE_MONEY) type->of = currency_of(emitter, block);
    return row;
}

bool property_of(struct emitter *emitter, const struct value *value, enum property *out, struct type *type)
{
    const struct row *row = lookup(emitter, value, type);
    if (row != NULL) *out = row->property;
    return row != NULL;
}

struct reading property_reading(struct emitter *emitter, const struct value *value)
{
    struct names *names = emitter->names;
    struct type type;
    const struct row *row = emitter->metric != NULL ? NULL : lookup(emitter, value, &type);
    if (row == NULL) {
        REPORT(names, DIAGNOSTIC_PROPERTY_HERE, value->span, names_words(names, value->span));
        return reading_broken(value->span);
    }
    struct range range = range_by(row->kind, type, names);
    return (struct reading){.type = type,
                            .bank = BANK_METRIC,
                            .slot = record_of(emitter, row, value, type, range),
                            .range = range,
                            .num = 1,
                            .den = 1,
                            .span = value->span};
}
