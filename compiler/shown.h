/*
 * shown: what messages show of the credit before them, `{offer.amount}`, and of a code, `{code}`: journey variables that each credit (or the
 * event that brings a code) sets, and that are known only where it was granted.
 *
 * Which holes there are is compiler/check_messages.h; what is known where, compiler/flow_known.c.
 */
#ifndef PROMO_COMPILER_SHOWN_H
#define PROMO_COMPILER_SHOWN_H

#include "compiler/campaign.h"

/* What a message of the campaign shows. */
struct shown {
    struct text owner, name; /* "offer" and "amount"; "code" and nothing */
    uint32_t variable;       /* PROGRAM_NONE: no offer of the campaign has it */
    uint32_t currency;       /* the variable of its currency, where that is one of the moment; otherwise PROGRAM_NONE */
    bool is_text;            /* the variable says of which offer */
    bool differs;            /* its type is not the same in all offers */
    struct type first, second; /* then: two of them */
};

/* Finds what the campaign's messages show, and makes its variables. After flow_build. */
void shown_prepare(struct campaign *campaign);

/* The variables of all that is shown of offers: a credit makes them unknown. */
uint64_t shown_of_offers(const struct campaign *campaign);
/* Those that a granted CREDIT makes known; that an EVENT node makes known. */
uint64_t shown_by_credit(const struct campaign *campaign, const struct node *node);
uint64_t shown_by_event(const struct campaign *campaign, const struct node *node);

/* The registers of a credit, when all its values stand in them. */
struct shown_registers {
    const struct campaign_offer *offer;
    uint32_t base;     /* of the action's parameters */
    uint32_t paid;     /* what is paid, or the cost */
    uint32_t deposit;  /* PROGRAM_NONE: it does not count */
    uint32_t currency; /* that is paid; PROGRAM_NONE: the campaign's */
};
/* Keeps what is shown of this credit. */
void shown_store(struct campaign *campaign, struct emitter *emitter, const struct node *node,
                 const struct shown_registers *registers);
/* Keeps the code of the event. */
void shown_capture(struct campaign *campaign, struct emitter *emitter, const struct node *node);

/* Whether the hole is one of these. */
bool shown_is(const struct hole *hole);
/* Whether the message of a SEND shows something of an offer. */
bool shown_in_send(struct campaign *campaign, const struct node *node);
/* How many values it takes: money in a currency of the moment takes two. */
uint32_t shown_values(const struct campaign *campaign, const struct hole *hole);
/* Reads it at a `send`; a text of an offer into the register `target`. `currency`, where it takes two values, the second. False: reported. */
bool shown_read(struct campaign *campaign, struct emitter *emitter, const struct node *node, const struct hole *hole,
                uint32_t target, struct reading *out, struct reading *currency);

#endif
