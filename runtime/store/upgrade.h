/*
 * Formats of the two database files, and the way from an older one to this program's.
 *
 * A format is SQLite's user_version. A new file is made as the first format and taken up all the steps, so that an upgraded file and
 * a new one have the same tables. A step only adds: what an older program wrote stays readable. What each format has: spec/storage.md.
 * Add to a format that no program was given out with yet; after that begin the next one, with files of the one before in tests/formats.
 * Next: sqlite_store.c, which opens the files.
 */
#ifndef PROMO_RUNTIME_STORE_UPGRADE_H
#define PROMO_RUNTIME_STORE_UPGRADE_H

#include "runtime/store/sqlite_parts.h"

#define UPGRADE_MAIN_FORMAT 2
#define UPGRADE_KEYS_FORMAT 2

/* Takes an open file from format `from` (0: it is empty) up to this program's, in one transaction: all of it or nothing. */
MUST_CHECK enum status upgrade_file(const struct sqlite_store *store, sqlite3 *database, int64_t id, int64_t from,
                                    struct error *error);

/* Whether a file of this format can be taken up; whether its log can be read as it is. */
bool upgrade_knows(bool keys, int64_t format);

#endif
