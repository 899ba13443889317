/* Links of messages. See address.h. */
#include "vm/address.h"

#include "vm/crypto.h"

void address_encode(struct buffer *out, struct text text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (uint32_t i = 0; i < text.size; i++) {
        const char byte = text.at[i];
        const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                           (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~';
        if (plain) {
            buffer_u8(out, (uint8_t)byte);
        } else {
            buffer_u8(out, '%');
            buffer_u8(out, (uint8_t)digits[(unsigned char)byte >> 4]);
            buffer_u8(out, (uint8_t)digits[(unsigned char)byte & 15]);
        }
    }
}

/* Whether the query has a value of this name. */
static bool has_name(struct text query, struct text name)
{
    for (uint32_t at = 0; at < query.size;) {
        const uint32_t end = text_find(query, '&', at);
        const struct text pair = text_slice(query, at, end - at);
        if (text_equal(text_slice(pair, 0, text_find(pair, '=', 0)), name)) return true;
        at = end + 1;
    }
    return false;
}

void address_mark(struct buffer *out, struct text address, struct text marks)
{
    const uint32_t fragment = text_find(address, '#', 0);
    const struct text front = text_slice(address, 0, fragment);
    const uint32_t question = text_find(front, '?', 0);
    const struct text query = text_slice(front, question + 1, front.size);
    buffer_text(out, front);
    bool has_query = question < front.size;
    bool joined = has_query && (query.size == 0 || query.at[query.size - 1] == '&');
    const bool is_web = text_starts_with(address, TEXT("https://")) || text_starts_with(address, TEXT("http://"));
    for (uint32_t at = 0; is_web && at < marks.size;) {
        const uint32_t end = text_find(marks, '&', at);
        const struct text pair = text_slice(marks, at, end - at);
        at = end + 1;
        if (has_name(query, text_slice(pair, 0, text_find(pair, '=', 0)))) continue;
        if (!joined) buffer_u8(out, has_query ? '&' : '?');
        buffer_text(out, pair);
        has_query = true;
        joined = false;
    }
    buffer_text(out, text_slice(address, fragment, address.size));
}

void address_short(char out[ADDRESS_SHORT_SIZE + 1], const uint8_t effect[16], struct text link)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    struct crypto_stream stream;
    crypto_stream_begin(&stream);
    crypto_stream_add(&stream, "promo link", 10);
    crypto_stream_add(&stream, effect, 16);
    crypto_stream_add(&stream, link.at, link.size);
    const struct crypto_digest digest = crypto_stream_end(&stream);
    uint64_t number = buffer_load_u64(digest.bytes);
    for (unsigned i = 0; i < ADDRESS_SHORT_SIZE; i++) {
        out[i] = letters[number % 62];
        number /= 62;
    }
    out[ADDRESS_SHORT_SIZE] = '\0';
}
