/*
 * Signed bundles against whoever changes them, and trust files against whoever writes them wrong.
 *
 * Whoever changes a bundle can make its full hash anew, so each change is also tried with the hash mended: the signature alone must see it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/store/trust.h"
#include "tests/fuzz/bundle_kit.h"
#include "vm/bundle.h"
#include "vm/civil.h"
#include "vm/limits.h"
#include "vm/memory.h"
#include "vm/verify.h"

static struct buffer plain, signed_by_anna, signed_by_ben;
static struct crypto_signing_key anna, ben;
static struct buffer both; /* a trust file with both keys */
static unsigned tampered;

static void line_of(struct buffer *out, const char *name, const struct crypto_signing_key *key, const char *from,
                    const char *until)
{
    struct crypto_public_key public_key;
    crypto_signing_public(&public_key, key);
    trust_put_line(out, text_of(name), &public_key, text_of(from), text_of(until));
}

static int setup(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    if (crypto_start(&error) != OK) return 1;
    memset(&anna, 7, sizeof anna);
    memset(&ben, 9, sizeof ben);
    bundle_kit_sample(&plain);
    line_of(&both, "anna", &anna, "", "");
    line_of(&both, "ben", &ben, "", "");
    return signature_add(&signed_by_anna, plain.bytes, plain.size, &anna, &error) == OK &&
                   signature_add(&signed_by_ben, plain.bytes, plain.size, &ben, &error) == OK
               ? 0
               : 1;
}

static int teardown(void **state)
{
    (void)state;
    buffer_deinit(&plain);
    buffer_deinit(&signed_by_anna);
    buffer_deinit(&signed_by_ben);
    buffer_deinit(&both);
    return 0;
}

static struct trust *open_trust(const struct buffer *file)
{
    struct trust *trust = NULL;
    struct error error = ERROR_NONE;
    enum status status = trust_open(&trust, buffer_as_text(file), &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
    return trust;
}

static void assert_refused(const struct trust *trust, const uint8_t *bytes, uint64_t size, int64_t now,
                           const char *words)
{
    struct error error = ERROR_NONE;
    const struct trust_key *who = NULL;
    enum status status = trust_judge(trust, bytes, size, now, &who, &error);
    if (status != STATUS_REFUSED || strstr(error.message, words) == NULL)
        fail_msg("%s `%s`, not `%s`", status_name(status), error.message, words);
    assert_null(who);
}

static void assert_trusted(const struct trust *trust, const struct buffer *bundle, int64_t now, const char *name)
{
    struct error error = ERROR_NONE;
    const struct trust_key *who = NULL;
    enum status status = trust_judge(trust, bundle->bytes, bundle->size, now, &who, &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
    assert_true(text_equal(who->name, text_of(name)));
}

/* promise S4 */
static void a_signature_changes_nothing_else(void **state)
{
    (void)state;
    struct program before, after;
    struct error error = ERROR_NONE;
    struct buffer again = BUFFER_EMPTY, other = BUFFER_EMPTY;
    assert_int_equal(bundle_open(&before, plain.bytes, plain.size, &error), OK);
    assert_int_equal(bundle_open(&after, signed_by_anna.bytes, signed_by_anna.size, &error), OK);
    assert_int_equal(verify_program(&after, &error), OK);
    assert_memory_equal(before.semantic_hash, after.semantic_hash, sizeof before.semantic_hash);
    assert_memory_not_equal(before.full_hash, after.full_hash, sizeof before.full_hash);
    /* The same bytes each time, and the same whether it had another signature before. */
    assert_int_equal(signature_add(&again, plain.bytes, plain.size, &anna, &error), OK);
    assert_int_equal(again.size, signed_by_anna.size);
    assert_memory_equal(again.bytes, signed_by_anna.bytes, again.size);
    assert_int_equal(signature_add(&other, signed_by_ben.bytes, signed_by_ben.size, &anna, &error), OK);
    assert_int_equal(other.size, signed_by_anna.size);
    assert_memory_equal(other.bytes, signed_by_anna.bytes, other.size);
    buffer_deinit(&again);
    buffer_deinit(&other);
}

static void who_signed_is_told(void **state)
{
    (void)state;
    struct trust *trust = open_trust(&both);
    assert_int_equal(trust_count(trust), 2);
    assert_trusted(trust, &signed_by_anna, 0, "anna");
    assert_trusted(trust, &signed_by_ben, 0, "ben");
    assert_refused(trust, plain.bytes, plain.size, 0, "it is not signed");
    trust_close(trust);
    struct buffer one = BUFFER_EMPTY;
    line_of(&one, "ben", &ben, "", "");
    trust = open_trust(&one);
    assert_refused(trust, signed_by_anna.bytes, signed_by_anna.size, 0, "is not in the trust file");
    trust_close(trust);
    buffer_clear(&one);
    trust = open_trust(&one); /* nobody */
    assert_refused(trust, signed_by_anna.bytes, signed_by_anna.size, 0, "is not in the trust file");
    trust_close(trust);
    buffer_deinit(&one);
}

/* promise S5 */
static void every_changed_byte_is_seen(void **state)
{
    (void)state;
    struct trust *trust = open_trust(&both);
    uint64_t size = signed_by_anna.size;
    uint8_t *bytes = memory_alloc(size);
    assert_non_null(bytes);
    memcpy(bytes, signed_by_anna.bytes, size);
    for (uint64_t at = 0; at < size; at++) {
        struct error error = ERROR_NONE;
        const struct trust_key *who = NULL;
        struct program program;
        uint8_t bit = (uint8_t)(1u << (at * 5 % 8));
        bool of_hash = at >= BUNDLE_FULL_HASH_AT && at < BUNDLE_FULL_HASH_AT + CRYPTO_DIGEST_SIZE;
        bytes[at] ^= bit;
        /* The full hash is not signed, it follows from what is. */
        bool seen = of_hash ? bundle_open(&program, bytes, size, &error) != OK
                            : trust_judge(trust, bytes, size, 0, &who, &error) == STATUS_REFUSED;
        if (!of_hash && seen) {
            bundle_rehash(bytes, size);
            seen = trust_judge(trust, bytes, size, 0, &who, &error) == STATUS_REFUSED;
        }
        if (!seen) fail_msg("a changed byte at %llu is not seen", (unsigned long long)at);
        bytes[at] = signed_by_anna.bytes[at];
        memcpy(bytes + BUNDLE_FULL_HASH_AT, signed_by_anna.bytes + BUNDLE_FULL_HASH_AT, CRYPTO_DIGEST_SIZE);
        tampered += of_hash ? 1 : 2;
    }
    memory_release(bytes);
    trust_close(trust);
}

static void every_cut_is_seen(void **state)
{
    (void)state;
    struct trust *trust = open_trust(&both);
    uint8_t *bytes = memory_alloc(signed_by_anna.size);
    assert_non_null(bytes);
    for (uint64_t size = 0; size < signed_by_anna.size; size++) {
        memcpy(bytes, signed_by_anna.bytes, signed_by_anna.size);
        assert_refused(trust, bytes, size, 0, "");
        if (size >= BUNDLE_HEAD_SIZE) {
            /* The head says the shorter size, and the hash agrees. */
            for (unsigned byte = 0; byte < 8; byte++) bytes[8 + byte] = (uint8_t)(size >> (8 * byte));
            bundle_rehash(bytes, size);
            assert_refused(trust, bytes, size, 0, "");
        }
        tampered += 2;
    }
    memory_release(bytes);
    trust_close(trust);
}

/* Parts of honest bundles put together otherwise. */
static void parts_of_others_are_seen(void **state)
{
    (void)state;
    struct trust *trust = open_trust(&both);
    struct error error = ERROR_NONE;
    uint64_t size = signed_by_anna.size;
    uint8_t *bytes = memory_alloc(size + 64);
    assert_non_null(bytes);
    /* Ben's key id over Anna's signature, and the other way round. */
    memcpy(bytes, signed_by_anna.bytes, size);
    memcpy(bytes + size - 72, signed_by_ben.bytes + size - 72, 8);
    bundle_rehash(bytes, size);
    assert_refused(trust, bytes, size, 0, "are not those that \"ben\"");
    memcpy(bytes, signed_by_anna.bytes, size);
    memcpy(bytes + size - 64, signed_by_ben.bytes + size - 64, 64);
    bundle_rehash(bytes, size);
    assert_refused(trust, bytes, size, 0, "are not those that \"anna\"");
    /* Anna's signature of another bundle. */
    struct buffer other = BUFFER_EMPTY, other_signed = BUFFER_EMPTY;
    struct program program;
    bundle_kit_sample(&other);
    assert_int_equal(bundle_open(&program, other.bytes, other.size, &error), OK);
    other.bytes[other.size - 1] ^= 1; /* what it holds does not matter here */
    bundle_rehash(other.bytes, other.size);
    assert_int_equal(signature_add(&other_signed, other.bytes, other.size, &anna, &error), OK);
    assert_trusted(trust, &other_signed, 0, "anna");
    memcpy(bytes, signed_by_anna.bytes, size);
    memcpy(bytes + size - 80, other_signed.bytes + other_signed.size - 80, 80);
    bundle_rehash(bytes, size);
    assert_refused(trust, bytes, size, 0, "are not those that \"anna\"");
    /* All zeros, and a key of all zeros. */
    memset(bytes + size - 64, 0, 64);
    bundle_rehash(bytes, size);
    assert_refused(trust, bytes, size, 0, "are not those that \"anna\"");
    /* The section twice, of another size, critical, elsewhere. */
    memcpy(bytes, signed_by_anna.bytes, size);
    uint32_t rows = buffer_load_u32(bytes + 16);
    uint8_t *row = bytes + BUNDLE_HEAD_SIZE + (size_t)(rows - 1) * BUNDLE_ROW_SIZE;
    static const uint8_t places[] = {0, 4, 8, 16, 20};
    for (size_t index = 0; index < sizeof places; index++) {
        row[places[index]] ^= 1;
        bundle_rehash(bytes, size);
        assert_refused(trust, bytes, size, 0, "");
        assert_true(bundle_open(&program, bytes, size, &error) != OK || places[index] == 0);
        row[places[index]] ^= 1;
    }
    tampered += 10;
    buffer_deinit(&other);
    buffer_deinit(&other_signed);
    memory_release(bytes);
    trust_close(trust);
}

static int64_t instant(const char *words)
{
    int64_t at = 0;
    struct error error = ERROR_NONE;
    assert_int_equal(civil_parse_instant(&at, text_of(words), &error), OK);
    return at;
}

/* promise S6 */
static void keys_have_their_days(void **state)
{
    (void)state;
    struct buffer file = BUFFER_EMPTY;
    buffer_string(&file, "# who may deploy\r\n\n   \t\n");
    line_of(&file, "anna", &anna, "2026-01-01", "2026-12-31");
    line_of(&file, "ben", &ben, "2027-01-01", "");
    struct trust *trust = open_trust(&file);
    assert_refused(trust, signed_by_anna.bytes, signed_by_anna.size, instant("2025-12-31T23:59:59.999Z"),
                   "counts from 2026-01-01");
    assert_trusted(trust, &signed_by_anna, instant("2026-01-01T00:00:00Z"), "anna");
    assert_trusted(trust, &signed_by_anna, instant("2026-12-31T23:59:59.999Z"), "anna");
    assert_refused(trust, signed_by_anna.bytes, signed_by_anna.size, instant("2027-01-01T00:00:00Z"),
                   "counts until 2026-12-31");
    /* The change of keys: from the new year on the other one. */
    assert_refused(trust, signed_by_ben.bytes, signed_by_ben.size, instant("2026-12-31T23:59:59.999Z"), "counts from");
    assert_trusted(trust, &signed_by_ben, instant("2027-01-01T00:00:00Z"), "ben");
    trust_close(trust);
    struct crypto_public_key public_key;
    crypto_signing_public(&public_key, &anna);
    char hex[17];
    struct signature_key_id id = signature_key_id(&public_key);
    crypto_hex(hex, id.bytes, sizeof id.bytes);
    buffer_print(&file, "promo-revoked %s lost with a laptop", hex);
    trust = open_trust(&file);
    assert_refused(trust, signed_by_anna.bytes, signed_by_anna.size, instant("2026-06-01T00:00:00Z"), "is revoked");
    assert_trusted(trust, &signed_by_ben, instant("2027-06-01T00:00:00Z"), "ben");
    trust_close(trust);
    buffer_deinit(&file);
}

static void bad_trust_files_are_refused(void **state)
{
    (void)state;
    struct buffer good = BUFFER_EMPTY, file = BUFFER_EMPTY, secret = BUFFER_EMPTY;
    line_of(&good, "anna", &anna, "", "");
    trust_put_secret(&secret, TEXT("anna"), &anna);
    struct text line = buffer_as_text(&good);
    line.size--; /* without the line feed */
    struct {
        const char *before, *behind, *words;
        bool without;
    } bad[] = {
        {"", " from", "such as 2026-12-31", false},
        {"", " from 2026-13-01", "such as 2026-12-31", false},
        {"", " until 2026-02-30", "such as 2026-12-31", false},
        {"", " from 2026-06-01 until 2026-05-01", "before its first", false},
        {"", " from 2026-06-01 from 2026-05-01", "each once", false},
        {"", " for ever", "each once", false},
        {"promo-kay x", "", "line 1: a line begins with", true},
        {"# fine\n\npromo-key anna", "", "line 3: this is no key", true},
        {"promo-key", "", "this is no key", true},
        {"promo-key anna 0011223344556677 AAAA", "", "this is no key", true},
        {"promo-revoked", "", "16 hexadecimal digits", true},
        {"promo-revoked 00112233445566778899", "", "16 hexadecimal digits", true},
    };
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct trust *trust = NULL;
        struct error error = ERROR_NONE;
        buffer_clear(&file);
        buffer_string(&file, bad[index].before);
        if (!bad[index].without) buffer_text(&file, line);
        buffer_string(&file, bad[index].behind);
        enum status status = trust_open(&trust, buffer_as_text(&file), &error);
        if (status != STATUS_INVALID || strstr(error.message, bad[index].words) == NULL)
            fail_msg("%.*s: `%s`", TEXT_ARGS(buffer_as_text(&file)), error.message);
    }
    struct trust *trust = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(trust_open(&trust, buffer_as_text(&secret), &error), STATUS_INVALID);
    assert_non_null(strstr(error.message, "this is a secret key"));
    /* A key id that is not its key's; the same key twice. */
    good.bytes[sizeof "promo-key anna " - 1] ^= 1;
    assert_int_equal(trust_open(&trust, buffer_as_text(&good), &error), STATUS_INVALID);
    good.bytes[sizeof "promo-key anna " - 1] ^= 1;
    line_of(&good, "other", &anna, "", "");
    assert_int_equal(trust_open(&trust, buffer_as_text(&good), &error), STATUS_INVALID);
    assert_non_null(strstr(error.message, "stands above"));
    buffer_deinit(&good);
    buffer_deinit(&file);
    buffer_deinit(&secret);
}

static void trust_files_have_limits(void **state)
{
    (void)state;
    struct buffer file = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    struct trust *trust = NULL;
    for (unsigned index = 0; index < LIMIT_TRUST_KEYS; index++) {
        struct crypto_signing_key key = {{(uint8_t)index, (uint8_t)(index >> 8), 1}};
        line_of(&file, "k", &key, "", "");
    }
    trust = open_trust(&file);
    assert_int_equal(trust_count(trust), LIMIT_TRUST_KEYS);
    trust_close(trust);
    line_of(&file, "one_more", &anna, "", "");
    assert_int_equal(trust_open(&trust, buffer_as_text(&file), &error), STATUS_INVALID);
    buffer_clear(&file);
    buffer_string(&file, "#");
    buffer_fill(&file, ' ', LIMIT_TRUST_FILE_BYTES - 1);
    trust_close(open_trust(&file));
    buffer_string(&file, " ");
    assert_int_equal(trust_open(&trust, buffer_as_text(&file), &error), STATUS_LIMIT);
    buffer_deinit(&file);
}

static void secrets_are_read_back(void **state)
{
    (void)state;
    struct buffer secret = BUFFER_EMPTY, public_line = BUFFER_EMPTY;
    struct crypto_signing_key key;
    struct error error = ERROR_NONE;
    struct text name;
    trust_put_secret(&secret, TEXT("anna"), &anna);
    assert_int_equal(trust_read_secret(&key, &name, buffer_as_text(&secret), &error), OK);
    assert_memory_equal(key.bytes, anna.bytes, sizeof key.bytes);
    assert_true(text_equal(name, TEXT("anna")));
    for (size_t at = 0; at < secret.size - 1; at++) {
        if (at >= sizeof "promo-secret-key " - 1 && at < sizeof "promo-secret-key anna" - 1)
            continue; /* another name */
        secret.bytes[at] ^= 2;
        assert_int_equal(trust_read_secret(&key, &name, buffer_as_text(&secret), &error), STATUS_INVALID);
        secret.bytes[at] ^= 2;
    }
    line_of(&public_line, "anna", &anna, "", "");
    assert_int_equal(trust_read_secret(&key, &name, buffer_as_text(&public_line), &error), STATUS_INVALID);
    assert_non_null(strstr(error.message, "public key"));
    buffer_deinit(&secret);
    buffer_deinit(&public_line);
}

static void torture_line(void **state)
{
    (void)state;
    print_message("%u changed bundles, all refused\n", tampered);
    const char *path = getenv("TORTURE_LOG");
    FILE *log = path == NULL ? NULL : fopen(path, "a");
    if (log == NULL) return;
    fprintf(log, "trust\tsigned bundles changed, cut or mixed, with the hash mended\t%u\t0\t-\t2\n", tampered);
    (void)fclose(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_changes_nothing_else),
        cmocka_unit_test(who_signed_is_told),
        cmocka_unit_test(every_changed_byte_is_seen),
        cmocka_unit_test(every_cut_is_seen),
        cmocka_unit_test(parts_of_others_are_seen),
        cmocka_unit_test(keys_have_their_days),
        cmocka_unit_test(bad_trust_files_are_refused),
        cmocka_unit_test(trust_files_have_limits),
        cmocka_unit_test(secrets_are_read_back),
        cmocka_unit_test(torture_line),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
