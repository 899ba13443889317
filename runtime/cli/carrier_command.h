/*
 * A carrier that is a program: effects go to its standard input, a line each, and it answers each by a line on its standard output:
 *
 *     {"id":"0f3c…","outcome":"done"}            or "again", "refused"; with "reason":"mailbox full", "after":30 (seconds)
 *
 * of a credit also "credited":true (the wallet has paid it), of what asks back "taken_back":true. Answers may come in any order. A program that ends is
 * started again when there is something to carry, more and more slowly; what it had in hand is tried again.
 * Thread rules: one thread.
 */
#ifndef PROMO_RUNTIME_CLI_CARRIER_COMMAND_H
#define PROMO_RUNTIME_CLI_CARRIER_COMMAND_H

#include "runtime/store/deliver.h"

struct carrier_command;

/* `command` is for /bin/sh; nothing is started yet. Fills in `carrier`. */
MUST_CHECK enum status carrier_command_open(struct carrier_command **out, const char *command, struct carrier *carrier,
                                            struct error *error);
/* Closes its input and waits for it to end, for a few seconds; then it is killed. */
void carrier_command_close(struct carrier_command *self);

/* Lines that were no answers, since it was opened, and the last one's fault (static). */
uint64_t carrier_command_strange(const struct carrier_command *self, const char **why_out);

/* One line as an answer; false with what is wrong (static). Texts are borrowed from `space`. */
bool carrier_command_read(struct carrier_answer *out, struct buffer *space, struct text line, const char **why_out);

#endif
