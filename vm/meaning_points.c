/*
 * What records of points and levels must hold beyond the kinds of their fields: rates that can be reckoned with, levels that rise, an
 * attribute that can be one of them. Part of meaning_check (vm/meaning.h); the engine relies on it and asks no more.
 */
#include "vm/civil.h"
#include "vm/layout.h"
#include "vm/limits.h"
#include "vm/meaning.h"

#define REFUSE(name, index, ...) layout_refuse(error, #name, index, __VA_ARGS__)

/* With these a value of 63 bits never leaves 128 of them. */
#define RATE_MOST INT64_C(1000000000000000)

/* Longer than the calendar nothing lasts. */
#define EXPIRES_MOST_MONTHS 1200

static const char *points_fault(const struct program *program, const struct bundle_points *points)
{
    if (points->earn_count > LIMIT_EARN_LINES) return "it has too many lines";
    if (points->expires_kind != WINDOW_NONE && points->expires_kind != WINDOW_EXACT &&
        points->expires_kind != WINDOW_CALENDAR)
        return "it expires after no duration";
    if (!meaning_is_window(points->expires_kind, points->expires)) return "it expires after no duration";
    bool none = points->expires == 0;
    if (none != (points->expires_kind == WINDOW_NONE)) return "it expires after no time at all";
    if (points->expires_kind == WINDOW_CALENDAR && calendar_months(points->expires) > EXPIRES_MOST_MONTHS)
        return "it expires after more than 100 years";
    if (points->expires_kind == WINDOW_EXACT && points->expires > EXPIRES_MOST_MONTHS * 31 * CIVIL_DAY_MS)
        return "it expires after more than 100 years";
    for (uint32_t i = 0; i < program->points_count; i++) {
        const struct bundle_points *other = &program->points[i];
        if (other != points && text_equal(program_text(program, other->name), program_text(program, points->name)))
            return "another one has its name";
    }
    return NULL;
}

static const char *earn_fault(const struct program *program, const struct bundle_earn *earn)
{
    if (earn->num <= 0 || earn->den <= 0 || earn->num > RATE_MOST || earn->den > RATE_MOST)
        return "its rate is no share above zero";
    if ((earn->reversal == PROGRAM_NONE) != (earn->reversal_code == PROGRAM_NONE))
        return "what takes its events back has no code, or the code no event";
    if (earn->reversal != PROGRAM_NONE && program->event[earn->reversal].reverses != earn->event)
        return "its reversal takes other events back";
    return NULL;
}

static bool is_period(uint32_t grain)
{
    return grain == GRAIN_WEEK || grain == GRAIN_MONTH || grain == GRAIN_YEAR;
}

static const char *levels_fault(const struct program *program, const struct bundle_levels *levels)
{
    const struct bundle_attribute *attribute = &program->attribute[levels->attribute];
    if (attribute->kind != TYPE_ENUM || program->enumeration[attribute->of].ranked == 0)
        return "its attribute is not of ranked words";
    if (levels->level_count == 0 || levels->level_count > LIMIT_LEVELS) return "it has no levels, or too many";
    if (levels->span != SPAN_EVER && levels->span != SPAN_ROLLING && levels->span != SPAN_THIS)
        return "it counts over no such window";
    if (levels->span == SPAN_THIS ? !is_period(levels->grain) : levels->grain != GRAIN_DAY)
        return "its window is no week, month or year";
    bool rolling = levels->rolling_kind == WINDOW_EXACT || levels->rolling_kind == WINDOW_CALENDAR;
    if (levels->span == SPAN_ROLLING &&
        (!rolling || levels->window <= 0 || !meaning_is_window(levels->rolling_kind, levels->window)))
        return "its window is no duration";
    if (levels->down > LIMIT_LEVELS || levels->keep < 0 || levels->keep > 1000000)
        return "it goes down by more levels than there are, or keeps by more than the whole";
    if (levels->down == 0 ? levels->down_grain != GRAIN_DAY : !is_period(levels->down_grain))
        return "it goes down at the end of no week, month or year";
    for (uint32_t i = 0; i < program->levels_count; i++) {
        const struct bundle_levels *other = &program->levels[i];
        if (other == levels) continue;
        if (other->attribute == levels->attribute) return "another one sets its attribute";
        if (text_equal(program_text(program, other->name), program_text(program, levels->name)))
            return "another one has its name";
    }
    for (uint32_t i = levels->level_first; i < levels->level_first + levels->level_count; i++) {
        const struct bundle_level *level = &program->level[i];
        if (level->word == 0 || level->word >= program->enumeration[attribute->of].wording_count)
            return "a level is no word above the attribute's lowest";
        if (level->from <= 0 || level->from > RATE_MOST) return "a level begins with no points";
        if (i == levels->level_first) continue;
        if (level->from <= level[-1].from || level->word <= level[-1].word) return "its levels do not rise";
    }
    return NULL;
}

enum status meaning_points_check(const struct program *program, struct error *error)
{
    if (program->points_count > LIMIT_POINTS) return REFUSE(points, LIMIT_POINTS, "there are more than 64");
    if (program->levels_count > LIMIT_LADDERS) return REFUSE(levels, LIMIT_LADDERS, "there are more than 64");
    uint32_t next = 0;
    for (uint32_t i = 0; i < program->points_count; i++) {
        const char *fault = points_fault(program, &program->points[i]);
        if (fault == NULL && program->points[i].earn_first != next) fault = "its lines do not follow the others'";
        if (fault != NULL) return REFUSE(points, i, "%s", fault);
        next += program->points[i].earn_count;
    }
    if (next != program->earn_count) return REFUSE(earn, next, "it belongs to no points");
    for (uint32_t i = 0; i < program->earn_count; i++) {
        const char *fault = earn_fault(program, &program->earn[i]);
        if (fault != NULL) return REFUSE(earn, i, "%s", fault);
    }
    for (uint32_t i = 0; i < program->levels_count; i++) {
        const char *fault = levels_fault(program, &program->levels[i]);
        if (fault != NULL) return REFUSE(levels, i, "%s", fault);
    }
    return OK;
}
