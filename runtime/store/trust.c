/*
 * Trust files and secret keys: reading their lines, judging bundles. Contract: runtime/store/trust.h.
 */
#include "runtime/store/trust.h"

#include <stdio.h>

#include "vm/civil.h"
#include "vm/limits.h"
#include "vm/memory.h"

enum { KEY_DIGITS = 44, ID_DIGITS = 2 * SIGNATURE_KEY_ID_SIZE };

struct trust {
    struct buffer text; /* the file, which names point into */
    struct trust_key key[LIMIT_TRUST_KEYS];
    struct signature_key_id revoked[LIMIT_TRUST_KEYS];
    uint32_t count, revoked_count;
};

/* ---------------------------------------------------------------- words of a line */

/* The next word of the line, which it is taken from; empty at the end. */
static struct text next_word(struct text *line)
{
    uint32_t at = 0;
    while (at < line->size && (line->at[at] == ' ' || line->at[at] == '\t' || line->at[at] == '\r')) at++;
    uint32_t end = at;
    while (end < line->size && line->at[end] != ' ' && line->at[end] != '\t' && line->at[end] != '\r') end++;
    struct text word = {.at = line->at + at, .size = end - at};
    line->at += end;
    line->size -= end;
    return word;
}

static struct text next_line(struct text *rest)
{
    const char *end = rest->size == 0 ? NULL : memchr(rest->at, '\n', rest->size);
    struct text line = {.at = rest->at, .size = end == NULL ? rest->size : (uint32_t)(end - rest->at)};
    uint32_t taken = line.size + (end == NULL ? 0 : 1);
    rest->at += taken;
    rest->size -= taken;
    return line;
}

bool trust_name_is_fine(struct text name)
{
    if (name.size == 0 || name.size > LIMIT_ID_BYTES) return false;
    for (uint32_t index = 0; index < name.size; index++) {
        unsigned char byte = (unsigned char)name.at[index];
        if (byte <= 0x20 || byte == 0x7F || byte == '#') return false;
    }
    return true;
}

static enum status wrong(struct error *error, unsigned line, const char *what)
{
    return error_set(error, STATUS_INVALID, "line %u: %s", line, what);
}

/* ---------------------------------------------------------------- lines */

static enum status read_day(struct text *words, unsigned line, int64_t *out, struct error *error)
{
    struct text day = next_word(words);
    int64_t date = 0;
    if (civil_parse_date(&date, day, NULL) != OK)
        return wrong(error, line, "behind `from` and `until` stands a day, such as 2026-12-31");
    *out = date * CIVIL_DAY_MS;
    return OK;
}

static enum status read_key(struct trust *trust, struct text words, unsigned line, struct error *error)
{
    if (trust->count == LIMIT_TRUST_KEYS) return wrong(error, line, "there are more than 256 keys");
    struct trust_key *key = &trust->key[trust->count];
    *key = (struct trust_key){.from = INT64_MIN, .until = INT64_MAX};
    key->name = next_word(&words);
    struct text id = next_word(&words);
    struct text digits = next_word(&words);
    if (!trust_name_is_fine(key->name) || !crypto_unhex(key->id.bytes, sizeof key->id.bytes, id) ||
        !crypto_unbase64(key->public_key.bytes, sizeof key->public_key.bytes, digits)) {
        return wrong(error, line,
                     "this is no key; copy the line that `promo key new` or `promo key show` printed, whole");
    }
    struct signature_key_id real = signature_key_id(&key->public_key);
    if (memcmp(real.bytes, key->id.bytes, sizeof real.bytes) != 0)
        return wrong(error, line, "the key is not the one that its id says; copy the line again");
    for (uint32_t index = 0; index < trust->count; index++) {
        if (memcmp(trust->key[index].id.bytes, real.bytes, sizeof real.bytes) == 0)
            return wrong(error, line, "the same key stands above; keep one line of it");
    }
    for (struct text word = next_word(&words); word.size > 0 && word.at[0] != '#'; word = next_word(&words)) {
        if (text_equal(word, TEXT("from")) && key->from == INT64_MIN) {
            RETURN_IF_FAILED(read_day(&words, line, &key->from, error));
        } else if (text_equal(word, TEXT("until")) && key->until == INT64_MAX) {
            RETURN_IF_FAILED(read_day(&words, line, &key->until, error));
            key->until += CIVIL_DAY_MS;
        } else {
            return wrong(error, line, "behind a key stand `from DAY` and `until DAY`, each once, and nothing else");
        }
    }
    if (key->from >= key->until) return wrong(error, line, "the key's last day is before its first");
    trust->count++;
    return OK;
}

static enum status read_revoked(struct trust *trust, struct text words, unsigned line, struct error *error)
{
    if (trust->revoked_count == LIMIT_TRUST_KEYS) return wrong(error, line, "there are more than 256 revoked keys");
    struct signature_key_id *id = &trust->revoked[trust->revoked_count];
    if (!crypto_unhex(id->bytes, sizeof id->bytes, next_word(&words)))
        return wrong(error, line, "behind `promo-revoked` stands the id of a key, 16 hexadecimal digits");
    trust->revoked_count++;
    return OK;
}

static enum status read_lines(struct trust *trust, struct error *error)
{
    struct text rest = buffer_as_text(&trust->text);
    for (unsigned number = 1; rest.size > 0; number++) {
        struct text line = next_line(&rest);
        struct text word = next_word(&line);
        if (word.size == 0 || word.at[0] == '#') continue;
        enum status status = OK;
        if (text_equal(word, TEXT("promo-key"))) {
            status = read_key(trust, line, number, error);
        } else if (text_equal(word, TEXT("promo-revoked"))) {
            status = read_revoked(trust, line, number, error);
        } else if (text_equal(word, TEXT("promo-secret-key"))) {
            status =
                wrong(error, number,
                      "this is a secret key, which belongs to who signs; `promo key show FILE` prints its public line");
        } else {
            status = wrong(error, number, "a line begins with `promo-key`, `promo-revoked` or `#`");
        }
        if (status != OK) return status;
    }
    return OK;
}

enum status trust_open(struct trust **out, struct text file, struct error *error)
{
    if (file.size > LIMIT_TRUST_FILE_BYTES)
        return error_set(error, STATUS_LIMIT, "the trust file has more than %d bytes", LIMIT_TRUST_FILE_BYTES);
    struct trust *trust = memory_alloc(sizeof *trust);
    if (trust == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory for the trust file");
    buffer_text(&trust->text, file);
    enum status status = buffer_ok(&trust->text) ? read_lines(trust, error)
                                                 : error_set(error, STATUS_NO_MEMORY, "no memory for the trust file");
    if (status != OK) {
        trust_close(trust);
        return status;
    }
    *out = trust;
    return OK;
}

void trust_close(struct trust *trust)
{
    if (trust == NULL) return;
    buffer_deinit(&trust->text);
    memory_release(trust);
}

uint32_t trust_count(const struct trust *trust)
{
    return trust->count;
}

/* ---------------------------------------------------------------- judging */

static const struct trust_key *find_key(const struct trust *trust, const struct signature_key_id *id)
{
    for (uint32_t index = 0; index < trust->count; index++) {
        if (memcmp(trust->key[index].id.bytes, id->bytes, sizeof id->bytes) == 0) return &trust->key[index];
    }
    return NULL;
}

static bool is_revoked(const struct trust *trust, const struct signature_key_id *id)
{
    for (uint32_t index = 0; index < trust->revoked_count; index++) {
        if (memcmp(trust->revoked[index].bytes, id->bytes, sizeof id->bytes) == 0) return true;
    }
    return false;
}

enum status trust_judge(const struct trust *trust, const uint8_t *bundle, uint64_t size, int64_t now,
                        const struct trust_key **who, struct error *error)
{
    struct signature signature;
    enum status status = signature_find(&signature, bundle, size, error);
    if (status == STATUS_NOT_FOUND)
        return error_set(error, STATUS_REFUSED, "it is not signed; build it with `promo build --sign KEYFILE`");
    if (status != OK) {
        if (error != NULL) error->status = STATUS_REFUSED;
        return STATUS_REFUSED;
    }
    char id[ID_DIGITS + 1];
    crypto_hex(id, signature.key_id.bytes, sizeof signature.key_id.bytes);
    const struct trust_key *key = find_key(trust, &signature.key_id);
    if (is_revoked(trust, &signature.key_id))
        return error_set(error, STATUS_REFUSED, "the key %s that signed it is revoked; sign it with another one", id);
    if (key == NULL)
        return error_set(error, STATUS_REFUSED,
                         "the key %s that signed it is not in the trust file; if it is to be trusted, add the line of "
                         "`promo key show`",
                         id);
    if (!signature_is_of(&signature, bundle, size, &key->public_key))
        return error_set(
            error, STATUS_REFUSED,
            "its bytes are not those that \"%.*s\" (%s) signed; fetch it again, or build and sign it again",
            TEXT_ARGS(key->name), id);
    if (now < key->from || now >= key->until) {
        char day[CIVIL_INSTANT_SIZE];
        bool early = now < key->from;
        (void)civil_format_instant(day, early ? key->from : key->until - CIVIL_DAY_MS);
        return error_set(error, STATUS_REFUSED, "the key of \"%.*s\" (%s) counts %s %.10s; sign it with another one",
                         TEXT_ARGS(key->name), id, early ? "from" : "until", day);
    }
    *who = key;
    return OK;
}

/* ---------------------------------------------------------------- writing, and secret keys */

static void put_key(struct buffer *out, const char *word, struct text name, const struct crypto_public_key *public_key,
                    const uint8_t bytes[32])
{
    char hex[ID_DIGITS + 1], digits[KEY_DIGITS + 1];
    struct signature_key_id id = signature_key_id(public_key);
    crypto_hex(hex, id.bytes, sizeof id.bytes);
    crypto_base64(digits, bytes, 32);
    buffer_print(out, "%s %.*s %s %s", word, TEXT_ARGS(name), hex, digits);
    crypto_wipe(digits, sizeof digits);
}

void trust_put_line(struct buffer *out, struct text name, const struct crypto_public_key *key, struct text from,
                    struct text until)
{
    put_key(out, "promo-key", name, key, key->bytes);
    if (from.size > 0) buffer_print(out, " from %.*s", TEXT_ARGS(from));
    if (until.size > 0) buffer_print(out, " until %.*s", TEXT_ARGS(until));
    buffer_string(out, "\n");
}

void trust_put_secret(struct buffer *out, struct text name, const struct crypto_signing_key *key)
{
    struct crypto_public_key public_key;
    crypto_signing_public(&public_key, key);
    put_key(out, "promo-secret-key", name, &public_key, key->bytes);
    buffer_string(out, "\n");
}

enum status trust_read_secret(struct crypto_signing_key *out, struct text *name, struct text file, struct error *error)
{
    struct text line = next_line(&file);
    struct text word = next_word(&line);
    *name = next_word(&line);
    struct text id_digits = next_word(&line);
    struct text digits = next_word(&line);
    struct signature_key_id said, real;
    struct crypto_public_key public_key;
    if (text_equal(word, TEXT("promo-key")))
        return error_set(error, STATUS_INVALID,
                         "this is a public key; signing needs the file that `promo key new` made");
    if (!text_equal(word, TEXT("promo-secret-key")) || !trust_name_is_fine(*name) ||
        !crypto_unhex(said.bytes, sizeof said.bytes, id_digits) ||
        !crypto_unbase64(out->bytes, sizeof out->bytes, digits) || next_word(&line).size > 0 || file.size > 0) {
        return error_set(error, STATUS_INVALID, "this is no secret key; `promo key new NAME` makes one");
    }
    crypto_signing_public(&public_key, out);
    real = signature_key_id(&public_key);
    if (memcmp(said.bytes, real.bytes, sizeof said.bytes) == 0) return OK;
    crypto_wipe(out, sizeof *out);
    return error_set(error, STATUS_INVALID, "the secret key is damaged: it is not the one that its id says");
}
