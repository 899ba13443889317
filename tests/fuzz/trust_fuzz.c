/*
 * Fuzz target: files that say whom to trust. Any bytes are a trust file, a secret key and a bundle: what is read as a trust file is judged by, no bundle is
 * trusted by a key that signed nothing, and a secret key that is read comes back as it was written.
 */
#include <stdlib.h>

#include "runtime/store/trust.h"
#include "vm/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const struct trust *trust, const uint8_t *data, size_t size)
{
    const struct trust_key *who = NULL;
    struct error error = ERROR_NONE;
    for (int64_t now = -1; now < 2; now++) {
        INVARIANT(trust_judge(trust, data, size, now * INT64_C(1780000000000), &who, &error) == STATUS_REFUSED);
        INVARIANT(error.message[0] != 0 && who == NULL);
    }
}

static void read_secret(struct text text)
{
    struct crypto_signing_key key, again;
    struct text name, name_again;
    struct buffer written = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    if (trust_read_secret(&key, &name, text, &error) != OK) {
        INVARIANT(error.message[0] != 0);
        return;
    }
    trust_put_secret(&written, name, &key);
    INVARIANT(trust_read_secret(&again, &name_again, buffer_as_text(&written), &error) == OK);
    INVARIANT(text_equal(name, name_again) && memcmp(&key, &again, sizeof key) == 0);
    buffer_deinit(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    static struct crypto_public_key nobody = {{1}};
    struct error error = ERROR_NONE;
    struct trust *trust = NULL;
    if (!started) INVARIANT(crypto_start(&error) == OK);
    started = true;
    if (size > 8192) return -1;
    struct text text = text_make((const char *)data, size);
    if (trust_open(&trust, text, &error) == OK) {
        judge(trust, data, size);
        trust_close(trust);
    } else {
        INVARIANT(error.message[0] != 0);
    }
    /* A key that is known, and that never signed these bytes. */
    struct buffer line = BUFFER_EMPTY;
    trust_put_line(&line, TEXT("nobody"), &nobody, TEXT(""), TEXT(""));
    INVARIANT(trust_open(&trust, buffer_as_text(&line), &error) == OK);
    judge(trust, data, size);
    trust_close(trust);
    buffer_deinit(&line);
    read_secret(text);
    return 0;
}
