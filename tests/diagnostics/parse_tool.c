/*
 * parse_tool: what the first half of the compiler makes of a file, for the scripts of tests/diagnostics and
 * tests/language. It parses only: names and types are not looked at.
 *
 *   parse_tool check|json|sarif|colour FILE   messages; exit status 1 where there are errors
 *   parse_tool tree FILE                      the tree
 *   parse_tool format|explicit FILE           the canonical form, with defaults written out
 *   parse_tool roundtrip FILE…                formats each file and its result again: same tree, same bytes
 */
#include <stdio.h>
#include <string.h>

#include "compiler/ast_dump.h"
#include "compiler/format.h"
#include "compiler/parser.h"

struct session {
    struct arena arena;
    struct source_set sources;
    struct diagnostic_list diagnostics;
};

static void begin(struct session *session)
{
    arena_init(&session->arena, (size_t)256 << 20);
    source_set_init(&session->sources, &session->arena);
    diagnostics_init(&session->diagnostics, &session->arena, &session->sources);
}

static bool read_file(struct buffer *out, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return false;
    char block[65536];
    size_t size;
    while ((size = fread(block, 1, sizeof block, file)) > 0) buffer_append(out, block, size);
    return fclose(file) == 0 && buffer_ok(out);
}

static struct source *add(struct session *session, const char *name, struct text bytes)
{
    struct source *source = NULL;
    struct error error = ERROR_NONE;
    if (source_set_add(&source, &session->sources, text_of(name), bytes, &error) == OK) return source;
    fprintf(stderr, "%s: %s\n", name, error.message);
    return NULL;
}

static struct source *open_source(struct session *session, const char *path)
{
    struct buffer bytes = BUFFER_EMPTY;
    struct source *source = NULL;
    if (read_file(&bytes, path)) {
        source = add(session, path, buffer_as_text(&bytes));
    } else {
        fprintf(stderr, "%s cannot be read\n", path);
    }
    buffer_deinit(&bytes);
    return source;
}

static int print(struct buffer *out, int status)
{
    if (out->size > 0) fwrite(out->bytes, 1, out->size, stdout);
    buffer_deinit(out);
    return status;
}

static int check(struct session *session, const char *path, enum diagnostic_style style)
{
    const struct source *source = open_source(session, path);
    if (source == NULL || parser_parse(source, &session->arena, &session->diagnostics) == NULL) return 2;
    struct buffer out = BUFFER_EMPTY;
    diagnostics_render(&session->diagnostics, style, &out);
    return print(&out, session->diagnostics.error_count > 0 ? 1 : 0);
}

static int tree(struct session *session, const char *path)
{
    const struct source *source = open_source(session, path);
    if (source == NULL) return 2;
    const struct ast_file *file = parser_parse(source, &session->arena, &session->diagnostics);
    if (file == NULL) return 2;
    struct buffer out = BUFFER_EMPTY;
    ast_dump(&out, file);
    return print(&out, file->is_broken ? 1 : 0);
}

static int format(struct session *session, const char *path, bool is_explicit)
{
    const struct source *source = open_source(session, path);
    struct buffer out = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    if (source == NULL) return 2;
    if (format_source(&out, source, &session->arena, (struct format_options){is_explicit}, &error) != OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    return print(&out, 0);
}

static bool round_trip(const char *path)
{
    struct session session;
    struct buffer once = BUFFER_EMPTY;
    struct buffer twice = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    const struct format_options options = {false};
    bool good = false;
    begin(&session);
    const struct source *first = open_source(&session, path);
    if (first == NULL) goto done;
    const struct ast_file *before = parser_parse(first, &session.arena, &session.diagnostics);
    if (before == NULL || before->is_broken) {
        printf("%s: does not parse\n", path);
        goto done;
    }
    if (format_source(&once, first, &session.arena, options, &error) != OK) goto done;
    const struct source *second = add(&session, "formatted", buffer_as_text(&once));
    if (second == NULL) goto done;
    const struct ast_file *after = parser_parse(second, &session.arena, &session.diagnostics);
    if (after == NULL || format_source(&twice, second, &session.arena, options, &error) != OK) goto done;
    if (!ast_equal(before, after)) {
        printf("%s: the formatted text says something else\n", path);
    } else if (!text_equal(buffer_as_text(&once), buffer_as_text(&twice))) {
        printf("%s: formatting twice is not formatting once\n", path);
    } else {
        good = true;
    }
done:
    if (error.status != OK) printf("%s: %s\n", path, error.message);
    buffer_deinit(&once);
    buffer_deinit(&twice);
    arena_deinit(&session.arena);
    return good;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: parse_tool check|json|sarif|colour|tree|format|explicit|roundtrip FILE…\n");
        return 2;
    }
    const char *mode = argv[1];
    if (strcmp(mode, "roundtrip") == 0) {
        int failed = 0;
        for (int i = 2; i < argc; i++) failed += round_trip(argv[i]) ? 0 : 1;
        printf("%d round trips failed\n", failed);
        return failed > 0 ? 1 : 0;
    }
    struct session session;
    begin(&session);
    int status = 2;
    if (strcmp(mode, "check") == 0) status = check(&session, argv[2], DIAGNOSTIC_TEXT);
    if (strcmp(mode, "json") == 0) status = check(&session, argv[2], DIAGNOSTIC_JSON);
    if (strcmp(mode, "sarif") == 0) status = check(&session, argv[2], DIAGNOSTIC_SARIF);
    if (strcmp(mode, "colour") == 0) status = check(&session, argv[2], DIAGNOSTIC_TEXT_COLOUR);
    if (strcmp(mode, "tree") == 0) status = tree(&session, argv[2]);
    if (strcmp(mode, "format") == 0) status = format(&session, argv[2], false);
    if (strcmp(mode, "explicit") == 0) status = format(&session, argv[2], true);
    arena_deinit(&session.arena);
    return status;
}
