#include "app/session.h"

#include "app/audit.h"
#include "app/password.h"
#include "app/security.h"
#include "app/token.h"
#include "app/user.h"
#include "base/assert.h"
#include "base/json_write.h"
#include "store/sql/session.h"

/* Of an account there may be a guess a minute; behind one address may be many people. */
static const struct attempts_rule account_rule = {
    .free_count = 5, .first_wait_s = 1, .wait_s_max = 60};
static const struct attempts_rule address_rule = {
    .free_count = 30, .first_wait_s = 1, .wait_s_max = 900};

static enum err audited(struct ctx *ctx, struct tx *tx, const char *action, struct uuid user_id,
                        struct uuid session_id)
{
    struct buf buf;
    struct json_writer out;
    buf_init(&buf, ctx->arena, 1024);
    json_writer_init(&out, &buf);
    json_object(&out, NULL);
    json_uuid(&out, "session_id", session_id);
    json_object_end(&out);
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = action,
                         .object_id = user_id,
                         .after = buf_str(&buf),
                     });
}

/* ---- signing in ------------------------------------------------------------------------------ */

struct signing {
    const struct session_sign_in *in;
    struct app_user_row user;
    bool is_found;
    struct str new_hash; /* of a password whose hash is of another cost; else STR_NULL */
    struct str token;
};

static enum err find_user(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct signing *signing = arg;
    return app_user_by_email(
        tx,
        &(struct app_user_by_email_in){
            .email_key = user_email_key(ctx->arena, str_trim(signing->in->email))},
        &signing->user, &signing->is_found);
}

static enum err renew_hash(struct tx *tx, const struct app_user_row *user, struct str hash)
{
    return app_user_update(tx,
                           &(struct app_user_update_in){
                               .id = user->id,
                               .name = user->name,
                               .role = user->role,
                               .language = user->language,
                               .password_hash = hash,
                               .disabled_at = user->disabled_at,
                           },
                           NULL);
}

static enum err refused(struct ctx *ctx)
{
    return fail(ctx, ERR_UNAUTHORIZED, "the email address or the password is wrong");
}

static enum err begin(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct signing *signing = arg;
    struct app_user_row user;
    bool found = false;
    TRY(app_user_lock(tx, &(struct app_user_lock_in){.id = signing->user.id}, &user, &found));
    /* disabled or changed since it was looked at */
    if (!found || user.disabled_at != TIME_NONE ||
        !str_eq(user.password_hash, signing->user.password_hash))
        return refused(ctx);
    int64_t now = ctx_now(ctx);
    struct user_session_row row = {
        .id = ctx_new_id(ctx),
        .token_hash = token_hash(ctx->arena, signing->token),
        .user_id = user.id,
        .address = signing->in->place.address,
        .user_agent = str_cut(signing->in->place.user_agent, SESSION_USER_AGENT_MAX),
        .created_at = now,
        .seen_at = now,
        .ended_at = TIME_NONE,
    };
    if (!str_is_null(signing->new_hash))
        TRY(renew_hash(tx, &user, signing->new_hash));
    TRY(user_session_forget(
        tx, &(struct user_session_forget_in){.user_id = user.id, .before = now - SESSION_FORGET_US},
        NULL));
    TRY(user_session_insert(tx, &row));
    return audited(ctx, tx, "user.sign_in", user.id, row.id);
}

static enum err slow_down(struct ctx *ctx, const struct session_sign_in *in, struct str account,
                          struct str address, int64_t *wait_s)
{
    if (attempts_take(in->attempts, address, &address_rule, in->now_us, wait_s) &&
        attempts_take(in->attempts, account, &account_rule, in->now_us, wait_s))
        return ERR_NONE;
    security_log("sign_in_slowed", in->email, in->place.address, STR("too many attempts"));
    return fail(ctx, ERR_LIMITED, "too many attempts to sign in; try again in %lld s",
                (long long)*wait_s);
}

static struct str account_of(struct ctx *ctx, struct str email)
{
    struct str key = user_email_key(ctx->arena, str_trim(email));
    return arena_fmt(ctx->arena, "account %.*s", STR_ARG(key));
}

static const char *why_not(const struct signing *signing, bool is_good)
{
    if (!signing->is_found)
        return "unknown user";
    return is_good ? "disabled user" : "wrong password";
}

enum err session_sign_in(struct ctx *ctx, const struct session_sign_in *in, int64_t *wait_s,
                         struct str *token)
{
    struct signing signing = {.in = in, .new_hash = STR_NULL, .token = token_new(ctx->arena)};
    struct str account = account_of(ctx, in->email);
    struct str address = arena_fmt(ctx->arena, "address %.*s", STR_ARG(in->place.address));
    bool is_good = false;
    bool is_old = false;
    *wait_s = 0;
    TRY(slow_down(ctx, in, account, address, wait_s));
    TRY(tx_run(ctx, TX_READ, find_user, &signing));
    TRY(password_check(ctx->arena, ctx->fault, in->password,
                       signing.is_found ? signing.user.password_hash : STR_NULL, &is_good,
                       &is_old));
    if (!is_good || signing.user.disabled_at != TIME_NONE) {
        security_log("sign_in_failed", in->email, in->place.address,
                     str_of(why_not(&signing, is_good)));
        return refused(ctx);
    }
    if (is_old)
        TRY(password_hash(ctx->arena, ctx->fault, in->password, &signing.new_hash));
    ctx->actor = arena_fmt(ctx->arena, "user:%.*s", STR_ARG(signing.user.email));
    TRY(tx_run(ctx, TX_WRITE, begin, &signing));
    attempts_forget(in->attempts, account);
    attempts_forget(in->attempts, address);
    *token = signing.token;
    return ERR_NONE;
}

enum err session_change_password(struct ctx *ctx, const struct session_new_password *in)
{
    struct str account = account_of(ctx, in->user->email);
    int64_t wait_s = 0;
    if (!attempts_take(in->attempts, account, &account_rule, in->now_us, &wait_s)) {
        security_log("sign_in_slowed", in->user->email, in->place.address,
                     STR("too many attempts at the old password"));
        return fail(ctx, ERR_LIMITED, "too many attempts; try again in %lld s", (long long)wait_s);
    }
    TRY(user_set_password(ctx, in->user->user_id, in->old, in->password, in->user->session_id));
    attempts_forget(in->attempts, account);
    return ERR_NONE;
}

/* ---- each request ---------------------------------------------------------------------------- */

struct checking {
    struct str token;
    const struct session_place *place;
    struct session_user *user;
    bool wants_touch;
    int64_t now;
};

static enum err check(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct checking *checking = arg;
    struct user_session_by_token_row row;
    bool found = false;
    int64_t now = checking->now;
    TRY(user_session_by_token(
        tx,
        &(struct user_session_by_token_in){.token_hash = token_hash(ctx->arena, checking->token)},
        &row, &found));
    if (!found)
        return fail(ctx, ERR_UNAUTHORIZED, "there is no such session");
    if (row.ended_at != TIME_NONE || row.disabled_at != TIME_NONE) {
        security_log("ended_session_used", row.email, checking->place->address,
                     row.disabled_at != TIME_NONE ? STR("disabled user") : STR("signed out"));
        return fail(ctx, ERR_UNAUTHORIZED, "the session was signed out");
    }
    if (now - row.seen_at >= SESSION_IDLE_US || now - row.created_at >= SESSION_LIFE_US)
        return fail(ctx, ERR_UNAUTHORIZED, "the session has expired");
    checking->wants_touch = now - row.seen_at >= SESSION_TOUCH_US;
    *checking->user = (struct session_user){
        .session_id = row.id,
        .user_id = row.user_id,
        .email = row.email,
        .name = row.name,
        .role = row.role,
        .language = row.language,
    };
    return ERR_NONE;
}

static enum err touch(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct checking *checking = arg;
    (void)ctx;
    return user_session_touch(
        tx,
        &(struct user_session_touch_in){.id = checking->user->session_id, .seen_at = checking->now},
        NULL);
}

enum err session_check(struct ctx *ctx, struct str token, const struct session_place *place,
                       struct session_user *user)
{
    struct session_user found;
    struct checking checking = {
        .token = token, .place = place, .user = &found, .now = ctx_now(ctx)};
    if (!token_is_formed(token))
        return fail(ctx, ERR_UNAUTHORIZED, "that is no session");
    TRY(tx_run(ctx, TX_READ, check, &checking));
    if (checking.wants_touch)
        TRY(tx_run(ctx, TX_WRITE, touch, &checking));
    *user = found;
    return ERR_NONE;
}

/* ---- ending and listing ---------------------------------------------------------------------- */

struct ending {
    struct uuid user_id, session_id;
};

static enum err end(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct ending *ending = arg;
    struct user_session_row row;
    bool found = false;
    TRY(user_session_lock(
        tx, &(struct user_session_lock_in){.id = ending->session_id, .user_id = ending->user_id},
        &row, &found));
    if (!found)
        return fail_not_found(ctx, "session", uuid_text(ctx->arena, ending->session_id));
    if (row.ended_at != TIME_NONE)
        return ERR_NONE;
    TRY(user_session_end_at(
        tx, &(struct user_session_end_at_in){.id = row.id, .ended_at = ctx_now(ctx)}, NULL));
    return audited(ctx, tx, "user.sign_out", row.user_id, row.id);
}

enum err session_end(struct ctx *ctx, struct uuid user_id, struct uuid session_id)
{
    return tx_run(ctx, TX_WRITE, end, &(struct ending){user_id, session_id});
}

static enum err end_all(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct ending *ending = arg;
    TRY(user_session_end_others(tx,
                                &(struct user_session_end_others_in){
                                    .user_id = ending->user_id,
                                    .kept_id = ending->session_id,
                                    .ended_at = ctx_now(ctx),
                                },
                                NULL));
    return audited(ctx, tx, "user.sign_out_all", ending->user_id, ending->session_id);
}

enum err session_end_all(struct ctx *ctx, struct uuid user_id, struct uuid kept_id)
{
    return tx_run(ctx, TX_WRITE, end_all, &(struct ending){user_id, kept_id});
}

struct listing {
    struct uuid user_id;
    struct user_session_row *rows;
    size_t count;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *listing = arg;
    int64_t now = ctx_now(ctx);
    return user_session_list(tx,
                             &(struct user_session_list_in){
                                 .user_id = listing->user_id,
                                 .alive_after = now - SESSION_IDLE_US,
                                 .begun_after = now - SESSION_LIFE_US,
                             },
                             &listing->rows, &listing->count);
}

enum err session_list(struct ctx *ctx, struct uuid user_id, struct user_session_row **rows,
                      size_t *count)
{
    struct listing listing = {.user_id = user_id};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *rows = listing.rows;
    *count = listing.count;
    return ERR_NONE;
}
