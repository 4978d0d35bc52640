#include "document/invoice_pdf.h"

#include "base/assert.h"
#include "base/time.h"
#include "document/canvas.h"

#include <cairo-pdf.h>

#define PAGES_MAX     2000
#define CONTENT_WIDTH (PAGE_WIDTH - 2 * PAGE_MARGIN)
#define CONTENT_END   (PAGE_HEIGHT - PAGE_MARGIN - 28) /* the footer is below */
#define LOGO_HEIGHT   40.0
#define LOGO_WIDTH    180.0
#define CELL          6.0 /* space beside and above the text of a cell */
#define QR_SIZE       92.0

/* Columns of the table: where they begin, and how wide they are. */
#define AMOUNT_WIDTH   84.0
#define PRICE_WIDTH    84.0
#define QUANTITY_WIDTH 92.0
#define AMOUNT_X       (PAGE_MARGIN + CONTENT_WIDTH - AMOUNT_WIDTH)
#define PRICE_X        (AMOUNT_X - PRICE_WIDTH)
#define QUANTITY_X     (PRICE_X - QUANTITY_WIDTH)
#define TOTALS_WIDTH   250.0
#define TOTALS_X       (PAGE_MARGIN + CONTENT_WIDTH - TOTALS_WIDTH)

static const struct canvas_style title = {20, true, INK_TEXT, SIDE_START};
static const struct canvas_style heading = {8, true, INK_QUIET, SIDE_START};
static const struct canvas_style heading_end = {8, true, INK_QUIET, SIDE_END};
static const struct canvas_style body = {9.5, false, INK_TEXT, SIDE_START};
static const struct canvas_style body_end = {9.5, false, INK_TEXT, SIDE_END};
static const struct canvas_style strong = {9.5, true, INK_TEXT, SIDE_START};
static const struct canvas_style strong_end = {9.5, true, INK_TEXT, SIDE_END};
static const struct canvas_style quiet = {8, false, INK_QUIET, SIDE_START};
static const struct canvas_style quiet_end = {8, false, INK_QUIET, SIDE_END};
static const struct canvas_style grand = {14, true, INK_TEXT, SIDE_START};
static const struct canvas_style grand_end = {14, true, INK_TEXT, SIDE_END};
static const struct canvas_style alert = {11, true, INK_ALERT, SIDE_START};

struct drawing {
    const struct invoice_document *document;
    struct arena *arena;
    struct canvas canvas;
    int page_count; /* known in the second pass */
};

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* ---- pages ---- */

static void draw_footer(struct drawing *d)
{
    struct canvas *canvas = &d->canvas;
    const struct locale *locale = d->document->locale;
    double y = canvas->y;
    const struct str numbers[] = {
        locale_number(locale, d->arena, decimal_of(canvas->page)),
        locale_number(locale, d->arena, decimal_of(d->page_count)),
    };
    canvas->y = PAGE_HEIGHT - PAGE_MARGIN - 10;
    canvas_text(canvas, &quiet, PAGE_MARGIN, CONTENT_WIDTH * 0.75, d->document->footer);
    canvas_text(canvas, &quiet_end, PAGE_MARGIN + CONTENT_WIDTH * 0.75, CONTENT_WIDTH * 0.25,
                locale_words_with(locale, d->arena, STR("Page {} of {}"), numbers, 2));
    canvas->y = y;
}

static void next_page(struct drawing *d)
{
    draw_footer(d);
    if (!d->canvas.is_dry)
        cairo_show_page(d->canvas.cairo);
    d->canvas.page++;
    d->canvas.y = PAGE_MARGIN;
}

/* Whether something of this height still fits on the page. */
static bool fits(const struct drawing *d, double height)
{
    return d->canvas.y + height <= CONTENT_END;
}

/* How high something would be, without drawing it. */
static double measure(struct drawing *d, double (*draw)(struct drawing *d, const void *arg),
                      const void *arg)
{
    struct canvas kept = d->canvas;
    d->canvas.is_dry = true;
    double height = draw(d, arg);
    d->canvas = kept;
    return height;
}

/* ---- head ---- */

static double draw_party(struct drawing *d, double x, double width,
                         const struct document_party *party)
{
    struct canvas *canvas = &d->canvas;
    double top = canvas->y;
    canvas->y += canvas_text(canvas, &heading, x, width, party->label) + 3;
    canvas->y += canvas_text(canvas, &strong, x, width, party->name) + 1;
    for (size_t i = 0; i < party->line_count; i++)
        canvas->y += canvas_text(canvas, &body, x, width, party->lines[i]) + 1;
    double height = canvas->y - top;
    canvas->y = top;
    return height;
}

static double draw_facts(struct drawing *d, double x, double width,
                         const struct document_fact *facts, size_t count)
{
    struct canvas *canvas = &d->canvas;
    double top = canvas->y;
    for (size_t i = 0; i < count; i++) {
        canvas->y += canvas_text(canvas, &heading, x, width, facts[i].label) + 1;
        canvas->y += canvas_text(canvas, &body, x, width, facts[i].value) + 4;
    }
    double height = canvas->y - top;
    canvas->y = top;
    return height;
}

static void draw_head(struct drawing *d)
{
    const struct invoice_document *document = d->document;
    struct canvas *canvas = &d->canvas;
    double third = (CONTENT_WIDTH - 2 * 16) / 3;
    double height = 0;
    if (str_is_null(document->logo) ||
        !canvas_svg(canvas, PAGE_MARGIN, LOGO_WIDTH, LOGO_HEIGHT, document->logo, &height))
        height = canvas_text(canvas, &grand, PAGE_MARGIN, CONTENT_WIDTH, document->seller.name);
    canvas->y += height + 16;
    canvas->y += canvas_text(canvas, &title, PAGE_MARGIN, CONTENT_WIDTH, document->title) + 6;
    if (!str_is_null(document->notice))
        canvas->y += canvas_text(canvas, &alert, PAGE_MARGIN, CONTENT_WIDTH, document->notice) + 4;
    canvas->y += 10;
    height = draw_party(d, PAGE_MARGIN, third, &document->seller);
    height = larger(height, draw_party(d, PAGE_MARGIN + third + 16, third, &document->buyer));
    height = larger(height, draw_facts(d, PAGE_MARGIN + 2 * (third + 16), third, document->facts,
                                       document->fact_count));
    canvas->y += height + 20;
}

/* ---- lines ---- */

static void draw_columns(struct drawing *d)
{
    const struct invoice_document *document = d->document;
    struct canvas *canvas = &d->canvas;
    double top = canvas->y;
    canvas_box(canvas, PAGE_MARGIN, CONTENT_WIDTH, top, 22, INK_SHADE);
    canvas->y = top + CELL;
    canvas_text(canvas, &heading, PAGE_MARGIN + CELL, QUANTITY_X - PAGE_MARGIN - 2 * CELL,
                document->column_description);
    canvas_text(canvas, &heading_end, QUANTITY_X, QUANTITY_WIDTH - CELL, document->column_quantity);
    canvas_text(canvas, &heading_end, PRICE_X, PRICE_WIDTH - CELL, document->column_unit_price);
    canvas_text(canvas, &heading_end, AMOUNT_X, AMOUNT_WIDTH - CELL, document->column_amount);
    canvas->y = top + 22;
}

/* The whole row at canvas->y, which stays. */
static double draw_group_row(struct drawing *d, const void *arg)
{
    const struct document_group *group = arg;
    struct canvas *canvas = &d->canvas;
    double top = canvas->y;
    canvas->y = top + CELL;
    double height = canvas_text(canvas, &strong, PAGE_MARGIN + CELL,
                                AMOUNT_X - PAGE_MARGIN - 2 * CELL, group->title);
    height = larger(height,
                    canvas_text(canvas, &strong_end, AMOUNT_X, AMOUNT_WIDTH - CELL, group->amount));
    canvas->y = top;
    return height + 2 * CELL;
}

static double draw_line_row(struct drawing *d, const void *arg)
{
    const struct document_line *line = arg;
    struct canvas *canvas = &d->canvas;
    double top = canvas->y;
    canvas->y = top + CELL - 1;
    double height = canvas_text(canvas, &body, PAGE_MARGIN + CELL,
                                QUANTITY_X - PAGE_MARGIN - 2 * CELL, line->description);
    height = larger(
        height, canvas_text(canvas, &body_end, QUANTITY_X, QUANTITY_WIDTH - CELL, line->quantity));
    height = larger(height,
                    canvas_text(canvas, &body_end, PRICE_X, PRICE_WIDTH - CELL, line->unit_price));
    height =
        larger(height, canvas_text(canvas, &body_end, AMOUNT_X, AMOUNT_WIDTH - CELL, line->amount));
    canvas->y = top;
    return height + 2 * CELL - 2;
}

static double draw_step_row(struct drawing *d, const void *arg)
{
    const struct str *step = arg;
    return canvas_text(&d->canvas, &quiet, PAGE_MARGIN + 3 * CELL,
                       AMOUNT_X - PAGE_MARGIN - 4 * CELL, *step) +
           2;
}

/* Draws a row; on a new page, below the headings, when it or what must stand with it (`more`) does
 * not fit. */
static void add_row(struct drawing *d, double (*draw)(struct drawing *d, const void *arg),
                    const void *arg, double more)
{
    if (!fits(d, measure(d, draw, arg) + more)) {
        next_page(d);
        draw_columns(d);
    }
    d->canvas.y += draw(d, arg);
}

static void draw_lines(struct drawing *d)
{
    const struct invoice_document *document = d->document;
    struct canvas *canvas = &d->canvas;
    draw_columns(d);
    for (size_t g = 0; g < document->group_count; g++) {
        const struct document_group *group = &document->groups[g];
        double first = group->line_count > 0 ? measure(d, draw_line_row, &group->lines[0]) : 0;
        if (!str_is_null(group->title))
            add_row(d, draw_group_row, group, first);
        for (size_t i = 0; i < group->line_count; i++) {
            const struct document_line *line = &group->lines[i];
            add_row(d, draw_line_row, line,
                    line->step_count > 0 ? measure(d, draw_step_row, &line->steps[0]) : 0);
            for (size_t s = 0; s < line->step_count; s++)
                add_row(d, draw_step_row, &line->steps[s], 0);
            canvas->y += line->step_count > 0 ? 4 : 0;
            canvas_rule(canvas, PAGE_MARGIN, CONTENT_WIDTH, canvas->y, 0.6, INK_RULE);
        }
    }
    canvas->y += 12;
}

/* ---- totals and payment ---- */

static double draw_totals(struct drawing *d, const void *arg)
{
    const struct invoice_document *document = arg;
    struct canvas *canvas = &d->canvas;
    double top = canvas->y;
    for (size_t i = 0; i < document->total_count; i++) {
        const struct document_total *total = &document->totals[i];
        if (total->is_grand) {
            canvas_rule(canvas, TOTALS_X, TOTALS_WIDTH, canvas->y + 2, 1, INK_TEXT);
            canvas->y += 8;
        }
        double width =
            canvas_text_width(canvas, total->is_grand ? &grand_end : &body_end, total->amount) + 1;
        double height = canvas_text(canvas, total->is_grand ? &grand_end : &body_end,
                                    TOTALS_X + TOTALS_WIDTH - width - CELL, width, total->amount);
        height = larger(height, canvas_text(canvas, total->is_grand ? &grand : &body, TOTALS_X,
                                            TOTALS_WIDTH - width - 3 * CELL, total->label));
        canvas->y += height + 5;
    }
    double height = canvas->y - top;
    canvas->y = top;
    return height;
}

static double draw_payment(struct drawing *d, const void *arg)
{
    const struct invoice_document *document = arg;
    struct canvas *canvas = &d->canvas;
    double top = canvas->y;
    double x = PAGE_MARGIN;
    double code_bottom = top;
    canvas_rule(canvas, PAGE_MARGIN, CONTENT_WIDTH, top, 0.6, INK_RULE);
    canvas->y += 12;
    canvas->y +=
        canvas_text(canvas, &strong, PAGE_MARGIN, CONTENT_WIDTH, document->payment_title) + 6;
    if (!str_is_null(document->payment_code) &&
        canvas_qr(canvas, x, canvas->y, QR_SIZE, document->payment_code)) {
        code_bottom = canvas->y + QR_SIZE;
        x += QR_SIZE + 16;
    }
    double width = PAGE_MARGIN + CONTENT_WIDTH - x;
    canvas->y += draw_facts(d, x, width, document->payment, document->payment_count);
    if (code_bottom > top)
        canvas->y += canvas_text(canvas, &quiet, x, width, document->payment_code_note);
    double height = larger(canvas->y, code_bottom) - top;
    canvas->y = top;
    return height;
}

/* Never parted; on a new page where it does not fit. */
static void add_block(struct drawing *d, double (*draw)(struct drawing *d, const void *arg))
{
    if (!fits(d, measure(d, draw, d->document)))
        next_page(d);
    d->canvas.y += draw(d, d->document) + 16;
}

static void draw_all(struct drawing *d)
{
    d->canvas.page = 1;
    d->canvas.y = PAGE_MARGIN;
    draw_head(d);
    draw_lines(d);
    add_block(d, draw_totals);
    if (d->document->payment_count > 0)
        add_block(d, draw_payment);
    draw_footer(d);
    if (!d->canvas.is_dry)
        cairo_show_page(d->canvas.cairo);
}

/* ---- the file ---- */

static cairo_status_t write_bytes(void *arg, const unsigned char *data, unsigned int len)
{
    struct buf *pdf = arg;
    buf_add(pdf, (struct str){(const char *)data, len});
    return buf_ok(pdf) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static void set_properties(cairo_surface_t *surface, const struct invoice_document *document,
                           struct arena *arena)
{
    const char *created = arena_cstr(arena, time_text(arena, document->created_at));
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE,
                                   arena_cstr(arena, document->title));
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR,
                                   arena_cstr(arena, document->seller.name));
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Billow");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, created);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, created);
}

enum err invoice_pdf_draw(const struct invoice_document *document, struct arena *arena,
                          struct fault *fault, struct buf *pdf)
{
    struct drawing d = {.document = document, .arena = arena};
    ASSERT(pdf->len == 0);
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(write_bytes, pdf, PAGE_WIDTH, PAGE_HEIGHT);
    set_properties(surface, document, arena);
    /* The default font map is the thread's own. */
    PangoFontMap *fonts = pango_cairo_font_map_get_default();
    d.canvas.cairo = cairo_create(surface);
    d.canvas.pango = pango_font_map_create_context(fonts);
    d.canvas.is_rtl = locale_is_rtl(document->locale);
    pango_context_set_language(d.canvas.pango, pango_language_from_string(arena_cstr(
                                                   arena, locale_tag(document->locale))));
    pango_context_set_base_dir(d.canvas.pango,
                               d.canvas.is_rtl ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);

    d.canvas.is_dry = true;
    draw_all(&d);
    d.page_count = d.canvas.page;
    bool too_long = d.page_count > PAGES_MAX;
    if (!too_long) {
        d.canvas.is_dry = false;
        draw_all(&d);
    }
    g_object_unref(d.canvas.pango);
    cairo_destroy(d.canvas.cairo);
    cairo_surface_finish(surface);
    cairo_status_t status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (too_long)
        return fault_set(fault, ERR_INVALID, "the invoice has %d pages; a PDF may have %d",
                         d.page_count, PAGES_MAX);
    if (status != CAIRO_STATUS_SUCCESS || !buf_ok(pdf))
        return fault_set(fault, ERR_INVALID, "the invoice can't be drawn: %s",
                         cairo_status_to_string(status));
    return ERR_NONE;
}

void invoice_pdf_warm(void)
{
    const struct document_total totals[] = {{STR("Total"), STR("1"), true}};
    struct arena arena;
    struct fault fault;
    struct buf pdf;
    struct locale *locale = NULL;
    arena_init(&arena);
    fault_init(&fault, &arena);
    buf_init(&pdf, &arena, INVOICE_PDF_BYTES_MAX);
    if (locale_open(STR("en"), &locale) == ERR_NONE) {
        enum err err = invoice_pdf_draw(
            &(struct invoice_document){
                .locale = locale, .title = STR("Invoice"), .totals = totals, .total_count = 1},
            &arena, &fault, &pdf);
        (void)err; /* whoever draws next is told */
    }
    locale_close(locale);
    arena_clear(&arena);
}
