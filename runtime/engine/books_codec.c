/* The bytes of the books in a checkpoint, and their check on the way back.
 *
 * Everything is written in the order of names and identities, never of places in memory, and books that hold nothing
 * are left out: equal states give equal bytes. Blobs may be read in any order: a reservation that speaks of a shared
 * book that has not been read yet makes an empty one, which the shared blob then fills; books_check() tells if not.
 *
 *   shared:  version u8 | count u32, books | count u32, (name, suspended u8, reason u16, since i64, entrants u64)
 *   group:   version u8 | count u32, players
 *   player:  brand, id | count u32, books | count u32, reservations
 *   book:    id 16 | start i64 | cap i64 | reserved i64 | spent i64 | given i64 | superseded u8
 *   reservation: effect 16 | amount i64 | at i64 | status u8 | journey u32 | campaign, offer | count u16, (of player u8, id 16, start i64)
 */
#include "runtime/engine/books_state.h"

#include <stdlib.h>

#include "vm/memory.h"

#define BOOKS_CODEC_VERSION 2u

/* ------------------------------------------------------------------------------------------------- order */

static int compare_books(const void *left, const void *right)
{
    const struct book *a = *(const struct book *const *)left;
    const struct book *b = *(const struct book *const *)right;
    int order = memcmp(a->id.bytes, b->id.bytes, sizeof a->id.bytes);
    if (order != 0) return order;
    return a->start < b->start ? -1 : a->start > b->start;
}

static int compare_names(const void *left, const void *right)
{
    return text_compare((*(const struct books_name *const *)left)->name,
                        (*(const struct books_name *const *)right)->name);
}

static int compare_players(const void *left, const void *right)
{
    const struct books_player *a = *(const struct books_player *const *)left;
    const struct books_player *b = *(const struct books_player *const *)right;
    int order = text_compare(a->brand, b->brand);
    return order != 0 ? order : text_compare_id(a->player, b->player);
}

static int compare_reservations(const void *left, const void *right)
{
    return memcmp((*(const struct reservation *const *)left)->effect,
                  (*(const struct reservation *const *)right)->effect, 16);
}

/* ------------------------------------------------------------------------------------------------- writing */

static bool book_is_empty(const struct book *book)
{
    return !book->used || (book->reserved == 0 && book->spent == 0 && book->given < 0);
}

static enum status no_memory(struct error *error)
{
    return error_set(error, STATUS_NO_MEMORY, "no memory to write a checkpoint of the books");
}

static enum status encode_books(const struct book_array *array, struct buffer *out, struct error *error)
{
    const struct book **sorted = memory_alloc_array((size_t)array->count + 1, sizeof *sorted);
    if (sorted == NULL) return no_memory(error);
    uint32_t count = 0;
    for (uint32_t i = 0; i < array->count; i++) {
        if (!book_is_empty(&array->book[i])) sorted[count++] = &array->book[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_books);
    buffer_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct book *book = sorted[i];
        INVARIANT(book_balances(book));
        buffer_append(out, book->id.bytes, sizeof book->id.bytes);
        buffer_i64(out, book->start);
        buffer_i64(out, book->cap);
        buffer_i64(out, book->reserved);
        buffer_i64(out, book->spent);
        buffer_i64(out, book->given);
        buffer_u8(out, book->superseded ? 1 : 0);
    }
    memory_release(sorted);
    return OK;
}

enum status books_encode_shared(const struct books *books, struct buffer *out, struct error *error)
{
    buffer_u8(out, BOOKS_CODEC_VERSION);
    RETURN_IF_FAILED(encode_books(&books->shared, out, error));
    const struct books_name **sorted = memory_alloc_array((size_t)books->name_count + 1, sizeof *sorted);
    if (sorted == NULL) return no_memory(error);
    uint32_t count = 0;
    for (uint32_t i = 0; i < books->name_count; i++) {
        if (books->name[i].suspended || books->name[i].entrants > 0) sorted[count++] = &books->name[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_names);
    buffer_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        buffer_sized_text(out, sorted[i]->name);
        buffer_u8(out, sorted[i]->suspended ? 1 : 0);
        buffer_u16(out, sorted[i]->reason);
        buffer_i64(out, sorted[i]->since);
        buffer_u64(out, sorted[i]->entrants);
    }
    memory_release(sorted);
    return buffer_ok(out) ? OK : no_memory(error);
}

static void encode_reservation(const struct books *books, const struct books_player *player,
                               const struct reservation *reservation, struct buffer *out)
{
    buffer_append(out, reservation->effect, 16);
    buffer_i64(out, reservation->amount);
    buffer_i64(out, reservation->reserved_at);
    buffer_u8(out, (uint8_t)(reservation->status | (reservation->returnable ? 0x80 : 0)));
    buffer_u32(out, reservation->journey);
    buffer_sized_text(out, books->name[reservation->campaign].name);
    buffer_sized_text(out, books->name[reservation->offer].name);
    buffer_u16(out, reservation->part_count);
    const uint32_t *part = reservation_parts_read(reservation);
    for (uint32_t i = 0; i < reservation->part_count; i++) {
        bool of_player = (part[i] & PART_OF_PLAYER) != 0;
        uint32_t number = part[i] & ~PART_OF_PLAYER;
        const struct book *book = of_player ? &player->books.book[number] : &books->shared.book[number];
        buffer_u8(out, of_player ? 1 : 0);
        buffer_append(out, book->id.bytes, sizeof book->id.bytes);
        buffer_i64(out, book->start);
    }
}

static enum status encode_player(const struct books *books, const struct books_player *player, struct buffer *out,
                                 struct error *error)
{
    buffer_sized_text(out, player->brand);
    buffer_sized_text(out, player->player);
    RETURN_IF_FAILED(encode_books(&player->books, out, error));
    uint32_t count = 0;
    for (uint32_t i = player->reservation_first; i != BOOKS_NOWHERE; i = books->reservation[i].next) count++;
    const struct reservation **sorted = memory_alloc_array((size_t)count + 1, sizeof *sorted);
    if (sorted == NULL) return no_memory(error);
    count = 0;
    for (uint32_t i = player->reservation_first; i != BOOKS_NOWHERE; i = books->reservation[i].next)
        sorted[count++] = &books->reservation[i];
    qsort(sorted, count, sizeof *sorted, compare_reservations);
    buffer_u32(out, count);
    for (uint32_t i = 0; i < count; i++) encode_reservation(books, player, sorted[i], out);
    memory_release(sorted);
    return OK;
}

static bool player_is_empty(const struct books_player *player)
{
    if (player->reservation_first != BOOKS_NOWHERE) return false;
    for (uint32_t i = 0; i < player->books.count; i++) {
        if (!book_is_empty(&player->books.book[i])) return false;
    }
    return true;
}

enum status books_encode_group(const struct books *books, uint16_t group, struct buffer *out, struct error *error)
{
    INVARIANT(group < RECORD_GROUPS);
    uint32_t count = 0;
    for (uint32_t i = books->group_first[group]; i != BOOKS_NOWHERE; i = books->player[i].next) count++;
    if (count == 0) return OK;
    const struct books_player **sorted = memory_alloc_array(count, sizeof *sorted);
    if (sorted == NULL) return no_memory(error);
    count = 0;
    for (uint32_t i = books->group_first[group]; i != BOOKS_NOWHERE; i = books->player[i].next) {
        if (!player_is_empty(&books->player[i])) sorted[count++] = &books->player[i];
    }
    enum status status = OK;
    if (count > 0) {
        qsort(sorted, count, sizeof *sorted, compare_players);
        buffer_u8(out, BOOKS_CODEC_VERSION);
        buffer_u32(out, count);
        for (uint32_t i = 0; i < count && status == OK; i++) status = encode_player(books, sorted[i], out, error);
    }
    memory_release(sorted);
    if (status != OK) return status;
    return buffer_ok(out) ? OK : no_memory(error);
}

/* ------------------------------------------------------------------------------------------------- reading */

static enum status corrupt(struct error *error, const char *what)
{
    return error_set(error, STATUS_CORRUPT, "the checkpoint of the books is damaged: %s", what);
}

static struct crypto_id read_id(struct buffer_reader *reader)
{
    struct crypto_id id = {{0}};
    const unsigned char *bytes = buffer_read_bytes(reader, sizeof id.bytes);
    if (bytes != NULL) memcpy(id.bytes, bytes, sizeof id.bytes);
    return id;
}

static enum status read_version(struct buffer_reader *reader, struct error *error)
{
    uint8_t version = buffer_read_u8(reader);
    if (version == BOOKS_CODEC_VERSION) return OK;
    return error_set(error, STATUS_CORRUPT, "the checkpoint of the books has version %u; this program reads %u",
                     (unsigned)version, BOOKS_CODEC_VERSION);
}

/* Reads one book into `book`, whose place is the caller's. */
static enum status read_book(struct buffer_reader *reader, struct book *book, struct error *error)
{
    book->id = read_id(reader);
    book->start = buffer_read_i64(reader);
    book->cap = buffer_read_i64(reader);
    book->reserved = buffer_read_i64(reader);
    book->spent = buffer_read_i64(reader);
    book->given = buffer_read_i64(reader);
    uint8_t superseded = buffer_read_u8(reader);
    book->superseded = superseded == 1;
    book->kept = 0;
    book->used = true;
    if (reader->failed) return corrupt(error, "it ends within a book");
    if (superseded > 1 || book->given < -1 || book->cap < 0 || !book_balances(book))
        return corrupt(error, "a book does not balance");
    return OK;
}

enum status books_decode_shared(struct books *books, struct text bytes, struct error *error)
{
    struct buffer_reader reader = buffer_read(bytes.at, bytes.size);
    RETURN_IF_FAILED(read_version(&reader, error));
    uint32_t count = buffer_read_u32(&reader);
    for (uint32_t i = 0; i < count; i++) {
        struct book book;
        RETURN_IF_FAILED(read_book(&reader, &book, error));
        uint32_t place = books_make_shared(books, book.id, book.start);
        if (place == BOOKS_NOWHERE) return error_set(error, STATUS_NO_MEMORY, "no memory for the books");
        books->shared.book[place] = book;
    }
    count = buffer_read_u32(&reader);
    for (uint32_t i = 0; i < count; i++) {
        struct text text = buffer_read_sized_text(&reader);
        uint8_t suspended = buffer_read_u8(&reader);
        uint16_t reason = buffer_read_u16(&reader);
        int64_t since = buffer_read_i64(&reader);
        uint64_t entrants = buffer_read_u64(&reader);
        if (reader.failed) return corrupt(error, "it ends within a campaign");
        if (suspended > 1 || reason >= REASON_COUNT) return corrupt(error, "a suspension makes no sense");
        uint32_t place = books_make_name(books, text);
        if (place == BOOKS_NOWHERE) return error_set(error, STATUS_NO_MEMORY, "no memory for the books");
        struct books_name *name = &books->name[place];
        if (suspended == 1 && !name->suspended) books->suspended_count++;
        name->suspended = suspended == 1;
        name->reason = reason;
        name->since = since;
        name->entrants = entrants;
    }
    if (reader.failed || reader.at != reader.size) return corrupt(error, "it has another size than its contents");
    return OK;
}

static enum status decode_reservation(struct books *books, struct buffer_reader *reader, uint32_t player,
                                      struct error *error)
{
    const unsigned char *effect = buffer_read_bytes(reader, 16);
    int64_t amount = buffer_read_i64(reader);
    int64_t reserved_at = buffer_read_i64(reader);
    uint8_t status = buffer_read_u8(reader);
    bool returnable = (status & 0x80) != 0;
    status &= 0x7F;
    uint32_t journey = buffer_read_u32(reader);
    struct text campaign = buffer_read_sized_text(reader);
    struct text offer = buffer_read_sized_text(reader);
    uint16_t part_count = buffer_read_u16(reader);
    if (effect == NULL || reader->failed) return corrupt(error, "it ends within a reservation");
    if (amount < 0 || status == RESERVATION_FREE || status > RESERVATION_LOST)
        return corrupt(error, "a reservation makes no sense");
    if (status != RESERVATION_OPEN && status != RESERVATION_KEPT && status != RESERVATION_LOST && part_count != 0)
        return corrupt(error, "a settled reservation still lies in a book");
    if (books_find_reservation(books, effect) != BOOKS_NOWHERE) return corrupt(error, "an effect is reserved twice");
    uint32_t campaign_name = books_make_name(books, campaign);
    uint32_t offer_name = books_make_name(books, offer);
    uint32_t place = BOOKS_NOWHERE;
    if (campaign_name != BOOKS_NOWHERE && offer_name != BOOKS_NOWHERE)
        place = books_make_reservation(books, effect, player, part_count);
    if (place == BOOKS_NOWHERE) return error_set(error, STATUS_NO_MEMORY, "no memory for the books");
    books->reservation[place].amount = amount;
    books->reservation[place].reserved_at = reserved_at;
    books->reservation[place].status = status;
    books->reservation[place].returnable = returnable;
    if (status == RESERVATION_LOST) books->any_lost = true;
    books->reservation[place].campaign = campaign_name;
    books->reservation[place].offer = offer_name;
    books->reservation[place].journey = journey;
    for (uint32_t i = 0; i < part_count; i++) {
        uint8_t of_player = buffer_read_u8(reader);
        struct crypto_id id = read_id(reader);
        int64_t start = buffer_read_i64(reader);
        if (reader->failed) return corrupt(error, "it ends within a reservation");
        uint32_t number;
        if (of_player == 1) {
            number = books_find_in_player(&books->player[player], id, start);
            if (number == BOOKS_NOWHERE) return corrupt(error, "a reservation lies in a book that is not there");
            number |= PART_OF_PLAYER;
        } else {
            if (of_player != 0) return corrupt(error, "a reservation makes no sense");
            number = books_make_shared(books, id, start);
            if (number == BOOKS_NOWHERE) return error_set(error, STATUS_NO_MEMORY, "no memory for the books");
        }
        reservation_parts(&books->reservation[place])[i] = number;
    }
    return OK;
}

enum status books_decode_group(struct books *books, uint16_t group, struct text bytes, struct error *error)
{
    INVARIANT(group < RECORD_GROUPS);
    if (bytes.size == 0) return OK;
    struct buffer_reader reader = buffer_read(bytes.at, bytes.size);
    RETURN_IF_FAILED(read_version(&reader, error));
    uint32_t players = buffer_read_u32(&reader);
    for (uint32_t i = 0; i < players; i++) {
        struct text brand = buffer_read_sized_text(&reader);
        struct text id = buffer_read_sized_text(&reader);
        uint32_t count = buffer_read_u32(&reader);
        if (reader.failed) return corrupt(error, "it ends within a player");
        if (books_find_player(books, group, brand, id) != BOOKS_NOWHERE)
            return corrupt(error, "a player stands in it twice");
        uint32_t player = books_make_player(books, group, brand, id);
        if (player == BOOKS_NOWHERE) return error_set(error, STATUS_NO_MEMORY, "no memory for the books");
        for (uint32_t b = 0; b < count; b++) {
            struct book book;
            RETURN_IF_FAILED(read_book(&reader, &book, error));
            uint32_t place = books_make_in_player(&books->player[player], book.id, book.start);
            if (place == BOOKS_NOWHERE) return error_set(error, STATUS_NO_MEMORY, "no memory for the books");
            books->player[player].books.book[place] = book;
        }
        count = buffer_read_u32(&reader);
        for (uint32_t r = 0; r < count; r++) RETURN_IF_FAILED(decode_reservation(books, &reader, player, error));
    }
    if (reader.failed || reader.at != reader.size) return corrupt(error, "it has another size than its contents");
    return OK;
}

/* ------------------------------------------------------------------------------------------------- the check of all */

/* Compares `reserved` of each book of an array with the sums worked out, and what may come back with `spent`. */
static bool sums_agree(const struct book_array *array, const int64_t *sum)
{
    for (uint32_t i = 0; i < array->count; i++) {
        const struct book *book = &array->book[i];
        if (book->used && (!book_balances(book) || book->reserved != sum[i] || book->kept > book->spent)) return false;
    }
    return true;
}

enum status books_check(struct books *books, struct error *error)
{
    int64_t *shared = memory_alloc_array((size_t)books->shared.count + 1, sizeof *shared);
    if (shared == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory to check the books");
    for (uint32_t i = 0; i < books->shared.count; i++) books->shared.book[i].kept = 0;
    bool good = true;
    enum status status = OK;
    for (uint32_t p = 0; p < books->player_count && good && status == OK; p++) {
        struct books_player *player = &books->player[p];
        if (!player->used) continue;
        int64_t *own = memory_alloc_array((size_t)player->books.count + 1, sizeof *own);
        if (own == NULL) {
            status = error_set(error, STATUS_NO_MEMORY, "no memory to check the books");
            break;
        }
        for (uint32_t i = 0; i < player->books.count; i++) player->books.book[i].kept = 0;
        for (uint32_t r = player->reservation_first; r != BOOKS_NOWHERE; r = books->reservation[r].next) {
            const struct reservation *reservation = &books->reservation[r];
            const uint32_t *part = reservation_parts_read(reservation);
            for (uint32_t i = 0; i < reservation->part_count && good; i++) {
                uint32_t number = part[i] & ~PART_OF_PLAYER;
                if (reservation_is_kept(reservation)) {
                    struct book *book =
                        (part[i] & PART_OF_PLAYER) != 0 ? &player->books.book[number] : &books->shared.book[number];
                    good = !__builtin_add_overflow(book->kept, reservation->amount, &book->kept);
                    continue;
                }
                int64_t *sum = (part[i] & PART_OF_PLAYER) != 0 ? &own[number] : &shared[number];
                good = !__builtin_add_overflow(*sum, reservation->amount, sum);
            }
        }
        if (good) good = sums_agree(&player->books, own);
        memory_release(own);
    }
    if (status == OK && good) good = sums_agree(&books->shared, shared);
    memory_release(shared);
    if (status != OK) return status;
    return good ? OK : corrupt(error, "what is reserved is not the sum of the reservations");
}
