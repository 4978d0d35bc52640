/* bodies.h - the tables by which the catalogue's objects are read; each stands in its resource's
 * file. */
#ifndef API_BODIES_H
#define API_BODIES_H

#include "api/bind.h"

extern const struct bind_table add_on_body;
extern const struct bind_table billing_entity_body;
extern const struct bind_table feature_body;
extern const struct bind_table metric_body;
extern const struct bind_table plan_body;
extern const struct bind_table rule_body;
extern const struct bind_table tax_body;

#endif
