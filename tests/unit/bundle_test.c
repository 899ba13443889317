/*
 * The bundle reader: what it accepts, what it says of broken files, and that no change of bytes gets past reader and verifier
 * to do harm. MUTATIONS=n and SEED=n change the share of mutations; a failure prints the line that repeats it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/fuzz/bundle_kit.h"
#include "vm/builder.h"
#include "vm/bundle.h"
#include "vm/crypto.h"
#include "vm/disassemble.h"
#include "vm/memory.h"
#include "vm/verify.h"

static struct buffer sample;

/* A copy that the test may break. */
static uint8_t *copy_sample(void)
{
    uint8_t *bytes = memory_alloc(sample.size + 64);
    assert_non_null(bytes);
    memcpy(bytes, sample.bytes, sample.size);
    return bytes;
}

static void assert_message(const uint8_t *bytes, size_t size, enum status status, const char *part)
{
    struct program program;
    struct error error = ERROR_NONE;
    enum status is = bundle_open(&program, bytes, size, &error);
    if (is != status || strstr(error.message, part) == NULL)
        fail_msg("%s `%s`, expected %s `%s`", status_name(is), error.message, status_name(status), part);
}

static void the_sample_opens_verifies_and_runs(void **unused)
{
    (void)unused;
    for (uint64_t seed = 0; seed < 200; seed++) assert_true(bundle_kit_try(sample.bytes, sample.size, seed));
}

static void the_same_program_gives_the_same_bytes(void **unused)
{
    (void)unused;
    struct buffer again = BUFFER_EMPTY;
    bundle_kit_sample(&again);
    assert_int_equal(again.size, sample.size);
    assert_memory_equal(again.bytes, sample.bytes, sample.size);
    buffer_deinit(&again);
}

static void what_was_read_writes_the_same_bytes(void **unused)
{
    (void)unused;
    struct program program;
    struct error error = ERROR_NONE;
    struct buffer again = BUFFER_EMPTY;
    assert_int_equal(bundle_open(&program, sample.bytes, sample.size, &error), OK);
    assert_int_equal(bundle_write(&again, &program, &error), OK);
    assert_int_equal(again.size, sample.size);
    assert_memory_equal(again.bytes, sample.bytes, sample.size);
    buffer_deinit(&again);
}

static void every_cut_is_refused(void **unused)
{
    (void)unused;
    uint8_t *bytes = copy_sample();
    for (size_t size = 0; size < sample.size; size += 1 + size / 64) assert_false(bundle_kit_try(bytes, size, 1));
    memory_release(bytes);
}

static void every_flipped_bit_is_seen(void **unused)
{
    (void)unused;
    uint8_t *bytes = copy_sample();
    for (size_t at = 0; at < sample.size; at += 7) {
        bytes[at] ^= 0x10;
        assert_false(bundle_kit_try(bytes, sample.size, 1));
        bytes[at] ^= 0x10;
    }
    memory_release(bytes);
}

static void the_head_is_checked_in_words(void **unused)
{
    (void)unused;
    uint8_t *bytes = copy_sample();
    assert_message(bytes, 10, STATUS_CORRUPT, "it has only 10 bytes");
    bytes[0] = 'X';
    assert_message(bytes, sample.size, STATUS_CORRUPT, "does not begin with PRMO");
    bytes[0] = 'P';
    bytes[4] = 9;
    assert_message(bytes, sample.size, STATUS_REFUSED, "version 9.1; this promo reads 1.1: build it again");
    bytes[4] = 1;
    assert_message(bytes, sample.size - 8, STATUS_CORRUPT, "cut off");
    bytes[sample.size - 1] ^= 1;
    assert_message(bytes, sample.size, STATUS_CORRUPT, "the bundle is damaged: its hash");
    bytes[sample.size - 1] ^= 1;
    bytes[20] = 1;
    bundle_kit_rehash(bytes, sample.size);
    assert_message(bytes, sample.size, STATUS_REFUSED, "the bundle's head has unknown flags");
    bytes[20] = 0;
    bytes[16] = 129;
    bundle_kit_rehash(bytes, sample.size);
    assert_message(bytes, sample.size, STATUS_REFUSED, "says it has 129 sections, and at most 128 are allowed");
    memory_release(bytes);
}

/* The row of a section in the table. */
static uint8_t *row_of(uint8_t *bytes, uint32_t number)
{
    for (uint32_t i = 0; i < buffer_load_u32(bytes + 16); i++) {
        if (buffer_load_u32(bytes + 88 + 24 * i) == number) return bytes + 88 + 24 * i;
    }
    fail_msg("no section %u", number);
    return NULL;
}

static void unknown_sections_are_refused_or_skipped(void **unused)
{
    (void)unused;
    for (uint32_t critical = 0; critical <= 1; critical++) {
        /* One row more in the table moves every section by 24 bytes; the new one, number 900, lies at the end. */
        uint8_t *bytes = memory_alloc(sample.size + 64);
        uint32_t count = buffer_load_u32(sample.bytes + 16);
        size_t table_end = 88 + 24 * (size_t)count;
        memcpy(bytes, sample.bytes, table_end);
        memcpy(bytes + table_end + 24, sample.bytes + table_end, sample.size - table_end);
        uint64_t offset;
        for (uint32_t i = 0; i < count; i++) {
            offset = buffer_load_u64(bytes + 88 + 24 * i + 8) + 24;
            memcpy(bytes + 88 + 24 * i + 8, &offset, 8);
        }
        const uint32_t head[2] = {900, critical};
        const uint64_t place[2] = {sample.size + 24, 8};
        memcpy(bytes + table_end, head, 8);
        memcpy(bytes + table_end + 8, place, 16);
        uint64_t size = sample.size + 32;
        memcpy(bytes + 8, &size, 8);
        count++;
        memcpy(bytes + 16, &count, 4);
        bundle_kit_rehash(bytes, size);
        if (critical)
            assert_message(bytes, size, STATUS_REFUSED, "section 900 is needed and not known here");
        else
            assert_true(bundle_kit_try(bytes, size, 1));
        memory_release(bytes);
    }
}

static void the_section_table_is_checked(void **unused)
{
    (void)unused;
    static const struct {
        uint32_t section, offset, value;
        const char *words;
    } cases[] = {
        {SECTION_EVENT, 0, 2, "is out of order"},
        {SECTION_EVENT, 4, 7, "unknown flags"},
        {SECTION_EVENT, 4, 0, "section event has the wrong critical flag"},
        {SECTION_EVENT, 8, 0xFFFFFFF0, "does not lie where it must"},
        {SECTION_EVENT, 16, 0, "is empty and should be left out"},
        {SECTION_EVENT, 16, 252, "no whole number of records"},
        {SECTION_BYTES, 16, 1, "the bytes after it must be zero"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t *bytes = copy_sample();
        memcpy(row_of(bytes, cases[i].section) + cases[i].offset, &cases[i].value, 4);
        bundle_kit_rehash(bytes, sample.size);
        assert_message(bytes, sample.size, STATUS_REFUSED, cases[i].words);
        memory_release(bytes);
    }
}

static void bytes_behind_the_last_section_are_refused(void **unused)
{
    (void)unused;
    uint8_t *bytes = copy_sample();
    uint64_t size = sample.size + 8;
    memcpy(bytes + 8, &size, 8);
    bundle_kit_rehash(bytes, size);
    assert_message(bytes, size, STATUS_REFUSED, "the bundle has 8 bytes after its last section");
    memory_release(bytes);
}

/* Somebody who mends the full hash alone. */
static void the_semantic_hash_is_checked(void **unused)
{
    (void)unused;
    uint8_t *bytes = copy_sample();
    struct crypto_stream stream;
    bytes[60] ^= 1;
    crypto_stream_begin(&stream);
    crypto_stream_add(&stream, bytes, 24);
    crypto_stream_add(&stream, bytes + 56, sample.size - 56);
    struct crypto_digest digest = crypto_stream_end(&stream);
    memcpy(bytes + 24, digest.bytes, 32);
    assert_message(bytes, sample.size, STATUS_CORRUPT, "its semantic hash does not match");
    memory_release(bytes);
}

/* Every field that has a rule, in the first record of every section: a value that breaks it is refused by name. */
static void every_field_is_checked_by_its_kind(void **unused)
{
    (void)unused;
    unsigned checked = 0;
    for (unsigned s = 0; s < layout_section_count; s++) {
        const struct layout_section *section = &layout_sections[s];
        struct program program;
        struct error error = ERROR_NONE;
        assert_int_equal(bundle_open(&program, sample.bytes, sample.size, &error), OK);
        if (layout_count(&program, section) == 0) continue;
        size_t offset = (size_t)((const uint8_t *)layout_rows(&program, section) - sample.bytes);
        for (const struct layout_field *field = section->fields; field->kind != LAYOUT_END;
             offset += layout_field_size(field->kind), field++) {
            uint32_t broken = field->kind == LAYOUT_ZERO   ? 1
                              : field->kind == LAYOUT_FLAG ? 2
                              : field->kind == LAYOUT_ENUM ? field->argument
                                                           : 0x7FFFFFFF;
            if (field->kind == LAYOUT_I64 || field->kind == LAYOUT_NUMBER) continue;
            if ((field->kind == LAYOUT_FIRST || field->kind == LAYOUT_COUNT) &&
                !layout_section(field->argument)->critical)
                continue;
            uint8_t *bytes = copy_sample();
            char words[96];
            (void)snprintf(words, sizeof words, "section %s, record 0: field ", section->name);
            memcpy(bytes + offset, &broken, 4);
            bundle_kit_rehash(bytes, sample.size);
            assert_message(bytes, sample.size, STATUS_REFUSED, words);
            if (field->kind != LAYOUT_FIRST) assert_message(bytes, sample.size, STATUS_REFUSED, field->name);
            memory_release(bytes);
            checked++;
        }
    }
    assert_true(checked > 100);
}

/* What a record must hold beyond the kinds of its fields: one number changed, one refusal. Indices are those of the sample. */
static void records_must_mean_something(void **unused)
{
    (void)unused;
    static const struct {
        enum section section;
        uint32_t index;
        const char *field;
        int64_t value;
        const char *words;
    } cases[] = {
        {SECTION_STRING, 0, "size", 0x1000000, "lies outside BYTES"},
        {SECTION_WORKSPACE, 0, "player_slot_count", 1, "a player has 2 to 320 slots, not 1"},
        {SECTION_WORKSPACE, 0, "player_slot_count", 321, "a player has 2 to 320 slots, not 321"},
        {SECTION_WORKSPACE, 0, "edition", 2, "edition 2 is not known"},
        {SECTION_CURRENCY, 0, "code", 0, "its code is not three letters"},
        {SECTION_CURRENCY, 1, "decimals", 4, "at most 3 decimals"},
        {SECTION_EVENT, 0, "slot_count", 3, "it has 3 slots"},
        {SECTION_EVENT, 0, "slot_count", 193, "it has 193 slots"},
        {SECTION_FIELD, 0, "low", 10000001, "its smallest value is above its largest"},
        {SECTION_FIELD, 1, "of", 9, "there is no such list"},
        {SECTION_FIELD, 2, "size", 5000, "longer than 4,096 bytes"},
        {SECTION_ATTRIBUTE, 0, "slot", 11, "its slot is outside the player"},
        {SECTION_ATTRIBUTE, 4, "of", 9, "there is no such currency"},
        {SECTION_PARAMETER, 0, "of", 9, "there is no such currency"},
        {SECTION_CAMPAIGN, 0, "gate_count", 33, "reaches outside its section"},
        {SECTION_CAMPAIGN, 0, "text_size", 65537, "more than 65,536 bytes of text"},
        {SECTION_CAMPAIGN, 0, "text_size", 15, "its text lies outside the journey's 15 bytes"},
        {SECTION_CAMPAIGN, 0, "region", 0, "region 0 holds policies and segments"},
        {SECTION_VARIABLE, 2, "text_offset", 1, "its text lies outside the journey's 16 bytes"},
        {SECTION_VARIABLE, 1, "low", 2000, "its smallest value is above its largest"},
        {SECTION_VARIABLE, 0, "low", 1, "a counter is a whole number that begins at 0"},
        {SECTION_VARIABLE, 3, "counter", 1, "a counter is a whole number that begins at 0"},
        {SECTION_STATE, 5, "clock_ms", 86400000, "its time of day or weekday does not exist"},
        {SECTION_STATE, 5, "weekday", 8, "its time of day or weekday does not exist"},
        {SECTION_STATE, 0, "granted", 0, "a wait is not granted or declined"},
        {SECTION_STATE, 0, "deadline", 0, "a deadline and where it leads go together"},
        {SECTION_STATE, 1, "timeout", 0, "a request has neither deadline nor cases"},
        {SECTION_STATE, 1, "granted", PROGRAM_NONE, "one of them leads nowhere"},
        {SECTION_STATE, 0, "duration", -1, "its deadline lies before its beginning"},
        {SECTION_EFFECT, 0, "object", 9, "field object points outside its section (it is 9)"},
        {SECTION_EFFECT, 0, "channel", 9, "field channel is wrong"},
        {SECTION_EFFECT, 1, "channel", 0, "field channel is wrong"},
        {SECTION_EFFECT, 1, "gate", 9, "its gate is none of its campaign's"},
        {SECTION_EFFECT, 1, "counter", 1, "its counter is no counter of its campaign"},
        {SECTION_EFFECT, 3, "value_count", 1, "a tag carries no values"},
        {SECTION_VALUE, 0, "of", 9, "there is no such currency"},
        {SECTION_SPLIT, 0, "arm_count", 1, "a split has 2 to 16 arms"},
        {SECTION_ARM, 0, "upto", 1000001, "its share is below zero"},
        {SECTION_ARM, 1, "upto", 999999, "its arms make 999999 millionths"},
        {SECTION_RULE, 0, "to_ms", 86400001, "its hours lie outside the day"},
        {SECTION_REGION, 0, "code_count", 1, "it does not begin where the one before ends"},
        {SECTION_REGION, 1, "site_count", 1025, "more than 1,024 condition sites"},
        {SECTION_REGION, 1, "register_count", 65, "more than 64 registers"},
        {SECTION_REGION, 0, "campaign", 0, "region 0 belongs to no campaign"},
        {SECTION_REGION, 1, "campaign", PROGRAM_NONE, "region 0 belongs to no campaign, and every other to one"},
        {SECTION_REGION, 1, "code_count", 5, "instructions are left that belong to no region"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct layout_section *section = layout_section(cases[i].section);
        struct program program;
        struct error error = ERROR_NONE;
        assert_int_equal(bundle_open(&program, sample.bytes, sample.size, &error), OK);
        assert_true(cases[i].index < layout_count(&program, section));
        size_t offset = (size_t)((const uint8_t *)layout_rows(&program, section) - sample.bytes) +
                        (size_t)cases[i].index * section->record_size;
        const struct layout_field *field = section->fields;
        for (; strcmp(field->name, cases[i].field) != 0; field++) offset += layout_field_size(field->kind);
        uint8_t *bytes = copy_sample();
        memcpy(bytes + offset, &cases[i].value, layout_field_size(field->kind));
        bundle_kit_rehash(bytes, sample.size);
        assert_message(bytes, sample.size, STATUS_REFUSED, cases[i].words);
        memory_release(bytes);
    }
}

static void assert_layout(const struct program *program, const char *part)
{
    struct error error = ERROR_NONE;
    assert_int_equal(layout_check(program, &error), STATUS_REFUSED);
    if (strstr(error.message, part) == NULL) fail_msg("`%s` does not say `%s`", error.message, part);
}

/* Counts that no small file can reach, on programs in memory. */
static void limits_hold_for_whole_sections(void **unused)
{
    (void)unused;
    static struct bundle_tag tags[65];
    static struct bundle_gate gates[33];
    static struct bundle_wording words[257];
    static struct bundle_variable variables[65];
    static struct bundle_wait_case cases[65];
    static struct bundle_value values[17];
    static struct bundle_step steps[65536];
    static struct instruction code[65536 + 64]; /* region 0 has a few */
    struct error error = ERROR_NONE;
    struct program program, many;
    assert_int_equal(bundle_open(&program, sample.bytes, sample.size, &error), OK);
    struct bundle_campaign campaign = program.campaign[0];

    many = program;
    many.tag = tags;
    many.tag_count = 65;
    assert_layout(&many, "at most 64 tags");

    many = program;
    struct bundle_enumeration list = program.enumeration[0];
    list.wording_count = 257;
    many.enumeration = &list;
    many.wording = words;
    many.wording_count = 257;
    assert_layout(&many, "more than 256 words");

    many = program;
    many.campaign = &campaign;
    for (unsigned i = 0; i < 33; i++) gates[i] = program.gate[0];
    campaign.gate_count = 33;
    many.gate = gates;
    many.gate_count = 33;
    assert_layout(&many, "more than 32 gates");

    many = program;
    many.campaign = &campaign;
    campaign = program.campaign[0];
    for (unsigned i = 0; i < 65; i++) variables[i] = program.variable[0];
    campaign.variable_count = 65;
    many.variable = variables;
    many.variable_count = 65;
    assert_layout(&many, "remembers more than 64 values");

    many = program;
    many.campaign = &campaign;
    campaign = program.campaign[0];
    campaign.step_count = 65536;
    many.step = steps;
    many.step_count = 65536;
    for (unsigned i = 0; i < 65536; i++) steps[i] = program.step[0];
    assert_layout(&many, "more than 65,535 effects, states or steps");

    many = program;
    struct bundle_state states[16];
    memcpy(states, program.state, program.state_count * sizeof states[0]);
    many.state = states;
    for (unsigned i = 0; i < 65; i++) cases[i] = program.wait_case[0];
    many.wait_case = cases;
    many.wait_case_count = 65;
    states[0].case_first = 0;
    states[0].case_count = 65;
    assert_layout(&many, "waits for more than 32 events");
    states[0].case_count = 0;
    states[0].deadline = DEADLINE_NONE;
    states[0].timeout = PROGRAM_NONE;
    assert_layout(&many, "it waits for nothing");

    many = program;
    struct bundle_effect effects[16];
    memcpy(effects, program.effect, program.effect_count * sizeof effects[0]);
    many.effect = effects;
    for (unsigned i = 0; i < 17; i++) values[i] = program.value[0];
    many.value = values;
    many.value_count = 17;
    effects[0].value_first = 0;
    effects[0].value_count = 17;
    assert_layout(&many, "carries more than 16 values");

    many = program;
    struct bundle_region regions[2] = {program.region[0], program.region[1]};
    regions[1].code_count = 65536;
    many.region = regions;
    many.instruction = code;
    many.instruction_count = 65536 + 64;
    assert_layout(&many, "more than 65,535 instructions");

    many = program;
    many.workspace_count = 0;
    assert_layout(&many, "exactly one");

    many = program;
    many.bound_count = 0;
    assert_int_equal(verify_program(&many, &error), STATUS_REFUSED);
    assert_non_null(strstr(error.message, "states bounds of 0 campaigns and has 1"));
}

static void a_text_has_at_most_16_megabytes(void **unused)
{
    (void)unused;
    struct error error = ERROR_NONE;
    struct program program;
    assert_int_equal(bundle_open(&program, sample.bytes, sample.size, &error), OK);
    struct bundle_string *strings = memory_alloc(program.string_count * sizeof *strings);
    uint8_t *bytes = memory_alloc(0x1000000);
    memcpy(strings, program.string, program.string_count * sizeof *strings);
    memset(bytes, 'a', 0x1000000);
    program.string = strings;
    program.bytes = bytes;
    program.bytes_count = 0x1000000;
    strings[0] = (struct bundle_string){.offset = 0, .size = 0x1000000};
    assert_layout(&program, "longer than 16,777,215 bytes");
    memory_release(strings);
    memory_release(bytes);
}

static void texts_are_utf8_without_nul(void **unused)
{
    (void)unused;
    struct program program;
    struct error error = ERROR_NONE;
    assert_int_equal(bundle_open(&program, sample.bytes, sample.size, &error), OK);
    size_t first = (size_t)(program.bytes - sample.bytes);
    static const struct {
        uint8_t byte;
        const char *words;
    } cases[] = {{0xFF, "is not UTF-8"}, {0, "holds a NUL"}};
    for (unsigned i = 0; i < 2; i++) {
        uint8_t *bytes = copy_sample();
        bytes[first] = cases[i].byte;
        bundle_kit_rehash(bytes, sample.size);
        assert_message(bytes, sample.size, STATUS_REFUSED, cases[i].words);
        memory_release(bytes);
    }
}

/* Debug sections may be dropped; the semantic hash stays. */
static void debug_sections_do_not_change_the_semantic_hash(void **unused)
{
    (void)unused;
    struct program program;
    struct error error = ERROR_NONE;
    struct buffer with = BUFFER_EMPTY;
    struct bundle_site sites[64] = {{0}};
    assert_int_equal(bundle_open(&program, sample.bytes, sample.size, &error), OK);
    uint8_t before[32];
    memcpy(before, program.semantic_hash, 32);
    program.site = sites;
    program.site_count =
        program.region[program.region_count - 1].site_first + program.region[program.region_count - 1].site_count;
    assert_int_equal(bundle_write(&with, &program, &error), OK);
    assert_memory_equal(before, program.semantic_hash, 32);
    assert_true(with.size > sample.size);
    assert_true(bundle_kit_try(with.bytes, with.size, 1));
    buffer_deinit(&with);
}

static uint64_t trying;

/* A crash names its seed. */
static void name_seed(int number)
{
    char line[96];
    int size = snprintf(line, sizeof line, "\nsignal %d: repeat with SEED=%llu MUTATIONS=1\n", number,
                        (unsigned long long)trying);
    if (size > 0 && write(2, line, (size_t)size) > 0) _exit(1);
    _exit(1);
}

static void mutated_bundles_are_refused_or_run_safely(void **unused)
{
    (void)unused;
    const char *many = getenv("MUTATIONS"), *from = getenv("SEED");
    uint64_t count = many != NULL ? strtoull(many, NULL, 10) : 10000,
             seed = from != NULL ? strtoull(from, NULL, 10) : 1;
    uint64_t ran = 0;
    (void)signal(SIGABRT, name_seed);
    (void)signal(SIGSEGV, name_seed);
    print_message("mutations: SEED=%llu MUTATIONS=%llu\n", (unsigned long long)seed, (unsigned long long)count);
    for (uint64_t i = 0; i < count; i++) {
        struct bundle_kit_dice dice = {seed + i};
        uint8_t *bytes = copy_sample();
        trying = seed + i;
        bundle_kit_mutate(bytes, sample.size, &dice);
        bundle_kit_rehash(bytes, sample.size);
        ran += bundle_kit_try(bytes, sample.size, seed + i);
        memory_release(bytes);
    }
    (void)signal(SIGABRT, SIG_DFL);
    (void)signal(SIGSEGV, SIG_DFL);
    print_message("mutations: %llu still verified and ran\n", (unsigned long long)ran);
    if (count >= 1000) assert_in_range(ran, count / 1000, count * 3 / 4); /* both ways are really tried */
}

/* The last allocation before each failure is refused cleanly. */
static void memory_may_run_out_while_building(void **unused)
{
    (void)unused;
    enum status status = STATUS_NO_MEMORY;
    for (uint64_t nth = 1; status != OK && nth < 100; nth++) {
        struct builder builder;
        struct program program;
        struct error error = ERROR_NONE;
        struct buffer out = BUFFER_EMPTY;
        builder_init(&builder);
        memory_fail_from(nth);
        for (unsigned i = 0; i < 600; i++) {
            char name[16];
            (void)snprintf(name, sizeof name, "t%u", i);
            builder_add_tag(&builder, &(struct bundle_tag){.name = builder_text(&builder, text_of(name))});
        }
        status = builder_program(&program, &builder, &error);
        if (status == OK) status = bundle_write(&out, &program, &error);
        memory_fail_from(0);
        if (status == OK) assert_int_equal(builder_count(&builder, SECTION_STRING), 600);
        builder_deinit(&builder);
        buffer_deinit(&out);
    }
    assert_int_equal(status, OK);
}

static int open_sample(void **unused)
{
    (void)unused;
    bundle_kit_sample(&sample);
    return 0;
}

static int close_sample(void **unused)
{
    (void)unused;
    buffer_deinit(&sample);
    return 0;
}

/* The writer writes them in this order, and the reader wants rising numbers. */
static void sections_stand_in_order(void **unused)
{
    (void)unused;
    for (unsigned i = 1; i < layout_section_count; i++)
        assert_true(layout_sections[i].number > layout_sections[i - 1].number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_stand_in_order),
        cmocka_unit_test(the_sample_opens_verifies_and_runs),
        cmocka_unit_test(the_same_program_gives_the_same_bytes),
        cmocka_unit_test(what_was_read_writes_the_same_bytes),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(every_flipped_bit_is_seen),
        cmocka_unit_test(the_head_is_checked_in_words),
        cmocka_unit_test(unknown_sections_are_refused_or_skipped),
        cmocka_unit_test(the_section_table_is_checked),
        cmocka_unit_test(bytes_behind_the_last_section_are_refused),
        cmocka_unit_test(the_semantic_hash_is_checked),
        cmocka_unit_test(every_field_is_checked_by_its_kind),
        cmocka_unit_test(records_must_mean_something),
        cmocka_unit_test(limits_hold_for_whole_sections),
        cmocka_unit_test(a_text_has_at_most_16_megabytes),
        cmocka_unit_test(texts_are_utf8_without_nul),
        cmocka_unit_test(debug_sections_do_not_change_the_semantic_hash),
        cmocka_unit_test(mutated_bundles_are_refused_or_run_safely),
        cmocka_unit_test(memory_may_run_out_while_building),
    };
    return cmocka_run_group_tests(tests, open_sample, close_sample);
}
