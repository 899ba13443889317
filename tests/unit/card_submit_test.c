/*
 * A service with gift cards as a shop sees it: sixty-four threads lay down one card at once, others look into the wallet and ask for prices
 * meanwhile; never a cent more than the card has is taken, whether the orders were priced before, held, or sent twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include "compiler/compiler.h"
#include "runtime/store/promo.h"
#include "vm/memory.h"

static const char source[] =
    "workspace \"Shop\"\n  product casino\n  currency EUR\n  use events\n  use attributes\n  use actions\nend\n"
    "campaign \"Card\"\n  product casino\n  currency EUR\n  budget\n    total 100 EUR\n  end\n  start on registration\n"
    "  offer gift_card \"card\"\n    amount 25 EUR\n    smallest_order 1 EUR\n    expires 365 days after grant\n  end\n"
    "  step \"One\"\n    credit \"card\", otherwise finish as \"NO\"\n    finish as \"DONE\"\n  end\nend\n";

enum { THREADS = 64 };

static struct promo *promo;
static struct compiler_output compiled;
static char folder[] = "/tmp/promo-cards-XXXXXX", path[128];
static atomic_uint failures;

/* What left: cents that answers say were taken from the card, and how often the card was empty. One thread at a time calls the sink. */
static int64_t taken, redeemed;
static uint32_t granted, empty;

static void take_effect(void *context, const struct engine_effect *effect)
{
    (void)context;
    if (effect->kind != ENGINE_ANSWER || effect->answer->values == NULL) {
        if (effect->kind == ENGINE_ANSWER && effect->answer->reason == REASON_EMPTY) empty++;
        return;
    }
    for (uint32_t i = 0; i < effect->answer->value_count; i++) {
        const struct answer_value *value = &effect->answer->values[i];
        if (strcmp(value->name, "from_card") != 0) continue;
        taken += value->value;
        granted++;
        bool holds = effect->answer->value_count > 4; /* `until` */
        if (!holds) redeemed += value->value;
    }
}

static int start(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    struct compiler_input input = {.path = TEXT("shop.promo"), .bytes = text_of(source)};
    struct compiler_options options = {.default_name = TEXT("Shop")};
    assert_int_equal(compiler_compile(&compiled, &input, 1, options, &error), OK);
    assert_false(compiled.failed);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/shop.db", folder);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    static const char *const ends[] = {"", "-wal", "-shm", "-keys", "-keys-wal", "-keys-shm", "-lock"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char name[160];
        (void)snprintf(name, sizeof name, "%s%s", path, ends[i]);
        (void)unlink(name);
    }
    (void)rmdir(folder);
    compiler_release(&compiled);
    return 0;
}

static void open_promo(uint32_t shards)
{
    struct error error = ERROR_NONE;
    struct promo_options options = {.bundle = compiled.bundle.bytes,
                                    .bundle_size = compiled.bundle.size,
                                    .database = path,
                                    .shards = shards,
                                    .time = PROMO_TIME_RECORDS,
                                    .sink = {.effect = take_effect}};
    if (promo_open(&promo, &options, &error) != OK) fail_msg("%s", error.message);
}

static enum promo_verdict submit(const char *id, const char *event, const char *at, const char *data)
{
    char line[400];
    struct error error = ERROR_NONE;
    struct promo_outcome outcome = {.lines = NULL};
    int size =
        snprintf(line, sizeof line, "{\"id\":\"%s\",\"event\":\"%s\",\"player\":\"p1\",\"at\":\"%s\",\"data\":{%s}}",
                 id, event, at, data);
    if (promo_submit(promo, line, (size_t)size, &outcome, &error) != OK || outcome.verdict == PROMO_REFUSED)
        atomic_fetch_add(&failures, 1);
    return outcome.verdict;
}

static void *shop(void *context)
{
    unsigned number = *(const unsigned *)context;
    char id[24], data[128];
    struct error error = ERROR_NONE;
    struct buffer out = BUFFER_EMPTY;
    struct promo_checkout order = {.brand = TEXT(""),
                                   .player = TEXT("p1"),
                                   .amount = TEXT("2.00 EUR"),
                                   .coupon = TEXT(""),
                                   .card = TEXT("card"),
                                   .stacking = TEXT("")};
    if (promo_checkout_price(promo, &order, &out, &error) != OK) atomic_fetch_add(&failures, 1);
    snprintf(id, sizeof id, "o%u", number);
    (void)snprintf(data, sizeof data, "\"amount\":\"2.00 EUR\",\"card\":\"card\"");
    submit(id, number % 2 == 0 ? "checkout" : "checkout.held", "2026-06-01T10:00:00Z", data);
    submit(id, number % 2 == 0 ? "checkout" : "checkout.held", "2026-06-01T10:00:00Z", data); /* sent twice */
    if (promo_wallet(promo, TEXT(""), TEXT("p1"), &out, &error) != OK) atomic_fetch_add(&failures, 1);
    buffer_deinit(&out);
    return NULL;
}

static void sixty_four_shops_and_one_card(void **state)
{
    (void)state;
    pthread_t thread[THREADS];
    unsigned number[THREADS];
    open_promo(3);
    submit("a1", "registration", "2026-06-01T09:00:00Z", "");
    for (unsigned i = 0; i < THREADS; i++) {
        number[i] = i;
        assert_int_equal(pthread_create(&thread[i], NULL, shop, &number[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) pthread_join(thread[i], NULL);
    assert_int_equal(atomic_load(&failures), 0);
    /* 64 orders of 2.00 on 25.00: twelve whole ones and one of 1.00; a repetition takes nothing. */
    assert_int_equal(taken, 2500);
    assert_int_equal(granted, 13);
    assert_true(empty >= THREADS - 13);
    struct error error = ERROR_NONE;
    assert_int_equal(promo_close(promo, &error), OK);

    /* Opened again: the card is used up, and holds still hold. */
    open_promo(1);
    struct buffer out = BUFFER_EMPTY;
    struct promo_checkout order = {.brand = TEXT(""),
                                   .player = TEXT("p1"),
                                   .amount = TEXT("9.00 EUR"),
                                   .coupon = TEXT(""),
                                   .card = TEXT("card"),
                                   .stacking = TEXT("")};
    assert_int_equal(promo_checkout_price(promo, &order, &out, &error), OK);
    assert_string_equal(
        buffer_as_string(&out),
        "{\"result\":\"EMPTY\",\"coupon_off\":\"0.00 EUR\",\"from_card\":\"0.00 EUR\",\"paid\":\"9.00 EUR\","
        "\"lines\":[{\"offer\":\"card\",\"result\":\"EMPTY\",\"taken\":\"0.00 EUR\"}]}\n");
    /* The holds are over after 15 minutes, and what they held is there again. */
    submit("t1", "session.started", "2026-06-01T10:16:00Z", "");
    buffer_clear(&out);
    assert_int_equal(promo_checkout_price(promo, &order, &out, &error), OK);
    struct buffer wallet = BUFFER_EMPTY;
    assert_int_equal(promo_wallet(promo, TEXT(""), TEXT("p1"), &wallet, &error), OK);
    /* How much was held depends on who came first: what is there now, and what is redeemed, make the card. */
    int euros = -1;
    const char *left = strstr(buffer_as_string(&wallet), "\"left\":\"");
    if (redeemed == 2500) {
        assert_null(left);
        euros = 0;
    } else {
        assert_non_null(left);
        sscanf(left + 8, "%d", &euros);
    }
    if (euros * 100 + redeemed != 2500) fail_msg("%s redeemed %ld", buffer_as_string(&wallet), (long)redeemed);
    buffer_deinit(&wallet);
    order.player = TEXT("nobody");
    assert_int_equal(promo_checkout_price(promo, &order, &out, &error), STATUS_NOT_FOUND);
    order.player = TEXT("p1");
    order.amount = TEXT("9,00");
    assert_int_equal(promo_checkout_price(promo, &order, &out, &error), STATUS_INVALID);
    buffer_deinit(&out);
    assert_int_equal(promo_close(promo, &error), OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sixty_four_shops_and_one_card)};
    return cmocka_run_group_tests(tests, start, stop);
}
