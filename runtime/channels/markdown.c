/*
 * Markdown by cmark. See markdown.h.
 *
 * cmark ends the process where memory is out, and asks its allocator never to come back without. So ours comes back with nothing by a jump out of cmark,
 * over frames that hold nothing but blocks, all of which are in a list here and are released. The only jump in the program.
 */
#include "runtime/channels/markdown.h"

#include <cmark.h>
#include <setjmp.h>

#include "vm/memory.h"

/* Before each block that cmark has. */
struct block {
    struct block *next, *last;
    size_t size;
    size_t pad; /* what follows is 16-aligned */
};

/* The rendering of this thread; cmark's allocator has no context. */
static _Thread_local struct block *blocks;
static _Thread_local jmp_buf memory_is_out;

static void link_in(struct block *block)
{
    block->last = NULL;
    block->next = blocks;
    if (blocks != NULL) blocks->last = block;
    blocks = block;
}

static void take_out(struct block *block)
{
    if (block->last != NULL)
        block->last->next = block->next;
    else
        blocks = block->next;
    if (block->next != NULL) block->next->last = block->last;
}

static void *give(size_t count, size_t size)
{
    struct block *block = NULL;
    if (size == 0 || count <= (SIZE_MAX / 2) / size) block = memory_alloc(sizeof *block + count * size);
    if (block == NULL) longjmp(memory_is_out, 1);
    block->size = count * size;
    link_in(block);
    return block + 1;
}

static void take_back(void *at)
{
    if (at == NULL) return;
    struct block *block = (struct block *)at - 1;
    take_out(block);
    memory_release(block);
}

static void *resize(void *at, size_t size)
{
    if (at == NULL) return give(1, size);
    const struct block *old = (struct block *)at - 1;
    void *grown = give(1, size);
    memcpy(grown, at, old->size < size ? old->size : size);
    take_back(at);
    return grown;
}

void markdown_html(struct buffer *out, struct text text)
{
    static cmark_mem memory = {give, resize, take_back};
    const char *const source = text.size > 0 ? text.at : "";
    blocks = NULL;
    if (setjmp(memory_is_out) != 0) {
        out->failed = true;
    } else {
        cmark_parser *parser = cmark_parser_new_with_mem(CMARK_OPT_DEFAULT, &memory);
        cmark_parser_feed(parser, source, text.size);
        cmark_node *document = cmark_parser_finish(parser);
        buffer_string(out, cmark_render_html(document, CMARK_OPT_DEFAULT));
    }
    while (blocks != NULL) take_back(blocks + 1);
}
