#include "cli/mail_settings.h"

#include <stdio.h>
#include <stdlib.h>

#define PASSWORD_BYTES_MAX 4096

const char mail_settings_help[] =
    "mail, set in the environment or the configuration file alone:\n"
    "  BILLOW_SMTP_URL            smtp://USER:PASSWORD@HOST:PORT, or smtps://…\n"
    "  BILLOW_SMTP_PASSWORD_FILE  a file with the password, in place of the URL's\n"
    "  BILLOW_MAIL_FROM           who mails come from: \"Acme Billing <billing@example.com>\"\n"
    "  BILLOW_MAIL_FOLDER         catch mails in this folder, as .eml files, and send none\n";

static enum err read_password(struct arena *arena, struct fault *fault, struct str *password)
{
    char text[PASSWORD_BYTES_MAX];
    const char *path = getenv("BILLOW_SMTP_PASSWORD_FILE");
    if (path == NULL || *path == '\0')
        return ERR_NONE;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return fault_errno(fault, ERR_IO, str_of(path));
    size_t len = fread(text, 1, sizeof text, file);
    bool is_read = !ferror(file);
    fclose(file);
    if (!is_read || len == sizeof text)
        return fault_set(fault, ERR_IO, "%s: wanted a password of less than %d bytes", path,
                         PASSWORD_BYTES_MAX);
    *password = arena_str(arena, str_trim((struct str){text, len}));
    return ERR_NONE;
}

enum err mail_settings_read(struct arena *arena, struct fault *fault, bool makes_folder,
                            struct mail_sender *sender, bool *is_set)
{
    struct mail_options options = {
        .smtp_url = str_of(getenv("BILLOW_SMTP_URL")),
        .smtp_password = STR_NULL,
        .folder = str_of(getenv("BILLOW_MAIL_FOLDER")),
        .from = str_of(getenv("BILLOW_MAIL_FROM")),
        .makes_folder = makes_folder,
    };
    TRY(read_password(arena, fault, &options.smtp_password));
    return mail_sender_open(&options, arena, fault, sender, is_set);
}
