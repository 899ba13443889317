/* One walk over all players. See each.h. */
#include "runtime/engine/each.h"

#include "runtime/engine/badges.h"
#include "runtime/engine/card.h"
#include "runtime/engine/codes.h"
#include "runtime/engine/levels.h"
#include "runtime/engine/missions.h"
#include "runtime/engine/wagering.h"
#include "vm/memory.h"

struct walk {
    struct engine *engine;
    const struct each_takers *takers;
    void *context;
    struct text player, brand; /* Whose turn it is. */
};

/* ---------------------------------------------------------------- rewards */

static struct text kind_word(enum reward_kind kind)
{
    static const struct text words[REWARD_KIND_COUNT] = {
        [REWARD_BONUS] = TEXT_INIT("bonus"),
        [REWARD_CARD] = TEXT_INIT("card"),
        [REWARD_COUPON] = TEXT_INIT("coupon"),
    };
    return words[kind];
}

/* Its offer in the newest program: of its campaign, or of the workspace. NULL: that has none of the name. */
static const struct bundle_offer *find_offer(const struct program *program, const struct reward *reward)
{
    for (uint32_t i = 0; i < program->offer_count; i++) {
        const struct bundle_offer *offer = &program->offer[i];
        if (!text_equal(program_text(program, offer->name), reward_offer(reward))) continue;
        if (offer->shared || offer->campaign == PROGRAM_NONE) return offer;
        if (text_equal(program_text(program, program->campaign[offer->campaign].name), reward->title->name))
            return offer;
    }
    return NULL;
}

static struct text action_of(const struct engine *engine, const struct reward *reward)
{
    const struct program *program = reward_is_over(reward) ? &engine->newest->program : &reward->use->program;
    const struct bundle_offer *offer = reward_is_over(reward) ? find_offer(program, reward) : reward_terms(reward);
    return offer == NULL ? TEXT("") : program_text(program, program->action[offer->action].name);
}

static void give_reward(const struct walk *walk, const struct reward *reward)
{
    bool played = reward->kind == REWARD_BONUS;
    struct each_reward row = {.player = walk->player,
                              .brand = walk->brand,
                              .campaign = reward->title->name,
                              .offer = reward_offer(reward),
                              .kind = kind_word((enum reward_kind)reward->kind),
                              .action = action_of(walk->engine, reward),
                              .state = reward_state_word((enum reward_state)reward->state),
                              .currency = text_make(reward->currency, sizeof reward->currency),
                              .is_money = reward->amount > 0,
                              .amount = reward->amount,
                              .is_played = played,
                              .granted_at = reward->granted_at,
                              .until = reward_is_over(reward) ? INT64_MAX : reward->until,
                              .ended_at = reward->ended_at};
    if (played) {
        row.target = reward->as.bonus.target;
        row.progress = wagering_done(reward);
        row.balance = reward_is_over(reward) || reward->as.bonus.balance < 0 ? 0 : reward->as.bonus.balance;
    } else {
        row.balance = card_left(reward);
    }
    memcpy(row.id, reward->id, sizeof row.id);
    walk->takers->reward(walk->context, &row);
}

/* ---------------------------------------------------------------- points and levels */

static void give_points(const struct walk *walk, const struct purse *purse)
{
    if (purse->balance == 0 && purse->debt == 0 && purse->earned == 0) return;
    struct each_points row = {.player = walk->player,
                              .brand = walk->brand,
                              .points = points_shared(walk->engine)->name[purse->number],
                              .balance = purse->balance,
                              .earned = purse->earned,
                              .owed = purse->debt,
                              .expires_at = purse_next(purse)};
    if (row.expires_at != INT64_MAX) row.expiring = purse->lot[0].left;
    walk->takers->points(walk->context, &row);
}

static void give_level(const struct walk *walk, const struct player *player, uint32_t levels)
{
    const struct program *program = &walk->engine->newest->program;
    uint32_t slot = points_shared(walk->engine)->ladder[levels].slot;
    const uint64_t *known = state_known_words(player, program->workspace->player_slot_count);
    struct points_item item = {.levels = true};
    levels_show(walk->engine, player, levels, &item);
    if (item.balance == 0 && (known[slot / 64] >> (slot % 64) & 1) == 0) return;
    struct each_level row = {.player = walk->player,
                             .brand = walk->brand,
                             .levels = item.name,
                             .level = item.level,
                             .counted = item.balance,
                             .next = item.next,
                             .next_from = item.goes};
    if (program->attribute[program->levels[levels].attribute].privacy != FIELD_PLAIN) {
        row.level = row.next = TEXT("");
        row.next_from = 0;
    }
    walk->takers->level(walk->context, &row);
}

/* ---------------------------------------------------------------- badges and missions */

static void give_badge(const struct walk *walk, const struct badge_held *badge)
{
    struct each_badge row = {.player = walk->player,
                             .brand = walk->brand,
                             .badge = text_make(badge->name, badge->size),
                             .awarded_at = badge->at};
    walk->takers->badge(walk->context, &row);
}

static void give_mission(void *context, const struct missions_item *mission)
{
    const struct walk *walk = context;
    struct each_mission row = {.player = walk->player,
                               .brand = walk->brand,
                               .mission = mission->name,
                               .state = TEXT("ended"),
                               .percent = mission->percent,
                               .completed = mission->completions,
                               .started_at = mission->at,
                               .until = mission->until};
    if (mission->running) row.state = TEXT("running");
    if (mission->complete) row.state = TEXT("completed");
    walk->takers->mission(walk->context, &row);
}

/* ---------------------------------------------------------------- all of them */

static void give_all(struct walk *walk, struct player *player)
{
    const struct each_takers *takers = walk->takers;
    if (state_is_test(walk->engine, player)) return;
    walk->player = state_player_id(player);
    walk->brand = state_player_brand(player);
    for (const struct reward *reward = player->reward; reward != NULL && takers->reward != NULL; reward = reward->next)
        give_reward(walk, reward);
    const struct points_book *book = parts_of(player, PART_POINTS);
    for (uint32_t i = 0; book != NULL && takers->points != NULL && i < book->purse_count; i++)
        give_points(walk, &book->purse[i]);
    for (uint32_t i = 0; takers->level != NULL && i < walk->engine->newest->program.levels_count; i++)
        give_level(walk, player, i);
    for (const struct badge_held *badge = badges_first(player); badge != NULL && takers->badge != NULL;
         badge = badge->next)
        give_badge(walk, badge);
    if (takers->mission != NULL) missions_list(walk->engine, player, give_mission, walk);
}

enum status engine_each_held(struct engine *engine, const struct each_takers *takers, void *context,
                             struct error *error)
{
    struct walk walk = {.engine = engine, .takers = takers, .context = context};
    for (uint32_t i = 0; engine->newest != NULL && i < RECORD_GROUPS; i++) {
        uint32_t count = 0;
        const struct group *group = state_group(engine, i);
        if (group->count == 0) continue;
        struct player **sorted = state_sorted_players(group, &count);
        if (sorted == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory for the players in their order");
        for (uint32_t j = 0; j < count; j++) give_all(&walk, sorted[j]);
        memory_release(sorted);
    }
    return OK;
}

/* ---------------------------------------------------------------- codes */

void engine_each_codes(struct engine *engine, void (*each)(void *context, const struct each_codes *codes),
                       void *context)
{
    for (uint32_t i = 0; engine->newest != NULL && i < engine->newest->program.pool_count; i++) {
        const struct program *program = &engine->newest->program;
        const struct bundle_pool *pool = &program->pool[i];
        int64_t changes_at;
        struct each_codes row = {.pool = program_text(program, pool->name), .quota = TEXT("")};
        row.used = codes_used(engine, row.pool);
        row.bounded = codes_left(engine, row.pool, engine->now, &row.left, &changes_at);
        each(context, &row);
        for (uint32_t j = pool->quota_first; j < pool->quota_first + pool->quota_count; j++) {
            row.quota = program_text(program, program->quota[j].name);
            row.bounded = true;
            row.used = codes_quota_used(engine, row.pool, row.quota);
            row.left = codes_quota_left(engine, row.pool, row.quota, engine->now, &changes_at);
            each(context, &row);
        }
    }
}
