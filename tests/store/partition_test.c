/* partition_test.c - months of a table on PostgreSQL; nothing on SQLite. */
#include "tests/store/database.h"

#include "base/none.h"
#include "base/time.h"
#include "store/partition.h"
#include "tests/store/sql/thing.h"

#include <pthread.h>

static int32_t day(int32_t year, int month, int day_of_month)
{
    return day_from_civil((struct civil){year, month, day_of_month});
}

static enum err insert(struct tx *tx, int32_t on)
{
    struct reading_row row = {.day = on, .id = test_id(on), .number = INT_NONE};
    return reading_insert(tx, &row);
}

TEST(partition_days_at_the_edges_of_months)
{
    const int32_t days[] = {day(2024, 1, 1),   day(2024, 1, 31),  day(2024, 2, 29),
                            day(2023, 12, 31), day(2024, 12, 31), day(2025, 1, 1),
                            day(1970, 1, 1),   day(1969, 12, 31)};
    struct database d;
    database_open(&d);
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        struct tx *tx = begin(&d, TX_WRITE);
        MUST(&d, partition_ensure(tx, "reading", days[i]));
        MUST(&d, partition_ensure(tx, "reading", days[i])); /* again is no error */
        MUST(&d, insert(tx, days[i]));
        MUST(&d, tx_commit(tx));
    }
    struct tx *tx = begin(&d, TX_WRITE);
    CHECK_INT(insert(tx, days[0]), ERR_CONFLICT); /* the key holds in the months as well */
    tx_rollback(tx);
    database_close(&d);
}

TEST(partition_goes_with_a_rollback)
{
    struct database d;
    if (test_is_skipped("a month goes with a rollback"))
        return;
    database_open(&d);
    struct tx *tx = begin(&d, TX_WRITE);
    MUST(&d, partition_ensure(tx, "reading", day(2024, 5, 5)));
    tx_rollback(tx);
    tx = begin(&d, TX_WRITE);
    CHECK_INT(insert(tx, day(2024, 5, 5)), ERR_STORE);
    tx_rollback(tx);
    database_close(&d);
}

struct maker {
    struct database *d;
    pthread_barrier_t *together;
    enum err err;
};

static enum err make(struct maker *maker, struct arena *arena, struct fault *fault)
{
    struct tx *tx = NULL;
    TRY(tx_begin(maker->d->store, TX_WRITE, arena, fault, &tx));
    pthread_barrier_wait(maker->together);
    enum err err = partition_ensure(tx, "reading", day(2024, 7, 7));
    if (err == ERR_NONE)
        return tx_commit(tx);
    tx_rollback(tx);
    return err;
}

static void *make_one(void *arg)
{
    struct maker *maker = arg;
    struct arena arena;
    struct fault fault;
    arena_init(&arena);
    fault_init(&fault, &arena);
    maker->err = make(maker, &arena, &fault);
    arena_clear(&arena);
    return NULL;
}

TEST(partition_two_who_miss_the_same_month)
{
    enum { MAKERS = 4 };
    struct database d;
    pthread_t threads[MAKERS];
    struct maker makers[MAKERS];
    pthread_barrier_t together;
    if (test_is_skipped("two who miss the same month"))
        return;
    database_open(&d);
    pthread_barrier_init(&together, NULL, MAKERS);
    for (int i = 0; i < MAKERS; i++) {
        makers[i] = (struct maker){.d = &d, .together = &together};
        REQUIRE(pthread_create(&threads[i], NULL, make_one, &makers[i]) == 0);
    }
    for (int i = 0; i < MAKERS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_INT(makers[i].err, ERR_NONE);
    }
    pthread_barrier_destroy(&together);
    database_close(&d);
}
