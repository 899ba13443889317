/* Declarations for tests. Contract: tests/unit/sample_schema.h. */
#include "tests/unit/sample_schema.h"

#include "vm/civil.h"

struct sample_field {
    const char *name;
    enum type_kind kind;
    const char *words; /* ENUM, SET: separated by blanks */
    uint32_t size;
    int64_t low, high;
    bool optional;
    enum privacy privacy;
};

static uint32_t text(struct builder *builder, const char *string)
{
    return builder_text(builder, text_of(string));
}

static uint32_t enumeration(struct builder *builder, const char *words)
{
    if (words == NULL) return PROGRAM_NONE;
    struct bundle_enumeration list = {.wording_first = builder_count(builder, SECTION_WORDING)};
    struct text rest = text_of(words);
    while (rest.size > 0) {
        uint32_t blank = text_find(rest, ' ', 0);
        struct bundle_wording word = {.name = builder_text(builder, text_slice(rest, 0, blank))};
        (void)builder_add_wording(builder, &word);
        list.wording_count++;
        rest = text_slice(rest, blank + 1 > rest.size ? rest.size : blank + 1, rest.size);
    }
    return builder_add_enumeration(builder, &list);
}

static void event(struct builder *builder, const char *name, const char *wire, const struct sample_field *fields,
                  uint32_t count, enum about about, uint32_t happens_at)
{
    uint32_t first = builder_count(builder, SECTION_FIELD);
    uint32_t slot = PROGRAM_EVENT_SLOTS;
    for (uint32_t index = 0; index < count; index++) {
        const struct sample_field *field = &fields[index];
        struct bundle_field row = {.low = field->low,
                                   .high = field->high,
                                   .name = text(builder, field->name),
                                   .kind = field->kind,
                                   .of = enumeration(builder, field->words),
                                   .size = field->size,
                                   .slot = slot,
                                   .optional = field->optional,
                                   .privacy = field->privacy};
        slot += field->kind == TYPE_MONEY ? 2 : 1;
        (void)builder_add_field(builder, &row);
    }
    struct bundle_event row = {.name = text(builder, name),
                               .wire = text(builder, wire),
                               .field_first = first,
                               .field_count = count,
                               .about = about,
                               .sets = PROGRAM_NONE,
                               .until = PROGRAM_NONE,
                               .happens_at = happens_at == PROGRAM_NONE ? PROGRAM_NONE : first + happens_at,
                               .reverses = PROGRAM_NONE,
                               .reverses_by = PROGRAM_NONE,
                               .reverses_at = PROGRAM_NONE,
                               .slot_count = slot};
    (void)builder_add_event(builder, &row);
}

static uint32_t attributes(struct builder *builder, const struct sample_field *fields, uint32_t count)
{
    uint32_t slot = PROGRAM_PLAYER_SLOTS;
    for (uint32_t index = 0; index < count; index++) {
        const struct sample_field *field = &fields[index];
        uint32_t of = field->kind == TYPE_MONEY ? 0 : enumeration(builder, field->words);
        struct bundle_attribute row = {.low = field->low,
                                       .high = field->high,
                                       .name = text(builder, field->name),
                                       .kind = field->kind,
                                       .of = of,
                                       .size = field->size,
                                       .slot = slot++,
                                       .optional = field->optional,
                                       .privacy = field->privacy,
                                       .preset_text = PROGRAM_NONE};
        if (field->kind == TYPE_TEXT && !field->optional) row.preset_text = text(builder, "en");
        if (field->kind == TYPE_COUNTRY) row.preset = 25 * 26 + 25;
        (void)builder_add_attribute(builder, &row);
    }
    return slot;
}

#define COUNT_OF(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

void sample_schema(struct builder *builder, struct program *out)
{
    static const struct sample_field registration[] = {
        {"source", TYPE_ENUM, "affiliate organic app", 0, 0, 2, true, FIELD_PLAIN},
        {"referrer", TYPE_TEXT, NULL, 64, 0, 0, true, FIELD_PERSONAL},
    };
    static const struct sample_field deposit[] = {
        {"amount", TYPE_MONEY, NULL, 0, 0, 100000000, false, FIELD_PLAIN},
        {"first", TYPE_BOOL, NULL, 0, 0, 1, false, FIELD_PLAIN},
        {"method", TYPE_TEXT, NULL, 32, 0, 0, false, FIELD_PLAIN},
    };
    static const struct sample_field bet[] = {
        {"settled_at", TYPE_MOMENT, NULL, 0, CIVIL_INSTANT_MIN, CIVIL_INSTANT_MAX, false, FIELD_PLAIN},
        {"game", TYPE_TEXT, NULL, 32, 0, 0, false, FIELD_PLAIN},
        {"kind", TYPE_ENUM, "slots table live poker sports", 0, 0, 4, false, FIELD_PLAIN},
        {"stake", TYPE_MONEY, NULL, 0, 0, 100000000, false, FIELD_PLAIN},
        {"win", TYPE_MONEY, NULL, 0, 0, 100000000, true, FIELD_PLAIN},
        {"multiplier", TYPE_DECIMAL, NULL, 0, 0, INT64_C(1000000000000), false, FIELD_PLAIN},
        {"round", TYPE_WHOLE, NULL, 0, -INT64_C(1000000000000), INT64_C(1000000000000), true, FIELD_PLAIN},
        {"free", TYPE_BOOL, NULL, 0, 0, 1, true, FIELD_PLAIN},
    };
    static const struct sample_field survey[] = {
        {"score", TYPE_WHOLE, NULL, 0, 1, 5, false, FIELD_PLAIN},
        {"share", TYPE_PERCENT, NULL, 0, 0, 1000000, true, FIELD_PLAIN},
        {"born", TYPE_DATE, NULL, 0, CIVIL_DATE_MIN, CIVIL_DATE_MAX, true, FIELD_PERSONAL},
        {"wakes_at", TYPE_TIME, NULL, 0, 0, CIVIL_DAY_MS - 1, true, FIELD_PLAIN},
        {"games", TYPE_SET, "slots table live poker", 0, 0, 15, true, FIELD_PLAIN},
        {"spent", TYPE_DURATION, NULL, 0, 0, INT64_C(100000000000), true, FIELD_PLAIN},
        {"every", TYPE_CALENDAR, NULL, 0, 0, 0, true, FIELD_PLAIN},
        {"home", TYPE_COUNTRY, NULL, 0, 0, 675, true, FIELD_PLAIN},
        {"zone", TYPE_ZONE, NULL, 0, 0, 0, true, FIELD_PLAIN},
        {"remark", TYPE_TEXT, NULL, 200, 0, 0, true, FIELD_CONTACT},
    };
    static const struct sample_field exclusion[] = {
        {"ends_at", TYPE_MOMENT, NULL, 0, CIVIL_INSTANT_MIN, CIVIL_INSTANT_MAX, true, FIELD_PLAIN},
    };
    static const struct sample_field player[] = {
        {"country", TYPE_COUNTRY, NULL, 0, 0, 675, false, FIELD_PLAIN},
        {"birth_date", TYPE_DATE, NULL, 0, CIVIL_DATE_MIN, CIVIL_DATE_MAX, true, FIELD_PERSONAL},
        {"email", TYPE_TEXT, NULL, 254, 0, 0, true, FIELD_CONTACT},
        {"vip", TYPE_BOOL, NULL, 0, 0, 1, false, FIELD_PLAIN},
        {"level", TYPE_ENUM, "none silver gold", 0, 0, 2, false, FIELD_PLAIN},
        {"churn_risk", TYPE_PERCENT, NULL, 0, 0, 1000000, true, FIELD_PLAIN},
        {"lifetime_value", TYPE_MONEY, NULL, 0, 0, INT64_C(10000000000), true, FIELD_PLAIN},
        {"timezone", TYPE_ZONE, NULL, 0, 0, 0, true, FIELD_PLAIN},
        {"language", TYPE_TEXT, NULL, 8, 0, 0, false, FIELD_PLAIN},
    };
    static const char *const codes[] = {"EUR", "GBP", "JPY", "TND"};
    static const uint32_t decimals[] = {2, 2, 0, 3};

    builder_init(builder);
    for (uint32_t index = 0; index < COUNT_OF(codes); index++) {
        struct bundle_currency row = {.code = text(builder, codes[index]), .decimals = decimals[index]};
        (void)builder_add_currency(builder, &row);
    }
    event(builder, "registration", "registered", registration, COUNT_OF(registration), ABOUT_NOTHING, PROGRAM_NONE);
    event(builder, "deposit", "deposit", deposit, COUNT_OF(deposit), ABOUT_NOTHING, PROGRAM_NONE);
    event(builder, "bet", "bet", bet, COUNT_OF(bet), ABOUT_NOTHING, 0);
    event(builder, "bonus_wagered", "bonus.wagered", NULL, 0, ABOUT_OFFER, PROGRAM_NONE);
    event(builder, "survey", "survey.answered", survey, COUNT_OF(survey), ABOUT_NOTHING, PROGRAM_NONE);
    event(builder, "self_exclusion", "player.self_excluded", exclusion, COUNT_OF(exclusion), ABOUT_NOTHING,
          PROGRAM_NONE);
    uint32_t player_slots = attributes(builder, player, COUNT_OF(player));
    struct bundle_campaign campaign = {.name = text(builder, "Welcome series"),
                                       .note = PROGRAM_NONE,
                                       .start_segment = PROGRAM_NONE,
                                       .start_schedule = PROGRAM_NONE};
    (void)builder_add_campaign(builder, &campaign);
    struct bundle_workspace workspace = {.lateness_ms = 7 * CIVIL_DAY_MS,
                                         .retention_ms = 400 * CIVIL_DAY_MS,
                                         .name = text(builder, "Sample"),
                                         .zone = text(builder, "UTC"),
                                         .zone_attribute = PROGRAM_NONE,
                                         .player_slot_count = player_slots,
                                         .event_slot_count = 24,
                                         .edition = 1};
    (void)builder_add_workspace(builder, &workspace);
    struct error error = ERROR_NONE;
    enum status status = builder_program(out, builder, &error);
    INVARIANT(status == OK);
    memset(out->semantic_hash, 7, sizeof out->semantic_hash);
}

uint32_t sample_slot(const struct program *program, enum sample_event number, const char *field)
{
    const struct bundle_event *row = &program->event[number];
    for (uint32_t index = 0; index < row->field_count; index++) {
        const struct bundle_field *column = &program->field[row->field_first + index];
        if (text_equal(program_text(program, column->name), text_of(field))) return column->slot;
    }
    INVARIANT(false); /* no such field */
    return 0;
}

uint32_t sample_attribute(const struct program *program, const char *name)
{
    for (uint32_t index = 0; index < program->attribute_count; index++) {
        if (text_equal(program_text(program, program->attribute[index].name), text_of(name))) {
            return program->attribute[index].slot;
        }
    }
    INVARIANT(false); /* no such attribute */
    return 0;
}
