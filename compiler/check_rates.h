/*
 * Rate tables, and values that are converted by them.
 *
 * `deposit.amount in EUR by "ecb"` takes the money of an event in whichever currency it came, so the line that lets the event in asks for
 * a rate instead of for the campaign's currency. Money of a known currency is scaled exactly, by arithmetic alone.
 * Exact factors: vm/convert.h. spec: language.md#rates-and-conversions
 */
#ifndef PROMO_COMPILER_CHECK_RATES_H
#define PROMO_COMPILER_CHECK_RATES_H

#include "compiler/campaign.h"

/* The rate tables as RATES and RATE records; after the currencies, before all code. */
void rates_emit(struct names *names);

/* A table by its name: its RATES index, or PROGRAM_NONE after a report. */
uint32_t rates_need(struct names *names, const struct name *name);

/* The CONVERSION of a table into one currency (outward: out of it, into any); makes it where it is new. */
uint32_t rates_conversion(struct names *names, uint32_t rates, uint32_t currency, bool outward);

/* The conversion that a VALUE_CONVERSION names; PROGRAM_NONE after a report. */
uint32_t rates_of_value(struct names *names, const struct value *value);

/* Goes on where the table has a rate for the currency in this slot, to `no` where it has none. */
void rates_ask(struct emitter *emitter, const struct reading *currency, uint32_t conversion, uint32_t site,
               struct label *no);

/* An amount whose currency stands in `currency` (a slot or a register), to be converted: nothing is emitted before it is rounded, so a
 * share of it is rounded once. A currency without a rate gives 0: ask before. */
struct reading rates_convert(struct emitter *emitter, const struct reading *amount, const struct reading *currency,
                             uint32_t conversion, struct span span);

/* Converts and rounds such a reading, into a register; what does not convert stays as it is. False after a report. */
bool rates_settle(struct emitter *emitter, struct reading *reading, enum rounding rounding);

/* A VALUE_CONVERSION. */
struct reading rates_read(struct emitter *emitter, const struct value *value);

/* The conversions, at most 64, that a condition makes of a field of its event: their CONVERSION indices; how many. */
uint32_t rates_of_field(struct names *names, const struct condition *condition, struct text field, uint32_t out[64],
                        uint32_t count);

#endif
