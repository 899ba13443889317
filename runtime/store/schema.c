/*
 * The tables of intake, made once from the program. Contract: runtime/store/schema.h.
 */
#include "runtime/store/schema.h"

#include "vm/split.h"

static uint32_t power_of_two(uint32_t least)
{
    uint32_t size = 4;
    while (size < least) size *= 2;
    return size;
}

static void key_set(struct schema_key *key, struct text name, bool colon)
{
    char bytes[SCHEMA_KEY_WORDS * 8] = {0};
    INVARIANT(name.size <= LIMIT_NAME_BYTES);
    key->size = name.size + 2 + (colon ? 1 : 0);
    bytes[0] = '"';
    memcpy(bytes + 1, name.at, name.size);
    bytes[name.size + 1] = '"';
    if (colon) bytes[name.size + 2] = ':';
    key->words = (key->size + 7) / 8;
    unsigned char mask[sizeof bytes] = {0};
    memset(mask, 0xFF, key->size);
    memcpy(key->word, bytes, sizeof bytes);
    memcpy(key->mask, mask, sizeof mask);
}

static uint32_t hash_of(struct text text, uint64_t seed)
{
    return (uint32_t)split_hash64(text.at, text.size, seed);
}

/* Makes room for `count` columns, with the table and the memory of the order. */
static bool shape_begin(struct schema *schema, struct schema_shape *shape, uint32_t count)
{
    shape->count = count;
    shape->column = ARENA_ARRAY(&schema->arena, struct schema_column, count);
    shape->table_mask = power_of_two(count * 2) - 1;
    shape->table = ARENA_ARRAY(&schema->arena, uint16_t, shape->table_mask + 1);
    uint32_t places = 1 + count + INTAKE_DROPPED_NAMES + 1;
    shape->next = ARENA_ARRAY(&schema->arena, uint16_t, places);
    if (schema->arena.failed) return false;
    for (uint32_t index = 0; index < places; index++) shape->next[index] = SCHEMA_NONE;
    return true;
}

static void shape_add(struct schema_shape *shape, uint32_t index, struct text name, bool optional)
{
    struct schema_column *column = &shape->column[index];
    column->name = name;
    column->optional = optional;
    column->seed = split_hash64(name.at, name.size, 1);
    key_set(&column->key, name, true);
    if (!optional) shape->required[index / 64] |= UINT64_C(1) << (index % 64);
    uint32_t place = hash_of(name, 0) & shape->table_mask;
    while (shape->table[place] != 0) place = (place + 1) & shape->table_mask;
    shape->table[place] = (uint16_t)(index + 1);
    /* Until a line has shown otherwise, members come in declaration order. */
    shape->next[index] = (uint16_t)index;
}

static bool make_top(struct schema *schema)
{
    static const char *const names[TOP_COUNT] = {
        [TOP_KIND] = "kind",
        [TOP_ID] = "id",
        [TOP_SOURCE] = "source",
        [TOP_EVENT] = "event",
        [TOP_PLAYER] = "player",
        [TOP_BRAND] = "brand",
        [TOP_AT] = "at",
        [TOP_DATA] = "data",
        [TOP_SET] = "set",
        [TOP_EFFECT] = "effect",
        [TOP_STATUS] = "status",
        [TOP_REASON] = "reason",
        [TOP_COMMAND] = "command",
        [TOP_CAMPAIGN] = "campaign",
        [TOP_CATCH_UP] = "catch_up",
        [TOP_BY] = "by",
        [TOP_ANSWER] = "answer",
        [TOP_IMPORT] = "import",
        [TOP_ROW] = "row",
        [TOP_CODES] = "codes",
        [TOP_CODE] = "code",
        [TOP_CONTACT] = "contact",
        [TOP_PERSON] = "person",
    };
    if (!shape_begin(schema, &schema->top, TOP_COUNT)) return false;
    for (uint32_t index = 0; index < TOP_COUNT; index++) shape_add(&schema->top, index, text_of(names[index]), true);
    return true;
}

/* The key that names what an event is about. */
static const char *about_key(uint32_t about)
{
    static const char *const keys[ABOUT_COUNT] = {
        [ABOUT_OFFER] = "offer",       [ABOUT_MESSAGE] = "message", [ABOUT_CODES] = "codes",
        [ABOUT_CAMPAIGN] = "campaign", [ABOUT_POINTS] = "points",   [ABOUT_BADGE] = "badge"};
    return keys[about];
}

/* How many members say what an event is about: no effect stands for a whole campaign. */
static uint32_t about_count(uint32_t about)
{
    return about == ABOUT_NOTHING ? 0 : about == ABOUT_CAMPAIGN ? 1 : 2;
}

/* Beside the declared fields: the name, and the effect's id, unless a field is called so. */
static void add_about(struct schema_shape *shape, uint32_t about)
{
    static const enum schema_role roles[2] = {SCHEMA_ABOUT, SCHEMA_EFFECT};
    uint32_t fields = shape->count - about_count(about);
    for (uint32_t index = 0; index < about_count(about); index++) {
        struct text name = roles[index] == SCHEMA_ABOUT ? text_of(about_key(about)) : TEXT("effect");
        bool taken = schema_column(shape, name) != SCHEMA_NONE;
        shape_add(shape, fields + index, taken ? TEXT("") : name, true);
        struct schema_column *column = &shape->column[fields + index];
        column->kind = TYPE_TEXT;
        column->size = SCHEMA_ABOUT_BYTES;
        column->slot = roles[index] == SCHEMA_ABOUT ? PROGRAM_SLOT_ABOUT : PROGRAM_SLOT_ABOUT_EFFECT;
        column->role = roles[index];
    }
}

static void set_field(struct schema_column *column, const struct bundle_field *field)
{
    column->low = field->low;
    column->high = field->high;
    column->kind = field->kind;
    column->of = field->of;
    column->size = field->size;
    column->slot = field->slot;
}

/* What can be answered: each query by its name. */
static bool make_answers(struct schema *schema)
{
    const struct program *program = schema->program;
    struct schema_shape *shape = &schema->answer;
    if (!shape_begin(schema, shape, program->query_count)) return false;
    for (uint32_t index = 0; index < program->query_count; index++) {
        const struct bundle_query *query = &program->query[index];
        shape_add(shape, index, program_text(program, query->name), false);
        set_field(&shape->column[index], &program->field[program->event[query->event].field_first]);
    }
    memset(shape->required, 0, sizeof shape->required);
    return true;
}

static bool make_event(struct schema *schema, uint32_t number)
{
    const struct program *program = schema->program;
    const struct bundle_event *event = &program->event[number];
    struct schema_shape *shape = &schema->event[number];
    if (!shape_begin(schema, shape, event->field_count + about_count(event->about))) return false;
    for (uint32_t index = 0; index < event->field_count; index++) {
        const struct bundle_field *field = &program->field[event->field_first + index];
        shape_add(shape, index, program_text(program, field->name), field->optional != 0);
        set_field(&shape->column[index], field);
    }
    add_about(shape, event->about);
    struct text wire = program_text(program, event->wire);
    struct text name = program_text(program, event->name);
    key_set(&schema->event_value[number], wire, false);
    /* The answer to a query is no event that a platform sends. */
    for (uint32_t query = 0; query < program->query_count; query++) {
        if (program->query[query].event == number) return true;
    }
    schema->event_seed[number] = split_hash64(name.at, name.size, 2);
    for (uint32_t which = 0; which < 2; which++) {
        uint32_t place = hash_of(which == 0 ? wire : name, 0) & schema->event_mask;
        while (schema->event_table[place] != 0) place = (place + 1) & schema->event_mask;
        schema->event_table[place] = 2 * number + which + 1;
    }
    return true;
}

static bool make_player(struct schema *schema)
{
    const struct program *program = schema->program;
    struct schema_shape *shape = &schema->player;
    if (!shape_begin(schema, shape, program->attribute_count)) return false;
    for (uint32_t index = 0; index < program->attribute_count; index++) {
        const struct bundle_attribute *attribute = &program->attribute[index];
        shape_add(shape, index, program_text(program, attribute->name), attribute->optional != 0);
        struct schema_column *column = &shape->column[index];
        column->low = attribute->low;
        column->high = attribute->high;
        column->kind = attribute->kind;
        column->of = attribute->of;
        column->size = attribute->size;
        column->slot = attribute->slot;
    }
    memset(shape->required, 0, sizeof shape->required);
    return true;
}

static bool make_words(struct schema *schema)
{
    const struct program *program = schema->program;
    schema->word_mask = power_of_two(program->wording_count * 2) - 1;
    schema->word_table = ARENA_ARRAY(&schema->arena, uint32_t, schema->word_mask + 1);
    if (schema->word_table == NULL) return false;
    for (uint32_t number = 0; number < program->enumeration_count; number++) {
        const struct bundle_enumeration *list = &program->enumeration[number];
        for (uint32_t index = 0; index < list->wording_count; index++) {
            struct text word = program_text(program, program->wording[list->wording_first + index].name);
            uint32_t place = hash_of(word, number) & schema->word_mask;
            while (schema->word_table[place] != 0) place = (place + 1) & schema->word_mask;
            schema->word_table[place] = list->wording_first + index + 1;
        }
    }
    return true;
}

static bool make_currencies(struct schema *schema)
{
    const struct program *program = schema->program;
    schema->currency = arena_alloc(&schema->arena, 26 * 26 * 26);
    if (schema->currency == NULL) return false;
    memset(schema->currency, 0xFF, 26 * 26 * 26);
    for (uint32_t index = 0; index < program->currency_count; index++) {
        struct text code = program_text(program, program->currency[index].code);
        if (code.size != 3) continue;
        unsigned place = 0;
        bool capitals = true;
        for (uint32_t letter = 0; letter < 3; letter++) {
            capitals = capitals && code.at[letter] >= 'A' && code.at[letter] <= 'Z';
            place = place * 26 + (unsigned)(code.at[letter] - 'A');
        }
        if (capitals) schema->currency[place] = (uint8_t)index;
    }
    return true;
}

/* Names are at most LIMIT_NAME_BYTES in a bundle that the compiler made; a foreign one may hold anything. */
static bool names_fit(const struct program *program)
{
    bool fit = true;
    for (uint32_t index = 0; index < program->event_count; index++) {
        fit = fit && program_text(program, program->event[index].wire).size <= LIMIT_NAME_BYTES &&
              program_text(program, program->event[index].name).size <= LIMIT_NAME_BYTES &&
              program->event[index].field_count <= LIMIT_FIELDS_PER_EVENT;
    }
    for (uint32_t index = 0; index < program->field_count; index++) {
        fit = fit && program_text(program, program->field[index].name).size <= LIMIT_NAME_BYTES;
    }
    for (uint32_t index = 0; index < program->attribute_count; index++) {
        fit = fit && program_text(program, program->attribute[index].name).size <= LIMIT_NAME_BYTES;
    }
    for (uint32_t index = 0; index < program->query_count; index++) {
        fit = fit && program_text(program, program->query[index].name).size <= LIMIT_NAME_BYTES;
    }
    fit = fit && program->query_count <= SCHEMA_COLUMNS_MAX;
    return fit && program->attribute_count <= LIMIT_ATTRIBUTES && program->currency_count < 0xFF;
}

enum status schema_init(struct schema *schema, const struct program *program, struct error *error)
{
    memset(schema, 0, sizeof *schema);
    schema->program = program;
    arena_init(&schema->arena, 0);
    if (!names_fit(program)) {
        return error_set(error, STATUS_LIMIT, "the program declares more events, fields or longer names than allowed");
    }
    schema->event_mask = power_of_two(program->event_count * 4) - 1;
    schema->event = ARENA_ARRAY(&schema->arena, struct schema_shape, program->event_count);
    schema->event_value = ARENA_ARRAY(&schema->arena, struct schema_key, program->event_count);
    schema->event_seed = ARENA_ARRAY(&schema->arena, uint64_t, program->event_count);
    schema->event_table = ARENA_ARRAY(&schema->arena, uint32_t, schema->event_mask + 1);
    bool made = !schema->arena.failed && make_top(schema) && make_player(schema) && make_answers(schema) &&
                make_words(schema) && make_currencies(schema);
    for (uint32_t number = 0; made && number < program->event_count; number++) made = make_event(schema, number);
    if (made) return OK;
    arena_deinit(&schema->arena);
    return error_set(error, STATUS_NO_MEMORY, "no memory for the tables of intake");
}

void schema_deinit(struct schema *schema)
{
    arena_deinit(&schema->arena);
}

uint32_t schema_column(const struct schema_shape *shape, struct text name)
{
    uint32_t place = hash_of(name, 0) & shape->table_mask;
    while (shape->table[place] != 0) {
        uint32_t index = shape->table[place] - 1u;
        if (text_equal(shape->column[index].name, name)) return index;
        place = (place + 1) & shape->table_mask;
    }
    return SCHEMA_NONE;
}

uint32_t schema_event(const struct schema *schema, struct text name)
{
    const struct program *program = schema->program;
    uint32_t found = PROGRAM_NONE;
    uint32_t place = hash_of(name, 0) & schema->event_mask;
    while (schema->event_table[place] != 0) {
        uint32_t entry = schema->event_table[place] - 1;
        const struct bundle_event *event = &program->event[entry / 2];
        if (!event->made_by_engine &&
            text_equal(program_text(program, entry % 2 == 0 ? event->wire : event->name), name)) {
            if (entry % 2 == 0) return entry / 2; /* What the platform sends wins over what campaigns say. */
            found = entry / 2;
        }
        place = (place + 1) & schema->event_mask;
    }
    return found;
}

int32_t schema_word(const struct schema *schema, uint32_t enumeration, struct text word)
{
    const struct program *program = schema->program;
    const struct bundle_enumeration *list = &program->enumeration[enumeration];
    uint32_t place = hash_of(word, enumeration) & schema->word_mask;
    while (schema->word_table[place] != 0) {
        uint32_t index = schema->word_table[place] - 1;
        if (index >= list->wording_first && index - list->wording_first < list->wording_count &&
            text_equal(program_text(program, program->wording[index].name), word)) {
            return (int32_t)(index - list->wording_first);
        }
        place = (place + 1) & schema->word_mask;
    }
    return -1;
}

/* Whether the name stands between its quotes as it is; only such a one may be known again by its bytes. */
static bool is_plain(struct text name)
{
    for (uint32_t index = 0; index < name.size; index++) {
        unsigned char byte = (unsigned char)name.at[index];
        if (byte < 0x20 || byte == '"' || byte == '\\') return false;
    }
    return name.size > 0 && name.size <= LIMIT_NAME_BYTES;
}

uint32_t schema_drop(struct schema *schema, struct text name)
{
    for (uint32_t index = 0; index < schema->dropped_count; index++) {
        if (text_equal(schema->dropped[index].name, name)) {
            schema_drop_known(schema, index);
            return index;
        }
    }
    if (schema->dropped_count == INTAKE_DROPPED_NAMES || !is_plain(name)) {
        schema->line_total++;
        return INTAKE_DROPPED_NAMES;
    }
    uint32_t index = schema->dropped_count++;
    memcpy(schema->dropped_bytes[index], name.at, name.size);
    schema->dropped[index].name = (struct text){.at = schema->dropped_bytes[index], .size = name.size};
    schema->dropped[index].count = 0;
    schema_drop_known(schema, index);
    key_set(&schema->dropped[index].key, schema->dropped[index].name, true);
    return index;
}

void schema_line_taken(struct schema *schema, bool taken)
{
    if (!taken) {
        for (uint32_t at = 0; at < schema->line_count; at++) schema->dropped[schema->line[at]].count--;
    } else {
        schema->dropped_total += schema->line_total;
    }
    schema->line_count = 0;
    schema->line_total = 0;
}
