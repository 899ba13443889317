/* A binary heap by (due); the order among equals does not matter here, because an instant sorts its turns anyway.
 * See deadline.h.
 */
#include "runtime/engine/deadline.h"

#include "vm/memory.h"

void deadline_init(struct deadline_heap *heap)
{
    *heap = (struct deadline_heap){0};
}

void deadline_deinit(struct deadline_heap *heap)
{
    memory_release(heap->entry);
    deadline_init(heap);
}

int64_t deadline_first(const struct deadline_heap *heap)
{
    return heap->count == 0 ? DEADLINE_NEVER : heap->entry[0].due;
}

static void sift_up(struct deadline_heap *heap, uint32_t at)
{
    struct deadline_entry moved = heap->entry[at];
    while (at > 0) {
        uint32_t parent = (at - 1) / 2;
        if (heap->entry[parent].due <= moved.due) break;
        heap->entry[at] = heap->entry[parent];
        at = parent;
    }
    heap->entry[at] = moved;
}

static void sift_down(struct deadline_heap *heap, uint32_t at)
{
    struct deadline_entry moved = heap->entry[at];
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= heap->count) break;
        if (child + 1 < heap->count && heap->entry[child + 1].due < heap->entry[child].due) child++;
        if (heap->entry[child].due >= moved.due) break;
        heap->entry[at] = heap->entry[child];
        at = child;
    }
    heap->entry[at] = moved;
}

bool deadline_push(struct deadline_heap *heap, int64_t due, struct player *player)
{
    if (heap->count == heap->capacity) {
        uint32_t capacity = heap->capacity == 0 ? 64 : heap->capacity * 2;
        struct deadline_entry *entry = memory_resize_array(heap->entry, capacity, sizeof *entry);
        if (entry == NULL) return false;
        heap->entry = entry;
        heap->capacity = capacity;
    }
    heap->entry[heap->count] = (struct deadline_entry){due, player};
    sift_up(heap, heap->count++);
    return true;
}

struct deadline_entry deadline_pop(struct deadline_heap *heap)
{
    INVARIANT(heap->count > 0);
    struct deadline_entry first = heap->entry[0];
    heap->entry[0] = heap->entry[--heap->count];
    if (heap->count > 1) sift_down(heap, 0);
    return first;
}

void deadline_remove(struct deadline_heap *heap, const struct player *player)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < heap->count; i++) {
        if (heap->entry[i].player != player) heap->entry[kept++] = heap->entry[i];
    }
    heap->count = kept;
    for (uint32_t i = kept / 2; i-- > 0;) sift_down(heap, i);
}
