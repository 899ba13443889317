/*
 * A small workspace for tests of records, intake and stores: every type, private fields, an event about an offer.
 * It holds declarations alone, no code. Shared by several tests; not a test itself.
 */
#ifndef TESTS_UNIT_SAMPLE_SCHEMA_H
#define TESTS_UNIT_SAMPLE_SCHEMA_H

#include "vm/builder.h"

enum sample_event {
    SAMPLE_REGISTRATION,
    SAMPLE_DEPOSIT,
    SAMPLE_BET,
    SAMPLE_WAGERED,
    SAMPLE_SURVEY,
    SAMPLE_EXCLUSION,
    SAMPLE_EVENTS
};

/* Fills in the builder and the view of it. Release with builder_deinit. */
void sample_schema(struct builder *builder, struct program *out);

/* Column of an event by name: its slot. */
uint32_t sample_slot(const struct program *program, enum sample_event event, const char *field);
/* Slot of an attribute. */
uint32_t sample_attribute(const struct program *program, const char *name);

#endif
