/*
 * Collects the facts of one player while the log is folded again: one fact a line of the story, with the conditions that
 * decided it. Rendering is in explain_render.c.
 */
#include "runtime/lab/explain.h"

#include "runtime/lab/explain_facts.h"
#include "runtime/lab/filter_words.h"
#include "runtime/lab/membership.h"
#include "runtime/lab/value_text.h"
#include "runtime/lab/why_not.h"
#include "vm/memory.h"
#include "vm/zone.h"

static struct text keep_buffer(struct explain *explain, struct buffer *buffer)
{
    const struct text copy = arena_copy_text(explain->arena, buffer_as_text(buffer));
    explain->out_of_memory = explain->out_of_memory || !buffer_ok(buffer) || (copy.at == NULL && buffer->size > 0);
    buffer_deinit(buffer);
    return copy;
}

static struct text keep(struct explain *explain, struct text text)
{
    const struct text copy = arena_copy_text(explain->arena, text);
    explain->out_of_memory = explain->out_of_memory || (copy.at == NULL && text.size > 0);
    return copy;
}

static struct explain_fact *add_fact(struct explain *explain, enum explain_fact_kind kind, int64_t at,
                                     const struct program *program, uint32_t campaign, uint32_t journey)
{
    struct explain_fact *fact = arena_alloc(explain->arena, sizeof *fact);
    if (fact == NULL) {
        explain->out_of_memory = true;
        return NULL;
    }
    *fact = (struct explain_fact){.kind = kind, .at = at, .journey = journey};
    fact->zone = zone_utc();
    if (program != NULL && campaign != PROGRAM_NONE) {
        const struct bundle_campaign *record = &program->campaign[campaign];
        fact->campaign = keep(explain, program_text(program, record->name));
        fact->zone = zone_find_or_utc(program_text(program, record->zone));
        if (record->file < program->file_count) {
            fact->path = keep(explain, program_text(program, program->file[record->file].path));
        }
    }
    *explain->facts_end = fact;
    explain->facts_end = &fact->next;
    return fact;
}

static bool is_wanted(const struct explain *explain, struct text player, struct text brand, struct text campaign)
{
    return text_equal(player, explain->player) && (explain->brand.size == 0 || text_equal(brand, explain->brand)) &&
           (explain->campaign.size == 0 || campaign.size == 0 || text_equal(campaign, explain->campaign));
}

static struct text campaign_name(const struct program *program, uint32_t campaign)
{
    return program == NULL || campaign == PROGRAM_NONE ? TEXT("")
                                                       : program_text(program, program->campaign[campaign].name);
}

static void print_cause(const struct explain *explain, uint64_t position, struct buffer *out)
{
    for (const struct explain_cause *cause = explain->causes; cause != NULL; cause = cause->next) {
        if (cause->position == position && position != 0) {
            buffer_print(out, " (%.*s", TEXT_ARGS(cause->name));
            if (cause->id.size > 0) buffer_print(out, ", event %.*s", TEXT_ARGS(cause->id));
            buffer_string(out, ")");
            return;
        }
    }
}

static void add_cause(struct explain *explain, uint64_t position, struct text name, struct text id)
{
    struct explain_cause *cause = arena_alloc(explain->arena, sizeof *cause);
    if (cause == NULL) {
        explain->out_of_memory = true;
        return;
    }
    *cause = (struct explain_cause){.position = position, .name = keep(explain, name), .id = keep(explain, id)};
    *explain->causes_end = cause;
    explain->causes_end = &cause->next;
}

/* What ends journeys here came from elsewhere: of the same person, on another brand perhaps. Its id is of another player's. */
static void protected_by(struct explain *explain, const struct engine_note *note)
{
    struct buffer words = BUFFER_EMPTY;
    buffer_text(&words, note->event.size > 0 ? note->event : note->attribute);
    buffer_string(&words, " of the same person");
    if (note->other.size > 0) buffer_print(&words, " on brand \"%.*s\"", TEXT_ARGS(note->other));
    const struct text name = keep_buffer(explain, &words);
    add_cause(explain, note->position, name, TEXT(""));
}

/* ------------------------------------------------------------------ conditions */

/* The conditions of the region that were judged, one a line: line, words, yes or no, what was read. `skipped` (may be NULL): not these
 * sites of the region. */
static struct explain_condition *keep_conditions(struct explain *explain, const struct activation *activation,
                                                 const bool *skipped)
{
    const struct program *program = activation->program;
    const uint32_t number = activation->campaign == PROGRAM_NONE ? 0 : program->campaign[activation->campaign].region;
    const struct bundle_region *region = &program->region[number];
    struct explain_condition *first = NULL;
    struct explain_condition **end = &first;
    for (uint32_t n = 1; n < region->site_count && n < ACTIVATION_SITES_MAX; n++) {
        if (activation->trace[n] == 0 || (skipped != NULL && skipped[n])) {
            continue;
        }
        const struct bundle_site *site = &program->site[region->site_first + n];
        if (activation->trace[n] == 3 && why_not_is_currency(program, region->site_first + n)) {
            continue; /* as nearly always: worth a line only where it is not so */
        }
        struct explain_condition *condition = arena_alloc(explain->arena, sizeof *condition);
        if (condition == NULL) {
            explain->out_of_memory = true;
            return first;
        }
        struct buffer read = BUFFER_EMPTY;
        why_not_print_read(&read, activation, region->site_first + n);
        condition->line = site->line;
        condition->words = keep(explain, program_text(program, site->text));
        if (site->file < program->file_count) {
            condition->path = keep(explain, program_text(program, program->file[site->file].path));
        }
        condition->held = activation->trace[n] == 3;
        condition->read = keep_buffer(explain, &read);
        *end = condition;
        end = &condition->next;
    }
    return first;
}

/* The conditions of one filter alone: it is judged again on a copy, since the trace also holds what was judged before it. */
static struct explain_condition *keep_filter(struct explain *explain, const struct engine_probe_call *call)
{
    struct activation *copy = memory_alloc(sizeof *copy);
    if (copy == NULL) {
        explain->out_of_memory = true;
        return NULL;
    }
    *copy = *call->activation;
    interp_clear_trace(copy);
    (void)interp_filter(copy, call->pc);
    struct explain_condition *conditions = keep_conditions(explain, copy, NULL);
    memory_release(copy);
    return conditions;
}

static void skip_filter(bool *skipped, const struct program *program, uint32_t pc)
{
    uint16_t sites[ACTIVATION_SITES_MAX];
    const uint32_t count = filter_words_sites(program, pc, sites, ACTIVATION_SITES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        if (sites[i] < ACTIVATION_SITES_MAX) {
            skipped[sites[i]] = true;
        }
    }
}

/* The conditions of a body: the trace of its turn also holds those of the entry and of the `leave` lines, which are told by themselves. */
static struct explain_condition *keep_body(struct explain *explain, const struct activation *activation)
{
    const struct program *program = activation->program;
    const struct bundle_campaign *campaign = &program->campaign[activation->campaign];
    bool skipped[ACTIVATION_SITES_MAX] = {false};
    skip_filter(skipped, program, campaign->start_filter);
    skip_filter(skipped, program, campaign->audience);
    for (uint32_t i = 0; i < campaign->leave_count; i++) {
        skip_filter(skipped, program, program->leave[campaign->leave_first + i].filter);
    }
    return keep_conditions(explain, activation, skipped);
}

static struct explain_rule *find_rule(struct explain *explain, const struct program *program, uint32_t rule, bool make)
{
    for (struct explain_rule *at = explain->rules; at != NULL; at = at->next) {
        if (at->rule == rule && at->program == program) {
            return at;
        }
    }
    struct explain_rule *made = make ? arena_alloc(explain->arena, sizeof *made) : NULL;
    if (made == NULL) {
        explain->out_of_memory = explain->out_of_memory || make;
        return NULL;
    }
    *made = (struct explain_rule){.rule = rule, .program = program, .next = explain->rules};
    explain->rules = made;
    return made;
}

static struct text keep_differ(struct explain *explain, const struct activation *activation, uint32_t pc, bool wanted)
{
    struct why_not_change changes[WHY_NOT_CHANGES_MAX];
    const unsigned count = why_not_search(activation, pc, wanted, changes);
    struct buffer words = BUFFER_EMPTY;
    if (count > 0) {
        why_not_print(&words, activation, changes, count);
    }
    return keep_buffer(explain, &words);
}

/* ------------------------------------------------------------------ the sink */

/* The conditions but those that the wait's own line told already. */
static struct explain_condition *without(struct explain_condition *conditions, const struct explain_condition *told)
{
    struct explain_condition **at = &conditions;
    while (*at != NULL) {
        bool known = false;
        for (const struct explain_condition *other = told; other != NULL; other = other->next) {
            known = known || (other->line == (*at)->line && text_equal(other->words, (*at)->words));
        }
        if (known) {
            *at = (*at)->next;
        } else {
            at = &(*at)->next;
        }
    }
    return conditions;
}

static struct explain_condition *joined(struct explain_condition *first, struct explain_condition *second)
{
    struct explain_condition **end = &first;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = second;
    return first;
}

static void on_probe(void *context, const struct engine_probe_call *call)
{
    struct explain *explain = context;
    const struct activation *activation = call->activation;
    const struct text campaign = campaign_name(activation->program, call->campaign);
    if (!is_wanted(explain, call->player, call->brand, campaign)) {
        return;
    }
    struct explain_fact *fact = NULL;
    switch (call->kind) {
    case PROBE_START_FILTER:
    case PROBE_AUDIENCE:
        /* Belongs to the entry or the refusal that follows. Who entered met both; who was refused is told by what. */
        explain->pending = joined(call->kind == PROBE_AUDIENCE && call->accepted ? explain->pending : NULL,
                                  keep_filter(explain, call));
        explain->pending_differ = call->accepted ? TEXT("") : keep_differ(explain, activation, call->pc, true);
        return;
    case PROBE_CASE:
        if (!call->accepted) {
            fact = add_fact(explain, FACT_CASE_REFUSED, activation->now, activation->program, call->campaign,
                            call->journey);
            if (fact != NULL) {
                fact->differ = keep_differ(explain, activation, call->pc, true);
                fact->line = activation->program->wait_case[call->about].line;
            }
        } else {
            fact =
                add_fact(explain, FACT_CASE_MET, activation->now, activation->program, call->campaign, call->journey);
            if (fact != NULL) {
                fact->line = activation->program->wait_case[call->about].line;
            }
        }
        break;
    case PROBE_LEAVE:
        if (!call->accepted && activation->program->leave[call->about].event != PROGRAM_NONE) {
            fact = add_fact(explain, FACT_STAYED, activation->now, activation->program, call->campaign, call->journey);
            if (fact != NULL) {
                fact->differ = keep_differ(explain, activation, call->pc, true);
                fact->line = activation->program->leave[call->about].line;
            }
        } else if (call->accepted) {
            fact = add_fact(explain, FACT_LEAVE, activation->now, activation->program, call->campaign, call->journey);
            if (fact != NULL) {
                fact->line = activation->program->leave[call->about].line;
            }
        }
        break;
    case PROBE_BODY: {
        struct explain_condition *conditions = without(keep_body(explain, activation), explain->last_case);
        explain->last_case = NULL;
        if (conditions != NULL) {
            fact = add_fact(explain, FACT_CHOSE, activation->now, activation->program, call->campaign, call->journey);
            if (fact != NULL) {
                fact->conditions = conditions;
            }
        }
        return;
    }
    case PROBE_RULE: {
        const struct bundle_rule *rule = &activation->program->rule[call->about];
        const bool allows = rule->kind == RULE_CONSENT || rule->kind == RULE_PLAYERS; /* those who meet it */
        if (call->accepted != allows) {
            struct explain_rule *judged = find_rule(explain, activation->program, call->about, true);
            if (judged != NULL) {
                judged->conditions = keep_filter(explain, call);
                judged->differ = keep_differ(explain, activation, call->pc, allows);
            }
        }
        return;
    }
    case PROBE_BEFORE:
    case PROBE_GOAL: return;
    }
    if (fact != NULL) {
        struct buffer cause = BUFFER_EMPTY;
        fact->conditions = keep_filter(explain, call);
        explain->last_case = fact->conditions;
        print_cause(explain, call->position, &cause);
        fact->cause = keep_buffer(explain, &cause);
    }
}

/* The effect of this player with this identity, as it left; NULL: none. */
static struct explain_fact *find_effect(const struct explain *explain, const uint8_t id[16])
{
    for (struct explain_fact *fact = explain->facts; fact != NULL; fact = fact->next) {
        if (fact->kind == FACT_EFFECT && memcmp(fact->effect, id, sizeof fact->effect) == 0) {
            return fact;
        }
    }
    return NULL;
}

static void print_failed_credit(const struct explain *explain, struct buffer *out, const struct engine_note *note)
{
    const struct explain_fact *credit = find_effect(explain, note->effect_id);
    buffer_string(out, "credit");
    if (credit != NULL) {
        buffer_print(out, " \"%.*s\"", TEXT_ARGS(credit->name));
    }
    buffer_string(out, " refused by the wallet");
    if (credit != NULL && credit->reply.size > 0) {
        buffer_print(out, " (\"%.*s\")", TEXT_ARGS(credit->reply));
    }
    if (note->amount > 0 && note->program != NULL && note->campaign != PROGRAM_NONE) {
        buffer_string(out, "; the budget has its ");
        value_text_print(out, note->program, TYPE_MONEY, note->program->campaign[note->campaign].currency, note->amount,
                         TEXT(""));
        buffer_string(out, " back");
    }
}

/* `email "hello"`; an action without a message or an offer is its name alone. */
static void print_action(struct buffer *out, struct text action, struct text name)
{
    buffer_text(out, action);
    if (name.size > 0) {
        buffer_print(out, " \"%.*s\"", TEXT_ARGS(name));
    }
}

/* By what, where that is no event: " on entering "VIPs"". */
static void print_arm(struct buffer *out, const struct engine_note *note)
{
    const struct program *program = note->program;
    const struct bundle_split *split = &program->split[note->split];
    buffer_print(out, "split \"%.*s\": arm \"%.*s\"", TEXT_ARGS(program_text(program, split->name)),
                 TEXT_ARGS(program_text(program, program->arm[split->arm_first + note->arm].name)));
}

static void print_start(struct buffer *out, const struct program *program, uint32_t campaign)
{
    struct buffer words = BUFFER_EMPTY;
    if (membership_print_start(&words, program, campaign)) {
        buffer_print(out, ", on %s", buffer_as_string(&words));
    }
    buffer_deinit(&words);
}

static void print_note_words(const struct explain *explain, struct buffer *out, const struct engine_note *note)
{
    const struct program *program = note->program;
    const struct text name = note->effect != NULL ? program_text(program, note->effect->name) : TEXT("");
    const struct text action = note->effect != NULL ? program_text(program, note->effect->action) : TEXT("");
    switch (note->kind) {
    case NOTE_ENTERED:
        buffer_print(out, "entered: journey %u", note->journey);
        print_start(out, program, note->campaign);
        break;
    case NOTE_ENTRY_REFUSED: buffer_string(out, "not entered: "); break;
    case NOTE_FINISHED: buffer_print(out, "finished as \"%.*s\"", TEXT_ARGS(note->finish)); break;
    case NOTE_STEP:
        buffer_print(out, "reached step \"%.*s\"", TEXT_ARGS(program_text(program, program->step[note->step].name)));
        break;
    case NOTE_MOVED:
        buffer_print(out, "moved to this version of the campaign: it rests in step \"%.*s\"",
                     TEXT_ARGS(program_text(program, program->step[note->step].name)));
        break;
    case NOTE_NOT_MOVED: buffer_print(out, "stays in its own version of the campaign: %s", note->detail); break;
    case NOTE_EFFECT_REFUSED:
        print_action(out, action, name);
        buffer_string(out, " not made: ");
        break;
    case NOTE_WITHHELD:
        print_action(out, TEXT("credit"), name);
        buffer_string(out, " withheld, ");
        value_text_print(out, program, TYPE_MONEY, program->campaign[note->campaign].currency, note->amount, TEXT(""));
        buffer_string(out, ": ");
        break;
    case NOTE_DELAYED:
        print_action(out, action, name);
        buffer_string(out, " delayed: ");
        break;
    case NOTE_DROPPED:
        print_action(out, action, name);
        buffer_string(out, " dropped: ");
        break;
    case NOTE_EXPOSURE: print_arm(out, note); break;
    case NOTE_CONVERTED:
        buffer_string(out, "reached the goal");
        if (note->goal.size > 0) buffer_print(out, " \"%.*s\"", TEXT_ARGS(note->goal));
        if (note->split == PROGRAM_NONE) break;
        buffer_string(out, ": ");
        print_arm(out, note);
        break;
    case NOTE_NOT_APPLIED: buffer_string(out, "record not applied: "); break;
    case NOTE_PAUSED: buffer_string(out, "paused by a time-out"); break;
    case NOTE_UNPAUSED: buffer_string(out, "goes on after a time-out"); break;
    case NOTE_ERASED: buffer_string(out, "the player was erased: what was known is gone"); break;
    case NOTE_LOST: buffer_string(out, "a credit of before the restore is booked as spent"); break;
    case NOTE_METRIC_FULL:
        buffer_print(out, "the metric %.*s keeps no more events: one that counted was forgotten",
                     TEXT_ARGS(note->metric));
        break;
    case NOTE_PROTECTED:
        if (note->event.size > 0) {
            buffer_print(out, "%.*s of the same person", TEXT_ARGS(note->event));
            if (note->other.size > 0) buffer_print(out, " on brand \"%.*s\"", TEXT_ARGS(note->other));
            buffer_string(out, ": it holds here too");
        } else {
            buffer_print(out, "%.*s of a player of the same person: it holds here too", TEXT_ARGS(note->attribute));
        }
        break;
    case NOTE_CREDIT_FAILED: print_failed_credit(explain, out, note); break;
    case NOTE_ANSWERED: buffer_print(out, "\"%.*s\": %.*s %s", TEXT_ARGS(name), TEXT_ARGS(action), note->detail); break;
    case NOTE_STOPPED:
    case NOTE_SUSPENDED:
    case NOTE_RESUMED:
    case NOTE_RESERVED:
    case NOTE_COMMITTED:
    case NOTE_RELEASED:
    case NOTE_RUN:
    case NOTE_RUN_MISSED:
    case NOTE_ZONES:
    case NOTE_KIND_COUNT: break;
    }
}

static bool has_reason(enum note_kind kind)
{
    return kind == NOTE_ENTRY_REFUSED || kind == NOTE_EFFECT_REFUSED || kind == NOTE_DELAYED || kind == NOTE_DROPPED ||
           kind == NOTE_NOT_APPLIED || kind == NOTE_WITHHELD;
}

static void print_reason(struct buffer *out, const struct engine_note *note)
{
    if (note->reason == REASON_NONE) {
        buffer_string(out, note->detail != NULL ? note->detail : "");
        return;
    }
    buffer_string(out, value_text_reason(note->reason));
    buffer_print(out, " [%s", value_text_reason_word(note->reason));
    if (note->detail != NULL && note->detail[0] != '\0') {
        buffer_print(out, ", %s", note->detail);
    }
    buffer_string(out, "]");
    if (note->kind == NOTE_EFFECT_REFUSED && note->reason == REASON_BUDGET) {
        const uint32_t currency = note->program->campaign[note->campaign].currency;
        buffer_string(out, ": ");
        value_text_print(out, note->program, TYPE_MONEY, currency, note->amount, TEXT(""));
        buffer_string(out, " needed, ");
        value_text_print(out, note->program, TYPE_MONEY, currency, note->left, TEXT(""));
        buffer_string(out, " left");
    }
    if (note->rule != PROGRAM_NONE && note->rule < note->rules->rule_count) {
        const struct bundle_rule *rule = &note->rules->rule[note->rule];
        buffer_print(out, ", by \"%.*s\"", TEXT_ARGS(program_text(note->rules, rule->name)));
        if (rule->file < note->rules->file_count) {
            buffer_print(out, ", %.*s", TEXT_ARGS(program_text(note->rules, note->rules->file[rule->file].path)));
        }
        buffer_print(out, " line %u", rule->line);
    }
}

static void on_note(void *context, const struct engine_note *note)
{
    struct explain *explain = context;
    const struct text campaign = campaign_name(note->program, note->campaign);
    if (!is_wanted(explain, note->player, note->brand, campaign)) {
        return;
    }
    struct buffer words = BUFFER_EMPTY;
    print_note_words(explain, &words, note);
    if (words.size == 0) {
        buffer_deinit(&words);
        return;
    }
    if (has_reason(note->kind)) {
        print_reason(&words, note);
    }
    if (note->kind == NOTE_DELAYED && note->program != NULL && note->campaign != PROGRAM_NONE) {
        const struct bundle_campaign *record = &note->program->campaign[note->campaign];
        buffer_string(&words, ", until ");
        value_text_local(&words, zone_find_or_utc(program_text(note->program, record->zone)), note->until);
    }
    const bool refused = note->kind == NOTE_ENTRY_REFUSED;
    struct explain_fact *fact =
        add_fact(explain, refused ? FACT_REFUSED : FACT_NOTE, note->now, note->program, note->campaign, note->journey);
    if (fact == NULL) {
        buffer_deinit(&words);
        return;
    }
    fact->words = keep_buffer(explain, &words);
    fact->reason = note->reason;
    struct buffer cause = BUFFER_EMPTY;
    print_cause(explain, note->position, &cause);
    fact->cause = keep_buffer(explain, &cause);
    if (note->kind == NOTE_PROTECTED) protected_by(explain, note);
    if (note->kind == NOTE_ENTERED || refused) {
        fact->conditions = explain->pending;
        explain->last_case = explain->pending;
        fact->differ = explain->pending_differ;
        explain->pending = NULL;
        explain->pending_differ = TEXT("");
    }
    const struct explain_rule *judged =
        note->rule == PROGRAM_NONE ? NULL : find_rule(explain, note->rules, note->rule, false);
    if (judged != NULL) {
        fact->conditions = judged->conditions;
        fact->differ = judged->differ;
    }
    if (refused && fact->differ.size == 0) {
        fact->line = note->campaign == PROGRAM_NONE ? 0 : note->program->campaign[note->campaign].line;
    }
}

/* The host is asked to take back what left before: told in the words it left with. */
static void asked_back(struct explain *explain, const struct engine_effect *effect)
{
    const struct explain_fact *left = explain->facts;
    while (left != NULL && (left->kind != FACT_EFFECT || memcmp(left->effect, effect->id, sizeof left->effect) != 0)) {
        left = left->next;
    }
    struct explain_fact *fact =
        add_fact(explain, FACT_EFFECT, effect->at, effect->program, effect->campaign, effect->journey);
    if (fact == NULL) {
        return;
    }
    struct buffer words = BUFFER_EMPTY;
    buffer_string(&words, "asked back: ");
    buffer_text(&words, left != NULL ? left->words : TEXT("what left before"));
    fact->words = keep_buffer(explain, &words);
    fact->line = left != NULL ? left->line : 0;
}

/* What the engine answered to what the platform asked. */
static void answered(struct explain *explain, const struct engine_effect *effect)
{
    const struct engine_answer *answer = effect->answer;
    struct explain_fact *fact = add_fact(explain, FACT_NOTE, effect->at, effect->program, PROGRAM_NONE, 0);
    if (fact == NULL) {
        return;
    }
    struct buffer words = BUFFER_EMPTY;
    const struct bundle_event *event = &effect->program->event[answer->event];
    buffer_print(&words, "%.*s (request %.*s): ", TEXT_ARGS(program_text(effect->program, event->name)),
                 TEXT_ARGS(answer->to));
    if (answer->reason == REASON_NONE) {
        buffer_string(&words, "OK");
    } else {
        buffer_string(&words, value_text_reason(answer->reason));
        buffer_print(&words, " [%s]", value_text_reason_word(answer->reason));
    }
    fact->words = keep_buffer(explain, &words);
    fact->reason = answer->reason;
}

static struct text told_text(const struct engine_event *made, uint32_t slot)
{
    if (!((made->known[slot / 64] >> (slot % 64)) & 1)) return TEXT("");
    const int64_t handle = made->slot[slot];
    return text_make((const char *)made->bytes + handle_offset(handle), handle_size(handle));
}

/* The campaign that an event is about, or whose offer it is about; NONE where several have an offer of the name. */
static uint32_t told_campaign(const struct program *program, const struct bundle_event *event, struct text about)
{
    uint32_t found = PROGRAM_NONE;
    for (uint32_t i = 0; i < program->campaign_count && event->about == ABOUT_CAMPAIGN; i++) {
        if (text_equal(program_text(program, program->campaign[i].name), about)) return i;
    }
    for (uint32_t i = 0; i < program->offer_count && event->about == ABOUT_OFFER; i++) {
        const struct bundle_offer *offer = &program->offer[i];
        if (offer->campaign == PROGRAM_NONE || !text_equal(program_text(program, offer->name), about)) continue;
        if (found != PROGRAM_NONE) return PROGRAM_NONE;
        found = offer->campaign;
    }
    return found;
}

/* What the engine tells of bonuses, points, levels and prizes; steps of a progress are left out, they are many and decide nothing. */
static void told(struct explain *explain, const struct engine_effect *effect)
{
    static const char *const quiet[] = {"bonus_progress", "mission_progress", "points_earned"};
    const struct program *program = effect->program;
    const struct engine_event *made = effect->made;
    const struct bundle_event *event = &program->event[made->event];
    const struct text name = program_text(program, event->name), about = told_text(made, PROGRAM_SLOT_ABOUT);
    for (size_t i = 0; i < sizeof quiet / sizeof quiet[0]; i++) {
        if (text_equal(name, text_of(quiet[i]))) return;
    }
    const uint32_t campaign = told_campaign(program, event, about);
    if (!is_wanted(explain, effect->player, effect->brand, campaign_name(program, campaign))) return;
    struct explain_fact *fact = add_fact(explain, FACT_NOTE, effect->at, program, campaign, 0);
    if (fact == NULL) return;
    struct buffer words = BUFFER_EMPTY;
    buffer_text(&words, name);
    if (about.size > 0) buffer_print(&words, " of \"%.*s\"", TEXT_ARGS(about));
    const char *between = ": ";
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct bundle_field *field = &program->field[event->field_first + i];
        if (!((made->known[field->slot / 64] >> (field->slot % 64)) & 1)) continue;
        const struct text text = field->kind == TYPE_TEXT ? told_text(made, field->slot) : TEXT("");
        const uint32_t of = field->kind == TYPE_MONEY ? (uint32_t)made->slot[field->slot + 1] : field->of;
        buffer_print(&words, "%s%.*s ", between, TEXT_ARGS(program_text(program, field->name)));
        value_text_print(&words, program, field->kind, of, made->slot[field->slot], text);
        between = ", ";
    }
    fact->words = keep_buffer(explain, &words);
}

static void on_effect(void *context, const struct engine_effect *effect)
{
    struct explain *explain = context;
    const struct text campaign = campaign_name(effect->program, effect->campaign);
    if (!is_wanted(explain, effect->player, effect->brand, campaign)) {
        return;
    }
    if (effect->kind == ENGINE_RECALL) {
        asked_back(explain, effect);
    }
    if (effect->kind == ENGINE_ANSWER) {
        answered(explain, effect);
    }
    if (effect->kind == ENGINE_EVENT) {
        told(explain, effect);
    }
    if (effect->effect == NULL) {
        return;
    }
    struct explain_fact *fact =
        add_fact(explain, FACT_EFFECT, effect->at, effect->program, effect->campaign, effect->journey);
    if (fact == NULL) {
        return;
    }
    const struct program *program = effect->program;
    const struct bundle_effect *made = effect->effect;
    struct buffer words = BUFFER_EMPTY;
    if (effect->kind == ENGINE_CREDIT) {
        buffer_print(&words, "credit \"%.*s\":", TEXT_ARGS(program_text(program, made->name)));
        for (uint32_t i = 0; i < made->value_count; i++) {
            const struct bundle_value *value = &program->value[made->value_first + i];
            const struct text text =
                value->kind == TYPE_TEXT ? engine_effect_text(effect, effect->values[i]) : TEXT("");
            buffer_print(&words, "%s %.*s ", i == 0 ? "" : ",", TEXT_ARGS(program_text(program, value->name)));
            value_text_print(&words, program, value->kind, engine_effect_of(effect, i), effect->values[i], text);
        }
        if (effect->target != 0) {
            buffer_string(&words, ", to be wagered ");
            value_text_print(&words, program, TYPE_MONEY, engine_effect_paid_currency(effect), effect->target,
                             TEXT(""));
        }
    } else if (effect->kind == ENGINE_ASK) {
        buffer_print(&words, "asked \"%.*s\" for %.*s", TEXT_ARGS(program_text(program, made->name)),
                     TEXT_ARGS(program_text(program, made->action)));
    } else {
        buffer_print(&words, "%.*s", TEXT_ARGS(program_text(program, made->action)));
        if (made->name != PROGRAM_NONE && program_text(program, made->name).size > 0) {
            buffer_print(&words, " \"%.*s\"", TEXT_ARGS(program_text(program, made->name)));
        }
    }
    if (effect->kind == ENGINE_SEND) {
        buffer_string(&words, " sent");
    }
    fact->words = keep_buffer(explain, &words);
    fact->name = keep(explain, program_text(program, made->name));
    memcpy(fact->effect, effect->id, sizeof fact->effect);
    fact->line = made->line;
}

static void see_brand(struct explain *explain, struct text brand)
{
    for (uint32_t i = 0; i < explain->brand_count; i++) {
        if (text_equal(explain->brands[i], brand)) {
            return;
        }
    }
    if (explain->brand_count < EXPLAIN_BRANDS_MAX) {
        explain->brands[explain->brand_count++] = keep(explain, brand);
    }
}

static void on_record(void *context, const struct record *record, const struct program *program)
{
    struct explain *explain = context;
    if (record->kind == RECORD_REPLY) {
        /* A reply need not name the player. */
        struct explain_fact *credit = find_effect(explain, record->effect);
        if (credit != NULL) {
            credit->reply = keep(explain, record->reason);
        }
    }
    if (!text_equal(record->player, explain->player) ||
        (explain->brand.size > 0 && !text_equal(record->brand, explain->brand))) {
        return;
    }
    explain->seen = true;
    see_brand(explain, record->brand);
    if (record->kind != RECORD_EVENT || program == NULL || record->event >= program->event_count) {
        return;
    }
    add_cause(explain, record->position, program_text(program, program->event[record->event].name), record->id);
}

/* ------------------------------------------------------------------ public */

struct explain *explain_new(struct arena *arena, struct text player, struct text brand, struct text campaign)
{
    struct explain *explain = arena_alloc(arena, sizeof *explain);
    if (explain == NULL) {
        return NULL;
    }
    *explain = (struct explain){.arena = arena, .lost = memory_lost()};
    explain->facts_end = &explain->facts;
    explain->causes_end = &explain->causes;
    explain->player = keep(explain, player);
    explain->brand = keep(explain, brand);
    explain->campaign = keep(explain, campaign);
    return explain->out_of_memory ? NULL : explain;
}

struct engine_sink explain_sink(struct explain *explain)
{
    return (struct engine_sink){
        .context = explain, .effect = on_effect, .note = on_note, .probe = on_probe, .record = on_record};
}

bool explain_player_seen(const struct explain *explain)
{
    return explain->seen;
}
