/*
 * promo run: folds a stream of events through a bundle; effects leave as lines, a summary for people closes it.
 *
 * The work is libpromo's (runtime/store/promo.h); this reads options, writes effects durably and prints.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/cli/cli.h"
#include "runtime/cli/compile.h"
#include "runtime/cli/progress.h"
#include "runtime/cli/replay.h"
#include "runtime/cli/run_watch.h"
#include "runtime/engine/effect_json.h"
#include "runtime/lab/codes_text.h"
#include "runtime/lab/summary.h"
#include "runtime/store/effect_lines.h"
#include "runtime/store/promo.h"
#include "vm/bundle.h"
#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/limits.h"
#include "vm/verify.h"

enum { OUTPUT_CHUNK = 1 << 20, SHARDS_MAX = 64, BATCH_MAX = 100000 };

enum {
    KEY_BUNDLE = 'b',
    KEY_EVENTS = 'e',
    KEY_DB = 'd',
    KEY_EFFECTS = 'o',
    KEY_SHARDS = 's',
    KEY_JSON = 'j',
    KEY_NOTES = 300,
    KEY_OPEN,
    KEY_BATCH,
    KEY_IDENTITY,
    KEY_CHECKPOINT,
    KEY_TIME_JUMP,
    KEY_INCOMPLETE,
    KEY_REFOLD,
    KEY_OUTBOX,
    KEY_BY,
    KEY_TRUST,
    KEY_UNSIGNED
};

struct options {
    const char *bundle;
    const char *events;
    const char *database;
    const char *effects;
    const char *notes;
    const char *identity_key;
    const char *by;
    const char *trust;
    bool unsigned_too;
    uint32_t shards;
    uint32_t batch;
    uint32_t checkpoint;
    uint32_t time_jump; /* days */
    bool open_end;
    bool incomplete;
    bool refold;
    bool outbox;
    bool json;
};

static const struct argp_option argp_options[] = {
    {"bundle", KEY_BUNDLE, "FILE.pbc|PATH", 0, "The bundle, or campaign files to compile on the spot", 0},
    {"events", KEY_EVENTS, "FILE|-", 0, "Events, one JSON record a line (spec/events.md); - is standard input", 0},
    {"db", KEY_DB, "FILE", 0, "Keep state between runs in this database; without it nothing is kept", 0},
    {"effects", KEY_EFFECTS, "FILE|-", 0, "Append effects here, one JSON line each; - is standard output", 0},
    {"notes", KEY_NOTES, "FILE|-", 0, "Append what else happened: entries, ends, refusals, ledger rows", 0},
    {"shards", KEY_SHARDS, "N", 0, "Divide the state (1 to 64); the result is the same", 0},
    {"open", KEY_OPEN, NULL, 0, "The last instant stays open: more of it comes in the next run", 0},
    {"batch", KEY_BATCH, "N", 0, "Records in one durable append (1,000)", 0},
    {"checkpoint", KEY_CHECKPOINT, "N", 0, "Records between two checkpoints (1,000,000)", 0},
    {"time-jump", KEY_TIME_JUMP, "DAYS", 0,
     "Most days from one record to the next (3,660); one further ahead is refused, for time never goes back", 0},
    {"incomplete", KEY_INCOMPLETE, NULL, 0,
     "A new program's metrics may begin without what happened before the log's first record", 0},
    {"refold", KEY_REFOLD, NULL, 0,
     "Forget the checkpoint and fold the whole log again; all effects leave again, with the same ids", 0},
    {"trust", KEY_TRUST, "FILE", 0,
     "Public keys, one a line: only bundles that one of them signed run; from then on the database asks for it", 0},
    {"unsigned", KEY_UNSIGNED, NULL, 0, "The database takes unsigned bundles again (--by says who allows it)", 0},
    {"by", KEY_BY, "NAME", 0, "Who brings the bundle, for `promo audit`; otherwise the user's name", 0},
    {"outbox", KEY_OUTBOX, NULL, 0,
     "Keep what must be delivered in the database, for `promo deliver`; once begun it is always kept", 0},
    {"identity-key", KEY_IDENTITY, "FILE", 0, "32 bytes from which effect identities are made; the same at every run",
     0},
    {"json", KEY_JSON, NULL, 0, "Print the summary as one JSON object", 0},
    {0},
};

static bool is_stdout(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case KEY_BUNDLE: options->bundle = argument; return 0;
    case KEY_EVENTS: options->events = argument; return 0;
    case KEY_DB: options->database = argument; return 0;
    case KEY_EFFECTS: options->effects = argument; return 0;
    case KEY_NOTES: options->notes = argument; return 0;
    case KEY_IDENTITY: options->identity_key = argument; return 0;
    case KEY_SHARDS: options->shards = (uint32_t)cli_number(state, argument, 1, SHARDS_MAX, "shards"); return 0;
    case KEY_BATCH: options->batch = (uint32_t)cli_number(state, argument, 1, BATCH_MAX, "records"); return 0;
    case KEY_CHECKPOINT:
        options->checkpoint = (uint32_t)cli_number(state, argument, 1, 1000000000, "records");
        return 0;
    case KEY_TIME_JUMP: options->time_jump = (uint32_t)cli_number(state, argument, 1, 4000000, "days"); return 0;
    case KEY_TRUST: options->trust = argument; return 0;
    case KEY_UNSIGNED: options->unsigned_too = true; return 0;
    case KEY_BY: options->by = cli_by_option(argument, state); return 0;
    case KEY_OPEN: options->open_end = true; return 0;
    case KEY_INCOMPLETE: options->incomplete = true; return 0;
    case KEY_REFOLD: options->refold = true; return 0;
    case KEY_OUTBOX: options->outbox = true; return 0;
    case KEY_JSON: options->json = true; return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "`%s` is not an option; name the bundle with --bundle and the events with --events",
                   argument);
        return 0;
    case ARGP_KEY_END:
        if (options->events == NULL) {
            argp_error(state, "say where the events come from: --events FILE, or - for standard input");
        }
        if (options->outbox && options->database == NULL) {
            argp_error(state, "--outbox keeps what must be delivered in the database; name one with --db FILE");
        }
        if (options->bundle == NULL && options->database == NULL) {
            argp_error(
                state,
                "say what to run: --bundle FILE.pbc (a database with --db has its own bundle after the first run)");
        }
        if (is_stdout(options->effects) && options->json) {
            argp_error(state,
                       "--effects - and --json would both write to standard output; name a file for the effects");
        }
        if (is_stdout(options->notes) && options->json) {
            argp_error(state, "--notes - and --json would both write to standard output; name a file for the notes");
        }
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ------------------------------------------------------------------ lines that leave */

struct output {
    const char *path; /* NULL: nowhere */
    int descriptor;
    struct buffer pending;
};

static bool output_open(struct output *output, const char *path)
{
    *output = (struct output){.path = path, .descriptor = -1};
    if (path == NULL) {
        return true;
    }
    output->descriptor =
        strcmp(path, "-") == 0 ? STDOUT_FILENO : open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (output->descriptor < 0) {
        cli_fail(CLI_USAGE, "`%s` could not be opened: %s", path, strerror(errno));
        return false;
    }
    /* What a killed run left of its last line would spoil the next one. */
    struct error error = ERROR_NONE;
    if (output->descriptor != STDOUT_FILENO && effect_lines_mend(output->descriptor, path, &error) != OK) {
        cli_fail(CLI_USAGE, "%s", error.message);
        return false;
    }
    return true;
}

static enum status output_write(struct output *output, struct error *error)
{
    size_t done = 0;
    while (done < output->pending.size) {
        const ssize_t put = write(output->descriptor, output->pending.bytes + done, output->pending.size - done);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return error_set(error, STATUS_IO, "`%s` could not be written: %s", output->path, strerror(errno));
        }
        done += (size_t)put;
    }
    buffer_clear(&output->pending);
    return OK;
}

static enum status output_flush(struct output *output, struct error *error)
{
    if (output->path == NULL) {
        return OK;
    }
    if (!buffer_ok(&output->pending)) {
        return error_set(error, STATUS_NO_MEMORY, "memory is out for `%s`", output->path);
    }
    RETURN_IF_FAILED(output_write(output, error));
    if (fsync(output->descriptor) != 0 && errno != EINVAL && errno != EROFS) {
        return error_set(error, STATUS_IO, "`%s` could not be made durable: %s", output->path, strerror(errno));
    }
    return OK;
}

static void output_close(struct output *output)
{
    if (output->descriptor >= 0 && output->descriptor != STDOUT_FILENO) {
        close(output->descriptor);
    }
    buffer_deinit(&output->pending);
}

struct runner {
    struct output effects;
    struct output notes;
    struct progress progress;
    struct error write_error;      /* a sink can't fail: told at the next flush */
    const struct run_watch *watch; /* or NULL */
    struct engine *watched;        /* NULL until what was there before is folded */
};

static void output_room(struct runner *runner, struct output *output)
{
    if (output->pending.size >= OUTPUT_CHUNK && runner->write_error.status == OK) {
        struct error error = ERROR_NONE;
        if (output_write(output, &error) != OK) {
            runner->write_error = error;
        }
    }
}

static void on_effect(void *context, const struct engine_effect *effect)
{
    struct runner *runner = context;
    if (runner->watched != NULL) {
        runner->watch->effect(runner->watch->context, effect);
    }
    if (runner->effects.path == NULL) {
        return;
    }
    effect_json_write(&runner->effects.pending, effect);
    output_room(runner, &runner->effects);
}

static void on_note(void *context, const struct engine_note *note)
{
    struct runner *runner = context;
    if (runner->watched != NULL) {
        runner->watch->note(runner->watch->context, note);
    }
    if (runner->notes.path == NULL) {
        return;
    }
    effect_json_note(&runner->notes.pending, note);
    output_room(runner, &runner->notes);
}

static enum status on_flush(void *context, struct error *error)
{
    struct runner *runner = context;
    if (runner->write_error.status != OK) {
        return error_set(error, runner->write_error.status, "%s", runner->write_error.message);
    }
    RETURN_IF_FAILED(output_flush(&runner->effects, error));
    return output_flush(&runner->notes, error);
}

static void on_refused(void *context, uint64_t line, const char *message)
{
    struct runner *runner = context;
    progress_clear(&runner->progress);
    if (runner->watched != NULL) {
        runner->watch->refused(runner->watch->context, runner->watched, message);
        return;
    }
    fprintf(stderr, "line %llu: %s\n", (unsigned long long)line, message);
}

static void on_alarm(void *context, enum promo_alarm_kind kind, const char *words)
{
    struct runner *runner = context;
    (void)kind;
    progress_clear(&runner->progress);
    fprintf(stderr, "note: %s\n", words);
}

static void on_progress(void *context, const struct promo_counts *counts)
{
    struct runner *runner = context;
    progress_show(&runner->progress, counts->bytes, counts->records, "records");
}

/* ------------------------------------------------------------------ the closing words */

static void print_dropped(struct buffer *out, const struct promo *promo)
{
    const struct intake *intake = promo_intake(promo);
    if (intake == NULL || intake_dropped_total(intake) == 0) {
        return;
    }
    buffer_string(out, "  fields that nothing declares were dropped: ");
    struct intake_dropped dropped;
    uint32_t shown = 0;
    for (uint32_t i = 0; shown < 5 && intake_dropped_name(intake, i, &dropped); i++) {
        if (dropped.count == 0) {
            continue; /* only in lines that were refused */
        }
        buffer_print(out, "%s`%.*s` (", shown++ == 0 ? "" : ", ", TEXT_ARGS(dropped.name));
        decimal_print(out, (int64_t)dropped.count, 0, DECIMAL_GROUPS);
        buffer_string(out, ")");
    }
    buffer_string(out, "\n");
}

static const char *reason_word(uint32_t reason)
{
    return reason == REASON_NONE ? "NOTHING_KNOWN" : effect_json_reason((enum reason)reason);
}

/* Records that were taken and had no effect, by reason: [{"reason":"TOO_LATE","count":1}]. */
static void print_not_applied_json(struct buffer *out, const struct promo_counts *counts)
{
    bool first = true;
    buffer_string(out, "[");
    for (uint32_t reason = 0; reason < REASON_COUNT; reason++) {
        if (counts->not_applied[reason] == 0) {
            continue;
        }
        buffer_print(out, "%s{\"reason\":\"%s\",\"count\":%llu}", first ? "" : ",", reason_word(reason),
                     (unsigned long long)counts->not_applied[reason]);
        first = false;
    }
    buffer_string(out, "]");
}

static void print_not_applied(struct buffer *out, const struct promo_counts *counts)
{
    bool first = true;
    for (uint32_t reason = 0; reason < REASON_COUNT; reason++) {
        if (counts->not_applied[reason] == 0) {
            continue;
        }
        buffer_print(out, "%s%s ", first ? "  not applied: " : ", ", reason_word(reason));
        decimal_print(out, (int64_t)counts->not_applied[reason], 0, DECIMAL_GROUPS);
        first = false;
    }
    if (!first) {
        buffer_string(out, "\n");
    }
}

/* Effects and notes own standard output when they go there. */
static FILE *summary_stream(const struct options *options)
{
    return is_stdout(options->effects) || is_stdout(options->notes) ? stderr : stdout;
}

static void print_summary(const struct options *options, struct promo *promo, const struct promo_counts *counts,
                          double seconds)
{
    struct buffer out = BUFFER_EMPTY;
    FILE *stream = summary_stream(options);
    if (options->json) {
        buffer_print(&out, "{\"lines\":%llu,\"records\":%llu,\"refused\":%llu,\"dropped_fields\":%llu,\"not_applied\":",
                     (unsigned long long)counts->lines, (unsigned long long)counts->records,
                     (unsigned long long)counts->refused, (unsigned long long)counts->dropped);
        print_not_applied_json(&out, counts);
        buffer_string(&out, ",\"campaigns\":");
        summary_print(&out, promo_engine(promo), (struct summary_style){.json = true});
        buffer_string(&out, "}\n");
    } else {
        summary_print(&out, promo_engine(promo), (struct summary_style){.colour = cli_colour(stream)});
        buffer_string(&out, "\n");
        decimal_print_count(&out, (int64_t)counts->records, "record");
        buffer_print(&out, " folded in %.1f seconds", seconds);
        if (counts->refused > 0) {
            buffer_string(&out, "; ");
            decimal_print_count(&out, (int64_t)counts->refused, "line");
            buffer_string(&out, counts->refused == 1 ? " was no record" : " were no records");
            buffer_string(&out, " (told above)");
        }
        buffer_string(&out, "\n");
        print_not_applied(&out, counts);
        print_dropped(&out, promo);
    }
    cli_print(stream, &out);
    buffer_deinit(&out);
}

/* ------------------------------------------------------------------ names that must not meet */

struct named {
    const char *option, *path;
    bool output;
};

/* Both the same regular file, or both the same name of one that will be made. Devices and pipes may be shared. */
static bool same_file(const struct named *left, const struct named *right)
{
    struct stat first, second;
    if (left->output && right->output && is_stdout(left->path) && is_stdout(right->path)) {
        return false; /* asked for, and each line says what it is */
    }
    const bool first_there = (is_stdout(left->path) ? fstat(left->output ? STDOUT_FILENO : STDIN_FILENO, &first)
                                                    : stat(left->path, &first)) == 0;
    const bool second_there = (is_stdout(right->path) ? fstat(right->output ? STDOUT_FILENO : STDIN_FILENO, &second)
                                                      : stat(right->path, &second)) == 0;
    if (!first_there || !second_there) {
        return !first_there && !second_there && strcmp(left->path, right->path) == 0;
    }
    return S_ISREG(first.st_mode) && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* What is written must not be what is read, nor be written twice. */
static bool check_names(const struct options *options)
{
    /* The keys, and what SQLite and the lock keep beside a database while it is open. */
    static const char *const beside[] = {"-keys",    "-lock",     "-wal",      "-shm",
                                         "-journal", "-keys-wal", "-keys-shm", "-keys-journal"};
    enum { GIVEN = 7, BESIDE = sizeof beside / sizeof beside[0] };
    char parts[BESIDE][4096];
    struct named names[GIVEN + BESIDE] = {
        {"--effects", options->effects, true}, {"--notes", options->notes, true},
        {"--events", options->events, false},  {"--bundle", options->bundle, false},
        {"--trust", options->trust, false},    {"--identity-key", options->identity_key, false},
        {"--db", options->database, true},
    };
    size_t count = GIVEN;
    for (size_t i = 0; options->database != NULL && i < BESIDE; i++) {
        snprintf(parts[i], sizeof parts[i], "%s%s", options->database, beside[i]);
        names[count++] = (struct named){i == 0 ? "--db (its keys)" : "--db (kept beside it)", parts[i], true};
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count && i < GIVEN; j++) {
            if (names[i].path == NULL || names[j].path == NULL || !(names[i].output || names[j].output) ||
                !same_file(&names[i], &names[j])) {
                continue;
            }
            cli_fail(CLI_USAGE, "`%s` of %s and `%s` of %s are one file; what is written there would spoil it",
                     names[i].path, names[i].option, names[j].path, names[j].option);
            cli_hint("name another file for one of them");
            return false;
        }
    }
    return true;
}

static int open_events(const char *path)
{
    if (strcmp(path, "-") == 0) {
        return STDIN_FILENO;
    }
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        cli_fail(CLI_USAGE, "`%s` could not be opened: %s", path, strerror(errno));
        return -1;
    }
    struct stat info;
    if (fstat(descriptor, &info) == 0 && S_ISDIR(info.st_mode)) {
        close(descriptor);
        cli_fail(CLI_USAGE, "`%s` is a folder; name a file of events", path);
        return -1;
    }
    return descriptor;
}

/* A bundle that is not proven is the input's fault; everything else that an open refuses was named by mistake, or is the world's. */
static int status_of_open(const struct buffer *bundle)
{
    struct error error = ERROR_NONE;
    struct program program;
    if (bundle->size == 0) {
        return CLI_USAGE;
    }
    const bool fine =
        bundle_open(&program, bundle->bytes, bundle->size, &error) == OK && verify_program(&program, &error) == OK;
    return fine ? CLI_USAGE : CLI_INPUT;
}

static int run(const struct options *options, struct runner *runner, int events, struct buffer *bundle,
               struct buffer *key, struct buffer *trust)
{
    struct error error = ERROR_NONE;
    struct promo *promo = NULL;
    const struct promo_options open_options = {
        .bundle = bundle->bytes,
        .bundle_size = bundle->size,
        .database = options->database,
        .shards = options->shards,
        .identity_key = key->size == 32 ? key->bytes : NULL,
        .sink = {.context = runner,
                 .effect = options->effects != NULL || runner->watch != NULL ? on_effect : NULL,
                 .note = options->notes != NULL || runner->watch != NULL ? on_note : NULL},
        .flush = on_flush,
        .flush_context = runner,
        .checkpoint_every = options->checkpoint,
        .by = cli_by(options->by),
        .trust = options->trust == NULL ? NULL : buffer_as_string(trust),
        .unsigned_too = options->unsigned_too,
        .incomplete = options->incomplete,
        .refold = options->refold,
        .outbox = options->outbox,
        .alarm = on_alarm,
        .alarm_context = runner,
    };
    if (promo_open(&promo, &open_options, &error) != OK) {
        cli_fail(CLI_USAGE, "%s", error.message);
        return strstr(error.message, "the bundle is refused") != NULL ? CLI_INPUT : status_of_open(bundle);
    }
    const bool refused = promo_refused(promo) != NULL;
    if (refused && runner->watch != NULL) {
        /* The order was to activate it: nothing else is to happen. */
        (void)promo_close(promo, &error);
        return CLI_INPUT;
    }
    struct program program;
    if (!refused && bundle_open(&program, bundle->bytes, bundle->size, &error) == OK) {
        cli_zones(options->bundle, &program);
        if (key->size == 0 && codes_text_any_made(&program)) {
            cli_fail(
                CLI_FINE,
                "warning: the program makes codes, and without --identity-key they follow from the workspace's name: "
                "whoever knows it can make them all");
            cli_hint("run with --identity-key FILE from the first run on, and keep the key as you keep the codes");
        }
    }
    if (runner->watch != NULL) {
        runner->watched = promo_engine(promo);
        const int begun = runner->watch->begin == NULL ? CLI_FINE : runner->watch->begin(runner->watch->context, promo);
        if (begun != CLI_FINE) {
            (void)promo_close(promo, &error);
            return begun;
        }
    }
    progress_start(&runner->progress, events);
    const struct promo_run_options run_options = {
        .reader = promo_read_file,
        .reader_context = &events,
        .batch = options->batch,
        .open_end = options->open_end,
        .time_jump_ms = options->time_jump * CIVIL_DAY_MS,
        .refused = on_refused,
        .warned = on_refused,
        .progress = on_progress,
        .context = runner,
    };
    struct promo_counts counts = {0};
    int status = CLI_FINE;
    if (promo_run(promo, &run_options, &counts, &error) != OK) {
        progress_clear(&runner->progress);
        status =
            cli_fail(CLI_USAGE, "stopped after %llu records: %s", (unsigned long long)counts.records, error.message);
        cli_hint("what was folded is kept where there is a database; run the same command again to go on");
    } else {
        progress_clear(&runner->progress);
        if (on_flush(runner, &error) != OK) {
            status = cli_fail(CLI_USAGE, "%s", error.message);
        } else {
            if (runner->watch == NULL) {
                print_summary(options, promo, &counts, progress_seconds(&runner->progress));
            } else if (counts.refused == 0) {
                runner->watch->close(runner->watch->context, promo_engine(promo), &counts, summary_stream(options));
            }
            status = counts.refused > 0 || refused ? CLI_INPUT : CLI_FINE;
        }
    }
    if (promo_close(promo, &error) != OK && status != CLI_USAGE) {
        status = cli_fail(CLI_USAGE, "%s", error.message);
    }
    return status;
}

int command_run(int argc, char **argv)
{
    return command_run_watched(argc, argv, NULL);
}

int command_run_watched(int argc, char **argv, const struct run_watch *watch)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "--bundle FILE.pbc --events FILE",
        .doc = "Folds a stream of events through a bundle: effects leave as JSON lines, and a summary for people "
               "closes the run. With --db the records are "
               "durable before their effects leave, and a later run goes on where this one ended; after a crash the "
               "effects since the last checkpoint leave "
               "again with the same ids.\v"
               "Exit status: 0 fine, 1 some lines were no records (the rest ran) or the bundle is refused, 2 wrong "
               "usage or a fault of the environment.",
    };
    struct options options = {.shards = 1};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) {
        return status;
    }
    struct runner runner = {.write_error = ERROR_NONE, .watch = watch};
    struct buffer bundle = BUFFER_EMPTY;
    struct buffer key = BUFFER_EMPTY;
    struct buffer trust = BUFFER_EMPTY;
    int events = -1;
    if (options.bundle == NULL && access(options.database, F_OK) != 0) {
        cli_fail(CLI_USAGE, "there is no database `%s`", options.database);
        cli_hint("its first run needs a bundle: --bundle FILE.pbc");
        return CLI_USAGE;
    }
    status = CLI_USAGE;
    /* Asked again when the effects have their file: until then two names of a new file cannot be told apart. */
    if (check_names(&options) && replay_read_key(&key, options.identity_key) &&
        (options.trust == NULL || cli_read_limited(&trust, options.trust, LIMIT_TRUST_FILE_BYTES)) &&
        output_open(&runner.effects, options.effects) && check_names(&options) &&
        output_open(&runner.notes, options.notes) && (events = open_events(options.events)) >= 0) {
        status = options.bundle == NULL ? CLI_FINE : compile_bundle(&bundle, options.bundle);
        if (status == CLI_FINE) {
            status = run(&options, &runner, events, &bundle, &key, &trust);
        }
    }
    if (events > STDIN_FILENO) {
        close(events);
    }
    output_close(&runner.effects);
    output_close(&runner.notes);
    buffer_deinit(&key);
    buffer_deinit(&trust);
    buffer_deinit(&bundle);
    return status;
}
