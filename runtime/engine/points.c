/* Earning, spending, expiring; timers; bytes. See points.h. */
#include "runtime/engine/points.h"

#include "runtime/engine/announce.h"
#include "runtime/engine/answers.h"
#include "runtime/engine/codec.h"
#include "runtime/engine/levels.h"
#include "runtime/engine/measure.h"
#include "runtime/engine/metrics.h"
#include "runtime/engine/property.h"
#include "vm/civil.h"
#include "vm/memory.h"
#include "vm/split.h"
#include "vm/zone.h"

/* Fields by number, as in spec/roles.def. */
enum { FIELD_AMOUNT, FIELD_BALANCE, FIELD_OWED };

/* `expiring`: within so many days. */
#define EXPIRING_MS (30 * CIVIL_DAY_MS)

/* ---------------------------------------------------------------- names and what is linked */

struct points_shared *points_shared(const struct engine *engine)
{
    return engine->shared_part[PART_POINTS];
}

uint32_t points_number(const struct engine *engine, struct text name)
{
    const struct points_shared *shared = points_shared(engine);
    for (uint32_t i = 0; shared != NULL && i < shared->name_count; i++) {
        if (text_equal(shared->name[i], name)) return i;
    }
    return PROGRAM_NONE;
}

static bool add_name(struct points_shared *shared, struct text name)
{
    if (shared->name_count == shared->name_capacity) {
        uint32_t capacity = shared->name_capacity == 0 ? 8 : shared->name_capacity * 2;
        struct text *grown = memory_resize_array(shared->name, capacity, sizeof *grown);
        if (grown == NULL) return false;
        shared->name = grown;
        shared->name_capacity = capacity;
    }
    char *copy = memory_alloc((size_t)name.size + 1);
    if (copy == NULL) return false;
    if (name.size > 0) memcpy(copy, name.at, name.size);
    shared->name[shared->name_count++] = text_make(copy, name.size);
    return true;
}

/* The name's number, a new one if need be; PROGRAM_NONE when memory is out. */
static uint32_t number_of(struct engine *engine, struct text name)
{
    uint32_t number = points_number(engine, name);
    if (number != PROGRAM_NONE) return number;
    struct points_shared *shared = points_shared(engine);
    if (!add_name(shared, name)) return PROGRAM_NONE;
    return shared->name_count - 1;
}

static struct points_shared *make_shared(struct engine *engine)
{
    struct points_shared *shared = engine->shared_part[PART_POINTS];
    if (shared != NULL) return shared;
    shared = memory_alloc(sizeof *shared);
    if (shared == NULL) return NULL;
    arena_init(&shared->linked, 0);
    engine->shared_part[PART_POINTS] = shared;
    return shared;
}

static void free_shared(struct engine *engine)
{
    struct points_shared *shared = points_shared(engine);
    if (shared == NULL) return;
    for (uint32_t i = 0; i < shared->name_count; i++) memory_release((void *)(uintptr_t)shared->name[i].at);
    memory_release(shared->name);
    arena_deinit(&shared->linked);
    memory_release(shared);
    engine->shared_part[PART_POINTS] = NULL;
}

static void encode_shared(const struct engine *engine, struct buffer *out)
{
    const struct points_shared *shared = points_shared(engine);
    if (shared == NULL || shared->name_count == 0) return;
    buffer_u32(out, shared->name_count);
    for (uint32_t i = 0; i < shared->name_count; i++) buffer_sized_text(out, shared->name[i]);
}

static enum status decode_shared(struct engine *engine, struct buffer_reader *in, struct error *error)
{
    struct points_shared *shared = make_shared(engine);
    if (shared == NULL) return codec_no_memory(error);
    uint32_t count = buffer_read_u32(in);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        struct text name = buffer_read_sized_text(in);
        if (in->failed || points_number(engine, name) != PROGRAM_NONE)
            return codec_corrupt(error, "points stand in it twice");
        if (!add_name(shared, name)) return codec_no_memory(error);
    }
    return OK;
}

/* What a line has over is kept under its points, its event, its rate and its place among lines that are alike in these: a new line before it, or
 * another filter, loses nothing. */
static uint64_t name_line(const struct program *program, const struct bundle_points *points, uint32_t index)
{
    const struct bundle_earn *earn = &program->earn[index];
    struct text name = program_text(program, points->name),
                event = program_text(program, program->event[earn->event].name);
    uint64_t place = 0;
    for (uint32_t i = points->earn_first; i < index; i++) {
        const struct bundle_earn *other = &program->earn[i];
        place += other->event == earn->event && other->num == earn->num && other->den == earn->den;
    }
    uint64_t parts[3] = {(uint64_t)earn->num, (uint64_t)earn->den, place};
    return split_hash64(event.at, event.size, split_hash64(name.at, name.size, split_hash64(parts, sizeof parts, 0)));
}

static void link_feeds(struct points_shared *shared, const struct program *program)
{
    uint32_t next = 0;
    for (uint32_t event = 0; event < program->event_count; event++) {
        shared->feed_first[event] = next;
        for (uint32_t i = 0; i < program->points_count; i++) {
            const struct bundle_points *points = &program->points[i];
            for (uint32_t j = points->earn_first; j < points->earn_first + points->earn_count; j++) {
                if (program->earn[j].event == event) shared->feed[next++] = (struct points_feed){i, j, false};
                if (program->earn[j].reversal == event) shared->feed[next++] = (struct points_feed){i, j, true};
            }
        }
    }
    shared->feed_first[program->event_count] = next;
}

static bool link_ladder(struct engine *engine, struct points_ladder *ladder, const struct bundle_levels *levels)
{
    const struct program *program = &engine->newest->program;
    ladder->zone = zone_find_or_utc(program_text(program, levels->zone));
    ladder->slot = program->attribute[levels->attribute].slot;
    ladder->number = number_of(engine, program_text(program, levels->name));
    ladder->counted = (struct bundle_metric){.aggregate = AGGREGATE_SUM,
                                             .span = levels->span,
                                             .grain = levels->grain,
                                             .window = levels->window,
                                             .rolling_kind = levels->rolling_kind};
    ladder->period = (struct bundle_metric){
        .aggregate = AGGREGATE_SUM, .span = SPAN_THIS, .grain = levels->down == 0 ? GRAIN_MONTH : levels->down_grain};
    ladder->rule = metric_rule_make(&ladder->counted, ladder->zone);
    ladder->down = metric_rule_make(&ladder->period, ladder->zone);
    return ladder->number != PROGRAM_NONE;
}

static bool linked(struct engine *engine)
{
    const struct program *program = &engine->newest->program;
    if (program->points_count == 0 && program->levels_count == 0 && points_shared(engine) == NULL) return true;
    struct points_shared *shared = make_shared(engine);
    if (shared == NULL) return false;
    arena_deinit(&shared->linked);
    arena_init(&shared->linked, 0);
    shared->feed_first = ARENA_ARRAY(&shared->linked, uint32_t, program->event_count + 1);
    shared->feed = ARENA_ARRAY(&shared->linked, struct points_feed, 2 * program->earn_count + 1);
    shared->line = ARENA_ARRAY(&shared->linked, uint64_t, program->earn_count + 1);
    shared->number = ARENA_ARRAY(&shared->linked, uint32_t, program->points_count + 1);
    shared->zone = ARENA_ARRAY(&shared->linked, uint32_t, program->points_count + 1);
    shared->ladder = ARENA_ARRAY(&shared->linked, struct points_ladder, program->levels_count + 1);
    if (shared->linked.failed) return false;
    link_feeds(shared, program);
    for (uint32_t i = 0; i < program->points_count; i++) {
        const struct bundle_points *points = &program->points[i];
        shared->number[i] = number_of(engine, program_text(program, points->name));
        shared->zone[i] = zone_find_or_utc(program_text(program, points->zone));
        if (shared->number[i] == PROGRAM_NONE) return false;
        for (uint32_t j = points->earn_first; j < points->earn_first + points->earn_count; j++)
            shared->line[j] = name_line(program, points, j);
    }
    for (uint32_t i = 0; i < program->levels_count; i++) {
        if (!link_ladder(engine, &shared->ladder[i], &program->levels[i])) return false;
    }
    return true;
}

/* POINTS of the newest program by name, or PROGRAM_NONE. */
static uint32_t find_points(const struct engine *engine, struct text name)
{
    const struct program *program = &engine->newest->program;
    for (uint32_t i = 0; i < program->points_count; i++) {
        if (text_equal(program_text(program, program->points[i].name), name)) return i;
    }
    return PROGRAM_NONE;
}

/* ---------------------------------------------------------------- a player's book */

struct points_book *points_book(struct engine *engine, struct player *player, bool make)
{
    struct points_book *book = parts_of(player, PART_POINTS);
    if (book != NULL || !make) return book;
    struct slab *slab = &state_shard(engine, player->group)->slab;
    book = slab_alloc(slab, sizeof *book);
    if (book == NULL) return state_no_memory(engine);
    if (parts_put(engine, player, PART_POINTS, book)) return book;
    slab_free(slab, book, sizeof *book);
    return NULL;
}

static void free_book(struct engine *engine, struct player *player)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    struct points_book *book = parts_have(player, PART_POINTS);
    for (uint32_t i = 0; i < book->purse_count; i++) purse_release(&book->purse[i], slab);
    slab_free(slab, book->purse, book->purse_capacity * sizeof *book->purse);
    slab_free(slab, book->ladder, book->ladder_capacity * sizeof *book->ladder);
    slab_free(slab, book, sizeof *book);
}

static uint32_t place_of(const struct points_book *book, uint32_t number)
{
    uint32_t at = 0;
    while (at < book->purse_count && book->purse[at].number < number) at++;
    return at;
}

const struct purse *points_purse(const struct player *player, uint32_t number)
{
    const struct points_book *book = parts_of(player, PART_POINTS);
    if (book == NULL || number == PROGRAM_NONE) return NULL;
    uint32_t at = place_of(book, number);
    return at < book->purse_count && book->purse[at].number == number ? &book->purse[at] : NULL;
}

/* The player's purse of these points, an empty one if need be; NULL when memory is out. */
static struct purse *take_purse(struct engine *engine, struct player *player, uint32_t number)
{
    struct points_book *book = points_book(engine, player, true);
    if (book == NULL) return NULL;
    engine->group[player->group].changed = true;
    uint32_t at = place_of(book, number);
    if (at < book->purse_count && book->purse[at].number == number) return &book->purse[at];
    if (book->purse_count == book->purse_capacity) {
        struct slab *slab = &state_shard(engine, player->group)->slab;
        uint32_t capacity = book->purse_capacity == 0 ? 1 : book->purse_capacity * 2;
        struct purse *grown = slab_alloc(slab, capacity * sizeof *grown);
        if (grown == NULL) return state_no_memory(engine);
        if (book->purse_count > 0) memcpy(grown, book->purse, book->purse_count * sizeof *grown);
        slab_free(slab, book->purse, book->purse_capacity * sizeof *grown);
        book->purse = grown;
        book->purse_capacity = capacity;
    }
    memmove(&book->purse[at + 1], &book->purse[at], (book->purse_count - at) * sizeof *book->purse);
    book->purse_count++;
    book->purse[at] = (struct purse){.number = number};
    return &book->purse[at];
}

/* ---------------------------------------------------------------- bytes */

static void encode_book(const struct engine *engine, const struct player *player, struct buffer *out)
{
    (void)engine;
    const struct points_book *book = parts_have(player, PART_POINTS);
    uint32_t purses = 0, ladders = 0;
    for (uint32_t i = 0; i < book->purse_count; i++) purses += !purse_is_empty(&book->purse[i]);
    for (uint32_t i = 0; i < book->ladder_count; i++) ladders += book->ladder[i].due != STATE_NEVER;
    if (purses == 0 && ladders == 0) return;
    buffer_u32(out, purses);
    for (uint32_t i = 0; i < book->purse_count; i++) {
        if (!purse_is_empty(&book->purse[i])) purse_encode(&book->purse[i], out);
    }
    buffer_u32(out, ladders);
    for (uint32_t i = 0; i < book->ladder_count; i++) {
        if (book->ladder[i].due == STATE_NEVER) continue;
        buffer_u32(out, book->ladder[i].number);
        buffer_i64(out, book->ladder[i].due);
    }
}

static enum status decode_book(struct engine *engine, struct player *player, struct buffer_reader *in,
                               struct error *error)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    const struct points_shared *shared = points_shared(engine);
    uint32_t names = shared == NULL ? 0 : shared->name_count, next = 0;
    struct points_book *book = points_book(engine, player, true);
    if (book == NULL) return codec_no_memory(error);
    uint32_t purses = buffer_read_u32(in);
    for (uint32_t i = 0; i < purses && !in->failed; i++) {
        struct purse read = {0};
        enum status status = purse_decode(&read, slab, in, error);
        if (status == OK && (read.number >= names || read.number < next))
            status = codec_corrupt(error, "points have no name");
        struct purse *purse = status == OK ? take_purse(engine, player, read.number) : NULL;
        if (purse == NULL) {
            purse_release(&read, slab);
            return status != OK ? status : codec_no_memory(error);
        }
        *purse = read;
        next = read.number + 1;
    }
    uint32_t ladders = buffer_read_u32(in);
    if (in->failed || ladders > LIMIT_LADDERS) return codec_corrupt(error, "a player stands on too many levels");
    book->ladder = slab_alloc(slab, ladders * sizeof *book->ladder);
    if (book->ladder == NULL) return codec_no_memory(error);
    book->ladder_capacity = ladders;
    next = 0;
    for (uint32_t i = 0; i < ladders; i++) {
        struct ladder ladder = {.number = buffer_read_u32(in)};
        ladder.due = buffer_read_i64(in);
        if (in->failed || ladder.number >= names || ladder.number < next)
            return codec_corrupt(error, "levels have no name");
        book->ladder[book->ladder_count++] = ladder;
        next = ladder.number + 1;
    }
    return OK;
}

/* ---------------------------------------------------------------- what is told */

static void tell(struct engine *engine, struct player *player, enum role role, struct text name, int64_t amount,
                 const struct purse *purse, const uint8_t *effect, struct text key)
{
    struct announcement what = {.role = role,
                                .player = player,
                                .about = name,
                                .effect = effect,
                                .key = key,
                                .known = 1u << FIELD_AMOUNT | 1u << FIELD_BALANCE | 1u << FIELD_OWED,
                                .value = {amount, purse->balance, purse->debt},
                                .currency = PROGRAM_NONE};
    announce(engine, &what);
}

/* ---------------------------------------------------------------- earning */

/* When points that were earned at `at` are gone; PURSE_NEVER. */
static int64_t expires_at(const struct engine *engine, uint32_t points, int64_t at)
{
    const struct bundle_points *record = &engine->newest->program.points[points];
    uint32_t zone = points_shared(engine)->zone[points];
    if (record->expires_kind == WINDOW_NONE) return PURSE_NEVER;
    if (record->expires_kind == WINDOW_EXACT) {
        int64_t end = at + record->expires, over = end % CIVIL_MINUTE_MS;
        return end - (over < 0 ? over + CIVIL_MINUTE_MS : over);
    }
    int64_t date =
        civil_add_months(zone_date(zone, at), calendar_months(record->expires)) + calendar_days(record->expires);
    return zone_date_start(zone, date) + calendar_ms(record->expires);
}

/* What one line gives for the event, or takes. */
static void feed(struct engine *engine, struct player *player, const struct points_feed *feed,
                 const struct kept_event *event)
{
    const struct points_shared *shared = points_shared(engine);
    const struct program *program = &engine->newest->program;
    const struct bundle_earn *earn = &program->earn[feed->earn];
    const struct bundle_points *points = &program->points[feed->points];
    uint32_t zone = shared->zone[feed->points];
    int64_t value = 0, whole = 0, at = event->slot[PROGRAM_SLOT_TIME];
    if (!measure_event(engine, feed->reversal ? earn->reversal_code : earn->code, event, zone, &value)) return;
    if (feed->reversal) {
        at = engine->original_at;
        value = -value;
    }
    if (at > engine->now) at = engine->now;
    struct purse *purse = take_purse(engine, player, shared->number[feed->points]);
    if (purse == NULL) return;
    struct slab *slab = &state_shard(engine, player->group)->slab;
    bool fine = purse_measure(purse, slab, shared->line[feed->earn], value, earn->num, earn->den,
                              points->rest_dropped != 0, &whole);
    if (fine && whole != 0)
        fine = purse_count(purse, slab, zone_date(zone, at), whole, levels_oldest(engine, feed->points));
    int64_t expires = expires_at(engine, feed->points, at);
    /* What would be gone by now is neither had nor owed. */
    if (fine && whole > 0 && expires > engine->now) fine = purse_add(purse, slab, whole, expires);
    if (fine && whole < 0 && expires > engine->now) purse_take_back(purse, -whole, expires);
    if (!fine) {
        (void)state_no_memory(engine);
        return;
    }
    if (whole != 0) property_changed(engine, player);
    struct text name = program_text(program, points->name);
    enum role role = whole > 0 ? ROLE_POINTS_EARNED : ROLE_POINTS_TAKEN_BACK;
    if (whole != 0 && announce_is_heard(engine, role)) {
        struct text id = roles_id(event);
        uint64_t key[2] = {split_hash64(id.at, id.size, 0), shared->line[feed->earn]};
        tell(engine, player, role, name, whole > 0 ? whole : -whole, purse, NULL,
             text_make((const char *)key, sizeof key));
    }
    if (whole > 0 && levels_rises(engine, player, feed->points)) {
        struct turn climb = {.kind = TURN_LEVELS, .player = player};
        fold_cause(engine, engine->turn, climb);
    }
}

/* ---------------------------------------------------------------- spending */

/* Segments and lines that watch see it in a turn of the next generation: nothing is judged in the middle of an activation, or where requests
 * are served. */
static void show(struct engine *engine, struct player *player)
{
    if (engine->turn == NULL) return;
    struct turn shows = {.kind = TURN_LEVELS, .player = player};
    fold_cause(engine, engine->turn, shows);
}

int64_t points_balance(const struct engine *engine, const struct player *player, struct text name)
{
    const struct purse *purse = points_purse(player, points_number(engine, name));
    return purse == NULL ? 0 : purse->balance;
}

bool points_spend(struct engine *engine, struct player *player, struct text name, int64_t points, const uint8_t *effect,
                  struct text key)
{
    if (points < 0 || points_balance(engine, player, name) < points) return false;
    uint32_t number = points_number(engine, name);
    if (number == PROGRAM_NONE) return false;
    if (points == 0) return true;
    struct purse *purse = take_purse(engine, player, number);
    if (purse == NULL || !purse_spend(purse, points)) return false;
    show(engine, player);
    parts_arm(engine, player);
    tell(engine, player, ROLE_POINTS_SPENT, name, points, purse, effect, key);
    return true;
}

int64_t points_left(void *context, uint32_t points)
{
    const struct metric_reads *reads = context;
    const struct program *program = &reads->use->program;
    return points_balance(reads->engine, reads->player, program_text(program, program->points[points].name));
}

/* The platform asks: `points_spend`. */
static void answer_spend(struct engine *engine, const struct turn *turn, struct player *player,
                         const struct kept_event *event)
{
    struct text name = TEXT(""), source = turn->pending == NULL ? TEXT("") : turn->pending->record.source;
    int64_t points = 0;
    (void)roles_about(event, &name);
    bool known = find_points(engine, name) != PROGRAM_NONE;
    bool asked = roles_number(engine, ROLE_POINTS_SPEND, FIELD_AMOUNT, event, &points) && points > 0;
    enum reason reason = !known ? REASON_NOT_KNOWN : !asked ? REASON_AMOUNT_ZERO : REASON_NONE;
    if (reason == REASON_NONE && !points_spend(engine, player, name, points, NULL, roles_id(event)))
        reason = REASON_INSUFFICIENT;
    if (engine->failed != OK) return;
    struct answer_value values[] = {
        {.name = "balance", .kind = TYPE_WHOLE, .of = PROGRAM_NONE, .value = points_balance(engine, player, name)}};
    answers_give(engine, player, event, source, reason, TEXT(""), values, known ? 1 : 0);
}

/* ---------------------------------------------------------------- rewards, tests, figures */

bool points_reward(struct engine *engine, struct player *player, struct text name, int64_t points, int64_t expires)
{
    uint32_t record = find_points(engine, name);
    if (record == PROGRAM_NONE || points <= 0) return false;
    if (expires == 0) expires = expires_at(engine, record, engine->now);
    struct purse *purse = take_purse(engine, player, points_shared(engine)->number[record]);
    if (purse == NULL) return true;
    if (expires > engine->now && !purse_add(purse, &state_shard(engine, player->group)->slab, points, expires))
        (void)state_no_memory(engine);
    show(engine, player);
    parts_arm(engine, player);
    return true;
}

bool points_of_credit(const struct program *program, const struct bundle_offer *offer, const int64_t *values,
                      const uint8_t *bytes, struct text *name_out, int64_t *points_out)
{
    const struct bundle_action *action = &program->action[offer->action];
    if (!text_equal(program_text(program, action->name), TEXT("points"))) return false;
    *name_out = TEXT("");
    *points_out = 0;
    for (uint32_t i = 0; i < action->parameter_count; i++) {
        const struct bundle_parameter *parameter = &program->parameter[action->parameter_first + i];
        struct text name = program_text(program, parameter->name);
        if (parameter->kind == TYPE_TEXT && text_equal(name, TEXT("unit")))
            *name_out = text_make((const char *)bytes + handle_offset(values[i]), handle_size(values[i]));
        if (parameter->kind == TYPE_WHOLE && text_equal(name, TEXT("amount"))) *points_out = values[i];
    }
    return *points_out > 0;
}

void points_reward_back(struct engine *engine, struct player *player, struct text name, int64_t points, int64_t expires,
                        int64_t granted_at, const uint8_t effect[16])
{
    uint32_t record = find_points(engine, name);
    if (record == PROGRAM_NONE || points <= 0) return;
    if (expires == 0) expires = expires_at(engine, record, granted_at);
    if (expires <= engine->now) return;
    struct purse *purse = take_purse(engine, player, points_shared(engine)->number[record]);
    if (purse == NULL) return;
    purse_take_back(purse, points, expires);
    show(engine, player);
    parts_arm(engine, player);
    if (announce_is_heard(engine, ROLE_POINTS_TAKEN_BACK))
        tell(engine, player, ROLE_POINTS_TAKEN_BACK, name, points, purse, effect, TEXT(""));
}

void points_given(struct engine *engine, struct player *player, struct text name, int64_t points)
{
    uint32_t record = find_points(engine, name);
    if (record == PROGRAM_NONE) return;
    struct purse *purse = take_purse(engine, player, points_shared(engine)->number[record]);
    struct slab *slab = &state_shard(engine, player->group)->slab;
    if (purse == NULL) return;
    purse_release(purse, slab);
    int64_t date = zone_date(points_shared(engine)->zone[record], engine->now);
    bool fine = points <= 0 || purse_add(purse, slab, points, expires_at(engine, record, engine->now));
    fine = fine && (points == 0 || purse_count(purse, slab, date, points, levels_oldest(engine, record)));
    if (!fine) (void)state_no_memory(engine);
    parts_arm(engine, player);
}

int64_t points_figure(const struct engine *engine, const struct player *player, struct text name,
                      enum points_figure figure, int64_t now, int64_t *changes_at)
{
    *changes_at = INT64_MAX;
    const struct program *program = &engine->newest->program;
    if (figure == POINTS_COUNTED) {
        for (uint32_t i = 0; i < program->levels_count; i++) {
            if (text_equal(program_text(program, program->levels[i].name), name))
                return levels_counted(engine, player, i, now, changes_at);
        }
        return 0;
    }
    const struct purse *purse = points_purse(player, points_number(engine, name));
    if (purse == NULL) return 0;
    if (figure == POINTS_EARNED) return purse->earned < 0 ? 0 : purse->earned;
    int64_t gone = purse_expiring(purse, now);
    /* What a late deadline of this instant still has to drop is gone already. */
    if (figure == POINTS_BALANCE) {
        if (purse_next(purse) > now) *changes_at = purse_next(purse);
        return purse->balance - gone;
    }
    for (uint32_t i = 0; i < purse->lot_count; i++) {
        int64_t expires = purse->lot[i].expires;
        if (expires == PURSE_NEVER || expires <= now) continue;
        int64_t enters = expires - EXPIRING_MS;
        int64_t change = enters > now ? enters : expires;
        if (change < *changes_at) *changes_at = change;
    }
    return purse_expiring(purse, now + EXPIRING_MS) - gone;
}

void points_list(struct engine *engine, const struct player *player,
                 void (*take)(void *context, const struct points_item *item), void *context)
{
    const struct points_shared *shared = points_shared(engine);
    const struct points_book *book = parts_of(player, PART_POINTS);
    for (uint32_t i = 0; book != NULL && i < book->purse_count; i++) {
        const struct purse *purse = &book->purse[i];
        if (purse->balance == 0 && purse->debt == 0) continue;
        struct points_item item = {.name = shared->name[purse->number],
                                   .balance = purse->balance,
                                   .owed = purse->debt,
                                   .goes = purse->lot_count == 0 ? 0 : purse->lot[0].left,
                                   .goes_at = purse_next(purse)};
        take(context, &item);
    }
    for (uint32_t i = 0; shared != NULL && i < engine->newest->program.levels_count; i++) {
        struct points_item item = {.levels = true, .goes_at = PURSE_NEVER};
        levels_show(engine, player, i, &item);
        take(context, &item);
    }
}

/* ---------------------------------------------------------------- the part */

static bool hears(const struct engine *engine, uint32_t event)
{
    const struct points_shared *shared = points_shared(engine);
    if (roles_of(engine, event) == ROLE_POINTS_SPEND) return true;
    return shared != NULL && shared->feed_first[event] < shared->feed_first[event + 1];
}

static void take_event(struct engine *engine, const struct turn *turn, struct player *player,
                       const struct kept_event *event)
{
    const struct points_shared *shared = points_shared(engine);
    uint32_t first = shared == NULL ? 0 : shared->feed_first[event->event],
             end = shared == NULL ? 0 : shared->feed_first[event->event + 1];
    for (uint32_t i = first; i < end && engine->failed == OK; i++) {
        if (shared->feed[i].reversal && !engine->reverses) continue;
        feed(engine, player, &shared->feed[i], event);
    }
    if (engine->failed == OK && roles_of(engine, event->event) == ROLE_POINTS_SPEND)
        answer_spend(engine, turn, player, event);
}

static int64_t due(const struct engine *engine, const struct player *player)
{
    (void)engine;
    const struct points_book *book = parts_have(player, PART_POINTS);
    int64_t first = STATE_NEVER;
    for (uint32_t i = 0; i < book->purse_count; i++) first = civil_earlier(first, purse_next(&book->purse[i]));
    for (uint32_t i = 0; i < book->ladder_count; i++) first = civil_earlier(first, book->ladder[i].due);
    return first;
}

static void fire(struct engine *engine, const struct turn *turn, struct player *player)
{
    struct points_book *book = parts_have(player, PART_POINTS);
    const struct points_shared *shared = points_shared(engine);
    for (uint32_t i = 0; i < book->purse_count; i++) {
        int64_t gone = purse_expire(&book->purse[i], turn->due);
        if (gone == 0) continue;
        property_changed(engine, player);
        tell(engine, player, ROLE_POINTS_EXPIRED, shared->name[book->purse[i].number], gone, &book->purse[i], NULL,
             TEXT(""));
    }
    levels_judge(engine, player, turn->due);
}

const struct part points_part = {
    .name = "points",
    .free = free_book,
    .encode = encode_book,
    .decode = decode_book,
    .due = due,
    .fire = fire,
    .hears = hears,
    .event = take_event,
    .free_shared = free_shared,
    .encode_shared = encode_shared,
    .decode_shared = decode_shared,
    .linked = linked,
};
