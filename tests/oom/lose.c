/* Memory that runs out on order. See lose.h. */
#include "tests/oom/lose.h"

#include <errno.h>
#include <execinfo.h> /* backtrace */
#include <malloc.h>   /* memalign */
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uclean.h>

static atomic_uint_fast64_t tried, failed, first;
static atomic_bool for_ever, armed;

void lose_arm(uint64_t nth, bool ever)
{
    atomic_store(&tried, 0);
    atomic_store(&failed, 0);
    atomic_store(&first, nth);
    atomic_store(&for_ever, ever);
    atomic_store(&armed, true);
}

uint64_t lose_disarm(void)
{
    atomic_store(&armed, false);
    return atomic_load(&tried);
}

uint64_t lose_failed(void)
{
    return atomic_load(&failed);
}

/* Callers by a hash of the addresses above us: as many as tell the line of code that asks an arena, and who called it. */
enum { PLACES_MAX = 16384, FRAMES = 8 };

static bool learning;
static atomic_flag learns = ATOMIC_FLAG_INIT;
static uint64_t place_hash[PLACES_MAX], place_number[PLACES_MAX];
static uint32_t place_count, known_count;

void lose_learn(bool learn)
{
    void *frame[FRAMES];
    learning = false;
    if (!learn) return;
    (void)backtrace(frame, FRAMES); /* the first call loads a library */
    place_count = 0;
    learning = true;
}

void lose_forget_places(void)
{
    memset(place_hash, 0, sizeof place_hash);
    known_count = 0;
}

uint32_t lose_places(const uint64_t **out)
{
    *out = place_number;
    return place_count;
}

static void learn_place(uint64_t number)
{
    if (atomic_flag_test_and_set(&learns)) return; /* another thread is at it: its place is enough */
    void *frame[FRAMES];
    const int count = backtrace(frame, FRAMES);
    uint64_t hash = 1469598103934665603u;
    for (int i = 0; i < count; i++) hash = (hash ^ (uint64_t)(uintptr_t)frame[i]) * 1099511628211u;
    uint32_t at = (uint32_t)(hash >> 40) % PLACES_MAX;
    while (place_hash[at] != 0 && place_hash[at] != hash) at = (at + 1) % PLACES_MAX;
    if (place_hash[at] == 0 && known_count < PLACES_MAX / 2) {
        known_count++;
        place_hash[at] = hash;
        place_number[place_count++] = number;
    }
    atomic_flag_clear(&learns);
}

static bool must_fail(void)
{
    if (!atomic_load_explicit(&armed, memory_order_relaxed)) return false;
    const uint64_t number = atomic_fetch_add_explicit(&tried, 1, memory_order_relaxed) + 1;
    if (learning) learn_place(number);
    const uint64_t nth = atomic_load_explicit(&first, memory_order_relaxed);
    if (number != nth && !(number > nth && atomic_load_explicit(&for_ever, memory_order_relaxed))) return false;
    atomic_fetch_add_explicit(&failed, 1, memory_order_relaxed);
    errno = ENOMEM;
    return true;
}

#ifdef __SANITIZE_ADDRESS__

/* Under the linker's --wrap, for our objects alone. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

void *__wrap_malloc(size_t size)
{
    return must_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return must_fail() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    return must_fail() ? NULL : __real_realloc(block, size);
}

static sqlite3_mem_methods usual;

static void *database_malloc(int size)
{
    return must_fail() ? NULL : usual.xMalloc(size);
}

static void *database_realloc(void *block, int size)
{
    return must_fail() ? NULL : usual.xRealloc(block, size);
}

void lose_begin(void)
{
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &usual) != SQLITE_OK) abort();
    sqlite3_mem_methods ours = usual;
    ours.xMalloc = database_malloc;
    ours.xRealloc = database_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) != SQLITE_OK) abort();
}

int64_t lose_live(void)
{
    return 0;
}

#else

static atomic_int_fast64_t live;

/* glibc's own, under the names that it keeps for those who replace malloc. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

static void *born(void *block)
{
    if (block != NULL) atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
    return block;
}

void *malloc(size_t size)
{
    return must_fail() ? NULL : born(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return must_fail() ? NULL : born(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size)
{
    if (must_fail()) return NULL;
    void *moved = __libc_realloc(block, size);
    return block == NULL ? born(moved) : moved;
}

void *memalign(size_t alignment, size_t size)
{
    return must_fail() ? NULL : born(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *block = memalign(alignment, size);
    if (block == NULL) return ENOMEM;
    *out = block;
    return 0;
}

void free(void *block)
{
    if (block != NULL) atomic_fetch_sub_explicit(&live, 1, memory_order_relaxed);
    __libc_free(block);
}

/* ICU's blocks are its own matter: its version 72 follows a null pointer in DateFormat::create when memory is out. Only `promo preview` and
 * `promo terms` use it, never the fold. */
static void *icu_malloc(const void *context, size_t size)
{
    (void)context;
    return __libc_malloc(size);
}

static void *icu_realloc(const void *context, void *block, size_t size)
{
    (void)context;
    return __libc_realloc(block, size);
}

static void icu_free(const void *context, void *block)
{
    (void)context;
    __libc_free(block);
}

void lose_begin(void)
{
    UErrorCode status = U_ZERO_ERROR;
    u_setMemoryFunctions(NULL, icu_malloc, icu_realloc, icu_free, &status);
    if (U_FAILURE(status)) abort();
}

int64_t lose_live(void)
{
    return atomic_load(&live);
}

#endif
