/*
 * Sealing and opening of log rows. Contract: runtime/store/sealed.h.
 */
#include "runtime/store/sealed.h"

enum { VERSION = 1, HEAD = 1 + 16 + 8 + 4 + 8 };

_Static_assert(sizeof(((struct sealed_writer *)0)->session) + 8 == CRYPTO_NONCE_SIZE,
               "session and counter make a nonce");

void sealed_init(struct sealed_writer *writer)
{
    struct crypto_key random;
    crypto_random_key(&random);
    memcpy(writer->session, random.bytes, sizeof writer->session);
    crypto_wipe(&random, sizeof random);
    writer->counter = 0;
    buffer_init(&writer->body, 0);
}

void sealed_deinit(struct sealed_writer *writer)
{
    buffer_deinit(&writer->body);
}

static void store_u64(uint8_t *out, uint64_t value)
{
    for (unsigned index = 0; index < 8; index++) out[index] = (uint8_t)(value >> (8 * index));
}

static struct crypto_nonce nonce_of(const uint8_t session[16], uint64_t counter)
{
    struct crypto_nonce nonce;
    memcpy(nonce.bytes, session, 16);
    store_u64(nonce.bytes + 16, counter);
    return nonce;
}

static unsigned char *put_number(unsigned char *to, uint64_t value)
{
    while (value >= 0x80) {
        *to++ = (unsigned char)(value | 0x80);
        value >>= 7;
    }
    *to++ = (unsigned char)value;
    return to;
}

static uint64_t fold_sign(uint64_t value)
{
    return value << 1 ^ ((value >> 63) != 0 ? UINT64_MAX : 0);
}

static uint64_t unfold_sign(uint64_t value)
{
    return value >> 1 ^ (0 - (value & 1));
}

enum status sealed_write(struct sealed_writer *writer, const struct keyring *keyring, const struct log_record *records,
                         uint32_t count, struct error *error)
{
    struct buffer *body = &writer->body;
    buffer_clear(body);
    buffer_u8(body, VERSION);
    buffer_append(body, writer->session, sizeof writer->session);
    buffer_u64(body, writer->counter);
    buffer_u32(body, count);
    uint64_t now = count > 0 ? (uint64_t)records[0].now : 0;
    buffer_u64(body, now);
    for (uint32_t index = 0; index < count; index++) {
        const struct log_record *record = &records[index];
        uint32_t sealed = record->secret.size == 0 ? 0 : record->secret.size + CRYPTO_SEAL_EXTRA;
        const struct crypto_key *key = keyring_key(keyring, record->number);
        if (key == NULL && sealed > 0) {
            return error_set(error, STATUS_NOT_FOUND, "player number %llu has no key",
                             (unsigned long long)record->number);
        }
        if (!buffer_reserve(body, 64 + (size_t)record->open.size + sealed)) break;
        unsigned char *to = body->bytes + body->size;
        to = put_number(to, record->number);
        *to++ = record->kind;
        *to++ = (unsigned char)record->group;
        *to++ = (unsigned char)(record->group >> 8);
        to = put_number(to, fold_sign((uint64_t)record->now - now));
        now = (uint64_t)record->now;
        to = put_number(to, record->open.size);
        to = put_number(to, sealed);
        if (record->open.size > 0) memcpy(to, record->open.at, record->open.size);
        to += record->open.size;
        if (sealed > 0) {
            struct crypto_nonce nonce = nonce_of(writer->session, writer->counter);
            crypto_seal(to, record->secret.at, record->secret.size, record->open.at, record->open.size, &nonce, key);
            to += sealed;
        }
        writer->counter++;
        body->size = (size_t)(to - body->bytes);
    }
    return buffer_ok(body) ? OK : error_set(error, STATUS_NO_MEMORY, "no memory to seal a batch");
}

static uint64_t get_number(struct buffer_reader *reader)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = buffer_read_u8(reader);
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) return value;
    }
    reader->failed = true;
    return 0;
}

static enum status damaged(uint64_t position, struct error *error)
{
    return error_set(error, STATUS_CORRUPT, "the log is damaged at record %llu", (unsigned long long)position);
}

/* The sealed part of one record, opened into the space. */
static enum status open_secret(struct log_record *record, const unsigned char *sealed, uint64_t size,
                               const struct crypto_nonce *nonce, const struct crypto_key *key, struct buffer *space)
{
    record->secret = TEXT("");
    if (size == 0 || key == NULL) return OK;
    if (size < CRYPTO_SEAL_EXTRA) return STATUS_CORRUPT;
    buffer_clear(space);
    if (!buffer_reserve(space, (size_t)size)) return STATUS_NO_MEMORY;
    if (crypto_open(space->bytes, sealed, (size_t)size, record->open.at, record->open.size, nonce, key) != OK) {
        return STATUS_CORRUPT;
    }
    record->secret = (struct text){.at = (const char *)space->bytes, .size = (uint32_t)(size - CRYPTO_SEAL_EXTRA)};
    return OK;
}

enum status sealed_read(struct text body, uint64_t first, uint32_t count, uint64_t from, const struct keyring *keyring,
                        struct buffer *space, log_reader reader, void *context, struct error *error)
{
    struct buffer_reader bytes = buffer_read(body.at, body.size);
    uint8_t version = buffer_read_u8(&bytes);
    if (!bytes.failed && version != VERSION) {
        return error_set(error, STATUS_CORRUPT,
                         "the log row at record %llu has format %u; this program reads format %u",
                         (unsigned long long)first, version, VERSION);
    }
    const unsigned char *session = buffer_read_bytes(&bytes, 16);
    uint64_t counter = buffer_read_u64(&bytes);
    uint32_t said = buffer_read_u32(&bytes);
    uint64_t now = buffer_read_u64(&bytes);
    if (bytes.failed || session == NULL || said != count) return damaged(first, error);
    for (uint32_t index = 0; index < count; index++) {
        uint64_t position = first + index;
        struct log_record record = {0};
        record.number = get_number(&bytes);
        record.kind = buffer_read_u8(&bytes);
        record.group = buffer_read_u16(&bytes);
        now += unfold_sign(get_number(&bytes));
        record.now = (int64_t)now;
        uint64_t open_size = get_number(&bytes);
        uint64_t sealed_size = get_number(&bytes);
        if (bytes.failed || open_size > UINT32_MAX || sealed_size > UINT32_MAX) return damaged(position, error);
        const unsigned char *open = buffer_read_bytes(&bytes, (size_t)open_size);
        const unsigned char *sealed = buffer_read_bytes(&bytes, (size_t)sealed_size);
        if (bytes.failed) return damaged(position, error);
        if (position < from) continue;
        record.open = (struct text){.at = (const char *)open, .size = (uint32_t)open_size};
        struct crypto_nonce nonce = nonce_of(session, counter + index);
        enum status status =
            open_secret(&record, sealed, sealed_size, &nonce, keyring_key(keyring, record.number), space);
        if (status == STATUS_NO_MEMORY) return error_set(error, status, "no memory to open a record");
        if (status != OK) return damaged(position, error);
        RETURN_IF_FAILED(reader(context, position, &record, error));
    }
    return bytes.at == body.size ? OK : damaged(first + count, error);
}

struct crypto_digest sealed_chain(const struct crypto_digest *before, uint64_t first, uint32_t count, uint64_t numbers,
                                  struct text body)
{
    struct crypto_stream stream;
    uint8_t head[20];
    store_u64(head, first);
    for (unsigned index = 0; index < 4; index++) head[8 + index] = (uint8_t)(count >> (8 * index));
    store_u64(head + 12, numbers);
    crypto_stream_begin(&stream);
    crypto_stream_add(&stream, before->bytes, sizeof before->bytes);
    crypto_stream_add(&stream, head, sizeof head);
    crypto_stream_add(&stream, body.at, body.size);
    return crypto_stream_end(&stream);
}
