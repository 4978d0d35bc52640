#include "cli/mail_settings.h"

#include "base/secret_file.h"

#include <stdlib.h>
#include <unistd.h>

const char mail_settings_help[] =
    "mail, set in the environment or the configuration file alone:\n"
    "  BILLOW_SMTP_URL            smtp://USER:PASSWORD@HOST:PORT, or smtps://…\n"
    "  BILLOW_SMTP_PASSWORD_FILE  a file with the password, in place of the URL's\n"
    "  BILLOW_SMTP_CA_FILE        whose certificates the server may have, PEM; else the system's\n"
    "  BILLOW_MAIL_FROM           who mails come from: \"Acme Billing <billing@example.com>\"\n"
    "  BILLOW_MAIL_FOLDER         catch mails in this folder, as .eml files, and send none\n";

static enum err read_password(struct arena *arena, struct fault *fault, struct str *password)
{
    const char *path = getenv("BILLOW_SMTP_PASSWORD_FILE");
    if (path == NULL || *path == '\0')
        return ERR_NONE;
    return secret_file_read(path, arena, fault, password);
}

enum err mail_settings_read(struct arena *arena, struct fault *fault, bool makes_folder,
                            struct mail_sender *sender, bool *is_set)
{
    const char *ca_file = getenv("BILLOW_SMTP_CA_FILE");
    struct mail_options options = {
        .smtp_url = str_of(getenv("BILLOW_SMTP_URL")),
        .smtp_password = STR_NULL,
        .smtp_ca_file = STR_NULL,
        .folder = str_of(getenv("BILLOW_MAIL_FOLDER")),
        .from = str_of(getenv("BILLOW_MAIL_FROM")),
        .makes_folder = makes_folder,
    };
    if (ca_file != NULL && *ca_file != '\0') {
        if (access(ca_file, R_OK) != 0)
            return fault_errno(fault, ERR_IO, str_of(ca_file));
        options.smtp_ca_file = str_of(ca_file);
    }
    TRY(read_password(arena, fault, &options.smtp_password));
    return mail_sender_open(&options, arena, fault, sender, is_set);
}
