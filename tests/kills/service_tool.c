/* The service form, killed: eight threads submit, and whoever was told that a line is taken finds it in the log.
 *
 *   service_tool BUNDLE FOLDER SEED KILLS [--plant lost|doubled]
 *
 * A child opens the database and submits lines from eight threads; for each line that promo_submit() has answered it sets a byte in a file that it shares with the
 * parent, and effects go to another file. The parent kills it at a random moment, up to KILLS times, then lets it end. The platform submits again what was not
 * answered, and a little of what was.
 *
 * Judged by the log itself, folded again from its beginning: each answered line stands in it, and exactly one record of it was applied; what left is what the fold of
 * the log gives, by id and bytes; no budget is over its cap. For a stream through the program see kills_tool.c. promises D1, D7, B2, F1.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/engine/effect_json.h"
#include "runtime/store/promo.h"

enum {
    THREADS = 8,
    LINES_EACH = 3000,
    LINES = THREADS * LINES_EACH,
    PLAYERS_EACH = 300,
    LINE_SIZE = 300,
    LIFE_MS = 220
};
enum { EFFECTS_ROOM = 1 << 17 };

static uint8_t *bundle;
static size_t bundle_size;
static char database[512], effects_path[512], acks_path[512];
static uint8_t *acked; /* by line, shared with the child */
static const char *plant = "";
static uint64_t state;

static uint32_t draw(uint32_t below)
{
    uint64_t x = state += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((x ^ (x >> 31)) % below);
}

__attribute__((noreturn, format(printf, 1, 2))) static void broken(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("BROKEN: ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    exit(1);
}

/* The n-th line of all: of each player first who he is, then registrations and deposits. */
static void line_of(uint32_t n, char out[LINE_SIZE])
{
    uint32_t thread = n / LINES_EACH, nth = n % LINES_EACH, player = thread * PLAYERS_EACH + nth % PLAYERS_EACH;
    static const char at[] = "2026-06-01T08:00:00Z";
    uint64_t x = (n + 1) * UINT64_C(0x9E3779B97F4A7C15);
    if (nth < PLAYERS_EACH) {
        snprintf(out, LINE_SIZE,
                 "{\"kind\":\"attributes\",\"id\":\"n%u\",\"player\":\"p%u\",\"at\":\"%s\",\"set\":{\"age\":30,\"age_"
                 "verified\":true,"
                 "\"casino_email\":true}}",
                 n, player, at);
    } else if (nth < 2 * PLAYERS_EACH) {
        snprintf(out, LINE_SIZE,
                 "{\"id\":\"n%u\",\"event\":\"registration\",\"player\":\"p%u\",\"at\":\"%s\",\"data\":{}}", n, player,
                 at);
    } else {
        snprintf(out, LINE_SIZE,
                 "{\"id\":\"n%u\",\"event\":\"deposit\",\"player\":\"p%u\",\"at\":\"2026-06-0%uT%02u:%02u:00Z\","
                 "\"data\":{\"amount\":\"%u.00 "
                 "EUR\",\"first\":false,\"method\":\"card\"}}",
                 n, player, 1 + nth / 1000, 9 + nth / 100 % 10, nth % 60, 10 + (unsigned)(x >> 40) % 140);
    }
}

/* ------------------------------------------------------------------------------------------------- the child */

static struct promo *promo;
static int effects_file;

static void write_effect(void *context, const struct engine_effect *effect)
{
    (void)context;
    struct buffer line = BUFFER_EMPTY;
    effect_json_write(&line, effect);
    if (write(effects_file, line.bytes, line.size) != (ssize_t)line.size) _exit(3);
    buffer_deinit(&line);
}

static enum status flush_effects(void *context, struct error *error)
{
    (void)context;
    return fsync(effects_file) == 0 ? OK : error_set(error, STATUS_IO, "effects do not fit");
}

static void *submit_all(void *context)
{
    uint32_t thread = *(uint32_t *)context;
    for (uint32_t nth = 0; nth < LINES_EACH; nth++) {
        uint32_t n = thread * LINES_EACH + nth;
        char line[LINE_SIZE];
        /* What was answered is sent again now and then: the platform may have forgotten. */
        if (acked[n] && (n * 2654435761u >> 24) != (uint32_t)getpid() % 251) continue;
        line_of(n, line);
        struct promo_outcome outcome = {.lines = NULL};
        struct error error = ERROR_NONE;
        enum status status = promo_submit(promo, line, strlen(line), &outcome, &error);
        bool taken = outcome.verdict == PROMO_APPLIED ||
                     (outcome.verdict == PROMO_NOT_APPLIED && outcome.reason == REASON_DUPLICATE);
        if (status != OK || !taken) {
            fprintf(stderr, "%s%s\n", error.message, outcome.message);
            _exit(4);
        }
        __atomic_store_n(&acked[n], 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

static void serve(void)
{
    struct error error = ERROR_NONE;
    struct promo_options options = {.bundle = bundle,
                                    .bundle_size = bundle_size,
                                    .database = database,
                                    .shards = 1 + (uint32_t)getpid() % 7,
                                    .sink = {.effect = write_effect},
                                    .flush = flush_effects,
                                    .checkpoint_every = 300 + (uint32_t)getpid() % 3000,
                                    .time = PROMO_TIME_RECORDS};
    effects_file = open(effects_path, O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (effects_file < 0 || promo_open(&promo, &options, &error) != OK) {
        fprintf(stderr, "it does not open: %s\n", error.message);
        _exit(5);
    }
    pthread_t thread[THREADS];
    uint32_t number[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        number[i] = i;
        if (pthread_create(&thread[i], NULL, submit_all, &number[i]) != 0) _exit(6);
    }
    for (uint32_t i = 0; i < THREADS; i++) (void)pthread_join(thread[i], NULL);
    if (promo_close(promo, &error) != OK) {
        fprintf(stderr, "it does not close: %s\n", error.message);
        _exit(7);
    }
    _exit(0);
}

/* ------------------------------------------------------------------------------------------------- judging */

struct kept {
    uint8_t id[16];
    uint64_t bytes;
    bool left; /* in the file of effects */
};
static struct kept effect[EFFECTS_ROOM];
static uint64_t effect_count, left_count;
static uint8_t in_log[LINES];
static uint64_t repeated, turned_away;

static uint64_t hash_of(const void *bytes, size_t size)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < size; i++) hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(1099511628211);
    return hash | 1;
}

static struct kept *place_of(const uint8_t id[16])
{
    uint64_t at = hash_of(id, 16);
    while (effect[at % EFFECTS_ROOM].bytes != 0 && memcmp(effect[at % EFFECTS_ROOM].id, id, 16) != 0) at++;
    return &effect[at % EFFECTS_ROOM];
}

static void fold_effect(void *context, const struct engine_effect *made)
{
    (void)context;
    struct buffer line = BUFFER_EMPTY;
    effect_json_write(&line, made);
    struct kept *place = place_of(made->id);
    if (place->bytes != 0) broken("the fold of the log makes one effect twice");
    memcpy(place->id, made->id, 16);
    place->bytes = hash_of(line.bytes, line.size);
    if (++effect_count > EFFECTS_ROOM / 2) broken("too many effects for this test");
    buffer_deinit(&line);
}

static void take_record(void *context, const struct record *record, const struct program *program)
{
    (void)context;
    (void)program;
    char digits[24];
    if (record->id.size < 2 || record->id.size > 12 || record->id.at[0] != 'n') return;
    snprintf(digits, sizeof digits, "%.*s", (int)record->id.size - 1, record->id.at + 1);
    uint32_t n = (uint32_t)strtoul(digits, NULL, 10);
    if (n >= LINES) broken("the log holds a line that nobody sent");
    repeated += in_log[n] > 0;
    if (in_log[n] < 255) in_log[n]++;
}

static void take_note(void *context, const struct engine_note *note)
{
    (void)context;
    turned_away += note->kind == NOTE_NOT_APPLIED && note->reason == REASON_DUPLICATE;
}

static void read_effects(void)
{
    FILE *file = fopen(effects_path, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    uint64_t number = 0;
    if (file == NULL) broken("nothing ever left");
    while ((size = getline(&line, &room, file)) > 0 && line[size - 1] == '\n') {
        static const char mark[] = "\"id\":\"";
        char *digits = strstr(line, mark);
        uint8_t id[16];
        if (digits == NULL) broken("an effect has no id");
        if (++number == 7 && strcmp(plant, "doubled") == 0)
            digits[sizeof mark] = digits[sizeof mark] == '0' ? '1' : '0';
        for (unsigned i = 0; i < 16; i++) {
            unsigned byte = 0;
            (void)sscanf(digits + sizeof mark - 1 + 2 * i, "%2x", &byte);
            id[i] = (uint8_t)byte;
        }
        struct kept *place = place_of(id);
        if (place->bytes == 0) broken("an effect left that the log does not give: %s", line);
        if (place->bytes != hash_of(line, (size_t)size)) broken("an effect left with other bytes: %s", line);
        left_count += !place->left;
        place->left = true;
    }
    free(line);
    fclose(file);
    if (left_count != effect_count) broken("%" PRIu64 " effects are lost", effect_count - left_count);
}

/* Every line that was answered stands in the log. One that was sent again may stand there again: then it was turned away. */
static void judge_log(bool ended)
{
    struct error error = ERROR_NONE;
    struct engine *engine = NULL;
    struct promo_options options = {.shards = 3, .sink = {.record = take_record, .note = take_note}};
    memset(in_log, 0, sizeof in_log);
    repeated = turned_away = 0;
    if (ended) options.sink.effect = fold_effect;
    if (promo_replay(database, &options, &engine, &error) != OK) {
        if (ended) broken("the log does not fold: %s", error.message);
        return; /* not even the first batch was durable */
    }
    if (engine_settle(engine, &error) != OK) broken("%s", error.message);
    uint32_t wanted = strcmp(plant, "lost") == 0 ? 5 : LINES;
    for (uint32_t n = 0; n < LINES; n++) {
        if ((acked[n] || n == wanted) && (in_log[n] == 0 || n == wanted))
            broken("line %u was answered and is not in the log", n);
    }
    if (repeated != turned_away)
        broken("%" PRIu64 " lines stand in the log again, and %" PRIu64 " were turned away", repeated, turned_away);
    const struct program *program = engine_program(engine);
    for (uint32_t i = 0; i < program->budget_count; i++) {
        struct engine_budget budget;
        if (!engine_budget(engine, i, &budget) || budget.cap < 0) continue;
        if (budget.reserved < 0 || budget.spent < 0 || budget.reserved + budget.spent > budget.cap)
            broken("a budget of %" PRId64 " holds %" PRId64 " reserved and %" PRId64 " spent", budget.cap,
                   budget.reserved, budget.spent);
    }
    engine_close(engine);
}

static void sleep_us(uint32_t us)
{
    struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000};
    while (nanosleep(&time, &time) != 0 && errno == EINTR) continue;
}

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    const size_t room = 4u << 20;
    uint8_t *bytes = file == NULL ? NULL : aligned_alloc(8, room);
    if (bytes != NULL) *size = fread(bytes, 1, room, file);
    if (file != NULL) fclose(file);
    return bytes;
}

int main(int count, char **arguments)
{
    if (count != 5 && count != 7) {
        fprintf(stderr, "usage: service_tool BUNDLE FOLDER SEED KILLS [--plant lost|doubled]\n");
        return 2;
    }
    bundle = read_file(arguments[1], &bundle_size);
    if (count == 7) plant = arguments[6];
    state = strtoull(arguments[3], NULL, 10);
    uint64_t wanted = strtoull(arguments[4], NULL, 10), killed = 0, answered = 0, again = 0;
    snprintf(database, sizeof database, "%s/service.db", arguments[2]);
    snprintf(effects_path, sizeof effects_path, "%s/service.effects", arguments[2]);
    snprintf(acks_path, sizeof acks_path, "%s/service.acks", arguments[2]);
    int acks = open(acks_path, O_RDWR | O_CREAT | O_TRUNC, 0666);
    if (bundle == NULL || acks < 0 || ftruncate(acks, LINES) != 0) {
        fprintf(stderr, "%s or %s cannot be read or written\n", arguments[1], arguments[2]);
        return 2;
    }
    acked = mmap(NULL, LINES, PROT_READ | PROT_WRITE, MAP_SHARED, acks, 0);
    if (acked == MAP_FAILED) return 2;
    for (bool ended = false; !ended;) {
        pid_t child = fork();
        if (child < 0) return 2;
        if (child == 0) serve();
        if (killed < wanted) {
            sleep_us(draw(LIFE_MS * 1000));
            (void)kill(child, SIGKILL);
        }
        int status = 0;
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
        if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
            broken("the service ends with status %d", WEXITSTATUS(status));
        ended = WIFEXITED(status);
        killed += !ended;
        /* A last line that was cut off is no line; the next child writes after it. */
        FILE *file = fopen(effects_path, "r+");
        if (file != NULL) {
            long end = 0;
            for (int c; (c = getc(file)) != EOF;) end = c == '\n' ? ftell(file) : end;
            fclose(file);
            if (truncate(effects_path, end) != 0) return 2;
        }
        if (ended || killed % 4 == 0) judge_log(ended);
    }
    read_effects();
    for (uint32_t n = 0; n < LINES; n++) {
        answered += acked[n];
        again += in_log[n] > 1;
    }
    if (answered != LINES) broken("only %" PRIu64 " lines were answered", answered);
    printf("%" PRIu64 " lines of %d threads answered, %" PRIu64 " effects; killed %" PRIu64 " times; %" PRIu64
           " lines stand in the log twice, applied once\n",
           answered, THREADS, effect_count, killed, again);
    return 0;
}
