/* sqlgen.h - the parts of sqlgen, the build tool that checks SQL and makes typed C of it.
 *
 *   sqlgen.c         command line, files
 *   sqlgen_gen.c     what all parts use
 *   sqlgen_text.c    SQL as tokens; what is for which engine
 *   sqlgen_schema.c  migrations, and the tables that they make
 *   sqlgen_query.c   a file of queries: annotations, parameters, results
 *   sqlgen_check.c   what no query may do
 *   sqlgen_write.c   the C
 *
 * The language of the input is described in sql/README.md.  Everything lives in one arena until
 * the program ends.  Whatever does not fit is said with gen_complain, and all is looked at, so that
 * one run tells everything. */
#ifndef TOOLS_SQLGEN_H
#define TOOLS_SQLGEN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#define GEN_TEXT_MAX ((size_t)16 << 20) /* of any file read or written */

struct type {
    const char *word;     /* in our SQL */
    const char *db;       /* enum db_type of store/db.h */
    const char *c;        /* of the struct's member, with its space */
    const char *postgres; /* in migrations */
    const char *cast;     /* in queries */
    const char *none;     /* the value that stands for NULL; NULL: has none */
};

struct column {
    struct str name;
    const struct type *type;
    bool nullable;
    struct str comment; /* of the migration; STR_NULL: none */
};

struct columns {
    struct column *items;
    size_t count, capacity;
};

struct table {
    struct str name;
    struct str comment; /* lines, without their "--"; STR_NULL: none */
    struct columns columns;
    bool of_customer; /* keyed by customer: first, or second after the day */
};

enum kind { KIND_ONE, KIND_LIST, KIND_EACH, KIND_EXEC, KIND_BATCH };

struct query {
    struct str name;
    enum kind kind;
    struct str comment;   /* as of a table */
    struct columns given; /* -- param */
    struct columns told;  /* -- column */
    bool all_customers;
    int line; /* of its name; the text begins on the next */
    struct str text;
    struct columns params; /* in the order in which SQLite counts them */
    struct columns result;
    const struct table *row_table; /* the result is exactly a table's columns */
};

struct gen {
    struct arena arena;
    sqlite3 *db;
    struct str root;   /* folder with a slash: left out of the names of files */
    struct str prefix; /* of the written files in an #include: "store/sql" */
    const char *dir;   /* where they are written */

    struct str file; /* where we are */
    int line;
    int error_count;
    struct buf *errors; /* tests: where errors go; NULL: standard error */

    struct table *tables; /* in the order in which they were made */
    size_t table_count, table_capacity;
    struct columns
        known;         /* every column name once: one name, one type; nullable if it is anywhere */
    struct str *names; /* of all queries so far */
    size_t name_count, name_capacity;
    struct str *files; /* stems of the query files, in order */
    size_t file_count, file_capacity;
};

enum engine { SQLITE = 1, POSTGRES = 2 };

/* ---- sqlgen_gen.c: what all parts use */

void gen_init(struct gen *gen);
void gen_clear(struct gen *gen);
__attribute__((format(printf, 2, 3))) void gen_complain(struct gen *gen, const char *format, ...);
void columns_add(struct gen *gen, struct columns *columns, struct column column);
struct column *columns_find(const struct columns *columns, struct str name);
/* Names with commas, broken into lines: "a, b" or, as arrays, "$1::uuid[], $2::text[]". */
void columns_list(struct buf *out, const struct columns *columns, const char *before, bool arrays);
struct table *table_find(const struct gen *gen, struct str name);

/* ---- sqlgen_text.c */

/* The next token at *at: a word, a number, a parameter with its colon, a quoted text, or one
 * operator.  Comments and spaces are passed over.  STR_NULL at the end. */
struct str next_token(struct str sql, size_t *at);
bool token_is(struct str token, const char *word); /* letters of any case */
bool token_is_word(struct str token);
bool token_is_param(struct str token);

struct tokens {
    struct str *items;
    size_t count, capacity;
};
struct tokens tokens_of(struct gen *gen, struct str sql);
/* The token `by` places after (before) `index`; empty text where there is none. */
struct str token_at(const struct tokens *tokens, size_t index, int by);
/* Index of the parenthesis that closes the one at `open`; the count when none does. */
size_t token_close(const struct tokens *tokens, size_t open);
/* The same in the other direction; `close` itself when none opens it. */
size_t token_open(const struct tokens *tokens, size_t close);

/* The text for one engine, line for line: blocks of the other are empty lines. */
struct str text_for(struct gen *gen, struct str text, enum engine engine);
/* For SQLite: without FOR UPDATE.  Offsets in it are still of the same line. */
struct str text_sqlite(struct gen *gen, struct str text);
/* A migration for PostgreSQL: its types, no WITHOUT ROWID. */
struct str text_postgres_ddl(struct gen *gen, struct str text);
/* A query for PostgreSQL: parameters numbered and typed, rows of a batch as arrays. */
struct str text_postgres(struct gen *gen, struct str text, const struct query *query);
/* Without comments, empty lines and spaces at the ends of lines; a terminated copy. */
struct str text_tidy(struct gen *gen, struct str text);
int text_line(struct str text, size_t offset); /* 0: the first */

/* ---- sqlgen_schema.c */

const struct type *type_find(struct str word);
/* Applies the next migration and returns its number, which is above that of the last one. */
int schema_apply(struct gen *gen, struct str stem, struct str text, int last);
/* Reads the tables that are there now; `texts` are the migrations, for their comments. */
void schema_read(struct gen *gen, const struct str *texts, size_t count);

/* ---- sqlgen_query.c */

struct item { /* of a query file: a query, or an insert */
    struct query query;
    const struct table *insert; /* -- insert: TABLE */
};
struct items {
    struct item *items;
    size_t count, capacity;
};
/* Reads and checks gen->file, whose text this is. */
struct items queries_read(struct gen *gen, struct str text);

/* ---- sqlgen_check.c */

void check_decimals(struct gen *gen, const struct query *query, struct str sql);
void check_customer(struct gen *gen, const struct query *query, struct str sql);
void check_batch(struct gen *gen, struct str sql);
/* Whether a column of the table may be absent from the query's rows whatever the schema says: the
 * outer side of a LEFT JOIN, or a SELECT in the place of a value. */
bool check_may_be_absent(struct gen *gen, struct str sql, struct str table);

/* ---- sqlgen_write.c */

void write_rows(struct gen *gen, struct buf *h, struct buf *c);
void write_queries(struct gen *gen, struct str stem, const struct items *items, struct buf *h,
                   struct buf *c);
void write_migration(struct gen *gen, struct buf *c, struct str stem, struct str text, int number);
void write_index(struct gen *gen, struct buf *c);

#endif
