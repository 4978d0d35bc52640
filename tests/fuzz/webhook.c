/* webhook.c - a webhook of the sandbox gateway: what is read keeps to the promises of
 * connectors/gateway.h, whatever was signed; and no signature is right but the one that was made.
 */
#include "base/time.h"
#include "connectors/sandbox_gateway.h"
#include "connectors/webhook_sign.h"
#include "tests/fuzz/fuzz.h"

#define ORIGIN "http://pay.example"
#define NOW_S  1700000000

static void reading(struct arena *arena, struct fault *fault, struct str body)
{
    struct gateway_notice notice = {.kind = STR_NULL};
    enum err err = sandbox_notice_read(arena, fault, body, ORIGIN, &notice);
    FUZZ_CHECK(err == ERR_NONE || err == ERR_MALFORMED);
    if (err != ERR_NONE) {
        FUZZ_CHECK(str_is_null(notice.kind) && str_is_null(notice.event_id));
        return;
    }
    const struct gateway_payment *payment = &notice.payment;
    FUZZ_CHECK(notice.event_id.len > 0 && notice.kind.len > 0);
    FUZZ_CHECK(payment->status != GATEWAY_NONE && payment->amount_minor > 0);
    FUZZ_CHECK(payment->reference.len > 0 && payment->reference.len <= GATEWAY_REFERENCE_MAX);
    FUZZ_CHECK(payment->currency.len == 3 && payment->gateway_id.len > 0);
    FUZZ_CHECK(payment->status != GATEWAY_OPEN ||
               gateway_url_is_under(payment->redirect_url, ORIGIN));
}

static void checking(struct arena *arena, struct fault *fault, struct str input)
{
    struct webhook_key key = {.bytes = "0123456789abcdef01234567", .len = 24};
    struct str half = str_slice(input, 0, input.len / 2);
    struct str rest = str_slice(input, input.len / 2, input.len);
    struct webhook_headers forged = {
        .id = STR("evt_1"), .timestamp = STR("1700000000"), .signature = half};
    struct str made = webhook_sign(arena, &key, STR("evt_1"), NOW_S, rest);
    enum err err = webhook_check(&key, &forged, rest, NOW_S, 300, fault);
    FUZZ_CHECK(err == ERR_UNAUTHORIZED || (err == ERR_NONE && half.len >= made.len));
    forged.signature = made;
    FUZZ_CHECK(webhook_check(&key, &forged, rest, NOW_S, 300, fault) == ERR_NONE);
    if (rest.len > 0)
        FUZZ_CHECK(webhook_check(&key, &forged, str_slice(rest, 1, rest.len), NOW_S, 300, fault) ==
                   ERR_UNAUTHORIZED);
}

void fuzz_one(struct arena *arena, struct str input)
{
    struct fault fault;
    fault_init(&fault, arena);
    if (fuzz_choice(&input, 2) == 0)
        reading(arena, &fault, input);
    else
        checking(arena, &fault, input);
}
