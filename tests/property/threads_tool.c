/* Sixty-four threads submit at once to one durable service whose budgets do not suffice: nothing is ever overspent, no line
 * is lost, and every credit is a different one.
 *   threads_tool BUNDLE DATABASE
 * It is an embedding program: it includes promo.h and nothing of the compiler.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/store/promo.h"

enum { THREADS = 64, PLAYERS_EACH = 12, CREDITS_MAX = 8192 };

static struct promo *promo;
static atomic_uint applied, wrong;

/* What left, by campaign: Match, Reload, Daily. The sink is called by one thread at a time. */
static int64_t spent[3], spent_match_player_max, reload_of[THREADS * PLAYERS_EACH], match_of[THREADS * PLAYERS_EACH];
static uint8_t ids[CREDITS_MAX][16];
static uint32_t credits, refusals, suspensions;

static int campaign_number(const struct engine_effect *effect)
{
    struct text name = program_text(effect->program, effect->program->campaign[effect->campaign].name);
    return text_equal(name, TEXT("Match")) ? 0 : text_equal(name, TEXT("Reload")) ? 1 : 2;
}

static void take_effect(void *context, const struct engine_effect *effect)
{
    (void)context;
    if (effect->kind == ENGINE_SUSPENDED) suspensions++;
    if (effect->kind != ENGINE_CREDIT) return;
    int campaign = campaign_number(effect);
    spent[campaign] += effect->cost;
    char digits[24];
    snprintf(digits, sizeof digits, "%.*s", TEXT_ARGS(effect->player));
    unsigned long player = strtoul(digits + 1, NULL, 10);
    if (player < THREADS * PLAYERS_EACH) {
        int64_t *sum = campaign == 0 ? &match_of[player] : &reload_of[player];
        *sum += effect->cost;
        if (campaign == 0 && *sum > spent_match_player_max) spent_match_player_max = *sum;
    }
    if (credits < CREDITS_MAX) memcpy(ids[credits], effect->id, 16);
    credits++;
}

static void take_note(void *context, const struct engine_note *note)
{
    (void)context;
    if (note->kind == NOTE_EFFECT_REFUSED && (note->reason == REASON_BUDGET || note->reason == REASON_SUSPENDED))
        refusals++;
}

static void submit(const char *line)
{
    struct error error = ERROR_NONE;
    struct promo_outcome outcome = {.lines = NULL};
    if (promo_submit(promo, line, strlen(line), &outcome, &error) == OK && outcome.verdict == PROMO_APPLIED) {
        atomic_fetch_add(&applied, 1);
        return;
    }
    atomic_fetch_add(&wrong, 1);
    fprintf(stderr, "%s%s\n", error.message, outcome.message);
}

static void *run_thread(void *context)
{
    unsigned thread = *(unsigned *)context;
    char line[400];
    for (unsigned i = 0; i < PLAYERS_EACH; i++) {
        unsigned player = thread * PLAYERS_EACH + i;
        static const char at[] = "2026-06-01T08:00:00Z";
        snprintf(line, sizeof line,
                 "{\"kind\":\"attributes\",\"id\":\"a%u\",\"player\":\"p%u\",\"at\":\"%s\",\"set\":{\"age\":30,\"age_"
                 "verified\":true}}",
                 player, player, at);
        submit(line);
        snprintf(line, sizeof line,
                 "{\"id\":\"r%u\",\"event\":\"registration\",\"player\":\"p%u\",\"at\":\"%s\",\"data\":{}}", player,
                 player, at);
        submit(line);
        for (unsigned k = 0; k < 2; k++) {
            snprintf(line, sizeof line,
                     "{\"id\":\"d%u-%u\",\"event\":\"deposit\",\"player\":\"p%u\",\"at\":\"%s\",\"data\":{\"amount\":"
                     "\"%u.%02u EUR\",\"first\":false,"
                     "\"method\":\"card\"}}",
                     player, k, player, at, 20 + (player * 7 + k * 31) % 120, (player * 13) % 100);
            submit(line);
        }
    }
    return NULL;
}

static bool check(bool good, const char *what, int64_t value)
{
    if (!good) printf("%s (%lld)\n", what, (long long)value);
    return good;
}

static int compare_ids(const void *left, const void *right)
{
    return memcmp(left, right, 16);
}

static uint8_t *read_bundle(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    static uint8_t bytes[4 << 20];
    *size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return bytes;
}

int main(int count, char **arguments)
{
    if (count != 3) {
        fprintf(stderr, "usage: threads_tool BUNDLE DATABASE\n");
        return 2;
    }
    size_t size = 0;
    uint8_t *bundle = read_bundle(arguments[1], &size);
    struct error error = ERROR_NONE;
    struct promo_options options = {.bundle = bundle,
                                    .bundle_size = size,
                                    .database = arguments[2],
                                    .shards = 7,
                                    .sink = {.effect = take_effect, .note = take_note},
                                    .time = PROMO_TIME_RECORDS};
    if (bundle == NULL || promo_open(&promo, &options, &error) != OK) {
        printf("it does not open: %s\n", error.message);
        return 2;
    }
    pthread_t thread[THREADS];
    unsigned number[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        number[i] = i;
        if (pthread_create(&thread[i], NULL, run_thread, &number[i]) != 0) return 2;
    }
    for (unsigned i = 0; i < THREADS; i++) pthread_join(thread[i], NULL);
    uint8_t digest[32];
    enum status status = engine_digest(promo_engine(promo), digest, &error);
    bool good = check(status == OK, "the state has no digest", status);
    good &= check(promo_close(promo, &error) == OK, error.message, 0);

    good &= check(wrong == 0, "lines were not applied", wrong);
    good &= check(applied == THREADS * PLAYERS_EACH * 4, "lines applied", applied);
    good &= check(spent[0] <= 70000, "Match overspent its day", spent[0]);
    good &= check(spent[0] > 60000, "Match did not come near its day's limit, so the test says little", spent[0]);
    good &= check(spent_match_player_max <= 6000, "Match overspent a player", spent_match_player_max);
    good &= check(spent[1] <= 180000, "Reload overspent the pool", spent[1]);
    good &= check(spent[1] > 170000, "Reload did not come near the pool's limit, so the test says little", spent[1]);
    for (int i = 0; i < THREADS * PLAYERS_EACH; i++)
        good &= check(reload_of[i] <= 4000, "Reload overspent a player's day", reload_of[i]);
    good &= check(refusals > 100, "hardly anything was refused, so the test says little", refusals);
    qsort(ids, credits < CREDITS_MAX ? credits : CREDITS_MAX, sizeof ids[0], compare_ids);
    for (uint32_t i = 1; i < credits && i < CREDITS_MAX; i++)
        good &= check(memcmp(ids[i - 1], ids[i], 16) != 0, "one credit left twice", i);
    printf("%u credits, %u refusals, %u suspensions\n", credits, refusals, suspensions);
    return good ? 0 : 1;
}
