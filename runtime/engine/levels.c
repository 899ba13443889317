/* Climbing and falling. See levels.h. */
#include "runtime/engine/levels.h"

#include "runtime/engine/announce.h"
#include "runtime/engine/segments.h"
#include "vm/civil.h"
#include "vm/round.h"
#include "vm/zone.h"

/* Fields by number, as in spec/roles.def. */
enum { FIELD_LEVEL, FIELD_FROM };

/* ---------------------------------------------------------------- counting */

static int64_t counted_by(const struct engine *engine, const struct player *player, uint32_t levels, int64_t now)
{
    const struct points_shared *shared = points_shared(engine);
    const struct bundle_levels *record = &engine->newest->program.levels[levels];
    const struct purse *purse = points_purse(player, shared->number[record->points]);
    if (purse == NULL) return 0;
    if (record->span == SPAN_EVER) return purse->earned < 0 ? 0 : purse->earned;
    const struct points_ladder *ladder = &shared->ladder[levels];
    struct metric_range range = metric_rule_range(&ladder->rule, ladder->zone, now);
    return purse_counted(purse, range.low, range.high);
}

int64_t levels_counted(const struct engine *engine, const struct player *player, uint32_t levels, int64_t now,
                       int64_t *changes_at)
{
    const struct points_shared *shared = points_shared(engine);
    const struct bundle_levels *record = &engine->newest->program.levels[levels];
    const struct points_ladder *ladder = &shared->ladder[levels];
    const struct purse *purse = points_purse(player, shared->number[record->points]);
    if (changes_at != NULL) {
        *changes_at = INT64_MAX;
        if (record->span == SPAN_THIS) *changes_at = metric_rule_turns(&ladder->rule, ladder->zone, now);
        if (record->span == SPAN_ROLLING && purse != NULL && purse->day_count > 0) {
            struct metric_range range = metric_rule_range(&ladder->rule, ladder->zone, now);
            uint32_t first = 0;
            while (first < purse->day_count && purse->day[first].date < range.low) first++;
            if (first < purse->day_count)
                *changes_at = metric_rule_leaves(&ladder->rule, ladder->zone, now, purse->day[first].date);
        }
    }
    return counted_by(engine, player, levels, now);
}

int64_t levels_oldest(const struct engine *engine, uint32_t points)
{
    const struct points_shared *shared = points_shared(engine);
    const struct program *program = &engine->newest->program;
    /* What comes late still counts on its own day, and a period is judged when it has ended. */
    int64_t now = engine->now - program->workspace->lateness_ms - CIVIL_DAY_MS, oldest = INT64_MAX;
    for (uint32_t i = 0; i < program->levels_count; i++) {
        if (program->levels[i].points != points || program->levels[i].span == SPAN_EVER) continue;
        oldest = civil_earlier(oldest, metric_rule_oldest(&shared->ladder[i].rule, now));
    }
    return oldest;
}

/* ---------------------------------------------------------------- where a player stands */

static bool known(const struct engine *engine, const struct player *player, uint32_t slot)
{
    const uint64_t *words = state_known_words(player, engine->newest->program.workspace->player_slot_count);
    return (words[slot / 64] >> (slot % 64)) & 1;
}

/* How many of the levels lie at or below the player's word: 0 is below the first. */
static uint32_t standing(const struct engine *engine, const struct player *player, uint32_t levels)
{
    const struct program *program = &engine->newest->program;
    const struct bundle_levels *record = &program->levels[levels];
    uint32_t slot = points_shared(engine)->ladder[levels].slot, at = 0;
    if (!known(engine, player, slot)) return 0;
    while (at < record->level_count && (int64_t)program->level[record->level_first + at].word <= player->slot[slot])
        at++;
    return at;
}

static struct text word_of(const struct engine *engine, const struct bundle_levels *levels, int64_t word)
{
    const struct program *program = &engine->newest->program;
    const struct bundle_enumeration *words = &program->enumeration[program->attribute[levels->attribute].of];
    if (word < 0 || word >= (int64_t)words->wording_count) return TEXT("");
    return program_text(program, program->wording[words->wording_first + (uint32_t)word].name);
}

/* The player's word now: as the attribute says, or the one below the first level. */
static int64_t current_word(const struct engine *engine, const struct player *player, uint32_t levels)
{
    const struct program *program = &engine->newest->program;
    uint32_t slot = points_shared(engine)->ladder[levels].slot;
    if (known(engine, player, slot)) return player->slot[slot];
    return (int64_t)program->level[program->levels[levels].level_first].word - 1;
}

static void set_word(struct engine *engine, struct player *player, uint32_t levels, int64_t word)
{
    uint32_t slot = points_shared(engine)->ladder[levels].slot;
    state_set_number(engine, player, slot, word);
    segments_touch_slot(engine, slot);
    engine->group[player->group].changed = true;
}

static void tell(struct engine *engine, struct player *player, enum role role, const struct bundle_levels *levels,
                 int64_t word, int64_t from)
{
    struct text level = word_of(engine, levels, word);
    struct announcement what = {.role = role,
                                .player = player,
                                .about = program_text(&engine->newest->program, levels->name),
                                .key = level,
                                .known = 1u << FIELD_LEVEL | 1u << FIELD_FROM,
                                .text = {level, word_of(engine, levels, from)},
                                .currency = PROGRAM_NONE};
    announce(engine, &what);
}

/* ---------------------------------------------------------------- timers */

/* The player's entry, an empty one if need be; NULL when memory is out, or where there is none and it is not to be made. */
static struct ladder *take_ladder(struct engine *engine, struct player *player, uint32_t number, bool make)
{
    struct points_book *book = points_book(engine, player, make);
    if (book == NULL) return NULL;
    uint32_t at = 0;
    while (at < book->ladder_count && book->ladder[at].number < number) at++;
    if (at < book->ladder_count && book->ladder[at].number == number) return &book->ladder[at];
    if (!make) return NULL;
    if (book->ladder_count == book->ladder_capacity) {
        struct slab *slab = &state_shard(engine, player->group)->slab;
        uint32_t capacity = book->ladder_capacity == 0 ? 1 : book->ladder_capacity * 2;
        struct ladder *grown = slab_alloc(slab, capacity * sizeof *grown);
        if (grown == NULL) return state_no_memory(engine);
        if (book->ladder_count > 0) memcpy(grown, book->ladder, book->ladder_count * sizeof *grown);
        slab_free(slab, book->ladder, book->ladder_capacity * sizeof *grown);
        book->ladder = grown;
        book->ladder_capacity = capacity;
    }
    memmove(&book->ladder[at + 1], &book->ladder[at], (book->ladder_count - at) * sizeof *book->ladder);
    book->ladder_count++;
    book->ladder[at] = (struct ladder){.number = number, .due = STATE_NEVER};
    return &book->ladder[at];
}

/* Who stands above the lowest level is judged at the next end of a period, and who does not is not. A timer that runs goes on. */
static void watch(struct engine *engine, struct player *player, uint32_t levels)
{
    const struct bundle_levels *record = &engine->newest->program.levels[levels];
    const struct points_ladder *rule = &points_shared(engine)->ladder[levels];
    bool above = record->down > 0 && standing(engine, player, levels) > 0;
    struct ladder *ladder = take_ladder(engine, player, rule->number, above);
    if (ladder == NULL) return;
    if (!above) {
        ladder->due = STATE_NEVER;
    } else if (ladder->due == STATE_NEVER) {
        ladder->due = metric_rule_turns(&rule->down, rule->zone, engine->now);
    }
}

void levels_watch(struct engine *engine, struct player *player)
{
    const struct program *program = &engine->newest->program;
    if (program->levels_count == 0 || engine->fill != NULL) return;
    for (uint32_t i = 0; i < program->levels_count && engine->failed == OK; i++) watch(engine, player, i);
    parts_arm(engine, player);
}

void levels_watch_all(struct engine *engine)
{
    if (engine->newest->program.levels_count == 0 || engine->now == INT64_MIN) return;
    for (uint32_t i = 0; i < RECORD_GROUPS; i++) {
        struct group *group = state_group(engine, i);
        for (uint32_t j = 0; j < group->capacity && engine->failed == OK; j++) {
            if (group->seat[j].player != NULL) levels_watch(engine, group->seat[j].player);
        }
    }
}

/* ---------------------------------------------------------------- up and down */

bool levels_rises(const struct engine *engine, const struct player *player, uint32_t points)
{
    const struct program *program = &engine->newest->program;
    for (uint32_t i = 0; i < program->levels_count; i++) {
        const struct bundle_levels *levels = &program->levels[i];
        uint32_t at = levels->points == points ? standing(engine, player, i) : levels->level_count;
        if (at < levels->level_count &&
            counted_by(engine, player, i, engine->now) >= program->level[levels->level_first + at].from)
            return true;
    }
    return false;
}

bool levels_climb(struct engine *engine, struct player *player)
{
    const struct program *program = &engine->newest->program;
    bool climbed = false;
    for (uint32_t i = 0; i < program->levels_count && engine->failed == OK; i++) {
        const struct bundle_levels *levels = &program->levels[i];
        uint32_t at = standing(engine, player, i);
        int64_t counted = counted_by(engine, player, i, engine->now), word = current_word(engine, player, i);
        bool rose = false;
        for (; at < levels->level_count && counted >= program->level[levels->level_first + at].from; at++) {
            int64_t next = (int64_t)program->level[levels->level_first + at].word;
            tell(engine, player, ROLE_LEVEL_REACHED, levels, next, word);
            word = next;
            rose = true;
        }
        if (!rose) continue;
        set_word(engine, player, i, word);
        watch(engine, player, i);
        climbed = true;
    }
    if (climbed) parts_arm(engine, player);
    return climbed;
}

/* The period that ended at `due`: by what was counted in its last instant. */
static void judge(struct engine *engine, struct player *player, uint32_t levels, int64_t due)
{
    const struct program *program = &engine->newest->program;
    const struct bundle_levels *record = &program->levels[levels];
    uint32_t at = standing(engine, player, levels);
    if (at == 0) return;
    int64_t counted = counted_by(engine, player, levels, due - 1);
    const struct bundle_level *level = &program->level[record->level_first + at - 1];
    if ((int128)counted * 1000000 >= (int128)level->from * record->keep) return;
    uint32_t lower = at > record->down ? at - record->down : 0;
    int64_t from = current_word(engine, player, levels);
    int64_t word = lower == 0 ? (int64_t)program->level[record->level_first].word - 1
                              : (int64_t)program->level[record->level_first + lower - 1].word;
    set_word(engine, player, levels, word);
    tell(engine, player, ROLE_LEVEL_LOST, record, word, from);
}

void levels_judge(struct engine *engine, struct player *player, int64_t now)
{
    const struct program *program = &engine->newest->program;
    struct points_book *book = points_book(engine, player, false);
    /* Timers of levels that the program no longer has run out. */
    for (uint32_t i = 0; i < book->ladder_count && engine->failed == OK; i++) {
        struct ladder *ladder = &book->ladder[i];
        int64_t due = ladder->due;
        if (due > now) continue;
        ladder->due = STATE_NEVER;
        for (uint32_t j = 0; j < program->levels_count; j++) {
            if (points_shared(engine)->ladder[j].number != ladder->number) continue;
            judge(engine, player, j, due);
            watch(engine, player, j);
        }
    }
}

void levels_show(const struct engine *engine, const struct player *player, uint32_t levels, struct points_item *item)
{
    const struct program *program = &engine->newest->program;
    const struct bundle_levels *record = &program->levels[levels];
    uint32_t at = standing(engine, player, levels);
    item->name = program_text(program, record->name);
    item->level = word_of(engine, record, current_word(engine, player, levels));
    item->balance = counted_by(engine, player, levels, engine->now);
    if (at == record->level_count) return;
    const struct bundle_level *next = &program->level[record->level_first + at];
    item->goes = next->from;
    item->next = word_of(engine, record, (int64_t)next->word);
}
