/*
 * What the commands of `promo` share: their table, their files, their way of saying that something is wrong.
 *
 * One command a file, command_NAME.c; main.c dispatches. Exit status: 0 fine, 1 the input has errors or a test failed,
 * 2 wrong usage or a fault of the environment. Data goes to standard output, everything else to standard error.
 */
#ifndef PROMO_RUNTIME_CLI_CLI_H
#define PROMO_RUNTIME_CLI_CLI_H

#include <argp.h>
#include <stdio.h>
#include <sys/types.h>

#include "vm/arena.h"
#include "vm/buffer.h"
#include "vm/status.h"
#include "vm/text.h"

enum cli_exit { CLI_FINE = 0, CLI_INPUT = 1, CLI_USAGE = 2 };

struct cli_command {
    const char *name;                  /* NULL: a heading of the list, which runs nothing */
    const char *summary;               /* one line for `promo help` */
    int (*run)(int argc, char **argv); /* argv[0] is "promo NAME" */
};

/* The commands in the order of the help, under headings, ended by a NULL summary. */
extern const struct cli_command cli_commands[];

int command_check(int argc, char **argv);
int command_build(int argc, char **argv);
int command_run(int argc, char **argv);
int command_test(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_restore(int argc, char **argv);
int command_clock(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_fmt(int argc, char **argv);
int command_command(int argc, char **argv);
int command_deliver(int argc, char **argv);
int command_outbox(int argc, char **argv);
int command_stuck(int argc, char **argv);
int command_erase(int argc, char **argv);
int command_retain(int argc, char **argv);
int command_suppress(int argc, char **argv);
int command_unsuppress(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_report(int argc, char **argv);
int command_experiment(int argc, char **argv);
int command_liability(int argc, char **argv);
int command_segment(int argc, char **argv);
int command_board(int argc, char **argv);
int command_wallet(int argc, char **argv);
int command_codes(int argc, char **argv);
int command_cost(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_audit(int argc, char **argv);
int command_key(int argc, char **argv);
int command_disasm(int argc, char **argv);
int command_preview(int argc, char **argv);
int command_terms(int argc, char **argv);
int command_stdlib(int argc, char **argv);

/* "promo: words" on standard error, with a hint line where there is one; returns `status` for `return cli_fail(...)`. */
int cli_fail(int status, const char *format, ...) PRINTF_LIKE(2, 3);
/* A second line under it: "  help: words". */
void cli_hint(const char *format, ...) PRINTF_LIKE(1, 2);

/* Says on standard error where the bundle was checked with other zone rules than this program has. */
struct program;
void cli_zones(const char *path, const struct program *program);

/* Writes what is in the buffer, if anything. A stream that fails is noticed when the program ends; a buffer that failed is told at once. */
void cli_print(FILE *stream, const struct buffer *text);
bool cli_cut_short(void); /* whether a buffer had failed: the program's exit status says so, too */

/* The clock, in ms since 1970 UTC. To the millisecond, for the ids of orders are made of it: two of one second are two. */
int64_t cli_now(void);

/* Who orders what a command does, for the audit log: `given` (--by), else the user's name as the environment has it; "" where that is no name of 1 to 64
 * bytes without control characters. */
const char *cli_by(const char *given);
const char *cli_by_option(const char *argument, struct argp_state *state); /* refuses one that is no such name */

/* Whether standard output or error may be coloured: a terminal, and NO_COLOR is not set. */
bool cli_colour(FILE *stream);

/* Parses with argp; wrong usage is told with a hint to `--help`, exit status CLI_USAGE through `out_status`. False: return *out_status. */
bool cli_parse(const struct argp *argp, int argc, char **argv, void *input, int *out_status);

/* An option's number of `what` ("days"), from `least` to `most`; anything else ends the parse with the words for its user. */
uint64_t cli_number(struct argp_state *state, const char *argument, uint64_t least, uint64_t most, const char *what);

/* The paths of a command, as its parser finds them. cli_paths_key answers ARGP_KEY_ARGS and ARGP_KEY_NO_ARGS (an error with the words of
 * `missing`), and ARGP_ERR_UNKNOWN for every other key. */
struct cli_paths {
    char **path;
    unsigned count;
};
error_t cli_paths_key(struct cli_paths *paths, int key, struct argp_state *state, const char *missing);

/* One file as it was read. */
struct cli_file {
    struct text path;
    struct text bytes; /* one NUL follows */
    dev_t device;      /* with `number`: which file it is, however it is named; 0: standard input */
    ino_t number;
};
struct cli_files {
    struct arena arena;
    struct cli_file *file;
    uint32_t count;
    uint32_t capacity;
};

/* Reads each path: a file, a folder (every *.promo below it, in the order of their paths), or `-` for standard input.
 * False after telling what is wrong. Release with cli_files_release in any case. */
bool cli_files_read(struct cli_files *files, char **paths, unsigned count);
void cli_files_release(struct cli_files *files);

/* A whole file of at most LIMIT_INPUT_FILE_BYTES into a buffer the caller owns (8-byte aligned); `-` is standard input. False after telling what is wrong. */
bool cli_read(struct buffer *out, const char *path);

/* The same where the file has at most `limit` bytes. */
bool cli_read_limited(struct buffer *out, const char *path, size_t limit);

/* Makes a file that is not there yet, for its owner alone (0600). False after telling what is wrong. */
bool cli_write_secret(const char *path, struct text bytes);

/* Writes a file whole or not at all: a new file beside it, synced, then renamed. `-` is standard output. */
bool cli_write(const char *path, struct text bytes);

/* A name for a workspace that has none: the folder's own name, however the path names it, or the file's without its ending. In the arena. */
struct text cli_workspace_name(struct arena *arena, const char *path);

#endif
