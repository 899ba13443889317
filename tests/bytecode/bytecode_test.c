/*
 * Runs every tests/bytecode/ .asm file: assembled behind prelude.asm, written as a bundle, read, verified, disassembled and
 * assembled again (the bytes must be the same), and run. Lines that begin with these words are for this program:
 *
 *   filter LABEL                     the start filter of the campaign is there, and is what runs
 *   metric N                         the code of metric N is what runs
 *   given metric N = VALUE [CHANGES]                                             given metric N unknown [CHANGES]
 *   given event|player N = VALUE     a slot; VALUE a number or a "text"          given event|player N unknown
 *   given points 0 = N               how many the player has, of any
 *   given now N                      given arm N                                 given gate N verdict|detail|pressure|quiet|drops VALUE
 *   given pressure N left|delays|free VALUE
 *   expect accept|reject|wait N|finish "TEXT"|credit N|register ... see below    rejected "PART OF THE MESSAGE"
 *   expect made KIND OBJECT [REASON [UNTIL]]    in order; KIND effect, delayed, refused, exposure, step, offer
 *   expect yield VALUE               expect changes N|never
 *   expect value N = VALUE           of activation.values
 *   expect journey N = VALUE|unknown    expect site N yes|no|none    expect pressure N left VALUE
 *
 * op_NAME_ok.asm and op_NAME_bad.asm are a pair for each instruction (tests/tidy sees to that); rule_*.asm are rules that several share.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/switch_interp.h"
#include "vm/assemble.h"
#include "vm/bundle.h"
#include "vm/disassemble.h"
#include "vm/interp.h"
#include "vm/memory.h"
#include "vm/verify.h"
#include "vm/zone.h"

enum { FILES_MAX = 1024, BANK_BYTES = 512 };

struct given {
    int64_t slot[16];
    uint64_t known[8];
    uint8_t bytes[BANK_BYTES];
    uint32_t used;
};

struct given_metric {
    struct metric_read read;
    char text[32];
};

struct scene {
    const char *path;
    struct given_metric metric[16];
    int64_t points;
    int64_t metric_code;    /* of which metric; -1: the campaign runs */
    struct buffer code;     /* what goes to the assembler */
    struct buffer expected; /* the expect lines */
    char filter[64];
    char rejected[256];
    struct given event, player;
    struct activation *activation;
    int8_t arm[4];
};

static void read_whole(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail_msg("cannot read %s", path);
    char bytes[4096];
    for (size_t got; (got = fread(bytes, 1, sizeof bytes, file)) > 0;) buffer_append(out, bytes, got);
    (void)fclose(file);
}

static int64_t put_text(struct given *bank, enum bank kind, struct text text)
{
    assert_true(bank->used + text.size <= BANK_BYTES);
    memcpy(bank->bytes + bank->used, text.at, text.size);
    bank->used += text.size;
    return handle_make(kind, text.size, bank->used - text.size);
}

static void put(struct given *bank, unsigned slot, int64_t value)
{
    bank->slot[slot] = value;
    bank->known[0] |= UINT64_C(1) << slot;
}

static void set_banks(struct scene *scene)
{
    struct given *event = &scene->event, *player = &scene->player;
    put(event, 0, INT64_C(1781128700000));
    put(event, 1, put_text(event, BANK_EVENT, TEXT("e-1")));
    put(event, 4, 2500);
    put(event, 5, 0);
    put(event, 6, 1);
    put(event, 7, put_text(event, BANK_EVENT, TEXT("hello")));
    put(event, 8, 7);
    put(event, 9, 5);
    put(event, 10, 82);
    put(player, 0, 1);
    put(player, 1, put_text(player, BANK_PLAYER, TEXT("player-1")));
    put(player, 2, 3);
    put(player, 3, 331);
    put(player, 4, put_text(player, BANK_PLAYER, TEXT("Ann")));
    put(player, 6, 12345);
    put(player, 7, 2);
    put(player, 8, 2);
    put(player, 9, INT64_C(1780272000000)); /* 2026-06-01 */
    put(player, 10, 7305);                  /* 1990-01-01 */
}

/* ---------------------------------------------------------------- lines for this program */

static struct text take(struct text *line)
{
    *line = text_trim(*line);
    uint32_t end = text_find(*line, ' ', 0);
    if (line->size > 0 && line->at[0] == '"') end = text_find(*line, '"', 1) + 1;
    if (end > line->size) end = line->size;
    struct text word = text_slice(*line, 0, end);
    *line = text_slice(*line, end, line->size);
    return word;
}

static int64_t number_of(const struct scene *scene, struct text word)
{
    char copy[64], *end;
    (void)snprintf(copy, sizeof copy, "%.*s", TEXT_ARGS(word));
    int64_t value = strtoll(copy, &end, 0);
    if (*end != 0 || end == copy) fail_msg("%s: `%s` is not a number", scene->path, copy);
    return value;
}

static struct text unquote(struct text word)
{
    return text_slice(word, 1, word.size - 2);
}

static bool is_word(struct text word, const char *string)
{
    return text_equal(word, text_of(string));
}

static int64_t points_left(void *context, uint32_t points)
{
    (void)points;
    return ((const struct scene *)context)->points;
}

static void read_metric(void *context, uint32_t metric, struct metric_read *out)
{
    const struct scene *scene = context;
    *out = scene->metric[metric].read;
    out->text = text_of(scene->metric[metric].text);
    if (out->changes_at == 0) out->changes_at = INT64_MAX;
}

static void take_metric(struct scene *scene, struct text line)
{
    struct given_metric *metric = &scene->metric[number_of(scene, take(&line))];
    struct text how = take(&line);
    metric->read.known = !is_word(how, "unknown");
    if (metric->read.known) {
        struct text value = take(&line);
        if (value.at[0] == '"')
            (void)snprintf(metric->text, sizeof metric->text, "%.*s", TEXT_ARGS(unquote(value)));
        else
            metric->read.value = number_of(scene, value);
    }
    if (text_trim(line).size > 0) metric->read.changes_at = number_of(scene, take(&line));
}

static void take_given(struct scene *scene, struct text line)
{
    struct text what = take(&line);
    struct activation *activation = scene->activation;
    if (is_word(what, "now")) {
        activation->now = number_of(scene, take(&line));
    } else if (is_word(what, "points")) {
        (void)take(&line);
        (void)take(&line);
        scene->points = number_of(scene, take(&line));
    } else if (is_word(what, "metric")) {
        take_metric(scene, line);
    } else if (is_word(what, "arm")) {
        scene->arm[0] = (int8_t)number_of(scene, take(&line));
        activation->arm_given = scene->arm;
    } else if (is_word(what, "event") || is_word(what, "player")) {
        bool event = is_word(what, "event");
        struct given *bank = event ? &scene->event : &scene->player;
        unsigned slot = (unsigned)number_of(scene, take(&line));
        struct text how = take(&line);
        if (is_word(how, "unknown")) {
            bank->known[0] &= ~(UINT64_C(1) << slot);
            bank->slot[slot] = INT64_C(0x5A5A5A5A5A5A5A5A); /* nobody may look */
            return;
        }
        struct text value = take(&line);
        put(bank, slot,
            value.at[0] == '"' ? put_text(bank, event ? BANK_EVENT : BANK_PLAYER, unquote(value))
                               : number_of(scene, value));
    } else {
        unsigned number = (unsigned)number_of(scene, take(&line));
        struct text field = take(&line);
        int64_t value = number_of(scene, take(&line));
        struct gate_state *gate = &activation->gate[number];
        struct pressure_state *pressure = &activation->pressure[number];
        if (is_word(field, "verdict"))
            gate->verdict = (uint16_t)value;
        else if (is_word(field, "detail"))
            gate->detail = (uint16_t)value;
        else if (is_word(field, "pressure"))
            gate->pressure = (uint32_t)value;
        else if (is_word(field, "quiet"))
            gate->quiet_until = value;
        else if (is_word(field, "drops"))
            gate->quiet_drops = value != 0;
        else if (is_word(field, "left"))
            pressure->left = (uint32_t)value;
        else if (is_word(field, "delays"))
            pressure->delays = value != 0;
        else if (is_word(field, "free"))
            pressure->free_at = value;
        else
            fail_msg("%s: given what?", scene->path);
    }
}

static void take_file(struct scene *scene)
{
    struct buffer file = BUFFER_EMPTY, prelude = BUFFER_EMPTY;
    read_whole(scene->path, &file);
    read_whole("tests/bytecode/prelude.asm", &prelude);
    struct text all = buffer_as_text(&file);
    struct buffer code = BUFFER_EMPTY;
    for (uint32_t at = 0; at < all.size;) {
        uint32_t end = text_find(all, '\n', at);
        struct text whole = text_slice(all, at, end - at), line = whole;
        struct text word = take(&line);
        at = end + 1;
        if (is_word(word, "filter"))
            (void)snprintf(scene->filter, sizeof scene->filter, "%.*s", TEXT_ARGS(text_trim(line)));
        else if (is_word(word, "metric") && text_find(line, '=', 0) == line.size)
            scene->metric_code = number_of(scene, take(&line));
        else if (is_word(word, "given"))
            take_given(scene, line);
        else if (is_word(word, "rejected"))
            (void)snprintf(scene->rejected, sizeof scene->rejected, "%.*s", TEXT_ARGS(unquote(text_trim(line))));
        else if (is_word(word, "expect"))
            buffer_text(&scene->expected, line), buffer_u8(&scene->expected, '\n');
        else
            buffer_text(&code, whole), buffer_u8(&code, '\n');
    }
    const char *text = buffer_as_string(&prelude), *hole = strstr(text, "start_filter=none");
    assert_non_null(hole);
    buffer_append(&scene->code, text, (size_t)(hole - text));
    if (scene->filter[0] != 0) buffer_print(&scene->code, "start_filter=@%s", scene->filter);
    buffer_string(&scene->code, hole + strlen("start_filter=none"));
    buffer_text(&scene->code, buffer_as_text(&code));
    buffer_deinit(&file);
    buffer_deinit(&prelude);
    buffer_deinit(&code);
}

/* ---------------------------------------------------------------- what came of it */

static const char *const made_names[] = {"effect", "delayed", "refused", "exposure", "step", "offer"};

static void check_number(const struct scene *scene, const char *what, int64_t is, int64_t should)
{
    if (is != should) fail_msg("%s: %s is %lld, expected %lld", scene->path, what, (long long)is, (long long)should);
}

static void check_value(const struct scene *scene, const char *what, int64_t is, struct text should)
{
    if (should.at[0] != '"') {
        check_number(scene, what, is, number_of(scene, should));
        return;
    }
    struct text text = interp_text(scene->activation, is);
    if (!text_equal(text, unquote(should)))
        fail_msg("%s: %s is \"%.*s\", expected %.*s", scene->path, what, TEXT_ARGS(text), TEXT_ARGS(should));
}

static void check_made(const struct scene *scene, unsigned index, struct text line)
{
    const struct activation *activation = scene->activation;
    if (index >= activation->made_count) fail_msg("%s: only %u things were made", scene->path, activation->made_count);
    const struct made *made = &activation->made[index];
    struct text kind = take(&line);
    if (!is_word(kind, made_names[made->kind]))
        fail_msg("%s: made %u is %s, expected %.*s", scene->path, index, made_names[made->kind], TEXT_ARGS(kind));
    check_number(scene, "the object made", made->object, number_of(scene, take(&line)));
    if (text_trim(line).size > 0) {
        int64_t second = number_of(scene, take(&line));
        if (made->kind == MADE_EXPOSURE)
            check_number(scene, "the arm", made->value_first, second);
        else
            check_number(scene, "the reason", made->reason, second);
    }
    if (text_trim(line).size > 0) check_number(scene, "until", made->until, number_of(scene, take(&line)));
}

static void check_line(const struct scene *scene, struct text line, unsigned *made)
{
    const struct activation *activation = scene->activation;
    struct text what = take(&line);
    if (is_word(what, "accept"))
        check_number(scene, "the outcome", activation->outcome, OUTCOME_ACCEPT);
    else if (is_word(what, "reject"))
        check_number(scene, "the outcome", activation->outcome, OUTCOME_REJECT);
    else if (is_word(what, "wait")) {
        check_number(scene, "the outcome", activation->outcome, OUTCOME_WAIT);
        check_number(scene, "the state", activation->state, number_of(scene, take(&line)));
    } else if (is_word(what, "finish")) {
        check_number(scene, "the outcome", activation->outcome, OUTCOME_FINISH);
        struct text is = program_text(activation->program, activation->finish), should = unquote(text_trim(line));
        if (!text_equal(is, should))
            fail_msg("%s: finished as \"%.*s\", expected \"%.*s\"", scene->path, TEXT_ARGS(is), TEXT_ARGS(should));
    } else if (is_word(what, "credit")) {
        check_number(scene, "the outcome", activation->outcome, OUTCOME_CREDIT);
        check_number(scene, "the effect", activation->credit, number_of(scene, take(&line)));
        check_number(scene, "its state", activation->state, number_of(scene, take(&line)));
        check_number(scene, "its cost", activation->values[activation->credit_values], number_of(scene, take(&line)));
    } else if (is_word(what, "ask")) {
        check_number(scene, "the outcome", activation->outcome, OUTCOME_ASK);
        check_number(scene, "the effect", activation->credit, number_of(scene, take(&line)));
        check_number(scene, "its state", activation->state, number_of(scene, take(&line)));
    } else if (is_word(what, "code")) {
        check_number(scene, "the outcome", activation->outcome, OUTCOME_CODE);
        check_number(scene, "the effect", activation->credit, number_of(scene, take(&line)));
        check_number(scene, "its state", activation->state, number_of(scene, take(&line)));
    } else if (is_word(what, "made")) {
        check_made(scene, (*made)++, line);
    } else if (is_word(what, "yield")) {
        check_number(scene, "the outcome", activation->outcome, OUTCOME_YIELD);
        check_value(scene, "what is yielded", activation->yielded, text_trim(line));
    } else if (is_word(what, "changes")) {
        struct text when = take(&line);
        check_number(scene, "when it changes", activation->changes_at,
                     is_word(when, "never") ? INT64_MAX : number_of(scene, when));
    } else if (is_word(what, "value")) {
        int64_t number = number_of(scene, take(&line));
        (void)take(&line);
        check_value(scene, "the value", activation->values[number], take(&line));
    } else if (is_word(what, "journey")) {
        int64_t number = number_of(scene, take(&line));
        bool known = (activation->journey_known >> number) & 1;
        struct text how = take(&line);
        check_number(scene, "whether the variable is known", known, !is_word(how, "unknown"));
        if (known) check_value(scene, "the variable", activation->journey_slot[number], take(&line));
    } else if (is_word(what, "site")) {
        int64_t number = number_of(scene, take(&line));
        struct text how = take(&line);
        check_number(scene, "the site", activation->trace[number],
                     is_word(how, "yes")  ? 3
                     : is_word(how, "no") ? 2
                                          : 0);
    } else if (is_word(what, "pressure")) {
        int64_t number = number_of(scene, take(&line));
        (void)take(&line);
        check_number(scene, "what is left", activation->pressure[number].left, number_of(scene, take(&line)));
    } else {
        fail_msg("%s: expect what?", scene->path);
    }
}

static void check_all(const struct scene *scene)
{
    struct text all = buffer_as_text(&scene->expected);
    unsigned made = 0;
    assert_true(all.size > 0);
    for (uint32_t at = 0; at < all.size;) {
        uint32_t end = text_find(all, '\n', at);
        check_line(scene, text_slice(all, at, end - at), &made);
        at = end + 1;
    }
    check_number(scene, "the number of things made", scene->activation->made_count, made);
}

/* ---------------------------------------------------------------- one file */

/* Bundle bytes of the assembled text, with the bounds that the verifier finds (none where it refuses). */
static enum status make_bundle(struct text source, struct buffer *out, struct error *error)
{
    struct builder builder;
    struct program program;
    struct bundle_bound bound = {0};
    builder_init(&builder);
    enum status status = assemble(&builder, source, error);
    if (status == OK) status = builder_program(&program, &builder, error);
    if (status == OK && program.bound_count == 0) {
        status = verify_bounds(&program, &bound, error);
        if (status == OK) {
            builder_add_bound(&builder, &bound);
            status = builder_program(&program, &builder, error);
        }
    }
    if (status == OK) status = bundle_write(out, &program, error);
    builder_deinit(&builder);
    return status;
}

static void run_file(void **state)
{
    struct scene scene = {.path = *state, .metric_code = -1};
    struct error error = ERROR_NONE;
    struct buffer bundle = BUFFER_EMPTY, text = BUFFER_EMPTY, again = BUFFER_EMPTY;
    scene.activation = memory_alloc(sizeof *scene.activation);
    scene.activation->now = INT64_C(1781128800000); /* 2026-06-10T22:00Z */
    set_banks(&scene);
    take_file(&scene);
    enum status status = make_bundle(buffer_as_text(&scene.code), &bundle, &error);
    if (scene.rejected[0] != 0) {
        if (status != STATUS_REFUSED && status != STATUS_LIMIT)
            fail_msg("%s: not refused (%s)", scene.path, error.message);
        if (strstr(error.message, scene.rejected) == NULL)
            fail_msg("%s: `%s` does not say `%s`", scene.path, error.message, scene.rejected);
        goto done;
    }
    if (status != OK) fail_msg("%s: %s", scene.path, error.message);
    struct program program;
    if (bundle_open(&program, bundle.bytes, bundle.size, &error) != OK) fail_msg("%s: %s", scene.path, error.message);
    if (verify_program(&program, &error) != OK) fail_msg("%s: %s", scene.path, error.message);
    disassemble(&text, &program);
    if (make_bundle(buffer_as_text(&text), &again, &error) != OK)
        fail_msg("%s: disassembled: %s\n%s", scene.path, error.message, buffer_as_string(&text));
    if (again.size != bundle.size || memcmp(again.bytes, bundle.bytes, bundle.size) != 0)
        fail_msg("%s: not the same after a round trip:\n%s", scene.path, buffer_as_string(&text));

    struct activation *activation = scene.activation;
    int64_t journey[64];
    uint8_t journey_bytes[64] = {0};
    for (unsigned i = 0; i < 64; i++) journey[i] = INT64_C(0x5A5A5A5A5A5A5A5A);
    journey[0] = 0;
    activation->program = &program;
    activation->event = (struct bank_read){scene.event.slot, scene.event.known, scene.event.bytes};
    activation->player = (struct bank_read){scene.player.slot, scene.player.known, scene.player.bytes};
    activation->journey_slot = journey;
    activation->journey_known = 1;
    activation->journey_bytes = journey_bytes;
    activation->campaign_zone = (uint32_t)zone_find(TEXT("Europe/London"));
    activation->player_zone = (uint32_t)zone_find(TEXT("Asia/Tokyo"));
    interp_clear_trace(activation);
    activation->points_left = points_left;
    activation->points_context = &scene;
    activation->read_metric = read_metric;
    activation->metric_context = &scene;
    activation->changes_at = INT64_MAX;
    bool filter = scene.filter[0] != 0 || scene.metric_code >= 0;
    uint32_t pc = scene.metric_code >= 0 ? program.metric[scene.metric_code].code
                  : scene.filter[0] != 0 ? program.campaign[0].start_filter
                                         : program.campaign[0].start;
    struct switch_twin twin;
    if (filter) activation->journey_slot = NULL;
    switch_begin(&twin, activation, program.campaign[0].variable_count, program.campaign[0].text_size, pc, filter);
    if (filter)
        (void)interp_filter(activation, pc);
    else
        interp_run(activation, pc);
    uint32_t steps = switch_end(&twin, activation);
    check_all(&scene);
    if (scene.metric_code < 0) assert_true(steps <= program.bound[0].instructions);
    assert_true(activation->made_count <= program.bound[0].effects);
done:
    buffer_deinit(&bundle);
    buffer_deinit(&text);
    buffer_deinit(&again);
    buffer_deinit(&scene.code);
    buffer_deinit(&scene.expected);
    memory_release(scene.activation);
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct CMUnitTest *)left)->name, ((const struct CMUnitTest *)right)->name);
}

int main(void)
{
    static struct CMUnitTest tests[FILES_MAX];
    static char paths[FILES_MAX][128];
    size_t count = 0;
    DIR *folder = opendir("tests/bytecode");
    if (folder == NULL) return 2;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL && count < FILES_MAX;) {
        size_t length = strlen(entry->d_name);
        if (length < 5 || length > 100 || strcmp(entry->d_name + length - 4, ".asm") != 0 ||
            strcmp(entry->d_name, "prelude.asm") == 0)
            continue;
        (void)snprintf(paths[count], sizeof paths[count], "tests/bytecode/%.100s", entry->d_name);
        tests[count] = (struct CMUnitTest){.name = paths[count], .test_func = run_file, .initial_state = paths[count]};
        count++;
    }
    (void)closedir(folder);
    qsort(tests, count, sizeof *tests, by_name);
    return _cmocka_run_group_tests("bytecode", tests, count, NULL, NULL);
}
