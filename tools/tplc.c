/* tplc.c - build tool: HTML templates in, typed C functions out.
 *
 *   tplc SOURCE_ROOT OUTPUT_DIR TEMPLATE.html...
 *
 * Templates stand below a folder "templates" in SOURCE_ROOT, commonly SOURCE_ROOT/templates; those
 * of several such folders can be used together.  Writes templates.h and a NAME.c for each template,
 * with the slashes of its name as "_"; they include "FOLDER/templates.h", FOLDER being the last
 * part of OUTPUT_DIR.  The language is described in templates/README.md. */
#include "tools/tplc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct str read_file(struct tplc *tplc, const char *path)
{
    FILE *file = fopen(path, "rb");
    struct buf text;
    char piece[65536];
    size_t len = 0;
    buf_init(&text, &tplc->arena, TPLC_TEXT_MAX);
    if (file == NULL) {
        tplc_complain(tplc, "cannot be read");
        return STR("");
    }
    while ((len = fread(piece, 1, sizeof piece, file)) > 0)
        buf_add(&text, (struct str){piece, len});
    fclose(file);
    return text.len == 0 ? STR("") : buf_str(&text);
}

static void write_file(struct tplc *tplc, const char *dir, struct str name, const struct buf *text)
{
    const char *path = arena_fmt(&tplc->arena, "%s/%.*s", dir, STR_ARG(name)).ptr;
    FILE *file = fopen(path, "wb");
    bool done = file != NULL && buf_ok(text) && fwrite(text->ptr, 1, text->len, file) == text->len;
    if (file != NULL && fclose(file) != 0)
        done = false;
    if (!done)
        tplc_complain(tplc, "%s cannot be written", path);
}

/* Real paths, so that names come out the same wherever the build stands. */
static struct str real_path(struct tplc *tplc, const char *path)
{
    char *real = realpath(path, NULL);
    struct str copy = arena_str(&tplc->arena, str_of(real == NULL ? path : real));
    free(real);
    return copy;
}

/* What stands behind the first folder "templates"; empty when there is none. */
static struct str below_templates(struct str file)
{
    struct str folder;
    while (str_split(&file, '/', &folder)) {
        if (str_eq(folder, STR("templates")))
            return str_is_null(file) ? STR("") : file;
    }
    return STR("");
}

static void read_template(struct tplc *tplc, struct str root, const char *path,
                          struct template *template)
{
    struct str file = real_path(tplc, path);
    if (str_starts(file, root))
        file = str_slice(file, root.len, file.len);
    tplc->file = template->file = file;
    tplc->line = 1;
    struct str name = below_templates(file);
    if (name.len == 0 || !str_ends(name, STR(".html")))
        tplc_complain(tplc, "a template is templates/NAME.html");
    else
        template->name = str_slice(name, 0, name.len - strlen(".html"));
    template->text = read_file(tplc, path);
    template_read_view(tplc, template);
}

int main(int argc, char **argv)
{
    struct tplc tplc;
    struct buf text;
    if (argc < 4) {
        fprintf(stderr, "usage: tplc SOURCE_ROOT OUTPUT_DIR TEMPLATE.html...\n");
        return 2;
    }
    tplc_init(&tplc);
    tplc.folder = strrchr(argv[2], '/') == NULL ? argv[2] : strrchr(argv[2], '/') + 1;
    struct str root = arena_fmt(&tplc.arena, "%.*s/", STR_ARG(real_path(&tplc, argv[1])));
    tplc.template_count = (size_t)argc - 3;
    tplc.templates = ARENA_ARRAY(&tplc.arena, tplc.template_count, struct template);
    for (size_t i = 0; i < tplc.template_count; i++)
        read_template(&tplc, root, argv[i + 3], &tplc.templates[i]);
    for (size_t i = 0; i < tplc.template_count && tplc.error_count == 0; i++) {
        buf_init(&text, &tplc.arena, TPLC_TEXT_MAX);
        template_write(&tplc, &tplc.templates[i], &text);
        write_file(&tplc, argv[2],
                   arena_fmt(&tplc.arena, "%.*s.c", STR_ARG(tplc.templates[i].c_name)), &text);
    }
    buf_init(&text, &tplc.arena, TPLC_TEXT_MAX);
    templates_write_header(&tplc, &text);
    write_file(&tplc, argv[2], STR("templates.h"), &text);
    int failed = tplc.error_count > 0;
    tplc_clear(&tplc);
    return failed;
}
