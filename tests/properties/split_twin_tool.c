/* P15: the split hash a second time, written from its published description, without the library.
 *
 *   split_twin_tool vectors < spec/split-vectors.tsv     each row must come out as it stands there
 *   split_twin_tool digest COUNT                         COUNT assignments of made ids and salts, as one number; and the program's own split must agree with each
 *
 * It is built by gcc and clang with and without optimisation and under the sanitizers; all must print the same (run.sh). XXH3 with a seed, for texts of up to 128 bytes:
 * an id has at most 64, and longer salts are not tried.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/split.h"

#define PRIME32_1 UINT64_C(0x9E3779B1)
#define PRIME32_2 UINT64_C(0x85EBCA77)
#define PRIME32_3 UINT64_C(0xC2B2AE3D)
#define PRIME64_1 UINT64_C(0x9E3779B185EBCA87)
#define PRIME64_2 UINT64_C(0xC2B2AE3D27D4EB4F)
#define PRIME64_3 UINT64_C(0x165667B19E3779F9)
#define PRIME64_4 UINT64_C(0x85EBCA77C2B2AE63)
#define PRIME64_5 UINT64_C(0x27D4EB2F165667C5)
#define PRIME_MX1 UINT64_C(0x165667919E3779F9)
#define PRIME_MX2 UINT64_C(0x9FB21C651E98DF25)

/* clang-format off */
static const uint8_t secret[192] = {
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
    0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
    0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
    0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
    0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
    0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
};
/* clang-format on */

__extension__ typedef unsigned __int128 wide;

/* Little-endian, whatever the machine is. */
static uint64_t read_bytes(const uint8_t *at, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < count; i++) value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static uint64_t read64(const uint8_t *at)
{
    return read_bytes(at, 8);
}

static uint64_t read32(const uint8_t *at)
{
    return read_bytes(at, 4);
}

static uint64_t fold(uint64_t a, uint64_t b)
{
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t swap32(uint64_t x)
{
    return (x >> 24 & 0xFF) | (x >> 8 & 0xFF00) | (x << 8 & 0xFF0000) | (x << 24 & UINT64_C(0xFF000000));
}

static uint64_t swap64(uint64_t x)
{
    return swap32(x >> 32) | swap32(x & UINT64_C(0xFFFFFFFF)) << 32;
}

static uint64_t turn(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static uint64_t avalanche64(uint64_t x)
{
    x = (x ^ x >> 33) * PRIME64_2;
    x = (x ^ x >> 29) * PRIME64_3;
    return x ^ x >> 32;
}

static uint64_t avalanche3(uint64_t x)
{
    x = (x ^ x >> 37) * PRIME_MX1;
    return x ^ x >> 32;
}

static uint64_t mix16(const uint8_t *at, const uint8_t *key, uint64_t seed)
{
    return fold(read64(at) ^ (read64(key) + seed), read64(at + 8) ^ (read64(key + 8) - seed));
}

static uint64_t twin_hash(const uint8_t *at, size_t size, uint64_t seed)
{
    if (size == 0) return avalanche64(seed ^ (read64(secret + 56) ^ read64(secret + 64)));
    if (size <= 3) {
        uint64_t joined = (uint64_t)at[0] << 16 | (uint64_t)at[size >> 1] << 24 | at[size - 1] | (uint64_t)size << 8;
        return avalanche64(joined ^ ((read32(secret) ^ read32(secret + 4)) + seed));
    }
    if (size <= 8) {
        seed ^= swap32(seed & UINT64_C(0xFFFFFFFF)) << 32;
        uint64_t flip = (read64(secret + 8) ^ read64(secret + 16)) - seed;
        uint64_t x = (read32(at + size - 4) + (read32(at) << 32)) ^ flip;
        x ^= turn(x, 49) ^ turn(x, 24);
        x *= PRIME_MX2;
        x ^= (x >> 35) + size;
        x *= PRIME_MX2;
        return x ^ x >> 28;
    }
    if (size <= 16) {
        uint64_t low = read64(at) ^ ((read64(secret + 24) ^ read64(secret + 32)) + seed);
        uint64_t high = read64(at + size - 8) ^ ((read64(secret + 40) ^ read64(secret + 48)) - seed);
        return avalanche3(size + swap64(low) + high + fold(low, high));
    }
    uint64_t sum = size * PRIME64_1;
    for (size_t i = (size - 1) / 32 + 1; i-- > 0;) {
        sum += mix16(at + 16 * i, secret + 32 * i, seed);
        sum += mix16(at + size - 16 * (i + 1), secret + 32 * i + 16, seed);
    }
    return avalanche3(sum);
}

static uint32_t twin_millionth(uint64_t hash)
{
    return (uint32_t)(((wide)hash * 1000000) >> 64);
}

static unsigned twin_arm(uint32_t millionth)
{
    return millionth < 500000 ? 0 : millionth < 900000 ? 1 : 2;
}

static int vectors(void)
{
    char line[600];
    unsigned rows = 0, wrong = 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *part[6];
        unsigned count = 0;
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || strncmp(line, "salt\t", 5) == 0) continue;
        for (char *at = line; count < 6; at = strchr(at, '\t') + 1) {
            part[count++] = at;
            if (strchr(at, '\t') == NULL) break;
        }
        if (count != 6) continue;
        for (unsigned i = 0; i < 5; i++) part[i][strcspn(part[i], "\t")] = '\0';
        uint64_t seed = twin_hash((const uint8_t *)part[0], strlen(part[0]), 0),
                 hash = twin_hash((const uint8_t *)part[1], strlen(part[1]), seed);
        rows++;
        bool right = seed == strtoull(part[2], NULL, 16) && hash == strtoull(part[3], NULL, 16) &&
                     twin_millionth(hash) == strtoul(part[4], NULL, 10) &&
                     twin_arm(twin_millionth(hash)) == strtoul(part[5], NULL, 10);
        if (!right) printf("the vector \"%s\" \"%s\" comes out otherwise\n", part[0], part[1]);
        wrong += !right;
    }
    printf("%u vectors\n", rows);
    return wrong == 0 && rows >= 15 ? 0 : 1;
}

static int digest(uint32_t count)
{
    static const uint32_t cumulative[3] = {500000, 900000, 1000000};
    uint64_t sum = 0, state = 1;
    for (uint32_t n = 0; n < count; n++) {
        uint8_t id[64], salt[128];
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        size_t id_size = 1 + (state >> 33) % 64, salt_size = (state >> 40) % 129;
        for (size_t i = 0; i < id_size; i++) id[i] = (uint8_t)(state >> (i % 8 * 7)) ^ (uint8_t)(i * 37 + n);
        for (size_t i = 0; i < salt_size; i++) salt[i] = (uint8_t)(state >> (i % 8 * 5)) ^ (uint8_t)(i * 11 + n);
        uint64_t seed = twin_hash(salt, salt_size, 0);
        uint32_t millionth = twin_millionth(twin_hash(id, id_size, seed));
        uint64_t program_seed = split_seed(text_make((const char *)salt, salt_size));
        uint32_t program_millionth = split_millionth(text_make((const char *)id, id_size), program_seed);
        if (seed != program_seed || millionth != program_millionth ||
            twin_arm(millionth) != split_arm(cumulative, 3, program_millionth)) {
            printf("the second implementation disagrees at %u: an id of %zu bytes, a salt of %zu\n", n, id_size,
                   salt_size);
            return 1;
        }
        sum = (sum ^ millionth) * UINT64_C(1099511628211) + seed;
    }
    printf("%016" PRIx64 "\n", sum);
    return 0;
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "vectors") == 0) return vectors();
    if (count == 3 && strcmp(arguments[1], "digest") == 0) return digest((uint32_t)strtoul(arguments[2], NULL, 10));
    fprintf(stderr, "usage: split_twin_tool vectors | digest COUNT\n");
    return 2;
}
