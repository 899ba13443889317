/* The properties of a bundle, over random stories.
 *
 *   properties_tool BUNDLE NAME SEED CASES [--other BUNDLE] [--only P7] [--plant PROPERTY] [--dump FILE]
 *
 * For each of CASES seeds (SEED, SEED + 1 …) a story is made and told: as it is (P7, P8, P14's figures), with lines that come twice (P1), in another order within
 * instants (P2), with deaths (P3), through the log and again from it (P4), until nobody waits (P9), with conditions turned (P10), with another version in the
 * middle (P12), and without its test players (P14). Prints a line `P1 NAME n` for each, or BROKEN with the seed that repeats it, and exit status 1.
 * Other properties: tests/properties/run.sh. promises X1, X2, X5, X6, X7, F1, F7, F8, F9, D6: spec/runtime.md.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lives/maker.h"
#include "tests/properties/safe.h"
#include "tests/properties/story.h"
#include "tests/properties/why.h"

#include "runtime/engine/effect_json.h"
#include "runtime/engine/experiment.h"
#include "runtime/lab/late_safety.h"
#include "vm/arena.h"
#include "vm/bundle.h"
#include "vm/civil.h"

enum { P_MOST = 16 };

static struct program program;
static uint8_t *bundle, *other;
static size_t bundle_size, other_size;
static const char *name, *plant = "", *only = "", *dump;
static uint64_t seed, counts[P_MOST], late_effects, covered;
static struct story story;
static struct telling base;

static bool wanted(const char *property)
{
    return only[0] == '\0' || strcmp(only, property) == 0;
}

static bool planted(const char *property)
{
    return strcmp(plant, property) == 0;
}

__attribute__((format(printf, 2, 3))) static void broken(const char *property, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("BROKEN %s %s: ", property, name);
    vprintf(format, arguments);
    printf("\n  again: properties_tool %s.pbc %s %" PRIu64 " 1 --only %s\n", name, name, seed, property);
    va_end(arguments);
    exit(1);
}

/* Another telling must give what the base gave; with a planted mistake a line is missing in it. */
static void same(const char *property, struct telling *telling, bool digest)
{
    char words[600] = "";
    if (planted(property) && telling->effects.size > 40) {
        char *feed = memchr(telling->effects.bytes, '\n', telling->effects.size);
        if (feed != NULL) feed[-1] = ' ';
    }
    if (!telling_same(&base, telling, words)) broken(property, "%s", words);
    if (digest && memcmp(base.digest, telling->digest, sizeof base.digest) != 0)
        broken(property, "the state is another one");
}

/* ------------------------------------------------------------------------------------------------- P1 to P4 */

static void repeat_lines(void)
{
    struct telling telling;
    telling_tell(&telling, &story, (struct way){.seed = seed, .shards = 3, .twice = true}, NULL, false);
    same("P1", &telling, false);
    counts[1] += telling.repeated;
    telling_free(&telling);
}

static void shuffle_lines(void)
{
    struct telling telling;
    telling_tell(&telling, &story, (struct way){.seed = seed, .shards = 1 + (uint32_t)(seed % 9), .shuffled = true},
                 NULL, false);
    same("P2", &telling, true);
    counts[2] += telling.moved;
    telling_free(&telling);
}

static void kill_often(void)
{
    struct telling telling;
    telling_tell(&telling, &story, (struct way){.seed = seed, .killed = true, .expected = &base}, NULL, false);
    same("P3", &telling, true);
    counts[3] += telling.kills;
    telling_free(&telling);
}

static void replay_log(void)
{
    struct telling first, again;
    telling_tell(&first, &story, (struct way){.seed = seed, .shards = 2, .logged = true, .probed = true}, NULL, false);
    telling_replay(&again, &first, 1 + (uint32_t)(seed % 13));
    same("P4", &again, true);
    if (again.effects.size != first.effects.size ||
        memcmp(again.effects.bytes, first.effects.bytes, first.effects.size) != 0)
        broken("P4", "the effects of the replay are other bytes");
    if (again.notes.size != first.notes.size || memcmp(again.notes.bytes, first.notes.bytes, first.notes.size) != 0)
        broken("P4", "ends, entries and refusals of the replay are others");
    if (again.conditions != first.conditions || again.condition_count != first.condition_count)
        broken("P4", "the condition bits of the replay are others");
    counts[4] += first.position;
    telling_free(&first);
    telling_free(&again);
}

/* ------------------------------------------------------------------------------------------------- P7, P8 */

/* The report on late news, over the same story: two passes, as `promo report` makes them. */
struct reporting {
    struct engine_sink sink;
};

static void report_record(void *context, struct telling *telling, uint32_t line, struct record *record)
{
    const struct reporting *reporting = context;
    (void)line;
    if (reporting->sink.record != NULL)
        reporting->sink.record(reporting->sink.context, record, engine_program(telling->engine));
}

static void report_effect(void *context, const struct engine_effect *effect)
{
    const struct reporting *reporting = context;
    if (reporting->sink.effect != NULL) reporting->sink.effect(reporting->sink.context, effect);
}

static void report_note(void *context, const struct engine_note *note)
{
    const struct reporting *reporting = context;
    if (reporting->sink.note != NULL) reporting->sink.note(reporting->sink.context, note);
}

/* How many effects the report lists. */
static uint64_t report_late(void)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct late_safety *report = late_safety_new(&arena);
    if (report == NULL) abort();
    for (int pass = 0; pass < 2; pass++) {
        struct reporting reporting = {pass == 0 ? late_safety_first(report) : late_safety_second(report)};
        struct telling_hooks hooks = {
            .context = &reporting, .before = report_record, .effect = report_effect, .note = report_note};
        struct telling telling;
        telling_tell(&telling, &story, (struct way){.seed = seed}, &hooks, false);
        telling_free(&telling);
    }
    struct buffer json = BUFFER_EMPTY;
    if (!late_safety_render(report, true, &json)) abort();
    uint64_t count = 0;
    const char *at = buffer_as_string(&json);
    static const char mark[] = "\"id\":\"";
    /* Ids of effects have 32 digits; those of events are those of lines. */
    for (; (at = strstr(at, mark)) != NULL; at += sizeof mark) count += strcspn(at + sizeof mark - 1, "\"") == 32;
    buffer_deinit(&json);
    arena_deinit(&arena);
    return count;
}

static void protect(void)
{
    struct safe *safe = safe_open(&program, planted("P7") || planted("P8"));
    struct telling_hooks hooks = {.context = safe, .after = safe_record, .effect = safe_effect};
    struct telling telling;
    telling_tell(&telling, &story, (struct way){.seed = seed, .shards = 4}, &hooks, false);
    if (telling.fault[0] != '\0') broken("P7", "%s", telling.fault);
    if (wanted("P7") && safe_fault(safe, false) != NULL) broken("P7", "%s", safe_fault(safe, false));
    if (wanted("P8") && safe_fault(safe, true) != NULL) broken("P8", "%s", safe_fault(safe, true));
    if (wanted("P7")) {
        uint64_t listed = report_late();
        if (listed != safe_figures(safe).late_effects)
            broken("P7",
                   "the report lists %" PRIu64
                   " effects that were decided before an exclusion came, and there were %" PRIu64,
                   listed, safe_figures(safe).late_effects);
        late_effects += listed;
    }
    counts[7] += safe_figures(safe).exclusions;
    covered += safe_figures(safe).others;
    counts[8] += safe_figures(safe).marketing;
    telling_free(&telling);
    safe_close(safe);
}

/* ------------------------------------------------------------------------------------------------- P9 */

struct waits {
    struct telling *telling;
    int64_t until, now, latest; /* of those who entered up to `until`: the latest deadline */
    uint64_t waiting, paused, judged;
    char fault[400];
};

static int64_t longest(int64_t packed)
{
    return ((int64_t)calendar_months(packed) * 31 + calendar_days(packed) + 2) * CIVIL_DAY_MS + calendar_ms(packed);
}

/* How long a wait can take at most, as its record says. */
static int64_t longest_wait(const struct bundle_state *state)
{
    switch ((enum deadline_kind)state->deadline) {
    case DEADLINE_DURATION:
    case DEADLINE_ENTRY_DURATION: return state->duration;
    case DEADLINE_CALENDAR:
    case DEADLINE_ENTRY_CALENDAR: return longest(state->duration);
    case DEADLINE_CLOCK: return 9 * CIVIL_DAY_MS;
    case DEADLINE_BUSINESS_DAYS:
    case DEADLINE_BUSINESS_CLOCK: return (state->duration * 2 + 40) * CIVIL_DAY_MS;
    case DEADLINE_NONE:
    case DEADLINE_COUNT: break;
    }
    return INT64_MAX;
}

static void look_at_wait(void *context, const struct engine_journey_view *view)
{
    struct waits *waits = context;
    if (view->entered_at > waits->until) return;
    if (text_equal(view->state, TEXT("paused"))) {
        waits->paused++;
        return;
    }
    const struct bundle_state *state = &view->program->state[view->state_index];
    int64_t grace = view->program->campaign[view->campaign_index].late_ms;
    waits->waiting++;
    waits->judged++;
    const char *wrong = NULL;
    if (view->due_at == INT64_MAX)
        wrong = "waits without an end";
    else if (view->due_at + grace < waits->now)
        wrong = "waits although its time is up";
    else if (longest_wait(state) != INT64_MAX && view->due_at - waits->now > longest_wait(state))
        wrong = "waits longer than its wait says";
    if (planted("P9") && waits->judged == 3) wrong = "is planted";
    if (wrong != NULL && waits->fault[0] == '\0')
        snprintf(waits->fault, sizeof waits->fault,
                 "journey %u of \"%.*s\" of player %.*s %s (step \"%.*s\", %" PRId64 " s left)", view->journey,
                 TEXT_ARGS(view->campaign), TEXT_ARGS(view->player), wrong, TEXT_ARGS(view->step),
                 (view->due_at - waits->now) / 1000);
    if (view->due_at != INT64_MAX && view->due_at + grace > waits->latest) waits->latest = view->due_at + grace;
}

static void look_between(void *context, struct telling *telling, const struct record *record)
{
    struct waits *waits = context;
    (void)record;
    if (telling->position % 50 != 0) return;
    waits->now = engine_now(telling->engine);
    engine_each_journey(telling->engine, look_at_wait, waits);
}

static void end_waits(void)
{
    struct telling telling;
    struct way way = {.seed = seed, .shards = 5};
    struct waits waits = {.telling = &telling, .until = INT64_MAX};
    struct telling_hooks hooks = {.context = &waits, .after = look_between};
    telling_tell(&telling, &story, way, &hooks, true);
    if (telling.fault[0] != '\0') broken("P9", "%s", telling.fault);
    if (waits.fault[0] != '\0') broken("P9", "%s", waits.fault);
    waits.until = engine_now(telling.engine);
    for (uint32_t round = 0;; round++) {
        waits.latest = INT64_MIN;
        waits.waiting = waits.paused = 0;
        waits.now = engine_now(telling.engine);
        engine_each_journey(telling.engine, look_at_wait, &waits);
        if (waits.fault[0] != '\0') broken("P9", "%s", waits.fault);
        if (waits.waiting == 0) break;
        if (round == 400)
            broken("P9", "%" PRIu64 " journeys still wait after 400 times the longest wait", waits.waiting);
        buffer_clear(&telling.effects);
        buffer_clear(&telling.notes);
        struct record record = {.kind = RECORD_TICK, .now = waits.latest + 1, .at = waits.latest + 1};
        if (!telling_fold(&telling, &record) || !telling_settle(&telling)) broken("P9", "%s", telling.fault);
    }
    counts[9] += waits.judged;
    telling_free(&telling);
}

/* ------------------------------------------------------------------------------------------------- P12 */

struct credits {
    uint8_t (*id)[16];
    bool *left, *reserved;
    uint32_t room, count;
    char fault[300];
};

static uint32_t credit_at(struct credits *credits, const uint8_t id[16])
{
    uint64_t hash;
    memcpy(&hash, id, sizeof hash);
    uint32_t at = (uint32_t)(hash % credits->room);
    static const uint8_t nothing[16];
    while (memcmp(credits->id[at], nothing, 16) != 0 && memcmp(credits->id[at], id, 16) != 0)
        at = (at + 1) % credits->room;
    memcpy(credits->id[at], id, 16);
    return at;
}

static void credit_effect(void *context, const struct engine_effect *effect)
{
    struct credits *credits = context;
    if (effect->kind != ENGINE_CREDIT) return;
    uint32_t at = credit_at(credits, effect->id);
    credits->count++;
    if (credits->left[at] || (planted("P12") && credits->count == 4))
        snprintf(credits->fault, sizeof credits->fault, "a credit of \"%.*s\" left twice for player %.*s",
                 TEXT_ARGS(program_text(effect->program, effect->program->campaign[effect->campaign].name)),
                 TEXT_ARGS(effect->player));
    credits->left[at] = true;
}

static void credit_note(void *context, const struct engine_note *note)
{
    struct credits *credits = context;
    if (note->kind != NOTE_RESERVED) return;
    uint32_t at = credit_at(credits, note->effect_id);
    if (credits->reserved[at]) snprintf(credits->fault, sizeof credits->fault, "one credit was reserved twice");
    credits->reserved[at] = true;
}

static void change_version(void)
{
    struct credits credits = {.room = 1 << 16};
    credits.id = calloc(credits.room, 16);
    credits.left = calloc(credits.room, 1);
    credits.reserved = calloc(credits.room, 1);
    if (credits.id == NULL || credits.left == NULL || credits.reserved == NULL) abort();
    struct telling_hooks hooks = {.context = &credits, .effect = credit_effect, .note = credit_note};
    struct telling telling;
    struct way way = {.seed = seed, .shards = 3, .logged = true, .other = other, .other_size = other_size};
    telling_tell(&telling, &story, way, &hooks, false);
    if (telling.fault[0] != '\0') broken("P12", "%s", telling.fault);
    if (credits.fault[0] != '\0') broken("P12", "%s", credits.fault);
    counts[12] += credits.count;
    telling_free(&telling);
    free(credits.id);
    free(credits.left);
    free(credits.reserved);
}

/* ------------------------------------------------------------------------------------------------- P14 */

/* Test players are p0, p5, p10 …: all lines say so, and nobody else is one. */
static char *with_word(const char *text, bool test)
{
    static const char yes[] = "\"test_player\":true", no[] = "\"test_player\":false", set[] = "\"set\":{";
    const char *from = test ? no : yes, *to = test ? yes : no, *at = strstr(text, from);
    char *made = malloc(strlen(text) + sizeof yes + 2);
    if (made == NULL) abort();
    if (at != NULL) {
        sprintf(made, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
        return made;
    }
    at = strstr(text, set);
    if (!test || at == NULL || strstr(text, yes) != NULL) return strcpy(made, text);
    at += sizeof set - 1;
    sprintf(made, "%.*s%s%s%s", (int)(at - text), text, yes, *at == '}' ? "" : ",", at);
    return made;
}

struct live {
    struct buffer effects;
    uint64_t tests;
};

static void live_effect(void *context, const struct engine_effect *effect)
{
    struct live *live = context;
    if (effect->test_player) {
        live->tests++;
        return;
    }
    if (effect->player.size > 1 && effect->player.at[0] == 'p' && strtoul(effect->player.at + 1, NULL, 10) % 5 == 0)
        return;
    effect_json_write(&live->effects, effect);
}

static void put_figure(struct buffer *out, const char *what, const struct engine_figure *figure, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        buffer_print(out, "  %s %.*s %.*s %" PRIu64 " %" PRId64 "\n", what, TEXT_ARGS(figure[i].name),
                     TEXT_ARGS(figure[i].detail), figure[i].count, figure[i].amount);
}

static void put_summary(void *context, const struct engine_campaign_summary *summary)
{
    struct buffer *out = context;
    buffer_print(out,
                 "%.*s started %" PRIu64 " entered %" PRIu64 " waiting %" PRIu64 " converted %" PRIu64
                 " reserved %" PRId64 " spent %" PRId64 " largest %" PRId64 " suspended %d\n",
                 TEXT_ARGS(summary->name), summary->started, summary->entered, summary->waiting, summary->converted,
                 summary->budget_reserved, summary->budget_spent, summary->largest_player_spend, summary->suspended);
    put_figure(out, "finished", summary->finished, summary->finished_count);
    put_figure(out, "messages", summary->messages, summary->messages_count);
    put_figure(out, "credits", summary->credits, summary->credits_count);
    put_figure(out, "refusals", summary->refusals, summary->refusals_count);
    put_figure(out, "arms", summary->arms, summary->arms_count);
}

static void put_cell(void *context, const struct engine_cell *cell)
{
    struct buffer *out = context;
    buffer_print(out, "cell %d %.*s %.*s %.*s %" PRIu64 " %" PRIu64 "\n", cell->kind, TEXT_ARGS(cell->campaign),
                 TEXT_ARGS(cell->split), TEXT_ARGS(cell->arm), cell->size, cell->expected);
    for (uint32_t i = 0; i < cell->outcome_count; i++)
        buffer_print(out, "  %.*s %" PRIu64 " %" PRId64 "\n", TEXT_ARGS(cell->outcome[i].name),
                     cell->outcome[i].reached, (int64_t)cell->outcome[i].sum);
}

static void tell_live(struct live *live, struct buffer *figures, const char *without)
{
    struct telling telling;
    struct telling_hooks hooks = {.context = live, .effect = live_effect};
    telling_tell(&telling, &story, (struct way){.seed = seed, .shards = 2, .without = without}, &hooks, true);
    if (telling.fault[0] != '\0') broken("P14", "%s", telling.fault);
    if (!engine_summary(telling.engine, put_summary, figures)) abort();
    engine_experiments(telling.engine, put_cell, figures);
    telling_free(&telling);
}

static bool first_difference(const struct buffer *left, const struct buffer *right, char words[600])
{
    size_t at = 0, line = 0;
    while (at < left->size && at < right->size && left->bytes[at] == right->bytes[at]) {
        if (left->bytes[at] == '\n') line = at + 1;
        at++;
    }
    if (at == left->size && at == right->size) return false;
    const char *a = (const char *)left->bytes + line, *b = (const char *)right->bytes + line;
    int room_a = (int)(left->size - line < 250 ? left->size - line : 250),
        room_b = (int)(right->size - line < 250 ? right->size - line : 250);
    snprintf(words, 600, "\n    %.*s with test players,\n    %.*s without", room_a, a == NULL ? "" : a, room_b,
             b == NULL ? "" : b);
    return true;
}

static bool can_leave_out_tests(void)
{
    bool attribute = false;
    for (uint32_t i = 0; i < program.attribute_count; i++)
        attribute = attribute || text_equal(program_text(&program, program.attribute[i].name), TEXT("test_player"));
    /* What one player's journey tells another is no figure. */
    for (uint32_t i = 0; i < program.effect_count; i++) attribute = attribute && program.effect[i].kind != ACT_TELL;
    return attribute;
}

static void leave_out_tests(uint32_t lives)
{
    if (!can_leave_out_tests()) return;
    char *without = calloc(lives + 1, 1);
    if (without == NULL) abort();
    uint64_t count = 0;
    for (uint32_t i = 0; i < story.count; i++) {
        struct story_line *line = &story.line[i];
        if (line->player[0] != 'p') continue;
        bool test = strtoul(line->player + 1, NULL, 10) % 5 == 0;
        if (test && line->alone) { /* Who is erased is not known as a test player any more. */
            free(line->text);
            memmove(line, line + 1, (--story.count - i--) * sizeof *line);
            continue;
        }
        char *text = with_word(line->text, test);
        free(line->text);
        line->text = text;
        line->size = (uint32_t)strlen(text);
    }
    char when[CIVIL_INSTANT_SIZE];
    civil_format_instant(when, story.start);
    for (uint32_t player = 0; player < lives; player += 5) {
        for (uint32_t brand = 0; brand < (program.brand_count > 1 ? program.brand_count : 1); brand++) {
            char text[300], id[24], of[120] = "";
            snprintf(id, sizeof id, "p%u", player);
            if (program.brand_count > 1)
                snprintf(of, sizeof of, ",\"brand\":\"%.*s\"",
                         TEXT_ARGS(program_text(&program, program.brand[brand].name)));
            snprintf(text, sizeof text,
                     "{\"id\":\"t%u-%u\",\"at\":\"%s\",\"player\":\"%s\"%s,\"kind\":\"attributes\",\"set\":{\"test_"
                     "player\":true}}",
                     player, brand, when, id, of);
            story_put_first(&story, text, id);
        }
        without[player] = !planted("P14") || player != 5;
        count++;
    }
    struct live live[2] = {{.tests = 0}, {.tests = 0}};
    struct buffer figures[2] = {BUFFER_EMPTY, BUFFER_EMPTY};
    tell_live(&live[0], &figures[0], NULL);
    tell_live(&live[1], &figures[1], without);
    char words[600];
    if (planted("P14")) buffer_string(&figures[0], "planted");
    if (first_difference(&figures[0], &figures[1], words)) broken("P14", "a figure:%s", words);
    if (first_difference(&live[0].effects, &live[1].effects, words))
        broken("P14", "an effect of a live player:%s", words);
    counts[14] += live[0].tests;
    for (unsigned i = 0; i < 2; i++) {
        buffer_deinit(&live[i].effects);
        buffer_deinit(&figures[i]);
    }
    free(without);
}

/* ------------------------------------------------------------------------------------------------- the whole */

/* The lines of the story, as `promo run` takes them. */
static void write_lines(void)
{
    FILE *file = fopen(dump, "w");
    if (file == NULL) abort();
    for (uint32_t i = 0; i < story.count; i++) fprintf(file, "%s\n", story.line[i].text);
    fclose(file);
}

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    const size_t room = 16u << 20;
    uint8_t *bytes = file == NULL ? NULL : aligned_alloc(8, room);
    if (bytes != NULL) *size = fread(bytes, 1, room, file);
    if (file != NULL) fclose(file);
    return bytes;
}

static int usage(void)
{
    fprintf(stderr, "usage: properties_tool BUNDLE NAME SEED CASES [--other BUNDLE] [--only P7] [--plant PROPERTY] "
                    "[--dump FILE]\n");
    return 2;
}

int main(int count, char **arguments)
{
    if (count < 5 || count % 2 == 0) return usage();
    for (int i = 5; i < count; i += 2) {
        if (strcmp(arguments[i], "--other") == 0)
            other = read_file(arguments[i + 1], &other_size);
        else if (strcmp(arguments[i], "--only") == 0)
            only = arguments[i + 1];
        else if (strcmp(arguments[i], "--plant") == 0)
            only = plant = arguments[i + 1];
        else if (strcmp(arguments[i], "--dump") == 0)
            dump = arguments[i + 1];
        else
            return usage();
    }
    struct error error = ERROR_NONE;
    name = arguments[2];
    bundle = read_file(arguments[1], &bundle_size);
    if (bundle == NULL || crypto_start(&error) != OK || bundle_open(&program, bundle, bundle_size, &error) != OK) {
        fprintf(stderr, "%s: %s\n", arguments[1], error.message);
        return 2;
    }
    uint64_t first = strtoull(arguments[3], NULL, 10), cases = strtoull(arguments[4], NULL, 10), lines = 0, effects = 0;
    struct why_figures why = {0};
    for (seed = first; seed < first + cases; seed++) {
        static const uint32_t players[] = {40, 12, 90, 4};
        uint32_t lives = players[seed % 4];
        story_make(&story, &program, bundle, bundle_size, seed, lives, 1200);
        if (dump != NULL) write_lines();
        telling_tell(&base, &story, (struct way){.seed = seed, .shards = 1}, NULL, false);
        if (base.fault[0] != '\0') broken("P3", "%s", base.fault);
        if (wanted("P1")) repeat_lines();
        if (wanted("P2")) shuffle_lines();
        if (wanted("P3")) kill_often();
        if (wanted("P4")) replay_log();
        if (wanted("P7") || wanted("P8")) protect();
        if (wanted("P9")) end_waits();
        if (wanted("P10")) {
            const char *fault = why_judge(&story, seed, planted("P10"), &why);
            if (fault != NULL) broken("P10", "%s", fault);
        }
        if (wanted("P12") && other != NULL) change_version();
        lines += story.count;
        effects += base.effect_count;
        if (wanted("P14")) leave_out_tests(lives);
        telling_free(&base);
        story_free(&story);
    }
    counts[10] = why.applied;
    printf("STORIES %s %" PRIu64 " lines, %" PRIu64 " effects; answers %" PRIu64 ", folded again %" PRIu64
           ", none %" PRIu64 "; effects before an exclusion came: %" PRIu64
           "; covered by an event of the same person: %" PRIu64 "\n",
           name, lines, effects, why.applied, why.folded, why.none, late_effects, covered);
    for (int p = 1; p < P_MOST; p++) {
        if (counts[p] > 0) printf("P%d %s %" PRIu64 "\n", p, name, counts[p]);
    }
    return 0;
}
