/* The rules of the books: what a request must fit into, what a settlement moves, when a campaign is suspended.
 *
 * The tables are in books_table.c, the bytes of checkpoints in books_codec.c. A request is judged against all limits
 * before anything is changed; then it is reserved in all of them. Besides the limits that the program sets, two books
 * are always kept for each campaign (its total, and per player over all time), so that a limit added by a later program
 * counts what was spent before it.
 */
#include "runtime/engine/books_state.h"

#include "vm/civil.h"
#include "vm/memory.h"
#include "vm/zone.h"

/* The order in which limits are asked: the smaller refuses first. spec: runtime.md#shared-objects */
enum rank { RANK_PLAYER, RANK_OFFER, RANK_PERIOD, RANK_TOTAL, RANK_POOL, RANK_NONE };
static const char *const rank_word[] = {"player", "offer", "period", "total", "pool"};

struct crypto_id books_id(enum books_owner owner, struct text budget, uint32_t scope, uint32_t period,
                          struct text offer)
{
    /* Each part has its length before it, so no two limits share their bytes. */
    struct crypto_stream stream;
    uint8_t head[16] = "book 1";
    head[8] = (uint8_t)owner;
    head[9] = (uint8_t)scope;
    head[10] = (uint8_t)period;
    uint8_t size[8];
    for (uint32_t i = 0; i < 4; i++) {
        size[i] = (uint8_t)(budget.size >> (8 * i));
        size[4 + i] = (uint8_t)(offer.size >> (8 * i));
    }
    crypto_stream_begin(&stream);
    crypto_stream_add(&stream, head, sizeof head);
    crypto_stream_add(&stream, size, sizeof size);
    crypto_stream_add(&stream, budget.at, budget.size);
    crypto_stream_add(&stream, offer.at, offer.size);
    struct crypto_digest digest = crypto_stream_end(&stream);
    struct crypto_id id;
    memcpy(id.bytes, digest.bytes, sizeof id.bytes);
    return id;
}

/* ------------------------------------------------------------------------------------------------- limits of a program */

static struct text limit_offer(const struct program *program, const struct bundle_limit *limit)
{
    return limit->offer == PROGRAM_NONE ? TEXT("") : program_text(program, program->offer[limit->offer].name);
}

static enum books_owner budget_owner(const struct bundle_budget *budget)
{
    return budget->campaign == PROGRAM_NONE ? BOOKS_OWNER_POOL : BOOKS_OWNER_CAMPAIGN;
}

static struct crypto_id total_id(struct text campaign)
{
    return books_id(BOOKS_OWNER_CAMPAIGN, campaign, SCOPE_TOTAL, LIMIT_EVER, TEXT(""));
}

static struct crypto_id player_id(struct text campaign)
{
    return books_id(BOOKS_OWNER_CAMPAIGN, campaign, SCOPE_PLAYER, LIMIT_EVER, TEXT(""));
}

static uint32_t limits_of(const struct program *program, uint32_t budget)
{
    return budget == PROGRAM_NONE ? 0 : program->budget[budget].limit_count;
}

/* Works out the identities of a program's limits once. False when memory is out. */
static bool prepare_program(struct books *books, const struct program *program)
{
    if (books->program == program && memcmp(books->program_hash, program->full_hash, sizeof books->program_hash) == 0)
        return true;
    books->program = NULL;
    uint32_t most = 0;
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        const struct bundle_campaign *campaign = &program->campaign[i];
        uint32_t count = limits_of(program, campaign->budget) + limits_of(program, campaign->pool);
        if (count > most) most = count;
    }
    memory_release(books->limit_id);
    memory_release(books->total_id);
    memory_release(books->player_id);
    memory_release(books->asked);
    books->limit_id = memory_alloc_array((size_t)program->limit_count + 1, sizeof *books->limit_id);
    books->total_id = memory_alloc_array((size_t)program->campaign_count + 1, sizeof *books->total_id);
    books->player_id = memory_alloc_array((size_t)program->campaign_count + 1, sizeof *books->player_id);
    books->asked = memory_alloc_array((size_t)most + 2, sizeof *books->asked);
    if (books->limit_id == NULL || books->total_id == NULL || books->player_id == NULL || books->asked == NULL)
        return false;
    for (uint32_t i = 0; i < program->budget_count; i++) {
        const struct bundle_budget *budget = &program->budget[i];
        for (uint32_t l = budget->limit_first; l < budget->limit_first + budget->limit_count; l++) {
            const struct bundle_limit *limit = &program->limit[l];
            books->limit_id[l] = books_id(budget_owner(budget), program_text(program, budget->name), limit->scope,
                                          limit->period, limit_offer(program, limit));
        }
    }
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        struct text name = program_text(program, program->campaign[i].name);
        books->total_id[i] = total_id(name);
        books->player_id[i] = player_id(name);
    }
    memcpy(books->program_hash, program->full_hash, sizeof books->program_hash);
    books->program = program;
    return true;
}

/* The first day of the calendar period that holds `now`, as a date; 0 for no period. */
static int64_t period_start(uint32_t period, unsigned zone, int64_t now)
{
    if (period == LIMIT_EVER) return 0;
    int64_t day = zone_date(zone, now);
    if (period == LIMIT_DAY) return day;
    if (period == LIMIT_WEEK) return day - (int64_t)civil_weekday(day);
    struct civil_date parts = civil_date_parts(day);
    return civil_date_of(parts.year, period == LIMIT_YEAR ? 1 : parts.month, 1);
}

static enum rank rank_of(const struct bundle_budget *budget, const struct bundle_limit *limit)
{
    if (limit->scope == SCOPE_PLAYER) return RANK_PLAYER;
    if (limit->scope == SCOPE_OFFER) return RANK_OFFER;
    if (limit->period != LIMIT_EVER) return RANK_PERIOD;
    return budget->campaign == PROGRAM_NONE ? RANK_POOL : RANK_TOTAL;
}

/* Writes the limits that concern a request into books->asked and returns how many. Two lines about the same thing
 * are one book; the smaller amount counts. */
static uint32_t ask_limits(struct books *books, const struct books_request *request)
{
    const struct program *program = request->program;
    const struct bundle_campaign *campaign = &program->campaign[request->campaign];
    struct books_asked *asked = books->asked;
    uint32_t count = 0;
    asked[count++] = (struct books_asked){.id = books->total_id[request->campaign],
                                          .cap = BOOKS_NO_CAP,
                                          .budget = campaign->budget,
                                          .limit = PROGRAM_NONE,
                                          .rank = RANK_TOTAL};
    asked[count++] = (struct books_asked){.id = books->player_id[request->campaign],
                                          .cap = BOOKS_NO_CAP,
                                          .budget = campaign->budget,
                                          .limit = PROGRAM_NONE,
                                          .rank = RANK_PLAYER,
                                          .of_player = true};
    const uint32_t budgets[2] = {campaign->budget, campaign->pool};
    for (uint32_t b = 0; b < 2; b++) {
        if (budgets[b] == PROGRAM_NONE) continue;
        const struct bundle_budget *budget = &program->budget[budgets[b]];
        unsigned zone = budget->campaign == PROGRAM_NONE ? request->home_zone : request->campaign_zone;
        for (uint32_t l = budget->limit_first; l < budget->limit_first + budget->limit_count; l++) {
            const struct bundle_limit *limit = &program->limit[l];
            if (limit->offer != PROGRAM_NONE && !text_equal(limit_offer(program, limit), request->offer)) continue;
            bool of_run = limit->period == LIMIT_RUN;
            if (of_run && request->run == INT64_MIN) continue;
            struct books_asked one = {.id = books->limit_id[l],
                                      .start = of_run ? request->run : period_start(limit->period, zone, request->now),
                                      .oldest = of_run ? request->runs_from
                                                       : period_start(limit->period, zone, request->earliest),
                                      .cap = of_run && request->run < request->runs_from ? 0 : limit->amount,
                                      .budget = budgets[b],
                                      .limit = l,
                                      .rank = (uint8_t)rank_of(budget, limit),
                                      .of_player = limit->scope == SCOPE_PLAYER};
            uint32_t same = 0;
            while (same < count && (asked[same].start != one.start ||
                                    memcmp(asked[same].id.bytes, one.id.bytes, sizeof one.id.bytes) != 0))
                same++;
            if (same == count) {
                asked[count++] = one;
            } else if (one.cap < asked[same].cap) {
                asked[same] = one;
            }
        }
    }
    return count;
}

/* ------------------------------------------------------------------------------------------------- requests */

static struct book *asked_book(struct books *books, const struct books_player *player, const struct books_asked *asked)
{
    if (asked->found == BOOKS_NOWHERE) return NULL;
    INVARIANT(player != NULL || !asked->of_player);
    return asked->of_player ? &player->books.book[asked->found] : &books->shared.book[asked->found];
}

static int64_t left_in(const struct book *book, int64_t cap)
{
    if (book == NULL) return cap;
    int64_t used = book->reserved + book->spent;
    if (book->given >= 0) cap = book->given;
    return used <= cap ? cap - used : 0;
}

static bool fits(const struct book *book, int64_t cap, int64_t cost)
{
    return cost == 0 || cost <= left_in(book, cap);
}

/* Whenever a period of a limit is opened, those that no request falls into any more are closed: they go as soon as nothing
 * is reserved in them. The newest period is not always the one asked for: a deadline with grace is judged at its own
 * instant, and a new version may keep another clock. */
static void supersede(struct books *books, struct books_player *player, const struct books_asked *asked)
{
    struct book_array *array = asked->of_player ? &player->books : &books->shared;
    for (uint32_t i = 0; i < array->count; i++) {
        struct book *book = &array->book[i];
        if (!book->used || book->start >= asked->oldest) continue;
        if (memcmp(book->id.bytes, asked->id.bytes, sizeof book->id.bytes) != 0) continue;
        book->superseded = true;
        if (book->reserved > 0 || book->kept > 0) continue;
        if (asked->of_player) {
            book->used = false;
        } else {
            books_drop_shared(books, i);
        }
    }
}

/* Opens the books that a request needs and that are not there yet. False when memory is out. */
static bool open_asked(struct books *books, uint32_t player, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct books_asked *asked = &books->asked[i];
        if (asked->found != BOOKS_NOWHERE) continue;
        if (asked->of_player) {
            asked->found = books_make_in_player(&books->player[player], asked->id, asked->start);
        } else {
            asked->found = books_make_shared(books, asked->id, asked->start);
        }
        if (asked->found == BOOKS_NOWHERE) return false;
    }
    return true;
}

static void reserve_in(struct book *book, int64_t cap, int64_t amount)
{
    if (book->given >= 0) cap = book->given;
    book->superseded = false;
    book->reserved += amount;
    int64_t used = book->reserved + book->spent;
    book->cap = cap > used ? cap : used;
    INVARIANT(book_balances(book));
}

static bool is_of_run(const struct program *program, uint32_t limit)
{
    return limit != PROGRAM_NONE && program->limit[limit].period == LIMIT_RUN;
}

/* Closes the periods that those which are opened now leave behind. */
static void supersede_asked(struct books *books, uint32_t player, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (books->asked[i].found == BOOKS_NOWHERE) supersede(books, &books->player[player], &books->asked[i]);
    }
}

/* Looks up the books that were asked. */
static void find_asked(struct books *books, uint32_t player, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct books_asked *asked = &books->asked[i];
        asked->found = BOOKS_NOWHERE;
        if (!asked->of_player) {
            asked->found = books_find_shared(books, asked->id, asked->start);
        } else if (player != BOOKS_NOWHERE) {
            asked->found = books_find_in_player(&books->player[player], asked->id, asked->start);
        }
    }
}

/* Reserves the cost in every book that was asked, opening those that are missing; `out` receives the reservation. */
static enum books_answer put_in(struct books *books, const struct books_request *request, struct text campaign,
                                uint32_t player, uint32_t count, uint32_t *out)
{
    uint32_t campaign_name = books_make_name(books, campaign);
    uint32_t offer_name = books_make_name(books, request->offer);
    if (campaign_name == BOOKS_NOWHERE || offer_name == BOOKS_NOWHERE) return BOOKS_NO_MEMORY;
    if (player == BOOKS_NOWHERE) player = books_make_player(books, request->group, request->brand, request->player);
    if (player == BOOKS_NOWHERE) return BOOKS_NO_MEMORY;
    if (!open_asked(books, player, count)) return BOOKS_NO_MEMORY;
    uint32_t place = books_make_reservation(books, request->effect, player, count);
    if (place == BOOKS_NOWHERE) return BOOKS_NO_MEMORY;
    struct reservation *reservation = &books->reservation[place];
    reservation->amount = request->cost;
    reservation->reserved_at = request->now;
    reservation->campaign = campaign_name;
    reservation->offer = offer_name;
    reservation->journey = request->journey;
    reservation->returnable = request->returnable;
    uint32_t *part = reservation_parts(reservation);
    for (uint32_t i = 0; i < count; i++) {
        const struct books_asked *asked = &books->asked[i];
        reserve_in(asked_book(books, &books->player[player], asked), asked->cap, request->cost);
        part[i] = asked->of_player ? asked->found | PART_OF_PLAYER : asked->found;
    }
    books_touch_group(books, request->group);
    *out = place;
    return BOOKS_GRANTED;
}

enum books_answer books_reserve(struct books *books, const struct books_request *request, struct books_refusal *refusal)
{
    INVARIANT(request->cost >= 0 && request->campaign < request->program->campaign_count);
    if (books_find_reservation(books, request->effect) != BOOKS_NOWHERE) return BOOKS_REPEATED;
    if (!prepare_program(books, request->program)) return BOOKS_NO_MEMORY;
    uint32_t count = ask_limits(books, request);
    uint32_t player = books_find_player(books, request->group, request->brand, request->player);

    const struct books_asked *against = NULL;
    find_asked(books, player, count);
    for (uint32_t i = 0; i < count; i++) {
        struct books_asked *asked = &books->asked[i];
        const struct book *book = asked_book(books, player == BOOKS_NOWHERE ? NULL : &books->player[player], asked);
        if (!fits(book, asked->cap, request->cost) && (against == NULL || asked->rank < against->rank)) against = asked;
    }
    if (against != NULL) {
        int64_t left =
            left_in(asked_book(books, player == BOOKS_NOWHERE ? NULL : &books->player[player], against), against->cap);
        *refusal = (struct books_refusal){.detail = rank_word[against->rank],
                                          .budget = against->budget,
                                          .limit = against->limit,
                                          .cost = request->cost,
                                          .left = left,
                                          .empty = against->rank == RANK_TOTAL || against->rank == RANK_POOL ||
                                                   is_of_run(request->program, against->limit)};
        return BOOKS_REFUSED;
    }

    struct text campaign = program_text(request->program, request->program->campaign[request->campaign].name);
    /* A cost of 0 has nothing to move, so it lies in no book. */
    if (request->cost == 0) count = 0;
    if (player == BOOKS_NOWHERE) player = books_make_player(books, request->group, request->brand, request->player);
    if (player == BOOKS_NOWHERE) return BOOKS_NO_MEMORY;
    supersede_asked(books, player, count);
    uint32_t place;
    return put_in(books, request, campaign, player, count, &place);
}

/* ------------------------------------------------------------------------------------------------- settlement */

static void tell(const struct books *books, const struct reservation *reservation, struct books_settled *out)
{
    if (out == NULL) return;
    const struct books_player *player = &books->player[reservation->player];
    *out = (struct books_settled){.amount = reservation->amount,
                                  .campaign = books->name[reservation->campaign].name,
                                  .offer = books->name[reservation->offer].name,
                                  .brand = player->brand,
                                  .player = player->player,
                                  .group = player->group,
                                  .journey = reservation->journey,
                                  .reserved_at = reservation->reserved_at,
                                  .lost = reservation->status == RESERVATION_LOST,
                                  .back = reservation->status == RESERVATION_RELEASED,
                                  .returnable = reservation->returnable};
}

/* Old periods that nothing is reserved in any more, and nothing comes back to. */
static void drop_superseded(struct books *books, struct books_player *player, const struct reservation *reservation)
{
    const uint32_t *part = reservation_parts_read(reservation);
    for (uint32_t i = 0; i < reservation->part_count; i++) {
        bool of_player = (part[i] & PART_OF_PLAYER) != 0;
        uint32_t number = part[i] & ~PART_OF_PLAYER;
        struct book *book = of_player ? &player->books.book[number] : &books->shared.book[number];
        if (!book->superseded || book->reserved > 0 || book->kept > 0) continue;
        if (of_player) {
            book->used = false;
        } else {
            books_drop_shared(books, number);
        }
    }
}

/* Moves a reservation to its next status, with its amount in each of its books. */
static void move(struct books *books, struct reservation *reservation, enum reservation_status to)
{
    struct books_player *player = &books->player[reservation->player];
    const uint32_t *part = reservation_parts(reservation);
    bool open = reservation->status == RESERVATION_OPEN;
    for (uint32_t i = 0; i < reservation->part_count; i++) {
        uint32_t number = part[i] & ~PART_OF_PLAYER;
        struct book *book = (part[i] & PART_OF_PLAYER) != 0 ? &player->books.book[number] : &books->shared.book[number];
        INVARIANT(book->used && (open ? book->reserved : book->kept) >= reservation->amount);
        *(open ? &book->reserved : &book->kept) -= reservation->amount;
        if (open && to != RESERVATION_RELEASED) book->spent += reservation->amount;
        if (!open && to == RESERVATION_RELEASED) book->spent -= reservation->amount;
        if (to == RESERVATION_KEPT || to == RESERVATION_LOST) book->kept += reservation->amount;
        INVARIANT(book_balances(book));
    }
    reservation->status = (uint8_t)to;
    books_touch_group(books, player->group);
    if (to == RESERVATION_KEPT || to == RESERVATION_LOST) return;
    drop_superseded(books, player, reservation);
    books_drop_parts(reservation);
}

static enum books_outcome settle(struct books *books, const uint8_t effect[16], bool commit, struct books_settled *out)
{
    uint32_t place = books_find_reservation(books, effect);
    if (place == BOOKS_NOWHERE) return BOOKS_UNKNOWN;
    struct reservation *reservation = &books->reservation[place];
    tell(books, reservation, out);
    /* What another life paid and the wallet takes back was not paid. */
    if (reservation->status == RESERVATION_LOST && !commit) {
        move(books, reservation, RESERVATION_RELEASED);
        return BOOKS_DONE;
    }
    if (reservation->status != RESERVATION_OPEN) return BOOKS_ALREADY;
    move(books, reservation,
         !commit                   ? RESERVATION_RELEASED
         : reservation->returnable ? RESERVATION_KEPT
                                   : RESERVATION_COMMITTED);
    return BOOKS_DONE;
}

/* The books that every campaign has, whatever its limits. */
static uint32_t ask_always(struct books *books, struct text campaign)
{
    books->asked[0] = (struct books_asked){.id = total_id(campaign), .cap = BOOKS_NO_CAP};
    books->asked[1] = (struct books_asked){.id = player_id(campaign), .cap = BOOKS_NO_CAP, .of_player = true};
    return 2;
}

/* Of who was erased nobody keeps what he alone may have: of the first `count` those that all share are left. */
static uint32_t only_shared(struct books *books, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!books->asked[i].of_player) books->asked[kept++] = books->asked[i];
    }
    return kept;
}

enum books_answer books_lose(struct books *books, const struct books_request *request, struct text campaign)
{
    INVARIANT(request->cost >= 0);
    if (books_find_reservation(books, request->effect) != BOOKS_NOWHERE) return BOOKS_REPEATED;
    if (!prepare_program(books, request->program)) return BOOKS_NO_MEMORY;
    uint32_t count = request->campaign == PROGRAM_NONE ? ask_always(books, campaign) : ask_limits(books, request),
             place;
    if (request->player.size == 0) count = only_shared(books, count);
    uint32_t player = books_find_player(books, request->group, request->brand, request->player);
    find_asked(books, player, count);
    if (request->cost == 0) count = 0;
    enum books_answer answer = put_in(books, request, campaign, player, count, &place);
    if (answer != BOOKS_GRANTED) return answer;
    move(books, &books->reservation[place], RESERVATION_LOST);
    books->any_lost = true;
    return BOOKS_GRANTED;
}

bool books_adopt(struct books *books, struct books_request *request, struct text campaign)
{
    if (!books->any_lost) return false;
    uint32_t player = books_find_player(books, request->group, request->brand, request->player);
    uint32_t campaign_name = books_find_name(books, campaign), offer_name = books_find_name(books, request->offer);
    if (player == BOOKS_NOWHERE || campaign_name == BOOKS_NOWHERE || offer_name == BOOKS_NOWHERE) return false;
    struct reservation *oldest = NULL;
    for (uint32_t i = books->player[player].reservation_first; i != BOOKS_NOWHERE; i = books->reservation[i].next) {
        struct reservation *one = &books->reservation[i];
        if (one->status != RESERVATION_LOST || one->campaign != campaign_name || one->offer != offer_name) continue;
        if (oldest == NULL || one->reserved_at < oldest->reserved_at ||
            (one->reserved_at == oldest->reserved_at && memcmp(one->effect, oldest->effect, sizeof one->effect) < 0))
            oldest = one;
    }
    if (oldest == NULL) return false;
    const uint32_t *part = reservation_parts_read(oldest);
    for (uint32_t i = 0; i < oldest->part_count; i++) {
        uint32_t number = part[i] & ~PART_OF_PLAYER;
        struct book *book =
            (part[i] & PART_OF_PLAYER) != 0 ? &books->player[player].books.book[number] : &books->shared.book[number];
        book->kept -= oldest->amount;
        book->spent -= oldest->amount;
        book->reserved += oldest->amount;
        INVARIANT(book->kept >= 0 && book_balances(book));
    }
    oldest->status = RESERVATION_OPEN;
    oldest->journey = request->journey;
    oldest->returnable = request->returnable;
    memcpy(request->effect, oldest->effect, sizeof request->effect);
    request->cost = oldest->amount;
    books_touch_group(books, request->group);
    return true;
}

enum books_outcome books_commit(struct books *books, const uint8_t effect[16], struct books_settled *out)
{
    return settle(books, effect, true, out);
}

enum books_outcome books_release(struct books *books, const uint8_t effect[16], struct books_settled *out)
{
    return settle(books, effect, false, out);
}

enum books_outcome books_return(struct books *books, const uint8_t effect[16], struct books_settled *out)
{
    uint32_t place = books_find_reservation(books, effect);
    if (place == BOOKS_NOWHERE) return BOOKS_UNKNOWN;
    struct reservation *reservation = &books->reservation[place];
    tell(books, reservation, out);
    if (!reservation->returnable ||
        (reservation->status != RESERVATION_OPEN && reservation->status != RESERVATION_KEPT))
        return BOOKS_ALREADY;
    move(books, reservation, RESERVATION_RELEASED);
    return BOOKS_DONE;
}

void books_close_return(struct books *books, const uint8_t effect[16])
{
    uint32_t place = books_find_reservation(books, effect);
    if (place == BOOKS_NOWHERE || !books->reservation[place].returnable) return;
    struct reservation *reservation = &books->reservation[place];
    if (reservation->status == RESERVATION_KEPT) move(books, reservation, RESERVATION_COMMITTED);
    reservation->returnable = false;
    books_touch_group(books, books->player[reservation->player].group);
}

enum books_outcome books_find(const struct books *books, const uint8_t effect[16], struct books_settled *out)
{
    uint32_t place = books_find_reservation(books, effect);
    if (place == BOOKS_NOWHERE) return BOOKS_UNKNOWN;
    tell(books, &books->reservation[place], out);
    return books->reservation[place].status == RESERVATION_OPEN ? BOOKS_DONE : BOOKS_ALREADY;
}

void books_each_open(const struct books *books,
                     void (*each)(void *context, const uint8_t effect[16], const struct books_settled *open),
                     void *context)
{
    for (uint32_t i = 0; i < books->reservation_count; i++) {
        if (books->reservation[i].status != RESERVATION_OPEN) continue;
        struct books_settled open;
        tell(books, &books->reservation[i], &open);
        each(context, books->reservation[i].effect, &open);
    }
}

void books_of_journey(const struct books *books, uint16_t group, struct text brand, struct text player,
                      struct text campaign, uint32_t journey, void (*each)(void *context, const uint8_t effect[16]),
                      void *context)
{
    uint32_t place = books_find_player(books, group, brand, player), name = books_find_name(books, campaign);
    if (place == BOOKS_NOWHERE || name == BOOKS_NOWHERE) return;
    for (uint32_t i = books->player[place].reservation_first; i != BOOKS_NOWHERE; i = books->reservation[i].next) {
        const struct reservation *reservation = &books->reservation[i];
        if (reservation->campaign == name && reservation->journey == journey &&
            reservation->status != RESERVATION_RELEASED)
            each(context, reservation->effect);
    }
}

void books_trim(struct books *books, int64_t before)
{
    for (uint32_t i = 0; i < books->reservation_count; i++) {
        const struct reservation *reservation = &books->reservation[i];
        if (reservation->status == RESERVATION_FREE || reservation->status == RESERVATION_OPEN) continue;
        if (reservation->reserved_at >= before) continue;
        if (reservation_is_kept(reservation)) move(books, &books->reservation[i], RESERVATION_COMMITTED);
        books_touch_group(books, books->player[reservation->player].group);
        books_drop_reservation(books, i);
    }
}

/* Leaves only the shared parts of a reservation. */
static void strip_player_parts(struct reservation *reservation)
{
    uint32_t *part = reservation_parts(reservation);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < reservation->part_count; i++) {
        if ((part[i] & PART_OF_PLAYER) == 0) part[kept++] = part[i];
    }
    if (reservation->part_count > BOOKS_PARTS_INLINE && kept <= BOOKS_PARTS_INLINE) {
        uint32_t *outside = reservation->part.outside;
        for (uint32_t i = 0; i < kept; i++) reservation->part.inside[i] = outside[i];
        memory_release(outside);
    }
    reservation->part_count = (uint16_t)kept;
}

enum status books_erase_player(struct books *books, uint16_t group, struct text brand, struct text player,
                               struct error *error)
{
    uint32_t place = books_find_player(books, group, brand, player);
    if (place == BOOKS_NOWHERE) return OK;
    if (books->player[place].reservation_first != BOOKS_NOWHERE) {
        uint32_t nobody = books_make_player(books, group, TEXT(""), TEXT(""));
        if (nobody == BOOKS_NOWHERE) return error_set(error, STATUS_NO_MEMORY, "no memory to forget a player's books");
        uint32_t one = books->player[place].reservation_first;
        while (one != BOOKS_NOWHERE) {
            uint32_t next = books->reservation[one].next;
            strip_player_parts(&books->reservation[one]);
            books_unlink_reservation(books, one);
            books_link_reservation(books, one, nobody);
            one = next;
        }
    }
    books_drop_player(books, place);
    books_touch_group(books, group);
    return OK;
}

/* ------------------------------------------------------------------------------------------------- sums for people and tests */

/* What the book of a total holds; `cap` by the program, unless a test has given what is left. */
static struct books_total total_of(const struct books *books, struct crypto_id id, int64_t cap)
{
    struct books_total total = {.cap = cap};
    uint32_t place = books_find_shared(books, id, 0);
    if (place == BOOKS_NOWHERE) return total;
    const struct book *book = &books->shared.book[place];
    if (book->given >= 0) total.cap = book->given;
    total.reserved = book->reserved;
    total.spent = book->spent;
    return total;
}

struct books_total books_budget_total(const struct books *books, const struct program *program, uint32_t budget)
{
    const struct bundle_budget *record = &program->budget[budget];
    struct books_total total = {.cap = -1};
    for (uint32_t l = record->limit_first; l < record->limit_first + record->limit_count; l++) {
        const struct bundle_limit *limit = &program->limit[l];
        if (limit->scope != SCOPE_TOTAL || limit->period != LIMIT_EVER || limit->offer != PROGRAM_NONE) continue;
        if (total.cap < 0 || limit->amount < total.cap) total.cap = limit->amount;
    }
    struct crypto_id id =
        books_id(budget_owner(record), program_text(program, record->name), SCOPE_TOTAL, LIMIT_EVER, TEXT(""));
    return total_of(books, id, total.cap);
}

struct books_total books_campaign_total(const struct books *books, const struct program *program, uint32_t campaign)
{
    const struct bundle_campaign *record = &program->campaign[campaign];
    if (record->budget != PROGRAM_NONE) return books_budget_total(books, program, record->budget);
    return total_of(books, total_id(program_text(program, record->name)), -1);
}

int64_t books_largest_player(const struct books *books, struct text campaign)
{
    struct crypto_id id = player_id(campaign);
    int64_t largest = 0;
    for (uint32_t i = 0; i < books->player_count; i++) {
        uint32_t place = books_find_in_player(&books->player[i], id, 0);
        if (place == BOOKS_NOWHERE) continue;
        const struct book *book = &books->player[i].books.book[place];
        if (book->reserved + book->spent > largest) largest = book->reserved + book->spent;
    }
    return largest;
}

enum status books_given_left(struct books *books, const struct program *program, struct text campaign_or_pool,
                             int64_t left, struct error *error)
{
    INVARIANT(left >= 0);
    struct crypto_id id;
    bool found = false;
    for (uint32_t i = 0; i < program->campaign_count && !found; i++) {
        found = text_equal(program_text(program, program->campaign[i].name), campaign_or_pool);
        if (found) id = total_id(campaign_or_pool);
    }
    for (uint32_t i = 0; i < program->budget_count && !found; i++) {
        const struct bundle_budget *budget = &program->budget[i];
        found = budget->campaign == PROGRAM_NONE && text_equal(program_text(program, budget->name), campaign_or_pool);
        if (found) id = books_id(BOOKS_OWNER_POOL, campaign_or_pool, SCOPE_TOTAL, LIMIT_EVER, TEXT(""));
    }
    if (!found)
        return error_set(error, STATUS_NOT_FOUND, "there is no campaign and no shared budget called `%.*s`",
                         TEXT_ARGS(campaign_or_pool));
    uint32_t place = books_make_shared(books, id, 0);
    if (place == BOOKS_NOWHERE) return error_set(error, STATUS_NO_MEMORY, "no memory for a book");
    struct book *book = &books->shared.book[place];
    int64_t used = book->reserved + book->spent;
    book->given = left > INT64_MAX - used ? INT64_MAX : used + left;
    book->cap = book->given;
    INVARIANT(book_balances(book));
    return OK;
}

/* ------------------------------------------------------------------------------------------------- suspensions and entrants */

enum books_change books_suspend(struct books *books, struct text campaign, uint16_t reason, int64_t now)
{
    uint32_t place = books_make_name(books, campaign);
    if (place == BOOKS_NOWHERE) return BOOKS_CHANGE_NO_MEMORY;
    struct books_name *name = &books->name[place];
    if (name->suspended) return BOOKS_UNCHANGED;
    name->suspended = true;
    name->reason = reason;
    name->since = now;
    books->suspended_count++;
    return BOOKS_CHANGED;
}

enum books_change books_resume(struct books *books, struct text campaign)
{
    uint32_t place = books_find_name(books, campaign);
    if (place == BOOKS_NOWHERE || !books->name[place].suspended) return BOOKS_UNCHANGED;
    struct books_name *name = &books->name[place];
    name->suspended = false;
    name->reason = 0;
    name->since = 0;
    books->suspended_count--;
    return BOOKS_CHANGED;
}

bool books_is_suspended(const struct books *books, struct text campaign)
{
    return books->suspended_count > 0 && books_suspension(books, campaign, NULL, NULL);
}

bool books_suspension(const struct books *books, struct text campaign, uint16_t *reason, int64_t *since)
{
    uint32_t place = books_find_name(books, campaign);
    if (place == BOOKS_NOWHERE || !books->name[place].suspended) return false;
    if (reason != NULL) *reason = books->name[place].reason;
    if (since != NULL) *since = books->name[place].since;
    return true;
}

enum books_change books_enter(struct books *books, struct text campaign, uint32_t limit)
{
    uint32_t place = books_make_name(books, campaign);
    if (place == BOOKS_NOWHERE) return BOOKS_CHANGE_NO_MEMORY;
    if (limit != PROGRAM_NONE && books->name[place].entrants >= limit) return BOOKS_UNCHANGED;
    books->name[place].entrants++;
    return BOOKS_CHANGED;
}

uint64_t books_entrants(const struct books *books, struct text campaign)
{
    uint32_t place = books_find_name(books, campaign);
    return place == BOOKS_NOWHERE ? 0 : books->name[place].entrants;
}

/* ------------------------------------------------------------------------------------------------- marks of change */

bool books_group_changed(const struct books *books, uint16_t group)
{
    return (books->changed[group / 64] >> (group % 64) & 1) != 0;
}

void books_clear_changed(struct books *books)
{
    memset(books->changed, 0, sizeof books->changed);
}
