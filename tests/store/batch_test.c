/* batch_test.c - many rows in and out: batches, streams, queries within queries. */
#include "tests/store/database.h"

#include "base/none.h"
#include "tests/store/sql/thing.h"

enum { MANY = 5000, MORE = 12001 }; /* one part of a batch on PostgreSQL, and more than two */

static struct thing_row *make_rows(struct arena *arena, size_t count)
{
    struct thing_row *rows = ARENA_ARRAY(arena, count, struct thing_row);
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct thing_row){
            .id = test_id((int64_t)i),
            .position = (int64_t)i,
            .is_good = i % 3 == 0,
            .label = i % 5 == 0 ? STR_NULL : arena_fmt(arena, "label \"%zu\", \\ and {}", i),
            .price = i % 7 == 0 ? DECIMAL_NONE : decimal_of((int64_t)i - 2500),
            .amount_minor = i % 11 == 0 ? INT_NONE : -(int64_t)i,
            .number = (int64_t)i * 1000000007,
            .happened_at = TIME_NONE,
            .day = i % 13 == 0 ? DAY_NONE : (int32_t)i,
            .picture = i % 17 == 0 ? STR_NULL : arena_fmt(arena, "%zu", i),
        };
    return rows;
}

static void insert_rows(struct database *d, size_t count)
{
    struct tx *tx = begin(d, TX_WRITE);
    MUST(d, thing_insert_many(tx, make_rows(&d->arena, count), count));
    MUST(d, tx_commit(tx));
}

static int64_t count_things(struct database *d)
{
    struct thing_count_row row = {0};
    bool found = false;
    struct tx *tx = begin(d, TX_READ);
    MUST(d, thing_count(tx, &row, &found));
    tx_rollback(tx);
    return row.total;
}

static void check_many(size_t count)
{
    struct database d;
    database_open(&d);
    insert_rows(&d, count);
    CHECK_INT(count_things(&d), (int64_t)count);
    const struct thing_row *want = make_rows(&d.arena, count);
    struct thing_row *list = NULL;
    size_t listed = 0;
    struct tx *tx = begin(&d, TX_READ);
    MUST(&d, thing_list(tx, &list, &listed));
    REQUIRE(listed == count);
    for (size_t i = 0; i < count; i++) {
        const struct thing_row *a = &list[i];
        const struct thing_row *b = &want[i];
        bool same = uuid_eq(a->id, b->id) && a->position == b->position &&
                    a->is_good == b->is_good && a->amount_minor == b->amount_minor &&
                    a->number == b->number && a->day == b->day && str_eq(a->label, b->label) &&
                    str_eq(a->picture, b->picture) &&
                    decimal_is_none(a->price) == decimal_is_none(b->price) &&
                    (decimal_is_none(a->price) || decimal_eq(a->price, b->price));
        REQUIRE(same);
    }
    tx_rollback(tx);
    database_close(&d);
}

TEST(batch_of_5000_rows)
{
    check_many(MANY);
}

TEST(batch_of_more_than_one_part)
{
    check_many(MORE);
}

TEST(batch_of_no_rows)
{
    struct database d;
    database_open(&d);
    struct tx *tx = begin(&d, TX_WRITE);
    MUST(&d, thing_insert_many(tx, NULL, 0));
    MUST(&d, tx_commit(tx));
    CHECK_INT(count_things(&d), 0);
    database_close(&d);
}

struct returned {
    int64_t count;
    int64_t stop_at; /* the callback fails then; 0: never */
};

static enum err count_returned(void *arg, const struct thing_put_row *row)
{
    struct returned *returned = arg;
    CHECK_INT(row->position, returned->count);
    CHECK(str_starts(row->label, STR("new")) || row->position < 3);
    returned->count++;
    return returned->count == returned->stop_at ? ERR_NOT_ALLOWED : ERR_NONE;
}

static struct thing_put_in *make_puts(struct arena *arena, size_t count)
{
    struct thing_put_in *rows = ARENA_ARRAY(arena, count, struct thing_put_in);
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct thing_put_in){test_id((int64_t)i), (int64_t)i, STR("new")};
    return rows;
}

TEST(batch_that_updates_and_returns)
{
    struct database d;
    struct returned returned = {0};
    database_open(&d);
    insert_rows(&d, 100);
    struct tx *tx = begin(&d, TX_WRITE);
    MUST(&d, thing_put(tx, make_puts(&d.arena, MORE), MORE, count_returned, &returned));
    MUST(&d, tx_commit(tx));
    CHECK_INT(returned.count, MORE);
    CHECK_INT(count_things(&d), MORE);
    tx = begin(&d, TX_READ);
    struct thing_row row;
    bool found = false;
    MUST(&d, thing_load(tx, &(struct thing_load_in){test_id(1)}, &row, &found));
    REQUIRE(found);
    CHECK_STR(row.label, "new");
    CHECK_INT(row.day, 1); /* the rest stayed */
    tx_rollback(tx);
    database_close(&d);
}

TEST(batch_whose_callback_fails)
{
    struct database d;
    struct returned returned = {.stop_at = 7};
    database_open(&d);
    struct tx *tx = begin(&d, TX_WRITE);
    CHECK_INT(thing_put(tx, make_puts(&d.arena, 20), 20, count_returned, &returned),
              ERR_NOT_ALLOWED);
    CHECK_INT(returned.count, 7);
    tx_rollback(tx);
    CHECK_INT(count_things(&d), 0);
    database_close(&d);
}

TEST(batch_that_leaves_out_what_is_there)
{
    struct database d;
    struct thing_add_new_in rows[50];
    for (int i = 0; i < 50; i++)
        rows[i] = (struct thing_add_new_in){
            .id = test_id(2L * i), .position = 2L * i, .price = DECIMAL_NONE};
    database_open(&d);
    insert_rows(&d, 50);
    struct tx *tx = begin(&d, TX_WRITE);
    MUST(&d, thing_add_new(tx, rows, 50));
    MUST(&d, tx_commit(tx));
    CHECK_INT(count_things(&d), 75); /* of 0, 2 … 98 those from 50 on are new */
    database_close(&d);
}

TEST(batch_with_a_conflict_writes_nothing)
{
    struct database d;
    database_open(&d);
    insert_rows(&d, 1);
    struct thing_row *rows = make_rows(&d.arena, MANY);
    for (size_t i = 0; i < MANY; i++) {
        rows[i].id = test_id(100000 + (int64_t)i);
        rows[i].position = MANY - 1 - (int64_t)i; /* the last one's is there already */
    }
    struct tx *tx = begin(&d, TX_WRITE);
    CHECK_INT(thing_insert_many(tx, rows, MANY), ERR_CONFLICT);
    tx_rollback(tx);
    CHECK_INT(count_things(&d), 1);
    database_close(&d);
}

/* ---- streams --------------------------------------------------------------------------------- */

struct walk {
    struct tx *tx;
    struct database *d;
    int64_t count;
    int64_t stop_at;
    int depth;
};

static enum err walk_one(void *arg, const struct thing_each_from_row *row)
{
    struct walk *walk = arg;
    bool found = false;
    struct thing_row same;
    walk->count++;
    /* Queries between its rows: another one, and the same. */
    TRY(thing_load(walk->tx, &(struct thing_load_in){test_id(row->position)}, &same, &found));
    CHECK(found && same.position == row->position && str_eq(same.label, row->label));
    if (walk->depth == 0 && row->position % 1000 == 0) {
        struct walk inner = {.tx = walk->tx, .d = walk->d, .stop_at = 3, .depth = 1};
        struct thing_each_from_in from = {.first = row->position};
        CHECK_INT(thing_each_from(walk->tx, &from, walk_one, &inner), ERR_NOT_ALLOWED);
        CHECK_INT(inner.count, 3);
    }
    return walk->count == walk->stop_at ? ERR_NOT_ALLOWED : ERR_NONE;
}

TEST(batch_stream_with_queries_between_its_rows)
{
    struct database d;
    database_open(&d);
    insert_rows(&d, MANY);
    struct tx *tx = begin(&d, TX_READ);
    struct walk walk = {.tx = tx, .d = &d};
    MUST(&d, thing_each_from(tx, &(struct thing_each_from_in){.first = 0}, walk_one, &walk));
    CHECK_INT(walk.count, MANY);
    walk.count = 0;
    MUST(&d, thing_each_from(tx, &(struct thing_each_from_in){.first = MANY}, walk_one, &walk));
    CHECK_INT(walk.count, 0);
    MUST(&d, tx_commit(tx));
    database_close(&d);
}

static enum err only_count(void *arg, const struct thing_row *row)
{
    (void)row;
    ++*(int64_t *)arg;
    return ERR_NONE;
}

TEST(batch_stream_needs_no_memory_for_its_rows)
{
    struct database d;
    int64_t count = 0;
    database_open(&d);
    insert_rows(&d, MORE);
    struct tx *tx = begin(&d, TX_READ);
    size_t before = d.arena.total_bytes;
    MUST(&d, thing_each(tx, only_count, &count));
    CHECK_INT(count, MORE);
    CHECK(d.arena.total_bytes - before < 10000);
    tx_rollback(tx);
    database_close(&d);
}

TEST(batch_exec_says_how_many_rows)
{
    struct database d;
    int64_t changed = -1;
    database_open(&d);
    insert_rows(&d, 100);
    struct tx *tx = begin(&d, TX_WRITE);
    struct thing_rename_in in = {.label = STR("x"), .from_position = 40};
    MUST(&d, thing_rename(tx, &in, &changed));
    CHECK_INT(changed, 60);
    in.from_position = 100;
    MUST(&d, thing_rename(tx, &in, &changed));
    CHECK_INT(changed, 0);
    MUST(&d, thing_rename(tx, &in, NULL));
    MUST(&d, thing_delete(tx, &changed));
    CHECK_INT(changed, 100);
    MUST(&d, tx_commit(tx));
    database_close(&d);
}

TEST(batch_one_that_finds_nothing)
{
    struct database d;
    bool found = true;
    struct thing_row row = {.position = 77};
    database_open(&d);
    struct tx *tx = begin(&d, TX_READ);
    MUST(&d, thing_load(tx, &(struct thing_load_in){test_id(1)}, &row, &found));
    CHECK(!found);
    CHECK_INT(row.position, 77);
    tx_rollback(tx);
    database_close(&d);
}
