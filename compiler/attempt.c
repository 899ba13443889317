/*
 * attempt: tokens in, tokens out, and the grammar as the judge. Next: compiler/repair_attempt.c.
 */
#include "compiler/attempt.h"

#include <string.h>

#include "compiler/format_words.h"
#include "compiler/grammar.h"
#include "compiler/repair_attempt.h"

/* Columns that a line may have to be shown whole. */
enum { SHOWN_WIDTH_MAX = 160 };

bool attempt_passes(const struct attempt *attempt)
{
    uint16_t kinds[ATTEMPT_TOKENS_MAX];
    struct grammar_probe probe = *attempt->start;
    return repair_probe_line(&probe, attempt->tokens, attempt->count, kinds) == attempt->count;
}

bool attempt_passes_with(const struct attempt *attempt, uint32_t at)
{
    uint16_t kinds[ATTEMPT_TOKENS_MAX];
    struct grammar_probe probe = *attempt->start;
    return repair_probe_line(&probe, attempt->tokens, attempt->count, kinds) == attempt->count &&
           kinds[at] == attempt->tokens[at].kind;
}

void attempt_reset(struct attempt *attempt)
{
    memcpy(attempt->tokens, attempt->line->tokens, attempt->line->count * sizeof(struct token));
    attempt->count = attempt->line->count;
}

void attempt_insert(struct attempt *attempt, uint32_t at, uint16_t kind, struct text text)
{
    if (attempt->count == ATTEMPT_TOKENS_MAX) return;
    const struct span before = attempt->tokens[at].span;
    memmove(&attempt->tokens[at + 1], &attempt->tokens[at], (attempt->count - at) * sizeof(struct token));
    attempt->tokens[at] = (struct token){kind, 0, {before.file, before.start, before.start}, text};
    attempt->count++;
}

void attempt_delete(struct attempt *attempt, uint32_t at, uint32_t how_many)
{
    memmove(&attempt->tokens[at], &attempt->tokens[at + how_many],
            (attempt->count - at - how_many) * sizeof(struct token));
    attempt->count -= how_many;
}

void attempt_replace(struct attempt *attempt, uint32_t at, uint16_t kind, struct text text)
{
    attempt->tokens[at].kind = kind;
    attempt->tokens[at].text = text;
}

bool attempt_accept(struct repaired_line *out, const struct attempt *attempt)
{
    out->tokens = arena_copy(attempt->parser->arena, attempt->tokens, attempt->count * sizeof(struct token));
    out->count = attempt->count;
    return out->tokens != NULL;
}

struct text attempt_line(const struct attempt *attempt, uint32_t around)
{
    uint32_t first = 0;
    uint32_t last = attempt->count - 1;
    if (format_words_width(attempt->parser->arena, attempt->tokens, first, last) > SHOWN_WIDTH_MAX) {
        first = around > 4 ? around - 4 : 0;
        last = around + 6 < last ? around + 6 : last;
    }
    struct buffer words = BUFFER_EMPTY;
    format_words_write(&words, attempt->tokens, first, last);
    if (!buffer_ok(&words)) attempt->parser->arena->failed = true; /* a part of a line is no mending of it */
    const struct text text = arena_copy_text(attempt->parser->arena, buffer_as_text(&words));
    buffer_deinit(&words);
    return text.at == NULL ? TEXT("") : text;
}

bool attempt_report(struct repaired_line *out, const struct attempt *attempt, enum diagnostic_code code,
                    struct span span, struct text wrong, struct text cure)
{
    repair_report(attempt->parser, code, span, wrong, cure, attempt_line(attempt, 0));
    return attempt_accept(out, attempt);
}

void attempt_say(const struct attempt *attempt, enum diagnostic_code code, struct span span, struct text one,
                 struct text two, struct text help)
{
    attempt->parser->is_broken = true;
    struct diagnostic *diagnostic = DIAGNOSE(attempt->parser->diagnostics, code, span, one, two, TEXT(""));
    if (help.size > 0) diagnostic_set_help(attempt->parser->diagnostics, diagnostic, help);
}
