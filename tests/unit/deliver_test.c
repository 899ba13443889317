/*
 * Delivery as an embedding program sees it: a carrier of this program takes, delays, refuses, forgets and talks nonsense. What the outbox promises
 * (spec/runtime.md, "Delivery"), sentence by sentence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>
#include <sqlite3.h>

#include "compiler/compiler.h"
#include "runtime/engine/effect_json.h"
#include "runtime/store/deliver.h"
#include "runtime/store/promo.h"
#include "vm/civil.h"
#include "vm/crypto.h"
#include "vm/memory.h"

static const char source[] = "workspace \"Bank\"\n"
                             "  currency  EUR\n"
                             "  timezone  \"Europe/Malta\"\n"
                             "  channel   email, inbox\n"
                             "  lateness  7 days\n"
                             "  use events\n"
                             "  use attributes\n"
                             "  use actions\n"
                             "  use policies\n"
                             "end\n"
                             "attribute referrer optional text up to 64\n"
                             "event friend_joined\n"
                             "  field friend text up to 64\n"
                             "end\n"
                             "message \"hello\"\n"
                             "  about  casino\n"
                             "  inbox  \"en\" \"Welcome!\"\n"
                             "end\n"
                             "message \"thanks\"\n"
                             "  about  casino\n"
                             "  email  \"en\" \"Thank you!\"\n"
                             "end\n"
                             "campaign \"Thanks\"\n"
                             "  product   casino\n"
                             "  start on deposit\n"
                             "  enter every time\n"
                             "  step \"Only\"\n"
                             "    send email \"thanks\"\n"
                             "    finish as \"DONE\"\n"
                             "  end\n"
                             "end\n"
                             "campaign \"Tell\"\n"
                             "  product   casino\n"
                             "  start on session\n"
                             "  step \"Only\"\n"
                             "    if player.referrer is known\n"
                             "      tell player.referrer friend_joined with friend player.id\n"
                             "    end\n"
                             "    finish as \"TOLD\"\n"
                             "  end\n"
                             "end\n"
                             "campaign \"Told\"\n"
                             "  product   casino\n"
                             "  start on friend_joined\n"
                             "  step \"Only\"\n"
                             "    send inbox \"hello\"\n"
                             "    wait 1 hour\n"
                             "    send inbox \"again\"\n"
                             "    finish as \"DONE\"\n"
                             "  end\n"
                             "end\n"
                             "message \"note\"\n"
                             "  about casino\n"
                             "  class service\n"
                             "  inbox \"en\" \"It is on its way\"\n"
                             "end\n"
                             "campaign \"Note\"\n"
                             "  product   casino\n"
                             "  start on withdrawal_paid\n"
                             "  step \"Only\"\n"
                             "    send inbox \"note\"\n"
                             "    finish as \"DONE\"\n"
                             "  end\n"
                             "end\n"
                             "message \"again\"\n"
                             "  about  casino\n"
                             "  inbox  \"en\" \"Welcome again!\"\n"
                             "end\n"
                             "campaign \"Gift\"\n"
                             "  product   casino\n"
                             "  currency  EUR\n"
                             "  budget\n"
                             "    total       100,000 EUR\n"
                             "  end\n"
                             "  enter every time\n"
                             "  start on registration\n"
                             "  offer cash \"gift\"\n"
                             "    amount   5 EUR\n"
                             "    wagering none\n"
                             "  end\n"
                             "  step \"Only\"\n"
                             "    send inbox \"hello\"\n"
                             "    send inbox \"again\"\n"
                             "    credit \"gift\"\n"
                             "    wait 30 days\n"
                             "    finish as \"DONE\"\n"
                             "  end\n"
                             "end\n";

static struct compiler_output compiled;
static char folder[] = "/dev/shm/promo-deliver-XXXXXX"; /* no test of what a disk keeps: that is tests/outbox */
static char path[128];
static int made;

/* ---------------------------------------------------------------- what leaves, and what arrives */

enum { MOST = 8000 };

struct arrived {
    uint8_t id[16];
    struct buffer bytes; /* of the first time */
    uint32_t times, done;
};

/* The other side: keeps ids and bytes, and answers by what `behave` says. */
struct receiver {
    struct arrived *arrived;
    uint32_t count;
    struct carrier_answer waiting[4096];
    char reason[64];
    uint32_t waits;
    bool mute; /* keeps what it gets and says nothing */
    enum carried (*behave)(const struct delivery *delivery, bool *answers);
    struct buffer log; /* recipients in the order in which they came, one a line */
    uint64_t strange_bytes;
    bool looks; /* asks the table whether it is marked */
    uint32_t unmarked;
};

static struct receiver receiver;

static struct arrived *arrival(const uint8_t id[16])
{
    for (uint32_t i = 0; i < receiver.count; i++) {
        if (memcmp(receiver.arrived[i].id, id, 16) == 0) return &receiver.arrived[i];
    }
    assert_true(receiver.count < MOST);
    struct arrived *arrived = &receiver.arrived[receiver.count++];
    *arrived = (struct arrived){.bytes = BUFFER_EMPTY};
    memcpy(arrived->id, id, 16);
    return arrived;
}

static int64_t query_id(const char *statement, const uint8_t id[16])
{
    sqlite3 *database;
    sqlite3_stmt *rows;
    int64_t value = -1;
    assert_int_equal(sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, statement, -1, &rows, NULL), SQLITE_OK);
    if (id != NULL) (void)sqlite3_bind_blob(rows, 1, id, 16, SQLITE_STATIC);
    if (sqlite3_step(rows) == SQLITE_ROW) value = sqlite3_column_int64(rows, 0);
    (void)sqlite3_finalize(rows);
    (void)sqlite3_close(database);
    return value;
}

static bool hand(void *context, const struct delivery *delivery, const char **reason)
{
    (void)context;
    (void)reason;
    struct arrived *arrived = arrival(delivery->id);
    if (arrived->times++ == 0) {
        buffer_text(&arrived->bytes, delivery->bytes);
    } else if (!text_equal(buffer_as_text(&arrived->bytes), delivery->bytes)) {
        receiver.strange_bytes++;
    }
    if (receiver.looks && query_id("SELECT hand_at > 0 AND sent = 1 FROM outbox WHERE id = ?1", delivery->id) != 1)
        receiver.unmarked++;
    buffer_print(&receiver.log, "%.*s\n", TEXT_ARGS(delivery->recipient));
    if (receiver.mute) return true;
    bool answers = true;
    struct carrier_answer answer = {.outcome =
                                        receiver.behave == NULL ? CARRIED_DONE : receiver.behave(delivery, &answers),
                                    .reason = TEXT("so it is")};
    memcpy(answer.id, delivery->id, 16);
    if (!answers) return true;
    if (answer.outcome == CARRIED_DONE) arrived->done++;
    assert_true(receiver.waits < 4096);
    receiver.waiting[receiver.waits++] = answer;
    return true;
}

static enum status answers(void *context, int64_t wait_ms, carrier_taker take, void *taker, struct error *error)
{
    (void)context;
    (void)error;
    if (receiver.waits == 0 && wait_ms > 0) (void)usleep(5000);
    while (receiver.waits > 0) take(taker, &receiver.waiting[--receiver.waits]);
    return OK;
}

static const struct carrier carrier = {.hand = hand, .answers = answers};

struct left {
    struct buffer lines;
    uint64_t effects, cancels;
    struct buffer ids; /* 16 bytes each, of what is no `cancel` */
};
static struct left left;

static void gather(void *context, const struct engine_effect *effect)
{
    struct left *all = context;
    effect_json_write(&all->lines, effect);
    all->effects++;
    all->cancels += effect->kind == ENGINE_RECALL;
    if (effect->kind != ENGINE_RECALL) buffer_append(&all->ids, effect->id, 16);
}

/* ---------------------------------------------------------------- a service */

static struct promo *promo;
static struct deliver *deliver;
static struct deliver_counts counts;
static struct deliver_options how;

static void open_all(void)
{
    struct error error = ERROR_NONE;
    const struct promo_options options = {.bundle = compiled.bundle.bytes,
                                          .bundle_size = compiled.bundle.size,
                                          .database = path,
                                          .sink = {.context = &left, .effect = gather},
                                          .outbox = true,
                                          .time = PROMO_TIME_RECORDS};
    enum status status = promo_open(&promo, &options, &error);
    if (status == OK) status = deliver_open(&deliver, promo, &carrier, &how, &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
}

static void close_all(void)
{
    struct error error = ERROR_NONE;
    deliver_close(deliver);
    enum status status = promo_close(promo, &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
}

static void begin(void)
{
    for (uint32_t i = 0; i < receiver.count; i++) buffer_deinit(&receiver.arrived[i].bytes);
    struct arrived *arrived = receiver.arrived;
    buffer_deinit(&receiver.log);
    receiver = (struct receiver){.arrived = arrived};
    buffer_deinit(&left.lines);
    buffer_deinit(&left.ids);
    left = (struct left){.effects = 0};
    counts = (struct deliver_counts){0};
    how = (struct deliver_options){.in_hand = 0};
    (void)snprintf(path, sizeof path, "%s/%d.db", folder, made++);
    open_all();
}

static void line(const char *text)
{
    struct error error = ERROR_NONE;
    struct promo_outcome outcome = {.lines = NULL};
    enum status status = promo_submit(promo, text, strlen(text), &outcome, &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
    if (outcome.verdict == PROMO_REFUSED) print_message("%s\n", outcome.message);
    assert_int_not_equal(outcome.verdict, PROMO_REFUSED);
}

static void event(const char *id, const char *name, const char *player, const char *at)
{
    char text[600];
    (void)snprintf(text, sizeof text, "{\"id\":\"%s\",\"event\":\"%s\",\"player\":\"%s\",\"at\":\"%s\"}", id, name,
                   player, at);
    line(text);
}

static void enter(const char *player)
{
    char text[300];
    (void)snprintf(text, sizeof text,
                   "{\"kind\":\"attributes\",\"id\":\"a-%s\",\"player\":\"%s\",\"at\":\"2026-06-01T10:00:00Z\",\"set\":"
                   "{\"age_verified\":true}}",
                   player, player);
    line(text);
    (void)snprintf(text, sizeof text, "r-%s", player);
    event(text, "registered", player, "2026-06-01T10:00:00Z");
}

static enum status read_buffer(void *context, char *bytes, size_t room, size_t *size_out, struct error *error)
{
    struct text *rest = context;
    (void)error;
    size_t size = rest->size < room ? rest->size : room;
    memcpy(bytes, rest->at, size);
    *rest = text_make(rest->at + size, rest->size - size);
    *size_out = size;
    return OK;
}

/* Lines of one stream, in one batch. */
static void stream(struct text rest)
{
    struct error error = ERROR_NONE;
    struct promo_counts run = {0};
    const struct promo_run_options options = {.reader = read_buffer, .reader_context = &rest};
    enum status status = promo_run(promo, &options, &run, &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
    assert_int_equal(run.refused, 0);
}

/* p0, p1 … in one stream. */
static void enter_many(int count)
{
    struct buffer lines = BUFFER_EMPTY;
    for (int i = 0; i < count; i++)
        buffer_print(&lines,
                     "{\"kind\":\"attributes\",\"id\":\"a%d\",\"player\":\"p%d\",\"at\":\"2026-06-01T10:00:00Z\","
                     "\"set\":{\"age_verified\":true}}\n"
                     "{\"id\":\"r%d\",\"event\":\"registered\",\"player\":\"p%d\",\"at\":\"2026-06-01T10:00:00Z\"}\n",
                     i, i, i, i);
    stream(buffer_as_text(&lines));
    buffer_deinit(&lines);
}

static void step(int64_t wait_ms)
{
    struct error error = ERROR_NONE;
    enum status status = deliver_step(deliver, wait_ms, &counts, &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
}

/* Rounds until nothing is due; `until`: lets time pass up to then. */
static void serve(int64_t until)
{
    struct error error = ERROR_NONE;
    for (;;) {
        uint64_t before = counts.handed + counts.again + counts.done + counts.recalled + counts.expired;
        step(deliver_in_hand(deliver) > 0 ? 10 : 0);
        if (counts.handed + counts.again + counts.done + counts.recalled + counts.expired != before) continue;
        if (deliver_in_hand(deliver) > 0) continue;
        int64_t next;
        assert_int_equal(deliver_next(deliver, &next, &error), OK);
        if (next == INT64_MAX || next > until) return;
        deliver_pass(deliver, next);
    }
}

static int64_t reserved(void)
{
    struct engine_budget budget;
    assert_true(engine_budget(promo_engine(promo), 0, &budget));
    return budget.reserved;
}

static int64_t rows(const char *where)
{
    char statement[200];
    (void)snprintf(statement, sizeof statement, "SELECT count(*) FROM outbox WHERE %s", where);
    return query_id(statement, NULL);
}

static uint32_t done_in_all(void)
{
    uint32_t done = 0;
    for (uint32_t i = 0; i < receiver.count; i++) done += receiver.arrived[i].done;
    return done;
}

/* ---------------------------------------------------------------- one bad among a thousand */

static char poisoned[3][33]; /* ids by what is wrong with their receiver */

static enum carried poison(const struct delivery *delivery, bool *answered)
{
    char hex[33];
    crypto_hex(hex, delivery->id, 16);
    if (strcmp(hex, poisoned[0]) == 0) return CARRIED_AGAIN;
    if (strcmp(hex, poisoned[1]) == 0) *answered = false;
    return strcmp(hex, poisoned[2]) == 0 ? CARRIED_REFUSED : CARRIED_DONE;
}

/* The id of the first effect of this kind for the player. */
static void id_of(char out[33], const char *kind, const char *player)
{
    char sign[64];
    const char *at = buffer_as_string(&left.lines);
    (void)snprintf(sign, sizeof sign, "\"player\":\"%s\"", player);
    for (;;) {
        at = strstr(at, kind);
        assert_non_null(at);
        const char *end = strchr(at, '\n');
        const char *found = strstr(at, sign);
        if (found != NULL && found < end) break;
        at = end;
    }
    const char *id = strstr(at, "\"id\":\"") + 6;
    memcpy(out, id, 32);
    out[32] = 0;
}

/* promise O4, promise O1: one that always fails, one that never answers, one that refuses, and a receiver that talks nonsense: all others arrive, each
 * exactly once, and nothing of it waits for them. */
static void poison_among_a_thousand(void **state)
{
    (void)state;
    begin();
    how.answer_ms = 15;
    deliver_close(deliver);
    struct error error = ERROR_NONE;
    assert_int_equal(deliver_open(&deliver, promo, &carrier, &how, &error), OK);
    enter_many(334);
    assert_int_equal(left.effects, 1002);
    id_of(poisoned[0], "{\"effect\":\"send\"", "p7");
    id_of(poisoned[1], "{\"effect\":\"send\"", "p8");
    id_of(poisoned[2], "{\"effect\":\"credit\"", "p9");
    receiver.behave = poison;
    receiver.waiting[receiver.waits++] =
        (struct carrier_answer){.outcome = CARRIED_DONE, .id = {1, 2, 3}}; /* of nothing */
    int64_t start = deliver_now(deliver);
    serve(start + 60000);
    assert_int_equal(counts.strange, 1);
    assert_int_equal(done_in_all(), 999);
    for (uint32_t i = 0; i < receiver.count; i++) assert_true(receiver.arrived[i].done <= 1);
    assert_int_equal(receiver.strange_bytes, 0);
    assert_int_equal(counts.refused, 1);
    for (uint32_t i = 0; i < receiver.count; i++) {
        char hex[33];
        crypto_hex(hex, receiver.arrived[i].id, 16);
        bool bad = strcmp(hex, poisoned[0]) == 0 || strcmp(hex, poisoned[1]) == 0;
        if (!bad) assert_int_equal(receiver.arrived[i].times, 1);
    }
    /* Nobody's wallet has spoken; the refused one is free again. */
    assert_int_equal(reserved(), INT64_C(333) * 500);
    /* A day later both messages are given up, and nothing else happened. */
    serve(INT64_MAX - 1);
    assert_int_equal(counts.dead, 2);
    assert_int_equal(done_in_all(), 999);
    assert_int_equal(rows("state = 2"), 2);
    assert_int_equal(rows("state = 1"), 333);
    close_all();
    const char *log = getenv("TORTURE_LOG");
    FILE *file = log == NULL ? NULL : fopen(log, "a");
    if (file == NULL) return;
    (void)fprintf(file, "outbox\teffects beside three that their receiver spoils\t%u\t%u\t-\t0\n", receiver.count - 3,
                  done_in_all() - 999);
    (void)fclose(file);
}

/* ---------------------------------------------------------------- the schedule */

static enum carried always_again(const struct delivery *delivery, bool *answered)
{
    (void)delivery;
    (void)answered;
    return CARRIED_AGAIN;
}

/* promise O3: restarts change nothing of when attempts are due; delays double up to a cap, spread over their upper half. */
static void schedule_is_of_the_log(void **state)
{
    (void)state;
    begin();
    enter("p");
    receiver.behave = always_again;
    struct error error = ERROR_NONE;
    for (int round = 0; round < 12; round++) {
        int64_t before, after;
        step(0);
        assert_int_equal(deliver_next(deliver, &before, &error), OK);
        close_all();
        open_all();
        assert_int_equal(deliver_next(deliver, &after, &error), OK);
        assert_int_equal(before, after);
        deliver_pass(deliver, before);
    }
    assert_true(counts.again > 10);
    close_all();
    /* And the log alone has them: folded again into another outbox, the table forgotten, the instants are the same. */
    int64_t sum = query_id("SELECT sum(next_at * (serial + attempts)) FROM outbox", NULL),
            attempts = rows("attempts > 0");
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(database, "DELETE FROM outbox; DELETE FROM meta WHERE name = 'outbox steps'", NULL, NULL, NULL),
        SQLITE_OK);
    (void)sqlite3_close(database);
    const struct promo_options options = {.database = path, .refold = true, .time = PROMO_TIME_RECORDS};
    assert_int_equal(promo_open(&promo, &options, &error), OK);
    assert_int_equal(promo_close(promo, &error), OK);
    assert_int_equal(query_id("SELECT sum(next_at * (serial + attempts)) FROM outbox", NULL), sum);
    assert_int_equal(rows("attempts > 0"), attempts);
    uint8_t id[16] = {0};
    bool spread = false;
    for (uint32_t n = 1; n < 40; n++) {
        int64_t full = n > 10 ? 3600000 : 5000 << (n - 1);
        if (full > 3600000) full = 3600000;
        id[3] = (uint8_t)n;
        int64_t delay = deliver_delay(ENGINE_CREDIT, id, n);
        assert_true(delay <= full && delay >= full / 2);
        assert_int_equal(delay, deliver_delay(ENGINE_CREDIT, id, n));
        spread = spread || delay != full;
        assert_true(deliver_delay(ENGINE_SEND, id, n) <= 900000);
    }
    assert_true(spread);
}

/* ---------------------------------------------------------------- marks, order */

/* promise O2: whoever carries sees nothing that is not marked in the file. */
static void marked_before_it_is_seen(void **state)
{
    (void)state;
    begin();
    receiver.looks = true;
    enter("p");
    enter("q");
    serve(INT64_MAX - 1);
    assert_int_equal(receiver.count, 6);
    assert_int_equal(receiver.unmarked, 0);
    /* What is in hand when the service goes is carried again, the same. */
    receiver.mute = true;
    enter("r");
    step(0);
    assert_int_equal(rows("hand_at > 0"), 2);
    close_all();
    open_all();
    receiver.mute = false;
    serve(INT64_MAX - 1);
    assert_int_equal(receiver.count, 9);
    assert_int_equal(receiver.strange_bytes, 0);
    assert_int_equal(rows("state = 0"), 0);
    close_all();
}

static enum carried first_again(const struct delivery *delivery, bool *answered)
{
    (void)answered;
    struct text bytes = delivery->bytes;
    bool hello = text_find(bytes, '{', 0) < bytes.size && memmem(bytes.at, bytes.size, "\"hello\"", 7) != NULL;
    return hello && delivery->attempt == 1 ? CARRIED_AGAIN : CARRIED_DONE;
}

/* Two messages to one player: one after the other; a failed one holds the next one up only until it has failed. */
static void in_order_where_nothing_fails(void **state)
{
    (void)state;
    begin();
    enter("p");
    receiver.mute = true;
    step(0);
    assert_int_equal(deliver_in_hand(deliver), 2); /* the first message, and the reward, which is another recipient's */
    assert_int_equal(receiver.count, 2);
    close_all();
    begin();
    enter("p");
    receiver.behave = first_again;
    step(0);
    step(0);
    assert_int_equal(receiver.count, 3);
    assert_int_equal(done_in_all(), 2);
    serve(INT64_MAX - 1);
    assert_int_equal(done_in_all(), 3);
    close_all();
}

/* ---------------------------------------------------------------- taken back */

/* promise O5: the exclusion is durable while one effect is in hand and others wait. */
static void excluded_while_in_hand(void **state)
{
    (void)state;
    for (int crash = 0; crash < 2; crash++) {
        begin();
        how.in_hand = 1;
        how.answer_ms = 50;
        deliver_close(deliver);
        struct error error = ERROR_NONE;
        assert_int_equal(deliver_open(&deliver, promo, &carrier, &how, &error), OK);
        enter("p");
        enter("q");
        assert_int_equal(reserved(), 1000);
        receiver.mute = true;
        step(0);
        assert_int_equal(receiver.count, 1);
        char recipient[8] = "";
        (void)snprintf(recipient, sizeof recipient, "%s", buffer_as_string(&receiver.log));
        bool credit_in_hand = strncmp(recipient, "credit", 6) == 0;
        bool of_p =
            memmem(receiver.arrived[0].bytes.bytes, receiver.arrived[0].bytes.size, "\"player\":\"p\"", 12) != NULL;
        assert_true(of_p);
        event("x", "player.self_excluded", "p", "2026-06-01T10:00:05Z");
        uint64_t cancels = left.cancels;
        assert_int_equal(cancels, 3); /* the engine asks for all; two have not left, and nobody needs to hear of them */
        if (crash) {
            close_all();
            open_all();
        }
        receiver.mute = false;
        serve(INT64_MAX - 1);
        uint32_t of_excluded = 0, asked = 0;
        for (uint32_t i = 0; i < receiver.count; i++) {
            struct buffer *bytes = &receiver.arrived[i].bytes;
            if (memmem(bytes->bytes, bytes->size, "\"player\":\"p\"", 12) == NULL) continue;
            bool cancel = memmem(bytes->bytes, bytes->size, "{\"effect\":\"cancel\"", 18) != NULL;
            asked += cancel;
            of_excluded += !cancel;
        }
        assert_int_equal(of_excluded, 1); /* what was in hand before */
        assert_int_equal(asked, 1);
        assert_int_equal(receiver.arrived[0].times, 1); /* and it is not carried again */
        /* The reward of p never left, so its money is back; that of q waits for the wallet. */
        assert_int_equal(reserved(), credit_in_hand ? 1000 : 500);
        assert_int_equal(rows("state = 0"), 0);
        close_all();
    }
}

/* An erased player: what waits goes, a reward that has not left is free again, and the file holds no row of his. */
static void erased_while_queued(void **state)
{
    (void)state;
    begin();
    enter("p");
    enter("q");
    line("{\"kind\":\"erase\",\"id\":\"e\",\"player\":\"p\",\"at\":\"2026-06-01T10:00:05Z\"}");
    serve(INT64_MAX - 1);
    for (uint32_t i = 0; i < receiver.count; i++) {
        struct buffer *bytes = &receiver.arrived[i].bytes;
        assert_null(memmem(bytes->bytes, bytes->size, "\"player\":\"p\"", 12));
    }
    assert_int_equal(done_in_all(), 3);
    assert_int_equal(reserved(), 500);
    assert_int_equal(rows("1 = 1"), 1);
    close_all();
}

/* Of whom only a friend has told nothing says his number but his name; and in one batch that name has the number of the life to come already. What waits
 * is of the life that made it: the erasure takes all of it, and the next life keeps its own. */
static void erased_and_back_in_one_batch(void **state)
{
    (void)state;
    static const char told[] =
        "{\"kind\":\"attributes\",\"id\":\"a\",\"player\":\"p\",\"at\":\"2026-06-01T08:00:00Z\",\"set\":{\"referrer\":"
        "\"q\"}}\n"
        "{\"id\":\"s\",\"event\":\"session.started\",\"player\":\"p\",\"at\":\"2026-06-01T10:00:00Z\"}\n";
    static const char *const backs[] = {
        /* Days later, and in the instant of the erasure itself, which was told late. */
        "{\"kind\":\"erase\",\"id\":\"e\",\"player\":\"q\",\"at\":\"2026-06-01T12:00:00Z\"}\n"
        "{\"id\":\"w\",\"event\":\"withdrawal.paid\",\"player\":\"q\",\"at\":\"2026-06-03T12:00:00Z\",\"data\":{"
        "\"amount\":\"20.00 EUR\"}}\n",
        "{\"id\":\"x\",\"event\":\"session.started\",\"player\":\"z\",\"at\":\"2026-06-03T12:00:00Z\"}\n"
        "{\"kind\":\"erase\",\"id\":\"e\",\"player\":\"q\",\"at\":\"2026-06-01T12:00:00Z\"}\n"
        "{\"id\":\"w\",\"event\":\"withdrawal.paid\",\"player\":\"q\",\"at\":\"2026-06-03T12:00:00Z\",\"data\":{"
        "\"amount\":\"20.00 EUR\"}}\n"};
    for (unsigned i = 0; i < 4; i++) {
        begin();
        struct buffer lines = BUFFER_EMPTY;
        buffer_string(&lines, told);
        if (i >= 2) {
            stream(buffer_as_text(&lines)); /* He sleeps in a checkpoint. */
            close_all();
            open_all();
            buffer_clear(&lines);
        }
        buffer_string(&lines, backs[i % 2]);
        stream(buffer_as_text(&lines));
        buffer_deinit(&lines);
        assert_int_equal(rows("campaign = 'Told'"), 0);
        assert_int_equal(rows("campaign = 'Note' AND number > 0"), 1);
        event("y", "player.self_excluded", "q", "2026-06-04T12:00:00Z");
        serve(INT64_MAX - 1);
        assert_int_equal(done_in_all(), 0);
        close_all();
    }
}

/* ---------------------------------------------------------------- dead */

static enum carried no_credit(const struct delivery *delivery, bool *answered)
{
    (void)answered;
    return delivery->kind == ENGINE_CREDIT ? CARRIED_AGAIN : CARRIED_DONE;
}

static void order_about(const char *word, const char *id, const char *at)
{
    char text[300];
    (void)snprintf(
        text, sizeof text,
        "{\"kind\":\"command\",\"id\":\"%s-%s\",\"at\":\"%s\",\"command\":\"%s\",\"effect\":\"%s\",\"by\":\"anna\"}",
        word, at, at, word, id);
    line(text);
}

/* promise O6: money of which nobody knows stays reserved, whatever is tried; a person's word or the wallet's frees or books it, once. */
static void dead_money_stays_reserved(void **state)
{
    (void)state;
    begin();
    enter("p");
    enter("q");
    receiver.behave = no_credit;
    serve(INT64_MAX - 1);
    assert_int_equal(counts.dead, 2);
    assert_int_equal(reserved(), 1000);
    char p[33], q[33];
    id_of(p, "{\"effect\":\"credit\"", "p");
    id_of(q, "{\"effect\":\"credit\"", "q");
    uint32_t before = done_in_all();
    serve(INT64_MAX - 1);
    assert_int_equal(done_in_all(), before);
    order_about("retry", p, "2026-06-20T10:00:00Z");
    order_about("retry", p, "2026-06-20T10:00:00Z");
    order_about("drop", q, "2026-06-20T10:00:00Z");
    close_all();
    open_all();
    receiver.behave = NULL;
    serve(INT64_MAX - 1);
    assert_int_equal(done_in_all(), before + 1);
    assert_int_equal(reserved(), 500); /* q's came back */
    assert_int_equal(rows("state = 1"), 1);
    char text[300];
    (void)snprintf(
        text, sizeof text,
        "{\"kind\":\"reply\",\"id\":\"w\",\"effect\":\"%s\",\"at\":\"2026-06-20T10:01:00Z\",\"status\":\"credited\"}",
        p);
    line(text);
    step(0);
    assert_int_equal(reserved(), 0);
    assert_int_equal(rows("1 = 1"), 0);
    struct engine_budget budget;
    assert_true(engine_budget(promo_engine(promo), 0, &budget));
    assert_int_equal(budget.spent, 500);
    close_all();
}

/* Other bytes under the same id stop the run. */
static void other_bytes_stop(void **state)
{
    (void)state;
    begin();
    enter("p");
    step(0);
    close_all();
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(database, "UPDATE outbox SET body = zeroblob(length(body)) WHERE state = 1", NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_changes(database), 1);
    (void)sqlite3_close(database);
    struct error error = ERROR_NONE;
    const struct promo_options options = {.database = path, .refold = true, .time = PROMO_TIME_RECORDS};
    enum status status = promo_open(&promo, &options, &error);
    if (status == OK) status = promo_close(promo, &error);
    assert_int_equal(status, STATUS_CORRUPT);
    assert_non_null(strstr(error.message, "outbox"));
}

/* The whole log folded again adds nothing to the outbox, and takes nothing away. */
static void refolded(void **state)
{
    (void)state;
    begin();
    for (int i = 0; i < 20; i++) {
        char player[8];
        (void)snprintf(player, sizeof player, "p%d", i);
        enter(player);
    }
    receiver.behave = first_again;
    step(0);
    step(0);
    /* What was taken back once does not take back what came later. */
    line("{\"kind\":\"command\",\"id\":\"k\",\"at\":\"2026-06-01T11:00:00Z\",\"command\":\"kill\",\"campaign\":"
         "\"Gift\"}");
    receiver.behave = NULL;
    step(0);
    line("{\"kind\":\"command\",\"id\":\"k2\",\"at\":\"2026-06-01T11:00:01Z\",\"command\":\"resume\",\"campaign\":"
         "\"Gift\"}");
    event("again-p1", "registered", "p1", "2026-06-01T11:00:02Z");
    close_all();
    assert_int_equal(rows("state = 0 AND kind < 2 AND at > 1780311601000"), 3);
    int64_t queued = rows("state = 0"), waiting = rows("state = 1"),
            attempts = query_id("SELECT sum(attempts) FROM outbox", NULL);
    struct error error = ERROR_NONE;
    const struct promo_options options = {.database = path, .refold = true, .time = PROMO_TIME_RECORDS};
    assert_int_equal(promo_open(&promo, &options, &error), OK);
    assert_int_equal(promo_close(promo, &error), OK);
    assert_true(queued > 0 && waiting > 0);
    assert_int_equal(rows("state = 0"), queued);
    assert_int_equal(rows("state = 1"), waiting);
    assert_int_equal(query_id("SELECT sum(attempts) FROM outbox", NULL), attempts);
}

/* ---------------------------------------------------------------- recipients that are down */

static enum carried no_inbox(const struct delivery *delivery, bool *answered)
{
    (void)answered;
    return delivery->kind == ENGINE_SEND ? CARRIED_AGAIN : CARRIED_DONE;
}

/* promise O4: a recipient that is down rests; its others are not tried in vain, and everybody else's effects arrive meanwhile. When it is back all
 * arrive. */
static void a_recipient_that_is_down_rests(void **state)
{
    (void)state;
    begin();
    enter_many(300);
    receiver.behave = no_inbox;
    int64_t start = deliver_now(deliver);
    serve(start + 20000);
    assert_int_equal(done_in_all(), 300);
    assert_true(counts.again >= 10);
    assert_true(counts.again < 100);
    receiver.behave = NULL;
    serve(INT64_MAX - 1);
    assert_int_equal(done_in_all(), 900);
    assert_int_equal(counts.dead, 0);
    close_all();
}

/* A carrier that is not there at all uses no attempt up. */
static bool never(void *context)
{
    (void)context;
    return false;
}

static void nobody_to_carry(void **state)
{
    (void)state;
    begin();
    struct carrier absent = carrier;
    absent.ready = never;
    struct error error = ERROR_NONE;
    deliver_close(deliver);
    assert_int_equal(deliver_open(&deliver, promo, &absent, &how, &error), OK);
    enter("p");
    for (int i = 0; i < 5; i++) step(0);
    assert_int_equal(counts.handed, 0);
    assert_int_equal(rows("attempts > 0 OR sent > 0"), 0);
    close_all();
}

/* ---------------------------------------------------------------- quiet hours */

/* A message that could not be delivered before the quiet hours is not delivered in them: it counts as bounced. A reward is carried whenever it may be. */
static void not_in_quiet_hours(void **state)
{
    (void)state;
    begin();
    line("{\"kind\":\"attributes\",\"id\":\"a\",\"player\":\"p\",\"at\":\"2026-06-01T10:00:00Z\",\"set\":{\"age_"
         "verified\":true,\"casino_email\":true}}");
    line("{\"id\":\"d\",\"event\":\"deposit\",\"player\":\"p\",\"at\":\"2026-06-01T18:00:00Z\",\"data\":{\"amount\":"
         "\"20.00 EUR\",\"first\":true,"
         "\"method\":\"card\"}}");
    assert_int_equal(left.effects, 1);
    int64_t next;
    struct error error = ERROR_NONE;
    assert_int_equal(deliver_next(deliver, &next, &error), OK); /* which writes what the outbox was told */
    assert_int_equal(query_id("SELECT until FROM outbox", NULL), INT64_C(1780340400000)); /* 21:00 in Malta */
    receiver.behave = always_again;
    serve(INT64_MAX - 1);
    assert_int_equal(counts.expired, 1);
    assert_true(counts.again > 3);
    assert_true(deliver_now(deliver) < INT64_C(1780340400000) + 60000);
    assert_int_equal(rows("1 = 1"), 0);
    close_all();
}

/* ---------------------------------------------------------------- held */

static void held_until_confirmed(void **state)
{
    (void)state;
    begin();
    enter("p");
    close_all();
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(
            database,
            "INSERT INTO meta VALUES('outbox hold', 'it was restored'); UPDATE outbox SET until = 1 WHERE kind = 0",
            NULL, NULL, NULL),
        SQLITE_OK);
    (void)sqlite3_close(database);
    open_all();
    int64_t records = query_id("SELECT sum(count) FROM log", NULL);
    struct error error = ERROR_NONE;
    assert_int_equal(deliver_step(deliver, 0, &counts, &error), STATUS_REFUSED);
    assert_non_null(strstr(error.message, "it was restored"));
    assert_int_equal(counts.handed, 0);
    /* Two would be too late to leave: that is a decision, too. */
    assert_int_equal(counts.expired, 0);
    assert_int_equal(rows("state = 0"), 3);
    assert_int_equal(query_id("SELECT sum(count) FROM log", NULL), records);
    close_all();
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, "DELETE FROM meta WHERE name = 'outbox hold'", NULL, NULL, NULL),
                     SQLITE_OK);
    (void)sqlite3_close(database);
    open_all();
    serve(INT64_MAX - 1);
    assert_int_equal(counts.expired, 2);
    assert_int_equal(done_in_all(), 1);
    close_all();
}

/* ---------------------------------------------------------------- by the clock, with many who submit */

enum { SUBMITTERS = 4, EACH = 25 };

static void *submit_many(void *argument)
{
    int number = *(const int *)argument;
    for (int i = 0; i < EACH; i++) {
        char text[200];
        struct error error = ERROR_NONE;
        struct promo_outcome outcome = {.lines = NULL};
        char at[CIVIL_INSTANT_SIZE];
        (void)civil_format_instant(at, (int64_t)time(NULL) * 1000);
        (void)snprintf(text, sizeof text,
                       "{\"id\":\"r%d-%d\",\"event\":\"registered\",\"player\":\"c%d-%d\",\"at\":\"%s\"}", number, i,
                       number, i, at);
        if (promo_submit(promo, text, strlen(text), &outcome, &error) != OK) abort();
    }
    return NULL;
}

/* One thread carries while others submit: each effect arrives once. */
static void carried_while_others_submit(void **state)
{
    (void)state;
    begin();
    close_all();
    struct error error = ERROR_NONE;
    const struct promo_options options = {.database = path,
                                          .bundle = compiled.bundle.bytes,
                                          .bundle_size = compiled.bundle.size,
                                          .sink = {.context = &left, .effect = gather},
                                          .time = PROMO_TIME_CLOCK};
    (void)snprintf(path, sizeof path, "%s/%d.db", folder, made++);
    struct promo_options with = options;
    with.outbox = true;
    assert_int_equal(promo_open(&promo, &with, &error), OK);
    assert_int_equal(deliver_open(&deliver, promo, &carrier, &how, &error), OK);
    pthread_t thread[SUBMITTERS];
    int number[SUBMITTERS];
    for (int i = 0; i < SUBMITTERS; i++) {
        number[i] = i;
        assert_int_equal(pthread_create(&thread[i], NULL, submit_many, &number[i]), 0);
    }
    /* Nobody is verified, so nobody gets a reward: two messages each, if quiet hours allow; whatever left must arrive. */
    for (int i = 0; i < 20; i++) step(1);
    for (int i = 0; i < SUBMITTERS; i++) (void)pthread_join(thread[i], NULL);
    for (uint64_t before = UINT64_MAX; before != counts.handed || deliver_in_hand(deliver) > 0;) {
        before = counts.handed;
        step(1);
        step(1);
    }
    assert_true(left.effects >= SUBMITTERS * EACH);
    assert_int_equal(done_in_all(), left.effects);
    assert_int_equal(receiver.count, left.effects);
    assert_int_equal(rows("state = 0"), 0);
    close_all();
}

/* ---------------------------------------------------------------- */

static int set_up(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    struct compiler_input input = {.path = TEXT("gift.promo"), .bytes = text_of(source)};
    struct compiler_options options = {.default_name = TEXT("Bank")};
    if (crypto_start(&error) != OK || compiler_compile(&compiled, &input, 1, options, &error) != OK) return 1;
    if (compiled.failed) {
        struct buffer messages = BUFFER_EMPTY;
        diagnostics_render(&compiled.diagnostics, DIAGNOSTIC_TEXT, &messages);
        print_message("%s\n", buffer_as_string(&messages));
        buffer_deinit(&messages);
        return 1;
    }
    receiver.arrived = memory_resize_array(NULL, MOST, sizeof *receiver.arrived);
    if (mkdtemp(folder) != NULL) return 0;
    (void)snprintf(folder, sizeof folder, "/tmp/promo-deliver-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    for (uint32_t i = 0; i < receiver.count; i++) buffer_deinit(&receiver.arrived[i].bytes);
    memory_release(receiver.arrived);
    buffer_deinit(&receiver.log);
    buffer_deinit(&left.lines);
    buffer_deinit(&left.ids);
    compiler_release(&compiled);
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(poison_among_a_thousand),
        cmocka_unit_test(schedule_is_of_the_log),
        cmocka_unit_test(marked_before_it_is_seen),
        cmocka_unit_test(in_order_where_nothing_fails),
        cmocka_unit_test(excluded_while_in_hand),
        cmocka_unit_test(erased_while_queued),
        cmocka_unit_test(erased_and_back_in_one_batch),
        cmocka_unit_test(dead_money_stays_reserved),
        cmocka_unit_test(other_bytes_stop),
        cmocka_unit_test(refolded),
        cmocka_unit_test(a_recipient_that_is_down_rests),
        cmocka_unit_test(nobody_to_carry),
        cmocka_unit_test(not_in_quiet_hours),
        cmocka_unit_test(held_until_confirmed),
        cmocka_unit_test(carried_while_others_submit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
