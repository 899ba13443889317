/* The reference evaluator: says what a campaign means, slowly and by the book, from the checked tree alone.
 *
 * It walks the tree of the compiler's front (compiler/ast.h, names as compiler/names.h found them): never an instruction, a register or a fact
 * of the emitter. Numbers are exact fractions, dates are counted (days.h), conditions are asked one after the other. Its inputs are what
 * the engine had in place: fields of the event, attributes, metrics, `now`, what the gates say. A journey's place, what it remembers and
 * the events that it has passed it keeps by itself (walk.h), so what drifts is seen.
 *
 *   terms.c      a value of the language, and arithmetic on it         walk.c      statements, from wait to wait
 *   evaluator.c  names, formulas                                       compare.c   what it says beside what the engine did
 *   conditions.c conditions
 *
 * Rules: spec/language.md, read as if there were no compiler. What it does not know it says (reference->unsure), and then nothing is compared.
 */
#ifndef TESTS_REFERENCE_EVALUATOR_H
#define TESTS_REFERENCE_EVALUATOR_H

#include "compiler/compiler.h"
#include "compiler/names.h"
#include "runtime/engine/engine.h"

/* Mistakes that are planted, so that it can be seen that the comparison sees. */
enum reference_plant {
    PLANTED_NOTHING,
    PLANTED_AT_MOST,   /* `at most` leaves its bound out */
    PLANTED_ROUND_UP,  /* what is not said is rounded up */
    PLANTED_LATE,      /* deadlines are a millisecond late */
    PLANTED_ARM,       /* two arms change places */
    PLANTED_NOT,       /* `is not one of` looks at the first alone */
    PLANTED_WINDOW,    /* `within last` holds what lies ahead too */
    PLANTED_TURNS,     /* repeats make a turn more */
    PLANTED_CASE,      /* of two cases the last counts */
    PLANTED_REMEMBER,  /* what is remembered stays as it was first */
    PLANTED_CAP,       /* a cap comes after the rounding alone: `at most` of a formula is ignored */
    PLANTED_ENTRY,     /* `after entry` counts from the wait */
    PLANTED_OTHERWISE, /* `otherwise` is taken after a message that was made */
    PLANTED_TRACE,     /* a condition that nobody asked counts as judged */
    PLANTED_AWAITED,   /* any event meets a case without a filter */
    PLANTED_COUNT,
};

/* A value as the language has it: nothing, a number (exactly num/den of the whole thing: 50% is 1/2, money in minor units), or a text. */
struct term {
    bool known;
    struct type type;
    int128 num, den;
    struct text text;
    bool converts; /* money by a rate that is not rounded yet */
};

/* An event as it came, kept. */
struct told {
    const struct event_info *event;
    int64_t *slot;
    uint64_t *known;
    uint8_t *bytes;
    uint32_t slots, size;
};

/* What was judged: `node` is the condition, or what else has a site (a count, a clause). */
struct mark {
    const void *node;
    bool yes;
};

struct course; /* walk.h */

struct reference {
    const struct names *names;
    const struct program *program; /* for the engine's numbers of things alone */
    enum reference_plant plant;
    bool unsure;         /* said of the answer at hand: not to be compared, because … */
    const char *because; /* … */
    char failure[600];   /* the first thing that cannot be: an unknown value that is read, a step that does not end */
    struct mark *mark;
    uint32_t mark_count, mark_capacity;
};

/* Where a condition or a formula stands. */
enum sight_of { SEES_PLAYER, SEES_EVENT, SEES_JOURNEY, SEES_PARAMETERS, SEES_METRICS };
struct scene {
    struct reference *reference;
    const struct thing *campaign; /* NULL: of the workspace */
    struct course *course;        /* NULL: there is no journey */
    const struct activation *inputs;
    int64_t now;
    enum sight_of sight;
    const struct event_info *event; /* in `inputs`, or NULL */
    const struct told *answer;      /* what came with a question's answer, or NULL */
    bool own_first;                 /* of a start: its own event's fields by their whole names too */
    const struct action_info *action;
    const struct term *parameters; /* SEES_PARAMETERS */
    enum rounding rounding;
    uint32_t currency; /* of money that comes with events */
    const char *zone;  /* of days and clocks */
    const char *player_zone;
    const struct gate_state *gate;   /* of bodies: what the gates said before */
    struct pressure_state *pressure; /* the same; counted down by the walk */
    bool below;                      /* `nothing below` has struck */
    uint32_t depth;
};

/* ---- terms.c */
struct term term_nothing(struct type type);
struct term term_number(struct type type, int128 num, int128 den);
struct term term_text(struct text text);
/* The unit that numbers of the type are counted in: 1/unit. */
int64_t term_unit(struct type type);
/* As a slot holds it. */
struct term term_of_slot(struct type type, int64_t slot);
/* Rounded to whole units, as a slot would hold it. */
int64_t term_slot(struct reference *reference, const struct term *term, enum rounding rounding);
struct term term_round(struct reference *reference, struct term term, enum rounding rounding);
/* -1, 0, 1 */
int term_compare(struct reference *reference, const struct term *left, const struct term *right);
struct term term_arithmetic(struct scene *scene, enum operation operation, bool share, struct term left,
                            struct term right, bool is_constant);

/* ---- evaluator.c */
void reference_fail(struct reference *reference, const char *format, ...) __attribute__((format(printf, 2, 3)));
void reference_unsure(struct reference *reference, const char *because);
void reference_mark(struct reference *reference, const void *node, bool yes);
/* Begins a new answer. */
void reference_begin(struct reference *reference);
/* The scene of a campaign's own lines (NULL: of the workspace's). */
struct scene reference_scene(struct reference *reference, const struct thing *campaign, const struct activation *inputs,
                             int64_t now);
struct term reference_value(struct scene *scene, const struct value *value, const struct type *want);
/* For a parameter, a field, a variable: of this type, rounded as the campaign says. */
struct term reference_argument(struct scene *scene, const struct value *value, struct type type);
/* A written constant of a type. */
struct term reference_constant(struct scene *scene, const struct value *value, struct type type);
bool reference_known(struct scene *scene, const struct value *value);
struct term reference_field(struct scene *scene, const struct event_info *event, struct text name);
struct term reference_metric(struct scene *scene, uint32_t index, struct type type);
/* How many minor units of one currency a minor unit of another is worth; false: the table has no rate. */
bool reference_rate(const struct reference *reference, struct text rates, uint32_t from, uint32_t to, int128 *num,
                    int128 *den);
struct term reference_arm(struct scene *scene, struct text split);
const struct line *reference_line(const struct declaration *declaration, enum line_kind kind);

/* ---- conditions.c */
bool reference_condition(struct scene *scene, const struct condition *condition, const struct value *subject);
/* `EVENT where …` of the event in `inputs`; -1: it would hold, and depends on whether money in another currency is read
 * later; -2: it does not hold, and whether its conditions are asked depends on that. */
int reference_meets(struct scene *scene, const struct event_info *event, const struct condition *where);
/* How the campaign's journeys read the field by its whole name: steps, offers, messages, leave lines. */
enum mention { MENTION_NONE, MENTION_CONVERTED /* and never otherwise */, MENTION_PLAIN };
enum mention reference_mentions(const struct reference *reference, const struct thing *campaign, struct text event,
                                struct text field);

#endif
