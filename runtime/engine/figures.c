/* Lists of words with counts. Few words a campaign, so a list is searched from its front. See figures.h. */
#include "runtime/engine/figures.h"

#include <stdlib.h>

#include "vm/memory.h"

static void release_list(struct figure_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        /* Name and detail share one block that begins with the name. */
        memory_release((void *)(uintptr_t)list->figure[i].name.at);
    }
    memory_release(list->figure);
    *list = (struct figure_list){0};
}

void figures_deinit(struct figures *figures)
{
    release_list(&figures->finished);
    release_list(&figures->messages);
    release_list(&figures->credits);
    release_list(&figures->refusals);
    release_list(&figures->arms);
}

bool figures_add(struct figure_list *list, struct text name, struct text detail, uint64_t count, int64_t amount)
{
    for (uint32_t i = 0; i < list->count; i++) {
        struct engine_figure *figure = &list->figure[i];
        if (text_equal(figure->name, name) && text_equal(figure->detail, detail)) {
            figure->count += count;
            figure->amount += amount;
            return true;
        }
    }
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity == 0 ? 8 : list->capacity * 2;
        struct engine_figure *figure = memory_resize_array(list->figure, capacity, sizeof *figure);
        if (figure == NULL) return false;
        list->figure = figure;
        list->capacity = capacity;
    }
    char *words = memory_alloc((size_t)name.size + detail.size + 1);
    if (words == NULL) return false;
    if (name.size > 0) memcpy(words, name.at, name.size);
    if (detail.size > 0) memcpy(words + name.size, detail.at, detail.size);
    list->figure[list->count++] = (struct engine_figure){
        .name = text_make(words, name.size),
        .detail = text_make(words + name.size, detail.size),
        .count = count,
        .amount = amount,
    };
    return true;
}

static int compare(const void *left, const void *right)
{
    const struct engine_figure *a = left, *b = right;
    int order = text_compare(a->name, b->name);
    return order != 0 ? order : text_compare(a->detail, b->detail);
}

static int compare_counts(const void *left, const void *right)
{
    const struct engine_figure *a = left, *b = right;
    if (a->count != b->count) return a->count > b->count ? -1 : 1;
    return compare(left, right);
}

static void sort_list(struct figure_list *list)
{
    if (list->count > 1) qsort(list->figure, list->count, sizeof *list->figure, compare_counts);
}

void figures_sort(struct figures *figures)
{
    sort_list(&figures->finished);
    sort_list(&figures->messages);
    sort_list(&figures->credits);
    sort_list(&figures->refusals);
    if (figures->arms.count > 1)
        qsort(figures->arms.figure, figures->arms.count, sizeof *figures->arms.figure, compare);
}

static void encode_list(const struct figure_list *list, struct buffer *out)
{
    struct engine_figure *sorted = memory_alloc_array(list->count == 0 ? 1 : list->count, sizeof *sorted);
    if (sorted == NULL) {
        out->failed = true;
        return;
    }
    if (list->count > 0) memcpy(sorted, list->figure, list->count * sizeof *sorted);
    qsort(sorted, list->count, sizeof *sorted, compare);
    buffer_u32(out, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        buffer_sized_text(out, sorted[i].name);
        buffer_sized_text(out, sorted[i].detail);
        buffer_u64(out, sorted[i].count);
        buffer_i64(out, sorted[i].amount);
    }
    memory_release(sorted);
}

static enum status decode_list(struct figure_list *list, struct buffer_reader *reader, struct error *error)
{
    uint32_t count = buffer_read_u32(reader);
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        struct text name = buffer_read_sized_text(reader);
        struct text detail = buffer_read_sized_text(reader);
        uint64_t number = buffer_read_u64(reader);
        int64_t amount = buffer_read_i64(reader);
        if (!reader->failed && !figures_add(list, name, detail, number, amount)) {
            return error_set(error, STATUS_NO_MEMORY, "no memory for the figures");
        }
    }
    return reader->failed ? error_set(error, STATUS_CORRUPT, "the figures of the checkpoint are cut off") : OK;
}

void figures_encode(const struct figures *figures, struct buffer *out)
{
    buffer_u64(out, figures->started);
    buffer_u64(out, figures->entered);
    buffer_u64(out, figures->converted);
    buffer_u64(out, figures->runs);
    buffer_u64(out, figures->runs_missed);
    buffer_u32(out, REASON_COUNT);
    for (uint32_t i = 0; i < REASON_COUNT; i++) buffer_u64(out, figures->entries_refused[i]);
    encode_list(&figures->finished, out);
    encode_list(&figures->messages, out);
    encode_list(&figures->credits, out);
    encode_list(&figures->refusals, out);
    encode_list(&figures->arms, out);
}

enum status figures_decode(struct figures *figures, struct buffer_reader *reader, struct error *error)
{
    figures->started = buffer_read_u64(reader);
    figures->entered = buffer_read_u64(reader);
    figures->converted = buffer_read_u64(reader);
    figures->runs = buffer_read_u64(reader);
    figures->runs_missed = buffer_read_u64(reader);
    uint32_t reasons = buffer_read_u32(reader);
    for (uint32_t i = 0; i < reasons && !reader->failed; i++) {
        uint64_t count = buffer_read_u64(reader);
        if (i < REASON_COUNT) figures->entries_refused[i] = count;
    }
    RETURN_IF_FAILED(decode_list(&figures->finished, reader, error));
    RETURN_IF_FAILED(decode_list(&figures->messages, reader, error));
    RETURN_IF_FAILED(decode_list(&figures->credits, reader, error));
    RETURN_IF_FAILED(decode_list(&figures->refusals, reader, error));
    return decode_list(&figures->arms, reader, error);
}
