/*
 * A build-time program: reads the system's tzdata (compiled TZif files, and tzdata.zi for the release and the aliases) and
 * prints vm/zone_table.h's table as C. It runs on the machine that builds and is part of no library.
 *
 * A TZif file holds transitions and, in its footer, a rule like CET-1CEST,M3.5.0,M10.5.0/3 for the years after them;
 * the rule is unrolled up to the last year of the table.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "vm/zone_table.h"

enum { YEAR_FIRST = 1996, YEAR_LAST = 2060, ZONES_MAX = 2000, STEPS_MAX = 4000, FILE_MAX = 1 << 20 };

struct zone {
    char name[96];
    char target[96]; /* what tzdata.zi says it is an alias of, or "" */
    int32_t offset_before;
    struct zone_transition *steps;
    uint32_t count;
    uint32_t first; /* in the shared table */
};

static struct zone zones[ZONES_MAX];
static unsigned zone_total;
static char version[32] = "";

_Noreturn static void die(const char *what, const char *which)
{
    fprintf(stderr, "zone_generate: %s: `%s`\n", what, which);
    exit(1);
}

/* ---- days and years (the generator stands alone, before libvm exists) ---- */

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to the first of January; years after 1970. */
static int64_t year_start(int64_t year)
{
    return 365 * (year - 1970) + (year - 1969) / 4 - (year - 1901) / 100 + (year - 1601) / 400;
}

static int days_in_month(int64_t year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* ---- the footer's rule ---- */

struct change {
    char kind;            /* 'M', 'J' or 'N' (day of the year from 0) */
    int month, week, day; /* day of the week from Sunday, or the number of the day */
    int64_t time;         /* seconds of local time before the change */
};

struct rule {
    bool has_summer;
    int32_t standard, summer; /* seconds east */
    struct change to_summer, to_standard;
};

static int64_t read_number(const char **at)
{
    int64_t value = 0;
    if (**at < '0' || **at > '9') die("a footer lacks a number", *at);
    while (**at >= '0' && **at <= '9') value = value * 10 + (*(*at)++ - '0');
    return value;
}

static int64_t read_clock(const char **at)
{
    int sign = 1;
    if (**at == '-' || **at == '+') sign = *(*at)++ == '-' ? -1 : 1;
    int64_t seconds = read_number(at) * 3600;
    if (**at == ':') {
        ++*at;
        seconds += read_number(at) * 60;
        if (**at == ':') {
            ++*at;
            seconds += read_number(at);
        }
    }
    return sign * seconds;
}

static void skip_name(const char **at)
{
    if (**at == '<') {
        while (**at != 0 && **at != '>') ++*at;
        if (**at == '>') ++*at;
        return;
    }
    while ((**at >= 'A' && **at <= 'Z') || (**at >= 'a' && **at <= 'z')) ++*at;
}

static struct change read_change(const char **at)
{
    struct change change = {.kind = 'N', .time = 7200};
    if (**at != ',') die("a footer lacks a date", *at);
    ++*at;
    if (**at == 'M') {
        ++*at;
        change.kind = 'M';
        change.month = (int)read_number(at);
        ++*at;
        change.week = (int)read_number(at);
        ++*at;
        change.day = (int)read_number(at);
    } else {
        if (**at == 'J') {
            ++*at;
            change.kind = 'J';
        }
        change.day = (int)read_number(at);
    }
    if (**at == '/') {
        ++*at;
        change.time = read_clock(at);
    }
    return change;
}

static struct rule read_rule(const char *text)
{
    struct rule rule = {.has_summer = false};
    const char *at = text;
    skip_name(&at);
    rule.standard = (int32_t)-read_clock(&at);
    if (*at == 0) return rule;
    rule.has_summer = true;
    skip_name(&at);
    rule.summer = *at == ',' ? rule.standard + 3600 : (int32_t)-read_clock(&at);
    rule.to_summer = read_change(&at);
    rule.to_standard = read_change(&at);
    if (*at != 0) die("a footer goes on after its rule", text);
    return rule;
}

/* The local second (as if UTC) of a change in a year. */
static int64_t change_at(const struct change *change, int64_t year)
{
    int64_t day = year_start(year);
    if (change->kind == 'N') {
        day += change->day;
    } else if (change->kind == 'J') {
        day += change->day - 1 + (is_leap(year) && change->day >= 60);
    } else {
        for (int month = 1; month < change->month; month++) day += days_in_month(year, month);
        int weekday = (int)((day + 4) % 7); /* 0 is Sunday; 1970-01-01 was a Thursday */
        int of_month = (change->day - weekday + 7) % 7 + (change->week - 1) * 7;
        while (of_month >= days_in_month(year, change->month)) of_month -= 7;
        day += of_month;
    }
    return day * 86400 + change->time;
}

/* ---- one TZif file ---- */

struct cursor {
    const unsigned char *at;
    const unsigned char *end;
    const char *name;
};

static int64_t read_big_endian(struct cursor *cursor, int size)
{
    if (cursor->end - cursor->at < size) die("a zone file is too short", cursor->name);
    uint64_t value = (cursor->at[0] & 0x80) != 0 ? UINT64_MAX : 0;
    for (int index = 0; index < size; index++) value = value << 8 | *cursor->at++;
    return (int64_t)value;
}

static void skip(struct cursor *cursor, int64_t size)
{
    if (size < 0 || cursor->end - cursor->at < size) die("a zone file is too short", cursor->name);
    cursor->at += size;
}

struct counts {
    int64_t utc, standard, leap, time, type, letters;
};

static struct counts read_header(struct cursor *cursor)
{
    skip(cursor, 20);
    struct counts counts;
    counts.utc = read_big_endian(cursor, 4);
    counts.standard = read_big_endian(cursor, 4);
    counts.leap = read_big_endian(cursor, 4);
    counts.time = read_big_endian(cursor, 4);
    counts.type = read_big_endian(cursor, 4);
    counts.letters = read_big_endian(cursor, 4);
    if (counts.leap != 0) die("a zone file counts leap seconds", cursor->name);
    if (counts.time > STEPS_MAX || counts.type < 1 || counts.type > 256) die("a zone file is odd", cursor->name);
    return counts;
}

static void add_step(struct zone *zone, int64_t at, int32_t offset)
{
    if (zone->count == STEPS_MAX) die("too many transitions", zone->name);
    if (zone->count > 0 && zone->steps[zone->count - 1].at >= at) die("transitions go backwards", zone->name);
    zone->steps[zone->count].at = at;
    zone->steps[zone->count].offset = offset;
    zone->count++;
}

/* Adds the changes of the rule that come after the last explicit one. */
static void unroll(struct zone *zone, const struct rule *rule, int64_t last)
{
    if (!rule->has_summer) {
        return;
    }
    for (int64_t year = 1970; year <= YEAR_LAST; year++) {
        int64_t summer = change_at(&rule->to_summer, year) - rule->standard;
        int64_t standard = change_at(&rule->to_standard, year) - rule->summer;
        bool summer_first = summer < standard;
        for (int turn = 0; turn < 2; turn++) {
            bool to_summer = (turn == 0) == summer_first;
            int64_t at = to_summer ? summer : standard;
            if (at > last) add_step(zone, at, to_summer ? rule->summer : rule->standard);
        }
    }
}

static void read_zone(struct zone *zone, const unsigned char *bytes, size_t size)
{
    struct cursor cursor = {bytes, bytes + size, zone->name};
    if (size < 44 || bytes[4] < '2') die("a zone file is older than version 2", zone->name);
    struct counts counts = read_header(&cursor);
    skip(&cursor, counts.time * 5 + counts.type * 6 + counts.letters + counts.standard + counts.utc);
    counts = read_header(&cursor);
    struct cursor times = cursor;
    skip(&cursor, counts.time * 8);
    struct cursor indices = cursor;
    skip(&cursor, counts.time);
    int32_t offsets[256] = {0};
    for (int64_t type = 0; type < counts.type; type++) {
        offsets[type] = (int32_t)read_big_endian(&cursor, 4);
        skip(&cursor, 2);
    }
    skip(&cursor, counts.letters + counts.standard + counts.utc);
    char footer[128] = "";
    size_t left = (size_t)(cursor.end - cursor.at);
    if (left < 2 || left > sizeof footer || cursor.at[0] != '\n' || cursor.at[left - 1] != '\n') {
        die("a zone file has no footer", zone->name);
    }
    memcpy(footer, cursor.at + 1, left - 2);

    zone->steps = calloc(STEPS_MAX, sizeof *zone->steps);
    if (zone->steps == NULL) die("out of memory", zone->name);
    int64_t last = INT64_MIN;
    for (int64_t index = 0; index < counts.time; index++) {
        last = read_big_endian(&times, 8);
        int64_t type = read_big_endian(&indices, 1) & 255;
        if (type >= counts.type) die("a transition has no type", zone->name);
        add_step(zone, last, offsets[type]);
    }
    if (footer[0] != 0) {
        struct rule rule = read_rule(footer);
        if (counts.time == 0 && !rule.has_summer) offsets[0] = rule.standard;
        unroll(zone, &rule, last);
    }

    /* Keep the years of the table, and only steps that change the offset. */
    int64_t begin = year_start(YEAR_FIRST) * 86400;
    int64_t end = year_start(YEAR_LAST + 1) * 86400;
    zone->offset_before = offsets[0];
    uint32_t kept = 0;
    int32_t now = offsets[0];
    for (uint32_t index = 0; index < zone->count; index++) {
        struct zone_transition step = zone->steps[index];
        if (step.at < begin) {
            now = zone->offset_before = step.offset;
        } else if (step.at < end && step.offset != now) {
            now = step.offset;
            zone->steps[kept++] = step;
        }
    }
    zone->count = kept;
}

/* ---- all files of the folder ---- */

static bool is_wanted(const char *name)
{
    static const char *const unwanted[] = {"posix", "right", "posixrules", "localtime", "Factory"};
    for (size_t index = 0; index < sizeof unwanted / sizeof unwanted[0]; index++) {
        size_t size = strlen(unwanted[index]);
        if (strncmp(name, unwanted[index], size) == 0 && (name[size] == 0 || name[size] == '/')) return false;
    }
    return true;
}

static void add_file(const char *path, const char *name)
{
    static unsigned char bytes[FILE_MAX];
    FILE *file = fopen(path, "rb");
    if (file == NULL) die("cannot open", path);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    if (size < 4 || memcmp(bytes, "TZif", 4) != 0) return;
    if (zone_total == ZONES_MAX || strlen(name) >= sizeof zones[0].name)
        die("too many zones, or too long a name", name);
    struct zone *zone = &zones[zone_total++];
    memcpy(zone->name, name, strlen(name) + 1);
    read_zone(zone, bytes, size);
}

static void walk(const char *root, const char *folder)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", root, folder);
    DIR *handle = opendir(path);
    if (handle == NULL) die("cannot open the folder", path);
    for (struct dirent *found; (found = readdir(handle)) != NULL;) {
        if (found->d_name[0] == '.') continue;
        char name[512];
        snprintf(name, sizeof name, "%s%s%s", folder, folder[0] == 0 ? "" : "/", found->d_name);
        if (!is_wanted(name)) continue;
        int size = snprintf(path, sizeof path, "%s/%s", root, name);
        struct stat information;
        if (size >= (int)sizeof path || stat(path, &information) != 0) die("cannot look at", path);
        if (S_ISDIR(information.st_mode)) {
            walk(root, name);
        } else if (S_ISREG(information.st_mode)) {
            add_file(path, name);
        }
    }
    closedir(handle);
}

static int compare_zones(const void *left, const void *right)
{
    const struct zone *a = left;
    const struct zone *b = right;
    return strcmp(a->name, b->name);
}

static struct zone *find_zone(const char *name)
{
    struct zone key;
    memset(&key, 0, sizeof key);
    snprintf(key.name, sizeof key.name, "%s", name);
    return bsearch(&key, zones, zone_total, sizeof zones[0], compare_zones);
}

/* tzdata.zi begins with "# version 2026f"; a line "L Europe/Warsaw Poland" makes Poland an alias. */
static void read_release(const char *root)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/tzdata.zi", root);
    FILE *file = fopen(path, "r");
    if (file == NULL) die("cannot open", path);
    char line[512];
    while (fgets(line, sizeof line, file) != NULL) {
        char target[96];
        char alias[96];
        if (sscanf(line, "# version %31s", version) == 1) continue;
        if (line[0] != 'L' || sscanf(line, "L %95s %95s", target, alias) != 2) continue;
        struct zone *zone = find_zone(alias);
        if (zone != NULL) memcpy(zone->target, target, sizeof target);
    }
    fclose(file);
    if (version[0] == 0) die("no release is named in", path);
}

static unsigned canonical_of(unsigned index)
{
    struct zone *zone = &zones[index];
    for (int depth = 0; depth < 8 && zone->target[0] != 0; depth++) {
        struct zone *target = find_zone(zone->target);
        if (target == NULL) break;
        zone = target;
    }
    return (unsigned)(zone - zones);
}

/* ---- printing ---- */

__extension__ typedef unsigned __int128 wide;

/* FNV-1a with 128 bits over a line of text. Nobody gains by a collision here: it names a table that we made. */
static wide hash_line(wide hash, const char *line)
{
    const wide prime = ((wide)1 << 88) + 0x13b;
    for (; *line != 0; line++) hash = (hash ^ (unsigned char)*line) * prime;
    return hash;
}

static bool same_steps(const struct zone *left, const struct zone *right)
{
    if (left->count != right->count) return false;
    for (uint32_t index = 0; index < left->count; index++) {
        if (left->steps[index].at != right->steps[index].at) return false;
        if (left->steps[index].offset != right->steps[index].offset) return false;
    }
    return true;
}

static void print_steps(void)
{
    uint32_t total = 0;
    printf("const struct zone_transition zone_transitions[] = {\n");
    for (unsigned index = 0; index < zone_total; index++) {
        struct zone *zone = &zones[index];
        unsigned like = 0;
        while (!same_steps(&zones[like], zone)) like++;
        if (like < index) {
            zone->first = zones[like].first;
            continue;
        }
        zone->first = total;
        total += zone->count;
        for (uint32_t step = 0; step < zone->count; step++) {
            printf("{%" PRId64 ",%d},%s", zone->steps[step].at, (int)zone->steps[step].offset,
                   step % 6 == 5 ? "\n" : "");
        }
        printf("\n");
    }
    printf("{0,0}};\n\n");
}

static void print_zones(void)
{
    wide hash = ((wide)UINT64_C(0x6c62272e07bb0142) << 64) | UINT64_C(0x62b821756295c58d);
    char line[64];
    printf("const struct zone_entry zone_entries[] = {\n");
    for (unsigned index = 0; index < zone_total; index++) {
        const struct zone *zone = &zones[index];
        printf("{\"%s\", %u, %u, %d, %u},\n", zone->name, (unsigned)zone->first, (unsigned)zone->count,
               (int)zone->offset_before, canonical_of(index));
        hash = hash_line(hash, zone->name);
        snprintf(line, sizeof line, " %d\n", (int)zone->offset_before);
        hash = hash_line(hash, line);
        for (uint32_t step = 0; step < zone->count; step++) {
            snprintf(line, sizeof line, "%" PRId64 " %d\n", zone->steps[step].at, (int)zone->steps[step].offset);
            hash = hash_line(hash, line);
        }
    }
    printf("};\n\nconst unsigned zone_entry_count = %u;\n", zone_total);
    printf("const char zone_table_version[] = \"%s\";\n", version);
    printf("const char zone_table_hash[] = \"%016" PRIx64 "%016" PRIx64 "\";\n", (uint64_t)(hash >> 64),
           (uint64_t)hash);
}

int main(int argument_count, char **arguments)
{
    if (argument_count != 2) die("usage: zone_generate FOLDER", argument_count == 0 ? "" : arguments[0]);
    walk(arguments[1], "");
    qsort(zones, zone_total, sizeof zones[0], compare_zones);
    read_release(arguments[1]);
    printf("/* Generated from tzdata %s by vm/zone_generate.c. */\n#include \"vm/zone_table.h\"\n\n", version);
    print_steps();
    print_zones();
    return 0;
}
