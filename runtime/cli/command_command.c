/*
 * promo command: what a person orders about a campaign, written into the log of a database: suspend, resume, end, kill, start for
 * a player, roll back.
 *
 * It makes the record's line and hands it to `promo run`, so that there is one way into the log. Rolling back activates the bundle that
 * was active before. What each does to entries, journeys, messages and rewards: spec/runtime.md#commands.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "runtime/cli/cli.h"
#include "runtime/cli/replay.h"
#include "runtime/cli/run_watch.h"
#include "runtime/engine/effect_json.h"
#include "vm/bundle.h"
#include "vm/civil.h"
#include "vm/decimal.h"

enum { KEY_IDENTITY = 300, KEY_AT, KEY_ID, KEY_EFFECTS, KEY_NOTES, KEY_END_JOURNEYS, KEY_BY, KEY_TRUST };

struct options {
    const char *word, *campaign;
    const char *database, *at, *id, *identity_key, *effects, *notes, *player, *brand, *by, *trust;
    bool end_journeys;
};

static const struct argp_option argp_options[] = {
    {"db", 'd', "FILE", 0, "The database of `promo run --db`", 0},
    {"at", KEY_AT, "MOMENT", 0, "When it was ordered, such as 2026-06-10T21:30:00Z; otherwise now", 0},
    {"id", KEY_ID, "ID", 0, "The record's id: the same one is carried out once, however often it is given", 0},
    {"trust", KEY_TRUST, "FILE", 0, "roll_back: the public keys of which one must have signed the bundle", 0},
    {"by", KEY_BY, "NAME", 0, "Who orders it, for `promo audit`; otherwise the user's name", 0},
    {"player", 'p', "ID", 0, "start: who begins the campaign", 0},
    {"brand", 'b', "NAME", 0, "start: the player's brand, where there are several", 0},
    {"end-journeys", KEY_END_JOURNEYS, NULL, 0, "roll_back: end the journeys that go on in the newer version", 0},
    {"effects", KEY_EFFECTS, "FILE|-", 0, "Append effects here, one JSON line each", 0},
    {"notes", KEY_NOTES, "FILE|-", 0, "Append what else happened", 0},
    {"identity-key", KEY_IDENTITY, "FILE", 0, "The key of the runs, if they had one", 0},
    {0},
};

static const char *const words[] = {"suspend", "resume", "end", "kill", "start", "roll_back"};

static bool is_roll_back(const struct options *options)
{
    return options->word != NULL && strcmp(options->word, "roll_back") == 0;
}

static void check_words(struct argp_state *state, const struct options *options)
{
    if (options->word == NULL) {
        argp_error(state, "say what to do: suspend, resume, end, kill, start or roll_back");
        return;
    }
    bool known = false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        known = known || strcmp(words[i], options->word) == 0;
    }
    if (!known) {
        argp_error(state, "`%s` is not a command; write suspend, resume, end, kill, start or roll_back", options->word);
    }
    if (is_roll_back(options) != (options->campaign == NULL)) {
        argp_error(state, is_roll_back(options) ? "roll_back concerns the whole bundle; name no campaign"
                                                : "name the campaign, as in: promo command end \"Welcome\" --db FILE");
    }
    bool starts = strcmp(options->word, "start") == 0;
    if (starts != (options->player != NULL) || (!starts && options->brand != NULL)) {
        argp_error(state, starts ? "say who begins it: --player ID"
                                 : "--player and --brand belong to `start`; the others concern a whole campaign");
    }
    if (options->end_journeys && !is_roll_back(options)) {
        argp_error(state, "--end-journeys belongs to roll_back; `kill` ends all journeys of a campaign");
    }
    if (options->database == NULL) {
        argp_error(state, "name the database: --db FILE");
    }
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'd': options->database = argument; return 0;
    case KEY_TRUST: options->trust = argument; return 0;
    case KEY_BY: options->by = cli_by_option(argument, state); return 0;
    case KEY_AT: options->at = argument; return 0;
    case KEY_ID: options->id = argument; return 0;
    case 'p': options->player = argument; return 0;
    case 'b': options->brand = argument; return 0;
    case KEY_END_JOURNEYS: options->end_journeys = true; return 0;
    case KEY_EFFECTS: options->effects = argument; return 0;
    case KEY_NOTES: options->notes = argument; return 0;
    case KEY_IDENTITY: options->identity_key = argument; return 0;
    case ARGP_KEY_ARG:
        if (options->word == NULL) {
            options->word = argument;
        } else if (options->campaign == NULL) {
            options->campaign = argument;
        } else {
            argp_error(state, "`%s` is one word too many; put the campaign's name between quotes", argument);
        }
        return 0;
    case ARGP_KEY_END: check_words(state, options); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ------------------------------------------------------------------ the bundle before */

/* The bundles that the log has activated: the latest, and the one before it. */
struct activations {
    struct buffer latest, before;
};

static void see_record(void *context, const struct record *record, const struct program *program)
{
    struct activations *seen = context;
    (void)program;
    if (record->kind != RECORD_ACTIVATE) {
        return;
    }
    const struct text bundle = text_make((const char *)record->bundle, (uint32_t)record->bundle_size);
    if (text_equal(bundle, buffer_as_text(&seen->latest))) {
        return;
    }
    const struct buffer dropped = seen->before;
    seen->before = seen->latest;
    seen->latest = dropped;
    buffer_clear(&seen->latest);
    buffer_text(&seen->latest, bundle);
}

/* What is in the buffer as a file that `promo run` can read: "/dev/fd/N" in `path`. */
static bool as_file(const struct buffer *bytes, char path[32], const char *name)
{
    const int file = memfd_create(name, 0);
    if (file < 0) {
        return false;
    }
    size_t done = 0;
    while (done < bytes->size) {
        const ssize_t put = write(file, bytes->bytes + done, bytes->size - done);
        if (put <= 0) {
            return false;
        }
        done += (size_t)put;
    }
    (void)lseek(file, 0, SEEK_SET);
    (void)snprintf(path, 32, "/dev/fd/%d", file);
    return true;
}

/* The bundle that was active before the active one. */
static bool find_before(const struct options *options, struct activations *seen)
{
    struct engine *engine = NULL;
    const struct replay_options log = {.database = options->database, .identity_key = options->identity_key};
    bool found = replay_open(&engine, &log, (struct engine_sink){.context = seen, .record = see_record});
    engine_close(engine);
    if (found && seen->before.size == 0) {
        cli_fail(CLI_INPUT, "there is nothing to roll back to: the log has activated one bundle only");
        found = false;
    }
    return found;
}

/* ------------------------------------------------------------------ lines */

static void put_line(struct buffer *out, const struct options *options, const char *word, struct text campaign,
                     uint32_t number)
{
    buffer_string(out, "{\"kind\":\"command\",\"id\":");
    struct buffer id = BUFFER_EMPTY;
    if (options->id != NULL) {
        buffer_string(&id, options->id);
    } else {
        buffer_print(&id, "%s %s", word, options->at);
    }
    if (options->id == NULL && number == 0) {
        /* Orders of one moment are several where they are about several campaigns or players; ids have 64 bytes. */
        buffer_string(&id, " ");
        const char *const about[] = {options->campaign, options->player, options->brand};
        uint64_t hash = 0;
        for (size_t i = 0; i < sizeof about / sizeof about[0]; i++) {
            hash = hash * 31 + text_hash(text_of(about[i] == NULL ? "" : about[i]));
        }
        buffer_print(&id, "%016llx", (unsigned long long)hash);
    }
    if (number > 0) {
        buffer_print(&id, " %u", number);
    }
    buffer_json_text(out, buffer_as_text(&id));
    buffer_deinit(&id);
    buffer_string(out, ",\"source\":\"promo command\",\"at\":");
    buffer_json_text(out, text_of(options->at));
    buffer_string(out, ",\"command\":");
    buffer_json_text(out, text_of(word));
    buffer_string(out, ",\"campaign\":");
    buffer_json_text(out, campaign);
    if (options->by[0] != '\0') {
        buffer_string(out, ",\"by\":");
        buffer_json_text(out, text_of(options->by));
    }
    if (options->player != NULL) {
        buffer_string(out, ",\"player\":");
        buffer_json_text(out, text_of(options->player));
    }
    if (options->brand != NULL) {
        buffer_string(out, ",\"brand\":");
        buffer_json_text(out, text_of(options->brand));
    }
    buffer_string(out, "}\n");
}

static bool has_campaign(const struct program *program, struct text name)
{
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        if (text_equal(program_text(program, program->campaign[i].name), name)) {
            return true;
        }
    }
    return false;
}

static bool make_lines(struct buffer *out, const struct options *options, const struct activations *seen)
{
    if (!is_roll_back(options)) {
        put_line(out, options, options->word, text_of(options->campaign), 0);
        return true;
    }
    if (!options->end_journeys) {
        buffer_string(out, "{\"kind\":\"tick\",\"at\":");
        buffer_json_text(out, text_of(options->at));
        buffer_string(out, "}\n");
        return true;
    }
    /* The campaigns of both: a journey of one that only the newer has goes on after it, too. */
    struct program before, latest;
    struct error error = ERROR_NONE;
    if (bundle_open(&before, seen->before.bytes, seen->before.size, &error) != OK ||
        bundle_open(&latest, seen->latest.bytes, seen->latest.size, &error) != OK) {
        cli_fail(CLI_INPUT, "%s", error.message);
        return false;
    }
    uint32_t number = 0;
    for (uint32_t i = 0; i < before.campaign_count; i++) {
        put_line(out, options, "end_journeys", program_text(&before, before.campaign[i].name), ++number);
    }
    for (uint32_t i = 0; i < latest.campaign_count; i++) {
        const struct text name = program_text(&latest, latest.campaign[i].name);
        if (!has_campaign(&before, name)) {
            put_line(out, options, "end_journeys", name, ++number);
        }
    }
    return true;
}

/* ------------------------------------------------------------------ what the order did */

/* Counted while it is folded; what time alone brought by then is left out. */
struct order_outcome {
    const struct options *options;
    uint64_t ended, dropped, messages_back, rewards_back;
    bool began, answered;
    enum reason refusal; /* of a start */
};

static void watch_effect(void *context, const struct engine_effect *effect)
{
    struct order_outcome *outcome = context;
    if (effect->kind != ENGINE_RECALL) {
        return;
    }
    const bool reward = effect->effect != NULL && effect->effect->kind == ACT_CREDIT;
    outcome->rewards_back += reward;
    outcome->messages_back += !reward;
}

static bool is_of_start(const struct order_outcome *outcome, const struct engine_note *note)
{
    return outcome->options->player != NULL && text_equal(note->player, text_of(outcome->options->player)) &&
           note->program != NULL && note->campaign != PROGRAM_NONE &&
           text_equal(program_text(note->program, note->program->campaign[note->campaign].name),
                      text_of(outcome->options->campaign));
}

static void watch_note(void *context, const struct engine_note *note)
{
    struct order_outcome *outcome = context;
    if (note->kind == NOTE_FINISHED && note->reason == REASON_KILLED) {
        outcome->ended++;
    } else if (note->kind == NOTE_DROPPED && note->reason == REASON_KILLED) {
        outcome->dropped++;
    } else if (note->kind == NOTE_ENTERED && is_of_start(outcome, note)) {
        outcome->began = true;
    } else if (note->kind == NOTE_ENTRY_REFUSED && is_of_start(outcome, note)) {
        outcome->answered = true;
        outcome->refusal = note->reason;
    }
}

static void print_campaigns(struct buffer *out, const struct program *program)
{
    enum { SHOWN = 8 };
    for (uint32_t i = 0; i < program->campaign_count && i < SHOWN; i++) {
        buffer_print(out, "%s\"%.*s\"", i == 0 ? "" : ", ",
                     TEXT_ARGS(program_text(program, program->campaign[i].name)));
    }
    if (program->campaign_count > SHOWN) {
        buffer_print(out, " and %u more", program->campaign_count - SHOWN);
    }
}

static void watch_refused(void *context, struct engine *engine, const char *message)
{
    const struct order_outcome *outcome = context;
    const struct program *program = engine_program(engine);
    cli_fail(CLI_INPUT, "%s", message);
    if (program == NULL || outcome->options->campaign == NULL ||
        has_campaign(program, text_of(outcome->options->campaign))) {
        return;
    }
    struct buffer list = BUFFER_EMPTY;
    print_campaigns(&list, program);
    cli_hint("the campaigns are %.*s", TEXT_ARGS(buffer_as_text(&list)));
    buffer_deinit(&list);
}

struct state_words {
    struct text campaign;
    const char *words;
    uint64_t waiting;
};

static void find_state(void *context, const struct engine_campaign_summary *summary)
{
    struct state_words *state = context;
    if (text_equal(summary->name, state->campaign)) {
        state->words = summary->stopped == REASON_KILLED  ? "killed by a person: nobody enters"
                       : summary->stopped == REASON_ENDED ? "ended by a person: nobody enters"
                       : summary->suspended               ? "suspended: nobody enters, nothing is credited"
                                                          : "open: players enter";
        state->waiting = summary->waiting;
    }
}

static void print_count(struct buffer *out, uint64_t count, const char *what, const char *then)
{
    if (count > 0) {
        buffer_string(out, "  ");
        decimal_print_count(out, (int64_t)count, what);
        buffer_print(out, " %s\n", then);
    }
}

static void watch_close(void *context, struct engine *engine, const struct promo_counts *counts, FILE *stream)
{
    const struct order_outcome *outcome = context;
    const struct options *options = outcome->options;
    const struct program *program = engine_program(engine);
    struct buffer out = BUFFER_EMPTY;
    const bool again = counts->not_applied[REASON_DUPLICATE] > 0;
    if (is_roll_back(options)) {
        buffer_string(&out, "the bundle that was active before is active again: ");
        print_campaigns(&out, program);
        buffer_string(&out, "\n");
    } else {
        struct state_words state = {.campaign = text_of(options->campaign)};
        if (!engine_summary(engine, find_state, &state)) out.failed = true;
        buffer_print(&out, "\"%s\" is %s; ", options->campaign, state.words == NULL ? "gone" : state.words);
        decimal_print_count(&out, (int64_t)state.waiting, "journey");
        buffer_string(&out, " waiting\n");
    }
    if (again) {
        buffer_string(&out, "  nothing was done now: an order with this id was carried out before\n");
    }
    if (options->player != NULL && !again) {
        buffer_print(&out, "  %s %s", options->player, outcome->began ? "entered" : "did not enter");
        if (!outcome->began && outcome->answered) {
            buffer_print(&out, ": %s", effect_json_reason(outcome->refusal));
        }
        buffer_string(&out, "\n");
    }
    print_count(&out, outcome->ended, "journey", "ended");
    print_count(&out, outcome->dropped, "effect", "that waited dropped");
    print_count(&out, outcome->messages_back, "message", "asked back");
    print_count(&out, outcome->rewards_back, "reward", "asked back");
    cli_print(stream, &out);
    buffer_deinit(&out);
}

static int carry_out(const struct options *options, const struct activations *seen)
{
    const struct buffer *bundle = &seen->before;
    char events[32], program[32];
    struct buffer lines = BUFFER_EMPTY;
    int status = CLI_USAGE;
    if (!make_lines(&lines, options, seen)) {
        status = CLI_INPUT;
    } else if (!as_file(&lines, events, "events") || (bundle->size > 0 && !as_file(bundle, program, "bundle"))) {
        status = cli_fail(CLI_USAGE, "there is no room for the record");
    } else {
        char *argv[24] = {(char[]){"promo run"}, (char[]){"--db"}, (char *)(uintptr_t)options->database,
                          (char[]){"--events"}, events};
        int argc = 5;
        const char *const pairs[][2] = {{"--bundle", bundle->size > 0 ? program : NULL},
                                        {"--effects", options->effects},
                                        {"--notes", options->notes},
                                        {"--trust", options->trust},
                                        {"--by", options->by[0] == '\0' ? NULL : options->by},
                                        {"--identity-key", options->identity_key}};
        for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
            if (pairs[i][1] != NULL) {
                argv[argc++] = (char *)(uintptr_t)pairs[i][0];
                argv[argc++] = (char *)(uintptr_t)pairs[i][1];
            }
        }
        struct order_outcome outcome = {.options = options};
        const struct run_watch watch = {&outcome, NULL, watch_effect, watch_note, watch_refused, watch_close};
        status = command_run_watched(argc, argv, &watch);
    }
    buffer_deinit(&lines);
    return status;
}

int command_command(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc =
            "suspend|resume|end|kill CAMPAIGN --db FILE\nstart CAMPAIGN --player ID --db FILE\nroll_back --db FILE",
        .doc = "Writes an order into the log of a database and folds it.\n"
               "suspend: nobody enters, nothing is credited until `resume`. end: nobody enters, journeys go on. "
               "kill: nobody enters, all journeys end now, what is queued is dropped and what was handed out is asked "
               "back. start: a player begins a campaign that says `start on command`. roll_back: the bundle that was "
               "active before is active again.\v"
               "The same order twice is carried out once if it has the same --id.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) {
        return status;
    }
    options.by = cli_by(options.by);
    char now[CIVIL_INSTANT_SIZE];
    if (options.at == NULL) {
        (void)civil_format_instant(now, cli_now());
        options.at = now;
    }
    struct activations seen = {BUFFER_EMPTY, BUFFER_EMPTY};
    if (is_roll_back(&options) && !find_before(&options, &seen)) {
        status = CLI_INPUT;
    } else {
        status = carry_out(&options, &seen);
    }
    buffer_deinit(&seen.latest);
    buffer_deinit(&seen.before);
    return status;
}
