/* The growing program: one buffer a section, and a table that finds texts again. */
#include "vm/builder.h"

#include "vm/memory.h"
#include "vm/split.h"

void builder_init(struct builder *builder)
{
    memset(builder, 0, sizeof *builder);
}

void builder_deinit(struct builder *builder)
{
    for (unsigned i = 0; i < SECTION_COUNT_OF_NUMBERS; i++) buffer_deinit(&builder->rows[i]);
    memory_release(builder->interned);
    memset(builder, 0, sizeof *builder);
}

static uint32_t record_size(enum section section)
{
    const struct layout_section *layout = layout_section((uint32_t)section);
    INVARIANT(layout != NULL);
    return layout->record_size;
}

uint32_t builder_count(const struct builder *builder, enum section section)
{
    return (uint32_t)(builder->rows[section].size / record_size(section));
}

uint32_t builder_add(struct builder *builder, enum section section, const void *record)
{
    uint32_t index = builder_count(builder, section);
    buffer_append(&builder->rows[section], record, record_size(section));
    if (!buffer_ok(&builder->rows[section])) builder->failed = true;
    return index;
}

void *builder_at(struct builder *builder, enum section section, uint32_t index)
{
    if (index >= builder_count(builder, section)) {
        INVARIANT(builder->failed && record_size(section) <= sizeof builder->lost);
        memset(builder->lost, 0, sizeof builder->lost);
        return builder->lost;
    }
    return builder->rows[section].bytes + (size_t)index * record_size(section);
}

static struct text text_at(const struct builder *builder, uint32_t index)
{
    struct bundle_string string;
    memcpy(&string, builder->rows[SECTION_STRING].bytes + (size_t)index * sizeof string, sizeof string);
    return text_make((const char *)builder->rows[SECTION_BYTES].bytes + string.offset, string.size);
}

/* Doubles the table when it is half full. */
static bool make_room(struct builder *builder)
{
    uint32_t count = builder_count(builder, SECTION_STRING);
    if (builder->interned != NULL && (count + 1) * 2 <= builder->interned_size) return true;
    uint32_t size = builder->interned_size == 0 ? 256 : builder->interned_size * 2;
    uint32_t *table = memory_alloc_array(size, sizeof *table);
    if (table == NULL) return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = (uint32_t)text_hash(text_at(builder, i)) & (size - 1);
        while (table[at] != 0) at = (at + 1) & (size - 1);
        table[at] = i + 1;
    }
    memory_release(builder->interned);
    builder->interned = table;
    builder->interned_size = size;
    return true;
}

uint32_t builder_text(struct builder *builder, struct text text)
{
    if (builder->failed || !make_room(builder)) {
        builder->failed = true;
        return 0;
    }
    uint32_t at = (uint32_t)text_hash(text) & (builder->interned_size - 1);
    for (; builder->interned[at] != 0; at = (at + 1) & (builder->interned_size - 1)) {
        if (text_equal(text_at(builder, builder->interned[at] - 1), text)) return builder->interned[at] - 1;
    }
    struct bundle_string string = {.offset = (uint32_t)builder->rows[SECTION_BYTES].size, .size = text.size};
    buffer_text(&builder->rows[SECTION_BYTES], text);
    if (!buffer_ok(&builder->rows[SECTION_BYTES])) builder->failed = true;
    uint32_t index = builder_add(builder, SECTION_STRING, &string);
    builder->interned[at] = index + 1;
    return index;
}

uint32_t builder_code(struct builder *builder, enum opcode op, uint32_t a, uint32_t b, uint32_t c, int64_t imm)
{
    INVARIANT(a <= UINT16_MAX && b <= UINT16_MAX && c <= UINT16_MAX);
    struct instruction instruction = {(uint16_t)op, (uint16_t)a, (uint16_t)b, (uint16_t)c, imm};
    return builder_add(builder, SECTION_CODE, &instruction);
}

/* What of a split follows from its name. */
static void seed_splits(const struct builder *builder)
{
    const struct buffer *rows = &builder->rows[SECTION_SPLIT];
    for (size_t at = 0; at < rows->size; at += sizeof(struct bundle_split)) {
        struct bundle_split split;
        memcpy(&split, rows->bytes + at, sizeof split);
        if (split.name >= builder_count(builder, SECTION_STRING)) continue; /* the reader refuses it */
        split.seed = (int64_t)split_seed(text_at(builder, split.name));
        memcpy(rows->bytes + at, &split, sizeof split);
    }
}

enum status builder_program(struct program *out, const struct builder *builder, struct error *error)
{
    memset(out, 0, sizeof *out);
    if (builder->failed) return error_set(error, STATUS_NO_MEMORY, "no memory for the compiled program");
    seed_splits(builder);
    for (unsigned i = 0; i < layout_section_count; i++) {
        const struct layout_section *section = &layout_sections[i];
        layout_set(out, section, builder->rows[section->number].bytes,
                   (uint32_t)(builder->rows[section->number].size / section->record_size));
    }
    return OK;
}
