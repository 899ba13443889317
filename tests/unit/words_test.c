/* Whole words in texts of several languages: folding, boundaries, and the rules that are stated for each script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vm/words.h"

static bool contains(const char *text, const char *words)
{
    struct buffer folded = BUFFER_EMPTY;
    assert_true(words_fold(&folded, text_of(words)));
    bool found = words_contain(text_of(text), buffer_as_text(&folded));
    buffer_deinit(&folded);
    return found;
}

static void whole_words_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
        bool found;
    } rows[] = {
        {"bonus", "bonus", true},
        {"Where is my BONUS?", "bonus", true},
        {"bonuses", "bonus", false},
        {"nobonus", "bonus", false},
        {"\"bonus\",please", "bonus", true},
        {"bonus1", "bonus", false},
        {"a bonus_code", "bonus", true},
        {"", "bonus", false},
        {"free  -  SPINS!", "free spins", true},
        {"spins free", "free spins", false},
        {"freespins", "free spins", false},
        {"a bon bonus", "bonus", true},
        {"I don't know", "don't", true},
        /* compatibility forms and what is invisible */
        {"ＢＯＮＵＳ", "bonus", true},
        {"bo\xC2\xADnus", "bonus", true},
        {"𝐛𝐨𝐧𝐮𝐬", "bonus", true},
        /* accents count, however they are encoded */
        {"Pr\xC3\xA9mio", "premio", false},
        {"PRE\xCC\x81MIO", "pr\xC3\xA9mio", true},
        {"premio\xCC\x81", "premio", false},
        /* German */
        {"STRASSE", "straße", true},
        {"Große Auszahlung", "GROSSE", true},
        {"STRAẞE", "strasse", true},
        /* Turkish: dotted and dotless i are one letter */
        {"KAYIT", "kayıt", true},
        {"kayit", "KAYIT", true},
        {"BİLGİ", "bilgi", true},
        {"bılgı", "BİLGİ", true},
        /* Greek: final sigma is sigma; accents count */
        {"ΜΠΟΝΟΥΣ", "μπονους", true},
        {"μπονουσ", "ΜΠΟΝΟΥΣ", true},
        {"μπόνους", "μπονους", false},
        /* Cyrillic */
        {"Где мой БОНУС?", "бонус", true},
        {"бонусы", "бонус", false},
        /* no blanks between words */
        {"我想要奖金谢谢", "奖金", true},
        {"我想要奖品谢谢", "奖金", false},
        {"領取bonus優惠", "bonus", true},
        {"ボーナスをください", "ボーナス", true},
        {"がほしい", "か", false},
        {"ขอโบนัสหน่อย", "โบนัส", true},
        /* Korean has blanks */
        {"보너스 주세요", "보너스", true},
        {"보너스를 주세요", "보너스", false},
        /* not UTF-8 */
        {"bonus \xFF", "bonus", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (contains(rows[i].text, rows[i].words) != rows[i].found)
            fail_msg("`%s` in `%s`: expected %s", rows[i].words, rows[i].text, rows[i].found ? "found" : "not found");
    }
}

static void words_without_a_letter_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"", " ", "!?", "\xF0\x9F\x8E\x81", "\xFF"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer folded = BUFFER_EMPTY;
        assert_false(words_fold(&folded, text_of(rows[i])));
        buffer_deinit(&folded);
    }
}

/* Random texts of awkward characters: nothing is read or written out of bounds, folding twice changes nothing, and a text holds itself. */
static void any_text_is_safe(void **state)
{
    (void)state;
    static const char *const parts[] = {"a", " ", "ß",  "İ", "ﷺ", "ΐ", "か", "゛", "\xCC\x87", "i", "ﬃ", "\xE2\x80\x8D",
                                        "1", "-", "奖", "각"};
    unsigned seed = 20261122;
    for (int round = 0; round < 2000; round++) {
        struct buffer text = BUFFER_EMPTY, once = BUFFER_EMPTY, twice = BUFFER_EMPTY;
        unsigned length = (unsigned)(rand_r(&seed) % 400);
        for (unsigned i = 0; i < length; i++)
            buffer_string(&text, parts[(unsigned)rand_r(&seed) % (sizeof parts / sizeof *parts)]);
        struct text whole = buffer_as_text(&text);
        (void)words_contain(whole, TEXT("a"));
        if (whole.size <= WORDS_TEXT_BYTES_MAX && words_fold(&once, whole)) {
            assert_true(words_contain(whole, buffer_as_text(&once)));
            if (once.size <= WORDS_TEXT_BYTES_MAX) {
                assert_true(words_fold(&twice, buffer_as_text(&once)));
                assert_true(text_equal(buffer_as_text(&once), buffer_as_text(&twice)));
            }
        }
        buffer_deinit(&text);
        buffer_deinit(&once);
        buffer_deinit(&twice);
    }
    char longest[3 * 400 + 1];
    for (int i = 0; i < 400; i++) memcpy(longest + 3 * i, "\xEF\xB7\xBA", 3); /* 18 letters each */
    longest[sizeof longest - 1] = '\0';
    assert_false(words_contain(text_of(longest), TEXT("a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_words_are_found),
        cmocka_unit_test(words_without_a_letter_are_refused),
        cmocka_unit_test(any_text_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
