/* partition.h - months of the event table on PostgreSQL.
 *
 * There the table is partitioned by range of its UTC day, one partition a month; it must be there
 * before a row is inserted.  SQLite has one table. */
#ifndef STORE_PARTITION_H
#define STORE_PARTITION_H

#include "base/err.h"
#include "store/store.h"

#include <stdint.h>

/* Makes sure that `table`, which is PARTITION BY RANGE (day), has the partition for the month of a
 * day; within the transaction, so a rollback takes it away again.  One look-up where it is there.
 * ERR_BUSY: a transaction that uses the table stood in the way, try again. */
MUST_CHECK enum err partition_ensure(struct tx *tx, const char *table, int32_t day);

#endif
