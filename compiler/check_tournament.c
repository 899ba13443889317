/*
 * A tournament's records: windows, what gives points, the order, prizes. Contract: tournament.h; the tree before: tournament_expand.c.
 */
#include "compiler/tournament.h"

#include <stdio.h>

#include "vm/civil.h"
#include "vm/instance.h"
#include "vm/schedule.h"
#include "vm/zone.h"

#define POINT INT64_C(1000000) /* numbers are written in millionths */

enum { DEFAULT_TOP = 50, DEFAULT_AGE_MS = 5000, LOOK_AT = 120 };

/* ------------------------------------------------------------------ windows */

/* Local times of the wall clock as a schedule. */
static struct bundle_schedule schedule_of(struct names *names, const struct wall_time *time, struct span span)
{
    int64_t clock = time->clock != NULL && time->clock->kind == VALUE_CLOCK ? time->clock->amount : 0;
    struct bundle_schedule schedule = {
        .minutes = INT64_C(1) << (clock / CIVIL_MINUTE_MS % 60),
        .hours = UINT32_C(1) << (clock / CIVIL_HOUR_MS % 24),
        .days = SCHEDULE_ALL_DAYS,
        .months = SCHEDULE_ALL_MONTHS,
        .weekdays = SCHEDULE_ALL_WEEKDAYS,
        .missed_ms = CIVIL_DAY_MS,
        .text = builder_text(names->builder, names_words(names, span)),
        .zone = PROGRAM_NONE,
        .birthday = PROGRAM_NONE,
        .holidays = PROGRAM_NONE,
        .line = names_line(names, span),
    };
    if (time->weekday_index >= 0 && ast_is_present(&time->weekday))
        schedule.weekdays = UINT32_C(1) << (uint32_t)time->weekday_index;
    if (time->month_day > 0) {
        schedule.days = UINT32_C(1) << (time->month_day & 31);
        schedule.short_months = 1;
    }
    return schedule;
}

static int64_t instant_of(const struct wall_time *time, uint32_t zone)
{
    int64_t date = time->date == NULL ? 0 : time->date->amount, clock = time->clock == NULL ? 0 : time->clock->amount;
    return zone_to_instant(zone, date * CIVIL_DAY_MS + clock);
}

static bool dated_window(struct names *names, const struct tournament_words *words, uint32_t zone,
                         struct bundle_tournament *record)
{
    static const struct schedule_holidays none = {NULL, 0};
    const struct wall_time *settles = &words->settles->as.wall_time;
    record->start = record->end = record->settle = PROGRAM_NONE;
    record->from = instant_of(&words->runs->as.recurs.from, zone);
    record->until = instant_of(&words->runs->as.recurs.until, zone);
    if (record->from >= record->until) {
        REPORT(names, DIAGNOSTIC_TOURNAMENT_WINDOW, words->runs->span, TEXT("the tournament ends before it starts"),
               TEXT("write a later time behind `until`"));
        return false;
    }
    if (settles->date != NULL) {
        record->settles = instant_of(settles, zone);
    } else {
        struct bundle_schedule schedule = schedule_of(names, settles, words->settles->span);
        record->settles = schedule_next(&schedule, none, zone, record->until - 1);
    }
    if (record->settles >= record->until && record->settles != SCHEDULE_NEVER) return true;
    REPORT(names, DIAGNOSTIC_TOURNAMENT_WINDOW, words->settles->span, TEXT("the tournament is settled before it ends"),
           TEXT("write a time at or after the one behind `until`"));
    return false;
}

/* What is settled after the next instance ended would mix two results. */
static bool judge_settlement(struct names *names, const struct tournament_words *words,
                             const struct bundle_schedule schedule[3], uint32_t zone)
{
    static const struct schedule_holidays none = {NULL, 0};
    int64_t start = schedule_next(&schedule[0], none, zone, civil_date_of(2026, 1, 1) * CIVIL_DAY_MS);
    for (uint32_t i = 0; i < LOOK_AT && start != SCHEDULE_NEVER; i++) {
        int64_t next = schedule_next(&schedule[0], none, zone, start),
                end = schedule_next(&schedule[1], none, zone, start);
        if (next == SCHEDULE_NEVER || end == SCHEDULE_NEVER) break;
        if (end > next) end = next;
        int64_t settles = schedule_next(&schedule[2], none, zone, end - 1),
                after = schedule_next(&schedule[1], none, zone, next);
        if (settles > after) {
            REPORT(names, DIAGNOSTIC_TOURNAMENT_WINDOW, words->settles->span,
                   TEXT("an instance is settled after the next one ended"),
                   TEXT("write an earlier time, such as the end itself or an hour later"));
            return false;
        }
        start = next;
    }
    return true;
}

static bool read_window(struct names *names, const struct tournament_words *words, uint32_t zone,
                        struct bundle_tournament *record)
{
    if (words->runs->as.recurs.kind == RECURS_ONCE) return dated_window(names, words, zone, record);
    if (words->settles->as.wall_time.date != NULL) {
        REPORT(names, DIAGNOSTIC_TOURNAMENT_WINDOW, words->settles->span,
               TEXT("the tournament comes again and again, and is settled on one date"),
               TEXT("write a weekday or a time alone, such as `settles at monday 00:00`"));
        return false;
    }
    const struct bundle_schedule schedule[3] = {
        schedule_of(names, &words->runs->as.recurs.from, words->runs->span),
        schedule_of(names, &words->runs->as.recurs.until, words->runs->span),
        schedule_of(names, &words->settles->as.wall_time, words->settles->span),
    };
    if (!judge_settlement(names, words, schedule, zone)) return false;
    record->start = builder_add_schedule(names->builder, &schedule[0]);
    record->end = builder_add_schedule(names->builder, &schedule[1]);
    record->settle = builder_add_schedule(names->builder, &schedule[2]);
    return true;
}

/* ------------------------------------------------------------------ points and order */

static const struct metric_info *info_of(const struct names *names, const struct declaration *metric)
{
    for (uint32_t i = 0; i < names->metric_count; i++) {
        if (names->metrics[i].declaration == metric)
            return names->metrics[i].stage == METRIC_READY ? &names->metrics[i] : NULL;
    }
    return NULL;
}

static bool emit_score(struct names *names, const struct tournament_earn *earn)
{
    const struct metric_info *metric = info_of(names, earn->metric), *last = info_of(names, earn->last);
    const struct value *amount = earn->line->as.earn.amount, *per = earn->line->as.earn.per;
    if (metric == NULL || last == NULL) return false; /* Reported where it was made. */
    struct bundle_score record = {
        .num = 1, .den = 1, .metric = metric->index, .last = last->index, .line = names_line(names, earn->line->span)};
    if (per != NULL) {
        record.num = amount->amount;
        record.den = per->amount;
        /* Numbers are written in millionths; whole ones are counted as they are. */
        if (per->kind == VALUE_NUMBER && metric->type.kind == TYPE_WHOLE) {
            if (per->amount % POINT != 0) {
                REPORT(names, DIAGNOSTIC_TOURNAMENT_EARN, per->span,
                       TEXT("a whole number is counted, and this is a part of one"),
                       TEXT("write a whole number behind `per`"));
                return false;
            }
            record.den = per->amount / POINT;
        }
        bool money = metric->type.kind == TYPE_MONEY;
        if (money != (per->kind == VALUE_MONEY)) {
            REPORT(names, DIAGNOSTIC_TOURNAMENT_EARN, per->span,
                   money ? TEXT("money is counted, and this is no amount of it") : TEXT("no money is counted here"),
                   money ? TEXT("write an amount such as `0.01 EUR` behind `per`")
                         : TEXT("write a number behind `per`"));
            return false;
        }
        if (money && !text_equal(names->currencies[metric->type.of], per->currency)) {
            REPORT(names, DIAGNOSTIC_TOURNAMENT_EARN, per->span, TEXT("what is counted is in another currency"),
                   arena_print(names->arena, "write an amount in %.*s", TEXT_ARGS(names->currencies[metric->type.of])));
            return false;
        }
        record.whole = amount->amount % POINT == 0;
    } else if (earn->metric->metric->aggregate == AGGREGATE_WORD_COUNT) {
        record.num = amount->amount;
    }
    builder_add_score(names->builder, &record);
    return true;
}

static bool is_of_time(enum type_kind kind)
{
    return kind == TYPE_DATE || kind == TYPE_MOMENT || kind == TYPE_TIME;
}

static bool emit_rank(struct names *names, const struct tournament_words *words, const struct order *order)
{
    const struct value *value = order->value;
    struct bundle_rank record = {.metric = PROGRAM_NONE,
                                 .largest_first =
                                     order->direction == ORDER_WORD_LARGEST || order->direction == ORDER_WORD_LATEST};
    bool of_time = order->direction == ORDER_WORD_EARLIEST || order->direction == ORDER_WORD_LATEST, is_time = false;
    if (value->kind == VALUE_PATH && text_equal(value->owner.text, TEXT("player")) &&
        text_equal(value->name.text, TEXT("id"))) {
        record.kind = RANK_BY_PLAYER;
        builder_add_rank(names->builder, &record);
        return true;
    }
    struct text known[TOURNAMENT_RANKS_MAX + 2] = {TEXT("score"), TEXT("last_score")};
    uint32_t count = 2;
    for (uint32_t i = 0; i < words->metric_count; i++) known[count++] = words->metric[i].name;
    if (value->kind != VALUE_PATH || !text_equal(value->owner.text, TEXT("entry"))) {
        REPORT(names, DIAGNOSTIC_TOURNAMENT_ORDER, value->span, names_words(names, value->span),
               names_list(names, known, count));
        return false;
    }
    struct text type = TEXT("a number");
    if (text_equal(value->name.text, TEXT("score"))) {
        record.kind = RANK_BY_SCORE;
    } else if (text_equal(value->name.text, TEXT("last_score"))) {
        record.kind = RANK_BY_LAST_SCORE;
        is_time = true;
        type = TEXT("a moment");
    } else {
        const struct metric_info *metric = NULL;
        for (uint32_t i = 0; i < words->metric_count; i++) {
            if (text_equal(words->metric[i].name, value->name.text)) {
                metric = info_of(names, words->metric[i].metric);
                if (metric == NULL) return false;
            }
        }
        if (metric == NULL) {
            names_unknown(names, DIAGNOSTIC_UNKNOWN_METRIC, &value->name, known, count);
            return false;
        }
        type = names_type_words(names, metric->type);
        if (!names_is_ordered(names, metric->type)) {
            REPORT(names, DIAGNOSTIC_ORDER_VALUE, order->span, names_words(names, value->span), type);
            return false;
        }
        record.kind = RANK_BY_METRIC;
        record.metric = metric->index;
        is_time = is_of_time(metric->type.kind);
    }
    if (of_time != is_time) {
        static const char *const other[] = {[ORDER_WORD_LARGEST] = "latest",
                                            [ORDER_WORD_SMALLEST] = "earliest",
                                            [ORDER_WORD_EARLIEST] = "smallest",
                                            [ORDER_WORD_LATEST] = "largest"};
        REPORT(names, DIAGNOSTIC_ORDER_DIRECTION, order->span, names_words(names, value->span), type,
               text_of(other[order->direction]));
        return false;
    }
    builder_add_rank(names->builder, &record);
    return true;
}

/* ------------------------------------------------------------------ prizes and board */

static void emit_prizes(struct names *names, const struct tournament_words *words, struct bundle_tournament *record)
{
    const struct declaration *prizes = words->prizes->as.declaration;
    const struct line *pool = ast_find_line(&prizes->lines, LINE_POOL, NULL),
                      *leftover = ast_find_line(&prizes->lines, LINE_LEFTOVER, NULL);
    if (pool != NULL) record->pool = pool->as.value->amount;
    record->leftover_first = leftover != NULL && leftover->as.count == 1;
    record->prize_first = builder_count(names->builder, SECTION_PRIZE);
    for (const struct line *line = prizes->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_PLACE) continue;
        struct bundle_prize prize = {.amount = line->as.place.value->amount,
                                     .first = (uint32_t)line->as.place.first,
                                     .last = (uint32_t)line->as.place.last};
        builder_add_prize(names->builder, &prize);
        record->prize_count++;
    }
}

static bool read_board(struct names *names, const struct tournament_words *words, struct bundle_tournament *record)
{
    record->board_top = DEFAULT_TOP;
    record->board_masked = 1;
    record->board_age_ms = DEFAULT_AGE_MS;
    const struct declaration *board = words->board == NULL ? NULL : words->board->as.declaration;
    for (const struct line *line = board == NULL ? NULL : board->lines.first; line != NULL; line = line->next) {
        int64_t ms = 0;
        switch (line->kind) {
        case LINE_SHOW_TOP:
            if (line->as.count > TOURNAMENT_BOARD_MAX) {
                REPORT(names, DIAGNOSTIC_TOO_MANY, line->span, names_number(names, line->as.count),
                       TEXT("places of a board"), names_number(names, TOURNAMENT_BOARD_MAX));
                return false;
            }
            record->board_top = (uint32_t)line->as.count;
            break;
        case LINE_NAMES: record->board_masked = line->as.chosen; break;
        case LINE_AGE:
            if (line->as.value != NULL && line->as.value->kind == VALUE_DURATION)
                ms = names_duration_ms(&line->as.value->duration);
            record->board_age_ms = ms > CIVIL_DAY_MS ? (uint32_t)CIVIL_DAY_MS : (uint32_t)ms;
            break;
        default: break;
        }
    }
    return true;
}

/* A budget for each run that cannot hold the prizes of one instance. */
static void judge_budget(struct names *names, const struct tournament_words *words, const struct program *program,
                         const struct bundle_tournament *record)
{
    int64_t prizes = tournament_prizes(program, record);
    const struct bundle_campaign *campaign = &program->campaign[record->campaign];
    if (campaign->budget == PROGRAM_NONE) return;
    const struct bundle_budget *budget = &program->budget[campaign->budget];
    for (uint32_t i = 0; i < budget->limit_count; i++) {
        const struct bundle_limit *limit = &program->limit[budget->limit_first + i];
        if (limit->scope != SCOPE_TOTAL || limit->amount >= prizes) continue;
        REPORT(names, DIAGNOSTIC_TOURNAMENT_BUDGET, words->prizes->as.declaration->span,
               names_money(names, prizes, campaign->currency), names_money(names, limit->amount, campaign->currency));
        return;
    }
}

/* ------------------------------------------------------------------ the record */

uint32_t tournament_index(const struct names *names, const struct declaration *campaign)
{
    uint32_t index = 0;
    for (uint32_t i = 0; i < names->campaign_count; i++) {
        if (names->campaigns[i].declaration == campaign) return index;
        index += names->campaigns[i].declaration->tournament != NULL;
    }
    return PROGRAM_NONE;
}

static void emit_one(struct names *names, uint32_t index, const struct tournament_words *words)
{
    struct builder *builder = names->builder;
    const struct bundle_campaign *campaign = builder_at(builder, SECTION_CAMPAIGN, index);
    uint32_t errors = names->diagnostics->error_count;
    if (campaign == NULL) return;
    struct program program;
    struct error error = ERROR_NONE;
    if (builder_program(&program, builder, &error) != OK) return;
    struct text name_of_zone = program_text(&program, campaign->zone);
    int zone = zone_find(name_of_zone);
    struct bundle_tournament record = {.campaign = index,
                                       .least_score = POINT,
                                       .largest = words->score == SCORE_LARGEST,
                                       .file = words->declaration->span.file,
                                       .line = names_line(names, words->declaration->span)};
    if (!read_window(names, words, zone < 0 ? names->zone : (uint32_t)zone, &record)) return;
    if (words->winners != NULL && words->winners->as.value != NULL) {
        const struct value *least = words->winners->as.value;
        if (least->kind != VALUE_NUMBER || least->amount <= 0) {
            REPORT(names, DIAGNOSTIC_TOURNAMENT_EARN, least->span,
                   TEXT("the smallest score that wins is no number above 0"),
                   TEXT("write a line such as `winners at least 1,000`"));
            return;
        }
        record.least_score = least->amount;
    }
    if (words->field != NULL)
        record.least_field =
            (uint32_t)(words->field->as.smallest_field.players < UINT32_MAX ? words->field->as.smallest_field.players
                                                                            : UINT32_MAX);
    record.score_first = builder_count(builder, SECTION_SCORE);
    for (uint32_t i = 0; i < words->earn_count; i++) record.score_count += emit_score(names, &words->earn[i]);
    record.rank_first = builder_count(builder, SECTION_RANK);
    for (const struct order *order = words->order->as.orders.first; order != NULL; order = order->next)
        record.rank_count += emit_rank(names, words, order);
    emit_prizes(names, words, &record);
    if (!read_board(names, words, &record) || names->diagnostics->error_count != errors) return;
    builder_add_tournament(builder, &record);
    if (builder_program(&program, builder, &error) == OK) judge_budget(names, words, &program, &record);
}

void tournaments_emit(struct names *names)
{
    for (uint32_t i = 0; i < names->campaign_count; i++) {
        const struct tournament_words *words = names->campaigns[i].declaration->tournament;
        if (words == NULL || names->campaigns[i].declaration->is_broken) continue;
        emit_one(names, i, words);
    }
}
