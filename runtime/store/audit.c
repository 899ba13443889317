/*
 * What the audit says of each record, and the bytes of its digest. Contract: runtime/store/audit.h.
 */
#include "runtime/store/audit.h"

#include "runtime/store/intake_scan.h"
#include "runtime/store/store.h"
#include "vm/bundle.h"
#include "vm/civil.h"
#include "vm/signature.h"

/* ---------------------------------------------------------------- the entry as bytes */

static struct text cut(struct text text)
{
    if (text.size <= AUDIT_TEXT_BYTES) return text;
    text.size = AUDIT_TEXT_BYTES;
    /* A character whose rest is gone goes whole: the byte behind the end would go on with it (10xxxxxx). */
    while (text.size > 0 && ((unsigned char)text.at[text.size] & 0xC0) == 0x80) text.size--;
    return text;
}

void audit_encode(struct buffer *out, const struct audit_entry *entry)
{
    buffer_i64(out, entry->at);
    buffer_u64(out, entry->position);
    buffer_u8(out, entry->of_player ? 1 : 0);
    buffer_sized_text(out, cut(entry->who));
    buffer_sized_text(out, cut(entry->action));
    buffer_sized_text(out, cut(entry->subject));
    buffer_sized_text(out, cut(entry->detail));
    buffer_sized_text(out, entry->reference);
}

bool audit_decode(struct audit_entry *out, struct text bytes)
{
    struct buffer_reader reader = buffer_read(bytes.at, bytes.size);
    memset(out, 0, sizeof *out);
    out->at = buffer_read_i64(&reader);
    out->position = buffer_read_u64(&reader);
    out->of_player = buffer_read_u8(&reader) != 0;
    out->who = buffer_read_sized_text(&reader);
    out->action = buffer_read_sized_text(&reader);
    out->subject = buffer_read_sized_text(&reader);
    out->detail = buffer_read_sized_text(&reader);
    out->reference = buffer_read_sized_text(&reader);
    return !reader.failed && reader.at == bytes.size;
}

/* ---------------------------------------------------------------- what it says of a record */

/* Two records with the same reference are one that came twice: kind, when it happened, source and id. */
static void make_reference(struct buffer *out, const struct record *record)
{
    buffer_u8(out, record->kind);
    buffer_i64(out, record->at);
    buffer_sized_text(out, record->source);
    buffer_sized_text(out, record->id);
}

static void tell_program(struct buffer *subject, struct buffer *detail, const struct record *record)
{
    struct program program;
    struct error error = ERROR_NONE;
    char hex[2 * CRYPTO_DIGEST_SIZE + 1];
    buffer_string(subject, "program");
    if (bundle_open(&program, record->bundle, record->bundle_size, &error) != OK) {
        buffer_print(detail, "unreadable: %s", error.message);
        return;
    }
    crypto_hex(hex, program.full_hash, sizeof program.full_hash);
    buffer_print(subject, " %s", hex);
    crypto_hex(hex, program.semantic_hash, sizeof program.semantic_hash);
    buffer_print(detail, "workspace \"%.*s\", meaning %s, %u campaign%s",
                 TEXT_ARGS(program_text(&program, program.workspace->name)), hex, program.campaign_count,
                 program.campaign_count == 1 ? "" : "s");
    struct signature signature;
    if (signature_find(&signature, record->bundle, record->bundle_size, &error) == OK) {
        crypto_hex(hex, signature.key_id.bytes, sizeof signature.key_id.bytes);
        buffer_print(detail, ", signed by key %s", hex);
    } else {
        buffer_string(detail, ", unsigned");
    }
    if (record->incomplete) buffer_string(detail, ", metrics without all of their history");
}

/* One case for each kind that the audit tells of. False: it does not. */
static bool fill(struct audit_entry *entry, struct buffer *subject, struct buffer *detail, const struct record *record,
                 const struct program *program)
{
    char hex[2 * sizeof record->effect + 1];
    switch ((enum record_kind)record->kind) {
    case RECORD_ACTIVATE:
        entry->action = TEXT("activate");
        tell_program(subject, detail, record);
        return true;
    case RECORD_COMMAND:
        entry->action = text_of(scan_command_words[record->command]);
        entry->of_player = record->player.size > 0;
        if (record->command == COMMAND_RETRY || record->command == COMMAND_DROP) buffer_string(subject, "effect ");
        buffer_text(entry->of_player ? detail : subject, record->campaign);
        return true;
    case RECORD_REPLY:
        if (record->status != REPLY_APPROVED && record->status != REPLY_REFUSED) return false;
        entry->action = record->status == REPLY_APPROVED ? TEXT("approve") : TEXT("refuse");
        entry->who = record->reason;
        crypto_hex(hex, record->effect, sizeof record->effect);
        buffer_print(subject, "effect %s", hex);
        return true;
    case RECORD_ERASE:
        entry->action = TEXT("erase");
        entry->of_player = true;
        return true;
    case RECORD_SUPPRESS:
    case RECORD_UNSUPPRESS:
        entry->action = record->kind == RECORD_SUPPRESS ? TEXT("suppress") : TEXT("unsuppress");
        entry->of_player = record->player.size > 0;
        if (entry->of_player) return true;
        crypto_hex(hex, record->effect, sizeof record->effect);
        buffer_print(subject, "contact %s", hex);
        return true;
    case RECORD_PERSON:
        entry->action = record->person.size > 0 ? TEXT("link_person") : TEXT("unlink_person");
        entry->of_player = true;
        return true;
    case RECORD_EVENT:
        if (program == NULL || record->event >= program->event_count ||
            program->event[record->event].safety == SAFETY_NONE)
            return false;
        entry->action = TEXT("responsible_gaming");
        entry->of_player = true;
        buffer_text(detail, program_text(program, program->event[record->event].name));
        return true;
    case RECORD_EPOCH:
        entry->action = TEXT("restore");
        buffer_print(subject, "epoch %llu", (unsigned long long)record->epoch);
        if (record->unreconciled) buffer_string(detail, "nothing is credited until the wallet's statement was whole");
        return true;
    case RECORD_LOST:
        entry->action = TEXT("book_lost_credit");
        entry->of_player = true;
        crypto_hex(hex, record->effect, sizeof record->effect);
        buffer_print(detail, "effect %s, campaign \"%.*s\", %lld minor units", hex, TEXT_ARGS(record->campaign),
                     (long long)record->amount);
        return true;
    case RECORD_RECONCILED: entry->action = TEXT("reconcile"); return true;
    case RECORD_ATTRIBUTES:
    case RECORD_IMPORT:
    case RECORD_TICK:
    case RECORD_HISTORY:
    case RECORD_CODE:
    case RECORD_DELIVERY:
    case RECORD_KIND_COUNT: break;
    }
    return false;
}

void audit_of_record(struct buffer *out, const struct record *record, const struct program *program)
{
    struct audit_entry entry = {.who = record->by};
    struct buffer subject = BUFFER_EMPTY, detail = BUFFER_EMPTY, reference = BUFFER_EMPTY;
    if (fill(&entry, &subject, &detail, record, program)) {
        if (entry.who.size == 0) entry.who = record->source;
        if (record->kind != RECORD_ACTIVATE) make_reference(&reference, record);
        entry.subject = buffer_as_text(&subject);
        entry.detail = buffer_as_text(&detail);
        entry.reference = buffer_as_text(&reference);
        out->failed = out->failed || !buffer_ok(&subject) || !buffer_ok(&detail) || !buffer_ok(&reference);
        audit_encode(out, &entry);
    }
    buffer_deinit(&subject);
    buffer_deinit(&detail);
    buffer_deinit(&reference);
}

/* ---------------------------------------------------------------- the digest */

static void add_number(struct crypto_stream *stream, uint64_t number)
{
    uint8_t bytes[8];
    for (unsigned index = 0; index < 8; index++) bytes[index] = (uint8_t)(number >> (8 * index));
    crypto_stream_add(stream, bytes, sizeof bytes);
}

static void add_text(struct crypto_stream *stream, struct text text)
{
    add_number(stream, text.size);
    crypto_stream_add(stream, text.at, text.size);
}

struct crypto_digest audit_chain(const struct crypto_digest *before, const struct audit_row *row)
{
    struct crypto_stream stream;
    crypto_stream_begin(&stream);
    crypto_stream_add(&stream, before->bytes, sizeof before->bytes);
    add_number(&stream, row->seq);
    add_number(&stream, (uint64_t)row->at);
    add_number(&stream, row->position);
    add_text(&stream, row->who);
    add_text(&stream, row->action);
    add_text(&stream, row->subject);
    add_text(&stream, row->detail);
    add_text(&stream, row->reference);
    return crypto_stream_end(&stream);
}

/* ---------------------------------------------------------------- how long */

static const char days_word[] = "audit days";

enum status audit_kept(struct store *store, uint32_t *days, struct error *error)
{
    struct buffer word = BUFFER_EMPTY;
    enum status status = store->get_meta(store->self, days_word, &word, error);
    *days = 0;
    for (size_t index = 0; status == OK && index < word.size && index < 6; index++) {
        if (word.bytes[index] >= '0' && word.bytes[index] <= '9') *days = *days * 10 + (word.bytes[index] - '0');
    }
    /* A word that somebody spoilt never makes it shorter than what is allowed. */
    if (*days < AUDIT_DAYS_LEAST) *days = 0;
    buffer_deinit(&word);
    return status == STATUS_NOT_FOUND ? OK : status;
}

enum status audit_keep(struct store *store, uint32_t days, struct text who, int64_t at, struct error *error)
{
    if (days != 0 && (days < AUDIT_DAYS_LEAST || days > AUDIT_DAYS_MOST)) {
        return error_set(error, STATUS_INVALID, "the audit log is kept %d to %d days, or for ever", AUDIT_DAYS_LEAST,
                         AUDIT_DAYS_MOST);
    }
    struct buffer words = BUFFER_EMPTY, detail = BUFFER_EMPTY;
    buffer_print(&words, "%u", days);
    if (days == 0) buffer_string(&detail, "for ever");
    if (days != 0) buffer_print(&detail, "%u days", days);
    struct audit_entry entry = {.at = at,
                                .who = who,
                                .action = TEXT("keep_audit"),
                                .subject = TEXT(""),
                                .detail = buffer_as_text(&detail),
                                .reference = TEXT("")};
    enum status status =
        buffer_ok(&words) && buffer_ok(&detail) ? OK : error_set(error, STATUS_NO_MEMORY, "memory is out");
    if (status == OK) status = audit_append(store, &entry, error);
    if (status == OK) status = store->set_meta(store->self, days_word, buffer_as_text(&words), error);
    buffer_deinit(&words);
    buffer_deinit(&detail);
    return status;
}

enum status audit_retain(struct store *store, int64_t now, struct error *error)
{
    uint32_t days = 0;
    uint64_t removed = 0;
    if (store->audit == NULL) return OK;
    RETURN_IF_FAILED(audit_kept(store, &days, error));
    if (days == 0 || now < INT64_MIN + (int64_t)days * CIVIL_DAY_MS) return OK;
    RETURN_IF_FAILED(audit_prune(store, now - (int64_t)days * CIVIL_DAY_MS, &removed, error));
    if (removed == 0) return OK;
    struct buffer detail = BUFFER_EMPTY;
    buffer_print(&detail, "%llu row%s, older than %u days", (unsigned long long)removed, removed == 1 ? "" : "s", days);
    struct audit_entry entry = {.at = now,
                                .who = TEXT(""),
                                .action = TEXT("prune_audit"),
                                .subject = TEXT(""),
                                .detail = buffer_as_text(&detail),
                                .reference = TEXT("")};
    enum status status = audit_append(store, &entry, error);
    buffer_deinit(&detail);
    return status;
}

enum status audit_append(struct store *store, const struct audit_entry *entry, struct error *error)
{
    return store->audit == NULL ? OK : store->audit(store->self, entry, error);
}
