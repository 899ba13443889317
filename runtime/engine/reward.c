/* The list of a player's rewards. See reward.h. */
#include "runtime/engine/reward.h"

#include "runtime/engine/codec.h"
#include "vm/meaning.h"

const struct bundle_effect *reward_effect(const struct reward *reward)
{
    INVARIANT(reward->use != NULL);
    const struct program *program = &reward->use->program;
    return &program->effect[program->campaign[reward->campaign].effect_first + reward->effect];
}

const struct bundle_offer *reward_terms(const struct reward *reward)
{
    return &reward->use->program.offer[reward_effect(reward)->object];
}

struct text reward_state_word(enum reward_state state)
{
    static const struct text words[REWARD_STATE_COUNT] = {
        [REWARD_PENDING] = TEXT_INIT("pending"),     [REWARD_OFFERED] = TEXT_INIT("offered"),
        [REWARD_ACTIVE] = TEXT_INIT("active"),       [REWARD_WAGERED] = TEXT_INIT("wagered"),
        [REWARD_EXPIRED] = TEXT_INIT("expired"),     [REWARD_FORFEITED] = TEXT_INIT("forfeited"),
        [REWARD_CANCELLED] = TEXT_INIT("cancelled"), [REWARD_REVOKED] = TEXT_INIT("revoked"),
        [REWARD_UNUSED] = TEXT_INIT("unused"),       [REWARD_PART_USED] = TEXT_INIT("part_used"),
        [REWARD_USED] = TEXT_INIT("used"),           [REWARD_FROZEN] = TEXT_INIT("frozen"),
    };
    return words[state];
}

/* ---------------------------------------------------------------- the list */

static void touch(struct engine *engine, const struct player *player)
{
    engine->group[player->group].changed = true;
}

static void unpin(struct reward *reward)
{
    if (reward->use == NULL) return;
    INVARIANT(reward->use->pins > 0);
    reward->use->pins--;
    reward->use = NULL;
}

/* A zeroed block with room for what follows, at the end of the list. */
static struct reward *make(struct engine *engine, struct player *player, uint32_t value_count, uint32_t bytes_size,
                           struct text name)
{
    size_t size = sizeof(struct reward) + value_count * sizeof(int64_t) + bytes_size + name.size;
    struct reward *reward = slab_alloc(&state_shard(engine, player->group)->slab, size);
    if (reward == NULL) return state_no_memory(engine);
    reward->size = (uint32_t)size;
    reward->value_count = value_count;
    reward->bytes_size = bytes_size;
    reward->name_size = (uint32_t)name.size;
    reward->values = (int64_t *)(void *)(reward + 1);
    reward->bytes = (uint8_t *)(uintptr_t)(reward->values + value_count);
    reward->name = (const char *)reward->bytes + bytes_size;
    if (name.size > 0) memcpy((char *)(uintptr_t)reward->name, name.at, name.size);
    reward->activated_at = reward->ended_at = INT64_MIN;
    reward->until = STATE_NEVER;
    struct reward **at = &player->reward;
    while (*at != NULL) at = &(*at)->next;
    *at = reward;
    touch(engine, player);
    return reward;
}

void reward_remove(struct engine *engine, struct player *player, struct reward *reward)
{
    struct reward **at = &player->reward;
    while (*at != reward) at = &(*at)->next;
    *at = reward->next;
    unpin(reward);
    touch(engine, player);
    slab_free(&state_shard(engine, player->group)->slab, reward, reward->size);
}

void reward_free_all(struct engine *engine, struct player *player)
{
    while (player->reward != NULL) reward_remove(engine, player, player->reward);
    while (player->grants != NULL) {
        struct grants *grants = player->grants;
        player->grants = grants->next;
        slab_free(&state_shard(engine, player->group)->slab, grants, sizeof *grants + grants->name_size);
    }
}

/* What is over and was followed by a new one of the same offer, unless somebody may still ask for it. */
static void forget_older(struct engine *engine, struct player *player, const struct reward *newest)
{
    for (struct reward *reward = player->reward, *next; reward != newest; reward = next) {
        next = reward->next;
        if (!reward_is_over(reward) || reward->title != newest->title ||
            !text_equal(reward_offer(reward), reward_offer(newest)))
            continue;
        if (reward->journey != newest->journey && state_find_journey(player, reward->title, reward->journey) != NULL)
            continue;
        reward_remove(engine, player, reward);
    }
}

struct reward *reward_add(struct engine *engine, const struct request *request)
{
    struct player *player = request->player;
    struct use *use = request->use;
    const struct program *program = &use->program;
    const struct bundle_effect *effect =
        &program->effect[program->campaign[request->campaign].effect_first + request->effect];
    const struct meaning_credit credit = meaning_credit(program, effect);
    const struct bundle_offer *offer = &program->offer[effect->object];
    uint32_t bytes_size = 0;
    for (uint32_t i = 0; i < effect->value_count; i++) {
        if (program->value[effect->value_first + i].kind == TYPE_TEXT) bytes_size += handle_size(request->values[i]);
    }
    struct reward *reward = make(engine, player, effect->value_count, bytes_size, program_text(program, offer->name));
    if (reward == NULL) return NULL;
    if (effect->value_count > 0)
        memcpy((int64_t *)(uintptr_t)reward->values, request->values, effect->value_count * sizeof(int64_t));
    if (bytes_size > 0) memcpy((uint8_t *)(uintptr_t)reward->bytes, request->bytes, bytes_size);
    reward->title = use->plan[request->campaign].title;
    reward->use = use;
    use->pins++;
    reward->campaign = request->campaign;
    reward->effect = request->effect;
    reward->journey = request->journey;
    reward->number = ++player->reward_serial;
    memcpy(reward->id, request->id, sizeof reward->id);
    uint32_t paid = credit.currency != PROGRAM_NONE ? (uint32_t)request->values[credit.currency] : offer->currency;
    memcpy(reward->currency, program_text(program, program->currency[paid].code).at, sizeof reward->currency);
    reward->granted_at = request->now;
    reward->cost = request->values[credit.cost];
    if (offer->amount_parameter != PROGRAM_NONE) reward->amount = request->values[offer->amount_parameter];
    forget_older(engine, player, reward);
    return reward;
}

void reward_end(struct engine *engine, struct player *player, struct reward *reward, enum reward_state state,
                int64_t now)
{
    reward_set_state(engine, player, reward, state);
    reward_set_due(engine, player, reward, STATE_NEVER);
    reward->ended_at = now;
    unpin(reward);
}

/* ---------------------------------------------------------------- how often */

static struct grants *find_grants(const struct player *player, const struct title *title, struct text offer)
{
    struct grants *grants = player->grants;
    while (grants != NULL && (grants->title != title || !text_equal(text_make(grants->name, grants->name_size), offer)))
        grants = grants->next;
    return grants;
}

uint32_t reward_grants(const struct player *player, const struct title *title, struct text offer)
{
    const struct grants *grants = find_grants(player, title, offer);
    return grants == NULL ? 0 : grants->count;
}

void reward_count_grant(struct engine *engine, struct player *player, const struct title *title, struct text offer,
                        int32_t by)
{
    struct grants *grants = find_grants(player, title, offer);
    if (grants == NULL) {
        if (by <= 0) return;
        grants = slab_alloc(&state_shard(engine, player->group)->slab, sizeof *grants + offer.size);
        if (grants == NULL) {
            (void)state_no_memory(engine);
            return;
        }
        grants->title = title;
        grants->name_size = (uint32_t)offer.size;
        if (offer.size > 0) memcpy(grants->name, offer.at, offer.size);
        struct grants **at = &player->grants; /* In the order of their first grant. */
        while (*at != NULL) at = &(*at)->next;
        *at = grants;
    }
    if (by > 0 || grants->count >= (uint32_t)-by) grants->count = (uint32_t)((int64_t)grants->count + by);
    touch(engine, player);
}

/* ---------------------------------------------------------------- states and deadlines */

/* The event that the running turn is about; NULL in deadlines and answers. */
static const void *root_of(const struct engine *engine)
{
    const struct turn *turn = engine->turn;
    if (turn == NULL || turn->kind == TURN_RESUME || turn->kind == TURN_TAGS) return NULL;
    return turn->made != NULL ? (const void *)turn->made : (const void *)turn->pending;
}

void reward_set_state(struct engine *engine, struct player *player, struct reward *reward, enum reward_state state)
{
    const void *root = root_of(engine);
    if (root == NULL || reward->changed_by != root || reward->changed_in != engine->instants) {
        reward->changed_by = root;
        reward->changed_in = engine->instants;
        reward->state_before = reward->state;
    }
    reward->state = (uint8_t)state;
    touch(engine, player);
}

enum reward_state reward_seen_state(const struct engine *engine, const struct reward *reward)
{
    const void *root = root_of(engine);
    bool own = root != NULL && reward->changed_by == root && reward->changed_in == engine->instants;
    return (enum reward_state)(own ? reward->state_before : reward->state);
}

void reward_set_due(struct engine *engine, struct player *player, struct reward *reward, int64_t until)
{
    reward->until = until;
    reward->timer = until == STATE_NEVER ? 0 : ++player->timers;
    touch(engine, player);
    if (until == STATE_NEVER) return;
    if (until <= engine->now) {
        struct turn turn = {.kind = TURN_REWARD,
                            .player = player,
                            .title = reward->title,
                            .journey = reward->journey,
                            .number = reward->timer,
                            .due = until};
        fold_due_at_once(engine, turn);
    }
    state_arm_player(engine, player);
}

struct reward *reward_find(const struct player *player, const uint8_t id[16])
{
    struct reward *reward = player->reward;
    while (reward != NULL && memcmp(reward->id, id, sizeof reward->id) != 0) reward = reward->next;
    return reward;
}

struct reward *reward_find_timer(const struct player *player, uint32_t timer)
{
    struct reward *reward = player->reward;
    while (reward != NULL && (reward->timer != timer || reward->until == STATE_NEVER)) reward = reward->next;
    return reward;
}

struct reward *reward_latest(const struct player *player, const struct title *title, struct text offer,
                             uint32_t journey)
{
    struct reward *found = NULL;
    for (struct reward *reward = player->reward; reward != NULL; reward = reward->next) {
        if (title != NULL && reward->title != title) continue;
        if (journey != 0 && reward->journey != journey) continue;
        if (text_equal(reward_offer(reward), offer)) found = reward;
    }
    return found;
}

int64_t reward_next_due(const struct player *player)
{
    int64_t due = STATE_NEVER;
    for (const struct reward *reward = player->reward; reward != NULL; reward = reward->next) {
        if (reward->until < due) due = reward->until;
    }
    return due;
}

void reward_move(struct engine *engine, struct player *player,
                 uint32_t (*same)(const struct engine *engine, const struct use *use, uint32_t campaign))
{
    for (struct reward *reward = player->reward; reward != NULL; reward = reward->next) {
        if (reward->use == NULL || reward->use == engine->newest) continue;
        uint32_t newest = same(engine, reward->use, reward->campaign);
        if (newest == PROGRAM_NONE) continue;
        reward->use->pins--;
        reward->use = engine->newest;
        reward->use->pins++;
        reward->campaign = newest;
    }
}

/* ---------------------------------------------------------------- bytes */

static void write_kind(const struct reward *reward, struct buffer *out)
{
    if (reward->kind == REWARD_BONUS) {
        buffer_i64(out, reward->as.bonus.target);
        buffer_i64(out, reward->as.bonus.wagered);
        buffer_i64(out, reward->as.bonus.balance);
        buffer_u8(out, reward->as.bonus.tenths);
        buffer_u8(out, reward->as.bonus.frozen);
    } else {
        buffer_i64(out, reward->as.card.balance);
        buffer_i64(out, reward->as.card.held);
        buffer_i64(out, reward->as.card.smallest_order);
        buffer_u8(out, reward->as.card.before);
    }
}

void reward_write(const struct player *player, struct buffer *out)
{
    uint32_t count = 0;
    for (const struct reward *reward = player->reward; reward != NULL; reward = reward->next) count++;
    uint32_t grants = 0;
    for (const struct grants *at = player->grants; at != NULL; at = at->next) grants++;
    buffer_u32(out, grants);
    for (const struct grants *at = player->grants; at != NULL; at = at->next) {
        buffer_u32(out, at->title == NULL ? PROGRAM_NONE : at->title->number);
        buffer_u32(out, at->count);
        buffer_sized_text(out, text_make(at->name, at->name_size));
    }
    buffer_u32(out, player->reward_serial);
    buffer_u32(out, count);
    for (const struct reward *reward = player->reward; reward != NULL; reward = reward->next) {
        buffer_u32(out, reward->number);
        buffer_u32(out, reward->title->number);
        buffer_u32(out, reward->use == NULL ? 0 : reward->use->number);
        buffer_u32(out, reward->use == NULL ? 0 : reward->campaign);
        buffer_u32(out, reward->use == NULL ? 0 : reward->effect);
        buffer_u32(out, reward->journey);
        buffer_u32(out, reward->timer);
        buffer_append(out, reward->id, sizeof reward->id);
        buffer_u8(out, reward->kind);
        buffer_u8(out, reward->state);
        buffer_u8(out, reward->left);
        buffer_append(out, reward->currency, sizeof reward->currency);
        buffer_i64(out, reward->granted_at);
        buffer_i64(out, reward->activated_at);
        buffer_i64(out, reward->ended_at);
        buffer_i64(out, reward->until);
        buffer_i64(out, reward->amount);
        buffer_i64(out, reward->cost);
        buffer_u64(out, reward->funded.low);
        buffer_u64(out, reward->funded.high);
        write_kind(reward, out);
        buffer_sized_text(out, reward_offer(reward));
        buffer_u32(out, reward->value_count);
        for (uint32_t i = 0; i < reward->value_count; i++) buffer_i64(out, reward->values[i]);
        buffer_sized_text(out, text_make((const char *)reward->bytes, reward->bytes_size));
    }
}

static bool read_kind(struct reward *reward, struct buffer_reader *in)
{
    if (reward->kind == REWARD_BONUS) {
        struct reward_bonus *bonus = &reward->as.bonus;
        bonus->target = buffer_read_i64(in);
        bonus->wagered = buffer_read_i64(in);
        bonus->balance = buffer_read_i64(in);
        bonus->tenths = buffer_read_u8(in);
        bonus->frozen = buffer_read_u8(in) != 0;
        return bonus->target >= 0 && bonus->tenths <= 10;
    }
    struct reward_card *card = &reward->as.card;
    card->balance = buffer_read_i64(in);
    card->held = buffer_read_i64(in);
    card->smallest_order = buffer_read_i64(in);
    card->before = buffer_read_u8(in);
    return card->balance >= 0 && card->held >= 0 && card->held <= card->balance && card->before < REWARD_STATE_COUNT;
}

/* Whether the state is one of the kind's, and over where it must be. */
static bool state_holds(const struct reward *reward)
{
    bool over = reward_is_over(reward);
    if (reward->kind != REWARD_BONUS) return true;
    if (reward->state > REWARD_REVOKED || over != (reward->state >= REWARD_WAGERED)) return false;
    return reward->state != REWARD_ACTIVE || reward->activated_at != INT64_MIN;
}

/* Whether the values may stand in the effect: texts lie within the bytes, as request and reward keep them. */
static bool values_hold(const struct reward *reward)
{
    if (reward->use == NULL) return true;
    const struct program *program = &reward->use->program;
    const struct bundle_effect *effect = reward_effect(reward);
    if (effect->kind != ACT_CREDIT || effect->value_count != reward->value_count) return false;
    for (uint32_t i = 0; i < reward->value_count; i++) {
        const struct bundle_value *value = &program->value[effect->value_first + i];
        int64_t held = reward->values[i];
        if (value->kind == TYPE_CURRENCY && (held < 0 || held >= (int64_t)program->currency_count)) return false;
        if (value->kind == TYPE_ENUM && (held < 0 || held >= (int64_t)program->enumeration[value->of].wording_count))
            return false;
        if (value->kind != TYPE_TEXT) continue;
        if ((uint64_t)handle_offset(held) + handle_size(held) > reward->bytes_size) return false;
    }
    return true;
}

static enum status read_one(struct engine *engine, struct player *player, struct buffer_reader *in, struct error *error)
{
    struct reward head = {.number = buffer_read_u32(in)};
    uint32_t title = buffer_read_u32(in), use = buffer_read_u32(in);
    head.campaign = buffer_read_u32(in);
    head.effect = buffer_read_u32(in);
    head.journey = buffer_read_u32(in);
    head.timer = buffer_read_u32(in);
    const unsigned char *id = buffer_read_bytes(in, sizeof head.id);
    head.kind = buffer_read_u8(in);
    head.state = buffer_read_u8(in);
    head.left = buffer_read_u8(in) != 0;
    const unsigned char *currency = buffer_read_bytes(in, sizeof head.currency);
    head.granted_at = buffer_read_i64(in);
    head.activated_at = buffer_read_i64(in);
    head.ended_at = buffer_read_i64(in);
    head.until = buffer_read_i64(in);
    head.amount = buffer_read_i64(in);
    head.cost = buffer_read_i64(in);
    head.funded.low = buffer_read_u64(in);
    head.funded.high = buffer_read_u64(in);
    if (in->failed || title >= engine->title_count || head.kind >= REWARD_KIND_COUNT ||
        head.state >= REWARD_STATE_COUNT || head.number == 0 || head.number > player->reward_serial)
        return codec_corrupt(error, "a reward is of no campaign");
    if (!read_kind(&head, in)) return codec_corrupt(error, "a reward is kept with sums that cannot be");
    struct text name = buffer_read_sized_text(in);
    uint32_t count = buffer_read_u32(in);
    if (in->failed || count > (in->size - in->at) / 8) return codec_corrupt(error, "a reward is cut off");
    const unsigned char *values = buffer_read_bytes(in, count * sizeof(int64_t));
    struct text bytes = buffer_read_sized_text(in);
    if (in->failed) return codec_corrupt(error, "a reward is cut off");
    struct reward *reward = make(engine, player, count, (uint32_t)bytes.size, name);
    if (reward == NULL) return codec_no_memory(error);
    head.next = NULL;
    head.value_count = reward->value_count;
    head.bytes_size = reward->bytes_size;
    head.name_size = reward->name_size;
    head.size = reward->size;
    head.values = reward->values;
    head.bytes = reward->bytes;
    head.name = reward->name;
    *reward = head;
    memcpy(reward->id, id, sizeof reward->id);
    memcpy(reward->currency, currency, sizeof reward->currency);
    for (uint32_t i = 0; i < count; i++)
        ((int64_t *)(uintptr_t)reward->values)[i] = (int64_t)buffer_load_u64(values + i * sizeof(int64_t));
    if (bytes.size > 0) memcpy((uint8_t *)(uintptr_t)reward->bytes, bytes.at, bytes.size);
    reward->title = engine->title[title];
    if (use != 0) {
        reward->use = programs_find(engine, use);
        if (reward->use == NULL || reward->campaign >= reward->use->program.campaign_count ||
            reward->effect >= reward->use->program.campaign[reward->campaign].effect_count) {
            reward->use = NULL;
            return codec_corrupt(error, "a reward is pinned to a program that is missing");
        }
        reward->use->pins++;
    }
    if ((reward->use == NULL) != reward_is_over(reward)) return codec_corrupt(error, "a reward is over and is not");
    if (!state_holds(reward)) return codec_corrupt(error, "a reward is in a state that it cannot be in");
    return values_hold(reward) ? OK : codec_corrupt(error, "a reward has other values than the program says");
}

enum status reward_read(struct engine *engine, struct player *player, struct buffer_reader *in, struct error *error)
{
    uint32_t grants = buffer_read_u32(in);
    for (uint32_t i = 0; i < grants && !in->failed; i++) {
        uint32_t title = buffer_read_u32(in), times = buffer_read_u32(in);
        struct text name = buffer_read_sized_text(in);
        if (in->failed || (title != PROGRAM_NONE && title >= engine->title_count) || times > INT32_MAX)
            return codec_corrupt(error, "grants are counted for no campaign");
        const struct title *of = title == PROGRAM_NONE ? NULL : engine->title[title];
        if (find_grants(player, of, name) != NULL) return codec_corrupt(error, "grants are counted twice");
        reward_count_grant(engine, player, of, name, 1);
        if (engine->failed != OK) return codec_no_memory(error);
        find_grants(player, of, name)->count = times;
    }
    player->reward_serial = buffer_read_u32(in);
    uint32_t count = buffer_read_u32(in);
    for (uint32_t i = 0; i < count && !in->failed; i++) RETURN_IF_FAILED(read_one(engine, player, in, error));
    return in->failed ? codec_corrupt(error, "a player's rewards are cut off") : OK;
}
