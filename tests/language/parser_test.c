/*
 * What golden files cannot show of the first half of the compiler: keywords, positions, near names, limits, files of
 * any bytes, and an arena that runs out at every possible place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "compiler/ast_dump.h"
#include "compiler/format.h"
#include "compiler/lexer.h"
#include "compiler/parser.h"
#include "vm/limits.h"

static const char *const sample =
    "workspace \"Lantern\"\n  currency EUR\n  tag loud\nend\n"
    "event deposit\n  field amount money up to 1,000,000\n  field first yes or no\nend\n"
    "attribute vip yes or no, otherwise no  # a remark\n"
    "segment \"Rich\" is players where all of\n  vip is yes\n  any of\n    age is at least 18\n  end\nend\n"
    "campaign \"Spring\"\n  currency EUR\n  budget\n    total 50,000 EUR\n  end\n"
    "  start on deposit where amount is at least 20 EUR\n  enter once per player\n"
    "  offer bonus \"gift\"\n    amount 50% of deposit.amount, at most 60 EUR\n  end\n"
    "  step \"Hello\"\n    send email \"a\", otherwise send sms \"a\"\n"
    "    wait up to 3 days\n      when deposit where first is yes  go to \"Reward\"\n"
    "      when time is up\n        tag loud\n        finish as \"LATE\"\n    end\n  end\n"
    "  step \"Reward\"\n    if player.vip is yes\n      credit \"gift\", otherwise finish as \"NO\"\n    otherwise\n"
    "      tag loud\n    end\n    split \"s\"\n      50% \"A\"  tag loud\n      50% \"B\"  tag loud\n    end\n"
    "    finish as \"DONE\"\n  end\nend\n"
    "test \"t\"\n  given a player where vip is yes\n  at 2026-06-10 10:00  deposit\n  expect credit \"gift\"\nend\n"
    "codes \"c\"\n  make 10 like \"A-????????\" from \"ABCDEFGH\"\n  each code at most 2 times per day\n"
    "  quota \"q\" 5 for players where vip is yes\n  lock 1 hour after 3 wrong tries in 10 minutes\nend\n"
    "tournament \"t\"\n  runs every week from monday 12:00 until sunday 22:00\n  settles at monday 00:00\n"
    "  earn 1 per 0.01 EUR of deposit.amount\n  field at least 2 players, otherwise nothing\n"
    "  prizes cash\n    place 1 to 2 200 EUR\n  end\n  board\n    show top 5\n  end\nend\n"
    "points \"p\"\n  earn 1 per deposit\n  rest dropped\nend\n"
    "levels \"l\"\n  counts \"p\" earned over this month\n  level gold from 5\n    tag loud\n  down never\nend\n"
    "mission \"m\"\n  task \"a\" needs 5 different deposit.method, each at least 2 times\n"
    "  progress\n    when 50%  tag loud\n    when time is up  tag loud\n  end\nend\n"
    "badge \"b\"\n  for players where vip is yes\nend\nstacking \"s\"\n  first at most 1 coupon\nend\n"
    "terms \"t\"\n  counts slots 100%, live 0%\n  stake at most 5 EUR, otherwise forfeit\n  cancel on deposit\nend\n";

struct session {
    struct arena arena;
    struct source_set sources;
    struct diagnostic_list diagnostics;
    struct source *source;
    struct ast_file *file;
};

static void parse(struct session *session, struct text text)
{
    struct error error;
    arena_init(&session->arena, (size_t)64 << 20);
    source_set_init(&session->sources, &session->arena);
    diagnostics_init(&session->diagnostics, &session->arena, &session->sources);
    assert_int_equal(source_set_add(&session->source, &session->sources, TEXT("t.promo"), text, &error), OK);
    session->file = parser_parse(session->source, &session->arena, &session->diagnostics);
    assert_non_null(session->file);
    assert_int_equal(session->file->is_broken, session->diagnostics.error_count > 0);
}

static void close_session(struct session *session)
{
    arena_deinit(&session->arena);
}

/* ---- keywords and names ---- */

static void keywords_are_sorted_and_found(void **state)
{
    static const struct text words[] = {
#define KEYWORD(word, token, rank, position) TEXT_INIT(#word),
#include "spec/keywords.def"
#undef KEYWORD
    };
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (i > 0) assert_true(text_compare(words[i - 1], words[i]) < 0);
        const uint16_t kind = lexer_keyword(words[i]);
        assert_int_not_equal(kind, 0);
        assert_string_equal(lexer_word(kind), words[i].at);
    }
    assert_int_equal(lexer_keyword(TEXT("deposit")), 0);
    assert_int_equal(lexer_keyword(TEXT("")), 0);
}

static void near_names_are_found(void **state)
{
    static const struct text names[] = {TEXT_INIT("deposit"), TEXT_INIT("deposit_reversed"), TEXT_INIT("session"),
                                        TEXT_INIT("bet")};
    (void)state;
    assert_true(text_equal(diagnostic_did_you_mean(TEXT("depsoit"), names, 4), names[0]));
    assert_true(text_equal(diagnostic_did_you_mean(TEXT("Session"), names, 4), names[2]));
    assert_true(text_equal(diagnostic_did_you_mean(TEXT("sess"), names, 4), names[2]));
    assert_int_equal(diagnostic_did_you_mean(TEXT("withdrawal"), names, 4).size, 0);
    assert_int_equal(diagnostic_did_you_mean(TEXT("x"), names, 0).size, 0);
}

/* A line that ends with a comma too many: one mistake, at the comma, where what follows can only be a line of its own. */
static void a_comma_before_a_line_of_its_own_is_one_mistake(void **state)
{
    static const char *const own[] = {"note \"x\"",
                                      "owner \"x\"",
                                      "timezone \"x\"",
                                      "terms \"x\"",
                                      "message \"x\"",
                                      "follows \"x\"",
                                      "workspace \"x\"",
                                      "takes x",
                                      "class x",
                                      "about x",
                                      "wagering 10x",
                                      "require terms",
                                      "require opt_in",
                                      "tell casino.vip",
                                      "at 2026-06-10 10:00",
                                      "at + 3 days",
                                      "field x",
                                      "event x",
                                      "attribute x",
                                      "query x",
                                      "action x",
                                      "metric x",
                                      "product x",
                                      "currency EUR",
                                      "channel x",
                                      "brand x",
                                      "lateness 3 days",
                                      "retention 3 days",
                                      "expires 3 days",
                                      "budget",
                                      "budget \"x\"",
                                      "offer x",
                                      "runs from",
                                      "wagering none",
                                      "messages at",
                                      "messages by",
                                      "never message",
                                      "never reward",
                                      "never enter",
                                      "end",
                                      "step \"x\"",
                                      "credit \"x\"",
                                      "ask \"x\"",
                                      "split \"x\"",
                                      "campaign \"x\"",
                                      "test \"x\"",
                                      "policy \"x\"",
                                      "segment \"x\"",
                                      "go to \"x\"",
                                      "finish as \"x\"",
                                      "send email",
                                      "send only",
                                      "choose by",
                                      "enter once",
                                      "enter at",
                                      "enter every",
                                      "start on",
                                      "start every",
                                      "start after",
                                      "priority 5",
                                      "group \"x\"",
                                      "rates \"x\"",
                                      "version \"x\"",
                                      "source \"x\"",
                                      "liability through",
                                      "hold out",
                                      "rules for",
                                      "limit wagering",
                                      "limit products",
                                      "limit rewards",
                                      "limit expiry",
                                      "require terms",
                                      "forbid rewards",
                                      "order by",
                                      "holidays x",
                                      "pause on",
                                      "running journeys",
                                      "only for",
                                      "leave on",
                                      "leave when",
                                      "goal on",
                                      "goal within",
                                      "wait 3 days",
                                      "wait until",
                                      "wait up",
                                      "when x",
                                      "if x",
                                      "expect x",
                                      "given a"};
    (void)state;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        char words[256];
        struct session session;
        (void)snprintf(words, sizeof words, "campaign \"C\"\n  start on deposit where amount is at least 5,\n  %s\n",
                       own[i]);
        parse(&session, text_of(words));
        uint32_t told = 0;
        for (const struct diagnostic *d = session.diagnostics.first; d != NULL; d = d->next)
            told += d->code == DIAGNOSTIC_DANGLING_LINE;
        if (told != 1) fail_msg("`%s` after a comma: told %u times", own[i], (unsigned)told);
        close_session(&session);
    }
}

/* How often a mistake is told of a text. */
static uint32_t told(const char *words, enum diagnostic_code code)
{
    struct session session;
    uint32_t count = 0;
    parse(&session, text_of(words));
    for (const struct diagnostic *d = session.diagnostics.first; d != NULL; d = d->next) count += d->code == code;
    close_session(&session);
    return count;
}

/* The same words with something else behind them begin no line: the comma may be right, and is not what is told. */
static void a_comma_before_other_words_is_no_mistake_of_its_own(void **state)
{
    static const char *const other[] = {
        "note x",    "owner 5",     "field \"x\"", "takes \"x\"",    "about \"x\"", "lateness x", "expires x",
        "budget x",  "offer \"x\"", "runs x",      "wagering x",     "messages x",  "never x",    "end x",
        "step x",    "tell x",      "go x",        "finish x",       "send \"x\"",  "choose x",   "enter x",
        "start x",   "priority x",  "group x",     "liability x",    "hold x",      "rules x",    "limit x",
        "require x", "forbid x",    "order x",     "holidays \"x\"", "pause x",     "running x",  "only x",
        "leave x",   "goal x",      "at x",        "wait x",         "x y"};
    (void)state;
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        char words[256];
        (void)snprintf(words, sizeof words, "campaign \"C\"\n  start on deposit where amount is at least 5,\n  %s\n",
                       other[i]);
        if (told(words, DIAGNOSTIC_DANGLING_LINE) != 0) fail_msg("`%s` after a comma is taken for a line", other[i]);
    }
}

/* A parameter of `do` may have any name, and its line may go on below. */
static void parameters_of_do_may_stand_below(void **state)
{
    static const char *const parameters[] = {"note \"x\"", "field x",     "expires 3 days",
                                             "priority 5", "group \"x\"", "holidays x"};
    (void)state;
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
        char words[256];
        (void)snprintf(words, sizeof words,
                       "campaign \"C\"\n  step \"A\"\n    do call with team 1,\n      %s\n  end\nend\n", parameters[i]);
        if (told(words, DIAGNOSTIC_DANGLING_LINE) != 0) fail_msg("`%s` is no parameter any more", parameters[i]);
    }
}

/* Conditions of a group, each on its line: a comma between them says nothing, `and` or another word is left to the grammar. */
static void commas_between_conditions_of_a_group(void **state)
{
    static const struct {
        const char *line;
        uint32_t told;
    } rows[] = {{"amount is at least 5,", 1},
                {"deposit.amount is 5 EUR,", 1},
                {"player is in \"VIPs\",", 1},
                {"level is gold,", 1},
                {"amount,", 0},
                {"5 is 5,", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char words[256];
        (void)snprintf(words, sizeof words, "segment \"S\" is players where all of\n  %s\n  vip is yes\nend\n",
                       rows[i].line);
        if (told(words, DIAGNOSTIC_DANGLING_LINE) != rows[i].told)
            fail_msg("`%s`: told %u times", rows[i].line, (unsigned)told(words, DIAGNOSTIC_DANGLING_LINE));
    }
}

/* Half of `all of` behind `where`, both halves turned round, or the whole of it on a line of its own. */
static void halves_of_a_group_are_made_whole(void **state)
{
    static const struct {
        const char *line;
        enum diagnostic_code code;
    } rows[] = {{"where all", DIAGNOSTIC_MISSING_WORD},          {"where any", DIAGNOSTIC_MISSING_WORD},
                {"where none", DIAGNOSTIC_MISSING_WORD},         {"where of", DIAGNOSTIC_MISSING_WORD},
                {"where of all", DIAGNOSTIC_WRONG_WORD},         {"where of any", DIAGNOSTIC_WRONG_WORD},
                {"where of none", DIAGNOSTIC_WRONG_WORD},        {"where\n  all of", DIAGNOSTIC_LINE_ENDS_EARLY},
                {"where\n  any of", DIAGNOSTIC_LINE_ENDS_EARLY}, {"where\n  none of", DIAGNOSTIC_LINE_ENDS_EARLY}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char words[256];
        struct session session;
        (void)snprintf(words, sizeof words, "segment \"S\" is players %s\n  vip is yes\n  age is 5\nend\n",
                       rows[i].line);
        parse(&session, text_of(words));
        if (session.diagnostics.error_count != 1 || session.diagnostics.first->code != rows[i].code)
            fail_msg("`%s`: %u errors, first E%04u", rows[i].line, (unsigned)session.diagnostics.error_count,
                     (unsigned)session.diagnostics.first->code);
        assert_int_equal(session.file->declarations.count, 1);
        close_session(&session);
    }
}

/* What begins a block within a line gets a line of its own; the same words elsewhere are left where they are. */
static void blocks_within_a_line_are_divided(void **state)
{
    static const struct {
        const char *line;
        uint32_t told;
    } rows[] = {{"tag loud step \"B\"", 1},
                {"tag loud split \"B\"", 1},
                {"tag loud step B", 0},
                {"tag loud offer bonus \"x\"", 1},
                {"tag loud offer bonus x", 0},
                {"tag loud offer 5 \"x\"", 0},
                {"tag loud choose by deposit.method", 1},
                {"tag loud choose deposit.method x", 0},
                {"tag loud wait up to 3 days", 1},
                {"tag loud wait up and away", 0},
                {"tag loud repeat at most 3 times", 1},
                {"tag loud repeat at most", 0},
                {"tag loud repeat 1 2 3 4", 0},
                {"tag loud if vip is yes", 1},
                {"untag loud if vip is yes", 1},
                {"send email \"a\" if vip is yes", 1},
                {"wait 3 days if vip is yes", 1},
                {"credit \"a\" if vip is yes", 1},
                {"credit \"a\" if x", 0},
                {"finish as \"A\" if vip is yes", 1},
                {"credit \"a\", if not finish as \"B\"", 0},
                {"credit \"a\", if not go to \"B\"", 0},
                {"credit \"a\", if not send email \"B\"", 0},
                {"wait up to 3 days when deposit finish as \"A\"", 1},
                {"ask casino.vip when yes finish as \"A\"", 1},
                {"choose by deposit.method when card finish as \"A\"", 1},
                {"tag loud when deposit", 0},
                {"split \"x\" 50% \"A\"", 1},
                {"split x 50% \"A\"", 0},
                {"split \"x\" 50% A", 0},
                {"tag loud 50% \"A\"", 0},
                {"tag loud end", 1},
                {"tag loud end of it", 0},
                {"tag loud budget", 1},
                {"tag loud budget 5", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char words[256];
        (void)snprintf(words, sizeof words, "campaign \"C\"\n  step \"A\"\n    %s\n  end\nend\n", rows[i].line);
        const uint32_t count = told(words, DIAGNOSTIC_TWO_LINES);
        if (count != rows[i].told) fail_msg("`%s`: divided %u times", rows[i].line, (unsigned)count);
    }
}

/* `wait upto 3 days` and its like are waits; other words before `to` are none. */
static void other_words_for_up_to(void **state)
{
    static const struct {
        const char *line;
        uint32_t told;
    } rows[] = {{"wait upto 3 days", 1},  {"wait max 3 days", 1},      {"wait maximum 3 days", 1},
                {"wait op to 3 days", 1}, {"wait hello to 3 days", 0}, {"wait 3 days upto", 0},
                {"wait hello 3 days", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char words[256];
        (void)snprintf(
            words, sizeof words,
            "campaign \"C\"\n  step \"A\"\n    %s\n      when time is up  finish as \"X\"\n    end\n  end\nend\n",
            rows[i].line);
        const uint32_t count = told(words, DIAGNOSTIC_FOREIGN_WORD);
        if (count != rows[i].told) fail_msg("`%s`: mended %u times", rows[i].line, (unsigned)count);
    }
}

/* A currency before the number of a rate, and the number of a place before its money, are two words each. */
static void rates_and_places_are_divided(void **state)
{
    (void)state;
    assert_int_equal(told("rates \"r\"\n  version \"1\"\n  rate EUR to PLN 4.2651\nend\n", DIAGNOSTIC_MONEY_STYLE), 0);
    assert_int_equal(told("rates \"r\"\n  version \"1\"\n  rate EUR to $ 4.2651\nend\n", DIAGNOSTIC_MONEY_STYLE), 1);
    assert_int_equal(told("rates \"r\"\n  version \"1\"\n  raet EUR to PLN 4.2651\nend\n", DIAGNOSTIC_MONEY_STYLE), 0);
    assert_int_equal(told("rates \"r\"\n  version \"1\"\n  EUR to PLN 4.2651\nend\n", DIAGNOSTIC_MONEY_STYLE), 0);
    assert_int_equal(
        told("tournament \"t\"\n  prizes cash\n    place 1 200 EUR\n  end\nend\n", DIAGNOSTIC_NUMBER_GROUPS), 0);
    assert_int_equal(
        told("tournament \"t\"\n  prizes cash\n    place 1\t200 EUR\n  end\nend\n", DIAGNOSTIC_NUMBER_GROUPS), 0);
    assert_int_equal(
        told("tournament \"t\"\n  prizes cash\n    place 2 to 10 200 EUR\n  end\nend\n", DIAGNOSTIC_NUMBER_GROUPS), 0);
    assert_int_equal(
        told("tournament \"t\"\n  prizes cash\n    place 1.200,50 EUR\n  end\nend\n", DIAGNOSTIC_NUMBER_GROUPS), 1);
    assert_int_equal(
        told("tournament \"t\"\n  prizes cash\n    place 1,20 EUR\n  end\nend\n", DIAGNOSTIC_NUMBER_GROUPS), 1);
}

/* A price list goes on behind `or` on the next line, as every line does. */
static void a_price_list_may_go_on_below(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        static const char *const rows[] = {
            "campaign \"C\"\n  start on deposit where amount is at least 20 EUR or\n    90 PLN\nend\n",
            "campaign \"C\"\n  start on deposit where amount is at least 20 EUR or\n    90 PLN or\n    500 SEK\nend\n",
            ("campaign \"C\"\n  start on deposit where amount is at least 20 EUR or\n    90 PLN and first is "
             "yes\nend\n")};
        struct session session;
        parse(&session, text_of(rows[i]));
        assert_int_equal(session.diagnostics.error_count, 0);
        const struct condition *where =
            ast_find_line(&session.file->declarations.first->lines, LINE_START, NULL)->as.event.where;
        if (i == 2) where = where->children;
        assert_int_equal(where->values.first->kind, VALUE_PRICE_LIST);
        close_session(&session);
    }
}

/* Amounts and spans of time in the words and letters of daily use. */
static void money_and_durations_in_other_words(void **state)
{
    static const char *const foreign[] = {"wait three days", "wait 3 Days",   "wait one hour",   "wait 3 Tage",
                                          "wait 2 semaines", "wait 5 minuti", "wait seven weeks"};
    static const char *const money[] = {"20 eur", "20 Euro", "twenty EUR", "ten pounds", "hundred zloty", "20 Eur"};
    (void)state;
    for (size_t i = 0; i < sizeof money / sizeof money[0]; i++) {
        char words[256];
        (void)snprintf(words, sizeof words, "campaign \"C\"\n  start on deposit where amount is at least %s\nend\n",
                       money[i]);
        if (told(words, DIAGNOSTIC_MONEY_STYLE) != 1) fail_msg("`%s` is not told to be money", money[i]);
    }
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        char words[256];
        (void)snprintf(words, sizeof words, "campaign \"C\"\n  step \"A\"\n    %s\n  end\nend\n", foreign[i]);
        const uint32_t count = told(words, DIAGNOSTIC_FOREIGN_WORD);
        if (count != 1) fail_msg("`%s`: mended %u times", foreign[i], (unsigned)count);
    }
    assert_int_equal(
        told("campaign \"C\"\n  start on deposit where amount is at least 20 e_r\nend\n", DIAGNOSTIC_MONEY_STYLE), 0);
}

/* ---- sources and messages ---- */

static void columns_count_characters(void **state)
{
    struct session session;
    (void)state;
    parse(&session, TEXT("# caf\xC3\xA9\r\n\n# x"));
    const struct source *source = session.source;
    assert_int_equal(source->line_count, 3);
    assert_int_equal(source_position_of(source, 7).column, 7);
    assert_int_equal(source_position_of(source, 8).line, 1);
    assert_int_equal(source_position_of(source, 9).line, 2);
    assert_int_equal(source_position_of(source, 9999).line, 3);
    assert_true(text_equal(source_line(source, 1), TEXT("# caf\xC3\xA9")));
    assert_true(text_equal(source_line(source, 3), TEXT("# x")));
    assert_int_equal(source_line(source, 4).size, 0);
    close_session(&session);
}

static void a_file_too_large_is_refused(void **state)
{
    struct session session;
    struct source *source = NULL;
    struct error error;
    (void)state;
    parse(&session, TEXT(""));
    char *bytes = calloc(1, (size_t)LIMIT_SOURCE_BYTES + 1);
    assert_non_null(bytes);
    memset(bytes, '\n', (size_t)LIMIT_SOURCE_BYTES + 1);
    const struct text at = {bytes, LIMIT_SOURCE_BYTES};
    const struct text above = {bytes, (uint32_t)LIMIT_SOURCE_BYTES + 1};
    assert_int_equal(source_set_add(&source, &session.sources, TEXT("at"), at, &error), OK);
    assert_int_equal(source_set_add(&source, &session.sources, TEXT("above"), above, &error), STATUS_LIMIT);
    free(bytes);
    close_session(&session);
}

static void one_mistake_has_one_error(void **state)
{
    struct session session;
    (void)state;
    parse(&session, TEXT("campaign 'x' 'y' £5\nend\n"));
    assert_int_equal(session.diagnostics.error_count, 3);
    const struct span span = {0, 0, 1};
    assert_true(diagnostics_has_error_on_line(&session.diagnostics, span));
    assert_null(diagnostics_add(&session.diagnostics, DIAGNOSTIC_EXTRA_END, span, NULL, 0));
    const struct span quotes = {0, 9, 12};
    assert_null(diagnostics_add(&session.diagnostics, DIAGNOSTIC_QUOTE_STYLE, quotes, NULL, 0));
    diagnostic_add_note(&session.diagnostics, NULL, span, TEXT("nothing happens"));
    close_session(&session);
}

static void a_second_place_is_shown(void **state)
{
    struct session session;
    struct buffer out = BUFFER_EMPTY;
    (void)state;
    parse(&session, TEXT("attribute a date\nattribute b date\n"));
    const struct span first = {0, 10, 11};
    const struct span second = {0, 27, 28};
    struct diagnostic *diagnostic =
        DIAGNOSE(&session.diagnostics, DIAGNOSTIC_UNEXPECTED, second, TEXT("b"), TEXT("nothing"));
    diagnostic_add_note(&session.diagnostics, diagnostic, first, TEXT("the first is here"));
    diagnostic_set_help(&session.diagnostics, diagnostic, TEXT("take one away"));
    diagnostics_render(&session.diagnostics, DIAGNOSTIC_TEXT, &out);
    assert_string_equal(buffer_as_string(&out), "t.promo:2:11: error[E0120]: `b` cannot stand here\n"
                                                "    2 | attribute b date\n"
                                                "      |           ^\n"
                                                "    1 | attribute a date\n"
                                                "      |           - the first is here\n"
                                                "      = help: take one away\n");
    buffer_deinit(&out);
    close_session(&session);
}

/* ---- the tree ---- */

static void comments_are_kept(void **state)
{
    struct session session;
    (void)state;
    parse(&session, TEXT("# one\nattribute a date  # two\n"));
    assert_non_null(session.file->comments);
    assert_true(session.file->comments->has_own_line);
    assert_false(session.file->comments->next->has_own_line);
    assert_null(session.file->comments->next->next);
    close_session(&session);
}

static void a_broken_declaration_is_marked(void **state)
{
    struct session session;
    (void)state;
    parse(&session, TEXT("attribute a date\ncampaign \"x\"\n  curency EUR\nend\nattribute b date\n"));
    const struct declaration *first = session.file->declarations.first;
    assert_int_equal(session.file->declarations.count, 3);
    assert_false(first->is_broken);
    assert_true(first->next->is_broken);
    assert_false(first->next->next->is_broken);
    close_session(&session);
}

static void spans_cover_their_words(void **state)
{
    struct session session;
    (void)state;
    parse(&session, text_of(sample));
    const struct declaration *campaign = session.file->declarations.first;
    while (campaign->kind != DECLARATION_CAMPAIGN) campaign = campaign->next;
    const struct source *source = session.source;
    assert_true(text_equal(source_slice(source, campaign->span), TEXT("campaign \"Spring\"")));
    assert_true(text_equal(source_slice(source, campaign->name.span), TEXT("\"Spring\"")));
    assert_true(text_equal(campaign->name.text, TEXT("Spring")));
    assert_true(text_equal(source_slice(source, campaign->end_span), TEXT("end")));
    const struct line *start = ast_find_line(&campaign->lines, LINE_START, NULL);
    assert_true(
        text_equal(source_slice(source, start->span), TEXT("start on deposit where amount is at least 20 EUR")));
    const struct condition *where = start->as.event.where;
    assert_true(text_equal(source_slice(source, where->span), TEXT("amount is at least 20 EUR")));
    assert_true(text_equal(source_slice(source, where->operator_span), TEXT("is at least ")));
    const struct line *step = ast_find_line(&campaign->lines, LINE_STEP, NULL);
    const struct statement *send = step->as.step.body.first;
    assert_true(text_equal(source_slice(source, send->span), TEXT("send email \"a\"")));
    assert_non_null(send->otherwise);
    assert_non_null(ast_find_line(&campaign->lines, LINE_STEP, step));
    close_session(&session);
}

/* ---- model lines ---- */

/* Whether the model parses as a line of its block, with or without an `end` of its own. */
static bool model_parses(const char *block, const char *model)
{
    static const struct {
        const char *block, *before, *after;
    } frames[] = {
        {"TOP", "", ""},
        {"WORKSPACE", "workspace \"x\"\n", "end\n"},
        {"EVENT", "event x\n", "end\n"},
        {"ACTION", "action x\n", "end\n"},
        {"MESSAGE", "message \"x\"\n", "end\n"},
        {"BUDGET", "budget \"x\"\n", "end\n"},
        {"OFFER", "offer bonus \"x\"\n", "end\n"},
        {"POLICY", "policy \"x\"\n", "end\n"},
        {"RULES", "rules for GB from 2026-01-19\n", "end\n"},
        {"RATES", "rates \"x\"\n", "end\n"},
        {"HOLIDAYS", "holidays DE\n", "end\n"},
        {"CODES", "codes \"x\"\n", "end\n"},
        {"STACKING", "stacking \"x\"\n", "end\n"},
        {"TOURNAMENT", "tournament \"x\"\n", "end\n"},
        {"PRIZES", "tournament \"x\"\nprizes cash\n", "end\nend\n"},
        {"BOARD", "tournament \"x\"\nboard\n", "end\nend\n"},
        {"POINTS", "points \"x\"\n", "end\n"},
        {"LEVELS", "levels \"x\"\n", "end\n"},
        {"MISSION", "mission \"x\"\n", "end\n"},
        {"PROGRESS", "mission \"x\"\nprogress\n", "end\nend\n"},
        {"BADGE", "badge \"x\"\n", "end\n"},
        {"CAMPAIGN", "campaign \"x\"\n", "end\n"},
        {"STEP", "campaign \"x\"\nstep \"x\"\n", "end\nend\n"},
        {"IF", "campaign \"x\"\nstep \"x\"\nif a is 1\n", "end\nend\nend\n"},
        {"WAIT", "campaign \"x\"\nstep \"x\"\nwait up to 1 day\n", "end\nend\nend\n"},
        {"ASK", "campaign \"x\"\nstep \"x\"\nask \"x\" for y, up to 1 hour\n", "end\nend\nend\n"},
        {"CHOOSE", "campaign \"x\"\nstep \"x\"\nchoose by a\n", "end\nend\nend\n"},
        {"SPLIT", "campaign \"x\"\nstep \"x\"\nsplit \"x\"\n", "end\nend\nend\n"},
        {"TEST", "test \"x\"\n", "end\n"},
    };
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        if (strcmp(frames[i].block, block) != 0) continue;
        for (int with_end = 0; with_end < 2; with_end++) {
            char text[512];
            struct session session;
            (void)snprintf(text, sizeof text, "%s%s\n%s%s", frames[i].before, model, with_end ? "end\n" : "",
                           frames[i].after);
            parse(&session, text_of(text));
            const bool good = !session.file->is_broken;
            close_session(&session);
            if (good) return true;
        }
    }
    return false;
}

static void every_model_line_parses(void **state)
{
    static const struct {
        const char *block, *model;
    } forms[] = {
#define FORM(block, word, model) {#block, model},
#include "spec/forms.def"
#undef FORM
    };
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (!model_parses(forms[i].block, forms[i].model)) fail_msg("the model `%s` does not parse", forms[i].model);
    }
}

/* ---- any bytes ---- */

static void every_stage(struct text text)
{
    struct session session;
    struct buffer out = BUFFER_EMPTY;
    struct error error;
    parse(&session, text);
    diagnostics_render(&session.diagnostics, DIAGNOSTIC_TEXT, &out);
    diagnostics_render(&session.diagnostics, DIAGNOSTIC_JSON, &out);
    ast_dump(&out, session.file);
    if (!session.file->is_broken) {
        assert_int_equal(format_source(&out, session.source, &session.arena, (struct format_options){false}, &error),
                         OK);
    }
    buffer_deinit(&out);
    close_session(&session);
}

static void odd_files_are_read(void **state)
{
    static const char nul[] = "campaign \0\"x\0\"\nend\0";
    (void)state;
    every_stage(TEXT(""));
    every_stage(TEXT("\n\n  \t\r\n"));
    every_stage(TEXT("end"));
    every_stage(TEXT("\""));
    every_stage(TEXT("campaign"));
    every_stage(TEXT("wait up to"));
    every_stage(TEXT("where all of"));
    every_stage(TEXT("a,\n"));
    every_stage((struct text){nul, sizeof nul - 1});
    every_stage(TEXT("\xFF\xFE\x00\xC3"));
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void mutated_files_are_read(void **state)
{
    (void)state;
    const char *given = getenv("SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : 20260610;
    print_message("mutated files: repeat with SEED=%llu\n", (unsigned long long)seed);
    const size_t size = strlen(sample);
    char *text = malloc(size * 2);
    assert_non_null(text);
    for (int round = 0; round < 400; round++) {
        size_t length = size;
        memcpy(text, sample, size);
        const uint64_t changes = next_random(&seed) % 8 + 1;
        for (uint64_t i = 0; i < changes; i++) {
            const size_t at = next_random(&seed) % length;
            const size_t from = next_random(&seed) % length;
            const size_t count = next_random(&seed) % 24;
            switch (next_random(&seed) % 4) {
            case 0: text[at] = (char)next_random(&seed); break;
            case 1: text[at] = "\n \"#,.%()+-end0"[next_random(&seed) % 15]; break;
            case 2:
                if (at + count < length) {
                    memmove(text + at, text + at + count, length - at - count);
                    length -= count;
                }
                break;
            default:
                if (from + count < length && at + count < length) memmove(text + at, text + from, count);
                break;
            }
        }
        every_stage(text_make(text, length));
    }
    free(text);
}

/* One line of one word each, so that every line is a mistake: time and memory stay in proportion. */
static void a_large_file_of_mistakes_is_read(void **state)
{
    (void)state;
    const size_t size = (size_t)LIMIT_SOURCE_BYTES;
    char *text = malloc(size);
    assert_non_null(text);
    for (size_t i = 0; i < size; i++) text[i] = "if \nwait up to all of\n"[i % 22];
    struct arena arena;
    struct source_set sources;
    struct diagnostic_list diagnostics;
    struct source *source = NULL;
    struct error error;
    arena_init(&arena, LIMIT_COMPILER_ARENA_BYTES);
    source_set_init(&sources, &arena);
    diagnostics_init(&diagnostics, &arena, &sources);
    assert_int_equal(source_set_add(&source, &sources, TEXT("t"), text_make(text, size), &error), OK);
    assert_non_null(parser_parse(source, &arena, &diagnostics));
    assert_true(diagnostics.error_count > 0);
    arena_deinit(&arena);
    free(text);
}

/* ---- memory ---- */

static void an_exhausted_arena_is_no_crash(void **state)
{
    (void)state;
    unsigned refused = 0;
    unsigned parsed = 0;
    for (size_t limit = 1024; limit < (size_t)1 << 20 && parsed < 3; limit += limit / 16) {
        struct arena arena;
        struct source_set sources;
        struct diagnostic_list diagnostics;
        struct source *source = NULL;
        struct error error;
        arena_init(&arena, limit);
        source_set_init(&sources, &arena);
        diagnostics_init(&diagnostics, &arena, &sources);
        if (source_set_add(&source, &sources, TEXT("t"), text_of(sample), &error) != OK) {
            refused++;
        } else if (parser_parse(source, &arena, &diagnostics) == NULL) {
            refused++;
        } else {
            parsed++;
            assert_int_equal(diagnostics.error_count, 0);
        }
        arena_deinit(&arena);
    }
    assert_true(refused > 10);
    assert_true(parsed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keywords_are_sorted_and_found),
        cmocka_unit_test(near_names_are_found),
        cmocka_unit_test(a_comma_before_a_line_of_its_own_is_one_mistake),
        cmocka_unit_test(a_comma_before_other_words_is_no_mistake_of_its_own),
        cmocka_unit_test(parameters_of_do_may_stand_below),
        cmocka_unit_test(commas_between_conditions_of_a_group),
        cmocka_unit_test(halves_of_a_group_are_made_whole),
        cmocka_unit_test(blocks_within_a_line_are_divided),
        cmocka_unit_test(other_words_for_up_to),
        cmocka_unit_test(rates_and_places_are_divided),
        cmocka_unit_test(a_price_list_may_go_on_below),
        cmocka_unit_test(money_and_durations_in_other_words),
        cmocka_unit_test(columns_count_characters),
        cmocka_unit_test(a_file_too_large_is_refused),
        cmocka_unit_test(one_mistake_has_one_error),
        cmocka_unit_test(a_second_place_is_shown),
        cmocka_unit_test(comments_are_kept),
        cmocka_unit_test(a_broken_declaration_is_marked),
        cmocka_unit_test(spans_cover_their_words),
        cmocka_unit_test(every_model_line_parses),
        cmocka_unit_test(odd_files_are_read),
        cmocka_unit_test(mutated_files_are_read),
        cmocka_unit_test(a_large_file_of_mistakes_is_read),
        cmocka_unit_test(an_exhausted_arena_is_no_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
