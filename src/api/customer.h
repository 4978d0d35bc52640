/* customer.h - how a customer is written; invoices show theirs with it. */
#ifndef API_CUSTOMER_H
#define API_CUSTOMER_H

#include "api/face.h"
#include "app/customer.h"

void customer_write(struct json_writer *out, const struct face *face, const char *key,
                    const struct customer_view *view);

#endif
