/*
 * Reading cron texts field by field, each as list, range, step, value. See cron.h.
 */
#include "compiler/cron.h"

#include "vm/schedule.h"

struct field {
    const char *name;
    const char *allowed;
    uint32_t low, high;
    const char *words; /* Three letters each, the first for the number `low`; NULL: none. */
};

enum { FIELD_MINUTE, FIELD_HOUR, FIELD_DAY, FIELD_MONTH, FIELD_WEEKDAY, FIELD_COUNT };

static const struct field fields[FIELD_COUNT] = {
    {"minute", "numbers from 0 to 59", 0, 59, NULL},
    {"hour", "numbers from 0 to 23", 0, 23, NULL},
    {"day of the month", "numbers from 1 to 31, or L for the last day", 1, 31, NULL},
    {"month", "numbers from 1 to 12, or jan to dec", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
    {"weekday", "numbers from 0 to 7 (0 and 7 are sunday), or sun to sat", 0, 7, "sunmontuewedthufrisat"},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* A number or a word from `*at` on, which moves behind it. NULL where it is fine, else what is wrong. */
static const char *read_number(const struct field *field, struct text text, uint32_t *at, uint32_t *out)
{
    uint32_t number = 0, first = *at;
    while (*at < text.size && is_digit(text.at[*at]) && number < 1000)
        number = number * 10 + (uint32_t)(text.at[(*at)++] - '0');
    if (*at > first) {
        *out = number;
        return number >= field->low && number <= field->high ? NULL : "has a number that does not exist there";
    }
    if (field->words == NULL || text.size - first < 3) return "cannot be read";
    for (uint32_t i = 0; field->words[3 * i] != '\0'; i++) {
        const char *word = field->words + 3 * (size_t)i;
        if (lower(text.at[first]) != word[0] || lower(text.at[first + 1]) != word[1] ||
            lower(text.at[first + 2]) != word[2])
            continue;
        *at = first + 3;
        *out = field->low + i;
        return NULL;
    }
    return "cannot be read";
}

/* One item of a list: `*`, 5, 1-5, each with `/2`. Bits by number; NULL where it is fine, else what is wrong. */
static const char *read_item(const struct field *field, struct text item, uint64_t *bits)
{
    uint32_t at = 0, from = field->low, to = field->high, step = 1;
    bool open = item.size > 0 && item.at[0] == '*';
    if (item.size == 1 && lower(item.at[0]) == 'l' && field == &fields[FIELD_DAY]) {
        *bits |= 1; /* Day 0 stands for the last one. */
        return NULL;
    }
    if (open) {
        at = 1;
    } else {
        const char *fault = read_number(field, item, &at, &from);
        if (fault != NULL) return fault;
        to = from;
        if (at < item.size && item.at[at] == '-') {
            at++;
            fault = read_number(field, item, &at, &to);
            if (fault != NULL) return fault;
            if (to < from) return "has a range that ends before it begins";
        } else if (at < item.size && item.at[at] == '/') {
            to = field->high;
        }
    }
    if (at < item.size && item.at[at] == '/') {
        uint32_t first = ++at;
        for (step = 0; at < item.size && is_digit(item.at[at]) && step < 1000; at++)
            step = step * 10 + (uint32_t)(item.at[at] - '0');
        if (at == first || step == 0) return "has a step that is no number of at least 1";
    }
    if (at < item.size) return "cannot be read";
    for (uint32_t number = from; number <= to; number += step) *bits |= UINT64_C(1) << number;
    return NULL;
}

static const char *read_field(const struct field *field, struct text text, uint64_t *bits)
{
    *bits = 0;
    for (uint32_t first = 0; first <= text.size;) {
        uint32_t comma = text_find(text, ',', first);
        const char *fault = read_item(field, text_slice(text, first, comma - first), bits);
        if (fault != NULL) return fault;
        first = comma + 1;
    }
    return NULL;
}

bool cron_read(struct bundle_schedule *out, struct text text, struct cron_fault *fault)
{
    struct text part[FIELD_COUNT];
    uint32_t count = 0;
    for (uint32_t at = 0; at < text.size;) {
        while (at < text.size && (text.at[at] == ' ' || text.at[at] == '\t')) at++;
        uint32_t first = at;
        while (at < text.size && text.at[at] != ' ' && text.at[at] != '\t') at++;
        if (at == first) break;
        if (count < FIELD_COUNT) part[count] = text_slice(text, first, at - first);
        count++;
    }
    *fault = (struct cron_fault){.count = count};
    if (count != FIELD_COUNT) return false;
    uint64_t bits[FIELD_COUNT];
    for (uint32_t i = 0; i < FIELD_COUNT; i++) {
        const char *what = read_field(&fields[i], part[i], &bits[i]);
        if (what == NULL) continue;
        *fault =
            (struct cron_fault){.field = fields[i].name, .text = part[i], .what = what, .allowed = fields[i].allowed};
        return false;
    }
    out->minutes = (int64_t)bits[FIELD_MINUTE];
    out->hours = (uint32_t)bits[FIELD_HOUR];
    out->days = (uint32_t)bits[FIELD_DAY];
    out->months = (uint32_t)bits[FIELD_MONTH];
    /* Cron's week begins with sunday, which is 0 or 7; the bundle's with monday. */
    uint32_t week = (uint32_t)bits[FIELD_WEEKDAY];
    out->weekdays = (week >> 1) & SCHEDULE_ALL_WEEKDAYS;
    if (week & 1) out->weekdays |= UINT32_C(1) << 6;
    out->either = part[FIELD_DAY].at[0] != '*' && part[FIELD_WEEKDAY].at[0] != '*';
    return true;
}
