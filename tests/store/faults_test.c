/* faults_test.c - the wrapper that makes the nth call fail, and what is left after it. */
#include "tests/store/database.h"

#include "base/none.h"
#include "tests/store/sql/thing.h"

/* A use case with every kind of call. */
static enum err work(struct tx *tx, struct arena *arena)
{
    struct thing_row rows[3];
    for (int i = 0; i < 3; i++)
        rows[i] =
            (struct thing_row){.id = test_id(10 + i), .position = 10 + i, .price = DECIMAL_NONE};
    struct thing_row *list = NULL;
    size_t count = 0;
    struct thing_count_row total;
    bool found = false;
    (void)arena;
    TRY(thing_insert(tx, &rows[0]));
    TRY(thing_insert_many(tx, rows + 1, 2));
    TRY(thing_list(tx, &list, &count));
    struct thing_rename_in in = {.label = STR("x"), .from_position = 0};
    TRY(thing_rename(tx, &in, NULL));
    return thing_count(tx, &total, &found);
}

static enum err run(struct database *d)
{
    struct tx *tx = NULL;
    fault_reset(&d->fault);
    TRY(tx_begin(d->store, TX_WRITE, &d->arena, &d->fault, &tx));
    enum err err = work(tx, &d->arena);
    if (err == ERR_NONE)
        return tx_commit(tx);
    tx_rollback(tx);
    return err;
}

static void check_untouched(struct database *d)
{
    struct thing_row *list = NULL;
    size_t count = 0;
    struct tx *tx = begin(d, TX_READ);
    MUST(d, thing_list(tx, &list, &count));
    REQUIRE(count == 1);
    CHECK(str_is_null(list[0].label));
    tx_rollback(tx);
}

static void open_with_one(struct database *d)
{
    struct thing_row row = {.id = test_id(1), .position = 1, .price = DECIMAL_NONE};
    database_open(d);
    struct tx *tx = begin(d, TX_WRITE);
    MUST(d, thing_insert(tx, &row));
    MUST(d, tx_commit(tx));
}

TEST(faults_every_call_can_fail_and_leaves_no_trace)
{
    struct database d;
    int failures = 0;
    open_with_one(&d);
    for (int64_t call = 1;; call++) {
        store_fail_at(d.store, call);
        enum err err = run(&d);
        store_fail_at(d.store, 0);
        if (err == ERR_NONE)
            break;
        CHECK_INT(err, ERR_STORE);
        CHECK(str_starts(d.fault.message, STR("injected fault in ")));
        check_untouched(&d);
        failures++;
        REQUIRE(failures < 100);
    }
    /* begin, two inserts, the list with its five steps, the exec, the count with two, commit */
    CHECK_INT(failures, 1 + 2 + 6 + 2 + 3 + 1);
    database_close(&d);
}

TEST(faults_nothing_works_behind_one)
{
    struct database d;
    struct thing_count_row row;
    bool found = false;
    open_with_one(&d);
    struct tx *tx = begin(&d, TX_WRITE);
    MUST(&d, thing_delete(tx, NULL));
    store_fail_at(d.store, 1);
    CHECK_INT(thing_count(tx, &row, &found), ERR_STORE);
    CHECK_INT(thing_count(tx, &row, &found), ERR_STORE);
    CHECK_INT(tx_commit(tx), ERR_STORE);
    check_untouched(&d);
    database_close(&d);
}

TEST(faults_counted_from_opening)
{
    struct database d;
    open_with_one(&d);
    store_close(d.store);
    MUST(&d, store_open(str_of(d.url), &(struct store_options){.fail_at_call = 2, .trace = true},
                        &d.fault, &d.store));
    CHECK_INT(run(&d), ERR_STORE);
    MUST(&d, run(&d));
    database_close(&d);
}
