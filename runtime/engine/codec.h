/* What every reader and writer of the engine's bytes says when it cannot go on. The bytes themselves are each part's own.
 *
 * Pure: safe from any thread. Next: runtime/engine/checkpoint.h, runtime/engine/parts.h.
 */
#ifndef PROMO_RUNTIME_ENGINE_CODEC_H
#define PROMO_RUNTIME_ENGINE_CODEC_H

#include "vm/status.h"

/* STATUS_CORRUPT: bytes that were read do not hold together, `what` says how ("a player is cut off"). Trying again cannot help. */
MUST_CHECK enum status codec_corrupt(struct error *error, const char *what);

/* STATUS_NO_MEMORY while bytes are written or read. */
MUST_CHECK enum status codec_no_memory(struct error *error);

#endif
