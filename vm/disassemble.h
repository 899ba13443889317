/*
 * Program to text: a whole bundle as assemble.h reads it back, with comments for people: what each slot, site, state and
 * effect is, and which line of the author's text the code came from.
 */
#ifndef VM_DISASSEMBLE_H
#define VM_DISASSEMBLE_H

#include "vm/buffer.h"
#include "vm/program.h"

/* Appends the text of a program that layout_check accepts (bundle_open has, builder_program has not). Memory that runs out shows in
 * buffer_ok(out). */
void disassemble(struct buffer *out, const struct program *program);

/* Appends one instruction without its comment, as "IF_GE_EVENT e4, s1, +3, 1000". `pc` counts all instructions. */
void disassemble_instruction(struct buffer *out, const struct program *program, uint32_t pc);

#endif
