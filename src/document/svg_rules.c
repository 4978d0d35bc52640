#include "document/svg_rules.h"

#include "base/assert.h"

#include <glib.h>
#include <stdint.h>
#include <string.h>

#define SVG_NAMESPACE  "http://www.w3.org/2000/svg"
#define REFERENCES_MAX (SVG_ELEMENTS_MAX * 2)
#define ID_BYTES_MAX   255
#define NOBODY         (-1)

/* An element, in the order of the file. */
struct node {
    struct str id; /* STR_NULL: none */
    int parent;
    int64_t drawn; /* elements that are drawn for it, as far as it is known */
};

struct reference {
    int from;
    struct str to;
};

struct reading {
    struct arena *arena;
    struct node *nodes;
    struct reference *references;
    int node_count;
    int reference_count;
    int open[SVG_DEPTH_MAX]; /* elements that are not closed yet */
    int depth;
    int style_depth; /* of the style sheet that is being read; 0: none */
    struct str reason;
};

/* ---- what is allowed ---- */

static const char *const elements[] = {
    "svg",      "g",     "defs",   "symbol",  "use",  "title",          "desc",
    "path",     "rect",  "circle", "ellipse", "line", "polyline",       "polygon",
    "text",     "tspan", "style",  "stop",    "mask", "linearGradient", "radialGradient",
    "clipPath", NULL,
};

static const char *local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon == NULL ? name : colon + 1;
}

static bool is_allowed(const char *name)
{
    for (size_t i = 0; elements[i] != NULL; i++) {
        if (strcmp(elements[i], name) == 0)
            return true;
    }
    return false;
}

/* Said once: the first thing found. */
static void refuse(struct reading *r, const char *what, const char *name, GError **error)
{
    if (str_is_null(r->reason))
        r->reason = name == NULL ? arena_fmt(r->arena, "%s", what)
                                 : arena_fmt(r->arena, "%s <%.60s>", what, name);
    g_set_error(error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, "refused");
}

static bool has_any_case(const char *text, const char *part)
{
    size_t len = strlen(part);
    for (; *text != '\0'; text++) {
        if (g_ascii_strncasecmp(text, part, len) == 0)
            return true;
    }
    return false;
}

/* Escapes could hide what is looked for; @ imports; the others name pictures. */
static bool is_plain_style(const char *text)
{
    return strchr(text, '\\') == NULL && strchr(text, '@') == NULL &&
           !has_any_case(text, "image(") && !has_any_case(text, "image-set(") &&
           !has_any_case(text, "src(") && !has_any_case(text, "expression(") &&
           !has_any_case(text, "dasharray") && !has_any_case(text, "filter") &&
           !has_any_case(text, "marker");
}

/* ---- references ---- */

static bool refer(struct reading *r, struct str id)
{
    if (r->reference_count == REFERENCES_MAX || id.len == 0 || id.len > ID_BYTES_MAX)
        return false;
    r->references[r->reference_count++] =
        (struct reference){.from = r->open[r->depth - 1], .to = arena_str(r->arena, id)};
    return true;
}

/* Each url( of a value must be url(#part), with or without quotes. */
static bool take_urls(struct reading *r, const char *value)
{
    for (; *value != '\0'; value++) {
        if (g_ascii_strncasecmp(value, "url(", 4) != 0)
            continue;
        const char *at = value + 4;
        char quote = '\0';
        while (*at == ' ')
            at++;
        if (*at == '\'' || *at == '"')
            quote = *at++;
        if (*at++ != '#')
            return false;
        const char *end = strchr(at, quote != '\0' ? quote : ')');
        if (end == NULL || !refer(r, str_trim((struct str){at, (size_t)(end - at)})))
            return false;
    }
    return true;
}

static bool take_attribute(struct reading *r, const char *name, const char *value, GError **error)
{
    const char *local = local_name(name);
    bool declares = strcmp(name, "xmlns") == 0;
    if (g_ascii_strncasecmp(local, "on", 2) == 0)
        refuse(r, "an SVG without scripts", NULL, error);
    else if (declares && strcmp(value, SVG_NAMESPACE) != 0)
        refuse(r, "an SVG without parts of other formats", NULL, error);
    else if (strcmp(local, "base") == 0)
        refuse(r, "an SVG without xml:base", NULL, error);
    else if (strcmp(local, "href") == 0 && (value[0] != '#' || !refer(r, str_of(value + 1))))
        refuse(r, "an SVG that refers to nothing but its own parts", NULL, error);
    else if (strcmp(local, "stroke-dasharray") == 0 || strcmp(local, "filter") == 0 ||
             g_str_has_prefix(local, "marker") || !is_plain_style(value))
        refuse(r, "an SVG without dashes, filters, markers and pictures in its styles", NULL,
               error);
    else if (!take_urls(r, value))
        refuse(r, "an SVG that refers to nothing but its own parts", NULL, error);
    else if (strcmp(name, "id") == 0)
        r->nodes[r->open[r->depth - 1]].id = arena_str(r->arena, str_of(value));
    return str_is_null(r->reason);
}

/* ---- reading ---- */

static void start_element(GMarkupParseContext *context, const char *name, const char **names,
                          const char **values, void *arg, GError **error)
{
    struct reading *r = arg;
    (void)context;
    if (!is_allowed(name)) {
        refuse(r,
               strchr(name, ':') != NULL
                   ? "a plain SVG, of shapes, text and gradients alone, without elements such as"
                   : "an SVG of shapes, text and gradients alone, without",
               name, error);
        return;
    }
    if (r->node_count == 0 && strcmp(name, "svg") != 0) {
        refuse(r, "a file whose outermost element is <svg>", NULL, error);
        return;
    }
    if (r->node_count == SVG_ELEMENTS_MAX || r->depth == SVG_DEPTH_MAX) {
        refuse(r, "an SVG of at most 5000 elements, nested at most 64 deep", NULL, error);
        return;
    }
    int parent = r->depth == 0 ? NOBODY : r->open[r->depth - 1];
    r->nodes[r->node_count] = (struct node){.id = STR_NULL, .parent = parent};
    r->open[r->depth++] = r->node_count++;
    if (strcmp(name, "style") == 0)
        r->style_depth = r->depth;
    bool is_bound = parent != NOBODY; /* to the namespace of SVG */
    for (size_t i = 0; names[i] != NULL; i++) {
        is_bound = is_bound || strcmp(names[i], "xmlns") == 0;
        if (!take_attribute(r, names[i], values[i], error))
            return;
    }
    if (!is_bound)
        refuse(r, "an <svg> with xmlns=\"" SVG_NAMESPACE "\"", NULL, error);
}

static void end_element(GMarkupParseContext *context, const char *name, void *arg, GError **error)
{
    struct reading *r = arg;
    (void)context;
    (void)name;
    (void)error;
    if (r->style_depth == r->depth)
        r->style_depth = 0;
    r->depth--;
}

static void read_text(GMarkupParseContext *context, const char *text, gsize len, void *arg,
                      GError **error)
{
    struct reading *r = arg;
    (void)context;
    if (r->style_depth == 0)
        return;
    const char *style = arena_cstr(r->arena, (struct str){text, len});
    if (!is_plain_style(style) || has_any_case(style, "url("))
        refuse(r,
               "an SVG whose style sheet has no url(), no @ and no escapes: write them as "
               "attributes",
               NULL, error);
}

/* Comments, <?xml … ?>, <!DOCTYPE …>, CDATA. */
static void read_other(GMarkupParseContext *context, const char *text, gsize len, void *arg,
                       GError **error)
{
    struct reading *r = arg;
    struct str part = {text, len};
    bool is_comment = str_starts(part, STR("<!--"));
    bool is_head = str_starts(part, STR("<?xml "));
    (void)context;
    if (!is_comment && !is_head)
        refuse(r, "an SVG without DOCTYPE, entities, style sheet links and CDATA", NULL, error);
    else if (is_head && has_any_case(arena_cstr(r->arena, part), "encoding") &&
             !has_any_case(arena_cstr(r->arena, part), "utf-8"))
        refuse(r, "an SVG in UTF-8", NULL, error);
}

static const GMarkupParser parser = {.start_element = start_element,
                                     .end_element = end_element,
                                     .text = read_text,
                                     .passthrough = read_other};

/* ---- how much is drawn ---- */

static int find(const struct reading *r, struct str id)
{
    for (int i = 0; i < r->node_count; i++) {
        if (str_eq(r->nodes[i].id, id))
            return i;
    }
    return NOBODY;
}

/* One pass counts each element with what its references draw, as the counts stand; they grow from
 * pass to pass, by one reference each, until nothing changes or it is too much.  In a circle they
 * grow for ever. */
static bool count_drawn(struct reading *r)
{
    int *targets = ARENA_ARRAY(r->arena, (size_t)r->reference_count, int);
    int64_t *own = ARENA_ARRAY(r->arena, (size_t)r->node_count, int64_t);
    int64_t before = 0;
    for (int i = 0; i < r->reference_count; i++)
        targets[i] = find(r, r->references[i].to);
    for (int pass = 0; pass <= SVG_DEPTH_MAX; pass++) {
        for (int i = 0; i < r->node_count; i++)
            own[i] = 1;
        for (int i = 0; i < r->reference_count; i++) {
            if (targets[i] != NOBODY)
                own[r->references[i].from] += r->nodes[targets[i]].drawn;
        }
        for (int i = r->node_count - 1; i > 0; i--) /* children stand behind their parents */
            own[r->nodes[i].parent] += own[i];
        for (int i = 0; i < r->node_count; i++)
            r->nodes[i].drawn = own[i];
        if (own[0] > SVG_DRAWN_MAX)
            return false;
        if (own[0] == before)
            return true;
        before = own[0];
    }
    return false;
}

static bool read_all(struct reading *r, struct str svg)
{
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, r, NULL);
    bool is_read = g_markup_parse_context_parse(context, svg.ptr, (gssize)svg.len, NULL) &&
                   g_markup_parse_context_end_parse(context, NULL);
    g_markup_parse_context_free(context);
    if (!is_read && str_is_null(r->reason))
        r->reason = STR("well-formed XML");
    return is_read;
}

bool svg_rules_check(struct arena *arena, struct str svg, struct str *reason)
{
    struct reading r = {
        .arena = arena,
        .nodes = ARENA_ARRAY(arena, SVG_ELEMENTS_MAX, struct node),
        .references = ARENA_ARRAY(arena, (size_t)REFERENCES_MAX, struct reference),
        .reason = STR_NULL,
    };
    if (str_starts(svg, STR("\xEF\xBB\xBF")))
        svg = str_slice(svg, 3, svg.len);
    if (!str_is_text(svg))
        r.reason = STR("an SVG in UTF-8");
    else if (read_all(&r, svg) && !count_drawn(&r))
        r.reason = STR("an SVG whose parts refer to each other less: drawn, it has too many");
    *reason = r.reason;
    return str_is_null(r.reason);
}
