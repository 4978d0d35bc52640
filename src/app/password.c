#include "app/password.h"

#include "base/assert.h"
#include "base/hash.h"

#include <pthread.h>
#include <stdlib.h>

#define PASSES       2
#define MEMORY_BYTES ((size_t)19456 << 10)
#define WAITING_MAX  1

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int running, waiting;
} lane = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static bool enter(void)
{
    pthread_mutex_lock(&lane.mutex);
    bool enters = lane.running < PASSWORDS_AT_ONCE || lane.waiting < WAITING_MAX;
    if (enters) {
        lane.waiting++;
        while (lane.running == PASSWORDS_AT_ONCE)
            pthread_cond_wait(&lane.changed, &lane.mutex);
        lane.waiting--;
        lane.running++;
    }
    pthread_mutex_unlock(&lane.mutex);
    return enters;
}

static void leave(void)
{
    pthread_mutex_lock(&lane.mutex);
    lane.running--;
    pthread_cond_signal(&lane.changed);
    pthread_mutex_unlock(&lane.mutex);
}

static enum err too_many(struct fault *fault)
{
    return fault_set(fault, ERR_BUSY, "many people sign in at once; try again in a moment");
}

/* Out of memory is the end, as everywhere. */
static void make(char hash[crypto_pwhash_STRBYTES], struct str password)
{
    if (crypto_pwhash_str_alg(hash, password.ptr, password.len, PASSES, MEMORY_BYTES,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        abort();
}

/* That no password has. */
static char nobodys[crypto_pwhash_STRBYTES];
static pthread_once_t nobodys_once = PTHREAD_ONCE_INIT;

static void make_nobodys(void)
{
    char random[32];
    hash_random((unsigned char *)random, sizeof random);
    make(nobodys, (struct str){random, sizeof random});
}

enum err password_hash(struct arena *arena, struct fault *fault, struct str password,
                       struct str *hash)
{
    char text[crypto_pwhash_STRBYTES];
    ASSERT(!str_is_null(password));
    if (!enter())
        return too_many(fault);
    make(text, password);
    leave();
    *hash = arena_str(arena, str_of(text));
    return ERR_NONE;
}

enum err password_check(struct arena *arena, struct fault *fault, struct str password,
                        struct str hash, bool *is_good, bool *is_old)
{
    ASSERT(!str_is_null(password));
    if (!enter())
        return too_many(fault);
    pthread_once(&nobodys_once, make_nobodys);
    const char *kept = str_is_null(hash) ? nobodys : arena_cstr(arena, hash);
    bool same = crypto_pwhash_str_verify(kept, password.ptr, password.len) == 0;
    leave();
    *is_good = same && !str_is_null(hash);
    if (is_old != NULL)
        *is_old = crypto_pwhash_str_needs_rehash(kept, PASSES, MEMORY_BYTES) != 0;
    return ERR_NONE;
}
