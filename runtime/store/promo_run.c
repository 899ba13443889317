/*
 * A stream of lines, folded in batches. Contract: runtime/store/promo.h.
 *
 *   this thread:    read, intake k+1 │ fold k-1 │ read, intake k+2 │ fold k   │ …
 *   the writer's:   seal, append k              │ seal, append k+1            │ …
 */
#include "runtime/store/promo_parts.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "vm/civil.h"
#include "vm/memory.h"

enum { BATCH = 1000, ROOM = 1 << 20 };

/* One record of a wrong year would end everything: all deadlines fire, and whatever comes later is too late. */
static const int64_t jump_limit = 3660 * CIVIL_DAY_MS;
static const int64_t jump_noticed = 400 * CIVIL_DAY_MS;

_Static_assert(ROOM > 2 * LIMIT_EVENT_LINE_BYTES, "a line and what follows it fit");

enum status promo_read_file(void *context, char *bytes, size_t room, size_t *size_out, struct error *error)
{
    const int *descriptor = context;
    for (;;) {
        ssize_t got = read(*descriptor, bytes, room);
        if (got >= 0) {
            *size_out = (size_t)got;
            return OK;
        }
        if (errno != EINTR) return error_set(error, STATUS_IO, "reading the events failed: %s", strerror(errno));
    }
}

struct run {
    struct promo *promo;
    const struct promo_run_options *options;
    struct promo_counts *counts;
    uint64_t line;        /* number of the line that is read */
    uint64_t line_taken;  /* of the last record that was taken */
    uint64_t line_first;  /* of the log's first record: nothing says whether its year is right; 0: of an earlier run */
    uint64_t line_jumped; /* that was refused for lying too far ahead of line_taken; 0: none */
    uint32_t batch;
    bool too_long; /* inside a line that is longer than any may be */
};

static void refuse(struct run *run, const char *message)
{
    run->counts->refused++;
    if (run->options->refused != NULL) run->options->refused(run->options->context, run->line, message);
}

static enum status commit(struct run *run, struct error *error)
{
    struct promo *promo = run->promo;
    if (promo->batch.count == 0) return OK;
    uint64_t records = promo->batch.count - (promo->batch.has_activate ? 1u : 0u);
    int64_t first = promo->batch.record[0].record.now;
    int64_t last = promo->batch.last_now;
    uint64_t checkpoints = promo->checkpoints;
    enum status status = promo_send(promo, error);
    run->counts->checkpoints += promo->checkpoints - checkpoints;
    if (status != OK) return status;
    if (run->counts->records == 0) run->counts->first_now = first;
    run->counts->last_now = last;
    run->counts->records += records;
    run->counts->batches++;
    run->counts->dropped = intake_dropped_total(promo->intake);
    if (run->options->progress != NULL) run->options->progress(run->options->context, run->counts);
    return OK;
}

static int64_t days_up(int64_t ms)
{
    return (ms + CIVIL_DAY_MS - 1) / CIVIL_DAY_MS;
}

/* Does the record let more time pass than it may? The first one of all has nothing before it. */
static bool jumps(struct run *run, const struct record *record)
{
    const struct promo *promo = run->promo;
    int64_t limit = run->options->time_jump_ms == 0 ? jump_limit : run->options->time_jump_ms;
    if (limit < 0 || !(promo->any_stamped || promo->batch.count > 0)) return false;
    int64_t last = promo->batch.count > 0 ? promo->batch.last_now : promo->stamped_now;
    bool refused = record->now > last && record->now - last > limit;
    bool noticed = record->now > last && record->now - last > jump_noticed && run->options->time_jump_ms == 0;
    if (!refused && !noticed) return false;
    char is_of[CIVIL_INSTANT_SIZE], before[CIVIL_INSTANT_SIZE], words[400];
    (void)civil_format_instant(is_of, record->now);
    (void)civil_format_instant(before, last);
    if (refused && run->line_jumped != 0) {
        /* The same mistake again, and it may be that of the record before all of these. */
        (void)snprintf(words, sizeof words, "the record is of %s, too far ahead of line %llu (%s), as line %llu is",
                       is_of, (unsigned long long)run->line_taken, before, (unsigned long long)run->line_jumped);
        refuse(run, words);
        return true;
    }
    int size = snprintf(words, sizeof words, "the record is of %s, %lld days after the one before it (%s)", is_of,
                        (long long)((record->now - last) / CIVIL_DAY_MS), before);
    INVARIANT(size > 0 && (size_t)size < sizeof words);
    if (refused) {
        bool behind_first = run->line_first != 0 && run->line_taken == run->line_first;
        (void)snprintf(words + size, sizeof words - (size_t)size,
                       ", and time never goes back; mend the year%s, or let so much time pass with `--time-jump %lld`",
                       behind_first ? " (if it is the first line that is wrong: mend that, and begin anew)" : "",
                       (long long)days_up(record->now - last));
        refuse(run, words);
        run->line_jumped = run->line_taken == 0 ? 0 : run->line;
    } else if (run->options->warned != NULL) {
        (void)snprintf(words + size, sizeof words - (size_t)size,
                       "; it was taken, and time never goes back: is the year right?");
        run->options->warned(run->options->context, run->line, words);
    }
    return refused;
}

static enum status take_line(struct run *run, const char *line, size_t size, struct error *error)
{
    run->line++;
    if (intake_is_blank(line, size)) return OK;
    run->counts->lines++;
    struct record record;
    struct error refusal = ERROR_NONE;
    if (intake_line(run->promo->intake, line, size, &record, &refusal) != OK) {
        refuse(run, refusal.message);
        return OK;
    }
    if (jumps(run, &record)) return OK;
    if (!run->promo->any_stamped && run->promo->batch.count == 0) run->line_first = run->line;
    run->line_taken = run->line;
    run->line_jumped = 0;
    enum status status = promo_add(run->promo, &record, error);
    if (status == OK && run->promo->batch.count >= run->batch) status = commit(run, error);
    return status;
}

/* Takes every whole line of `size` bytes; gives how many bytes they were. */
static enum status take_lines(struct run *run, const char *bytes, size_t size, size_t *taken_out, struct error *error)
{
    size_t at = 0;
    while (at < size) {
        const char *end = memchr(bytes + at, '\n', size - at);
        if (end == NULL) break;
        size_t length = (size_t)(end - (bytes + at));
        if (run->too_long) {
            run->too_long = false;
        } else {
            RETURN_IF_FAILED(take_line(run, bytes + at, length, error));
        }
        at += length + 1;
    }
    *taken_out = at;
    return OK;
}

static enum status read_all(struct run *run, char *bytes, struct error *error)
{
    size_t size = 0;
    for (;;) {
        size_t got = 0;
        RETURN_IF_FAILED(run->options->reader(run->options->reader_context, bytes + size, ROOM - size, &got, error));
        if (got == 0) break;
        run->counts->bytes += got;
        size += got;
        size_t taken = 0;
        RETURN_IF_FAILED(take_lines(run, bytes, size, &taken, error));
        size -= taken;
        memmove(bytes, bytes + taken, size);
        if (run->too_long) {
            size = 0;
        } else if (size > LIMIT_EVENT_LINE_BYTES + 1) {
            run->line++;
            run->counts->lines++;
            refuse(run, "the line is longer than 65536 bytes; send less in one record");
            run->too_long = true;
            size = 0;
        }
    }
    if (size > 0) RETURN_IF_FAILED(take_line(run, bytes, size, error)); /* The last line needs no line feed. */
    return commit(run, error);
}

enum status promo_run(struct promo *promo, const struct promo_run_options *options, struct promo_counts *counts,
                      struct error *error)
{
    struct run run = {
        .promo = promo, .options = options, .counts = counts, .batch = options->batch == 0 ? BATCH : options->batch};
    memset(counts, 0, sizeof *counts);
    memset(promo->not_applied, 0, sizeof promo->not_applied);
    RETURN_IF_FAILED(promo_usable(promo, error));
    char *bytes = memory_alloc(ROOM);
    if (bytes == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory to read the events");
    enum status status = promo_start_writer(promo, error);
    if (status == OK) status = read_all(&run, bytes, error);
    promo_abandon(promo);
    if (status == OK) {
        status = promo_drain(promo, error);
    } else {
        /* What is durable is folded even so, as far as it can be. */
        struct error later = ERROR_NONE;
        if (!promo->broken && promo_drain(promo, &later) != OK) promo->broken = true;
    }
    promo_stop_writer(promo);
    memory_release(bytes);
    if (status != OK) return status;
    counts->dropped = intake_dropped_total(promo->intake);
    uint64_t checkpoints = promo->checkpoints;
    if (!options->open_end) {
        status = promo_finish(promo, error);
    } else if (promo->options.flush != NULL) {
        status = promo->options.flush(promo->options.flush_context, error);
    }
    counts->checkpoints += promo->checkpoints - checkpoints;
    memcpy(counts->not_applied, promo->not_applied, sizeof counts->not_applied);
    return status;
}
