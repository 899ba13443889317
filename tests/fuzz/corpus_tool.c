/*
 * Packs of fuzz inputs: many small files as one that is kept with the sources.
 *
 *     corpus_tool pack OUT.pack FOLDER...     all files of the folders, equal ones once, by size and bytes
 *     corpus_tool unpack IN.pack FOLDER       one file for each input, 0001, 0002, …
 *
 * A pack is 16 bytes "promo-corpus 1\n\0", then for each input its size (4 bytes, the lowest first) and its bytes.
 * Next: tests/fuzz/driver/replay.c, which reads packs too.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct input {
    uint8_t *bytes;
    size_t size;
};

static const char head[16] = "promo-corpus 1\n";
static struct input *inputs;
static size_t count, room;

static void fail(const char *path)
{
    perror(path);
    exit(2);
}

static struct input read_file(const char *path)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (file == NULL || fstat(fileno(file), &info) != 0) fail(path);
    struct input input = {malloc((size_t)info.st_size + 1), 0};
    if (input.bytes == NULL) fail(path);
    input.size = fread(input.bytes, 1, (size_t)info.st_size, file);
    (void)fclose(file);
    return input;
}

static void add_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) fail(path);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char inner[4096];
        struct stat info;
        (void)snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (stat(inner, &info) != 0 || !S_ISREG(info.st_mode)) continue;
        if (count == room) {
            room = room == 0 ? 1024 : room * 2;
            inputs = realloc(inputs, room * sizeof *inputs);
            if (inputs == NULL) fail("memory");
        }
        inputs[count++] = read_file(inner);
    }
    (void)closedir(folder);
}

static int compare(const void *left, const void *right)
{
    const struct input *a = left, *b = right;
    if (a->size != b->size) return a->size < b->size ? -1 : 1;
    return memcmp(a->bytes, b->bytes, a->size);
}

static void number_bytes(uint8_t out[4], size_t number)
{
    for (unsigned i = 0; i < 4; i++) out[i] = (uint8_t)(number >> (8 * i));
}

static void pack(const char *path)
{
    size_t kept = 0, bytes = sizeof head;
    FILE *out = fopen(path, "wb");
    if (out == NULL) fail(path);
    if (count > 0) qsort(inputs, count, sizeof *inputs, compare);
    (void)fwrite(head, 1, sizeof head, out);
    for (size_t i = 0; i < count; i++) {
        uint8_t size[4];
        if (i > 0 && compare(&inputs[i - 1], &inputs[i]) == 0) continue;
        number_bytes(size, inputs[i].size);
        (void)fwrite(size, 1, 4, out);
        (void)fwrite(inputs[i].bytes, 1, inputs[i].size, out);
        kept++;
        bytes += 4 + inputs[i].size;
    }
    if (fclose(out) != 0) fail(path);
    (void)printf("%s: %zu inputs, %zu bytes\n", path, kept, bytes);
}

static void unpack(const char *path, const char *folder)
{
    const struct input all = read_file(path);
    if (all.size < sizeof head || memcmp(all.bytes, head, sizeof head) != 0) {
        (void)fprintf(stderr, "%s is no pack\n", path);
        exit(2);
    }
    unsigned number = 0;
    for (size_t at = sizeof head; at + 4 <= all.size;) {
        char inner[4096];
        const size_t size = (size_t)all.bytes[at] | (size_t)all.bytes[at + 1] << 8 | (size_t)all.bytes[at + 2] << 16 |
                            (size_t)all.bytes[at + 3] << 24;
        at += 4;
        if (size > all.size - at) break;
        (void)snprintf(inner, sizeof inner, "%s/%04u", folder, ++number);
        FILE *out = fopen(inner, "wb");
        if (out == NULL || fwrite(all.bytes + at, 1, size, out) != size || fclose(out) != 0) fail(inner);
        at += size;
    }
    free(all.bytes);
}

int main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "pack") == 0) {
        for (int i = 3; i < argc; i++) add_folder(argv[i]);
        pack(argv[2]);
    } else if (argc == 4 && strcmp(argv[1], "unpack") == 0) {
        unpack(argv[2], argv[3]);
    } else {
        (void)fprintf(stderr, "usage: corpus_tool pack OUT.pack FOLDER... | unpack IN.pack FOLDER\n");
        return 2;
    }
    for (size_t i = 0; i < count; i++) free(inputs[i].bytes);
    free(inputs);
    return 0;
}
