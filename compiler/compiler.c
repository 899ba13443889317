/*
 * The whole way from files to a bundle (compiler.h): parse all, gather names, emit vocabulary, rules and campaigns, resolve the
 * tests, then let the verifier prove what was made and write its bounds.
 *
 * A bundle is written only where nothing was reported as an error; so half-made records never leave this file.
 */
#include "compiler/compiler.h"

#include "compiler/campaign.h"
#include "compiler/check_versions.h"
#include "compiler/check_offers.h"
#include "compiler/check_ask.h"
#include "compiler/check_missions.h"
#include "compiler/check_points.h"
#include "compiler/check_policies.h"
#include "compiler/check_tests.h"
#include "compiler/check_messages.h"
#include "compiler/parser.h"
#include "compiler/semantic.h"
#include "compiler/tournament.h"
#include "compiler/stdlib_files.h"
#include "vm/builder.h"
#include "vm/bundle.h"
#include "vm/limits.h"
#include "vm/verify.h"

static enum status add_sources(struct compiler_output *out, const struct compiler_input *files, uint32_t count,
                               struct error *error)
{
    struct source *source;
    for (uint32_t i = 0; i < count; i++)
        RETURN_IF_FAILED(source_set_add(&source, &out->sources, files[i].path, files[i].bytes, error));
    for (unsigned i = 0; i < stdlib_file_count; i++) {
        RETURN_IF_FAILED(source_set_add(&source, &out->sources, text_of(stdlib_files[i].name),
                                        text_make(stdlib_files[i].bytes, stdlib_files[i].size), error));
    }
    return OK;
}

/* Bounds need a verified program, and a verified program needs bounds: verify_bounds() breaks the circle. */
/* Tells the first bytes of a file that are no character. */
static void judge_characters(struct compiler_output *out, const struct source *source)
{
    uint32_t good = 0;
    for (uint32_t size = 1; size > 0 && good < source->text.size; good += size)
        size = text_utf8_size(source->text, good);
    if (good >= source->text.size) return;
    struct span span = {source->file, good, good + 1};
    diagnostics_add(&out->diagnostics, DIAGNOSTIC_NOT_UTF8, span, NULL, 0);
}

/* Tells where more texts of metrics are read than one run has room for. */
static bool tell_metric_texts(struct names *names, struct text words)
{
    if (text_starts_with(words, TEXT("policies and segments"))) {
        const struct thing *thing = names->segment_count > 0 ? &names->segments[names->segment_count - 1]
                                                             : &names->policies[names->policy_count - 1];
        REPORT(names, DIAGNOSTIC_METRIC_TEXTS, thing->declaration->span, TEXT("a segment or a policy line"));
        return true;
    }
    for (uint32_t i = 0; i < names->campaign_count; i++) {
        struct text name = arena_print(names->arena, "campaign `%.*s`", TEXT_ARGS(names->campaigns[i].name));
        if (!text_starts_with(words, name)) continue;
        REPORT(names, DIAGNOSTIC_METRIC_TEXTS, names->campaigns[i].declaration->span,
               arena_print(names->arena, "a line or a step of the %.*s", TEXT_ARGS(name)));
        return true;
    }
    return false;
}

/* Tells which campaign does more in one go than an activation may; the verifier's words begin with its name. */
static bool tell_limit(struct names *names, const struct error *refusal)
{
    struct text words = text_of(refusal->message);
    if (strstr(refusal->message, "the texts of metrics that are read") != NULL) return tell_metric_texts(names, words);
    for (uint32_t i = 0; i < names->campaign_count; i++) {
        struct text begin = arena_print(names->arena, "campaign `%.*s`, ", TEXT_ARGS(names->campaigns[i].name));
        if (!text_starts_with(words, begin)) continue;
        bool bytes = text_ends_with(words, TEXT("bytes can be needed from here in one activation"));
        REPORT(names, DIAGNOSTIC_TOO_MUCH_AT_ONCE, names->campaigns[i].declaration->span, names->campaigns[i].name,
               bytes ? TEXT("what its messages carry without a wait in between can have more than 65,536 bytes")
                     : TEXT("without a wait in between it can do more than 64 things, each new step counted"));
        return true;
    }
    return false;
}

static enum status prove(struct compiler_output *out, struct names *names, struct builder *builder, struct error *error)
{
    struct program program;
    RETURN_IF_FAILED(builder_program(&program, builder, error));
    struct bundle_bound *bounds = ARENA_ARRAY(&out->arena, struct bundle_bound, program.campaign_count + 1);
    if (bounds == NULL) return error_set(error, STATUS_NO_MEMORY, "out of memory");
    struct error refusal = ERROR_NONE;
    enum status status = verify_bounds(&program, bounds, &refusal);
    if (status == OK) {
        for (uint32_t i = 0; i < program.campaign_count; i++) builder_add_bound(builder, &bounds[i]);
        RETURN_IF_FAILED(builder_program(&program, builder, error));
        status = verify_program(&program, &refusal);
    }
    if (status == OK) return OK;
    if (status == STATUS_LIMIT && tell_limit(names, &refusal)) return OK;
    if (status == STATUS_NO_MEMORY) return error_set(error, STATUS_NO_MEMORY, "%s", refusal.message);
    return error_set(error, STATUS_REFUSED,
                     "the compiled project does not prove safe, which is a defect of the compiler to report: %s",
                     refusal.message);
}

enum status compiler_compile(struct compiler_output *out, const struct compiler_input *files, uint32_t count,
                             struct compiler_options options, struct error *error)
{
    const uint32_t memory_max = options.memory_max > 0 ? options.memory_max : (uint32_t)LIMIT_COMPILER_ARENA_BYTES;
    *out = (struct compiler_output){0};
    arena_init(&out->arena, memory_max);
    source_set_init(&out->sources, &out->arena);
    diagnostics_init(&out->diagnostics, &out->arena, &out->sources);
    buffer_init(&out->bundle, LIMIT_BUNDLE_BYTES);
    out->failed = true;
    RETURN_IF_FAILED(add_sources(out, files, count, error));

    struct ast_file **trees = ARENA_ARRAY(&out->arena, struct ast_file *, out->sources.count + 1);
    if (trees == NULL) return error_set(error, STATUS_NO_MEMORY, "out of memory");
    for (uint32_t i = 0; i < count && i < out->sources.count; i++) judge_characters(out, out->sources.sources[i]);
    bool empty = true;
    for (uint32_t i = 0; i < out->sources.count; i++) {
        trees[i] = parser_parse(out->sources.sources[i], &out->arena, &out->diagnostics);
        if (trees[i] == NULL)
            return error_set(error, STATUS_NO_MEMORY, "the compiler's memory is used up by `%.*s`",
                             TEXT_ARGS(out->sources.sources[i]->name));
        if (i < count && (trees[i]->declarations.count > 0 || trees[i]->is_broken)) empty = false;
    }
    if (empty) diagnostics_add(&out->diagnostics, DIAGNOSTIC_NOTHING_TO_COMPILE, (struct span){0, 0, 0}, NULL, 0);

    struct builder builder;
    builder_init(&builder);
    struct names names = {
        .arena = &out->arena,
        .diagnostics = &out->diagnostics,
        .sources = &out->sources,
        .reader = options.reader,
        .builder = &builder,
        .root = options.root,
        .before = options.before,
        .project_file_count = count,
    };
    enum status status = OK;
    tournaments_expand(&out->arena, trees, out->sources.count, &out->diagnostics);
    levels_expand(&out->arena, trees, out->sources.count);
    missions_expand(&out->arena, trees, out->sources.count, &out->diagnostics);
    starts_expand(&out->arena, trees, out->sources.count);
    if (!out->arena.failed) names_collect(&names, trees, out->sources.count, options.default_name);
    if (!out->arena.failed) messages_load(&names);
    if (!out->arena.failed) schema_emit(&names);
    if (!out->arena.failed) schema_emit_rules(&names);
    if (!out->arena.failed) policies_judge_groups(&names);
    for (uint32_t i = 0; i < names.campaign_count && !out->arena.failed; i++)
        campaign_compile(&names, &names.campaigns[i], i);
    if (!out->arena.failed && out->diagnostics.error_count == 0) tournaments_emit(&names);
    if (!out->arena.failed && out->diagnostics.error_count == 0) offers_judge_idle(&names);
    if (!out->arena.failed) circles_judge(&names);
    if (!out->arena.failed) tells_judge_loops(&names);
    bool sound = out->diagnostics.error_count == 0 && !out->arena.failed && !builder.failed;
    if (sound) {
        status = semantic_hashes(&builder, &out->arena, error);
        if (status != OK) goto done;
    }
    if (sound) {
        status = prove(out, &names, &builder, error);
        if (status != OK) goto done;
        sound = out->diagnostics.error_count == 0;
    }
    struct program program = {0};
    if (sound) {
        status = builder_program(&program, &builder, error);
        if (status != OK) goto done;
        versions_judge_moves(&names, names.before, &program);
        tests_resolve(&names, &program, &out->tests, &out->test_count);
    }
    if (out->arena.failed || out->diagnostics.out_of_memory || builder.failed) {
        status =
            error_set(error, STATUS_NO_MEMORY, "the compiler's memory is used up (%u bytes)", (unsigned)memory_max);
        goto done;
    }
    if (out->diagnostics.error_count > 0) {
        out->test_count = 0;
        goto done;
    }
    status = bundle_write(&out->bundle, &program, error);
    if (status != OK) goto done;
    size_t size = out->bundle.size;
    void *copy = arena_copy(&out->arena, out->bundle.bytes, size);
    if (copy == NULL) {
        status = error_set(error, STATUS_NO_MEMORY, "the compiler's memory is used up by the bundle");
        goto done;
    }
    status = bundle_open(&out->program, copy, size, error);
    if (status != OK) goto done;
    if (options.check_only) buffer_clear(&out->bundle);
    names.builder = NULL;
    names.reader = (struct compiler_reader){0};
    names.before = NULL;
    out->names = arena_copy(&out->arena, &names, sizeof names);
    if (out->names == NULL) {
        status = error_set(error, STATUS_NO_MEMORY, "the compiler's memory is used up by the names");
        goto done;
    }
    out->failed = false;
done:
    builder_deinit(&builder);
    return status;
}

void compiler_release(struct compiler_output *out)
{
    buffer_deinit(&out->bundle);
    arena_deinit(&out->arena);
    *out = (struct compiler_output){0};
}
