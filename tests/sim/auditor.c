/* The accountant. Contract: auditor.h.
 *
 *   auditor.c         what left, what is durable, one form of each effect; the log as the world's lines
 *   auditor_sums.c    own sums of the lines that count, against the effects and the state
 */
#include "tests/sim/auditor_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/engine/effect_json.h"
#include "vm/split.h"

void audit_fail(struct auditor *auditor, const char *words, ...)
{
    if (auditor->fault[0] != 0) return;
    va_list arguments;
    va_start(arguments, words);
    (void)vsnprintf(auditor->fault, sizeof auditor->fault, words, arguments);
    va_end(arguments);
}

const char *auditor_fault(const struct auditor *auditor)
{
    return auditor->fault[0] != 0 ? auditor->fault : NULL;
}

const struct auditor_counts *auditor_counted(const struct auditor *auditor)
{
    return &auditor->counts;
}

static void *must(void *memory)
{
    INVARIANT(memory != NULL);
    return memory;
}

struct auditor *auditor_open(const struct world *world)
{
    struct auditor *auditor = must(calloc(1, sizeof *auditor));
    auditor->world = world;
    return auditor;
}

void auditor_close(struct auditor *auditor)
{
    if (auditor == NULL) return;
    buffer_deinit(&auditor->line);
    free(auditor->effect);
    free(auditor->record);
    free(auditor->note);
    free(auditor->row);
    free(auditor);
}

/* ---------------------------------------------------------------- one line of an effect */

static bool value_of(const char *line, const char *key, char *out, size_t room)
{
    char quoted[40];
    out[0] = 0;
    int size = snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = strstr(line, quoted);
    if (at == NULL) return false;
    at += size;
    bool text = *at == '"';
    if (text) at++;
    size_t length = strcspn(at, text ? "\"" : ",}");
    if (length >= room) length = room - 1;
    memcpy(out, at, length);
    out[length] = 0;
    return true;
}

/* "12.30 EUR" in minor units. */
static int64_t money_of(const char *line, const char *key)
{
    char text[40];
    if (!value_of(line, key, text, sizeof text)) return 0;
    long long whole = 0, cents = 0;
    if (sscanf(text, "%lld.%2lld", &whole, &cents) < 1) return 0;
    return (int64_t)whole * 100 + (int64_t)cents;
}

static enum audit_kind kind_of(const char *word)
{
    static const char *const words[] = {"", "send", "credit", "answer", "cancel"};
    for (int kind = 1; kind <= AUDIT_CANCEL; kind++) {
        if (strcmp(word, words[kind]) == 0) return (enum audit_kind)kind;
    }
    return AUDIT_OTHER;
}

static void read_effect(struct audit_effect *out, const char *line, uint32_t size, int64_t at)
{
    char word[64];
    memset(out, 0, sizeof *out);
    (void)value_of(line, "effect", word, sizeof word);
    out->kind = kind_of(word);
    out->at = at;
    (void)value_of(line, "id", out->id, sizeof out->id);
    out->player = value_of(line, "player", word, sizeof word) ? (uint32_t)strtoul(word + 1, NULL, 10) : WORLD_PLAYERS;
    out->test = strstr(line, "\"test\":true") != NULL;
    (void)value_of(line, "campaign", out->campaign, sizeof out->campaign);
    if (value_of(line, "journey", word, sizeof word)) out->journey = (uint32_t)strtoul(word, NULL, 10);
    (void)value_of(line, "step", out->step, sizeof out->step);
    (void)value_of(line, out->kind == AUDIT_CREDIT ? "offer" : "channel", out->name, sizeof out->name);
    out->cost = money_of(line, "cost");
    if (out->kind == AUDIT_ANSWER) {
        (void)value_of(line, "to", out->to, sizeof out->to);
        (void)value_of(line, "source", out->source, sizeof out->source);
        (void)value_of(line, "event", out->name, sizeof out->name);
        (void)value_of(line, "result", out->result, sizeof out->result);
        out->from_card = money_of(line, "from_card");
        out->to_card = money_of(line, "to_card");
    }
    out->bytes = split_hash64(line, size, 1);
    /* Everything but the id: two effects that are alike in that are one. */
    const char *id = strstr(line, out->id);
    size_t before = id == NULL ? 0 : (size_t)(id - line);
    uint64_t rest = split_hash64(line, before, 2);
    out->rest = split_hash64(line + before + 32, size - before - 32, rest);
}

/* ---------------------------------------------------------------- a table of ids */

static uint64_t key_of(const char *id)
{
    return split_hash64(id, strlen(id), 3) | 1;
}

static struct audit_seen *find_seen(struct audit_seen *table, uint64_t key)
{
    uint32_t at = (uint32_t)(key >> 8) % AUDIT_TABLE;
    while (table[at].key != 0 && table[at].key != key) at = (at + 1) % AUDIT_TABLE;
    return &table[at];
}

static struct audit_seen *add_seen(struct audit_seen *table, uint64_t key, uint32_t *count)
{
    struct audit_seen *seen = find_seen(table, key);
    if (seen->key == 0) {
        INVARIANT(++*count < AUDIT_TABLE / 2);
        seen->key = key;
    }
    return seen;
}

/* ---------------------------------------------------------------- what left */

void auditor_left(struct auditor *auditor, const char *line, uint32_t size)
{
    struct audit_effect effect;
    read_effect(&effect, line, size, 0);
    struct audit_seen *seen = add_seen(auditor->left, key_of(effect.id), &auditor->left_count);
    if (seen->times == 0) {
        seen->bytes = effect.bytes;
        memcpy(seen->id, effect.id, sizeof seen->id);
    } else {
        auditor->counts.seen_again++;
        if (seen->bytes != effect.bytes) /* promise X2, X3 */
            audit_fail(auditor, "effect %s left twice, with other bytes: %.*s", effect.id, (int)size, line);
    }
    seen->times++;
    if (effect.kind != AUDIT_CREDIT) return;
    struct audit_seen *alike = add_seen(auditor->left_alike, effect.rest | 1, &auditor->alike_count);
    if (alike->times++ == 0) memcpy(alike->id, effect.id, sizeof alike->id);
    if (strcmp(alike->id, effect.id) != 0)
        audit_fail(auditor, "one credit left under two ids, %s and %s: %.*s", alike->id, effect.id, (int)size, line);
}

void auditor_carried(struct auditor *auditor)
{
    auditor->carried = true;
}

bool audit_has_left(struct auditor *auditor, const char *effect)
{
    return find_seen(auditor->left, key_of(effect))->key != 0;
}

void auditor_acknowledged(struct auditor *auditor, uint32_t line, uint64_t position)
{
    auditor->acknowledged[line]++;
    if (position > auditor->end) auditor->end = position;
}

/* ---------------------------------------------------------------- the fold of the log */

void auditor_begin(struct auditor *auditor)
{
    auditor->effects = auditor->records = auditor->notes = auditor->rows = 0;
}

#define GROW(array, count, room)                                                \
    do {                                                                        \
        if ((count) == (room)) {                                                \
            (room) = (room) == 0 ? 1024 : (room)*2;                             \
            (array) = must(realloc((array), (size_t)(room) * sizeof *(array))); \
        }                                                                       \
    } while (0)

void auditor_audit_row(struct auditor *auditor, uint64_t position)
{
    GROW(auditor->row, auditor->rows, auditor->row_room);
    auditor->row[auditor->rows++] = position;
}

static void copy_text(char *out, size_t room, struct text text)
{
    size_t size = text.size < room - 1 ? text.size : room - 1;
    if (size > 0) memcpy(out, text.at, size);
    out[size] = 0;
}

void auditor_record(void *context, const struct record *record, const struct program *program)
{
    struct auditor *auditor = context;
    (void)program;
    GROW(auditor->record, auditor->records, auditor->record_room);
    struct audit_record *out = &auditor->record[auditor->records++];
    *out =
        (struct audit_record){.position = record->position, .now = record->now, .at = record->at, .line = AUDIT_NONE};
    out->kind = record->kind;
    copy_text(out->id, sizeof out->id, record->id);
    copy_text(out->source, sizeof out->source, record->source);
    copy_text(out->player, sizeof out->player, record->player);
    if (record->kind != RECORD_DELIVERY) return;
    out->outcome = record->outcome;
    for (int index = 0; index < 16; index++) (void)snprintf(out->effect + 2 * index, 3, "%02x", record->effect[index]);
}

void auditor_effect(void *context, const struct engine_effect *effect)
{
    struct auditor *auditor = context;
    buffer_clear(&auditor->line);
    effect_json_write(&auditor->line, effect);
    auditor->line.bytes[auditor->line.size - 1] = 0; /* the line feed */
    GROW(auditor->effect, auditor->effects, auditor->effect_room);
    read_effect(&auditor->effect[auditor->effects++], (const char *)auditor->line.bytes,
                (uint32_t)auditor->line.size - 1, effect->at);
}

void auditor_note(void *context, const struct engine_note *note)
{
    struct auditor *auditor = context;
    if (note->kind != NOTE_RESERVED && note->kind != NOTE_RELEASED && note->kind != NOTE_COMMITTED) return;
    GROW(auditor->note, auditor->notes, auditor->note_room);
    struct audit_note *out = &auditor->note[auditor->notes++];
    *out = (struct audit_note){.kind = note->kind, .now = note->now, .amount = note->amount};
    for (int index = 0; index < 16; index++) (void)snprintf(out->id + 2 * index, 3, "%02x", note->effect_id[index]);
    copy_text(out->campaign, sizeof out->campaign,
              note->campaign == PROGRAM_NONE
                  ? TEXT("")
                  : program_text(note->program, note->program->campaign[note->campaign].name));
}

/* ---------------------------------------------------------------- the log against the world's lines */

static uint64_t line_key(const char *id, const char *source, int64_t at)
{
    uint64_t key = split_hash64(id, strlen(id), 4);
    key = split_hash64(source, strlen(source), key);
    return split_hash64((const char *)&at, sizeof at, key) | 1;
}

/* Which line each record is; nothing that was acknowledged is missing, nothing is there that nobody told. */
static void judge_records(struct auditor *auditor)
{
    static struct audit_seen table[AUDIT_TABLE];
    static uint32_t found[WORLD_LINES_MAX];
    memset(table, 0, sizeof table);
    memset(found, 0, sizeof found);
    uint32_t count = 0, lines = world_lines(auditor->world);
    for (uint32_t number = 0; number < lines; number++) {
        const struct world_line *line = world_line(auditor->world, number);
        if (line->what == WORLD_TICK) continue;
        add_seen(table, line_key(line->id, line->source, line->at), &count)->times = number + 1;
    }
    int64_t now = INT64_MIN;
    for (uint32_t index = 0; index < auditor->records; index++) {
        struct audit_record *record = &auditor->record[index];
        if (record->position != index + 1) /* promise D2 */
            audit_fail(auditor, "record %llu of the log stands at place %u", (unsigned long long)record->position,
                       index + 1);
        if (record->now < now) audit_fail(auditor, "`now` falls at record %u", index + 1);
        now = record->now;
        if (record->kind == RECORD_TICK || record->kind == RECORD_ACTIVATE || record->kind == RECORD_DELIVERY) continue;
        const struct audit_seen *seen = find_seen(table, line_key(record->id, record->source, record->at));
        if (seen->key == 0) {
            audit_fail(auditor, "record %u of the log was told by nobody: id %s, source %s, player %s", index + 1,
                       record->id, record->source, record->player);
            continue;
        }
        record->line = seen->times - 1;
        found[record->line]++;
    }
    for (uint32_t number = 0; number < lines; number++) {
        const struct world_line *line = world_line(auditor->world, number);
        if (line->what == WORLD_TICK || found[number] >= auditor->acknowledged[number]) continue;
        /* promise D7 */
        audit_fail(auditor, "durable %u times, in the log %u times: %s", auditor->acknowledged[number], found[number],
                   line->text);
    }
    if (auditor->records < auditor->end)
        audit_fail(auditor, "record %llu was durable, and the log ends at %u", (unsigned long long)auditor->end,
                   auditor->records);
}

/* Each program, order, erasure and exclusion has one row of the audit log, at the position where it came first. */
static void judge_audit(struct auditor *auditor)
{
    static bool told[WORLD_LINES_MAX];
    memset(told, 0, sizeof told);
    uint32_t row = 0;
    for (uint32_t index = 0; index < auditor->records; index++) {
        const struct audit_record *record = &auditor->record[index];
        bool expected = record->kind == RECORD_ACTIVATE;
        if (record->line != AUDIT_NONE && !told[record->line]) {
            enum world_what what = world_line(auditor->world, record->line)->what;
            told[record->line] = true;
            expected = what == WORLD_EXCLUSION || what == WORLD_TIME_OUT || what == WORLD_ERASE ||
                       what == WORLD_SUSPEND || what == WORLD_RESUME;
        }
        if (!expected) continue;
        if (row == auditor->rows || auditor->row[row] != record->position) { /* promise S1 */
            audit_fail(auditor, "record %llu (%s) should be row %u of the audit log, and is not",
                       (unsigned long long)record->position, record->id, row + 1);
            return;
        }
        row++;
    }
    auditor->counts.audit_rows += row;
    if (row != auditor->rows)
        audit_fail(auditor, "the audit log has %u rows, the last of record %llu, and should have %u", auditor->rows,
                   (unsigned long long)auditor->row[auditor->rows - 1], row);
}

/* What was there at an earlier judgement is there still, in its place. */
static void judge_past(struct auditor *auditor)
{
    for (uint32_t index = 0; index < auditor->records && index < auditor->past_count; index++) {
        const struct audit_record *record = &auditor->record[index];
        if (line_key(record->id, record->source, record->now) != auditor->past[index])
            audit_fail(auditor, "record %u of the log is another than it was", index + 1);
    }
    auditor->past_count = 0;
    /* Behind what was acknowledged lies what a failed call may have left: it may go again. */
    for (uint32_t index = 0; index < auditor->records && index < auditor->end && index < AUDIT_PAST; index++) {
        const struct audit_record *record = &auditor->record[index];
        auditor->past[auditor->past_count++] = line_key(record->id, record->source, record->now);
    }
}

/* Each effect has one id and one form; what left is in the fold of the log, and what is in the fold has left. */
static void judge_effects(struct auditor *auditor, uint32_t left_count)
{
    static struct audit_seen ids[AUDIT_TABLE], alike[AUDIT_TABLE];
    memset(ids, 0, sizeof ids);
    memset(alike, 0, sizeof alike);
    uint32_t id_count = 0, alike_count = 0;
    for (uint32_t index = 0; index < auditor->effects; index++) {
        const struct audit_effect *effect = &auditor->effect[index];
        struct audit_seen *seen = add_seen(ids, key_of(effect->id), &id_count);
        if (seen->times++ == 0) seen->bytes = effect->bytes;
        if (seen->bytes != effect->bytes) audit_fail(auditor, "two effects have the id %s", effect->id);
        struct audit_seen *rest = add_seen(alike, effect->rest | 1, &alike_count);
        if (rest->times++ == 0) memcpy(rest->id, effect->id, sizeof rest->id);
        if (strcmp(rest->id, effect->id) != 0)
            audit_fail(auditor, "one effect has two ids, %s and %s", rest->id, effect->id);
        if (index >= left_count) continue;
        const struct audit_seen *left = find_seen(auditor->left, key_of(effect->id));
        if (left->key == 0) /* promise X3 */
            audit_fail(auditor, "an effect of the log never left: %s of %s, player p%u, id %s, %lld", effect->name,
                       effect->campaign, effect->player, effect->id, (long long)effect->at);
    }
    for (uint32_t index = 0; index < AUDIT_TABLE; index++) {
        const struct audit_seen *left = &auditor->left[index];
        if (left->key == 0) continue;
        const struct audit_seen *seen = find_seen(ids, left->key);
        if (seen->key == 0) /* promise D1 */
            audit_fail(auditor, "effect %s left, and no durable record gives it", left->id);
        if (seen->key != 0 && seen->bytes != left->bytes)
            audit_fail(auditor, "effect %s left with other bytes than the log gives", left->id);
    }
}

uint32_t auditor_effects(const struct auditor *auditor)
{
    return auditor->effects;
}

void auditor_judge(struct auditor *auditor, struct engine *engine, uint32_t left)
{
    auditor->counts.judged++;
    auditor->counts.records += auditor->records;
    auditor->counts.effects += auditor->effects;
    judge_records(auditor);
    judge_audit(auditor);
    judge_past(auditor);
    judge_effects(auditor, left);
    if (auditor->fault[0] == 0) audit_sums(auditor, engine);
}
