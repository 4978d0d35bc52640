/* pdf.c - bench_pdf: the median time and the size of invoice PDFs.
 *
 * Prints a line each: name, pages, median in milliseconds, KB.  The fonts are loaded before. */
#include "base/clock.h"
#include "core/currency.h"
#include "document/invoice_pdf.h"

#include <stdio.h>
#include <stdlib.h>

#define GOES 31

struct sample {
    const char *name, *language, *currency;
    const char *title, *seller, *buyer, *item, *step, *quantity, *total;
    size_t lines;
};

// clang-format off
static const struct sample samples[] = {
    {"Latin, 1 page", "en", "EUR", "Invoice BIL-2026-004839", "Northwind Cloud GmbH", "Aurora Genomics AG", "Compute c4.large, 3 instances", "10,000 GB × 0.0450 = 450.00", "2,160 h", "Amount due", 6},
    {"Latin, 3 pages", "en", "EUR", "Invoice BIL-2026-004839", "Northwind Cloud GmbH", "Aurora Genomics AG", "Compute c4.large, 3 instances", "10,000 GB × 0.0450 = 450.00", "2,160 h", "Amount due", 46},
    {"Arabic, 1 page", "ar", "SAR", "فاتورة BIL-2026-004839", "نورث ويند كلاود", "شركة أورورا للجينوم", "حوسبة c4.large (3 مثيلات)", "\u206610,000 GB × 0.0450 = 450.00\u2069", "2,160 ساعة", "المبلغ المستحق", 6},
    {"Japanese, 1 page", "ja", "JPY", "請求書 BIL-2026-004839", "北風クラウド株式会社", "東海ロジスティクス株式会社", "コンピュート c4.large（3台）", "10,000 GB × 4.5 = 45,000", "2,160 時間", "ご請求額", 6},
};
// clang-format on

static void draw(struct arena *arena, const struct sample *s, struct buf *pdf)
{
    struct locale *locale = NULL;
    struct fault fault;
    if (locale_open(str_of(s->language), &locale) != ERR_NONE)
        abort();
    struct str amount =
        locale_money(locale, arena, (struct money){431038, currency_find(str_of(s->currency))});
    struct str step = str_of(s->step);
    struct document_line *lines = ARENA_ARRAY(arena, s->lines, struct document_line);
    for (size_t i = 0; i < s->lines; i++)
        lines[i] = (struct document_line){
            str_of(s->item), str_of(s->quantity), amount, amount, &step, i % 2};
    const struct document_group group = {str_of(s->buyer), amount, lines, s->lines};
    const struct document_total total = {str_of(s->total), amount, true};
    const struct document_fact fact = {STR("IBAN"), STR("DE02 1203 0000 0000 2020 51")};
    fault_init(&fault, arena);
    buf_init(pdf, arena, INVOICE_PDF_BYTES_MAX);
    if (invoice_pdf_draw(&(struct invoice_document){.locale = locale,
                                                    .title = str_of(s->title),
                                                    .seller = {.name = str_of(s->seller)},
                                                    .buyer = {.name = str_of(s->buyer)},
                                                    .groups = &group,
                                                    .group_count = 1,
                                                    .totals = &total,
                                                    .total_count = 1,
                                                    .payment = &fact,
                                                    .payment_count = 1,
                                                    .payment_code = STR("BCD\n002\n1\nSCT\n")},
                         arena, &fault, pdf) != ERR_NONE)
        abort();
    locale_close(locale);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* What the PDF's own page tree counts. */
static int pages_of(struct str pdf)
{
    for (size_t i = 0; i + 8 < pdf.len; i++) {
        if (str_starts(str_slice(pdf, i, pdf.len), STR("/Count ")))
            return atoi(pdf.ptr + i + 7); // NOLINT(cert-err34-c)
    }
    return 0;
}

int main(void)
{
    invoice_pdf_warm();
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        int64_t took_us[GOES];
        size_t bytes = 0;
        int pages = 0;
        for (int go = -1; go < GOES; go++) { /* the first loads this script's fonts */
            struct arena arena;
            struct buf pdf;
            arena_init(&arena);
            int64_t began = clock_monotonic_us();
            draw(&arena, &samples[i], &pdf);
            if (go >= 0)
                took_us[go] = clock_monotonic_us() - began;
            bytes = pdf.len;
            pages = pages_of(buf_str(&pdf));
            arena_clear(&arena);
        }
        qsort(took_us, GOES, sizeof took_us[0], by_size);
        int64_t median_us = took_us[GOES / 2];
        printf("%s\t%d\t%.1f\t%.1f\n", samples[i].name, pages, (double)median_us / 1000,
               (double)bytes / 1024);
    }
    return 0;
}
