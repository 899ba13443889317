/*
 * Makes players and events of the eligibility workload, by seed.
 */
#include "tests/bench/eligibility_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/bench/bench_kit.h"
#include "vm/bundle.h"
#include "vm/verify.h"

static uint32_t slot_of_attribute(const struct program *program, const char *name)
{
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        if (text_equal(program_text(program, program->attribute[i].name), text_of(name))) {
            return program->attribute[i].slot;
        }
    }
    bench_require(false, name);
    return 0;
}

static uint32_t slot_of_field(const struct program *program, uint32_t event, const char *name)
{
    for (uint32_t i = 0; i < program->event[event].field_count; i++) {
        const struct bundle_field *field = &program->field[program->event[event].field_first + i];
        if (text_equal(program_text(program, field->name), text_of(name))) {
            return field->slot;
        }
    }
    bench_require(false, name);
    return 0;
}

static uint16_t country(const char *code)
{
    return (uint16_t)((code[0] - 'A') * 26 + (code[1] - 'A'));
}

static bool chance(uint64_t *state, unsigned percent, bool full)
{
    return full || bench_random(state) % 100 < percent;
}

static void make_player(struct native_player *player, uint32_t number, uint64_t *state, bool full)
{
    static const char *const listed[] = {"DE", "AT", "FI", "SE", "NO", "MT", "IE", "NL", "CA", "NZ", "PT", "ES"};
    static const char *const others[] = {"GB", "US", "FR", "IT"};
    memset(player, 0, sizeof *player);
    const uint64_t pick = bench_random(state);
    player->country = country(chance(state, 85, full) ? listed[pick % 12] : others[pick % 4]);
    player->vip_level = (uint8_t)(chance(state, 80, full) ? 2 + bench_random(state) % 6 : bench_random(state) % 2);
    player->lifetime =
        (uint32_t)(chance(state, 80, full) ? 500 + bench_random(state) % 5000 : bench_random(state) % 500);
    player->known = 3;
    player->last_login =
        ELIGIBILITY_NOW -
        (int64_t)(chance(state, 75, full) ? 8 + bench_random(state) % 90 : bench_random(state) % 7) * 86400000;
    player->registered_at =
        ELIGIBILITY_NOW -
        (int64_t)(chance(state, 90, full) ? 31 + bench_random(state) % 900 : bench_random(state) % 30) * 86400000;
    player->casino_push = chance(state, 90, full);
    player->reactivation = chance(state, 90, full);
    player->bonus_abuse = full ? 0 : bench_random(state) % 100 < 5;
    player->id_size = (uint8_t)snprintf(player->id, sizeof player->id, "p%u", number);
}

static void bank_player(struct eligibility *data, uint32_t number, const uint32_t slots[7])
{
    const struct native_player *player = &data->players[number];
    int64_t *slot = data->banked[number].slot;
    memcpy(data->banked[number].bytes, player->id, sizeof player->id);
    slot[slots[6]] = (player->reactivation ? 1 : 0) | (player->bonus_abuse ? 2 : 0);
    slot[PROGRAM_SLOT_PLAYER_ID] = handle_make(BANK_PLAYER, player->id_size, 0);
    slot[slots[0]] = player->country;
    slot[slots[1]] = player->vip_level;
    slot[slots[2]] = player->lifetime;
    slot[slots[3]] = player->last_login;
    slot[slots[4]] = player->registered_at;
    slot[slots[5]] = player->casino_push;
    data->banked[number].known = ~UINT64_C(0);
}

static void make_events(struct eligibility *data, uint64_t *state, bool full)
{
    const struct program *program = &data->program;
    const uint32_t amount = slot_of_field(program, data->deposit, "amount");
    const uint32_t nth = slot_of_field(program, data->deposit, "nth");
    data->slot_of_amount = amount;
    data->slot_of_nth = nth;
    bench_require(data->event_slots <= PROGRAM_EVENT_SLOTS + 4, "more fields than the benchmark has room for");
    for (uint32_t i = 0; i < ELIGIBILITY_EVENTS; i++) {
        struct native_event *event = &data->events[i];
        event->at = ELIGIBILITY_NOW + i;
        event->player = (uint32_t)(bench_random(state) % ELIGIBILITY_PLAYERS);
        event->type = (uint16_t)(chance(state, 60, full) ? data->deposit : data->deposit + 1);
        event->amount =
            (int64_t)(chance(state, 85, full) ? 2000 + bench_random(state) % 30000 : bench_random(state) % 2000);
        event->nth = (uint32_t)(chance(state, 95, full) ? 1 + bench_random(state) % 20 : 21 + bench_random(state) % 50);
        event->number = i;
        event->currency = 0;
        int64_t *slot = data->event_slot + (size_t)i * data->event_slots;
        slot[PROGRAM_SLOT_TIME] = event->at;
        slot[amount] = event->amount;
        slot[amount + 1] = event->currency;
        if (event->type == data->deposit) {
            slot[nth] = event->nth;
        }
        data->event_known[i] =
            ~UINT64_C(0) & ~(UINT64_C(1) << PROGRAM_SLOT_ABOUT | UINT64_C(1) << PROGRAM_SLOT_ABOUT_EFFECT);
    }
}

/* Zeroed memory in large pages where the system has them, for both sides alike: page walks are not what is measured. */
static void *resident(size_t size)
{
    const size_t page = (size_t)2 << 20;
    const size_t whole = (size + page - 1) / page * page;
    void *memory = aligned_alloc(page, whole);
    bench_require(memory != NULL, "memory is out");
    (void)madvise(memory, whole, MADV_HUGEPAGE);
    memset(memory, 0, whole);
    return memory;
}

void eligibility_make(struct eligibility *data, const char *path, bool full, uint64_t seed)
{
    memset(data, 0, sizeof *data);
    struct error error = ERROR_NONE;
    uint32_t size = 0;
    char *bytes = bench_read(path, &size);
    const struct compiler_input input = {.path = text_of(path), .bytes = {.at = bytes, .size = size}};
    bench_require(compiler_compile(&data->output, &input, 1, (struct compiler_options){.default_name = TEXT("bench")},
                                   &error) == OK,
                  error.message);
    if (data->output.failed) {
        struct buffer out = BUFFER_EMPTY;
        diagnostics_render(&data->output.diagnostics, DIAGNOSTIC_TEXT, &out);
        fwrite(out.bytes, 1, out.size, stderr);
        bench_require(false, "the workload's campaign does not compile");
    }
    free(bytes);
    bench_require(bundle_open(&data->program, data->output.bundle.bytes, data->output.bundle.size, &error) == OK &&
                      verify_program(&data->program, &error) == OK,
                  error.message);
    const struct program *program = &data->program;
    while (!text_equal(program_text(program, program->event[data->deposit].name), TEXT("deposit"))) {
        data->deposit++;
    }
    data->player_slots = program->workspace->player_slot_count;
    data->event_slots = program->workspace->event_slot_count;
    bench_require(data->player_slots <= sizeof data->banked->slot / sizeof data->banked->slot[0],
                  "more slots than the benchmark has room for");
    data->players = resident(ELIGIBILITY_PLAYERS * sizeof *data->players);
    data->banked = resident(ELIGIBILITY_PLAYERS * sizeof *data->banked);
    data->events = resident(ELIGIBILITY_EVENTS * sizeof *data->events);
    data->event_slot = resident((size_t)ELIGIBILITY_EVENTS * data->event_slots * sizeof(int64_t));
    data->event_known = resident(ELIGIBILITY_EVENTS * sizeof(uint64_t));
    bench_require(data->players != NULL && data->events != NULL && data->banked != NULL && data->event_slot != NULL &&
                      data->event_known != NULL,
                  "memory is out");
    const uint32_t slots[7] = {
        slot_of_attribute(program, "country"),       slot_of_attribute(program, "vip_level"),
        slot_of_attribute(program, "lifetime"),      slot_of_attribute(program, "last_login"),
        slot_of_attribute(program, "registered_at"), slot_of_attribute(program, "casino_push"),
        slot_of_attribute(program, "lists"),
    };
    uint64_t state = seed;
    for (uint32_t i = 0; i < ELIGIBILITY_PLAYERS; i++) {
        make_player(&data->players[i], i, &state, full);
        bank_player(data, i, slots);
    }
    make_events(data, &state, full);
}

void eligibility_release(struct eligibility *data)
{
    free(data->players);
    free(data->events);
    free(data->banked);
    free(data->event_slot);
    free(data->event_known);
    compiler_release(&data->output);
}
