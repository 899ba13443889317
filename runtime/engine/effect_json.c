/* The writer of effect and note lines. spec: events.md#effects-out
 *
 * It writes into a buffer, key by key, and reads nothing but the effect and its program. No library is used, so the
 * bytes are ours alone. Indexes are looked at before they are used: a bundle may come from a stranger.
 */
#include "runtime/engine/effect_json.h"

#include "vm/address.h"
#include "vm/civil.h"
#include "vm/crypto.h"
#include "vm/decimal.h"
#include "vm/meaning.h"
#include "vm/zone.h"

/* ------------------------------------------------------------------------------------------------- words */

static const char *const effect_words[] = {
    [ENGINE_SEND] = "send",     [ENGINE_CREDIT] = "credit", [ENGINE_DO] = "do",
    [ENGINE_TAG] = "tag",       [ENGINE_UNTAG] = "untag",   [ENGINE_SUSPENDED] = "campaign_suspended",
    [ENGINE_RECALL] = "cancel", [ENGINE_ASK] = "ask",       [ENGINE_EVENT] = "event",
    [ENGINE_ANSWER] = "answer", [ENGINE_AWARD] = "award",
};

static const char *const note_words[NOTE_KIND_COUNT] = {
    [NOTE_ENTERED] = "entered",
    [NOTE_ENTRY_REFUSED] = "entry_refused",
    [NOTE_FINISHED] = "finished",
    [NOTE_STEP] = "step",
    [NOTE_EFFECT_REFUSED] = "effect_refused",
    [NOTE_DELAYED] = "delayed",
    [NOTE_DROPPED] = "dropped",
    [NOTE_EXPOSURE] = "exposure",
    [NOTE_CONVERTED] = "converted",
    [NOTE_RESERVED] = "reserved",
    [NOTE_COMMITTED] = "committed",
    [NOTE_RELEASED] = "released",
    [NOTE_SUSPENDED] = "suspended",
    [NOTE_RESUMED] = "resumed",
    [NOTE_NOT_APPLIED] = "not_applied",
    [NOTE_PAUSED] = "paused",
    [NOTE_UNPAUSED] = "unpaused",
    [NOTE_CREDIT_FAILED] = "credit_failed",
    [NOTE_RUN] = "run",
    [NOTE_RUN_MISSED] = "run_missed",
    [NOTE_ZONES] = "zone_rules",
    [NOTE_ANSWERED] = "answered",
    [NOTE_STOPPED] = "stopped",
    [NOTE_MOVED] = "moved",
    [NOTE_NOT_MOVED] = "not_moved",
    [NOTE_ERASED] = "erased",
    [NOTE_METRIC_FULL] = "metric_full",
    [NOTE_LOST] = "lost",
    [NOTE_PROTECTED] = "protected",
    [NOTE_WITHHELD] = "withheld",
};

static const char *const reason_words[REASON_COUNT] = {
#define REASON(number, name, sentence) [number] = #name,
#include "spec/reasons.def"
#undef REASON
};

const char *effect_json_note_word(enum note_kind kind)
{
    INVARIANT(kind < NOTE_KIND_COUNT);
    return note_words[kind];
}

const char *effect_json_effect_word(enum engine_effect_kind kind)
{
    INVARIANT(kind <= ENGINE_AWARD);
    return effect_words[kind];
}

const char *effect_json_reason(enum reason reason)
{
    INVARIANT(reason < REASON_COUNT);
    return reason_words[reason] != NULL ? reason_words[reason] : "UNKNOWN"; /* the numbers have gaps */
}

/* ------------------------------------------------------------------------------------------------- keys and values */

static void put_key(struct buffer *out, const char *key)
{
    buffer_append(out, ",\"", 2);
    buffer_string(out, key);
    buffer_append(out, "\":", 2);
}

static void put_text(struct buffer *out, const char *key, struct text value)
{
    put_key(out, key);
    buffer_json_text(out, value);
}

static void put_instant_value(struct buffer *out, int64_t instant)
{
    char text[CIVIL_INSTANT_SIZE];
    unsigned size = civil_format_instant(text, instant);
    buffer_u8(out, '"');
    buffer_append(out, text, size);
    buffer_u8(out, '"');
}

static void put_instant(struct buffer *out, const char *key, int64_t instant)
{
    put_key(out, key);
    put_instant_value(out, instant);
}

static void put_id(struct buffer *out, const char *key, const uint8_t id[16])
{
    char digits[33];
    crypto_hex(digits, id, 16);
    put_key(out, key);
    buffer_u8(out, '"');
    buffer_append(out, digits, 32);
    buffer_u8(out, '"');
}

static void put_money_value(struct buffer *out, const struct program *program, uint32_t currency, int64_t minor)
{
    char code[4] = "";
    struct text text = {.at = "", .size = 0};
    if (currency < program->currency_count) text = program_text(program, program->currency[currency].code);
    if (text.size != 3 || decimal_currency_digits(text) == DECIMAL_CURRENCY_NONE) {
        buffer_decimal(out, minor);
        return;
    }
    memcpy(code, text.at, 3);
    buffer_u8(out, '"');
    decimal_print_money_wire(out, minor, code);
    buffer_u8(out, '"');
}

static struct text word_of(const struct program *program, uint32_t enumeration, int64_t ordinal)
{
    if (enumeration >= program->enumeration_count) return TEXT("");
    const struct bundle_enumeration *record = &program->enumeration[enumeration];
    if (ordinal < 0 || ordinal >= (int64_t)record->wording_count) return TEXT("");
    return program_text(program, program->wording[record->wording_first + (uint32_t)ordinal].name);
}

static void put_set(struct buffer *out, const struct program *program, uint32_t enumeration, uint64_t mask)
{
    bool first = true;
    buffer_u8(out, '[');
    for (uint32_t i = 0; i < 64; i++) {
        if ((mask >> i & 1) == 0) continue;
        if (!first) buffer_u8(out, ',');
        buffer_json_text(out, word_of(program, enumeration, (int64_t)i));
        first = false;
    }
    buffer_u8(out, ']');
}

void effect_json_value(struct buffer *out, const struct program *program, uint32_t kind, uint32_t of, int64_t value,
                       struct text text)
{
    char room[CIVIL_INSTANT_SIZE];
    switch (kind) {
    case TYPE_BOOL: buffer_string(out, value != 0 ? "true" : "false"); return;
    case TYPE_WHOLE: buffer_decimal(out, value); return;
    case TYPE_DECIMAL: decimal_print(out, value, DECIMAL_MILLIONTHS, DECIMAL_TRIM); return;
    case TYPE_MONEY: put_money_value(out, program, of, value); return;
    case TYPE_MOMENT: put_instant_value(out, value); return;
    case TYPE_TEXT: buffer_json_text(out, text); return;
    case TYPE_ENUM: buffer_json_text(out, word_of(program, of, value)); return;
    case TYPE_SET: put_set(out, program, of, (uint64_t)value); return;
    default: break;
    }
    /* What is left is written by a printer of its own, none of which writes a byte that JSON escapes. */
    buffer_u8(out, '"');
    switch (kind) {
    case TYPE_PERCENT: decimal_print(out, value, 4, DECIMAL_TRIM), buffer_u8(out, '%'); break;
    case TYPE_DURATION: decimal_print_duration(out, value); break;
    case TYPE_CALENDAR:
        decimal_print_calendar(out, calendar_months(value), calendar_days(value), calendar_ms(value));
        break;
    case TYPE_DATE: buffer_append(out, room, civil_format_date(room, value)); break;
    case TYPE_TIME: buffer_append(out, room, civil_format_time(room, value)); break;
    case TYPE_CURRENCY:
        if (value >= 0 && value < (int64_t)program->currency_count)
            buffer_text(out, program_text(program, program->currency[value].code));
        break;
    case TYPE_COUNTRY:
        if (value >= 0 && value < (int64_t)26 * 26) {
            buffer_u8(out, (uint8_t)('A' + value / 26));
            buffer_u8(out, (uint8_t)('A' + value % 26));
        }
        break;
    case TYPE_ZONE:
        if (value >= 0 && value < (int64_t)zone_count()) buffer_string(out, zone_name((unsigned)value));
        break;
    default: INVARIANT(kind < TYPE_COUNT); break;
    }
    buffer_u8(out, '"');
}

/* ------------------------------------------------------------------------------------------------- effects */

static struct text handle_text(const struct engine_effect *effect, int64_t handle)
{
    enum bank bank = handle_bank(handle);
    if (bank >= BANK_COUNT || effect->banks == NULL || effect->banks[bank] == NULL) return TEXT("");
    return text_make((const char *)effect->banks[bank] + handle_offset(handle), handle_size(handle));
}

static void put_value(struct buffer *out, const struct engine_effect *effect, uint32_t index)
{
    const struct bundle_value *value = &effect->program->value[effect->effect->value_first + index];
    struct text text = {.at = "", .size = 0};
    if (value->kind == TYPE_TEXT) text = handle_text(effect, effect->values[index]);
    effect_json_value(out, effect->program, value->kind, engine_effect_of(effect, index), effect->values[index], text);
}

/* The keys that a parameter may not shadow. */
static bool is_fixed_key(struct text name)
{
    static const char *const keys[] = {"effect",   "id",      "at",   "player", "brand", "test",
                                       "campaign", "journey", "step", "action", "cost",  "offer",
                                       "target",   "terms",   "paid", "rates",  "code"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (text_equal(name, text_of(keys[i]))) return true;
    }
    return false;
}

/* The parameters of an action by name: the first `count` values. */
static void put_parameters(struct buffer *out, const struct engine_effect *effect, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct text name = program_text(effect->program, effect->program->value[effect->effect->value_first + i].name);
        buffer_append(out, ",\"", 2);
        if (is_fixed_key(name)) buffer_string(out, "with_");
        buffer_text(out, name); /* A word of the language: letters, digits and underscores. */
        buffer_append(out, "\":", 2);
        put_value(out, effect, i);
    }
}

/* The short ids of the message's links, by their names, where the workspace shortens links. */
static void put_links(struct buffer *out, const struct engine_effect *effect)
{
    const struct program *program = effect->program;
    if (program->workspace->short_links == PROGRAM_NONE || effect->effect->object >= program->message_count) return;
    const struct bundle_message *message = &program->message[effect->effect->object];
    for (uint32_t i = 0; i < message->link_count; i++) {
        const struct text name = program_text(program, program->link[message->link_first + i].name);
        char id[ADDRESS_SHORT_SIZE + 1];
        address_short(id, effect->id, name);
        buffer_string(out, i == 0 ? ",\"links\":{" : ",");
        buffer_json_text(out, name);
        buffer_print(out, ":\"%s\"", id);
    }
    if (message->link_count > 0) buffer_u8(out, '}');
}

/* What its bundle says of an effect: of every kind that a line of a campaign makes. */
static const struct bundle_effect *record_of(const struct engine_effect *effect)
{
    INVARIANT(effect->effect != NULL);
    return effect->effect;
}

static void put_send(struct buffer *out, const struct engine_effect *effect)
{
    const struct program *program = effect->program;
    const struct bundle_effect *record = record_of(effect);
    put_text(out, "channel", program_text(program, record->action));
    put_text(out, "message", program_text(program, record->name));
    struct text content = {.at = "", .size = 0};
    if (effect->content.size > 0)
        content = effect->content;
    else if (record->object < program->message_count)
        content = program_text(program, program->message[record->object].content);
    put_text(out, "content", content);
    put_key(out, "values");
    buffer_u8(out, '{');
    for (uint32_t i = 0; i < record->value_count; i++) {
        if (program_text(program, program->value[record->value_first + i].name).size == 0) continue; /* a currency */
        if (i > 0) buffer_u8(out, ',');
        buffer_json_text(out, program_text(program, program->value[record->value_first + i].name));
        buffer_u8(out, ':');
        put_value(out, effect, i);
    }
    buffer_u8(out, '}');
    put_links(out, effect);
}

/* "slots, live" as ["slots","live"]. */
static void put_list(struct buffer *out, struct text list)
{
    buffer_u8(out, '[');
    uint32_t start = 0;
    while (start < list.size) {
        uint32_t end = text_find(list, ',', start);
        if (start > 0) buffer_u8(out, ',');
        buffer_json_text(out, text_trim(text_slice(list, start, end - start)));
        start = end + 1;
    }
    buffer_u8(out, ']');
}

static void put_terms(struct buffer *out, const struct engine_effect *effect, const struct bundle_offer *offer)
{
    const struct program *program = effect->program;
    if (offer->fact_count == 0) return;
    put_key(out, "terms");
    buffer_u8(out, '{');
    for (uint32_t i = 0; i < offer->fact_count; i++) {
        const struct bundle_fact *fact = &program->fact[offer->fact_first + i];
        struct text name = program_text(program, fact->name);
        struct text value = program_text(program, fact->value);
        if (i > 0) buffer_u8(out, ',');
        buffer_json_text(out, name);
        buffer_u8(out, ':');
        if (text_equal(name, TEXT("games"))) {
            put_list(out, value);
        } else if (text_equal(name, TEXT("expires")) && effect->expires_at != 0) {
            put_instant_value(out, effect->expires_at);
        } else {
            buffer_json_text(out, value);
        }
    }
    buffer_u8(out, '}');
}

/* `show offer "NAME"`: the terms of the offer, the campaign's own or a shared one. */
static void put_shown_offer(struct buffer *out, const struct engine_effect *effect)
{
    const struct program *program = effect->program;
    const struct bundle_offer *found = NULL;
    if (!text_equal(program_text(program, effect->effect->action), TEXT("show_offer"))) return;
    for (uint32_t i = 0; i < program->offer_count; i++) {
        const struct bundle_offer *offer = &program->offer[i];
        const bool is_own = offer->campaign == effect->campaign;
        if ((is_own || offer->campaign == PROGRAM_NONE) &&
            text_equal(program_text(program, offer->name), program_text(program, effect->effect->name)) &&
            (found == NULL || is_own))
            found = offer;
    }
    if (found == NULL) return;
    put_text(out, "offer", program_text(program, found->name));
    put_terms(out, effect, found);
}

static void put_credit(struct buffer *out, const struct engine_effect *effect)
{
    const struct program *program = effect->program;
    const struct bundle_effect *record = record_of(effect);
    put_text(out, "offer", program_text(program, record->name));
    if (record->object >= program->offer_count) return;
    const struct bundle_offer *offer = &program->offer[record->object];
    put_text(out, "action", program_text(program, program->action[offer->action].name));
    struct meaning_credit credit = meaning_credit(program, record);
    put_parameters(out, effect, record->value_count < credit.parameters ? record->value_count : credit.parameters);
    if (effect->cost != 0) {
        put_key(out, "cost");
        put_money_value(out, program, offer->currency, effect->cost);
    }
    if (credit.paid != PROGRAM_NONE && effect->cost != 0) {
        put_key(out, "paid");
        put_value(out, effect, credit.paid);
    }
    if (offer->wagering_of != WAGERING_NONE) {
        put_key(out, "target");
        put_money_value(out, program, engine_effect_paid_currency(effect), effect->target);
    }
    if (effect->code.size > 0) put_text(out, "code", effect->code);
    if (effect->pending) put_text(out, "state", TEXT("pending"));
    if (credit.source != PROGRAM_NONE && credit.source < record->value_count) {
        buffer_append(out, ",\"", 2);
        buffer_text(out, program_text(program, program->value[record->value_first + credit.source].name));
        buffer_append(out, "\":", 2);
        put_value(out, effect, credit.source);
    }
    put_terms(out, effect, offer);
}

/* The rate tables that had a part in what the effect carries. */
static void put_rates(struct buffer *out, const struct engine_effect *effect)
{
    const struct program *program = effect->program;
    bool first = true;
    for (uint32_t i = 0; i < program->rates_count; i++) {
        if ((effect->effect->rates >> i & 1) == 0) continue;
        const struct bundle_rates *rates = &program->rates[i];
        buffer_string(out, first ? ",\"rates\":[{\"name\":" : ",{\"name\":");
        buffer_json_text(out, program_text(program, rates->name));
        put_text(out, "version", program_text(program, rates->version));
        put_text(out, "content", program_text(program, rates->content));
        buffer_u8(out, '}');
        first = false;
    }
    if (!first) buffer_u8(out, ']');
}

static void put_suspension(struct buffer *out, const struct engine_effect *effect)
{
    const struct program *program = effect->program;
    put_text(out, "campaign", program_text(program, program->campaign[effect->campaign].name));
    bool pool = effect->budget < program->budget_count && program->budget[effect->budget].campaign == PROGRAM_NONE;
    put_text(out, "budget", pool ? TEXT("pool") : TEXT("total"));
    if (pool) put_text(out, "pool", program_text(program, program->budget[effect->budget].name));
}

static void put_ask(struct buffer *out, const struct engine_effect *effect)
{
    const struct program *program = effect->program;
    const struct bundle_ask *ask = effect->ask;
    bool approval = ask->query >= program->query_count;
    put_text(out, "whom", program_text(program, ask->asked));
    put_text(out, "for", approval ? TEXT("approval") : program_text(program, program->query[ask->query].name));
    if (approval) {
        put_key(out, "people");
        buffer_decimal(out, (int64_t)ask->people);
    }
    if (effect->expires_at != 0) put_instant(out, "until", effect->expires_at);
}

static struct text event_text(const struct engine_event *made, uint32_t slot)
{
    if (!((made->known[slot / 64] >> (slot % 64)) & 1)) return TEXT("");
    int64_t handle = made->slot[slot];
    return text_make((const char *)made->bytes + handle_offset(handle), handle_size(handle));
}

static void put_event(struct buffer *out, const struct engine_effect *effect)
{
    const struct program *program = effect->program;
    const struct engine_event *made = effect->made;
    const struct bundle_event *event = &program->event[made->event];
    put_text(out, "event", program_text(program, event->wire));
    struct text about = event_text(made, PROGRAM_SLOT_ABOUT), of = event_text(made, PROGRAM_SLOT_ABOUT_EFFECT);
    if (about.size > 0) put_text(out, "of", about);
    if (of.size > 0) put_text(out, "of_id", of);
    bool any = false;
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct bundle_field *field = &program->field[event->field_first + i];
        if (!((made->known[field->slot / 64] >> (field->slot % 64)) & 1)) continue;
        if (!any) buffer_string(out, ",\"data\":{");
        if (any) buffer_u8(out, ',');
        any = true;
        buffer_json_text(out, program_text(program, field->name));
        buffer_u8(out, ':');
        uint32_t of_what = field->kind == TYPE_MONEY ? (uint32_t)made->slot[field->slot + 1] : field->of;
        struct text text = field->kind == TYPE_TEXT ? event_text(made, field->slot) : TEXT("");
        effect_json_value(out, program, field->kind, of_what, made->slot[field->slot], text);
    }
    if (any) buffer_u8(out, '}');
}

static void put_answer(struct buffer *out, const struct engine_effect *effect)
{
    const struct engine_answer *answer = effect->answer;
    put_text(out, "to", answer->to);
    if (answer->source.size > 0) put_text(out, "source", answer->source);
    put_text(out, "event", program_text(effect->program, effect->program->event[answer->event].wire));
    put_text(out, "result", answer->reason == REASON_NONE ? TEXT("OK") : text_of(effect_json_reason(answer->reason)));
    if (answer->words.size > 0) put_text(out, "text", answer->words);
    if (answer->data.size == 0) return;
    buffer_string(out, ",\"data\":{");
    buffer_text(out, answer->data);
    buffer_u8(out, '}');
}

static void put_award(struct buffer *out, const struct engine_effect *effect)
{
    const struct program *program = effect->program;
    const struct bundle_effect *record = record_of(effect);
    put_text(out, "badge", program_text(program, record->name));
    if (record->object >= program->badge_count) return;
    const struct bundle_badge *badge = &program->badge[record->object];
    if (badge->note != PROGRAM_NONE) put_text(out, "note", program_text(program, badge->note));
    if (badge->image != PROGRAM_NONE) put_text(out, "image", program_text(program, badge->image));
}

void effect_json_write(struct buffer *out, const struct engine_effect *effect)
{
    const struct program *program = effect->program;
    buffer_string(out, "{\"effect\":\"");
    buffer_string(out, effect_json_effect_word(effect->kind));
    buffer_u8(out, '"');
    if (effect->kind == ENGINE_RECALL) {
        /* The identity of a cancellation: that of what it cancels with every bit turned over. */
        uint8_t id[16];
        for (uint32_t i = 0; i < 16; i++) id[i] = (uint8_t)~effect->id[i];
        put_id(out, "id", id);
    } else {
        put_id(out, "id", effect->id);
    }
    put_instant(out, "at", effect->at);
    if (effect->kind == ENGINE_SUSPENDED) {
        put_suspension(out, effect);
        buffer_append(out, "}\n", 2);
        return;
    }
    put_text(out, "player", effect->player);
    if (effect->brand.size > 0) put_text(out, "brand", effect->brand);
    if (effect->test_player) {
        put_key(out, "test");
        buffer_string(out, "true");
    }
    if (effect->campaign < program->campaign_count) {
        put_text(out, "campaign", program_text(program, program->campaign[effect->campaign].name));
        put_key(out, "journey");
        buffer_decimal(out, (int64_t)effect->journey);
    }
    if (effect->effect != NULL) {
        put_text(out, "step", program_text(program, program->step[effect->effect->step].name));
    }
    switch (effect->kind) {
    case ENGINE_SEND: put_send(out, effect); break;
    case ENGINE_CREDIT: put_credit(out, effect); break;
    case ENGINE_DO:
        put_text(out, "action", program_text(program, record_of(effect)->action));
        put_parameters(out, effect, record_of(effect)->value_count);
        put_shown_offer(out, effect);
        break;
    case ENGINE_TAG:
    case ENGINE_UNTAG: put_text(out, "tag", program_text(program, record_of(effect)->name)); break;
    case ENGINE_AWARD: put_award(out, effect); break;
    case ENGINE_RECALL: put_id(out, "of", effect->id); break;
    case ENGINE_ASK: put_ask(out, effect); break;
    case ENGINE_EVENT: put_event(out, effect); break;
    case ENGINE_ANSWER: put_answer(out, effect); break;
    case ENGINE_SUSPENDED: break;
    }
    if (effect->kind != ENGINE_RECALL && effect->effect != NULL) put_rates(out, effect);
    buffer_append(out, "}\n", 2);
}

/* ------------------------------------------------------------------------------------------------- notes */

static bool has_amount(const struct engine_note *note)
{
    if (note->kind == NOTE_EFFECT_REFUSED) return note->reason == REASON_BUDGET;
    return note->kind == NOTE_RESERVED || note->kind == NOTE_COMMITTED || note->kind == NOTE_RELEASED ||
           note->kind == NOTE_WITHHELD;
}

static void put_arm(struct buffer *out, const struct engine_note *note)
{
    const struct program *program = note->program;
    if (note->split >= program->split_count) return;
    const struct bundle_split *split = &program->split[note->split];
    put_text(out, "split", program_text(program, split->name));
    if (note->arm < split->arm_count)
        put_text(out, "arm", program_text(program, program->arm[split->arm_first + note->arm].name));
}

/* Of what, how much; of a refusal also what was left. */
static void put_amount(struct buffer *out, const struct engine_note *note)
{
    const struct program *program = note->program;
    uint32_t currency = PROGRAM_NONE;
    if (note->campaign < program->campaign_count) currency = program->campaign[note->campaign].currency;
    if (note->budget < program->budget_count) {
        currency = program->budget[note->budget].currency;
        put_text(out, "budget", program_text(program, program->budget[note->budget].name));
    }
    put_key(out, "amount");
    put_money_value(out, program, currency, note->amount);
    if (note->kind != NOTE_EFFECT_REFUSED) return;
    put_key(out, "left");
    put_money_value(out, program, currency, note->left);
}

void effect_json_note(struct buffer *out, const struct engine_note *note)
{
    static const uint8_t no_id[16];
    const struct program *program = note->program;
    buffer_string(out, "{\"note\":\"");
    buffer_string(out, effect_json_note_word(note->kind));
    buffer_u8(out, '"');
    put_instant(out, "at", note->now);
    if (note->player.size > 0) put_text(out, "player", note->player);
    if (note->brand.size > 0) put_text(out, "brand", note->brand);
    if (note->test_player) {
        put_key(out, "test");
        buffer_string(out, "true");
    }
    if (program != NULL && note->campaign < program->campaign_count) {
        put_text(out, "campaign", program_text(program, program->campaign[note->campaign].name));
        if (note->journey > 0) {
            put_key(out, "journey");
            buffer_decimal(out, (int64_t)note->journey);
        }
    }
    if (program != NULL && note->step < program->step_count)
        put_text(out, "step", program_text(program, program->step[note->step].name));
    if (program != NULL && note->effect != NULL) {
        put_text(out, "action", program_text(program, note->effect->action));
        put_text(out, "name", program_text(program, note->effect->name));
    }
    if (note->reason != REASON_NONE) put_text(out, "reason", text_of(effect_json_reason(note->reason)));
    if (note->detail != NULL && note->detail[0] != '\0') put_text(out, "detail", text_of(note->detail));
    const struct program *rules = note->rules != NULL ? note->rules : program;
    if (rules != NULL && note->rule < rules->rule_count && note->reason != REASON_NONE) {
        put_text(out, "rule", program_text(rules, rules->rule[note->rule].name));
        put_key(out, "line");
        buffer_decimal(out, (int64_t)rules->rule[note->rule].line);
    }
    if (note->kind == NOTE_METRIC_FULL) put_text(out, "metric", note->metric);
    if (note->kind == NOTE_PROTECTED) {
        bool told = note->event.size > 0;
        put_text(out, told ? "event" : "attribute", told ? note->event : note->attribute);
        if (note->other.size > 0) put_text(out, "of_brand", note->other);
        put_instant(out, "since", note->since);
    }
    if (note->kind == NOTE_FINISHED) put_text(out, "as", note->finish);
    if (note->kind == NOTE_ZONES) put_text(out, "checked_with", note->finish);
    if (note->kind == NOTE_RUN) {
        put_key(out, "rows");
        buffer_decimal(out, (int64_t)note->rows);
    }
    if (note->until != 0) put_instant(out, "until", note->until);
    if (program != NULL && (note->kind == NOTE_EXPOSURE || note->kind == NOTE_CONVERTED)) put_arm(out, note);
    if (note->kind == NOTE_CONVERTED && note->goal.size > 0) put_text(out, "goal", note->goal);
    if (program != NULL && has_amount(note)) put_amount(out, note);
    if (memcmp(note->effect_id, no_id, sizeof no_id) != 0) put_id(out, "id", note->effect_id);
    buffer_append(out, "}\n", 2);
}
