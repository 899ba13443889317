/*
 * Effects as lines of a file. Contract: runtime/store/outbox.h.
 */
#include "runtime/store/outbox.h"

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

enum status outbox_mend(int descriptor, const char *path, struct error *error)
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

enum status outbox_open(struct outbox *outbox, const char *path, struct error *error)
{
    *outbox = (struct outbox){.path = path, .descriptor = STDOUT_FILENO};
    if (strcmp(path, "-") == 0) return OK;
    outbox->descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (outbox->descriptor < 0) return failed("opening", path, error);
    enum status status = outbox_mend(outbox->descriptor, path, error);
    if (status != OK) outbox_close(outbox);
    return status;
}

void outbox_close(struct outbox *outbox)
{
    if (outbox->descriptor >= 0 && outbox->descriptor != STDOUT_FILENO) (void)close(outbox->descriptor);
    outbox->descriptor = -1;
    buffer_deinit(&outbox->pending);
}

static enum status write_pending(struct outbox *outbox, struct error *error)
{
    if (!buffer_ok(&outbox->pending))
        return error_set(error, STATUS_NO_MEMORY, "no memory for the lines of `%s`", outbox->path);
    size_t done = 0;
    while (done < outbox->pending.size) {
        ssize_t put = write(outbox->descriptor, outbox->pending.bytes + done, outbox->pending.size - done);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return failed("writing", outbox->path, error);
        done += (size_t)put;
    }
    buffer_clear(&outbox->pending);
    return OK;
}

void outbox_effect(void *context, const struct engine_effect *effect)
{
    struct outbox *outbox = context;
    if (outbox->failure.status != OK) return;
    effect_json_write(&outbox->pending, effect);
    if (outbox->pending.size >= CHUNK) (void)write_pending(outbox, &outbox->failure);
}

enum status outbox_flush(void *context, struct error *error)
{
    struct outbox *outbox = context;
    if (outbox->failure.status != OK) return error_set(error, outbox->failure.status, "%s", outbox->failure.message);
    RETURN_IF_FAILED(write_pending(outbox, error));
    /* A pipe or a terminal has nothing to be made durable. */
    if (fsync(outbox->descriptor) != 0 && errno != EINVAL && errno != EROFS && errno != ENOTSUP) {
        return failed("making durable", outbox->path, error);
    }
    return OK;
}
