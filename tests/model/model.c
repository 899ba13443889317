/* The model's machine: instants, generations, turns, requests. See model.h for what it is for.
 *
 * A generation is a list of turns sorted by (rank, place, sequence): the rank is that of the record or deadline that
 * everything goes back to; within it an answer comes first, then what was caused, then what had to wait behind a pause.
 * Shards each take their own players' turns; then what they put out is merged by turn and the requests are served.
 */
#include "tests/model/model.h"

#include <stdlib.h>
#include <string.h>

const char *model_mistake_words(enum mistake mistake)
{
    static const char *const words[] = {
#define X(name, text) text,
        MODEL_MISTAKES(X)
#undef X
    };
    return words[mistake];
}

enum { TURNS = 400, RESERVATIONS = 2000, SEEN = 400, DAYS = 8 };

enum rest { REST_NONE, REST_WAIT, REST_EVENT, REST_REPLY, REST_REQUEST };
struct journey {
    bool live;
    int number; /* Of the latest journey; counts up, never used again. */
    int op;
    enum rest rest;
    int64_t due, entered_at, remaining;
    bool paused; /* By a time-out: `remaining` is kept, `due` does not count. */
};

struct reservation {
    int player, campaign, journey, op;
    int64_t amount, day, made;
    enum { OPEN, SPENT, BACK } state;
};

enum turn_kind { TURN_INPUT, TURN_DEADLINE, TURN_ANSWER, TURN_ENTER, TURN_TAG_START, TURN_EXCLUDE, TURN_REST_OVER };
enum place { PLACE_ANSWER, PLACE_CAUSED, PLACE_MOVED };
struct turn {
    int rank, sequence;
    enum place place;
    enum turn_kind kind;
    int player;
    const struct input *input;
    int from;              /* INPUT: first campaign that has not seen the event yet. */
    int campaign, journey; /* The others. */
    bool granted;
    const char *reason; /* ENTER, not granted: why. */
    int chain;
    /* Sort keys of a root. */
    int root_class, arrival;
    int64_t due;
};

struct request {
    bool entry, withdrawn;
    int player, campaign, journey, op, chain;
    int order, shard; /* Place of its turn in the generation. */
    int rank;
};

struct pending {
    int order;
    struct line line;
};

struct machine {
    const struct story *story;
    const struct world *world;
    struct trace *trace;
    int shards;
    enum mistake mistake;
    int64_t now;
    struct journey journey[MODEL_PLAYERS][MODEL_CAMPAIGNS];
    bool counted[MODEL_PLAYERS][MODEL_CAMPAIGNS]; /* Among the entrants. */
    bool resting[MODEL_PLAYERS];                  /* A time-out. */
    int64_t rests_until[MODEL_PLAYERS];
    bool excluded[MODEL_PLAYERS], vip[MODEL_PLAYERS], paused[MODEL_PLAYERS];
    unsigned tags[MODEL_PLAYERS], tags_next[MODEL_PLAYERS];
    bool suspended[MODEL_CAMPAIGNS];
    int entrants[MODEL_CAMPAIGNS], shard_entrants[MODEL_CAMPAIGNS][64];
    int64_t total[MODEL_CAMPAIGNS], by_day[MODEL_CAMPAIGNS][DAYS], by_player[MODEL_CAMPAIGNS][MODEL_PLAYERS], pool;
    struct reservation reservation[RESERVATIONS];
    int reservation_count;
    struct {
        char id[16], source[8];
    } seen[SEEN];
    int seen_count;
    struct turn turn[TURNS], next[TURNS];
    int turn_count, next_count, sequence;
    struct request request[TURNS];
    int request_count;
    struct pending pending[MODEL_LINES];
    int pending_count;
    int order, shard; /* Of the turn that runs. */
};

static void must(bool condition, const char *what)
{
    if (condition) return;
    fprintf(stderr, "model: %s\n", what);
    abort();
}

static int64_t day_of(int64_t now)
{
    return (MODEL_START + now) / MODEL_DAY_MS - MODEL_START / MODEL_DAY_MS;
}

/* ------------------------------------------------------------------------------------------------- what goes out */

static void put_line(struct trace *trace, const struct line *line)
{
    must(trace->count < MODEL_LINES, "too many lines");
    trace->line[trace->count++] = *line;
}

static struct line make_line(const struct machine *m, enum line_kind kind, int player, int campaign)
{
    struct line line;
    memset(&line, 0, sizeof line);
    line.kind = kind;
    line.at = m->now;
    line.player = player;
    line.campaign = campaign;
    line.op = -1;
    return line;
}

/* During a generation: kept with the turn's place until the shards are merged. */
static void say(struct machine *m, struct line line)
{
    must(m->pending_count < MODEL_LINES, "too many lines");
    m->pending[m->pending_count++] = (struct pending){.order = m->order, .line = line};
}

static void say_about(struct machine *m, enum line_kind kind, int player, int campaign, int op, const char *reason,
                      int chain)
{
    struct line line = make_line(m, kind, player, campaign);
    line.journey = campaign < 0 ? 0 : m->journey[player][campaign].number;
    line.op = op;
    line.chain = chain;
    snprintf(line.reason, sizeof line.reason, "%s", reason);
    say(m, line);
}

/* ------------------------------------------------------------------------------------------------- turns */

static int compare_ids(const struct machine *m, const char *left, const char *right)
{
    size_t a = strlen(left), b = strlen(right);
    if (m->mistake != MISTAKE_IDS_BY_BYTES && a != b) return a < b ? -1 : 1;
    return strcmp(left, right);
}

static const char *id_of(const struct machine *m, int player)
{
    return player < 0 ? "" : m->world->player[player];
}

static int compare_numbers(int64_t left, int64_t right)
{
    return left < right ? -1 : left > right;
}

/* The order of records and deadlines of one instant. */
static int compare_roots(const struct machine *m, const struct turn *a, const struct turn *b)
{
    int order = compare_numbers(a->root_class, b->root_class);
    if (order != 0) return order;
    switch (a->root_class) {
    case 0: return compare_numbers(a->arrival, b->arrival);
    case 1:
    case 2:
        order = compare_ids(m, id_of(m, a->player), id_of(m, b->player));
        if (order == 0) order = compare_ids(m, a->input->id, b->input->id);
        if (order == 0) order = compare_ids(m, a->input->source, b->input->source);
        return order;
    case 3:
    case 5:
        order = compare_numbers(a->due, b->due);
        if (order == 0) order = compare_ids(m, id_of(m, a->player), id_of(m, b->player));
        if (order == 0) order = compare_numbers(a->campaign, b->campaign);
        if (order == 0) order = compare_numbers(a->journey, b->journey);
        return order;
    default:
        if (m->mistake == MISTAKE_ARRIVAL_ORDER) return compare_numbers(a->arrival, b->arrival);
        order = compare_ids(m, a->input->id, b->input->id);
        if (order == 0) order = compare_ids(m, a->input->source, b->input->source);
        if (order == 0) order = compare_ids(m, id_of(m, a->player), id_of(m, b->player));
        return order;
    }
}

static bool turn_before(const struct turn *a, const struct turn *b)
{
    if (a->rank != b->rank) return a->rank < b->rank;
    if (a->place != b->place) return a->place < b->place;
    return a->sequence < b->sequence;
}

/* Insertion sort: stable, and the lists are short. */
static void sort_turns(struct turn *turn, int count)
{
    for (int i = 1; i < count; i++) {
        struct turn one = turn[i];
        int at = i;
        while (at > 0 && turn_before(&one, &turn[at - 1])) {
            turn[at] = turn[at - 1];
            at--;
        }
        turn[at] = one;
    }
}

static void put_next(struct machine *m, struct turn turn, enum place place)
{
    must(m->next_count < TURNS, "too many turns");
    turn.place = place;
    turn.sequence = m->sequence++;
    m->next[m->next_count++] = turn;
}

/* ------------------------------------------------------------------------------------------------- journeys */

static bool is_waiting(const struct journey *journey)
{
    if (!journey->live || journey->paused) return false;
    return journey->rest == REST_WAIT || journey->rest == REST_EVENT || journey->rest == REST_REPLY;
}

static void finish(struct machine *m, int player, int campaign, const char *reason, int chain)
{
    struct journey *journey = &m->journey[player][campaign];
    say_about(m, LINE_FINISHED, player, campaign, -1, reason, chain);
    journey->live = false;
    journey->paused = false;
    journey->rest = REST_NONE;
}

static void serve(struct machine *m, struct request *request);

static void ask(struct machine *m, struct request request, int rank)
{
    must(m->request_count < TURNS, "too many requests");
    request.order = m->order;
    request.shard = m->shard;
    request.rank = rank;
    m->paused[request.player] = true;
    if (m->mistake == MISTAKE_SERVED_AT_ONCE) {
        serve(m, &request);
        return;
    }
    m->request[m->request_count++] = request;
}

static bool sees_tag(const struct machine *m, int player, int tag)
{
    unsigned tags = m->mistake == MISTAKE_TAG_AT_ONCE ? m->tags_next[player] : m->tags[player];
    return (tags >> tag & 1u) != 0;
}

static void start_by_tag(struct machine *m, const struct turn *cause, int player, int tag)
{
    for (int c = 0; c < m->world->campaign_count; c++) {
        if (m->world->campaign[c].start_tag != tag) continue;
        put_next(m,
                 (struct turn){.rank = cause->rank,
                               .kind = TURN_TAG_START,
                               .player = player,
                               .campaign = c,
                               .chain = cause->chain + 1},
                 PLACE_CAUSED);
    }
}

/* Runs a journey from an operation to its next rest. */
static void activate(struct machine *m, const struct turn *turn, int player, int campaign, int op)
{
    const struct toy_campaign *toy = &m->world->campaign[campaign];
    struct journey *journey = &m->journey[player][campaign];
    if (turn->chain > MODEL_CHAIN_MAX && m->mistake != MISTAKE_NO_CHAIN_LIMIT) {
        finish(m, player, campaign, "CASCADE_LIMIT", MODEL_CHAIN_MAX);
        return;
    }
    for (;;) {
        must(op < toy->op_count, "a campaign runs past its end");
        const struct op *now = &toy->op[op];
        unsigned bit = 1u << now->tag;
        switch (now->kind) {
        case OP_SEND: say_about(m, LINE_SEND, player, campaign, op, "", turn->chain); break;
        case OP_TAG:
        case OP_UNTAG: {
            struct line line = make_line(m, now->kind == OP_TAG ? LINE_TAG : LINE_UNTAG, player, campaign);
            line.journey = journey->number;
            line.op = op;
            line.amount = now->tag;
            line.chain = turn->chain;
            say(m, line);
            bool fresh = (m->tags_next[player] & bit) == 0;
            m->tags_next[player] = now->kind == OP_TAG ? m->tags_next[player] | bit : m->tags_next[player] & ~bit;
            if (now->kind == OP_TAG && fresh) start_by_tag(m, turn, player, now->tag);
            break;
        }
        case OP_IF_TAG: op = sees_tag(m, player, now->tag) ? now->yes : now->no; continue;
        case OP_CREDIT:
            journey->op = op;
            journey->rest = REST_REQUEST;
            ask(m,
                (struct request){
                    .player = player, .campaign = campaign, .journey = journey->number, .op = op, .chain = turn->chain},
                turn->rank);
            return;
        case OP_WAIT:
        case OP_WAIT_EVENT:
        case OP_WAIT_REPLY:
            journey->op = op;
            journey->rest = now->kind == OP_WAIT ? REST_WAIT : now->kind == OP_WAIT_EVENT ? REST_EVENT : REST_REPLY;
            journey->due = m->now + now->wait_ms;
            return;
        case OP_FINISH: finish(m, player, campaign, "DONE", turn->chain); return;
        }
        op++;
    }
}

static void begin(struct machine *m, const struct turn *turn, int player, int campaign)
{
    struct journey *journey = &m->journey[player][campaign];
    journey->live = true;
    journey->number++;
    journey->entered_at = m->now;
    journey->rest = REST_NONE;
    say_about(m, LINE_ENTERED, player, campaign, -1, "", turn->chain);
    activate(m, turn, player, campaign, 0);
}

static void refuse_entry(struct machine *m, int player, int campaign, const char *reason)
{
    struct line line = make_line(m, LINE_ENTRY_REFUSED, player, campaign);
    snprintf(line.reason, sizeof line.reason, "%s", reason);
    say(m, line);
}

static bool has_entered_enough(const struct machine *m, const struct toy_campaign *toy, const struct journey *journey)
{
    if (journey->number == 0) return false;
    if (!toy->every_time) return true;
    if (!toy->once_a_day) return false;
    if (m->mistake == MISTAKE_DAY_ROLLS) return m->now < journey->entered_at + MODEL_DAY_MS;
    return day_of(m->now) == day_of(journey->entered_at);
}

static void try_entry(struct machine *m, const struct turn *turn, int player, int campaign, bool running)
{
    const struct toy_campaign *toy = &m->world->campaign[campaign];
    const struct journey *journey = &m->journey[player][campaign];
    if (m->suspended[campaign]) {
        refuse_entry(m, player, campaign, "SUSPENDED");
    } else if (m->excluded[player]) {
        refuse_entry(m, player, campaign, "RG_BLOCKED");
    } else if (m->resting[player]) {
        refuse_entry(m, player, campaign, "RESTING");
    } else if (toy->only_vip && !m->vip[player]) {
        refuse_entry(m, player, campaign, "NOT_IN_AUDIENCE");
    } else if (toy->leave_as_vip && m->vip[player]) {
        refuse_entry(m, player, campaign, "NOT_IN_AUDIENCE");
    } else if (running || has_entered_enough(m, toy, journey)) {
        refuse_entry(m, player, campaign, "ALREADY");
    } else if (toy->entrants > 0 && !m->counted[player][campaign]) {
        ask(m, (struct request){.entry = true, .player = player, .campaign = campaign, .chain = turn->chain},
            turn->rank);
    } else {
        begin(m, turn, player, campaign);
    }
}

/* ------------------------------------------------------------------------------------------------- what a turn does */

static void take_event(struct machine *m, const struct turn *turn)
{
    const struct input *input = turn->input;
    int player = turn->player;
    for (int c = turn->from; c < m->world->campaign_count; c++) {
        const struct toy_campaign *toy = &m->world->campaign[c];
        struct journey *journey = &m->journey[player][c];
        bool running = journey->live;
        if (running && toy->leave_event == input->event) {
            finish(m, player, c, "LEFT", turn->chain);
        } else if (running && (!journey->paused || m->mistake == MISTAKE_PAUSED_MEETS) && journey->rest == REST_EVENT &&
                   toy->op[journey->op].event == input->event && input->n >= toy->op[journey->op].least) {
            activate(m, turn, player, c, toy->op[journey->op].yes);
        }
        if (toy->start_event == input->event && input->n >= toy->start_least) {
            try_entry(m, turn, player, c, running);
        }
        if (m->paused[player] && m->mistake != MISTAKE_OVERTAKES) {
            struct turn rest = *turn;
            rest.from = c + 1;
            put_next(m, rest, PLACE_MOVED);
            return;
        }
    }
}

/* The wallet's word reaches the journey that made the credit, if it waits for it. */
static void tell_journey(struct machine *m, const struct turn *turn)
{
    const struct input *input = turn->input;
    const struct journey *journey = &m->journey[input->player][input->campaign];
    if (!is_waiting(journey) || journey->rest != REST_REPLY) return;
    if (journey->number != input->journey && m->mistake != MISTAKE_REPLY_TO_ALL) return;
    const struct op *op = &m->world->campaign[input->campaign].op[journey->op];
    if (op->credit == input->op && op->failed == !input->yes)
        activate(m, turn, input->player, input->campaign, op->yes);
}

static void take_reply(struct machine *m, const struct turn *turn)
{
    const struct input *input = turn->input;
    for (int i = 0; i < m->reservation_count; i++) {
        struct reservation *one = &m->reservation[i];
        if (one->player != input->player || one->campaign != input->campaign || one->journey != input->journey ||
            one->op != input->op)
            continue;
        /* An effect leaves when its instant is closed: nobody can answer within it. */
        if (one->made == m->now) return;
        bool again = m->mistake == MISTAKE_DOUBLE_COMMIT && one->state == SPENT && input->yes;
        if (one->state != OPEN && !again) return;
        bool commit = input->yes || m->mistake == MISTAKE_FAILED_COMMITS;
        struct line line = make_line(m, commit ? LINE_COMMITTED : LINE_RELEASED, one->player, one->campaign);
        line.journey = one->journey;
        line.op = one->op;
        line.amount = one->amount;
        line.day = one->day;
        if (commit) {
            one->state = SPENT;
        } else {
            one->state = BACK;
            if (m->mistake == MISTAKE_RELEASE_TODAY) line.day = day_of(m->now);
            m->total[one->campaign] -= one->amount;
            m->by_day[one->campaign][line.day] -= one->amount;
            m->by_player[one->campaign][one->player] -= one->amount;
            if (m->world->campaign[one->campaign].from_pool) m->pool -= one->amount;
            if (m->mistake == MISTAKE_RELEASE_RESUMES) m->suspended[one->campaign] = false;
        }
        say(m, line);
        tell_journey(m, turn);
        return;
    }
}

static void exclude(struct machine *m, int player)
{
    m->excluded[player] = true;
    for (int c = 0; c < m->world->campaign_count; c++) {
        if (m->journey[player][c].live) finish(m, player, c, "RG_BLOCKED", 1);
    }
    for (int i = 0; i < m->request_count; i++) {
        if (m->request[i].player == player) m->request[i].withdrawn = true;
    }
}

/* Of two time-outs that overlap the longer one protects. */
static void time_out(struct machine *m, const struct turn *turn)
{
    int player = turn->player;
    int64_t until = m->now + turn->input->lasts_ms;
    if (!m->resting[player] || until > m->rests_until[player]) m->rests_until[player] = until;
    m->resting[player] = true;
    for (int c = 0; c < m->world->campaign_count; c++) {
        struct journey *journey = &m->journey[player][c];
        if (!journey->live) continue;
        if (!m->world->campaign[c].pauses) {
            finish(m, player, c, "TIMED_OUT", turn->chain);
        } else if (is_waiting(journey)) {
            journey->remaining = journey->due - m->now;
            journey->paused = true;
        }
    }
}

static void end_rest(struct machine *m, const struct turn *turn)
{
    int player = turn->player;
    if (!m->resting[player] || m->rests_until[player] != turn->due) return;
    m->resting[player] = false;
    for (int c = 0; c < m->world->campaign_count; c++) {
        struct journey *journey = &m->journey[player][c];
        if (!journey->live || !journey->paused) continue;
        journey->paused = false;
        if (m->mistake != MISTAKE_CLOCK_RUNS) journey->due = m->now + journey->remaining;
    }
}

static void change_vip(struct machine *m, const struct turn *turn)
{
    m->vip[turn->player] = turn->input->yes;
    if (!turn->input->yes || m->mistake == MISTAKE_VIP_STAYS) return;
    for (int c = 0; c < m->world->campaign_count; c++) {
        if (m->world->campaign[c].leave_as_vip && m->journey[turn->player][c].live)
            finish(m, turn->player, c, "LEFT", turn->chain);
    }
}

static void take_turn(struct machine *m, const struct turn *turn)
{
    struct journey *journey = turn->player < 0 || turn->campaign < 0 ? NULL : &m->journey[turn->player][turn->campaign];
    const struct toy_campaign *toy = &m->world->campaign[turn->campaign < 0 ? 0 : turn->campaign];
    switch (turn->kind) {
    case TURN_INPUT:
        switch (turn->input->kind) {
        case IN_EVENT: take_event(m, turn); break;
        case IN_EXCLUDE: exclude(m, turn->player); break;
        case IN_VIP: change_vip(m, turn); break;
        case IN_REPLY: take_reply(m, turn); break;
        case IN_SUSPEND: m->suspended[turn->input->campaign] = true; break;
        case IN_RESUME:
            if (m->suspended[turn->input->campaign]) say(m, make_line(m, LINE_RESUMED, -1, turn->input->campaign));
            m->suspended[turn->input->campaign] = false;
            break;
        case IN_TIME_OUT: time_out(m, turn); break;
        case IN_TICK: break;
        }
        break;
    case TURN_DEADLINE:
        if (!journey->live || journey->number != turn->journey || journey->due != turn->due) break;
        if (journey->rest == REST_WAIT)
            activate(m, turn, turn->player, turn->campaign, journey->op + 1);
        else if (journey->rest == REST_EVENT || journey->rest == REST_REPLY)
            activate(m, turn, turn->player, turn->campaign, toy->op[journey->op].no);
        break;
    case TURN_ANSWER:
        if (!journey->live || journey->number != turn->journey || journey->rest != REST_REQUEST) break;
        if (!turn->granted && toy->op[journey->op].declined == DECLINED_FINISH)
            finish(m, turn->player, turn->campaign, "NO", turn->chain);
        else
            activate(m, turn, turn->player, turn->campaign, journey->op + 1);
        break;
    case TURN_ENTER:
        if (turn->granted)
            begin(m, turn, turn->player, turn->campaign);
        else
            refuse_entry(m, turn->player, turn->campaign, turn->reason);
        break;
    case TURN_TAG_START:
        if (turn->chain > MODEL_CHAIN_MAX && m->mistake != MISTAKE_NO_CHAIN_LIMIT) {
            refuse_entry(m, turn->player, turn->campaign, "CASCADE_LIMIT");
        } else {
            try_entry(m, turn, turn->player, turn->campaign, journey->live);
        }
        break;
    case TURN_EXCLUDE: exclude(m, turn->player); break;
    case TURN_REST_OVER: end_rest(m, turn); break;
    }
}

/* ------------------------------------------------------------------------------------------------- requests */

/* The limit that refuses, NULL if all grant. What is left in all of them goes to `left`. */
static const char *refusal(const struct machine *m, const struct request *request, int64_t amount, int64_t *left)
{
    const struct toy_campaign *toy = &m->world->campaign[request->campaign];
    const int64_t cap[4] = {toy->per_player, toy->per_day, toy->total, toy->from_pool ? m->world->pool : 0};
    const int64_t used[4] = {m->by_player[request->campaign][request->player],
                             m->by_day[request->campaign][day_of(m->now)], m->total[request->campaign], m->pool};
    static const char *const word[4] = {"player", "period", "total", "pool"};
    const char *first = NULL;
    *left = INT64_MAX;
    for (int i = 0; i < (m->mistake == MISTAKE_POOL_FORGOTTEN ? 3 : 4); i++) {
        if (cap[i] == 0) continue;
        if (cap[i] - used[i] < *left) *left = cap[i] - used[i];
        if (first == NULL && used[i] + amount > cap[i]) first = word[i];
    }
    return first;
}

/* The answer is a turn of the next generation, a refusal too. */
static void answer(struct machine *m, const struct request *request, bool granted, const char *reason)
{
    put_next(m,
             (struct turn){.rank = request->rank,
                           .kind = request->entry ? TURN_ENTER : TURN_ANSWER,
                           .player = request->player,
                           .campaign = request->campaign,
                           .journey = request->journey,
                           .granted = granted,
                           .reason = reason,
                           .chain = request->chain + 1},
             PLACE_ANSWER);
}

static void serve_entry(struct machine *m, const struct request *request)
{
    const struct toy_campaign *toy = &m->world->campaign[request->campaign];
    int *count = m->mistake == MISTAKE_ENTRANTS_PER_SHARD ? &m->shard_entrants[request->campaign][request->shard]
                                                          : &m->entrants[request->campaign];
    if (m->suspended[request->campaign]) {
        answer(m, request, false, "SUSPENDED");
    } else if (*count >= toy->entrants) {
        answer(m, request, false, "ENTRANTS");
    } else {
        ++*count;
        m->counted[request->player][request->campaign] = true;
        answer(m, request, true, "");
    }
}

static void serve(struct machine *m, struct request *request)
{
    if (request->withdrawn) return;
    if (request->entry) {
        serve_entry(m, request);
        return;
    }
    int player = request->player, campaign = request->campaign;
    const struct toy_campaign *toy = &m->world->campaign[campaign];
    int64_t amount = toy->op[request->op].amount, left = 0;
    if (m->suspended[campaign]) {
        say_about(m, LINE_REFUSED, player, campaign, request->op, "SUSPENDED", request->chain);
        answer(m, request, false, "");
        return;
    }
    const char *detail = refusal(m, request, amount, &left);
    if (detail != NULL && m->mistake == MISTAKE_PART_GRANTED && left > 0) {
        amount = left;
        detail = NULL;
    }
    if (detail == NULL) {
        must(m->reservation_count < RESERVATIONS, "too many reservations");
        int64_t day = day_of(m->now);
        m->reservation[m->reservation_count++] = (struct reservation){.player = player,
                                                                      .campaign = campaign,
                                                                      .journey = request->journey,
                                                                      .op = request->op,
                                                                      .amount = amount,
                                                                      .day = day,
                                                                      .made = m->now,
                                                                      .state = OPEN};
        m->total[campaign] += amount;
        m->by_day[campaign][day] += amount;
        m->by_player[campaign][player] += amount;
        if (toy->from_pool) m->pool += amount;
        struct line line = make_line(m, LINE_RESERVED, player, campaign);
        line.journey = request->journey;
        line.op = request->op;
        line.amount = amount;
        line.day = day;
        line.chain = request->chain;
        say(m, line);
        line.kind = LINE_CREDIT;
        line.day = 0;
        say(m, line);
        answer(m, request, true, "");
        return;
    }
    say_about(m, LINE_REFUSED, player, campaign, request->op, detail, request->chain);
    bool pool = strcmp(detail, "pool") == 0;
    if (pool || strcmp(detail, "total") == 0) {
        enum when_empty_kind when = pool ? m->world->pool_when_empty : toy->when_empty;
        if (when == EMPTY_SUSPENDS) {
            if (!m->suspended[campaign] || m->mistake == MISTAKE_SUSPENDS_EACH_TIME)
                say(m, make_line(m, LINE_SUSPENDED, -1, campaign));
            /* Planted: told, but the flag is not set, so that the next refusal tells again. */
            m->suspended[campaign] = m->mistake != MISTAKE_SUSPENDS_EACH_TIME;
        } else if (when == EMPTY_FINISHES) {
            finish(m, player, campaign, "EMPTY", request->chain);
            return;
        }
    }
    answer(m, request, false, "");
}

/* ------------------------------------------------------------------------------------------------- generations and instants */

static int shard_of(const struct machine *m, int player)
{
    unsigned hash = 2166136261u;
    for (const char *at = id_of(m, player); *at != '\0'; at++) hash = (hash ^ (unsigned char)*at) * 16777619u;
    return player < 0 ? 0 : (int)(hash % (unsigned)m->shards);
}

/* Moves what was said during the generation into the trace, in the order of turns. */
static void merge(struct machine *m)
{
    if (m->mistake != MISTAKE_SHARD_OUTPUT) {
        for (int i = 1; i < m->pending_count; i++) {
            struct pending one = m->pending[i];
            int at = i;
            while (at > 0 && one.order < m->pending[at - 1].order) {
                m->pending[at] = m->pending[at - 1];
                at--;
            }
            m->pending[at] = one;
        }
    }
    for (int i = 0; i < m->pending_count; i++) put_line(m->trace, &m->pending[i].line);
    m->pending_count = 0;
}

static void say_exclusion_came(struct machine *m, int player)
{
    struct line line = make_line(m, LINE_EXCLUSION_CAME, player, 0);
    put_line(m->trace, &line);
}

/* What reaches the engine while requests are open. */
static void take_pause_inputs(struct machine *m, int first, int end)
{
    for (int i = first; i < end; i++) {
        const struct input *input = &m->story->input[i];
        if (!input->in_pause || m->excluded[input->player]) continue;
        say_exclusion_came(m, input->player);
        if (m->mistake == MISTAKE_EXCLUSION_WAITS && m->paused[input->player]) {
            put_next(m, (struct turn){.rank = TURNS, .kind = TURN_EXCLUDE, .player = input->player, .chain = 1},
                     PLACE_MOVED);
        } else {
            exclude(m, input->player);
            merge(m);
        }
    }
}

static void run_generation(struct machine *m, int first, int end)
{
    sort_turns(m->turn, m->turn_count);
    memset(m->paused, 0, sizeof m->paused);
    m->next_count = 0;
    m->request_count = 0;
    m->pending_count = 0;
    for (int shard = -1; shard < m->shards; shard++) {
        for (int i = 0; i < m->turn_count; i++) {
            struct turn *turn = &m->turn[i];
            /* Commands belong to no player: the homes of what they change take them first. */
            if ((turn->player < 0 ? -1 : shard_of(m, turn->player)) != shard) continue;
            if (turn->player >= 0 && m->paused[turn->player] && m->mistake != MISTAKE_OVERTAKES) {
                put_next(m, *turn, PLACE_MOVED);
                continue;
            }
            m->order = i;
            m->shard = shard;
            take_turn(m, turn);
        }
    }
    merge(m);
    take_pause_inputs(m, first, end);
    if (m->mistake != MISTAKE_SHARD_ORDER) {
        for (int i = 1; i < m->request_count; i++) {
            struct request one = m->request[i];
            int at = i;
            while (at > 0 && one.order < m->request[at - 1].order) {
                m->request[at] = m->request[at - 1];
                at--;
            }
            m->request[at] = one;
        }
    }
    for (int i = 0; i < m->request_count; i++) {
        m->order = i;
        serve(m, &m->request[i]);
    }
    merge(m);
    memcpy(m->tags, m->tags_next, sizeof m->tags);
    memcpy(m->turn, m->next, sizeof m->turn[0] * (size_t)m->next_count);
    m->turn_count = m->next_count;
}

static bool is_new(struct machine *m, const struct input *input)
{
    if (input->kind == IN_TICK || m->mistake == MISTAKE_TWICE) return true;
    for (int i = 0; i < m->seen_count; i++) {
        if (strcmp(m->seen[i].id, input->id) == 0 && strcmp(m->seen[i].source, input->source) == 0) return false;
    }
    /* Ids are kept until the event's time + lateness: that is over. An exclusion counts from when it was learnt of. */
    if (input->late && input->kind != IN_EXCLUDE) return true;
    must(m->seen_count < SEEN, "too many ids");
    memcpy(m->seen[m->seen_count].id, input->id, sizeof input->id);
    memcpy(m->seen[m->seen_count++].source, input->source, sizeof input->source);
    return true;
}

/* Too late to be applied. An exclusion never is. */
static bool is_too_late(const struct machine *m, const struct input *input)
{
    if (!input->late) return false;
    if (input->kind == IN_EXCLUDE) return m->mistake == MISTAKE_LATE_EXCLUSION;
    return m->mistake != MISTAKE_LATE_APPLIED;
}

static int class_of(const struct machine *m, const struct input *input)
{
    switch (input->kind) {
    case IN_SUSPEND:
    case IN_RESUME: return 0;
    case IN_EXCLUDE: return m->mistake == MISTAKE_EXCLUSION_IN_ORDER ? 4 : 1;
    case IN_TIME_OUT: return 1;
    case IN_VIP: return 2;
    case IN_EVENT:
    case IN_REPLY:
    case IN_TICK: break;
    }
    return 4;
}

/* Folds one instant: the inputs first … end - 1 and every deadline that is due. */
static void run_instant(struct machine *m, int64_t now, int first, int end)
{
    m->now = now;
    m->turn_count = 0;
    for (int i = first; i < end; i++) {
        const struct input *input = &m->story->input[i];
        if (input->kind == IN_TICK || input->in_pause || !is_new(m, input)) continue;
        bool command = input->kind == IN_SUSPEND || input->kind == IN_RESUME;
        if (input->kind == IN_EXCLUDE) say_exclusion_came(m, input->player);
        if (is_too_late(m, input)) continue;
        m->turn[m->turn_count++] = (struct turn){.kind = TURN_INPUT,
                                                 .player = command ? -1 : input->player,
                                                 .input = input,
                                                 .chain = 1,
                                                 .root_class = class_of(m, input),
                                                 .arrival = i};
    }
    for (int p = 0; p < m->world->player_count; p++) {
        for (int c = 0; c < m->world->campaign_count; c++) {
            const struct journey *journey = &m->journey[p][c];
            if (!is_waiting(journey) || journey->due > now) continue;
            m->turn[m->turn_count++] = (struct turn){.kind = TURN_DEADLINE,
                                                     .player = p,
                                                     .campaign = c,
                                                     .journey = journey->number,
                                                     .chain = 1,
                                                     .root_class = m->mistake == MISTAKE_EVENTS_FIRST ? 5 : 3,
                                                     .due = journey->due};
        }
    }
    for (int p = 0; p < m->world->player_count; p++) {
        if (!m->resting[p] || m->rests_until[p] > now) continue;
        m->turn[m->turn_count++] = (struct turn){
            .kind = TURN_REST_OVER, .player = p, .campaign = -1, .chain = 1, .root_class = 3, .due = m->rests_until[p]};
    }
    must(m->turn_count < TURNS, "too many turns");
    for (int i = 1; i < m->turn_count; i++) {
        struct turn one = m->turn[i];
        int at = i;
        while (at > 0 && compare_roots(m, &one, &m->turn[at - 1]) < 0) {
            m->turn[at] = m->turn[at - 1];
            at--;
        }
        m->turn[at] = one;
    }
    m->sequence = 0;
    for (int i = 0; i < m->turn_count; i++) m->turn[i].rank = i;
    /* The bound is only for the planted mistake that lets a chain go on for ever; the auditor has long seen it. */
    for (int generation = 0; generation == 0 || (m->turn_count > 0 && generation < 300); generation++) {
        run_generation(m, first, generation == 0 ? end : first);
    }
}

static int64_t next_due(const struct machine *m)
{
    int64_t due = INT64_MAX;
    for (int p = 0; p < m->world->player_count; p++) {
        for (int c = 0; c < m->world->campaign_count; c++) {
            const struct journey *journey = &m->journey[p][c];
            if (is_waiting(journey) && journey->due < due) due = journey->due;
        }
    }
    for (int p = 0; p < m->world->player_count; p++) {
        if (m->resting[p] && m->rests_until[p] < due) due = m->rests_until[p];
    }
    return due;
}

void model_run(const struct story *story, int shards, enum mistake mistake, struct trace *out)
{
    struct machine *m = calloc(1, sizeof *m);
    must(m != NULL, "no memory");
    m->story = story;
    m->world = &story->world;
    m->trace = out;
    m->shards = shards;
    m->mistake = mistake;
    out->count = 0;
    for (int i = 0; i < story->input_count;) {
        int64_t now = story->input[i].now;
        int end = i;
        while (end < story->input_count && story->input[end].now == now) end++;
        if (mistake != MISTAKE_DEADLINE_AT_RECORD) {
            for (int64_t due = next_due(m); due < now; due = next_due(m)) run_instant(m, due, i, i);
        }
        run_instant(m, now, i, end);
        i = end;
    }
    free(m);
}
