/* pages.c - the sandbox gateway's hosted pages: the card form, the approval, the end.
 *
 *   GET  /pay/{id}           the form; of a checkout that is over: how it ended
 *   POST /pay/{id}           pays by a card, or cancels; then 303 to the return address
 *   GET  /pay/{id}/approve   the cardholder's approval ("3-D Secure")
 *   POST /pay/{id}/approve
 * The language is that of the checkout (`locale`), else what the browser likes best.
 * No script, no cookie: the id is the secret.  What was typed of a card is never shown again. */
#include "sandbox/sandbox.h"

#include "base/assert.h"
#include "base/buf.h"
#include "connectors/gateway.h"
#include "core/currency.h"
#include "http/url.h"
#include "locale/locales.h"
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

/* One page on its way to whoever pays. */
struct sheet {
    struct http_request *request;
    struct http_answer *answer;
    struct locale *locale;
    struct buf out;
};

/* In the language that the shop has asked for, else in the one that the browser likes best. */
static struct str language_of(struct http_request *request, const struct sandbox_checkout *checkout)
{
    struct str accepted = locales_choose(http_request_header(request, "Accept-Language"));
    if (checkout == NULL || str_is_null(checkout->locale))
        return accepted;
    struct str chosen = locales_choose(checkout->locale);
    bool is_known = !str_eq(chosen, STR("en")) || str_starts(checkout->locale, STR("en"));
    return is_known ? chosen : accepted;
}

static void words(struct sheet *sheet, const char *english)
{
    buf_html(&sheet->out, locale_words(sheet->locale, str_of(english)));
}

/* `checkout` NULL: there is none. */
static void begin(struct sheet *sheet, struct http_request *request, struct http_answer *answer,
                  const struct sandbox_checkout *checkout, const char *title)
{
    struct sandbox *sandbox = request->env;
    *sheet = (struct sheet){.request = request, .answer = answer};
    sheet->locale = locales_take(sandbox->locales, language_of(request, checkout));
    buf_init(&sheet->out, request->arena, PAGE_BYTES_MAX);
    buf_fmt(&sheet->out,
            "<!doctype html>\n<html lang=\"%.*s\" dir=\"%s\"><head><meta charset=\"utf-8\">"
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
            "<meta name=\"robots\" content=\"noindex\"><title>",
            STR_ARG(locale_tag(sheet->locale)), locale_is_rtl(sheet->locale) ? "rtl" : "ltr");
    words(sheet, title);
    buf_add(&sheet->out, STR(" · "));
    words(sheet, "Sandbox gateway");
    buf_add(&sheet->out,
            STR("</title><link rel=\"stylesheet\" href=\"/pay.css\"></head><body><main>"
                "<span class=\"mark\">"));
    words(sheet, "Sandbox gateway · test cards only, no money moves");
    buf_add(&sheet->out, STR("</span><div class=\"card\">"));
}

/* `return_url` STR_NULL: forms lead nowhere else. */
static void send_page(struct sheet *sheet, int status, struct str return_url)
{
    struct http_request *request = sheet->request;
    struct http_answer *answer = sheet->answer;
    struct sandbox *sandbox = request->env;
    char origin[GATEWAY_ADDRESS_BYTES] = "";
    buf_add(&sheet->out, STR("</div></main></body></html>\n"));
    locales_give(sandbox->locales, sheet->locale);
    if (!str_is_null(return_url) && !gateway_origin_of(return_url, origin))
        origin[0] = '\0';
    ASSERT(buf_ok(&sheet->out));
    answer->status = status;
    answer->content_type = "text/html; charset=utf-8";
    answer->body = buf_str(&sheet->out);
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

static void write_sum(struct sheet *sheet, const struct sandbox_checkout *checkout)
{
    const struct currency *currency = currency_find(checkout->currency);
    ASSERT(currency != NULL);
    buf_add(&sheet->out, STR("<h1><bdi>"));
    buf_html(&sheet->out, checkout->description);
    buf_add(&sheet->out, STR("</bdi></h1><p class=\"sum\"><bdi>"));
    buf_html(&sheet->out, locale_money(sheet->locale, sheet->request->arena,
                                       (struct money){checkout->amount_minor, currency}));
    buf_add(&sheet->out, STR("</bdi></p>"));
}

/* ---- the pages ------------------------------------------------------------------------------- */

struct card_form {
    struct str number, expiry, cvc, name;
    const char *number_wrong, *expiry_wrong, *cvc_wrong, *name_wrong; /* NULL: fine */
};

static void write_field(struct sheet *sheet, const char *name, const char *label, const char *more,
                        struct str value, const char *wrong)
{
    struct buf *out = &sheet->out;
    buf_fmt(out, "<div><label for=\"%s\">", name);
    words(sheet, label);
    buf_fmt(out, "</label><input id=\"%s\" name=\"%s\" required %s", name, name, more);
    if (!str_is_null(value)) {
        buf_add(out, STR(" value=\""));
        buf_html(out, str_cut(value, 4 * FIELD_MAX));
        buf_char(out, '"');
    }
    if (wrong != NULL)
        buf_fmt(out, " aria-invalid=\"true\" aria-describedby=\"%s-wrong\"", name);
    buf_char(out, '>');
    if (wrong != NULL) {
        buf_fmt(out, "<p class=\"err\" id=\"%s-wrong\">", name);
        words(sheet, wrong);
        buf_add(out, STR("</p>"));
    }
    buf_add(out, STR("</div>"));
}

static void write_cards(struct sheet *sheet)
{
    buf_add(&sheet->out, STR("<details><summary>"));
    words(sheet, "Test cards");
    buf_add(&sheet->out, STR("</summary><table><thead><tr><th>"));
    words(sheet, "Number");
    buf_add(&sheet->out, STR("</th><th>"));
    words(sheet, "What happens");
    buf_add(&sheet->out, STR("</th></tr></thead><tbody>"));
    for (const struct card *card = cards; card->number != NULL; card++) {
        buf_fmt(&sheet->out, "<tr><td dir=\"ltr\">%.4s %.4s %.4s %.4s</td><td>", card->number,
                card->number + 4, card->number + 8, card->number + 12);
        words(sheet, card->what);
        buf_add(&sheet->out, STR("</td></tr>"));
    }
    buf_add(&sheet->out, STR("</tbody></table></details>"));
}

static void write_button(struct sheet *sheet, const char *value, const char *more,
                         const char *english)
{
    buf_fmt(&sheet->out, "<button%s name=\"do\" value=\"%s\">", more, value);
    words(sheet, english);
    buf_add(&sheet->out, STR("</button>"));
}

static void form_page(struct http_request *request, struct http_answer *answer, int status,
                      const struct sandbox_checkout *checkout, const struct card_form *form)
{
    struct sheet sheet;
    begin(&sheet, request, answer, checkout, "Pay");
    write_sum(&sheet, checkout);
    buf_fmt(&sheet.out, "<form method=\"post\" action=\"/pay/%.*s\">", STR_ARG(checkout->id));
    write_field(&sheet, "number", "Card number",
                "dir=\"ltr\" inputmode=\"numeric\" autocomplete=\"cc-number\" maxlength=\"30\"",
                STR_NULL, form->number_wrong);
    buf_add(&sheet.out, STR("<div class=\"two\">"));
    write_field(&sheet, "expiry", "Expiry (MM/YY)",
                "dir=\"ltr\" inputmode=\"numeric\" autocomplete=\"cc-exp\" maxlength=\"7\"",
                form->expiry, form->expiry_wrong);
    write_field(&sheet, "cvc", "Security code",
                "dir=\"ltr\" inputmode=\"numeric\" autocomplete=\"cc-csc\" maxlength=\"4\"",
                STR_NULL, form->cvc_wrong);
    buf_add(&sheet.out, STR("</div>"));
    write_field(&sheet, "name", "Name on card",
                "dir=\"auto\" autocomplete=\"cc-name\" maxlength=\"100\"", form->name,
                form->name_wrong);
    write_button(&sheet, "pay", "", "Pay");
    write_button(&sheet, "cancel", " class=\"no\" formnovalidate", "Cancel");
    buf_add(&sheet.out, STR("</form>"));
    write_cards(&sheet);
    send_page(&sheet, status, checkout->return_url);
}

static void approve_page(struct http_request *request, struct http_answer *answer,
                         const struct sandbox_checkout *checkout)
{
    struct sheet sheet;
    begin(&sheet, request, answer, checkout, "Approve");
    write_sum(&sheet, checkout);
    buf_add(&sheet.out, STR("<p>"));
    words(&sheet, "Your bank asks whether you made this payment.");
    buf_fmt(&sheet.out, "</p><form method=\"post\" action=\"/pay/%.*s/approve\">",
            STR_ARG(checkout->id));
    write_button(&sheet, "approve", "", "Approve");
    write_button(&sheet, "deny", " class=\"no\"", "Deny");
    buf_add(&sheet.out, STR("</form>"));
    send_page(&sheet, 200, checkout->return_url);
}

static const char *end_words(const struct sandbox_checkout *checkout)
{
    switch (checkout->status) {
    case SANDBOX_SUCCEEDED:
        return "Paid.";
    case SANDBOX_FAILED:
        return "The card was declined. Nothing was charged.";
    case SANDBOX_EXPIRED:
        return "This page is too old. Nothing was charged.";
    case SANDBOX_OPEN:
    case SANDBOX_CANCELED:
        break;
    }
    return "Canceled. Nothing was charged.";
}

static void end_page(struct http_request *request, struct http_answer *answer,
                     const struct sandbox_checkout *checkout)
{
    bool is_paid = checkout->status == SANDBOX_SUCCEEDED;
    struct sheet sheet;
    begin(&sheet, request, answer, checkout, is_paid ? "Paid" : "Not paid");
    write_sum(&sheet, checkout);
    buf_fmt(&sheet.out, "<p class=\"%s\" role=\"status\">", is_paid ? "good" : "bad");
    words(&sheet, end_words(checkout));
    buf_add(&sheet.out, STR("</p>"));
    if (!str_is_null(checkout->return_url)) {
        buf_add(&sheet.out, STR("<p><a href=\""));
        buf_html(&sheet.out, checkout->return_url);
        buf_add(&sheet.out, STR("\">"));
        words(&sheet, "Back");
        buf_add(&sheet.out, STR("</a></p>"));
    }
    send_page(&sheet, 200, STR_NULL);
}

static void gone_page(struct http_request *request, struct http_answer *answer)
{
    struct sheet sheet;
    begin(&sheet, request, answer, NULL, "Not found");
    buf_add(&sheet.out, STR("<h1>"));
    words(&sheet, "There is no such payment.");
    buf_add(&sheet.out, STR("</h1>"));
    send_page(&sheet, 404, STR_NULL);
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
