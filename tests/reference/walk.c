/* From one rest of a journey to the next. See walk.h. spec: language.md#steps, language.md#waiting, language.md#branching */
#include "tests/reference/walk.h"

#include <stdlib.h>
#include <string.h>

#include "tests/reference/days.h"
#include "vm/split.h"

enum { WALK_MOST = 20000 };

/* ------------------------------------------------------------------ a course */

struct course *course_open(const struct thing *campaign, struct text player, struct text brand, uint32_t number)
{
    struct course *course = calloc(1, sizeof *course);
    if (course == NULL) abort();
    course->campaign = campaign;
    course->number = number;
    course->remaining = -1;
    memcpy(course->player, player.at, player.size < sizeof course->player ? player.size : sizeof course->player - 1);
    if (brand.size > 0)
        memcpy(course->brand, brand.at, brand.size < sizeof course->brand ? brand.size : sizeof course->brand - 1);
    return course;
}

void course_close(struct course *course)
{
    for (uint32_t i = 0; i < course->told_count; i++) {
        free(course->told[i].slot);
        free(course->told[i].known);
        free(course->told[i].bytes);
    }
    for (uint32_t i = 0; i < course->remembered_count; i++) {
        if (course->remembered[i].term.type.kind == TYPE_TEXT)
            free((void *)(uintptr_t)course->remembered[i].term.text.at);
    }
    free(course);
}

const struct told *course_told(const struct course *course, const struct event_info *event)
{
    for (uint32_t i = 0; i < course->told_count; i++) {
        if (course->told[i].event == event) return &course->told[i];
    }
    return NULL;
}

void course_tell(struct course *course, const struct activation *inputs, const struct event_info *event)
{
    struct told *told = (struct told *)(uintptr_t)course_told(course, event);
    if (told == NULL) {
        if (course->told_count == COURSE_NAMES) return;
        told = &course->told[course->told_count++];
        *told = (struct told){.event = event};
    }
    uint32_t slots = event->slot_count, words = (slots + 63) / 64;
    free(told->slot);
    free(told->known);
    free(told->bytes);
    told->slot = calloc(slots + 1, sizeof(int64_t));
    told->known = calloc(words + 1, sizeof(uint64_t));
    told->bytes = NULL;
    told->size = 0;
    told->slots = slots;
    if (told->slot == NULL || told->known == NULL) abort();
    memcpy(told->known, inputs->event.known, words * sizeof(uint64_t));
    for (uint32_t i = 0; i < slots; i++) {
        if ((told->known[i / 64] >> (i % 64) & 1) == 0) continue;
        bool text = i == PROGRAM_SLOT_EVENT_ID || i == PROGRAM_SLOT_ABOUT || i == PROGRAM_SLOT_ABOUT_EFFECT;
        for (uint32_t j = 0; j < event->field_count; j++)
            text = text || (event->fields[j].slot == i && event->fields[j].type.kind == TYPE_TEXT);
        told->slot[i] = inputs->event.slot[i];
        if (!text) continue;
        struct text bytes = interp_text(inputs, inputs->event.slot[i]);
        told->bytes = realloc(told->bytes, told->size + bytes.size + 1);
        if (told->bytes == NULL) abort();
        memcpy(told->bytes + told->size, bytes.at, bytes.size);
        told->slot[i] = handle_make(BANK_EVENT, bytes.size, told->size);
        told->size += bytes.size;
    }
}

struct term *course_remembered(struct course *course, struct text name)
{
    for (uint32_t i = 0; i < course->remembered_count; i++) {
        if (text_equal(course->remembered[i].name, name)) return &course->remembered[i].term;
    }
    return NULL;
}

void course_remember(struct course *course, struct text name, struct term term)
{
    struct term *old = course_remembered(course, name);
    if (term.type.kind == TYPE_TEXT) {
        char *copy = malloc(term.text.size + 1);
        if (copy == NULL) abort();
        if (term.text.size > 0) memcpy(copy, term.text.at, term.text.size);
        term.text.at = copy;
    }
    if (old == NULL) {
        if (course->remembered_count == COURSE_NAMES) abort();
        course->remembered[course->remembered_count] = (struct remembered){.name = name};
        old = &course->remembered[course->remembered_count++].term;
    } else if (old->type.kind == TYPE_TEXT) {
        free((void *)(uintptr_t)old->text.at);
    }
    *old = term;
}

static int64_t *count_of(struct course *course, const void *node)
{
    for (uint32_t i = 0; i < course->counted_count; i++) {
        if (course->counted[i].node == node) return &course->counted[i].times;
    }
    if (course->counted_count == COURSE_NAMES) abort();
    course->counted[course->counted_count] = (struct counted){node, 0};
    return &course->counted[course->counted_count++].times;
}

/* ------------------------------------------------------------------ the stack */

static struct open_block *open(struct course *course)
{
    if (course->depth == COURSE_DEPTH) abort();
    struct open_block *block = &course->block[course->depth++];
    *block = (struct open_block){.next = NULL};
    return block;
}

void walk_to_step(struct course *course, const struct line *step)
{
    course->depth = 0;
    course->step = step;
    open(course)->next = step->as.step.body.first;
}

void walk_into(struct course *course, const struct block *block)
{
    open(course)->next = block->first;
}

void walk_one(struct course *course, const struct statement *statement)
{
    struct open_block *block = open(course);
    block->next = statement;
    block->single = true;
}

const struct line *walk_step(const struct thing *campaign, struct text name, uint32_t *number)
{
    uint32_t at = 0;
    for (const struct line *line = campaign->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_STEP) continue;
        *number = at++;
        if (name.size == 0 || text_equal(line->as.step.name.text, name)) return line;
    }
    return NULL;
}

const struct declaration *walk_offer(const struct scene *scene, struct text name)
{
    const struct names *names = scene->reference->names;
    for (const struct line *line = scene->campaign->declaration->lines.first; line != NULL; line = line->next) {
        bool holds = line->kind == LINE_OFFER || line->kind == LINE_PRIZES;
        if (holds && text_equal(line->as.declaration->name.text, name)) return line->as.declaration;
    }
    const struct thing *shared = names_thing(names->offers, names->offer_count, name);
    return shared != NULL ? shared->declaration : NULL;
}

/* A line of an offer: its own, else of the terms that it follows. */
static const struct line *offer_line(const struct scene *scene, const struct declaration *offer, enum line_kind kind)
{
    const struct names *names = scene->reference->names;
    const struct line *own = reference_line(offer, kind), *follows = reference_line(offer, LINE_FOLLOWS);
    if (own != NULL || follows == NULL) return own;
    for (const struct line *line = scene->campaign->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_TERMS && text_equal(line->as.declaration->name.text, follows->as.text.text))
            return reference_line(line->as.declaration, kind);
    }
    const struct thing *terms = names_thing(names->terms, names->terms_count, follows->as.text.text);
    return terms != NULL ? reference_line(terms->declaration, kind) : NULL;
}

/* ------------------------------------------------------------------ deeds */

static struct deed *deed(struct scene *scene, struct answer *answer, enum made_kind kind, enum act act,
                         const struct statement *statement)
{
    static struct deed spare;
    if (answer->deed_count == DEEDS_MAX) {
        reference_fail(scene->reference, "more deeds than there can be");
        return &spare;
    }
    struct deed *made = &answer->deed[answer->deed_count++];
    *made = (struct deed){.kind = kind, .act = act, .statement = statement};
    if (statement != NULL) {
        made->name = statement->name.text;
        made->label = statement->label.text;
    }
    return made;
}

static void deed_value(struct deed *made, struct text name, struct term term)
{
    if (made->value_count < DEED_VALUES) made->value[made->value_count++] = (struct remembered){name, term};
}

/* One hole of a body: `{owner.name: forms}`. What offers and codes show is predicted where it is simple. */
static void hole(struct scene *scene, struct deed *made, struct text inside)
{
    uint32_t colon = text_find(inside, ':', 0);
    struct text path = text_trim(text_slice(inside, 0, colon));
    uint32_t dot = text_find(path, '.', 0);
    if (text_starts_with(path, TEXT("link "))) return;
    for (uint32_t i = 0; i < made->value_count; i++) {
        if (text_equal(made->value[i].name, path)) return;
    }
    if (dot == path.size) return; /* `code` */
    struct text owner = text_slice(path, 0, dot), name = text_slice(path, dot + 1, path.size - dot - 1);
    if (text_equal(owner, TEXT("offer"))) {
        const struct course *course = scene->course;
        for (uint32_t i = 0; i < course->shown_count; i++) {
            if (text_equal(course->shown[i].name, name)) deed_value(made, path, course->shown[i].term);
        }
        return;
    }
    struct value value = {.kind = VALUE_PATH, .owner = {.text = owner}, .name = {.text = name}};
    struct term term = reference_value(scene, &value, NULL);
    if (!term.known) reference_fail(scene->reference, "a message shows %.*s, which is unknown", TEXT_ARGS(path));
    deed_value(made, path, term_round(scene->reference, term, ROUNDING_DOWN));
}

static void holes(struct scene *scene, struct deed *made, struct text body)
{
    for (uint32_t at = 0; at < body.size; at++) {
        if (body.at[at] != '{') continue;
        if (at + 1 < body.size && body.at[at + 1] == '{') {
            at++;
            continue;
        }
        uint32_t end = text_find(body, '}', at);
        hole(scene, made, text_slice(body, at + 1, end - at - 1));
        at = end;
    }
}

/* ------------------------------------------------------------------ gates */

static uint32_t campaign_product(const struct scene *scene)
{
    const struct names *names = scene->reference->names;
    const struct line *line = reference_line(scene->campaign->declaration, LINE_PRODUCT);
    if (line == NULL || line->as.words.first == NULL) return PROGRAM_NONE;
    return names_index(names->products, names->product_count, line->as.words.first->name.text);
}

/* Verdict, then caps, then hours; the reason why not, or NONE. A message that is put off tells until when. */
static enum reason judge(struct scene *scene, uint32_t class, uint32_t message_class, uint32_t channel,
                         uint32_t product, enum reason *delayed, int64_t *until)
{
    const struct program *program = scene->reference->program;
    const struct bundle_campaign *campaign = &program->campaign[scene->inputs->campaign];
    const struct gate_state *gate = NULL;
    for (uint32_t i = 0; i < campaign->gate_count; i++) {
        const struct bundle_gate *each = &program->gate[campaign->gate_first + i];
        if (each->class == class && each->message_class == message_class && each->channel == channel &&
            each->product == product)
            gate = &scene->gate[i];
    }
    *delayed = REASON_NONE;
    *until = 0;
    if (gate == NULL) {
        reference_fail(scene->reference, "the campaign has no gate for this kind of message");
        return REASON_NONE;
    }
    if (gate->verdict != REASON_NONE) return (enum reason)gate->verdict;
    bool drops = false, delays = false;
    for (uint32_t i = 0; i < ACTIVATION_RULES_MAX; i++) {
        const struct pressure_state *cap = &scene->pressure[i];
        if ((gate->pressure >> i & 1) == 0 || cap->left > 0) continue;
        if (!cap->delays) drops = true;
        if (cap->delays && (!delays || cap->free_at > *until)) *until = cap->free_at;
        delays = delays || cap->delays;
    }
    if (drops) return REASON_PRESSURE;
    if (gate->quiet_until != 0 && gate->quiet_drops) return REASON_QUIET_HOURS;
    if (delays) *delayed = REASON_PRESSURE;
    if (gate->quiet_until != 0 && (!delays || gate->quiet_until > *until)) {
        *delayed = REASON_QUIET_HOURS;
        *until = gate->quiet_until;
    }
    if (*delayed != REASON_NONE) return REASON_NONE;
    for (uint32_t i = 0; i < ACTIVATION_RULES_MAX; i++) {
        if ((gate->pressure >> i & 1) != 0) scene->pressure[i].left--;
    }
    return REASON_NONE;
}

static void otherwise(struct course *course, const struct statement *statement)
{
    if (statement->otherwise != NULL) walk_one(course, statement->otherwise);
}

static void walk_send(struct scene *scene, struct answer *answer, const struct statement *statement)
{
    const struct names *names = scene->reference->names;
    const struct message_info *message = names_message(names, statement->name.text);
    uint32_t channel = names_index(names->channels, names->channel_count, statement->as.send.channel.text);
    uint32_t product = message->about != PROGRAM_NONE ? message->about : campaign_product(scene);
    int64_t until;
    enum reason delayed;
    struct deed made = {.kind = MADE_EFFECT};
    for (const struct line *line = message->declaration->lines.first; line != NULL; line = line->next) {
        bool subject = line->kind == LINE_SUBJECT && text_equal(statement->as.send.channel.text, TEXT("email"));
        if (!subject &&
            (line->kind != LINE_CONTENT || !text_equal(line->as.content.channel.text, statement->as.send.channel.text)))
            continue;
        if (line->as.content.is_file) continue;
        holes(scene, &made, line->as.content.text.text);
    }
    enum reason reason = judge(scene, CLASS_MESSAGE, message->class, channel, product, &delayed, &until);
    struct deed *told = deed(scene, answer,
                             reason != REASON_NONE    ? MADE_REFUSED
                             : delayed != REASON_NONE ? MADE_DELAYED
                                                      : MADE_EFFECT,
                             ACT_SEND, statement);
    told->action = statement->as.send.channel.text;
    told->reason = reason != REASON_NONE ? reason : delayed;
    told->until = until;
    if (reason == REASON_NONE) {
        memcpy(told->value, made.value, sizeof made.value);
        told->value_count = made.value_count;
    }
    bool taken = reason != REASON_NONE || scene->reference->plant == PLANTED_OTHERWISE;
    if (taken) otherwise(scene->course, statement);
}

/* `consent ATTRIBUTE` of an action: asked before all else. */
static bool consents(struct scene *scene, const struct action_info *action, const struct statement *statement)
{
    if (action->consent.size == 0) return true;
    const struct member *attribute = names_attribute(scene->reference->names, action->consent);
    if (attribute == NULL || attribute->type.kind != TYPE_BOOL) return true;
    struct value path = {.kind = VALUE_PATH, .owner = {.text = TEXT("player")}, .name = {.text = action->consent}};
    struct term term = reference_value(scene, &path, NULL);
    bool yes = term.known && term.num == 1;
    reference_mark(scene->reference, &statement->name, yes);
    return yes;
}

/* What `show offer` shows; empty for other actions. The checker writes it as an action with one argument. */
static struct text shown_offer(const struct statement *statement)
{
    if (statement->kind == STATEMENT_SHOW_OFFER) return statement->name.text;
    if (!text_equal(statement->name.text, TEXT("show_offer"))) return TEXT("");
    const struct argument *given = statement->as.action.arguments.first;
    return given != NULL ? given->value->name.text : TEXT("");
}

static void walk_do(struct scene *scene, struct answer *answer, const struct statement *statement)
{
    const struct names *names = scene->reference->names;
    bool shows = statement->kind == STATEMENT_SHOW_OFFER;
    struct text name = shows ? TEXT("show_offer") : statement->name.text;
    const struct action_info *action = names_action(names, name);
    struct deed *told;
    shows = text_equal(name, TEXT("show_offer"));
    if (!consents(scene, action, statement)) {
        told = deed(scene, answer, MADE_REFUSED, ACT_DO, statement);
        told->action = name;
        told->name = shown_offer(statement);
        told->reason = REASON_SKIPPED_NO_CONSENT;
        otherwise(scene->course, statement);
        return;
    }
    struct deed made = {.kind = MADE_EFFECT};
    for (uint32_t i = 0; i < action->parameter_count; i++) {
        const struct member *parameter = &action->parameters[i];
        struct type type = parameter->type;
        if (type.kind == TYPE_MONEY) type.of = scene->currency;
        if (statement->kind == STATEMENT_SHOW_OFFER) {
            deed_value(&made, parameter->name.text, term_text(statement->name.text));
            continue;
        }
        for (const struct argument *given = statement->as.action.arguments.first; given != NULL; given = given->next) {
            if (text_equal(given->name.text, parameter->name.text))
                deed_value(&made, parameter->name.text, reference_argument(scene, given->value, type));
        }
    }
    uint32_t channel = PROGRAM_NONE;
    if (shows) channel = names_index(names->channels, names->channel_count, TEXT("chat"));
    if (shows && channel == PROGRAM_NONE) channel = names_index(names->channels, names->channel_count, TEXT("inbox"));
    uint32_t message_class =
        action->class == CLASS_MESSAGE && channel == PROGRAM_NONE ? MESSAGE_CLASS_SERVICE : MESSAGE_CLASS_MARKETING;
    if (action->class != CLASS_MESSAGE) channel = PROGRAM_NONE;
    int64_t until;
    enum reason delayed;
    enum reason reason = judge(scene, action->class, message_class, channel, campaign_product(scene), &delayed, &until);
    told = deed(scene, answer,
                reason != REASON_NONE    ? MADE_REFUSED
                : delayed != REASON_NONE ? MADE_DELAYED
                                         : MADE_EFFECT,
                ACT_DO, statement);
    told->action = name;
    told->name = shown_offer(statement);
    told->reason = reason != REASON_NONE ? reason : delayed;
    told->until = until;
    if (reason == REASON_NONE) {
        memcpy(told->value, made.value, sizeof made.value);
        told->value_count = made.value_count;
    } else {
        otherwise(scene->course, statement);
    }
}

static void walk_tell(struct scene *scene, struct answer *answer, const struct statement *statement)
{
    const struct event_info *event = names_event(scene->reference->names, statement->name.text);
    const struct type text = {TYPE_TEXT, PROGRAM_NONE, 64};
    struct term whom = reference_value(scene, statement->as.tell.player, &text);
    struct text own = interp_text(scene->inputs, scene->inputs->player.slot[PROGRAM_SLOT_PLAYER_ID]);
    bool refused = whom.text.size == 0 || text_equal(whom.text, own);
    struct deed made = {.kind = MADE_EFFECT};
    deed_value(&made, TEXT("player"), whom);
    for (const struct argument *given = statement->as.tell.arguments.first; given != NULL; given = given->next) {
        const struct member *field = names_field(event, given->name.text);
        struct type type = field->type;
        if (type.kind == TYPE_MONEY) type.of = scene->currency;
        deed_value(&made, field->name.text, reference_argument(scene, given->value, type));
    }
    struct deed *told = deed(scene, answer, refused ? MADE_REFUSED : MADE_EFFECT, ACT_TELL, statement);
    told->action = TEXT("tell");
    told->reason = refused ? REASON_OWN_ID : REASON_NONE;
    if (refused) {
        otherwise(scene->course, statement);
        return;
    }
    memcpy(told->value, made.value, sizeof made.value);
    told->value_count = made.value_count;
}

static void walk_spend(struct scene *scene, struct answer *answer, const struct statement *statement)
{
    const struct names *names = scene->reference->names;
    const struct thing *points = names_thing(names->points, names->points_count, statement->name.text);
    const struct type whole = {TYPE_WHOLE, PROGRAM_NONE, 0};
    struct term amount = reference_argument(scene, statement->as.spend.amount, whole);
    int64_t left = scene->inputs->points_left == NULL
                       ? 0
                       : scene->inputs->points_left(scene->inputs->points_context, points->index);
    for (uint32_t i = 0; i < answer->deed_count; i++) {
        const struct deed *before = &answer->deed[i];
        if (before->kind == MADE_EFFECT && before->act == ACT_SPEND && text_equal(before->name, statement->name.text))
            left -= (int64_t)before->value[0].term.num;
    }
    bool refused = left < (int64_t)amount.num;
    struct deed *told = deed(scene, answer, refused ? MADE_REFUSED : MADE_EFFECT, ACT_SPEND, statement);
    told->action = TEXT("spend");
    told->reason = refused ? REASON_INSUFFICIENT : REASON_NONE;
    if (refused)
        otherwise(scene->course, statement);
    else
        deed_value(told, TEXT("points"), amount);
}

/* ------------------------------------------------------------------ credits */

/* `deposit at least 20 EUR` of an offer. */
static bool deposit_is_enough(struct scene *scene, const struct declaration *offer)
{
    const struct line *least = offer_line(scene, offer, LINE_DEPOSIT);
    if (least == NULL || least->as.value == NULL) return true;
    struct value path = {.kind = VALUE_PATH, .owner = {.text = TEXT("deposit")}, .name = {.text = TEXT("amount")}};
    struct term amount = reference_value(scene, &path, NULL), limit = reference_value(scene, least->as.value, NULL);
    return term_compare(scene->reference, &amount, &limit) >= 0;
}

/* True: it is asked for, and the journey rests. */
static bool walk_credit(struct scene *scene, struct answer *answer, const struct statement *statement)
{
    struct reference *reference = scene->reference;
    const struct names *names = reference->names;
    struct course *course = scene->course;
    const struct declaration *offer = walk_offer(scene, statement->name.text);
    const struct action_info *action = names_action(names, offer->offer_kind.text);
    const struct type money = {TYPE_MONEY, scene->currency, 0};
    struct deed made = {.kind = MADE_EFFECT,
                        .act = ACT_CREDIT,
                        .statement = statement,
                        .action = TEXT("credit"),
                        .name = statement->name.text,
                        .label = statement->label.text};
    enum reason reason = REASON_NONE;
    bool open = offer_line(scene, offer, LINE_PAYS_IN) != NULL;
    struct term parameter[32];
    course->asked_shown_count = 0;
    course->asked = offer;
    if (!consents(scene, action, statement)) reason = REASON_SKIPPED_NO_CONSENT;
    if (reason == REASON_NONE && !deposit_is_enough(scene, offer)) reason = REASON_BELOW_SMALLEST;
    for (uint32_t i = 0; i < action->parameter_count && i < 32; i++) {
        const struct line *line = offer->lines.first;
        while (line != NULL && (line->kind != LINE_PARAMETER ||
                                !text_equal(line->as.parameter.name.text, action->parameters[i].name.text)))
            line = line->next;
        struct type type = action->parameters[i].type;
        if (type.kind == TYPE_MONEY) type.of = scene->currency;
        parameter[i] = term_nothing(type);
        if (line == NULL || reason != REASON_NONE) continue;
        if (line->as.parameter.value->kind == VALUE_PRICE_LIST) {
            open = true;
            continue;
        }
        scene->below = false;
        parameter[i] = reference_argument(scene, line->as.parameter.value, type);
        if (scene->below) reason = REASON_BELOW_SMALLEST;
        scene->below = false;
    }
    if (reason != REASON_NONE) {
        struct deed *told = deed(scene, answer, MADE_REFUSED, ACT_CREDIT, statement);
        told->action = TEXT("credit");
        told->reason = reason;
        otherwise(course, statement);
        return false;
    }
    made.step = open; /* told to compare.c: what is paid in the player's currency is not predicted */
    for (uint32_t i = 0; i < action->parameter_count && !open && i < 24; i++) {
        deed_value(&made, action->parameters[i].name.text, parameter[i]);
        if (parameter[i].type.kind != TYPE_TEXT)
            course->asked_shown[course->asked_shown_count++] =
                (struct remembered){action->parameters[i].name.text, parameter[i]};
    }
    if (!open) {
        struct term cost = term_number(money, 0, 1);
        if (action->costs != NULL) {
            struct scene inner = *scene;
            inner.sight = SEES_PARAMETERS;
            inner.action = action;
            inner.parameters = parameter;
            cost = reference_argument(&inner, action->costs, money);
        }
        deed_value(&made, TEXT("cost"), cost);
        const struct line *wagering = offer_line(scene, offer, LINE_WAGERING);
        if (wagering != NULL && wagering->as.wagering.of_deposit) {
            struct value path = {
                .kind = VALUE_PATH, .owner = {.text = TEXT("deposit")}, .name = {.text = TEXT("amount")}};
            deed_value(&made, TEXT("deposit"), reference_argument(scene, &path, money));
        }
    }
    answer->request = made;
    answer->rest = REST_CREDIT;
    answer->at = statement;
    return true;
}

/* ------------------------------------------------------------------ deadlines */

struct business {
    const struct declaration *holidays;
    int weekday; /* -1: business days */
};

static bool likes(void *context, int64_t date)
{
    const struct business *business = context;
    if (business->weekday >= 0) return days_weekday(date) == business->weekday;
    if (days_weekday(date) > 4) return false;
    for (const struct line *line = business->holidays == NULL ? NULL : business->holidays->lines.first; line != NULL;
         line = line->next) {
        if (line->kind == LINE_HOLIDAY && line->as.holiday.date->amount == date) return false;
    }
    return true;
}

static struct business business_of(const struct scene *scene)
{
    const struct names *names = scene->reference->names;
    const struct line *line = reference_line(scene->campaign->declaration, LINE_BUSINESS_DAYS);
    const struct thing *holidays =
        line == NULL ? NULL : names_thing(names->holidays, names->holidays_count, line->as.word.text);
    return (struct business){holidays == NULL ? NULL : holidays->declaration, -1};
}

static int64_t later(const struct scene *scene, int64_t from, const struct value *duration)
{
    const struct duration *by = &duration->duration;
    return days_later(scene->zone, from, by->months, by->days, by->ms);
}

static int64_t after_entry(const struct scene *scene, const struct value *duration, bool entry)
{
    bool wrong = scene->reference->plant == PLANTED_ENTRY;
    int64_t due = later(scene, entry && !wrong ? scene->course->entered_at : scene->now, duration);
    return due > scene->now ? due : scene->now;
}

static int64_t due_of(const struct scene *scene, const struct statement *statement)
{
    struct business business = business_of(scene);
    int64_t clock = 0;
    switch (statement->kind) {
    case STATEMENT_WAIT: return after_entry(scene, statement->as.wait.duration, statement->as.wait.after_entry);
    case STATEMENT_WAIT_UP_TO:
        return after_entry(scene, statement->as.wait_up_to.duration, statement->as.wait_up_to.after_entry);
    case STATEMENT_ASK: return later(scene, scene->now, statement->as.ask.duration);
    case STATEMENT_WAIT_BUSINESS_DAYS: {
        int64_t date = days_date(scene->zone, scene->now);
        for (int64_t left = statement->as.wait_business_days.count; left > 0; left--) {
            do date++;
            while (!likes(&business, date));
        }
        return days_instant(scene->zone, date * DAYS_MS + days_clock(scene->zone, scene->now));
    }
    case STATEMENT_WAIT_UNTIL: {
        const char *zone = statement->as.wait_until.in_player_zone ? scene->player_zone : scene->zone;
        if (statement->as.wait_until.clock != NULL) clock = statement->as.wait_until.clock->amount;
        bool any = !statement->as.wait_until.is_business_day && statement->as.wait_until.weekday_index < 0;
        business.weekday = statement->as.wait_until.is_business_day ? -1 : statement->as.wait_until.weekday_index;
        return days_next(zone, scene->now, clock, any ? NULL : likes, &business);
    }
    default: return INT64_MAX;
    }
}

/* ------------------------------------------------------------------ statements */

static void walk_choose(struct scene *scene, const struct statement *statement)
{
    struct reference *reference = scene->reference;
    struct course *course = scene->course;
    const struct value *subject = statement->as.choose.subject;
    const struct choice *last = NULL;
    for (const struct choice *choice = statement->as.choose.cases.first; choice != NULL; choice = choice->next) {
        if (choice->kind == CHOICE_OTHERWISE) last = choice;
    }
    bool named = subject->kind == VALUE_PATH || subject->kind == VALUE_WORD;
    bool known = !named || reference_known(scene, subject);
    if (last != NULL && named) reference_mark(reference, subject, known);
    const struct choice *taken = NULL;
    for (const struct choice *choice = statement->as.choose.cases.first; choice != NULL && known && taken == NULL;
         choice = choice->next) {
        if (choice->kind == CHOICE_VALUE && reference_condition(scene, choice->condition, subject)) taken = choice;
    }
    if (taken == NULL) taken = last;
    if (taken != NULL) walk_into(course, &taken->body);
}

static void walk_if(struct scene *scene, const struct statement *statement)
{
    for (const struct branch *branch = statement->as.branch.branches.first; branch != NULL; branch = branch->next) {
        if (!reference_condition(scene, branch->condition, NULL)) continue;
        walk_into(scene->course, &branch->body);
        return;
    }
    if (statement->as.branch.has_otherwise) walk_into(scene->course, &statement->as.branch.otherwise);
}

static void walk_split(struct scene *scene, struct answer *answer, const struct statement *statement)
{
    struct text id = interp_text(scene->inputs, scene->inputs->player.slot[PROGRAM_SLOT_PLAYER_ID]);
    int64_t millionth = split_millionth(id, split_seed(statement->name.text)), upto = 0;
    uint32_t number = 0;
    if (scene->reference->plant == PLANTED_ARM) millionth = 999999 - millionth;
    for (const struct choice *arm = statement->as.split.arms.first; arm != NULL; arm = arm->next, number++) {
        upto += arm->share;
        if (millionth >= upto && arm->next != NULL) continue;
        struct deed *told = deed(scene, answer, MADE_EXPOSURE, ACT_SEND, statement);
        told->number = number;
        walk_into(scene->course, &arm->body);
        return;
    }
}

static void walk_remember(struct scene *scene, const struct statement *statement)
{
    struct clause clause = {.kind = CLAUSE_OTHERWISE, .value = statement->as.remember.otherwise};
    struct value whole = {.kind = VALUE_FORMULA, .left = statement->as.remember.value, .clauses = &clause};
    struct term *old = course_remembered(scene->course, statement->name.text);
    if (scene->reference->plant == PLANTED_REMEMBER && old != NULL) return;
    const struct value *value = statement->as.remember.otherwise != NULL ? &whole : statement->as.remember.value;
    struct term term = reference_value(scene, value, old != NULL ? &old->type : NULL);
    if (!term.known && !scene->reference->unsure)
        reference_fail(scene->reference, "what is remembered as %.*s is unknown", TEXT_ARGS(statement->name.text));
    course_remember(scene->course, statement->name.text, term_round(scene->reference, term, scene->rounding));
}

static void go_to(struct scene *scene, struct answer *answer, struct text name)
{
    uint32_t number = 0;
    const struct line *step = walk_step(scene->campaign, name, &number);
    if (step == NULL) {
        reference_fail(scene->reference, "no step is called \"%.*s\"", TEXT_ARGS(name));
        return;
    }
    walk_to_step(scene->course, step);
    deed(scene, answer, MADE_STEP, ACT_SEND, NULL)->step = number;
}

static void finish(struct answer *answer, struct text reason)
{
    answer->rest = REST_FINISH;
    answer->finish = reason;
}

static void rest(struct scene *scene, struct answer *answer, enum rest_kind kind, const struct statement *statement)
{
    answer->rest = kind;
    answer->at = statement;
    if (kind == REST_CODE) return;
    scene->course->due = due_of(scene, statement);
    if (scene->reference->plant == PLANTED_LATE) scene->course->due++;
}

static void simple(struct scene *scene, struct answer *answer, enum act act, const char *action,
                   const struct statement *statement)
{
    deed(scene, answer, MADE_EFFECT, act, statement)->action = text_of(action);
}

static void walk_statement(struct scene *scene, struct answer *answer, const struct statement *statement)
{
    struct course *course = scene->course;
    switch (statement->kind) {
    case STATEMENT_SEND: walk_send(scene, answer, statement); return;
    case STATEMENT_CREDIT: (void)walk_credit(scene, answer, statement); return;
    case STATEMENT_SHOW_OFFER:
    case STATEMENT_DO: walk_do(scene, answer, statement); return;
    case STATEMENT_TAG: simple(scene, answer, ACT_TAG, "tag", statement); return;
    case STATEMENT_UNTAG: simple(scene, answer, ACT_UNTAG, "untag", statement); return;
    case STATEMENT_AWARD_BADGE: simple(scene, answer, ACT_AWARD, "award", statement); return;
    case STATEMENT_REMEMBER: walk_remember(scene, statement); return;
    case STATEMENT_GO_ON: return;
    case STATEMENT_GO_TO:
        if (statement->as.go_to.at_most > 0) {
            int64_t *times = count_of(course, statement);
            bool again = *times < statement->as.go_to.at_most;
            reference_mark(scene->reference, statement, again);
            if (!again) {
                otherwise(course, statement);
                return;
            }
            ++*times;
        }
        go_to(scene, answer, statement->name.text);
        return;
    case STATEMENT_FINISH: finish(answer, statement->name.text); return;
    case STATEMENT_WAIT:
    case STATEMENT_WAIT_UNTIL:
    case STATEMENT_WAIT_BUSINESS_DAYS:
    case STATEMENT_WAIT_UP_TO: rest(scene, answer, REST_WAIT, statement); return;
    case STATEMENT_ASK: rest(scene, answer, REST_ASK, statement); return;
    case STATEMENT_GIVE_CODE:
    case STATEMENT_RELEASE_CODE: rest(scene, answer, REST_CODE, statement); return;
    case STATEMENT_TELL: walk_tell(scene, answer, statement); return;
    case STATEMENT_SPEND: walk_spend(scene, answer, statement); return;
    case STATEMENT_IF: walk_if(scene, statement); return;
    case STATEMENT_CHOOSE: walk_choose(scene, statement); return;
    case STATEMENT_SPLIT: walk_split(scene, answer, statement); return;
    case STATEMENT_REPEAT: {
        struct open_block *block = open(course);
        block->repeat = statement;
        return;
    }
    case STATEMENT_CANCEL:
    case STATEMENT_FREEZE:
    case STATEMENT_UNFREEZE:
        deed(scene, answer, MADE_OFFER, ACT_SEND, statement)->number =
            statement->kind == STATEMENT_CANCEL   ? OFFER_CANCEL
            : statement->kind == STATEMENT_FREEZE ? OFFER_FREEZE
                                                  : OFFER_UNFREEZE;
        return;
    case STATEMENT_BROKEN: break;
    }
    reference_fail(scene->reference, "a statement that is none");
}

/* Another turn of a repeat, or on below it. */
static void turn(struct scene *scene, struct open_block *block)
{
    const struct statement *repeat = block->repeat;
    int64_t most = repeat->as.repeat.at_most + (scene->reference->plant == PLANTED_TURNS ? 1 : 0);
    bool again = block->turns < most;
    reference_mark(scene->reference, repeat, again);
    if (again) {
        block->turns++;
        block->next = repeat->as.repeat.body.first;
    } else {
        scene->course->depth--;
    }
}

void walk_on(struct scene *scene, struct answer *answer, bool entered)
{
    struct course *course = scene->course;
    struct reference *reference = scene->reference;
    answer->deed_count = 0;
    answer->rest = REST_NONE;
    if (entered) deed(scene, answer, MADE_STEP, ACT_SEND, NULL)->step = 0;
    for (uint32_t steps = 0; answer->rest == REST_NONE && !reference->unsure && reference->failure[0] == '\0';
         steps++) {
        if (course->depth == 0 || steps > WALK_MOST) {
            reference_fail(reference, steps > WALK_MOST ? "it walks for ever" : "a step that nothing ends");
            return;
        }
        struct open_block *block = &course->block[course->depth - 1];
        const struct statement *statement = block->next;
        if (statement == NULL) {
            if (block->repeat != NULL)
                turn(scene, block);
            else
                course->depth--;
            continue;
        }
        block->next = block->single ? NULL : statement->next;
        walk_statement(scene, answer, statement);
    }
    course->rests = answer->rest == REST_FINISH ? NULL : answer->at;
    if (answer->rest == REST_CREDIT || answer->rest == REST_CODE) course->due = INT64_MAX;
}
