/* Sizes, samples and reasons of segments. See membership.h. */
#include "runtime/lab/membership.h"

#include "runtime/lab/filter_words.h"
#include "runtime/lab/value_text.h"
#include "runtime/lab/why_not.h"
#include "vm/decimal.h"
#include "vm/memory.h"
#include "vm/zone.h"

uint32_t membership_find(const struct program *program, struct text name)
{
    for (uint32_t i = 0; i < program->segment_count; i++) {
        if (text_equal(program_text(program, program->segment[i].name), name)) {
            return i;
        }
    }
    return PROGRAM_NONE;
}

bool membership_is_of_line(const struct program *program, uint32_t segment)
{
    return text_starts_with(program_text(program, program->segment[segment].name), TEXT("start of \""));
}

void membership_name(struct buffer *out, const struct program *program, uint32_t segment)
{
    const struct text name = program_text(program, program->segment[segment].name);
    if (!membership_is_of_line(program, segment)) {
        buffer_print(out, "\"%.*s\"", TEXT_ARGS(name));
        return;
    }
    uint16_t sites[2] = {0};
    const uint32_t count = filter_words_sites(program, program->segment[segment].filter, sites, 2);
    const struct bundle_region *region = &program->region[0];
    for (uint32_t i = 0; i < count && sites[i] < region->site_count; i++) {
        const struct text words = program_text(program, program->site[region->site_first + sites[i]].text);
        if (text_starts_with(words, TEXT("start after"))) {
            buffer_print(out, "`%.*s`", TEXT_ARGS(words));
            return;
        }
    }
}

bool membership_print_start(struct buffer *out, const struct program *program, uint32_t campaign)
{
    const struct bundle_campaign *record = &program->campaign[campaign];
    switch ((enum start_kind)record->start_kind) {
    case START_ENTERING:
    case START_LEAVING:
        if (!membership_is_of_line(program, record->start_segment)) {
            buffer_string(out, record->start_kind == START_ENTERING ? "entering " : "leaving ");
        }
        membership_name(out, program, record->start_segment);
        return true;
    case START_COMMAND: buffer_string(out, "command"); return true;
    case START_SCHEDULE:
        buffer_text(out, program_text(program, program->schedule[record->start_schedule].text));
        return true;
    case START_EVENT:
    case START_COUNT: break;
    }
    return false;
}

static uint32_t home_zone(const struct program *program)
{
    return zone_find_or_utc(program_text(program, program->workspace->zone));
}

static void print_clock(struct buffer *out, const struct program *program)
{
    buffer_print(out, "times by the clock of %.*s", TEXT_ARGS(program_text(program, program->workspace->zone)));
}

static void json_instant(struct buffer *out, const char *name, int64_t instant)
{
    struct buffer words = BUFFER_EMPTY;
    value_text_instant(&words, instant);
    buffer_print(out, "\"%s\":", name);
    buffer_json_text(out, buffer_as_text(&words));
    buffer_deinit(&words);
}

/* ------------------------------------------------------------------ sizes and samples */

/* A player's id and brand, copied. */
struct member {
    char id[64], brand[64];
    uint32_t id_size, brand_size;
};

struct count {
    struct engine *engine;
    uint64_t players;
    uint64_t *inside; /* by segment */
    uint32_t segment; /* PROGRAM_NONE: all */
    struct member *member;
    uint32_t most, kept; /* the first `most` by id */
};

static struct text id_of(const struct member *member)
{
    return text_make(member->id, member->id_size);
}

static void keep_member(struct count *count, struct text id, struct text brand)
{
    uint32_t at = count->kept;
    while (at > 0 && text_compare_id(id_of(&count->member[at - 1]), id) > 0) {
        at--;
    }
    if (at >= count->most || id.size > sizeof count->member->id || brand.size > sizeof count->member->brand) {
        return;
    }
    if (count->kept < count->most) {
        count->kept++;
    }
    memmove(&count->member[at + 1], &count->member[at], (count->kept - 1 - at) * sizeof *count->member);
    struct member *member = &count->member[at];
    memcpy(member->id, id.at, id.size);
    memcpy(member->brand, brand.at, brand.size);
    member->id_size = id.size;
    member->brand_size = brand.size;
}

static void count_player(void *context, const struct engine_player_view *view)
{
    struct count *count = context;
    count->players++;
    const uint32_t segments = engine_program(count->engine)->segment_count;
    for (uint32_t i = 0; i < segments; i++) {
        struct engine_membership membership;
        if ((count->segment != PROGRAM_NONE && i != count->segment) ||
            !engine_find_membership(count->engine, view->brand, view->player, i, &membership) || !membership.in) {
            continue;
        }
        count->inside[i]++;
        if (count->most > 0) {
            keep_member(count, view->player, view->brand);
        }
    }
}

static bool count_all(struct count *count)
{
    const struct program *program = engine_program(count->engine);
    count->inside = memory_alloc_array(program->segment_count + 1, sizeof *count->inside);
    count->member = memory_alloc_array(count->most + 1, sizeof *count->member);
    if (count->inside == NULL || count->member == NULL) {
        return false;
    }
    return engine_each_player(count->engine, count_player, count);
}

static void release(struct count *count)
{
    memory_release(count->inside);
    memory_release(count->member);
}

/* With at least `width` cells before the point. */
static void print_share(struct buffer *out, uint64_t inside, uint64_t players, int width)
{
    const uint64_t thousandth = players == 0 ? 0 : (inside * 1000 + players / 2) / players;
    buffer_print(out, "%*llu.%llu%%", width, (unsigned long long)(thousandth / 10),
                 (unsigned long long)(thousandth % 10));
}

bool membership_sizes(struct engine *engine, bool json, struct buffer *out)
{
    const struct program *program = engine_program(engine);
    struct count count = {.engine = engine, .segment = PROGRAM_NONE};
    const bool counted = count_all(&count);
    if (counted && json) {
        buffer_string(out, "{");
        json_instant(out, "at", engine_now(engine));
        buffer_print(out, ",\"players\":%llu,\"segments\":[", (unsigned long long)count.players);
    } else if (counted) {
        buffer_string(out, "As of ");
        value_text_instant(out, engine_now(engine));
        buffer_string(out, ", of ");
        decimal_print_count(out, (int64_t)count.players, "player");
        buffer_string(out, ":\n");
    }
    for (uint32_t i = 0; counted && i < program->segment_count; i++) {
        struct buffer name = BUFFER_EMPTY;
        membership_name(&name, program, i);
        if (json) {
            buffer_print(out, "%s{\"name\":", i == 0 ? "" : ",");
            buffer_json_text(out, program_text(program, program->segment[i].name));
            buffer_print(out, ",\"inside\":%llu}", (unsigned long long)count.inside[i]);
        } else {
            struct buffer number = BUFFER_EMPTY;
            decimal_print(&number, (int64_t)count.inside[i], 0, DECIMAL_GROUPS);
            buffer_print(out, "  %10s  ", buffer_as_string(&number));
            buffer_deinit(&number);
            print_share(out, count.inside[i], count.players, 3);
            buffer_print(out, "  %s\n", buffer_as_string(&name));
        }
        buffer_deinit(&name);
    }
    if (counted && json) {
        buffer_string(out, "]}\n");
    }
    release(&count);
    return counted && buffer_ok(out);
}

bool membership_sample(struct engine *engine, uint32_t segment, uint32_t most, bool json, struct buffer *out)
{
    const struct program *program = engine_program(engine);
    struct count count = {.engine = engine, .segment = segment, .most = most};
    const bool counted = count_all(&count);
    if (!counted) {
        release(&count);
        return false;
    }
    const uint64_t inside = count.inside[segment];
    if (json) {
        buffer_string(out, "{");
        json_instant(out, "at", engine_now(engine));
        buffer_string(out, ",\"name\":");
        buffer_json_text(out, program_text(program, program->segment[segment].name));
        buffer_print(out, ",\"players\":%llu,\"inside\":%llu,\"sample\":[", (unsigned long long)count.players,
                     (unsigned long long)inside);
    } else {
        membership_name(out, program, segment);
        buffer_string(out, ": ");
        decimal_print(out, (int64_t)inside, 0, DECIMAL_GROUPS);
        buffer_string(out, " of ");
        decimal_print_count(out, (int64_t)count.players, "player");
        buffer_string(out, ", ");
        print_share(out, inside, count.players, 1);
        buffer_string(out, ", as of ");
        value_text_instant(out, engine_now(engine));
        buffer_string(out, "\n");
    }
    for (uint32_t i = 0; i < count.kept; i++) {
        const struct member *member = &count.member[i];
        if (json) {
            buffer_print(out, "%s{\"player\":", i == 0 ? "" : ",");
            buffer_json_text(out, id_of(member));
            if (member->brand_size > 0) {
                buffer_string(out, ",\"brand\":");
                buffer_json_text(out, text_make(member->brand, member->brand_size));
            }
            buffer_string(out, "}");
        } else {
            buffer_print(out, "  %.*s", TEXT_ARGS(id_of(member)));
            buffer_print(out, member->brand_size > 0 ? " of %.*s\n" : "%.*s\n", (int)member->brand_size, member->brand);
        }
    }
    if (json) {
        buffer_string(out, "]}\n");
    } else if (inside > count.kept) {
        buffer_string(out, "  (and ");
        decimal_print(out, (int64_t)(inside - count.kept), 0, DECIMAL_GROUPS);
        buffer_print(out, " more; --sample %u shows more)\n", most < 100 ? 100 : most * 10);
    }
    release(&count);
    return buffer_ok(out);
}

/* ------------------------------------------------------------------ why */

static void print_site(struct buffer *out, const struct activation *activation, uint32_t number, bool json, bool first)
{
    const struct program *program = activation->program;
    const uint32_t index = program->region[0].site_first + number;
    const struct bundle_site *site = &program->site[index];
    const bool held = activation->trace[number] == 3;
    struct buffer read = BUFFER_EMPTY;
    why_not_print_read(&read, activation, index);
    if (json) {
        buffer_print(out, "%s{\"line\":%u,\"condition\":", first ? "" : ",", site->line);
        buffer_json_text(out, program_text(program, site->text));
        buffer_print(out, ",\"held\":%s", held ? "true" : "false");
        if (read.size > 0) {
            buffer_string(out, ",\"read\":");
            buffer_json_text(out, buffer_as_text(&read));
        }
        buffer_string(out, "}");
    } else {
        buffer_print(out, "      line %-4u %-3s  %.*s", site->line, held ? "yes" : "no",
                     TEXT_ARGS(program_text(program, site->text)));
        buffer_print(out, read.size > 0 ? "   (%s)\n" : "%s\n", buffer_as_string(&read));
    }
    buffer_deinit(&read);
}

static void print_conditions(struct buffer *out, const struct engine_membership *membership, bool json)
{
    const struct program *program = membership->activation->program;
    bool first = true;
    for (uint32_t i = 1; i < program->region[0].site_count && i < ACTIVATION_SITES_MAX; i++) {
        if (membership->activation->trace[i] == 0) {
            continue;
        }
        print_site(out, membership->activation, i, json, first);
        first = false;
    }
}

static void print_why(struct buffer *out, const struct program *program, uint32_t segment,
                      const struct engine_membership *membership, bool json)
{
    struct why_not_change changes[WHY_NOT_CHANGES_MAX];
    const unsigned count = why_not_search(membership->activation, membership->pc, !membership->in, changes);
    struct buffer differ = BUFFER_EMPTY;
    if (count > 0) {
        why_not_print(&differ, membership->activation, changes, count);
    }
    if (json) {
        buffer_string(out, "{\"name\":");
        buffer_json_text(out, program_text(program, program->segment[segment].name));
        buffer_print(out, ",\"in\":%s,\"conditions\":[", membership->in ? "true" : "false");
        print_conditions(out, membership, true);
        buffer_string(out, "]");
        if (membership->changes_at != INT64_MAX) {
            buffer_string(out, ",");
            json_instant(out, "may_change_at", membership->changes_at);
        }
        if (count > 0) {
            buffer_string(out, ",\"otherwise_if\":");
            buffer_json_text(out, buffer_as_text(&differ));
        }
        buffer_string(out, "}");
    } else {
        buffer_string(out, membership->in ? "  in      " : "  not in  ");
        membership_name(out, program, segment);
        if (program->segment[segment].file < program->file_count) {
            buffer_print(out, "   (%.*s)",
                         TEXT_ARGS(program_text(program, program->file[program->segment[segment].file].path)));
        }
        buffer_string(out, "\n");
        print_conditions(out, membership, false);
        if (membership->changes_at != INT64_MAX) {
            buffer_string(out, "      time alone may change this, the next time at ");
            value_text_local(out, home_zone(program), membership->changes_at);
            buffer_string(out, "\n");
        }
        if (count > 0) {
            buffer_print(out, "      it would have been otherwise if: %s\n", buffer_as_string(&differ));
        }
    }
    buffer_deinit(&differ);
}

bool membership_why(struct engine *engine, struct text brand, struct text player, uint32_t segment, bool json,
                    struct buffer *out, bool *known_out)
{
    const struct program *program = engine_program(engine);
    struct engine_player_view view;
    *known_out = engine_find_player(engine, brand, player, &view);
    if (json) {
        buffer_string(out, "{\"player\":");
        buffer_json_text(out, player);
        buffer_string(out, ",");
        json_instant(out, "at", engine_now(engine));
        buffer_print(out, ",\"known\":%s,\"segments\":[", *known_out ? "true" : "false");
    } else if (!*known_out) {
        buffer_print(out, "Player %.*s: nothing is known, so this player is in no segment\n", TEXT_ARGS(player));
    } else {
        buffer_print(out, "Player %.*s as of ", TEXT_ARGS(player));
        value_text_local(out, home_zone(program), engine_now(engine));
        buffer_string(out, "; ");
        print_clock(out, program);
        buffer_string(out, "\n");
    }
    bool first = true;
    for (uint32_t i = 0; *known_out && i < program->segment_count; i++) {
        struct engine_membership membership;
        if ((segment != PROGRAM_NONE && i != segment) ||
            !engine_find_membership(engine, brand, player, i, &membership)) {
            continue;
        }
        buffer_string(out, json && !first ? "," : "");
        print_why(out, program, i, &membership, json);
        first = false;
    }
    if (json) {
        buffer_string(out, "]}\n");
    }
    return buffer_ok(out);
}
