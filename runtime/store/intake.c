/*
 * The scanner of event lines: JSON with the declared schema in hand. Contract: runtime/store/intake.h.
 *
 *   line ──► members of the top level ──► `data` by the event's shape, `set` by the player's ──► slots
 *
 * The line is copied once, with zeros behind it, so that words of 8 bytes may be read past its end. Texts stay where they
 * stand in that copy (handles point into it); only escapes are written anew, into the room behind the line.
 * Here is the top level; JSON is intake_json.re, values are intake_data.re, what the members mean together intake_record.c.
 */
#include "runtime/store/intake_scan.h"

#include "vm/crypto.h"
#include "vm/memory.h"

static bool read_id(struct intake *intake, struct text name, struct text *out, uint32_t smallest)
{
    const unsigned char *start = intake->cursor;
    struct schema_column column = {.name = name, .kind = TYPE_TEXT};
    if (!scan_quoted(intake, &column, out)) return false;
    if (out->size < smallest) return scan_refuse(intake, &column, start, "write 1 to 64 bytes");
    if (out->size > LIMIT_ID_BYTES) return scan_refuse(intake, &column, start, "longer than 64 bytes");
    for (uint32_t index = 0; index < out->size; index++) {
        if ((unsigned char)out->at[index] < 0x20)
            return scan_refuse(intake, &column, start, "holds a control character");
    }
    return true;
}

/* A word of a fixed list. */
static bool read_choice(struct intake *intake, struct text name, const char *const *choices, uint32_t count,
                        uint32_t *out)
{
    const unsigned char *start = intake->cursor;
    struct schema_column column = {.name = name, .kind = TYPE_ENUM};
    struct text word;
    if (!scan_quoted(intake, &column, &word)) return false;
    for (uint32_t index = 0; index < count; index++) {
        if (choices[index] != NULL && text_equal(word, text_of(choices[index]))) { /* the numbers have gaps */
            *out = index;
            return true;
        }
    }
    char why[160];
    words_choice(why, sizeof why, choices, count);
    return scan_refuse(intake, &column, start, why);
}

static bool read_event_name(struct intake *intake)
{
    const unsigned char *start = intake->cursor;
    const struct schema *schema = &intake->schema;
    if (intake->last_event < schema->program->event_count) {
        const struct schema_key *value = &schema->event_value[intake->last_event];
        if (schema_key_is(value, start)) {
            intake->event = intake->last_event;
            intake->cursor = start + value->size;
            intake->event_known = true;
        }
    }
    if (!intake->event_known) {
        struct schema_column column = {.name = TEXT("event"), .kind = TYPE_ENUM};
        struct text word;
        if (!scan_quoted(intake, &column, &word)) return false;
        intake->event = schema_event(schema, word);
        if (intake->event == PROGRAM_NONE) return words_unknown_event(&intake->words, schema->program, word);
        intake->event_known = true;
        intake->last_event = intake->event;
    }
    const struct bundle_event *event = &schema->program->event[intake->event];
    /* Attributes of the same line would be read into the same slots; such a line is refused later, by its keys. */
    memset(intake->slot, 0, event->slot_count * sizeof intake->slot[0]);
    return true;
}

static bool read_kind(struct intake *intake)
{
    static const char *const choices[] = {"event", "attributes", "tick",     "reply",      "command",
                                          "erase", "code",       "suppress", "unsuppress", "person"};
    static const uint8_t kinds[] = {RECORD_EVENT, RECORD_ATTRIBUTES, RECORD_TICK,     RECORD_REPLY,      RECORD_COMMAND,
                                    RECORD_ERASE, RECORD_CODE,       RECORD_SUPPRESS, RECORD_UNSUPPRESS, RECORD_PERSON};
    uint32_t choice = 0;
    if (!read_choice(intake, TEXT("kind"), choices, sizeof choices / sizeof choices[0], &choice)) return false;
    intake->kind = kinds[choice];
    return true;
}

/* Only its hash goes on from here. */
static bool read_contact(struct intake *intake)
{
    const unsigned char *start = intake->cursor;
    struct schema_column column = {.name = TEXT("contact"), .kind = TYPE_TEXT};
    struct text value;
    if (!scan_quoted(intake, &column, &value)) return false;
    if (value.size > LIMIT_TEXT_FIELD_BYTES) return scan_refuse(intake, &column, start, "longer than 1024 bytes");
    return contact_hash(intake->effect, &intake->contact_key, value) ||
           scan_refuse(intake, &column, start, "write an email address or a telephone number");
}

static bool read_top(struct intake *intake, const struct schema_shape *shape, uint32_t index)
{
    static const struct schema_column at = {.name = TEXT_INIT("at"), .kind = TYPE_MOMENT};
    (void)shape;
    intake->top_seen |= UINT64_C(1) << index;
    uint32_t choice = 0;
    switch ((enum schema_top)index) {
    case TOP_KIND: return read_kind(intake);
    case TOP_ID: return read_id(intake, TEXT("id"), &intake->id, 1);
    case TOP_SOURCE: return read_id(intake, TEXT("source"), &intake->source, 0);
    case TOP_EVENT: return read_event_name(intake);
    case TOP_PLAYER: return read_id(intake, TEXT("player"), &intake->player, 1);
    case TOP_BRAND: return read_id(intake, TEXT("brand"), &intake->brand, 0);
    case TOP_AT: return scan_moment(intake, &at, &intake->at);
    case TOP_DATA:
        intake->data = intake->cursor;
        intake->data_waits = !intake->event_known;
        return intake->data_waits ? scan_skip(intake) : scan_data(intake);
    case TOP_SET: return scan_attributes(intake);
    case TOP_ANSWER: return scan_answer(intake);
    case TOP_IMPORT: return read_id(intake, TEXT("import"), &intake->source, 1);
    case TOP_ROW: return read_id(intake, TEXT("row"), &intake->id, 1);
    case TOP_BY: return read_id(intake, TEXT("by"), &intake->by, 1);
    case TOP_EFFECT: {
        const unsigned char *start = intake->cursor;
        struct schema_column column = {.name = TEXT("effect"), .kind = TYPE_TEXT};
        struct text digits;
        if (!scan_quoted(intake, &column, &digits)) return false;
        intake->effect_digits = digits;
        return crypto_unhex(intake->effect, sizeof intake->effect, digits) ||
               scan_refuse(intake, &column, start, "write the effect's id, 32 hexadecimal digits");
    }
    case TOP_STATUS:
        if (!read_choice(intake, TEXT("status"), scan_status_words, REPLY_STATUS_COUNT, &choice)) return false;
        intake->status = (uint8_t)choice;
        return true;
    case TOP_REASON: {
        struct schema_column column = {.name = TEXT("reason"), .kind = TYPE_TEXT};
        const unsigned char *start = intake->cursor;
        if (memcmp(start, "null", 4) == 0) {
            intake->cursor = start + 4;
            return true;
        }
        if (!scan_quoted(intake, &column, &intake->reason)) return false;
        return intake->reason.size <= LIMIT_TEXT_FIELD_BYTES ||
               scan_refuse(intake, &column, start, "longer than 1024 bytes");
    }
    case TOP_COMMAND:
        if (!read_choice(intake, TEXT("command"), scan_command_words, COMMAND_KIND_COUNT, &choice)) return false;
        intake->command = (uint8_t)choice;
        return true;
    case TOP_CAMPAIGN: {
        struct schema_column column = {.name = TEXT("campaign"), .kind = TYPE_TEXT};
        return scan_quoted(intake, &column, &intake->campaign);
    }
    case TOP_CODES: {
        struct schema_column column = {.name = TEXT("codes"), .kind = TYPE_TEXT};
        return scan_quoted(intake, &column, &intake->campaign);
    }
    case TOP_CODE: return read_id(intake, TEXT("code"), &intake->reason, 1);
    case TOP_CONTACT: return read_contact(intake);
    case TOP_PERSON:
        if (memcmp(intake->cursor, "null", 4) == 0) {
            intake->cursor += 4;
            return true;
        }
        return read_id(intake, TEXT("person"), &intake->person, 1);
    case TOP_CATCH_UP: {
        static const struct schema_column column = {.name = TEXT_INIT("catch_up"), .kind = TYPE_BOOL};
        int64_t value = 0;
        if (!scan_bool(intake, &column, &value)) return false;
        intake->catch_up = value != 0;
        return true;
    }
    case TOP_COUNT: break;
    }
    return true;
}

static bool read_line(struct intake *intake, struct record *out)
{
    const unsigned char *p = scan_blanks(intake->cursor);
    if (*p != '{') return words_not_an_object(&intake->words, p);
    intake->cursor = p + 1;
    uint64_t seen[SCHEMA_SEEN_WORDS] = {0};
    if (!scan_members(intake, &intake->schema.top, seen, read_top)) return false;
    p = scan_blanks(intake->cursor);
    if (p != intake->words.end) return words_at(&intake->words, p, "something stands behind the closing `}`");
    if (intake->data_waits && intake->event_known) {
        intake->cursor = intake->data;
        if (!scan_data(intake)) return false;
    }
    return scan_finish(intake, out);
}

enum status intake_line(struct intake *intake, const char *line, size_t size, struct record *out, struct error *error)
{
    while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r')) size--;
    if (size > LIMIT_EVENT_LINE_BYTES) {
        return error_set(error, STATUS_LIMIT, "the line is longer than %d bytes; send less in one record",
                         LIMIT_EVENT_LINE_BYTES);
    }
    memcpy(intake->line, line, size);
    memset(intake->line + size, 0, SCAN_LINE_PAD);
    intake->words = (struct intake_words){.line = intake->line, .end = intake->line + size, .error = error};
    if (error != NULL) error->status = STATUS_INVALID;
    intake->cursor = intake->line;
    intake->escaped = intake->line + SCAN_ESCAPED_AT;
    intake->kind = 0;
    intake->event = PROGRAM_NONE;
    intake->event_known = false;
    intake->id = intake->source = intake->player = intake->brand = intake->reason = intake->by = intake->campaign =
        intake->person = TEXT("");
    intake->at = 0;
    intake->catch_up = false;
    intake->top_seen = 0;
    intake->data = NULL;
    intake->data_waits = false;
    intake->content = 0;
    memset(intake->known, 0, sizeof intake->known);
    memset(intake->given, 0, sizeof intake->given);
    bool taken = read_line(intake, out);
    if (intake->schema.line_total > 0) schema_line_taken(&intake->schema, taken);
    return taken ? OK : STATUS_INVALID;
}

bool intake_is_blank(const char *line, size_t size)
{
    for (size_t index = 0; index < size; index++) {
        if (line[index] != ' ' && line[index] != '\t' && line[index] != '\r' && line[index] != '\n') return false;
    }
    return true;
}

enum status intake_open(struct intake **out, const struct program *program, struct error *error)
{
    struct intake *intake = memory_alloc(sizeof *intake);
    if (intake == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory for intake");
    enum status status = schema_init(&intake->schema, program, error);
    if (status == OK && (program->workspace->player_slot_count > SCAN_SLOTS_MAX ||
                         program->workspace->event_slot_count > SCAN_SLOTS_MAX)) {
        schema_deinit(&intake->schema);
        status = error_set(error, STATUS_LIMIT, "the program has more slots than allowed");
    }
    if (status != OK) {
        memory_release(intake);
        return status;
    }
    intake->last_event = PROGRAM_NONE;
    intake_set_key(intake, NULL);
    *out = intake;
    return OK;
}

void intake_set_key(struct intake *intake, const uint8_t *identity_key)
{
    const struct program *program = intake->schema.program;
    intake->contact_key = contact_key(program_text(program, program->workspace->name), identity_key);
}

void intake_close(struct intake *intake)
{
    if (intake == NULL) return;
    schema_deinit(&intake->schema);
    memory_release(intake);
}

uint64_t intake_dropped_total(const struct intake *intake)
{
    return intake->schema.dropped_total;
}

bool intake_dropped_name(const struct intake *intake, uint32_t index, struct intake_dropped *out)
{
    if (index >= intake->schema.dropped_count) return false;
    *out = (struct intake_dropped){.name = intake->schema.dropped[index].name,
                                   .count = intake->schema.dropped[index].count};
    return true;
}
