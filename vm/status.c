/*
 * Status names, error messages and the stop at a broken invariant. Contract: vm/status.h.
 */
#include "vm/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum status(error_set)(struct error *error, enum status status, const char *format, ...)
{
    if (error != NULL) {
        error->status = status;
        va_list arguments;
        va_start(arguments, format);
        (void)vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
    }
    return status;
}

void error_prefix(struct error *error, const char *format, ...)
{
    if (error == NULL) return;
    char old[sizeof error->message];
    memcpy(old, error->message, sizeof old);
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof error->message) return;
    size_t room = sizeof error->message - (size_t)size;
    (void)snprintf(error->message + size, room, ": %.*s", (int)room, old);
}

const char *status_name(enum status status)
{
    switch (status) {
    case OK: return "ok";
    case STATUS_NO_MEMORY: return "no memory";
    case STATUS_IO: return "input or output failed";
    case STATUS_CORRUPT: return "corrupt";
    case STATUS_REFUSED: return "refused";
    case STATUS_BUSY: return "busy";
    case STATUS_LIMIT: return "limit exceeded";
    case STATUS_NOT_FOUND: return "not found";
    case STATUS_INVALID: return "invalid";
    case STATUS_EXISTS: return "exists already";
    case STATUS_CLOSED: return "closed";
    case STATUS_USAGE: return "wrong usage";
    case STATUS_COUNT: break;
    }
    return "unknown status";
}

bool status_can_retry(enum status status)
{
    return status == STATUS_NO_MEMORY || status == STATUS_IO || status == STATUS_BUSY;
}

_Noreturn void status_invariant_failed(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
    fflush(stderr);
    abort();
}
