/*
 * Missions and badges as campaigns, and their records. Contract: check_missions.h.
 */
#include "compiler/check_missions.h"

#include "vm/decimal.h"

enum {
    CASES_MAX = LIMIT_CASES_PER_WAIT,
    VALUES_KEPT = 500,
    COUNT_MAX = 1000000000,
    VALUES_MAX = 10000,
    DAYS_MAX = 1000,
    DAYS_KEPT = 100
};

#define PERCENT INT64_C(10000) /* One hundredth, in millionths. */

/* ------------------------------------------------------------------ nodes */

/* What is being expanded. */
struct expansion {
    struct arena *arena;
    struct diagnostic_list *diagnostics;
    struct declaration *mission;
    struct span lasts_span;
    struct value *lasts;
    const struct choice *cases[CASES_MAX]; /* From the largest percentage. */
    uint32_t case_count;
};

static struct name name_at(struct text text, struct span span)
{
    return (struct name){text, span, 0};
}

static struct line *append_line(struct expansion *at, enum line_kind kind, struct span span)
{
    struct line *line = ARENA_NEW(at->arena, struct line);
    if (line == NULL) return NULL;
    *line = (struct line){.kind = kind, .span = span};
    struct line_list *lines = &at->mission->lines;
    if (lines->last != NULL)
        lines->last->next = line;
    else
        lines->first = line;
    lines->last = line;
    lines->count++;
    return line;
}

static struct statement *make_statement(struct expansion *at, enum statement_kind kind, struct span span,
                                        struct text name)
{
    struct statement *statement = ARENA_NEW(at->arena, struct statement);
    if (statement == NULL) return NULL;
    *statement = (struct statement){.kind = kind, .span = span, .name = name_at(name, span)};
    return statement;
}

static void append_statement(struct block *block, struct statement *statement)
{
    if (statement == NULL) return;
    statement->next = NULL;
    if (block->last != NULL)
        block->last->next = statement;
    else
        block->first = statement;
    block->last = statement;
    block->count++;
}

static struct block go_to(struct expansion *at, struct text step, struct span span)
{
    struct block block = {.is_inline = true, .span = span};
    append_statement(&block, make_statement(at, STATEMENT_GO_TO, span, step));
    return block;
}

static void append_step(struct expansion *at, struct text name, struct span span, struct block body)
{
    struct line *line = append_line(at, LINE_STEP, span);
    if (line == NULL) return;
    line->as.step = (struct step){.name = name_at(name, span), .body = body};
}

/* Whether every path of the block ends in `finish as` or `go to`. */
static bool ends(const struct block *block);

static bool all_end(const struct choice_list *choices, bool complete)
{
    for (const struct choice *choice = choices->first; choice != NULL; choice = choice->next) {
        if (choice->kind == CHOICE_OTHERWISE) complete = true;
        if (!ends(&choice->body)) return false;
    }
    return complete;
}

static bool ends(const struct block *block)
{
    const struct statement *last = block->last;
    if (last == NULL) return false;
    switch (last->kind) {
    case STATEMENT_FINISH: return true;
    case STATEMENT_GO_TO: return last->as.go_to.at_most == 0;
    case STATEMENT_IF:
        for (const struct branch *branch = last->as.branch.branches.first; branch != NULL; branch = branch->next) {
            if (!ends(&branch->body)) return false;
        }
        return last->as.branch.has_otherwise && ends(&last->as.branch.otherwise);
    case STATEMENT_CHOOSE: return all_end(&last->as.choose.cases, false);
    case STATEMENT_WAIT_UP_TO: return all_end(&last->as.wait_up_to.cases, true);
    case STATEMENT_ASK: return all_end(&last->as.ask.cases, true);
    case STATEMENT_SPLIT: return all_end(&last->as.split.arms, true);
    default: return false;
    }
}

/* ------------------------------------------------------------------ missions */

static struct text step_name(struct expansion *at, int64_t share)
{
    return arena_print(at->arena, "%lld%%", (long long)(share / PERCENT));
}

/* `percent is at least 25%`, in the words of the case. */
static struct condition *at_least(struct expansion *at, const struct choice *choice, struct value *left)
{
    struct condition *condition = ARENA_NEW(at->arena, struct condition);
    struct value *value = ARENA_NEW(at->arena, struct value);
    if (condition == NULL || left == NULL || value == NULL) return NULL;
    *value = (struct value){.kind = VALUE_PERCENT, .span = choice->span, .amount = choice->share};
    *condition = (struct condition){
        .kind = CONDITION_COMPARE,
        .span = choice->span,
        .left = left,
        .comparison = COMPARISON_AT_LEAST,
        .operator_span = choice->span,
        .values = {value, value, 1},
        .words = arena_print(at->arena, "progress is at least %lld%%", (long long)(choice->share / PERCENT))};
    return condition;
}

static struct value *word(struct expansion *at, enum value_kind kind, struct text text, struct text owner,
                          struct span span)
{
    struct value *value = ARENA_NEW(at->arena, struct value);
    if (value == NULL) return NULL;
    *value = (struct value){.kind = kind, .span = span, .name = name_at(text, span)};
    if (owner.size > 0) value->owner = name_at(owner, span);
    return value;
}

/* What came while a case above was busy: the run goes on at the highest case that holds now. */
static struct statement *catch_up(struct expansion *at, int64_t above)
{
    struct statement *statement = make_statement(at, STATEMENT_IF, at->mission->span, TEXT(""));
    if (statement == NULL) return NULL;
    struct branch_list *branches = &statement->as.branch.branches;
    for (uint32_t i = 0; i < at->case_count && at->cases[i]->share > above; i++) {
        const struct choice *choice = at->cases[i];
        struct branch *branch = ARENA_NEW(at->arena, struct branch);
        if (branch == NULL) return NULL;
        struct value *progress = word(at, VALUE_PROPERTY, TEXT("progress"), at->mission->name.text, choice->span);
        *branch = (struct branch){.span = choice->span,
                                  .condition = at_least(at, choice, progress),
                                  .body = go_to(at, step_name(at, choice->share), choice->span)};
        if (branches->last != NULL)
            branches->last->next = branch;
        else
            branches->first = branch;
        branches->last = branch;
        branches->count++;
    }
    return statement;
}

/* The wait for the cases above a percentage, until the run is over. */
static struct statement *wait_above(struct expansion *at, int64_t above)
{
    struct statement *wait = make_statement(at, STATEMENT_WAIT_UP_TO, at->lasts_span, TEXT(""));
    if (wait == NULL) return NULL;
    wait->as.wait_up_to.duration = at->lasts;
    wait->as.wait_up_to.after_entry = true;
    struct choice_list *cases = &wait->as.wait_up_to.cases;
    for (uint32_t i = 0; i <= at->case_count; i++) {
        const struct choice *from = i < at->case_count ? at->cases[i] : NULL;
        if (from != NULL && from->share <= above) continue;
        struct choice *choice = ARENA_NEW(at->arena, struct choice);
        if (choice == NULL) return NULL;
        struct span span = from != NULL ? from->span : at->lasts_span;
        *choice = (struct choice){.kind = from != NULL ? CHOICE_EVENT : CHOICE_TIME_IS_UP, .span = span};
        if (from != NULL) {
            struct value *percent = word(at, VALUE_WORD, TEXT("percent"), TEXT(""), span);
            choice->event = (struct event_match){.span = span,
                                                 .event = name_at(TEXT("mission_progress"), span),
                                                 .about = name_at(at->mission->name.text, span),
                                                 .where = at_least(at, from, percent)};
        }
        choice->body = go_to(at, from != NULL ? step_name(at, from->share) : TEXT("time is up"), span);
        if (cases->last != NULL)
            cases->last->next = choice;
        else
            cases->first = choice;
        cases->last = choice;
        cases->count++;
    }
    return wait;
}

/* The cases of `progress` by percentage, the largest first, and the one for when time is up. */
static void read_cases(struct expansion *at, const struct line *progress, const struct choice **time_is_up)
{
    for (const struct choice *choice = progress->as.cases.first; choice != NULL; choice = choice->next) {
        if (choice->kind == CHOICE_TIME_IS_UP) {
            if (*time_is_up != NULL)
                DIAGNOSE(at->diagnostics, DIAGNOSTIC_LINE_TWICE, choice->span, TEXT("when time is up"));
            *time_is_up = choice;
            continue;
        }
        if (choice->kind != CHOICE_PERCENT) continue;
        uint32_t place = 0;
        while (place < at->case_count && at->cases[place]->share > choice->share) place++;
        bool again = place < at->case_count && at->cases[place]->share == choice->share;
        bool whole = choice->share % PERCENT == 0 && choice->share >= PERCENT && choice->share <= 100 * PERCENT;
        if (!whole) {
            diagnostics_add(at->diagnostics, DIAGNOSTIC_PROGRESS_CASE, choice->span, NULL, 0);
            continue;
        }
        if (again) {
            struct diagnostic *diagnostic =
                DIAGNOSE(at->diagnostics, DIAGNOSTIC_LINE_TWICE, choice->span,
                         arena_print(at->arena, "when %lld%%", (long long)(choice->share / PERCENT)));
            diagnostic_add_note(at->diagnostics, diagnostic, at->cases[place]->span, TEXT("the first one is here"));
            continue;
        }
        if (at->case_count + 1 == CASES_MAX) {
            DIAGNOSE(at->diagnostics, DIAGNOSTIC_TOO_MANY, choice->span, TEXT("more than 31"),
                     TEXT("cases of progress"), TEXT("31"));
            return;
        }
        for (uint32_t i = at->case_count; i > place; i--) at->cases[i] = at->cases[i - 1];
        at->cases[place] = choice;
        at->case_count++;
    }
}

/* A task as a metric of the campaign. */
static void expand_task(struct expansion *at, const struct line *line)
{
    const struct task *task = &line->as.task;
    struct metric *written = ARENA_NEW(at->arena, struct metric);
    struct declaration *metric = ARENA_NEW(at->arena, struct declaration);
    struct line *own = append_line(at, LINE_METRIC, line->span);
    if (written == NULL || metric == NULL || own == NULL) return;
    *written = (struct metric){.span = task->need_span,
                               .event = task->event.event,
                               .field = task->field,
                               .conversion = task->conversion,
                               .window = WINDOW_WORD_SINCE_ENTRY,
                               .window_span = task->need_span,
                               .zone = task->zone,
                               .kept_span = task->need_span,
                               .where = task->event.where};
    switch (task->kind) {
    case NEED_EVENTS: written->aggregate = AGGREGATE_WORD_COUNT; break;
    case NEED_DIFFERENT:
        written->aggregate = AGGREGATE_WORD_DIFFERENT_EACH;
        written->each = task->each_at_least > 0 ? task->each_at_least : 1;
        written->kept_up_to = 2 * task->count > VALUES_KEPT ? 2 * task->count : VALUES_KEPT;
        break;
    case NEED_DIFFERENT_DAYS:
    case NEED_DAYS_IN_A_ROW:
        written->aggregate =
            task->kind == NEED_DAYS_IN_A_ROW ? AGGREGATE_WORD_DAYS_IN_A_ROW : AGGREGATE_WORD_DIFFERENT_DAYS;
        written->kept_up_to = 2 * task->count > DAYS_KEPT ? 2 * task->count : DAYS_KEPT;
        break;
    case NEED_SUM:
        written->aggregate = AGGREGATE_WORD_SUM;
        if (task->amount->kind == VALUE_MONEY && !ast_is_present(&written->conversion.currency)) {
            written->conversion.currency = name_at(task->amount->currency, task->amount->span);
            written->conversion.span = task->amount->span;
        }
        break;
    }
    *metric = (struct declaration){
        .kind = DECLARATION_METRIC,
        .span = line->span,
        .name = name_at(arena_print(at->arena, "task \"%.*s\"", TEXT_ARGS(task->name.text)), task->name.span),
        .metric = written};
    own->as.declaration = metric;
    int64_t most = task->kind == NEED_DIFFERENT ? VALUES_MAX : task->kind == NEED_EVENTS ? COUNT_MAX : DAYS_MAX;
    bool counts = task->kind != NEED_SUM;
    if (counts && (task->count < 1 || task->count > most || task->each_at_least > COUNT_MAX))
        DIAGNOSE(at->diagnostics, DIAGNOSTIC_TASK_COUNT, task->need_span, task->name.text,
                 most == VALUES_MAX ? TEXT("10,000")
                 : most == DAYS_MAX ? TEXT("1,000")
                                    : TEXT("1,000,000,000"));
    if (ast_is_present(&task->event.about))
        DIAGNOSE(at->diagnostics, DIAGNOSTIC_TASK_OF, task->event.about.span, task->name.text);
}

static void expand_mission(struct expansion *at)
{
    struct declaration *mission = at->mission;
    const struct line *last = mission->lines.last, *progress = NULL, *lasts = NULL, *complete = NULL;
    bool enters = false;
    uint32_t tasks = 0;
    mission->kind = DECLARATION_CAMPAIGN;
    mission->is_mission = true;
    for (const struct line *line = mission->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_TASK) {
            for (const struct line *before = mission->lines.first; before != NULL && before != line;
                 before = before->next) {
                if (before->kind != LINE_TASK || !text_equal(before->as.task.name.text, line->as.task.name.text))
                    continue;
                struct diagnostic *diagnostic =
                    DIAGNOSE(at->diagnostics, DIAGNOSTIC_DECLARED_TWICE, line->as.task.name.span, TEXT("the task"),
                             line->as.task.name.text);
                diagnostic_add_note(at->diagnostics, diagnostic, before->as.task.name.span,
                                    TEXT("the first one is here"));
            }
            tasks++;
            expand_task(at, line);
        }
        if (line->kind == LINE_PROGRESS) progress = line;
        if (line->kind == LINE_LASTS) lasts = line;
        if (line->kind == LINE_COMPLETE) complete = line;
        if (line->kind == LINE_ENTER) {
            enters = true;
            if (line->as.enter.at_once > 1)
                DIAGNOSE(at->diagnostics, DIAGNOSTIC_MISSION_AT_ONCE, line->span, mission->name.text);
        }
        if (line == last) break;
    }
    if (tasks == 0 && !mission->is_broken)
        DIAGNOSE(at->diagnostics, DIAGNOSTIC_MISSION_NO_TASK, mission->span, mission->name.text);
    if (tasks > LIMIT_TASKS_PER_MISSION)
        DIAGNOSE(at->diagnostics, DIAGNOSTIC_TOO_MANY, mission->span, TEXT("more than 16"),
                 TEXT("tasks of one mission"), TEXT("16"));
    if (lasts == NULL && !mission->is_broken)
        DIAGNOSE(at->diagnostics, DIAGNOSTIC_MISSION_NO_END, mission->span, mission->name.text);
    if (lasts == NULL || lasts->as.value == NULL || tasks == 0 || tasks > LIMIT_TASKS_PER_MISSION) {
        mission->is_broken = true;
        return;
    }
    at->lasts = lasts->as.value;
    at->lasts_span = lasts->span;
    if (!enters && complete != NULL) {
        struct line *enter = append_line(at, LINE_ENTER, complete->span);
        if (enter == NULL) return;
        enter->as.enter.kind = ENTER_EVERY_TIME;
    }
    const struct choice *time_is_up = NULL;
    if (progress != NULL) read_cases(at, progress, &time_is_up);
    struct choice whole = {.kind = CHOICE_PERCENT, .span = mission->span, .share = 100 * PERCENT};
    struct choice *all = ARENA_NEW(at->arena, struct choice);
    if (all == NULL) return;
    *all = whole;
    if (at->case_count == 0 || at->cases[0]->share < 100 * PERCENT) { /* Not written: the run only ends. */
        for (uint32_t i = at->case_count; i > 0; i--) at->cases[i] = at->cases[i - 1];
        at->cases[0] = all;
        at->case_count++;
    }
    struct block start = {.span = mission->span};
    append_statement(&start, catch_up(at, 0));
    append_statement(&start, wait_above(at, 0));
    append_step(at, TEXT("0%"), mission->span, start);
    for (uint32_t i = at->case_count; i > 0; i--) {
        const struct choice *choice = at->cases[i - 1];
        struct block body = choice->body;
        body.is_inline = false;
        bool done = choice->share == 100 * PERCENT;
        if (!ends(&body)) {
            if (done) {
                append_statement(&body, make_statement(at, STATEMENT_FINISH, choice->span, TEXT("COMPLETED")));
            } else {
                append_statement(&body, catch_up(at, choice->share));
                append_statement(&body, wait_above(at, choice->share));
            }
        }
        append_step(at, step_name(at, choice->share), choice->span, body);
    }
    struct block over = {.span = at->lasts_span};
    if (time_is_up != NULL) {
        over = time_is_up->body;
        over.is_inline = false;
    }
    if (!ends(&over)) append_statement(&over, make_statement(at, STATEMENT_FINISH, over.span, TEXT("EXPIRED")));
    append_step(at, TEXT("time is up"), time_is_up != NULL ? time_is_up->span : at->lasts_span, over);
}

/* ------------------------------------------------------------------ badges */

static void append_declaration(struct ast_file *file, struct declaration *declaration)
{
    declaration->next = NULL;
    file->declarations.last->next = declaration;
    file->declarations.last = declaration;
    file->declarations.count++;
}

/* `for players where …`: a segment, and a campaign that awards the badge to whoever enters it. */
static void expand_badge(struct arena *arena, struct diagnostic_list *diagnostics, struct ast_file *file,
                         const struct declaration *badge, const struct line *line)
{
    struct declaration *segment = ARENA_NEW(arena, struct declaration);
    struct declaration *campaign = ARENA_NEW(arena, struct declaration);
    if (segment == NULL || campaign == NULL) return;
    struct text who = arena_print(arena, "players of badge \"%.*s\"", TEXT_ARGS(badge->name.text));
    *segment = (struct declaration){.kind = DECLARATION_SEGMENT,
                                    .span = line->span,
                                    .name = name_at(who, line->span),
                                    .condition = line->as.condition,
                                    .awards = true,
                                    .is_hidden = true};
    *campaign = (struct declaration){
        .kind = DECLARATION_CAMPAIGN,
        .span = badge->span,
        .end_span = badge->end_span,
        .name = name_at(arena_print(arena, "badge %.*s", TEXT_ARGS(badge->name.text)), badge->name.span),
        .is_hidden = true,
        .is_broken = badge->is_broken};
    struct expansion at = {.arena = arena, .diagnostics = diagnostics, .mission = campaign};
    struct line *start = append_line(&at, LINE_START_ENTERING, line->span);
    if (start == NULL) return;
    start->as.text = name_at(who, line->span);
    struct block body = {.span = line->span};
    append_statement(&body, make_statement(&at, STATEMENT_AWARD_BADGE, line->span, badge->name.text));
    append_statement(&body, make_statement(&at, STATEMENT_FINISH, line->span, TEXT("AWARDED")));
    append_step(&at, TEXT("award"), line->span, body);
    append_declaration(file, segment);
    append_declaration(file, campaign);
}

void missions_expand(struct arena *arena, struct ast_file *const *files, uint32_t count,
                     struct diagnostic_list *diagnostics)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct declaration *last = files[i]->declarations.last;
        for (struct declaration *at = files[i]->declarations.first; at != NULL; at = at->next) {
            if (at->kind == DECLARATION_MISSION) {
                struct expansion expansion = {.arena = arena, .diagnostics = diagnostics, .mission = at};
                expand_mission(&expansion);
            }
            const struct line *who =
                at->kind == DECLARATION_BADGE ? ast_find_line(&at->lines, LINE_FOR_PLAYERS, NULL) : NULL;
            if (who != NULL && who->as.condition != NULL) expand_badge(arena, diagnostics, files[i], at, who);
            if (at == last) break;
        }
    }
}

/* ------------------------------------------------------------------ records */

struct metric_info *missions_task(const struct names *names, struct text name, uint32_t campaign)
{
    struct metric_info *found = NULL;
    for (uint32_t i = 0; i < names->metric_count; i++) {
        struct metric_info *metric = &names->metrics[i];
        struct text own = metric->name;
        if (metric->campaign == PROGRAM_NONE || !names->campaigns[metric->campaign].declaration->is_mission) continue;
        if (campaign != PROGRAM_NONE && metric->campaign != campaign) continue;
        bool same = own.size == name.size + 7 && text_starts_with(own, TEXT("task \"")) &&
                    text_equal(text_slice(own, 6, name.size), name);
        if (!same) continue;
        if (found != NULL) return NULL;
        found = metric;
    }
    return found;
}

/* What a task needs, in the units of its metric; 0 after a report. */
static int64_t need_of(struct names *names, const struct task *task, const struct metric_info *metric)
{
    if (task->kind != NEED_SUM) return task->count;
    const struct value *amount = task->amount;
    int64_t need = 0;
    switch ((uint32_t)metric->type.kind) {
    case TYPE_MONEY:
        if (amount->kind == VALUE_MONEY && text_equal(amount->currency, names->currencies[metric->type.of]))
            need = amount->amount;
        break;
    case TYPE_WHOLE:
        if (amount->kind == VALUE_NUMBER && amount->is_whole) need = amount->amount / DECIMAL_ONE;
        break;
    case TYPE_DECIMAL:
        if (amount->kind == VALUE_NUMBER) need = amount->amount;
        break;
    default: break;
    }
    if (need > 0) return need;
    REPORT(names, DIAGNOSTIC_TASK_NEED, amount->span, names_words(names, amount->span), task->field.text,
           names_type_words(names, metric->type));
    return 0;
}

void missions_emit(struct names *names, const struct declaration *declaration, uint32_t campaign)
{
    static const enum limit_period periods[] = {[PERIOD_EVER] = LIMIT_EVER,
                                                [PERIOD_DAY] = LIMIT_DAY,
                                                [PERIOD_WEEK] = LIMIT_WEEK,
                                                [PERIOD_MONTH] = LIMIT_MONTH,
                                                [PERIOD_YEAR] = LIMIT_YEAR};
    struct builder *builder = names->builder;
    if (!declaration->is_mission || declaration->is_broken) return;
    const struct line *complete = ast_find_line(&declaration->lines, LINE_COMPLETE, NULL);
    struct bundle_mission record = {.campaign = campaign,
                                    .task_first = builder_count(builder, SECTION_TASK),
                                    .period = LIMIT_EVER,
                                    .line = names_line(names, declaration->span)};
    if (complete != NULL) {
        int64_t times = complete->as.limit.times;
        record.most = times < 1 ? 1 : times > COUNT_MAX ? COUNT_MAX : (uint32_t)times;
        record.period = periods[complete->as.limit.period];
    }
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_TASK) continue;
        const struct task *task = &line->as.task;
        const struct metric_info *metric = missions_task(names, task->name.text, campaign);
        if (metric == NULL || metric->stage != METRIC_READY) continue; /* reported */
        struct bundle_task row = {.need = need_of(names, task, metric),
                                  .name = builder_text(builder, task->name.text),
                                  .metric = metric->index,
                                  .in_parts = task->kind != NEED_SUM,
                                  .line = names_line(names, line->span)};
        builder_add_task(builder, &row);
        record.task_count++;
    }
    builder_add_mission(builder, &record);
}

void badges_emit(struct names *names)
{
    struct builder *builder = names->builder;
    for (uint32_t i = 0; i < names->badge_count; i++) {
        const struct declaration *badge = names->badges[i].declaration;
        schema_judge_repeats(names, badge);
        const struct line *note = ast_find_line(&badge->lines, LINE_NOTE, NULL),
                          *image = ast_find_line(&badge->lines, LINE_IMAGE, NULL);
        struct bundle_badge record = {.name = builder_text(builder, names->badges[i].name),
                                      .note = note == NULL ? PROGRAM_NONE : builder_text(builder, note->as.text.text),
                                      .image =
                                          image == NULL ? PROGRAM_NONE : builder_text(builder, image->as.text.text),
                                      .line = names_line(names, badge->span)};
        builder_add_badge(builder, &record);
    }
}

uint32_t badges_need(struct names *names, const struct name *name)
{
    const struct thing *badge = names_thing(names->badges, names->badge_count, name->text);
    if (badge != NULL) return badge->index;
    struct text *list = ARENA_ARRAY(names->arena, struct text, names->badge_count + 1);
    for (uint32_t i = 0; list != NULL && i < names->badge_count; i++) list[i] = names->badges[i].name;
    names_unknown(names, DIAGNOSTIC_UNKNOWN_BADGE, name, list, names->badge_count);
    return PROGRAM_NONE;
}
