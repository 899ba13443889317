/*
 * name_help: what mends an unknown name, where a near name is not it.
 *
 * The standard library declares what most projects need, and a workspace takes it part by part;
 * a name that is there but was not taken is the commonest unknown name of a new project.
 */
#include "compiler/name_help.h"

#include "compiler/check_ask.h"

static const struct {
    enum diagnostic_code code;
    enum declaration_kind kind;
    const char *part;
} parts[] = {
    {DIAGNOSTIC_UNKNOWN_EVENT, DECLARATION_EVENT, "events"},
    {DIAGNOSTIC_UNKNOWN_ATTRIBUTE, DECLARATION_ATTRIBUTE, "attributes"},
    {DIAGNOSTIC_UNKNOWN_ATTRIBUTE, DECLARATION_METRIC, "metrics"},
    {DIAGNOSTIC_UNKNOWN_METRIC, DECLARATION_METRIC, "metrics"},
    {DIAGNOSTIC_UNKNOWN_ACTION, DECLARATION_ACTION, "actions"},
    {DIAGNOSTIC_UNKNOWN_REWARD, DECLARATION_ACTION, "actions"},
    {DIAGNOSTIC_UNKNOWN_SEGMENT, DECLARATION_SEGMENT, "segments"},
    {DIAGNOSTIC_UNKNOWN_METRIC, DECLARATION_METRIC, "metrics"},
    {DIAGNOSTIC_UNKNOWN_ATTRIBUTE, DECLARATION_METRIC, "metrics"},
    {DIAGNOSTIC_NO_RULES, DECLARATION_RULES, "rules"},
};

static bool library_has(const struct names *names, enum declaration_kind kind, struct text name)
{
    for (uint32_t i = names->project_file_count; i < names->file_count; i++) {
        const struct declaration *at = names->files[i]->declarations.first;
        for (; at != NULL; at = at->next) {
            if (at->kind == kind && text_equal(at->name.text, name)) return true;
        }
    }
    return false;
}

struct text name_help(const struct names *names, enum diagnostic_code code, struct text name)
{
    if (code == DIAGNOSTIC_UNKNOWN_EVENT && text_equal(name, TEXT("nothing")))
        return TEXT("to let time go by, write `time passes`");
    if (code == DIAGNOSTIC_UNKNOWN_ATTRIBUTE && names_query(names, name) != NULL)
        return arena_print(names->arena, "the answer to a query is the journey's: `journey.%.*s`", TEXT_ARGS(name));
    if (code == DIAGNOSTIC_UNKNOWN_REMEMBERED &&
        (names_attribute(names, name) != NULL || names_metric(names, name, PROGRAM_NONE) != NULL))
        return arena_print(names->arena, "the player's own is written `player.%.*s`", TEXT_ARGS(name));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].code != code || !library_has(names, parts[i].kind, name)) continue;
        /* A metric that was taken and is not there speaks of an event that is not. */
        if (parts[i].kind == DECLARATION_METRIC && names_metric(names, name, PROGRAM_NONE) != NULL)
            return TEXT("it counts events of the standard library: add `use events` to the workspace");
        return arena_print(names->arena, "it is in the standard library: add `use %s` to the workspace", parts[i].part);
    }
    return TEXT("");
}
