/* Compares the engine with the model: random stories as campaigns in the language and event lines, compiled, folded and
 * told line by line.
 *
 * Each story is folded with 1, 4 and 7 shards, and once in two parts with a checkpoint between (and another number of
 * shards after it); effects and notes must be the same bytes and the state the same digest. What happened must be what
 * the model says: effects in order, entries and ends in order, and every row of the ledger.
 *   compare_tool [--seed N] [--count N] [--seconds N] [--show] [--memory]
 * With --memory each story is folded again and again, and each time another allocation fails: the engine must say so, or
 * tell the same story; it may not crash and, under the sanitizers, not leak.
 * A failure prints the story, both tellings and the line that replays it.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compiler/compiler.h"
#include "runtime/engine/effect_json.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/identity.h"
#include "runtime/store/intake.h"
#include "runtime/store/memory_store.h"
#include "tests/model/model.h"
#include "vm/civil.h"
#include "vm/memory.h"

static void stop_if(enum status status, const struct error *error)
{
    if (status == OK) return;
    fprintf(stderr, "compare: %s\n", error->message);
    exit(2);
}

/* ------------------------------------------------------------------------------------------------- a story in the language */

static void print_money(struct buffer *out, int64_t minor)
{
    buffer_print(out, "%lld.%02lld EUR", (long long)(minor / 100), (long long)(minor % 100));
}

static void print_limit(struct buffer *out, const char *words, int64_t minor)
{
    if (minor == 0) return;
    buffer_print(out, "    %s ", words);
    print_money(out, minor);
    buffer_string(out, "\n");
}

static void print_step(struct buffer *out, const struct toy_campaign *toy, int campaign, int number)
{
    const struct op *op = &toy->op[number];
    buffer_print(out, "  step \"S%d\"\n", number);
    bool goes_on = true;
    switch (op->kind) {
    case OP_SEND: buffer_string(out, "    send inbox \"m\"\n"); break;
    case OP_CREDIT:
        buffer_print(out, "    credit \"C%d o%d\"%s\n", campaign, number,
                     op->declined == DECLINED_FINISH ? ", otherwise finish as \"NO\"" : "");
        break;
    case OP_TAG: buffer_print(out, "    tag t%d\n", op->tag); break;
    case OP_UNTAG: buffer_print(out, "    untag t%d\n", op->tag); break;
    case OP_IF_TAG:
        buffer_print(
            out, "    if player.tags contains t%d\n      go to \"S%d\"\n    otherwise\n      go to \"S%d\"\n    end\n",
            op->tag, op->yes, op->no);
        goes_on = false;
        break;
    case OP_WAIT: buffer_print(out, "    wait %lld seconds\n", (long long)(op->wait_ms / 1000)); break;
    case OP_WAIT_EVENT:
        buffer_print(out,
                     "    wait up to %lld seconds\n      when e%d where n is at least %d  go to \"S%d\"\n      when "
                     "time is up  go to \"S%d\"\n    end\n",
                     (long long)(op->wait_ms / 1000), op->event, op->least, op->yes, op->no);
        goes_on = false;
        break;
    case OP_WAIT_REPLY:
        buffer_print(out,
                     "    wait up to %lld seconds\n      when %s of \"C%d o%d\"  go to \"S%d\"\n      when time is up  "
                     "go to \"S%d\"\n    end\n",
                     (long long)(op->wait_ms / 1000), op->failed ? "credit_failed" : "credited", campaign, op->credit,
                     op->yes, op->no);
        goes_on = false;
        break;
    case OP_FINISH:
        buffer_string(out, "    finish as \"DONE\"\n");
        goes_on = false;
        break;
    }
    if (goes_on) buffer_print(out, "    go to \"S%d\"\n", number + 1);
    buffer_string(out, "  end\n");
}

static void print_campaign(struct buffer *out, const struct toy_campaign *toy, int number)
{
    static const char *const empty[] = {"suspend the campaign", "go on without rewards", "finish as \"EMPTY\""};
    bool reached[MODEL_OPS];
    model_reach(toy, reached);
    buffer_print(out, "campaign \"C%d\"\n  product casino\n  currency EUR\n  timezone \"UTC\"\n  budget\n", number);
    print_limit(out, "total", toy->total);
    print_limit(out, "per day", toy->per_day);
    print_limit(out, "per player", toy->per_player);
    if (toy->from_pool) buffer_string(out, "    from \"pot\"\n");
    buffer_print(out, "    when empty %s\n  end\n  start on e%d", empty[toy->when_empty], toy->start_event);
    if (toy->start_least > 0) buffer_print(out, " where n is at least %d", toy->start_least);
    if (toy->only_vip) buffer_string(out, "\n  only for players where vip is yes");
    if (toy->leave_as_vip) buffer_string(out, "\n  only for players where vip is no\n  leave when player.vip is yes");
    if (toy->pauses) buffer_string(out, "\n  pause on time_out");
    buffer_print(out, "\n  enter %s",
                 !toy->every_time  ? "once per player"
                 : toy->once_a_day ? "once per day"
                                   : "every time");
    if (toy->entrants > 0) buffer_print(out, ", at most %d players", toy->entrants);
    buffer_string(out, "\n");
    if (toy->leave_event >= 0) buffer_print(out, "  leave on e%d\n", toy->leave_event);
    for (int i = 0; i < toy->op_count; i++) {
        if (toy->op[i].kind != OP_CREDIT || !reached[i]) continue;
        bool free = toy->op[i].amount == 0;
        buffer_print(out, "  offer %s \"C%d o%d\"\n    wagering none\n    amount ", free ? "points" : "gift", number,
                     i);
        if (free)
            buffer_string(out, "7");
        else
            print_money(out, toy->op[i].amount);
        buffer_string(out, "\n  end\n");
    }
    for (int i = 0; i < toy->op_count; i++) {
        if (reached[i]) print_step(out, toy, number, i);
    }
    buffer_string(out, "end\n\n");
}

static void print_source(struct buffer *out, const struct world *world)
{
    buffer_string(out, "workspace \"model\"\n  product casino\n  currency EUR\n  channel inbox\n  tag t0, t1, t2\n  "
                       "timezone \"UTC\"\nend\n\n");
    for (int i = 0; i < MODEL_EVENTS; i++)
        buffer_print(out, "event e%d\n  field n  whole number between 0 and 10\nend\n\n", i);
    buffer_string(out, "event credited\n  about offer\nend\n\nevent credit_failed\n  about offer\n  field reason  "
                       "optional text up to 64\nend\n\n");
    buffer_string(out, "event time_out\n  safety time_out\n  sets resting until ends_at\n  field ends_at  "
                       "moment\nend\n\nevent gone\n  safety self_exclusion\n  sets excluded\nend\n\n"
                       "attribute vip  yes or no, otherwise no\nattribute resting  yes or no, otherwise no\nattribute "
                       "excluded  yes or no, otherwise no\n\n"
                       "action gift\n  class reward\n  takes amount  money\n  costs amount\nend\n\n"
                       "action points\n  class reward\n  takes amount  whole number\n  costs nothing\nend\n\n"
                       "policy \"Safety\"\n  finish as \"RG_BLOCKED\" for players where excluded is yes\n  never enter "
                       "players where resting is yes\nend\n\n"
                       "message \"m\"\n  about casino\n  inbox \"en\" \"Hello\"\nend\n\n");
    buffer_string(out, "budget \"pot\"\n  total ");
    print_money(out, world->pool);
    buffer_print(out, "\n  when empty %s\nend\n\n",
                 world->pool_when_empty == EMPTY_SUSPENDS ? "suspend the campaign" : "go on without rewards");
    for (int i = 0; i < world->campaign_count; i++) print_campaign(out, &world->campaign[i], i);
}

static void print_input(struct buffer *out, const struct world *world, const struct input *input)
{
    char at[CIVIL_INSTANT_SIZE];
    /* The workspace's lateness is the default, 7 days. */
    civil_format_instant(at, MODEL_START + input->now - (input->late ? 8 * CIVIL_DAY_MS : 0));
    char common[160];
    char source[32] = "";
    if (input->source[0] != '\0') snprintf(source, sizeof source, ",\"source\":\"%s\"", input->source);
    snprintf(common, sizeof common, "\"id\":\"%s\"%s,\"at\":\"%s\"", input->id, source, at);
    const char *player = world->player[input->player];
    switch (input->kind) {
    case IN_EVENT:
        buffer_print(out, "{%s,\"event\":\"e%d\",\"player\":\"%s\",\"data\":{\"n\":%d}}\n", common, input->event,
                     player, input->n);
        break;
    case IN_TIME_OUT: {
        char until[CIVIL_INSTANT_SIZE];
        civil_format_instant(until, MODEL_START + input->now + input->lasts_ms);
        buffer_print(out, "{%s,\"event\":\"time_out\",\"player\":\"%s\",\"data\":{\"ends_at\":\"%s\"}}\n", common,
                     player, until);
        break;
    }
    case IN_EXCLUDE: buffer_print(out, "{%s,\"event\":\"gone\",\"player\":\"%s\"}\n", common, player); break;
    case IN_VIP:
        buffer_print(out, "{\"kind\":\"attributes\",%s,\"player\":\"%s\",\"set\":{\"vip\":%s}}\n", common, player,
                     input->yes ? "true" : "false");
        break;
    case IN_REPLY: {
        char campaign[8], step[8], offer[24], digits[33];
        snprintf(campaign, sizeof campaign, "C%d", input->campaign);
        snprintf(step, sizeof step, "S%d", input->op);
        snprintf(offer, sizeof offer, "C%d o%d", input->campaign, input->op);
        struct identity identity;
        identity_init(&identity, TEXT("model"), NULL);
        struct identity_parts parts = {.campaign = text_of(campaign),
                                       .player = text_of(player),
                                       .journey = (uint32_t)input->journey,
                                       .step = text_of(step),
                                       .action = TEXT("credit"),
                                       .name = text_of(offer),
                                       .nth = 1};
        uint8_t id[16];
        identity_effect(id, &identity, &parts);
        crypto_hex(digits, id, sizeof id);
        buffer_print(out, "{\"kind\":\"reply\",%s,\"effect\":\"%s\",\"status\":\"%s\"}\n", common, digits,
                     input->yes ? "credited" : "failed");
        break;
    }
    case IN_SUSPEND:
    case IN_RESUME:
        buffer_print(out, "{\"kind\":\"command\",%s,\"command\":\"%s\",\"campaign\":\"C%d\"}\n", common,
                     input->kind == IN_RESUME ? "resume" : "suspend", input->campaign);
        break;
    case IN_TICK: buffer_print(out, "{\"kind\":\"tick\",\"at\":\"%s\"}\n", at); break;
    }
}

/* ------------------------------------------------------------------------------------------------- what the engine tells */

struct telling {
    const struct world *world;
    struct trace trace;
    struct buffer bytes; /* Effects and notes as lines. */
    uint8_t digest[32];
};

static int number_after(struct text text, char letter)
{
    int number = 0;
    if (text.size < 2 || text.at[0] != letter) return -1;
    for (uint32_t i = 1; i < text.size; i++) number = number * 10 + (text.at[i] - '0');
    return number;
}

static int player_number(const struct world *world, struct text id)
{
    for (int i = 0; i < world->player_count; i++) {
        if (text_equal(text_of(world->player[i]), id)) return i;
    }
    return -1;
}

static void add_line(struct telling *telling, struct line line, const char *reason)
{
    if (telling->trace.count == MODEL_LINES) return;
    snprintf(line.reason, sizeof line.reason, "%s", reason);
    telling->trace.line[telling->trace.count++] = line;
}

static void take_effect(void *context, const struct engine_effect *effect)
{
    struct telling *telling = context;
    static const enum line_kind kinds[] = {[ENGINE_SEND] = LINE_SEND,
                                           [ENGINE_CREDIT] = LINE_CREDIT,
                                           [ENGINE_TAG] = LINE_TAG,
                                           [ENGINE_UNTAG] = LINE_UNTAG,
                                           [ENGINE_SUSPENDED] = LINE_SUSPENDED};
    effect_json_write(&telling->bytes, effect);
    if (effect->kind == ENGINE_DO || effect->kind == ENGINE_RECALL) return;
    const struct program *program = effect->program;
    struct line line = {.kind = kinds[effect->kind], .at = effect->at - MODEL_START, .op = -1};
    line.campaign = number_after(program_text(program, program->campaign[effect->campaign].name), 'C');
    line.player = effect->kind == ENGINE_SUSPENDED ? -1 : player_number(telling->world, effect->player);
    line.journey = (int)effect->journey;
    if (effect->effect != NULL)
        line.op = number_after(program_text(program, program->step[effect->effect->step].name), 'S');
    if (effect->kind == ENGINE_CREDIT) line.amount = effect->cost;
    if (line.kind == LINE_TAG || line.kind == LINE_UNTAG)
        line.amount = number_after(program_text(program, effect->effect->name), 't');
    add_line(telling, line, "");
}

static void take_note(void *context, const struct engine_note *note)
{
    struct telling *telling = context;
    effect_json_note(&telling->bytes, note);
    struct line line = {.at = note->now - MODEL_START, .op = -1, .player = -1};
    if (note->campaign == PROGRAM_NONE) return;
    const struct program *program = note->program;
    line.campaign = number_after(program_text(program, program->campaign[note->campaign].name), 'C');
    line.player = player_number(telling->world, note->player);
    line.journey = (int)note->journey;
    char reason[24] = "";
    switch (note->kind) {
    case NOTE_ENTERED: line.kind = LINE_ENTERED; break;
    case NOTE_ENTRY_REFUSED:
        if (note->reason == REASON_FILTER) return;
        line.kind = LINE_ENTRY_REFUSED;
        line.journey = 0;
        snprintf(reason, sizeof reason, "%s",
                 note->reason == REASON_ALREADY_ENTERED || note->reason == REASON_ALREADY_RUNNING
                     ? "ALREADY"
                     : effect_json_reason(note->reason));
        if (note->rule < program->rule_count && program->rule[note->rule].kind == RULE_NEVER_ENTER)
            snprintf(reason, sizeof reason, "RESTING");
        break;
    case NOTE_FINISHED:
        line.kind = LINE_FINISHED;
        snprintf(reason, sizeof reason, "%.*s", TEXT_ARGS(note->finish));
        break;
    case NOTE_EFFECT_REFUSED:
        line.kind = LINE_REFUSED;
        snprintf(reason, sizeof reason, "%s",
                 note->reason == REASON_BUDGET ? note->detail : effect_json_reason(note->reason));
        break;
    case NOTE_RESERVED: line.kind = LINE_RESERVED; break;
    case NOTE_COMMITTED: line.kind = LINE_COMMITTED; break;
    case NOTE_RELEASED: line.kind = LINE_RELEASED; break;
    case NOTE_RESUMED:
        line.kind = LINE_RESUMED;
        line.player = -1;
        break;
    case NOTE_STEP:
    case NOTE_DELAYED:
    case NOTE_DROPPED:
    case NOTE_EXPOSURE:
    case NOTE_CONVERTED:
    case NOTE_SUSPENDED:
    case NOTE_NOT_APPLIED:
    case NOTE_PAUSED:
    case NOTE_UNPAUSED:
    case NOTE_ANSWERED:
    case NOTE_STOPPED:
    case NOTE_CREDIT_FAILED:
    case NOTE_RUN:
    case NOTE_RUN_MISSED:
    case NOTE_ZONES:
    case NOTE_MOVED:
    case NOTE_NOT_MOVED:
    case NOTE_ERASED:
    case NOTE_METRIC_FULL:
    case NOTE_PROTECTED:
    case NOTE_WITHHELD:
    case NOTE_LOST:
    case NOTE_KIND_COUNT: return;
    }
    bool settled = line.kind == LINE_COMMITTED || line.kind == LINE_RELEASED;
    bool of_credit = line.kind == LINE_REFUSED || line.kind == LINE_RESERVED || settled;
    if (of_credit && !settled && note->effect != NULL)
        line.op = number_after(program_text(program, program->step[note->effect->step].name), 'S');
    if (of_credit && line.kind != LINE_REFUSED) line.amount = note->amount;
    add_line(telling, line, reason);
}

/* ------------------------------------------------------------------------------------------------- folding */

static enum status fold_activation(struct engine *engine, const struct buffer *bundle, struct error *error)
{
    struct record record = {.position = 1,
                            .now = MODEL_START,
                            .at = MODEL_START,
                            .kind = RECORD_ACTIVATE,
                            .bundle = bundle->bytes,
                            .bundle_size = bundle->size};
    return engine_fold(engine, &record, error);
}

static enum status open_engine(struct engine **out, struct telling *telling, uint32_t shards, struct error *error)
{
    struct engine_options options = {.shards = shards,
                                     .sink = {.context = telling, .effect = take_effect, .note = take_note}};
    *out = NULL;
    return engine_open(out, &options, error);
}

/* The story's lines from `first` on, up to `end`, through intake. The number of the first line that could not be read, or 0. */
static int fold_lines(struct engine *engine, const struct story *story, const struct buffer *lines, int first, int end,
                      struct error *error)
{
    struct intake *intake = NULL;
    if (intake_open(&intake, engine_program(engine), error) != OK) return 1;
    const char *at = (const char *)lines->bytes;
    const char *stop = at + lines->size;
    for (int number = 0; at < stop && number < end; number++) {
        const char *line = at;
        at = memchr(at, '\n', (size_t)(stop - at));
        at = at == NULL ? stop : at + 1;
        if (number < first) continue;
        struct record record;
        enum status status = intake_line(intake, line, (size_t)(at - line), &record, error);
        if (status == OK) {
            record.position = (uint64_t)number + 2;
            record.now = MODEL_START + story->input[number].now;
            if (record.player.size > 0) record.number = (uint64_t)player_number(&story->world, record.player) + 1;
            status = engine_fold(engine, &record, error);
        }
        if (status != OK) {
            error_prefix(error, "line %d", number + 1);
            intake_close(intake);
            return number + 1;
        }
    }
    intake_close(intake);
    return 0;
}

/* Folds the story; `cut` > 0: in two parts, with a checkpoint before that line and another engine after it. */
static bool try_fold(struct telling *out, const struct story *story, const struct buffer *bundle,
                     const struct buffer *lines, uint32_t shards, int cut, uint32_t shards_after, struct error *error)
{
    out->world = &story->world;
    out->trace.count = 0;
    buffer_clear(&out->bytes);
    struct engine *engine;
    bool good = open_engine(&engine, out, shards, error) == OK && fold_activation(engine, bundle, error) == OK;
    if (good && cut > 0) {
        struct store store = {.close = NULL};
        good = memory_store_open(&store, error) == OK && fold_lines(engine, story, lines, 0, cut, error) == 0 &&
               engine_settle(engine, error) == OK &&
               engine_checkpoint(engine, &store.checkpoint, (uint64_t)cut + 1, error) == OK;
        if (engine != NULL) engine_close(engine);
        engine = NULL;
        uint64_t position = 0;
        good = good && open_engine(&engine, out, shards_after, error) == OK &&
               engine_restore(engine, &store.checkpoint, &position, error) == OK;
        store_close(&store);
    }
    good = good && fold_lines(engine, story, lines, cut, story->input_count, error) == 0 &&
           engine_settle(engine, error) == OK && engine_digest(engine, out->digest, error) == OK;
    if (engine != NULL) engine_close(engine);
    return good;
}

static bool fold_story(struct telling *out, const struct story *story, const struct buffer *bundle,
                       const struct buffer *lines, uint32_t shards, int cut, uint32_t shards_after)
{
    struct error error = ERROR_NONE;
    bool good = try_fold(out, story, bundle, lines, shards, cut, shards_after, &error);
    if (!good) fprintf(stderr, "the engine stopped: %s\n", error.message);
    return good;
}

/* ------------------------------------------------------------------------------------------------- comparing */

enum stream { STREAM_EFFECTS, STREAM_JOURNEYS, STREAM_LEDGER, STREAMS };
static enum stream stream_of(enum line_kind kind)
{
    switch (kind) {
    case LINE_SEND:
    case LINE_CREDIT:
    case LINE_TAG:
    case LINE_UNTAG:
    case LINE_SUSPENDED: return STREAM_EFFECTS;
    case LINE_ENTERED:
    case LINE_ENTRY_REFUSED:
    case LINE_FINISHED: return STREAM_JOURNEYS;
    case LINE_REFUSED:
    case LINE_RESERVED:
    case LINE_COMMITTED:
    case LINE_RELEASED:
    case LINE_RESUMED: return STREAM_LEDGER;
    case LINE_EXCLUSION_CAME: break;
    }
    return STREAMS;
}

/* The ledger has no row for a reservation of nothing. */
static bool is_of(const struct line *line, enum stream stream)
{
    return stream_of(line->kind) == stream && !(line->kind == LINE_RESERVED && line->amount == 0);
}

static int next_of(const struct trace *trace, int from, enum stream stream)
{
    while (from < trace->count && !is_of(&trace->line[from], stream)) from++;
    return from;
}

/* Where the two tellings part; false if nowhere. */
static bool parts(const struct world *world, const struct trace *model, const struct trace *engine, char out[600])
{
    static const char *const words[] = {"effects", "journeys", "ledger"};
    for (int stream = 0; stream < STREAMS; stream++) {
        int a = 0, b = 0;
        for (;; a++, b++) {
            char left[MODEL_TEXT] = "nothing", right[MODEL_TEXT] = "nothing";
            a = next_of(model, a, (enum stream)stream);
            b = next_of(engine, b, (enum stream)stream);
            if (a < model->count) {
                /* A settlement's note names the journey, not the step. */
                struct line line = model->line[a];
                if (line.kind == LINE_COMMITTED || line.kind == LINE_RELEASED) line.op = -1;
                model_print_line(left, world, &line);
            }
            if (b < engine->count) model_print_line(right, world, &engine->line[b]);
            if (strcmp(left, right) != 0) {
                snprintf(out, 600, "%s: the model says `%s`, the engine `%s`", words[stream], left, right);
                return true;
            }
            if (a >= model->count) break;
        }
    }
    return false;
}

static struct telling one, other;

static bool same_telling(const char *what, char wrong[600])
{
    if (one.bytes.size != other.bytes.size || memcmp(one.bytes.bytes, other.bytes.bytes, one.bytes.size) != 0) {
        snprintf(wrong, 600, "%s: effects or notes are other bytes", what);
        return false;
    }
    if (memcmp(one.digest, other.digest, sizeof one.digest) != 0) {
        snprintf(wrong, 600, "%s: the state has another digest", what);
        return false;
    }
    return true;
}

static void print_trace(const struct world *world, const struct trace *trace)
{
    for (int i = 0; i < trace->count; i++) {
        char line[MODEL_TEXT];
        model_print_line(line, world, &trace->line[i]);
        fprintf(stderr, "  %s\n", line);
    }
}

/* The story with one allocation after the other failing, against `one`. Some are left out where there are many. */
static bool fail_each(const struct story *story, const struct buffer *bundle, const struct buffer *lines, int cut,
                      uint64_t seed, char wrong[600])
{
    uint64_t random = seed;
    for (uint64_t nth = 1;; nth += 1 + (nth > 60 ? model_random(&random) % (nth / 20) : 0)) {
        struct error error = ERROR_NONE;
        memory_fail_once(nth);
        bool good = try_fold(&other, story, bundle, lines, 3, cut, 2, &error);
        bool enough = memory_count() < nth;
        memory_fail_once(0);
        if (good && !same_telling("an allocation failed", wrong)) return false;
        if (!good && error.status != STATUS_NO_MEMORY) {
            snprintf(wrong, 600, "allocation %llu failed, and the engine says: %s", (unsigned long long)nth,
                     error.message);
            return false;
        }
        if (enough) return true;
    }
}

static bool compare_story(uint64_t seed, bool show, bool memory)
{
    static struct story story;
    static struct trace model;
    struct error error = ERROR_NONE;
    struct buffer source = BUFFER_EMPTY, lines = BUFFER_EMPTY;
    char wrong[600] = "";
    model_make_story(&story, seed, true);
    model_run(&story, 1, MISTAKE_NONE, &model);
    print_source(&source, &story.world);
    for (int i = 0; i < story.input_count; i++) print_input(&lines, &story.world, &story.input[i]);
    if (show) fprintf(stderr, "%s\n%s\n", buffer_as_string(&source), buffer_as_string(&lines));

    struct compiler_output output;
    struct compiler_input file = {.path = TEXT("model.promo"), .bytes = buffer_as_text(&source)};
    stop_if(compiler_compile(&output, &file, 1, (struct compiler_options){.default_name = TEXT("model")}, &error),
            &error);
    bool good = !output.failed;
    if (!good) {
        struct buffer messages = BUFFER_EMPTY;
        diagnostics_render(&output.diagnostics, DIAGNOSTIC_TEXT, &messages);
        fprintf(stderr, "%s\n", buffer_as_string(&messages));
        buffer_deinit(&messages);
        snprintf(wrong, sizeof wrong, "the campaigns do not compile");
    }
    if (good) good = fold_story(&one, &story, &output.bundle, &lines, 1, 0, 0);
    if (good) good = !parts(&story.world, &model, &one.trace, wrong);
    bool folded = good;
    if (good) good = fold_story(&other, &story, &output.bundle, &lines, 4, 0, 0) && same_telling("4 shards", wrong);
    if (good) good = fold_story(&other, &story, &output.bundle, &lines, 7, 0, 0) && same_telling("7 shards", wrong);
    /* A cut between two instants. */
    uint64_t random = seed;
    int cut = 1 + (int)(model_random(&random) % (uint64_t)(story.input_count - 1));
    while (cut < story.input_count && story.input[cut].now == story.input[cut - 1].now) cut++;
    if (good && cut < story.input_count)
        good = fold_story(&other, &story, &output.bundle, &lines, 7, cut, 3) && same_telling("cut in two", wrong);
    if (good && memory && cut < story.input_count) good = fail_each(&story, &output.bundle, &lines, cut, seed, wrong);
    if (!good) {
        fprintf(stderr, "%s\n", wrong);
        model_print_story(stderr, &story);
        if (!folded) {
            fprintf(stderr, "the model:\n");
            print_trace(&story.world, &model);
            fprintf(stderr, "the engine:\n");
            print_trace(&story.world, &one.trace);
        }
        fprintf(stderr, "replay: build/tests/compare_tool --seed %llu --count 1 --show\n", (unsigned long long)seed);
    }
    compiler_release(&output);
    buffer_deinit(&source);
    buffer_deinit(&lines);
    return good;
}

int main(int count, char **arguments)
{
    uint64_t seed = 1;
    long stories = 1000000, seconds = 20;
    bool show = false, memory = false;
    for (int i = 1; i < count; i++) {
        bool more = i + 1 < count;
        if (strcmp(arguments[i], "--seed") == 0 && more)
            seed = strtoull(arguments[++i], NULL, 10);
        else if (strcmp(arguments[i], "--count") == 0 && more)
            stories = strtol(arguments[++i], NULL, 10);
        else if (strcmp(arguments[i], "--seconds") == 0 && more)
            seconds = strtol(arguments[++i], NULL, 10);
        else if (strcmp(arguments[i], "--show") == 0)
            show = true;
        else if (strcmp(arguments[i], "--memory") == 0)
            memory = true;
        else {
            fprintf(stderr, "usage: compare_tool [--seed N] [--count N] [--seconds N] [--show] [--memory]\n");
            return 2;
        }
    }
    struct error error = ERROR_NONE;
    stop_if(crypto_start(&error), &error);
    printf("SEED=%llu\n", (unsigned long long)seed);
    fflush(stdout);
    time_t end = time(NULL) + seconds;
    long passed = 0, failed = 0;
    for (; passed + failed < stories && failed < 3 && time(NULL) < end; seed++) {
        if (compare_story(seed, show, memory))
            passed++;
        else
            failed++;
    }
    buffer_deinit(&one.bytes);
    buffer_deinit(&other.bytes);
    printf("model: %ld passed, %ld failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
