/*
 * grammar: what may stand where in a .promo file. LALR(1), without conflicts.
 *
 * Every production of a line ends in NEWLINE, so that the parser can take any line back and read
 * the next one (compiler/parser.c does that: there are no `error` productions here). Blocks are
 * balanced before tokens arrive (compiler/balance.c); `, otherwise`, `wait up` and a closing
 * `all of` are single tokens (compiler/lexer_lines.c); a keyword that stands where only a name
 * fits arrives as ID. Actions make nodes (compiler/ast_build.c) and nothing else.
 *
 * Lists may always be empty and lines may always repeat: the checker has better words for that.
 * Next: compiler/parser.c.
 */
%name grammar
%token_prefix TK_
%token_type {struct token}
%default_type {struct token}
%extra_argument {struct parser *parser}
%stack_size 256   // GRAMMAR_DEPTH_MAX

%include {
#include "compiler/ast_promotion.h"
#include "compiler/grammar_probe.h"
#include "compiler/parser_state.h"
}

%stack_overflow { parser->stack_overflowed = true; }
%syntax_error { parser->syntax_error = true; (void)yymajor; (void)TOKEN; }
%default_destructor { (void)parser; }

%type declarations {struct declaration_list}
%type declaration {struct declaration *}
%type workspace_lines {struct line_list}
%type event_lines {struct line_list}
%type action_lines {struct line_list}
%type message_lines {struct line_list}
%type budget_lines {struct line_list}
%type offer_lines {struct line_list}
%type policy_lines {struct line_list}
%type campaign_lines {struct line_list}
%type test_lines {struct line_list}
%type workspace_line {struct line *}
%type event_line {struct line *}
%type action_line {struct line *}
%type message_line {struct line *}
%type budget_line {struct line *}
%type offer_line {struct line *}
%type policy_line {struct line *}
%type campaign_line {struct line *}
%type test_line {struct line *}
%type words {struct name_list}
%type texts {struct name_list}
%type type {struct type_expression *}
%type base_type {struct type_expression *}
%type bounds {struct type_expression *}
%type value {struct value *}
%type product {struct value *}
%type atom {struct value *}
%type formula {struct value *}
%type clause {struct clause *}
%type values {struct value_list}
%type moment {struct value *}
%type property {struct value *}
%type where {struct condition *}
%type filter {struct condition *}
%type chain {struct condition *}
%type comparison {struct condition *}
%type predicate {struct condition *}
%type test_of_case {struct condition *}
%type group {struct condition *}
%type conditions {struct condition_list}
%type event_reference {struct event_match *}
%type event_match {struct event_match *}
%type statements {struct block}
%type body {struct block}
%type statement {struct statement *}
%type inline_statement {struct statement *}
%type declinable {struct statement *}
%type plain_statement {struct statement *}
%type jump {struct statement *}
%type arguments {struct argument_list}
%type argument {struct argument *}
%type branches {struct branch_list}
%type otherwise_block {struct block}
%type wait_cases {struct choice_list}
%type wait_case {struct choice *}
%type choose_cases {struct choice_list}
%type choose_case {struct choice *}
%type arms {struct choice_list}
%type arm {struct choice *}
%type label {struct name}
%type zone {int}
%type refused {int}
%type refusal {int}
%type period {int}
%type rounding {int}
%type rates {struct rate_list}
%type rate {struct rate *}
%type enter {struct line *}
%type enter_limit {struct line *}
%type runs {struct line *}
%type at_fact {struct line *}
%type ask_cases {struct choice_list}
%type ask_case {struct choice *}
%type keys {struct name_list}
%type test_player {int}
%type who {struct who}
%type point {struct point *}
%type effect {struct line *}
%type expectation {struct line *}
%type since_entry {int}
%type zone_name {struct zone_words}
%type metric {struct declaration *}
%type metric_is {struct metric *}
%type aggregate {struct metric *}
%type window {struct metric *}
%type metric_clauses {struct metric *}
%type in_currency {struct conversion_words}
%type schedule {struct line *}
%type rates_lines {struct line_list}
%type rates_line {struct line *}
%type converted {struct value *}
%type direct {struct value *}
%type share {struct value *}
%type rules_lines {struct line_list}
%type rules_line {struct line *}
%type send_between {struct line *}
%type messages_line {struct line *}
%type class {struct name}
%type by_channel {struct name}
%type holiday_lines {struct line_list}
%type holiday_line {struct line *}
%type missed {struct value *}
%type orders {struct order_list}
%type order {struct order *}
%type direction {int}
%type grain {int}
%type calendar_period {int}
%type header_line {struct line *}
%type common_line {struct line *}
%type term_line {struct line *}
%type codes_lines {struct line_list}
%type codes_line {struct line *}
%type stacking_lines {struct line_list}
%type stacking_line {struct line *}
%type tournament_lines {struct line_list}
%type tournament_line {struct line *}
%type prize_lines {struct line_list}
%type prize_line {struct line *}
%type board_lines {struct line_list}
%type board_line {struct line *}
%type points_lines {struct line_list}
%type points_line {struct line *}
%type levels_lines {struct line_list}
%type levels_line {struct line *}
%type level_case {struct line *}
%type mission_lines {struct line_list}
%type mission_line {struct line *}
%type badge_lines {struct line_list}
%type badge_line {struct line *}
%type progress_cases {struct choice_list}
%type progress_case {struct choice *}
%type shares {struct share_list}
%type share_of_kind {struct share *}
%type limit {struct usage_limit}
%type wall_time {struct wall_time}
%type earn {struct line *}
%type need {struct task *}
%type offer_header {struct declaration *}
%type terms_header {struct declaration *}

%start_symbol file

/* Tokens that the lexer or the balance pass uses and no production names. */
%token INVALID COMMENT ALL ANY EACH.

file ::= declarations(D). { parser->declarations = D; }

declarations(A) ::= . { A = (struct declaration_list){0}; }
declarations(A) ::= declarations(B) declaration(C). { A = B; build_append_declaration(&A, C); }

/* ---- names ---- */

words(A) ::= ID(W). { A = build_names(parser, NULL, &W); }
words(A) ::= words(B) COMMA ID(W). { A = build_names(parser, &B, &W); }
texts(A) ::= STRING(T). { A = build_names(parser, NULL, &T); }
texts(A) ::= texts(B) COMMA STRING(T). { A = build_names(parser, &B, &T); }

/* ---- workspace ---- */

declaration(A) ::= WORKSPACE(F) STRING(N) NEWLINE workspace_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_WORKSPACE, &F, &N, &N, L, &E); }

workspace_lines(A) ::= . { A = (struct line_list){0}; }
workspace_lines(A) ::= workspace_lines(B) workspace_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

workspace_line(A) ::= BRAND(F) words(W).      { A = build_words_line(parser, LINE_BRAND, &F, W); }
workspace_line(A) ::= PRODUCT(F) words(W).    { A = build_words_line(parser, LINE_PRODUCT, &F, W); }
workspace_line(A) ::= CURRENCY(F) words(W).   { A = build_words_line(parser, LINE_CURRENCY, &F, W); }
workspace_line(A) ::= CHANNEL(F) words(W).    { A = build_words_line(parser, LINE_CHANNEL, &F, W); }
workspace_line(A) ::= TAG(F) words(W).        { A = build_words_line(parser, LINE_TAG, &F, W); }
workspace_line(A) ::= USE(F) words(W).        { A = build_words_line(parser, LINE_USE, &F, W); }
workspace_line(A) ::= NOTE(F) STRING(T).      { A = build_text_line(parser, LINE_NOTE, &F, &T); }
workspace_line(A) ::= TIMEZONE(F) STRING(T).  { A = build_text_line(parser, LINE_TIMEZONE, &F, &T); }
workspace_line(A) ::= LATENESS(F) DURATION(D).  { A = build_value_line(parser, LINE_LATENESS, &F, build_literal(parser, &D)); }
workspace_line(A) ::= LOCALE(F) texts(T).      { A = build_words_line(parser, LINE_LOCALE, &F, T); }
workspace_line(A) ::= SHORT(F) LINKS STRING(T). { A = build_text_line(parser, LINE_SHORT_LINKS, &F, &T); }
workspace_line(A) ::= BONUSES(F) KEPT BY ENGINE(W).   { A = build_word_line(parser, LINE_BONUSES_KEPT_BY, &F, &W); }
workspace_line(A) ::= BONUSES(F) KEPT BY PLATFORM(W). { A = build_word_line(parser, LINE_BONUSES_KEPT_BY, &F, &W); }
workspace_line(A) ::= RETENTION(F) DURATION(D). { A = build_value_line(parser, LINE_RETENTION, &F, build_literal(parser, &D)); }

/* ---- types ---- */

type(A) ::= base_type(B).                    { A = B; }
type(A) ::= OPTIONAL(F) base_type(B).        { A = build_type_marks(B, &F, true, PRIVACY_PLAIN); }
type(A) ::= PERSONAL(F) base_type(B).        { A = build_type_marks(B, &F, false, PRIVACY_PERSONAL); }
type(A) ::= CONTACT(F) base_type(B).         { A = build_type_marks(B, &F, false, PRIVACY_CONTACT); }
type(A) ::= PLAIN(F) base_type(B).           { A = build_type_marks(B, &F, false, PRIVACY_PLAIN); }
type(A) ::= OPTIONAL(F) PERSONAL base_type(B). { A = build_type_marks(B, &F, true, PRIVACY_PERSONAL); }
type(A) ::= OPTIONAL(F) CONTACT base_type(B).  { A = build_type_marks(B, &F, true, PRIVACY_CONTACT); }
type(A) ::= OPTIONAL(F) PLAIN base_type(B).    { A = build_type_marks(B, &F, true, PRIVACY_PLAIN); }

base_type(A) ::= YES(F) OR NO(L).              { A = build_type(parser, TYPE_WORD_YES_NO, &F, &L, NULL); }
base_type(A) ::= ONE(F) OF words(W).           { A = build_type(parser, TYPE_WORD_ONE_OF, &F, &F, &W); }
base_type(A) ::= RANKED(F) words(W).           { A = build_type(parser, TYPE_WORD_RANKED, &F, &F, &W); }
base_type(A) ::= SET(F) OF words(W).           { A = build_type(parser, TYPE_WORD_SET_OF, &F, &F, &W); }
base_type(A) ::= ID(F) bounds(B).              { A = build_named_type(parser, &F, &F, B); }
base_type(A) ::= ID(F) ID(L) bounds(B).        { A = build_named_type(parser, &F, &L, B); }
base_type(A) ::= ID(F) ZONE(L).                { A = build_named_type(parser, &F, &L, NULL); }
base_type(A) ::= TIME(F) ZONE(L).              { A = build_named_type(parser, &F, &L, NULL); }
base_type(A) ::= TIME(F) OF DAY(L).            { A = build_named_type(parser, &F, &L, NULL); }

bounds(A) ::= .                                     { A = NULL; }
bounds(A) ::= UP TO atom(M).                        { A = build_bounds(parser, NULL, M); }
bounds(A) ::= BETWEEN atom(L) AND atom(M).          { A = build_bounds(parser, L, M); }

/* ---- event, attribute, action, message, segment ---- */

declaration(A) ::= EVENT(F) ID(N) NEWLINE event_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_EVENT, &F, &N, &N, L, &E); }
declaration(A) ::= EVENT(F) ID(N) FROM STRING(W) NEWLINE event_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_EVENT, &F, &N, &W, L, &E); A->wire_name = build_name(parser, &W); }

event_lines(A) ::= . { A = (struct line_list){0}; }
event_lines(A) ::= event_lines(B) event_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

event_line(A) ::= NOTE(F) STRING(T).              { A = build_text_line(parser, LINE_NOTE, &F, &T); }
event_line(A) ::= ABOUT(F) ID(W).                 { A = build_word_line(parser, LINE_ABOUT, &F, &W); }
event_line(A) ::= FIELD(F) ID(N) type(T).         { A = build_field_line(parser, LINE_FIELD, &F, &N, T); }
event_line(A) ::= HAPPENS(F) AT ID(W).            { A = build_word_line(parser, LINE_HAPPENS_AT, &F, &W); }
event_line(A) ::= REVERSES(F) ID(E) BY ID(K).          { A = build_reverses_line(parser, &F, &E, &K, NULL); }
event_line(A) ::= REVERSES(F) ID(E) BY ID(K) AT ID(T). { A = build_reverses_line(parser, &F, &E, &K, &T); }
event_line(A) ::= MADE(F) BY ENGINE(L).                { A = build_line(parser, LINE_MADE_BY_ENGINE, &F, &L); }
event_line(A) ::= ANSWERED(F) BY ENGINE(L).            { A = build_line(parser, LINE_ANSWERED_BY_ENGINE, &F, &L); }
event_line(A) ::= SAFETY(F) ID(W).                { A = build_word_line(parser, LINE_SAFETY, &F, &W); }
event_line(A) ::= SETS(F) ID(N).                  { A = build_sets_line(parser, &F, &N, NULL); }
event_line(A) ::= SETS(F) ID(N) UNTIL ID(U).      { A = build_sets_line(parser, &F, &N, &U); }

declaration(A) ::= ATTRIBUTE(F) ID(N) type(T) NEWLINE. {
  A = build_attribute(parser, &F, &N, T, NULL); }
declaration(A) ::= ATTRIBUTE(F) ID(N) type(T) COMMA_OTHERWISE value(V) NEWLINE. {
  A = build_attribute(parser, &F, &N, T, V); }

declaration(A) ::= QUERY(F) ID(N) type(T) NEWLINE. { A = build_query(parser, &F, &N, T); }

declaration(A) ::= ACTION(F) ID(N) NEWLINE action_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_ACTION, &F, &N, &N, L, &E); }

action_lines(A) ::= . { A = (struct line_list){0}; }
action_lines(A) ::= action_lines(B) action_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

action_line(A) ::= NOTE(F) STRING(T).             { A = build_text_line(parser, LINE_NOTE, &F, &T); }
action_line(A) ::= CLASS(F) ID(W).                { A = build_word_line(parser, LINE_CLASS, &F, &W); }
action_line(A) ::= TAKES(F) ID(N) type(T).        { A = build_field_line(parser, LINE_TAKES, &F, &N, T); }
action_line(A) ::= COSTS(F) formula(V).           { A = build_value_line(parser, LINE_COSTS, &F, V); }
action_line(A) ::= COSTS(F) NOTHING(N).           { A = build_value_line(parser, LINE_COSTS, &F, build_none(parser, &N)); }
action_line(A) ::= CONSENT(F) ID(W).              { A = build_word_line(parser, LINE_CONSENT, &F, &W); }

declaration(A) ::= MESSAGE(F) STRING(N) NEWLINE message_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_MESSAGE, &F, &N, &N, L, &E); }

message_lines(A) ::= . { A = (struct line_list){0}; }
message_lines(A) ::= message_lines(B) message_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

message_line(A) ::= NOTE(F) STRING(T).                          { A = build_text_line(parser, LINE_NOTE, &F, &T); }
message_line(A) ::= CLASS(F) ID(W).                             { A = build_word_line(parser, LINE_CLASS, &F, &W); }
message_line(A) ::= ABOUT(F) ID(W).                             { A = build_word_line(parser, LINE_ABOUT, &F, &W); }
message_line(A) ::= ID(C) STRING(L) STRING(T).                  { A = build_content_line(parser, &C, &L, &T, false); }
message_line(A) ::= ID(C) STRING(L) FROM FILE STRING(T).        { A = build_content_line(parser, &C, &L, &T, true); }

message_line(A) ::= SUBJECT(F) STRING(L) STRING(T).             { A = build_subject_line(parser, &F, &L, &T); }
message_line(A) ::= LINK(F) STRING(N) STRING(T).                { A = build_link_line(parser, &F, &N, &T); }
message_line(A) ::= UTM(F) arguments(R).                        { A = build_utm_line(parser, &F, R); }

declaration(A) ::= SEGMENT(F) STRING(N) IS PLAYERS WHERE filter(C) NEWLINE. {
  A = build_declaration(parser, DECLARATION_SEGMENT, &F, &N, &N, (struct line_list){0}, NULL); A->condition = C; }

/* ---- metrics ---- */

declaration(A) ::= metric(B) NEWLINE.  { A = B; }
common_line(A) ::= metric(B).          { A = build_nested_declaration(parser, LINE_METRIC, B); }

metric(A) ::= METRIC(F) ID(N) IS metric_is(M). { A = build_metric(parser, &F, &N, M); }

metric_is(A) ::= formula(V).  { A = build_metric_formula(parser, V); }
metric_is(A) ::= aggregate(B) window(W) zone_name(Z) metric_clauses(C) where(F). { A = build_metric_parts(B, W, Z, C, F); }

aggregate(A) ::= COUNT(F) OF ID(E).                    { A = build_aggregate(parser, AGGREGATE_WORD_COUNT, &F, &E); }
aggregate(A) ::= COUNT(F) OF DIFFERENT PATH(P).        { A = build_aggregate(parser, AGGREGATE_WORD_COUNT_DIFFERENT, &F, &P); }
aggregate(A) ::= COUNT(F) OF DIFFERENT DAYS OF ID(E).  { A = build_aggregate(parser, AGGREGATE_WORD_DIFFERENT_DAYS, &F, &E); }
aggregate(A) ::= DAYS(F) IN ARTICLE ROW OF ID(E).      { A = build_aggregate(parser, AGGREGATE_WORD_DAYS_IN_A_ROW, &F, &E); }
aggregate(A) ::= FIRST(F) TIME OF ID(E).               { A = build_aggregate(parser, AGGREGATE_WORD_FIRST_TIME, &F, &E); }
aggregate(A) ::= LAST(F) TIME OF ID(E).                { A = build_aggregate(parser, AGGREGATE_WORD_LAST_TIME, &F, &E); }
aggregate(A) ::= SUM(F) OF PATH(P) in_currency(C).       { A = build_field_aggregate(parser, AGGREGATE_WORD_SUM, &F, &P, C); }
aggregate(A) ::= AVERAGE(F) OF PATH(P) in_currency(C).   { A = build_field_aggregate(parser, AGGREGATE_WORD_AVERAGE, &F, &P, C); }
aggregate(A) ::= SMALLEST(F) OF PATH(P) in_currency(C).  { A = build_field_aggregate(parser, AGGREGATE_WORD_SMALLEST, &F, &P, C); }
aggregate(A) ::= LARGEST(F) OF PATH(P) in_currency(C).   { A = build_field_aggregate(parser, AGGREGATE_WORD_LARGEST, &F, &P, C); }
aggregate(A) ::= FIRST(F) OF PATH(P) in_currency(C).     { A = build_field_aggregate(parser, AGGREGATE_WORD_FIRST, &F, &P, C); }
aggregate(A) ::= LAST(F) OF PATH(P) in_currency(C).      { A = build_field_aggregate(parser, AGGREGATE_WORD_LAST, &F, &P, C); }
aggregate(A) ::= FAVOURITE(F) OF PATH(P) in_currency(C). { A = build_field_aggregate(parser, AGGREGATE_WORD_FAVOURITE, &F, &P, C); }

in_currency(A) ::= .                             { A = (struct conversion_words){0}; }
in_currency(A) ::= IN ID(C).                     { A = build_conversion_words(parser, &C, NULL); }
in_currency(A) ::= IN ID(C) BY STRING(R).        { A = build_conversion_words(parser, &C, &R); }

window(A) ::= EVER(L).                              { A = build_window(parser, WINDOW_WORD_EVER, &L, &L); }
window(A) ::= OVER(F) LAST DURATION(D) grain(G).    { A = build_window_last(parser, &F, &D, G); }
window(A) ::= OVER(F) THIS calendar_period(P).        { A = build_window(parser, WINDOW_WORD_THIS, &F, &F); A->period = (enum period_word)P; }
window(A) ::= OVER(F) PREVIOUS calendar_period(P).    { A = build_window(parser, WINDOW_WORD_PREVIOUS, &F, &F); A->period = (enum period_word)P; }
window(A) ::= BEFORE(F) THIS calendar_period(P).      { A = build_window(parser, WINDOW_WORD_BEFORE_THIS, &F, &F); A->period = (enum period_word)P; }
window(A) ::= SINCE(F) ENTRY(L).                    { A = build_window(parser, WINDOW_WORD_SINCE_ENTRY, &F, &L); }

calendar_period(A) ::= period(B).  { A = B; }
calendar_period(A) ::= YEAR.       { A = PERIOD_YEAR; }

grain(A) ::= .           { A = GRAIN_WORD_NONE; }
grain(A) ::= BY MINUTE.  { A = GRAIN_WORD_MINUTE; }
grain(A) ::= BY HOUR.    { A = GRAIN_WORD_HOUR; }
grain(A) ::= BY DAY.     { A = GRAIN_WORD_DAY; }

zone_name(A) ::= .                           { A = (struct zone_words){0}; }
zone_name(A) ::= IN(F) THE PLAYERS_OWN ZONE(L). { A = build_zone_words(parser, &F, NULL, &L); }
zone_name(A) ::= IN(F) STRING(N).               { A = build_zone_words(parser, &F, &N, &N); }

metric_clauses(A) ::= .                                           { A = NULL; }
metric_clauses(A) ::= metric_clauses(B) COMMA KEPT(F) UP TO NUMBER(N). { A = build_metric_kept(parser, B, &F, &N); }
metric_clauses(A) ::= metric_clauses(B) COMMA ROUNDED(F) rounding(R).  { A = build_metric_rounded(parser, B, &F, R); }
metric_clauses(A) ::= metric_clauses(B) COMMA_OTHERWISE(F) value(V).   { A = build_metric_otherwise(parser, B, &F, V); }

/* ---- budgets ---- */

declaration(A) ::= BUDGET(F) STRING(N) NEWLINE budget_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_BUDGET, &F, &N, &N, L, &E); }
common_line(A) ::= BUDGET(F) NEWLINE budget_lines(L) END(E). {
  A = build_nested_line(parser, LINE_BUDGET, &F, &F,
                        build_declaration(parser, DECLARATION_BUDGET, &F, NULL, &F, L, &E)); }

budget_lines(A) ::= . { A = (struct line_list){0}; }
budget_lines(A) ::= budget_lines(B) budget_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

budget_line(A) ::= NOTE(F) STRING(T).                      { A = build_text_line(parser, LINE_NOTE, &F, &T); }
budget_line(A) ::= TOTAL(F) value(V).                      { A = build_amount_line(parser, LINE_TOTAL, &F, V, PERIOD_EVER, NULL); }
budget_line(A) ::= PER(F) calendar_period(P) value(V).              { A = build_amount_line(parser, LINE_PER_PERIOD, &F, V, P, NULL); }
budget_line(A) ::= PER(F) RUN value(V).                    { A = build_amount_line(parser, LINE_PER_PERIOD, &F, V, PERIOD_RUN, NULL); }
budget_line(A) ::= PER(F) PLAYER value(V).                 { A = build_amount_line(parser, LINE_PER_PLAYER, &F, V, PERIOD_EVER, NULL); }
budget_line(A) ::= PER(F) PLAYER value(V) PER calendar_period(P).   { A = build_amount_line(parser, LINE_PER_PLAYER, &F, V, P, NULL); }
budget_line(A) ::= PER(F) OFFER STRING(N) value(V).        { A = build_amount_line(parser, LINE_PER_OFFER, &F, V, PERIOD_EVER, &N); }
budget_line(A) ::= FROM(F) STRING(T).                      { A = build_text_line(parser, LINE_FROM_POOL, &F, &T); }
budget_line(A) ::= WHEN(F) EMPTY SUSPEND THE CAMPAIGN(L).  { A = build_when_empty_line(parser, &F, &L, WHEN_EMPTY_SUSPEND, NULL); }
budget_line(A) ::= WHEN(F) EMPTY STOP THE RUN(L).          { A = build_when_empty_line(parser, &F, &L, WHEN_EMPTY_STOP_RUN, NULL); }
budget_line(A) ::= WHEN(F) EMPTY GO ON WITHOUT REWARDS(L). { A = build_when_empty_line(parser, &F, &L, WHEN_EMPTY_GO_ON, NULL); }
budget_line(A) ::= WHEN(F) EMPTY FINISH AS STRING(T).      { A = build_when_empty_line(parser, &F, &T, WHEN_EMPTY_FINISH, &T); }

period(A) ::= DAY.   { A = PERIOD_DAY; }
period(A) ::= WEEK.  { A = PERIOD_WEEK; }
period(A) ::= MONTH. { A = PERIOD_MONTH; }

/* ---- offers and terms ---- */

offer_header(A) ::= OFFER(F) ID(K) STRING(N). {
  A = build_declaration(parser, DECLARATION_OFFER, &F, &N, &N, (struct line_list){0}, NULL);
  A->offer_kind = build_name(parser, &K); }
terms_header(A) ::= TERMS(F) STRING(N). {
  A = build_declaration(parser, DECLARATION_TERMS, &F, &N, &N, (struct line_list){0}, NULL); }

declaration(A) ::= offer_header(B) NEWLINE offer_lines(L) END(E) NEWLINE. { A = build_finish_declaration(B, L, &E); }
declaration(A) ::= terms_header(B) NEWLINE offer_lines(L) END(E) NEWLINE. { A = build_finish_declaration(B, L, &E); }
common_line(A) ::= offer_header(B) NEWLINE offer_lines(L) END(E). {
  A = build_nested_declaration(parser, LINE_OFFER, build_finish_declaration(B, L, &E)); }
common_line(A) ::= terms_header(B) NEWLINE offer_lines(L) END(E). {
  A = build_nested_declaration(parser, LINE_TERMS, build_finish_declaration(B, L, &E)); }

offer_lines(A) ::= . { A = (struct line_list){0}; }
offer_lines(A) ::= offer_lines(B) offer_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

offer_line(A) ::= term_line(B).                              { A = B; }
term_line(A) ::= NOTE(F) STRING(T).                          { A = build_text_line(parser, LINE_NOTE, &F, &T); }
offer_line(A) ::= ID(N) formula(V).                          { A = build_parameter_line(parser, &N, V); }
term_line(A) ::= WAGERING(F) NONE(N).                        { A = build_wagering_line(parser, &F, NULL, NULL, &N); }
term_line(A) ::= WAGERING(F) MULTIPLE(M) OF ID(B).           { A = build_wagering_line(parser, &F, &M, &B, NULL); }
term_line(A) ::= WAGERING(F) MULTIPLE(M) OF ID(B) AND ID(D). { A = build_wagering_line(parser, &F, &M, &B, &D); }
term_line(A) ::= GAMES(F) words(W).                          { A = build_words_line(parser, LINE_GAMES, &F, W); }
term_line(A) ::= EXPIRES(F) DURATION(D) AFTER GRANT(L).      { A = build_expires_line(parser, &F, &D, &L, false); }
term_line(A) ::= EXPIRES(F) DURATION(D) AFTER ACTIVATION(L). { A = build_expires_line(parser, &F, &D, &L, true); }
term_line(A) ::= PAYS(F) IN THE PLAYERS_OWN CURRENCY BY STRING(T). { A = build_text_line(parser, LINE_PAYS_IN, &F, &T); }
term_line(A) ::= FOLLOWS(F) STRING(T).                       { A = build_text_line(parser, LINE_FOLLOWS, &F, &T); }
term_line(A) ::= GAMES(F) texts(T).                          { A = build_words_line(parser, LINE_GAME_IDS, &F, T); }
term_line(A) ::= COUNTS(F) shares(S).                        { A = build_counts_line(parser, &F, S); }
term_line(A) ::= FUNDS(F) words(W).                          { A = build_words_line(parser, LINE_FUNDS, &F, W); }
term_line(A) ::= ID(N) AT LEAST value(V).                    { A = build_least_line(parser, &N, V); }
term_line(A) ::= ID(N) AT MOST value(V).                     { A = build_most_line(parser, &N, V, STAKE_UNSAID, NULL); }
term_line(A) ::= ID(N) AT MOST value(V) COMMA_OTHERWISE FORFEIT(L).     { A = build_most_line(parser, &N, V, STAKE_FORFEIT, &L); }
term_line(A) ::= ID(N) AT MOST value(V) COMMA_OTHERWISE NOT COUNTED(L). { A = build_most_line(parser, &N, V, STAKE_NOT_COUNTED, &L); }
term_line(A) ::= CLAIM(F) WITHIN DURATION(D).                { A = build_value_line(parser, LINE_CLAIM, &F, build_literal(parser, &D)); }
term_line(A) ::= QUEUE(F) ONE AT ARTICLE TIME(L).            { A = build_line(parser, LINE_QUEUE, &F, &L); }
term_line(A) ::= CANCEL(F) ON event_match(E).                { A = build_event_line(parser, LINE_CANCEL_ON, &F, E); }
term_line(A) ::= REVOKE(F) ON event_match(E).                { A = build_event_line(parser, LINE_REVOKE_ON, &F, E); }
term_line(A) ::= GRANT(F) ONCE PER PLAYER(L).                { A = build_limit_line(parser, LINE_GRANT, &F, &L, build_limit(parser, NULL, PERIOD_EVER)); }
term_line(A) ::= GRANT(F) AT MOST NUMBER(N) times PER PLAYER(L). { A = build_limit_line(parser, LINE_GRANT, &F, &L, build_limit(parser, &N, PERIOD_EVER)); }
term_line(A) ::= SHORT(F) GRANT WHAT IS ID(L).               { A = build_line(parser, LINE_SHORT, &F, &L); build_expect_word(parser, &L, "left"); }
term_line(A) ::= USE(F) IN PARTS(L).                         { A = build_chosen_line(parser, LINE_USE_CARD, &F, &L, true); }
term_line(A) ::= USE(F) AT ONCE(L).                          { A = build_chosen_line(parser, LINE_USE_CARD, &F, &L, false); }
term_line(A) ::= REFUND(F) TO THE CARD(L).                   { A = build_chosen_line(parser, LINE_REFUND, &F, &L, true); }
term_line(A) ::= REFUND(F) NOTHING(L).                       { A = build_chosen_line(parser, LINE_REFUND, &F, &L, false); }

shares(A) ::= share_of_kind(B).                  { A = build_append_share((struct share_list){0}, B); }
shares(A) ::= shares(B) COMMA share_of_kind(C).  { A = build_append_share(B, C); }
share_of_kind(A) ::= ID(K) PERCENT(P).           { A = build_counted_share(parser, &K, &P); }

/* ---- holidays ---- */

declaration(A) ::= HOLIDAYS(F) ID(N) NEWLINE holiday_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_HOLIDAYS, &F, &N, &N, L, &E); }

holiday_lines(A) ::= . { A = (struct line_list){0}; }
holiday_lines(A) ::= holiday_lines(B) holiday_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

holiday_line(A) ::= NOTE(F) STRING(T).          { A = build_text_line(parser, LINE_NOTE, &F, &T); }
holiday_line(A) ::= DAY(F) DATE(D) STRING(N).   { A = build_holiday_line(parser, &F, &D, &N); }
holiday_line(A) ::= THROUGH(F) DATE(D).         { A = build_value_line(parser, LINE_THROUGH, &F, build_literal(parser, &D)); }

/* ---- rates of exchange ---- */

declaration(A) ::= RATES(F) STRING(N) NEWLINE rates_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_RATES, &F, &N, &N, L, &E); }

rates_lines(A) ::= . { A = (struct line_list){0}; }
rates_lines(A) ::= rates_lines(B) rates_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

rates_line(A) ::= NOTE(F) STRING(T).     { A = build_text_line(parser, LINE_NOTE, &F, &T); }
rates_line(A) ::= VERSION(F) STRING(T).  { A = build_text_line(parser, LINE_VERSION, &F, &T); }
rates_line(A) ::= SOURCE(F) STRING(T).   { A = build_text_line(parser, LINE_SOURCE, &F, &T); }
rates_line(A) ::= RATE(F) ID(B) TO ID(C) NUMBER(N). { A = build_exchange_line(parser, &F, &B, &C, &N); }

/* ---- policies ---- */

declaration(A) ::= POLICY(F) STRING(N) NEWLINE policy_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_POLICY, &F, &N, &N, L, &E); }

policy_lines(A) ::= . { A = (struct line_list){0}; }
policy_lines(A) ::= policy_lines(B) policy_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

policy_line(A) ::= NOTE(F) STRING(T).   { A = build_text_line(parser, LINE_NOTE, &F, &T); }
policy_line(A) ::= OWNER(F) STRING(T).  { A = build_text_line(parser, LINE_OWNER, &F, &T); }
policy_line(A) ::= FINISH(F) AS STRING(T) FOR PLAYERS WHERE filter(C). { A = build_finish_for_line(parser, &F, &T, C); }
policy_line(A) ::= NEVER(F) MESSAGE PLAYERS WHERE filter(C).           { A = build_never_line(parser, &F, NEVER_MESSAGE, NULL, C); }
policy_line(A) ::= NEVER(F) MESSAGE ID(W) TO PLAYERS WHERE filter(C).  { A = build_never_line(parser, &F, NEVER_MESSAGE, &W, C); }
policy_line(A) ::= NEVER(F) REWARD PLAYERS WHERE filter(C).            { A = build_never_line(parser, &F, NEVER_REWARD, NULL, C); }
policy_line(A) ::= NEVER(F) ENTER PLAYERS WHERE filter(C).             { A = build_never_line(parser, &F, NEVER_ENTER, NULL, C); }
policy_line(A) ::= SEND(F) ID(C) ABOUT ID(P) ONLY TO PLAYERS WHERE filter(W). { A = build_send_only_to_line(parser, &F, &C, &P, W, NULL); }
policy_line(A) ::= SEND(F) ID(C) ABOUT ID(P) TO EVERYONE(L).           { A = build_send_only_to_line(parser, &F, &C, &P, NULL, &L); }
policy_line(A) ::= messages_line(B).  { A = B; }
policy_line(A) ::= send_between(B).   { A = B; }
policy_line(A) ::= GROUP(F) STRING(N) ONE CAMPAIGN AT ARTICLE TIME(L). { A = build_group_line(parser, &F, &N, &L); }
policy_line(A) ::= HOLD(F) OUT PERCENT(P) BY STRING(N).                { A = build_hold_out_line(parser, &F, &P, &N); }

messages_line(A) ::= MESSAGES(F) class(K) by_channel(C) AT MOST rates(R) zone(Z) refused(X). {
  A = build_messages_line(parser, &F, C, R, X); A->as.messages.message_class = K; A->as.messages.in_player_zone = Z != 0; }
send_between(A) ::= SEND(F) ONLY BETWEEN CLOCK(B) AND CLOCK(E) zone(Z) refused(X). {
  A = build_send_between_line(parser, &F, &B, &E, Z, X); }
send_between(A) ::= SEND(F) ID(K) ONLY BETWEEN CLOCK(B) AND CLOCK(E) zone(Z) refused(X). {
  A = build_send_between_line(parser, &F, &B, &E, Z, X); A->as.send_between.message_class = build_name(parser, &K); }

class(A) ::= .       { A = (struct name){0}; }
class(A) ::= ID(K).  { A = build_name(parser, &K); }
by_channel(A) ::= .           { A = (struct name){0}; }
by_channel(A) ::= BY ID(C).   { A = build_name(parser, &C); }

rates(A) ::= rate(R).               { A = build_append_rate((struct rate_list){0}, R); }
rates(A) ::= rates(B) AND rate(R).  { A = build_append_rate(B, R); }
rate(A) ::= NUMBER(N) PER DURATION(D). { A = build_rate(parser, &N, &D); }
rate(A) ::= NUMBER(N) PER period(P).   { A = build_calendar_rate(parser, &N, P); }

refused(A) ::= .                             { A = -1; }
refused(A) ::= COMMA_OTHERWISE refusal(B).   { A = B; }
refusal(A) ::= DROP.   { A = REFUSED_DROP; }
refusal(A) ::= DELAY.  { A = REFUSED_DELAY; }

zone(A) ::= .                        { A = 0; }
zone(A) ::= IN THE PLAYERS_OWN ZONE. { A = 1; }

/* ---- rules of a jurisdiction ---- */

declaration(A) ::= RULES(F) FOR ID(C) FROM DATE(B) NEWLINE rules_lines(L) END(E) NEWLINE. {
  A = build_rules(parser, &F, &C, &B, NULL, L, &E); }
declaration(A) ::= RULES(F) FOR ID(C) FROM DATE(B) THROUGH DATE(T) NEWLINE rules_lines(L) END(E) NEWLINE. {
  A = build_rules(parser, &F, &C, &B, &T, L, &E); }

rules_lines(A) ::= . { A = (struct line_list){0}; }
rules_lines(A) ::= rules_lines(B) rules_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

rules_line(A) ::= NOTE(F) STRING(T).    { A = build_text_line(parser, LINE_NOTE, &F, &T); }
rules_line(A) ::= SOURCE(F) STRING(T).  { A = build_text_line(parser, LINE_SOURCE, &F, &T); }
rules_line(A) ::= LIMIT(F) WAGERING AT MOST MULTIPLE(M).               { A = build_value_line(parser, LINE_LIMIT_WAGERING, &F, build_literal(parser, &M)); }
rules_line(A) ::= LIMIT(F) PRODUCTS AT MOST NUMBER(N) PER OFFER(L).    { A = build_count_line(parser, LINE_LIMIT_PRODUCTS, &F, &N, &L); }
rules_line(A) ::= LIMIT(F) REWARDS AT MOST NUMBER(N) PER PLAYER(L).    { A = build_count_line(parser, LINE_LIMIT_REWARDS, &F, &N, &L); }
rules_line(A) ::= LIMIT(F) REWARDS TO PLAYERS WHERE filter(C).         { A = build_condition_line(parser, LINE_LIMIT_REWARDS_TO, &F, C); }
rules_line(A) ::= LIMIT(F) EXPIRY AT MOST DURATION(D).                 { A = build_value_line(parser, LINE_LIMIT_EXPIRY, &F, build_literal(parser, &D)); }
rules_line(A) ::= REQUIRE(F) TERMS(L).              { A = build_line(parser, LINE_REQUIRE_TERMS, &F, &L); }
rules_line(A) ::= REQUIRE(F) OPT_IN BY words(W).    { A = build_words_line(parser, LINE_REQUIRE_OPT_IN, &F, W); }
rules_line(A) ::= FORBID(F) REWARDS BY words(W).    { A = build_words_line(parser, LINE_FORBID_REWARDS, &F, W); }

/* ---- campaigns ---- */

declaration(A) ::= CAMPAIGN(F) STRING(N) NEWLINE campaign_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_CAMPAIGN, &F, &N, &N, L, &E); }

campaign_lines(A) ::= . { A = (struct line_list){0}; }
campaign_lines(A) ::= campaign_lines(B) campaign_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

/* Lines that a campaign shares with missions, levels and tournaments; `levels` and tournaments have no header_line. */
campaign_line(A) ::= header_line(B).  { A = B; }
header_line(A) ::= common_line(B).    { A = B; }

common_line(A) ::= NOTE(F) STRING(T).                   { A = build_text_line(parser, LINE_NOTE, &F, &T); }
common_line(A) ::= OWNER(F) STRING(T).                  { A = build_text_line(parser, LINE_OWNER, &F, &T); }
common_line(A) ::= PRODUCT(F) ID(W).                    { A = build_one_word_line(parser, LINE_PRODUCT, &F, &W); }
common_line(A) ::= JURISDICTION(F) ID(W).               { A = build_word_line(parser, LINE_JURISDICTION, &F, &W); }
common_line(A) ::= JURISDICTION(F) OF THE PLAYER(L).    { A = build_line(parser, LINE_JURISDICTION, &F, &L); }
common_line(A) ::= CURRENCY(F) ID(W).                   { A = build_one_word_line(parser, LINE_CURRENCY, &F, &W); }
common_line(A) ::= TIMEZONE(F) STRING(T).               { A = build_text_line(parser, LINE_TIMEZONE, &F, &T); }
common_line(A) ::= ROUNDING(F) rounding(R).             { A = build_rounding_line(parser, &F, R); }
common_line(A) ::= LATE(F) EVENTS UP TO DURATION(D).    { A = build_value_line(parser, LINE_LATE_EVENTS, &F, build_literal(parser, &D)); }
header_line(A) ::= runs(B).                               { A = B; }
common_line(A) ::= START(F) ON event_match(E).          { A = build_event_line(parser, LINE_START, &F, E); }
common_line(A) ::= START(F) ON ENTERING STRING(N).      { A = build_text_line(parser, LINE_START_ENTERING, &F, &N); }
common_line(A) ::= START(F) ON LEAVING STRING(N).       { A = build_text_line(parser, LINE_START_LEAVING, &F, &N); }
common_line(A) ::= START(F) ON COMMAND(L).              { A = build_line(parser, LINE_START_COMMAND, &F, &L); }
common_line(A) ::= START(F) AFTER DURATION(D) WITHOUT event_match(E). { A = build_without_line(parser, &F, &D, E); }
common_line(A) ::= START(F) schedule(S) zone_name(Z) missed(M).       { A = build_schedule_line(S, &F, Z, M); }
campaign_line(A) ::= ORDER(F) BY orders(O).               { A = build_order_line(parser, &F, O); }
campaign_line(A) ::= BUSINESS(F) DAYS OF ID(W).           { A = build_word_line(parser, LINE_BUSINESS_DAYS, &F, &W); }
common_line(A) ::= ONLY(F) FOR PLAYERS WHERE filter(C). { A = build_condition_line(parser, LINE_ONLY_FOR, &F, C); }
common_line(A) ::= enter_limit(B).                      { A = B; }
common_line(A) ::= LEAVE(F) ON event_match(E).          { A = build_leave_line(parser, &F, E, NULL, NULL); }
common_line(A) ::= LEAVE(F) ON event_match(E) jump(J).  { A = build_leave_line(parser, &F, E, NULL, J); }
common_line(A) ::= LEAVE(F) WHEN filter(C).             { A = build_leave_line(parser, &F, NULL, C, NULL); }
common_line(A) ::= LEAVE(F) WHEN filter(C) jump(J).     { A = build_leave_line(parser, &F, NULL, C, J); }
common_line(A) ::= RUNNING(F) JOURNEYS MOVE TO THIS VERSION(L). { A = build_line(parser, LINE_MOVE, &F, &L); }
common_line(A) ::= PAUSE(F) ON ID(W).                   { A = build_word_line(parser, LINE_PAUSE_ON, &F, &W); }
common_line(A) ::= GOAL(F) ON event_match(E).                    { A = build_goal_line(parser, &F, NULL, E); }
common_line(A) ::= GOAL(F) WITHIN DURATION(D) ON event_match(E). { A = build_goal_line(parser, &F, &D, E); }
common_line(A) ::= GOAL(F) STRING(N) ON event_match(E).    { A = build_goal_line(parser, &F, NULL, E); A->as.goal.name = build_name(parser, &N); }
common_line(A) ::= GOAL(F) STRING(N) WITHIN DURATION(D) ON event_match(E). { A = build_goal_line(parser, &F, &D, E); A->as.goal.name = build_name(parser, &N); }
common_line(A) ::= GOAL(F) STRING(N) AFTER DURATION(B) WITHIN DURATION(D) ON event_match(E). { A = build_goal_line(parser, &F, &D, E); A->as.goal.name = build_name(parser, &N); A->as.goal.after = build_literal(parser, &B); }
common_line(A) ::= MEASURE(F) STRING(N) AFTER DURATION(B) WITHIN DURATION(D) OF PATH(P) where(W). { A = build_measure_line(parser, &F, &N, &D, &P, W); A->as.measure.after = build_literal(parser, &B); }
common_line(A) ::= MEASURE(F) STRING(N) OF PATH(P) where(W).                     { A = build_measure_line(parser, &F, &N, NULL, &P, W); }
common_line(A) ::= MEASURE(F) STRING(N) WITHIN DURATION(D) OF PATH(P) where(W).  { A = build_measure_line(parser, &F, &N, &D, &P, W); }
common_line(A) ::= messages_line(B).                    { A = B; }
header_line(A) ::= send_between(B).                       { A = B; }
common_line(A) ::= PRIORITY(F) NUMBER(N).               { A = build_count_line(parser, LINE_PRIORITY, &F, &N, &N); }
common_line(A) ::= GROUP(F) STRING(N).                  { A = build_text_line(parser, LINE_GROUP, &F, &N); }
common_line(A) ::= LIABILITY(F) THROUGH DATE(D).        { A = build_value_line(parser, LINE_LIABILITY, &F, build_literal(parser, &D)); }
campaign_line(A) ::= STEP(F) STRING(N) NEWLINE statements(B) END(E). {
  A = build_step_line(parser, &F, &N, NULL, B, &E); }
campaign_line(A) ::= STEP(F) STRING(N) RENAMED FROM STRING(O) NEWLINE statements(B) END(E). {
  A = build_step_line(parser, &F, &N, &O, B, &E); }

schedule(A) ::= EVERY(F) DAY(L) AT CLOCK(C).                    { A = build_schedule(parser, SCHEDULE_WORD_DAY, &F, &L, &C); }
schedule(A) ::= EVERY(F) words(W) AT CLOCK(C).                  { A = build_weekday_schedule(parser, &F, W, &C); }
schedule(A) ::= EVERY(F) BUSINESS DAY(L) AT CLOCK(C).           { A = build_schedule(parser, SCHEDULE_WORD_BUSINESS_DAY, &F, &L, &C); }
schedule(A) ::= EVERY(F) MONTH ON BUSINESS DAY NUMBER(N) AT CLOCK(C).  { A = build_business_schedule(parser, &F, &N, &C); }
schedule(A) ::= EVERY(F) MONTH ON LAST BUSINESS DAY(L) AT CLOCK(C).    { A = build_schedule(parser, SCHEDULE_WORD_LAST_BUSINESS_DAY, &F, &L, &C); }
schedule(A) ::= EVERY(F) MONTH ON DAY NUMBER(N) AT CLOCK(C).    { A = build_month_schedule(parser, &F, &N, &C); }
schedule(A) ::= EVERY(F) MONTH ON LAST DAY(L) AT CLOCK(C).      { A = build_schedule(parser, SCHEDULE_WORD_LAST_DAY, &F, &L, &C); }
schedule(A) ::= EVERY(F) YEAR ON PATH(P) AT CLOCK(C).           { A = build_year_schedule(parser, &F, &P, &C); }
schedule(A) ::= ON(F) SCHEDULE STRING(T).                       { A = build_cron_schedule(parser, &F, &T); }

missed(A) ::= .                             { A = NULL; }
missed(A) ::= COMMA MISSED UP TO DURATION(D). { A = build_literal(parser, &D); }

orders(A) ::= order(B).                   { A = build_append_order((struct order_list){0}, B); }
orders(A) ::= orders(B) COMMA THEN order(C). { A = build_append_order(B, C); }
order(A) ::= value(V) FROM direction(D).  { A = build_order(parser, V, D); }
direction(A) ::= LARGEST.   { A = ORDER_WORD_LARGEST; }
direction(A) ::= SMALLEST.  { A = ORDER_WORD_SMALLEST; }
direction(A) ::= EARLIEST.  { A = ORDER_WORD_EARLIEST; }
direction(A) ::= LATEST.    { A = ORDER_WORD_LATEST; }

runs(A) ::= RUNS(F) FROM DATE(B).                                             { A = build_runs_line(parser, &F, &B, NULL, NULL); }
runs(A) ::= RUNS(F) FROM DATE(B) THROUGH DATE(E).                             { A = build_runs_line(parser, &F, &B, &E, NULL); }
runs(A) ::= RUNS(F) FROM DATE(B) THROUGH DATE(E) COMMA THEN RUNNING JOURNEYS GO ON(L). {
  A = build_runs_line(parser, &F, &B, &E, &L); A->as.runs.then_go_on = true; }
runs(A) ::= RUNS(F) FROM DATE(B) THROUGH DATE(E) COMMA THEN FINISH AS STRING(T). {
  A = build_runs_line(parser, &F, &B, &E, &T); A->as.runs.then_finish = build_name(parser, &T); }

enter(A) ::= ENTER(F) ONCE PER PLAYER(L).                        { A = build_enter_line(parser, &F, &L, ENTER_ONCE_PER_PLAYER, NULL, NULL, PERIOD_EVER); }
enter(A) ::= ENTER(F) ONCE PER PLAYER(L) keys(K).                { A = build_enter_line(parser, &F, &L, ENTER_ONCE_PER_PLAYER, NULL, NULL, PERIOD_EVER); build_enter_keys(A, K); }
enter(A) ::= ENTER(F) ONCE PER calendar_period(P).                        { A = build_enter_line(parser, &F, &F, ENTER_ONCE_PER_PERIOD, NULL, NULL, P); }
enter(A) ::= ENTER(F) AT MOST NUMBER(N) times(L).                { A = build_enter_line(parser, &F, &L, ENTER_AT_MOST, &N, NULL, PERIOD_EVER); }
enter(A) ::= ENTER(F) AT MOST NUMBER(N) times PER DURATION(D).   { A = build_enter_line(parser, &F, &D, ENTER_AT_MOST, &N, &D, PERIOD_EVER); }
enter(A) ::= ENTER(F) AT MOST NUMBER(N) times(L) PER calendar_period(P).  { A = build_enter_line(parser, &F, &L, ENTER_AT_MOST, &N, NULL, P); }
enter(A) ::= ENTER(F) EVERY TIME(L).                             { A = build_enter_line(parser, &F, &L, ENTER_EVERY_TIME, NULL, NULL, PERIOD_EVER); }
enter_limit(A) ::= enter(B).                                     { A = B; }
enter_limit(A) ::= enter_limit(B) COMMA AT MOST NUMBER(N) players(L).  { A = build_enter_limit(parser, B, &N, &L, NULL); }
enter_limit(A) ::= enter_limit(B) COMMA AT MOST NUMBER(N) players COMMA_OTHERWISE FINISH AS STRING(T). { A = build_enter_limit(parser, B, &N, &T, &T); }
enter_limit(A) ::= enter_limit(B) COMMA AT MOST NUMBER(N) AT ONCE(L).      { A = build_enter_at_once(parser, B, &N, &L); }
enter_limit(A) ::= enter_limit(B) COMMA RESTARTING AS STRING(T).           { A = build_enter_restarting(parser, B, &T); }
enter_limit(A) ::= enter_limit(B) COMMA MISSING KEYS ENTER(L).             { A = build_enter_missing(B, &L, MISSING_KEYS_ENTER); }
enter_limit(A) ::= enter_limit(B) COMMA MISSING KEYS REFUSED(L).           { A = build_enter_missing(B, &L, MISSING_KEYS_REFUSED); }

keys(A) ::= AND PER ID(K).          { A = build_names(parser, NULL, &K); }
keys(A) ::= keys(B) AND PER ID(K).  { A = build_names(parser, &B, &K); }

days(A) ::= DAYS(B).    { A = B; }
days(A) ::= DAY(B).     { A = B; }
times(A) ::= TIMES(B).  { A = B; }
times(A) ::= TIME(B).   { A = B; }
players(A) ::= PLAYERS(B). { A = B; }
players(A) ::= PLAYER(B).  { A = B; }

/* ---- codes and stacking ---- */

declaration(A) ::= CODES(F) STRING(N) NEWLINE codes_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_CODES, &F, &N, &N, L, &E); }

codes_lines(A) ::= . { A = (struct line_list){0}; }
codes_lines(A) ::= codes_lines(B) codes_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

codes_line(A) ::= NOTE(F) STRING(T).      { A = build_text_line(parser, LINE_NOTE, &F, &T); }
codes_line(A) ::= OWNER(F) STRING(T).     { A = build_text_line(parser, LINE_OWNER, &F, &T); }
codes_line(A) ::= TIMEZONE(F) STRING(T).  { A = build_text_line(parser, LINE_TIMEZONE, &F, &T); }
codes_line(A) ::= MAKE(F) NUMBER(N) LIKE STRING(T) FROM STRING(U). { A = build_make_line(parser, &F, &N, &T, &U); }
codes_line(A) ::= UPLOAD(F) UP TO NUMBER(N).                 { A = build_count_line(parser, LINE_UPLOAD, &F, &N, &N); }
codes_line(A) ::= FIXED(F) STRING(T).                        { A = build_text_line(parser, LINE_FIXED, &F, &T); }
codes_line(A) ::= READ(F) IGNORING words(W).                 { A = build_words_line(parser, LINE_READ, &F, W); }
codes_line(A) ::= VALID(F) FROM DATE(B).                     { A = build_valid_line(parser, &F, &B, NULL, NULL, &B); }
codes_line(A) ::= VALID(F) FROM DATE(B) THROUGH DATE(E).     { A = build_valid_line(parser, &F, &B, &E, NULL, &E); }
codes_line(A) ::= VALID(F) THROUGH DATE(E).                  { A = build_valid_line(parser, &F, NULL, &E, NULL, &E); }
codes_line(A) ::= VALID(F) DURATION(D) AFTER GIVEN(L).       { A = build_valid_line(parser, &F, NULL, NULL, &D, &L); }
codes_line(A) ::= EACH(F) CODE(L) limit(M).                  { A = build_limit_line(parser, LINE_EACH_CODE, &F, &L, M); }
codes_line(A) ::= EACH(F) PLAYER(L) limit(M).                { A = build_limit_line(parser, LINE_EACH_PLAYER, &F, &L, M); }
codes_line(A) ::= IN(F) ALL(L) limit(M).                     { A = build_limit_line(parser, LINE_IN_ALL, &F, &L, M); }
codes_line(A) ::= ONLY(F) FOR PLAYERS WHERE filter(C).       { A = build_condition_line(parser, LINE_ONLY_FOR, &F, C); }
codes_line(A) ::= QUOTA(F) STRING(T) NUMBER(N) FOR PLAYERS WHERE filter(C). { A = build_quota_line(parser, &F, &T, &N, C, NULL); }
codes_line(A) ::= QUOTA(F) STRING(T) NUMBER(N) FOR EVERYONE ID(L).          { A = build_quota_line(parser, &F, &T, &N, NULL, &L); }
codes_line(A) ::= HOLD(F) DURATION(D).                       { A = build_value_line(parser, LINE_HOLD_CODE, &F, build_literal(parser, &D)); }
codes_line(A) ::= LOCK(F) DURATION(D) AFTER NUMBER(N) WRONG TRIES IN DURATION(W). { A = build_lock_line(parser, &F, &D, &N, &W); }
codes_line(A) ::= ANSWER(F) STRING(T).                       { A = build_text_line(parser, LINE_ANSWER, &F, &T); }

limit(A) ::= ONCE.                                           { A = build_limit(parser, NULL, PERIOD_EVER); }
limit(A) ::= ONCE PER calendar_period(P).                    { A = build_limit(parser, NULL, P); }
limit(A) ::= AT MOST NUMBER(N) times.                        { A = build_limit(parser, &N, PERIOD_EVER); }
limit(A) ::= AT MOST NUMBER(N) times PER calendar_period(P). { A = build_limit(parser, &N, P); }

declaration(A) ::= STACKING(F) STRING(N) NEWLINE stacking_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_STACKING, &F, &N, &N, L, &E); }

stacking_lines(A) ::= . { A = (struct line_list){0}; }
stacking_lines(A) ::= stacking_lines(B) stacking_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

stacking_line(A) ::= NOTE(F) STRING(T).                  { A = build_text_line(parser, LINE_NOTE, &F, &T); }
stacking_line(A) ::= OWNER(F) STRING(T).                 { A = build_text_line(parser, LINE_OWNER, &F, &T); }
stacking_line(A) ::= FIRST(F) AT MOST NUMBER(N) ID(K).   { A = build_stack_line(parser, &F, &N, &K, true); }
stacking_line(A) ::= THEN(F) AT MOST NUMBER(N) ID(K).    { A = build_stack_line(parser, &F, &N, &K, false); }

/* ---- tournaments ---- */

declaration(A) ::= TOURNAMENT(F) STRING(N) NEWLINE tournament_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_TOURNAMENT, &F, &N, &N, L, &E); }

tournament_lines(A) ::= . { A = (struct line_list){0}; }
tournament_lines(A) ::= tournament_lines(B) tournament_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

tournament_line(A) ::= common_line(B).    { A = B; }
tournament_line(A) ::= send_between(B).   { A = B; }
tournament_line(A) ::= earn(B).           { A = B; }
tournament_line(A) ::= RUNS(F) EVERY WEEK FROM ID(D) CLOCK(C) UNTIL ID(E) CLOCK(U). {
  A = build_recurs_line(parser, &F, RECURS_WEEK, build_weekday_time(parser, &D, &C), build_weekday_time(parser, &E, &U)); }
tournament_line(A) ::= RUNS(F) EVERY DAY FROM CLOCK(C) UNTIL CLOCK(U). {
  A = build_recurs_line(parser, &F, RECURS_DAY, build_wall_time(parser, &C), build_wall_time(parser, &U)); }
tournament_line(A) ::= RUNS(F) EVERY MONTH FROM DAY(D) NUMBER(N) CLOCK(C) UNTIL DAY(E) NUMBER(M) CLOCK(U). {
  A = build_recurs_line(parser, &F, RECURS_MONTH, build_month_day_time(parser, &D, &N, &C), build_month_day_time(parser, &E, &M, &U)); }
tournament_line(A) ::= RUNS(F) FROM DATE(D) CLOCK(C) UNTIL DATE(E) CLOCK(U). {
  A = build_recurs_line(parser, &F, RECURS_ONCE, build_date_time(parser, &D, &C), build_date_time(parser, &E, &U)); }
tournament_line(A) ::= SETTLES(F) AT wall_time(W).           { A = build_settles_line(parser, &F, W); }
tournament_line(A) ::= FEE(F) NUMBER(N) OF STRING(T).        { A = build_fee_line(parser, &F, &N, &T); }
tournament_line(A) ::= SCORE(F) SUM(L).                      { A = build_score_line(parser, &F, &L, SCORE_SUM); }
tournament_line(A) ::= SCORE(F) LARGEST(L).                  { A = build_score_line(parser, &F, &L, SCORE_LARGEST); }
tournament_line(A) ::= ORDER(F) BY orders(O).                { A = build_order_line(parser, &F, O); }
tournament_line(A) ::= WINNERS(F) AT LEAST value(V).         { A = build_value_line(parser, LINE_WINNERS, &F, V); }
tournament_line(A) ::= FIELD(F) AT LEAST NUMBER(N) players COMMA_OTHERWISE NOTHING(L). { A = build_field_size_line(parser, &F, &N, &L, NULL); }
tournament_line(A) ::= FIELD(F) AT LEAST NUMBER(N) players(L) COMMA_OTHERWISE inline_statement(S). { A = build_field_size_line(parser, &F, &N, &L, S); }
tournament_line(A) ::= PRIZES(F) ID(K) NEWLINE prize_lines(L) END(E).       { A = build_prizes_line(parser, &F, &K, L, &E); }
tournament_line(A) ::= BOARD(F) NEWLINE board_lines(L) END(E).              { A = build_board_line(parser, &F, L, &E); }

wall_time(A) ::= CLOCK(C).                  { A = build_wall_time(parser, &C); }
wall_time(A) ::= ID(D) CLOCK(C).            { A = build_weekday_time(parser, &D, &C); }
wall_time(A) ::= DAY(D) NUMBER(N) CLOCK(C). { A = build_month_day_time(parser, &D, &N, &C); }
wall_time(A) ::= DATE(D) CLOCK(C).          { A = build_date_time(parser, &D, &C); }

earn(A) ::= EARN(F) value(V) PER event_match(E).                              { A = build_earn_line(parser, &F, V, E); }
earn(A) ::= EARN(F) value(V) PER MONEY(M) OF PATH(P) in_currency(C) where(W). { A = build_earn_of_line(parser, &F, V, &M, &P, C, W); }
earn(A) ::= EARN(F) value(V) PER NUMBER(M) OF PATH(P) where(W).               { A = build_earn_of_line(parser, &F, V, &M, &P, (struct conversion_words){0}, W); }

prize_lines(A) ::= . { A = (struct line_list){0}; }
prize_lines(A) ::= prize_lines(B) prize_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

prize_line(A) ::= term_line(B).                          { A = B; }
prize_line(A) ::= ROUNDING(F) rounding(R).               { A = build_rounding_line(parser, &F, R); }
prize_line(A) ::= POOL(F) value(V).                      { A = build_value_line(parser, LINE_POOL, &F, V); }
prize_line(A) ::= LEFTOVER(F) TO PLACE NUMBER(N).        { A = build_leftover_line(parser, &F, &N, &N); }
prize_line(A) ::= LEFTOVER(F) STAYS(L).                  { A = build_leftover_line(parser, &F, &L, NULL); }
prize_line(A) ::= PLACE(F) NUMBER(N) value(V).           { A = build_place_line(parser, &F, &N, NULL, V); }
prize_line(A) ::= PLACE(F) NUMBER(N) TO NUMBER(M) value(V). { A = build_place_line(parser, &F, &N, &M, V); }

board_lines(A) ::= . { A = (struct line_list){0}; }
board_lines(A) ::= board_lines(B) board_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

board_line(A) ::= SHOW(F) TOP NUMBER(N).     { A = build_count_line(parser, LINE_SHOW_TOP, &F, &N, &N); }
board_line(A) ::= NAMES(F) MASKED(L).        { A = build_chosen_line(parser, LINE_NAMES, &F, &L, true); }
board_line(A) ::= NAMES(F) IN FULL(L).       { A = build_chosen_line(parser, LINE_NAMES, &F, &L, false); }
board_line(A) ::= AGE(F) UP TO DURATION(D).  { A = build_value_line(parser, LINE_AGE, &F, build_literal(parser, &D)); }

/* ---- points and levels ---- */

declaration(A) ::= POINTS(F) STRING(N) NEWLINE points_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_POINTS, &F, &N, &N, L, &E); }

points_lines(A) ::= . { A = (struct line_list){0}; }
points_lines(A) ::= points_lines(B) points_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

points_line(A) ::= NOTE(F) STRING(T).      { A = build_text_line(parser, LINE_NOTE, &F, &T); }
points_line(A) ::= OWNER(F) STRING(T).     { A = build_text_line(parser, LINE_OWNER, &F, &T); }
points_line(A) ::= PRODUCT(F) ID(W).       { A = build_one_word_line(parser, LINE_PRODUCT, &F, &W); }
points_line(A) ::= CURRENCY(F) ID(W).      { A = build_one_word_line(parser, LINE_CURRENCY, &F, &W); }
points_line(A) ::= TIMEZONE(F) STRING(T).  { A = build_text_line(parser, LINE_TIMEZONE, &F, &T); }
points_line(A) ::= earn(B).                { A = B; }
points_line(A) ::= REST(F) KEPT BY LINE(L).              { A = build_chosen_line(parser, LINE_REST, &F, &L, true); }
points_line(A) ::= REST(F) DROPPED(L).                   { A = build_chosen_line(parser, LINE_REST, &F, &L, false); }
points_line(A) ::= EXPIRES(F) DURATION(D) AFTER GRANT(L). { A = build_expires_line(parser, &F, &D, &L, false); }
points_line(A) ::= SPEND(F) OLDEST FIRST(L).             { A = build_line(parser, LINE_SPEND_OLDEST, &F, &L); }

declaration(A) ::= LEVELS(F) STRING(N) NEWLINE levels_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_LEVELS, &F, &N, &N, L, &E); }

/* No `send only between` here: behind a level it could not be told from a statement. */
levels_lines(A) ::= . { A = (struct line_list){0}; }
levels_lines(A) ::= levels_lines(B) levels_line(C) NEWLINE. { A = B; build_append_line(&A, C); }
levels_lines(A) ::= levels_lines(B) level_case(C).          { A = B; build_append_line(&A, C); }

levels_line(A) ::= common_line(B).  { A = B; }
levels_line(A) ::= runs(B).         { A = B; }
levels_line(A) ::= SETS(F) ID(W).   { A = build_sets_line(parser, &F, &W, NULL); }
levels_line(A) ::= COUNTS(F) STRING(T) EARNED window(W) zone_name(Z). { A = build_counts_points_line(parser, &F, &T, W, Z); }
levels_line(A) ::= UP(F) AT ONCE(L).                     { A = build_line(parser, LINE_UP_AT_ONCE, &F, &L); }
levels_line(A) ::= DOWN(F) NEVER(L).                     { A = build_down_line(parser, &F, &L, NULL, PERIOD_EVER); }
levels_line(A) ::= DOWN(F) NUMBER(N) LEVEL(L) PER calendar_period(P).  { A = build_down_line(parser, &F, &L, &N, P); }
levels_line(A) ::= DOWN(F) NUMBER(N) LEVELS(L) PER calendar_period(P). { A = build_down_line(parser, &F, &L, &N, P); }
levels_line(A) ::= KEEP(F) AT LEAST PERCENT(P).          { A = build_value_line(parser, LINE_KEEP, &F, build_literal(parser, &P)); }
level_case(A) ::= LEVEL(F) ID(W) FROM NUMBER(N) body(B). { A = build_level_line(parser, &F, &W, &N, B); }

/* ---- missions and badges ---- */

declaration(A) ::= MISSION(F) STRING(N) NEWLINE mission_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_MISSION, &F, &N, &N, L, &E); }

mission_lines(A) ::= . { A = (struct line_list){0}; }
mission_lines(A) ::= mission_lines(B) mission_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

mission_line(A) ::= header_line(B).                      { A = B; }
mission_line(A) ::= COMPLETE(F) limit(M).                { A = build_limit_line(parser, LINE_COMPLETE, &F, &F, M); }
mission_line(A) ::= LASTS(F) DURATION(D).                { A = build_value_line(parser, LINE_LASTS, &F, build_literal(parser, &D)); }
mission_line(A) ::= TASK(F) STRING(T) NEEDS need(N) where(W).     { A = build_task_line(parser, &F, &T, N, W); }
mission_line(A) ::= PROGRESS(F) NEWLINE progress_cases(C) END.    { A = build_progress_line(parser, &F, C); }

need(A) ::= NUMBER(N) event_reference(E).                                      { A = build_task_events(parser, &N, E); }
need(A) ::= NUMBER(N) DIFFERENT PATH(P).                                       { A = build_task_different(parser, &N, &P, NULL); }
need(A) ::= NUMBER(N) DIFFERENT PATH(P) COMMA EACH AT LEAST NUMBER(M) times.   { A = build_task_different(parser, &N, &P, &M); }
need(A) ::= NUMBER(N) DIFFERENT DAYS OF event_reference(E) zone_name(Z).       { A = build_task_days(parser, NEED_DIFFERENT_DAYS, &N, E, Z); }
need(A) ::= DURATION(D) IN ARTICLE ROW OF event_reference(E) zone_name(Z).     { A = build_task_days(parser, NEED_DAYS_IN_A_ROW, &D, E, Z); }
need(A) ::= MONEY(M) OF PATH(P) in_currency(C).                                { A = build_task_sum(parser, &M, &P, C); }
need(A) ::= NUMBER(M) OF PATH(P).                                              { A = build_task_sum(parser, &M, &P, (struct conversion_words){0}); }

progress_cases(A) ::= .                                { A = (struct choice_list){0}; }
progress_cases(A) ::= progress_cases(B) progress_case(C). { A = B; build_append_choice(&A, C); }
progress_case(A) ::= WHEN(F) PERCENT(P) body(B).       { A = build_percent_case(parser, &F, &P, B); }
progress_case(A) ::= WHEN(F) TIME IS UP(L) body(B).    { A = build_case(parser, CHOICE_TIME_IS_UP, &F, &L, B); }

declaration(A) ::= BADGE(F) STRING(N) NEWLINE badge_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_BADGE, &F, &N, &N, L, &E); }

badge_lines(A) ::= . { A = (struct line_list){0}; }
badge_lines(A) ::= badge_lines(B) badge_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

badge_line(A) ::= NOTE(F) STRING(T).   { A = build_text_line(parser, LINE_NOTE, &F, &T); }
badge_line(A) ::= OWNER(F) STRING(T).  { A = build_text_line(parser, LINE_OWNER, &F, &T); }
badge_line(A) ::= IMAGE(F) STRING(T).  { A = build_text_line(parser, LINE_IMAGE, &F, &T); }
badge_line(A) ::= FOR(F) PLAYERS WHERE filter(C). { A = build_condition_line(parser, LINE_FOR_PLAYERS, &F, C); }

/* ---- statements ---- */

statements(A) ::= . { A = (struct block){0}; }
statements(A) ::= statements(B) statement(C) NEWLINE. { A = B; build_append_statement(&A, C); }

statement(A) ::= inline_statement(B). { A = B; }

inline_statement(A) ::= plain_statement(B). { A = B; }
inline_statement(A) ::= declinable(B).      { A = B; }
inline_statement(A) ::= declinable(B) COMMA_OTHERWISE inline_statement(C). { A = B; A->otherwise = C; }

body(A) ::= inline_statement(B) NEWLINE. { A = build_inline_body(B); }
body(A) ::= NEWLINE statements(B).       { A = B; }

declinable(A) ::= SEND(F) ID(C) STRING(M) label(L).               { A = build_send(parser, &F, &C, &M, L); }
declinable(A) ::= CREDIT(F) STRING(N) label(L).                   { A = build_named(parser, STATEMENT_CREDIT, &F, &N, L); }
declinable(A) ::= DO(F) ID(N) label(L).                           { A = build_named(parser, STATEMENT_DO, &F, &N, L); }
declinable(A) ::= DO(F) ID(N) WITH arguments(R) label(L).         { A = build_do(parser, &F, &N, R, L); }
declinable(A) ::= TELL(F) PATH(P) ID(E) label(L).                      { A = build_tell(parser, &F, &P, &E, (struct argument_list){0}, L); }
declinable(A) ::= TELL(F) PATH(P) ID(E) WITH arguments(R) label(L).    { A = build_tell(parser, &F, &P, &E, R, L); }
declinable(A) ::= GO(F) TO STRING(S) COMMA AT MOST NUMBER(N) times(L). { A = build_go_to(parser, &F, &S, &N, &L); }

declinable(A) ::= GIVE(F) CODE STRING(N) label(L).                { A = build_give_code(parser, &F, &N, L); }
declinable(A) ::= SHOW(F) OFFER STRING(N) label(L).               { A = build_named(parser, STATEMENT_SHOW_OFFER, &F, &N, L); }
declinable(A) ::= SPEND(F) NUMBER(V) OF STRING(N) label(L).       { A = build_spend(parser, &F, &V, &N, L); }
declinable(A) ::= SPEND(F) PATH(V) OF STRING(N) label(L).         { A = build_spend(parser, &F, &V, &N, L); }

plain_statement(A) ::= jump(B).                 { A = B; }
plain_statement(A) ::= CANCEL(F) STRING(N).     { A = build_named(parser, STATEMENT_CANCEL, &F, &N, (struct name){0}); }
plain_statement(A) ::= FREEZE(F) STRING(N).     { A = build_named(parser, STATEMENT_FREEZE, &F, &N, (struct name){0}); }
plain_statement(A) ::= UNFREEZE(F) STRING(N).   { A = build_named(parser, STATEMENT_UNFREEZE, &F, &N, (struct name){0}); }
plain_statement(A) ::= RELEASE(F) CODE OF STRING(N). { A = build_named(parser, STATEMENT_RELEASE_CODE, &F, &N, (struct name){0}); }
plain_statement(A) ::= AWARD(F) BADGE STRING(N).     { A = build_named(parser, STATEMENT_AWARD_BADGE, &F, &N, (struct name){0}); }
plain_statement(A) ::= GO(F) ON(L).             { A = build_statement(parser, STATEMENT_GO_ON, &F, &L); }
plain_statement(A) ::= TAG(F) ID(N).            { A = build_named(parser, STATEMENT_TAG, &F, &N, (struct name){0}); }
plain_statement(A) ::= UNTAG(F) ID(N).          { A = build_named(parser, STATEMENT_UNTAG, &F, &N, (struct name){0}); }
plain_statement(A) ::= REMEMBER(F) ID(N) AS formula(V). { A = build_remember(parser, &F, &N, V); }
plain_statement(A) ::= WAIT(F) DURATION(D).     { A = build_wait(parser, &F, &D); }
plain_statement(A) ::= WAIT(F) UNTIL DURATION(D) AFTER ENTRY(L). { A = build_wait_until_after_entry(parser, &F, &D, &L); }
plain_statement(A) ::= WAIT(F) NUMBER(N) BUSINESS days(L).             { A = build_wait_business_days(parser, &F, &N, &L); }
plain_statement(A) ::= WAIT(F) UNTIL BUSINESS DAY(L) zone(Z).          { A = build_wait_until_business_day(parser, &F, &L, NULL, Z); }
plain_statement(A) ::= WAIT(F) UNTIL BUSINESS DAY(L) CLOCK(C) zone(Z). { A = build_wait_until_business_day(parser, &F, &L, &C, Z); }
plain_statement(A) ::= WAIT(F) UNTIL CLOCK(C) zone(Z).        { A = build_wait_until(parser, &F, NULL, &C, Z); }
plain_statement(A) ::= WAIT(F) UNTIL ID(D) zone(Z).           { A = build_wait_until(parser, &F, &D, NULL, Z); }
plain_statement(A) ::= WAIT(F) UNTIL ID(D) CLOCK(C) zone(Z).  { A = build_wait_until(parser, &F, &D, &C, Z); }

jump(A) ::= GO(F) TO STRING(S).      { A = build_go_to(parser, &F, &S, NULL, &S); }
jump(A) ::= FINISH(F) AS STRING(T).  { A = build_named(parser, STATEMENT_FINISH, &F, &T, (struct name){0}); }

label(A) ::= .               { A = (struct name){0}; }
label(A) ::= AS STRING(T).   { A = build_name(parser, &T); }

arguments(A) ::= argument(B).                     { A = build_append_argument((struct argument_list){0}, B); }
arguments(A) ::= arguments(B) COMMA argument(C).  { A = build_append_argument(B, C); }
argument(A) ::= ID(N) value(V).                   { A = build_argument(parser, &N, V); }

statement(A) ::= WAIT_UP(F) TO DURATION(D) AFTER ENTRY since_entry(S) NEWLINE wait_cases(C) END. {
  A = build_wait_up_to(parser, &F, &D, S, C); A->as.wait_up_to.after_entry = true; }
statement(A) ::= WAIT_UP(F) TO DURATION(D) since_entry(S) NEWLINE wait_cases(C) END. { A = build_wait_up_to(parser, &F, &D, S, C); }

since_entry(A) ::= .                             { A = 0; }
since_entry(A) ::= COMMA INCLUDING SINCE ENTRY.  { A = 1; }

wait_cases(A) ::= .                            { A = (struct choice_list){0}; }
wait_cases(A) ::= wait_cases(B) wait_case(C).  { A = B; build_append_choice(&A, C); }
wait_case(A) ::= WHEN(F) event_match(E) body(B).  { A = build_event_case(parser, &F, E, B); }
wait_case(A) ::= WHEN(F) TIME IS UP(L) body(B).   { A = build_case(parser, CHOICE_TIME_IS_UP, &F, &L, B); }

statement(A) ::= ASK(F) STRING(H) FOR APPROVAL(L) COMMA UP TO DURATION(D) NEWLINE ask_cases(C) END. {
  A = build_ask(parser, &F, &H, NULL, &D, C); (void)L; }
statement(A) ::= ASK(F) STRING(H) FOR APPROVAL BY NUMBER(N) people COMMA UP TO DURATION(D) NEWLINE ask_cases(C) END. {
  A = build_ask(parser, &F, &H, NULL, &D, C); A->as.ask.people = build_count(parser, &N); }
statement(A) ::= ASK(F) STRING(H) FOR ID(Q) COMMA UP TO DURATION(D) NEWLINE ask_cases(C) END. {
  A = build_ask(parser, &F, &H, &Q, &D, C); }

people ::= PEOPLE.
people ::= PERSON.

ask_cases(A) ::= .                           { A = (struct choice_list){0}; }
ask_cases(A) ::= ask_cases(B) ask_case(C).   { A = B; build_append_choice(&A, C); }
ask_case(A) ::= WHEN(F) APPROVED(L) body(B).    { A = build_case(parser, CHOICE_APPROVED, &F, &L, B); }
ask_case(A) ::= WHEN(F) REFUSED(L) body(B).     { A = build_case(parser, CHOICE_REFUSED, &F, &L, B); }
ask_case(A) ::= WHEN(F) ANSWERED(L) body(B).    { A = build_case(parser, CHOICE_ANSWERED, &F, &L, B); }
ask_case(A) ::= WHEN(F) TIME IS UP(L) body(B).  { A = build_case(parser, CHOICE_TIME_IS_UP, &F, &L, B); }

statement(A) ::= branches(B) otherwise_block(O) END.  { A = build_if(parser, B, O); }
branches(A) ::= IF(F) chain(C) NEWLINE statements(S). { A = build_branch(parser, NULL, &F, C, S); }
branches(A) ::= branches(B) OTHERWISE(F) IF chain(C) NEWLINE statements(S). { A = build_branch(parser, &B, &F, C, S); }
otherwise_block(A) ::= .                                { A = (struct block){0}; }
otherwise_block(A) ::= OTHERWISE(F) NEWLINE statements(S). { A = S; A.span = build_token_span(parser, &F); }

statement(A) ::= CHOOSE(F) BY value(V) NEWLINE choose_cases(C) END. { A = build_choose(parser, &F, V, C); }
choose_cases(A) ::= .                                { A = (struct choice_list){0}; }
choose_cases(A) ::= choose_cases(B) choose_case(C).  { A = B; build_append_choice(&A, C); }
choose_case(A) ::= WHEN(F) test_of_case(P) body(B).  { A = build_value_case(parser, &F, P, B); }
choose_case(A) ::= OTHERWISE(F) body(B).             { A = build_case(parser, CHOICE_OTHERWISE, &F, &F, B); }
test_of_case(A) ::= predicate(P).      { A = P; }
test_of_case(A) ::= NOT predicate(P).  { A = P; A->negated = true; }

statement(A) ::= SPLIT(F) STRING(N) NEWLINE arms(C) END. { A = build_split(parser, &F, &N, C); }
arms(A) ::= .                { A = (struct choice_list){0}; }
arms(A) ::= arms(B) arm(C).  { A = B; build_append_choice(&A, C); }
arm(A) ::= PERCENT(P) STRING(N) body(B). { A = build_arm(parser, &P, &N, B); }

statement(A) ::= REPEAT(F) AT MOST NUMBER(N) times(L) NEWLINE statements(S) END. { A = build_repeat(parser, &F, &N, &L, S); }

/* ---- events and conditions ---- */

event_reference(A) ::= ID(E).               { A = build_event(parser, &E, NULL); }
event_reference(A) ::= ID(E) OF STRING(N).  { A = build_event(parser, &E, &N); }
event_match(A) ::= event_reference(B) where(W). { A = build_event_where(B, W); }

where(A) ::= .                { A = NULL; }
where(A) ::= WHERE filter(B). { A = B; }
filter(A) ::= chain(B). { A = B; }
filter(A) ::= group(B). { A = B; }

group(A) ::= ALL_OF(F) NEWLINE conditions(C) END(E).   { A = build_group(parser, CONDITION_ALL, &F, C, &E); }
group(A) ::= ANY_OF(F) NEWLINE conditions(C) END(E).   { A = build_group(parser, CONDITION_ANY, &F, C, &E); }
group(A) ::= NONE_OF(F) NEWLINE conditions(C) END(E).  { A = build_group(parser, CONDITION_NONE, &F, C, &E); }
conditions(A) ::= .                                { A = (struct condition_list){0}; }
conditions(A) ::= conditions(B) filter(C) NEWLINE. { A = B; build_append_condition(&A, C); }

chain(A) ::= comparison(B).                { A = B; }
chain(A) ::= chain(B) AND comparison(C).   { A = build_chain(parser, B, CONDITION_ALL, C); }
chain(A) ::= chain(B) OR comparison(C).    { A = build_chain(parser, B, CONDITION_ANY, C); }

comparison(A) ::= value(L) IS(O) predicate(P).      { A = build_comparison(parser, L, &O, P, false); }
comparison(A) ::= value(L) IS(O) NOT predicate(P).  { A = build_comparison(parser, L, &O, P, true); }
comparison(A) ::= value(L) EQUAL(O) value(R).           { A = build_symbol(parser, L, &O, COMPARISON_IS, R, false); }
comparison(A) ::= value(L) NOT_EQUAL(O) value(R).       { A = build_symbol(parser, L, &O, COMPARISON_IS, R, true); }
comparison(A) ::= value(L) LESS_SIGN(O) value(R).       { A = build_symbol(parser, L, &O, COMPARISON_LESS_THAN, R, false); }
comparison(A) ::= value(L) LESS_EQUAL(O) value(R).      { A = build_symbol(parser, L, &O, COMPARISON_AT_MOST, R, false); }
comparison(A) ::= value(L) GREATER_SIGN(O) value(R).    { A = build_symbol(parser, L, &O, COMPARISON_MORE_THAN, R, false); }
comparison(A) ::= value(L) GREATER_EQUAL(O) value(R).   { A = build_symbol(parser, L, &O, COMPARISON_AT_LEAST, R, false); }
comparison(A) ::= value(L) CONTAINS(O) value(R).        { A = build_symbol(parser, L, &O, COMPARISON_CONTAINS, R, false); }

comparison(A) ::= value(L) CONTAINS(O) WORD STRING(T).            { A = build_contains_word(parser, L, &O, build_names(parser, NULL, &T)); }
comparison(A) ::= value(L) CONTAINS(O) ONE OF WORDS texts(T).     { A = build_contains_word(parser, L, &O, T); }

comparison(A) ::= value(L) HAS(O) BADGE STRING(N).     { A = build_has_badge(parser, L, &O, &N, false); }
comparison(A) ::= value(L) HAS(O) NO BADGE STRING(N).  { A = build_has_badge(parser, L, &O, &N, true); }

predicate(A) ::= value(V).                        { A = build_predicate(parser, COMPARISON_IS, V, NULL); }
predicate(A) ::= ONE OF values(L).                { A = build_one_of(parser, L); }
predicate(A) ::= AT LEAST value(V).               { A = build_predicate(parser, COMPARISON_AT_LEAST, V, NULL); }
predicate(A) ::= AT MOST value(V).                { A = build_predicate(parser, COMPARISON_AT_MOST, V, NULL); }
predicate(A) ::= MORE THAN value(V).              { A = build_predicate(parser, COMPARISON_MORE_THAN, V, NULL); }
predicate(A) ::= LESS THAN value(V).              { A = build_predicate(parser, COMPARISON_LESS_THAN, V, NULL); }
predicate(A) ::= BETWEEN value(V) AND value(W).   { A = build_predicate(parser, COMPARISON_BETWEEN, V, W); }
predicate(A) ::= KNOWN(F).                        { A = build_known(parser, &F); }
predicate(A) ::= IN STRING(N).                    { A = build_predicate(parser, COMPARISON_IN_SEGMENT, build_literal(parser, &N), NULL); }
predicate(A) ::= WITHIN LAST DURATION(D).         { A = build_predicate(parser, COMPARISON_WITHIN_LAST, build_literal(parser, &D), NULL); }

values(A) ::= value(V).                   { A = build_append_value((struct value_list){0}, V); }
values(A) ::= values(B) COMMA value(V).   { A = build_append_value(B, V); }

/* ---- values ---- */

formula(A) ::= value(B).              { A = B; }
formula(A) ::= formula(B) clause(C).  { A = build_clause(parser, B, C); }
clause(A) ::= COMMA AT MOST(F) value(V).        { A = build_value_clause(parser, CLAUSE_AT_MOST, &F, V); }
clause(A) ::= COMMA AT LEAST(F) value(V).       { A = build_value_clause(parser, CLAUSE_AT_LEAST, &F, V); }
clause(A) ::= COMMA NOTHING(F) BELOW value(V).  { A = build_value_clause(parser, CLAUSE_NOTHING_BELOW, &F, V); }
clause(A) ::= COMMA_OTHERWISE(F) value(V).      { A = build_value_clause(parser, CLAUSE_OTHERWISE, &F, V); }
clause(A) ::= COMMA ROUNDED(F) rounding(R).     { A = build_rounding_clause(parser, &F, R); }

rounding(A) ::= DOWN.       { A = ROUNDING_DOWN; }
rounding(A) ::= UP.         { A = ROUNDING_UP; }
rounding(A) ::= HALF UP.    { A = ROUNDING_HALF_UP; }
rounding(A) ::= HALF EVEN.  { A = ROUNDING_HALF_EVEN; }

value(A) ::= product(B).                     { A = B; }
value(A) ::= value(B) PLUS(O) product(C).    { A = build_binary(parser, OPERATION_ADD, B, &O, C); }
value(A) ::= value(B) MINUS(O) product(C).   { A = build_binary(parser, OPERATION_SUBTRACT, B, &O, C); }
product(A) ::= converted(B).                      { A = B; }
product(A) ::= product(B) STAR(O) converted(C).   { A = build_binary(parser, OPERATION_MULTIPLY, B, &O, C); }
product(A) ::= product(B) SLASH(O) converted(C).  { A = build_binary(parser, OPERATION_DIVIDE, B, &O, C); }
/* Binds closer than `*` and than a share: `50% of deposit.amount in EUR by "ecb"` is half of what was converted. */
converted(A) ::= direct(B).                     { A = B; }
converted(A) ::= share(B).                      { A = B; }
share(A) ::= PERCENT(P) OF(O) converted(B).     { A = build_share(parser, &P, &O, B); }
share(A) ::= MULTIPLE(P) OF(O) converted(B).    { A = build_share(parser, &P, &O, B); }
direct(A) ::= atom(B).                                { A = B; }
direct(A) ::= direct(B) IN ID(C) BY STRING(R).        { A = build_conversion(parser, B, &C, &R); }

atom(A) ::= NUMBER(T).      { A = build_literal(parser, &T); }
atom(A) ::= MINUS(M) NUMBER(T). { A = build_negative(parser, &M, &T); }
atom(A) ::= MONEY(T).       { A = build_literal(parser, &T); }
atom(A) ::= PRICES(T).      { A = build_literal(parser, &T); }
atom(A) ::= PERCENT(T).     { A = build_literal(parser, &T); }
atom(A) ::= MULTIPLE(T).    { A = build_literal(parser, &T); }
atom(A) ::= DURATION(T).    { A = build_literal(parser, &T); }
atom(A) ::= CLOCK(T).       { A = build_literal(parser, &T); }
atom(A) ::= DATE(T).        { A = build_literal(parser, &T); }
atom(A) ::= moment(B).      { A = B; }
atom(A) ::= STRING(T).      { A = build_literal(parser, &T); }
atom(A) ::= YES(T).         { A = build_yes_no(parser, &T, 1); }
atom(A) ::= NO(T).          { A = build_yes_no(parser, &T, 0); }
atom(A) ::= NONE(T).        { A = build_none(parser, &T); }
atom(A) ::= PLAYER(T).      { A = build_player(parser, &T); }
atom(A) ::= property(B).    { A = B; }
atom(A) ::= LEFT_PAREN(F) value(B) RIGHT_PAREN(L). { A = build_parens(parser, &F, B, &L); }

property(A) ::= ID(T).               { A = build_word(parser, &T); }
property(A) ::= PATH(T).             { A = build_path(parser, &T); }
property(A) ::= ID(P) OF STRING(N).  { A = build_property(parser, &P, &N); }
property(A) ::= ID(P) OF BUDGET(N).  { A = build_property(parser, &P, &N); }

moment(A) ::= DATE(D) CLOCK(C).          { A = build_moment(parser, &D, &C, NULL); }
moment(A) ::= DATE(D) CLOCK(C) UTC(U).   { A = build_moment(parser, &D, &C, &U); }

/* ---- tests ---- */

declaration(A) ::= TEST(F) STRING(N) NEWLINE test_lines(L) END(E) NEWLINE. {
  A = build_declaration(parser, DECLARATION_TEST, &F, &N, &N, L, &E); }

test_lines(A) ::= . { A = (struct line_list){0}; }
test_lines(A) ::= test_lines(B) test_line(C) NEWLINE. { A = B; build_append_line(&A, C); }

test_line(A) ::= GIVEN(F) ARTICLE(L) test_player(K) PLAYER where(W).        { A = build_given_line(parser, &F, &L, NULL, NULL, W, K); }
test_line(A) ::= GIVEN(F) ARTICLE test_player(K) PLAYER STRING(N) where(W). { A = build_given_line(parser, &F, &N, NULL, build_one_name(parser, &N), W, K); }
test_line(A) ::= GIVEN(F) test_player(K) PLAYER STRING(N) where(W).         { A = build_given_line(parser, &F, &N, NULL, build_one_name(parser, &N), W, K); }
test_line(A) ::= GIVEN(F) test_player(K) PLAYERS(L) texts(T) where(W).      { A = build_given_line(parser, &F, &L, NULL, &T, W, K); }
test_line(A) ::= GIVEN(F) NUMBER(N) test_player(K) players(L) where(W).     { A = build_given_line(parser, &F, &L, &N, NULL, W, K); }
test_player(A) ::= .      { A = 0; }
test_player(A) ::= TEST.  { A = 1; }
test_line(A) ::= GIVEN(F) CODE STRING(C) IN STRING(N).     { A = build_given_code_line(parser, &F, &C, &N); }
test_line(A) ::= GIVEN(F) property(P) IS value(V).         { A = build_given_property_line(parser, &F, P, V); }

test_line(A) ::= AT(F) point(P) who(W) at_fact(B).  { A = build_at_line(B, &F, P, W); }
at_fact(A) ::= event_match(E).                            { A = build_at_event(parser, E); }
at_fact(A) ::= TIME(F) PASSES(L).                         { A = build_at_time_passes(parser, &F, &L); }
at_fact(A) ::= WALLET(F) REFUSES STRING(N) BECAUSE STRING(R). { A = build_at_wallet(parser, &F, &N, &R); }
at_fact(A) ::= APPROVAL(F) OF STRING(N) IS APPROVED BY STRING(W). { A = build_at_approval(parser, &F, &N, &W, true); }
at_fact(A) ::= APPROVAL(F) OF STRING(N) IS REFUSED BY STRING(W).  { A = build_at_approval(parser, &F, &N, &W, false); }
at_fact(A) ::= ANSWER(F) OF STRING(N) IS value(V).                { A = build_at_answer(parser, &F, &N, V); }
at_fact(A) ::= COMMAND(F) command(C) STRING(N).                   { A = build_at_command(parser, &F, C, &N); }
at_fact(A) ::= PATH(P) IS value(V).                       { A = build_at_attribute(parser, &P, V); }

%type command {int}
command(A) ::= START.    { A = WORD_START; }
command(A) ::= END.      { A = WORD_END; }
command(A) ::= KILL.     { A = WORD_KILL; }
command(A) ::= SUSPEND.  { A = WORD_SUSPEND; }
command(A) ::= RESUME.   { A = WORD_RESUME; }

point(A) ::= moment(M).            { A = build_point_moment(parser, M); }
point(A) ::= PLUS(F) DURATION(D).  { A = build_point_after(parser, &F, &D); }
point(A) ::= PLUS(F) CLOCK(C).     { A = build_point_after(parser, &F, &C); }

who(A) ::= .                 { A = (struct who){WHO_EVERY, {0}}; }
who(A) ::= FOR texts(T).     { A = (struct who){WHO_NAMED, T}; }
who(A) ::= FOR THE OTHERS.   { A = (struct who){WHO_OTHERS, {0}}; }

test_line(A) ::= REPEAT(F) NUMBER(N) times(T) NEWLINE test_lines(L) END. { A = build_repeat_lines(parser, &F, &N, &T, L); }

test_line(A) ::= EXPECT(F) effect(E).                               { A = build_expect_line(parser, &F, E, COUNT_SOME, NULL); }
test_line(A) ::= EXPECT(F) NO effect(E).                            { A = build_expect_line(parser, &F, E, COUNT_NO, NULL); }
test_line(A) ::= EXPECT(F) AT MOST NUMBER(N) times effect(E).       { A = build_expect_line(parser, &F, E, COUNT_AT_MOST, &N); }
test_line(A) ::= EXPECT(F) EXACTLY NUMBER(N) times effect(E).       { A = build_expect_line(parser, &F, E, COUNT_EXACTLY, &N); }
test_line(A) ::= EXPECT(F) AT MOST NUMBER(N) messages(M) expectation(X).  { A = build_expect_messages(parser, &F, &N, &M, X, COUNT_AT_MOST); }
test_line(A) ::= EXPECT(F) EXACTLY NUMBER(N) messages(M) expectation(X).  { A = build_expect_messages(parser, &F, &N, &M, X, COUNT_EXACTLY); }
test_line(A) ::= EXPECT(F) chain(C) for_player(P).                  { A = build_expect_condition(parser, &F, C, P); }
test_line(A) ::= EXPECT(F) LARGEST SPEND PER PLAYER IS value(V).    { A = build_value_line(parser, LINE_EXPECT_SPEND, &F, V); }

messages(A) ::= MESSAGES(B). { A = B; }
messages(A) ::= MESSAGE(B).  { A = B; }

effect(A) ::= SEND(F) expectation(X).                     { A = build_effect(parser, X, EFFECT_SEND, &F, NULL, NULL); }
effect(A) ::= SEND(F) ID(C) expectation(X).               { A = build_effect(parser, X, EFFECT_SEND, &F, &C, NULL); }
effect(A) ::= SEND(F) ID(C) STRING(N) expectation(X).     { A = build_effect(parser, X, EFFECT_SEND, &F, &C, &N); }
effect(A) ::= CREDIT(F) expectation(X).                   { A = build_effect(parser, X, EFFECT_CREDIT, &F, NULL, NULL); }
effect(A) ::= CREDIT(F) STRING(N) expectation(X).         { A = build_effect(parser, X, EFFECT_CREDIT, &F, NULL, &N); }
effect(A) ::= DO(F) ID(N) expectation(X).                 { A = build_effect(parser, X, EFFECT_DO, &F, NULL, &N); }
effect(A) ::= TAG(F) ID(N) expectation(X).                { A = build_effect(parser, X, EFFECT_TAG, &F, NULL, &N); }
effect(A) ::= UNTAG(F) ID(N) expectation(X).              { A = build_effect(parser, X, EFFECT_UNTAG, &F, NULL, &N); }
effect(A) ::= FINISH(F) AS STRING(N) expectation(X).      { A = build_effect(parser, X, EFFECT_FINISH, &F, NULL, &N); }
effect(A) ::= MESSAGE(F) expectation(X).                  { A = build_effect(parser, X, EFFECT_MESSAGE, &F, NULL, NULL); }
effect(A) ::= ANSWER(F) ID(R) expectation(X).             { A = build_effect(parser, X, EFFECT_ANSWER, &F, NULL, &R); }
effect(A) ::= ANSWER(F) expectation(X).                   { A = build_effect(parser, X, EFFECT_ANSWER, &F, NULL, NULL); }
effect(A) ::= event_reference(E) expectation(X).          { A = build_event_effect(parser, X, E); }

/* `for "A"`, `at POINT`, `because REASON`, `where …`, each at most once, in this order. */
%type for_player {struct name}
%type at_point {struct point *}
%type because {struct name}
expectation(A) ::= for_player(F) at_point(P) because(R) where(W). { A = build_expectation(parser, F, P, R, W); }
for_player(A) ::= .                { A = (struct name){0}; }
for_player(A) ::= FOR STRING(N).   { A = build_name(parser, &N); }
at_point(A) ::= .                  { A = NULL; }
at_point(A) ::= AT point(P).       { A = P; }
because(A) ::= .                   { A = (struct name){0}; }
because(A) ::= BECAUSE ID(R).      { A = build_name(parser, &R); }
because(A) ::= BECAUSE STRING(R).  { A = build_name(parser, &R); }

%code {
#include "compiler/grammar_probe.inc"
}
