#include "app/activity.h"

#include "base/assert.h"
#include "base/json_members.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/audit.h"
#include "store/sql/customer.h"
#include "store/sql/invoice.h"

#define FOLD_US TIME_HOUR /* what is no older than the newest by this belongs to it */

// clang-format off
static const struct known {
    const char *action;
    enum activity_kind kind;
    const char *one, *many;
} known[] = {
    {"customer.create",            ACTIVITY_CUSTOMER,     "Customer {} was added",                  "{} customers were added"},
    {"customer.update",            ACTIVITY_CUSTOMER,     "Customer {} was changed",                "{} customers were changed"},
    {"customer.taxes",             ACTIVITY_CUSTOMER,     "Taxes of customer {} were set",          "Taxes of {} customers were set"},
    {"customer.delete",            ACTIVITY_CUSTOMER,     "Customer {} was deleted",                "{} customers were deleted"},
    {"subscription.create",        ACTIVITY_SUBSCRIPTION, "Subscription {} was made",               "{} subscriptions were made"},
    {"subscription.start",         ACTIVITY_SUBSCRIPTION, "Subscription {} started",                "{} subscriptions started"},
    {"subscription.update",        ACTIVITY_SUBSCRIPTION, "Subscription {} was changed",            "{} subscriptions were changed"},
    {"subscription.terminate",     ACTIVITY_SUBSCRIPTION, "Subscription {} ended",                  "{} subscriptions ended"},
    {"subscription.cancel",        ACTIVITY_SUBSCRIPTION, "Subscription {} was canceled",           "{} subscriptions were canceled"},
    {"invoice.draft",              ACTIVITY_INVOICE,      "Draft invoice {} was made",              "{} draft invoices were made"},
    {"invoice.complete",           ACTIVITY_INVOICE,      "Invoice {} was completed",               "{} invoices were completed"},
    {"invoice.skip",               ACTIVITY_INVOICE,      "Invoice {} of 0 was left out",           "{} invoices of 0 were left out"},
    {"invoice.finalize",           ACTIVITY_INVOICE,      "Invoice {} was finalized",               "{} invoices were finalized"},
    {"invoice.refresh",            ACTIVITY_INVOICE,      "Draft invoice {} was computed again",    "{} draft invoices were computed again"},
    {"invoice.reschedule",         ACTIVITY_INVOICE,      "Draft invoice {} got another day",       "{} draft invoices got another day"},
    {"invoice.overdue",            ACTIVITY_INVOICE,      "Invoice {} is overdue",                  "{} invoices are overdue"},
    {"invoice.void",               ACTIVITY_INVOICE,      "Invoice {} was voided",                  "{} invoices were voided"},
    {"invoice.payment_status",     ACTIVITY_INVOICE,      "Payment status of invoice {} was set",   "Payment status of {} invoices was set"},
    {"invoice.gather",             ACTIVITY_INVOICE,      "Paid fees came onto an invoice",         "Paid fees came onto {} invoices"},
    {"fee.create",                 ACTIVITY_CUSTOMER,     "A fee was made that is not invoiced",    "{} fees were made that are not invoiced"},
    {"fee.payment_status",         ACTIVITY_CUSTOMER,     "Payment status of a fee was set",        "Payment status of {} fees was set"},
    {"payment.create",             ACTIVITY_PAYMENT,      "Payment of invoice {} was recorded",     "{} payments were recorded"},
    {"payment.begin",              ACTIVITY_PAYMENT,      "Paying invoice {} was begun",            "Paying was begun {} times"},
    {"payment.update",             ACTIVITY_PAYMENT,      "The gateway told of a payment of invoice {}", "The gateway told of payments {} times"},
    {"payment.succeed",            ACTIVITY_PAYMENT,      "Invoice {} was paid",                    "{} payments succeeded"},
    {"payment.fail",               ACTIVITY_PAYMENT,      "Paying invoice {} failed",               "{} payments failed"},
    {"payment_exception.resolve",  ACTIVITY_PAYMENT,      "A payment problem was resolved",         "{} payment problems were resolved"},
    {"mail.resend",                ACTIVITY_CUSTOMER,     "A mail to {} was sent again",            "{} mails were sent again"},
    {"portal_link.create",         ACTIVITY_CUSTOMER,     "A link to the portal was made for {}",   "{} links to the portal were made"},
    {"portal.sign_in",             ACTIVITY_SYSTEM,       "{} signed in to the portal",             "{} times somebody signed in to the portal"},
    {"portal.sign_out",            ACTIVITY_SYSTEM,       "{} signed out of the portal",            "{} times somebody signed out of the portal"},
    {"user.create",                ACTIVITY_SYSTEM,       "User {} was added",                      "{} users were added"},
    {"user.update",                ACTIVITY_SYSTEM,       "User {} was changed",                    "{} users were changed"},
    {"user.disable",               ACTIVITY_SYSTEM,       "User {} was disabled",                   "{} users were disabled"},
    {"user.enable",                ACTIVITY_SYSTEM,       "User {} was enabled again",              "{} users were enabled again"},
    {"user.password",              ACTIVITY_SYSTEM,       "A password was changed",                 "{} passwords were changed"},
    {"user.sign_in",               ACTIVITY_SYSTEM,       "A user signed in",                       "Users signed in {} times"},
    {"user.sign_out",              ACTIVITY_SYSTEM,       "A user signed out",                      "Users signed out {} times"},
    {"user.sign_out_all",          ACTIVITY_SYSTEM,       "A user was signed out everywhere",       "Users were signed out everywhere {} times"},
    {"late_usage.dismiss",         ACTIVITY_EVENT,        "Late usage was dismissed",               "Late usage was dismissed {} times"},
    {"unmatched_event.dismiss",    ACTIVITY_EVENT,        "Unmatched event {} was dismissed",       "{} unmatched events were dismissed"},
    {"unmatched_event.dismiss_all", ACTIVITY_EVENT,       "Unmatched events of {} were dismissed",  "Unmatched events were dismissed {} times"},
    {"event.ingest_file.begin",    ACTIVITY_EVENT,        "A file of events was begun",             "{} files of events were begun"},
    {"event.ingest_file",          ACTIVITY_EVENT,        "A file of events was read",              "{} files of events were read"},
    {"cost_import.create",         ACTIVITY_COST,         "Vendor cost file {} was imported",       "{} vendor cost files were imported"},
    {"vendor_account.assign",      ACTIVITY_COST,         "Vendor account {} was assigned",         "{} vendor accounts were assigned"},
    {"resale_rule.create",         ACTIVITY_COST,         "Resale rule {} was made",                "{} resale rules were made"},
    {"plan.create",                ACTIVITY_CATALOG,      "Plan {} was made",                       "{} plans were made"},
    {"plan.update",                ACTIVITY_CATALOG,      "Plan {} was changed",                    "{} plans were changed"},
    {"plan.copy",                  ACTIVITY_CATALOG,      "Plan {} was copied for a subscription",  "{} plans were copied for subscriptions"},
    {"plan.delete",                ACTIVITY_CATALOG,      "Plan {} was deleted",                    "{} plans were deleted"},
    {"plan.close",                 ACTIVITY_CATALOG,      "Subscriptions of plan {} were ended",    "Subscriptions of {} plans were ended"},
    {"tax.create",                 ACTIVITY_CATALOG,      "Tax {} was made",                        "{} taxes were made"},
    {"tax.update",                 ACTIVITY_CATALOG,      "Tax {} was changed",                     "{} taxes were changed"},
    {"tax.delete",                 ACTIVITY_CATALOG,      "Tax {} was deleted",                     "{} taxes were deleted"},
    {"billable_metric.create",     ACTIVITY_CATALOG,      "Billable metric {} was made",            "{} billable metrics were made"},
    {"billable_metric.update",     ACTIVITY_CATALOG,      "Billable metric {} was changed",         "{} billable metrics were changed"},
    {"billable_metric.delete",     ACTIVITY_CATALOG,      "Billable metric {} was deleted",         "{} billable metrics were deleted"},
    {"billing_entity.create",      ACTIVITY_SYSTEM,       "Billing entity {} was made",             "{} billing entities were made"},
    {"billing_entity.update",      ACTIVITY_SYSTEM,       "Billing entity {} was changed",          "{} billing entities were changed"},
    {"billing_entity.taxes",       ACTIVITY_SYSTEM,       "Taxes of billing entity {} were set",    "Taxes of {} billing entities were set"},
    {"billing_entity.archive",     ACTIVITY_SYSTEM,       "Billing entity {} was archived",         "{} billing entities were archived"},
    {"organization.create",        ACTIVITY_SYSTEM,       "The organization was set up",            "The organization was set up"},
    {"api_key.create",             ACTIVITY_SYSTEM,       "API key {} was made",                    "{} API keys were made"},
    {"api_key.update",             ACTIVITY_SYSTEM,       "API key {} was changed",                 "{} API keys were changed"},
    {"api_key.rotate",             ACTIVITY_SYSTEM,       "API key {} was rotated",                 "{} API keys were rotated"},
    {"api_key.revoke",             ACTIVITY_SYSTEM,       "API key {} was revoked",                 "{} API keys were revoked"},
    {"subscription.units",        ACTIVITY_SUBSCRIPTION, "Units of subscription {} were changed", "Units of {} subscriptions were changed"},
    {"subscription.entitlements", ACTIVITY_SUBSCRIPTION, "Features of subscription {} were set", "Features of {} subscriptions were set"},
    {"subscription.lifetime_usage", ACTIVITY_SUBSCRIPTION, "Usage from before of subscription {} was set", "Usage from before of {} subscriptions was set"},
    {"plan.bill_units",           ACTIVITY_CATALOG,      "Changed units of plan {} were billed", "Changed units of {} plans were billed"},
    {"plan.entitlements",         ACTIVITY_CATALOG,      "Features of plan {} were set", "Features of {} plans were set"},
    {"add_on.create",             ACTIVITY_CATALOG,      "Add-on {} was made", "{} add-ons were made"},
    {"add_on.update",             ACTIVITY_CATALOG,      "Add-on {} was changed", "{} add-ons were changed"},
    {"add_on.delete",             ACTIVITY_CATALOG,      "Add-on {} was deleted", "{} add-ons were deleted"},
    {"feature.create",            ACTIVITY_CATALOG,      "Feature {} was made", "{} features were made"},
    {"feature.update",            ACTIVITY_CATALOG,      "Feature {} was changed", "{} features were changed"},
    {"feature.delete",            ACTIVITY_CATALOG,      "Feature {} was deleted", "{} features were deleted"},
    {"billing_entity.logo",       ACTIVITY_SYSTEM,       "Logo of billing entity {} was set", "Logos of {} billing entities were set"},
    {"webhook_endpoint.create",   ACTIVITY_SYSTEM,       "Webhook endpoint {} was added", "{} webhook endpoints were added"},
    {"webhook_endpoint.update",   ACTIVITY_SYSTEM,       "Webhook endpoint {} was changed", "{} webhook endpoints were changed"},
    {"webhook_endpoint.rotate",   ACTIVITY_SYSTEM,       "Webhook endpoint {} got a new secret", "{} webhook endpoints got new secrets"},
    {"webhook_endpoint.disable",  ACTIVITY_SYSTEM,       "Webhook endpoint {} was disabled", "{} webhook endpoints were disabled"},
    {"webhook_endpoint.delete",   ACTIVITY_SYSTEM,       "Webhook endpoint {} was deleted", "{} webhook endpoints were deleted"},
    {"webhook_endpoint.test",     ACTIVITY_SYSTEM,       "A test message was sent to webhook endpoint {}", "{} test messages were sent to webhook endpoints"},
    {"webhook.resend",            ACTIVITY_SYSTEM,       "Webhook {} was sent again", "{} webhooks were sent again"},
    {"test_clock.set",             ACTIVITY_SYSTEM,       "The test clock was set",                 "The test clock was set {} times"},
};
// clang-format on

static const struct known *find_known(struct str action)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_eq(action, str_of(known[i].action)))
            return &known[i];
    }
    return NULL;
}

/* What is read of an entry's objects: the first ones name the object.  A payment's amount is its
 * amount_minor; entries of older versions say amount_cents. */
// clang-format off
static const char *const member_names[] = {
    "number", "external_id", "code", "file_name", "sub_account_id", "external_subscription_id",
    "name", "transaction_id",
    "invoice_id", "amount_minor", "amount_cents", "currency", NULL};
// clang-format on
enum { MEMBER_INVOICE_ID = 8, MEMBER_AMOUNT, MEMBER_OLD_AMOUNT, MEMBER_CURRENCY, MEMBER_COUNT };
_Static_assert(sizeof member_names / sizeof *member_names == MEMBER_COUNT + 1, "one for each");

/* STR_NULL where there is none. */
struct members {
    struct str before[MEMBER_COUNT], after[MEMBER_COUNT];
};

static void read_side(struct arena *arena, struct str json, struct str *values)
{
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        values[i] = STR_NULL;
    if (str_is_null(json) || json_members(arena, json, member_names, values))
        return;
    for (size_t i = 0; i < MEMBER_COUNT; i++) /* not an object */
        values[i] = STR_NULL;
}

static struct str member(const struct members *members, size_t index)
{
    return str_is_null(members->after[index]) ? members->before[index] : members->after[index];
}

static struct str name_of(const struct members *members)
{
    for (size_t i = 0; i < MEMBER_INVOICE_ID; i++) {
        if (!str_is_null(member(members, i)))
            return member(members, i);
    }
    return STR_NULL;
}

struct reading {
    struct ctx *ctx;
    struct tx *tx;
};

/* The customer whose chain it is. */
static enum err read_customer(struct reading *r, struct uuid chain_id, struct activity *item)
{
    struct customer_row customer;
    bool found = false;
    if (uuid_eq(chain_id, r->ctx->app->organization_id))
        return ERR_NONE;
    TRY(customer_load(r->tx, &(struct customer_load_in){.id = chain_id}, &customer, &found));
    if (!found)
        return ERR_NONE;
    item->customer_id = chain_id;
    item->customer_name = str_is_null(customer.name) ? customer.external_id : customer.name;
    return ERR_NONE;
}

/* The invoice that an entry is about, and what it is called today. */
static enum err read_invoice(struct reading *r, const struct audit_entry_row *entry,
                             const struct members *members, struct activity *item)
{
    struct invoice_row invoice;
    struct uuid id = entry->object_id;
    bool found = false;
    if (item->kind != ACTIVITY_INVOICE && !uuid_parse(member(members, MEMBER_INVOICE_ID), &id))
        return ERR_NONE;
    TRY(invoice_load(r->tx, &(struct invoice_load_in){.customer_id = entry->chain_id, .id = id},
                     &invoice, &found));
    if (!found || invoice.skipped || str_eq(invoice.status, STR("complete")))
        return ERR_NONE;
    item->invoice_id = id;
    /* One without a number is told by the beginning of its id. */
    item->label = str_is_null(invoice.number)
                      ? arena_fmt(r->ctx->arena, "%.*s…",
                                  STR_ARG(str_slice(uuid_text(r->ctx->arena, id), 0, 8)))
                      : invoice.number;
    if (item->kind == ACTIVITY_INVOICE) {
        item->amount_minor = invoice.total_amount_minor;
        item->currency = invoice.currency;
    }
    return ERR_NONE;
}

static void read_amount(const struct members *members, struct activity *item)
{
    struct str amount = members->after[MEMBER_AMOUNT];
    if (str_is_null(amount))
        amount = members->after[MEMBER_OLD_AMOUNT];
    if (item->kind != ACTIVITY_PAYMENT || str_is_null(amount))
        return;
    item->currency = members->after[MEMBER_CURRENCY];
    if (str_is_null(item->currency) || !str_to_int64(amount, &item->amount_minor))
        item->amount_minor = INT_NONE;
}

static enum err put_in_words(struct reading *r, const struct audit_entry_row *entry,
                             struct activity *item)
{
    struct arena *arena = r->ctx->arena;
    const struct known *k = find_known(entry->action);
    struct members members;
    read_side(arena, entry->before, members.before);
    read_side(arena, entry->after, members.after);
    *item = (struct activity){
        .at = entry->created_at,
        .kind = k == NULL ? ACTIVITY_SYSTEM : k->kind,
        .action = entry->action,
        .actor = entry->actor,
        .origin = entry->origin,
        .words = k == NULL ? STR("{}") : str_of(k->one),
        .label = k == NULL ? entry->action : name_of(&members),
        .count = 1,
        .object_id = entry->object_id,
        .amount_minor = INT_NONE,
        .before = entry->before,
        .after = entry->after,
    };
    TRY(read_customer(r, entry->chain_id, item));
    read_amount(&members, item);
    if (item->kind == ACTIVITY_INVOICE || item->kind == ACTIVITY_PAYMENT)
        TRY(read_invoice(r, entry, &members, item));
    bool is_of_customer =
        item->kind == ACTIVITY_CUSTOMER || str_starts(item->action, STR("portal."));
    if (is_of_customer && !str_is_null(item->customer_name))
        item->label = item->customer_name;
    if (str_is_null(item->label))
        item->label = uuid_text(arena, entry->object_id);
    return ERR_NONE;
}

bool activity_has_words(struct str action)
{
    return find_known(action) != NULL;
}

static bool is_business(struct str action)
{
    const struct known *k = find_known(action);
    return k != NULL && k->kind != ACTIVITY_SYSTEM;
}

struct listing {
    const struct activity_query *query;
    struct activity *items;
    size_t count;
};

/* The item that an older entry belongs to; NULL: none.  What happened at one time is in no order,
 * so it need not be the last one. */
static struct activity *find_item(const struct listing *listing,
                                  const struct audit_entry_row *entry)
{
    for (size_t i = 0; i < listing->count; i++) {
        struct activity *item = &listing->items[i];
        if (find_known(entry->action) != NULL && str_eq(item->action, entry->action) &&
            str_eq(item->actor, entry->actor) && item->at - entry->created_at <= FOLD_US)
            return item;
    }
    return NULL;
}

static void fold(struct arena *arena, const struct audit_entry_row *entry, struct activity *item)
{
    item->count++;
    item->words = str_of(find_known(item->action)->many);
    item->label = arena_fmt(arena, "%lld", (long long)item->count);
    item->invoice_id = UUID_NIL;
    item->amount_minor = INT_NONE;
    item->before = STR_NULL;
    item->after = STR_NULL;
    if (!uuid_eq(item->customer_id, entry->chain_id)) {
        item->customer_id = UUID_NIL;
        item->customer_name = STR_NULL;
    }
}

static enum err read_entries(struct tx *tx, const struct activity_query *query,
                             struct audit_entry_row **rows, size_t *count)
{
    int64_t limit = query->folds || query->is_business ? ACTIVITY_READ_MAX : (int64_t)query->limit;
    ASSERT(uuid_is_nil(query->object_id) || uuid_is_nil(query->customer_id));
    if (!uuid_is_nil(query->object_id))
        return audit_of_object(
            tx, &(struct audit_of_object_in){.object_id = query->object_id, .limit = limit}, rows,
            count);
    if (!uuid_is_nil(query->customer_id))
        return audit_of_chain(
            tx, &(struct audit_of_chain_in){.chain_id = query->customer_id, .limit = limit}, rows,
            count);
    return audit_page(tx,
                      &(struct audit_page_in){.created_from = TIME_NONE,
                                              .created_to = TIME_NONE,
                                              .before_at = INT64_MAX,
                                              .limit = limit},
                      rows, count);
}

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *listing = arg;
    const struct activity_query *query = listing->query;
    struct reading r = {ctx, tx};
    struct audit_entry_row *rows = NULL;
    size_t row_count = 0;
    TRY(read_entries(tx, query, &rows, &row_count));
    listing->items = ARENA_ARRAY(ctx->arena, query->limit, struct activity);
    listing->count = 0;
    for (size_t i = 0; i < row_count; i++) {
        if (query->is_business && !is_business(rows[i].action))
            continue;
        struct activity *item = query->folds ? find_item(listing, &rows[i]) : NULL;
        if (item != NULL)
            fold(ctx->arena, &rows[i], item);
        else if (listing->count < query->limit)
            TRY(put_in_words(&r, &rows[i], &listing->items[listing->count++]));
    }
    return ERR_NONE;
}

enum err activity_list(struct ctx *ctx, const struct activity_query *query, struct activity **items,
                       size_t *count)
{
    struct listing listing = {.query = query};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *items = listing.items;
    *count = listing.count;
    return ERR_NONE;
}
