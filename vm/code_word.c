/*
 * A keyed permutation of 0 … space-1: a Feistel network over the next even number of bits whose rounds are keyed hashes, walked until it lands
 * inside (at most four steps on average, since the network's domain is less than four times the space). Contract: code_word.h.
 */
#include "vm/code_word.h"

#include "vm/buffer.h"
#include "vm/round.h"

enum { ROUNDS = 8 };

static char large(char letter)
{
    return letter >= 'a' && letter <= 'z' ? (char)(letter - 'a' + 'A') : letter;
}

static bool is_ignored(char letter, struct code_reading reading)
{
    return (letter == ' ' && reading.ignore_spaces) || (letter == '-' && reading.ignore_dashes);
}

static bool is_printable(struct text text)
{
    for (uint32_t i = 0; i < text.size; i++) {
        if (text.at[i] < ' ' || text.at[i] > '~') return false;
    }
    return true;
}

uint32_t code_word_read(char out[CODE_WORD_SIZE], struct text typed, struct code_reading reading)
{
    typed = text_trim(typed);
    if (typed.size == 0 || typed.size > CODE_WORD_TYPED || !is_printable(typed)) return 0;
    uint32_t size = 0;
    for (uint32_t i = 0; i < typed.size; i++) {
        if (is_ignored(typed.at[i], reading)) continue;
        if (size == CODE_WORD_SIZE) return 0;
        out[size++] = reading.ignore_case ? large(typed.at[i]) : typed.at[i];
    }
    return size;
}

enum code_word_fault code_word_judge(struct text code, struct code_reading reading)
{
    char unused[CODE_WORD_SIZE];
    if (!is_printable(code)) return CODE_WORD_NOT_ASCII;
    if (code.size > CODE_WORD_SIZE || code_word_read(unused, code, reading) == 0) return CODE_WORD_TOO_LONG;
    return CODE_WORD_FINE;
}

enum code_word_fault code_word_make(struct code_word *out, struct text pattern, struct text alphabet,
                                    struct code_reading reading)
{
    *out = (struct code_word){.reading = reading, .space = 1};
    if (!is_printable(pattern) || !is_printable(alphabet)) return CODE_WORD_NOT_ASCII;
    pattern = text_trim(pattern);
    if (pattern.size == 0 || pattern.size > CODE_WORD_SIZE) return CODE_WORD_TOO_LONG;
    memcpy(out->pattern, pattern.at, pattern.size);
    out->size = pattern.size;
    memset(out->digit, 255, sizeof out->digit);
    for (uint32_t i = 0; i < alphabet.size; i++) {
        char letter = alphabet.at[i];
        if (letter == ' ' || is_ignored(letter, reading)) return CODE_WORD_IGNORED;
        char read = reading.ignore_case ? large(letter) : letter;
        if (out->digit[(unsigned char)read] != 255) return CODE_WORD_TWICE;
        out->digit[(unsigned char)read] = (uint8_t)out->base;
        out->alphabet[out->base++] = letter;
    }
    if (out->base < 2) return CODE_WORD_FEW_LETTERS;
    for (uint32_t i = 0; i < pattern.size; i++) {
        if (pattern.at[i] != '?') continue;
        out->holes++;
        if (out->space > CODE_WORD_SPACE_MOST / out->base) return CODE_WORD_TOO_MANY;
        out->space *= out->base;
    }
    return out->holes == 0 ? CODE_WORD_NO_HOLE : CODE_WORD_FINE;
}

/* ---------------------------------------------------------------- the permutation */

static uint32_t half_bits(uint64_t space)
{
    uint32_t bits = 1;
    while (bits < 31 && (UINT64_C(1) << (2 * bits)) < space) bits++;
    return bits;
}

static uint64_t round_of(const struct crypto_key *key, uint32_t round, uint64_t half)
{
    uint8_t bytes[16];
    for (uint32_t i = 0; i < 8; i++) bytes[i] = (uint8_t)(half >> (8 * i));
    for (uint32_t i = 0; i < 8; i++) bytes[8 + i] = (uint8_t)((uint64_t)round >> (8 * i));
    return buffer_load_u64(crypto_keyed128(bytes, sizeof bytes, key).bytes);
}

static uint64_t step(const struct crypto_key *key, uint32_t bits, uint64_t value, bool back)
{
    uint64_t mask = (UINT64_C(1) << bits) - 1, left = value >> bits, right = value & mask;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t round = back ? ROUNDS - 1 - i : i;
        if (back) {
            uint64_t before = right ^ (round_of(key, round, left) & mask);
            right = left;
            left = before;
        } else {
            uint64_t after = left ^ (round_of(key, round, right) & mask);
            left = right;
            right = after;
        }
    }
    return left << bits | right;
}

static uint64_t permute(const struct crypto_key *key, uint64_t space, uint64_t value, bool back)
{
    uint32_t bits = half_bits(space);
    do value = step(key, bits, value, back);
    while (value >= space);
    return value;
}

uint32_t code_word_nth(char out[CODE_WORD_SIZE], const struct code_word *word, const struct crypto_key *key, uint64_t n)
{
    INVARIANT(n < word->space);
    uint64_t place = permute(key, word->space, n, false);
    for (uint32_t i = word->size; i-- > 0;) {
        out[i] = word->pattern[i];
        if (out[i] != '?') continue;
        out[i] = word->alphabet[place % word->base];
        place /= word->base;
    }
    return word->size;
}

bool code_word_find(const struct code_word *word, const struct crypto_key *key, uint64_t made, struct text read,
                    uint64_t *n)
{
    uint64_t place = 0;
    uint32_t at = 0;
    for (uint32_t i = 0; i < word->size; i++) {
        char letter = word->pattern[i];
        if (letter != '?' && is_ignored(letter, word->reading)) continue;
        if (at == read.size) return false;
        unsigned char typed = (unsigned char)read.at[at++];
        if (letter == '?') {
            if (typed > 127 || word->digit[typed] == 255) return false;
            place = place * word->base + word->digit[typed];
        } else if (typed != (unsigned char)(word->reading.ignore_case ? large(letter) : letter)) {
            return false;
        }
    }
    if (at != read.size) return false;
    *n = permute(key, word->space, place, true);
    return *n < made;
}

struct crypto_key code_word_key(const struct crypto_key *identity, struct text pool)
{
    char hex[2 * CRYPTO_KEY_SIZE + 1 + 256];
    crypto_hex(hex, identity->bytes, sizeof identity->bytes);
    uint32_t size = 2 * CRYPTO_KEY_SIZE, name = pool.size < 256 ? pool.size : 256;
    if (name > 0) memcpy(hex + size, pool.at, name);
    struct crypto_key key = crypto_derive_key(text_make(hex, size + name), TEXT("promo codes 1"));
    crypto_wipe(hex, sizeof hex);
    return key;
}

/* ---------------------------------------------------------------- how hard it is to guess */

uint32_t code_word_bits(uint64_t space, uint64_t made)
{
    if (made == 0 || made >= space) return 0;
    /* The whole part by halving, then a bit of the fraction for each squaring; exact enough for thousandths, the same everywhere. */
    uint32_t whole = 0;
    uint128 quotient = ((uint128)space << 31) / made;
    while (quotient >> 32 != 0) quotient >>= 1, whole++;
    uint64_t value = (uint64_t)quotient; /* 1 … 2 with 31 bits behind the point */
    uint64_t fraction = 0, part = UINT64_C(1) << 31;
    for (uint32_t i = 0; i < 31; i++) {
        part >>= 1;
        value = value * value >> 31;
        if (value < UINT64_C(1) << 32) continue;
        value >>= 1;
        fraction |= part;
    }
    return whole * 1000 + (uint32_t)((fraction * 1000) >> 31);
}

uint64_t code_word_tries(uint32_t tries, int64_t lock_ms)
{
    const int64_t hour = 3600 * 1000;
    if (tries == 0 || lock_ms <= 0) return 3600;
    uint64_t locks = (uint64_t)((hour + lock_ms - 1) / lock_ms);
    return locks * tries;
}
