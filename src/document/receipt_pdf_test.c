/* receipt_pdf_test.c - receipts in three scripts; the same bytes twice.
 *
 * With BILLOW_TEST_PDF_DIR set, the PDFs are left there to be looked at. */
#include "tests/font_caches.h"
#include "tests/test.h"

#include "document/receipt_pdf.h"

struct sample {
    const char *name, *title, *seller, *buyer, *address, *thanks, *column[4], *line, *total;
    int64_t paid_minor;
    const char *currency;
};

// clang-format off
static const struct sample samples[] = {
    {"en", "Receipt BIL-R-007", "Northwind Cloud GmbH", "Aurora Genomics AG", "80337 München", "Thank you for your payment",
     {"Description", "Date", "Total", "Paid"}, "Invoice BIL-2026-004839", "Amount paid", 431038, "EUR"},
    {"ar", "إيصال BIL-R-007", "نورث ويند كلاود", "شركة أورورا للجينوم", "الرياض 12211", "شكرًا لدفعكم",
     {"الوصف", "التاريخ", "الإجمالي", "المدفوع"}, "فاتورة BIL-2026-004839", "المبلغ المدفوع", 431038, "SAR"},
    {"ja", "領収書 BIL-R-007", "北風クラウド株式会社", "東海ロジスティクス株式会社", "〒106-0032 東京都港区", "お支払いありがとうございます",
     {"品目", "日付", "合計", "お支払い済み"}, "請求書 BIL-2026-004839", "領収金額", 340079, "JPY"},
};
// clang-format on

static struct str draw(struct arena *arena, const struct sample *s, size_t line_count)
{
    struct locale *locale = NULL;
    struct fault fault;
    struct buf pdf;
    REQUIRE(locale_open(str_of(s->name), &locale) == ERR_NONE);
    struct str amount = locale_money(
        locale, arena, (struct money){s->paid_minor, currency_find(str_of(s->currency))});
    struct str address[] = {str_of(s->address)};
    struct receipt_line *lines = ARENA_ARRAY(arena, line_count, struct receipt_line);
    for (size_t i = 0; i < line_count; i++)
        lines[i] = (struct receipt_line){str_of(s->line), locale_day_short(locale, arena, 20789),
                                         amount, amount};
    const struct document_fact facts[] = {
        {str_of(s->column[1]), locale_day(locale, arena, 20789)},
        {str_of(s->column[0]), STR("\u2068pay_01J8\u2069")},
    };
    fault_init(&fault, arena);
    buf_init(&pdf, arena, RECEIPT_PDF_BYTES_MAX);
    enum err err = receipt_pdf_draw(
        &(struct receipt_document){
            .locale = locale,
            .title = str_of(s->title),
            .logo = STR_NULL,
            .seller = {str_of(s->column[0]), str_of(s->seller), address, 1},
            .buyer = {str_of(s->column[1]), str_of(s->buyer), address, 1},
            .facts = facts,
            .fact_count = 2,
            .thanks = str_of(s->thanks),
            .column_description = str_of(s->column[0]),
            .column_date = str_of(s->column[1]),
            .column_total = str_of(s->column[2]),
            .column_amount = str_of(s->column[3]),
            .lines = lines,
            .line_count = line_count,
            .total = {str_of(s->total), amount, true},
            .footer = str_of(s->seller),
            .created_at = INT64_C(1796169600000000),
        },
        arena, &fault, &pdf);
    REQUIRE(err == ERR_NONE);
    locale_close(locale);
    return buf_str(&pdf);
}

static void leave(const char *name, struct str pdf)
{
    const char *folder = getenv("BILLOW_TEST_PDF_DIR");
    char path[1000];
    if (folder == NULL)
        return;
    snprintf(path, sizeof path, "%s/receipt-%s.pdf", folder, name);
    FILE *file = fopen(path, "wb");
    REQUIRE(file != NULL && fwrite(pdf.ptr, 1, pdf.len, file) == pdf.len && fclose(file) == 0);
}

static bool holds(struct str pdf, struct str text)
{
    for (size_t i = 0; i + text.len <= pdf.len; i++) {
        if (str_starts(str_slice(pdf, i, pdf.len), text))
            return true;
    }
    return false;
}

TEST(receipts_in_three_scripts_are_the_same_twice)
{
    struct arena arena;
    arena_init(&arena);
    EACH(s, samples) {
        struct str first = draw(&arena, s, 2);
        struct str second = draw(&arena, s, 2);
        CHECK(str_starts(first, STR("%PDF-1.")));
        CHECK(holds(first, STR("/Count 1\n")));
        CHECK(str_eq(first, second));
        leave(s->name, first);
    }
    arena_clear(&arena);
}

TEST(a_receipt_of_many_invoices_goes_on_over_pages)
{
    struct arena arena;
    arena_init(&arena);
    /* 80 rows of 20 to 30 points are 1600 to 2400, and pages have about 700. */
    struct str pdf = draw(&arena, &samples[0], 80);
    CHECK(holds(pdf, STR("/Count 3\n")) || holds(pdf, STR("/Count 4\n")));
    leave("long", pdf);
    arena_clear(&arena);
}
