/*
 * Where codes lie in a checkpoint: each in the key group of its hash. A checkpoint writes the groups that changed and nothing of the others; what
 * is read back is what was, after every kind of change, whatever shards; and groups that do not fit the pools are refused.
 */
#include "tests/kit/engine_kit.h"
#include "runtime/store/memory_store.h"
#include "vm/code_word.h"
#include "vm/crypto.h"
#include "vm/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WORKSPACE                                                                               \
    "workspace \"W\"\n  product  casino\n  currency EUR\n  tag      seen\n  timezone \"UTC\"\n" \
    "  use events, attributes, actions\nend\n"
#define LETTERS "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

#ifndef REDEEMED /* With 100000 the figures of spec/storage.md. */
#define REDEEMED 10000
#endif
enum { PLAYERS = 2000, STORY = 240 };

static void made_code(char out[CODE_WORD_SIZE + 1], uint64_t n)
{
    struct code_word word;
    struct crypto_key identity = crypto_derive_key(TEXT("W"), TEXT("effect identity"));
    struct crypto_key key = code_word_key(&identity, TEXT("pool"));
    assert_int_equal(
        code_word_make(&word, TEXT("S-????????????"), TEXT(LETTERS), (struct code_reading){true, false, true}),
        CODE_WORD_FINE);
    uint32_t size = code_word_nth(out, &word, &key, n);
    out[size] = 0;
}

static void ask(struct kit *kit, const char *event, int n, const char *pool, const char *code)
{
    char line[400];
    (void)snprintf(
        line, sizeof line,
        "{\"event\":\"%s\",\"id\":\"e%d\",\"player\":\"p%d\",\"at\":\"2026-06-%02dT%02d:%02d:00Z\",\"data\":{"
        "\"codes\":\"%s\",\"code\":\"%s\"}}",
        event, n, n % PLAYERS, 1 + n / 43200 % 28, n / 1800 % 24, n / 30 % 60, pool, code);
    kit_line(kit, line);
}

/* ---------------------------------------------------------------- what a checkpoint writes */

struct counted {
    const struct checkpoint_store *store;
    size_t bytes, largest, shared;
    uint32_t groups;
};

static enum status counted_begin(void *self, uint64_t position, struct error *error)
{
    struct counted *counted = self;
    return counted->store->begin(counted->store->self, position, error);
}

static enum status counted_put(void *self, uint32_t key, struct text bytes, struct error *error)
{
    struct counted *counted = self;
    counted->bytes += bytes.size;
    counted->groups += key < CHECKPOINT_SHARED;
    if (key == CHECKPOINT_SHARED) counted->shared = bytes.size;
    if (key < CHECKPOINT_SHARED && bytes.size > counted->largest) counted->largest = bytes.size;
    return counted->store->put(counted->store->self, key, bytes, error);
}

static enum status counted_commit(void *self, struct error *error)
{
    struct counted *counted = self;
    return counted->store->commit(counted->store->self, error);
}

static struct counted checkpoint(struct kit *kit, const struct store *store)
{
    struct error error = ERROR_NONE;
    struct counted counted = {.store = &store->checkpoint};
    struct checkpoint_store through = {
        .self = &counted, .begin = counted_begin, .put = counted_put, .commit = counted_commit};
    assert_int_equal(engine_checkpoint(kit->engine, &through, engine_position(kit->engine), &error), OK);
    return counted;
}

static void one_redemption_writes_a_few_groups(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    char code[CODE_WORD_SIZE + 1];
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit,
             WORKSPACE "codes \"pool\"\n  make 1000000 like \"S-????????????\" from \"" LETTERS
                       "\"\n  read ignoring case, dashes\n  each player at most 900 times\nend\n",
             3);
    kit.quiet = true;
    for (int i = 0; i < REDEEMED; i++) {
        made_code(code, (uint64_t)i);
        ask(&kit, "code.entered", i, "pool", code);
    }
    kit_settle(&kit);
    struct counted all = checkpoint(&kit, &store);
    made_code(code, REDEEMED);
    kit.quiet = false;
    ask(&kit, "code.entered", REDEEMED, "pool", code);
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"OK\""), 1);
    struct counted one = checkpoint(&kit, &store);
    print_message("%d redemptions: %zu bytes, %u groups, %zu shared; one more: %zu bytes, %u groups, %zu shared\n",
                  REDEEMED, all.bytes, all.groups, all.shared, one.bytes, one.groups, one.shared);
    assert_true(all.bytes > (size_t)REDEEMED * 20);
    /* Of the player, of his events' ids, of the code: not of ten thousand codes. */
    assert_true(one.groups >= 1 && one.groups <= 6);
    assert_true(one.bytes <= one.shared + one.groups * all.largest + 200);
    assert_true(one.shared < 8192);
    kit_restart(&kit, &store, 7); /* What was not written again is there. */
    ask(&kit, "code.entered", REDEEMED + 1, "pool", code);
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"ALREADY_USED\""), 1);
    kit_close(&kit);
    store_close(&store);
}

/* ---------------------------------------------------------------- every change is written */

static const char life[] =
    WORKSPACE "codes \"pool\"\n  make 300 like \"S-????????????\" from \"" LETTERS "\"\n  read ignoring case, dashes\n"
              "  each code at most 2 times per day\n  each player at most 900 times\n  quota \"VIP\" 3 for players "
              "where vip is yes\n"
              "  quota \"ELSE\" 500 for everyone else\n  hold 25 minutes\nend\n"
              "codes \"gifts\"\n  upload up to 100\nend\n"
              "campaign \"C\"\n  product casino\n  currency EUR\n  start on code_redeemed of \"pool\"\n  enter every "
              "time, at most "
              "9 at once\n  step \"One\"\n    give code \"gifts\", otherwise finish as \"NONE\"\n    wait 15 minutes\n"
              "    release code of \"pool\"\n    release code of \"gifts\"\n    finish as \"IN\"\n  end\nend\n";

/* One step a minute: all that may become of a code. */
static void step(struct kit *kit, int n)
{
    static const char *const events[] = {"code.held",        "code.released", "code.held", "code.entered",
                                         "code.rolled_back", "code.entered",  "code.held", "code.entered"};
    char code[CODE_WORD_SIZE + 1], line[300];
    made_code(code, (uint64_t)(n / 8 % 12));
    if (n % 11 == 0) {
        (void)snprintf(line, sizeof line,
                       "{\"id\":\"u%d\",\"at\":\"2026-06-01T%02d:%02d:00Z\",\"codes\":\"gifts\","
                       "\"code\":\"GIFT-%d\"}",
                       n, n / 60, n % 60, n);
        kit_line(kit, line);
    }
    (void)snprintf(line, sizeof line,
                   "{\"event\":\"%s\",\"id\":\"e%d\",\"player\":\"p%d\",\"at\":\"2026-06-01T%02d:%02d:00Z\",\"data\":{"
                   "\"codes\":\"pool\",\"code\":\"%s\"}}",
                   events[n % 8], n, n / 8 % 5, n / 60, n % 60, code);
    kit_line(kit, line);
}

/* kit_restart holds the digest that was read against the one that was: a change that was not marked would show as the group of before. */
static void every_change_is_written(void **state)
{
    (void)state;
    struct kit_runs runs = {0};
    for (uint32_t run = 0; run < 3; run++) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        kit_open(&kit, life, run == 0 ? 1 : 7);
        for (int n = 0; n < STORY; n++) {
            step(&kit, n);
            if (run < 2) continue;
            kit_settle(&kit);
            kit_restart(&kit, &store, n % 2 == 0 ? 1 : 7);
        }
        kit_settle(&kit);
        assert_true(kit_count(&kit.effects, "\"result\":\"OK\"") > 60);
        assert_true(kit_count(&kit.effects, "\"event\":\"code.given\"") > 10);
        kit_runs_add(&runs, &kit);
        store_close(&store);
    }
    kit_runs_judge(&runs);
}

/* ---------------------------------------------------------------- damage and memory */

struct blobs {
    struct {
        uint32_t key;
        unsigned char *bytes;
        size_t size;
    } blob[4200];
    uint32_t count, left_out;
    uint64_t position;
};

static enum status take_blob(void *context, uint32_t key, struct text bytes, struct error *error)
{
    (void)error;
    struct blobs *blobs = context;
    unsigned char *copy = memory_alloc(bytes.size + 1);
    memcpy(copy, bytes.at, bytes.size);
    blobs->blob[blobs->count].key = key;
    blobs->blob[blobs->count].bytes = copy;
    blobs->blob[blobs->count++].size = bytes.size;
    return OK;
}

static enum status give_blobs(void *self, uint64_t *at, checkpoint_reader reader, void *context, struct error *error)
{
    struct blobs *blobs = self;
    *at = blobs->position;
    enum status status = OK;
    for (uint32_t i = 0; i < blobs->count && status == OK; i++) {
        if (i == blobs->left_out) continue;
        status = reader(context, blobs->blob[i].key, text_make((const char *)blobs->blob[i].bytes, blobs->blob[i].size),
                        error);
    }
    return status;
}

static enum status restore(const struct checkpoint_store *store, struct error *error)
{
    struct engine *engine = NULL;
    struct engine_options options = {.shards = 1};
    uint64_t position;
    assert_int_equal(engine_open(&engine, &options, error), OK);
    *error = (struct error)ERROR_NONE;
    enum status status = engine_restore(engine, store, &position, error);
    engine_close(engine);
    return status;
}

static struct blobs blobs_of_a_life(void)
{
    static struct blobs blobs;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    memset(&blobs, 0, sizeof blobs);
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, life, 1);
    for (int n = 0; n < 90; n++) step(&kit, n);
    kit_settle(&kit);
    (void)checkpoint(&kit, &store);
    assert_int_equal(store.checkpoint.load(store.checkpoint.self, &blobs.position, take_blob, &blobs, &error), OK);
    blobs.left_out = UINT32_MAX;
    kit_close(&kit);
    store_close(&store);
    return blobs;
}

static void release_blobs(struct blobs *blobs)
{
    for (uint32_t i = 0; i < blobs->count; i++) memory_release(blobs->blob[i].bytes);
}

/* A key group that is not there, or stands for another one, is noticed by its codes. */
static void groups_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static struct blobs blobs;
    blobs = blobs_of_a_life();
    struct checkpoint_store given = {.self = &blobs, .load = give_blobs};
    struct error error = ERROR_NONE;
    assert_int_equal(restore(&given, &error), OK);
    uint32_t missing = 0, moved = 0;
    for (uint32_t i = 0; i < blobs.count; i++) {
        if (blobs.blob[i].key >= CHECKPOINT_SHARED || blobs.blob[i].size == 0) continue;
        blobs.left_out = i;
        if (restore(&given, &error) == STATUS_CORRUPT)
            missing += strstr(error.message, "codes of a pool are missing") != NULL;
        blobs.left_out = UINT32_MAX;
        uint32_t key = blobs.blob[i].key;
        blobs.blob[i].key = key ^ 2048;
        if (restore(&given, &error) == STATUS_CORRUPT)
            moved += strstr(error.message, "lies in the wrong key group") != NULL;
        blobs.blob[i].key = key;
    }
    assert_true(missing >= 10 && moved >= 10);
    release_blobs(&blobs);
}

static void memory_runs_out_at_a_restart(void **state)
{
    (void)state;
    static struct blobs blobs;
    blobs = blobs_of_a_life();
    struct checkpoint_store given = {.self = &blobs, .load = give_blobs};
    struct error error = ERROR_NONE;
    struct engine *engine = NULL;
    struct engine_options options = {.shards = 2};
    uint64_t position, nth = 1;
    for (enum status status = STATUS_NO_MEMORY; status != OK; nth++) {
        assert_int_equal(engine_open(&engine, &options, &error), OK);
        memory_fail_from(nth);
        status = engine_restore(engine, &given, &position, &error);
        memory_fail_from(0);
        if (status != OK) assert_int_equal(status, STATUS_NO_MEMORY);
        if (status == OK) break;
        engine_close(engine);
    }
    assert_true(nth > 100);
    struct store store;
    assert_int_equal(memory_store_open(&store, &error), OK);
    for (nth = 1;; nth++) {
        memory_fail_from(nth);
        uint8_t digest[32];
        enum status status = engine_digest(engine, digest, &error);
        memory_fail_from(0);
        if (status == OK) break;
        assert_int_equal(status, STATUS_NO_MEMORY);
    }
    assert_true(nth > 100);
    engine_close(engine);
    store_close(&store);
    release_blobs(&blobs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_redemption_writes_a_few_groups),
        cmocka_unit_test(every_change_is_written),
        cmocka_unit_test(groups_that_do_not_fit_are_refused),
        cmocka_unit_test(memory_runs_out_at_a_restart),
    };
    return cmocka_run_group_tests_name("engine: codes in key groups", tests, NULL, NULL);
}
