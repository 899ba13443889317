/*
 * Folding a database's log again. The work is promo_replay's (runtime/store/promo.h).
 */
#include "runtime/cli/replay.h"

#include <stdio.h>
#include <unistd.h>

#include "vm/civil.h"

/* Far more than a key: who names a wrong file is told what a key is. */
enum { KEY_FILE_BYTES = 65536 };

bool replay_read_key(struct buffer *out, const char *path)
{
    if (path == NULL) {
        return true;
    }
    if (!cli_read_limited(out, path, KEY_FILE_BYTES)) {
        return false;
    }
    if (out->size != 32) {
        cli_fail(CLI_USAGE, "`%s` holds %zu bytes; an identity key is exactly 32", path, out->size);
        cli_hint("`head -c 32 /dev/urandom > %s` makes one; keep it: it must be the same at every run", path);
        return false;
    }
    return true;
}

static bool fold(struct engine **out, const char *database, const struct buffer *key, struct engine_sink sink,
                 bool newest)
{
    struct error error = ERROR_NONE;
    if (access(database, F_OK) != 0) {
        cli_fail(CLI_USAGE, "there is no database `%s`", database);
        cli_hint("`promo run --db %s` makes one", database);
        return false;
    }
    struct promo_base base = {.position = 1};
    const struct promo_options options = {.base = &base,
                                          .newest = newest,
                                          .shards = 1,
                                          .identity_key = key->size == 32 ? key->bytes : NULL,
                                          .sink = sink};
    if (promo_replay(database, &options, out, &error) != OK) {
        cli_fail(CLI_USAGE, "%s", error.message);
        return false;
    }
    if (base.position > 1 && (sink.note != NULL || sink.effect != NULL)) {
        char words[CIVIL_INSTANT_SIZE];
        (void)civil_format_instant(words, base.now);
        (void)fprintf(
            stderr,
            "note: this reaches back to %s (record %llu of the log): before it a player was erased, or records "
            "were removed\n",
            words, (unsigned long long)base.position);
    }
    return true;
}

bool replay_database(struct engine **out, const char *database, const struct buffer *key, struct engine_sink sink)
{
    return fold(out, database, key, sink, false);
}

bool replay_newest(struct engine **out, const struct replay_options *options)
{
    struct buffer key = BUFFER_EMPTY;
    bool opened = replay_read_key(&key, options->identity_key) &&
                  fold(out, options->database, &key, (struct engine_sink){0}, true);
    buffer_deinit(&key);
    return opened;
}

bool replay_open(struct engine **out, const struct replay_options *options, struct engine_sink sink)
{
    struct buffer key = BUFFER_EMPTY;
    bool opened = replay_read_key(&key, options->identity_key) && replay_database(out, options->database, &key, sink);
    buffer_deinit(&key);
    return opened;
}

error_t replay_option(struct replay_options *options, int key, char *argument)
{
    switch (key) {
    case 'd': options->database = argument; return 0;
    case 300: options->identity_key = argument; return 0;
    case 'p': options->player = argument; return 0;
    case 'b': options->brand = argument; return 0;
    case 'j': options->json = true; return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}
