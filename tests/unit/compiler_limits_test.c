/*
 * The compiler at its limits: what is at a limit of spec/limits.def compiles and verifies, what is one above is told with a
 * message of its own, never as a defect and never without a word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compiler/compiler.h"
#include "vm/limits.h"

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

static void cases(struct buffer *out, unsigned count)
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

/* ------------------------------------------------------------------ at the limit, and one above */

/* The code of the first error, 0 where there is none. */
static unsigned compile(void (*write)(struct buffer *out, unsigned count), unsigned count)
{
    struct buffer source = BUFFER_EMPTY;
    write(&source, count);
    struct compiler_input input = {TEXT("limits.promo"), buffer_as_text(&source)};
    struct compiler_output output;
    struct error error = ERROR_NONE;
    enum status status =
        compiler_compile(&output, &input, 1, (struct compiler_options){.default_name = TEXT("limits")}, &error);
    if (status != OK) fail_msg("%s", error.message);
    struct buffer words = BUFFER_EMPTY;
    diagnostics_render(&output.diagnostics, DIAGNOSTIC_TEXT, &words);
    struct text text = buffer_as_text(&words);
    unsigned code = 0;
    for (uint32_t i = 0; i + 10 < text.size && code == 0; i++) {
        if (!text_starts_with(text_slice(text, i, text.size), TEXT("error[E"))) continue;
        for (uint32_t digit = 7; digit < 11; digit++) code = code * 10 + (unsigned)(text.at[i + digit] - '0');
    }
    assert_int_equal(output.failed, code != 0);
    buffer_deinit(&words);
    buffer_deinit(&source);
    compiler_release(&output);
    return code;
}

static void each_limit(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        void (*write)(struct buffer *out, unsigned count);
        unsigned most;
        unsigned code;
    } limits[] = {
        {"steps", steps, LIMIT_STEPS_PER_CAMPAIGN, 238},
        {"splits", splits, LIMIT_SPLITS_PER_CAMPAIGN, 238},
        {"events of a wait", cases, LIMIT_CASES_PER_WAIT, 238},
        {"arms", arms, LIMIT_SPLIT_ARMS, 414},
        {"offers", offers, LIMIT_OFFERS_PER_CAMPAIGN, 238},
        {"remembered values", remembered, LIMIT_REMEMBERED_PER_CAMPAIGN, 238},
        {"waits", waits, LIMIT_WAITS_PER_CAMPAIGN, 238},
        {"conditions", conditions, LIMIT_CONDITIONS_PER_CAMPAIGN - 1, 239},
        {"conditions of segments", shared_conditions, LIMIT_CONDITIONS_PER_CAMPAIGN - 1, 238},
        {"caps", caps, LIMIT_CAPS_PER_CAMPAIGN, 238},
        {"tags", tags, LIMIT_TAGS, 238},
        {"values of an enumeration", enumeration, LIMIT_ENUM_VALUES, 238},
        {"values of a set", set, LIMIT_SET_VALUES, 238},
        {"bytes of a text", text_bytes, LIMIT_TEXT_FIELD_BYTES, 320},
        {"bytes of a name", name_bytes, LIMIT_NAME_BYTES, 246},
        {"parameters", parameters, LIMIT_ACTION_PARAMETERS, 238},
        {"values in a message", holes, 16, 238},
        {"effects at once", effects, LIMIT_EFFECTS_PER_ACTIVATION, 247},
        {"bytes at once", carried, 4, 247},
        {"credits at once", credits, LIMIT_REQUESTS_BETWEEN_WAITS, 410},
        {"segments in a row", segments_in_a_row, 16, 238},
        {"shared budgets", pools, LIMIT_BUDGETS, 238},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        unsigned below = compile(limits[i].write, limits[i].most - 1);
        unsigned at = compile(limits[i].write, limits[i].most);
        unsigned above = compile(limits[i].write, limits[i].most + 1);
        if (below != 0 || at != 0 || above != limits[i].code)
            fail_msg("%s: %u below, %u at %u, %u above", limits[i].what, below, at, limits[i].most, above);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_limit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
