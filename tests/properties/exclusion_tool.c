/* An exclusion in the middle of every example: the vectors of a self-exclusion, lived by whoever is on the way in the example's own stream.
 *
 * exclusion_tool BUNDLE NAME EVENTS [plant]: tells the stream once and notes who waits for what at some of its lines; then once more for each of them, in three ways: the
 * player excludes himself a second later; in the very millisecond of the deadline; or another player of the same person does so. Each time the line comes twice.
 * Judged: every journey of the player ends in that instant as RG_BLOCKED; from then on nothing is decided for him but messages of class safety; the second line is a
 * DUPLICATE; nobody else ends by it. C11.1, C11.2, C11.7, C11.11, C11.13. With `plant` the line is left out, which must be seen.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lives/maker.h"
#include "tests/properties/story.h"

#include "vm/bundle.h"
#include "vm/civil.h"
#include "vm/crypto.h"
#include "vm/program.h"

enum { WAITING_MOST = 12, NAME_SIZE = 72 };
enum way_of { ON_THE_WAY, AT_THE_DEADLINE, BY_ANOTHER, WAYS };

/* Somebody who waits. */
struct waiting {
    char player[NAME_SIZE], brand[NAME_SIZE];
    int64_t now, due;
};

struct trial {
    const struct waiting *who;
    enum way_of way;
    int64_t when;
    struct intake *intake; /* Of its own: the telling's holds the line that is being told. */
    bool linked, done, over, relinked;
    uint32_t running, ended, ended_otherwise, duplicates, covered, decided;
    uint32_t left_running;
    char fault[1400];
};

static struct program program;
static struct story story;
static struct waiting waiting[WAITING_MOST];
static uint32_t waiting_count, step_lines;
static const struct bundle_event *exclusion;

static bool finishes, planted;

static bool is_named(struct text text, const char *name)
{
    return text_equal(text, text_of(name));
}

/* ------------------------------------------------------------------ who waits */

static int64_t sample_now;
static bool sampled;

static void sample(void *context, const struct engine_journey_view *view)
{
    const uint64_t *seen = context;
    (void)seen;
    if (sampled || view->due_at == INT64_MAX || view->due_at <= sample_now + 10 || view->player.size >= NAME_SIZE)
        return;
    for (uint32_t i = 0; i < waiting_count; i++) {
        if (is_named(view->player, waiting[i].player) && is_named(view->brand, waiting[i].brand)) return;
    }
    struct waiting *one = &waiting[waiting_count++];
    snprintf(one->player, sizeof one->player, "%.*s", TEXT_ARGS(view->player));
    snprintf(one->brand, sizeof one->brand, "%.*s", TEXT_ARGS(view->brand));
    one->now = sample_now;
    one->due = view->due_at;
    sampled = true;
}

static void look(void *context, struct telling *telling, uint32_t line, struct record *record)
{
    (void)context;
    (void)record;
    if (line % step_lines != 0 || waiting_count == WAITING_MOST) return;
    sampled = false;
    sample_now = engine_now(telling->engine);
    engine_each_journey(telling->engine, sample, NULL);
}

/* ------------------------------------------------------------------ one trial */

static void say(struct trial *trial, struct telling *telling, int64_t now, const char *format, const char *player)
{
    struct buffer line = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    struct record record;
    char when[CIVIL_INSTANT_SIZE];
    civil_format_instant(when, now);
    buffer_print(&line, "{\"at\":\"%s\",\"player\":", when);
    buffer_json_text(&line, text_of(player));
    if (trial->who->brand[0] != '\0') {
        buffer_string(&line, ",\"brand\":");
        buffer_json_text(&line, text_of(trial->who->brand));
    }
    buffer_string(&line, format);
    if (intake_line(trial->intake, buffer_as_string(&line), line.size, &record, &error) != OK) {
        snprintf(trial->fault, sizeof trial->fault, "%s: %s", buffer_as_string(&line), error.message);
    } else {
        record.now = now;
        if (!telling_fold(telling, &record)) snprintf(trial->fault, sizeof trial->fault, "%s", telling->fault);
    }
    buffer_deinit(&line);
}

struct counting {
    const struct waiting *who;
    uint32_t count;
};

static void count_own(void *context, const struct engine_journey_view *view)
{
    struct counting *counting = context;
    counting->count += is_named(view->player, counting->who->player) && is_named(view->brand, counting->who->brand);
}

static uint32_t journeys_of(const struct trial *trial, struct telling *telling)
{
    struct counting counting = {.who = trial->who};
    engine_each_journey(telling->engine, count_own, &counting);
    return counting.count;
}

/* What the stream says later may lift the exclusion, or forget the player: then the trial is over. */
static bool lifts(const struct trial *trial, const struct record *record)
{
    if (!is_named(record->player, trial->who->player) || !is_named(record->brand, trial->who->brand)) return false;
    if (record->kind == RECORD_ERASE) return true;
    if (record->kind != RECORD_ATTRIBUTES || exclusion->sets == PROGRAM_NONE) return false;
    uint32_t slot = program.attribute[exclusion->sets].slot;
    return (record->given[slot / 64] >> (slot % 64)) & 1;
}

static void before(void *context, struct telling *telling, uint32_t number, struct record *record)
{
    struct trial *trial = context;
    const char *excluded = trial->way == BY_ANOTHER ? "another of the same" : trial->who->player;
    char line[300];
    (void)number;
    if (trial->way == BY_ANOTHER && !trial->linked && record->now > trial->who->now) {
        trial->linked = true;
        say(trial, telling, trial->who->now, ",\"kind\":\"person\",\"id\":\"vector 1\",\"person\":\"one\"}",
            trial->who->player);
        say(trial, telling, trial->who->now, ",\"kind\":\"person\",\"id\":\"vector 2\",\"person\":\"one\"}", excluded);
    }
    /* The stream has a word of its own on whose person he is. */
    if (record->kind == RECORD_PERSON && !trial->done && is_named(record->player, trial->who->player) &&
        is_named(record->brand, trial->who->brand))
        trial->relinked = true;
    if (trial->done && !trial->over && record->now > trial->when) {
        /* The instant is closed by this line at the latest. */
        if (!telling_settle(telling)) snprintf(trial->fault, sizeof trial->fault, "%s", telling->fault);
        uint32_t left = journeys_of(trial, telling);
        if (finishes && left > trial->left_running) trial->left_running = left;
        if (!finishes || lifts(trial, record)) trial->over = true;
    }
    if (trial->done || record->now <= trial->when) return;
    trial->done = true;
    if (planted) {
        trial->running = journeys_of(trial, telling);
        return;
    }
    snprintf(line, sizeof line, ",\"id\":\"vector\",\"event\":\"%.*s\",\"data\":{}}",
             TEXT_ARGS(program_text(&program, exclusion->wire)));
    say(trial, telling, trial->when, line, excluded);
    trial->running = journeys_of(trial, telling); /* Earlier deadlines are folded, this instant is open. */
    say(trial, telling, trial->when, line, excluded);
    if (!telling_settle(telling)) snprintf(trial->fault, sizeof trial->fault, "%s", telling->fault);
    if (lifts(trial, record)) trial->over = true;
}

static void on_note(void *context, const struct engine_note *note)
{
    struct trial *trial = context;
    if (!trial->done || note->now != trial->when) return;
    bool own = is_named(note->player, trial->who->player) && is_named(note->brand, trial->who->brand);
    trial->duplicates += note->kind == NOTE_NOT_APPLIED && note->reason == REASON_DUPLICATE;
    trial->covered += note->kind == NOTE_PROTECTED;
    if (note->kind != NOTE_FINISHED || note->reason != REASON_RG_BLOCKED) {
        trial->ended_otherwise += note->kind == NOTE_FINISHED && own;
        return;
    }
    if (own) trial->ended++;
}

static void on_effect(void *context, const struct engine_effect *effect)
{
    struct trial *trial = context;
    if (!trial->done || trial->over || effect->at < trial->when || effect->effect == NULL ||
        effect->kind == ENGINE_RECALL)
        return;
    if (!is_named(effect->player, trial->who->player) || !is_named(effect->brand, trial->who->brand)) return;
    if (effect->kind == ENGINE_SEND && effect->program->message[effect->effect->object].class == MESSAGE_CLASS_SAFETY)
        return;
    if (!finishes && effect->at > trial->when) return; /* No policy keeps him out afterwards. */
    trial->decided++;
}

static void judge(const struct trial *trial, const char *name, uint32_t totals[4])
{
    static const char *const ways[WAYS] = {"on the way", "in the millisecond of the deadline",
                                           "by another player of the same person"};
    const char *wrong = NULL;
    if (trial->fault[0] != '\0')
        wrong = trial->fault;
    else if (!trial->done || (trial->way == BY_ANOTHER && trial->relinked))
        return; /* The stream ends before, or says otherwise. */
    else if (trial->ended != trial->running || trial->ended_otherwise > 0)
        wrong = "a journey did not end in that instant as RG_BLOCKED";
    else if (trial->left_running > 0)
        wrong = "a journey runs on, or a new one began";
    else if (trial->decided > 0)
        wrong = "something was decided for him afterwards";
    else if (trial->duplicates != 1)
        wrong = "the second line is not told as DUPLICATE";
    else if (trial->way == BY_ANOTHER && trial->covered != 1)
        wrong = "the other player of the person is not covered once";
    if (wrong != NULL) {
        printf("BROKEN C11 %s: %s %s excluded at %" PRId64 ": %s (%u ran, %u ended, %u decided)\n", name,
               trial->who->player, ways[trial->way], trial->when, wrong, trial->running, trial->ended, trial->decided);
        exit(1);
    }
    totals[trial->way]++;
    totals[3] += trial->ended;
}

static void find_exclusion(void)
{
    for (uint32_t i = 0; i < program.event_count && exclusion == NULL; i++) {
        const struct bundle_event *event = &program.event[i];
        bool bare = event->safety == SAFETY_SELF_EXCLUSION && !event->made_by_engine;
        for (uint32_t f = 0; f < event->field_count; f++) bare = bare && program.field[event->field_first + f].optional;
        if (!bare) continue;
        exclusion = event;
    }
    for (uint32_t i = 0; i < program.rule_count; i++) finishes = finishes || program.rule[i].kind == RULE_FINISH;
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

int main(int count, char **arguments)
{
    if (count < 4) {
        fprintf(stderr, "usage: exclusion_tool BUNDLE NAME EVENTS [plant]\n");
        return 2;
    }
    planted = count > 4;
    struct error error = ERROR_NONE;
    size_t size = 0;
    uint8_t *bundle = read_file(arguments[1], &size);
    if (bundle == NULL || crypto_start(&error) != OK || bundle_open(&program, bundle, size, &error) != OK) {
        fprintf(stderr, "%s: %s\n", arguments[1], error.message);
        return 2;
    }
    find_exclusion();
    if (exclusion == NULL || !story_read(&story, &program, bundle, size, arguments[3])) {
        printf("C11 %s 0 0 0 0\n", arguments[2]);
        return 0;
    }
    step_lines = story.count / (2 * WAITING_MOST) + 1;
    struct telling telling;
    struct telling_hooks hooks = {.before = look};
    telling_tell(&telling, &story, (struct way){.shards = 2}, &hooks, false);
    telling_free(&telling);
    uint32_t totals[4] = {0};
    for (uint32_t i = 0; i < waiting_count; i++) {
        for (uint32_t way = 0; way < WAYS; way++) {
            struct trial trial = {.who = &waiting[i], .way = (enum way_of)way};
            trial.when = way == AT_THE_DEADLINE || trial.who->due < trial.who->now + 1000 ? trial.who->due
                                                                                          : trial.who->now + 1000;
            if (intake_open(&trial.intake, &program, &error) != OK) abort();
            hooks = (struct telling_hooks){.context = &trial, .before = before, .effect = on_effect, .note = on_note};
            telling_tell(&telling, &story, (struct way){.shards = 1 + way * 3}, &hooks, false);
            if (telling.fault[0] != '\0') snprintf(trial.fault, sizeof trial.fault, "%s", telling.fault);
            telling_free(&telling);
            intake_close(trial.intake);
            judge(&trial, arguments[2], totals);
        }
    }
    printf("C11 %s %u %u %u %u\n", arguments[2], totals[0], totals[1], totals[2], totals[3]);
    story_free(&story);
    free(bundle);
    return 0;
}
