/*
 * promo deliver: carries what the outbox of a database holds to a program, and writes what came of it into the log.
 *
 * The work is that of runtime/store/deliver.h; here are options, time and the closing words. Who receives: carrier_command.h.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/cli/carrier_command.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/replay.h"
#include "vm/decimal.h"

enum { KEY_IDENTITY = 300, KEY_TIME, KEY_WAIT, KEY_FOLLOW, KEY_HAND, KEY_OF, KEY_ANSWER };

struct options {
    const char *database, *to, *identity_key;
    bool by_log, wait, follow, json;
    uint32_t in_hand, of_recipient, answer_seconds;
};

static const struct argp_option argp_options[] = {
    {"db", 'd', "FILE", 0, "The database of `promo run --db FILE --outbox`", 0},
    {"to", 't', "COMMAND", 0, "Who receives: it reads a line for each effect and answers each by a line", 0},
    {"wait", KEY_WAIT, NULL, 0, "Go on until nothing waits any more; otherwise it ends when nothing is due", 0},
    {"follow", KEY_FOLLOW, NULL, 0, "Go on until it is stopped (SIGINT, SIGTERM), and let time pass meanwhile", 0},
    {"in-hand", KEY_HAND, "N", 0, "At most so many effects at once in the receiver's hands (256)", 0},
    {"of-recipient", KEY_OF, "N", 0, "At most so many of one channel, action or person asked (64)", 0},
    {"answer", KEY_ANSWER, "SECONDS", 0, "An answer that takes longer is none, and the effect is tried again (30)", 0},
    {"time", KEY_TIME, "clock|log", 0,
     "By which time attempts are due: the clock's, or that of the log, which --wait lets pass (for tests)", 0},
    {"identity-key", KEY_IDENTITY, "FILE", 0, "The key of the runs, if they had one", 0},
    {"json", 'j', NULL, 0, "Print what was done as one JSON object", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'd': options->database = argument; return 0;
    case 't': options->to = argument; return 0;
    case 'j': options->json = true; return 0;
    case KEY_WAIT: options->wait = true; return 0;
    case KEY_FOLLOW: options->follow = true; return 0;
    case KEY_HAND: options->in_hand = (uint32_t)cli_number(state, argument, 1, 4096, "effects"); return 0;
    case KEY_OF: options->of_recipient = (uint32_t)cli_number(state, argument, 1, 4096, "effects"); return 0;
    case KEY_ANSWER: options->answer_seconds = (uint32_t)cli_number(state, argument, 1, 3600, "seconds"); return 0;
    case KEY_IDENTITY: options->identity_key = argument; return 0;
    case KEY_TIME:
        options->by_log = strcmp(argument, "log") == 0;
        if (!options->by_log && strcmp(argument, "clock") != 0) {
            argp_error(state, "`%s` is no time to go by; write `--time clock` or `--time log`", argument);
        }
        return 0;
    case ARGP_KEY_ARG: argp_error(state, "`%s` is not an option; name the database with --db", argument); return 0;
    case ARGP_KEY_END:
        if (options->database == NULL) argp_error(state, "name the database: --db FILE");
        if (options->to == NULL) argp_error(state, "say who receives: --to COMMAND");
        if (options->follow && options->by_log) argp_error(state, "--follow goes by the clock; leave --time log out");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static uint64_t sum(const struct deliver_counts *counts)
{
    return counts->handed + counts->done + counts->again + counts->refused + counts->dead + counts->expired +
           counts->recalled;
}

static void sleep_ms(int64_t ms)
{
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000};
    (void)nanosleep(&time, NULL);
}

/* Rounds until nothing is left to do, by the options. */
static enum status serve(const struct options *options, struct promo *promo, struct deliver *deliver,
                         const struct carrier *carrier, struct deliver_counts *counts, struct error *error)
{
    while (!stopped) {
        uint64_t before = sum(counts);
        if (options->follow) RETURN_IF_FAILED(promo_tick(promo, error));
        RETURN_IF_FAILED(deliver_step(deliver, deliver_in_hand(deliver) > 0 ? 1000 : 20, counts, error));
        if (sum(counts) != before || deliver_in_hand(deliver) > 0) continue;
        int64_t next = INT64_MAX, now = deliver_now(deliver);
        RETURN_IF_FAILED(deliver_next(deliver, &next, error));
        if (next <= now) continue;
        if (!options->follow && (!options->wait || next == INT64_MAX)) return OK;
        if (options->by_log) {
            if (carrier->ready != NULL && !carrier->ready(carrier->context)) continue;
            deliver_pass(deliver, next);
        } else {
            sleep_ms(next - now < 500 ? next - now : 500);
        }
    }
    return OK;
}

static void put(struct buffer *out, bool json, bool *first, const char *name, const char *words, uint64_t count)
{
    if (json) {
        buffer_print(out, "%s\"%s\":%llu", *first ? "{" : ",", name, (unsigned long long)count);
        *first = false;
    } else if (count > 0) {
        buffer_string(out, *first ? "" : ", ");
        buffer_string(out, words);
        buffer_string(out, " ");
        decimal_print(out, (int64_t)count, 0, DECIMAL_GROUPS);
        *first = false;
    }
}

/* `failed`: an error follows, so nothing is said of a run that did nothing. */
static void print(const struct options *options, const struct deliver_counts *counts,
                  const struct carrier_command *program, bool failed)
{
    struct buffer out = BUFFER_EMPTY;
    bool first = true;
    put(&out, options->json, &first, "handed", "handed out", counts->handed);
    put(&out, options->json, &first, "done", "delivered", counts->done);
    put(&out, options->json, &first, "again", "to be tried again", counts->again);
    put(&out, options->json, &first, "refused", "refused for good", counts->refused);
    put(&out, options->json, &first, "dead", "given up (`promo outbox dead`)", counts->dead);
    put(&out, options->json, &first, "expired", "too late to leave", counts->expired);
    put(&out, options->json, &first, "recalled", "taken back", counts->recalled);
    const char *why = NULL;
    uint64_t strange = carrier_command_strange(program, &why);
    if (options->json) {
        put(&out, true, &first, "strange", "", counts->strange + strange);
        buffer_string(&out, "}");
    } else if (first && !failed) {
        buffer_string(&out, "nothing was due");
    }
    if (out.size > 0) buffer_string(&out, "\n");
    cli_print(stdout, &out);
    buffer_deinit(&out);
    if (strange > 0) {
        cli_fail(CLI_FINE, "%llu line%s of the receiver %s no answer (the last one: %s)", (unsigned long long)strange,
                 strange == 1 ? "" : "s", strange == 1 ? "was" : "were", why);
        cli_hint("an answer is a line such as {\"id\":\"0f3c…\",\"outcome\":\"done\"}; write everything else to "
                 "standard error");
    }
    if (counts->strange > 0) {
        cli_fail(CLI_FINE, "%llu answer%s of effects that are in nobody's hands", (unsigned long long)counts->strange,
                 counts->strange == 1 ? " was" : "s were");
    }
}

static int deliver(const struct options *options, struct promo *promo)
{
    struct error error = ERROR_NONE;
    struct carrier carrier;
    struct carrier_command *program = NULL;
    struct deliver *deliver = NULL;
    const struct deliver_options how = {.in_hand = options->in_hand,
                                        .of_recipient = options->of_recipient,
                                        .answer_ms = (int64_t)options->answer_seconds * 1000};
    struct deliver_counts counts = {0};
    enum status status = carrier_command_open(&program, options->to, &carrier, &error);
    if (status == OK) status = deliver_open(&deliver, promo, &carrier, &how, &error);
    if (status == OK) status = serve(options, promo, deliver, &carrier, &counts, &error);
    if (deliver != NULL) print(options, &counts, program, status != OK);
    deliver_close(deliver);
    carrier_command_close(program);
    if (status != OK) {
        cli_fail(CLI_USAGE, "%s", error.message);
        if (promo_close(promo, &error) != OK) cli_fail(CLI_USAGE, "%s", error.message);
        return CLI_USAGE;
    }
    if (promo_close(promo, &error) != OK) return cli_fail(CLI_USAGE, "%s", error.message);
    return counts.dead > 0 ? CLI_INPUT : CLI_FINE;
}

int command_deliver(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "--db FILE --to COMMAND",
        .doc = "Carries what a database's outbox holds to a program: each effect as a line on its standard input, at "
               "least once, always with the same id and "
               "bytes. It answers each by a line: {\"id\":\"…\",\"outcome\":\"done\"}, or \"again\" or \"refused\" "
               "with a \"reason\". What came of it is written into the "
               "log, and what was not taken is tried again, later and later.\v"
               "Whoever receives keeps the ids and does each once. Exit status: 0 fine, 1 something was given up "
               "(`promo outbox dead`), 2 wrong usage or a fault "
               "of the environment.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    if (access(options.database, F_OK) != 0) {
        cli_fail(CLI_USAGE, "there is no database `%s`", options.database);
        cli_hint("`promo run --db %s --outbox` makes one", options.database);
        return CLI_USAGE;
    }
    struct buffer key = BUFFER_EMPTY;
    if (!replay_read_key(&key, options.identity_key)) return CLI_USAGE;
    struct error error = ERROR_NONE;
    struct promo *promo = NULL;
    const struct promo_options how = {.database = options.database,
                                      .shards = 1,
                                      .identity_key = key.size == 32 ? key.bytes : NULL,
                                      .time = options.by_log ? PROMO_TIME_RECORDS : PROMO_TIME_CLOCK};
    struct sigaction action = {.sa_handler = stop};
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    if (promo_open(&promo, &how, &error) != OK) {
        status = cli_fail(CLI_USAGE, "%s", error.message);
    } else {
        status = deliver(&options, promo);
    }
    buffer_deinit(&key);
    return status;
}
