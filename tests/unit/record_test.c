/*
 * Records as bytes: what is written is what is read, by random records of every kind; damage of any byte is noticed or
 * harmless; what the schema does not allow is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "runtime/engine/record.h"
#include "tests/unit/sample_schema.h"
#include "vm/memory.h"
#include "vm/split.h"
#include "vm/zone.h"

static struct builder builder;
static struct program program;
static uint64_t seed;

static uint64_t draw(uint64_t below)
{
    seed = split_hash64("next", 4, seed);
    return below == 0 ? 0 : seed % below;
}

static int setup(void **state)
{
    (void)state;
    sample_schema(&builder, &program);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    builder_deinit(&builder);
    return 0;
}

/* A record with everything it points to. */
struct made {
    struct record record;
    int64_t slot[264];
    uint64_t known[5], given[5];
    char bytes[8192];
    uint32_t size;
};

static struct text random_text(struct made *made, uint32_t least, uint32_t most)
{
    uint32_t size = least + (uint32_t)draw(most - least + 1);
    char *at = made->bytes + made->size;
    for (uint32_t index = 0; index < size; index++) at[index] = (char)('a' + draw(26));
    made->size += size;
    return (struct text){.at = at, .size = size};
}

static int64_t random_value(struct made *made, enum bank bank, uint32_t kind, uint32_t of, uint32_t size, int64_t low,
                            int64_t high)
{
    uint64_t words = of < program.enumeration_count ? program.enumeration[of].wording_count : 1;
    switch (kind) {
    case TYPE_TEXT: {
        struct text text = random_text(made, 0, size);
        return handle_make(bank, text.size, (uint32_t)(text.at - made->bytes));
    }
    case TYPE_ENUM: return (int64_t)draw(words);
    case TYPE_SET: return (int64_t)draw(UINT64_C(1) << words);
    case TYPE_ZONE: return (int64_t)draw(zone_count());
    case TYPE_CALENDAR: return calendar_pack((int16_t)draw(20), (int16_t)draw(99), (int32_t)draw(100000));
    default: return low + (int64_t)draw((uint64_t)(high - low) + 1);
    }
}

static void set(uint64_t *words, uint32_t bit)
{
    words[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static bool get(const uint64_t *words, uint32_t bit)
{
    return (words[bit / 64] >> (bit % 64) & 1) != 0;
}

static void make_event(struct made *made)
{
    struct record *record = &made->record;
    record->event = (uint32_t)draw(SAMPLE_EVENTS);
    const struct bundle_event *event = &program.event[record->event];
    record->slot_count = event->slot_count;
    set(made->known, PROGRAM_SLOT_TIME);
    set(made->known, PROGRAM_SLOT_EVENT_ID);
    made->slot[PROGRAM_SLOT_TIME] = record->at;
    made->slot[PROGRAM_SLOT_EVENT_ID] =
        handle_make(BANK_EVENT, record->id.size, (uint32_t)(record->id.at - made->bytes));
    for (uint32_t slot = PROGRAM_SLOT_ABOUT; slot <= PROGRAM_SLOT_ABOUT_EFFECT && event->about != ABOUT_NOTHING;
         slot++) {
        if (draw(2) == 0) continue;
        made->slot[slot] = random_value(made, BANK_EVENT, TYPE_TEXT, 0, 32, 0, 0);
        set(made->known, slot);
    }
    for (uint32_t index = 0; index < event->field_count; index++) {
        const struct bundle_field *field = &program.field[event->field_first + index];
        if (field->optional != 0 && draw(2) == 0) continue;
        made->slot[field->slot] =
            random_value(made, BANK_EVENT, field->kind, field->of, field->size, field->low, field->high);
        set(made->known, field->slot);
        if (field->kind != TYPE_MONEY) continue;
        made->slot[field->slot + 1] = (int64_t)draw(program.currency_count);
        set(made->known, field->slot + 1);
    }
}

static void make_attributes(struct made *made)
{
    made->record.slot_count = program.workspace->player_slot_count;
    for (uint32_t index = 0; index < program.attribute_count; index++) {
        const struct bundle_attribute *row = &program.attribute[index];
        if (draw(2) == 0) continue;
        set(made->given, row->slot);
        if (row->optional != 0 && draw(3) == 0) continue;
        set(made->known, row->slot);
        made->slot[row->slot] = random_value(made, BANK_PLAYER, row->kind, row->of, row->size, row->low, row->high);
    }
}

static _Alignas(8) uint8_t some_bundle[4096];

static void make(struct made *made)
{
    memset(made, 0, sizeof *made);
    struct record *record = &made->record;
    record->kind = (uint8_t)(1 + draw(RECORD_KIND_COUNT - 1));
    record->now = INT64_C(1780000000000) + (int64_t)draw(1000000000);
    record->at = record->now - (draw(3) == 0 ? (int64_t)draw(100000000) : 0);
    record->slot = made->slot;
    record->known = made->known;
    record->given = made->given;
    record->bytes = (const uint8_t *)made->bytes;
    if (record->kind == RECORD_TICK) {
        record->catch_up = draw(2) == 0;
        record->bytes_size = made->size;
        return;
    }
    record->player = random_text(made, 1, 64);
    record->brand = random_text(made, 0, 64);
    record->id = random_text(made, 1, 64);
    record->source = random_text(made, 0, 64);
    record->group = record_group(record->brand, record->player);
    record->content = draw(UINT64_MAX);
    if (record->kind == RECORD_EVENT || record->kind == RECORD_HISTORY) make_event(made);
    if (record->kind == RECORD_ATTRIBUTES || record->kind == RECORD_IMPORT) make_attributes(made);
    if (record->kind == RECORD_REPLY) {
        record->status = (uint8_t)draw(REPLY_ANSWERED); /* an answer holds an event; see intake_test.c */
        record->reason = random_text(made, 0, 300);
        for (size_t index = 0; index < sizeof record->effect; index++) record->effect[index] = (uint8_t)draw(256);
    }
    if (record->kind != RECORD_REPLY && draw(2) == 0) record->by = random_text(made, 1, 64);
    if (record->kind == RECORD_COMMAND) {
        record->command = (uint8_t)draw(COMMAND_KIND_COUNT);
        record->campaign = random_text(made, 1, 64);
    }
    if (record->kind == RECORD_DELIVERY) {
        record->status = draw(2) == 0 ? (uint8_t)draw(REPLY_OPENED) : (uint8_t)DELIVERY_NO_REPLY;
        record->outcome = (uint8_t)draw(DELIVERY_OUTCOME_COUNT);
        record->attempt = (uint32_t)draw(UINT32_MAX);
        record->next_at = (int64_t)draw(1000000000000);
        record->reason = random_text(made, 0, 300);
        for (size_t index = 0; index < sizeof record->effect; index++) record->effect[index] = (uint8_t)draw(256);
    }
    if (record->kind == RECORD_CODE) {
        record->campaign = random_text(made, 1, 64);
        record->reason = random_text(made, 1, 64);
    }
    if (record->kind == RECORD_ACTIVATE) {
        record->bundle = some_bundle;
        record->bundle_size = draw(sizeof some_bundle);
        for (size_t index = 0; index < record->bundle_size; index++) some_bundle[index] = (uint8_t)draw(256);
    }
    record->bytes_size = made->size;
}

static struct text text_in(const struct record *record, int64_t handle)
{
    return (struct text){.at = (const char *)record->bytes + handle_offset(handle), .size = handle_size(handle)};
}

static void assert_slots(const struct record *left, const struct record *right)
{
    bool event = left->kind == RECORD_EVENT || left->kind == RECORD_HISTORY;
    for (uint32_t slot = 0; slot < left->slot_count; slot++) {
        assert_int_equal(get(left->known, slot), get(right->known, slot));
        if (!event) assert_int_equal(get(left->given, slot), get(right->given, slot));
        if (!get(left->known, slot)) continue;
        bool is_text = event && slot > 0 && slot < PROGRAM_EVENT_SLOTS;
        if (event) {
            const struct bundle_event *row = &program.event[left->event];
            for (uint32_t index = 0; index < row->field_count; index++) {
                const struct bundle_field *field = &program.field[row->field_first + index];
                is_text = is_text || (field->slot == slot && field->kind == TYPE_TEXT);
            }
        } else {
            is_text = program.attribute[slot - PROGRAM_PLAYER_SLOTS].kind == TYPE_TEXT;
        }
        if (is_text) {
            assert_true(handle_bank(left->slot[slot]) == handle_bank(right->slot[slot]));
            assert_true(text_equal(text_in(left, left->slot[slot]), text_in(right, right->slot[slot])));
        } else {
            assert_true(left->slot[slot] == right->slot[slot]);
        }
    }
}

static void assert_same(const struct record *left, const struct record *right)
{
    assert_int_equal(left->kind, right->kind);
    assert_true(left->now == right->now && left->at == right->at && left->catch_up == right->catch_up);
    assert_int_equal(left->group, right->group);
    assert_true(text_equal(left->player, right->player) && text_equal(left->brand, right->brand));
    assert_true(text_equal(left->id, right->id) && text_equal(left->source, right->source));
    assert_true(left->content == right->content);
    assert_true(text_equal(left->by, right->by));
    assert_int_equal(left->event, right->event);
    assert_int_equal(left->slot_count, right->slot_count);
    assert_slots(left, right);
    assert_memory_equal(left->effect, right->effect, sizeof left->effect);
    assert_int_equal(left->status, right->status);
    assert_int_equal(left->outcome, right->outcome);
    assert_int_equal(left->attempt, right->attempt);
    assert_int_equal(left->next_at, right->next_at);
    assert_int_equal(left->command, right->command);
    assert_true(text_equal(left->reason, right->reason) && text_equal(left->campaign, right->campaign));
    assert_int_equal(left->bundle_size, right->bundle_size);
    if (left->bundle_size > 0) {
        assert_memory_equal(left->bundle, right->bundle, left->bundle_size);
        assert_int_equal((uintptr_t)right->bundle % 8, 0);
    }
}

static struct made one;
static struct record_space space;
static struct buffer open, secret;

static void encode_one(void)
{
    buffer_clear(&open);
    buffer_clear(&secret);
    assert_int_equal(record_encode(&open, &secret, &one.record, &program), OK);
}

static void written_and_read(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        make(&one);
        encode_one();
        struct record read;
        struct error error = ERROR_NONE;
        enum status status =
            record_decode(&read, &space, buffer_as_text(&open), buffer_as_text(&secret), &program, &error);
        if (status != OK) print_message("round %d, kind %d: %s\n", round, one.record.kind, error.message);
        assert_int_equal(status, OK);
        assert_same(&one.record, &read);
    }
}

static bool holds(const struct buffer *buffer, struct text text)
{
    return text.size > 0 && memmem(buffer->bytes, buffer->size, text.at, text.size) != NULL;
}

/* Nothing that tells who somebody is stands in the open part. */
static void the_open_part_names_nobody(void **state)
{
    (void)state;
    for (int round = 0; round < 2000; round++) {
        make(&one);
        if (one.record.kind == RECORD_ACTIVATE) continue; /* random bytes */
        encode_one();
        if (one.record.player.size > 4) assert_false(holds(&open, one.record.player));
        if (one.record.id.size > 4) assert_false(holds(&open, one.record.id));
        uint32_t email = sample_attribute(&program, "email");
        bool attributes = one.record.kind == RECORD_ATTRIBUTES || one.record.kind == RECORD_IMPORT;
        if (attributes && get(one.known, email) && handle_size(one.slot[email]) > 4) {
            assert_false(holds(&open, text_in(&one.record, one.slot[email])));
            assert_true(holds(&secret, text_in(&one.record, one.slot[email])));
        }
    }
}

static void a_forgotten_player(void **state)
{
    (void)state;
    do make(&one);
    while (one.record.kind != RECORD_EVENT);
    encode_one();
    struct record read;
    struct error error = ERROR_NONE;
    assert_int_equal(record_decode(&read, &space, buffer_as_text(&open), TEXT(""), &program, &error), OK);
    assert_int_equal(read.player.size, 0);
    assert_int_equal(read.event, one.record.event);
}

/* Cut or changed bytes are refused, or give a record that the schema allows; they are never read past their end. */
static void damage(void **state)
{
    (void)state;
    struct record read;
    struct error error = ERROR_NONE;
    for (int round = 0; round < 300; round++) {
        do make(&one);
        while (one.record.kind == RECORD_ACTIVATE);
        encode_one();
        for (size_t size = 0; size < open.size; size++) {
            char *exact = malloc(size + 1); /* Sanitizers see a read behind it. */
            assert_non_null(exact);
            memcpy(exact, open.bytes, size);
            struct text cut = {.at = exact, .size = (uint32_t)size};
            assert_int_equal(record_decode(&read, &space, cut, buffer_as_text(&secret), &program, &error),
                             STATUS_CORRUPT);
            free(exact);
        }
        for (size_t at = 0; at < open.size; at++) {
            uint8_t before = open.bytes[at];
            open.bytes[at] ^= (uint8_t)(1 + draw(255));
            enum status status =
                record_decode(&read, &space, buffer_as_text(&open), buffer_as_text(&secret), &program, &error);
            assert_true(status == OK || status == STATUS_CORRUPT);
            open.bytes[at] = before;
        }
    }
}

static void another_schema(void **state)
{
    (void)state;
    do make(&one);
    while (one.record.kind != RECORD_EVENT);
    encode_one();
    struct program other = program;
    other.semantic_hash[0] ^= 1;
    struct record read;
    struct error error = ERROR_NONE;
    assert_int_equal(record_decode(&read, &space, buffer_as_text(&open), buffer_as_text(&secret), &other, &error),
                     STATUS_CORRUPT);
    assert_string_equal(error.message, "a damaged record: an event of another program's schema");
    open.bytes[0] = 2;
    assert_int_equal(record_decode(&read, &space, buffer_as_text(&open), buffer_as_text(&secret), &program, &error),
                     STATUS_CORRUPT);
    assert_string_equal(error.message, "a record of format 2; this program reads format 1");
}

static void memory_runs_out(void **state)
{
    (void)state;
    do make(&one);
    while (one.record.kind != RECORD_EVENT);
    struct buffer left = BUFFER_EMPTY, right = BUFFER_EMPTY;
    memory_fail_from(1);
    assert_int_equal(record_encode(&left, &right, &one.record, &program), STATUS_NO_MEMORY);
    memory_fail_from(0);
    buffer_deinit(&left);
    buffer_deinit(&right);
}

int main(void)
{
    const char *given = getenv("SEED");
    seed = given != NULL ? strtoull(given, NULL, 10) : 20260610;
    printf("SEED=%llu\n", (unsigned long long)seed);
    record_space_init(&space);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_and_read),   cmocka_unit_test(the_open_part_names_nobody),
        cmocka_unit_test(a_forgotten_player), cmocka_unit_test(damage),
        cmocka_unit_test(another_schema),     cmocka_unit_test(memory_runs_out),
    };
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    buffer_deinit(&open);
    buffer_deinit(&secret);
    record_space_deinit(&space);
    return failed;
}
