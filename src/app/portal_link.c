#include "app/portal_link.h"

#include "app/audit.h"
#include "app/customer.h"
#include "app/mail.h"
#include "app/security.h"
#include "app/token.h"
#include "app/user.h"
#include "base/assert.h"
#include "base/json_write.h"
#include "store/sql/session.h"

/* Mails to one address, and the guessing of addresses from one place. */
static const struct attempts_rule mail_rule = {
    .free_count = 3, .first_wait_s = 60, .wait_s_max = 900};
static const struct attempts_rule place_rule = {
    .free_count = 20, .first_wait_s = 10, .wait_s_max = 900};

struct linking {
    struct str email; /* in small letters; STR_NULL: for one customer */
    struct str external_id;
    struct str token;
    int64_t life_us;
};

static struct str url_of(struct ctx *ctx, struct str token)
{
    return arena_fmt(ctx->arena, "%.*s/portal/link/%.*s", STR_ARG(ctx->app->public_url),
                     STR_ARG(token));
}

static enum err add_link(struct ctx *ctx, struct tx *tx, const struct linking *linking,
                         struct uuid customer_id, struct uuid *id)
{
    int64_t now = ctx_now(ctx);
    *id = ctx_new_id(ctx);
    TRY(portal_link_forget(tx, &(struct portal_link_forget_in){.before = now - SESSION_FORGET_US},
                           NULL));
    return portal_link_insert(tx, &(struct portal_link_row){
                                      .id = *id,
                                      .token_hash = token_hash(ctx->arena, linking->token),
                                      .link_customer_id = customer_id,
                                      .link_email = linking->email,
                                      .created_at = now,
                                      .expires_at = now + linking->life_us,
                                      .used_at = TIME_NONE,
                                  });
}

/* Where nobody has the address the same is written, but a mail: it takes as long. */
static enum err send_link(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct linking *linking = arg;
    struct customer_row *customers = NULL;
    struct uuid id;
    size_t count = 0;
    TRY(portal_customers(tx, &(struct portal_customers_in){.email_key = linking->email, .limit = 1},
                         &customers, &count));
    struct uuid customer_id = count > 0 ? customers[0].id : UUID_NIL;
    TRY(add_link(ctx, tx, linking, customer_id, &id));
    if (count == 0)
        return ERR_NONE;
    return mail_queue_portal_link(ctx, tx, customer_id, customers[0].email,
                                  url_of(ctx, linking->token));
}

enum err portal_link_send(struct ctx *ctx, const struct portal_link_request *request,
                          int64_t *wait_s)
{
    struct linking linking = {
        .email = user_email_key(ctx->arena, str_trim(request->email)),
        .token = token_new(ctx->arena),
        .life_us = PORTAL_LINK_US,
    };
    struct str address = arena_fmt(ctx->arena, "mail %.*s", STR_ARG(linking.email));
    struct str place = arena_fmt(ctx->arena, "link %.*s", STR_ARG(request->place.address));
    *wait_s = 0;
    if (!attempts_take(request->attempts, place, &place_rule, request->now_us, wait_s) ||
        !attempts_take(request->attempts, address, &mail_rule, request->now_us, wait_s)) {
        security_log("portal_link_slowed", request->email, request->place.address,
                     STR("too many links asked for"));
        return fail(ctx, ERR_LIMITED, "too many links were asked for; try again in %lld s",
                    (long long)*wait_s);
    }
    return tx_run(ctx, TX_WRITE, send_link, &linking);
}

static enum err make_link(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct linking *linking = arg;
    struct customer_row customer;
    struct uuid id;
    TRY(customer_find(ctx, tx, linking->external_id, true, &customer));
    TRY(add_link(ctx, tx, linking, customer.id, &id));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = customer.id,
                         .action = "portal_link.create",
                         .object_id = customer.id,
                         .after = arena_fmt(ctx->arena, "{\"link_id\":\"%.*s\"}",
                                            STR_ARG(uuid_text(ctx->arena, id))),
                     });
}

enum err portal_link_make(struct ctx *ctx, struct str external_id, struct str *url)
{
    struct linking linking = {
        .email = STR_NULL,
        .external_id = external_id,
        .token = token_new(ctx->arena),
        .life_us = PORTAL_LINK_OPERATOR_US,
    };
    TRY(tx_run(ctx, TX_WRITE, make_link, &linking));
    *url = url_of(ctx, linking.token);
    return ERR_NONE;
}

/* ---- opening --------------------------------------------------------------------------------- */

struct opening {
    struct str token;
    const struct session_place *place;
    struct str session_token;
    bool opens;
};

static bool does_open(const struct portal_link_row *row, int64_t now)
{
    return !uuid_is_nil(row->link_customer_id) && row->used_at == TIME_NONE &&
           row->expires_at > now;
}

static enum err check(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct opening *opening = arg;
    struct portal_link_row row;
    bool found = false;
    TRY(portal_link_by_token(
        tx, &(struct portal_link_by_token_in){.token_hash = token_hash(ctx->arena, opening->token)},
        &row, &found));
    opening->opens = found && does_open(&row, ctx_now(ctx));
    return ERR_NONE;
}

enum err portal_link_check(struct ctx *ctx, struct str token, bool *opens)
{
    struct opening opening = {.token = token};
    if (token_is_formed(token))
        TRY(tx_run(ctx, TX_READ, check, &opening));
    *opens = opening.opens;
    return ERR_NONE;
}

static enum err refused(struct ctx *ctx)
{
    return fail(ctx, ERR_NOT_FOUND, "the link was used or is too old");
}

static enum err audit_opened(struct ctx *ctx, struct tx *tx, const struct portal_session_row *row,
                             struct uuid link_id)
{
    struct buf buf;
    struct json_writer out;
    buf_init(&buf, ctx->arena, 4096);
    json_writer_init(&out, &buf);
    json_object(&out, NULL);
    json_uuid(&out, "session_id", row->id);
    json_uuid(&out, "link_id", link_id);
    json_str(&out, "email", row->link_email);
    json_object_end(&out);
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = row->shown_customer_id,
                         .action = "portal.sign_in",
                         .object_id = row->shown_customer_id,
                         .after = buf_str(&buf),
                     });
}

static enum err open_link(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct opening *opening = arg;
    struct portal_link_row link;
    bool found = false;
    int64_t now = ctx_now(ctx);
    TRY(portal_link_lock(
        tx, &(struct portal_link_lock_in){.token_hash = token_hash(ctx->arena, opening->token)},
        &link, &found));
    if (!found || !does_open(&link, now))
        return refused(ctx);
    struct portal_session_row row = {
        .id = ctx_new_id(ctx),
        .token_hash = token_hash(ctx->arena, opening->session_token),
        .shown_customer_id = link.link_customer_id,
        .link_email = link.link_email,
        .address = opening->place->address,
        .user_agent = str_cut(opening->place->user_agent, SESSION_USER_AGENT_MAX),
        .created_at = now,
        .seen_at = now,
        .ended_at = TIME_NONE,
    };
    TRY(portal_link_use(tx, &(struct portal_link_use_in){.id = link.id, .used_at = now}, NULL));
    TRY(portal_session_forget(
        tx, &(struct portal_session_forget_in){.before = now - SESSION_FORGET_US}, NULL));
    TRY(portal_session_insert(tx, &row));
    return audit_opened(ctx, tx, &row, link.id);
}

enum err portal_link_open(struct ctx *ctx, struct str token, const struct session_place *place,
                          struct str *session_token)
{
    struct opening opening = {
        .token = token, .place = place, .session_token = token_new(ctx->arena)};
    if (!token_is_formed(token))
        return refused(ctx);
    enum err err = tx_run(ctx, TX_WRITE, open_link, &opening);
    if (err == ERR_NOT_FOUND)
        security_log("portal_link_refused", STR_NULL, place->address,
                     STR("unknown, used or too old"));
    if (err == ERR_NONE)
        *session_token = opening.session_token;
    return err;
}
