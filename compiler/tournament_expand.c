/*
 * A tournament's block as a campaign, metrics and an offer: the tree. Contract: tournament.h.
 *
 *   step "In the race"
 *     spend N of "POINTS", otherwise finish as "FEE_NOT_PAID"    with a `fee` line
 *     wait up to …
 *       when tournament_placed of "NAME" where prize is more than 0 EUR
 *         credit "NAME", otherwise finish as "PRIZE_NOT_PAID"
 *         finish as "PLACED"
 *       when tournament_placed of "NAME"                            finish as "UNPLACED"
 *       when tournament_cancelled of "NAME" where score is at least 1
 *         STATEMENT of the `field` line
 *         finish as "CANCELLED"
 *       when tournament_cancelled of "NAME"                         finish as "CANCELLED"
 *       when time is up                                             finish as "NOT_SETTLED"
 *
 * Everything made here has the span of the author's line that it stands for.
 */
#include "compiler/tournament.h"

#include "vm/civil.h"

enum {
    KEPT =
        64, /* Events that can be taken back are kept for each player and instance, so that the next best one is known. */
    WHOLE_POOL = 1000000
};

struct expand {
    struct arena *arena;
    struct ast_file *const *files;
    uint32_t count;
    struct diagnostic_list *diagnostics;
    struct ast_file *file;
    struct declaration *declaration;
    struct tournament_words *words;
    bool broken;
};

#define TELL(expand, code, span, ...) \
    ((expand)->broken = true, DIAGNOSE((expand)->diagnostics, (code), (span), __VA_ARGS__))

static void *node(struct expand *expand, size_t size)
{
    void *made = arena_alloc(expand->arena, size);
    if (made == NULL) expand->broken = true;
    return made;
}
#define NODE(expand, type) ((type *)node((expand), sizeof(type)))

static struct name name_of(struct text text, struct span span)
{
    return (struct name){.text = text, .span = span};
}

static void append_declaration(struct expand *expand, struct declaration *declaration)
{
    declaration->next = NULL;
    expand->file->declarations.last->next = declaration;
    expand->file->declarations.last = declaration;
    expand->file->declarations.count++;
}

static void append_line(struct declaration *declaration, struct line *line)
{
    struct line_list *lines = &declaration->lines;
    line->next = NULL;
    if (lines->last == NULL) {
        lines->first = line;
    } else {
        lines->last->next = line;
    }
    lines->last = line;
    lines->count++;
}

/* ------------------------------------------------------------------ values and conditions */

static struct value *make_value(struct expand *expand, struct value value)
{
    struct value *made = NODE(expand, struct value);
    if (made != NULL) *made = value;
    return made;
}

static struct value *make_word(struct expand *expand, const char *word, struct span span)
{
    return make_value(expand, (struct value){.kind = VALUE_WORD, .span = span, .name = name_of(text_of(word), span)});
}

static struct value *make_number(struct expand *expand, int64_t millionths, struct span span)
{
    return make_value(expand,
                      (struct value){.kind = VALUE_NUMBER, .span = span, .amount = millionths, .is_whole = true});
}

static struct value *make_money(struct expand *expand, int64_t amount, struct text currency, struct span span)
{
    return make_value(expand,
                      (struct value){.kind = VALUE_MONEY, .span = span, .amount = amount, .currency = currency});
}

static struct condition *make_compare(struct expand *expand, const char *field, enum comparison comparison,
                                      struct value *right, struct span span)
{
    struct condition *made = NODE(expand, struct condition);
    if (made == NULL) return NULL;
    *made = (struct condition){.kind = CONDITION_COMPARE,
                               .span = span,
                               .left = make_word(expand, field, span),
                               .comparison = comparison,
                               .operator_span = span,
                               .values = {right, right, 1}};
    return made;
}

/* A copy in which fields of the event are bare: what is read of a bet is read of the event that takes it back, too. */
static struct value *bare(struct expand *expand, const struct value *value, struct text event)
{
    if (value == NULL) return NULL;
    struct value *made = make_value(expand, *value);
    if (made == NULL) return NULL;
    if (made->kind == VALUE_PATH && text_equal(made->owner.text, event)) {
        made->kind = VALUE_WORD;
        made->owner = (struct name){.resolved = 0};
    }
    made->left = bare(expand, value->left, event);
    made->right = bare(expand, value->right, event);
    struct clause **end = &made->clauses;
    for (const struct clause *clause = value->clauses; clause != NULL; clause = clause->next) {
        struct clause *copy = NODE(expand, struct clause);
        if (copy == NULL) break;
        *copy = *clause;
        copy->value = bare(expand, clause->value, event);
        copy->next = NULL;
        *end = copy;
        end = &copy->next;
    }
    return made;
}

/* ------------------------------------------------------------------ metrics */

static bool is_reversible(const struct expand *expand, struct text event)
{
    for (uint32_t i = 0; i < expand->count; i++) {
        for (const struct declaration *at = expand->files[i]->declarations.first; at != NULL; at = at->next) {
            const struct line *line =
                at->kind == DECLARATION_EVENT ? ast_find_line(&at->lines, LINE_REVERSES, NULL) : NULL;
            if (line != NULL && text_equal(line->as.reverses.event.text, event)) return true;
        }
    }
    return false;
}

/* A second tournament of one name has metrics of the same names: that it is there twice is told once. */
static bool is_there(const struct expand *expand, struct text name)
{
    for (uint32_t i = 0; i < expand->count; i++) {
        for (const struct declaration *at = expand->files[i]->declarations.first; at != NULL; at = at->next) {
            if (at->is_hidden && at->kind == DECLARATION_METRIC && text_equal(at->name.text, name)) return true;
        }
    }
    return false;
}

static struct declaration *make_metric(struct expand *expand, struct text name, struct metric metric)
{
    if (is_there(expand, name)) {
        expand->broken = true;
        return NULL;
    }
    struct declaration *made = NODE(expand, struct declaration);
    struct metric *written = NODE(expand, struct metric);
    if (made == NULL || written == NULL) return NULL;
    *written = metric;
    *made = (struct declaration){.kind = DECLARATION_METRIC,
                                 .span = metric.span,
                                 .name = name_of(name, metric.span),
                                 .metric = written,
                                 .is_hidden = true};
    append_declaration(expand, made);
    return made;
}

static bool is_number(const struct value *value)
{
    return value->kind == VALUE_NUMBER;
}

static void expand_earn(struct expand *expand, const struct line *line)
{
    struct tournament_words *words = expand->words;
    if (line->as.earn.amount == NULL || line->as.earn.amount->kind == VALUE_BROKEN) {
        expand->broken = true;
        return;
    }
    if (words->earn_count == TOURNAMENT_SCORES_MAX) {
        TELL(expand, DIAGNOSTIC_TOO_MANY, line->span, TEXT("9"), TEXT("`earn` lines of a tournament"), TEXT("8"));
        return;
    }
    const struct value *amount = line->as.earn.amount, *per = line->as.earn.per;
    bool constant = is_number(amount);
    if ((per != NULL && !constant) || (constant && amount->amount <= 0) || (per != NULL && per->amount <= 0)) {
        TELL(expand, DIAGNOSTIC_TOURNAMENT_EARN, line->span, TEXT("the points of this line are no number above 0"),
             TEXT("write a line such as `earn 1 per 0.01 EUR of rake_taken.amount` or `earn 10 per bet`"));
        return;
    }
    if (ast_is_present(&line->as.earn.event.about)) {
        TELL(expand, DIAGNOSTIC_TOURNAMENT_EARN, line->as.earn.event.about.span,
             TEXT("points are earned by all events of a kind"),
             TEXT("say which of them count in a condition behind `where`"));
        return;
    }
    bool count = per == NULL && constant && words->score == SCORE_SUM, largest = words->score == SCORE_LARGEST;
    bool reversible = is_reversible(expand, line->as.earn.event.event.text);
    struct metric metric = {
        .aggregate = largest ? AGGREGATE_WORD_LARGEST
                     : count ? AGGREGATE_WORD_COUNT
                             : AGGREGATE_WORD_SUM,
        .span = line->span,
        .event = line->as.earn.event.event,
        .field = per != NULL ? line->as.earn.field : (struct name){.resolved = 0},
        .conversion = line->as.earn.conversion,
        .window = WINDOW_WORD_INSTANCE,
        .window_span = line->span,
        .kept_span = line->span,
        .kept_up_to = largest && reversible ? KEPT : 0,
        .where = line->as.earn.event.where,
        .tournament = expand->declaration,
        .earns = !count,
        .earned = per == NULL && !count ? bare(expand, amount, line->as.earn.event.event.text) : NULL,
    };
    struct tournament_earn *earn = &words->earn[words->earn_count++];
    unsigned number = words->earn_count;
    struct text owner = expand->declaration->name.text;
    earn->line = line;
    earn->metric =
        make_metric(expand, arena_print(expand->arena, "points %u of \"%.*s\"", number, TEXT_ARGS(owner)), metric);
    metric.aggregate = AGGREGATE_WORD_LAST_TIME;
    metric.kept_up_to = reversible ? KEPT : 0;
    earn->last =
        make_metric(expand, arena_print(expand->arena, "last %u of \"%.*s\"", number, TEXT_ARGS(owner)), metric);
}

/* `metric hands is sum of rake_taken.hands since entry`: over the instance that is entered. */
static void expand_metric(struct expand *expand, struct declaration *own)
{
    struct tournament_words *words = expand->words;
    if (own->metric == NULL || own->is_broken) {
        expand->broken = true;
        return;
    }
    if (own->metric->aggregate == AGGREGATE_WORD_FORMULA || own->metric->window != WINDOW_WORD_SINCE_ENTRY) {
        TELL(expand, DIAGNOSTIC_TOURNAMENT_METRIC, own->span, own->name.text);
        return;
    }
    if (words->metric_count == TOURNAMENT_RANKS_MAX) {
        TELL(expand, DIAGNOSTIC_TOO_MANY, own->span, TEXT("9"), TEXT("metrics of a tournament"), TEXT("8"));
        return;
    }
    for (uint32_t i = 0; i < words->metric_count; i++) {
        if (text_equal(words->metric[i].name, own->name.text))
            TELL(expand, DIAGNOSTIC_DECLARED_TWICE, own->name.span, TEXT("the metric"), own->name.text);
    }
    words->metric[words->metric_count].name = own->name.text;
    words->metric[words->metric_count++].metric = own;
    own->name.text = arena_print(expand->arena, "%.*s of \"%.*s\"", TEXT_ARGS(own->name.text),
                                 TEXT_ARGS(expand->declaration->name.text));
    own->metric->window = WINDOW_WORD_INSTANCE;
    own->metric->tournament = expand->declaration;
    own->is_hidden = true;
    append_declaration(expand, own);
}

/* ------------------------------------------------------------------ prizes */

/* The whole table; the largest prize in minor units, and its currency. */
static void read_prizes(struct expand *expand, int64_t *largest_out, struct text *currency_out, struct span *span_out)
{
    const struct declaration *prizes = expand->words->prizes->as.declaration;
    const struct line *pool = ast_find_line(&prizes->lines, LINE_POOL, NULL);
    const struct value *whole = pool == NULL ? NULL : pool->as.value;
    int64_t next = 1, shares = 0;
    int128 paid = 0;
    *largest_out = 0;
    *currency_out = TEXT("");
    if (whole != NULL && (whole->kind != VALUE_MONEY || whole->amount <= 0)) {
        TELL(expand, DIAGNOSTIC_TOURNAMENT_PRIZES, pool->span, TEXT("the pool is no amount of money above 0"),
             TEXT("write a line such as `pool 10,000 EUR`"));
        return;
    }
    *span_out = prizes->span;
    if (whole != NULL) {
        *currency_out = whole->currency;
        *span_out = whole->span;
    }
    const struct line *leftover = ast_find_line(&prizes->lines, LINE_LEFTOVER, NULL);
    if (leftover != NULL && leftover->as.count > 1)
        TELL(expand, DIAGNOSTIC_TOURNAMENT_PRIZES, leftover->span,
             TEXT("what rounding leaves goes to place 1 or stays"),
             TEXT("write `leftover to place 1` or `leftover stays`"));
    if (leftover != NULL && pool == NULL)
        TELL(expand, DIAGNOSTIC_TOURNAMENT_PRIZES, leftover->span,
             TEXT("amounts leave nothing over: only shares of a pool are rounded"), TEXT("remove the line"));
    uint32_t places = 0;
    for (const struct line *line = prizes->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_PLACE) continue;
        const struct value *value = line->as.place.value;
        places++;
        if (value == NULL || value->kind == VALUE_BROKEN) {
            expand->broken = true;
            continue;
        }
        if (line->as.place.first != next || line->as.place.last < line->as.place.first ||
            line->as.place.last > TOURNAMENT_PLACES_MAX) {
            TELL(expand, DIAGNOSTIC_TOURNAMENT_PLACES, line->span, arena_print(expand->arena, "%lld", (long long)next));
            return;
        }
        int64_t count = line->as.place.last - line->as.place.first + 1;
        next = line->as.place.last + 1;
        if (value->kind != (whole != NULL ? VALUE_PERCENT : VALUE_MONEY)) {
            TELL(expand, DIAGNOSTIC_TOURNAMENT_PRIZES, value->span,
                 whole != NULL ? TEXT("the places share a pool, and this is no share of it")
                               : TEXT("without a pool a prize is an amount of money"),
                 whole != NULL
                     ? TEXT("write a share such as `30%`, or remove the pool and write amounts in all lines")
                     : TEXT("write an amount such as `40 EUR`, or a line such as `pool 10,000 EUR` for shares"));
            return;
        }
        if (value->amount < 0) {
            TELL(expand, DIAGNOSTIC_TOURNAMENT_PRIZES, value->span, TEXT("a prize is not less than nothing"),
                 TEXT("write a share or an amount above 0"));
            return;
        }
        if (whole == NULL && currency_out->size > 0 && !text_equal(*currency_out, value->currency)) {
            TELL(expand, DIAGNOSTIC_TOURNAMENT_PRIZES, value->span, TEXT("the prizes are in one currency"),
                 TEXT("write all amounts in the tournament's currency"));
            return;
        }
        if (whole == NULL) {
            *currency_out = value->currency;
            *span_out = value->span;
        }
        int64_t prize = whole == NULL ? value->amount : (int64_t)((int128)whole->amount * value->amount / WHOLE_POOL);
        if (whole != NULL) shares += value->amount * count;
        paid += (int128)prize * count;
        if (prize > *largest_out) *largest_out = prize;
        if (shares > WHOLE_POOL) {
            TELL(expand, DIAGNOSTIC_TOURNAMENT_SHARES, line->span, TEXT(""));
            return;
        }
    }
    if (places == 0 && !prizes->is_broken && !expand->broken)
        TELL(expand, DIAGNOSTIC_TOURNAMENT_PRIZES, prizes->span, TEXT("no place wins anything"),
             TEXT("write a line such as `place 1  100 EUR`"));
    const struct line *own = ast_find_line(&expand->declaration->lines, LINE_CURRENCY, NULL);
    struct text currency = own == NULL || own->as.words.first == NULL ? TEXT("") : own->as.words.first->name.text;
    if (currency.size > 0 && currency_out->size > 0 && !text_equal(currency, *currency_out)) {
        TELL(expand, DIAGNOSTIC_TOURNAMENT_PRIZES, *span_out,
             arena_print(expand->arena, "the prizes are in %.*s, and the tournament is in %.*s",
                         TEXT_ARGS(*currency_out), TEXT_ARGS(currency)),
             TEXT("write both in one currency"));
        return;
    }
    if (whole != NULL) *largest_out += (int64_t)((int128)whole->amount * shares / WHOLE_POOL - paid);
}

/* offer KIND "NAME": amount tournament_placed.prize, at most the largest prize. */
static void add_offer(struct expand *expand, int64_t largest, struct text currency, struct span money)
{
    struct declaration *prizes = expand->words->prizes->as.declaration;
    struct declaration *offer = NODE(expand, struct declaration);
    struct line *line = NODE(expand, struct line), *parameter = NODE(expand, struct line);
    struct value *formula = NODE(expand, struct value), *prize = NODE(expand, struct value);
    struct clause *most = NODE(expand, struct clause);
    if (expand->broken) return;
    struct span span = prizes->span;
    *prize = (struct value){.kind = VALUE_PATH,
                            .span = span,
                            .owner = name_of(TEXT("tournament_placed"), span),
                            .name = name_of(TEXT("prize"), span)};
    *most =
        (struct clause){.kind = CLAUSE_AT_MOST, .span = span, .value = make_money(expand, largest, currency, money)};
    *formula = (struct value){.kind = VALUE_FORMULA, .span = span, .left = prize, .clauses = most};
    *parameter = (struct line){.kind = LINE_PARAMETER, .span = span};
    parameter->as.parameter.name = name_of(TEXT("amount"), span);
    parameter->as.parameter.value = formula;
    *offer = (struct declaration){.kind = DECLARATION_OFFER,
                                  .span = span,
                                  .end_span = prizes->end_span,
                                  .name = name_of(expand->declaration->name.text, span),
                                  .offer_kind = prizes->offer_kind,
                                  .is_hidden = true};
    append_line(offer, parameter);
    for (const struct line *at = prizes->lines.first; at != NULL; at = at->next) {
        if (at->kind == LINE_POOL || at->kind == LINE_LEFTOVER || at->kind == LINE_PLACE || at->kind == LINE_ROUNDING)
            continue;
        struct line *copy = NODE(expand, struct line);
        if (copy == NULL) return;
        *copy = *at;
        append_line(offer, copy);
    }
    *line = (struct line){.kind = LINE_OFFER, .span = span};
    line->as.declaration = offer;
    append_line(expand->declaration, line);
}

/* ------------------------------------------------------------------ the journey */

static struct statement *make_statement(struct expand *expand, enum statement_kind kind, struct text name,
                                        struct span span)
{
    struct statement *made = NODE(expand, struct statement);
    if (made != NULL) *made = (struct statement){.kind = kind, .span = span, .name = name_of(name, span)};
    return made;
}

static void append_statement(struct block *block, struct statement *statement)
{
    if (statement == NULL) return;
    statement->next = NULL;
    if (block->last == NULL) {
        block->first = statement;
        block->span = statement->span;
    } else {
        block->last->next = statement;
    }
    block->last = statement;
    block->count++;
}

static void append_case(struct choice_list *cases, struct choice *choice)
{
    if (choice == NULL) return;
    if (cases->last == NULL) {
        cases->first = choice;
    } else {
        cases->last->next = choice;
    }
    cases->last = choice;
    cases->count++;
}

static struct choice *make_case(struct expand *expand, const char *event, struct condition *where, struct span span)
{
    struct choice *made = NODE(expand, struct choice);
    if (made == NULL) return NULL;
    *made = (struct choice){.kind = event == NULL ? CHOICE_TIME_IS_UP : CHOICE_EVENT, .span = span};
    if (event == NULL) return made;
    made->event = (struct event_match){.span = span,
                                       .event = name_of(text_of(event), span),
                                       .about = name_of(expand->declaration->name.text, span),
                                       .where = where};
    return made;
}

static void finish(struct expand *expand, struct choice *choice, struct text reason)
{
    if (choice == NULL) return;
    append_statement(&choice->body, make_statement(expand, STATEMENT_FINISH, reason, choice->span));
}

/* Longer than from any entry to the settlement. */
static int64_t longest_wait(const struct tournament_words *words)
{
    const struct line *runs = words->runs;
    switch (runs->as.recurs.kind) {
    case RECURS_DAY: return 4 * CIVIL_DAY_MS;
    case RECURS_WEEK: return 16 * CIVIL_DAY_MS;
    case RECURS_MONTH: return 66 * CIVIL_DAY_MS;
    case RECURS_ONCE: break;
    }
    const struct value *from = runs->as.recurs.from.date, *until = runs->as.recurs.until.date,
                       *settles = words->settles->as.wall_time.date;
    int64_t days = from == NULL || until == NULL ? 0 : until->amount - from->amount;
    if (settles != NULL && from != NULL && settles->amount - from->amount > days) days = settles->amount - from->amount;
    return (days + 40) * CIVIL_DAY_MS;
}

/* Who has not so many points does not take part. */
static void append_fee(struct expand *expand, struct block *body)
{
    const struct line *fee = expand->words->fee;
    if (fee == NULL) return;
    struct statement *spend = make_statement(expand, STATEMENT_SPEND, fee->as.fee.points.text, fee->span);
    if (spend == NULL) return;
    spend->name = fee->as.fee.points;
    spend->as.spend.amount = make_number(expand, fee->as.fee.count * 1000000, fee->span);
    spend->otherwise = make_statement(expand, STATEMENT_FINISH, TEXT("FEE_NOT_PAID"), fee->span);
    append_statement(body, spend);
}

static void add_step(struct expand *expand, struct text currency, struct span money)
{
    struct tournament_words *words = expand->words;
    struct span prizes = words->prizes->as.declaration->span;
    struct span field = words->field == NULL ? words->runs->span : words->field->span;
    struct line *line = NODE(expand, struct line);
    struct statement *wait = make_statement(expand, STATEMENT_WAIT_UP_TO, TEXT(""), words->settles->span);
    struct statement *credit = make_statement(expand, STATEMENT_CREDIT, expand->declaration->name.text, prizes);
    if (line == NULL || wait == NULL || credit == NULL) return;
    struct choice *wins = make_case(
        expand, "tournament_placed",
        make_compare(expand, "prize", COMPARISON_MORE_THAN, make_money(expand, 0, currency, money), prizes), prizes);
    credit->otherwise = make_statement(expand, STATEMENT_FINISH, TEXT("PRIZE_NOT_PAID"), prizes);
    if (wins != NULL) append_statement(&wins->body, credit);
    finish(expand, wins, TEXT("PLACED"));
    append_case(&wait->as.wait_up_to.cases, wins);
    struct choice *placed = make_case(expand, "tournament_placed", NULL, prizes);
    finish(expand, placed, TEXT("UNPLACED"));
    append_case(&wait->as.wait_up_to.cases, placed);
    struct statement *otherwise = words->field == NULL ? NULL : words->field->as.smallest_field.otherwise;
    if (otherwise != NULL) {
        struct choice *consoled = make_case(
            expand, "tournament_cancelled",
            make_compare(expand, "score", COMPARISON_AT_LEAST, make_number(expand, 1000000, field), field), field);
        if (consoled != NULL) append_statement(&consoled->body, otherwise);
        if (otherwise->kind != STATEMENT_FINISH && otherwise->kind != STATEMENT_GO_TO)
            finish(expand, consoled, TEXT("CANCELLED"));
        append_case(&wait->as.wait_up_to.cases, consoled);
    }
    struct choice *cancelled = make_case(expand, "tournament_cancelled", NULL, field);
    finish(expand, cancelled, TEXT("CANCELLED"));
    append_case(&wait->as.wait_up_to.cases, cancelled);
    struct choice *late = make_case(expand, NULL, NULL, words->settles->span);
    finish(expand, late, TEXT("NOT_SETTLED"));
    append_case(&wait->as.wait_up_to.cases, late);
    wait->as.wait_up_to.duration = make_value(
        expand,
        (struct value){.kind = VALUE_DURATION, .span = words->settles->span, .duration = {.ms = longest_wait(words)}});
    *line = (struct line){.kind = LINE_STEP, .span = words->runs->span};
    line->as.step.name = name_of(TEXT("In the race"), words->runs->span);
    append_fee(expand, &line->as.step.body);
    append_statement(&line->as.step.body, wait);
    append_line(expand->declaration, line);
}

/* Every instance may be entered; the next one may begin before the last one is settled. */
static void add_enter(struct expand *expand)
{
    struct line *enter = NULL;
    for (struct line *line = expand->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_ENTER) enter = line;
    }
    if (enter == NULL) {
        enter = NODE(expand, struct line);
        if (enter == NULL) return;
        *enter = (struct line){.kind = LINE_ENTER, .span = expand->words->runs->span};
        enter->as.enter.kind = ENTER_EVERY_TIME;
        append_line(expand->declaration, enter);
    }
    bool once = enter->as.enter.kind == ENTER_ONCE_PER_PLAYER;
    if (enter->as.enter.at_once == 0 && !once) enter->as.enter.at_once = 2;
}

/* ------------------------------------------------------------------ the block */

/* Own lines leave the list; those of a campaign stay. */
static void take_lines(struct expand *expand)
{
    struct tournament_words *words = expand->words;
    struct line *at = expand->declaration->lines.first, *next;
    expand->declaration->lines = (struct line_list){0};
    for (; at != NULL; at = next) {
        const struct line **own = NULL;
        next = at->next;
        switch (at->kind) {
        case LINE_RUNS_EVERY: own = &words->runs; break;
        case LINE_SETTLES: own = &words->settles; break;
        case LINE_FEE: own = &words->fee; break;
        case LINE_ORDER: own = &words->order; break;
        case LINE_WINNERS: own = &words->winners; break;
        case LINE_SMALLEST_FIELD: own = &words->field; break;
        case LINE_PRIZES: own = &words->prizes; break;
        case LINE_BOARD: own = &words->board; break;
        case LINE_SCORE: words->score = at->as.score; continue;
        case LINE_EARN:
        case LINE_METRIC: continue; /* After `score` is known. */
        case LINE_BROKEN: expand->broken = true; continue;
        default: break;
        }
        if (own == NULL) {
            append_line(expand->declaration, at);
            continue;
        }
        if (*own != NULL) TELL(expand, DIAGNOSTIC_LINE_TWICE, at->span, text_of(ast_line_word(at->kind)));
        *own = at;
    }
}

static void need(struct expand *expand, const struct line *line, const char *what, const char *example)
{
    if (line != NULL || expand->declaration->is_broken) {
        expand->broken = expand->broken || line == NULL;
        return;
    }
    TELL(expand, DIAGNOSTIC_TOURNAMENT_LACKS, expand->declaration->span, expand->declaration->name.text, text_of(what),
         text_of(example));
}

static bool is_player_id(const struct order *order)
{
    const struct value *value = order->value;
    return value->kind == VALUE_PATH && text_equal(value->owner.text, TEXT("player")) &&
           text_equal(value->name.text, TEXT("id"));
}

static void judge_order(struct expand *expand)
{
    const struct order *last = expand->words->order->as.orders.last;
    for (const struct order *order = expand->words->order->as.orders.first; order != NULL; order = order->next) {
        if (order != last && is_player_id(order)) TELL(expand, DIAGNOSTIC_TOURNAMENT_TIE, order->span, TEXT(""));
    }
    if (last == NULL || !is_player_id(last) || last->direction != ORDER_WORD_SMALLEST)
        TELL(expand, DIAGNOSTIC_TOURNAMENT_TIE, expand->words->order->span, TEXT(""));
    if (expand->words->order->as.orders.count > TOURNAMENT_RANKS_MAX)
        TELL(expand, DIAGNOSTIC_TOO_MANY, expand->words->order->span,
             arena_print(expand->arena, "%u", expand->words->order->as.orders.count), TEXT("values that order players"),
             TEXT("8"));
}

static void expand_one(struct expand *expand)
{
    struct declaration *declaration = expand->declaration;
    struct tournament_words *words = expand->words = NODE(expand, struct tournament_words);
    if (words == NULL) return;
    *words = (struct tournament_words){.declaration = declaration};
    struct line *earns = declaration->lines.first;
    expand->broken = declaration->is_broken;
    declaration->kind = DECLARATION_CAMPAIGN;
    declaration->tournament = words;
    /* Lines are taken out of the list one by one, so those that come later are found first. */
    struct line *later[64];
    uint32_t count = 0;
    for (; earns != NULL; earns = earns->next) {
        if ((earns->kind == LINE_EARN || earns->kind == LINE_METRIC) && count < 64) later[count++] = earns;
    }
    take_lines(expand);
    bool earned = false;
    for (uint32_t i = 0; i < count; i++) {
        earned = earned || later[i]->kind == LINE_EARN;
        if (later[i]->kind == LINE_EARN) {
            expand_earn(expand, later[i]);
        } else {
            expand_metric(expand, later[i]->as.declaration);
        }
    }
    need(expand, words->runs, "runs", "runs every week from monday 12:00 until sunday 22:00");
    need(expand, words->settles, "settles", "settles at monday 00:00");
    if (!earned) need(expand, NULL, "earn", "earn 1 per 0.01 EUR of rake_taken.amount");
    need(expand, words->order, "order by", "order by entry.score from largest, then player.id from smallest");
    need(expand, words->prizes, "prizes", "prizes cash");
    const struct line *start = ast_find_line(&declaration->lines, LINE_START, NULL);
    need(expand, start, "start on", "start on opt_in of \"NAME\"");
    if (words->order != NULL) judge_order(expand);
    int64_t largest = 0;
    struct text currency = TEXT("");
    struct span money = declaration->span;
    if (words->prizes != NULL) read_prizes(expand, &largest, &currency, &money);
    if (!expand->broken) {
        add_offer(expand, largest, currency, money);
        add_enter(expand);
        add_step(expand, currency, money);
    }
    if (expand->broken) declaration->is_broken = true;
}

void tournaments_expand(struct arena *arena, struct ast_file *const *files, uint32_t count,
                        struct diagnostic_list *diagnostics)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct declaration *last = files[i]->declarations.last;
        for (struct declaration *at = files[i]->declarations.first; at != NULL; at = at->next) {
            struct expand expand = {.arena = arena,
                                    .files = files,
                                    .count = count,
                                    .diagnostics = diagnostics,
                                    .file = files[i],
                                    .declaration = at};
            if (at->kind == DECLARATION_TOURNAMENT) expand_one(&expand);
            if (at == last) break;
        }
    }
}
