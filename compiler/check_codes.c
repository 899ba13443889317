/*
 * Pools of codes: their lines, how hard their codes are to guess, quotas; giving codes and giving them back. Contract: check_codes.h.
 */
#include "compiler/check_codes.h"

#include <stddef.h>

#include "compiler/emit_journey.h"
#include "vm/pool.h"
#include "vm/zone.h"

#define HOLD_MS (15 * CIVIL_MINUTE_MS)

struct pool_reader {
    struct names *names;
    struct emitter *emitter;
    const struct declaration *declaration;
    struct bundle_pool record;
    const struct line *source; /* make, upload, fixed */
    bool failed;
};

/* ------------------------------------------------------------------ lines */

static void read_ignored(struct pool_reader *reader, const struct line *line)
{
    static const struct text words[] = {TEXT_INIT("case"), TEXT_INIT("spaces"), TEXT_INIT("dashes")};
    uint32_t *flags[] = {&reader->record.ignore_case, &reader->record.ignore_spaces, &reader->record.ignore_dashes};
    for (const struct name_node *node = line->as.words.first; node != NULL; node = node->next) {
        uint32_t word = names_index(words, 3, node->name.text);
        if (word == PROGRAM_NONE) {
            names_unknown(reader->names, DIAGNOSTIC_UNKNOWN_WORD, &node->name, words, 3);
        } else {
            *flags[word] = 1;
        }
    }
}

static void read_valid(struct pool_reader *reader, const struct line *line)
{
    struct bundle_pool *record = &reader->record;
    if (line->as.valid.from != NULL) record->valid_from = line->as.valid.from->amount;
    if (line->as.valid.through != NULL) record->valid_through = line->as.valid.through->amount;
    if (record->valid_from > record->valid_through)
        names_report(reader->names, DIAGNOSTIC_CODES_NEVER, line->span, NULL, 0);
    if (line->as.valid.duration == NULL || line->as.valid.duration->kind != VALUE_DURATION) return;
    record->given_kind = names_duration(&line->as.valid.duration->duration, &record->given_for);
}

static int64_t read_ms(struct pool_reader *reader, const struct value *value, int64_t otherwise)
{
    if (value == NULL || value->kind != VALUE_DURATION) return otherwise;
    int64_t ms = names_duration_ms(&value->duration);
    if (ms > 0) return ms;
    names_report(reader->names, DIAGNOSTIC_DURATION_ZERO, value->span, NULL, 0);
    return otherwise;
}

static enum limit_period period_of(enum period_word word)
{
    return word == PERIOD_DAY     ? LIMIT_DAY
           : word == PERIOD_WEEK  ? LIMIT_WEEK
           : word == PERIOD_MONTH ? LIMIT_MONTH
           : word == PERIOD_YEAR  ? LIMIT_YEAR
                                  : LIMIT_EVER;
}

static void read_limit(struct pool_reader *reader, const struct line *line, uint32_t *count, uint32_t *period)
{
    const struct usage_limit *limit = &line->as.limit;
    if (limit->times > INT32_MAX)
        REPORT(reader->names, DIAGNOSTIC_TOO_MANY, line->span, names_number(reader->names, limit->times),
               TEXT("redemptions"), names_number(reader->names, INT32_MAX));
    *count = limit->times > INT32_MAX ? INT32_MAX : (uint32_t)limit->times;
    *period = period_of(limit->period);
    if (line->kind == LINE_EACH_CODE && *period != LIMIT_EVER && *period != LIMIT_DAY) {
        names_report(reader->names, DIAGNOSTIC_CODES_PERIOD, line->span, NULL, 0);
        *period = LIMIT_EVER;
    }
}

static void read_lock(struct pool_reader *reader, const struct line *line)
{
    int64_t tries = line->as.lock.tries;
    if (tries > LIMIT_CODE_TRIES) {
        REPORT(reader->names, DIAGNOSTIC_TOO_MANY, line->span, names_number(reader->names, tries), TEXT("wrong tries"),
               names_number(reader->names, LIMIT_CODE_TRIES));
        tries = LIMIT_CODE_TRIES;
    }
    reader->record.lock_tries = (uint32_t)tries;
    reader->record.lock_ms = read_ms(reader, line->as.lock.duration, CIVIL_HOUR_MS);
    reader->record.lock_within_ms = read_ms(reader, line->as.lock.within, CIVIL_HOUR_MS);
}

static void read_quota(struct pool_reader *reader, const struct line *line)
{
    struct names *names = reader->names;
    names_judge_length(names, &line->as.quota.name);
    for (const struct line *before = reader->declaration->lines.first; before != line; before = before->next) {
        if (before->kind == LINE_QUOTA && text_equal(before->as.quota.name.text, line->as.quota.name.text))
            REPORT(names, DIAGNOSTIC_DECLARED_TWICE, line->as.quota.name.span, TEXT("the quota"),
                   line->as.quota.name.text);
    }
    if (line->as.quota.condition == NULL) {
        const struct line *next = line->next;
        while (next != NULL && next->kind != LINE_QUOTA) next = next->next;
        if (next != NULL)
            REPORT(names, DIAGNOSTIC_CODES_ELSE_LAST, next->span, next->as.quota.name.text, line->as.quota.name.text);
        reader->failed = reader->failed || next != NULL;
    }
    if (reader->record.quota_count == LIMIT_CODE_QUOTAS) {
        REPORT(names, DIAGNOSTIC_TOO_MANY, line->span, TEXT("more than 64"), TEXT("quotas"), TEXT("64"));
        reader->failed = true;
        return;
    }
    struct bundle_quota quota = {.amount = line->as.quota.count,
                                 .name = builder_text(names->builder, line->as.quota.name.text),
                                 .filter = PROGRAM_NONE,
                                 .line = names_line(names, line->span)};
    (void)schema_filter(reader->emitter, line->as.quota.condition, false, &quota.filter);
    uint32_t index = builder_add_quota(names->builder, &quota);
    if (reader->record.quota_count++ == 0) reader->record.quota_first = index;
}

static void read_source(struct pool_reader *reader, const struct line *line)
{
    struct bundle_pool *record = &reader->record;
    struct builder *builder = reader->names->builder;
    if (reader->source != NULL) {
        REPORT(reader->names, DIAGNOSTIC_CODES_SOURCE, line->span, reader->declaration->name.text,
               TEXT("more than once"));
        reader->failed = true;
        return;
    }
    reader->source = line;
    if (line->kind == LINE_MAKE) {
        record->kind = POOL_MADE;
        record->codes = line->as.make.count;
        record->pattern = builder_text(builder, line->as.make.like.text);
        record->alphabet = builder_text(builder, line->as.make.from.text);
    } else if (line->kind == LINE_UPLOAD) {
        record->kind = POOL_UPLOADED;
        record->codes = line->as.count;
    } else {
        record->kind = POOL_FIXED;
        record->codes = 1;
        record->pattern = builder_text(builder, line->as.text.text);
        record->code_count = 0; /* one code for everybody: as often as other lines allow */
    }
}

static void read_line(struct pool_reader *reader, const struct line *line)
{
    struct names *names = reader->names;
    struct bundle_pool *record = &reader->record;
    switch (line->kind) {
    case LINE_NOTE: record->note = builder_text(names->builder, line->as.text.text); break;
    case LINE_OWNER: record->owner = builder_text(names->builder, line->as.text.text); break;
    case LINE_TIMEZONE: {
        int zone = names_need_zone(names, &line->as.text);
        if (zone >= 0) record->zone = builder_text(names->builder, text_of(zone_name((unsigned)zone)));
        break;
    }
    case LINE_MAKE:
    case LINE_UPLOAD:
    case LINE_FIXED: read_source(reader, line); break;
    case LINE_READ: read_ignored(reader, line); break;
    case LINE_VALID: read_valid(reader, line); break;
    case LINE_EACH_CODE: read_limit(reader, line, &record->code_count, &record->code_period); break;
    case LINE_EACH_PLAYER: read_limit(reader, line, &record->player_count, &record->player_period); break;
    case LINE_IN_ALL: read_limit(reader, line, &record->total_count, &record->total_period); break;
    case LINE_ONLY_FOR: (void)schema_filter(reader->emitter, line->as.condition, false, &record->filter); break;
    case LINE_QUOTA: read_quota(reader, line); break;
    case LINE_HOLD_CODE: record->hold_ms = read_ms(reader, line->as.value, HOLD_MS); break;
    case LINE_LOCK: read_lock(reader, line); break;
    case LINE_ANSWER: record->answer = builder_text(names->builder, line->as.text.text); break;
    default: break;
    }
}

/* ------------------------------------------------------------------ codes that can be guessed, sums */

static struct text fault_words(enum code_word_fault fault)
{
    switch (fault) {
    case CODE_WORD_TOO_LONG: return TEXT("it has 1 to 64 characters");
    case CODE_WORD_NOT_ASCII:
        return TEXT("codes are made of letters without accents, digits and signs of a plain keyboard");
    case CODE_WORD_NO_HOLE: return TEXT("it has no `?` for a letter");
    case CODE_WORD_FEW_LETTERS: return TEXT("it takes at least two different letters behind `from`");
    case CODE_WORD_TWICE:
        return TEXT("a letter stands twice behind `from`, or once small and once large where case is ignored");
    case CODE_WORD_IGNORED: return TEXT("a letter behind `from` is a blank, or one that `read` ignores");
    case CODE_WORD_TOO_MANY: return TEXT("it has room for more than 4,611,686,018,427,387,904 codes: take away a `?`");
    case CODE_WORD_FINE: break;
    }
    return TEXT("");
}

static void judge_made(struct pool_reader *reader)
{
    struct names *names = reader->names;
    struct bundle_pool *record = &reader->record;
    const struct line *line = reader->source;
    struct code_word word;
    enum code_word_fault fault =
        code_word_make(&word, line->as.make.like.text, line->as.make.from.text, pool_reading(record));
    if (fault != CODE_WORD_FINE) {
        REPORT(names, DIAGNOSTIC_CODES_PATTERN, line->as.make.like.span, line->as.make.like.text, fault_words(fault));
        reader->failed = true;
        return;
    }
    uint64_t made = (uint64_t)record->codes;
    if (made > word.space) {
        REPORT(names, DIAGNOSTIC_CODES_DO_NOT_FIT, line->span, names_number(names, record->codes),
               line->as.make.like.text, names_number(names, (int64_t)word.space));
        reader->failed = true;
        return;
    }
    uint64_t tries = code_word_tries(record->lock_tries, record->lock_ms), one_in = word.space / made;
    if (one_in / tries < CODES_HOUR_LEAST) {
        REPORT(names, DIAGNOSTIC_CODES_GUESSED, line->span, reader->declaration->name.text,
               names_number(names, (int64_t)tries), names_number(names, (int64_t)one_in));
    } else if (one_in < CODES_GUESS_LEAST) {
        REPORT(names, DIAGNOSTIC_CODES_WEAK, line->span, reader->declaration->name.text,
               names_number(names, (int64_t)one_in));
    }
}

static void judge_quotas(struct pool_reader *reader)
{
    struct names *names = reader->names;
    const struct bundle_pool *record = &reader->record;
    if (record->quota_count == 0) return;
    int64_t sum = 0;
    const struct line *last = NULL;
    for (const struct line *line = reader->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_QUOTA) continue;
        last = line;
        if (__builtin_add_overflow(sum, line->as.quota.count, &sum)) sum = INT64_MAX;
    }
    struct bundle_pool without = *record;
    without.quota_count = 0;
    int64_t most = pool_redemptions(NULL, &without);
    if (sum <= most || last == NULL) return;
    REPORT(names, DIAGNOSTIC_CODES_QUOTAS, last->span, reader->declaration->name.text, names_number(names, sum),
           names_number(names, most));
}

static void judge_source(struct pool_reader *reader)
{
    struct names *names = reader->names;
    const struct line *line = reader->source;
    if (line == NULL) {
        if (!reader->declaration->is_broken)
            REPORT(names, DIAGNOSTIC_CODES_SOURCE, reader->declaration->span, reader->declaration->name.text,
                   TEXT("nowhere"));
        reader->failed = true;
        return;
    }
    if (line->kind == LINE_MAKE) judge_made(reader);
    if (line->kind == LINE_UPLOAD && reader->record.codes > LIMIT_CODES_UPLOADED)
        REPORT(names, DIAGNOSTIC_TOO_MANY, line->span, names_number(names, reader->record.codes),
               TEXT("uploaded codes of one pool"), names_number(names, LIMIT_CODES_UPLOADED));
    if (line->kind != LINE_FIXED) return;
    enum code_word_fault fault = code_word_judge(line->as.text.text, pool_reading(&reader->record));
    if (fault == CODE_WORD_FINE) return;
    REPORT(names, DIAGNOSTIC_CODES_PATTERN, line->as.text.span, line->as.text.text, fault_words(fault));
    reader->failed = true;
}

/* ------------------------------------------------------------------ records */

static uint32_t given_event(const struct names *names)
{
    const struct event_info *event = names_event(names, TEXT("code_given"));
    if (event == NULL || event->about != ABOUT_CODES) return PROGRAM_NONE;
    return ast_find_line(&event->declaration->lines, LINE_MADE_BY_ENGINE, NULL) == NULL ? PROGRAM_NONE : event->index;
}

static void emit_pool(struct emitter *emitter, struct thing *pool)
{
    struct names *names = emitter->names;
    struct pool_reader reader = {
        .names = names,
        .emitter = emitter,
        .declaration = pool->declaration,
        .record = {.codes = 1,
                   .valid_from = INT64_MIN,
                   .valid_through = INT64_MAX,
                   .hold_ms = HOLD_MS,
                   .name = builder_text(names->builder, pool->name),
                   .note = PROGRAM_NONE,
                   .owner = PROGRAM_NONE,
                   .zone = builder_text(names->builder, text_of(zone_name(names->zone))),
                   .pattern = PROGRAM_NONE,
                   .alphabet = PROGRAM_NONE,
                   .code_count = 1,
                   .player_count = 1,
                   .filter = PROGRAM_NONE,
                   .answer = PROGRAM_NONE,
                   .given = given_event(names),
                   .file = pool->declaration->span.file,
                   .line = names_line(names, pool->declaration->span)},
    };
    schema_judge_repeats(names, pool->declaration);
    for (const struct line *line = pool->declaration->lines.first; line != NULL; line = line->next)
        if (line->kind == LINE_MAKE || line->kind == LINE_UPLOAD || line->kind == LINE_FIXED) read_line(&reader, line);
    for (const struct line *line = pool->declaration->lines.first; line != NULL; line = line->next)
        if (line->kind != LINE_MAKE && line->kind != LINE_UPLOAD && line->kind != LINE_FIXED) read_line(&reader, line);
    judge_source(&reader);
    if (!reader.failed) judge_quotas(&reader);
    pool->index = builder_add_pool(names->builder, &reader.record);
}

void codes_emit(struct emitter *emitter)
{
    for (uint32_t i = 0; i < emitter->names->codes_count; i++) emit_pool(emitter, &emitter->names->codes[i]);
}

const struct thing *codes_need(struct names *names, const struct name *name)
{
    const struct thing *pool = names_thing(names->codes, names->codes_count, name->text);
    if (pool != NULL) return pool;
    struct text *list = ARENA_ARRAY(names->arena, struct text, names->codes_count + 1);
    for (uint32_t i = 0; list != NULL && i < names->codes_count; i++) list[i] = names->codes[i].name;
    names_unknown(names, DIAGNOSTIC_UNKNOWN_CODES, name, list, names->codes_count);
    return NULL;
}

/* ------------------------------------------------------------------ statements */

void emit_code(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct names *names = campaign->names;
    const struct statement *statement = node->statement;
    bool gives = statement->kind == STATEMENT_GIVE_CODE;
    const struct thing *pool = codes_need(names, &statement->name);
    if (pool == NULL) return;
    if (gives && given_event(names) == PROGRAM_NONE) {
        names_report(names, DIAGNOSTIC_CODES_NO_EVENT, statement->span, NULL, 0);
        campaign->flow.failed = true;
        return;
    }
    struct bundle_effect record = {.object = pool->index, .channel = PROGRAM_NONE, .gate = PROGRAM_NONE};
    uint32_t effect = emit_effect(campaign, emitter, node, record, NULL, 0);
    struct bundle_state state = {.kind = gives ? STATE_CODE : STATE_CREDIT,
                                 .deadline = DEADLINE_NONE,
                                 .holidays = PROGRAM_NONE,
                                 .ask = gives ? pool->index : 0};
    uint32_t number = emit_state(campaign, emitter, node, state);
    campaign_patch(campaign, SECTION_STATE, campaign->state_first + number, offsetof(struct bundle_state, granted),
                   node->resume[0]);
    campaign_patch(campaign, SECTION_STATE, campaign->state_first + number, offsetof(struct bundle_state, declined),
                   node->resume[node->resume_count - 1]);
    emit(emitter, gives ? OP_GIVE_CODE : OP_RELEASE_CODE, effect, 0, 0, number);
}
