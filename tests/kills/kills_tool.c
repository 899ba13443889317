/* The program on a real disk, killed at any moment, and a receiver that keeps ids.
 *
 *   kills_tool PROMO BUNDLE EVENTS FOLDER SEED KILLS [--plant lost|doubled|changed|books]
 *
 * EVENTS is folded once in peace, then again into a second database by a program that dies up to KILLS times by SIGKILL: soon after its start, at any time,
 * or while a checkpoint is being written (its write-ahead log grows). After each death the platform delivers again from somewhat before what is durable,
 * on another number of shards and in other batches. The receiver reads what left, as far as lines are whole, and keeps one of each id.
 *
 *   killed ──► lines that left, torn last one dropped ──► by id: bytes must be the same again ──► at the end: exactly the effects of the peaceful run
 *          ──► FILE-wal: were pages written that no commit closed? ──► where it died
 *
 * Then the tables must be those of the peaceful run, and the books the sum of the ledger. Mistakes can be planted, which must be seen. The
 * service form, promo_submit from eight threads: service_tool.c. promises D1, D2, X1, B1: spec/runtime.md.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 512, EFFECT_ID = 32, START_MS = 12, LIFE_MS = 160, WAL_JUMP = 90000, OVERLAP = 300 };

enum phase { PHASE_START, PHASE_BETWEEN, PHASE_BATCH, PHASE_CHECKPOINT, PHASE_RECOVERY, PHASE_COUNT };
static const char *const phase_words[PHASE_COUNT] = {"at the start", "between two writes", "in the write of a batch",
                                                     "in the write of a checkpoint", "while it folds again"};

static const char *promo_path, *bundle, *events, *folder, *plant = "";
static uint64_t state;
static char *stream; /* the whole of EVENTS … */
static size_t stream_size;
static size_t *line_at; /* … and where its lines begin; one more at the end */
static uint64_t line_count;
static int64_t life_us =
    LIFE_MS * 1000; /* at most, before it is killed; longer on a machine that does other things too */
static uint64_t kills[PHASE_COUNT], killed, runs, left_again;

static uint32_t draw(uint32_t below)
{
    uint64_t x = state += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((x ^ (x >> 31)) % below);
}

static int64_t now_us(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
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

static const char *in_folder(const char *name, const char *suffix)
{
    static char room[4][PATH_SIZE];
    static unsigned next;
    char *path = room[next++ % 4];
    snprintf(path, PATH_SIZE, "%s/%s%s", folder, name, suffix);
    return path;
}

/* ------------------------------------------------------------------------------------------------- the receiver */

struct kept {
    char id[EFFECT_ID];
    uint64_t bytes; /* hash of the line */
};
struct receiver {
    struct kept *kept; /* open addressing; id[0] 0: free */
    uint64_t room, count, again;
};

static uint64_t hash_of(const char *at, size_t size)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < size; i++) hash = (hash ^ (uint8_t)at[i]) * UINT64_C(1099511628211);
    return hash | 1;
}

static struct kept *place_of(struct receiver *receiver, const char *id)
{
    uint64_t at = hash_of(id, EFFECT_ID);
    while (receiver->kept[at % receiver->room].id[0] != 0 &&
           memcmp(receiver->kept[at % receiver->room].id, id, EFFECT_ID) != 0)
        at++;
    return &receiver->kept[at % receiver->room];
}

static void receive(struct receiver *receiver, const char *line, size_t size)
{
    static const char mark[] = "\"id\":\"";
    const char *id = memmem(line, size, mark, sizeof mark - 1);
    if (id == NULL || (size_t)(line + size - id) < sizeof mark + EFFECT_ID)
        broken("an effect has no id: %.*s", (int)size, line);
    id += sizeof mark - 1;
    if (receiver->count * 2 >= receiver->room) {
        struct receiver grown = {.room = receiver->room * 2 + 4096, .again = receiver->again};
        grown.kept = calloc(grown.room, sizeof *grown.kept);
        if (grown.kept == NULL) abort();
        for (uint64_t i = 0; i < receiver->room; i++) {
            if (receiver->kept[i].id[0] == 0) continue;
            *place_of(&grown, receiver->kept[i].id) = receiver->kept[i];
            grown.count++;
        }
        free(receiver->kept);
        *receiver = grown;
    }
    struct kept *place = place_of(receiver, id);
    uint64_t bytes = hash_of(line, size);
    if (place->id[0] == 0) {
        memcpy(place->id, id, EFFECT_ID);
        place->bytes = bytes;
        receiver->count++;
        return;
    }
    receiver->again++;
    if (place->bytes != bytes) broken("effect %.32s left again with other bytes: %.*s", id, (int)size, line);
}

/* All whole lines of a file of effects. */
static void receive_file(struct receiver *receiver, const char *path, bool planted)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    uint64_t number = 0;
    if (file == NULL) return; /* it died before */
    while ((size = getline(&line, &room, file)) > 0 && line[size - 1] == '\n') {
        number++;
        if (planted && number == 3 && strcmp(plant, "lost") == 0) continue;
        if (planted && number == 3 && strcmp(plant, "doubled") == 0) {
            char *id = strstr(line, "\"id\":\"");
            receive(receiver, line, (size_t)size);
            if (id != NULL) id[6] = id[6] == '0' ? '1' : '0';
        }
        if (planted && number == 3 && strcmp(plant, "changed") == 0) {
            receive(receiver, line, (size_t)size);
            line[size - 2] = ' ';
        }
        receive(receiver, line, (size_t)size);
    }
    free(line);
    fclose(file);
}

static void compare_received(const struct receiver *peace, struct receiver *war)
{
    for (uint64_t i = 0; i < peace->room; i++) {
        const struct kept *one = &peace->kept[i];
        if (one->id[0] == 0) continue;
        const struct kept *other = place_of(war, one->id);
        if (other->id[0] == 0) broken("effect %.32s is lost", one->id);
        if (other->bytes != one->bytes) broken("effect %.32s has other bytes", one->id);
    }
    if (war->count != peace->count)
        broken("%" PRIu64 " effects left instead of %" PRIu64 ": some twice, under other ids", war->count,
               peace->count);
}

/* ------------------------------------------------------------------------------------------------- the program */

static pid_t start(const char *database, const char *effects, const char *input, const char *output)
{
    char path[PATH_SIZE], batch[24], checkpoint[24], shards[24];
    snprintf(path, sizeof path, "%s", database);
    snprintf(batch, sizeof batch, "--batch=%u", 1 + draw(draw(2) == 0 ? 20 : 400));
    snprintf(checkpoint, sizeof checkpoint, "--checkpoint=%u", 100 + draw(draw(2) == 0 ? 500 : 4000));
    snprintf(shards, sizeof shards, "--shards=%u", 1 + draw(7));
    pid_t child = fork();
    if (child < 0) abort();
    if (child > 0) return child;
    int out = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) _exit(126);
    execl(promo_path, "promo", "run", "--bundle", bundle, "--events", input, "--effects", effects, "--db", path, batch,
          checkpoint, shards, (char *)NULL);
    _exit(127);
}

static off_t size_of(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 ? about.st_size : 0;
}

/* Ended well: true. Killed: false. Anything else is a fault of the program. */
static bool reap(pid_t child, bool expect_kill, const char *output)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    if (expect_kill && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return false;
    char words[600] = "";
    FILE *file = fopen(output, "r");
    if (file != NULL) {
        words[fread(words, 1, sizeof words - 1, file)] = '\0';
        fclose(file);
    }
    broken("the program ends with status %d%s: %s", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
           WIFEXITED(status) ? "" : " (a signal)", words);
}

/* Pages at the end of the write-ahead log that no commit closed. A frame's header: page, size of the database after a commit or 0, two salts. */
static uint32_t open_pages(const char *database)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s-wal", database);
    FILE *file = fopen(path, "rb");
    uint8_t head[32], frame[24];
    uint32_t open = 0;
    if (file == NULL) return 0;
    if (fread(head, 1, sizeof head, file) == sizeof head) {
        long page = (long)head[8] << 24 | (long)head[9] << 16 | (long)head[10] << 8 | head[11];
        while (fread(frame, 1, sizeof frame, file) == sizeof frame && memcmp(frame + 8, head + 16, 8) == 0) {
            bool commit = (frame[4] | frame[5] | frame[6] | frame[7]) != 0;
            open = commit ? 0 : open + 1;
            if (fseek(file, page, SEEK_CUR) != 0) break;
        }
    }
    fclose(file);
    return open;
}

static void must(sqlite3 *database, int code, int expected)
{
    if (code != expected) broken("SQLite: %s", sqlite3_errmsg(database));
}

static int64_t number_of(const char *path, const char *query)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;
    int64_t result = 0;
    if (access(path, F_OK) != 0) return 0;
    must(database, sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(database, query, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        result = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(database);
    return result;
}

/* How many lines of the stream are durable: the records of the log but the program. What was delivered twice is counted in `extra`. */
static uint64_t durable(const char *database)
{
    int64_t count = number_of(database, "SELECT coalesce(sum(count), 0) FROM log");
    return count <= 1 ? 0 : (uint64_t)count - 1;
}

/* Lets the program live until its moment has come; says whether it ended before. */
static bool live(pid_t child, const char *database, unsigned how)
{
    int64_t began = now_us(), until = began + (how == 0 ? draw(START_MS * 1000) : draw((uint32_t)life_us));
    char wal[PATH_SIZE];
    snprintf(wal, sizeof wal, "%s-wal", database);
    off_t before = size_of(wal);
    int64_t looked = began;
    int64_t delay = draw(900);
    int64_t armed =
        began + START_MS * 1000 + (how == 3 ? draw((uint32_t)life_us) : 0); /* 3: the next page that is written */
    if (how >= 2) until = began + 4 * life_us;
    for (int64_t at = began; at < until; at = now_us()) {
        siginfo_t about = {.si_pid = 0};
        if (waitid(P_PID, (id_t)child, &about, WEXITED | WNOHANG | WNOWAIT) == 0 && about.si_pid == child) return false;
        if (how >= 2) {
            off_t size = size_of(wal);
            if (how == 3 && size > before && at > armed) break;
            if (how == 2 && size > before + WAL_JUMP && at > armed) {
                usleep((useconds_t)delay);
                break;
            }
            if (how == 3 || at > looked + 2000) before = size, looked = at;
        }
        if (how != 3 || at < armed) usleep(60);
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------- the tables */

/* Columns that repeated lines move: where a row stands in the log, and storage numbers, of which somebody who was erased takes a new one when
 * the lines from before come again. Rows are told by the name that the number stands for. */
static bool is_place(const char *column)
{
    return strcmp(column, "position") == 0 || strcmp(column, "number") == 0;
}

static int compare_rows(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static char **rows_of(const char *path, const char *table, uint64_t *count)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;
    char query[600];
    must(database, sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    snprintf(query, sizeof query, "ATTACH '%s-keys' AS keys", path);
    must(database, sqlite3_exec(database, query, NULL, NULL, NULL), SQLITE_OK);
    snprintf(query, sizeof query, "SELECT count(*) FROM pragma_table_info('%s') WHERE name = 'number'", table);
    bool named = number_of(path, query) > 0;
    snprintf(query, sizeof query, "SELECT t.*%s FROM main.\"%s\" AS t",
             named ? ", (SELECT k.brand || '/' || k.player FROM keys.player AS k WHERE k.number = t.number) AS who"
                   : "",
             table);
    must(database, sqlite3_prepare_v2(database, query, -1, &statement, NULL), SQLITE_OK);
    char **rows = NULL;
    uint64_t room = 0;
    *count = 0;
    while (sqlite3_step(statement) == SQLITE_ROW) {
        sqlite3_str *row = sqlite3_str_new(database);
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            if (is_place(sqlite3_column_name(statement, i))) continue;
            sqlite3_str_appendf(row, "%s=%Q ", sqlite3_column_name(statement, i), sqlite3_column_text(statement, i));
        }
        if (*count == room) rows = realloc(rows, (room = room * 2 + 64) * sizeof *rows);
        if (rows == NULL) abort();
        char *text = sqlite3_str_finish(row);
        rows[(*count)++] = strdup(text == NULL ? "" : text);
        sqlite3_free(text);
    }
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(database);
    if (*count > 0) qsort(rows, *count, sizeof *rows, compare_rows);
    return rows;
}

static uint64_t compare_tables(const char *peace, const char *war)
{
    static const char *const tables[] = {"players", "journeys", "ledger", "messages", "budgets",
                                         "figures", "results",  "codes",  "rewards",  "used_codes",
                                         "points",  "levels",   "badges", "missions"};
    uint64_t all = 0;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        uint64_t counts[2];
        char **left = rows_of(peace, tables[i], &counts[0]), **right = rows_of(war, tables[i], &counts[1]);
        for (uint64_t row = 0; row < counts[0] || row < counts[1]; row++) {
            if (row < counts[0] && row < counts[1] && strcmp(left[row], right[row]) == 0) continue;
            broken("table %s: %s instead of %s", tables[i], row < counts[1] ? right[row] : "nothing",
                   row < counts[0] ? left[row] : "nothing");
        }
        all += counts[0];
        for (uint64_t row = 0; row < counts[0]; row++) free(left[row]);
        for (uint64_t row = 0; row < counts[1]; row++) free(right[row]);
        free(left);
        free(right);
    }
    return all;
}

/* The books of each campaign that has a total: what the ledger says was reserved and not released, and not more than there is. */
static void check_books(const char *database)
{
    if (strcmp(plant, "books") == 0) {
        sqlite3 *file = NULL;
        must(file, sqlite3_open(database, &file), SQLITE_OK);
        must(file, sqlite3_exec(file, "UPDATE budgets SET spent = spent + 1 WHERE cap > 0", NULL, NULL, NULL),
             SQLITE_OK);
        (void)sqlite3_close(file);
    }
    int64_t over = number_of(database, "SELECT count(*) FROM budgets WHERE cap >= 0 AND reserved + spent > cap");
    if (over > 0) broken("%" PRId64 " budgets are over their total", over);
    int64_t wrong = number_of(
        database,
        "SELECT count(*) FROM budgets AS b WHERE cap >= 0 AND reserved + spent <> (SELECT coalesce(sum(CASE kind WHEN "
        "'reserved' THEN amount WHEN 'released' THEN -amount ELSE 0 END), 0) FROM ledger WHERE campaign = b.campaign)");
    if (wrong > 0) broken("the books of %" PRId64 " campaigns are not the sum of their ledger", wrong);
    int64_t twice =
        number_of(database, "SELECT count(*) FROM (SELECT effect FROM ledger WHERE kind = 'reserved' AND effect <> '' "
                            "GROUP BY effect HAVING count(*) > 1)");
    if (twice > 0) broken("%" PRId64 " effects were reserved twice", twice);
}

/* ------------------------------------------------------------------------------------------------- the story */

static void read_stream(void)
{
    FILE *file = fopen(events, "rb");
    struct stat about;
    if (file == NULL || fstat(fileno(file), &about) != 0) {
        fprintf(stderr, "%s: %s\n", events, strerror(errno));
        exit(2);
    }
    stream_size = (size_t)about.st_size;
    stream = malloc(stream_size + 1);
    if (stream == NULL || fread(stream, 1, stream_size, file) != stream_size) abort();
    fclose(file);
    for (size_t i = 0; i < stream_size; i++) line_count += stream[i] == '\n';
    line_at = calloc(line_count + 1, sizeof *line_at);
    if (line_at == NULL) abort();
    uint64_t line = 0;
    for (size_t i = 0; i < stream_size; i++) {
        if (stream[i] == '\n') line_at[++line] = i + 1;
    }
}

static void write_rest(const char *path, uint64_t from)
{
    FILE *file = fopen(path, "wb");
    size_t size = stream_size - line_at[from];
    if (file == NULL || fwrite(stream + line_at[from], 1, size, file) != size || fclose(file) != 0) abort();
}

static enum phase where_it_died(const char *database, uint64_t durable_before, bool had_checkpoint, bool wrote)
{
    uint32_t pages = open_pages(database);
    if (pages > 8) return PHASE_CHECKPOINT;
    if (pages > 0) return PHASE_BATCH;
    if (durable(database) > durable_before) return PHASE_BETWEEN;
    return had_checkpoint && wrote ? PHASE_RECOVERY : PHASE_START;
}

static void war(struct receiver *receiver, uint64_t kills_wanted)
{
    const char *database = strdup(in_folder("killed.db", "")), *effects = strdup(in_folder("killed", ".part")),
               *input = strdup(in_folder("killed", ".events")), *output = strdup(in_folder("killed", ".out"));
    uint64_t delivered = 0; /* how many lines of the stream are durable */
    for (;;) {
        uint64_t from = draw(4) == 0 || delivered < OVERLAP ? delivered : delivered - draw(OVERLAP),
                 before = durable(database);
        bool last = killed >= kills_wanted, had_checkpoint = number_of(database, "SELECT count(*) FROM checkpoint") > 0;
        write_rest(input, from);
        (void)unlink(effects);
        pid_t child = start(database, effects, input, output);
        static const unsigned ways[] = {0, 1, 1, 2, 2, 3, 3};
        bool lives = !last && live(child, database, ways[draw(7)]);
        if (lives) kill(child, SIGKILL);
        bool ended = reap(child, lives, output);
        runs++;
        if (!ended) {
            killed++;
            kills[where_it_died(database, before, had_checkpoint, size_of(effects) > 0)]++;
        }
        receive_file(receiver, effects, runs == 1 || size_of(effects) > 0);
        uint64_t more = durable(database) - before;
        if (from + more > delivered) delivered = from + more;
        if (delivered > line_count) delivered = line_count;
        if (ended) break;
    }
    left_again = receiver->again;
}

int main(int count, char **arguments)
{
    if (count != 7 && (count != 9 || strcmp(arguments[7], "--plant") != 0)) {
        fprintf(stderr,
                "usage: kills_tool PROMO BUNDLE EVENTS FOLDER SEED KILLS [--plant lost|doubled|changed|books]\n");
        return 2;
    }
    promo_path = arguments[1];
    bundle = arguments[2];
    events = arguments[3];
    folder = arguments[4];
    state = strtoull(arguments[5], NULL, 10);
    uint64_t wanted = strtoull(arguments[6], NULL, 10);
    if (count == 9) plant = arguments[8];
    read_stream();
    struct receiver peace = {.room = 0}, survivor = {.room = 0};
    char database[PATH_SIZE], effects[PATH_SIZE], output[PATH_SIZE];
    snprintf(database, sizeof database, "%s", in_folder("peace.db", ""));
    snprintf(effects, sizeof effects, "%s", in_folder("peace", ".part"));
    snprintf(output, sizeof output, "%s", in_folder("peace", ".out"));
    int64_t began = now_us();
    (void)reap(start(database, effects, events, output), false, output);
    if ((now_us() - began) / 6 > life_us) life_us = (now_us() - began) / 6;
    receive_file(&peace, effects, false);
    if (peace.count == 0) broken("the stream makes no effects and says nothing");
    war(&survivor, wanted);
    compare_received(&peace, &survivor);
    uint64_t rows = compare_tables(database, in_folder("killed.db", ""));
    check_books(database);
    check_books(in_folder("killed.db", ""));
    printf("%" PRIu64 " lines, %" PRIu64 " effects, %" PRIu64 " rows of tables; killed %" PRIu64 " times:", line_count,
           peace.count, rows, killed);
    for (unsigned i = 0; i < PHASE_COUNT; i++) printf("%s %" PRIu64 " %s", i == 0 ? "" : ",", kills[i], phase_words[i]);
    printf("; %" PRIu64 " effects left again\n", left_again);
    return 0;
}
