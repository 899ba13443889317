/*
 * What a test recorded while its story ran: effects and notes, kept in order, in an arena.
 *
 * Filled by test_runner.c through the engine's sink, read by test_judge.c.
 */
#ifndef PROMO_RUNTIME_LAB_TEST_STORY_H
#define PROMO_RUNTIME_LAB_TEST_STORY_H

#include "compiler/compiled_test.h"
#include "runtime/engine/engine.h"
#include "runtime/lab/test_runner.h"

struct story_value {
    struct text name;
    enum type_kind kind;
    uint32_t of;
    int64_t number;
    struct text text;
};

struct story_effect {
    enum engine_effect_kind kind;
    uint8_t id[16];
    int64_t at;
    struct text player;
    struct text campaign;
    struct text name;   /* message, offer, action, tag */
    uint32_t channel;   /* SEND: index, otherwise PROGRAM_NONE */
    bool approval;      /* ASK: by people; otherwise a query */
    uint32_t event;     /* EVENT, ANSWER: which of the program; otherwise PROGRAM_NONE */
    enum reason reason; /* ANSWER: NONE is OK */
    struct story_value *values;
    uint32_t value_count;
    struct story_effect *next;
};

struct story_note {
    enum note_kind kind;
    enum reason reason;
    int64_t now;
    struct text player;
    struct text campaign;
    struct text finish;
    struct text detail;
    struct text name; /* of the effect concerned, or empty */
    struct story_note *next;
};

struct story {
    const struct compiled_test *test;
    const struct program *program;
    struct engine *engine;
    struct arena *arena;
    struct coverage *coverage; /* or NULL */
    struct story_effect *effects, **effects_end;
    struct story_note *notes, **notes_end;
    bool out_of_memory;
};

/* Judges one `expect` step. Adds a failure to `result` where it does not hold. */
void story_judge(struct story *story, const struct test_step *step, struct test_result *result);

/* Adds a failure with the recorded facts of the players concerned. */
void story_fail(struct story *story, const struct test_step *step, struct test_result *result, struct text expected);

#endif
