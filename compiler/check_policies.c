/*
 * Groups, shares held out, priorities and hours: what policies say about campaigns among each other, and what a campaign says of
 * itself. Each becomes a RULE record; caps, consents and `never` lines are check_schema.c, `rules for` is check_rules.c.
 * spec: language.md#policies
 */
#include "compiler/check_policies.h"

#include "vm/civil.h"
#include "vm/zone.h"

enum { PRIORITY_MOST = 1000000, PRIORITY_NORMAL = 1000, DAY_MINUTES = 1440 };

/* ------------------------------------------------------------------ groups */

static const struct line *find_group(const struct names *names, struct text name, const struct line *before)
{
    for (uint32_t i = 0; i < names->policy_count; i++) {
        for (const struct line *line = names->policies[i].declaration->lines.first; line != NULL; line = line->next) {
            if (line == before) return NULL;
            if (line->kind == LINE_GROUP && text_equal(line->as.text.text, name)) return line;
        }
    }
    return NULL;
}

void policies_emit_line(struct names *names, const struct line *line, struct bundle_rule rule)
{
    struct text name = line->kind == LINE_GROUP ? line->as.text.text : line->as.hold_out.by.text;
    if (line->kind == LINE_GROUP) {
        const struct line *first = find_group(names, name, line);
        if (first != NULL) {
            struct diagnostic *diagnostic =
                REPORT(names, DIAGNOSTIC_DECLARED_TWICE, line->as.text.span, TEXT("the group"), name);
            diagnostic_add_note(names->diagnostics, diagnostic, first->as.text.span, TEXT("the first one is here"));
            return;
        }
        names_judge_length(names, &line->as.text);
        rule.kind = RULE_GROUP;
    } else {
        const struct value *share = line->as.hold_out.share;
        if (share == NULL || share->kind != VALUE_PERCENT) return;
        if (share->amount <= 0 || share->amount >= 1000000) {
            REPORT(names, DIAGNOSTIC_HOLD_OUT_SHARE, share->span, names_words(names, share->span));
            return;
        }
        names_judge_length(names, &line->as.hold_out.by);
        rule.kind = RULE_HOLD_OUT;
        rule.amount = share->amount;
    }
    rule.object = builder_text(names->builder, name);
    builder_add_rule(names->builder, &rule);
}

static int64_t priority_of(const struct declaration *campaign)
{
    const struct line *line = ast_find_line(&campaign->lines, LINE_PRIORITY, NULL);
    return line == NULL ? PRIORITY_NORMAL : line->as.count;
}

uint32_t policies_priority(struct names *names, const struct line *line)
{
    if (line->as.count >= 1 && line->as.count <= PRIORITY_MOST) return (uint32_t)line->as.count;
    REPORT(names, DIAGNOSTIC_PRIORITY, line->span, names_number(names, line->as.count));
    return PRIORITY_NORMAL;
}

void policies_emit_member(struct names *names, const struct line *line, struct bundle_rule rule)
{
    if (find_group(names, line->as.text.text, NULL) == NULL) {
        uint32_t most = 0, count = 0;
        for (uint32_t i = 0; i < names->policy_count; i++) most += names->policies[i].declaration->lines.count;
        struct text *list = ARENA_ARRAY(names->arena, struct text, most + 1);
        for (uint32_t i = 0; i < names->policy_count && list != NULL; i++) {
            for (const struct line *at = names->policies[i].declaration->lines.first; at != NULL; at = at->next) {
                if (at->kind == LINE_GROUP) list[count++] = at->as.text.text;
            }
        }
        names_unknown(names, DIAGNOSTIC_UNKNOWN_GROUP, &line->as.text, list, count);
        return;
    }
    rule.kind = RULE_MEMBER;
    rule.object = builder_text(names->builder, line->as.text.text);
    builder_add_rule(names->builder, &rule);
}

/* Two campaigns of one group that nothing puts in order. */
static void judge_pair(struct names *names, const struct thing *first, const struct thing *second)
{
    if (priority_of(first->declaration) != priority_of(second->declaration)) return;
    for (const struct line *line = second->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_GROUP) continue;
        for (const struct line *other = first->declaration->lines.first; other != NULL; other = other->next) {
            if (other->kind != LINE_GROUP || !text_equal(other->as.text.text, line->as.text.text)) continue;
            const int64_t priority = priority_of(first->declaration);
            struct diagnostic *diagnostic =
                REPORT(names, DIAGNOSTIC_GROUP_PRIORITY, line->span, second->name, first->name, line->as.text.text,
                       names_number(names, priority == 1000 ? 10
                                           : priority > 1   ? priority - 1
                                                            : 2));
            diagnostic_add_note(names->diagnostics, diagnostic, other->span, TEXT("the other campaign is here"));
            return;
        }
    }
}

void policies_judge_groups(struct names *names)
{
    for (uint32_t i = 0; i < names->campaign_count; i++) {
        if (ast_find_line(&names->campaigns[i].declaration->lines, LINE_GROUP, NULL) == NULL) continue;
        for (uint32_t j = 0; j < i; j++) judge_pair(names, &names->campaigns[j], &names->campaigns[i]);
    }
}

/* ------------------------------------------------------------------ hours */

/* The minutes of the day that a line allows; false where it says no hours, or none that differ. */
static bool allowed(const struct line *line, bool minutes[DAY_MINUTES])
{
    const struct value *from = line->as.send_between.from, *to = line->as.send_between.to;
    if (from == NULL || to == NULL || from->kind != VALUE_CLOCK || to->kind != VALUE_CLOCK) return false;
    if (from->amount == to->amount) return false; /* reported */
    for (int64_t i = 0; i < DAY_MINUTES; i++) {
        int64_t time = i * CIVIL_MINUTE_MS;
        minutes[i] = from->amount <= to->amount ? time >= from->amount && time < to->amount
                                                : time >= from->amount || time < to->amount;
    }
    return true;
}

static bool same_class(const struct line *own, const struct line *policy)
{
    return !ast_is_present(&policy->as.send_between.message_class) ||
           !ast_is_present(&own->as.send_between.message_class) ||
           text_equal(policy->as.send_between.message_class.text, own->as.send_between.message_class.text);
}

/* Whether the line and one of a policy have a minute in common, where their clocks show the same. */
static bool meet(const struct line *own, const struct line *policy)
{
    bool here[DAY_MINUTES], there[DAY_MINUTES];
    if (!same_class(own, policy) || !allowed(own, here) || !allowed(policy, there)) return true;
    for (uint32_t i = 0; i < DAY_MINUTES; i++) {
        if (here[i] && there[i]) return true;
    }
    return false;
}

void policies_judge_hours(struct names *names, const struct line *own, uint32_t zone)
{
    for (uint32_t i = 0; i < names->policy_count; i++) {
        for (const struct line *line = names->policies[i].declaration->lines.first; line != NULL; line = line->next) {
            if (line->kind != LINE_SEND_BETWEEN || meet(own, line)) continue;
            /* With clocks of two kinds it is a matter of where the player is: only of those at home is it certain. */
            bool everywhere = line->as.send_between.in_player_zone == own->as.send_between.in_player_zone;
            struct diagnostic *diagnostic =
                everywhere ? REPORT(names, DIAGNOSTIC_HOURS_APART, own->span, names->policies[i].name)
                           : REPORT(names, DIAGNOSTIC_HOURS_APART_AT_HOME, own->span, names->policies[i].name,
                                    text_of(zone_name(zone)));
            diagnostic_add_note(names->diagnostics, diagnostic, line->span, TEXT("the policy's hours are here"));
            return;
        }
    }
}

/* ------------------------------------------------------------------ classes */

bool policies_message_class(struct names *names, const struct name *word, uint32_t *out)
{
    static const struct text classes[] = {TEXT_INIT("marketing"), TEXT_INIT("service"), TEXT_INIT("safety")};
    *out = PROGRAM_NONE;
    if (!ast_is_present(word)) return true;
    *out = names_index(classes, 3, word->text);
    if (*out == PROGRAM_NONE) names_unknown(names, DIAGNOSTIC_UNKNOWN_CLASS, word, classes, 3);
    return *out != PROGRAM_NONE;
}
