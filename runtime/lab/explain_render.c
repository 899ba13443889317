/*
 * Prints an explanation: by campaign, in order of time; of many refusals the last one in full and the rest by number. The short form
 * ends with the latest facts of each campaign and says how to see the others.
 */
#include "runtime/lab/explain_facts.h"
#include "runtime/lab/filter_words.h"
#include "runtime/lab/membership.h"
#include "runtime/lab/value_text.h"
#include "vm/zone.h"
#include "vm/memory.h"

enum { CAMPAIGNS_MAX = 256, FACTS_SHOWN = 40 };

struct names {
    struct text name[CAMPAIGNS_MAX];
    uint32_t count;
};

static void collect(struct names *names, const struct explain *explain)
{
    for (const struct explain_fact *fact = explain->facts; fact != NULL; fact = fact->next) {
        bool there = false;
        for (uint32_t i = 0; i < names->count; i++) {
            there = there || text_equal(names->name[i], fact->campaign);
        }
        if (!there && names->count < CAMPAIGNS_MAX) {
            names->name[names->count++] = fact->campaign;
        }
    }
}

static void print_conditions(struct buffer *out, const struct explain_fact *fact)
{
    for (const struct explain_condition *condition = fact->conditions; condition != NULL; condition = condition->next) {
        buffer_string(out, "      ");
        if (!text_equal(condition->path, fact->path)) {
            buffer_print(out, "%.*s ", TEXT_ARGS(condition->path));
        }
        buffer_print(out, "line %-4u %-3s  %.*s", condition->line, condition->held ? "yes" : "no",
                     TEXT_ARGS(condition->words));
        if (condition->read.size > 0) {
            buffer_print(out, "   (%.*s)", TEXT_ARGS(condition->read));
        }
        buffer_string(out, "\n");
    }
}

static const char *no_change(const struct explain_fact *fact)
{
    switch (fact->reason) {
    case REASON_ALREADY_ENTERED:
    case REASON_ALREADY_RUNNING:
        return "no change of the player's data would: the campaign's `enter` line allows no further journey now";
    case REASON_COMPLETED_ENOUGH:
        return "no change of the player's data would: the mission's `complete` line allows no further run in this "
               "period";
    case REASON_OUTSIDE_RUNS:
        return "no change of the player's data would: the campaign's `runs` line does not hold this day";
    case REASON_SUSPENDED:
    case REASON_ENTRANTS: return "no change of the player's data would: it depends on the campaign, not on the player";
    case REASON_GROUP:
        return "no change of the player's data would: the journey of the other campaign of the group has to end first";
    case REASON_HELD_OUT:
        return "no change of the player's data would: who is held out is told by the player's id alone, for as long as "
               "the policy "
               "has this line";
    default: return NULL;
    }
}

static void print_differ(struct buffer *out, const struct explain_fact *fact, const char *lead)
{
    if (fact->differ.size > 0) {
        buffer_print(out, "      %s: %.*s\n", lead, TEXT_ARGS(fact->differ));
    } else if (fact->kind == FACT_REFUSED && no_change(fact) != NULL) {
        buffer_print(out, "      what would have to differ: %s\n", no_change(fact));
    }
}

static void print_fact(struct buffer *out, const struct explain_fact *fact)
{
    buffer_string(out, "    ");
    value_text_local(out, fact->zone, fact->at);
    buffer_string(out, "  ");
    switch (fact->kind) {
    case FACT_NOTE:
    case FACT_REFUSED: buffer_text(out, fact->words); break;
    case FACT_EFFECT:
        buffer_text(out, fact->words);
        buffer_print(out, " (line %u)", fact->line);
        break;
    case FACT_CASE_REFUSED: buffer_print(out, "an event did not meet the wait of line %u", fact->line); break;
    case FACT_CASE_MET: buffer_print(out, "an event met the wait of line %u", fact->line); break;
    case FACT_LEAVE: buffer_print(out, "the leave line %u held", fact->line); break;
    case FACT_STAYED: buffer_print(out, "an event did not meet the leave line %u", fact->line); break;
    case FACT_CHOSE: buffer_string(out, "judged on the way"); break;
    }
    buffer_text(out, fact->cause);
    buffer_string(out, "\n");
    print_conditions(out, fact);
    print_differ(out, fact, "it would have been otherwise if");
}

/* What may come again and again. */
static bool is_repeated_kind(const struct explain_fact *fact)
{
    return fact->kind == FACT_REFUSED || fact->kind == FACT_CASE_REFUSED || fact->kind == FACT_STAYED ||
           (fact->kind == FACT_NOTE && fact->reason == REASON_METRIC_FULL);
}

static bool is_like(const struct explain_fact *one, const struct explain_fact *other)
{
    if (one->kind != other->kind || !text_equal(one->campaign, other->campaign) || one->journey != other->journey)
        return false;
    if (one->kind == FACT_NOTE) return one->reason == other->reason && text_equal(one->words, other->words);
    return one->kind == FACT_REFUSED ? one->reason == other->reason : one->line == other->line;
}

/* The last refused entry, the last event that missed a wait of a journey that still waits, the last time that a metric
 * was full say enough. */
static bool is_superseded(const struct explain_fact *fact)
{
    if (!is_repeated_kind(fact)) return false;
    for (const struct explain_fact *later = fact->next; later != NULL; later = later->next) {
        if (is_like(later, fact)) return true;
    }
    return false;
}

static uint32_t count_like(const struct explain *explain, const struct explain_fact *fact)
{
    uint32_t count = 0;
    for (const struct explain_fact *other = explain->facts; other != fact; other = other->next) {
        count += is_like(other, fact) ? 1 : 0;
    }
    return count;
}

struct standing {
    struct explain *explain;
    struct buffer *out;
    struct text campaign;
    uint32_t zone;
    bool json;
    bool first;
};

/* The events that a waiting journey could go on with, one a line. */
static void print_cases(struct buffer *out, const struct engine_journey_view *view)
{
    const struct program *program = view->program;
    const struct bundle_state *state = &program->state[view->state_index];
    for (uint32_t i = 0; i < state->case_count; i++) {
        const struct bundle_wait_case *waited = &program->wait_case[state->case_first + i];
        buffer_print(out, "      line %-4u      ", waited->line);
        filter_words_print(out, program, view->campaign_index, waited->event, waited->about, waited->filter);
        buffer_string(out, "\n");
    }
}

static void print_cases_json(struct buffer *out, const struct engine_journey_view *view)
{
    const struct program *program = view->program;
    const struct bundle_state *state = &program->state[view->state_index];
    for (uint32_t i = 0; i < state->case_count; i++) {
        const struct bundle_wait_case *waited = &program->wait_case[state->case_first + i];
        struct buffer words = BUFFER_EMPTY;
        filter_words_print(&words, program, view->campaign_index, waited->event, waited->about, waited->filter);
        buffer_print(out, "%s{\"line\":%u,\"event\":", i == 0 ? "" : ",", waited->line);
        buffer_json_text(out, buffer_as_text(&words));
        buffer_string(out, "}");
        buffer_deinit(&words);
    }
}

/* What a question is about: "2 people" have to approve, or a query is to be answered. */
static void print_question(struct buffer *out, const struct engine_journey_view *view)
{
    const struct program *program = view->program;
    const struct bundle_state *state = &program->state[view->state_index];
    if (state->kind != STATE_ASK) {
        return;
    }
    const struct bundle_ask *ask = &program->ask[state->ask];
    buffer_print(out, "      line %-4u      the answer of \"%.*s\": ", state->line,
                 TEXT_ARGS(program_text(program, ask->asked)));
    if (ask->query == PROGRAM_NONE) {
        buffer_print(out, "approved by %u %s\n", ask->people, ask->people == 1 ? "person" : "different people");
    } else {
        buffer_print(out, "%.*s\n", TEXT_ARGS(program_text(program, program->query[ask->query].name)));
    }
}

static bool has_deadline(const struct engine_journey_view *view)
{
    return view->due_at != INT64_MAX && view->due_at != 0;
}

static void on_journey(void *context, const struct engine_journey_view *view)
{
    struct standing *standing = context;
    const struct explain *explain = standing->explain;
    if (!text_equal(view->player, explain->player) || !text_equal(view->campaign, standing->campaign) ||
        (explain->brand.size > 0 && !text_equal(view->brand, explain->brand))) {
        return;
    }
    struct buffer *out = standing->out;
    if (standing->json) {
        buffer_string(out, standing->first ? "" : ",");
        buffer_print(out, "{\"journey\":%u,\"state\":", view->journey);
        buffer_json_text(out, view->state);
        buffer_string(out, ",\"step\":");
        buffer_json_text(out, view->step);
        buffer_print(out, ",\"line\":%u", view->line);
        if (has_deadline(view)) {
            struct buffer until = BUFFER_EMPTY;
            value_text_instant(&until, view->due_at);
            buffer_string(out, ",\"until\":");
            buffer_json_text(out, buffer_as_text(&until));
            buffer_deinit(&until);
        }
        const struct bundle_state *state = &view->program->state[view->state_index];
        if (state->kind == STATE_ASK) {
            const struct bundle_ask *ask = &view->program->ask[state->ask];
            buffer_string(out, ",\"asked\":");
            buffer_json_text(out, program_text(view->program, ask->asked));
        }
        buffer_string(out, ",\"waits_for\":[");
        print_cases_json(out, view);
        buffer_string(out, "]}");
        standing->first = false;
        return;
    }
    buffer_print(out, "    now: journey %u is %.*s in step \"%.*s\", line %u", view->journey, TEXT_ARGS(view->state),
                 TEXT_ARGS(view->step), view->line);
    if (has_deadline(view)) {
        buffer_string(out, ", until ");
        value_text_local(out, standing->zone, view->due_at);
    }
    const struct bundle_state *state = &view->program->state[view->state_index];
    const bool asks = state->kind == STATE_ASK;
    buffer_string(out, asks                    ? ", or until this comes:\n"
                       : state->case_count > 0 ? ", or until one of these comes:\n"
                                               : "\n");
    print_cases(out, view);
    print_question(out, view);
}

static bool is_shown(const struct explain_fact *fact, struct text campaign, bool all)
{
    return text_equal(fact->campaign, campaign) && (all || !is_superseded(fact));
}

/* The facts of one campaign: all of them, or the latest FACTS_SHOWN. */
static void print_facts(struct explain *explain, struct text campaign, bool all, struct buffer *out)
{
    uint32_t count = 0;
    for (const struct explain_fact *fact = explain->facts; fact != NULL; fact = fact->next) {
        count += is_shown(fact, campaign, all) ? 1 : 0;
    }
    uint32_t left_out = all || count <= FACTS_SHOWN ? 0 : count - FACTS_SHOWN;
    if (left_out > 0) {
        buffer_print(out, "    (%u earlier facts are left out; --all shows them)\n", left_out);
    }
    for (const struct explain_fact *fact = explain->facts; fact != NULL; fact = fact->next) {
        if (!is_shown(fact, campaign, all)) {
            continue;
        }
        if (left_out > 0) {
            left_out--;
            continue;
        }
        print_fact(out, fact);
        const uint32_t others = !all && is_repeated_kind(fact) ? count_like(explain, fact) : 0;
        if (others > 0) {
            buffer_print(out, "      (%u earlier %s for the same reason)\n", others, others == 1 ? "one" : "ones");
        }
    }
}

/* "it starts on deposit where amount is at least 20 EUR" */
static void print_start(struct buffer *out, const struct program *program, uint32_t index)
{
    const struct bundle_campaign *campaign = &program->campaign[index];
    if (membership_print_start(out, program, index)) {
        return;
    }
    filter_words_print(out, program, index, campaign->start_event, campaign->start_about, campaign->start_filter);
}

/* A campaign that the player never came near. */
static bool is_untouched(const struct explain *explain, const struct names *names, struct text campaign)
{
    if (!explain->seen || (explain->campaign.size > 0 && !text_equal(explain->campaign, campaign))) {
        return false;
    }
    for (uint32_t i = 0; i < names->count; i++) {
        if (text_equal(names->name[i], campaign)) {
            return false;
        }
    }
    return true;
}

static void print_untouched(const struct explain *explain, const struct names *names, const struct program *program,
                            struct buffer *out)
{
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        const struct text name = program_text(program, program->campaign[i].name);
        if (!is_untouched(explain, names, name)) {
            continue;
        }
        buffer_print(out,
                     "\n  \"%.*s\"\n    nothing that came from this player could start this campaign; it starts on ",
                     TEXT_ARGS(name));
        print_start(out, program, i);
        buffer_string(out, "\n");
    }
}

/* Erased how often, and suppressed or not, over the brands that are asked for. */
static uint32_t erasures(const struct explain *explain, struct engine *engine, bool *suppressed)
{
    const struct program *program = engine_program(engine);
    uint32_t count = 0;
    *suppressed = false;
    if (program == NULL) return 0;
    for (uint32_t i = 0; i <= program->brand_count; i++) {
        const struct text brand = i == 0 ? TEXT("") : program_text(program, program->brand[i - 1].name);
        if (explain->brand.size > 0 && !text_equal(explain->brand, brand)) continue;
        count += engine_erasures(engine, brand, explain->player);
        *suppressed = *suppressed || engine_suppressed(engine, brand, explain->player);
    }
    return count;
}

static void print_erased(const struct explain *explain, struct engine *engine, struct buffer *out)
{
    bool suppressed = false;
    const uint32_t count = erasures(explain, engine, &suppressed);
    if (count == 1) buffer_string(out, "  This player was erased: what was known before is gone.\n");
    if (count > 1) buffer_print(out, "  This player was erased %u times: what was known before is gone.\n", count);
    if (suppressed) {
        buffer_string(out,
                      "  Suppressed: enters no campaign that promotes or rewards, and gets no marketing message, until "
                      "`promo unsuppress`.\n");
    }
}

static void render_text(struct explain *explain, struct engine *engine, const struct names *names, bool all,
                        struct buffer *out)
{
    buffer_print(out, "Player %.*s", TEXT_ARGS(explain->player));
    if (explain->brand.size > 0) {
        buffer_print(out, " of %.*s", TEXT_ARGS(explain->brand));
    }
    buffer_string(out, "\n");
    for (uint32_t i = 0; explain->brand_count > 1 && i < explain->brand_count; i++) {
        buffer_print(out, "%s%.*s", i == 0 ? "  Told together, of the brands " : ", ", TEXT_ARGS(explain->brands[i]));
        buffer_string(out, i + 1 == explain->brand_count ? "; --brand NAME tells of one\n" : "");
    }
    print_erased(explain, engine, out);
    if (!explain->seen) {
        buffer_string(out, "  No record of this player is in the log");
        buffer_string(out, names->count > 0
                               ? ": what follows came of events that the campaigns of other players told.\n"
                               : ". Ids are compared letter by letter; is the brand right?\n");
    }
    for (uint32_t i = 0; i < names->count; i++) {
        const struct explain_fact *first = explain->facts;
        while (!text_equal(first->campaign, names->name[i])) {
            first = first->next;
        }
        if (names->name[i].size > 0) {
            buffer_print(out, "\n  \"%.*s\"\n  %.*s; times by the clock of %s\n", TEXT_ARGS(names->name[i]),
                         TEXT_ARGS(first->path), zone_name(first->zone));
        } else {
            buffer_print(out, "\n  Of no campaign; times by the clock of %s\n", zone_name(first->zone));
        }
        print_facts(explain, names->name[i], all, out);
        struct standing standing = {.explain = explain, .out = out, .campaign = names->name[i], .zone = first->zone};
        if (!engine_each_journey(engine, on_journey, &standing)) explain->out_of_memory = true;
    }
    print_untouched(explain, names, engine_program(engine), out);
}

static void print_fact_json(struct buffer *out, const struct explain_fact *fact)
{
    static const char *const kinds[] = {"note",     "effect", "refused", "case_refused",
                                        "case_met", "leave",  "stayed",  "judged"};
    struct buffer at = BUFFER_EMPTY;
    value_text_instant(&at, fact->at);
    buffer_string(out, "{\"at\":");
    buffer_json_text(out, buffer_as_text(&at));
    buffer_deinit(&at);
    buffer_print(out, ",\"kind\":\"%s\",\"journey\":%u,\"line\":%u,\"reason\":\"%s\",\"words\":", kinds[fact->kind],
                 fact->journey, fact->line, value_text_reason_word(fact->reason));
    buffer_json_text(out, fact->words);
    buffer_string(out, ",\"cause\":");
    buffer_json_text(out, text_trim(fact->cause));
    buffer_string(out, ",\"would_differ\":");
    buffer_json_text(out, fact->differ);
    buffer_string(out, ",\"conditions\":[");
    for (const struct explain_condition *condition = fact->conditions; condition != NULL; condition = condition->next) {
        buffer_print(out, "%s{\"line\":%u,\"file\":", condition == fact->conditions ? "" : ",", condition->line);
        buffer_json_text(out, condition->path);
        buffer_string(out, ",\"words\":");
        buffer_json_text(out, condition->words);
        buffer_print(out, ",\"held\":%s,\"read\":", condition->held ? "true" : "false");
        buffer_json_text(out, condition->read);
        buffer_string(out, "}");
    }
    buffer_string(out, "]}");
}

static void render_json(struct explain *explain, struct engine *engine, const struct names *names, struct buffer *out)
{
    const struct program *program = engine_program(engine);
    buffer_string(out, "{\"player\":");
    buffer_json_text(out, explain->player);
    bool suppressed = false;
    const uint32_t count = erasures(explain, engine, &suppressed);
    buffer_print(out, ",\"known\":%s", explain->seen ? "true" : "false");
    if (count > 0) buffer_print(out, ",\"erased\":%u", count);
    if (suppressed) buffer_string(out, ",\"suppressed\":true");
    buffer_string(out, ",\"campaigns\":[");
    bool first_campaign = true;
    for (uint32_t i = 0; i < names->count; i++) {
        buffer_string(out, first_campaign ? "{\"campaign\":" : ",{\"campaign\":");
        first_campaign = false;
        buffer_json_text(out, names->name[i]);
        buffer_string(out, ",\"facts\":[");
        bool first = true;
        for (const struct explain_fact *fact = explain->facts; fact != NULL; fact = fact->next) {
            if (text_equal(fact->campaign, names->name[i])) {
                buffer_string(out, first ? "" : ",");
                first = false;
                print_fact_json(out, fact);
            }
        }
        buffer_string(out, "],\"journeys\":[");
        struct standing standing = {
            .explain = explain, .out = out, .campaign = names->name[i], .json = true, .first = true};
        if (!engine_each_journey(engine, on_journey, &standing)) explain->out_of_memory = true;
        buffer_string(out, "]}");
    }
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        const struct text name = program_text(program, program->campaign[i].name);
        if (!is_untouched(explain, names, name)) {
            continue;
        }
        struct buffer words = BUFFER_EMPTY;
        print_start(&words, program, i);
        buffer_string(out, first_campaign ? "{\"campaign\":" : ",{\"campaign\":");
        first_campaign = false;
        buffer_json_text(out, name);
        buffer_string(out, ",\"facts\":[],\"journeys\":[],\"starts_on\":");
        buffer_json_text(out, buffer_as_text(&words));
        buffer_string(out, "}");
        buffer_deinit(&words);
    }
    buffer_string(out, "]}\n");
}

bool explain_render(struct explain *explain, struct engine *engine, enum explain_form form, struct buffer *out)
{
    struct names names = {.count = 0};
    collect(&names, explain);
    if (form == EXPLAIN_JSON) {
        render_json(explain, engine, &names, out);
    } else {
        render_text(explain, engine, &names, form == EXPLAIN_ALL, out);
    }
    return !explain->out_of_memory && buffer_ok(out) && memory_lost() == explain->lost;
}
