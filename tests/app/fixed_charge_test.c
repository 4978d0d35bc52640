/* Add-ons and fixed charges; amounts worked out by hand. */
#include "tests/app/books.h"

#include "app/fee_explanation.h"
#include "app/plan_change.h"
#include "app/subscription_plan.h"

#define STANDARD_2 "{\"amount\": \"2\"}"

static struct fixed_charge_input seats(const char *units, const char *model, const char *properties)
{
    return (struct fixed_charge_input){.add_on_code = STR("seats"),
                                       .charge_model = str_of(model),
                                       .properties = str_of(properties),
                                       .units = decimal_lit(units),
                                       .sent = FIXED_UNITS};
}

/* Plan p of `plan` with one fixed charge; customer c has s of it from `start` on. */
static void begin(struct world *w, const char *start, struct plan_input plan,
                  struct fixed_charge_input fixed)
{
    at(w, start);
    make_add_on(w, "seats", NULL);
    plan.code = STR("p");
    plan.fixed_charges = &fixed;
    plan.fixed_charge_count = 1;
    sell(w, plan, NULL);
}

/* The nth fee for a fixed charge on the nth invoice; none: NULL. */
static const struct fee_view *fixed_in(struct world *w, size_t invoice, size_t index)
{
    struct invoice_view view = invoice_at(w, "c", invoice);
    for (size_t i = 0; i < view.fee_count; i++) {
        if (!str_eq(view.fees[i].row.fee_type, STR("fixed_charge")) || index-- > 0)
            continue;
        struct fee_view *copy = ARENA_NEW(&w->arena, struct fee_view);
        *copy = view.fees[i];
        return copy;
    }
    return NULL;
}

static int64_t amount_in(struct world *w, size_t invoice, size_t index)
{
    const struct fee_view *fee = fixed_in(w, invoice, index);
    return fee == NULL ? INT_NONE : fee->row.amount_minor;
}

/* The results of a fee's steps add up to its amount. */
static void check_steps(struct world *w, const struct fee_view *fee)
{
    struct fee_explanation steps = fee_explanation_read(&w->arena, fee->row.explanation);
    struct decimal sum = DECIMAL_ZERO;
    CHECK(steps.count > 0);
    for (size_t i = 0; i < steps.count; i++) {
        struct decimal result;
        CHECK(decimal_parse(steps.steps[i].result, &result) == ERR_NONE);
        CHECK(decimal_add(sum, result, &sum) == ERR_NONE);
    }
    CHECK(decimal_eq(sum, fee->row.precise_amount));
}

static void change_plan(struct world *w, struct fixed_charge_input fixed)
{
    struct plan_view view;
    MUST(w, plan_change(
                &w->ctx,
                &(struct plan_change){.code = STR("p"),
                                      .sent = PLAN_FIXED_CHARGES,
                                      .input = {.fixed_charges = &fixed, .fixed_charge_count = 1},
                                      .effective_at = TIME_NONE},
                &view));
}

/* 10 seats at 2.00 are 20.00 of a whole month.  From 12 to 31 March are 20 of 31 days. */
TEST(in_arrears_in_full_or_by_days)
{
    struct world w;
    for (int prorated = 0; prorated < 2; prorated++) {
        world_open(&w);
        struct fixed_charge_input fixed = seats("10", "standard", STANDARD_2);
        fixed.prorated = prorated == 1;
        fixed.invoice_display_name = STR("Seats of the team");
        begin(&w, "2024-03-12T15:00:00Z", (struct plan_input){.amount_minor = 3100}, fixed);
        CHECK_INT(invoices_of(&w, "c").count, 0);
        bill(&w, "2024-04-01T00:00:00Z");
        bill(&w, "2024-05-01T00:00:00Z");
        const struct fee_view *first = fixed_in(&w, 0, 0);
        CHECK(first != NULL);
        CHECK_INT(first->row.amount_minor, prorated == 1 ? 1290 : 2000); /* 20 × 20 / 31 = 12.903 */
        CHECK_AT(first->row.from_at, "2024-03-12T15:00:00Z");
        CHECK_AT(first->row.to_at, "2024-04-01T00:00:00Z");
        CHECK(decimal_eq(first->row.units, decimal_lit("10")));
        CHECK_STR(first->row.item_code, "seats");
        CHECK_STR(first->invoice_display_name, "Seats of the team");
        check_steps(&w, first);
        CHECK_INT(amount_in(&w, 1, 0), 2000);
        /* The day of the end counts: 1 to 10 May, 10 of 31 days; 20 × 10 / 31 = 6.4516. */
        at(&w, "2024-05-10T12:00:00Z");
        terminate(&w, "s");
        CHECK_INT(amount_in(&w, 2, 0), prorated == 1 ? 645 : 2000);
        check_verify(&w);
        world_close(&w);
    }
}

/* From 5 March on 27 of 31 days are left: 20 × 27 / 31 = 17.419. */
TEST(in_advance_at_the_start_of_each_period_and_not_at_the_end)
{
    struct world w;
    for (int prorated = 0; prorated < 2; prorated++) {
        world_open(&w);
        struct fixed_charge_input fixed = seats("10", "standard", STANDARD_2);
        fixed.prorated = prorated == 1;
        fixed.pay_in_advance = true;
        begin(&w, "2024-03-05T08:00:00Z", (struct plan_input){.amount_minor = 3100}, fixed);
        CHECK_INT(invoices_of(&w, "c").count, 1);
        CHECK_INT(amount_in(&w, 0, 0), prorated == 1 ? 1742 : 2000);
        CHECK_INT(invoice_at(&w, "c", 0).fee_count, 1); /* the plan itself is in arrears */
        const struct fee_view *first = fixed_in(&w, 0, 0);
        CHECK_AT(first->row.from_at, "2024-03-05T08:00:00Z");
        CHECK_AT(first->row.to_at, "2024-04-01T00:00:00Z");
        check_steps(&w, first);
        bill(&w, "2024-04-01T00:00:00Z");
        CHECK_INT(amount_in(&w, 1, 0), 2000);
        CHECK_INT(invoice_at(&w, "c", 1).fee_count, 2);
        at(&w, "2024-04-10T12:00:00Z");
        terminate(&w, "s");
        CHECK_INT(amount_in(&w, 2, 0), INT_NONE);
        check_verify(&w);
        world_close(&w);
    }
}

/* 5 units: 2 at 10, 3 at 6 are 38; flat amounts of both tiers, 5 + 1 = 6, in full.  27 of 31 days:
 * 38 × 27 / 31 = 33.0968, with the flat amounts 39.0968.  By volume all 5 at 6 are 30, flat 1:
 * 30 × 27 / 31 + 1 = 27.1290. */
TEST(tiers_by_days_and_their_flat_amounts_in_full)
{
    static const char ranges[] =
        "[{\"from_value\": 0, \"to_value\": 2, \"per_unit_amount\": \"10\", \"flat_amount\": "
        "\"5\"},"
        " {\"from_value\": 3, \"to_value\": null, \"per_unit_amount\": \"6\", \"flat_amount\": "
        "\"1\"}]";
    static const struct {
        const char *model;
        int64_t part, whole;
    } cases[] = {{"graduated", 3910, 4400}, {"volume", 2713, 3100}};
    for (size_t i = 0; i < 2; i++) {
        struct world w;
        world_open(&w);
        struct str properties = arena_fmt(&w.arena, "{\"%s_ranges\": %s}", cases[i].model, ranges);
        struct fixed_charge_input fixed = seats("5", cases[i].model, properties.ptr);
        fixed.prorated = true;
        fixed.pay_in_advance = true;
        begin(&w, "2024-03-05T00:00:00Z", (struct plan_input){.amount_minor = 0}, fixed);
        CHECK_INT(amount_in(&w, 0, 0), cases[i].part);
        check_steps(&w, fixed_in(&w, 0, 0));
        bill(&w, "2024-04-01T00:00:00Z");
        CHECK_INT(amount_in(&w, 1, 0), cases[i].whole);
        check_verify(&w);
        world_close(&w);
    }
}

/* Its own taxes, else its add-on's, else the plan's, else the customer's: 20.00 at 5, 7, 10, 20 %.
 */
TEST(the_nearest_taxes_count)
{
    static const int64_t taxes[] = {100, 140, 200, 400};
    for (size_t i = 0; i < 4; i++) {
        struct world w;
        struct str own = STR("own");
        struct str plans = STR("plans");
        world_open(&w);
        make_tax(&w, "all", "20", true);
        make_tax(&w, "own", "5", false);
        make_tax(&w, "add_ons", "7", false);
        make_tax(&w, "plans", "10", false);
        struct fixed_charge_input fixed = seats("10", "standard", STANDARD_2);
        fixed.pay_in_advance = true;
        fixed.tax_codes = &own;
        fixed.tax_code_count = i == 0;
        at(&w, "2024-03-01T00:00:00Z");
        make_add_on(&w, "seats", i <= 1 ? "add_ons" : NULL);
        make_plan(&w,
                  (struct plan_input){.code = STR("p"),
                                      .fixed_charges = &fixed,
                                      .fixed_charge_count = 1,
                                      .tax_codes = &plans,
                                      .tax_code_count = i <= 2},
                  NULL);
        make_customer(&w, "c", "UTC");
        subscribe(&w, "c", "s", "p", "calendar");
        CHECK_INT(invoice_at(&w, "c", 0).row.taxes_amount_minor, taxes[i]);
        check_verify(&w);
        world_close(&w);
    }
}

/* A draft is computed again and comes out the same; its fixed charges stay those of its period. */
TEST(a_draft_keeps_the_units_of_its_period)
{
    struct world w;
    world_open(&w);
    struct fixed_charge_input fixed = seats("10", "standard", STANDARD_2);
    fixed.pay_in_advance = true;
    at(&w, "2024-03-01T00:00:00Z");
    make_add_on(&w, "seats", NULL);
    make_plan(
        &w, (struct plan_input){.code = STR("p"), .fixed_charges = &fixed, .fixed_charge_count = 1},
        NULL);
    make_customer(&w, "c", "UTC");
    set_grace(&w, "c", 3);
    subscribe(&w, "c", "s", "p", "calendar");
    change_plan(&w, seats("99", "standard", STANDARD_2));
    CHECK_STR(invoice_at(&w, "c", 0).row.status, "draft");
    bill(&w, "2024-03-04T00:00:00Z");
    CHECK_STR(invoice_at(&w, "c", 0).row.status, "finalized");
    CHECK_INT(amount_in(&w, 0, 0), 2000);
    check_verify(&w);
    world_close(&w);
}

/* In arrears March is billed for the 10 seats with which it began, April for 15. */
TEST(other_units_hold_from_the_next_period_on)
{
    struct world w;
    world_open(&w);
    begin(&w, "2024-03-01T00:00:00Z", (struct plan_input){.amount_minor = 100},
          seats("10", "standard", STANDARD_2));
    at(&w, "2024-03-10T00:00:00Z");
    change_plan(&w, seats("15", "standard", STANDARD_2));
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_INT(amount_in(&w, 0, 0), 2000);
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_INT(amount_in(&w, 1, 0), 3000);
    check_verify(&w);
    world_close(&w);
}

/* A year from 1 January; the seats each month, usage and the plan at its end. */
TEST(a_long_plan_bills_them_monthly)
{
    struct world w;
    world_open(&w);
    begin(&w, "2024-01-01T00:00:00Z",
          (struct plan_input){.amount_minor = 10000,
                              .billing_interval = STR("yearly"),
                              .bill_fixed_charges_monthly = true},
          seats("10", "standard", STANDARD_2));
    bill(&w, "2024-02-01T00:00:00Z");
    bill(&w, "2024-03-01T00:00:00Z");
    CHECK_INT(invoices_of(&w, "c").count, 2);
    CHECK_INT(amount_in(&w, 0, 0), 2000);
    CHECK_INT(invoice_at(&w, "c", 1).row.fees_amount_minor, 2000);
    CHECK_INT(invoice_at(&w, "c", 1).periods[0].row.charges_from_at, TIME_NONE);
    bill(&w, "2025-01-01T00:00:00Z");
    CHECK_INT(invoices_of(&w, "c").count, 12);
    CHECK_INT(invoice_at(&w, "c", 11).row.fees_amount_minor, 12000);
    CHECK_AT(invoice_at(&w, "c", 11).periods[0].row.charges_from_at, "2024-01-01T00:00:00Z");
    check_verify(&w);
    world_close(&w);
}

static enum err try_plan(struct world *w, const struct fixed_charge_input *fixed, size_t count)
{
    static int tries;
    struct plan_view view;
    fault_init(&w->fault, &w->arena);
    return plan_create(&w->ctx,
                       &(struct plan_input){.code = arena_fmt(&w->arena, "bad-%d", ++tries),
                                            .name = STR("bad"),
                                            .billing_interval = STR("monthly"),
                                            .currency = STR("EUR"),
                                            .fixed_charges = fixed,
                                            .fixed_charge_count = count},
                       &view);
}

static void check_refused(struct world *w, const struct fixed_charge_input *fixed, size_t count,
                          const char *field, const char *code)
{
    CHECK(try_plan(w, fixed, count) == ERR_INVALID);
    CHECK_INT(w->fault.field_count, 1);
    CHECK_STR(w->fault.fields[0].field, field);
    CHECK_STR(w->fault.fields[0].code, code);
}

TEST(bad_ones_are_refused)
{
    struct world w;
    world_open(&w);
    make_add_on(&w, "seats", NULL);
    struct fixed_charge_input two[] = {seats("1", "standard", STANDARD_2),
                                       seats("1", "standard", STANDARD_2)};
    CHECK(try_plan(&w, two, 2) == ERR_NONE); /* codes seats and seats_2 */
    two[0].code = two[1].code = STR("one");
    check_refused(&w, two, 2, "fixed_charges.1.code", "value_already_exist");
    two[0].add_on_code = STR("none");
    check_refused(&w, two, 1, "fixed_charges.0.add_on_code", "add_on_not_found");
    two[0] = seats("1", "package", "{\"amount\": \"1\", \"package_size\": 5}");
    check_refused(&w, two, 1, "fixed_charges.0.charge_model", "value_is_invalid");
    two[0] = seats("1", "standard", "{}");
    check_refused(&w, two, 1, "fixed_charges.0.properties.amount", "value_is_mandatory");
    struct add_on_view view;
    fault_init(&w.fault, &w.arena);
    CHECK(add_on_remove(&w.ctx, STR("seats"), &view) == ERR_NOT_ALLOWED);
    world_close(&w);
}

/* ---- units that change inside a period ------------------------------------------------------- */

static void set_units(struct world *w, const char *units, bool at_once)
{
    struct plan_part part;
    const struct plan_edit edit = {
        .kind = PLAN_PART_FIXED_CHARGE,
        .act = PLAN_PART_CHANGE,
        .code = STR("seats"),
        .fixed = {.units = decimal_lit(units), .units_at_once = at_once, .sent = FIXED_UNITS}};
    MUST(w, subscription_part_edit(&w->ctx, STR("s"), STR_NULL, &edit, &part));
    CHECK(decimal_eq(part.fixed->row.units, decimal_lit(units)));
    CHECK(uuid_is_nil(part.plan.row.parent_id)); /* units alone copy nothing */
}

static struct fixed_charge_input at_once(struct fixed_charge_input fixed)
{
    fixed.units_at_once = true;
    return fixed;
}

/* 10 seats at 2.00 in April: 1 to 10 April 10, 11 to 20 April 16, from the 21st on 13.
 *   by days: 20 × 10 / 30 + 32 × 10 / 30 + 26 × 10 / 30 = 6.667 + 10.667 + 8.667 = 26.00
 *   in full: 13 × 2 = 26.00; so another price, 3.00: 13 × 3 = 39.00 */
TEST(in_arrears_each_stretch_counts_by_its_days)
{
    for (int prorated = 0; prorated < 2; prorated++) {
        struct world w;
        world_open(&w);
        struct fixed_charge_input fixed = seats("10", "standard", STANDARD_2);
        fixed.prorated = prorated == 1;
        begin(&w, "2024-04-01T00:00:00Z", (struct plan_input){.amount_minor = 100}, fixed);
        at(&w, "2024-04-11T09:00:00Z");
        change_plan(&w, at_once(seats("16", "standard", STANDARD_2)));
        at(&w, "2024-04-21T23:00:00Z");
        change_plan(&w, at_once(seats("99", "standard", STANDARD_2)));
        change_plan(&w, at_once(seats("13", "standard",
                                      prorated == 1 ? STANDARD_2 : "{\"amount\": \"3\"}")));
        CHECK_INT(invoices_of(&w, "c").count, 0);
        bill(&w, "2024-05-01T00:00:00Z");
        CHECK_INT(amount_in(&w, 0, 0), prorated == 1 ? 2600 : 3900);
        CHECK(decimal_eq(fixed_in(&w, 0, 0)->row.units, decimal_lit("13")));
        check_steps(&w, fixed_in(&w, 0, 0));
        bill(&w, "2024-06-01T00:00:00Z");
        CHECK_INT(amount_in(&w, 1, 0), prorated == 1 ? 2600 : 3900);
        check_verify(&w);
        world_close(&w);
    }
}

/* March, 10 seats at 2.00 in advance; on the 5th 6, on the 11th 16, on the 21st 12.
 *   16 are 6 more than the most: 12.00, by days 12 × 21 / 31 = 8.129. */
TEST(in_advance_what_exceeds_the_most_is_billed_at_once)
{
    for (int prorated = 0; prorated < 2; prorated++) {
        struct world w;
        world_open(&w);
        struct fixed_charge_input fixed = seats("10", "standard", STANDARD_2);
        fixed.prorated = prorated == 1;
        fixed.pay_in_advance = true;
        begin(&w, "2024-03-01T00:00:00Z", (struct plan_input){.amount_minor = 0}, fixed);
        set_grace(&w, "c", 3); /* does not hold such an invoice up */
        at(&w, "2024-03-05T00:00:00Z");
        change_plan(&w, at_once(seats("6", "standard", STANDARD_2)));
        run(&w);
        run(&w);
        at(&w, "2024-03-11T12:00:00Z");
        set_units(&w, "16", true);
        at(&w, "2024-03-21T12:00:00Z");
        set_units(&w, "12", false);
        CHECK_INT(invoices_of(&w, "c").count, 3);
        CHECK_INT(amount_in(&w, 1, 0), 0);
        CHECK(decimal_is_zero(fixed_in(&w, 1, 0)->row.units));
        CHECK_STR(invoice_at(&w, "c", 1).row.status, "finalized");
        CHECK_INT(amount_in(&w, 2, 0), prorated == 1 ? 813 : 1200);
        CHECK(decimal_eq(fixed_in(&w, 2, 0)->row.units, decimal_lit("6")));
        CHECK_AT(fixed_in(&w, 2, 0)->row.from_at, "2024-03-01T00:00:00Z");
        CHECK_AT(fixed_in(&w, 2, 0)->row.to_at, "2024-04-01T00:00:00Z");
        check_steps(&w, fixed_in(&w, 1, 0));
        check_steps(&w, fixed_in(&w, 2, 0));
        bill(&w, "2024-04-01T00:00:00Z");
        CHECK_INT(amount_in(&w, 3, 0), 2400);
        check_verify(&w);
        world_close(&w);
    }
}

/* Tiers 0-2 at 10 and flat 5, above at 6 and flat 1.  From 2 to 5 seats on 11 March (21 of 31
 * days): 38 - 20 = 18 more, 18 × 21 / 31 = 12.1935, and the second flat amount, 1. */
TEST(tiers_that_are_entered_later)
{
    struct world w;
    world_open(&w);
    struct fixed_charge_input fixed = seats(
        "2", "graduated",
        "{\"graduated_ranges\": [{\"from_value\": 0, \"to_value\": 2, \"per_unit_amount\": \"10\", "
        "\"flat_amount\": \"5\"}, {\"from_value\": 3, \"to_value\": null, \"per_unit_amount\": "
        "\"6\", \"flat_amount\": \"1\"}]}");
    fixed.prorated = true;
    fixed.pay_in_advance = true;
    begin(&w, "2024-03-01T00:00:00Z", (struct plan_input){.amount_minor = 0}, fixed);
    CHECK_INT(amount_in(&w, 0, 0), 2500);
    at(&w, "2024-03-11T00:00:00Z");
    set_units(&w, "5", true);
    CHECK_INT(amount_in(&w, 1, 0), 1319);
    check_steps(&w, fixed_in(&w, 1, 0));
    check_verify(&w);
    world_close(&w);
}

/* Two changes at one instant, and one at the very start of a period, which is billed before it. */
TEST(changes_at_one_instant_follow_each_other)
{
    struct world w;
    world_open(&w);
    struct fixed_charge_input fixed = seats("10", "standard", STANDARD_2);
    fixed.pay_in_advance = true;
    begin(&w, "2024-03-01T00:00:00Z", (struct plan_input){.amount_minor = 0}, fixed);
    set_units(&w, "11", true);
    set_units(&w, "13", true);
    CHECK_INT(amount_in(&w, 0, 0), 2000);
    CHECK_INT(amount_in(&w, 1, 0), 200);
    CHECK_INT(amount_in(&w, 2, 0), 400);
    at(&w, "2024-04-01T00:00:00Z");
    set_units(&w, "14", true); /* bills April for 13 first */
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 5);
    CHECK_INT(amount_in(&w, 3, 0), 2600);
    CHECK_INT(amount_in(&w, 4, 0), 200);
    check_verify(&w);
    world_close(&w);
}

/* A version whose units take effect while nobody was there to bill them. */
TEST(a_change_that_was_missed_is_billed_in_its_order)
{
    struct world w;
    world_open(&w);
    struct fixed_charge_input fixed = seats("10", "standard", STANDARD_2);
    struct plan_view view;
    fixed.pay_in_advance = true;
    begin(&w, "2024-03-01T00:00:00Z", (struct plan_input){.amount_minor = 0}, fixed);
    fixed.units = decimal_lit("12");
    fixed.units_at_once = true;
    MUST(&w, plan_change(
                 &w.ctx,
                 &(struct plan_change){.code = STR("p"),
                                       .sent = PLAN_FIXED_CHARGES,
                                       .input = {.fixed_charges = &fixed, .fixed_charge_count = 1},
                                       .effective_at = instant("2024-04-16T00:00:00Z")},
                 &view));
    bill(&w, "2024-05-02T00:00:00Z");
    CHECK_INT(invoices_of(&w, "c").count, 4);
    CHECK_INT(amount_in(&w, 1, 0), 2000); /* April */
    CHECK_INT(amount_in(&w, 2, 0), 400);  /* 16 April, 2 more */
    CHECK_INT(amount_in(&w, 3, 0), 2400); /* May */
    check_verify(&w);
    world_close(&w);
}

/* 4 from the start on, in place of the plan's 10; the plan's change passes it by. */
TEST(units_of_its_own_from_the_start_on)
{
    struct world w;
    world_open(&w);
    struct fixed_charge_input fixed = seats("10", "standard", STANDARD_2);
    struct subscription_view subscription;
    struct fixed_charge_input units = {
        .code = STR("seats"), .units = decimal_lit("4"), .sent = FIXED_UNITS};
    const struct plan_override override = {
        .change = {.input = {.fixed_charges = &units, .fixed_charge_count = 1}},
        .path = STR("plan_overrides")};
    fixed.pay_in_advance = true;
    begin(&w, "2024-03-01T00:00:00Z", (struct plan_input){.amount_minor = 0}, fixed);
    struct subscription_input input = {.external_customer_id = STR("c"),
                                       .external_id = STR("own"),
                                       .plan_code = STR("p"),
                                       .subscription_at = TIME_NONE,
                                       .ending_at = TIME_NONE,
                                       .override = &override};
    MUST(&w, subscription_create(&w.ctx, &input, &subscription));
    input.external_id = STR("waits");
    input.subscription_at = instant("2024-03-15T00:00:00Z");
    MUST(&w, subscription_create(&w.ctx, &input, &subscription));
    CHECK_INT(amount_in(&w, 1, 0), 800);
    at(&w, "2024-03-10T00:00:00Z");
    change_plan(&w, at_once(seats("20", "standard", STANDARD_2)));
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 3);
    CHECK_INT(amount_in(&w, 2, 0), 2000); /* of the plain one */
    bill(&w, "2024-03-15T00:00:00Z");
    CHECK_INT(amount_in(&w, 3, 0), 800);
    units.sent = 0;
    input.external_id = STR("cheap");
    CHECK(subscription_create(&w.ctx, &input, &subscription) == ERR_INVALID);
    CHECK_STR(w.fault.fields[0].field, "plan_overrides.fixed_charges.0.units");
    check_verify(&w);
    world_close(&w);
}
