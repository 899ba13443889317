/*
 * markdown: Markdown as HTML, by cmark, the reference implementation of CommonMark. Raw HTML in it and addresses that run programs
 * (`javascript:`) are left out.
 */
#ifndef PROMO_RUNTIME_CHANNELS_MARKDOWN_H
#define PROMO_RUNTIME_CHANNELS_MARKDOWN_H

#include "vm/buffer.h"

/* Appends the text as HTML, without a page around it. Marks the buffer as failed when memory is out. */
void markdown_html(struct buffer *out, struct text text);

#endif
