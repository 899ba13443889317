/*
 * A main for fuzz targets without libFuzzer: gives the target each input that is named, once. So whatever was found once is tried by every build, with
 * gcc, with or without sanitizers, in a second.
 *
 *     NAME_fuzz [--stride=N] [--verbose] PATH...
 *
 * A path is a file, a folder of them, or a pack of inputs (FILE.pack, made by corpus_tool). --stride=N takes each N-th input of packs. Prints how many.
 * Next: tests/fuzz/corpus_tool.c for the form of a pack.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* libFuzzer's own mutations, which nobody calls here. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    (void)data;
    (void)max_size;
    return size;
}

static unsigned long stride = 1, tried, verbose;

/* A copy of the exact size, so that a read behind it is seen by a sanitizer. */
static void try_one(const char *name, unsigned long number, const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    if (copy == NULL) abort();
    memcpy(copy, bytes, size);
    if (verbose) (void)fprintf(stderr, "%s %lu: %zu bytes\n", name, number, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    tried++;
}

static void try_pack(const char *name, const uint8_t *bytes, size_t size)
{
    size_t at = 16; /* "promo-corpus 1\n\0" */
    for (unsigned long number = 0; at + 4 <= size; number++) {
        const uint32_t length = (uint32_t)bytes[at] | (uint32_t)bytes[at + 1] << 8 | (uint32_t)bytes[at + 2] << 16 |
                                (uint32_t)bytes[at + 3] << 24;
        at += 4;
        if (length > size - at) {
            (void)fprintf(stderr, "%s is cut off\n", name);
            exit(2);
        }
        if (number % stride == 0) try_one(name, number, bytes + at, length);
        at += length;
    }
}

static void try_path(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        perror(path);
        exit(2);
    }
    if (S_ISDIR(info.st_mode)) {
        struct dirent **names = NULL;
        const int count = scandir(path, &names, NULL, alphasort);
        for (int i = 0; i < count; i++) {
            char inner[4096];
            (void)snprintf(inner, sizeof inner, "%s/%s", path, names[i]->d_name);
            if (names[i]->d_name[0] != '.') try_path(inner);
            free(names[i]);
        }
        free(names);
        return;
    }
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc((size_t)info.st_size + 1);
    if (file == NULL || bytes == NULL) {
        perror(path);
        exit(2);
    }
    const size_t size = fread(bytes, 1, (size_t)info.st_size, file);
    (void)fclose(file);
    const size_t length = strlen(path);
    if (length > 5 && strcmp(path + length - 5, ".pack") == 0)
        try_pack(path, bytes, size);
    else
        try_one(path, 0, bytes, size);
    free(bytes);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--stride=", 9) == 0) {
            stride = strtoul(argv[i] + 9, NULL, 10);
            if (stride == 0) stride = 1;
        } else if (strcmp(argv[i], "--verbose") == 0) {
            verbose = 1;
        } else {
            try_path(argv[i]);
        }
    }
    (void)printf("%lu inputs\n", tried);
    return 0;
}
