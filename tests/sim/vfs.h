/* A file system of SQLite in memory, that forgets and fails as disks do.
 *
 * Each file has what is on the disk for sure, and a queue of what was written since its last sync. When the power goes each sector of that queue
 * is there or not, file by file, as the seed says; all open files are dead then: every call fails, so whoever holds them writes nothing more.
 * vfs_power_on() decides what has survived. Without a crash it can be full, busy, slow, or fail at a chosen call. It is SQLite's default while it
 * is registered, so the store runs on it as it is. It judges nothing: that is auditor.h. One thread at a time, as the store promises.
 */
#ifndef TESTS_SIM_VFS_H
#define TESTS_SIM_VFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vfs_call { VFS_OPEN, VFS_READ, VFS_WRITE, VFS_TRUNCATE, VFS_SYNC, VFS_DELETE, VFS_LOCK, VFS_CALL_COUNT };
extern const char *const vfs_call_names[VFS_CALL_COUNT];

enum vfs_fault {
    VFS_CRASH, /* the power goes: before, in, or behind the call */
    VFS_FAIL,  /* the call fails; of a write half may be there */
    VFS_SHORT, /* a read gives less than there is, the rest is zeros */
    VFS_FULL,  /* no file can grow, until vfs_calm() */
    VFS_BUSY,  /* others hold every lock, for so many milliseconds */
    VFS_FAULT_COUNT
};
extern const char *const vfs_fault_names[VFS_FAULT_COUNT];

struct vfs_counts {
    uint64_t calls[VFS_CALL_COUNT];
    uint64_t faults[VFS_FAULT_COUNT][VFS_CALL_COUNT]; /* that came to pass */
    uint64_t kept, dropped, torn;                     /* writes that were not synced when the power went */
    uint64_t slow_ms;                                 /* slept */
};

/* Makes it SQLite's default; the first call of the program. */
void vfs_register(void);
/* No files, no faults, no clock; all files must be closed. Random things come from the seed from now on. Counts go on. */
void vfs_begin(uint64_t seed);
/* A file that is on the disk for sure. */
void vfs_put(const char *name, const void *bytes, size_t size);
/* Random bytes by the same seed: for SQLite and for keys. */
void vfs_random(void *out, size_t size);

/* The fault at the n-th such call from now on (1: the next), for `lasts` calls (BUSY: milliseconds). One at a time of each kind. */
void vfs_arm(enum vfs_fault fault, enum vfs_call call, uint32_t nth, uint32_t lasts);
/* This one waits no more. */
void vfs_disarm(enum vfs_fault fault);
/* No fault waits or lasts any more. */
void vfs_calm(void);
/* Whether the fault of this kind that was armed last has come, or one lasts. */
bool vfs_came(enum vfs_fault fault);

/* The power is off. */
bool vfs_is_dead(void);
/* The power goes now, between two calls. */
void vfs_crash(void);
/* What was not synced is decided, by the seed; `lost` false: the process alone died, and everything written is there. All files must be closed. */
void vfs_power_on(bool lost);

/* Each fault that comes is told on standard error. */
void vfs_tell(bool tell);

/* Planted mistake: a sync says that all is well and does nothing. */
void vfs_lie(bool lie);

/* Looks at the files as they are, without a fault and without a trace: copies those whose name begins with `from` under names that begin with `to`;
 * until vfs_leave(), which removes the copies, no fault comes but an armed short read, and no random number of the others is used. */
void vfs_look(const char *from, const char *to);
void vfs_leave(const char *to);

/* The clock, which only sleeping moves. */
void vfs_pass(int64_t ms);
const struct vfs_counts *vfs_counted(void);
/* Of all files' bytes, as they are now: two runs of one seed are compared by it. */
uint64_t vfs_hash(void);

#endif
