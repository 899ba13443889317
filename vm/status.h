/*
 * What can go wrong, and how it is told.
 *
 * Three of the four kinds of error live here: a programmer error stops the process (INVARIANT), a failure of the
 * world is an `enum status` with its words in a `struct error`. Mistakes in campaign text are diagnostics
 * (compiler/); a program that was verified has no faults (spec/decisions/0010). Neither is a status.
 *
 * Read next: vm/memory.h, vm/text.h.
 */
#ifndef VM_STATUS_H
#define VM_STATUS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The result of everything that the world can make fail. `retry` says whether the same call may succeed later. */
enum status {
    OK = 0,
    STATUS_NO_MEMORY, /* memory or an arena's limit is used up; retry: yes, with more memory */
    STATUS_IO,        /* the system refused a read or a write; retry: perhaps */
    STATUS_CORRUPT,   /* bytes that we once wrote are not what we wrote; retry: no */
    STATUS_REFUSED,   /* understood and not allowed (a bundle that does not verify, a gate); retry: no */
    STATUS_BUSY,      /* someone else holds it; retry: yes */
    STATUS_LIMIT,     /* a limit of spec/limits.def is exceeded; retry: no */
    STATUS_NOT_FOUND, /* no such thing; retry: no */
    STATUS_INVALID,   /* bytes from outside that cannot be read as what they should be; retry: no */
    STATUS_EXISTS,    /* there is one already; retry: no */
    STATUS_CLOSED,    /* the thing has been shut down; retry: no */
    STATUS_USAGE,     /* the caller asked for something that makes no sense; retry: no */
    STATUS_COUNT
};

/* The words that go with a status. The caller owns it; it needs no release. Functions write it only on failure. */
struct error {
    enum status status;
    char message[512]; /* one line, lower case, no final period, user text in backticks, cut at the end if too long */
};

#define MUST_CHECK __attribute__((warn_unused_result))

#define PRINTF_LIKE(format_index, first_index) __attribute__((format(printf, format_index, first_index)))

/* An `error` with nothing in it: `struct error error = ERROR_NONE;`. */
/* clang-format off */
#define ERROR_NONE {OK, {0}}
/* clang-format on */

/* Writes status and message and returns `status`, so that `return error_set(error, STATUS_IO, "...")` reads well.
 * `error` may be NULL: then only the status is returned. */
enum status error_set(struct error *error, enum status status, const char *format, ...) PRINTF_LIKE(3, 4);
#ifdef __clang_analyzer__ /* It does not look into other files, and would follow ways on which an error is none. */
#define error_set(error, status, ...) ((void)error_set(error, status, __VA_ARGS__), (status))
#endif

/* Puts "words: " before the message that is there, for context on the way up ("line 7: ..."). NULL is allowed. */
void error_prefix(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);

/* The status as one lower-case word for logs ("corrupt"). Never NULL, lives for ever. */
const char *status_name(enum status status);

/* Whether the same call can succeed later without anybody mending anything. */
bool status_can_retry(enum status status);

/* Prints where and what to standard error and aborts. Use INVARIANT. */
_Noreturn void status_invariant_failed(const char *file, int line, const char *condition);

/* A condition that only our own mistake can break. It is on in release builds: a broken book is worse than a stop. Where coverage is
 * counted it is left out, since no test can take the branch. */
#ifdef PROMO_COVERAGE
#define INVARIANT(condition) ((void)sizeof((condition) ? 1 : 0))
#else
#define INVARIANT(condition) ((condition) ? (void)0 : status_invariant_failed(__FILE__, __LINE__, #condition))
#endif

/* The only macro that changes the flow: leaves the function with the status of a failed call. */
#define RETURN_IF_FAILED(expression)                       \
    do {                                                   \
        enum status status_of_call_ = (expression);        \
        if (status_of_call_ != OK) return status_of_call_; \
    } while (0)

#endif
