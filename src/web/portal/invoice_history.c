/* invoice_history.c - what happened to an invoice, as far as it is the customer's to know: who did
 * it on our side is not. */
#include "app/mail_list.h"
#include "base/zone.h"
#include "core/payment/progress.h"
#include "web/portal/invoice.h"
#include "web/show.h"

#include <stdlib.h>

#define MAILS_MAX 50

struct event {
    int64_t at;
    struct activity_item shown;
};

struct telling {
    struct page *page;
    const struct zone *zone;
    struct event *events;
    size_t count;
};

static void tell(struct telling *t, int64_t at, enum icon icon, enum tone tone, struct str words,
                 struct str note)
{
    t->events[t->count++] = (struct event){
        .at = at,
        .shown = {.icon = icon,
                  .tone = tone,
                  .before = words,
                  .note = note,
                  .when = show_day(t->page, zone_day(t->zone, at)),
                  .when_full = show_instant_in_zone(t->page, t->zone, at)},
    };
}

static void tell_payment(struct telling *t, const struct payment_row *row)
{
    struct str amount = show_money(t->page, row->amount_minor, row->currency);
    int64_t at = row->updated_at == TIME_NONE ? row->created_at : row->updated_at;
    switch (payment_status_of(row->status)) {
    case PAYMENT_SUCCEEDED:
        tell(t, row->paid_at, ICON_CIRCLE_CHECK, TONE_GOOD,
             page_words_with(t->page, "Payment of {} received", &amount, 1),
             show_text(row->receipt_number));
        return;
    case PAYMENT_FAILED:
        tell(t, at, ICON_CIRCLE_X, TONE_WARN,
             page_words_with(t->page, "Payment of {} did not go through", &amount, 1),
             show_failure(t->page, row));
        return;
    case PAYMENT_PENDING: /* looked at the page, no more */
    case PAYMENT_PROCESSING:
    case PAYMENT_UNKNOWN:
        break;
    }
}

/* When and where it was sent. */
static void tell_mail(struct telling *t, const struct mail_row *row)
{
    if (row->sent_at != TIME_NONE)
        tell(t, row->sent_at, ICON_MAIL, TONE_INFO,
             page_words_with(t->page, "Sent to {}", &row->to_address, 1), STR(""));
}

static int compare_events(const void *a, const void *b)
{
    const struct event *x = a;
    const struct event *y = b;
    return (x->at < y->at) - (x->at > y->at);
}

enum err portal_history_fill(struct page *page, const struct invoice_view *invoice,
                             const struct payment_view *payments, size_t count,
                             struct activities *history)
{
    const struct invoice_row *row = &invoice->row;
    struct mail_view *mails = NULL;
    size_t mail_count = 0;
    int64_t total = 0;
    TRY(mail_list(
        page->ctx,
        &(struct mail_filter){.invoice_id = row->id, .type = STR("invoice"), .limit = MAILS_MAX},
        &mails, &mail_count, &total));
    struct telling t = {
        .page = page,
        .zone = portal_zone_of(row->timezone),
        .events = ARENA_ARRAY(page->arena, count + mail_count + 3, struct event),
    };
    if (row->finalized_at != TIME_NONE)
        tell(&t, row->finalized_at, ICON_FILE_INVOICE, TONE_INFO, page_words(page, "Issued"),
             STR(""));
    if (row->payment_overdue)
        tell(&t, zone_day_start(t.zone, row->payment_due_day + 1), ICON_ALERT_TRIANGLE, TONE_BAD,
             page_words(page, "Overdue"), STR(""));
    if (row->voided_at != TIME_NONE)
        tell(&t, row->voided_at, ICON_BAN, TONE_PLAIN, page_words(page, "Made void"), STR(""));
    for (size_t i = 0; i < count; i++)
        tell_payment(&t, &payments[i].row);
    for (size_t i = 0; i < mail_count; i++)
        tell_mail(&t, &mails[i].row);
    qsort(t.events, t.count, sizeof t.events[0], compare_events);
    struct activity_item *items = ARENA_ARRAY(page->arena, t.count, struct activity_item);
    for (size_t i = 0; i < t.count; i++)
        items[i] = t.events[i].shown;
    *history = (struct activities){items, t.count};
    return ERR_NONE;
}
