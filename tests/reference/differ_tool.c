/* Differential test of the virtual machine against the reference evaluator (tests/reference/evaluator.h).
 *
 *   differ_tool files SEED RUNS LINES FILE…           these files, with RUNS lives of LINES lines
 *   differ_tool generated SEED RUNS LINES [SECONDS]   RUNS projects by chance (or as many as SECONDS allow), each with LINES lines
 *   differ_tool plants SEED RUNS LINES                mistakes planted in the evaluator: each is seen in at most RUNS projects
 *   differ_tool show SEED                             the project of a seed
 *
 * Prints what was compared; the first difference with the line that repeats it, and exit status 1.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/engine/effect_json.h"
#include "tests/lives/maker.h"
#include "tests/reference/differ.h"
#include "tests/reference/generate.h"

/* So many projects hold every construct: those of the first seed, which are always the same, and any others. */
enum { CONSTRUCTS_AFTER = 300, CONSTRUCTS_AFTER_ANY = 2000 };

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
           " deadlines, %" PRIu64 " events awaited, %" PRIu64 " ends; by the ledger: %" PRIu64 " credits, %" PRIu64
           " refusals; not compared: %" PRIu64 "\n",
           name, result->lines, result->restarts, counts->filters, counts->rules, counts->activations,
           counts->conditions, counts->deeds, counts->values, counts->deadlines, counts->expected, counts->ends,
           result->credits, result->refusals, counts->unsure);
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

/* The story as small as it gets, with both answers, and how to see it again. */
static void show_smallest(struct differ_story *story, struct buffer *source, enum reference_plant plant,
                          struct differ_result *result, uint64_t seed)
{
    struct differ_result smallest = {.diagnostics = BUFFER_EMPTY};
    memcpy(smallest.fault, result->fault, sizeof smallest.fault);
    memcpy(smallest.last, result->last, sizeof smallest.last);
    printf("seed %" PRIu64 " DIFFERS: %s\n  at: %s\nmade smaller:\n", seed, result->fault, result->last);
    differ_shrink(story, source, plant, 600, &smallest);
    printf("%s", buffer_as_string(source));
    for (uint32_t i = 1; i < story->line_count; i++)
        printf("  %s\n", story->line[i].text == NULL ? "(a restart)" : story->line[i].text);
    printf("DIFFERS: %s\n  at: %s\n  again: SEED=%" PRIu64 " tests/reference/run.sh\n", smallest.fault, smallest.last,
           seed);
    differ_result_free(&smallest);
}

static void print_reasons(const struct differ_result *result)
{
    uint32_t told = 0, all = 0;
    for (uint32_t i = 1; i < REASON_COUNT; i++) {
        if (strcmp(effect_json_reason((enum reason)i), "UNKNOWN") == 0) continue; /* the numbers have gaps */
        all++;
        told += result->reasons[i] > 0;
    }
    printf("reasons: %u of %u told of; never:", told, all);
    for (uint32_t i = 1; i < REASON_COUNT; i++) {
        const char *word = effect_json_reason((enum reason)i);
        if (strcmp(word, "UNKNOWN") != 0 && result->reasons[i] == 0) printf(" %s", word);
    }
    printf("\n");
}

struct generated {
    uint64_t made, refused, unproven;
    struct differ_result result;
};

/* One project and its lives. True: both say the same. */
static bool differ_once(struct generated *generated, uint64_t seed, uint32_t lines, enum reference_plant plant,
                        bool quiet)
{
    struct differ_story story = {.file_count = 1};
    struct buffer source = BUFFER_EMPTY;
    struct differ_result *result = &generated->result;
    generate_project(&source, seed);
    story.file[0] = (struct compiler_input){TEXT("made.promo"), buffer_as_text(&source)};
    generated->made++;
    differ_live(&story, seed, 2 + (uint32_t)(seed % 4), lines, plant, result);
    bool good = result->fault[0] == '\0';
    if (good && !result->compiled) {
        generated->refused++;
        if (getenv("DIFFER_REFUSED") != NULL)
            printf("seed %" PRIu64 "\n%s\n", seed, buffer_as_string(&result->diagnostics));
    }
    if (!good && !quiet) show_smallest(&story, &source, plant, result, seed);
    buffer_deinit(&source);
    differ_free(&story);
    return good;
}

/* generated SEED RUNS LINES [SECONDS]: RUNS projects from the seed on, or as many as SECONDS allow. */
static int differ_generated(int count, char **arguments)
{
    uint64_t seed = strtoull(arguments[2], NULL, 10), runs = strtoull(arguments[3], NULL, 10);
    uint32_t lines = (uint32_t)strtoul(arguments[4], NULL, 10);
    time_t until = count > 5 ? time(NULL) + (time_t)strtoul(arguments[5], NULL, 10) : 0;
    static struct generated generated;
    bool good = true;
    for (uint64_t run = 0; good && (until != 0 ? time(NULL) < until : run < runs); run++)
        good = differ_once(&generated, seed + run, lines, PLANTED_NOTHING, false);
    print_counts("generated", &generated.result);
    printf("projects: %" PRIu64 ", refused by the compiler: %" PRIu64 "\n", generated.made, generated.refused);
    uint32_t missing = coverage_print(&generated.result.coverage, generated.result.opcodes);
    print_reasons(&generated.result);
    differ_result_free(&generated.result);
    if (!good) return 1;
    if (generated.made >= (seed == 1 ? CONSTRUCTS_AFTER : CONSTRUCTS_AFTER_ANY) && missing > 0) {
        printf("%u constructs were never made, and nobody says why\n", missing);
        return 1;
    }
    if (generated.refused * 5 > generated.made) {
        printf("too many projects do not compile\n");
        return 1;
    }
    return 0;
}

/* plants SEED RUNS LINES: each planted mistake must be seen in at most RUNS projects. */
static int differ_plants(char **arguments)
{
    uint64_t seed = strtoull(arguments[2], NULL, 10), runs = strtoull(arguments[3], NULL, 10);
    uint32_t lines = (uint32_t)strtoul(arguments[4], NULL, 10), seen = 0;
    for (uint32_t plant = PLANTED_NOTHING + 1; plant < PLANTED_COUNT; plant++) {
        struct generated generated = {.made = 0};
        uint64_t run = 0;
        while (run < runs && differ_once(&generated, seed + run, lines, (enum reference_plant)plant, true)) run++;
        if (run < runs) {
            seen++;
            printf("plant %u: seen in project %" PRIu64 ": %s\n", plant, run + 1, generated.result.fault);
        } else {
            printf("plant %u: NOT SEEN in %" PRIu64 " projects\n", plant, runs);
        }
        differ_result_free(&generated.result);
    }
    printf("mistakes planted: %u, seen: %u\n", PLANTED_COUNT - 1, seen);
    return seen == PLANTED_COUNT - 1 ? 0 : 1;
}

int main(int count, char **arguments)
{
    if (count >= 6 && strcmp(arguments[1], "files") == 0) return differ_files(count, arguments);
    if (count >= 5 && strcmp(arguments[1], "generated") == 0) return differ_generated(count, arguments);
    if (count == 5 && strcmp(arguments[1], "plants") == 0) return differ_plants(arguments);
    if (count == 3 && strcmp(arguments[1], "show") == 0) {
        struct buffer source = BUFFER_EMPTY;
        generate_project(&source, strtoull(arguments[2], NULL, 10));
        printf("%s", buffer_as_string(&source));
        buffer_deinit(&source);
        return 0;
    }
    fprintf(stderr, "usage: differ_tool files SEED RUNS LINES FILE... | generated SEED RUNS LINES [SECONDS] | plants "
                    "SEED RUNS LINES | show SEED\n");
    return 2;
}
