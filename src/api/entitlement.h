/* entitlement.h - how privileges and what is granted of them are written. */
#ifndef API_ENTITLEMENT_H
#define API_ENTITLEMENT_H

#include "api/face.h"
#include "app/entitlement.h"

/* Members of an open object: code, name, type, options. */
void privilege_members_write(struct json_writer *out,
                             const struct feature_privilege_row *privilege);
/* What a plan grants: "entitlements": [ ... ]. */
void entitlements_write(struct json_writer *out, const char *key, const struct entitlements *all);

#endif
