/*
 * Text to program: the assembler. What disassemble.h prints, this reads back, record for record; tests and people write
 * the same by hand. Driven by the tables of layout.h, so a new field or instruction needs nothing here.
 *
 *   string "deposit"                                a text; others are added where they first stand
 *   event name="deposit" wire="deposit" slot_count=6      a record: section, then fields; what is left out is zero or none
 *   campaign name="C" start=@begin state_count=*    @label is an instruction; * is all records of that section
 *   region campaign=0 site_count=2 register_count=4 the code that follows belongs to it
 *   begin:                                          a label
 *     IF_GE_EVENT e4, s1, late, 1000                operands in the order a, b, c, imm; those that must be zero are left out
 *     FINISH "yes"
 *   late:
 *     WAIT 0                                        # a comment
 *
 * Operands: rN register, eN pN jN slot of event, player, journey, sN site, wN word, label or +N skip, N/M ratio,
 * 1m2d300 calendar duration (months, days, milliseconds), campaign or player place, rounding and reason by number.
 */
#ifndef VM_ASSEMBLE_H
#define VM_ASSEMBLE_H

#include "vm/builder.h"

/* Adds the program that `source` describes to an empty builder. STATUS_INVALID with the line and what is wrong.
 * Checks spelling only: records and code may be as wrong as a test likes. */
MUST_CHECK enum status assemble(struct builder *out, struct text source, struct error *error);

#endif
