#include "cli/webhook_settings.h"

#include <stdlib.h>

const char webhook_settings_help[] =
    "webhooks, set in the environment or the configuration file alone:\n"
    "  BILLOW_WEBHOOK_REACH  where endpoints may lie: machine (public addresses by https, and "
    "this\n"
    "                        machine), public (no more than that: not this machine), or private\n"
    "                        (also private networks, and http everywhere); else machine\n";

enum err webhook_settings_read(struct fault *fault, enum webhook_reach *reach)
{
    struct str word = str_of(getenv("BILLOW_WEBHOOK_REACH"));
    if (str_is_null(word) || word.len == 0 || str_eq(word, STR("machine")))
        *reach = WEBHOOK_REACH_MACHINE;
    else if (str_eq(word, STR("public")))
        *reach = WEBHOOK_REACH_PUBLIC;
    else if (str_eq(word, STR("private")))
        *reach = WEBHOOK_REACH_PRIVATE;
    else
        return fault_set(fault, ERR_INVALID,
                         "BILLOW_WEBHOOK_REACH %.*s: wanted machine, public or private",
                         STR_ARG(word));
    return ERR_NONE;
}
