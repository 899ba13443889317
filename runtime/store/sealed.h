/*
 * A batch of records as the bytes of one log row: headers open, the rest sealed with each player's key.
 *
 *   version:8  session:16 bytes  counter:64  count:32  first now:64
 *   count x [ number~ kind:8 group:16 (now - now before)~ open size~ sealed size~ | open | sealed ]
 *
 * `~` is a number of 7 bits a byte. A nonce is the session (random, one an opening of the store) and a counter that never
 * comes twice in it. The open part is bound to the sealed one: neither can be exchanged. The chain is a digest over the row
 * before and this one, so that no row can be changed, moved or left out unnoticed.
 * Thread rules: one thread at a time for each struct sealed_writer.
 */
#ifndef PROMO_RUNTIME_STORE_SEALED_H
#define PROMO_RUNTIME_STORE_SEALED_H

#include "runtime/engine/log.h"
#include "runtime/store/keyring.h"

struct sealed_writer {
    uint8_t session[16];
    uint64_t counter;
    struct buffer body;
};

/* A writer with a fresh session. Release with sealed_deinit. */
void sealed_init(struct sealed_writer *writer);
void sealed_deinit(struct sealed_writer *writer);

/* Makes writer->body of the records. STATUS_NO_MEMORY; STATUS_NOT_FOUND for a number without a key. */
MUST_CHECK enum status sealed_write(struct sealed_writer *writer, const struct keyring *keyring,
                                    const struct log_record *records, uint32_t count, struct error *error);

/* Calls `reader` for the records of a body from position `from` on; the first one has position `first`. The secret part of a
 * player whose key is gone comes empty. `space` holds what is opened. STATUS_CORRUPT with the position where it is damaged. */
MUST_CHECK enum status sealed_read(struct text body, uint64_t first, uint32_t count, uint64_t from,
                                   const struct keyring *keyring, struct buffer *space, log_reader reader,
                                   void *context, struct error *error);

/* The chain value behind a row. */
struct crypto_digest sealed_chain(const struct crypto_digest *before, uint64_t first, uint32_t count, uint64_t numbers,
                                  struct text body);

#endif
