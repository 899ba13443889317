/*
 * One line of progress on a terminal: how many, how fast, how long yet. In a pipe it prints nothing.
 */
#ifndef PROMO_RUNTIME_CLI_PROGRESS_H
#define PROMO_RUNTIME_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool shown;   /* standard error is a terminal */
    bool on_line; /* a line stands there */
    uint64_t begin_ns;
    uint64_t last_ns;
    uint64_t total_bytes; /* of a regular file; 0: unknown */
};

/* Begins; `descriptor` is what is read, to know how much there is. */
void progress_start(struct progress *progress, int descriptor);

/* Draws the line again, at most ten times a second. */
void progress_show(struct progress *progress, uint64_t bytes, uint64_t count, const char *what);

/* Takes the line away, before anything else is printed. */
void progress_clear(struct progress *progress);

/* Seconds since the start. */
double progress_seconds(const struct progress *progress);

#endif
