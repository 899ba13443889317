/* Bets and targets. See wagering.h. */
#include "runtime/engine/wagering.h"

#include "runtime/engine/property.h"
#include "runtime/engine/roles.h"
#include "vm/round.h"

enum { FIELD_STAKE, FIELD_KIND, FIELD_GAME, FIELD_FUNDS, FIELD_WIN };

#define MILLION INT64_C(1000000)

/* A bet as it was told. Texts are empty where the event does not say it. */
struct bet {
    int64_t stake, win;
    uint32_t currency; /* Of the newest program. */
    struct text kind, game, funds;
    int64_t at; /* When it was settled. */
};

static bool read_bet(const struct engine *engine, enum role role, const struct kept_event *event, struct bet *bet)
{
    *bet = (struct bet){.at = roles_time(event), .kind = TEXT(""), .game = TEXT(""), .funds = TEXT("")};
    if (!roles_number(engine, role, FIELD_STAKE, event, &bet->stake)) return false;
    if (!roles_currency(engine, role, FIELD_STAKE, event, &bet->currency)) return false;
    if (bet->stake < 0) return false;
    (void)roles_number(engine, role, FIELD_WIN, event, &bet->win);
    (void)roles_word(engine, role, FIELD_KIND, event, &bet->kind);
    (void)roles_text(engine, role, FIELD_GAME, event, &bet->game);
    (void)roles_word(engine, role, FIELD_FUNDS, event, &bet->funds);
    if (role != ROLE_BET_VOIDED) return true;
    /* When the bet itself was settled. */
    const struct program *program = &engine->newest->program;
    const struct bundle_event *record = &program->event[event->event];
    if (record->reverses_at == PROGRAM_NONE) return true;
    uint32_t slot = program->field[record->reverses_at].slot;
    if ((event->known[slot / 64] >> (slot % 64)) & 1) bet->at = event->slot[slot];
    return true;
}

/* Whether a word stands among the offer's of this kind; `any` tells whether there are any. */
static bool has_word(const struct reward *reward, enum weight what, struct text word, bool *any, int64_t *share)
{
    const struct bundle_offer *offer = reward_terms(reward);
    const struct program *program = &reward->use->program;
    for (uint32_t i = 0; i < offer->weight_count; i++) {
        const struct bundle_weight *weight = &program->weight[offer->weight_first + i];
        if (weight->what != (uint32_t)what) continue;
        *any = true;
        if (!text_equal(program_text(program, weight->word), word)) continue;
        *share = weight->share;
        return true;
    }
    return false;
}

/* Free spins: what is played of them are the spins themselves. */
static bool is_spins(const struct reward *reward)
{
    const struct program *program = &reward->use->program;
    return text_equal(program_text(program, program->action[reward_terms(reward)->action].name), TEXT("free_spins"));
}

static bool is_spin_of(const struct reward *reward, const struct bet *bet)
{
    if (!text_equal(bet->funds, TEXT("free_spin"))) return false;
    const struct program *program = &reward->use->program;
    const struct bundle_action *action = &program->action[reward_terms(reward)->action];
    for (uint32_t i = 0; i < action->parameter_count && i < reward->value_count; i++) {
        const struct bundle_parameter *parameter = &program->parameter[action->parameter_first + i];
        if (parameter->kind != TYPE_TEXT || !text_equal(program_text(program, parameter->name), TEXT("game"))) continue;
        struct text game =
            text_make((const char *)reward->bytes + handle_offset(reward->values[i]), handle_size(reward->values[i]));
        return game.size == 0 || text_equal(game, bet->game);
    }
    return true;
}

/* Is the bet one that this bonus is about: its games, its funds, its currency, and made while it was played? */
static bool concerns(const struct engine *engine, const struct reward *reward, const struct bet *bet)
{
    if (reward->kind != REWARD_BONUS || reward->state != REWARD_ACTIVE || reward_is_over(reward)) return false;
    if (reward->as.bonus.frozen || bet->at <= reward->activated_at) return false;
    if (bonus_currency(engine, reward) != bet->currency) return false;
    bool games = false, funds = false;
    int64_t unused;
    bool plays = has_word(reward, WEIGHT_KIND, bet->kind, &games, &unused);
    plays = has_word(reward, WEIGHT_GAME, bet->game, &games, &unused) || plays;
    if (games && !plays) return false;
    bool wagers = has_word(reward, WEIGHT_FUNDS, bet->funds, &funds, &unused);
    if (funds) return wagers;
    if (reward->as.bonus.target == 0 && is_spins(reward)) return is_spin_of(reward, bet);
    return bet->funds.size == 0 || text_equal(bet->funds, TEXT("real")) || text_equal(bet->funds, TEXT("bonus"));
}

static int64_t share_of(const struct reward *reward, const struct bet *bet)
{
    bool any = false;
    int64_t share = 0;
    if (has_word(reward, WEIGHT_COUNT_KIND, bet->kind, &any, &share)) return share;
    return any ? 0 : MILLION;
}

int64_t wagering_done(const struct reward *reward)
{
    const struct reward_bonus *bonus = &reward->as.bonus;
    if (bonus->wagered <= 0) return 0;
    int64_t done = bonus->wagered / MILLION;
    return done < bonus->target ? done : bonus->target;
}

/* Sums stop at the largest number: no target is that far. */
static void add(int64_t *sum, int64_t amount)
{
    if (__builtin_add_overflow(*sum, amount, sum)) *sum = amount > 0 ? INT64_MAX : INT64_MIN;
}

static void complete(struct engine *engine, struct player *player, struct reward *reward)
{
    const struct bundle_offer *offer = reward_terms(reward);
    int64_t balance = reward->as.bonus.balance > 0 ? reward->as.bonus.balance : 0;
    if (offer->win_most > 0 && balance > offer->win_most) balance = offer->win_most;
    struct announcement wagered = {.role = ROLE_BONUS_WAGERED, .known = 1, .value = {wagering_done(reward)}};
    bonus_end(engine, player, reward, REWARD_WAGERED, wagered);
    bonus_tell(engine, player, reward,
               (struct announcement){.role = ROLE_BONUS_CONVERTED, .known = 1, .value = {balance}});
}

void wagering_judge(struct engine *engine, struct player *player, struct reward *reward)
{
    const struct bundle_offer *offer = reward_terms(reward);
    if (engine->newest->program.workspace->platform_bonuses) return;
    if (reward->as.bonus.target == 0) {
        /* Nothing to play. Where it has a time it is there until then; otherwise it was given, and that is all. */
        bool lasts = offer->expires_kind != WINDOW_NONE || offer->weight_count > 0 || offer->stake_most > 0;
        if (lasts) return;
        bonus_end(engine, player, reward, REWARD_WAGERED, (struct announcement){.role = ROLE_NONE});
        return;
    }
    if (wagering_done(reward) >= reward->as.bonus.target) complete(engine, player, reward);
}

static void tell_progress(struct engine *engine, struct player *player, struct reward *reward)
{
    struct reward_bonus *bonus = &reward->as.bonus;
    int64_t done = wagering_done(reward);
    int64_t part = 0;
    if (!round_mul_div(&part, done, 10, bonus->target, ROUNDING_DOWN)) return;
    uint8_t tenths = (uint8_t)part;
    if (tenths <= bonus->tenths) return;
    bonus->tenths = tenths;
    char key[2] = {(char)('0' + tenths / 10), (char)('0' + tenths % 10)};
    struct announcement what = {.role = ROLE_BONUS_PROGRESS,
                                .key = text_make(key, sizeof key),
                                .known = 7,
                                .value = {tenths * (MILLION / 10), done, bonus->target}};
    bonus_tell(engine, player, reward, what);
}

/* What the bets say is left of bonus and winnings. */
static int64_t change_of(const struct bet *bet)
{
    if (text_equal(bet->funds, TEXT("bonus"))) return bet->win - bet->stake;
    return text_equal(bet->funds, TEXT("free_spin")) ? bet->win : 0;
}

/* Whether this void is the first for its bet. Remembered under an id that no record can have: a source with a zero byte. */
static bool is_first_void(struct engine *engine, const struct player *player, const struct kept_event *event)
{
    const struct program *program = &engine->newest->program;
    const struct bundle_event *record = &program->event[event->event];
    if (record->reverses_by == PROGRAM_NONE) return true;
    uint32_t slot = program->field[record->reverses_by].slot;
    if (!((event->known[slot / 64] >> (slot % 64)) & 1)) return true;
    int64_t handle = event->slot[slot];
    struct text id = text_make((const char *)event->bytes + handle_offset(handle), handle_size(handle));
    char name[4 + 2 * 64] = "\0b";
    uint32_t size = 2;
    const struct text whose[] = {state_player_brand(player), state_player_id(player)};
    for (size_t part = 0; part < 2; part++) {
        name[size++] = '\0';
        if (whose[part].size > 0) memcpy(name + size, whose[part].at, whose[part].size);
        size += (uint32_t)whose[part].size;
    }
    struct dedupe_entry entry = dedupe_hash(engine->id_key, text_make(name, size), id);
    entry.until = engine->now + program->workspace->retention_ms;
    struct group *group = &engine->group[entry.low % RECORD_GROUPS];
    enum dedupe_answer answer = dedupe_add(&group->ids, entry, engine->now);
    if (answer == DEDUPE_NO_MEMORY) (void)state_no_memory(engine);
    group->changed = true;
    return answer == DEDUPE_NEW;
}

void wagering_bet(struct engine *engine, struct player *player, enum role role, const struct kept_event *event)
{
    struct bet bet;
    if (!read_bet(engine, role, event, &bet)) return;
    bool voided = role == ROLE_BET_VOIDED, ended = false, asked = false;
    for (struct reward *reward = player->reward; reward != NULL && engine->failed == OK; reward = reward->next) {
        if (!concerns(engine, reward, &bet)) continue;
        if (voided && !asked && !is_first_void(engine, player, event)) return;
        asked = true;
        const struct bundle_offer *offer = reward_terms(reward);
        const bool too_large = offer->stake_most > 0 && bet.stake > offer->stake_most;
        if (too_large && offer->stake_forfeits) {
            if (voided) continue;
            bonus_forfeit(engine, player, reward, "by_stake");
            ended = true;
            continue;
        }
        struct reward_bonus *bonus = &reward->as.bonus;
        /* One that is too large to count was played all the same: it wagers nothing, and its money is gone, or won. */
        int64_t weighted, share = too_large ? 0 : share_of(reward, &bet);
        if (__builtin_mul_overflow(bet.stake, share, &weighted)) weighted = INT64_MAX;
        add(&bonus->wagered, voided ? -weighted : weighted);
        add(&bonus->balance, voided ? -change_of(&bet) : change_of(&bet));
        engine->group[player->group].changed = true;
        property_changed(engine, player);
        if (voided || bonus->target == 0) continue;
        if (bonus->wagered / MILLION >= bonus->target) {
            complete(engine, player, reward);
            ended = true;
        } else {
            tell_progress(engine, player, reward);
        }
    }
    if (ended) bonus_freed(engine, player);
}
