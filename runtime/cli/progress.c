/*
 * One line of progress on a terminal.
 */
#include "runtime/cli/progress.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "vm/buffer.h"
#include "vm/decimal.h"

#define SECOND_NS UINT64_C(1000000000)

static uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_nsec;
}

void progress_start(struct progress *progress, int descriptor)
{
    struct stat status;
    *progress = (struct progress){.shown = isatty(STDERR_FILENO) != 0, .begin_ns = now_ns()};
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
        progress->total_bytes = (uint64_t)status.st_size;
    }
}

void progress_show(struct progress *progress, uint64_t bytes, uint64_t count, const char *what)
{
    const uint64_t now = now_ns();
    if (!progress->shown || now - progress->last_ns < SECOND_NS / 10) {
        return;
    }
    progress->last_ns = now;
    const double seconds = (double)(now - progress->begin_ns) / (double)SECOND_NS;
    struct buffer line = BUFFER_EMPTY;
    buffer_string(&line, "\r\033[K");
    decimal_print(&line, (int64_t)count, 0, DECIMAL_GROUPS);
    buffer_print(&line, " %s, ", what);
    decimal_print(&line, (int64_t)((double)count / (seconds > 0.001 ? seconds : 0.001)), 0, DECIMAL_GROUPS);
    buffer_string(&line, " a second");
    if (progress->total_bytes > 0 && bytes > 0) {
        const double left =
            seconds * (double)(progress->total_bytes > bytes ? progress->total_bytes - bytes : 0) / (double)bytes;
        buffer_print(&line, ", %llu%%, %.0f seconds left", (unsigned long long)(bytes * 100 / progress->total_bytes),
                     left);
    }
    fwrite(line.bytes, 1, line.size, stderr);
    fflush(stderr);
    buffer_deinit(&line);
    progress->on_line = true;
}

void progress_clear(struct progress *progress)
{
    if (progress->on_line) {
        fputs("\r\033[K", stderr);
        progress->on_line = false;
    }
}

double progress_seconds(const struct progress *progress)
{
    return (double)(now_ns() - progress->begin_ns) / (double)SECOND_NS;
}
