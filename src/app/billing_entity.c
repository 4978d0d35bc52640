#include "app/billing_entity.h"

#include "app/audit.h"
#include "app/billing.h"
#include "app/billing_entity_logo.h"
#include "app/customer_terms.h"
#include "app/document_terms.h"
#include "app/tax.h"
#include "app/usage.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "base/zone.h"
#include "core/country.h"
#include "core/currency.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/invoice.h"

struct entity_saving {
    const struct billing_entity_input *input;
    struct billing_entity_view *view;
};

static bool sent(const struct billing_entity_input *input, enum billing_entity_field field)
{
    return (input->sent & (uint64_t)field) != 0;
}

static void check_fields(struct ctx *ctx, struct billing_entity_row *row)
{
    const struct zone *zone = NULL;
    if (currency_find(row->default_currency) == NULL)
        fault_field(ctx->fault, STR("default_currency"), "value_is_invalid", row->default_currency,
                    "an ISO 4217 code such as EUR");
    if (!str_is_null(row->country) && !country_is_known(row->country))
        fault_field(ctx->fault, STR("country"), "value_is_invalid", row->country,
                    "an ISO 3166-1 code of two capital letters such as DE");
    if (zone_find(row->timezone, &zone) != ERR_NONE)
        fault_field(ctx->fault, STR("timezone"), "value_is_invalid", row->timezone,
                    "an IANA time zone such as Europe/Berlin");
    if (str_is_null(row->document_number_prefix) || row->document_number_prefix.len == 0 ||
        row->document_number_prefix.len > 10)
        fault_field(ctx->fault, STR("document_number_prefix"), "value_is_invalid",
                    row->document_number_prefix, "1 to 10 characters");
    document_locale_check(ctx, row->document_locale);
    bank_details_check(ctx, row);
}

static void apply(const struct billing_entity_input *input, struct billing_entity_row *row)
{
#define TAKE(bit, member)   \
    if (sent(input, (bit))) \
    row->member = input->member
    TAKE(ENTITY_NAME, name);
    TAKE(ENTITY_LEGAL_NAME, legal_name);
    TAKE(ENTITY_EMAIL, email);
    TAKE(ENTITY_COUNTRY, country);
    TAKE(ENTITY_TIMEZONE, timezone);
    TAKE(ENTITY_DEFAULT_CURRENCY, default_currency);
    TAKE(ENTITY_DOCUMENT_NUMBERING, document_numbering);
    TAKE(ENTITY_DOCUMENT_NUMBER_PREFIX, document_number_prefix);
    TAKE(ENTITY_GRACE_DAYS, grace_days);
    TAKE(ENTITY_PAYMENT_TERM_DAYS, payment_term_days);
    TAKE(ENTITY_FINALIZE_ZERO_AMOUNT, finalize_zero_amount);
    TAKE(ENTITY_DOCUMENT_LOCALE, document_locale);
    TAKE(ENTITY_IBAN, iban);
    TAKE(ENTITY_BIC, bic);
    TAKE(ENTITY_BANK_NAME, bank_name);
    TAKE(ENTITY_ACCOUNT_HOLDER, account_holder);
    TAKE(ENTITY_ADDRESS_LINE1, address_line1);
    TAKE(ENTITY_ADDRESS_LINE2, address_line2);
    TAKE(ENTITY_CITY, city);
    TAKE(ENTITY_STATE, state);
    TAKE(ENTITY_ZIPCODE, zipcode);
    TAKE(ENTITY_LEGAL_NUMBER, legal_number);
    TAKE(ENTITY_TAX_IDENTIFICATION_NUMBER, tax_identification_number);
#undef TAKE
    if (row->payment_term_days == INT_NONE)
        row->payment_term_days = 0;
    if (str_is_null(row->name))
        row->name = row->code;
}

static enum err save_taxes(struct ctx *ctx, struct tx *tx, const struct billing_entity_input *input,
                           struct uuid entity_id)
{
    struct tax_row *taxes = ARENA_ARRAY(ctx->arena, input->tax_code_count, struct tax_row);
    TRY(billing_entity_tax_clear(
        tx, &(struct billing_entity_tax_clear_in){.billing_entity_id = entity_id}, NULL));
    TRY(taxes_find(ctx, tx, STR(""), input->tax_codes, input->tax_code_count, taxes));
    TRY(fault_check(ctx->fault));
    for (size_t i = 0; i < input->tax_code_count; i++)
        TRY(billing_entity_tax_insert(
            tx, &(struct billing_entity_tax_row){.billing_entity_id = entity_id,
                                                 .tax_id = taxes[i].id}));
    return ERR_NONE;
}

static enum err load_view(struct ctx *ctx, struct tx *tx, const struct billing_entity_row *row,
                          struct billing_entity_view *view)
{
    view->row = *row;
    TRY(billing_entity_logo_path(ctx->arena, tx, row->id, &view->logo_path));
    return billing_entity_tax_list(
        tx, &(struct billing_entity_tax_list_in){.billing_entity_id = row->id}, &view->taxes,
        &view->tax_count);
}

static enum err create(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct entity_saving *saving = arg;
    const struct billing_entity_input *input = saving->input;
    struct billing_entity_row row = {
        .id = ctx_new_id(ctx),
        .code = input->code,
        .name = input->code,
        .timezone = STR("UTC"),
        .default_currency = STR("EUR"),
        .document_numbering = STR("per_customer"),
        .document_number_prefix = STR("BIL"),
        .finalize_zero_amount = true,
        .created_at = ctx_now(ctx),
        .updated_at = ctx_now(ctx),
        .archived_at = TIME_NONE,
    };
    struct billing_entity_row taken;
    bool found = false;
    apply(input, &row);
    check_fields(ctx, &row);
    TRY(billing_entity_by_code(tx, &(struct billing_entity_by_code_in){.code = input->code}, &taken,
                               &found));
    if (found)
        fault_field(ctx->fault, STR("code"), "value_already_exist", input->code,
                    "a code that no billing entity has yet");
    TRY(fault_check(ctx->fault));
    TRY(billing_entity_insert(tx, &row));
    TRY(save_taxes(ctx, tx, input, row.id));
    TRY(audit_add(ctx, tx,
                  &(struct audit){
                      .chain_id = ctx->app->organization_id,
                      .action = "billing_entity.create",
                      .object_id = row.id,
                      .after = billing_entity_row_json(ctx->arena, &row),
                  }));
    return load_view(ctx, tx, &row, saving->view);
}

enum err billing_entity_create(struct ctx *ctx, const struct billing_entity_input *input,
                               struct billing_entity_view *view)
{
    struct entity_saving saving = {.input = input, .view = view};
    return tx_run(ctx, TX_WRITE, create, &saving);
}

static enum err find(struct ctx *ctx, struct tx *tx, struct str code,
                     struct billing_entity_row *row)
{
    bool found = false;
    TRY(billing_entity_by_code(tx, &(struct billing_entity_by_code_in){.code = code}, row, &found));
    if (!found)
        return fail_not_found(ctx, "billing_entity", code);
    return ERR_NONE;
}

/* Wrong in this state of the entity. */
static enum err not_allowed(struct ctx *ctx, const struct billing_entity_row *row, const char *what,
                            const char *wanted)
{
    fault_field(ctx->fault, STR("code"), "billing_entity_in_use", row->code, "%s", wanted);
    return fail(ctx, ERR_NOT_ALLOWED, "billing entity %.*s is %s", STR_ARG(row->code), what);
}

static enum err tell_customer(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                              bool is_zone_changed)
{
    if (is_zone_changed && str_is_null(customer->timezone)) {
        struct customer_terms terms;
        TRY(customer_terms_load(ctx, tx, customer, &terms));
        TRY(usage_rebuild(ctx, tx, customer->id, terms.zone));
    }
    return billing_terms_changed(ctx, tx, customer->id);
}

/* Terms that customers inherit reach their drafts, totals and due times. */
static enum err tell_customers(struct ctx *ctx, struct tx *tx, struct uuid entity_id,
                               bool is_zone_changed)
{
    struct customer_row *customers = NULL;
    size_t count = 0;
    TRY(customer_of_entity_list(
        tx, &(struct customer_of_entity_list_in){.billing_entity_id = entity_id}, &customers,
        &count));
    for (size_t i = 0; i < count; i++)
        TRY(tell_customer(ctx, tx, &customers[i], is_zone_changed));
    return ERR_NONE;
}

/* Changed taxes have an entry of their own in the audit; drafts follow at the next run. */
static enum err change_taxes(struct ctx *ctx, struct tx *tx,
                             const struct billing_entity_input *input, struct uuid entity_id)
{
    struct billing_entity_tax_list_in in = {.billing_entity_id = entity_id};
    struct tax_row *old = NULL;
    struct tax_row *now = NULL;
    size_t old_count = 0;
    size_t now_count = 0;
    TRY(billing_entity_tax_list(tx, &in, &old, &old_count));
    TRY(save_taxes(ctx, tx, input, entity_id));
    TRY(billing_entity_tax_list(tx, &in, &now, &now_count));
    struct str before = tax_codes_json(ctx->arena, old, old_count);
    struct str after = tax_codes_json(ctx->arena, now, now_count);
    if (str_eq(before, after))
        return ERR_NONE;
    TRY(invoice_stale_by_entity(tx,
                                &(struct invoice_stale_by_entity_in){
                                    .stale_at = ctx_now(ctx), .billing_entity_id = entity_id},
                                NULL));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = "billing_entity.taxes",
                         .object_id = entity_id,
                         .before = before,
                         .after = after,
                     });
}

static enum err change_logo(struct ctx *ctx, struct tx *tx,
                            const struct billing_entity_input *input, struct uuid entity_id)
{
    bool changed = false;
    TRY(billing_entity_logo_save(ctx, tx, entity_id, input->logo_type, input->logo, &changed));
    return !changed && input->logo_must_exist ? fail_not_found(ctx, "logo", input->code) : ERR_NONE;
}

static enum err change(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct entity_saving *saving = arg;
    const struct billing_entity_input *input = saving->input;
    struct billing_entity_row row;
    TRY(find(ctx, tx, input->code, &row));
    struct billing_entity_row old = row;
    if (row.archived_at != TIME_NONE)
        return not_allowed(ctx, &row, "archived", "an entity that is not archived");
    apply(input, &row);
    check_fields(ctx, &row);
    TRY(fault_check(ctx->fault));
    row.updated_at = ctx_now(ctx);
    TRY(billing_entity_update(tx,
                              &(struct billing_entity_update_in){
                                  .name = row.name,
                                  .legal_name = row.legal_name,
                                  .email = row.email,
                                  .country = row.country,
                                  .timezone = row.timezone,
                                  .default_currency = row.default_currency,
                                  .document_numbering = row.document_numbering,
                                  .document_number_prefix = row.document_number_prefix,
                                  .grace_days = row.grace_days,
                                  .payment_term_days = row.payment_term_days,
                                  .finalize_zero_amount = row.finalize_zero_amount,
                                  .document_locale = row.document_locale,
                                  .iban = row.iban,
                                  .bic = row.bic,
                                  .bank_name = row.bank_name,
                                  .account_holder = row.account_holder,
                                  .address_line1 = row.address_line1,
                                  .address_line2 = row.address_line2,
                                  .city = row.city,
                                  .state = row.state,
                                  .zipcode = row.zipcode,
                                  .legal_number = row.legal_number,
                                  .tax_identification_number = row.tax_identification_number,
                                  .updated_at = row.updated_at,
                                  .id = row.id,
                              },
                              NULL));
    if (sent(input, ENTITY_TAX_CODES))
        TRY(change_taxes(ctx, tx, input, row.id));
    if (sent(input, ENTITY_LOGO))
        TRY(change_logo(ctx, tx, input, row.id));
    bool is_zone_changed = !str_eq(old.timezone, row.timezone);
    if (is_zone_changed || old.grace_days != row.grace_days ||
        old.payment_term_days != row.payment_term_days)
        TRY(tell_customers(ctx, tx, row.id, is_zone_changed));
    TRY(audit_add(ctx, tx,
                  &(struct audit){
                      .chain_id = ctx->app->organization_id,
                      .action = "billing_entity.update",
                      .object_id = row.id,
                      .before = billing_entity_row_json(ctx->arena, &old),
                      .after = billing_entity_row_json(ctx->arena, &row),
                  }));
    return load_view(ctx, tx, &row, saving->view);
}

enum err billing_entity_change(struct ctx *ctx, const struct billing_entity_input *input,
                               struct billing_entity_view *view)
{
    struct entity_saving saving = {.input = input, .view = view};
    if (sent(input, ENTITY_LOGO) && !str_is_null(input->logo)) {
        billing_entity_logo_check(ctx, input->logo_type, input->logo);
        TRY(fault_check(ctx->fault));
    }
    return tx_run(ctx, TX_WRITE, change, &saving);
}

static enum err archive(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct entity_saving *archiving = arg;
    struct billing_entity_row row;
    struct customer_row *customers = NULL;
    struct invoice_unsettled_count_row unsettled;
    size_t customer_count = 0;
    bool found = false;
    TRY(find(ctx, tx, archiving->input->code, &row));
    if (row.archived_at != TIME_NONE)
        return load_view(ctx, tx, &row, archiving->view);
    if (str_eq(row.code, STR("default")))
        return not_allowed(ctx, &row, "the default one", "another entity");
    TRY(customer_of_entity_list(tx,
                                &(struct customer_of_entity_list_in){.billing_entity_id = row.id},
                                &customers, &customer_count));
    if (customer_count > 0)
        return not_allowed(ctx, &row, "the seller of customers",
                           "an entity without customers: move them first");
    TRY(invoice_unsettled_count(
        tx, &(struct invoice_unsettled_count_in){.billing_entity_id = row.id}, &unsettled, &found));
    if (unsettled.total > 0)
        return not_allowed(ctx, &row, "the seller of drafts",
                           "an entity whose invoices are all final");
    struct billing_entity_row old = row;
    row.archived_at = row.updated_at = ctx_now(ctx);
    TRY(billing_entity_set_archived(
        tx,
        &(struct billing_entity_set_archived_in){
            .archived_at = row.archived_at, .updated_at = row.updated_at, .id = row.id},
        NULL));
    TRY(audit_add(ctx, tx,
                  &(struct audit){
                      .chain_id = ctx->app->organization_id,
                      .action = "billing_entity.archive",
                      .object_id = row.id,
                      .before = billing_entity_row_json(ctx->arena, &old),
                      .after = billing_entity_row_json(ctx->arena, &row),
                  }));
    return load_view(ctx, tx, &row, archiving->view);
}

enum err billing_entity_archive(struct ctx *ctx, struct str code, struct billing_entity_view *view)
{
    struct billing_entity_input input = {.code = code};
    struct entity_saving archiving = {.input = &input, .view = view};
    return tx_run(ctx, TX_WRITE, archive, &archiving);
}

struct entity_getting {
    struct str code;
    struct billing_entity_view *view;
};

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct entity_getting *getting = arg;
    struct billing_entity_row row;
    TRY(find(ctx, tx, getting->code, &row));
    return load_view(ctx, tx, &row, getting->view);
}

enum err billing_entity_get(struct ctx *ctx, struct str code, struct billing_entity_view *view)
{
    struct entity_getting getting = {.code = code, .view = view};
    return tx_run(ctx, TX_READ, get, &getting);
}

struct entity_listing {
    struct billing_entity_view *views;
    size_t count;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct entity_listing *listing = arg;
    struct billing_entity_row *rows = NULL;
    size_t count = 0;
    TRY(billing_entity_list(tx, &rows, &count));
    listing->count = 0;
    listing->views = ARENA_ARRAY(ctx->arena, count, struct billing_entity_view);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].archived_at == TIME_NONE)
            TRY(load_view(ctx, tx, &rows[i], &listing->views[listing->count++]));
    }
    return ERR_NONE;
}

enum err billing_entity_list_all(struct ctx *ctx, struct billing_entity_view **views, size_t *count)
{
    struct entity_listing listing = {0};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *views = listing.views;
    *count = listing.count;
    return ERR_NONE;
}
