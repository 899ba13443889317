/* Values, formulas and conditions by chance. See generate.h. */
#include <stdio.h>
#include <string.h>

#include "tests/reference/generate.h"

/* Splitmix64: well mixed and small. */
static uint64_t next(struct generator *generator)
{
    uint64_t value = generator->state += UINT64_C(0x9E3779B97F4A7C15);
    value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
    return value ^ (value >> 31);
}

uint32_t generate_random(struct generator *generator, uint32_t below)
{
    return (uint32_t)(next(generator) % below);
}

bool generate_chance(struct generator *generator, uint32_t percent)
{
    return generate_random(generator, 100) < percent;
}

static void say(struct generator *generator, const char *text)
{
    buffer_string(generator->out, text);
}

#define PICK(generator, list) ((list)[generate_random((generator), sizeof(list) / sizeof *(list))])

/* ------------------------------------------------------------------ constants */

static void amount(struct generator *generator)
{
    static const uint32_t amounts[] = {0, 1, 2, 5, 7, 10, 20, 25, 33, 50, 99, 100, 250, 400, 999};
    uint32_t whole = PICK(generator, amounts);
    bool cents = strcmp(generator->currency, "JPY") != 0 && generate_chance(generator, 30);
    if (cents)
        buffer_print(generator->out, "%u.%02u %s", whole, generate_random(generator, 100), generator->currency);
    else
        buffer_print(generator->out, "%u %s", whole, generator->currency);
}

void generate_constant(struct generator *generator, enum made_type type)
{
    static const char *const decimals[] = {"0.0", "0.5", "1.0", "1.25", "2.5", "3.333333", "0.000001", "7.0", "10.0"};
    static const char *const percents[] = {"0%", "1%", "12.5%", "33.3333%", "50%", "66.6%", "99%", "100%"};
    static const char *const kinds[] = {"a1", "b1", "c1"}, *const ranks[] = {"low", "mid", "high"};
    static const char *const bags[] = {"x1", "y1", "z1"}, *const lands[] = {"MT", "DE", "SE", "GB", "ZZ", "PL"};
    static const char *const moments[] = {"2026-05-30",           "2026-06-01",       "2026-06-10 12:00",
                                          "2026-07-01 00:00 UTC", "2026-10-25 02:30", "2026-06-15 23:59"};
    static const char *const dates[] = {"2026-05-30", "2026-06-01", "2026-06-30", "1990-02-28", "2000-02-29"};
    static const char *const clocks[] = {"00:00", "09:00", "12:30", "18:00", "23:59:59"};
    static const char *const spans[] = {"1 second", "90 minutes", "2 hours", "36 hours", "1 hour"};
    static const char *const texts[] = {"\"w0\"", "\"w1\"", "\"abc\"", "\"\"", "\"free spins\"", "\"bonus\""};
    switch (type) {
    case MADE_MONEY: amount(generator); return;
    case MADE_WHOLE:
        buffer_print(generator->out, "%u", generate_random(generator, generate_chance(generator, 60) ? 12 : 101));
        return;
    case MADE_DECIMAL: say(generator, PICK(generator, decimals)); return;
    case MADE_PERCENT: say(generator, PICK(generator, percents)); return;
    case MADE_YES_NO: say(generator, generate_chance(generator, 60) ? "yes" : "no"); return;
    case MADE_KIND: say(generator, PICK(generator, kinds)); return;
    case MADE_RANK: say(generator, PICK(generator, ranks)); return;
    case MADE_BAG: say(generator, PICK(generator, bags)); return;
    case MADE_MOMENT: say(generator, PICK(generator, moments)); return;
    case MADE_DATE: say(generator, PICK(generator, dates)); return;
    case MADE_CLOCK: say(generator, PICK(generator, clocks)); return;
    case MADE_SPAN: say(generator, PICK(generator, spans)); return;
    case MADE_TEXT: say(generator, PICK(generator, texts)); return;
    case MADE_LAND: say(generator, PICK(generator, lands)); return;
    case MADE_TYPES: return;
    }
}

/* ------------------------------------------------------------------ names */

/* Fields of `ping` and `pong`, and attributes, by type; the second is optional. */
static const char *const field_names[MADE_TYPES][2] = {
    [MADE_MONEY] = {"amount", "extra"},  [MADE_WHOLE] = {"count", "odd"}, [MADE_DECIMAL] = {"ratio", NULL},
    [MADE_PERCENT] = {"part", "chance"}, [MADE_YES_NO] = {"flag", NULL},  [MADE_KIND] = {"sort", "other_sort"},
    [MADE_RANK] = {"grade", NULL},       [MADE_BAG] = {"bag", NULL},      [MADE_MOMENT] = {"due_at", "ends_at"},
    [MADE_DATE] = {"day", NULL},         [MADE_CLOCK] = {"clock", NULL},  [MADE_SPAN] = {"span", NULL},
    [MADE_TEXT] = {"word", "remark"},    [MADE_LAND] = {"land", NULL},
};
static const char *const attribute_names[MADE_TYPES][2] = {
    [MADE_MONEY] = {NULL, "purse"},
    [MADE_WHOLE] = {"score", "opt_score"},
    [MADE_DECIMAL] = {"factor", "opt_factor"},
    [MADE_PERCENT] = {"portion", "risk"},
    [MADE_YES_NO] = {"fan", "opt_fan"},
    [MADE_KIND] = {"fav", "opt_fav"},
    [MADE_RANK] = {"tier", "opt_tier"},
    [MADE_BAG] = {NULL, NULL},
    [MADE_MOMENT] = {NULL, "joined"},
    [MADE_DATE] = {NULL, "born"},
    [MADE_CLOCK] = {"wake", "nap"},
    [MADE_SPAN] = {"gap", NULL},
    [MADE_TEXT] = {"nick", "alias"},
    [MADE_LAND] = {"home", NULL},
};
/* Metrics of the workspace, by type; the second may have no value. */
static const char *const metric_names[MADE_TYPES][2] = {
    [MADE_MONEY] = {"pinged", "ping_average"},
    [MADE_WHOLE] = {"pings", "ping_largest"},
    [MADE_DECIMAL] = {"ping_share", "ratio_last"},
    [MADE_PERCENT] = {NULL, "part_first"},
    [MADE_KIND] = {NULL, "sort_favourite"},
    [MADE_MOMENT] = {NULL, "ping_last"},
    [MADE_TEXT] = {NULL, "word_last"},
};

/* The name of something that may be read here; false: there is nothing of the type. */
static bool name_of(struct generator *generator, const struct made_scope *scope, enum made_type type, bool optional,
                    char *out, size_t size)
{
    uint32_t first = generate_random(generator, 6);
    for (uint32_t i = 0; i < 6; i++) {
        const char *owner = "", *name = NULL;
        bool event_sight = scope->sight == IN_EVENT || scope->sight == IN_METRIC;
        switch ((first + i) % 6) {
        case 0:
        case 1:
            if (event_sight) name = field_names[type][optional];
            if (scope->sight == IN_JOURNEY && (scope->ping || scope->pong)) {
                name = field_names[type][optional];
                owner = scope->ping && (!scope->pong || generate_chance(generator, 50)) ? "ping." : "pong.";
            }
            break;
        case 2:
            if (scope->sight == IN_METRIC) break;
            name = attribute_names[type][optional];
            owner = scope->sight == IN_PLAYER ? "" : "player.";
            if (type == MADE_MONEY && strcmp(generator->currency, "EUR") != 0) name = NULL;
            break;
        case 3:
            if (scope->sight == IN_METRIC || generator->bounded) break;
            name = metric_names[type][optional];
            owner = scope->sight == IN_PLAYER ? "" : "player.";
            if (type == MADE_MONEY && strcmp(generator->currency, "EUR") != 0) name = NULL;
            break;
        case 4:
            if (scope->sight != IN_JOURNEY || optional || scope->variable_count == 0) break;
            for (uint32_t n = 0, at = generate_random(generator, scope->variable_count); n < scope->variable_count;
                 n++) {
                const struct made_variable *variable = &scope->variable[(at + n) % scope->variable_count];
                if (variable->type != type) continue;
                name = variable->name;
                owner = "journey.";
                break;
            }
            break;
        default:
            if (type == MADE_WHOLE && !optional && scope->entry && scope->sight == IN_JOURNEY) {
                name = "since_entry";
                owner = "journey.";
            }
            if (type == MADE_MOMENT && !optional && event_sight) name = "time";
            if (type == MADE_MOMENT && !optional && scope->sight == IN_JOURNEY && scope->ping) {
                name = "time";
                owner = "ping.";
            }
            break;
        }
        if (name == NULL) continue;
        snprintf(out, size, "%s%s", owner, name);
        return true;
    }
    return false;
}

/* ------------------------------------------------------------------ formulas */

static bool is_amount(enum made_type type)
{
    return type == MADE_MONEY || type == MADE_WHOLE || type == MADE_DECIMAL || type == MADE_PERCENT;
}

static void rounding(struct generator *generator)
{
    static const char *const words[] = {"down", "up", "half up", "half even"};
    buffer_print(generator->out, ", rounded %s", PICK(generator, words));
}

static void plain(struct generator *generator, const struct made_scope *scope, enum made_type type)
{
    char name[64];
    if (generate_chance(generator, 75) && name_of(generator, scope, type, false, name, sizeof name))
        say(generator, name);
    else
        generate_constant(generator, type);
}

/* Arithmetic whose result is of the type. */
static void arithmetic(struct generator *generator, const struct made_scope *scope, enum made_type type, uint32_t depth)
{
    if (depth == 0 || !is_amount(type)) {
        plain(generator, scope, type);
        return;
    }
    char name[64];
    switch (generate_random(generator, 8)) {
    case 0:
        if (type == MADE_PERCENT) break;
        generate_constant(generator, generate_chance(generator, 70) ? MADE_PERCENT : MADE_PERCENT);
        say(generator, " of ");
        plain(generator, scope, type);
        return;
    case 1:
        if (type == MADE_PERCENT) break;
        buffer_print(generator->out, "%ux of ", 1 + generate_random(generator, 4));
        plain(generator, scope, type);
        return;
    case 2:
        say(generator, "(");
        arithmetic(generator, scope, type, depth - 1);
        say(generator, generate_chance(generator, 50) ? " + " : " - ");
        plain(generator, scope, type);
        say(generator, ")");
        return;
    case 3:
        if (type == MADE_MONEY || type == MADE_DECIMAL) {
            plain(generator, scope, type);
            say(generator, " * ");
            plain(generator, scope, generate_chance(generator, 50) ? MADE_PERCENT : MADE_DECIMAL);
            return;
        }
        break;
    case 4:
        if (type == MADE_MONEY || type == MADE_WHOLE) {
            plain(generator, scope, type);
            buffer_print(generator->out, " * %u", 2 + generate_random(generator, 5));
            return;
        }
        break;
    case 5:
        if (type == MADE_MONEY || type == MADE_DECIMAL) {
            plain(generator, scope, type);
            buffer_print(generator->out, " / %u", 2 + generate_random(generator, 8));
            return;
        }
        break;
    case 6:
        if (type == MADE_DECIMAL && name_of(generator, scope, MADE_WHOLE, false, name, sizeof name)) {
            buffer_print(generator->out, "%s / 7", name);
            return;
        }
        break;
    default: break;
    }
    plain(generator, scope, type);
}

static void clauses(struct generator *generator, const struct made_scope *scope, enum made_type type)
{
    bool is_rounded = false;
    for (uint32_t n = generate_random(generator, 3); n > 0; n--) {
        switch (generate_random(generator, 3)) {
        case 0:
            say(generator, ", at most ");
            plain(generator, scope, type);
            break;
        case 1:
            say(generator, ", at least ");
            plain(generator, scope, type);
            break;
        default:
            if (!is_rounded) rounding(generator);
            is_rounded = true;
            break;
        }
    }
}

void generate_value(struct generator *generator, const struct made_scope *scope, enum made_type type, bool formula)
{
    char name[64], other[64];
    if (!formula) {
        plain(generator, scope, type);
        return;
    }
    /* Something that may be unknown, or divided by zero, with what stands for it then. */
    if (is_amount(type) && generate_chance(generator, 25)) {
        bool divides = (type == MADE_MONEY || type == MADE_DECIMAL) && generate_chance(generator, 50);
        if (divides && name_of(generator, scope, type, false, name, sizeof name) &&
            name_of(generator, scope, MADE_WHOLE, false, other, sizeof other)) {
            buffer_print(generator->out, "%s / %s", name, other);
            if (generate_chance(generator, 40)) clauses(generator, scope, type);
            say(generator, ", otherwise ");
            generate_constant(generator, type);
            return;
        }
        if (name_of(generator, scope, type, true, name, sizeof name)) {
            if (generate_chance(generator, 50) && type != MADE_PERCENT) buffer_print(generator->out, "50%% of ");
            say(generator, name);
            if (generate_chance(generator, 30)) clauses(generator, scope, type);
            say(generator, ", otherwise ");
            plain(generator, scope, type);
            return;
        }
    }
    if (!is_amount(type)) {
        plain(generator, scope, type);
        return;
    }
    generator->bounded = true;
    arithmetic(generator, scope, type, 2);
    clauses(generator, scope, type);
    generator->bounded = false;
}

/* ------------------------------------------------------------------ conditions */

static bool is_ordered(enum made_type type)
{
    return type != MADE_YES_NO && type != MADE_KIND && type != MADE_BAG && type != MADE_TEXT && type != MADE_LAND;
}

static void right_side(struct generator *generator, const struct made_scope *scope, enum made_type type,
                       const char *left)
{
    char name[64];
    bool listed = type == MADE_KIND || type == MADE_RANK || type == MADE_LAND; /* a bare word is of the list then */
    if (generate_chance(generator, 25) && type != MADE_YES_NO &&
        name_of(generator, scope, type, false, name, sizeof name) && strcmp(name, left) != 0 &&
        (!listed || strchr(name, '.') != NULL))
        say(generator, name);
    else
        generate_constant(generator, type);
}

/* Behind the left side: ` is at least 5 EUR`. */
static void comparison(struct generator *generator, const struct made_scope *scope, enum made_type type,
                       const char *left)
{
    static const char *const orders[] = {"at least ", "at most ", "more than ", "less than "};
    static const char *const windows[] = {"30 days", "24 hours", "1 month", "90 minutes",
                                          "2 weeks", "5 days",   "1 year"};
    static const char *const words[] = {"\"bonus\"", "\"free spins\"", "\"w1\""};
    const char *not = generate_chance(generator, 25) ? "not " : "";
    if (type == MADE_BAG) {
        buffer_print(generator->out, " contains ");
        generate_constant(generator, type);
        return;
    }
    if (type == MADE_TEXT && generate_chance(generator, 50)) {
        static const char *const forms[] = {" contains ", " contains word "};
        if (generate_chance(generator, 30)) {
            buffer_print(generator->out, " contains one of words %s, \"stop\"", PICK(generator, words));
            return;
        }
        say(generator, PICK(generator, forms));
        say(generator, PICK(generator, words));
        return;
    }
    if ((type == MADE_MOMENT || type == MADE_DATE) && scope->sight != IN_METRIC && generate_chance(generator, 45)) {
        buffer_print(generator->out, " is %swithin last %s", not, PICK(generator, windows));
        return;
    }
    if (is_ordered(type) && generate_chance(generator, 60)) {
        if (generate_chance(generator, 20)) {
            static const char *const bounds[][2] = {{"0", "0"}};
            (void)bounds;
            switch (type) {
            case MADE_WHOLE:
                buffer_print(generator->out, " is %sbetween %u and %u", not, generate_random(generator, 5),
                             5 + generate_random(generator, 50));
                return;
            case MADE_MONEY:
                buffer_print(generator->out, " is %sbetween %u %s and %u %s", not, generate_random(generator, 20),
                             generator->currency, 20 + generate_random(generator, 500), generator->currency);
                return;
            case MADE_PERCENT: buffer_print(generator->out, " is %sbetween 5%% and 60%%", not ); return;
            case MADE_RANK: buffer_print(generator->out, " is %sbetween low and mid", not ); return;
            case MADE_DATE: buffer_print(generator->out, " is %sbetween 1990-01-01 and 2026-06-15", not ); return;
            case MADE_CLOCK: buffer_print(generator->out, " is %sbetween 08:00 and 20:00", not ); return;
            default: break;
            }
        }
        buffer_print(generator->out, " is %s%s", not, PICK(generator, orders));
        right_side(generator, scope, type, left);
        return;
    }
    if (type != MADE_YES_NO && generate_chance(generator, 35)) {
        buffer_print(generator->out, " is %sone of ", not );
        generate_constant(generator, type);
        size_t at = generator->out->size;
        for (uint32_t n = 1 + generate_random(generator, 2); n > 0; n--) {
            say(generator, ", ");
            generate_constant(generator, type);
        }
        (void)at;
        return;
    }
    buffer_print(generator->out, " is %s", not );
    right_side(generator, scope, type, left);
}

static void segment(struct generator *generator)
{
    static const char *const names[] = {"Fans", "Active", "Wide"};
    buffer_print(generator->out, "player is %sin \"%s\"", generate_chance(generator, 30) ? "not " : "",
                 PICK(generator, names));
}

/* What is asked of things rather than of values. */
static bool special(struct generator *generator, const struct made_scope *scope)
{
    if (scope->sight == IN_METRIC || scope->sight == IN_EVENT) return false;
    switch (generate_random(generator, 5)) {
    case 0: segment(generator); return true;
    case 1:
        buffer_print(generator->out, "%stags contains %s", scope->sight == IN_PLAYER ? "" : "player.",
                     generate_chance(generator, 50) ? "red" : "blue");
        return true;
    case 2:
        if (!scope->properties) break;
        say(generator, generate_chance(generator, 50) ? "balance of \"stars\" is at least 3"
                                                      : "progress of \"Tour\" is more than 10%");
        return true;
    case 3:
        if (!scope->properties) break;
        say(generator,
            generate_chance(generator, 50) ? "player has badge \"Explorer\"" : "player has no badge \"Explorer\"");
        return true;
    default: break;
    }
    return false;
}

/* One comparison; false: nothing of what was wanted is there. */
static bool leaf(struct generator *generator, const struct made_scope *scope, bool optional, const char *between)
{
    char name[64];
    enum made_type type = (enum made_type)generate_random(generator, MADE_TYPES);
    if (!optional && generate_chance(generator, 12) && special(generator, scope)) return true;
    for (uint32_t n = 0; n < MADE_TYPES; n++, type = (enum made_type)((type + 1) % MADE_TYPES)) {
        if (!name_of(generator, scope, type, optional, name, sizeof name)) continue;
        say(generator, name);
        if (optional) {
            if (generate_chance(generator, 15)) {
                say(generator, " is not known");
                return true;
            }
            say(generator, " is known");
            if (generate_chance(generator, 15)) return true;
            buffer_print(generator->out, "%s%s", between, name);
        }
        comparison(generator, scope, type, name);
        return true;
    }
    return false;
}

static void indent(struct generator *generator, uint32_t depth)
{
    for (uint32_t i = 0; i < depth; i++) say(generator, "  ");
}

/* A group's lines, deeper by `depth`. */
static void group(struct generator *generator, const struct made_scope *scope, uint32_t depth, bool all)
{
    char between[64];
    int at = snprintf(between, sizeof between, "\n");
    for (uint32_t i = 0; i < depth; i++) at += snprintf(between + at, sizeof between - (size_t)at, "  ");
    for (uint32_t n = 1 + generate_random(generator, 3); n > 0; n--) {
        indent(generator, depth);
        if (depth < 5 && generate_chance(generator, 20)) {
            static const char *const words[] = {"any of", "none of", "all of"};
            uint32_t word = generate_random(generator, 3);
            buffer_print(generator->out, "%s\n", words[word]);
            group(generator, scope, depth + 1, word == 2);
            indent(generator, depth);
            say(generator, "end\n");
            continue;
        }
        bool optional = all && generate_chance(generator, 35);
        if (!leaf(generator, scope, optional, between) && !leaf(generator, scope, false, between))
            say(generator, "time is known");
        say(generator, "\n");
    }
}

void generate_condition(struct generator *generator, const struct made_scope *scope, bool may_group)
{
    if (may_group && generate_chance(generator, 25)) {
        static const char *const words[] = {"all of", "any of", "none of"};
        uint32_t word = generate_random(generator, 3);
        buffer_print(generator->out, "%s\n", words[word]);
        group(generator, scope, generator->indent + 1, word == 0);
        indent(generator, generator->indent);
        say(generator, "end");
        return;
    }
    bool all = generate_chance(generator, 60);
    for (uint32_t n = generate_random(generator, 3);; n--) {
        bool optional = (all || n == 0) && generate_chance(generator, 30);
        if (!all) optional = false;
        if (!leaf(generator, scope, optional, " and ") && !leaf(generator, scope, false, " and "))
            say(generator, "player.fan is yes");
        if (n == 0) return;
        say(generator, all ? " and " : " or ");
    }
}

void generate_where(struct generator *generator, const struct made_scope *scope)
{
    say(generator, " where ");
    generate_condition(generator, scope, true);
}
