/* fake_gateway.h - a payment gateway within the test, which says what the test wants. */
#ifndef TESTS_APP_FAKE_GATEWAY_H
#define TESTS_APP_FAKE_GATEWAY_H

#include "app/ctx.h"
#include "base/time.h"
#include "connectors/gateway.h"

#include <string.h>

#define FAKE_CHECKOUTS_MAX 16

static struct {
    enum gateway_status status; /* of all that it is asked about */
    int64_t more_minor;         /* the amount differs by it from what was asked for */
    int64_t asked;              /* how often it was */
    bool opens_new;             /* from the next new checkout on, all is open and as asked for */
    bool is_away;               /* it gives no answer */
    int event;                  /* the number of what it tells of next */
    void (*meanwhile)(void);    /* happens once, while it is asked */
    struct {
        char reference[GATEWAY_REFERENCE_MAX + 1];
        char currency[4];
        int64_t amount_minor;
    } checkouts[FAKE_CHECKOUTS_MAX];
    size_t count;
} fake = {.status = GATEWAY_OPEN};

static size_t fake_index(struct str reference)
{
    for (size_t i = 0; i < fake.count; i++) {
        if (str_eq(reference, str_of(fake.checkouts[i].reference)))
            return i;
    }
    return fake.count;
}

static enum err fake_find(struct gateway *gateway, struct arena *arena, struct fault *fault,
                          struct str reference, struct gateway_payment *payment)
{
    size_t i = fake_index(reference);
    (void)gateway;
    fake.asked++;
    *payment = (struct gateway_payment){.status = GATEWAY_NONE, .reference = reference};
    if (fake.meanwhile != NULL) {
        void (*meanwhile)(void) = fake.meanwhile;
        fake.meanwhile = NULL;
        meanwhile();
    }
    if (fake.is_away)
        return fault_set(fault, ERR_GATEWAY, "the fake gateway is away");
    if (i == fake.count || fake.status == GATEWAY_NONE)
        return ERR_NONE;
    *payment = (struct gateway_payment){
        .status = fake.status,
        .gateway_id = arena_fmt(arena, "fake_%zu", i),
        .reference = reference,
        .amount_minor = fake.checkouts[i].amount_minor + fake.more_minor,
        .currency = str_of(fake.checkouts[i].currency),
        .redirect_url = arena_fmt(arena, "http://fake.example/%zu", i),
        .expires_at = TIME_NONE,
    };
    return ERR_NONE;
}

static enum err fake_checkout(struct gateway *gateway, struct arena *arena, struct fault *fault,
                              const struct gateway_checkout *checkout,
                              struct gateway_payment *payment)
{
    size_t i = fake_index(checkout->reference);
    if (i == fake.count) {
        if (fake.count == FAKE_CHECKOUTS_MAX)
            return fault_set(fault, ERR_GATEWAY, "the fake gateway is full");
        memcpy(fake.checkouts[i].reference, checkout->reference.ptr, checkout->reference.len);
        memcpy(fake.checkouts[i].currency, checkout->currency.ptr, 3);
        fake.checkouts[i].amount_minor = checkout->amount_minor;
        fake.count++;
        if (fake.opens_new) {
            fake.status = GATEWAY_OPEN;
            fake.more_minor = 0;
        }
    }
    return fake_find(gateway, arena, fault, checkout->reference, payment);
}

static enum err fake_cancel(struct gateway *gateway, struct arena *arena, struct fault *fault,
                            struct str reference, struct gateway_payment *payment)
{
    enum err err = fake_find(gateway, arena, fault, reference, payment);
    if (payment->status == GATEWAY_OPEN)
        payment->status = GATEWAY_CANCELED;
    return err;
}

/* The body is the reference that it tells of. */
static enum err fake_webhook_read(struct gateway *gateway, struct arena *arena, struct fault *fault,
                                  const struct gateway_webhook *webhook,
                                  struct gateway_notices *notices)
{
    struct gateway_notice *notice = ARENA_NEW(arena, struct gateway_notice);
    notice->event_id = arena_fmt(arena, "event %d of %.*s", fake.event, STR_ARG(webhook->body));
    notice->kind = STR("told");
    *notices = (struct gateway_notices){.items = notice, .count = 1};
    return fake_find(gateway, arena, fault, webhook->body, &notice->payment);
}

static void fake_close(struct gateway *gateway)
{
    (void)gateway;
}

static void fake_install(struct app *app)
{
    static const struct gateway_driver driver = {.checkout = fake_checkout,
                                                 .find = fake_find,
                                                 .cancel = fake_cancel,
                                                 .webhook_read = fake_webhook_read,
                                                 .close = fake_close};
    static struct gateway gateway = {
        .driver = &driver, .code = "fake", .name = "Fake", .origin = "http://fake.example"};
    app->gateways = (struct gateways){.items = {&gateway}, .count = 1};
}

#endif
