/*
 * Effects as lines of a file. Contract: runtime/store/effect_lines.h.
 */
#include "runtime/store/effect_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/engine/effect_json.h"

enum { CHUNK = 1 << 16 };

static enum status failed(const char *doing, const char *path, struct error *error)
{
    return error_set(error, STATUS_IO, "%s `%s` failed: %s", doing, path, strerror(errno));
}

enum status effect_lines_mend(int descriptor, const char *path, struct error *error)
{
    struct stat about;
    if (fstat(descriptor, &about) != 0) return failed("looking at", path, error);
    if (!S_ISREG(about.st_mode)) return OK;
    char bytes[4096];
    off_t size = about.st_size;
    off_t at = size;
    while (at > 0) {
        size_t piece = at < (off_t)sizeof bytes ? (size_t)at : sizeof bytes;
        ssize_t got = pread(descriptor, bytes, piece, at - (off_t)piece);
        if (got != (ssize_t)piece) return failed("reading", path, error);
        const char *end = memrchr(bytes, '\n', piece);
        if (end != NULL) {
            at = at - (off_t)piece + (end - bytes) + 1;
            break;
        }
        at -= (off_t)piece;
    }
    if (at == size) return OK;
    return ftruncate(descriptor, at) == 0 ? OK : failed("mending the last line of", path, error);
}

enum status effect_lines_open(struct effect_lines *lines, const char *path, struct error *error)
{
    *lines = (struct effect_lines){.path = path, .descriptor = STDOUT_FILENO};
    if (strcmp(path, "-") == 0) return OK;
    lines->descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (lines->descriptor < 0) return failed("opening", path, error);
    enum status status = effect_lines_mend(lines->descriptor, path, error);
    if (status != OK) effect_lines_close(lines);
    return status;
}

void effect_lines_close(struct effect_lines *lines)
{
    if (lines->descriptor >= 0 && lines->descriptor != STDOUT_FILENO) (void)close(lines->descriptor);
    lines->descriptor = -1;
    buffer_deinit(&lines->pending);
}

static enum status write_pending(struct effect_lines *lines, struct error *error)
{
    if (!buffer_ok(&lines->pending))
        return error_set(error, STATUS_NO_MEMORY, "no memory for the lines of `%s`", lines->path);
    size_t done = 0;
    while (done < lines->pending.size) {
        ssize_t put = write(lines->descriptor, lines->pending.bytes + done, lines->pending.size - done);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return failed("writing", lines->path, error);
        done += (size_t)put;
    }
    buffer_clear(&lines->pending);
    return OK;
}

void effect_lines_effect(void *context, const struct engine_effect *effect)
{
    struct effect_lines *lines = context;
    if (lines->failure.status != OK) return;
    effect_json_write(&lines->pending, effect);
    if (lines->pending.size >= CHUNK) (void)write_pending(lines, &lines->failure);
}

enum status effect_lines_flush(void *context, struct error *error)
{
    struct effect_lines *lines = context;
    if (lines->failure.status != OK) return error_set(error, lines->failure.status, "%s", lines->failure.message);
    RETURN_IF_FAILED(write_pending(lines, error));
    /* A pipe or a terminal has nothing to be made durable. */
    if (fsync(lines->descriptor) != 0 && errno != EINVAL && errno != EROFS && errno != ENOTSUP) {
        return failed("making durable", lines->path, error);
    }
    return OK;
}
