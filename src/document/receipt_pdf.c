#include "document/receipt_pdf.h"

#include "document/sheet.h"

static double draw_line(struct sheet *s, const void *arg)
{
    const struct receipt_line *line = arg;
    const struct str cells[] = {line->description, line->date, line->total, line->amount};
    double height = sheet_cells(s, cells);
    canvas_rule(&s->canvas, PAGE_MARGIN, CONTENT_WIDTH, s->canvas.y + height, 0.6, INK_RULE);
    return height + 1;
}

static double draw_total(struct sheet *s, const void *arg)
{
    return sheet_totals(s, arg, 1);
}

static double draw_thanks(struct sheet *s, const void *arg)
{
    const struct str *thanks = arg;
    return canvas_text(&s->canvas, &style.strong, PAGE_MARGIN, CONTENT_WIDTH, *thanks);
}

static void draw_body(struct sheet *s)
{
    const struct receipt_document *document = s->document;
    sheet_columns(s);
    for (size_t i = 0; i < document->line_count; i++)
        sheet_row(s, draw_line, &document->lines[i], 0);
    s->canvas.y += 12;
    sheet_block(s, draw_total, &document->total);
    if (!str_is_null(document->thanks))
        sheet_block(s, draw_thanks, &document->thanks);
}

enum err receipt_pdf_draw(const struct receipt_document *document, struct arena *arena,
                          struct fault *fault, struct buf *pdf)
{
    const struct sheet_front front = {
        .locale = document->locale,
        .title = document->title,
        .notice = STR_NULL,
        .logo = document->logo,
        .seller = &document->seller,
        .buyer = &document->buyer,
        .facts = document->facts,
        .fact_count = document->fact_count,
        .columns = {document->column_description, document->column_date, document->column_total,
                    document->column_amount},
        .footer = document->footer,
        .created_at = document->created_at,
    };
    return sheet_pdf(&front, draw_body, document, arena, fault, pdf);
}
