/*
 * source: the bytes of campaign files and the places in them.
 *
 * Nothing here knows the language. Next: compiler/lexer.h.
 */
#include "compiler/source.h"

#include <string.h>

#include "vm/limits.h"

void source_set_init(struct source_set *set, struct arena *arena)
{
    *set = (struct source_set){.arena = arena};
}

static bool make_room(struct source_set *set)
{
    if (set->count < set->capacity) return true;
    const uint32_t capacity = set->capacity == 0 ? 16 : set->capacity * 2;
    struct source **sources = ARENA_ARRAY(set->arena, struct source *, capacity);
    if (sources == NULL) return false;
    if (set->count > 0) memcpy(sources, set->sources, set->count * sizeof(struct source *));
    set->sources = sources;
    set->capacity = capacity;
    return true;
}

static bool index_lines(struct source *source, struct arena *arena)
{
    uint32_t count = 1;
    for (uint32_t i = 0; i < source->text.size; i++) count += source->text.at[i] == '\n';
    source->line_starts = ARENA_ARRAY(arena, uint32_t, count);
    if (source->line_starts == NULL) return false;
    source->line_count = 1;
    for (uint32_t i = 0; i < source->text.size; i++) {
        if (source->text.at[i] == '\n') source->line_starts[source->line_count++] = i + 1;
    }
    return true;
}

enum status source_set_add(struct source **out, struct source_set *set, struct text name, struct text bytes,
                           struct error *error)
{
    if (bytes.size > LIMIT_SOURCE_BYTES) {
        return error_set(error, STATUS_LIMIT, "`%.*s` has %u bytes and a file may have %d: divide it into several",
                         TEXT_ARGS(name), bytes.size, LIMIT_SOURCE_BYTES);
    }
    struct source *source = ARENA_NEW(set->arena, struct source);
    if (source == NULL || !make_room(set)) goto no_memory;
    source->file = set->count;
    source->name = arena_copy_text(set->arena, name);
    source->text = arena_copy_text(set->arena, bytes);
    if (source->name.at == NULL || source->text.at == NULL || !index_lines(source, set->arena)) goto no_memory;
    set->sources[set->count++] = source;
    *out = source;
    return OK;
no_memory:
    return error_set(error, STATUS_NO_MEMORY, "no memory for `%.*s`", TEXT_ARGS(name));
}

const struct source *source_set_get(const struct source_set *set, uint32_t file)
{
    return file < set->count ? set->sources[file] : NULL;
}

/* Index of the line that holds the offset. */
static uint32_t line_index_of(const struct source *source, uint32_t offset)
{
    uint32_t low = 0;
    uint32_t high = source->line_count;
    while (high - low > 1) {
        const uint32_t middle = (low + high) / 2;
        if (source->line_starts[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

struct source_position source_position_of(const struct source *source, uint32_t offset)
{
    if (offset > source->text.size) offset = source->text.size;
    const uint32_t index = line_index_of(source, offset);
    uint32_t column = 1;
    for (uint32_t i = source->line_starts[index]; i < offset; i++) {
        column += ((unsigned char)source->text.at[i] & 0xC0) != 0x80;
    }
    return (struct source_position){index + 1, column};
}

struct text source_line(const struct source *source, uint32_t line)
{
    if (line == 0 || line > source->line_count) return (struct text){NULL, 0};
    const uint32_t start = source->line_starts[line - 1];
    uint32_t end = line < source->line_count ? source->line_starts[line] - 1 : source->text.size;
    if (end > start && source->text.at[end - 1] == '\r') end--;
    return text_slice(source->text, start, end - start);
}

struct text source_slice(const struct source *source, struct span span)
{
    return text_slice(source->text, span.start, span.end - span.start);
}

struct span span_join(struct span first, struct span last)
{
    return (struct span){first.file, first.start < last.start ? first.start : last.start,
                         first.end > last.end ? first.end : last.end};
}
