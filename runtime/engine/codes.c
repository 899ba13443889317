/* What a pool answers. See codes.h. */
#include "runtime/engine/codes.h"

#include "runtime/engine/announce.h"
#include "runtime/engine/answers.h"
#include "runtime/engine/bonus.h"
#include "runtime/engine/codes_find.h"
#include "runtime/engine/gates.h"
#include "runtime/engine/journey.h"
#include "runtime/engine/roles.h"
#include "vm/zone.h"

static int64_t period_start(uint32_t period, uint32_t zone, int64_t now)
{
    int64_t day = zone_date(zone, now);
    if (period == LIMIT_WEEK) return day - (int64_t)civil_weekday(day);
    if (period != LIMIT_MONTH && period != LIMIT_YEAR) return day;
    struct civil_date parts = civil_date_parts(day);
    return civil_date_of(parts.year, period == LIMIT_YEAR ? 1 : parts.month, 1);
}

/* ---------------------------------------------------------------- what a test player has */

/* He gets the answers that any player would, and takes nothing from others: what he used, was given or reserved lies with him alone. The latest entry of
 * this kind for the code that was found, or NULL. */
static struct player_code *test_code(const struct ask *ask, enum player_code_kind kind)
{
    struct player_codes *codes = ask->test ? parts_of(ask->player, PART_CODES) : NULL;
    for (uint32_t i = codes == NULL || ask->pool == NULL ? 0 : codes->count; i > 0; i--) {
        struct player_code *entry = &codes->code[i - 1];
        if (entry->kind == kind && entry->pool == ask->pool->number && codes_same_key(entry->code, ask->key))
            return entry;
    }
    return NULL;
}

/* His reservation, while it lasts. */
static struct player_code *test_hold(const struct ask *ask)
{
    struct player_code *entry = test_code(ask, PLAYER_CODE_TEST_HELD);
    return entry != NULL && entry->at > ask->now ? entry : NULL;
}

static void drop_test(struct ask *ask, const struct player_code *entry)
{
    struct player_codes *codes = parts_of(ask->player, PART_CODES);
    codes_drop(codes, (uint32_t)(entry - codes->code));
    ask->engine->group[ask->player->group].changed = true;
}

/* How often he used the code, or anything of the pool; of the pool with what he reserved. `quota`: of this one alone, unless NONE. */
static uint64_t test_uses(const struct ask *ask, bool of_code, uint32_t quota, uint32_t period)
{
    const struct player_codes *codes = ask->test ? parts_of(ask->player, PART_CODES) : NULL;
    int64_t start = period == LIMIT_EVER ? 0 : period_start(period, ask->zone, ask->now);
    uint64_t count = 0;
    for (uint32_t i = 0; codes != NULL && ask->pool != NULL && i < codes->count; i++) {
        const struct player_code *entry = &codes->code[i];
        bool held = entry->kind == PLAYER_CODE_TEST_HELD && entry->at > ask->now && !of_code;
        if (entry->pool != ask->pool->number || (entry->kind != PLAYER_CODE_TEST_USED && !held)) continue;
        if ((of_code && !codes_same_key(entry->code, ask->key)) || (quota != PROGRAM_NONE && entry->quota != quota))
            continue;
        count += held || period == LIMIT_EVER || period_start(period, ask->zone, entry->at) == start;
    }
    return count;
}

/* ---------------------------------------------------------------- may it be used? */

static uint32_t holds_of_code(const struct ask *ask)
{
    uint32_t count = 0;
    for (const struct pool_hold *hold = ask->code == NULL ? NULL : ask->code->hold; hold != NULL; hold = hold->next)
        count++;
    return count;
}

static void find_hold(struct ask *ask)
{
    const struct pool_hold *own = ask->code == NULL ? NULL : ask->code->hold;
    while (own != NULL && !codes_same_key(own->whose, ask->whose)) own = own->next;
    ask->hold = 0;
    for (uint32_t i = 0; own != NULL && ask->hold == 0; i++) {
        if (ask->pool->hold[i] == own) ask->hold = i + 1;
    }
}

/* The policies of the workspace: who may not enter anything, or have no reward, spends no code either. */
static enum reason protect(const struct ask *ask)
{
    struct engine *engine = ask->engine;
    uint32_t rule = gates_enter_rule(engine, ask->player);
    if (rule != PROGRAM_NONE) return gates_reason(engine, rule);
    for (uint32_t i = 0; i < ask->program->rule_count; i++) {
        const struct bundle_rule *never = &ask->program->rule[i];
        if (never->kind != RULE_NEVER_REWARD || never->campaign != PROGRAM_NONE || never->product != PROGRAM_NONE)
            continue;
        if (gates_applies(engine, ask->player, i)) return gates_reason(engine, i);
    }
    return REASON_NONE;
}

static enum reason judge_time(const struct ask *ask)
{
    const struct bundle_pool *record = ask->record;
    int64_t day = zone_date(ask->zone, ask->now);
    if (day < record->valid_from) return REASON_NOT_YET;
    if (day > record->valid_through) return REASON_EXPIRED;
    const struct player_code *test = test_code(ask, PLAYER_CODE_TEST_GIVEN);
    if ((test == NULL && (ask->code == NULL || ask->code->given == NULL)) || record->given_kind == WINDOW_NONE)
        return REASON_NONE;
    int64_t given = test != NULL ? test->at : ask->code->given->at;
    int64_t until = record->given_kind == WINDOW_EXACT
                        ? given + record->given_for
                        : zone_add_calendar(ask->zone, given, calendar_months(record->given_for),
                                            calendar_days(record->given_for), calendar_ms(record->given_for));
    return ask->now < until ? REASON_NONE : REASON_EXPIRED;
}

static enum reason judge_code(const struct ask *ask)
{
    const struct bundle_pool *record = ask->record;
    const struct code *code = ask->code;
    /* What he was given as a test may be given to a player too: for him it is his own. */
    bool own = test_code(ask, PLAYER_CODE_TEST_GIVEN) != NULL;
    if (!own && code != NULL && code->given != NULL && record->code_count == 1 &&
        !codes_same_key(code->given->whose, ask->whose))
        return REASON_NOT_OF_PLAYER;
    if (record->code_count == 0) return REASON_NONE;
    uint64_t used = 0;
    if (code != NULL && record->code_period == LIMIT_EVER) used = code->uses;
    if (code != NULL && record->code_period == LIMIT_DAY && code->day == zone_date(ask->zone, ask->now))
        used = code->day_uses;
    if (own && record->code_count == 1) used = 0;
    used += test_uses(ask, true, PROGRAM_NONE, record->code_period);
    if (own && record->code_count == 1) return used == 0 ? REASON_NONE : REASON_ALREADY_USED;
    return used + holds_of_code(ask) < record->code_count ? REASON_NONE : REASON_ALREADY_USED;
}

static enum reason judge_player(const struct ask *ask)
{
    const struct bundle_pool *record = ask->record;
    const struct player_codes *codes = parts_of(ask->player, PART_CODES);
    if (record->player_count == 0) return REASON_NONE;
    uint64_t used = test_uses(ask, false, PROGRAM_NONE, record->player_period);
    int64_t period = period_start(record->player_period, ask->zone, ask->now);
    for (uint32_t i = 0; codes != NULL && ask->pool != NULL && i < codes->count; i++) {
        const struct player_code *code = &codes->code[i];
        if (code->kind != PLAYER_CODE_USED || code->pool != ask->pool->number) continue;
        used +=
            record->player_period == LIMIT_EVER || period_start(record->player_period, ask->zone, code->at) == period;
    }
    for (uint32_t i = 0; ask->pool != NULL && i < ask->pool->hold_count; i++)
        used += codes_same_key(ask->pool->hold[i]->whose, ask->whose);
    return used < record->player_count ? REASON_NONE : REASON_PLAYER_LIMIT;
}

/* What the total leaves: true, or how much is left where it bounds. */
static bool total_has_room(const struct ask *ask)
{
    const struct bundle_pool *record = ask->record;
    const struct pool *pool = ask->pool;
    if (record->total_count == 0 || pool == NULL) return true;
    uint64_t used = pool->used;
    if (record->total_period != LIMIT_EVER)
        used = pool->period == period_start(record->total_period, ask->zone, ask->now) ? pool->period_used : 0;
    used += test_uses(ask, false, PROGRAM_NONE, record->total_period);
    return used + pool->hold_count < record->total_count;
}

/* The first quota that the player meets, and whether it has room. */
static enum reason judge_quota(struct ask *ask)
{
    const struct bundle_pool *record = ask->record;
    ask->quota = PROGRAM_NONE;
    if (record->quota_count == 0) return REASON_NONE;
    for (uint32_t i = record->quota_first; i < record->quota_first + record->quota_count; i++) {
        uint32_t filter = ask->program->quota[i].filter;
        if (filter != PROGRAM_NONE && !interp_filter(ask->engine->judge, filter)) continue;
        ask->quota = i;
        break;
    }
    if (ask->quota == PROGRAM_NONE) return REASON_NOT_IN_AUDIENCE;
    const struct bundle_quota *quota = &ask->program->quota[ask->quota];
    struct text name = program_text(ask->program, quota->name);
    uint64_t used = 0;
    for (uint32_t i = 0; ask->pool != NULL && i < ask->pool->quota_count; i++) {
        if (!text_equal(ask->pool->quota[i].name, name)) continue;
        used = ask->pool->quota[i].used + test_uses(ask, false, i, LIMIT_EVER);
        for (uint32_t j = 0; j < ask->pool->hold_count; j++) used += ask->pool->hold[j]->quota == i;
    }
    return used < (uint64_t)quota->amount ? REASON_NONE : REASON_SEGMENT_QUOTA;
}

/* Whether the player may redeem or reserve the code that was found. What he has reserved was judged then; only its time is asked again. */
static enum reason judge(struct ask *ask)
{
    gates_aim(ask->engine, ask->player, ask->now);
    enum reason reason = protect(ask);
    if (reason == REASON_NONE) reason = judge_time(ask);
    find_hold(ask);
    if (reason != REASON_NONE || ask->hold > 0 || test_hold(ask) != NULL) return reason;
    reason = judge_code(ask);
    if (reason == REASON_NONE) reason = judge_player(ask);
    if (reason == REASON_NONE && ask->record->filter != PROGRAM_NONE &&
        !interp_filter(ask->engine->judge, ask->record->filter))
        reason = REASON_NOT_IN_AUDIENCE;
    if (reason == REASON_NONE) reason = judge_quota(ask);
    if (reason == REASON_NONE && !total_has_room(ask)) reason = REASON_POOL_EMPTY;
    return reason;
}

/* ---------------------------------------------------------------- wrong tries */

/* Whether wrong tries lock the player out of a pool now. */
static bool is_locked(const struct ask *ask)
{
    if (ask->record->lock_tries == 0 || ask->pool == NULL) return false;
    const struct player_tries *tries = codes_tries(ask->engine, ask->player, ask->pool->number, false);
    return tries != NULL && tries->locked_until > ask->now;
}

/* One more wrong try; as many as the pool says within its time lock. */
static void count_try(struct ask *ask)
{
    const struct bundle_pool *record = ask->record;
    if (record->lock_tries == 0 || codes_own_pool(ask) == NULL) return;
    struct player_tries *tries = codes_tries(ask->engine, ask->player, ask->pool->number, true);
    if (tries == NULL) return;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < tries->count; i++) {
        if (tries->at[i] + record->lock_within_ms > ask->now) tries->at[kept++] = tries->at[i];
    }
    if (kept == LIMIT_CODE_TRIES) memmove(tries->at, tries->at + 1, --kept * sizeof *tries->at);
    tries->at[kept++] = ask->now;
    tries->count = kept;
    ask->engine->group[ask->player->group].changed = true;
    if (tries->count < record->lock_tries) return;
    tries->count = 0;
    tries->locked_until = ask->now + record->lock_ms;
}

/* ---------------------------------------------------------------- using and giving back */

static void count_use(struct ask *ask, struct code *code, int64_t at, int by)
{
    struct pool *pool = ask->pool;
    int64_t day = zone_date(ask->zone, at), period = period_start(ask->record->total_period, ask->zone, at);
    if (by > 0 && code->day != day) {
        code->day = (int32_t)day;
        code->day_uses = 0;
    }
    if (by > 0 && pool->period != period) {
        pool->period = period;
        pool->period_used = 0;
    }
    uint32_t one = 1;
    if (by > 0) {
        if (code->given != NULL && code->uses == 0 && pool->given > 0) pool->given--;
        code->uses++, code->day_uses++;
        pool->used++, pool->period_used++;
    } else {
        code->uses -= code->uses > 0 ? one : 0;
        if (code->day == day && code->day_uses > 0) code->day_uses--;
        pool->used -= pool->used > 0 ? one : 0;
        if (pool->period == period && pool->period_used > 0) pool->period_used--;
        if (code->given != NULL && code->uses == 0) pool->given++;
    }
    codes_touch(ask->engine, code);
}

/* The quota's number in the pool's own list. */
static uint32_t quota_of(struct ask *ask)
{
    if (ask->quota == PROGRAM_NONE) return PROGRAM_NONE;
    return codes_quota(ask->engine, ask->pool, program_text(ask->program, ask->program->quota[ask->quota].name));
}

/* Ends the reservation of what he takes now; the quota that it counts in. */
static uint32_t take_hold(struct ask *ask)
{
    const struct player_code *held = test_hold(ask), *over = test_code(ask, PLAYER_CODE_TEST_HELD);
    uint32_t quota = ask->hold > 0 ? ask->pool->hold[ask->hold - 1]->quota : held != NULL ? held->quota : quota_of(ask);
    if (ask->hold > 0) codes_drop_hold(ask->engine, ask->pool, ask->hold - 1);
    if (over != NULL) drop_test(ask, over);
    return quota;
}

static void redeem(struct ask *ask, struct text id)
{
    struct engine *engine = ask->engine;
    struct pool *pool = codes_own_pool(ask);
    if (pool == NULL) return;
    struct code *code = codes_make(engine, pool, ask->key, ask->number, (struct text){"", 0});
    if (code == NULL) return;
    uint32_t quota = take_hold(ask);
    if (engine->failed != OK) return;
    if (quota != PROGRAM_NONE) ask->quota_name = pool->quota[quota].name;
    if (!ask->test) {
        count_use(ask, code, ask->now, 1);
        if (quota != PROGRAM_NONE) pool->quota[quota].used++;
    }
    struct player_code used = {.pool = pool->number,
                               .kind = ask->test ? PLAYER_CODE_TEST_USED : PLAYER_CODE_USED,
                               .code = ask->key,
                               .at = ask->now,
                               .quota = quota};
    if (codes_add(engine, ask->player, used) == NULL) return;
    struct announcement what = {.role = ROLE_CODE_REDEEMED,
                                .player = ask->player,
                                .about = ask->name,
                                .key = id,
                                .known = 1,
                                .text = {codes_printed(ask)},
                                .currency = PROGRAM_NONE};
    if (quota != PROGRAM_NONE) {
        what.known |= 2;
        what.text[1] = pool->quota[quota].name;
    }
    announce(engine, &what);
}

static void reserve(struct ask *ask, int64_t *until)
{
    struct pool *pool = codes_own_pool(ask);
    *until = ask->now + ask->record->hold_ms;
    if (pool == NULL) return;
    /* Kept by its number, so that the player's wallet can show it. */
    struct code *code = codes_make(ask->engine, pool, ask->key, ask->number, (struct text){"", 0});
    if (code == NULL) return;
    struct pool_hold hold = {.until = *until, .code = code, .whose = ask->whose};
    hold.quota = take_hold(ask); /* Reserved once more: it lasts from now on. */
    if (ask->engine->failed != OK) return;
    if (hold.quota != PROGRAM_NONE) ask->quota_name = pool->quota[hold.quota].name;
    struct player_code test = {
        .pool = pool->number, .kind = PLAYER_CODE_TEST_HELD, .code = ask->key, .at = *until, .quota = hold.quota};
    if (ask->test) {
        (void)codes_add(ask->engine, ask->player, test);
        return;
    }
    (void)codes_add_hold(ask->engine, pool, hold);
}

/* A redemption of the player is as if it had not been. */
static void take_back(struct ask *ask, struct player_codes *codes, uint32_t index)
{
    struct player_code *entry = &codes->code[index];
    struct code *code = codes_find(ask->engine, ask->pool, entry->code);
    if (code == NULL) return;
    if (entry->kind > PLAYER_CODE_GIVEN) {
        /* Nothing was taken. */
    } else if (entry->kind == PLAYER_CODE_USED) {
        count_use(ask, code, entry->at, -1);
        if (entry->quota != PROGRAM_NONE && ask->pool->quota[entry->quota].used > 0)
            ask->pool->quota[entry->quota].used--;
    } else if (code->uses == 0 && code->given != NULL) {
        codes_clear_given(ask->engine, code);
        if (ask->pool->given > 0) ask->pool->given--;
        if (code->number < ask->pool->cursor) ask->pool->cursor = code->number;
    }
    ask->engine->group[ask->player->group].changed = true;
    codes_drop(codes, index);
}

/* ---------------------------------------------------------------- support takes a redemption back */

/* Nothing of it was played or paid with. */
static bool is_unused(const struct reward *reward)
{
    switch ((enum reward_state)reward->state) {
    case REWARD_PENDING:
    case REWARD_OFFERED:
    case REWARD_CANCELLED:
    case REWARD_REVOKED:
    case REWARD_UNUSED: return true;
    case REWARD_ACTIVE: return reward->as.bonus.wagered == 0;
    default: return false;
    }
}

static void revoke(struct ask *ask, const struct title *title, uint32_t journey)
{
    struct engine *engine = ask->engine;
    for (struct reward *reward = ask->player->reward, *next; reward != NULL && engine->failed == OK; reward = next) {
        next = reward->next;
        if (reward->title != title || reward->journey != journey || reward_is_over(reward)) continue;
        uint8_t id[16];
        memcpy(id, reward->id, sizeof id);
        (void)bonus_take_back(engine, ask->player, id);
    }
}

/* What a journey was credited for its code, and whether any of it cannot be taken away any more. */
struct spending {
    const struct player *player;
    bool spent;
};

static void judge_credit(void *context, const uint8_t effect[16])
{
    struct spending *spending = context;
    if (reward_find(spending->player, effect) == NULL)
        spending->spent = true; /* Paid, and the engine does not keep it. */
}

/* By the books, which know what was paid whatever the program says now. */
static bool is_spent(const struct ask *ask, const struct title *title, uint32_t journey)
{
    const struct player *player = ask->player;
    for (const struct reward *reward = player->reward; reward != NULL; reward = reward->next) {
        if (reward->title == title && reward->journey == journey && !is_unused(reward)) return true;
    }
    struct spending spending = {.player = player};
    books_of_journey(ask->engine->books, player->group, state_player_brand(player), state_player_id(player),
                     title->name, journey, judge_credit, &spending);
    return spending.spent;
}

static bool is_use(const struct player_code *entry)
{
    return entry->kind == PLAYER_CODE_USED || entry->kind == PLAYER_CODE_TEST_USED;
}

static enum reason roll_back(struct ask *ask)
{
    struct engine *engine = ask->engine;
    struct player_codes *codes = parts_of(ask->player, PART_CODES);
    uint32_t index = codes == NULL || ask->pool == NULL ? 0 : codes->count;
    while (index > 0 && (!is_use(&codes->code[index - 1]) || codes->code[index - 1].pool != ask->pool->number ||
                         !codes_same_key(codes->code[index - 1].code, ask->key)))
        index--;
    if (index == 0) return REASON_NOT_OF_PLAYER;
    struct player_code entry = codes->code[index - 1];
    /* Of what is longer ago the books know nothing any more. */
    bool forgotten = entry.at < ask->now - ask->program->workspace->retention_ms;
    for (uint32_t i = 0; i < entry.began_count; i++) {
        if (forgotten || is_spent(ask, engine->title[entry.began[i].title], entry.began[i].journey))
            return REASON_ROLLBACK_REFUSED;
    }
    take_back(ask, codes, index - 1);
    for (uint32_t i = 0; i < entry.began_count && engine->failed == OK; i++) {
        struct title *title = engine->title[entry.began[i].title];
        revoke(ask, title, entry.began[i].journey);
        struct journey *journey = state_find_journey(ask->player, title, entry.began[i].journey);
        if (journey != NULL)
            journey_finish(engine, ask->player, journey, TEXT("ROLLED_BACK"), REASON_WITHDRAWN, PROGRAM_NONE, true,
                           ask->now);
    }
    return REASON_NONE;
}

/* ---------------------------------------------------------------- events */

static bool is_asked(enum role role)
{
    return role == ROLE_CODE_ENTERED || role == ROLE_CODE_HELD || role == ROLE_CODE_RELEASED ||
           role == ROLE_CODE_ROLLED_BACK;
}

static bool hears(const struct engine *engine, uint32_t event)
{
    return is_asked(roles_of(engine, event));
}

/* The event pauses its player until the pool has answered. */
static void take_event(struct engine *engine, const struct turn *turn, struct player *player,
                       const struct kept_event *event)
{
    if (player->request != NULL) return; /* Only a forged program asks while it waits. */
    struct request *request = fold_request(engine, turn, player);
    if (request == NULL) return;
    request->kind = REQUEST_CODE;
    request->use = engine->newest;
    request->event = event;
    request->source = turn->pending == NULL ? (struct text){"", 0} : turn->pending->record.source;
    request->now = engine->now;
}

/* The pool that the event is about, or of all pools by name the first that has the code. Wrong tries count for the pool that is named, or for
 * every one that counts them. */
static bool find_pool(struct ask *ask, struct engine *engine, struct player *player, const struct kept_event *event,
                      struct text typed, bool tried, int64_t now, bool *locked)
{
    const struct program *program = &engine->newest->program;
    struct text about;
    bool named = roles_about(event, &about), found = false;
    uint32_t best = PROGRAM_NONE;
    *locked = false;
    for (uint32_t i = 0; i < program->pool_count; i++) {
        if (named && !text_equal(program_text(program, program->pool[i].name), about)) continue;
        codes_aim(ask, engine, player, i, now);
        *locked = *locked || is_locked(ask);
        if (!codes_find_typed(ask, typed)) continue;
        if (best == PROGRAM_NONE || text_compare(ask->name, program_text(program, program->pool[best].name)) < 0)
            best = i;
        found = true;
    }
    if (found) {
        codes_aim(ask, engine, player, best, now);
        *locked = is_locked(ask);
        (void)codes_find_typed(ask, typed);
        return true;
    }
    for (uint32_t i = 0; i < program->pool_count; i++) {
        if (named && !text_equal(program_text(program, program->pool[i].name), about)) continue;
        if (best == PROGRAM_NONE && program->pool[i].answer != PROGRAM_NONE) best = i;
        codes_aim(ask, engine, player, i, now);
        if (tried && !is_locked(ask)) count_try(ask);
    }
    if (best != PROGRAM_NONE) codes_aim(ask, engine, player, best, now);
    return false;
}

static enum reason serve_event(struct engine *engine, const struct request *request, struct ask *ask, int64_t *until)
{
    enum role role = roles_of(engine, request->event->event);
    struct text typed = {"", 0};
    bool locked;
    (void)roles_text(engine, role, 0, request->event, &typed);
    bool tried = role == ROLE_CODE_ENTERED || role == ROLE_CODE_HELD;
    bool found = find_pool(ask, engine, request->player, request->event, typed, tried, request->now, &locked);
    if (tried && locked) return REASON_LOCKED;
    if (!found) return REASON_UNKNOWN_CODE;
    enum reason reason = REASON_NONE;
    switch (role) {
    case ROLE_CODE_ENTERED:
        reason = judge(ask);
        if (reason == REASON_NONE) redeem(ask, roles_id(request->event));
        return reason;
    case ROLE_CODE_HELD:
        reason = judge(ask);
        if (reason == REASON_NONE) reserve(ask, until);
        return reason;
    case ROLE_CODE_RELEASED:
        find_hold(ask);
        if (ask->hold == 0 && test_hold(ask) == NULL) return REASON_NOT_OF_PLAYER;
        (void)take_hold(ask);
        return REASON_NONE;
    case ROLE_CODE_ROLLED_BACK: return roll_back(ask);
    default: return REASON_NONE;
    }
}

static void answer(struct engine *engine, const struct request *request)
{
    struct ask ask = {.engine = engine, .quota = PROGRAM_NONE};
    int64_t until = INT64_MIN;
    enum reason reason = request->withdrawn ? REASON_WITHDRAWN : serve_event(engine, request, &ask, &until);
    struct answer_value values[4];
    uint32_t count = 0;
    if (reason == REASON_NONE) {
        values[count++] = (struct answer_value){.name = "codes", .kind = TYPE_TEXT, .text = ask.name};
        values[count++] = (struct answer_value){.name = "code", .kind = TYPE_TEXT, .text = codes_printed(&ask)};
    }
    if (reason == REASON_NONE && ask.quota_name.size > 0)
        values[count++] = (struct answer_value){.name = "quota", .kind = TYPE_TEXT, .text = ask.quota_name};
    if (until != INT64_MIN)
        values[count++] = (struct answer_value){.name = "until", .kind = TYPE_MOMENT, .value = until};
    struct text words = {"", 0};
    if (reason != REASON_NONE && ask.record != NULL) words = program_text(ask.program, ask.record->answer);
    answers_give(engine, request->player, request->event, request->source, reason, words, values, count);
}

/* ---------------------------------------------------------------- journeys */

/* The event that a journey goes on with: as its own program has it. NULL: memory is out. */
static const struct kept_event *make_given(struct engine *engine, const struct request *request, uint32_t index,
                                           struct text name, struct text code)
{
    const struct program *program = &request->use->program;
    const struct bundle_event *event = &program->event[index];
    struct kept_event *kept = ARENA_NEW(&engine->instant, struct kept_event);
    int64_t *slot = ARENA_ARRAY(&engine->instant, int64_t, event->slot_count);
    uint64_t *known = ARENA_ARRAY(&engine->instant, uint64_t, event->slot_count / 64 + 1);
    char *bytes = arena_alloc(&engine->instant, 32 + (size_t)name.size + code.size + 1);
    if (kept == NULL || slot == NULL || known == NULL || bytes == NULL) return state_no_memory(engine);
    char hex[33];
    crypto_hex(hex, request->id, 16);
    memcpy(bytes, hex, 32);
    memcpy(bytes + 32, name.at, name.size);
    if (code.size > 0) memcpy(bytes + 32 + name.size, code.at, code.size);
    slot[PROGRAM_SLOT_TIME] = request->now;
    slot[PROGRAM_SLOT_EVENT_ID] = handle_make(BANK_EVENT, 32, 0);
    slot[PROGRAM_SLOT_ABOUT] = handle_make(BANK_EVENT, name.size, 32);
    known[0] = 7;
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct bundle_field *field = &program->field[event->field_first + i];
        bool is_code = field->kind == TYPE_TEXT && text_equal(program_text(program, field->name), TEXT("code"));
        if (field->optional && !is_code) continue;
        int64_t value = field->low > 0 ? field->low : field->high < 0 ? field->high : 0;
        if (field->kind == TYPE_TEXT) value = handle_make(BANK_EVENT, 0, 0);
        if (is_code) value = handle_make(BANK_EVENT, code.size < field->size ? code.size : field->size, 32 + name.size);
        slot[field->slot] = value;
        known[field->slot / 64] |= UINT64_C(1) << (field->slot % 64);
        if (field->kind == TYPE_MONEY) known[(field->slot + 1) / 64] |= UINT64_C(1) << ((field->slot + 1) % 64);
    }
    *kept = (struct kept_event){.event = index,
                                .slot_count = event->slot_count,
                                .bytes_size = 32 + name.size + code.size,
                                .now = request->now,
                                .slot = slot,
                                .known = known,
                                .bytes = (const uint8_t *)bytes};
    return kept;
}

/* The next code that nobody used, holds or was given; false: none is left. */
static bool next_code(struct ask *ask)
{
    struct pool *pool = codes_own_pool(ask);
    if (pool == NULL) return false;
    struct code_word word;
    if (ask->record->kind == POOL_FIXED) return codes_find_typed(ask, program_text(ask->program, ask->record->pattern));
    bool made = ask->record->kind == POOL_MADE;
    if (made && !pool_word(ask->program, ask->record, &word)) return false;
    uint64_t count = made ? (uint64_t)ask->record->codes : pool->arrival_count;
    uint64_t at = pool->cursor;
    bool found = false;
    for (; at < count && !found; at++) {
        if (made) {
            (void)codes_nth(ask, &word, at);
        } else {
            ask->code = pool->arrival[at];
            ask->key = ask->code->key;
            ask->number = at;
            codes_print(ask, code_printed(ask->code));
        }
        bool taken = ask->code != NULL && (ask->code->uses > 0 || ask->code->given != NULL);
        taken = taken || test_code(ask, PLAYER_CODE_TEST_GIVEN) != NULL ||
                test_uses(ask, true, PROGRAM_NONE, LIMIT_EVER) > 0;
        found = !taken && holds_of_code(ask) == 0;
    }
    if (!ask->test) pool->cursor = found ? at - 1 : at; /* The one that is found is given next to who is no test. */
    return found;
}

static enum reason give(struct ask *ask, struct request *request)
{
    struct engine *engine = ask->engine;
    const struct bundle_pool *record = ask->record;
    gates_aim(engine, ask->player, ask->now);
    enum reason reason = protect(ask);
    if (reason != REASON_NONE) return reason;
    if (zone_date(ask->zone, ask->now) > record->valid_through) return REASON_EXPIRED;
    /* What was given and is not used yet is promised. */
    int64_t left, changes_at;
    if (codes_left(engine, ask->name, ask->now, &left, &changes_at) && left == 0) return REASON_POOL_EMPTY;
    if (!next_code(ask)) return REASON_POOL_EMPTY;
    struct pool *pool = ask->pool;
    struct code *code = codes_make(engine, pool, ask->key, ask->number, (struct text){"", 0});
    if (code == NULL) return REASON_POOL_EMPTY;
    if (record->kind != POOL_FIXED && !ask->test) {
        if (!codes_set_given(engine, code, ask->now, ask->whose)) return REASON_POOL_EMPTY;
        pool->given++;
        pool->cursor++;
    }
    struct title *title = request->use->plan[request->campaign].title;
    struct player_code entry = {.pool = pool->number,
                                .kind = ask->test ? PLAYER_CODE_TEST_GIVEN : PLAYER_CODE_GIVEN,
                                .code = ask->key,
                                .at = ask->now,
                                .quota = PROGRAM_NONE,
                                .began_count = 1};
    entry.began[0].title = title->number;
    entry.began[0].journey = request->journey;
    if (codes_add(engine, ask->player, entry) == NULL) return REASON_POOL_EMPTY;
    char hex[33];
    crypto_hex(hex, request->id, 16);
    announce(engine, &(struct announcement){.role = ROLE_CODE_GIVEN,
                                            .player = ask->player,
                                            .about = ask->name,
                                            .effect = request->id,
                                            .known = 1,
                                            .text = {codes_printed(ask)},
                                            .currency = PROGRAM_NONE});
    return REASON_NONE;
}

/* The latest code of the pool that began this journey, or that it was given. */
static void release(struct ask *ask, const struct request *request)
{
    struct player_codes *codes = parts_of(ask->player, PART_CODES);
    const struct title *title = request->use->plan[request->campaign].title;
    for (uint32_t i = codes == NULL || ask->pool == NULL ? 0 : codes->count; i > 0; i--) {
        const struct player_code *entry = &codes->code[i - 1];
        bool own = false;
        for (uint32_t j = 0; j < entry->began_count; j++)
            own = own || (entry->began[j].title == title->number && entry->began[j].journey == request->journey);
        if (!own || entry->pool != ask->pool->number) continue;
        take_back(ask, codes, i - 1);
        return;
    }
}

static void serve_journey(struct engine *engine, struct request *request)
{
    const struct program *own = &request->use->program;
    const struct bundle_effect *effect = &own->effect[own->campaign[request->campaign].effect_first + request->effect];
    struct text name = program_text(own, own->pool[effect->object].name);
    uint32_t index = pool_find(&engine->newest->program, name);
    request->granted = effect->kind == ACT_RELEASE_CODE;
    request->reason = REASON_POOL_EMPTY;
    if (index == PROGRAM_NONE) return; /* The newest program has no such pool any more. */
    struct ask ask;
    codes_aim(&ask, engine, request->player, index, request->now);
    if (effect->kind == ACT_RELEASE_CODE) {
        release(&ask, request);
        return;
    }
    request->reason = give(&ask, request);
    request->granted = request->reason == REASON_NONE;
    uint32_t given = own->pool[effect->object].given;
    if (request->granted && given != PROGRAM_NONE)
        request->answer = make_given(engine, request, given, ask.name, codes_printed(&ask));
}

void codes_serve(struct engine *engine, struct request *request)
{
    if (request->event != NULL) {
        answer(engine, request);
    } else {
        serve_journey(engine, request);
    }
}

void codes_began(struct engine *engine, struct player *player, const struct journey *journey, uint32_t event,
                 const struct bank_read *bank)
{
    struct player_codes *codes = parts_of(player, PART_CODES);
    const struct role_event *role = roles_find(engine, ROLE_CODE_REDEEMED);
    if (codes == NULL || event != role->event || role->slot[0] == PROGRAM_NONE || bank->known == NULL) return;
    const struct kept_event kept = {.event = event,
                                    .slot_count = engine->newest->program.event[event].slot_count,
                                    .slot = bank->slot,
                                    .known = bank->known,
                                    .bytes = bank->bytes};
    struct text about, typed;
    if (!roles_about(&kept, &about) || !roles_text(engine, ROLE_CODE_REDEEMED, 0, &kept, &typed)) return;
    uint32_t index = pool_find(&engine->newest->program, about);
    if (index == PROGRAM_NONE) return;
    struct ask ask;
    codes_aim(&ask, engine, player, index, engine->now);
    if (ask.pool == NULL || !codes_find_typed(&ask, typed)) return;
    for (uint32_t i = codes->count; i > 0; i--) {
        struct player_code *entry = &codes->code[i - 1];
        if (!is_use(entry) || entry->pool != ask.pool->number || !codes_same_key(entry->code, ask.key)) continue;
        if (entry->began_count == sizeof entry->began / sizeof *entry->began) return;
        entry->began[entry->began_count].title = journey->title->number;
        entry->began[entry->began_count++].journey = journey->number;
        engine->group[player->group].changed = true;
        return;
    }
}

/* ---------------------------------------------------------------- the part */

const struct part codes_part = {
    .name = "codes",
    .free = codes_free_player,
    .encode = codes_encode_player,
    .decode = codes_decode_player,
    .hears = hears,
    .event = take_event,
    .free_shared = codes_free_shared,
    .encode_shared = codes_encode_shared,
    .decode_shared = codes_decode_shared,
    .encode_group = codes_encode_group,
    .decode_group = codes_decode_group,
    .decoded = codes_decoded,
};
