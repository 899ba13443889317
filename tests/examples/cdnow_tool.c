/*
 * cdnow_tool: what the loyalty programme of examples/cdnow must give, worked out a second time.
 *
 * It reads the event stream of the example (standard input) and follows the three campaigns that cost money, written down here as plain C: no
 * language, no engine, no books. Of the project it uses the published split hash alone. It prints, for each campaign, how many credits were
 * made and what they cost, and how each kind of refusal and end was met; tests/examples/run.sh compares the credits with the effects.
 *
 * The one rule of the engine that it has to know (spec/runtime.md#shared-objects): requests of one instant are served generation by
 * generation, in the order of the event ids, and a player's second request of an instant is one generation later than the first.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vm/split.h"

enum { SECOND, BIG, WIN, CAMPAIGNS };
enum { PLAYERS = 30000, TURNS = 4096, GENERATIONS = 4, DAY = 24 * 60 * 60 };
enum state { NOT_IN, WATCH, CALLED };

static const char *const names[CAMPAIGNS] = {"Second order", "Big basket", "Win back"};

struct player {
    bool second;        /* waits for a second order … */
    int64_t second_due; /* … until then */
    enum state win;
    int64_t win_due;
    int watched, back;      /* ways back that were taken */
    int big_month;          /* the month of the last entry into "Big basket" */
    int64_t got[CAMPAIGNS]; /* cents */
};

struct request {
    int campaign;
    int player;
    int64_t cents;
};

struct event {
    char id[32];
    int player;
    bool registers, first;
    int64_t cents;
    int discs;
};

static struct player players[PLAYERS];
static int64_t total_left[CAMPAIGNS] = {900000, 1500000, 4000000};
static int64_t pool_left = 3600000;
static const int64_t per_player[CAMPAIGNS] = {1000, 6000, 4500};
static int64_t month_spent[2000 * 12];
static bool suspended[CAMPAIGNS];
static int64_t credits[CAMPAIGNS], spent[CAMPAIGNS];
static int64_t held_out, lost, regular, back_often, below, refused, refused_suspended, one_order;
static struct event turns[TURNS];
static int turn_count;
static struct request queue[GENERATIONS][TURNS];
static int queued[GENERATIONS];

static int64_t least(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

static int month_of(int64_t now)
{
    time_t time = (time_t)now;
    struct tm date;
    gmtime_r(&time, &date);
    return date.tm_year * 12 + date.tm_mon;
}

/* Three months later on the calendar; a day that the month does not have is its last. */
static int64_t three_months_after(int64_t now)
{
    time_t time = (time_t)now;
    struct tm date;
    gmtime_r(&time, &date);
    int day = date.tm_mday;
    date.tm_mon += 3;
    time = timegm(&date);
    gmtime_r(&time, &date);
    if (date.tm_mday != day) time -= date.tm_mday * DAY;
    return (int64_t)time;
}

static int arm_of(int player)
{
    static const uint32_t shares[] = {450000, 900000, 1000000};
    static uint64_t seed;
    char id[16];
    int size = snprintf(id, sizeof id, "%05d", player);
    if (seed == 0) seed = split_seed(TEXT("win-back-1997"));
    return (int)split_arm(shares, 3, split_millionth((struct text){.at = id, .size = (uint32_t)size}, seed));
}

/* Everything of a player that is due by `now`: a deadline comes before an event of its instant. */
static void due(int number, int64_t now)
{
    struct player *player = &players[number];
    if (player->second && player->second_due <= now) {
        player->second = false;
        one_order++;
    }
    while (player->win != NOT_IN && player->win_due <= now) {
        if (player->win == WATCH && arm_of(number) < 2) {
            player->win = CALLED;
            player->win_due = three_months_after(player->win_due);
        } else {
            if (player->win == WATCH)
                held_out++;
            else
                lost++;
            player->win = NOT_IN;
        }
    }
}

static void serve(const struct request *request, int64_t now)
{
    struct player *player = &players[request->player];
    int campaign = request->campaign;
    int64_t cents = request->cents;
    int month = month_of(now);
    bool granted = false;
    if (suspended[campaign]) {
        refused_suspended++;
    } else if (cents > total_left[campaign]) {
        refused++;
        if (campaign != BIG) suspended[campaign] = true;
    } else if ((campaign == BIG && month_spent[month] + cents > 120000) ||
               player->got[campaign] + cents > per_player[campaign]) {
        refused++;
    } else if (campaign != SECOND && cents > pool_left) {
        refused++;
        suspended[campaign] = true;
    } else {
        granted = true;
    }
    if (granted) {
        total_left[campaign] -= cents;
        player->got[campaign] += cents;
        spent[campaign] += cents;
        credits[campaign]++;
        if (campaign != SECOND) pool_left -= cents;
        if (campaign == BIG) month_spent[month] += cents;
    }
    if (campaign != WIN) return;
    if (granted && player->back < 2) {
        player->back++;
        player->win = WATCH;
        player->win_due = now + 60 * DAY;
    } else {
        if (granted) back_often++;
        player->win = NOT_IN;
    }
}

static void ask(int generation, int campaign, int player, int64_t cents)
{
    queue[generation][queued[generation]++] = (struct request){campaign, player, cents};
}

static void turn(const struct event *event, int64_t now)
{
    struct player *player = &players[event->player];
    int generation = 0;
    due(event->player, now);
    if (event->registers) {
        if (!suspended[SECOND]) {
            player->second = true;
            player->second_due = now + 30 * DAY;
        }
        player->win = WATCH;
        player->win_due = now + 60 * DAY;
        return;
    }
    /* Campaigns in the order of their names; the stars of "Collectors" cost nothing, but are a request. */
    if (event->cents >= 10000 && !suspended[BIG] && player->big_month != month_of(now)) {
        player->big_month = month_of(now);
        ask(generation++, BIG, event->player, least(event->cents * 5 / 100, 1500));
    }
    if (event->discs >= 5) generation++;
    if (player->second && !event->first && event->cents >= 2000) {
        player->second = false;
        ask(generation++, SECOND, event->player, least(event->cents * 10 / 100, 1000));
    }
    if (player->win == WATCH) {
        player->win_due = now + 60 * DAY;
        if (player->watched++ == 20) {
            player->win = NOT_IN;
            regular++;
        }
    } else if (player->win == CALLED) {
        int64_t cents = least(event->cents * (arm_of(event->player) == 0 ? 10 : 20) / 100, 1500);
        if (cents >= 100) {
            ask(generation, WIN, event->player, cents);
        } else {
            player->win = NOT_IN;
            below++;
        }
    }
}

/* Ids compare by length, then bytes. */
static int by_id(const void *one, const void *other)
{
    const struct event *a = one, *b = other;
    size_t a_size = strlen(a->id), b_size = strlen(b->id);
    if (a_size != b_size) return a_size < b_size ? -1 : 1;
    return strcmp(a->id, b->id);
}

static void close_instant(int64_t now)
{
    qsort(turns, (size_t)turn_count, sizeof turns[0], by_id);
    memset(queued, 0, sizeof queued);
    for (int i = 0; i < turn_count; i++) turn(&turns[i], now);
    for (int generation = 0; generation < GENERATIONS; generation++) {
        for (int i = 0; i < queued[generation]; i++) serve(&queue[generation][i], now);
    }
    turn_count = 0;
}

static bool read_text(const char *line, const char *key, char *out, size_t size)
{
    const char *at = strstr(line, key);
    if (at == NULL) return false;
    at += strlen(key);
    size_t count = strcspn(at, "\"");
    if (count >= size) return false;
    memcpy(out, at, count);
    out[count] = '\0';
    return true;
}

int main(void)
{
    char line[1024];
    int64_t now = -1;
    while (fgets(line, sizeof line, stdin) != NULL) {
        char text[64];
        struct tm date = {0};
        struct event event = {0};
        if (!read_text(line, "\"at\":\"", text, sizeof text) || strptime(text, "%Y-%m-%dT%H:%M:%SZ", &date) == NULL)
            return 2;
        int64_t at = (int64_t)timegm(&date);
        if (at != now) {
            close_instant(now);
            now = at;
        }
        if (strstr(line, "\"kind\"") != NULL) continue;
        if (turn_count == TURNS) return 2;
        if (!read_text(line, "\"id\":\"", event.id, sizeof event.id) ||
            !read_text(line, "\"player\":\"", text, sizeof text))
            return 2;
        event.player = atoi(text);
        if (event.player < 0 || event.player >= PLAYERS) return 2;
        event.registers = strstr(line, "\"registered\"") != NULL;
        event.first = strstr(line, "\"first\":true") != NULL;
        if (!event.registers) {
            int64_t whole = 0, cents = 0;
            if (!read_text(line, "\"amount\":\"", text, sizeof text)) return 2;
            if (sscanf(text, "%" SCNd64 ".%2" SCNd64, &whole, &cents) != 2) return 2;
            event.cents = whole * 100 + cents;
            event.discs = atoi(strstr(line, "\"discs\":") + strlen("\"discs\":"));
        }
        turns[turn_count++] = event;
    }
    close_instant(now);
    for (int i = 0; i < PLAYERS; i++) due(i, now);
    for (int i = 0; i < CAMPAIGNS; i++) {
        printf("%s\t%" PRId64 "\t%" PRId64 ".%02" PRId64 "\n", names[i], credits[i], spent[i] / 100, spent[i] % 100);
    }
    fprintf(stderr,
            "one order %" PRId64 ", held out %" PRId64 ", lost %" PRId64 ", regular %" PRId64 ", back often %" PRId64
            ", below %" PRId64 ", refused %" PRId64 ", refused while suspended %" PRId64 "\n",
            one_order, held_out, lost, regular, back_often, below, refused, refused_suspended);
    return 0;
}
