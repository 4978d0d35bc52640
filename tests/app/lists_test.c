/* lists_test.c - payments and mails, listed by customer and invoice, and a mail that is sent again.
 */
#include "tests/app/world.h"

#include "app/audit_list.h"
#include "app/mail_list.h"
#include "store/sql/mail.h"

/* acme and birch owe 34.80 each since 1 April and 1 May, and pay 10.00 of each, in this order: acme
 * of April, birch of April, acme of May, birch of May.  Both have an address, so there are mails of
 * four invoices and four receipts.  Cedar has nothing. */
struct played {
    struct world w;
    struct uuid acme[2], birch[2]; /* invoices */
    struct uuid payments[4];
};

static void play(struct played *p)
{
    struct world *w = &p->w;
    static const char *const names[] = {"acme", "birch"};
    world_open(w);
    at(w, "2024-03-01T00:00:00Z");
    make_tax(w, "VAT", "20", true);
    make_plan(w, (struct plan_input){.code = STR("plan"), .amount_minor = 2900}, NULL);
    make_customer(w, "cedar", "UTC");
    for (size_t i = 0; i < 2; i++) {
        struct customer_view customer;
        make_customer(w, names[i], "UTC");
        MUST(w, customer_save(&w->ctx,
                              &(struct customer_input){
                                  .sent = CUSTOMER_EMAIL,
                                  .external_id = str_of(names[i]),
                                  .email = arena_fmt(&w->arena, "%s@mail.example", names[i])},
                              &customer));
        subscribe(w, names[i], names[i], "plan", "calendar");
    }
    at(w, "2024-05-10T00:00:00Z");
    run(w);
    for (size_t i = 0; i < 4; i++) {
        struct payment_view payment;
        struct uuid *invoices = i % 2 == 0 ? p->acme : p->birch;
        invoices[i / 2] = invoice_at(w, names[i % 2], i / 2).row.id;
        MUST(w, clock_set(&w->app.clock, ctx_now(&w->ctx) + TIME_SECOND));
        MUST(w, payment_create(&w->ctx,
                               &(struct payment_input){.invoice_id = invoices[i / 2],
                                                       .amount_minor = 1000,
                                                       .paid_at = TIME_NONE},
                               &payment));
        p->payments[i] = payment.row.id;
    }
}

static void delete_customer(struct world *w, const char *external_id)
{
    struct customer_view view;
    MUST(w, customer_delete(&w->ctx, str_of(external_id), &view));
}

struct payments {
    struct payment_view *views;
    size_t count;
    int64_t total;
};

static struct payments payments(struct world *w, struct payment_filter filter)
{
    struct payments all = {0};
    filter.limit = filter.limit == 0 ? 10 : filter.limit;
    if (filter.paid_from_at == 0)
        filter.paid_from_at = filter.paid_to_at = TIME_NONE;
    MUST(w, payment_list(&w->ctx, &filter, &all.views, &all.count, &all.total));
    return all;
}

TEST(payments_are_listed_by_customer_and_invoice)
{
    struct played p;
    struct payments all;
    play(&p);
    all = payments(&p.w, (struct payment_filter){0});
    CHECK_INT(all.total, 4);
    REQUIRE(all.count == 4);
    for (size_t i = 0; i < 4; i++) /* newest first */
        CHECK(uuid_eq(all.views[i].row.id, p.payments[3 - i]));
    all = payments(&p.w, (struct payment_filter){.external_customer_id = STR("acme")});
    CHECK_INT(all.total, 2);
    REQUIRE(all.count == 2);
    CHECK(uuid_eq(all.views[0].row.id, p.payments[2]));
    CHECK(uuid_eq(all.views[1].row.id, p.payments[0]));
    CHECK_STR(all.views[1].external_customer_id, "acme");
    all = payments(&p.w, (struct payment_filter){.invoice_id = p.birch[1]});
    CHECK_INT(all.total, 1);
    REQUIRE(all.count == 1);
    CHECK(uuid_eq(all.views[0].row.id, p.payments[3]));
    all = payments(&p.w, (struct payment_filter){.external_customer_id = STR("birch"),
                                                 .invoice_id = p.birch[0]});
    CHECK_INT(all.total, 1);
    REQUIRE(all.count == 1);
    CHECK(uuid_eq(all.views[0].row.id, p.payments[1]));
    world_close(&p.w);
}

TEST(pages_of_payments_go_on_behind_one)
{
    struct played p;
    struct payments all;
    play(&p);
    all = payments(&p.w, (struct payment_filter){.after_id = p.payments[2], .limit = 1});
    CHECK_INT(all.total, LIST_UNCOUNTED);
    REQUIRE(all.count == 1);
    CHECK(uuid_eq(all.views[0].row.id, p.payments[1]));
    all = payments(&p.w, (struct payment_filter){.external_customer_id = STR("acme"),
                                                 .after_id = p.payments[2]});
    REQUIRE(all.count == 1);
    CHECK(uuid_eq(all.views[0].row.id, p.payments[0]));
    all = payments(&p.w, (struct payment_filter){.limit = 1, .offset = 3});
    CHECK_INT(all.total, 4);
    REQUIRE(all.count == 1);
    CHECK(uuid_eq(all.views[0].row.id, p.payments[0]));
    CHECK_INT(payment_list(&p.w.ctx,
                           &(struct payment_filter){.after_id = p.acme[0],
                                                    .paid_from_at = TIME_NONE,
                                                    .paid_to_at = TIME_NONE,
                                                    .limit = 1},
                           &all.views, &all.count, &all.total),
              ERR_INVALID); /* an invoice is no payment */
    world_close(&p.w);
}

struct mails {
    struct mail_view *views;
    size_t count;
    int64_t total;
};

static struct mails mails(struct world *w, struct mail_filter filter)
{
    struct mails all = {0};
    filter.limit = filter.limit == 0 ? 10 : filter.limit;
    MUST(w, mail_list(&w->ctx, &filter, &all.views, &all.count, &all.total));
    return all;
}

TEST(mails_are_listed_by_customer_and_invoice)
{
    struct played p;
    struct mails all;
    play(&p);
    CHECK_INT(mails(&p.w, (struct mail_filter){0}).total, 8);
    CHECK_INT(mails(&p.w, (struct mail_filter){.status = STR("sent")}).total, 0);
    all = mails(&p.w, (struct mail_filter){.external_customer_id = STR("acme")});
    CHECK_INT(all.total, 4);
    REQUIRE(all.count == 4);
    CHECK_STR(all.views[0].row.mail_type, "receipt"); /* the newest */
    CHECK(uuid_eq(all.views[0].row.payment_id, p.payments[2]));
    CHECK(uuid_eq(all.views[1].row.payment_id, p.payments[0]));
    CHECK_STR(all.views[3].row.mail_type, "invoice");
    CHECK_STR(all.views[3].row.to_address, "acme@mail.example");
    all = mails(&p.w,
                (struct mail_filter){.external_customer_id = STR("acme"), .type = STR("invoice")});
    CHECK_INT(all.total, 2);
    all = mails(&p.w, (struct mail_filter){.invoice_id = p.birch[1]});
    CHECK_INT(all.total, 1);
    REQUIRE(all.count == 1);
    CHECK_STR(all.views[0].external_customer_id, "birch");
    CHECK(uuid_eq(all.views[0].row.invoice_id, p.birch[1]));
    all = mails(&p.w, (struct mail_filter){.type = STR("receipt"), .limit = 1, .offset = 1});
    CHECK_INT(all.total, 4);
    REQUIRE(all.count == 1);
    CHECK(uuid_eq(all.views[0].row.payment_id, p.payments[2]));
    all = mails(&p.w, (struct mail_filter){.external_customer_id = STR("birch"),
                                           .after_id = all.views[0].row.id});
    REQUIRE(all.count == 3);
    CHECK(uuid_eq(all.views[0].row.payment_id, p.payments[1]));
    world_close(&p.w);
}

TEST(a_list_of_nobody_or_of_somebody_elses_invoice_is_empty)
{
    struct played p;
    struct invoice_filter invoices = INVOICE_FILTER_ALL;
    play(&p);
    const struct {
        const char *name;
        struct str customer;
        struct uuid invoice_id;
    } cases[] = {
        {"nobody of that id", STR("nobody"), UUID_NIL},
        {"nobody, and an invoice", STR("nobody"), p.acme[0]},
        {"who has none", STR("cedar"), UUID_NIL},
        {"somebody else's", STR("birch"), p.acme[0]},
        {"no invoice of that id", STR_NULL, p.payments[0]},
    };
    EACH(c, cases) {
        struct payments paid =
            payments(&p.w, (struct payment_filter){.external_customer_id = c->customer,
                                                   .invoice_id = c->invoice_id});
        struct mails sent = mails(&p.w, (struct mail_filter){.external_customer_id = c->customer,
                                                             .invoice_id = c->invoice_id});
        CHECK_INT(paid.count, 0);
        CHECK_INT(paid.total, 0);
        CHECK_INT(sent.count, 0);
        CHECK_INT(sent.total, 0);
    }
    test_case = "";
    struct invoice_view *views = NULL;
    size_t count = 1;
    int64_t total = 1;
    invoices.external_customer_id = STR("nobody");
    MUST(&p.w, invoice_list(&p.w.ctx, &invoices, &views, &count, &total));
    CHECK_INT(count, 0);
    CHECK_INT(total, 0);
    world_close(&p.w);
}

/* The external id is nobody's any more; an invoice still has its payments. */
TEST(a_deleted_customer_is_nobody)
{
    struct played p;
    play(&p);
    delete_customer(&p.w, "acme");
    CHECK_INT(payments(&p.w, (struct payment_filter){.external_customer_id = STR("acme")}).total,
              0);
    CHECK_INT(mails(&p.w, (struct mail_filter){.external_customer_id = STR("acme")}).total, 0);
    CHECK_INT(payments(&p.w, (struct payment_filter){.invoice_id = p.acme[0]}).total, 1);
    CHECK_INT(mails(&p.w, (struct mail_filter){.invoice_id = p.acme[0]}).total, 1);
    CHECK_INT(payments(&p.w, (struct payment_filter){0}).total, 4);
    world_close(&p.w);
}

/* ---- sent again ------------------------------------------------------------------------------ */

static struct audit_entry_row newest_entry(struct world *w)
{
    struct audit_entries entries;
    MUST(w, audit_list(&w->ctx,
                       &(struct audit_filter){
                           .action = STR("mail.resend"), .from_at = TIME_NONE, .to_at = TIME_NONE},
                       1, 0, &entries));
    REQUIRE(entries.count == 1);
    return entries.items[0];
}

static bool has(struct str json, struct str wanted)
{
    for (size_t i = 0; i + wanted.len <= json.len; i++) {
        if (str_eq(str_slice(json, i, i + wanted.len), wanted))
            return true;
    }
    printf("    \"%.*s\" has no %.*s\n", STR_ARG(json), STR_ARG(wanted));
    return false;
}

/* To another address than the first time. */
TEST(a_mail_that_is_sent_again_is_audited_as_it_was_and_is)
{
    struct played p;
    struct customer_view customer;
    struct mail_view again;
    play(&p);
    struct mail_row mail = mails(&p.w, (struct mail_filter){.invoice_id = p.acme[0]}).views[0].row;
    MUST(&p.w, customer_save(&p.w.ctx,
                             &(struct customer_input){.sent = CUSTOMER_EMAIL,
                                                      .external_id = STR("acme"),
                                                      .email = STR("new@mail.example")},
                             &customer));
    MUST(&p.w, mail_resend(&p.w.ctx, mail.id, &again));
    CHECK(uuid_eq(again.row.id, mail.id));
    CHECK_STR(again.row.to_address, "new@mail.example");
    struct audit_entry_row entry = newest_entry(&p.w);
    CHECK(uuid_eq(entry.object_id, mail.id));
    CHECK(uuid_eq(entry.chain_id, mail.customer_id));
    CHECK(has(entry.before, STR("\"to_address\":\"acme@mail.example\"")));
    CHECK(has(entry.after, STR("\"to_address\":\"new@mail.example\"")));
    CHECK(has(entry.after, STR("\"mail_status\":\"waiting\"")));
    world_close(&p.w);
}

static enum err mark_sent(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct mail_row *mail = arg;
    return mail_end_try(tx,
                        &(struct mail_end_try_in){
                            .mail_status = STR("sent"),
                            .subject = STR("Your invoice"),
                            .link_url = STR_NULL,
                            .last_problem = STR_NULL,
                            .sent_at = ctx_now(ctx),
                            .customer_id = mail->customer_id,
                            .id = mail->id,
                        },
                        NULL);
}

/* What was sent stays as it is, and the entry says of which mail the new one is a copy. */
TEST(a_mail_that_was_sent_is_sent_again_as_another)
{
    struct played p;
    struct mail_view again;
    play(&p);
    struct mail_row mail = mails(&p.w, (struct mail_filter){.invoice_id = p.acme[0]}).views[0].row;
    MUST(&p.w, tx_run(&p.w.ctx, TX_WRITE, mark_sent, &mail));
    MUST(&p.w, mail_resend(&p.w.ctx, mail.id, &again));
    CHECK(!uuid_eq(again.row.id, mail.id));
    CHECK_STR(again.row.mail_status, "waiting");
    CHECK(str_is_null(again.row.subject));
    CHECK_INT(mails(&p.w, (struct mail_filter){.invoice_id = p.acme[0]}).total, 2);
    CHECK_INT(mails(&p.w, (struct mail_filter){.status = STR("sent")}).total, 1);
    struct audit_entry_row entry = newest_entry(&p.w);
    CHECK(uuid_eq(entry.object_id, again.row.id));
    CHECK(has(entry.before, STR("\"mail_status\":\"sent\"")));
    CHECK(has(entry.before, uuid_text(&p.w.arena, mail.id)));
    CHECK(has(entry.after, STR("\"mail_status\":\"waiting\"")));
    CHECK(has(entry.after, uuid_text(&p.w.arena, again.row.id)));
    world_close(&p.w);
}
