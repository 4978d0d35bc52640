/* open.c - the application's parts, from a configuration; and what an empty database needs. */
#include "app/ctx.h"

#include "app/api_key.h"
#include "app/audit.h"
#include "base/assert.h"
#include "base/hash.h"
#include "store/migrate.h"
#include "store/sql/catalog.h"
#include "store/sql/instance.h"

#include <string.h>

struct first_start {
    const struct app_options *options;
    struct str new_key;
};

static enum err make_organization(struct ctx *ctx, struct tx *tx)
{
    int64_t now = ctx_now(ctx);
    struct organization_row organization = {
        .id = ctx_new_id(ctx), .name = STR("Billow"), .created_at = now, .updated_at = now};
    TRY(organization_insert(tx, &organization));
    ctx->app->organization_id = organization.id;
    struct billing_entity_row entity = {
        .id = ctx_new_id(ctx),
        .code = STR("default"),
        .name = STR("Billow"),
        .timezone = STR("UTC"),
        .default_currency = STR("EUR"),
        .document_numbering = STR("per_customer"),
        .document_number_prefix = STR("BIL"),
        .finalize_zero_amount = true,
        .created_at = now,
        .updated_at = now,
        .archived_at = TIME_NONE,
    };
    return billing_entity_insert(tx, &entity);
}

/* Nothing is in the database yet. */
static enum err fill_empty(struct ctx *ctx, struct tx *tx, struct first_start *start)
{
    unsigned char secret[32];
    hash_random(secret, sizeof secret);
    struct instance_row instance = {
        .singleton = 1,
        .dedup_secret = (struct str){(const char *)secret, sizeof secret},
        .test_clock_at = start->options->test_clock ? 0 : TIME_NONE,
        .created_at = ctx_now(ctx),
    };
    TRY(instance_insert(tx, &instance));
    memcpy(ctx->app->dedup_secret, secret, sizeof secret);
    TRY(make_organization(ctx, tx));
    TRY(audit_add(ctx, tx,
                  &(struct audit){
                      .chain_id = ctx->app->organization_id,
                      .action = "organization.create",
                      .object_id = ctx->app->organization_id,
                      .after = STR("{\"name\":\"Billow\"}"),
                  }));
    struct str key = start->options->api_key;
    if (str_is_null(key)) {
        key = api_key_generate(ctx->arena);
        start->new_key = key;
    }
    return api_key_add(ctx, tx, STR("first key"), key);
}

static enum err load_or_fill(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct first_start *start = arg;
    struct instance_row instance;
    bool found = false;
    start->new_key = STR_NULL;
    TRY(instance_load(tx, &instance, &found));
    if (!found) {
        if (start->options->test_clock)
            clock_init_test(&ctx->app->clock, 0);
        return fill_empty(ctx, tx, start);
    }
    if (instance.test_clock_at != TIME_NONE)
        clock_init_test(&ctx->app->clock, instance.test_clock_at);
    else if (start->options->test_clock)
        return fail(ctx, ERR_CONFLICT,
                    "this database has run on the real clock; --test-clock needs an empty one");
    ASSERT(instance.dedup_secret.len == sizeof ctx->app->dedup_secret);
    memcpy(ctx->app->dedup_secret, instance.dedup_secret.ptr, sizeof ctx->app->dedup_secret);
    struct organization_row organization;
    TRY(organization_load(tx, &organization, &found));
    ASSERT(found);
    ctx->app->organization_id = organization.id;
    return ERR_NONE;
}

enum err app_open(const struct app_options *options, struct arena *arena, struct fault *fault,
                  struct app *app, struct str *new_key)
{
    *app = (struct app){.public_url = STR("http://127.0.0.1:8080")};
    clock_init_real(&app->clock);
    TRY(store_open(options->database_url,
                   &(struct store_options){.connections_max = options->connections_max,
                                           .must_exist = options->must_exist,
                                           .watch = options->watch,
                                           .fail_at_call = options->fail_at_call},
                   fault, &app->store));
    struct ctx ctx = {.app = app,
                      .arena = arena,
                      .fault = fault,
                      .actor = STR("start"),
                      .origin = STR("first start")};
    struct first_start start = {.options = options};
    enum err err = options->must_exist ? migrate_check(app->store, fault) : ERR_CONFLICT;
    if (err == ERR_CONFLICT) { /* older than the program, or it may be new */
        fault_reset(fault);
        err = migrate(app->store, clock_now(&app->clock), fault);
    }
    if (err == ERR_NONE)
        err = tx_run(&ctx, TX_WRITE, load_or_fill, &start);
    if (err != ERR_NONE) {
        app_close(app);
        return err;
    }
    *new_key = start.new_key;
    return ERR_NONE;
}

void app_close(struct app *app)
{
    ASSERT(app->ingest == NULL);
    gateways_close(&app->gateways);
    store_close(app->store);
    app->store = NULL;
}

static enum err load_instance(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct instance_row row;
    bool found = false;
    (void)arg;
    TRY(instance_load(tx, &row, &found));
    return found ? ERR_NONE : fail(ctx, ERR_CORRUPT, "the database has no instance row");
}

enum err app_check(struct ctx *ctx)
{
    return tx_run(ctx, TX_READ, load_instance, NULL);
}

enum err app_migrate(struct str database_url, struct fault *fault)
{
    struct store *store = NULL;
    struct clock clock;
    clock_init_real(&clock);
    TRY(store_open(database_url, &(struct store_options){0}, fault, &store));
    enum err err = migrate(store, clock_now(&clock), fault);
    store_close(store);
    return err;
}
