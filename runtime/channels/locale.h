/*
 * locale: numbers, money, dates and words as the people of a locale write them, by ICU and its CLDR data.
 *
 * Everything comes in as exact text or whole numbers and leaves as UTF-8; nothing is computed in floating point. What a release of CLDR says
 * may change with the release, so nothing of this ever reaches the engine or a digest: it is for eyes.
 * Locales are BCP 47 tags: "en", "en-GB", "pt-BR". An unknown one is shown as ICU's root locale shows it.
 * Thread rules: any number of threads.
 */
#ifndef PROMO_RUNTIME_CHANNELS_LOCALE_H
#define PROMO_RUNTIME_CHANNELS_LOCALE_H

#include "vm/buffer.h"

/* A number as "1234.5" (digits, at most one point, a minus): "1.234,5" in German. What is no such number is appended as it stands. */
void locale_number(struct buffer *out, struct text locale, struct text number);

/* "12.5" as a percentage. */
void locale_percent(struct buffer *out, struct text locale, struct text number);

/* Money: "37.50" of "EUR" as "€37.50" or "37,50 €", with as many decimals as the currency has; `short`: none where they are zeros. */
void locale_money(struct buffer *out, struct text locale, struct text number, struct text currency, bool is_short);

/* A date (days since 1970-01-01): "1 June 2026". */
void locale_date(struct buffer *out, struct text locale, int64_t date);

/* A time of day in ms, to the minute. */
void locale_time(struct buffer *out, struct text locale, int64_t ms_of_day);

/* A moment by the clock of a zone (vm/zone.h): date and time to the minute. */
void locale_moment(struct buffer *out, struct text locale, uint32_t zone, int64_t instant);

/* A duration as the language writes it, "7 days 1 hour": the same in words of the locale. */
void locale_duration(struct buffer *out, struct text locale, struct text words);

/* The name of a country by its two capitals. */
void locale_country(struct buffer *out, struct text locale, struct text code);

/* Which plural category ("one", "few", "other") the number has; lives for ever. */
struct text locale_plural(struct text locale, struct text number);

/* Whether the language is written from right to left. */
bool locale_is_backwards(struct text locale);

#endif
