/*
 * Money of several currencies: price lists, and currencies that only the moment tells.
 *
 * A price list stands for the amount in whichever of its currencies it is. In an offer the player's currency picks, and what the campaign
 * spends is counted by the price in its own; in a comparison the event's currency picks. Arithmetic is not done here but in
 * compiler/arithmetic.h, exact factors in vm/convert.h. spec: language.md#several-currencies
 */
#ifndef PROMO_COMPILER_CHECK_MONEY_H
#define PROMO_COMPILER_CHECK_MONEY_H

#include "compiler/campaign.h"

enum { MONEY_CURRENCIES_MAX = 256 };

/* Some of the workspace's currencies. */
struct money_currencies {
    uint64_t bits[MONEY_CURRENCIES_MAX / 64];
};

static inline bool money_has(const struct money_currencies *set, uint32_t currency)
{
    return currency < MONEY_CURRENCIES_MAX && (set->bits[currency / 64] >> (currency % 64) & 1) != 0;
}

/* "EUR, PLN" in the arena; the last after `word`: "EUR or PLN". */
struct text money_words(const struct names *names, const struct money_currencies *set, const char *word);

/* The currencies of a price list; each must be in use and stand once. False: reported. */
bool money_list(struct names *names, const struct value *list, struct money_currencies *out);

/* The price in one currency, or NULL. */
const struct value *money_price(const struct names *names, const struct value *list, uint32_t currency);

/* Whether a value is compared with price lists. */
bool money_is_priced(const struct condition *condition);

/* The currencies of the price lists that a condition compares a field of the event with; false: none. Mistakes are told elsewhere. */
bool money_priced_field(const struct names *names, const struct condition *condition, struct text field,
                        struct money_currencies *out);

/* Goes on where the currency in this slot of the event is one of these, to `no` where it is not. */
void money_ask_currency(struct emitter *emitter, uint32_t slot, const struct money_currencies *set, uint32_t site,
                        struct label *no);

/* Reads money of an event in whatever currency it came, for a conversion (PROGRAM_NONE: for price lists): amount and currency, both
 * slots. False: reported, or no such money. */
bool money_read(struct emitter *emitter, const struct value *value, uint32_t conversion, struct reading *amount,
                struct reading *currency);

/* How an offer is paid, for emit_effects.c. */
struct money_offer {
    bool open;                     /* in a currency of the moment */
    struct money_currencies lists; /* of its price lists */
    bool has_lists;
    uint32_t conversion;  /* `pays in`: out of the campaign's currency, or PROGRAM_NONE */
    struct reading *own;  /* by parameter: in the campaign's currency, what the cost is made of */
    struct reading *paid; /* by parameter: in the currency that is paid */
};

/* Judges how an offer is paid. False: reported. */
bool money_offer_begin(struct emitter *emitter, const struct campaign_offer *offer, struct money_offer *out);

/* The currency that is paid into `currency`, and each price list into its register of `base` on: as many as the action has parameters.
 * With `pays in` the amounts follow: money_offer_convert. */
void money_offer_pick(struct emitter *emitter, const struct campaign_offer *offer, struct money_offer *money,
                      uint32_t base, uint32_t currency);

/* `pays in`: an amount in the campaign's currency, as it is paid, into the register `target`; false: reported. */
bool money_offer_convert(struct emitter *emitter, const struct money_offer *money, const struct reading *amount,
                         uint32_t currency, uint32_t target, struct reading *out);

#endif
