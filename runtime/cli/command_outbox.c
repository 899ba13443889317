/*
 * promo outbox: what waits to be delivered, what nobody tries any more, and a person's word about that.
 *
 * Looking changes nothing, and a run may go on beside it. `retry` and `drop` are commands of the log: their line goes through `promo run`.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "runtime/cli/cli.h"
#include "runtime/cli/replay.h"
#include "runtime/cli/run_watch.h"
#include "runtime/engine/effect_json.h"
#include "runtime/store/outbox.h"
#include "runtime/store/sqlite_store.h"
#include "vm/civil.h"
#include "vm/crypto.h"
#include "vm/decimal.h"

enum { KEY_IDENTITY = 300, KEY_BY, KEY_AT, KEY_ALL };

struct options {
    const char *word, *id, *database, *by, *at, *identity_key;
    bool all, json;
    uint8_t effect[16];
};

static const struct argp_option argp_options[] = {
    {"db", 'd', "FILE", 0, "The database of `promo run --db FILE --outbox`", 0},
    {"all", KEY_ALL, NULL, 0, "retry, drop: every dead effect", 0},
    {"by", KEY_BY, "NAME", 0, "retry, drop: who orders it, for `promo audit`; otherwise the user's name", 0},
    {"at", KEY_AT, "MOMENT", 0, "retry, drop: when it was ordered, such as 2026-06-10T21:30:00Z; otherwise now", 0},
    {"identity-key", KEY_IDENTITY, "FILE", 0, "The key of the runs, if they had one", 0},
    {"json", 'j', NULL, 0, "list, dead: one JSON object a row; otherwise one of all", 0},
    {0},
};

static bool is(const struct options *options, const char *word)
{
    return strcmp(options->word, word) == 0;
}

static void check_words(struct argp_state *state, struct options *options)
{
    if (options->word == NULL) options->word = "counts";
    bool orders = is(options, "retry") || is(options, "drop");
    if (!orders && !is(options, "counts") && !is(options, "list") && !is(options, "dead") && !is(options, "show")) {
        argp_error(state, "`%s` is not known here; write list, dead, show ID, retry ID or drop ID", options->word);
    }
    if (options->database == NULL) argp_error(state, "name the database: --db FILE");
    if (options->all && !orders) argp_error(state, "--all belongs to retry and drop");
    bool one = is(options, "show") || (orders && !options->all);
    if (one != (options->id != NULL)) {
        argp_error(state, one ? "name the effect by its id, as `promo outbox dead` prints it%s" : "`%s` takes no id",
                   one ? (orders ? "; --all takes every dead one" : "") : options->word);
    }
    if (one && !crypto_unhex(options->effect, sizeof options->effect, text_of(options->id))) {
        argp_error(state, "`%s` is no id; write the 32 hexadecimal digits that `promo outbox dead` prints",
                   options->id);
    }
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'd': options->database = argument; return 0;
    case 'j': options->json = true; return 0;
    case KEY_ALL: options->all = true; return 0;
    case KEY_BY: options->by = cli_by_option(argument, state); return 0;
    case KEY_AT: options->at = argument; return 0;
    case KEY_IDENTITY: options->identity_key = argument; return 0;
    case ARGP_KEY_ARG:
        if (options->word == NULL) {
            options->word = argument;
        } else if (options->id == NULL) {
            options->id = argument;
        } else {
            argp_error(state, "`%s` is one word too many", argument);
        }
        return 0;
    case ARGP_KEY_END: check_words(state, options); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ------------------------------------------------------------------ looking */

struct looking {
    const struct options *options;
    struct buffer *out;
    uint64_t rows;
};

static void put_instant(struct buffer *out, bool json, const char *name, int64_t at)
{
    if (at == 0 || at == INT64_MAX) return;
    char words[CIVIL_INSTANT_SIZE];
    (void)civil_format_instant(words, at);
    if (json) {
        buffer_print(out, ",\"%s\":\"%s\"", name, words);
    } else {
        buffer_print(out, ", %s %s", name, words);
    }
}

static void put_json(struct buffer *out, const struct outbox_row *row, const char *hex)
{
    buffer_print(out, "{\"id\":\"%s\",\"state\":\"%s\",\"recipient\":", hex, outbox_state_word(row->state));
    buffer_json_text(out, row->recipient);
    buffer_string(out, ",\"campaign\":");
    buffer_json_text(out, row->campaign);
    put_instant(out, true, "at", row->at);
    put_instant(out, true, row->state == OUTBOX_DEAD ? "dead_since" : "next", row->next_at);
    put_instant(out, true, "until", row->until);
    put_instant(out, true, "in_hand_since", row->hand_at);
    buffer_print(out, ",\"player_number\":%llu,\"attempts\":%u,\"left\":%s", (unsigned long long)row->number,
                 row->attempts, row->left ? "true" : "false");
    if (row->error.size > 0) {
        buffer_string(out, ",\"reason\":");
        buffer_json_text(out, row->error);
    }
    buffer_string(out, "}\n");
}

static enum status put_row(void *context, const struct outbox_row *row, struct error *error)
{
    struct looking *looking = context;
    struct buffer *out = looking->out;
    char hex[33];
    (void)error;
    looking->rows++;
    crypto_hex(hex, row->id, sizeof row->id);
    if (looking->options->json) {
        put_json(out, row, hex);
    } else {
        buffer_print(out, "%s  %-9s  %.*s", hex, row->hand_at > 0 ? "in hand" : outbox_state_word(row->state),
                     TEXT_ARGS(row->recipient));
        if (row->campaign.size > 0) buffer_print(out, "  \"%.*s\"", TEXT_ARGS(row->campaign));
        buffer_string(out, "  ");
        decimal_print_count(out, row->attempts, "attempt");
        put_instant(out, false, row->state == OUTBOX_DEAD ? "dead since" : "next", row->next_at);
        buffer_string(out, "\n");
        if (row->error.size > 0) buffer_print(out, "    %.*s\n", TEXT_ARGS(row->error));
    }
    if (out->size > 1 << 16) {
        cli_print(stdout, out);
        buffer_clear(out);
    }
    return OK;
}

static enum status put_bytes(void *context, const struct outbox_row *row, struct error *error)
{
    struct looking *looking = context;
    RETURN_IF_FAILED(put_row(context, row, error));
    buffer_text(looking->out, row->bytes);
    buffer_u8(looking->out, '\n');
    return OK;
}

static void put_count(void *context, const struct outbox_count *count)
{
    struct looking *looking = context;
    struct buffer *out = looking->out;
    if (looking->options->json) {
        buffer_string(out, looking->rows++ == 0 ? "" : ",");
        buffer_string(out, "{\"recipient\":");
        buffer_json_text(out, count->recipient);
        buffer_print(out, ",\"state\":\"%s\",\"rows\":%llu,\"in_hand\":%llu", outbox_state_word(count->state),
                     (unsigned long long)count->rows, (unsigned long long)count->in_hand);
        put_instant(out, true, "oldest", count->oldest);
        buffer_string(out, "}");
        return;
    }
    looking->rows++;
    buffer_print(out, "  %-28.*s %-9s ", TEXT_ARGS(count->recipient), outbox_state_word(count->state));
    decimal_print(out, (int64_t)count->rows, 0, DECIMAL_GROUPS);
    if (count->in_hand > 0) {
        buffer_string(out, ", in hand ");
        decimal_print(out, (int64_t)count->in_hand, 0, DECIMAL_GROUPS);
    }
    put_instant(out, false, "oldest", count->oldest);
    buffer_string(out, "\n");
}

static enum status look(struct looking *looking, struct store *store, struct error *error)
{
    const struct options *options = looking->options;
    if (is(options, "show")) return outbox_find(store, options->effect, put_bytes, looking, error);
    if (is(options, "list")) return outbox_each(store, OUTBOX_STATE_COUNT, false, put_row, looking, error);
    if (is(options, "dead")) return outbox_each(store, OUTBOX_DEAD, false, put_row, looking, error);
    if (options->json) buffer_string(looking->out, "{\"rows\":[");
    RETURN_IF_FAILED(outbox_counts(store, put_count, looking, error));
    struct buffer why = BUFFER_EMPTY;
    bool held = outbox_held(store, &why, NULL) == OK;
    if (options->json) {
        buffer_string(looking->out, "]");
        if (held) {
            buffer_string(looking->out, ",\"held\":");
            buffer_json_text(looking->out, buffer_as_text(&why));
        }
        buffer_string(looking->out, "}\n");
    } else {
        if (looking->rows == 0) buffer_string(looking->out, "nothing waits\n");
        if (held) {
            struct text words = buffer_as_text(&why);
            buffer_print(looking->out, "nothing leaves: %.*s\n", TEXT_ARGS(words));
        }
    }
    buffer_deinit(&why);
    return OK;
}

/* Opens the database to read it, if it has an outbox. */
static bool open_store(struct store *store, const char *database)
{
    struct error error = ERROR_NONE;
    if (access(database, F_OK) != 0) {
        cli_fail(CLI_USAGE, "there is no database `%s`", database);
        return false;
    }
    if (sqlite_store_open(store, database, SQLITE_STORE_READ, &error) != OK) {
        cli_fail(CLI_USAGE, "%s", error.message);
        return false;
    }
    struct outbox outbox;
    outbox_init(&outbox);
    enum status status = outbox_open(&outbox, store, false, &error);
    bool on = outbox.on;
    outbox_deinit(&outbox);
    if (status == OK && on) return true;
    if (status != OK) {
        cli_fail(CLI_USAGE, "%s", error.message);
    } else {
        cli_fail(CLI_USAGE, "`%s` has no outbox", database);
        cli_hint("`promo run --db %s --outbox` begins one", database);
    }
    store_close(store);
    return false;
}

static int show(const struct options *options)
{
    struct store store;
    if (!open_store(&store, options->database)) return CLI_USAGE;
    struct buffer out = BUFFER_EMPTY;
    struct looking looking = {.options = options, .out = &out};
    struct error error = ERROR_NONE;
    enum status status = look(&looking, &store, &error);
    int result = CLI_FINE;
    if (status != OK) result = cli_fail(status == STATUS_NOT_FOUND ? CLI_INPUT : CLI_USAGE, "%s", error.message);
    if (status == OK && !options->json && is(options, "dead") && looking.rows == 0)
        buffer_string(&out, "nothing is dead\n");
    cli_print(stdout, &out);
    buffer_deinit(&out);
    store_close(&store);
    return result;
}

/* ------------------------------------------------------------------ orders */

struct ordering {
    const struct options *options;
    struct buffer lines;
    uint64_t count, others;
};

static enum status put_order(void *context, const struct outbox_row *row, struct error *error)
{
    struct ordering *ordering = context;
    const struct options *options = ordering->options;
    struct buffer *out = &ordering->lines;
    char hex[33];
    (void)error;
    if (row->state != OUTBOX_DEAD) {
        ordering->others++;
        return OK;
    }
    ordering->count++;
    crypto_hex(hex, row->id, sizeof row->id);
    /* One order a death: given twice, it is carried out once. */
    buffer_print(out, "{\"kind\":\"command\",\"id\":\"%s %s %u\",\"source\":\"promo outbox\",\"at\":", options->word,
                 hex, row->attempts);
    buffer_json_text(out, text_of(options->at));
    buffer_print(out, ",\"command\":\"%s\",\"effect\":\"%s\"", options->word, hex);
    if (options->by[0] != '\0') {
        buffer_string(out, ",\"by\":");
        buffer_json_text(out, text_of(options->by));
    }
    buffer_string(out, "}\n");
    return OK;
}

static void watch_effect(void *context, const struct engine_effect *effect)
{
    (void)context;
    (void)effect;
}

static void watch_note(void *context, const struct engine_note *note)
{
    (void)context;
    (void)note;
}

static void watch_refused(void *context, struct engine *engine, const char *message)
{
    (void)context;
    (void)engine;
    cli_fail(CLI_INPUT, "%s", message);
}

static void watch_close(void *context, struct engine *engine, const struct promo_counts *counts, FILE *stream)
{
    const struct ordering *ordering = context;
    struct buffer out = BUFFER_EMPTY;
    (void)engine;
    (void)counts;
    decimal_print_count(&out, (int64_t)ordering->count, "effect");
    buffer_string(&out, strcmp(ordering->options->word, "retry") == 0
                            ? " queued again; `promo deliver` carries them\n"
                            : " given up; `promo deliver` writes what that means into the log\n");
    cli_print(stream, &out);
    buffer_deinit(&out);
}

static int write_orders(const struct options *options, struct ordering *ordering)
{
    const int file = memfd_create("orders", 0);
    struct text lines = buffer_as_text(&ordering->lines);
    if (file < 0 || write(file, lines.at, lines.size) != (ssize_t)lines.size || lseek(file, 0, SEEK_SET) != 0) {
        return cli_fail(CLI_USAGE, "there is no room for the orders");
    }
    char path[32];
    (void)snprintf(path, sizeof path, "/dev/fd/%d", file);
    char *argv[12] = {(char[]){"promo run"}, (char[]){"--db"}, (char *)(uintptr_t)options->database,
                      (char[]){"--events"}, path};
    int argc = 5;
    if (options->identity_key != NULL) {
        argv[argc++] = (char[]){"--identity-key"};
        argv[argc++] = (char *)(uintptr_t)options->identity_key;
    }
    const struct run_watch watch = {ordering, NULL, watch_effect, watch_note, watch_refused, watch_close};
    return command_run_watched(argc, argv, &watch);
}

static int order(const struct options *options)
{
    struct store store;
    struct error error = ERROR_NONE;
    struct ordering ordering = {.options = options, .lines = BUFFER_EMPTY};
    if (!open_store(&store, options->database)) return CLI_USAGE;
    enum status status = options->all ? outbox_each(&store, OUTBOX_DEAD, true, put_order, &ordering, &error)
                                      : outbox_find(&store, options->effect, put_order, &ordering, &error);
    store_close(&store);
    int result = CLI_FINE;
    if (status != OK) {
        result = cli_fail(status == STATUS_NOT_FOUND ? CLI_INPUT : CLI_USAGE, "%s", error.message);
    } else if (ordering.count == 0) {
        result = cli_fail(CLI_INPUT,
                          ordering.others > 0 ? "the effect is not dead; it is tried by itself" : "nothing is dead");
    } else {
        result = write_orders(options, &ordering);
    }
    buffer_deinit(&ordering.lines);
    return result;
}

int command_outbox(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "[list|dead] --db FILE\nshow ID --db FILE\nretry|drop ID|--all --db FILE",
        .doc = "What waits to be delivered.\n"
               "Without a word: how much of what, by recipient. list: every row. dead: what nobody tries any more, and "
               "why. show: one effect with its bytes. "
               "retry: a dead effect is tried anew. drop: it is given up; of a reward that means that it was not paid, "
               "and its reservation comes back.\v"
               "retry and drop stand in the log and in the audit.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    char now[CIVIL_INSTANT_SIZE];
    options.by = cli_by(options.by);
    if (options.at == NULL) {
        (void)civil_format_instant(now, cli_now());
        options.at = now;
    }
    return is(&options, "retry") || is(&options, "drop") ? order(&options) : show(&options);
}
