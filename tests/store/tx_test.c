/* tx_test.c - transactions: all or nothing, one after the other, each sees one state. */
#include "tests/store/database.h"

#include "base/none.h"
#include "tests/store/sql/thing.h"

#include <pthread.h>
#include <stdatomic.h>

static void put_tally(struct database *d, const char *name, int64_t total)
{
    struct tx *tx = begin(d, TX_WRITE);
    struct tally_put_in in = {.name = str_of(name), .total = total};
    MUST(d, tally_put(tx, &in, NULL));
    MUST(d, tx_commit(tx));
}

static int64_t tally_of(struct database *d, const char *name)
{
    struct tally_row row = {.total = -1};
    bool found = false;
    struct tx *tx = begin(d, TX_READ);
    MUST(d, tally_load(tx, &(struct tally_load_in){str_of(name)}, &row, &found));
    tx_rollback(tx);
    return row.total;
}

static enum err add(struct tx *tx, const char *name, int64_t number)
{
    struct tally_add_row row;
    bool found = false;
    struct tally_add_in in = {.number = number, .name = str_of(name)};
    return tally_add(tx, &in, &row, &found);
}

TEST(tx_commit_keeps_and_rollback_undoes)
{
    struct database d;
    database_open(&d);
    put_tally(&d, "a", 1);
    struct tx *tx = begin(&d, TX_WRITE);
    MUST(&d, add(tx, "a", 5));
    tx_rollback(tx);
    CHECK_INT(tally_of(&d, "a"), 1);
    tx = begin(&d, TX_WRITE);
    MUST(&d, add(tx, "a", 5));
    MUST(&d, tx_commit(tx));
    CHECK_INT(tally_of(&d, "a"), 6);
    store_close(d.store);
    d.store = database_open_again(&d);
    CHECK_INT(tally_of(&d, "a"), 6);
    database_close(&d);
}

TEST(tx_sees_what_it_wrote)
{
    struct database d;
    struct tally_add_row row;
    bool found = false;
    database_open(&d);
    put_tally(&d, "a", 1);
    struct tx *tx = begin(&d, TX_WRITE);
    struct tally_add_in in = {.number = 5, .name = STR("a")};
    MUST(&d, tally_add(tx, &in, &row, &found));
    CHECK(found && row.total == 6);
    struct tally_sum_row sum;
    MUST(&d, tally_sum(tx, &sum, &found));
    CHECK_INT(sum.total, 6);
    in.name = STR("b");
    MUST(&d, tally_add(tx, &in, &row, &found));
    CHECK(!found);
    tx_rollback(tx);
    database_close(&d);
}

TEST(tx_read_cannot_write)
{
    struct database d;
    database_open(&d);
    put_tally(&d, "a", 1);
    struct tx *tx = begin(&d, TX_READ);
    CHECK_INT(add(tx, "a", 1), ERR_STORE);
    CHECK_INT(tx_commit(tx), ERR_STORE);
    tx = begin(&d, TX_READ);
    struct tally_put_in in = {.name = STR("b"), .total = 1};
    CHECK_INT(tally_put(tx, &in, NULL), ERR_STORE);
    tx_rollback(tx);
    CHECK_INT(tally_of(&d, "a"), 1);
    database_close(&d);
}

TEST(tx_says_what_is_broken)
{
    // clang-format off
    static const struct { const char *name; int64_t id, position, parent; enum err want; } cases[] = {
        {"the same id", 1, 2, 0, ERR_CONFLICT},
        {"another unique column", 2, 1, 0, ERR_CONFLICT},
        {"no such parent", 2, 2, 9, ERR_STORE},
        {"no position", 2, INT_NONE, 0, ERR_STORE},
        {"fine", 2, 2, 1, ERR_NONE},
    };
    // clang-format on
    struct database d;
    database_open(&d);
    struct thing_row row = {.id = test_id(1), .position = 1, .price = DECIMAL_NONE};
    struct tx *tx = begin(&d, TX_WRITE);
    MUST(&d, thing_insert(tx, &row));
    MUST(&d, tx_commit(tx));
    EACH(c, cases) {
        tx = begin(&d, TX_WRITE);
        row.id = test_id(c->id);
        row.position = c->position;
        row.parent_id = c->parent == 0 ? UUID_NIL : test_id(c->parent);
        CHECK_INT(thing_insert(tx, &row), c->want);
        CHECK(c->want == ERR_NONE || d.fault.message.len > 0);
        tx_rollback(tx);
    }
    tx = begin(&d, TX_WRITE);
    struct tally_put_in in = {.name = STR("a"), .total = -1};
    CHECK_INT(tally_put(tx, &in, NULL), ERR_STORE); /* CHECK (total >= 0) */
    tx_rollback(tx);
    database_close(&d);
}

TEST(tx_that_failed_can_only_be_rolled_back)
{
    struct database d;
    database_open(&d);
    put_tally(&d, "a", 1);
    struct tx *tx = begin(&d, TX_WRITE);
    MUST(&d, add(tx, "a", 5));
    struct tally_put_in in = {.name = STR("a"), .total = 1};
    CHECK_INT(tally_put(tx, &in, NULL), ERR_CONFLICT);
    CHECK_INT(add(tx, "a", 1), ERR_STORE);
    struct tally_row row;
    bool found = false;
    CHECK_INT(tally_load(tx, &(struct tally_load_in){STR("a")}, &row, &found), ERR_STORE);
    CHECK_INT(tx_commit(tx), ERR_STORE);
    CHECK_INT(tally_of(&d, "a"), 1); /* and the connection is good again */
    put_tally(&d, "b", 1);
    database_close(&d);
}

/* ---- several threads ------------------------------------------------------------------------- */

enum { WRITERS = 4, READERS = 3, ROUNDS = 60 };

struct worker {
    struct database *d;
    atomic_bool *stop;
    int64_t done;
    int64_t wrong;
    enum err err;
};

static enum err move_one(struct tx *tx, int64_t number)
{
    bool found = false;
    struct tally_row row;
    TRY(tally_lock(tx, &(struct tally_lock_in){STR("a")}, &row, &found));
    TRY(add(tx, "a", -number));
    return add(tx, "b", number);
}

static void *write_many(void *arg)
{
    struct worker *worker = arg;
    struct arena arena;
    struct fault fault;
    arena_init(&arena);
    for (int i = 0; i < ROUNDS && worker->err == ERR_NONE; i++) {
        struct tx *tx = NULL;
        fault_init(&fault, &arena);
        worker->err = tx_begin(worker->d->store, TX_WRITE, &arena, &fault, &tx);
        if (worker->err != ERR_NONE)
            break;
        worker->err = move_one(tx, 1);
        if (worker->err == ERR_NONE && i % 3 != 0) {
            worker->err = tx_commit(tx);
            worker->done++;
        } else {
            tx_rollback(tx);
        }
        arena_reset(&arena);
    }
    arena_clear(&arena);
    return NULL;
}

/* Whether two queries of one transaction see the same state, whose sum never changes. */
static enum err look(struct tx *tx, int64_t *wrong)
{
    struct tally_sum_row sum = {0};
    struct tally_row a = {0};
    struct tally_row b = {0};
    bool found = false;
    TRY(tally_load(tx, &(struct tally_load_in){STR("a")}, &a, &found));
    TRY(tally_sum(tx, &sum, &found));
    TRY(tally_load(tx, &(struct tally_load_in){STR("b")}, &b, &found));
    *wrong += sum.total != 1000 || a.total + b.total != 1000;
    return ERR_NONE;
}

static void *read_many(void *arg)
{
    struct worker *worker = arg;
    struct arena arena;
    struct fault fault;
    arena_init(&arena);
    while (!atomic_load(worker->stop) && worker->err == ERR_NONE) {
        struct tx *tx = NULL;
        fault_init(&fault, &arena);
        worker->err = tx_begin(worker->d->store, TX_READ, &arena, &fault, &tx);
        if (worker->err != ERR_NONE)
            break;
        worker->err = look(tx, &worker->wrong);
        worker->done++;
        if (worker->err == ERR_NONE)
            worker->err = tx_commit(tx);
        else
            tx_rollback(tx);
        arena_reset(&arena);
    }
    arena_clear(&arena);
    return NULL;
}

static void check_threads(struct database *d)
{
    pthread_t threads[WRITERS + READERS];
    struct worker workers[WRITERS + READERS];
    atomic_bool stop = false;
    int64_t moved = 0;
    put_tally(d, "a", 1000);
    put_tally(d, "b", 0);
    for (int i = 0; i < WRITERS + READERS; i++) {
        workers[i] = (struct worker){.d = d, .stop = &stop};
        REQUIRE(pthread_create(&threads[i], NULL, i < WRITERS ? write_many : read_many,
                               &workers[i]) == 0);
    }
    for (int i = 0; i < WRITERS + READERS; i++) {
        if (i == WRITERS)
            atomic_store(&stop, true);
        pthread_join(threads[i], NULL);
        CHECK_INT(workers[i].err, ERR_NONE);
        CHECK_INT(workers[i].wrong, 0);
        moved += i < WRITERS ? workers[i].done : 0;
    }
    CHECK_INT(moved, WRITERS * ROUNDS * 2 / 3);
    CHECK_INT(tally_of(d, "b"), moved);
    CHECK_INT(tally_of(d, "a"), 1000 - moved);
}

TEST(tx_writers_follow_each_other_and_readers_see_one_state)
{
    struct database d;
    database_open(&d);
    check_threads(&d);
    database_close(&d);
}

TEST(tx_in_memory_one_connection_serves_all_threads)
{
    struct database d = {0};
    if (test_server() != NULL)
        return; /* is about SQLite alone */
    arena_init(&d.arena);
    fault_init(&d.fault, &d.arena);
    snprintf(d.url, sizeof d.url, "sqlite::memory:");
    d.store = database_open_again(&d);
    MUST(&d, migrate(d.store, 1, &d.fault));
    check_threads(&d);
    store_close(d.store);
    arena_clear(&d.arena);
}

TEST(tx_two_processes_write_one_file)
{
    struct database d;
    database_open(&d);
    put_tally(&d, "a", 0);
    struct store *first = d.store;
    struct store *second = database_open_again(&d);
    for (int i = 0; i < 20; i++) {
        d.store = i % 2 == 0 ? first : second;
        struct tx *tx = begin(&d, TX_WRITE);
        MUST(&d, add(tx, "a", 1));
        MUST(&d, tx_commit(tx));
    }
    d.store = first;
    CHECK_INT(tally_of(&d, "a"), 20);
    store_close(second);
    database_close(&d);
}
