#include "connectors/mail_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES_MAX 4096

enum err mail_folder_make(struct str folder, struct fault *fault)
{
    char path[PATH_BYTES_MAX];
    snprintf(path, sizeof path, "%.*s", STR_ARG(folder));
    if (folder.len >= sizeof path)
        return fault_set(fault, ERR_IO, "the mail folder's path is too long");
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return fault_errno(fault, ERR_IO, folder);
    return access(path, W_OK | X_OK) == 0 ? ERR_NONE : fault_errno(fault, ERR_IO, folder);
}

static enum err write_all(int file, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t wrote = write(file, bytes.ptr, bytes.len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return ERR_IO;
        bytes = str_slice(bytes, (size_t)wrote, bytes.len);
    }
    return fsync(file) == 0 ? ERR_NONE : ERR_IO;
}

static enum err sync_folder(const char *folder)
{
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return ERR_IO;
    enum err err = fsync(file) == 0 ? ERR_NONE : ERR_IO;
    close(file);
    return err;
}

enum err mail_folder_put(struct str folder, struct str name, struct str message,
                         struct arena *arena, struct fault *fault)
{
    struct str path = arena_fmt(arena, "%.*s/%.*s.eml", STR_ARG(folder), STR_ARG(name));
    struct str part =
        arena_fmt(arena, "%.*s/.%.*s.%ld.part", STR_ARG(folder), STR_ARG(name), (long)getpid());
    int file = open(part.ptr, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return fault_errno(fault, ERR_IO, part);
    enum err err = write_all(file, message);
    if (close(file) != 0)
        err = ERR_IO;
    if (err == ERR_NONE && rename(part.ptr, path.ptr) != 0)
        err = ERR_IO;
    if (err == ERR_NONE)
        return sync_folder(arena_cstr(arena, folder)) == ERR_NONE
                   ? ERR_NONE
                   : fault_errno(fault, ERR_IO, folder);
    int why = errno;
    unlink(part.ptr);
    errno = why;
    return fault_errno(fault, why == ENOSPC ? ERR_FULL : ERR_IO, path);
}
