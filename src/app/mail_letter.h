/* mail_letter.h - what each kind of mail says, in the customer's language. */
#ifndef APP_MAIL_LETTER_H
#define APP_MAIL_LETTER_H

#include "app/billing_entity.h"
#include "app/invoice.h"
#include "app/payment.h"
#include "locale/locale.h"
#include "mail/letter.h"
#include "store/sql/rows.h"

/* What a mail tells of. */
struct mail_subject {
    const struct mail_row *mail;
    const struct customer_row *customer;
    const struct billing_entity_row *entity;
    const struct invoice_row *invoice; /* of invoice and receipt */
    const struct payment_row *payment; /* of receipt */
};

struct mail_words {
    struct str subject;
    struct letter letter;
    struct str file_name; /* STR_NULL: nothing is attached */
};

/* Texts live in the arena and as long as the locale. */
void mail_words(struct arena *arena, const struct locale *locale,
                const struct mail_subject *subject, struct mail_words *words);

#endif
