/* A journey as the reference evaluator keeps it, and the walk through its statements from one rest to the next.
 *
 * Where it is, is a stack: which statement comes next in each block that is open, innermost last. Nothing of it comes from the engine's
 * own journey. What the engine says of the way in (a case, the time, an answer) is judged against it by compare.c.
 */
#ifndef TESTS_REFERENCE_WALK_H
#define TESTS_REFERENCE_WALK_H

#include "tests/reference/evaluator.h"

enum { COURSE_DEPTH = 64, COURSE_NAMES = 128, DEEDS_MAX = 256, DEED_VALUES = 16 };

/* A block that is open. */
struct open_block {
    const struct statement *next;   /* NULL: its end */
    const struct statement *repeat; /* whose body it is; NULL: none */
    int64_t turns;                  /* begun so far */
    bool single;                    /* one statement alone: what stands behind `otherwise` */
};
struct remembered {
    struct text name;
    struct term term;
};
struct counted {
    const void *node;
    int64_t times;
};

struct course {
    const struct thing *campaign;
    char player[80], brand[80];
    uint32_t number;
    bool over;
    struct open_block block[COURSE_DEPTH];
    uint32_t depth;
    const struct statement *rests; /* the wait, credit, question or code it rests at */
    const struct line *step;
    int64_t entered_at, due; /* due: INT64_MAX at a request */
    int64_t remaining;       /* while it is paused; otherwise -1 */
    struct remembered remembered[COURSE_NAMES];
    uint32_t remembered_count;
    struct told told[COURSE_NAMES]; /* the latest of each event */
    uint32_t told_count;
    struct counted counted[COURSE_NAMES];
    uint32_t counted_count;
    const struct declaration *credited; /* the offer that was granted latest, and … */
    struct remembered shown[24];        /* … what is known of it */
    uint32_t shown_count;
    const struct declaration *asked;
    struct remembered asked_shown[24];
    uint32_t asked_shown_count;
    uint64_t activations;
    struct course *next;
};

/* Something that the walk did, in order. */
struct deed {
    enum made_kind kind;
    enum act act;
    enum reason reason;
    struct text action, name, label;
    uint32_t step;   /* number in the campaign */
    int64_t until;   /* DELAYED */
    uint32_t number; /* EXPOSURE: the arm */
    const struct statement *statement;
    struct remembered value[DEED_VALUES];
    uint32_t value_count;
};

/* How it ended. */
enum rest_kind { REST_NONE, REST_WAIT, REST_CREDIT, REST_CODE, REST_ASK, REST_FINISH };
struct answer {
    struct deed deed[DEEDS_MAX];
    uint32_t deed_count;
    enum rest_kind rest;
    const struct statement *at;
    struct text finish;
    struct deed request; /* CREDIT */
};

struct course *course_open(const struct thing *campaign, struct text player, struct text brand, uint32_t number);
void course_close(struct course *course);
void course_tell(struct course *course, const struct activation *inputs, const struct event_info *event);
const struct told *course_told(const struct course *course, const struct event_info *event);
struct term *course_remembered(struct course *course, struct text name);
void course_remember(struct course *course, struct text name, struct term term);

/* Onto the stack, emptied before: a step's first statement; a block; one statement. */
void walk_to_step(struct course *course, const struct line *step);
void walk_into(struct course *course, const struct block *block);
void walk_one(struct course *course, const struct statement *statement);

/* Walks on until it rests or ends. `scene` has the inputs; gates as they were before. `entered`: the step is told first. */
void walk_on(struct scene *scene, struct answer *answer, bool entered);

const struct line *walk_step(const struct thing *campaign, struct text name, uint32_t *number);
/* An offer by name: of the campaign, else shared. */
const struct declaration *walk_offer(const struct scene *scene, struct text name);

#endif
