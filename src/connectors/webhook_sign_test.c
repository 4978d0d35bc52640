/* webhook_sign_test.c - signatures of webhooks.
 *
 * The vectors are those of the gateways' own libraries (Adyen, GoCardless, Razorpay), or were made
 * with the documented scheme and checked against them (stripe 23.1, razorpay 2.9); that of Standard
 * Webhooks is the one of its libraries' tests. */
#include "tests/test.h"

#include "connectors/webhook_sign.h"

#include <string.h>

#define ADYEN_KEY                                                      \
    "\x44\x78\x2d\xef\x54\x7a\xaa\x06\xc9\x10\xc4\x39\x32\xb1\xeb\x0c" \
    "\x71\xfc\x68\xd9\xd0\xc0\x57\x55\x0c\x48\xec\x2a\xcf\x6b\xa0\x56"

TEST(webhook_hmac_of_gateways)
{
    // clang-format off
    static const struct { const char *name, *key, *text, *signature; bool is_base64, want; } cases[] = {
        {"stripe-ok", "whsec_test_9f1c2ab34d56e78f",
         "1717243200.{\"id\":\"evt_0001\",\"object\":\"event\",\"api_version\":\"2024-06-20\",\"created\":1717243200,\"livemode\":false,\"type\":\"invoice.payment_failed\",\"data\":{\"object\":{\"id\":\"in_0001\",\"object\":\"invoice\",\"amount_due\":4990,\"currency\":\"eur\",\"attempt_count\":1,\"next_payment_attempt\":1717502400}}}",
         "d4cf4eb49bfb5118d6befe503c88c56096b0216f341442e09332de8d35485dbc", false, true},
        {"stripe-two-v1: the first", "whsec_test_9f1c2ab34d56e78f",
         "1717243200.{\"id\":\"evt_0001\",\"object\":\"event\",\"api_version\":\"2024-06-20\",\"created\":1717243200,\"livemode\":false,\"type\":\"invoice.payment_failed\",\"data\":{\"object\":{\"id\":\"in_0001\",\"object\":\"invoice\",\"amount_due\":4990,\"currency\":\"eur\",\"attempt_count\":1,\"next_payment_attempt\":1717502400}}}",
         "0000000000000000000000000000000000000000000000000000000000000000", false, false},
        {"stripe-old: right, though too old", "whsec_test_9f1c2ab34d56e78f",
         "1717243200.{\"id\":\"evt_0002\",\"object\":\"event\",\"api_version\":\"2024-06-20\",\"created\":1717243200,\"livemode\":false,\"type\":\"payment_intent.succeeded\",\"data\":{\"object\":{\"id\":\"pi_0002\",\"object\":\"payment_intent\",\"amount\":120000,\"currency\":\"jpy\"}}}",
         "5e2a55846eb2b67b1b2370d035bf030eab62ebd83ba20b5925036287a4aca5bb", false, true},
        {"stripe-v0-only: of another body", "whsec_test_9f1c2ab34d56e78f",
         "1717243200.{\"id\":\"evt_0002\",\"object\":\"event\",\"api_version\":\"2024-06-20\",\"created\":1717243200,\"livemode\":false,\"type\":\"payment_intent.succeeded\",\"data\":{\"object\":{\"id\":\"pi_0002\",\"object\":\"payment_intent\",\"amount\":120000,\"currency\":\"jpy\"}}}",
         "d4cf4eb49bfb5118d6befe503c88c56096b0216f341442e09332de8d35485dbc", false, false},
        {"gocardless-official", "ED7D658C-D8EB-4941-948B-3973214F2D49",
         "{\"events\":[{\"id\":\"EV00BD05S5VM2T\",\"created_at\":\"2018-07-05T09:13:51.404Z\",\"resource_type\":\"subscriptions\",\"action\":\"created\",\"links\":{\"subscription\":\"SB0003JJQ2MR06\"},\"details\":{\"origin\":\"api\",\"cause\":\"subscription_created\",\"description\":\"Subscription created via the API.\"},\"metadata\":{}},{\"id\":\"EV00BD05TB8K63\",\"created_at\":\"2018-07-05T09:13:56.893Z\",\"resource_type\":\"mandates\",\"action\":\"created\",\"links\":{\"mandate\":\"MD000AMA19XGEC\"},\"details\":{\"origin\":\"api\",\"cause\":\"mandate_created\",\"description\":\"Mandate created via the API.\"},\"metadata\":{}}]}",
         "2693754819d3e32d7e8fcb13c729631f316c6de8dc1cf634d6527f1c07276e7e", false, true},
        {"gocardless-wrong", "ED7D658C-D8EB-4941-948B-3973214F2D49",
         "{\"events\":[{\"id\":\"EV00BD05S5VM2T\",\"created_at\":\"2018-07-05T09:13:51.404Z\",\"resource_type\":\"subscriptions\",\"action\":\"created\",\"links\":{\"subscription\":\"SB0003JJQ2MR06\"},\"details\":{\"origin\":\"api\",\"cause\":\"subscription_created\",\"description\":\"Subscription created via the API.\"},\"metadata\":{}},{\"id\":\"EV00BD05TB8K63\",\"created_at\":\"2018-07-05T09:13:56.893Z\",\"resource_type\":\"mandates\",\"action\":\"created\",\"links\":{\"mandate\":\"MD000AMA19XGEC\"},\"details\":{\"origin\":\"api\",\"cause\":\"mandate_created\",\"description\":\"Mandate created via the API.\"},\"metadata\":{}}]}",
         "2693754819d3e32d7e8fcb13c729631f316c6de8dc1cf634d6527f1c07276e70", false, false},
        {"razorpay-sdk", "123456",
         "{\"a\":1,\"b\":2,\"c\":{\"d\":3}}",
         "2fe04e22977002e6c7cb553adab8b460cb9e2a4970d5953cb27a8472752e3bbc", false, true},
        {"razorpay-checkout", "rzp_key_secret_1",
         "order_9A33XWu170gUtm|pay_29QQoUBi66xm2f",
         "989dccfd669702bce6b9db09c8fe7a53fdb5aa10d6b79150d60e71a3233392d3", false, true},
        {"mollie-nextgen", "mollie_shared_1",
         "{\"resource\":\"event\",\"id\":\"event_GvJ8WHrp5isUdRub9CJyH\",\"type\":\"payment-link.paid\",\"entityId\":\"pl_qng5gbbv8NAZ5gpM5ZYgx\",\"createdAt\":\"2024-12-16T15:57:04.0Z\"}",
         "e6be68acfe939d3a0a09c716aba9b974456c201889d442b883e748f895f30309", false, true},
        {"adyen-official", NULL,
         "7914073381342284::TestMerchant:TestPayment-1407325143704:1130:EUR:AUTHORISATION:true",
         "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0=", true, true},
        {"adyen-amount-changed", NULL,
         "7914073381342284::TestMerchant:TestPayment-1407325143704:1131:EUR:AUTHORISATION:true",
         "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0=", true, false},
    };
    // clang-format on
    EACH(c, cases) {
        unsigned char digest[WEBHOOK_DIGEST_BYTES];
        struct str key = c->key == NULL ? STR(ADYEN_KEY) : str_of(c->key);
        struct str text = str_of(c->text);
        struct str halves[] = {str_slice(text, 0, text.len / 2),
                               str_slice(text, text.len / 2, text.len)};
        webhook_hmac(key, halves, 2, digest);
        CHECK_INT(c->is_base64 ? webhook_is_base64_of(str_of(c->signature), digest)
                               : webhook_is_hex_of(str_of(c->signature), digest),
                  c->want);
    }
}

#define SECRET    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define ID        "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define BODY      "{\"test\": 2432232314}"
#define SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define WRONG     "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF="
#define AT        1614265330

TEST(standard_webhook_signed)
{
    struct arena arena;
    struct webhook_key key;
    arena_init(&arena);
    REQUIRE(webhook_key_parse(STR(SECRET), &key));
    CHECK_STR(webhook_sign(&arena, &key, STR(ID), AT, STR(BODY)), SIGNATURE);
    arena_clear(&arena);
}

TEST(standard_webhook_checked)
{
    // clang-format off
    static const struct { const char *name, *id, *timestamp, *signature, *body; int64_t now; enum err want; } cases[] = {
        {"as it is",              ID, "1614265330", SIGNATURE, BODY, AT, ERR_NONE},
        {"as old as it may be",   ID, "1614265330", SIGNATURE, BODY, AT + 300, ERR_NONE},
        {"too old",               ID, "1614265330", SIGNATURE, BODY, AT + 301, ERR_UNAUTHORIZED},
        {"as far ahead as it may be", ID, "1614265330", SIGNATURE, BODY, AT - 300, ERR_NONE},
        {"too far ahead",         ID, "1614265330", SIGNATURE, BODY, AT - 301, ERR_UNAUTHORIZED},
        {"a changed time",        ID, "1614265331", SIGNATURE, BODY, AT, ERR_UNAUTHORIZED},
        {"a changed id",          "msg_other", "1614265330", SIGNATURE, BODY, AT, ERR_UNAUTHORIZED},
        {"a changed body",        ID, "1614265330", SIGNATURE, "{\"test\": 2432232315}", AT, ERR_UNAUTHORIZED},
        {"a truncated body",      ID, "1614265330", SIGNATURE, "{\"test\": 24322323", AT, ERR_UNAUTHORIZED},
        {"no body",               ID, "1614265330", SIGNATURE, "", AT, ERR_UNAUTHORIZED},
        {"one of two secrets",    ID, "1614265330", "v1,AAAA " SIGNATURE, BODY, AT, ERR_NONE},
        {"one of two, the first", ID, "1614265330", SIGNATURE " " WRONG, BODY, AT, ERR_NONE},
        {"a wrong one",           ID, "1614265330", WRONG, BODY, AT, ERR_UNAUTHORIZED},
        {"another version",       ID, "1614265330", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY, AT, ERR_UNAUTHORIZED},
        {"a half one",            ID, "1614265330", "v1,g0hM9SsE+OTPJTGt", BODY, AT, ERR_UNAUTHORIZED},
        {"an empty one",          ID, "1614265330", "", BODY, AT, ERR_UNAUTHORIZED},
        {"no signature",          ID, "1614265330", NULL, BODY, AT, ERR_UNAUTHORIZED},
        {"no time",               ID, NULL, SIGNATURE, BODY, AT, ERR_UNAUTHORIZED},
        {"no id",                 NULL, "1614265330", SIGNATURE, BODY, AT, ERR_UNAUTHORIZED},
        {"a time that is none",   ID, "now", SIGNATURE, BODY, AT, ERR_UNAUTHORIZED},
        {"a time below 0",        ID, "-1", SIGNATURE, BODY, AT, ERR_UNAUTHORIZED},
    };
    // clang-format on
    struct arena arena;
    struct webhook_key key;
    arena_init(&arena);
    REQUIRE(webhook_key_parse(STR(SECRET), &key));
    EACH(c, cases) {
        struct fault fault;
        fault_init(&fault, &arena);
        CHECK_INT(webhook_check(&key,
                                &(struct webhook_headers){.id = str_of(c->id),
                                                          .timestamp = str_of(c->timestamp),
                                                          .signature = str_of(c->signature)},
                                str_of(c->body), c->now, 300, &fault),
                  c->want);
    }
    arena_clear(&arena);
}

TEST(standard_webhook_secrets)
{
    // clang-format off
    static const struct { const char *name; bool want; } cases[] = {
        {SECRET, true}, {"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false}, {"whsec_", false}, {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2L", false},
        {"whsec_not base64 at all, though long enough", false}, {"", false},
    };
    // clang-format on
    EACH(c, cases) {
        struct webhook_key key;
        CHECK_INT(webhook_key_parse(str_of(c->name), &key), c->want);
    }
}
