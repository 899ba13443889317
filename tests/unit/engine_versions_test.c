/*
 * Versions of a checkpoint: what an older program wrote is read, goes on as if nothing had been, and the next checkpoint leaves nothing of the old form
 * behind. The old form is made of the new one by this test, byte for byte as that program wrote it. promises R5, R8.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/engine_kit.h"

#include "runtime/engine/checkpoint.h"
#include "vm/buffer.h"
#include "vm/memory.h"

#define DEPOSIT "\"amount\":\"20.00 EUR\",\"first\":true,\"method\":\"card\""

enum { PLAYERS = 300, SHARED = 4096, CLOCK_SIZE = 4 + 8 + 4 + 8 + 8 + 8, EPOCH_SIZE = 8 + 8 + 1 };

static const char source[] =
    "workspace \"Versions\"\n  product casino\n  currency EUR\n  channel inbox\n  timezone \"Europe/Malta\"\n  use "
    "events\n  use actions\nend\n"
    "message \"m\"\n  about casino\n  inbox \"en\" \"m\"\nend\n"
    "campaign \"Wait\"\n  product casino\n  currency EUR\n  budget\n    total 900 EUR\n    when empty  go on without "
    "rewards\n  end\n  start on registration\n  offer cash \"gift\"\n    amount 5 EUR\n  end\n"
    "  step \"A\"\n    wait up to 3 days\n      when deposit     go to \"B\"\n      when time is up  go to "
    "\"C\"\n    end\n  end\n"
    "  step \"B\"\n    credit \"gift\", otherwise finish as \"EMPTY\"\n    finish as \"PAID\"\n  end\n"
    "  step \"C\"\n    send inbox \"m\"\n    finish as \"LATE\"\n  end\nend\n";

/* A store that hands out what the inner one has in the form of an older version, and counts the versions of what it is given. */
struct aged {
    const struct checkpoint_store *inner;
    uint32_t version;
    uint32_t blobs, current; /* That were put, and those of the version of this program. */
    checkpoint_reader reader;
    void *context;
};

static enum status begin(void *self, uint64_t position, struct error *error)
{
    const struct aged *aged = self;
    return aged->inner->begin(aged->inner->self, position, error);
}

static enum status put(void *self, uint32_t key, struct text bytes, struct error *error)
{
    struct aged *aged = self;
    if (key <= SHARED && bytes.size > 0) {
        struct buffer_reader in = buffer_read(bytes.at, bytes.size);
        aged->blobs++;
        aged->current += buffer_read_u32(&in) == CHECKPOINT_VERSION;
    }
    return aged->inner->put(aged->inner->self, key, bytes, error);
}

static enum status commit(void *self, struct error *error)
{
    const struct aged *aged = self;
    return aged->inner->commit(aged->inner->self, error);
}

static enum status hand_on(void *context, uint32_t key, struct text bytes, struct error *error)
{
    const struct aged *aged = context;
    if (key > SHARED || bytes.size == 0) return aged->reader(aged->context, key, bytes, error);
    struct buffer old = BUFFER_EMPTY;
    buffer_u32(&old, aged->version);
    /* Before version 18 there was no epoch behind the clock. */
    size_t cut = key == SHARED && aged->version < CHECKPOINT_EPOCHS ? CLOCK_SIZE : bytes.size;
    buffer_append(&old, bytes.at + 4, cut - 4);
    if (cut < bytes.size) buffer_append(&old, bytes.at + cut + EPOCH_SIZE, bytes.size - cut - EPOCH_SIZE);
    enum status status = aged->reader(aged->context, key, buffer_as_text(&old), error);
    buffer_deinit(&old);
    return status;
}

static enum status load(void *self, uint64_t *position, checkpoint_reader reader, void *context, struct error *error)
{
    struct aged *aged = self;
    aged->reader = reader;
    aged->context = context;
    return aged->inner->load(aged->inner->self, position, hand_on, aged, error);
}

static struct checkpoint_store age(struct aged *aged)
{
    return (struct checkpoint_store){.self = aged, .begin = begin, .put = put, .commit = commit, .load = load};
}

static void open_store(struct store *store)
{
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(store, &error), OK);
}

static void before(struct kit *kit, uint32_t shards)
{
    kit_open(kit, source, shards);
    for (unsigned i = 0; i < PLAYERS; i++) {
        char id[16], player[16], at[32];
        (void)snprintf(id, sizeof id, "r%u", i);
        (void)snprintf(player, sizeof player, "p%u", i);
        (void)snprintf(at, sizeof at, "2026-06-01T%02u:%02u:00Z", 8 + i / 60, i % 60);
        kit_event(kit, id, "registration", player, at, "");
        if (i % 3 == 0) {
            (void)snprintf(id, sizeof id, "d%u", i);
            kit_event(kit, id, "deposit", player, at, DEPOSIT);
        }
    }
    kit_settle(kit);
}

/* Half of those who wait deposit, for the others time is up. */
static void after(struct kit *kit)
{
    for (unsigned i = 1; i < PLAYERS; i += 3) {
        char id[16], player[16];
        (void)snprintf(id, sizeof id, "d%u", i);
        (void)snprintf(player, sizeof player, "p%u", i);
        kit_event(kit, id, "deposit", player, "2026-06-02T08:00:00Z", DEPOSIT);
    }
    kit_tick(kit, "2026-06-10T00:00:00Z");
    kit_settle(kit);
}

/* Restarts from a checkpoint in the form of `version`; what the restore said. */
static enum status restart(struct kit *kit, const struct store *store, struct aged *aged, struct error *error)
{
    struct store other = *store;
    *aged = (struct aged){.inner = &store->checkpoint, .version = aged->version};
    other.checkpoint = age(aged);
    uint64_t position = 0;
    assert_int_equal(engine_checkpoint(kit->engine, &other.checkpoint, engine_position(kit->engine), error), OK);
    struct engine *engine;
    struct engine_options options = {.shards = kit->shards, .lazy = kit->shards % 2 == 0};
    assert_int_equal(engine_open(&engine, &options, error), OK);
    enum status status = engine_restore(engine, &other.checkpoint, &position, error);
    engine_close(engine);
    if (status == OK) kit_restart(kit, &other, kit->shards);
    return status;
}

static void an_older_version_goes_on(void **state)
{
    (void)state;
    for (uint32_t shards = 1; shards <= 2; shards++) {
        struct kit_runs runs = {.count = 0};
        for (uint32_t version = CHECKPOINT_OLDEST; version <= CHECKPOINT_VERSION; version++) {
            struct kit kit;
            struct store store;
            struct error error = ERROR_NONE;
            struct aged aged = {.version = version};
            open_store(&store);
            before(&kit, shards);
            assert_int_equal(restart(&kit, &store, &aged, &error), OK);
            const uint32_t all = aged.blobs - 1; /* What is shared was written twice. */
            assert_true(all > PLAYERS / 2);
            /* All of an older form are written anew, though nothing of them has changed; of this form only what is shared. */
            struct checkpoint_store again = age(&aged);
            aged.blobs = aged.current = 0;
            assert_int_equal(engine_checkpoint(kit.engine, &again, engine_position(kit.engine), &error), OK);
            assert_int_equal(aged.blobs, version == CHECKPOINT_VERSION ? 1 : all);
            assert_int_equal(aged.current, aged.blobs);
            aged.blobs = 0;
            assert_int_equal(engine_checkpoint(kit.engine, &again, engine_position(kit.engine), &error), OK);
            assert_int_equal(aged.blobs, 1);
            after(&kit);
            kit_runs_add(&runs, &kit);
            store_close(&store);
        }
        kit_runs_judge(&runs);
    }
}

static void other_versions_are_told(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    open_store(&store);
    before(&kit, 1);
    struct aged aged = {.version = CHECKPOINT_OLDEST - 1};
    assert_int_equal(restart(&kit, &store, &aged, &error), STATUS_INVALID);
    aged.version = CHECKPOINT_VERSION + 1;
    assert_int_equal(restart(&kit, &store, &aged, &error), STATUS_REFUSED);
    assert_non_null(strstr(error.message, "use the program that wrote it, or a newer one"));
    kit_close(&kit);
    store_close(&store);
}

static void a_part_knows_its_version(void **state)
{
    (void)state;
    struct buffer outer = BUFFER_EMPTY;
    buffer_sized_text(&outer, text_of("four"));
    buffer_u32(&outer, 7);
    struct buffer_reader in = buffer_read(outer.bytes, outer.size);
    in.version = 17;
    struct buffer_reader part = buffer_read_part(&in);
    assert_int_equal(part.version, 17);
    assert_int_equal(part.size, 4);
    assert_false(part.failed);
    assert_true(buffer_read_part(&in).failed);
    assert_true(in.failed);
    buffer_deinit(&outer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_older_version_goes_on),
        cmocka_unit_test(other_versions_are_told),
        cmocka_unit_test(a_part_knows_its_version),
    };
    return cmocka_run_group_tests_name("engine_versions", tests, NULL, NULL);
}
