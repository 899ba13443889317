/* What message bodies are made of: pieces, places in HTML, lengths as text messages, addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vm/address.h"
#include "vm/sms.h"
#include "vm/template.h"

/* The pieces as one line: text as it stands, holes as <kind owner.name forms@place>. */
static void expect_pieces(const char *body, enum body_format format, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    struct template template;
    struct template_piece piece;
    uint32_t at = 0;
    template_begin(&template, text_of(body), format);
    while (template_next(&piece, &template)) {
        assert_int_equal(piece.start, at);
        assert_true(piece.end > piece.start);
        at = piece.end;
        switch (piece.kind) {
        case TEMPLATE_TEXT: buffer_text(&out, piece.text); continue;
        case TEMPLATE_VALUE: buffer_print(&out, "<%.*s|%.*s", TEXT_ARGS(piece.owner), TEXT_ARGS(piece.name)); break;
        case TEMPLATE_LINK: buffer_print(&out, "<link %.*s", TEXT_ARGS(piece.name)); break;
        case TEMPLATE_BAD: buffer_print(&out, "<bad %.*s", TEXT_ARGS(piece.inside)); break;
        }
        for (uint32_t i = 0; i < piece.form_count && i < TEMPLATE_FORMS_MAX; i++)
            buffer_print(&out, "/%.*s", TEXT_ARGS(piece.form[i]));
        buffer_print(&out, "@%d>", (int)piece.place);
    }
    assert_int_equal(at, strlen(body));
    assert_string_equal(buffer_as_string(&out), expected);
    buffer_deinit(&out);
}

static void bodies_are_read_in_pieces(void **state)
{
    (void)state;
    expect_pieces("", BODY_PLAIN, "");
    expect_pieces("Hello {player.id}!", BODY_PLAIN, "Hello <player|id@0>!");
    expect_pieces("{code}{link play}", BODY_PLAIN, "<code|@0><link play@0>");
    expect_pieces("{{not a hole} and {{", BODY_PLAIN, "{not a hole} and {");
    expect_pieces("{offer.spins: one spin | # spins}.", BODY_PLAIN, "<offer|spins/one spin/# spins@0>.");
    expect_pieces("{ player.id }", BODY_PLAIN, "<player|id@0>");
    expect_pieces("{player}{player.}{}{link}{link a b}{a.b.c}", BODY_PLAIN,
                  "<bad player@0><bad player.@0><bad @0><bad link@0><link a b@0><bad a.b.c@0>");
    expect_pieces("open {player.id", BODY_PLAIN, "open {player.id");
}

static void html_places(void **state)
{
    (void)state;
    expect_pieces("<p>{a.b}</p>", BODY_HTML, "<p><a|b@0></p>");
    expect_pieces("<a href=\"{link x}\">", BODY_HTML, "<a href=\"<link x@2>\">");
    expect_pieces("<a HREF='https://x/?a={a.b}&b={a.b}'>", BODY_HTML, "<a HREF='https://x/?a=<a|b@3>&b=<a|b@3>'>");
    expect_pieces("<img alt=\"{a.b}\">{a.b}", BODY_HTML, "<img alt=\"<a|b@1>\"><a|b@0>");
    expect_pieces("<style>p {color: red}</style>{a.b}", BODY_HTML, "<style>p {color: red}</style><a|b@0>");
    expect_pieces("<script>if (a</b) {x}</script>{a.b}", BODY_HTML, "<script>if (a</b) {x}</script><a|b@0>");
    expect_pieces("<p {a.b}><p class={a.b}><!-- {a.b} --><p onclick=\"{a.b}\" style='{a.b}'>", BODY_HTML,
                  "<p <a|b@5>><p class=<a|b@5>><!-- <a|b@5> --><p onclick=\"<a|b@5>\" style='<a|b@5>'>");
    expect_pieces("1 < 2 {a.b} <!-- > - -- --> {a.b}", BODY_HTML, "1 < 2 <a|b@0> <!-- > - -- --> <a|b@0>");
    expect_pieces("<!doctype html>{a.b}<br/>{a.b}", BODY_HTML, "<!doctype html><a|b@0><br/><a|b@0>");
}

static void html_as_words(void **state)
{
    (void)state;
    static const struct {
        const char *html, *words;
    } rows[] = {
        {"<p>Hello <b>you</b></p><p>Bye</p>", "Hello you\n\nBye\n"},
        {"<style>p {}</style><title>no</title><h1>A&amp;B</h1>x<br>y", "A&B\n\nx\ny\n"},
        {"<a href=\"https://x/?a=1&amp;b=2\">Play now</a>", "Play now <https://x/?a=1&b=2>\n"},
        {"<a href=\"https://x/\">https://x/</a>", "https://x/\n"},
        {"<ul><li>one</li><li>two</li></ul>", "- one\n- two\n"},
        {"1 < 2 &lt; 3", "1 < 2 < 3\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer out = BUFFER_EMPTY;
        markup_plain(&out, text_of(rows[i].html));
        assert_string_equal(buffer_as_string(&out), rows[i].words);
        buffer_deinit(&out);
    }
}

static struct buffer repeated(const char *letter, unsigned count, const char *end)
{
    struct buffer out = BUFFER_EMPTY;
    for (unsigned i = 0; i < count; i++) buffer_string(&out, letter);
    buffer_string(&out, end);
    return out;
}

static void sms_lengths(void **state)
{
    (void)state;
    static const struct {
        const char *letter;
        unsigned count;
        const char *end;
        bool wide;
        unsigned units, parts;
    } rows[] = {
        {"a", 0, "", false, 0, 1},
        {"a", 160, "", false, 160, 1},
        {"a", 161, "", false, 161, 2},
        {"a", 306, "", false, 306, 2},
        {"a", 307, "", false, 307, 3},
        {"a", 158, "€", false, 160, 1},
        {"a", 159, "€", false, 161, 2}, /* the sign takes two */
        {"a", 152, "€aaaaaaaaaa", false, 164, 2},
        {"€", 153, "", false, 306, 3}, /* 76 signs a part: two are never torn apart */
        {"я", 70, "", true, 70, 1},
        {"я", 71, "", true, 71, 2},
        {"я", 134, "", true, 134, 2},
        {"я", 135, "", true, 135, 3},
        {"😀", 35, "", true, 70, 1},
        {"😀", 36, "", true, 72, 2},
        {"😀", 67, "", true, 134, 3}, /* 33 a part */
        {"a", 80, "’", true, 81, 2},
        {"Ä", 160, "", false, 160, 1},
        {"`", 1, "", true, 1, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer text = repeated(rows[i].letter, rows[i].count, rows[i].end);
        const struct sms sms = sms_measure(buffer_as_text(&text));
        assert_int_equal(sms.is_wide, rows[i].wide);
        assert_int_equal(sms.units, rows[i].units);
        assert_int_equal(sms.parts, rows[i].parts);
        buffer_deinit(&text);
    }
    const struct sms sms = sms_measure(TEXT("ab’c"));
    assert_int_equal(sms.wide_at, 2);
    assert_int_equal(sms.wide_letter, 0x2019);
    assert_true(text_equal(sms_instead(0x2019), TEXT("'")));
    assert_true(text_equal(sms_instead(0x0119), TEXT("e")));
    assert_true(text_equal(sms_instead(0x015A), TEXT("S")));
    assert_int_equal(sms_instead(0x1F600).size, 0);
    assert_int_equal(sms_instead(0x042F).size, 0);
    assert_int_equal(sms_instead(0xD800).size, 0);
    assert_int_equal(sms_instead(0xFFFFFFFF).size, 0);
}

static void addresses_get_marks(void **state)
{
    (void)state;
    static const struct {
        const char *address, *marked;
    } rows[] = {
        {"https://x.com/play", "https://x.com/play?utm_source=promo&utm_medium=e%20mail"},
        {"https://x.com/?a=1", "https://x.com/?a=1&utm_source=promo&utm_medium=e%20mail"},
        {"https://x.com/?", "https://x.com/?utm_source=promo&utm_medium=e%20mail"},
        {"https://x.com/?a=1&", "https://x.com/?a=1&utm_source=promo&utm_medium=e%20mail"},
        {"https://x.com/#top?x", "https://x.com/?utm_source=promo&utm_medium=e%20mail#top?x"},
        {"https://x.com/?utm_source=b&c", "https://x.com/?utm_source=b&c&utm_medium=e%20mail"},
        {"app://wallet/gift", "app://wallet/gift"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer out = BUFFER_EMPTY;
        address_mark(&out, text_of(rows[i].address), TEXT("utm_source=promo&utm_medium=e%20mail"));
        assert_string_equal(buffer_as_string(&out), rows[i].marked);
        buffer_deinit(&out);
    }
    struct buffer out = BUFFER_EMPTY;
    address_encode(&out, TEXT("a b/ä&~"));
    assert_string_equal(buffer_as_string(&out), "a%20b%2F%C3%A4%26~");
    buffer_deinit(&out);
}

static void short_ids(void **state)
{
    (void)state;
    const uint8_t one[16] = {1}, two[16] = {2};
    char a[ADDRESS_SHORT_SIZE + 1], b[ADDRESS_SHORT_SIZE + 1];
    address_short(a, one, TEXT("play"));
    address_short(b, one, TEXT("play"));
    assert_string_equal(a, b);
    assert_string_equal(a, "Sner3fCO4e");
    address_short(b, two, TEXT("play"));
    assert_string_not_equal(a, b);
    address_short(b, one, TEXT("terms"));
    assert_string_not_equal(a, b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_read_in_pieces),
        cmocka_unit_test(html_places),
        cmocka_unit_test(html_as_words),
        cmocka_unit_test(sms_lengths),
        cmocka_unit_test(addresses_get_marks),
        cmocka_unit_test(short_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
