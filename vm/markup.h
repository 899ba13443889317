/*
 * markup: where in an HTML text one stands, byte by byte, as far as it decides how a value is to be written there.
 *
 * It is no parser: it builds nothing, mends nothing and knows no nesting. A body that a person would call broken is read
 * in some way, and where that is unsure the place is MARKUP_UNSAFE, which takes no value.
 * Next: vm/template.h, which walks bodies with it.
 */
#ifndef VM_MARKUP_H
#define VM_MARKUP_H

#include "vm/text.h"

enum markup_place {
    MARKUP_TEXT,      /* between tags: escaped as text */
    MARKUP_VALUE,     /* in the quoted value of an attribute: escaped as text */
    MARKUP_URL_START, /* where the address of `href` or `src` begins: only a whole link may stand here */
    MARKUP_URL,       /* further inside such an address: percent-encoded */
    MARKUP_RAW,       /* in `style` or `script`: no holes are read, a brace is a brace */
    MARKUP_UNSAFE     /* in a tag, a comment, a value without quotes, `onclick` or `style`: no value can stand here */
};

enum { MARKUP_NAME_MAX = 15 };

struct markup {
    uint8_t state;                     /* of the small machine in markup.c */
    uint8_t element_size, name_size;   /* of the two names, cut at MARKUP_NAME_MAX */
    bool closing;                      /* the tag is `</…>` */
    bool started;                      /* the attribute's value has begun */
    char quote;                        /* that ends the value */
    char element[MARKUP_NAME_MAX + 1]; /* of the tag; in RAW of the element that `</` must name; lower case */
    char name[MARKUP_NAME_MAX + 1];    /* of the attribute, or what follows `</` in RAW; lower case */
};

/* At the beginning of a text. */
void markup_begin(struct markup *markup);

/* Reads one byte. */
void markup_feed(struct markup *markup, char byte);

/* A value or a link was put in here. */
void markup_value(struct markup *markup);

enum markup_place markup_place(const struct markup *markup);

/* Appends to `out` the words of an HTML text: tags left out, blocks on lines of their own, the usual entities read. Addresses
 * of links follow their words in angle brackets. For the plain part of an email. */
struct buffer;
void markup_plain(struct buffer *out, struct text html);

#endif
