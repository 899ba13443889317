/*
 * compiled_test: the in-language tests of a project, resolved against its bundle.
 *
 * Names have become indices of the bundle's records, points have become instants, values have become slot numbers.
 * Nothing here runs: runtime/lab tells the story to an engine and compares. Everything lives as long as the
 * compiler_output it came from; texts are borrowed from its arena.
 *
 * Read next: compiler/compiler.h (how they are made), runtime/lab (how they are run), spec/language.md#tests.
 */
#ifndef PROMO_COMPILER_COMPILED_TEST_H
#define PROMO_COMPILER_COMPILED_TEST_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/program.h"
#include "vm/text.h"

#define TEST_PLAYER_EVERY UINT32_C(0xFFFFFFFE) /* every given player */

/* One value of a slot. TEXT: `text`; everything else: `number` in the machine's units. MONEY: `of` is the currency. A ZONE has
 * the index of the zone table in `number` and its name in `text`. */
struct test_value {
    enum type_kind kind;
    uint32_t of; /* ENUM, SET: enumeration; MONEY: currency; otherwise PROGRAM_NONE */
    int64_t number;
    struct text text;
};

/* A slot that is set. `known` false: it is unknown (an optional field or attribute that was left out). */
struct test_slot {
    uint32_t slot;      /* of the event, or of the player; `metric`: its index in METRIC */
    bool metric;        /* a metric of the player, which stays at this value */
    uint32_t attribute; /* of a player: its index in ATTRIBUTE; otherwise PROGRAM_NONE */
    bool known;
    struct test_value value;
};

/* A given player: its id (`A`, or `player-1` …) and the attributes that the test sets; the others have their defaults. */
struct test_player {
    struct text id;
    const struct test_slot *slots;
    uint32_t slot_count;
};

enum test_comparison {
    TEST_IS,
    TEST_ONE_OF,
    TEST_AT_LEAST,
    TEST_AT_MOST,
    TEST_MORE_THAN,
    TEST_LESS_THAN,
    TEST_BETWEEN, /* values: two, both included */
    TEST_KNOWN,   /* values: none */
    TEST_CONTAINS /* SET: the value's number is a mask of one bit; TEXT: a part */
};

/* What a condition of a test reads. */
enum test_subject {
    TEST_SUBJECT_VALUE, /* `expect … where NAME`: a value of the effect by name (parameter, `amount`, `cost`, `target`, hole) */
    TEST_SUBJECT_ATTRIBUTE, /* slot: a player slot; attribute: its index, or NONE for tags and id */
    TEST_SUBJECT_METRIC,    /* index: into METRIC */
    TEST_SUBJECT_PROPERTY,  /* property, type, name: of what */
    TEST_SUBJECT_SEGMENT,   /* index: into SEGMENT; the comparison is TEST_IS, values none */
    TEST_SUBJECT_LEFT,      /* index: into BUDGET: what its total has left */
    TEST_SUBJECT_ARM,       /* index: into SPLIT; value: the arm's number */
    TEST_SUBJECT_ALL,       /* children: all hold */
    TEST_SUBJECT_ANY,       /* children: at least one holds */
    TEST_SUBJECT_NONE       /* children: none holds */
};

struct test_condition {
    enum test_subject subject;
    struct text name;  /* VALUE: which; otherwise empty */
    struct text words; /* as the author wrote it, for the report */
    uint32_t slot;
    uint32_t attribute;
    uint32_t index;
    enum property property; /* PROPERTY: which … */
    uint32_t kind, of;      /* … and its type */
    enum test_comparison comparison;
    bool negated;
    const struct test_value *values;
    uint32_t value_count;
    const struct test_condition *children;
    uint32_t child_count;
};

/* What a person orders about a campaign. */
enum test_command {
    TEST_COMMAND_START,
    TEST_COMMAND_END,
    TEST_COMMAND_KILL,
    TEST_COMMAND_SUSPEND,
    TEST_COMMAND_RESUME
};

enum test_step_kind {
    TEST_GIVEN_ARM,        /* split, arm: before everything */
    TEST_GIVEN_LEFT,       /* budget, amount: set what its total has left, now */
    TEST_GIVEN_CODE,       /* about: the pool, name: a code that is one of it */
    TEST_GIVEN_POINTS,     /* about: points, amount: how many each given player has earned just before */
    TEST_GIVEN_CODES_LEFT, /* about: a pool or a quota, amount: how many redemptions it has left */
    TEST_ATTRIBUTE,        /* players, slots (one): an attribute record at `at` */
    TEST_EVENT,            /* players, event, slots, about, at */
    TEST_TIME_PASSES,      /* at */
    TEST_WALLET_REFUSES,   /* offer, reason, at: a `failed` reply to the latest credit of that offer, of `players` */
    TEST_APPROVAL,      /* campaign, approved, name: who; at: to the latest open question for approval, of `players` */
    TEST_ANSWER,        /* name: who was asked; event, slots (one), at: to the latest question, of `players` */
    TEST_COMMAND,       /* command, campaign, at */
    TEST_EXPECT_EFFECT, /* what, count, players, … */
    TEST_EXPECT_CONDITION, /* condition; of `players`, else of every given one */
    TEST_EXPECT_SPEND      /* amount: the proven spend_player bound of `campaign` */
};

enum test_count { TEST_COUNT_SOME, TEST_COUNT_NO, TEST_COUNT_AT_MOST, TEST_COUNT_EXACTLY };

enum test_effect {
    TEST_EFFECT_SEND,   /* channel or NONE, name or empty: the message */
    TEST_EFFECT_CREDIT, /* name or empty: the offer */
    TEST_EFFECT_DO,     /* name: the action */
    TEST_EFFECT_TAG,    /* name: the tag */
    TEST_EFFECT_UNTAG,
    TEST_EFFECT_FINISH,  /* name: the reason */
    TEST_EFFECT_MESSAGE, /* any message */
    TEST_EFFECT_EVENT,   /* event: what the engine tells (`campaign_suspended`); name or empty: of which thing */
    TEST_EFFECT_ANSWER   /* answer: what the engine answered, REASON_NONE for OK; any where `any_answer` */
};

struct test_step {
    enum test_step_kind kind;
    uint32_t line;
    struct text words; /* the source line, for the report */

    int64_t at; /* instant in UTC ms: EVENT, TIME_PASSES, WALLET_REFUSES, ATTRIBUTE; EXPECT_EFFECT if has_at */
    bool has_at;
    const uint32_t *players; /* indices into the test's players; NULL: every given player */
    uint32_t player_count;

    enum reason answer; /* EXPECT answer */
    bool any_answer;
    uint32_t event;    /* EVENT and EXPECT event: index into EVENT */
    struct text about; /* `of "NAME"`, or empty */
    const struct test_slot
        *slots; /* EVENT: every field's slots (and a MONEY's currency slot), and slot 1 where the test gives
                                    * the event's id; ATTRIBUTE: one */
    uint32_t slot_count;

    uint32_t campaign; /* GIVEN_ARM, EXPECT_SPEND, APPROVAL, COMMAND: index into CAMPAIGN */
    bool approved;     /* APPROVAL; otherwise refused */
    enum test_command command;
    uint32_t split;    /* GIVEN_ARM: index into SPLIT, or NONE: the share held out that `about` names; arm 0 is in it */
    uint32_t arm;      /* GIVEN_ARM: its number in the split */
    uint32_t budget;   /* GIVEN_LEFT: index into BUDGET */
    int64_t amount;    /* GIVEN_LEFT, EXPECT_SPEND: minor units */
    struct text offer; /* WALLET_REFUSES */
    struct text reason_text; /* WALLET_REFUSES: the wallet's words */

    enum test_effect effect; /* EXPECT_EFFECT */
    enum test_count count_kind;
    int64_t count;
    uint32_t channel; /* SEND: index into CHANNEL, or PROGRAM_NONE */
    struct text name;
    bool has_reason;    /* because REASON */
    enum reason reason; /* a known reason; REASON_COUNT: a finish reason of the author, in reason_text */
    const struct test_condition *condition; /* EXPECT_EFFECT where …, EXPECT_CONDITION; NULL: none */
};

struct compiled_test {
    struct text name;
    struct text path; /* of its file */
    uint32_t line;
    const uint32_t *campaigns; /* indices into CAMPAIGN of those that run: its file's, or all where its file has none */
    uint32_t campaign_count;
    uint32_t zone; /* index in the zone table; its points without UTC were read in it */
    const struct test_player *players;
    uint32_t player_count;
    const struct test_step *steps; /* in source order; `repeat` is written out */
    uint32_t step_count;
};

#endif
