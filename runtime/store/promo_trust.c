/*
 * The bundle that was given: is it proven, and is it signed by somebody who may? Contract: runtime/store/promo.h.
 *
 * Where a trust file is given, or the database has asked for signatures before, a bundle that is refused is no failure as long as the database has a
 * program: that one goes on, the refusal is an alarm and a row of the audit log. Signatures are judged before anything else reads the bytes.
 */
#include <stdio.h>
#include <time.h>

#include "runtime/store/promo_parts.h"
#include "runtime/store/trust.h"
#include "vm/bundle.h"
#include "vm/memory.h"
#include "vm/verify.h"

/* FILE's word that says so: "signed" or "any". */
static const char trust_word[] = "trust";

static int64_t clock_now(void)
{
    struct timespec clock;
    (void)clock_gettime(CLOCK_REALTIME, &clock);
    return (int64_t)clock.tv_sec * 1000 + clock.tv_nsec / 1000000;
}

/* Own, aligned memory: a bundle is used in place. */
static enum status copy(struct promo *promo, struct error *error)
{
    const struct promo_options *options = &promo->options;
    promo->bundle = memory_alloc(options->bundle_size == 0 ? 1 : options->bundle_size);
    if (promo->bundle == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory for the bundle");
    memcpy(promo->bundle, options->bundle, options->bundle_size);
    return OK;
}

static enum status judge(struct promo *promo, struct error *error)
{
    const struct trust_key *who = NULL;
    uint64_t size = promo->options.bundle_size;
    if (promo->trust != NULL)
        RETURN_IF_FAILED(trust_judge(promo->trust, promo->bundle, size, clock_now(), &who, error));
    RETURN_IF_FAILED(bundle_open(&promo->own, promo->bundle, size, error));
    return verify_program(&promo->own, error);
}

/* What the audit calls it: by the hash that its bytes say. */
static void name_bundle(struct promo *promo)
{
    char hex[2 * CRYPTO_DIGEST_SIZE + 1] = "";
    if (promo->options.bundle_size >= BUNDLE_HEAD_SIZE)
        crypto_hex(hex, promo->bundle + BUNDLE_FULL_HASH_AT, CRYPTO_DIGEST_SIZE);
    (void)snprintf(promo->refused_name, sizeof promo->refused_name, "program %s", hex);
}

static void refuse(struct promo *promo, const char *words)
{
    name_bundle(promo);
    (void)snprintf(promo->refused, sizeof promo->refused, "%s", words);
    memory_release(promo->bundle);
    promo->bundle = NULL;
}

enum status promo_take_bundle(struct promo *promo, struct error *error)
{
    const struct promo_options *options = &promo->options;
    if (options->trust != NULL) {
        enum status opened = trust_open(&promo->trust, text_of(options->trust), error);
        if (opened != OK) error_prefix(error, "the trust file");
        RETURN_IF_FAILED(opened);
    }
    if (options->bundle == NULL) return OK;
    if (options->bundle_size > LIMIT_BUNDLE_BYTES)
        return error_set(error, STATUS_REFUSED, "the bundle is refused: it has more than 67,108,864 bytes");
    RETURN_IF_FAILED(copy(promo, error));
    struct error why = ERROR_NONE;
    enum status status = judge(promo, &why);
    if (status == OK) return OK;
    bool lasting = status != STATUS_NO_MEMORY;
    if (promo->trust != NULL && options->database != NULL && lasting) {
        refuse(promo, why.message);
        return OK;
    }
    if (error != NULL) *error = why;
    error_prefix(error, "the bundle is refused");
    return status;
}

/* ---------------------------------------------------------------- what the database asks for */

static enum status append(struct promo *promo, const char *action, const char *subject, const char *detail,
                          struct error *error)
{
    struct audit_entry entry = {.at = clock_now(),
                                .who = text_of(promo->options.by == NULL ? "" : promo->options.by),
                                .action = text_of(action),
                                .subject = text_of(subject),
                                .detail = text_of(detail),
                                .reference = TEXT("")};
    return audit_append(&promo->store, &entry, error);
}

static enum status asks_for_signatures(struct promo *promo, bool *out, struct error *error)
{
    struct buffer word = BUFFER_EMPTY;
    enum status status = promo->store.get_meta(promo->store.self, trust_word, &word, error);
    *out = status == OK && text_equal(buffer_as_text(&word), TEXT("signed"));
    buffer_deinit(&word);
    return status == STATUS_NOT_FOUND ? OK : status;
}

/* A trust file makes it a rule, so that a later run that forgets the file opens no door; only a word of its own ends the rule. */
static enum status keep_rule(struct promo *promo, bool asks, struct error *error)
{
    struct store *store = &promo->store;
    if (promo->options.unsigned_too && asks) {
        RETURN_IF_FAILED(store->set_meta(store->self, trust_word, TEXT("any"), error));
        return append(promo, "trust_off", "", "unsigned bundles may run from now on", error);
    }
    if (promo->trust == NULL || promo->options.unsigned_too || asks) return OK;
    RETURN_IF_FAILED(store->set_meta(store->self, trust_word, TEXT("signed"), error));
    return append(promo, "trust_on", "", "only signed bundles from now on", error);
}

enum status promo_settle_trust(struct promo *promo, const struct program *active, struct error *error)
{
    if (!promo->stored) return OK;
    bool asks = false;
    RETURN_IF_FAILED(asks_for_signatures(promo, &asks, error));
    RETURN_IF_FAILED(keep_rule(promo, asks, error));
    bool same = active != NULL && promo->bundle != NULL &&
                memcmp(active->full_hash, promo->own.full_hash, sizeof active->full_hash) == 0;
    if (asks && promo->trust == NULL && !promo->options.unsigned_too && promo->bundle != NULL && !same) {
        refuse(promo, "this database takes signed bundles only; say whose with --trust FILE");
    }
    if (promo->refused[0] == '\0') return OK;
    RETURN_IF_FAILED(append(promo, "refuse_program", promo->refused_name, promo->refused, error));
    if (active == NULL) return error_set(error, STATUS_REFUSED, "the bundle is refused: %s", promo->refused);
    promo_tell(promo, PROMO_ALARM_BUNDLE_REFUSED, "the bundle is refused: %s; the program that is active goes on",
               promo->refused);
    return OK;
}

enum status promo_retain_audit(struct promo *promo, struct error *error)
{
    if (!promo->stored || !promo->any) return OK;
    int64_t clock = clock_now();
    return audit_retain(&promo->store, promo->last_now < clock ? promo->last_now : clock, error);
}

const char *promo_refused(const struct promo *promo)
{
    return promo->refused[0] == '\0' ? NULL : promo->refused;
}
