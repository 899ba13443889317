/* What the two files of the auditor share. Contract: auditor.h. */
#ifndef TESTS_SIM_AUDITOR_PARTS_H
#define TESTS_SIM_AUDITOR_PARTS_H

#include "tests/sim/auditor.h"

enum { AUDIT_TABLE = 16384, AUDIT_PAST = 16384 };
#define AUDIT_NONE UINT32_MAX

enum audit_kind { AUDIT_OTHER, AUDIT_SEND, AUDIT_CREDIT, AUDIT_ANSWER, AUDIT_CANCEL };

struct audit_effect {
    enum audit_kind kind;
    char id[33], to[24], source[8], result[24];
    char campaign[16], step[16], name[24]; /* name: offer, channel, or the event that is answered */
    int64_t at, cost, from_card, to_card;
    uint32_t player, journey;
    bool test;
    uint64_t bytes, rest;
};

struct audit_record {
    uint64_t position;
    int64_t now, at;
    uint8_t kind;
    uint32_t line; /* of the world; NONE: a tick or a program */
    char id[24], source[8], player[8];
    char effect[33]; /* of an attempt to deliver … */
    uint8_t outcome; /* … what came of it */
};

struct audit_note {
    enum note_kind kind;
    int64_t now, amount;
    char id[33], campaign[16];
};

struct audit_seen {
    uint64_t key, bytes;
    uint32_t times;
    char id[33];
};

struct auditor {
    const struct world *world;
    struct auditor_counts counts;
    char fault[1024];
    bool carried;
    uint64_t *row; /* positions of the rows of the audit log */
    uint32_t rows, row_room;
    uint32_t acknowledged[WORLD_LINES_MAX];
    uint64_t end; /* the last position that was said to be durable */
    struct audit_seen left[AUDIT_TABLE], left_alike[AUDIT_TABLE];
    uint32_t left_count, alike_count;
    uint64_t past[AUDIT_PAST];
    uint32_t past_count;
    struct buffer line;
    struct audit_effect *effect;
    struct audit_record *record;
    struct audit_note *note;
    uint32_t effects, records, notes, effect_room, record_room, note_room;
};

__attribute__((format(printf, 2, 3))) void audit_fail(struct auditor *auditor, const char *words, ...);

bool audit_has_left(struct auditor *auditor, const char *effect);

/* auditor_sums.c */
void audit_sums(struct auditor *auditor, struct engine *engine);

#endif
