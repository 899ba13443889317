/*
 * Intake against jansson: the same lines of about 270 bytes, eight wanted fields and three that nobody declared, into the
 * same slots; nanoseconds of processor time a line.
 *
 * Both sides read, check and convert what the event declares. The peer is as a careful C programmer would write it:
 * json_loadb, json_object_get for each field, the base library for money and moments.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/store/intake.h"
#include "tests/bench/bench_kit.h"
#include "tests/unit/sample_schema.h"
#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/split.h"

enum { LINES = 4096, ROUNDS = 5, PASSES = 12 };

static struct builder builder;
static struct program program;
static char *lines[LINES];
static size_t sizes[LINES];

static void make_lines(void)
{
    static const char *const kinds[] = {"slots", "table", "live", "poker", "sports"};
    uint64_t seed = 88172645463325252u;
    for (int index = 0; index < LINES; index++) {
        seed = split_hash64(&index, sizeof index, seed);
        char line[512];
        int size =
            snprintf(line, sizeof line,
                     "{\"id\":\"bet-%08d\",\"event\":\"bet\",\"player\":\"player-%05u\",\"at\":\"2026-06-%02uT%02u:%"
                     "02u:%02uZ\",\"data\":{"
                     "\"settled_at\":\"2026-06-%02uT%02u:30:00Z\",\"game\":\"book-of-%u\",\"kind\":\"%s\",\"stake\":\"%"
                     "u.%02u EUR\","
                     "\"win\":\"%u.50 "
                     "EUR\",\"multiplier\":%u.5,\"round\":%u,\"free\":%s,\"ip\":\"10.0.%u.1\",\"device\":\"mobile\","
                     "\"seat\":%u}}",
                     index, (unsigned)(seed % 100000), (unsigned)(1 + index / 200), (unsigned)(seed >> 8) % 24,
                     (unsigned)(seed >> 16) % 60, (unsigned)(seed >> 24) % 60, (unsigned)(1 + index / 200),
                     (unsigned)(seed >> 32) % 24, (unsigned)(seed >> 12) % 50, kinds[(seed >> 5) % 5],
                     (unsigned)(seed >> 20) % 100, (unsigned)(seed >> 30) % 100, (unsigned)(seed >> 40) % 500,
                     (unsigned)(seed >> 44) % 9, (unsigned)(seed >> 3) % 1000000, (seed & 1) != 0 ? "true" : "false",
                     (unsigned)(seed >> 9) % 256, (unsigned)(seed >> 13) % 8);
        lines[index] = malloc((size_t)size + 1);
        if (lines[index] == NULL) abort();
        memcpy(lines[index], line, (size_t)size + 1);
        sizes[index] = (size_t)size;
    }
}

static uint64_t sum_of(const struct record *record)
{
    uint64_t sum = (uint64_t)record->at + record->player.size + record->id.size;
    for (uint32_t slot = PROGRAM_EVENT_SLOTS; slot < record->slot_count; slot++) {
        bool text = slot == PROGRAM_EVENT_SLOTS + 1;
        sum += text ? handle_size(record->slot[slot]) : (uint64_t)record->slot[slot];
    }
    return sum;
}

static uint64_t read_ours(struct intake *intake)
{
    uint64_t sum = 0;
    struct error error = ERROR_NONE;
    for (int index = 0; index < LINES; index++) {
        struct record record;
        if (intake_line(intake, lines[index], sizes[index], &record, &error) != OK) {
            fprintf(stderr, "%s\n%s\n", lines[index], error.message);
            abort();
        }
        sum += sum_of(&record);
    }
    return sum;
}

static struct text text_member(const json_t *object, const char *name)
{
    const json_t *member = json_object_get(object, name);
    if (!json_is_string(member)) abort();
    return text_make(json_string_value(member), json_string_length(member));
}

static int64_t moment_member(const json_t *object, const char *name)
{
    int64_t moment;
    if (civil_parse_instant(&moment, text_member(object, name), NULL) != OK) abort();
    return moment;
}

static void money_member(const json_t *object, const char *name, int64_t out[2])
{
    char currency[4];
    if (decimal_parse_money(&out[0], currency, text_member(object, name), NULL) != OK) abort();
    for (uint32_t index = 0; index < program.currency_count; index++) {
        if (text_equal(program_text(&program, program.currency[index].code), text_of(currency))) {
            out[1] = index;
            return;
        }
    }
    abort();
}

static int64_t word_member(const json_t *object, const char *name, uint32_t enumeration)
{
    struct text word = text_member(object, name);
    const struct bundle_enumeration *list = &program.enumeration[enumeration];
    for (uint32_t index = 0; index < list->wording_count; index++) {
        if (text_equal(program_text(&program, program.wording[list->wording_first + index].name), word)) return index;
    }
    abort();
}

static uint64_t read_peer(void)
{
    uint64_t sum = 0;
    uint32_t kinds = program.field[program.event[SAMPLE_BET].field_first + 2].of;
    for (int index = 0; index < LINES; index++) {
        json_error_t error;
        json_t *root = json_loadb(lines[index], sizes[index], JSON_REJECT_DUPLICATES, &error);
        if (root == NULL || !text_equal(text_member(root, "event"), TEXT("bet"))) abort();
        const json_t *data = json_object_get(root, "data");
        struct text id = text_member(root, "id");
        struct text player = text_member(root, "player");
        (void)moment_member(root, "at");
        int64_t slot[12] = {0};
        slot[0] = moment_member(data, "settled_at");
        slot[1] = text_member(data, "game").size;
        slot[2] = word_member(data, "kind", kinds);
        money_member(data, "stake", &slot[3]);
        money_member(data, "win", &slot[5]);
        slot[7] = (int64_t)(json_number_value(json_object_get(data, "multiplier")) * 1e6 + 0.5);
        slot[8] = json_integer_value(json_object_get(data, "round"));
        slot[9] = json_is_true(json_object_get(data, "free"));
        sum += (uint64_t)slot[0] + id.size + player.size;
        for (int at = 0; at < 10; at++) sum += (uint64_t)slot[at];
        json_decref(root);
    }
    return sum;
}

int main(void)
{
    struct error error = ERROR_NONE;
    struct intake *intake;
    sample_schema(&builder, &program);
    make_lines();
    if (intake_open(&intake, &program, &error) != OK) return 2;
    bench_require(read_ours(intake) == read_peer(), "both sides must read the same from the lines");
    double ours[ROUNDS];
    double peer[ROUNDS];
    uint64_t check = 0;
    for (int round = 0; round < ROUNDS; round++) { /* interleaved */
        uint64_t start = bench_cpu();
        for (int pass = 0; pass < PASSES; pass++) check += read_ours(intake);
        uint64_t middle = bench_cpu();
        check -= read_peer() * PASSES;
        uint64_t end = bench_cpu();
        ours[round] = (double)(middle - start) / PASSES / LINES;
        peer[round] = (double)(end - middle) / LINES;
    }
    bench_require(check == 0, "both sides must read the same in every round");
    char metric[80];
    (void)snprintf(metric, sizeof metric, "intake: ns a line of %zu bytes, jansson", sizes[0]);
    bool met = bench_row(metric, bench_median(ours, ROUNDS), bench_median(peer, ROUNDS), 0.1, false);
    intake_close(intake);
    builder_deinit(&builder);
    for (int index = 0; index < LINES; index++) free(lines[index]);
    return met ? 0 : 1;
}
