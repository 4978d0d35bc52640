/* mail_folder.h - a folder in which mails are caught instead of being sent, as .eml files. */
#ifndef CONNECTORS_MAIL_FOLDER_H
#define CONNECTORS_MAIL_FOLDER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

/* Makes the folder where there is none.  ERR_IO: it can't be made, or not be written to. */
MUST_CHECK enum err mail_folder_make(struct str folder, struct fault *fault);

/* Writes FOLDER/NAME.eml: whole, on disk, or not at all; one of that name is replaced, so that a
 * repeated delivery leaves one file.  ERR_IO, ERR_FULL. */
MUST_CHECK enum err mail_folder_put(struct str folder, struct str name, struct str message,
                                    struct arena *arena, struct fault *fault);

#endif
