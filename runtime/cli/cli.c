/*
 * Files and messages of the commands: reading paths, writing whole files, saying what is wrong.
 *
 * Nothing here knows about campaigns. Next: runtime/cli/command_check.c.
 */
#include "runtime/cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "vm/limits.h"
#include "vm/program.h"
#include "vm/zone.h"

enum {
    FOLDER_DEPTH_MAX = 32,
    ARENA_LIMIT = 512 * 1024 * 1024,
};

int cli_fail(int status, const char *format, ...)
{
    va_list arguments;
    fflush(stdout);
    fputs(cli_colour(stderr) ? "\033[1;31mpromo:\033[0m " : "promo: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return status;
}

void cli_hint(const char *format, ...)
{
    va_list arguments;
    fputs("  help: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void cli_zones(const char *path, const struct program *program)
{
    if (text_equal(program_text(program, program->workspace->zone_hash), text_of(zone_hash()))) return;
    fprintf(
        stderr,
        "promo: `%s` was checked with the zone rules of tzdata %.*s, this program has %s: local times may differ where "
        "rules changed between\n",
        path, TEXT_ARGS(program_text(program, program->workspace->zone_version)), zone_version());
    cli_hint("build it again from its source with `promo build`");
}

static bool cut_short;

bool cli_cut_short(void)
{
    return cut_short;
}

void cli_print(FILE *stream, const struct buffer *text)
{
    if (text->failed && !cut_short) {
        cut_short = true;
        cli_fail(CLI_USAGE, "memory ran out: what is printed is not whole");
    }
    if (text->size > 0) {
        fwrite(text->bytes, 1, text->size, stream);
    }
}

int64_t cli_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const char *cli_by(const char *given)
{
    const char *name = given != NULL ? given : getenv("USER");
    if (name == NULL || strlen(name) > LIMIT_ID_BYTES) return "";
    for (const char *at = name; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20) return "";
    }
    return name;
}

const char *cli_by_option(const char *argument, struct argp_state *state)
{
    if (argument[0] == '\0' || cli_by(argument)[0] == '\0') {
        argp_error(state, "`%s` is no name for --by; write 1 to %d bytes without control characters", argument,
                   LIMIT_ID_BYTES);
    }
    return argument;
}

bool cli_colour(FILE *stream)
{
    const char *no_colour = getenv("NO_COLOR");
    if (no_colour != NULL && no_colour[0] != '\0') {
        return false;
    }
    return isatty(fileno(stream)) != 0;
}

bool cli_parse(const struct argp *argp, int argc, char **argv, void *input, int *out_status)
{
    argp_err_exit_status = CLI_USAGE;
    const error_t result = argp_parse(argp, argc, argv, 0, NULL, input);
    if (result != 0) {
        *out_status = CLI_USAGE;
        return false;
    }
    *out_status = CLI_FINE;
    return true;
}

uint64_t cli_number(struct argp_state *state, const char *argument, uint64_t least, uint64_t most, const char *what)
{
    char *end = NULL;
    errno = 0;
    const unsigned long long number = strtoull(argument, &end, 10);
    if (errno != 0 || argument[0] < '0' || argument[0] > '9' || *end != '\0' || number < least || number > most) {
        if (most == UINT64_MAX) {
            argp_error(state, "`%s` is not a number of %s: write a whole number from %" PRIu64 " upwards", argument,
                       what, least);
        } else {
            argp_error(state, "`%s` is not a number of %s: write a whole number from %" PRIu64 " to %" PRIu64, argument,
                       what, least, most);
        }
    }
    return number;
}

error_t cli_paths_key(struct cli_paths *paths, int key, struct argp_state *state, const char *missing)
{
    switch (key) {
    case ARGP_KEY_ARGS:
        paths->path = state->argv + state->next;
        paths->count = (unsigned)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "%s", missing); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static bool read_stream(struct buffer *out, int descriptor, const char *name, size_t limit)
{
    for (;;) {
        if (!buffer_reserve(out, 65536)) {
            cli_fail(CLI_USAGE, "`%s` does not fit into memory", name);
            return false;
        }
        const ssize_t got = read(descriptor, out->bytes + out->size, 65535);
        if (got < 0) {
            if (errno == EINTR) {
                continue;
            }
            cli_fail(CLI_USAGE, "`%s` could not be read: %s", name, strerror(errno));
            return false;
        }
        if (got == 0) {
            out->bytes[out->size] = '\0';
            return true;
        }
        out->size += (size_t)got;
        if (out->size > limit) {
            cli_fail(CLI_USAGE, "`%s` has more than %zu bytes; is it the right file?", name, limit);
            return false;
        }
    }
}

bool cli_read(struct buffer *out, const char *path)
{
    return cli_read_limited(out, path, LIMIT_INPUT_FILE_BYTES);
}

bool cli_read_limited(struct buffer *out, const char *path, size_t limit)
{
    if (strcmp(path, "-") == 0) {
        return read_stream(out, STDIN_FILENO, "standard input", limit);
    }
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        cli_fail(CLI_USAGE, "`%s` could not be opened: %s", path, strerror(errno));
        return false;
    }
    const bool fine = read_stream(out, descriptor, path, limit);
    close(descriptor);
    return fine;
}

/* A file that is named twice, or once by itself and once by its folder, is read once. */
static bool is_read(const struct cli_files *files, const struct stat *info)
{
    for (uint32_t i = 0; i < files->count; i++) {
        if (files->file[i].device == info->st_dev && files->file[i].number == info->st_ino && info->st_ino != 0) {
            return true;
        }
    }
    return false;
}

static bool add_file(struct cli_files *files, const char *path)
{
    struct buffer bytes = BUFFER_EMPTY;
    struct stat info = {0};
    const bool from_stdin = strcmp(path, "-") == 0;
    if (!from_stdin && stat(path, &info) == 0 && is_read(files, &info)) {
        return true;
    }
    if (!cli_read(&bytes, path)) {
        buffer_deinit(&bytes);
        return false;
    }
    if (files->count == files->capacity) {
        const uint32_t capacity = files->capacity == 0 ? 16 : files->capacity * 2;
        struct cli_file *larger = arena_alloc(&files->arena, capacity * sizeof *larger);
        if (larger == NULL) {
            buffer_deinit(&bytes);
            cli_fail(CLI_USAGE, "the files do not fit into memory");
            return false;
        }
        if (files->count > 0) {
            memcpy(larger, files->file, files->count * sizeof *larger);
        }
        files->file = larger;
        files->capacity = capacity;
    }
    char *copy = arena_alloc(&files->arena, bytes.size + 1);
    const struct text name = from_stdin ? TEXT("standard input") : text_of(path);
    char *name_copy = arena_alloc(&files->arena, name.size + 1u);
    if (copy == NULL || name_copy == NULL || bytes.size > UINT32_MAX) {
        buffer_deinit(&bytes);
        cli_fail(CLI_USAGE, "`%s` does not fit into memory", path);
        return false;
    }
    if (bytes.size > 0) {
        memcpy(copy, bytes.bytes, bytes.size);
    }
    memcpy(name_copy, name.at, name.size);
    files->file[files->count++] = (struct cli_file){
        .path = {.at = name_copy, .size = name.size},
        .bytes = {.at = copy, .size = (uint32_t)bytes.size},
        .device = info.st_dev,
        .number = info.st_ino,
    };
    buffer_deinit(&bytes);
    return true;
}

static bool has_ending(const char *name)
{
    return text_ends_with(text_of(name), TEXT(".promo"));
}

static int by_name(const struct dirent **one, const struct dirent **other)
{
    return strcmp((*one)->d_name, (*other)->d_name);
}

static bool add_folder(struct cli_files *files, const char *path, unsigned depth, bool *found)
{
    if (depth > FOLDER_DEPTH_MAX) {
        cli_fail(CLI_USAGE, "`%s` lies more than %d folders deep", path, FOLDER_DEPTH_MAX);
        return false;
    }
    struct dirent **entries = NULL;
    const int count = scandir(path, &entries, NULL, by_name);
    if (count < 0) {
        cli_fail(CLI_USAGE, "the folder `%s` could not be read: %s", path, strerror(errno));
        return false;
    }
    bool fine = true;
    for (int i = 0; i < count; i++) {
        char *child = NULL;
        struct stat status;
        if (fine && entries[i]->d_name[0] != '.') {
            const size_t size = strlen(path);
            const bool slash = size > 0 && path[size - 1] == '/';
            if (asprintf(&child, "%s%s%s", path, slash ? "" : "/", entries[i]->d_name) < 0) {
                child = NULL;
                fine = false;
            } else if (stat(child, &status) == 0) {
                if (S_ISDIR(status.st_mode)) {
                    fine = add_folder(files, child, depth + 1, found);
                } else if (has_ending(child)) {
                    *found = true;
                    fine = add_file(files, child);
                }
            }
        }
        free(child);
        free(entries[i]);
    }
    free(entries);
    return fine;
}

bool cli_files_read(struct cli_files *files, char **paths, unsigned count)
{
    memset(files, 0, sizeof *files);
    arena_init(&files->arena, ARENA_LIMIT);
    for (unsigned i = 0; i < count; i++) {
        struct stat status;
        if (strcmp(paths[i], "-") != 0 && stat(paths[i], &status) == 0 && S_ISDIR(status.st_mode)) {
            bool found = false;
            if (!add_folder(files, paths[i], 0, &found)) {
                return false;
            }
            if (!found) {
                cli_fail(CLI_USAGE, "the folder `%s` holds no .promo file", paths[i]);
                return false;
            }
        } else if (!add_file(files, paths[i])) {
            return false;
        }
    }
    return true;
}

void cli_files_release(struct cli_files *files)
{
    arena_deinit(&files->arena);
}

static bool write_all(int descriptor, struct text bytes)
{
    size_t done = 0;
    while (done < bytes.size) {
        const ssize_t put = write(descriptor, bytes.at + done, bytes.size - done);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return false;
        }
        done += (size_t)put;
    }
    return true;
}

bool cli_write(const char *path, struct text bytes)
{
    if (strcmp(path, "-") == 0) {
        fflush(stdout);
        if (!write_all(STDOUT_FILENO, bytes)) {
            cli_fail(CLI_USAGE, "standard output could not be written: %s", strerror(errno));
            return false;
        }
        return true;
    }
    char *beside = NULL;
    if (asprintf(&beside, "%s.new-%ld", path, (long)getpid()) < 0) {
        cli_fail(CLI_USAGE, "memory is out");
        return false;
    }
    const int descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool fine = descriptor >= 0 && write_all(descriptor, bytes) && fsync(descriptor) == 0;
    if (descriptor >= 0) {
        fine = close(descriptor) == 0 && fine;
    }
    fine = fine && rename(beside, path) == 0;
    if (!fine) {
        cli_fail(CLI_USAGE, "`%s` could not be written: %s", path, strerror(errno));
        unlink(beside);
    }
    free(beside);
    return fine;
}

bool cli_write_secret(const char *path, struct text bytes)
{
    const int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        cli_fail(CLI_USAGE,
                 errno == EEXIST ? "`%s` is there already (%s); a key is never written over"
                                 : "`%s` could not be made: %s",
                 path, strerror(errno));
        return false;
    }
    bool fine = write_all(descriptor, bytes) && fsync(descriptor) == 0;
    fine = close(descriptor) == 0 && fine;
    if (!fine) {
        cli_fail(CLI_USAGE, "`%s` could not be written: %s", path, strerror(errno));
        unlink(path);
    }
    return fine;
}

struct text cli_workspace_name(struct arena *arena, const char *path)
{
    /* `.`, `..` and links name the folder they lead to: the name is part of every effect's identity. */
    char *real = realpath(path, NULL);
    struct text text = arena_copy_text(arena, text_of(real != NULL ? real : path));
    free(real);
    for (uint32_t i = text.size; i > 0; i--) {
        if (text.at[i - 1] == '/') {
            text = text_slice(text, i, text.size - i);
            break;
        }
    }
    if (text_ends_with(text, TEXT(".promo"))) {
        text.size -= 6;
    }
    return text.size == 0 || text_equal(text, TEXT("-")) ? TEXT("workspace") : text;
}
