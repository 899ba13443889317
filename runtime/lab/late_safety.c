/*
 * Collects late responsible gaming events and the effects between their two times.
 *
 * Next: runtime/cli/command_report.c.
 */
#include "runtime/lab/late_safety.h"

#include "runtime/lab/value_text.h"

struct late_effect {
    int64_t at;
    uint8_t id[16];
    struct text campaign;
    struct text words;
    struct late_effect *next;
};

/* One late event: it holds from `at`, and was known at `now`. */
struct late_event {
    struct text player, brand;
    struct text event, id;
    int64_t at, now;
    uint64_t position; /* Of the record. */
    bool linked;       /* It is of another player of the same person, of the brand `of`. */
    struct text of;
    struct late_effect *effects, **effects_end;
    struct late_event *next;
};

struct late_safety {
    struct arena *arena;
    struct late_event *events, **events_end;
    uint64_t event_count, effect_count;
    bool out_of_memory;
};

static struct text keep(struct late_safety *report, struct text text)
{
    const struct text copy = arena_copy_text(report->arena, text);
    report->out_of_memory = report->out_of_memory || (copy.at == NULL && text.size > 0);
    return copy;
}

static struct late_event *add_event(struct late_safety *report, struct text player, struct text brand, int64_t at,
                                    int64_t now)
{
    struct late_event *event = arena_alloc(report->arena, sizeof *event);
    if (event == NULL) {
        report->out_of_memory = true;
        return NULL;
    }
    *event = (struct late_event){.at = at, .now = now, .event = TEXT(""), .id = TEXT(""), .of = TEXT("")};
    event->player = keep(report, player);
    event->brand = keep(report, brand);
    event->effects_end = &event->effects;
    *report->events_end = event;
    report->events_end = &event->next;
    return event;
}

static void on_record(void *context, const struct record *record, const struct program *program)
{
    struct late_safety *report = context;
    if (record->kind != RECORD_EVENT || program == NULL || record->event >= program->event_count ||
        record->at >= record->now || program->event[record->event].safety == SAFETY_NONE) {
        return;
    }
    struct late_event *event = add_event(report, record->player, record->brand, record->at, record->now);
    if (event == NULL) return;
    event->position = record->position;
    event->event = keep(report, program_text(program, program->event[record->event].name));
    event->id = keep(report, record->id);
    report->event_count++;
}

/* The others of the person, for whom it holds from the same moment. */
static void on_note(void *context, const struct engine_note *note)
{
    struct late_safety *report = context;
    if (note->kind != NOTE_PROTECTED || note->event.size == 0 || note->since >= note->now) return;
    const struct late_event *of = report->events;
    while (of != NULL && (of->position != note->position || of->position == 0)) of = of->next;
    struct late_event *event = add_event(report, note->player, note->brand, note->since, note->now);
    if (event == NULL) return;
    event->linked = true;
    event->event = keep(report, note->event);
    event->of = keep(report, note->other);
    if (of != NULL) event->id = of->id;
}

static struct text effect_words(struct late_safety *report, const struct engine_effect *effect)
{
    const struct program *program = effect->program;
    struct buffer words = BUFFER_EMPTY;
    buffer_text(&words, program_text(program, effect->effect->action));
    if (program_text(program, effect->effect->name).size > 0) {
        buffer_print(&words, " \"%.*s\"", TEXT_ARGS(program_text(program, effect->effect->name)));
    }
    if (effect->kind == ENGINE_CREDIT) {
        buffer_string(&words, ", cost ");
        value_text_print(&words, program, TYPE_MONEY, program->offer[effect->effect->object].currency, effect->cost,
                         TEXT(""));
    }
    const struct text copy = keep(report, buffer_as_text(&words));
    buffer_deinit(&words);
    return copy;
}

static void on_effect(void *context, const struct engine_effect *effect)
{
    struct late_safety *report = context;
    if (effect->effect == NULL || effect->kind == ENGINE_TAG || effect->kind == ENGINE_UNTAG ||
        effect->kind == ENGINE_AWARD) {
        return;
    }
    for (struct late_event *event = report->events; event != NULL; event = event->next) {
        if (effect->at < event->at || effect->at >= event->now || !text_equal(effect->player, event->player) ||
            !text_equal(effect->brand, event->brand)) {
            continue;
        }
        struct late_effect *late = arena_alloc(report->arena, sizeof *late);
        if (late == NULL) {
            report->out_of_memory = true;
            return;
        }
        *late = (struct late_effect){.at = effect->at};
        memcpy(late->id, effect->id, sizeof late->id);
        late->campaign = keep(report, program_text(effect->program, effect->program->campaign[effect->campaign].name));
        late->words = effect_words(report, effect);
        *event->effects_end = late;
        event->effects_end = &late->next;
        report->effect_count++;
    }
}

struct late_safety *late_safety_new(struct arena *arena)
{
    struct late_safety *report = arena_alloc(arena, sizeof *report);
    if (report == NULL) {
        return NULL;
    }
    *report = (struct late_safety){.arena = arena};
    report->events_end = &report->events;
    return report;
}

struct engine_sink late_safety_first(struct late_safety *report)
{
    return (struct engine_sink){.context = report, .record = on_record, .note = on_note};
}

struct engine_sink late_safety_second(struct late_safety *report)
{
    return (struct engine_sink){.context = report, .effect = on_effect};
}

static void print_id(struct buffer *out, const uint8_t id[16])
{
    for (unsigned i = 0; i < 16; i++) {
        buffer_print(out, "%02x", id[i]);
    }
}

static void render_text(const struct late_safety *report, struct buffer *out)
{
    if (report->event_count == 0) {
        buffer_string(out, "No responsible gaming event came later than it took effect.\n");
        return;
    }
    buffer_print(out, "%llu responsible gaming %s came later than %s took effect; %llu %s decided in between.\n",
                 (unsigned long long)report->event_count, report->event_count == 1 ? "event" : "events",
                 report->event_count == 1 ? "it" : "they", (unsigned long long)report->effect_count,
                 report->effect_count == 1 ? "effect was" : "effects were");
    for (const struct late_event *event = report->events; event != NULL; event = event->next) {
        buffer_print(out, "\nPlayer %.*s", TEXT_ARGS(event->player));
        if (event->brand.size > 0) {
            buffer_print(out, " of %.*s", TEXT_ARGS(event->brand));
        }
        buffer_print(out, ": %.*s", TEXT_ARGS(event->event));
        if (event->linked) buffer_string(out, " of the same person");
        if (event->of.size > 0) buffer_print(out, " on %.*s", TEXT_ARGS(event->of));
        buffer_print(out, " (event %.*s) holds from ", TEXT_ARGS(event->id));
        value_text_instant(out, event->at);
        buffer_string(out, ", known at ");
        value_text_instant(out, event->now);
        buffer_string(out, event->effects == NULL ? "; nothing left in between\n" : "\n");
        for (const struct late_effect *effect = event->effects; effect != NULL; effect = effect->next) {
            buffer_string(out, "  ");
            value_text_instant(out, effect->at);
            buffer_print(out, "  %.*s, of \"%.*s\", id ", TEXT_ARGS(effect->words), TEXT_ARGS(effect->campaign));
            print_id(out, effect->id);
            buffer_string(out, "\n");
        }
    }
}

static void print_json_instant(struct buffer *out, int64_t instant)
{
    struct buffer text = BUFFER_EMPTY;
    value_text_instant(&text, instant);
    buffer_json_text(out, buffer_as_text(&text));
    buffer_deinit(&text);
}

static void render_json(const struct late_safety *report, struct buffer *out)
{
    buffer_string(out, "{\"late_events\":[");
    for (const struct late_event *event = report->events; event != NULL; event = event->next) {
        buffer_string(out, event == report->events ? "{\"player\":" : ",{\"player\":");
        buffer_json_text(out, event->player);
        buffer_string(out, ",\"brand\":");
        buffer_json_text(out, event->brand);
        buffer_string(out, ",\"event\":");
        buffer_json_text(out, event->event);
        buffer_string(out, ",\"id\":");
        buffer_json_text(out, event->id);
        if (event->linked) {
            buffer_string(out, ",\"of_brand\":");
            buffer_json_text(out, event->of);
        }
        buffer_string(out, ",\"holds_from\":");
        print_json_instant(out, event->at);
        buffer_string(out, ",\"known_at\":");
        print_json_instant(out, event->now);
        buffer_string(out, ",\"effects\":[");
        for (const struct late_effect *effect = event->effects; effect != NULL; effect = effect->next) {
            buffer_string(out, effect == event->effects ? "{\"id\":\"" : ",{\"id\":\"");
            print_id(out, effect->id);
            buffer_string(out, "\",\"at\":");
            print_json_instant(out, effect->at);
            buffer_string(out, ",\"campaign\":");
            buffer_json_text(out, effect->campaign);
            buffer_string(out, ",\"effect\":");
            buffer_json_text(out, effect->words);
            buffer_string(out, "}");
        }
        buffer_string(out, "]}");
    }
    buffer_string(out, "]}\n");
}

bool late_safety_render(const struct late_safety *report, bool json, struct buffer *out)
{
    if (json) {
        render_json(report, out);
    } else {
        render_text(report, out);
    }
    return !report->out_of_memory && buffer_ok(out);
}
