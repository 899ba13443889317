/*
 * The limits of spec/limits.def as constants: LIMIT_NAME_BYTES, LIMIT_REGISTERS ... The numbers, their units and their
 * reasons stand there; nothing else does.
 */
#ifndef VM_LIMITS_H
#define VM_LIMITS_H

enum limit {
#define LIMIT(name, value, unit, sentence) LIMIT_##name = (value),
#include "spec/limits.def"
#undef LIMIT
};

#endif
