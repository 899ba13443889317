/* Sixty-four threads submit at once to one durable service: they enter one code, then each a code of its own for a quota that has one place left,
 * then all are given a code of a pool of ten. Never is one code, place or given code handed out too many, and what was refused stays usable.
 *   codes_tool BUNDLE DATABASE
 * It is an embedding program: it includes promo.h and nothing of the compiler.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/store/promo.h"
#include "vm/bundle.h"
#include "vm/pool.h"

enum { THREADS = 64, REASONS = 128 };

static struct promo *promo;
static atomic_uint wrong;
static pthread_barrier_t barrier;
static char code[2][THREADS][CODE_WORD_SIZE + 1];

/* Told by one thread at a time. Answers by what was asked (the first letter of the id) and reason. */
static unsigned answers[3][REASONS];
static bool taken[THREADS];
static char given[THREADS][CODE_WORD_SIZE + 1];
static unsigned given_count, redeemed;

static void take_answer(const struct engine_answer *answer)
{
    if (answer->to.size < 2) return;
    int what = answer->to.at[0] == 'a' ? 0 : answer->to.at[0] == 'b' ? 1 : 2;
    if ((unsigned)answer->reason < REASONS) answers[what][answer->reason]++;
    char digits[16];
    snprintf(digits, sizeof digits, "%.*s", (int)answer->to.size - 1, answer->to.at + 1);
    unsigned long thread = strtoul(digits, NULL, 10);
    if (what == 1 && thread < THREADS && answer->reason == REASON_NONE) taken[thread] = true;
}

static void take_made(const struct engine_effect *effect)
{
    const struct bundle_event *event = &effect->program->event[effect->made->event];
    struct text name = program_text(effect->program, event->name);
    if (text_equal(name, TEXT("code_redeemed"))) redeemed++;
    if (!text_equal(name, TEXT("code_given")) || given_count == THREADS) return;
    int64_t handle = effect->made->slot[effect->program->field[event->field_first].slot];
    snprintf(given[given_count++], sizeof given[0], "%.*s", (int)handle_size(handle),
             (const char *)effect->made->bytes + handle_offset(handle));
}

static void take_effect(void *context, const struct engine_effect *effect)
{
    (void)context;
    if (effect->kind == ENGINE_ANSWER) take_answer(effect->answer);
    if (effect->kind == ENGINE_EVENT) take_made(effect);
}

static void submit(const char *line)
{
    struct error error = ERROR_NONE;
    struct promo_outcome outcome = {.lines = NULL};
    if (promo_submit(promo, line, strlen(line), &outcome, &error) == OK && outcome.verdict == PROMO_APPLIED) return;
    atomic_fetch_add(&wrong, 1);
    fprintf(stderr, "%s%s\n", error.message, outcome.message);
}

static void enter(const char *id, const char *player, const char *pool, const char *text)
{
    char line[300];
    snprintf(line, sizeof line,
             "{\"id\":\"%s\",\"event\":\"code.entered\",\"player\":\"%s\",\"at\":\"2026-06-01T09:00:00Z\",\"data\":{"
             "\"codes\":"
             "\"%s\",\"code\":\"%s\"}}",
             id, player, pool, text);
    submit(line);
}

static void *run_thread(void *context)
{
    unsigned thread = *(unsigned *)context;
    char player[16], id[16], line[300];
    snprintf(player, sizeof player, "p%u", thread);
    pthread_barrier_wait(&barrier);
    snprintf(id, sizeof id, "a%u", thread);
    enter(id, player, "single", code[0][0]);
    pthread_barrier_wait(&barrier);
    snprintf(id, sizeof id, "b%u", thread);
    enter(id, player, "crowded", code[1][thread]);
    pthread_barrier_wait(&barrier);
    snprintf(line, sizeof line,
             "{\"id\":\"g%u\",\"event\":\"purchase\",\"player\":\"%s\",\"at\":\"2026-06-01T10:00:00Z\",\"data\":{"
             "\"product_id\":"
             "\"x\",\"total\":\"1.00 EUR\",\"first\":true}}",
             thread, player);
    submit(line);
    return NULL;
}

static bool check(bool good, const char *what, int64_t value)
{
    if (!good) printf("%s (%lld)\n", what, (long long)value);
    return good;
}

static void make_codes(const struct program *program)
{
    static const char *const pools[2] = {"single", "crowded"};
    struct crypto_key identity =
        crypto_derive_key(program_text(program, program->workspace->name), TEXT("effect identity"));
    for (unsigned pool = 0; pool < 2; pool++) {
        struct code_word word;
        uint32_t index = pool_find(program, text_of(pools[pool]));
        struct crypto_key key = code_word_key(&identity, text_of(pools[pool]));
        if (index == PROGRAM_NONE || !pool_word(program, &program->pool[index], &word)) exit(2);
        for (unsigned n = 0; n < THREADS; n++) code[pool][n][code_word_nth(code[pool][n], &word, &key, n)] = 0;
    }
}

static int compare_codes(const void *left, const void *right)
{
    return strcmp(left, right);
}

int main(int count, char **arguments)
{
    static _Alignas(8) uint8_t bundle[4 << 20];
    FILE *file = count == 3 ? fopen(arguments[1], "rb") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: codes_tool BUNDLE DATABASE\n");
        return 2;
    }
    size_t size = fread(bundle, 1, sizeof bundle, file);
    fclose(file);
    struct error error = ERROR_NONE;
    struct promo_options options = {.bundle = bundle,
                                    .bundle_size = size,
                                    .database = arguments[2],
                                    .shards = 7,
                                    .sink = {.effect = take_effect},
                                    .time = PROMO_TIME_RECORDS};
    if (promo_open(&promo, &options, &error) != OK) {
        printf("it does not open: %s\n", error.message);
        return 2;
    }
    struct program program;
    if (bundle_open(&program, bundle, size, &error) != OK) return 2;
    make_codes(&program);
    submit("{\"kind\":\"attributes\",\"id\":\"v\",\"player\":\"vip\",\"at\":\"2026-06-01T08:00:00Z\",\"set\":{\"vip\":"
           "true}}");
    pthread_barrier_init(&barrier, NULL, THREADS);
    pthread_t thread[THREADS];
    unsigned number[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        number[i] = i;
        if (pthread_create(&thread[i], NULL, run_thread, &number[i]) != 0) return 2;
    }
    for (unsigned i = 0; i < THREADS; i++) pthread_join(thread[i], NULL);
    /* Everything so far is durable and told once a later record closes its instant. */
    submit("{\"kind\":\"tick\",\"at\":\"2026-06-01T11:00:00Z\"}");
    bool good = check(answers[1][REASON_NONE] == 1, "players got the last place", answers[1][REASON_NONE]);
    for (unsigned i = 0; i < THREADS; i++) {
        char line[300];
        if (taken[i]) continue;
        snprintf(line, sizeof line,
                 "{\"id\":\"c%u\",\"event\":\"code.entered\",\"player\":\"vip\",\"at\":\"2026-06-01T12:00:00Z\","
                 "\"data\":{\"codes\":"
                 "\"crowded\",\"code\":\"%s\"}}",
                 i, code[1][i]);
        submit(line);
    }
    submit("{\"kind\":\"tick\",\"at\":\"2026-06-01T13:00:00Z\"}");
    good &= check(promo_close(promo, &error) == OK, error.message, 0);

    good &= check(wrong == 0, "lines were not applied", wrong);
    good &= check(answers[0][REASON_NONE] == 1, "players redeemed one code", answers[0][REASON_NONE]);
    good &= check(answers[0][REASON_ALREADY_USED] == THREADS - 1, "were told that it is used",
                  answers[0][REASON_ALREADY_USED]);
    good &= check(answers[1][REASON_SEGMENT_QUOTA] == THREADS - 1, "were told that no place is left",
                  answers[1][REASON_SEGMENT_QUOTA]);
    good &= check(answers[2][REASON_NONE] == THREADS - 1, "codes of those who were refused stayed usable",
                  answers[2][REASON_NONE]);
    good &= check(redeemed == 1 + 1 + THREADS - 1, "redemptions were told", redeemed);
    good &= check(given_count == 10, "codes were given out of ten", given_count);
    qsort(given, given_count, sizeof given[0], compare_codes);
    for (unsigned i = 1; i < given_count; i++)
        good &= check(strcmp(given[i - 1], given[i]) != 0, "one code was given twice", i);
    printf("%u answers\n", answers[0][REASON_NONE] + answers[0][REASON_ALREADY_USED]);
    return good ? 0 : 1;
}
