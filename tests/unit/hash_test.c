/*
 * The published split hash against its vectors, and the cryptographic functions against published values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <stdio.h>
#include <cmocka.h>

#include "vm/crypto.h"
#include "vm/split.h"

static void xxh3_is_xxh3(void **state)
{
    (void)state;
    assert_true(split_hash64(NULL, 0, 0) == UINT64_C(0x2d06800538d394c2));
    assert_true(split_seed(TEXT("")) == UINT64_C(0x2d06800538d394c2));
}

/* Columns: salt, player, seed, hash, millionth, arm of 50% / 40% / 10%. */
static void vectors_hold(void **state)
{
    (void)state;
    static const uint32_t shares[3] = {500000, 900000, 1000000};
    FILE *file = fopen("spec/split-vectors.tsv", "r");
    assert_non_null(file);
    char line[512];
    unsigned rows = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#') continue;
        char salt[100];
        char player[100];
        uint64_t seed = 0;
        uint64_t hash = 0;
        uint32_t millionth = 0;
        unsigned arm = 0;
        int fields = sscanf(line, "%99[^\t]\t%99[^\t]\t%" SCNx64 "\t%" SCNx64 "\t%" SCNu32 "\t%u", salt, player, &seed,
                            &hash, &millionth, &arm);
        if (fields != 6) continue; /* the heading */
        assert_true(split_seed(text_of(salt)) == seed);
        assert_true(split_hash64(player, strlen(player), seed) == hash);
        assert_int_equal(split_millionth(text_of(player), seed), millionth);
        assert_int_equal(split_arm(shares, 3, millionth), arm);
        rows++;
    }
    fclose(file);
    assert_int_equal(rows, 20);
}

static void arms_meet_at_their_borders(void **state)
{
    (void)state;
    static const uint32_t shares[3] = {500000, 500000, 1000000};
    assert_int_equal(split_arm(shares, 3, 0), 0);
    assert_int_equal(split_arm(shares, 3, 499999), 0);
    assert_int_equal(split_arm(shares, 3, 500000), 2);
    assert_int_equal(split_arm(shares, 3, 999999), 2);
}

static void shares_are_even(void **state)
{
    (void)state;
    static const uint32_t shares[2] = {300000, 1000000};
    uint64_t seed = split_seed(TEXT("c01-offer"));
    unsigned first = 0;
    for (int player = 0; player < 100000; player++) {
        char id[16];
        int size = snprintf(id, sizeof id, "p%d", player);
        first += split_arm(shares, 2, split_millionth(text_make(id, (size_t)size), seed)) == 0;
    }
    assert_in_range(first, 29400, 30600); /* four standard deviations are 580 */
}

static void assert_hex(const void *bytes, size_t size, const char *expected)
{
    char text[129];
    assert_true(size <= 64);
    crypto_hex(text, bytes, size);
    assert_string_equal(text, expected);
}

/* A tenth, 45 and 45 percent of P000001 to P100000; of all of them, and of the tenth that another split lets in. */
static void count_arms(uint32_t all[3], uint32_t admitted[3])
{
    static const uint32_t shares[] = {100000, 550000, 1000000};
    const uint64_t seed = split_seed(TEXT("c08-2026q3")), rollout = split_seed(TEXT("c08-rollout"));
    for (int i = 1; i <= 100000; i++) {
        char id[16];
        const struct text player = text_make(id, (size_t)snprintf(id, sizeof id, "P%06d", i));
        const unsigned arm = split_arm(shares, 3, split_millionth(player, seed));
        all[arm]++;
        if (split_millionth(player, rollout) < 100000) admitted[arm]++;
    }
}

/* Whether the counts are those of the shares, at p = 0.001 with two degrees of freedom. */
static bool as_shared(const uint32_t counts[3])
{
    static const double shares[] = {0.10, 0.45, 0.45};
    const double sum = (double)(counts[0] + counts[1] + counts[2]);
    double chi = 0;
    for (int i = 0; i < 3; i++) {
        const double expected = sum * shares[i], distance = (double)counts[i] - expected;
        chi += distance * distance / expected;
    }
    return chi < 13.816;
}

static void arms_have_their_shares_whoever_was_let_in(void **state)
{
    (void)state;
    uint32_t all[3] = {0}, admitted[3] = {0};
    count_arms(all, admitted);
    assert_true(as_shared(all));
    assert_true(as_shared(admitted));
    assert_false(as_shared((const uint32_t[]){10500, 44500, 45000}));
    static const uint32_t golden[] = {9969, 45178, 44853}, golden_admitted[] = {1008, 4577, 4389};
    assert_memory_equal(all, golden, sizeof golden);
    assert_memory_equal(admitted, golden_admitted, sizeof golden_admitted);
}

static void digests(void **state)
{
    (void)state;
    struct crypto_digest digest = crypto_digest256("", 0);
    assert_hex(digest.bytes, 32, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    digest = crypto_digest256("abc", 3);
    assert_hex(digest.bytes, 32, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    struct crypto_stream stream;
    crypto_stream_begin(&stream);
    crypto_stream_add(&stream, "a", 1);
    crypto_stream_add(&stream, "", 0);
    crypto_stream_add(&stream, "bc", 2);
    struct crypto_digest again = crypto_stream_end(&stream);
    assert_memory_equal(again.bytes, digest.bytes, 32);
}

static void keyed_hashes_depend_on_the_key(void **state)
{
    (void)state;
    struct crypto_key one = crypto_derive_key(TEXT("Test casino"), TEXT("effect identity"));
    struct crypto_key two = crypto_derive_key(TEXT("Test casino"), TEXT("event identity"));
    struct crypto_key three = crypto_derive_key(TEXT("Other casino"), TEXT("effect identity"));
    struct crypto_id first = crypto_keyed128("x", 1, &one);
    struct crypto_id second = crypto_keyed128("x", 1, &two);
    struct crypto_id third = crypto_keyed128("x", 1, &three);
    assert_memory_not_equal(first.bytes, second.bytes, 16);
    assert_memory_not_equal(first.bytes, third.bytes, 16);
    struct crypto_id again = crypto_keyed128("x", 1, &one);
    assert_memory_equal(first.bytes, again.bytes, 16);
    /* The first 128-bit vector of the SipHash reference code: key 00..0f, no input. */
    uint8_t key[CRYPTO_SIP_KEY_SIZE];
    for (uint8_t index = 0; index < sizeof key; index++) key[index] = index;
    struct crypto_id sip = crypto_siphash128("", 0, key);
    assert_hex(sip.bytes, 16, "a3817f04ba25a8e66df67214c7550293");
}

static void sealing(void **state)
{
    (void)state;
    struct crypto_key key = crypto_derive_key(TEXT("secret"), TEXT("test"));
    struct crypto_nonce nonce = {{1, 2, 3}};
    uint8_t sealed[64];
    uint8_t opened[64];
    crypto_seal(sealed, "personal", 8, "header", 6, &nonce, &key);
    assert_int_equal(crypto_open(opened, sealed, 24, "header", 6, &nonce, &key), OK);
    assert_memory_equal(opened, "personal", 8);
    assert_int_equal(crypto_open(opened, sealed, 24, "Header", 6, &nonce, &key), STATUS_CORRUPT);
    assert_int_equal(crypto_open(opened, sealed, 23, "header", 6, &nonce, &key), STATUS_CORRUPT);
    assert_int_equal(crypto_open(opened, sealed, 3, "header", 6, &nonce, &key), STATUS_CORRUPT);
    nonce.bytes[0] ^= 1;
    assert_int_equal(crypto_open(opened, sealed, 24, "header", 6, &nonce, &key), STATUS_CORRUPT);
    nonce.bytes[0] ^= 1;
    sealed[5] ^= 1;
    assert_int_equal(crypto_open(opened, sealed, 24, "header", 6, &nonce, &key), STATUS_CORRUPT);
    crypto_seal(sealed, NULL, 0, NULL, 0, &nonce, &key);
    assert_int_equal(crypto_open(opened, sealed, CRYPTO_SEAL_EXTRA, NULL, 0, &nonce, &key), OK);
}

static void random_keys_differ(void **state)
{
    (void)state;
    struct crypto_key one;
    struct crypto_key two;
    crypto_random_key(&one);
    crypto_random_key(&two);
    assert_false(crypto_equal(one.bytes, two.bytes, sizeof one.bytes));
    crypto_wipe(&one, sizeof one);
    for (size_t index = 0; index < sizeof one.bytes; index++) assert_int_equal(one.bytes[index], 0);
}

static void hex_comes_back(void **state)
{
    (void)state;
    uint8_t bytes[4];
    assert_true(crypto_unhex(bytes, 4, TEXT("00fFa5C3")));
    assert_hex(bytes, 4, "00ffa5c3");
    assert_false(crypto_unhex(bytes, 4, TEXT("00ffa5")));
    assert_false(crypto_unhex(bytes, 4, TEXT("00ffa5cg")));
}

static int start(void **state)
{
    (void)state;
    return crypto_start(NULL) == OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xxh3_is_xxh3),
        cmocka_unit_test(vectors_hold),
        cmocka_unit_test(arms_meet_at_their_borders),
        cmocka_unit_test(shares_are_even),
        cmocka_unit_test(arms_have_their_shares_whoever_was_let_in),
        cmocka_unit_test(digests),
        cmocka_unit_test(keyed_hashes_depend_on_the_key),
        cmocka_unit_test(sealing),
        cmocka_unit_test(random_keys_differ),
        cmocka_unit_test(hex_comes_back),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
