/* Fees that stand alone and were paid are gathered on an invoice.  Amounts worked out by hand. */
#include "tests/app/ahead.h"

#include "app/plan_change.h"

static struct charge_input gathered(struct charge_input charge)
{
    charge = alone(charge);
    charge.regroup_paid_fees = STR("invoice");
    return charge;
}

/* The nth fee that stands alone, oldest first; each is one of a charge. */
static struct fee_view alone_at(struct world *w, size_t index)
{
    struct fee_view *views = NULL;
    size_t count = 0;
    size_t met = 0;
    int64_t total = 0;
    MUST(w, fee_list(&w->ctx,
                     &(struct fee_filter){.charge = true,
                                          .created_from_at = TIME_NONE,
                                          .created_to_at = TIME_NONE,
                                          .limit = 1000},
                     &views, &count, &total));
    for (size_t i = count; i > 0; i--) {
        if (views[i - 1].is_alone && met++ == index)
            return views[i - 1];
    }
    REQUIRE(false);
    return views[0];
}

/* The first fee that stands alone. */
static struct fee_view pay(struct world *w)
{
    struct fee_view view;
    MUST(w, fee_set_payment_status(&w->ctx, alone_at(w, 0).row.id, STR("succeeded"), &view));
    return view;
}

/* Calls at 3.33 each, 19 % tax; three in February, two of which are paid on the 20th. */
static void begin_calls(struct world *w)
{
    make_metric(w, "calls", "count_agg", NULL);
    make_tax(w, "vat", "19", true);
    begin(w, "2024-02-01T00:00:00Z",
          gathered(ahead("calls", "standard", "{\"amount\": \"3.33\"}")));
    send(w, "2024-02-10T10:00:00Z", "calls", NULL, "{}");
    send(w, "2024-02-11T10:00:00Z", "calls", NULL, "{}");
    send(w, "2024-02-12T10:00:00Z", "calls", NULL, "{}");
    at(w, "2024-02-20T00:00:00Z");
    struct fee_view first = alone_at(w, 0);
    struct fee_view second = alone_at(w, 1);
    struct fee_view view;
    MUST(w, fee_set_payment_status(&w->ctx, second.row.id, STR("succeeded"), &view));
    MUST(w, fee_set_payment_status(&w->ctx, first.row.id, STR("succeeded"), &view));
}

static struct invoice_view check_gathered(struct world *w, size_t index, size_t fees, int64_t net,
                                          int64_t taxes)
{
    struct invoice_view view = invoice_at(w, "c", index);
    CHECK_STR(view.row.invoice_type, "advance_charges");
    CHECK_STR(view.row.status, "finalized");
    CHECK_STR(view.row.payment_status, "succeeded");
    CHECK(!str_is_null(view.row.number) && view.row.overdue_at == TIME_NONE);
    CHECK_INT(view.fee_count, fees);
    CHECK_INT(view.row.fees_amount_minor, net);
    CHECK_INT(view.row.taxes_amount_minor, taxes);
    CHECK_INT(view.row.total_amount_minor, net + taxes);
    CHECK_INT(view.row.paid_amount_minor, net + taxes);
    CHECK_INT(invoice_open_minor(&view.row), 0);
    return view;
}

/* 19 % of 3.33 is 0.6327, 0.63.  1 March: 2 x 3.33 with 2 x 0.63 (19 % of 6.66 would be 1.27).  The
 * third, paid in March, is gathered on 1 April. */
TEST(paid_fees_are_gathered_at_the_end_of_the_period)
{
    struct world w;
    world_open(&w);
    begin_calls(&w);
    set_grace(&w, "c", 5);
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    run(&w);
    REQUIRE(invoices_of(&w, "c").count == 2);
    struct invoice_view march = check_gathered(&w, 1, 2, 666, 126);
    REQUIRE(march.tax_count == 1 && march.period_count == 1);
    CHECK_INT(march.taxes[0].fees_amount_minor, 666);
    CHECK_INT(march.taxes[0].amount_minor, 126);
    CHECK_DAY(march.row.issuing_day, "2024-03-01");
    CHECK_STR(march.periods[0].row.invoicing_reason, "in_advance_charge_periodic");
    CHECK_AT(march.periods[0].row.named_from_at, "2024-02-01T00:00:00Z");
    CHECK_AT(march.periods[0].row.named_to_at, "2024-03-01T00:00:00Z");
    CHECK(!march.fees[0].is_alone);
    CHECK_STR(march.fees[0].payment_status, "succeeded");
    CHECK_AT(march.fees[0].row.succeeded_at, "2024-02-20T00:00:00Z");
    CHECK_STR(alone_at(&w, 0).payment_status, "pending");
    check_verify(&w);
    at(&w, "2024-03-05T00:00:00Z");
    pay(&w);
    run(&w);
    REQUIRE(invoices_of(&w, "c").count == 2);
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    REQUIRE(invoices_of(&w, "c").count == 4);
    check_gathered(&w, 3, 1, 333, 63);
    check_verify(&w);
    world_close(&w);
}

/* What is paid after the period's end is not on its invoice, even if nobody looked by then. */
TEST(a_run_that_is_late_gathers_what_was_paid_in_time)
{
    struct world w;
    world_open(&w);
    begin_calls(&w);
    at(&w, "2024-03-02T00:00:00Z");
    struct fee_view view;
    MUST(&w, fee_set_payment_status(&w.ctx, alone_at(&w, 2).row.id, STR("succeeded"), &view));
    at(&w, "2024-03-03T00:00:00Z");
    run(&w);
    REQUIRE(invoices_of(&w, "c").count == 2);
    check_gathered(&w, 1, 2, 666, 126);
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    check_gathered(&w, 3, 1, 333, 63);
    check_verify(&w);
    world_close(&w);
}

/* The end gathers at once; what is paid after it is an invoice when it is paid. */
TEST(the_end_of_a_subscription_gathers)
{
    struct world w;
    world_open(&w);
    begin_calls(&w);
    at(&w, "2024-02-25T10:00:00Z");
    terminate(&w, "s");
    struct invoice_view last = check_gathered(&w, 1, 2, 666, 126);
    CHECK_AT(last.periods[0].row.named_from_at, "2024-02-01T00:00:00Z");
    CHECK_INT(last.periods[0].row.named_to_at, instant("2024-02-25T10:00:00Z") + 1);
    at(&w, "2024-06-01T00:00:00Z");
    struct fee_view fee = pay(&w);
    CHECK(!fee.is_alone);
    check_gathered(&w, 2, 1, 333, 63);
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 3);
    check_verify(&w);
    world_close(&w);
}

static void check_one_gathered(struct world *w)
{
    struct invoice_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    struct invoice_filter filter = INVOICE_FILTER_ALL;
    filter.advance_charges = true;
    filter.limit = 10;
    MUST(w, invoice_list(&w->ctx, &filter, &views, &count, &total));
    REQUIRE(count == 1);
    CHECK_INT(views[0].row.total_amount_minor, 792);
}

/* A known end, on 25 February; a customer that goes. */
TEST(other_ends_gather_too)
{
    struct world w;
    struct subscription_view view;
    struct customer_view gone;
    world_open(&w);
    begin_calls(&w);
    MUST(&w, subscription_modify(&w.ctx,
                                 &(struct subscription_modification){
                                     .external_id = STR("s"),
                                     .sent = SUBSCRIPTION_ENDING_AT,
                                     .ending_at = instant("2024-02-25T00:00:00Z"),
                                     .subscription_at = TIME_NONE,
                                 },
                                 &view));
    at(&w, "2024-02-25T00:00:00Z");
    run(&w);
    check_gathered(&w, 1, 2, 666, 126);
    check_verify(&w);
    world_close(&w);

    world_open(&w);
    begin_calls(&w);
    at(&w, "2024-02-25T00:00:00Z");
    MUST(&w, customer_delete(&w.ctx, STR("c"), &gone));
    check_one_gathered(&w);
    check_verify(&w);
    world_close(&w);
}

/* One call at 19 %, 0.63; then the rate is 20 %, 0.67: a tax has one rate on an invoice. */
TEST(a_rate_that_changed_makes_two_invoices)
{
    struct world w;
    struct tax_view tax;
    world_open(&w);
    begin_calls(&w);
    MUST(&w, tax_change(&w.ctx, STR("vat"), TAX_RATE,
                        &(struct tax_input){.rate = decimal_lit("20")}, &tax));
    send(&w, "2024-02-21T10:00:00Z", "calls", NULL, "{}");
    struct fee_view view;
    MUST(&w, fee_set_payment_status(&w.ctx, alone_at(&w, 3).row.id, STR("succeeded"), &view));
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    REQUIRE(invoices_of(&w, "c").count == 3);
    check_gathered(&w, 1, 2, 666, 126);
    check_gathered(&w, 2, 1, 333, 67);
    check_verify(&w);
    world_close(&w);
}

/* 30.00 a seat, prorated: from 11 June in Auckland (23:30 on the 10th in UTC) 20 of 30 days are
 * 0.66667, 20.00.  The customer moves to UTC before the fee is gathered: it keeps its days. */
TEST(a_gathered_fee_keeps_the_days_of_its_period)
{
    struct world w;
    struct customer_view customer;
    struct charge_input charges[] = {gathered(ahead("seats", "standard", "{\"amount\": \"30\"}")),
                                     {.metric_code = STR_NULL}};
    charges[0].prorated = true;
    world_open(&w);
    make_stock(&w, "seats", "unique_count_agg", "n");
    at(&w, "2024-06-01T00:00:00Z");
    make_plan(&w, (struct plan_input){.code = STR("p"), .amount_minor = 100}, charges);
    make_customer(&w, "c", "Pacific/Auckland");
    subscribe(&w, "c", "s", "p", "calendar");
    send(&w, "2024-06-10T23:30:00Z", "seats", NULL, "{\"n\": \"ann\"}");
    CHECK_INT(alone_at(&w, 0).row.amount_minor, 2000);
    pay(&w);
    at(&w, "2024-06-12T00:00:00Z");
    MUST(&w, customer_save(&w.ctx,
                           &(struct customer_input){.sent = CUSTOMER_TIMEZONE,
                                                    .external_id = STR("c"),
                                                    .timezone = STR("UTC")},
                           &customer));
    at(&w, "2024-07-01T00:00:00Z");
    run(&w);
    struct invoice_view july = check_gathered(&w, 1, 1, 2000, 0);
    CHECK_STR(july.row.timezone, "UTC");
    CHECK_STR(july.fees[0].row.period_timezone, "Pacific/Auckland");
    check_verify(&w);
    world_close(&w);
}

/* Voided, the fees stay on it; set to anything else its payment can't be, it is that of its fees.
 */
TEST(a_gathered_invoice_can_be_voided)
{
    struct world w;
    struct invoice_view view;
    struct fee_view fee;
    world_open(&w);
    begin_calls(&w);
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    struct invoice_view march = check_gathered(&w, 1, 2, 666, 126);
    CHECK(invoice_set_payment_status(&w.ctx, march.row.id, STR("failed"), &view) ==
          ERR_NOT_ALLOWED);
    fault_reset(w.ctx.fault);
    CHECK(fee_set_payment_status(&w.ctx, march.fees[0].row.id, STR("failed"), &fee) ==
          ERR_NOT_ALLOWED);
    fault_reset(w.ctx.fault);
    MUST(&w, invoice_void(&w.ctx, march.row.id, &view));
    CHECK_STR(view.row.status, "voided");
    CHECK_INT(view.fee_count, 2);
    check_verify(&w);
    world_close(&w);
}

TEST(verify_proves_gathered_invoices)
{
    // clang-format off
    static const struct { const char *name, *sql, *wanted; } cases[] = {
        {"its tax as if it were taxed as a whole", "UPDATE invoice_tax SET amount_minor = 127 WHERE amount_minor = 126", "tax vat is 127 on 666, derived again 126 on 666"},
        {"what was paid", "UPDATE invoice SET paid_amount_minor = 1 WHERE invoice_type = 'advance_charges'", "1 paid, its payments make 792"},
        {"a fee", "UPDATE fee SET amount_minor = 334 WHERE amount_minor = 333 AND event_seq = (SELECT min(event_seq) FROM fee WHERE amount_minor = 333)", "(calls) is 334 (3.33), derived again it is 333 (3.33)"},
        {"a fee that is gone", "DELETE FROM fee_tax WHERE invoice_id = (SELECT id FROM invoice WHERE invoice_type = 'advance_charges'); DELETE FROM fee WHERE invoice_id = (SELECT id FROM invoice WHERE invoice_type = 'advance_charges')", "charge calls has no fee of it for the period from 2024-02-01T00:00:00Z"},
        {"its payment in the books", "DELETE FROM ledger_entry WHERE posting_type = 'payment'", "0 booked on assets:bank, wanted 792"},
    };
    // clang-format on
    EACH(c, cases) {
        struct world w;
        struct findings findings = {.len = 0};
        struct verify_result result;
        world_open(&w);
        begin_calls(&w);
        at(&w, "2024-03-01T00:00:00Z");
        run(&w);
        tamper(&w, c->sql);
        MUST(&w, verify_books(&w.ctx, gather, &findings, &result));
        CHECK(strstr(findings.text, c->wanted) != NULL);
        world_close(&w);
    }
}

TEST(what_can_be_gathered)
{
    static const struct {
        const char *name;
        struct charge_input charge;
        const char *code;
    } cases[] = {
        {"on invoices",
         {.pay_in_advance = true, .regroup_paid_fees = {"invoice", 7}},
         "only_compatible_with_pay_in_advance_and_non_invoiceable"},
        {"in arrears",
         {.regroup_paid_fees = {"invoice", 7}},
         "only_compatible_with_pay_in_advance_and_non_invoiceable"},
        {"another word",
         {.pay_in_advance = true, .sent = CHARGE_INVOICEABLE, .regroup_paid_fees = {"fee", 3}},
         "value_is_invalid"},
    };
    struct world w;
    struct plan_view view;
    world_open(&w);
    begin_calls(&w);
    EACH(c, cases) {
        struct charge_input charge = c->charge;
        charge.metric_code = STR("calls");
        charge.charge_model = STR("standard");
        charge.properties = STR(STANDARD_10);
        CHECK(plan_create(&w.ctx,
                          &(struct plan_input){.code = STR("q"),
                                               .name = STR("q"),
                                               .billing_interval = STR("monthly"),
                                               .currency = STR("EUR"),
                                               .charges = &charge,
                                               .charge_count = 1},
                          &view) == ERR_INVALID);
        REQUIRE(w.ctx.fault->field_count == 1);
        CHECK_STR(w.ctx.fault->fields[0].field, "charges.0.regroup_paid_fees");
        CHECK_STR(w.ctx.fault->fields[0].code, c->code);
        fault_reset(w.ctx.fault);
    }
    /* A change keeps it where it is not sent; null takes it away. */
    struct charge_input dearer = {.code = STR("calls"), .properties = STR(STANDARD_10)};
    struct plan_change change = {.code = STR("p"), .sent = PLAN_CHARGES, .effective_at = TIME_NONE};
    change.input.charges = &dearer;
    change.input.charge_count = 1;
    MUST(&w, plan_change(&w.ctx, &change, &view));
    CHECK_STR(view.charges[0].row.regroup_paid_fees, "invoice");
    dearer.sent = CHARGE_REGROUP;
    MUST(&w, plan_change(&w.ctx, &change, &view));
    CHECK(str_is_null(view.charges[0].row.regroup_paid_fees));
    world_close(&w);
}
