#include "app/feature.h"

#include "app/audit.h"
#include "base/assert.h"
#include "base/decimal.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "store/sql/entitlement.h"

#define TEXT_MAX          255 /* bytes of a code, a name, an option */
#define AUDIT_BYTES_MAX   ((size_t)16 << 20)
#define OPTIONS_BYTES_MAX ((size_t)1 << 20)

static const struct {
    const char *word;
} types[] = {
#define X(name, text) [PRIVILEGE_##name] = {text},
    PRIVILEGE_TYPE_MAP(X)
#undef X
};

#define TYPE_COUNT (sizeof types / sizeof types[0])

static bool parse_type(struct str word, enum privilege_type *type)
{
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (!str_eq(word, str_of(types[i].word)))
            continue;
        *type = (enum privilege_type)i;
        return true;
    }
    return false;
}

enum privilege_type privilege_type_of(struct str word)
{
    enum privilege_type type = PRIVILEGE_STRING;
    bool known = parse_type(word, &type);
    ASSERT(known);
    return type;
}

const struct feature_privilege_row *feature_privilege_of(const struct feature_view *view,
                                                         struct str code)
{
    for (size_t i = 0; i < view->privilege_count; i++) {
        if (str_eq(view->privileges[i].code, code))
            return &view->privileges[i];
    }
    return NULL;
}

/* ---- values ---------------------------------------------------------------------------------- */

static bool is_option(struct arena *arena, struct str options, struct str value)
{
    struct json_reader reader;
    bool is_one = false;
    json_reader_init(&reader, arena, options);
    for (enum json_token token = json_next(&reader);
         token == JSON_ARRAY_START || token == JSON_STRING; token = json_next(&reader))
        is_one |= token == JSON_STRING && str_eq(reader.text, value);
    return is_one;
}

static bool is_integer(struct str value)
{
    struct decimal exact;
    int64_t number = 0;
    return decimal_parse(value, &exact) == ERR_NONE && decimal_to_int64(exact, &number) == ERR_NONE;
}

bool privilege_takes(struct arena *arena, const struct feature_privilege_row *privilege,
                     struct str value)
{
    switch (privilege_type_of(privilege->value_type)) {
    case PRIVILEGE_STRING:
        return value.len > 0 && value.len <= TEXT_MAX;
    case PRIVILEGE_INTEGER:
        return is_integer(value);
    case PRIVILEGE_BOOLEAN:
        return str_eq(value, STR("true")) || str_eq(value, STR("false"));
    case PRIVILEGE_SELECT:
        return is_option(arena, privilege->select_options, value);
    }
    return false;
}

struct str privilege_wants(struct arena *arena, const struct feature_privilege_row *privilege)
{
    switch (privilege_type_of(privilege->value_type)) {
    case PRIVILEGE_STRING:
        return STR("a text of 1 to 255 bytes");
    case PRIVILEGE_INTEGER:
        return STR("a whole number");
    case PRIVILEGE_BOOLEAN:
        return STR("true or false");
    case PRIVILEGE_SELECT:
        return arena_fmt(arena, "one of %.*s", STR_ARG(privilege->select_options));
    }
    return STR("");
}

/* ---- reading --------------------------------------------------------------------------------- */

enum err feature_load_privileges(struct tx *tx, struct feature_view *view)
{
    return feature_privilege_list(tx,
                                  &(struct feature_privilege_list_in){.feature_id = view->row.id},
                                  &view->privileges, &view->privilege_count);
}

enum err feature_find(struct tx *tx, struct str code, bool lock, struct feature_view *view,
                      bool *found)
{
    TRY(feature_by_code(tx, &(struct feature_by_code_in){.code = code}, &view->row, found));
    if (*found && lock)
        TRY(feature_lock(tx, &(struct feature_lock_in){.id = view->row.id}, &view->row, found));
    return *found ? feature_load_privileges(tx, view) : ERR_NONE;
}

static enum err load(struct ctx *ctx, struct tx *tx, struct str code, bool lock,
                     struct feature_view *view)
{
    bool found = false;
    TRY(feature_find(tx, code, lock, view, &found));
    return found ? ERR_NONE : fail_not_found(ctx, "feature", code);
}

struct writing {
    struct str code; /* of the one that changes */
    struct str privilege_code;
    const struct feature_input *input;
    struct feature_view *view;
};

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct writing *getting = arg;
    return load(ctx, tx, getting->code, false, getting->view);
}

enum err feature_get(struct ctx *ctx, struct str code, struct feature_view *view)
{
    return tx_run(ctx, TX_READ, get, &(struct writing){.code = code, .view = view});
}

struct listing {
    int64_t limit, offset, total;
    struct feature_view *views;
    size_t count;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *listing = arg;
    struct feature_row *rows = NULL;
    struct feature_count_row counted;
    bool found = false;
    TRY(feature_count(tx, &counted, &found));
    listing->total = counted.total;
    TRY(feature_page(tx,
                     &(struct feature_page_in){.limit = listing->limit, .offset = listing->offset},
                     &rows, &listing->count));
    listing->views = ARENA_ARRAY(ctx->arena, listing->count, struct feature_view);
    for (size_t i = 0; i < listing->count; i++) {
        listing->views[i].row = rows[i];
        TRY(feature_load_privileges(tx, &listing->views[i]));
    }
    return ERR_NONE;
}

enum err feature_list(struct ctx *ctx, int64_t limit, int64_t offset, struct feature_view **views,
                      size_t *count, int64_t *total)
{
    struct listing listing = {.limit = limit, .offset = offset};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *views = listing.views;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}

/* ---- audit ----------------------------------------------------------------------------------- */

static struct str audit_text(struct arena *arena, const struct feature_view *view)
{
    struct buf buf;
    struct json_writer out;
    buf_init(&buf, arena, AUDIT_BYTES_MAX);
    json_writer_init(&out, &buf);
    json_object(&out, NULL);
    json_raw(&out, "feature", feature_row_json(arena, &view->row));
    json_array(&out, "privileges");
    for (size_t i = 0; i < view->privilege_count; i++)
        json_raw(&out, NULL, feature_privilege_row_json(arena, &view->privileges[i]));
    json_array_end(&out);
    json_object_end(&out);
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

static enum err add_audit(struct ctx *ctx, struct tx *tx, const char *action,
                          const struct feature_view *before, const struct feature_view *after)
{
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = action,
                         .object_id = (after == NULL ? before : after)->row.id,
                         .before = before == NULL ? STR_NULL : audit_text(ctx->arena, before),
                         .after = after == NULL ? STR_NULL : audit_text(ctx->arena, after),
                     });
}

/* ---- checking -------------------------------------------------------------------------------- */

static enum err check_code(struct ctx *ctx, struct tx *tx, struct str code)
{
    struct feature_row taken;
    bool found = false;
    TRY(feature_by_code(tx, &(struct feature_by_code_in){.code = code}, &taken, &found));
    if (found)
        fault_field(ctx->fault, STR("code"), "value_already_exist", code,
                    "a code that no feature has yet");
    return ERR_NONE;
}

static struct str below(struct ctx *ctx, struct str path, const char *field)
{
    return arena_fmt(ctx->arena, "%.*s.%s", STR_ARG(path), field);
}

/* The array of options as it is kept. */
static struct str read_options(struct ctx *ctx, struct str path,
                               const struct privilege_input *input)
{
    struct buf buf;
    struct json_writer out;
    struct str list = below(ctx, path, "config.select_options");
    buf_init(&buf, ctx->arena, OPTIONS_BYTES_MAX);
    json_writer_init(&out, &buf);
    json_array(&out, NULL);
    if (input->option_count == 0)
        fault_field(ctx->fault, list, "value_is_mandatory", STR_NULL, "the words to select from");
    if (input->option_count > PRIVILEGE_OPTIONS_MAX)
        fault_field(ctx->fault, list, "too_many_values",
                    arena_fmt(ctx->arena, "%zu", input->option_count), "at most %d",
                    PRIVILEGE_OPTIONS_MAX);
    for (size_t i = 0; i < input->option_count && i < PRIVILEGE_OPTIONS_MAX; i++) {
        struct str option = input->options[i];
        struct str field = arena_fmt(ctx->arena, "%.*s.%zu", STR_ARG(list), i);
        if (option.len == 0 || option.len > TEXT_MAX)
            fault_field(ctx->fault, field, "value_is_invalid", option, "a text of 1 to %d bytes",
                        TEXT_MAX);
        for (size_t j = 0; j < i; j++) {
            if (str_eq(option, input->options[j]))
                fault_field(ctx->fault, field, "value_already_exist", option, "each word once");
        }
        json_str(&out, NULL, option);
    }
    json_array_end(&out);
    return buf_str(&buf);
}

/* As it is to be; `old` is the one that it goes on from, or NULL. */
static struct feature_privilege_row check_privilege(struct ctx *ctx, const struct writing *writing,
                                                    size_t index,
                                                    const struct feature_privilege_row *old)
{
    const struct feature_input *feature = writing->input;
    const struct privilege_input *input = &feature->privileges[index];
    struct str path = arena_fmt(ctx->arena, "privileges.%zu", index);
    struct feature_privilege_row row = {
        .feature_id = writing->view->row.id,
        .id = old == NULL ? ctx_new_id(ctx) : old->id,
        .position = (int64_t)index,
        .code = input->code,
        .name = input->name,
        .value_type = str_is_null(input->value_type) ? STR("string") : input->value_type,
        .select_options = STR_NULL,
    };
    enum privilege_type type = PRIVILEGE_STRING;
    if (old != NULL && str_is_null(input->value_type))
        row.value_type = old->value_type;
    for (size_t i = 0; i < index; i++) {
        if (str_eq(input->code, feature->privileges[i].code))
            fault_field(ctx->fault, below(ctx, path, "code"), "value_already_exist", input->code,
                        "a code that no other privilege of the feature has");
    }
    if (!parse_type(row.value_type, &type))
        fault_field(ctx->fault, below(ctx, path, "value_type"), "value_is_invalid", row.value_type,
                    "string, integer, boolean or select");
    else if (type == PRIVILEGE_SELECT && input->option_count == 0 && old != NULL &&
             str_eq(old->value_type, row.value_type))
        row.select_options = old->select_options;
    else if (type == PRIVILEGE_SELECT)
        row.select_options = read_options(ctx, path, input);
    else if (input->option_count > 0)
        fault_field(ctx->fault, below(ctx, path, "config.select_options"), "value_is_invalid",
                    input->options[0], "nothing: only a select has them");
    return row;
}

/* Values that are in use stay good ones. */
static enum err check_use(struct ctx *ctx, struct tx *tx, size_t index,
                          const struct feature_privilege_row *row)
{
    struct privilege_values_row *values = NULL;
    size_t count = 0;
    if (fault_is_set(ctx->fault))
        return ERR_NONE;
    TRY(privilege_values(
        tx, &(struct privilege_values_in){.feature_id = row->feature_id, .privilege_id = row->id},
        &values, &count));
    for (size_t i = 0; i < count; i++) {
        if (privilege_takes(ctx->arena, row, values[i].privilege_value))
            continue;
        fault_field(ctx->fault,
                    arena_fmt(ctx->arena, "privileges.%zu.%s", index,
                              str_eq(row->value_type, STR("select")) ? "config.select_options"
                                                                     : "value_type"),
                    "value_is_invalid", row->value_type,
                    "what takes all values that are granted, such as %.*s",
                    STR_ARG(values[i].privilege_value));
        return ERR_NONE;
    }
    return ERR_NONE;
}

static void check_count(struct ctx *ctx, const struct feature_input *input)
{
    if (input->privilege_count > FEATURE_PRIVILEGES_MAX)
        fault_field(ctx->fault, STR("privileges"), "too_many_values",
                    arena_fmt(ctx->arena, "%zu", input->privilege_count), "at most %d",
                    FEATURE_PRIVILEGES_MAX);
}

/* ---- writing --------------------------------------------------------------------------------- */

static enum err create(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct writing *writing = arg;
    const struct feature_input *input = writing->input;
    struct feature_view *view = writing->view;
    *view = (struct feature_view){
        .row = {.id = ctx_new_id(ctx),
                .code = input->code,
                .name = input->name,
                .description = input->description,
                .created_at = ctx_now(ctx),
                .updated_at = ctx_now(ctx)},
        .privileges = ARENA_ARRAY(ctx->arena, input->privilege_count, struct feature_privilege_row),
        .privilege_count = input->privilege_count,
    };
    TRY(check_code(ctx, tx, input->code));
    check_count(ctx, input);
    for (size_t i = 0; i < input->privilege_count; i++)
        view->privileges[i] = check_privilege(ctx, writing, i, NULL);
    TRY(fault_check(ctx->fault));
    TRY(feature_insert(tx, &view->row));
    TRY(feature_privilege_insert_many(tx, view->privileges, view->privilege_count));
    return add_audit(ctx, tx, "feature.create", NULL, view);
}

enum err feature_create(struct ctx *ctx, const struct feature_input *input,
                        struct feature_view *view)
{
    return tx_run(ctx, TX_WRITE, create, &(struct writing){.input = input, .view = view});
}

static enum err drop_privilege(struct tx *tx, const struct feature_privilege_row *row)
{
    TRY(privilege_off_plans(
        tx,
        &(struct privilege_off_plans_in){.feature_id = row->feature_id, .privilege_id = row->id},
        NULL));
    TRY(privilege_off_subscriptions(tx,
                                    &(struct privilege_off_subscriptions_in){
                                        .feature_id = row->feature_id, .privilege_id = row->id},
                                    NULL));
    return feature_privilege_delete(
        tx, &(struct feature_privilege_delete_in){.feature_id = row->feature_id, .id = row->id},
        NULL);
}

static enum err put_privilege(struct tx *tx, const struct feature_privilege_row *row, bool is_new)
{
    if (is_new)
        return feature_privilege_insert(tx, row);
    return feature_privilege_update(
        tx,
        &(struct feature_privilege_update_in){.feature_id = row->feature_id,
                                              .id = row->id,
                                              .position = row->position,
                                              .name = row->name,
                                              .value_type = row->value_type,
                                              .select_options = row->select_options},
        NULL);
}

/* Those that are sent are all that are to be. */
static enum err change_privileges(struct ctx *ctx, struct tx *tx, const struct writing *writing,
                                  const struct feature_view *old)
{
    const struct feature_input *input = writing->input;
    size_t count = input->privilege_count;
    struct feature_privilege_row *rows =
        ARENA_ARRAY(ctx->arena, count, struct feature_privilege_row);
    check_count(ctx, input);
    for (size_t i = 0; i < count; i++) {
        const struct feature_privilege_row *before =
            feature_privilege_of(old, input->privileges[i].code);
        rows[i] = check_privilege(ctx, writing, i, before);
        if (before != NULL)
            TRY(check_use(ctx, tx, i, &rows[i]));
    }
    TRY(fault_check(ctx->fault));
    writing->view->privileges = rows;
    writing->view->privilege_count = count;
    for (size_t i = 0; i < old->privilege_count; i++) {
        if (feature_privilege_of(writing->view, old->privileges[i].code) == NULL)
            TRY(drop_privilege(tx, &old->privileges[i]));
    }
    for (size_t i = 0; i < count; i++)
        TRY(put_privilege(tx, &rows[i], feature_privilege_of(old, rows[i].code) == NULL));
    return ERR_NONE;
}

static enum err change(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct writing *writing = arg;
    const struct feature_input *input = writing->input;
    struct feature_row *row = &writing->view->row;
    struct feature_view old;
    TRY(load(ctx, tx, writing->code, true, &old));
    *writing->view = old;
    if ((input->sent & FEATURE_CODE) != 0)
        row->code = input->code;
    if ((input->sent & FEATURE_NAME) != 0)
        row->name = input->name;
    if ((input->sent & FEATURE_DESCRIPTION) != 0)
        row->description = input->description;
    row->updated_at = ctx_now(ctx);
    if (!str_eq(row->code, old.row.code))
        TRY(check_code(ctx, tx, row->code));
    if ((input->sent & FEATURE_PRIVILEGES) != 0)
        TRY(change_privileges(ctx, tx, writing, &old));
    TRY(fault_check(ctx->fault));
    TRY(feature_update(tx,
                       &(struct feature_update_in){.id = row->id,
                                                   .code = row->code,
                                                   .name = row->name,
                                                   .description = row->description,
                                                   .updated_at = row->updated_at},
                       NULL));
    return add_audit(ctx, tx, "feature.update", &old, writing->view);
}

enum err feature_change(struct ctx *ctx, struct str code, const struct feature_input *input,
                        struct feature_view *view)
{
    return tx_run(ctx, TX_WRITE, change,
                  &(struct writing){.code = code, .input = input, .view = view});
}

static enum err remove_all(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct writing *removing = arg;
    struct feature_view *view = removing->view;
    TRY(load(ctx, tx, removing->code, true, view));
    struct uuid id = view->row.id;
    TRY(feature_values_off_plans(tx, &(struct feature_values_off_plans_in){.feature_id = id},
                                 NULL));
    TRY(feature_off_plans(tx, &(struct feature_off_plans_in){.feature_id = id}, NULL));
    TRY(feature_values_off_subscriptions(
        tx, &(struct feature_values_off_subscriptions_in){.feature_id = id}, NULL));
    TRY(feature_off_subscriptions(tx, &(struct feature_off_subscriptions_in){.feature_id = id},
                                  NULL));
    for (size_t i = 0; i < view->privilege_count; i++)
        TRY(drop_privilege(tx, &view->privileges[i]));
    TRY(feature_delete(tx, &(struct feature_delete_in){.id = id}, NULL));
    return add_audit(ctx, tx, "feature.delete", view, NULL);
}

enum err feature_remove(struct ctx *ctx, struct str code, struct feature_view *view)
{
    return tx_run(ctx, TX_WRITE, remove_all, &(struct writing){.code = code, .view = view});
}

static enum err remove_privilege(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct writing *removing = arg;
    struct feature_view old;
    TRY(load(ctx, tx, removing->code, true, &old));
    const struct feature_privilege_row *row = feature_privilege_of(&old, removing->privilege_code);
    if (row == NULL)
        return fail_not_found(ctx, "privilege", removing->privilege_code);
    TRY(drop_privilege(tx, row));
    *removing->view = old;
    TRY(feature_load_privileges(tx, removing->view));
    return add_audit(ctx, tx, "feature.update", &old, removing->view);
}

enum err feature_privilege_remove(struct ctx *ctx, struct str code, struct str privilege_code,
                                  struct feature_view *view)
{
    return tx_run(ctx, TX_WRITE, remove_privilege,
                  &(struct writing){.code = code, .privilege_code = privilege_code, .view = view});
}
