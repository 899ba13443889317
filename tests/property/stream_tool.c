/* Makes and changes streams of event lines for the property tests. It reads and writes lines; it folds nothing.
 *
 *   stream_tool make SEED LINES      a stream: many lines share an instant, some come twice, the wallet answers
 *   stream_tool shuffle SEED         standard input with the lines of each instant in another order (commands keep theirs)
 *   stream_tool twice SEED           every third line comes again, at once or a little later
 *   stream_tool ticks SEED           ticks between the lines, where time passes
 *   stream_tool spoil SEED           lines that are no records between the lines: cut off, of nonsense, of random bytes
 *   stream_tool effects              effect lines without repeated ids and without a last line that was cut off
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/engine/identity.h"
#include "vm/civil.h"

enum { PLAYERS = 120, LINE_MAX_BYTES = 4096 };
#define START INT64_C(1780300800000) /* 2026-06-01T08:00:00Z */

static uint64_t state;
static uint32_t draw(uint32_t below)
{
    uint64_t x = state += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((x ^ (x >> 31)) % below);
}

/* ------------------------------------------------------------------------------------------------- make */

static void print_reply(uint32_t number, const char *at, uint32_t player)
{
    static const char *const campaigns[] = {"Match", "Reload", "Reload", "Daily"};
    static const char *const steps[] = {"Pay", "First", "First", "Divide"};
    static const char *const offers[] = {"match", "back", "more", "gift"};
    uint32_t which = draw(4);
    char name[16], digits[33];
    snprintf(name, sizeof name, "p%u", player);
    struct identity identity;
    identity_init(&identity, TEXT("property"), NULL);
    struct identity_parts parts = {.campaign = text_of(campaigns[which]),
                                   .player = text_of(name),
                                   .journey = 1 + (which == 0 ? 0 : draw(3)),
                                   .step = text_of(steps[which]),
                                   .action = TEXT("credit"),
                                   .name = text_of(offers[which]),
                                   .nth = 1};
    uint8_t id[16];
    identity_effect(id, &identity, &parts);
    crypto_hex(digits, id, sizeof id);
    printf("{\"kind\":\"reply\",\"id\":\"w%u\",\"effect\":\"%s\",\"at\":\"%s\",\"status\":\"%s\"}\n", number, digits,
           at, draw(3) == 0 ? "failed" : "credited");
}

static void print_event(uint32_t number, const char *event, const char *at, uint32_t player, const char *data)
{
    static const char *const sources[] = {"", ",\"source\":\"core\"", ",\"source\":\"games\""};
    printf("{\"id\":\"%u\"%s,\"event\":\"%s\",\"player\":\"p%u\",\"at\":\"%s\",\"data\":{%s}}\n", number,
           sources[draw(3)], event, player, at, data);
}

static void make(uint32_t lines)
{
    int64_t now = START;
    char at[CIVIL_INSTANT_SIZE], data[256];
    static const char *const zones[] = {"Europe/Malta", "Europe/London", "America/New_York", "Asia/Tokyo"};
    civil_format_instant(at, now);
    for (uint32_t player = 0; player < PLAYERS; player++) {
        char zone[64] = "";
        if (draw(3) != 0) snprintf(zone, sizeof zone, ",\"timezone\":\"%s\"", zones[draw(4)]);
        printf("{\"kind\":\"attributes\",\"id\":\"a%u\",\"player\":\"p%u\",\"at\":\"%s\",\"set\":{\"age\":%u,\"age_"
               "verified\":%s,"
               "\"casino_email\":%s,\"casino_push\":%s%s}}\n",
               player, player, at, 18 + draw(50), draw(10) == 0 ? "false" : "true", draw(5) == 0 ? "false" : "true",
               draw(3) == 0 ? "false" : "true", zone);
    }
    for (uint32_t i = 0; i < lines; i++) {
        if (draw(3) == 0) now += (int64_t)draw(4) * 1000 * (draw(6) == 0 ? 900 : 60);
        civil_format_instant(at, now);
        uint32_t player = draw(PLAYERS), number = (i * 7919u + 13u) % 1000003u;
        switch (draw(16)) {
        case 0:
        case 1: print_event(number, "registration", at, player, draw(2) == 0 ? "" : "\"source\":\"affiliate\""); break;
        case 2:
        case 3:
        case 4:
        case 5:
        case 6:
            snprintf(data, sizeof data, "\"amount\":\"%u.%02u EUR\",\"first\":%s,\"method\":\"card\"", 5 + draw(150),
                     draw(100), draw(2) == 0 ? "true" : "false");
            print_event(number, "deposit", at, player, data);
            break;
        case 7:
        case 8:
        case 9: print_event(number, "session", at, player, "\"device\":\"mobile\""); break;
        case 10:
        case 11:
            snprintf(data, sizeof data,
                     "\"settled_at\":\"%s\",\"game\":\"g%u\",\"kind\":\"slots\",\"funds\":\"real\",\"stake\":\"%u.00 "
                     "EUR\",\"win\":\"0.00 EUR\",\"multiplier\":0",
                     at, draw(9), 1 + draw(20));
            print_event(number, "bet", at, player, data);
            break;
        case 12: print_reply(number, at, player); break;
        case 13:
            snprintf(data, sizeof data, "\"amount\":\"%u.00 EUR\"", 10 + draw(100));
            if (draw(2) == 0)
                print_event(number, "withdrawal_requested", at, player, data);
            else
                print_reply(number, at, player);
            break;
        case 14:
            if (draw(8) == 0) {
                print_event(number, "self_exclusion", at, player, "");
            } else if (draw(4) == 0) {
                char until[CIVIL_INSTANT_SIZE];
                civil_format_instant(until, now + (int64_t)(1 + draw(30)) * CIVIL_HOUR_MS);
                snprintf(data, sizeof data, "\"ends_at\":\"%s\"", until);
                print_event(number, "time_out", at, player, data);
            } else {
                printf("{\"kind\":\"attributes\",\"id\":\"b%u\",\"player\":\"p%u\",\"at\":\"%s\",\"set\":{\"casino_"
                       "email\":%s}}\n",
                       number, player, at, draw(2) == 0 ? "true" : "false");
            }
            break;
        default:
            if (draw(20) == 0)
                printf("{\"kind\":\"command\",\"id\":\"c%u\",\"at\":\"%s\",\"command\":\"resume\",\"campaign\":"
                       "\"Match\"}\n",
                       number, at);
            else if (draw(4) == 0)
                printf("{\"kind\":\"tick\",\"at\":\"%s\"}\n", at);
            else
                print_event(number, "session", at, player, "");
            break;
        }
    }
}

/* ------------------------------------------------------------------------------------------------- lines */

static char **line;
static uint32_t line_count;

static void keep_line(const char *text)
{
    static uint32_t capacity;
    if (line_count == capacity) {
        capacity = capacity == 0 ? 1024 : capacity * 2;
        line = realloc(line, capacity * sizeof *line);
        if (line == NULL) exit(2);
    }
    line[line_count] = strdup(text);
    if (line[line_count++] == NULL) exit(2);
}

static void read_lines(void)
{
    static char text[LINE_MAX_BYTES];
    while (fgets(text, sizeof text, stdin) != NULL) keep_line(text);
}

/* The text of `"at":"…"`, which every line has once; "" if not. */
static void at_of(char out[CIVIL_INSTANT_SIZE], const char *text)
{
    const char *at = strstr(text, "\"at\":\"");
    out[0] = '\0';
    if (at != NULL) snprintf(out, CIVIL_INSTANT_SIZE, "%.24s", at + 6);
}

static void shuffle(void)
{
    char first[CIVIL_INSTANT_SIZE], second[CIVIL_INSTANT_SIZE];
    for (uint32_t i = 0; i < line_count; i++) {
        at_of(first, line[i]);
        uint32_t end = i + 1;
        while (end < line_count && (at_of(second, line[end]), strcmp(first, second) == 0)) end++;
        uint32_t other = i + draw(end - i);
        if (strstr(line[i], "\"command\"") != NULL || strstr(line[other], "\"command\"") != NULL) continue;
        char *text = line[i];
        line[i] = line[other];
        line[other] = text;
    }
    for (uint32_t i = 0; i < line_count; i++) fputs(line[i], stdout);
}

static void twice(void)
{
    const char *again = NULL;
    for (uint32_t i = 0; i < line_count; i++) {
        fputs(line[i], stdout);
        if (again != NULL && draw(4) == 0) {
            fputs(again, stdout);
            again = NULL;
        }
        if (draw(3) != 0) continue;
        if (draw(2) == 0)
            fputs(line[i], stdout);
        else
            again = line[i];
    }
}

static void ticks(void)
{
    char first[CIVIL_INSTANT_SIZE], second[CIVIL_INSTANT_SIZE], between[CIVIL_INSTANT_SIZE];
    struct error error = ERROR_NONE;
    for (uint32_t i = 0; i < line_count; i++) {
        fputs(line[i], stdout);
        int64_t from = 0, to = 0;
        at_of(first, line[i]);
        at_of(second, i + 1 < line_count ? line[i + 1] : "");
        if (civil_parse_instant(&from, text_of(first), &error) != OK ||
            civil_parse_instant(&to, text_of(second), &error) != OK)
            continue;
        if (to <= from + 1 || draw(2) == 0) continue;
        uint64_t gap = (uint64_t)(to - from - 1);
        civil_format_instant(between, from + 1 + (int64_t)(draw(UINT32_MAX) % gap));
        printf("{\"kind\":\"tick\",\"at\":\"%s\"}\n", between);
    }
}

/* A line that cannot be a record, made of one that is. */
static void print_spoilt(const char *text)
{
    size_t size = strlen(text) - 1;
    switch (draw(5)) {
    case 0: printf("%.*s\n", (int)(1 + draw((uint32_t)size - 1)), text); break;
    case 1: printf("%.*s,\n", (int)size, text); break;
    case 2: printf("not a record at all\n"); break;
    case 3:
        printf("{\"id\":\"z1\",\"event\":\"depsit\",\"player\":\"p1\",\"at\":\"2026-06-01T08:00:00Z\",\"data\":{}}\n");
        break;
    default:
        for (uint32_t i = 0; i < 1 + draw(60); i++) {
            int byte = (int)draw(256);
            putchar(byte == '\n' || byte == '\r' ? '#' : byte);
        }
        printf("!\n");
        break;
    }
}

static void spoil(void)
{
    for (uint32_t i = 0; i < line_count; i++) {
        fputs(line[i], stdout);
        if (draw(40) == 0) print_spoilt(line[i]);
    }
}

static int compare_pointers(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static const char *id_of(const char *text)
{
    const char *id = strstr(text, "\"id\":\"");
    return id == NULL ? text : id;
}

/* Lines in order, the first of each id. A line without its line feed was cut off and is dropped. */
static void effects(void)
{
    char(*id)[64] = calloc(line_count + 1, sizeof *id);
    char **sorted = calloc(line_count + 1, sizeof *sorted);
    if (id == NULL || sorted == NULL) exit(2);
    uint32_t seen = 0;
    for (uint32_t i = 0; i < line_count; i++) {
        if (strchr(line[i], '\n') == NULL) continue;
        char one[64];
        char *key = one;
        snprintf(one, sizeof one, "%.40s", id_of(line[i]));
        if (seen > 0 && bsearch(&key, sorted, seen, sizeof *sorted, compare_pointers) != NULL) continue;
        fputs(line[i], stdout);
        memcpy(id[i], one, sizeof one);
        uint32_t place = seen++;
        while (place > 0 && strcmp(sorted[place - 1], id[i]) > 0) {
            sorted[place] = sorted[place - 1];
            place--;
        }
        sorted[place] = id[i];
    }
    free(sorted);
    free(id);
}

int main(int count, char **arguments)
{
    struct error error = ERROR_NONE;
    const char *what = count > 1 ? arguments[1] : "";
    state = count > 2 ? strtoull(arguments[2], NULL, 10) : 0;
    if (crypto_start(&error) != OK) return 2;
    if (strcmp(what, "make") == 0 && count == 4) {
        make((uint32_t)strtoul(arguments[3], NULL, 10));
        return 0;
    }
    read_lines();
    if (strcmp(what, "shuffle") == 0)
        shuffle();
    else if (strcmp(what, "twice") == 0)
        twice();
    else if (strcmp(what, "ticks") == 0)
        ticks();
    else if (strcmp(what, "spoil") == 0)
        spoil();
    else if (strcmp(what, "effects") == 0)
        effects();
    else {
        fprintf(stderr,
                "usage: stream_tool make SEED LINES | shuffle SEED | twice SEED | ticks SEED | spoil SEED | effects\n");
        return 2;
    }
    for (uint32_t i = 0; i < line_count; i++) free(line[i]);
    free(line);
    return 0;
}
