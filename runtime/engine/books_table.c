/* Where the books lie: the tables of books, players, reservations and names, and the one index they share.
 *
 * No rule of money is here (books.c) and no byte of a checkpoint (books_codec.c).
 */
#include "runtime/engine/books_state.h"

#include "vm/memory.h"

/* ------------------------------------------------------------------------------------------------- the index */

/* Room for one more; false when memory is out. Half full at most. */
static bool index_reserve(struct books_index *index)
{
    if (index->capacity != 0 && index->count < index->capacity / 2) return true;
    uint32_t capacity = index->capacity == 0 ? 16 : index->capacity * 2;
    struct books_slot *slot = memory_alloc_array(capacity, sizeof *slot);
    if (slot == NULL) return false;
    for (uint32_t i = 0; i < capacity; i++) slot[i].value = BOOKS_NOWHERE;
    for (uint32_t i = 0; i < index->capacity; i++) {
        if (index->slot[i].value == BOOKS_NOWHERE) continue;
        uint32_t at = index->slot[i].hash & (capacity - 1);
        while (slot[at].value != BOOKS_NOWHERE) at = (at + 1) & (capacity - 1);
        slot[at] = index->slot[i];
    }
    memory_release(index->slot);
    index->slot = slot;
    index->capacity = capacity;
    return true;
}

/* The caller has reserved room and knows that the thing is not there. */
static void index_add(struct books_index *index, uint32_t hash, uint32_t value)
{
    uint32_t at = hash & (index->capacity - 1);
    while (index->slot[at].value != BOOKS_NOWHERE) at = (at + 1) & (index->capacity - 1);
    index->slot[at] = (struct books_slot){.hash = hash, .value = value};
    index->count++;
}

/* Takes the value out and closes the gap, so that there are no graves to step over. */
static void index_remove(struct books_index *index, uint32_t hash, uint32_t value)
{
    uint32_t mask = index->capacity - 1;
    uint32_t at = hash & mask;
    while (index->slot[at].value != value) {
        INVARIANT(index->slot[at].value != BOOKS_NOWHERE);
        at = (at + 1) & mask;
    }
    uint32_t hole = at;
    for (;;) {
        at = (at + 1) & mask;
        if (index->slot[at].value == BOOKS_NOWHERE) break;
        uint32_t home = index->slot[at].hash & mask;
        /* It may move into the hole unless its home lies behind the hole (counted round the table). */
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            index->slot[hole] = index->slot[at];
            hole = at;
        }
    }
    index->slot[hole].value = BOOKS_NOWHERE;
    index->count--;
}

#define INDEX_EACH(index, wanted, value)                                                  \
    for (uint32_t at_ = (index)->capacity == 0 ? 0 : (wanted) & ((index)->capacity - 1);  \
         (index)->capacity != 0 && ((value) = (index)->slot[at_].value) != BOOKS_NOWHERE; \
         at_ = (at_ + 1) & ((index)->capacity - 1))                                       \
        if ((index)->slot[at_].hash == (wanted))

static uint32_t fold_hash(uint64_t hash)
{
    hash *= UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(hash >> 32);
}

static uint32_t hash_book(struct crypto_id id, int64_t start)
{
    return fold_hash(buffer_load_u64(id.bytes) + (uint64_t)start);
}
static uint32_t hash_player(uint16_t group, struct text brand, struct text player)
{
    return fold_hash(text_hash(player) * 31 + text_hash(brand) + group);
}
static uint32_t hash_effect(const uint8_t effect[16])
{
    return fold_hash(buffer_load_u64(effect));
}

/* ------------------------------------------------------------------------------------------------- books */

/* A free place at the end of the array or in a gap; BOOKS_NOWHERE when memory is out. */
static uint32_t place_book(struct book_array *array, struct crypto_id id, int64_t start)
{
    uint32_t place = BOOKS_NOWHERE;
    for (uint32_t i = 0; i < array->count && place == BOOKS_NOWHERE; i++) {
        if (!array->book[i].used) place = i;
    }
    if (place == BOOKS_NOWHERE) {
        if (array->count == array->capacity) {
            uint32_t capacity = array->capacity == 0 ? 2 : array->capacity * 2;
            struct book *book = memory_resize_array(array->book, capacity, sizeof *book);
            if (book == NULL) return BOOKS_NOWHERE;
            array->book = book;
            array->capacity = capacity;
        }
        place = array->count++;
    }
    array->book[place] = (struct book){.id = id, .start = start, .given = -1, .used = true};
    return place;
}

static bool same_id(const struct crypto_id *left, const struct crypto_id *right)
{
    return memcmp(left->bytes, right->bytes, sizeof left->bytes) == 0;
}

uint32_t books_find_shared(const struct books *books, struct crypto_id id, int64_t start)
{
    uint32_t hash = hash_book(id, start);
    uint32_t value = BOOKS_NOWHERE;
    INDEX_EACH(&books->shared_index, hash, value)
    {
        const struct book *book = &books->shared.book[value];
        if (book->start == start && same_id(&book->id, &id)) return value;
    }
    return BOOKS_NOWHERE;
}

uint32_t books_make_shared(struct books *books, struct crypto_id id, int64_t start)
{
    uint32_t place = books_find_shared(books, id, start);
    if (place != BOOKS_NOWHERE) return place;
    if (!index_reserve(&books->shared_index)) return BOOKS_NOWHERE;
    place = place_book(&books->shared, id, start);
    if (place != BOOKS_NOWHERE) index_add(&books->shared_index, hash_book(id, start), place);
    return place;
}

void books_drop_shared(struct books *books, uint32_t place)
{
    struct book *book = &books->shared.book[place];
    index_remove(&books->shared_index, hash_book(book->id, book->start), place);
    book->used = false;
}

uint32_t books_find_in_player(const struct books_player *player, struct crypto_id id, int64_t start)
{
    for (uint32_t i = 0; i < player->books.count; i++) {
        const struct book *book = &player->books.book[i];
        if (book->used && book->start == start && same_id(&book->id, &id)) return i;
    }
    return BOOKS_NOWHERE;
}

uint32_t books_make_in_player(struct books_player *player, struct crypto_id id, int64_t start)
{
    uint32_t place = books_find_in_player(player, id, start);
    return place != BOOKS_NOWHERE ? place : place_book(&player->books, id, start);
}

/* ------------------------------------------------------------------------------------------------- players */

uint32_t books_find_player(const struct books *books, uint16_t group, struct text brand, struct text player)
{
    uint32_t hash = hash_player(group, brand, player);
    uint32_t value = BOOKS_NOWHERE;
    INDEX_EACH(&books->player_index, hash, value)
    {
        const struct books_player *one = &books->player[value];
        if (one->group == group && text_equal(one->player, player) && text_equal(one->brand, brand)) return value;
    }
    return BOOKS_NOWHERE;
}

uint32_t books_make_player(struct books *books, uint16_t group, struct text brand, struct text player)
{
    uint32_t place = books_find_player(books, group, brand, player);
    if (place != BOOKS_NOWHERE) return place;
    if (!index_reserve(&books->player_index)) return BOOKS_NOWHERE;
    if (books->player_free == BOOKS_NOWHERE && books->player_count == books->player_capacity) {
        uint32_t capacity = books->player_capacity == 0 ? 64 : books->player_capacity * 2;
        struct books_player *grown = memory_resize_array(books->player, capacity, sizeof *grown);
        if (grown == NULL) return BOOKS_NOWHERE;
        books->player = grown;
        books->player_capacity = capacity;
    }
    char *block = memory_alloc((size_t)brand.size + player.size);
    if (block == NULL) return BOOKS_NOWHERE;
    if (brand.size > 0) memcpy(block, brand.at, brand.size);
    if (player.size > 0) memcpy(block + brand.size, player.at, player.size);
    if (books->player_free != BOOKS_NOWHERE) {
        place = books->player_free;
        books->player_free = books->player[place].next;
    } else {
        place = books->player_count++;
    }
    struct books_player *one = &books->player[place];
    *one = (struct books_player){.brand = {block, brand.size},
                                 .player = {block + brand.size, player.size},
                                 .group = group,
                                 .used = true,
                                 .reservation_first = BOOKS_NOWHERE,
                                 .next = books->group_first[group],
                                 .previous = BOOKS_NOWHERE};
    if (one->next != BOOKS_NOWHERE) books->player[one->next].previous = place;
    books->group_first[group] = place;
    index_add(&books->player_index, hash_player(group, brand, player), place);
    return place;
}

/* Gives an entry back; its reservations have been moved away. */
void books_drop_player(struct books *books, uint32_t place)
{
    struct books_player *one = &books->player[place];
    INVARIANT(one->reservation_first == BOOKS_NOWHERE);
    index_remove(&books->player_index, hash_player(one->group, one->brand, one->player), place);
    if (one->next != BOOKS_NOWHERE) books->player[one->next].previous = one->previous;
    if (one->previous != BOOKS_NOWHERE) {
        books->player[one->previous].next = one->next;
    } else {
        books->group_first[one->group] = one->next;
    }
    memory_release(one->books.book);
    memory_release((void *)(uintptr_t)one->brand.at);
    *one = (struct books_player){.next = books->player_free};
    books->player_free = place;
}

/* ------------------------------------------------------------------------------------------------- reservations */

uint32_t books_find_reservation(const struct books *books, const uint8_t effect[16])
{
    uint32_t hash = hash_effect(effect);
    uint32_t value = BOOKS_NOWHERE;
    INDEX_EACH(&books->reservation_index, hash, value)
    {
        if (memcmp(books->reservation[value].effect, effect, 16) == 0) return value;
    }
    return BOOKS_NOWHERE;
}

void books_link_reservation(struct books *books, uint32_t place, uint32_t player)
{
    struct reservation *reservation = &books->reservation[place];
    struct books_player *owner = &books->player[player];
    reservation->player = player;
    reservation->previous = BOOKS_NOWHERE;
    reservation->next = owner->reservation_first;
    if (reservation->next != BOOKS_NOWHERE) books->reservation[reservation->next].previous = place;
    owner->reservation_first = place;
}

void books_unlink_reservation(struct books *books, uint32_t place)
{
    struct reservation *reservation = &books->reservation[place];
    if (reservation->next != BOOKS_NOWHERE) books->reservation[reservation->next].previous = reservation->previous;
    if (reservation->previous != BOOKS_NOWHERE) {
        books->reservation[reservation->previous].next = reservation->next;
    } else {
        books->player[reservation->player].reservation_first = reservation->next;
    }
}

uint32_t books_make_reservation(struct books *books, const uint8_t effect[16], uint32_t player, uint32_t part_count)
{
    INVARIANT(part_count <= UINT16_MAX);
    if (!index_reserve(&books->reservation_index)) return BOOKS_NOWHERE;
    if (books->reservation_free == BOOKS_NOWHERE && books->reservation_count == books->reservation_capacity) {
        uint32_t capacity = books->reservation_capacity == 0 ? 64 : books->reservation_capacity * 2;
        struct reservation *grown = memory_resize_array(books->reservation, capacity, sizeof *grown);
        if (grown == NULL) return BOOKS_NOWHERE;
        books->reservation = grown;
        books->reservation_capacity = capacity;
    }
    uint32_t *outside = NULL;
    if (part_count > BOOKS_PARTS_INLINE) {
        outside = memory_alloc_array(part_count, sizeof *outside);
        if (outside == NULL) return BOOKS_NOWHERE;
    }
    uint32_t place = books->reservation_free;
    if (place != BOOKS_NOWHERE) {
        books->reservation_free = books->reservation[place].next;
    } else {
        place = books->reservation_count++;
    }
    struct reservation *reservation = &books->reservation[place];
    *reservation = (struct reservation){.part_count = (uint16_t)part_count, .status = RESERVATION_OPEN};
    memcpy(reservation->effect, effect, 16);
    if (outside != NULL) reservation->part.outside = outside;
    books_link_reservation(books, place, player);
    index_add(&books->reservation_index, hash_effect(effect), place);
    return place;
}

void books_drop_parts(struct reservation *reservation)
{
    if (reservation->part_count > BOOKS_PARTS_INLINE) memory_release(reservation->part.outside);
    reservation->part_count = 0;
}

void books_drop_reservation(struct books *books, uint32_t place)
{
    struct reservation *reservation = &books->reservation[place];
    books_unlink_reservation(books, place);
    index_remove(&books->reservation_index, hash_effect(reservation->effect), place);
    books_drop_parts(reservation);
    *reservation = (struct reservation){.status = RESERVATION_FREE, .next = books->reservation_free};
    books->reservation_free = place;
}

/* ------------------------------------------------------------------------------------------------- names */

uint32_t books_find_name(const struct books *books, struct text name)
{
    uint32_t hash = fold_hash(text_hash(name));
    uint32_t value = BOOKS_NOWHERE;
    INDEX_EACH(&books->name_index, hash, value)
    {
        if (text_equal(books->name[value].name, name)) return value;
    }
    return BOOKS_NOWHERE;
}

uint32_t books_make_name(struct books *books, struct text name)
{
    uint32_t place = books_find_name(books, name);
    if (place != BOOKS_NOWHERE) return place;
    if (!index_reserve(&books->name_index)) return BOOKS_NOWHERE;
    if (books->name_count == books->name_capacity) {
        uint32_t capacity = books->name_capacity == 0 ? 16 : books->name_capacity * 2;
        struct books_name *grown = memory_resize_array(books->name, capacity, sizeof *grown);
        if (grown == NULL) return BOOKS_NOWHERE;
        books->name = grown;
        books->name_capacity = capacity;
    }
    char *copy = memory_alloc(name.size);
    if (copy == NULL) return BOOKS_NOWHERE;
    if (name.size > 0) memcpy(copy, name.at, name.size);
    place = books->name_count++;
    books->name[place] = (struct books_name){.name = {copy, name.size}};
    index_add(&books->name_index, fold_hash(text_hash(name)), place);
    return place;
}

/* ------------------------------------------------------------------------------------------------- life */

enum status books_open(struct books **out, struct error *error)
{
    struct books *books = memory_alloc(sizeof *books);
    if (books == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory for the books");
    books->player_free = BOOKS_NOWHERE;
    books->reservation_free = BOOKS_NOWHERE;
    for (uint32_t i = 0; i < RECORD_GROUPS; i++) books->group_first[i] = BOOKS_NOWHERE;
    *out = books;
    return OK;
}

void books_close(struct books *books)
{
    if (books == NULL) return;
    for (uint32_t i = 0; i < books->player_count; i++) {
        if (!books->player[i].used) continue;
        memory_release(books->player[i].books.book);
        memory_release((void *)(uintptr_t)books->player[i].brand.at);
    }
    for (uint32_t i = 0; i < books->reservation_count; i++) books_drop_parts(&books->reservation[i]);
    for (uint32_t i = 0; i < books->name_count; i++) memory_release((void *)(uintptr_t)books->name[i].name.at);
    memory_release(books->shared.book);
    memory_release(books->shared_index.slot);
    memory_release(books->player);
    memory_release(books->player_index.slot);
    memory_release(books->reservation);
    memory_release(books->reservation_index.slot);
    memory_release(books->name);
    memory_release(books->name_index.slot);
    memory_release(books->limit_id);
    memory_release(books->total_id);
    memory_release(books->player_id);
    memory_release(books->asked);
    memory_release(books);
}
