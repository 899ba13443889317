/*
 * Reading and compiling the paths of a command.
 */
#include "runtime/cli/compile.h"

#include <sys/stat.h>
#include <unistd.h>

#include "runtime/cli/metric_sizes.h"
#include "vm/bundle.h"
#include "vm/decimal.h"
#include "vm/verify.h"

/* How the paths below a project's folder begin: "examples/hello/"; of a single file, its folder. */
static struct text root_of(struct arena *arena, const char *path)
{
    struct stat info;
    struct text text = text_of(path);
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        struct buffer root = BUFFER_EMPTY;
        buffer_text(&root, text);
        if (text.size > 0 && text.at[text.size - 1] != '/') {
            buffer_string(&root, "/");
        }
        text = arena_copy_text(arena, buffer_as_text(&root));
        buffer_deinit(&root);
        return text;
    }
    uint32_t size = 0;
    for (uint32_t i = 0; i < text.size; i++) {
        size = text.at[i] == '/' ? i + 1 : size;
    }
    return text_slice(text, 0, size);
}

/* A file that a campaign file names. What cannot be read is told by the compiler, at its place. */
static bool read_beside(void *context, struct text path, struct buffer *out)
{
    (void)context;
    char name[4096];
    struct stat info;
    if (path.size >= sizeof name) return false;
    memcpy(name, path.at, path.size);
    name[path.size] = '\0';
    return stat(name, &info) == 0 && S_ISREG(info.st_mode) && access(name, R_OK) == 0 && cli_read(out, name);
}

int compile_paths(struct compile *compile, char **paths, unsigned count)
{
    return compile_paths_against(compile, paths, count, NULL);
}

int compile_paths_against(struct compile *compile, char **paths, unsigned count, const char *before)
{
    memset(compile, 0, sizeof *compile);
    struct program program;
    struct error error = ERROR_NONE;
    if (before != NULL) {
        const int status = compile_bundle(&compile->before, before);
        if (status != CLI_FINE) return status;
        if (bundle_open(&program, compile->before.bytes, compile->before.size, &error) != OK ||
            verify_program(&program, &error) != OK)
            return cli_fail(CLI_USAGE, "`%s` is refused: %s", before, error.message);
    }
    if (!cli_files_read(&compile->files, paths, count)) {
        return CLI_USAGE;
    }
    struct compiler_input *inputs = arena_alloc(&compile->files.arena, (compile->files.count + 1) * sizeof *inputs);
    if (inputs == NULL) {
        return cli_fail(CLI_USAGE, "the files do not fit into memory");
    }
    for (uint32_t i = 0; i < compile->files.count; i++) {
        inputs[i] = (struct compiler_input){compile->files.file[i].path, compile->files.file[i].bytes};
    }
    const struct compiler_options options = {
        .default_name = cli_workspace_name(&compile->files.arena, paths[0]),
        .root = count == 1 ? root_of(&compile->files.arena, paths[0]) : TEXT(""),
        .reader = {read_beside, NULL},
        .before = before == NULL ? NULL : &program,
    };
    compile->compiled = true;
    if (compiler_compile(&compile->output, inputs, compile->files.count, options, &error) != OK) {
        return cli_fail(CLI_USAGE, "%s", error.message);
    }
    if (compile->output.failed) return CLI_INPUT;
    metric_sizes_judge(&compile->output, compile->files.count);
    return CLI_FINE;
}

void compile_report(struct compile *compile, enum diagnostic_style style, FILE *stream)
{
    struct diagnostic_list *list = &compile->output.diagnostics;
    struct buffer out = BUFFER_EMPTY;
    const bool text = style == DIAGNOSTIC_TEXT;
    if (!text || list->count > 0) {
        diagnostics_render(list, text && cli_colour(stream) ? DIAGNOSTIC_TEXT_COLOUR : style, &out);
    }
    if (text && list->count > 0) {
        decimal_print_count(&out, list->error_count, "error");
        buffer_string(&out, ", ");
        decimal_print_count(&out, list->warning_count, "warning");
        buffer_string(&out, "\n");
    }
    cli_print(stream, &out);
    buffer_deinit(&out);
}

void compile_release(struct compile *compile)
{
    if (compile->compiled) {
        compiler_release(&compile->output);
    }
    buffer_deinit(&compile->before);
    cli_files_release(&compile->files);
}

int compile_bundle(struct buffer *out, const char *path)
{
    struct stat info;
    const bool folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    if (!folder && !text_ends_with(text_of(path), TEXT(".promo"))) {
        return cli_read(out, path) ? CLI_FINE : CLI_USAGE;
    }
    char copy[4096];
    if (strlen(path) >= sizeof copy) {
        return cli_fail(CLI_USAGE, "the path is too long");
    }
    memcpy(copy, path, strlen(path) + 1);
    char *paths[1] = {copy};
    struct compile compile;
    int status = compile_paths(&compile, paths, 1);
    if (status == CLI_FINE || status == CLI_INPUT) {
        compile_report(&compile, DIAGNOSTIC_TEXT, stderr);
    }
    if (status == CLI_FINE) {
        buffer_append(out, compile.output.bundle.bytes, compile.output.bundle.size);
        if (!buffer_ok(out)) {
            status = cli_fail(CLI_USAGE, "the bundle does not fit into memory");
        }
    }
    compile_release(&compile);
    return status;
}
