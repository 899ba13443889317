/*
 * A program that grows record by record: what the compiler emits into, and what the tests build programs with.
 *
 * One function a section is made from spec/bundle.def: builder_add_event(builder, &record) appends a record to EVENT and
 * gives its index; builder_add_instruction gives the pc, builder_add_word the word's index. Records are copied. Memory
 * that runs out sets a sticky flag; builder_program tells it, once, at the end.
 *
 * Not here: any check of what the records say (vm/layout.h, vm/verify.h) and the bytes of a file (vm/bundle.h).
 */
#ifndef VM_BUILDER_H
#define VM_BUILDER_H

#include "vm/buffer.h"
#include "vm/layout.h"

struct builder {
    struct buffer rows[SECTION_COUNT_OF_NUMBERS]; /* by section number */
    uint32_t *interned;                           /* open hash table of STRING indices + 1 */
    uint32_t interned_size;                       /* a power of two */
    bool failed;                                  /* sticky */
    uint64_t lost[64];                            /* stands for records that could not be added */
};

/* An empty builder. Release it with builder_deinit, also after a failure. */
void builder_init(struct builder *builder);
void builder_deinit(struct builder *builder);

/* Appends one record of `section` (its size is the section's) and gives its index. */
uint32_t builder_add(struct builder *builder, enum section section, const void *record);

#define SECTION(number, NAME, name, criticality, sentence)                                                             \
    static inline uint32_t builder_add_##name(struct builder *builder, __typeof__(((struct program *)0)->name) record) \
    {                                                                                                                  \
        return builder_add(builder, SECTION_##NAME, record);                                                           \
    }
#include "spec/bundle.def"

/* How many records the section has now: the index that the next one gets. */
uint32_t builder_count(const struct builder *builder, enum section section);

/* The record with this index, to be filled in later. Borrowed until the next record is added to that section. One that could not be added for
 * want of memory is a record of zeros that nobody keeps: only who reads several in a row has to ask builder->failed. */
void *builder_at(struct builder *builder, enum section section, uint32_t index);

/* The STRING index of this text; the same text always gets the same index. */
uint32_t builder_text(struct builder *builder, struct text text);

/* Appends an instruction and gives its pc. */
uint32_t builder_code(struct builder *builder, enum opcode op, uint32_t a, uint32_t b, uint32_t c, int64_t imm);

/* A view of everything added so far; it borrows from the builder until the next addition. Hashes are zero: bundle_write fills
 * them. STATUS_NO_MEMORY when an addition failed. */
MUST_CHECK enum status builder_program(struct program *out, const struct builder *builder, struct error *error);

#endif
