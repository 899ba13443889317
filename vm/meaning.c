/* What records mean together. See meaning.h. */
#include "vm/meaning.h"

#include "vm/civil.h"
#include "vm/convert.h"
#include "vm/decimal.h"
#include "vm/layout.h"
#include "vm/limits.h"
#include "vm/pool.h"
#include "vm/meaning_tournament.h"
#include "vm/schedule.h"
#include "vm/words.h"

#define REFUSE(name, index, ...) layout_refuse(error, #name, index, __VA_ARGS__)

void meaning_range(const struct program *program, uint32_t kind, uint32_t of, int64_t *low, int64_t *high)
{
    switch ((enum type_kind)kind) {
    case TYPE_WHOLE:
    case TYPE_DECIMAL:
    case TYPE_PERCENT:
    case TYPE_MONEY:
    case TYPE_DURATION: return;
    default: break;
    }
    if (*low < *high) return;
    switch ((enum type_kind)kind) {
    case TYPE_BOOL: *low = 0, *high = 1; return;
    case TYPE_ENUM:
        *low = 0,
        *high = program->enumeration[of].wording_count == 0 ? 0 : (int64_t)program->enumeration[of].wording_count - 1;
        return;
    case TYPE_CURRENCY:
        *low = 0, *high = program->currency_count == 0 ? 0 : (int64_t)program->currency_count - 1;
        return;
    case TYPE_COUNTRY: *low = 0, *high = 675; return;
    case TYPE_TIME: *low = 0, *high = CIVIL_DAY_MS - 1; return;
    case TYPE_DATE: *low = CIVIL_DATE_MIN, *high = CIVIL_DATE_MAX; return;
    case TYPE_MOMENT: *low = CIVIL_INSTANT_MIN, *high = CIVIL_INSTANT_MAX; return;
    case TYPE_ZONE: *low = 0, *high = UINT16_MAX; return;
    default: *low = INT64_MIN, *high = INT64_MAX; return;
    }
}

/* ---------------------------------------------------------------- durations */

/* Sums with any instant of the calendar stay numbers. */
static bool is_span(int64_t ms)
{
    return ms >= 0 && ms <= CIVIL_INSTANT_MAX - CIVIL_INSTANT_MIN;
}

static bool is_calendar(int64_t packed)
{
    return calendar_months(packed) >= 0 && calendar_days(packed) >= 0 && calendar_ms(packed) >= 0;
}

bool meaning_is_window(uint32_t kind, int64_t window)
{
    if (kind == WINDOW_EXACT) return is_span(window);
    return kind != WINDOW_CALENDAR || is_calendar(window);
}

/* ---------------------------------------------------------------- the schema */

static const char *preset_fault(const struct program *program, const struct bundle_attribute *attribute)
{
    if (attribute->optional) return NULL;
    int64_t low = attribute->low, high = attribute->high;
    switch ((enum type_kind)attribute->kind) {
    case TYPE_TEXT:
        return program_text(program, attribute->preset_text).size <= attribute->size
                   ? NULL
                   : "its default is longer than the attribute";
    case TYPE_ZONE: return attribute->preset_text != PROGRAM_NONE ? NULL : "its default names no time zone";
    case TYPE_SET: {
        uint32_t words = program->enumeration[attribute->of].wording_count;
        return words >= 64 || ((uint64_t)attribute->preset >> words) == 0
                   ? NULL
                   : "its default holds words that the list has not";
    }
    case TYPE_CALENDAR: return is_calendar(attribute->preset) ? NULL : "its default is no duration";
    case TYPE_ENUM:
        if (program->enumeration[attribute->of].wording_count == 0) return "it is one of a list without words";
        break;
    default: break;
    }
    meaning_range(program, attribute->kind, attribute->of, &low, &high);
    return attribute->preset >= low && attribute->preset <= high ? NULL : "its default lies outside its range";
}

/* A field of this very event, of this type where one is asked for. */
static const char *own_field_fault(const struct program *program, const struct bundle_event *event, uint32_t field,
                                   uint32_t kind)
{
    if (field == PROGRAM_NONE) return NULL;
    if (field < event->field_first || field - event->field_first >= event->field_count)
        return "names a field of another event";
    if (program->field[field].kind == kind) return NULL;
    return kind == TYPE_TEXT ? "is no text" : "is no moment";
}

static enum status check_events(const struct program *program, struct error *error)
{
    for (uint32_t i = 0; i < program->event_count; i++) {
        const struct bundle_event *event = &program->event[i];
        if (event->sets != PROGRAM_NONE && program->attribute[event->sets].kind != TYPE_BOOL) {
            return REFUSE(event, i, "what it sets is no yes or no");
        }
        const char *fault = own_field_fault(program, event, event->until, TYPE_MOMENT);
        if (fault != NULL) return REFUSE(event, i, "field until %s", fault);
        fault = own_field_fault(program, event, event->happens_at, TYPE_MOMENT);
        if (fault != NULL) return REFUSE(event, i, "field happens_at %s", fault);
        fault = own_field_fault(program, event, event->reverses_by, TYPE_TEXT);
        if (fault != NULL) return REFUSE(event, i, "field reverses_by %s", fault);
        fault = own_field_fault(program, event, event->reverses_at, TYPE_MOMENT);
        if (fault != NULL) return REFUSE(event, i, "field reverses_at %s", fault);
        for (uint32_t j = 0; j < event->field_count; j++) {
            const struct bundle_field *field = &program->field[event->field_first + j];
            if (field->kind == TYPE_MONEY && field->of != PROGRAM_NONE) {
                return REFUSE(field, event->field_first + j,
                              "money of an event has its currency in the slot behind it, not in the field");
            }
        }
    }
    return OK;
}

/* "15.1.0" as 150100; what is none is 0. Folding never changes for characters that a version knows, so an older one may run. */
static uint32_t unicode_of(struct text version)
{
    uint32_t part[3] = {0}, at = 0;
    for (uint32_t i = 0; i < version.size && at < 3; i++) {
        char digit = version.at[i];
        if (digit == '.') {
            at++;
        } else if (digit >= '0' && digit <= '9' && part[at] < 1000) {
            part[at] = part[at] * 10 + (uint32_t)(digit - '0');
        }
    }
    return (part[0] * 100 + part[1]) * 100 + part[2];
}

static enum status check_schema(const struct program *program, struct error *error)
{
    const struct bundle_workspace *workspace = program->workspace;
    if (!is_span(workspace->lateness_ms) || !is_span(workspace->retention_ms)) {
        return REFUSE(workspace, 0, "its lateness or retention is no duration");
    }
    if (unicode_of(program_text(program, workspace->unicode_version)) > unicode_of(text_of(words_unicode_version()))) {
        return REFUSE(workspace, 0, "its words were folded by Unicode %.*s, and this program has the tables of %s",
                      TEXT_ARGS(program_text(program, workspace->unicode_version)), words_unicode_version());
    }
    if (workspace->event_slot_count > LAYOUT_EVENT_SLOTS_MAX) {
        return REFUSE(workspace, 0, "an event has at most %u slots, not %u", LAYOUT_EVENT_SLOTS_MAX,
                      workspace->event_slot_count);
    }
    for (uint32_t i = 0; i < program->currency_count; i++) {
        int digits = decimal_currency_digits(program_text(program, program->currency[i].code));
        if (digits == DECIMAL_CURRENCY_NONE) return REFUSE(currency, i, "its code is none of ISO 4217");
        if ((uint32_t)digits != program->currency[i].decimals)
            return REFUSE(currency, i, "it has %d decimals, not %u", digits, program->currency[i].decimals);
    }
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        const char *fault = preset_fault(program, &program->attribute[i]);
        if (fault != NULL) return REFUSE(attribute, i, "%s", fault);
    }
    return check_events(program, error);
}

/* ---------------------------------------------------------------- campaigns, rules, states */

static bool is_day_or(int64_t date, int64_t open)
{
    return date == open || (date >= CIVIL_DATE_MIN && date <= CIVIL_DATE_MAX);
}

/* What a rule must have for its kind. */
static const char *rule_fault(const struct bundle_rule *rule)
{
    bool named = rule->kind == RULE_GROUP || rule->kind == RULE_MEMBER || rule->kind == RULE_HOLD_OUT;
    if (named != (rule->object != PROGRAM_NONE)) return "a group and a share held out have a name, nothing else has";
    if ((rule->kind == RULE_MEMBER && rule->campaign == PROGRAM_NONE) ||
        ((rule->kind == RULE_GROUP || rule->kind == RULE_HOLD_OUT) && rule->campaign != PROGRAM_NONE))
        return "its group has no campaign, or it is over one";
    if (rule->kind == RULE_HOLD_OUT && (rule->amount < 0 || rule->amount > 1000000))
        return "it holds out less than nobody or more than everybody";
    if ((rule->kind >= RULE_WAGERING) != (rule->country != PROGRAM_NONE))
        return "a line of `rules for` has a country, nothing else has";
    if (rule->kind < RULE_WAGERING) return NULL;
    if (rule->country > 675 || rule->campaign != PROGRAM_NONE)
        return "its country does not exist, or it is of a campaign";
    if (!is_day_or(rule->from_day, INT64_MIN) || !is_day_or(rule->through_day, INT64_MAX))
        return "its first or last day lies outside the calendar";
    if (rule->amount < 0) return "it allows less than nothing";
    if (rule->kind == RULE_PLAYERS && rule->filter == PROGRAM_NONE) return "it names no players";
    if (rule->kind == RULE_EXPIRY && rule->window_kind != WINDOW_EXACT && rule->window_kind != WINDOW_CALENDAR)
        return "it gives no time";
    return NULL;
}

static enum status check_spans(const struct program *program, struct error *error)
{
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        const struct bundle_campaign *campaign = &program->campaign[i];
        if (!is_span(campaign->late_ms)) return REFUSE(campaign, i, "its grace is no duration");
        if (!meaning_is_window(campaign->enter_window_kind, campaign->enter_window))
            return REFUSE(campaign, i, "the window of its entries is no duration");
        if (!meaning_is_window(campaign->goal_kind, campaign->goal_within))
            return REFUSE(campaign, i, "the time of its goal is no duration");
        if ((campaign->start_kind == START_EVENT) != (campaign->start_event != PROGRAM_NONE) ||
            (campaign->start_kind == START_SCHEDULE) != (campaign->start_schedule != PROGRAM_NONE) ||
            (campaign->start_kind == START_ENTERING || campaign->start_kind == START_LEAVING) !=
                (campaign->start_segment != PROGRAM_NONE))
            return REFUSE(campaign, i, "what starts it is not of its kind");
        if (!is_day_or(campaign->runs_from, INT64_MIN) || !is_day_or(campaign->runs_through, INT64_MAX)) {
            return REFUSE(campaign, i, "its first or last day lies outside the calendar");
        }
    }
    for (uint32_t i = 0; i < program->rule_count; i++) {
        const struct bundle_rule *rule = &program->rule[i];
        if (rule->window < 0 || !meaning_is_window(rule->window_kind, rule->window))
            return REFUSE(rule, i, "its window is no duration");
        const char *fault = rule_fault(rule);
        if (fault != NULL) return REFUSE(rule, i, "%s", fault);
        if (rule->kind == RULE_QUIET && rule->from_ms >= CIVIL_DAY_MS)
            return REFUSE(rule, i, "its hours begin outside the day");
    }
    for (uint32_t i = 0; i < program->state_count; i++) {
        const struct bundle_state *state = &program->state[i];
        if ((state->deadline == DEADLINE_DURATION || state->deadline == DEADLINE_ENTRY_DURATION) &&
            (state->duration == 0 || !is_span(state->duration))) {
            return REFUSE(state, i, "it waits for no time at all, or for ever");
        }
        if ((state->deadline == DEADLINE_CALENDAR || state->deadline == DEADLINE_ENTRY_CALENDAR) &&
            (state->duration == 0 || !is_calendar(state->duration))) {
            return REFUSE(state, i, "it waits for no time at all, or backwards");
        }
    }
    for (uint32_t i = 0; i < program->limit_count; i++) {
        if (program->limit[i].amount < 0) return REFUSE(limit, i, "its amount is below zero");
    }
    for (uint32_t i = 0; i < program->offer_count; i++) {
        if (!meaning_is_window(program->offer[i].expires_kind, program->offer[i].expires))
            return REFUSE(offer, i, "it expires after no duration");
        if (program->offer[i].wagering < 0) return REFUSE(offer, i, "its wagering is below zero");
    }
    return OK;
}

/* ---------------------------------------------------------------- schedules and holidays */

static const char *schedule_fault(const struct program *program, const struct bundle_schedule *schedule)
{
    if (schedule->minutes <= 0 || schedule->minutes > SCHEDULE_ALL_MINUTES) return "its minutes are none of an hour";
    if (schedule->hours == 0 || schedule->hours > SCHEDULE_ALL_HOURS) return "its hours are none of a day";
    if (schedule->months == 0 || (schedule->months & ~SCHEDULE_ALL_MONTHS) != 0) return "its months are none of a year";
    if (schedule->weekdays > SCHEDULE_ALL_WEEKDAYS) return "its weekdays are none of a week";
    if (schedule->days == 0 || schedule->weekdays == 0) return "it has no day";
    if (!is_span(schedule->missed_ms)) return "how long it makes up for a run is no duration";
    if (schedule->players_zone && schedule->zone != PROGRAM_NONE) return "it has two zones";
    if (schedule->order_count > 8) return "a run is ordered by at most 8 values";
    if (schedule->birthday == PROGRAM_NONE) return NULL;
    uint32_t kind = program->attribute[schedule->birthday].kind;
    return kind == TYPE_DATE || kind == TYPE_MOMENT ? NULL : "the attribute of its day is no date";
}

static enum status check_schedules(const struct program *program, struct error *error)
{
    for (uint32_t i = 0; i < program->schedule_count; i++) {
        const char *fault = schedule_fault(program, &program->schedule[i]);
        if (fault != NULL) return REFUSE(schedule, i, "%s", fault);
    }
    for (uint32_t i = 0; i < program->holidays_count; i++) {
        const struct bundle_holidays *list = &program->holidays[i];
        if (list->through < CIVIL_DATE_MIN || list->through > CIVIL_DATE_MAX)
            return REFUSE(holidays, i, "its last day lies outside the calendar");
        int64_t before = CIVIL_DATE_MIN - 1;
        for (uint32_t j = list->holiday_first; j < list->holiday_first + list->holiday_count; j++) {
            if (program->holiday[j].date <= before || program->holiday[j].date > list->through)
                return REFUSE(holiday, j, "it does not lie between the one before it and the last day of its list");
            before = program->holiday[j].date;
        }
    }
    for (uint32_t i = 0; i < program->state_count; i++) {
        const struct bundle_state *state = &program->state[i];
        bool business = state->deadline == DEADLINE_BUSINESS_DAYS || state->deadline == DEADLINE_BUSINESS_CLOCK;
        if (business != (state->holidays != PROGRAM_NONE))
            return REFUSE(state, i, "a wait for business days has a list of holidays, and no other wait has");
        if (state->deadline == DEADLINE_BUSINESS_DAYS && (state->duration < 1 || state->duration > 1000))
            return REFUSE(state, i, "it waits for no time at all, or for too long");
    }
    return OK;
}

/* ---------------------------------------------------------------- rates */

/* Rates are positive, each pair of currencies has one, and every factor is what the rates make of it. */
static enum status check_rates(const struct program *program, struct error *error)
{
    if (program->rates_count > LIMIT_RATE_TABLES)
        return REFUSE(rates, LIMIT_RATE_TABLES, "there are at most 32 tables");
    for (uint32_t i = 0; i < program->rate_count; i++) {
        if (program->rate[i].number <= 0 || program->rate[i].number > CONVERT_RATE_MAX)
            return REFUSE(rate, i, "its number is not above 0 and at most a thousand millions");
        if (program->rate[i].from == program->rate[i].to) return REFUSE(rate, i, "it leads from a currency to itself");
    }
    for (uint32_t i = 0; i < program->rates_count; i++) {
        const struct bundle_rates *table = &program->rates[i];
        for (uint32_t j = 0; j < table->rate_count; j++) {
            const struct bundle_rate *rate = &program->rate[table->rate_first + j];
            for (uint32_t k = 0; k < j; k++) {
                const struct bundle_rate *other = &program->rate[table->rate_first + k];
                if ((rate->from == other->from && rate->to == other->to) ||
                    (rate->from == other->to && rate->to == other->from))
                    return REFUSE(rate, table->rate_first + j, "its pair of currencies has a rate before it");
            }
        }
    }
    for (uint32_t i = 0; i < program->conversion_count; i++) {
        const struct bundle_conversion *conversion = &program->conversion[i];
        if (conversion->factor_count != program->currency_count)
            return REFUSE(conversion, i, "it has not one factor for each currency");
        if (conversion->num <= 0 || conversion->den <= 0) return REFUSE(conversion, i, "it scales by nothing");
        for (uint32_t j = 0; j < conversion->factor_count; j++) {
            struct bundle_factor right = convert_factor_of(program, conversion, j);
            const struct bundle_factor *factor = &program->factor[conversion->factor_first + j];
            if (factor->num != right.num || factor->den != right.den)
                return REFUSE(factor, conversion->factor_first + j, "it is not what its table's rates make");
        }
    }
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        if (program->campaign[i].key_count > LIMIT_ENTRY_KEYS)
            return REFUSE(campaign, i, "its entries have more than 8 keys");
    }
    for (uint32_t i = 0; i < program->key_count; i++) {
        if (program->attribute[program->key[i].attribute].kind != TYPE_TEXT)
            return REFUSE(key, i, "the attribute is no text");
    }
    for (uint32_t i = 0; i < program->effect_count; i++) {
        if ((uint64_t)program->effect[i].rates >> program->rates_count != 0)
            return REFUSE(effect, i, "it names a rate table that does not exist");
    }
    return OK;
}

/* ---------------------------------------------------------------- metrics */

/* What its aggregate makes of it: NULL when its type fits, and it may have no value where it can have none. */
static const char *aggregate_fault(const struct bundle_metric *metric)
{
    bool preset = !metric->optional;
    if (metric->size > LIMIT_STRING_BYTES) return "its texts are longer than 4,096 bytes";
    bool compares = metric->aggregate == AGGREGATE_DIFFERENT || metric->aggregate == AGGREGATE_DIFFERENT_EACH;
    if ((metric->kind == TYPE_TEXT) != (metric->size > 0) && !compares) return "only texts have a size";
    switch ((enum aggregate)metric->aggregate) {
    case AGGREGATE_COUNT_EVENTS:
    case AGGREGATE_DIFFERENT:
    case AGGREGATE_DIFFERENT_DAYS:
    case AGGREGATE_DAYS_IN_A_ROW: return metric->kind == TYPE_WHOLE ? NULL : "it counts, and is no whole number";
    case AGGREGATE_DIFFERENT_EACH:
        if (metric->kind != TYPE_WHOLE) return "it counts, and is no whole number";
        if (metric->span != SPAN_ENTRY && metric->span != SPAN_EVER)
            return "values that come so often each are counted since the entry, or ever";
        return metric->window >= 1 && metric->kept >= 1 ? NULL : "it does not say how often, or how many are kept";
    case AGGREGATE_FIRST_TIME:
    case AGGREGATE_LAST_TIME: return metric->kind == TYPE_MOMENT ? NULL : "it is a time, and no moment";
    case AGGREGATE_SUM:
    case AGGREGATE_AVERAGE:
    case AGGREGATE_SMALLEST:
    case AGGREGATE_LARGEST:
        if (metric->kind == TYPE_TEXT || metric->kind == TYPE_SET || metric->kind == TYPE_CALENDAR ||
            metric->kind == TYPE_ZONE)
            return "it is of a type that has no order";
        break;
    case AGGREGATE_FIRST:
    case AGGREGATE_LAST:
    case AGGREGATE_FAVOURITE:
    case AGGREGATE_FORMULA:
    case AGGREGATE_PROPERTY:
    case AGGREGATE_COUNT: break;
    }
    if (!preset || metric->aggregate == AGGREGATE_SUM) return NULL;
    if (metric->kind == TYPE_TEXT) return NULL;
    return metric->preset >= metric->low && metric->preset <= metric->high ? NULL
                                                                           : "its `otherwise` lies outside its range";
}

static const char *span_fault(const struct bundle_metric *metric)
{
    switch ((enum metric_span)metric->span) {
    case SPAN_ROLLING:
        if (metric->rolling_kind != WINDOW_EXACT && metric->rolling_kind != WINDOW_CALENDAR)
            return "its window is neither exact nor of the calendar";
        if (metric->window == 0 || !meaning_is_window(metric->rolling_kind, metric->window))
            return "its window is no duration";
        if (metric->grain > GRAIN_DAY) return "a rolling window is cut by the event, minute, hour or day";
        return metric->grain == GRAIN_EVENT && metric->kept == 0 ? "a window exact to the event needs kept events"
                                                                 : NULL;
    case SPAN_THIS:
    case SPAN_PREVIOUS:
    case SPAN_BEFORE: return metric->grain >= GRAIN_DAY ? NULL : "its window is no day, week, month or year";
    case SPAN_ENTRY: return metric->campaign != PROGRAM_NONE ? NULL : "it counts from the entry of no campaign";
    case SPAN_EVER:
    case SPAN_INSTANCE:
    case SPAN_COUNT: break;
    }
    return NULL;
}

/* What the engine knows without code, and always. */
static const char *property_fault(const struct bundle_metric *metric)
{
    static const uint32_t kinds[PROPERTY_COUNT] = {
#define PROPERTY(number, NAME, word, OBJECT, TYPE, words, sentence) \
    [number] = TYPE_##TYPE + 1, /* 0: no such property */
#include "spec/properties.def"
    };
    if (kinds[metric->property] == 0 || metric->object == PROGRAM_NONE) return "it is no property, or of nothing";
    if (metric->kind + 1 != kinds[metric->property]) return "it has another type than its property";
    if (metric->event != PROGRAM_NONE || metric->reversal != PROGRAM_NONE || metric->code != PROGRAM_NONE ||
        metric->reversal_code != PROGRAM_NONE || metric->campaign != PROGRAM_NONE)
        return "a property is kept from no event";
    if (metric->optional != 0 || metric->kept != 0 || metric->size != 0 || metric->span != SPAN_EVER)
        return "a property always has a value, and no window";
    return metric->low <= 0 && metric->high >= 0 ? NULL : "a property can be 0";
}

static enum status check_metrics(const struct program *program, struct error *error)
{
    if (program->metric_count > LIMIT_METRICS) return REFUSE(metric, LIMIT_METRICS, "there are more than 2,048");
    for (uint32_t i = 0; i < program->metric_count; i++) {
        const struct bundle_metric *metric = &program->metric[i];
        bool formula = metric->aggregate == AGGREGATE_FORMULA;
        if (metric->aggregate == AGGREGATE_PROPERTY) {
            const char *property = property_fault(metric);
            if (property != NULL) return REFUSE(metric, i, "%s", property);
            continue;
        }
        if (metric->property != PROPERTY_NONE) return REFUSE(metric, i, "it is no property, and names one");
        const char *fault = aggregate_fault(metric);
        if (fault == NULL && !formula) fault = span_fault(metric);
        if (fault != NULL) return REFUSE(metric, i, "%s", fault);
        if (metric->code == PROGRAM_NONE || formula != (metric->event == PROGRAM_NONE))
            return REFUSE(metric, i, "it has no code, or no event");
        if ((metric->reversal == PROGRAM_NONE) != (metric->reversal_code == PROGRAM_NONE))
            return REFUSE(metric, i, "what takes its events back has no code, or the code no event");
        if (metric->reversal != PROGRAM_NONE && (formula || program->event[metric->reversal].reverses != metric->event))
            return REFUSE(metric, i, "its reversal takes other events back");
        if (!formula && metric->campaign != PROGRAM_NONE && metric->span != SPAN_ENTRY)
            return REFUSE(metric, i, "it belongs to a campaign, and not to its journeys");
        if (program_text(program, metric->preset_text).size > metric->size && metric->kind == TYPE_TEXT)
            return REFUSE(metric, i, "its `otherwise` is longer than its text");
    }
    return OK;
}

/* ---------------------------------------------------------------- missions */

/* A task counts with the journeys of its mission, and counts up. */
static const char *task_fault(const struct program *program, const struct bundle_mission *mission,
                              const struct bundle_task *task)
{
    const struct bundle_metric *metric = &program->metric[task->metric];
    if (metric->span != SPAN_ENTRY || metric->campaign != mission->campaign)
        return "it counts what is not kept with the mission's journeys";
    if (task->need < 1 || metric->optional != 0) return "it needs nothing, or what may have no value";
    switch ((enum aggregate)metric->aggregate) {
    case AGGREGATE_COUNT_EVENTS:
    case AGGREGATE_DIFFERENT:
    case AGGREGATE_DIFFERENT_DAYS:
    case AGGREGATE_DAYS_IN_A_ROW:
    case AGGREGATE_DIFFERENT_EACH: break;
    case AGGREGATE_SUM: return task->in_parts != 0 ? "the parts of a sum do not count" : NULL;
    default: return "it is none of count, sum, days and different values";
    }
    return task->in_parts != 0 && task->need > LIMIT_TASK_PARTS ? "it has more parts than may count" : NULL;
}

static enum status check_missions(const struct program *program, struct error *error)
{
    for (uint32_t i = 0; i < program->mission_count; i++) {
        const struct bundle_mission *mission = &program->mission[i];
        if (i > 0 && mission->campaign <= mission[-1].campaign)
            return REFUSE(mission, i, "it does not come behind the mission of an earlier campaign");
        if (mission->task_count < 1 || mission->task_count > LIMIT_TASKS_PER_MISSION)
            return REFUSE(mission, i, "a mission has 1 to 16 tasks");
        if (program->campaign[mission->campaign].at_once > 1)
            return REFUSE(mission, i, "several of its runs go on at once");
        if (mission->period == LIMIT_RUN || (mission->most == 0 && mission->period != LIMIT_EVER))
            return REFUSE(mission, i, "its period is none of the calendar, or limits nothing");
        for (uint32_t j = mission->task_first; j < mission->task_first + mission->task_count; j++) {
            const char *fault = task_fault(program, mission, &program->task[j]);
            if (fault != NULL) return REFUSE(task, j, "%s", fault);
        }
    }
    if (program->badge_count > LIMIT_BADGES) return REFUSE(badge, LIMIT_BADGES, "there are more than 256");
    return OK;
}

/* ---------------------------------------------------------------- goals and measures */

static bool is_time(uint32_t kind, int64_t length)
{
    if (kind == WINDOW_NONE) return length == 0;
    return (kind == WINDOW_EXACT || kind == WINDOW_CALENDAR) && length > 0 && meaning_is_window(kind, length);
}

static const char *measure_fault(const struct program *program, const struct bundle_measure *measure)
{
    if (!is_time(measure->within_kind, measure->within) || !is_time(measure->after_kind, measure->after))
        return "its window is no duration";
    if ((measure->reversal == PROGRAM_NONE) != (measure->reversal_code == PROGRAM_NONE))
        return "what takes its events back has no code, or the code no event";
    if (measure->reversal != PROGRAM_NONE && program->event[measure->reversal].reverses != measure->event)
        return "its reversal takes other events back";
    switch (measure->kind) {
    case TYPE_WHOLE:
    case TYPE_DECIMAL:
    case TYPE_PERCENT:
    case TYPE_DURATION: return measure->of == PROGRAM_NONE ? NULL : "its numbers are of nothing";
    case TYPE_MONEY:
        if (measure->is_goal != 0) return "a goal is a number";
        return measure->of < program->currency_count ? NULL : "its money has no currency";
    default: return "what it sums up is no number";
    }
}

static enum status check_measures(const struct program *program, struct error *error)
{
    uint32_t own = 0;
    for (uint32_t i = 0; i < program->measure_count; i++) {
        const struct bundle_measure *measure = &program->measure[i];
        const char *fault = measure_fault(program, measure);
        if (fault != NULL) return REFUSE(measure, i, "%s", fault);
        if (i > 0 && measure->campaign < measure[-1].campaign)
            return REFUSE(measure, i, "it does not come behind those of earlier campaigns");
        own = i > 0 && measure->campaign == measure[-1].campaign ? own + 1 : 0;
        if (own >= LIMIT_MEASURES_PER_CAMPAIGN) return REFUSE(measure, i, "its campaign has more than 16");
        for (uint32_t j = i - own; j < i; j++) {
            if (text_equal(program_text(program, program->measure[j].name), program_text(program, measure->name)))
                return REFUSE(measure, i, "another one of the campaign has its name");
        }
    }
    return OK;
}

/* ---------------------------------------------------------------- what effects carry */

struct meaning_credit meaning_credit(const struct program *program, const struct bundle_effect *effect)
{
    const struct bundle_offer *offer = &program->offer[effect->object];
    uint32_t parameters = program->action[offer->action].parameter_count, count = effect->value_count;
    struct meaning_credit out = {.parameters = parameters,
                                 .cost = parameters,
                                 .deposit = PROGRAM_NONE,
                                 .paid = PROGRAM_NONE,
                                 .source = PROGRAM_NONE,
                                 .currency = PROGRAM_NONE};
    if (count >= parameters + 2 && program->value[effect->value_first + count - 1].kind == TYPE_TEXT)
        out.source = --count;
    if (count >= parameters + 3 && program->value[effect->value_first + count - 1].kind == TYPE_CURRENCY) {
        out.currency = count - 1;
        out.paid = count - 2;
        count -= 2;
    }
    if (count > parameters + 1) out.deposit = parameters + 1;
    return out;
}

/* The values that an effect carries for its action: each parameter's type at its place. */
static const char *parameter_fault(const struct program *program, const struct bundle_effect *effect,
                                   const struct bundle_action *action)
{
    if (effect->value_count < action->parameter_count) return "it carries fewer values than its action has parameters";
    for (uint32_t i = 0; i < action->parameter_count; i++) {
        if (program->value[effect->value_first + i].kind != program->parameter[action->parameter_first + i].kind) {
            return "it carries a value of another type than its action's parameter";
        }
    }
    return NULL;
}

static const char *credit_fault(const struct program *program, const struct bundle_effect *effect)
{
    const struct bundle_offer *offer = &program->offer[effect->object];
    const struct bundle_action *action = &program->action[offer->action];
    bool with_deposit = offer->wagering_of == WAGERING_DEPOSIT || offer->wagering_of == WAGERING_BOTH;
    const char *fault = parameter_fault(program, effect, action);
    if (fault != NULL) return fault;
    struct meaning_credit credit = meaning_credit(program, effect);
    uint32_t least = action->parameter_count + 1 + (credit.currency != PROGRAM_NONE ? 2 : 0) +
                     (credit.source != PROGRAM_NONE ? 1 : 0);
    if (effect->value_count < least || effect->value_count > least + with_deposit) {
        return "a credit carries its action's parameters, the cost, and at most the deposit that wagering counts, "
               "what is paid and its currency";
    }
    for (uint32_t i = action->parameter_count; i < effect->value_count; i++) {
        const struct bundle_value *value = &program->value[effect->value_first + i];
        if (i != credit.currency && i != credit.source && value->kind != TYPE_MONEY)
            return "the cost of a credit is money";
        if (i == credit.paid && value->of != PROGRAM_NONE) return "what is paid is in the currency behind it";
    }
    return program->value[effect->value_first + credit.cost].of != PROGRAM_NONE ? NULL : "its cost has no currency";
}

/* Money of no currency has one of the moment: a message carries it right behind, a credit as its last value. */
static const char *open_money_fault(const struct program *program, const struct bundle_effect *effect)
{
    if (effect->kind == ACT_CREDIT && meaning_credit(program, effect).currency != PROGRAM_NONE) return NULL;
    for (uint32_t i = 0; i < effect->value_count; i++) {
        const struct bundle_value *value = &program->value[effect->value_first + i];
        if (value->kind != TYPE_MONEY || value->of != PROGRAM_NONE) continue;
        bool behind = effect->kind == ACT_SEND && i + 1 < effect->value_count && value[1].kind == TYPE_CURRENCY;
        if (!behind) return "it carries money without a currency";
    }
    return NULL;
}

/* What is told is an event that the other player could have had: the id, then fields by name, all that must be there. */
static const char *tell_fault(const struct program *program, const struct bundle_effect *effect)
{
    const struct bundle_event *event = &program->event[effect->object];
    const struct bundle_value *value = &program->value[effect->value_first];
    if (effect->gate != PROGRAM_NONE) return "what is told passes no gate";
    if (event->safety != SAFETY_NONE) return "a responsible gaming event is not told by a campaign";
    if (event->about != ABOUT_NOTHING) return "an event about a named thing is not told by a campaign";
    if (effect->value_count == 0 || value->kind != TYPE_TEXT) return "it does not say whom it tells";
    uint64_t given = 0;
    for (uint32_t i = 1; i < effect->value_count; i++) {
        uint32_t n = 0;
        while (n < event->field_count && !text_equal(program_text(program, program->field[event->field_first + n].name),
                                                     program_text(program, value[i].name)))
            n++;
        if (n == event->field_count || n >= 64) return "it tells a field that the event has not";
        const struct bundle_field *field = &program->field[event->field_first + n];
        if (field->kind != value[i].kind || ((given >> n) & 1)) return "it tells a field of another type, or twice";
        bool listed = field->kind == TYPE_ENUM || field->kind == TYPE_SET;
        if (listed && field->of != value[i].of) return "it tells a word of another list";
        if (field->kind == TYPE_MONEY && value[i].of >= program->currency_count) return "it tells money of no currency";
        given |= UINT64_C(1) << n;
    }
    for (uint32_t n = 0; n < event->field_count && n < 64; n++) {
        if (!program->field[event->field_first + n].optional && !((given >> n) & 1))
            return "it does not tell a field that the event must have";
    }
    return NULL;
}

static enum status check_questions(const struct program *program, struct error *error)
{
    for (uint32_t i = 0; i < program->query_count; i++) {
        const struct bundle_event *event = &program->event[program->query[i].event];
        bool plain = event->field_count == 1 && event->safety == SAFETY_NONE && event->about == ABOUT_NOTHING &&
                     event->happens_at == PROGRAM_NONE && event->sets == PROGRAM_NONE;
        if (!plain || program->field[event->field_first].optional != 0)
            return REFUSE(query, i, "its answer is no event of one value");
    }
    for (uint32_t i = 0; i < program->ask_count; i++) {
        const struct bundle_ask *ask = &program->ask[i];
        bool approval = ask->query == PROGRAM_NONE;
        if (approval ? ask->people == 0 || ask->people > PROGRAM_PEOPLE : ask->people != 0)
            return REFUSE(ask, i, "1 to %u people approve, and nobody answers a query in their stead", PROGRAM_PEOPLE);
    }
    return OK;
}

/* How it is played: weights are shares, words and events stand where they belong. */
static const char *terms_fault(const struct program *program, const struct bundle_offer *offer)
{
    if (offer->stake_most < 0 || offer->win_most < 0) return "a limit of its play is negative";
    if (offer->claim_kind > WINDOW_CALENDAR)
        return "it is claimed within a time that is neither exact nor of the calendar";
    if ((offer->claim_kind == WINDOW_NONE) != (offer->claim == 0)) return "its time to claim has no kind";
    if (offer->claim_kind == WINDOW_EXACT && offer->claim < 0) return "its time to claim is negative";
    if (offer->short_grant &&
        (offer->amount_parameter >= program->action[offer->action].parameter_count ||
         program->parameter[program->action[offer->action].parameter_first + offer->amount_parameter].kind !=
             TYPE_MONEY))
        return "only money can be granted in part";
    if (offer->weight_count > 64) return "it counts and hears more than 64 things";
    for (uint32_t w = 0; w < offer->weight_count; w++) {
        const struct bundle_weight *weight = &program->weight[offer->weight_first + w];
        bool hears = weight->what == WEIGHT_CANCEL || weight->what == WEIGHT_REVOKE;
        if (hears != (weight->event != PROGRAM_NONE) || hears == (weight->word != PROGRAM_NONE))
            return "what it counts has a word, what it hears has an event";
        if (!hears && weight->filter != PROGRAM_NONE) return "only what it hears has a filter";
        if (weight->share < 0 || weight->share > 1000000 || (weight->what != WEIGHT_COUNT_KIND && weight->share != 0))
            return "a bet counts from 0 to all of its stake";
    }
    return NULL;
}

static enum status check_carried(const struct program *program, struct error *error)
{
    for (uint32_t i = 0; i < program->offer_count; i++) {
        const struct bundle_offer *offer = &program->offer[i];
        const struct bundle_action *action = &program->action[offer->action];
        if (action->class != CLASS_REWARD) return REFUSE(offer, i, "its action is no reward");
        const char *fault = terms_fault(program, offer);
        if (fault != NULL) return REFUSE(offer, i, "%s", fault);
        if (offer->amount_parameter == PROGRAM_NONE) continue;
        if (offer->amount_parameter >= action->parameter_count)
            return REFUSE(offer, i, "its amount is none of its action's parameters");
        if (program->parameter[action->parameter_first + offer->amount_parameter].kind == TYPE_TEXT)
            return REFUSE(offer, i, "its amount is a text");
    }
    for (uint32_t i = 0; i < program->breach_count; i++) {
        const struct bundle_breach *breach = &program->breach[i];
        if (program->rule[breach->rule].country == PROGRAM_NONE)
            return REFUSE(breach, i, "its rule is of no jurisdiction");
        if (program->effect[breach->effect].kind != ACT_CREDIT) return REFUSE(breach, i, "its effect is no reward");
    }
    for (uint32_t i = 0; i < program->effect_count; i++) {
        const struct bundle_effect *effect = &program->effect[i];
        const char *fault = effect->kind == ACT_CREDIT ? credit_fault(program, effect)
                            : effect->kind == ACT_TELL ? tell_fault(program, effect)
                                                       : NULL;
        if (fault == NULL) fault = open_money_fault(program, effect);
        if (fault != NULL) return REFUSE(effect, i, "%s", fault);
    }
    return check_questions(program, error);
}

/* Each kind stands in a stacking order once, and the orders have different names. */
static enum status check_stackings(const struct program *program, struct error *error)
{
    for (uint32_t i = 0; i < program->stacking_count; i++) {
        const struct bundle_stacking *stacking = &program->stacking[i];
        for (uint32_t j = 0; j < i; j++) {
            if (program_same_text(program, stacking->name, program, program->stacking[j].name))
                return REFUSE(stacking, i, "another one has its name");
        }
        if (stacking->stack_count == 0 || stacking->stack_count > 16)
            return REFUSE(stacking, i, "it has no line, or more than 16");
        for (uint32_t j = stacking->stack_first; j < stacking->stack_first + stacking->stack_count; j++) {
            const struct bundle_stack *stack = &program->stack[j];
            if (program->action[stack->action].class != CLASS_REWARD) return REFUSE(stack, j, "its kind is no reward");
            if (stack->most == 0 || stack->most > 16) return REFUSE(stack, j, "it takes none, or more than 16");
            for (uint32_t k = stacking->stack_first; k < j; k++) {
                if (program->stack[k].action == stack->action)
                    return REFUSE(stack, j, "its kind stands in the order before it");
            }
        }
    }
    return OK;
}

enum status meaning_check(const struct program *program, struct error *error)
{
    RETURN_IF_FAILED(check_schema(program, error));
    RETURN_IF_FAILED(check_spans(program, error));
    RETURN_IF_FAILED(check_schedules(program, error));
    RETURN_IF_FAILED(check_rates(program, error));
    RETURN_IF_FAILED(check_metrics(program, error));
    RETURN_IF_FAILED(pool_check(program, error));
    RETURN_IF_FAILED(check_stackings(program, error));
    RETURN_IF_FAILED(check_missions(program, error));
    RETURN_IF_FAILED(check_measures(program, error));
    RETURN_IF_FAILED(meaning_points_check(program, error));
    RETURN_IF_FAILED(meaning_check_tournaments(program, error));
    return check_carried(program, error);
}
