/*
 * ast_dump: a tree as indented text, for tests and for comparing two trees.
 *
 * Everything that the text of a campaign says is in it, and nothing of where it says it: no spans,
 * no comments. One node a line: its kind by the author's words, then its parts.
 */
#include "compiler/ast_dump.h"

struct dump {
    struct buffer *out;
    uint32_t depth;
};

static void value(struct dump *dump, const struct value *node);
static void condition(struct dump *dump, const struct condition *node);
static void statement(struct dump *dump, const struct statement *node);
static void line(struct dump *dump, const struct line *node);

static void begin(struct dump *dump, const char *word)
{
    buffer_string(dump->out, "\n");
    buffer_fill(dump->out, ' ', (size_t)dump->depth * 2);
    buffer_string(dump->out, word);
}

static void name(struct dump *dump, const struct name *node)
{
    if (!ast_is_present(node)) {
        buffer_string(dump->out, " -");
        return;
    }
    buffer_string(dump->out, " ");
    buffer_json_text(dump->out, node->text);
}

static void names(struct dump *dump, const struct name_list *list)
{
    for (const struct name_node *at = list->first; at != NULL; at = at->next) name(dump, &at->name);
}

static void number(struct dump *dump, int64_t amount)
{
    buffer_print(dump->out, " %lld", (long long)amount);
}

static void duration(struct dump *dump, const struct duration *node)
{
    buffer_print(dump->out, " %lldmo%lldd%lldms", (long long)node->months, (long long)node->days, (long long)node->ms);
}

/* ---- values and conditions ---- */

static void value(struct dump *dump, const struct value *node)
{
    static const char *const kinds[] = {"number",   "percent", "multiple", "money",  "prices",  "duration", "date",
                                        "clock",    "moment",  "text",     "yes-no", "none",    "word",     "path",
                                        "property", "player",  "binary",   "share",  "formula", "in",       "broken"};
    if (node == NULL) {
        buffer_string(dump->out, " -");
        return;
    }
    buffer_print(dump->out, " (%s", kinds[node->kind]);
    switch (node->kind) {
    case VALUE_MONEY:
        number(dump, node->amount);
        buffer_print(dump->out, " %.*s", TEXT_ARGS(node->currency));
        break;
    case VALUE_PRICE_LIST:
        for (const struct value *price = node->prices; price != NULL; price = price->next) value(dump, price);
        break;
    case VALUE_DURATION: duration(dump, &node->duration); break;
    case VALUE_MOMENT:
        number(dump, node->amount);
        number(dump, node->clock_ms);
        if (node->is_utc) buffer_string(dump->out, " UTC");
        break;
    case VALUE_TEXT:
    case VALUE_WORD:
    case VALUE_NONE:
    case VALUE_PLAYER: name(dump, &node->name); break;
    case VALUE_PATH:
    case VALUE_PROPERTY:
        name(dump, &node->owner);
        name(dump, &node->name);
        break;
    case VALUE_BINARY:
    case VALUE_SHARE_OF:
        if (node->kind == VALUE_BINARY) buffer_print(dump->out, " %c", "+-*/"[node->operation]);
        value(dump, node->left);
        value(dump, node->right);
        break;
    case VALUE_FORMULA:
        value(dump, node->left);
        for (const struct clause *at = node->clauses; at != NULL; at = at->next) {
            static const char *const clauses[] = {"at-most", "at-least", "rounded", "nothing-below", "otherwise"};
            buffer_print(dump->out, " [%s", clauses[at->kind]);
            if (at->kind == CLAUSE_ROUNDED) {
                number(dump, at->rounding);
            } else {
                value(dump, at->value);
            }
            buffer_string(dump->out, "]");
        }
        break;
    case VALUE_CONVERSION:
        value(dump, node->left);
        name(dump, &node->name);
        name(dump, &node->owner);
        break;
    case VALUE_BROKEN: break;
    case VALUE_NUMBER:
    case VALUE_PERCENT:
    case VALUE_MULTIPLE:
    case VALUE_DATE:
    case VALUE_CLOCK:
    case VALUE_YES_NO: number(dump, node->amount); break;
    }
    buffer_string(dump->out, ")");
}

static void comparison(struct dump *dump, const struct condition *node)
{
    static const char *const words[] = {"is",        "one-of",        "at-least", "at-most",    "more-than",
                                        "less-than", "between",       "known",    "in-segment", "within-last",
                                        "contains",  "contains-word", "has-badge"};
    if (node->left != NULL) value(dump, node->left);
    buffer_print(dump->out, " %s%s", node->negated ? "not-" : "", words[node->comparison]);
    for (const struct value *at = node->values.first; at != NULL; at = at->next) value(dump, at);
}

static void condition(struct dump *dump, const struct condition *node)
{
    static const char *const words[] = {"", "all", "any", "none", "broken"};
    if (node == NULL) return;
    if (node->kind == CONDITION_COMPARE) {
        buffer_string(dump->out, " {");
        comparison(dump, node);
        buffer_string(dump->out, " }");
        return;
    }
    buffer_print(dump->out, " %s%s{", words[node->kind], node->is_group ? "-group" : "");
    for (const struct condition *at = node->children; at != NULL; at = at->next) condition(dump, at);
    buffer_string(dump->out, " }");
}

static void event_match(struct dump *dump, const struct event_match *node)
{
    name(dump, &node->event);
    name(dump, &node->about);
    condition(dump, node->where);
}

/* ---- statements ---- */

static void block(struct dump *dump, const struct block *node)
{
    dump->depth++;
    for (const struct statement *at = node->first; at != NULL; at = at->next) statement(dump, at);
    dump->depth--;
}

static void choices(struct dump *dump, const struct choice_list *list)
{
    dump->depth++;
    for (const struct choice *at = list->first; at != NULL; at = at->next) {
        switch (at->kind) {
        case CHOICE_EVENT:
            begin(dump, "when");
            event_match(dump, &at->event);
            break;
        case CHOICE_TIME_IS_UP: begin(dump, "when time is up"); break;
        case CHOICE_VALUE:
            begin(dump, "when");
            condition(dump, at->condition);
            break;
        case CHOICE_OTHERWISE: begin(dump, "otherwise"); break;
        case CHOICE_APPROVED: begin(dump, "when approved"); break;
        case CHOICE_REFUSED: begin(dump, "when refused"); break;
        case CHOICE_ANSWERED: begin(dump, "when answered"); break;
        case CHOICE_ARM:
            begin(dump, "arm");
            number(dump, at->share);
            name(dump, &at->name);
            break;
        case CHOICE_PERCENT:
            begin(dump, "when");
            number(dump, at->share);
            break;
        }
        block(dump, &at->body);
    }
    dump->depth--;
}

static void if_statement(struct dump *dump, const struct statement *node)
{
    for (const struct branch *at = node->as.branch.branches.first; at != NULL; at = at->next) {
        if (at != node->as.branch.branches.first) begin(dump, "otherwise if");
        condition(dump, at->condition);
        block(dump, &at->body);
    }
    if (node->as.branch.has_otherwise) {
        begin(dump, "otherwise");
        block(dump, &node->as.branch.otherwise);
    }
}

static void arguments(struct dump *dump, const struct argument_list *list)
{
    for (const struct argument *at = list->first; at != NULL; at = at->next) {
        name(dump, &at->name);
        value(dump, at->value);
    }
}

static void statement(struct dump *dump, const struct statement *node)
{
    begin(dump, ast_statement_word(node->kind));
    if (ast_is_present(&node->name)) name(dump, &node->name);
    if (ast_is_present(&node->label)) {
        buffer_string(dump->out, " as");
        name(dump, &node->label);
    }
    switch (node->kind) {
    case STATEMENT_SEND: name(dump, &node->as.send.channel); break;
    case STATEMENT_DO: arguments(dump, &node->as.action.arguments); break;
    case STATEMENT_REMEMBER:
        value(dump, node->as.remember.value);
        value(dump, node->as.remember.otherwise);
        break;
    case STATEMENT_GO_TO: number(dump, node->as.go_to.at_most); break;
    case STATEMENT_WAIT:
        value(dump, node->as.wait.duration);
        if (node->as.wait.after_entry) buffer_string(dump->out, " after-entry");
        break;
    case STATEMENT_WAIT_UNTIL:
        number(dump, node->as.wait_until.weekday_index);
        value(dump, node->as.wait_until.clock);
        if (node->as.wait_until.is_business_day) buffer_string(dump->out, " business-day");
        if (node->as.wait_until.in_player_zone) buffer_string(dump->out, " in-player-zone");
        break;
    case STATEMENT_ASK:
        name(dump, &node->as.ask.query);
        number(dump, node->as.ask.people);
        value(dump, node->as.ask.duration);
        choices(dump, &node->as.ask.cases);
        break;
    case STATEMENT_TELL:
        value(dump, node->as.tell.player);
        arguments(dump, &node->as.tell.arguments);
        break;
    case STATEMENT_WAIT_BUSINESS_DAYS: number(dump, node->as.wait_business_days.count); break;
    case STATEMENT_WAIT_UP_TO:
        value(dump, node->as.wait_up_to.duration);
        if (node->as.wait_up_to.after_entry) buffer_string(dump->out, " after-entry");
        if (node->as.wait_up_to.since_entry) buffer_string(dump->out, " since-entry");
        choices(dump, &node->as.wait_up_to.cases);
        break;
    case STATEMENT_IF: if_statement(dump, node); break;
    case STATEMENT_CHOOSE:
        value(dump, node->as.choose.subject);
        choices(dump, &node->as.choose.cases);
        break;
    case STATEMENT_SPLIT: choices(dump, &node->as.split.arms); break;
    case STATEMENT_REPEAT:
        number(dump, node->as.repeat.at_most);
        block(dump, &node->as.repeat.body);
        break;
    case STATEMENT_SPEND: value(dump, node->as.spend.amount); break;
    case STATEMENT_CREDIT:
    case STATEMENT_TAG:
    case STATEMENT_UNTAG:
    case STATEMENT_CANCEL:
    case STATEMENT_FREEZE:
    case STATEMENT_UNFREEZE:
    case STATEMENT_GIVE_CODE:
    case STATEMENT_RELEASE_CODE:
    case STATEMENT_SHOW_OFFER:
    case STATEMENT_AWARD_BADGE:
    case STATEMENT_GO_ON:
    case STATEMENT_FINISH:
    case STATEMENT_BROKEN: break;
    }
    if (node->otherwise != NULL) {
        dump->depth++;
        begin(dump, "declined:");
        dump->depth++;
        statement(dump, node->otherwise);
        dump->depth -= 2;
    }
}

/* ---- lines ---- */

static void type(struct dump *dump, const struct type_expression *node)
{
    static const char *const words[] = {"yes-no", "whole",  "decimal", "percent",  "money",    "text",
                                        "moment", "date",   "clock",   "duration", "calendar", "one-of",
                                        "ranked", "set-of", "country", "currency", "zone",     "broken"};
    static const char *const marks[] = {"", " personal", " contact"};
    buffer_print(dump->out, " <%s%s%s", node->is_optional ? "optional " : "", words[node->kind], marks[node->privacy]);
    names(dump, &node->words);
    if (node->least != NULL) value(dump, node->least);
    if (node->most != NULL) value(dump, node->most);
    buffer_string(dump->out, ">");
    if (node->otherwise != NULL) value(dump, node->otherwise);
}

static void point(struct dump *dump, const struct point *node)
{
    if (node->kind == POINT_MOMENT) value(dump, node->moment);
    if (node->kind == POINT_AFTER) {
        buffer_string(dump->out, " after");
        duration(dump, &node->after);
    }
}

static void lines(struct dump *dump, const struct line_list *list)
{
    dump->depth++;
    for (const struct line *at = list->first; at != NULL; at = at->next) line(dump, at);
    dump->depth--;
}

static void zone(struct dump *dump, const struct zone_words *node)
{
    if (node->in_player_zone) buffer_string(dump->out, " in-player-zone");
    if (ast_is_present(&node->name)) {
        buffer_string(dump->out, " in-zone");
        name(dump, &node->name);
    }
}

static void conversion(struct dump *dump, const struct conversion_words *node)
{
    if (!ast_is_present(&node->currency)) return;
    buffer_string(dump->out, " in");
    name(dump, &node->currency);
    name(dump, &node->rates);
}

static void metric(struct dump *dump, const struct metric *node)
{
    static const char *const aggregates[] = {"formula", "count",     "different",  "different-days", "days-in-a-row",
                                             "sum",     "average",   "smallest",   "largest",        "first",
                                             "last",    "favourite", "first-time", "last-time"};
    static const char *const windows[] = {"ever", "last", "this", "previous", "before-this", "since-entry"};
    static const char *const grains[] = {"", " by-minute", " by-hour", " by-day"};
    buffer_print(dump->out, " %s", aggregates[node->aggregate]);
    if (node->aggregate == AGGREGATE_WORD_FORMULA) {
        value(dump, node->formula);
        return;
    }
    name(dump, &node->event);
    name(dump, &node->field);
    conversion(dump, &node->conversion);
    buffer_print(dump->out, " %s", windows[node->window]);
    if (node->duration != NULL) value(dump, node->duration);
    if (node->period != PERIOD_EVER) number(dump, node->period);
    buffer_string(dump->out, grains[node->grain]);
    zone(dump, &node->zone);
    if (node->kept_up_to != 0) buffer_print(dump->out, " [kept %lld]", (long long)node->kept_up_to);
    if (node->is_rounded) buffer_print(dump->out, " [rounded %d]", (int)node->rounding);
    if (node->otherwise != NULL) {
        buffer_string(dump->out, " [otherwise");
        value(dump, node->otherwise);
        buffer_string(dump->out, "]");
    }
    condition(dump, node->where);
}

static void declaration(struct dump *dump, const struct declaration *node)
{
    name(dump, &node->name);
    if (ast_is_present(&node->offer_kind)) name(dump, &node->offer_kind);
    if (ast_is_present(&node->wire_name)) name(dump, &node->wire_name);
    if (node->type != NULL) type(dump, node->type);
    if (node->metric != NULL) metric(dump, node->metric);
    if (node->from != NULL) value(dump, node->from);
    if (node->through != NULL) value(dump, node->through);
    condition(dump, node->condition);
    lines(dump, &node->lines);
}

static void expectation(struct dump *dump, const struct line *node)
{
    static const char *const counts[] = {"some", "no", "at-most", "exactly"};
    static const char *const effects[] = {"send",   "credit",  "do",    "tag",   "untag",
                                          "finish", "message", "event", "answer"};
    buffer_print(dump->out, " %s %lld %s", counts[node->as.expect.count_kind], (long long)node->as.expect.count,
                 effects[node->as.expect.effect]);
    name(dump, &node->as.expect.channel);
    name(dump, &node->as.expect.name);
    event_match(dump, &node->as.expect.event);
    name(dump, &node->as.expect.player);
    point(dump, &node->as.expect.point);
    name(dump, &node->as.expect.reason);
    condition(dump, node->as.expect.where);
}

static void at_line(struct dump *dump, const struct line *node)
{
    static const char *const kinds[] = {"event",  "time-passes", "wallet-refuses", "approval",
                                        "answer", "command",     "attribute"};
    static const char *const commands[] = {"start", "end", "kill", "suspend", "resume"};
    static const char *const whos[] = {"every", "named", "others"};
    point(dump, &node->as.at.point);
    buffer_print(dump->out, " %s", whos[node->as.at.who]);
    names(dump, &node->as.at.names);
    buffer_print(dump->out, " %s", kinds[node->as.at.kind]);
    switch (node->as.at.kind) {
    case AT_EVENT: event_match(dump, &node->as.at.event); break;
    case AT_TIME_PASSES: break;
    case AT_APPROVAL:
        name(dump, &node->as.at.name);
        buffer_string(dump->out, node->as.at.is_approved ? " approved" : " refused");
        name(dump, &node->as.at.by);
        break;
    case AT_ANSWER:
        name(dump, &node->as.at.name);
        value(dump, node->as.at.value);
        break;
    case AT_COMMAND:
        buffer_print(dump->out, " %s", commands[node->as.at.command]);
        name(dump, &node->as.at.name);
        break;
    case AT_WALLET_REFUSES:
        name(dump, &node->as.at.offer);
        name(dump, &node->as.at.reason);
        break;
    case AT_ATTRIBUTE:
        value(dump, node->as.at.attribute);
        value(dump, node->as.at.value);
        break;
    }
}

static void rates(struct dump *dump, const struct rate_list *list)
{
    for (const struct rate *at = list->first; at != NULL; at = at->next) {
        number(dump, at->count);
        if (at->duration != NULL) {
            value(dump, at->duration);
        } else {
            buffer_print(dump->out, " per-period %d", (int)at->period);
        }
    }
}

static void schedule(struct dump *dump, const struct schedule *node)
{
    static const char *const kinds[] = {
        "day",      "weekdays", "business-day", "month-business-day", "last-business-day", "month-day",
        "last-day", "year",     "cron"};
    buffer_print(dump->out, " %s", kinds[node->kind]);
    names(dump, &node->weekdays);
    if (node->weekday_mask != 0) number(dump, node->weekday_mask);
    if (node->month_day != 0) number(dump, node->month_day);
    if (node->attribute != NULL) value(dump, node->attribute);
    if (ast_is_present(&node->cron)) name(dump, &node->cron);
    value(dump, node->clock);
    zone(dump, &node->zone);
    if (node->missed == NULL) return;
    buffer_string(dump->out, " [missed");
    value(dump, node->missed);
    buffer_string(dump->out, "]");
}

/* ---- lines of promotions ---- */

static void limit(struct dump *dump, const struct usage_limit *node)
{
    number(dump, node->times);
    if (node->is_once) buffer_string(dump->out, " once");
    if (node->period != PERIOD_EVER) buffer_print(dump->out, " per-period %d", (int)node->period);
}

static void wall_time(struct dump *dump, const struct wall_time *node)
{
    if (node->weekday_index >= 0) buffer_print(dump->out, " weekday %d", (int)node->weekday_index);
    if (node->month_day != 0) buffer_print(dump->out, " day %lld", (long long)node->month_day);
    if (node->date != NULL) value(dump, node->date);
    value(dump, node->clock);
}

static void task(struct dump *dump, const struct task *node)
{
    static const char *const needs[] = {"events", "different", "different-days", "days-in-a-row", "sum"};
    name(dump, &node->name);
    buffer_print(dump->out, " %s", needs[node->kind]);
    number(dump, node->count);
    if (node->amount != NULL) value(dump, node->amount);
    if (ast_is_present(&node->field)) name(dump, &node->field);
    if (node->each_at_least != 0) buffer_print(dump->out, " each %lld", (long long)node->each_at_least);
    conversion(dump, &node->conversion);
    zone(dump, &node->zone);
    event_match(dump, &node->event);
}

static void earn(struct dump *dump, const struct line *node)
{
    value(dump, node->as.earn.amount);
    value(dump, node->as.earn.per);
    name(dump, &node->as.earn.field);
    conversion(dump, &node->as.earn.conversion);
    event_match(dump, &node->as.earn.event);
}

static void codes_line(struct dump *dump, const struct line *node)
{
    switch (node->kind) {
    case LINE_MAKE:
        number(dump, node->as.make.count);
        name(dump, &node->as.make.like);
        name(dump, &node->as.make.from);
        break;
    case LINE_VALID:
        value(dump, node->as.valid.from);
        value(dump, node->as.valid.through);
        value(dump, node->as.valid.duration);
        break;
    case LINE_QUOTA:
        name(dump, &node->as.quota.name);
        number(dump, node->as.quota.count);
        condition(dump, node->as.quota.condition);
        break;
    case LINE_LOCK:
        value(dump, node->as.lock.duration);
        number(dump, node->as.lock.tries);
        value(dump, node->as.lock.within);
        break;
    case LINE_STACK:
        buffer_string(dump->out, node->as.stack.is_first ? " first" : " then");
        number(dump, node->as.stack.count);
        name(dump, &node->as.stack.kind);
        break;
    case LINE_GIVEN_CODE:
        name(dump, &node->as.given_code.code);
        name(dump, &node->as.given_code.pool);
        break;
    default: break;
    }
}

static void tournament_line(struct dump *dump, const struct line *node)
{
    static const char *const recurs[] = {"once", "day", "week", "month"};
    switch (node->kind) {
    case LINE_RUNS_EVERY:
        buffer_print(dump->out, " %s", recurs[node->as.recurs.kind]);
        wall_time(dump, &node->as.recurs.from);
        wall_time(dump, &node->as.recurs.until);
        break;
    case LINE_SETTLES: wall_time(dump, &node->as.wall_time); break;
    case LINE_FEE:
        number(dump, node->as.fee.count);
        name(dump, &node->as.fee.points);
        break;
    case LINE_EARN: earn(dump, node); break;
    case LINE_SCORE: buffer_string(dump->out, node->as.score == SCORE_SUM ? " sum" : " largest"); break;
    case LINE_SMALLEST_FIELD:
        number(dump, node->as.smallest_field.players);
        dump->depth++;
        if (node->as.smallest_field.otherwise != NULL) statement(dump, node->as.smallest_field.otherwise);
        dump->depth--;
        break;
    case LINE_PRIZES:
    case LINE_BOARD: declaration(dump, node->as.declaration); break;
    case LINE_PLACE:
        number(dump, node->as.place.first);
        number(dump, node->as.place.last);
        value(dump, node->as.place.value);
        break;
    default: codes_line(dump, node); break;
    }
}

static void gain_line(struct dump *dump, const struct line *node)
{
    switch (node->kind) {
    case LINE_COUNTS_POINTS:
        name(dump, &node->as.counts_points.points);
        metric(dump, node->as.counts_points.window);
        break;
    case LINE_LEVEL:
        name(dump, &node->as.level.name);
        number(dump, node->as.level.from);
        block(dump, &node->as.level.body);
        break;
    case LINE_DOWN:
        number(dump, node->as.down.levels);
        number(dump, node->as.down.period);
        break;
    case LINE_TASK: task(dump, &node->as.task); break;
    case LINE_PROGRESS: choices(dump, &node->as.cases); break;
    case LINE_SUBJECT:
        name(dump, &node->as.content.locale);
        name(dump, &node->as.content.text);
        break;
    case LINE_LINK:
        name(dump, &node->as.link.name);
        name(dump, &node->as.link.address);
        break;
    case LINE_UTM: arguments(dump, &node->as.arguments); break;
    case LINE_MEASURE:
        name(dump, &node->as.measure.name);
        value(dump, node->as.measure.after);
        value(dump, node->as.measure.within);
        value(dump, node->as.measure.field);
        condition(dump, node->as.measure.where);
        break;
    default: tournament_line(dump, node); break;
    }
}

static void promotion_line(struct dump *dump, const struct line *node)
{
    switch (node->kind) {
    case LINE_COUNTS:
        for (const struct share *at = node->as.shares.first; at != NULL; at = at->next) {
            name(dump, &at->name);
            number(dump, at->share);
        }
        break;
    case LINE_STAKE:
        value(dump, node->as.stake.value);
        number(dump, node->as.stake.otherwise);
        break;
    case LINE_GRANT:
    case LINE_EACH_CODE:
    case LINE_EACH_PLAYER:
    case LINE_IN_ALL:
    case LINE_COMPLETE: limit(dump, &node->as.limit); break;
    case LINE_USE_CARD:
    case LINE_REFUND:
    case LINE_NAMES:
    case LINE_REST: buffer_string(dump->out, node->as.chosen ? " yes" : " no"); break;
    case LINE_CANCEL_ON:
    case LINE_REVOKE_ON: event_match(dump, &node->as.event); break;
    case LINE_WIN:
    case LINE_DEPOSIT:
    case LINE_CLAIM:
    case LINE_HOLD_CODE:
    case LINE_WINNERS:
    case LINE_POOL:
    case LINE_AGE:
    case LINE_KEEP:
    case LINE_LASTS: value(dump, node->as.value); break;
    case LINE_UPLOAD:
    case LINE_LEFTOVER:
    case LINE_SHOW_TOP: number(dump, node->as.count); break;
    case LINE_FUNDS:
    case LINE_GAME_IDS:
    case LINE_READ:
    case LINE_LOCALE: names(dump, &node->as.words); break;
    case LINE_BONUSES_KEPT_BY:
    case LINE_FIXED:
    case LINE_ANSWER:
    case LINE_IMAGE: name(dump, &node->as.word); break;
    case LINE_FOR_PLAYERS: condition(dump, node->as.condition); break;
    default: gain_line(dump, node); break;
    }
}

static void start_line(struct dump *dump, const struct line *node)
{
    static const char *const directions[] = {"largest", "smallest", "earliest", "latest"};
    switch (node->kind) {
    case LINE_START_ENTERING:
    case LINE_START_LEAVING:
    case LINE_BUSINESS_DAYS: name(dump, &node->as.word); break;
    case LINE_START_WITHOUT:
        value(dump, node->as.without.duration);
        event_match(dump, &node->as.without.event);
        break;
    case LINE_START_SCHEDULE: schedule(dump, &node->as.schedule); break;
    case LINE_ORDER:
        for (const struct order *at = node->as.orders.first; at != NULL; at = at->next) {
            value(dump, at->value);
            buffer_print(dump->out, " %s", directions[at->direction]);
        }
        break;
    case LINE_HOLIDAY:
        value(dump, node->as.holiday.date);
        name(dump, &node->as.holiday.name);
        break;
    case LINE_THROUGH: value(dump, node->as.value); break;
    case LINE_EXCHANGE:
        name(dump, &node->as.exchange.from);
        name(dump, &node->as.exchange.to);
        value(dump, node->as.exchange.number);
        break;
    default: promotion_line(dump, node); break;
    }
}

static void enter_clauses(struct dump *dump, const struct line *node)
{
    static const char *const missing[] = {"", " missing-enter", " missing-refused"};
    if (node->as.enter.keys.count > 0) {
        buffer_string(dump->out, " [per");
        names(dump, &node->as.enter.keys);
        buffer_string(dump->out, "]");
    }
    buffer_string(dump->out, missing[node->as.enter.missing_keys]);
    if (node->as.enter.at_once != 0) buffer_print(dump->out, " [at once %lld]", (long long)node->as.enter.at_once);
    if (ast_is_present(&node->as.enter.restarting_as)) {
        buffer_string(dump->out, " [restarting");
        name(dump, &node->as.enter.restarting_as);
        buffer_string(dump->out, "]");
    }
}

static void campaign_line(struct dump *dump, const struct line *node)
{
    switch (node->kind) {
    case LINE_MESSAGES_AT_MOST:
        name(dump, &node->as.messages.channel);
        if (ast_is_present(&node->as.messages.message_class)) name(dump, &node->as.messages.message_class);
        rates(dump, &node->as.messages.rates);
        if (node->as.messages.in_player_zone) buffer_string(dump->out, " in-player-zone");
        number(dump, node->as.messages.otherwise);
        break;
    case LINE_SEND_BETWEEN:
        if (ast_is_present(&node->as.send_between.message_class)) name(dump, &node->as.send_between.message_class);
        value(dump, node->as.send_between.from);
        value(dump, node->as.send_between.to);
        number(dump, node->as.send_between.in_player_zone);
        number(dump, node->as.send_between.otherwise);
        break;
    case LINE_RUNS:
        value(dump, node->as.runs.from);
        value(dump, node->as.runs.through);
        number(dump, node->as.runs.then_go_on);
        name(dump, &node->as.runs.then_finish);
        break;
    case LINE_ENTER:
        number(dump, node->as.enter.kind);
        number(dump, node->as.enter.period);
        number(dump, node->as.enter.times);
        value(dump, node->as.enter.per);
        number(dump, node->as.enter.players_at_most);
        name(dump, &node->as.enter.otherwise_reason);
        enter_clauses(dump, node);
        break;
    case LINE_LEAVE_ON:
    case LINE_LEAVE_WHEN:
        if (node->kind == LINE_LEAVE_ON) event_match(dump, &node->as.leave.event);
        condition(dump, node->as.leave.condition);
        dump->depth++;
        if (node->as.leave.then != NULL) statement(dump, node->as.leave.then);
        dump->depth--;
        break;
    case LINE_GOAL:
        if (ast_is_present(&node->as.goal.name)) name(dump, &node->as.goal.name);
        value(dump, node->as.goal.after);
        value(dump, node->as.goal.within);
        event_match(dump, &node->as.goal.event);
        break;
    case LINE_STEP:
        name(dump, &node->as.step.name);
        name(dump, &node->as.step.renamed_from);
        block(dump, &node->as.step.body);
        break;
    default: start_line(dump, node); break;
    }
}

static void policy_line(struct dump *dump, const struct line *node)
{
    switch (node->kind) {
    case LINE_FINISH_FOR:
        name(dump, &node->as.finish_for.reason);
        condition(dump, node->as.finish_for.condition);
        break;
    case LINE_NEVER:
        number(dump, node->as.never.kind);
        name(dump, &node->as.never.message_class);
        condition(dump, node->as.never.condition);
        break;
    case LINE_SEND_ONLY_TO:
        name(dump, &node->as.send_only_to.channel);
        name(dump, &node->as.send_only_to.product);
        condition(dump, node->as.send_only_to.condition);
        break;
    case LINE_HOLD_OUT:
        value(dump, node->as.hold_out.share);
        name(dump, &node->as.hold_out.by);
        break;
    case LINE_LIMIT_WAGERING:
    case LINE_LIMIT_EXPIRY:
    case LINE_LIABILITY: value(dump, node->as.value); break;
    case LINE_LIMIT_PRODUCTS:
    case LINE_LIMIT_REWARDS:
    case LINE_PRIORITY: number(dump, node->as.count); break;
    case LINE_LIMIT_REWARDS_TO: condition(dump, node->as.condition); break;
    case LINE_REQUIRE_OPT_IN:
    case LINE_FORBID_REWARDS: names(dump, &node->as.words); break;
    default: campaign_line(dump, node); break;
    }
}

static void test_line(struct dump *dump, const struct line *node)
{
    switch (node->kind) {
    case LINE_GIVEN_PLAYERS:
        number(dump, node->as.given_players.count);
        if (node->as.given_players.is_test) buffer_string(dump->out, " test");
        names(dump, &node->as.given_players.names);
        condition(dump, node->as.given_players.where);
        break;
    case LINE_GIVEN_PROPERTY:
        value(dump, node->as.given_property.property);
        value(dump, node->as.given_property.value);
        break;
    case LINE_AT: at_line(dump, node); break;
    case LINE_REPEAT_LINES:
        number(dump, node->as.repeat.times);
        lines(dump, &node->as.repeat.lines);
        break;
    case LINE_EXPECT_EFFECT:
    case LINE_EXPECT_MESSAGES: expectation(dump, node); break;
    default: policy_line(dump, node); break;
    }
}

static void line(struct dump *dump, const struct line *node)
{
    begin(dump, ast_line_word(node->kind));
    switch (node->kind) {
    case LINE_NOTE:
    case LINE_OWNER:
    case LINE_GROUP:
    case LINE_PAYS_IN:
    case LINE_VERSION:
    case LINE_SOURCE:
    case LINE_SHORT_LINKS:
    case LINE_TIMEZONE:
    case LINE_FROM_POOL:
    case LINE_FOLLOWS:
    case LINE_ABOUT:
    case LINE_HAPPENS_AT:
    case LINE_SAFETY:
    case LINE_CLASS:
    case LINE_CONSENT:
    case LINE_PAUSE_ON:
    case LINE_JURISDICTION: name(dump, &node->as.word); break;
    case LINE_PRODUCT:
    case LINE_CURRENCY:
    case LINE_BRAND:
    case LINE_CHANNEL:
    case LINE_TAG:
    case LINE_USE:
    case LINE_GAMES: names(dump, &node->as.words); break;
    case LINE_LATENESS:
    case LINE_RETENTION:
    case LINE_COSTS:
    case LINE_LATE_EVENTS:
    case LINE_EXPECT_SPEND: value(dump, node->as.value); break;
    case LINE_ONLY_FOR: condition(dump, node->as.condition); break;
    case LINE_EXPECT_CONDITION:
        condition(dump, node->as.expect.where);
        name(dump, &node->as.expect.player);
        break;
    case LINE_START: event_match(dump, &node->as.event); break;
    case LINE_BUDGET:
    case LINE_TERMS:
    case LINE_METRIC:
    case LINE_OFFER: declaration(dump, node->as.declaration); break;
    case LINE_ROUNDING: number(dump, node->as.rounding); break;
    case LINE_FIELD:
    case LINE_TAKES:
        name(dump, &node->as.field.name);
        type(dump, node->as.field.type);
        break;
    case LINE_REVERSES:
        name(dump, &node->as.reverses.event);
        name(dump, &node->as.reverses.by);
        if (ast_is_present(&node->as.reverses.at)) name(dump, &node->as.reverses.at);
        break;
    case LINE_SETS:
        name(dump, &node->as.sets.attribute);
        name(dump, &node->as.sets.until);
        break;
    case LINE_CONTENT:
        name(dump, &node->as.content.channel);
        name(dump, &node->as.content.locale);
        name(dump, &node->as.content.text);
        number(dump, node->as.content.is_file);
        break;
    case LINE_TOTAL:
    case LINE_PER_PERIOD:
    case LINE_PER_PLAYER:
    case LINE_PER_OFFER:
        number(dump, node->as.amount.period);
        name(dump, &node->as.amount.offer);
        value(dump, node->as.amount.value);
        break;
    case LINE_WHEN_EMPTY:
        number(dump, node->as.when_empty.kind);
        name(dump, &node->as.when_empty.reason);
        break;
    case LINE_PARAMETER:
        name(dump, &node->as.parameter.name);
        value(dump, node->as.parameter.value);
        break;
    case LINE_WAGERING:
        number(dump, node->as.wagering.none);
        value(dump, node->as.wagering.multiple);
        number(dump, node->as.wagering.of_bonus);
        number(dump, node->as.wagering.of_deposit);
        break;
    case LINE_EXPIRES:
        value(dump, node->as.expires.duration);
        number(dump, node->as.expires.after_activation);
        break;
    default: test_line(dump, node); break;
    }
}

void ast_dump(struct buffer *out, const struct ast_file *file)
{
    struct dump dump = {out, 0};
    for (const struct declaration *at = file->declarations.first; at != NULL; at = at->next) {
        begin(&dump, ast_declaration_word(at->kind));
        declaration(&dump, at);
    }
    buffer_string(out, "\n");
}

bool ast_equal(const struct ast_file *one, const struct ast_file *other)
{
    struct buffer left = BUFFER_EMPTY;
    struct buffer right = BUFFER_EMPTY;
    ast_dump(&left, one);
    ast_dump(&right, other);
    const bool equal =
        buffer_ok(&left) && buffer_ok(&right) && text_equal(buffer_as_text(&left), buffer_as_text(&right));
    buffer_deinit(&left);
    buffer_deinit(&right);
    return equal;
}
