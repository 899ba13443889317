/* What is kept of tournaments that are settled: rows that still have to be told, and results. For settlement.c and settlement_board.c. */
#ifndef PROMO_RUNTIME_ENGINE_SETTLEMENT_STATE_H
#define PROMO_RUNTIME_ENGINE_SETTLEMENT_STATE_H

#include "runtime/engine/settlement.h"

/* An instance whose players are being told. A row: id, brand, place (0: none), score, prize. */
struct settlement {
    struct settlement *next; /* By the title's number, then start. */
    struct title *title;
    int64_t start;
    int64_t due; /* When it was settled. */
    int64_t at;  /* When its next slice is due. */
    bool cancelled;
    uint32_t served, count;
    struct buffer rows;
    size_t read; /* Bytes of those that were told. */
};

/* The result of an instance: the rows that are shown or win something. Never changes, but for a name that is erased. */
struct settlement_result {
    struct settlement_result *next; /* By the title's number, then start. */
    struct title *title;
    int64_t start, end, settled_at;
    bool cancelled;
    uint32_t players, field; /* Who was ranked; who of them had a point. */
    uint32_t count;
    struct buffer rows; /* settlement_read_row() */
};

struct settlement_row {
    struct text id, brand;
    int64_t score;
    bool has_last;
    int64_t last, prize;
};
struct settlement_row settlement_read_row(struct buffer_reader *in);

struct settlement_table {
    struct settlement *waiting;
    struct settlement_result *results;
};
/* NULL: there is none yet. */
struct settlement_table *settlement_table(const struct engine *engine);

#endif
