/* Differential test of the virtual machine against the reference evaluator (tests/reference/evaluator.h).
 *
 *   differ_tool files SEED RUNS LINES FILE…     these files, with RUNS lives of LINES lines
 *
 * Prints what was compared; the first difference with the line that repeats it, and exit status 1.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lives/maker.h"
#include "tests/reference/differ.h"

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    const size_t room = 4u << 20;
    char *bytes = file == NULL ? NULL : malloc(room);
    if (bytes != NULL) *size = fread(bytes, 1, room, file);
    if (file != NULL) fclose(file);
    return bytes;
}

static void print_counts(const char *name, const struct differ_result *result)
{
    const struct compared *counts = &result->counts;
    printf("%s: %" PRIu64 " lines, %" PRIu64 " restarts; compared: %" PRIu64 " filters, %" PRIu64 " policies, %" PRIu64
           " activations, %" PRIu64 " conditions, %" PRIu64 " deeds, %" PRIu64 " values, %" PRIu64
           " deadlines, %" PRIu64 " ends; not compared: %" PRIu64 "\n",
           name, result->lines, result->restarts, counts->filters, counts->rules, counts->activations,
           counts->conditions, counts->deeds, counts->values, counts->deadlines, counts->ends, counts->unsure);
}

static int differ_files(int count, char **arguments)
{
    uint64_t seed = strtoull(arguments[2], NULL, 10), runs = strtoull(arguments[3], NULL, 10);
    uint32_t lines = (uint32_t)strtoul(arguments[4], NULL, 10);
    struct differ_story story = {.file_count = 0};
    struct differ_result result = {.diagnostics = BUFFER_EMPTY};
    char *bytes[DIFFER_FILES_MAX] = {NULL};
    int status = 0;
    for (int i = 5; i < count && story.file_count < DIFFER_FILES_MAX; i++) {
        size_t size = 0;
        bytes[story.file_count] = read_file(arguments[i], &size);
        if (bytes[story.file_count] == NULL) return 2;
        story.file[story.file_count] =
            (struct compiler_input){text_of(arguments[i]), text_make(bytes[story.file_count], size)};
        story.file_count++;
    }
    for (uint64_t run = 0; run < runs && status == 0; run++) {
        differ_live(&story, seed + run, 4, lines, PLANTED_NOTHING, &result);
        if (!result.compiled) {
            printf("%s does not compile:\n%s\n", arguments[5], buffer_as_string(&result.diagnostics));
            status = 2;
        } else if (result.fault[0] != '\0') {
            printf("%s: DIFFERS: %s\n  line: %s\n  again: differ_tool files %" PRIu64 " 1 %u …\n", arguments[5],
                   result.fault, result.last, seed + run, lines);
            status = 1;
        }
    }
    print_counts(arguments[5], &result);
    for (uint32_t i = 0; i < story.file_count; i++) free(bytes[i]);
    differ_free(&story);
    differ_result_free(&result);
    return status;
}

int main(int count, char **arguments)
{
    if (count >= 6 && strcmp(arguments[1], "files") == 0) return differ_files(count, arguments);
    fprintf(stderr, "usage: differ_tool files SEED RUNS LINES FILE...\n");
    return 2;
}
