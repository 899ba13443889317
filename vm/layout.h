/*
 * The tables spec/bundle.def and spec/opcodes.def as data: which sections there are, which fields a record has, which
 * operands an instruction takes. The reader, the verifier, the builder, the assembler and the disassembler walk these
 * instead of knowing each record.
 *
 * Also the check of every record against the table (layout_check), which bundle.c and verify.c share.
 * Read next: vm/bundle.h, vm/verify.h.
 */
#ifndef VM_LAYOUT_H
#define VM_LAYOUT_H

#include "vm/program.h"
#include "vm/status.h"

enum section {
#define SECTION(number, NAME, name, criticality, sentence) SECTION_##NAME = (number),
#include "spec/bundle.def"
    SECTION_COUNT_OF_NUMBERS /* one above the largest number */
};

enum opcode {
#define OPCODE(number, NAME, a, b, c, imm, sentence) OP_##NAME = (number),
#include "spec/opcodes.def"
#undef OPCODE
    OPCODE_NUMBERS /* one above the largest number */
};

enum layout_kind {
    LAYOUT_END, /* after the last field */
    LAYOUT_I64,
    LAYOUT_TEXT,
    LAYOUT_TEXT_OR_NONE,
    LAYOUT_NUMBER,
    LAYOUT_INDEX,
    LAYOUT_INDEX_OR_NONE,
    LAYOUT_FLAG,
    LAYOUT_FIRST,
    LAYOUT_COUNT,
    LAYOUT_ENUM,
    LAYOUT_PC,
    LAYOUT_PC_OR_NONE,
    LAYOUT_ZERO
};

struct layout_field {
    enum layout_kind kind;
    uint32_t argument; /* INDEX, FIRST, COUNT: section number. ENUM: how many values. */
    const char *name;
};

struct layout_section {
    uint32_t number;
    bool critical;
    const char *name;                  /* "event" */
    uint32_t record_size;              /* bytes */
    const struct layout_field *fields; /* ended by LAYOUT_END; none for BYTES, WORD and CODE */
    size_t rows_at;                    /* offset of the pointer in struct program */
    size_t count_at;                   /* offset of the count in struct program */
};

/* All sections by rising number. */
extern const struct layout_section layout_sections[];
extern const unsigned layout_section_count;

/* The section with this number, or NULL. */
const struct layout_section *layout_section(uint32_t number);

/* Bytes of a field of this kind: 8 or 4. */
static inline uint32_t layout_field_size(enum layout_kind kind)
{
    return kind == LAYOUT_I64 ? 8 : 4;
}

/* The rows of a section in a program, and how many there are. */
const void *layout_rows(const struct program *program, const struct layout_section *section);
uint32_t layout_count(const struct program *program, const struct layout_section *section);
void layout_set(struct program *program, const struct layout_section *section, const void *rows, uint32_t count);

/* Kinds of operands; spec/opcodes.def says what each is. */
enum operand {
    OPERAND_ZERO,
    OPERAND_OUT,
    OPERAND_OUT_TEXT,
    OPERAND_IN,
    OPERAND_IN_TEXT,
    OPERAND_EVENT,
    OPERAND_PLAYER,
    OPERAND_JOURNEY,
    OPERAND_EVENT_TEXT,
    OPERAND_PLAYER_TEXT,
    OPERAND_JOURNEY_TEXT,
    OPERAND_EVENT_ANY,
    OPERAND_PLAYER_ANY,
    OPERAND_JOURNEY_ANY,
    OPERAND_SITE,
    OPERAND_SKIP,
    OPERAND_I64,
    OPERAND_TEXT,
    OPERAND_BITS,
    OPERAND_ROUNDING,
    OPERAND_PLACE,
    OPERAND_RATIO,
    OPERAND_CALENDAR,
    OPERAND_CONVERSION,
    OPERAND_STATE,
    OPERAND_STEP,
    OPERAND_SPLIT,
    OPERAND_EFFECT,
    OPERAND_REASON,
    OPERAND_REGISTERS,
    OPERAND_REG_IMM,
    OPERAND_REG_IMM_TEXT,
    OPERAND_METRIC,
    OPERAND_METRIC_TEXT,
    OPERAND_METRIC_ANY,
    OPERAND_OFFER,
    OPERAND_COUNT
};

struct layout_opcode {
    const char *name; /* "IF_EQ_EVENT"; NULL where the number is not an instruction */
    enum operand a, b, c, imm;
    const char *sentence;
};

/* The row of an instruction, or NULL where there is none with this number. */
const struct layout_opcode *layout_opcode(uint32_t op);

/* "OUT", "EVENT_TEXT" ... */
const char *layout_operand_name(enum operand operand);

/* Checks every field of every record by its kind, and what single records must hold beyond that (ranges, text spans,
 * what an `object` or an `of` points at). STATUS_REFUSED with section, record, field and what is wrong. Afterwards every
 * index, range and text of the tables may be followed without a check; code is verify.h's matter. */
MUST_CHECK enum status layout_check(const struct program *program, struct error *error);

/* Slots that layout_check lets an event and a player have; verify.c keeps a bit for each. */
#define LAYOUT_EVENT_SLOTS_MAX  192u
#define LAYOUT_PLAYER_SLOTS_MAX 320u

/* "section NAME, record N: words" as STATUS_REFUSED: how every check of a record refuses it. */
enum status layout_refuse(struct error *error, const char *section, uint32_t index, const char *format, ...)
    PRINTF_LIKE(4, 5);

#endif
