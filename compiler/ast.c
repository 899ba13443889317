/*
 * ast: questions about a tree that every stage asks. Next: compiler/ast_dump.c for how it looks.
 */
#include "compiler/ast.h"

#include <stddef.h>

const struct line *ast_find_line(const struct line_list *lines, enum line_kind kind, const struct line *after)
{
    const struct line *line = after == NULL ? lines->first : after->next;
    while (line != NULL && line->kind != kind) line = line->next;
    return line;
}

const char *ast_line_word(enum line_kind kind)
{
    switch (kind) {
    case LINE_NOTE: return "note";
    case LINE_OWNER: return "owner";
    case LINE_PRODUCT: return "product";
    case LINE_CURRENCY: return "currency";
    case LINE_TIMEZONE: return "timezone";
    case LINE_BRAND: return "brand";
    case LINE_CHANNEL: return "channel";
    case LINE_TAG: return "tag";
    case LINE_LATENESS: return "lateness";
    case LINE_RETENTION: return "retention";
    case LINE_USE: return "use";
    case LINE_ABOUT: return "about";
    case LINE_FIELD: return "field";
    case LINE_HAPPENS_AT: return "happens at";
    case LINE_REVERSES: return "reverses";
    case LINE_SAFETY: return "safety";
    case LINE_SETS: return "sets";
    case LINE_MADE_BY_ENGINE: return "made by engine";
    case LINE_CLASS: return "class";
    case LINE_TAKES: return "takes";
    case LINE_COSTS: return "costs";
    case LINE_CONSENT: return "consent";
    case LINE_CONTENT: return "content";
    case LINE_TOTAL: return "total";
    case LINE_PER_PERIOD: return "per";
    case LINE_PER_PLAYER: return "per player";
    case LINE_PER_OFFER: return "per offer";
    case LINE_FROM_POOL: return "from";
    case LINE_WHEN_EMPTY: return "when empty";
    case LINE_PARAMETER: return "parameter";
    case LINE_WAGERING: return "wagering";
    case LINE_GAMES: return "games";
    case LINE_EXPIRES: return "expires";
    case LINE_FOLLOWS: return "follows";
    case LINE_FINISH_FOR: return "finish as";
    case LINE_NEVER: return "never";
    case LINE_SEND_ONLY_TO: return "send";
    case LINE_MESSAGES_AT_MOST: return "messages at most";
    case LINE_SEND_BETWEEN: return "send only between";
    case LINE_JURISDICTION: return "jurisdiction";
    case LINE_ROUNDING: return "rounding";
    case LINE_LATE_EVENTS: return "late events";
    case LINE_RUNS: return "runs";
    case LINE_BUDGET: return "budget";
    case LINE_START: return "start on";
    case LINE_START_ENTERING: return "start on entering";
    case LINE_START_LEAVING: return "start on leaving";
    case LINE_START_WITHOUT: return "start after";
    case LINE_START_COMMAND: return "start on command";
    case LINE_START_SCHEDULE: return "start every";
    case LINE_ORDER: return "order by";
    case LINE_BUSINESS_DAYS: return "business days of";
    case LINE_GROUP: return "group";
    case LINE_PRIORITY: return "priority";
    case LINE_LIABILITY: return "liability";
    case LINE_HOLD_OUT: return "hold out";
    case LINE_SOURCE: return "source";
    case LINE_LIMIT_WAGERING: return "limit wagering";
    case LINE_LIMIT_PRODUCTS: return "limit products";
    case LINE_LIMIT_REWARDS: return "limit rewards";
    case LINE_LIMIT_REWARDS_TO: return "limit rewards to";
    case LINE_LIMIT_EXPIRY: return "limit expiry";
    case LINE_REQUIRE_TERMS: return "require terms";
    case LINE_REQUIRE_OPT_IN: return "require opt_in";
    case LINE_FORBID_REWARDS: return "forbid rewards";
    case LINE_PAYS_IN: return "pays in";
    case LINE_VERSION: return "version";
    case LINE_EXCHANGE: return "rate";
    case LINE_HOLIDAY: return "day";
    case LINE_THROUGH: return "through";
    case LINE_ONLY_FOR: return "only for";
    case LINE_ENTER: return "enter";
    case LINE_LEAVE_ON: return "leave on";
    case LINE_LEAVE_WHEN: return "leave when";
    case LINE_PAUSE_ON: return "pause on";
    case LINE_MOVE: return "running journeys";
    case LINE_GOAL: return "goal";
    case LINE_TERMS: return "terms";
    case LINE_OFFER: return "offer";
    case LINE_STEP: return "step";
    case LINE_METRIC: return "metric";
    case LINE_GIVEN_PLAYERS: return "given";
    case LINE_GIVEN_PROPERTY: return "given";
    case LINE_AT: return "at";
    case LINE_REPEAT_LINES: return "repeat";
    case LINE_EXPECT_EFFECT: return "expect";
    case LINE_EXPECT_MESSAGES: return "expect";
    case LINE_EXPECT_CONDITION: return "expect";
    case LINE_EXPECT_SPEND: return "expect largest spend";
    case LINE_ANSWERED_BY_ENGINE: return "answered by engine";
    case LINE_BONUSES_KEPT_BY: return "bonuses kept by";
    case LINE_LOCALE: return "locale";
    case LINE_SHORT_LINKS: return "short links";
    case LINE_COUNTS: return "counts";
    case LINE_FUNDS: return "funds";
    case LINE_GAME_IDS: return "games";
    case LINE_STAKE: return "stake";
    case LINE_WIN: return "win";
    case LINE_DEPOSIT: return "deposit";
    case LINE_CLAIM: return "claim";
    case LINE_QUEUE: return "queue";
    case LINE_CANCEL_ON: return "cancel on";
    case LINE_REVOKE_ON: return "revoke on";
    case LINE_GRANT: return "grant";
    case LINE_SHORT: return "short";
    case LINE_USE_CARD: return "use";
    case LINE_REFUND: return "refund";
    case LINE_MAKE: return "make";
    case LINE_UPLOAD: return "upload";
    case LINE_FIXED: return "fixed";
    case LINE_READ: return "read";
    case LINE_VALID: return "valid";
    case LINE_EACH_CODE: return "each code";
    case LINE_EACH_PLAYER: return "each player";
    case LINE_IN_ALL: return "in all";
    case LINE_QUOTA: return "quota";
    case LINE_HOLD_CODE: return "hold";
    case LINE_LOCK: return "lock";
    case LINE_ANSWER: return "answer";
    case LINE_STACK: return "stack";
    case LINE_RUNS_EVERY: return "runs";
    case LINE_SETTLES: return "settles";
    case LINE_FEE: return "fee";
    case LINE_EARN: return "earn";
    case LINE_SCORE: return "score";
    case LINE_WINNERS: return "winners";
    case LINE_SMALLEST_FIELD: return "field";
    case LINE_PRIZES: return "prizes";
    case LINE_BOARD: return "board";
    case LINE_POOL: return "pool";
    case LINE_LEFTOVER: return "leftover";
    case LINE_PLACE: return "place";
    case LINE_SHOW_TOP: return "show";
    case LINE_NAMES: return "names";
    case LINE_AGE: return "age";
    case LINE_REST: return "rest";
    case LINE_SPEND_OLDEST: return "spend";
    case LINE_COUNTS_POINTS: return "counts";
    case LINE_LEVEL: return "level";
    case LINE_UP_AT_ONCE: return "up at once";
    case LINE_DOWN: return "down";
    case LINE_KEEP: return "keep";
    case LINE_COMPLETE: return "complete";
    case LINE_LASTS: return "lasts";
    case LINE_TASK: return "task";
    case LINE_PROGRESS: return "progress";
    case LINE_IMAGE: return "image";
    case LINE_FOR_PLAYERS: return "for players";
    case LINE_SUBJECT: return "subject";
    case LINE_LINK: return "link";
    case LINE_UTM: return "utm";
    case LINE_MEASURE: return "measure";
    case LINE_GIVEN_CODE: return "given code";
    case LINE_BROKEN: return "broken";
    }
    return "";
}

const char *ast_statement_word(enum statement_kind kind)
{
    switch (kind) {
    case STATEMENT_SEND: return "send";
    case STATEMENT_CREDIT: return "credit";
    case STATEMENT_DO: return "do";
    case STATEMENT_TAG: return "tag";
    case STATEMENT_UNTAG: return "untag";
    case STATEMENT_REMEMBER: return "remember";
    case STATEMENT_GO_TO: return "go to";
    case STATEMENT_GO_ON: return "go on";
    case STATEMENT_FINISH: return "finish as";
    case STATEMENT_WAIT: return "wait";
    case STATEMENT_WAIT_UNTIL: return "wait until";
    case STATEMENT_WAIT_UP_TO: return "wait up to";
    case STATEMENT_ASK: return "ask";
    case STATEMENT_TELL: return "tell";
    case STATEMENT_WAIT_BUSINESS_DAYS: return "wait business days";
    case STATEMENT_IF: return "if";
    case STATEMENT_CHOOSE: return "choose by";
    case STATEMENT_SPLIT: return "split";
    case STATEMENT_REPEAT: return "repeat";
    case STATEMENT_CANCEL: return "cancel";
    case STATEMENT_FREEZE: return "freeze";
    case STATEMENT_UNFREEZE: return "unfreeze";
    case STATEMENT_GIVE_CODE: return "give code";
    case STATEMENT_RELEASE_CODE: return "release code of";
    case STATEMENT_SHOW_OFFER: return "show offer";
    case STATEMENT_SPEND: return "spend";
    case STATEMENT_AWARD_BADGE: return "award badge";
    case STATEMENT_BROKEN: return "broken";
    }
    return "";
}

const char *ast_declaration_word(enum declaration_kind kind)
{
    switch (kind) {
    case DECLARATION_WORKSPACE: return "workspace";
    case DECLARATION_EVENT: return "event";
    case DECLARATION_ATTRIBUTE: return "attribute";
    case DECLARATION_ACTION: return "action";
    case DECLARATION_MESSAGE: return "message";
    case DECLARATION_SEGMENT: return "segment";
    case DECLARATION_BUDGET: return "budget";
    case DECLARATION_OFFER: return "offer";
    case DECLARATION_TERMS: return "terms";
    case DECLARATION_POLICY: return "policy";
    case DECLARATION_CAMPAIGN: return "campaign";
    case DECLARATION_TEST: return "test";
    case DECLARATION_METRIC: return "metric";
    case DECLARATION_RULES: return "rules for";
    case DECLARATION_RATES: return "rates";
    case DECLARATION_QUERY: return "query";
    case DECLARATION_HOLIDAYS: return "holidays";
    case DECLARATION_CODES: return "codes";
    case DECLARATION_STACKING: return "stacking";
    case DECLARATION_TOURNAMENT: return "tournament";
    case DECLARATION_POINTS: return "points";
    case DECLARATION_LEVELS: return "levels";
    case DECLARATION_MISSION: return "mission";
    case DECLARATION_BADGE: return "badge";
    case DECLARATION_PRIZES: return "prizes";
    case DECLARATION_BOARD: return "board";
    case DECLARATION_KIND_COUNT: break;
    }
    return "";
}
