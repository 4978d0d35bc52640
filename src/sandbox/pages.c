/* pages.c - the sandbox gateway's hosted pages: the card form, the approval, the end.
 *
 *   GET  /pay/{id}           the form; of a checkout that is over: how it ended
 *   POST /pay/{id}           pays by a card, or cancels; then 303 to the return address
 *   GET  /pay/{id}/approve   the cardholder's approval ("3-D Secure")
 *   POST /pay/{id}/approve
 * No script, no cookie: the id is the secret.  What was typed of a card is never shown again. */
#include "sandbox/sandbox.h"

#include "base/assert.h"
#include "base/buf.h"
#include "connectors/gateway.h"
#include "core/currency.h"
#include "http/url.h"
#include "sandbox/card.h"

#include <string.h>

#define PAGE_BYTES_MAX ((size_t)256 << 10)
#define FIELD_MAX      ((size_t)100) /* characters of a form's field */

static const char style[] =
    ":root{color-scheme:light dark;--bg:#f6f8fb;--card:#fff;--ink:#182433;--soft:#5c6b7f;"
    "--line:#d5dbe5;--main:#0f766e;--on:#fff;--bad:#b42318;--good:#067647}"
    "@media(prefers-color-scheme:dark){:root{--bg:#101826;--card:#182334;--ink:#e6ecf5;"
    "--soft:#9fb0c6;--line:#36445a;--main:#2dd4bf;--on:#04211e;--bad:#ff8f80;--good:#4fd29a}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);"
    "font:16px/1.5 Inter,system-ui,sans-serif}main{max-width:27rem;margin:6vh auto;padding:0 1rem}"
    ".mark{display:inline-block;border:1px solid var(--line);border-radius:99px;"
    "padding:.1rem .7rem;font-size:.8rem;color:var(--soft)}.card{background:var(--card);"
    "border:1px solid var(--line);border-radius:14px;padding:1.5rem;margin-top:1rem}"
    "h1{overflow-wrap:anywhere;font-size:1rem;font-weight:500;color:var(--soft);margin:0}.sum{font-"
    "size:2rem;"
    "font-weight:680;letter-spacing:-.02em;margin:.1rem 0 1.1rem;"
    "font-variant-numeric:tabular-nums}label{display:block;font-weight:550;font-size:.9rem;"
    "margin-top:.9rem}input{width:100%;font:inherit;color:inherit;background:var(--bg);"
    "border:1px solid var(--line);border-radius:8px;padding:.6rem .7rem;margin-top:.25rem}"
    "input[aria-invalid]{border-color:var(--bad)}.err{color:var(--bad);font-size:.87rem;"
    "margin:.25rem 0 0}.two{display:grid;grid-template-columns:1fr 1fr;gap:.9rem}"
    "button{width:100%;font:inherit;font-weight:600;border-radius:8px;padding:.7rem;"
    "margin-top:1.2rem;border:1px solid var(--main);background:var(--main);color:var(--on);"
    "cursor:pointer}button.no{background:none;border-color:var(--line);color:var(--ink);"
    "margin-top:.6rem}:focus-visible{outline:3px solid var(--main);outline-offset:2px}"
    "summary{cursor:pointer;margin-top:1.2rem;color:var(--soft)}table{border-collapse:collapse;"
    "width:100%;font-size:.85rem}th{text-align:start}td,th{padding:.3rem .4rem .3rem 0;"
    "border-bottom:1px solid var(--line);text-align:start}td:first-child{white-space:nowrap;"
    "font-variant-numeric:tabular-nums}.good{color:var(--good)}.bad{color:var(--bad)}"
    "a{color:var(--main)}";

/* ---- the frame of a page --------------------------------------------------------------------- */

static void head(struct buf *out, const char *title)
{
    buf_fmt(out,
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
            "<meta name=\"robots\" content=\"noindex\"><title>%s · Sandbox gateway</title>"
            "<link rel=\"stylesheet\" href=\"/pay.css\"></head><body><main>"
            "<span class=\"mark\">Sandbox gateway · test cards only, no money moves</span>"
            "<div class=\"card\">",
            title);
}

static void foot(struct buf *out)
{
    buf_add(out, STR("</div></main></body></html>\n"));
}

/* `return_url` STR_NULL: forms lead nowhere else. */
static void send_page(struct http_request *request, struct http_answer *answer, int status,
                      const struct buf *page, struct str return_url)
{
    char origin[GATEWAY_ADDRESS_BYTES] = "";
    if (!str_is_null(return_url) && !gateway_origin_of(return_url, origin))
        origin[0] = '\0';
    ASSERT(buf_ok(page));
    answer->status = status;
    answer->content_type = "text/html; charset=utf-8";
    answer->body = buf_str(page);
    /* Chromium holds form-action against the redirect behind a form as well. */
    http_answer_header(
        request, answer, "Content-Security-Policy",
        arena_fmt(request->arena,
                  "default-src 'none'; style-src 'self'; form-action 'self'%s%s; base-uri 'none'; "
                  "frame-ancestors 'none'",
                  origin[0] == '\0' ? "" : " ", origin));
    http_answer_header(request, answer, "Referrer-Policy", STR("no-referrer"));
    http_answer_header(request, answer, "Cache-Control", STR("no-store"));
    http_answer_header(request, answer, "X-Frame-Options", STR("DENY"));
    http_answer_header(request, answer, "Cross-Origin-Opener-Policy", STR("same-origin"));
}

static void send_away(struct http_request *request, struct http_answer *answer, struct str url)
{
    answer->status = 303;
    http_answer_header(request, answer, "Location", url);
    http_answer_header(request, answer, "Cache-Control", STR("no-store"));
    http_answer_header(request, answer, "Referrer-Policy", STR("no-referrer"));
}

/* "4,310" */
static void write_grouped(struct buf *out, int64_t whole)
{
    if (whole >= 1000) {
        write_grouped(out, whole / 1000);
        buf_char(out, ',');
        buf_int_padded(out, whole % 1000, 3);
    } else {
        buf_int(out, whole);
    }
}

static void write_sum(struct buf *out, const struct sandbox_checkout *checkout)
{
    const struct currency *currency = currency_find(checkout->currency);
    int64_t unit = 1;
    ASSERT(currency != NULL);
    for (int i = 0; i < currency->digits; i++)
        unit *= 10;
    buf_add(out, STR("<h1>"));
    buf_html(out, checkout->description);
    buf_add(out, STR("</h1><p class=\"sum\">"));
    buf_add(out, checkout->currency);
    buf_add(out, STR("\u00a0"));
    write_grouped(out, checkout->amount_minor / unit);
    if (currency->digits > 0) {
        buf_char(out, '.');
        buf_int_padded(out, checkout->amount_minor % unit, currency->digits);
    }
    buf_add(out, STR("</p>"));
}

/* ---- the pages ------------------------------------------------------------------------------- */

struct card_form {
    struct str number, expiry, cvc, name;
    const char *number_wrong, *expiry_wrong, *cvc_wrong, *name_wrong; /* NULL: fine */
};

static void write_field(struct buf *out, const char *name, const char *label, const char *more,
                        struct str value, const char *wrong)
{
    buf_fmt(out, "<div><label for=\"%s\">%s</label><input id=\"%s\" name=\"%s\" required %s", name,
            label, name, name, more);
    if (!str_is_null(value)) {
        buf_add(out, STR(" value=\""));
        buf_html(out, value);
        buf_char(out, '"');
    }
    if (wrong != NULL)
        buf_fmt(out, " aria-invalid=\"true\" aria-describedby=\"%s-wrong\"", name);
    buf_char(out, '>');
    if (wrong != NULL)
        buf_fmt(out, "<p class=\"err\" id=\"%s-wrong\">%s</p>", name, wrong);
    buf_add(out, STR("</div>"));
}

static void write_cards(struct buf *out)
{
    buf_add(out, STR("<details><summary>Test cards</summary><table><thead><tr><th>Number</th>"
                     "<th>What happens</th></tr></thead><tbody>"));
    for (const struct card *card = cards; card->number != NULL; card++)
        buf_fmt(out, "<tr><td>%.4s %.4s %.4s %.4s</td><td>%s</td></tr>", card->number,
                card->number + 4, card->number + 8, card->number + 12, card->what);
    buf_add(out, STR("</tbody></table></details>"));
}

static void form_page(struct http_request *request, struct http_answer *answer, int status,
                      const struct sandbox_checkout *checkout, const struct card_form *form)
{
    struct buf out;
    buf_init(&out, request->arena, PAGE_BYTES_MAX);
    head(&out, "Pay");
    write_sum(&out, checkout);
    buf_fmt(&out, "<form method=\"post\" action=\"/pay/%.*s\">", STR_ARG(checkout->id));
    write_field(&out, "number", "Card number",
                "inputmode=\"numeric\" autocomplete=\"cc-number\" maxlength=\"30\"", STR_NULL,
                form->number_wrong);
    buf_add(&out, STR("<div class=\"two\">"));
    write_field(&out, "expiry", "Expiry (MM/YY)",
                "inputmode=\"numeric\" autocomplete=\"cc-exp\" maxlength=\"7\"", form->expiry,
                form->expiry_wrong);
    write_field(&out, "cvc", "Security code",
                "inputmode=\"numeric\" autocomplete=\"cc-csc\" maxlength=\"4\"", STR_NULL,
                form->cvc_wrong);
    buf_add(&out, STR("</div>"));
    write_field(&out, "name", "Name on card", "autocomplete=\"cc-name\" maxlength=\"100\"",
                form->name, form->name_wrong);
    buf_add(&out, STR("<button name=\"do\" value=\"pay\">Pay</button>"
                      "<button class=\"no\" name=\"do\" value=\"cancel\" formnovalidate>Cancel"
                      "</button></form>"));
    write_cards(&out);
    foot(&out);
    send_page(request, answer, status, &out, checkout->return_url);
}

static void approve_page(struct http_request *request, struct http_answer *answer,
                         const struct sandbox_checkout *checkout)
{
    struct buf out;
    buf_init(&out, request->arena, PAGE_BYTES_MAX);
    head(&out, "Approve");
    write_sum(&out, checkout);
    buf_fmt(&out,
            "<p>Your bank asks whether you made this payment.</p>"
            "<form method=\"post\" action=\"/pay/%.*s/approve\">"
            "<button name=\"do\" value=\"approve\">Approve</button>"
            "<button class=\"no\" name=\"do\" value=\"deny\">Deny</button></form>",
            STR_ARG(checkout->id));
    foot(&out);
    send_page(request, answer, 200, &out, checkout->return_url);
}

static void end_page(struct http_request *request, struct http_answer *answer,
                     const struct sandbox_checkout *checkout)
{
    bool is_paid = checkout->status == SANDBOX_SUCCEEDED;
    struct buf out;
    buf_init(&out, request->arena, PAGE_BYTES_MAX);
    head(&out, is_paid ? "Paid" : "Not paid");
    write_sum(&out, checkout);
    buf_fmt(&out, "<p class=\"%s\" role=\"status\">%s</p>", is_paid ? "good" : "bad",
            is_paid                               ? "Paid."
            : checkout->status == SANDBOX_FAILED  ? "The card was declined. Nothing was charged."
            : checkout->status == SANDBOX_EXPIRED ? "This page is too old. Nothing was charged."
                                                  : "Canceled. Nothing was charged.");
    if (!str_is_null(checkout->return_url)) {
        buf_add(&out, STR("<p><a href=\""));
        buf_html(&out, checkout->return_url);
        buf_add(&out, STR("\">Back</a></p>"));
    }
    foot(&out);
    send_page(request, answer, 200, &out, STR_NULL);
}

static void gone_page(struct http_request *request, struct http_answer *answer)
{
    struct buf out;
    buf_init(&out, request->arena, PAGE_BYTES_MAX);
    head(&out, "Not found");
    buf_add(&out, STR("<h1>There is no such payment.</h1>"));
    foot(&out);
    send_page(request, answer, 404, &out, STR_NULL);
}

/* ---- reading a form -------------------------------------------------------------------------- */

static struct str field(const struct http_param *params, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(params[i].name, str_of(name)))
            return str_trim(params[i].value);
    }
    return STR("");
}

static bool read_form(struct http_request *request, const struct http_param **params, size_t *count)
{
    struct str type = http_request_header(request, "Content-Type");
    return str_starts(type, STR("application/x-www-form-urlencoded")) &&
           url_query(request->arena, request->body, params, count) == URL_QUERY_READ;
}

static bool is_expiry(struct str text)
{
    bool is_short = text.len == 5;
    if ((!is_short && text.len != 7) || text.ptr[2] != '/')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (i != 2 && (text.ptr[i] < '0' || text.ptr[i] > '9'))
            return false;
    }
    int month = (text.ptr[0] - '0') * 10 + text.ptr[1] - '0';
    return month >= 1 && month <= 12;
}

static bool is_cvc(struct str text)
{
    int64_t number = 0;
    return (text.len == 3 || text.len == 4) && text.ptr[0] != '-' && str_to_int64(text, &number);
}

/* The card; NULL: a field is wrong. */
static const struct card *check_form(struct card_form *form)
{
    const struct card *card = card_find(form->number);
    if (form->number.len == 0)
        form->number_wrong = "Enter a card number.";
    else if (!card_number_is_valid(form->number))
        form->number_wrong = "This is not a card number.";
    else if (card == NULL)
        form->number_wrong = "This sandbox takes test cards only: see the list below.";
    if (!is_expiry(form->expiry))
        form->expiry_wrong = "Enter the month and year, as 12/34.";
    if (!is_cvc(form->cvc))
        form->cvc_wrong = "Enter 3 or 4 digits.";
    if (form->name.len == 0)
        form->name_wrong = "Enter the name on the card.";
    else if (form->name.len > 4 * FIELD_MAX)
        form->name_wrong = "This name is too long.";
    bool is_good = form->number_wrong == NULL && form->expiry_wrong == NULL &&
                   form->cvc_wrong == NULL && form->name_wrong == NULL;
    return is_good ? card : NULL;
}

/* ---- what a form does ------------------------------------------------------------------------ */

/* What is left to do once the mutex is free. */
struct outcome {
    struct sandbox_event *event; /* NULL: none */
    bool is_silent;
    bool tells_first; /* the webhook goes before the redirect */
};

/* With the mutex. */
static void charge(struct sandbox *sandbox, struct sandbox_checkout *checkout,
                   const struct card *card, struct outcome *outcome)
{
    struct sandbox_state *state = &sandbox->state;
    outcome->is_silent = card->is_silent;
    outcome->tells_first = state->controls.before_redirect;
    if (card->is_silent && card->is_lost)
        return;
    sandbox_step(state, "charge:before");
    if (card->decline == NULL)
        outcome->event = sandbox_end(state, checkout, SANDBOX_SUCCEEDED, STR_NULL);
    else
        outcome->event = sandbox_end(state, checkout, SANDBOX_FAILED, str_of(card->decline));
    sandbox_step(state, "charge:after");
}

/* Without the mutex; what the checkout's texts say does not change any more. */
static void leave(struct http_request *request, struct http_answer *answer,
                  const struct sandbox_checkout *checkout, const struct outcome *outcome)
{
    struct sandbox *sandbox = request->env;
    if (outcome->event != NULL && outcome->tells_first)
        (void)teller_send_now(sandbox->teller, outcome->event);
    teller_wake(sandbox->teller);
    if (outcome->is_silent) {
        http_defer(request);
        teller_never_answer(sandbox->teller, request);
    } else if (str_is_null(checkout->return_url)) {
        send_away(request, answer, arena_fmt(request->arena, "/pay/%.*s", STR_ARG(checkout->id)));
    } else {
        send_away(request, answer, checkout->return_url);
    }
}

static void pay_get(struct http_request *request, struct http_answer *answer)
{
    struct sandbox *sandbox = request->env;
    struct card_form form = {.expiry = STR_NULL};
    pthread_mutex_lock(&sandbox->state.mutex);
    struct sandbox_checkout *checkout = sandbox_find_id(&sandbox->state, request->params[0]);
    if (checkout == NULL)
        gone_page(request, answer);
    else if (checkout->status == SANDBOX_OPEN)
        form_page(request, answer, 200, checkout, &form);
    else
        end_page(request, answer, checkout);
    pthread_mutex_unlock(&sandbox->state.mutex);
}

/* true: the answer stands, else the customer leaves with what `outcome` says. */
static bool pay_by(struct http_request *request, struct http_answer *answer,
                   struct sandbox_checkout *checkout, struct card_form *form,
                   struct outcome *outcome)
{
    struct sandbox *sandbox = request->env;
    const struct card *card = check_form(form);
    if (card == NULL) {
        form_page(request, answer, 422, checkout, form);
        return true;
    }
    if (card->asks) {
        sandbox_wait(&sandbox->state, checkout, str_of(card->number));
        send_away(request, answer,
                  arena_fmt(request->arena, "/pay/%.*s/approve", STR_ARG(checkout->id)));
        return true;
    }
    charge(sandbox, checkout, card, outcome);
    return false;
}

static void pay_post(struct http_request *request, struct http_answer *answer)
{
    struct sandbox *sandbox = request->env;
    const struct http_param *params = NULL;
    struct outcome outcome = {0};
    size_t count = 0;
    if (!read_form(request, &params, &count)) {
        sandbox_answer_error(request, answer, 400, "bad_request", "not a form");
        return;
    }
    struct card_form form = {.number = field(params, count, "number"),
                             .expiry = field(params, count, "expiry"),
                             .cvc = field(params, count, "cvc"),
                             .name = field(params, count, "name")};
    bool stands = false;
    pthread_mutex_lock(&sandbox->state.mutex);
    struct sandbox_checkout *checkout = sandbox_find_id(&sandbox->state, request->params[0]);
    if (checkout == NULL) {
        gone_page(request, answer);
        stands = true;
    } else if (checkout->status == SANDBOX_OPEN) {
        if (str_eq(field(params, count, "do"), STR("cancel")))
            outcome.event = sandbox_end(&sandbox->state, checkout, SANDBOX_CANCELED, STR_NULL);
        else
            stands = pay_by(request, answer, checkout, &form, &outcome);
    } /* a second click on a checkout that is over only leads back */
    pthread_mutex_unlock(&sandbox->state.mutex);
    if (!stands)
        leave(request, answer, checkout, &outcome);
}

static void approve_get(struct http_request *request, struct http_answer *answer)
{
    struct sandbox *sandbox = request->env;
    pthread_mutex_lock(&sandbox->state.mutex);
    struct sandbox_checkout *checkout = sandbox_find_id(&sandbox->state, request->params[0]);
    if (checkout == NULL)
        gone_page(request, answer);
    else if (checkout->status == SANDBOX_OPEN && !str_is_null(checkout->pending_card))
        approve_page(request, answer, checkout);
    else
        send_away(request, answer, arena_fmt(request->arena, "/pay/%.*s", STR_ARG(checkout->id)));
    pthread_mutex_unlock(&sandbox->state.mutex);
}

static void approve_post(struct http_request *request, struct http_answer *answer)
{
    struct sandbox *sandbox = request->env;
    const struct http_param *params = NULL;
    struct outcome outcome = {0};
    size_t count = 0;
    if (!read_form(request, &params, &count)) {
        sandbox_answer_error(request, answer, 400, "bad_request", "not a form");
        return;
    }
    pthread_mutex_lock(&sandbox->state.mutex);
    struct sandbox_checkout *checkout = sandbox_find_id(&sandbox->state, request->params[0]);
    if (checkout == NULL) {
        gone_page(request, answer);
    } else if (checkout->status == SANDBOX_OPEN && !str_is_null(checkout->pending_card)) {
        const struct card *card = card_find(checkout->pending_card);
        ASSERT(card != NULL);
        if (str_eq(field(params, count, "do"), STR("approve")))
            charge(sandbox, checkout, card, &outcome);
        else
            outcome.event = sandbox_end(&sandbox->state, checkout, SANDBOX_FAILED,
                                        STR("authentication_failed"));
    }
    pthread_mutex_unlock(&sandbox->state.mutex);
    if (checkout != NULL)
        leave(request, answer, checkout, &outcome);
}

static void style_get(struct http_request *request, struct http_answer *answer)
{
    answer->status = 200;
    answer->content_type = "text/css; charset=utf-8";
    answer->body = str_of(style);
    http_answer_header(request, answer, "Cache-Control", STR("max-age=300"));
}

const struct route sandbox_page_routes[] = {
    {.method = HTTP_GET, .pattern = "/pay.css", .handle = style_get},
    {.method = HTTP_GET, .pattern = "/pay/{id}", .handle = pay_get},
    {.method = HTTP_POST, .pattern = "/pay/{id}", .handle = pay_post},
    {.method = HTTP_GET, .pattern = "/pay/{id}/approve", .handle = approve_get},
    {.method = HTTP_POST, .pattern = "/pay/{id}/approve", .handle = approve_post},
    {0},
};
