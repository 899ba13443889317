/*
 * promo erase, promo suppress, promo unsuppress: a person is forgotten, or is not to be addressed, or may be again.
 *
 * Each makes the lines of records and hands them to `promo run`, so that there is one way into the log. The checkpoint at the end of
 * that run destroys the keys of who was erased. What is forgotten and what stays: spec/runtime.md#erasure-and-suppression.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "runtime/cli/cli.h"
#include "runtime/cli/run_watch.h"
#include "vm/civil.h"
#include "vm/decimal.h"

enum { KEY_IDENTITY = 300, KEY_AT, KEY_ID, KEY_EFFECTS, KEY_NOTES, KEY_BY, KEY_CONTACT, KEY_FROM, KEY_ADVANCE };

struct options {
    const char *word; /* erase, suppress, unsuppress */
    const char *database, *at, *id, *identity_key, *effects, *notes, *player, *brand, *by, *contact, *from;
    bool in_advance;
};

#define COMMON_ROWS                                                                                         \
    {"db", 'd', "FILE", 0, "The database of `promo run --db`", 0}, {"player", 'p', "ID", 0, "Who", 0},      \
        {"brand", 'b', "NAME", 0, "The player's brand, where there are several", 0},                        \
        {"by", KEY_BY, "NAME", 0, "Who orders it, for `promo audit`; otherwise the user's name", 0},        \
        {"at", KEY_AT, "MOMENT", 0, "When it was ordered, such as 2026-06-10T21:30:00Z; otherwise now", 0}, \
        {"id", KEY_ID, "ID", 0, "The record's id: the same one is carried out once", 0},                    \
        {"effects", KEY_EFFECTS, "FILE|-", 0, "Append effects here, one JSON line each", 0},                \
        {"notes", KEY_NOTES, "FILE|-", 0, "Append what else happened", 0},                                  \
        {"identity-key", KEY_IDENTITY, "FILE", 0, "The key of the runs, if they had one", 0},

static const struct argp_option erase_options[] = {
    COMMON_ROWS{"in-advance", KEY_ADVANCE, NULL, 0,
                "Also where nobody of this id is known: who comes with it is suppressed", 0},
    {0}};
static const struct argp_option suppress_options[] = {
    COMMON_ROWS{"contact", KEY_CONTACT, "VALUE", 0, "An email address or a telephone number, whoever has it", 0},
    {"from", KEY_FROM, "FILE", 0, "One contact value a line", 0},
    {0}};

static void check_words(struct argp_state *state, const struct options *options)
{
    if (options->database == NULL) argp_error(state, "name the database: --db FILE");
    const int named = (options->player != NULL) + (options->contact != NULL) + (options->from != NULL);
    if (named != 1) {
        argp_error(state, strcmp(options->word, "erase") == 0 ? "say who is erased: --player ID"
                                                              : "say who: --player ID, --contact VALUE or --from FILE");
    }
    if (options->brand != NULL && options->player == NULL) argp_error(state, "--brand belongs to --player");
    if (options->id != NULL && options->from != NULL) argp_error(state, "--id names one record; --from makes many");
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'd': options->database = argument; return 0;
    case 'p': options->player = argument; return 0;
    case 'b': options->brand = argument; return 0;
    case KEY_BY: options->by = cli_by_option(argument, state); return 0;
    case KEY_AT: options->at = argument; return 0;
    case KEY_ID: options->id = argument; return 0;
    case KEY_EFFECTS: options->effects = argument; return 0;
    case KEY_NOTES: options->notes = argument; return 0;
    case KEY_IDENTITY: options->identity_key = argument; return 0;
    case KEY_CONTACT: options->contact = argument; return 0;
    case KEY_FROM: options->from = argument; return 0;
    case KEY_ADVANCE: options->in_advance = true; return 0;
    case ARGP_KEY_ARG: argp_error(state, "`%s` is one word too many; write --player %s", argument, argument); return 0;
    case ARGP_KEY_END: check_words(state, options); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ------------------------------------------------------------------ lines */

static void put_member(struct buffer *out, const char *name, struct text value)
{
    buffer_print(out, ",\"%s\":", name);
    buffer_json_text(out, value);
}

/* `number`: of the line of --from, from 1; 0: there is none. */
static void put_line(struct buffer *out, const struct options *options, struct text contact, uint32_t number)
{
    struct buffer id = BUFFER_EMPTY;
    if (options->id != NULL) {
        buffer_string(&id, options->id);
    } else {
        /* Orders of one moment are several where they are about several people. */
        const uint64_t hash = text_hash(contact) * 31 +
                              text_hash(text_of(options->player == NULL ? "" : options->player)) +
                              text_hash(text_of(options->brand == NULL ? "" : options->brand)) * 7;
        buffer_print(&id, "%s %s %08x", options->word, options->at, (unsigned)(hash ^ hash >> 32));
    }
    if (number > 0) buffer_print(&id, " %u", number);
    buffer_print(out, "{\"kind\":\"%s\"", options->word);
    put_member(out, "id", buffer_as_text(&id));
    buffer_deinit(&id);
    put_member(out, "source", TEXT("promo command"));
    put_member(out, "at", text_of(options->at));
    if (options->by[0] != '\0') put_member(out, "by", text_of(options->by));
    if (options->player != NULL) put_member(out, "player", text_of(options->player));
    if (options->brand != NULL) put_member(out, "brand", text_of(options->brand));
    if (contact.size > 0) put_member(out, "contact", contact);
    buffer_string(out, "}\n");
}

static bool make_lines(struct buffer *out, const struct options *options)
{
    if (options->from == NULL) {
        put_line(out, options, text_of(options->contact == NULL ? "" : options->contact), 0);
        return true;
    }
    struct buffer list = BUFFER_EMPTY;
    if (!cli_read(&list, options->from)) {
        buffer_deinit(&list);
        return false;
    }
    uint32_t number = 0;
    const char *at = (const char *)list.bytes, *const end = at + list.size;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL) stop = end;
        struct text value = text_make(at, (size_t)(stop - at));
        while (value.size > 0 && (value.at[value.size - 1] == '\r' || value.at[value.size - 1] == ' ')) value.size--;
        number++;
        if (value.size > 0) put_line(out, options, value, number);
        at = stop + 1;
    }
    buffer_deinit(&list);
    return true;
}

/* What is in the buffer as a file that `promo run` can read; it never lies on a disk. */
static bool as_file(const struct buffer *bytes, char path[32])
{
    const int file = memfd_create("events", 0);
    size_t done = 0;
    while (file >= 0 && done < bytes->size) {
        const ssize_t put = write(file, bytes->bytes + done, bytes->size - done);
        if (put <= 0) return false;
        done += (size_t)put;
    }
    if (file < 0) return false;
    (void)lseek(file, 0, SEEK_SET);
    (void)snprintf(path, 32, "/dev/fd/%d", file);
    return true;
}

/* ------------------------------------------------------------------ what it did */

struct erase_outcome {
    const struct options *options;
    uint64_t ended, asked_back, released;
    bool erased, refused, unknown, before;
};

/* The brand that the line will have: the only one there is needs no saying. */
static struct text brand_of(const struct options *options, const struct program *program)
{
    if (options->brand != NULL) return text_of(options->brand);
    return program->brand_count == 1 ? program_text(program, program->brand[0].name) : TEXT("");
}

static bool has_brand(const struct program *program, struct text brand)
{
    if (program->brand_count == 0) return brand.size == 0;
    for (uint32_t i = 0; i < program->brand_count; i++) {
        if (text_equal(program_text(program, program->brand[i].name), brand)) return true;
    }
    return false;
}

/* An id of nobody is a slip of the pen, and whoever was meant would go on. */
static int watch_begin(void *context, struct promo *promo)
{
    struct erase_outcome *outcome = context;
    const struct options *options = outcome->options;
    const struct program *program = engine_program(promo_engine(promo));
    if (strcmp(options->word, "erase") != 0 || program == NULL) return CLI_FINE;
    const struct text player = text_of(options->player), brand = brand_of(options, program);
    /* Of a brand that is missing or wrong the line itself tells. */
    if (!has_brand(program, brand) || promo_knows(promo, brand, player)) return CLI_FINE;
    outcome->unknown = true;
    outcome->before = engine_erasures(promo_engine(promo), brand, player) > 0;
    if (outcome->before || options->in_advance) return CLI_FINE;
    const int status = cli_fail(CLI_INPUT, "nobody is known as `%s`%s%.*s%s; nothing was changed", options->player,
                                brand.size > 0 ? " of the brand `" : "", TEXT_ARGS(brand), brand.size > 0 ? "`" : "");
    for (uint32_t i = 0; i < program->brand_count; i++) {
        const struct text other = program_text(program, program->brand[i].name);
        if (!text_equal(other, brand) && promo_knows(promo, other, player))
            cli_hint("there is one of the brand `%.*s`: --brand %.*s", TEXT_ARGS(other), TEXT_ARGS(other));
    }
    cli_hint("look at the spelling; where the order is to stand for somebody who may still come, say --in-advance");
    return status;
}

static void watch_effect(void *context, const struct engine_effect *effect)
{
    struct erase_outcome *outcome = context;
    outcome->asked_back += effect->kind == ENGINE_RECALL;
}

static void watch_note(void *context, const struct engine_note *note)
{
    struct erase_outcome *outcome = context;
    outcome->erased = outcome->erased || note->kind == NOTE_ERASED;
    outcome->ended += note->kind == NOTE_FINISHED && note->reason == REASON_ERASED;
    outcome->released += note->kind == NOTE_RELEASED;
}

static void watch_refused(void *context, struct engine *engine, const char *message)
{
    struct erase_outcome *outcome = context;
    (void)engine;
    outcome->refused = true;
    cli_fail(CLI_INPUT, "%s", message);
}

static void print_count(struct buffer *out, uint64_t count, const char *what, const char *then)
{
    if (count == 0) return;
    buffer_string(out, "  ");
    decimal_print_count(out, (int64_t)count, what);
    buffer_print(out, " %s\n", then);
}

static void watch_close(void *context, struct engine *engine, const struct promo_counts *counts, FILE *stream)
{
    const struct erase_outcome *outcome = context;
    const struct options *options = outcome->options;
    struct buffer out = BUFFER_EMPTY;
    (void)engine;
    if (counts->not_applied[REASON_DUPLICATE] > 0) {
        buffer_string(&out, "nothing was done now: an order with this id was carried out before\n");
    } else if (outcome->erased && outcome->unknown) {
        buffer_print(&out,
                     outcome->before ? "`%s` was erased before, and nothing had come since; suppressed from now on\n"
                                     : "`%s` was not known; who comes with this id is suppressed from now on\n",
                     options->player);
    } else if (outcome->erased) {
        buffer_print(&out, "`%s` is erased: state and key are gone; suppressed from now on\n", options->player);
        print_count(&out, outcome->ended, "journey", "ended");
        print_count(&out, outcome->asked_back, "effect", "asked back");
        print_count(&out, outcome->released, "reservation", "released");
    } else if (!outcome->refused && strcmp(options->word, "erase") != 0) {
        buffer_print(&out, "%s\n",
                     strcmp(options->word, "suppress") == 0
                         ? "suppressed: no campaign that promotes or rewards, no marketing message"
                         : "not suppressed any more");
    }
    cli_print(stream, &out);
    buffer_deinit(&out);
}

static int carry_out(const struct options *options)
{
    char events[32];
    struct buffer lines = BUFFER_EMPTY;
    int status = CLI_USAGE;
    if (access(options->database, F_OK) != 0) {
        status = cli_fail(CLI_USAGE, "there is no database `%s`", options->database);
    } else if (!make_lines(&lines, options)) {
        status = CLI_USAGE;
    } else if (!as_file(&lines, events)) {
        status = cli_fail(CLI_USAGE, "there is no room for the records");
    } else {
        char *argv[16] = {(char[]){"promo run"}, (char[]){"--db"}, (char *)(uintptr_t)options->database,
                          (char[]){"--events"}, events};
        int argc = 5;
        const char *const pairs[][2] = {{"--effects", options->effects},
                                        {"--notes", options->notes},
                                        {"--by", options->by[0] == '\0' ? NULL : options->by},
                                        {"--identity-key", options->identity_key}};
        for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
            if (pairs[i][1] == NULL) continue;
            argv[argc++] = (char *)(uintptr_t)pairs[i][0];
            argv[argc++] = (char *)(uintptr_t)pairs[i][1];
        }
        struct erase_outcome outcome = {.options = options};
        const struct run_watch watch = {&outcome, watch_begin, watch_effect, watch_note, watch_refused, watch_close};
        status = command_run_watched(argc, argv, &watch);
    }
    buffer_deinit(&lines);
    return status;
}

static int order(const char *word, const struct argp *argp, int argc, char **argv)
{
    struct options options = {.word = word};
    int status = CLI_FINE;
    if (!cli_parse(argp, argc, argv, &options, &status)) return status;
    char now[CIVIL_INSTANT_SIZE];
    if (options.at == NULL) {
        (void)civil_format_instant(now, cli_now());
        options.at = now;
    }
    options.by = cli_by(options.by);
    return carry_out(&options);
}

int command_erase(int argc, char **argv)
{
    static const struct argp argp = {
        .options = erase_options,
        .parser = parse_option,
        .args_doc = "--player ID --db FILE",
        .doc = "Forgets a player: all journeys end, what was handed out is asked back, state, key and id are gone from "
               "every file of the database. Amounts, budgets and the chain of the log stay. From then on the player is "
               "suppressed, also under another id with the same email address or telephone number. An id that nobody "
               "has is told, and nothing is done.\v"
               "Explanations reach back to this moment afterwards, of all players: what lies before cannot be folded "
               "again. Copies of the files that were made before still hold the key: remove them.",
    };
    return order("erase", &argp, argc, argv);
}

int command_suppress(int argc, char **argv)
{
    static const struct argp argp = {
        .options = suppress_options,
        .parser = parse_option,
        .args_doc = "--player ID|--contact VALUE|--from FILE --db FILE",
        .doc = "From now on a player, or whoever has this contact value, enters no campaign that promotes or rewards "
               "and gets no marketing message.\v"
               "Of a contact value only a keyed hash is kept. With --player the contact values that are known of the "
               "player are suppressed as well.",
    };
    return order("suppress", &argp, argc, argv);
}

int command_unsuppress(int argc, char **argv)
{
    static const struct argp argp = {
        .options = suppress_options,
        .parser = parse_option,
        .args_doc = "--player ID|--contact VALUE|--from FILE --db FILE",
        .doc = "Takes a suppression back, whatever it came of: an erasure, or `promo suppress`.\v"
               "With --player the contact values that are known of the player are freed as well.",
    };
    return order("unsuppress", &argp, argc, argv);
}
