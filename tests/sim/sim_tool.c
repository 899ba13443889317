/* A whole system in one process, life after life: the real store, engine and program on vfs.h, the world's lines, kills and faults by the seed,
 * and the auditor who judges after each recovery and now and then.
 *
 *   sim_tool SEED SECONDS [LIVES]            lives by SEED, SEED + 1 … for so long, or so many; then each planted mistake must be seen
 *   sim_tool --life SEED STEPS [CANARY]      one life, judged after every step: where it went wrong first
 *
 * The seed is printed first. A failure prints the one line that repeats it. `make sim SEED=n TIME=s`.
 */
#include <signal.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compiler/compiler.h"
#include "runtime/engine/effect_json.h"
#include "runtime/store/promo.h"
#include "tests/sim/auditor.h"
#include "tests/sim/carrier.h"
#include "tests/sim/keeper.h"
#include "tests/sim/vfs.h"
#include "vm/crypto.h"
#include "vm/memory.h"
#include "vm/pool.h"

enum { WAITING_MAX = 512, CHUNK_MAX = 40 };

/* ---------------------------------------------------------------- mistakes that are planted */

enum canary {
    CANARY_NONE,
    CANARY_SYNC,      /* the disk says that bytes are synced, and they are not */
    CANARY_STALE,     /* a key group is left out of every checkpoint after its first */
    CANARY_RELEASE,   /* a refusal of the wallet reaches the engine as a payment: nothing is released */
    CANARY_TWICE,     /* a reward leaves once more, under another id */
    CANARY_LOST,      /* an effect in fifty never leaves */
    CANARY_CHANGED,   /* an effect that leaves again has another instant */
    CANARY_BUDGET,    /* the caps of two campaigns are ten times what they should be */
    CANARY_CONSENT,   /* nobody asks about consent */
    CANARY_QUIET,     /* messages leave at night */
    CANARY_EVENT,     /* an event is folded a second time, under an id of its own */
    CANARY_AUDIT,     /* one row in five of the audit log is not written */
    CANARY_EXCLUSION, /* an exclusion is acknowledged and never told */
    CANARY_COUNT
};
static const char *const canary_names[CANARY_COUNT] = {"none",
                                                       "a sync that lies",
                                                       "a key group left out of checkpoints",
                                                       "a release that is booked as spent",
                                                       "a reward under a second id",
                                                       "an effect that never leaves",
                                                       "an effect in another form",
                                                       "caps that are too high",
                                                       "consent that nobody asks for",
                                                       "no quiet hours",
                                                       "an event folded twice",
                                                       "rows of the audit log that are missing",
                                                       "an exclusion that is not told"};

/* ---------------------------------------------------------------- what all lives share */

struct bundle {
    struct compiler_output output;
};
static struct bundle bundles[2], wide, unasked, loud;
static char codes[WORLD_CODES][24];
static char folder[] = "/tmp/promo-sim-XXXXXX";
static char database[64], copy[64], lock[80], copy_lock[80];

static struct tally {
    uint64_t lives, steps, submits, runs, lines, kills, kills_between, restarts, shard_changes, versions,
        recoveries_killed;
    uint64_t refused[STATUS_COUNT], closed, judged;
    uint64_t cut_off;
    uint64_t outboxes, carried, not_carried, over;
    struct auditor_counts audit;
    struct world_counts world;
} tally;

struct life {
    uint64_t seed, random;
    uint32_t steps, step;
    enum canary canary;
    bool every_step;
    struct world *world;
    struct auditor *auditor;
    struct promo *promo;
    uint32_t shards, version;
    struct carrier carrier; /* where effects leave by the outbox */
    bool outbox, views;
    struct keeper keeper;
    struct buffer pending;                /* effects that the service has given and nobody has taken yet, a line each */
    uint32_t waiting[WAITING_MAX], waits; /* lines to be told again */
    int settled;                          /* 1: the last instant is closed in the engine; 0: open; -1: who knows */
    uint32_t effects;
    char fault[1200];
};

static uint32_t draw(struct life *life, uint32_t below)
{
    uint64_t x = life->random += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((x ^ (x >> 31)) % below);
}

#define FAIL(life, ...)                                                                             \
    do {                                                                                            \
        if ((life)->fault[0] == 0) (void)snprintf((life)->fault, sizeof(life)->fault, __VA_ARGS__); \
    } while (0)

/* SIM_TRACE=1: what was done, line by line. */
static bool tracing;
#define TRACE(...) (tracing ? (void)fprintf(stderr, __VA_ARGS__) : (void)0)

static const char *sodium_name(void)
{
    return "sim";
}

static uint32_t sodium_random(void)
{
    uint32_t number;
    vfs_random(&number, sizeof number);
    return number;
}

static struct randombytes_implementation randomness = {
    .implementation_name = sodium_name, .random = sodium_random, .buf = vfs_random};

/* ---------------------------------------------------------------- programs */

static char *read_world(void)
{
    FILE *file = fopen("tests/sim/world.promo", "rb");
    static char text[1 << 16];
    if (file == NULL) {
        fprintf(stderr, "sim: tests/sim/world.promo cannot be read; start it in the project's folder\n");
        exit(2);
    }
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    (void)fclose(file);
    return text;
}

/* `from` by `to`, wherever it stands; it must. */
static void replace(char *text, size_t room, const char *from, const char *to)
{
    uint32_t times = 0;
    for (char *at = strstr(text, from); at != NULL; at = strstr(at + strlen(to), from)) {
        size_t rest = strlen(at + strlen(from)) + 1;
        INVARIANT(strlen(text) + strlen(to) + 1 < room);
        memmove(at + strlen(to), at + strlen(from), rest);
        memcpy(at, to, strlen(to));
        times++;
    }
    INVARIANT(times > 0);
}

static void compile(struct bundle *out, const char *text)
{
    struct error error = ERROR_NONE;
    struct compiler_input input = {.path = TEXT("world.promo"), .bytes = text_of(text)};
    struct compiler_options options = {.default_name = TEXT("simulated")};
    if (compiler_compile(&out->output, &input, 1, options, &error) == OK && !out->output.failed) return;
    struct buffer messages = BUFFER_EMPTY;
    diagnostics_render(&out->output.diagnostics, DIAGNOSTIC_TEXT, &messages);
    fprintf(stderr, "sim: the world does not compile: %s%s\n", error.message, buffer_as_string(&messages));
    exit(2);
}

static void compile_all(void)
{
    static char text[1 << 16];
    const char *world = read_world();
    compile(&bundles[0], world);
    /* The second version: other waits, another amount, a higher cap; the rest means the same, and journeys go over. */
    strcpy(text, world);
    replace(text, sizeof text, "wait 6 hours", "wait 5 hours");
    replace(text, sizeof text, "wait 1 day\n", "wait 20 hours\n");
    replace(text, sizeof text, "total       400 EUR", "total       450 EUR");
    replace(text, sizeof text, "inbox  \"en\" \"Paid\"", "inbox  \"en\" \"Paid today\"");
    compile(&bundles[1], text);
    strcpy(text, world);
    replace(text, sizeof text, "total       180 EUR", "total       1,800 EUR");
    replace(text, sizeof text, "per day      90 EUR", "per day     900 EUR");
    replace(text, sizeof text, "per player   25 EUR per day", "per player  250 EUR per day");
    compile(&wide, text);
    strcpy(text, world);
    strcat(text, "\npolicy \"Consent\"\n  send email about casino to everyone\n  send push about casino to everyone\n"
                 "  send inbox about casino to everyone\nend\n");
    compile(&unasked, text);
    strcpy(text, world);
    strcat(text, "\npolicy \"Quiet hours\"\n  send only between 00:00 and 23:59, otherwise delay\nend\n");
    compile(&loud, text);
    const struct program *program = &bundles[0].output.program;
    struct crypto_key identity =
        crypto_derive_key(program_text(program, program->workspace->name), TEXT("effect identity"));
    struct code_word word;
    uint32_t index = pool_find(program, TEXT("spring"));
    struct crypto_key key = code_word_key(&identity, TEXT("spring"));
    INVARIANT(index != PROGRAM_NONE && pool_word(program, &program->pool[index], &word));
    for (uint32_t number = 0; number < WORLD_CODES; number++) {
        char made[CODE_WORD_SIZE + 1];
        uint32_t size = code_word_nth(made, &word, &key, number);
        INVARIANT(size < sizeof codes[0]);
        memcpy(codes[number], made, size);
    }
}

static const struct bundle *bundle_of(const struct life *life)
{
    if (life->canary == CANARY_BUDGET) return &wide;
    if (life->canary == CANARY_CONSENT) return &unasked;
    if (life->canary == CANARY_QUIET) return &loud;
    return &bundles[life->version];
}

/* ---------------------------------------------------------------- what leaves */

static void take_effect(void *context, const struct engine_effect *effect)
{
    struct life *life = context;
    life->effects++;
    if (life->outbox) return; /* it leaves by the carrier */
    if (life->canary == CANARY_LOST && effect->id[0] % 50 == 7) return;
    size_t from = life->pending.size;
    effect_json_write(&life->pending, effect);
    if (life->canary == CANARY_CHANGED && life->step > 20 && effect->id[1] % 8 == 1) {
        char *at = strstr((char *)life->pending.bytes + from, ":00.");
        if (at != NULL) at[2] = '1';
    }
    if (life->canary == CANARY_TWICE && effect->kind == ENGINE_CREDIT && effect->id[0] % 8 == 3) {
        struct engine_effect again = *effect;
        again.id[3] ^= 1;
        effect_json_write(&life->pending, &again);
    }
}

/* The receivers get the first `count` lines that wait, and the rest is gone. */
static void deliver(struct life *life, uint32_t count)
{
    const char *at = (const char *)life->pending.bytes, *end = at + life->pending.size;
    for (uint32_t number = 0; number < count && at < end; number++) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        INVARIANT(feed != NULL);
        char line[4096];
        size_t size = (size_t)(feed - at);
        INVARIANT(size < sizeof line);
        memcpy(line, at, size);
        line[size] = 0;
        TRACE("   left %s\n", line);
        auditor_left(life->auditor, line, (uint32_t)size);
        world_receive(life->world, line, (uint32_t)size);
        at = feed + 1;
    }
    buffer_clear(&life->pending);
}

static enum status flush(void *context, struct error *error)
{
    struct life *life = context;
    (void)error;
    if (!vfs_is_dead()) deliver(life, UINT32_MAX);
    return OK;
}

/* ---------------------------------------------------------------- judging */

/* Reads the log from its base, now by a disk that gives one page cut off, now by one that does not. SQLite takes the rest for zeros, so what is read
 * may be anything: it is refused, or right. */
static void look_badly(struct life *life, const uint8_t right[32])
{
    struct error error = ERROR_NONE;
    struct engine *twin = NULL;
    uint8_t digest[32];
    uint32_t nth = life->step % 3 == 0 ? 0 : 1 + (uint32_t)((life->seed * 31 + life->step * 7919u) % 23);
    vfs_look(database, copy);
    if (nth > 0) vfs_arm(VFS_SHORT, VFS_READ, nth, 1);
    struct promo_options options = {.shards = 2};
    enum status status = promo_replay(copy, &options, &twin, &error);
    tally.cut_off += nth > 0 && vfs_came(VFS_SHORT);
    bool same = status == OK && engine_settle(twin, &error) == OK && engine_digest(twin, digest, &error) == OK &&
                memcmp(digest, right, sizeof digest) == 0;
    if (nth == 0 && !same) FAIL(life, "the log is not folded from its base: %s", error.message);
    if (status == OK && !same) /* promise F5 */
        FAIL(life, "a page that was cut off is passed over: the %u. read", nth);
    if (status != OK && status != STATUS_CORRUPT && status != STATUS_REFUSED && status != STATUS_IO)
        FAIL(life, "a page that was cut off (the %u. read) is told as something else (%d): %s", nth, (int)status,
             error.message);
    if (twin != NULL) engine_close(twin);
    vfs_disarm(VFS_SHORT);
    vfs_leave(copy);
}

/* A service that opens what lies on the disk now, by its checkpoint, has the state that the fold of the whole log gives. */
static void recover_copy(struct life *life, const uint8_t right[32])
{
    struct error error = ERROR_NONE;
    struct promo *other = NULL;
    uint8_t digest[32];
    struct promo_options options = {
        .database = copy, .shards = 1 + life->step % 7, .without_views = true, .time = PROMO_TIME_RECORDS};
    vfs_look(database, copy);
    enum status status = promo_open(&other, &options, &error);
    /* Where a checkpoint closed the last instant the log leaves it open: closed, both are one. */
    if (status == OK) status = engine_settle(promo_engine(other), &error);
    if (status == OK) status = engine_digest(promo_engine(other), digest, &error);
    if (status != OK) FAIL(life, "what lies on the disk cannot be recovered: %s", error.message);
    if (status == OK && memcmp(digest, right, sizeof digest) != 0)
        FAIL(life, "the state after a recovery is not the fold of the log"); /* promise D6, F1 */
    if (other != NULL && promo_close(other, &error) != OK) FAIL(life, "a recovery cannot be closed: %s", error.message);
    vfs_leave(copy);
}

static void read_audit(struct life *life)
{
    sqlite3 *other = NULL;
    sqlite3_stmt *rows = NULL;
    if (sqlite3_open_v2(copy, &other, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(other, "SELECT position FROM audit ORDER BY seq", -1, &rows, NULL) == SQLITE_OK) {
        while (sqlite3_step(rows) == SQLITE_ROW)
            auditor_audit_row(life->auditor, (uint64_t)sqlite3_column_int64(rows, 0));
    } else {
        FAIL(life, "the audit log cannot be read: %s", sqlite3_errmsg(other));
    }
    (void)sqlite3_finalize(rows);
    (void)sqlite3_close(other);
}

static void judge(struct life *life)
{
    if (life->fault[0] != 0) return;
    tally.judged++;
    struct error error = ERROR_NONE;
    struct engine *twin = NULL;
    vfs_look(database, copy);
    if (!keeper_mend(&life->keeper, copy)) {
        vfs_leave(copy); /* there are no tables yet */
        return;
    }
    auditor_begin(life->auditor);
    struct promo_options options = {
        .shards = 3,
        .sink = {.context = life->auditor, .effect = auditor_effect, .note = auditor_note, .record = auditor_record}};
    enum status status = promo_replay(copy, &options, &twin, &error);
    if (status == STATUS_NOT_FOUND) {
        vfs_leave(copy);
        return; /* the log is empty yet */
    }
    uint8_t live[32], folded[32] = {0};
    if (status == OK) {
        uint32_t left = auditor_effects(life->auditor);
        status = engine_settle(twin, &error);
        if (life->settled == 1) left = auditor_effects(life->auditor);
        if (status == OK) status = engine_digest(twin, folded, &error);
        /* What waits to leave may be late; judging moves nothing. */
        bool all = life->pending.size == 0 && life->settled >= 0 && !life->outbox;
        if (status == OK) read_audit(life);
        if (status == OK) auditor_judge(life->auditor, twin, all ? left : 0);
    }
    if (twin != NULL) engine_close(twin);
    if (status != OK) FAIL(life, "the log cannot be folded: %s", error.message);
    if (auditor_fault(life->auditor) != NULL) FAIL(life, "%s", auditor_fault(life->auditor));
    if (status == OK && life->settled == 1) {
        if (engine_digest(promo_engine(life->promo), live, &error) != OK || memcmp(live, folded, sizeof live) != 0)
            FAIL(life, "the state is not the fold of the log"); /* promise D6 */
    }
    vfs_leave(copy);
    if (life->fault[0] == 0) recover_copy(life, folded);
    if (life->fault[0] == 0) look_badly(life, folded);
}

/* ---------------------------------------------------------------- opening, and what a crash leaves */

static void plant(struct life *life)
{
    if (life->canary != CANARY_STALE && life->canary != CANARY_AUDIT) return;
    /* By a trigger of the database itself, so that nothing of the service is another. */
    const char *statement =
        life->canary == CANARY_STALE
            ? "CREATE TRIGGER IF NOT EXISTS canary BEFORE UPDATE ON checkpoint WHEN old.key % 3 = 1 "
              "BEGIN SELECT RAISE(IGNORE); END"
            : "CREATE TRIGGER IF NOT EXISTS canary BEFORE INSERT ON audit WHEN new.seq % 5 = 0 "
              "BEGIN SELECT RAISE(IGNORE); END";
    sqlite3 *other = NULL;
    if (sqlite3_open_v2(database, &other, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
        (void)sqlite3_exec(other, statement, NULL, NULL, NULL);
    (void)sqlite3_close(other);
}

static enum status open_promo(struct life *life, struct error *error)
{
    const struct bundle *bundle = bundle_of(life);
    struct promo_options options = {.bundle = bundle->output.bundle.bytes,
                                    .bundle_size = bundle->output.bundle.size,
                                    .database = database,
                                    .shards = life->shards,
                                    .sink = {.context = life, .effect = take_effect},
                                    .flush = flush,
                                    .flush_context = life,
                                    .checkpoint_every = 5 + draw(life, 60),
                                    .without_views = !life->views,
                                    .outbox = life->outbox,
                                    .time = PROMO_TIME_RECORDS};
    life->settled = 0;
    return promo_open(&life->promo, &options, error);
}

/* The process is gone; how much of what it gave had left by then is a matter of luck. */
static void die(struct life *life)
{
    struct error ignored = ERROR_NONE;
    uint32_t lines = 0;
    for (size_t at = 0; at < life->pending.size; at++) lines += life->pending.bytes[at] == '\n';
    deliver(life, lines == 0 ? 0 : draw(life, lines + 1));
    if (life->promo != NULL && promo_close(life->promo, &ignored) != OK) ignored.message[0] = 0;
    life->promo = NULL;
    buffer_clear(&life->pending); /* what the closing gave never was */
    vfs_power_on(draw(life, 4) != 0);
    tally.kills++;
}

static void arm_recovery(struct life *life)
{
    uint32_t kind = draw(life, 12);
    if (kind < 2) vfs_arm(VFS_CRASH, (enum vfs_call)draw(life, VFS_CALL_COUNT), 1 + draw(life, 25), 1);
    if (kind == 2) vfs_arm(VFS_FAIL, (enum vfs_call)draw(life, VFS_DELETE), 1 + draw(life, 12), 1);
    if (kind == 4) vfs_arm(VFS_FULL, VFS_WRITE, 1 + draw(life, 6), 1);
    if (kind == 5) vfs_arm(VFS_BUSY, VFS_LOCK, 1 + draw(life, 6), draw(life, 2) == 0 ? 20 : 900);
}

/* Opens until it is open. Faults may come on the way; without one it must open. */
static void reopen(struct life *life)
{
    for (uint32_t times = 0; life->fault[0] == 0; times++) {
        struct error error = ERROR_NONE;
        if (times < 4) arm_recovery(life);
        enum status status = open_promo(life, &error);
        TRACE("   open with %u shards: %s\n", life->shards, status == OK ? "ok" : error.message);
        bool faulty = false;
        for (int fault = 0; fault < VFS_FAULT_COUNT; fault++) faulty |= vfs_came((enum vfs_fault)fault);
        if (vfs_is_dead()) {
            tally.recoveries_killed++;
            die(life);
            continue;
        }
        vfs_calm();
        vfs_pass(2000);
        if (status == OK) break;
        tally.refused[status]++;
        buffer_clear(&life->pending); /* a recovery that failed gave effects that did not leave */
        life->promo = NULL;
        if (!faulty || times > 20) FAIL(life, "it does not open again: %s", error.message);
    }
    if (life->fault[0] == 0) judge(life);
    plant(life);
}

static void restart(struct life *life)
{
    struct error error = ERROR_NONE;
    enum status status = promo_close(life->promo, &error);
    life->promo = NULL;
    tally.restarts++;
    if (vfs_is_dead()) {
        die(life);
    } else {
        /* What a last checkpoint could not keep is folded again. */
        if (status != OK) tally.refused[status]++;
        if (draw(life, 2) == 0) deliver(life, UINT32_MAX);
        buffer_clear(&life->pending);
        vfs_calm();
    }
    uint32_t shards = 1 + draw(life, 7);
    tally.shard_changes += shards != life->shards;
    life->shards = shards;
    if (draw(life, 4) == 0) {
        life->version ^= 1;
        tally.versions++;
    }
    reopen(life);
}

/* ---------------------------------------------------------------- telling */

static uint32_t next_line(struct life *life)
{
    if (life->waits == 0) return world_next(life->world);
    uint32_t line = life->waiting[0];
    memmove(life->waiting, life->waiting + 1, --life->waits * sizeof life->waiting[0]);
    return line;
}

static void tell_again(struct life *life, const uint32_t *lines, uint32_t count)
{
    INVARIANT(life->waits + count <= WAITING_MAX);
    memmove(life->waiting + count, life->waiting, life->waits * sizeof life->waiting[0]);
    memcpy(life->waiting, lines, count * sizeof lines[0]);
    life->waits += count;
}

/* The text as it is told: a planted mistake may change it on the way. */
static uint32_t text_of_line(struct life *life, uint32_t number, char out[512])
{
    const struct world_line *line = world_line(life->world, number);
    memcpy(out, line->text, line->size);
    out[line->size] = 0;
    if (life->canary == CANARY_RELEASE && line->what == WORLD_REPLY && !line->paid) {
        char *at = strstr(out, "\"failed\"");
        INVARIANT(at != NULL);
        strcpy(at, "\"credited\"}");
    }
    return (uint32_t)strlen(out);
}

/* A call failed: the power is off, or a fault was told. */
static void failed(struct life *life, enum status status, const struct error *error)
{
    life->settled = -1;
    TRACE("   failed (%d): %s%s\n", (int)status, error->message, vfs_is_dead() ? "; the power is off" : "");
    if (vfs_is_dead()) {
        die(life);
        reopen(life);
        return;
    }
    tally.refused[status]++;
    if (status == STATUS_CLOSED) {
        tally.closed++;
        restart(life);
        return;
    }
    bool faulty = false;
    for (int fault = 0; fault < VFS_FAULT_COUNT; fault++) faulty |= vfs_came((enum vfs_fault)fault);
    if (!faulty) FAIL(life, "it fails without a fault: %s", error->message);
    if (status != STATUS_IO && status != STATUS_BUSY) /* promise F3 */
        FAIL(life, "a fault of the disk is told as something else (%d): %s", (int)status, error->message);
}

/* The keys of whoever is erased next are kept, for the auditor alone. */
static void keep_keys(struct life *life)
{
    vfs_look(database, copy);
    if (!keeper_mend(&life->keeper, copy)) FAIL(life, "the keys cannot be read");
    vfs_leave(copy);
}

static void submit(struct life *life)
{
    uint32_t number = next_line(life);
    if (world_line(life->world, number)->what == WORLD_ERASE) keep_keys(life);
    char text[512];
    uint32_t size = text_of_line(life, number, text);
    struct promo_outcome outcome = {.lines = NULL};
    struct error error = ERROR_NONE;
    tally.submits++;
    TRACE("%u submit %s\n", life->step, text);
    if (life->canary == CANARY_EXCLUSION && world_line(life->world, number)->what == WORLD_EXCLUSION) {
        auditor_acknowledged(life->auditor, number, 0);
        return;
    }
    enum status status = promo_submit(life->promo, text, size, &outcome, &error);
    if (status != OK) {
        tell_again(life, &number, 1);
        failed(life, status, &error);
        return;
    }
    if (outcome.verdict == PROMO_REFUSED) FAIL(life, "a good line is refused: %s: %s", outcome.message, text);
    /* Behind an erasure a checkpoint is written at once, and a tick that leaves its instant open. */
    life->settled = world_line(life->world, number)->what == WORLD_ERASE ? 0 : 1;
    tally.lines++;
    auditor_acknowledged(life->auditor, number, outcome.position);
    if (life->canary == CANARY_EVENT && world_line(life->world, number)->what == WORLD_BET && draw(life, 8) == 0) {
        char *id = strstr(text, "\"id\":\"");
        id[6] = 'z';
        status = promo_submit(life->promo, text, size, &outcome, &error);
        if (status != OK) failed(life, status, &error);
    }
}

struct chunk {
    char bytes[CHUNK_MAX * 512];
    size_t size, at;
};

static enum status read_chunk(void *context, char *bytes, size_t room, size_t *size_out, struct error *error)
{
    struct chunk *chunk = context;
    (void)error;
    size_t size = chunk->size - chunk->at < room ? chunk->size - chunk->at : room;
    memcpy(bytes, chunk->bytes + chunk->at, size);
    chunk->at += size;
    *size_out = size;
    return OK;
}

static void run(struct life *life)
{
    static struct chunk chunk;
    uint32_t lines[CHUNK_MAX], count = 1 + draw(life, CHUNK_MAX - 1);
    for (uint32_t index = 0; index < count; index++) {
        lines[index] = next_line(life);
        if (world_line(life->world, lines[index])->what != WORLD_ERASE) continue;
        /* An erasure comes alone. */
        tell_again(life, &lines[index], 1);
        count = index;
    }
    if (count == 0) {
        submit(life);
        return;
    }
    /* Lines of one instant come in any order. */
    for (uint32_t times = 0; times < count; times++) {
        uint32_t index = draw(life, count);
        if (index + 1 >= count) continue;
        const struct world_line *one = world_line(life->world, lines[index]),
                                *other = world_line(life->world, lines[index + 1]);
        if (one->at != other->at || one->reused || other->reused || one->player == WORLD_PLAYERS ||
            other->player == WORLD_PLAYERS)
            continue;
        uint32_t line = lines[index];
        lines[index] = lines[index + 1];
        lines[index + 1] = line;
    }
    chunk.size = chunk.at = 0;
    for (uint32_t index = 0; index < count; index++) {
        chunk.size += text_of_line(life, lines[index], chunk.bytes + chunk.size);
        chunk.bytes[chunk.size++] = '\n';
    }
    TRACE("%u run %u lines:\n%.*s", life->step, count, (int)chunk.size, chunk.bytes);
    struct promo_run_options options = {.reader = read_chunk,
                                        .reader_context = &chunk,
                                        .batch = 1 + draw(life, 12),
                                        .open_end = draw(life, 3) != 0,
                                        .time_jump_ms = -1};
    struct promo_counts counts;
    struct error error = ERROR_NONE;
    tally.runs++;
    life->settled = -1;
    enum status status = promo_run(life->promo, &options, &counts, &error);
    if (status != OK) {
        tell_again(life, lines, count);
        failed(life, status, &error);
        return;
    }
    if (counts.refused > 0) FAIL(life, "a good line is refused in a run");
    life->settled = 0;
    tally.lines += count;
    for (uint32_t index = 0; index < count; index++) auditor_acknowledged(life->auditor, lines[index], 0);
}

/* A receiver of the outbox. */
static void receive(void *context, const char *line, uint32_t size)
{
    struct life *life = context;
    TRACE("   carried %s\n", line);
    auditor_left(life->auditor, line, size);
    world_receive(life->world, line, size);
}

/* Carries once; whether there was anything. */
static bool carry(struct life *life)
{
    struct error error = ERROR_NONE;
    bool moved = false;
    enum status status = carrier_step(&life->carrier, life->promo, &moved, &error);
    if (status != OK) {
        failed(life, status, &error);
        return true;
    }
    if (moved) life->settled = -1; /* attempts are records too */
    return moved;
}

/* ---------------------------------------------------------------- a life */

static void arm(struct life *life)
{
    static const uint32_t reach[VFS_CALL_COUNT] = {3, 60, 40, 2, 6, 2, 20};
    if (draw(life, 3) != 0) return;
    uint32_t kind = draw(life, 16);
    enum vfs_call call = (enum vfs_call)draw(life, VFS_CALL_COUNT);
    if (draw(life, 2) == 0) call = draw(life, 3) == 0 ? VFS_SYNC : VFS_WRITE;
    if (kind < 8) {
        vfs_arm(VFS_CRASH, call, 1 + draw(life, reach[call]), 1);
    } else if (kind < 11) {
        vfs_arm(VFS_FAIL, call == VFS_LOCK ? VFS_SYNC : call, 1 + draw(life, reach[call]), 1 + draw(life, 3));
    } else if (kind < 13) {
        vfs_arm(VFS_FULL, VFS_WRITE, 1 + draw(life, 20), 1);
    } else if (kind < 15) {
        vfs_arm(VFS_BUSY, VFS_LOCK, 1 + draw(life, 8), draw(life, 2) == 0 ? 30 : 3000);
    } else {
        vfs_crash();
        tally.kills_between++;
        die(life);
        reopen(life);
    }
}

static void take_step(struct life *life)
{
    tally.steps++;
    if (life->canary == CANARY_NONE || life->canary == CANARY_SYNC || life->canary == CANARY_STALE ||
        life->canary == CANARY_CHANGED) {
        if (draw(life, 5) == 0) vfs_calm();
        arm(life);
    }
    if (life->fault[0] != 0) return;
    uint32_t kind = draw(life, life->outbox ? 26 : 20);
    if (kind == 0) {
        restart(life);
    } else if (kind >= 20) {
        (void)carry(life);
    } else if (kind < 5) {
        run(life);
    } else {
        submit(life);
    }
    /* A call may be done and the power gone: what SQLite tidies up behind a commit may fail without a word. */
    if (vfs_is_dead() && life->fault[0] == 0) {
        die(life);
        reopen(life);
    }
    if (life->promo != NULL && draw(life, 4) != 0) deliver(life, UINT32_MAX);
    bool now = draw(life, 60) == 0;
    if (life->fault[0] == 0 && (life->every_step || now)) judge(life);
}

/* No more faults; the wallet says all that it owes, deadlines fire, and the books are closed. */
static void end(struct life *life)
{
    vfs_calm();
    vfs_lie(false);
    for (int day = 0; day < 3 && life->fault[0] == 0; day++) {
        for (uint32_t times = 0; life->fault[0] == 0 && times < 2000 && (life->waits > 0 || world_owes(life->world));
             times++) {
            submit(life);
            deliver(life, UINT32_MAX);
        }
        uint32_t tick = world_tick(life->world, 2);
        tell_again(life, &tick, 1);
        submit(life);
        deliver(life, UINT32_MAX);
    }
    if (life->outbox && life->fault[0] == 0) {
        restart(life); /* what was in hands and not answered waits again */
        life->carrier.patient = true;
        for (uint32_t times = 0; times < 2000 && life->fault[0] == 0 && carry(life); times++) continue;
        auditor_carried(life->auditor);
    }
    judge(life);
    if (life->fault[0] == 0) restart(life);
}

static void add(uint64_t *to, const uint64_t *from, size_t count)
{
    for (size_t index = 0; index < count; index++) to[index] += from[index];
}

/* Empty: all was well. `mark_out`: a number that the same seed always gives. */
static void live(struct life *life, uint64_t seed, uint32_t steps, enum canary canary, bool every_step,
                 uint64_t *mark_out)
{
    *life =
        (struct life){.seed = seed, .random = seed * 77 + 5, .canary = canary, .every_step = every_step, .shards = 1};
    static struct world_counts world_counts;
    memset(&world_counts, 0, sizeof world_counts);
    vfs_begin(seed);
    life->world = world_open(seed * 3 + 1, codes, &world_counts);
    life->auditor = auditor_open(life->world);
    life->shards = 1 + draw(life, 7);
    life->outbox = canary == CANARY_NONE && draw(life, 3) == 0;
    life->views = draw(life, 3) != 0;
    life->carrier = (struct carrier){.random = seed * 5 + 3, .receive = receive, .context = life};
    life->steps = 30 + draw(life, 170);
    if (steps > 0 && steps < life->steps) life->steps = steps;
    vfs_lie(canary == CANARY_SYNC);
    reopen(life);
    for (life->step = 0; life->step < life->steps && life->fault[0] == 0; life->step++) take_step(life);
    uint32_t reached = life->step;
    if (life->fault[0] == 0 && life->steps != steps) end(life);
    life->step = reached;
    vfs_crash(); /* nothing more is written */
    struct error ignored = ERROR_NONE;
    if (life->promo != NULL && promo_close(life->promo, &ignored) != OK) ignored.message[0] = 0;
    vfs_power_on(false);
    if (mark_out != NULL) *mark_out = vfs_hash() ^ life->random ^ ((uint64_t)life->effects << 32);
    if (canary == CANARY_NONE && !every_step) {
        tally.lives++;
        tally.outboxes += life->outbox;
        tally.carried += life->carrier.carried;
        tally.not_carried += life->carrier.failed + life->carrier.unsaid;
        tally.over += life->carrier.over;
        add((uint64_t *)(void *)&tally.audit, (const uint64_t *)(const void *)auditor_counted(life->auditor),
            sizeof tally.audit / 8);
        add((uint64_t *)(void *)&tally.world, (const uint64_t *)(const void *)&world_counts, sizeof tally.world / 8);
    }
    auditor_close(life->auditor);
    world_close(life->world);
    buffer_deinit(&life->pending);
}

/* ---------------------------------------------------------------- what is printed */

static struct life one;

/* The system died: a broken invariant, or worse. The line that repeats it is the last thing that is said. */
static void died(int number)
{
    char words[160];
    int size =
        snprintf(words, sizeof words,
                 "sim: the system died (signal %d)\nreplay: make sim SEED=%llu STEPS=%u\nsim: 0 passed, 1 failed\n",
                 number, (unsigned long long)one.seed, one.step + 1);
    if (size > 0 && write(STDOUT_FILENO, words, (size_t)size) != size) _exit(3);
    _exit(1);
}

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print_failure(void)
{
    uint64_t seed = one.seed;
    uint32_t step = one.step;
    char first[sizeof one.fault];
    strcpy(first, one.fault);
    /* The same life, judged after every step: judging leaves no trace, so it goes wrong at the same place, and is seen sooner. */
    live(&one, seed, step + 1, CANARY_NONE, true, NULL);
    if (one.fault[0] != 0) {
        step = one.step;
        strcpy(first, one.fault);
    }
    printf("sim: %s\nreplay: make sim SEED=%llu STEPS=%u\n", first, (unsigned long long)seed, step + 1);
}

static void tell(const char *what, uint64_t count, uint64_t failures, const char *seed, double took)
{
    printf("  %-64s %10llu\n", what, (unsigned long long)count);
    const char *path = getenv("TORTURE_LOG");
    FILE *file = path == NULL ? NULL : fopen(path, "a");
    if (file == NULL) return;
    fprintf(file, "simulator\t%s\t%llu\t%llu\t%s\t%.0f\n", what, (unsigned long long)count,
            (unsigned long long)failures, seed, took);
    (void)fclose(file);
}

static void print_tally(uint64_t seed, uint64_t last, uint64_t failures, double took)
{
    const struct vfs_counts *disk = vfs_counted();
    char seeds[64], words[100];
    (void)snprintf(seeds, sizeof seeds, "seeds %llu to %llu", (unsigned long long)seed, (unsigned long long)last);
    tell("lives of a whole system", tally.lives, failures, seeds, took);
    tell("steps", tally.steps, 0, seeds, took);
    tell("records made durable", tally.lines, 0, seeds, took);
    for (int fault = 0; fault < VFS_FAULT_COUNT; fault++) {
        for (int call = 0; call < VFS_CALL_COUNT; call++) {
            if (disk->faults[fault][call] == 0) continue;
            (void)snprintf(words, sizeof words, fault == VFS_CRASH ? "%s: power lost at a %s" : "%s at a %s",
                           fault == VFS_CRASH ? "kill" : vfs_fault_names[fault], vfs_call_names[call]);
            tell(words, disk->faults[fault][call], 0, seeds, took);
        }
    }
    tell("kill: between two calls", tally.kills_between, 0, seeds, took);
    tell("kill: again in the middle of a recovery", tally.recoveries_killed, 0, seeds, took);
    tell("writes that were not synced and kept", disk->kept, 0, seeds, took);
    tell("writes that were not synced and lost", disk->dropped, 0, seeds, took);
    tell("writes that were not synced and torn", disk->torn, 0, seeds, took);
    tell("milliseconds slept for a lock", disk->slow_ms, 0, seeds, took);
    tell("restarts in order", tally.restarts, 0, seeds, took);
    tell("restarts on another number of shards", tally.shard_changes, 0, seeds, took);
    tell("versions activated in the middle", tally.versions, 0, seeds, took);
    tell("calls that failed and were told", tally.refused[STATUS_IO] + tally.refused[STATUS_BUSY], 0, seeds, took);
    tell("services that refused to go on until opened again", tally.closed, 0, seeds, took);
    tell("lines told twice", tally.world.twice, 0, seeds, took);
    tell("lines told late", tally.world.late, 0, seeds, took);
    tell("lines told too late", tally.world.too_late, 0, seeds, took);
    tell("ids used again for something else", tally.world.reused, 0, seeds, took);
    tell("lines of one instant", tally.world.same_instant, 0, seeds, took);
    tell("players excluded", tally.world.excluded, 0, seeds, took);
    tell("players forgotten", tally.world.erased, 0, seeds, took);
    tell("wallet: paid", tally.world.paid, 0, seeds, took);
    tell("wallet: refused", tally.world.refused, 0, seeds, took);
    tell("wallet: reply lost", tally.world.reply_lost, 0, seeds, took);
    tell("wallet: reply twice", tally.world.reply_twice, 0, seeds, took);
    tell("wallet: reply late", tally.world.reply_late, 0, seeds, took);
    tell("effects that left again with the same id and bytes", tally.audit.seen_again, 0, seeds, took);
    tell("cut-off reads of a database: refused, or right", tally.cut_off, 0, seeds, took);
    tell("lives with an outbox", tally.outboxes, 0, seeds, took);
    tell("outbox: attempts", tally.carried, 0, seeds, took);
    tell("outbox: attempts that failed, or of which nothing was said", tally.not_carried, 0, seeds, took);
    tell("outbox: taken back or too late before they left", tally.over, 0, seeds, took);
    tell("audits of the whole log", tally.audit.judged, failures, seeds, took);
    tell("credits audited", tally.audit.credits, 0, seeds, took);
    tell("releases audited", tally.audit.released, 0, seeds, took);
    tell("messages audited", tally.audit.sends, 0, seeds, took);
    tell("books audited", tally.audit.books, 0, seeds, took);
    tell("balances of points audited", tally.audit.points, 0, seeds, took);
    tell("gift cards audited", tally.audit.cards, 0, seeds, took);
    tell("rows of the audit log audited", tally.audit.audit_rows, 0, seeds, took);
    tell("answers audited", tally.audit.answers, 0, seeds, took);
    tell("places of tournaments audited", tally.audit.places, 0, seeds, took);
}

/* Each planted mistake is seen within so many lives. */
static uint64_t try_canaries(uint64_t seed)
{
    uint64_t missed = 0;
    for (int canary = CANARY_NONE + 1; canary < CANARY_COUNT; canary++) {
        uint32_t lives = 0;
        one.fault[0] = 0;
        while (lives < 40 && one.fault[0] == 0) live(&one, seed + lives++, 0, (enum canary)canary, false, NULL);
        char words[100];
        (void)snprintf(words, sizeof words, "planted: %s, seen after so many lives", canary_names[canary]);
        tell(words, lives, one.fault[0] == 0, "-", 0);
        if (one.fault[0] == 0) {
            printf("sim: a planted mistake is not seen: %s\n", canary_names[canary]);
            missed++;
        } else if (getenv("SIM_SHOW") != NULL) {
            printf("    %s\n", one.fault);
        }
    }
    return missed;
}

static uint64_t simulate(uint64_t seed, double time, uint64_t lives)
{
    double began = seconds();
    uint64_t failures = 0, number = 0, first = 0, second = 0;
    live(&one, seed, 0, CANARY_NONE, false, &first);
    if (one.fault[0] == 0) live(&one, seed, 0, CANARY_NONE, false, &second);
    if (one.fault[0] == 0 && first != second) {
        printf("sim: seed %llu gives two different lives\n", (unsigned long long)seed);
        failures++;
    }
    for (number = 0; failures == 0 && (lives == 0 || number < lives) && (lives != 0 || seconds() - began < time);
         number++) {
        live(&one, seed + number, 0, CANARY_NONE, false, NULL);
        if (one.fault[0] == 0) continue;
        failures++;
        print_failure();
    }
    print_tally(seed, seed + (number == 0 ? 0 : number - 1), failures, seconds() - began);
    if (failures == 0) failures += try_canaries(seed);
    return failures;
}

int main(int count, char **arguments)
{
    bool single = count >= 4 && strcmp(arguments[1], "--life") == 0;
    if (count < 3) {
        fprintf(stderr, "usage: sim_tool SEED SECONDS [LIVES] | --life SEED STEPS [CANARY]\n");
        return 2;
    }
    uint64_t seed = strtoull(arguments[single ? 2 : 1], NULL, 10);
    printf("SEED=%llu (replay: make sim SEED=%llu)\n", (unsigned long long)seed, (unsigned long long)seed);
    (void)fflush(stdout);
    vfs_register();
    vfs_begin(1);
    (void)randombytes_set_implementation(&randomness);
    struct error error = ERROR_NONE;
    if (crypto_start(&error) != OK || mkdtemp(folder) == NULL) return 2;
    (void)snprintf(database, sizeof database, "%s/sim.db", folder);
    (void)snprintf(copy, sizeof copy, "%s/copy.db", folder);
    (void)snprintf(lock, sizeof lock, "%s-lock", database);
    (void)snprintf(copy_lock, sizeof copy_lock, "%s-lock", copy);
    tracing = getenv("SIM_TRACE") != NULL;
    vfs_tell(tracing);
    if (!single) {
        (void)signal(SIGABRT, died);
        (void)signal(SIGSEGV, died);
    }
    compile_all();
    uint64_t failures;
    if (single) {
        int canary = count > 4 ? atoi(arguments[4]) : CANARY_NONE;
        live(&one, seed, (uint32_t)strtoul(arguments[3], NULL, 10), (enum canary)canary, true, NULL);
        failures = one.fault[0] != 0;
        printf("%s\n", failures ? one.fault : "nothing is wrong");
        if (failures) printf("after step %u of seed %llu\n", one.step, (unsigned long long)seed);
    } else {
        failures = simulate(seed, strtod(arguments[2], NULL), count > 3 ? strtoull(arguments[3], NULL, 10) : 0);
    }
    (void)unlink(lock);
    (void)unlink(copy_lock);
    (void)rmdir(folder);
    printf("sim: %llu passed, %llu failed\n", (unsigned long long)(tally.lives + CANARY_COUNT - 1),
           (unsigned long long)failures);
    return failures == 0 ? 0 : 1;
}
