/*
 * libFuzzer target: any bytes are a bundle. They are tried as they are and with fresh hashes; what opens and verifies is run
 * from every entry (tests/fuzz/bundle_kit.h). The first input of a corpus is made by tests/unit/bundle_test.c's sample.
 */
#include <stdlib.h>

#include "tests/fuzz/bundle_kit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static struct buffer sample;

static void ready(void)
{
    if (sample.size == 0) bundle_kit_sample(&sample);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(size + 8); /* 16-aligned, and as long as can be seen past */
    if (bytes == NULL) return 0;
    memcpy(bytes, data, size);
    (void)bundle_kit_try(bytes, size, size);
    bundle_kit_rehash(bytes, size);
    (void)bundle_kit_try(bytes, size, size + 1);
    free(bytes);
    return 0;
}

/* Without a corpus the sample is what everything begins with. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    struct bundle_kit_dice dice = {seed};
    ready();
    if (size < sample.size / 2 && sample.size <= max_size) {
        memcpy(data, sample.bytes, sample.size);
        size = sample.size;
    }
    if (bundle_kit_below(&dice, 4) == 0) return LLVMFuzzerMutate(data, size, max_size);
    if (size > 0) bundle_kit_mutate(data, size, &dice);
    return size;
}
