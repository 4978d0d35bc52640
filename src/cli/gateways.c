#include "cli/gateways.h"

#include "base/assert.h"
#include "base/secret_file.h"

#include <stdlib.h>

const char gateways_help[] =
    "the sandbox gateway, the same for billow serve and billow sandbox-gateway; set in the\n"
    "environment, the URL and names of files in the configuration file too:\n"
    "  BILLOW_SANDBOX_GATEWAY_URL          where serve finds it, http://localhost:9090; else none\n"
    "  BILLOW_SANDBOX_GATEWAY_KEY          the API key that serve asks it with, or\n"
    "  BILLOW_SANDBOX_GATEWAY_KEY_FILE     a file with it, readable by its owner alone (chmod "
    "600)\n"
    "  BILLOW_SANDBOX_GATEWAY_SECRET       what signs its webhooks, whsec_ and base64, or\n"
    "  BILLOW_SANDBOX_GATEWAY_SECRET_FILE  a file with it, likewise\n";

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
        return secret_file_read(path, arena, fault, secret);
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
