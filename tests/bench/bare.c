/* bare.c - the floor that the ingest is measured against: the same rows, straight into SQLite.
 *
 *   bare FILE EVENTS PER_COMMIT
 *
 * One prepared statement for each table, the same durability (WAL, synchronous=FULL) and cache as
 * the server; for each event its row and its key row, for each commit the totals of the days that
 * it touched, added up in memory, and the commit's number.  No HTTP, JSON, checks or answers, and
 * a repeat would be found by the key's primary key alone.  Prints how long it took and how much
 * processor time that was, in microseconds. */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct subscription {
    unsigned char customer[16], id[16];
    long long count, sum; /* of the running commit */
};

static sqlite3 *db;

static void must(int is_good, const char *what)
{
    if (!is_good) {
        fprintf(stderr, "bare: %s: %s\n", what, sqlite3_errmsg(db));
        exit(1);
    }
}

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    must(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) == SQLITE_OK, sql);
    return stmt;
}

static void run(const char *sql)
{
    must(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

static uint64_t state = 0x9e3779b97f4a7c15u;

static void fill_random(unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i += 8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        memcpy(bytes + i, &state, 8);
    }
}

static void blob(sqlite3_stmt *stmt, int at, const void *bytes, int len)
{
    must(sqlite3_bind_blob(stmt, at, bytes, len, SQLITE_STATIC) == SQLITE_OK, "bind");
}

static void step(sqlite3_stmt *stmt)
{
    must(sqlite3_step(stmt) == SQLITE_DONE, "step");
    sqlite3_reset(stmt);
}

static size_t load_subscriptions(struct subscription **loaded)
{
    sqlite3_stmt *stmt = prepare("SELECT customer_id, id FROM subscription ORDER BY id");
    struct subscription *all = calloc(100000, sizeof *all);
    size_t count = 0;
    must(all != NULL, "memory");
    while (sqlite3_step(stmt) == SQLITE_ROW && count < 100000) {
        memcpy(all[count].customer, sqlite3_column_blob(stmt, 0), 16);
        memcpy(all[count].id, sqlite3_column_blob(stmt, 1), 16);
        count++;
    }
    sqlite3_finalize(stmt);
    must(count > 0, "no subscriptions");
    *loaded = all;
    return count;
}

static long long now_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: bare FILE EVENTS PER_COMMIT\n");
        return 2;
    }
    long events = strtol(argv[2], NULL, 10);
    long per_commit = strtol(argv[3], NULL, 10);
    struct subscription *subscriptions = NULL;
    unsigned char metric[16];
    must(sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
             SQLITE_OK,
         argv[1]);
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
        "PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 8192; PRAGMA foreign_keys = ON");
    size_t subscription_count = load_subscriptions(&subscriptions);
    sqlite3_stmt *one = prepare("SELECT id FROM billable_metric WHERE code = 'cpu_hours'");
    must(sqlite3_step(one) == SQLITE_ROW, "no metric");
    memcpy(metric, sqlite3_column_blob(one, 0), 16);
    sqlite3_finalize(one);
    sqlite3_stmt *key = prepare(
        "INSERT INTO event_key (arrival_day, transaction_hash, subscription_hash, digest, id,"
        " customer_id, subscription_id, metric_id, occurred_at) VALUES (?,?,?,?,?,?,?,?,?)");
    sqlite3_stmt *event =
        prepare("INSERT INTO event (day, customer_id, subscription_id, metric_id, occurred_at, id,"
                " transaction_id, properties, seq, received_at) VALUES (?,?,?,?,?,?,?,?,?,?)");
    sqlite3_stmt *total =
        prepare("INSERT INTO usage_day (day, customer_id, subscription_id, metric_id, timezone,"
                " event_count, sum) VALUES (?,?,?,?,'UTC',?,?) ON CONFLICT"
                " (day, customer_id, subscription_id, metric_id) DO UPDATE SET"
                " event_count = event_count + excluded.event_count,"
                " sum = CAST(CAST(sum AS INTEGER) + CAST(excluded.sum AS INTEGER) AS TEXT)");
    fill_random((unsigned char[8]){0}, 8);
    state ^= (uint64_t)now_us(CLOCK_REALTIME);
    char properties[] = "{\"hours\":\"17.25\",\"zone\":\"eu-1\"}";
    long long started = now_us(CLOCK_MONOTONIC);
    long long started_cpu = now_us(CLOCK_PROCESS_CPUTIME_ID);
    for (long done = 0; done < events;) {
        long end = done + per_commit < events ? done + per_commit : events;
        long long at = now_us(CLOCK_REALTIME);
        int day = (int)(at / 86400000000LL);
        run("BEGIN IMMEDIATE;"
            "UPDATE instance SET ingest_seq = ingest_seq + 1, key_commits = key_commits + 1");
        for (; done < end; done++) {
            struct subscription *s = &subscriptions[(size_t)done * 7919 % subscription_count];
            unsigned char random[56];
            char transaction[32];
            int len = snprintf(transaction, sizeof transaction, "tx-%ld-%ld", 1L, done);
            fill_random(random, sizeof random);
            memcpy(random, &(uint64_t){__builtin_bswap64((uint64_t)(at / 1000) << 16)}, 6);
            sqlite3_bind_int(key, 1, day);
            blob(key, 2, random + 16, 16);
            blob(key, 3, random + 32, 8);
            blob(key, 4, random + 40, 16);
            blob(key, 5, random, 16);
            blob(key, 6, s->customer, 16);
            blob(key, 7, s->id, 16);
            blob(key, 8, metric, 16);
            sqlite3_bind_int64(key, 9, at);
            step(key);
            sqlite3_bind_int(event, 1, day);
            blob(event, 2, s->customer, 16);
            blob(event, 3, s->id, 16);
            blob(event, 4, metric, 16);
            sqlite3_bind_int64(event, 5, at);
            blob(event, 6, random, 16);
            sqlite3_bind_text(event, 7, transaction, len, SQLITE_STATIC);
            sqlite3_bind_text(event, 8, properties, sizeof properties - 1, SQLITE_STATIC);
            sqlite3_bind_int64(event, 9, done);
            sqlite3_bind_int64(event, 10, at);
            step(event);
            s->count++;
            s->sum += done % 48;
        }
        for (size_t i = 0; i < subscription_count; i++) {
            struct subscription *s = &subscriptions[i];
            char sum[32];
            if (s->count == 0)
                continue;
            int len = snprintf(sum, sizeof sum, "%lld", s->sum);
            sqlite3_bind_int(total, 1, day);
            blob(total, 2, s->customer, 16);
            blob(total, 3, s->id, 16);
            blob(total, 4, metric, 16);
            sqlite3_bind_int64(total, 5, s->count);
            sqlite3_bind_text(total, 6, sum, len, SQLITE_STATIC);
            step(total);
            s->count = s->sum = 0;
        }
        run("COMMIT");
    }
    printf("%lld %lld\n", now_us(CLOCK_MONOTONIC) - started,
           now_us(CLOCK_PROCESS_CPUTIME_ID) - started_cpu);
    return 0;
}
