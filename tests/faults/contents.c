/* contents DATABASE          prints one number for all that the database holds (content.h)
 * contents DATABASE --show   and each row before it
 * contents DATABASE TABLE…   prints the rows of these tables as JSON lines, ids and all
 * For tests that compare databases of processes that were killed. */
#include "tests/faults/content.h"

#include <inttypes.h>
#include <stdlib.h>

static enum err print_rows(struct tx *tx, const char *name)
{
    const struct db_driver *driver = ((struct db_base *)tx_db(tx))->driver;
    const struct table_info *table = table_infos;
    struct stmt *stmt = NULL;
    bool has_row = false;
    while (table->name != NULL && strcmp(table->name, name) != 0)
        table++;
    if (table->name == NULL)
        return fault_set(tx_fault(tx), ERR_NOT_FOUND, "there is no table %s", name);
    void *row = arena_alloc(tx_arena(tx), table->all->row_bytes);
    TRY(driver->start(tx_db(tx), table->all, NULL, true, &stmt));
    enum err err = driver->step(stmt, &has_row);
    while (err == ERR_NONE && has_row) {
        struct arena_mark mark = arena_mark(tx_arena(tx));
        err = driver->read(stmt, tx_arena(tx), row);
        if (err == ERR_NONE) {
            struct str json = db_row_json(tx_arena(tx), table->columns, table->column_count, row);
            printf("{\"table\":\"%s\",\"row\":%.*s}\n", name, (int)json.len, json.ptr);
            err = driver->step(stmt, &has_row);
        }
        arena_return(tx_arena(tx), mark);
    }
    driver->finish(stmt);
    return err;
}

static enum err print(struct tx *tx, int count, char **words)
{
    struct content sum;
    if (count == 0 || (count == 1 && strcmp(words[0], "--show") == 0)) {
        TRY(content_read(tx, count == 1, &sum));
        printf("%016" PRIx64 "\n", sum.all);
        return ERR_NONE;
    }
    for (int i = 0; i < count; i++)
        TRY(print_rows(tx, words[i]));
    return ERR_NONE;
}

int main(int argc, char **argv)
{
    struct arena arena;
    struct fault fault;
    struct store *store = NULL;
    struct tx *tx = NULL;
    content_left_out = "last_used_at"; /* a key's: written now and then */
    arena_init(&arena);
    fault_init(&fault, &arena);
    if (argc < 2)
        return 2;
    enum err err =
        store_open(str_of(argv[1]), &(struct store_options){.must_exist = true}, &fault, &store);
    if (err == ERR_NONE)
        err = tx_begin(store, TX_READ, &arena, &fault, &tx);
    if (err == ERR_NONE) {
        err = print(tx, argc - 2, argv + 2);
        tx_rollback(tx);
    }
    if (err != ERR_NONE)
        fprintf(stderr, "contents: %.*s\n", STR_ARG(fault.message));
    store_close(store);
    arena_clear(&arena);
    return err == ERR_NONE ? 0 : 1;
}
