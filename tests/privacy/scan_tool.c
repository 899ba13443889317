/*
 * scan_tool VALUES FILE…: looks for each planted value (a line of VALUES) in every byte of the files: as it is, in whatever case, in UTF-16 of either
 * order, as hexadecimal digits, and in Base64 at any of its three alignments. Prints "FILE: value (form)" for each that is there; exit 1 then.
 * Not a test itself.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    unsigned char *at;
    size_t size;
};

static struct bytes slurp(const char *path)
{
    struct bytes out = {NULL, 0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) return out;
    size_t room = 1 << 16;
    out.at = malloc(room);
    size_t got;
    while (out.at != NULL && (got = fread(out.at + out.size, 1, room - out.size, file)) > 0) {
        out.size += got;
        if (out.size < room) continue;
        unsigned char *grown = realloc(out.at, room *= 2);
        if (grown == NULL) abort();
        out.at = grown;
    }
    (void)fclose(file);
    return out;
}

static bool found = false;

/* The file in lower case too, so that letters of any case match. */
static void look(const char *path, const struct bytes *file, const unsigned char *form, size_t size, const char *value,
                 const char *how)
{
    if (size == 0 || size > 4096 || memmem(file->at, file->size, form, size) == NULL) return;
    printf("%s: %s (%s)\n", path, value, how);
    found = true;
}

/* The characters of Base64 that depend on the value alone, when `skip` bytes stand before it in its group of three. */
static size_t base64(unsigned char *out, const unsigned char *value, size_t size, unsigned skip)
{
    static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t bits = size * 8, from = skip == 0 ? 0 : skip == 1 ? 4 : 2, count = 0;
    for (size_t bit = from; bit + 6 <= bits; bit += 6) {
        unsigned sign = 0;
        for (size_t i = 0; i < 6; i++) sign = sign << 1 | ((unsigned)value[(bit + i) / 8] >> (7 - (bit + i) % 8) & 1);
        out[count++] = (unsigned char)signs[sign];
    }
    return count;
}

static void look_for(const char *path, const struct bytes *file, const struct bytes *lower, const char *value)
{
    size_t size = strlen(value);
    const unsigned char *bytes = (const unsigned char *)value;
    unsigned char form[4096];
    if (size == 0 || size * 2 >= sizeof form) return;
    for (size_t i = 0; i < size; i++) form[i] = (unsigned char)tolower(bytes[i]);
    look(path, lower, form, size, value, "as it is");
    for (size_t i = 0; i < size; i++) form[2 * i] = (unsigned char)tolower(bytes[i]), form[2 * i + 1] = 0;
    look(path, lower, form, 2 * size - 1, value, "UTF-16");
    for (size_t i = 0; i < size; i++) (void)snprintf((char *)form + 2 * i, 3, "%02x", bytes[i]);
    look(path, lower, form, 2 * size, value, "hexadecimal");
    for (unsigned skip = 0; skip < 3; skip++) look(path, file, form, base64(form, bytes, size, skip), value, "Base64");
}

int main(int argc, char **argv)
{
    if (argc < 3) return 2;
    FILE *values = fopen(argv[1], "r");
    if (values == NULL) return 2;
    char *lines[1024];
    size_t count = 0;
    char line[1024];
    while (count < 1024 && fgets(line, sizeof line, values) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '\0') lines[count++] = strdup(line);
    }
    (void)fclose(values);
    for (int i = 2; i < argc; i++) {
        struct bytes file = slurp(argv[i]);
        struct bytes lower = slurp(argv[i]);
        for (size_t j = 0; j < lower.size; j++) lower.at[j] = (unsigned char)tolower(lower.at[j]);
        for (size_t j = 0; j < count && file.size > 0; j++) look_for(argv[i], &file, &lower, lines[j]);
        free(file.at);
        free(lower.at);
    }
    for (size_t j = 0; j < count; j++) free(lines[j]);
    return found ? 1 : 0;
}
