/* sqlgen.c - build tool: SQL in, checked and typed C out.
 *
 *   sqlgen ROOT PREFIX OUTPUT_DIR MIGRATION.sql... --queries QUERY.sql...
 *
 * Applies the migrations to an empty SQLite database, prepares every query against it, and writes
 * rows.h, rows.c, migrations.c, index.c, and NAME.h, NAME.c for each query file.  ROOT is the
 * folder that errors name files from, PREFIX the folder of the headers in an #include.  The
 * language of the input is described in sql/README.md.  Anything that does not fit is an error with
 * file and line, and nothing is written for it. */
#include "tools/sqlgen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct str read_file(struct gen *gen, const char *path)
{
    FILE *file = fopen(path, "rb");
    struct buf text;
    char piece[65536];
    size_t len = 0;
    buf_init(&text, &gen->arena, GEN_TEXT_MAX);
    if (file == NULL) {
        gen_complain(gen, "cannot be read");
        return STR("");
    }
    while ((len = fread(piece, 1, sizeof piece, file)) > 0)
        buf_add(&text, (struct str){piece, len});
    fclose(file);
    return text.len == 0 ? STR("") : buf_str(&text);
}

static bool is_written(struct gen *gen, const char *path, const struct buf *text)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    char *there = arena_alloc(&gen->arena, text->len + 1);
    size_t len = fread(there, 1, text->len + 1, file);
    fclose(file);
    return len == text->len && memcmp(there, text->ptr, len) == 0;
}

/* A file that says the same already is left as it is, so that nothing is built again for it. */
static void write_file(struct gen *gen, struct str stem, const char *ending, const struct buf *text)
{
    struct str path = arena_fmt(&gen->arena, "%s/%.*s%s", gen->dir, STR_ARG(stem), ending);
    if (buf_ok(text) && is_written(gen, path.ptr, text))
        return;
    FILE *file = fopen(path.ptr, "wb");
    bool done = file != NULL && buf_ok(text) && fwrite(text->ptr, 1, text->len, file) == text->len;
    if (file != NULL && fclose(file) != 0)
        done = false;
    if (!done)
        gen_complain(gen, "%s cannot be written", path.ptr);
}

/* "sql/queries/invoice.sql" to "invoice" */
static struct str stem_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct str name = str_of(slash == NULL ? path : slash + 1);
    return str_ends(name, STR(".sql")) ? str_slice(name, 0, name.len - 4) : name;
}

/* The real path of a file or folder; as given where there is none. */
static struct str real_path(struct gen *gen, const char *path)
{
    char *real = realpath(path, NULL);
    struct str copy = arena_str(&gen->arena, str_of(real == NULL ? path : real));
    free(real);
    return copy;
}

static void go_to(struct gen *gen, const char *path)
{
    gen->file = real_path(gen, path);
    if (str_starts(gen->file, gen->root))
        gen->file = str_slice(gen->file, gen->root.len, gen->file.len);
    gen->line = 1;
}

static void make_tables(struct gen *gen, char **paths, int count)
{
    struct buf c;
    struct buf h;
    int number = 0;
    struct str *texts = ARENA_ARRAY(&gen->arena, (size_t)count, struct str);
    buf_init(&c, &gen->arena, GEN_TEXT_MAX);
    buf_add(&c, STR("/* Made by tools/sqlgen from the migrations. */\n"
                    "#include \"store/migrate.h\"\n\n"
                    "const struct migration migrations[] = {\n"));
    for (int i = 0; i < count; i++) {
        go_to(gen, paths[i]);
        texts[i] = read_file(gen, paths[i]);
        number = schema_apply(gen, stem_of(paths[i]), texts[i], number);
        write_migration(gen, &c, stem_of(paths[i]), texts[i], number);
    }
    buf_fmt(&c, "};\n\nconst int migration_count = %d;\n", count);
    write_file(gen, STR("migrations"), ".c", &c);
    schema_read(gen, texts, (size_t)count);
    buf_reset(&c);
    buf_init(&h, &gen->arena, GEN_TEXT_MAX);
    write_rows(gen, &h, &c);
    write_file(gen, STR("rows"), ".h", &h);
    write_file(gen, STR("rows"), ".c", &c);
}

static void make_queries(struct gen *gen, const char *path)
{
    struct buf h;
    struct buf c;
    struct str stem = stem_of(path);
    int errors = gen->error_count;
    buf_init(&h, &gen->arena, GEN_TEXT_MAX);
    buf_init(&c, &gen->arena, GEN_TEXT_MAX);
    go_to(gen, path);
    struct items items = queries_read(gen, read_file(gen, path));
    gen->files = arena_grow(&gen->arena, gen->files, gen->file_count, &gen->file_capacity,
                            sizeof *gen->files);
    gen->files[gen->file_count++] = stem;
    if (gen->error_count > errors)
        return;
    write_queries(gen, stem, &items, &h, &c);
    write_file(gen, stem, ".h", &h);
    write_file(gen, stem, ".c", &c);
}

static void make_index(struct gen *gen)
{
    struct buf c;
    buf_init(&c, &gen->arena, GEN_TEXT_MAX);
    write_index(gen, &c);
    write_file(gen, STR("index"), ".c", &c);
}

int main(int argc, char **argv)
{
    struct gen gen;
    int queries = 4;
    if (argc < 5) {
        fprintf(stderr, "usage: sqlgen ROOT PREFIX OUTPUT_DIR MIGRATION.sql... --queries "
                        "QUERY.sql...\n");
        return 2;
    }
    gen_init(&gen);
    gen.root = arena_fmt(&gen.arena, "%.*s/", STR_ARG(real_path(&gen, argv[1])));
    gen.prefix = str_of(argv[2]);
    gen.dir = argv[3];
    while (queries < argc && strcmp(argv[queries], "--queries") != 0)
        queries++;
    make_tables(&gen, argv + 4, queries - 4);
    for (int i = queries + 1; i < argc; i++)
        make_queries(&gen, argv[i]);
    make_index(&gen);
    int failed = gen.error_count > 0;
    gen_clear(&gen);
    return failed;
}
