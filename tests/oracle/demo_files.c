/* demo_files.c - writes the demo's generated months, so that the oracle reads what Billow imports.
 *
 *   demo_files TEMPLATE.csv.gz DIR SEED FILE=YYYY-MM[:PROVIDER:PER_MILLE] ...
 *
 * `billow demo --write-files DIR` writes the same; this program needs no database. */
#include "app/demo_generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define FILE_BYTES_MAX ((size_t)64 << 20)

static int read_template(const char *path, struct buf *text)
{
    char block[65536];
    gzFile file = gzopen(path, "rb");
    if (file == NULL)
        return -1;
    int count = 0;
    while ((count = gzread(file, block, sizeof block)) > 0)
        buf_add(text, (struct str){block, (size_t)count});
    return gzclose(file) == Z_OK && count == 0 && buf_ok(text) ? 0 : -1;
}

static int write_file(const char *dir, struct str name, const struct buf *text, struct arena *arena)
{
    struct str path = arena_fmt(arena, "%s/%.*s%c", dir, STR_ARG(name), '\0');
    FILE *file = fopen(path.ptr, "wb");
    if (file == NULL)
        return -1;
    size_t written = fwrite(text->ptr, 1, text->len, file);
    return fclose(file) == 0 && written == text->len ? 0 : -1;
}

/* "FILE=YYYY-MM", then ":PROVIDER:PER_MILLE" where it is a part. */
static int parse_spec(struct str spec, struct str *name, struct demo_month *month)
{
    struct str part = STR_NULL;
    struct str rest = spec;
    int64_t year = 0;
    int64_t number = 0;
    int64_t per_mille = 1000;
    if (!str_split(&rest, '=', name) || !str_split(&rest, '-', &part) ||
        !str_to_int64(part, &year) || !str_split(&rest, ':', &part) ||
        !str_to_int64(part, &number) || number < 1 || number > 12)
        return -1;
    if (str_split(&rest, ':', &month->provider_name) && !str_to_int64(rest, &per_mille))
        return -1;
    month->year = (int32_t)year;
    month->month = (int32_t)number;
    month->per_mille = (int32_t)per_mille;
    return 0;
}

static int failed(const char *what)
{
    fprintf(stderr, "demo_files: %s\n", what);
    return 1;
}

int main(int count, char **arguments)
{
    struct arena arena;
    struct buf template_csv;
    int64_t seed = 0;
    if (count < 5 || !str_to_int64(str_of(arguments[3]), &seed))
        return failed("demo_files TEMPLATE.csv.gz DIR SEED FILE=YYYY-MM[:PROVIDER:PER_MILLE] ...");
    arena_init(&arena);
    buf_init(&template_csv, &arena, FILE_BYTES_MAX);
    if (read_template(arguments[1], &template_csv) != 0)
        return failed("the template cannot be read");
    for (int i = 4; i < count; i++) {
        struct demo_month month = {.seed = seed};
        struct str name = STR_NULL;
        struct buf out;
        buf_init(&out, &arena, FILE_BYTES_MAX);
        if (parse_spec(str_of(arguments[i]), &name, &month) != 0)
            return failed(arguments[i]);
        if (demo_generate(&arena, buf_str(&template_csv), &month, &out) != ERR_NONE ||
            !buf_ok(&out))
            return failed("the template is no FOCUS file");
        if (write_file(arguments[2], name, &out, &arena) != 0)
            return failed("a file cannot be written");
    }
    arena_clear(&arena);
    return 0;
}
