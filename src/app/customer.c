#include "app/customer.h"

#include "app/audit.h"
#include "app/billing.h"
#include "app/document_terms.h"
#include "app/invoice_refresh.h"
#include "app/tax.h"
#include "app/usage.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "core/country.h"
#include "core/currency.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/instance.h"
#include "store/sql/invoice.h"
#include "store/sql/subscription.h"

struct customer_saving {
    const struct customer_input *input;
    struct customer_view *view;
};

static bool sent(const struct customer_input *input, enum customer_field field)
{
    return (input->sent & (uint64_t)field) != 0;
}

/* What can be told without the database. */
static void check_fields(struct ctx *ctx, const struct customer_input *input)
{
    const struct zone *zone = NULL;
    if (!str_is_null(input->currency) && currency_find(input->currency) == NULL)
        fault_field(ctx->fault, STR("currency"), "value_is_invalid", input->currency,
                    "an ISO 4217 code such as EUR");
    if (!str_is_null(input->country) && !country_is_known(input->country))
        fault_field(ctx->fault, STR("country"), "value_is_invalid", input->country,
                    "an ISO 3166-1 code of two capital letters such as DE");
    if (!str_is_null(input->timezone) && zone_find(input->timezone, &zone) != ERR_NONE)
        fault_field(ctx->fault, STR("timezone"), "value_is_invalid", input->timezone,
                    "an IANA time zone such as Europe/Berlin");
    document_locale_check(ctx, input->document_locale);
    if (!str_is_null(input->email) && str_find(input->email, '@') <= 0)
        fault_field(ctx->fault, STR("email"), "invalid_email_format", input->email,
                    "an address such as billing@example.com");
}

/* Copies what was sent into the row; what was not sent stays. */
static void apply(const struct customer_input *input, struct customer_row *row)
{
#define TAKE(bit, member)   \
    if (sent(input, (bit))) \
    row->member = input->member
    TAKE(CUSTOMER_NAME, name);
    TAKE(CUSTOMER_LEGAL_NAME, legal_name);
    TAKE(CUSTOMER_EMAIL, email);
    TAKE(CUSTOMER_COUNTRY, country);
    TAKE(CUSTOMER_ADDRESS_LINE1, address_line1);
    TAKE(CUSTOMER_ADDRESS_LINE2, address_line2);
    TAKE(CUSTOMER_CITY, city);
    TAKE(CUSTOMER_STATE, state);
    TAKE(CUSTOMER_ZIPCODE, zipcode);
    TAKE(CUSTOMER_TAX_IDENTIFICATION_NUMBER, tax_identification_number);
    TAKE(CUSTOMER_CURRENCY, currency);
    TAKE(CUSTOMER_TIMEZONE, timezone);
    TAKE(CUSTOMER_GRACE_DAYS, grace_days);
    TAKE(CUSTOMER_PAYMENT_TERM_DAYS, payment_term_days);
    TAKE(CUSTOMER_METADATA, metadata);
    TAKE(CUSTOMER_DOCUMENT_LOCALE, document_locale);
#undef TAKE
    if (sent(input, CUSTOMER_ZERO_AMOUNT_POLICY) && !str_is_null(input->zero_amount_policy))
        row->zero_amount_policy = input->zero_amount_policy;
    if (sent(input, CUSTOMER_ACCOUNT_TYPE) && !str_is_null(input->account_type))
        row->account_type = input->account_type;
}

static enum err choose_entity(struct ctx *ctx, struct tx *tx, const struct customer_input *input,
                              struct customer_row *row)
{
    if (!sent(input, CUSTOMER_BILLING_ENTITY_CODE) && !uuid_is_nil(row->billing_entity_id))
        return ERR_NONE;
    struct str code =
        str_is_null(input->billing_entity_code) ? STR("default") : input->billing_entity_code;
    struct billing_entity_row entity;
    bool found = false;
    TRY(billing_entity_by_code(tx, &(struct billing_entity_by_code_in){.code = code}, &entity,
                               &found));
    if (!found)
        fault_field(ctx->fault, STR("billing_entity_code"), "billing_entity_not_found", code,
                    "the code of a billing entity");
    else if (entity.archived_at != TIME_NONE && !uuid_eq(row->billing_entity_id, entity.id))
        fault_field(ctx->fault, STR("billing_entity_code"), "billing_entity_archived", code,
                    "the code of a billing entity that is not archived");
    else
        row->billing_entity_id = entity.id;
    return ERR_NONE;
}

static enum err save_taxes(struct ctx *ctx, struct tx *tx, const struct customer_input *input,
                           struct uuid customer_id)
{
    struct tax_row *taxes = ARENA_ARRAY(ctx->arena, input->tax_code_count, struct tax_row);
    TRY(customer_tax_clear(tx, &(struct customer_tax_clear_in){.customer_id = customer_id}, NULL));
    TRY(taxes_find(ctx, tx, STR(""), input->tax_codes, input->tax_code_count, taxes));
    TRY(fault_check(ctx->fault));
    for (size_t i = 0; i < input->tax_code_count; i++)
        TRY(customer_tax_insert(
            tx, &(struct customer_tax_row){.customer_id = customer_id, .tax_id = taxes[i].id}));
    return ERR_NONE;
}

/* Changed taxes have an entry of their own in the audit, and reach the drafts. */
static enum err change_taxes(struct ctx *ctx, struct tx *tx, const struct customer_input *input,
                             const struct customer_row *row)
{
    struct tax_row *old = NULL;
    struct tax_row *now = NULL;
    size_t old_count = 0;
    size_t now_count = 0;
    struct customer_tax_list_in in = {.customer_id = row->id};
    TRY(customer_tax_list(tx, &in, &old, &old_count));
    TRY(save_taxes(ctx, tx, input, row->id));
    TRY(fault_check(ctx->fault));
    TRY(customer_tax_list(tx, &in, &now, &now_count));
    struct str before = tax_codes_json(ctx->arena, old, old_count);
    struct str after = tax_codes_json(ctx->arena, now, now_count);
    if (str_eq(before, after))
        return ERR_NONE;
    TRY(invoice_refresh_drafts(ctx, tx, row));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = row->id,
                         .action = "customer.taxes",
                         .object_id = row->id,
                         .before = before,
                         .after = after,
                     });
}

static enum err insert_new(struct ctx *ctx, struct tx *tx, const struct customer_input *input,
                           struct customer_row *row)
{
    struct number_next_row number;
    bool found = false;
    *row = (struct customer_row){
        .id = ctx_new_id(ctx),
        .external_id = input->external_id,
        .account_type = STR("customer"),
        .grace_days = INT_NONE,
        .payment_term_days = INT_NONE,
        .zero_amount_policy = STR("inherit"),
        .created_at = ctx_now(ctx),
        .updated_at = ctx_now(ctx),
        .deleted_at = TIME_NONE,
    };
    apply(input, row);
    TRY(choose_entity(ctx, tx, input, row));
    TRY(fault_check(ctx->fault));
    TRY(number_next(
        tx,
        &(struct number_next_in){.scope_id = ctx->app->organization_id, .series = STR("customer")},
        &number, &found));
    row->customer_number = number.last_number;
    TRY(customer_insert(tx, row));
    TRY(customer_key_insert(
        tx, &(struct customer_key_row){.external_id = input->external_id, .customer_id = row->id}));
    return ERR_NONE;
}

/* What a customer with a subscription or an invoice can no longer change. */
static void check_fixed(struct ctx *ctx, const struct customer_row *old,
                        const struct customer_row *row)
{
    if (!str_is_null(old->currency) && !str_eq(old->currency, row->currency))
        fault_field(ctx->fault, STR("currency"), "currencies_does_not_match", row->currency,
                    "%.*s: the customer is billed in it already", STR_ARG(old->currency));
    if (!str_eq(old->account_type, row->account_type))
        fault_field(ctx->fault, STR("account_type"), "customer_attached_to_subscription",
                    row->account_type, "%.*s: the customer has a subscription or an invoice",
                    STR_ARG(old->account_type));
}

static enum err change(struct ctx *ctx, struct tx *tx, const struct customer_input *input,
                       struct customer_row *row)
{
    struct customer_row old = *row;
    struct customer_terms before;
    struct customer_terms after;
    struct subscription_row *subscriptions = NULL;
    struct invoice_any_row billed;
    bool is_billed = false;
    size_t subscription_count = 0;
    TRY(customer_terms_load(ctx, tx, &old, &before));
    apply(input, row);
    TRY(choose_entity(ctx, tx, input, row));
    TRY(subscription_of_customer_list(
        tx, &(struct subscription_of_customer_list_in){.customer_id = row->id}, &subscriptions,
        &subscription_count));
    TRY(invoice_any(tx, &(struct invoice_any_in){.customer_id = row->id}, &billed, &is_billed));
    if (subscription_count > 0 || is_billed) {
        if (input->keeps_account_type)
            row->account_type = old.account_type;
        check_fixed(ctx, &old, row);
    }
    TRY(fault_check(ctx->fault));
    row->updated_at = ctx_now(ctx);
    TRY(customer_update(tx,
                        &(struct customer_update_in){
                            .billing_entity_id = row->billing_entity_id,
                            .account_type = row->account_type,
                            .name = row->name,
                            .legal_name = row->legal_name,
                            .email = row->email,
                            .country = row->country,
                            .address_line1 = row->address_line1,
                            .address_line2 = row->address_line2,
                            .city = row->city,
                            .state = row->state,
                            .zipcode = row->zipcode,
                            .tax_identification_number = row->tax_identification_number,
                            .currency = row->currency,
                            .timezone = row->timezone,
                            .grace_days = row->grace_days,
                            .payment_term_days = row->payment_term_days,
                            .zero_amount_policy = row->zero_amount_policy,
                            .metadata = row->metadata,
                            .document_locale = row->document_locale,
                            .updated_at = row->updated_at,
                            .id = row->id,
                        },
                        NULL));
    TRY(customer_terms_load(ctx, tx, row, &after));
    if (before.zone != after.zone)
        TRY(usage_rebuild(ctx, tx, row->id, after.zone));
    if (before.zone != after.zone || before.grace_days != after.grace_days ||
        before.payment_term_days != after.payment_term_days)
        TRY(billing_terms_changed(ctx, tx, row->id));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = row->id,
                         .action = "customer.update",
                         .object_id = row->id,
                         .before = customer_row_json(ctx->arena, &old),
                         .after = customer_row_json(ctx->arena, row),
                     });
}

static enum err save(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct customer_saving *saving = arg;
    const struct customer_input *input = saving->input;
    struct customer_id_by_external_row key;
    struct customer_row row;
    bool found = false;
    check_fields(ctx, input);
    TRY(customer_id_by_external(
        tx, &(struct customer_id_by_external_in){.external_id = input->external_id}, &key, &found));
    if (found) {
        TRY(customer_lock(tx, &(struct customer_lock_in){.id = key.customer_id}, &row, &found));
        ASSERT(found);
        TRY(change(ctx, tx, input, &row));
    } else {
        TRY(insert_new(ctx, tx, input, &row));
        TRY(audit_add(ctx, tx,
                      &(struct audit){
                          .chain_id = row.id,
                          .action = "customer.create",
                          .object_id = row.id,
                          .after = customer_row_json(ctx->arena, &row),
                      }));
    }
    if (sent(input, CUSTOMER_TAX_CODES))
        TRY(change_taxes(ctx, tx, input, &row));
    return customer_view_load(ctx, tx, &row, saving->view);
}

enum err customer_save(struct ctx *ctx, const struct customer_input *input,
                       struct customer_view *view)
{
    ASSERT(!str_is_null(input->external_id));
    struct customer_saving saving = {.input = input, .view = view};
    return tx_run(ctx, TX_WRITE, save, &saving);
}

enum err customer_find(struct ctx *ctx, struct tx *tx, struct str external_id, bool lock,
                       struct customer_row *row)
{
    struct customer_id_by_external_row key;
    bool found = false;
    TRY(customer_id_by_external(
        tx, &(struct customer_id_by_external_in){.external_id = external_id}, &key, &found));
    if (found && lock)
        TRY(customer_lock(tx, &(struct customer_lock_in){.id = key.customer_id}, row, &found));
    else if (found)
        TRY(customer_load(tx, &(struct customer_load_in){.id = key.customer_id}, row, &found));
    if (!found)
        return fail_not_found(ctx, "customer", external_id);
    return ERR_NONE;
}

enum err customer_view_load(struct ctx *ctx, struct tx *tx, const struct customer_row *row,
                            struct customer_view *view)
{
    view->row = *row;
    TRY(customer_terms_load(ctx, tx, row, &view->terms));
    return customer_tax_list(tx, &(struct customer_tax_list_in){.customer_id = row->id},
                             &view->taxes, &view->tax_count);
}

struct customer_getting {
    struct str external_id;
    struct customer_view *view;
};

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct customer_getting *getting = arg;
    struct customer_row row;
    TRY(customer_find(ctx, tx, getting->external_id, false, &row));
    return customer_view_load(ctx, tx, &row, getting->view);
}

enum err customer_get(struct ctx *ctx, struct str external_id, struct customer_view *view)
{
    struct customer_getting getting = {.external_id = external_id, .view = view};
    return tx_run(ctx, TX_READ, get, &getting);
}

struct customer_listing {
    const struct customer_filter *filter;
    struct customer_view *views;
    size_t count;
    int64_t total;
};

static enum err wanted(struct ctx *ctx, struct tx *tx, const struct customer_filter *filter,
                       struct customer_page_in *in)
{
    struct customer_row before;
    struct billing_entity_row entity;
    bool found = true;
    *in = (struct customer_page_in){
        .search_like = list_like(ctx->arena, filter->search),
        .wanted_currency = filter->currency,
        .before_at = INT64_MAX,
        .before_id = filter->after_id,
        .limit = filter->limit,
        .offset = filter->offset,
    };
    if (!uuid_is_nil(filter->after_id)) {
        TRY(customer_load(tx, &(struct customer_load_in){.id = filter->after_id}, &before, &found));
        if (!found)
            return fail_cursor(ctx, filter->after_id);
        in->before_at = before.created_at;
    }
    if (str_is_null(filter->billing_entity_code))
        return ERR_NONE;
    TRY(billing_entity_by_code(
        tx, &(struct billing_entity_by_code_in){.code = filter->billing_entity_code}, &entity,
        &found));
    if (!found)
        return fail_not_found(ctx, "billing_entity", filter->billing_entity_code);
    in->wanted_entity_id = entity.id;
    return ERR_NONE;
}

static enum err count(struct tx *tx, const struct customer_page_in *in, int64_t *total)
{
    struct customer_count_row counted;
    bool found = false;
    TRY(customer_count(tx,
                       &(struct customer_count_in){.search_like = in->search_like,
                                                   .wanted_currency = in->wanted_currency,
                                                   .wanted_entity_id = in->wanted_entity_id},
                       &counted, &found));
    *total = counted.total;
    return ERR_NONE;
}

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct customer_listing *listing = arg;
    struct customer_page_in in;
    struct customer_row *rows = NULL;
    TRY(wanted(ctx, tx, listing->filter, &in));
    listing->total = LIST_UNCOUNTED;
    if (uuid_is_nil(listing->filter->after_id))
        TRY(count(tx, &in, &listing->total));
    TRY(customer_page(tx, &in, &rows, &listing->count));
    listing->views = ARENA_ARRAY(ctx->arena, listing->count, struct customer_view);
    for (size_t i = 0; i < listing->count; i++)
        TRY(customer_view_load(ctx, tx, &rows[i], &listing->views[i]));
    return ERR_NONE;
}

enum err customer_list(struct ctx *ctx, const struct customer_filter *filter,
                       struct customer_view **views, size_t *count, int64_t *total)
{
    struct customer_listing listing = {.filter = filter};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *views = listing.views;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}
