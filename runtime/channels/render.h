/*
 * render: a message as its reader sees it: holes filled, numbers and dates as the locale writes them, everything escaped for where it
 * stands, links marked and shortened.
 *
 * For whoever carries effects out, and for `promo preview`. It needs a bundle and what the effect line says (channel, message, values, id),
 * nothing of the engine. A message body is not pinned: render with the newest bundle, or with the one whose content hash the effect names.
 * Next: runtime/channels/locale.h, runtime/channels/terms.h.
 */
#ifndef PROMO_RUNTIME_CHANNELS_RENDER_H
#define PROMO_RUNTIME_CHANNELS_RENDER_H

#include "vm/buffer.h"
#include "vm/program.h"
#include "vm/sms.h"

/* One of the effect's `values`: "deposit.amount" and "37.50 EUR"; a number or yes and no as JSON writes them. */
struct render_value {
    struct text name, value;
};

struct render_request {
    const struct program *program; /* a bundle that was opened and verified */
    struct text message, channel, locale;
    struct text campaign; /* whose offer `{offer.terms}` means; may be empty */
    const struct render_value *values;
    uint32_t value_count;
    const uint8_t *effect; /* its id, 16 bytes; NULL: links are not shortened */
    uint32_t zone;         /* the reader's, by vm/zone.h */
};

struct rendered {
    struct text locale;    /* of the body that was taken; borrowed from the program */
    struct buffer subject; /* of an email: one line. Empty: it has none */
    struct buffer html;    /* of an email whose body is Markdown or HTML: a whole page. Otherwise empty */
    struct buffer text;    /* always: the words alone */
    struct sms sms;        /* of `text`, for the channel sms */
};

/* Renders. The body is that of the locale, else of its language ("de" for "de-AT"), else the first one of the channel.
 * STATUS_NOT_FOUND: no such message, no body for the channel, or no value for a hole, with words; STATUS_NO_MEMORY.
 * `out` is to be released in either case. Thread rules: any number of threads. */
enum status render_message(struct rendered *out, const struct render_request *request, struct error *error) MUST_CHECK;

void render_release(struct rendered *rendered);

/* What kind of value a hole of the message takes, as the compiler noted it where the message is sent: enum type_kind; TYPE_TEXT where nobody
 * sends it. `of`, where it is not NULL, gets the enumeration or the currency. */
uint32_t render_kind(const struct program *program, struct text message, struct text hole, uint32_t *of);

/* The index of a message by name, or PROGRAM_NONE. */
uint32_t render_find(const struct program *program, struct text message);

#endif
