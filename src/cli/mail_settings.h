/* mail_settings.h - how this process sends mail: from the environment and the configuration file.
 *
 *   BILLOW_SMTP_URL            smtp://USER:PASSWORD@HOST:PORT or smtps://… (connectors/smtp.h)
 *   BILLOW_SMTP_PASSWORD_FILE  the password's file, in place of the URL's own
 *   BILLOW_SMTP_CA_FILE        certificates of who may sign the server's, PEM
 *   BILLOW_MAIL_FROM           "Acme Billing <billing@example.com>"
 *   BILLOW_MAIL_FOLDER         a folder in which mails are caught instead
 * None of it is an argument: those can be seen by others. */
#ifndef CLI_MAIL_SETTINGS_H
#define CLI_MAIL_SETTINGS_H

#include "app/mail_send.h"

/* As mail_sender_open, which says what *is_set is.  Errors of the password's file:
 * base/secret_file.h. */
MUST_CHECK enum err mail_settings_read(struct arena *arena, struct fault *fault, bool makes_folder,
                                       struct mail_sender *sender, bool *is_set);

/* What serve --help says of it. */
extern const char mail_settings_help[];

#endif
