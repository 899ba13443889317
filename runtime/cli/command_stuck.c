/*
 * promo stuck: what should have happened and has not, and what to do about it. The query is runtime/store/stuck.h.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/cli/cli.h"
#include "runtime/cli/replay.h"
#include "runtime/store/outbox.h"
#include "runtime/store/sqlite_store.h"
#include "runtime/store/stuck.h"
#include "vm/civil.h"
#include "vm/crypto.h"
#include "vm/decimal.h"

enum { KEY_OLDER = 301, KEY_WALLET, KEY_AT, KEY_MOST, SHOWN = 20 };

struct options {
    struct replay_options log;
    struct stuck_options query;
    uint64_t most; /* of each kind */
};

static const struct argp_option argp_options[] = {
    REPLAY_ROWS,
    {"older", KEY_OLDER, "TIME", 0, "What is younger is no matter: 90s, 10m, 3h or 2d (10m)", 0},
    {"wallet", KEY_WALLET, "TIME", 0, "The same for rewards of which the wallet says nothing (1d)", 0},
    {"at", KEY_AT, "MOMENT", 0, "As if the clock showed this, such as 2026-06-10T21:30:00Z", 0},
    {"most", KEY_MOST, "N", 0, "Print at most so many of each kind (20)", 0},
    REPLAY_JSON_ROW,
    {0},
};

static int64_t read_time(struct argp_state *state, const char *words)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    char *end = NULL;
    unsigned long number = strtoul(words, &end, 10);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (end != words && words[0] != '-' && *end == units[i].unit && end[1] == '\0' && number <= 100000)
            return (int64_t)number * units[i].ms;
    }
    argp_error(state, "`%s` is no time; write a number and its unit, such as 90s, 10m, 3h or 2d", words);
    return 0;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case KEY_OLDER: options->query.older_ms = read_time(state, argument); return 0;
    case KEY_WALLET: options->query.wallet_ms = read_time(state, argument); return 0;
    case KEY_AT:
        if (civil_parse_instant(&options->query.now, text_of(argument), NULL) != OK)
            argp_error(state, "`%s` is no moment; write it with seconds and zone, such as 2026-06-10T21:30:00Z",
                       argument);
        return 0;
    case KEY_MOST: {
        char *end = NULL;
        options->most = strtoul(argument, &end, 10);
        if (end == argument || *end != '\0' || argument[0] == '-') argp_error(state, "`%s` is not a number", argument);
        return 0;
    }
    case ARGP_KEY_ARG: argp_error(state, "`%s` is not an option; name the database with --db", argument); return 0;
    case ARGP_KEY_END:
        if (options->log.database == NULL) argp_error(state, "name the database: --db FILE");
        return 0;
    default: return replay_option(&options->log, key, argument);
    }
}

struct printing {
    const struct options *options;
    struct buffer out;
    uint64_t count[STUCK_KIND_COUNT];
    uint64_t all;
};

static void put_since(struct buffer *out, int64_t since, int64_t now)
{
    char words[CIVIL_INSTANT_SIZE];
    int64_t minutes = (now - since) / 60000;
    (void)civil_format_instant(words, since);
    buffer_print(out, "since %s (", words);
    if (minutes < 120) {
        decimal_print_count(out, minutes, "minute");
    } else if (minutes < 2880) {
        decimal_print_count(out, minutes / 60, "hour");
    } else {
        decimal_print_count(out, minutes / 1440, "day");
    }
    buffer_string(out, ")");
}

static void put_json(struct buffer *out, const struct stuck *stuck, const char *hex)
{
    char words[CIVIL_INSTANT_SIZE];
    (void)civil_format_instant(words, stuck->since);
    buffer_print(out, "{\"stuck\":\"%s\",\"since\":\"%s\"", stuck_word(stuck->kind), words);
    const struct {
        const char *name;
        struct text text;
    } texts[] = {{"player", stuck->player}, {"brand", stuck->brand}, {"campaign", stuck->campaign},
                 {"step", stuck->step},     {"offer", stuck->offer}, {"recipient", stuck->recipient},
                 {"why", stuck->why},       {"id", text_of(hex)}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].text.size == 0) continue;
        buffer_print(out, ",\"%s\":", texts[i].name);
        buffer_json_text(out, texts[i].text);
    }
    if (stuck->journey > 0) buffer_print(out, ",\"journey\":%u", stuck->journey);
    if (stuck->amount > 0) {
        buffer_string(out, ",\"amount\":\"");
        decimal_print_money_wire(out, stuck->amount, stuck->currency);
        buffer_string(out, "\"");
    }
    buffer_string(out, ",\"do\":");
    buffer_json_text(out, text_of(stuck_advice(stuck->kind)));
    buffer_string(out, "}\n");
}

static void put(void *context, const struct stuck *stuck)
{
    struct printing *printing = context;
    struct buffer *out = &printing->out;
    char hex[33] = "";
    static const uint8_t none[16];
    printing->all++;
    if (++printing->count[stuck->kind] > printing->options->most) return;
    if (memcmp(stuck->id, none, sizeof none) != 0) crypto_hex(hex, stuck->id, sizeof stuck->id);
    if (printing->options->log.json) {
        put_json(out, stuck, hex);
        return;
    }
    if (printing->count[stuck->kind] == 1)
        buffer_print(out, "%s: %s\n", stuck_word(stuck->kind), stuck_advice(stuck->kind));
    buffer_string(out, "  ");
    if (stuck->player.size > 0) buffer_print(out, "%.*s  ", TEXT_ARGS(stuck->player));
    if (stuck->brand.size > 0) buffer_print(out, "%.*s  ", TEXT_ARGS(stuck->brand));
    if (hex[0] != '\0') buffer_print(out, "%s  ", hex);
    if (stuck->recipient.size > 0) buffer_print(out, "%.*s  ", TEXT_ARGS(stuck->recipient));
    if (stuck->campaign.size > 0) buffer_print(out, "\"%.*s\"  ", TEXT_ARGS(stuck->campaign));
    if (stuck->step.size > 0) buffer_print(out, "%.*s  ", TEXT_ARGS(stuck->step));
    if (stuck->offer.size > 0) buffer_print(out, "%.*s  ", TEXT_ARGS(stuck->offer));
    if (stuck->why.size > 0) buffer_print(out, "%.*s  ", TEXT_ARGS(stuck->why));
    if (stuck->amount > 0) {
        decimal_print_money(out, stuck->amount, stuck->currency);
        buffer_string(out, "  ");
    }
    put_since(out, stuck->since, printing->options->query.now);
    buffer_string(out, "\n");
}

static bool open_outbox(struct store *store, const char *database, bool *on)
{
    struct error error = ERROR_NONE;
    struct outbox outbox;
    enum status status = sqlite_store_open(store, database, SQLITE_STORE_READ, &error);
    outbox_init(&outbox);
    if (status == OK) status = outbox_open(&outbox, store, false, &error);
    *on = outbox.on;
    outbox_deinit(&outbox);
    if (status != OK) cli_fail(CLI_USAGE, "%s", error.message);
    return status == OK;
}

static int look(const struct options *options, struct engine *engine)
{
    struct store store = {0};
    struct printing printing = {.options = options, .out = BUFFER_EMPTY};
    struct error error = ERROR_NONE;
    bool on = false;
    if (!open_outbox(&store, options->log.database, &on)) {
        store_close(&store);
        return CLI_USAGE;
    }
    struct stuck_options query = options->query;
    query.outbox = on;
    enum status status = stuck_each(engine, &store, &query, put, &printing, &error);
    store_close(&store);
    int result = printing.all > 0 ? CLI_INPUT : CLI_FINE;
    for (unsigned kind = 0; kind < STUCK_KIND_COUNT && !options->log.json; kind++) {
        if (printing.count[kind] <= options->most) continue;
        buffer_print(&printing.out, "%s: ", stuck_word((enum stuck_kind)kind));
        decimal_print(&printing.out, (int64_t)(printing.count[kind] - options->most), 0, DECIMAL_GROUPS);
        buffer_string(&printing.out, " more; --most N prints them\n");
    }
    if (status != OK) {
        result = cli_fail(CLI_USAGE, "%s", error.message);
    } else if (printing.all == 0 && !options->log.json) {
        buffer_string(&printing.out, "nothing is stuck\n");
    }
    cli_print(stdout, &printing.out);
    buffer_deinit(&printing.out);
    return result;
}

int command_stuck(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "--db FILE",
        .doc = "Lists what should have happened and has not: journeys past their deadline, effects that nobody carries "
               "or that a receiver keeps without a "
               "word, what was given up, rewards of which the wallet says nothing; each kind with what to do.\v"
               "It reads the newest checkpoint, folds what the log holds behind it, and changes nothing. Exit status: "
               "0 nothing is stuck, 1 something "
               "is, 2 wrong usage or a fault of the "
               "environment.",
    };
    struct timespec clock = {0, 0};
    (void)clock_gettime(CLOCK_REALTIME, &clock);
    struct options options = {.query = {.now = (int64_t)clock.tv_sec * 1000 + clock.tv_nsec / 1000000,
                                        .older_ms = INT64_C(600000),
                                        .wallet_ms = INT64_C(86400000)},
                              .most = SHOWN};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    struct engine *engine = NULL;
    if (!replay_newest(&engine, &options.log)) return CLI_USAGE;
    status = look(&options, engine);
    engine_close(engine);
    return status;
}
