/* content.h - what a database holds, as far as two runs of the same work agree: all rows of all
 * tables, but for ids (each is the same word), hashes and secrets, in whatever order. */
#ifndef TESTS_FAULTS_CONTENT_H
#define TESTS_FAULTS_CONTENT_H

#include "base/hash.h"
#include "store/db.h"

#include <stdio.h>
#include <string.h>

/* A column that is left out everywhere; NULL: none. */
static const char *content_left_out;

struct content_table {
    struct arena *arena;
    const struct table_info *table;
    struct db_field fields[100];
    size_t field_count;
    uint64_t sum, work_sum;
    int64_t rows;
    bool is_shown;
};

static void content_blank_ids(char *text, size_t len)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    for (size_t i = 0; i + sizeof form - 1 <= len; i++) {
        size_t j = 0;
        while (form[j] != '\0' &&
               (form[j] == '-' ? text[i + j] == '-'
                               : text[i + j] != '\0' && strchr("0123456789abcdef", text[i + j])))
            j++;
        if (form[j] == '\0') {
            memset(text + i, 'u', sizeof form - 1);
            i += sizeof form - 2;
        }
    }
}

/* Tokens in addresses: 64 digits. */
static void content_blank_tokens(char *text, size_t len)
{
    size_t run = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && text[i] != '\0' && strchr("0123456789abcdef", text[i])) {
            run++;
            continue;
        }
        if (run == 64)
            memset(text + i - run, 't', run);
        run = 0;
    }
}

/* Numbers of commits, by which work in another order differs: members named …_seq. */
static void content_blank_seqs(char *text, size_t len)
{
    static const char end[] = "_seq\":";
    for (size_t i = 0; i + sizeof end - 1 <= len; i++) {
        if (memcmp(text + i, end, sizeof end - 1) != 0)
            continue;
        for (i += sizeof end - 1; i < len && text[i] >= '0' && text[i] <= '9'; i++)
            text[i] = 'n';
    }
}

static uint64_t content_hash(const char *text, size_t len)
{
    unsigned char hash[32];
    uint64_t lane = 0;
    hash_sha256((struct str){text, len}, hash);
    memcpy(&lane, hash, sizeof lane);
    return lane;
}

static void content_add_row(struct content_table *content, const void *row)
{
    struct arena_mark mark = arena_mark(content->arena);
    struct str json = db_row_json(content->arena, content->fields, content->field_count, row);
    char *text = arena_alloc(content->arena, json.len + 1);
    memcpy(text, json.ptr, json.len);
    content_blank_ids(text, json.len);
    content_blank_tokens(text, json.len);
    if (content->is_shown)
        printf("%s %.*s\n", content->table->name, (int)json.len, text);
    content->sum += content_hash(text, json.len);
    content_blank_seqs(text, json.len);
    content->work_sum += content_hash(text, json.len);
    content->rows++;
    arena_return(content->arena, mark);
}

static enum err content_read_table(struct tx *tx, struct content_table *content)
{
    struct db *db = tx_db(tx);
    const struct db_driver *driver = ((struct db_base *)db)->driver;
    struct stmt *stmt = NULL;
    bool has_row = false;
    void *row = arena_alloc(content->arena, content->table->all->row_bytes);
    for (size_t i = 0; i < content->table->column_count; i++) {
        const struct db_field *column = &content->table->columns[i];
        if (column->type != DB_BLOB && strcmp(column->name, "tries") != 0 && /* begun in vain */
            (content_left_out == NULL || strcmp(column->name, content_left_out) != 0))
            content->fields[content->field_count++] = content->table->columns[i];
    }
    TRY(driver->start(db, content->table->all, NULL, true, &stmt));
    enum err err = driver->step(stmt, &has_row);
    while (err == ERR_NONE && has_row) {
        struct arena_mark mark = arena_mark(content->arena);
        err = driver->read(stmt, content->arena, row);
        if (err == ERR_NONE)
            content_add_row(content, row);
        arena_return(content->arena, mark);
        if (err == ERR_NONE)
            err = driver->step(stmt, &has_row);
    }
    driver->finish(stmt);
    return err;
}

/* Two numbers for all rows: `all`, and `work` without the trail of it: audit entries and counters,
 * which go on also where a second call finds all done, and the numbers of commits. */
struct content {
    uint64_t all;
    uint64_t work;
};

static bool content_is_trail(const char *table)
{
    return strcmp(table, "audit_entry") == 0 || strcmp(table, "audit_head") == 0 ||
           strcmp(table, "number_counter") == 0 || strcmp(table, "instance") == 0;
}

/* is_shown: also prints each row. */
static enum err content_read(struct tx *tx, bool is_shown, struct content *sum)
{
    *sum = (struct content){0};
    for (const struct table_info *table = table_infos; table->name != NULL; table++) {
        struct content_table content = {
            .arena = tx_arena(tx), .table = table, .is_shown = is_shown};
        TRY(content_read_table(tx, &content));
        sum->all = sum->all * 31 + content.sum + (uint64_t)content.rows;
        if (!content_is_trail(table->name))
            sum->work = sum->work * 31 + content.work_sum + (uint64_t)content.rows;
    }
    return ERR_NONE;
}

#endif
