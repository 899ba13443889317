/*
 * Sealing: nothing in a log row tells who somebody is; what is sealed opens with the right key alone and with the header
 * it was sealed with; a forgotten player stays forgotten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "runtime/store/sealed.h"

static const struct log_record sample[] = {
    {.now = 5,
     .number = 1,
     .group = 77,
     .kind = 1,
     .open = TEXT_INIT("deposit"),
     .secret = TEXT_INIT("anna@example.com")},
    {.now = 9, .number = 2, .group = 4095, .kind = 2, .open = TEXT_INIT("attributes"), .secret = TEXT_INIT("ben")},
    {.now = 9, .number = 0, .group = 0, .kind = 4, .open = TEXT_INIT("tick"), .secret = TEXT_INIT("")},
    {.now = 9, .number = 1, .group = 77, .kind = 1, .open = TEXT_INIT(""), .secret = TEXT_INIT("anna@example.com")},
};
enum { COUNT = sizeof sample / sizeof sample[0] };

static struct keyring *two_players(void)
{
    struct keyring *keyring;
    struct error error = ERROR_NONE;
    uint64_t number;
    assert_int_equal(keyring_open(&keyring, &error), OK);
    assert_int_equal(keyring_number(keyring, TEXT(""), TEXT("anna"), &number, &error), OK);
    assert_int_equal(number, 1);
    assert_int_equal(keyring_number(keyring, TEXT("spin"), TEXT("anna"), &number, &error), OK);
    assert_int_equal(number, 2);
    assert_int_equal(keyring_number(keyring, TEXT(""), TEXT("anna"), &number, &error), OK);
    assert_int_equal(number, 1);
    return keyring;
}

static enum status count_record(void *context, uint64_t position, const struct log_record *record, struct error *error)
{
    (void)error;
    uint32_t *seen = context;
    const struct log_record *expected = &sample[position - 100];
    assert_true(record->now == expected->now && record->number == expected->number && record->kind == expected->kind);
    assert_int_equal(record->group, expected->group);
    assert_true(text_equal(record->open, expected->open));
    assert_true(text_equal(record->secret, expected->secret));
    ++*seen;
    return OK;
}

static enum status forgotten_record(void *context, uint64_t position, const struct log_record *record,
                                    struct error *error)
{
    (void)context;
    (void)position;
    (void)error;
    assert_int_equal(record->secret.size, 0);
    return OK;
}

static enum status any_record(void *context, uint64_t position, const struct log_record *record, struct error *error)
{
    (void)context;
    (void)position;
    (void)record;
    (void)error;
    return OK;
}

static void sealed_and_opened(void **state)
{
    (void)state;
    struct keyring *keyring = two_players();
    struct sealed_writer writer;
    struct buffer space = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    sealed_init(&writer);
    assert_int_equal(sealed_write(&writer, keyring, sample, COUNT, &error), OK);
    struct text body = buffer_as_text(&writer.body);
    assert_null(memmem(body.at, body.size, "anna", 4));
    assert_non_null(memmem(body.at, body.size, "deposit", 7));
    uint32_t seen = 0;
    assert_int_equal(sealed_read(body, 100, COUNT, 100, keyring, &space, count_record, &seen, &error), OK);
    assert_int_equal(seen, COUNT);
    seen = 0;
    assert_int_equal(sealed_read(body, 100, COUNT, 102, keyring, &space, count_record, &seen, &error), OK);
    assert_int_equal(seen, 2);
    /* The same again looks different: no nonce comes twice. */
    struct buffer first = BUFFER_EMPTY;
    buffer_text(&first, body);
    assert_int_equal(sealed_write(&writer, keyring, sample, COUNT, &error), OK);
    assert_int_equal(first.size, writer.body.size);
    assert_memory_not_equal(first.bytes, writer.body.bytes, first.size);
    uint8_t *last = writer.body.bytes + writer.body.size - 32;
    assert_memory_not_equal(first.bytes + first.size - 32, last, 32);
    buffer_deinit(&first);
    buffer_deinit(&space);
    sealed_deinit(&writer);
    keyring_close(keyring);
}

static void every_byte_counts(void **state)
{
    (void)state;
    struct keyring *keyring = two_players();
    struct sealed_writer writer;
    struct buffer space = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    sealed_init(&writer);
    assert_int_equal(sealed_write(&writer, keyring, sample, 1, &error), OK);
    struct crypto_digest zero = {{0}};
    struct crypto_digest chain = sealed_chain(&zero, 1, 1, 3, buffer_as_text(&writer.body));
    size_t open_at = writer.body.size - 7 - 16 - CRYPTO_SEAL_EXTRA;
    for (size_t at = 0; at < writer.body.size; at++) {
        writer.body.bytes[at] ^= 0x20;
        struct text body = buffer_as_text(&writer.body);
        struct crypto_digest changed = sealed_chain(&zero, 1, 1, 3, body);
        assert_false(crypto_equal(&chain, &changed, sizeof chain));
        enum status status = sealed_read(body, 1, 1, 1, keyring, &space, any_record, NULL, &error);
        if (at >= open_at) assert_int_equal(status, STATUS_CORRUPT);
        writer.body.bytes[at] ^= 0x20;
    }
    for (uint32_t size = 0; size < writer.body.size; size++) {
        struct text cut = {.at = (const char *)writer.body.bytes, .size = size};
        assert_int_equal(sealed_read(cut, 1, 1, 1, keyring, &space, any_record, NULL, &error), STATUS_CORRUPT);
    }
    struct crypto_digest moved = sealed_chain(&zero, 2, 1, 3, buffer_as_text(&writer.body));
    struct crypto_digest after = sealed_chain(&chain, 1, 1, 3, buffer_as_text(&writer.body));
    assert_false(crypto_equal(&chain, &moved, sizeof chain));
    assert_false(crypto_equal(&chain, &after, sizeof chain));
    buffer_deinit(&space);
    sealed_deinit(&writer);
    keyring_close(keyring);
}

static void other_keys(void **state)
{
    (void)state;
    struct keyring *keyring = two_players();
    struct keyring *other = two_players();
    struct sealed_writer writer;
    struct buffer space = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    sealed_init(&writer);
    assert_int_equal(sealed_write(&writer, keyring, sample, COUNT, &error), OK);
    struct text body = buffer_as_text(&writer.body);
    uint32_t seen = 0;
    assert_int_equal(sealed_read(body, 100, COUNT, 100, other, &space, count_record, &seen, &error), STATUS_CORRUPT);
    assert_string_equal(error.message, "the log is damaged at record 100");
    /* A destroyed key: the record is there, who it was is not. */
    struct keyring *erased;
    assert_int_equal(keyring_open(&erased, &error), OK);
    assert_int_equal(keyring_load(erased, TEXT(""), TEXT("gone"), NULL, &error), OK);
    assert_int_equal(keyring_load(erased, TEXT(""), TEXT("gone too"), NULL, &error), OK);
    assert_int_equal(sealed_read(body, 100, COUNT, 100, erased, &space, forgotten_record, NULL, &error), OK);
    buffer_deinit(&space);
    sealed_deinit(&writer);
    keyring_close(keyring);
    keyring_close(other);
    keyring_close(erased);
}

static void many_players(void **state)
{
    (void)state;
    struct keyring *keyring;
    struct error error = ERROR_NONE;
    assert_int_equal(keyring_open(&keyring, &error), OK);
    for (int round = 0; round < 2; round++) {
        for (uint32_t player = 1; player <= 5000; player++) {
            char name[16];
            int size = snprintf(name, sizeof name, "p%u", player);
            uint64_t number;
            struct text id = {.at = name, .size = (uint32_t)size};
            assert_int_equal(keyring_number(keyring, TEXT(""), id, &number, &error), OK);
            assert_int_equal(number, player);
            assert_int_equal(keyring_find(keyring, TEXT(""), id), player);
            assert_int_equal(keyring_find(keyring, TEXT("x"), id), 0);
        }
    }
    assert_int_equal(keyring_count(keyring), 5001);
    keyring_close(keyring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealed_and_opened),
        cmocka_unit_test(every_byte_counts),
        cmocka_unit_test(other_keys),
        cmocka_unit_test(many_players),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
