/* Metrics against a recount of everything (metric_model.h), over streams with late, repeated, void and future events and players who move.
 *
 * A program is made with one metric for each aggregate, span and grain; four engines fold the same records (shards 1, 4 and 7, and one that
 * is closed and restored from its checkpoint again and again), a fifth gets the metrics in the middle and fills them in from its log.
 * At every stop all must say what the model says, now and just before, at and after the instant that they say it changes. Then mistakes
 * are planted in the model, and each must be seen. SEED=n takes another row, TIMES=n more of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/compiler.h"
#include "runtime/engine/engine.h"
#include "runtime/store/memory_store.h"
#include "tests/property/metric_model.h"
#include "vm/builder.h"
#include "vm/bundle.h"
#include "vm/crypto.h"
#include "vm/memory.h"
#include "vm/zone.h"

#define LATENESS (7 * CIVIL_DAY_MS)
#define ENGINES  5
#define RESTORED 3 /* Which of them is restored, … */
#define FILLED   4 /* … and which gets the metrics late. */

static const char SCHEMA[] =
    "workspace \"Metrics\"\n  product casino\n  currency EUR\n  channel inbox\n  timezone \"Europe/Malta\"\nend\n"
    "attribute home time zone, otherwise \"Europe/Malta\"\n"
    "event play\n  field points whole number between -1,000 and 1,000\n  field game text up to 20\nend\n"
    "event play_voided\n  reverses play by play_id at played_at\n  field play_id text up to 64\n  field played_at "
    "moment\n"
    "  field points whole number between -1,000 and 1,000\n  field game text up to 20\nend\n";

/* ---------------------------------------------------------------- chance */

static uint64_t chance;

static uint64_t below(uint64_t count)
{
    uint64_t x = chance += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (x ^ (x >> 31)) % count;
}

/* ---------------------------------------------------------------- the metrics */

static struct model_spec specs[MODEL_SPECS];
static uint32_t spec_count;

static void add_spec(struct model_spec spec)
{
    assert_true(spec_count < MODEL_SPECS);
    spec.low = -1000000;
    spec.high = 1000000;
    if (spec.aggregate == AGGREGATE_FIRST_TIME || spec.aggregate == AGGREGATE_LAST_TIME) {
        spec.low = CIVIL_INSTANT_MIN;
        spec.high = CIVIL_INSTANT_MAX;
    }
    if (spec.aggregate == AGGREGATE_SUM && below(4) == 0) {
        spec.low = -1000; /* Sums stop here, and come back. */
        spec.high = 1500;
    }
    bool values = spec.aggregate == AGGREGATE_DIFFERENT || spec.aggregate == AGGREGATE_FAVOURITE ||
                  spec.aggregate == AGGREGATE_FIRST || spec.aggregate == AGGREGATE_LAST ||
                  spec.aggregate == AGGREGATE_DIFFERENT_EACH;
    spec.texts = values && below(2) == 0;
    spec.filtered = below(3) == 0;
    spec.rounding = (enum rounding)below(3);
    specs[spec_count++] = spec;
}

static void list_specs(void)
{
    static const struct {
        enum window_kind kind;
        enum grain grain;
        int64_t window;
    } rolling[] = {
        {WINDOW_EXACT, GRAIN_EVENT, 36 * CIVIL_HOUR_MS},
        {WINDOW_EXACT, GRAIN_MINUTE, 90 * CIVIL_MINUTE_MS},
        {WINDOW_EXACT, GRAIN_HOUR, 49 * CIVIL_HOUR_MS},
        {WINDOW_EXACT, GRAIN_DAY, 72 * CIVIL_HOUR_MS},
        {WINDOW_CALENDAR, GRAIN_EVENT, 0x00000001LL << 32},
        {WINDOW_CALENDAR, GRAIN_HOUR, 0x00000002LL << 32},
        {WINDOW_CALENDAR, GRAIN_DAY, 0x00000007LL << 32},
        {WINDOW_CALENDAR, GRAIN_DAY, 0x0001000000000000LL},
        {WINDOW_CALENDAR, GRAIN_HOUR, 0x0001000000000000LL},
        {WINDOW_CALENDAR, GRAIN_EVENT, (0x00000001LL << 32) + 3 * CIVIL_HOUR_MS},
    };
    const uint32_t auckland = (uint32_t)zone_find(TEXT("Pacific/Auckland")),
                   york = (uint32_t)zone_find(TEXT("America/New_York"));
    spec_count = 0;
    for (int64_t each = 1; each <= 6; each++) {
        struct model_spec spec = {.aggregate = AGGREGATE_DIFFERENT_EACH,
                                  .span = SPAN_EVER,
                                  .window = (each + 1) / 2,
                                  .zone = auckland,
                                  .reversible = each != 3,
                                  .kept = each % 2 == 0 ? 3 : 2000};
        add_spec(spec);
    }
    for (enum aggregate aggregate = AGGREGATE_COUNT_EVENTS; aggregate < AGGREGATE_DIFFERENT_EACH; aggregate++) {
        bool sums = aggregate == AGGREGATE_COUNT_EVENTS || aggregate == AGGREGATE_SUM || aggregate == AGGREGATE_AVERAGE;
        bool days = aggregate == AGGREGATE_DIFFERENT_DAYS || aggregate == AGGREGATE_DAYS_IN_A_ROW;
        bool values = aggregate == AGGREGATE_DIFFERENT || aggregate == AGGREGATE_FAVOURITE;
        for (uint32_t i = 0; i < sizeof rolling / sizeof rolling[0]; i++) {
            bool exact = rolling[i].grain == GRAIN_EVENT;
            if (!sums && i >= 3 && below(2) == 0) continue;
            struct model_spec spec = {.aggregate = aggregate,
                                      .span = SPAN_ROLLING,
                                      .rolling = rolling[i].kind,
                                      .window = rolling[i].window,
                                      .grain = rolling[i].grain,
                                      .players_zone = below(2) == 0,
                                      .zone = below(2) == 0 ? auckland : york,
                                      .reversible = below(3) != 0};
            if (exact || (!sums && !days)) spec.kept = below(2) == 0 ? 5 : 200;
            if (days) spec.kept = exact || below(2) == 0 ? 4 : 0;
            add_spec(spec);
        }
        for (enum metric_span span = SPAN_EVER; span < SPAN_ENTRY; span++) {
            if (span == SPAN_ROLLING) continue;
            for (uint32_t i = 0; i < (span == SPAN_EVER ? 2 : 3); i++) {
                struct model_spec spec = {.aggregate = aggregate,
                                          .span = span,
                                          .grain = (enum grain)(GRAIN_DAY + below(4)),
                                          .players_zone = i != 1,
                                          .zone = auckland,
                                          .reversible = i == 0};
                if (i == 2 && below(2) == 0) spec.grain = GRAIN_WEEK;
                if (values || (!sums && !days && (i == 0 || below(3) == 0))) spec.kept = i == 0 ? 7 : 150;
                if (days) spec.kept = i == 0 ? 60 : i == 1 ? 3 : 0;
                add_spec(spec);
            }
        }
    }
}

/* ---------------------------------------------------------------- the program */

static struct buffer plain, measured; /* The schema alone, and with the metrics. */
static struct program own;            /* Of `measured`. */
static uint8_t *own_bytes;

static uint32_t field_slot(const struct program *program, uint32_t event, const char *name)
{
    const struct bundle_event *record = &program->event[event];
    for (uint32_t i = 0; i < record->field_count; i++) {
        const struct bundle_field *field = &program->field[record->field_first + i];
        if (text_equal(program_text(program, field->name), text_of(name))) return field->slot;
    }
    fail_msg("no field %s", name);
    return 0;
}

static uint32_t find_event(const struct program *program, const char *name)
{
    for (uint32_t i = 0; i < program->event_count; i++) {
        if (text_equal(program_text(program, program->event[i].name), text_of(name))) return i;
    }
    fail_msg("no event %s", name);
    return 0;
}

static uint32_t add_code(struct builder *builder, const struct program *program, const struct model_spec *spec,
                         uint32_t event)
{
    uint32_t points = field_slot(program, event, "points"), game = field_slot(program, event, "game");
    bool counts = spec->aggregate == AGGREGATE_COUNT_EVENTS || spec->aggregate == AGGREGATE_DIFFERENT_DAYS ||
                  spec->aggregate == AGGREGATE_DAYS_IN_A_ROW || spec->aggregate == AGGREGATE_FIRST_TIME ||
                  spec->aggregate == AGGREGATE_LAST_TIME;
    uint32_t pc = spec->filtered ? builder_code(builder, OP_IF_GE_EVENT, points, 0, 2, -900) : 0;
    uint32_t load = counts        ? builder_code(builder, OP_LOAD_CONST, 0, 0, 0, 0)
                    : spec->texts ? builder_code(builder, OP_LOAD_EVENT_TEXT, 0, game, 0, 0)
                                  : builder_code(builder, OP_LOAD_EVENT, 0, points, 0, 0);
    (void)builder_code(builder, !counts && spec->texts ? OP_YIELD_TEXT : OP_YIELD, 0, 0, 0, 0);
    (void)builder_code(builder, OP_REJECT, 0, 0, 0, 0);
    return spec->filtered ? pc : load;
}

static enum type_kind kind_of(const struct model_spec *spec)
{
    if (spec->aggregate == AGGREGATE_FIRST_TIME || spec->aggregate == AGGREGATE_LAST_TIME) return TYPE_MOMENT;
    return spec->texts && spec->aggregate != AGGREGATE_DIFFERENT && spec->aggregate != AGGREGATE_DIFFERENT_EACH
               ? TYPE_TEXT
               : TYPE_WHOLE;
}

static void copy_schema(struct builder *builder, const struct program *program)
{
    /* All but code, of which the schema has none. */
#define SECTION(number, NAME, name, criticality, sentence)                                  \
    for (uint32_t i = 0; i < program->name##_count && SECTION_##NAME < SECTION_REGION; i++) \
        (void)builder_add_##name(builder, &program->name[i]);
#include "spec/bundle.def"
}

static void add_metrics(struct builder *builder, const struct program *program)
{
    uint32_t play = find_event(program, "play"), voided = find_event(program, "play_voided");
    uint32_t nothing = builder_text(builder, TEXT(""));
    uint32_t first = builder_count(builder, SECTION_CODE), site = builder_count(builder, SECTION_SITE);
    (void)builder_add_site(builder, &(struct bundle_site){.text = nothing, .of = PROGRAM_NONE});
    for (uint32_t i = 0; i < spec_count; i++) {
        const struct model_spec *spec = &specs[i];
        char name[16];
        snprintf(name, sizeof name, "m%u", i);
        bool values = spec->aggregate == AGGREGATE_COUNT_EVENTS || spec->aggregate == AGGREGATE_SUM ||
                      spec->aggregate == AGGREGATE_DIFFERENT || spec->aggregate == AGGREGATE_DIFFERENT_DAYS ||
                      spec->aggregate == AGGREGATE_DAYS_IN_A_ROW || spec->aggregate == AGGREGATE_DIFFERENT_EACH;
        struct bundle_metric metric = {.low = spec->low,
                                       .high = spec->high,
                                       .window = spec->window,
                                       .identity_0 = (int64_t)i + 1,
                                       .identity_1 = 77,
                                       .name = builder_text(builder, text_of(name)),
                                       .aggregate = spec->aggregate,
                                       .span = spec->span,
                                       .rolling_kind = spec->rolling,
                                       .grain = spec->grain,
                                       .kept = spec->kept,
                                       .kind = kind_of(spec),
                                       .of = PROGRAM_NONE,
                                       .size = spec->texts ? 20 : 0,
                                       .rounding = spec->rounding,
                                       .optional = !values,
                                       .preset_text = PROGRAM_NONE,
                                       .players_zone = spec->players_zone,
                                       .zone = builder_text(builder, text_of(zone_name(spec->zone))),
                                       .event = play,
                                       .reversal = spec->reversible ? voided : PROGRAM_NONE,
                                       .reversal_code = PROGRAM_NONE,
                                       .campaign = PROGRAM_NONE,
                                       .tournament = PROGRAM_NONE,
                                       .object = PROGRAM_NONE};
        if (kind_of(spec) == TYPE_TEXT) metric.low = metric.high = 0;
        metric.code = add_code(builder, program, spec, play);
        if (spec->reversible) metric.reversal_code = add_code(builder, program, spec, voided);
        (void)builder_add_metric(builder, &metric);
    }
    (void)builder_add_region(builder,
                             &(struct bundle_region){.code_first = first,
                                                     .code_count = builder_count(builder, SECTION_CODE) - first,
                                                     .site_first = site,
                                                     .site_count = 1,
                                                     .campaign = PROGRAM_NONE,
                                                     .register_count = 4});
}

static void make_programs(void)
{
    struct error error = ERROR_NONE;
    struct compiler_output output;
    struct compiler_input input = {.path = TEXT("test.promo"), .bytes = text_of(SCHEMA)};
    if (compiler_compile(&output, &input, 1, (struct compiler_options){.default_name = TEXT("Metrics")}, &error) != OK)
        fail_msg("%s", error.message);
    assert_false(output.failed);
    buffer_clear(&plain);
    buffer_append(&plain, output.bundle.bytes, output.bundle.size);
    struct builder builder;
    builder_init(&builder);
    copy_schema(&builder, &output.program);
    add_metrics(&builder, &output.program);
    struct program program;
    buffer_clear(&measured);
    if (builder_program(&program, &builder, &error) != OK || bundle_write(&measured, &program, &error) != OK)
        fail_msg("%s", error.message);
    builder_deinit(&builder);
    compiler_release(&output);
    memory_release(own_bytes);
    own_bytes = memory_alloc(measured.size);
    memcpy(own_bytes, measured.bytes, measured.size);
    if (bundle_open(&own, own_bytes, measured.size, &error) != OK) fail_msg("%s", error.message);
}

/* ---------------------------------------------------------------- engines */

static struct engine *engines[ENGINES];
static struct store checkpoints, log_store;
static uint64_t position;

static enum status read_history(void *context, uint64_t before, log_reader reader, void *reader_context,
                                struct error *error);

static void open_engine(uint32_t number)
{
    static const uint32_t shards[ENGINES] = {1, 4, 7, 3, 2};
    struct error error = ERROR_NONE;
    struct engine_options options = {.shards = shards[number], .history = read_history};
    if (engine_open(&engines[number], &options, &error) != OK) fail_msg("%s", error.message);
}

struct until {
    uint64_t before;
    log_reader reader;
    void *context;
    bool stopped;
};

static enum status read_until(void *context, uint64_t at, const struct log_record *row, struct error *error)
{
    struct until *until = context;
    if (at >= until->before) return OK;
    return until->reader(until->context, at, row, error);
}

static enum status read_history(void *context, uint64_t before, log_reader reader, void *reader_context,
                                struct error *error)
{
    (void)context;
    struct until until = {.before = before, .reader = reader, .context = reader_context};
    return log_store.log.read(log_store.log.self, 1, read_until, &until, error);
}

static void append(const struct record *record)
{
    struct error error = ERROR_NONE;
    struct buffer open = BUFFER_EMPTY, secret = BUFFER_EMPTY;
    assert_int_equal(record_encode(&open, &secret, record, engine_program(engines[FILLED])), OK);
    struct log_record row = {.now = record->now,
                             .group = record->group,
                             .kind = record->kind,
                             .open = buffer_as_text(&open),
                             .secret = buffer_as_text(&secret)};
    uint64_t first = 0;
    if (log_store.log.append(log_store.log.self, &row, 1, &first, &error) != OK) fail_msg("%s", error.message);
    position = first;
    buffer_deinit(&open);
    buffer_deinit(&secret);
}

/* To all engines, from `first` to before `end`. */
static void fold(struct record *record, uint32_t first, uint32_t end)
{
    struct error error = ERROR_NONE;
    record->position = position;
    for (uint32_t i = first; i < end; i++) {
        if (engine_fold(engines[i], record, &error) != OK) fail_msg("engine %u: %s", i, error.message);
    }
}

static void activate(const struct buffer *bundle, int64_t now, uint32_t first, uint32_t end)
{
    struct record record = {.kind = RECORD_ACTIVATE, .now = now, .at = now, .bundle_size = bundle->size};
    record.player = record.brand = record.source = record.id = TEXT("");
    uint8_t *copy = memory_alloc(bundle->size);
    memcpy(copy, bundle->bytes, bundle->size);
    record.bundle = copy;
    fold(&record, first, end);
    memory_release(copy);
}

static struct text player_name(uint32_t player, char room[8])
{
    snprintf(room, 8, "p%u", player);
    return text_of(room);
}

/* ---------------------------------------------------------------- records */

static void send_event(const struct model_event *event)
{
    char name[8];
    struct text player = player_name(event->player, name);
    uint32_t number = find_event(&own, event->voids ? "play_voided" : "play");
    int64_t slot[16] = {0};
    uint64_t known[1] = {3};
    uint8_t bytes[256];
    uint32_t size = 0;
    struct text id = text_of(event->id);
    slot[PROGRAM_SLOT_TIME] = event->at;
    slot[PROGRAM_SLOT_EVENT_ID] = handle_make(BANK_EVENT, id.size, 0);
    memcpy(bytes, id.at, id.size);
    size = id.size;
    struct {
        const char *name;
        const char *text;
        int64_t number;
    } fields[] = {{"points", NULL, event->points},
                  {"game", event->game, 0},
                  {"play_id", event->original, 0},
                  {"played_at", NULL, event->original_at}};
    for (uint32_t i = 0; i < (event->voids ? 4u : 2u); i++) {
        uint32_t at = field_slot(&own, number, fields[i].name);
        slot[at] = fields[i].number;
        if (fields[i].text != NULL) {
            uint32_t length = (uint32_t)strlen(fields[i].text);
            slot[at] = handle_make(BANK_EVENT, length, size);
            memcpy(bytes + size, fields[i].text, length);
            size += length;
        }
        known[0] |= UINT64_C(1) << at;
    }
    struct record record = {.kind = RECORD_EVENT,
                            .now = event->now,
                            .at = event->at,
                            .group = record_group(TEXT(""), player),
                            .player = player,
                            .brand = TEXT(""),
                            .id = id,
                            .source = TEXT("core"),
                            .content = (uint64_t)event->points,
                            .event = number,
                            .slot_count = own.event[number].slot_count,
                            .slot = slot,
                            .known = known,
                            .bytes = bytes,
                            .bytes_size = size};
    record.reason = record.campaign = TEXT("");
    append(&record);
    fold(&record, 0, ENGINES);
}

static void send_move(uint32_t player, uint32_t zone, int64_t now)
{
    static uint32_t serial;
    char name[8], id[16];
    snprintf(id, sizeof id, "z%u", serial++);
    uint32_t at = own.attribute[own.workspace->zone_attribute].slot;
    int64_t slot[16] = {0};
    uint64_t known[1] = {UINT64_C(1) << at};
    slot[at] = zone;
    struct text who = player_name(player, name);
    struct record record = {.kind = RECORD_ATTRIBUTES,
                            .now = now,
                            .at = now,
                            .group = record_group(TEXT(""), who),
                            .player = who,
                            .brand = TEXT(""),
                            .id = text_of(id),
                            .source = TEXT("core"),
                            .slot_count = own.workspace->player_slot_count,
                            .slot = slot,
                            .known = known,
                            .given = known,
                            .bytes = (const uint8_t *)""};
    record.reason = record.campaign = TEXT("");
    append(&record);
    fold(&record, 0, ENGINES);
}

static void send_tick(int64_t now)
{
    struct record record = {.kind = RECORD_TICK, .now = now, .at = now};
    record.player = record.brand = record.id = record.source = record.reason = record.campaign = TEXT("");
    append(&record);
    fold(&record, 0, ENGINES);
}

/* ---------------------------------------------------------------- streams */

static struct model_event history[MODEL_EVENTS];
static uint32_t history_count;
static uint32_t serial;

static const char *const zone_words[] = {"Europe/Malta", "Pacific/Auckland", "America/Los_Angeles",
                                         "Asia/Kolkata", "America/New_York", "Pacific/Apia"};

static struct model_event draw_event(int64_t now)
{
    static const char *const games[] = {"book", "gates", "dice", "roulette", "blackjack", "", "ninety"};
    struct model_event event = {.player = (uint32_t)below(MODEL_PLAYERS), .now = now, .at = now};
    snprintf(event.id, sizeof event.id, "e%u", serial++);
    event.points = (int64_t)below(2001) - 1000;
    strcpy(event.game, games[below(7)]);
    switch (below(8)) {
    case 0: event.at = now - (int64_t)below(9 * 86400000); break;
    case 1: event.at = now - (int64_t)below(6 * 3600000); break;
    case 2: event.at = now + (int64_t)below(3600000); break;
    default: break;
    }
    /* Another one takes an earlier event back, perhaps again; a few come before what they take back. */
    if (history_count > 0 && below(4) == 0) {
        const struct model_event *original =
            &history[history_count - 1 - below(history_count < 60 ? history_count : 60)];
        if (!original->voids) {
            event.voids = true;
            event.player = original->player;
            event.points = original->points;
            strcpy(event.game, original->game);
            strcpy(event.original, original->id);
            event.original_at = original->at > original->now && below(2) == 0 ? original->now : original->at;
            if (below(6) == 0) event.original_at -= event.original_at % 1000;
            if (below(6) == 0) event.at = original->at - (int64_t)below(3600000);
        }
    }
    return event;
}

/* ---------------------------------------------------------------- comparing */

static bool same(const struct model_spec *spec, const struct engine_metric *metric, const struct model_value *value)
{
    if (metric->known != value->known) return false;
    if (!value->known) return true;
    if (kind_of(spec) == TYPE_TEXT) return text_equal(metric->text, text_of(value->text));
    return metric->value == value->value;
}

static bool equal_values(const struct model_value *a, const struct model_value *b)
{
    return a->known == b->known && (!a->known || (a->value == b->value && strcmp(a->text, b->text) == 0));
}

static void complain(const struct model *model, uint32_t spec, uint32_t player, int64_t now, uint32_t engine,
                     const struct engine_metric *metric)
{
    char instant[CIVIL_INSTANT_SIZE];
    civil_format_instant(instant, now);
    const struct model_spec *of = &specs[spec];
    struct model_value value = model_read(model, spec, player, now);
    fail_msg(
        "engine %u, player %u at %s: metric %u (aggregate %d, span %d, window %d %lld, grain %d, kept %u, player's %d, "
        "reversible %d, texts %d) is %d %lld `%.*s`, the model says %d %lld `%s`",
        engine, player, instant, spec, of->aggregate, of->span, of->rolling, (long long)of->window, of->grain, of->kept,
        of->players_zone, of->reversible, of->texts, metric->known, (long long)metric->value, TEXT_ARGS(metric->text),
        value.known, (long long)value.value, value.text);
}

/* Whether engine and model agree at `now`; a wrong model only has to be seen. */
static bool compare(const struct model *model, int64_t now, uint32_t first, uint32_t end, bool must)
{
    bool agree = true;
    for (uint32_t i = 0; i < spec_count && agree; i++) {
        char name[16], who[8];
        snprintf(name, sizeof name, "m%u", i);
        uint32_t player = (uint32_t)below(MODEL_PLAYERS);
        struct model_value value = model_read(model, i, player, now);
        for (uint32_t number = first; number < end && agree; number++) {
            struct engine_metric metric;
            if (!engine_find_metric(engines[number], TEXT(""), player_name(player, who), text_of(name), &metric))
                continue;
            agree = same(&specs[i], &metric, &value);
            if (!agree && must) complain(model, i, player, now, number, &metric);
            if (!agree || !must || number != 0 || below(4) != 0) continue;
            /* Nothing changes before it says so. */
            assert_true(metric.changes_at > now);
            int64_t until = metric.changes_at == INT64_MAX ? now + 500 * CIVIL_DAY_MS : metric.changes_at;
            int64_t probes[] = {until - 1, now + 1, now + (int64_t)below((uint64_t)(until - now)),
                                now + (int64_t)below((uint64_t)(until - now))};
            for (uint32_t j = 0; j < 4; j++) {
                if (probes[j] <= now || probes[j] >= until) continue;
                struct model_value later = model_read(model, i, player, probes[j]);
                if (!equal_values(&value, &later)) complain(model, i, player, probes[j], number, &metric);
            }
        }
    }
    return agree;
}

/* The next instant: often when some metric says that it changes, or just before or after. */
static int64_t next_instant(int64_t now)
{
    if (below(3) == 0) {
        char name[16], who[8];
        snprintf(name, sizeof name, "m%u", (uint32_t)below(spec_count));
        struct engine_metric metric;
        uint32_t player = (uint32_t)below(MODEL_PLAYERS);
        if (engine_find_metric(engines[0], TEXT(""), player_name(player, who), text_of(name), &metric) &&
            metric.changes_at < now + 3 * CIVIL_DAY_MS) {
            int64_t at = metric.changes_at - 1 + (int64_t)below(3);
            if (at > now) return at;
        }
    }
    static const int64_t steps[] = {1, 1000, 60000, 600000, 3600000, 6 * 3600000, 20 * 3600000, 40 * 3600000};
    return now + 1 + (int64_t)below((uint64_t)steps[below(8)]);
}

static void restore(void)
{
    struct error error = ERROR_NONE;
    uint64_t at = engine_position(engines[RESTORED]), restored = 0;
    if (engine_checkpoint(engines[RESTORED], &checkpoints.checkpoint, at, &error) != OK) fail_msg("%s", error.message);
    engine_close(engines[RESTORED]);
    open_engine(RESTORED);
    if (engine_restore(engines[RESTORED], &checkpoints.checkpoint, &restored, &error) != OK)
        fail_msg("%s", error.message);
    assert_int_equal(restored, at);
}

static void compare_digests(void)
{
    struct error error = ERROR_NONE;
    uint8_t first[32], other[32];
    assert_int_equal(engine_digest(engines[0], first, &error), OK);
    for (uint32_t i = 1; i <= RESTORED; i++) {
        assert_int_equal(engine_digest(engines[i], other, &error), OK);
        assert_memory_equal(first, other, sizeof first);
    }
}

/* One stream. Gives whether engine and model ever disagreed. */
static bool run_stream(uint64_t seed, uint32_t steps, enum model_mistake mistake)
{
    struct error error = ERROR_NONE;
    chance = seed * 1000003;
    static const int64_t starts[] = {
        INT64_C(1774300000000), INT64_C(1790100000000), INT64_C(1767000000000),
        INT64_C(1792300000000)}; /* Around the clock changes of Europe and New Zealand, and new year. */
    int64_t now = starts[seed % 4];
    list_specs();
    make_programs();
    assert_int_equal(memory_store_open(&checkpoints, &error), OK);
    assert_int_equal(memory_store_open(&log_store, &error), OK);
    struct model *model = model_open(specs, spec_count, LATENESS, mistake);
    history_count = 0;
    for (uint32_t i = 0; i < ENGINES; i++) open_engine(i);
    /* The log begins with a program, as every log does. */
    struct record begin = {
        .kind = RECORD_ACTIVATE, .now = now, .at = now, .bundle = plain.bytes, .bundle_size = plain.size};
    begin.player = begin.brand = begin.id = begin.source = begin.reason = begin.campaign = TEXT("");
    append(&begin);
    activate(&measured, now, 0, FILLED);
    activate(&plain, now, FILLED, ENGINES);
    bool disagreed = false;
    uint32_t filled = steps / 2 + (uint32_t)below(20);
    for (uint32_t step = 0; step < steps && !disagreed; step++) {
        now = next_instant(now);
        if (step == filled) {
            position++;
            activate(&measured, now, FILLED, ENGINES);
            position--;
        }
        uint64_t what = below(20);
        if (what == 0) {
            uint32_t player = (uint32_t)below(MODEL_PLAYERS), zone = (uint32_t)zone_find(text_of(zone_words[below(6)]));
            send_move(player, zone, now);
            model_move(model, player, zone);
        } else if (what < 4) {
            send_tick(now);
        } else {
            struct model_event event = draw_event(now);
            bool again = history_count > 0 && below(10) == 0;
            if (again) {
                event = history[below(history_count)];
                event.now = now;
            } else if (below(12) == 0 && !event.voids && history_count < MODEL_EVENTS) {
                /* It comes later; perhaps it is taken back first. */
                history[history_count++] = event;
                continue;
            }
            if (!again && history_count < MODEL_EVENTS) history[history_count++] = event;
            send_event(&event);
            model_event(model, &event);
        }
        for (uint32_t i = 0; i < ENGINES; i++) assert_int_equal(engine_settle(engines[i], &error), OK);
        if (step % 3 == 0 || step + 1 == steps)
            disagreed = !compare(model, now, 0, step >= filled ? ENGINES : FILLED, mistake == MODEL_RIGHT);
        if (step % 40 == 39) restore();
        if (step % 100 == 99 && mistake == MODEL_RIGHT) compare_digests();
        now++;
    }
    for (uint32_t i = 0; i < ENGINES; i++) engine_close(engines[i]);
    model_close(model);
    store_close(&checkpoints);
    store_close(&log_store);
    return disagreed;
}

static uint64_t environment(const char *name, uint64_t otherwise)
{
    const char *value = getenv(name);
    return value == NULL ? otherwise : strtoull(value, NULL, 10);
}

static void metrics_are_what_a_recount_says(void **unused)
{
    (void)unused;
    uint64_t seed = environment("SEED", 1), times = environment("TIMES", 4);
    for (uint64_t i = 0; i < times; i++) {
        print_message("SEED=%llu TIMES=1\n", (unsigned long long)(seed + i));
        (void)run_stream(seed + i, 300, MODEL_RIGHT);
    }
}

static void planted_mistakes_are_seen(void **unused)
{
    (void)unused;
    for (enum model_mistake mistake = MODEL_RIGHT + 1; mistake < MODEL_MISTAKES; mistake++) {
        bool seen = false;
        for (uint64_t seed = 1; seed <= 6 && !seen; seed++) seen = run_stream(seed, 300, mistake);
        if (!seen) fail_msg("mistake %d was not seen", mistake);
    }
}

int main(void)
{
    struct error error = ERROR_NONE;
    if (crypto_start(&error) != OK) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_are_what_a_recount_says),
        cmocka_unit_test(planted_mistakes_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
