/* security.h - the log of what may be an attack: one warning "security" with fields.
 *
 *   event    sign_in_failed, sign_in_slowed, csrf_refused, ended_session_used, role_refused,
 *            portal_link_slowed, portal_link_refused, not_owned, webhook_refused
 *   user     who it is or claims to be; "" where nobody does
 *   address  where it comes from
 *   reason   what was wrong */
#ifndef APP_SECURITY_H
#define APP_SECURITY_H

#include "base/log.h"
#include "base/str.h"

static inline void security_log(const char *event, struct str user, struct str address,
                                struct str reason)
{
    log_warn("security", LOG_STR("event", str_of(event)),
             LOG_STR("user", str_is_null(user) ? STR("") : user),
             LOG_STR("address", str_is_null(address) ? STR("") : address),
             LOG_STR("reason", reason));
}

#endif
