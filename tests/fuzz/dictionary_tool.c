/*
 * A dictionary for a fuzz target, made of the project's own tables, so that a new word of the language is tried by the next run.
 *
 *     dictionary_tool < NAME_fuzz.words > NAME.dict
 *
 * Each line of its input names a source of words:
 *     keywords            spec/keywords.def          forms       whole lines, spec/forms.def
 *     phrases             how people write, spec/phrases.def
 *     strings FILE...     string literals of C sources: members and values on the wire
 *     words FILE...       words of other texts (names of events, fields and attributes of the standard library)
 *     numbers             numbers at the edges of types
 *     "text"              itself
 * Not a target. Next: tests/fuzz/run.sh.
 */
#include <ctype.h>
#include <glob.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 20000, WORD_MAX = 64 };

static const char *const keywords[] = {
#define KEYWORD(word, token, may_name, where) #word " ",
#include "spec/keywords.def"
#undef KEYWORD
};

static const char *const forms[] = {
#define FORM(place, token, line) line "\n",
#include "spec/forms.def"
#undef FORM
};

static const char *const phrases[] = {
#define PHRASE(place, pattern, right, note)        pattern "\n", right "\n",
#define PHRASE_ALWAYS(place, pattern, right, note) pattern "\n", right "\n",
#include "spec/phrases.def"
#undef PHRASE
#undef PHRASE_ALWAYS
};

static const char *const numbers[] = {
    "0",
    "-1",
    "255",
    "256",
    "32767",
    "65535",
    "65536",
    "1e9",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "1e-7",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "0.000001",
    "1,000,000",
    "99999999999999999999",
};

static char *seen[WORDS_MAX];
static unsigned seen_count;

/* Writes a word once, as libFuzzer and AFL++ read it. */
static void put(const char *word, size_t size)
{
    if (size == 0 || size > WORD_MAX || seen_count == WORDS_MAX) return;
    for (unsigned i = 0; i < seen_count; i++) {
        if (strlen(seen[i]) == size && memcmp(seen[i], word, size) == 0) return;
    }
    seen[seen_count] = strndup(word, size);
    if (seen[seen_count] == NULL) exit(2);
    seen_count++;
    (void)putchar('"');
    for (size_t i = 0; i < size; i++) {
        const unsigned char byte = (unsigned char)word[i];
        if (byte == '"' || byte == '\\' || byte < 32 || byte > 126)
            (void)printf("\\x%02X", byte);
        else
            (void)putchar(byte);
    }
    (void)puts("\"");
}

static void put_all(const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) put(words[i], strlen(words[i]));
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *bytes = calloc(1, (size_t)1 << 20);
    if (file == NULL || bytes == NULL) {
        perror(path);
        exit(2);
    }
    (void)fread(bytes, 1, ((size_t)1 << 20) - 1, file);
    (void)fclose(file);
    return bytes;
}

/* Literals without a place for a value and without blanks: members, words and values. */
static void put_strings(const char *path)
{
    char *bytes = read_file(path);
    for (char *at = bytes; *at != 0; at++) {
        if (*at != '"') continue;
        char *end = at + 1;
        bool plain = true;
        for (; *end != 0 && *end != '"' && *end != '\n'; end++) {
            if (*end == '%' || *end == '\\' || *end == ' ' || *end == '/' || *end == '`') plain = false;
            if (*end == '\\' && end[1] != 0) end++;
        }
        if (*end == '"' && plain) put(at + 1, (size_t)(end - at - 1));
        if (*end == 0) break;
        at = end;
    }
    free(bytes);
}

static void put_words(const char *path)
{
    char *bytes = read_file(path);
    for (char *at = bytes; *at != 0;) {
        char *end = at;
        while (isalnum((unsigned char)*end) || *end == '_' || *end == '.' || *end == '-') end++;
        if (end - at > 2) put(at, (size_t)(end - at));
        at = end == at ? at + 1 : end;
    }
    free(bytes);
}

/* A pattern names many files. */
static void each_file(const char *pattern, void (*of)(const char *path))
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0) {
        (void)fprintf(stderr, "dictionary_tool: there is no `%s`\n", pattern);
        exit(2);
    }
    for (size_t i = 0; i < found.gl_pathc; i++) of(found.gl_pathv[i]);
    globfree(&found);
}

int main(void)
{
    char line[4096];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        if (line[0] == '"') {
            const size_t size = strlen(line);
            if (size > 2) put(line + 1, size - 2);
            continue;
        }
        char *word = strtok(line, " ");
        if (word == NULL || word[0] == '#') continue;
        if (strcmp(word, "keywords") == 0)
            put_all(keywords, sizeof keywords / sizeof *keywords);
        else if (strcmp(word, "forms") == 0)
            put_all(forms, sizeof forms / sizeof *forms);
        else if (strcmp(word, "phrases") == 0)
            put_all(phrases, sizeof phrases / sizeof *phrases);
        else if (strcmp(word, "numbers") == 0)
            put_all(numbers, sizeof numbers / sizeof *numbers);
        else if (strcmp(word, "strings") == 0)
            for (char *path; (path = strtok(NULL, " ")) != NULL;) each_file(path, put_strings);
        else if (strcmp(word, "words") == 0)
            for (char *path; (path = strtok(NULL, " ")) != NULL;) each_file(path, put_words);
        else {
            (void)fprintf(stderr, "dictionary_tool: `%s` is no source of words\n", word);
            return 2;
        }
    }
    for (unsigned i = 0; i < seen_count; i++) free(seen[i]);
    return 0;
}
