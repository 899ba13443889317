/* Lives of chance against the proven bounds of a bundle.
 *
 *   lives_tool BUNDLE NAME SEED RUNS LIVES [--dump FILE] [--plant bounds|limits|releases|refusals]
 *
 * Each of RUNS seeds (SEED, SEED + 1 …) is a workspace of its own with up to LIVES players (every other one has fewer, who live longer): maker.h makes the lines, intake reads them, the engine folds them, now and then it
 * is restarted from a checkpoint on other shards, and ledger.h judges by effects and notes alone. Prints the largest share of each bound that was
 * reached; the first thing that broke, with the seed that repeats it, and exit status 1. --dump writes the lines, as `promo run` takes them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lives/ledger.h"
#include "tests/lives/maker.h"

#include "runtime/store/intake.h"
#include "runtime/store/memory_store.h"
#include "vm/bundle.h"
#include "vm/civil.h"

enum { LINES_PER_LIFE = 60, SHARDS = 8 };

struct world {
    struct program program; /* of the bundle, for maker and ledger */
    const uint8_t *bundle;
    size_t bundle_size;
    struct maker *maker;
    struct ledger *ledger;
    struct engine *engine;
    struct intake *intake;
    struct store store; /* of the checkpoints */
    uint64_t position, lines, restarts;
    FILE *dump;
    char failure[1200];
};

static void take_effect(void *context, const struct engine_effect *effect)
{
    struct world *world = context;
    ledger_effect(world->ledger, effect);
    maker_hear(world->maker, effect);
}

static void take_note(void *context, const struct engine_note *note)
{
    ledger_note(((struct world *)context)->ledger, note);
}

static bool fine(struct world *world, enum status status, const struct error *error, const char *what)
{
    if (status != OK && world->failure[0] == '\0')
        snprintf(world->failure, sizeof world->failure, "%s: %s", what, error->message);
    return status == OK;
}

static bool open_engine(struct world *world, struct error *error)
{
    struct engine_options options = {.shards = 1 + maker_random(world->maker, SHARDS),
                                     .lazy = maker_random(world->maker, 2) == 0,
                                     .sink = {.context = world, .effect = take_effect, .note = take_note}};
    return fine(world, engine_open(&world->engine, &options, error), error, "engine_open");
}

static bool settle(struct world *world)
{
    struct error error = ERROR_NONE;
    if (!fine(world, engine_settle(world->engine, &error), &error, "engine_settle")) return false;
    ledger_settled(world->ledger);
    maker_pass(world->maker, 1);
    return true;
}

/* Down and up again, on other shards, from a checkpoint alone. */
static bool restart(struct world *world)
{
    struct error error = ERROR_NONE;
    uint64_t position = 0;
    if (!settle(world)) return false;
    bool good =
        fine(world, engine_checkpoint(world->engine, &world->store.checkpoint, engine_position(world->engine), &error),
             &error, "engine_checkpoint");
    intake_close(world->intake);
    engine_close(world->engine);
    world->intake = NULL;
    world->engine = NULL;
    good = good && open_engine(world, &error) &&
           fine(world, engine_restore(world->engine, &world->store.checkpoint, &position, &error), &error,
                "engine_restore") &&
           fine(world, intake_open(&world->intake, engine_program(world->engine), &error), &error, "intake_open");
    world->restarts++;
    return good;
}

static bool fold_line(struct world *world, struct buffer *line, const struct maker_made *made)
{
    struct error error = ERROR_NONE;
    struct record record;
    if (world->dump != NULL) fprintf(world->dump, "%s\n", buffer_as_string(line));
    world->lines++;
    if (!fine(world, intake_line(world->intake, buffer_as_string(line), line->size, &record, &error), &error,
              buffer_as_string(line)))
        return false;
    int64_t before = engine_now(world->engine);
    record.now = made->now > before ? made->now : before;
    record.position = ++world->position;
    if (made->kind == MAKER_FAILED) ledger_told_failed(world->ledger, made->effect);
    return fine(world, engine_fold(world->engine, &record, &error), &error, buffer_as_string(line));
}

static bool live(struct world *world, uint32_t lives)
{
    struct error error = ERROR_NONE;
    struct record record = {.kind = RECORD_ACTIVATE,
                            .now = maker_start(world->maker),
                            .at = maker_start(world->maker),
                            .position = ++world->position,
                            .bundle = world->bundle,
                            .bundle_size = world->bundle_size};
    if (!fine(world, memory_store_open(&world->store, &error), &error, "memory_store_open") ||
        !open_engine(world, &error) ||
        !fine(world, engine_fold(world->engine, &record, &error), &error, "activation") ||
        !fine(world, intake_open(&world->intake, engine_program(world->engine), &error), &error, "intake_open"))
        return false;
    struct buffer line = BUFFER_EMPTY;
    bool good = true;
    for (uint32_t n = 0; n < lives * LINES_PER_LIFE && good && ledger_fault(world->ledger) == NULL; n++) {
        struct maker_made made = maker_next(world->maker, &line);
        bool alone = made.kind == MAKER_ERASE;
        if (alone) {
            good = settle(world);
            made.now = engine_now(world->engine) + 1 > made.now ? engine_now(world->engine) + 1 : made.now;
        }
        good = good && fold_line(world, &line, &made);
        if (alone && good) {
            good = settle(world);
            ledger_forget(world->ledger, made.brand, text_of(made.player));
        }
        if (good && maker_random(world->maker, 500) == 0) good = restart(world);
    }
    if (good && ledger_fault(world->ledger) == NULL) {
        /* What still waits comes to its end. */
        maker_pass(world->maker, 400 * CIVIL_DAY_MS);
        record = (struct record){
            .kind = RECORD_TICK, .now = engine_now(world->engine) + 400 * CIVIL_DAY_MS, .position = ++world->position};
        record.at = record.now;
        good = fine(world, engine_fold(world->engine, &record, &error), &error, "last tick") && settle(world);
    }
    buffer_deinit(&line);
    return good;
}

/* As many lines for fewer players are longer lives. */
static uint32_t few_or_many(uint64_t seed, uint32_t lives)
{
    static const uint32_t longer[] = {1, 3, 1, 10};
    uint32_t players = lives / longer[seed % 4];
    return players == 0 ? 1 : players;
}

static int usage(void)
{
    fprintf(stderr,
            "usage: lives_tool BUNDLE NAME SEED RUNS LIVES [--dump FILE] [--plant bounds|limits|releases|refusals]\n");
    return 2;
}

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    const size_t room = 16u << 20;
    uint8_t *bytes = file == NULL ? NULL : aligned_alloc(8, room);
    if (bytes != NULL) *size = fread(bytes, 1, room, file);
    if (file != NULL) fclose(file);
    return bytes;
}

int main(int count, char **arguments)
{
    struct error error = ERROR_NONE;
    enum ledger_plant plant = PLANT_NOTHING;
    const char *dump = NULL;
    if (count < 6) return usage();
    for (int i = 6; i < count; i += 2) {
        if (i + 1 == count) return usage();
        if (strcmp(arguments[i], "--dump") == 0)
            dump = arguments[i + 1];
        else if (strcmp(arguments[i], "--plant") == 0)
            plant = arguments[i + 1][0] == 'b'                  ? PLANT_BOUNDS
                    : arguments[i + 1][0] == 'l'                ? PLANT_LIMITS
                    : strcmp(arguments[i + 1], "refusals") == 0 ? PLANT_REFUSALS
                                                                : PLANT_RELEASES;
        else
            return usage();
    }
    struct world world = {.position = 0};
    uint8_t *bundle = read_file(arguments[1], &world.bundle_size);
    world.bundle = bundle;
    if (bundle == NULL || crypto_start(&error) != OK ||
        bundle_open(&world.program, bundle, world.bundle_size, &error) != OK) {
        fprintf(stderr, "%s: %s\n", arguments[1], error.message);
        return 2;
    }
    uint64_t seed = strtoull(arguments[3], NULL, 10), runs = strtoull(arguments[4], NULL, 10), lines = 0, restarts = 0;
    uint32_t lives = (uint32_t)strtoul(arguments[5], NULL, 10);
    if (lives == 0) return usage();
    world.ledger = ledger_open(&world.program, plant);
    int status = 0;
    for (uint64_t run = 0; run < runs && status == 0; run++) {
        world.position = 0;
        if (dump != NULL) world.dump = fopen(dump, "w");
        ledger_restart(world.ledger);
        world.maker = maker_open(&world.program, seed + run, few_or_many(seed + run, lives));
        bool good = live(&world, lives);
        const char *fault = good ? ledger_fault(world.ledger) : world.failure;
        if (fault == NULL) fault = ledger_fault(world.ledger);
        if (fault != NULL) {
            char when[CIVIL_INSTANT_SIZE];
            civil_format_instant(when, world.engine == NULL ? 0 : engine_now(world.engine));
            printf("%s: BROKEN at %s, line %" PRIu64 ": %s\n  again: lives_tool %s %s %" PRIu64
                   " 1 %u --dump lines.ndjson\n",
                   arguments[2], when, world.position - 1, fault, arguments[1], arguments[2], seed + run, lives);
            status = 1;
        }
        intake_close(world.intake);
        engine_close(world.engine);
        world.intake = NULL;
        world.engine = NULL;
        store_close(&world.store);
        maker_close(world.maker);
        if (world.dump != NULL) fclose(world.dump);
    }
    lines = world.lines;
    restarts = world.restarts;
    if (status == 0) {
        printf("%s: up to %" PRIu64 " lives, %" PRIu64 " lines, %" PRIu64 " restarts, %" PRIu64
               " credits reserved, %" PRIu64 " given back, %" PRIu64 " refused by budgets\n",
               arguments[2], runs * lives, lines, restarts, ledger_credits(world.ledger), ledger_returned(world.ledger),
               ledger_refusals(world.ledger));
        ledger_print(world.ledger);
    }
    ledger_close(world.ledger);
    free(bundle);
    return status;
}
