/*
 * Events that the engine makes or answers have the fields that it writes and reads (spec/roles.def).
 *
 * A project may declare such an event itself, with more fields; one that lacks a needed field, or has it in another type, would say nothing.
 * spec: language.md#events
 */
#include "compiler/names.h"

enum direction { ROLE_MADE, ROLE_ASKED, ROLE_HEARD };
enum need { FREE, NEEDED };

struct role_row {
    struct text event;
    enum direction direction;
};
struct field_row {
    uint32_t role;
    struct text name;
    uint32_t kind;
    enum need need;
};

enum {
    ROLE_NUMBER_NONE,
#define ROLE(number, NAME, event, direction, sentence) NUMBER_##NAME = (number),
#include "spec/roles.def"
    ROLE_NUMBERS
};

static const struct role_row roles[ROLE_NUMBERS] = {
#define ROLE(number, NAME, event, direction, sentence) [(number)] = {TEXT_INIT(event), ROLE_##direction},
#include "spec/roles.def"
};

static const struct field_row fields[] = {
#define ROLE_FIELD(NAME, number, field, TYPE, need) {NUMBER_##NAME, TEXT_INIT(field), TYPE_##TYPE, need},
#include "spec/roles.def"
};

static const char *const does[] = {[ROLE_MADE] = "makes", [ROLE_ASKED] = "answers", [ROLE_HEARD] = "reads"};

static void judge_field(struct names *names, const struct event_info *event, const struct field_row *row,
                        enum direction direction)
{
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct member *field = &event->fields[i];
        if (!text_equal(field->name.text, row->name)) continue;
        if ((uint32_t)field->type.kind >= TYPE_COUNT || field->type.kind == row->kind) return; /* broken: was told */
        REPORT(names, DIAGNOSTIC_FIELD_KIND, field->name.span, row->name, names_type_words(names, field->type),
               names_type_words(names, (struct type){(enum type_kind)row->kind, PROGRAM_NONE, 0}));
        return;
    }
    if (row->need == NEEDED)
        REPORT(names, DIAGNOSTIC_ROLE_FIELD, event->declaration->name.span, event->name, text_of(does[direction]),
               row->name, names_type_words(names, (struct type){(enum type_kind)row->kind, PROGRAM_NONE, 0}));
}

void names_judge_role(struct names *names, const struct event_info *event, bool made, bool answered)
{
    uint32_t role = ROLE_NUMBER_NONE;
    for (uint32_t i = 1; i < ROLE_NUMBERS && role == ROLE_NUMBER_NONE; i++) {
        if (text_equal(roles[i].event, event->name)) role = i;
    }
    enum direction direction = role == ROLE_NUMBER_NONE ? ROLE_HEARD : roles[role].direction;
    bool fits = direction == ROLE_MADE ? made : direction == ROLE_ASKED ? answered : !made;
    if (role == ROLE_NUMBER_NONE || !fits) return; /* the engine takes no notice of it */
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (fields[i].role == role) judge_field(names, event, &fields[i], direction);
    }
}
