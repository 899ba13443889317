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
    {BLOCK_CAMPAIGN, {"codes"}, "codes"},
    {BLOCK_CAMPAIGN, {"stacking"}, "stacking"},
    {BLOCK_CAMPAIGN, {"tournament"}, "tournament"},
    {BLOCK_CAMPAIGN, {"mission"}, "mission"},
    {BLOCK_CAMPAIGN, {"levels"}, "levels"},
    {BLOCK_CAMPAIGN, {"points"}, "points"},
    {BLOCK_CAMPAIGN, {"badge"}, "badge"},
    {BLOCK_CAMPAIGN, {"counts"}, "counts"},
    {BLOCK_CAMPAIGN, {"stake"}, "stake"},
    {BLOCK_CAMPAIGN, {"claim"}, "claim"},
    {BLOCK_CAMPAIGN, {"queue"}, "queue"},
    {BLOCK_CAMPAIGN, {"cancel"}, "cancel"},
    {BLOCK_CAMPAIGN, {"revoke"}, "revoke"},
    {BLOCK_CAMPAIGN, {"freeze"}, "freeze"},
    {BLOCK_CAMPAIGN, {"release"}, "release"},
    {BLOCK_POLICY, {"order"}, "order messages"},
    {BLOCK_OFFER, {"counts"}, "counts"},
    {BLOCK_OFFER, {"stake"}, "stake"},
    {BLOCK_OFFER, {"queue"}, "queue"},
    {BLOCK_OFFER, {"cancel", "on"}, "cancel on"},
    {BLOCK_OFFER, {"revoke", "on"}, "revoke on"},
    {BLOCK_OFFER, {"claim"}, "claim"},
    {BLOCK_OFFER, {"grant"}, "grant"},
    {BLOCK_OFFER, {"use"}, "use"},
    {BLOCK_OFFER, {"refund"}, "refund"},
    {BLOCK_OFFER, {"short"}, "short"},
    {BLOCK_STEP, {"cancel"}, "cancel"},
    {BLOCK_STEP, {"freeze"}, "freeze"},
    {BLOCK_STEP, {"release"}, "release"},
    {BLOCK_STEP, {"claim"}, "claim"},
    {BLOCK_STEP, {"give", "code"}, "give code"},
    {BLOCK_TEST, {"given", "code"}, "given code"},
};

static const struct {
    struct text word;
    bool is_block;
} declarations[] = {
    {TEXT_INIT("codes"), true},   {TEXT_INIT("stacking"), true}, {TEXT_INIT("tournament"), true},
    {TEXT_INIT("mission"), true}, {TEXT_INIT("points"), true},   {TEXT_INIT("levels"), true},
    {TEXT_INIT("badge"), true},
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

bool later_declaration(struct text word, bool *is_block)
{
    for (size_t i = 0; i < sizeof declarations / sizeof declarations[0]; i++) {
        if (!text_equal(word, declarations[i].word)) continue;
        *is_block = declarations[i].is_block;
        return true;
    }
    return false;
}
