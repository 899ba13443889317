/*
 * The program that carries: its pipes, its lines, its ends. Contract: runtime/cli/carrier_command.h.
 */
#include "runtime/cli/carrier_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vm/crypto.h"
#include "vm/memory.h"

enum { LINE_MAX_BYTES = 65536, STARTS_IN_VAIN = 5, END_MS = 3000, REST_MS = 200 };

struct flight {
    uint8_t id[16];
};

struct carrier_command {
    const char *command;
    pid_t child; /* 0: none runs */
    int to, from;
    struct buffer out; /* not yet written */
    struct buffer in;  /* half a line, behind whole ones */
    struct flight *flight;
    uint32_t flights, room;
    uint32_t in_vain; /* starts without an answer, one after the other */
    int64_t rests_until;
    uint64_t strange;
    const char *strange_why;
    char ended[96]; /* how it ended last */
};

static int64_t steady_now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* ---------------------------------------------------------------- answers */

struct reader {
    const char *at, *end;
    struct buffer *space;
    const char *wrong;
};

static void blanks(struct reader *reader)
{
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\r')) reader->at++;
}

static bool fail(struct reader *reader, const char *why)
{
    if (reader->wrong == NULL) reader->wrong = why;
    return false;
}

static bool take(struct reader *reader, char sign)
{
    blanks(reader);
    if (reader->at == reader->end || *reader->at != sign) return false;
    reader->at++;
    return true;
}

static bool read_hex4(struct reader *reader, uint32_t *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++) {
        if (reader->at == reader->end) return fail(reader, "a text is cut off");
        char c = *reader->at++;
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A') + 10
                                                : 16;
        if (digit == 16) return fail(reader, "\\u needs four hexadecimal digits");
        *out = *out * 16 + digit;
    }
    return true;
}

static void put_utf8(struct buffer *out, uint32_t point)
{
    if (point < 0x80) {
        buffer_u8(out, (uint8_t)point);
    } else if (point < 0x800) {
        buffer_u8(out, (uint8_t)(0xC0 | point >> 6));
        buffer_u8(out, (uint8_t)(0x80 | (point & 0x3F)));
    } else {
        buffer_u8(out, (uint8_t)(0xE0 | point >> 12));
        buffer_u8(out, (uint8_t)(0x80 | (point >> 6 & 0x3F)));
        buffer_u8(out, (uint8_t)(0x80 | (point & 0x3F)));
    }
}

/* A text into the space, by where it begins there. */
static bool read_text(struct reader *reader, size_t *at_out, uint32_t *size_out)
{
    if (!take(reader, '"')) return fail(reader, "expected a text in quotes");
    *at_out = reader->space->size;
    while (reader->at < reader->end && *reader->at != '"') {
        unsigned char c = (unsigned char)*reader->at++;
        if (c < 0x20) return fail(reader, "a control character inside a text");
        if (c != '\\') {
            buffer_u8(reader->space, c);
            continue;
        }
        if (reader->at == reader->end) return fail(reader, "a text is cut off");
        char escape = *reader->at++;
        uint32_t point = 0;
        switch (escape) {
        case '"':
        case '\\':
        case '/': buffer_u8(reader->space, (uint8_t)escape); break;
        case 'b':
        case 'f':
        case 'n':
        case 'r':
        case 't': buffer_u8(reader->space, ' '); break;
        case 'u':
            if (!read_hex4(reader, &point)) return false;
            put_utf8(reader->space, point < 0x20 || (point >= 0xD800 && point < 0xE000) ? '?' : point);
            break;
        default: return fail(reader, "an unknown escape inside a text");
        }
    }
    if (reader->at == reader->end) return fail(reader, "a text is cut off");
    reader->at++;
    *size_out = (uint32_t)(reader->space->size - *at_out);
    return buffer_ok(reader->space) || fail(reader, "memory is out");
}

static bool word_is(const struct reader *reader, size_t at, uint32_t size, const char *word)
{
    return text_equal(text_make((const char *)reader->space->bytes + at, size), text_of(word));
}

static bool read_bool(struct reader *reader, bool *out)
{
    blanks(reader);
    size_t left = (size_t)(reader->end - reader->at);
    *out = left >= 4 && memcmp(reader->at, "true", 4) == 0;
    if (!*out && !(left >= 5 && memcmp(reader->at, "false", 5) == 0)) return fail(reader, "expected true or false");
    reader->at += *out ? 4 : 5;
    return true;
}

/* Seconds, whole or with a fraction that is cut. */
static bool read_seconds(struct reader *reader, int64_t *ms_out)
{
    blanks(reader);
    int64_t seconds = 0;
    const char *first = reader->at;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9' && seconds < 100000000)
        seconds = seconds * 10 + (*reader->at++ - '0');
    if (reader->at == first) return fail(reader, "`after` is a number of seconds");
    if (reader->at < reader->end && *reader->at == '.') {
        reader->at++;
        while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9') reader->at++;
    }
    *ms_out = seconds * 1000;
    return true;
}

/* What the answer says beside what is known: skipped, if it is plain. */
static bool skip_value(struct reader *reader)
{
    blanks(reader);
    size_t at = 0;
    uint32_t size = 0;
    if (reader->at < reader->end && *reader->at == '"') return read_text(reader, &at, &size);
    if (reader->at < reader->end && (*reader->at == '{' || *reader->at == '['))
        return fail(reader, "an answer is one flat object");
    while (reader->at < reader->end && *reader->at != ',' && *reader->at != '}') reader->at++;
    return true;
}

struct members {
    bool id, outcome;
    size_t reason_at;
    uint32_t reason_size;
};

static bool read_member(struct reader *reader, struct carrier_answer *out, struct members *members)
{
    size_t key = 0, at = 0;
    uint32_t key_size = 0, size = 0;
    if (!read_text(reader, &key, &key_size)) return false;
    if (!take(reader, ':')) return fail(reader, "expected `:` behind a name");
    if (word_is(reader, key, key_size, "id")) {
        if (!read_text(reader, &at, &size)) return false;
        members->id = crypto_unhex(out->id, sizeof out->id, text_make((const char *)reader->space->bytes + at, size));
        return members->id || fail(reader, "`id` is the effect's id, 32 hexadecimal digits");
    }
    if (word_is(reader, key, key_size, "outcome")) {
        if (!read_text(reader, &at, &size)) return false;
        members->outcome = true;
        out->outcome = word_is(reader, at, size, "done")      ? CARRIED_DONE
                       : word_is(reader, at, size, "refused") ? CARRIED_REFUSED
                                                              : CARRIED_AGAIN;
        return out->outcome != CARRIED_AGAIN || word_is(reader, at, size, "again") ||
               fail(reader, "`outcome` is done, again or refused");
    }
    if (word_is(reader, key, key_size, "reason")) return read_text(reader, &members->reason_at, &members->reason_size);
    if (word_is(reader, key, key_size, "after")) return read_seconds(reader, &out->after_ms);
    if (word_is(reader, key, key_size, "credited")) return read_bool(reader, &out->credited);
    if (word_is(reader, key, key_size, "taken_back")) return read_bool(reader, &out->taken_back);
    return skip_value(reader);
}

bool carrier_command_read(struct carrier_answer *out, struct buffer *space, struct text line, const char **why_out)
{
    struct reader reader = {.at = line.at, .end = line.at + line.size, .space = space};
    struct members members = {.id = false};
    memset(out, 0, sizeof *out);
    buffer_clear(space);
    bool fine = take(&reader, '{') || fail(&reader, "expected `{`: one JSON object a line");
    while (fine) {
        fine = read_member(&reader, out, &members);
        if (fine && !take(&reader, ',')) break;
    }
    if (fine) fine = take(&reader, '}') || fail(&reader, "expected `,` or `}`");
    blanks(&reader);
    if (fine) fine = reader.at == reader.end || fail(&reader, "something stands behind the closing `}`");
    if (fine) fine = members.id || fail(&reader, "the answer has no `id`");
    if (fine) fine = members.outcome || fail(&reader, "the answer has no `outcome`");
    out->reason = members.reason_size == 0
                      ? TEXT("")
                      : text_make((const char *)space->bytes + members.reason_at, members.reason_size);
    *why_out = reader.wrong;
    return fine;
}

/* ---------------------------------------------------------------- the program */

static enum status start(struct carrier_command *self, struct error *error)
{
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0) return error_set(error, STATUS_IO, "the system gives no pipe: %s", strerror(errno));
    if (pipe2(out, O_CLOEXEC) != 0) {
        (void)close(in[0]);
        (void)close(in[1]);
        return error_set(error, STATUS_IO, "the system gives no pipe: %s", strerror(errno));
    }
    pid_t child = fork();
    if (child == 0) {
        (void)dup2(in[0], STDIN_FILENO);
        (void)dup2(out[1], STDOUT_FILENO);
        (void)signal(SIGPIPE, SIG_DFL);
        (void)execl("/bin/sh", "sh", "-c", self->command, (char *)NULL);
        _exit(127);
    }
    (void)close(in[0]);
    (void)close(out[1]);
    if (child < 0) {
        (void)close(in[1]);
        (void)close(out[0]);
        return error_set(error, STATUS_IO, "the system starts no program: %s", strerror(errno));
    }
    (void)fcntl(in[1], F_SETFL, O_NONBLOCK);
    (void)fcntl(out[0], F_SETFL, O_NONBLOCK);
    self->child = child;
    self->to = in[1];
    self->from = out[0];
    self->in_vain++;
    return OK;
}

static void say_how(struct carrier_command *self, int status)
{
    if (WIFEXITED(status)) {
        (void)snprintf(self->ended, sizeof self->ended, "the program that carries ended with status %d",
                       WEXITSTATUS(status));
    } else {
        (void)snprintf(self->ended, sizeof self->ended, "the program that carries was ended by signal %d",
                       WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    }
}

/* It has closed its output, or cannot be written to: what it had in hand is tried again. */
static void finish(struct carrier_command *self, carrier_taker taker, void *context)
{
    int status = 0;
    (void)close(self->to);
    (void)close(self->from);
    int64_t until = steady_now() + END_MS;
    pid_t ended;
    while ((ended = waitpid(self->child, &status, WNOHANG)) == 0 && steady_now() < until) {
        const struct timespec little = {.tv_nsec = 5000000};
        (void)nanosleep(&little, NULL);
    }
    if (ended == 0) {
        (void)kill(self->child, SIGKILL);
        (void)waitpid(self->child, &status, 0);
    }
    say_how(self, status);
    self->child = 0;
    self->to = self->from = -1;
    buffer_clear(&self->out);
    buffer_clear(&self->in);
    int64_t rest = REST_MS;
    for (uint32_t i = 1; i < self->in_vain; i++) rest *= 2;
    self->rests_until = steady_now() + (self->in_vain == 0 ? 0 : rest);
    while (self->flights > 0 && taker != NULL) {
        struct carrier_answer answer = {.outcome = CARRIED_AGAIN, .reason = text_of(self->ended)};
        memcpy(answer.id, self->flight[--self->flights].id, sizeof answer.id);
        taker(context, &answer);
    }
    self->flights = 0;
}

static bool ready(void *context)
{
    const struct carrier_command *self = context;
    return self->child != 0 || (self->in_vain < STARTS_IN_VAIN && steady_now() >= self->rests_until);
}

static bool hand(void *context, const struct delivery *delivery, const char **reason)
{
    struct carrier_command *self = context;
    struct error error = ERROR_NONE;
    if (self->child == 0) {
        *reason = self->ended[0] != 0 ? self->ended : "the program that carries cannot be started";
        if (self->in_vain >= STARTS_IN_VAIN || steady_now() < self->rests_until) return false;
        if (start(self, &error) != OK) return false;
    }
    if (self->flights == self->room) {
        uint32_t room = self->room == 0 ? 64 : self->room * 2;
        void *flight = memory_resize_array(self->flight, room, sizeof *self->flight);
        if (flight == NULL) return false;
        self->flight = flight;
        self->room = room;
    }
    buffer_text(&self->out, delivery->bytes);
    buffer_u8(&self->out, '\n');
    if (!buffer_ok(&self->out)) {
        *reason = "memory is out";
        return false;
    }
    memcpy(self->flight[self->flights++].id, delivery->id, sizeof delivery->id);
    return true;
}

static void forget(struct carrier_command *self, const uint8_t id[16])
{
    for (uint32_t i = 0; i < self->flights; i++) {
        if (memcmp(self->flight[i].id, id, sizeof self->flight[i].id) != 0) continue;
        self->flight[i] = self->flight[--self->flights];
        return;
    }
}

/* Whole lines of what came; how many were answers. */
static uint32_t take_lines(struct carrier_command *self, carrier_taker taker, void *context)
{
    struct buffer space = BUFFER_EMPTY;
    uint32_t answers = 0;
    size_t at = 0;
    while (at < self->in.size) {
        const char *line = (const char *)self->in.bytes + at;
        const char *end = memchr(line, '\n', self->in.size - at);
        if (end == NULL) break;
        size_t size = (size_t)(end - line);
        at += size + 1;
        struct carrier_answer answer;
        const char *why = NULL;
        if (size > 0 && carrier_command_read(&answer, &space, text_make(line, size), &why)) {
            forget(self, answer.id);
            taker(context, &answer);
            self->in_vain = 0;
            answers++;
        } else {
            self->strange++;
            self->strange_why = size == 0 ? "an empty line" : why;
        }
    }
    if (at > 0) {
        memmove(self->in.bytes, self->in.bytes + at, self->in.size - at);
        self->in.size -= at;
    } else if (self->in.size > LINE_MAX_BYTES) {
        self->strange++;
        self->strange_why = "a line longer than 65,536 bytes";
        buffer_clear(&self->in);
    }
    buffer_deinit(&space);
    return answers;
}

/* False: it has gone. */
static bool write_some(struct carrier_command *self)
{
    while (self->out.size > 0) {
        ssize_t put = write(self->to, self->out.bytes, self->out.size);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return errno == EAGAIN;
        memmove(self->out.bytes, self->out.bytes + put, self->out.size - (size_t)put);
        self->out.size -= (size_t)put;
    }
    return true;
}

static bool read_some(struct carrier_command *self)
{
    for (;;) {
        if (!buffer_reserve(&self->in, LINE_MAX_BYTES)) return false;
        ssize_t got = read(self->from, self->in.bytes + self->in.size, LINE_MAX_BYTES);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno == EAGAIN;
        if (got == 0) return false;
        self->in.size += (size_t)got;
        return true;
    }
}

static enum status answers(void *context, int64_t wait_ms, carrier_taker taker, void *given, struct error *error)
{
    struct carrier_command *self = context;
    int64_t until = steady_now() + wait_ms;
    for (;;) {
        if (self->child == 0) {
            if (self->in_vain >= STARTS_IN_VAIN)
                return error_set(error, STATUS_IO,
                                 "`%s` was started %d times and answered nothing (%s); try it by hand: it reads a line "
                                 "for each effect and answers each with {\"id\":…,\"outcome\":\"done\"}",
                                 self->command, STARTS_IN_VAIN, self->ended);
            int64_t rest = self->rests_until - steady_now();
            if (rest > wait_ms) rest = wait_ms;
            if (rest > 0) (void)poll(NULL, 0, (int)rest);
            return OK;
        }
        int64_t left = until - steady_now();
        struct pollfd files[2] = {{.fd = self->from, .events = POLLIN}, {.fd = self->to, .events = POLLOUT}};
        int ready = poll(files, self->out.size > 0 ? 2 : 1, left > 0 ? (int)(left > 1000 ? 1000 : left) : 0);
        if (ready < 0 && errno != EINTR)
            return error_set(error, STATUS_IO, "waiting for `%s` failed: %s", self->command, strerror(errno));
        bool there = true;
        if (ready > 0 && self->out.size > 0 && files[1].revents != 0) there = write_some(self);
        bool readable = ready > 0 && files[0].revents != 0;
        if (readable) there = read_some(self) && there;
        uint32_t came = readable ? take_lines(self, taker, given) : 0;
        if (!there) {
            while (read_some(self)) came += take_lines(self, taker, given);
            finish(self, taker, given);
            return OK;
        }
        if (came > 0 && self->out.size == 0) return OK;
        if (ready <= 0 && left <= 0) return OK;
    }
}

enum status carrier_command_open(struct carrier_command **out, const char *command, struct carrier *carrier,
                                 struct error *error)
{
    struct carrier_command *self = memory_alloc(sizeof *self);
    if (self == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory to carry");
    *self = (struct carrier_command){.command = command, .to = -1, .from = -1};
    buffer_init(&self->out, 0);
    buffer_init(&self->in, 0);
    (void)signal(SIGPIPE, SIG_IGN);
    *carrier = (struct carrier){.context = self, .hand = hand, .ready = ready, .answers = answers};
    *out = self;
    return OK;
}

void carrier_command_close(struct carrier_command *self)
{
    if (self == NULL) return;
    if (self->child != 0) finish(self, NULL, NULL);
    buffer_deinit(&self->out);
    buffer_deinit(&self->in);
    memory_release(self->flight);
    memory_release(self);
}

uint64_t carrier_command_strange(const struct carrier_command *self, const char **why_out)
{
    *why_out = self->strange_why;
    return self->strange;
}
