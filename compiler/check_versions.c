/*
 * check_versions: steps that were renamed, and steps that went missing on the way.
 *
 * An effect's identity has the name of its step, or the old name that `renamed from` keeps. A wrong old name would make
 * new identities, and a player could be given the same thing twice; so the old name must be one that there was.
 * spec: language.md#versions
 */
#include "compiler/check_versions.h"

#include "vm/journey_move.h"

static bool has_name(const struct name *name, struct text text)
{
    return ast_is_present(name) && text_equal(name->text, text);
}

/* `renamed from` a step that is still there, or that another step was renamed from. */
static void judge_renames(struct names *names, const struct declaration *campaign)
{
    for (const struct line *line = campaign->lines.first; line != NULL; line = line->next) {
        const struct name *old = &line->as.step.renamed_from;
        if (line->kind != LINE_STEP || !ast_is_present(old)) continue;
        for (const struct line *other = campaign->lines.first; other != NULL; other = other->next) {
            if (other->kind != LINE_STEP) continue;
            const bool is_there = text_equal(other->as.step.name.text, old->text);
            const bool is_second = other != line && other->span.start < line->span.start &&
                                   has_name(&other->as.step.renamed_from, old->text);
            if (!is_there && !is_second) continue;
            struct diagnostic *diagnostic =
                REPORT(names, DIAGNOSTIC_RENAMED_TWICE, old->span, old->text,
                       is_there ? TEXT("is a step of this campaign still") : TEXT("has become another step already"));
            diagnostic_add_note(names->diagnostics, diagnostic, other->span, TEXT("it is here"));
            break;
        }
    }
}

static const struct bundle_campaign *campaign_before(const struct program *before, struct text name)
{
    for (uint32_t i = 0; i < before->campaign_count; i++) {
        if (text_equal(program_text(before, before->campaign[i].name), name)) return &before->campaign[i];
    }
    return NULL;
}

/* The name that a step of the version before has in identities. */
static struct text identity_of(const struct program *before, const struct bundle_step *step)
{
    return program_text(before, step->renamed_from != PROGRAM_NONE ? step->renamed_from : step->name);
}

/* Whether the new campaign has this step of the version before, under whatever name. */
static bool is_kept(const struct declaration *campaign, const struct program *before, const struct bundle_step *step)
{
    const struct text name = program_text(before, step->name);
    for (const struct line *line = campaign->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_STEP) continue;
        if (text_equal(line->as.step.name.text, name) || has_name(&line->as.step.renamed_from, name) ||
            has_name(&line->as.step.renamed_from, identity_of(before, step)))
            return true;
    }
    return false;
}

static void judge_old_name(struct names *names, const struct name *old, const struct program *before,
                           const struct bundle_campaign *then)
{
    struct text *list = ARENA_ARRAY(names->arena, struct text, then->step_count + 1);
    if (list == NULL) return;
    for (uint32_t i = 0; i < then->step_count; i++) {
        const struct bundle_step *step = &before->step[then->step_first + i];
        list[i] = program_text(before, step->name);
        if (text_equal(list[i], old->text) || text_equal(identity_of(before, step), old->text)) return;
    }
    names_unknown(names, DIAGNOSTIC_RENAMED_FROM_NOTHING, old, list, then->step_count);
}

/* Journeys that move need a place for each wait of the version before. */
static void judge_moves(struct names *names, const struct declaration *campaign, uint32_t number,
                        const struct program *before, const struct bundle_campaign *then, const struct program *now)
{
    const struct line *line = ast_find_line(&campaign->lines, LINE_MOVE, NULL);
    struct journey_move move;
    if (line == NULL) return;
    if (!journey_move_make(names->arena, before, then, now, &now->campaign[number], &move)) return;
    for (uint32_t i = 0; i < then->state_count; i++) {
        const struct move_state *state = &move.state[i];
        if (state->fault == MOVE_FINE || state->fault == MOVE_NO_REST) continue;
        struct text step = program_text(before, before->step[before->state[then->state_first + i].step].name);
        struct text why, help;
        switch (state->fault) {
        case MOVE_STEP_GONE:
            why = TEXT("the step is gone");
            help = arena_print(names->arena,
                               "keep it, or say which step took its place: `step \"…\"  renamed from \"%.*s\"`",
                               TEXT_ARGS(step));
            break;
        case MOVE_WAIT_GONE:
            why = TEXT("the step has fewer waits now");
            help =
                TEXT("keep as many waits in the step, or leave `running journeys  move to this version` out: they then "
                     "end in their own version");
            break;
        case MOVE_UNKNOWN: {
            struct text value =
                program_text(now, now->variable[now->campaign[number].variable_first + state->variable].name);
            why = arena_print(names->arena, "what comes after it reads `%.*s`, which was not kept there",
                              TEXT_ARGS(value));
            help = TEXT("read only what the version before kept at that wait, or leave `running journeys  move to this "
                        "version` out");
            break;
        }
        default:
            why = TEXT("the counted ways (`repeat`, `go to … at most`, `leave … go to`) are other ones");
            help = TEXT("keep their number and order, or leave `running journeys  move to this "
                        "version` out");
            break;
        }
        REPORT(names, DIAGNOSTIC_MOVE_NOWHERE, line->span, step, arena_print(names->arena, "%u", state->wait), why,
               help);
    }
}

void versions_judge_moves(struct names *names, const struct program *before, const struct program *now)
{
    for (uint32_t i = 0; before != NULL && i < now->campaign_count; i++) {
        struct text name = program_text(now, now->campaign[i].name);
        const struct bundle_campaign *then = campaign_before(before, name);
        const struct thing *thing = names_thing(names->campaigns, names->campaign_count, name);
        if (then != NULL && thing != NULL) judge_moves(names, thing->declaration, i, before, then, now);
    }
}

void versions_judge(struct names *names, const struct declaration *campaign, const struct program *before)
{
    judge_renames(names, campaign);
    const struct bundle_campaign *then = before == NULL ? NULL : campaign_before(before, campaign->name.text);
    if (then == NULL) return;
    for (const struct line *line = campaign->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_STEP && ast_is_present(&line->as.step.renamed_from))
            judge_old_name(names, &line->as.step.renamed_from, before, then);
    }
    for (uint32_t i = 0; i < then->step_count && !campaign->is_broken; i++) {
        const struct bundle_step *step = &before->step[then->step_first + i];
        if (!is_kept(campaign, before, step) && ast_find_line(&campaign->lines, LINE_MOVE, NULL) == NULL)
            REPORT(names, DIAGNOSTIC_STEP_GONE, campaign->span, program_text(before, step->name));
    }
}
