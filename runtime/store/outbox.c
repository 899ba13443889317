/*
 * Steps of the outbox, made of effects and records. Contract: runtime/store/outbox.h; what each does to the table: sqlite_outbox.c.
 */
#include "runtime/store/outbox.h"

#include "runtime/engine/effect_json.h"
#include "vm/crypto.h"

enum { FULL_BYTES = 4 << 20, FULL_STEPS = 20000 };

const char *outbox_state_word(enum outbox_state state)
{
    static const char *const words[OUTBOX_STATE_COUNT] = {"queued", "delivered", "dead", "recalled"};
    return words[state];
}

void outbox_init(struct outbox *outbox)
{
    *outbox = (struct outbox){.failure = ERROR_NONE};
    buffer_init(&outbox->steps, 0);
    buffer_init(&outbox->texts, 0);
}

void outbox_deinit(struct outbox *outbox)
{
    buffer_deinit(&outbox->steps);
    buffer_deinit(&outbox->texts);
}

bool outbox_is_full(const struct outbox *outbox)
{
    return outbox->texts.size >= FULL_BYTES || outbox->steps.size >= FULL_STEPS * sizeof(struct outbox_step);
}

/* Counts the step; true where it must be kept. */
static bool begin(struct outbox *outbox, struct outbox_step *step)
{
    if (!outbox->counting) return false;
    outbox->made++;
    step->seen = outbox->made <= outbox->applied;
    step->texts_at = outbox->texts.size;
    return !step->seen || step->kind == STEP_EFFECT || step->kind == STEP_RECALL;
}

static uint32_t put(struct outbox *outbox, struct text text)
{
    buffer_text(&outbox->texts, text);
    return text.size;
}

static void end(struct outbox *outbox, const struct outbox_step *step)
{
    buffer_append(&outbox->steps, step, sizeof *step);
    if (outbox->failure.status != OK || (buffer_ok(&outbox->steps) && buffer_ok(&outbox->texts))) return;
    (void)error_set(&outbox->failure, STATUS_NO_MEMORY, "no memory for the outbox");
}

/* Whose life it is. The engine knows no number of who slept in a checkpoint, and another one than the table where an order of erasure came twice; so the
 * name says it, as of the fold. What an erasure makes is nobody's. */
static void put_who(struct outbox *outbox, struct outbox_step *step, uint64_t number, struct text brand,
                    struct text player)
{
    step->number = number;
    if (number != 0 && keyring_is_past(outbox->keyring, number)) {
        step->number = 0;
    } else if (player.size > 0) {
        step->number = keyring_life(outbox->keyring, brand, player);
    }
    step->brand_size = put(outbox, brand);
    step->player_size = put(outbox, player);
}

/* Whom an effect is for: what fails together is of one recipient. */
static void put_recipient(struct outbox *outbox, struct outbox_step *step, const struct engine_effect *effect)
{
    size_t before = outbox->texts.size;
    const struct program *program = effect->program;
    buffer_string(&outbox->texts, effect_json_effect_word(effect->kind));
    struct text more = TEXT("");
    switch (effect->kind) {
    case ENGINE_SEND:
    case ENGINE_DO: more = program_text(program, effect->effect->action); break;
    case ENGINE_CREDIT:
        if (effect->effect->object < program->offer_count)
            more = program_text(program, program->action[program->offer[effect->effect->object].action].name);
        break;
    case ENGINE_ASK: more = program_text(program, effect->ask->asked); break;
    case ENGINE_TAG:
    case ENGINE_UNTAG:
    case ENGINE_SUSPENDED:
    case ENGINE_RECALL:
    case ENGINE_EVENT:
    case ENGINE_ANSWER:
    case ENGINE_AWARD: break;
    }
    if (more.size > 0) {
        buffer_u8(&outbox->texts, '/');
        buffer_text(&outbox->texts, more);
    }
    step->recipient_size = (uint32_t)(outbox->texts.size - before);
}

void outbox_effect(struct outbox *outbox, const struct engine_effect *effect)
{
    struct outbox_step step = {.kind = effect->kind == ENGINE_RECALL ? STEP_RECALL : STEP_EFFECT,
                               .effect = (uint8_t)effect->kind,
                               .recallable = effect->recallable,
                               .now = effect->at,
                               .until = effect->until};
    memcpy(step.id, effect->id, sizeof step.id);
    if (!begin(outbox, &step)) return;
    put_who(outbox, &step, effect->number, effect->brand, effect->player);
    put_recipient(outbox, &step, effect);
    if (effect->campaign < effect->program->campaign_count)
        step.campaign_size =
            put(outbox, program_text(effect->program, effect->program->campaign[effect->campaign].name));
    size_t before = outbox->texts.size;
    effect_json_write(&outbox->texts, effect);
    if (buffer_ok(&outbox->texts)) step.bytes_size = (uint32_t)(--outbox->texts.size - before);
    end(outbox, &step);
}

void outbox_taken(struct outbox *outbox, const struct engine_taken *taken)
{
    struct outbox_step step = {.kind = STEP_TAKEN, .erased = taken->erased, .now = taken->now};
    if (!begin(outbox, &step)) return;
    put_who(outbox, &step, taken->number, taken->brand, taken->player);
    if (taken->erased) step.number = outbox->erased;
    step.campaign_size = put(outbox, taken->campaign);
    end(outbox, &step);
}

void outbox_erased(struct outbox *outbox, struct text brand, struct text player)
{
    outbox->erased = keyring_life(outbox->keyring, brand, player);
}

void outbox_record(struct outbox *outbox, const struct record *record)
{
    struct outbox_step step = {.now = record->now};
    memcpy(step.id, record->effect, sizeof step.id);
    if (record->kind == RECORD_DELIVERY) {
        step.kind = STEP_DELIVERY;
        step.outcome = record->outcome;
        step.status = record->status;
        step.attempt = record->attempt;
        step.next_at = record->next_at;
    } else if (record->kind == RECORD_REPLY) {
        step.kind = STEP_REPLY;
    } else if (record->kind == RECORD_COMMAND &&
               (record->command == COMMAND_RETRY || record->command == COMMAND_DROP)) {
        step.kind = record->command == COMMAND_RETRY ? STEP_RETRY : STEP_DROP;
        if (!crypto_unhex(step.id, sizeof step.id, record->campaign)) return;
    } else {
        return;
    }
    if (!begin(outbox, &step)) return;
    if (record->kind == RECORD_DELIVERY) step.bytes_size = put(outbox, record->reason);
    end(outbox, &step);
}
