/* invoice_document_test.c - what an invoice's document says, in the reader's language. */
#include "tests/app/world.h"
#include "tests/font_caches.h"

#include "app/audit_list.h"
#include "app/billing_entity_logo.h"
#include "app/invoice_document.h"
#include "app/receipt_document.h"
#include "document/logo.h"

#define NBSP "\u00a0"

/* A month of a plan of 29.00 with calls in tiers: 10 at 2, the rest at 1 and 3 flat; 20 % tax. */
static void bill_a_month(struct world *w)
{
    const struct charge_input charges[] = {
        {.metric_code = STR("calls"),
         .charge_model = STR("graduated"),
         .properties = STR(
             "{\"graduated_ranges\":["
             "{\"from_value\":0,\"to_value\":10,\"per_unit_amount\":\"2\",\"flat_amount\":\"0\"},"
             "{\"from_value\":10,\"to_value\":null,\"per_unit_amount\":\"1\",\"flat_amount\":\"3\"}"
             "]}")},
        {.metric_code = STR_NULL}};
    at(w, "2024-03-01T00:00:00Z");
    make_tax(w, "VAT", "20", true);
    make_metric(w, "calls", "sum_agg", "n");
    make_plan(w, (struct plan_input){.code = STR("Standard"), .amount_minor = 2900}, charges);
    make_customer(w, "c", "UTC");
    subscribe(w, "c", "s", "Standard", "calendar");
    send_event(w, "s", "calls", "2024-03-10T00:00:00Z", "{\"n\":\"14.5\"}");
    at(w, "2024-04-01T00:00:00Z");
    run(w);
}

static void fill(struct world *w, const char *language, struct locale **locale,
                 struct invoice_view *view, struct invoice_document *document)
{
    REQUIRE(locale_open(str_of(language), locale) == ERR_NONE);
    *view = invoice_at(w, "c", 0);
    invoice_document_fill(&w->arena, *locale, view, document);
}

/* What usage lacks to a minimum is told from the usage, in the reader's language. */
TEST(a_minimum_is_a_line_of_its_own)
{
    static const struct {
        const char *name, *want, *steps[2];
    } cases[] = {
        {"en", "Minimum: calls", {"minimum of 10 = 10", "less the fee for usage, down to 0 = -8"}},
        {"de",
         "Mindestbetrag: calls",
         {"Mindestbetrag 10 = 10", "abzüglich des Entgelts für Nutzung, bis auf 0 = -8"}},
        {"ja", "最低料金: calls", {"最低額 10 = 10", "利用料を差し引き（0 まで） = -8"}}};
    const struct charge_input charges[] = {{.metric_code = STR("calls"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\": \"8\"}"),
                                            .min_amount_minor = 1000},
                                           {.metric_code = STR_NULL}};
    struct world w;
    world_open(&w);
    make_metric(&w, "calls", "count_agg", NULL);
    at(&w, "2024-03-01T00:00:00Z");
    sell(&w, (struct plan_input){0}, charges);
    send_event(&w, "s", "calls", "2024-03-10T00:00:00Z", "{}");
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    EACH(c, cases) {
        struct invoice_view view;
        struct invoice_document d;
        struct locale *locale = NULL;
        fill(&w, c->name, &locale, &view, &d);
        REQUIRE(d.group_count == 1 && d.groups[0].line_count == 3);
        const struct document_line *usage = &d.groups[0].lines[1];
        const struct document_line *minimum = &d.groups[0].lines[2];
        CHECK_STR(usage->description, "calls");
        CHECK_STR(minimum->description, c->want);
        CHECK_STR(minimum->quantity, "1");
        REQUIRE(minimum->step_count == 2);
        for (size_t i = 0; i < 2; i++) /* each isolated from the direction of the page */
            CHECK_STR(minimum->steps[i], arena_fmt(&w.arena, "\u2068%s\u2069", c->steps[i]).ptr);
        locale_close(locale);
    }
    world_close(&w);
}

TEST(an_invoices_document_says_what_the_invoice_says)
{
    struct world w;
    struct invoice_view view;
    struct invoice_document d;
    struct locale *locale = NULL;
    world_open(&w);
    bill_a_month(&w);
    fill(&w, "en", &locale, &view, &d);
    CHECK_STR(d.title, "Invoice BIL-001-001");
    CHECK(str_is_null(d.notice));
    CHECK_STR(d.buyer.name, "c");
    REQUIRE(d.fact_count == 3);
    CHECK_STR(d.facts[1].value, "April 1, 2024");
    REQUIRE(d.group_count == 1);
    CHECK_STR(d.groups[0].title, "s");
    CHECK_STR(d.groups[0].amount, "€56.50"); /* 29 and 10 × 2 and 4.5 × 1 + 3 */
    REQUIRE(d.groups[0].line_count == 2);
    CHECK_STR(d.groups[0].lines[0].amount, "€29.00");
    CHECK(str_is_null(d.groups[0].lines[0].quantity));
    const struct document_line *usage = &d.groups[0].lines[1];
    CHECK_STR(usage->quantity, "14.5");
    CHECK_STR(usage->amount, "€27.50");
    CHECK_STR(usage->unit_price, "varies"); /* tiers */
    REQUIRE(usage->step_count == 2);
    CHECK_STR(usage->steps[0], "\u2068tier 1: 10 units at 2 plus 0 = 20\u2069");
    CHECK_STR(usage->steps[1], "\u2068tier 2: 4.5 units at 1 plus 3 = 7.5\u2069");
    REQUIRE(d.total_count == 3);
    CHECK_STR(d.totals[0].amount, "€56.50");
    CHECK_STR(d.totals[1].label, "VAT 20 % on €56.50");
    CHECK_STR(d.totals[1].amount, "€11.30");
    CHECK_STR(d.totals[2].label, "Total");
    CHECK_STR(d.totals[2].amount, "€67.80");
    CHECK(d.totals[2].is_grand);
    locale_close(locale);
    world_close(&w);
}

TEST(a_paid_invoices_document_in_german_shows_what_is_left)
{
    struct world w;
    struct invoice_view view;
    struct payment_view paid;
    struct invoice_document d;
    struct locale *locale = NULL;
    world_open(&w);
    bill_a_month(&w);
    view = invoice_at(&w, "c", 0);
    MUST(&w, payment_create(&w.ctx,
                            &(struct payment_input){.invoice_id = view.row.id,
                                                    .amount_minor = 5000,
                                                    .paid_at = TIME_NONE,
                                                    .reference = STR("r")},
                            &paid));
    fill(&w, "de", &locale, &view, &d);
    CHECK_STR(d.title, "Rechnung BIL-001-001");
    CHECK_STR(d.facts[1].value, "1. April 2024");
    REQUIRE(d.total_count == 5);
    CHECK_STR(d.totals[1].label, "VAT 20 % auf 56,50" NBSP "€");
    CHECK_STR(d.totals[3].label, "Bezahlt");
    CHECK_STR(d.totals[3].amount, "50,00" NBSP "€");
    CHECK_STR(d.totals[4].label, "Zu zahlen");
    CHECK_STR(d.totals[4].amount, "17,80" NBSP "€");
    CHECK(!d.totals[2].is_grand && d.totals[4].is_grand);
    locale_close(locale);
    world_close(&w);
}

TEST(an_invoice_says_how_to_pay_it)
{
    struct world w;
    struct invoice_view view;
    struct payment_view paid;
    struct billing_entity_view entity;
    struct invoice_document d;
    struct locale *locale = NULL;
    world_open(&w);
    bill_a_month(&w);
    fill(&w, "en", &locale, &view, &d);
    CHECK_INT((int64_t)d.payment_count, 0); /* nobody has said where to */
    CHECK(str_is_null(d.payment_code));
    locale_close(locale);
    MUST(&w, billing_entity_change(
                 &w.ctx,
                 &(struct billing_entity_input){.code = STR("default"),
                                                .sent = ENTITY_IBAN | ENTITY_BIC |
                                                        ENTITY_BANK_NAME | ENTITY_ACCOUNT_HOLDER,
                                                .iban = STR("de02 1203 0000 0000 2020 51"),
                                                .bic = STR("BYLADEM1001"),
                                                .bank_name = STR("DKB"),
                                                .account_holder = STR("Cloud GmbH")},
                 &entity));
    fill(&w, "ar", &locale, &view, &d);
    REQUIRE(d.payment_count == 5);
    CHECK_STR(d.payment[0].value, "Cloud GmbH");
    CHECK_STR(d.payment[1].label, "IBAN");
    CHECK_STR(d.payment[1].value, "\u2068DE02 1203 0000 0000 2020 51\u2069");
    CHECK_STR(d.payment[2].value, "\u2068BYLADEM1001\u2069");
    CHECK_STR(d.payment[3].value, "DKB");
    CHECK_STR(d.payment[4].value, "\u2068BIL-001-001\u2069");
    /* EPC069-12: service tag, version, UTF-8, SCT, BIC, name, IBAN, amount, purpose, reference. */
    CHECK_STR(d.payment_code, "BCD\n002\n1\nSCT\nBYLADEM1001\nCloud GmbH\n"
                              "DE02120300000000202051\nEUR67.80\n\n\nBIL-001-001");
    locale_close(locale);
    MUST(&w, payment_create(&w.ctx,
                            &(struct payment_input){.invoice_id = view.row.id,
                                                    .amount_minor = 6780,
                                                    .paid_at = TIME_NONE,
                                                    .reference = STR("r")},
                            &paid));
    fill(&w, "en", &locale, &view, &d);
    CHECK_INT((int64_t)d.payment_count, 0); /* it is paid */
    locale_close(locale);
    world_close(&w);
}

/* The receipt's document as staff see it: all it needs is read from the database. */
static struct payment_view pay(struct world *w, int64_t amount_minor)
{
    struct payment_view paid;
    MUST(w, payment_create(&w->ctx,
                           &(struct payment_input){.invoice_id = invoice_at(w, "c", 0).row.id,
                                                   .amount_minor = amount_minor,
                                                   .paid_at = instant("2024-03-31T23:30:00Z"),
                                                   .reference = STR("bank 7")},
                           &paid));
    return paid;
}

TEST(a_receipt_says_what_was_paid_and_stays_so)
{
    struct world w;
    struct receipt_document d;
    struct locale *locale = NULL;
    struct buf first;
    struct buf second;
    world_open(&w);
    bill_a_month(&w);
    struct payment_view paid = pay(&w, 5000);
    const struct invoice_view invoice = invoice_at(&w, "c", 0);
    struct receipt_subject about = {
        .payment = paid.row,
        .invoice = invoice.row,
        .customer = invoice.customer.row,
        .entity = invoice.entity,
    };
    REQUIRE(locale_open(STR("en"), &locale) == ERR_NONE);
    receipt_document_fill(&w.arena, locale, &about, &d);
    CHECK_STR(d.title, "Receipt BIL-R-001");
    CHECK_STR(d.buyer.name, "c");
    REQUIRE(d.fact_count == 4);
    CHECK_STR(d.facts[1].value, "March 31, 2024");
    CHECK_STR(d.facts[2].value, "Transfer");
    CHECK_STR(d.facts[3].value, "\u2068bank 7\u2069");
    REQUIRE(d.line_count == 1);
    CHECK_STR(d.lines[0].description, "Invoice BIL-001-001");
    CHECK_STR(d.lines[0].total, "€67.80");
    CHECK_STR(d.lines[0].amount, "€50.00");
    CHECK_STR(d.total.amount, "€50.00");

    about.payment.unapplied_minor = 5000; /* the invoice needed nothing */
    receipt_document_fill(&w.arena, locale, &about, &d);
    REQUIRE(d.line_count == 1);
    CHECK_STR(d.lines[0].description, "Kept for you as credit");
    about.payment.unapplied_minor = 1000;
    receipt_document_fill(&w.arena, locale, &about, &d);
    REQUIRE(d.line_count == 2);
    CHECK_STR(d.lines[0].amount, "€40.00");
    CHECK_STR(d.lines[1].amount, "€10.00");
    locale_close(locale);

    buf_init(&first, &w.arena, RECEIPT_PDF_BYTES_MAX);
    buf_init(&second, &w.arena, RECEIPT_PDF_BYTES_MAX);
    MUST(&w, receipt_pdf(&w.ctx, paid.row.id, STR_NULL, &first));
    pay(&w, 1780); /* all of the rest */
    MUST(&w, receipt_pdf(&w.ctx, paid.row.id, STR("en"), &second));
    CHECK(str_starts(buf_str(&first), STR("%PDF-")));
    CHECK(str_eq(buf_str(&first), buf_str(&second)));
    buf_reset(&second);
    CHECK_INT(receipt_pdf(&w.ctx, paid.row.id, STR("xx"), &second), ERR_INVALID);
    fault_reset(&w.fault);
    CHECK_INT(receipt_pdf(&w.ctx, invoice.row.id, STR_NULL, &second), ERR_NOT_FOUND);
    CHECK_INT(second.len, 0);
    world_close(&w);
}

TEST(bank_details_are_checked)
{
    static const struct {
        const char *name, *iban, *bic;
    } cases[] = {
        {"wrong check digits", "DE03120300000000202051", NULL},
        {"no IBAN", "<script>", NULL},
        {"no BIC", NULL, "BYLADEM100"},
    };
    struct world w;
    world_open(&w);
    EACH(c, cases) {
        struct billing_entity_view entity;
        fault_reset(&w.fault);
        CHECK(billing_entity_change(&w.ctx,
                                    &(struct billing_entity_input){.code = STR("default"),
                                                                   .sent = ENTITY_IBAN | ENTITY_BIC,
                                                                   .iban = str_of(c->iban),
                                                                   .bic = str_of(c->bic)},
                                    &entity) == ERR_INVALID);
        CHECK_INT((int64_t)w.fault.field_count, 1);
    }
    world_close(&w);
}

TEST(drafts_and_void_invoices_say_so)
{
    struct world w;
    struct invoice_view view;
    struct invoice_document d;
    struct locale *locale = NULL;
    world_open(&w);
    bill_a_month(&w);
    view = invoice_at(&w, "c", 0);
    MUST(&w, invoice_void(&w.ctx, view.row.id, &view));
    fill(&w, "en", &locale, &view, &d);
    CHECK_STR(d.notice, "This document is void.");
    locale_close(locale);

    set_grace(&w, "c", 3);
    at(&w, "2024-05-01T00:00:00Z");
    run(&w);
    REQUIRE(locale_open(STR("en"), &locale) == ERR_NONE);
    view = invoice_at(&w, "c", 1);
    invoice_document_fill(&w.arena, locale, &view, &d);
    CHECK_STR(d.title, "Draft invoice");
    CHECK_INT(d.fact_count, 2);
    locale_close(locale);
    world_close(&w);
}

TEST(an_invoices_pdf_is_the_same_twice)
{
    struct world w;
    struct buf first;
    struct buf second;
    world_open(&w);
    bill_a_month(&w);
    struct invoice_view view = invoice_at(&w, "c", 0);
    buf_init(&first, &w.arena, INVOICE_PDF_BYTES_MAX);
    buf_init(&second, &w.arena, INVOICE_PDF_BYTES_MAX);
    MUST(&w, invoice_pdf(&w.ctx, view.row.id, STR_NULL, &first));
    MUST(&w, invoice_pdf(&w.ctx, view.row.id, STR("en"), &second));
    CHECK(str_starts(buf_str(&first), STR("%PDF-")));
    CHECK(str_eq(buf_str(&first), buf_str(&second)));
    buf_reset(&second);
    CHECK_INT(invoice_pdf(&w.ctx, view.row.id, STR("xx"), &second), ERR_INVALID);
    CHECK_INT(second.len, 0);
    fault_reset(&w.fault);
    CHECK_INT(invoice_pdf(&w.ctx, view.row.customer_id, STR("en"), &second), ERR_NOT_FOUND);
    world_close(&w);
}

/* The bytes of the invoice's PDF and of the receipt's. */
static void draw_both(struct world *w, struct uuid invoice_id, struct uuid payment_id,
                      struct buf pdfs[2])
{
    for (int i = 0; i < 2; i++)
        buf_init(&pdfs[i], &w->arena, INVOICE_PDF_BYTES_MAX);
    MUST(w, invoice_pdf(&w->ctx, invoice_id, STR_NULL, &pdfs[0]));
    MUST(w, receipt_pdf(&w->ctx, payment_id, STR_NULL, &pdfs[1]));
}

static bool are_alike(const struct buf a[2], const struct buf b[2])
{
    return str_eq(buf_str(&a[0]), buf_str(&b[0])) && str_eq(buf_str(&a[1]), buf_str(&b[1]));
}

TEST(a_sellers_logo_stands_on_its_documents)
{
    static const char svg[] =
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 2'><path d='M0 0h4v2z'/></svg>";
    struct world w;
    struct payment_view paid;
    struct billing_entity_view entity;
    struct billing_entity_logo_row logo;
    struct buf without[2];
    struct buf with[2];
    struct buf again[2];
    struct audit_entries entries;
    world_open(&w);
    bill_a_month(&w);
    struct uuid id = invoice_at(&w, "c", 0).row.id;
    MUST(&w, payment_create(&w.ctx,
                            &(struct payment_input){.invoice_id = id,
                                                    .amount_minor = 100,
                                                    .paid_at = TIME_NONE,
                                                    .reference = STR("r")},
                            &paid));
    draw_both(&w, id, paid.row.id, without);
    MUST(&w, billing_entity_logo_set(&w.ctx, STR("default"), STR(LOGO_SVG), str_of(svg), &entity));
    /* printf %s "$svg" | sha256sum */
    CHECK_STR(entity.logo_path,
              "/logos/44660e7df9174873f0178dd421d0cedf0e615ac0a1896a30304c4966f036279f");
    draw_both(&w, id, paid.row.id, with);
    draw_both(&w, id, paid.row.id, again);
    CHECK(are_alike(with, again));
    CHECK(!str_eq(buf_str(&with[0]), buf_str(&without[0])));
    CHECK(!str_eq(buf_str(&with[1]), buf_str(&without[1])));
    /* what is refused changes nothing */
    CHECK_INT(
        billing_entity_logo_set(&w.ctx, STR("default"), STR(LOGO_SVG), STR("<svg/>"), &entity),
        ERR_INVALID);
    CHECK_STR(w.fault.fields[0].field, "logo");
    fault_reset(&w.fault);
    MUST(&w, billing_entity_logo_get(&w.ctx, STR("default"), &logo));
    CHECK_STR(logo.content, svg);
    CHECK_INT(billing_entity_logo_set(&w.ctx, STR("none"), STR(LOGO_SVG), str_of(svg), &entity),
              ERR_NOT_FOUND);
    fault_reset(&w.fault);
    MUST(&w, billing_entity_logo_remove(&w.ctx, STR("default"), &entity));
    CHECK(str_is_null(entity.logo_path));
    draw_both(&w, id, paid.row.id, again);
    CHECK(are_alike(without, again));
    CHECK_INT(billing_entity_logo_remove(&w.ctx, STR("default"), &entity), ERR_NOT_FOUND);
    fault_reset(&w.fault);
    /* newest first: taken away, given */
    MUST(&w, audit_list(&w.ctx,
                        &(struct audit_filter){.action = STR("billing_entity.logo"),
                                               .from_at = TIME_NONE,
                                               .to_at = TIME_NONE},
                        10, 0, &entries));
    REQUIRE(entries.count == 2);
    CHECK(str_is_null(entries.items[0].after));
    CHECK_STR(entries.items[0].before,
              "{\"media_type\":\"image/svg+xml\",\"bytes\":85,"
              "\"sha256\":\"44660e7df9174873f0178dd421d0cedf0e615ac0a1896a30304c4966f036279f\"}");
    CHECK(str_eq(entries.items[0].before, entries.items[1].after));
    world_close(&w);
}
