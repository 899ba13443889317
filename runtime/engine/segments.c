/* Watched segments: what touches them, judging, keeping. See segments.h. */
#include "runtime/engine/segments.h"

#include <stdlib.h>

#include "runtime/engine/codec.h"
#include "runtime/engine/gates.h"
#include "vm/layout.h"
#include "vm/memory.h"

/* ---------------------------------------------------------------- what a filter reads */

/* By event and by player slot: whether the filter under way reads it. */
struct reads {
    const struct use *use;
    bool *event, *slot;
    bool *
        reached; /* Work space, by instruction of region 0: once for the filter, once for the formulas that it reads. */
    bool within; /* A formula. */
};

static void read_code(struct reads *reads, uint32_t pc);

static void read_slot(struct reads *reads, uint32_t slot)
{
    if (slot < reads->use->program.workspace->player_slot_count) reads->slot[slot] = true;
}

/* A metric's days may be those of the player's zone. A formula reads what its code reads: metrics that are none. */
static void read_metric(struct reads *reads, uint32_t number)
{
    const struct bundle_metric *metric = &reads->use->program.metric[number];
    if (metric->event != PROGRAM_NONE) reads->event[metric->event] = true;
    if (metric->reversal != PROGRAM_NONE) reads->event[metric->reversal] = true;
    if (metric->players_zone) read_slot(reads, reads->use->zone_slot);
    if (metric->aggregate == AGGREGATE_PROPERTY) read_slot(reads, PROGRAM_SLOT_PLAYER_ID); /* property_changed() */
    if (metric->aggregate != AGGREGATE_FORMULA || reads->within) return;
    reads->within = true;
    read_code(reads, metric->code);
    reads->within = false;
}

static void read_operand(struct reads *reads, enum operand kind, int64_t operand)
{
    switch (kind) {
    case OPERAND_PLAYER:
    case OPERAND_PLAYER_TEXT:
    case OPERAND_PLAYER_ANY: read_slot(reads, (uint32_t)operand); return;
    case OPERAND_PLACE:
        if (operand == PLACE_PLAYER) read_slot(reads, reads->use->zone_slot);
        return;
    case OPERAND_METRIC:
    case OPERAND_METRIC_TEXT:
    case OPERAND_METRIC_ANY: read_metric(reads, (uint32_t)operand); return;
    default: return;
    }
}

static bool ends(uint16_t op)
{
    return op == OP_ACCEPT || op == OP_REJECT || op == OP_JUMP || op == OP_YIELD || op == OP_YIELD_TEXT;
}

/* All code that can be reached from `pc`: skips go forward, so one pass finds it. */
static void read_code(struct reads *reads, uint32_t pc)
{
    const struct program *program = &reads->use->program;
    const struct bundle_region *region = &program->region[0];
    uint32_t first = region->code_first, count = region->code_count;
    bool *reached = reads->reached + (reads->within ? count : 0);
    memset(reached, 0, count * sizeof *reached);
    if (pc < first || pc - first >= count) return;
    reached[pc - first] = true;
    for (uint32_t i = pc - first; i < count; i++) {
        if (!reached[i]) continue;
        const struct instruction *at = &program->instruction[first + i];
        const struct layout_opcode *row = layout_opcode(at->op);
        if (row == NULL) continue;
        read_operand(reads, row->a, at->a);
        read_operand(reads, row->b, at->b);
        read_operand(reads, row->c, at->c);
        read_operand(reads, row->imm, at->imm);
        if (row->c == OPERAND_SKIP && i + 1 + at->c < count) reached[i + 1 + at->c] = true;
        if (!ends(at->op) && i + 1 < count) reached[i + 1] = true;
    }
}

/* ---------------------------------------------------------------- the watched segments of a program */

static bool is_watched(const struct program *program, uint32_t segment)
{
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        if (program->campaign[i].start_segment == segment) return true;
    }
    return false;
}

static void sort_watches(const struct program *program, struct watch *watch, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct watch moved = watch[i];
        struct text name = program_text(program, program->segment[moved.segment].name);
        uint32_t at = i;
        while (at > 0 && text_compare(program_text(program, program->segment[watch[at - 1].segment].name), name) > 0) {
            watch[at] = watch[at - 1];
            at--;
        }
        watch[at] = moved;
    }
}

/* Lists, for each of `count` things, the watched segments that read it: `read` has a row of `count` flags for each watched segment. */
static bool list_touched(struct use *use, uint32_t **first_out, uint32_t **list_out, const bool *read, uint32_t count)
{
    uint32_t total = 0;
    for (size_t i = 0; i < (size_t)use->watch_count * count; i++) total += read[i];
    uint32_t *first = ARENA_ARRAY(&use->memory, uint32_t, count + 1);
    uint32_t *list = ARENA_ARRAY(&use->memory, uint32_t, total + 1);
    if (first == NULL || list == NULL) return false;
    uint32_t next = 0;
    for (uint32_t i = 0; i < count; i++) {
        first[i] = next;
        for (uint32_t w = 0; w < use->watch_count; w++) {
            if (read[(size_t)w * count + i]) list[next++] = w;
        }
    }
    first[count] = next;
    *first_out = first;
    *list_out = list;
    return true;
}

static bool list_starts(struct use *use)
{
    const struct program *program = &use->program;
    use->watch_campaign = ARENA_ARRAY(&use->memory, uint32_t, program->campaign_count + 1);
    if (use->watch_campaign == NULL) return false;
    uint32_t next = 0;
    for (uint32_t w = 0; w < use->watch_count; w++) {
        use->watch[w].campaign_first = next;
        for (uint32_t i = 0; i < program->campaign_count; i++) {
            if (program->campaign[i].start_segment == use->watch[w].segment) use->watch_campaign[next++] = i;
        }
        use->watch[w].campaign_count = next - use->watch[w].campaign_first;
    }
    return true;
}

bool segments_prepare(struct use *use)
{
    const struct program *program = &use->program;
    uint32_t events = program->event_count, slots = program->workspace->player_slot_count;
    use->watch = ARENA_ARRAY(&use->memory, struct watch, program->segment_count + 1);
    if (use->watch == NULL) return false;
    for (uint32_t i = 0; i < program->segment_count; i++) {
        if (!is_watched(program, i)) continue;
        const struct bundle_segment *segment = &program->segment[i];
        use->watch[use->watch_count++] =
            (struct watch){.segment = i, .identity = {segment->semantic_0, segment->semantic_1}};
    }
    if (use->watch_count == 0) return true;
    sort_watches(program, use->watch, use->watch_count);
    bool *event = memory_alloc_array((size_t)use->watch_count * events + 1, sizeof *event);
    bool *slot = memory_alloc_array((size_t)use->watch_count * slots + 1, sizeof *slot);
    bool *reached = memory_alloc_array((size_t)program->region[0].code_count * 2 + 1, sizeof *reached);
    bool done = event != NULL && slot != NULL && reached != NULL;
    for (uint32_t w = 0; done && w < use->watch_count; w++) {
        struct reads reads = {
            .use = use, .event = event + (size_t)w * events, .slot = slot + (size_t)w * slots, .reached = reached};
        read_code(&reads, program->segment[use->watch[w].segment].filter);
    }
    done = done && list_touched(use, &use->touch_event_first, &use->touch_event, event, events) &&
           list_touched(use, &use->touch_slot_first, &use->touch_slot, slot, slots) && list_starts(use);
    memory_release(event);
    memory_release(slot);
    memory_release(reached);
    return done;
}

/* ---------------------------------------------------------------- touching */

bool segments_make_room(struct engine *engine)
{
    uint32_t count = engine->newest->watch_count;
    uint32_t *touched = memory_resize_array(engine->touched, count + 1, sizeof *touched);
    if (touched == NULL) return false;
    engine->touched = touched;
    bool *is_touched = memory_resize_array(engine->is_touched, count + 1, sizeof *is_touched);
    if (is_touched == NULL) return false;
    engine->is_touched = is_touched;
    memset(is_touched, 0, (count + 1) * sizeof *is_touched);
    engine->touched_count = 0;
    return true;
}

static void touch(struct engine *engine, uint32_t watch)
{
    if (engine->is_touched[watch]) return;
    engine->is_touched[watch] = true;
    engine->touched[engine->touched_count++] = watch;
}

void segments_touch_slot(struct engine *engine, uint32_t slot)
{
    const struct use *use = engine->newest;
    if (use->watch_count == 0) return;
    for (uint32_t i = use->touch_slot_first[slot]; i < use->touch_slot_first[slot + 1]; i++)
        touch(engine, use->touch_slot[i]);
}

void segments_touch_event(struct engine *engine, uint32_t event)
{
    const struct use *use = engine->newest;
    if (use->watch_count == 0) return;
    for (uint32_t i = use->touch_event_first[event]; i < use->touch_event_first[event + 1]; i++)
        touch(engine, use->touch_event[i]);
}

/* ---------------------------------------------------------------- a player's entries */

static int64_t earliest_check(const struct player *player)
{
    int64_t due = STATE_NEVER;
    for (uint32_t i = 0; i < player->member_count; i++) {
        if (player->member[i].check < due) due = player->member[i].check;
    }
    return due;
}

/* The place of a watched segment among the player's entries, or where it would go. */
static uint32_t place_of(const struct player *player, uint32_t watch)
{
    uint32_t low = 0, high = player->member_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (player->member[middle].watch < watch) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool grow(struct engine *engine, struct player *player)
{
    if (player->member_count < player->member_capacity) return true;
    struct slab *slab = &state_shard(engine, player->group)->slab;
    uint32_t capacity = player->member_capacity == 0 ? 2 : player->member_capacity * 2;
    struct member *member = slab_alloc(slab, capacity * sizeof *member);
    if (member == NULL) {
        (void)state_no_memory(engine);
        return false;
    }
    if (player->member_count > 0) memcpy(member, player->member, player->member_count * sizeof *member);
    slab_free(slab, player->member, player->member_capacity * sizeof *member);
    player->member = member;
    player->member_capacity = capacity;
    return true;
}

static bool was_in(const struct player *player, uint32_t watch)
{
    uint32_t at = place_of(player, watch);
    return at < player->member_count && player->member[at].watch == watch && player->member[at].in;
}

/* Writes one entry down; takes it out where there is nothing to keep. */
static void keep(struct engine *engine, struct player *player, struct member entry)
{
    uint32_t at = place_of(player, entry.watch);
    bool found = at < player->member_count && player->member[at].watch == entry.watch;
    bool needed = entry.in || entry.check != STATE_NEVER;
    if (!found && !needed) return;
    engine->group[player->group].changed = true;
    if (found && needed) {
        player->member[at] = entry;
    } else if (found) {
        player->member_count--;
        memmove(&player->member[at], &player->member[at + 1], (player->member_count - at) * sizeof *player->member);
    } else {
        if (!grow(engine, player)) return;
        memmove(&player->member[at + 1], &player->member[at], (player->member_count - at) * sizeof *player->member);
        player->member[at] = entry;
        player->member_count++;
    }
}

/* ---------------------------------------------------------------- judging */

bool segments_holds(struct engine *engine, struct player *player, uint32_t segment, int64_t now, int64_t *changes_at)
{
    struct activation *judge = engine->judge;
    gates_aim(engine, player, now);
    judge->now = now; /* Membership lives in the player's time, also where gates judge by a later tick. */
    judge->changes_at = STATE_NEVER;
    bool holds = interp_filter(judge, engine->newest->program.segment[segment].filter);
    *changes_at = judge->changes_at > now ? judge->changes_at : now + 1;
    return holds;
}

/* The starts that a change of membership causes, each with the place of its campaign among the player's turns. */
static void cause_starts(struct engine *engine, const struct turn *turn, struct player *player,
                         const struct watch *watch, bool entered)
{
    const struct use *use = engine->newest;
    for (uint32_t i = 0; i < watch->campaign_count; i++) {
        uint32_t campaign = use->watch_campaign[watch->campaign_first + i];
        bool on_entering = use->program.campaign[campaign].start_kind == START_ENTERING;
        if (on_entering != entered) continue;
        struct title *title = use->plan[campaign].title;
        struct turn start = {.kind = TURN_START, .player = player, .title = title, .rank = title->rank};
        fold_cause(engine, turn, start);
    }
}

static void judge(struct engine *engine, const struct turn *turn, struct player *player, uint32_t number, int64_t now)
{
    const struct watch *watch = &engine->newest->watch[number];
    struct member entry = {.watch = number};
    bool before = was_in(player, number);
    entry.in = segments_holds(engine, player, watch->segment, now, &entry.check);
    keep(engine, player, entry);
    if (turn != NULL && entry.in != before && engine->failed == OK) cause_starts(engine, turn, player, watch, entry.in);
}

static int compare_numbers(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

void segments_judge(struct engine *engine, const struct turn *turn, struct player *player, int64_t now)
{
    uint32_t watches = engine->newest->watch_count;
    if (engine->fill != NULL || (engine->touched_count == 0 && player->judged)) return;
    if (!player->judged) {
        for (uint32_t i = 0; i < watches; i++) touch(engine, i);
        player->judged = true;
        engine->group[player->group].changed = true;
    }
    if (engine->touched_count > 1)
        qsort(engine->touched, engine->touched_count, sizeof *engine->touched, compare_numbers);
    for (uint32_t i = 0; i < engine->touched_count; i++) {
        engine->is_touched[engine->touched[i]] = false;
        if (engine->failed == OK) judge(engine, turn, player, engine->touched[i], now);
    }
    engine->touched_count = 0;
    player->members_due = earliest_check(player);
}

void segments_due(struct engine *engine, const struct turn *turn, struct player *player, int64_t now)
{
    for (uint32_t i = 0; i < player->member_count; i++) {
        if (player->member[i].check <= now) touch(engine, player->member[i].watch);
    }
    segments_judge(engine, turn, player, now);
}

void segments_set(struct engine *engine, struct player *player, int64_t now)
{
    player->judged = false;
    segments_judge(engine, NULL, player, now);
}

/* ---------------------------------------------------------------- another program */

static uint32_t find_watch(const struct use *use, const struct watch *wanted)
{
    for (uint32_t i = 0; i < use->watch_count; i++) {
        if (use->watch[i].identity[0] == wanted->identity[0] && use->watch[i].identity[1] == wanted->identity[1])
            return i;
    }
    return PROGRAM_NONE;
}

/* What is kept of the old program's entries, by the numbers of the new one: `to` by old number. Entries stay in order of names; a forged program
 * may name two segments alike, and then one of them keeps what was known. */
static void renumber(struct player *player, const uint32_t *to)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < player->member_count; i++) {
        struct member entry = player->member[i];
        entry.watch = to[entry.watch];
        if (entry.watch == PROGRAM_NONE) continue;
        uint32_t at = kept;
        while (at > 0 && player->member[at - 1].watch > entry.watch) at--;
        if (at > 0 && player->member[at - 1].watch == entry.watch) continue;
        memmove(&player->member[at + 1], &player->member[at], (kept - at) * sizeof entry);
        player->member[at] = entry;
        kept++;
    }
    player->member_count = kept;
}

/* Whether a watch that awards is new and the player meets it: then he enters it at the next instant. */
static bool will_enter(struct engine *engine, struct player *player, uint32_t number)
{
    const struct watch *watch = &engine->newest->watch[number];
    struct member entry = {.watch = number};
    if (engine->newest->program.segment[watch->segment].awards == 0) return false;
    if (!segments_holds(engine, player, watch->segment, engine->now, &entry.check)) return false;
    entry.check = engine->now + 1;
    keep(engine, player, entry);
    return true;
}

bool segments_move_players(struct engine *engine, const struct use *old)
{
    const struct use *use = engine->newest;
    if (old->watch_count == 0 && use->watch_count == 0) return true;
    uint32_t *to = memory_alloc_array(old->watch_count + 1, sizeof *to);
    bool *known = memory_alloc_array(use->watch_count + 1, sizeof *known);
    bool moved = to != NULL && known != NULL;
    for (uint32_t i = 0; moved && i < old->watch_count; i++) {
        to[i] = find_watch(use, &old->watch[i]);
        if (to[i] != PROGRAM_NONE) known[to[i]] = true;
    }
    for (uint32_t i = 0; i < RECORD_GROUPS && moved; i++) {
        struct group *group = state_group(engine, i);
        for (uint32_t j = 0; j < group->capacity && moved; j++) {
            struct player *player = group->seat[j].player;
            if (player == NULL) continue;
            if (!player->judged) continue; /* No record of his has come yet: the first one judges him. */
            renumber(player, to);
            for (uint32_t w = 0; w < use->watch_count && engine->failed == OK; w++) {
                if (!known[w] && !will_enter(engine, player, w)) touch(engine, w);
            }
            segments_judge(engine, NULL, player, engine->now);
            player->members_due = earliest_check(player);
            group->changed = true;
            state_arm_player(engine, player);
            moved = engine->failed == OK;
        }
    }
    memory_release(to);
    memory_release(known);
    return moved;
}

/* ---------------------------------------------------------------- checkpoints */

void segments_write(const struct player *player, struct buffer *out)
{
    buffer_u8(out, player->judged);
    buffer_u32(out, player->member_count);
    for (uint32_t i = 0; i < player->member_count; i++) {
        buffer_u32(out, player->member[i].watch);
        buffer_u8(out, player->member[i].in);
        buffer_i64(out, player->member[i].check);
    }
}

enum status segments_read(struct engine *engine, struct player *player, struct buffer_reader *in, struct error *error)
{
    bool judged = buffer_read_u8(in) != 0;
    uint32_t count = buffer_read_u32(in), watches = engine->newest->watch_count, least = 0;
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        struct member entry = {.watch = buffer_read_u32(in)};
        entry.in = buffer_read_u8(in) != 0;
        entry.check = buffer_read_i64(in);
        if (in->failed || !judged || entry.watch < least || entry.watch >= watches) {
            return codec_corrupt(error, "a player is in a segment that the program does not watch");
        }
        least = entry.watch + 1;
        if (!grow(engine, player)) return codec_no_memory(error);
        player->member[player->member_count++] = entry;
    }
    player->judged = judged;
    player->members_due = earliest_check(player);
    return OK;
}
