/* The engine's small parts by themselves: blocks, deadlines, applied ids, figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/engine/deadline.h"
#include "runtime/engine/dedupe.h"
#include "runtime/engine/figures.h"
#include "runtime/engine/slab.h"

static uint32_t seed = 7;
static uint32_t next_random(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static void test_blocks_are_zeroed_and_apart(void **state)
{
    (void)state;
    struct slab slab;
    slab_init(&slab);
    enum { COUNT = 3000 };
    static uint8_t *block[COUNT];
    static size_t size[COUNT];
    for (uint32_t round = 0; round < 4; round++) {
        for (uint32_t i = 0; i < COUNT; i++) {
            if (block[i] != NULL && next_random() % 2 == 0) {
                for (size_t j = 0; j < size[i]; j++)
                    assert_int_equal(block[i][j], i % 251 + 1); /* Nobody else wrote here. */
                slab_free(&slab, block[i], size[i]);
                block[i] = NULL;
            }
            if (block[i] != NULL) continue;
            size[i] = next_random() % 2000; /* Some above the largest class. */
            block[i] = slab_alloc(&slab, size[i]);
            assert_non_null(block[i]);
            assert_int_equal((uintptr_t)block[i] % 16, 0);
            for (size_t j = 0; j < size[i]; j++) assert_int_equal(block[i][j], 0);
            memset(block[i], (int)(i % 251 + 1), size[i]);
        }
    }
    for (uint32_t i = 0; i < COUNT; i++) slab_free(&slab, block[i], size[i]);
    slab_deinit(&slab);
}

static void test_deadlines_come_in_order(void **state)
{
    (void)state;
    struct deadline_heap heap;
    deadline_init(&heap);
    assert_true(deadline_first(&heap) == DEADLINE_NEVER);
    struct player *one = (struct player *)&heap, *two = (struct player *)&seed;
    for (uint32_t i = 0; i < 2000; i++)
        assert_true(deadline_push(&heap, (int64_t)(next_random() % 500), i % 3 == 0 ? one : two));
    deadline_remove(&heap, one);
    int64_t before = -1;
    uint32_t count = 0;
    while (heap.count > 0) {
        struct deadline_entry entry = deadline_pop(&heap);
        assert_true(entry.due >= before);
        assert_ptr_equal(entry.player, two);
        before = entry.due;
        count++;
    }
    assert_int_equal(count, 2000 - 667);
    deadline_deinit(&heap);
}

static struct dedupe_entry entry_of(uint32_t number, uint64_t content, int64_t until)
{
    static const uint8_t key[CRYPTO_SIP_KEY_SIZE] = {1, 2, 3};
    char id[16];
    int size = snprintf(id, sizeof id, "%u", number);
    struct dedupe_entry entry = dedupe_hash(key, TEXT("s"), text_make(id, (size_t)size));
    entry.content = content;
    entry.until = until;
    return entry;
}

static void test_ids_are_kept_until_they_expire(void **state)
{
    (void)state;
    struct dedupe_table table = {0};
    for (uint32_t i = 0; i < 500; i++) assert_int_equal(dedupe_add(&table, entry_of(i, i, 100 + i), 0), DEDUPE_NEW);
    for (uint32_t i = 0; i < 500; i++) assert_int_equal(dedupe_add(&table, entry_of(i, i, 900), 100), DEDUPE_SAME);
    assert_int_equal(dedupe_add(&table, entry_of(7, 8, 900), 107), DEDUPE_REUSED);
    assert_int_equal(dedupe_add(&table, entry_of(7, 8, 900), 108),
                     DEDUPE_NEW); /* One millisecond later it is forgotten. */
    assert_int_equal(dedupe_add(&table, entry_of(7, 7, 900), 108), DEDUPE_REUSED);
    /* The bytes hold the live ones in one order, whatever the table has been through. */
    struct buffer bytes = BUFFER_EMPTY, again = BUFFER_EMPTY;
    dedupe_encode(&table, 300, &bytes);
    struct dedupe_table copy = {0};
    struct buffer_reader reader = buffer_read(bytes.bytes, bytes.size);
    struct error error = ERROR_NONE;
    assert_int_equal(dedupe_decode(&copy, &reader, &error), OK);
    assert_int_equal(copy.count, 300 + 1);
    dedupe_encode(&copy, 300, &again);
    assert_int_equal(bytes.size, again.size);
    assert_memory_equal(bytes.bytes, again.bytes, bytes.size);
    struct buffer_reader cut = buffer_read(bytes.bytes, bytes.size - 1);
    dedupe_deinit(&copy);
    assert_int_equal(dedupe_decode(&copy, &cut, &error), STATUS_CORRUPT);
    dedupe_deinit(&copy);
    dedupe_deinit(&table);
    buffer_deinit(&bytes);
    buffer_deinit(&again);
}

/* (source, id) is not a row of bytes: no other pair runs together into the same. */
static void test_source_and_id_do_not_run_together(void **state)
{
    (void)state;
    static const uint8_t key[CRYPTO_SIP_KEY_SIZE] = {9};
    struct dedupe_entry a = dedupe_hash(key, TEXT("ab"), TEXT("c")), b = dedupe_hash(key, TEXT("a"), TEXT("bc"));
    assert_true(a.low != b.low || a.high != b.high);
}

static void test_figures(void **state)
{
    (void)state;
    struct figures figures = {.started = 5, .entered = 4}, copy = {0};
    figures.entries_refused[REASON_FILTER] = 9;
    assert_true(figures_add(&figures.credits, TEXT("b"), TEXT(""), 1, 500));
    assert_true(figures_add(&figures.credits, TEXT("a"), TEXT(""), 1, 200));
    assert_true(figures_add(&figures.credits, TEXT("b"), TEXT(""), 1, 50));
    assert_true(figures_add(&figures.refusals, TEXT("BUDGET"), TEXT("total"), 1, 0));
    assert_true(figures_add(&figures.refusals, TEXT("BUDGET"), TEXT("period"), 1, 0));
    assert_true(figures_add(&figures.arms, TEXT("half"), TEXT("A"), 3, 1));
    assert_int_equal(figures.credits.count, 2);
    assert_int_equal(figures.credits.figure[0].amount, 550);
    struct buffer bytes = BUFFER_EMPTY, again = BUFFER_EMPTY;
    figures_encode(&figures, &bytes);
    struct buffer_reader reader = buffer_read(bytes.bytes, bytes.size);
    struct error error = ERROR_NONE;
    assert_int_equal(figures_decode(&copy, &reader, &error), OK);
    figures_encode(&copy, &again);
    assert_int_equal(bytes.size, again.size);
    assert_memory_equal(bytes.bytes, again.bytes, bytes.size);
    assert_int_equal(copy.entries_refused[REASON_FILTER], 9);
    assert_int_equal(copy.arms.figure[0].count, 3);
    assert_int_equal(copy.arms.figure[0].amount, 1);
    figures_deinit(&figures);
    figures_deinit(&copy);
    buffer_deinit(&bytes);
    buffer_deinit(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_are_zeroed_and_apart),
        cmocka_unit_test(test_deadlines_come_in_order),
        cmocka_unit_test(test_ids_are_kept_until_they_expire),
        cmocka_unit_test(test_source_and_id_do_not_run_together),
        cmocka_unit_test(test_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
