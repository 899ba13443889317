/* P11: a compiled bundle with changed bytes never crashes the machine and never exceeds what was proven of it.
 *
 *   hostile_tool BUNDLE NAME SEED COUNT
 *
 * COUNT times one to four places of the bundle are changed and its hashes written anew (tests/fuzz/bundle_kit.h). What reader and verifier let pass runs from every
 * entry, with hostile values in the banks, beside the interpreter that counts: an INVARIANT ends the program where an activation runs more instructions, makes more
 * effects, spends more or leaves its memory. Prints `P11 NAME n` (bundles tried) and how many ran. The fuzzers try the same with more time.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/bundle_kit.h"

#include "vm/crypto.h"

int main(int count, char **arguments)
{
    struct error error = ERROR_NONE;
    static _Alignas(8) uint8_t original[4 << 20], changed[4 << 20];
    FILE *file = count == 5 ? fopen(arguments[1], "rb") : NULL;
    if (file == NULL || crypto_start(&error) != OK) {
        fprintf(stderr, "usage: hostile_tool BUNDLE NAME SEED COUNT\n");
        return 2;
    }
    size_t size = fread(original, 1, sizeof original, file);
    fclose(file);
    uint64_t seed = strtoull(arguments[3], NULL, 10), tries = strtoull(arguments[4], NULL, 10), ran = 0;
    if (!bundle_kit_try(original, size, seed)) {
        printf("BROKEN P11 %s: the bundle itself is refused\n", arguments[2]);
        return 1;
    }
    for (uint64_t n = 0; n < tries; n++) {
        struct bundle_kit_dice dice = {seed + n};
        memcpy(changed, original, size);
        bundle_kit_mutate(changed, size, &dice);
        bundle_kit_rehash(changed, size);
        ran += bundle_kit_try(changed, size, seed + n);
    }
    printf("P11 %s %" PRIu64 "\nRAN %s %" PRIu64 "\n", arguments[2], tries, arguments[2], ran);
    return 0;
}
