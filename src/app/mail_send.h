/* mail_send.h - makes a mail (app/mail.h) of what is in the database and sends it.
 *
 * By SMTP, or into a folder where mails are caught instead: .eml files, whole or not at all.  What
 * the server refuses for good (5xx), and an address that is none, has failed at once; all else is
 * tried again as app/outbox.h says. */
#ifndef APP_MAIL_SEND_H
#define APP_MAIL_SEND_H

#include "app/ctx.h"
#include "app/outbox.h"
#include "connectors/smtp.h"
#include "mail/message.h"

struct mail_options {
    struct str smtp_url;      /* connectors/smtp.h; STR_NULL: none */
    struct str smtp_password; /* STR_NULL: the URL's own */
    struct str smtp_ca_file;  /* STR_NULL: the system's authorities */
    struct str folder;        /* STR_NULL: none */
    struct str from;          /* "Name <address>"; STR_NULL: nobody, an error with either of both */
    bool makes_folder;
};

struct mail_sender {
    struct smtp_server server;
    struct str folder; /* STR_NULL: by SMTP */
    struct message_party from;
};

/* Reads the options and, if it is to, makes the folder; texts live in the arena.
 *   *is_set  false: neither server nor folder is given, and mails wait
 * ERR_INVALID: both are, or one without `from`, or what they say is wrong; ERR_IO: the folder. */
MUST_CHECK enum err mail_sender_open(const struct mail_options *options, struct arena *arena,
                                     struct fault *fault, struct mail_sender *sender, bool *is_set);

/* Delivers with app->mail; waits while that is NULL. */
extern const struct outbox_topic mail_topic;

/* The mail as it would be sent now: for whoever wants to look at it.  ERR_NOT_FOUND: no such mail.
 */
MUST_CHECK enum err mail_compose(struct ctx *ctx, struct uuid id, const struct message_party *from,
                                 struct buf *out);

#endif
