/*
 * Codes as people type them: patterns, reading what was typed, and the n-th code of a pool.
 *
 *   n (0 … made-1) ── keyed permutation ──► place in the space ── digits of the alphabet ──► "SPRING-K7QW2MXA"
 *   "  spring-k7qw2mxa " ── read ──► "SPRING-K7QW2MXA" ── digits ──► place ── back ──► n, or none
 *
 * No code is stored: whoever has the key can make all of them and tell a made one from a guess; whoever has not sees letters that follow no rule.
 * What became of a code is runtime/engine/pool.h's matter; what a pool may say is compiler/check_codes.c's.
 *
 * How hard a code is to guess: of `space` texts that fit the pattern `made` are codes, so one guess hits with made / space. A code carries
 * log2(space / made) bits. With a lock after `tries` wrong ones for `lock_ms` a player can guess so often in an hour:
 * tries * ceil(1 hour / lock_ms), at least `tries`; without a lock 3,600 times.
 */
#ifndef VM_CODE_WORD_H
#define VM_CODE_WORD_H

#include "vm/crypto.h"

enum {
    CODE_WORD_SIZE = 64,    /* bytes of a code, as printed */
    CODE_WORD_TYPED = 128,  /* bytes of what is typed, blanks and all */
    CODE_WORD_ALPHABET = 94 /* letters: printable ASCII without the blank */
};
#define CODE_WORD_SPACE_MOST (UINT64_C(1) << 62)

/* What a pool ignores where it reads a code. Blanks at both ends never count. */
struct code_reading {
    bool ignore_case, ignore_spaces, ignore_dashes;
};

/* A pattern made ready. Borrows nothing. */
struct code_word {
    struct code_reading reading;
    char pattern[CODE_WORD_SIZE]; /* `?` stands for a letter */
    uint32_t size;
    char alphabet[CODE_WORD_ALPHABET];
    uint32_t base;
    uint8_t digit[128]; /* of a letter; 255: none */
    uint32_t holes;
    uint64_t space; /* how many texts fit */
};

enum code_word_fault {
    CODE_WORD_FINE,
    CODE_WORD_TOO_LONG,    /* pattern or code: more than CODE_WORD_SIZE bytes, or none at all */
    CODE_WORD_NOT_ASCII,   /* something else than printable ASCII */
    CODE_WORD_NO_HOLE,     /* the pattern has no `?` */
    CODE_WORD_FEW_LETTERS, /* an alphabet of less than two letters */
    CODE_WORD_TWICE,       /* a letter stands in the alphabet twice, also by ignoring case */
    CODE_WORD_IGNORED,     /* a letter of the alphabet is one that reading ignores */
    CODE_WORD_TOO_MANY     /* more than 2^62 texts fit */
};

/* Makes a pattern ready; nothing of `out` counts unless it is fine. */
enum code_word_fault code_word_make(struct code_word *out, struct text pattern, struct text alphabet,
                                    struct code_reading reading);

/* Whether a code may be kept as it is: printable ASCII, 1 to 64 bytes once it is read. */
enum code_word_fault code_word_judge(struct text code, struct code_reading reading);

/* What was typed as pools keep it: without blanks at its ends, without what is ignored, large letters where case is. Its size, or 0 where it can be
 * no code. */
uint32_t code_word_read(char out[CODE_WORD_SIZE], struct text typed, struct code_reading reading);

/* The n-th code (n < made <= space) as it is printed; its size. */
uint32_t code_word_nth(char out[CODE_WORD_SIZE], const struct code_word *word, const struct crypto_key *key,
                       uint64_t n);
/* Which one a read text is; false where it does not fit the pattern or n would be `made` or more. */
bool code_word_find(const struct code_word *word, const struct crypto_key *key, uint64_t made, struct text read,
                    uint64_t *n);

/* The key of a pool's codes: from that of identities and the pool's name. */
struct crypto_key code_word_key(const struct crypto_key *identity, struct text pool);

/* log2(space / made) in thousandths of a bit, rounded down; 0 where made is 0 or not below space. */
uint32_t code_word_bits(uint64_t space, uint64_t made);
/* How often a player can guess in an hour; `tries` 0: no lock. */
uint64_t code_word_tries(uint32_t tries, int64_t lock_ms);

#endif
