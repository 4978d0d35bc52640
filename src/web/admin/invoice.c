/* invoice.c - one invoice. */
#include "web/admin/invoice.h"

#include "app/activity.h"
#include "app/fee_explanation.h"
#include "app/fee_shares.h"
#include "app/fee_step_words.h"
#include "app/invoice.h"
#include "app/invoice_document.h"
#include "app/invoice_groups.h"
#include "app/invoice_table.h"
#include "app/payment.h"
#include "base/none.h"
#include "base/time.h"
#include "core/currency.h"
#include "web/routes.h"
#include "web/show.h"
#include "web/templates.h"

#define URL            "/invoices"
#define PAYMENTS_SHOWN 100
#define ACTIVITY_SHOWN 20
#define PDF_BYTES_MAX  ((size_t)8 << 20)

struct invoice_form {
    struct page_field amount, paid_on, reference, void_number;
    bool is_refused, void_is_refused;
};

struct making {
    struct page *page;
    struct invoice_page_view *view;
    struct invoice_view invoice;
    const struct zone *zone; /* the invoice's */
};

static struct invoice_form new_form(void)
{
    return (struct invoice_form){
        .amount = {.name = "amount", .chars_max = 30, .flags = FIELD_REQUIRED},
        .paid_on = {.name = "paid_on", .chars_max = 10},
        .reference = {.name = "reference", .chars_max = 255},
        .void_number = {.name = "number", .chars_max = 100, .flags = FIELD_REQUIRED},
    };
}

static struct str money(const struct making *m, int64_t minor)
{
    return show_money(m->page, minor, m->invoice.row.currency);
}

static int64_t due_minor(const struct invoice_row *row)
{
    return row->total_amount_minor - row->paid_amount_minor;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static struct str period_of(const struct making *m, const struct fee_row *fee)
{
    return show_period(m->page, m->zone, fee->from_at, fee->to_at);
}

/* By what its units are told apart, each step as it was taken, then the one rounding and the taxes
 * of the line. */
static void fill_steps(const struct making *m, const struct fee_view *fee,
                       struct invoice_line *line)
{
    struct arena *arena = m->page->arena;
    struct fee_explanation read = fee_explanation_read(arena, fee->row.explanation);
    size_t share_count = 0;
    const struct fee_share *shares = fee_shares(arena, fee, &share_count);
    struct invoice_step *steps =
        ARENA_ARRAY(arena, read.count + share_count + fee->tax_count + 2, struct invoice_step);
    size_t count = 0;
    for (size_t i = 0; i < share_count; i++)
        steps[count++] = (struct invoice_step){
            .text = shares[i].name,
            .result = show_number(m->page, shares[i].units),
        };
    for (size_t i = 0; i < read.count; i++)
        steps[count++] = (struct invoice_step){
            .text = fee_step_words(m->page->locale, arena, read.steps[i].text),
            .result = fee_step_number(m->page->locale, arena, read.steps[i].result),
        };
    if (read.is_cut)
        steps[count++] =
            (struct invoice_step){.text = page_words(m->page, "further steps: see the API")};
    struct str precise = show_price(m->page, fee->row.precise_amount, fee->row.currency);
    steps[count++] = (struct invoice_step){
        .text = page_words_with(m->page, "{}, rounded once, half away from zero", &precise, 1),
        .result = money(m, fee->row.amount_minor),
        .is_last = true,
    };
    for (size_t i = 0; i < fee->tax_count; i++) {
        const struct str values[] = {fee->taxes[i].name, show_number(m->page, fee->taxes[i].rate)};
        steps[count++] = (struct invoice_step){
            .text = page_words_with(m->page, "Tax of the line: {} {} %", values, 2),
            .result = money(m, fee->taxes[i].amount_minor),
        };
    }
    line->steps = steps;
    line->step_count = count;
}

static struct invoice_line line_of(const struct making *m, const struct fee_view *fee)
{
    struct invoice_line line = {
        .description = fee_name(m->page->arena, fee),
        .period = period_of(m, &fee->row),
        .amount = money(m, fee->row.amount_minor),
    };
    bool is_usage = str_eq(fee->row.fee_type, STR("charge"));
    if (is_usage || str_eq(fee->row.fee_type, STR("fixed_charge"))) {
        line.quantity = show_number(m->page, fee->row.units);
        line.unit_price = fee_has_one_price(fee)
                              ? show_price(m->page, fee->row.unit_amount, fee->row.currency)
                              : page_words(m->page, "varies");
    }
    if (is_usage) {
        line.period = arena_fmt(
            m->page->arena, "%.*s · %.*s", STR_ARG(line.period),
            STR_ARG(show_counted(m->page, "{} event", "{} events", fee->row.event_count)));
    }
    if (fee->row.is_true_up)
        line.description =
            arena_fmt(m->page->arena, "%.*s: %.*s", STR_ARG(page_words(m->page, "Minimum")),
                      STR_ARG(line.description));
    if (fee->row.is_correction)
        line.mark = status_of(TONE_INFO, page_words(m->page, "Correction"));
    fill_steps(m, fee, &line);
    return line;
}

static void fill_groups(struct making *m)
{
    const struct invoice_view *invoice = &m->invoice;
    struct arena *arena = m->page->arena;
    size_t count = 0;
    const struct invoice_group *found = invoice_groups(arena, invoice, &count);
    struct invoice_lines *groups = ARENA_ARRAY(arena, count, struct invoice_lines);
    struct invoice_line *lines = ARENA_ARRAY(arena, invoice->fee_count, struct invoice_line);
    for (size_t i = 0; i < invoice->fee_count; i++)
        lines[i] = line_of(m, &invoice->fees[i]);
    for (size_t i = 0; i < count; i++)
        groups[i] = (struct invoice_lines){
            .title = show_text(found[i].title),
            .amount = money(m, found[i].amount_minor),
            .lines = &lines[found[i].first],
            .line_count = found[i].count,
        };
    m->view->groups = groups;
    m->view->group_count = count;
}

static void fill_totals(struct making *m)
{
    const struct invoice_view *invoice = &m->invoice;
    const struct invoice_row *row = &invoice->row;
    struct page *page = m->page;
    struct invoice_total *totals =
        ARENA_ARRAY(page->arena, invoice->tax_count + 4, struct invoice_total);
    size_t count = 0;
    totals[count++] = (struct invoice_total){page_words(page, "Subtotal"),
                                             money(m, row->fees_amount_minor), false};
    for (size_t i = 0; i < invoice->tax_count; i++) {
        const struct invoice_tax_row *tax = &invoice->taxes[i];
        const struct str values[] = {tax->name, show_number(page, tax->rate),
                                     money(m, tax->fees_amount_minor)};
        totals[count++] = (struct invoice_total){page_words_with(page, "{} {} % on {}", values, 3),
                                                 money(m, tax->amount_minor), false};
    }
    totals[count++] =
        (struct invoice_total){page_words(page, "Total"), money(m, row->total_amount_minor), true};
    if (row->paid_amount_minor != 0) {
        totals[count++] = (struct invoice_total){page_words(page, "Paid"),
                                                 money(m, row->paid_amount_minor), false};
        totals[count++] =
            (struct invoice_total){page_words(page, "Amount due"), money(m, due_minor(row)), true};
    }
    m->view->totals = totals;
    m->view->total_count = count;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void fill_facts(struct making *m)
{
    const struct invoice_row *row = &m->invoice.row;
    const struct customer_row *customer = &m->invoice.customer.row;
    struct page *page = m->page;
    struct fact *facts = ARENA_ARRAY(page->arena, 7, struct fact);
    size_t count = 0;
    facts[count] =
        (struct fact){.name = page_words(page, "Customer"), .value = show_customer_name(customer)};
    if (customer->deleted_at == TIME_NONE)
        facts[count].url = show_customer_url(page, customer->id);
    count++;
    facts[count++] =
        (struct fact){.name = page_words(page, "Issued by"), .value = m->invoice.entity.name};
    facts[count++] = (struct fact){.name = page_words(page, "Issued"),
                                   .value = show_day(page, row->issuing_day)};
    facts[count++] = (struct fact){.name = page_words(page, "Due"),
                                   .value = show_day(page, row->payment_due_day)};
    if (row->finalize_at != TIME_NONE && str_eq(row->status, STR("draft")))
        facts[count++] =
            (struct fact){.name = page_words(page, "Becomes final"),
                          .value = show_day(page, zone_day(m->zone, row->finalize_at))};
    facts[count++] = (struct fact){
        .name = page_words(page, "Id"), .value = uuid_text(page->arena, row->id), .is_id = true};
    m->view->facts = (struct facts){facts, count};
}

static enum err fill_payments(struct making *m)
{
    struct payment_view *payments = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(payment_list(m->page->ctx,
                     &(struct payment_filter){.invoice_id = m->invoice.row.id,
                                              .paid_from_at = TIME_NONE,
                                              .paid_to_at = TIME_NONE,
                                              .limit = PAYMENTS_SHOWN},
                     &payments, &count, &total));
    struct invoice_payment *shown = ARENA_ARRAY(m->page->arena, count, struct invoice_payment);
    for (size_t i = 0; i < count; i++) {
        const struct payment_row *row = &payments[i].row;
        shown[i] = (struct invoice_payment){
            .day = show_payment_day(m->page, m->zone, row),
            .reference = show_text(row->reference),
            .amount = show_money(m->page, row->amount_minor, row->currency),
            .status = show_payment_state(m->page, row),
            .why = show_payment_why(m->page, row),
            .json_url = show_payment_json_url(m->page, row->id),
        };
    }
    m->view->payments = shown;
    m->view->payment_count = count;
    return ERR_NONE;
}

static enum err fill_activity(struct making *m)
{
    struct activity *items = NULL;
    size_t count = 0;
    TRY(activity_list(
        m->page->ctx,
        &(struct activity_query){.object_id = m->invoice.row.id, .limit = ACTIVITY_SHOWN}, &items,
        &count));
    m->view->activity = show_activities(m->page, m->zone, items, count, false);
    return ERR_NONE;
}

static void fill_form(struct making *m, const struct invoice_form *form)
{
    const struct invoice_row *row = &m->invoice.row;
    struct page *page = m->page;
    struct invoice_page_view *view = m->view;
    struct str due = show_plain_amount(page, due_minor(row), row->currency);
    view->amount =
        page_input(page, &form->amount, page_words_with(page, "Amount in {}", &row->currency, 1));
    view->amount.autocomplete = STR("off");
    view->paid_on = page_input(page, &form->paid_on, page_words(page, "Paid on"));
    view->paid_on.type = STR("date");
    view->paid_on.length_max = STR_NULL;
    view->reference = page_input(page, &form->reference, page_words(page, "Reference"));
    view->reference.autocomplete = STR("off");
    view->reference.hint = page_words(page, "As it stands on the bank statement.");
    if (!form->is_refused) {
        view->amount.value = due;
        view->paid_on.value = day_text(page->arena, zone_day(m->zone, ctx_now(page->ctx)));
    } else {
        view->refused.words = page_words(page, "The payment was not written down.");
    }
    view->paid_so_far = arena_fmt(page->arena, "%lld", (long long)row->paid_amount_minor);
    view->void_number = page_input(page, &form->void_number,
                                   page_words_with(page, "Type {} to void it", &row->number, 1));
    view->void_number.autocomplete = STR("off");
    view->void_is_open = form->void_is_refused;
    if (form->void_is_refused)
        view->void_refused.words = page_words(page, "The invoice was not voided.");
}

static void fill_actions(struct making *m)
{
    const struct invoice_row *row = &m->invoice.row;
    bool may_write = page_may_write(m->page);
    bool is_draft = str_eq(row->status, STR("draft"));
    bool is_final = str_eq(row->status, STR("finalized"));
    m->view->may_finalize = may_write && is_draft;
    m->view->may_refresh = may_write && is_draft;
    m->view->may_void = may_write && is_final;
    m->view->may_pay = may_write && is_final && due_minor(row) > 0;
}

static enum err load(struct making *m)
{
    struct uuid id;
    TRY(page_path_id(m->page, 0, &id));
    TRY(invoice_get(m->page->ctx, id, &m->invoice));
    return zone_find(m->invoice.row.timezone, &m->zone);
}

static enum err fill(struct making *m, const struct invoice_form *form)
{
    const struct invoice_row *row = &m->invoice.row;
    struct page *page = m->page;
    struct str customer = show_customer_name(&m->invoice.customer.row);
    m->view->frame = page_frame(page, NULL, URL);
    m->view->frame.title = str_is_null(row->number)
                               ? page_words(page, "Draft invoice")
                               : page_words_with(page, "Invoice {}", &row->number, 1);
    m->view->about = customer;
    m->view->url = show_invoice_url(page, row->id);
    m->view->status = show_invoice_state(
        page, invoice_state_of(row->status, row->payment_status, row->payment_overdue),
        row->payment_due_day, zone_day(m->zone, ctx_now(page->ctx)));
    m->view->json_url = arena_fmt(page->arena, "%.*s/json", STR_ARG(m->view->url));
    m->view->request.text = show_api_request(page, show_invoice_url(page, row->id));
    fill_facts(m);
    fill_groups(m);
    fill_totals(m);
    fill_actions(m);
    fill_form(m, form);
    TRY(fill_payments(m));
    return fill_activity(m);
}

static enum err invoice_show_page(struct page *page)
{
    struct invoice_page_view view = {0};
    struct making m = {.page = page, .view = &view};
    struct invoice_form form = new_form();
    TRY(load(&m));
    TRY(fill(&m, &form));
    return PAGE_SHOW(page, tpl_admin_invoice, &view);
}

static enum err pdf(struct page *page)
{
    struct making m = {.page = page};
    struct buf out;
    TRY(load(&m));
    buf_init(&out, page->arena, PDF_BYTES_MAX);
    TRY(invoice_pdf(page->ctx, m.invoice.row.id, STR_NULL, &out));
    struct str name = str_is_null(m.invoice.row.number) ? STR("draft") : m.invoice.row.number;
    return page_inline(page, "application/pdf", arena_fmt(page->arena, "%.*s.pdf", STR_ARG(name)),
                       buf_str(&out));
}

/* ---- acting ---------------------------------------------------------------------------------- */

static enum err show_again(const struct making *m, const struct invoice_form *form)
{
    struct invoice_page_view view = {0};
    struct making again = *m;
    again.view = &view;
    TRY(fill(&again, form));
    return PAGE_SHOW_AGAIN(m->page, tpl_admin_invoice, &view);
}

static enum err done(struct page *page, struct uuid id, enum err err, const char *english)
{
    if (err == ERR_NOT_ALLOWED) { /* someone else was faster */
        fault_reset(page->ctx->fault);
        page_notice(page, NOTICE_BAD,
                    page_words(page, "The invoice has changed, so this can't be done any more."));
    } else {
        TRY(err);
        page_notice(page, NOTICE_GOOD, page_words(page, english));
    }
    return page_redirect(page, show_invoice_url(page, id));
}

static enum err finalize(struct page *page)
{
    struct uuid id;
    struct invoice_view view;
    TRY(page_path_id(page, 0, &id));
    return done(page, id, invoice_finalize(page->ctx, id, &view),
                "The invoice is final and has its number.");
}

static enum err refresh(struct page *page)
{
    struct uuid id;
    struct invoice_view view;
    TRY(page_path_id(page, 0, &id));
    return done(page, id, invoice_refresh(page->ctx, id, &view),
                "The draft was computed again from what is known now.");
}

static enum err void_it(struct page *page)
{
    struct making m = {.page = page};
    struct invoice_form form = new_form();
    struct invoice_view view;
    TRY(load(&m));
    form.void_is_refused = true;
    if (!page_field(page, &form.void_number))
        return show_again(&m, &form);
    if (!str_eq(form.void_number.value, m.invoice.row.number)) {
        page_field_error(page, &form.void_number, "That is not the number of this invoice.");
        return show_again(&m, &form);
    }
    return done(page, m.invoice.row.id, invoice_void(page->ctx, m.invoice.row.id, &view),
                "The invoice is void. Its amounts were taken back in the books.");
}

/* An amount in major units, with no more digits than the currency has. */
static bool read_amount(struct making *m, struct page_field *field, int64_t *minor)
{
    const struct currency *currency = currency_find(m->invoice.row.currency);
    struct decimal major;
    struct decimal scaled;
    if (!page_field(m->page, field))
        return false;
    if (decimal_parse(field->value, &major) != ERR_NONE ||
        decimal_scale(major, currency->digits, &scaled) != ERR_NONE ||
        decimal_to_int64(scaled, minor) != ERR_NONE)
        return page_field_error(m->page, field, "An amount with a point, such as 34.80.");
    if (*minor <= 0)
        return page_field_error(m->page, field, "More than 0.");
    if (*minor > due_minor(&m->invoice.row))
        return page_field_error(m->page, field, "No more than what is due can be paid.");
    return true;
}

static bool read_day(struct making *m, struct page_field *field, int64_t *paid_at)
{
    int32_t today = zone_day(m->zone, ctx_now(m->page->ctx));
    int32_t day = today;
    if (!page_field_day(m->page, field, &day))
        return false;
    if (day > today)
        return page_field_error(m->page, field, "Not in the future.");
    *paid_at = day == today ? TIME_NONE : zone_day_start(m->zone, day);
    return true;
}

/* A payment of what was shown; one that was sent twice finds that more is paid by now. */
static enum err record_payment(struct page *page)
{
    struct making m = {.page = page};
    struct invoice_form form = new_form();
    struct payment_input input = {.is_as_shown = true};
    struct payment_view view;
    TRY(load(&m));
    form.is_refused = true;
    bool is_good = read_amount(&m, &form.amount, &input.amount_minor);
    is_good = read_day(&m, &form.paid_on, &input.paid_at) && is_good;
    is_good = page_field(page, &form.reference) && is_good;
    if (!is_good)
        return show_again(&m, &form);
    input.invoice_id = m.invoice.row.id;
    input.reference = form.reference.value.len == 0 ? STR_NULL : form.reference.value;
    if (!str_to_int64(page_form_value(page, "paid_so_far"), &input.shown_paid_minor))
        return ERR_MALFORMED;
    enum err err = payment_create(page->ctx, &input, &view);
    if (err == ERR_CONFLICT) {
        fault_reset(page->ctx->fault);
        page_notice(page, NOTICE_BAD,
                    page_words(page, "Another payment was written down meanwhile, so this one was "
                                     "not. Look whether it is still needed."));
        return page_redirect(page, show_invoice_url(page, input.invoice_id));
    }
    if (err == ERR_INVALID) { /* it is void, or less is due, since the page was looked at */
        fault_reset(page->ctx->fault);
        page_field_error(page, &form.amount, "No more than what is due can be paid.");
        TRY(load(&m));
        return show_again(&m, &form);
    }
    return done(page, input.invoice_id, err, "The payment is written down.");
}

/* Where a form that was refused is loaded again. */
static enum err back(struct page *page)
{
    struct uuid id;
    TRY(page_path_id(page, 0, &id));
    return page_redirect(page, show_invoice_url(page, id));
}

const struct page_route invoice_pages[] = {
    {HTTP_GET, URL "/{id}", invoice_show_page, 0},
    {HTTP_GET, URL "/{id}/pdf", pdf, 0},
    {HTTP_POST, URL "/{id}/finalize", finalize, 0},
    {HTTP_POST, URL "/{id}/refresh", refresh, 0},
    {HTTP_GET, URL "/{id}/void", back, 0},
    {HTTP_POST, URL "/{id}/void", void_it, 0},
    {HTTP_GET, URL "/{id}/payments", back, 0},
    {HTTP_POST, URL "/{id}/payments", record_payment, 0},
    {0},
};
