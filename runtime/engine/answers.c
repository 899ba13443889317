/* Answers. See answers.h. */
#include "runtime/engine/answers.h"

#include "runtime/engine/codec.h"
#include "runtime/engine/effect_json.h"
#include "runtime/engine/effects.h"
#include "runtime/engine/roles.h"

/* In the bytes of a reason: the answer was given to a test player. */
#define TEST 0x8000u

struct answer {
    struct answer *next; /* The oldest first. */
    uint64_t low, high;  /* Hash of the request's source and id. */
    int64_t until;       /* Kept while now <= until. */
    int64_t at;          /* When it was given. */
    uint16_t reason;     /* enum reason */
    bool test;           /* Given to a test player: told so again, whatever he is by then. */
    uint32_t words_size, data_size;
    char bytes[]; /* Words, then its values in JSON. */
};

struct answers {
    struct answer *first, *last;
    uint32_t count;
};

static size_t answer_size(const struct answer *answer)
{
    return sizeof *answer + answer->words_size + answer->data_size;
}

static struct slab *slab_of(struct engine *engine, const struct player *player)
{
    return &state_shard(engine, player->group)->slab;
}

static void drop_first(struct engine *engine, const struct player *player, struct answers *answers)
{
    struct answer *answer = answers->first;
    INVARIANT(answer != NULL);
    answers->first = answer->next;
    if (answers->first == NULL) answers->last = NULL;
    answers->count--;
    slab_free(slab_of(engine, player), answer, answer_size(answer));
}

static struct answer *add(struct engine *engine, struct player *player, const struct answer *like, struct text words,
                          struct text data)
{
    struct answers *answers = parts_of(player, PART_ANSWERS);
    if (answers == NULL) {
        answers = slab_alloc(slab_of(engine, player), sizeof *answers);
        if (answers == NULL) return state_no_memory(engine);
        if (!parts_put(engine, player, PART_ANSWERS, answers)) {
            slab_free(slab_of(engine, player), answers, sizeof *answers);
            return NULL;
        }
    }
    while (answers->count > 0 && (answers->count >= ANSWERS_MOST || answers->first->until < engine->now))
        drop_first(engine, player, answers);
    struct answer *answer = slab_alloc(slab_of(engine, player), sizeof *answer + words.size + data.size);
    if (answer == NULL) return state_no_memory(engine);
    *answer = *like;
    answer->next = NULL;
    answer->words_size = words.size;
    answer->data_size = data.size;
    if (words.size > 0) memcpy(answer->bytes, words.at, words.size);
    if (data.size > 0) memcpy(answer->bytes + words.size, data.at, data.size);
    if (answers->last == NULL) {
        answers->first = answer;
    } else {
        answers->last->next = answer;
    }
    answers->last = answer;
    answers->count++;
    engine->group[player->group].changed = true;
    return answer;
}

/* `values` are there when it is given the first time, for tests; the bytes that leave are the same. */
static void leave(struct engine *engine, const struct player *player, const struct answer *answer, uint32_t event,
                  struct text source, struct text id, const struct answer_value *values, uint32_t count)
{
    struct engine_answer out = {.event = event,
                                .source = source,
                                .to = id,
                                .reason = (enum reason)answer->reason,
                                .words = text_make(answer->bytes, answer->words_size),
                                .data = text_make(answer->bytes + answer->words_size, answer->data_size),
                                .values = values,
                                .value_count = count};
    effects_answer(engine, player, &out, answer->low, answer->high, answer->at, answer->test);
}

void answers_give(struct engine *engine, struct player *player, const struct kept_event *asked, struct text source,
                  enum reason reason, struct text words, const struct answer_value *values, uint32_t count)
{
    if (engine->fill != NULL || engine->failed != OK) return;
    const struct program *program = &engine->newest->program;
    struct buffer data = BUFFER_EMPTY;
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) buffer_u8(&data, ',');
        buffer_json_text(&data, text_of(values[i].name));
        buffer_u8(&data, ':');
        effect_json_value(&data, program, values[i].kind, values[i].of, values[i].value, values[i].text);
    }
    struct text id = roles_id(asked);
    struct dedupe_entry hash = dedupe_hash(engine->id_key, source, id);
    struct answer like = {.low = hash.low,
                          .high = hash.high,
                          .until = roles_time(asked) + program->workspace->lateness_ms,
                          .at = engine->now,
                          .reason = (uint16_t)reason,
                          .test = state_is_test(engine, player)};
    if (like.until < engine->now) like.until = engine->now;
    struct answer *answer = NULL;
    if (buffer_ok(&data)) {
        answer = add(engine, player, &like, words, buffer_as_text(&data));
    } else {
        (void)state_no_memory(engine);
    }
    if (answer != NULL) leave(engine, player, answer, asked->event, source, id, values, count);
    buffer_deinit(&data);
}

bool answers_repeat(struct engine *engine, const struct record *record)
{
    const struct player *player = state_find_player(engine, record->group, record->brand, record->player);
    const struct answers *answers = player == NULL ? NULL : parts_of(player, PART_ANSWERS);
    if (answers == NULL) return false;
    struct dedupe_entry hash = dedupe_hash(engine->id_key, record->source, record->id);
    for (const struct answer *answer = answers->first; answer != NULL; answer = answer->next) {
        if (answer->low != hash.low || answer->high != hash.high || answer->until < engine->now) continue;
        leave(engine, player, answer, record->event, record->source, record->id, NULL, 0);
        return true;
    }
    return false;
}

/* ---------------------------------------------------------------- the part */

static void release(struct engine *engine, struct player *player)
{
    struct answers *answers = parts_have(player, PART_ANSWERS);
    while (answers->count > 0) drop_first(engine, player, answers);
    slab_free(slab_of(engine, player), answers, sizeof *answers);
}

static void encode(const struct engine *engine, const struct player *player, struct buffer *out)
{
    const struct answers *answers = parts_have(player, PART_ANSWERS);
    for (const struct answer *answer = answers->first; answer != NULL; answer = answer->next) {
        if (answer->until < engine->now) continue;
        buffer_u64(out, answer->low);
        buffer_u64(out, answer->high);
        buffer_i64(out, answer->until);
        buffer_i64(out, answer->at);
        buffer_u16(out, (uint16_t)(answer->reason | (answer->test ? TEST : 0)));
        buffer_sized_text(out, text_make(answer->bytes, answer->words_size));
        buffer_sized_text(out, text_make(answer->bytes + answer->words_size, answer->data_size));
    }
}

static enum status decode(struct engine *engine, struct player *player, struct buffer_reader *in, struct error *error)
{
    while (in->at < in->size && !in->failed) {
        struct answer like = {.low = buffer_read_u64(in)};
        like.high = buffer_read_u64(in);
        like.until = buffer_read_i64(in);
        like.at = buffer_read_i64(in);
        uint16_t reason = buffer_read_u16(in);
        like.reason = (uint16_t)(reason & ~TEST);
        like.test = (reason & TEST) != 0;
        struct text words = buffer_read_sized_text(in), data = buffer_read_sized_text(in);
        if (in->failed || like.reason >= REASON_COUNT) return codec_corrupt(error, "an answer is cut off");
        if (add(engine, player, &like, words, data) == NULL)
            return error_set(error, STATUS_NO_MEMORY, "no memory for an answer");
    }
    return OK;
}

const struct part answers_part = {.name = "answers", .free = release, .encode = encode, .decode = decode};
