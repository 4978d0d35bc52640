/* ingest_file.h - usage events from a file or a pipe, in batches, each durable by itself.
 *
 * NDJSON (a native event or a CloudEvent on each line), CloudEvents alone, or CSV whose header
 * names the fields (app/event_line.h); plain or gzip.  Records are counted from 1: lines, or rows
 * of the CSV with its header.
 *
 * What of a file is in the database is written in the transaction of its events, under the file's
 * absolute path, with a digest of the records.  Read again, the file goes on behind them, if they
 * are still the same (it may have grown); else it is read from its start, where repeats are known
 * by their transaction ids.  A pipe has no checkpoint.
 *
 * Runs in the caller's thread, beside any other process that ingests (docs/decisions/0001). */
#ifndef APP_INGEST_FILE_H
#define APP_INGEST_FILE_H

#include "app/ctx.h"

#include <stdbool.h>
#include <stdint.h>

#define INGEST_FILE_BATCH     5000
#define INGEST_LINE_BYTES_MAX ((size_t)1 << 20)

enum ingest_format { INGEST_NDJSON, INGEST_CLOUD_EVENTS, INGEST_CSV };

struct ingest_file_result {
    int64_t records;         /* read, with those passed over */
    int64_t durable_records; /* those before and in the newest commit */
    int64_t resumed_after;   /* records that a checkpoint, or `skip`, let it pass over */
    bool has_changed;        /* there was a checkpoint, but the file is another one: read anew */
    int64_t accepted, duplicates, differing, other_source, unmatched; /* by this run */
    int64_t done_bytes, size_bytes; /* of the file as stored; size -1: not known */
};

struct ingest_file_options {
    struct str path; /* "-": standard input */
    enum ingest_format format;
    int64_t skip;    /* records (of CSV without the header) to pass over, instead of a checkpoint */
    bool from_start; /* pass by the checkpoint */
    /* Else NULL: told after each commit. */
    void (*progress)(void *arg, const struct ingest_file_result *result);
    void *arg;
};

/* Reads to the end.  On an error *result tells how far it came; ERR_INVALID, ERR_MALFORMED: the
 * bad records stand in the fault, "line 17, code", and the batch that holds them was not taken;
 * ERR_NOT_FOUND, ERR_IO: the file; others: the database. */
MUST_CHECK enum err ingest_file(struct ctx *ctx, const struct ingest_file_options *options,
                                struct ingest_file_result *result);

/* By the name: "x.csv", "x.csv.gz" are CSV, all else NDJSON. */
enum ingest_format ingest_format_of(struct str path);

#endif
