/*
 * template: a message body as pieces: text, and holes that are filled when it is shown.
 *
 *   {player.first_name}   {deposit.amount}   {journey.score}   {offer.amount}   {code}   {link play}
 *   {offer.spins: one spin | # spins}        a form by the plural rules of the locale; # is the number
 *   {{                                       a brace
 *
 * In an HTML body each hole says where it stands (vm/markup.h); in `style` and `script` a brace is a brace. What names mean is the
 * compiler's business, how values look that of runtime/channels. Nothing here allocates.
 */
#ifndef VM_TEMPLATE_H
#define VM_TEMPLATE_H

#include "vm/markup.h"
#include "vm/program.h"

enum template_kind {
    TEMPLATE_TEXT,
    TEMPLATE_VALUE, /* owner and name; `{code}` has no name */
    TEMPLATE_LINK,  /* name */
    TEMPLATE_BAD    /* what stands in braces is no hole */
};

enum { TEMPLATE_FORMS_MAX = 6 };

struct template_piece {
    enum template_kind kind;
    uint32_t start, end; /* in the body, with braces */
    struct text text;    /* TEXT: the bytes */
    struct text owner, name;
    struct text inside; /* VALUE: as written, without the forms: "offer.spins"; BAD: all between the braces */
    struct text form[TEMPLATE_FORMS_MAX];
    uint32_t form_count;     /* 0: none. More than the most: TEMPLATE_FORMS_MAX + 1 */
    enum markup_place place; /* HTML; otherwise MARKUP_TEXT */
};

struct template
{
    struct text body;
    uint32_t at;
    bool is_html;
    struct markup markup;
};

/* At the beginning of a body, which is borrowed. */
void template_begin(struct template *template, struct text body, enum body_format format);

/* The next piece; false at the end. Every byte of the body is in exactly one piece. A brace that is never closed is text. */
bool template_next(struct template_piece *out, struct template *template);

/* The n-th form's text with every `#` replaced by `number`, appended to a buffer. */
struct buffer;
void template_form(struct buffer *out, struct text form, struct text number);

#endif
