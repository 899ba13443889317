/*
 * promo codes: the codes of a pool: those that are made, whether one is a code, what was used.
 *
 * Codes that are made are in no file: this command makes them when they are printed on cards or given to a partner. Next: vm/code_word.h.
 */
#include <errno.h>
#include <stdlib.h>

#include "runtime/cli/cli.h"
#include "runtime/cli/compile.h"
#include "runtime/cli/replay.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/identity.h"
#include "vm/bundle.h"
#include "vm/pool.h"
#include "vm/verify.h"

enum { KEY_FROM = 300, KEY_COUNT, KEY_IDENTITY, KEY_CHECK, KEY_USED };

struct options {
    const char *bundle, *database, *pool, *identity_key, *check;
    uint64_t from, count;
    bool used;
};

static const struct argp_option argp_options[] = {
    {"bundle", 'b', "FILE.pbc|PATH", 0, "The bundle, or campaign files to compile on the spot", 0},
    {"identity-key", KEY_IDENTITY, "FILE", 0,
     "The key of the runs; without it the codes follow from the workspace's name", 0},
    {"from", KEY_FROM, "N", 0, "Begin with the n-th code (1)", 0},
    {"count", KEY_COUNT, "N", 0, "So many codes (all)", 0},
    {"check", KEY_CHECK, "CODE", 0, "Say whether this is a code of the pool, and which", 0},
    {"db", 'd', "FILE", 0, "The database of `promo run --db`, for --used", 0},
    {"used", KEY_USED, NULL, 0, "What became of the codes: redeemed, given, reserved", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'b': options->bundle = argument; return 0;
    case 'd': options->database = argument; return 0;
    case KEY_IDENTITY: options->identity_key = argument; return 0;
    case KEY_FROM: options->from = cli_number(state, argument, 1, UINT64_MAX, "codes"); return 0;
    case KEY_COUNT: options->count = cli_number(state, argument, 1, UINT64_MAX, "codes"); return 0;
    case KEY_CHECK: options->check = argument; return 0;
    case KEY_USED: options->used = true; return 0;
    case ARGP_KEY_ARG:
        if (options->pool != NULL) {
            argp_error(state, "one pool at a time: `%s` is a second one", argument);
        }
        options->pool = argument;
        return 0;
    case ARGP_KEY_END:
        if (options->used && options->database == NULL) {
            argp_error(state, "what was used stands in the database: --db FILE");
        }
        if (!options->used && options->bundle == NULL) {
            argp_error(state, "name the bundle: --bundle FILE");
        }
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int unknown_pool(const struct program *program, const char *name)
{
    if (name == NULL) {
        cli_fail(CLI_INPUT, "name the codes");
    } else {
        cli_fail(CLI_INPUT, "the program has no codes `%s`", name);
    }
    for (uint32_t i = 0; i < program->pool_count; i++) {
        cli_hint("there is `%.*s`", TEXT_ARGS(program_text(program, program->pool[i].name)));
    }
    return CLI_INPUT;
}

/* ------------------------------------------------------------------ codes that are made */

struct maker {
    const struct program *program;
    const struct bundle_pool *pool;
    struct code_word word;
    struct crypto_key key;
};

static int print_made(const struct maker *maker, const struct options *options)
{
    const uint64_t made = (uint64_t)maker->pool->codes;
    const uint64_t from = options->from == 0 ? 1 : options->from;
    if (from > made) {
        return cli_fail(CLI_INPUT, "the pool makes %llu codes; there is no number %llu", (unsigned long long)made,
                        (unsigned long long)from);
    }
    uint64_t count = made - from + 1;
    if (options->count != 0 && options->count < count) {
        count = options->count;
    }
    printf("number,code\n");
    for (uint64_t n = from; n < from + count; n++) {
        char code[CODE_WORD_SIZE];
        const uint32_t size = code_word_nth(code, &maker->word, &maker->key, n - 1);
        printf("%llu,%.*s\n", (unsigned long long)n, (int)size, code);
    }
    return CLI_FINE;
}

static int check_made(const struct maker *maker, const char *typed)
{
    char read[CODE_WORD_SIZE], code[CODE_WORD_SIZE];
    uint64_t n = 0;
    const uint32_t size = code_word_read(read, text_of(typed), pool_reading(maker->pool));
    if (size == 0 ||
        !code_word_find(&maker->word, &maker->key, (uint64_t)maker->pool->codes, text_make(read, size), &n)) {
        printf("`%s` is no code of this pool\n", typed);
        return CLI_INPUT;
    }
    const uint32_t printed = code_word_nth(code, &maker->word, &maker->key, n);
    printf("%.*s is number %llu of %lld\n", (int)printed, code, (unsigned long long)n + 1,
           (long long)maker->pool->codes);
    return CLI_FINE;
}

static int look_made(const struct program *program, const struct options *options, const struct buffer *key)
{
    const uint32_t index = options->pool == NULL ? PROGRAM_NONE : pool_find(program, text_of(options->pool));
    if (index == PROGRAM_NONE) {
        return unknown_pool(program, options->pool);
    }
    struct maker maker = {.program = program, .pool = &program->pool[index]};
    if (maker.pool->kind == POOL_FIXED) {
        printf("number,code\n1,%.*s\n", TEXT_ARGS(program_text(program, maker.pool->pattern)));
        return CLI_FINE;
    }
    if (maker.pool->kind != POOL_MADE || !pool_word(program, maker.pool, &maker.word)) {
        cli_fail(CLI_INPUT, "the codes `%s` are uploaded, not made", options->pool);
        cli_hint("what came, and what became of it, stands in the database: --used --db FILE");
        return CLI_INPUT;
    }
    struct identity identity;
    identity_init(&identity, program_text(program, program->workspace->name), key->size == 0 ? NULL : key->bytes);
    maker.key = code_word_key(&identity.key, program_text(program, maker.pool->name));
    if (key->size == 0) {
        cli_fail(
            CLI_FINE,
            "warning: without --identity-key the codes follow from the workspace's name: whoever knows it can make "
            "them all");
        cli_hint("pass the key of the runs");
    }
    return options->check != NULL ? check_made(&maker, options->check) : print_made(&maker, options);
}

static int run_made(const struct options *options, const struct buffer *key)
{
    struct buffer bytes = BUFFER_EMPTY;
    struct program program;
    struct error error = ERROR_NONE;
    int status = compile_bundle(&bytes, options->bundle);
    if (status == CLI_FINE) {
        if (bundle_open(&program, bytes.bytes, bytes.size, &error) != OK || verify_program(&program, &error) != OK) {
            status = cli_fail(CLI_INPUT, "%s", error.message);
        } else {
            status = look_made(&program, options, key);
        }
    }
    buffer_deinit(&bytes);
    return status;
}

/* ------------------------------------------------------------------ what became of them */

static void print_code(void *context, const struct engine_code *code)
{
    (void)context;
    printf("%.*s,%u,%s,%u\n", TEXT_ARGS(code->code), code->uses, code->given_at != INT64_MIN ? "yes" : "no",
           code->held);
}

static int run_used(const struct options *options, const struct buffer *key)
{
    struct engine *engine = NULL;
    if (!replay_database(&engine, options->database, key, (struct engine_sink){0})) {
        return CLI_USAGE;
    }
    const struct program *program = engine_program(engine);
    int status = CLI_FINE;
    if (program == NULL) {
        status = cli_fail(CLI_INPUT, "no program was ever activated in this database");
    } else if (options->pool == NULL || pool_find(program, text_of(options->pool)) == PROGRAM_NONE) {
        status = unknown_pool(program, options->pool);
    } else {
        printf("code,redeemed,given,reserved\n");
        engine_each_code(engine, text_of(options->pool), print_code, NULL);
    }
    engine_close(engine);
    return status;
}

int command_codes(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "CODES --bundle FILE",
        .doc =
            "Prints the codes that a pool makes, as CSV; says whether a text is one of them; or, from a database, what "
            "became of the codes that were redeemed, given, reserved or uploaded.\v"
            "Codes are made from the identity key and the pool's name, the same ones every time; they stand in no "
            "file. "
            "Keep the key as you keep the codes.",
    };
    struct options options = {.count = 0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) {
        return status;
    }
    struct buffer key = BUFFER_EMPTY;
    if (!replay_read_key(&key, options.identity_key)) {
        buffer_deinit(&key);
        return CLI_USAGE;
    }
    status = options.used ? run_used(&options, &key) : run_made(&options, &key);
    buffer_deinit(&key);
    return status;
}
