/*
 * promo key: makes a key that signs bundles, and prints the line by which others trust it.
 *
 * The secret stays in a file that only its owner may read; the line is for trust files (runtime/store/trust.h).
 */
#include <string.h>
#include <sys/stat.h>

#include "runtime/cli/cli.h"
#include "runtime/store/trust.h"
#include "vm/civil.h"
#include "vm/limits.h"

enum { KEY_FROM = 300, KEY_UNTIL };

struct options {
    const char *word, *name, *output, *from, *until;
};

static const struct argp_option argp_options[] = {
    {"output", 'o', "FILE", 0, "new: where the secret goes; otherwise NAME.key. It must not be there yet", 0},
    {"from", KEY_FROM, "DAY", 0, "The first day on which the key counts, such as 2026-01-01", 0},
    {"until", KEY_UNTIL, "DAY", 0, "The last one", 0},
    {0},
};

static void check_day(struct argp_state *state, const char *day)
{
    int64_t date = 0;
    if (day != NULL && civil_parse_date(&date, text_of(day), NULL) != OK) {
        argp_error(state, "`%s` is no day; write it like 2026-12-31", day);
    }
}

static void check_words(struct argp_state *state, const struct options *options)
{
    bool new = options->word != NULL &&strcmp(options->word, "new") == 0;
    if (options->word == NULL || (!new &&strcmp(options->word, "show") != 0)) {
        argp_error(state, "say what to do: new NAME, or show FILE");
    }
    if (options->name == NULL) {
        argp_error(state, new ? "name the key, as in: promo key new anna" : "name the file of the key");
        return;
    }
    if (new && (!trust_name_is_fine(text_of(options->name)) || strchr(options->name, '/') != NULL)) {
        argp_error(state, "`%s` is no name for a key; write 1 to %d bytes without blanks, `#` or `/`", options->name,
                   LIMIT_ID_BYTES);
    }
    if (!new && options->output != NULL) argp_error(state, "--output belongs to new");
    check_day(state, options->from);
    check_day(state, options->until);
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'o': options->output = argument; return 0;
    case KEY_FROM: options->from = argument; return 0;
    case KEY_UNTIL: options->until = argument; return 0;
    case ARGP_KEY_ARG:
        if (options->word == NULL) {
            options->word = argument;
        } else if (options->name == NULL) {
            options->name = argument;
        } else {
            argp_error(state, "`%s` is one word too many", argument);
        }
        return 0;
    case ARGP_KEY_END: check_words(state, options); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void print_line(const struct options *options, struct text name, const struct crypto_signing_key *key)
{
    struct crypto_public_key public_key;
    struct buffer out = BUFFER_EMPTY;
    crypto_signing_public(&public_key, key);
    trust_put_line(&out, name, &public_key, text_of(options->from == NULL ? "" : options->from),
                   text_of(options->until == NULL ? "" : options->until));
    cli_print(stdout, &out);
    buffer_deinit(&out);
}

static void wipe(struct buffer *secret)
{
    if (secret->size > 0) crypto_wipe(secret->bytes, secret->size);
    buffer_deinit(secret);
}

static int make(const struct options *options)
{
    struct crypto_key seed;
    struct crypto_signing_key key;
    struct buffer secret = BUFFER_EMPTY, path = BUFFER_EMPTY;
    _Static_assert(sizeof seed == sizeof key, "a seed is a key");
    crypto_random_key(&seed);
    memcpy(&key, &seed, sizeof key);
    trust_put_secret(&secret, text_of(options->name), &key);
    buffer_print(&path, "%s%s", options->output != NULL ? options->output : options->name,
                 options->output != NULL ? "" : ".key");
    const char *name = buffer_as_string(&path);
    int status = CLI_USAGE;
    if (!buffer_ok(&secret) || name == NULL) {
        status = cli_fail(CLI_USAGE, "memory is out");
    } else if (cli_write_secret(name, buffer_as_text(&secret))) {
        print_line(options, text_of(options->name), &key);
        fprintf(stderr,
                "the secret key is in `%s`: sign with `promo build --sign %s`; the line above is for trust files\n",
                name, name);
        status = CLI_FINE;
    }
    crypto_wipe(&seed, sizeof seed);
    crypto_wipe(&key, sizeof key);
    wipe(&secret);
    buffer_deinit(&path);
    return status;
}

static int show(const struct options *options)
{
    struct buffer file = BUFFER_EMPTY;
    struct crypto_signing_key key;
    struct error error = ERROR_NONE;
    struct text name;
    struct stat about;
    int status = CLI_USAGE;
    if (!cli_read_limited(&file, options->name, LIMIT_TRUST_FILE_BYTES)) {
        status = CLI_USAGE;
    } else if (trust_read_secret(&key, &name, buffer_as_text(&file), &error) != OK) {
        status = cli_fail(CLI_USAGE, "`%s`: %s", options->name, error.message);
    } else {
        if (stat(options->name, &about) == 0 && (about.st_mode & 077) != 0) {
            cli_fail(CLI_FINE, "warning: others may read `%s`", options->name);
            cli_hint("`chmod 600 %s`, and make a new key if somebody may have", options->name);
        }
        print_line(options, name, &key);
        crypto_wipe(&key, sizeof key);
        status = CLI_FINE;
    }
    wipe(&file);
    return status;
}

int command_key(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "new NAME\nshow FILE",
        .doc =
            "new: makes a key (Ed25519) that signs bundles, in a file that only its owner may read, and prints its "
            "public "
            "line. show: prints the public line of such a file again.\v"
            "Public lines make a trust file, one a line, with `from DAY` and `until DAY` behind them where a key is to "
            "count for a time; `promo-revoked KEYID` ends one. `promo build --sign`, `promo verify --trust`, "
            "`promo run --trust`.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    return strcmp(options.word, "new") == 0 ? make(&options) : show(&options);
}
