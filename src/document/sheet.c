#include "document/sheet.h"

#include "base/assert.h"
#include "base/time.h"

#include <cairo-pdf.h>

#define PAGES_MAX    2000
#define CONTENT_END  (PAGE_HEIGHT - PAGE_MARGIN - 28) /* the footer is below */
#define LOGO_HEIGHT  40.0
#define LOGO_WIDTH   180.0
#define TOTALS_WIDTH 250.0
#define TOTALS_X     (PAGE_MARGIN + CONTENT_WIDTH - TOTALS_WIDTH)

const struct sheet_styles style = {
    .title = {20, true, INK_TEXT, SIDE_START},
    .heading = {8, true, INK_QUIET, SIDE_START},
    .heading_end = {8, true, INK_QUIET, SIDE_END},
    .body = {9.5, false, INK_TEXT, SIDE_START},
    .body_end = {9.5, false, INK_TEXT, SIDE_END},
    .strong = {9.5, true, INK_TEXT, SIDE_START},
    .strong_end = {9.5, true, INK_TEXT, SIDE_END},
    .quiet = {8, false, INK_QUIET, SIDE_START},
    .quiet_end = {8, false, INK_QUIET, SIDE_END},
    .grand = {14, true, INK_TEXT, SIDE_START},
    .grand_end = {14, true, INK_TEXT, SIDE_END},
    .alert = {11, true, INK_ALERT, SIDE_START},
};

double larger(double a, double b)
{
    return a > b ? a : b;
}

/* ---- pages ---- */

static void draw_footer(struct sheet *s)
{
    struct canvas *canvas = &s->canvas;
    const struct locale *locale = s->front->locale;
    double y = canvas->y;
    const struct str numbers[] = {
        locale_number(locale, s->arena, decimal_of(canvas->page)),
        locale_number(locale, s->arena, decimal_of(s->page_count)),
    };
    canvas->y = PAGE_HEIGHT - PAGE_MARGIN - 10;
    canvas_text(canvas, &style.quiet, PAGE_MARGIN, CONTENT_WIDTH * 0.75, s->front->footer);
    canvas_text(canvas, &style.quiet_end, PAGE_MARGIN + CONTENT_WIDTH * 0.75, CONTENT_WIDTH * 0.25,
                locale_words_with(locale, s->arena, STR("Page {} of {}"), numbers, 2));
    canvas->y = y;
}

static void next_page(struct sheet *s)
{
    draw_footer(s);
    if (!s->canvas.is_dry)
        cairo_show_page(s->canvas.cairo);
    s->canvas.page++;
    s->canvas.y = PAGE_MARGIN;
}

/* Whether something of this height still fits on the page. */
static bool fits(const struct sheet *s, double height)
{
    return s->canvas.y + height <= CONTENT_END;
}

double sheet_measure(struct sheet *s, sheet_part *draw, const void *arg)
{
    struct canvas kept = s->canvas;
    s->canvas.is_dry = true;
    double height = draw(s, arg);
    s->canvas = kept;
    return height;
}

/* ---- head ---- */

static double draw_party(struct sheet *s, double x, double width,
                         const struct document_party *party)
{
    struct canvas *canvas = &s->canvas;
    double top = canvas->y;
    canvas->y += canvas_text(canvas, &style.heading, x, width, party->label) + 3;
    canvas->y += canvas_text(canvas, &style.strong, x, width, party->name) + 1;
    for (size_t i = 0; i < party->line_count; i++)
        canvas->y += canvas_text(canvas, &style.body, x, width, party->lines[i]) + 1;
    double height = canvas->y - top;
    canvas->y = top;
    return height;
}

double sheet_facts(struct sheet *s, double x, double width, const struct document_fact *facts,
                   size_t count)
{
    struct canvas *canvas = &s->canvas;
    double top = canvas->y;
    for (size_t i = 0; i < count; i++) {
        canvas->y += canvas_text(canvas, &style.heading, x, width, facts[i].label) + 1;
        canvas->y += canvas_text(canvas, &style.body, x, width, facts[i].value) + 4;
    }
    double height = canvas->y - top;
    canvas->y = top;
    return height;
}

static void draw_head(struct sheet *s)
{
    const struct sheet_front *front = s->front;
    struct canvas *canvas = &s->canvas;
    double third = (CONTENT_WIDTH - 2 * 16) / 3;
    double height = 0;
    if (str_is_null(front->logo) ||
        !canvas_logo(canvas, PAGE_MARGIN, LOGO_WIDTH, LOGO_HEIGHT, front->logo, &height))
        height = canvas_text(canvas, &style.grand, PAGE_MARGIN, CONTENT_WIDTH, front->seller->name);
    canvas->y += height + 16;
    canvas->y += canvas_text(canvas, &style.title, PAGE_MARGIN, CONTENT_WIDTH, front->title) + 6;
    if (!str_is_null(front->notice))
        canvas->y +=
            canvas_text(canvas, &style.alert, PAGE_MARGIN, CONTENT_WIDTH, front->notice) + 4;
    canvas->y += 10;
    height = draw_party(s, PAGE_MARGIN, third, front->seller);
    height = larger(height, draw_party(s, PAGE_MARGIN + third + 16, third, front->buyer));
    height = larger(height, sheet_facts(s, PAGE_MARGIN + 2 * (third + 16), third, front->facts,
                                        front->fact_count));
    canvas->y += height + 20;
}

/* ---- the table ---- */

/* Texts in the columns; the first is flush at the start, the others at the end. */
static double draw_cells(struct sheet *s, const struct str cells[4],
                         const struct canvas_style *first, const struct canvas_style *others)
{
    struct canvas *canvas = &s->canvas;
    double height = canvas_text(canvas, first, PAGE_MARGIN + CELL,
                                QUANTITY_X - PAGE_MARGIN - 2 * CELL, cells[0]);
    height =
        larger(height, canvas_text(canvas, others, QUANTITY_X, QUANTITY_WIDTH - CELL, cells[1]));
    height = larger(height, canvas_text(canvas, others, PRICE_X, PRICE_WIDTH - CELL, cells[2]));
    return larger(height, canvas_text(canvas, others, AMOUNT_X, AMOUNT_WIDTH - CELL, cells[3]));
}

double sheet_cells(struct sheet *s, const struct str cells[4])
{
    double top = s->canvas.y;
    s->canvas.y = top + CELL - 1;
    double height = draw_cells(s, cells, &style.body, &style.body_end);
    s->canvas.y = top;
    return height + 2 * CELL - 2;
}

void sheet_columns(struct sheet *s)
{
    double top = s->canvas.y;
    canvas_box(&s->canvas, PAGE_MARGIN, CONTENT_WIDTH, top, 22, INK_SHADE);
    s->canvas.y = top + CELL;
    draw_cells(s, s->front->columns, &style.heading, &style.heading_end);
    s->canvas.y = top + 22;
}

void sheet_row(struct sheet *s, sheet_part *draw, const void *arg, double more)
{
    if (!fits(s, sheet_measure(s, draw, arg) + more)) {
        next_page(s);
        sheet_columns(s);
    }
    s->canvas.y += draw(s, arg);
}

/* ---- totals and other blocks ---- */

double sheet_totals(struct sheet *s, const struct document_total *totals, size_t count)
{
    struct canvas *canvas = &s->canvas;
    double top = canvas->y;
    for (size_t i = 0; i < count; i++) {
        const struct document_total *total = &totals[i];
        if (total->is_grand) {
            canvas_rule(canvas, TOTALS_X, TOTALS_WIDTH, canvas->y + 2, 1, INK_TEXT);
            canvas->y += 8;
        }
        double width =
            canvas_text_width(canvas, total->is_grand ? &style.grand_end : &style.body_end,
                              total->amount) +
            1;
        double height = canvas_text(canvas, total->is_grand ? &style.grand_end : &style.body_end,
                                    TOTALS_X + TOTALS_WIDTH - width - CELL, width, total->amount);
        height =
            larger(height, canvas_text(canvas, total->is_grand ? &style.grand : &style.body,
                                       TOTALS_X, TOTALS_WIDTH - width - 3 * CELL, total->label));
        canvas->y += height + 5;
    }
    double height = canvas->y - top;
    canvas->y = top;
    return height;
}

void sheet_block(struct sheet *s, sheet_part *draw, const void *arg)
{
    if (!fits(s, sheet_measure(s, draw, arg)))
        next_page(s);
    s->canvas.y += draw(s, arg) + 16;
}

/* ---- the file ---- */

static void draw_all(struct sheet *s, void (*body)(struct sheet *sheet))
{
    s->canvas.page = 1;
    s->canvas.y = PAGE_MARGIN;
    draw_head(s);
    body(s);
    draw_footer(s);
    if (!s->canvas.is_dry)
        cairo_show_page(s->canvas.cairo);
}

static cairo_status_t write_bytes(void *arg, const unsigned char *data, unsigned int len)
{
    struct buf *pdf = arg;
    buf_add(pdf, (struct str){(const char *)data, len});
    return buf_ok(pdf) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static void set_properties(cairo_surface_t *surface, const struct sheet_front *front,
                           struct arena *arena)
{
    const char *created = arena_cstr(arena, time_text(arena, front->created_at));
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE,
                                   arena_cstr(arena, front->title));
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR,
                                   arena_cstr(arena, front->seller->name));
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Billow");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, created);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, created);
}

enum err sheet_pdf(const struct sheet_front *front, void (*body)(struct sheet *sheet),
                   const void *document, struct arena *arena, struct fault *fault, struct buf *pdf)
{
    struct sheet s = {.front = front, .document = document, .arena = arena};
    ASSERT(pdf->len == 0);
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(write_bytes, pdf, PAGE_WIDTH, PAGE_HEIGHT);
    set_properties(surface, front, arena);
    /* The default font map is the thread's own. */
    PangoFontMap *fonts = pango_cairo_font_map_get_default();
    s.canvas.cairo = cairo_create(surface);
    s.canvas.pango = pango_font_map_create_context(fonts);
    s.canvas.is_rtl = locale_is_rtl(front->locale);
    pango_context_set_language(
        s.canvas.pango, pango_language_from_string(arena_cstr(arena, locale_tag(front->locale))));
    pango_context_set_base_dir(s.canvas.pango,
                               s.canvas.is_rtl ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);

    s.canvas.is_dry = true;
    draw_all(&s, body);
    s.page_count = s.canvas.page;
    bool too_long = s.page_count > PAGES_MAX;
    if (!too_long) {
        s.canvas.is_dry = false;
        draw_all(&s, body);
    }
    g_object_unref(s.canvas.pango);
    cairo_destroy(s.canvas.cairo);
    cairo_surface_finish(surface);
    cairo_status_t status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (too_long)
        return fault_set(fault, ERR_INVALID, "the document has %d pages; a PDF may have %d",
                         s.page_count, PAGES_MAX);
    if (status != CAIRO_STATUS_SUCCESS || !buf_ok(pdf))
        return fault_set(fault, ERR_INVALID, "the document can't be drawn: %s",
                         cairo_status_to_string(status));
    return ERR_NONE;
}
