/* tplc.h - the parts of tplc, the build tool that makes typed C functions of HTML templates.
 *
 *   tplc.c        command line, files
 *   tplc_html.c   where in the HTML a place stands: what may stand there, how it is escaped
 *   tplc_read.c   the template's statements, and the C of each
 *
 * The language is described in templates/README.md.  Everything lives in one arena until the
 * program ends.  Whatever does not fit is said with tplc_complain, with file and line; one run
 * tells everything. */
#ifndef TOOLS_TPLC_H
#define TOOLS_TPLC_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

#define TPLC_TEXT_MAX ((size_t)4 << 20) /* of any file read or written */
#define TPLC_TAGS_MAX 64                /* open at once */

/* ---- tplc_html.c */

enum html_place {
    HTML_TEXT,
    HTML_TAG,      /* inside <...>, between attributes */
    HTML_TAG_NAME, /* of a tag */
    HTML_NAME,     /* of an attribute */
    HTML_BEFORE,   /* behind its "=" */
    HTML_VALUE,    /* within its quotes */
    HTML_COMMENT,  /* also <!doctype> */
    HTML_CLOSE,    /* within </...> */
    HTML_LESS,     /* behind "<" */
};

struct html_state {
    enum html_place place;
    char quote;          /* of a value */
    bool value_has_text; /* something stands in it already */
    bool is_self_closed; /* "/" stood in the tag */
    bool has_src;        /* of the tag that is being read */
    char tag[16];        /* that is being read, or was last */
    size_t name_len;     /* of the tag or attribute that is being read, or was last */
    char name[32];       /* in small letters, cut */
    char attribute[32];
    size_t depth;
    char tags[TPLC_TAGS_MAX][16]; /* open elements, outermost first */
};

struct tplc;

/* Reads literal HTML on, complains of what is wrong with it, and writes it, with line breaks
 * tidied, to `out`. */
void html_feed(struct tplc *tplc, struct html_state *state, struct str literal, struct buf *out);

/* A statement stands here: the name of a tag or attribute before it is complete. */
void html_pause(struct tplc *tplc, struct html_state *state);

/* What a value is written with here ("PAGE_VALUE"), or NULL where none may stand; then it was
 * complained of. */
const char *html_value_writer(struct tplc *tplc, struct html_state *state);

/* Whether two places in a file are the same for what follows. */
bool html_same_place(const struct html_state *a, const struct html_state *b);

/* ---- tplc_read.c */

struct template
{
    struct str name;   /* "admin/invoices" */
    struct str file;   /* "templates/admin/invoices.html" */
    struct str c_name; /* "admin_invoices" */
    struct str text;
    struct str type;     /* of the view: "invoices_page" */
    struct str variable; /* "page" */
    struct str header;   /* "web/admin/invoices.h" */
    bool is_layout;      /* says {% content %} */
};

struct tplc {
    struct arena arena;
    struct template *templates;
    size_t template_count;
    struct str file; /* where we are */
    int line;
    int error_count;
    const char *folder; /* whose templates.h it is: "web" */
    struct buf *errors; /* tests: where errors go; NULL: standard error */
};

void tplc_init(struct tplc *tplc);
void tplc_clear(struct tplc *tplc);
__attribute__((format(printf, 2, 3))) void tplc_complain(struct tplc *tplc, const char *format,
                                                         ...);

/* Reads the first line of a template, and whether it is a layout. */
void template_read_view(struct tplc *tplc, struct template *template);
/* The C of a template whose views, and those of all it uses, have been read. */
void template_write(struct tplc *tplc, const struct template *template, struct buf *c);
/* The header with the functions of all. */
void templates_write_header(const struct tplc *tplc, struct buf *h);

#endif
