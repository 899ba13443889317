/*
 * Memory, arena, text, buffer, status: the floor that everything stands on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vm/arena.h"
#include "vm/buffer.h"
#include "vm/limits.h"
#include "vm/memory.h"

static void error_says_status_and_words(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    assert_int_equal(error_set(&error, STATUS_IO, "cannot open `%s`", "a.db"), STATUS_IO);
    assert_int_equal(error.status, STATUS_IO);
    error_prefix(&error, "line %d", 7);
    assert_string_equal(error.message, "line 7: cannot open `a.db`");
    assert_int_equal(error_set(NULL, STATUS_BUSY, "nobody reads this"), STATUS_BUSY);
    for (int status = OK; status < STATUS_COUNT; status++) {
        assert_string_not_equal(status_name((enum status)status), "unknown status");
    }
    assert_true(status_can_retry(STATUS_BUSY));
    assert_false(status_can_retry(STATUS_CORRUPT));
}

static void error_is_cut_at_its_room(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    (void)error_set(&error, STATUS_INVALID, "%0600d", 1);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
    error_prefix(&error, "%0600d", 2);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
}

static void memory_fails_when_told(void **state)
{
    (void)state;
    memory_fail_once(2);
    void *first = memory_alloc(8);
    void *second = memory_alloc(8);
    void *third = memory_alloc(8);
    assert_non_null(first);
    assert_null(second);
    assert_non_null(third);
    assert_int_equal(memory_count(), 3);
    memory_fail_from(1);
    assert_null(memory_alloc(1));
    assert_null(memory_resize(first, 100));
    memory_fail_from(0);
    assert_null(memory_alloc_array(SIZE_MAX / 2, 4));
    assert_null(memory_resize_array(NULL, SIZE_MAX / 2, 4));
    memory_release(first);
    memory_release(third);
    memory_release(NULL);
}

static void arena_gives_aligned_zeros(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 0);
    for (size_t size = 0; size < 300; size++) {
        unsigned char *block = arena_alloc(&arena, size);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % 16, 0);
        for (size_t index = 0; index < size; index++) assert_int_equal(block[index], 0);
        memset(block, 0xAA, size);
    }
    unsigned char *large = arena_alloc(&arena, 3000000);
    assert_non_null(large);
    large[2999999] = 1;
    assert_null(arena_alloc_array(&arena, SIZE_MAX / 2, 3));
    assert_true(arena.failed);
    arena_deinit(&arena);
}

static void arena_stops_at_its_limit(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 64);
    assert_non_null(arena_alloc(&arena, 48));
    assert_null(arena_alloc(&arena, 17));
    assert_true(arena.failed);
    assert_non_null(arena_alloc(&arena, 16));
    assert_null(arena_alloc(&arena, 1));
    assert_null(arena_alloc(&arena, SIZE_MAX));
    arena_reset(&arena);
    assert_false(arena.failed);
    assert_non_null(arena_alloc(&arena, 64));
    arena_deinit(&arena);

    arena_init(&arena, 0);
    memory_fail_once(1);
    assert_null(arena_alloc(&arena, 1));
    memory_fail_once(0);
    assert_true(arena.failed);
    arena_deinit(&arena);
}

static void arena_rewinds_to_a_mark(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 0);
    struct arena_mark empty = arena_mark(&arena);
    char *kept = arena_alloc(&arena, 100);
    kept[0] = 'k';
    struct arena_mark mark = arena_mark(&arena);
    unsigned char *first = arena_alloc(&arena, 200);
    memset(first, 0xAA, 200);
    for (int round = 0; round < 100; round++) assert_non_null(arena_alloc(&arena, 5000));
    arena_rewind(&arena, mark);
    assert_int_equal(kept[0], 'k');
    assert_int_equal(arena.used, mark.used);
    unsigned char *again = arena_alloc(&arena, 200);
    assert_ptr_equal(again, first);
    for (int index = 0; index < 200; index++) assert_int_equal(again[index], 0);
    arena_rewind(&arena, empty);
    assert_int_equal(arena.used, 0);
    arena_deinit(&arena);
}

static void arena_reset_keeps_a_chunk(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 0);
    for (int index = 0; index < 50; index++) assert_non_null(arena_alloc(&arena, 4000));
    arena_reset(&arena);
    memory_fail_once(0);
    uint64_t before = memory_count();
    for (int index = 0; index < 10; index++) assert_non_null(arena_alloc(&arena, 4000));
    assert_int_equal(memory_count(), before);
    struct text text = arena_copy_text(&arena, TEXT("copied"));
    assert_true(text_equal(text, TEXT("copied")));
    assert_int_equal(text.at[6], 0);
    assert_true(text_equal(arena_print(&arena, "%d and %s", 7, "seven"), TEXT("7 and seven")));
    arena_deinit(&arena);
}

static void text_compares(void **state)
{
    (void)state;
    assert_true(text_equal(text_of(NULL), TEXT("")));
    assert_true(text_compare(TEXT("12"), TEXT("7")) < 0);
    assert_true(text_compare(TEXT("ab"), TEXT("a")) > 0);
    assert_true(text_compare(TEXT("\x80"), TEXT("a")) > 0);
    assert_int_equal(text_compare(TEXT("same"), TEXT("same")), 0);
    assert_true(text_compare_id(TEXT("7"), TEXT("12")) < 0);
    assert_true(text_compare_id(TEXT("13"), TEXT("12")) > 0);
    assert_int_equal(text_compare_id(TEXT(""), TEXT("")), 0);
}

static void text_cuts(void **state)
{
    (void)state;
    assert_true(text_equal(text_trim(TEXT(" \t x y\r\n")), TEXT("x y")));
    assert_true(text_equal(text_trim(TEXT("  ")), TEXT("")));
    assert_true(text_equal(text_slice(TEXT("abc"), 1, 99), TEXT("bc")));
    assert_true(text_equal(text_slice(TEXT("abc"), 9, 1), TEXT("")));
    assert_int_equal(text_find(TEXT("a.b.c"), '.', 2), 3);
    assert_int_equal(text_find(TEXT("abc"), '.', 0), 3);
    assert_true(text_starts_with(TEXT("deposit.amount"), TEXT("deposit.")));
    assert_false(text_starts_with(TEXT("dep"), TEXT("deposit")));
    assert_true(text_ends_with(TEXT("a.promo"), TEXT(".promo")));
    assert_false(text_ends_with(TEXT("promo"), TEXT(".promo")));
}

static void text_distance_counts_edits(void **state)
{
    (void)state;
    assert_int_equal(text_distance(TEXT("deposit"), TEXT("deposit"), 3), 0);
    assert_int_equal(text_distance(TEXT("Deposit"), TEXT("deposit"), 3), 0);
    assert_int_equal(text_distance(TEXT("depsoit"), TEXT("deposit"), 3), 1);
    assert_int_equal(text_distance(TEXT("deposits"), TEXT("deposit"), 3), 1);
    assert_int_equal(text_distance(TEXT("depot"), TEXT("deposit"), 3), 2);
    assert_int_equal(text_distance(TEXT("ca"), TEXT("abc"), 3), 3);
    assert_int_equal(text_distance(TEXT("withdrawal"), TEXT("bet"), 3), 4);
    assert_int_equal(text_distance(TEXT(""), TEXT("ab"), 3), 2);
    assert_int_equal(text_distance(TEXT("ab"), TEXT("ba"), 0), 1);
    char large[70];
    memset(large, 'x', sizeof large);
    assert_int_equal(text_distance(text_make(large, 70), TEXT("x"), 3), 4);
    assert_int_equal(text_distance(text_make(large, 70), text_make(large, 70), 3), 0);
}

/* Giving up early never changes the answer, and the distance is the same both ways. */
static void text_distance_gives_up_rightly(void **state)
{
    (void)state;
    uint32_t seed = 12345;
    for (int round = 0; round < 20000; round++) {
        char words[2][8];
        struct text texts[2];
        for (int which = 0; which < 2; which++) {
            seed = seed * 1664525 + 1013904223;
            uint32_t bits = seed >> 8;
            uint32_t size = bits % 8;
            for (uint32_t index = 0; index < size; index++) {
                bits = bits * 69069 + 1;
                words[which][index] = (char)('a' + (bits >> 20) % 3);
            }
            texts[which] = text_make(words[which], size);
        }
        uint32_t whole = text_distance(texts[0], texts[1], 100);
        assert_int_equal(whole, text_distance(texts[1], texts[0], 100));
        for (uint32_t limit = 0; limit < 6; limit++) {
            uint32_t expected = whole <= limit ? whole : limit + 1;
            assert_int_equal(text_distance(texts[0], texts[1], limit), expected);
        }
    }
}

static void text_knows_utf8(void **state)
{
    (void)state;
    assert_true(text_is_utf8(TEXT("plain, \xC3\xA9, \xE2\x82\xAC, \xF0\x9F\x8E\xB0")));
    assert_false(text_is_utf8(TEXT("\xC0\x80")));
    assert_false(text_is_utf8(TEXT("\xED\xA0\x80")));
    assert_false(text_is_utf8(TEXT("\xE2\x82")));
    assert_false(text_is_utf8(TEXT("\xF4\x90\x80\x80")));
    assert_false(text_is_utf8(TEXT("\xF0\x80\x80\x80")));
    assert_int_equal(text_utf8_size(TEXT("a\xC3\xA9"), 1), 2);
    assert_int_equal(text_utf8_size(TEXT("a"), 1), 0);
    assert_int_not_equal(text_hash(TEXT("a")), text_hash(TEXT("b")));
}

static void buffer_writes_little_endian(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_EMPTY;
    buffer_u8(&buffer, 1);
    buffer_u16(&buffer, 0x0302);
    buffer_u32(&buffer, 0x07060504);
    buffer_u64(&buffer, UINT64_C(0x0F0E0D0C0B0A0908));
    for (size_t index = 0; index < buffer.size; index++) assert_int_equal(buffer.bytes[index], index + 1);
    buffer_align(&buffer, 8);
    assert_int_equal(buffer.size, 16);
    buffer_patch_u32(&buffer, 3, 99);
    buffer_sized_text(&buffer, TEXT("hello"));
    buffer_i64(&buffer, -5);

    struct buffer_reader reader = buffer_read(buffer.bytes, buffer.size);
    assert_int_equal(buffer_read_u8(&reader), 1);
    assert_int_equal(buffer_read_u16(&reader), 0x0302);
    assert_int_equal(buffer_read_u32(&reader), 99);
    assert_true(buffer_read_u64(&reader) == UINT64_C(0x0F0E0D0C0B0A0908));
    assert_non_null(buffer_read_bytes(&reader, 1));
    assert_true(text_equal(buffer_read_sized_text(&reader), TEXT("hello")));
    assert_int_equal(buffer_read_i64(&reader), -5);
    assert_non_null(buffer_read_bytes(&reader, 0));
    assert_false(reader.failed);
    assert_int_equal(buffer_read_u8(&reader), 0);
    assert_true(reader.failed);
    buffer_deinit(&buffer);
}

static void buffer_fails_once_and_for_all(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 10);
    buffer_string(&buffer, "0123456789");
    assert_true(buffer_ok(&buffer));
    buffer_u8(&buffer, 'x');
    assert_false(buffer_ok(&buffer));
    buffer_clear(&buffer);
    assert_true(buffer_ok(&buffer));
    buffer_deinit(&buffer);

    buffer_init(&buffer, 0);
    memory_fail_once(1);
    buffer_string(&buffer, "lost");
    memory_fail_once(0);
    buffer_string(&buffer, "lost too");
    assert_false(buffer_ok(&buffer));
    assert_int_equal(buffer.size, 0);
    assert_string_equal(buffer_as_string(&buffer), "");
    buffer_deinit(&buffer);
}

static void buffer_prints(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_EMPTY;
    buffer_print(&buffer, "%s-%03d ", "a", 7);
    buffer_decimal(&buffer, 0);
    buffer_u8(&buffer, ' ');
    buffer_decimal(&buffer, INT64_MIN);
    buffer_u8(&buffer, ' ');
    buffer_decimal(&buffer, INT64_MAX);
    assert_string_equal(buffer_as_string(&buffer), "a-007 0 -9223372036854775808 9223372036854775807");
    size_t size = 0;
    unsigned char *bytes = buffer_take(&buffer, &size);
    assert_int_equal(size, 48);
    assert_null(buffer.bytes);
    memory_release(bytes);
}

static void buffer_escapes_json(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_EMPTY;
    buffer_json_text(&buffer, TEXT("a\"b\\c\n\r\t\x01\x7F \xC3\xA9 \xFF"));
    assert_string_equal(buffer_as_string(&buffer), "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u007f \xC3\xA9 \xEF\xBF\xBD\"");
    buffer_deinit(&buffer);
}

static void limits_are_constants(void **state)
{
    (void)state;
    assert_int_equal(LIMIT_NAME_BYTES, 64);
    assert_int_equal(LIMIT_SOURCE_BYTES, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_says_status_and_words),
        cmocka_unit_test(error_is_cut_at_its_room),
        cmocka_unit_test(memory_fails_when_told),
        cmocka_unit_test(arena_gives_aligned_zeros),
        cmocka_unit_test(arena_stops_at_its_limit),
        cmocka_unit_test(arena_rewinds_to_a_mark),
        cmocka_unit_test(arena_reset_keeps_a_chunk),
        cmocka_unit_test(text_compares),
        cmocka_unit_test(text_cuts),
        cmocka_unit_test(text_distance_counts_edits),
        cmocka_unit_test(text_distance_gives_up_rightly),
        cmocka_unit_test(text_knows_utf8),
        cmocka_unit_test(buffer_writes_little_endian),
        cmocka_unit_test(buffer_fails_once_and_for_all),
        cmocka_unit_test(buffer_prints),
        cmocka_unit_test(buffer_escapes_json),
        cmocka_unit_test(limits_are_constants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
