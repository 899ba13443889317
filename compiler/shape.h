/*
 * shape: what may begin a line where; all that is known of blocks by first words.
 *
 * A shape is a row of a table: in this block a line may begin with this word, may open that block,
 * and is told from other lines by its second word. Balance, repair and formatter ask here; the
 * grammar knows the rest of a line. Next: compiler/balance.h.
 */
#ifndef PROMO_COMPILER_SHAPE_H
#define PROMO_COMPILER_SHAPE_H

#include "compiler/lexer.h"

enum block_kind {
    BLOCK_TOP, /* outside of everything */
    BLOCK_WORKSPACE,
    BLOCK_EVENT,
    BLOCK_ACTION,
    BLOCK_MESSAGE,
    BLOCK_BUDGET,
    BLOCK_OFFER,
    BLOCK_TERMS,
    BLOCK_POLICY,
    BLOCK_RATES,
    BLOCK_RULES,
    BLOCK_HOLIDAYS,
    BLOCK_CODES,
    BLOCK_STACKING,
    BLOCK_TOURNAMENT,
    BLOCK_PRIZES,
    BLOCK_BOARD,
    BLOCK_POINTS,
    BLOCK_LEVELS, /* its lines, and statements below a `level` */
    BLOCK_MISSION,
    BLOCK_BADGE,
    BLOCK_CAMPAIGN,
    BLOCK_TEST,
    BLOCK_TEST_REPEAT,
    BLOCK_STEP,
    BLOCK_IF,
    BLOCK_WAIT,
    BLOCK_ASK,
    BLOCK_CHOOSE,
    BLOCK_SPLIT,
    BLOCK_PROGRESS,
    BLOCK_REPEAT,
    BLOCK_GROUP, /* conditions, one a line */
    BLOCK_LATER, /* of a later version: skipped */
    BLOCK_KIND_COUNT,
};

/* Stand in a row for every block of statements, for every block with the lines of a campaign, and for every block with terms. */
enum { SHAPE_STATEMENTS = BLOCK_KIND_COUNT, SHAPE_HEADER, SHAPE_TERMS };

struct shape {
    uint8_t block;
    uint16_t word;
    uint8_t opens;   /* BLOCK_TOP: nothing */
    uint16_t second; /* the kind that must follow for the line to be evidence; 0: any */
    bool is_strong;  /* evidence even in a block whose lines may begin with any name */
};

/* The rows, in the order in which words are listed to people. */
extern const struct shape shape_rows[];
extern const size_t shape_count;

/* Whether a row is about lines of the block. */
bool shape_is_of(const struct shape *shape, enum block_kind kind);

/* Whether the line is a statement below a `level`. */
bool shape_is_below_level(enum block_kind kind, uint16_t word);

/* Blocks with the lines of a campaign. */
bool shape_is_campaign(enum block_kind kind);

/* Steps and the blocks within them. */
bool shape_is_statements(enum block_kind kind);

/* Blocks whose lines may begin with any name. */
bool shape_takes_any_name(enum block_kind kind);

/* The kind of the line's second token; NEWLINE where it has but one. */
uint16_t shape_second_kind(const struct lexer_line *line);

/* `is`, `contains` and the symbols. */
bool shape_is_comparison(uint16_t kind);

/* Whether the line's second word is that of the shape. */
bool shape_fits_second(const struct shape *shape, const struct lexer_line *line);

/* The shape that a line has in a block, NULL for none: the best fit, then any with its word. */
const struct shape *shape_in(enum block_kind kind, const struct lexer_line *line);

/* Whether the line is a line of the block, told by two words; only by rows that are strong if so asked. */
bool shape_is_evidence(enum block_kind kind, const struct lexer_line *line, bool strong_only);

/* The shape of an opener wherever it stands, the best fit first; NULL for none. */
const struct shape *shape_of_opener(const struct lexer_line *line);

/* Whether the last word of the line opens a group of conditions. */
bool shape_ends_in_group(const struct lexer_line *line);

/* What a block is called in a message: "a step", "a campaign". */
const char *shape_block_name(enum block_kind kind);

/*
 * The words that may begin a line of the block, in the arena: "`send`, `credit`, …". The word that was
 * refused there is not among them; of a block of cases only the words of cases are.
 */
struct text shape_first_words(enum block_kind kind, uint16_t refused, struct arena *arena);

/* Whether a keyword may begin a line of the block. */
bool shape_may_begin(enum block_kind kind, uint16_t word);

/* The kinds of the words that may begin a line of the block; returns how many were written. */
uint32_t shape_first_kinds(enum block_kind kind, uint16_t *out, uint32_t capacity);

#endif
