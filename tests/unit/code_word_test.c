/* Patterns, reading, the n-th code and back, and the figures of how hard a code is to guess. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vm/code_word.h"
#include "vm/memory.h"

static const char *letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

static struct code_word spring(struct code_reading reading)
{
    struct code_word word;
    assert_int_equal(code_word_make(&word, TEXT("SPRING-????????"), text_of(letters), reading), CODE_WORD_FINE);
    return word;
}

static void every_code_of_a_small_space_comes_once_and_goes_back(void **state)
{
    (void)state;
    struct crypto_key key = {{7}};
    static const char *patterns[] = {"?", "??", "A?-?", "???x", "x????"};
    static const char *alphabets[] = {"AB", "ABC", "0123456789", "ABCDEFG", "abc"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct code_word word;
        assert_int_equal(code_word_make(&word, text_of(patterns[i]), text_of(alphabets[i]), (struct code_reading){0}),
                         CODE_WORD_FINE);
        uint8_t *seen = memory_alloc(word.space + 1);
        char code[CODE_WORD_SIZE], read[CODE_WORD_SIZE];
        bool moved = word.space < 10;
        for (uint64_t n = 0; n < word.space; n++) {
            uint32_t size = code_word_nth(code, &word, &key, n);
            uint64_t back = UINT64_MAX;
            size = code_word_read(read, text_make(code, size), word.reading);
            assert_true(code_word_find(&word, &key, word.space, text_make(read, size), &back));
            assert_int_equal(back, n);
            assert_false(code_word_find(&word, &key, n, text_make(read, size), &back));
            uint64_t place = 0;
            for (uint32_t j = 0; j < word.size; j++)
                if (word.pattern[j] == '?') place = place * word.base + word.digit[(unsigned char)code[j]];
            assert_int_equal(seen[place]++, 0);
            moved = moved || place != n;
        }
        assert_true(moved);
        memory_release(seen);
    }
}

static void codes_are_those_of_the_key_and_the_pool(void **state)
{
    (void)state;
    struct code_word word = spring((struct code_reading){true, true, true});
    struct crypto_key identity = {{1, 2, 3}}, other = {{1, 2, 4}};
    struct crypto_key keys[3] = {code_word_key(&identity, TEXT("spring")), code_word_key(&identity, TEXT("summer")),
                                 code_word_key(&other, TEXT("spring"))};
    char code[3][CODE_WORD_SIZE], read[CODE_WORD_SIZE];
    for (int i = 0; i < 3; i++) assert_int_equal(code_word_nth(code[i], &word, &keys[i], 9999), 15);
    assert_memory_not_equal(code[0], code[1], 15);
    assert_memory_not_equal(code[0], code[2], 15);
    uint64_t n;
    uint32_t size = code_word_read(read, text_make(code[0], 15), word.reading);
    assert_true(code_word_find(&word, &keys[0], 10000, text_make(read, size), &n));
    assert_int_equal(n, 9999);
    assert_false(code_word_find(&word, &keys[1], 10000, text_make(read, size), &n));
    /* Of many guesses none is a code: the chance of one hit in a million is below one in a hundred. */
    uint32_t hits = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        char guess[15] = "SPRING-AAAAAAAA";
        for (uint32_t j = 0, rest = i; j < 8; j++, rest /= 32) guess[14 - j] = letters[rest % 32];
        size = code_word_read(read, text_make(guess, 15), word.reading);
        hits += code_word_find(&word, &keys[0], 10000, text_make(read, size), &n);
    }
    assert_int_equal(hits, 0);
}

static void what_is_typed_is_read_as_the_pool_says(void **state)
{
    (void)state;
    char out[CODE_WORD_SIZE];
    struct code_reading all = {true, true, true}, none = {0}, letters_only = {.ignore_case = true};
    assert_int_equal(code_word_read(out, TEXT(" spring-abcd 2345 "), all), 14);
    assert_memory_equal(out, "SPRINGABCD2345", 14);
    assert_int_equal(code_word_read(out, TEXT(" spring-abcd2345 "), letters_only), 15);
    assert_memory_equal(out, "SPRING-ABCD2345", 15);
    assert_int_equal(code_word_read(out, TEXT("a B"), none), 3);
    assert_memory_equal(out, "a B", 3);
    assert_int_equal(code_word_read(out, TEXT("   "), all), 0);
    assert_int_equal(code_word_read(out, TEXT(" - "), all), 0);
    assert_int_equal(code_word_read(out, TEXT("caf\xc3\xa9"), all), 0);
    assert_int_equal(
        code_word_read(out, TEXT("12345678901234567890123456789012345678901234567890123456789012345"), all), 0);
    /* The dash of the pattern may be left out where dashes are ignored, and only there. */
    struct crypto_key key = {{9}};
    struct code_word dashes = spring(all), exact = spring(none);
    char code[CODE_WORD_SIZE];
    (void)code_word_nth(code, &dashes, &key, 5);
    uint64_t n;
    char without[14];
    memcpy(without, code, 6);
    memcpy(without + 6, code + 7, 8);
    assert_true(code_word_find(&dashes, &key, 10, text_make(without, 14), &n));
    assert_int_equal(n, 5);
    assert_false(code_word_find(&exact, &key, 10, text_make(without, 14), &n));
    assert_true(code_word_find(&exact, &key, 10, text_make(code, 15), &n));
}

static void faults_of_patterns(void **state)
{
    (void)state;
    struct code_word word;
    struct code_reading folded = {.ignore_case = true}, dashes = {.ignore_dashes = true}, none = {0};
    assert_int_equal(code_word_make(&word, TEXT("ABC"), TEXT("AB"), none), CODE_WORD_NO_HOLE);
    assert_int_equal(code_word_make(&word, TEXT(""), TEXT("AB"), none), CODE_WORD_TOO_LONG);
    assert_int_equal(code_word_make(&word, TEXT("??"), TEXT("A"), none), CODE_WORD_FEW_LETTERS);
    assert_int_equal(code_word_make(&word, TEXT("??"), TEXT("ABA"), none), CODE_WORD_TWICE);
    assert_int_equal(code_word_make(&word, TEXT("??"), TEXT("aA"), none), CODE_WORD_FINE);
    assert_int_equal(code_word_make(&word, TEXT("??"), TEXT("aA"), folded), CODE_WORD_TWICE);
    assert_int_equal(code_word_make(&word, TEXT("??"), TEXT("A-"), dashes), CODE_WORD_IGNORED);
    assert_int_equal(code_word_make(&word, TEXT("??"),
                                    TEXT("\xc3\x84"
                                         "B"),
                                    none),
                     CODE_WORD_NOT_ASCII);
    assert_int_equal(code_word_make(&word, TEXT("????????????"), text_of(letters), none), CODE_WORD_FINE);
    assert_int_equal(code_word_make(&word, TEXT("?????????????"), text_of(letters), none), CODE_WORD_TOO_MANY);
    assert_int_equal(code_word_judge(TEXT("SUMMER26"), none), CODE_WORD_FINE);
    assert_int_equal(code_word_judge(TEXT(""), none), CODE_WORD_TOO_LONG);
    assert_int_equal(code_word_judge(TEXT("--"), dashes), CODE_WORD_TOO_LONG);
}

static void how_hard_it_is_to_guess(void **state)
{
    (void)state;
    assert_int_equal(code_word_bits(UINT64_C(1) << 40, 1), 40000);
    assert_int_equal(code_word_bits(UINT64_C(1) << 40, 10000), 26712); /* 40 - log2(10,000) = 26.71228… */
    assert_int_equal(code_word_bits(3, 2), 584);                       /* 0.58496… */
    assert_int_equal(code_word_bits(UINT64_C(1) << 62, 1), 62000);
    assert_int_equal(code_word_bits(10, 10), 0);
    assert_int_equal(code_word_tries(0, 0), 3600);
    assert_int_equal(code_word_tries(3, 60 * 60 * 1000), 3);
    assert_int_equal(code_word_tries(3, 25 * 60 * 1000), 9);
    assert_int_equal(code_word_tries(5, 24 * 3600 * 1000), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_of_a_small_space_comes_once_and_goes_back),
        cmocka_unit_test(codes_are_those_of_the_key_and_the_pool),
        cmocka_unit_test(what_is_typed_is_read_as_the_pool_says),
        cmocka_unit_test(faults_of_patterns),
        cmocka_unit_test(how_hard_it_is_to_guess),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
