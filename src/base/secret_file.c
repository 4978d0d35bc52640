#include "base/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err check(int file, const char *path, struct fault *fault)
{
    struct stat status;
    if (fstat(file, &status) != 0)
        return fault_errno(fault, ERR_IO, str_of(path));
    if (!S_ISREG(status.st_mode))
        return fault_set(fault, ERR_INVALID, "%s is no file", path);
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fault_set(fault, ERR_INVALID,
                         "%s can be read by others than its owner; chmod 600 %s", path, path);
    return ERR_NONE;
}

/* Until the end: a read may give less than there is. */
static enum err read_all(int file, const char *path, struct fault *fault, char *bytes, size_t *len)
{
    ssize_t got = 1;
    *len = 0;
    while (got > 0 && *len <= SECRET_FILE_BYTES_MAX) {
        got = read(file, bytes + *len, SECRET_FILE_BYTES_MAX + 1 - *len);
        if (got < 0 && errno == EINTR)
            got = 1; /* again */
        else if (got < 0)
            return fault_errno(fault, ERR_IO, str_of(path));
        else
            *len += (size_t)got;
    }
    return ERR_NONE;
}

static enum err read_open(int file, const char *path, struct arena *arena, struct fault *fault,
                          struct str *secret)
{
    char bytes[SECRET_FILE_BYTES_MAX + 1];
    size_t len = 0;
    TRY(check(file, path, fault));
    enum err err = read_all(file, path, fault, bytes, &len);
    struct str text = str_trim((struct str){bytes, len});
    if (err == ERR_NONE && len > SECRET_FILE_BYTES_MAX)
        err = fault_set(fault, ERR_INVALID, "%s is too long for a secret: %d bytes at most", path,
                        SECRET_FILE_BYTES_MAX);
    else if (err == ERR_NONE && text.len == 0)
        err = fault_set(fault, ERR_INVALID, "%s is empty: wanted a secret", path);
    if (err == ERR_NONE)
        *secret = arena_str(arena, text);
    sodium_memzero(bytes, sizeof bytes);
    return err;
}

enum err secret_file_read(const char *path, struct arena *arena, struct fault *fault,
                          struct str *secret)
{
    /* Not waiting for whoever writes into a pipe. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return fault_errno(fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, str_of(path));
    enum err err = read_open(file, path, arena, fault, secret);
    close(file);
    return err;
}
