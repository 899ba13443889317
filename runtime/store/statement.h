/*
 * The wallet's statement: every credit it carried out since a moment, as lines, for restores.
 *
 *   {"credit":"<the effect's id>","player":"p1","campaign":"Welcome","offer":"gift","cost":"20.00 EUR","at":"2026-06-10T21:31:00Z","status":"credited"}
 *   {"statement":"complete","since":"2026-06-10T00:00:00Z","credits":1}
 *
 * The closing line says that nothing is missing: since when, and how many lines stand before it. It decides nothing; what is done
 * with the credits: restore.h. spec: events.md#the-wallets-statement
 * Thread rules: one thread at a time for each struct statement.
 */
#ifndef PROMO_RUNTIME_STORE_STATEMENT_H
#define PROMO_RUNTIME_STORE_STATEMENT_H

#include "vm/arena.h"
#include "vm/status.h"
#include "vm/text.h"

enum statement_status {
    STATEMENT_CREDITED, /* paid */
    STATEMENT_FAILED,   /* refused: nothing was paid */
    STATEMENT_PENDING   /* taken, and not decided yet: it may still be paid */
};

struct statement_credit {
    uint64_t line;
    uint8_t effect[16];
    struct text brand, player, campaign, offer; /* the brand may be empty */
    int64_t cost;                               /* minor units of `currency` */
    char currency[4];
    int64_t at; /* ms since 1970 UTC */
    enum statement_status status;
};

struct statement {
    struct arena arena; /* has the texts and the credits */
    struct statement_credit *credit;
    uint32_t count;
    bool complete; /* it has a closing line, and as many credits as that says */
    int64_t since; /* of the closing line */
};

/* Reads a file, or - for standard input. Release with statement_deinit in any case. STATUS_INVALID: a line is none, with its number and
 * how to mend it, or the closing line says another number; STATUS_IO, STATUS_LIMIT, STATUS_NO_MEMORY. */
MUST_CHECK enum status statement_read(struct statement *out, const char *path, struct error *error);
void statement_deinit(struct statement *statement);

#endif
