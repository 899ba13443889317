/*
 * Makes wrong versions of a C file, one small mistake each, to see whether the tests notice.
 *
 *   mutate_tool list FILE          a line each: number, line, kind, "from -> to", tab-separated
 *   mutate_tool list FILE SEED     the same with the lot of each before it: whoever sorts by it draws by chance. The lot is made of SEED, FILE, the
 *                                  text of the line, the change, and which of the same in the file it is: no change elsewhere moves it
 *   mutate_tool make FILE NUMBER   the file with that one mistake, on standard output
 *   mutate_tool plant PLANT        the file that a planted mistake (planted/NAME.plant) names, with it, on standard output
 *
 * Mistakes: a comparison with its border moved or turned round, `and` for `or`, plus for minus, a number one too large, a
 * truth turned round, a condition that never holds, a statement left out. Only in bodies of functions; INVARIANT lines are
 * left alone, for they check our own work, and so is what frees memory, which the sanitizers look at. It reads tokens, not the language: what does not compile is no mistake.
 * The runner is run.sh beside it.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENS_MAX = 200000, WORD_SIZE = 64 };

struct token {
    size_t at, size;
    unsigned line;
    bool is_word, is_number;
};

struct file {
    char *bytes;
    size_t size;
    struct token *token;
    size_t count;
};

struct mistake {
    size_t at, size; /* What is replaced. */
    unsigned line;
    const char *kind;
    char to[WORD_SIZE];
};

static struct mistake *mistakes;
static size_t mistake_count;

static char *read_whole(const char *path, size_t *size_out)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "mutate_tool: cannot read %s\n", path);
        exit(2);
    }
    size_t size = 0, room = 1 << 16;
    char *bytes = malloc(room + 1);
    for (size_t got; bytes != NULL && (got = fread(bytes + size, 1, room - size, file)) > 0;) {
        size += got;
        if (size == room) bytes = realloc(bytes, (room *= 2) + 1);
    }
    fclose(file);
    if (bytes == NULL) exit(2);
    bytes[size] = 0;
    *size_out = size;
    return bytes;
}

static bool is_word_byte(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

/* Splits the text into words, numbers and signs; comments, texts and lines of the preprocessor are passed over. */
static void read_tokens(struct file *file)
{
    static const char *const signs[] = {"<<=", ">>=", "...", "->", "++", "--", "<<", ">>", "<=", ">=", "==",
                                        "!=",  "&&",  "||",  "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^="};
    const char *text = file->bytes;
    unsigned line = 1;
    bool begins_line = true;
    file->token = calloc(TOKENS_MAX, sizeof *file->token);
    if (file->token == NULL) exit(2);
    for (size_t at = 0; at < file->size;) {
        char byte = text[at];
        if (byte == '\n') {
            line++;
            begins_line = true;
            at++;
            continue;
        }
        if (isspace((unsigned char)byte)) {
            at++;
            continue;
        }
        if (byte == '#' && begins_line) {
            while (at < file->size && text[at] != '\n') {
                if (text[at] == '\\' && text[at + 1] == '\n') {
                    line++;
                    at++;
                }
                at++;
            }
            continue;
        }
        begins_line = false;
        if (byte == '/' && text[at + 1] == '*') {
            for (at += 2; at < file->size && !(text[at] == '*' && text[at + 1] == '/'); at++) line += text[at] == '\n';
            at += 2;
            continue;
        }
        if (byte == '"' || byte == '\'') {
            for (at++; at < file->size && text[at] != byte; at++) at += text[at] == '\\';
            at++;
            continue;
        }
        size_t size = 1;
        if (is_word_byte(byte)) {
            while (is_word_byte(text[at + size])) size++;
        } else {
            for (size_t sign = 0; sign < sizeof signs / sizeof *signs; sign++) {
                size_t length = strlen(signs[sign]);
                if (strncmp(text + at, signs[sign], length) == 0) {
                    size = length;
                    break;
                }
            }
        }
        if (file->count == TOKENS_MAX) {
            fprintf(stderr, "mutate_tool: more than %d tokens\n", TOKENS_MAX);
            exit(2);
        }
        file->token[file->count++] = (struct token){.at = at,
                                                    .size = size,
                                                    .line = line,
                                                    .is_word = is_word_byte(byte) && !isdigit((unsigned char)byte),
                                                    .is_number = isdigit((unsigned char)byte) != 0};
        at += size;
    }
}

static bool is(const struct file *file, size_t index, const char *text)
{
    return index < file->count && file->token[index].size == strlen(text) &&
           memcmp(file->bytes + file->token[index].at, text, strlen(text)) == 0;
}

static void add(const struct file *file, size_t from, size_t behind, const char *kind, const char *to)
{
    struct mistake *mistake = &mistakes[mistake_count++];
    mistake->at = file->token[from].at;
    mistake->size = file->token[behind - 1].at + file->token[behind - 1].size - mistake->at;
    mistake->line = file->token[from].line;
    mistake->kind = kind;
    snprintf(mistake->to, sizeof mistake->to, "%s", to);
}

/* The token behind the bracket that closes the one at `open`. */
static size_t behind_bracket(const struct file *file, size_t open)
{
    int depth = 0;
    for (size_t index = open; index < file->count; index++) {
        depth += is(file, index, "(") || is(file, index, "[") || is(file, index, "{");
        depth -= is(file, index, ")") || is(file, index, "]") || is(file, index, "}");
        if (depth == 0) return index + 1;
    }
    return file->count;
}

static bool ends_value(const struct file *file, size_t index)
{
    const struct token *token = &file->token[index];
    return (token->is_word && !is(file, index, "return") && !is(file, index, "case")) || token->is_number ||
           is(file, index, ")") || is(file, index, "]");
}

static void swap_sign(const struct file *file, size_t index)
{
    static const struct {
        const char *from, *to, *kind;
        bool needs_value;
    } swaps[] = {
        {"<", "<=", "border", true},    {"<=", "<", "border", false},      {">", ">=", "border", false},
        {">=", ">", "border", false},   {"==", "!=", "turned", false},     {"!=", "==", "turned", false},
        {"&&", "||", "and/or", false},  {"||", "&&", "and/or", false},     {"+", "-", "plus/minus", true},
        {"-", "+", "plus/minus", true}, {"+=", "-=", "plus/minus", false}, {"-=", "+=", "plus/minus", false},
        {"<<", ">>", "shift", false},   {"true", "false", "truth", false}, {"false", "true", "truth", false},
    };
    for (size_t swap = 0; swap < sizeof swaps / sizeof *swaps; swap++) {
        if (!is(file, index, swaps[swap].from)) continue;
        if (swaps[swap].needs_value && (index == 0 || !ends_value(file, index - 1))) continue;
        add(file, index, index + 1, swaps[swap].kind, swaps[swap].to);
    }
}

static void change_number(const struct file *file, size_t index)
{
    const struct token *token = &file->token[index];
    char *end;
    unsigned long value = strtoul(file->bytes + token->at, &end, 0);
    if (end != file->bytes + token->at + token->size || value > 1000000000) return;
    char to[WORD_SIZE];
    snprintf(to, sizeof to, "%lu", value + 1);
    add(file, index, index + 1, "number", to);
}

/* A statement that begins here and can be left out: a call or an assignment, no declaration. */
static void drop_statement(const struct file *file, size_t index)
{
    static const char *const keep[] = {"return",       "if",     "for",    "while", "switch", "case",
                                       "default",      "do",     "else",   "goto",  "break",  "continue",
                                       "sizeof",       "struct", "static", "const", "va_end", "memory_release",
                                       "__attribute__"};
    static const char *const behind[] = {"(", ".", "->", "[", "=", "+=", "-=", "|=", "&=", "++", "--"};
    if (!file->token[index].is_word) return;
    for (size_t word = 0; word < sizeof keep / sizeof *keep; word++) {
        if (is(file, index, keep[word])) return;
    }
    bool fits = false;
    for (size_t sign = 0; sign < sizeof behind / sizeof *behind; sign++)
        fits = fits || is(file, index + 1, behind[sign]);
    if (!fits) return;
    size_t end = index;
    while (end < file->count && !is(file, end, ";")) {
        if (is(file, end, "{") || is(file, end, "}")) return;
        end = is(file, end, "(") || is(file, end, "[") ? behind_bracket(file, end) : end + 1;
    }
    if (end < file->count) add(file, index, end, "left out", "(void)0");
}

static void find_mistakes(const struct file *file)
{
    mistakes = calloc(file->count * 3 + 1, sizeof *mistakes);
    if (mistakes == NULL) exit(2);
    for (size_t index = 0; index < file->count; index++) {
        if (!is(file, index, "{")) continue;
        size_t end = behind_bracket(file, index);
        if (index == 0 || !is(file, index - 1, ")")) { /* A table or a type. */
            index = end - 1;
            continue;
        }
        for (size_t at = index + 1; at + 1 < end; at++) {
            if (is(file, at, "INVARIANT") || is(file, at, "sizeof")) {
                if (is(file, at + 1, "(")) at = behind_bracket(file, at + 1) - 1;
                continue;
            }
            swap_sign(file, at);
            if (file->token[at].is_number) change_number(file, at);
            if (is(file, at, "if") && is(file, at + 1, "(")) {
                add(file, at + 1, behind_bracket(file, at + 1), "never", "(0)");
            }
            bool begins = is(file, at - 1, ";") || is(file, at - 1, "{") || is(file, at - 1, "}") ||
                          is(file, at - 1, ")") || is(file, at - 1, "else") || is(file, at - 1, ":");
            if (begins) drop_statement(file, at);
        }
        index = end - 1;
    }
}

/* FNV-1a over one more piece, with its end told. */
static uint64_t hash_piece(uint64_t hash, const char *bytes, size_t size)
{
    for (size_t at = 0; at < size; at++) hash = (hash ^ (unsigned char)bytes[at]) * UINT64_C(0x100000001B3);
    return (hash ^ 0x100) * UINT64_C(0x100000001B3);
}

/* The last step of splitmix64: near numbers become far ones. */
static uint64_t scatter(uint64_t hash)
{
    hash = (hash ^ (hash >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    hash = (hash ^ (hash >> 27)) * UINT64_C(0x94D049BB133111EB);
    return hash ^ (hash >> 31);
}

/* Of the line that `at` stands on, without what indents it, and of the change. */
static uint64_t hash_of_mistake(const struct file *file, const struct mistake *mistake, uint64_t hash)
{
    size_t first = mistake->at, behind = mistake->at;
    while (first > 0 && file->bytes[first - 1] != '\n') first--;
    while (file->bytes[first] == ' ' || file->bytes[first] == '\t') first++;
    while (behind < file->size && file->bytes[behind] != '\n') behind++;
    hash = hash_piece(hash, file->bytes + first, behind - first);
    hash = hash_piece(hash, file->bytes + mistake->at, mistake->size);
    return hash_piece(hash, mistake->to, strlen(mistake->to));
}

static void print_mistakes(const struct file *file, const char *name, const char *seed)
{
    uint64_t *said = calloc(mistake_count + 1, sizeof *said), begin = UINT64_C(0xCBF29CE484222325);
    if (said == NULL) exit(2);
    if (seed != NULL) begin = hash_piece(begin, seed, strlen(seed));
    begin = hash_piece(begin, name, strlen(name));
    for (size_t index = 0; index < mistake_count; index++) {
        const struct mistake *mistake = &mistakes[index];
        if (seed != NULL) {
            uint64_t same = 0;
            said[index] = hash_of_mistake(file, mistake, begin);
            for (size_t before = 0; before < index; before++) same += said[before] == said[index];
            printf("%016llx\t", (unsigned long long)scatter(said[index] + same * UINT64_C(0x9E3779B97F4A7C15)));
        }
        int shown = (int)(mistake->size < 60 ? mistake->size : 60);
        printf("%zu\t%u\t%s\t", index, mistake->line, mistake->kind);
        for (int byte = 0; byte < shown; byte++) {
            char letter = file->bytes[mistake->at + (size_t)byte];
            putchar(letter == '\n' || letter == '\t' ? ' ' : letter);
        }
        printf(" -> %s\n", mistake->to);
    }
    free(said);
}

static void print_with(const char *bytes, size_t size, size_t at, size_t old_size, const char *to, size_t to_size)
{
    fwrite(bytes, 1, at, stdout);
    fwrite(to, 1, to_size, stdout);
    fwrite(bytes + at + old_size, 1, size - at - old_size, stdout);
}

/* A planted mistake: lines `file PATH`, then the text between `<<<<` and `====` becomes that between `====` and `>>>>`. */
static int plant(const char *path)
{
    size_t size;
    char *bytes = read_whole(path, &size);
    char name[256];
    const char *line = strstr(bytes, "file ");
    char *from = strstr(bytes, "<<<<\n");
    char *middle = from == NULL ? NULL : strstr(from, "\n====\n");
    char *end = middle == NULL ? NULL : strstr(middle, "\n>>>>\n");
    if (line == NULL || end == NULL || sscanf(line, "file %255s", name) != 1) {
        fprintf(stderr, "%s: not of the form file …, <<<<, ====, >>>>\n", path);
        return 2;
    }
    from += 5;
    *middle = 0;
    const char *to = middle + 6;
    if (to > end) to = end; /* An empty replacement. */
    size_t source_size;
    char *source = read_whole(name, &source_size);
    char *at = strstr(source, from);
    if (at == NULL || strstr(at + 1, from) != NULL) {
        fprintf(stderr, "%s: its text stands %s in %s; renew it\n", path, at == NULL ? "nowhere" : "more than once",
                name);
        return 2;
    }
    print_with(source, source_size, (size_t)(at - source), strlen(from), to, (size_t)(end - to));
    free(source);
    free(bytes);
    return 0;
}

int main(int argument_count, char **arguments)
{
    if (argument_count == 3 && strcmp(arguments[1], "plant") == 0) return plant(arguments[2]);
    bool lists = (argument_count == 3 || argument_count == 4) && strcmp(arguments[1], "list") == 0;
    if (!lists && !(argument_count == 4 && strcmp(arguments[1], "make") == 0)) {
        fprintf(stderr, "usage: mutate_tool list FILE [SEED] | make FILE NUMBER | plant PLANT\n");
        return 2;
    }
    struct file file = {0};
    file.bytes = read_whole(arguments[2], &file.size);
    read_tokens(&file);
    find_mistakes(&file);
    int status = 0;
    if (lists) {
        print_mistakes(&file, arguments[2], argument_count == 4 ? arguments[3] : NULL);
    } else {
        char *end;
        size_t number = strtoul(arguments[3], &end, 10);
        if (*end != 0 || number >= mistake_count) {
            fprintf(stderr, "mutate_tool: %s has %zu mistakes, from 0\n", arguments[2], mistake_count);
            status = 2;
        } else {
            const struct mistake *mistake = &mistakes[number];
            print_with(file.bytes, file.size, mistake->at, mistake->size, mistake->to, strlen(mistake->to));
        }
    }
    free(mistakes);
    free(file.token);
    free(file.bytes);
    return status;
}
