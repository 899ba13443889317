/*
 * libFuzzer target: any bytes are a campaign file. They are parsed and their messages rendered in every style; a file
 * without mistakes is formatted, and its canonical form must say the same and be its own canonical form.
 */
#include <stdlib.h>

#include "compiler/format.h"
#include "compiler/parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void render(struct diagnostic_list *diagnostics)
{
    static const enum diagnostic_style styles[] = {DIAGNOSTIC_TEXT, DIAGNOSTIC_TEXT_COLOUR, DIAGNOSTIC_JSON,
                                                   DIAGNOSTIC_SARIF};
    for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++) {
        struct buffer out = BUFFER_EMPTY;
        diagnostics_render(diagnostics, styles[i], &out);
        buffer_deinit(&out);
    }
}

static void format(const struct source *source, const struct ast_file *before, struct source_set *sources,
                   struct diagnostic_list *diagnostics, struct arena *arena)
{
    const struct format_options options = {false};
    struct buffer once = BUFFER_EMPTY;
    struct buffer twice = BUFFER_EMPTY;
    struct error error;
    struct source *formatted = NULL;
    if (format_source(&once, source, arena, options, &error) != OK) abort();
    if (source_set_add(&formatted, sources, TEXT("formatted"), buffer_as_text(&once), &error) == OK) {
        const struct ast_file *after = parser_parse(formatted, arena, diagnostics);
        if (after == NULL || after->is_broken || !ast_equal(before, after)) abort();
        if (format_source(&twice, formatted, arena, options, &error) != OK) abort();
        if (!text_equal(buffer_as_text(&once), buffer_as_text(&twice))) abort();
    }
    buffer_deinit(&once);
    buffer_deinit(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct source_set sources;
    struct diagnostic_list diagnostics;
    struct source *source = NULL;
    struct error error;
    if (size > 65536) return -1;
    arena_init(&arena, (size_t)256 << 20);
    source_set_init(&sources, &arena);
    diagnostics_init(&diagnostics, &arena, &sources);
    if (source_set_add(&source, &sources, TEXT("fuzz.promo"), text_make((const char *)data, size), &error) == OK) {
        const struct ast_file *file = parser_parse(source, &arena, &diagnostics);
        if (file == NULL) abort();
        if (file->is_broken != (diagnostics.error_count > 0)) abort();
        render(&diagnostics);
        if (!file->is_broken) format(source, file, &sources, &diagnostics, &arena);
    }
    arena_deinit(&arena);
    return 0;
}
