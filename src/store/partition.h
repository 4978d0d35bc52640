/* partition.h - months of the event table on PostgreSQL.
 *
 * There the table is partitioned by range of its UTC day, one partition a month; it must be there
 * before a row is inserted.  SQLite has one table. */
#ifndef STORE_PARTITION_H
#define STORE_PARTITION_H

#include "base/err.h"
#include "store/store.h"

#include <stdint.h>

/* Makes sure that `table` has the partition for a day.  Cheap when it was asked for before. */
MUST_CHECK enum err partition_ensure(struct tx *tx, const char *table, int32_t day);

#endif
