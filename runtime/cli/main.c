/*
 * promo: the program. It finds the command and leaves the rest to runtime/cli/command_NAME.c.
 *
 * Next: runtime/cli/cli.h for what the commands share.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/cli/cli.h"
#include "vm/crypto.h"
#include "vm/zone.h"

const struct cli_command cli_commands[] = {
    {NULL, "Write campaigns", NULL},
    {"check", "tell what is wrong in campaign files, and what they can spend at most", command_check},
    {"test", "run the tests that stand in campaign files", command_test},
    {"fmt", "put campaign files into the one canonical form", command_fmt},
    {"build", "compile campaign files into one bundle", command_build},
    {"cost", "what each campaign can spend at most, and what bounds it", command_cost},
    {"preview", "show a message as its reader sees it, in every channel and locale", command_preview},
    {"terms", "write the player-facing terms of the offers, by locale", command_terms},
    {"stdlib", "show the standard library: events, attributes, actions, metrics, segments, policies, rules, holidays",
     command_stdlib},
    {NULL, "Ship them", NULL},
    {"verify", "prove that a bundle is safe to run", command_verify},
    {"key", "make a key that signs bundles, and the line that others trust it by", command_key},
    {"disasm", "show what is in a bundle, down to its instructions", command_disasm},
    {NULL, "Run them", NULL},
    {"run", "fold a stream of events through a bundle", command_run},
    {"deliver", "carry what the outbox of a database holds to its receiver", command_deliver},
    {"command", "suspend, resume, end or kill a campaign, or roll a bundle back", command_command},
    {"erase", "forget a player: state, key and id are gone from every file", command_erase},
    {"suppress", "a player, or whoever has this address, is not promoted to any more", command_suppress},
    {"unsuppress", "a player, or whoever has this address, may be promoted to again", command_unsuppress},
    {"retain", "remove from a database what is older than it must be kept", command_retain},
    {NULL, "Ask", NULL},
    {"explain", "why did this player get it, or not", command_explain},
    {"report", "what left between an exclusion and the news of it", command_report},
    {"segment", "who is in which segment, why, and until when", command_segment},
    {"board", "who leads a tournament, or won it", command_board},
    {"codes", "the codes of a pool, whether one is a code, what was used", command_codes},
    {"wallet", "what a player has and may use now", command_wallet},
    {"experiment", "what the arms of a split did, and whether it is more than chance", command_experiment},
    {"liability", "what is promised and not settled, by offer or by day", command_liability},
    {NULL, "Keep them safe", NULL},
    {"stuck", "what should have happened and has not, and what to do", command_stuck},
    {"outbox", "what waits to be delivered, what was given up, and a word about that", command_outbox},
    {"audit", "who changed what, and whether that list is as it was written", command_audit},
    {"doctor", "is a database whole, and what to do if not", command_doctor},
    {"backup", "copy a database while a run writes it", command_backup},
    {"restore", "bring a backup back, and settle what was lost", command_restore},
    {"clock", "where time stands, and a person's word that a clock is right", command_clock},
    {NULL, NULL, NULL},
};

static void print_help(FILE *stream)
{
    fputs("promo: campaigns that are readable, proven and durable\n"
          "\n"
          "usage: promo COMMAND [OPTION…] [PATH…]\n"
          "\n",
          stream);
    for (const struct cli_command *command = cli_commands; command->summary != NULL; command++) {
        if (command->name == NULL) {
            fprintf(stream, "%s%s\n", command == cli_commands ? "" : "\n", command->summary);
        } else {
            fprintf(stream, "  %-10s  %s\n", command->name, command->summary);
        }
    }
    fputs("\n"
          "  promo COMMAND --help tells more of each; promo --version tells the version.\n"
          "  A path is a file, a folder (every .promo file below it), or - for standard input.\n"
          "\n"
          "A first look, from a clone of the project:\n"
          "  promo check examples/hello\n"
          "  promo test examples/hello\n"
          "  promo run --bundle examples/hello --events examples/hello/events.ndjson --effects -\n",
          stream);
}

static const struct cli_command *find(const char *name)
{
    for (const struct cli_command *command = cli_commands; command->summary != NULL; command++) {
        if (command->name != NULL && strcmp(command->name, name) == 0) {
            return command;
        }
    }
    return NULL;
}

static int unknown(const char *name)
{
    cli_fail(CLI_USAGE, "there is no command `%s`", name);
    const struct text wanted = text_of(name);
    for (const struct cli_command *command = cli_commands; command->summary != NULL; command++) {
        if (command->name == NULL) continue;
        const struct text candidate = text_of(command->name);
        if (text_distance(wanted, candidate, 2) <= 2) {
            cli_hint("did you mean `promo %s`? `promo help` lists all", command->name);
            return CLI_USAGE;
        }
    }
    cli_hint("`promo help` lists the commands");
    return CLI_USAGE;
}

static int run_command(const struct cli_command *command, int argc, char **argv)
{
    static char name[64];
    snprintf(name, sizeof name, "promo %s", command->name);
    argv[0] = name;
    return command->run(argc, argv);
}

/* What could not be written must not look like success. */
static int finish(int status)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        return cli_fail(CLI_USAGE, "standard output could not be written");
    }
    return status == CLI_FINE && cli_cut_short() ? CLI_USAGE : status;
}

static int dispatch(int argc, char **argv)
{
    struct error error = ERROR_NONE;
    if (crypto_start(&error) != OK) {
        return cli_fail(CLI_USAGE, "%s", error.message);
    }
    if (argc < 2) {
        print_help(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "-?") == 0) {
        if (argc > 2) {
            const struct cli_command *command = find(argv[2]);
            if (command == NULL) {
                return unknown(argv[2]);
            }
            char help[] = "--help";
            char *arguments[] = {argv[0], help, NULL};
            return run_command(command, 2, arguments);
        }
        print_help(stdout);
        return CLI_FINE;
    }
    if (strcmp(argv[1], "version") == 0 || strcmp(argv[1], "--version") == 0) {
        printf("promo %s, language edition 1, zone rules %s\n", PROMO_VERSION, zone_version());
        return CLI_FINE;
    }
    const struct cli_command *command = find(argv[1]);
    if (command == NULL) {
        return unknown(argv[1]);
    }
    return run_command(command, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    return finish(dispatch(argc, argv));
}
