/* Messages as readers of several locales see them, escaping in every place where a value can stand, links, and terms in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/compiler.h"
#include "runtime/channels/locale.h"
#include "runtime/channels/markdown.h"
#include "runtime/channels/render.h"
#include "runtime/channels/terms.h"
#include "vm/crypto.h"
#include "vm/plural.h"
#include "vm/zone.h"

static const char *const schema =
    "workspace \"Render\"\n  product casino\n  currency EUR, GBP, JPY\n"
    "  channel email, sms, push, inbox\n  use events, attributes, actions\n"
    "  timezone \"Europe/Berlin\"\n  short links \"https://spn.ex/\"\nend\n"
    "event gift\n  field amount money up to 1,000,000\n  field name text up to 64\n"
    "  field share percent\n  field spins whole number\n  field day date\n  field stamp moment\n"
    "  field late yes or no\nend\n";

static struct compiler_output output;

struct files {
    const char *name, *bytes;
};

static bool read_file(void *context, struct text path, struct buffer *out)
{
    for (const struct files *file = context; file->name != NULL; file++) {
        if (!text_equal(path, text_of(file->name))) continue;
        buffer_string(out, file->bytes);
        return true;
    }
    return false;
}

/* Compiles the schema and more; fails with the messages of the compiler. */
static const struct program *compile(const char *more, struct files *files)
{
    struct buffer source = BUFFER_EMPTY, words = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    buffer_string(&source, schema);
    buffer_string(&source, more);
    const struct compiler_input input = {TEXT("render.promo"), buffer_as_text(&source)};
    assert_int_equal(compiler_compile(&output, &input, 1,
                                      (struct compiler_options){.default_name = TEXT("render"),
                                                                .reader = {files != NULL ? read_file : NULL, files}},
                                      &error),
                     OK);
    diagnostics_render(&output.diagnostics, DIAGNOSTIC_TEXT, &words);
    if (output.failed) fail_msg("%s", buffer_as_string(&words));
    buffer_deinit(&source);
    buffer_deinit(&words);
    return &output.program;
}

static const char *const campaign =
    "campaign \"C\"\n  start on gift\n  step \"S\"\n    send push \"m\"\n    send email \"m\"\n"
    "    finish as \"DONE\"\n  end\nend\n";

static struct render_value values[] = {
    {TEXT_INIT("gift.amount"), TEXT_INIT("1234.50 EUR")},
    {TEXT_INIT("gift.name"), TEXT_INIT("Ann <b>&\"'")},
    {TEXT_INIT("gift.share"), TEXT_INIT("12.5%")},
    {TEXT_INIT("gift.spins"), TEXT_INIT("5")},
    {TEXT_INIT("gift.day"), TEXT_INIT("2026-06-01")},
    {TEXT_INIT("gift.stamp"), TEXT_INIT("2026-06-01T12:30:00.000Z")},
    {TEXT_INIT("gift.late"), TEXT_INIT("true")},
};
static const uint8_t effect_id[16] = {1};

static struct rendered render(const struct program *program, const char *channel, const char *locale)
{
    struct rendered rendered;
    struct error error = ERROR_NONE;
    const struct render_request request = {.program = program,
                                           .message = TEXT("m"),
                                           .channel = text_of(channel),
                                           .locale = text_of(locale),
                                           .values = values,
                                           .value_count = sizeof values / sizeof values[0],
                                           .effect = effect_id,
                                           .zone = zone_find_or_utc(TEXT("Europe/Berlin"))};
    if (render_message(&rendered, &request, &error) != OK) fail_msg("%s", error.message);
    return rendered;
}

static void numbers_by_locale(void **state)
{
    (void)state;
    static const struct {
        const char *locale, *text;
    } rows[] = {
        {"en", "€1,234.50 12.5% 5 spins June 1, 2026 June 1, 2026 at 2:30 PM yes"},
        {"en-GB", "€1,234.50 12.5% 5 spins 1 June 2026 1 June 2026 at 14:30 yes"},
        {"de", "1.234,50 € 12,5 % 5 Freispiele 1. Juni 2026 1. Juni 2026 um 14:30 ja"},
        {"fr", "1 234,50 € 12,5 % 5 tours 1 juin 2026 1 juin 2026 à 14:30 oui"},
        {"pl", "1234,50 € 12,5% 5 spinów 1 czerwca 2026 1 czerwca 2026 14:30 tak"},
        {"sv", "1 234,50 € 12,5 % 5 snurr 1 juni 2026 1 juni 2026 kl. 14:30 ja"},
    };
    const struct program *program = compile(
        "message \"m\"\n  about casino\n"
        "  push \"en\" \"{gift.amount} {gift.share} {gift.spins: one spin | # spins} {gift.day} {gift.stamp} "
        "{gift.late}\"\n"
        "  push \"en-GB\" \"{gift.amount} {gift.share} {gift.spins: one spin | # spins} {gift.day} {gift.stamp} "
        "{gift.late}\"\n"
        "  push \"de\" \"{gift.amount} {gift.share} {gift.spins: ein Freispiel | # Freispiele} {gift.day} {gift.stamp} "
        "{gift.late}\"\n"
        "  push \"fr\" \"{gift.amount} {gift.share} {gift.spins: # tour | # tours} {gift.day} {gift.stamp} "
        "{gift.late}\"\n"
        "  push \"pl\" \"{gift.amount} {gift.share} {gift.spins: # spin | # spiny | # spinów} {gift.day} {gift.stamp} "
        "{gift.late}\"\n"
        "  push \"sv\" \"{gift.amount} {gift.share} {gift.spins: # snurr | # snurr} {gift.day} {gift.stamp} "
        "{gift.late}\"\n"
        "  email \"en\" \"x\"\nend\n"
        "campaign \"C\"\n  start on gift\n  step \"S\"\n    send push \"m\"\n    finish as \"DONE\"\n  end\nend\n",
        NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rendered rendered = render(program, "push", rows[i].locale);
        struct buffer plain = BUFFER_EMPTY; /* with plain blanks: releases of CLDR differ in which they write */
        assert_true(text_equal(rendered.locale, text_of(rows[i].locale)));
        for (size_t at = 0; at < rendered.text.size; at++) {
            const struct text rest = text_make((const char *)rendered.text.bytes + at, rendered.text.size - at);
            const bool narrow = text_starts_with(rest, TEXT("\xE2\x80\xAF")),
                       wide = text_starts_with(rest, TEXT("\xC2\xA0"));
            buffer_u8(&plain, narrow || wide ? (uint8_t)' ' : rendered.text.bytes[at]);
            at += narrow ? 2 : wide ? 1 : 0;
        }
        assert_string_equal(buffer_as_string(&plain), rows[i].text);
        buffer_deinit(&plain);
        render_release(&rendered);
    }
    compiler_release(&output);
}

static void locales_fall_back(void **state)
{
    (void)state;
    const struct program *program = compile("message \"m\"\n  about casino\n  push \"en\" \"English\"\n  push \"de\" "
                                            "\"Deutsch\"\n  email \"en\" \"x\"\nend\n",
                                            NULL);
    static const struct {
        const char *asked, *text;
    } rows[] = {{"de", "Deutsch"}, {"de-AT", "Deutsch"}, {"en-GB", "English"}, {"fr", "English"}, {"", "English"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rendered rendered = render(program, "push", rows[i].asked);
        assert_string_equal(buffer_as_string(&rendered.text), rows[i].text);
        render_release(&rendered);
    }
    compiler_release(&output);
}

/* promise I22 */
static void html_is_escaped(void **state)
{
    (void)state;
    struct files files[] = {{"a.html",
                             "<p title=\"{gift.name}\">{gift.name}</p><a href=\"{link play}\">x</a>"
                             "<a href='https://x/?n={gift.name}'>y</a>{link play}<style>p {color: red}</style>{{"},
                            {NULL, NULL}};
    char more[1024];
    snprintf(
        more, sizeof more,
        "message \"m\"\n  about casino\n  subject \"en\" \"For {gift.name}\"\n  email \"en\" from file \"a.html\"\n"
        "  push \"en\" \"{gift.name} {link play}\"\n  link \"play\" \"https://x.com/?n={gift.name}#top\"\n"
        "  utm source \"a b\", medium \"m\"\nend\n%s",
        campaign);
    const struct program *program = compile(more, files);
    struct rendered rendered = render(program, "email", "en");
    assert_string_equal(
        buffer_as_string(&rendered.html),
        "<p title=\"Ann &lt;b&gt;&amp;&quot;&#39;\">Ann &lt;b&gt;&amp;&quot;&#39;</p>"
        "<a href=\"https://x.com/?n=Ann%20%3Cb%3E%26%22%27&amp;utm_source=a%20b&amp;utm_medium=m#top\">x</a>"
        "<a href='https://x/?n=Ann%20%3Cb%3E%26%22%27'>y</a>"
        "<a href=\"https://x.com/?n=Ann%20%3Cb%3E%26%22%27&amp;utm_source=a%20b&amp;utm_medium=m#top\">"
        "https://x.com/?n=Ann%20%3Cb%3E%26%22%27&amp;utm_source=a%20b&amp;utm_medium=m#top</a>"
        "<style>p {color: red}</style>{");
    assert_string_equal(buffer_as_string(&rendered.subject), "For Ann <b>&\"'");
    render_release(&rendered);
    rendered = render(program, "push", "en"); /* shortened, and not escaped: it is no markup */
    assert_string_equal(buffer_as_string(&rendered.text), "Ann <b>&\"' https://spn.ex/Sner3fCO4e");
    render_release(&rendered);
    compiler_release(&output);
}

static void values_are_never_markdown(void **state)
{
    (void)state;
    struct files files[] = {
        {"a.md",
         "# Hi {gift.name}\n\n**Now** `{gift.name}` [Play]({link play}) [q](https://x/?n={gift.name}) Qz0vX0z\n\n"
         "<script>alert(1)</script>[bad](javascript:alert)\n"},
        {NULL, NULL}};
    char more[1024];
    snprintf(more, sizeof more,
             "message \"m\"\n  about casino\n  subject \"en\" \"Hi\"\n  email \"en\" from file \"a.md\"\n  push \"en\" "
             "\"x\"\n"
             "  link \"play\" \"https://x.com/play\"\nend\n%s",
             campaign);
    const struct program *program = compile(more, files);
    const struct text old = values[1].value;
    values[1].value = TEXT("*a* [x](http://evil) <i>\n# b");
    struct rendered rendered = render(program, "email", "en");
    const char *html = buffer_as_string(&rendered.html);
    assert_non_null(strstr(html, "<h1>Hi *a* [x](http://evil) &lt;i&gt; # b</h1>"));
    assert_non_null(strstr(html, "<code>*a* [x](http://evil) &lt;i&gt; # b</code>"));
    assert_non_null(strstr(html, "<a href=\"https://x.com/play\">Play</a>"));
    assert_non_null(
        strstr(html, "<a href=\"https://x/?n=%2Aa%2A%20%5Bx%5D%28http%3A%2F%2Fevil%29%20%3Ci%3E%20%23%20b\">q</a>"));
    assert_non_null(strstr(html, "Qz0vX0z"));
    assert_null(strstr(html, "alert"));
    assert_null(strstr(html, "javascript"));
    assert_non_null(strstr(html, "<html lang=\"en\">"));
    assert_non_null(strstr(buffer_as_string(&rendered.text), "Play <https://x.com/play>"));
    values[1].value = old;
    render_release(&rendered);
    compiler_release(&output);
}

static void what_is_missing_is_told(void **state)
{
    (void)state;
    struct rendered rendered;
    struct error error = ERROR_NONE;
    const struct program *program =
        compile("message \"m\"\n  about casino\n  push \"en\" \"{gift.name}\"\nend\n", NULL);
    struct render_request request = {
        .program = program, .message = TEXT("m"), .channel = TEXT("push"), .locale = TEXT("en")};
    assert_int_equal(render_message(&rendered, &request, &error), STATUS_NOT_FOUND);
    assert_string_equal(error.message, "there is no value for `{gift.name}` of `m`");
    render_release(&rendered);
    request.channel = TEXT("sms");
    assert_int_equal(render_message(&rendered, &request, &error), STATUS_NOT_FOUND);
    assert_string_equal(error.message, "the message `m` has no body for the channel `sms`");
    render_release(&rendered);
    request.message = TEXT("n");
    assert_int_equal(render_message(&rendered, &request, &error), STATUS_NOT_FOUND);
    assert_string_equal(error.message, "there is no message `n`");
    render_release(&rendered);
    compiler_release(&output);
}

/* Every category that ICU gives a whole number is one that the table of plural forms lists. */
static void plural_forms_are_those_of_cldr(void **state)
{
    (void)state;
    static const char *const languages[] = {
#define PLURAL(language, categories) language,
#include "spec/plurals.def"
#undef PLURAL
    };
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
        const struct text locale = text_of(languages[i]);
        uint32_t seen = 0;
        for (int number = 0; number <= 210; number++) {
            char digits[8];
            snprintf(digits, sizeof digits, "%d", number);
            const struct text category = locale_plural(locale, text_of(digits));
            const uint32_t count = plural_count(locale), form = plural_form(locale, category, count);
            const struct text list = plural_categories(locale);
            uint32_t at = 0;
            for (uint32_t skip = form; skip > 0; skip--) at = text_find(list, ' ', at) + 1;
            if (!text_equal(text_slice(list, at, text_find(list, ' ', at) - at), category))
                fail_msg("%s, %d: CLDR says %.*s, the table lists %.*s", languages[i], number, TEXT_ARGS(category),
                         TEXT_ARGS(list));
            seen |= 1u << form;
        }
        if (seen != (1u << plural_count(locale)) - 1) fail_msg("%s: a form of the table is never used", languages[i]);
    }
    assert_int_equal(plural_count(TEXT("xx")), 0);
    assert_int_equal(plural_count(TEXT("pt-BR")), 2);
    assert_int_equal(plural_form(TEXT("cs"), TEXT("many"), 3), 2);
}

static void terms_are_made_of_the_source(void **state)
{
    (void)state;
    const struct program *program = compile(
        "campaign \"C\"\n  product casino\n  jurisdiction MT\n  runs from 2026-06-01 through 2026-06-30\n"
        "  start on deposit where amount is at least 20 EUR\n  only for players where all of\n    country is one of "
        "DE, AT\n"
        "    age is at least 18\n    vip is yes\n  end\n  enter at most 3 times per week\n  budget\n    total 1,000 "
        "EUR\n  end\n"
        "  offer bonus \"half\"\n    amount 50% of deposit.amount, at most 60 EUR, nothing below 5 EUR\n"
        "    wagering 30x of bonus and deposit\n    games slots, live\n    expires 7 days after grant\n  end\n"
        "  offer free_spins \"fs\"\n    spins 20\n    value 0.10 EUR\n    game \"Book\"\n    wagering none\n  end\n"
        "  step \"S\"\n    credit \"half\"\n    credit \"fs\"\n    finish as \"DONE\"\n  end\nend\n",
        NULL);
    static const struct {
        const char *offer, *locale, *text;
    } rows[] = {
        {"half", "en",
         "You get a bonus of 50% of your deposit, at most €60.|Amounts below €5 are not granted.|The smallest deposit "
         "is €20.|"
         "Bonus and deposit together must be wagered 30 times before the bonus can be withdrawn.|"
         "It is for these games: slots and live.|It ends 7 days after it was granted.|"
         "Each player can take part at most 3 times a week.|The offer is open from June 1, 2026 through June 30, 2026.|"
         "It is for players from Germany and Austria.|It is for players of 18 years and older.|Who can take part: vip "
         "is yes.|"
         "It is for players under the law of Malta."},
        {"fs", "de-AT",
         "Du erhältst 20 Freispiele zu je € 0,10.|Die Mindesteinzahlung beträgt € 20.|Es gibt keine Umsatzbedingung.|"
         "Es gilt für diese Spiele: Book.|Jede Person kann höchstens 3-mal in der Woche teilnehmen.|"
         "Das Angebot gilt vom 1. Juni 2026 bis einschließlich 30. Juni 2026.|Es gilt für Personen aus: Deutschland "
         "und Österreich.|"
         "Es gilt ab einem Alter von 18 Jahren.|Teilnehmen kann, wer erfüllt: vip is yes.|"
         "Es gilt für Personen unter dem Recht von: Malta."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer out = BUFFER_EMPTY;
        uint32_t of = PROGRAM_NONE;
        const uint32_t offer = terms_find(program, TEXT("C"), text_of(rows[i].offer), &of);
        assert_true(offer != PROGRAM_NONE);
        terms_sentences(&out, program, of, offer, text_of(rows[i].locale), TEXT("|"));
        for (size_t at = 0; at + 1 < out.size; at++) { /* blanks that do not break */
            if (out.bytes[at] == 0xC2 && out.bytes[at + 1] == 0xA0) {
                out.bytes[at] = ' ';
                memmove(out.bytes + at + 1, out.bytes + at + 2, out.size - at - 2);
                out.size--;
            }
        }
        assert_string_equal(buffer_as_string(&out), rows[i].text);
        buffer_deinit(&out);
    }
    uint32_t of = PROGRAM_NONE;
    assert_int_equal(terms_find(program, TEXT(""), TEXT("none"), &of), PROGRAM_NONE);
    struct buffer out = BUFFER_EMPTY;
    terms_write(&out, program, 0, terms_find(program, TEXT(""), TEXT("fs"), &of), TEXT("en"), TERMS_HTML);
    assert_true(text_starts_with(
        buffer_as_text(&out), TEXT("<h2>Terms of “fs”</h2>\n<ul>\n<li>You get 20 free spins of €0.10 each.</li>\n")));
    buffer_deinit(&out);
    compiler_release(&output);
}

static void every_wording_is_there(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
#define WORDING(name, en, de) {en, de},
#include "spec/wording.def"
#undef WORDING
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (unsigned slot = 0; slot < 2; slot++) { /* the same places in every language */
            char place[4] = {'{', (char)('0' + slot), '}', 0};
            assert_true((strstr(rows[i][0], place) != NULL) == (strstr(rows[i][1], place) != NULL));
        }
        assert_true(rows[i][1][0] != '\0');
    }
    assert_true(text_equal(terms_language(0), TEXT("en")));
    assert_true(text_equal(terms_language(1), TEXT("de")));
    assert_int_equal(terms_language(2).size, 0);
}

int main(void)
{
    struct error error = ERROR_NONE;
    if (crypto_start(&error) != OK) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_by_locale),
        cmocka_unit_test(locales_fall_back),
        cmocka_unit_test(html_is_escaped),
        cmocka_unit_test(values_are_never_markdown),
        cmocka_unit_test(what_is_missing_is_told),
        cmocka_unit_test(plural_forms_are_those_of_cldr),
        cmocka_unit_test(terms_are_made_of_the_source),
        cmocka_unit_test(every_wording_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
