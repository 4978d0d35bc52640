/* webhooks.c - where changes are told, and what was told. */
#include "web/admin/webhooks.h"

#include "app/webhook.h"
#include "app/webhook_endpoint.h"
#include "app/webhook_list.h"
#include "base/json_indent.h"
#include "base/none.h"
#include "base/time.h"
#include "web/routes.h"
#include "web/show.h"
#include "web/templates.h"

#define URL         "/endpoints"
#define MESSAGE_URL "/messages"
#define ADDRESS_MAX 2000 /* characters of a form */
#define TYPES_MAX   4000

static const char *const states[] = {"waiting", "succeeded", "failed", NULL};
static const char *const words[] = {"Waiting", "Delivered", "Failed"};

static struct str url_of(const struct page *page, const char *base, struct uuid id)
{
    return arena_fmt(page->arena, "%s/%.*s", base, STR_ARG(uuid_text(page->arena, id)));
}

static struct status state_of(const struct page *page, struct str word)
{
    struct status status = status_of(TONE_INFO, page_words(page, "Waiting"));
    status.icon = ICON_CLOCK;
    if (str_eq(word, STR("succeeded")))
        return status_of(TONE_GOOD, page_words(page, "Delivered"));
    if (str_eq(word, STR("failed")))
        return status_of(TONE_BAD, page_words(page, "Failed"));
    return status;
}

static struct status endpoint_state(const struct page *page, const struct webhook_endpoint_row *row)
{
    if (row->disabled_at == TIME_NONE)
        return status_of(TONE_GOOD, page_words(page, "Enabled"));
    if (str_eq(row->disabled_reason, STR("gone")))
        return status_of(TONE_BAD, page_words(page, "Gone (410)"));
    return status_of(TONE_PLAIN, page_words(page, "Disabled"));
}

/* "invoice.created, customer.created" of the list as it is kept. */
static struct str types_of(const struct page *page, struct str kept)
{
    struct buf text;
    struct str rest = kept;
    struct str part;
    if (str_is_null(kept))
        return page_words(page, "All");
    buf_init(&text, page->arena, 2 * kept.len + 1);
    for (size_t i = 0; str_split(&rest, '"', &part); i++) {
        if (i % 2 == 0)
            continue;
        buf_add(&text, text.len > 0 ? STR(", ") : STR(""));
        buf_add(&text, part);
    }
    return buf_str(&text);
}

static bool has_name(const struct webhook_endpoint_row *row)
{
    return !str_is_null(row->name) && row->name.len > 0;
}

/* ---- messages -------------------------------------------------------------------------------- */

static enum err fill_messages(struct page *page, const struct zone *zone, struct uuid endpoint_id,
                              struct webhooks_list *list)
{
    struct webhook_view *found = NULL;
    int state = page_query_choice(page, "state", states);
    int64_t index = show_page_index(page);
    int64_t total = 0;
    TRY(webhook_list(
        page->ctx,
        &(struct webhook_filter){.endpoint_id = endpoint_id,
                                 .type = STR_NULL,
                                 .status = state < 0 ? STR_NULL : str_of(states[state]),
                                 .limit = SHOW_ROWS,
                                 .offset = index * SHOW_ROWS},
        &found, &list->row_count, &total));
    struct webhooks_row *rows = ARENA_ARRAY(page->arena, list->row_count, struct webhooks_row);
    for (size_t i = 0; i < list->row_count; i++)
        rows[i] = (struct webhooks_row){
            .type = found[i].row.webhook_type,
            .url = url_of(page, MESSAGE_URL, found[i].row.id),
            .address = show_text(found[i].url),
            .when = show_instant(page, zone, found[i].row.created_at),
            .status = state_of(page, found[i].row.webhook_status),
        };
    list->rows = rows;
    list->about = show_counted(page, "{} message", "{} messages", total);
    list->states = show_state_chips(page, states, words, 3, state, NULL);
    list->pager = show_pager(page, index, list->row_count, total);
    list->empty = (struct empty){
        .icon = ICON_SEND,
        .title = page_words(page, state < 0 ? "No message yet" : "No message is like that"),
        .words = page_words(page, "Every change that an endpoint wants to know of becomes a "
                                  "message to it."),
    };
    return ERR_NONE;
}

static void fill_message_facts(struct page *page, const struct zone *zone,
                               const struct webhook_view *message, struct webhook_page_view *view)
{
    const struct webhook_row *row = &message->row;
    struct fact *facts = ARENA_ARRAY(page->arena, 8, struct fact);
    size_t count = 0;
    facts[count++] = (struct fact){.name = page_words(page, "Endpoint"),
                                   .value = show_text(message->url),
                                   .url = url_of(page, URL, row->endpoint_id)};
    facts[count++] = (struct fact){.name = page_words(page, "Object"),
                                   .value = uuid_text(page->arena, row->object_id),
                                   .is_id = true};
    facts[count++] = (struct fact){.name = page_words(page, "Made"),
                                   .value = show_instant(page, zone, row->created_at)};
    facts[count++] = (struct fact){.name = page_words(page, "Ended"),
                                   .value = show_instant(page, zone, row->ended_at)};
    facts[count++] =
        (struct fact){.name = page_words(page, "Tries"), .value = show_count(page, message->tries)};
    if (message->due_at != TIME_NONE)
        facts[count++] = (struct fact){.name = page_words(page, "Next try"),
                                       .value = show_instant(page, zone, message->due_at)};
    if (row->http_status != INT_NONE)
        facts[count++] =
            (struct fact){.name = page_words(page, "HTTP status"),
                          .value = arena_fmt(page->arena, "%lld", (long long)row->http_status)};
    facts[count++] = (struct fact){
        .name = page_words(page, "Id"), .value = uuid_text(page->arena, row->id), .is_id = true};
    view->facts = (struct facts){facts, count};
}

/* For the eye; what was sent has no spaces between. */
static struct str laid_out(const struct page *page, struct str json)
{
    struct buf text;
    if (str_is_null(json))
        return STR("");
    buf_init(&text, page->arena, PAGE_BYTES_MAX);
    json_indent(&text, json);
    return buf_ok(&text) ? buf_str(&text) : json;
}

static enum err message_page(struct page *page)
{
    struct webhook_page_view view = {.frame = page_frame(page, NULL, URL)};
    struct webhook_view message;
    const struct zone *zone = NULL;
    struct uuid id;
    TRY(page_path_id(page, 0, &id));
    TRY(webhook_get(page->ctx, id, &message));
    TRY(show_zone(page, &zone));
    view.frame.title = message.row.webhook_type;
    view.url = url_of(page, MESSAGE_URL, id);
    view.status = state_of(page, message.row.webhook_status);
    view.problem = show_text(message.row.last_problem);
    view.body = laid_out(page, message.row.message_body);
    view.answer = show_text(message.row.answer_head);
    view.may_write = page_may_write(page);
    fill_message_facts(page, zone, &message, &view);
    return PAGE_SHOW(page, tpl_admin_webhook, &view);
}

static enum err resend(struct page *page)
{
    struct webhook_view message;
    struct uuid id;
    TRY(page_path_id(page, 0, &id));
    TRY(webhook_resend(page->ctx, id, &message));
    page_notice(page, NOTICE_GOOD, page_words(page, "It is on its way again."));
    return page_redirect(page, url_of(page, MESSAGE_URL, id));
}

/* ---- one endpoint ---------------------------------------------------------------------------- */

static void fill_endpoint_facts(struct page *page, const struct zone *zone,
                                const struct webhook_endpoint_row *row, struct endpoint_view *view)
{
    struct fact *facts = ARENA_ARRAY(page->arena, 6, struct fact);
    size_t count = 0;
    bool is_lago = str_eq(row->wire, WEBHOOK_ENDPOINT_WIRE_LAGO);
    facts[count++] = (struct fact){.name = page_words(page, "Address"), .value = row->webhook_url};
    facts[count++] = (struct fact){.name = page_words(page, "Name"), .value = show_text(row->name)};
    facts[count++] =
        (struct fact){.name = page_words(page, "Types"), .value = types_of(page, row->event_types)};
    facts[count++] = (struct fact){.name = page_words(page, "Form"),
                                   .value = is_lago ? STR("Lago") : STR("Standard Webhooks")};
    facts[count++] = (struct fact){.name = page_words(page, "Made"),
                                   .value = show_instant(page, zone, row->created_at)};
    facts[count++] = (struct fact){
        .name = page_words(page, "Id"), .value = uuid_text(page->arena, row->id), .is_id = true};
    view->facts = (struct facts){facts, count};
}

/* `secret` STR_NULL: it has been seen. */
static enum err show_endpoint(struct page *page, const struct webhook_endpoint_row *row,
                              struct str secret)
{
    struct endpoint_view view = {.frame = page_frame(page, NULL, URL)};
    const struct zone *zone = NULL;
    TRY(show_zone(page, &zone));
    view.frame.title = has_name(row) ? row->name : row->webhook_url;
    view.url = url_of(page, URL, row->id);
    view.status = endpoint_state(page, row);
    view.secret.text = show_text(secret);
    view.may_write = page_may_write(page);
    view.is_enabled = row->disabled_at == TIME_NONE;
    fill_endpoint_facts(page, zone, row, &view);
    TRY(fill_messages(page, zone, row->id, &view.messages));
    return PAGE_SHOW(page, tpl_admin_endpoint, &view);
}

static enum err endpoint_page(struct page *page)
{
    struct webhook_endpoint_row row;
    struct uuid id;
    TRY(page_path_id(page, 0, &id));
    TRY(webhook_endpoint_get(page->ctx, id, &row));
    return show_endpoint(page, &row, STR_NULL);
}

static enum err rotate(struct page *page)
{
    struct webhook_endpoint_row row;
    struct uuid id;
    struct str secret;
    TRY(page_path_id(page, 0, &id));
    TRY(webhook_endpoint_rotate(page->ctx, id, &row, &secret));
    return show_endpoint(page, &row, secret);
}

static enum err test(struct page *page)
{
    struct webhook_row message;
    struct uuid id;
    TRY(page_path_id(page, 0, &id));
    enum err err = webhook_endpoint_test(page->ctx, id, &message);
    if (err == ERR_NOT_ALLOWED) {
        fault_reset(page->ctx->fault);
        page_notice(page, NOTICE_BAD,
                    page_words(page, "Nothing is sent there while the endpoint is disabled."));
        return page_redirect(page, url_of(page, URL, id));
    }
    TRY(err);
    page_notice(page, NOTICE_GOOD, page_words(page, "A test message is on its way."));
    return page_redirect(page, url_of(page, MESSAGE_URL, message.id));
}

static enum err set_enabled(struct page *page, bool is_enabled, const char *done)
{
    const struct webhook_endpoint_input input = {.is_enabled = is_enabled,
                                                 .sent = WEBHOOK_ENDPOINT_ENABLED};
    struct webhook_endpoint_row row;
    struct uuid id;
    TRY(page_path_id(page, 0, &id));
    TRY(webhook_endpoint_change(page->ctx, id, &input, &row));
    page_notice(page, NOTICE_GOOD, page_words(page, done));
    return page_redirect(page, url_of(page, URL, id));
}

static enum err enable(struct page *page)
{
    return set_enabled(page, true, "The endpoint is told again.");
}

static enum err disable(struct page *page)
{
    return set_enabled(page, false, "The endpoint is told no more.");
}

static enum err remove_one(struct page *page)
{
    struct webhook_endpoint_row row;
    struct uuid id;
    TRY(page_path_id(page, 0, &id));
    TRY(webhook_endpoint_remove(page->ctx, id, &row));
    page_notice(page, NOTICE_GOOD, page_words(page, "The endpoint and its messages are gone."));
    return page_redirect(page, STR(URL));
}

/* Where an answer to a form is loaded again. */
static enum err back(struct page *page)
{
    struct uuid id;
    TRY(page_path_id(page, 0, &id));
    return page_redirect(page, url_of(page, URL, id));
}

/* ---- all of them ----------------------------------------------------------------------------- */

struct endpoints_form {
    struct page_field address, name, types;
    bool is_refused;
};

static struct endpoints_form new_form(void)
{
    return (struct endpoints_form){
        .address = {.name = "webhook_url", .chars_max = ADDRESS_MAX, .flags = FIELD_REQUIRED},
        .name = {.name = "name", .chars_max = 255},
        .types = {.name = "event_types", .chars_max = TYPES_MAX, .flags = FIELD_LINES},
    };
}

static void fill_form(struct page *page, const struct endpoints_form *form,
                      struct endpoints_view *view)
{
    view->may_write = page_may_write(page);
    view->address = page_input(page, &form->address, page_words(page, "Address"));
    view->address.placeholder = STR("https://example.com/billow");
    view->address.autocomplete = view->name.autocomplete = STR("off");
    view->name = page_input(page, &form->name, page_words(page, "Name"));
    view->types = page_input(page, &form->types, page_words(page, "Types"));
    view->types.hint =
        page_words(page, "Such as invoice.created, one a line; none: the endpoint is told all.");
    if (form->is_refused)
        view->refused.words = page_words(page, "The endpoint was not added.");
}

static enum err fill(struct page *page, const struct endpoints_form *form,
                     struct endpoints_view *view)
{
    struct webhook_endpoint_row *found = NULL;
    const struct zone *zone = NULL;
    *view = (struct endpoints_view){.frame = page_frame(page, "Webhooks", URL)};
    TRY(show_zone(page, &zone));
    TRY(webhook_endpoint_list_all(page->ctx, &found, &view->row_count));
    struct endpoints_row *rows = ARENA_ARRAY(page->arena, view->row_count, struct endpoints_row);
    for (size_t i = 0; i < view->row_count; i++) {
        bool is_named = has_name(&found[i]);
        rows[i] = (struct endpoints_row){
            .label = is_named ? found[i].name : found[i].webhook_url,
            .address = is_named ? found[i].webhook_url : STR(""),
            .url = url_of(page, URL, found[i].id),
            .types = types_of(page, found[i].event_types),
            .status = endpoint_state(page, &found[i]),
        };
    }
    view->rows = rows;
    view->about = show_counted(page, "{} endpoint", "{} endpoints", (int64_t)view->row_count);
    view->empty = (struct empty){
        .icon = ICON_SEND,
        .title = page_words(page, "No endpoint yet"),
        .words = page_words(page, "An endpoint is an address of yours that is told what changes: "
                                  "invoices, payments, customers, plans."),
    };
    fill_form(page, form, view);
    return fill_messages(page, zone, UUID_NIL, &view->messages);
}

static enum err endpoints(struct page *page)
{
    const struct endpoints_form form = new_form();
    struct endpoints_view view;
    TRY(fill(page, &form, &view));
    return PAGE_SHOW(page, tpl_admin_endpoints, &view);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ',';
}

/* The words of the field; false: one of them is no type. */
static bool read_types(struct page *page, struct page_field *field,
                       struct webhook_endpoint_input *input)
{
    size_t at = 0;
    if (!page_field(page, field))
        return false;
    struct str *types = ARENA_ARRAY(page->arena, field->value.len + 1, struct str);
    while (at < field->value.len) {
        size_t start = at;
        while (at < field->value.len && !is_space(field->value.ptr[at]))
            at++;
        struct str word = str_slice(field->value, start, at);
        if (word.len > 0 && !webhook_type_is_known(word))
            return page_field_error(page, field, "One of these is no type that there is.");
        if (word.len > 0)
            types[input->type_count++] = word;
        else
            at++;
    }
    input->types = types;
    return true;
}

static enum err refuse(struct page *page, struct endpoints_form *form)
{
    struct endpoints_view view;
    form->is_refused = true;
    TRY(fill(page, form, &view));
    return PAGE_SHOW_AGAIN(page, tpl_admin_endpoints, &view);
}

/* What was wrong with the address, in the reader's words. */
static void tell_address(struct page *page, struct page_field *field, bool is_taken, bool is_full)
{
    page_field_error(page, field,
                     is_full    ? "There are ten endpoints, and no more can be."
                     : is_taken ? "This is taken already."
                                : "An address is wanted that may be reached from here: https:// "
                                  "and a public host.");
}

static enum err add(struct page *page)
{
    struct endpoints_form form = new_form();
    struct webhook_endpoint_input input = {.wire = WEBHOOK_ENDPOINT_WIRE_STANDARD};
    struct webhook_endpoint_row row;
    struct str secret;
    bool is_good = page_field(page, &form.address);
    is_good = page_field(page, &form.name) && is_good;
    is_good = read_types(page, &form.types, &input) && is_good;
    if (!is_good)
        return refuse(page, &form);
    input.url = form.address.value;
    input.name = form.name.value.len > 0 ? form.name.value : STR_NULL;
    enum err err = webhook_endpoint_create(page->ctx, &input, &row, &secret);
    if (err == ERR_INVALID) {
        const struct fault_field *field = &page->ctx->fault->fields[0];
        tell_address(page, &form.address, str_eq(field->code, STR("value_already_exist")),
                     str_eq(field->code, STR("too_many_values")));
        fault_reset(page->ctx->fault);
        return refuse(page, &form);
    }
    TRY(err);
    return show_endpoint(page, &row, secret);
}

const struct page_route webhooks_pages[] = {
    {HTTP_GET, URL, endpoints, 0},
    {HTTP_POST, URL, add, 0},
    {HTTP_GET, URL "/{id}", endpoint_page, 0},
    {HTTP_POST, URL "/{id}/test", test, 0},
    {HTTP_GET, URL "/{id}/rotate", back, 0},
    {HTTP_POST, URL "/{id}/rotate", rotate, 0},
    {HTTP_POST, URL "/{id}/enable", enable, 0},
    {HTTP_POST, URL "/{id}/disable", disable, 0},
    {HTTP_POST, URL "/{id}/remove", remove_one, 0},
    {HTTP_GET, MESSAGE_URL "/{id}", message_page, 0},
    {HTTP_POST, MESSAGE_URL "/{id}/resend", resend, 0},
    {0},
};
