/* A player's part of a checkpoint: attributes, passages, journeys, messages, and what the parts keep. See checkpoint.h.
 *
 * Attributes are written by slot of the active program, only those that were set; zones by name, because the zone table may be another
 * one tomorrow. Traces and tests' settings are outside state. Every number that is read is checked before it is used.
 * Next: runtime/engine/state.h for what it is all about; metrics, rewards and parts write their own.
 */
#include "runtime/engine/checkpoint_player.h"

#include "runtime/engine/codec.h"
#include "runtime/engine/metrics.h"
#include "runtime/engine/parts.h"
#include "runtime/engine/programs.h"
#include "runtime/engine/records.h"
#include "runtime/engine/reward.h"
#include "runtime/engine/segments.h"
#include "vm/layout.h"
#include "vm/meaning.h"
#include "vm/zone.h"

static bool has_bit(const uint64_t *words, uint32_t bit)
{
    return (words[bit / 64] >> (bit % 64)) & 1;
}

static uint32_t kind_of_slot(const struct use *use, uint32_t slot)
{
    if (slot == PROGRAM_SLOT_TAGS) return TYPE_SET;
    uint32_t attribute = use->attribute_of[slot];
    return attribute == PROGRAM_NONE ? (uint32_t)TYPE_COUNT : use->program.attribute[attribute].kind;
}

static void write_attributes(const struct engine *engine, const struct player *player, struct buffer *out)
{
    const struct use *use = engine->newest;
    uint32_t slots = use->program.workspace->player_slot_count, count = 0;
    const uint64_t *set = state_known_words(player, slots) + use->words;
    for (uint32_t i = 0; i < slots; i++) count += has_bit(set, i) && kind_of_slot(use, i) < TYPE_COUNT;
    buffer_u32(out, count);
    for (uint32_t i = 0; i < slots; i++) {
        if (!has_bit(set, i)) continue;
        uint32_t kind = kind_of_slot(use, i);
        if (kind >= TYPE_COUNT) continue; /* The id, which is written with the player. */
        int64_t value = player->slot[i];
        buffer_u32(out, i);
        if (kind == TYPE_TEXT) {
            const uint8_t *bytes = handle_bank(value) == BANK_PLAYER ? player->bytes : use->program.bytes;
            buffer_sized_text(out, text_make((const char *)bytes + handle_offset(value), handle_size(value)));
        } else if (kind == TYPE_ZONE) {
            buffer_sized_text(out, text_of(zone_name((unsigned)value)));
        } else {
            buffer_i64(out, value);
        }
    }
}

static void write_passages(const struct player *player, struct buffer *out)
{
    uint32_t count = 0;
    for (const struct passage *passage = player->passages; passage != NULL; passage = passage->next)
        count += passage->journeys > 0 || passage->run_local != INT64_MIN;
    buffer_u32(out, count);
    for (const struct passage *passage = player->passages; passage != NULL; passage = passage->next) {
        /* Only a refusal, kept for explain? */
        if (passage->journeys == 0 && passage->run_local == INT64_MIN) continue;
        buffer_u32(out, passage->title->number);
        buffer_u32(out, passage->journeys);
        buffer_i64(out, passage->entered_at);
        buffer_i64(out, passage->spent);
        buffer_i64(out, passage->run_local);
        buffer_u32(out, passage->entered_count);
        for (uint32_t i = 0; i < passage->entered_count; i++) buffer_i64(out, passage->entered[i]);
        buffer_u8(out, (uint8_t)(passage->percent | (passage->complete ? 128 : 0)));
        buffer_u32(out, passage->completions);
        buffer_u32(out, passage->completed_count);
        for (uint32_t i = 0; i < passage->completed_count; i++) buffer_i64(out, passage->completed[i]);
        buffer_u32(out, passage->goal_count);
        for (uint32_t i = 0; i < passage->goal_count; i++) {
            const struct goal *goal = &passage->goal[i];
            buffer_u32(out, goal->journey);
            buffer_i64(out, goal->until);
            buffer_u32(out, goal->passed_count);
            for (uint32_t j = 0; j < goal->passed_count; j++) {
                buffer_u32(out, goal->passed[j].split);
                buffer_u32(out, goal->passed[j].arm);
            }
        }
    }
}

static void write_since(const struct journey *journey, struct buffer *out)
{
    uint32_t count = 0;
    for (const struct since *since = journey->since; since != NULL; since = since->next) count++;
    buffer_u32(out, count);
    for (const struct since *since = journey->since; since != NULL; since = since->next) {
        const struct kept_event *event = &since->event;
        buffer_u32(out, since->wait_case);
        buffer_u32(out, event->event);
        buffer_u32(out, event->slot_count);
        buffer_u32(out, event->bytes_size);
        buffer_i64(out, event->now);
        for (uint32_t i = 0; i < event->slot_count; i++) buffer_i64(out, event->slot[i]);
        for (uint32_t i = 0; i < (event->slot_count + 63) / 64; i++) buffer_u64(out, event->known[i]);
        buffer_append(out, event->bytes, event->bytes_size);
    }
}

static void write_journeys(const struct engine *engine, const struct player *player, struct buffer *out)
{
    buffer_u32(out, player->journey_count);
    for (const struct journey *journey = player->journeys; journey != NULL; journey = journey->next) {
        const struct bundle_campaign *campaign = &journey->use->program.campaign[journey->campaign];
        buffer_u32(out, journey->use->number);
        buffer_u32(out, journey->campaign);
        buffer_u32(out, journey->number);
        buffer_u32(out, journey->state);
        buffer_u32(out, journey->step);
        buffer_u32(out, journey->timer);
        buffer_u8(out, journey->status);
        buffer_i64(out, journey->entered_at);
        buffer_i64(out, journey->run);
        buffer_i64(out, journey->due);
        buffer_i64(out, journey->fires);
        buffer_i64(out, journey->ends_at);
        buffer_i64(out, journey->leaves_at);
        buffer_i64(out, journey->remaining);
        buffer_u64(out, journey->known);
        buffer_u64(out, journey->made);
        for (uint32_t i = 0; i < campaign->variable_count; i++) buffer_i64(out, state_journey_slots(journey)[i]);
        buffer_append(out, state_journey_bytes(journey), campaign->text_size);
        buffer_append(out, state_journey_arms(journey), campaign->split_count);
        write_since(journey, out);
        metrics_encode_journey(engine, journey, out);
        buffer_u8(out, journey->question != NULL);
        if (journey->question == NULL) continue;
        buffer_append(out, journey->question->id, sizeof journey->question->id);
        buffer_u32(out, journey->question->count);
        for (uint32_t i = 0; i < journey->question->count; i++) buffer_u64(out, journey->question->people[i]);
    }
}

static void write_told(const struct player *player, struct buffer *out)
{
    uint32_t count = 0;
    for (const struct told *told = player->told; told != NULL; told = told->next) count++;
    buffer_u32(out, count);
    for (const struct told *told = player->told; told != NULL; told = told->next) {
        const struct kept_event *event = &told->event;
        buffer_u32(out, told->number);
        buffer_i64(out, told->due);
        buffer_u8(out, told->hops);
        buffer_append(out, told->id, sizeof told->id);
        buffer_u32(out, event->event);
        buffer_u32(out, event->bytes_size);
        for (uint32_t i = 0; i < event->slot_count; i++) buffer_i64(out, event->slot[i]);
        for (uint32_t i = 0; i < event->slot_count / 64 + 1; i++) buffer_u64(out, event->known[i]);
        buffer_append(out, event->bytes, event->bytes_size);
    }
}

static void write_delayed(const struct player *player, struct buffer *out)
{
    uint32_t count = 0;
    for (const struct delayed *delayed = player->delayed; delayed != NULL; delayed = delayed->next) count++;
    buffer_u32(out, count);
    for (const struct delayed *delayed = player->delayed; delayed != NULL; delayed = delayed->next) {
        buffer_u32(out, delayed->use->number);
        buffer_u32(out, delayed->campaign);
        buffer_u32(out, delayed->effect);
        buffer_u32(out, delayed->journey);
        buffer_u32(out, delayed->number);
        buffer_i64(out, delayed->due);
        buffer_append(out, delayed->id, sizeof delayed->id);
        buffer_u32(out, delayed->value_count);
        buffer_u32(out, delayed->bytes_size);
        for (uint32_t i = 0; i < delayed->value_count; i++) buffer_i64(out, delayed->values[i]);
        buffer_append(out, delayed->bytes, delayed->bytes_size);
    }
}

void checkpoint_write_player(const struct engine *engine, const struct player *player, bool digest, struct buffer *out)
{
    buffer_sized_text(out, state_player_id(player));
    buffer_sized_text(out, state_player_brand(player));
    buffer_u64(out, digest ? 0 : player->number);
    buffer_u32(out, player->timers);
    buffer_u32(out, player->rewards);
    buffer_u32(out, player->life);
    buffer_i64(out, player->attributes_at);
    write_attributes(engine, player, out);
    write_passages(player, out);
    write_journeys(engine, player, out);
    write_delayed(player, out);
    metrics_encode_player(engine, player, out);
    buffer_u32(out, player->clear_count);
    for (uint32_t i = 0; i < player->clear_count; i++) {
        buffer_u32(out, player->clear[i].attribute);
        buffer_u32(out, player->clear[i].number);
        buffer_i64(out, player->clear[i].due);
    }
    buffer_u32(out, player->sent_count);
    for (uint32_t i = 0; i < player->sent_count; i++) {
        buffer_i64(out, player->sent[i].at);
        buffer_u32(out, player->sent[i].title);
        buffer_u16(out, player->sent[i].channel);
        buffer_u16(out, player->sent[i].class);
    }
    segments_write(player, out);
    write_told(player, out);
    buffer_u32(out, player->handed_count);
    for (uint32_t i = 0; i < player->handed_count; i++) {
        buffer_append(out, player->handed[i].id, sizeof player->handed[i].id);
        buffer_i64(out, player->handed[i].at);
        buffer_u32(out, player->handed[i].title);
        buffer_u32(out, player->handed[i].journey);
        buffer_u8(out, player->handed[i].reward);
    }
    reward_write(player, out);
    parts_encode_player(engine, player, out);
}

static enum status read_attributes(struct engine *engine, struct player *player, struct buffer_reader *in,
                                   struct error *error)
{
    const struct use *use = engine->newest;
    uint32_t slots = use->program.workspace->player_slot_count;
    uint32_t count = buffer_read_u32(in);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        uint32_t slot = buffer_read_u32(in);
        uint32_t kind = slot < slots ? kind_of_slot(use, slot) : (uint32_t)TYPE_COUNT;
        if (in->failed || kind >= TYPE_COUNT)
            return codec_corrupt(error, "it has an attribute that the program does not know");
        const struct bundle_attribute *attribute =
            slot == PROGRAM_SLOT_TAGS ? NULL : &use->program.attribute[use->attribute_of[slot]];
        if (kind == TYPE_TEXT) {
            struct text text = buffer_read_sized_text(in);
            if (attribute == NULL || text.size > attribute->size)
                return codec_corrupt(error, "a text attribute is too long");
            state_set_text(engine, player, slot, text);
        } else if (kind == TYPE_ZONE) {
            int zone = zone_find(buffer_read_sized_text(in));
            if (zone >= 0) state_set_number(engine, player, slot, zone);
        } else {
            int64_t value = buffer_read_i64(in);
            if (attribute != NULL && !records_keeps_range(engine, attribute, value)) {
                return codec_corrupt(error, "an attribute is outside its declared range");
            }
            state_set_number(engine, player, slot, value);
        }
    }
    return OK;
}

static enum status read_passed(const struct engine *engine, struct slab *slab, struct goal *goal,
                               struct buffer_reader *in, struct error *error)
{
    const struct program *program = &engine->newest->program;
    uint32_t count = buffer_read_u32(in);
    if (count > (in->size - in->at) / 8) return codec_corrupt(error, "the splits of a goal are cut off");
    if (count == 0) return OK;
    goal->passed = slab_alloc(slab, count * sizeof *goal->passed);
    if (goal->passed == NULL) return codec_no_memory(error);
    goal->passed_count = count;
    for (uint32_t i = 0; i < count; i++) {
        struct passed *passed = &goal->passed[i];
        passed->split = buffer_read_u32(in);
        passed->arm = buffer_read_u32(in);
        if (passed->split == PROGRAM_NONE) continue;
        if (passed->split >= program->split_count || passed->arm >= program->split[passed->split].arm_count)
            return codec_corrupt(error, "a goal is of an arm that the program does not have");
    }
    return OK;
}

static enum status read_passages(struct engine *engine, struct player *player, struct buffer_reader *in,
                                 struct error *error)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    uint32_t count = buffer_read_u32(in);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        uint32_t title = buffer_read_u32(in);
        if (in->failed || title >= engine->title_count)
            return codec_corrupt(error, "a passage is through an unknown campaign");
        struct passage *passage = state_passage(engine, player, engine->title[title], true);
        if (passage == NULL) return codec_no_memory(error);
        passage->journeys = buffer_read_u32(in);
        passage->entered_at = buffer_read_i64(in);
        passage->spent = buffer_read_i64(in);
        passage->run_local = buffer_read_i64(in);
        uint32_t entered = buffer_read_u32(in);
        if (entered > (in->size - in->at) / 8) return codec_corrupt(error, "a list of entries is cut off");
        if (entered > 0) {
            passage->entered = slab_alloc(slab, entered * sizeof *passage->entered);
            if (passage->entered == NULL) return codec_no_memory(error);
            passage->entered_capacity = entered;
            for (uint32_t j = 0; j < entered; j++) passage->entered[j] = buffer_read_i64(in);
            passage->entered_count = entered;
        }
        uint8_t percent = buffer_read_u8(in);
        passage->complete = percent >= 128;
        passage->percent = percent & 127;
        passage->completions = buffer_read_u32(in);
        uint32_t completed = buffer_read_u32(in);
        if (passage->percent > 100 || completed > (in->size - in->at) / 8)
            return codec_corrupt(error, "a list of completed missions is cut off");
        if (completed > 0) {
            passage->completed = slab_alloc(slab, completed * sizeof *passage->completed);
            if (passage->completed == NULL) return codec_no_memory(error);
            passage->completed_capacity = completed;
            for (uint32_t j = 0; j < completed; j++) passage->completed[j] = buffer_read_i64(in);
            passage->completed_count = completed;
        }
        uint32_t goals = buffer_read_u32(in);
        if (goals > (in->size - in->at) / 16) return codec_corrupt(error, "a list of goals is cut off");
        if (goals > 0) {
            passage->goal = slab_alloc(slab, goals * sizeof *passage->goal);
            if (passage->goal == NULL) return codec_no_memory(error);
            passage->goal_capacity = goals;
            for (uint32_t j = 0; j < goals; j++) {
                struct goal *goal = &passage->goal[j];
                goal->journey = buffer_read_u32(in);
                goal->until = buffer_read_i64(in);
                passage->goal_count = j + 1;
                RETURN_IF_FAILED(read_passed(engine, slab, goal, in, error));
            }
        }
    }
    return OK;
}

static enum status read_since(struct engine *engine, struct player *player, struct journey *journey,
                              struct buffer_reader *in, struct error *error)
{
    const struct program *program = &journey->use->program;
    uint32_t count = buffer_read_u32(in);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        uint32_t wait_case = buffer_read_u32(in);
        struct kept_event event = {.event = buffer_read_u32(in)};
        event.slot_count = buffer_read_u32(in);
        event.bytes_size = buffer_read_u32(in);
        event.now = buffer_read_i64(in);
        if (in->failed || wait_case >= program->wait_case_count || event.event >= program->event_count ||
            event.slot_count != program->event[event.event].slot_count ||
            program->wait_case[wait_case].event != event.event) {
            return codec_corrupt(error, "an event of before a wait is not the program's");
        }
        int64_t slot[512];
        uint64_t known[8];
        if (event.slot_count > 512) return codec_corrupt(error, "an event has too many fields");
        for (uint32_t j = 0; j < event.slot_count; j++) slot[j] = buffer_read_i64(in);
        for (uint32_t j = 0; j < (event.slot_count + 63) / 64; j++) known[j] = buffer_read_u64(in);
        event.slot = slot;
        event.known = known;
        event.bytes = buffer_read_bytes(in, event.bytes_size);
        if (in->failed) return codec_corrupt(error, "an event of before a wait is cut off");
        struct since *since = state_add_since(engine, player, journey, wait_case, &event);
        if (since == NULL) return codec_no_memory(error);
        /* It was put first; their order is that of their coming. */
        journey->since = since->next;
        since->next = NULL;
        struct since **end = &journey->since;
        while (*end != NULL) end = &(*end)->next;
        *end = since;
    }
    return OK;
}

static enum status read_question(struct engine *engine, struct player *player, struct journey *journey,
                                 struct buffer_reader *in, struct error *error)
{
    const struct program *program = &journey->use->program;
    const struct bundle_state *state =
        &program->state[program->campaign[journey->campaign].state_first + journey->state];
    bool asks = buffer_read_u8(in) != 0;
    if (in->failed || asks != (state->kind == STATE_ASK)) return codec_corrupt(error, "a journey waits for no answer");
    if (!asks) return OK;
    const unsigned char *id = buffer_read_bytes(in, 16);
    uint32_t count = buffer_read_u32(in);
    if (in->failed || count >= PROGRAM_PEOPLE) return codec_corrupt(error, "more people approved than can");
    if (!state_add_question(engine, player, journey, id)) return codec_no_memory(error);
    for (; journey->question->count < count; journey->question->count++)
        journey->question->people[journey->question->count] = buffer_read_u64(in);
    return in->failed ? codec_corrupt(error, "a question is cut off") : OK;
}

/* Whether what is known of an event may stand in it: code relies on declared ranges. */
static bool event_holds(const struct program *program, const struct bundle_event *event, const struct kept_event *kept)
{
    for (uint32_t i = 0; i < PROGRAM_EVENT_SLOTS; i++) {
        bool known = has_bit(kept->known, i);
        if (known != (i < PROGRAM_SLOT_ABOUT)) return false;
    }
    int64_t id = kept->slot[PROGRAM_SLOT_EVENT_ID];
    if (handle_bank(id) != BANK_EVENT || handle_size(id) != 32 || handle_offset(id) != 0) return false;
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct bundle_field *field = &program->field[event->field_first + i];
        int64_t value = kept->slot[field->slot], low = field->low, high = field->high;
        if (!has_bit(kept->known, field->slot)) {
            if (!field->optional) return false;
            continue;
        }
        if (field->kind == TYPE_TEXT) {
            uint64_t end = (uint64_t)handle_offset(value) + handle_size(value);
            if (handle_bank(value) != BANK_EVENT || handle_size(value) > field->size || end > kept->bytes_size)
                return false;
            continue;
        }
        meaning_range(program, field->kind, field->of, &low, &high);
        if (value < low || value > high) return false;
        if (field->kind != TYPE_MONEY) continue;
        int64_t currency = kept->slot[field->slot + 1];
        if (!has_bit(kept->known, field->slot + 1) || currency < 0 || currency >= (int64_t)program->currency_count)
            return false;
    }
    return true;
}

static enum status read_journeys(struct engine *engine, struct player *player, struct buffer_reader *in,
                                 struct error *error)
{
    uint32_t count = buffer_read_u32(in);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        struct use *use = programs_find(engine, buffer_read_u32(in));
        uint32_t number = buffer_read_u32(in);
        if (use == NULL || number >= use->program.campaign_count)
            return codec_corrupt(error, "a journey is pinned to a program that is missing");
        const struct bundle_campaign *campaign = &use->program.campaign[number];
        struct journey *journey = state_add_journey(engine, player, use, number);
        if (journey == NULL) return codec_no_memory(error);
        journey->number = buffer_read_u32(in);
        state_insert_journey(player, journey);
        journey->state = buffer_read_u32(in);
        journey->step = buffer_read_u32(in);
        journey->timer = buffer_read_u32(in);
        journey->status = buffer_read_u8(in);
        journey->entered_at = buffer_read_i64(in);
        journey->run = buffer_read_i64(in);
        journey->due = buffer_read_i64(in);
        journey->fires = buffer_read_i64(in);
        journey->ends_at = buffer_read_i64(in);
        journey->leaves_at = buffer_read_i64(in);
        journey->remaining = buffer_read_i64(in);
        journey->known = buffer_read_u64(in);
        journey->made = buffer_read_u64(in);
        for (uint32_t j = 0; j < campaign->variable_count; j++) {
            const struct bundle_variable *variable = &use->program.variable[campaign->variable_first + j];
            int64_t value = buffer_read_i64(in);
            int64_t low = variable->low, high = variable->high;
            meaning_range(&use->program, variable->kind, variable->of, &low, &high);
            bool inside = variable->kind == TYPE_TEXT
                              ? handle_size(value) <= variable->size &&
                                    (uint64_t)handle_offset(value) + handle_size(value) <= campaign->text_size
                              : value >= low && value <= high;
            if (!in->failed && ((journey->known >> j) & 1) && !inside)
                return codec_corrupt(error, "a journey's variable is outside its range");
            state_journey_slots(journey)[j] = value;
        }
        const unsigned char *bytes = buffer_read_bytes(in, campaign->text_size);
        if (in->failed) return codec_corrupt(error, "a journey is cut off");
        if (campaign->text_size > 0) memcpy(state_journey_bytes(journey), bytes, campaign->text_size);
        for (uint32_t j = 0; j < campaign->split_count; j++) {
            uint8_t arm = buffer_read_u8(in);
            if (arm > use->program.split[campaign->split_first + j].arm_count)
                return codec_corrupt(error, "a journey was in an arm that its split does not have");
            state_journey_arms(journey)[j] = arm;
        }
        if (journey->state >= campaign->state_count || journey->step >= campaign->step_count ||
            journey->status > JOURNEY_PAUSED) {
            return codec_corrupt(error, "a journey rests where the program has no wait");
        }
        RETURN_IF_FAILED(read_since(engine, player, journey, in, error));
        RETURN_IF_FAILED(metrics_decode_journey(engine, player, journey, in, error));
        RETURN_IF_FAILED(read_question(engine, player, journey, in, error));
    }
    return OK;
}

static enum status read_told(struct engine *engine, struct player *player, struct buffer_reader *in,
                             struct error *error)
{
    const struct program *program = &engine->newest->program;
    uint32_t count = buffer_read_u32(in);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        int64_t slot[LAYOUT_EVENT_SLOTS_MAX];
        uint64_t known[LAYOUT_EVENT_SLOTS_MAX / 64 + 1] = {0};
        uint32_t number = buffer_read_u32(in);
        struct told told = {.due = buffer_read_i64(in)};
        told.hops = buffer_read_u8(in);
        const unsigned char *id = buffer_read_bytes(in, sizeof told.id);
        told.event.event = buffer_read_u32(in);
        told.event.bytes_size = buffer_read_u32(in);
        if (player->told != NULL && told.due < player->told_last->due)
            return codec_corrupt(error, "events from another player are out of order");
        if (in->failed || told.event.event >= program->event_count || told.event.bytes_size < 32 ||
            told.event.bytes_size > in->size - in->at)
            return codec_corrupt(error, "an event from another player is of an unknown kind");
        const struct bundle_event *event = &program->event[told.event.event];
        told.event.slot_count = event->slot_count;
        told.event.now = told.due;
        memcpy(told.id, id, sizeof told.id);
        for (uint32_t n = 0; n < event->slot_count; n++) slot[n] = buffer_read_i64(in);
        for (uint32_t n = 0; n < event->slot_count / 64 + 1; n++) known[n] = buffer_read_u64(in);
        told.event.slot = slot;
        told.event.known = known;
        told.event.bytes = buffer_read_bytes(in, told.event.bytes_size);
        if (in->failed || !event_holds(program, event, &told.event))
            return codec_corrupt(error, "an event from another player holds what it may not");
        if (!state_add_told(engine, player, &told)) return codec_no_memory(error);
        player->told_last->number = number;
    }
    return OK;
}

static enum status read_handed(struct engine *engine, struct player *player, struct buffer_reader *in,
                               struct error *error)
{
    uint32_t count = buffer_read_u32(in);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        struct handed handed = {0};
        const unsigned char *id = buffer_read_bytes(in, sizeof handed.id);
        handed.at = buffer_read_i64(in);
        handed.title = buffer_read_u32(in);
        handed.journey = buffer_read_u32(in);
        handed.reward = buffer_read_u8(in) != 0;
        if (in->failed || handed.title >= engine->title_count || player->handed_count >= HANDED_MAX)
            return codec_corrupt(error, "a message that was handed out is of no campaign");
        memcpy(handed.id, id, sizeof handed.id);
        state_add_handed(engine, player, handed);
    }
    return engine->failed == OK ? OK : codec_no_memory(error);
}

static enum status read_delayed(struct engine *engine, struct player *player, struct buffer_reader *in,
                                struct error *error)
{
    uint32_t count = buffer_read_u32(in);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        struct use *use = programs_find(engine, buffer_read_u32(in));
        uint32_t campaign = buffer_read_u32(in), effect = buffer_read_u32(in), journey = buffer_read_u32(in),
                 number = buffer_read_u32(in);
        int64_t due = buffer_read_i64(in);
        const unsigned char *id = buffer_read_bytes(in, 16);
        uint32_t value_count = buffer_read_u32(in), bytes_size = buffer_read_u32(in);
        if (in->failed || use == NULL || campaign >= use->program.campaign_count ||
            effect >= use->program.campaign[campaign].effect_count) {
            return codec_corrupt(error, "a delayed message is pinned to a program that is missing");
        }
        const struct bundle_effect *record =
            &use->program.effect[use->program.campaign[campaign].effect_first + effect];
        if (value_count != record->value_count || bytes_size > in->size - in->at) {
            return codec_corrupt(error, "a delayed message has other values than the program says");
        }
        struct delayed *delayed = state_add_delayed(engine, player, value_count, bytes_size);
        if (delayed == NULL) return codec_no_memory(error);
        delayed->title = use->plan[campaign].title;
        delayed->use = use;
        use->pins++;
        delayed->campaign = campaign;
        delayed->effect = effect;
        delayed->journey = journey;
        delayed->number = number;
        delayed->due = due;
        memcpy(delayed->id, id, sizeof delayed->id);
        int64_t *values = (int64_t *)(uintptr_t)delayed->values;
        for (uint32_t j = 0; j < value_count; j++) {
            values[j] = buffer_read_i64(in);
            bool text = use->program.value[record->value_first + j].kind == TYPE_TEXT;
            if (text && (uint64_t)handle_offset(values[j]) + handle_size(values[j]) > bytes_size) {
                return codec_corrupt(error, "a delayed message has a text beyond its bytes");
            }
        }
        const unsigned char *bytes = buffer_read_bytes(in, bytes_size);
        if (in->failed) return codec_corrupt(error, "a delayed message is cut off");
        if (bytes_size > 0) memcpy((uint8_t *)(uintptr_t)delayed->bytes, bytes, bytes_size);
    }
    return OK;
}

static enum status read_lists(struct engine *engine, struct player *player, struct buffer_reader *in,
                              struct error *error)
{
    uint32_t clears = buffer_read_u32(in);
    for (uint32_t i = 0; i < clears && !in->failed; i++) {
        struct clear clear = {.attribute = buffer_read_u32(in)};
        clear.number = buffer_read_u32(in);
        clear.due = buffer_read_i64(in);
        if (in->failed || clear.attribute >= engine->newest->program.attribute_count ||
            player->clear_count >= engine->newest->program.attribute_count) {
            return codec_corrupt(error, "an attribute to be cleared is unknown");
        }
        if (!state_add_clear(engine, player, clear)) return codec_no_memory(error);
    }
    uint32_t sends = buffer_read_u32(in);
    for (uint32_t i = 0; i < sends && !in->failed; i++) {
        struct sent sent = {.at = buffer_read_i64(in)};
        sent.title = buffer_read_u32(in);
        sent.channel = buffer_read_u16(in);
        sent.class = buffer_read_u16(in);
        if (!in->failed) state_insert_sent(engine, player, sent);
    }
    return in->failed ? codec_corrupt(error, "a player is cut off") : OK;
}

enum status checkpoint_read_player(struct engine *engine, uint16_t group, struct buffer_reader *in, struct error *error)
{
    struct text id = buffer_read_sized_text(in), brand = buffer_read_sized_text(in);
    uint64_t number = buffer_read_u64(in);
    uint32_t timers = buffer_read_u32(in);
    uint32_t rewards = buffer_read_u32(in);
    uint32_t life = buffer_read_u32(in);
    int64_t attributes_at = buffer_read_i64(in);
    if (in->failed || id.size == 0 || id.size > 64 || brand.size > 64 || record_group(brand, id) != group) {
        return codec_corrupt(error, "a player has no id, or lies in the wrong key group");
    }
    if (state_find_player(engine, group, brand, id) != NULL) return codec_corrupt(error, "a player stands in it twice");
    struct player *player = state_player(engine, group, brand, id, number);
    if (player == NULL) return codec_no_memory(error);
    player->life = life;
    RETURN_IF_FAILED(read_attributes(engine, player, in, error));
    RETURN_IF_FAILED(read_passages(engine, player, in, error));
    RETURN_IF_FAILED(read_journeys(engine, player, in, error));
    RETURN_IF_FAILED(read_delayed(engine, player, in, error));
    RETURN_IF_FAILED(metrics_decode_player(engine, player, in, error));
    RETURN_IF_FAILED(read_lists(engine, player, in, error));
    RETURN_IF_FAILED(segments_read(engine, player, in, error));
    RETURN_IF_FAILED(read_told(engine, player, in, error));
    RETURN_IF_FAILED(read_handed(engine, player, in, error));
    RETURN_IF_FAILED(reward_read(engine, player, in, error));
    RETURN_IF_FAILED(parts_decode_player(engine, player, in, error));
    if (in->failed) return codec_corrupt(error, "a player is cut off");
    player->timers = timers;
    player->rewards = rewards;
    player->attributes_at = attributes_at;
    state_arm_player(engine, player);
    return engine->failed == OK ? OK : codec_no_memory(error);
}
