/* payment.h - what became of a payment: where the gateway sends the customer back to. */
#ifndef WEB_PORTAL_PAYMENT_H
#define WEB_PORTAL_PAYMENT_H

#include "web/frame.h"
#include "web/parts.h"

enum portal_outcome { OUTCOME_PAID, OUTCOME_DECLINED, OUTCOME_OPEN, OUTCOME_WAITING };

struct portal_payment_view {
    struct frame frame;
    enum portal_outcome outcome;
    struct str words; /* "Your card was declined …" */
    struct str url, amount, invoice_number, invoice_url;
    struct facts facts;
    bool can_pay; /* again */
    struct str pay_words;
    struct str receipt_url; /* empty: there is none */
    int again_s;            /* asks again by itself after so many seconds; 0: it is over */
};

#endif
