/* Markdown by cmark. See markdown.h. */
#include "runtime/channels/markdown.h"

#include <cmark.h>
#include <stdlib.h>

void markdown_html(struct buffer *out, struct text text)
{
    char *html = cmark_markdown_to_html(text.size > 0 ? text.at : "", text.size, CMARK_OPT_DEFAULT);
    if (html == NULL) {
        out->failed = true;
        return;
    }
    buffer_string(out, html);
    free(html);
}
