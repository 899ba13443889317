/*
 * What messages say of names, and finders over what was gathered (names.h).
 *
 * A finder that "needs" a thing reports what is missing, with the nearest name or those that there are. Nothing here looks at a
 * declaration's lines: gathering is names_gather.c.
 */

#include "compiler/names.h"

#include "compiler/name_help.h"
#include "vm/decimal.h"
#include "vm/limits.h"
#include "vm/zone.h"

struct diagnostic *names_report(struct names *names, enum diagnostic_code code, struct span span,
                                const struct text *arguments, uint32_t count)
{
    if (names->muted > 0) {
        if (diagnostic_severity(code) == SEVERITY_ERROR) names->muted_errors++;
        return NULL;
    }
    return diagnostics_add(names->diagnostics, code, span, arguments, count);
}

/* ------------------------------------------------------------------ words for messages */

struct text names_list(const struct names *names, const struct text *list, uint32_t count)
{
    struct text out = TEXT("");
    for (uint32_t i = 0; i < count && i < 12; i++) {
        out = arena_print(names->arena, "%.*s%s`%.*s`", TEXT_ARGS(out), i == 0 ? "" : ", ", TEXT_ARGS(list[i]));
    }
    if (count > 12) out = arena_print(names->arena, "%.*s …", TEXT_ARGS(out));
    return out;
}

struct text names_number(const struct names *names, int64_t number)
{
    char digits[DECIMAL_SIZE];
    unsigned size = decimal_format(digits, number, 0, DECIMAL_GROUPS);
    return arena_copy_text(names->arena, text_make(digits, size));
}

struct text names_money(const struct names *names, int64_t minor, uint32_t currency)
{
    struct buffer buffer;
    buffer_init(&buffer, 0);
    char code[4] = "EUR";
    if (currency < names->currency_count) memcpy(code, names->currencies[currency].at, 3);
    decimal_print_money(&buffer, minor, code);
    struct text out = arena_copy_text(names->arena, buffer_as_text(&buffer));
    buffer_deinit(&buffer);
    return out;
}

struct text names_type_words(const struct names *names, struct type type)
{
    switch ((uint32_t)type.kind) {
    case TYPE_BOOL: return TEXT("yes or no");
    case TYPE_WHOLE: return TEXT("a whole number");
    case TYPE_DECIMAL: return TEXT("a decimal number");
    case TYPE_PERCENT: return TEXT("a percentage");
    case TYPE_DURATION: return TEXT("an exact duration");
    case TYPE_CALENDAR: return TEXT("a calendar duration");
    case TYPE_MOMENT: return TEXT("a moment");
    case TYPE_DATE: return TEXT("a date");
    case TYPE_TIME: return TEXT("a time of day");
    case TYPE_TEXT: return TEXT("a text");
    case TYPE_COUNTRY: return TEXT("a country code");
    case TYPE_ZONE: return TEXT("a time zone");
    case TYPE_CURRENCY: return TEXT("a currency code");
    case TYPE_ARM: return TEXT("an arm of a split");
    case TYPE_MONEY:
        if (type.of >= names->currency_count) return TEXT("money");
        return arena_print(names->arena, "money in %.*s", TEXT_ARGS(names->currencies[type.of]));
    case TYPE_SET: return type.of == PROGRAM_NONE ? TEXT("a set of tags") : TEXT("a set");
    case TYPE_ENUM: {
        const struct enumeration_info *list = &names->enumerations[type.of];
        struct text out = list->ranked ? TEXT("ranked") : TEXT("one of");
        for (uint32_t i = 0; i < list->count && i < 6; i++) {
            out =
                arena_print(names->arena, "%.*s%s %.*s", TEXT_ARGS(out), i == 0 ? "" : ",", TEXT_ARGS(list->words[i]));
        }
        if (list->count > 6) out = arena_print(names->arena, "%.*s …", TEXT_ARGS(out));
        return out;
    }
    default: return TEXT("something that was reported already");
    }
}

bool names_same_type(struct type left, struct type right)
{
    if (left.kind != right.kind) return false;
    if (left.kind == TYPE_ENUM || left.kind == TYPE_SET || left.kind == TYPE_MONEY || (uint32_t)left.kind == TYPE_ARM) {
        return left.of == right.of;
    }
    return true;
}

struct range names_type_range(struct type type)
{
    switch ((uint32_t)type.kind) {
    case TYPE_BOOL: return range_of(0, 1);
    case TYPE_WHOLE: return range_of(-INT64_C(9000000000000000), INT64_C(9000000000000000));
    case TYPE_DECIMAL: return range_of(-INT64_C(1000000000000000000), INT64_C(1000000000000000000));
    case TYPE_PERCENT: return range_of(0, INT64_C(1000000000));
    case TYPE_MONEY: return range_of(0, INT64_C(100000000000000));
    case TYPE_DURATION: return range_of(0, INT64_C(100) * 366 * CIVIL_DAY_MS);
    case TYPE_MOMENT: return range_of(CIVIL_INSTANT_MIN, CIVIL_INSTANT_MAX);
    case TYPE_DATE: return range_of(CIVIL_DATE_MIN, CIVIL_DATE_MAX);
    case TYPE_TIME: return range_of(0, CIVIL_DAY_MS - 1);
    case TYPE_COUNTRY: return range_of(0, 26 * 26 - 1);
    case TYPE_ZONE: return range_of(0, (int64_t)zone_count() - 1);
    default: return range_any();
    }
}

uint32_t names_line(const struct names *names, struct span span)
{
    const struct source *source = source_set_get(names->sources, span.file);
    return source == NULL ? 0 : source_position_of(source, span.start).line;
}

uint32_t names_column(const struct names *names, struct span span)
{
    const struct source *source = source_set_get(names->sources, span.file);
    return source == NULL ? 0 : source_position_of(source, span.start).column;
}

struct text names_words(const struct names *names, struct span span)
{
    const struct source *source = source_set_get(names->sources, span.file);
    if (source == NULL) return TEXT("");
    struct text slice = text_trim(source_slice(source, span));
    char *out = arena_alloc(names->arena, (size_t)slice.size + 1);
    if (out == NULL) return TEXT("");
    uint32_t size = 0;
    for (uint32_t i = 0; i < slice.size; i++) {
        char byte = slice.at[i];
        bool blank = byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
        if (blank && size > 0 && out[size - 1] == ' ') continue;
        out[size++] = blank ? ' ' : byte;
    }
    return (struct text){out, size};
}

enum window_kind names_duration(const struct duration *duration, int64_t *out)
{
    if (duration->months == 0 && duration->days == 0) {
        *out = duration->ms;
        return WINDOW_EXACT;
    }
    int64_t days = duration->days;
    int64_t ms = duration->ms;
    days += ms / CIVIL_DAY_MS;
    ms %= CIVIL_DAY_MS;
    if (days > INT16_MAX) days = INT16_MAX;
    *out = calendar_pack((int16_t)duration->months, (int16_t)days, (int32_t)ms);
    return WINDOW_CALENDAR;
}

int64_t names_duration_ms(const struct duration *duration)
{
    return duration->ms + (duration->days + duration->months * 30) * CIVIL_DAY_MS;
}

/* ------------------------------------------------------------------ finders */

const struct event_info *names_event(const struct names *names, struct text name)
{
    for (uint32_t i = 0; i < names->event_count; i++) {
        if (text_equal(names->events[i].name, name)) return &names->events[i];
    }
    return NULL;
}

const struct member *names_field(const struct event_info *event, struct text name)
{
    for (uint32_t i = 0; i < event->field_count; i++) {
        if (text_equal(event->fields[i].name.text, name)) return &event->fields[i];
    }
    return NULL;
}

const struct member *names_attribute(const struct names *names, struct text name)
{
    for (uint32_t i = 0; i < names->attribute_count; i++) {
        if (text_equal(names->attributes[i].name.text, name)) return &names->attributes[i];
    }
    return NULL;
}

struct metric_info *names_metric(const struct names *names, struct text name, uint32_t campaign)
{
    struct metric_info *found = NULL;
    for (uint32_t i = 0; i < names->metric_count; i++) {
        struct metric_info *metric = &names->metrics[i];
        if (metric->campaign != PROGRAM_NONE && metric->campaign != campaign) continue;
        if (text_equal(metric->name, name)) found = metric; /* a campaign's own stand behind the workspace's */
    }
    return found;
}

const struct action_info *names_action(const struct names *names, struct text name)
{
    for (uint32_t i = 0; i < names->action_count; i++) {
        if (text_equal(names->actions[i].name, name)) return &names->actions[i];
    }
    return NULL;
}

const struct message_info *names_message(const struct names *names, struct text name)
{
    for (uint32_t i = 0; i < names->message_count; i++) {
        if (text_equal(names->messages[i].name, name)) return &names->messages[i];
    }
    return NULL;
}

struct thing *names_thing(struct thing *things, uint32_t count, struct text name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (text_equal(things[i].name, name)) return &things[i];
    }
    return NULL;
}

uint32_t names_index(const struct text *list, uint32_t count, struct text name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (text_equal(list[i], name)) return i;
    }
    return PROGRAM_NONE;
}

void names_unknown(struct names *names, enum diagnostic_code code, const struct name *name,
                   const struct text *candidates, uint32_t count)
{
    if (candidates == NULL) count = 0; /* no memory for the list */
    /* A declaration whose name could not be read may be the one that is asked for. */
    for (uint32_t i = 0; i < count; i++) {
        if (candidates[i].size == 0) return;
    }
    struct diagnostic *diagnostic = REPORT(names, code, name->span, name->text);
    if (diagnostic == NULL) return;
    struct text near = name->text.size < 2 ? TEXT("") : diagnostic_did_you_mean(name->text, candidates, count);
    for (uint32_t i = 0; i < count && near.size == 0 && name->text.size >= 4; i++) {
        for (uint32_t at = 0; at + name->text.size <= candidates[i].size; at++) {
            if (text_equal(text_slice(candidates[i], at, name->text.size), name->text)) near = candidates[i];
        }
    }
    struct text help = name_help(names, code, name->text);
    bool has_help = help.size > 0 || code == DIAGNOSTIC_UNKNOWN_TAG || code == DIAGNOSTIC_CURRENCY_NOT_USED ||
                    code == DIAGNOSTIC_UNKNOWN_EVENT;
    if (help.size == 0 && near.size > 0) {
        help = arena_print(names->arena, "did you mean `%.*s`?", TEXT_ARGS(near));
    } else if (count > 0 && !has_help) {
        help = arena_print(names->arena, "there is: %.*s", TEXT_ARGS(names_list(names, candidates, count)));
    }
    if (help.size > 0) diagnostic_set_help(names->diagnostics, diagnostic, help);
}

void names_note_split(struct names *names, const struct name *name)
{
    for (uint32_t i = 0; i < names->split_count; i++) {
        if (!text_equal(names->splits[i].text, name->text)) continue;
        struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_SPLIT_SHARED, name->span, name->text);
        diagnostic_add_note(names->diagnostics, diagnostic, names->splits[i].span, TEXT("the other one is here"));
        return;
    }
    if (names->split_count == names->split_capacity) {
        uint32_t capacity = names->split_capacity * 2 + 16;
        struct name *grown = ARENA_ARRAY(names->arena, struct name, capacity);
        if (grown == NULL) return;
        if (names->split_count > 0) memcpy(grown, names->splits, names->split_count * sizeof *grown);
        names->splits = grown;
        names->split_capacity = capacity;
    }
    names->splits[names->split_count++] = *name;
}

void names_judge_length(struct names *names, const struct name *name)
{
    if (name->text.size > LIMIT_NAME_BYTES)
        REPORT(names, DIAGNOSTIC_NAME_TOO_LONG, name->span, names_number(names, name->text.size));
}

const struct event_info *names_need_event(struct names *names, struct name *name)
{
    const struct event_info *event = names_event(names, name->text);
    if (event == NULL) {
        struct text *list = ARENA_ARRAY(names->arena, struct text, names->event_count + 1);
        if (list == NULL) return NULL;
        for (uint32_t i = 0; i < names->event_count; i++) list[i] = names->events[i].name;
        for (uint32_t i = 0; i < names->event_count; i++) {
            const struct declaration *declaration = names->events[i].declaration;
            struct text wire = declaration->wire_name.text;
            bool same =
                ast_is_present(&declaration->wire_name) &&
                (text_equal(wire, name->text) || (wire.size > name->text.size + 1 && text_ends_with(wire, name->text) &&
                                                  wire.at[wire.size - name->text.size - 1] == '.'));
            if (!same) continue;
            struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_UNKNOWN_EVENT, name->span, name->text);
            if (diagnostic != NULL)
                diagnostic_set_help(names->diagnostics, diagnostic,
                                    arena_print(names->arena, "the platform's `%.*s` is called `%.*s` here",
                                                TEXT_ARGS(wire), TEXT_ARGS(names->events[i].name)));
            return NULL;
        }
        names_unknown(names, DIAGNOSTIC_UNKNOWN_EVENT, name, list, names->event_count);
        return NULL;
    }
    name->resolved = event->index;
    return event;
}

const struct member *names_need_field(struct names *names, const struct event_info *event, const struct name *name)
{
    const struct member *field = names_field(event, name->text);
    if (field != NULL) return field;
    if (event->declaration->is_broken) return NULL; /* the line that declares it may be the broken one */
    struct text *list = ARENA_ARRAY(names->arena, struct text, event->field_count + 2);
    if (list == NULL) return NULL;
    for (uint32_t i = 0; i < event->field_count; i++) list[i] = event->fields[i].name.text;
    list[event->field_count] = TEXT("time");
    struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_UNKNOWN_FIELD, name->span, name->text, event->name);
    if (diagnostic == NULL) return NULL;
    struct text near = diagnostic_did_you_mean(name->text, list, event->field_count + 1);
    const bool is_players =
        names_attribute(names, name->text) != NULL || names_metric(names, name->text, PROGRAM_NONE) != NULL;
    if (is_players) {
        diagnostic_set_help(
            names->diagnostics, diagnostic,
            arena_print(names->arena, "the player's own is written `player.%.*s`", TEXT_ARGS(name->text)));
    } else if (near.size > 0) {
        diagnostic_set_help(names->diagnostics, diagnostic,
                            arena_print(names->arena, "did you mean `%.*s`?", TEXT_ARGS(near)));
    } else {
        diagnostic_set_help(
            names->diagnostics, diagnostic,
            arena_print(names->arena, "its fields: %.*s", TEXT_ARGS(names_list(names, list, event->field_count + 1))));
    }
    return NULL;
}

const struct member *names_need_attribute(struct names *names, const struct name *name)
{
    const struct member *attribute = names_attribute(names, name->text);
    if (attribute != NULL) return attribute;
    struct text *list = ARENA_ARRAY(names->arena, struct text, names->attribute_count + names->metric_count + 3);
    if (list == NULL) return NULL;
    uint32_t count = names->attribute_count;
    for (uint32_t i = 0; i < names->attribute_count; i++) list[i] = names->attributes[i].name.text;
    for (uint32_t i = 0; i < names->metric_count; i++) {
        const struct metric_info *metric = &names->metrics[i];
        bool there = !metric->standard || metric->stage == METRIC_READY;
        if (there && !metric->declaration->is_hidden && metric->campaign == PROGRAM_NONE) list[count++] = metric->name;
    }
    list[count++] = TEXT("tags");
    list[count++] = TEXT("id");
    struct text near = diagnostic_did_you_mean(name->text, list, count);
    struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_UNKNOWN_ATTRIBUTE, name->span, name->text);
    struct text help = name_help(names, DIAGNOSTIC_UNKNOWN_ATTRIBUTE, name->text);
    if (help.size == 0 && near.size > 0) help = arena_print(names->arena, "did you mean `%.*s`?", TEXT_ARGS(near));
    if (diagnostic != NULL && help.size > 0) diagnostic_set_help(names->diagnostics, diagnostic, help);
    return NULL;
}

uint32_t names_need_product(struct names *names, const struct name *name)
{
    uint32_t index = names_index(names->products, names->product_count, name->text);
    if (index == PROGRAM_NONE)
        names_unknown(names, DIAGNOSTIC_UNKNOWN_PRODUCT, name, names->products, names->product_count);
    return index;
}

uint32_t names_need_channel(struct names *names, const struct name *name)
{
    uint32_t index = names_index(names->channels, names->channel_count, name->text);
    if (index == PROGRAM_NONE)
        names_unknown(names, DIAGNOSTIC_UNKNOWN_CHANNEL, name, names->channels, names->channel_count);
    return index;
}

uint32_t names_need_tag(struct names *names, const struct name *name)
{
    uint32_t index = names_index(names->tags, names->tag_count, name->text);
    if (index == PROGRAM_NONE) names_unknown(names, DIAGNOSTIC_UNKNOWN_TAG, name, names->tags, names->tag_count);
    return index;
}

int names_need_zone(struct names *names, const struct name *name)
{
    int zone = zone_find(name->text);
    if (zone >= 0) return zone;
    struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_UNKNOWN_ZONE, name->span, name->text);
    int near = zone_find_near(name->text);
    if (diagnostic != NULL && near >= 0) {
        diagnostic_set_help(names->diagnostics, diagnostic,
                            arena_print(names->arena, "did you mean \"%s\"?", zone_name((unsigned)near)));
    }
    return -1;
}

uint32_t names_need_currency(struct names *names, struct text code, struct span span)
{
    uint32_t index = names_index(names->currencies, names->currency_count, code);
    if (index != PROGRAM_NONE) return index;
    struct name name = {code, span, 0};
    if (decimal_currency_digits(code) < 0) {
        struct text near = diagnostic_did_you_mean(code, names->currencies, names->currency_count);
        struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_UNKNOWN_CURRENCY, span, code);
        if (diagnostic != NULL && near.size > 0)
            diagnostic_set_help(names->diagnostics, diagnostic,
                                arena_print(names->arena, "did you mean `%.*s`?", TEXT_ARGS(near)));
        return PROGRAM_NONE;
    }
    names_unknown(names, DIAGNOSTIC_CURRENCY_NOT_USED, &name, names->currencies, names->currency_count);
    return PROGRAM_NONE;
}

bool names_is_amount(struct type type)
{
    switch ((uint32_t)type.kind) {
    case TYPE_WHOLE:
    case TYPE_DECIMAL:
    case TYPE_PERCENT:
    case TYPE_MONEY: return true;
    default: return false;
    }
}

bool names_is_ordered(const struct names *names, struct type type)
{
    switch ((uint32_t)type.kind) {
    case TYPE_WHOLE:
    case TYPE_DECIMAL:
    case TYPE_PERCENT:
    case TYPE_MONEY:
    case TYPE_DURATION:
    case TYPE_MOMENT:
    case TYPE_DATE:
    case TYPE_TIME: return true;
    case TYPE_ENUM: return names->enumerations[type.of].ranked;
    default: return false;
    }
}
