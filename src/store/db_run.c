/* db_run.c - running a query: one row, all rows, each row, none. */
#include "store/db.h"

#include "base/assert.h"
#include "base/json_write.h"

static const struct db_driver *driver_of(struct db *db)
{
    return ((struct db_base *)db)->driver;
}

enum err db_one(struct tx *tx, const struct query *query, const void *in, void *row, bool *found)
{
    struct db *db = tx_db(tx);
    const struct db_driver *driver = driver_of(db);
    struct stmt *stmt = NULL;
    bool has_row = false;
    TRY(driver->start(db, query, in, false, &stmt));
    enum err err = driver->step(stmt, &has_row);
    if (err == ERR_NONE && has_row)
        err = driver->read(stmt, tx_arena(tx), row);
    bool more = false;
    if (err == ERR_NONE && has_row)
        err = driver->step(stmt, &more); /* lets INSERT … RETURNING run to its end */
    driver->finish(stmt);
    if (err == ERR_NONE)
        *found = has_row;
    return err;
}

enum err db_list(struct tx *tx, const struct query *query, const void *in, void **rows,
                 size_t *count)
{
    struct db *db = tx_db(tx);
    const struct db_driver *driver = driver_of(db);
    struct stmt *stmt = NULL;
    bool has_row = false;
    char *list = NULL;
    size_t len = 0;
    size_t capacity = 0;
    TRY(driver->start(db, query, in, false, &stmt));
    enum err err = driver->step(stmt, &has_row);
    while (err == ERR_NONE && has_row) {
        list = arena_grow(tx_arena(tx), list, len, &capacity, query->row_bytes);
        err = driver->read(stmt, tx_arena(tx), list + len * query->row_bytes);
        len++;
        if (err == ERR_NONE)
            err = driver->step(stmt, &has_row);
    }
    driver->finish(stmt);
    if (err == ERR_NONE) {
        *rows = list;
        *count = len;
    }
    return err;
}

enum err db_each(struct tx *tx, const struct query *query, const void *in, db_each_fn *each,
                 void *arg)
{
    struct db *db = tx_db(tx);
    const struct db_driver *driver = driver_of(db);
    struct stmt *stmt = NULL;
    bool has_row = false;
    void *row = arena_alloc(tx_arena(tx), query->row_bytes);
    TRY(driver->start(db, query, in, true, &stmt));
    enum err err = driver->step(stmt, &has_row);
    while (err == ERR_NONE && has_row) {
        err = driver->read(stmt, NULL, row);
        if (err == ERR_NONE)
            err = each(arg, row);
        if (err == ERR_NONE)
            err = driver->step(stmt, &has_row);
    }
    driver->finish(stmt);
    return err;
}

enum err db_exec(struct tx *tx, const struct query *query, const void *in, int64_t *changed)
{
    struct db *db = tx_db(tx);
    const struct db_driver *driver = driver_of(db);
    struct stmt *stmt = NULL;
    bool has_row = false;
    TRY(driver->start(db, query, in, false, &stmt));
    enum err err = driver->step(stmt, &has_row);
    if (err == ERR_NONE && changed != NULL)
        *changed = driver->changed(stmt);
    driver->finish(stmt);
    return err;
}

enum err db_batch(struct tx *tx, const struct query *query, const void *rows, size_t count,
                  size_t stride, db_each_fn *each, void *arg)
{
    struct db *db = tx_db(tx);
    if (count == 0)
        return ERR_NONE;
    return driver_of(db)->batch(db, query, rows, count, stride, each, arg);
}

bool db_decimal_text(struct decimal value, struct buf *text)
{
    buf_decimal(text, value);
    struct str written = buf_str(text);
    ptrdiff_t point = str_find(written, '.');
    size_t whole = point < 0 ? written.len : (size_t)point;
    return buf_ok(text) && decimal_decimals(value) <= DECIMAL_DECIMALS_MAX &&
           whole - str_starts(written, STR("-")) <= DECIMAL_DIGITS_MAX;
}

static void field_json(struct json_writer *w, const struct db_field *field, const void *row)
{
    const void *member = (const char *)row + field->at;
    struct buf hex;
    switch (field->type) {
    case DB_UUID:
        json_uuid(w, field->name, *(const struct uuid *)member);
        break;
    case DB_TEXT:
        json_str(w, field->name, *(const struct str *)member);
        break;
    case DB_DECIMAL:
        json_decimal(w, field->name, *(const struct decimal *)member);
        break;
    case DB_INT:
        json_int(w, field->name, *(const int64_t *)member);
        break;
    case DB_DAY:
        json_day(w, field->name, *(const int32_t *)member);
        break;
    case DB_BOOL:
        json_bool(w, field->name, *(const bool *)member);
        break;
    case DB_BLOB: {
        struct str bytes = *(const struct str *)member;
        buf_init(&hex, w->buf->arena, 2 * bytes.len + 1);
        buf_hex(&hex, bytes.ptr, bytes.len);
        json_str(w, field->name, str_is_null(bytes) ? STR_NULL : buf_str(&hex));
        break;
    }
    }
}

struct str db_row_json(struct arena *arena, const struct db_field *fields, size_t count,
                       const void *row)
{
    struct buf text;
    struct json_writer w;
    buf_init(&text, arena, (size_t)16 << 20);
    json_writer_init(&w, &text);
    json_object(&w, NULL);
    for (size_t i = 0; i < count; i++)
        field_json(&w, &fields[i], row);
    json_object_end(&w);
    ASSERT(buf_ok(&text));
    return buf_str(&text);
}
