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

/* The order of an instance as it was last shown: outside state. */
struct board_kept {
    const struct title *title;
    int64_t start;
    int64_t clock, now; /* Taken when, by the caller's clock and by the log. */
    struct player **order;
    uint32_t count, field;
};

struct settlement_table {
    struct settlement *waiting;
    struct settlement_result *results;
    struct board_kept *kept;
};
/* NULL: there is none yet. */
struct settlement_table *settlement_table(const struct engine *engine);
/* Made where there is none; NULL when memory is out. */
struct settlement_table *settlement_need_table(struct engine *engine);
/* The kept order is of players that may be gone. */
void board_forget(struct engine *engine);

/* The player's place in the last result of the tournament; false: none that is kept. Texts borrow from the state. */
struct board_place;
bool board_result_place(const struct engine *engine, const struct title *title, const struct player *player,
                        struct board_place *out);

#endif
