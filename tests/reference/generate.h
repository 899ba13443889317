/* Projects by chance: well-typed campaign texts of every construct of the language, from a seed.
 *
 * Types are followed while a text grows (what is known where, which event has passed, what is remembered), so almost every project compiles;
 * one that does not is reported with its diagnostics by who asked. generate_values.c makes values, formulas and conditions, generate.c
 * statements, campaigns and the workspace around them. What came out of it all is counted by coverage.c, from the trees.
 */
#ifndef TESTS_REFERENCE_GENERATE_H
#define TESTS_REFERENCE_GENERATE_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/buffer.h"

/* A whole project into `out`, which is emptied before. The same seed gives the same text. */
void generate_project(struct buffer *out, uint64_t seed);

/* ---- between the two files of it */

enum made_type {
    MADE_MONEY,
    MADE_WHOLE,
    MADE_DECIMAL,
    MADE_PERCENT,
    MADE_YES_NO,
    MADE_KIND, /* one of a, b, c */
    MADE_RANK, /* ranked low, mid, high */
    MADE_BAG,  /* set of x, y, z */
    MADE_MOMENT,
    MADE_DATE,
    MADE_CLOCK,
    MADE_SPAN, /* an exact duration */
    MADE_TEXT,
    MADE_LAND, /* country code */
    MADE_TYPES
};

enum made_sight { IN_EVENT, IN_PLAYER, IN_JOURNEY, IN_METRIC /* of an event, without the player */ };

struct made_variable {
    char name[16];
    enum made_type type;
};

/* What may be read at a place. */
struct made_scope {
    enum made_sight sight;
    const char *event; /* IN_EVENT, IN_METRIC: whose fields are bare names */
    bool ping, pong;   /* such an event has passed on every way */
    struct made_variable variable[24];
    uint32_t variable_count;
    char split[16];  /* that every way has passed; empty without */
    bool entry;      /* there is a journey: metrics since the entry may be read */
    bool properties; /* points and missions are declared */
};

struct generator {
    struct buffer *out;
    uint64_t state;
    uint32_t indent, label, names;
    const char *currency;
    bool promotions;
    bool bounded; /* a value is made whose arithmetic must fit: without metrics, which may be huge */
};

uint32_t generate_random(struct generator *generator, uint32_t below);
/* True n times of a hundred. */
bool generate_chance(struct generator *generator, uint32_t percent);
/* A comparison that may stand alone, or needs others before it (`is known and …`); in a group each stands on its own line. */
void generate_condition(struct generator *generator, const struct made_scope *scope, bool group);
/* `only for players where …` and the like: the condition behind `where`. */
void generate_where(struct generator *generator, const struct made_scope *scope);
/* A value that is always known, of this type. `formula`: arithmetic and clauses are welcome. */
void generate_value(struct generator *generator, const struct made_scope *scope, enum made_type type, bool formula);
/* Blocks from templates: what the other files do not make. */
void generate_blocks(struct generator *generator);
/* A written value of this type. */
void generate_constant(struct generator *generator, enum made_type type);

#endif
