/*
 * plural: how many forms of a word a language has, and which of them a CLDR category means (spec/plurals.def).
 *
 * Which category a number has is not known here: runtime/channels/locale.h.
 */
#ifndef VM_PLURAL_H
#define VM_PLURAL_H

#include "vm/text.h"

/* "one few many": the categories of the locale's language in their order, by "pl" or "pl-PL"; empty where the language is not known. */
struct text plural_categories(struct text locale);

/* How many there are; 0: the language is not known. */
uint32_t plural_count(struct text locale);

/* Which form a category takes among `count` of them; the last where the language does not list it. */
uint32_t plural_form(struct text locale, struct text category, uint32_t count);

#endif
