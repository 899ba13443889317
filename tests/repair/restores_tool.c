/*
 * restores_tool BUNDLE FOLDER FIRST COUNT: COUNT lives, by seeds from FIRST on, of a database that is copied, goes on, is lost and is brought back with the whole,
 * a part or none of the wallet's statement; the platform sends again what it sent since, the wallet keeps ids as it must. Over both lives no budget is
 * exceeded and nobody is paid twice. Prints what was tried; exit 1 with the seed where something is wrong. With the environment variable CANARY set the
 * statement is forged to say that nothing was lost: that must be seen. Not a test itself.
 *
 * The campaign: tests/repair/gift.promo. Each player is paid once at most, 200 EUR in all, so both lives want more than there is.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/engine/effect_json.h"
#include "runtime/store/backup.h"
#include "runtime/store/doctor.h"
#include "runtime/store/promo.h"
#include "runtime/store/restore.h"
#include "vm/civil.h"

enum { PLAYERS = 24, LINES_MAX = 4000, CREDITS_MAX = 400, CAP = 20000 };

static uint64_t state;

static uint64_t draw(uint64_t below)
{
    state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = state;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return below == 0 ? 0 : (z ^ (z >> 31)) % below;
}

/* What the wallet knows: one entry an id, for ever. */
struct credit {
    char id[33], player[24];
    int64_t cost, at;
    bool paid, answered;
};

struct life {
    struct credit credit[CREDITS_MAX];
    uint32_t credits;
    char queue[CREDITS_MAX * 4][400]; /* effects on their way to the wallet */
    uint32_t queued;
    char sent[LINES_MAX][240]; /* what the platform sent, in order */
    uint32_t lines;
    int64_t now; /* of the platform, ms */
    uint32_t next_id;
};

static struct life life;
static struct {
    uint64_t seed;
    uint32_t restores, whole, part, none, lost, adopted, unreconciled;
} tried;

static _Noreturn void fail(const char *what, const char *more)
{
    fprintf(stderr, "FAIL seed %" PRIu64 ": %s %s\n     repeat: restores_tool BUNDLE FOLDER %" PRIu64 " 1\n",
            tried.seed, what, more, tried.seed);
    exit(1);
}

static void must(enum status status, const struct error *error, const char *what)
{
    if (status != OK) fail(what, error->message);
}

static void text_of_member(char *out, size_t room, const char *line, const char *name)
{
    char mark[40];
    (void)snprintf(mark, sizeof mark, "\"%s\":\"", name);
    const char *at = strstr(line, mark);
    out[0] = '\0';
    if (at == NULL) return;
    at += strlen(mark);
    size_t size = strcspn(at, "\"");
    if (size >= room) size = room - 1;
    memcpy(out, at, size);
    out[size] = '\0';
}

/* ---------------------------------------------------------------- the wallet */

static void on_effect(void *context, const struct engine_effect *effect)
{
    (void)context;
    struct buffer line = BUFFER_EMPTY;
    effect_json_write(&line, effect);
    buffer_u8(&line, 0);
    if (strstr((const char *)line.bytes, "{\"effect\":\"credit\"") == (const char *)line.bytes &&
        life.queued < sizeof life.queue / sizeof life.queue[0])
        (void)snprintf(life.queue[life.queued++], sizeof life.queue[0], "%s", (const char *)line.bytes);
    buffer_deinit(&line);
}

/* Carries out one effect, once for each id. */
static void carry_out(const char *line)
{
    char id[33], cost[40];
    text_of_member(id, sizeof id, line, "id");
    for (uint32_t i = 0; i < life.credits; i++) {
        if (strcmp(life.credit[i].id, id) == 0) {
            life.credit[i].answered = false; /* it is answered again */
            return;
        }
    }
    if (life.credits == CREDITS_MAX) fail("too many credits", "");
    struct credit *credit = &life.credit[life.credits++];
    memset(credit, 0, sizeof *credit);
    memcpy(credit->id, id, sizeof id);
    text_of_member(credit->player, sizeof credit->player, line, "player");
    text_of_member(cost, sizeof cost, line, "cost");
    credit->cost = (int64_t)(strtod(cost, NULL) * 100 + 0.5);
    credit->at = life.now;
    credit->paid = draw(8) != 0;
}

static void deliver(uint32_t most)
{
    uint32_t count = (uint32_t)draw(most + 1);
    while (count-- > 0 && life.queued > 0) {
        carry_out(life.queue[0]);
        life.queued--;
        memmove(life.queue[0], life.queue[1], life.queued * sizeof life.queue[0]);
    }
}

/* ---------------------------------------------------------------- the platform */

static void put_at(char out[CIVIL_INSTANT_SIZE])
{
    (void)civil_format_instant(out, life.now);
}

static void submit(struct promo *promo, const char *line)
{
    struct promo_outcome outcome = {.lines = NULL};
    struct error error = ERROR_NONE;
    must(promo_submit(promo, line, strlen(line), &outcome, &error), &error, "submit:");
    if (outcome.verdict == PROMO_REFUSED) fail(outcome.message, line);
}

static void send(struct promo *promo, const char *line)
{
    if (life.lines < LINES_MAX) (void)snprintf(life.sent[life.lines++], sizeof life.sent[0], "%s", line);
    submit(promo, line);
}

static void send_something(struct promo *promo)
{
    char line[240], at[CIVIL_INSTANT_SIZE];
    life.now += (int64_t)draw(3600000);
    put_at(at);
    uint64_t player = draw(PLAYERS);
    if (draw(3) == 0) {
        (void)snprintf(line, sizeof line,
                       "{\"id\":\"r%u\",\"event\":\"registration\",\"player\":\"p%" PRIu64
                       "\",\"at\":\"%s\",\"data\":{}}",
                       ++life.next_id, player, at);
    } else {
        (void)snprintf(line, sizeof line,
                       "{\"id\":\"d%u\",\"event\":\"deposit\",\"player\":\"p%" PRIu64
                       "\",\"at\":\"%s\",\"data\":{\"amount\":\"%u.00 EUR\",\"first\":true,\"method\":\"card\"}}",
                       ++life.next_id, player, at, 10 + (unsigned)draw(60));
    }
    send(promo, line);
}

static void answer(struct promo *promo)
{
    for (uint32_t i = 0; i < life.credits; i++) {
        struct credit *credit = &life.credit[i];
        char line[240], at[CIVIL_INSTANT_SIZE];
        if (credit->answered || draw(2) == 0) continue;
        credit->answered = true;
        put_at(at);
        (void)snprintf(line, sizeof line,
                       "{\"kind\":\"reply\",\"id\":\"w%u\",\"effect\":\"%s\",\"at\":\"%s\",\"status\":\"%s\"%s}",
                       ++life.next_id, credit->id, at, credit->paid ? "credited" : "failed",
                       credit->paid ? "" : ",\"reason\":\"account locked\"");
        submit(promo, line);
    }
}

static void live(struct promo *promo, uint64_t steps)
{
    while (steps-- > 0) {
        send_something(promo);
        deliver(3);
        if (draw(3) == 0) answer(promo);
    }
}

/* ---------------------------------------------------------------- files */

static struct promo *open_promo(const struct buffer *bundle, const char *path)
{
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    const struct promo_options options = {.bundle = bundle == NULL ? NULL : bundle->bytes,
                                          .bundle_size = bundle == NULL ? 0 : bundle->size,
                                          .database = path,
                                          .shards = 1 + (uint32_t)draw(4),
                                          .sink = {.effect = on_effect},
                                          .checkpoint_every = 1 + (uint32_t)draw(60),
                                          .time = PROMO_TIME_RECORDS};
    must(promo_open(&promo, &options, &error), &error, "open:");
    return promo;
}

static void close_promo(struct promo *promo)
{
    struct error error = ERROR_NONE;
    must(promo_close(promo, &error), &error, "close:");
}

enum coverage { WHOLE, PART, NOTHING };

static void write_statement(const char *path, enum coverage coverage)
{
    FILE *file = fopen(path, "w");
    uint32_t written = 0;
    if (file == NULL) fail("the statement cannot be written", path);
    bool forged = getenv("CANARY") != NULL;
    for (uint32_t i = 0; i < life.credits && !forged; i++) {
        const struct credit *credit = &life.credit[i];
        char at[CIVIL_INSTANT_SIZE];
        if (coverage == PART && draw(2) == 0) continue;
        (void)civil_format_instant(at, credit->at);
        (void)fprintf(
            file,
            "{\"credit\":\"%s\",\"player\":\"%s\",\"campaign\":\"Gift\",\"offer\":\"gift\",\"cost\":\"%" PRId64
            ".%02" PRId64 " EUR\",\"at\":\"%s\",\"status\":\"%s\"}\n",
            credit->id, credit->player, credit->cost / 100, credit->cost % 100, at,
            credit->paid ? "credited" : "failed");
        written++;
    }
    if (coverage == WHOLE)
        (void)fprintf(file, "{\"statement\":\"complete\",\"since\":\"2026-01-01T00:00:00Z\",\"credits\":%u}\n",
                      written);
    (void)fclose(file);
}

/* ---------------------------------------------------------------- what must hold */

static void judge(const char *path, bool all_answered)
{
    int64_t total = 0, of_player[PLAYERS] = {0};
    uint32_t times[PLAYERS] = {0};
    char words[120];
    for (uint32_t i = 0; i < life.credits; i++) {
        const struct credit *credit = &life.credit[i];
        if (!credit->paid) continue;
        unsigned long player = strtoul(credit->player + 1, NULL, 10);
        total += credit->cost;
        of_player[player] += credit->cost;
        times[player]++;
    }
    (void)snprintf(words, sizeof words, "%" PRId64 " of %d", total, CAP);
    if (total > CAP) fail("the wallet paid more than the budget over both lives:", words);
    for (uint32_t player = 0; player < PLAYERS; player++) {
        (void)snprintf(words, sizeof words, "p%u: %u times, %" PRId64, player, times[player], of_player[player]);
        if (times[player] > 1 || of_player[player] > 3000)
            fail("a player was paid twice, or more than a player may have:", words);
    }
    struct promo *promo = open_promo(NULL, path);
    struct engine_budget budget;
    if (!engine_budget(promo_engine(promo), 0, &budget)) fail("there is no budget", "");
    close_promo(promo);
    (void)snprintf(words, sizeof words,
                   "paid %" PRId64 ", booked %" PRId64 " reserved and %" PRId64 " spent of %" PRId64, total,
                   budget.reserved, budget.spent, budget.cap);
    if (budget.reserved + budget.spent < total) fail("the books say less than was paid:", words);
    if (budget.reserved + budget.spent > CAP) fail("the books hold more than the cap:", words);
    if (all_answered && (budget.spent != total || budget.reserved != 0))
        fail("all is answered, and the books say otherwise:", words);
    struct doctor_options look = {.database = path};
    struct doctor_counts counts;
    struct error error = ERROR_NONE;
    must(doctor_look(&look, &counts, &error), &error, "doctor:");
    if (counts.verdict[DOCTOR_WRONG] > 0) fail("the doctor finds the restored database wrong", "");
}

/* ---------------------------------------------------------------- one history */

static void restore(const char *backup, const char *path, const char *statement, enum coverage coverage)
{
    struct error error = ERROR_NONE;
    struct restore_report report;
    write_statement(statement, coverage);
    struct restore_options options = {.from = backup,
                                      .database = path,
                                      .statement = coverage == NOTHING ? NULL : statement,
                                      .by = "test",
                                      .clock = life.now + 1000};
    must(restore_begin(&options, &report, &error), &error, "restore:");
    tried.restores++;
    tried.lost += report.lost;
    if (report.unreconciled != (coverage != WHOLE)) fail("whether credits are unknown is told wrongly", "");
}

static void reconcile(const char *path, const char *statement)
{
    struct error error = ERROR_NONE;
    struct restore_report report;
    write_statement(statement, WHOLE);
    struct restore_options options = {.database = path, .statement = statement, .by = "test", .clock = life.now};
    must(restore_reconcile(&options, &report, &error), &error, "reconcile:");
    tried.lost += report.lost;
    if (report.unreconciled) fail("a whole statement leaves credits unknown", "");
}

static void confirm(const char *path)
{
    struct error error = ERROR_NONE;
    struct restore_report report;
    struct restore_options options = {.database = path, .by = "test", .clock = life.now};
    must(restore_confirm(&options, &report, &error), &error, "confirm:");
}

/* The platform sends again what it sent since the copy, in the same order; some of it is lost for good. */
static void send_again(struct promo *promo, uint32_t from, uint32_t until)
{
    bool some = draw(3) == 0;
    for (uint32_t i = from; i < until; i++) {
        if (some && draw(4) == 0) continue;
        submit(promo, life.sent[i]);
        if (draw(2) == 0) deliver(2);
        if (draw(4) == 0) answer(promo);
    }
}

static void play(const struct buffer *bundle, const char *folder, uint64_t seed)
{
    char path[600], backup[600], statement[600];
    struct error error = ERROR_NONE;
    struct backup_report copied;
    tried.seed = seed;
    state = seed;
    memset(&life, 0, sizeof life);
    life.now = INT64_C(1780300800000);
    (void)snprintf(path, sizeof path, "%s/live.db", folder);
    (void)snprintf(backup, sizeof backup, "%s/copy.db", folder);
    (void)snprintf(statement, sizeof statement, "%s/statement", folder);
    backup_remove(path);
    backup_remove(backup);
    struct promo *promo = open_promo(bundle, path);
    for (int player = 0; player < PLAYERS; player++) {
        char line[240];
        (void)snprintf(line, sizeof line,
                       "{\"kind\":\"attributes\",\"id\":\"a%d\",\"player\":\"p%d\",\"at\":\"2026-06-01T08:00:00Z\","
                       "\"set\":{\"age_verified\":true}}",
                       player, player);
        submit(promo, line);
    }
    live(promo, 5 + draw(80));
    const struct backup_options copy = {.database = path, .to = backup};
    must(backup_write(&copy, &copied, &error), &error, "backup:");
    uint32_t from = life.lines;
    live(promo, draw(60));
    close_promo(promo);
    /* The disk is gone, and with it what was on its way. */
    backup_remove(path);
    life.queued = 0;
    enum coverage coverage = (enum coverage)draw(3);
    (void)(coverage == WHOLE ? tried.whole++ : coverage == PART ? tried.part++ : tried.none++);
    for (uint32_t again = 0, times = 1 + (draw(4) == 0); again < times; again++) {
        uint32_t until = life.lines;
        backup_remove(path);
        life.queued = 0;
        life.now += 3600000;
        restore(backup, path, statement, coverage);
        uint32_t paid = life.credits;
        /* Held: something may come in, and nothing leaves. */
        if (draw(2) == 0) {
            promo = open_promo(NULL, path);
            for (uint32_t i = from; i < until && i < from + 5; i++) submit(promo, life.sent[i]);
            close_promo(promo);
        }
        if (life.queued > 0) fail("something left before a person confirmed", life.queue[0]);
        bool early = draw(2) == 0;
        if (early && coverage != WHOLE) reconcile(path, statement);
        confirm(path);
        promo = open_promo(NULL, path);
        if (!early && coverage != WHOLE) {
            for (uint32_t i = from; i < until; i += 2) submit(promo, life.sent[i]);
            /* What leaves now was granted before the copy; its ids are known here or were never delivered. */
            deliver(CREDITS_MAX);
            close_promo(promo);
            reconcile(path, statement);
            promo = open_promo(NULL, path);
        }
        send_again(promo, from, until);
        live(promo, draw(40));
        (void)paid;
        close_promo(promo);
    }
    promo = open_promo(NULL, path);
    while (life.queued > 0) deliver(CREDITS_MAX);
    for (int round = 0; round < 40; round++) answer(promo);
    close_promo(promo);
    judge(path, getenv("CANARY") == NULL);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "restores_tool BUNDLE FOLDER FIRST COUNT\n");
        return 2;
    }
    struct buffer bundle = BUFFER_EMPTY;
    FILE *file = fopen(argv[1], "rb");
    char bytes[4096];
    size_t got;
    if (file == NULL) {
        fprintf(stderr, "restores_tool: `%s` cannot be read\n", argv[1]);
        return 2;
    }
    while ((got = fread(bytes, 1, sizeof bytes, file)) > 0) buffer_append(&bundle, bytes, got);
    (void)fclose(file);
    uint64_t first = strtoull(argv[3], NULL, 10), count = strtoull(argv[4], NULL, 10);
    for (uint64_t seed = first; seed < first + count; seed++) play(&bundle, argv[2], seed);
    printf("%" PRIu64 " histories, %u restores (first with the whole statement %u, a part %u, none %u), %u lost "
           "credits booked; nobody paid twice, no budget exceeded\n",
           count, tried.restores, tried.whole, tried.part, tried.none, tried.lost);
    buffer_deinit(&bundle);
    return 0;
}
