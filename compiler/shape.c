/*
 * shape: the table of first words and the questions about it. Next: compiler/balance.c.
 */
#include "compiler/shape.h"

#include "compiler/grammar.h"

/* ---- what may begin a line where ---- */

const struct shape shape_rows[] = {
    {BLOCK_TOP, TK_WORKSPACE, BLOCK_WORKSPACE, TK_STRING, true},
    {BLOCK_TOP, TK_EVENT, BLOCK_EVENT, TK_ID, false},
    {BLOCK_TOP, TK_ATTRIBUTE, BLOCK_TOP, TK_ID, false},
    {BLOCK_TOP, TK_QUERY, BLOCK_TOP, TK_ID, false},
    {BLOCK_TOP, TK_ACTION, BLOCK_ACTION, TK_ID, false},
    {BLOCK_TOP, TK_MESSAGE, BLOCK_MESSAGE, TK_STRING, true},
    {BLOCK_TOP, TK_SEGMENT, BLOCK_TOP, TK_STRING, true},
    {BLOCK_TOP, TK_METRIC, BLOCK_TOP, TK_ID, false},
    {BLOCK_TOP, TK_HOLIDAYS, BLOCK_HOLIDAYS, TK_ID, true},
    {BLOCK_TOP, TK_BUDGET, BLOCK_BUDGET, TK_STRING, true},
    {BLOCK_TOP, TK_OFFER, BLOCK_OFFER, TK_ID, true},
    {BLOCK_TOP, TK_TERMS, BLOCK_TERMS, TK_STRING, true},
    {BLOCK_TOP, TK_POLICY, BLOCK_POLICY, TK_STRING, true},
    {BLOCK_TOP, TK_RATES, BLOCK_RATES, TK_STRING, true},
    {BLOCK_TOP, TK_RULES, BLOCK_RULES, TK_FOR, true},
    {BLOCK_TOP, TK_CAMPAIGN, BLOCK_CAMPAIGN, TK_STRING, true},
    {BLOCK_TOP, TK_CODES, BLOCK_CODES, TK_STRING, true},
    {BLOCK_TOP, TK_STACKING, BLOCK_STACKING, TK_STRING, true},
    {BLOCK_TOP, TK_TOURNAMENT, BLOCK_TOURNAMENT, TK_STRING, true},
    {BLOCK_TOP, TK_POINTS, BLOCK_POINTS, TK_STRING, true},
    {BLOCK_TOP, TK_LEVELS, BLOCK_LEVELS, TK_STRING, true},
    {BLOCK_TOP, TK_MISSION, BLOCK_MISSION, TK_STRING, true},
    {BLOCK_TOP, TK_BADGE, BLOCK_BADGE, TK_STRING, true},
    {BLOCK_TOP, TK_TEST, BLOCK_TEST, TK_STRING, true},

    {BLOCK_WORKSPACE, TK_NOTE, 0, TK_STRING, false},
    {BLOCK_WORKSPACE, TK_BRAND, 0, 0, false},
    {BLOCK_WORKSPACE, TK_PRODUCT, 0, 0, false},
    {BLOCK_WORKSPACE, TK_CURRENCY, 0, 0, false},
    {BLOCK_WORKSPACE, TK_CHANNEL, 0, 0, false},
    {BLOCK_WORKSPACE, TK_TAG, 0, 0, false},
    {BLOCK_WORKSPACE, TK_TIMEZONE, 0, TK_STRING, false},
    {BLOCK_WORKSPACE, TK_LATENESS, 0, TK_DURATION, false},
    {BLOCK_WORKSPACE, TK_RETENTION, 0, TK_DURATION, false},
    {BLOCK_WORKSPACE, TK_USE, 0, 0, false},
    {BLOCK_WORKSPACE, TK_LOCALE, 0, TK_STRING, false},
    {BLOCK_WORKSPACE, TK_SHORT, 0, TK_LINKS, true},
    {BLOCK_WORKSPACE, TK_BONUSES, 0, TK_KEPT, true},

    {BLOCK_EVENT, TK_NOTE, 0, TK_STRING, false},
    {BLOCK_EVENT, TK_ABOUT, 0, 0, false},
    {BLOCK_EVENT, TK_FIELD, 0, 0, false},
    {BLOCK_EVENT, TK_HAPPENS, 0, TK_AT, false},
    {BLOCK_EVENT, TK_REVERSES, 0, 0, false},
    {BLOCK_EVENT, TK_SAFETY, 0, 0, false},
    {BLOCK_EVENT, TK_SETS, 0, 0, false},
    {BLOCK_EVENT, TK_MADE, 0, TK_BY, false},
    {BLOCK_EVENT, TK_ANSWERED, 0, TK_BY, false},

    {BLOCK_ACTION, TK_NOTE, 0, TK_STRING, false},
    {BLOCK_ACTION, TK_CLASS, 0, 0, false},
    {BLOCK_ACTION, TK_TAKES, 0, 0, false},
    {BLOCK_ACTION, TK_COSTS, 0, 0, false},
    {BLOCK_ACTION, TK_CONSENT, 0, 0, false},

    {BLOCK_MESSAGE, TK_NOTE, 0, TK_STRING, false},
    {BLOCK_MESSAGE, TK_CLASS, 0, 0, false},
    {BLOCK_MESSAGE, TK_ABOUT, 0, 0, false},
    {BLOCK_MESSAGE, TK_SUBJECT, 0, TK_STRING, false},
    {BLOCK_MESSAGE, TK_LINK, 0, TK_STRING, false},
    {BLOCK_MESSAGE, TK_UTM, 0, TK_ID, false},

    {BLOCK_BUDGET, TK_NOTE, 0, TK_STRING, false},
    {BLOCK_BUDGET, TK_TOTAL, 0, 0, false},
    {BLOCK_BUDGET, TK_PER, 0, 0, false},
    {BLOCK_BUDGET, TK_FROM, 0, TK_STRING, false},
    {BLOCK_BUDGET, TK_WHEN, 0, TK_EMPTY, false},

    {SHAPE_TERMS, TK_NOTE, 0, TK_STRING, false},
    {SHAPE_TERMS, TK_WAGERING, 0, 0, false},
    {SHAPE_TERMS, TK_COUNTS, 0, TK_ID, false},
    {SHAPE_TERMS, TK_FUNDS, 0, TK_ID, false},
    {SHAPE_TERMS, TK_GAMES, 0, 0, false},
    {SHAPE_TERMS, TK_EXPIRES, 0, TK_DURATION, false},
    {SHAPE_TERMS, TK_CLAIM, 0, TK_WITHIN, true},
    {SHAPE_TERMS, TK_QUEUE, 0, TK_ONE, true},
    {SHAPE_TERMS, TK_CANCEL, 0, TK_ON, true},
    {SHAPE_TERMS, TK_REVOKE, 0, TK_ON, true},
    {SHAPE_TERMS, TK_GRANT, 0, TK_ONCE, true},
    {SHAPE_TERMS, TK_GRANT, 0, TK_AT, true},
    {SHAPE_TERMS, TK_SHORT, 0, TK_GRANT, true},
    {SHAPE_TERMS, TK_USE, 0, TK_IN, true},
    {SHAPE_TERMS, TK_USE, 0, TK_AT, true},
    {SHAPE_TERMS, TK_REFUND, 0, TK_TO, true},
    {SHAPE_TERMS, TK_REFUND, 0, TK_NOTHING, true},
    {SHAPE_TERMS, TK_FOLLOWS, 0, TK_STRING, false},
    {SHAPE_TERMS, TK_PAYS, 0, TK_IN, false},

    {BLOCK_POLICY, TK_NOTE, 0, TK_STRING, false},
    {BLOCK_POLICY, TK_OWNER, 0, TK_STRING, false},
    {BLOCK_POLICY, TK_FINISH, 0, TK_AS, false},
    {BLOCK_POLICY, TK_NEVER, 0, 0, true},
    {BLOCK_POLICY, TK_SEND, 0, 0, false},
    {BLOCK_POLICY, TK_MESSAGES, 0, 0, false},
    {BLOCK_POLICY, TK_GROUP, 0, TK_STRING, false},
    {BLOCK_POLICY, TK_HOLD, 0, TK_OUT, true},

    {BLOCK_RATES, TK_NOTE, 0, TK_STRING, false},
    {BLOCK_RATES, TK_VERSION, 0, TK_STRING, false},
    {BLOCK_RATES, TK_SOURCE, 0, TK_STRING, false},
    {BLOCK_RATES, TK_RATE, 0, TK_ID, false},

    {BLOCK_RULES, TK_NOTE, 0, TK_STRING, false},
    {BLOCK_RULES, TK_SOURCE, 0, TK_STRING, false},
    {BLOCK_RULES, TK_LIMIT, 0, 0, true},
    {BLOCK_RULES, TK_REQUIRE, 0, 0, true},
    {BLOCK_RULES, TK_FORBID, 0, TK_REWARDS, true},

    {BLOCK_HOLIDAYS, TK_NOTE, 0, TK_STRING, false},
    {BLOCK_HOLIDAYS, TK_DAY, 0, TK_DATE, true},
    {BLOCK_HOLIDAYS, TK_THROUGH, 0, TK_DATE, true},

    {SHAPE_HEADER, TK_NOTE, 0, TK_STRING, false},
    {SHAPE_HEADER, TK_OWNER, 0, TK_STRING, false},
    {SHAPE_HEADER, TK_PRODUCT, 0, TK_ID, false},
    {SHAPE_HEADER, TK_JURISDICTION, 0, 0, false},
    {SHAPE_HEADER, TK_CURRENCY, 0, TK_ID, false},
    {SHAPE_HEADER, TK_TIMEZONE, 0, TK_STRING, false},
    {SHAPE_HEADER, TK_ROUNDING, 0, 0, false},
    {SHAPE_HEADER, TK_LATE, 0, TK_EVENTS, true},
    {SHAPE_HEADER, TK_BUDGET, BLOCK_BUDGET, TK_NEWLINE, true},
    {SHAPE_HEADER, TK_START, 0, TK_ON, true},
    {SHAPE_HEADER, TK_START, 0, TK_EVERY, true},
    {SHAPE_HEADER, TK_START, 0, TK_AFTER, true},
    {SHAPE_HEADER, TK_ONLY, 0, TK_FOR, true},
    {SHAPE_HEADER, TK_ENTER, 0, TK_ONCE, true},
    {SHAPE_HEADER, TK_ENTER, 0, TK_AT, true},
    {SHAPE_HEADER, TK_ENTER, 0, TK_EVERY, true},
    {SHAPE_HEADER, TK_LEAVE, 0, TK_ON, true},
    {SHAPE_HEADER, TK_LEAVE, 0, TK_WHEN, true},
    {SHAPE_HEADER, TK_PAUSE, 0, TK_ON, true},
    {SHAPE_HEADER, TK_RUNNING, 0, TK_JOURNEYS, true},
    {SHAPE_HEADER, TK_GOAL, 0, TK_WITHIN, true},
    {SHAPE_HEADER, TK_GOAL, 0, TK_ON, true},
    {SHAPE_HEADER, TK_GOAL, 0, TK_STRING, true},
    {SHAPE_HEADER, TK_MEASURE, 0, TK_STRING, true},
    {SHAPE_HEADER, TK_PRIORITY, 0, TK_NUMBER, true},
    {SHAPE_HEADER, TK_GROUP, 0, TK_STRING, false},
    {SHAPE_HEADER, TK_LIABILITY, 0, TK_THROUGH, true},
    {SHAPE_HEADER, TK_MESSAGES, 0, TK_AT, true},
    {SHAPE_HEADER, TK_METRIC, 0, TK_ID, false},
    {SHAPE_HEADER, TK_TERMS, BLOCK_TERMS, TK_STRING, true},
    {SHAPE_HEADER, TK_OFFER, BLOCK_OFFER, TK_ID, true},
    {BLOCK_CAMPAIGN, TK_RUNS, 0, TK_FROM, true},
    {BLOCK_CAMPAIGN, TK_ORDER, 0, TK_BY, true},
    {BLOCK_CAMPAIGN, TK_BUSINESS, 0, TK_DAYS, true},
    {BLOCK_CAMPAIGN, TK_SEND, 0, TK_ONLY, true},
    {BLOCK_CAMPAIGN, TK_STEP, BLOCK_STEP, TK_STRING, true},
    {BLOCK_TOURNAMENT, TK_SEND, 0, TK_ONLY, true},
    {BLOCK_LEVELS, TK_RUNS, 0, TK_FROM, true},
    {BLOCK_MISSION, TK_RUNS, 0, TK_FROM, true},
    {BLOCK_MISSION, TK_SEND, 0, TK_ONLY, true},

    {BLOCK_CODES, TK_NOTE, 0, TK_STRING, false},
    {BLOCK_CODES, TK_OWNER, 0, TK_STRING, false},
    {BLOCK_CODES, TK_TIMEZONE, 0, TK_STRING, false},
    {BLOCK_CODES, TK_MAKE, 0, TK_NUMBER, true},
    {BLOCK_CODES, TK_UPLOAD, 0, TK_UP, true},
    {BLOCK_CODES, TK_FIXED, 0, TK_STRING, true},
    {BLOCK_CODES, TK_READ, 0, TK_IGNORING, true},
    {BLOCK_CODES, TK_VALID, 0, TK_FROM, true},
    {BLOCK_CODES, TK_VALID, 0, TK_THROUGH, true},
    {BLOCK_CODES, TK_VALID, 0, TK_DURATION, true},
    {BLOCK_CODES, TK_EACH, 0, TK_CODE, true},
    {BLOCK_CODES, TK_EACH, 0, TK_PLAYER, true},
    {BLOCK_CODES, TK_IN, 0, TK_ALL, true},
    {BLOCK_CODES, TK_ONLY, 0, TK_FOR, true},
    {BLOCK_CODES, TK_QUOTA, 0, TK_STRING, true},
    {BLOCK_CODES, TK_HOLD, 0, TK_DURATION, true},
    {BLOCK_CODES, TK_LOCK, 0, TK_DURATION, true},
    {BLOCK_CODES, TK_ANSWER, 0, TK_STRING, true},

    {BLOCK_STACKING, TK_NOTE, 0, TK_STRING, false},
    {BLOCK_STACKING, TK_OWNER, 0, TK_STRING, false},
    {BLOCK_STACKING, TK_FIRST, 0, TK_AT, true},
    {BLOCK_STACKING, TK_THEN, 0, TK_AT, true},

    {BLOCK_TOURNAMENT, TK_RUNS, 0, TK_EVERY, true},
    {BLOCK_TOURNAMENT, TK_RUNS, 0, TK_FROM, true},
    {BLOCK_TOURNAMENT, TK_SETTLES, 0, TK_AT, true},
    {BLOCK_TOURNAMENT, TK_FEE, 0, TK_NUMBER, true},
    {BLOCK_TOURNAMENT, TK_EARN, 0, 0, true},
    {BLOCK_TOURNAMENT, TK_SCORE, 0, 0, true},
    {BLOCK_TOURNAMENT, TK_ORDER, 0, TK_BY, true},
    {BLOCK_TOURNAMENT, TK_WINNERS, 0, TK_AT, true},
    {BLOCK_TOURNAMENT, TK_FIELD, 0, TK_AT, true},
    {BLOCK_TOURNAMENT, TK_PRIZES, BLOCK_PRIZES, TK_ID, true},
    {BLOCK_TOURNAMENT, TK_BOARD, BLOCK_BOARD, TK_NEWLINE, true},

    {BLOCK_PRIZES, TK_POOL, 0, 0, true},
    {BLOCK_PRIZES, TK_LEFTOVER, 0, 0, true},
    {BLOCK_PRIZES, TK_PLACE, 0, TK_NUMBER, true},
    {BLOCK_PRIZES, TK_ROUNDING, 0, 0, false},

    {BLOCK_BOARD, TK_SHOW, 0, TK_TOP, true},
    {BLOCK_BOARD, TK_NAMES, 0, 0, true},
    {BLOCK_BOARD, TK_AGE, 0, TK_UP, true},

    {BLOCK_POINTS, TK_NOTE, 0, TK_STRING, false},
    {BLOCK_POINTS, TK_OWNER, 0, TK_STRING, false},
    {BLOCK_POINTS, TK_PRODUCT, 0, TK_ID, false},
    {BLOCK_POINTS, TK_CURRENCY, 0, TK_ID, false},
    {BLOCK_POINTS, TK_TIMEZONE, 0, TK_STRING, false},
    {BLOCK_POINTS, TK_EARN, 0, 0, true},
    {BLOCK_POINTS, TK_REST, 0, 0, true},
    {BLOCK_POINTS, TK_EXPIRES, 0, TK_DURATION, false},
    {BLOCK_POINTS, TK_SPEND, 0, TK_OLDEST, true},

    {BLOCK_LEVELS, TK_SETS, 0, 0, true},
    {BLOCK_LEVELS, TK_COUNTS, 0, TK_STRING, true},
    {BLOCK_LEVELS, TK_LEVEL, 0, TK_ID, true},
    {BLOCK_LEVELS, TK_UP, 0, TK_AT, true},
    {BLOCK_LEVELS, TK_DOWN, 0, 0, true},
    {BLOCK_LEVELS, TK_KEEP, 0, TK_AT, true},

    {BLOCK_MISSION, TK_COMPLETE, 0, TK_AT, true},
    {BLOCK_MISSION, TK_COMPLETE, 0, TK_ONCE, true},
    {BLOCK_MISSION, TK_LASTS, 0, TK_DURATION, true},
    {BLOCK_MISSION, TK_TASK, 0, TK_STRING, true},
    {BLOCK_MISSION, TK_PROGRESS, BLOCK_PROGRESS, TK_NEWLINE, true},

    {BLOCK_BADGE, TK_NOTE, 0, TK_STRING, false},
    {BLOCK_BADGE, TK_OWNER, 0, TK_STRING, false},
    {BLOCK_BADGE, TK_IMAGE, 0, TK_STRING, true},
    {BLOCK_BADGE, TK_FOR, 0, TK_PLAYERS, true},

    {SHAPE_STATEMENTS, TK_SEND, 0, TK_ID, false},
    {SHAPE_STATEMENTS, TK_CREDIT, 0, TK_STRING, true},
    {SHAPE_STATEMENTS, TK_TAG, 0, TK_ID, false},
    {SHAPE_STATEMENTS, TK_UNTAG, 0, TK_ID, false},
    {SHAPE_STATEMENTS, TK_REMEMBER, 0, TK_ID, false},
    {SHAPE_STATEMENTS, TK_DO, 0, TK_ID, false},
    {SHAPE_STATEMENTS, TK_CANCEL, 0, TK_STRING, true},
    {SHAPE_STATEMENTS, TK_FREEZE, 0, TK_STRING, true},
    {SHAPE_STATEMENTS, TK_UNFREEZE, 0, TK_STRING, true},
    {SHAPE_STATEMENTS, TK_GIVE, 0, TK_CODE, true},
    {SHAPE_STATEMENTS, TK_RELEASE, 0, TK_CODE, true},
    {SHAPE_STATEMENTS, TK_SHOW, 0, TK_OFFER, true},
    {SHAPE_STATEMENTS, TK_SPEND, 0, TK_NUMBER, true},
    {SHAPE_STATEMENTS, TK_SPEND, 0, TK_PATH, true},
    {SHAPE_STATEMENTS, TK_AWARD, 0, TK_BADGE, true},
    {SHAPE_STATEMENTS, TK_GO, 0, 0, true},
    {SHAPE_STATEMENTS, TK_FINISH, 0, TK_AS, true},
    {SHAPE_STATEMENTS, TK_WAIT, 0, 0, true},
    {SHAPE_STATEMENTS, TK_WAIT_UP, BLOCK_WAIT, 0, true},
    {SHAPE_STATEMENTS, TK_ASK, BLOCK_ASK, TK_STRING, true},
    {SHAPE_STATEMENTS, TK_TELL, 0, TK_PATH, true},
    {SHAPE_STATEMENTS, TK_IF, BLOCK_IF, 0, true},
    {SHAPE_STATEMENTS, TK_CHOOSE, BLOCK_CHOOSE, TK_BY, true},
    {SHAPE_STATEMENTS, TK_SPLIT, BLOCK_SPLIT, TK_STRING, true},
    {SHAPE_STATEMENTS, TK_REPEAT, BLOCK_REPEAT, TK_AT, true},
    {BLOCK_IF, TK_OTHERWISE, 0, 0, false},
    {BLOCK_WAIT, TK_WHEN, 0, 0, false},
    {BLOCK_ASK, TK_WHEN, 0, 0, false},
    {BLOCK_CHOOSE, TK_WHEN, 0, 0, false},
    {BLOCK_CHOOSE, TK_OTHERWISE, 0, 0, false},
    {BLOCK_SPLIT, TK_PERCENT, 0, TK_STRING, false},
    {BLOCK_PROGRESS, TK_WHEN, 0, 0, false},

    {BLOCK_TEST, TK_GIVEN, 0, 0, true},
    {BLOCK_TEST, TK_AT, 0, 0, true},
    {BLOCK_TEST, TK_EXPECT, 0, 0, true},
    {BLOCK_TEST, TK_REPEAT, BLOCK_TEST_REPEAT, TK_NUMBER, true},
};

enum { SHAPE_COUNT = sizeof shape_rows / sizeof shape_rows[0] };

const size_t shape_count = SHAPE_COUNT;

static const char *const block_names[BLOCK_KIND_COUNT] = {
    [BLOCK_TOP] = "a file",
    [BLOCK_WORKSPACE] = "a workspace",
    [BLOCK_EVENT] = "an event",
    [BLOCK_ACTION] = "an action",
    [BLOCK_MESSAGE] = "a message",
    [BLOCK_BUDGET] = "a budget",
    [BLOCK_OFFER] = "an offer",
    [BLOCK_TERMS] = "terms",
    [BLOCK_POLICY] = "a policy",
    [BLOCK_RATES] = "rates of exchange",
    [BLOCK_RULES] = "the rules of a jurisdiction",
    [BLOCK_HOLIDAYS] = "holidays",
    [BLOCK_CODES] = "codes",
    [BLOCK_STACKING] = "a stacking",
    [BLOCK_TOURNAMENT] = "a tournament",
    [BLOCK_PRIZES] = "prizes",
    [BLOCK_BOARD] = "a board",
    [BLOCK_POINTS] = "points",
    [BLOCK_LEVELS] = "levels",
    [BLOCK_MISSION] = "a mission",
    [BLOCK_BADGE] = "a badge",
    [BLOCK_CAMPAIGN] = "a campaign",
    [BLOCK_TEST] = "a test",
    [BLOCK_TEST_REPEAT] = "a `repeat` of a test",
    [BLOCK_STEP] = "a step",
    [BLOCK_IF] = "an `if`",
    [BLOCK_WAIT] = "a `wait up to`",
    [BLOCK_ASK] = "an `ask`",
    [BLOCK_CHOOSE] = "a `choose by`",
    [BLOCK_SPLIT] = "a `split`",
    [BLOCK_PROGRESS] = "a `progress`",
    [BLOCK_REPEAT] = "a `repeat`",
    [BLOCK_GROUP] = "a group of conditions",
    [BLOCK_LATER] = "a block of a later version",
};

const char *shape_block_name(enum block_kind kind)
{
    return block_names[kind];
}

bool shape_is_statements(enum block_kind kind)
{
    return kind >= BLOCK_STEP && kind <= BLOCK_REPEAT;
}

bool shape_is_campaign(enum block_kind kind)
{
    return kind == BLOCK_CAMPAIGN || kind == BLOCK_TOURNAMENT || kind == BLOCK_LEVELS || kind == BLOCK_MISSION;
}

bool shape_is_of(const struct shape *shape, enum block_kind kind)
{
    if (kind == BLOCK_TEST_REPEAT) kind = BLOCK_TEST;
    switch (shape->block) {
    case SHAPE_STATEMENTS: return shape_is_statements(kind) || kind == BLOCK_LEVELS;
    case SHAPE_HEADER: return shape_is_campaign(kind);
    case SHAPE_TERMS: return kind == BLOCK_OFFER || kind == BLOCK_TERMS || kind == BLOCK_PRIZES;
    default: return shape->block == (uint8_t)kind;
    }
}

bool shape_is_below_level(enum block_kind kind, uint16_t word)
{
    if (kind != BLOCK_LEVELS) return false;
    for (size_t i = 0; i < SHAPE_COUNT; i++) {
        if (shape_rows[i].word == word && shape_rows[i].block == SHAPE_STATEMENTS) return true;
    }
    return false;
}

/* Blocks whose lines may begin with any name. */
bool shape_takes_any_name(enum block_kind kind)
{
    return kind == BLOCK_OFFER || kind == BLOCK_TERMS || kind == BLOCK_MESSAGE || kind == BLOCK_GROUP;
}

bool shape_may_begin(enum block_kind kind, uint16_t word)
{
    for (size_t i = 0; i < SHAPE_COUNT; i++) {
        if (shape_rows[i].word == word && shape_is_of(&shape_rows[i], kind)) return true;
    }
    return false;
}

uint32_t shape_first_kinds(enum block_kind kind, uint16_t *out, uint32_t capacity)
{
    uint32_t count = 0;
    /* The block's own words first, then those of all statements. */
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < SHAPE_COUNT && count < capacity; i++) {
            if (!shape_is_of(&shape_rows[i], kind) || (shape_rows[i].block == SHAPE_STATEMENTS) != (turn == 1))
                continue;
            bool is_known = false;
            for (uint32_t j = 0; j < count; j++) is_known = is_known || out[j] == shape_rows[i].word;
            if (!is_known) out[count++] = shape_rows[i].word;
        }
    }
    return count;
}

struct text shape_first_words(enum block_kind kind, uint16_t refused, struct arena *arena)
{
    uint16_t kinds[96];
    const uint32_t count = shape_first_kinds(kind, kinds, 96);
    const bool has_cases = kind == BLOCK_WAIT || kind == BLOCK_ASK || kind == BLOCK_CHOOSE || kind == BLOCK_SPLIT ||
                           kind == BLOCK_PROGRESS;
    struct text text = TEXT("");
    for (uint32_t i = 0; i < count; i++) {
        if (kinds[i] == refused || (has_cases && shape_may_begin(BLOCK_STEP, kinds[i]))) continue;
        const char *word = kinds[i] == TK_PERCENT ? "50% \"NAME\"" : lexer_word(kinds[i]);
        if (word == NULL) continue;
        text = arena_print(arena, "%.*s%s`%s`", TEXT_ARGS(text), text.size == 0 ? "" : ", ", word);
    }
    if (has_cases) return arena_print(arena, "%.*s, and below such a line what is then done", TEXT_ARGS(text));
    if (kind == BLOCK_GROUP) return TEXT("conditions, one a line, and `end`");
    if (kind == BLOCK_MESSAGE) return arena_print(arena, "%.*s, and a channel with its text", TEXT_ARGS(text));
    if (kind == BLOCK_OFFER) return arena_print(arena, "%.*s, and the offer's own parameters", TEXT_ARGS(text));
    return text;
}

uint16_t shape_second_kind(const struct lexer_line *line)
{
    return line->tokens[1].kind;
}

bool shape_is_comparison(uint16_t kind)
{
    return kind == TK_IS || kind == TK_EQUAL || kind == TK_NOT_EQUAL || kind == TK_LESS_SIGN || kind == TK_LESS_EQUAL ||
           kind == TK_GREATER_SIGN || kind == TK_GREATER_EQUAL || kind == TK_CONTAINS || kind == TK_HAS;
}

bool shape_fits_second(const struct shape *shape, const struct lexer_line *line)
{
    const uint16_t second = shape_second_kind(line);
    if (shape_is_comparison(second)) return false;
    if (shape->second == 0 || shape->second == second) return true;
    /* A keyword may be a name. */
    return shape->second == TK_ID && lexer_may_name(second);
}

/* The shape that a line has in a block; NULL for none. The best fit, then any with its word. */
const struct shape *shape_in(enum block_kind kind, const struct lexer_line *line)
{
    const struct shape *loose = NULL;
    for (size_t i = 0; i < SHAPE_COUNT; i++) {
        const struct shape *shape = &shape_rows[i];
        if (shape->word != line->tokens[0].kind || !shape_is_of(shape, kind)) continue;
        if (shape_fits_second(shape, line)) return shape;
        if (loose == NULL) loose = shape;
    }
    if (kind == BLOCK_GROUP) return NULL;
    return loose;
}

/* Whether the line is a line of `kind`, told by two words. */
bool shape_is_evidence(enum block_kind kind, const struct lexer_line *line, bool strong_only)
{
    for (size_t i = 0; i < SHAPE_COUNT; i++) {
        const struct shape *shape = &shape_rows[i];
        if (shape->word != line->tokens[0].kind || !shape_is_of(shape, kind)) continue;
        if (shape_fits_second(shape, line) && (shape->is_strong || !strong_only)) return true;
    }
    return false;
}

/* The shape of an opener wherever it stands, the best fit first. */
const struct shape *shape_of_opener(const struct lexer_line *line)
{
    const struct shape *loose = NULL;
    for (size_t i = 0; i < SHAPE_COUNT; i++) {
        if (shape_rows[i].word != line->tokens[0].kind || shape_rows[i].opens == BLOCK_TOP) continue;
        if (shape_fits_second(&shape_rows[i], line)) return &shape_rows[i];
        loose = &shape_rows[i];
    }
    return loose;
}

bool shape_ends_in_group(const struct lexer_line *line)
{
    if (line->count < 2) return false;
    const uint16_t kind = line->tokens[line->count - 2].kind;
    return kind == TK_ALL_OF || kind == TK_ANY_OF || kind == TK_NONE_OF;
}
