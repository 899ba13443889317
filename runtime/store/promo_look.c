/* Looking into a service that runs: what a player has, what a checkout would cost. See promo.h; contracts of the engine: wallet.h.
 *
 * Who looks takes the leader's place for that time, so that nobody folds meanwhile; nothing is written.
 */
#include <time.h>

#include "runtime/engine/board_view.h"
#include "runtime/engine/wallet.h"
#include "runtime/store/promo_parts.h"

/* Whoever asks may be a stranger: far longer than any name is refused at the door. */
static enum status check_sizes(const struct text *texts, size_t count, struct error *error)
{
    for (size_t index = 0; index < count; index++) {
        if (texts[index].size > LIMIT_STRING_BYTES)
            return error_set(error, STATUS_INVALID, "a text is longer than 4,096 bytes");
    }
    return OK;
}

void promo_lead(struct promo *promo)
{
    (void)pthread_mutex_lock(&promo->mutex);
    while (promo->leading) (void)pthread_cond_wait(&promo->changed, &promo->mutex);
    promo->leading = true;
    (void)pthread_mutex_unlock(&promo->mutex);
}

void promo_lead_end(struct promo *promo)
{
    (void)pthread_mutex_lock(&promo->mutex);
    promo->leading = false;
    (void)pthread_cond_broadcast(&promo->changed);
    (void)pthread_mutex_unlock(&promo->mutex);
}

bool promo_knows(struct promo *promo, struct text brand, struct text player)
{
    struct engine_player_view view;
    if (promo->stored && keyring_find(promo->store.keyring, brand, player) != 0) return true;
    return engine_find_player(promo->engine, brand, player, &view);
}

enum status promo_wallet(struct promo *promo, struct text brand, struct text player, struct buffer *out,
                         struct error *error)
{
    const struct text texts[] = {brand, player};
    RETURN_IF_FAILED(check_sizes(texts, 2, error));
    promo_lead(promo);
    enum status status = promo_usable(promo, error);
    if (status == OK) wallet_json(promo->engine, brand, player, out);
    promo_lead_end(promo);
    if (status != OK || buffer_ok(out)) return status;
    return error_set(error, STATUS_NO_MEMORY, "out of memory");
}

static void put_board(void *context, const struct board_view *view)
{
    board_view_json(context, view);
}

enum status promo_board(struct promo *promo, struct text name, struct text brand, struct text player,
                        struct buffer *out, struct error *error)
{
    const struct text texts[] = {name, brand, player};
    RETURN_IF_FAILED(check_sizes(texts, 3, error));
    promo_lead(promo);
    struct timespec clock = {0, 0};
    (void)clock_gettime(CLOCK_REALTIME, &clock);
    enum status status = promo_usable(promo, error);
    if (status == OK)
        status = board_view(promo->engine, name, INT64_MIN, brand, player,
                            (int64_t)clock.tv_sec * 1000 + clock.tv_nsec / 1000000, put_board, out, error);
    promo_lead_end(promo);
    if (status != OK || buffer_ok(out)) return status;
    return error_set(error, STATUS_NO_MEMORY, "out of memory");
}

enum status promo_checkout_price(struct promo *promo, const struct promo_checkout *checkout, struct buffer *out,
                                 struct error *error)
{
    const struct text texts[] = {checkout->brand,  checkout->player, checkout->amount,
                                 checkout->coupon, checkout->card,   checkout->stacking};
    RETURN_IF_FAILED(check_sizes(texts, 6, error));
    promo_lead(promo);
    int64_t now = INT64_MIN;
    struct timespec clock;
    if (promo->options.time == PROMO_TIME_CLOCK && clock_gettime(CLOCK_REALTIME, &clock) == 0)
        now = (int64_t)clock.tv_sec * 1000 + clock.tv_nsec / 1000000;
    enum status status = promo_usable(promo, error);
    if (status == OK)
        status = wallet_price(promo->engine, now, checkout->brand, checkout->player, checkout->amount, checkout->coupon,
                              checkout->card, checkout->stacking, out, error);
    promo_lead_end(promo);
    return status;
}
