/* The record that a line of each kind comes to: events, attributes, replies, commands, ticks. Contract: runtime/store/intake_scan.h.
 *
 * Which members a kind must and may have is intake_members.c; here is what they mean together.
 */
#include "runtime/store/intake_scan.h"

#include "runtime/store/intake_members.h"
#include "vm/pool.h"
#include "vm/split.h"

const char *const scan_status_words[REPLY_STATUS_COUNT] = {"credited", "failed",   "delivered", "bounced", "opened",
                                                           "clicked",  "approved", "refused",   "answered"};
const char *const scan_command_words[COMMAND_KIND_COUNT] = {
    "resume", "suspend", "end", "kill", "end_journeys", "start", [COMMAND_RETRY] = "retry", [COMMAND_DROP] = "drop"};

#define TOP(name) (UINT64_C(1) << TOP_##name)

static bool check_members(struct intake *intake)
{
    intake->kind = members_kind(intake->kind, intake->top_seen);
    if (intake->kind == 0) return words_no_kind(&intake->words);
    uint32_t missing = members_missing(intake->kind, intake->top_seen);
    const struct schema_column *columns = intake->schema.top.column;
    if (missing < TOP_COUNT)
        return words_missing_member(&intake->words, members_word(intake->kind), columns[missing].name);
    uint32_t strange = members_strange(intake->kind, intake->top_seen);
    return strange == TOP_COUNT ||
           words_strange_member(&intake->words, members_word(intake->kind), columns[strange].name);
}

static bool check_brand(struct intake *intake)
{
    const struct program *program = intake->schema.program;
    /* The only brand there is needs no saying; among several, a player without one is a player of none of them. */
    if (intake->brand.size == 0 && program->brand_count == 1)
        intake->brand = program_text(program, program->brand[0].name);
    if (intake->brand.size == 0) return program->brand_count == 0 || words_no_brand(&intake->words, program);
    for (uint32_t index = 0; index < program->brand_count; index++) {
        if (text_equal(program_text(program, program->brand[index].name), intake->brand)) return true;
    }
    return words_brand(&intake->words, program, intake->brand);
}

/* A start is about a player; every other command is about a whole campaign. */
static bool check_whom(struct intake *intake)
{
    bool named = (intake->top_seen & TOP(PLAYER)) != 0;
    if (intake->command == COMMAND_START && !named)
        return words_missing_member(&intake->words, "start command", TEXT("player"));
    if (intake->command == COMMAND_START || !(named || (intake->top_seen & TOP(BRAND)) != 0)) return true;
    return words_strange_member(&intake->words, scan_command_words[intake->command],
                                named ? TEXT("player") : TEXT("brand"));
}

/* A retry is of one effect; every other command concerns a campaign. */
static bool check_about(struct intake *intake)
{
    bool of_effect = intake->command == COMMAND_RETRY || intake->command == COMMAND_DROP;
    uint64_t needed = of_effect ? TOP(EFFECT) : TOP(CAMPAIGN), strange = of_effect ? TOP(CAMPAIGN) : TOP(EFFECT);
    if ((intake->top_seen & needed) == 0)
        return words_missing_member(&intake->words, members_word(RECORD_COMMAND),
                                    of_effect ? TEXT("effect") : TEXT("campaign"));
    if ((intake->top_seen & strange) == 0) return true;
    return words_strange_member(&intake->words, scan_command_words[intake->command],
                                of_effect ? TEXT("campaign") : TEXT("effect"));
}

static bool check_campaign(struct intake *intake)
{
    if (intake->command == COMMAND_RETRY || intake->command == COMMAND_DROP) return true;
    const struct program *program = intake->schema.program;
    /* Journeys of an earlier bundle may be of a campaign that this one has no more. */
    if (intake->command == COMMAND_END_JOURNEYS) return true;
    for (uint32_t index = 0; index < program->campaign_count; index++) {
        const struct bundle_campaign *campaign = &program->campaign[index];
        if (!text_equal(program_text(program, campaign->name), intake->campaign)) continue;
        return intake->command != COMMAND_START || campaign->start_kind == START_COMMAND ||
               words_not_on_command(&intake->words, intake->campaign);
    }
    return words_unknown_campaign(&intake->words, program, intake->campaign);
}

/* The time of an event is a field of it where the declaration says so. */
static bool finish_event(struct intake *intake, struct record *out)
{
    const struct program *program = intake->schema.program;
    const struct bundle_event *event = &program->event[intake->event];
    if (intake->data == NULL) {
        intake->cursor = (const unsigned char *)"{}";
        if (!scan_data(intake)) return false;
    }
    bool timed = (intake->top_seen & TOP(AT)) != 0;
    out->at = intake->at;
    out->now = intake->at;
    if (event->happens_at != PROGRAM_NONE) {
        uint32_t slot = program->field[event->happens_at].slot;
        if ((intake->known[slot / 64] >> (slot % 64) & 1) != 0) {
            out->at = intake->slot[slot];
            if (!timed || out->now < out->at) out->now = out->at;
            timed = true;
        }
    }
    if (!timed) return words_missing_member(&intake->words, "event", TEXT("at"));
    /* A code is looked for in all pools where none is named. */
    bool must_name = event->about != ABOUT_NOTHING && !(event->about == ABOUT_CODES && event->answered);
    if (must_name && (intake->known[0] & (UINT64_C(3) << PROGRAM_SLOT_ABOUT)) == 0) {
        const struct schema_shape *shape = &intake->schema.event[intake->event];
        return words_missing_about(&intake->words, program_text(program, event->name),
                                   shape->column[event->field_count].name, event->about != ABOUT_CAMPAIGN);
    }
    intake->slot[PROGRAM_SLOT_TIME] = out->at;
    intake->slot[PROGRAM_SLOT_EVENT_ID] = scan_handle(intake, BANK_EVENT, intake->id);
    intake->known[0] |= UINT64_C(3);
    out->event = intake->event;
    out->slot_count = event->slot_count;
    intake->content += scan_mix((uint64_t)out->at, intake->schema.event_seed[intake->event]);
    return true;
}

/* Who decides says who it is, and an answer is the event that its query says. */
static bool finish_reply(struct intake *intake, struct record *out)
{
    bool decides = intake->status == REPLY_APPROVED || intake->status == REPLY_REFUSED;
    bool answers = intake->status == REPLY_ANSWERED;
    uint64_t needed = decides ? TOP(BY) : answers ? TOP(ANSWER) : 0;
    uint64_t strange = intake->top_seen & (TOP(BY) | TOP(ANSWER)) & ~needed;
    if (decides) strange |= intake->top_seen & TOP(REASON);
    const struct schema_column *columns = intake->schema.top.column;
    if (strange != 0)
        return words_strange_member(&intake->words, scan_status_words[intake->status],
                                    columns[(uint32_t)__builtin_ctzll(strange)].name);
    if ((intake->top_seen & needed) != needed)
        return words_missing_member(&intake->words, scan_status_words[intake->status],
                                    columns[(uint32_t)__builtin_ctzll(needed)].name);
    out->status = intake->status;
    out->reason = decides ? intake->by : intake->reason;
    if (!answers) return true;
    const struct program *program = intake->schema.program;
    out->event = program->query[intake->query].event;
    out->slot_count = program->event[out->event].slot_count;
    intake->slot[PROGRAM_SLOT_TIME] = out->at;
    intake->slot[PROGRAM_SLOT_EVENT_ID] = scan_handle(intake, BANK_EVENT, intake->id);
    intake->known[0] |= UINT64_C(3);
    return true;
}

/* The pool takes codes, and this is one. */
static bool check_codes(struct intake *intake)
{
    const struct program *program = intake->schema.program;
    uint32_t pool = pool_find(program, intake->campaign);
    if (pool == PROGRAM_NONE || program->pool[pool].kind != POOL_UPLOADED)
        return words_codes(&intake->words, program, intake->campaign);
    return code_word_judge(intake->reason, pool_reading(&program->pool[pool])) == CODE_WORD_FINE ||
           words_code(&intake->words, intake->reason);
}

bool scan_finish(struct intake *intake, struct record *out)
{
    if (!check_members(intake)) return false;
    *out = (struct record){.kind = (uint8_t)intake->kind,
                           .now = intake->at,
                           .at = intake->at,
                           .id = intake->id,
                           .source = intake->source,
                           .reason = TEXT(""),
                           .campaign = TEXT("")};
    out->player = out->brand = out->by = out->person = TEXT("");
    if (intake->kind != RECORD_REPLY) out->by = intake->by; /* A reply keeps it as its reason. */
    switch (intake->kind) {
    case RECORD_EVENT:
    case RECORD_HISTORY:
        if (!finish_event(intake, out)) return false;
        break;
    case RECORD_ATTRIBUTES:
    case RECORD_IMPORT:
        out->slot_count = intake->schema.program->workspace->player_slot_count;
        intake->content += scan_mix((uint64_t)out->at, 5);
        break;
    case RECORD_REPLY:
        memcpy(out->effect, intake->effect, sizeof out->effect);
        if (!finish_reply(intake, out)) return false;
        intake->content +=
            scan_mix(split_hash64(intake->effect, sizeof intake->effect, intake->status), (uint64_t)out->at);
        intake->content += split_hash64(out->reason.at, out->reason.size, 6);
        break;
    case RECORD_CODE:
        if (!check_codes(intake)) return false;
        out->campaign = intake->campaign;
        out->reason = intake->reason;
        intake->content = split_hash64(intake->reason.at, intake->reason.size,
                                       split_hash64(intake->campaign.at, intake->campaign.size, 7));
        break;
    case RECORD_TICK: out->catch_up = intake->catch_up; break;
    case RECORD_COMMAND:
        if (!check_about(intake) || !check_campaign(intake) || !check_whom(intake)) return false;
        out->command = intake->command;
        if ((intake->top_seen & TOP(EFFECT)) != 0) intake->campaign = intake->effect_digits;
        out->campaign = intake->campaign;
        intake->content =
            scan_mix(split_hash64(intake->campaign.at, intake->campaign.size, intake->command), (uint64_t)out->at);
        break;
    case RECORD_SUPPRESS:
    case RECORD_UNSUPPRESS:
        if ((intake->player.size > 0) == ((intake->top_seen & TOP(CONTACT)) != 0))
            return words_whom(&intake->words, members_word(intake->kind));
        if (intake->player.size == 0) {
            memcpy(out->effect, intake->effect, sizeof out->effect);
            intake->content = scan_mix(split_hash64(out->effect, sizeof out->effect, 8), (uint64_t)out->at);
        }
        break;
    case RECORD_PERSON:
        out->person = intake->person;
        intake->content = scan_mix(split_hash64(intake->person.at, intake->person.size, 9), (uint64_t)out->at);
        break;
    default: break;
    }
    if (intake->player.size > 0) {
        if (!check_brand(intake)) return false;
        out->player = intake->player;
        out->brand = intake->brand;
        out->group = record_group(out->brand, out->player);
    }
    out->content = intake->content;
    out->slot = intake->slot;
    out->known = intake->known;
    out->given = intake->given;
    out->bytes = intake->line;
    out->bytes_size = (uint32_t)(intake->escaped - intake->line);
    return true;
}
