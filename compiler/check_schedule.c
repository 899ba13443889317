/*
 * Schedules, orders and holidays as records. See check_schedule.h. Masks of cron texts: cron.c. spec: language.md#schedules
 */
#include "compiler/check_schedule.h"

#include <stdlib.h>

#include "compiler/cron.h"
#include "vm/schedule.h"
#include "vm/zone.h"

/* Clock changes of so many years are looked at. */
enum { WARN_FROM_YEAR = 2026, WARN_YEARS = 5 };

/* ---------------------------------------------------------------- holidays */

static int compare_dates(const void *left, const void *right)
{
    const struct bundle_holiday *a = left, *b = right;
    return a->date < b->date ? -1 : a->date > b->date;
}

static bool is_used(const struct names *names, struct text country)
{
    for (uint32_t i = 0; i < names->campaign_count; i++) {
        const struct line *line = ast_find_line(&names->campaigns[i].declaration->lines, LINE_BUSINESS_DAYS, NULL);
        if (line != NULL && text_equal(line->as.word.text, country)) return true;
    }
    return false;
}

/* Judged always, written where a campaign counts by it. */
static void emit_country(struct names *names, struct thing *thing)
{
    const struct declaration *declaration = thing->declaration;
    struct bundle_holiday *days = ARENA_ARRAY(names->arena, struct bundle_holiday, declaration->lines.count + 1);
    if (days == NULL) return;
    if (value_country(thing->name) < 0) REPORT(names, DIAGNOSTIC_UNKNOWN_COUNTRY, declaration->name.span, thing->name);
    const struct line *through = ast_find_line(&declaration->lines, LINE_THROUGH, NULL);
    if (through == NULL || through->as.value == NULL) {
        if (!declaration->is_broken) REPORT(names, DIAGNOSTIC_HOLIDAYS_OPEN, declaration->span, thing->name);
        thing->dropped = true;
        return;
    }
    const struct line *again = ast_find_line(&declaration->lines, LINE_THROUGH, through);
    if (again != NULL) REPORT(names, DIAGNOSTIC_LINE_TWICE, again->span, text_of(ast_line_word(LINE_THROUGH)));
    struct bundle_holidays record = {
        .through = through->as.value->amount,
        .name = builder_text(names->builder, thing->name),
        .holiday_first = builder_count(names->builder, SECTION_HOLIDAY),
    };
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_HOLIDAY || line->as.holiday.date == NULL) continue;
        int64_t date = line->as.holiday.date->amount;
        bool twice = false;
        for (uint32_t i = 0; i < record.holiday_count; i++) twice = twice || days[i].date == date;
        if (twice || date > record.through) {
            REPORT(names, twice ? DIAGNOSTIC_HOLIDAY_TWICE : DIAGNOSTIC_HOLIDAY_BEYOND, line->span,
                   names_words(names, line->as.holiday.date->span), thing->name);
            continue;
        }
        days[record.holiday_count++] =
            (struct bundle_holiday){.date = date, .name = builder_text(names->builder, line->as.holiday.name.text)};
    }
    if (!is_used(names, thing->name)) return;
    qsort(days, record.holiday_count, sizeof *days, compare_dates);
    for (uint32_t i = 0; i < record.holiday_count; i++) builder_add_holiday(names->builder, &days[i]);
    thing->index = builder_add_holidays(names->builder, &record);
}

void schedule_emit_holidays(struct names *names)
{
    for (uint32_t i = 0; i < names->holidays_count; i++) emit_country(names, &names->holidays[i]);
}

uint32_t schedule_country(struct names *names, const struct declaration *campaign)
{
    const struct line *line = ast_find_line(&campaign->lines, LINE_BUSINESS_DAYS, NULL);
    if (line == NULL || !ast_is_present(&line->as.word)) return PROGRAM_NONE;
    const struct thing *country = names_thing(names->holidays, names->holidays_count, line->as.word.text);
    if (country == NULL) REPORT(names, DIAGNOSTIC_UNKNOWN_HOLIDAYS, line->as.word.span, line->as.word.text);
    return country == NULL || country->dropped ? PROGRAM_NONE : country->index;
}

uint32_t schedule_need_country(struct names *names, const struct declaration *campaign, struct span span)
{
    const struct line *line = ast_find_line(&campaign->lines, LINE_BUSINESS_DAYS, NULL);
    if (line == NULL) {
        REPORT(names, DIAGNOSTIC_NO_BUSINESS_COUNTRY, span, names_words(names, span));
        return PROGRAM_NONE;
    }
    /* Reported once, where the campaign is compiled. */
    const struct thing *country = names_thing(names->holidays, names->holidays_count, line->as.word.text);
    return country == NULL || country->dropped ? PROGRAM_NONE : country->index;
}

/* ---------------------------------------------------------------- clock changes */

/* Whether another time of that day is due at this instant too. */
static bool is_due_anyway(const struct bundle_schedule *schedule, struct schedule_holidays holidays, uint32_t zone,
                          int64_t instant)
{
    int64_t local = zone_local_ms(zone, instant);
    unsigned minute = (unsigned)(civil_ms_of_day(local) / CIVIL_MINUTE_MS);
    return schedule_has_day(schedule, holidays, civil_date_of_instant(local)) &&
           ((schedule->hours >> (minute / 60)) & 1) && ((schedule->minutes >> (minute % 60)) & 1);
}

void schedule_warn_clock(struct names *names, struct span span, const struct bundle_schedule *schedule,
                         struct schedule_holidays holidays, uint32_t zone)
{
    bool told[2] = {false, false};
    int64_t first = civil_date_of(WARN_FROM_YEAR, 1, 1), end = civil_date_of(WARN_FROM_YEAR + WARN_YEARS, 1, 1);
    for (int64_t date = first; date < end && !(told[0] && told[1]); date++) {
        int64_t start = zone_date_start(zone, date);
        if (zone_offset_ms(zone, start) == zone_offset_ms(zone, start + 26 * CIVIL_HOUR_MS)) continue;
        if (!schedule_has_day(schedule, holidays, date)) continue;
        for (unsigned minute = 0; minute < 24 * 60; minute++) {
            if (!((schedule->hours >> (minute / 60)) & 1) || !((schedule->minutes >> (minute % 60)) & 1)) continue;
            int64_t local = date * CIVIL_DAY_MS + minute * CIVIL_MINUTE_MS;
            enum zone_local kind = zone_local_kind(zone, local);
            bool skipped = kind == ZONE_LOCAL_SKIPPED;
            if (kind == ZONE_LOCAL_ONCE || told[skipped]) continue;
            if (skipped && is_due_anyway(schedule, holidays, zone, zone_to_instant(zone, local))) continue;
            char clock[CIVIL_TIME_SIZE], day[CIVIL_DATE_SIZE];
            civil_format_time(clock, minute * CIVIL_MINUTE_MS);
            civil_format_date(day, date);
            REPORT(names, skipped ? DIAGNOSTIC_CLOCK_SKIPPED : DIAGNOSTIC_CLOCK_TWICE, span,
                   arena_copy_text(names->arena, text_of(clock)), text_of(zone_name(zone)),
                   arena_copy_text(names->arena, text_of(day)));
            told[skipped] = true;
        }
    }
}

/* ---------------------------------------------------------------- schedules */

struct schedule_place {
    struct names *names;
    const struct declaration *campaign;
    const struct line *line;
    uint32_t zone; /* Of the line, else of the campaign. */
};

/* Every day of the week and of the year, at the line's time. */
static struct bundle_schedule begin(const struct schedule_place *place)
{
    const struct schedule *words = &place->line->as.schedule;
    int64_t clock = words->clock != NULL && words->clock->kind == VALUE_CLOCK ? words->clock->amount : 0;
    return (struct bundle_schedule){
        .minutes = INT64_C(1) << (clock / CIVIL_MINUTE_MS % 60),
        .hours = UINT32_C(1) << (clock / CIVIL_HOUR_MS % 24),
        .days = SCHEDULE_ALL_DAYS,
        .months = SCHEDULE_ALL_MONTHS,
        .weekdays = SCHEDULE_ALL_WEEKDAYS,
        .missed_ms = CIVIL_DAY_MS,
        .text = builder_text(place->names->builder, names_words(place->names, place->line->span)),
        .zone = PROGRAM_NONE,
        .birthday = PROGRAM_NONE,
        .holidays = PROGRAM_NONE,
        .line = names_line(place->names, place->line->span),
    };
}

static bool read_cron(const struct schedule_place *place, struct bundle_schedule *schedule)
{
    struct names *names = place->names;
    const struct name *text = &place->line->as.schedule.cron;
    struct cron_fault fault;
    if (cron_read(schedule, text->text, &fault)) return true;
    if (fault.field == NULL) {
        REPORT(names, DIAGNOSTIC_CRON_FIELDS, text->span, text->text, names_number(names, fault.count));
    } else {
        REPORT(names, DIAGNOSTIC_CRON_FIELD, text->span, text_of(fault.field), fault.text, text_of(fault.what),
               text_of(fault.allowed));
    }
    return false;
}

static bool read_birthday(const struct schedule_place *place, struct bundle_schedule *schedule)
{
    struct names *names = place->names;
    const struct value *path = place->line->as.schedule.attribute;
    if (path == NULL || path->kind != VALUE_PATH) return false;
    if (!text_equal(path->owner.text, TEXT("player"))) {
        REPORT(names, DIAGNOSTIC_NOT_A_DAY, path->span, names_words(names, path->span),
               TEXT("no attribute of the player"));
        return false;
    }
    const struct member *attribute = names_need_attribute(names, &path->name);
    if (attribute == NULL) return false;
    if (attribute->type.kind != TYPE_DATE && attribute->type.kind != TYPE_MOMENT) {
        if ((uint32_t)attribute->type.kind != TYPE_BROKEN)
            REPORT(names, DIAGNOSTIC_NOT_A_DAY, path->span, names_words(names, path->span),
                   names_type_words(names, attribute->type));
        return false;
    }
    schedule->birthday = attribute->index;
    return true;
}

/* The line's days and times as masks; false after a report. */
static bool read_times(const struct schedule_place *place, struct bundle_schedule *schedule)
{
    const struct schedule *words = &place->line->as.schedule;
    switch (words->kind) {
    case SCHEDULE_WORD_DAY: return true;
    case SCHEDULE_WORD_WEEKDAYS:
        schedule->weekdays = words->weekday_mask & SCHEDULE_ALL_WEEKDAYS;
        return schedule->weekdays != 0;
    case SCHEDULE_WORD_BUSINESS_DAY:
        schedule->holidays = schedule_need_country(place->names, place->campaign, place->line->span);
        return schedule->holidays != PROGRAM_NONE;
    case SCHEDULE_WORD_MONTH_BUSINESS_DAY:
    case SCHEDULE_WORD_LAST_BUSINESS_DAY:
        schedule->holidays = schedule_need_country(place->names, place->campaign, place->line->span);
        schedule->days =
            words->kind == SCHEDULE_WORD_LAST_BUSINESS_DAY ? SCHEDULE_LAST_DAY : UINT32_C(1) << (words->month_day & 31);
        schedule->short_months = words->kind == SCHEDULE_WORD_MONTH_BUSINESS_DAY;
        return schedule->holidays != PROGRAM_NONE && words->month_day <= 23;
    case SCHEDULE_WORD_MONTH_DAY:
        schedule->days = UINT32_C(1) << (words->month_day & 31);
        schedule->short_months = 1;
        return words->month_day >= 1;
    case SCHEDULE_WORD_LAST_DAY: schedule->days = SCHEDULE_LAST_DAY; return true;
    case SCHEDULE_WORD_YEAR: return read_birthday(place, schedule);
    case SCHEDULE_WORD_CRON: return read_cron(place, schedule);
    }
    return false;
}

static bool read_schedule(struct schedule_place *place, struct bundle_schedule *schedule)
{
    struct names *names = place->names;
    const struct schedule *words = &place->line->as.schedule;
    *schedule = begin(place);
    if (words->zone.in_player_zone) {
        schedule->players_zone = 1;
    } else if (ast_is_present(&words->zone.name)) {
        int zone = names_need_zone(names, &words->zone.name);
        if (zone < 0) return false;
        place->zone = (uint32_t)zone;
        schedule->zone = builder_text(names->builder, text_of(zone_name((unsigned)zone)));
    }
    if (words->missed != NULL && words->missed->kind == VALUE_DURATION) {
        schedule->missed_ms = names_duration_ms(&words->missed->duration);
        if (schedule->missed_ms == 0) {
            names_report(names, DIAGNOSTIC_DURATION_ZERO, words->missed->span, NULL, 0);
            return false;
        }
    }
    if (!read_times(place, schedule)) return false;
    struct schedule_holidays none = {NULL, 0};
    if (schedule_next(schedule, none, place->zone, 0) == SCHEDULE_NEVER) {
        REPORT(names, DIAGNOSTIC_SCHEDULE_NEVER, place->line->span, names_words(names, place->line->span));
        return false;
    }
    if (!schedule->players_zone) schedule_warn_clock(names, place->line->span, schedule, none, place->zone);
    return true;
}

/* ---------------------------------------------------------------- order */

static bool is_of_time(enum type_kind kind)
{
    return kind == TYPE_DATE || kind == TYPE_MOMENT || kind == TYPE_TIME;
}

static bool orders(const struct reading *reading)
{
    switch (reading->type.kind) {
    case TYPE_BOOL:
    case TYPE_WHOLE:
    case TYPE_DECIMAL:
    case TYPE_PERCENT:
    case TYPE_MONEY:
    case TYPE_DURATION:
    case TYPE_MOMENT:
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_ENUM: return true;
    default: return false;
    }
}

/* `player.id from smallest` is what decides between equals anyway. */
static bool is_player_id(const struct order *order)
{
    const struct value *value = order->value;
    return value->kind == VALUE_PATH && text_equal(value->owner.text, TEXT("player")) &&
           text_equal(value->name.text, TEXT("id"));
}

static void emit_order(struct emitter *emitter, const struct order *order)
{
    struct names *names = emitter->names;
    struct label unknown = {0};
    emitter->facts = (struct facts){0};
    emitter->sight = SIGHT_JOURNEY;
    emitter->event = NULL;
    emitter->next_register = 0;
    emitter->unknown = &unknown;
    struct bundle_order record = {.code = emit_pc(emitter),
                                  .largest_first =
                                      order->direction == ORDER_WORD_LARGEST || order->direction == ORDER_WORD_LATEST};
    struct reading reading = value_read(emitter, order->value, NULL);
    bool fine = value_need_known(emitter, &reading);
    struct text words = names_words(names, order->value->span);
    if (fine && !orders(&reading)) {
        REPORT(names, DIAGNOSTIC_ORDER_VALUE, order->span, words, names_type_words(names, reading.type));
        fine = false;
    }
    bool of_time = order->direction == ORDER_WORD_EARLIEST || order->direction == ORDER_WORD_LATEST;
    if (fine && of_time != is_of_time(reading.type.kind)) {
        static const char *const other[] = {[ORDER_WORD_LARGEST] = "latest",
                                            [ORDER_WORD_SMALLEST] = "earliest",
                                            [ORDER_WORD_EARLIEST] = "smallest",
                                            [ORDER_WORD_LATEST] = "largest"};
        REPORT(names, DIAGNOSTIC_ORDER_DIRECTION, order->span, words, names_type_words(names, reading.type),
               text_of(other[order->direction]));
        fine = false;
    }
    if (fine) emit(emitter, OP_YIELD, value_into(emitter, &reading, ROUNDING_DOWN, PROGRAM_NONE), 0, 0, 0);
    emitter->unknown = NULL;
    if (unknown.used || !fine) {
        emit_bind(emitter, &unknown);
        emit(emitter, OP_REJECT, 0, 0, 0, 0);
    }
    builder_add_order(emitter->builder, &record);
}

static void emit_orders(struct emitter *emitter, const struct declaration *campaign, struct bundle_schedule *schedule)
{
    struct names *names = emitter->names;
    const struct line *line = ast_find_line(&campaign->lines, LINE_ORDER, NULL);
    schedule->order_first = builder_count(emitter->builder, SECTION_ORDER);
    if (line == NULL) return;
    for (const struct order *order = line->as.orders.first; order != NULL; order = order->next) {
        if (is_player_id(order)) {
            if (order->direction != ORDER_WORD_SMALLEST || order->next != NULL)
                names_report(names, DIAGNOSTIC_ORDER_BY_ID, order->span, NULL, 0);
            break;
        }
        if (schedule->order_count == 8) {
            REPORT(names, DIAGNOSTIC_TOO_MANY, order->span, names_number(names, line->as.orders.count),
                   TEXT("values that order players"), TEXT("8"));
            break;
        }
        emit_order(emitter, order);
        schedule->order_count++;
    }
}

/* ---------------------------------------------------------------- a campaign */

/* Holidays that end before the campaign does. */
static void warn_of_end(struct names *names, const struct declaration *campaign)
{
    const struct line *country = ast_find_line(&campaign->lines, LINE_BUSINESS_DAYS, NULL),
                      *runs = ast_find_line(&campaign->lines, LINE_RUNS, NULL);
    const struct thing *holidays =
        country == NULL ? NULL : names_thing(names->holidays, names->holidays_count, country->as.word.text);
    if (holidays == NULL || runs == NULL || runs->as.runs.through == NULL) return;
    const struct line *through = ast_find_line(&holidays->declaration->lines, LINE_THROUGH, NULL);
    if (through == NULL || through->as.value == NULL || runs->as.runs.through->amount <= through->as.value->amount)
        return;
    REPORT(names, DIAGNOSTIC_HOLIDAYS_END, runs->as.runs.through->span, names_words(names, runs->as.runs.through->span),
           holidays->name, names_words(names, through->as.value->span));
}

void schedule_emit(struct emitter *emitter, struct thing *campaign)
{
    struct names *names = emitter->names;
    campaign->schedule = PROGRAM_NONE;
    const struct declaration *declaration = campaign->declaration;
    struct schedule_place place = {.names = names,
                                   .campaign = declaration,
                                   .line = ast_find_line(&declaration->lines, LINE_START_SCHEDULE, NULL),
                                   .zone = names->zone};
    warn_of_end(names, declaration);
    const struct line *order = ast_find_line(&declaration->lines, LINE_ORDER, NULL);
    if (place.line == NULL) {
        if (order != NULL && !declaration->is_broken)
            names_report(names, DIAGNOSTIC_ORDER_WITHOUT_RUN, order->span, NULL, 0);
        return;
    }
    const struct line *timezone = ast_find_line(&declaration->lines, LINE_TIMEZONE, NULL);
    int zone = timezone == NULL ? -1 : zone_find(timezone->as.text.text); /* Reported where the campaign is compiled. */
    if (zone >= 0) place.zone = (uint32_t)zone;
    struct bundle_schedule schedule;
    if (!read_schedule(&place, &schedule)) return;
    emitter->zone = place.zone;
    emit_orders(emitter, declaration, &schedule);
    campaign->schedule = builder_add_schedule(emitter->builder, &schedule);
}
