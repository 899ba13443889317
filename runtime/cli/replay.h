/*
 * Folding a database's log again, for the commands that look into one: explain, report, segment, board, wallet, experiment, liability.
 *
 * Nothing in the database changes. Not for several threads at once.
 */
#ifndef PROMO_RUNTIME_CLI_REPLAY_H
#define PROMO_RUNTIME_CLI_REPLAY_H

#include "runtime/cli/cli.h"
#include "runtime/store/promo.h"

/* What all of them are told: which database, and of which player. */
struct replay_options {
    const char *database;
    const char *identity_key; /* path; NULL: none */
    const char *player;
    const char *brand;
    bool json;
};

/* Rows for the table of options. */
#define REPLAY_ROWS                                                               \
    {"db", 'd', "FILE", 0, "The database of `promo run --db`", 0},                \
    {                                                                             \
        "identity-key", 300, "FILE", 0, "The key of the runs, if they had one", 0 \
    }
#define REPLAY_PLAYER_ROWS(words)                                                 \
    {"player", 'p', "ID", 0, words, 0},                                           \
    {                                                                             \
        "brand", 'b', "NAME", 0, "The player's brand, where there are several", 0 \
    }
#define REPLAY_JSON_ROW                            \
    {                                              \
        "json", 'j', NULL, 0, "One JSON object", 0 \
    }

/* Answers the keys of these rows, and ARGP_ERR_UNKNOWN for every other key. */
error_t replay_option(struct replay_options *options, int key, char *argument);

/* Reads the 32 bytes of --identity-key into `out` (the caller's); a NULL path leaves it empty. False after telling what is wrong. */
bool replay_read_key(struct buffer *out, const char *path);

/* Folds the whole log of `database` into a fresh engine with this sink; release it with engine_close(). `key` has 32 bytes or none.
 * False after telling what is wrong: the exit status is CLI_USAGE then. */
bool replay_database(struct engine **out, const char *database, const struct buffer *key, struct engine_sink sink);

/* The state as it is now, without folding what led to it. */
bool replay_newest(struct engine **out, const struct replay_options *options);

/* The same with the key and the database of the options. */
bool replay_open(struct engine **out, const struct replay_options *options, struct engine_sink sink);

#endif
