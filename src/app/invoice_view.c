/* invoice_view.c - invoices and fees with all that is shown beside them. */
#include "app/invoice.h"

#include "app/fee_shares.h"
#include "app/invoice_load.h"
#include "base/assert.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/fee.h"
#include "store/sql/fixed.h"
#include "store/sql/invoice.h"
#include "store/sql/subscription.h"

int64_t invoice_open_minor(const struct invoice_row *row)
{
    if (!str_eq(row->status, STR("finalized")) || str_eq(row->payment_status, STR("succeeded")) ||
        row->total_amount_minor <= row->paid_amount_minor)
        return 0;
    return row->total_amount_minor - row->paid_amount_minor;
}

static enum err load_entity(struct tx *tx, struct uuid id, struct billing_entity_row *entity)
{
    bool found = false;
    TRY(billing_entity_load(tx, &(struct billing_entity_load_in){.id = id}, entity, &found));
    ASSERT(found);
    return ERR_NONE;
}

static enum err load_subscription(struct tx *tx, struct uuid customer_id, struct uuid id,
                                  struct subscription_row *row)
{
    bool found = false;
    TRY(subscription_load(tx, &(struct subscription_load_in){.customer_id = customer_id, .id = id},
                          row, &found));
    ASSERT(found);
    return ERR_NONE;
}

static enum err load_periods(struct ctx *ctx, struct tx *tx, struct invoice_view *view)
{
    struct invoice_subscription_row *rows = NULL;
    TRY(invoice_subscription_list(tx,
                                  &(struct invoice_subscription_list_in){
                                      .customer_id = view->row.customer_id,
                                      .invoice_id = view->row.id,
                                  },
                                  &rows, &view->period_count));
    view->periods = ARENA_ARRAY(ctx->arena, view->period_count, struct invoice_period_view);
    for (size_t i = 0; i < view->period_count; i++) {
        struct invoice_period_view *period = &view->periods[i];
        struct subscription_row subscription;
        period->row = rows[i];
        TRY(load_subscription(tx, rows[i].customer_id, rows[i].subscription_id, &subscription));
        TRY(subscription_view_load(ctx, tx, &view->customer.row, &subscription,
                                   &period->subscription));
    }
    return ERR_NONE;
}

static enum err load_fixed_name(struct tx *tx, struct fee_view *fee)
{
    struct fixed_charge_row charge;
    struct add_on_row add_on;
    bool found = false;
    TRY(fixed_charge_load(tx, &(struct fixed_charge_load_in){.id = fee->row.fixed_charge_id},
                          &charge, &found));
    ASSERT(found);
    TRY(add_on_load(tx, &(struct add_on_load_in){.id = charge.add_on_id}, &add_on, &found));
    ASSERT(found);
    fee->fixed_charge_lineage_id = charge.lineage_id;
    fee->invoice_display_name = str_is_null(charge.invoice_display_name)
                                    ? add_on.invoice_display_name
                                    : charge.invoice_display_name;
    return ERR_NONE;
}

/* By what its units are told apart; a filter may have keys of its own. */
static enum err load_displayed_keys(struct tx *tx, const struct charge_row *charge,
                                    struct fee_view *fee)
{
    struct arena *arena = tx_arena(tx);
    struct charge model = charge_of(arena, charge->charge_model, charge->properties);
    if (!uuid_is_nil(fee->row.charge_filter_id)) {
        struct charge_filter_row filter;
        bool found = false;
        TRY(charge_filter_load(tx, &(struct charge_filter_load_in){.id = fee->row.charge_filter_id},
                               &filter, &found));
        ASSERT(found);
        struct charge own = charge_of(arena, charge->charge_model, filter.properties);
        if (own.shown_keys.count > 0)
            model = own;
    }
    fee->displayed_keys = fee_shares_keys(arena, &model);
    return ERR_NONE;
}

static enum err load_true_up(struct tx *tx, struct fee_view *fee)
{
    struct fee_true_up_row true_up;
    bool found = false;
    if (fee->row.is_true_up || fee->row.is_correction)
        return ERR_NONE;
    TRY(fee_true_up(tx,
                    &(struct fee_true_up_in){.customer_id = fee->row.customer_id,
                                             .invoice_id = fee->row.invoice_id,
                                             .parent_fee_id = fee->row.id},
                    &true_up, &found));
    if (found)
        fee->true_up_fee_id = true_up.id;
    return ERR_NONE;
}

/* What its plan or charge says of it. */
static enum err load_origin(struct tx *tx, struct fee_view *fee)
{
    bool found = false;
    if (!uuid_is_nil(fee->row.fixed_charge_id))
        return load_fixed_name(tx, fee);
    if (!uuid_is_nil(fee->row.charge_id)) {
        struct charge_row charge;
        TRY(charge_load(tx, &(struct charge_load_in){.id = fee->row.charge_id}, &charge, &found));
        ASSERT(found);
        fee->invoice_display_name = charge.invoice_display_name;
        fee->charge_lineage_id = charge.lineage_id;
        fee->is_invoiceable = charge.is_invoiceable;
        if (charge.min_amount_minor > 0)
            TRY(load_true_up(tx, fee));
        if (!str_is_null(fee->row.presentation_breakdowns))
            TRY(load_displayed_keys(tx, &charge, fee));
    } else if (!uuid_is_nil(fee->row.plan_version_id)) {
        struct plan_version_row version;
        TRY(plan_version_load(tx, &(struct plan_version_load_in){.id = fee->row.plan_version_id},
                              &version, &found));
        ASSERT(found);
        fee->invoice_display_name = version.invoice_display_name;
    }
    return ERR_NONE;
}

static enum err load_filter(struct tx *tx, struct fee_view *fee)
{
    struct charge_filter_row *filter = NULL;
    bool found = false;
    if (uuid_is_nil(fee->row.charge_filter_id))
        return ERR_NONE;
    filter = ARENA_NEW(tx_arena(tx), struct charge_filter_row);
    TRY(charge_filter_load(tx, &(struct charge_filter_load_in){.id = fee->row.charge_filter_id},
                           filter, &found));
    ASSERT(found);
    fee->filter_lineage_id = filter->lineage_id;
    fee->filter_name = charge_filter_name(tx_arena(tx), filter);
    fee->filter_display_name = filter->invoice_display_name;
    fee->filter_values = filter->match_values;
    return ERR_NONE;
}

struct str fee_name(struct arena *arena, const struct fee_view *fee)
{
    struct str name =
        str_is_null(fee->invoice_display_name) ? fee->row.item_name : fee->invoice_display_name;
    if (!str_is_null(fee->filter_name))
        name = arena_fmt(arena, "%.*s · %.*s", STR_ARG(name), STR_ARG(fee->filter_name));
    if (!str_is_null(fee->row.grouped_by))
        name = arena_fmt(arena, "%.*s · %.*s", STR_ARG(name),
                         STR_ARG(group_name(arena, fee->row.grouped_by)));
    return name;
}

bool fee_has_one_price(const struct fee_view *fee)
{
    struct decimal product = DECIMAL_NONE;
    return decimal_mul(fee->row.units, fee->row.unit_amount, &product) == ERR_NONE &&
           decimal_eq(product, fee->row.precise_amount);
}

enum err fee_view_load(struct tx *tx, const struct fee_row *row,
                       const struct customer_row *customer, const struct invoice_row *invoice,
                       struct fee_view *fee)
{
    *fee = (struct fee_view){
        .row = *row,
        .external_customer_id = customer->external_id,
        .is_invoiceable = true,
        .is_alone = invoice->is_holder,
        .payment_status = invoice->payment_status,
        .timezone = str_is_null(row->period_timezone) ? invoice->timezone : row->period_timezone,
        .self_billed = str_eq(customer->account_type, STR("partner")),
        .ended_at = TIME_NONE,
    };
    if (!uuid_is_nil(row->subscription_id)) {
        struct subscription_row subscription;
        TRY(load_subscription(tx, row->customer_id, row->subscription_id, &subscription));
        fee->external_subscription_id = subscription.external_id;
        fee->ended_at = subscription.terminated_at;
    }
    TRY(load_origin(tx, fee));
    TRY(load_filter(tx, fee));
    return fee_tax_list(tx,
                        &(struct fee_tax_list_in){
                            .customer_id = row->customer_id,
                            .invoice_id = row->invoice_id,
                            .fee_id = row->id,
                        },
                        &fee->taxes, &fee->tax_count);
}

static enum err load_fees(struct ctx *ctx, struct tx *tx, struct invoice_view *view)
{
    struct fee_row *rows = NULL;
    TRY(fee_of_invoice_list(tx,
                            &(struct fee_of_invoice_list_in){
                                .customer_id = view->row.customer_id,
                                .invoice_id = view->row.id,
                            },
                            &rows, &view->fee_count));
    view->fees = ARENA_ARRAY(ctx->arena, view->fee_count, struct fee_view);
    for (size_t i = 0; i < view->fee_count; i++)
        TRY(fee_view_load(tx, &rows[i], &view->customer.row, &view->row, &view->fees[i]));
    return ERR_NONE;
}

/* All but the customer. */
static enum err load_rest(struct ctx *ctx, struct tx *tx, bool details, struct invoice_view *view)
{
    TRY(load_entity(tx, view->row.billing_entity_id, &view->entity));
    TRY(invoice_tax_list(tx,
                         &(struct invoice_tax_list_in){
                             .customer_id = view->row.customer_id,
                             .invoice_id = view->row.id,
                         },
                         &view->taxes, &view->tax_count));
    if (!details)
        return ERR_NONE;
    TRY(load_periods(ctx, tx, view));
    return load_fees(ctx, tx, view);
}

enum err invoice_view_load(struct ctx *ctx, struct tx *tx, const struct invoice_row *row,
                           bool details, struct invoice_view *view)
{
    struct customer_row customer;
    bool found = false;
    *view = (struct invoice_view){.row = *row};
    TRY(customer_load(tx, &(struct customer_load_in){.id = row->customer_id}, &customer, &found));
    ASSERT(found);
    TRY(customer_view_load(ctx, tx, &customer, &view->customer));
    return load_rest(ctx, tx, details, view);
}

/* ---- one invoice ---------------------------------------------------------------------------- */

struct invoice_getting {
    struct uuid id;
    struct invoice_view *view;
};

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct invoice_getting *getting = arg;
    struct customer_row customer;
    struct invoice_row row;
    TRY(invoice_find(ctx, tx, getting->id, &customer, &row));
    return invoice_view_load(ctx, tx, &row, true, getting->view);
}

enum err invoice_get(struct ctx *ctx, struct uuid id, struct invoice_view *view)
{
    return tx_run(ctx, TX_READ, get, &(struct invoice_getting){.id = id, .view = view});
}

/* ---- lists ----------------------------------------------------------------------------------- */

struct invoice_listing {
    const struct invoice_filter *filter;
    struct invoice_view *views;
    size_t count;
    int64_t total;
};

static enum err page_rows(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                          struct invoice_listing *listing, struct invoice_row **rows)
{
    const struct invoice_filter *filter = listing->filter;
    bool any_status = !filter->draft && !filter->finalized && !filter->voided;
    bool any_payment = !filter->pending && !filter->succeeded && !filter->failed;
    struct invoice_page_in page = {
        .wanted_customer_id = customer_id,
        .with_subscription = filter->subscription || !filter->advance_charges,
        .with_advance = filter->advance_charges || !filter->subscription,
        .with_draft = any_status || filter->draft,
        .with_finalized = any_status || filter->finalized,
        .with_voided = any_status || filter->voided,
        .with_pending = any_payment || filter->pending,
        .with_succeeded = any_payment || filter->succeeded,
        .with_failed = any_payment || filter->failed,
        .with_overdue = !filter->not_overdue_only,
        .without_overdue = !filter->overdue_only,
        .issuing_from = filter->issuing_from_day,
        .issuing_to = filter->issuing_to_day,
        .amount_from = filter->amount_from_minor,
        .amount_to = filter->amount_to_minor,
        .wanted_currency = filter->currency,
        .number_like = list_like(ctx->arena, filter->number),
        .before_at = INT64_MAX,
        .before_id = filter->after_id,
        .limit = filter->limit,
        .offset = filter->offset,
    };
    struct invoice_count_row total;
    struct invoice_owner_row owner = {0};
    struct billing_entity_row entity;
    bool found = true;
    if (!uuid_is_nil(filter->after_id))
        TRY(invoice_owner(tx, &(struct invoice_owner_in){.id = filter->after_id}, &owner, &found));
    if (!found)
        return fail_cursor(ctx, filter->after_id);
    if (!uuid_is_nil(filter->after_id))
        page.before_at = owner.created_at;
    if (!str_is_null(filter->billing_entity_code)) {
        TRY(billing_entity_by_code(
            tx, &(struct billing_entity_by_code_in){.code = filter->billing_entity_code}, &entity,
            &found));
        if (!found)
            return fail_not_found(ctx, "billing_entity", filter->billing_entity_code);
        page.wanted_entity_id = entity.id;
    }
    TRY(invoice_page(tx, &page, rows, &listing->count));
    listing->total = LIST_UNCOUNTED;
    if (!uuid_is_nil(filter->after_id))
        return ERR_NONE;
    TRY(invoice_count(tx,
                      &(struct invoice_count_in){
                          .wanted_customer_id = page.wanted_customer_id,
                          .with_subscription = page.with_subscription,
                          .with_advance = page.with_advance,
                          .with_draft = page.with_draft,
                          .with_finalized = page.with_finalized,
                          .with_voided = page.with_voided,
                          .with_pending = page.with_pending,
                          .with_succeeded = page.with_succeeded,
                          .with_failed = page.with_failed,
                          .with_overdue = page.with_overdue,
                          .without_overdue = page.without_overdue,
                          .issuing_from = page.issuing_from,
                          .issuing_to = page.issuing_to,
                          .amount_from = page.amount_from,
                          .amount_to = page.amount_to,
                          .wanted_currency = page.wanted_currency,
                          .number_like = page.number_like,
                          .wanted_entity_id = page.wanted_entity_id,
                      },
                      &total, &found));
    ASSERT(found);
    listing->total = total.total;
    return ERR_NONE;
}

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct invoice_listing *listing = arg;
    struct invoice_row *rows = NULL;
    struct uuid customer_id;
    bool found = false;
    *listing = (struct invoice_listing){.filter = listing->filter};
    TRY(invoice_filter_customer(tx, listing->filter->external_customer_id, UUID_NIL, &customer_id,
                                &found));
    if (!found)
        return ERR_NONE;
    TRY(page_rows(ctx, tx, customer_id, listing, &rows));
    listing->views = ARENA_ARRAY(ctx->arena, listing->count, struct invoice_view);
    for (size_t i = 0; i < listing->count; i++) {
        struct invoice_view *view = &listing->views[i];
        /* Neighbours are often of one customer. */
        if (i > 0 && uuid_eq(rows[i].customer_id, rows[i - 1].customer_id)) {
            *view = (struct invoice_view){.row = rows[i], .customer = view[-1].customer};
            TRY(load_rest(ctx, tx, false, view));
        } else {
            TRY(invoice_view_load(ctx, tx, &rows[i], false, view));
        }
    }
    return ERR_NONE;
}

enum err invoice_list(struct ctx *ctx, const struct invoice_filter *filter,
                      struct invoice_view **views, size_t *count, int64_t *total)
{
    struct invoice_listing listing = {.filter = filter};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *views = listing.views;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}

/* ---- fees ------------------------------------------------------------------------------------ */

struct fee_getting {
    struct uuid id;
    struct fee_view *view;
};

static enum err load_fee_view(struct tx *tx, const struct fee_row *row, struct fee_view *view,
                              struct invoice_row *invoice)
{
    struct customer_row customer;
    bool found = false;
    TRY(customer_load(tx, &(struct customer_load_in){.id = row->customer_id}, &customer, &found));
    ASSERT(found);
    TRY(invoice_load(
        tx, &(struct invoice_load_in){.customer_id = row->customer_id, .id = row->invoice_id},
        invoice, &found));
    ASSERT(found);
    return fee_view_load(tx, row, &customer, invoice, view);
}

enum err fee_view_find(struct ctx *ctx, struct tx *tx, struct uuid id, struct fee_view *view,
                       struct invoice_row *invoice)
{
    struct fee_row row;
    bool found = false;
    TRY(fee_load(tx, &(struct fee_load_in){.id = id}, &row, &found));
    if (!found)
        return fail_not_found(ctx, "fee", uuid_text(ctx->arena, id));
    TRY(load_fee_view(tx, &row, view, invoice));
    if (!invoice->is_holder && (invoice->skipped || str_eq(invoice->status, STR("complete"))))
        return fail_not_found(ctx, "fee", uuid_text(ctx->arena, id));
    return ERR_NONE;
}

static enum err get_fee(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct fee_getting *getting = arg;
    struct invoice_row invoice;
    return fee_view_find(ctx, tx, getting->id, getting->view, &invoice);
}

enum err fee_get(struct ctx *ctx, struct uuid id, struct fee_view *view)
{
    return tx_run(ctx, TX_READ, get_fee, &(struct fee_getting){.id = id, .view = view});
}

struct fee_listing {
    const struct fee_filter *filter;
    struct fee_view *views;
    size_t count;
    int64_t total;
};

/* Nil without a code; *found: false where there is none of that code. */
static enum err wanted_metric(struct tx *tx, struct str code, struct uuid *id, bool *found)
{
    struct billable_metric_row metric = {.id = UUID_NIL};
    *found = true;
    if (!str_is_null(code))
        TRY(billable_metric_by_code(tx, &(struct billable_metric_by_code_in){.code = code}, &metric,
                                    found));
    *id = metric.id;
    return ERR_NONE;
}

static enum err page_fees(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                          struct uuid metric_id, struct fee_listing *listing, struct fee_row **rows)
{
    const struct fee_filter *filter = listing->filter;
    bool any_payment =
        !filter->pending && !filter->succeeded && !filter->failed && !filter->refunded;
    struct fee_count_in in = {
        .wanted_customer_id = customer_id,
        .wanted_subscription = filter->external_subscription_id,
        .wanted_metric_id = metric_id,
        .wanted_currency = filter->currency,
        .with_subscription = filter->subscription,
        .with_charge = filter->charge,
        .with_resale = filter->resale,
        .with_fixed = filter->fixed_charge,
        .with_pending = any_payment || filter->pending,
        .with_succeeded = any_payment || filter->succeeded,
        .with_failed = any_payment || filter->failed,
        .with_refunded = any_payment || filter->refunded,
        .wanted_transaction = filter->event_transaction_id,
        .created_from = filter->created_from_at,
        .created_to = filter->created_to_at,
    };
    struct fee_count_row total;
    struct fee_row before;
    bool found = true;
    if (!uuid_is_nil(filter->after_id))
        TRY(fee_load(tx, &(struct fee_load_in){.id = filter->after_id}, &before, &found));
    if (!found)
        return fail_cursor(ctx, filter->after_id);
    bool is_whole = uuid_is_nil(filter->after_id);
    TRY(fee_page(tx,
                 &(struct fee_page_in){
                     .wanted_customer_id = in.wanted_customer_id,
                     .wanted_subscription = in.wanted_subscription,
                     .wanted_metric_id = in.wanted_metric_id,
                     .wanted_currency = in.wanted_currency,
                     .with_subscription = in.with_subscription,
                     .with_charge = in.with_charge,
                     .with_resale = in.with_resale,
                     .with_fixed = in.with_fixed,
                     .with_pending = in.with_pending,
                     .with_succeeded = in.with_succeeded,
                     .with_failed = in.with_failed,
                     .with_refunded = in.with_refunded,
                     .wanted_transaction = in.wanted_transaction,
                     .created_from = in.created_from,
                     .created_to = in.created_to,
                     .before_at = is_whole ? INT64_MAX : before.created_at,
                     .before_id = filter->after_id,
                     .limit = filter->limit,
                     .offset = filter->offset,
                 },
                 rows, &listing->count));
    listing->total = LIST_UNCOUNTED;
    if (!is_whole)
        return ERR_NONE;
    TRY(fee_count(tx, &in, &total, &found));
    ASSERT(found);
    listing->total = total.total;
    return ERR_NONE;
}

static enum err list_fees(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct fee_listing *listing = arg;
    struct fee_row *rows = NULL;
    struct uuid customer_id;
    struct uuid metric_id;
    bool has_customer = false;
    bool has_metric = false;
    *listing = (struct fee_listing){.filter = listing->filter};
    TRY(invoice_filter_customer(tx, listing->filter->external_customer_id, UUID_NIL, &customer_id,
                                &has_customer));
    TRY(wanted_metric(tx, listing->filter->metric_code, &metric_id, &has_metric));
    if (!has_customer || !has_metric)
        return ERR_NONE;
    TRY(page_fees(ctx, tx, customer_id, metric_id, listing, &rows));
    listing->views = ARENA_ARRAY(ctx->arena, listing->count, struct fee_view);
    for (size_t i = 0; i < listing->count; i++) {
        struct invoice_row invoice;
        TRY(load_fee_view(tx, &rows[i], &listing->views[i], &invoice));
    }
    return ERR_NONE;
}

enum err fee_list(struct ctx *ctx, const struct fee_filter *filter, struct fee_view **views,
                  size_t *count, int64_t *total)
{
    struct fee_listing listing = {.filter = filter};
    TRY(tx_run(ctx, TX_READ, list_fees, &listing));
    *views = listing.views;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}
