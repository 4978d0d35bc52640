#include "cli/gateways.h"

#include "base/assert.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_FILE_BYTES_MAX 1024

const char gateways_help[] =
    "the sandbox gateway, the same for billow serve and billow sandbox-gateway; set in the\n"
    "environment, the URL and names of files in the configuration file too:\n"
    "  BILLOW_SANDBOX_GATEWAY_URL          where serve finds it, http://localhost:9090; else none\n"
    "  BILLOW_SANDBOX_GATEWAY_KEY          the API key that serve asks it with, or\n"
    "  BILLOW_SANDBOX_GATEWAY_KEY_FILE     a file with it, readable by its owner alone (chmod "
    "600)\n"
    "  BILLOW_SANDBOX_GATEWAY_SECRET       what signs its webhooks, whsec_ and base64, or\n"
    "  BILLOW_SANDBOX_GATEWAY_SECRET_FILE  a file with it, likewise\n";

/* One line of a file that nobody else can read. */
static enum err read_secret(struct arena *arena, struct fault *fault, const char *path,
                            struct str *secret)
{
    char bytes[SECRET_FILE_BYTES_MAX];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fault_errno(fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, str_of(path));
    ssize_t len = -1;
    bool is_private =
        fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO)) == 0;
    if (is_private)
        len = read(fd, bytes, sizeof bytes);
    close(fd);
    if (!is_private)
        return fault_set(fault, ERR_INVALID,
                         "%s holds a secret: it must be a file that only its "
                         "owner can read (chmod 600)",
                         path);
    if (len < 0)
        return fault_errno(fault, ERR_IO, str_of(path));
    *secret = arena_str(arena, str_trim((struct str){bytes, (size_t)len}));
    return ERR_NONE;
}

static enum err find_secret(struct arena *arena, struct fault *fault, const char *name,
                            struct str *secret)
{
    const char *said = getenv(name);
    const char *path = getenv(arena_fmt(arena, "%s_FILE", name).ptr);
    if (said != NULL && *said != '\0') {
        *secret = arena_str(arena, str_of(said));
        return ERR_NONE;
    }
    if (path != NULL && *path != '\0')
        return read_secret(arena, fault, path, secret);
    return fault_set(fault, ERR_INVALID, "the sandbox gateway needs %s or %s_FILE", name, name);
}

enum err gateways_sandbox_secrets(struct arena *arena, struct fault *fault,
                                  struct sandbox_options *options)
{
    TRY(find_secret(arena, fault, "BILLOW_SANDBOX_GATEWAY_KEY", &options->api_key));
    return find_secret(arena, fault, "BILLOW_SANDBOX_GATEWAY_SECRET", &options->webhook_secret);
}

enum err gateways_open(struct arena *arena, struct fault *fault, struct gateways *gateways)
{
    struct sandbox_options options = {.url = str_of(getenv("BILLOW_SANDBOX_GATEWAY_URL"))};
    struct gateway *gateway = NULL;
    ASSERT(gateways->count == 0);
    if (str_is_null(options.url) || options.url.len == 0)
        return ERR_NONE;
    TRY(gateways_sandbox_secrets(arena, fault, &options));
    TRY(sandbox_gateway_open(&options, fault, &gateway));
    gateways->items[gateways->count++] = gateway;
    return ERR_NONE;
}
