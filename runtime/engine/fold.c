/* Instants and generations: which turn runs when. See fold.h for the picture.
 *
 * A turn's work is elsewhere: records.c for what a record does, journey.c and entry.c for campaigns, requests.c for shared objects.
 * One thread runs all turns in order; shards only divide who lies where.
 */
#include "runtime/engine/fold.h"

#include <stdlib.h>

#include "runtime/engine/effects.h"
#include "runtime/engine/parts.h"
#include "runtime/engine/records.h"
#include "runtime/engine/requests.h"
#include "runtime/engine/reward.h"
#include "runtime/engine/run.h"
#include "vm/civil.h"
#include "vm/memory.h"

struct turn_list {
    struct turn *turn;
    uint32_t count, capacity;
};

struct turn_queue {
    struct turn_list now, next;   /* This generation and the one after. */
    struct request *first, *last; /* Asked in this generation, in turn order. */
    struct player **popped;       /* Whose heap entries were taken: armed again when the instant has ended. */
    uint32_t popped_count, popped_capacity;
    uint64_t serial;
};

bool fold_open(struct engine *engine)
{
    engine->queue = memory_alloc(sizeof *engine->queue);
    return engine->queue != NULL;
}

void fold_release(struct engine *engine)
{
    if (engine->queue == NULL) return;
    memory_release(engine->queue->now.turn);
    memory_release(engine->queue->next.turn);
    memory_release(engine->queue->popped);
    memory_release(engine->queue);
    engine->queue = NULL;
}

/* ---------------------------------------------------------------- the order */

static int compare_numbers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static struct text player_of(const struct turn *turn, struct text *brand)
{
    if (turn->pending != NULL) {
        *brand = turn->pending->record.brand;
        return turn->pending->record.player;
    }
    *brand = state_player_brand(turn->player);
    return state_player_id(turn->player);
}

static int compare_players(const struct turn *a, const struct turn *b)
{
    if (a->player != NULL && a->player == b->player) return 0;
    struct text brand_a, brand_b, id_a = player_of(a, &brand_a), id_b = player_of(b, &brand_b);
    return state_compare_players(id_a, brand_a, id_b, brand_b);
}

static int compare_ids(const struct record *a, const struct record *b)
{
    int order = text_compare_id(a->id, b->id);
    return order != 0 ? order : text_compare_id(a->source, b->source);
}

/* Records that are equal in all that orders them are told apart by what they say, so that their arrival never shows. */
static int compare_content(const struct record *a, const struct record *b)
{
    int order = compare_numbers(a->kind, b->kind);
    if (order == 0) order = compare_numbers(a->at, b->at);
    if (order == 0) order = a->content < b->content ? -1 : a->content > b->content;
    return order != 0 ? order : memcmp(a->effect, b->effect, sizeof a->effect);
}

static int64_t rank_of(const struct title *title)
{
    return title == NULL ? -1 : (int64_t)title->rank;
}

static int compare_roots(const struct turn *a, const struct turn *b)
{
    int order = 0;
    switch ((enum turn_class)a->class) {
    case TURN_CONTROL:
        return a->pending->record.position < b->pending->record.position
                   ? -1
                   : a->pending->record.position > b->pending->record.position;
    case TURN_DEADLINE:
        order = compare_numbers(a->due, b->due);
        if (order == 0) order = compare_players(a, b);
        if (order == 0) order = compare_numbers(rank_of(a->key_title), rank_of(b->key_title));
        if (order == 0) order = compare_numbers(a->key_journey, b->key_journey);
        return order != 0 ? order : compare_numbers(a->key_number, b->key_number);
    case TURN_RUN:
        order = compare_numbers(rank_of(a->key_title), rank_of(b->key_title));
        if (order == 0) order = compare_numbers(a->due, b->due);
        return order != 0 ? order : compare_numbers(a->key_number, b->key_number);
    case TURN_PERSON:
    case TURN_SAFETY:
    case TURN_ATTRIBUTES:
        order = compare_players(a, b);
        if (order == 0) order = compare_ids(&a->pending->record, &b->pending->record);
        break;
    case TURN_OTHER:
        order = compare_ids(&a->pending->record, &b->pending->record);
        if (order == 0) order = compare_players(a, b);
        break;
    }
    return order != 0 ? order : compare_content(&a->pending->record, &b->pending->record);
}

/* For one player and cause: a tag shows before the answer of the same generation, and what had to wait comes last. */
static int place_of(const struct turn *turn)
{
    return turn->kind == TURN_TAGS ? 0 : turn->kind == TURN_RESUME ? 1 : 2;
}

static int compare_turns(const void *left, const void *right)
{
    const struct turn *a = left, *b = right;
    if (a->class != b->class) return a->class < b->class ? -1 : 1;
    int order = compare_roots(a, b);
    if (order == 0) order = compare_numbers(a->rank, b->rank);
    if (order == 0) order = compare_numbers(place_of(a), place_of(b));
    if (order != 0) return order;
    return a->serial < b->serial ? -1 : a->serial > b->serial;
}

static void add_turn(struct engine *engine, struct turn_list *list, const struct turn *turn)
{
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        struct turn *grown = memory_resize_array(list->turn, capacity, sizeof *grown);
        if (grown == NULL) {
            (void)state_no_memory(engine);
            return;
        }
        list->turn = grown;
        list->capacity = capacity;
    }
    struct turn *added = &list->turn[list->count++];
    *added = *turn;
    added->serial = ++engine->queue->serial;
}

void fold_cause(struct engine *engine, const struct turn *cause, struct turn turn)
{
    turn.class = cause->class;
    turn.due = cause->due;
    turn.pending = cause->pending;
    turn.key_title = cause->key_title;
    turn.key_journey = cause->key_journey;
    turn.key_number = cause->key_number;
    turn.depth = (uint8_t)(cause->depth < UINT8_MAX ? cause->depth + 1 : UINT8_MAX);
    add_turn(engine, &engine->queue->next, &turn);
}

void fold_due_at_once(struct engine *engine, struct turn turn)
{
    turn.class = TURN_DEADLINE;
    turn.key_title = turn.title;
    turn.key_journey = turn.journey;
    turn.key_number = turn.number;
    turn.depth = 1;
    add_turn(engine, &engine->queue->next, &turn);
}

void fold_defer(struct engine *engine, const struct turn *turn)
{
    add_turn(engine, &engine->queue->next, turn);
}

struct request *fold_request(struct engine *engine, const struct turn *cause, struct player *player)
{
    struct request *request = ARENA_NEW(&engine->instant, struct request);
    if (request == NULL) return state_no_memory(engine);
    INVARIANT(player->request == NULL);
    request->turn = *cause;
    request->player = player;
    player->request = request;
    engine->paused++;
    struct turn_queue *queue = engine->queue;
    if (queue->last == NULL) {
        queue->first = request;
    } else {
        queue->last->next = request;
    }
    queue->last = request;
    return request;
}

void fold_forget_player(struct engine *engine, const struct player *player)
{
    struct turn_queue *queue = engine->queue;
    /* The generation that runs keeps its places, so those are blanked; the next one closes up. */
    for (uint32_t i = 0; i < queue->now.count; i++) {
        if (queue->now.turn[i].player == player) queue->now.turn[i].kind = TURN_GONE;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < queue->next.count; i++) {
        if (queue->next.turn[i].player != player) queue->next.turn[kept++] = queue->next.turn[i];
    }
    queue->next.count = kept;
    run_forget_player(engine, player);
    for (uint32_t i = 0; i < queue->popped_count; i++) {
        if (queue->popped[i] == player) queue->popped[i] = NULL;
    }
}

/* ---------------------------------------------------------------- deadlines */

static void pop_player(struct engine *engine, struct player *player)
{
    struct turn_queue *queue = engine->queue;
    if (queue->popped_count == queue->popped_capacity) {
        uint32_t capacity = queue->popped_capacity == 0 ? 64 : queue->popped_capacity * 2;
        struct player **grown = memory_resize_array(queue->popped, capacity, sizeof *grown);
        if (grown == NULL) {
            (void)state_no_memory(engine);
            return;
        }
        queue->popped = grown;
        queue->popped_capacity = capacity;
    }
    queue->popped[queue->popped_count++] = player;
}

static void add_deadline(struct engine *engine, enum turn_kind kind, struct player *player, struct title *title,
                         uint32_t journey, uint32_t number, int64_t due)
{
    struct turn turn = {.class = TURN_DEADLINE,
                        .kind = (uint8_t)kind,
                        .depth = 1,
                        .due = due,
                        .player = player,
                        .key_title = title,
                        .key_journey = journey,
                        .key_number = number,
                        .title = title,
                        .journey = journey,
                        .number = number};
    add_turn(engine, &engine->queue->now, &turn);
}

static void add_part(struct engine *engine, struct player *player, enum part_number number, int64_t due)
{
    add_deadline(engine, TURN_PART, player, NULL, 0, number, due);
}

/* Turns for all that a player has due by `now`. */
static void collect_player(struct engine *engine, struct player *player, int64_t now)
{
    for (uint32_t i = 0; i < player->clear_count; i++) {
        const struct clear *clear = &player->clear[i];
        if (clear->due <= now) add_deadline(engine, TURN_CLEAR, player, NULL, 0, clear->number, clear->due);
    }
    if (player->members_due <= now) add_deadline(engine, TURN_MEMBERS, player, NULL, 0, 0, player->members_due);
    for (struct journey *journey = player->journeys; journey != NULL; journey = journey->next) {
        if (journey->ends_at <= now)
            add_deadline(engine, TURN_RUN_END, player, journey->title, journey->number, 0, journey->ends_at);
        if (journey->leaves_at <= now)
            add_deadline(engine, TURN_LEAVE, player, journey->title, journey->number, 0, journey->leaves_at);
        if (journey->fires <= now) {
            add_deadline(engine, TURN_WAIT, player, journey->title, journey->number, journey->timer, journey->due);
        }
    }
    parts_collect(engine, player, now, add_part);
    for (struct told *told = player->told; told != NULL; told = told->next) {
        if (told->due <= now) add_deadline(engine, TURN_TOLD, player, NULL, 0, told->number, told->due);
    }
    for (const struct reward *reward = player->reward; reward != NULL; reward = reward->next) {
        if (reward->until <= now)
            add_deadline(engine, TURN_REWARD, player, reward->title, reward->journey, reward->timer, reward->until);
    }
    for (struct delayed *delayed = player->delayed; delayed != NULL; delayed = delayed->next) {
        if (delayed->due <= now) {
            add_deadline(engine, TURN_DELAYED, player, delayed->title, delayed->journey, delayed->number, delayed->due);
        }
    }
}

/* Takes out of the heaps who has something due by `now`. */
static void collect_deadlines(struct engine *engine, int64_t now)
{
    state_wake_due(engine, now);
    for (uint32_t i = 0; i < engine->shard_count; i++) {
        struct deadline_heap *heap = &engine->shard[i].heap;
        while (deadline_first(heap) <= now && engine->failed == OK) {
            struct deadline_entry entry = deadline_pop(heap);
            if (entry.player->heap_due != entry.due) continue; /* Another entry counts. */
            entry.player->heap_due = STATE_NEVER;
            if (state_player_due(entry.player) > now) {
                state_arm_player(engine, entry.player); /* It has moved away. */
                continue;
            }
            pop_player(engine, entry.player);
            collect_player(engine, entry.player, now);
        }
    }
}

/* ---------------------------------------------------------------- generations */

/* The first generation of an instant ends with the scheduled runs that are due. */
static void run_generation(struct engine *engine, bool first)
{
    struct turn_queue *queue = engine->queue;
    if (queue->now.count > 1) qsort(queue->now.turn, queue->now.count, sizeof *queue->now.turn, compare_turns);
    for (uint32_t i = 0; i < queue->now.count && engine->failed == OK; i++) {
        struct turn turn = queue->now.turn[i];
        engine->cause = turn.pending != NULL ? turn.pending->record.position : 0;
        engine->turn = &turn;
        records_run_turn(engine, &turn);
    }
    engine->cause = 0;
    if (first && engine->failed == OK) run_serve(engine);
    queue->now.count = 0;
    struct request *request = queue->first;
    queue->first = queue->last = NULL;
    for (; request != NULL && engine->failed == OK; request = request->next) {
        engine->cause = request->turn.pending != NULL ? request->turn.pending->record.position : 0;
        engine->turn = &request->turn;
        requests_serve(engine, request);
    }
    engine->turn = NULL;
}

/* Runs the instant that engine->now says, from the turns that were collected. */
static enum status run_instant(struct engine *engine, struct error *error)
{
    struct turn_queue *queue = engine->queue;
    bool first = true;
    while ((first || queue->now.count > 0) && engine->failed == OK) {
        run_generation(engine, first);
        first = false;
        struct turn_list done = queue->now;
        queue->now = queue->next;
        queue->next = done;
    }
    for (uint32_t i = 0; i < queue->popped_count; i++) {
        if (queue->popped[i] != NULL) state_arm_player(engine, queue->popped[i]);
    }
    queue->popped_count = 0;
    queue->serial = 0;
    engine->instants++;
    if (engine->now > engine->folded_until) engine->folded_until = engine->now;
    engine->cause = 0;
    arena_reset(&engine->instant);
    if (engine->failed == STATUS_CORRUPT) {
        *error = engine->asleep_error;
        return engine->failed;
    }
    if (engine->failed != OK)
        return error_set(error, engine->failed, "no memory to fold on; the last checkpoint is whole");
    return OK;
}

enum status fold_deadlines_before(struct engine *engine, int64_t now, struct error *error)
{
    for (;;) {
        int64_t due = state_next_due(engine), run = run_next_due(engine);
        if (run < due) due = run;
        if (due >= now) break;
        collect_deadlines(engine, due);
        /* Nothing but moved entries? */
        if (engine->queue->now.count == 0 && run > due && engine->failed == OK) continue;
        if (due > engine->now) engine->now = due;
        RETURN_IF_FAILED(run_instant(engine, error));
    }
    if (now > INT64_MIN && now - 1 > engine->folded_until) engine->folded_until = now - 1;
    return OK;
}

enum status fold_close(struct engine *engine, struct error *error)
{
    if (!engine->open) return OK;
    for (struct pending *pending = engine->pending; pending != NULL; pending = pending->next) {
        struct turn turn = {.class = (uint8_t)records_class(engine, &pending->record),
                            .kind = TURN_RECORD,
                            .depth = 1,
                            .pending = pending};
        add_turn(engine, &engine->queue->now, &turn);
    }
    engine->pending = engine->pending_last = NULL;
    engine->open = false;
    collect_deadlines(engine, engine->now);
    enum status status = run_instant(engine, error);
    engine->refused_records += engine->refused_waiting;
    engine->refused_waiting = 0;
    if (status == OK) engine->position = engine->pending_position;
    engine->gate_now = INT64_MIN;
    return status;
}

/* ---------------------------------------------------------------- taking records */

static const void *copy_bytes(struct engine *engine, const void *bytes, size_t size)
{
    if (size == 0) return "";
    void *copy = arena_copy(&engine->instant, bytes, size);
    if (copy == NULL) (void)state_no_memory(engine);
    return copy;
}

static struct text copy_text(struct engine *engine, struct text text)
{
    return text_make(copy_bytes(engine, text.at, text.size), text.size);
}

/* Only the texts that slots speak of: the bytes of a record may be a whole line. */
static void copy_texts(struct engine *engine, struct record *copy, const struct record *record, int64_t *slot)
{
    const struct use *use = engine->newest;
    bool event = record->kind == RECORD_EVENT || record->kind == RECORD_REPLY || record->kind == RECORD_HISTORY;
    uint32_t list = event ? record->event : use->program.event_count;
    uint32_t first = use->text_first[list], end = use->text_first[list + 1], size = 0;
    for (uint32_t i = first; i < end; i++) {
        uint32_t n = use->text_slot[i];
        if ((record->known[n / 64] >> (n % 64)) & 1) size += handle_size(slot[n]);
    }
    uint8_t *bytes = arena_alloc(&engine->instant, (size_t)size + 1);
    if (bytes == NULL) {
        (void)state_no_memory(engine);
        return;
    }
    uint32_t at = 0;
    for (uint32_t i = first; i < end; i++) {
        uint32_t n = use->text_slot[i];
        if (!((record->known[n / 64] >> (n % 64)) & 1)) continue;
        uint32_t own = handle_size(slot[n]);
        if (own > 0) memcpy(bytes + at, record->bytes + handle_offset(slot[n]), own);
        slot[n] = handle_make(event ? BANK_EVENT : BANK_PLAYER, own, at);
        at += own;
    }
    copy->bytes = bytes;
    copy->bytes_size = size;
}

static struct pending *copy_record(struct engine *engine, const struct record *record)
{
    struct pending *pending = ARENA_NEW(&engine->instant, struct pending);
    if (pending == NULL) return state_no_memory(engine);
    struct record *copy = &pending->record;
    *copy = *record;
    copy->player = copy_text(engine, record->player);
    copy->brand = copy_text(engine, record->brand);
    copy->id = copy_text(engine, record->id);
    copy->source = copy_text(engine, record->source);
    copy->reason = copy_text(engine, record->reason);
    copy->campaign = copy_text(engine, record->campaign);
    copy->offer = copy_text(engine, record->offer);
    copy->person = copy_text(engine, record->person);
    if (record->slot_count == 0) return engine->failed == OK ? pending : NULL;
    uint32_t words = (record->slot_count + 63) / 64;
    int64_t *slot = arena_copy(&engine->instant, record->slot, record->slot_count * sizeof *slot);
    copy->known = copy_bytes(engine, record->known, words * sizeof *record->known);
    copy->given = record->given == NULL ? NULL : copy_bytes(engine, record->given, words * sizeof *record->given);
    if (slot == NULL) return state_no_memory(engine);
    copy->slot = slot;
    copy_texts(engine, copy, record, slot);
    pending->event = (struct kept_event){.event = record->event,
                                         .slot_count = record->slot_count,
                                         .bytes_size = copy->bytes_size,
                                         .now = record->now,
                                         .slot = copy->slot,
                                         .known = copy->known,
                                         .bytes = copy->bytes};
    return engine->failed == OK ? pending : NULL;
}

/* Moves the clock to the record's `now`: the open instant closes, earlier deadlines come first. */
static enum status move_clock(struct engine *engine, const struct record *record, struct error *error)
{
    if (record->now < engine->now) {
        return error_set(error, STATUS_REFUSED,
                         "the record's `now` (%lld) lies before that of the record before it (%lld)",
                         (long long)record->now, (long long)engine->now);
    }
    if (record->now == engine->now && engine->open) return OK;
    int64_t before = engine->now;
    RETURN_IF_FAILED(fold_close(engine, error));
    if (record->kind == RECORD_TICK && record->catch_up) engine->gate_now = record->now;
    RETURN_IF_FAILED(fold_deadlines_before(engine, record->now, error));
    /* Settled reservations that nothing can ask about any more are forgotten, once a week of the log. */
    int64_t week = 7 * CIVIL_DAY_MS;
    if (engine->newest != NULL && before != INT64_MIN && record->now / week != before / week) {
        books_trim(engine->books, record->now - engine->newest->program.workspace->retention_ms);
    }
    engine->now = record->now;
    return OK;
}

/* Rows of an import are counted apart from the ids of a source of the same name. */
static struct dedupe_entry hash_id(const struct engine *engine, const struct record *record)
{
    if (record->kind != RECORD_IMPORT && record->kind != RECORD_HISTORY)
        return dedupe_hash(engine->id_key, record->source, record->id);
    char name[2 + 64] = "\0i";
    if (record->source.size > 0) memcpy(name + 2, record->source.at, record->source.size);
    return dedupe_hash(engine->id_key, text_make(name, 2 + record->source.size), record->id);
}

/* The hashes of a record, and a hint for the places that they name. The instant before it runs in the meantime. */
static void hash_record(struct engine *engine, const struct record *record, struct dedupe_entry *id, uint64_t *player)
{
    *id = (struct dedupe_entry){0};
    *player = 0;
    if (engine->pending_last != NULL && engine->pending_last->hint != NULL)
        state_hint_parts(engine->pending_last->hint);
    if (record->id.size > 0 && engine->has_identity) {
        *id = hash_id(engine, record);
        dedupe_prefetch(&engine->group[id->low % RECORD_GROUPS].ids, id->low);
    }
    if (record->player.size > 0) {
        *player = state_hash_player(record->brand, record->player);
        state_hint_place(engine, record->group, *player);
    }
}

static void ask_ahead(const struct engine *engine, struct pending *pending, const struct dedupe_entry *id,
                      uint64_t player)
{
    pending->id = *id;
    pending->player_hash = player;
    if (pending->record.player.size > 0) pending->hint = state_hint_player(engine, pending->record.group, player);
}

static enum status take(struct engine *engine, const struct record *record, struct error *error)
{
    if (engine->newest == NULL && record->kind != RECORD_ACTIVATE) {
        return error_set(error, STATUS_REFUSED, "there is no program yet: the first record must activate one");
    }
    RETURN_IF_FAILED(records_check(engine, record, error));
    struct dedupe_entry id;
    uint64_t hash;
    hash_record(engine, record, &id, &hash);
    RETURN_IF_FAILED(move_clock(engine, record, error));
    if (record->kind == RECORD_ACTIVATE) {
        /* It takes effect between two instants, so that every record is read by one program. */
        RETURN_IF_FAILED(fold_close(engine, error));
        RETURN_IF_FAILED(records_activate(engine, record, error));
        engine->position = engine->pending_position = record->position;
        return OK;
    }
    engine->open = true;
    engine->pending_position = record->position;
    if (record->kind == RECORD_TICK || records_turn_away(engine, record, id)) return OK;
    struct pending *pending = copy_record(engine, record);
    if (pending != NULL) ask_ahead(engine, pending, &id, hash);
    if (pending == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory for a record");
    if (engine->pending_last == NULL) {
        engine->pending = pending;
    } else {
        engine->pending_last->next = pending;
    }
    engine->pending_last = pending;
    return OK;
}

enum status fold_take(struct engine *engine, const struct record *record, struct error *error)
{
    RETURN_IF_FAILED(take(engine, record, error));
    return record->closes ? fold_close(engine, error) : OK;
}
