/* ingest_metrics.h - what `GET /metrics` says of the ingest's commits. */
#ifndef APP_INGEST_METRICS_H
#define APP_INGEST_METRICS_H

#include "app/ingest.h"

#include <stdbool.h>

/* Once the ingest runs. */
void ingest_metrics_register(bool is_trusted);
/* One commit of these batches is over.
 *   is_trusted  the filter in memory answered; else all days were looked through */
void ingest_metrics_commit(const struct ingest_batch *batches, enum err err, int64_t duration_us,
                           bool is_trusted);

#endif
