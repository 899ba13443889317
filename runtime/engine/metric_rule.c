/* Keys and windows. See metric_rule.h. */
#include "runtime/engine/metric_rule.h"

#include "vm/changes.h"
#include "vm/zone.h"

static enum metric_shape shape_of(const struct bundle_metric *metric)
{
    bool rolling = metric->span == SPAN_ROLLING;
    switch ((enum aggregate)metric->aggregate) {
    case AGGREGATE_FORMULA:
    case AGGREGATE_PROPERTY:
    case AGGREGATE_COUNT: return METRIC_NOTHING;
    case AGGREGATE_COUNT_EVENTS:
    case AGGREGATE_SUM:
    case AGGREGATE_AVERAGE: return rolling && metric->grain == GRAIN_EVENT ? METRIC_EVENTS : METRIC_TOTALS;
    case AGGREGATE_DIFFERENT_DAYS:
    case AGGREGATE_DAYS_IN_A_ROW: return METRIC_DAYS;
    case AGGREGATE_DIFFERENT:
    case AGGREGATE_FAVOURITE: return METRIC_EVENTS;
    case AGGREGATE_DIFFERENT_EACH: return METRIC_VALUES;
    case AGGREGATE_SMALLEST:
    case AGGREGATE_LARGEST:
    case AGGREGATE_FIRST:
    case AGGREGATE_LAST:
    case AGGREGATE_FIRST_TIME:
    case AGGREGATE_LAST_TIME: return rolling || metric->kept > 0 ? METRIC_EVENTS : METRIC_BEST;
    }
    return METRIC_NOTHING;
}

static enum metric_key rolling_key(uint32_t grain)
{
    switch ((enum grain)grain) {
    case GRAIN_EVENT: return METRIC_KEY_AT;
    case GRAIN_MINUTE: return METRIC_KEY_MINUTE;
    case GRAIN_HOUR: return METRIC_KEY_HOUR;
    default: return METRIC_KEY_DATE;
    }
}

static enum metric_key key_of(const struct bundle_metric *metric, enum metric_shape shape)
{
    if (shape == METRIC_DAYS) return METRIC_KEY_DATE;
    if (shape == METRIC_VALUES) return METRIC_KEY_VALUE;
    switch ((enum metric_span)metric->span) {
    case SPAN_EVER:
    case SPAN_ENTRY:
    case SPAN_COUNT: return shape == METRIC_EVENTS ? METRIC_KEY_AT : METRIC_KEY_ALL;
    case SPAN_ROLLING: return rolling_key(metric->grain);
    case SPAN_THIS:
    case SPAN_PREVIOUS:
    case SPAN_BEFORE: break;
    case SPAN_INSTANCE: return METRIC_KEY_INSTANCE;
    }
    return METRIC_KEY_PERIOD;
}

struct metric_rule metric_rule_make(const struct bundle_metric *metric, uint32_t zone)
{
    enum metric_shape shape = shape_of(metric);
    struct metric_rule rule = {.metric = metric,
                               .shape = (uint8_t)shape,
                               .key = (uint8_t)key_of(metric, shape),
                               .texts = metric->size > 0,
                               .kept = metric->kept,
                               .zone = zone};
    if (rule.kept == 0) rule.kept = shape == METRIC_DAYS ? METRIC_DAYS_MOST : 1;
    return rule;
}

/* ---------------------------------------------------------------- periods */

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t quotient = a / b;
    return a % b < 0 ? quotient - 1 : quotient;
}

/* The first date of the day, week, month or year that holds `date`. */
static int64_t period_start(uint32_t grain, int64_t date)
{
    struct civil_date parts;
    switch ((enum grain)grain) {
    case GRAIN_WEEK: return date - (int64_t)civil_weekday(date);
    case GRAIN_MONTH: parts = civil_date_parts(date); return date - (int64_t)(parts.day - 1);
    case GRAIN_YEAR: parts = civil_date_parts(date); return civil_date_of(parts.year, 1, 1);
    default: return date;
    }
}

static int64_t period_next(uint32_t grain, int64_t start)
{
    switch ((enum grain)grain) {
    case GRAIN_WEEK: return start + 7;
    case GRAIN_MONTH: return civil_add_months(start, 1);
    case GRAIN_YEAR: return civil_add_months(start, 12);
    default: return start + 1;
    }
}

/* ---------------------------------------------------------------- rolling windows */

/* The instant after which the window begins. */
static int64_t window_start(const struct metric_rule *rule, uint32_t zone, int64_t now)
{
    int64_t window = rule->metric->window;
    return rule->metric->rolling_kind == WINDOW_CALENDAR ? changes_window_begin(zone, now, window) : now - window;
}

/* The smallest start of a window that no longer holds the key. */
static int64_t start_without(const struct metric_rule *rule, uint32_t zone, int64_t key)
{
    switch ((enum metric_key)rule->key) {
    case METRIC_KEY_MINUTE: return (key + 1) * CIVIL_MINUTE_MS;
    case METRIC_KEY_HOUR: return (key + 1) * CIVIL_HOUR_MS;
    case METRIC_KEY_DATE: return zone_date_start(zone, key + 1);
    default: return key;
    }
}

int64_t metric_rule_leaves(const struct metric_rule *rule, uint32_t zone, int64_t now, int64_t key)
{
    int64_t wanted = start_without(rule, zone, key), window = rule->metric->window;
    if (rule->metric->rolling_kind != WINDOW_CALENDAR) {
        int64_t leaves = wanted + window;
        return leaves > CIVIL_INSTANT_MAX ? INT64_MAX : leaves;
    }
    int64_t months = calendar_months(window), days = calendar_days(window), ms = calendar_ms(window);
    int64_t early = wanted + (months * 28 + days - 3) * CIVIL_DAY_MS + ms,
            late = wanted + (months * 31 + days + 3) * CIVIL_DAY_MS + ms;
    if (late <= now) late = now + 1;
    while (late <= CIVIL_INSTANT_MAX && window_start(rule, zone, late) < wanted) late += CIVIL_DAY_MS;
    if (late > CIVIL_INSTANT_MAX) return INT64_MAX;
    if (early <= now || window_start(rule, zone, early) >= wanted) early = now;
    while (late - early > 1) {
        int64_t middle = early + (late - early) / 2;
        if (window_start(rule, zone, middle) < wanted) {
            early = middle;
        } else {
            late = middle;
        }
    }
    return late;
}

/* ---------------------------------------------------------------- keys and ranges */

static int64_t key_of_instant(const struct metric_rule *rule, uint32_t zone, int64_t at)
{
    switch ((enum metric_key)rule->key) {
    case METRIC_KEY_ALL:
    case METRIC_KEY_VALUE: return 0;
    case METRIC_KEY_AT: return at;
    case METRIC_KEY_MINUTE: return floor_div(at, CIVIL_MINUTE_MS);
    case METRIC_KEY_HOUR: return floor_div(at, CIVIL_HOUR_MS);
    case METRIC_KEY_DATE: return zone_date(zone, at);
    case METRIC_KEY_INSTANCE: {
        struct instance instance;
        return instance_holds(rule->instance, at, &instance) ? instance.start : INSTANCE_NOWHERE;
    }
    case METRIC_KEY_PERIOD: break;
    }
    return period_start(rule->metric->grain, zone_date(zone, at));
}

int64_t metric_rule_key(const struct metric_rule *rule, uint32_t zone, int64_t at)
{
    return key_of_instant(rule, zone, at);
}

struct metric_range metric_rule_range(const struct metric_rule *rule, uint32_t zone, int64_t now)
{
    uint32_t span = rule->metric->span, grain = rule->metric->grain;
    if (span == SPAN_EVER || span == SPAN_ENTRY) return (struct metric_range){INT64_MIN, INT64_MAX};
    if (span == SPAN_ROLLING) {
        int64_t start = window_start(rule, zone, now);
        return (struct metric_range){rule->key == METRIC_KEY_AT ? start + 1 : key_of_instant(rule, zone, start),
                                     INT64_MAX};
    }
    if (span == SPAN_INSTANCE) {
        int64_t pinned = rule->instance->pinned;
        struct instance instance;
        if (pinned != INSTANCE_NOWHERE) return (struct metric_range){pinned, pinned};
        if (!instance_current(rule->instance, now, &instance)) return (struct metric_range){INT64_MAX, INT64_MIN};
        return (struct metric_range){instance.start, instance.start};
    }
    int64_t first = period_start(grain, zone_date(zone, now));
    if (span == SPAN_BEFORE) return (struct metric_range){INT64_MIN, first - 1};
    if (span == SPAN_THIS) return (struct metric_range){first, period_next(grain, first) - 1};
    return (struct metric_range){period_start(grain, first - 1), first - 1};
}

int64_t metric_rule_turns(const struct metric_rule *rule, uint32_t zone, int64_t now)
{
    uint32_t grain = rule->metric->grain;
    if (rule->metric->span == SPAN_INSTANCE)
        return rule->instance->pinned != INSTANCE_NOWHERE ? INT64_MAX : instance_changes(rule->instance, now);
    int64_t next = zone_date_start(zone, period_next(grain, period_start(grain, zone_date(zone, now))));
    return next > now ? next : now + 1;
}

/* Local dates differ from those of UTC by at most one; a window's start may lie in another offset still. */
#define DATES_APART 2

int64_t metric_rule_oldest(const struct metric_rule *rule, int64_t now)
{
    uint32_t span = rule->metric->span, grain = rule->metric->grain;
    if (span == SPAN_EVER || span == SPAN_ENTRY || span == SPAN_COUNT) return INT64_MIN;
    if (span == SPAN_ROLLING) {
        int64_t window = rule->metric->window, start = now - window;
        if (rule->metric->rolling_kind == WINDOW_CALENDAR) {
            int64_t days = (int64_t)calendar_months(window) * 31 + calendar_days(window) + DATES_APART;
            start = now - days * CIVIL_DAY_MS - calendar_ms(window);
        }
        if (rule->key == METRIC_KEY_DATE) return floor_div(start, CIVIL_DAY_MS) - DATES_APART;
        return rule->key == METRIC_KEY_AT ? start + 1 : key_of_instant(rule, 0, start);
    }
    if (span == SPAN_INSTANCE) return instance_oldest(rule->instance, now);
    int64_t first = period_start(grain, floor_div(now, CIVIL_DAY_MS) - DATES_APART);
    return span == SPAN_PREVIOUS ? period_start(grain, first - 1) : first;
}
