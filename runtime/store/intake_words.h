/*
 * The words of intake's refusals: where, what, and how to mend it. For the files of intake_scan.h alone.
 *
 * Each words_ function of a place returns false, so that a reader may `return words_at(...)`. The first message of a line
 * stays. User text stands in backticks, cut and cleaned so that the message is always one line of UTF-8.
 */
#ifndef PROMO_RUNTIME_STORE_INTAKE_WORDS_H
#define PROMO_RUNTIME_STORE_INTAKE_WORDS_H

#include "runtime/store/schema.h"

struct intake_words {
    const unsigned char *line, *end;
    struct error *error;    /* may be NULL */
    bool said;              /* the first message stays */
    struct text undeclared; /* the last key of this line that nobody declared: perhaps a misspelt one */
};

/* At a column of the line. */
bool words_at(struct intake_words *words, const unsigned char *at, const char *what);
bool words_control(struct intake_words *words, const unsigned char *at);
bool words_expected_value(struct intake_words *words, const unsigned char *at);
bool words_not_an_object(struct intake_words *words, const unsigned char *at);
bool words_twice(struct intake_words *words, const unsigned char *at, struct text name);

/* About the value of a member, which stands from `start` to `end`. */
bool words_value(struct intake_words *words, struct text name, const unsigned char *start, const unsigned char *end,
                 const char *why);

/* About the line as a whole. */
bool words_no_kind(struct intake_words *words);
bool words_missing_member(struct intake_words *words, const char *kind, struct text name);
bool words_strange_member(struct intake_words *words, const char *kind, struct text name);
bool words_missing_field(struct intake_words *words, struct text event, struct text field);
bool words_missing_about(struct intake_words *words, struct text event, struct text key, bool by_effect);
/* Of a player and a contact value exactly one is named. */
bool words_whom(struct intake_words *words, const char *kind);
bool words_unknown_event(struct intake_words *words, const struct program *program, struct text name);
bool words_unknown_query(struct intake_words *words, const struct program *program, struct text name);
bool words_not_on_command(struct intake_words *words, struct text campaign);
bool words_unknown_campaign(struct intake_words *words, const struct program *program, struct text name);
bool words_brand(struct intake_words *words, const struct program *program, struct text brand);
bool words_no_brand(struct intake_words *words, const struct program *program);
/* No pool of this name takes codes; what stands in `code` is none. */
bool words_codes(struct intake_words *words, const struct program *program, struct text name);
bool words_code(struct intake_words *words, struct text code);

/* Remembers a key that nobody declared. */
static inline void words_undeclared(struct intake_words *words, struct text name)
{
    words->undeclared = name;
}

/* What would have been right: constant words by type, or written into `out`. */
const char *words_number_form(const struct schema_column *column);
const char *words_quoted_form(const struct schema_column *column);
const char *words_money_form(const unsigned char *start);
const char *words_moment_form(const unsigned char *start);
void words_range(char *out, size_t room, const struct program *program, const struct schema_column *column);
void words_size(char *out, size_t room, uint32_t size, uint32_t largest);
void words_currency(char *out, size_t room, const struct program *program, const unsigned char *code);
void words_other_currency(char *out, size_t room, const struct program *program, uint32_t currency);
void words_decimals(char *out, size_t room, const unsigned char *code, unsigned decimals);
void words_enumeration(char *out, size_t room, const struct program *program, uint32_t enumeration, struct text word);
void words_choice(char *out, size_t room, const char *const *choices, uint32_t count);
void words_did_you_mean(char *out, size_t room, const char *what, struct text near);

#endif
