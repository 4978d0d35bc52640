/* ahead.h - short ways to sell what is paid in advance, and to see what verify notices. */
#ifndef TESTS_APP_AHEAD_H
#define TESTS_APP_AHEAD_H

#include "tests/app/books.h"

#define STANDARD_10 "{\"amount\": \"10\"}"

__attribute__((unused)) static struct charge_input ahead(const char *metric, const char *model,
                                                         const char *properties)
{
    return (struct charge_input){.metric_code = str_of(metric),
                                 .charge_model = str_of(model),
                                 .properties = str_of(properties),
                                 .pay_in_advance = true};
}

__attribute__((unused)) static struct charge_input alone(struct charge_input charge)
{
    charge.sent = CHARGE_INVOICEABLE;
    charge.invoiceable = false;
    return charge;
}

/* Plan p of 1.00 a month with the charge; customer c has s of it from `start` on. */
__attribute__((unused)) static void begin(struct world *w, const char *start,
                                          struct charge_input charge)
{
    struct charge_input charges[] = {charge, {.metric_code = STR_NULL}};
    at(w, start);
    sell(w, (struct plan_input){.amount_minor = 100}, charges);
}

__attribute__((unused)) static void send(struct world *w, const char *when, const char *code,
                                         const char *occurred_at, const char *properties)
{
    at(w, when);
    send_event(w, "s", code, occurred_at, properties);
    run(w);
}

struct findings {
    char text[4096];
    size_t len;
};

__attribute__((unused)) static void gather(void *arg, struct str line)
{
    struct findings *f = arg;
    f->len += (size_t)snprintf(f->text + f->len, sizeof f->text - f->len, "%.*s\n", STR_ARG(line));
}

#endif
