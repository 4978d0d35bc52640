#include "tests/test.h"

#include "base/csv.h"

struct reading {
    struct arena arena;
    struct fault fault;
    struct input *input;
    struct csv csv;
};

static enum err start(struct reading *r, struct str text)
{
    arena_init(&r->arena);
    fault_init(&r->fault, &r->arena);
    r->input = input_of(text, &r->fault);
    return csv_open(&r->csv, r->input, &r->arena, &r->fault);
}

static void finish(struct reading *r)
{
    input_close(r->input);
    arena_clear(&r->arena);
}

/* Examples of RFC 4180, section 2. */
TEST(csv_reads_what_rfc_4180_shows)
{
    // clang-format off
    static const struct { const char *name, *text, *first, *second; } cases[] = {
        {"crlf",                "x,y\r\naaa,bbb\r\n",               "aaa",         "bbb"},
        {"no last line end",    "x,y\naaa,bbb",                     "aaa",         "bbb"},
        {"quoted",              "x,y\r\n\"aaa\",\"bbb\"\r\n",       "aaa",         "bbb"},
        {"line end in quotes",  "x,y\r\n\"b\r\nbb\",c\r\n",         "b\r\nbb",     "c"},
        {"doubled quote",       "x,y\r\n\"b\"\"bb\",\"\"\"\"\r\n",  "b\"bb",       "\""},
        {"empty fields",        "x,y\n,\"\"\n",                     "",            ""},
        {"byte order mark",     "\xEF\xBB\xBFx,y\n1,2\n",           "1",           "2"},
    };
    // clang-format on
    EACH(c, cases) {
        struct reading r;
        bool found = false;
        REQUIRE(start(&r, str_of(c->text)) == ERR_NONE);
        CHECK_STR(r.csv.columns[0], "x");
        REQUIRE(csv_next(&r.csv, &found) == ERR_NONE);
        REQUIRE(found && r.csv.field_count == 2);
        CHECK_STR(r.csv.fields[0].text, c->first);
        CHECK_STR(r.csv.fields[1].text, c->second);
        CHECK_INT(r.csv.row, 2);
        REQUIRE(csv_next(&r.csv, &found) == ERR_NONE);
        CHECK(!found);
        finish(&r);
    }
}

TEST(csv_tells_quoted_from_unquoted)
{
    struct reading r;
    bool found = false;
    REQUIRE(start(&r, STR("x,y\n\"NULL\",NULL\n")) == ERR_NONE);
    REQUIRE(csv_next(&r.csv, &found) == ERR_NONE);
    CHECK(r.csv.fields[0].is_quoted);
    CHECK(!r.csv.fields[1].is_quoted);
    finish(&r);
}

TEST(csv_stops_at_what_has_no_meaning)
{
    // clang-format off
    static const struct { const char *name, *text, *words; } cases[] = {
        {"quote inside",       "x,y\n1,2\"3\n",   "row 2, y: a quote inside"},
        {"text behind quote",  "x,y\n\"1\"2,3\n", "row 2, x: text behind"},
        {"never closed",       "x,y\n1,\"2\n",    "row 2, y: the file ends"},
        {"lone CR",            "x,y\n1\r2,3\n",   "row 2, x: a CR"},
    };
    // clang-format on
    EACH(c, cases) {
        struct reading r;
        bool found = false;
        REQUIRE(start(&r, str_of(c->text)) == ERR_NONE);
        CHECK_INT(csv_next(&r.csv, &found), ERR_MALFORMED);
        CHECK(str_starts(r.fault.message, str_of(c->words)));
        finish(&r);
    }
}

TEST(csv_notes_bad_records_and_goes_on)
{
    struct reading r;
    bool found = false;
    REQUIRE(start(&r, STR("x,y\n1\n1,\xFF\n1,2,3\n8,9\n")) == ERR_NONE);
    for (int i = 0; i < 3; i++) {
        REQUIRE(csv_next(&r.csv, &found) == ERR_NONE);
        CHECK(found && r.csv.is_bad);
    }
    REQUIRE(csv_next(&r.csv, &found) == ERR_NONE);
    CHECK(found && !r.csv.is_bad);
    REQUIRE(r.fault.field_count == 3);
    CHECK_STR(r.fault.fields[0].field, "row 2, y");
    CHECK_STR(r.fault.fields[1].field, "row 3, y");
    CHECK_STR(r.fault.fields[2].field, "row 4");
    finish(&r);
}

TEST(csv_refuses_bad_headers)
{
    // clang-format off
    static const struct { const char *name, *text; } cases[] = {
        {"empty file", ""}, {"twice the same", "x,x\n"}, {"no name", "x,\n"}, {"not UTF-8", "x,\xC0\n"},
    };
    // clang-format on
    EACH(c, cases) {
        struct reading r;
        CHECK_INT(start(&r, str_of(c->text)), ERR_MALFORMED);
        finish(&r);
    }
}
