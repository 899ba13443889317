/*
 * `make tidy`: the rules of the house that a compiler does not know. It reads the source tree and says what breaks them:
 * directions between layers, foreign libraries, anchors into the specification, rows of tables without a test, stale
 * generated pages, files that grew too long, and what should not be there at all.
 *
 * Not a style checker (clang-format is one) and not a build step. tests/tidy/run.sh plants each mistake and sees it found.
 * To allow something new, change the tables at the top.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINES_MAX = 1200, PATH_SIZE = 512, FILES_MAX = 20000, CHECKS_MAX = 16 };

/* Who may include what. A folder may always include itself. */
static const struct layer {
    const char *folder;
    const char *may_include; /* folders with a blank around each */
} layers[] = {
    {"spec", " "},
    {"vm", " spec "},
    {"compiler", " vm spec "},
    {"runtime/engine", " vm spec "},
    {"runtime/store", " runtime/engine vm spec "},
    {"runtime/channels", " vm spec "},
    {"runtime/lab", " runtime/channels runtime/store runtime/engine compiler vm spec "},
    {"runtime/cli", " runtime/lab runtime/channels runtime/store runtime/engine compiler vm spec "},
    {"tests", " runtime/cli runtime/lab runtime/channels runtime/store runtime/engine compiler vm spec "},
    {"examples", " runtime/cli runtime/lab runtime/channels runtime/store runtime/engine compiler vm spec "},
};

/* Headers of foreign libraries: beside tests, one folder may know each. */
static const char *const foreign[] = {"sqlite3.h", "jansson.h", "sodium.h", "utf8proc.h",
                                      "xxhash.h",  "glib.h",    "cmark.h",  "unicode/"};

/* Calls that would let a clock, a file or chance into a pure layer. */
static const char *const impure[] = {"time(NULL", "clock_gettime(", "gettimeofday(", "localtime",  "fopen(",  "open(",
                                     "rand(",     "random(",        "getenv(",       "getrandom(", "pthread_"};

static const char *const top_level[] = {
    ".ci",          ".clang-format", ".clang-tidy", ".editorconfig", ".git",  ".gitignore",     "ARCHITECTURE.md",
    "CHANGELOG.md", "LICENSE",       "Makefile",    "README.md",     "build", "compiler",       "examples",
    "runtime",      "spec",          "stdlib",      "tests",         "vm",    ".gitattributes", "CONTRIBUTING.md",
    ".github",
};

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* ---- the list of checks and their findings ---- */

static struct check {
    const char *name;
    unsigned findings;
} checks[CHECKS_MAX];
static unsigned check_count;

static void begin_check(const char *name)
{
    checks[check_count++].name = name;
}

__attribute__((format(printf, 1, 2))) static void find(const char *format, ...)
{
    struct check *check = &checks[check_count - 1];
    check->findings++;
    va_list arguments;
    va_start(arguments, format);
    printf("tidy: ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
}

/* ---- files ---- */

struct source {
    char path[PATH_SIZE];
    char *bytes; /* NUL-ended */
    size_t size;
    unsigned lines;
};

static struct source *sources;
static unsigned source_count;

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text);
    size_t end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static bool is_code(const char *path)
{
    static const char *const ends[] = {".c", ".h", ".re", ".y", ".inc", ".def"};
    for (size_t index = 0; index < COUNT_OF(ends); index++) {
        if (ends_with(path, ends[index])) return true;
    }
    return false;
}

static bool is_read(const char *path)
{
    return is_code(path) || ends_with(path, ".sh") || ends_with(path, "Makefile") || ends_with(path, ".promo") ||
           ends_with(path, ".asm") || ends_with(path, ".md");
}

/* The file's bytes with a NUL after them, or NULL. The caller frees them. */
static char *read_file(const char *path, size_t *size_out)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    size_t size = 0;
    size_t room = 65536;
    char *bytes = malloc(room + 1);
    for (size_t got; bytes != NULL && (got = fread(bytes + size, 1, room - size, file)) > 0;) {
        size += got;
        if (size == room) {
            room *= 2;
            bytes = realloc(bytes, room + 1);
        }
    }
    fclose(file);
    if (bytes == NULL) return NULL;
    bytes[size] = 0;
    *size_out = size;
    return bytes;
}

static void add_source(const char *path)
{
    if (source_count == FILES_MAX) {
        fprintf(stderr, "tidy: more than %d files\n", FILES_MAX);
        exit(2);
    }
    struct source *source = &sources[source_count];
    snprintf(source->path, sizeof source->path, "%s", path);
    source->bytes = read_file(path, &source->size);
    if (source->bytes == NULL) return;
    for (size_t index = 0; index < source->size; index++) source->lines += source->bytes[index] == '\n';
    source_count++;
}

static void walk(const char *folder)
{
    DIR *handle = opendir(folder);
    if (handle == NULL) return;
    for (struct dirent *entry; (entry = readdir(handle)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        char path[PATH_SIZE];
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path) continue;
        struct stat information;
        if (lstat(path, &information) != 0) continue;
        if (S_ISDIR(information.st_mode)) {
            walk(path);
        } else if (S_ISREG(information.st_mode) && is_read(path)) {
            add_source(path);
        }
    }
    closedir(handle);
}

static int compare_sources(const void *left, const void *right)
{
    const struct source *a = left;
    const struct source *b = right;
    return strcmp(a->path, b->path);
}

static const struct source *source_at(const char *path)
{
    for (unsigned index = 0; index < source_count; index++) {
        if (strcmp(sources[index].path, path) == 0) return &sources[index];
    }
    return NULL;
}

/* The next line, without its end; false at the end of the file. */
struct lines {
    const char *at;
    unsigned number;
    char text[2048];
};

static bool next_line(struct lines *lines)
{
    if (*lines->at == 0) return false;
    size_t size = strcspn(lines->at, "\n");
    size_t kept = size < sizeof lines->text - 1 ? size : sizeof lines->text - 1;
    memcpy(lines->text, lines->at, kept);
    lines->text[kept] = 0;
    lines->at += size + (lines->at[size] == '\n');
    lines->number++;
    return true;
}

static struct lines lines_of(const struct source *source)
{
    return (struct lines){.at = source->bytes, .number = 0, .text = ""};
}

/* ---- layers and libraries ---- */

static const struct layer *layer_of(const char *path)
{
    for (size_t index = 0; index < COUNT_OF(layers); index++) {
        size_t size = strlen(layers[index].folder);
        if (strncmp(path, layers[index].folder, size) == 0 && path[size] == '/') return &layers[index];
    }
    return NULL;
}

/* The name in `#include "name"` (quote '"') or `#include <name>` (quote '<'), or false. */
static bool read_include(const char *line, char quote, char *name, size_t size)
{
    while (*line == ' ' || *line == '\t') line++;
    if (*line != '#') return false;
    line++;
    while (*line == ' ') line++;
    if (!starts_with(line, "include")) return false;
    line += strlen("include");
    while (*line == ' ') line++;
    if (*line != quote) return false;
    line++;
    size_t length = strcspn(line, quote == '<' ? ">" : "\"");
    if (length >= size) return false;
    memcpy(name, line, length);
    name[length] = 0;
    return true;
}

static void check_layers(void)
{
    begin_check("layers");
    for (unsigned index = 0; index < source_count; index++) {
        const struct source *source = &sources[index];
        const struct layer *from = layer_of(source->path);
        if (!is_code(source->path) || from == NULL) continue;
        struct lines lines = lines_of(source);
        char name[PATH_SIZE];
        while (next_line(&lines)) {
            if (!read_include(lines.text, '"', name, sizeof name)) continue;
            const struct layer *to = layer_of(name);
            if (to == NULL) {
                find("%s:%u: `%s` is not written from the repository root", source->path, lines.number, name);
                continue;
            }
            char wanted[PATH_SIZE + 2];
            snprintf(wanted, sizeof wanted, " %s ", to->folder);
            if (to != from && strstr(from->may_include, wanted) == NULL) {
                find("%s:%u: %s may not include `%s` (it may use:%s)", source->path, lines.number, from->folder, name,
                     from->may_include);
            }
        }
    }
}

/* A header, or one of a folder of them ("unicode/"). */
static bool is_of(const char *name, const char *library)
{
    return ends_with(library, "/") ? starts_with(name, library) : strcmp(name, library) == 0;
}

static void check_foreign(void)
{
    begin_check("libraries");
    for (size_t library = 0; library < COUNT_OF(foreign); library++) {
        const struct layer *owner = NULL;
        for (unsigned index = 0; index < source_count; index++) {
            const struct source *source = &sources[index];
            const struct layer *layer = layer_of(source->path);
            if (!is_code(source->path) || layer == NULL || starts_with(source->path, "tests/")) continue;
            struct lines lines = lines_of(source);
            char name[PATH_SIZE];
            while (next_line(&lines)) {
                if (!read_include(lines.text, '<', name, sizeof name) || !is_of(name, foreign[library])) continue;
                if (owner == NULL) owner = layer;
                if (owner != layer) {
                    find("%s:%u: <%s> is included by %s already; one folder knows each library", source->path,
                         lines.number, name, owner->folder);
                }
            }
        }
    }
}

/* Removes comments and the insides of strings of a line, so that words in them do not count. */
static void strip_line(char *line, bool *in_comment)
{
    char *to = line;
    for (const char *from = line; *from != 0;) {
        if (*in_comment) {
            if (from[0] == '*' && from[1] == '/') {
                *in_comment = false;
                from++;
            }
            from++;
        } else if (from[0] == '/' && from[1] == '*') {
            *in_comment = true;
            from += 2;
        } else if (*from == '"') {
            from++;
            while (*from != 0 && *from != '"') from += from[0] == '\\' && from[1] != 0 ? 2 : 1;
            if (*from == '"') from++;
        } else {
            *to++ = *from++;
        }
    }
    *to = 0;
}

static bool is_word_byte(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

static void check_purity(void)
{
    begin_check("purity");
    for (unsigned index = 0; index < source_count; index++) {
        const struct source *source = &sources[index];
        bool pure = starts_with(source->path, "vm/") || starts_with(source->path, "runtime/engine/") ||
                    starts_with(source->path, "compiler/");
        if (!pure || !is_code(source->path) || ends_with(source->path, "_generate.c")) continue;
        struct lines lines = lines_of(source);
        bool in_comment = false;
        while (next_line(&lines)) {
            strip_line(lines.text, &in_comment);
            for (size_t call = 0; call < COUNT_OF(impure); call++) {
                const char *at = strstr(lines.text, impure[call]);
                if (at == NULL || (at > lines.text && is_word_byte(at[-1]))) continue;
                find("%s:%u: `%s` has no place here: the compiler, the VM and the engine know no clock, file or chance",
                     source->path, lines.number, impure[call]);
            }
        }
    }
}

/* ---- the specification ---- */

/* A heading as GitHub makes an anchor of it: lower case, blanks to dashes, punctuation dropped. */
static void slug_of(const char *heading, char *slug, size_t size)
{
    size_t at = 0;
    while (*heading == '#' || *heading == ' ') heading++;
    for (; *heading != 0 && at + 1 < size; heading++) {
        if (is_word_byte(*heading) || *heading == '-') {
            slug[at++] = (char)tolower((unsigned char)*heading);
        } else if (*heading == ' ') {
            slug[at++] = '-';
        }
    }
    slug[at] = 0;
}

static bool has_anchor(const struct source *page, const char *anchor)
{
    struct lines lines = lines_of(page);
    bool in_code = false;
    while (next_line(&lines)) {
        if (starts_with(lines.text, "```")) in_code = !in_code;
        char slug[PATH_SIZE];
        if (!in_code && lines.text[0] == '#') {
            slug_of(lines.text, slug, sizeof slug);
            if (strcmp(slug, anchor) == 0) return true;
        }
        char explicit_anchor[PATH_SIZE + 16];
        snprintf(explicit_anchor, sizeof explicit_anchor, "<a id=\"%s\">", anchor);
        if (strstr(lines.text, explicit_anchor) != NULL) return true;
    }
    return false;
}

static void check_anchors(void)
{
    begin_check("anchors");
    for (unsigned index = 0; index < source_count; index++) {
        const struct source *source = &sources[index];
        if (!is_code(source->path) || starts_with(source->path, "tests/tidy/")) continue;
        struct lines lines = lines_of(source);
        while (next_line(&lines)) {
            for (const char *at = lines.text; (at = strstr(at, "spec: ")) != NULL;) {
                at += strlen("spec: ");
                char page_name[128];
                char anchor[128];
                if (sscanf(at, "%120[A-Za-z0-9_./-]#%120[a-z0-9_-]", page_name, anchor) != 2) continue;
                char path[PATH_SIZE];
                snprintf(path, sizeof path, "spec/%s", page_name);
                const struct source *page = source_at(path);
                if (page == NULL) {
                    find("%s:%u: there is no page `%s`", source->path, lines.number, path);
                } else if (!has_anchor(page, anchor)) {
                    find("%s:%u: `%s` has no heading for `#%s`", source->path, lines.number, path, anchor);
                }
            }
        }
    }
}

/* Links between pages: [words](page.md#anchor) must lead somewhere. */
static void check_links(void)
{
    begin_check("links");
    for (unsigned index = 0; index < source_count; index++) {
        const struct source *source = &sources[index];
        if (!ends_with(source->path, ".md")) continue;
        struct lines lines = lines_of(source);
        bool in_code = false;
        while (next_line(&lines)) {
            if (starts_with(lines.text, "```")) in_code = !in_code;
            if (in_code) continue;
            for (const char *at = lines.text; (at = strstr(at, "](")) != NULL;) {
                at += 2;
                char target[PATH_SIZE];
                size_t size = strcspn(at, ")# ");
                if (size == 0 || size >= sizeof target || strncmp(at, "http", 4) == 0 ||
                    strncmp(at, "mailto", 6) == 0 || *at == '{')
                    continue;
                memcpy(target, at, size);
                target[size] = 0;
                char path[2 * PATH_SIZE];
                const char *slash = strrchr(source->path, '/');
                int folder = slash == NULL ? 0 : (int)(slash - source->path) + 1;
                snprintf(path, sizeof path, "%.*s%s", folder, source->path, target);
                struct stat information;
                if (stat(path, &information) != 0) {
                    find("%s:%u: the link leads nowhere: `%s`", source->path, lines.number, target);
                }
            }
        }
    }
}

/* ---- tables and their tests ---- */

/* Reads the arguments of a row `MACRO(a, b, c...`, up to `count`; false when the line is no such row. */
static bool read_row(const char *line, const char *macro, char fields[][64], unsigned count)
{
    size_t size = strlen(macro);
    if (strncmp(line, macro, size) != 0 || line[size] != '(') return false;
    const char *at = line + size + 1;
    for (unsigned index = 0; index < count; index++) {
        while (*at == ' ') at++;
        size_t length = strcspn(at, ",) ");
        if (length == 0 || length >= 64) return false;
        memcpy(fields[index], at, length);
        fields[index][length] = 0;
        at += length;
        at += strcspn(at, ",)");
        if (*at == ',') at++;
    }
    return true;
}

/* Whether the folder holds a file whose name begins and ends so, whatever the case. */
static bool has_file(const char *folder, const char *start, const char *end)
{
    DIR *handle = opendir(folder);
    if (handle == NULL) return false;
    bool found = false;
    for (struct dirent *entry; !found && (entry = readdir(handle)) != NULL;) {
        size_t size = strlen(entry->d_name);
        size_t end_size = strlen(end);
        found = size >= strlen(start) + end_size && strncasecmp(entry->d_name, start, strlen(start)) == 0 &&
                strcasecmp(entry->d_name + size - end_size, end) == 0;
    }
    closedir(handle);
    return found;
}

static void check_diagnostics(void)
{
    begin_check("diagnostics");
    const struct source *table = source_at("spec/diagnostics.def");
    if (table == NULL) return;
    struct lines lines = lines_of(table);
    char fields[3][64];
    while (next_line(&lines)) {
        if (!read_row(lines.text, "DIAGNOSTIC", fields, 3)) continue;
        char start[64];
        snprintf(start, sizeof start, "%c%04d_", fields[1][0] == 'W' ? 'W' : 'E', atoi(fields[0]));
        if (!has_file("tests/diagnostics", start, ".promo") || !has_file("tests/diagnostics", start, ".expected")) {
            find("spec/diagnostics.def:%u: %s has no golden test tests/diagnostics/%s*.promo with its .expected",
                 lines.number, fields[2], start);
        }
    }
}

static void check_opcodes(void)
{
    begin_check("opcodes");
    const struct source *table = source_at("spec/opcodes.def");
    if (table == NULL) return;
    struct lines lines = lines_of(table);
    char fields[2][64];
    while (next_line(&lines)) {
        if (!read_row(lines.text, "OPCODE", fields, 2)) continue;
        char start[80];
        snprintf(start, sizeof start, "op_%s", fields[1]);
        if (!has_file("tests/bytecode", start, "_ok.asm")) {
            find("spec/opcodes.def:%u: %s has no accepted test tests/bytecode/%s_ok.asm", lines.number, fields[1],
                 start);
        }
        if (!has_file("tests/bytecode", start, "_bad.asm")) {
            find("spec/opcodes.def:%u: %s has no refused test tests/bytecode/%s_bad.asm", lines.number, fields[1],
                 start);
        }
    }
}

/* Every number of a table is used once. */
static void check_numbers(void)
{
    begin_check("numbers");
    static const struct {
        const char *path;
        const char *macro;
    } tables[] = {{"spec/opcodes.def", "OPCODE"}, {"spec/diagnostics.def", "DIAGNOSTIC"}};
    for (size_t index = 0; index < COUNT_OF(tables); index++) {
        const struct source *table = source_at(tables[index].path);
        if (table == NULL) continue;
        static unsigned seen[10000];
        memset(seen, 0, sizeof seen);
        struct lines lines = lines_of(table);
        char fields[1][64];
        while (next_line(&lines)) {
            if (!read_row(lines.text, tables[index].macro, fields, 1)) continue;
            int number = atoi(fields[0]);
            if (number <= 0 || number >= 10000) continue;
            if (seen[number] != 0) {
                find("%s:%u: the number %d is used on line %u already", tables[index].path, lines.number, number,
                     seen[number]);
            }
            seen[number] = lines.number;
        }
    }
}

static void check_reference(const char *generator)
{
    begin_check("reference");
    struct stat information;
    if (stat("spec/reference.c", &information) != 0 || generator[0] == 0) return;
    char command[2 * PATH_SIZE];
    if (system("rm -rf build/tidy-reference && mkdir -p build/tidy-reference") != 0) {
        find("build/tidy-reference cannot be made");
        return;
    }
    snprintf(command, sizeof command, "%s build/tidy-reference", generator);
    if (system(command) != 0) {
        find("spec/reference.c: the generator of the reference pages failed");
        return;
    }
    if (system("diff -r spec/reference build/tidy-reference") != 0) {
        find("spec/reference: the pages are not what the tables say; run `%s spec/reference`", generator);
    }
}

/* ---- files as such ---- */

static void check_files(void)
{
    begin_check("files");
    for (unsigned index = 0; index < source_count; index++) {
        const struct source *source = &sources[index];
        const char *path = source->path;
        if ((is_code(path) || ends_with(path, ".sh")) && source->lines > LINES_MAX) {
            find("%s: %u lines; split it by thing (the limit is %d)", path, source->lines, LINES_MAX);
        }
        if (is_code(path) && !ends_with(path, ".inc") && !starts_with(source->bytes, "/*")) {
            find("%s:1: does not begin with a comment on what it is", path);
        }
        if (source->size > 0 && source->bytes[source->size - 1] != '\n') find("%s: the last line has no end", path);
    }
}

static void check_words(void)
{
    begin_check("words");
    static const char *const words[] = {"FIXME", "XXX", "HACK"};
    for (unsigned index = 0; index < source_count; index++) {
        const struct source *source = &sources[index];
        if (ends_with(source->path, ".md") || starts_with(source->path, "tests/tidy/")) continue;
        struct lines lines = lines_of(source);
        while (next_line(&lines)) {
            for (size_t word = 0; word < COUNT_OF(words); word++) {
                const char *at = strstr(lines.text, words[word]);
                if (at == NULL || (at > lines.text && is_word_byte(at[-1])) || is_word_byte(at[strlen(words[word])]))
                    continue;
                find("%s:%u: `%s` is for a branch, not for main", source->path, lines.number, words[word]);
            }
        }
    }
}

/* ---- promises and their tests ---- */

enum { PROMISES_MAX = 400 };

static struct promise {
    char mark[8];
    const char *page;
    unsigned line;
    bool shown;
} promises[PROMISES_MAX];
static unsigned promise_count;

/* Reads a mark: a capital letter and a number. Its length, or 0. */
static size_t read_mark(const char *text, char mark[8])
{
    if (!isupper((unsigned char)text[0])) return 0;
    size_t size = 1;
    while (size < 4 && isdigit((unsigned char)text[size])) size++;
    if (size == 1 || is_word_byte(text[size])) return 0;
    memcpy(mark, text, size);
    mark[size] = 0;
    return size;
}

static struct promise *promise_of(const char *mark)
{
    for (unsigned index = 0; index < promise_count; index++) {
        if (strcmp(promises[index].mark, mark) == 0) return &promises[index];
    }
    return NULL;
}

/* The promises of one page: lines that begin with `- **[D1]**`. */
static void read_promises(const struct source *page)
{
    struct lines lines = lines_of(page);
    while (next_line(&lines)) {
        char mark[8];
        if (!starts_with(lines.text, "- **[") || read_mark(lines.text + 5, mark) == 0) continue;
        const struct promise *before = promise_of(mark);
        if (before != NULL) {
            find("%s:%u: the promise %s stands in %s:%u already", page->path, lines.number, mark, before->page,
                 before->line);
        } else if (promise_count < PROMISES_MAX) {
            struct promise *promise = &promises[promise_count++];
            memcpy(promise->mark, mark, sizeof mark);
            promise->page = page->path;
            promise->line = lines.number;
        }
    }
}

/* The marks behind `promise ` or `promises ` in a line of a test: D1, or D1, X2 and so on. */
static void read_shown(const struct source *source, const struct lines *lines)
{
    for (const char *at = lines->text; (at = strstr(at, "promise")) != NULL;) {
        at += strlen("promise");
        if (*at == 's') at++;
        char mark[8];
        size_t size;
        while (*at == ' ' && (size = read_mark(at + 1, mark)) > 0) {
            struct promise *promise = promise_of(mark);
            if (promise == NULL) {
                find("%s:%u: no page of spec/ makes the promise %s", source->path, lines->number, mark);
            } else {
                promise->shown = true;
            }
            at += 1 + size;
            if (*at == ',') at++;
        }
    }
}

/* Each promise of the specification has a test that names its mark, and each mark that a test names is a promise. */
static void check_promises(void)
{
    begin_check("promises");
    for (unsigned index = 0; index < source_count; index++) {
        const char *path = sources[index].path;
        if (starts_with(path, "spec/") && ends_with(path, ".md")) read_promises(&sources[index]);
    }
    for (unsigned index = 0; index < source_count; index++) {
        const struct source *source = &sources[index];
        if (!starts_with(source->path, "tests/") && !starts_with(source->path, "examples/")) continue;
        if (starts_with(source->path, "tests/tidy/") || ends_with(source->path, ".md")) continue;
        struct lines lines = lines_of(source);
        while (next_line(&lines)) read_shown(source, &lines);
    }
    for (unsigned index = 0; index < promise_count; index++) {
        const struct promise *promise = &promises[index];
        if (!promise->shown) {
            find("%s:%u: no test names it: `promise %s`", promise->page, promise->line, promise->mark);
        }
    }
}

static void check_top_level(void)
{
    begin_check("top level");
    DIR *handle = opendir(".");
    if (handle == NULL) return;
    for (struct dirent *entry; (entry = readdir(handle)) != NULL;) {
        bool known = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        for (size_t index = 0; index < COUNT_OF(top_level); index++) {
            known = known || strcmp(entry->d_name, top_level[index]) == 0;
        }
        if (!known) find("%s: not one of the top-level entries that the house knows", entry->d_name);
    }
    closedir(handle);
}

int main(int argument_count, char **arguments)
{
    if (argument_count < 2 || chdir(arguments[1]) != 0) {
        fprintf(stderr, "usage: tidy FOLDER [REFERENCE-GENERATOR]\n");
        return 2;
    }
    sources = calloc(FILES_MAX, sizeof *sources);
    if (sources == NULL) return 2;
    static const char *const folders[] = {"vm", "compiler", "runtime", "spec", "stdlib", "examples", "tests"};
    for (size_t index = 0; index < COUNT_OF(folders); index++) walk(folders[index]);
    static const char *const pages[] = {"README.md", "ARCHITECTURE.md", "CHANGELOG.md", "Makefile"};
    for (size_t index = 0; index < COUNT_OF(pages); index++) add_source(pages[index]);
    qsort(sources, source_count, sizeof *sources, compare_sources);

    check_layers();
    check_foreign();
    check_purity();
    check_anchors();
    check_links();
    check_diagnostics();
    check_opcodes();
    check_numbers();
    check_reference(argument_count > 2 ? arguments[2] : "");
    check_files();
    check_words();
    check_promises();
    check_top_level();

    unsigned failed = 0;
    for (unsigned index = 0; index < check_count; index++) failed += checks[index].findings > 0;
    for (unsigned index = 0; index < source_count; index++) free(sources[index].bytes);
    free(sources);
    printf("tidy: %u passed, %u failed\n", check_count - failed, failed);
    return failed > 0;
}
