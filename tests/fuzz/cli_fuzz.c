/*
 * Fuzz target: command lines. An input is arguments, one a line; behind a NUL byte stand the bytes of two files that they may name, `in` and `more`
 * (parted by another NUL). The whole program runs in this process, in a scratch folder with a small project, its bundle, a database and a
 * key. Any exit status from 0 to 2 is right; a crash is not.
 *
 * Not `deliver`: it starts other programs. argp would end the process where usage is wrong; the linker's --wrap takes us back instead. Arguments that name places outside the folder are passed
 * over. Leaks are not judged here: a jump out of the middle leaves something behind (`make oom` judges them).
 */
int promo_main(int argc, char **argv);

#define main promo_main
#include "runtime/cli/main.c"
#undef main

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
error_t __real_argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags, int *index, void *input);
error_t __wrap_argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags, int *index, void *input);
void __wrap_argp_error(const struct argp_state *state, const char *format, ...);
void __wrap_argp_failure(const struct argp_state *state, int status, int number, const char *format, ...);
void __wrap_argp_usage(const struct argp_state *state);

int __lsan_is_turned_off(void);

int __lsan_is_turned_off(void)
{
    return 1;
}

enum { ARGUMENTS_MAX = 20 };

static jmp_buf ended;
static char scratch[64];
static int home = -1;

error_t __wrap_argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags, int *index, void *input)
{
    return __real_argp_parse(argp, argc, argv, flags | ARGP_NO_EXIT, index, input);
}

void __wrap_argp_error(const struct argp_state *state, const char *format, ...)
{
    (void)state;
    (void)format;
    longjmp(ended, CLI_USAGE);
}

void __wrap_argp_failure(const struct argp_state *state, int status, int number, const char *format, ...)
{
    (void)state;
    (void)number;
    (void)format;
    if (status != 0) longjmp(ended, CLI_USAGE);
}

void __wrap_argp_usage(const struct argp_state *state)
{
    (void)state;
    longjmp(ended, CLI_USAGE);
}

static const char project[] = "campaign \"Hello\"\n"
                              "  product casino\n"
                              "  currency EUR\n"
                              "  start on deposit\n"
                              "  budget\n"
                              "    total 20 EUR\n"
                              "  end\n"
                              "  offer cash \"gift\"\n"
                              "    amount 5 EUR\n"
                              "    wagering none\n"
                              "  end\n"
                              "  step \"Only\"\n"
                              "    credit \"gift\", otherwise finish as \"EMPTY\"\n"
                              "    wait 1 day\n"
                              "    finish as \"DONE\"\n"
                              "  end\n"
                              "end\n";
static const char events[] = "{\"id\":\"1\",\"event\":\"deposit\",\"player\":\"p1\",\"at\":\"2026-06-10T10:00:00Z\","
                             "\"data\":{\"amount\":\"20.00 EUR\",\"first\":false,\"method\":\"card\"}}\n"
                             "{\"id\":\"2\",\"event\":\"deposit\",\"player\":\"p2\",\"at\":\"2026-06-10T11:00:00Z\","
                             "\"data\":{\"amount\":\"10.00 EUR\",\"first\":false,\"method\":\"card\"}}\n";

static void put_file(const char *name, const void *bytes, size_t size)
{
    const int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || write(file, bytes, size) != (ssize_t)size) abort();
    (void)close(file);
}

/* Runs the program in the scratch folder; its exit status. */
static int run(int argc, char **argv)
{
    const int jumped = setjmp(ended);
    if (jumped != 0) return jumped;
    optind = 0;
    clearerr(stdout);
    return promo_main(argc, argv);
}

static void empty_scratch(void)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", scratch);
    if (home >= 0 && fchdir(home) == 0 && system(command) != 0) (void)fprintf(stderr, "%s is left\n", scratch);
}

static void make_scratch(void)
{
    char quick[] = "/dev/shm/promo-cli-XXXXXX", slow[] = "/tmp/promo-cli-XXXXXX";
    const char *made = mkdtemp(quick);
    if (made == NULL) made = mkdtemp(slow);
    if (made == NULL) abort();
    (void)snprintf(scratch, sizeof scratch, "%s", made);
    home = open(".", O_RDONLY | O_DIRECTORY);
    if (home < 0 || atexit(empty_scratch) != 0) abort();
}

/* What commands may have changed is made anew; the database is a new one then. */
static void fill_scratch(void)
{
    static const char *const leftovers[] = {"a.db",          "a.db-keys",     "a.db-wal", "a.db-shm",
                                            "a.db-keys-wal", "a.db-keys-shm", "a.db-lock"};
    char *const build[] = {(char[]){"promo"},       (char[]){"run"},      (char[]){"--bundle"},
                           (char[]){"hello.promo"}, (char[]){"--events"}, (char[]){"events.ndjson"},
                           (char[]){"--db"},        (char[]){"a.db"},     NULL};
    char *argv[16];
    for (size_t i = 0; i < sizeof leftovers / sizeof *leftovers; i++) (void)unlink(leftovers[i]);
    put_file("hello.promo", project, sizeof project - 1);
    put_file("events.ndjson", events, sizeof events - 1);
    put_file("key", "0123456789abcdef0123456789abcdef", 32);
    memcpy(argv, build, sizeof build);
    if (run(8, argv) != CLI_FINE) abort();
}

/* Only names within the folder. */
static bool stays_inside(const char *argument)
{
    for (const char *at = argument; *at != 0; at++) {
        if (at[0] == '/' && (at == argument || at[-1] == '=' || !((at[-1] >= 'a' && at[-1] <= 'z') || at[-1] == '.')))
            return false;
        if (at[0] == '.' && at[1] == '.') return false;
        if (at[0] == '~') return false;
    }
    return strstr(argument, "file:") == NULL && strchr(argument, '/') == NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned runs;
    char text[2048];
    char *argv[ARGUMENTS_MAX + 2] = {(char[]){"promo"}};
    int argc = 1;
    const uint8_t *files = memchr(data, 0, size);
    const size_t length = files == NULL ? size : (size_t)(files - data);
    if (length >= sizeof text || size > 8192) return -1;
    memcpy(text, data, length);
    text[length] = 0;
    for (char *at = text; *at != 0 && argc < ARGUMENTS_MAX;) {
        char *end = at + strcspn(at, "\n");
        const bool last = *end == 0;
        *end = 0;
        if (!stays_inside(at)) return -1;
        argv[argc++] = at;
        at = last ? end : end + 1;
    }
    argv[argc] = NULL;
    /* It starts a command that the arguments name. */
    if (argc > 1 && strcmp(argv[1], "deliver") == 0) return -1;
    if (scratch[0] == 0) make_scratch();
    if (chdir(scratch) != 0) abort();
    if (runs++ % 16 == 0) {
        if (runs % 512 == 1) {
            empty_scratch();
            if (mkdir(scratch, 0700) != 0 || chdir(scratch) != 0) abort();
        }
        fill_scratch();
    }
    const size_t rest = files == NULL ? 0 : size - length - 1;
    const uint8_t *second = rest == 0 ? NULL : memchr(files + 1, 0, rest);
    put_file("in", files == NULL ? data : files + 1, second == NULL ? rest : (size_t)(second - files - 1));
    put_file("more", second == NULL ? data : second + 1, second == NULL ? 0 : size - (size_t)(second + 1 - data));
    const int standard_input = open("in", O_RDONLY);
    if (standard_input < 0 || dup2(standard_input, 0) < 0) abort();
    (void)close(standard_input);
    const int status = run(argc, argv);
    if (fchdir(home) != 0) abort();
    if (status < CLI_FINE || status > CLI_USAGE) {
        (void)fprintf(stderr, "exit status %d\n", status);
        abort();
    }
    return 0;
}
