/*
 * sms: how long a text is as a text message: its alphabet, its units, its parts.
 *
 * The default alphabet of GSM 03.38 has 7 bits a character, with an extension table whose characters take two; one character
 * outside makes the whole text UCS-2, 16 bits a unit. One part holds 160 or 70 units; of several each holds 153 or 67,
 * and what takes two units is not torn apart. No national shift tables: few networks and fewer gateways take them.
 */
#ifndef VM_SMS_H
#define VM_SMS_H

#include "vm/text.h"

struct sms {
    bool is_wide;         /* UCS-2 */
    uint32_t units;       /* septets, or 16-bit units */
    uint32_t parts;       /* at least 1 */
    uint32_t wide_at;     /* where the first character outside the default alphabet begins, or the text's size */
    uint32_t wide_letter; /* that character, as a code point; 0: there is none */
};

/* Measures a UTF-8 text. Bytes that are no UTF-8 count as one character outside each. */
struct sms sms_measure(struct text text);

/* Units that one part holds in a message of so many parts. */
uint32_t sms_room(bool is_wide, uint32_t parts);

/* A character or two of the default alphabet that people write instead ("'" for a typographic apostrophe, "e" for an e with an ogonek);
 * empty where nobody would. Static. */
struct text sms_instead(uint32_t letter);

#endif
