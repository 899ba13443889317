/* Files of SQLite in memory. Contract: vfs.h. Shared memory of the write-ahead log is shared in the process alone. */
#include "tests/sim/vfs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/status.h"

enum { SECTOR = 512, FILES_MAX = 32, NAME_SIZE = 512, SHM_REGIONS = 64, SHM_LOCKS = SQLITE_SHM_NLOCK };

const char *const vfs_call_names[] = {"open", "read", "write", "truncate", "sync", "delete", "lock"};
const char *const vfs_fault_names[] = {"crash", "error", "short read", "disk full", "busy"};

struct bytes {
    uint8_t *at;
    size_t size, room;
};

/* Written since the last sync; `bytes` NULL: cut to `offset`. */
struct change {
    uint8_t *bytes;
    size_t offset, size;
};

struct node {
    char name[NAME_SIZE];
    bool exists;  /* has a name now */
    bool durable; /* would have one after a crash; of a file that was deleted without a sync: perhaps */
    struct bytes now, disk;
    struct change *change;
    size_t change_count, change_room;
    uint32_t open;
    /* Locks of a rollback journal's kind, and shared memory with its own. */
    uint32_t readers;
    const void *reserved, *pending, *exclusive;
    void *region[SHM_REGIONS];
    uint32_t shm_users;
    int shm_readers[SHM_LOCKS];
    const void *shm_writer[SHM_LOCKS];
};

struct handle {
    sqlite3_file base;
    struct node *node;
    int level;
    bool temporary, shm;
    uint32_t shm_held; /* as a reader, a bit each */
};

struct armed {
    bool waits, came;
    enum vfs_call call;
    uint32_t in, lasts;
};

static struct {
    struct node *node[FILES_MAX];
    uint64_t random;
    int64_t clock_ms, busy_until;
    bool dead, full, lies, overwrites, tells;
    bool looking;
    uint64_t random_kept;
    int64_t busy_kept;
    bool full_kept;
    struct armed armed[VFS_FAULT_COUNT];
    struct vfs_counts counts;
} disk;

/* ---------------------------------------------------------------- small things */

static uint64_t draw(void)
{
    uint64_t x = disk.random += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

void vfs_random(void *out, size_t size)
{
    uint8_t *at = out;
    for (size_t index = 0; index < size; index++) at[index] = (uint8_t)draw();
}

static void *must(void *memory)
{
    INVARIANT(memory != NULL);
    return memory;
}

static void put(struct bytes *bytes, size_t offset, const uint8_t *from, size_t size)
{
    size_t end = offset + size;
    if (end > bytes->room) {
        size_t room = bytes->room == 0 ? 65536 : bytes->room;
        while (room < end) room *= 2;
        bytes->at = must(realloc(bytes->at, room));
        bytes->room = room;
    }
    if (offset > bytes->size) memset(bytes->at + bytes->size, 0, offset - bytes->size);
    if (size > 0) memcpy(bytes->at + offset, from, size);
    if (end > bytes->size) bytes->size = end;
}

static void cut(struct bytes *bytes, size_t size)
{
    if (size > bytes->size) put(bytes, size, NULL, 0);
    bytes->size = size;
}

static void apply(struct bytes *bytes, const struct change *change)
{
    if (change->bytes == NULL) {
        cut(bytes, change->offset);
    } else {
        put(bytes, change->offset, change->bytes, change->size);
    }
}

static void forget_changes(struct node *node)
{
    for (size_t index = 0; index < node->change_count; index++) free(node->change[index].bytes);
    node->change_count = 0;
}

static void add_change(struct node *node, const uint8_t *bytes, size_t offset, size_t size)
{
    if (node->change_count == node->change_room) {
        node->change_room = node->change_room == 0 ? 64 : node->change_room * 2;
        node->change = must(realloc(node->change, node->change_room * sizeof *node->change));
    }
    struct change *change = &node->change[node->change_count++];
    *change = (struct change){.offset = offset, .size = size};
    if (bytes != NULL) {
        change->bytes = must(malloc(size == 0 ? 1 : size));
        memcpy(change->bytes, bytes, size);
    }
    apply(&node->now, change);
}

static void make_durable(struct node *node)
{
    for (size_t index = 0; index < node->change_count; index++) apply(&node->disk, &node->change[index]);
    forget_changes(node);
    /* The first sync of a journal syncs the folder too, and with it every name that stands there by then. */
    for (int index = 0; index < FILES_MAX; index++) {
        if (disk.node[index] != NULL) disk.node[index]->durable = disk.node[index]->exists;
    }
}

static void empty(struct node *node)
{
    forget_changes(node);
    node->now.size = node->disk.size = 0;
}

static void drop_shm(struct node *node)
{
    for (int index = 0; index < SHM_REGIONS; index++) {
        free(node->region[index]);
        node->region[index] = NULL;
    }
}

static void free_node(struct node *node)
{
    forget_changes(node);
    drop_shm(node);
    free(node->change);
    free(node->now.at);
    free(node->disk.at);
    free(node);
}

static struct node *find(const char *name, bool make)
{
    int room = -1;
    for (int index = 0; index < FILES_MAX; index++) {
        if (disk.node[index] == NULL) {
            room = index;
        } else if (strcmp(disk.node[index]->name, name) == 0) {
            return disk.node[index];
        }
    }
    if (!make) return NULL;
    INVARIANT(room >= 0 && strlen(name) < NAME_SIZE);
    struct node *node = must(calloc(1, sizeof *node));
    strcpy(node->name, name);
    disk.node[room] = node;
    return node;
}

/* ---------------------------------------------------------------- faults */

static bool strikes(enum vfs_fault fault, enum vfs_call call)
{
    struct armed *armed = &disk.armed[fault];
    if ((disk.looking && fault != VFS_SHORT) || !armed->waits || armed->call != call) return false;
    if (armed->in > 1) {
        armed->in--;
        return false;
    }
    armed->came = true;
    if (armed->lasts <= 1) armed->waits = false;
    armed->lasts--;
    disk.counts.faults[fault][call]++;
    if (disk.tells) (void)fprintf(stderr, "   [%s at %s]\n", vfs_fault_names[fault], vfs_call_names[call]);
    return true;
}

/* Counts the call. True: the power is off, or goes before the call. */
static bool before(enum vfs_call call, bool *after)
{
    *after = false;
    if (disk.dead) return true;
    if (disk.looking) return false;
    disk.counts.calls[call]++;
    if (disk.armed[VFS_FULL].waits && strikes(VFS_FULL, call)) disk.full = true;
    if (disk.armed[VFS_BUSY].waits && disk.armed[VFS_BUSY].call == call) {
        int64_t lasts = disk.armed[VFS_BUSY].lasts;
        disk.armed[VFS_BUSY].lasts = 1;
        if (strikes(VFS_BUSY, call)) {
            disk.busy_until = disk.clock_ms + lasts;
        } else {
            disk.armed[VFS_BUSY].lasts = (uint32_t)lasts;
        }
    }
    if (strikes(VFS_CRASH, call)) {
        if (draw() % 2 == 0) {
            disk.dead = true;
            return true;
        }
        *after = true;
    }
    return false;
}

static int done(bool after, int result, int error)
{
    if (!after) return result;
    disk.dead = true;
    return error;
}

void vfs_arm(enum vfs_fault fault, enum vfs_call call, uint32_t nth, uint32_t lasts)
{
    disk.armed[fault] = (struct armed){.waits = true, .call = call, .in = nth, .lasts = lasts};
}

void vfs_disarm(enum vfs_fault fault)
{
    disk.armed[fault] = (struct armed){.waits = false};
}

void vfs_calm(void)
{
    for (int index = 0; index < VFS_FAULT_COUNT; index++) disk.armed[index].waits = disk.armed[index].came = false;
    disk.full = false;
    disk.busy_until = disk.clock_ms;
}

bool vfs_came(enum vfs_fault fault)
{
    return disk.armed[fault].came || (fault == VFS_FULL && disk.full) ||
           (fault == VFS_BUSY && disk.clock_ms < disk.busy_until);
}

bool vfs_is_dead(void)
{
    return disk.dead;
}

void vfs_crash(void)
{
    disk.dead = true;
}

void vfs_tell(bool tell)
{
    disk.tells = tell;
}

void vfs_lie(bool lie)
{
    disk.lies = lie;
}

void vfs_pass(int64_t ms)
{
    disk.clock_ms += ms;
}

const struct vfs_counts *vfs_counted(void)
{
    return &disk.counts;
}

/* ---------------------------------------------------------------- after the crash */

static void survive_change(struct node *node, const struct change *change, uint64_t style)
{
    if (change->bytes == NULL) {
        if (draw() % 2 == 0) cut(&node->disk, change->offset);
        return;
    }
    uint64_t fate = style % 4 == 0 ? 0 : draw() % 3; /* in one crash of four nothing unsynced survives */
    if (fate == 0) {
        disk.counts.dropped++;
    } else if (fate == 1) {
        disk.counts.kept++;
        apply(&node->disk, change);
    } else {
        disk.counts.torn++;
        for (size_t at = 0; at < change->size;) {
            size_t end = (change->offset + at) / SECTOR * SECTOR + SECTOR - change->offset;
            if (end > change->size) end = change->size;
            if (draw() % 2 == 0) put(&node->disk, change->offset + at, change->bytes + at, end - at);
            at = end;
        }
    }
}

void vfs_power_on(bool lost)
{
    uint64_t style = draw();
    for (int index = 0; index < FILES_MAX; index++) {
        struct node *node = disk.node[index];
        if (node == NULL) continue;
        INVARIANT(node->open == 0);
        drop_shm(node);
        bool stays = lost ? (node->exists == node->durable ? node->exists : draw() % 2 == 0) : node->exists;
        if (lost) {
            for (size_t at = 0; at < node->change_count; at++) survive_change(node, &node->change[at], style);
            forget_changes(node);
            node->now.size = 0;
            put(&node->now, 0, node->disk.at, node->disk.size);
        } else {
            make_durable(node);
        }
        node->exists = node->durable = stays;
        node->readers = 0;
        node->reserved = node->pending = node->exclusive = NULL;
        memset(node->shm_readers, 0, sizeof node->shm_readers);
        memset(node->shm_writer, 0, sizeof node->shm_writer);
        node->shm_users = 0;
        if (!stays) empty(node);
    }
    disk.dead = false;
    vfs_calm();
}

void vfs_put(const char *name, const void *bytes, size_t size)
{
    struct node *node = find(name, true);
    empty(node);
    node->exists = node->durable = true;
    put(&node->now, 0, bytes, size);
    put(&node->disk, 0, bytes, size);
}

void vfs_begin(uint64_t seed)
{
    for (int index = 0; index < FILES_MAX; index++) {
        if (disk.node[index] == NULL) continue;
        INVARIANT(disk.node[index]->open == 0);
        free_node(disk.node[index]);
        disk.node[index] = NULL;
    }
    disk.random = seed;
    disk.clock_ms = 0;
    disk.dead = disk.lies = false;
    disk.overwrites = draw() % 2 == 0;
    memset(disk.armed, 0, sizeof disk.armed);
    vfs_calm();
    sqlite3_randomness(0, NULL); /* SQLite begins its own series anew, from xRandomness */
}

void vfs_look(const char *from, const char *to)
{
    INVARIANT(!disk.looking && !disk.dead);
    for (int index = 0; index < FILES_MAX; index++) {
        struct node *node = disk.node[index];
        if (node == NULL || !node->exists || strncmp(node->name, from, strlen(from)) != 0) continue;
        char name[NAME_SIZE];
        INVARIANT(snprintf(name, sizeof name, "%s%s", to, node->name + strlen(from)) < NAME_SIZE);
        struct node *copy = find(name, true);
        copy->exists = true;
        put(&copy->now, 0, node->now.at, node->now.size);
    }
    disk.looking = true;
    disk.random_kept = disk.random;
    disk.busy_kept = disk.busy_until;
    disk.full_kept = disk.full;
    disk.full = false;
    disk.busy_until = disk.clock_ms;
}

void vfs_leave(const char *to)
{
    for (int index = 0; index < FILES_MAX; index++) {
        struct node *node = disk.node[index];
        if (node == NULL || strncmp(node->name, to, strlen(to)) != 0) continue;
        INVARIANT(node->open == 0);
        free_node(node);
        disk.node[index] = NULL;
    }
    disk.looking = false;
    disk.random = disk.random_kept;
    disk.busy_until = disk.busy_kept;
    disk.full = disk.full_kept;
}

uint64_t vfs_hash(void)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (int index = 0; index < FILES_MAX; index++) {
        const struct node *node = disk.node[index];
        if (node == NULL || !node->exists) continue;
        for (size_t at = 0; at < node->now.size; at++) hash = (hash ^ node->now.at[at]) * UINT64_C(1099511628211);
    }
    return hash;
}

/* ---------------------------------------------------------------- one open file */

static struct handle *handle_of(sqlite3_file *file)
{
    return (struct handle *)(void *)file;
}

static int file_unlock(sqlite3_file *file, int level);

static int shm_unmap(sqlite3_file *file, int remove);

static int file_close(sqlite3_file *file)
{
    struct handle *handle = handle_of(file);
    (void)file_unlock(file, SQLITE_LOCK_NONE);
    if (handle->shm) (void)shm_unmap(file, 0);
    handle->node->open--;
    if (handle->temporary) free_node(handle->node);
    return SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *out, int amount, sqlite3_int64 offset)
{
    const struct node *node = handle_of(file)->node;
    bool after;
    if (before(VFS_READ, &after)) return SQLITE_IOERR_READ;
    if (strikes(VFS_FAIL, VFS_READ)) return SQLITE_IOERR_READ;
    size_t at = (size_t)offset, want = (size_t)amount;
    size_t there = at >= node->now.size ? 0 : node->now.size - at;
    if (there > want) there = want;
    if (there > 0 && strikes(VFS_SHORT, VFS_READ)) there = (size_t)(draw() % there);
    if (there > 0) memcpy(out, node->now.at + at, there);
    memset((uint8_t *)out + there, 0, want - there);
    return done(after, there == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ, SQLITE_IOERR_READ);
}

static int file_write(sqlite3_file *file, const void *bytes, int amount, sqlite3_int64 offset)
{
    struct handle *handle = handle_of(file);
    bool after;
    if (before(VFS_WRITE, &after)) return SQLITE_IOERR_WRITE;
    size_t size = (size_t)amount;
    if (disk.full && (size_t)offset + size > handle->node->now.size) return SQLITE_FULL;
    if (strikes(VFS_FAIL, VFS_WRITE)) {
        size = (size_t)(draw() % (size + 1));
        add_change(handle->node, bytes, (size_t)offset, size);
        return SQLITE_IOERR_WRITE;
    }
    add_change(handle->node, bytes, (size_t)offset, size);
    return done(after, SQLITE_OK, SQLITE_IOERR_WRITE);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    bool after;
    if (before(VFS_TRUNCATE, &after)) return SQLITE_IOERR_TRUNCATE;
    if (strikes(VFS_FAIL, VFS_TRUNCATE)) return SQLITE_IOERR_TRUNCATE;
    add_change(handle_of(file)->node, NULL, (size_t)size, 0);
    return done(after, SQLITE_OK, SQLITE_IOERR_TRUNCATE);
}

static int file_sync(sqlite3_file *file, int flags)
{
    (void)flags;
    struct handle *handle = handle_of(file);
    bool after;
    if (before(VFS_SYNC, &after)) return SQLITE_IOERR_FSYNC;
    if (strikes(VFS_FAIL, VFS_SYNC)) return SQLITE_IOERR_FSYNC;
    if (!disk.lies) make_durable(handle->node);
    return done(after, SQLITE_OK, SQLITE_IOERR_FSYNC);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *out)
{
    if (disk.dead) return SQLITE_IOERR_FSTAT;
    *out = (sqlite3_int64)handle_of(file)->node->now.size;
    return SQLITE_OK;
}

static int file_lock(sqlite3_file *file, int level)
{
    struct handle *handle = handle_of(file);
    struct node *node = handle->node;
    if (level <= handle->level) return SQLITE_OK;
    bool after;
    if (before(VFS_LOCK, &after)) return SQLITE_IOERR_LOCK;
    if (disk.clock_ms < disk.busy_until) return SQLITE_BUSY;
    if (node->exclusive != NULL && node->exclusive != handle) return SQLITE_BUSY;
    if (level == SQLITE_LOCK_SHARED) {
        if (node->pending != NULL && node->pending != handle) return SQLITE_BUSY;
        node->readers++;
    } else if (level == SQLITE_LOCK_RESERVED) {
        if (node->reserved != NULL && node->reserved != handle) return SQLITE_BUSY;
        node->reserved = handle;
    } else {
        if (node->pending != NULL && node->pending != handle) return SQLITE_BUSY;
        node->pending = handle;
        if (node->readers > 1) return SQLITE_BUSY;
        node->exclusive = handle;
    }
    handle->level = level;
    return done(after, SQLITE_OK, SQLITE_IOERR_LOCK);
}

static int file_unlock(sqlite3_file *file, int level)
{
    struct handle *handle = handle_of(file);
    struct node *node = handle->node;
    if (node->reserved == handle) node->reserved = NULL;
    if (node->pending == handle) node->pending = NULL;
    if (node->exclusive == handle) node->exclusive = NULL;
    if (level == SQLITE_LOCK_NONE && handle->level >= SQLITE_LOCK_SHARED && node->readers > 0) node->readers--;
    if (handle->level > level) handle->level = level;
    return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *file, int *out)
{
    const struct node *node = handle_of(file)->node;
    *out = node->reserved != NULL || node->exclusive != NULL;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int operation, void *argument)
{
    (void)file, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *file)
{
    (void)file;
    return SECTOR;
}

static int file_kind(sqlite3_file *file)
{
    (void)file;
    return disk.overwrites ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0;
}

static int shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
    struct handle *handle = handle_of(file);
    *out = NULL;
    if (disk.dead) return SQLITE_IOERR_SHMMAP;
    if (region >= SHM_REGIONS) return SQLITE_IOERR_SHMMAP;
    if (!handle->shm) {
        handle->shm = true;
        handle->node->shm_users++;
    }
    if (handle->node->region[region] == NULL && extend) handle->node->region[region] = must(calloc(1, (size_t)size));
    *out = handle->node->region[region];
    return SQLITE_OK;
}

static int shm_lock(sqlite3_file *file, int first, int count, int flags)
{
    struct handle *handle = handle_of(file);
    struct node *node = handle->node;
    if ((flags & SQLITE_SHM_UNLOCK) == 0) {
        bool after;
        if (before(VFS_LOCK, &after)) return SQLITE_IOERR_SHMLOCK;
        if (disk.clock_ms < disk.busy_until) return SQLITE_BUSY;
        if (after) {
            disk.dead = true;
            return SQLITE_IOERR_SHMLOCK;
        }
    }
    bool shared = (flags & SQLITE_SHM_SHARED) != 0;
    for (int index = first; (flags & SQLITE_SHM_LOCK) != 0 && index < first + count; index++) {
        bool mine = (handle->shm_held >> index & 1) != 0;
        if (node->shm_writer[index] != NULL && node->shm_writer[index] != handle) return SQLITE_BUSY;
        if (!shared && node->shm_readers[index] > (mine ? 1 : 0)) return SQLITE_BUSY;
    }
    for (int index = first; index < first + count; index++) {
        bool mine = (handle->shm_held >> index & 1) != 0;
        if ((flags & SQLITE_SHM_UNLOCK) != 0) {
            if (node->shm_writer[index] == handle) node->shm_writer[index] = NULL;
            if (mine) {
                node->shm_readers[index]--;
                handle->shm_held &= ~(1u << index);
            }
        } else if (shared) {
            if (!mine) {
                node->shm_readers[index]++;
                handle->shm_held |= 1u << index;
            }
        } else {
            node->shm_writer[index] = handle;
        }
    }
    return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *file)
{
    (void)file;
    __sync_synchronize();
}

static int shm_unmap(sqlite3_file *file, int remove)
{
    struct handle *handle = handle_of(file);
    struct node *node = handle->node;
    (void)remove;
    if (!handle->shm) return SQLITE_OK;
    (void)shm_lock(file, 0, SHM_LOCKS, SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED);
    handle->shm = false;
    if (--node->shm_users == 0) drop_shm(node);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {.iVersion = 2,
                                           .xClose = file_close,
                                           .xRead = file_read,
                                           .xWrite = file_write,
                                           .xTruncate = file_truncate,
                                           .xSync = file_sync,
                                           .xFileSize = file_size,
                                           .xLock = file_lock,
                                           .xUnlock = file_unlock,
                                           .xCheckReservedLock = file_check_reserved,
                                           .xFileControl = file_control,
                                           .xSectorSize = file_sector,
                                           .xDeviceCharacteristics = file_kind,
                                           .xShmMap = shm_map,
                                           .xShmLock = shm_lock,
                                           .xShmBarrier = shm_barrier,
                                           .xShmUnmap = shm_unmap};

/* ---------------------------------------------------------------- the folder */

static int folder_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flags_out)
{
    (void)vfs;
    struct handle *handle = handle_of(file);
    memset(handle, 0, sizeof *handle);
    bool after;
    if (before(VFS_OPEN, &after)) return SQLITE_CANTOPEN;
    if (strikes(VFS_FAIL, VFS_OPEN)) return SQLITE_CANTOPEN;
    struct node *node;
    if (name == NULL) {
        node = must(calloc(1, sizeof *node));
        handle->temporary = true;
    } else {
        node = find(name, true);
        if (!node->exists) {
            if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
            empty(node);
            node->exists = true;
        }
    }
    if (after) {
        if (handle->temporary) free_node(node);
        disk.dead = true;
        return SQLITE_CANTOPEN;
    }
    handle->node = node;
    node->open++;
    handle->base.pMethods = &methods;
    if (flags_out != NULL) *flags_out = flags;
    return SQLITE_OK;
}

static int folder_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    bool after;
    if (before(VFS_DELETE, &after)) return SQLITE_IOERR_DELETE;
    if (strikes(VFS_FAIL, VFS_DELETE)) return SQLITE_IOERR_DELETE;
    struct node *node = find(name, false);
    if (node == NULL || !node->exists) return SQLITE_IOERR_DELETE_NOENT;
    node->exists = false;
    if (sync) node->durable = false;
    return done(after, SQLITE_OK, SQLITE_IOERR_DELETE);
}

static int folder_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs;
    if (disk.dead) return SQLITE_IOERR_ACCESS;
    const struct node *node = find(name, false);
    /* As on a real disk: an empty file is as good as none to SQLite. */
    *out = node != NULL && node->exists && (flags != SQLITE_ACCESS_EXISTS || node->now.size > 0);
    return SQLITE_OK;
}

static int folder_path(sqlite3_vfs *vfs, const char *name, int room, char *out)
{
    (void)vfs;
    return snprintf(out, (size_t)room, "%s", name) < room ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int folder_random(sqlite3_vfs *vfs, int size, char *out)
{
    (void)vfs;
    vfs_random(out, (size_t)size);
    return size;
}

static int folder_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    disk.clock_ms += (us + 999) / 1000;
    disk.counts.slow_ms += (uint64_t)(us + 999) / 1000;
    return us;
}

static int folder_time(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
    (void)vfs;
    *out = INT64_C(212647248000000) + disk.clock_ms; /* Julian day of 2026-06-01, in milliseconds */
    return SQLITE_OK;
}

static int folder_time_days(sqlite3_vfs *vfs, double *out)
{
    sqlite3_int64 ms = 0;
    (void)folder_time(vfs, &ms);
    *out = (double)ms / 86400000.0;
    return SQLITE_OK;
}

static int folder_error(sqlite3_vfs *vfs, int room, char *out)
{
    (void)vfs, (void)room, (void)out;
    return 0;
}

void vfs_register(void)
{
    static sqlite3_vfs vfs = {.iVersion = 2,
                              .szOsFile = sizeof(struct handle),
                              .mxPathname = NAME_SIZE,
                              .zName = "sim",
                              .xOpen = folder_open,
                              .xDelete = folder_delete,
                              .xAccess = folder_access,
                              .xFullPathname = folder_path,
                              .xRandomness = folder_random,
                              .xSleep = folder_sleep,
                              .xCurrentTime = folder_time_days,
                              .xGetLastError = folder_error,
                              .xCurrentTimeInt64 = folder_time};
    INVARIANT(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}
