/*
 * Who looks on while `promo run` folds what another command has made: `promo command` says what its order did, not how all campaigns stand.
 *
 * Made by runtime/cli/command_command.c, used by runtime/cli/command_run.c.
 */
#ifndef PROMO_RUNTIME_CLI_RUN_WATCH_H
#define PROMO_RUNTIME_CLI_RUN_WATCH_H

#include <stdio.h>

#include "runtime/engine/engine.h"
#include "runtime/store/promo.h"

struct run_watch {
    void *context;
    /* Asked when the database is open and before anything is read: CLI_FINE, or the exit status with which it ends there, and nothing was changed. May be NULL. */
    int (*begin)(void *context, struct promo *promo);
    /* What is folded for the first time; what a start folds again is left out. */
    void (*effect)(void *context, const struct engine_effect *effect);
    void (*note)(void *context, const struct engine_note *note);
    /* Stands for the message "line 1: …" about a line that is no record. */
    void (*refused)(void *context, struct engine *engine, const char *message);
    /* Stands for the summary. */
    void (*close)(void *context, struct engine *engine, const struct promo_counts *counts, FILE *stream);
};

/* command_run() with somebody who looks on; the same exit status. */
int command_run_watched(int argc, char **argv, const struct run_watch *watch);

#endif
