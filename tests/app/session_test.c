/* Users, sessions, the portal's links: what time, other changes and other threads do to them.  What
 * browsers see of it is in tests/cli/sessions.py. */
#include "app/attempts.h"
#include "app/audit.h"
#include "app/password.h"
#include "app/portal_link.h"
#include "app/session.h"
#include "app/token.h"
#include "app/user.h"
#include "base/hash.h"
#include "base/log.h"
#include "store/sql/session.h"
#include "tests/app/world.h"

#define SECOND_US ((int64_t)1000000)

static const struct session_place place = {{"192.0.2.1", 9}, {"test", 4}};

/* ---- attempts -------------------------------------------------------------------------------- */

TEST(attempts_wait_twice_as_long_each_time)
{
    const struct attempts_rule rule = {.free_count = 3, .first_wait_s = 1, .wait_s_max = 10};
    static const int64_t waits[] = {1, 2, 4, 8, 10, 10};
    struct attempts *attempts = attempts_new();
    struct str name = STR("account x");
    int64_t now = 5 * SECOND_US;
    int64_t wait = 0;
    for (int i = 0; i < 3; i++)
        CHECK(attempts_take(attempts, name, &rule, now, &wait));
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        CHECK(!attempts_take(attempts, name, &rule, now, &wait));
        CHECK_INT(wait, waits[i]);
        now += waits[i] * SECOND_US - 1; /* a moment too early, which makes no wait longer */
        CHECK(!attempts_take(attempts, name, &rule, now, &wait));
        CHECK_INT(wait, 1);
        now += 1;
        CHECK(attempts_take(attempts, name, &rule, now, &wait));
    }
    CHECK(attempts_take(attempts, STR("account y"), &rule, now, &wait));
    attempts_forget(attempts, name);
    CHECK(attempts_take(attempts, name, &rule, now, &wait));
    attempts_free(attempts);
}

TEST(attempts_begin_anew_after_a_quiet_hour)
{
    const struct attempts_rule rule = {.free_count = 1, .first_wait_s = 60, .wait_s_max = 60};
    struct attempts *attempts = attempts_new();
    int64_t wait = 0;
    CHECK(attempts_take(attempts, STR("a"), &rule, SECOND_US, &wait));
    CHECK(attempts_take(attempts, STR("a"), &rule, 3601 * SECOND_US, &wait));
    CHECK(!attempts_take(attempts, STR("a"), &rule, 3601 * SECOND_US, &wait));
    CHECK_INT(wait, 60);
    attempts_free(attempts);
}

/* ---- passwords ------------------------------------------------------------------------------- */

/* Of another cost than today's: one pass, 8 KiB. */
static struct str old_hash(struct arena *arena, const char *password)
{
    char *text = arena_alloc(arena, crypto_pwhash_STRBYTES);
    REQUIRE(crypto_pwhash_str_alg(text, password, strlen(password), 1, 8192,
                                  crypto_pwhash_ALG_ARGON2ID13) == 0);
    return str_of(text);
}

TEST(passwords_are_argon2id_of_19_mib_and_two_passes)
{
    struct world w;
    struct str hash;
    bool is_good = false;
    bool is_old = true;
    world_open(&w);
    MUST(&w, password_hash(&w.arena, &w.fault, STR("correct horse"), &hash));
    CHECK(str_starts(hash, STR("$argon2id$v=19$m=19456,t=2,p=1$")));
    MUST(&w, password_check(&w.arena, &w.fault, STR("correct horse"), hash, &is_good, &is_old));
    CHECK(is_good && !is_old);
    MUST(&w, password_check(&w.arena, &w.fault, STR("Correct horse"), hash, &is_good, &is_old));
    CHECK(!is_good);
    MUST(&w, password_check(&w.arena, &w.fault, STR(""), STR_NULL, &is_good, NULL));
    CHECK(!is_good);
    MUST(&w, password_check(&w.arena, &w.fault, STR("old"), old_hash(&w.arena, "old"), &is_good,
                            &is_old));
    CHECK(is_good && is_old);
    world_close(&w);
}

struct hashing {
    pthread_t thread;
    enum err err;
};

static void *hash_once(void *arg)
{
    struct hashing *hashing = arg;
    struct arena arena;
    struct fault fault;
    struct str hash;
    arena_init(&arena);
    fault_init(&fault, &arena);
    hashing->err = password_hash(&arena, &fault, STR("at the same time"), &hash);
    arena_clear(&arena);
    return NULL;
}

TEST(too_many_passwords_at_once_are_refused_not_kept_waiting)
{
    struct hashing hashings[16];
    int done = 0;
    for (size_t i = 0; i < 16; i++)
        REQUIRE(pthread_create(&hashings[i].thread, NULL, hash_once, &hashings[i]) == 0);
    for (size_t i = 0; i < 16; i++) {
        pthread_join(hashings[i].thread, NULL);
        CHECK(hashings[i].err == ERR_NONE || hashings[i].err == ERR_BUSY);
        done += hashings[i].err == ERR_NONE;
    }
    CHECK(done >= PASSWORDS_AT_ONCE + 1);
}

/* ---- signing in ------------------------------------------------------------------------------ */

static struct app_user_row add_user(struct world *w)
{
    struct app_user_row row;
    MUST(w, user_add(&w->ctx,
                     &(struct user_input){.email = STR("Anna@Example.com"),
                                          .password = STR("annas password")},
                     &row));
    CHECK_STR(row.name, "Anna");
    CHECK_STR(row.role, "admin");
    return row;
}

static enum err sign_in_with(struct world *w, const char *password, struct str user_agent,
                             struct str *token)
{
    struct attempts *attempts = attempts_new();
    int64_t wait = 0;
    fault_reset(&w->fault);
    enum err err = session_sign_in(&w->ctx,
                                   &(struct session_sign_in){.email = STR(" anna@example.COM "),
                                                             .password = str_of(password),
                                                             .place = {place.address, user_agent},
                                                             .attempts = attempts,
                                                             .now_us = 1},
                                   &wait, token);
    attempts_free(attempts);
    return err;
}

static enum err sign_in(struct world *w, const char *password, struct str *token)
{
    return sign_in_with(w, password, place.user_agent, token);
}

static enum err keep_old_hash(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct app_user_row *user = arg;
    TRY(app_user_update(tx,
                        &(struct app_user_update_in){
                            .id = user->id,
                            .name = user->name,
                            .role = user->role,
                            .language = user->language,
                            .password_hash = old_hash(ctx->arena, "annas password"),
                            .disabled_at = TIME_NONE,
                        },
                        NULL));
    return audit_add(ctx, tx,
                     &(struct audit){.chain_id = ctx->app->organization_id,
                                     .action = "user.password",
                                     .object_id = user->id,
                                     .after = STR("{}")});
}

TEST(a_hash_of_an_old_cost_is_made_anew_by_a_good_sign_in)
{
    struct world w;
    struct str token;
    log_configure(LOG_ERROR, false);
    world_open(&w);
    struct app_user_row user = add_user(&w);
    MUST(&w, tx_run(&w.ctx, TX_WRITE, keep_old_hash, &user));
    CHECK_INT(sign_in(&w, "wrong", &token), ERR_UNAUTHORIZED);
    MUST(&w, user_get(&w.ctx, user.id, &user));
    CHECK(str_starts(user.password_hash, STR("$argon2id$v=19$m=8,t=1")));
    MUST(&w, sign_in(&w, "annas password", &token));
    MUST(&w, user_get(&w.ctx, user.id, &user));
    CHECK(str_starts(user.password_hash, STR("$argon2id$v=19$m=19456,t=2")));
    MUST(&w, sign_in(&w, "annas password", &token));
    world_close(&w);
}

TEST(a_browsers_name_is_cut_between_characters)
{
    struct world w;
    struct str token;
    struct user_session_row *rows = NULL;
    size_t count = 0;
    char name[SESSION_USER_AGENT_MAX + 2];
    log_configure(LOG_ERROR, false);
    world_open(&w);
    struct app_user_row user = add_user(&w);
    memset(name, 'a', SESSION_USER_AGENT_MAX - 1);
    memcpy(name + SESSION_USER_AGENT_MAX - 1, "\xc3\xa9", 3); /* over the end by half */
    MUST(&w, sign_in_with(&w, "annas password", str_of(name), &token));
    MUST(&w, session_list(&w.ctx, user.id, &rows, &count));
    REQUIRE(count == 1);
    CHECK_INT((int64_t)rows[0].user_agent.len, SESSION_USER_AGENT_MAX - 1);
    CHECK(str_is_text(rows[0].user_agent));
    world_close(&w);
}

/* One who changes Anna's password, at the same time as others. */
struct changing {
    pthread_t thread;
    pthread_barrier_t *barrier;
    const struct world *w;
    struct uuid id;
    struct str password;
    enum err err;
    char field[32];
};

static void *change_password(void *arg)
{
    struct changing *changing = arg;
    struct ctx ctx = changing->w->ctx;
    struct arena arena;
    struct fault fault;
    arena_init(&arena);
    fault_init(&fault, &arena);
    ctx.arena = &arena;
    ctx.fault = &fault;
    pthread_barrier_wait(changing->barrier);
    changing->err =
        user_set_password(&ctx, changing->id, STR("annas password"), changing->password, UUID_NIL);
    if (fault.field_count == 1)
        snprintf(changing->field, sizeof changing->field, "%.*s", STR_ARG(fault.fields[0].field));
    arena_clear(&arena);
    return NULL;
}

/* Hashing takes so long that both have read the old one before either writes. */
TEST(of_two_who_know_the_old_password_one_changes_it)
{
    struct world w;
    struct changing both[2];
    pthread_barrier_t barrier;
    struct str token;
    int good = 0;
    log_configure(LOG_ERROR, false);
    world_open(&w);
    struct app_user_row user = add_user(&w);
    REQUIRE(pthread_barrier_init(&barrier, NULL, 2) == 0);
    for (int i = 0; i < 2; i++) {
        both[i] =
            (struct changing){.barrier = &barrier,
                              .w = &w,
                              .id = user.id,
                              .password = i == 0 ? STR("the first one's") : STR("the other one's")};
        REQUIRE(pthread_create(&both[i].thread, NULL, change_password, &both[i]) == 0);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(both[i].thread, NULL);
    for (int i = 0; i < 2; i++) {
        good += both[i].err == ERR_NONE;
        if (both[i].err == ERR_NONE)
            continue;
        CHECK_INT(both[i].err, ERR_INVALID);
        CHECK_STR(str_of(both[i].field), "old_password");
        CHECK_INT(sign_in(&w, arena_cstr(&w.arena, both[i].password), &token), ERR_UNAUTHORIZED);
    }
    CHECK_INT(good, 1);
    pthread_barrier_destroy(&barrier);
    world_close(&w);
}

TEST(a_session_lives_while_it_is_used_and_ends_with_its_user)
{
    struct world w;
    struct str token;
    struct session_user user;
    log_configure(LOG_ERROR, false);
    world_open(&w);
    struct app_user_row row = add_user(&w);
    MUST(&w, sign_in(&w, "annas password", &token));
    CHECK_INT((int)token.len, 64);
    for (int i = 0; i < 10; i++) { /* never unseen for 12 hours */
        CHECK_INT(clock_set(&w.app.clock, ctx_now(&w.ctx) + 11 * TIME_HOUR), ERR_NONE);
        CHECK_INT(session_check(&w.ctx, token, &place, &user), ERR_NONE);
    }
    CHECK(uuid_eq(user.user_id, row.id));
    CHECK_INT(clock_set(&w.app.clock, ctx_now(&w.ctx) + 12 * TIME_HOUR), ERR_NONE);
    CHECK_INT(session_check(&w.ctx, token, &place, &user), ERR_UNAUTHORIZED);
    MUST(&w, sign_in(&w, "annas password", &token));
    MUST(&w, user_disable(&w.ctx, row.id, &row));
    CHECK_INT(session_check(&w.ctx, token, &place, &user), ERR_UNAUTHORIZED);
    CHECK_INT(sign_in(&w, "annas password", &token), ERR_UNAUTHORIZED);
    fault_reset(&w.fault);
    MUST(&w, user_enable(&w.ctx, row.id, &row));
    CHECK_INT(session_check(&w.ctx, token, &place, &user), ERR_UNAUTHORIZED); /* it stays ended */
    MUST(&w, sign_in(&w, "annas password", &token));
    MUST(&w, user_set_password(&w.ctx, row.id, STR_NULL, STR("another password"), UUID_NIL));
    CHECK_INT(session_check(&w.ctx, token, &place, &user), ERR_UNAUTHORIZED);
    world_close(&w);
}

/* ---- the portal ------------------------------------------------------------------------------ */

static void set_email(struct world *w, const char *customer, const char *email)
{
    struct customer_view view;
    MUST(w, customer_save(&w->ctx,
                          &(struct customer_input){.sent = CUSTOMER_EMAIL,
                                                   .external_id = str_of(customer),
                                                   .email = str_of(email)},
                          &view));
}

static enum err ask_for_link(struct world *w, const char *email)
{
    struct attempts *attempts = attempts_new();
    int64_t wait = 0;
    enum err err = portal_link_send(
        &w->ctx,
        &(struct portal_link_request){
            .email = str_of(email), .place = place, .attempts = attempts, .now_us = 1},
        &wait);
    attempts_free(attempts);
    return err;
}

static enum err insert_link(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct portal_link_row *row = arg;
    (void)ctx;
    return portal_link_insert(tx, row);
}

/* As portal_link_send makes it, with a token that the test knows. */
static struct str link_for(struct world *w, const char *email, const char *customer)
{
    struct customer_view view;
    struct str token = token_new(&w->arena);
    MUST(w, customer_get(&w->ctx, str_of(customer), &view));
    struct portal_link_row row = {
        .id = ctx_new_id(&w->ctx),
        .token_hash = token_hash(&w->arena, token),
        .link_customer_id = view.row.id,
        .link_email = str_of(email),
        .created_at = ctx_now(&w->ctx),
        .expires_at = ctx_now(&w->ctx) + PORTAL_LINK_US,
        .used_at = TIME_NONE,
    };
    MUST(w, tx_run(&w->ctx, TX_WRITE, insert_link, &row));
    return token;
}

TEST(the_portal_shows_the_customers_that_have_the_address_now)
{
    struct world w;
    struct str token;
    struct portal_visitor visitor;
    log_configure(LOG_ERROR, false);
    world_open(&w);
    make_customer(&w, "a", "UTC");
    make_customer(&w, "b", "UTC");
    make_customer(&w, "c", "UTC");
    set_email(&w, "a", "Pay@Acme.example");
    set_email(&w, "b", "pay@acme.example");
    set_email(&w, "c", "c@acme.example");
    MUST(&w, ask_for_link(&w, "nobody@acme.example")); /* as if it were somebody's */
    MUST(&w, ask_for_link(&w, "PAY@acme.example"));
    MUST(&w, portal_link_open(&w.ctx, link_for(&w, "pay@acme.example", "b"), &place, &token));
    MUST(&w, portal_session_check(&w.ctx, token, &place, &visitor));
    CHECK_INT((int)visitor.other_count, 2);
    CHECK_STR(visitor.customer.external_id, "b");
    MUST(&w, portal_session_switch(&w.ctx, &visitor, visitor.others[0].id));
    MUST(&w, portal_session_check(&w.ctx, token, &place, &visitor));
    CHECK_STR(visitor.customer.external_id, "a");
    struct customer_view c;
    MUST(&w, customer_get(&w.ctx, STR("c"), &c));
    CHECK_INT(portal_session_switch(&w.ctx, &visitor, c.row.id), ERR_NOT_FOUND);
    fault_reset(&w.fault);
    set_email(&w, "a", "new@acme.example"); /* it isn't theirs any more */
    MUST(&w, portal_session_check(&w.ctx, token, &place, &visitor));
    CHECK_INT((int)visitor.other_count, 1);
    CHECK_STR(visitor.customer.external_id, "b");
    set_email(&w, "b", "new@acme.example");
    CHECK_INT(portal_session_check(&w.ctx, token, &place, &visitor), ERR_UNAUTHORIZED);
    world_close(&w);
}

TEST(a_link_opens_once_and_for_a_quarter_of_an_hour)
{
    struct world w;
    struct str session;
    bool opens = false;
    log_configure(LOG_ERROR, false);
    world_open(&w);
    make_customer(&w, "a", "UTC");
    set_email(&w, "a", "a@acme.example");
    struct str token = link_for(&w, "a@acme.example", "a");
    CHECK_INT(clock_set(&w.app.clock, ctx_now(&w.ctx) + PORTAL_LINK_US - 1), ERR_NONE);
    MUST(&w, portal_link_check(&w.ctx, token, &opens));
    CHECK(opens);
    struct str late = link_for(&w, "a@acme.example", "a");
    MUST(&w, portal_link_open(&w.ctx, token, &place, &session));
    CHECK_INT(portal_link_open(&w.ctx, token, &place, &session), ERR_NOT_FOUND);
    CHECK_INT(clock_set(&w.app.clock, ctx_now(&w.ctx) + PORTAL_LINK_US), ERR_NONE);
    fault_reset(&w.fault);
    CHECK_INT(portal_link_open(&w.ctx, late, &place, &session), ERR_NOT_FOUND);
    fault_reset(&w.fault);
    MUST(&w, portal_link_check(&w.ctx, STR("no token at all"), &opens));
    CHECK(!opens);
    world_close(&w);
}
