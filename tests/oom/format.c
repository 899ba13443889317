/* See format.h. */
#include "tests/oom/format.h"

#include "compiler/format.h"
#include "compiler/parser.h"

enum status format_whole(struct buffer *out, struct text bytes, struct error *error)
{
    struct arena arena;
    struct source_set set;
    struct diagnostic_list diagnostics;
    struct source *file = NULL;
    arena_init(&arena, (size_t)64 << 20);
    source_set_init(&set, &arena);
    diagnostics_init(&diagnostics, &arena, &set);
    enum status status = source_set_add(&file, &set, TEXT("oom.promo"), bytes, error);
    if (status == OK) {
        const struct ast_file *tree = parser_parse(file, &arena, &diagnostics);
        if (tree == NULL || arena.failed || diagnostics.out_of_memory)
            status = error_set(error, STATUS_NO_MEMORY, "no memory for the tree");
        else if (!tree->is_broken)
            status = format_source(out, file, &arena, (struct format_options){true}, error);
    }
    arena_deinit(&arena);
    return status;
}
