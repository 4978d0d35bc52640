/* Payments by a gateway, seen from the use cases: what is asked again, what is closed, and what is
 * said when nothing can be paid.  Over HTTP they are in tests/payment. */
#include "app/mail_letter.h"
#include "app/payment_checkout.h"
#include "app/payment_settle.h"
#include "base/log.h"
#include "tests/app/fake_gateway.h"
#include "tests/app/world.h"

#define MINUTE (60 * TIME_SECOND)

/* An invoice of 100 EUR and its open page. */
struct paying {
    struct world w;
    struct uuid invoice_id;
    struct uuid id; /* the payment */
};

static struct uuid begin_payment(struct paying *p)
{
    struct payment_checkout checkout;
    MUST(&p->w,
         payment_checkout_start(
             &p->w.ctx, &(struct payment_checkout_input){.invoice_id = p->invoice_id}, &checkout));
    return checkout.payment_id;
}

static void open_invoice(struct paying *p)
{
    world_open(&p->w);
    log_configure(LOG_ERROR, false); /* gateways are doubted on purpose */
    at(&p->w, "2024-01-01T00:00:00Z");
    make_customer(&p->w, "acme", "UTC");
    make_plan(&p->w,
              (struct plan_input){.code = STR("p"), .amount_minor = 10000, .pay_in_advance = true},
              NULL);
    subscribe(&p->w, "acme", "s", "p", "anniversary");
    at(&p->w, "2024-01-01T00:00:01Z");
    run(&p->w);
    p->invoice_id = invoice_at(&p->w, "acme", 0).row.id;
    memset(&fake, 0, sizeof fake);
    fake.status = GATEWAY_OPEN;
}

static void open_paying(struct paying *p)
{
    open_invoice(p);
    fake_install(&p->w.app);
    p->id = begin_payment(p);
}

static struct payment_row payment_now(struct paying *p, struct uuid id)
{
    struct payment_view view;
    MUST(&p->w, payment_get(&p->w.ctx, id, &view));
    return view.row;
}

static struct invoice_row invoice_now(struct paying *p)
{
    return invoice_at(&p->w, "acme", 0).row;
}

static int64_t look_up(struct paying *p)
{
    int64_t count = 0;
    MUST(&p->w, payment_reconcile(&p->w.ctx, NULL, &count));
    return count;
}

static void later(struct paying *p, int64_t us)
{
    MUST(&p->w, clock_set(&p->w.app.clock, ctx_now(&p->w.ctx) + us));
}

static void pay_by_hand(struct paying *p, int64_t amount_minor)
{
    struct payment_view view;
    MUST(&p->w, payment_create(&p->w.ctx,
                               &(struct payment_input){.invoice_id = p->invoice_id,
                                                       .amount_minor = amount_minor,
                                                       .reference = STR("bank"),
                                                       .paid_at = TIME_NONE},
                               &view));
}

static enum err start_again(struct paying *p)
{
    struct payment_checkout checkout;
    fault_reset(&p->w.fault);
    return payment_checkout_start(
        &p->w.ctx, &(struct payment_checkout_input){.invoice_id = p->invoice_id}, &checkout);
}

static bool says(struct str text, const char *part)
{
    struct str wanted = str_of(part);
    for (size_t i = 0; i + wanted.len <= text.len; i++) {
        if (str_eq(str_slice(text, i, i + wanted.len), wanted))
            return true;
    }
    printf("    \"%.*s\" does not say \"%s\"\n", STR_ARG(text), part);
    return false;
}

/* ---- look-ups -------------------------------------------------------------------------------- */

/* A notice of another amount, which is looked up. */
static void tell_more(struct paying *p)
{
    int64_t changed = 0;
    fake.status = GATEWAY_SUCCEEDED;
    fake.more_minor = 1;
    fake.event++;
    const struct gateway_webhook webhook = {.body = payment_now(p, p->id).gateway_reference};
    MUST(&p->w, payment_webhook(&p->w.ctx, STR("fake"), &webhook, &changed));
    CHECK_INT(changed, 0);
    CHECK_INT(payment_now(p, p->id).lookup_at, ctx_now(&p->w.ctx));
    fake.more_minor = 0;
}

/* A payment that failed, and then such a notice. */
static void doubt(struct paying *p)
{
    struct payment_view view;
    open_paying(p);
    fake.status = GATEWAY_FAILED;
    MUST(&p->w, payment_refresh(&p->w.ctx, p->id, &view));
    CHECK_STR(view.row.status, "failed");
    CHECK_INT(view.row.lookup_at, TIME_NONE);
    tell_more(p);
}

TEST(a_failed_payment_in_doubt_is_looked_up_once)
{
    static const struct {
        const char *name;
        enum gateway_status said;
    } cases[] = {{"failed, as it was", GATEWAY_FAILED},
                 {"open, which is late", GATEWAY_OPEN},
                 {"processing, which is late", GATEWAY_PROCESSING},
                 {"unknown there", GATEWAY_NONE}};
    EACH(c, cases) {
        struct paying p;
        doubt(&p);
        fake.status = c->said;
        CHECK_INT(look_up(&p), 1);
        CHECK_INT(payment_now(&p, p.id).lookup_at, TIME_NONE);
        CHECK_STR(payment_now(&p, p.id).status, "failed");
        later(&p, 2 * TIME_DAY);
        CHECK_INT(look_up(&p), 0);
        world_close(&p.w);
    }
}

static struct paying *told;

static void tell_while_asked(void)
{
    later(told, TIME_SECOND);
    tell_more(told);
    fake.status = GATEWAY_FAILED; /* as it was when it was asked */
}

TEST(a_notice_that_comes_while_the_gateway_is_asked_is_looked_up_as_well)
{
    struct paying p;
    doubt(&p);
    told = &p;
    fake.meanwhile = tell_while_asked;
    CHECK_INT(look_up(&p), 1);
    CHECK_INT(payment_now(&p, p.id).lookup_at, ctx_now(&p.w.ctx));
    fake.status = GATEWAY_SUCCEEDED;
    CHECK_INT(look_up(&p), 1);
    CHECK_STR(payment_now(&p, p.id).status, "succeeded");
    world_close(&p.w);
}

TEST(a_failed_payment_in_doubt_is_asked_about_less_and_less_while_nobody_answers)
{
    struct paying p;
    doubt(&p);
    fake.is_away = true;
    int64_t pause = MINUTE;
    for (int i = 0; i < 14; i++) {
        CHECK_INT(look_up(&p), 1);
        pause = 2 * pause < TIME_DAY ? 2 * pause : TIME_DAY;
        CHECK_INT(payment_now(&p, p.id).lookup_at, ctx_now(&p.w.ctx) + pause);
        CHECK_INT(look_up(&p), 0);
        later(&p, pause);
    }
    fake.is_away = false;
    fake.status = GATEWAY_SUCCEEDED;
    CHECK_INT(look_up(&p), 1);
    CHECK_STR(payment_now(&p, p.id).status, "succeeded");
    CHECK_INT(payment_now(&p, p.id).lookup_at, TIME_NONE);
    world_close(&p.w);
}

TEST(looking_up_ends_when_it_is_to_stop)
{
    struct paying p;
    atomic_bool stop = true;
    int64_t count = -1;
    open_paying(&p);
    later(&p, TIME_HOUR);
    fake.asked = 0;
    MUST(&p.w, payment_reconcile(&p.w.ctx, &stop, &count));
    CHECK_INT(count, 0);
    CHECK_INT(fake.asked, 0);
    atomic_store(&stop, false);
    MUST(&p.w, payment_reconcile(&p.w.ctx, &stop, &count));
    CHECK_INT(count, 1);
    CHECK_INT(fake.asked, 1);
    world_close(&p.w);
}

/* ---- what the invoice does not need is closed ------------------------------------------------ */

TEST(a_part_paid_by_hand_closes_the_page_for_all_of_it)
{
    struct paying p;
    open_paying(&p);
    pay_by_hand(&p, 1000);
    CHECK_INT(payment_now(&p, p.id).lookup_at, ctx_now(&p.w.ctx));
    CHECK_INT(look_up(&p), 1);
    CHECK_STR(payment_now(&p, p.id).status, "failed");
    CHECK_STR(payment_now(&p, p.id).failure_code, "canceled");
    CHECK_INT(payment_now(&p, begin_payment(&p)).amount_minor, 9000);
    world_close(&p.w);
}

TEST(an_invoice_that_staff_say_is_paid_closes_its_page)
{
    struct paying p;
    struct invoice_view view;
    open_paying(&p);
    MUST(&p.w, invoice_set_payment_status(&p.w.ctx, p.invoice_id, STR("failed"), &view));
    CHECK(payment_now(&p, p.id).lookup_at > ctx_now(&p.w.ctx)); /* it may still be paid */
    MUST(&p.w, invoice_set_payment_status(&p.w.ctx, p.invoice_id, STR("succeeded"), &view));
    CHECK_INT(look_up(&p), 1);
    CHECK_STR(payment_now(&p, p.id).status, "failed");
    CHECK_STR(payment_now(&p, p.id).failure_code, "canceled");
    CHECK_STR(invoice_now(&p).payment_status, "succeeded");
    world_close(&p.w);
}

/* ---- pressing "Pay" -------------------------------------------------------------------------- */

TEST(money_of_the_payment_before_that_covered_a_part_leads_to_a_page_for_the_rest)
{
    struct paying p;
    struct payment_checkout checkout;
    open_paying(&p);
    fake.status = GATEWAY_SUCCEEDED;
    fake.more_minor = -4000;
    fake.opens_new = true;
    MUST(&p.w, payment_checkout_start(&p.w.ctx,
                                      &(struct payment_checkout_input){.invoice_id = p.invoice_id},
                                      &checkout));
    CHECK(!uuid_eq(checkout.payment_id, p.id));
    CHECK_STR(payment_now(&p, p.id).status, "succeeded");
    CHECK_INT(payment_now(&p, p.id).amount_minor, 6000);
    CHECK_INT(payment_now(&p, checkout.payment_id).amount_minor, 4000);
    world_close(&p.w);
}

TEST(what_refuses_a_payment_is_named_with_the_way_out)
{
    struct paying p;
    struct invoice_view view;
    open_invoice(&p);
    struct str number = invoice_now(&p).number;
    p.w.app.gateways.count = 0;
    CHECK_INT(start_again(&p), ERR_NOT_SUPPORTED);
    CHECK(says(p.w.fault.message, "set BILLOW_SANDBOX_GATEWAY_URL"));
    fault_reset(&p.w.fault);
    fake_install(&p.w.app);
    p.id = begin_payment(&p);
    fake.status = GATEWAY_PROCESSING;
    CHECK_INT(start_again(&p), ERR_CONFLICT);
    CHECK_STR(p.w.fault.fields[0].value, arena_cstr(&p.w.arena, number));
    CHECK(says(p.w.fault.message, arena_cstr(&p.w.arena, number)));
    CHECK(says(p.w.fault.message,
               arena_cstr(&p.w.arena, arena_fmt(&p.w.arena, "wait for payment %.*s, or look it up",
                                                STR_ARG(uuid_text(&p.w.arena, p.id))))));
    fake.status = GATEWAY_SUCCEEDED;
    CHECK_INT(start_again(&p), ERR_NOT_ALLOWED);
    CHECK_STR(p.w.fault.fields[0].code, "invoice_is_paid");
    CHECK_STR(p.w.fault.fields[0].value, arena_cstr(&p.w.arena, number));
    CHECK(says(p.w.fault.message, arena_cstr(&p.w.arena, number)));
    fault_reset(&p.w.fault);
    MUST(&p.w, invoice_void(&p.w.ctx, p.invoice_id, &view));
    CHECK_INT(start_again(&p), ERR_NOT_ALLOWED);
    CHECK_STR(p.w.fault.fields[0].code, "invoice_not_payable");
    CHECK_STR(p.w.fault.fields[0].value, arena_cstr(&p.w.arena, number));
    CHECK(says(p.w.fault.message, "voided"));
    world_close(&p.w);
}

/* ---- the receipt ----------------------------------------------------------------------------- */

/* The amount that the receipt's mail says is due; empty: it says none. */
static struct str due_in_letter(struct paying *p, const struct payment_row *payment)
{
    struct invoice_view invoice;
    struct locale *locale = NULL;
    struct mail_words words;
    struct str due = STR("");
    MUST(&p->w, invoice_get(&p->w.ctx, p->invoice_id, &invoice));
    REQUIRE(locale_open(STR("en"), &locale) == ERR_NONE);
    const struct mail_row mail = {.mail_type = STR("receipt"), .to_address = STR("a@example.com")};
    const struct mail_subject about = {.mail = &mail,
                                       .customer = &invoice.customer.row,
                                       .entity = &invoice.entity,
                                       .invoice = &invoice.row,
                                       .payment = payment};
    mail_words(&p->w.arena, locale, &about, &words);
    for (size_t i = 0; i < words.letter.fact_count; i++) {
        if (str_eq(words.letter.facts[i].label, STR("Amount due")))
            due = words.letter.facts[i].value;
    }
    locale_close(locale);
    return due;
}

TEST(a_receipt_says_what_is_due_of_an_invoice_that_can_be_paid)
{
    static const struct {
        const char *name;
        bool voids, settles;
        const char *due;
    } cases[] = {{"a part is left", false, false, "€70.00"},
                 {"voided meanwhile", true, false, ""},
                 {"settled by staff meanwhile", false, true, ""}};
    EACH(c, cases) {
        struct paying p;
        struct invoice_view view;
        struct payment_view payment;
        open_paying(&p);
        if (c->voids)
            MUST(&p.w, invoice_void(&p.w.ctx, p.invoice_id, &view));
        fake.status = GATEWAY_SUCCEEDED;
        fake.more_minor = -7000;
        MUST(&p.w, payment_refresh(&p.w.ctx, p.id, &payment));
        CHECK_STR(payment.row.status, "succeeded");
        if (c->settles)
            MUST(&p.w, invoice_set_payment_status(&p.w.ctx, p.invoice_id, STR("succeeded"), &view));
        CHECK_STR(due_in_letter(&p, &payment.row), c->due);
        world_close(&p.w);
    }
}
