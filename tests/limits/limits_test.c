/*
 * Every row of spec/limits.def: one below and at the limit is accepted, one above is refused with a message that names the number and what to do.
 *
 * A row that is new needs a case here: the table is by rows, and a row without one fails. Where the limit cannot be reached exactly, or only
 * with gigabytes, the case says so. Next: spec/limits.def.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "compiler/compiler.h"
#include "runtime/cli/cli.h"
#include "runtime/engine/state.h"
#include "runtime/store/trust.h"
#include "tests/fuzz/bundle_kit.h"
#include "tests/kit/engine_kit.h"
#include "vm/arena.h"
#include "vm/assemble.h"
#include "vm/builder.h"
#include "vm/bundle.h"
#include "vm/layout.h"
#include "vm/limits.h"
#include "vm/verify.h"

/* ------------------------------------------------------------------ texts of a given size */

static void campaign_begin(struct buffer *out, const char *product)
{
    buffer_print(out, "campaign \"L\"\n  product %s\n  currency EUR\n  start on deposit\n", product);
}

static void campaign_end(struct buffer *out)
{
    buffer_print(out, "    finish as \"DONE\"\n  end\nend\n");
}

static void plain(struct buffer *out)
{
    campaign_begin(out, "casino");
    buffer_print(out, "  step \"Only\"\n");
    campaign_end(out);
}

static void steps(struct buffer *out, unsigned count)
{
    campaign_begin(out, "casino");
    for (unsigned i = 0; i + 1 < count; i++)
        buffer_print(out, "  step \"S%u\"\n    wait 1 day\n    go to \"S%u\"\n  end\n", i, i + 1);
    buffer_print(out, "  step \"S%u\"\n", count - 1);
    campaign_end(out);
}

static void splits(struct buffer *out, unsigned count)
{
    campaign_begin(out, "casino");
    buffer_print(out, "  step \"Only\"\n");
    for (unsigned i = 0; i < count; i++)
        buffer_print(
            out, "    split \"s%u\"\n      50%% \"A\"  go on\n      50%% \"B\"  go on\n    end\n    wait 1 day\n", i);
    campaign_end(out);
}

static void cases_of_a_wait(struct buffer *out, unsigned count)
{
    campaign_begin(out, "casino");
    buffer_print(out, "  step \"Only\"\n    wait up to 1 day\n");
    for (unsigned i = 0; i < count; i++)
        buffer_print(out, "      when deposit where amount is at least %u EUR  go on\n", 1000 - i);
    buffer_print(out, "      when time is up  go on\n    end\n");
    campaign_end(out);
}

static void arms(struct buffer *out, unsigned count)
{
    campaign_begin(out, "casino");
    buffer_print(out, "  step \"Only\"\n    split \"s\"\n      %u%% \"first\"  go on\n", 101 - count);
    for (unsigned i = 1; i < count; i++) buffer_print(out, "      1%% \"arm %u\"  go on\n", i);
    buffer_print(out, "    end\n");
    campaign_end(out);
}

static void offers(struct buffer *out, unsigned count)
{
    campaign_begin(out, "casino");
    buffer_print(out, "  budget\n    total 1,000 EUR\n  end\n");
    for (unsigned i = 0; i < count; i++)
        buffer_print(out, "  offer cash \"o%u\"\n    amount 1 EUR\n    wagering none\n  end\n", i);
    buffer_print(out, "  step \"Only\"\n    credit \"o0\", otherwise go on\n");
    campaign_end(out);
}

static void remembered(struct buffer *out, unsigned count)
{
    campaign_begin(out, "casino");
    buffer_print(out, "  step \"Only\"\n");
    for (unsigned i = 0; i < count; i++) buffer_print(out, "    remember v%u as player.age\n", i);
    campaign_end(out);
}

static void waits(struct buffer *out, unsigned count)
{
    campaign_begin(out, "casino");
    buffer_print(out, "  step \"Only\"\n");
    for (unsigned i = 0; i < count; i++) buffer_print(out, "    wait 1 day\n");
    campaign_end(out);
}

static void conditions(struct buffer *out, unsigned count)
{
    campaign_begin(out, "casino");
    buffer_print(out, "  only for players where all of\n");
    for (unsigned i = 0; i < count; i++) buffer_print(out, "    age is at least 18\n");
    buffer_print(out, "  end\n  step \"Only\"\n");
    campaign_end(out);
}

/* Without the standard segments and policies, so that every condition of the shared region is counted here. */
static void shared_conditions(struct buffer *out, unsigned count)
{
    buffer_print(out, "workspace \"W\"\n  product casino\n  currency EUR\n  use events\n  use attributes\nend\n");
    for (unsigned i = 0; i < count; i++)
        buffer_print(out, "segment \"S%u\" is players where age is at least %u\n", i, i);
    plain(out);
}

static void caps(struct buffer *out, unsigned count)
{
    for (unsigned i = 1; i < count; i++)
        buffer_print(out, "policy \"P%u\"\n  messages at most %u per 7 days, otherwise drop\nend\n", i, i);
    campaign_begin(out, "casino");
    buffer_print(out, "  messages at most 2 per 1 day, otherwise drop\n  step \"Only\"\n");
    campaign_end(out);
}

static void tags(struct buffer *out, unsigned count)
{
    buffer_print(out, "workspace \"W\"\n  product casino\n  currency EUR\n  use events\n  use attributes\n  tag t0");
    for (unsigned i = 1; i < count; i++) buffer_print(out, ", t%u", i);
    buffer_print(out, "\nend\n");
    plain(out);
}

static void values_of(struct buffer *out, const char *type, unsigned count)
{
    buffer_print(out, "attribute chosen  optional %s v0", type);
    for (unsigned i = 1; i < count; i++) buffer_print(out, ", v%u", i);
    buffer_print(out, "\n");
    plain(out);
}

static void enumeration(struct buffer *out, unsigned count)
{
    values_of(out, "one of", count);
}

static void set(struct buffer *out, unsigned count)
{
    values_of(out, "set of", count);
}

static void text_bytes(struct buffer *out, unsigned count)
{
    buffer_print(out, "attribute words  optional text up to %u\n", count);
    plain(out);
}

static void name_bytes(struct buffer *out, unsigned count)
{
    buffer_print(out, "segment \"");
    buffer_fill(out, 'x', count);
    buffer_print(out, "\" is players where vip is yes\n");
    plain(out);
}

/* A reward with all its parameters, its cost, and the deposit for its wagering. */
static void parameters(struct buffer *out, unsigned count)
{
    buffer_print(out, "action large\n  class reward\n");
    for (unsigned i = 0; i < count; i++) buffer_print(out, "  takes p%u money\n", i);
    buffer_print(out, "  costs p0\nend\n");
    campaign_begin(out, "casino");
    buffer_print(out, "  budget\n    total 1,000 EUR\n  end\n  offer large \"o\"\n");
    for (unsigned i = 0; i < count; i++) buffer_print(out, "    p%u 1 EUR\n", i);
    buffer_print(out,
                 "    wagering 2x of bonus and deposit\n  end\n  step \"Only\"\n    credit \"o\", otherwise go on\n");
    campaign_end(out);
}

static void holes(struct buffer *out, unsigned count)
{
    for (unsigned i = 0; i < count; i++) buffer_print(out, "attribute a%u  whole number, otherwise 0\n", i);
    buffer_print(out, "message \"m\"\n  about casino\n  inbox \"en\" \"Hello");
    for (unsigned i = 0; i < count; i++) buffer_print(out, " {player.a%u}", i);
    buffer_print(out, "\"\nend\n");
    campaign_begin(out, "casino");
    buffer_print(out, "  step \"Only\"\n    send inbox \"m\"\n");
    campaign_end(out);
}

/* The step counts too. */
static void effects(struct buffer *out, unsigned count)
{
    campaign_begin(out, "casino");
    buffer_print(out, "  step \"Only\"\n");
    for (unsigned i = 1; i < count; i++)
        buffer_print(out, "    do notify_crm with team \"t\", level \"l\" as \"l%u\"\n", i);
    campaign_end(out);
}

static void carried(struct buffer *out, unsigned count)
{
    for (unsigned i = 0; i < 15; i++) buffer_print(out, "attribute a%u  text up to 1024, otherwise \"x\"\n", i);
    buffer_print(out, "message \"m\"\n  about casino\n  inbox \"en\" \"Hello");
    for (unsigned i = 0; i < 15; i++) buffer_print(out, " {player.a%u}", i);
    buffer_print(out, "\"\nend\n");
    campaign_begin(out, "casino");
    buffer_print(out, "  step \"Only\"\n");
    for (unsigned i = 0; i < count; i++) buffer_print(out, "    send inbox \"m\" as \"l%u\"\n", i);
    campaign_end(out);
}

static void credits(struct buffer *out, unsigned count)
{
    campaign_begin(out, "casino");
    buffer_print(
        out, "  budget\n    total 1,000 EUR\n  end\n  offer cash \"o\"\n    amount 1 EUR\n    wagering none\n  end\n"
             "  step \"Only\"\n");
    for (unsigned i = 0; i < count; i++) buffer_print(out, "    credit \"o\" as \"l%u\", otherwise go on\n", i);
    campaign_end(out);
}

static void segments_in_a_row(struct buffer *out, unsigned count)
{
    for (unsigned i = 0; i + 1 < count; i++)
        buffer_print(out, "segment \"S%u\" is players where player is in \"S%u\"\n", i, i + 1);
    buffer_print(out, "segment \"S%u\" is players where vip is yes\n", count - 1);
    plain(out);
}

static void pools(struct buffer *out, unsigned count)
{
    for (unsigned i = 0; i < count; i++) buffer_print(out, "budget \"B%u\"\n  total 5 EUR\nend\n", i);
    plain(out);
}

/* A workspace with nothing of the standard library, an event and a campaign on it. */
static void bare(struct buffer *out)
{
    buffer_print(out, "workspace \"W\"\n  product casino\n  currency EUR\nend\n");
}

static void bare_campaign(struct buffer *out, const char *name)
{
    buffer_print(out,
                 "campaign \"%s\"\n  product casino\n  currency EUR\n  start on e0\n  step \"Only\"\n    finish as "
                 "\"DONE\"\n  end\nend\n",
                 name);
}

static void events(struct buffer *out, unsigned count)
{
    bare(out);
    for (unsigned i = 0; i < count; i++) buffer_print(out, "event e%u\n  field f  whole number\nend\n", i);
    bare_campaign(out, "L");
}

static void fields(struct buffer *out, unsigned count)
{
    bare(out);
    buffer_print(out, "event e0\n");
    for (unsigned i = 0; i < count; i++) buffer_print(out, "  field f%u  whole number\n", i);
    buffer_print(out, "end\n");
    bare_campaign(out, "L");
}

static void attributes(struct buffer *out, unsigned count)
{
    bare(out);
    for (unsigned i = 0; i < count; i++) buffer_print(out, "attribute a%u  optional whole number\n", i);
    buffer_print(out, "event e0\n  field f  whole number\nend\n");
    bare_campaign(out, "L");
}

static void queries(struct buffer *out, unsigned count)
{
    for (unsigned i = 0; i < count; i++) buffer_print(out, "query q%u  percent\n", i);
    plain(out);
}

static void actions(struct buffer *out, unsigned count)
{
    bare(out);
    for (unsigned i = 0; i < count; i++)
        buffer_print(out, "action a%u\n  class reward\n  takes amount money\n  costs amount\nend\n", i);
    buffer_print(out, "event e0\n  field f  whole number\nend\n");
    bare_campaign(out, "L");
}

static void segments(struct buffer *out, unsigned count)
{
    bare(out);
    buffer_print(out, "attribute age  whole number, otherwise 0\n");
    for (unsigned i = 0; i < count; i++)
        buffer_print(out, "segment \"S%u\" is players where age is at least %u\n", i, i);
    buffer_print(out, "event e0\n  field f  whole number\nend\n");
    bare_campaign(out, "L");
}

static void metrics(struct buffer *out, unsigned count)
{
    bare(out);
    buffer_print(out, "event e0\n  field f  whole number\nend\n");
    for (unsigned i = 0; i < count; i++) buffer_print(out, "metric m%u is count of e0 ever\n", i);
    bare_campaign(out, "L");
}

static void policies(struct buffer *out, unsigned count)
{
    buffer_print(out, "workspace \"W\"\n  product casino\n  currency EUR\n  use events\n  use attributes\nend\n");
    for (unsigned i = 0; i < count; i++)
        buffer_print(out, "policy \"P%u\"\n  send email about casino only to players where casino_email is yes\nend\n",
                     i);
    plain(out);
}

static void code_pools(struct buffer *out, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        buffer_print(out, "codes \"c%u\"\n  upload up to 10\n  each code once\nend\n", i);
    plain(out);
}

static void quotas(struct buffer *out, unsigned count)
{
    buffer_print(out, "codes \"c\"\n  upload up to 10,000\n  each code once\n");
    for (unsigned i = 0; i + 1 < count; i++)
        buffer_print(out, "  quota \"Q%u\" 10 for players where age is at least %u\n", i, i + 18);
    buffer_print(out, "  quota \"Rest\" 10 for everyone else\nend\n");
    plain(out);
}

static void tries(struct buffer *out, unsigned count)
{
    buffer_print(
        out,
        "codes \"c\"\n  upload up to 10\n  each code once\n  lock 60 minutes after %u wrong tries in 10 minutes\nend\n",
        count);
    plain(out);
}

static void uploaded(struct buffer *out, unsigned count)
{
    buffer_print(out, "codes \"c\"\n  upload up to %u\n  each code once\nend\n", count);
    plain(out);
}

static void rate_tables(struct buffer *out, unsigned count)
{
    buffer_print(out, "workspace \"W\"\n  product casino\n  currency EUR, PLN\n  use events\n  use attributes\nend\n");
    for (unsigned i = 0; i < count; i++)
        buffer_print(out, "rates \"r%u\"\n  version \"1\"\n  rate EUR to PLN 4.25\nend\n", i);
    plain(out);
}

static void points(struct buffer *out, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        buffer_print(out, "points \"p%u\"\n  timezone \"UTC\"\n  earn 10 per session\nend\n", i);
    plain(out);
}

static void earn_lines(struct buffer *out, unsigned count)
{
    buffer_print(out, "points \"p\"\n  currency EUR\n  timezone \"UTC\"\n");
    for (unsigned i = 0; i < count; i++) buffer_print(out, "  earn 1 per %u EUR of deposit.amount\n", i + 1);
    buffer_print(out, "end\n");
    plain(out);
}

static void ladders(struct buffer *out, unsigned count)
{
    buffer_print(out, "points \"p\"\n  timezone \"UTC\"\n  earn 10 per session\nend\n");
    for (unsigned i = 0; i < count; i++) {
        buffer_print(out, "attribute l%u  optional ranked none, a%u\n", i, i);
        buffer_print(out,
                     "levels \"L%u\"\n  timezone \"UTC\"\n  sets l%u\n  counts \"p\" earned over this month\n  up at "
                     "once\n  level a%u from 5\nend\n",
                     i, i, i);
    }
    plain(out);
}

static void levels(struct buffer *out, unsigned count)
{
    buffer_print(out,
                 "points \"p\"\n  timezone \"UTC\"\n  earn 10 per session\nend\nattribute l  optional ranked none");
    for (unsigned i = 0; i < count; i++) buffer_print(out, ", v%u", i);
    buffer_print(
        out,
        "\nlevels \"Ladder\"\n  timezone \"UTC\"\n  sets l\n  counts \"p\" earned over this month\n  up at once\n");
    for (unsigned i = 0; i < count; i++) buffer_print(out, "  level v%u from %u\n", i, (i + 1) * 10);
    buffer_print(out, "end\n");
    plain(out);
}

static void campaigns(struct buffer *out, unsigned count)
{
    bare(out);
    buffer_print(out, "event e0\n  field f  whole number\nend\n");
    for (unsigned i = 0; i < count; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "C%u", i);
        bare_campaign(out, name);
    }
}

static void entry_keys(struct buffer *out, unsigned count)
{
    for (unsigned i = 0; i < count; i++) buffer_print(out, "attribute k%u  optional text up to 16\n", i);
    buffer_print(out,
                 "campaign \"L\"\n  product casino\n  currency EUR\n  start on registration\n  enter once per player");
    for (unsigned i = 0; i < count; i++) buffer_print(out, " and per k%u", i);
    buffer_print(out, ", missing keys enter\n  step \"Only\"\n");
    campaign_end(out);
}

static void tasks(struct buffer *out, unsigned count)
{
    buffer_print(out, "mission \"M\"\n  product casino\n  currency EUR\n  timezone \"UTC\"\n  start on opt_in of "
                      "\"M\"\n  complete once\n  lasts 7 days\n");
    for (unsigned i = 0; i < count; i++) buffer_print(out, "  task \"t%u\" needs %u deposit\n", i, i + 1);
    buffer_print(out, "  progress\n    when 100%%  finish as \"DONE\"\n  end\nend\n");
    plain(out);
}

static void task_parts(struct buffer *out, unsigned count)
{
    buffer_print(out,
                 "mission \"M\"\n  product casino\n  currency EUR\n  timezone \"UTC\"\n  start on opt_in of \"M\"\n  "
                 "complete once\n  lasts 7 days\n"
                 "  task \"t\" needs %u deposit\n  progress\n    when 100%%  finish as \"DONE\"\n  end\nend\n",
                 count);
    plain(out);
}

static void measures(struct buffer *out, unsigned count)
{
    campaign_begin(out, "casino");
    for (unsigned i = 0; i < count; i++) buffer_print(out, "  goal \"g%u\" within %u days on deposit\n", i, i + 1);
    buffer_print(out, "  step \"Only\"\n    split \"s\"\n      50%% \"A\"  go on\n      50%% \"B\"  go on\n    end\n");
    campaign_end(out);
}

static void badges(struct buffer *out, unsigned count)
{
    for (unsigned i = 0; i < count; i++) buffer_print(out, "badge \"b%u\"\n  note \"n\"\nend\n", i);
    campaign_begin(out, "casino");
    buffer_print(out, "  step \"Only\"\n");
    for (unsigned i = 0; i < count; i++)
        buffer_print(out, "    award badge \"b%u\"\n%s", i, i % 40 == 39 ? "    wait 1 day\n" : "");
    campaign_end(out);
}

/* Blocks within blocks: campaign, step, and so many `if`. */
static void nesting(struct buffer *out, unsigned count)
{
    campaign_begin(out, "casino");
    buffer_print(out, "  step \"Only\"\n");
    for (unsigned i = 2; i < count; i++) buffer_print(out, "    if player.age is at least %u\n", i);
    buffer_print(out, "    tag reviewers\n");
    for (unsigned i = 2; i < count; i++) buffer_print(out, "    end\n");
    campaign_end(out);
}

static void source_bytes(struct buffer *out, unsigned count)
{
    plain(out);
    buffer_print(out, "# ");
    buffer_fill(out, 'x', count - out->size - 1);
    buffer_print(out, "\n");
}

static void string_bytes(struct buffer *out, unsigned count)
{
    buffer_print(out, "message \"m\"\n  about casino\n  inbox \"en\" \"");
    buffer_fill(out, 'x', count);
    buffer_print(out, "\"\nend\n");
    campaign_begin(out, "casino");
    buffer_print(out, "  step \"Only\"\n    send inbox \"m\"\n");
    campaign_end(out);
}

static void body_bytes(struct buffer *out, unsigned count)
{
    (void)count; /* read_body gives so many */
    buffer_print(out, "message \"m\"\n  about casino\n  inbox \"en\" from file \"body.md\"\nend\n");
    campaign_begin(out, "casino");
    buffer_print(out, "  step \"Only\"\n    send inbox \"m\"\n");
    campaign_end(out);
}

/* The last text is as long as what is left: a metric has at most 1,024 bytes. */
static void metric_text(struct buffer *out, unsigned count)
{
    unsigned left = count;
    buffer_print(out, "event note\n");
    for (unsigned i = 0; left > 0; i++) {
        const unsigned size = left > 1024 ? 1024 : left;
        buffer_print(out, "  field t%u  text up to %u\n", i, size);
        left -= size;
    }
    buffer_print(out, "end\n");
    left = count;
    for (unsigned i = 0; left > 0; i++) {
        buffer_print(out, "metric m%u is last of note.t%u ever, otherwise \"x\"\n", i, i);
        left -= left > 1024 ? 1024 : left;
    }
    campaign_begin(out, "casino");
    buffer_print(out, "  only for players where all of\n");
    left = count;
    for (unsigned i = 0; left > 0; i++) {
        buffer_print(out, "    m%u is \"x\"\n", i);
        left -= left > 1024 ? 1024 : left;
    }
    buffer_print(out, "  end\n  step \"Only\"\n");
    campaign_end(out);
}

/* ------------------------------------------------------------------ what came of a try */

struct answer {
    bool accepted;
    char words[4096];
};

static void refused(struct answer *answer, const char *words)
{
    answer->accepted = false;
    (void)snprintf(answer->words, sizeof answer->words, "%s", words);
}

static unsigned body_size;

static bool read_body(void *context, struct text path, struct buffer *out)
{
    (void)context;
    (void)path;
    buffer_fill(out, 'x', body_size);
    return buffer_ok(out);
}

static void compile(struct answer *answer, void (*write)(struct buffer *out, unsigned count), unsigned count)
{
    struct buffer source = BUFFER_EMPTY;
    body_size = count;
    write(&source, count);
    struct compiler_input input = {TEXT("limits.promo"), buffer_as_text(&source)};
    struct compiler_output output;
    struct error error = ERROR_NONE;
    struct compiler_options options = {.default_name = TEXT("limits"), .reader = {read_body, NULL}};
    enum status status = compiler_compile(&output, &input, 1, options, &error);
    answer->accepted = status == OK && !output.failed;
    if (status != OK) {
        assert_int_equal(status, STATUS_LIMIT);
        refused(answer, error.message);
    } else if (output.failed) {
        struct buffer words = BUFFER_EMPTY;
        diagnostics_render(&output.diagnostics, DIAGNOSTIC_TEXT, &words);
        refused(answer, buffer_as_string(&words));
        buffer_deinit(&words);
    }
    buffer_deinit(&source);
    compiler_release(&output);
}

/* ------------------------------------------------------------------ tries that are no campaign texts */

static void try_diagnostics(struct answer *answer, uint64_t count)
{
    struct buffer source = BUFFER_EMPTY, words = BUFFER_EMPTY;
    for (uint64_t i = 0; i < count; i++) buffer_print(&source, "attribute a%u  nonsense\n", (unsigned)i);
    plain(&source);
    struct compiler_input input = {TEXT("limits.promo"), buffer_as_text(&source)};
    struct compiler_output output;
    struct error error = ERROR_NONE;
    assert_int_equal(
        compiler_compile(&output, &input, 1, (struct compiler_options){.default_name = TEXT("limits")}, &error), OK);
    diagnostics_render(&output.diagnostics, DIAGNOSTIC_TEXT, &words);
    const char *all = buffer_as_string(&words);
    uint64_t shown = 0;
    for (const char *at = all; (at = strstr(at, "error[E")) != NULL; at++) shown++;
    refused(answer, words.size > 300 ? all + words.size - 300 : all);
    answer->accepted = shown == count;
    if (!answer->accepted) assert_int_equal(shown, LIMIT_DIAGNOSTICS_PER_FILE);
    buffer_deinit(&source);
    buffer_deinit(&words);
    compiler_release(&output);
}

/* The arena of a compilation as it is, without a campaign that would fill it: pieces of a mebibyte, of which no byte is touched. */
static void try_arena(struct answer *answer, uint64_t count)
{
    struct arena arena;
    arena_init(&arena, LIMIT_COMPILER_ARENA_BYTES);
    answer->accepted = true;
    for (uint64_t left = count; left > 0 && answer->accepted;) {
        const size_t piece = left < 4194304 ? (size_t)left : 4194304;
        answer->accepted = arena_alloc(&arena, piece) != NULL;
        left -= piece;
    }
    arena_deinit(&arena);
    if (!answer->accepted) refused(answer, "the compiler's memory is used up (268435456 bytes)");
}

/* How many instructions of the campaign's region stand in the prelude itself. */
static uint64_t region_size(const struct builder *builder, struct program *program)
{
    struct error error = ERROR_NONE;
    assert_int_equal(builder_program(program, builder, &error), OK);
    return program->region[1].code_count;
}

/* A campaign with so many instructions: numbers are loaded again and again before it is finished. */
static uint64_t try_code(struct answer *answer, uint64_t instructions, uint64_t register_number)
{
    struct buffer text = BUFFER_EMPTY;
    struct builder builder;
    struct program program;
    struct bundle_bound bound;
    struct error error = ERROR_NONE;
    FILE *prelude = fopen("tests/bytecode/prelude.asm", "r");
    assert_non_null(prelude);
    char line[1024];
    while (fgets(line, sizeof line, prelude) != NULL) {
        char *count = strstr(line, "register_count=8");
        if (count == NULL) {
            buffer_string(&text, line);
            continue;
        }
        *count = 0;
        buffer_print(&text, "%sregister_count=%u%s", line, (unsigned)register_number + 1, count + 16);
    }
    (void)fclose(prelude);
    buffer_print(&text, "start:\n");
    for (uint64_t i = 0; i + 1 < instructions; i++)
        buffer_print(&text, "  LOAD_CONST r%u, 1\n", (unsigned)register_number);
    buffer_print(&text, "  FINISH \"done\"\n");
    builder_init(&builder);
    enum status status = assemble(&builder, buffer_as_text(&text), &error);
    const uint64_t size = status == OK ? region_size(&builder, &program) : 0;
    if (status == OK) status = builder_program(&program, &builder, &error);
    if (status == OK) status = layout_check(&program, &error);
    if (status == OK) status = verify_bounds(&program, &bound, &error);
    answer->accepted = status == OK;
    if (status != OK) refused(answer, error.message);
    builder_deinit(&builder);
    buffer_deinit(&text);
    return size;
}

static void try_instructions(struct answer *answer, uint64_t count)
{
    struct answer small;
    const uint64_t more = try_code(&small, 3, 1) - 3;
    assert_int_equal(try_code(answer, count - more, 1), count);
}

static void try_registers(struct answer *answer, uint64_t count)
{
    (void)try_code(answer, 3, count - 1);
}

static void try_bundle_bytes(struct answer *answer, uint64_t count)
{
    struct program program;
    struct error error = ERROR_NONE;
    uint8_t *bytes = calloc(1, (size_t)count);
    assert_non_null(bytes);
    memcpy(bytes, "PRMO\1\0\1", 7);
    memcpy(bytes + 8, &count, 8);
    /* At the limit it is refused for what is in it, above for its size. */
    enum status status = bundle_open(&program, bytes, (size_t)count, &error);
    assert_int_not_equal(status, OK);
    answer->accepted = strstr(error.message, "more than") == NULL;
    if (!answer->accepted) refused(answer, error.message);
    free(bytes);
}

static void try_sections(struct answer *answer, uint64_t count)
{
    struct buffer bytes = BUFFER_EMPTY;
    struct program program;
    struct error error = ERROR_NONE;
    const uint32_t sections = (uint32_t)count;
    bundle_kit_sample(&bytes);
    buffer_fill(&bytes, 0, 8192);
    const uint64_t size = bytes.size;
    memcpy(bytes.bytes + 8, &size, 8);
    memcpy(bytes.bytes + 16, &sections, 4);
    enum status status = bundle_open(&program, bytes.bytes, bytes.size, &error);
    assert_int_not_equal(status, OK);
    answer->accepted = strstr(error.message, "sections") == NULL;
    if (!answer->accepted) refused(answer, error.message);
    buffer_deinit(&bytes);
}

/* ------------------------------------------------------------------ the running engine */

/* A chain of so many turns: events that tell the player himself the next one is a matter of the next instant, so campaigns start one another. */
static void try_cascade(struct answer *answer, uint64_t count)
{
    struct buffer source = BUFFER_EMPTY;
    struct kit kit;
    for (unsigned i = 0; i < count; i++) {
        buffer_print(&source, "campaign \"C%02u\"\n  product casino\n  currency EUR\n", i);
        if (i == 0)
            buffer_print(&source, "  start on session\n");
        else
            buffer_print(&source, "  start on campaign_finished of \"C%02u\"\n", i - 1);
        buffer_print(&source, "  enter every time\n  step \"Only\"\n    finish as \"DONE\"\n  end\nend\n");
    }
    kit_open(&kit, buffer_as_string(&source), 1);
    kit_line(&kit, "{\"id\":\"1\",\"event\":\"session\",\"player\":\"p\",\"at\":\"2026-06-01T10:00:00Z\",\"data\":{}}");
    kit_settle(&kit);
    answer->accepted = kit_count(&kit.notes, "CASCADE_LIMIT") == 0;
    if (!answer->accepted) refused(answer, "CASCADE_LIMIT: the chain of causes is longer than 16");
    kit_close(&kit);
    buffer_deinit(&source);
}

/* One journey more. The others are in the player's count alone: an engine with 4,096 of them takes half a minute to come by. */
static void try_journeys(struct answer *answer, uint64_t count)
{
    struct kit kit;
    kit_open(&kit,
             "workspace \"W\"\n  product casino\n  currency EUR\nend\nevent e0\n  field f  whole number\nend\n"
             "campaign \"L\"\n  product casino\n  currency EUR\n  start on e0\n  enter every time, at most 3 at once\n"
             "  step \"Only\"\n    wait 30 days\n    finish as \"DONE\"\n  end\nend\n",
             1);
    kit_event(&kit, "1", "e0", "p", "2026-06-01T10:00:00Z", "\"f\":1");
    kit_settle(&kit);
    struct player *player = state_find_player(kit.engine, record_group(TEXT(""), TEXT("p")), TEXT(""), TEXT("p"));
    assert_non_null(player);
    assert_int_equal(player->journey_count, 1);
    player->journey_count = (uint16_t)(count - 1);
    kit_event(&kit, "2", "e0", "p", "2026-06-01T10:00:01Z", "\"f\":1");
    kit_settle(&kit);
    answer->accepted = kit_count(&kit.notes, "JOURNEYS_LIMIT") == 0;
    assert_int_equal(player->journey_count, answer->accepted ? count : count - 1);
    if (!answer->accepted)
        refused(answer, "JOURNEYS_LIMIT: the player has 4,096 running journeys; it begins when some are over");
    player->journey_count = answer->accepted ? 2 : 1;
    kit_close(&kit);
}

static void try_persons(struct answer *answer, uint64_t count)
{
    struct kit kit;
    struct buffer source = BUFFER_EMPTY;
    plain(&source);
    kit_open(&kit, buffer_as_string(&source), 1);
    for (uint64_t i = 0; i < count; i++) {
        char line[200];
        (void)snprintf(line, sizeof line,
                       "{\"kind\":\"person\",\"id\":\"%d\",\"player\":\"p%d\",\"person\":\"one\","
                       "\"at\":\"2026-06-01T10:00:00Z\"}",
                       (int)i, (int)i);
        kit_line(&kit, line);
    }
    kit_settle(&kit);
    answer->accepted = kit_count(&kit.notes, "PERSON_LIMIT") == 0;
    if (!answer->accepted)
        refused(answer, "PERSON_LIMIT: the person has 64 players; take back the link of one that nobody uses");
    buffer_deinit(&source);
    kit_close(&kit);
}

static void try_line(struct answer *answer, uint64_t line_size, uint64_t id_size)
{
    struct kit kit;
    struct buffer line = BUFFER_EMPTY;
    struct record record;
    struct error error = ERROR_NONE;
    struct buffer source = BUFFER_EMPTY;
    plain(&source);
    kit_open(&kit, buffer_as_string(&source), 1);
    buffer_print(&line, "{\"id\":\"");
    buffer_fill(&line, 'i', (size_t)id_size);
    buffer_print(&line, "\",\"event\":\"session\",\"player\":\"p\",\"at\":\"2026-06-01T10:00:00Z\",\"data\":{}}");
    while (line.size < line_size) buffer_u8(&line, ' ');
    enum status status = intake_line(kit.intake, (const char *)line.bytes, line.size, &record, &error);
    answer->accepted = status == OK;
    if (status != OK) refused(answer, error.message);
    buffer_deinit(&line);
    buffer_deinit(&source);
    kit_close(&kit);
}

static void try_line_bytes(struct answer *answer, uint64_t count)
{
    try_line(answer, count, 5);
}

static void try_id_bytes(struct answer *answer, uint64_t count)
{
    try_line(answer, 0, count);
}

static void try_shards(struct answer *answer, uint64_t count)
{
    struct engine *engine = NULL;
    struct error error = ERROR_NONE;
    struct engine_options options = {.shards = (uint32_t)count};
    enum status status = engine_open(&engine, &options, &error);
    answer->accepted = status == OK;
    if (status != OK) refused(answer, error.message);
    engine_close(engine);
}

/* Key groups are no input: players are dealt into all of them, and into no other. */
static void try_groups(struct answer *answer, uint64_t count)
{
    static bool seen[LIMIT_KEY_GROUPS];
    uint32_t groups = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        char player[16];
        (void)snprintf(player, sizeof player, "%u", i);
        const uint16_t group = record_group(TEXT(""), text_of(player));
        assert_true(group < LIMIT_KEY_GROUPS);
        groups += !seen[group];
        seen[group] = true;
    }
    if (groups == 0) groups = LIMIT_KEY_GROUPS; /* dealt already */
    assert_int_equal(groups, LIMIT_KEY_GROUPS);
    answer->accepted = count <= LIMIT_KEY_GROUPS;
    if (!answer->accepted) refused(answer, "there are 4096 groups; nobody can ask for more");
}

/* ------------------------------------------------------------------ files beside the stream */

static void try_trust_bytes(struct answer *answer, uint64_t count)
{
    struct buffer file = BUFFER_EMPTY;
    struct trust *trust = NULL;
    struct error error = ERROR_NONE;
    while (file.size + 64 < count) buffer_print(&file, "# %059u\n", 1);
    buffer_print(&file, "#");
    buffer_fill(&file, 'x', (size_t)count - file.size - 1);
    buffer_print(&file, "\n");
    enum status status = trust_open(&trust, buffer_as_text(&file), &error);
    answer->accepted = status == OK;
    if (status != OK) refused(answer, error.message);
    if (status == OK) trust_close(trust);
    buffer_deinit(&file);
}

static void try_trust_keys(struct answer *answer, uint64_t count)
{
    struct buffer file = BUFFER_EMPTY;
    struct trust *trust = NULL;
    struct error error = ERROR_NONE;
    for (uint64_t i = 0; i < count; i++) buffer_print(&file, "promo-revoked %016llx lost\n", (unsigned long long)i + 1);
    enum status status = trust_open(&trust, buffer_as_text(&file), &error);
    answer->accepted = status == OK;
    if (status != OK) refused(answer, error.message);
    if (status == OK) trust_close(trust);
    buffer_deinit(&file);
}

static void try_input_file(struct answer *answer, uint64_t count)
{
    char path[] = "/tmp/promo-limits-XXXXXX", told[] = "/tmp/promo-limits-XXXXXX";
    const int file = mkstemp(path), words = mkstemp(told), before = dup(STDERR_FILENO);
    struct buffer bytes = BUFFER_EMPTY;
    assert_true(file >= 0 && words >= 0 && before >= 0);
    assert_int_equal(ftruncate(file, (off_t)count), 0);
    (void)fflush(stderr);
    assert_true(dup2(words, STDERR_FILENO) >= 0);
    answer->accepted = cli_read(&bytes, path);
    (void)fflush(stderr);
    assert_true(dup2(before, STDERR_FILENO) >= 0);
    if (!answer->accepted) {
        const ssize_t size = pread(words, answer->words, sizeof answer->words - 1, 0);
        answer->words[size > 0 ? size : 0] = 0;
    } else {
        assert_int_equal(bytes.size, count);
    }
    (void)close(file);
    (void)close(words);
    (void)close(before);
    (void)unlink(path);
    (void)unlink(told);
    buffer_deinit(&bytes);
}

/* ------------------------------------------------------------------ the table */

/* Rows in the order of spec/limits.def. */
enum row {
#define LIMIT(name, value, unit, sentence) ROW_##name,
#include "spec/limits.def"
#undef LIMIT
    ROWS
};

static const struct row_words {
    const char *name;
    uint64_t limit;
} rows[] = {
#define LIMIT(name, value, unit, sentence) {#name, value},
#include "spec/limits.def"
#undef LIMIT
};

/* One way of coming to the limit: as a campaign text of that many things, or by a try of its own. */
static const struct limit_case {
    enum row row;
    void (*write)(struct buffer *out, unsigned count);
    void (*attempt)(struct answer *answer, uint64_t count);
    unsigned below;  /* So much less than the row says is the most that this way reaches … */
    const char *why; /* … because. */
} cases[] = {
    {ROW_SOURCE_BYTES, source_bytes, NULL, 0, NULL},
    {ROW_NESTING, nesting, NULL, 0, NULL},
    {ROW_NAME_BYTES, name_bytes, NULL, 0, NULL},
    {ROW_STRING_BYTES, string_bytes, NULL, 0, NULL},
    {ROW_BODY_BYTES, body_bytes, NULL, 0, NULL},
    {ROW_DIAGNOSTICS_PER_FILE, NULL, try_diagnostics, 0, NULL},
    {ROW_COMPILER_ARENA_BYTES, NULL, try_arena, 0, NULL},
    {ROW_EVENTS, events, NULL, 0, NULL},
    {ROW_FIELDS_PER_EVENT, fields, NULL, 0, NULL},
    {ROW_ATTRIBUTES, attributes, NULL, 0, NULL},
    {ROW_QUERIES, queries, NULL, 0, NULL},
    {ROW_TAGS, tags, NULL, 0, NULL},
    {ROW_ENUM_VALUES, enumeration, NULL, 0, NULL},
    {ROW_SET_VALUES, set, NULL, 0, NULL},
    {ROW_TEXT_FIELD_BYTES, text_bytes, NULL, 0, NULL},
    {ROW_ACTIONS, actions, NULL, 0, NULL},
    {ROW_ACTION_PARAMETERS, parameters, NULL, 0, NULL},
    {ROW_SEGMENTS, segments, NULL, 1, "each has a condition, and all segments together have at most 1,023"},
    {ROW_METRICS, metrics, NULL, 0, NULL},
    {ROW_POLICIES, policies, NULL, 0, NULL},
    {ROW_BUDGETS, pools, NULL, 0, NULL},
    {ROW_POOLS, code_pools, NULL, 0, NULL},
    {ROW_CODE_QUOTAS, quotas, NULL, 0, NULL},
    {ROW_CODE_TRIES, tries, NULL, 0, NULL},
    {ROW_CODES_UPLOADED, uploaded, NULL, 0, NULL},
    {ROW_RATE_TABLES, rate_tables, NULL, 0, NULL},
    {ROW_POINTS, points, NULL, 0, NULL},
    {ROW_EARN_LINES, earn_lines, NULL, 0, NULL},
    {ROW_LADDERS, ladders, NULL, 0, NULL},
    {ROW_LEVELS, levels, NULL, 0, NULL},
    {ROW_CAMPAIGNS, campaigns, NULL, 0, NULL},
    {ROW_ENTRY_KEYS, entry_keys, NULL, 0, NULL},
    {ROW_STEPS_PER_CAMPAIGN, steps, NULL, 0, NULL},
    {ROW_WAITS_PER_CAMPAIGN, waits, NULL, 0, NULL},
    {ROW_CASES_PER_WAIT, cases_of_a_wait, NULL, 0, NULL},
    {ROW_SPLITS_PER_CAMPAIGN, splits, NULL, 0, NULL},
    {ROW_OFFERS_PER_CAMPAIGN, offers, NULL, 0, NULL},
    {ROW_REMEMBERED_PER_CAMPAIGN, remembered, NULL, 0, NULL},
    {ROW_TASKS_PER_MISSION, tasks, NULL, 0, NULL},
    {ROW_TASK_PARTS, task_parts, NULL, 0, NULL},
    {ROW_MEASURES_PER_CAMPAIGN, measures, NULL, 0, NULL},
    {ROW_BADGES, badges, NULL, 0, NULL},
    {ROW_SPLIT_ARMS, arms, NULL, 0, NULL},
    {ROW_INSTRUCTIONS_PER_CAMPAIGN, NULL, try_instructions, 0, NULL},
    {ROW_REGISTERS, NULL, try_registers, 0, NULL},
    {ROW_CONDITIONS_PER_CAMPAIGN, conditions, NULL, 1, "one site is a spare"},
    {ROW_CONDITIONS_PER_CAMPAIGN, shared_conditions, NULL, 1, "one site is a spare"},
    {ROW_CAPS_PER_CAMPAIGN, caps, NULL, 0, NULL},
    {ROW_EFFECTS_PER_ACTIVATION, effects, NULL, 0, NULL},
    {ROW_ACTIVATION_ARENA_BYTES, carried, NULL, 65532,
     "4 messages of 15 texts of 1,024 bytes fit, and a fifth does not"},
    {ROW_METRIC_TEXT_BYTES, metric_text, NULL, 0, NULL},
    {ROW_REQUESTS_BETWEEN_WAITS, credits, NULL, 0, NULL},
    {ROW_BUNDLE_BYTES, NULL, try_bundle_bytes, 0, NULL},
    {ROW_BUNDLE_SECTIONS, NULL, try_sections, 0, NULL},
    {ROW_CASCADE, NULL, try_cascade, 0, NULL},
    {ROW_JOURNEYS_PER_PLAYER, NULL, try_journeys, 0, NULL},
    {ROW_PLAYERS_PER_PERSON, NULL, try_persons, 0, NULL},
    {ROW_EVENT_LINE_BYTES, NULL, try_line_bytes, 0, NULL},
    {ROW_ID_BYTES, NULL, try_id_bytes, 0, NULL},
    {ROW_SHARDS, NULL, try_shards, 0, NULL},
    {ROW_KEY_GROUPS, NULL, try_groups, 0, NULL},
    {ROW_INPUT_FILE_BYTES, NULL, try_input_file, 0, NULL},
    {ROW_TRUST_FILE_BYTES, NULL, try_trust_bytes, 0, NULL},
    {ROW_TRUST_KEYS, NULL, try_trust_keys, 0, NULL},
};

static void attempt(struct answer *answer, const struct limit_case *way, uint64_t count)
{
    *answer = (struct answer){.accepted = false};
    if (way->write != NULL)
        compile(answer, way->write, (unsigned)count);
    else
        way->attempt(answer, count);
}

/* Whether the number stands in the words, with thousands grouped or not. */
static bool names_number(const char *words, uint64_t number)
{
    char plain_words[4096], digits[24];
    size_t size = 0;
    for (; *words != 0 && size + 1 < sizeof plain_words; words++) {
        if (*words != ',') plain_words[size++] = *words;
    }
    plain_words[size] = 0;
    (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    return strstr(plain_words, digits) != NULL;
}

/* promise I20 */
static void each_limit(void **state)
{
    (void)state;
    unsigned broken = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct limit_case *way = &cases[i];
        const uint64_t most = rows[way->row].limit - way->below;
        struct answer below, at, above;
        attempt(&below, way, most - 1);
        attempt(&at, way, most);
        attempt(&above, way, most + 1);
        const bool named = names_number(above.words, rows[way->row].limit) || names_number(above.words, most);
        if (below.accepted && at.accepted && !above.accepted && named) continue;
        broken++;
        print_error("%s: one below %s, at %llu %s, above %s%s\n%s\n", rows[way->row].name,
                    below.accepted ? "accepted" : "REFUSED", (unsigned long long)most,
                    at.accepted ? "accepted" : "REFUSED", above.accepted ? "ACCEPTED" : "refused",
                    named ? "" : ", and the limit IS NOT NAMED",
                    !below.accepted ? below.words
                    : !at.accepted  ? at.words
                                    : above.words);
    }
    const char *log = getenv("TORTURE_LOG");
    FILE *file = log == NULL ? NULL : fopen(log, "a");
    if (file != NULL) {
        (void)fprintf(file, "limits\tat, below and above each limit\t%zu\t%u\t-\t-\n", 3 * sizeof cases / sizeof *cases,
                      broken);
        (void)fclose(file);
    }
    assert_int_equal(broken, 0);
}

static void each_row_has_a_case(void **state)
{
    (void)state;
    for (unsigned row = 0; row < ROWS; row++) {
        bool found = false;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) found = found || cases[i].row == (enum row)row;
        if (!found) fail_msg("%s of spec/limits.def has no case in this test", rows[row].name);
    }
}

/* Limits that have no row of their own. */
static void others(void **state)
{
    (void)state;
    static const struct {
        void (*write)(struct buffer *out, unsigned count);
        unsigned most;
    } other[] = {{holes, 16}, {segments_in_a_row, 16}};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        struct answer answer;
        compile(&answer, other[i].write, other[i].most);
        assert_true(answer.accepted);
        compile(&answer, other[i].write, other[i].most + 1);
        assert_false(answer.accepted);
        assert_true(names_number(answer.words, other[i].most));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_limit), cmocka_unit_test(each_row_has_a_case),
                                       cmocka_unit_test(others)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
