/*
 * Fuzz target: times as people write them. Any bytes are a cron text, an instant, a date, a clock time and a zone; what is read as a
 * schedule is due at rising instants, on days that are its own, and what is read as an instant comes back from its printed form.
 */
#include <stdlib.h>

#include "compiler/cron.h"
#include "vm/schedule.h"
#include "vm/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct bundle_holiday days[] = {{.date = 20000}, {.date = 20454}, {.date = 20612}};

static void check_due(const struct bundle_schedule *schedule, struct schedule_holidays holidays, uint32_t zone,
                      int64_t from)
{
    int64_t last = from;
    for (unsigned i = 0; i < 6; i++) {
        const int64_t next = schedule_next(schedule, holidays, zone, last);
        if (next == SCHEDULE_NEVER) break;
        INVARIANT(next > last);
        /* What is due an instant after the one before the due one is the due one. */
        INVARIANT(schedule_next(schedule, holidays, zone, next - 1) == next);
        last = next;
    }
}

static void check_instant(struct text text)
{
    struct error error = ERROR_NONE;
    char printed[CIVIL_INSTANT_SIZE];
    int64_t instant, back;
    if (civil_parse_instant(&instant, text, &error) != OK) {
        INVARIANT(error.message[0] != 0);
        return;
    }
    INVARIANT(instant >= CIVIL_INSTANT_MIN && instant <= CIVIL_INSTANT_MAX);
    (void)civil_format_instant(printed, instant);
    INVARIANT(civil_parse_instant(&back, text_of(printed), &error) == OK && back == instant);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bundle_schedule schedule = {0};
    struct cron_fault fault = {0};
    if (size < 5 || size > 300) return -1;
    const uint32_t zone = (uint32_t)(data[0] | data[1] << 8) % zone_count();
    const int64_t from = (int64_t)(data[2] | data[3] << 8) * CIVIL_DAY_MS + (int64_t)data[4] * CIVIL_HOUR_MS / 7;
    const struct text text = text_make((const char *)data + 5, size - 5);
    check_instant(text);
    struct error error = ERROR_NONE;
    int64_t parsed;
    INVARIANT(civil_parse_date(&parsed, text, &error) == OK || error.message[0] != 0);
    INVARIANT(civil_parse_time(&parsed, text, &error) == OK || error.message[0] != 0);
    (void)zone_find(text);
    (void)zone_find_near(text);
    if (cron_read(&schedule, text, &fault)) {
        schedule.holidays = PROGRAM_NONE;
        check_due(&schedule, (struct schedule_holidays){NULL, 0}, zone, from);
        schedule.holidays = 0;
        if (data[4] & 1) check_due(&schedule, (struct schedule_holidays){days, 3}, zone, from);
    } else {
        INVARIANT(fault.what != NULL || fault.field == NULL);
    }
    return 0;
}
