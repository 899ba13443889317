/*
 * libFuzzer target: any bytes are a bundle. They are tried as they are and with fresh hashes; what opens and verifies is run
 * from every entry (tests/fuzz/bundle_kit.h). Mutations know sections, records and fields (vm/layout.h), so that most
 * of them pass the reader and reach the verifier, and some pass that too.
 * promise I21
 */
#include <stdlib.h>

#include "tests/fuzz/bundle_kit.h"
#include "vm/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static struct buffer sample;

static void ready(void)
{
    if (sample.size == 0) bundle_kit_sample(&sample);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(size + 8); /* 16-aligned, and as long as can be seen past */
    if (bytes == NULL) return 0;
    memcpy(bytes, data, size);
    (void)bundle_kit_try(bytes, size, size);
    bundle_kit_rehash(bytes, size);
    (void)bundle_kit_try(bytes, size, size + 1);
    free(bytes);
    return 0;
}

/* ---------------------------------------------------------------- mutations that know the form */

enum { HEAD_SIZE = 88, ROW_SIZE = 24 };

/* Where a section lies. */
struct stretch {
    const struct layout_section *section;
    uint8_t *row;
    size_t at, size;
};

static bool find_place(struct stretch *out, uint8_t *data, size_t size, uint32_t index)
{
    out->row = data + HEAD_SIZE + (size_t)index * ROW_SIZE;
    out->section = layout_section(buffer_load_u32(out->row));
    out->at = (size_t)buffer_load_u64(out->row + 8);
    out->size = (size_t)buffer_load_u64(out->row + 16);
    return out->section != NULL && out->at <= size && out->size <= size - out->at && out->section->record_size > 0 &&
           out->size >= out->section->record_size;
}

static uint32_t count_of(uint8_t *data, size_t size, uint32_t sections, uint32_t number)
{
    struct stretch place;
    for (uint32_t i = 0; i < sections; i++) {
        if (find_place(&place, data, size, i) && place.section->number == number)
            return (uint32_t)(place.size / place.section->record_size);
    }
    return 0;
}

/* A value that the field's kind could just hold, or just not. */
static void change_field(uint8_t *field, const struct layout_field *of, uint32_t rows, struct bundle_kit_dice *dice)
{
    static const int64_t telling[] = {0,   1,     -1,        2,          63,        64,        65,      255,
                                      256, 65535, INT32_MAX, UINT32_MAX, INT64_MAX, INT64_MIN, 1000000, 86400000};
    int64_t value = telling[bundle_kit_below(dice, sizeof telling / sizeof *telling)];
    switch (of->kind) {
    case LAYOUT_INDEX:
    case LAYOUT_FIRST:
    case LAYOUT_TEXT: value = (int64_t)bundle_kit_below(dice, (uint64_t)rows + 1); break;
    case LAYOUT_INDEX_OR_NONE:
    case LAYOUT_TEXT_OR_NONE:
    case LAYOUT_PC_OR_NONE:
        value = bundle_kit_below(dice, 3) == 0 ? -1 : (int64_t)bundle_kit_below(dice, (uint64_t)rows + 1);
        break;
    case LAYOUT_PC: value = (int64_t)bundle_kit_below(dice, (uint64_t)rows + 1); break;
    case LAYOUT_COUNT: value = (int64_t)bundle_kit_below(dice, 5); break;
    case LAYOUT_FLAG: value = (int64_t)bundle_kit_below(dice, 3); break;
    case LAYOUT_ENUM: value = (int64_t)bundle_kit_below(dice, (uint64_t)of->argument + 1); break;
    default:
        if (bundle_kit_below(dice, 2) == 0)
            value = (int64_t)buffer_load_u32(field) + telling[bundle_kit_below(dice, 4)];
        break;
    }
    memcpy(field, &value, layout_field_size(of->kind));
}

static void change_record(uint8_t *record, const struct stretch *place, uint8_t *data, size_t size, uint32_t sections,
                          struct bundle_kit_dice *dice)
{
    const struct layout_field *field = place->section->fields;
    uint32_t fields = 0, offset = 0;
    if (field == NULL || field->kind == LAYOUT_END) { /* code, words, bytes */
        const size_t byte = (size_t)bundle_kit_below(dice, place->section->record_size);
        record[byte] = (uint8_t)(bundle_kit_below(dice, 3) == 0 ? bundle_kit_next(dice) : bundle_kit_below(dice, 160));
        return;
    }
    while (field[fields].kind != LAYOUT_END) fields++;
    const uint32_t chosen = (uint32_t)bundle_kit_below(dice, fields);
    for (uint32_t i = 0; i < chosen; i++) offset += layout_field_size(field[i].kind);
    uint32_t of = field[chosen].argument;
    if (field[chosen].kind == LAYOUT_TEXT || field[chosen].kind == LAYOUT_TEXT_OR_NONE) of = SECTION_STRING;
    if (field[chosen].kind == LAYOUT_PC || field[chosen].kind == LAYOUT_PC_OR_NONE) of = SECTION_CODE;
    change_field(record + offset, &field[chosen], count_of(data, size, sections, of), dice);
}

/* Moves what is behind `at`, and tells the section table and the head. Sizes stay multiples of 8. */
static size_t resize(uint8_t *data, size_t size, const struct stretch *place, size_t at, bool grow)
{
    const size_t step = place->section->record_size, behind = place->at + place->size;
    const uint32_t sections = buffer_load_u32(data + 16);
    const uint64_t new_size = grow ? place->size + step : place->size - step, old_at = place->at;
    if (grow)
        memmove(data + at + step, data + at, size - at);
    else
        memmove(data + at, data + at + step, size - at - step);
    memcpy(place->row + 16, &new_size, 8);
    for (uint32_t i = 0; i < sections; i++) {
        uint8_t *row = data + HEAD_SIZE + (size_t)i * ROW_SIZE;
        uint64_t begins = buffer_load_u64(row + 8);
        if (begins >= behind && begins != old_at) {
            begins = grow ? begins + step : begins - step;
            memcpy(row + 8, &begins, 8);
        }
    }
    size = grow ? size + step : size - step;
    const uint64_t file_size = size;
    memcpy(data + 8, &file_size, 8);
    return size;
}

/* One to three changes of records; false where the head makes no sense. */
static size_t mutate_form(uint8_t *data, size_t size, size_t max_size, struct bundle_kit_dice *dice)
{
    for (uint64_t left = 1 + bundle_kit_below(dice, 3); left > 0; left--) {
        struct stretch place;
        const uint32_t sections = buffer_load_u32(data + 16);
        if (sections == 0 || sections > 128 || HEAD_SIZE + (size_t)sections * ROW_SIZE > size) return 0;
        if (!find_place(&place, data, size, (uint32_t)bundle_kit_below(dice, sections))) continue;
        const size_t step = place.section->record_size, count = place.size / step;
        uint8_t *record = data + place.at + (size_t)bundle_kit_below(dice, count) * step;
        uint8_t *other = data + place.at + (size_t)bundle_kit_below(dice, count) * step;
        switch (bundle_kit_below(dice, 8)) {
        case 0: memmove(record, other, step); break;
        case 1: /* once more */
            if (step % 8 == 0 && size + step <= max_size)
                size = resize(data, size, &place, (size_t)(record - data), true);
            break;
        case 2: /* one less */
            if (step % 8 == 0 && count > 1) size = resize(data, size, &place, (size_t)(record - data), false);
            break;
        default: change_record(record, &place, data, size, sections, dice); break;
        }
    }
    return size;
}

/* Without a corpus the sample is what everything begins with. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    struct bundle_kit_dice dice = {seed};
    ready();
    if (size < sample.size / 2 && sample.size <= max_size) {
        memcpy(data, sample.bytes, sample.size);
        size = sample.size;
    }
    if (size >= HEAD_SIZE && bundle_kit_below(&dice, 3) != 0) {
        const size_t mutated = mutate_form(data, size, max_size, &dice);
        if (mutated != 0) return mutated;
    }
    if (bundle_kit_below(&dice, 4) == 0) return LLVMFuzzerMutate(data, size, max_size);
    if (size > 0) bundle_kit_mutate(data, size, &dice);
    return size;
}
