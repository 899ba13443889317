/*
 * The instants at which judgements about now change. Contract: vm/changes.h.
 *
 * Counting back on a clock is no steady function: an hour comes twice or never, and the 29th to the 31st of March less a
 * month are all the 28th of February. It is steady (or slower than now) between the instants that next_bend gives, so the
 * search goes from bend to bend and looks for the flip within each stretch. Far from the window's ends nothing has to be
 * searched, and after BENDS_MAX bends it stops: too early is sound.
 */
#include "vm/changes.h"

#include "vm/program.h"
#include "vm/zone.h"

enum { BENDS_MAX = 64 };

#define FALL_BACK_MOST (3 * CIVIL_HOUR_MS) /* No clock is put back by more. */

/* What month ends and clock changes together can move a count back on the calendar. */
#define SLACK_MS (6 * CIVIL_DAY_MS)

static int64_t count_back(unsigned zone, int64_t now, int64_t packed)
{
    return zone_add_calendar(zone, now, -(int32_t)calendar_months(packed), -(int32_t)calendar_days(packed),
                             -(int64_t)calendar_ms(packed));
}

static int64_t midnight_after(unsigned zone, int64_t instant)
{
    return instant + CIVIL_DAY_MS - civil_ms_of_day(zone_local_ms(zone, instant));
}

int64_t changes_of_date(unsigned zone, int64_t now)
{
    return civil_earlier(midnight_after(zone, now), zone_next_change(zone, now));
}

/* The first instant after now from which on counting back may go on otherwise than now goes on: a clock change here or
 * there, and with months (which end differently) midnight. */
static int64_t next_bend(unsigned zone, int64_t now, int64_t packed)
{
    if (calendar_months(packed) == 0 && calendar_days(packed) == 0) return INT64_MAX; /* exact */
    int64_t bend = zone_next_change(zone, now);
    int64_t there = count_back(zone, now, packed) + calendar_ms(packed), change = zone_next_change(zone, there);
    if (change != INT64_MAX) bend = civil_earlier(bend, now + (change - there));
    return calendar_months(packed) == 0 ? bend : civil_earlier(bend, midnight_after(zone, now));
}

int64_t changes_window_begin(unsigned zone, int64_t now, int64_t packed)
{
    int64_t begin = count_back(zone, now, packed), offset = zone_offset_ms(zone, now);
    if (calendar_months(packed) != 0) {
        int64_t reached = count_back(zone, zone_date_start(zone, zone_date(zone, now)) - 1, packed);
        if (reached > begin) begin = reached;
    }
    if (zone_offset_ms(zone, now - FALL_BACK_MOST) <= offset) return begin;
    int64_t before = now - FALL_BACK_MOST, after = now; /* The change lies in (before, after]. */
    while (after - before > 1) {
        int64_t middle = before + (after - before) / 2;
        if (zone_offset_ms(zone, middle) > offset) {
            before = middle;
        } else {
            after = middle;
        }
    }
    int64_t reached = count_back(zone, before, packed);
    return reached > begin ? reached : begin;
}

static bool is_within(unsigned zone, int64_t now, int64_t moment, int64_t packed)
{
    return moment <= now && moment > changes_window_begin(zone, now, packed);
}

bool changes_within_calendar(unsigned zone, int64_t now, int64_t moment, int64_t packed, int64_t *changes)
{
    bool within = is_within(zone, now, moment, packed);
    *changes = moment;
    if (moment > now) return within;
    /* No count back from before this instant reaches the moment. */
    int64_t least = calendar_months(packed) * 28 * CIVIL_DAY_MS + calendar_days(packed) * CIVIL_DAY_MS +
                    calendar_ms(packed) - SLACK_MS;
    int64_t at = least > 0 && within && moment + least > now ? moment + least : now;
    for (unsigned bends = 0; bends < BENDS_MAX; bends++) {
        int64_t since = changes_window_begin(zone, at, packed), bend = next_bend(zone, at, packed);
        if (at > now && (moment > since) != within) return *changes = at, within;
        if (since >= moment && since - moment > SLACK_MS) return *changes = INT64_MAX, within;
        int64_t flip = since < moment ? at + (moment - since) : INT64_MAX;
        if (flip < bend) return *changes = flip, within;
        if (bend == INT64_MAX) return *changes = INT64_MAX, within;
        at = bend;
    }
    *changes = at;
    return within;
}

bool changes_within_dates(unsigned zone, int64_t now, int64_t date, int64_t packed, int64_t *changes)
{
    int64_t since = count_back(zone, now, packed), today = zone_date(zone, now);
    bool within = date <= today && date > zone_date(zone, since);
    /* The other end changes its date where a bend leads over midnight, and with ms at midnights of its own. */
    *changes = civil_earlier(changes_of_date(zone, now), next_bend(zone, now, packed));
    if (calendar_ms(packed) != 0) *changes = civil_earlier(*changes, now + (changes_of_date(zone, since) - since));
    int64_t months = calendar_months(packed), days = calendar_days(packed) + calendar_ms(packed) / CIVIL_DAY_MS;
    if (date > today + 2) *changes = zone_date_start(zone, date - 1);
    if (date < today - months * 31 - days - 8) *changes = INT64_MAX;
    if (within && date > today - months * 28 - days + 8) {
        int64_t near = zone_date_start(zone, date + months * 28 + days - 6);
        if (near > *changes) *changes = near;
    }
    return within;
}

int64_t changes_years_since(unsigned zone, int64_t now, int64_t date, int64_t *changes)
{
    int64_t today = zone_date(zone, now), years = civil_years_between(date, today);
    int64_t low = today, high = today + 800; /* the number of years rises in (low, high] */
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (civil_years_between(date, middle) == years)
            low = middle;
        else
            high = middle;
    }
    *changes = zone_date_start(zone, high);
    if (high - today <= 2 || civil_years_between(date, today - 2) != years) /* a clock set back may bring a date back */
        *changes = civil_earlier(*changes, changes_of_date(zone, now));
    return years;
}
