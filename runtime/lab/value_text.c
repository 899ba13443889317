/*
 * Values in the author's words; one case a type of spec/types.def.
 *
 * Next: runtime/lab/explain.c, which uses it most.
 */
#include "runtime/lab/value_text.h"

#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/zone.h"

static void print_enum(struct buffer *out, const struct program *program, uint32_t of, uint64_t value)
{
    if (of >= program->enumeration_count || value >= program->enumeration[of].wording_count) {
        buffer_print(out, "%llu", (unsigned long long)value);
        return;
    }
    const uint32_t index = program->enumeration[of].wording_first + (uint32_t)value;
    buffer_text(out, program_text(program, program->wording[index].name));
}

static void print_set(struct buffer *out, const struct program *program, uint32_t of, uint64_t mask)
{
    bool first = true;
    for (unsigned bit = 0; bit < 64; bit++) {
        if ((mask >> bit & 1u) == 0) {
            continue;
        }
        if (!first) {
            buffer_string(out, ", ");
        }
        first = false;
        if (of == PROGRAM_NONE && bit < program->tag_count) {
            buffer_text(out, program_text(program, program->tag[bit].name));
        } else {
            print_enum(out, program, of, bit);
        }
    }
    if (first) {
        buffer_string(out, "nothing");
    }
}

void value_text_instant(struct buffer *out, int64_t instant)
{
    char text[CIVIL_INSTANT_SIZE];
    const unsigned size = civil_format_instant(text, instant);
    if (size < 24) {
        buffer_string(out, text);
        return;
    }
    /* 2026-06-11T08:00:00.000Z */
    buffer_append(out, text, 10);
    buffer_string(out, " ");
    buffer_append(out, text + 11, memcmp(text + 19, ".000", 4) == 0 ? 8 : 12);
    buffer_string(out, " UTC");
}

void value_text_local(struct buffer *out, uint32_t zone, int64_t instant)
{
    const int64_t local = zone_local_ms(zone, instant);
    char date[CIVIL_DATE_SIZE];
    char time[CIVIL_TIME_SIZE];
    civil_format_date(date, civil_date_of_instant(local));
    civil_format_time(time, civil_ms_of_day(local));
    buffer_print(out, "%s %s", date, time);
}

void value_text_print(struct buffer *out, const struct program *program, uint32_t kind, uint32_t of, int64_t value,
                      struct text text)
{
    char scratch[CIVIL_INSTANT_SIZE];
    switch ((enum type_kind)kind) {
    case TYPE_BOOL: buffer_string(out, value != 0 ? "yes" : "no"); return;
    case TYPE_WHOLE: decimal_print(out, value, 0, DECIMAL_GROUPS); return;
    case TYPE_DECIMAL: decimal_print(out, value, DECIMAL_MILLIONTHS, DECIMAL_GROUPS | DECIMAL_TRIM); return;
    case TYPE_PERCENT: decimal_print_percent(out, value); return;
    case TYPE_MONEY:
        if (of < program->currency_count) {
            const struct text code = program_text(program, program->currency[of].code);
            char name[4] = {0};
            memcpy(name, code.at, code.size < 3 ? code.size : 3);
            decimal_print_money(out, value, name);
        } else {
            decimal_print(out, value, 2, DECIMAL_GROUPS);
        }
        return;
    case TYPE_DURATION: decimal_print_duration(out, value); return;
    case TYPE_CALENDAR:
        decimal_print_calendar(out, calendar_months(value), calendar_days(value), calendar_ms(value));
        return;
    case TYPE_MOMENT: value_text_instant(out, value); return;
    case TYPE_DATE:
        civil_format_date(scratch, value);
        buffer_string(out, scratch);
        return;
    case TYPE_TIME:
        civil_format_time(scratch, value);
        buffer_string(out, scratch);
        return;
    case TYPE_TEXT: buffer_json_text(out, text); return;
    case TYPE_ENUM: print_enum(out, program, of, (uint64_t)value); return;
    case TYPE_CURRENCY:
        if (value >= 0 && value < (int64_t)program->currency_count) {
            buffer_text(out, program_text(program, program->currency[value].code));
            return;
        }
        break;
    case TYPE_COUNTRY:
        if (value >= 0 && value < 26 * 26) {
            buffer_print(out, "%c%c", 'A' + (int)(value / 26), 'A' + (int)(value % 26));
        } else {
            buffer_decimal(out, value);
        }
        return;
    case TYPE_ZONE:
        buffer_string(out,
                      value >= 0 && value < (int64_t)zone_count() ? zone_name((unsigned)value) : "an unknown zone");
        return;
    case TYPE_SET: print_set(out, program, of, (uint64_t)value); return;
    case TYPE_COUNT: break;
    }
    buffer_decimal(out, value);
}

static const struct {
    const char *word;
    const char *sentence;
} reasons[REASON_COUNT] = {
#define REASON(number, name, sentence) [number] = {#name, sentence},
#include "spec/reasons.def"
#undef REASON
};

const char *value_text_reason(enum reason reason)
{
    bool known = reason < REASON_COUNT && reasons[reason].sentence != NULL;
    return known ? reasons[reason].sentence : "for a reason this program does not know";
}

const char *value_text_reason_word(enum reason reason)
{
    return reason < REASON_COUNT && reasons[reason].word != NULL ? reasons[reason].word : "UNKNOWN";
}
