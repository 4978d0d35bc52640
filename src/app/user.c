#include "app/user.h"

#include "app/audit.h"
#include "app/password.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/json_write.h"
#include "base/time.h"
#include "locale/locale.h"
#include "store/sql/session.h"

#include <string.h>

const char *const user_roles[] = {"admin", "member", "viewer", NULL};

static struct str audit_text(struct arena *arena, const struct app_user_row *row)
{
    struct buf buf;
    struct json_writer out;
    buf_init(&buf, arena, 65536);
    json_writer_init(&out, &buf);
    json_object(&out, NULL);
    json_str(&out, "email", row->email);
    json_str(&out, "name", row->name);
    json_str(&out, "role", row->role);
    json_str(&out, "language", row->language);
    json_time(&out, "disabled_at", row->disabled_at);
    json_object_end(&out);
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

static enum err audited(struct ctx *ctx, struct tx *tx, const char *action,
                        const struct app_user_row *before, const struct app_user_row *after)
{
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = action,
                         .object_id = after->id,
                         .before = before != NULL ? audit_text(ctx->arena, before) : STR_NULL,
                         .after = audit_text(ctx->arena, after),
                     });
}

/* ---- what is good ---------------------------------------------------------------------------- */

struct str user_email_key(struct arena *arena, struct str email)
{
    char *key = arena_alloc(arena, email.len + 1);
    for (size_t i = 0; i < email.len; i++) {
        char c = email.ptr[i];
        key[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return (struct str){key, email.len};
}

bool user_email_is_good(struct str email)
{
    struct str rest = email;
    struct str before;
    if (email.len > USER_EMAIL_MAX || !str_is_text(email) || !str_split(&rest, '@', &before) ||
        before.len == 0 || str_is_null(rest) || rest.len == 0 || str_find(rest, '@') >= 0)
        return false;
    for (size_t i = 0; i < email.len; i++) {
        unsigned char c = (unsigned char)email.ptr[i];
        if (c <= ' ' || c == 0x7F || strchr("<>()[]\\,;:\"", c) != NULL)
            return false;
    }
    return rest.ptr[0] != '.' && rest.ptr[rest.len - 1] != '.';
}

static bool has_control(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
            return true;
    }
    return false;
}

static void check_name(struct ctx *ctx, struct str name)
{
    if (name.len == 0 || str_characters(name) > USER_NAME_MAX || !str_is_text(name) ||
        has_control(name))
        fault_field(ctx->fault, STR("name"), "value_is_invalid", name,
                    "1 to %d characters, no line breaks", USER_NAME_MAX);
}

static void check_language(struct ctx *ctx, struct str language)
{
    struct locale *locale = NULL;
    if (language.len == 0)
        return;
    if (locale_open(language, &locale) != ERR_NONE)
        fault_field(ctx->fault, STR("language"), "value_is_invalid", language,
                    "a language such as en, de, ar or ja");
    locale_close(locale);
}

static void check_role(struct ctx *ctx, struct str role)
{
    for (size_t i = 0; user_roles[i] != NULL; i++) {
        if (str_eq(role, str_of(user_roles[i])))
            return;
    }
    fault_field(ctx->fault, STR("role"), "value_is_invalid", role, "admin, member or viewer");
}

/* The value is not shown. */
static void check_password(struct ctx *ctx, struct str password)
{
    if (str_is_null(password) || !str_is_text(password) ||
        str_characters(password) < USER_PASSWORD_MIN || password.len > USER_PASSWORD_MAX)
        fault_field(ctx->fault, STR("password"), "value_is_invalid", STR_NULL,
                    "at least %d characters, at most %d bytes", USER_PASSWORD_MIN,
                    USER_PASSWORD_MAX);
}

struct str user_password_generate(struct arena *arena)
{
    /* no 0, O, 1, l, I */
    static const char signs[] = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    struct buf text;
    buf_init(&text, arena, 32);
    for (int i = 0; i < 20; i++)
        buf_char(&text, signs[randombytes_uniform(sizeof signs - 1)]);
    return buf_str(&text);
}

/* ---- new ones -------------------------------------------------------------------------------- */

struct keeping {
    struct uuid id;
    const struct user_input *input;
    struct str password_hash;
    struct str verified_hash; /* of the old password; STR_NULL: it was not asked for */
    struct uuid kept_session_id;
    bool disabled;
    struct app_user_row *row;
};

static enum err find_by_email(struct ctx *ctx, struct tx *tx, struct str email,
                              struct app_user_row *row, bool *found)
{
    return app_user_by_email(
        tx, &(struct app_user_by_email_in){.email_key = user_email_key(ctx->arena, email)}, row,
        found);
}

static enum err add(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct keeping *keeping = arg;
    const struct user_input *input = keeping->input;
    struct app_user_row row;
    bool found = false;
    TRY(find_by_email(ctx, tx, input->email, &row, &found));
    if (found) {
        fault_field(ctx->fault, STR("email"), "value_already_exist", input->email,
                    "an address that no user has yet");
        return fault_check(ctx->fault);
    }
    row = (struct app_user_row){
        .id = ctx_new_id(ctx),
        .email = input->email,
        .email_key = user_email_key(ctx->arena, input->email),
        .name = input->name,
        .role = input->role,
        .language = input->language,
        .password_hash = keeping->password_hash,
        .disabled_at = TIME_NONE,
        .created_at = ctx_now(ctx),
    };
    TRY(app_user_insert(tx, &row));
    *keeping->row = row;
    return audited(ctx, tx, "user.create", NULL, &row);
}

enum err user_add(struct ctx *ctx, const struct user_input *input, struct app_user_row *row)
{
    struct user_input whole = *input;
    struct keeping keeping = {.input = &whole, .row = row};
    if (str_is_null(whole.email) || !user_email_is_good(whole.email))
        fault_field(ctx->fault, STR("email"), "value_is_invalid", whole.email,
                    "an email address, such as anna@example.com");
    else if (str_is_null(whole.name))
        whole.name = str_slice(whole.email, 0, (size_t)str_find(whole.email, '@'));
    if (!str_is_null(whole.name))
        check_name(ctx, whole.name);
    if (str_is_null(whole.role))
        whole.role = STR("admin");
    if (str_is_null(whole.language))
        whole.language = STR("");
    check_role(ctx, whole.role);
    check_language(ctx, whole.language);
    check_password(ctx, whole.password);
    TRY(fault_check(ctx->fault));
    TRY(password_hash(ctx->arena, ctx->fault, whole.password, &keeping.password_hash));
    return tx_run(ctx, TX_WRITE, add, &keeping);
}

/* ---- reading --------------------------------------------------------------------------------- */

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct keeping *keeping = arg;
    bool found = false;
    TRY(app_user_load(tx, &(struct app_user_load_in){.id = keeping->id}, keeping->row, &found));
    return found ? ERR_NONE : fail_not_found(ctx, "user", uuid_text(ctx->arena, keeping->id));
}

enum err user_get(struct ctx *ctx, struct uuid id, struct app_user_row *row)
{
    return tx_run(ctx, TX_READ, get, &(struct keeping){.id = id, .row = row});
}

static enum err get_by_email(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct keeping *keeping = arg;
    bool found = false;
    TRY(find_by_email(ctx, tx, keeping->input->email, keeping->row, &found));
    return found ? ERR_NONE : fail_not_found(ctx, "user", keeping->input->email);
}

enum err user_by_email(struct ctx *ctx, struct str email, struct app_user_row *row)
{
    return tx_run(ctx, TX_READ, get_by_email,
                  &(struct keeping){.input = &(struct user_input){.email = email}, .row = row});
}

struct listing {
    struct app_user_row *rows;
    size_t count;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *listing = arg;
    (void)ctx;
    return app_user_list(tx, &listing->rows, &listing->count);
}

enum err user_list(struct ctx *ctx, struct app_user_row **rows, size_t *count)
{
    struct listing listing = {0};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *rows = listing.rows;
    *count = listing.count;
    return ERR_NONE;
}

/* ---- changes --------------------------------------------------------------------------------- */

static enum err lock(struct ctx *ctx, struct tx *tx, struct uuid id, struct app_user_row *row)
{
    bool found = false;
    TRY(app_user_lock(tx, &(struct app_user_lock_in){.id = id}, row, &found));
    return found ? ERR_NONE : fail_not_found(ctx, "user", uuid_text(ctx->arena, id));
}

static enum err save(struct ctx *ctx, struct tx *tx, const char *action,
                     const struct app_user_row *before, const struct app_user_row *after)
{
    TRY(app_user_update(tx,
                        &(struct app_user_update_in){
                            .id = after->id,
                            .name = after->name,
                            .role = after->role,
                            .language = after->language,
                            .password_hash = after->password_hash,
                            .disabled_at = after->disabled_at,
                        },
                        NULL));
    return audited(ctx, tx, action, before, after);
}

static enum err end_sessions(struct ctx *ctx, struct tx *tx, struct uuid user_id,
                             struct uuid kept_id)
{
    return user_session_end_others(tx,
                                   &(struct user_session_end_others_in){.user_id = user_id,
                                                                        .kept_id = kept_id,
                                                                        .ended_at = ctx_now(ctx)},
                                   NULL);
}

static enum err set_disabled(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct keeping *keeping = arg;
    struct app_user_row before;
    TRY(lock(ctx, tx, keeping->id, &before));
    *keeping->row = before;
    if ((before.disabled_at != TIME_NONE) == keeping->disabled)
        return ERR_NONE;
    keeping->row->disabled_at = keeping->disabled ? ctx_now(ctx) : TIME_NONE;
    if (keeping->disabled)
        TRY(end_sessions(ctx, tx, keeping->id, UUID_NIL));
    return save(ctx, tx, keeping->disabled ? "user.disable" : "user.enable", &before, keeping->row);
}

enum err user_disable(struct ctx *ctx, struct uuid id, struct app_user_row *row)
{
    return tx_run(ctx, TX_WRITE, set_disabled,
                  &(struct keeping){.id = id, .disabled = true, .row = row});
}

enum err user_enable(struct ctx *ctx, struct uuid id, struct app_user_row *row)
{
    return tx_run(ctx, TX_WRITE, set_disabled, &(struct keeping){.id = id, .row = row});
}

static enum err change(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct keeping *keeping = arg;
    struct app_user_row before;
    TRY(lock(ctx, tx, keeping->id, &before));
    *keeping->row = before;
    keeping->row->name = keeping->input->name;
    keeping->row->language = keeping->input->language;
    return save(ctx, tx, "user.update", &before, keeping->row);
}

enum err user_change(struct ctx *ctx, struct uuid id, struct str name, struct str language,
                     struct app_user_row *row)
{
    const struct user_input input = {.name = name, .language = language};
    check_name(ctx, name);
    check_language(ctx, language);
    TRY(fault_check(ctx->fault));
    return tx_run(ctx, TX_WRITE, change, &(struct keeping){.id = id, .input = &input, .row = row});
}

static void refuse_old_password(struct ctx *ctx)
{
    fault_field(ctx->fault, STR("old_password"), "value_is_invalid", STR_NULL,
                "the password as it is now");
}

static enum err set_password(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct keeping *keeping = arg;
    struct app_user_row before;
    TRY(lock(ctx, tx, keeping->id, &before));
    if (!str_is_null(keeping->verified_hash) &&
        !str_eq(before.password_hash, keeping->verified_hash)) { /* changed since it was read */
        refuse_old_password(ctx);
        return fault_check(ctx->fault);
    }
    struct app_user_row after = before;
    after.password_hash = keeping->password_hash;
    TRY(end_sessions(ctx, tx, keeping->id, keeping->kept_session_id));
    return save(ctx, tx, "user.password", &before, &after);
}

enum err user_set_password(struct ctx *ctx, struct uuid id, struct str old, struct str password,
                           struct uuid kept_session_id)
{
    struct keeping keeping = {.id = id, .kept_session_id = kept_session_id};
    struct app_user_row row;
    bool is_good = true;
    TRY(user_get(ctx, id, &row));
    if (!str_is_null(old)) {
        TRY(password_check(ctx->arena, ctx->fault, old, row.password_hash, &is_good, NULL));
        keeping.verified_hash = row.password_hash;
    }
    if (!is_good)
        refuse_old_password(ctx);
    check_password(ctx, password);
    TRY(fault_check(ctx->fault));
    TRY(password_hash(ctx->arena, ctx->fault, password, &keeping.password_hash));
    return tx_run(ctx, TX_WRITE, set_password, &keeping);
}
