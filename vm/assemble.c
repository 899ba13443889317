/*
 * The assembler: one line at a time, tables for everything. References to labels and to "all records" (*) are noted and
 * filled in at the end.
 */
#include "vm/assemble.h"

#include <stdio.h>

enum fix_kind { FIX_PC, FIX_ALL, FIX_SKIP };
struct fix {
    enum fix_kind kind;
    uint32_t line;
    enum section section; /* PC, ALL: of the record. */
    uint32_t index;       /* record, or instruction */
    uint32_t offset;      /* of the field in the record */
    uint32_t argument;    /* ALL: the section to count */
    struct text label;
};
struct label {
    struct text name;
    uint32_t pc;
};

struct assembler {
    struct builder *builder;
    struct error *error;
    struct buffer fixes;  /* of struct fix */
    struct buffer labels; /* of struct label */
    uint32_t line;        /* 1-based */
    struct text rest;     /* of the line */
    bool in_region;
    uint32_t site_next;
    bool counted; /* the region's line gave a code_count of its own */
};

static enum status PRINTF_LIKE(2, 3) fail(struct assembler *assembler, const char *format, ...)
{
    char words[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    return error_set(assembler->error, STATUS_INVALID, "line %u: %s", assembler->line, words);
}

/* ---------------------------------------------------------------- words of a line */

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == ',';
}

static void skip_blanks(struct assembler *assembler)
{
    uint32_t count = 0;
    while (count < assembler->rest.size && is_blank(assembler->rest.at[count])) count++;
    assembler->rest = text_slice(assembler->rest, count, assembler->rest.size);
    if (assembler->rest.size > 0 && assembler->rest.at[0] == '#') assembler->rest.size = 0;
}

static bool at_end(struct assembler *assembler)
{
    skip_blanks(assembler);
    return assembler->rest.size == 0;
}

/* Letters, digits and the signs that numbers and labels have. */
static struct text take_word(struct assembler *assembler)
{
    skip_blanks(assembler);
    uint32_t count = 0;
    while (count < assembler->rest.size && !is_blank(assembler->rest.at[count]) &&
           strchr("=:\"#", assembler->rest.at[count]) == NULL)
        count++;
    struct text word = text_slice(assembler->rest, 0, count);
    assembler->rest = text_slice(assembler->rest, count, assembler->rest.size);
    return word;
}

static bool take_byte(struct assembler *assembler, char byte)
{
    if (assembler->rest.size == 0 || assembler->rest.at[0] != byte) return false;
    assembler->rest = text_slice(assembler->rest, 1, assembler->rest.size);
    return true;
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return -1;
}

/* A quoted text: \" \\ \n \xHH. Gives its STRING index. */
static enum status take_string(struct assembler *assembler, uint32_t *out)
{
    struct buffer bytes = BUFFER_EMPTY;
    enum status status = OK;
    (void)take_byte(assembler, '"');
    for (;;) {
        if (assembler->rest.size == 0) {
            status = fail(assembler, "the text has no closing quote");
            break;
        }
        char byte = assembler->rest.at[0];
        assembler->rest = text_slice(assembler->rest, 1, assembler->rest.size);
        if (byte == '"') break;
        if (byte == '\\') {
            char kind = assembler->rest.size > 0 ? assembler->rest.at[0] : 0;
            uint32_t used = 1;
            if (kind == 'n') {
                byte = '\n';
            } else if (kind == 'x' && assembler->rest.size >= 3 && hex_digit(assembler->rest.at[1]) >= 0 &&
                       hex_digit(assembler->rest.at[2]) >= 0) {
                byte = (char)(hex_digit(assembler->rest.at[1]) * 16 + hex_digit(assembler->rest.at[2]));
                used = 3;
            } else if (kind == '"' || kind == '\\') {
                byte = kind;
            } else {
                status = fail(assembler, "only \\\" \\\\ \\n and \\xHH may follow a backslash");
                break;
            }
            assembler->rest = text_slice(assembler->rest, used, assembler->rest.size);
        }
        buffer_u8(&bytes, (uint8_t)byte);
    }
    if (status == OK) *out = builder_text(assembler->builder, buffer_as_text(&bytes));
    if (!buffer_ok(&bytes)) assembler->builder->failed = true;
    buffer_deinit(&bytes);
    return status;
}

/* A whole number, decimal or 0x; `none`, `min`, `max`. */
static bool read_number(struct text word, int64_t *out)
{
    bool minus = word.size > 0 && word.at[0] == '-';
    if (text_equal(word, TEXT("none"))) return *out = PROGRAM_NONE, true;
    if (text_equal(word, TEXT("min"))) return *out = INT64_MIN, true;
    if (text_equal(word, TEXT("max"))) return *out = INT64_MAX, true;
    struct text digits = text_slice(word, minus ? 1 : 0, word.size);
    unsigned base = 10;
    if (text_starts_with(digits, TEXT("0x"))) {
        digits = text_slice(digits, 2, digits.size);
        base = 16;
    }
    uint64_t value = 0;
    if (digits.size == 0) return false;
    for (uint32_t i = 0; i < digits.size; i++) {
        int digit = hex_digit(digits.at[i]);
        if (digit < 0 || (unsigned)digit >= base) return false;
        if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
            __builtin_add_overflow(value, (uint64_t)digit, &value))
            return false;
    }
    *out = (int64_t)(minus ? 0 - value : value);
    return true;
}

static enum status take_number(struct assembler *assembler, int64_t *out)
{
    struct text word = take_word(assembler);
    if (!read_number(word, out)) return fail(assembler, "`%.*s` is not a number", TEXT_ARGS(word));
    return OK;
}

static void note_fix(struct assembler *assembler, struct fix fix)
{
    fix.line = assembler->line;
    buffer_append(&assembler->fixes, &fix, sizeof fix);
}

/* ---------------------------------------------------------------- records */

static enum status take_field(struct assembler *assembler, const struct layout_section *section, uint32_t index,
                              const struct layout_field *field, uint32_t offset, unsigned char *record)
{
    int64_t value = 0;
    skip_blanks(assembler);
    if (assembler->rest.size > 0 && assembler->rest.at[0] == '"') {
        uint32_t string = 0;
        if (field->kind != LAYOUT_TEXT && field->kind != LAYOUT_TEXT_OR_NONE)
            return fail(assembler, "field `%s` holds no text", field->name);
        RETURN_IF_FAILED(take_string(assembler, &string));
        value = string;
    } else if (take_byte(assembler, '@')) {
        note_fix(assembler, (struct fix){.kind = FIX_PC,
                                         .section = (enum section)section->number,
                                         .index = index,
                                         .offset = offset,
                                         .label = take_word(assembler)});
    } else if (field->kind == LAYOUT_COUNT && take_byte(assembler, '*')) {
        note_fix(assembler, (struct fix){.kind = FIX_ALL,
                                         .section = (enum section)section->number,
                                         .index = index,
                                         .offset = offset,
                                         .argument = field->argument});
    } else {
        RETURN_IF_FAILED(take_number(assembler, &value));
    }
    if (field->kind == LAYOUT_I64) {
        memcpy(record + offset, &value, 8);
    } else {
        if (value < 0 || value > UINT32_MAX)
            return fail(assembler, "field `%s` is too small or too large", field->name);
        uint32_t small = (uint32_t)value;
        memcpy(record + offset, &small, 4);
    }
    return OK;
}

/* The region before ends here. */
static void close_region(struct assembler *assembler)
{
    if (!assembler->in_region) return;
    struct bundle_region *region =
        builder_at(assembler->builder, SECTION_REGION, builder_count(assembler->builder, SECTION_REGION) - 1);
    if (!assembler->counted) region->code_count = builder_count(assembler->builder, SECTION_CODE) - region->code_first;
    assembler->site_next = region->site_first + region->site_count;
    assembler->in_region = false;
}

static enum status take_record(struct assembler *assembler, const struct layout_section *section)
{
    _Alignas(8) unsigned char record[512] = {0};
    uint32_t none = PROGRAM_NONE, offset = 0;
    INVARIANT(section->record_size <= sizeof record);
    bool is_region = section->number == SECTION_REGION, counted = false;
    if (is_region) {
        close_region(assembler);
        ((struct bundle_region *)(void *)record)->code_first = builder_count(assembler->builder, SECTION_CODE);
        ((struct bundle_region *)(void *)record)->site_first = assembler->site_next;
    }
    for (const struct layout_field *field = section->fields; field->kind != LAYOUT_END; field++) {
        if (field->kind == LAYOUT_TEXT_OR_NONE || field->kind == LAYOUT_INDEX_OR_NONE ||
            field->kind == LAYOUT_PC_OR_NONE)
            memcpy(record + offset, &none, 4);
        offset += layout_field_size(field->kind);
    }
    uint32_t index = builder_count(assembler->builder, (enum section)section->number);
    while (!at_end(assembler)) {
        struct text name = take_word(assembler);
        const struct layout_field *field = section->fields;
        for (offset = 0; field->kind != LAYOUT_END && !text_equal(text_of(field->name), name); field++)
            offset += layout_field_size(field->kind);
        if (field->kind == LAYOUT_END)
            return fail(assembler, "section `%s` has no field `%.*s`", section->name, TEXT_ARGS(name));
        if (!take_byte(assembler, '=')) return fail(assembler, "write `%s=` and a value", field->name);
        if (is_region && text_equal(name, TEXT("code_count"))) counted = true;
        RETURN_IF_FAILED(take_field(assembler, section, index, field, offset, record));
    }
    (void)builder_add(assembler->builder, (enum section)section->number, record);
    if (is_region && !assembler->builder->failed) {
        assembler->in_region = true;
        assembler->counted = counted;
    }
    return OK;
}

/* ---------------------------------------------------------------- instructions */

/* A number behind one letter, as in r3 and e12. */
static enum status take_lettered(struct assembler *assembler, char letter, int64_t *out)
{
    struct text word = take_word(assembler);
    if (word.size < 2 || word.at[0] != letter || !read_number(text_slice(word, 1, word.size), out)) {
        return fail(assembler, "`%.*s` should be `%c` and a number", TEXT_ARGS(word), letter);
    }
    return OK;
}

static enum status take_calendar(struct assembler *assembler, int64_t *out)
{
    struct text word = take_word(assembler);
    uint32_t months = text_find(word, 'm', 0), days = text_find(word, 'd', 0);
    int64_t m, d, ms;
    if (months == word.size || days == word.size || days < months || !read_number(text_slice(word, 0, months), &m) ||
        !read_number(text_slice(word, months + 1, days - months - 1), &d) ||
        !read_number(text_slice(word, days + 1, word.size), &ms) || m < INT16_MIN || m > INT16_MAX || d < INT16_MIN ||
        d > INT16_MAX || ms < INT32_MIN || ms > INT32_MAX) {
        return fail(assembler, "`%.*s` is not a calendar duration such as 1m2d300", TEXT_ARGS(word));
    }
    *out = calendar_pack((int16_t)m, (int16_t)d, (int32_t)ms);
    return OK;
}

static enum status take_ratio(struct assembler *assembler, int64_t *out)
{
    struct text word = take_word(assembler);
    uint32_t slash = text_find(word, '/', 0);
    int64_t numerator, denominator;
    if (slash == word.size || !read_number(text_slice(word, 0, slash), &numerator) ||
        !read_number(text_slice(word, slash + 1, word.size), &denominator) || numerator < INT32_MIN ||
        numerator > INT32_MAX || denominator < 0 || denominator > UINT32_MAX) {
        return fail(assembler, "`%.*s` is not a ratio such as 1/2", TEXT_ARGS(word));
    }
    *out = (int64_t)((uint64_t)numerator << 32 | (uint64_t)denominator);
    return OK;
}

static enum status take_operand(struct assembler *assembler, enum operand operand, int64_t *out)
{
    struct text word;
    uint32_t string = 0;
    switch (operand) {
    case OPERAND_ZERO: return OK;
    case OPERAND_OUT:
    case OPERAND_OUT_TEXT:
    case OPERAND_IN:
    case OPERAND_IN_TEXT:
    case OPERAND_REGISTERS:
    case OPERAND_REG_IMM:
    case OPERAND_REG_IMM_TEXT: return take_lettered(assembler, 'r', out);
    case OPERAND_EVENT:
    case OPERAND_EVENT_TEXT:
    case OPERAND_EVENT_ANY: return take_lettered(assembler, 'e', out);
    case OPERAND_PLAYER:
    case OPERAND_PLAYER_TEXT:
    case OPERAND_PLAYER_ANY: return take_lettered(assembler, 'p', out);
    case OPERAND_JOURNEY:
    case OPERAND_JOURNEY_TEXT:
    case OPERAND_JOURNEY_ANY: return take_lettered(assembler, 'j', out);
    case OPERAND_METRIC:
    case OPERAND_METRIC_TEXT:
    case OPERAND_METRIC_ANY: return take_lettered(assembler, 'm', out);
    case OPERAND_SITE: return take_lettered(assembler, 's', out);
    case OPERAND_BITS: return take_lettered(assembler, 'w', out);
    case OPERAND_RATIO:
    case OPERAND_CONVERSION: return take_ratio(assembler, out);
    case OPERAND_CALENDAR: return take_calendar(assembler, out);
    case OPERAND_TEXT:
        skip_blanks(assembler);
        if (assembler->rest.size == 0 || assembler->rest.at[0] != '"') return take_number(assembler, out);
        RETURN_IF_FAILED(take_string(assembler, &string));
        *out = string;
        return OK;
    case OPERAND_PLACE:
        word = take_word(assembler);
        *out = text_equal(word, TEXT("player")) ? PLACE_PLAYER : PLACE_CAMPAIGN;
        if (*out == PLACE_PLAYER || text_equal(word, TEXT("campaign")) || read_number(word, out)) return OK;
        return fail(assembler, "`%.*s` should be campaign or player", TEXT_ARGS(word));
    case OPERAND_SKIP:
        word = take_word(assembler);
        if (word.size > 1 && word.at[0] == '+' && read_number(text_slice(word, 1, word.size), out)) return OK;
        note_fix(
            assembler,
            (struct fix){.kind = FIX_SKIP, .index = builder_count(assembler->builder, SECTION_CODE), .label = word});
        return OK;
    case OPERAND_I64:
    case OPERAND_ROUNDING:
    case OPERAND_STATE:
    case OPERAND_STEP:
    case OPERAND_SPLIT:
    case OPERAND_EFFECT:
    case OPERAND_OFFER:
    case OPERAND_REASON: return take_number(assembler, out);
    case OPERAND_COUNT: break;
    }
    return fail(assembler, "an operand of unknown kind");
}

static enum status take_instruction(struct assembler *assembler, struct text name)
{
    uint32_t op = 0;
    while (op < OPCODE_NUMBERS && (layout_opcode(op) == NULL || !text_equal(text_of(layout_opcode(op)->name), name)))
        op++;
    if (op == OPCODE_NUMBERS) return fail(assembler, "`%.*s` is neither a section nor an instruction", TEXT_ARGS(name));
    if (!assembler->in_region) return fail(assembler, "write a region before its instructions");
    const struct layout_opcode *opcode = layout_opcode(op);
    int64_t value[4] = {0};
    const enum operand kinds[4] = {opcode->a, opcode->b, opcode->c, opcode->imm};
    for (unsigned i = 0; i < 4; i++) {
        RETURN_IF_FAILED(take_operand(assembler, kinds[i], &value[i]));
        if (i < 3 && (value[i] < 0 || value[i] > UINT16_MAX))
            return fail(assembler, "operand %u does not fit in 16 bits", i + 1);
    }
    /* For tests of the verifier: `NAME ... ! a=1` overwrites any operand. */
    if (!at_end(assembler) && take_byte(assembler, '!')) {
        while (!at_end(assembler)) {
            struct text field = take_word(assembler);
            int64_t number;
            uint32_t which = field.size == 1 ? text_find(TEXT("abci"), field.at[0], 0) : 4;
            if (which == 4 || !take_byte(assembler, '=')) return fail(assembler, "write a=, b=, c= or i= and a number");
            RETURN_IF_FAILED(take_number(assembler, &number));
            value[which] = number;
        }
    }
    builder_code(assembler->builder, (enum opcode)op, (uint32_t)value[0] & UINT16_MAX, (uint32_t)value[1] & UINT16_MAX,
                 (uint32_t)value[2] & UINT16_MAX, value[3]);
    return OK;
}

/* ---------------------------------------------------------------- lines, and what is filled in at the end */

static enum status take_line(struct assembler *assembler)
{
    while (!at_end(assembler)) {
        struct text word = take_word(assembler);
        if (word.size == 0) return fail(assembler, "a line begins with a section, a label or an instruction");
        if (take_byte(assembler, ':')) {
            struct label label = {word, builder_count(assembler->builder, SECTION_CODE)};
            buffer_append(&assembler->labels, &label, sizeof label);
            continue;
        }
        if (text_equal(word, TEXT("string"))) {
            uint32_t index;
            skip_blanks(assembler);
            if (assembler->rest.size == 0 || assembler->rest.at[0] != '"')
                return fail(assembler, "write a text in quotes");
            RETURN_IF_FAILED(take_string(assembler, &index));
            continue;
        }
        if (text_equal(word, TEXT("word"))) {
            int64_t value;
            RETURN_IF_FAILED(take_number(assembler, &value));
            uint64_t bits = (uint64_t)value;
            builder_add_word(assembler->builder, &bits);
            continue;
        }
        for (unsigned i = 0; i < layout_section_count; i++) {
            if (layout_sections[i].fields[0].kind != LAYOUT_END && text_equal(text_of(layout_sections[i].name), word))
                return take_record(assembler, &layout_sections[i]);
        }
        RETURN_IF_FAILED(take_instruction(assembler, word));
        if (!at_end(assembler))
            return fail(assembler, "`%.*s` is more than the instruction takes", TEXT_ARGS(assembler->rest));
    }
    return OK;
}

static enum status find_label(struct assembler *assembler, struct text name, uint32_t *out)
{
    const struct label *labels = (const void *)assembler->labels.bytes;
    for (size_t i = 0; i < assembler->labels.size / sizeof *labels; i++) {
        if (text_equal(labels[i].name, name)) return *out = labels[i].pc, OK;
    }
    return fail(assembler, "there is no label `%.*s`", TEXT_ARGS(name));
}

static enum status apply_fixes(struct assembler *assembler)
{
    const struct fix *fixes = (const void *)assembler->fixes.bytes;
    for (size_t i = 0; i < assembler->fixes.size / sizeof *fixes; i++) {
        const struct fix *fix = &fixes[i];
        uint32_t value = 0;
        assembler->line = fix->line;
        if (fix->kind == FIX_ALL)
            value = builder_count(assembler->builder, (enum section)fix->argument);
        else
            RETURN_IF_FAILED(find_label(assembler, fix->label, &value));
        if (fix->kind == FIX_SKIP) {
            struct instruction *at = builder_at(assembler->builder, SECTION_CODE, fix->index);
            if (value <= fix->index || value - fix->index - 1 > UINT16_MAX)
                return fail(assembler, "label `%.*s` does not lie ahead", TEXT_ARGS(fix->label));
            at->c = (uint16_t)(value - fix->index - 1);
        } else {
            unsigned char *record = builder_at(assembler->builder, fix->section, fix->index);
            memcpy(record + fix->offset, &value, 4);
        }
    }
    return OK;
}

enum status assemble(struct builder *out, struct text source, struct error *error)
{
    struct assembler assembler = {.builder = out, .error = error, .fixes = BUFFER_EMPTY, .labels = BUFFER_EMPTY};
    enum status status = OK;
    for (uint32_t at = 0; at < source.size && status == OK;) {
        uint32_t end = text_find(source, '\n', at);
        assembler.line++;
        assembler.rest = text_slice(source, at, end - at);
        status = take_line(&assembler);
        /* Before the missing record is mistaken for a slip of the author. */
        if (out->failed || !buffer_ok(&assembler.fixes) || !buffer_ok(&assembler.labels))
            status = error_set(error, STATUS_NO_MEMORY, "no memory to assemble the program");
        at = end + 1;
    }
    if (status == OK) close_region(&assembler);
    if (status == OK) status = apply_fixes(&assembler);
    buffer_deinit(&assembler.fixes);
    buffer_deinit(&assembler.labels);
    return status;
}
