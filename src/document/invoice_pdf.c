#include "document/invoice_pdf.h"

#include "document/sheet.h"

#define QR_SIZE 92.0

/* ---- lines ---- */

/* The whole row at canvas->y, which stays. */
static double draw_group_row(struct sheet *s, const void *arg)
{
    const struct document_group *group = arg;
    struct canvas *canvas = &s->canvas;
    double top = canvas->y;
    canvas->y = top + CELL;
    double height = canvas_text(canvas, &style.strong, PAGE_MARGIN + CELL,
                                AMOUNT_X - PAGE_MARGIN - 2 * CELL, group->title);
    height = larger(height, canvas_text(canvas, &style.strong_end, AMOUNT_X, AMOUNT_WIDTH - CELL,
                                        group->amount));
    canvas->y = top;
    return height + 2 * CELL;
}

static double draw_line_row(struct sheet *s, const void *arg)
{
    const struct document_line *line = arg;
    const struct str cells[] = {line->description, line->quantity, line->unit_price, line->amount};
    return sheet_cells(s, cells);
}

static double draw_step_row(struct sheet *s, const void *arg)
{
    const struct str *step = arg;
    return canvas_text(&s->canvas, &style.quiet, PAGE_MARGIN + 3 * CELL,
                       AMOUNT_X - PAGE_MARGIN - 4 * CELL, *step) +
           2;
}

static void draw_lines(struct sheet *s)
{
    const struct invoice_document *document = s->document;
    struct canvas *canvas = &s->canvas;
    sheet_columns(s);
    for (size_t g = 0; g < document->group_count; g++) {
        const struct document_group *group = &document->groups[g];
        double first =
            group->line_count > 0 ? sheet_measure(s, draw_line_row, &group->lines[0]) : 0;
        if (!str_is_null(group->title))
            sheet_row(s, draw_group_row, group, first);
        for (size_t i = 0; i < group->line_count; i++) {
            const struct document_line *line = &group->lines[i];
            sheet_row(s, draw_line_row, line,
                      line->step_count > 0 ? sheet_measure(s, draw_step_row, &line->steps[0]) : 0);
            for (size_t k = 0; k < line->step_count; k++)
                sheet_row(s, draw_step_row, &line->steps[k], 0);
            canvas->y += line->step_count > 0 ? 4 : 0;
            canvas_rule(canvas, PAGE_MARGIN, CONTENT_WIDTH, canvas->y, 0.6, INK_RULE);
        }
    }
    canvas->y += 12;
}

/* ---- totals and payment ---- */

static double draw_totals(struct sheet *s, const void *arg)
{
    const struct invoice_document *document = arg;
    return sheet_totals(s, document->totals, document->total_count);
}

static double draw_payment(struct sheet *s, const void *arg)
{
    const struct invoice_document *document = arg;
    struct canvas *canvas = &s->canvas;
    double top = canvas->y;
    double x = PAGE_MARGIN;
    double code_bottom = top;
    canvas_rule(canvas, PAGE_MARGIN, CONTENT_WIDTH, top, 0.6, INK_RULE);
    canvas->y += 12;
    canvas->y +=
        canvas_text(canvas, &style.strong, PAGE_MARGIN, CONTENT_WIDTH, document->payment_title) + 6;
    if (!str_is_null(document->payment_code) &&
        canvas_qr(canvas, x, canvas->y, QR_SIZE, document->payment_code)) {
        code_bottom = canvas->y + QR_SIZE;
        x += QR_SIZE + 16;
    }
    double width = PAGE_MARGIN + CONTENT_WIDTH - x;
    canvas->y += sheet_facts(s, x, width, document->payment, document->payment_count);
    if (code_bottom > top)
        canvas->y += canvas_text(canvas, &style.quiet, x, width, document->payment_code_note);
    double height = larger(canvas->y, code_bottom) - top;
    canvas->y = top;
    return height;
}

static void draw_body(struct sheet *s)
{
    const struct invoice_document *document = s->document;
    draw_lines(s);
    sheet_block(s, draw_totals, document);
    if (document->payment_count > 0)
        sheet_block(s, draw_payment, document);
}

enum err invoice_pdf_draw(const struct invoice_document *document, struct arena *arena,
                          struct fault *fault, struct buf *pdf)
{
    const struct sheet_front front = {
        .locale = document->locale,
        .title = document->title,
        .notice = document->notice,
        .logo = document->logo,
        .seller = &document->seller,
        .buyer = &document->buyer,
        .facts = document->facts,
        .fact_count = document->fact_count,
        .columns = {document->column_description, document->column_quantity,
                    document->column_unit_price, document->column_amount},
        .footer = document->footer,
        .created_at = document->created_at,
    };
    return sheet_pdf(&front, draw_body, document, arena, fault, pdf);
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
