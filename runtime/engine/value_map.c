/* Maps of values between two programs. Contract: value_map.h.
 *
 * Things are the same where their names are; ordinals of lists go by the words. Who uses the maps: programs.c reads older programs
 * through them, programs_move.c lays players out anew.
 */
#include "runtime/engine/value_map.h"

/* Ordinals of `from`'s list as ordinals of `to`'s; NULL where they are the same. False when memory is out. */
static bool map_words(struct arena *arena, struct value_map *map, const struct text *from, uint32_t from_count,
                      const struct text *to, uint32_t to_count)
{
    uint16_t *word = ARENA_ARRAY(arena, uint16_t, from_count + 1);
    if (word == NULL) return false;
    bool same = from_count <= to_count;
    for (uint32_t i = 0; i < from_count; i++) {
        word[i] = VALUE_MAP_NO_WORD;
        for (uint32_t j = 0; j < to_count; j++) {
            if (text_equal(from[i], to[j])) word[i] = (uint16_t)j;
        }
        same = same && word[i] == i;
    }
    map->word = same ? NULL : word;
    map->word_count = from_count;
    return true;
}

enum words_of { WORDS_TAGS, WORDS_CURRENCIES, WORDS_ENUMERATION };

static uint32_t list_words(struct text out[256], const struct program *program, enum words_of of, uint32_t enumeration)
{
    uint32_t count = 0;
    if (of == WORDS_TAGS) {
        for (; count < program->tag_count && count < 256; count++)
            out[count] = program_text(program, program->tag[count].name);
    } else if (of == WORDS_CURRENCIES) {
        for (; count < program->currency_count && count < 256; count++) {
            out[count] = program_text(program, program->currency[count].code);
        }
    } else {
        const struct bundle_enumeration *list = &program->enumeration[enumeration];
        for (; count < list->wording_count && count < 256; count++) {
            out[count] = program_text(program, program->wording[list->wording_first + count].name);
        }
    }
    return count;
}

static bool map_list(struct arena *arena, struct value_map *map, const struct program *from, uint32_t from_of,
                     const struct program *to, uint32_t to_of, enum words_of of)
{
    struct text from_words[256], to_words[256];
    uint32_t from_count = list_words(from_words, from, of, from_of);
    uint32_t to_count = list_words(to_words, to, of, to_of);
    map->enumerated = true;
    return map_words(arena, map, from_words, from_count, to_words, to_count);
}

struct value_map *value_map_players(struct arena *arena, const struct program *from, const struct program *to)
{
    struct value_map *maps = ARENA_ARRAY(arena, struct value_map, to->workspace->player_slot_count);
    if (maps == NULL) return NULL;
    for (uint32_t i = 0; i < to->workspace->player_slot_count; i++) maps[i].from = VALUE_MAP_GONE;
    maps[PROGRAM_SLOT_TAGS] =
        (struct value_map){.from = PROGRAM_SLOT_TAGS, .set = true, .low = INT64_MIN, .high = INT64_MAX};
    if (!map_list(arena, &maps[PROGRAM_SLOT_TAGS], from, 0, to, 0, WORDS_TAGS)) return NULL;
    maps[PROGRAM_SLOT_PLAYER_ID] = (struct value_map){.from = PROGRAM_SLOT_PLAYER_ID, .text = true, .high = INT64_MAX};
    for (uint32_t i = 0; i < to->attribute_count; i++) {
        const struct bundle_attribute *wanted = &to->attribute[i];
        for (uint32_t j = 0; j < from->attribute_count; j++) {
            const struct bundle_attribute *have = &from->attribute[j];
            if (!program_same_text(to, wanted->name, from, have->name) || wanted->kind != have->kind) continue;
            struct value_map *map = &maps[wanted->slot];
            *map = (struct value_map){.from = have->slot,
                                      .set = wanted->kind == TYPE_SET,
                                      .text = wanted->kind == TYPE_TEXT,
                                      .optional = wanted->optional,
                                      .low = wanted->low,
                                      .high = wanted->high};
            if (map->text) map->high = wanted->size;
            bool listed = wanted->kind == TYPE_ENUM || wanted->kind == TYPE_SET;
            if (listed && !map_list(arena, map, from, have->of, to, wanted->of, WORDS_ENUMERATION)) return NULL;
            if (wanted->kind == TYPE_CURRENCY && !map_list(arena, map, from, 0, to, 0, WORDS_CURRENCIES)) return NULL;
            if (wanted->kind == TYPE_MONEY) {
                struct text a = program_text(from, from->currency[have->of].code),
                            b = program_text(to, to->currency[wanted->of].code);
                if (!text_equal(a, b)) map->from = VALUE_MAP_GONE;
            }
        }
    }
    return maps;
}

struct value_map *value_map_event(struct arena *arena, const struct program *from, uint32_t from_event,
                                  const struct program *to, uint32_t to_event)
{
    const struct bundle_event *have_event = &from->event[from_event], *wanted_event = &to->event[to_event];
    struct value_map *maps = ARENA_ARRAY(arena, struct value_map, wanted_event->slot_count);
    if (maps == NULL) return NULL;
    for (uint32_t i = 0; i < wanted_event->slot_count; i++) {
        maps[i] = (struct value_map){
            .from = i < PROGRAM_EVENT_SLOTS ? i : VALUE_MAP_GONE, .low = INT64_MIN, .high = INT64_MAX};
        maps[i].text = i == PROGRAM_SLOT_EVENT_ID || i == PROGRAM_SLOT_ABOUT || i == PROGRAM_SLOT_ABOUT_EFFECT;
        maps[i].optional = i != PROGRAM_SLOT_TIME && i != PROGRAM_SLOT_EVENT_ID;
    }
    for (uint32_t i = 0; i < wanted_event->field_count; i++) {
        const struct bundle_field *wanted = &to->field[wanted_event->field_first + i];
        struct value_map *map = &maps[wanted->slot];
        map->optional = wanted->optional;
        if (wanted->kind == TYPE_MONEY) maps[wanted->slot + 1].optional = wanted->optional;
        for (uint32_t j = 0; j < have_event->field_count; j++) {
            const struct bundle_field *have = &from->field[have_event->field_first + j];
            if (!program_same_text(to, wanted->name, from, have->name) || wanted->kind != have->kind) continue;
            map->from = have->slot;
            map->set = wanted->kind == TYPE_SET;
            map->text = wanted->kind == TYPE_TEXT;
            map->low = wanted->low;
            map->high = map->text ? (int64_t)wanted->size : wanted->high;
            bool listed = wanted->kind == TYPE_ENUM || wanted->kind == TYPE_SET;
            if (listed && !map_list(arena, map, from, have->of, to, wanted->of, WORDS_ENUMERATION)) return NULL;
            if (wanted->kind == TYPE_MONEY) {
                maps[wanted->slot + 1].from = have->slot + 1;
                if (!map_list(arena, &maps[wanted->slot + 1], from, 0, to, 0, WORDS_CURRENCIES)) return NULL;
            }
        }
    }
    return maps;
}

bool value_map_apply(const struct value_map *map, int64_t value, int64_t *out)
{
    if (map->set && map->word != NULL) {
        uint64_t bits = (uint64_t)value, mapped = 0;
        for (; bits != 0; bits &= bits - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(bits);
            if (bit < map->word_count && map->word[bit] < 64) mapped |= UINT64_C(1) << map->word[bit];
        }
        *out = (int64_t)mapped;
        return true;
    }
    if (map->enumerated && !map->set && map->word != NULL) {
        if (value < 0 || value >= map->word_count || map->word[value] == VALUE_MAP_NO_WORD) return false;
        value = map->word[value];
    } else if (map->text) {
        if ((int64_t)handle_size(value) > map->high) return false;
    } else if (!map->set && (value < map->low || value > map->high)) {
        return false;
    }
    *out = value;
    return true;
}
