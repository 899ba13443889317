/*
 * Gathers the declarations of a project and of the standard library (names_collect in names.h).
 *
 * The order in every list is: standard declarations that nobody replaced, then the project's, each in source order; so
 * the same files give the same indices. Types of fields and attributes are resolved here; messages of a standard
 * declaration are muted, for a project that takes only a part of the library is not to blame for the rest.
 */
#include "compiler/check_ask.h"
#include "compiler/check_property.h"

#include "vm/decimal.h"
#include "vm/limits.h"
#include "vm/zone.h"

uint32_t names_enumeration(struct names *names, struct text *words, uint32_t count, bool ranked)
{
    for (uint32_t i = 0; i < names->enumeration_count; i++) {
        const struct enumeration_info *list = &names->enumerations[i];
        if (list->count != count || list->ranked != ranked) continue;
        uint32_t same = 0;
        while (same < count && text_equal(list->words[same], words[same])) same++;
        if (same == count) return i;
    }
    if (names->enumeration_count == names->enumeration_capacity) {
        uint32_t capacity = names->enumeration_capacity * 2 + 16;
        struct enumeration_info *grown = ARENA_ARRAY(names->arena, struct enumeration_info, capacity);
        if (grown ==
            NULL) { /* The compilation has failed; whoever asks for the words until it ends finds a list of none. */
            if (names->enumerations == NULL) names->enumerations = &names->no_words;
            return 0;
        }
        if (names->enumeration_count > 0) memcpy(grown, names->enumerations, names->enumeration_count * sizeof *grown);
        names->enumerations = grown;
        names->enumeration_capacity = capacity;
    }
    names->enumerations[names->enumeration_count] = (struct enumeration_info){words, count, ranked};
    return names->enumeration_count++;
}

/* Whole millionths to a whole number; false where there is a fraction. */
static bool whole_of(const struct value *value, int64_t *out)
{
    if (value->kind != VALUE_NUMBER || value->amount % DECIMAL_ONE != 0) return false;
    *out = value->amount / DECIMAL_ONE;
    return true;
}

static bool bound_of(struct names *names, const struct value *value, struct type type, int64_t *out)
{
    switch (type.kind) {
    case TYPE_WHOLE:
        if (whole_of(value, out)) return true;
        break;
    case TYPE_DECIMAL:
        if (value->kind == VALUE_NUMBER) {
            *out = value->amount;
            return true;
        }
        break;
    case TYPE_PERCENT:
        if (value->kind == VALUE_PERCENT) {
            *out = value->amount;
            return true;
        }
        break;
    case TYPE_MONEY: {
        int64_t scale = names->money_digits == 3 ? 1000 : names->money_digits == 2 ? 100 : 1;
        if (value->kind == VALUE_NUMBER && value->amount >= 0) {
            int128 most = (int128)value->amount * scale / DECIMAL_ONE;
            if (most <= INT64_C(100000000000000)) {
                *out = (int64_t)most;
                return true;
            }
        }
        break;
    }
    case TYPE_TEXT:
        if (whole_of(value, out) && *out >= 1 && *out <= LIMIT_TEXT_FIELD_BYTES) return true;
        break;
    default: break;
    }
    REPORT(names, DIAGNOSTIC_BAD_BOUND, value->span, names_words(names, value->span), names_type_words(names, type));
    return false;
}

/* Resolves a written type into the type, range and flags of a member. */
static bool resolve_type(struct names *names, const struct type_expression *written, struct member *out)
{
    static const enum type_kind kinds[] = {
        [TYPE_WORD_YES_NO] = TYPE_BOOL,
        [TYPE_WORD_WHOLE] = TYPE_WHOLE,
        [TYPE_WORD_DECIMAL] = TYPE_DECIMAL,
        [TYPE_WORD_PERCENT] = TYPE_PERCENT,
        [TYPE_WORD_MONEY] = TYPE_MONEY,
        [TYPE_WORD_TEXT] = TYPE_TEXT,
        [TYPE_WORD_MOMENT] = TYPE_MOMENT,
        [TYPE_WORD_DATE] = TYPE_DATE,
        [TYPE_WORD_CLOCK] = TYPE_TIME,
        [TYPE_WORD_DURATION] = TYPE_DURATION,
        [TYPE_WORD_CALENDAR_DURATION] = TYPE_CALENDAR,
        [TYPE_WORD_ONE_OF] = TYPE_ENUM,
        [TYPE_WORD_RANKED] = TYPE_ENUM,
        [TYPE_WORD_SET_OF] = TYPE_SET,
        [TYPE_WORD_COUNTRY] = TYPE_COUNTRY,
        [TYPE_WORD_CURRENCY] = TYPE_CURRENCY,
        [TYPE_WORD_TIME_ZONE] = TYPE_ZONE,
        [TYPE_WORD_BROKEN] = (enum type_kind)TYPE_BROKEN,
    };
    out->type = (struct type){(enum type_kind)TYPE_BROKEN, PROGRAM_NONE, 0};
    if (written == NULL || written->kind == TYPE_WORD_BROKEN) return false;
    out->type.kind = kinds[written->kind];
    out->optional = written->is_optional;
    out->privacy = written->privacy == PRIVACY_PERSONAL  ? FIELD_PERSONAL
                   : written->privacy == PRIVACY_CONTACT ? FIELD_CONTACT
                                                         : FIELD_PLAIN;
    if (written->kind == TYPE_WORD_TEXT) {
        int64_t size = 64;
        if (written->most == NULL) {
            REPORT(names, DIAGNOSTIC_TEXT_WITHOUT_SIZE, written->span, out->name.text);
        } else if (!bound_of(names, written->most, out->type, &size)) {
            size = 64;
        }
        out->type.size = (uint32_t)size;
    }
    if (written->kind == TYPE_WORD_ONE_OF || written->kind == TYPE_WORD_RANKED || written->kind == TYPE_WORD_SET_OF) {
        uint32_t most = written->kind == TYPE_WORD_SET_OF ? LIMIT_SET_VALUES : LIMIT_ENUM_VALUES;
        struct text *words = ARENA_ARRAY(names->arena, struct text, written->words.count + 1);
        if (words == NULL) return false;
        uint32_t count = 0;
        for (const struct name_node *node = written->words.first; node != NULL; node = node->next) {
            if (names_index(words, count, node->name.text) != PROGRAM_NONE) {
                REPORT(names, DIAGNOSTIC_DECLARED_TWICE, node->name.span, TEXT("the value"), node->name.text);
                continue;
            }
            words[count++] = node->name.text;
        }
        if (count > most) {
            REPORT(names, DIAGNOSTIC_TOO_MANY, written->span, names_number(names, count), TEXT("values"),
                   names_number(names, most));
            count = most;
        }
        out->type.of = names_enumeration(names, words, count, written->kind == TYPE_WORD_RANKED);
    }
    struct range range = names_type_range(out->type);
    out->low = range_low64(range);
    out->high = range_high64(range);
    if (out->type.kind == TYPE_CURRENCY) {
        out->low = 0;
        out->high = names->currency_count > 0 ? (int64_t)names->currency_count - 1 : 0;
    }
    if (out->type.kind == TYPE_ENUM) {
        out->low = 0;
        out->high =
            names->enumerations[out->type.of].count > 0 ? (int64_t)names->enumerations[out->type.of].count - 1 : 0;
    }
    if (out->type.kind == TYPE_WHOLE || out->type.kind == TYPE_DECIMAL || out->type.kind == TYPE_PERCENT ||
        out->type.kind == TYPE_MONEY) {
        if (written->least != NULL) (void)bound_of(names, written->least, out->type, &out->low);
        if (written->most != NULL) {
            (void)bound_of(names, written->most, out->type, &out->high);
            if (written->least == NULL && out->low > out->high) out->low = out->high;
        }
        if (out->low > out->high) {
            names_report(names, DIAGNOSTIC_BOUNDS_TURNED, written->span, NULL, 0);
            out->low = out->high;
        }
    }
    return true;
}

/* Collects the members of an event (`field`) or an action (`takes`). */
static struct member *collect_members(struct names *names, const struct declaration *declaration, enum line_kind kind,
                                      uint32_t first_slot, uint32_t most, uint32_t *count_out, uint32_t *slots_out)
{
    uint32_t count = 0;
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next)
        count += line->kind == kind;
    struct member *members = ARENA_ARRAY(names->arena, struct member, count + 1);
    *count_out = 0;
    *slots_out = first_slot;
    if (members == NULL) return NULL;
    uint32_t used = 0;
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != kind) continue;
        bool again = false;
        for (uint32_t i = 0; i < used; i++) again = again || text_equal(members[i].name.text, line->as.field.name.text);
        if (again) {
            REPORT(names, DIAGNOSTIC_DECLARED_TWICE, line->as.field.name.span,
                   kind == LINE_FIELD ? TEXT("the field") : TEXT("the parameter"), line->as.field.name.text);
            continue;
        }
        if (kind == LINE_FIELD &&
            (text_equal(line->as.field.name.text, TEXT("time")) || text_equal(line->as.field.name.text, TEXT("id")))) {
            REPORT(names, DIAGNOSTIC_BUILT_IN_NAME, line->as.field.name.span, line->as.field.name.text);
            continue;
        }
        if (used == most) {
            REPORT(names, DIAGNOSTIC_TOO_MANY, line->span, names_number(names, count),
                   kind == LINE_FIELD ? TEXT("fields") : TEXT("parameters"), names_number(names, most));
            break;
        }
        struct member *member = &members[used++];
        member->name = line->as.field.name;
        (void)resolve_type(names, line->as.field.type, member);
        member->slot = *slots_out;
        *slots_out += 1u + (member->type.kind == TYPE_MONEY && kind == LINE_FIELD ? 1u : 0u);
    }
    *count_out = used;
    return members;
}

static bool find_word(struct names *names, const struct name *word, const char *const *words, uint32_t count,
                      const char *what, uint32_t *out)
{
    struct text *list = ARENA_ARRAY(names->arena, struct text, count + 1);
    if (list == NULL) return false;
    for (uint32_t i = 0; i < count; i++) {
        list[i] = text_of(words[i]);
        if (text_equal(list[i], word->text)) {
            *out = i;
            return true;
        }
    }
    struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_UNKNOWN_KIND, word->span, word->text, text_of(what));
    if (diagnostic != NULL) {
        diagnostic_set_help(names->diagnostics, diagnostic,
                            arena_print(names->arena, "write one of %.*s", TEXT_ARGS(names_list(names, list, count))));
    }
    return false;
}

static void collect_event(struct names *names, struct declaration *declaration, struct event_info *event)
{
    static const char *const abouts[] = {"nothing", "offer", "message", "codes", "campaign", "points", "badge"};
    static const char *const safeties[] = {"none", "self_exclusion", "time_out", "harm_flag", "closed"};
    event->declaration = declaration;
    event->name = declaration->name.text;
    event->fields = collect_members(names, declaration, LINE_FIELD, PROGRAM_EVENT_SLOTS, LIMIT_FIELDS_PER_EVENT,
                                    &event->field_count, &event->slot_count);
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        uint32_t word = 0;
        if (line->kind == LINE_ABOUT &&
            find_word(names, &line->as.word, abouts + 1, 6, "thing that an event can be about", &word)) {
            event->about = (enum about)(word + 1);
        }
        if (line->kind == LINE_SAFETY &&
            find_word(names, &line->as.word, safeties + 1, 4, "responsible-gaming event", &word)) {
            event->safety = (enum safety)(word + 1);
        }
    }
}

static void collect_action(struct names *names, struct declaration *declaration, struct action_info *action)
{
    static const char *const classes[] = {"message", "reward", "other"};
    action->declaration = declaration;
    action->name = declaration->name.text;
    action->class = CLASS_OTHER;
    uint32_t slots = 0;
    action->parameters =
        collect_members(names, declaration, LINE_TAKES, 0, LIMIT_ACTION_PARAMETERS, &action->parameter_count, &slots);
    bool has_class = false;
    bool has_costs = false;
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        uint32_t word = 0;
        if (line->kind == LINE_CLASS) {
            has_class = true;
            if (find_word(names, &line->as.word, classes, 3, "class of an action", &word))
                action->class = (enum action_class)word;
        }
        if (line->kind == LINE_COSTS) {
            has_costs = true;
            if (line->as.value != NULL && line->as.value->kind != VALUE_NONE) action->costs = line->as.value;
        }
        if (line->kind == LINE_CONSENT) action->consent = line->as.word.text;
    }
    if (!has_class && !declaration->is_broken)
        REPORT(names, DIAGNOSTIC_LINE_MISSING, declaration->span, TEXT("action"), TEXT("class"),
               TEXT("`class reward` for what is given to a player, else `class other`"));
    if (has_class && action->class == CLASS_REWARD && !has_costs && !declaration->is_broken) {
        REPORT(names, DIAGNOSTIC_LINE_MISSING, declaration->span, TEXT("reward"), TEXT("costs"),
               TEXT("`costs amount`, a formula over its parameters, or `costs nothing`"));
    }
}

static void collect_message(struct names *names, struct declaration *declaration, struct message_info *message)
{
    static const char *const classes[] = {"marketing", "service", "safety"};
    message->declaration = declaration;
    message->name = declaration->name.text;
    message->about = PROGRAM_NONE;
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        uint32_t word = 0;
        if (line->kind == LINE_CLASS && find_word(names, &line->as.word, classes, 3, "class of a message", &word))
            message->class = (enum message_class)word;
        if (line->kind == LINE_ABOUT) {
            message->about = names_need_product(names, &line->as.word);
            if (message->about == PROGRAM_NONE) message->about = 0; /* reported; it has a product */
        }
        if (line->kind == LINE_CONTENT) {
            uint32_t channel = names_need_channel(names, &line->as.content.channel);
            message->channels |=
                channel < 64 ? UINT64_C(1) << channel : UINT64_MAX; /* unknown: reported; it may be any */
            if (message->first_body == NULL) message->first_body = line;
        }
    }
    if (message->first_body == NULL && !declaration->is_broken) {
        REPORT(names, DIAGNOSTIC_LINE_MISSING, declaration->span, TEXT("message"), TEXT("content"),
               TEXT("a line such as `email \"en\" \"Hello\"`"));
    }
}

/* ------------------------------------------------------------------ the lists */

struct gather {
    struct names *names;
    struct ast_file *const *files;
    uint32_t count;
    bool uses[DECLARATION_KIND_COUNT]; /* standard declarations of this kind are taken */
};

static const char *kind_words(enum declaration_kind kind)
{
    switch (kind) {
    case DECLARATION_WORKSPACE: return "the workspace";
    case DECLARATION_EVENT: return "the event";
    case DECLARATION_ATTRIBUTE: return "the attribute";
    case DECLARATION_ACTION: return "the action";
    case DECLARATION_MESSAGE: return "the message";
    case DECLARATION_SEGMENT: return "the segment";
    case DECLARATION_BUDGET: return "the budget";
    case DECLARATION_OFFER: return "the offer";
    case DECLARATION_TERMS: return "the terms";
    case DECLARATION_POLICY: return "the policy";
    case DECLARATION_CAMPAIGN: return "the campaign";
    case DECLARATION_TEST: return "the test";
    case DECLARATION_METRIC: return "the metric";
    case DECLARATION_RULES: return "the rules";
    case DECLARATION_RATES: return "the rates";
    case DECLARATION_QUERY: return "the query";
    case DECLARATION_HOLIDAYS: return "the holidays";
    case DECLARATION_CODES: return "the codes";
    case DECLARATION_STACKING: return "the stacking";
    case DECLARATION_TOURNAMENT: return "the tournament";
    case DECLARATION_POINTS: return "the points";
    case DECLARATION_LEVELS: return "the levels";
    case DECLARATION_MISSION: return "the mission";
    case DECLARATION_BADGE: return "the badge";
    case DECLARATION_PRIZES: return "the prizes";
    case DECLARATION_BOARD: return "the board";
    case DECLARATION_KIND_COUNT: break;
    }
    return "the name";
}

/* A campaign that the author wrote as another thing is told by that word. */
static const char *own_words(const struct declaration *declaration)
{
    return kind_words(declaration->tournament != NULL ? DECLARATION_TOURNAMENT
                      : declaration->is_mission       ? DECLARATION_MISSION
                                                      : declaration->kind);
}

/* One name, declared twice; rules of a jurisdiction are told apart by the day on which they begin. */
static bool is_same(const struct declaration *one, const struct declaration *other)
{
    if (!text_equal(one->name.text, other->name.text)) return false;
    bool dated = one->kind == DECLARATION_RULES && one->from != NULL && other->from != NULL;
    return !dated || one->from->amount == other->from->amount;
}

/* All declarations of a kind: standard ones that are used and not replaced, then the project's without duplicates. */
static struct declaration **gather_kind(struct gather *gather, enum declaration_kind kind, uint32_t *count_out,
                                        uint32_t *standard_out)
{
    struct names *names = gather->names;
    uint32_t total = 0;
    for (uint32_t i = 0; i < gather->count; i++) {
        for (const struct declaration *d = gather->files[i]->declarations.first; d != NULL; d = d->next)
            total += d->kind == kind;
    }
    struct declaration **all = ARENA_ARRAY(names->arena, struct declaration *, total + 1);
    struct declaration **own = ARENA_ARRAY(names->arena, struct declaration *, total + 1);
    *count_out = 0;
    *standard_out = 0;
    if (all == NULL || own == NULL) return all;
    uint32_t own_count = 0;
    for (uint32_t i = 0; i < gather->count && i < names->project_file_count; i++) {
        for (struct declaration *d = gather->files[i]->declarations.first; d != NULL; d = d->next) {
            if (d->kind != kind) continue;
            const struct declaration *before = NULL;
            for (uint32_t j = 0; j < own_count && before == NULL; j++) {
                if (is_same(own[j], d)) before = own[j];
            }
            if (before != NULL && kind != DECLARATION_TEST && kind != DECLARATION_WORKSPACE) {
                struct diagnostic *diagnostic =
                    REPORT(names, DIAGNOSTIC_DECLARED_TWICE, d->name.span, text_of(own_words(d)), d->name.text);
                diagnostic_add_note(names->diagnostics, diagnostic, before->name.span, TEXT("the first one is here"));
                if (kind == DECLARATION_RULES)
                    diagnostic_set_help(names->diagnostics, diagnostic,
                                        TEXT("put their lines into one block, or let this one begin on a later day"));
                continue;
            }
            if (kind != DECLARATION_TEST) names_judge_length(names, &d->name);
            own[own_count++] = d;
        }
    }
    uint32_t count = 0;
    for (uint32_t i = names->project_file_count; i < gather->count && gather->uses[kind]; i++) {
        for (struct declaration *d = gather->files[i]->declarations.first; d != NULL; d = d->next) {
            if (d->kind != kind) continue;
            bool replaced = false;
            for (uint32_t j = 0; j < own_count; j++) replaced = replaced || is_same(own[j], d);
            if (!replaced) all[count++] = d;
        }
    }
    *standard_out = count;
    for (uint32_t j = 0; j < own_count; j++) all[count++] = own[j];
    *count_out = count;
    return all;
}

static struct thing *gather_things(struct gather *gather, enum declaration_kind kind, uint32_t *count_out)
{
    uint32_t standard = 0;
    struct declaration **all = gather_kind(gather, kind, count_out, &standard);
    struct thing *things = ARENA_ARRAY(gather->names->arena, struct thing, *count_out + 1);
    if (things == NULL || all == NULL) {
        *count_out = 0;
        return things;
    }
    for (uint32_t i = 0; i < *count_out; i++) {
        things[i] = (struct thing){all[i], all[i]->name.text, i, i < standard, false, false, PROGRAM_NONE};
        all[i]->resolved = i;
    }
    return things;
}

static struct text *words_of(struct names *names, const struct declaration *declaration, enum line_kind kind,
                             uint32_t *count_out)
{
    uint32_t count = 0;
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind == kind) count += line->as.words.count;
    }
    struct text *words = ARENA_ARRAY(names->arena, struct text, count + 1);
    *count_out = 0;
    if (words == NULL) return NULL;
    uint32_t used = 0;
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != kind) continue;
        for (const struct name_node *node = line->as.words.first; node != NULL; node = node->next) {
            if (names_index(words, used, node->name.text) != PROGRAM_NONE) {
                REPORT(names, DIAGNOSTIC_DECLARED_TWICE, node->name.span, TEXT("the word"), node->name.text);
                continue;
            }
            if (kind == LINE_CURRENCY && decimal_currency_digits(node->name.text) < 0) {
                REPORT(names, DIAGNOSTIC_UNKNOWN_CURRENCY, node->name.span, node->name.text);
                continue;
            }
            words[used++] = node->name.text;
        }
    }
    uint32_t most = kind == LINE_TAG ? LIMIT_TAGS : kind == LINE_CHANNEL ? 32 : 256;
    if (used > most) {
        REPORT(names, DIAGNOSTIC_TOO_MANY, declaration->span, names_number(names, used), TEXT("words"),
               names_number(names, most));
        used = most;
    }
    *count_out = used;
    return words;
}

static void collect_workspace(struct gather *gather, struct text default_name)
{
    struct names *names = gather->names;
    struct declaration *own = NULL;
    struct declaration *standard = NULL;
    for (uint32_t i = 0; i < gather->count; i++) {
        for (struct declaration *d = gather->files[i]->declarations.first; d != NULL; d = d->next) {
            if (d->kind != DECLARATION_WORKSPACE) continue;
            if (i >= names->project_file_count) {
                standard = d;
            } else if (own != NULL) {
                struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_SECOND_WORKSPACE, d->span, d->name.text);
                diagnostic_add_note(names->diagnostics, diagnostic, own->span, TEXT("the first one is here"));
            } else {
                own = d;
            }
        }
    }
    INVARIANT(standard != NULL);
    const struct declaration *taken = own != NULL ? own : standard;
    names->workspace_name = own != NULL ? own->name.text : default_name.size > 0 ? default_name : standard->name.text;
    names->currencies = words_of(names, taken, LINE_CURRENCY, &names->currency_count);
    if (names->currency_count == 0)
        names->currencies = words_of(names, standard, LINE_CURRENCY, &names->currency_count);
    names->brands = words_of(names, taken, LINE_BRAND, &names->brand_count);
    names->products = words_of(names, taken, LINE_PRODUCT, &names->product_count);
    if (names->product_count == 0) names->products = words_of(names, standard, LINE_PRODUCT, &names->product_count);
    names->channels = words_of(names, taken, LINE_CHANNEL, &names->channel_count);
    if (names->channel_count == 0) names->channels = words_of(names, standard, LINE_CHANNEL, &names->channel_count);
    names->tags = words_of(names, taken, LINE_TAG, &names->tag_count);
    if (names->tag_count == 0) names->tags = words_of(names, standard, LINE_TAG, &names->tag_count);
    for (uint32_t i = 0; i < names->currency_count; i++) {
        int digits = decimal_currency_digits(names->currencies[i]);
        if (digits > (int)names->money_digits) names->money_digits = (unsigned)digits;
    }
    names->zone = zone_utc();
    names->lateness_ms = 7 * CIVIL_DAY_MS;
    names->retention_ms = 400 * CIVIL_DAY_MS;
    const enum line_kind single[] = {LINE_TIMEZONE, LINE_LATENESS, LINE_RETENTION};
    for (size_t k = 0; k < sizeof single / sizeof *single; k++) {
        const struct line *line = ast_find_line(&taken->lines, single[k], NULL);
        if (line == NULL) continue;
        const struct line *again = ast_find_line(&taken->lines, single[k], line);
        if (again != NULL) REPORT(names, DIAGNOSTIC_LINE_TWICE, again->span, text_of(ast_line_word(single[k])));
        if (single[k] == LINE_TIMEZONE) {
            int zone = names_need_zone(names, &line->as.text);
            if (zone >= 0) names->zone = (uint32_t)zone;
            names->has_zone = own != NULL;
        } else if (line->as.value != NULL && line->as.value->kind == VALUE_DURATION) {
            int64_t ms = names_duration_ms(&line->as.value->duration);
            if (ms <= 0) names_report(names, DIAGNOSTIC_DURATION_ZERO, line->as.value->span, NULL, 0);
            *(single[k] == LINE_LATENESS ? &names->lateness_ms : &names->retention_ms) = ms > 0 ? ms : CIVIL_DAY_MS;
        }
    }
    static const struct {
        const char *word;
        enum declaration_kind kind;
    } parts[] = {{"events", DECLARATION_EVENT},      {"attributes", DECLARATION_ATTRIBUTE},
                 {"actions", DECLARATION_ACTION},    {"metrics", DECLARATION_METRIC},
                 {"segments", DECLARATION_SEGMENT},  {"policies", DECLARATION_POLICY},
                 {"holidays", DECLARATION_HOLIDAYS}, {"rules", DECLARATION_RULES}};
    for (const struct line *line = taken->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_USE) continue;
        for (const struct name_node *node = line->as.words.first; node != NULL; node = node->next) {
            bool found = false;
            for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
                if (!text_equal(node->name.text, text_of(parts[i].word))) continue;
                gather->uses[parts[i].kind] = true;
                found = true;
            }
            if (!found) {
                const struct text words[] = {TEXT("events"),   TEXT("attributes"), TEXT("actions"),  TEXT("metrics"),
                                             TEXT("segments"), TEXT("policies"),   TEXT("holidays"), TEXT("rules")};
                names_unknown(names, DIAGNOSTIC_UNKNOWN_PART, &node->name, words, 8);
            }
        }
    }
}

static void limit_count(struct names *names, uint32_t *count, uint32_t most, struct declaration *const *all,
                        const char *what)
{
    if (*count <= most) return;
    REPORT(names, DIAGNOSTIC_TOO_MANY, all[most]->span, names_number(names, *count), text_of(what),
           names_number(names, most));
    *count = most;
}

static void collect_attributes(struct gather *gather)
{
    struct names *names = gather->names;
    uint32_t standard = 0;
    struct declaration **all = gather_kind(gather, DECLARATION_ATTRIBUTE, &names->attribute_count, &standard);
    limit_count(names, &names->attribute_count, LIMIT_ATTRIBUTES, all, "attributes");
    names->attributes = ARENA_ARRAY(names->arena, struct member, names->attribute_count + 1);
    names->player_slot_count = PROGRAM_PLAYER_SLOTS + names->attribute_count;
    names->zone_attribute = PROGRAM_NONE;
    names->currency_attribute = PROGRAM_NONE;
    if (names->attributes == NULL) return;
    for (uint32_t i = 0; i < names->attribute_count; i++) {
        struct member *attribute = &names->attributes[i];
        struct declaration *d = all[i];
        attribute->name = d->name;
        attribute->index = i;
        attribute->slot = PROGRAM_PLAYER_SLOTS + i;
        if (!resolve_type(names, d->type, attribute)) continue;
        if (text_equal(d->name.text, TEXT("id")) || text_equal(d->name.text, TEXT("tags"))) {
            REPORT(names, DIAGNOSTIC_BUILT_IN_NAME, d->name.span, d->name.text);
        }
        if (attribute->type.kind == TYPE_MONEY) attribute->type.of = 0;
        if (attribute->type.kind == TYPE_ZONE) {
            if (names->zone_attribute != PROGRAM_NONE) {
                REPORT(names, DIAGNOSTIC_SECOND_ZONE, d->span, d->name.text,
                       names->attributes[names->zone_attribute].name.text);
            } else {
                names->zone_attribute = i;
            }
        }
        if (attribute->type.kind == TYPE_CURRENCY) {
            if (names->currency_attribute != PROGRAM_NONE) {
                REPORT(names, DIAGNOSTIC_SECOND_CURRENCY, d->span, d->name.text,
                       names->attributes[names->currency_attribute].name.text);
            } else {
                names->currency_attribute = i;
            }
        }
        attribute->preset_value = d->type->otherwise;
        if (d->type->otherwise == NULL && !attribute->optional)
            REPORT(names, DIAGNOSTIC_NO_DEFAULT, d->span, d->name.text);
        if (d->type->otherwise != NULL && attribute->optional)
            REPORT(names, DIAGNOSTIC_OPTIONAL_WITH_DEFAULT, d->type->otherwise->span, d->name.text);
    }
}

static void collect_queries(struct gather *gather)
{
    struct names *names = gather->names;
    uint32_t standard = 0;
    struct declaration **all = gather_kind(gather, DECLARATION_QUERY, &names->query_count, &standard);
    limit_count(names, &names->query_count, LIMIT_QUERIES, all, "queries");
    names->queries = ARENA_ARRAY(names->arena, struct query_info, names->query_count + 1);
    for (uint32_t i = 0; names->queries != NULL && i < names->query_count; i++) {
        struct query_info *query = &names->queries[i];
        *query = (struct query_info){.declaration = all[i], .index = i};
        query->value.name = all[i]->name;
        (void)resolve_type(names, all[i]->type, &query->value);
        query_judge(names, query);
    }
}

static void limit_things(struct names *names, const struct thing *things, uint32_t *count, uint32_t most,
                         const char *what)
{
    if (*count <= most) return;
    REPORT(names, DIAGNOSTIC_TOO_MANY, things[most].declaration->span, names_number(names, *count), text_of(what),
           names_number(names, most));
    *count = most;
}

/* `metric` lines of a campaign; their names may stand once there, and once among those of the workspace. */
static void collect_campaign_metrics(struct names *names, uint32_t campaign, uint32_t most)
{
    const struct declaration *declaration = names->campaigns[campaign].declaration;
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_METRIC || line->as.declaration == NULL) continue;
        struct declaration *own = line->as.declaration;
        const struct metric_info *before = names_metric(names, own->name.text, campaign);
        if (before != NULL) {
            struct diagnostic *diagnostic =
                REPORT(names, DIAGNOSTIC_DECLARED_TWICE, own->name.span, TEXT("the metric"), own->name.text);
            if (!before->standard)
                diagnostic_add_note(names->diagnostics, diagnostic, before->declaration->name.span,
                                    TEXT("the first one is here"));
            continue;
        }
        names_judge_length(names, &own->name);
        if (names->metric_count >= most) return;
        names->metrics[names->metric_count++] =
            (struct metric_info){.declaration = own, .name = own->name.text, .campaign = campaign};
    }
}

static void collect_metrics(struct gather *gather)
{
    struct names *names = gather->names;
    uint32_t count, standard, total;
    struct declaration **all = gather_kind(gather, DECLARATION_METRIC, &count, &standard);
    total = count;
    for (uint32_t i = 0; i < names->campaign_count; i++) {
        const struct declaration *campaign = names->campaigns[i].declaration;
        for (const struct line *line = campaign->lines.first; line != NULL; line = line->next)
            total += line->kind == LINE_METRIC;
    }
    names->metrics = ARENA_ARRAY(names->arena, struct metric_info, total + 1);
    if (names->metrics == NULL || all == NULL) return;
    for (uint32_t i = 0; i < count; i++) {
        names->metrics[i] = (struct metric_info){
            .declaration = all[i], .name = all[i]->name.text, .campaign = PROGRAM_NONE, .standard = i < standard};
    }
    names->metric_count = count;
    for (uint32_t i = 0; i < names->campaign_count; i++) collect_campaign_metrics(names, i, total);
    if (names->metric_count <= LIMIT_METRICS) return;
    REPORT(names, DIAGNOSTIC_TOO_MANY, names->metrics[LIMIT_METRICS].declaration->span,
           names_number(names, names->metric_count), TEXT("metrics"), names_number(names, LIMIT_METRICS));
    names->metric_count = LIMIT_METRICS;
}

void names_collect(struct names *names, struct ast_file *const *files, uint32_t count, struct text default_name)
{
    struct gather gather = {.names = names, .files = files, .count = count};
    names->files = files;
    names->file_count = count;
    collect_workspace(&gather, default_name);
    uint32_t standard = 0;

    struct declaration **events = gather_kind(&gather, DECLARATION_EVENT, &names->event_count, &standard);
    limit_count(names, &names->event_count, LIMIT_EVENTS, events, "events");
    names->events = ARENA_ARRAY(names->arena, struct event_info, names->event_count + 1);
    for (uint32_t i = 0; names->events != NULL && i < names->event_count; i++) {
        names->events[i].index = i;
        collect_event(names, events[i], &names->events[i]);
    }
    collect_attributes(&gather);
    collect_queries(&gather);

    struct declaration **actions = gather_kind(&gather, DECLARATION_ACTION, &names->action_count, &standard);
    limit_count(names, &names->action_count, LIMIT_ACTIONS, actions, "actions");
    names->actions = ARENA_ARRAY(names->arena, struct action_info, names->action_count + 1);
    for (uint32_t i = 0; names->actions != NULL && i < names->action_count; i++) {
        names->actions[i].index = i;
        collect_action(names, actions[i], &names->actions[i]);
    }
    struct declaration **messages = gather_kind(&gather, DECLARATION_MESSAGE, &names->message_count, &standard);
    names->messages = ARENA_ARRAY(names->arena, struct message_info, names->message_count + 1);
    for (uint32_t i = 0; names->messages != NULL && i < names->message_count; i++) {
        names->messages[i].index = i;
        collect_message(names, messages[i], &names->messages[i]);
    }
    names->segments = gather_things(&gather, DECLARATION_SEGMENT, &names->segment_count);
    limit_things(names, names->segments, &names->segment_count, LIMIT_SEGMENTS, "segments");
    names->holidays = gather_things(&gather, DECLARATION_HOLIDAYS, &names->holidays_count);
    names->pools = gather_things(&gather, DECLARATION_BUDGET, &names->pool_count);
    limit_things(names, names->pools, &names->pool_count, LIMIT_BUDGETS, "shared budgets");
    names->codes = gather_things(&gather, DECLARATION_CODES, &names->codes_count);
    limit_things(names, names->codes, &names->codes_count, LIMIT_POOLS, "pools of codes");
    names->rates = gather_things(&gather, DECLARATION_RATES, &names->rates_count);
    limit_things(names, names->rates, &names->rates_count, LIMIT_RATE_TABLES, "rate tables");
    names->stackings = gather_things(&gather, DECLARATION_STACKING, &names->stacking_count);
    names->offers = gather_things(&gather, DECLARATION_OFFER, &names->offer_count);
    names->terms = gather_things(&gather, DECLARATION_TERMS, &names->terms_count);
    names->policies = gather_things(&gather, DECLARATION_POLICY, &names->policy_count);
    limit_things(names, names->policies, &names->policy_count, LIMIT_POLICIES, "policies");
    names->profiles = gather_things(&gather, DECLARATION_RULES, &names->profile_count);
    limit_things(names, names->profiles, &names->profile_count, LIMIT_POLICIES, "blocks `rules for`");
    names->campaigns = gather_things(&gather, DECLARATION_CAMPAIGN, &names->campaign_count);
    limit_things(names, names->campaigns, &names->campaign_count, LIMIT_CAMPAIGNS, "campaigns");
    names->points = gather_things(&gather, DECLARATION_POINTS, &names->points_count);
    limit_things(names, names->points, &names->points_count, LIMIT_POINTS, "points");
    names->ladders = gather_things(&gather, DECLARATION_LEVELS, &names->ladder_count);
    limit_things(names, names->ladders, &names->ladder_count, LIMIT_LADDERS, "blocks `levels`");
    names->badges = gather_things(&gather, DECLARATION_BADGE, &names->badge_count);
    limit_things(names, names->badges, &names->badge_count, LIMIT_BADGES, "badges");
    names->tests = gather_things(&gather, DECLARATION_TEST, &names->test_count);
    collect_metrics(&gather);
    property_collect(names);
}
