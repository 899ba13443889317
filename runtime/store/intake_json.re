/*
 * The pieces of JSON of which a line is made: texts and whatever nobody declared. Contract: runtime/store/intake_scan.h.
 *
 * Texts stay where they stand in the line; only escapes are written anew, into the room behind it.
 */
#include "runtime/store/intake_scan.h"

#include "runtime/store/intake_values.h"

/*!re2c
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYCURSOR = p;
    re2c:define:YYMARKER = marker;
    re2c:yyfill:enable = 0;
    re2c:flags:b = 1;

    digit   = [0-9];
    d2      = digit digit;
    d4      = d2 d2;
    blank   = [ \t\r\n];
    integer = "-"? ("0" | [1-9] digit*);
    exponent = [eE] [+-]? digit+;
    hex     = [0-9a-fA-F];
    tail    = [\x80-\xBF];
    utf8    = [\xC2-\xDF] tail | "\xE0" [\xA0-\xBF] tail | [\xE1-\xEC\xEE\xEF] tail tail | "\xED" [\x80-\x9F] tail
            | "\xF0" [\x90-\xBF] tail tail | [\xF1-\xF3] tail tail tail | "\xF4" [\x80-\x8F] tail tail;
*/

/* The rest of a text that is not plain. UTF-8 alone stays in place; from the first escape on the text is written anew. */
bool scan_text_slowly(struct intake *intake, const unsigned char *start, const unsigned char *p, struct text *out)
{
    const unsigned char *marker = p;
    unsigned char *begin = intake->escaped;
    unsigned char *to = NULL; /* NULL: nothing had to be written anew so far */
    for (;;) {
        const unsigned char *from = p;
        /*!re2c
            ["]  {
                const unsigned char *at = to != NULL ? begin : start;
                const unsigned char *end = to != NULL ? to : from;
                *out = (struct text){.at = (const char *)at, .size = (uint32_t)(end - at)};
                if (to != NULL) intake->escaped = to;
                intake->cursor = p;
                return true;
            }
            [\x20-\x7F]\["\\] | utf8 { goto keep; }
            "\\" ["\\/bfnrt]         { goto escape; }
            "\\u0000"                { return words_at(&intake->words, from, "a text may not hold the character \\u0000"); }
            "\\u" ([dD] [89abAB] hex{2}) "\\u" ([dD] [cdefCDEF] hex{2}) { goto pair; }
            "\\u" [dD] [89abcdefABCDEF] hex{2} {
                return words_at(&intake->words, from, "half of a surrogate pair; write both halves or the character itself");
            }
            "\\u" hex{4}             { goto code; }
            "\\"                     { return words_at(&intake->words, from, "an escape that JSON does not have"); }
            [\x00-\x1F]              { return words_control(&intake->words, from); }
            *                        { return words_at(&intake->words, from, "bytes that are not UTF-8"); }
        */
    keep:
        if (to != NULL) {
            memcpy(to, from, (size_t)(p - from));
            to += p - from;
        }
        continue;
    escape:
    pair:
    code:
        if (to == NULL) {
            memcpy(begin, start, (size_t)(from - start));
            to = begin + (from - start);
        }
        if (from[1] != 'u') {
            to = values_put_escape(to, from[1]);
        } else if (p - from == 12) {
            to = values_put_utf8(to, 0x10000 + ((values_hex4(from + 2) - 0xD800) << 10) + (values_hex4(from + 8) - 0xDC00));
        } else {
            to = values_put_utf8(to, values_hex4(from + 2));
        }
    }
}

/* Any value, structurally: `cursor` moves behind it. An undeclared field is checked as JSON too, up to a depth. */
bool scan_skip(struct intake *intake)
{
    const unsigned char *p = intake->cursor;
    const unsigned char *marker = p;
    uint64_t objects = 0; /* bit n: level n is an object */
    unsigned depth = 0;
    unsigned char *room = intake->escaped; /* what is skipped needs no room */
    struct text text;
value:
    p = scan_blanks(p);
    intake->cursor = p;
    /*!re2c
        ["]                                       { goto string; }
        integer ("." digit+)? exponent?           { goto after; }
        "true" | "false" | "null"                 { goto after; }
        "{"                                       { goto object; }
        "["                                       { goto array; }
        *                                         { return words_expected_value(&intake->words, p - 1); }
    */
string:
    if (!scan_text(intake, p, &text)) return false;
    intake->escaped = room;
    p = intake->cursor;
    goto after;
array:
    if (depth == SCAN_DEPTH_MAX) return words_at(&intake->words, p - 1, "lists and objects nested too deeply");
    objects &= ~(UINT64_C(1) << depth);
    depth++;
    p = scan_blanks(p);
    if (*p != ']') goto value;
    p++;
    depth--;
    goto after;
object:
    if (depth == SCAN_DEPTH_MAX) return words_at(&intake->words, p - 1, "lists and objects nested too deeply");
    objects |= UINT64_C(1) << depth;
    depth++;
    p = scan_blanks(p);
    if (*p != '}') goto key;
    p++;
    depth--;
    goto after;
key:
    p = scan_blanks(p);
    if (*p != '"') return words_at(&intake->words, p, "expected a key in quotes");
    if (!scan_text(intake, p + 1, &text)) return false;
    intake->escaped = room;
    p = scan_blanks(intake->cursor);
    if (*p != ':') return words_at(&intake->words, p, "expected `:` behind the key");
    p++;
    goto value;
after:
    if (depth == 0) {
        intake->cursor = p;
        return true;
    }
    p = scan_blanks(p);
    bool in_object = (objects >> (depth - 1) & 1) != 0;
    if (*p == ',') {
        p++;
        if (in_object) goto key;
        goto value;
    }
    if (*p != (in_object ? '}' : ']')) {
        return words_at(&intake->words, p, in_object ? "expected `,` or `}`" : "expected `,` or `]`");
    }
    p++;
    depth--;
    goto after;
}
