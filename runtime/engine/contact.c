/* See contact.h. */
#include "runtime/engine/contact.h"

enum { CONTACT_MAX = 1024 };

struct crypto_key contact_key(struct text workspace, const uint8_t *identity_key)
{
    struct text secret = identity_key == NULL ? workspace : text_make((const char *)identity_key, CRYPTO_KEY_SIZE);
    return crypto_derive_key(secret, TEXT("suppression"));
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Digits and what people write between them; at least five digits. */
static bool is_telephone(struct text value)
{
    static const char between[] = {'(', ')', '-', '.', '/', ' '};
    uint32_t digits = 0;
    for (uint32_t i = 0; i < value.size; i++) {
        char byte = value.at[i];
        if (byte >= '0' && byte <= '9') {
            digits++;
        } else if (byte == '+' ? i > 0 : memchr(between, byte, sizeof between) == NULL) {
            return false;
        }
    }
    return digits >= 5;
}

static uint32_t normalise(char out[CONTACT_MAX], struct text value)
{
    while (value.size > 0 && is_blank(value.at[0])) value = text_make(value.at + 1, value.size - 1);
    while (value.size > 0 && is_blank(value.at[value.size - 1])) value.size--;
    bool telephone = is_telephone(value);
    uint32_t size = 0;
    for (uint32_t i = 0; i < value.size && size < CONTACT_MAX; i++) {
        char byte = value.at[i];
        bool counts = (byte >= '0' && byte <= '9') || (byte == '+' && i == 0);
        if (telephone && !counts) continue;
        out[size++] = byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
    }
    return size;
}

bool contact_hash(uint8_t out[16], const struct crypto_key *key, struct text value)
{
    char bytes[1 + CONTACT_MAX] = {'c'};
    uint32_t size = normalise(bytes + 1, value);
    if (size == 0) return false;
    struct crypto_id id = crypto_keyed128(bytes, size + 1u, key);
    memcpy(out, id.bytes, 16);
    return true;
}
