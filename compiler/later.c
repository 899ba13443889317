/*
 * later: the table of what is not in this version. Next: compiler/balance.c, compiler/repair.c.
 */
#include "compiler/later.h"

#include "compiler/grammar.h"

struct later_row {
    enum block_kind inside;
    const char *words[4]; /* at the beginning of the line */
    const char *shown;
};

static const struct later_row rows[] = {
    {BLOCK_POLICY, {"order"}, "order messages"},
};

const char *later_line(enum block_kind inside, const struct token *tokens, uint32_t count)
{
    if (inside == BLOCK_TERMS) inside = BLOCK_OFFER;
    if (inside == BLOCK_TEST_REPEAT) inside = BLOCK_TEST;
    if (shape_is_statements(inside)) inside = BLOCK_STEP;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct later_row *row = &rows[i];
        uint32_t at = 0;
        if (row->inside != inside) continue;
        while (at < 4 && at < count && row->words[at] != NULL && text_equal(tokens[at].text, text_of(row->words[at])))
            at++;
        if (at < 4 && row->words[at] != NULL) continue;
        return row->shown;
    }
    return NULL;
}
