/* Lots, days and rests. See purse.h. */
#include "runtime/engine/purse.h"

#include <string.h>

#include "runtime/engine/codec.h"
#include "vm/round.h"

/* Room for one more in an array of the slab's; false when memory is out. */
static bool grow(struct slab *slab, void **list, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity) return true;
    uint32_t more = *capacity == 0 ? 2 : *capacity * 2;
    void *grown = slab_alloc(slab, more * size);
    if (grown == NULL) return false;
    if (count > 0) memcpy(grown, *list, count * size);
    slab_free(slab, *list, *capacity * size);
    *list = grown;
    *capacity = more;
    return true;
}

static bool grow_lots(struct purse *purse, struct slab *slab)
{
    void *list = purse->lot;
    if (!grow(slab, &list, purse->lot_count, &purse->lot_capacity, sizeof *purse->lot)) return false;
    purse->lot = list;
    return true;
}

static bool grow_days(struct purse *purse, struct slab *slab)
{
    void *list = purse->day;
    if (!grow(slab, &list, purse->day_count, &purse->day_capacity, sizeof *purse->day)) return false;
    purse->day = list;
    return true;
}

static bool grow_rests(struct purse *purse, struct slab *slab)
{
    void *list = purse->rest;
    if (!grow(slab, &list, purse->rest_count, &purse->rest_capacity, sizeof *purse->rest)) return false;
    purse->rest = list;
    return true;
}

void purse_release(struct purse *purse, struct slab *slab)
{
    slab_free(slab, purse->lot, purse->lot_capacity * sizeof *purse->lot);
    slab_free(slab, purse->day, purse->day_capacity * sizeof *purse->day);
    slab_free(slab, purse->rest, purse->rest_capacity * sizeof *purse->rest);
    *purse = (struct purse){.number = purse->number};
}

bool purse_is_empty(const struct purse *purse)
{
    return purse->lot_count == 0 && purse->day_count == 0 && purse->rest_count == 0 && purse->debt == 0 &&
           purse->earned == 0;
}

/* ---------------------------------------------------------------- earning */

static uint32_t place_of_rest(const struct purse *purse, uint64_t line)
{
    uint32_t at = 0;
    while (at < purse->rest_count && purse->rest[at].line < line) at++;
    return at;
}

static void drop_rest(struct purse *purse, uint32_t at)
{
    purse->rest_count--;
    memmove(&purse->rest[at], &purse->rest[at + 1], (purse->rest_count - at) * sizeof *purse->rest);
}

static bool keep_rest(struct purse *purse, struct slab *slab, uint32_t at, uint64_t line, int64_t rest)
{
    bool there = at < purse->rest_count && purse->rest[at].line == line;
    if (rest == 0) {
        if (there) drop_rest(purse, at);
        return true;
    }
    if (!there) {
        if (!grow_rests(purse, slab)) return false;
        memmove(&purse->rest[at + 1], &purse->rest[at], (purse->rest_count - at) * sizeof *purse->rest);
        purse->rest_count++;
        purse->rest[at].line = line;
    }
    purse->rest[at].rest = rest;
    return true;
}

static int64_t bounded(int128 number)
{
    if (number > PURSE_MOST) return PURSE_MOST;
    return number < -PURSE_MOST ? -PURSE_MOST : (int64_t)number;
}

bool purse_measure(struct purse *purse, struct slab *slab, uint64_t line, int64_t value, int64_t num, int64_t den,
                   bool drops, int64_t *points_out)
{
    int128 parts = (int128)value * num;
    if (drops) { /* Toward zero, so that what is taken back is what was given. */
        *points_out = bounded(parts / den);
        return true;
    }
    uint32_t at = place_of_rest(purse, line);
    if (at < purse->rest_count && purse->rest[at].line == line) parts += purse->rest[at].rest;
    int128 whole = parts / den;
    if (whole * den > parts) whole--;
    *points_out = bounded(whole);
    return keep_rest(purse, slab, at, line, (int64_t)(parts - whole * den));
}

static uint32_t place_of_lot(const struct purse *purse, int64_t expires)
{
    uint32_t at = purse->lot_count;
    while (at > 0 && purse->lot[at - 1].expires >= expires) at--;
    return at;
}

bool purse_add(struct purse *purse, struct slab *slab, int64_t points, int64_t expires)
{
    int64_t pays = points < purse->debt ? points : purse->debt;
    purse->debt -= pays;
    points -= pays;
    if (points > PURSE_MOST - purse->balance) points = PURSE_MOST - purse->balance;
    if (points <= 0) return true;
    uint32_t at = place_of_lot(purse, expires);
    if (at == purse->lot_count || purse->lot[at].expires != expires) {
        if (!grow_lots(purse, slab)) return false;
        memmove(&purse->lot[at + 1], &purse->lot[at], (purse->lot_count - at) * sizeof *purse->lot);
        purse->lot_count++;
        purse->lot[at] = (struct purse_lot){.expires = expires};
    }
    purse->lot[at].left += points;
    purse->balance += points;
    return true;
}

/* ---------------------------------------------------------------- spending */

static void drop_lots(struct purse *purse, uint32_t first, uint32_t count)
{
    if (count == 0) return;
    purse->lot_count -= count;
    if (first < purse->lot_count)
        memmove(&purse->lot[first], &purse->lot[first + count], (purse->lot_count - first) * sizeof *purse->lot);
}

/* Takes up to so many out of one lot; what it gave. */
static int64_t take_from(struct purse *purse, uint32_t at, int64_t points)
{
    int64_t taken = points < purse->lot[at].left ? points : purse->lot[at].left;
    purse->lot[at].left -= taken;
    purse->balance -= taken;
    return taken;
}

/* Those that expire first in front; what was there. */
static int64_t take_oldest(struct purse *purse, int64_t points)
{
    uint32_t used = 0;
    int64_t wanted = points;
    for (; used < purse->lot_count && points > 0; used++) {
        points -= take_from(purse, used, points);
        if (purse->lot[used].left > 0) break;
    }
    drop_lots(purse, 0, used);
    return wanted - points;
}

bool purse_spend(struct purse *purse, int64_t points)
{
    if (points > purse->balance) return false;
    int64_t taken = take_oldest(purse, points);
    INVARIANT(taken == points);
    return true;
}

void purse_take_back(struct purse *purse, int64_t points, int64_t expires)
{
    uint32_t at = place_of_lot(purse, expires);
    if (at < purse->lot_count && purse->lot[at].expires == expires) {
        points -= take_from(purse, at, points);
        if (purse->lot[at].left == 0) drop_lots(purse, at, 1);
    }
    points -= take_oldest(purse, points);
    purse->debt = points > PURSE_MOST - purse->debt ? PURSE_MOST : purse->debt + points;
}

/* ---------------------------------------------------------------- expiring */

int64_t purse_expire(struct purse *purse, int64_t now)
{
    uint32_t gone = 0;
    int64_t points = 0;
    for (; gone < purse->lot_count && purse->lot[gone].expires <= now; gone++) points += purse->lot[gone].left;
    drop_lots(purse, 0, gone);
    purse->balance -= points;
    return points;
}

int64_t purse_next(const struct purse *purse)
{
    return purse->lot_count == 0 ? PURSE_NEVER : purse->lot[0].expires;
}

int64_t purse_expiring(const struct purse *purse, int64_t until)
{
    int64_t points = 0;
    for (uint32_t i = 0; i < purse->lot_count && purse->lot[i].expires <= until; i++) points += purse->lot[i].left;
    return points;
}

/* ---------------------------------------------------------------- days */

static uint32_t place_of_day(const struct purse *purse, int64_t date)
{
    uint32_t at = purse->day_count;
    while (at > 0 && purse->day[at - 1].date >= date) at--;
    return at;
}

static void drop_days(struct purse *purse, uint32_t first, uint32_t count)
{
    if (count == 0) return;
    purse->day_count -= count;
    memmove(&purse->day[first], &purse->day[first + count], (purse->day_count - first) * sizeof *purse->day);
}

bool purse_count(struct purse *purse, struct slab *slab, int64_t date, int64_t points, int64_t oldest)
{
    purse->earned = bounded((int128)purse->earned + points);
    uint32_t gone = place_of_day(purse, oldest);
    if (gone > 0) drop_days(purse, 0, gone);
    if (date < oldest || points == 0) return true;
    uint32_t at = place_of_day(purse, date);
    if (at == purse->day_count || purse->day[at].date != date) {
        if (!grow_days(purse, slab)) return false;
        memmove(&purse->day[at + 1], &purse->day[at], (purse->day_count - at) * sizeof *purse->day);
        purse->day_count++;
        purse->day[at] = (struct purse_day){.date = date};
    }
    purse->day[at].earned = bounded((int128)purse->day[at].earned + points);
    if (purse->day[at].earned == 0) drop_days(purse, at, 1);
    return true;
}

int64_t purse_counted(const struct purse *purse, int64_t low, int64_t high)
{
    int128 sum = 0;
    for (uint32_t i = place_of_day(purse, low); i < purse->day_count && purse->day[i].date <= high; i++)
        sum += purse->day[i].earned;
    return sum < 0 ? 0 : bounded(sum);
}

/* ---------------------------------------------------------------- bytes */

void purse_encode(const struct purse *purse, struct buffer *out)
{
    buffer_u32(out, purse->number);
    buffer_i64(out, purse->debt);
    buffer_i64(out, purse->earned);
    buffer_u32(out, purse->lot_count);
    for (uint32_t i = 0; i < purse->lot_count; i++) {
        buffer_i64(out, purse->lot[i].expires);
        buffer_i64(out, purse->lot[i].left);
    }
    buffer_u32(out, purse->day_count);
    for (uint32_t i = 0; i < purse->day_count; i++) {
        buffer_i64(out, purse->day[i].date);
        buffer_i64(out, purse->day[i].earned);
    }
    buffer_u32(out, purse->rest_count);
    for (uint32_t i = 0; i < purse->rest_count; i++) {
        buffer_u64(out, purse->rest[i].line);
        buffer_i64(out, purse->rest[i].rest);
    }
}

static bool is_number(int64_t number)
{
    return number >= -PURSE_MOST && number <= PURSE_MOST;
}

enum status purse_decode(struct purse *purse, struct slab *slab, struct buffer_reader *in, struct error *error)
{
    purse->number = buffer_read_u32(in);
    purse->debt = buffer_read_i64(in);
    purse->earned = buffer_read_i64(in);
    uint32_t lots = buffer_read_u32(in);
    for (uint32_t i = 0; i < lots && !in->failed; i++) {
        struct purse_lot lot = {.expires = buffer_read_i64(in)};
        lot.left = buffer_read_i64(in);
        bool later = i == 0 || lot.expires > purse->lot[i - 1].expires;
        if (in->failed || !later || lot.left <= 0 || lot.left > PURSE_MOST - purse->balance)
            return codec_corrupt(error, "points are out of order, or too many");
        if (!grow_lots(purse, slab)) return codec_no_memory(error);
        purse->lot[purse->lot_count++] = lot;
        purse->balance += lot.left;
    }
    uint32_t days = buffer_read_u32(in);
    for (uint32_t i = 0; i < days && !in->failed; i++) {
        struct purse_day day = {.date = buffer_read_i64(in)};
        day.earned = buffer_read_i64(in);
        if (in->failed || (i > 0 && day.date <= purse->day[i - 1].date) || !is_number(day.earned))
            return codec_corrupt(error, "days of points are out of order");
        if (!grow_days(purse, slab)) return codec_no_memory(error);
        purse->day[purse->day_count++] = day;
    }
    uint32_t rests = buffer_read_u32(in);
    for (uint32_t i = 0; i < rests && !in->failed; i++) {
        struct purse_rest rest = {.line = buffer_read_u64(in)};
        rest.rest = buffer_read_i64(in);
        if (in->failed || (i > 0 && rest.line <= purse->rest[i - 1].line) || rest.rest <= 0)
            return codec_corrupt(error, "fractions of points are out of order");
        if (!grow_rests(purse, slab)) return codec_no_memory(error);
        purse->rest[purse->rest_count++] = rest;
    }
    if (in->failed || purse->debt < 0 || purse->debt > PURSE_MOST || !is_number(purse->earned))
        return codec_corrupt(error, "a player's points are cut off");
    return OK;
}
