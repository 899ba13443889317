/* Keeps the keys that erasures destroy, so that the auditor can fold a log from its first record for ever.
 *
 * What a player's key once opened is closed in the files after an erasure, and the log is folded from a base. The auditor stands outside: it reads the
 * keys while they are there, and puts them back into copies of the files that nobody else sees.
 */
#ifndef TESTS_SIM_KEEPER_H
#define TESTS_SIM_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

enum { KEEPER_KEYS_MAX = 4096 };

struct keeper {
    bool known[KEEPER_KEYS_MAX];
    uint8_t key[KEEPER_KEYS_MAX][32];
};

/* Reads the keys of a copy, keeps those that are there, gives back those that were destroyed, and forgets its base. False: SQLite fails. */
bool keeper_mend(struct keeper *keeper, const char *copy);

#endif
