/*
 * Compile time: the welcome series with its tests and the standard library, from text to a verified bundle and resolved tests; beside it a
 * JSON reader that only makes a tree of as many bytes. It informs; there is no gate.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler/compiler.h"
#include "compiler/stdlib_files.h"
#include "tests/bench/bench_kit.h"

enum { REPEATS = 15 };

/* A JSON array of small objects, at least `size` bytes. */
static char *make_json(size_t size, size_t *made)
{
    struct buffer out = BUFFER_EMPTY;
    buffer_string(&out, "[");
    for (unsigned i = 0; out.size < size; i++) {
        buffer_print(&out, "%s{\"name\":\"field %u\",\"kind\":\"money\",\"most\":%u,\"optional\":false}",
                     i == 0 ? "" : ",", i, i * 7);
    }
    buffer_string(&out, "]");
    size_t length = 0;
    char *bytes = (char *)buffer_take(&out, &length);
    bench_require(bytes != NULL, "memory is out");
    *made = length;
    return bytes;
}

int main(void)
{
    static const char *const paths[] = {"examples/c01-welcome/welcome.promo", "examples/c01-welcome/workspace.promo"};
    struct compiler_input inputs[2];
    size_t bytes = 0;
    size_t lines = 0;
    for (unsigned i = 0; i < 2; i++) {
        uint32_t size = 0;
        const char *text = bench_read(paths[i], &size);
        inputs[i] = (struct compiler_input){.path = text_of(paths[i]), .bytes = {.at = text, .size = size}};
        bytes += size;
        for (uint32_t k = 0; k < size; k++) {
            lines += text[k] == '\n';
        }
    }
    for (unsigned i = 0; i < stdlib_file_count; i++) {
        bytes += stdlib_files[i].size;
        for (unsigned k = 0; k < stdlib_files[i].size; k++) {
            lines += stdlib_files[i].bytes[k] == '\n';
        }
    }
    size_t json_size = 0;
    char *json = make_json(bytes, &json_size);
    double ours[REPEATS];
    double peer[REPEATS];
    struct error error = ERROR_NONE;
    for (unsigned i = 0; i < REPEATS; i++) {
        uint64_t begin = bench_cpu();
        struct compiler_output output;
        bench_require(compiler_compile(&output, inputs, 2, (struct compiler_options){.default_name = TEXT("bench")},
                                       &error) == OK &&
                          !output.failed,
                      "the welcome series does not compile");
        compiler_release(&output);
        ours[i] = (double)(bench_cpu() - begin) / (double)bytes;
        begin = bench_cpu();
        json_t *tree = json_loadb(json, json_size, 0, NULL);
        bench_require(tree != NULL, "the JSON cannot be read");
        json_decref(tree);
        peer[i] = (double)(bench_cpu() - begin) / (double)json_size;
    }
    const double each = bench_median(ours, REPEATS);
    bench_note("compile, ns a byte of source, against jansson reading as much JSON", each, bench_median(peer, REPEATS));
    fprintf(stderr, "  %zu lines with their tests in %.2f ms\n", lines, each * (double)bytes / 1e6);
    free(json);
    return 0;
}
