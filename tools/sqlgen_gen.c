/* sqlgen_gen.c - what all parts of sqlgen use: errors, lists of columns, tables. */
#include "tools/sqlgen.h"

#include <stdarg.h>
#include <stdio.h>

#define LIST_WIDTH 70 /* lines end after it */

void gen_init(struct gen *gen)
{
    *gen = (struct gen){0};
    arena_init(&gen->arena);
    if (sqlite3_open(":memory:", &gen->db) != SQLITE_OK)
        gen_complain(gen, "no database in memory: %s", sqlite3_errmsg(gen->db));
}

void gen_clear(struct gen *gen)
{
    sqlite3_close(gen->db);
    arena_clear(&gen->arena);
}

void gen_complain(struct gen *gen, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str words = arena_vfmt(&gen->arena, format, args);
    va_end(args);
    struct str line =
        arena_fmt(&gen->arena, "%.*s:%d: %.*s\n", STR_ARG(gen->file), gen->line, STR_ARG(words));
    if (gen->errors != NULL)
        buf_add(gen->errors, line);
    else
        fputs(line.ptr, stderr);
    gen->error_count++;
}

void columns_add(struct gen *gen, struct columns *columns, struct column column)
{
    columns->items = arena_grow(&gen->arena, columns->items, columns->count, &columns->capacity,
                                sizeof *columns->items);
    columns->items[columns->count++] = column;
}

struct column *columns_find(const struct columns *columns, struct str name)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (str_eq(columns->items[i].name, name))
            return &columns->items[i];
    }
    return NULL;
}

struct table *table_find(const struct gen *gen, struct str name)
{
    for (size_t i = 0; i < gen->table_count; i++) {
        if (str_eq_nocase(gen->tables[i].name, name))
            return &gen->tables[i];
    }
    return NULL;
}

void columns_list(struct buf *out, const struct columns *columns, const char *before, bool arrays)
{
    size_t start = out->len;
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->items[i];
        buf_add(out, i > 0 ? STR(",") : STR(""));
        bool full = out->len > start + LIST_WIDTH;
        if (full)
            start = out->len;
        buf_add(out, i == 0 ? STR("") : full ? STR("\n  ") : STR(" "));
        if (arrays)
            buf_fmt(out, "%s%zu::%s[]", before, i + 1, column->type->cast);
        else
            buf_fmt(out, "%s%.*s", before, STR_ARG(column->name));
    }
}
