/*
 * A compilation that runs out of its memory at many places: whichever allocation is the first that finds no room, the answer is
 * STATUS_NO_MEMORY with words, or all that comes out in peace. What the host's allocator refuses is tests/oom/; here the arena has
 * a limit, so that each single piece of the tree, of a message and of a list of names is refused in its turn.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler/compiler.h"

#ifdef __SANITIZE_ADDRESS__
enum { STEPS = 40, EACH = 8 };
#else
enum { STEPS = 100, EACH = 2 }; /* every how many golden files */
#endif

static char source[65536];

static struct text read_source(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) fail_msg("%s cannot be read", path);
    const size_t size = fread(source, 1, sizeof source, file);
    (void)fclose(file);
    return text_make(source, size);
}

static enum status compile(struct compiler_output *out, struct text text, uint32_t memory_max, struct error *error)
{
    const struct compiler_input input = {TEXT("memory.promo"), text};
    return compiler_compile(out, &input, 1,
                            (struct compiler_options){.default_name = TEXT("memory"), .memory_max = memory_max}, error);
}

static void words_of(struct buffer *out, struct compiler_output *output)
{
    diagnostics_render(&output->diagnostics, DIAGNOSTIC_TEXT, out);
    buffer_append(out, output->bundle.bytes, output->bundle.size);
}

/* What no file needs less of: a project without a line of its own. */
static size_t smallest(void)
{
    struct compiler_output output;
    struct error error = ERROR_NONE;
    assert_int_equal(compile(&output, TEXT("workspace \"W\"\n  currency EUR\nend\n"), 0, &error), OK);
    const size_t used = output.arena.used;
    compiler_release(&output);
    return used;
}

/* What comes out of a source with a limit is what came out in peace, or words about the want of memory. True: refused. */
static bool judge(const char *path, struct text text, uint32_t limit, const struct buffer *peace)
{
    struct compiler_output output;
    struct error error = ERROR_NONE;
    struct buffer words = BUFFER_EMPTY;
    const enum status status = compile(&output, text, limit, &error);
    if (status == OK) {
        words_of(&words, &output);
        if (words.size != peace->size || memcmp(words.bytes, peace->bytes, words.size) != 0)
            fail_msg("%s with %u bytes: other words or another bundle than in peace", path, (unsigned)limit);
    } else if (status != STATUS_NO_MEMORY || error.message[0] == '\0') {
        fail_msg("%s with %u bytes: status %d: %s", path, (unsigned)limit, (int)status, error.message);
    }
    buffer_deinit(&words);
    compiler_release(&output);
    return status != OK;
}

/* The bytes that a source takes in peace, and what comes out of it. */
static size_t in_peace(const char *path, struct text text, struct buffer *peace)
{
    struct compiler_output output;
    struct error error = ERROR_NONE;
    const enum status status = compile(&output, text, 0, &error);
    if (status != OK) fail_msg("%s: %s", path, error.message);
    words_of(peace, &output);
    const size_t used = output.arena.used;
    compiler_release(&output);
    return used;
}

static void no_place_without_memory_is_worse_than_words(void **state)
{
    static const char *const paths[] = {"examples/c02-ladder/ladder.promo", "examples/c04-rake-race/race.promo",
                                        "examples/c07-gift-card/gift-card.promo", "examples/c09-mission/mission.promo",
                                        "examples/c10-levels/levels.promo"};
    const size_t least = smallest() / 2;
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const struct text text = read_source(paths[i]);
        struct buffer peace = BUFFER_EMPTY;
        const size_t most = in_peace(paths[i], text, &peace);
        assert_false(judge(paths[i], text, (uint32_t)most, &peace));
        assert_true(judge(paths[i], text, (uint32_t)most - 1, &peace)); /* the last byte is needed */
        for (size_t step = 0; step < STEPS; step++)
            assert_true(judge(paths[i], text, (uint32_t)(least + (most - least) * step / STEPS), &peace));
        buffer_deinit(&peace);
    }
}

/* The golden mistakes: their messages are the last that is made, so the last bytes are what fails them. */
static void no_message_without_memory_is_half_a_message(void **state)
{
    static const uint32_t wanting[] = {200, 1300, 6000};
    DIR *folder = opendir("tests/diagnostics");
    uint32_t files = 0, seen = 0;
    (void)state;
    assert_non_null(folder);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        const struct text name = text_of(entry->d_name);
        if (!text_ends_with(name, TEXT(".promo"))) continue;
        if (entry->d_name[0] == 'E' && text_compare(name, TEXT("E02")) < 0) continue; /* reading alone */
        if (seen++ % EACH != 0) continue;
        char path[512];
        (void)snprintf(path, sizeof path, "tests/diagnostics/%s", entry->d_name);
        const struct text text = read_source(path);
        struct buffer peace = BUFFER_EMPTY;
        const size_t most = in_peace(path, text, &peace);
        for (size_t i = 0; i < sizeof wanting / sizeof *wanting; i++)
            (void)judge(path, text, (uint32_t)most - wanting[i], &peace);
        buffer_deinit(&peace);
        files++;
    }
    (void)closedir(folder);
    assert_true(files > 300 / EACH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_place_without_memory_is_worse_than_words),
                                       cmocka_unit_test(no_message_without_memory_is_half_a_message)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
