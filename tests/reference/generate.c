/* Workspaces, campaigns and statements by chance. See generate.h. */
#include "tests/reference/generate.h"

#include <stdio.h>
#include <string.h>

#define PICK(generator, list) ((list)[generate_random((generator), sizeof(list) / sizeof *(list))])

enum { STEPS_MOST = 4, DEPTH_MOST = 3 };

/* A campaign as it grows. */
struct campaign_made {
    uint32_t number, step, steps;
    uint32_t offers;     /* 0 … 3: "O0" … */
    bool offer_event[4]; /* reads the start's event */
    bool starts_ping, business;
    uint32_t credits, splits, requests;
    bool credited[4];
    uint32_t waits;
    bool in_repeat;
    bool may_pass;           /* a wait that may be past already is welcome */
    struct made_scope entry; /* what every step may rely on */
};

static void say(struct generator *generator, const char *text)
{
    buffer_string(generator->out, text);
}

static void line(struct generator *generator)
{
    for (uint32_t i = 0; i < generator->indent; i++) say(generator, "  ");
}

static void in(struct generator *generator, const char *text)
{
    line(generator);
    buffer_print(generator->out, "%s\n", text);
    generator->indent++;
}

static void out(struct generator *generator)
{
    generator->indent--;
    line(generator);
    say(generator, "end\n");
}

static void words(struct generator *generator, const char *text)
{
    line(generator);
    buffer_print(generator->out, "%s\n", text);
}

/* ------------------------------------------------------------------ statements */

static bool block(struct generator *generator, struct campaign_made *campaign, struct made_scope scope, uint32_t depth);

static const char *const channels[] = {"email", "sms", "push", "inbox"};

static void label(struct generator *generator)
{
    buffer_print(generator->out, " as \"L%u\"", ++generator->label);
}

static void message(struct generator *generator, const struct made_scope *scope)
{
    static const char *const plain[] = {"plain", "service", "safety", "player"};
    const char *name = PICK(generator, plain);
    if (scope->ping && generate_chance(generator, 35)) name = "ping";
    buffer_print(generator->out, "send %s \"%s\"", PICK(generator, channels), name);
    label(generator);
}

/* Where a path ends; a step further on, so that nothing spins. */
static void terminal(struct generator *generator, const struct campaign_made *campaign)
{
    if (campaign->step + 1 < campaign->steps && generate_chance(generator, 50)) {
        uint32_t to = campaign->step + 1 + generate_random(generator, campaign->steps - campaign->step - 1);
        buffer_print(generator->out, "go to \"S%u\"", to);
    } else {
        buffer_print(generator->out, "finish as \"F%u\"", generate_random(generator, 5));
    }
}

/* What may stand behind `, otherwise`. */
static void otherwise(struct generator *generator, struct campaign_made *campaign, const struct made_scope *scope)
{
    say(generator, ", otherwise ");
    switch (generate_random(generator, 4)) {
    case 0: say(generator, "go on"); break;
    case 1:
        message(generator, scope);
        if (generate_chance(generator, 30)) otherwise(generator, campaign, scope);
        break;
    case 2: say(generator, generate_chance(generator, 50) ? "tag red" : "untag blue"); break;
    default: terminal(generator, campaign); break;
    }
}

static void send(struct generator *generator, struct campaign_made *campaign, const struct made_scope *scope)
{
    line(generator);
    message(generator, scope);
    if (generate_chance(generator, 35)) otherwise(generator, campaign, scope);
    say(generator, "\n");
}

static void credit(struct generator *generator, struct campaign_made *campaign, const struct made_scope *scope)
{
    uint32_t offer = generate_random(generator, campaign->offers);
    line(generator);
    buffer_print(generator->out, "credit \"O%u\"", offer);
    label(generator);
    say(generator, ", otherwise ");
    if (generate_chance(generator, 50))
        say(generator, "go on");
    else
        terminal(generator, campaign);
    say(generator, "\n");
    campaign->credited[offer] = true;
    campaign->credits++;
    (void)scope;
}

static void act(struct generator *generator, struct campaign_made *campaign, struct made_scope *scope)
{
    line(generator);
    switch (generate_random(generator, 5)) {
    case 0:
        say(generator, "do notify_crm with team \"vip\", level player.tier");
        label(generator);
        break;
    case 1:
        say(generator, "do agree_call with size ");
        generate_value(generator, scope, MADE_WHOLE, false);
        label(generator);
        break;
    case 2:
        say(generator, "do note_down with share ");
        generate_value(generator, scope, MADE_PERCENT, false);
        say(generator, ", moment_of ");
        generate_constant(generator, MADE_MOMENT);
        label(generator);
        break;
    case 3:
        if (campaign->offers == 0) {
            say(generator, "tag green\n");
            return;
        }
        buffer_print(generator->out, "show offer \"O%u\"", generate_random(generator, campaign->offers));
        label(generator);
        break;
    default:
        buffer_print(generator->out, "do shout with word \"w%u\"", generate_random(generator, 9));
        label(generator);
        break;
    }
    if (generate_chance(generator, 30)) otherwise(generator, campaign, scope);
    say(generator, "\n");
}

static void remember(struct generator *generator, struct made_scope *scope)
{
    static const enum made_type types[] = {MADE_MONEY,  MADE_WHOLE,  MADE_DECIMAL, MADE_PERCENT, MADE_MONEY, MADE_WHOLE,
                                           MADE_MOMENT, MADE_YES_NO, MADE_DATE,    MADE_RANK,    MADE_TEXT};
    if (scope->variable_count == sizeof scope->variable / sizeof *scope->variable || generator->names > 14) return;
    if (scope->variable_count > 0 && generate_chance(generator, 30)) { /* one that is there gets another value */
        const struct made_variable *old = &scope->variable[generate_random(generator, scope->variable_count)];
        if (old->name[0] == 'v' && (old->type == MADE_WHOLE || old->type == MADE_PERCENT)) {
            line(generator);
            buffer_print(generator->out, "remember %s as %s\n", old->name,
                         old->type == MADE_WHOLE ? "player.score" : "player.portion");
            return;
        }
    }
    struct made_variable *variable = &scope->variable[scope->variable_count];
    enum made_type type = PICK(generator, types);
    if (type == MADE_MOMENT && !scope->ping) type = MADE_WHOLE;
    if (type == MADE_TEXT || type == MADE_RANK || type == MADE_DATE || type == MADE_YES_NO || type == MADE_MOMENT) {
        static const char *const from[MADE_TYPES] = {[MADE_TEXT] = "player.nick",
                                                     [MADE_RANK] = "player.tier",
                                                     [MADE_DATE] = "player.born, otherwise 2000-02-29",
                                                     [MADE_YES_NO] = "player.fan",
                                                     [MADE_MOMENT] = "ping.due_at"};
        line(generator);
        buffer_print(generator->out, "remember v%u as %s\n", generator->names, from[type]);
    } else {
        line(generator);
        buffer_print(generator->out, "remember v%u as ", generator->names);
        generate_value(generator, scope, type, true);
        say(generator, "\n");
    }
    snprintf(variable->name, sizeof variable->name, "v%u", generator->names++);
    variable->type = type;
    scope->variable_count++;
}

static void duration(struct generator *generator)
{
    static const char *const durations[] = {"24 hours",       "3 days",     "1 week", "90 minutes", "1 month", "1 day",
                                            "2 days 6 hours", "30 seconds", "1 hour", "5 days",     "36 hours"};
    say(generator, PICK(generator, durations));
}

static void wait(struct generator *generator, struct campaign_made *campaign)
{
    static const char *const days[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
    static const char *const clocks[] = {"09:00", "00:00", "02:30", "18:15", "23:59"};
    const char *player = generate_chance(generator, 40) ? " in the player's zone" : "";
    line(generator);
    campaign->waits++;
    switch (generate_random(generator, campaign->business ? 8 : 5)) {
    case 0: buffer_print(generator->out, "wait until %s%s\n", PICK(generator, clocks), player); return;
    case 1:
        buffer_print(generator->out, "wait until %s", PICK(generator, days));
        if (generate_chance(generator, 60)) buffer_print(generator->out, " %s", PICK(generator, clocks));
        buffer_print(generator->out, "%s\n", player);
        return;
    case 2:
        if (campaign->in_repeat || !campaign->may_pass) break;
        say(generator, "wait until ");
        duration(generator);
        say(generator, " after entry\n");
        return;
    case 5:
    case 6: buffer_print(generator->out, "wait %u business days\n", 1 + generate_random(generator, 6)); return;
    case 7:
        say(generator, "wait until business day");
        if (generate_chance(generator, 70)) buffer_print(generator->out, " %s", PICK(generator, clocks));
        buffer_print(generator->out, "%s\n", player);
        return;
    default: break;
    }
    say(generator, "wait ");
    duration(generator);
    say(generator, "\n");
}

/* One statement on the case's line, or a block below it. True: some way goes on below the end. */
static bool body(struct generator *generator, struct campaign_made *campaign, struct made_scope scope, uint32_t depth)
{
    if (generate_chance(generator, 45)) {
        say(generator, "  ");
        bool ends = generate_chance(generator, 35);
        if (ends)
            terminal(generator, campaign);
        else if (generate_chance(generator, 50))
            message(generator, &scope);
        else
            say(generator, generate_chance(generator, 50) ? "tag green" : "go on");
        say(generator, "\n");
        return !ends;
    }
    say(generator, "\n");
    generator->indent++;
    bool on = block(generator, campaign, scope, depth + 1);
    generator->indent--;
    return on;
}

static void event_match(struct generator *generator, struct campaign_made *campaign, struct made_scope *scope)
{
    static const char *const others[] = {"bonus_activated", "credited", "message_opened", "opt_in", "kyc_passed"};
    struct made_scope filter = {.sight = IN_EVENT};
    (void)campaign;
    if (generate_chance(generator, 65)) {
        bool ping = generate_chance(generator, 60);
        filter.event = ping ? "ping" : "pong";
        say(generator, filter.event);
        if (generate_chance(generator, 65)) generate_where(generator, &filter);
        if (ping)
            scope->ping = true;
        else
            scope->pong = true;
        return;
    }
    say(generator, PICK(generator, others));
}

static bool wait_up_to(struct generator *generator, struct campaign_made *campaign, struct made_scope scope,
                       uint32_t depth)
{
    bool on = false;
    line(generator);
    say(generator, "wait up to ");
    duration(generator);
    if (generate_chance(generator, 15) && !campaign->in_repeat)
        say(generator, " after entry");
    else if (generate_chance(generator, 20))
        say(generator, ", including since entry");
    say(generator, "\n");
    campaign->waits++;
    generator->indent++;
    uint32_t count = 1 + generate_random(generator, 3);
    for (uint32_t i = 0; i < count; i++) {
        struct made_scope inner = scope;
        line(generator);
        say(generator, "when ");
        /* A case without a filter stands last of its event: each event at most once without. */
        if (i == 0) {
            event_match(generator, campaign, &inner);
        } else {
            static const char *const others[] = {"session", "deposit", "withdrawal_requested"};
            say(generator, others[(i + count) % 3]);
        }
        on = body(generator, campaign, inner, depth) || on;
    }
    line(generator);
    say(generator, "when time is up");
    on = body(generator, campaign, scope, depth) || on;
    out(generator);
    return on;
}

static bool ask(struct generator *generator, struct campaign_made *campaign, struct made_scope scope, uint32_t depth)
{
    bool query = generate_chance(generator, 50), on;
    line(generator);
    if (query)
        buffer_print(generator->out, "ask \"model\" for odds, up to %u hours\n", 1 + generate_random(generator, 5));
    else
        buffer_print(generator->out, "ask \"leads\" for approval by %u people, up to 2 days\n",
                     1 + generate_random(generator, 2));
    campaign->waits++;
    generator->indent++;
    if (query) {
        struct made_scope inner = scope;
        if (inner.variable_count < 24)
            inner.variable[inner.variable_count++] = (struct made_variable){"odds", MADE_PERCENT};
        line(generator);
        say(generator, "when answered");
        on = body(generator, campaign, inner, depth);
    } else {
        line(generator);
        say(generator, "when approved");
        on = body(generator, campaign, scope, depth);
        line(generator);
        say(generator, "when refused");
        on = body(generator, campaign, scope, depth) || on;
    }
    line(generator);
    say(generator, "when time is up");
    on = body(generator, campaign, scope, depth) || on;
    out(generator);
    return on;
}

static bool branch(struct generator *generator, struct campaign_made *campaign, struct made_scope scope, uint32_t depth)
{
    bool on = false;
    line(generator);
    say(generator, "if ");
    for (uint32_t n = generate_random(generator, 3);; n--) {
        struct made_scope outer = scope;
        generate_condition(generator, &outer, false);
        say(generator, "\n");
        generator->indent++;
        on = block(generator, campaign, scope, depth + 1) || on;
        generator->indent--;
        if (n == 0) break;
        line(generator);
        say(generator, "otherwise if ");
    }
    if (generate_chance(generator, 50)) {
        words(generator, "otherwise");
        generator->indent++;
        on = block(generator, campaign, scope, depth + 1) || on;
        generator->indent--;
    } else {
        on = true;
    }
    line(generator);
    say(generator, "end\n");
    return on;
}

static bool choose(struct generator *generator, struct campaign_made *campaign, struct made_scope scope, uint32_t depth)
{
    bool on = false, arm = scope.split[0] != '\0' && generate_chance(generator, 50);
    uint32_t which = generate_random(generator, 4);
    static const char *const subjects[] = {"player.tier", "player.score", "player.fav", "player.opt_tier"};
    static const char *const cases[4][4] = {{"high", "at least mid", "not low", "low"},
                                            {"between 0 and 3", "at least 40", "less than 10", "more than 20"},
                                            {"a1", "one of a1, b1", "not c1", "c1"},
                                            {"high", "between low and mid", "at most low", "mid"}};
    line(generator);
    if (arm)
        buffer_print(generator->out, "choose by arm of \"%s\"\n", scope.split);
    else
        buffer_print(generator->out, "choose by %s\n", subjects[which]);
    generator->indent++;
    uint32_t first = generate_random(generator, 4);
    for (uint32_t n = 0, count = 1 + generate_random(generator, 3); n < count; n++) {
        line(generator);
        if (arm)
            buffer_print(generator->out, "when \"%s\"", n == 0 ? "A" : n == 1 ? "B" : "A");
        else
            buffer_print(generator->out, "when %s", cases[which][(first + n) % 4]);
        on = body(generator, campaign, scope, depth) || on;
        if (arm && n == 1) break;
    }
    line(generator);
    say(generator, "otherwise");
    on = body(generator, campaign, scope, depth) || on;
    out(generator);
    return on;
}

static bool split(struct generator *generator, struct campaign_made *campaign, struct made_scope *scope, uint32_t depth)
{
    static const char *const shares[3][3] = {{"50%", "50%", NULL}, {"12.5%", "37.5%", "50%"}, {"1%", "99%", NULL}};
    static const char *const arms[] = {"A", "B", "C"};
    bool on = false;
    uint32_t which = generate_random(generator, 3);
    snprintf(scope->split, sizeof scope->split, "x%u-%u", campaign->number, campaign->splits++);
    line(generator);
    buffer_print(generator->out, "split \"%s\"\n", scope->split);
    generator->indent++;
    for (uint32_t i = 0; i < 3 && shares[which][i] != NULL; i++) {
        line(generator);
        buffer_print(generator->out, "%s \"%s\"", shares[which][i], arms[i]);
        on = body(generator, campaign, *scope, depth) || on;
    }
    out(generator);
    return on;
}

static void repeat(struct generator *generator, struct campaign_made *campaign, struct made_scope scope, uint32_t depth)
{
    line(generator);
    buffer_print(generator->out, "repeat at most %u times\n", 1 + generate_random(generator, 3));
    generator->indent++;
    bool outer = campaign->in_repeat;
    campaign->in_repeat = true;
    wait(generator, campaign);
    size_t before = generator->out->size;
    const struct campaign_made then = *campaign;
    for (uint32_t tries = 0; !block(generator, campaign, scope, depth + 1);
         tries++) { /* its turn must come to its end */
        generator->out->size = before;
        *campaign = then;
        if (tries < 6) continue;
        words(generator, "tag green");
        break;
    }
    campaign->in_repeat = outer;
    out(generator);
}

/* A statement that asks for something and is answered at the same instant: never many without a wait. */
static void request(struct generator *generator, struct campaign_made *campaign, const struct made_scope *scope)
{
    if (campaign->requests++ > 8) return;
    if (generator->promotions && generate_chance(generator, 25)) {
        line(generator);
        if (generate_chance(generator, 70)) {
            say(generator, "give code \"friends\"");
            label(generator);
            say(generator, generate_chance(generator, 50) ? ", otherwise go on\n" : ", otherwise tag red\n");
        } else {
            say(generator, "release code of \"friends\"\n");
        }
        return;
    }
    if (campaign->offers > 0) credit(generator, campaign, scope);
}

static void spend(struct generator *generator, struct campaign_made *campaign, const struct made_scope *scope)
{
    line(generator);
    buffer_print(generator->out, "spend %u of \"stars\"", 1 + generate_random(generator, 9));
    label(generator);
    if (generate_chance(generator, 60)) otherwise(generator, campaign, scope);
    say(generator, "\n");
}

static void tell(struct generator *generator, struct campaign_made *campaign, const struct made_scope *scope)
{
    words(generator, "if player.alias is known");
    generator->indent++;
    line(generator);
    say(generator, "tell player.alias nudge with size ");
    if (generate_chance(generator, 50))
        generate_constant(generator, MADE_WHOLE);
    else
        say(generator, scope->ping ? "ping.count" : "player.score");
    say(generator, ", friend player.id");
    label(generator);
    if (generate_chance(generator, 50)) otherwise(generator, campaign, scope);
    say(generator, "\n");
    out(generator);
}

/* An order about what was granted: only where it is credited somewhere. */
static void order(struct generator *generator, const struct campaign_made *campaign)
{
    static const char *const orders[] = {"cancel", "freeze", "unfreeze"};
    for (uint32_t i = 0; i < campaign->offers; i++) {
        if (!campaign->credited[i]) continue;
        line(generator);
        buffer_print(generator->out, "%s \"O%u\"\n", PICK(generator, orders), i);
        return;
    }
}

static void back(struct generator *generator, const struct campaign_made *campaign)
{
    if (campaign->step == 0 || campaign->in_repeat) return;
    line(generator);
    buffer_print(generator->out, "go to \"S%u\", at most %u times, otherwise go on\n",
                 1 + generate_random(generator, campaign->step), 1 + generate_random(generator, 2));
}

/* Statements; true: some way goes on below. */
static bool block(struct generator *generator, struct campaign_made *campaign, struct made_scope scope, uint32_t depth)
{
    uint32_t count = 1 + generate_random(generator, depth == 0 ? 5 : 3);
    for (uint32_t n = 0; n < count; n++) {
        bool deep = depth < DEPTH_MOST;
        bool on = true;
        switch (generate_random(generator, 20)) {
        case 0:
        case 1:
        case 2: send(generator, campaign, &scope); break;
        case 3:
        case 4: request(generator, campaign, &scope); break;
        case 5: act(generator, campaign, &scope); break;
        case 6: words(generator, generate_chance(generator, 50) ? "tag green" : "untag red"); break;
        case 7:
        case 8: remember(generator, &scope); break;
        case 9: wait(generator, campaign); break;
        case 10:
        case 11:
            if (deep) on = wait_up_to(generator, campaign, scope, depth);
            break;
        case 12:
        case 13:
            if (deep) on = branch(generator, campaign, scope, depth);
            break;
        case 14:
            if (deep) on = choose(generator, campaign, scope, depth);
            break;
        case 15:
            if (deep && campaign->splits < 3 && !campaign->in_repeat) on = split(generator, campaign, &scope, depth);
            break;
        case 16:
            if (deep && !campaign->in_repeat) repeat(generator, campaign, scope, depth);
            break;
        case 17:
            if (deep) on = ask(generator, campaign, scope, depth);
            break;
        case 18:
            if (generate_chance(generator, 30)) {
                tell(generator, campaign, &scope);
            } else if (generator->promotions) {
                if (generate_chance(generator, 50))
                    spend(generator, campaign, &scope);
                else
                    words(generator, "award badge \"Explorer\"");
            }
            break;
        default:
            if (generate_chance(generator, 50))
                order(generator, campaign);
            else if (depth == 0)
                back(generator, campaign);
            break;
        }
        if (!on) return false;
    }
    if (depth > 0 && generate_chance(generator, 25)) {
        line(generator);
        terminal(generator, campaign);
        say(generator, "\n");
        return false;
    }
    if (depth > 0) { /* a block is never empty */
        line(generator);
        message(generator, &scope);
        say(generator, "\n");
    }
    return true;
}

/* ------------------------------------------------------------------ campaigns */

static void budget(struct generator *generator)
{
    static const char *const empty[] = {"suspend the campaign", "go on without rewards", "finish as \"EMPTY\""};
    const char *currency = generator->currency;
    in(generator, "budget");
    line(generator);
    buffer_print(generator->out, "total %u %s\n", 200 + 100 * generate_random(generator, 500), currency);
    if (generate_chance(generator, 30)) {
        static const char *const periods[] = {"day", "week", "month"};
        line(generator);
        buffer_print(generator->out, "per %s %u %s\n", PICK(generator, periods), 50 + generate_random(generator, 5000),
                     currency);
    }
    if (generate_chance(generator, 40)) {
        line(generator);
        buffer_print(generator->out, "per player %u %s%s\n", 20 + generate_random(generator, 500), currency,
                     generate_chance(generator, 50) ? " per month" : "");
    }
    if (generate_chance(generator, 20) && strcmp(currency, "EUR") == 0) words(generator, "from \"pool\"");
    line(generator);
    buffer_print(generator->out, "when empty %s\n", PICK(generator, empty));
    out(generator);
}

static void terms(struct generator *generator)
{
    static const char *const wagering[] = {"wagering none", "wagering 10x of bonus", "wagering 2.5x of bonus"};
    static const char *const expires[] = {"expires 7 days after grant", "expires 72 hours after grant",
                                          "expires 1 month after activation"};
    words(generator, PICK(generator, wagering));
    if (generate_chance(generator, 50)) words(generator, PICK(generator, expires));
    if (generate_chance(generator, 20)) words(generator, "games slots, live");
    if (generate_chance(generator, 20)) words(generator, "grant at most 3 times per player");
}

static void offer(struct generator *generator, struct campaign_made *campaign, uint32_t number)
{
    static const char *const kinds[] = {"cash", "bonus", "free_bet", "ticket"};
    struct made_scope scope = campaign->entry;
    scope.variable_count = 0;
    scope.split[0] = '\0';
    scope.entry = false;
    line(generator);
    switch (generate_random(generator, 6)) {
    case 0:
        buffer_print(generator->out, "offer free_spins \"O%u\"\n", number);
        generator->indent++;
        line(generator);
        say(generator, "spins ");
        generate_value(generator, &scope, MADE_WHOLE, false);
        buffer_print(generator->out, ", at least 0\n");
        line(generator);
        buffer_print(generator->out, "value %s %s\n", strcmp(generator->currency, "JPY") == 0 ? "10" : "0.20",
                     generator->currency);
        words(generator, "game \"book\"");
        break;
    case 1:
        buffer_print(generator->out, "offer points \"O%u\"\n", number);
        generator->indent++;
        line(generator);
        say(generator, "amount ");
        generate_value(generator, &scope, MADE_WHOLE, false);
        say(generator, "\n");
        words(generator, "unit \"pt\"");
        words(generator, "wagering none");
        generator->indent--;
        line(generator);
        say(generator, "end\n");
        return;
    default:
        buffer_print(generator->out, "offer %s \"O%u\"\n", PICK(generator, kinds), number);
        generator->indent++;
        line(generator);
        say(generator, "amount ");
        if (generate_chance(generator, 60)) {
            static const char *const shares[] = {"50%", "33.3333%", "12.5%", "2x", "100%"};
            const char *base = campaign->entry.ping ? "ping.amount" : campaign->entry.pong ? "pong.amount" : NULL;
            if (base != NULL)
                buffer_print(generator->out, "%s of %s", PICK(generator, shares), base);
            else
                generate_constant(generator, MADE_MONEY);
        } else {
            generate_value(generator, &scope, MADE_MONEY, false);
        }
        if (generate_chance(generator, 60))
            buffer_print(generator->out, ", at most %u %s", 5 + generate_random(generator, 60), generator->currency);
        if (generate_chance(generator, 30)) {
            static const char *const roundings[] = {"down", "up", "half up", "half even"};
            buffer_print(generator->out, ", rounded %s", PICK(generator, roundings));
        }
        buffer_print(generator->out, ", at least 0 %s", generator->currency);
        if (generate_chance(generator, 40))
            buffer_print(generator->out, ", nothing below %u %s", 1 + generate_random(generator, 9),
                         generator->currency);
        say(generator, "\n");
        break;
    }
    terms(generator);
    out(generator);
}

static void start(struct generator *generator, struct campaign_made *campaign)
{
    struct made_scope filter = {.sight = IN_EVENT};
    static const char *const schedules[] = {"every day at 11:00", "every monday, thursday at 06:00",
                                            "every month on day 31 at 09:00", "every month on last day at 09:00",
                                            "on schedule \"0 6 * * 1\""};
    line(generator);
    switch (generate_random(generator, 10)) {
    case 0: say(generator, "start on entering \"Fans\"\n"); return;
    case 1: say(generator, "start on leaving \"Active\"\n"); return;
    case 2: say(generator, "start on command\n"); return;
    case 3:
        buffer_print(generator->out, "start %s\n", PICK(generator, schedules));
        if (generate_chance(generator, 50))
            words(generator, "order by player.score from largest, then player.id from smallest");
        return;
    case 4: say(generator, "start after 3 days without ping\n"); return;
    case 5: say(generator, "start on session\n"); return;
    case 6:
        filter.event = "pong";
        campaign->entry.pong = true;
        break;
    default:
        filter.event = "ping";
        campaign->entry.ping = true;
        break;
    }
    buffer_print(generator->out, "start on %s", filter.event);
    if (generate_chance(generator, 55)) generate_where(generator, &filter);
    say(generator, "\n");
}

static void enter(struct generator *generator)
{
    static const char *const lines[] = {"enter every time, at most 3 at once",
                                        "enter every time",
                                        "enter once per player",
                                        "enter at most 2 times per 3 days",
                                        "enter once per week",
                                        "enter at most 5 times",
                                        "enter every time, restarting as \"NEWER\"",
                                        "enter once per day",
                                        "enter every time, at most 4 players",
                                        "enter once per player and per alias, missing keys enter"};
    words(generator, generate_chance(generator, 60) ? lines[0] : PICK(generator, lines));
}

static void leave(struct generator *generator, const struct campaign_made *campaign)
{
    struct made_scope filter = {.sight = IN_EVENT, .event = "pong"};
    struct made_scope player = {.sight = IN_JOURNEY};
    line(generator);
    bool event = generate_chance(generator, 50);
    if (event) {
        say(generator, "leave on pong");
        say(generator, " where ");
        generate_condition(generator, &filter, false);
    } else {
        say(generator, "leave when ");
        generate_condition(generator, &player, false);
    }
    if (generate_chance(generator, 40))
        buffer_print(generator->out, "  finish as \"LEFT_%u\"", generate_random(generator, 3));
    else if (generate_chance(generator, 50))
        buffer_print(generator->out, "  go to \"S%u\"", campaign->steps - 1);
    say(generator, "\n");
}

static void campaign(struct generator *generator, uint32_t number)
{
    static const char *const currencies[] = {"EUR", "EUR", "EUR", "EUR", "GBP", "JPY"};
    static const char *const zones[] = {"Europe/Malta", "America/New_York", "UTC", "Asia/Kathmandu",
                                        "Australia/Lord_Howe"};
    static const char *const roundings[] = {"down", "up", "half up", "half even"};
    struct campaign_made made = {.number = number, .steps = 1 + generate_random(generator, STEPS_MOST)};
    struct made_scope audience = {.sight = IN_PLAYER, .properties = generator->promotions};
    char head[40];
    made.entry = (struct made_scope){.sight = IN_JOURNEY, .properties = generator->promotions};
    generator->currency = PICK(generator, currencies);
    generator->label = 0;
    generator->names = 0;
    snprintf(head, sizeof head, "campaign \"C%u\"", number);
    in(generator, head);
    words(generator, generate_chance(generator, 80) ? "product casino" : "product sports");
    line(generator);
    buffer_print(generator->out, "currency %s\n", generator->currency);
    line(generator);
    buffer_print(generator->out, "timezone \"%s\"\n", PICK(generator, zones));
    if (generate_chance(generator, 60)) {
        line(generator);
        buffer_print(generator->out, "rounding %s\n", PICK(generator, roundings));
    }
    if (generate_chance(generator, 20)) words(generator, "late events up to 10 minutes");
    if (generate_chance(generator, 20))
        words(generator, "runs from 2026-05-30 through 2026-12-31, then running journeys go on");
    if (generate_chance(generator, 30)) words(generator, "pause on time_out");
    if (generate_chance(generator, 20)) words(generator, "priority 10");
    if (generate_chance(generator, 25)) words(generator, "messages at most 2 per 24 hours, otherwise delay");
    if (generate_chance(generator, 15))
        words(generator, "send only between 10:00 and 20:00 in the player's zone, otherwise delay");
    made.business = generate_chance(generator, 40);
    if (made.business) words(generator, generate_chance(generator, 50) ? "business days of MT" : "business days of DE");
    made.entry.entry = generate_chance(generator, 50);
    if (made.entry.entry) words(generator, "metric since_entry is count of ping since entry");
    budget(generator);
    start(generator, &made);
    if (generate_chance(generator, 50)) {
        line(generator);
        say(generator, "only for players");
        generate_where(generator, &audience);
        say(generator, "\n");
    }
    enter(generator);
    if (generate_chance(generator, 35)) leave(generator, &made);
    if (generate_chance(generator, 35)) {
        struct made_scope filter = {.sight = IN_EVENT, .event = "pong"};
        line(generator);
        buffer_print(generator->out, "goal within %s on pong", generate_chance(generator, 50) ? "14 days" : "36 hours");
        if (generate_chance(generator, 60)) generate_where(generator, &filter);
        say(generator, "\n");
    }
    if (generate_chance(generator, 15)) words(generator, "goal \"seen\" within 14 days on session");
    if (generate_chance(generator, 15)) words(generator, "measure \"paid\" within 7 days of ping.amount");
    made.offers = generate_random(generator, 4);
    for (uint32_t i = 0; i < made.offers; i++) offer(generator, &made, i);
    for (made.step = 0; made.step < made.steps; made.step++) {
        struct made_scope scope = made.entry;
        snprintf(head, sizeof head, "step \"S%u\"", made.step);
        in(generator, head);
        made.requests = 0;
        if (made.step == 0) {
            for (uint32_t n = generate_random(generator, 3); n > 0; n--) remember(generator, &made.entry);
            scope = made.entry;
        } else {
            made.may_pass = false;
            wait(generator, &made); /* so that a way back to here never spins */
        }
        made.may_pass = true;
        if (made.step + 1 < made.steps) { /* so that every step is reached */
            words(generator, "if player.score is at least 90");
            line(generator);
            buffer_print(generator->out, "  go to \"S%u\"\n", made.step + 1);
            words(generator, "end");
        }
        bool on = block(generator, &made, scope, 0);
        /* Every step is reached: by an `if` where the block above ends on every way, it cannot be; so the way on is at the top. */
        if (on) {
            line(generator);
            if (made.step + 1 < made.steps)
                buffer_print(generator->out, "go to \"S%u\"\n", made.step + 1);
            else
                say(generator, "finish as \"DONE\"\n");
        }
        out(generator);
    }
    out(generator);
    say(generator, "\n");
}

/* ------------------------------------------------------------------ the workspace */

static void events(struct generator *generator)
{
    static const char *const names[] = {"ping", "pong"};
    for (uint32_t i = 0; i < 2; i++) {
        buffer_print(generator->out,
                     "event %s\n"
                     "  field amount money up to 1,000\n"
                     "  field extra optional money up to 500\n"
                     "  field count whole number between 0 and 100\n"
                     "  field odd optional whole number up to 50\n"
                     "  field ratio decimal between 0 and 10\n"
                     "  field part percent up to 100%%\n"
                     "  field chance optional percent up to 60%%\n"
                     "  field flag yes or no\n"
                     "  field sort one of a1, b1, c1\n"
                     "  field other_sort optional one of a1, b1, c1\n"
                     "  field grade ranked low, mid, high\n"
                     "  field bag set of x1, y1, z1\n"
                     "  field due_at moment\n"
                     "  field ends_at optional moment\n"
                     "  field day date\n"
                     "  field clock time of day\n"
                     "  field span duration\n"
                     "  field word text up to 32\n"
                     "  field remark optional text up to 32\n"
                     "  field land country code\n"
                     "end\n\n",
                     names[i]);
    }
    say(generator, "event nudge\n  field size whole number between 0 and 200\n  field friend text up to 64\nend\n\n");
}

static void attributes(struct generator *generator)
{
    say(generator, "attribute age_verified yes or no, otherwise yes\n"
                   "attribute casino_email yes or no, otherwise yes\n"
                   "attribute casino_push yes or no, otherwise yes\n"
                   "attribute sports_sms yes or no, otherwise yes\n"
                   "attribute purse optional money up to 1,000\n"
                   "attribute score whole number between 0 and 100, otherwise 3\n"
                   "attribute opt_score optional whole number up to 100\n"
                   "attribute factor decimal between 0 and 5, otherwise 1.25\n"
                   "attribute opt_factor optional decimal between 0 and 3\n"
                   "attribute portion percent up to 60%, otherwise 12.5%\n"
                   "attribute risk optional percent up to 100%\n"
                   "attribute fan yes or no, otherwise no\n"
                   "attribute opt_fan optional yes or no\n"
                   "attribute fav one of a1, b1, c1, otherwise a1\n"
                   "attribute opt_fav optional one of a1, b1, c1\n"
                   "attribute tier ranked low, mid, high, otherwise mid\n"
                   "attribute opt_tier optional ranked low, mid, high\n"
                   "attribute joined optional moment\n"
                   "attribute born optional date\n"
                   "attribute wake time of day, otherwise 08:00\n"
                   "attribute nap optional time of day\n"
                   "attribute gap duration, otherwise 2 hours\n"
                   "attribute nick text up to 24, otherwise \"w0\"\n"
                   "attribute alias optional text up to 24\n"
                   "attribute home country code, otherwise ZZ\n\n");
}

static void metrics(struct generator *generator)
{
    struct made_scope filter = {.sight = IN_METRIC, .event = "ping"};
    static const char *const windows[] = {"ever",           "over last 30 days",   "over last 90 minutes",
                                          "over this week", "over previous month", "over last 36 hours by minute"};
    generator->currency = "EUR";
    buffer_print(generator->out, "metric pinged is sum of ping.amount in EUR %s", PICK(generator, windows));
    if (generate_chance(generator, 50)) {
        say(generator, " where ");
        generate_condition(generator, &filter, false);
    }
    say(generator, "\n");
    buffer_print(generator->out, "metric pings is count of ping %s\n", PICK(generator, windows));
    buffer_print(generator->out, "metric ping_average is average of ping.amount in EUR %s, rounded half up\n",
                 PICK(generator, windows));
    say(generator, "metric ping_largest is largest of ping.count over last 30 days, kept up to 20\n");
    say(generator, "metric ping_share is pings / 7, rounded half even, otherwise 0.5\n");
    say(generator, "metric ratio_last is last of ping.ratio ever\n");
    say(generator, "metric part_first is first of ping.part ever\n");
    say(generator, "metric sort_favourite is favourite of ping.sort ever, kept up to 30\n");
    say(generator, "metric ping_last is last time of ping ever\n");
    say(generator, "metric word_last is last of ping.word ever\n\n");
}

static void messages(struct generator *generator)
{
    static const char *const bodies[] = {"email", "sms", "push", "inbox"};
    static const char *const names[] = {"plain", "service", "safety", "player", "ping"};
    static const char *const classes[] = {"marketing", "service", "safety", "marketing", "service"};
    static const char *const texts[] = {"Hello", "About {player.id}", "Take care",
                                        "{player.score} and {player.nick}, {player.tier}",
                                        "{ping.amount} for {player.id}: {ping.count}"};
    for (uint32_t i = 0; i < 5; i++) {
        buffer_print(generator->out, "message \"%s\"\n  class %s\n  about casino\n", names[i], classes[i]);
        for (uint32_t j = 0; j < 4; j++) buffer_print(generator->out, "  %s \"en\" \"%s\"\n", bodies[j], texts[i]);
        say(generator, "end\n\n");
    }
}

static void segments(struct generator *generator)
{
    static const char *const names[] = {"Fans", "Active", "Wide"};
    struct made_scope scope = {.sight = IN_PLAYER};
    for (uint32_t i = 0; i < 3; i++) {
        uint64_t state = generator->state;
        buffer_print(generator->out, "segment \"%s\" is players where ", names[i]);
        (void)state;
        if (i == 0)
            say(generator, "fan is yes or score is at least 50\n");
        else if (i == 1)
            say(generator, "pings is at least 2\n");
        else
            say(generator, "joined is known and joined is within last 2 weeks\n");
        (void)scope;
    }
    say(generator, "\n");
}

static void promotions(struct generator *generator)
{
    say(generator,
        "points \"stars\"\n  currency EUR\n  timezone \"Europe/Malta\"\n  earn 1 per 10 EUR of ping.amount where sort "
        "is a1\n"
        "  earn 2 per session\n  expires 30 days after grant\nend\n\n"
        "badge \"Explorer\"\n  note \"Far\"\nend\n\n"
        "codes \"friends\"\n  make 5,000 like \"FRIEND-??????????\" from \"ABCDEFGHJKLMNPQRSTUVWXYZ23456789\"\n"
        "  valid 30 days after given\nend\n\n"
        "mission \"Tour\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n  start on session\n");
    buffer_print(generator->out, "  complete at most %u times per month\n  lasts %u days\n",
                 1 + generate_random(generator, 3), 2 + generate_random(generator, 9));
    buffer_print(generator->out, "  task \"pings\" needs %u ping\n  task \"sum\" needs %u EUR of ping.amount\n",
                 1 + generate_random(generator, 3), 20 + generate_random(generator, 400));
    say(generator, "  progress\n    when 50%  send inbox \"plain\"\n    when 100%\n      award badge \"Explorer\"\n    "
                   "  send inbox \"service\"\n"
                   "      finish as \"COMPLETED\"\n    when time is up  finish as \"TOO_LATE\"\n  end\nend\n\n");
}

static void policies(struct generator *generator)
{
    struct made_scope scope = {.sight = IN_PLAYER};
    say(generator, "policy \"Own\"\n");
    if (generate_chance(generator, 60)) say(generator, "  messages marketing at most 3 per 24 hours, otherwise drop\n");
    if (generate_chance(generator, 40))
        say(generator, "  send marketing only between 08:00 and 22:00 in the player's zone, otherwise delay\n");
    generator->indent = 1;
    generator->currency = "EUR";
    say(generator, "  never message marketing to players where ");
    generate_condition(generator, &scope, true);
    say(generator, "\n  finish as \"GONE\" for players where score is 13\nend\n\n");
    generator->indent = 0;
}

void generate_project(struct buffer *out, uint64_t seed)
{
    struct generator generator = {.out = out, .state = seed * UINT64_C(0x2545F4914F6CDD1D) + 7, .currency = "EUR"};
    buffer_clear(out);
    generator.promotions = generate_chance(&generator, 50);
    say(&generator, "workspace \"Differ\"\n  product casino, sports, slots, live\n  currency EUR, GBP, JPY\n  channel "
                    "email, sms, push, inbox, chat\n"
                    "  tag red, green, blue\n  timezone \"Europe/Malta\"\n  lateness 7 days\n  use events\n  use "
                    "attributes\n  use actions\n");
    if (generate_chance(&generator, 50)) say(&generator, "  use policies\n");
    if (generate_chance(&generator, 15)) say(&generator, "  brand one, two\n");
    if (generate_chance(&generator, 15))
        say(&generator, "  retention 300 days\n  locale \"en\"\n  short links \"https://x.ex/\"\n");
    if (generate_chance(&generator, 15)) say(&generator, "  bonuses kept by platform\n");
    say(&generator, "  use holidays\nend\n\n");
    events(&generator);
    attributes(&generator);
    metrics(&generator);
    messages(&generator);
    segments(&generator);
    say(&generator,
        "query odds percent\n\n"
        "action agree_call\n  class other\n  takes size whole number\n  consent fan\n  costs nothing\nend\n\n"
        "action note_down\n  class other\n  takes share percent\n  takes moment_of moment\n  costs nothing\nend\n\n"
        "action shout\n  class message\n  takes word text up to 16\n  costs nothing\nend\n\n"
        "budget \"pool\"\n  total 3,000 EUR\n  when empty go on without rewards\nend\n\n");
    policies(&generator);
    if (generator.promotions) promotions(&generator);
    generate_blocks(&generator);
    uint32_t count = 1 + generate_random(&generator, 3);
    for (uint32_t i = 0; i < count; i++) campaign(&generator, i);
}
