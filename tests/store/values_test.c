/* values_test.c - what is written is what is read: every type, none, and the ends of their ranges.
 */
#include "tests/store/database.h"

#include "base/none.h"
#include "base/time.h"
#include "tests/store/sql/thing.h"

static void check_same_text(struct str got, struct str want)
{
    CHECK(str_is_null(got) == str_is_null(want));
    CHECK(got.len == want.len && (want.len == 0 || memcmp(got.ptr, want.ptr, want.len) == 0));
}

static void check_same(const struct thing_row *got, const struct thing_row *want)
{
    CHECK(uuid_eq(got->id, want->id));
    CHECK_INT(got->position, want->position);
    CHECK_INT(got->is_good, want->is_good);
    CHECK(uuid_eq(got->parent_id, want->parent_id));
    check_same_text(got->label, want->label);
    check_same_text(got->details, want->details);
    CHECK(decimal_is_none(got->price) == decimal_is_none(want->price));
    if (!decimal_is_none(got->price) && !decimal_is_none(want->price))
        CHECK(decimal_eq(got->price, want->price));
    CHECK_INT(got->amount_minor, want->amount_minor);
    CHECK_INT(got->number, want->number);
    CHECK_INT(got->happened_at, want->happened_at);
    CHECK_INT(got->day, want->day);
    check_same_text(got->picture, want->picture);
}

/* A row of nothing but what must be. */
static struct thing_row bare(int64_t number)
{
    return (struct thing_row){
        .id = test_id(number),
        .position = number,
        .price = DECIMAL_NONE,
        .amount_minor = INT_NONE,
        .number = INT_NONE,
        .happened_at = TIME_NONE,
        .day = DAY_NONE,
    };
}

static enum err compare_next(void *arg, const struct thing_row *row)
{
    const struct thing_row **next = arg;
    check_same(row, (*next)++);
    return ERR_NONE;
}

/* Writes rows one by one and many at once, and reads them in each way. */
static void check_round_trip(struct database *d, const struct thing_row *rows, size_t count)
{
    struct tx *tx = begin(d, TX_WRITE);
    MUST(d, thing_insert(tx, &rows[0]));
    MUST(d, thing_insert_many(tx, rows + 1, count - 1));
    MUST(d, tx_commit(tx));
    tx = begin(d, TX_READ);
    for (size_t i = 0; i < count; i++) {
        struct thing_row row;
        bool found = false;
        MUST(d, thing_load(tx, &(struct thing_load_in){rows[i].id}, &row, &found));
        REQUIRE(found);
        check_same(&row, &rows[i]);
    }
    struct thing_row *list = NULL;
    size_t listed = 0;
    MUST(d, thing_list(tx, &list, &listed));
    REQUIRE(listed == count);
    for (size_t i = 0; i < count; i++)
        check_same(&list[i], &rows[i]);
    const struct thing_row *next = rows;
    MUST(d, thing_each(tx, compare_next, &next));
    CHECK(next == rows + count);
    MUST(d, tx_commit(tx));
}

TEST(values_none_and_ends_of_ranges)
{
    struct database d;
    struct thing_row rows[8];
    for (int i = 0; i < 8; i++)
        rows[i] = bare(i);
    memset(rows[1].id.bytes, 0xff, sizeof rows[1].id);
    rows[1].is_good = true;
    rows[1].label = rows[1].details = STR("");
    rows[1].picture = STR("");
    rows[1].price = DECIMAL_ZERO;
    rows[1].amount_minor = rows[1].number = rows[1].happened_at = 0;
    rows[1].day = 0;
    rows[2].parent_id = rows[1].id;
    rows[2].amount_minor = INT64_MAX;
    rows[2].number = INT64_MAX;
    rows[2].happened_at = INT64_MAX;
    rows[2].day = INT32_MAX;
    rows[3].amount_minor = INT64_MIN + 1; /* the least one: INT64_MIN is none */
    rows[3].number = -1;
    rows[3].happened_at = INT64_MIN + 1;
    rows[3].day = INT32_MIN + 1;
    rows[4].position = INT32_MAX;
    rows[5].position = (int64_t)INT32_MAX + 1;
    rows[6].position = INT64_MAX - 1;
    rows[7].position = INT64_MAX;
    database_open(&d);
    check_round_trip(&d, rows, 8);
    database_close(&d);
}

TEST(values_decimals)
{
    static const char *const texts[] = {
        "0",
        "1",
        "-1",
        "0.1",
        "-0.1",
        "9999",
        "10000",
        "10001",
        "0.0001",
        "0.00001",
        "12345.6789",
        "100000000",
        "9999999999999999999999999999999999",          /* 34 digits */
        "-9999999999999999999999999999999999",         /* */
        "1000000000000000000000000000000000",          /* */
        "0.9999999999999999999999999999999999",        /* 34 decimals */
        "0.0000000000000000000000000000000000000001",  /* 40 decimals */
        "-0.0000001000200030004000500060007000800900", /* */
        "123456789012345678.9012345678901234",         /* */
        "1.000000000000000000000000000000001",         /* */
        "0.000000000000000000000136",                  /* AWS shows such ones */
        "0.000000001",                                 /* OCI's 1E-9 */
    };
    enum { COUNT = sizeof texts / sizeof texts[0] };
    struct database d;
    struct thing_row rows[COUNT];
    for (int i = 0; i < COUNT; i++) {
        rows[i] = bare(i);
        rows[i].price = decimal_lit(texts[i]);
    }
    database_open(&d);
    check_round_trip(&d, rows, COUNT);
    struct tx *tx = begin(&d, TX_READ);
    for (int i = 0; i < COUNT; i++) {
        struct thing_row row;
        bool found = false;
        MUST(&d, thing_load(tx, &(struct thing_load_in){rows[i].id}, &row, &found));
        struct decimal want = decimal_lit(texts[i]);
        CHECK_STR(decimal_text(&d.arena, row.price), decimal_text(&d.arena, want).ptr);
    }
    tx_rollback(tx);
    database_close(&d);
}

TEST(values_decimals_that_could_not_be_read_again)
{
    // clang-format off
    static const struct { const char *name; const char *digits; int power; enum err want; } cases[] = {
        {"10^34", "1", 34, ERR_INEXACT},
        {"-10^34", "-1", 34, ERR_INEXACT},
        {"10^33", "1", 33, ERR_NONE},
        {"41 decimals", "1", -41, ERR_INEXACT},
        {"40 decimals", "-1", -40, ERR_NONE},
        {"100 decimals", "1234567", -100, ERR_INEXACT},
    };
    // clang-format on
    struct database d;
    database_open(&d);
    EACH(c, cases) {
        struct thing_row row = bare(1);
        struct tx *tx = begin(&d, TX_WRITE);
        REQUIRE(decimal_scale(decimal_lit(c->digits), c->power, &row.price) == ERR_NONE);
        CHECK_INT(thing_insert(tx, &row), c->want);
        struct thing_find_in in = {.wanted_price = row.price, .wanted_day = DAY_NONE};
        struct thing_find_row *list = NULL;
        size_t count = 0;
        CHECK_INT(c->want != ERR_NONE || thing_find(tx, &in, &list, &count) == ERR_NONE, 1);
        CHECK_INT(count, c->want == ERR_NONE);
        tx_rollback(tx);
        tx = begin(&d, TX_READ);
        CHECK_INT(thing_find(tx, &in, &list, &count), c->want);
        tx_rollback(tx);
    }
    database_close(&d);
}

TEST(values_random_decimals)
{
    enum { COUNT = 2000 };
    static struct thing_row rows[COUNT];
    struct database d;
    for (int i = 0; i < COUNT; i++) {
        char text[64];
        int at = 0;
        int digits = (int)test_between(1, 34);
        int point = (int)test_between(0, digits);
        if (test_between(0, 1) == 1)
            text[at++] = '-';
        for (int digit = 0; digit < digits; digit++) {
            if (digit == point)
                text[at++] = '.';
            /* zeros in rows, so that groups of four are empty now and then */
            text[at++] = (char)('0' + (test_between(0, 2) == 0 ? test_between(0, 9) : 0));
        }
        rows[i] = bare(i);
        REQUIRE(decimal_parse((struct str){text, (size_t)at}, &rows[i].price) == ERR_NONE);
    }
    database_open(&d);
    check_round_trip(&d, rows, COUNT);
    database_close(&d);
}

static size_t put_utf8(char *out, unsigned c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

TEST(values_every_character)
{
    struct database d;
    struct thing_row rows[3] = {bare(0), bare(1), bare(2)};
    static char all[0x110000 * 4];
    size_t len = 0;
    for (unsigned c = 1; c < 0x110000; c++) {
        if (c < 0xd800 || c > 0xdfff)
            len += put_utf8(all + len, c);
    }
    REQUIRE(str_is_text((struct str){all, len}));
    rows[0].label = (struct str){all, len};
    rows[1].label = rows[1].details = (struct str){all, 0x7f};
    rows[2].details = (struct str){all + 0x7f, 2000};
    database_open(&d);
    check_round_trip(&d, rows, 3);
    database_close(&d);
}

TEST(values_texts_that_mean_something_elsewhere)
{
    static const char *const texts[] = {
        "NULL", "null",          "{}",  "{\"a\",NULL}", "a,b",       "\"",       "\\", "\\\\x00",
        "'",    "''; --",        "$1",  ":name",        "?",         "%s",       " ",  "\t",
        "\r\n", "  both ends  ", "\\N", "0x41",         "e\xcc\x81", "\xc3\xa9",
    };
    enum { COUNT = sizeof texts / sizeof texts[0] };
    struct database d;
    struct thing_row rows[COUNT];
    for (int i = 0; i < COUNT; i++) {
        rows[i] = bare(i);
        rows[i].label = str_of(texts[i]);
        rows[i].picture = str_of(texts[i]);
    }
    database_open(&d);
    check_round_trip(&d, rows, COUNT);
    struct tx *tx = begin(&d, TX_READ);
    for (int i = 0; i < COUNT; i++) { /* and as a parameter of a filter */
        struct thing_find_in in = {
            .wanted_label = str_of(texts[i]), .wanted_price = DECIMAL_NONE, .wanted_day = DAY_NONE};
        struct thing_find_row *found = NULL;
        size_t count = 0;
        MUST(&d, thing_find(tx, &in, &found, &count));
        REQUIRE(count == 1);
        CHECK_INT(found[0].position, i);
    }
    tx_rollback(tx);
    database_close(&d);
}

TEST(values_bytes)
{
    struct database d;
    struct thing_row rows[3] = {bare(0), bare(1), bare(2)};
    static unsigned char bytes[256];
    static unsigned char many[1 << 20];
    for (int i = 0; i < 256; i++)
        bytes[i] = (unsigned char)i;
    for (size_t i = 0; i < sizeof many; i++)
        many[i] = (unsigned char)test_random();
    rows[0].picture = (struct str){(const char *)bytes, sizeof bytes};
    rows[1].picture = (struct str){(const char *)many, sizeof many};
    rows[2].picture = (struct str){"\0", 1};
    database_open(&d);
    check_round_trip(&d, rows, 3);
    database_close(&d);
}

TEST(values_filters_that_may_be_none)
{
    struct database d;
    struct thing_row rows[3] = {bare(0), bare(1), bare(2)};
    rows[1].day = 7;
    rows[1].price = decimal_lit("0.5");
    rows[2].day = 7;
    database_open(&d);
    check_round_trip(&d, rows, 3);
    // clang-format off
    static const struct { const char *name; const char *price; int32_t day; size_t want; } cases[] = {
        {"none", NULL, DAY_NONE, 3},
        {"a day", NULL, 7, 2},
        {"a price, written otherwise", "0.50", DAY_NONE, 1},
        {"both", "0.5", 7, 1},
        {"no such price", "0.51", DAY_NONE, 0},
    };
    // clang-format on
    struct tx *tx = begin(&d, TX_READ);
    EACH(c, cases) {
        struct thing_find_in in = {
            .wanted_price = c->price == NULL ? DECIMAL_NONE : decimal_lit(c->price),
            .wanted_day = c->day,
        };
        struct thing_find_row *found = NULL;
        size_t count = 0;
        MUST(&d, thing_find(tx, &in, &found, &count));
        CHECK_INT(count, c->want);
    }
    tx_rollback(tx);
    database_close(&d);
}

TEST(values_texts_are_in_order_of_their_bytes)
{
    static const char *const in_order[] = {"",
                                           " ",
                                           "10",
                                           "9",
                                           "A",
                                           "Z",
                                           "_",
                                           "a",
                                           "ab",
                                           "b",
                                           "z",
                                           "\xc3\x84",
                                           "\xc3\xa4",
                                           "\xe2\x82\xac",
                                           "\xf0\x9f\x98\x80"};
    enum { COUNT = sizeof in_order / sizeof in_order[0] };
    struct database d;
    struct thing_row rows[COUNT];
    for (int i = 0; i < COUNT; i++) {
        rows[i] = bare(i);
        rows[i].label = str_of(in_order[(i * 7) % COUNT]); /* 7 and 15 have no common factor */
    }
    database_open(&d);
    check_round_trip(&d, rows, COUNT);
    struct tx *tx = begin(&d, TX_READ);
    struct thing_by_label_row *list = NULL;
    size_t count = 0;
    MUST(&d, thing_by_label(tx, &list, &count));
    REQUIRE(count == COUNT);
    for (int i = 0; i < COUNT; i++)
        CHECK_STR(list[i].label, in_order[i]);
    tx_rollback(tx);
    database_close(&d);
}

TEST(values_expressions_joins_and_truths)
{
    struct database d;
    struct thing_row rows[2] = {bare(0), bare(1)};
    rows[0].label = STR("top");
    rows[1].parent_id = rows[0].id;
    rows[1].is_good = true;
    database_open(&d);
    struct tx *tx = begin(&d, TX_READ);
    struct thing_count_row total;
    bool found = false;
    MUST(&d, thing_count(tx, &total, &found));
    CHECK(found && total.total == 0 && total.good == 0);
    tx_rollback(tx);
    check_round_trip(&d, rows, 2);
    tx = begin(&d, TX_READ);
    MUST(&d, thing_count(tx, &total, &found));
    CHECK(found && total.total == 2 && total.good == 1);
    struct thing_parent_row *list = NULL;
    size_t count = 0;
    MUST(&d, thing_parent(tx, &list, &count));
    REQUIRE(count == 2);
    CHECK(str_is_null(list[0].parent_label));
    CHECK_STR(list[1].parent_label, "top");
    for (int yes = 0; yes < 2; yes++) {
        struct thing_truth_row truth;
        MUST(&d, thing_truth(tx, &(struct thing_truth_in){yes != 0}, &truth, &found));
        CHECK(truth.same == (yes != 0) && truth.other == (yes == 0));
    }
    tx_rollback(tx);
    database_close(&d);
}

TEST(values_row_as_json)
{
    struct thing_row row = bare(1);
    struct arena arena;
    arena_init(&arena);
    row.is_good = true;
    row.label = STR("a \"b\"");
    row.price = decimal_lit("1.50");
    row.day = day_from_civil((struct civil){2024, 2, 29});
    row.picture = STR("\x01\xff");
    CHECK_STR(thing_row_json(&arena, &row),
              "{\"id\":\"ff000000-0000-0000-0000-000000000001\",\"position\":1,\"is_good\":true,"
              "\"parent_id\":null,\"label\":\"a \\\"b\\\"\",\"details\":null,\"price\":\"1.5\","
              "\"amount_minor\":null,\"number\":null,\"happened_at\":null,\"day\":\"2024-02-29\","
              "\"picture\":\"01ff\"}");
    arena_clear(&arena);
}
