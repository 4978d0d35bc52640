/* session_cases.h - cases of users, their sessions, and customers' ways into the portal.  The world
 * has the user anna, disabled gone, and links and sessions whose tokens stand in faulted_tokens. */
#ifndef TESTS_FAULTS_SESSION_CASES_H
#define TESTS_FAULTS_SESSION_CASES_H

#include "tests/faults/harness.h"

#include "app/portal_link.h"
#include "app/session.h"
#include "app/user.h"

static const struct session_place faulted_place = {{"192.0.2.1", 9}, {"test", 4}};

/* ---- users ----------------------------------------------------------------------------------- */

FAULT_WRITE(user_add, AGAIN_REFUSED)
{
    struct app_user_row row;
    return user_add(&w->ctx,
                    &(struct user_input){.email = STR("new@example.com"),
                                         .name = STR("New"),
                                         .role = STR_NULL,
                                         .language = STR_NULL,
                                         .password = STR("a long password")},
                    &row);
}

FAULT_READ(user_list)
{
    struct app_user_row *rows = NULL;
    size_t count = 0;
    TRY(user_list(&w->ctx, &rows, &count));
    w->answer = (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(user_get)
{
    struct app_user_row row;
    return user_get(&w->ctx, faulted_tokens.anna_id, &row);
}

FAULT_READ(user_by_email)
{
    struct app_user_row row;
    return user_by_email(&w->ctx, STR("ANNA@example.com"), &row);
}

FAULT_WRITE(user_disable, AGAIN_SAME)
{
    struct app_user_row row;
    return user_disable(&w->ctx, faulted_tokens.anna_id, &row);
}

FAULT_WRITE(user_enable, AGAIN_SAME)
{
    struct app_user_row row;
    return user_enable(&w->ctx, faulted_tokens.gone_id, &row);
}

FAULT_WRITE(user_change, AGAIN_SAME)
{
    struct app_user_row row;
    return user_change(&w->ctx, faulted_tokens.anna_id, STR("Anna B."), STR("de"), &row);
}

FAULT_WRITE(user_set_password, AGAIN_SAME)
{
    return user_set_password(&w->ctx, faulted_tokens.anna_id, STR_NULL, STR("another password"),
                             UUID_NIL);
}

/* ---- sessions -------------------------------------------------------------------------------- */

FAULT_WRITE(session_sign_in, AGAIN_TWICE)
{
    struct str token;
    int64_t wait_s = 0;
    struct attempts *attempts = attempts_new();
    enum err err = session_sign_in(&w->ctx,
                                   &(struct session_sign_in){.email = STR("anna@example.com"),
                                                             .password = STR("annas password"),
                                                             .place = faulted_place,
                                                             .attempts = attempts,
                                                             .now_us = 1},
                                   &wait_s, &token);
    attempts_free(attempts);
    return err;
}

FAULT_WRITE(session_change_password, AGAIN_REFUSED)
{
    const struct session_user anna = {.session_id = faulted_tokens.session_id,
                                      .user_id = faulted_tokens.anna_id,
                                      .email = STR("anna@example.com")};
    struct attempts *attempts = attempts_new();
    enum err err = session_change_password(&w->ctx, &(struct session_new_password){
                                                        .user = &anna,
                                                        .old = STR("annas password"),
                                                        .password = STR("another password"),
                                                        .place = faulted_place,
                                                        .attempts = attempts,
                                                        .now_us = 1,
                                                    });
    attempts_free(attempts);
    return err;
}

FAULT_READ(session_check)
{
    struct session_user anna;
    return session_check(&w->ctx, str_of(faulted_tokens.session), &faulted_place, &anna);
}

FAULT_WRITE(session_end, AGAIN_SAME)
{
    return session_end(&w->ctx, faulted_tokens.anna_id, faulted_tokens.session_id);
}

FAULT_WRITE(session_end_all, AGAIN_SAME)
{
    return session_end_all(&w->ctx, faulted_tokens.anna_id, UUID_NIL);
}

FAULT_READ(session_list)
{
    struct user_session_row *rows = NULL;
    size_t count = 0;
    TRY(session_list(&w->ctx, faulted_tokens.anna_id, &rows, &count));
    w->answer = (int64_t)count;
    return ERR_NONE;
}

/* ---- the portal ------------------------------------------------------------------------------ */

FAULT_WRITE(portal_link_send, AGAIN_TWICE)
{
    int64_t wait_s = 0;
    struct attempts *attempts = attempts_new();
    enum err err = portal_link_send(&w->ctx,
                                    &(struct portal_link_request){.email = STR("acme@example.com"),
                                                                  .place = faulted_place,
                                                                  .attempts = attempts,
                                                                  .now_us = 1},
                                    &wait_s);
    attempts_free(attempts);
    return err;
}

FAULT_WRITE(portal_link_make, AGAIN_TWICE)
{
    struct str url;
    return portal_link_make(&w->ctx, STR("acme"), &url);
}

FAULT_READ(portal_link_check)
{
    bool opens = false;
    TRY(portal_link_check(&w->ctx, str_of(faulted_tokens.link), &opens));
    w->answer = opens;
    return ERR_NONE;
}

FAULT_WRITE(portal_link_open, AGAIN_REFUSED)
{
    struct str token;
    return portal_link_open(&w->ctx, str_of(faulted_tokens.link), &faulted_place, &token);
}

FAULT_READ(portal_session_check)
{
    struct portal_visitor visitor;
    TRY(portal_session_check(&w->ctx, str_of(faulted_tokens.portal), &faulted_place, &visitor));
    w->answer = (int64_t)visitor.other_count;
    return ERR_NONE;
}

FAULT_WRITE(portal_session_end, AGAIN_SAME)
{
    const struct portal_visitor visitor = {.session_id = faulted_tokens.portal_id,
                                           .customer = {.id = w->customer_id}};
    return portal_session_end(&w->ctx, &visitor);
}

#endif
