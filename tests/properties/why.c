/* See why.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/properties/why.h"

#include "runtime/lab/filter_words.h"
#include "runtime/lab/why_not.h"
#include "vm/layout.h"
#include "vm/meaning.h"

enum { SLOTS = 512, ANSWERS_MOST = 60, CANDIDATES_MOST = 5 };

/* A copy of what a filter reads. */
struct copy {
    struct activation activation;
    const struct activation *from;
    int64_t slot[BANK_COUNT][SLOTS];
    uint64_t known[BANK_COUNT][SLOTS / 64];
    bool changed_metric[SLOTS];
};

/* An answer that is told again. */
struct candidate {
    uint32_t line;
    enum probe_kind kind;
    uint32_t campaign, about, event;
    char player[24];
    struct why_not_change change[WHY_NOT_CHANGES_MAX];
    unsigned count;
};

struct why {
    const struct story *story;
    struct why_figures *figures;
    bool planted;
    uint64_t state, asked;
    struct candidate candidate[CANDIDATES_MOST];
    uint32_t candidates;
    /* Telling again. */
    const struct candidate *trying;
    int64_t slot[SLOTS];
    uint64_t known[SLOTS / 64];
    uint64_t target; /* the position of the changed record */
    bool asked_again, accepted;
    char fault[700];
};

static uint32_t draw(struct why *why, uint32_t below)
{
    uint64_t x = why->state += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((x ^ (x >> 31)) % below);
}

/* ------------------------------------------------------------------------------------------------- on a copy */

static void read_changed(void *context, uint32_t metric, struct metric_read *out)
{
    const struct copy *copy = context;
    if (copy->from->read_metric != NULL) copy->from->read_metric(copy->from->metric_context, metric, out);
    if (metric >= SLOTS || !copy->changed_metric[metric]) return;
    *out = (struct metric_read){.known = (copy->known[BANK_METRIC][metric / 64] >> (metric % 64)) & 1,
                                .value = copy->slot[BANK_METRIC][metric],
                                .text = TEXT(""),
                                .changes_at = INT64_MAX};
    if (copy->activation.program->metric[metric].kind == TYPE_TEXT && out->known)
        out->text = interp_text(&copy->activation, out->value);
}

static void fill(struct copy *copy, uint32_t bank, const struct bank_read *from, uint32_t slots)
{
    memcpy(copy->slot[bank], from->slot, slots * sizeof(int64_t));
    memcpy(copy->known[bank], from->known, (slots + 63) / 64 * sizeof(uint64_t));
}

static void copy_reads(struct copy *copy, const struct activation *from)
{
    const struct program *program = from->program;
    copy->activation = *from;
    copy->from = from;
    memset(copy->changed_metric, 0, sizeof copy->changed_metric);
    if (from->event.slot != NULL) {
        fill(copy, BANK_EVENT, &from->event, program->workspace->event_slot_count);
        copy->activation.event.slot = copy->slot[BANK_EVENT];
        copy->activation.event.known = copy->known[BANK_EVENT];
    }
    if (from->player.slot != NULL) {
        fill(copy, BANK_PLAYER, &from->player, program->workspace->player_slot_count);
        copy->activation.player.slot = copy->slot[BANK_PLAYER];
        copy->activation.player.known = copy->known[BANK_PLAYER];
    }
    if (from->journey_slot != NULL && from->campaign != PROGRAM_NONE) {
        memcpy(copy->slot[BANK_JOURNEY], from->journey_slot,
               program->campaign[from->campaign].variable_count * sizeof(int64_t));
        copy->activation.journey_slot = copy->slot[BANK_JOURNEY];
    }
    copy->activation.read_metric = read_changed;
    copy->activation.metric_context = copy;
}

static void apply(struct copy *copy, const struct why_not_change *change)
{
    if (change->slot >= SLOTS) abort();
    copy->slot[change->bank][change->slot] = change->value;
    uint64_t bit = UINT64_C(1) << (change->slot % 64), *word = &copy->known[change->bank][change->slot / 64];
    *word = change->unknown ? *word & ~bit : *word | bit;
    if (change->bank == BANK_METRIC) copy->changed_metric[change->slot] = true;
    if (change->bank == BANK_JOURNEY) {
        uint64_t *known = &copy->activation.journey_known;
        *known = change->unknown ? *known & ~bit : *known | bit;
    }
}

static bool accepts(struct copy *copy, const struct activation *from, uint32_t pc, const struct why_not_change *change,
                    unsigned count, unsigned without)
{
    copy_reads(copy, from);
    for (unsigned i = 0; i < count; i++) {
        if (!((without >> i) & 1)) apply(copy, &change[i]);
    }
    return interp_filter(&copy->activation, pc);
}

static const char *kind_word(enum probe_kind kind)
{
    return kind == PROBE_START_FILTER ? "start" : kind == PROBE_AUDIENCE ? "audience" : "wait";
}

static void fault(struct why *why, const struct engine_probe_call *call, const struct why_not_change *changes,
                  unsigned count, const char *what)
{
    if (why->fault[0] != '\0') return;
    struct buffer words = BUFFER_EMPTY;
    why_not_print(&words, call->activation, changes, count);
    snprintf(
        why->fault, sizeof why->fault,
        "a %s of \"%.*s\" refused player %.*s at record %" PRIu64 "; the answer %s: %.300s", kind_word(call->kind),
        TEXT_ARGS(program_text(call->activation->program, call->activation->program->campaign[call->campaign].name)),
        TEXT_ARGS(call->player), call->position, what, buffer_as_string(&words));
    buffer_deinit(&words);
}

/* Where none would do: single values, of what the filter's conditions look at. */
static void try_singles(struct why *why, const struct engine_probe_call *call, struct copy *copy)
{
    const struct program *program = call->activation->program;
    uint16_t sites[ACTIVATION_SITES_MAX];
    uint32_t region = program->campaign[call->activation->campaign].region;
    uint32_t count = filter_words_sites(program, call->pc, sites, ACTIVATION_SITES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        const struct bundle_site *site = &program->site[program->region[region].site_first + sites[i]];
        if ((site->bank != BANK_EVENT && site->bank != BANK_PLAYER) || site->kind == TYPE_TEXT || site->slot >= SLOTS)
            continue;
        int64_t low = INT64_MIN, high = INT64_MAX;
        meaning_range(program, site->kind, site->of, &low, &high);
        const int64_t values[] = {0, 1, 2, 10, low, high, call->activation->now, call->activation->now + 86400000};
        for (unsigned v = 0; v < sizeof values / sizeof values[0]; v++) {
            if (values[v] < low || values[v] > high) continue;
            struct why_not_change change = {.bank = (enum bank)site->bank, .slot = site->slot, .value = values[v]};
            if (site->kind == TYPE_MONEY && values[v] > (INT64_C(1) << 40)) continue;
            if (!accepts(copy, call->activation, call->pc, &change, 1, 0)) continue;
            char words[200];
            const struct bundle_site *found = site;
            snprintf(words, sizeof words, "is none, and `%.*s` with %" PRId64 " would do",
                     TEXT_ARGS(program_text(program, found->text)), values[v]);
            fault(why, call, &change, 0, words);
            return;
        }
    }
    why->figures->none++;
}

/* ------------------------------------------------------------------------------------------------- to be told again */

static bool is_attribute(const struct program *program, uint32_t slot)
{
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        if (program->attribute[i].slot == slot) return program->attribute[i].kind != TYPE_TEXT;
    }
    return false;
}

static bool is_field(const struct program *program, const struct bundle_event *event, uint32_t slot)
{
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct bundle_field *field = &program->field[event->field_first + i];
        if (field->slot == slot) return field->kind != TYPE_TEXT;
    }
    return false;
}

static bool reads_metrics(const struct program *program, const struct engine_probe_call *call)
{
    uint16_t sites[ACTIVATION_SITES_MAX];
    uint32_t region = program->campaign[call->activation->campaign].region;
    uint32_t count = filter_words_sites(program, call->pc, sites, ACTIVATION_SITES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        const struct bundle_site *site = &program->site[program->region[region].site_first + sites[i]];
        if (site->bank != BANK_EVENT && site->bank != BANK_PLAYER) return true;
    }
    return false;
}

static void keep_candidate(struct why *why, const struct engine_probe_call *call, const struct why_not_change *changes,
                           unsigned count)
{
    const struct program *program = call->activation->program;
    if (why->candidates == CANDIDATES_MOST || call->position < 2 || call->position - 2 >= why->story->count) return;
    const struct story_line *line = &why->story->line[call->position - 2];
    if (line->alone || line->control || call->player.size >= sizeof why->candidate[0].player) return;
    if (!text_equal(call->player, text_of(line->player)) || strstr(line->text, "\"event\":") == NULL) return;
    if (call->activation->event.slot == NULL || reads_metrics(program, call)) return;
    uint32_t index = call->kind == PROBE_CASE ? program->wait_case[call->about].event
                                              : program->campaign[call->campaign].start_event;
    if (index == PROGRAM_NONE) return;
    for (unsigned i = 0; i < count; i++) {
        bool fits = changes[i].bank == BANK_EVENT    ? is_field(program, &program->event[index], changes[i].slot)
                    : changes[i].bank == BANK_PLAYER ? is_attribute(program, changes[i].slot)
                                                     : false;
        if (!fits) return;
    }
    if (draw(why, 3) != 0) return;
    struct candidate *candidate = &why->candidate[why->candidates++];
    *candidate = (struct candidate){.line = (uint32_t)(call->position - 2),
                                    .kind = call->kind,
                                    .campaign = call->campaign,
                                    .about = call->about,
                                    .event = index,
                                    .count = count};
    snprintf(candidate->player, sizeof candidate->player, "%.*s", TEXT_ARGS(call->player));
    memcpy(candidate->change, changes, count * sizeof *changes);
}

static void take_probe(void *context, const struct engine_probe_call *call)
{
    struct why *why = context;
    bool kind = call->kind == PROBE_START_FILTER || call->kind == PROBE_AUDIENCE || call->kind == PROBE_CASE;
    if (!kind || call->accepted || call->activation->campaign == PROGRAM_NONE || why->fault[0] != '\0') return;
    if (why->asked >= ANSWERS_MOST || draw(why, 8) != 0) return;
    why->asked++;
    static struct copy copy;
    struct why_not_change changes[WHY_NOT_CHANGES_MAX];
    unsigned count = why_not_search(call->activation, call->pc, true, changes);
    if (count == 0) {
        try_singles(why, call, &copy);
        return;
    }
    if (why->planted)
        changes[0].value = changes[0].value == 0 ? INT64_MAX / 4 : 0, changes[0].unknown = !changes[0].unknown;
    if (!accepts(&copy, call->activation, call->pc, changes, count, 0)) {
        fault(why, call, changes, count, "does not do");
        return;
    }
    for (unsigned without = 1; without < (1u << count) - 1; without++) {
        if (accepts(&copy, call->activation, call->pc, changes, count, without)) {
            fault(why, call, changes, count, "is not the smallest");
            return;
        }
    }
    why->figures->applied++;
    keep_candidate(why, call, changes, count);
}

/* ------------------------------------------------------------------------------------------------- telling again */

static bool fold_attributes(struct why *why, struct telling *telling, const struct record *record)
{
    const struct program *program = engine_program(telling->engine);
    int64_t slot[SLOTS] = {0};
    uint64_t known[SLOTS / 64] = {0}, given[SLOTS / 64] = {0};
    bool any = false;
    for (unsigned i = 0; i < why->trying->count; i++) {
        const struct why_not_change *change = &why->trying->change[i];
        if (change->bank != BANK_PLAYER) continue;
        any = true;
        slot[change->slot] = change->value;
        given[change->slot / 64] |= UINT64_C(1) << (change->slot % 64);
        if (!change->unknown) known[change->slot / 64] |= UINT64_C(1) << (change->slot % 64);
    }
    if (!any) return true;
    struct record attributes = {.kind = RECORD_ATTRIBUTES,
                                .now = record->now,
                                .at = record->now,
                                .group = record->group,
                                .number = record->number,
                                .player = record->player,
                                .brand = record->brand,
                                .id = TEXT("what-if"),
                                .source = TEXT("why"),
                                .content = 1,
                                .slot_count = program->workspace->player_slot_count,
                                .slot = slot,
                                .known = known,
                                .given = given,
                                .bytes = (const uint8_t *)""};
    return telling_fold(telling, &attributes);
}

static void change_record(void *context, struct telling *telling, uint32_t line, struct record *record)
{
    struct why *why = context;
    /* Of an event that the engine made of this one nothing can be changed here. */
    if (line != why->trying->line || record->kind != RECORD_EVENT || record->event != why->trying->event) return;
    if (record->slot_count > SLOTS) abort();
    memcpy(why->slot, record->slot, record->slot_count * sizeof(int64_t));
    memcpy(why->known, record->known, (record->slot_count + 63) / 64 * sizeof(uint64_t));
    for (unsigned i = 0; i < why->trying->count; i++) {
        const struct why_not_change *change = &why->trying->change[i];
        if (change->bank != BANK_EVENT) continue;
        why->slot[change->slot] = change->value;
        uint64_t bit = UINT64_C(1) << (change->slot % 64), *word = &why->known[change->slot / 64];
        *word = change->unknown ? *word & ~bit : *word | bit;
    }
    record->slot = why->slot;
    record->known = why->known;
    (void)fold_attributes(why, telling, record);
    why->target = telling->position + 1;
}

static void look_again(void *context, const struct engine_probe_call *call)
{
    struct why *why = context;
    const struct candidate *trying = why->trying;
    if (call->position != why->target || call->kind != trying->kind || call->campaign != trying->campaign ||
        call->about != trying->about || !text_equal(call->player, text_of(trying->player)))
        return;
    why->asked_again = true;
    why->accepted = why->accepted || call->accepted;
}

static void tell_again(struct why *why, const struct candidate *candidate)
{
    struct telling telling;
    why->trying = candidate;
    why->target = UINT64_MAX;
    why->asked_again = why->accepted = false;
    uint32_t lines = candidate->line + 1;
    while (lines < why->story->count && why->story->line[lines].now == why->story->line[candidate->line].now) lines++;
    struct way way = {.shards = 1, .probed = true, .lines = lines};
    struct telling_hooks hooks = {.context = why, .before = change_record, .probe = look_again};
    telling_tell(&telling, why->story, way, &hooks, false);
    if (telling.fault[0] != '\0') snprintf(why->fault, sizeof why->fault, "told again: %.600s", telling.fault);
    telling_free(&telling);
    if (!why->asked_again) return; /* another journey, policy or entry stands in the way by now */
    if (why->accepted) {
        why->figures->folded++;
        return;
    }
    snprintf(why->fault, sizeof why->fault,
             "a %s of \"%.*s\" refused player %s at line %u; told again with the %u changes of the answer it refuses "
             "still (slot %u of bank %d)",
             kind_word(candidate->kind),
             TEXT_ARGS(program_text(why->story->program, why->story->program->campaign[candidate->campaign].name)),
             candidate->player, candidate->line, candidate->count, candidate->change[0].slot,
             (int)candidate->change[0].bank);
}

const char *why_judge(const struct story *story, uint64_t seed, bool planted, struct why_figures *figures)
{
    static struct why why;
    why = (struct why){.story = story, .figures = figures, .state = seed, .planted = planted};
    struct telling telling;
    struct telling_hooks hooks = {.context = &why, .probe = take_probe};
    telling_tell(&telling, story, (struct way){.shards = 1, .probed = true}, &hooks, false);
    if (telling.fault[0] != '\0') snprintf(why.fault, sizeof why.fault, "%.690s", telling.fault);
    telling_free(&telling);
    for (uint32_t i = 0; i < why.candidates && why.fault[0] == '\0'; i++) tell_again(&why, &why.candidate[i]);
    return why.fault[0] == '\0' ? NULL : why.fault;
}
