/* The two words of all codecs. See codec.h. */
#include "runtime/engine/codec.h"

enum status codec_corrupt(struct error *error, const char *what)
{
    return error_set(error, STATUS_CORRUPT, "the checkpoint is damaged: %s; restore the database from a copy", what);
}

enum status codec_no_memory(struct error *error)
{
    return error_set(error, STATUS_NO_MEMORY, "no memory for a checkpoint");
}
