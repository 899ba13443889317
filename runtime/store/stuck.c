/*
 * Looking for what does not go on. Contract: runtime/store/stuck.h.
 */
#include "runtime/store/stuck.h"

#include "runtime/engine/liability.h"
#include "runtime/store/outbox.h"

const char *stuck_word(enum stuck_kind kind)
{
    static const char *const words[STUCK_KIND_COUNT] = {
        [STUCK_JOURNEY] = "journey",  [STUCK_QUEUED] = "queued", [STUCK_IN_HAND] = "in_hand", [STUCK_DEAD] = "dead",
        [STUCK_TAKEN] = "taken_back", [STUCK_REWARD] = "reward", [STUCK_HELD] = "held",
    };
    return words[kind];
}

const char *stuck_advice(enum stuck_kind kind)
{
    static const char *const words[STUCK_KIND_COUNT] = {
        [STUCK_JOURNEY] = "time has not passed in the log: send a tick, and look why none came",
        [STUCK_QUEUED] = "nobody carries it: run `promo deliver`, or look at its recipient (`promo outbox`)",
        [STUCK_IN_HAND] =
            "the receiver has it and does not answer: look there; a new `promo deliver` hands it over again",
        [STUCK_DEAD] = "look at `promo outbox dead`, mend the cause, then `promo outbox retry ID` or `drop ID`",
        [STUCK_TAKEN] = "ask the wallet whether it was paid, and send its reply, `credited` or `failed`",
        [STUCK_REWARD] = "ask the wallet what became of it, and send its reply, `credited` or `failed`",
        [STUCK_HELD] = "a person must confirm before anything leaves",
    };
    return words[kind];
}

struct looking {
    const struct stuck_options *options;
    void (*each)(void *context, const struct stuck *stuck);
    void *context;
};

static void tell(const struct looking *looking, struct stuck *stuck)
{
    struct text *const texts[] = {&stuck->player, &stuck->brand,     &stuck->campaign, &stuck->step,
                                  &stuck->offer,  &stuck->recipient, &stuck->why};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i]->at == NULL) *texts[i] = TEXT("");
    }
    looking->each(looking->context, stuck);
}

static bool is_older(int64_t since, int64_t now, int64_t by)
{
    return since <= now && now - since >= by;
}

static void see_journey(void *context, const struct engine_journey_view *view)
{
    const struct looking *looking = context;
    if (view->due_at == INT64_MAX || view->due_at == 0) return;
    if (!is_older(view->due_at, looking->options->now, looking->options->older_ms)) return;
    if (!text_equal(view->state, TEXT("waiting"))) return;
    struct stuck stuck = {.kind = STUCK_JOURNEY,
                          .since = view->due_at,
                          .player = view->player,
                          .brand = view->brand,
                          .campaign = view->campaign,
                          .journey = view->journey,
                          .step = view->step};
    tell(looking, &stuck);
}

static enum status see_row(void *context, const struct outbox_row *row, struct error *error)
{
    const struct looking *looking = context;
    const struct stuck_options *options = looking->options;
    (void)error;
    struct stuck stuck = {.recipient = row->recipient, .campaign = row->campaign, .since = row->next_at};
    memcpy(stuck.id, row->id, sizeof stuck.id);
    switch (row->state) {
    case OUTBOX_QUEUED:
        stuck.kind = row->hand_at > 0 ? STUCK_IN_HAND : STUCK_QUEUED;
        if (row->hand_at > 0) stuck.since = row->hand_at;
        if (!is_older(stuck.since, options->now, options->older_ms)) return OK;
        break;
    case OUTBOX_DEAD: stuck.kind = STUCK_DEAD; break;
    case OUTBOX_RECALLED:
        if (row->kind != ENGINE_CREDIT || !row->left) return OK; /* The next delivery settles it. */
        stuck.kind = STUCK_TAKEN;
        if (!is_older(row->next_at, options->now, options->wallet_ms)) return OK;
        break;
    case OUTBOX_DELIVERED: /* Told by its reservation. */
    case OUTBOX_STATE_COUNT: return OK;
    }
    tell(looking, &stuck);
    return OK;
}

static void see_reward(void *context, const struct liability *liability)
{
    const struct looking *looking = context;
    if (liability->kind != LIABILITY_RESERVED ||
        !is_older(liability->at, looking->options->now, looking->options->wallet_ms))
        return;
    struct stuck stuck = {.kind = STUCK_REWARD,
                          .since = liability->at,
                          .campaign = liability->campaign,
                          .offer = liability->offer,
                          .amount = liability->amount};
    memcpy(stuck.currency, liability->currency, sizeof liability->currency);
    memcpy(stuck.id, liability->id, sizeof stuck.id);
    tell(looking, &stuck);
}

enum status stuck_each(struct engine *engine, struct store *store, const struct stuck_options *options,
                       void (*each)(void *context, const struct stuck *stuck), void *context, struct error *error)
{
    struct looking looking = {.options = options, .each = each, .context = context};
    RETURN_IF_FAILED(engine_wake(engine, error));
    if (engine_program(engine) != NULL && !engine_each_journey(engine, see_journey, &looking))
        return error_set(error, STATUS_NO_MEMORY, "no memory for the journeys in their order");
    if (store != NULL) {
        struct buffer why = BUFFER_EMPTY;
        enum status held = outbox_held(store, &why, NULL);
        if (held == OK) {
            struct stuck stuck = {.kind = STUCK_HELD, .since = options->now, .why = buffer_as_text(&why)};
            tell(&looking, &stuck);
        }
        buffer_deinit(&why);
        if (options->outbox) RETURN_IF_FAILED(outbox_each(store, OUTBOX_STATE_COUNT, true, see_row, &looking, error));
    }
    if (engine_program(engine) != NULL) liability_each(engine, see_reward, &looking);
    return OK;
}
