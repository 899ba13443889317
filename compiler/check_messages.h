/*
 * check_messages: what the texts of messages are made of: bodies in files of their own, holes, links, locales, lengths.
 *
 * Which values a `send` can fill is judged where it stands (compiler/emit_effects.c, compiler/shown.h); how a reader sees them is
 * runtime/channels. Next: vm/template.h.
 */
#ifndef PROMO_COMPILER_CHECK_MESSAGES_H
#define PROMO_COMPILER_CHECK_MESSAGES_H

#include "compiler/names.h"
#include "vm/template.h"

/* Reads the bodies that stand in files of their own, and the workspace's lines about messages; reports what cannot be read. A body then
 * stands in its line as if it had been written there, `resolved` its enum body_format. Before messages_emit. */
void messages_load(struct names *names);

/* Adds MESSAGE, BODY and LINK records; reports what is wrong with a message wherever it is sent. */
void messages_emit(struct names *names);

/* Whether the line is a body or a subject, read without a mistake. */
bool messages_is_body(const struct line *line);

/* The channel of such a line; a subject is of the email. */
struct text messages_channel(const struct line *line);

/* Where in its source a byte of such a line's text stands. */
struct span messages_span(const struct line *line, uint32_t start, uint32_t end);

/* The first body of the message for the channel that shows something of an offer, and neither its terms nor a link called `terms`; NULL:
 * there is none. */
const struct line *messages_without_terms(const struct message_info *message, struct text channel);

/* The link of the message, or NULL. */
const struct line *messages_link(const struct message_info *message, struct text name);

#endif
