/* invoice_pdf_test.c - documents in three scripts, of one page and of many; the same bytes twice.
 *
 * With BILLOW_TEST_PDF_DIR set, the PDFs are left there to be looked at. */
#include "tests/font_caches.h"
#include "tests/test.h"

#include "document/invoice_pdf.h"

static const char logo[] =
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 40 40' width='40' height='40'>"
    "<circle cx='20' cy='20' r='20' fill='#0f766e'/>"
    "<path d='M12 28V12l16 16V12' fill='none' stroke='#fff' stroke-width='4'/></svg>";

struct sample {
    const char *name; /* of the language */
    const char *title, *seller, *buyer, *street, *city, *column[4], *group, *item, *long_item,
        *step, *quantity, *total, *due, *pay, *note, *footer;
    int64_t price_minor;
    const char *currency;
};

// clang-format off
static const struct sample samples[] = {
    {"en", "Invoice BIL-2026-004839", "Northwind Cloud GmbH", "Aurora Genomics AG", "Lindwurmstraße 88", "80337 München",
     {"Description", "Quantity", "Unit price", "Amount"}, "Project atlas-prod", "Compute c4.large, 3 instances",
     "Egress, first 10 TB (2 tiers), with a description that is so long that it has to be broken into several lines of text",
     "10,000 GB × €0.0450 = €450.00", "2,160 h", "Total", "Amount due", "Payment", "Scan to pay with your banking app",
     "Northwind Cloud GmbH · HRB 12345 Hamburg · VAT DE 312 845 077", 431038, "EUR"},
    {"ar", "فاتورة BIL-2026-004839", "نورث ويند كلاود", "شركة أورورا للجينوم", "شارع الملك فهد ٨٨", "الرياض 12211",
     {"الوصف", "الكمية", "سعر الوحدة", "المبلغ"}, "مشروع atlas-prod", "حوسبة c4.large (3 مثيلات)",
     "نقل البيانات، أول 10 تيرابايت (شريحتان)، مع وصف طويل جدًا بحيث يجب تقسيمه على عدة أسطر من النص في الجدول",
     "\u206610,000 GB × 0.0450 = 450.00\u2069", "2,160 ساعة", "الإجمالي", "المبلغ المستحق", "الدفع", "امسح الرمز للدفع عبر تطبيق البنك",
     "نورث ويند كلاود", 431038, "SAR"},
    {"ja", "請求書 BIL-2026-004839", "北風クラウド株式会社", "東海ロジスティクス株式会社", "東京都港区六本木 6-10-1", "〒106-0032",
     {"品目", "数量", "単価", "金額"}, "プロジェクト atlas-prod", "コンピュート c4.large（3台）",
     "データ転送、最初の10 TB（2段階）、説明がとても長いので表の中で何行にも折り返さなければならない場合の例です。直骨令誤",
     "10,000 GB × ¥4.5 = ¥45,000", "2,160 時間", "合計", "ご請求額", "お支払い", "銀行アプリで読み取ってお支払いください",
     "北風クラウド株式会社", 340079, "JPY"},
};
// clang-format on

static const char epc[] = "BCD\n002\n1\nSCT\n\nNorthwind Cloud GmbH\nDE02120300000000202051\n"
                          "EUR4310.38\n\n\nBIL-2026-004839\n";

/* A PDF of `line_count` lines. */
static struct str draw(struct arena *arena, const struct sample *s, size_t line_count)
{
    struct locale *locale = NULL;
    struct fault fault;
    struct buf pdf;
    REQUIRE(locale_open(str_of(s->name), &locale) == ERR_NONE);
    struct money money = {s->price_minor, currency_find(str_of(s->currency))};
    struct str amount = locale_money(locale, arena, money);
    struct str address[] = {str_of(s->street), str_of(s->city)};
    struct str steps[] = {str_of(s->step), str_of(s->step)};
    struct document_line *lines = ARENA_ARRAY(arena, line_count, struct document_line);
    for (size_t i = 0; i < line_count; i++) {
        lines[i] =
            (struct document_line){.description = str_of(i % 3 == 2 ? s->long_item : s->item),
                                   .quantity = str_of(s->quantity),
                                   .unit_price = amount,
                                   .amount = amount,
                                   .steps = steps,
                                   .step_count = i % 3 == 1 ? 2 : 0};
    }
    const struct document_group groups[] = {{str_of(s->group), amount, lines, line_count / 2},
                                            {str_of(s->group), amount, lines, line_count / 2}};
    const struct document_fact facts[] = {
        {str_of(s->column[0]), str_of("BIL-2026-004839")},
        {str_of(s->due), locale_day(locale, arena, 20789)},
    };
    const struct document_total totals[] = {{str_of(s->total), amount, false},
                                            {str_of(s->due), amount, true}};
    const struct document_fact payment[] = {{str_of("IBAN"), str_of("DE02 1203 0000 0000 2020 51")},
                                            {str_of("BIC"), str_of("BYLADEM1001")}};
    fault_init(&fault, arena);
    buf_init(&pdf, arena, INVOICE_PDF_BYTES_MAX);
    enum err err = invoice_pdf_draw(
        &(struct invoice_document){
            .locale = locale,
            .title = str_of(s->title),
            .logo = str_of(logo),
            .seller = {str_of(s->column[0]), str_of(s->seller), address, 2},
            .buyer = {str_of(s->column[1]), str_of(s->buyer), address, 2},
            .facts = facts,
            .fact_count = 2,
            .column_description = str_of(s->column[0]),
            .column_quantity = str_of(s->column[1]),
            .column_unit_price = str_of(s->column[2]),
            .column_amount = str_of(s->column[3]),
            .groups = groups,
            .group_count = 2,
            .totals = totals,
            .total_count = 2,
            .payment_title = str_of(s->pay),
            .payment = payment,
            .payment_count = 2,
            .payment_code = str_of(epc),
            .payment_code_note = str_of(s->note),
            .footer = str_of(s->footer),
            .created_at = INT64_C(1796169600000000),
        },
        arena, &fault, &pdf);
    CHECK_STR(fault.message.ptr == NULL ? STR("") : fault.message, "");
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
    snprintf(path, sizeof path, "%s/invoice-%s.pdf", folder, name);
    FILE *file = fopen(path, "wb");
    REQUIRE(file != NULL && fwrite(pdf.ptr, 1, pdf.len, file) == pdf.len && fclose(file) == 0);
}

/* How many pages the PDF's own page tree counts. */
static int pages_of(struct str pdf)
{
    for (size_t i = 0; i + 8 < pdf.len; i++) {
        struct str at = str_slice(pdf, i, pdf.len);
        if (str_starts(at, STR("/Count ")))
            return atoi(at.ptr + 7); // NOLINT(cert-err34-c)
    }
    return 0;
}

TEST(invoice_pdf_three_scripts)
{
    struct arena arena;
    arena_init(&arena);
    EACH(s, samples) {
        struct str pdf = draw(&arena, s, 4);
        CHECK(str_starts(pdf, STR("%PDF-1.")));
        CHECK_INT(pages_of(pdf), strcmp(s->name, "ar") == 0 ? 2 : 1); /* Arabic lines are taller */
        leave(s->name, pdf);
    }
    arena_clear(&arena);
}

TEST(invoice_pdf_the_same_bytes_twice)
{
    struct arena arena;
    arena_init(&arena);
    EACH(s, samples) {
        struct str first = draw(&arena, s, 10);
        struct str second = draw(&arena, s, 10);
        CHECK(str_eq(first, second));
    }
    arena_clear(&arena);
}

TEST(invoice_pdf_long_ones_go_on_over_pages)
{
    struct arena arena;
    arena_init(&arena);
    struct str pdf = draw(&arena, &samples[0], 200);
    /* 200 lines, of which every third has two rows of steps and every third is three lines high:
     * more than 200 × 21 points, less than 200 × 60, on pages of about 700. */
    CHECK(pages_of(pdf) >= 6 && pages_of(pdf) <= 18);
    leave("long", pdf);
    arena_clear(&arena);
}

TEST(invoice_pdf_hostile_texts)
{
    struct arena arena;
    arena_init(&arena);
    struct sample s = samples[0];
    s.title = "<b>&amp; \xE2\x80\xAE gnp.ecioVni \xF0\x9F\x98\x80";
    s.item = "(\\) endobj %%EOF \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D";
    s.buyer = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaa"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaa";
    struct str pdf = draw(&arena, &s, 3);
    CHECK_INT(pages_of(pdf), 1);
    leave("hostile", pdf);
    arena_clear(&arena);
}
