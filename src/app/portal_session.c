#include "app/portal_session.h"

#include "app/audit.h"
#include "app/billing_entity_logo.h"
#include "app/security.h"
#include "app/token.h"
#include "base/assert.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/session.h"

struct checking {
    struct str token;
    const struct session_place *place;
    struct portal_visitor visitor;
    bool wants_touch;
    int64_t now;
};

static enum err load_seller(struct ctx *ctx, struct tx *tx, struct portal_visitor *visitor)
{
    struct billing_entity_row entity;
    bool found = false;
    TRY(billing_entity_load(
        tx, &(struct billing_entity_load_in){.id = visitor->customer.billing_entity_id}, &entity,
        &found));
    visitor->seller = found ? entity.name : STR("");
    return billing_entity_logo_path(ctx->arena, tx, visitor->customer.billing_entity_id,
                                    &visitor->seller_logo);
}

/* The customers that the session may show, and among them the one it does. */
static enum err load_customers(struct tx *tx, const struct portal_session_row *row,
                               struct portal_visitor *visitor, bool *found)
{
    visitor->session_id = row->id;
    if (str_is_null(row->link_email)) {
        TRY(customer_load(tx, &(struct customer_load_in){.id = row->shown_customer_id},
                          &visitor->customer, found));
        visitor->others = &visitor->customer;
        visitor->other_count = 1;
        *found = *found && visitor->customer.deleted_at == TIME_NONE;
        return ERR_NONE;
    }
    *found = false;
    TRY(portal_customers(
        tx,
        &(struct portal_customers_in){.email_key = row->link_email, .limit = PORTAL_CUSTOMERS_MAX},
        &visitor->others, &visitor->other_count));
    for (size_t i = 0; i < visitor->other_count; i++) {
        if (i == 0 || uuid_eq(visitor->others[i].id, row->shown_customer_id))
            visitor->customer = visitor->others[i];
        *found = true;
    }
    return ERR_NONE;
}

static enum err check(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct checking *checking = arg;
    struct portal_session_row row;
    bool found = false;
    int64_t now = checking->now;
    TRY(portal_session_by_token(
        tx,
        &(struct portal_session_by_token_in){.token_hash = token_hash(ctx->arena, checking->token)},
        &row, &found));
    if (!found)
        return fail(ctx, ERR_UNAUTHORIZED, "there is no such session");
    if (row.ended_at != TIME_NONE) {
        security_log("ended_session_used", row.link_email, checking->place->address,
                     STR("signed out of the portal"));
        return fail(ctx, ERR_UNAUTHORIZED, "the session was signed out");
    }
    if (now - row.seen_at >= PORTAL_IDLE_US || now - row.created_at >= PORTAL_LIFE_US)
        return fail(ctx, ERR_UNAUTHORIZED, "the session has expired");
    TRY(load_customers(tx, &row, &checking->visitor, &found));
    if (!found)
        return fail(ctx, ERR_UNAUTHORIZED, "the session's customer is gone");
    checking->wants_touch = now - row.seen_at >= SESSION_TOUCH_US;
    return load_seller(ctx, tx, &checking->visitor);
}

static enum err touch(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct checking *checking = arg;
    (void)ctx;
    return portal_session_touch(tx,
                                &(struct portal_session_touch_in){
                                    .id = checking->visitor.session_id, .seen_at = checking->now},
                                NULL);
}

enum err portal_session_check(struct ctx *ctx, struct str token, const struct session_place *place,
                              struct portal_visitor *visitor)
{
    struct checking checking = {.token = token, .place = place, .now = ctx_now(ctx)};
    if (!token_is_formed(token))
        return fail(ctx, ERR_UNAUTHORIZED, "that is no session");
    TRY(tx_run(ctx, TX_READ, check, &checking));
    if (checking.wants_touch)
        TRY(tx_run(ctx, TX_WRITE, touch, &checking));
    *visitor = checking.visitor;
    if (visitor->other_count == 1)
        visitor->others = &visitor->customer;
    return ERR_NONE;
}

struct switching {
    const struct portal_visitor *visitor;
    struct uuid customer_id;
};

static enum err show_other(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct switching *switching = arg;
    (void)ctx;
    return portal_session_show(
        tx,
        &(struct portal_session_show_in){.id = switching->visitor->session_id,
                                         .shown_customer_id = switching->customer_id},
        NULL);
}

enum err portal_session_switch(struct ctx *ctx, const struct portal_visitor *visitor,
                               struct uuid customer_id)
{
    for (size_t i = 0; i < visitor->other_count; i++) {
        if (uuid_eq(visitor->others[i].id, customer_id))
            return tx_run(ctx, TX_WRITE, show_other, &(struct switching){visitor, customer_id});
    }
    return fail_not_found(ctx, "customer", uuid_text(ctx->arena, customer_id));
}

static enum err end(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct portal_visitor *visitor = arg;
    struct portal_session_row row;
    bool found = false;
    TRY(portal_session_lock(tx, &(struct portal_session_lock_in){.id = visitor->session_id}, &row,
                            &found));
    if (!found || row.ended_at != TIME_NONE)
        return ERR_NONE;
    TRY(portal_session_end_at(
        tx, &(struct portal_session_end_at_in){.id = row.id, .ended_at = ctx_now(ctx)}, NULL));
    return audit_add(
        ctx, tx,
        &(struct audit){.chain_id = visitor->customer.id,
                        .action = "portal.sign_out",
                        .object_id = visitor->customer.id,
                        .after = arena_fmt(ctx->arena, "{\"session_id\":\"%.*s\"}",
                                           STR_ARG(uuid_text(ctx->arena, visitor->session_id)))});
}

enum err portal_session_end(struct ctx *ctx, const struct portal_visitor *visitor)
{
    struct portal_visitor copy = *visitor;
    return tx_run(ctx, TX_WRITE, end, &copy);
}
