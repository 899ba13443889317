/*
 * Linked into every libFuzzer program: which edges of the product its inputs have passed, told by layer when the program ends.
 *
 * Clang keeps one counter for each edge, in a section of each object file, and libFuzzer clears them before each input. So
 * each call of the target is wrapped (the linker's --wrap) and what it touched is added up here. Whose counter is whose stands in the
 * linker's map (PROGRAM.map, beside the program): only product layers count, not the tests. Not counted are the edges to the traps of the
 * undefined-behaviour sanitizer, which are no edges of the product. The lines end in FUZZ_EDGES (a file), if that is set.
 * Not a target itself. Next: tests/fuzz/run.sh, which reads the lines.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern uint8_t counters_begin[] __asm__("__start___sancov_cntrs");
extern uint8_t counters_end[] __asm__("__stop___sancov_cntrs");
/* For each counter the address of its block, and flags. */
extern const uintptr_t blocks_begin[][2] __asm__("__start___sancov_pcs");
extern const uintptr_t blocks_end[][2] __asm__("__stop___sancov_pcs");

int __real_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *passed;
static uint64_t executions;

enum { LAYERS = 8, LINE_SIZE = 4096 };

static const char *const layer_name[LAYERS] = {"vm", "compiler", "engine", "store", "channels", "lab", "cli", "other"};
static uint64_t hit[LAYERS], all[LAYERS];

/* The layer of an object: libvm.a(arena.o) is the vm's. The tests' own objects are none: LAYERS. */
static unsigned layer_of(const char *object)
{
    char archive[32];
    for (unsigned i = 0; i + 1 < LAYERS; i++) {
        (void)snprintf(archive, sizeof archive, "lib%s.a(", layer_name[i]);
        if (strstr(object, archive) != NULL) return i;
    }
    return LAYERS;
}

/* A block that does nothing but count itself and stop: add to the counter (80 05 rel32 01), then ud1 (67 0f b9). */
static int is_trap(uint64_t counter)
{
    const uint8_t *code = (const uint8_t *)blocks_begin[counter][0];
    return code[0] == 0x80 && code[1] == 0x05 && code[6] == 1 && code[7] == 0x67 && code[8] == 0x0F && code[9] == 0xB9;
}

/* One contribution: address and size in hexadecimal, then the object. False: not such a line. */
static int take(const char *line, uint64_t base)
{
    uint64_t address = 0, size = 0;
    int object = 0;
    if (sscanf(line, " 0x%lx 0x%lx %n", &address, &size, &object) != 2 || object == 0) return 0;
    const unsigned layer = layer_of(line + object);
    const uint64_t total = (uint64_t)(counters_end - counters_begin);
    if (layer == LAYERS || address < base || address - base > total || size > total - (address - base)) return 1;
    for (uint64_t i = address - base; i < address - base + size; i++) {
        if (is_trap(i)) continue;
        all[layer]++;
        hit[layer] += passed[i];
    }
    return 1;
}

static void read_map(FILE *map)
{
    static char line[LINE_SIZE];
    const char section[] = "__sancov_cntrs";
    uint64_t base = 0, size = 0;
    int follows = 0;
    while (fgets(line, sizeof line, map) != NULL) {
        if (follows) {
            follows = 0;
            if (base != 0) (void)take(line, base);
        } else if (strncmp(line, section, sizeof section - 1) == 0) {
            if (sscanf(line + sizeof section - 1, " 0x%lx 0x%lx", &base, &size) != 2) follows = 0, base = 0;
        } else if (line[0] == ' ' && strncmp(line + 1, section, sizeof section - 1) == 0) {
            if (base == 0 || !take(line + sizeof section, base)) follows = 1;
        }
    }
}

static void tell(void)
{
    char path[LINE_SIZE];
    const ssize_t size = readlink("/proc/self/exe", path, sizeof path - 8);
    const char *to = getenv("FUZZ_EDGES");
    if (size <= 0 || to == NULL) return;
    (void)snprintf(path + size, 8, ".map");
    FILE *map = fopen(path, "r");
    FILE *out = fopen(to, "w");
    const bool paired = blocks_end - blocks_begin == counters_end - counters_begin;
    if (map != NULL && out != NULL && paired) {
        read_map(map);
        (void)fprintf(out, "executions %lu\n", executions);
        for (unsigned i = 0; i < LAYERS; i++) {
            if (all[i] > 0) (void)fprintf(out, "%s %lu %lu\n", layer_name[i], hit[i], all[i]);
        }
    }
    if (map != NULL) (void)fclose(map);
    if (out != NULL) (void)fclose(out);
}

/* Eight counters at a time: nearly all are 0 at each input. */
static void add_up(void)
{
    const size_t total = (size_t)(counters_end - counters_begin);
    size_t at = 0;
    for (; at + 8 <= total; at += 8) {
        uint64_t eight;
        memcpy(&eight, counters_begin + at, 8);
        if (eight == 0) continue;
        for (size_t i = at; i < at + 8; i++) passed[i] |= counters_begin[i] != 0;
    }
    for (; at < total; at++) passed[at] |= counters_begin[at] != 0;
}

int __wrap_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (passed == NULL) {
        passed = calloc((size_t)(counters_end - counters_begin) + 1, 1);
        if (passed == NULL || atexit(tell) != 0) abort();
    }
    const int result = __real_LLVMFuzzerTestOneInput(data, size);
    executions++;
    add_up();
    return result;
}
