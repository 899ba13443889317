/*
 * lexer: one token of campaign text. Longest match; among equals the first rule.
 *
 * Rules only name what they see. Spans are start and cursor; lines and columns are counted when a
 * person is to read them. The text ends in one NUL, which no rule reads past; a NUL inside the text
 * is an invalid character like any other. Next: compiler/lexer_lines.c.
 */
#include "compiler/lexer.h"

#include "compiler/grammar.h"

bool lexer_next(struct token *out, struct lexer *lexer)
{
    const unsigned char *const text = (const unsigned char *)lexer->source->text.at;
    const unsigned char *const limit = text + lexer->source->text.size;
    const unsigned char *cursor = text + lexer->cursor;
    const unsigned char *marker = cursor;
    const unsigned char *start;
    uint16_t kind;
    uint16_t mistake = 0;

again:
    start = cursor;
    if (cursor >= limit) return false;

    /*!re2c
    re2c:define:YYCTYPE     = "unsigned char";
    re2c:define:YYCURSOR    = cursor;
    re2c:define:YYMARKER    = marker;
    re2c:yyfill:enable      = 0;
    re2c:flags:8            = 0;

    blank    = [ \t\r] | "\xC2\xA0" | "\xE2\x80\xAF" | "\xE2\x80\x89" | "\xEF\xBB\xBF";
    grouped  = [0-9]{1,3} ("," [0-9]{3})+;
    whole    = grouped | [0-9]+;
    number   = whole ("." [0-9]+)?;
    spaced   = [0-9]{1,3} ((blank | "'") [0-9]{3})+ ([.,] [0-9]{1,2})?;
    dotted   = [0-9]{1,3} ("." [0-9]{3})+ "," [0-9]{1,2} | [0-9]{1,3} ("." [0-9]{3}) ("." [0-9]{3})+;
    badnum   = [0-9]+ ("," [0-9]+)+ ("." [0-9]+)? | dotted;
    currency = [A-Z]{3};
    sign     = "$" | "\xC2\xA3" | "\xC2\xA5" | "\xE2\x82\xAC";
    unit     = ("millisecond" | "second" | "minute" | "hour" | "day" | "week" | "month" | "year") "s"?;
    word     = [A-Za-z][A-Za-z0-9_]*;
    stop     = [^A-Za-z0-9_];
    date     = [0-9]{4} "-" [0-9]{2} "-" [0-9]{2};
    clock    = [0-9]{1,4} ":" [0-9]{2} (":" [0-9]{2} ("." [0-9]{1,3})?)?;
    plain    = [^"\n\x00];
    curly    = "\xE2\x80\x9C" | "\xE2\x80\x9D" | "\xE2\x80\x9E" | "\xE2\x80\x98" | "\xE2\x80\x99" | "\xE2\x80\x9A";
    inside   = [^\n\x00"\xE2] | "\xE2" [^\x80\n\x00];
    guillem  = "\xC2\xAB" [^\n\x00"\xC2]* "\xC2\xBB";

    blank+                                    { goto again; }
    "\n"                                      { kind = TK_NEWLINE; goto done; }
    "#" [^\n\x00]*                            { kind = TK_COMMENT; goto done; }
    "//" [^\n\x00]* | "--" [^\n\x00]* | "/*" [^\n\x00]*         { kind = TK_COMMENT; mistake = DIAGNOSTIC_COMMENT_STYLE; goto done; }

    number                                    { kind = TK_NUMBER; goto done; }
    badnum                                    { kind = TK_NUMBER; mistake = DIAGNOSTIC_NUMBER_GROUPS; goto done; }
    number "%"                                { kind = TK_PERCENT; goto done; }
    number blank+ "%"                         { kind = TK_PERCENT; mistake = DIAGNOSTIC_GLUED_SIGN; goto done; }
    number blank+ "percent" / stop            { kind = TK_PERCENT; mistake = DIAGNOSTIC_GLUED_SIGN; goto done; }
    badnum blank* "%"                         { kind = TK_PERCENT; mistake = DIAGNOSTIC_NUMBER_GROUPS; goto done; }
    number "x" / stop                         { kind = TK_MULTIPLE; goto done; }
    number blank+ currency / stop             { kind = TK_MONEY; goto done; }
    badnum blank+ currency / stop             { kind = TK_MONEY; mistake = DIAGNOSTIC_NUMBER_GROUPS; goto done; }
    spaced blank+ currency / stop             { kind = TK_MONEY; mistake = DIAGNOSTIC_NUMBER_GROUPS; goto done; }
    number blank+ currency (blank+ "or" blank+ number blank+ currency)+ / stop { kind = TK_PRICES; goto done; }
    sign blank* number | number blank* sign   { kind = TK_MONEY; mistake = DIAGNOSTIC_MONEY_STYLE; goto done; }
    sign blank* badnum | badnum blank* sign   { kind = TK_MONEY; mistake = DIAGNOSTIC_MONEY_STYLE; goto done; }
    [0-9] [0-9,.]* [,.] "-" "-"? blank* sign  { kind = TK_MONEY; mistake = DIAGNOSTIC_MONEY_STYLE; goto done; }
    [0-9] [0-9,.]* [,.] "-" "-"? blank* currency / stop { kind = TK_MONEY; mistake = DIAGNOSTIC_MONEY_STYLE; goto done; }
    number currency / stop                    { kind = TK_MONEY; mistake = DIAGNOSTIC_MONEY_STYLE; goto done; }
    currency blank+ number / [^A-Za-z0-9_:-]  { kind = TK_MONEY; mistake = DIAGNOSTIC_MONEY_STYLE; goto done; }
    number blank+ unit (blank+ number blank+ unit)* / stop { kind = TK_DURATION; goto done; }
    number [A-Za-z_][A-Za-z0-9_]*             { kind = TK_NUMBER; mistake = DIAGNOSTIC_NUMBER_WITH_LETTERS; goto done; }
    date                                      { kind = TK_DATE; goto done; }
    date "T" clock ("Z" | [+-] clock)?        { kind = TK_DATE; mistake = DIAGNOSTIC_MOMENT_STYLE; goto done; }
    [0-9]{4} "-" [0-9]{1,2} "-" [0-9]{1,2}    { kind = TK_DATE; mistake = DIAGNOSTIC_DATE_STYLE; goto done; }
    [0-9]{1,2} [./] [0-9]{1,2} [./] [0-9]{4} | [0-9]{4} [./] [0-9]{1,2} [./] [0-9]{1,2} { kind = TK_DATE; mistake = DIAGNOSTIC_DATE_STYLE; goto done; }
    clock                                     { kind = TK_CLOCK; goto done; }

    "player" ("'" | "\xE2\x80\x99") "s"       { kind = TK_PLAYERS_OWN; goto done; }
    word                                      { kind = TK_ID; goto done; }
    word ("'" | "\xE2\x80\x99") "t"           { kind = TK_ID; goto done; }
    "time" ("'" | "\xE2\x80\x99") "s"         { kind = TK_ID; goto done; }
    [A-Z] [a-z]+ ("/" [A-Z] [A-Za-z_]+)+      { kind = TK_STRING; mistake = DIAGNOSTIC_NAME_NEEDS_QUOTES; goto done; }
    word ("." word)+                          { kind = TK_PATH; goto done; }

    ["] plain* ["]                            { kind = TK_STRING; goto done; }
    ["] plain*                                { kind = TK_STRING; mistake = DIAGNOSTIC_UNCLOSED_TEXT; goto done; }
    "'" [^'\n\x00"]* "'"                      { kind = TK_STRING; mistake = DIAGNOSTIC_QUOTE_STYLE; goto done; }
    "&quot;" [^&\n\x00"]* "&quot;"            { kind = TK_STRING; mistake = DIAGNOSTIC_QUOTE_STYLE; goto done; }
    curly inside* (curly | ["]) | guillem     { kind = TK_STRING; mistake = DIAGNOSTIC_QUOTE_STYLE; goto done; }

    "," { kind = TK_COMMA; goto done; }
    "+" { kind = TK_PLUS; goto done; }
    "-" { kind = TK_MINUS; goto done; }
    "*" { kind = TK_STAR; goto done; }
    "/" { kind = TK_SLASH; goto done; }
    "(" { kind = TK_LEFT_PAREN; goto done; }
    ")" { kind = TK_RIGHT_PAREN; goto done; }
    "=" | "=="                                { kind = TK_EQUAL; goto done; }
    "!=" | "<>" | "\xE2\x89\xA0"              { kind = TK_NOT_EQUAL; goto done; }
    "<"                                       { kind = TK_LESS_SIGN; goto done; }
    "<=" | "\xE2\x89\xA4"                     { kind = TK_LESS_EQUAL; goto done; }
    ">"                                       { kind = TK_GREATER_SIGN; goto done; }
    ">=" | "\xE2\x89\xA5"                     { kind = TK_GREATER_EQUAL; goto done; }
    "&" | "&&"                                { kind = TK_AND; mistake = DIAGNOSTIC_SYMBOL_FOR_WORD; goto done; }
    "&amp;" | "&amp;&amp;"                    { kind = TK_AND; mistake = DIAGNOSTIC_SYMBOL_FOR_WORD; goto done; }
    "&lt;"                                    { kind = TK_LESS_SIGN; mistake = DIAGNOSTIC_SYMBOL_FOR_WORD; goto done; }
    "&lt;="                                   { kind = TK_LESS_EQUAL; mistake = DIAGNOSTIC_SYMBOL_FOR_WORD; goto done; }
    "&gt;"                                    { kind = TK_GREATER_SIGN; mistake = DIAGNOSTIC_SYMBOL_FOR_WORD; goto done; }
    "&gt;="                                   { kind = TK_GREATER_EQUAL; mistake = DIAGNOSTIC_SYMBOL_FOR_WORD; goto done; }
    "&nbsp;"                                  { kind = TK_INVALID; mistake = DIAGNOSTIC_UNKNOWN_CHARACTER; goto done; }
    "|" | "||"                                { kind = TK_OR; mistake = DIAGNOSTIC_SYMBOL_FOR_WORD; goto done; }

    [\xC2-\xDF] [\x80-\xBF] | [\xE0-\xEF] [\x80-\xBF]{2} | [\xF0-\xF4] [\x80-\xBF]{3} { kind = TK_INVALID; mistake = DIAGNOSTIC_UNKNOWN_CHARACTER; goto done; }
    [^]                                       { kind = TK_INVALID; mistake = DIAGNOSTIC_UNKNOWN_CHARACTER; goto done; }
    */

done:
    lexer->cursor = (uint32_t)(cursor - text);
    out->kind = kind;
    out->mistake = mistake;
    out->span = (struct span){lexer->source->file, (uint32_t)(start - text), lexer->cursor};
    out->text = (struct text){(const char *)start, (uint32_t)(cursor - start)};
    return true;
}
