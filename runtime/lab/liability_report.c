/*
 * Rows of promises, added up and written. Contract: liability_report.h.
 */
#include "runtime/lab/liability_report.h"

#include <stdlib.h>
#include <string.h>

#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/memory.h"
#include "vm/zone.h"

#define NO_DAY INT64_MAX

struct row {
    char *words; /* Campaign, then offer; owned. */
    struct text campaign, offer;
    char currency[3];
    int64_t day;  /* On which it falls away; NO_DAY: none is known, or days are not asked for. */
    int64_t next; /* The earliest instant at which some of it falls away, or INT64_MAX. */
    uint64_t count[LIABILITY_KIND_COUNT];
    int64_t amount[LIABILITY_KIND_COUNT];
};

struct report {
    struct row *row;
    uint32_t count, capacity;
    unsigned zone;
    bool by_day, failed;
};

static void release(struct report *report)
{
    for (uint32_t i = 0; i < report->count; i++) memory_release(report->row[i].words);
    memory_release(report->row);
}

static struct row *add_row(struct report *report, const struct liability *liability, int64_t day)
{
    if (report->count == report->capacity) {
        uint32_t capacity = report->capacity == 0 ? 16 : report->capacity * 2;
        struct row *grown = memory_resize_array(report->row, capacity, sizeof *grown);
        if (grown == NULL) return NULL;
        report->row = grown;
        report->capacity = capacity;
    }
    struct text campaign = liability->campaign, offer = liability->offer;
    char *words = memory_alloc((size_t)campaign.size + offer.size + 1);
    if (words == NULL) return NULL;
    if (campaign.size > 0) memcpy(words, campaign.at, campaign.size);
    if (offer.size > 0) memcpy(words + campaign.size, offer.at, offer.size);
    struct row *row = &report->row[report->count++];
    *row = (struct row){.words = words,
                        .campaign = text_make(words, campaign.size),
                        .offer = text_make(words + campaign.size, offer.size),
                        .day = day,
                        .next = INT64_MAX};
    memcpy(row->currency, liability->currency, sizeof row->currency);
    return row;
}

static void take(void *context, const struct liability *liability)
{
    struct report *report = context;
    if (report->failed) return;
    int64_t day = report->by_day && liability->until != INT64_MAX ? zone_date(report->zone, liability->until) : NO_DAY;
    struct row *row = NULL;
    for (uint32_t i = 0; i < report->count && row == NULL; i++) {
        struct row *at = &report->row[i];
        if (at->day == day && text_equal(at->campaign, liability->campaign) && text_equal(at->offer, liability->offer))
            row = at;
    }
    if (row == NULL) row = add_row(report, liability, day);
    if (row == NULL) {
        report->failed = true;
        return;
    }
    row->count[liability->kind]++;
    row->amount[liability->kind] += liability->amount;
    if (liability->until < row->next) row->next = liability->until;
}

static int compare(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    int order = text_compare(a->campaign, b->campaign);
    return order != 0 ? order : text_compare(a->offer, b->offer);
}

/* ------------------------------------------------------------------ campaigns and their books */

struct campaign_sum {
    struct text campaign;
    char currency[3];
    uint64_t count[LIABILITY_KIND_COUNT];
    int64_t amount[LIABILITY_KIND_COUNT];
    int64_t booked; /* -1: it has no total. */
};

static bool ties(const struct campaign_sum *sum)
{
    return sum->booked < 0 || sum->booked == sum->amount[LIABILITY_RESERVED];
}

/* Of the campaign whose first row is this one; false: it has an earlier one. */
static bool sum_up(const struct engine *engine, const struct report *report, uint32_t first, struct campaign_sum *out)
{
    *out = (struct campaign_sum){.campaign = report->row[first].campaign};
    memcpy(out->currency, report->row[first].currency, sizeof out->currency);
    for (uint32_t i = 0; i < report->count; i++) {
        if (!text_equal(report->row[i].campaign, out->campaign)) continue;
        if (i < first) return false;
        for (uint32_t kind = 0; kind < LIABILITY_KIND_COUNT; kind++) {
            out->count[kind] += report->row[i].count[kind];
            out->amount[kind] += report->row[i].amount[kind];
        }
    }
    out->booked = liability_booked(engine, out->campaign);
    return true;
}

/* ------------------------------------------------------------------ text */

static void print_money(struct buffer *out, int64_t amount, const char currency[3])
{
    char code[4] = {currency[0], currency[1], currency[2], '\0'};
    decimal_print_money(out, amount, code);
}

static void print_day(struct buffer *out, int64_t day)
{
    struct civil_date date = civil_date_parts(day);
    buffer_print(out, "%04d-%02d-%02d", (int)date.year, (int)date.month, (int)date.day);
}

static void print_amounts(struct buffer *out, const uint64_t *count, const int64_t *amount, const char currency[3])
{
    static const char *const words[] = {[LIABILITY_RESERVED] = "reserved", [LIABILITY_OPEN] = "not played out"};
    for (uint32_t kind = 0; kind < LIABILITY_KIND_COUNT; kind++) {
        buffer_print(out, "%s%s ", kind == 0 ? "" : "   ", words[kind]);
        decimal_print(out, (int64_t)count[kind], 0, DECIMAL_GROUPS);
        buffer_string(out, " for ");
        print_money(out, amount[kind], currency);
    }
}

static void print_text(const struct engine *engine, const struct report *report, struct buffer *out)
{
    if (report->count == 0) buffer_string(out, "Nothing is promised that is not settled.\n");
    int64_t day = INT64_MIN;
    for (uint32_t i = 0; i < report->count; i++) {
        const struct row *row = &report->row[i];
        if (report->by_day && row->day != day) {
            day = row->day;
            if (day == NO_DAY)
                buffer_string(out, "without an end");
            else
                print_day(out, day);
            buffer_string(out, "\n");
        }
        buffer_print(out, "  \"%.*s\" of \"%.*s\"   ", TEXT_ARGS(row->offer), TEXT_ARGS(row->campaign));
        print_amounts(out, row->count, row->amount, row->currency);
        if (!report->by_day && row->next != INT64_MAX) {
            buffer_string(out, "   the next falls away on ");
            print_day(out, zone_date(report->zone, row->next));
        }
        buffer_string(out, "\n");
    }
    for (uint32_t i = 0; i < report->count; i++) {
        struct campaign_sum sum;
        if (!sum_up(engine, report, i, &sum)) continue;
        buffer_print(out, "Campaign \"%.*s\"   ", TEXT_ARGS(sum.campaign));
        print_amounts(out, sum.count, sum.amount, sum.currency);
        if (sum.booked >= 0) {
            buffer_string(out, ties(&sum) ? "   as in its books\n" : "   its books have reserved ");
            if (!ties(&sum)) {
                print_money(out, sum.booked, sum.currency);
                buffer_string(out, "\n");
            }
        } else {
            buffer_string(out, "\n");
        }
    }
}

/* ------------------------------------------------------------------ programs */

static void put_amounts(struct buffer *out, const uint64_t *count, const int64_t *amount, const char currency[3])
{
    char code[4] = {currency[0], currency[1], currency[2], '\0'};
    static const char *const words[] = {[LIABILITY_RESERVED] = "reserved", [LIABILITY_OPEN] = "open"};
    for (uint32_t kind = 0; kind < LIABILITY_KIND_COUNT; kind++) {
        buffer_print(out, ",\"%s\":{\"count\":%llu,\"amount\":\"", words[kind], (unsigned long long)count[kind]);
        decimal_print_money_wire(out, amount[kind], code);
        buffer_string(out, "\"}");
    }
}

static void print_json(const struct engine *engine, const struct report *report, struct buffer *out)
{
    buffer_string(out, "{\"rows\":[");
    for (uint32_t i = 0; i < report->count; i++) {
        const struct row *row = &report->row[i];
        buffer_string(out, i == 0 ? "{\"campaign\":" : ",{\"campaign\":");
        buffer_json_text(out, row->campaign);
        buffer_string(out, ",\"offer\":");
        buffer_json_text(out, row->offer);
        int64_t day = row->day != NO_DAY || row->next == INT64_MAX ? row->day : zone_date(report->zone, row->next);
        buffer_string(out, report->by_day ? ",\"expires\":" : ",\"next_expires\":");
        if (day == NO_DAY) {
            buffer_string(out, "null");
        } else {
            buffer_string(out, "\"");
            print_day(out, day);
            buffer_string(out, "\"");
        }
        put_amounts(out, row->count, row->amount, row->currency);
        buffer_string(out, "}");
    }
    buffer_string(out, "],\"campaigns\":[");
    bool first = true;
    for (uint32_t i = 0; i < report->count; i++) {
        struct campaign_sum sum;
        if (!sum_up(engine, report, i, &sum)) continue;
        buffer_string(out, first ? "{\"campaign\":" : ",{\"campaign\":");
        buffer_json_text(out, sum.campaign);
        put_amounts(out, sum.count, sum.amount, sum.currency);
        if (sum.booked >= 0) buffer_print(out, ",\"as_in_books\":%s", ties(&sum) ? "true" : "false");
        buffer_string(out, "}");
        first = false;
    }
    buffer_string(out, "]}\n");
}

/* A field of a comma-separated line. */
static void put_field(struct buffer *out, struct text text)
{
    buffer_string(out, "\"");
    for (uint32_t i = 0; i < text.size; i++) {
        if (text.at[i] == '"') buffer_string(out, "\"");
        buffer_append(out, &text.at[i], 1);
    }
    buffer_string(out, "\"");
}

static void print_csv(const struct report *report, struct buffer *out)
{
    buffer_string(out, "campaign,offer,expires,reserved_count,reserved,open_count,open,currency\r\n");
    for (uint32_t i = 0; i < report->count; i++) {
        const struct row *row = &report->row[i];
        const char code[4] = {row->currency[0], row->currency[1], row->currency[2], '\0'};
        int digits = decimal_currency_digits(text_of(code));
        put_field(out, row->campaign);
        buffer_string(out, ",");
        put_field(out, row->offer);
        buffer_string(out, ",");
        if (row->day != NO_DAY) print_day(out, row->day);
        for (uint32_t kind = 0; kind < LIABILITY_KIND_COUNT; kind++) {
            buffer_print(out, ",%llu,", (unsigned long long)row->count[kind]);
            decimal_print(out, row->amount[kind], digits < 0 ? 0 : (unsigned)digits, 0);
        }
        buffer_print(out, ",%s\r\n", code);
    }
}

bool liability_report(struct engine *engine, bool by_day, enum liability_style style, struct buffer *out,
                      struct liability_sums *sums)
{
    const struct program *program = engine_program(engine);
    struct report report = {.by_day = by_day};
    *sums = (struct liability_sums){.ties = true};
    if (program != NULL) {
        report.zone = zone_find_or_utc(program_text(program, program->workspace->zone));
        liability_each(engine, take, &report);
    }
    if (report.count > 1) qsort(report.row, report.count, sizeof *report.row, compare);
    for (uint32_t i = 0; i < report.count; i++) {
        struct campaign_sum sum;
        if (sum_up(engine, &report, i, &sum)) sums->ties = sums->ties && ties(&sum);
    }
    sums->rows = report.count;
    if (style == LIABILITY_JSON) print_json(engine, &report, out);
    if (style == LIABILITY_CSV) print_csv(&report, out);
    if (style == LIABILITY_TEXT) print_text(engine, &report, out);
    bool fine = !report.failed && buffer_ok(out);
    release(&report);
    return fine;
}
