/*
 * promo doctor: is a database whole, does it say the same everywhere, and what to do if not. The work: runtime/store/doctor.h.
 */
#include <time.h>

#include "runtime/cli/cli.h"
#include "runtime/cli/replay.h"
#include "runtime/store/doctor.h"

enum { KEY_QUICK = 400, KEY_IDENTITY = 300 };

struct options {
    const char *database, *identity_key;
    bool quick, json;
};

static const struct argp_option argp_options[] = {
    {"db", 'd', "FILE", 0, "The database of `promo run --db`", 0},
    {"quick", KEY_QUICK, NULL, 0, "Leave out what reads the whole log", 0},
    {"identity-key", KEY_IDENTITY, "FILE", 0, "The key of the runs, if they had one", 0},
    {"json", 'j', NULL, 0, "A JSON object a line for each finding", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'd': options->database = argument; return 0;
    case KEY_QUICK: options->quick = true; return 0;
    case KEY_IDENTITY: options->identity_key = argument; return 0;
    case 'j': options->json = true; return 0;
    case ARGP_KEY_ARG:
        if (options->database != NULL) argp_error(state, "`%s` is one database too many", argument);
        options->database = argument;
        return 0;
    case ARGP_KEY_END:
        if (options->database == NULL) argp_error(state, "name the database: --db FILE");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void print_finding(void *context, const struct doctor_finding *finding)
{
    static const char *const verdicts[] = {
        [DOCTOR_FINE] = "ok", [DOCTOR_NOTED] = "note", [DOCTOR_WRONG] = "WRONG", [DOCTOR_UNLOOKED] = "left out"};
    const struct options *options = context;
    struct buffer out = BUFFER_EMPTY;
    const char *check = doctor_check_name(finding->check);
    if (options->json) {
        buffer_print(&out, "{\"check\":\"%s\",\"verdict\":\"%s\",\"what\":", check,
                     finding->verdict == DOCTOR_WRONG      ? "wrong"
                     : finding->verdict == DOCTOR_UNLOOKED ? "left_out"
                                                           : verdicts[finding->verdict]);
        buffer_json_text(&out, text_of(finding->what));
        buffer_string(&out, ",\"cure\":");
        buffer_json_text(&out, text_of(finding->cure));
        buffer_string(&out, "}\n");
    } else {
        buffer_print(&out, "%-10s  %-8s  %s\n", check, verdicts[finding->verdict], finding->what);
        if (finding->cure[0] != '\0') buffer_print(&out, "%22s= do: %s\n", "", finding->cure);
    }
    cli_print(stdout, &out);
    buffer_deinit(&out);
}

int command_doctor(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "--db FILE",
        .doc =
            "Looks whether a database is whole and says the same everywhere: SQLite's pages, the keys, every row and "
            "seal of the log, every part of the checkpoint, the state that the log makes, the books, the tables for "
            "people. It changes nothing; a run may go on beside it.\v"
            "Exit status: 0 nothing is wrong, 1 something is (each with what to do), 2 it could not be looked at.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    struct buffer key = BUFFER_EMPTY;
    if (!replay_read_key(&key, options.identity_key)) return CLI_USAGE;
    struct doctor_options look = {.database = options.database,
                                  .identity_key = key.size == 32 ? key.bytes : NULL,
                                  .quick = options.quick,
                                  .clock = (int64_t)time(NULL) * 1000,
                                  .found = print_finding,
                                  .context = &options};
    struct doctor_counts counts;
    struct error error = ERROR_NONE;
    enum status looked = doctor_look(&look, &counts, &error);
    buffer_deinit(&key);
    if (looked != OK) return cli_fail(CLI_USAGE, "%s", error.message);
    if (counts.verdict[DOCTOR_WRONG] > 0) return CLI_INPUT;
    if (!options.json) printf("nothing is wrong with `%s`\n", options.database);
    return CLI_FINE;
}
