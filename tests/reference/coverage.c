/* Which constructs the stories held. See coverage.h. */
#include "tests/reference/coverage.h"

#include <inttypes.h>
#include <stdio.h>

#include "vm/layout.h"

#define KIND(name) [name] = #name

/* clang-format off */
static const char *const statement_names[] = {
    KIND(STATEMENT_SEND), KIND(STATEMENT_CREDIT), KIND(STATEMENT_DO), KIND(STATEMENT_TAG), KIND(STATEMENT_UNTAG), KIND(STATEMENT_REMEMBER),
    KIND(STATEMENT_GO_TO), KIND(STATEMENT_GO_ON), KIND(STATEMENT_FINISH), KIND(STATEMENT_WAIT), KIND(STATEMENT_WAIT_UNTIL),
    KIND(STATEMENT_WAIT_UP_TO), KIND(STATEMENT_ASK), KIND(STATEMENT_TELL), KIND(STATEMENT_WAIT_BUSINESS_DAYS), KIND(STATEMENT_IF),
    KIND(STATEMENT_CHOOSE), KIND(STATEMENT_SPLIT), KIND(STATEMENT_REPEAT), KIND(STATEMENT_CANCEL), KIND(STATEMENT_FREEZE), KIND(STATEMENT_UNFREEZE),
    KIND(STATEMENT_GIVE_CODE), KIND(STATEMENT_RELEASE_CODE), KIND(STATEMENT_SHOW_OFFER), KIND(STATEMENT_SPEND), KIND(STATEMENT_AWARD_BADGE),
    KIND(STATEMENT_BROKEN),
};
static const char *const value_names[] = {
    KIND(VALUE_NUMBER), KIND(VALUE_PERCENT), KIND(VALUE_MULTIPLE), KIND(VALUE_MONEY), KIND(VALUE_PRICE_LIST), KIND(VALUE_DURATION), KIND(VALUE_DATE),
    KIND(VALUE_CLOCK), KIND(VALUE_MOMENT), KIND(VALUE_TEXT), KIND(VALUE_YES_NO), KIND(VALUE_NONE), KIND(VALUE_WORD), KIND(VALUE_PATH),
    KIND(VALUE_PROPERTY), KIND(VALUE_PLAYER), KIND(VALUE_BINARY), KIND(VALUE_SHARE_OF), KIND(VALUE_FORMULA), KIND(VALUE_CONVERSION),
    KIND(VALUE_BROKEN),
};
static const char *const condition_names[] = {
    KIND(CONDITION_COMPARE), KIND(CONDITION_ALL), KIND(CONDITION_ANY), KIND(CONDITION_NONE), KIND(CONDITION_BROKEN),
};
static const char *const comparison_names[] = {
    KIND(COMPARISON_IS), KIND(COMPARISON_ONE_OF), KIND(COMPARISON_AT_LEAST), KIND(COMPARISON_AT_MOST), KIND(COMPARISON_MORE_THAN),
    KIND(COMPARISON_LESS_THAN), KIND(COMPARISON_BETWEEN), KIND(COMPARISON_KNOWN), KIND(COMPARISON_IN_SEGMENT), KIND(COMPARISON_WITHIN_LAST),
    KIND(COMPARISON_CONTAINS), KIND(COMPARISON_CONTAINS_WORD), KIND(COMPARISON_HAS_BADGE),
};
static const char *const clause_names[] = {
    KIND(CLAUSE_AT_MOST), KIND(CLAUSE_AT_LEAST), KIND(CLAUSE_ROUNDED), KIND(CLAUSE_NOTHING_BELOW), KIND(CLAUSE_OTHERWISE),
};
static const char *const choice_names[] = {
    KIND(CHOICE_EVENT), KIND(CHOICE_TIME_IS_UP), KIND(CHOICE_VALUE), KIND(CHOICE_OTHERWISE), KIND(CHOICE_APPROVED), KIND(CHOICE_REFUSED),
    KIND(CHOICE_ANSWERED), KIND(CHOICE_ARM), KIND(CHOICE_PERCENT),
};
static const char *const operation_names[] = {
    KIND(OPERATION_ADD), KIND(OPERATION_SUBTRACT), KIND(OPERATION_MULTIPLY), KIND(OPERATION_DIVIDE),
};
static const char *const line_names[] = {
    KIND(LINE_NOTE), KIND(LINE_OWNER), KIND(LINE_PRODUCT), KIND(LINE_CURRENCY), KIND(LINE_TIMEZONE), KIND(LINE_BRAND), KIND(LINE_CHANNEL),
    KIND(LINE_TAG), KIND(LINE_LATENESS), KIND(LINE_RETENTION), KIND(LINE_USE), KIND(LINE_ABOUT), KIND(LINE_FIELD), KIND(LINE_HAPPENS_AT),
    KIND(LINE_REVERSES), KIND(LINE_SAFETY), KIND(LINE_SETS), KIND(LINE_MADE_BY_ENGINE), KIND(LINE_CLASS), KIND(LINE_TAKES), KIND(LINE_COSTS),
    KIND(LINE_CONSENT), KIND(LINE_CONTENT), KIND(LINE_TOTAL), KIND(LINE_PER_PERIOD), KIND(LINE_PER_PLAYER), KIND(LINE_PER_OFFER),
    KIND(LINE_FROM_POOL), KIND(LINE_WHEN_EMPTY), KIND(LINE_PARAMETER), KIND(LINE_WAGERING), KIND(LINE_GAMES), KIND(LINE_EXPIRES), KIND(LINE_FOLLOWS),
    KIND(LINE_PAYS_IN), KIND(LINE_FINISH_FOR), KIND(LINE_NEVER), KIND(LINE_SEND_ONLY_TO), KIND(LINE_HOLD_OUT), KIND(LINE_GROUP),
    KIND(LINE_MESSAGES_AT_MOST), KIND(LINE_SEND_BETWEEN), KIND(LINE_PRIORITY), KIND(LINE_LIABILITY), KIND(LINE_JURISDICTION), KIND(LINE_ROUNDING),
    KIND(LINE_LATE_EVENTS), KIND(LINE_RUNS), KIND(LINE_BUDGET), KIND(LINE_START), KIND(LINE_START_ENTERING), KIND(LINE_START_LEAVING),
    KIND(LINE_START_WITHOUT), KIND(LINE_START_COMMAND), KIND(LINE_START_SCHEDULE), KIND(LINE_ORDER), KIND(LINE_BUSINESS_DAYS), KIND(LINE_ONLY_FOR),
    KIND(LINE_ENTER), KIND(LINE_LEAVE_ON), KIND(LINE_LEAVE_WHEN), KIND(LINE_PAUSE_ON), KIND(LINE_MOVE), KIND(LINE_GOAL), KIND(LINE_TERMS),
    KIND(LINE_OFFER), KIND(LINE_STEP), KIND(LINE_METRIC), KIND(LINE_SOURCE), KIND(LINE_LIMIT_WAGERING), KIND(LINE_LIMIT_PRODUCTS),
    KIND(LINE_LIMIT_REWARDS), KIND(LINE_LIMIT_REWARDS_TO), KIND(LINE_LIMIT_EXPIRY), KIND(LINE_REQUIRE_TERMS), KIND(LINE_REQUIRE_OPT_IN),
    KIND(LINE_FORBID_REWARDS), KIND(LINE_VERSION), KIND(LINE_EXCHANGE), KIND(LINE_HOLIDAY), KIND(LINE_THROUGH), KIND(LINE_GIVEN_PLAYERS),
    KIND(LINE_GIVEN_PROPERTY), KIND(LINE_AT), KIND(LINE_REPEAT_LINES), KIND(LINE_EXPECT_EFFECT), KIND(LINE_EXPECT_MESSAGES),
    KIND(LINE_EXPECT_CONDITION), KIND(LINE_EXPECT_SPEND), KIND(LINE_ANSWERED_BY_ENGINE), KIND(LINE_BONUSES_KEPT_BY), KIND(LINE_LOCALE),
    KIND(LINE_SHORT_LINKS), KIND(LINE_COUNTS), KIND(LINE_FUNDS), KIND(LINE_GAME_IDS), KIND(LINE_STAKE), KIND(LINE_WIN), KIND(LINE_DEPOSIT),
    KIND(LINE_CLAIM), KIND(LINE_QUEUE), KIND(LINE_CANCEL_ON), KIND(LINE_REVOKE_ON), KIND(LINE_GRANT), KIND(LINE_SHORT), KIND(LINE_USE_CARD),
    KIND(LINE_REFUND), KIND(LINE_MAKE), KIND(LINE_UPLOAD), KIND(LINE_FIXED), KIND(LINE_READ), KIND(LINE_VALID), KIND(LINE_EACH_CODE),
    KIND(LINE_EACH_PLAYER), KIND(LINE_IN_ALL), KIND(LINE_QUOTA), KIND(LINE_HOLD_CODE), KIND(LINE_LOCK), KIND(LINE_ANSWER), KIND(LINE_STACK),
    KIND(LINE_RUNS_EVERY), KIND(LINE_SETTLES), KIND(LINE_FEE), KIND(LINE_EARN), KIND(LINE_SCORE), KIND(LINE_WINNERS), KIND(LINE_SMALLEST_FIELD),
    KIND(LINE_PRIZES), KIND(LINE_BOARD), KIND(LINE_POOL), KIND(LINE_LEFTOVER), KIND(LINE_PLACE), KIND(LINE_SHOW_TOP), KIND(LINE_NAMES),
    KIND(LINE_AGE), KIND(LINE_REST), KIND(LINE_SPEND_OLDEST), KIND(LINE_COUNTS_POINTS), KIND(LINE_LEVEL), KIND(LINE_UP_AT_ONCE), KIND(LINE_DOWN),
    KIND(LINE_KEEP), KIND(LINE_COMPLETE), KIND(LINE_LASTS), KIND(LINE_TASK), KIND(LINE_PROGRESS), KIND(LINE_IMAGE), KIND(LINE_FOR_PLAYERS),
    KIND(LINE_SUBJECT), KIND(LINE_LINK), KIND(LINE_UTM), KIND(LINE_MEASURE), KIND(LINE_GIVEN_CODE), KIND(LINE_BROKEN),
};
static const char *const declaration_names[] = {
    KIND(DECLARATION_WORKSPACE), KIND(DECLARATION_EVENT), KIND(DECLARATION_ATTRIBUTE), KIND(DECLARATION_ACTION), KIND(DECLARATION_MESSAGE),
    KIND(DECLARATION_SEGMENT), KIND(DECLARATION_BUDGET), KIND(DECLARATION_OFFER), KIND(DECLARATION_TERMS), KIND(DECLARATION_POLICY),
    KIND(DECLARATION_CAMPAIGN), KIND(DECLARATION_TEST), KIND(DECLARATION_METRIC), KIND(DECLARATION_QUERY), KIND(DECLARATION_RULES),
    KIND(DECLARATION_RATES), KIND(DECLARATION_HOLIDAYS), KIND(DECLARATION_CODES), KIND(DECLARATION_STACKING), KIND(DECLARATION_TOURNAMENT),
    KIND(DECLARATION_POINTS), KIND(DECLARATION_LEVELS), KIND(DECLARATION_MISSION), KIND(DECLARATION_BADGE), KIND(DECLARATION_PRIZES),
    KIND(DECLARATION_BOARD),
};
static const char *const aggregate_names[] = {
    KIND(AGGREGATE_WORD_FORMULA), KIND(AGGREGATE_WORD_COUNT), KIND(AGGREGATE_WORD_COUNT_DIFFERENT), KIND(AGGREGATE_WORD_DIFFERENT_DAYS),
    KIND(AGGREGATE_WORD_DAYS_IN_A_ROW), KIND(AGGREGATE_WORD_SUM), KIND(AGGREGATE_WORD_AVERAGE), KIND(AGGREGATE_WORD_SMALLEST),
    KIND(AGGREGATE_WORD_LARGEST), KIND(AGGREGATE_WORD_FIRST), KIND(AGGREGATE_WORD_LAST), KIND(AGGREGATE_WORD_FAVOURITE),
    KIND(AGGREGATE_WORD_FIRST_TIME), KIND(AGGREGATE_WORD_LAST_TIME), KIND(AGGREGATE_WORD_DIFFERENT_EACH),
};
static const char *const window_names[] = {
    KIND(WINDOW_WORD_EVER), KIND(WINDOW_WORD_LAST), KIND(WINDOW_WORD_THIS), KIND(WINDOW_WORD_PREVIOUS), KIND(WINDOW_WORD_BEFORE_THIS),
    KIND(WINDOW_WORD_SINCE_ENTRY), KIND(WINDOW_WORD_INSTANCE),
};
/* clang-format on */

/* ------------------------------------------------------------------ counting */

static void count_statement(struct coverage_counts *counts, const struct statement *statement);
static void count_declaration(struct coverage_counts *counts, const struct declaration *declaration);

static void count_value(struct coverage_counts *counts, const struct value *value)
{
    if (value == NULL) return;
    counts->value[value->kind]++;
    if (value->kind == VALUE_BINARY) counts->operation[value->operation]++;
    for (const struct clause *clause = value->clauses; clause != NULL; clause = clause->next) {
        counts->clause[clause->kind]++;
        count_value(counts, clause->value);
    }
    for (const struct value *price = value->prices; price != NULL; price = price->next) counts->value[price->kind]++;
    count_value(counts, value->left);
    count_value(counts, value->right);
}

static void count_condition(struct coverage_counts *counts, const struct condition *condition)
{
    if (condition == NULL) return;
    counts->condition[condition->kind]++;
    if (condition->kind == CONDITION_COMPARE) counts->comparison[condition->comparison]++;
    count_value(counts, condition->left);
    for (const struct value *value = condition->values.first; value != NULL; value = value->next)
        count_value(counts, value);
    for (const struct condition *child = condition->children; child != NULL; child = child->next)
        count_condition(counts, child);
}

static void count_block(struct coverage_counts *counts, const struct block *block)
{
    for (const struct statement *statement = block->first; statement != NULL; statement = statement->next)
        count_statement(counts, statement);
}

static void count_cases(struct coverage_counts *counts, const struct choice_list *cases)
{
    for (const struct choice *choice = cases->first; choice != NULL; choice = choice->next) {
        counts->choice[choice->kind]++;
        count_condition(counts, choice->condition);
        count_condition(counts, choice->event.where);
        count_block(counts, &choice->body);
    }
}

static void count_arguments(struct coverage_counts *counts, const struct argument_list *arguments)
{
    for (const struct argument *argument = arguments->first; argument != NULL; argument = argument->next)
        count_value(counts, argument->value);
}

static void count_statement(struct coverage_counts *counts, const struct statement *statement)
{
    counts->statement[statement->kind]++;
    switch (statement->kind) {
    case STATEMENT_DO: count_arguments(counts, &statement->as.action.arguments); break;
    case STATEMENT_TELL:
        count_value(counts, statement->as.tell.player);
        count_arguments(counts, &statement->as.tell.arguments);
        break;
    case STATEMENT_REMEMBER:
        count_value(counts, statement->as.remember.value);
        count_value(counts, statement->as.remember.otherwise);
        break;
    case STATEMENT_WAIT: count_value(counts, statement->as.wait.duration); break;
    case STATEMENT_WAIT_UNTIL: count_value(counts, statement->as.wait_until.clock); break;
    case STATEMENT_WAIT_UP_TO: count_cases(counts, &statement->as.wait_up_to.cases); break;
    case STATEMENT_ASK: count_cases(counts, &statement->as.ask.cases); break;
    case STATEMENT_SPLIT: count_cases(counts, &statement->as.split.arms); break;
    case STATEMENT_CHOOSE:
        count_value(counts, statement->as.choose.subject);
        count_cases(counts, &statement->as.choose.cases);
        break;
    case STATEMENT_IF:
        for (const struct branch *branch = statement->as.branch.branches.first; branch != NULL; branch = branch->next) {
            count_condition(counts, branch->condition);
            count_block(counts, &branch->body);
        }
        if (statement->as.branch.has_otherwise) count_block(counts, &statement->as.branch.otherwise);
        break;
    case STATEMENT_REPEAT: count_block(counts, &statement->as.repeat.body); break;
    case STATEMENT_SPEND: count_value(counts, statement->as.spend.amount); break;
    default: break;
    }
    if (statement->otherwise != NULL) count_statement(counts, statement->otherwise);
}

static void count_line(struct coverage_counts *counts, const struct line *line)
{
    counts->line[line->kind]++;
    switch (line->kind) {
    case LINE_BUDGET:
    case LINE_TERMS:
    case LINE_OFFER:
    case LINE_PRIZES:
    case LINE_BOARD:
    case LINE_METRIC: count_declaration(counts, line->as.declaration); break;
    case LINE_STEP: count_block(counts, &line->as.step.body); break;
    case LINE_PARAMETER: count_value(counts, line->as.parameter.value); break;
    case LINE_ONLY_FOR: count_condition(counts, line->as.condition); break;
    case LINE_START:
    case LINE_CANCEL_ON:
    case LINE_REVOKE_ON: count_condition(counts, line->as.event.where); break;
    case LINE_GOAL: count_condition(counts, line->as.goal.event.where); break;
    case LINE_LEAVE_ON:
    case LINE_LEAVE_WHEN:
        count_condition(counts, line->as.leave.condition);
        count_condition(counts, line->as.leave.event.where);
        if (line->as.leave.then != NULL) count_statement(counts, line->as.leave.then);
        break;
    case LINE_FINISH_FOR: count_condition(counts, line->as.finish_for.condition); break;
    case LINE_NEVER: count_condition(counts, line->as.never.condition); break;
    case LINE_PROGRESS: count_cases(counts, &line->as.cases); break;
    default: break;
    }
}

static void count_declaration(struct coverage_counts *counts, const struct declaration *declaration)
{
    counts->declaration[declaration->kind]++;
    count_condition(counts, declaration->condition);
    if (declaration->metric != NULL) {
        counts->aggregate[declaration->metric->aggregate]++;
        counts->window[declaration->metric->window]++;
        count_value(counts, declaration->metric->formula);
        count_condition(counts, declaration->metric->where);
    }
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) count_line(counts, line);
}

void coverage_count(struct coverage_counts *counts, const struct names *names)
{
    for (uint32_t i = 0; i < names->file_count; i++) {
        const struct declaration *declaration = names->files[i]->declarations.first;
        for (; declaration != NULL; declaration = declaration->next) count_declaration(counts, declaration);
    }
}

/* ------------------------------------------------------------------ telling */

#define REPORTED "stands for what was reported"
#define TOLD     "of in-language tests: runtime/lab tells them, and tests/compiler is written in them"
#define MADE     "it is made into campaigns, metrics and offers before it is checked, and these are counted"
#define UNUSED   "the compiler writes none; tests/bytecode has it"

static const struct {
    const char *name, *why;
} explained[] = {
    {"STATEMENT_BROKEN", REPORTED},
    {"VALUE_BROKEN", REPORTED},
    {"CONDITION_BROKEN", REPORTED},
    {"LINE_BROKEN", REPORTED},
    {"STATEMENT_SHOW_OFFER", "the checker writes it as the action that it is; counted as STATEMENT_DO"},
    {"LINE_GIVEN_PLAYERS", TOLD},
    {"LINE_GIVEN_PROPERTY", TOLD},
    {"LINE_AT", TOLD},
    {"LINE_REPEAT_LINES", TOLD},
    {"LINE_EXPECT_EFFECT", TOLD},
    {"LINE_EXPECT_MESSAGES", TOLD},
    {"LINE_EXPECT_CONDITION", TOLD},
    {"LINE_EXPECT_SPEND", TOLD},
    {"LINE_GIVEN_CODE", TOLD},
    {"DECLARATION_TEST", TOLD},
    {"LINE_RUNS_EVERY", MADE},
    {"LINE_SETTLES", MADE},
    {"LINE_FEE", MADE},
    {"LINE_SCORE", MADE},
    {"LINE_WINNERS", MADE},
    {"LINE_SMALLEST_FIELD", MADE},
    {"LINE_PRIZES", MADE},
    {"LINE_BOARD", MADE},
    {"LINE_POOL", MADE},
    {"LINE_LEFTOVER", MADE},
    {"LINE_PLACE", MADE},
    {"LINE_SHOW_TOP", MADE},
    {"LINE_NAMES", MADE},
    {"LINE_AGE", MADE},
    {"DECLARATION_TOURNAMENT", MADE},
    {"DECLARATION_MISSION", MADE},
    {"DECLARATION_PRIZES", MADE},
    {"DECLARATION_BOARD", MADE},
    {"OP_LOAD_NOW", UNUSED},
    {"OP_LOAD_EVENT_OR", UNUSED},
    {"OP_LOAD_PLAYER_OR", UNUSED},
    {"OP_LOAD_JOURNEY_OR", UNUSED},
    {"OP_LOAD_EVENT_TEXT_OR", UNUSED},
    {"OP_LOAD_PLAYER_TEXT_OR", UNUSED},
    {"OP_LOAD_JOURNEY_TEXT_OR", UNUSED},
    {"OP_SUB", UNUSED},
    {"OP_ADD_CONST", UNUSED},
    {"OP_ADD_CALENDAR", UNUSED},
    {"OP_SUB_CALENDAR", UNUSED},
    {"OP_DATE_OF", UNUSED},
    {"OP_TIME_OF", UNUSED},
    {"OP_YEARS_SINCE", UNUSED},
    {"OP_MUL_RATIO", UNUSED},
    {"OP_LOAD_METRIC_OR", UNUSED},
    {"OP_LOAD_METRIC_TEXT_OR", UNUSED},
};

static const char *why_not(const char *name)
{
    for (size_t i = 0; i < sizeof explained / sizeof *explained; i++) {
        if (strcmp(explained[i].name, name) == 0) return explained[i].why;
    }
    return NULL;
}

static uint32_t tell(const char *what, const char *const *names, size_t count, const uint64_t *counts, uint64_t *made,
                     uint64_t *all)
{
    uint32_t missing = 0;
    for (size_t i = 0; i < count; i++) {
        if (names[i] == NULL) continue;
        ++*all;
        if (counts[i] > 0) {
            ++*made;
            continue;
        }
        const char *why = why_not(names[i]);
        printf("  never made: %s %s%s%s\n", what, names[i], why != NULL ? ": " : "", why != NULL ? why : "");
        if (why == NULL) missing++;
    }
    return missing;
}

#define TELL(list) tell(#list, list##_names, sizeof list##_names / sizeof *list##_names, counts->list, &made, &all)

uint32_t coverage_print(const struct coverage_counts *counts, const uint64_t *opcodes)
{
    uint64_t made = 0, all = 0;
    uint32_t missing = TELL(statement) + TELL(value) + TELL(condition) + TELL(comparison) + TELL(clause) +
                       TELL(choice) + TELL(operation) + TELL(line) + TELL(declaration) + TELL(aggregate) + TELL(window);
    static const char *const opcode_names[] = {
#define OPCODE(number, NAME, a, b, c, imm, sentence) [number] = "OP_" #NAME,
#include "spec/opcodes.def"
#undef OPCODE
    };
    missing += tell("opcode", opcode_names, sizeof opcode_names / sizeof *opcode_names, opcodes, &made, &all);
    printf("constructs: %" PRIu64 " of %" PRIu64 " made\n", made, all);
    return missing;
}
