/*
 * address: the links of messages: marks of their origin, percent-encoding, short ids.
 */
#ifndef VM_ADDRESS_H
#define VM_ADDRESS_H

#include "vm/buffer.h"

enum { ADDRESS_SHORT_SIZE = 10 };

/* Appends the bytes percent-encoded, all but letters, digits and `-._~`: whole inside a path segment or a query value. */
void address_encode(struct buffer *out, struct text text);

/* Appends an address with `marks` ("utm_source=promo&utm_medium=email", already encoded) in its query: before its fragment, behind what
 * it asks already; marks whose name it has are left out. Only http and https addresses get marks. */
void address_mark(struct buffer *out, struct text address, struct text marks);

/* The short id of a link of one message: 10 letters and digits, a function of the effect's identity (16 bytes) and the link's name alone.
 * Of 62^10 possible ones, so that nobody guesses another player's. */
void address_short(char out[ADDRESS_SHORT_SIZE + 1], const uint8_t effect[16], struct text link);

#endif
