/* A database of an older format, taken up by this program on a disk that forgets: killed at every call in turn, and with every call failing once.
 *
 *   upgrade_tool DATABASE          DATABASE and DATABASE-keys are read from the real disk, and left as they are
 *
 * However it goes, the next opening has the state that an undisturbed one has, and the log gives it. promise R4
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/store/promo.h"
#include "tests/sim/vfs.h"
#include "vm/crypto.h"

enum { EACH_MAX = 400 };

static char folder[] = "/tmp/promo-upgrade-XXXXXX", database[64], keys[80], lock[80];
static uint8_t *bytes[2];
static size_t sizes[2];
static uint64_t kills, faults, wrong, effects;

static const char *random_name(void)
{
    return "sim";
}

static uint32_t random_number(void)
{
    uint32_t number;
    vfs_random(&number, sizeof number);
    return number;
}

static struct randombytes_implementation randomness = {
    .implementation_name = random_name, .random = random_number, .buf = vfs_random};

static bool read_file(const char *path, int which)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return false;
    bytes[which] = malloc(64 << 20);
    sizes[which] = bytes[which] == NULL ? 0 : fread(bytes[which], 1, 64 << 20, file);
    (void)fclose(file);
    return sizes[which] > 0;
}

static void take_effect(void *context, const struct engine_effect *effect)
{
    (void)context, (void)effect;
    effects++;
}

static enum status start(struct promo **out, struct error *error)
{
    struct promo_options options = {
        .database = database, .shards = 3, .sink = {.effect = take_effect}, .time = PROMO_TIME_RECORDS};
    *out = NULL;
    effects = 0;
    return promo_open(out, &options, error);
}

static void begin(uint64_t seed)
{
    vfs_begin(seed);
    vfs_put(database, bytes[0], sizes[0]);
    vfs_put(keys, bytes[1], sizes[1]);
}

/* The state as it is recovered, and as the log gives it; and how many effects the recovery gave. */
struct found {
    uint8_t state[32], folded[32];
    uint64_t effects;
};

static enum status look(struct found *out, struct error *error)
{
    struct promo *promo = NULL;
    struct engine *twin = NULL;
    struct promo_options options = {.shards = 1};
    enum status status = start(&promo, error);
    out->effects = effects;
    if (status == OK) status = engine_settle(promo_engine(promo), error);
    if (status == OK) status = engine_digest(promo_engine(promo), out->state, error);
    if (status == OK) status = promo_replay(database, &options, &twin, error);
    if (status == OK) status = engine_settle(twin, error);
    if (status == OK) status = engine_digest(twin, out->folded, error);
    if (twin != NULL) engine_close(twin);
    struct error ignored = ERROR_NONE;
    if (promo != NULL && promo_close(promo, &ignored) != OK && status == OK) status = STATUS_IO;
    return status;
}

static void judge(const struct found *right, const char *what, enum vfs_call call, uint32_t nth)
{
    struct found found;
    struct error error = ERROR_NONE;
    if (look(&found, &error) == OK && memcmp(found.state, right->state, sizeof found.state) == 0 &&
        memcmp(found.folded, right->folded, sizeof found.folded) == 0 && found.effects <= right->effects)
        return;
    wrong++;
    printf("upgrade: %s at %s %u: %s\n", what, vfs_call_names[call], nth,
           error.message[0] != 0 ? error.message : "another state");
}

/* One opening with one fault; false: it never came. */
static bool disturb(const struct found *right, enum vfs_fault fault, enum vfs_call call, uint32_t nth)
{
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    begin(nth * 7 + (uint32_t)call);
    vfs_arm(fault, call, nth, fault == VFS_BUSY ? 100000 : 1);
    enum status status = start(&promo, &error);
    bool came = vfs_came(fault);
    if (status != OK && !came) {
        wrong++;
        printf("upgrade: without a fault it does not open: %s\n", error.message);
    }
    if (promo != NULL && promo_close(promo, &error) != OK) error.message[0] = 0;
    if (fault == VFS_CRASH) {
        vfs_power_on(nth % 4 != 0);
        kills += came;
    } else {
        vfs_calm();
        vfs_pass(200000);
        faults += came;
    }
    if (came) judge(right, vfs_fault_names[fault], call, nth);
    return came;
}

int main(int count, char **arguments)
{
    char path[4096];
    struct error error = ERROR_NONE;
    struct found right;
    if (count != 2 || snprintf(path, sizeof path, "%s-keys", arguments[1]) >= (int)sizeof path ||
        !read_file(arguments[1], 0) || !read_file(path, 1) || mkdtemp(folder) == NULL) {
        fprintf(stderr, "usage: upgrade_tool DATABASE\n");
        return 2;
    }
    (void)snprintf(database, sizeof database, "%s/old.db", folder);
    (void)snprintf(keys, sizeof keys, "%s-keys", database);
    (void)snprintf(lock, sizeof lock, "%s-lock", database);
    vfs_register();
    vfs_begin(1);
    (void)randombytes_set_implementation(&randomness);
    if (crypto_start(&error) != OK) return 2;
    begin(1);
    if (look(&right, &error) != OK || memcmp(right.state, right.folded, sizeof right.state) != 0) {
        wrong++;
        printf("upgrade: undisturbed: %s\n",
               error.message[0] != 0 ? error.message : "the state is not the fold of the log");
    }
    for (int fault = 0; fault < VFS_FAULT_COUNT && wrong == 0; fault++) {
        if (fault == VFS_SHORT) continue;
        for (int call = 0; call < VFS_CALL_COUNT; call++) {
            if (fault == VFS_FULL && call != VFS_WRITE) continue;
            if (fault == VFS_BUSY && call != VFS_LOCK) continue;
            /* The first ones each, later ones further and further apart. */
            for (uint32_t nth = 1; nth < EACH_MAX && disturb(&right, (enum vfs_fault)fault, (enum vfs_call)call, nth);
                 nth += 1 + nth / 8)
                continue;
        }
    }
    const char *log = getenv("TORTURE_LOG");
    FILE *file = log == NULL ? NULL : fopen(log, "a");
    if (file != NULL) {
        fprintf(file, "simulator\tkill while a database of an older format is taken up\t%llu\t%llu\t-\t1\n",
                (unsigned long long)kills, (unsigned long long)wrong);
        fprintf(file, "simulator\tanother fault while a database of an older format is taken up\t%llu\t%llu\t-\t1\n",
                (unsigned long long)faults, (unsigned long long)wrong);
        (void)fclose(file);
    }
    (void)unlink(lock);
    (void)rmdir(folder);
    printf("upgrade: %llu kills, %llu other faults, %llu wrong\n", (unsigned long long)kills,
           (unsigned long long)faults, (unsigned long long)wrong);
    return wrong == 0 && kills > 20 ? 0 : 1;
}
