/* mails.c - what customers were sent. */
#include "web/admin/mails.h"

#include "app/mail_list.h"
#include "base/none.h"
#include "base/time.h"
#include "web/routes.h"
#include "web/show.h"
#include "web/templates.h"

#define URL "/mails"

static const char *const states[] = {"waiting", "sent", "failed", "no_address", NULL};
static const char *const words[] = {"Waiting", "Sent", "Failed", "No address"};

static struct str mail_url(const struct page *page, struct uuid id)
{
    return arena_fmt(page->arena, URL "/%.*s", STR_ARG(uuid_text(page->arena, id)));
}

/* ---- the list -------------------------------------------------------------------------------- */

static enum err mails(struct page *page)
{
    struct mails_view view = {.frame = page_frame(page, "Mails", URL)};
    struct mail_view *found = NULL;
    const struct zone *zone = NULL;
    int state = page_query_choice(page, "state", states);
    int64_t index = show_page_index(page);
    int64_t total = 0;
    TRY(show_zone(page, &zone));
    TRY(mail_list(page->ctx,
                  &(struct mail_filter){.status = state < 0 ? STR_NULL : str_of(states[state]),
                                        .limit = SHOW_ROWS,
                                        .offset = index * SHOW_ROWS},
                  &found, &view.row_count, &total));
    struct mails_row *rows = ARENA_ARRAY(page->arena, view.row_count, struct mails_row);
    for (size_t i = 0; i < view.row_count; i++)
        rows[i] = (struct mails_row){
            .subject = show_mail_subject(page, &found[i]),
            .url = mail_url(page, found[i].row.id),
            .customer = found[i].external_customer_id,
            .customer_url = show_customer_url(page, found[i].row.customer_id),
            .address = show_text(found[i].row.to_address),
            .when = show_instant(page, zone, found[i].row.created_at),
            .status = show_mail_state(page, found[i].row.mail_status),
        };
    view.rows = rows;
    view.about = show_counted(page, "{} mail", "{} mails", total);
    view.states = show_state_chips(page, states, words, 4, state, NULL);
    view.pager = show_pager(page, index, view.row_count, total);
    view.empty = (struct empty){
        .icon = ICON_MAIL,
        .title = page_words(page, state < 0 ? "No mail yet" : "No mail is like that"),
        .words = page_words(page, "Customers with an address are sent their invoices when these "
                                  "become final, and receipts when they pay."),
    };
    return PAGE_SHOW(page, tpl_admin_mails, &view);
}

/* ---- one ------------------------------------------------------------------------------------- */

static void fill_facts(struct page *page, const struct zone *zone, const struct mail_view *mail,
                       struct mail_page_view *view)
{
    struct fact *facts = ARENA_ARRAY(page->arena, 8, struct fact);
    size_t count = 0;
    facts[count++] =
        (struct fact){.name = page_words(page, "To"), .value = show_text(mail->row.to_address)};
    facts[count++] = (struct fact){.name = page_words(page, "Customer"),
                                   .value = mail->external_customer_id,
                                   .url = show_customer_url(page, mail->row.customer_id)};
    if (!uuid_is_nil(mail->row.invoice_id)) {
        struct str id = uuid_text(page->arena, mail->row.invoice_id);
        facts[count++] =
            (struct fact){.name = page_words(page, "Invoice"),
                          .value = str_is_null(mail->invoice_number) ? id : mail->invoice_number,
                          .url = arena_fmt(page->arena, "/invoices/%.*s", STR_ARG(id))};
    }
    facts[count++] = (struct fact){.name = page_words(page, "Made"),
                                   .value = show_instant(page, zone, mail->row.created_at)};
    facts[count++] = (struct fact){.name = page_words(page, "Sent"),
                                   .value = show_instant(page, zone, mail->row.sent_at)};
    facts[count++] =
        (struct fact){.name = page_words(page, "Tries"), .value = show_count(page, mail->tries)};
    if (mail->due_at != TIME_NONE)
        facts[count++] = (struct fact){.name = page_words(page, "Next try"),
                                       .value = show_instant(page, zone, mail->due_at)};
    facts[count++] = (struct fact){.name = page_words(page, "Id"),
                                   .value = uuid_text(page->arena, mail->row.id),
                                   .is_id = true};
    view->facts = (struct facts){facts, count};
}

static enum err mail_show_page(struct page *page)
{
    struct mail_page_view view = {.frame = page_frame(page, NULL, URL)};
    struct mail_view mail;
    const struct zone *zone = NULL;
    struct uuid id;
    TRY(page_path_id(page, 0, &id));
    TRY(mail_get(page->ctx, id, &mail));
    TRY(show_zone(page, &zone));
    view.frame.title = show_mail_subject(page, &mail);
    view.url = mail_url(page, id);
    view.status = show_mail_state(page, mail.row.mail_status);
    view.problem = show_text(mail.row.last_problem);
    view.may_resend = page_may_write(page) && !str_eq(mail.row.mail_type, STR("portal_link"));
    fill_facts(page, zone, &mail, &view);
    return PAGE_SHOW(page, tpl_admin_mail, &view);
}

static enum err resend(struct page *page)
{
    struct mail_view mail;
    struct uuid id;
    TRY(page_path_id(page, 0, &id));
    enum err err = mail_resend(page->ctx, id, &mail);
    if (err == ERR_NOT_ALLOWED) {
        fault_reset(page->ctx->fault);
        page_notice(page, NOTICE_BAD,
                    page_words(page, "It can't be sent: the customer has no address."));
        return page_redirect(page, mail_url(page, id));
    }
    TRY(err);
    page_notice(page, NOTICE_GOOD, page_words(page, "It is on its way again."));
    return page_redirect(page, mail_url(page, mail.row.id));
}

const struct page_route mails_pages[] = {
    {HTTP_GET, URL, mails, 0},
    {HTTP_GET, URL "/{id}", mail_show_page, 0},
    {HTTP_POST, URL "/{id}/resend", resend, 0},
    {0},
};
