/*
 * Folding a database's log again, for the commands that look back: explain and report.
 */
#ifndef PROMO_RUNTIME_CLI_REPLAY_H
#define PROMO_RUNTIME_CLI_REPLAY_H

#include "runtime/cli/cli.h"
#include "runtime/store/promo.h"

/* Reads the 32 bytes of --identity-key into `out` (the caller's); a NULL path leaves it empty. False after telling what is wrong. */
bool replay_read_key(struct buffer *out, const char *path);

/* Folds the whole log of `database` into a fresh engine with this sink; release it with engine_close(). `key` has 32 bytes or none.
 * False after telling what is wrong: the exit status is CLI_USAGE then. */
bool replay_database(struct engine **out, const char *database, const struct buffer *key, struct engine_sink sink);

#endif
