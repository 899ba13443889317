/* A purse against a model that keeps every point as a thing of its own, and against plain sums.
 *
 * The model knows nothing of lots: each point has the instant at which it goes. Whole points of a line must always be the whole part of
 * all that was measured, whatever was taken back in between. SEED=n repeats a run.
 */
#include "runtime/engine/purse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "vm/round.h"

enum { POINTS_MOST = 4096, LINES = 3, STEPS = 400 };

struct model {
    int64_t point[POINTS_MOST]; /* When each goes. */
    uint32_t count;
    int64_t debt;
};

static uint64_t state;

static uint64_t dice(uint64_t below)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (state >> 33) % below;
}

static uint32_t earliest(const struct model *model)
{
    uint32_t first = 0;
    for (uint32_t i = 1; i < model->count; i++) {
        if (model->point[i] < model->point[first]) first = i;
    }
    return first;
}

static void drop(struct model *model, uint32_t at)
{
    model->point[at] = model->point[--model->count];
}

static void model_add(struct model *model, int64_t points, int64_t expires)
{
    for (int64_t i = 0; i < points; i++) {
        if (model->debt > 0) {
            model->debt--;
        } else {
            model->point[model->count++] = expires;
        }
    }
}

static void model_take_back(struct model *model, int64_t points, int64_t expires)
{
    for (int64_t i = 0; i < points; i++) {
        uint32_t at = 0;
        while (at < model->count && model->point[at] != expires) at++;
        if (at == model->count && model->count > 0) at = earliest(model);
        if (model->count == 0) {
            model->debt++;
        } else {
            drop(model, at);
        }
    }
}

static void model_spend(struct model *model, int64_t points)
{
    for (int64_t i = 0; i < points; i++) drop(model, earliest(model));
}

static int64_t model_expire(struct model *model, int64_t now)
{
    int64_t gone = 0;
    for (uint32_t i = 0; i < model->count;) {
        if (model->point[i] > now) {
            i++;
            continue;
        }
        drop(model, i);
        gone++;
    }
    return gone;
}

static int64_t floor_of(int128 a, int64_t b)
{
    int128 whole = a / b;
    return (int64_t)(whole * b > a ? whole - 1 : whole);
}

/* Written down and read back it is the same, byte for byte. */
static void goes_round(const struct purse *purse, struct slab *slab)
{
    struct buffer bytes = BUFFER_EMPTY, again = BUFFER_EMPTY;
    struct purse read = {0};
    struct error error;
    purse_encode(purse, &bytes);
    struct buffer_reader in = buffer_read((const char *)bytes.bytes, bytes.size);
    assert_int_equal(purse_decode(&read, slab, &in, &error), OK);
    assert_int_equal(in.at, in.size);
    purse_encode(&read, &again);
    assert_int_equal(again.size, bytes.size);
    assert_memory_equal(again.bytes, bytes.bytes, bytes.size);
    assert_int_equal(read.balance, purse->balance);
    purse_release(&read, slab);
    buffer_deinit(&bytes);
    buffer_deinit(&again);
}

static void one_life(uint64_t seed)
{
    static struct model model;
    struct purse purse = {.number = 3};
    struct slab slab;
    int128 measured[LINES] = {0};
    int64_t given[LINES] = {0}, by_day[64] = {0}, ever = 0, now = 0;
    slab_init(&slab);
    model = (struct model){.count = 0};
    state = seed;
    const int64_t num[LINES] = {1, 3, 7}, den[LINES] = {1000, 700, 11};
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t line = (uint32_t)dice(LINES);
        int64_t day = (int64_t)dice(4) + now, expires = day + 5, points = 0;
        uint64_t what = dice(10);
        if (what < 6) {
            int64_t value = (int64_t)dice(4 * (uint64_t)den[line]) - (what == 0 ? 2 * den[line] : 0);
            assert_true(purse_measure(&purse, &slab, line + 1, value, num[line], den[line], false, &points));
            measured[line] += (int128)value * num[line];
            given[line] += points;
            assert_int_equal(given[line], floor_of(measured[line], den[line]));
            if (points > 0) {
                assert_true(purse_add(&purse, &slab, points, expires));
                model_add(&model, points, expires);
            } else if (points < 0) {
                purse_take_back(&purse, -points, expires);
                model_take_back(&model, -points, expires);
            }
            assert_true(purse_count(&purse, &slab, day, points, now - 10));
            by_day[day] += points;
            ever += points;
        } else if (what < 8) {
            int64_t wanted = (int64_t)dice(20);
            bool enough = wanted <= (int64_t)model.count;
            assert_int_equal(purse_spend(&purse, wanted), enough);
            if (enough) model_spend(&model, wanted);
        } else if (what == 8 && now < 55) {
            now++;
            assert_int_equal(purse_expire(&purse, now), model_expire(&model, now));
        } else {
            goes_round(&purse, &slab);
        }
        assert_int_equal(purse.balance, model.count);
        assert_int_equal(purse.debt, model.debt);
        assert_int_equal(purse_next(&purse), model.count == 0 ? PURSE_NEVER : model.point[earliest(&model)]);
        int64_t soon = 0, recent = 0;
        for (uint32_t i = 0; i < model.count; i++) soon += model.point[i] <= now + 2;
        assert_int_equal(purse_expiring(&purse, now + 2), soon);
        for (int64_t date = now; date < now + 3; date++) recent += by_day[date];
        assert_int_equal(purse_counted(&purse, now, now + 2), recent < 0 ? 0 : recent);
        assert_int_equal(purse.earned, ever);
    }
    purse_release(&purse, &slab);
    slab_deinit(&slab);
}

static void is_what_a_model_says(void **unused)
{
    (void)unused;
    const char *given = getenv("SEED");
    uint64_t seed = given == NULL ? 20260601 : strtoull(given, NULL, 10);
    print_message("SEED=%llu\n", (unsigned long long)seed);
    for (uint64_t i = 0; i < 300; i++) one_life(seed + i);
}

static void drops_what_is_over(void **unused)
{
    (void)unused;
    struct purse purse = {0};
    struct slab slab;
    slab_init(&slab);
    int64_t points;
    assert_true(purse_measure(&purse, &slab, 1, 1999, 1, 1000, true, &points));
    assert_int_equal(points, 1);
    assert_true(purse_measure(&purse, &slab, 1, -1999, 1, 1000, true, &points));
    assert_int_equal(points, -1); /* Exactly what it gave. */
    assert_true(purse_is_empty(&purse));
    slab_deinit(&slab);
}

/* Nothing is taken from nothing: the lots of a new purse are no array yet. */
static void gives_nothing_while_empty(void **unused)
{
    (void)unused;
    struct purse purse = {0};
    assert_true(purse_spend(&purse, 0));
    assert_false(purse_spend(&purse, 1));
    assert_int_equal(purse_expire(&purse, INT64_MAX), 0);
    purse_take_back(&purse, 3, 10);
    assert_int_equal(purse.debt, 3);
    assert_int_equal(purse.balance, 0);
}

static void stays_within_bounds(void **unused)
{
    (void)unused;
    struct purse purse = {0};
    struct slab slab;
    slab_init(&slab);
    int64_t points;
    assert_true(purse_measure(&purse, &slab, 1, INT64_MAX, INT64_MAX, 1, false, &points));
    assert_int_equal(points, PURSE_MOST);
    assert_true(purse_add(&purse, &slab, PURSE_MOST, 10));
    assert_true(purse_add(&purse, &slab, PURSE_MOST, 20));
    assert_int_equal(purse.balance, PURSE_MOST);
    purse_take_back(&purse, PURSE_MOST, 20);
    assert_int_equal(purse.balance, 0);
    purse_take_back(&purse, PURSE_MOST, 20);
    purse_take_back(&purse, PURSE_MOST, 20);
    assert_int_equal(purse.debt, PURSE_MOST);
    purse_release(&purse, &slab);
    slab_deinit(&slab);
}

static void refuses_damaged_bytes(void **unused)
{
    (void)unused;
    struct purse purse = {0};
    struct slab slab;
    struct error error;
    slab_init(&slab);
    assert_true(purse_add(&purse, &slab, 5, 10));
    assert_true(purse_add(&purse, &slab, 5, 20));
    assert_true(purse_count(&purse, &slab, 3, 10, 0));
    int64_t points;
    assert_true(purse_measure(&purse, &slab, 9, 5, 1, 10, false, &points));
    struct buffer bytes = BUFFER_EMPTY;
    purse_encode(&purse, &bytes);
    for (size_t size = 0; size < bytes.size; size++) {
        struct purse read = {0};
        struct buffer_reader in = buffer_read((const char *)bytes.bytes, size);
        assert_int_equal(purse_decode(&read, &slab, &in, &error), STATUS_CORRUPT);
        purse_release(&read, &slab);
    }
    bytes.bytes[4 + 8 + 8 + 4] = 30; /* The first lot now goes after the second. */
    struct purse read = {0};
    struct buffer_reader in = buffer_read((const char *)bytes.bytes, bytes.size);
    assert_int_equal(purse_decode(&read, &slab, &in, &error), STATUS_CORRUPT);
    purse_release(&read, &slab);
    purse_release(&purse, &slab);
    buffer_deinit(&bytes);
    slab_deinit(&slab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_what_a_model_says),      cmocka_unit_test(drops_what_is_over),
        cmocka_unit_test(gives_nothing_while_empty), cmocka_unit_test(stays_within_bounds),
        cmocka_unit_test(refuses_damaged_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
