/* user.h - people who use the console: an email address, a password, a role.
 *
 * Addresses are the same whatever the case of A to Z.  Passwords are kept as Argon2id hashes; their
 * cost stands in the hash, and one of another cost is made anew at the next good sign-in.  At most
 * two are computed at once and one waits, so that sign-ins never take all workers.  Every change is
 * audited, without the password. */
#ifndef APP_USER_H
#define APP_USER_H

#include "app/ctx.h"
#include "store/sql/rows.h"

#define USER_PASSWORD_MIN 10  /* characters */
#define USER_PASSWORD_MAX 256 /* bytes */
#define USER_EMAIL_MAX    254 /* bytes */
#define USER_NAME_MAX     100 /* characters */

/* admin: everything; member: all of billing; viewer: looks. */
extern const char *const user_roles[]; /* ends with NULL */

struct user_input {
    struct str email;
    struct str name;     /* STR_NULL: what stands before the @ */
    struct str role;     /* STR_NULL: admin */
    struct str language; /* BCP 47; STR_NULL or "": what the browser asks for */
    struct str password;
};

/* ERR_INVALID names each bad field: email, name, role, language, password; an address that a user
 * has already is "value_already_exist". */
MUST_CHECK enum err user_add(struct ctx *ctx, const struct user_input *input,
                             struct app_user_row *row);
MUST_CHECK enum err user_list(struct ctx *ctx, struct app_user_row **rows, size_t *count);
MUST_CHECK enum err user_get(struct ctx *ctx, struct uuid id, struct app_user_row *row);
/* ERR_NOT_FOUND. */
MUST_CHECK enum err user_by_email(struct ctx *ctx, struct str email, struct app_user_row *row);

/* Can't sign in any more, and all sessions end; or can again.  Changes nothing where it is so
 * already.  ERR_NOT_FOUND. */
MUST_CHECK enum err user_disable(struct ctx *ctx, struct uuid id, struct app_user_row *row);
MUST_CHECK enum err user_enable(struct ctx *ctx, struct uuid id, struct app_user_row *row);

/* Name and language.  ERR_INVALID, ERR_NOT_FOUND. */
MUST_CHECK enum err user_change(struct ctx *ctx, struct uuid id, struct str name,
                                struct str language, struct app_user_row *row);

/* A new password; every session but `kept_session_id` (may be nil) ends.
 *   old   what it is now; STR_NULL where an operator sets it and nothing is compared
 * ERR_INVALID: a field "password" that is too short or long, or "old_password" that is wrong;
 * ERR_BUSY: too many at once. */
MUST_CHECK enum err user_set_password(struct ctx *ctx, struct uuid id, struct str old,
                                      struct str password, struct uuid kept_session_id);

/* 20 characters that are easy to read. */
struct str user_password_generate(struct arena *arena);

/* "ANNA@Example.com" to "anna@example.com". */
struct str user_email_key(struct arena *arena, struct str email);
/* One address of a form that mail can be sent to: something, one @, a name with no spaces. */
bool user_email_is_good(struct str email);

#endif
