#include "app/mail_letter.h"

#include "base/assert.h"
#include "base/zone.h"
#include "core/currency.h"

#define PARAGRAPHS_MAX 4
#define FACTS_MAX      5

/* Words being chosen. */
struct writing {
    struct arena *arena;
    const struct locale *locale;
    const struct mail_subject *about;
    struct str seller;
    struct letter_paragraph *paragraphs;
    struct letter_fact *facts;
    struct mail_words *words;
};

static struct str say(const struct writing *w, struct str english)
{
    return locale_words(w->locale, english);
}

static struct str say_with(const struct writing *w, struct str english, struct str value)
{
    return locale_words_with(w->locale, w->arena, english, &value, 1);
}

static void add_paragraph(struct writing *w, struct str text)
{
    struct letter *letter = &w->words->letter;
    ASSERT(letter->paragraph_count < PARAGRAPHS_MAX);
    w->paragraphs[letter->paragraph_count++].text = text;
}

static void add_fact(struct writing *w, struct str label, struct str value)
{
    struct letter *letter = &w->words->letter;
    ASSERT(letter->fact_count < FACTS_MAX);
    w->facts[letter->fact_count++] = (struct letter_fact){label, value};
}

static struct str amount(const struct writing *w, int64_t minor, struct str code)
{
    const struct currency *currency = currency_find(code);
    ASSERT(currency != NULL);
    return locale_money(w->locale, w->arena, (struct money){minor, currency});
}

/* "invoice-BIL-001-007.pdf", with nothing that a file system or a header could misread. */
static struct str file_name(const struct writing *w, const char *kind, struct str number)
{
    struct str name = arena_fmt(w->arena, "%s-%.*s.pdf", kind, STR_ARG(number));
    char *text = arena_alloc(w->arena, name.len + 1);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                        (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
        text[i] = (char)(is_plain ? c : '_');
    }
    return (struct str){text, name.len};
}

static void write_invoice(struct writing *w)
{
    const struct invoice_row *invoice = w->about->invoice;
    struct letter *letter = &w->words->letter;
    struct str number = str_is_null(invoice->number) ? STR("") : invoice->number;
    int64_t open_minor = invoice_open_minor(invoice);
    const struct str named[] = {number, w->seller};
    w->words->subject = locale_words_with(w->locale, w->arena, STR("Invoice {} from {}"), named, 2);
    letter->title = say_with(w, STR("Your invoice {}"), number);
    add_paragraph(w, say(w, STR("Your invoice is attached to this mail.")));
    if (str_eq(invoice->status, STR("voided")))
        add_paragraph(w, say(w, STR("This document is void.")));
    else if (open_minor == 0)
        add_paragraph(w, say(w, STR("There is nothing to pay.")));
    add_fact(w, say(w, STR("Invoice number")), number);
    add_fact(w, say(w, STR("Date")), locale_day(w->locale, w->arena, invoice->issuing_day));
    add_fact(w, say(w, STR("Total")), amount(w, invoice->total_amount_minor, invoice->currency));
    if (open_minor > 0) {
        add_fact(w, say(w, STR("Amount due")), amount(w, open_minor, invoice->currency));
        add_fact(w, say(w, STR("Due")), locale_day(w->locale, w->arena, invoice->payment_due_day));
    }
    w->words->file_name = file_name(w, "invoice", number);
}

static void write_receipt(struct writing *w)
{
    const struct invoice_row *invoice = w->about->invoice;
    const struct payment_row *payment = w->about->payment;
    struct letter *letter = &w->words->letter;
    const struct zone *zone = NULL;
    enum err err = zone_find(invoice->timezone, &zone);
    ASSERT(err == ERR_NONE); /* it was found when the invoice was made */
    struct str paid = amount(w, payment->amount_minor, payment->currency);
    const struct str named[] = {paid, w->seller};
    int64_t open_minor = invoice_open_minor(invoice);
    w->words->subject =
        locale_words_with(w->locale, w->arena, STR("Payment received: {} to {}"), named, 2);
    letter->title = say(w, STR("Thank you for your payment"));
    add_paragraph(w, say(w, STR("Your payment has arrived.")));
    add_fact(w, say(w, STR("Amount")), paid);
    add_fact(w, say(w, STR("Date")),
             locale_day(w->locale, w->arena, zone_day(zone, payment->paid_at)));
    add_fact(w, say(w, STR("Invoice number")), invoice->number);
    if (!str_is_null(payment->reference))
        add_fact(w, say(w, STR("Reference")), payment->reference);
    if (!str_is_null(payment->receipt_number))
        w->words->file_name = file_name(w, "receipt", payment->receipt_number);
    if (open_minor > 0)
        add_fact(w, say(w, STR("Amount due")), amount(w, open_minor, invoice->currency));
}

static void write_portal_link(struct writing *w)
{
    struct letter *letter = &w->words->letter;
    w->words->subject = say_with(w, STR("Your sign-in link for {}"), w->seller);
    letter->title = say(w, STR("Sign in"));
    add_paragraph(w, say(w, STR("This link signs you in to your customer portal. It works once, "
                                "and only for a short time.")));
    add_paragraph(w, say(w, STR("If you did not ask for it, you can ignore this mail.")));
    letter->action = say(w, STR("Sign in"));
    letter->action_url = w->about->mail->link_url;
}

void mail_words(struct arena *arena, const struct locale *locale,
                const struct mail_subject *subject, struct mail_words *words)
{
    const struct billing_entity_row *entity = subject->entity;
    struct writing w = {
        .arena = arena,
        .locale = locale,
        .about = subject,
        .seller = str_is_null(entity->legal_name) ? entity->name : entity->legal_name,
        .paragraphs = ARENA_ARRAY(arena, PARAGRAPHS_MAX, struct letter_paragraph),
        .facts = ARENA_ARRAY(arena, FACTS_MAX, struct letter_fact),
        .words = words,
    };
    struct str name = subject->customer->name;
    if (str_is_null(name) || name.len == 0)
        name = subject->customer->legal_name;
    *words = (struct mail_words){
        .letter =
            {
                .language = locale_tag(locale),
                .direction = locale_is_rtl(locale) ? STR("rtl") : STR("ltr"),
                .sender = w.seller,
                .paragraphs = w.paragraphs,
                .facts = w.facts,
            },
    };
    if (!str_is_null(name) && name.len > 0)
        add_paragraph(&w, say_with(&w, STR("Hello {},"), name));
    if (str_eq(subject->mail->mail_type, STR("invoice")))
        write_invoice(&w);
    else if (str_eq(subject->mail->mail_type, STR("receipt")))
        write_receipt(&w);
    else
        write_portal_link(&w);
    const struct str parties[] = {w.seller, subject->mail->to_address};
    words->letter.footer =
        locale_words_with(locale, arena, STR("{} sent this mail to {}."), parties, 2);
}
