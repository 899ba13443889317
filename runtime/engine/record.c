/*
 * The bytes of one record of the input log. Contract: runtime/engine/record.h; the layout in words: spec/storage.md.
 *
 *   open:    version kind flags group:16 now:64 (now - at)~ | by kind: event~ schema:32 which-slots plain values, or the rest
 *   secret:  brand player id source (each size:8 and bytes) content:64 [by] | private values, reason
 *
 * `~` is a number of 7 bits a byte, signed ones folded so that small ones stay small. Whatever is read is checked against
 * the program's schema, because verified code relies on it. Nothing here seals: runtime/store does.
 */
#include "runtime/engine/record.h"

#include "vm/civil.h"
#include "vm/split.h"
#include "vm/zone.h"

/* FLAG_BY and FLAG_CLOSES came later: a record without them says nothing of who ordered it and leaves its instant open, and keeps the bytes it
 * had. */
enum { VERSION = 1, FLAG_CATCH_UP = 1, FLAG_INCOMPLETE = 2, FLAG_BY = 4, FLAG_CLOSES = 8 };
enum { FLAGS_AT = 2, PLAYER_ID_MAX = 64, ABOUT_MAX = 255 };

/* What a field and an attribute have in common. */
struct column {
    int64_t low, high;
    uint32_t kind, of, size, slot;
    bool money_pair; /* the currency stands in the slot behind */
    bool private;
};

uint16_t record_group(struct text brand, struct text player)
{
    uint64_t seed = split_hash64(brand.at, brand.size, 0);
    return (uint16_t)(split_hash64(player.at, player.size, seed) % RECORD_GROUPS);
}

static struct column column_of_field(const struct bundle_field *field)
{
    return (struct column){.low = field->low,
                           .high = field->high,
                           .kind = field->kind,
                           .of = field->of,
                           .size = field->size,
                           .slot = field->slot,
                           .money_pair = field->kind == TYPE_MONEY,
                           .private = field->privacy != FIELD_PLAIN};
}

static struct column column_of_attribute(const struct bundle_attribute *attribute)
{
    return (struct column){.low = attribute->low,
                           .high = attribute->high,
                           .kind = attribute->kind,
                           .of = attribute->of,
                           .size = attribute->size,
                           .slot = attribute->slot,
                           .private = attribute->privacy != FIELD_PLAIN};
}

static bool bit_of(const uint64_t *words, uint32_t bit)
{
    return (words[bit / 64] >> (bit % 64) & 1) != 0;
}

static void set_bit(uint64_t *words, uint32_t bit)
{
    words[bit / 64] |= UINT64_C(1) << (bit % 64);
}

bool record_value_fits(const struct program *program, uint32_t kind, uint32_t of, int64_t low, int64_t high,
                       int64_t value)
{
    switch (kind) {
    case TYPE_BOOL: return value == 0 || value == 1;
    case TYPE_ENUM:
        return value >= 0 && of < program->enumeration_count && value < (int64_t)program->enumeration[of].wording_count;
    case TYPE_SET:
        if (of >= program->enumeration_count) return false;
        return program->enumeration[of].wording_count >= 64 ||
               ((uint64_t)value >> program->enumeration[of].wording_count) == 0;
    case TYPE_COUNTRY: return value >= 0 && value < INT64_C(26) * 26;
    case TYPE_CURRENCY: return value >= 0 && value < (int64_t)program->currency_count;
    case TYPE_ZONE: return value >= 0 && value < (int64_t)zone_count();
    case TYPE_MOMENT:
        if (value < CIVIL_INSTANT_MIN || value > CIVIL_INSTANT_MAX) return false;
        break;
    case TYPE_DATE:
        if (value < CIVIL_DATE_MIN || value > CIVIL_DATE_MAX) return false;
        break;
    case TYPE_TIME:
        if (value < 0 || value >= CIVIL_DAY_MS) return false;
        break;
    case TYPE_CALENDAR: return calendar_months(value) >= 0 && calendar_days(value) >= 0 && calendar_ms(value) >= 0;
    case TYPE_TEXT: return true;
    default: break;
    }
    return (low == 0 && high == 0) || (value >= low && value <= high);
}

/* ---------------------------------------------------------------- writing */

static void put_number(struct buffer *buffer, uint64_t value)
{
    unsigned char bytes[10];
    unsigned count = 0;
    while (value >= 0x80) {
        bytes[count++] = (unsigned char)(value | 0x80);
        value >>= 7;
    }
    bytes[count++] = (unsigned char)value;
    buffer_append(buffer, bytes, count);
}

static uint64_t fold_sign(int64_t value)
{
    return ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
}

static void put_id(struct buffer *buffer, struct text text)
{
    INVARIANT(text.size <= 255);
    buffer_u8(buffer, (uint8_t)text.size);
    buffer_text(buffer, text);
}

static void put_text(struct buffer *buffer, struct text text)
{
    put_number(buffer, text.size);
    buffer_text(buffer, text);
}

static struct text text_in(const struct record *record, int64_t handle)
{
    uint64_t end = (uint64_t)handle_offset(handle) + handle_size(handle);
    INVARIANT(end <= record->bytes_size);
    if (handle_size(handle) == 0) return (struct text){.at = "", .size = 0};
    return (struct text){.at = (const char *)record->bytes + handle_offset(handle), .size = handle_size(handle)};
}

static void put_value(struct buffer *buffer, const struct record *record, const struct column *column)
{
    int64_t value = record->slot[column->slot];
    if (column->kind == TYPE_TEXT) {
        put_text(buffer, text_in(record, value));
    } else if (column->kind == TYPE_ZONE) {
        put_id(buffer, text_of(zone_name((unsigned)value)));
    } else {
        put_number(buffer, fold_sign(value));
        if (column->money_pair) put_number(buffer, (uint64_t)record->slot[column->slot + 1]);
    }
}

/* The first bytes of the semantic hash: a record read by another schema is noticed. */
static uint32_t schema_mark(const struct program *program)
{
    return buffer_load_u32(program->semantic_hash);
}

static void put_event(struct buffer *open, struct buffer *secret, const struct record *record,
                      const struct program *program)
{
    INVARIANT(record->event < program->event_count);
    const struct bundle_event *event = &program->event[record->event];
    put_number(open, record->event);
    buffer_u32(open, schema_mark(program));
    uint8_t about = (uint8_t)((bit_of(record->known, PROGRAM_SLOT_ABOUT) ? 1 : 0) |
                              (bit_of(record->known, PROGRAM_SLOT_ABOUT_EFFECT) ? 2 : 0));
    buffer_u8(open, about);
    if ((about & 1) != 0) put_id(open, text_in(record, record->slot[PROGRAM_SLOT_ABOUT]));
    if ((about & 2) != 0) put_id(open, text_in(record, record->slot[PROGRAM_SLOT_ABOUT_EFFECT]));
    uint64_t which = 0;
    for (uint32_t index = 0; index < event->field_count; index++) {
        if (bit_of(record->known, program->field[event->field_first + index].slot)) which |= UINT64_C(1) << index;
    }
    put_number(open, which);
    for (uint32_t index = 0; index < event->field_count; index++) {
        if ((which >> index & 1) == 0) continue;
        struct column column = column_of_field(&program->field[event->field_first + index]);
        put_value(column.private ? secret : open, record, &column);
    }
}

static void put_attributes(struct buffer *open, struct buffer *secret, const struct record *record,
                           const struct program *program)
{
    buffer_u32(open, schema_mark(program));
    uint32_t count = 0;
    for (uint32_t index = 0; index < program->attribute_count; index++) {
        if (bit_of(record->given, program->attribute[index].slot)) count++;
    }
    put_number(open, count);
    for (uint32_t index = 0; index < program->attribute_count; index++) {
        struct column column = column_of_attribute(&program->attribute[index]);
        if (!bit_of(record->given, column.slot)) continue;
        bool known = bit_of(record->known, column.slot);
        put_number(open, (uint64_t)index << 1 | (known ? 1 : 0));
        if (known) put_value(column.private ? secret : open, record, &column);
    }
}

void record_close(uint8_t *open)
{
    open[FLAGS_AT] |= FLAG_CLOSES;
}

enum status record_encode(struct buffer *open, struct buffer *secret, const struct record *record,
                          const struct program *program)
{
    INVARIANT(record->kind > 0 && record->kind < RECORD_KIND_COUNT);
    INVARIANT(record->by.size == 0 || record->kind != RECORD_TICK);
    buffer_u8(open, VERSION);
    buffer_u8(open, record->kind);
    buffer_u8(open, (uint8_t)((record->catch_up ? FLAG_CATCH_UP : 0) | (record->incomplete ? FLAG_INCOMPLETE : 0) |
                              (record->by.size > 0 ? FLAG_BY : 0) | (record->closes ? FLAG_CLOSES : 0)));
    buffer_u16(open, record->group);
    buffer_i64(open, record->now);
    put_number(open, fold_sign((int64_t)((uint64_t)record->now - (uint64_t)record->at)));
    if (record->kind != RECORD_TICK) {
        put_id(secret, record->brand);
        put_id(secret, record->player);
        put_id(secret, record->id);
        put_id(secret, record->source);
        buffer_u64(secret, record->content);
        if (record->by.size > 0) put_id(secret, record->by);
    }
    switch (record->kind) {
    case RECORD_EVENT:
    case RECORD_HISTORY: put_event(open, secret, record, program); break;
    case RECORD_ATTRIBUTES:
    case RECORD_IMPORT: put_attributes(open, secret, record, program); break;
    case RECORD_REPLY:
        buffer_append(open, record->effect, sizeof record->effect);
        buffer_u8(open, record->status);
        put_text(secret, record->reason);
        if (record->status == REPLY_ANSWERED) put_event(open, secret, record, program);
        break;
    case RECORD_DELIVERY:
        buffer_append(open, record->effect, sizeof record->effect);
        buffer_u8(open, record->status);
        buffer_u8(open, record->outcome);
        put_number(open, record->attempt);
        buffer_i64(open, record->next_at);
        put_text(secret, record->reason);
        break;
    case RECORD_COMMAND:
        buffer_u8(open, record->command);
        put_text(open, record->campaign);
        break;
    case RECORD_CODE:
        put_text(open, record->campaign);
        put_text(secret, record->reason);
        break;
    case RECORD_SUPPRESS:
    case RECORD_UNSUPPRESS: buffer_append(secret, record->effect, sizeof record->effect); break;
    case RECORD_PERSON: put_id(secret, record->person); break;
    case RECORD_EPOCH:
        buffer_u64(open, record->epoch);
        buffer_u8(open, record->unreconciled ? 1 : 0);
        break;
    case RECORD_LOST:
        buffer_append(open, record->effect, sizeof record->effect);
        put_text(open, record->campaign);
        put_text(open, record->offer);
        put_number(open, (uint64_t)record->amount);
        break;
    case RECORD_ACTIVATE:
        buffer_u64(open, record->bundle_size);
        buffer_append(open, record->bundle, record->bundle_size);
        break;
    default: break;
    }
    return buffer_ok(open) && buffer_ok(secret) ? OK : STATUS_NO_MEMORY;
}

/* ---------------------------------------------------------------- reading */

void record_space_init(struct record_space *space)
{
    memset(space, 0, sizeof *space);
    buffer_init(&space->bytes, 0);
}

void record_space_deinit(struct record_space *space)
{
    buffer_deinit(&space->bytes);
}

/* The two parts with what belongs to them; `wrong` names the first thing that does not hold. */
struct decoder {
    struct buffer_reader open, secret;
    bool forgotten; /* the secret part is gone with its key */
    struct record_space *space;
    const struct program *program;
    const char *wrong;
};

static uint64_t get_number(struct buffer_reader *reader)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = buffer_read_u8(reader);
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            if (shift == 63 && byte > 1) reader->failed = true;
            return value;
        }
    }
    reader->failed = true;
    return 0;
}

static int64_t unfold_sign(uint64_t value)
{
    return (int64_t)((value >> 1) ^ (0 - (value & 1)));
}

static struct text get_bytes(struct buffer_reader *reader, uint64_t size)
{
    if (size > UINT32_MAX) {
        reader->failed = true;
        return (struct text){.at = "", .size = 0};
    }
    const unsigned char *at = buffer_read_bytes(reader, (size_t)size);
    if (at == NULL || size == 0) return (struct text){.at = "", .size = 0};
    return (struct text){.at = (const char *)at, .size = (uint32_t)size};
}

static struct text get_id(struct buffer_reader *reader)
{
    return get_bytes(reader, buffer_read_u8(reader));
}

static struct text get_text(struct buffer_reader *reader)
{
    return get_bytes(reader, get_number(reader));
}

static void fail(struct decoder *decoder, const char *wrong)
{
    if (decoder->wrong == NULL) decoder->wrong = wrong;
}

/* Copies a text into the space and puts its handle into the slot. */
static void keep_text(struct decoder *decoder, uint32_t slot, enum bank bank, struct text text)
{
    struct record_space *space = decoder->space;
    if (text.size > 0xFFFFFF || space->bytes.size > UINT32_MAX - text.size) {
        fail(decoder, "a text that is too long");
        return;
    }
    space->slot[slot] = handle_make(bank, text.size, (uint32_t)space->bytes.size);
    buffer_text(&space->bytes, text);
    set_bit(space->known, slot);
}

static void get_value(struct decoder *decoder, const struct column *column, enum bank bank)
{
    if (column->private && decoder->forgotten) return;
    struct buffer_reader *reader = column->private ? &decoder->secret : &decoder->open;
    struct record_space *space = decoder->space;
    if (column->kind == TYPE_TEXT) {
        struct text text = get_text(reader);
        if (text.size > column->size) fail(decoder, "a text longer than declared");
        keep_text(decoder, column->slot, bank, text);
        return;
    }
    int64_t value = 0;
    if (column->kind == TYPE_ZONE) {
        value = zone_find(get_id(reader));
    } else {
        value = unfold_sign(get_number(reader));
    }
    if (!record_value_fits(decoder->program, column->kind, column->of, column->low, column->high, value)) {
        fail(decoder, "a value outside its declared range");
    }
    space->slot[column->slot] = value;
    set_bit(space->known, column->slot);
    if (column->money_pair) {
        uint64_t currency = get_number(reader);
        if (currency >= decoder->program->currency_count) fail(decoder, "a currency that is not declared");
        space->slot[column->slot + 1] = (int64_t)currency;
        set_bit(space->known, column->slot + 1);
    }
}

static bool schema_agrees(struct decoder *decoder)
{
    if (decoder->program == NULL) {
        fail(decoder, "an event before any program took effect");
    } else if (buffer_read_u32(&decoder->open) != schema_mark(decoder->program)) {
        fail(decoder, "an event of another program's schema");
    }
    return decoder->wrong == NULL;
}

static void get_event(struct decoder *decoder, struct record *out)
{
    uint64_t number = get_number(&decoder->open);
    if (!schema_agrees(decoder)) return;
    if (number >= decoder->program->event_count) {
        fail(decoder, "an event that is not declared");
        return;
    }
    struct record_space *space = decoder->space;
    const struct bundle_event *event = &decoder->program->event[number];
    out->event = (uint32_t)number;
    out->slot_count = event->slot_count;
    if (event->slot_count > sizeof space->slot / sizeof space->slot[0]) {
        fail(decoder, "an event with too many fields");
        return;
    }
    memset(space->slot, 0, event->slot_count * sizeof space->slot[0]);
    space->slot[PROGRAM_SLOT_TIME] = out->at;
    set_bit(space->known, PROGRAM_SLOT_TIME);
    keep_text(decoder, PROGRAM_SLOT_EVENT_ID, BANK_EVENT, out->id);
    uint8_t about = buffer_read_u8(&decoder->open);
    if (about > 3) fail(decoder, "an unknown flag");
    if ((about & 1) != 0) keep_text(decoder, PROGRAM_SLOT_ABOUT, BANK_EVENT, get_id(&decoder->open));
    if ((about & 2) != 0) keep_text(decoder, PROGRAM_SLOT_ABOUT_EFFECT, BANK_EVENT, get_id(&decoder->open));
    uint64_t which = get_number(&decoder->open);
    if (event->field_count < 64 && (which >> event->field_count) != 0) fail(decoder, "a field that is not declared");
    for (uint32_t index = 0; index < event->field_count && decoder->wrong == NULL; index++) {
        const struct bundle_field *field = &decoder->program->field[event->field_first + index];
        struct column column = column_of_field(field);
        if ((which >> index & 1) != 0) {
            get_value(decoder, &column, BANK_EVENT);
        } else if (field->optional == 0) {
            fail(decoder, "an event without a field that it must have");
        }
    }
}

static void get_attributes(struct decoder *decoder, struct record *out)
{
    if (!schema_agrees(decoder)) return;
    struct record_space *space = decoder->space;
    uint32_t slots = decoder->program->workspace->player_slot_count;
    if (slots > sizeof space->slot / sizeof space->slot[0]) {
        fail(decoder, "a player with too many attributes");
        return;
    }
    out->slot_count = slots;
    memset(space->slot, 0, slots * sizeof space->slot[0]);
    uint64_t count = get_number(&decoder->open);
    uint64_t next = 0;
    for (uint64_t entry = 0; entry < count && decoder->wrong == NULL && !decoder->open.failed; entry++) {
        uint64_t head = get_number(&decoder->open);
        uint64_t index = head >> 1;
        if (index < next || index >= decoder->program->attribute_count) {
            fail(decoder, "an attribute that is not declared");
            return;
        }
        next = index + 1;
        const struct bundle_attribute *attribute = &decoder->program->attribute[index];
        struct column column = column_of_attribute(attribute);
        set_bit(space->given, column.slot);
        if ((head & 1) != 0) {
            get_value(decoder, &column, BANK_PLAYER);
        } else if (attribute->optional == 0) {
            fail(decoder, "an attribute made unknown that may not be");
        }
    }
}

static void get_bundle(struct decoder *decoder, struct record *out)
{
    uint64_t size = buffer_read_u64(&decoder->open);
    struct text bundle = get_bytes(&decoder->open, size);
    if (decoder->open.failed) return;
    /* A copy, because a bundle is used in place and must lie at a multiple of 8. */
    buffer_text(&decoder->space->bytes, bundle);
    out->bundle_size = bundle.size;
}

static void get_delivery(struct decoder *decoder, struct record *out)
{
    struct buffer_reader *open = &decoder->open;
    const unsigned char *effect = buffer_read_bytes(open, sizeof out->effect);
    if (effect != NULL) memcpy(out->effect, effect, sizeof out->effect);
    out->status = buffer_read_u8(open);
    out->outcome = buffer_read_u8(open);
    uint64_t attempt = get_number(open);
    out->attempt = (uint32_t)attempt;
    out->next_at = buffer_read_i64(open);
    bool known = out->status == REPLY_CREDITED || out->status == REPLY_FAILED || out->status == REPLY_DELIVERED ||
                 out->status == REPLY_BOUNCED || out->status == DELIVERY_NO_REPLY;
    if (!known || out->outcome >= DELIVERY_OUTCOME_COUNT || attempt > UINT32_MAX)
        fail(decoder, "an attempt of an unknown kind");
    if (!decoder->forgotten) out->reason = get_text(&decoder->secret);
}

static void get_rest(struct decoder *decoder, struct record *out)
{
    struct buffer_reader *open = &decoder->open;
    switch (out->kind) {
    case RECORD_EVENT:
    case RECORD_HISTORY: get_event(decoder, out); break;
    case RECORD_ATTRIBUTES:
    case RECORD_IMPORT: get_attributes(decoder, out); break;
    case RECORD_REPLY: {
        const unsigned char *effect = buffer_read_bytes(open, sizeof out->effect);
        if (effect != NULL) memcpy(out->effect, effect, sizeof out->effect);
        out->status = buffer_read_u8(open);
        if (out->status >= REPLY_STATUS_COUNT) fail(decoder, "a reply of an unknown kind");
        if (!decoder->forgotten) out->reason = get_text(&decoder->secret);
        if (out->status == REPLY_ANSWERED && decoder->wrong == NULL && !open->failed) get_event(decoder, out);
        break;
    }
    case RECORD_DELIVERY: get_delivery(decoder, out); break;
    case RECORD_COMMAND:
        out->command = buffer_read_u8(open);
        if (out->command >= COMMAND_KIND_COUNT) fail(decoder, "a command of an unknown kind");
        out->campaign = get_text(open);
        break;
    case RECORD_CODE:
        out->campaign = get_text(open);
        if (!decoder->forgotten) out->reason = get_text(&decoder->secret);
        break;
    case RECORD_SUPPRESS:
    case RECORD_UNSUPPRESS: {
        if (decoder->forgotten) break;
        const unsigned char *hash = buffer_read_bytes(&decoder->secret, sizeof out->effect);
        if (hash != NULL) memcpy(out->effect, hash, sizeof out->effect);
        break;
    }
    case RECORD_PERSON:
        if (decoder->forgotten) break;
        out->person = get_id(&decoder->secret);
        if (out->person.size > PLAYER_ID_MAX) fail(decoder, "a person's name that is too long");
        break;
    case RECORD_EPOCH: {
        out->epoch = buffer_read_u64(open);
        uint8_t unreconciled = buffer_read_u8(open);
        if (unreconciled > 1) fail(decoder, "an unknown flag");
        out->unreconciled = unreconciled == 1;
        break;
    }
    case RECORD_LOST: {
        const unsigned char *lost = buffer_read_bytes(open, sizeof out->effect);
        if (lost != NULL) memcpy(out->effect, lost, sizeof out->effect);
        out->campaign = get_text(open);
        out->offer = get_text(open);
        uint64_t amount = get_number(open);
        if (amount > (uint64_t)RECORD_AMOUNT_MAX) fail(decoder, "an amount that no credit can have");
        out->amount = (int64_t)amount;
        break;
    }
    case RECORD_ACTIVATE: get_bundle(decoder, out); break;
    default: break;
    }
}

enum status record_decode(struct record *out, struct record_space *space, struct text open, struct text secret,
                          const struct program *program, struct error *error)
{
    struct decoder decoder = {.open = buffer_read(open.at, open.size),
                              .secret = buffer_read(secret.at, secret.size),
                              .forgotten = secret.size == 0,
                              .space = space,
                              .program = program,
                              .wrong = NULL};
    memset(out, 0, sizeof *out);
    memset(space->known, 0, sizeof space->known);
    memset(space->given, 0, sizeof space->given);
    buffer_clear(&space->bytes);
    out->player = out->brand = out->id = out->source = out->by = out->reason = out->campaign = out->offer =
        out->person = TEXT("");
    uint8_t version = buffer_read_u8(&decoder.open);
    out->kind = buffer_read_u8(&decoder.open);
    uint8_t flags = buffer_read_u8(&decoder.open);
    out->group = buffer_read_u16(&decoder.open);
    out->now = buffer_read_i64(&decoder.open);
    out->at = (int64_t)((uint64_t)out->now - (uint64_t)unfold_sign(get_number(&decoder.open)));
    out->catch_up = (flags & FLAG_CATCH_UP) != 0;
    out->incomplete = (flags & FLAG_INCOMPLETE) != 0;
    out->closes = (flags & FLAG_CLOSES) != 0;
    if (!decoder.open.failed && version != VERSION) {
        return error_set(error, STATUS_CORRUPT, "a record of format %u; this program reads format %u", version,
                         VERSION);
    }
    if (out->kind == 0 || out->kind >= RECORD_KIND_COUNT) fail(&decoder, "a record of an unknown kind");
    bool by = (flags & FLAG_BY) != 0;
    if ((flags & ~(FLAG_CATCH_UP | FLAG_INCOMPLETE | FLAG_BY | FLAG_CLOSES)) != 0 ||
        (out->incomplete && out->kind != RECORD_ACTIVATE) || (by && out->kind == RECORD_TICK))
        fail(&decoder, "an unknown flag");
    if (out->group >= RECORD_GROUPS) fail(&decoder, "a key group that does not exist");
    if (out->kind != RECORD_TICK && !decoder.forgotten) {
        out->brand = get_id(&decoder.secret);
        out->player = get_id(&decoder.secret);
        out->id = get_id(&decoder.secret);
        out->source = get_id(&decoder.secret);
        out->content = buffer_read_u64(&decoder.secret);
        if (by) out->by = get_id(&decoder.secret);
        if (by && out->by.size == 0) fail(&decoder, "an empty name of who ordered it");
        if (out->brand.size > PLAYER_ID_MAX || out->player.size > PLAYER_ID_MAX || out->id.size > PLAYER_ID_MAX ||
            out->source.size > PLAYER_ID_MAX || out->by.size > PLAYER_ID_MAX) {
            fail(&decoder, "an id that is too long");
        }
    }
    if (decoder.wrong == NULL) get_rest(&decoder, out);
    if (decoder.open.failed || decoder.secret.failed) fail(&decoder, "an end too early");
    if (decoder.wrong == NULL && (decoder.open.at != open.size || decoder.secret.at != secret.size)) {
        fail(&decoder, "bytes left over");
    }
    if (decoder.wrong != NULL) return error_set(error, STATUS_CORRUPT, "a damaged record: %s", decoder.wrong);
    if (!buffer_ok(&space->bytes)) return error_set(error, STATUS_NO_MEMORY, "no memory for a record");
    out->slot = space->slot;
    out->known = space->known;
    out->given = space->given;
    out->bytes = space->bytes.bytes;
    out->bytes_size = (uint32_t)space->bytes.size;
    if (out->kind == RECORD_ACTIVATE) out->bundle = space->bytes.bytes;
    return OK;
}
