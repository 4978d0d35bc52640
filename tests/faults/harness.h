/* harness.h - every use case with the store failing at call 1, 2, 3 … of it.
 *
 * A case is one call of a use case on a world that holds something of everything (below):
 *
 *   FAULT_READ(tax_list) { …; w->answer = total; return tax_list(&w->ctx, …); }
 *   FAULT_WRITE(tax_create, AGAIN_REFUSED) { … return tax_create(&w->ctx, …); }
 *   FAULT_STEPS(billing_run) { … }
 *
 * FAULT_READ changes nothing; FAULT_LONG_READ neither, and is not tried again by itself.
 * FAULT_WRITE is one transaction: after a failure the database is as before, byte for byte.
 * FAULT_STEPS commits several times: after a failure, calling it again ends in the same content as
 * without failure; FAULT_STEPS_LEFT may answer ERR_NONE and leave what failed to the next call, in
 * another order: its audit trail is not compared.  FAULT_LONG_STEPS is such a one, not tried again
 * by itself. All that write also run with ERR_BUSY at each call (tried again, so the content is
 * that of one call) and with commits that took effect but are reported as failed. */
#ifndef TESTS_FAULTS_HARNESS_H
#define TESTS_FAULTS_HARNESS_H

#include "tests/app/world.h"

#include "app/api_key.h"
#include "app/billing_entity_logo.h"
#include "app/cost_import.h"
#include "app/entitlement.h"
#include "app/event_read.h"
#include "app/feature.h"
#include "app/idempotency.h"
#include "app/lifetime_usage.h"
#include "app/mail_list.h"
#include "app/past_usage.h"
#include "app/payment_checkout.h"
#include "app/payment_settle.h"
#include "app/plan_change.h"
#include "app/plan_estimate.h"
#include "app/portal_link.h"
#include "app/projected_usage.h"
#include "app/resale_rule.h"
#include "app/session.h"
#include "app/test_clock.h"
#include "app/user.h"
#include "app/vendor_account.h"
#include "app/verify.h"
#include "app/webhook_endpoint.h"
#include "app/webhook_list.h"
#include "base/hash.h"
#include "store/copy.h"
#include "store/sql/webhook.h"
#include "tests/app/fake_gateway.h"
#include "tests/faults/content.h"

#include <sys/stat.h>

/* What a second call does after one whose commit took effect though it was reported as failed. */
enum again {
    AGAIN_SAME,    /* changes nothing more, but for its audit entry and counters */
    AGAIN_REFUSED, /* is refused: it exists, or is not in that state any more */
    AGAIN_TWICE,   /* does it twice: callers send an Idempotency-Key */
};

enum fault_kind {
    FAULT_KIND_READ,
    FAULT_KIND_LONG_READ,
    FAULT_KIND_WRITE,
    FAULT_KIND_STEPS,
    FAULT_KIND_STEPS_LEFT,
    FAULT_KIND_LONG_STEPS,
};

struct faulted {
    struct world world; /* first: helpers of world.h take it */
    struct ctx ctx;     /* the world's */
    struct arena arena; /* the call's own, reset before each */
    struct fault fault;
    int64_t answer; /* set by the case: what a read found, to be the same whatever failed before */
    char url[1100];
    struct uuid draft_id;                                  /* beta's invoice */
    struct uuid final_id, fee_id, payment_id, customer_id; /* acme's */
    struct uuid mail_id;                                   /* acme's newest */
    struct uuid endpoint_id, webhook_id; /* told of every change; a message to it */
    struct uuid key_id, unmatched_id;    /* key `test`, event `u1` */
};

struct fault_case {
    const char *name;
    enum fault_kind kind;
    enum again again;
    enum err (*call)(struct faulted *w);
    struct fault_case *next;
};

static struct fault_case *fault_case_first;
static struct fault_case **fault_case_tail = &fault_case_first;

static void fault_prove(const struct fault_case *c);

/* Each case is a test of its own: `faults_test tax_list` runs it alone. */
#define FAULT_CASE_(id, kind_, again_)                                                      \
    static enum err fault_##id(struct faulted *w);                                          \
    static struct fault_case fault_case_##id = {                                            \
        .name = #id, .kind = (kind_), .again = (again_), .call = fault_##id, .next = NULL}; \
    __attribute__((constructor)) static void fault_register_##id(void)                      \
    {                                                                                       \
        *fault_case_tail = &fault_case_##id;                                                \
        fault_case_tail = &fault_case_##id.next;                                            \
    }                                                                                       \
    TEST(faults_of_##id)                                                                    \
    {                                                                                       \
        fault_prove(&fault_case_##id);                                                      \
    }                                                                                       \
    static enum err fault_##id(struct faulted *w)
#define FAULT_LONG_READ(id)         FAULT_CASE_(id, FAULT_KIND_LONG_READ, AGAIN_SAME)
#define FAULT_READ(id)              FAULT_CASE_(id, FAULT_KIND_READ, AGAIN_SAME)
#define FAULT_WRITE(id, again)      FAULT_CASE_(id, FAULT_KIND_WRITE, again)
#define FAULT_STEPS(id)             FAULT_CASE_(id, FAULT_KIND_STEPS, AGAIN_SAME)
#define FAULT_STEPS_LEFT(id)        FAULT_CASE_(id, FAULT_KIND_STEPS_LEFT, AGAIN_SAME)
#define FAULT_LONG_STEPS(id, again) FAULT_CASE_(id, FAULT_KIND_LONG_STEPS, again)

/* ---- the world ------------------------------------------------------------------------------- */

/* Customers `acme` (an invoice finalized and overdue), `beta` (a draft in its grace period) and
 * `alpha` (vendor cost billed); subscriptions `acme-1`, `beta-1`, `gone-1` (ended), `own-1`
 * (waits); plan `p` with a charge on `calls`, with a filter; metrics `calls`, `gb`; tax `vat`;
 * resale rule `default`; events `t1`, `t2` … of both, `u1` of a subscription `later-1` that is not
 * known yet; entity `spare` without customers; answers kept: `k0`, too old, and `k1`; mails that
 * wait for acme; a webhook endpoint that wants to know of everything.  The clock stands on 2 March
 * 2024: February is due to be billed. */
static struct idempotency once_of(struct uuid key_id, const char *key)
{
    return (struct idempotency){.api_key_id = key_id,
                                .key = str_of(key),
                                .fingerprint = STR("0123456789abcdef0123456789abcdef")};
}

static enum err keep_answer(struct ctx *ctx, void *arg)
{
    struct api_caller caller;
    struct kept_answer kept;
    bool found = false;
    TRY(api_key_check(ctx, STR("test"), &caller));
    struct idempotency once = once_of(caller.key_id, arg);
    TRY(idempotency_claim(ctx, &once, &kept, &found));
    return idempotency_fill(ctx, &once, &(struct kept_answer){.status = 200, .body = STR("{}")});
}

/* What the world keeps only the hashes of. */
static struct {
    char session[65], portal[65], link[65];
    struct uuid anna_id, gone_id, session_id, portal_id;
} faulted_tokens;

static void keep_token(char kept[65], struct str token)
{
    REQUIRE(token.len == 64);
    memcpy(kept, token.ptr, 64);
}

static void make_user(struct world *w, const char *email, const char *password, struct uuid *id)
{
    struct app_user_row row;
    MUST(w, user_add(&w->ctx,
                     &(struct user_input){.email = str_of(email),
                                          .name = STR("Anna"),
                                          .role = STR_NULL,
                                          .language = STR_NULL,
                                          .password = str_of(password)},
                     &row));
    *id = row.id;
}

static void open_link(struct world *w, const char *customer, char link[65])
{
    struct str url;
    MUST(w, portal_link_make(&w->ctx, str_of(customer), &url));
    keep_token(link, str_slice(url, url.len - 64, url.len));
}

/* Waits, on a copy of plan `p`. */
static void subscribe_own(struct world *w)
{
    const struct plan_override override = {
        .change = {.sent = PLAN_AMOUNT, .input = {.amount_minor = 900}},
        .path = STR("plan_overrides"),
    };
    struct subscription_view view;
    MUST(w, subscription_create(&w->ctx,
                                &(struct subscription_input){
                                    .external_customer_id = STR("alpha"),
                                    .external_id = STR("own-1"),
                                    .plan_code = STR("p"),
                                    .subscription_at = instant("2025-01-01T00:00:00Z"),
                                    .ending_at = TIME_NONE,
                                    .override = &override,
                                },
                                &view));
}

/* Units that hold at once, not billed yet. */
static void raise_units(struct world *w)
{
    struct plan_view view;
    const struct fixed_charge_input fixed[] = {{.code = STR("licence"),
                                                .units = decimal_lit("4"),
                                                .units_at_once = true,
                                                .sent = FIXED_UNITS}};
    MUST(w, plan_change(
                &w->ctx,
                &(struct plan_change){.code = STR("ahead"),
                                      .sent = PLAN_FIXED_CHARGES,
                                      .input = {.fixed_charges = fixed, .fixed_charge_count = 1},
                                      .effective_at = TIME_NONE},
                &view));
}

/* Users with a session; a link; a session of the portal. */
static void fill_sessions(struct world *w)
{
    const struct session_place place = {STR("192.0.2.1"), STR("test")};
    struct attempts *attempts = attempts_new();
    struct app_user_row row;
    struct session_user user;
    struct portal_visitor visitor;
    struct str token;
    char link[65] = "";
    int64_t wait_s = 0;
    make_user(w, "anna@example.com", "annas password", &faulted_tokens.anna_id);
    make_user(w, "gone@example.com", "gones password", &faulted_tokens.gone_id);
    MUST(w, user_disable(&w->ctx, faulted_tokens.gone_id, &row));
    MUST(w, session_sign_in(&w->ctx,
                            &(struct session_sign_in){.email = STR("anna@example.com"),
                                                      .password = STR("annas password"),
                                                      .place = place,
                                                      .attempts = attempts,
                                                      .now_us = 1},
                            &wait_s, &token));
    w->ctx.actor = STR("key:test");
    keep_token(faulted_tokens.session, token);
    MUST(w, session_check(&w->ctx, token, &place, &user));
    faulted_tokens.session_id = user.session_id;
    open_link(w, "acme", faulted_tokens.link);
    open_link(w, "acme", link);
    MUST(w, portal_link_open(&w->ctx, str_of(link), &place, &token));
    keep_token(faulted_tokens.portal, token);
    MUST(w, portal_session_check(&w->ctx, token, &place, &visitor));
    faulted_tokens.portal_id = visitor.session_id;
    attempts_free(attempts);
}

static struct uuid faulted_checkout_id; /* acme's payment whose page is open */

/* An open page for acme's invoice; more than was asked for came for alpha's. */
static void fill_payments(struct world *w)
{
    struct payment_checkout checkout;
    struct payment_view view;
    fake_install(w->ctx.app);
    fake.status = GATEWAY_OPEN;
    MUST(w, payment_checkout_start(
                &w->ctx,
                &(struct payment_checkout_input){.invoice_id = invoice_at(w, "alpha", 0).row.id},
                &checkout));
    fake.status = GATEWAY_SUCCEEDED;
    fake.more_minor = 5;
    MUST(w, payment_refresh(&w->ctx, checkout.payment_id, &view));
    fake.status = GATEWAY_OPEN;
    fake.more_minor = 0;
    MUST(w, payment_checkout_start(
                &w->ctx,
                &(struct payment_checkout_input){.invoice_id = invoice_at(w, "acme", 0).row.id},
                &checkout));
    faulted_checkout_id = checkout.payment_id;
}

static void fill_filters(struct world *w)
{
    static const struct str clouds[] = {{"aws", 3}, {"gcp", 3}};
    struct metric_filter_input filters[] = {{STR("cloud"), clouds, 2}};
    struct billable_metric_row row;
    MUST(w,
         billable_metric_change(&w->ctx, STR("calls"),
                                &(struct billable_metric_input){
                                    .filters = filters, .filter_count = 1, .sent = METRIC_FILTERS},
                                &row));
}

/* Plan `p` grants `seats`, of which acme-1 has more, and `sso`. */
static void fill_entitlements(struct world *w)
{
    const struct privilege_input privileges[] = {
        {.code = STR("max"), .value_type = STR("integer")},
        {.code = STR("root"), .value_type = STR("boolean")}};
    struct feature_view feature;
    struct entitlements all;
    MUST(w,
         feature_create(&w->ctx,
                        &(struct feature_input){
                            .code = STR("seats"), .privileges = privileges, .privilege_count = 2},
                        &feature));
    MUST(w, feature_create(&w->ctx, &(struct feature_input){.code = STR("sso")}, &feature));
    MUST(w, plan_entitlements_set(&w->ctx, STR("p"),
                                  STR("{\"seats\":{\"max\":5,\"root\":true},\"sso\":{}}"), true,
                                  &all));
    MUST(w, subscription_entitlements_set(&w->ctx, STR("acme-1"), STR_NULL,
                                          STR("{\"seats\":{\"max\":9}}"), &all));
}

/* Customer delta has delta-1, whose events are billed when they come, on no invoice. */
static void fill_advance(struct world *w)
{
    const struct charge_input charges[] = {{.metric_code = STR("traffic"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\":\"2\"}"),
                                            .pay_in_advance = true,
                                            .regroup_paid_fees = STR("invoice"),
                                            .sent = CHARGE_INVOICEABLE},
                                           {.metric_code = STR("traffic"),
                                            .code = STR("invoiced"),
                                            .charge_model = STR("percentage"),
                                            .properties = STR("{\"rate\":\"10\"}"),
                                            .pay_in_advance = true},
                                           {.metric_code = STR_NULL}};
    make_metric(w, "traffic", "sum_agg", "size");
    make_plan(w, (struct plan_input){.code = STR("events")}, charges);
    make_customer(w, "delta", "UTC");
    subscribe(w, "delta", "delta-1", "events", "calendar");
}

/* The fee of its first event is paid, and waits for the end of the period. */
static void pay_alone(struct world *w)
{
    struct fee_view *views = NULL;
    struct fee_view view;
    size_t count = 0;
    int64_t total = 0;
    MUST(w, fee_list(&w->ctx,
                     &(struct fee_filter){.external_customer_id = STR("delta"),
                                          .created_from_at = TIME_NONE,
                                          .created_to_at = TIME_NONE,
                                          .limit = 10},
                     &views, &count, &total));
    for (size_t i = 0; i < count; i++) {
        if (views[i].is_alone)
            MUST(w, fee_set_payment_status(&w->ctx, views[i].row.id, STR("succeeded"), &view));
    }
}

static enum err insert_webhook(struct ctx *ctx, struct tx *tx, void *arg)
{
    (void)ctx;
    return webhook_insert(tx, arg);
}

/* Told of every change from now on; a message to it that ended long ago. */
static void fill_webhooks(struct world *w)
{
    const struct webhook_endpoint_input input = {.url = STR("http://127.0.0.1:1/"),
                                                 .wire = WEBHOOK_ENDPOINT_WIRE_STANDARD};
    struct webhook_endpoint_row endpoint;
    struct webhook_row webhook;
    struct str secret;
    MUST(w, webhook_endpoint_create(&w->ctx, &input, &endpoint, &secret));
    MUST(w, webhook_endpoint_test(&w->ctx, endpoint.id, &webhook));
    webhook.id = ctx_new_id(&w->ctx);
    webhook.created_at = webhook.ended_at = instant("2024-01-15T00:00:00Z");
    webhook.webhook_status = STR("failed");
    MUST(w, tx_run(&w->ctx, TX_WRITE, insert_webhook, &webhook));
}

/* down-1 goes on with a cheaper plan on 1 March, and so does a call that came before; up-1 may go
 * on with a dearer one on the day after. */
static inline void fill_changes_of_plan(struct world *w)
{
    const struct charge_input charges[] = {{.metric_code = STR("calls"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\":\"0.1\"}")},
                                           {.metric_code = STR_NULL}};
    make_plan(w, (struct plan_input){.code = STR("small"), .amount_minor = 500}, charges);
    make_plan(w,
              (struct plan_input){.code = STR("big"), .amount_minor = 5000, .pay_in_advance = true},
              charges);
    make_customer(w, "down", "UTC");
    subscribe(w, "down", "down-1", "p", "calendar");
    subscribe(w, "down", "down-1", "small", "calendar");
    send_event(w, "down-1", "calls", "2024-03-01T10:00:00Z", "{}");
    make_customer(w, "up", "UTC");
    subscribe(w, "up", "up-1", "p", "calendar");
    send_event(w, "up-1", "calls", "2024-03-02T01:00:00Z", "{}");
    send_event(w, "up-1", "calls", "2024-03-02T23:00:00Z", "{}");
}

__attribute__((unused)) static void world_fill(struct world *w)
{
    struct charge_filter_input filters[] = {
        {.values = STR("{\"cloud\":[\"aws\",\"gcp\"]}"),
         .properties = STR("{\"amount\":\"0.5\","
                           "\"pricing_group_keys\":[\"cloud\"]}")}};
    const struct charge_input charges[] = {{.metric_code = STR("calls"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\":\"0.5\"}"),
                                            .filters = filters,
                                            .filter_count = 1},
                                           {.metric_code = STR_NULL}};
    struct vendor_account_row account;
    struct resale_rule_view rule;
    struct cost_import_result imported;
    struct billing_progress progress;
    struct event_result result;
    const char *root = getenv("BILLOW_SOURCE");
    MUST(w, test_clock_set(&w->ctx, instant("2024-01-01T00:00:00Z"), false, &progress));
    make_tax(w, "vat", "19", true);
    make_metric(w, "calls", "count_agg", NULL);
    make_metric(w, "gb", "sum_agg", "size");
    fill_filters(w);
    struct billing_entity_view entity;
    MUST(w, billing_entity_logo_set(&w->ctx, STR("default"), STR("image/svg+xml"),
                                    STR("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 2 2'>"
                                        "<circle cx='1' cy='1' r='1'/></svg>"),
                                    &entity));
    MUST(w, billing_entity_create(
                &w->ctx, &(struct billing_entity_input){.code = STR("spare"), .name = STR("Spare")},
                &entity));
    make_plan(w, (struct plan_input){.code = STR("p"), .amount_minor = 1000}, charges);
    make_add_on(w, "licence", NULL);
    make_add_on(w, "spare", NULL);
    const struct fixed_charge_input fixed[] = {{.add_on_code = STR("licence"),
                                                .charge_model = STR("standard"),
                                                .properties = STR("{\"amount\": \"1\"}"),
                                                .units = decimal_lit("3"),
                                                .pay_in_advance = true,
                                                .sent = FIXED_UNITS}};
    make_plan(w,
              (struct plan_input){.code = STR("ahead"),
                                  .amount_minor = 700,
                                  .pay_in_advance = true,
                                  .fixed_charges = fixed,
                                  .fixed_charge_count = 1},
              charges);
    make_customer(w, "acme", "UTC");
    make_customer(w, "beta", "America/New_York");
    make_customer(w, "alpha", "Europe/Berlin");
    struct customer_view acme;
    MUST(w, customer_save(&w->ctx,
                          &(struct customer_input){.sent = CUSTOMER_EMAIL,
                                                   .external_id = STR("acme"),
                                                   .email = STR("acme@example.com")},
                          &acme));
    set_grace(w, "beta", 40);
    fill_advance(w);
    subscribe(w, "acme", "acme-1", "p", "calendar");
    subscribe(w, "acme", "gone-1", "p", "calendar");
    subscribe(w, "beta", "beta-1", "p", "calendar");
    subscribe(w, "alpha", "ahead-1", "ahead", "calendar");
    fill_entitlements(w);
    subscribe_own(w);
    MUST(w, vendor_account_assign(&w->ctx,
                                  &(struct vendor_account_input){
                                      .external_customer_id = STR("alpha"),
                                      .provider_name = STR("Acme"),
                                      .sub_account_id = STR("a1"),
                                  },
                                  &account));
    MUST(w, resale_rule_create(&w->ctx,
                               &(struct resale_rule_input){
                                   .code = STR("default"),
                                   .name = STR("default"),
                                   .method = STR("markup"),
                                   .percent = decimal_lit("15"),
                                   .valid_from_at = TIME_NONE,
                               },
                               &rule));
    MUST(w, test_clock_set(&w->ctx, instant("2024-01-20T00:00:00Z"), false, &progress));
    for (int i = 0; i < 5; i++)
        send_event(w, i % 2 == 0 ? "acme-1" : "beta-1", "calls",
                   arena_fmt(&w->arena, "2024-01-%02dT12:00:00Z", 2 + i).ptr,
                   i < 2 ? "{\"cloud\":\"aws\"}" : "{}");
    send_event(w, "delta-1", "traffic", NULL, "{\"size\":7}");
    struct event_input unknown = {
        .transaction_id = STR("u1"),
        .external_subscription_id = STR("later-1"),
        .code = STR("calls"),
        .occurred_at = instant("2024-01-19T00:00:00Z"),
    };
    MUST(w, ingest_now(&w->ctx, &unknown, 1, false, &result));
    terminate(w, "gone-1");
    MUST(w, test_clock_set(&w->ctx, instant("2024-02-08T12:00:00Z"), false, &progress));
    MUST(w, cost_import(&w->ctx,
                        &(struct cost_import_options){
                            .path = arena_fmt(&w->arena, "%s/tests/data/cost/costs-a.csv",
                                              root == NULL ? "." : root)},
                        &imported));
    MUST(w, test_clock_set(&w->ctx, instant("2024-02-08T12:00:00Z"), true, &progress));
    pay_alone(w);
    send_event(w, "acme-1", "calls", "2024-02-03T00:00:00Z", "{}");
    send_event(w, "delta-1", "traffic", NULL, "{\"size\":3}");      /* not billed yet */
    send_event(w, "beta-1", "calls", "2024-01-31T00:00:00Z", "{}"); /* late: not in its draft yet */
    MUST(w, tx_run_joined(&w->ctx, TX_WRITE, keep_answer, "k0"));
    fill_changes_of_plan(w);
    fill_payments(w);
    struct payment_view payment;
    MUST(w, payment_create(&w->ctx,
                           &(struct payment_input){.invoice_id = invoice_at(w, "acme", 0).row.id,
                                                   .amount_minor = 1,
                                                   .reference = STR("r1"),
                                                   .paid_at = TIME_NONE},
                           &payment));
    MUST(w, test_clock_set(&w->ctx, instant("2024-03-02T06:00:00Z"), false, &progress));
    raise_units(w);
    MUST(w, tx_run_joined(&w->ctx, TX_WRITE, keep_answer, "k1"));
    fill_sessions(w);
}

struct template
{
    bool is_made;
    const char *server; /* NULL: SQLite */
    char folder[200];
    int clones;
};
static struct template template;

static void copy_file(const char *from, const char *to)
{
    static char bytes[1 << 16];
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    size_t got = 0;
    REQUIRE(in != NULL && out != NULL);
    while ((got = fread(bytes, 1, sizeof bytes, in)) > 0)
        REQUIRE(fwrite(bytes, 1, got, out) == got);
    fclose(in);
    REQUIRE(fclose(out) == 0);
}

static void template_url(char *url, size_t size, const char *name)
{
    if (template.server == NULL)
        snprintf(url, size, "sqlite:%s/%s.db", template.folder, name);
    else
        snprintf(url, size, "%s/faults_%s_%ld", template.server, name, (long)getpid());
}

static void template_clear(void)
{
    char path[300];
    if (!template.is_made)
        return;
    if (template.server != NULL) {
        server_do("postgres", "DROP DATABASE IF EXISTS faults_work_%ld WITH (FORCE)",
                  (long)getpid());
        server_do("postgres", "DROP DATABASE faults_template_%ld WITH (FORCE)", (long)getpid());
    }
    static const char *const files[] = {"template.db", "template.db-wal", "template.db-shm",
                                        "work.db",     "work.db-wal",     "work.db-shm"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", template.folder, files[i]);
        unlink(path);
    }
    rmdir(template.folder);
    template.is_made = false;
}

static void template_make(void)
{
    struct world w;
    char url[1100];
    template.server = test_server();
    test_folder(template.folder, sizeof template.folder);
    if (template.server != NULL)
        server_do("postgres", "CREATE DATABASE faults_template_%ld", (long)getpid());
    template_url(url, sizeof url, "template");
    world_open_at(&w, url);
    world_fill(&w);
    fill_webhooks(&w);
    world_close(&w);
    template.is_made = true;
    atexit(template_clear);
}

/* Another world with the same content, down to the ids. */
__attribute__((unused)) static void faulted_open(struct faulted *w)
{
    char from[300];
    char to[300];
    if (!template.is_made)
        template_make();
    *w = (struct faulted){0};
    template.clones++;
    if (template.server == NULL) {
        snprintf(to, sizeof to, "%s/work.db-wal", template.folder);
        unlink(to);
        snprintf(to, sizeof to, "%s/work.db-shm", template.folder);
        unlink(to);
        snprintf(from, sizeof from, "%s/template.db", template.folder);
        snprintf(to, sizeof to, "%s/work.db", template.folder);
        unlink(to); /* a test that failed may hold it open still */
        copy_file(from, to);
    } else {
        server_do("postgres", "DROP DATABASE IF EXISTS faults_work_%ld WITH (FORCE)",
                  (long)getpid());
        snprintf(from, sizeof from, "faults_template_%ld", (long)getpid());
        snprintf(to, sizeof to, "faults_work_%ld", (long)getpid());
        server_copy(from, to);
    }
    template_url(w->url, sizeof w->url, "work");
    world_open_at(&w->world, w->url);
    arena_init(&w->arena);
    fault_init(&w->fault, &w->arena);
    fake_install(w->world.ctx.app);
    w->ctx = w->world.ctx;
    w->ctx.arena = &w->arena;
    w->ctx.fault = &w->fault;
    struct invoice_view final = invoice_at(&w->world, "acme", 0);
    struct payment_view *payments = NULL;
    size_t count = 0;
    int64_t total = 0;
    REQUIRE(final.fee_count > 0);
    w->final_id = final.row.id;
    w->fee_id = final.fees[0].row.id;
    w->customer_id = final.customer.row.id;
    w->draft_id = invoice_at(&w->world, "beta", 0).row.id;
    MUST(&w->world,
         payment_list(&w->world.ctx,
                      &(struct payment_filter){
                          .paid_from_at = TIME_NONE, .paid_to_at = TIME_NONE, .limit = 1},
                      &payments, &count, &total));
    REQUIRE(count == 1);
    w->payment_id = payments[0].row.id;
    struct mail_view *mails = NULL;
    MUST(&w->world,
         mail_list(&w->world.ctx, &(struct mail_filter){.limit = 1}, &mails, &count, &total));
    REQUIRE(count == 1);
    w->mail_id = mails[0].row.id;
    struct webhook_view *webhooks = NULL;
    MUST(&w->world, webhook_list(&w->world.ctx, &(struct webhook_filter){.limit = 1}, &webhooks,
                                 &count, &total));
    REQUIRE(count == 1);
    w->webhook_id = webhooks[0].row.id;
    w->endpoint_id = webhooks[0].row.endpoint_id;
    struct api_caller caller;
    MUST(&w->world, api_key_check(&w->world.ctx, STR("test"), &caller));
    w->key_id = caller.key_id;
    struct event_view unmatched;
    MUST(&w->world, event_get(&w->world.ctx, STR("u1"), STR_NULL, &unmatched));
    w->unmatched_id = unmatched.id;
}

__attribute__((unused)) static void faulted_close(struct faulted *w)
{
    world_close(&w->world); /* asserts that each connection was given back */
    arena_clear(&w->arena);
}

/* ---- what a database holds ------------------------------------------------------------------- */

static struct content content_of(struct faulted *w, bool is_shown)
{
    struct arena arena;
    struct tx *tx = NULL;
    struct content sum;
    arena_init(&arena);
    fault_reset(&w->fault);
    MUST(w, tx_begin(w->ctx.app->store, TX_READ, &arena, &w->fault, &tx));
    MUST(w, content_read(tx, is_shown, &sum));
    tx_rollback(tx);
    arena_clear(&arena);
    return sum;
}

/* Everything, ids too. */
static struct store_digest digest_of(struct faulted *w, struct arena *arena)
{
    struct store_digest digest;
    struct tx *tx = NULL;
    fault_reset(&w->fault);
    MUST(w, tx_begin(w->ctx.app->store, TX_READ, arena, &w->fault, &tx));
    MUST(w, store_digest(tx, NULL, NULL, &digest));
    tx_rollback(tx);
    return digest;
}

#endif
