/* P5: no budget is exceeded, from 1 to 64 concurrent submitters.
 *
 *   crowd_tool BUNDLE NAME SEED LINES [--plant limits]
 *
 * The lines of one random story are dealt out to 1, 2, 4 … 64 threads that submit them to one service (promo_submit); a player's lines stay with one thread, in order.
 * The ledger of tests/lives, which knows effects and notes alone, judges each reservation against every limit of every budget and each proven bound. Prints
 * `P5 NAME n`, n credits reserved in all. promises B1, B2, B3, B7: spec/runtime.md.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lives/ledger.h"
#include "tests/lives/maker.h"
#include "tests/properties/story.h"

#include "runtime/store/promo.h"
#include "vm/bundle.h"

enum { THREADS_MOST = 64 };

static struct story story;
static struct ledger *ledger;
static struct promo *promo;
static unsigned threads;
static atomic_uint failed;
static pthread_barrier_t barrier;

static void take_effect(void *context, const struct engine_effect *effect)
{
    (void)context;
    ledger_effect(ledger, effect);
}

static void take_note(void *context, const struct engine_note *note)
{
    (void)context;
    ledger_note(ledger, note);
}

static unsigned thread_of(const struct story_line *line)
{
    return line->player[0] == '\0' ? 0 : (unsigned)strtoul(line->player + 1, NULL, 10) % threads;
}

static void *submit_all(void *context)
{
    unsigned mine = *(unsigned *)context;
    (void)pthread_barrier_wait(&barrier);
    for (uint32_t i = 0; i < story.count; i++) {
        const struct story_line *line = &story.line[i];
        if (line->alone || thread_of(line) != mine) continue; /* who is erased is another one afterwards: tests/lives */
        struct error error = ERROR_NONE;
        struct promo_outcome outcome = {.lines = NULL};
        if (promo_submit(promo, line->text, line->size, &outcome, &error) != OK || outcome.verdict == PROMO_REFUSED) {
            if (atomic_fetch_add(&failed, 1) == 0) printf("BROKEN P5: %s%s\n", error.message, outcome.message);
        }
    }
    return NULL;
}

static bool crowd(const uint8_t *bundle, size_t size)
{
    struct error error = ERROR_NONE;
    struct promo_options options = {.bundle = bundle,
                                    .bundle_size = size,
                                    .shards = 1 + threads % 9,
                                    .sink = {.effect = take_effect, .note = take_note},
                                    .time = PROMO_TIME_RECORDS};
    if (promo_open(&promo, &options, &error) != OK) {
        printf("BROKEN P5: %s\n", error.message);
        return false;
    }
    pthread_t thread[THREADS_MOST];
    unsigned number[THREADS_MOST];
    (void)pthread_barrier_init(&barrier, NULL, threads);
    for (unsigned i = 0; i < threads; i++) {
        number[i] = i;
        if (pthread_create(&thread[i], NULL, submit_all, &number[i]) != 0) return false;
    }
    for (unsigned i = 0; i < threads; i++) (void)pthread_join(thread[i], NULL);
    (void)pthread_barrier_destroy(&barrier);
    if (promo_close(promo, &error) != OK) {
        printf("BROKEN P5: %s\n", error.message);
        return false;
    }
    return atomic_load(&failed) == 0;
}

int main(int count, char **arguments)
{
    static _Alignas(8) uint8_t bundle[4 << 20];
    static struct program program;
    struct error error = ERROR_NONE;
    FILE *file = count >= 5 ? fopen(arguments[1], "rb") : NULL;
    if (file == NULL || crypto_start(&error) != OK) {
        fprintf(stderr, "usage: crowd_tool BUNDLE NAME SEED LINES [--plant limits]\n");
        return 2;
    }
    size_t size = fread(bundle, 1, sizeof bundle, file);
    fclose(file);
    if (bundle_open(&program, bundle, size, &error) != OK) return 2;
    uint64_t seed = strtoull(arguments[3], NULL, 10);
    story_make(&story, &program, bundle, size, seed, 64, (uint32_t)strtoul(arguments[4], NULL, 10));
    ledger = ledger_open(&program, count > 5 ? PLANT_LIMITS : PLANT_NOTHING);
    for (threads = 1; threads <= THREADS_MOST; threads *= 2) {
        ledger_restart(ledger);
        if (!crowd(bundle, size)) return 1;
        if (ledger_fault(ledger) != NULL) {
            printf("BROKEN P5 %s: with %u threads: %s\n  again: crowd_tool %s %s %" PRIu64 " %s\n", arguments[2],
                   threads, ledger_fault(ledger), arguments[1], arguments[2], seed, arguments[4]);
            return 1;
        }
    }
    printf("P5 %s %" PRIu64 "\n", arguments[2], ledger_credits(ledger));
    ledger_close(ledger);
    story_free(&story);
    return 0;
}
