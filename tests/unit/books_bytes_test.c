/* The books in a checkpoint and in memory: identities that never change, the bytes field by field, damage at each field, and
 * the tables under them (places given back, names that fall on one place of an index).
 *
 * The bytes are written here by hand, as the head of books_codec.c has them: a checkpoint of yesterday must be read tomorrow. Not
 * here: what the sums mean (books_test.c, books_model_test.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/engine/books.h"
#include "runtime/engine/books_state.h"
#include "vm/crypto.h"
#include "vm/memory.h"

static struct books *open_books(void)
{
    struct books *books = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(books_open(&books, &error), OK);
    return books;
}

/* ------------------------------------------------------------------------------------------------- identities */

/* Every workspace has these in its checkpoints: a change of one byte would empty each book. */
static void test_the_identity_of_a_limit_never_changes(void **state)
{
    (void)state;
    static char longest[70000];
    memset(longest, 'n', sizeof longest);
    struct text medium = text_make(longest, 300), large = text_make(longest, sizeof longest);
    const struct {
        enum books_owner owner;
        struct text budget;
        uint32_t scope, period;
        struct text offer;
        const char *identity;
    } known[] = {
        {BOOKS_OWNER_CAMPAIGN, TEXT("Welcome"), SCOPE_TOTAL, LIMIT_EVER, TEXT(""), "f410e53fd97349a01c6eeb0821cbabbe"},
        {BOOKS_OWNER_CAMPAIGN, TEXT("Welcome"), SCOPE_PLAYER, LIMIT_EVER, TEXT(""), "df8a121c1181ef1dde5abcc9262ab7d0"},
        {BOOKS_OWNER_CAMPAIGN, TEXT("Welcome"), SCOPE_OFFER, LIMIT_YEAR, TEXT("spins"),
         "344449f95d1e28b96dfa970f62066342"},
        {BOOKS_OWNER_POOL, TEXT("June"), SCOPE_TOTAL, LIMIT_RUN, TEXT(""), "7adbe5304c16654b3669d9e0f5b5f0d1"},
        {BOOKS_OWNER_POOL, TEXT(""), SCOPE_OFFER, LIMIT_DAY, TEXT("x"), "3e0794189dbc6cdb14a84e95b8e1aa6f"},
        {BOOKS_OWNER_CAMPAIGN, medium, SCOPE_OFFER, LIMIT_WEEK, TEXT("spins"), "39b3335db25f2a51d687ef6dab17bb65"},
        {BOOKS_OWNER_CAMPAIGN, TEXT("Welcome"), SCOPE_OFFER, LIMIT_MONTH, medium, "b4bc05448048128816e5f592cdb17699"},
        {BOOKS_OWNER_CAMPAIGN, large, SCOPE_OFFER, LIMIT_MONTH, large, "348f01ffcdd69c4bad3b0686b41933d8"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct crypto_id id =
            books_id(known[i].owner, known[i].budget, known[i].scope, known[i].period, known[i].offer);
        char hex[33];
        for (uint32_t b = 0; b < 16; b++) (void)snprintf(hex + 2 * b, 3, "%02x", id.bytes[b]);
        assert_string_equal(hex, known[i].identity);
    }
}

/* ------------------------------------------------------------------------------------------------- bytes, by hand */

struct book_bytes {
    uint8_t id, last; /* First and last byte of the identity; those between are zero. */
    int64_t start, cap, reserved, spent, given;
    uint8_t superseded;
};
struct part_bytes {
    uint8_t of_player, id, last;
    int64_t start;
};
struct reservation_bytes {
    uint8_t effect, last;
    int64_t amount, at;
    uint8_t status; /* With 0x80: returnable. */
    uint32_t journey;
    const char *campaign, *offer;
    uint16_t count;
    struct part_bytes part[8];
};
struct name_bytes {
    const char *name;
    uint8_t suspended;
    uint16_t reason;
    int64_t since;
    uint64_t entrants;
};
struct player_bytes {
    const char *brand, *player;
    uint32_t book_count;
    struct book_bytes book[3];
    uint32_t reservation_count;
    struct reservation_bytes reservation[4];
};
struct blobs {
    uint8_t shared_version, group_version;
    uint32_t shared_count, name_count, player_count;
    struct book_bytes shared[4];
    struct name_bytes name[3];
    struct player_bytes player[3];
    uint8_t after_shared, after_group; /* Bytes too many. */
};

static void put_id(uint8_t first, uint8_t last, struct buffer *out)
{
    uint8_t id[16] = {0};
    id[0] = first;
    id[15] = last;
    buffer_append(out, id, sizeof id);
}

static void put_book(const struct book_bytes *book, struct buffer *out)
{
    put_id(book->id, book->last, out);
    buffer_i64(out, book->start);
    buffer_i64(out, book->cap);
    buffer_i64(out, book->reserved);
    buffer_i64(out, book->spent);
    buffer_i64(out, book->given);
    buffer_u8(out, book->superseded);
}

static void put_shared(const struct blobs *all, struct buffer *out)
{
    buffer_u8(out, all->shared_version);
    buffer_u32(out, all->shared_count);
    for (uint32_t i = 0; i < all->shared_count; i++) put_book(&all->shared[i], out);
    buffer_u32(out, all->name_count);
    for (uint32_t i = 0; i < all->name_count; i++) {
        buffer_sized_text(out, text_of(all->name[i].name));
        buffer_u8(out, all->name[i].suspended);
        buffer_u16(out, all->name[i].reason);
        buffer_i64(out, all->name[i].since);
        buffer_u64(out, all->name[i].entrants);
    }
    buffer_fill(out, 0, all->after_shared);
}

static void put_group(const struct blobs *all, struct buffer *out)
{
    buffer_u8(out, all->group_version);
    buffer_u32(out, all->player_count);
    for (uint32_t p = 0; p < all->player_count; p++) {
        const struct player_bytes *player = &all->player[p];
        buffer_sized_text(out, text_of(player->brand));
        buffer_sized_text(out, text_of(player->player));
        buffer_u32(out, player->book_count);
        for (uint32_t i = 0; i < player->book_count; i++) put_book(&player->book[i], out);
        buffer_u32(out, player->reservation_count);
        for (uint32_t i = 0; i < player->reservation_count; i++) {
            const struct reservation_bytes *one = &player->reservation[i];
            put_id(one->effect, one->last, out);
            buffer_i64(out, one->amount);
            buffer_i64(out, one->at);
            buffer_u8(out, one->status);
            buffer_u32(out, one->journey);
            buffer_sized_text(out, text_of(one->campaign));
            buffer_sized_text(out, text_of(one->offer));
            buffer_u16(out, one->count);
            for (uint32_t n = 0; n < one->count; n++) {
                buffer_u8(out, one->part[n].of_player);
                put_id(one->part[n].id, one->part[n].last, out);
                buffer_i64(out, one->part[n].start);
            }
        }
    }
    buffer_fill(out, 0, all->after_group);
}

enum { GROUP = 4095 };

/* Two players with a reservation of each status, in books of every kind; no two fields hold the same. */
static struct blobs everything(void)
{
    return (struct blobs){
        .shared_version = 2,
        .group_version = 2,
        .shared_count = 4,
        .shared = {{0, 0, 0, 9000, 100 + 7, 300 + 5, -1, 0},
                   {0, 1, -5, 8000, 100, 300, 7000, 1},
                   {0, 1, 5, 500, 0, 300, -1, 0},
                   {9, 0, 20000, 77, 0, 70, 0, 0}},
        .name_count = 3,
        .name = {{"A", 1, REASON_BUDGET, 12345, 0},
                 {"AB", 0, 0, 0, UINT64_C(0x1122334455667788)},
                 {"B", 1, REASON_COUNT - 1, -6, 3}},
        .player_count = 2,
        .player = {{.brand = "a",
                    .player = "9",
                    .book_count = 2,
                    .book = {{0, 2, 0, 450, 100, 300, -1, 1}, {200, 0, 44, 46, 0, 0, 45, 0}},
                    .reservation_count = 4,
                    .reservation = {{1,
                                     0,
                                     100,
                                     111,
                                     RESERVATION_OPEN | 0x80,
                                     6,
                                     "A",
                                     "o",
                                     3,
                                     {{0, 0, 0, 0}, {0, 0, 1, -5}, {1, 0, 2, 0}}},
                                    {1, 1, 31, -2, RESERVATION_RELEASED, 7, "B", "p", 0, {{0}}},
                                    {2, 0, 32, 113, RESERVATION_COMMITTED, 0xFFFFFFFF, "C", "o", 0, {{0}}},
                                    {3,
                                     0,
                                     300,
                                     114,
                                     RESERVATION_KEPT | 0x80,
                                     8,
                                     "A",
                                     "q",
                                     4,
                                     {{0, 0, 0, 0}, {0, 0, 1, -5}, {0, 0, 1, 5}, {1, 0, 2, 0}}}}},
                   {.brand = "a",
                    .player = "10",
                    .book_count = 1,
                    .book = {{0, 2, 0, 60, 7, 5, -1, 0}},
                    .reservation_count = 2,
                    .reservation = {{0, 7, 5, 115, RESERVATION_LOST, 1, "B", "q", 2, {{0, 0, 0, 0}, {1, 0, 2, 0}}},
                                    {0, 8, 7, 116, RESERVATION_OPEN, 2, "B", "q", 2, {{0, 0, 0, 0}, {1, 0, 2, 0}}}}}}};
}

/* Reads both blobs into fresh books; NULL with the reason where they are refused. */
static struct books *read_blobs(const struct blobs *all, bool shared_first, struct error *error)
{
    struct buffer shared, group;
    buffer_init(&shared, 0);
    buffer_init(&group, 0);
    put_shared(all, &shared);
    put_group(all, &group);
    struct books *books = open_books();
    enum status status = OK;
    for (uint32_t step = 0; step < 2 && status == OK; step++) {
        if (shared_first == (step == 0))
            status = books_decode_shared(books, buffer_as_text(&shared), error);
        else
            status = books_decode_group(books, GROUP, buffer_as_text(&group), error);
    }
    if (status == OK) status = books_check(books, error);
    buffer_deinit(&shared);
    buffer_deinit(&group);
    if (status == OK) return books;
    assert_int_equal(status, STATUS_CORRUPT);
    books_close(books);
    return NULL;
}

static void assert_written(const struct books *books, const struct blobs *all)
{
    struct error error = ERROR_NONE;
    struct buffer expected, written;
    buffer_init(&expected, 0);
    buffer_init(&written, 0);
    put_shared(all, &expected);
    assert_int_equal(books_encode_shared(books, &written, &error), OK);
    assert_int_equal(written.size, expected.size);
    assert_memory_equal(written.bytes, expected.bytes, expected.size);
    buffer_clear(&expected);
    buffer_clear(&written);
    put_group(all, &expected);
    assert_int_equal(books_encode_group(books, GROUP, &written, &error), OK);
    assert_int_equal(written.size, expected.size);
    assert_memory_equal(written.bytes, expected.bytes, expected.size);
    buffer_deinit(&expected);
    buffer_deinit(&written);
}

static void effect_id(uint8_t out[16], uint8_t first, uint8_t last)
{
    memset(out, 0, 16);
    out[0] = first;
    out[15] = last;
}

static void test_each_field_has_its_place(void **state)
{
    (void)state;
    for (int shared_first = 0; shared_first < 2; shared_first++) {
        struct error error = ERROR_NONE;
        struct blobs all = everything();
        struct books *books = read_blobs(&all, shared_first == 1, &error);
        assert_non_null(books);
        assert_written(books, &all);
        assert_int_equal(books->shared.count, 4); /* No book was made twice. */
        struct crypto_id id = {{0}};
        id.bytes[15] = 1;
        uint32_t place = books_find_shared(books, id, -5);
        assert_int_not_equal(place, BOOKS_NOWHERE);
        const struct book *book = &books->shared.book[place];
        assert_int_equal(book->start, -5);
        assert_int_equal(book->cap, 8000);
        assert_int_equal(book->reserved, 100);
        assert_int_equal(book->spent, 300);
        assert_int_equal(book->kept, 300);
        assert_int_equal(book->given, 7000);
        assert_true(book->superseded);
        assert_int_equal(books_find_shared(books, id, 0), BOOKS_NOWHERE);
        uint32_t nine = books_find_player(books, GROUP, TEXT("a"), TEXT("9"));
        assert_int_not_equal(nine, BOOKS_NOWHERE);
        id.bytes[15] = 2;
        place = books_find_in_player(&books->player[nine], id, 0);
        assert_int_not_equal(place, BOOKS_NOWHERE);
        assert_int_equal(books->player[nine].books.book[place].kept, 300);
        uint16_t reason = 0;
        int64_t since = 0;
        assert_true(books_suspension(books, TEXT("B"), &reason, &since));
        assert_int_equal(reason, REASON_COUNT - 1);
        assert_int_equal(since, -6);
        assert_true(books_is_suspended(books, TEXT("A")));
        assert_false(books_is_suspended(books, TEXT("AB")));
        assert_false(books_is_suspended(books, TEXT("C")));
        assert_int_equal(books->suspended_count, 2);
        assert_int_equal(books_resume(books, TEXT("A")), BOOKS_CHANGED);
        assert_true(books_is_suspended(books, TEXT("B")));
        assert_int_equal(books_resume(books, TEXT("B")), BOOKS_CHANGED);
        assert_false(books_is_suspended(books, TEXT("B")));
        assert_true(books_entrants(books, TEXT("AB")) == UINT64_C(0x1122334455667788));
        assert_int_equal(books_entrants(books, TEXT("B")), 3);
        /* What is told of each reservation, and what it may still do. */
        uint8_t effect[16];
        struct books_settled settled;
        effect_id(effect, 1, 0);
        assert_int_equal(books_find(books, effect, &settled), BOOKS_DONE);
        assert_int_equal(settled.amount, 100);
        assert_int_equal(settled.reserved_at, 111);
        assert_int_equal(settled.journey, 6);
        assert_int_equal(settled.group, GROUP);
        assert_true(settled.returnable && !settled.lost && !settled.back);
        assert_true(text_equal(settled.campaign, TEXT("A")) && text_equal(settled.offer, TEXT("o")));
        effect_id(effect, 1, 1);
        assert_int_equal(books_return(books, effect, &settled), BOOKS_ALREADY);
        assert_true(settled.back && !settled.returnable);
        assert_int_equal(settled.reserved_at, -2);
        effect_id(effect, 2, 0);
        assert_int_equal(books_commit(books, effect, &settled), BOOKS_ALREADY);
        assert_false(settled.back || settled.lost);
        assert_true(settled.journey == 0xFFFFFFFF && text_equal(settled.campaign, TEXT("C")));
        effect_id(effect, 3, 0);
        assert_int_equal(books_return(books, effect, &settled), BOOKS_DONE);
        assert_int_equal(settled.amount, 300);
        struct books_request request = {.offer = TEXT("q"), .brand = TEXT("a"), .player = TEXT("10"), .group = GROUP};
        assert_false(books_adopt(books, &request, TEXT("A")));
        assert_true(books_adopt(books, &request, TEXT("B")));
        assert_int_equal(request.cost, 5);
        assert_false(books_adopt(books, &request, TEXT("B")));
        assert_int_equal(books_check(books, &error), OK);
        books_close(books);
    }
}

static void test_a_single_entrant_is_kept(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    struct books *books = open_books(), *again = open_books();
    assert_int_equal(books_enter(books, TEXT("A"), 1), BOOKS_CHANGED);
    struct buffer blob;
    buffer_init(&blob, 0);
    assert_int_equal(books_encode_shared(books, &blob, &error), OK);
    assert_int_equal(books_decode_shared(again, buffer_as_text(&blob), &error), OK);
    assert_int_equal(books_entrants(again, TEXT("A")), 1);
    assert_int_equal(books_enter(again, TEXT("A"), 1), BOOKS_UNCHANGED);
    buffer_deinit(&blob);
    books_close(books);
    books_close(again);
}

/* Equal states give equal bytes, whatever order they were made in; what holds nothing is left out. */
static void test_the_order_is_that_of_names(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    struct blobs all = everything(), turned = everything();
    for (uint32_t i = 0; i < 4; i++) turned.shared[i] = all.shared[3 - i];
    for (uint32_t i = 0; i < 3; i++) turned.name[i] = all.name[2 - i];
    turned.player[0] = all.player[1];
    turned.player[1] = all.player[0];
    turned.player[1].book[0] = all.player[0].book[1];
    turned.player[1].book[1] = all.player[0].book[0];
    for (uint32_t i = 0; i < 4; i++) turned.player[1].reservation[i] = all.player[0].reservation[3 - i];
    turned.player[2] =
        (struct player_bytes){.brand = "a", .player = "11", .book_count = 1, .book = {{1, 1, 1, 50, 0, 0, -1, 0}}};
    turned.player_count = 3;
    for (int shared_first = 0; shared_first < 2; shared_first++) {
        struct books *books = read_blobs(&turned, shared_first == 1, &error);
        assert_non_null(books);
        assert_written(books, &all);
        books_close(books);
    }
    /* Brands come before players, players by the length of their name. */
    struct blobs few = {.shared_version = 2, .group_version = 2, .player_count = 3};
    static const char *const names[3][2] = {{"a", "9"}, {"b", "8"}, {"b", "10"}};
    for (uint32_t i = 0; i < 3; i++) {
        few.player[i].brand = names[i][0];
        few.player[i].player = names[i][1];
        few.player[i].book_count = 1;
        few.player[i].book[0] = (struct book_bytes){1, 1, 0, 5, 0, 5, -1, 0};
    }
    turned = few;
    turned.player[0] = few.player[2];
    turned.player[1] = few.player[0];
    turned.player[2] = few.player[1];
    struct books *books = read_blobs(&turned, true, &error);
    assert_non_null(books);
    assert_written(books, &few);
    /* Nothing of a group without players, or with players that hold nothing. */
    struct buffer none;
    buffer_init(&none, 0);
    assert_int_equal(books_encode_group(books, 7, &none, &error), OK);
    assert_int_equal(none.size, 0);
    assert_int_not_equal(books_make_player(books, 7, TEXT("a"), TEXT("9")), BOOKS_NOWHERE);
    assert_int_equal(books_encode_group(books, 7, &none, &error), OK);
    assert_int_equal(none.size, 0);
    assert_int_equal(books_decode_group(books, 7, TEXT(""), &error), OK);
    buffer_deinit(&none);
    books_close(books);
}

static struct blobs forged;

static void assert_refused(const char *words)
{
    for (int shared_first = 0; shared_first < 2; shared_first++) {
        struct error error = ERROR_NONE;
        struct books *books = read_blobs(&forged, shared_first == 1, &error);
        assert_null(books);
        if (strstr(error.message, words) == NULL) fail_msg("`%s` is not told by `%s`", words, error.message);
    }
    forged = everything();
}
static void assert_taken(void)
{
    for (int shared_first = 0; shared_first < 2; shared_first++) {
        struct error error = ERROR_NONE;
        struct books *books = read_blobs(&forged, shared_first == 1, &error);
        if (books == NULL) fail_msg("refused: %s", error.message);
        books_close(books);
    }
    forged = everything();
}
#define WITH(field, value) forged.field = (value)

static void test_damage_at_each_field(void **state)
{
    (void)state;
    forged = everything();
    assert_taken();
    static const char version[] = "has version 3; this program reads 2", balance[] = "a book does not balance",
                      sum[] = "what is reserved is not the sum", suspension[] = "a suspension makes no sense",
                      sense[] = "a reservation makes no sense",
                      settled[] = "a settled reservation still lies in a book", twice[] = "an effect is reserved twice",
                      not_there[] = "a reservation lies in a book that is not there",
                      size[] = "it has another size than its contents";
    WITH(shared_version, 3), assert_refused(version);
    WITH(group_version, 3), assert_refused(version);
    WITH(after_shared, 1), assert_refused(size);
    WITH(after_group, 1), assert_refused(size);
    /* A book. */
    WITH(shared[2].superseded, 1), assert_taken();
    WITH(shared[2].superseded, 2), assert_refused(balance);
    WITH(shared[2].given, 0), assert_taken();
    WITH(shared[2].given, -2), assert_refused(balance);
    WITH(shared[2].cap, 300), assert_taken();
    WITH(shared[2].cap, 299), assert_refused(balance);
    WITH(shared[2].cap, -1), assert_refused(balance);
    WITH(shared[3].spent, -1), assert_refused(balance);
    WITH(shared[3].reserved, -1), assert_refused(balance);
    WITH(shared[3].reserved, 7), assert_refused(sum);
    WITH(shared[2].spent, 299), assert_refused(sum); /* Less than may come back. */
    WITH(shared[2].spent, 301), assert_taken();
    WITH(player[0].book[0].spent, 299), assert_refused(sum);
    WITH(player[0].book[0].reserved, 101), assert_refused(sum);
    WITH(player[0].book[0].reserved, 99), assert_refused(sum);
    WITH(player[1].book[0].reserved, 8), assert_refused(sum);
    WITH(player[0].book[1].cap, 0), WITH(player[0].book[1].given, -1), assert_taken();
    WITH(player[0].book[1].cap, -1), assert_refused(balance);
    /* A campaign. */
    WITH(name[1].suspended, 1), assert_taken();
    WITH(name[1].suspended, 2), assert_refused(suspension);
    WITH(name[0].reason, REASON_COUNT), assert_refused(suspension);
    /* A reservation. */
    WITH(player[0].reservation[1].status, 0), assert_refused(sense);
    WITH(player[0].reservation[1].status, 0x80), assert_refused(sense);
    WITH(player[0].reservation[1].status, RESERVATION_LOST), assert_taken();
    WITH(player[0].reservation[1].status, RESERVATION_LOST + 1), assert_refused(sense);
    WITH(player[0].reservation[1].status, RESERVATION_COMMITTED | 0x80), assert_taken();
    WITH(player[0].reservation[1].amount, 0), assert_taken();
    WITH(player[0].reservation[1].amount, -1), assert_refused(sense);
    WITH(player[0].reservation[0].status, RESERVATION_COMMITTED), assert_refused(settled);
    WITH(player[0].reservation[0].status, RESERVATION_RELEASED), assert_refused(settled);
    WITH(player[0].reservation[0].status, RESERVATION_KEPT), assert_refused(sum);
    WITH(player[0].reservation[1].effect, 2), WITH(player[0].reservation[1].last, 0), assert_refused(twice);
    WITH(player[1].reservation[0].effect, 2), WITH(player[1].reservation[0].last, 0), assert_refused(twice);
    WITH(player[0].reservation[0].part[0].of_player, 2), assert_refused(sense);
    WITH(player[0].reservation[0].part[0].of_player, 1), assert_refused(not_there);
    WITH(player[0].reservation[0].part[2].last, 3), assert_refused(not_there);
    WITH(player[0].reservation[0].part[2].id, 1), assert_refused(not_there);
    WITH(player[0].reservation[0].part[2].start, 1), assert_refused(not_there);
    WITH(player[0].reservation[0].part[0].last, 3), assert_refused(sum);
    WITH(player[0].reservation[0].part[0].start, 1), assert_refused(sum);
    WITH(player[0].reservation[0].count, 2), assert_refused(sum);
    WITH(player[0].reservation[0].amount, 99), assert_refused(sum);
    WITH(player[0].reservation[3].amount, 301), assert_refused(sum);
    WITH(player[0].reservation[3].amount, 299), assert_taken();
    /* The same player twice. */
    WITH(player[1].player, "9"), assert_refused("a player stands in it twice");
    WITH(player[1].brand, "b"), WITH(player[1].player, "9"), assert_taken();
    /* Sums beyond all numbers. */
    for (int own = 0; own < 2; own++) {
        for (int kept = 0; kept < 2; kept++) {
            forged = (struct blobs){.shared_version = 2, .group_version = 2, .shared_count = 1, .player_count = 1};
            struct book_bytes book = {0, 0, 0, INT64_MAX, kept ? 0 : INT64_MAX, kept ? INT64_MAX : 0, -1, 0};
            forged.shared[0] = book;
            forged.player[0] = (struct player_bytes){.brand = "a", .player = "p", .book_count = 1, .book = {book}};
            forged.player[0].reservation_count = 2;
            for (uint8_t i = 0; i < 2; i++) {
                forged.player[0].reservation[i] = (struct reservation_bytes){
                    i, 0,   INT64_MAX, 1, (uint8_t)(kept ? RESERVATION_KEPT : RESERVATION_OPEN),
                    1, "A", "o",       1, {{(uint8_t)own, 0, 0, 0}}};
            }
            struct blobs before = forged;
            assert_refused(sum);
            forged = before;
            forged.player[0].reservation[1].amount = 0;
            /* The other book says it holds what nobody reserved. */
            if (own)
                forged.shared_count = 0;
            else
                forged.player[0].book_count = 0;
            assert_taken();
        }
    }
}

/* From which byte on a blob that ends is said to end within what. */
struct cut {
    size_t from;
    const char *words;
};
static void assert_told(const struct error *error, size_t size, const struct cut *cut)
{
    while (cut[1].words != NULL && cut[1].from <= size) cut++;
    if (strstr(error->message, cut->words) == NULL) fail_msg("cut at %zu: %s", size, error->message);
}

static void test_cut_short_anywhere(void **state)
{
    (void)state;
    struct blobs all = everything();
    struct error error = ERROR_NONE;
    struct buffer shared, group;
    buffer_init(&shared, 0);
    buffer_init(&group, 0);
    put_shared(&all, &shared);
    put_group(&all, &group);
    static const struct cut of_shared[] = {{0, "version 0"},      {1, "another size"},        {5, "within a book"},
                                           {233, "another size"}, {237, "within a campaign"}, {0, NULL}};
    static const struct cut of_group[] = {{1, "another size"},           {5, "within a player"},
                                          {19, "within a book"},         {133, "within a player"},
                                          {137, "within a reservation"}, {508, "within a player"},
                                          {523, "within a book"},        {580, "another size"},
                                          {584, "within a reservation"}, {0, NULL}};
    for (size_t size = 0; size < shared.size; size++) {
        struct books *books = open_books();
        assert_int_equal(books_decode_shared(books, text_make((const char *)shared.bytes, size), &error),
                         STATUS_CORRUPT);
        assert_told(&error, size, of_shared);
        books_close(books);
    }
    for (size_t size = 1; size < group.size; size++) {
        struct books *books = open_books();
        assert_int_equal(books_decode_group(books, GROUP, text_make((const char *)group.bytes, size), &error),
                         STATUS_CORRUPT);
        assert_told(&error, size, of_group);
        books_close(books);
    }
    buffer_deinit(&shared);
    buffer_deinit(&group);
}

/* Where memory is out, that is what is told, and nothing is lost of what the books are read from or write. */
static void test_each_allocation_may_fail(void **state)
{
    (void)state;
    struct blobs all = everything();
    struct error error = ERROR_NONE;
    struct books *whole = read_blobs(&all, true, &error);
    struct buffer blob[2], out;
    buffer_init(&blob[0], 0);
    buffer_init(&blob[1], 0);
    buffer_init(&out, 0);
    put_shared(&all, &blob[0]);
    put_group(&all, &blob[1]);
    for (uint32_t what = 0; what < 6; what++) {
        bool done = false;
        for (uint64_t nth = 1; !done; nth++) {
            assert_true(nth < 1000);
            struct books *books = NULL;
            enum status status = OK;
            error = (struct error)ERROR_NONE;
            if (what == 0 || what == 1) books = open_books();
            buffer_deinit(&out);
            buffer_init(&out, 0);
            memory_fail_once(nth);
            switch (what) {
            case 0: status = books_decode_shared(books, buffer_as_text(&blob[0]), &error); break;
            case 1: status = books_decode_group(books, GROUP, buffer_as_text(&blob[1]), &error); break;
            case 2: status = books_encode_shared(whole, &out, &error); break;
            case 3: status = books_encode_group(whole, GROUP, &out, &error); break;
            case 4: status = books_check(whole, &error); break;
            case 5: status = books_open(&books, &error); break;
            }
            bool reached = memory_count() >= nth;
            memory_fail_once(0);
            done = !reached;
            assert_int_equal(status, reached ? STATUS_NO_MEMORY : OK);
            if (reached) assert_non_null(strstr(error.message, "no memory"));
            if (what == 5 && reached) books = NULL;
            books_close(books);
        }
    }
    assert_written(whole, &all);
    books_close(whole);
    books_close(NULL);
    for (uint32_t i = 0; i < 2; i++) buffer_deinit(&blob[i]);
    buffer_deinit(&out);
}

/* ------------------------------------------------------------------------------------------------- tables */

static uint64_t random_state = 88172645463325252u;
static uint32_t draw(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 33) % below;
}

enum { THINGS = 300 };

/* Identities of which many have one hash: the first eight bytes and the start decide it. */
static struct crypto_id thing_id(uint32_t number)
{
    struct crypto_id id = {{0}};
    id.bytes[0] = (uint8_t)(number % 20);
    id.bytes[15] = (uint8_t)(number / 20);
    return id;
}

static void test_shared_books_are_found_again(void **state)
{
    (void)state;
    struct books *books = open_books();
    bool there[THINGS] = {false};
    uint32_t count = 0, most = 0;
    for (uint32_t turn = 0; turn < 20000; turn++) {
        uint32_t number = draw(draw(2) == 0 ? THINGS : 40);
        int64_t start = number % 3;
        uint32_t place = books_find_shared(books, thing_id(number), start);
        assert_int_equal(place != BOOKS_NOWHERE, there[number]);
        assert_int_equal(books_find_shared(books, thing_id(number), start + 100), BOOKS_NOWHERE);
        if (there[number]) {
            assert_int_equal(books->shared.book[place].cap, number);
            assert_int_equal(books_make_shared(books, thing_id(number), start), place);
            if (draw(2) == 0) continue;
            books_drop_shared(books, place);
            there[number] = false;
            count--;
        } else {
            place = books_make_shared(books, thing_id(number), start);
            assert_int_not_equal(place, BOOKS_NOWHERE);
            const struct book *book = &books->shared.book[place];
            assert_true(book->used && book->given == -1 && book->start == start && book->reserved == 0 &&
                        book->spent == 0 && book->kept == 0 && !book->superseded);
            assert_memory_equal(book->id.bytes, thing_id(number).bytes, 16);
            books->shared.book[place].cap = number;
            there[number] = true;
            count++;
        }
        if (count > most) most = count;
        assert_int_equal(books->shared.count, most); /* Places are used again. */
        assert_int_equal(books->shared_index.count, count);
    }
    books_close(books);
}

static void test_players_are_found_again(void **state)
{
    (void)state;
    struct books *books = open_books();
    bool there[THINGS] = {false};
    uint32_t count = 0, most = 0;
    for (uint32_t turn = 0; turn < 20000; turn++) {
        uint32_t number = draw(THINGS);
        char text[16];
        (void)snprintf(text, sizeof text, "%u", number / 6);
        struct text brand = number % 2 == 0 ? TEXT("") : TEXT("b"), name = text_of(text);
        uint16_t group = (uint16_t)(number % 3);
        uint32_t place = books_find_player(books, group, brand, name);
        assert_int_equal(place != BOOKS_NOWHERE, there[number]);
        if (there[number] && draw(2) == 0) {
            assert_int_equal(books_make_player(books, group, brand, name), place);
            books_drop_player(books, place);
            there[number] = false;
            count--;
        } else if (!there[number]) {
            place = books_make_player(books, group, brand, name);
            assert_int_not_equal(place, BOOKS_NOWHERE);
            const struct books_player *one = &books->player[place];
            assert_true(one->used && one->group == group && one->reservation_first == BOOKS_NOWHERE &&
                        one->books.count == 0 && text_equal(one->brand, brand) && text_equal(one->player, name));
            assert_int_not_equal(books_make_in_player(&books->player[place], thing_id(number), 0), BOOKS_NOWHERE);
            there[number] = true;
            count++;
        }
        if (count > most) most = count;
        assert_int_equal(books->player_count, most);
        if (turn % 16 != 0) continue;
        /* The lists of the groups hold each player once, forwards and back. */
        uint32_t listed = 0;
        for (uint32_t g = 0; g < 3; g++) {
            uint32_t before = BOOKS_NOWHERE;
            for (uint32_t i = books->group_first[g]; i != BOOKS_NOWHERE; i = books->player[i].next) {
                assert_int_equal(books->player[i].group, g);
                assert_int_equal(books->player[i].previous, before);
                assert_true(books->player[i].used);
                before = i;
                listed++;
            }
        }
        assert_int_equal(listed, count);
    }
    /* The books of one player: a place is used again, and another period is another book. */
    uint32_t place = books_make_player(books, 9, TEXT("x"), TEXT("y"));
    struct books_player *one = &books->player[place];
    for (uint32_t i = 0; i < 40; i++) assert_int_equal(books_make_in_player(one, thing_id(i), i % 2), i);
    for (uint32_t i = 0; i < 40; i++) assert_int_equal(books_make_in_player(one, thing_id(i), i % 2), i);
    assert_int_equal(books_find_in_player(one, thing_id(7), 0), BOOKS_NOWHERE);
    one->books.book[7].used = one->books.book[0].used = false;
    assert_int_equal(books_find_in_player(one, thing_id(7), 1), BOOKS_NOWHERE);
    assert_int_equal(books_make_in_player(one, thing_id(60), 0), 0);
    assert_int_equal(books_make_in_player(one, thing_id(61), 0), 7);
    assert_int_equal(books_make_in_player(one, thing_id(62), 0), 40);
    books_close(books);
}

static void test_reservations_are_found_again(void **state)
{
    (void)state;
    struct books *books = open_books();
    uint32_t owner[3], parts[THINGS];
    bool there[THINGS] = {false};
    for (uint32_t i = 0; i < 3; i++) owner[i] = books_make_player(books, 1, TEXT("b"), text_make(&"abc"[i], 1));
    uint32_t count = 0, most = 0;
    for (uint32_t turn = 0; turn < 20000; turn++) {
        uint32_t number = draw(THINGS);
        struct crypto_id effect = thing_id(number);
        uint32_t place = books_find_reservation(books, effect.bytes);
        assert_int_equal(place != BOOKS_NOWHERE, there[number]);
        if (there[number]) {
            struct reservation *one = &books->reservation[place];
            assert_int_equal(one->part_count, parts[number]);
            for (uint32_t i = 0; i < parts[number]; i++) assert_int_equal(reservation_parts(one)[i], number + i);
            if (draw(3) == 0) {
                uint32_t to = draw(3);
                books_unlink_reservation(books, place);
                books_link_reservation(books, place, owner[to]);
                assert_int_equal(one->player, owner[to]);
            } else if (draw(2) == 0) {
                if (draw(4) == 0) {
                    books_drop_parts(one);
                    assert_int_equal(one->part_count, 0);
                }
                books_drop_reservation(books, place);
                assert_int_equal(one->status, RESERVATION_FREE);
                there[number] = false;
                count--;
            }
        } else {
            parts[number] = draw(9);
            place = books_make_reservation(books, effect.bytes, owner[draw(3)], parts[number]);
            assert_int_not_equal(place, BOOKS_NOWHERE);
            struct reservation *one = &books->reservation[place];
            assert_true(one->status == RESERVATION_OPEN && one->amount == 0 && !one->returnable);
            assert_memory_equal(one->effect, effect.bytes, 16);
            for (uint32_t i = 0; i < parts[number]; i++) reservation_parts(one)[i] = number + i;
            there[number] = true;
            count++;
        }
        if (count > most) most = count;
        assert_int_equal(books->reservation_count, most);
        if (turn % 16 != 0) continue;
        uint32_t listed = 0;
        for (uint32_t p = 0; p < 3; p++) {
            uint32_t before = BOOKS_NOWHERE;
            for (uint32_t i = books->player[owner[p]].reservation_first; i != BOOKS_NOWHERE;
                 i = books->reservation[i].next) {
                assert_int_equal(books->reservation[i].player, owner[p]);
                assert_int_equal(books->reservation[i].previous, before);
                before = i;
                listed++;
            }
        }
        assert_int_equal(listed, count);
    }
    books_close(books);
}

static void test_names_are_found_again(void **state)
{
    (void)state;
    struct books *books = open_books();
    char text[16];
    for (uint32_t i = 0; i < 500; i++) {
        (void)snprintf(text, sizeof text, "%s%u", i % 2 == 0 ? "" : "name ", i);
        struct text name = text_make(text, i == 0 ? 0 : strlen(text));
        assert_int_equal(books_find_name(books, name), BOOKS_NOWHERE);
        assert_int_equal(books_make_name(books, name), i);
        assert_int_equal(books_make_name(books, name), i);
        assert_true(text_equal(books->name[i].name, name));
        assert_false(books->name[i].suspended || books->name[i].entrants > 0);
    }
    for (uint32_t i = 1; i < 500; i++) {
        (void)snprintf(text, sizeof text, "%s%u", i % 2 == 0 ? "" : "name ", i);
        assert_int_equal(books_find_name(books, text_of(text)), i);
    }
    assert_int_equal(books_find_name(books, TEXT("")), 0);
    books_close(books);
}

static int set_up(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    return crypto_start(&error) != OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_identity_of_a_limit_never_changes),
        cmocka_unit_test(test_each_field_has_its_place),
        cmocka_unit_test(test_a_single_entrant_is_kept),
        cmocka_unit_test(test_the_order_is_that_of_names),
        cmocka_unit_test(test_damage_at_each_field),
        cmocka_unit_test(test_cut_short_anywhere),
        cmocka_unit_test(test_each_allocation_may_fail),
        cmocka_unit_test(test_shared_books_are_found_again),
        cmocka_unit_test(test_players_are_found_again),
        cmocka_unit_test(test_reservations_are_found_again),
        cmocka_unit_test(test_names_are_found_again),
    };
    return cmocka_run_group_tests_name("books: bytes and tables", tests, set_up, NULL);
}
