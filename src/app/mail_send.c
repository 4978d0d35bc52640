#include "app/mail_send.h"

#include "app/document_parts.h"
#include "app/invoice_document.h"
#include "app/mail_letter.h"
#include "app/mail_private.h"
#include "app/receipt_document.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "connectors/mail_folder.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/mail.h"

/* Connecting and sending may take SMTP_TIME_MAX_S; reading and drawing come before. */
#define DELIVERY_TIME_MAX_S (SMTP_TIME_MAX_S + 60)

enum err mail_sender_open(const struct mail_options *options, struct arena *arena,
                          struct fault *fault, struct mail_sender *sender, bool *is_set)
{
    bool has_server = !str_is_null(options->smtp_url) && options->smtp_url.len > 0;
    bool has_folder = !str_is_null(options->folder) && options->folder.len > 0;
    *is_set = false;
    *sender = (struct mail_sender){.folder = has_folder ? options->folder : STR_NULL};
    if (has_server && has_folder)
        return fault_set(fault, ERR_INVALID,
                         "mails can be sent (BILLOW_SMTP_URL) or caught (BILLOW_MAIL_FOLDER): "
                         "set one of both");
    if (!has_server && !has_folder)
        return ERR_NONE;
    if (str_is_null(options->from) || options->from.len == 0)
        return fault_set(fault, ERR_INVALID,
                         "BILLOW_MAIL_FROM is not set: whom mails come from, such as "
                         "\"Acme Billing <billing@example.com>\"");
    TRY(message_party_parse(options->from, arena, fault, &sender->from));
    if (has_server) {
        TRY(smtp_parse(options->smtp_url, options->smtp_password, arena, fault, &sender->server));
        sender->server.ca_file =
            str_is_null(options->smtp_ca_file) ? NULL : arena_cstr(arena, options->smtp_ca_file);
    } else if (options->makes_folder) {
        TRY(mail_folder_make(options->folder, fault));
    }
    *is_set = true;
    return ERR_NONE;
}

/* ---- what it tells of ------------------------------------------------------------------------ */

struct subject_loading {
    struct uuid id;
    struct mail_row mail;
    struct customer_row customer;
    struct billing_entity_row entity;
    struct invoice_row invoice;
    struct payment_row payment;
};

static enum err must_find(struct ctx *ctx, bool found, const char *noun, struct uuid id)
{
    return found ? ERR_NONE : fail_not_found(ctx, noun, uuid_text(ctx->arena, id));
}

static enum err load_invoice(struct ctx *ctx, struct tx *tx, struct subject_loading *l)
{
    const struct mail_row *mail = &l->mail;
    bool found = false;
    TRY(mail_find_invoice(tx, mail, &l->payment, &l->invoice, &found));
    if (!uuid_is_nil(mail->payment_id))
        return must_find(ctx, found, "payment", mail->payment_id);
    if (!uuid_is_nil(mail->invoice_id))
        return must_find(ctx, found, "invoice", mail->invoice_id);
    return ERR_NONE;
}

static enum err load(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct subject_loading *l = arg;
    struct uuid entity_id;
    bool found = false;
    TRY(mail_by_id(tx, &(struct mail_by_id_in){.id = l->id}, &l->mail, &found));
    TRY(must_find(ctx, found, "mail", l->id));
    TRY(customer_load(tx, &(struct customer_load_in){.id = l->mail.customer_id}, &l->customer,
                      &found));
    TRY(must_find(ctx, found, "customer", l->mail.customer_id));
    l->invoice = (struct invoice_row){.billing_entity_id = l->customer.billing_entity_id};
    TRY(load_invoice(ctx, tx, l));
    entity_id = l->invoice.billing_entity_id;
    TRY(billing_entity_load(tx, &(struct billing_entity_load_in){.id = entity_id}, &l->entity,
                            &found));
    return must_find(ctx, found, "billing_entity", entity_id);
}

/* ---- one mail -------------------------------------------------------------------------------- */

static enum err attach(struct ctx *ctx, const struct subject_loading *l,
                       const struct mail_words *words, struct message *message)
{
    struct buf pdf;
    if (str_is_null(words->file_name))
        return ERR_NONE;
    buf_init(&pdf, ctx->arena, INVOICE_PDF_BYTES_MAX);
    if (uuid_is_nil(l->mail.payment_id))
        TRY(invoice_pdf(ctx, l->invoice.id, STR_NULL, &pdf));
    else
        TRY(receipt_pdf(ctx, l->payment.id, STR_NULL, &pdf));
    message->file_name = words->file_name;
    message->file_bytes = buf_str(&pdf);
    message->file_type = "application/pdf";
    return ERR_NONE;
}

/* Whom it comes from: the sender's address, and what the customer knows the seller by. */
static struct message_party from_of(const struct message_party *from,
                                    const struct billing_entity_row *entity)
{
    return (struct message_party){.name = str_is_null(from->name) ? entity->name : from->name,
                                  .address = from->address};
}

static enum err write_mail(struct ctx *ctx, const struct subject_loading *l,
                           const struct locale *locale, const struct message_party *from,
                           struct str *subject, struct buf *out)
{
    struct mail_words words;
    const struct mail_subject about = {.mail = &l->mail,
                                       .customer = &l->customer,
                                       .entity = &l->entity,
                                       .invoice = &l->invoice,
                                       .payment = &l->payment};
    mail_words(ctx->arena, locale, &about, &words);
    struct message message = {
        .id = l->mail.id,
        .date_at = l->mail.created_at,
        .from = from_of(from, &l->entity),
        .to = {.name = l->customer.name, .address = l->mail.to_address},
        .reply_to = l->entity.email,
        .subject = words.subject,
        .language = locale_tag(locale),
        .text = letter_text(&words.letter, ctx->arena),
        .html = letter_html(&words.letter, ctx->arena),
        .file_name = STR_NULL,
    };
    if (!str_is_null(message.reply_to) && !message_address_is_valid(message.reply_to))
        message.reply_to = STR_NULL;                 /* the customer's mail goes out all the same */
    *subject = arena_str(ctx->arena, words.subject); /* words may be the locale's */
    TRY(attach(ctx, l, &words, &message));
    return message_write(&message, ctx->arena, ctx->fault, out);
}

static enum err compose(struct ctx *ctx, struct subject_loading *l,
                        const struct message_party *from, struct str *subject, struct buf *out)
{
    struct locale *locale = NULL;
    TRY(tx_run(ctx, TX_READ, load, l));
    if (locale_open(document_language(&l->customer, &l->entity), &locale) != ERR_NONE)
        TRY(locale_open(STR("en"), &locale));
    enum err err = write_mail(ctx, l, locale, from, subject, out);
    locale_close(locale);
    return err;
}

enum err mail_compose(struct ctx *ctx, struct uuid id, const struct message_party *from,
                      struct buf *out)
{
    struct subject_loading l = {.id = id};
    struct str subject = STR_NULL;
    return compose(ctx, &l, from, &subject, out);
}

/* ---- sending --------------------------------------------------------------------------------- */

static bool is_ready(const struct app *app)
{
    return app->mail != NULL;
}

/* What can't be made now and could not be later. */
/* The name of the file in the folder: in order of writing, and the same at each try. */
static struct str caught_name(struct ctx *ctx, const struct mail_row *mail)
{
    struct str at = time_text(ctx->arena, mail->created_at);
    struct str id = uuid_text(ctx->arena, mail->id);
    char *name = arena_alloc(ctx->arena, at.len + 1);
    for (size_t i = 0; i < at.len; i++)
        name[i] = (char)(at.ptr[i] == ':' ? '-' : at.ptr[i]);
    return arena_fmt(ctx->arena, "%s-%.*s-%.*s", name, STR_ARG(mail->mail_type), STR_ARG(id));
}

static enum outbox_result send_out(struct ctx *ctx, const struct mail_row *mail, struct str message)
{
    const struct mail_sender *sender = ctx->app->mail;
    if (!str_is_null(sender->folder))
        return mail_folder_put(sender->folder, caught_name(ctx, mail), message, ctx->arena,
                               ctx->fault) == ERR_NONE
                   ? OUTBOX_DONE
                   : OUTBOX_RETRY;
    switch (smtp_send(&sender->server, arena_cstr(ctx->arena, sender->from.address),
                      arena_cstr(ctx->arena, mail->to_address), message, ctx->fault)) {
    case SMTP_ACCEPTED:
        return OUTBOX_DONE;
    case SMTP_LATER:
        return OUTBOX_RETRY;
    case SMTP_REFUSED:
        break;
    }
    return OUTBOX_REFUSED;
}

static enum outbox_result deliver(struct ctx *ctx, struct outbox_delivery *delivery)
{
    struct subject_loading *l = ARENA_NEW(ctx->arena, struct subject_loading);
    struct str *subject = ARENA_NEW(ctx->arena, struct str);
    struct buf message;
    l->id = delivery->item->id;
    buf_init(&message, ctx->arena, MESSAGE_BYTES_MAX);
    enum err err = compose(ctx, l, &ctx->app->mail->from, subject, &message);
    delivery->data = subject;
    if (err != ERR_NONE)
        return outbox_unprepared(err, delivery);
    return send_out(ctx, &l->mail, buf_str(&message));
}

static enum err ended(struct ctx *ctx, struct tx *tx, const struct outbox_delivery *delivery,
                      struct str status, struct str problem)
{
    const struct str *subject = delivery->data;
    struct mail_row row;
    bool found = false;
    bool is_sent = str_eq(status, STR("done"));
    TRY(mail_load(tx,
                  &(struct mail_load_in){.customer_id = delivery->item->customer_id,
                                         .id = delivery->item->id},
                  &row, &found));
    if (!found)
        return ERR_NONE;
    return mail_end_try(tx,
                        &(struct mail_end_try_in){
                            .mail_status = is_sent ? STR("sent") : status,
                            .subject = str_is_null(*subject) ? row.subject : *subject,
                            .link_url = str_eq(status, STR("waiting")) ? row.link_url : STR_NULL,
                            .last_problem = problem,
                            .sent_at = is_sent ? ctx_now(ctx) : row.sent_at,
                            .customer_id = row.customer_id,
                            .id = row.id,
                        },
                        NULL);
}

const struct outbox_topic mail_topic = {
    .name = "mail",
    .time_max_s = DELIVERY_TIME_MAX_S,
    .is_ready = is_ready,
    .deliver = deliver,
    .ended = ended,
};
