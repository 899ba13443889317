/*
 * Reading and compiling the paths of a command, and printing the messages.
 *
 * Next: compiler/compiler.h.
 */
#ifndef PROMO_RUNTIME_CLI_COMPILE_H
#define PROMO_RUNTIME_CLI_COMPILE_H

#include "compiler/compiler.h"
#include "runtime/cli/cli.h"

struct compile {
    struct cli_files files;
    struct compiler_output output;
    bool compiled;        /* output is to be released */
    struct buffer before; /* the bundle of the version before; empty without */
};

/* Reads and compiles. CLI_FINE; CLI_INPUT where the text has errors (print them with compile_report); CLI_USAGE after telling what is
 * wrong. Release with compile_release in any case. */
int compile_paths(struct compile *compile, char **paths, unsigned count);

/* The same, compared with the version before: a bundle or campaign files; NULL: with nothing. */
int compile_paths_against(struct compile *compile, char **paths, unsigned count, const char *before);

/* Prints all messages in a style (text is coloured on a terminal), with a closing line that counts them. */
void compile_report(struct compile *compile, enum diagnostic_style style, FILE *stream);

void compile_release(struct compile *compile);

/* A bundle for the commands that run: PATH is a .pbc file, or campaign files that are compiled on the spot (their messages go to
 * standard error). `out` is 8-byte aligned and the caller's. CLI_FINE, CLI_INPUT or CLI_USAGE, told. */
int compile_bundle(struct buffer *out, const char *path);

#endif
