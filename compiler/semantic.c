#include "compiler/semantic.h"
enum status semantic_hashes(struct builder *builder, struct arena *arena, struct error *error)
{
    (void)builder; (void)arena; (void)error; return OK;
}
