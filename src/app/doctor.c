#include "app/doctor.h"

#include "app/list.h"
#include "app/mail.h"
#include "app/maintenance.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/none.h"
#include "base/zone.h"
#include "store/migrate.h"
#include "store/sql/audit.h"
#include "store/sql/instance.h"
#include "store/sql/operate.h"
#include "store/sql/outbox.h"
#include "store/sql/webhook.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define MIB              ((int64_t)1 << 20)
#define DAY_S            ((int64_t)86400)
#define HOUR_S           ((int64_t)3600)
#define DISK_WARN_MIB    2048
#define DISK_FAIL_MIB    256
#define WAL_WARN_MIB     1024 /* an open read transaction keeps it from being put back */
#define TZDATA_WARN_DAYS 400
#define BACKUP_WARN_US   ((int64_t)36 * 3600 * TIME_SECOND)
#define LATE_WARN_US     ((int64_t)15 * 60 * TIME_SECOND)
#define LATE_FAIL_US     ((int64_t)24 * 3600 * TIME_SECOND)
#define ANCHOR_WARN_US   ((int64_t)50 * 3600 * TIME_SECOND) /* made daily, if anything changed */
#define FILES_WARN       4096 /* a thousand connections, the database, and what else is open */

struct doctor {
    const struct doctor_options *options;
    struct arena *arena;
    struct fault *fault;
    struct store *store;
    struct tx *tx;
    int64_t now;
    bool is_trial; /* on a test clock: nothing depends on it */
    enum doctor_level worst;
};

const char *doctor_level_name(enum doctor_level level)
{
    static const char *const names[] = {"ok", "warn", "fail"};
    return names[level];
}

static void tell(struct doctor *d, enum doctor_level level, const char *name, struct str words,
                 const char *way_out)
{
    struct doctor_line line = {level, name, words,
                               level == DOCTOR_OK || way_out == NULL ? STR_NULL : str_of(way_out)};
    if (level > d->worst)
        d->worst = level;
    d->options->found(d->options->arg, &line);
}

#define SAY(d, ...) arena_fmt((d)->arena, __VA_ARGS__)

/* "3 days", "2 hours" */
static struct str span(struct doctor *d, int64_t us)
{
    int64_t s = us / TIME_SECOND;
    if (s >= 2 * DAY_S)
        return SAY(d, "%lld days", (long long)(s / DAY_S));
    if (s >= 2 * HOUR_S)
        return SAY(d, "%lld hours", (long long)(s / HOUR_S));
    return s >= 120 ? SAY(d, "%lld minutes", (long long)(s / 60)) : SAY(d, "%lld s", (long long)s);
}

/* ---- the system ------------------------------------------------------------------------------ */

static void look_at_tzdata(struct doctor *d)
{
    struct stat file;
    struct str version = zone_data_version();
    const char *way_out = "update the system's tzdata package, then restart billow serve";
    if (stat("/usr/share/zoneinfo/UTC", &file) != 0) {
        tell(d, DOCTOR_FAIL, "time zones", STR("there is no /usr/share/zoneinfo"), way_out);
        return;
    }
    int64_t age_days = (d->now / TIME_SECOND - file.st_mtime) / 86400;
    tell(d, age_days > TZDATA_WARN_DAYS ? DOCTOR_WARN : DOCTOR_OK, "time zones",
         SAY(d, "tzdata %.*s, %lld days old", STR_ARG(version), (long long)age_days), way_out);
}

static void look_at_limits(struct doctor *d)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    tell(d, files.rlim_cur < FILES_WARN ? DOCTOR_WARN : DOCTOR_OK, "open files",
         SAY(d, "up to %lld", (long long)files.rlim_cur),
         "raise the limit: LimitNOFILE=65536 in the systemd unit, or ulimit -n");
}

static void look_at_disk(struct doctor *d)
{
    const char *path = store_file(d->store);
    struct statvfs disk;
    struct stat file;
    if (path == NULL)
        return;
    if (statvfs(path, &disk) == 0) {
        int64_t free_mib = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize / MIB;
        enum doctor_level level = free_mib < DISK_FAIL_MIB   ? DOCTOR_FAIL
                                  : free_mib < DISK_WARN_MIB ? DOCTOR_WARN
                                                             : DOCTOR_OK;
        tell(d, level, "disk space",
             SAY(d, "%lld MiB free beside the database", (long long)free_mib),
             "make room or move the database to a larger disk; when it is full, writes are "
             "answered with 507 and work goes on by itself once there is room");
    }
    int64_t wal_mib = stat(SAY(d, "%s-wal", path).ptr, &file) == 0 ? file.st_size / MIB : 0;
    tell(d, wal_mib > WAL_WARN_MIB ? DOCTOR_WARN : DOCTOR_OK, "write-ahead log",
         SAY(d, "%lld MiB", (long long)wal_mib),
         "some program holds a read transaction open on the file; end it");
}

/* ---- the engine ------------------------------------------------------------------------------ */

static struct str setting_of(const struct engine_setting_list_row *rows, size_t count,
                             const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(rows[i].name, str_of(name)))
            return str_is_null(rows[i].setting) ? STR("") : rows[i].setting;
    }
    return STR("");
}

struct wanted {
    const char *name, *value, *means, *way_out;
    enum doctor_level level;
};

static const struct wanted wanted_of_sqlite[] = {
    {"journal_mode", "wal", "WAL", "open it once with billow serve, which sets it", DOCTOR_FAIL},
    {"synchronous", "2", "FULL", "this program sets it at each start: report this", DOCTOR_FAIL},
    {"foreign_keys", "1", "ON", "this program sets it at each start: report this", DOCTOR_FAIL},
    {0},
};
static const struct wanted wanted_of_postgres[] = {
    {"fsync", "on", "on", "set fsync = on: a power cut can destroy the database", DOCTOR_FAIL},
    {"full_page_writes", "on", "on", "set full_page_writes = on", DOCTOR_FAIL},
    {"synchronous_commit", "on", "on",
     "set synchronous_commit = on (or remote_apply): without it what was acknowledged can be lost",
     DOCTOR_FAIL},
    {"server_encoding", "UTF8", "UTF8", "make the database with ENCODING 'UTF8'", DOCTOR_FAIL},
    {0},
};

static bool is_as_wanted(const struct wanted *wanted, struct str value)
{
    if (strcmp(wanted->name, "synchronous_commit") == 0 && str_eq(value, STR("remote_apply")))
        return true;
    return str_eq(value, str_of(wanted->value));
}

static enum err look_at_engine(struct doctor *d)
{
    bool is_sqlite = store_engine(d->store) == STORE_SQLITE;
    struct engine_setting_list_row *rows = NULL;
    size_t count = 0;
    TRY(engine_setting_list(d->tx, &rows, &count));
    struct str version = setting_of(rows, count, is_sqlite ? "version" : "server_version");
    tell(d, DOCTOR_OK, "engine",
         SAY(d, "%s %.*s", is_sqlite ? "SQLite" : "PostgreSQL", STR_ARG(version)), NULL);
    for (const struct wanted *wanted = is_sqlite ? wanted_of_sqlite : wanted_of_postgres;
         wanted->name != NULL; wanted++) {
        struct str value = setting_of(rows, count, wanted->name);
        bool is_good = is_as_wanted(wanted, value);
        tell(d, is_good ? DOCTOR_OK : wanted->level, wanted->name,
             is_good ? SAY(d, "%s", wanted->means)
                     : SAY(d, "%.*s, wanted %s", STR_ARG(value), wanted->means),
             wanted->way_out);
    }
    if (!is_sqlite)
        tell(d, DOCTOR_OK, "collation",
             SAY(d, "%.*s; text columns have their own, \"C\"",
                 STR_ARG(setting_of(rows, count, "collation"))),
             NULL);
    return ERR_NONE;
}

static enum err look_at_structure(struct doctor *d)
{
    struct engine_check_list_row *rows = NULL;
    size_t count = 0;
    if (d->options->quick || store_engine(d->store) != STORE_SQLITE)
        return ERR_NONE;
    TRY(engine_check_list(d->tx, &rows, &count));
    bool is_good = count == 1 && str_eq(rows[0].words, STR("ok"));
    tell(d, is_good ? DOCTOR_OK : DOCTOR_FAIL, "structure",
         is_good ? STR("read through, sound") : rows[0].words,
         "stop writing, keep this file, and restore the newest backup (billow restore)");
    return ERR_NONE;
}

/* ---- the data -------------------------------------------------------------------------------- */

static enum err look_at_clock(struct doctor *d, const struct instance_row *instance,
                              const struct newest_instants_row *newest)
{
    int64_t last = newest->invoice_at;
    if (instance->test_clock_at != TIME_NONE) {
        tell(d, DOCTOR_WARN, "clock", STR("this database runs on a test clock"),
             "fine for trying things out; a real installation needs a database of its own");
        return ERR_NONE;
    }
    if (newest->maintenance_at != TIME_NONE && (last == TIME_NONE || newest->maintenance_at > last))
        last = newest->maintenance_at;
    if (newest->arrival_day != DAY_NONE) {
        int64_t day_at = (int64_t)newest->arrival_day * 86400 * TIME_SECOND;
        if (last == TIME_NONE || day_at > last)
            last = day_at;
    }
    bool is_behind = last != TIME_NONE && d->now < last;
    tell(d, is_behind ? DOCTOR_FAIL : DOCTOR_OK, "clock",
         is_behind ? SAY(d, "%.*s behind the newest entry of the database",
                         STR_ARG(span(d, last - d->now)))
                   : STR("not behind the newest entry of the database"),
         "set the system's clock (timedatectl), and find out what set it wrong: invoices carry "
         "its time");
    return ERR_NONE;
}

static void look_at_queues(struct doctor *d, const struct queues *q)
{
    int64_t late = q->due_at == TIME_NONE ? 0 : d->now - q->due_at;
    tell(d,
         late > LATE_FAIL_US   ? DOCTOR_FAIL
         : late > LATE_WARN_US ? DOCTOR_WARN
                               : DOCTOR_OK,
         "due work",
         q->due_at == TIME_NONE ? STR("nothing is late")
                                : SAY(d, "the oldest is due since %.*s", STR_ARG(span(d, late))),
         "start billow serve, or billow bill, and look into its log for what it could not bill");
    tell(d, DOCTOR_OK, "drafts",
         SAY(d, "%lld invoices in their grace period", (long long)q->drafts), NULL);
    tell(d, q->complete > 0 ? DOCTOR_WARN : DOCTOR_OK, "unnumbered invoices",
         SAY(d, "%lld complete and without a number", (long long)q->complete),
         "a run was interrupted: billow serve or billow bill goes on where it stopped");
    tell(d, q->unmatched > 0 ? DOCTOR_WARN : DOCTOR_OK, "unmatched events",
         q->unmatched == 0 ? STR("none")
                           : SAY(d, "%lld, the oldest came %.*s ago", (long long)q->unmatched,
                                 STR_ARG(span(d, d->now - q->unmatched_at))),
         "GET /api/v1/unmatched_events lists them; they count when their subscription appears");
    tell(d, q->unassigned > 0 ? DOCTOR_WARN : DOCTOR_OK, "unassigned cost",
         SAY(d, "%lld sums", (long long)q->unassigned),
         "assign the sub-accounts to customers: GET /api/v1/vendor_costs/unassigned");
    tell(d, q->cost_exceptions > 0 ? DOCTOR_WARN : DOCTOR_OK, "cost exceptions",
         SAY(d, "%lld", (long long)q->cost_exceptions),
         "GET /api/v1/cost_exceptions says why that cost is not billed");
    tell(d, q->late_exceptions > 0 ? DOCTOR_WARN : DOCTOR_OK, "late usage",
         SAY(d, "%lld periods not corrected", (long long)q->late_exceptions),
         "GET /api/v1/late_usage lists them; bill them by hand or dismiss them");
}

static enum err look_at_task(struct doctor *d, struct str task, const char *name,
                             int64_t warn_age_us, const char *way_out)
{
    struct maintenance_row row;
    bool found = false;
    TRY(maintenance_load(d->tx, &(struct maintenance_load_in){.task = task}, &row, &found));
    int64_t age_us = found ? d->now - row.finished_at : 0;
    bool is_good = found ? warn_age_us == 0 || age_us <= warn_age_us : warn_age_us == 0;
    tell(d, is_good || d->is_trial ? DOCTOR_OK : DOCTOR_WARN, name,
         found ? SAY(d, "%.*s ago: %.*s", STR_ARG(span(d, age_us)), STR_ARG(row.words))
               : STR("none yet"),
         way_out);
    return ERR_NONE;
}

static struct str hex(struct doctor *d, const void *bytes, size_t count)
{
    struct buf text;
    buf_init(&text, d->arena, 2 * count + 1);
    buf_hex(&text, bytes, count);
    return buf_str(&text);
}

/* `anchor` NULL: there is none yet. */
static void look_at_audit_key(struct doctor *d, const struct audit_anchor_row *anchor)
{
    const struct audit_key *key = d->options->audit_key;
    bool is_signed = anchor != NULL && !str_is_null(anchor->public_key);
    if (!str_is_null(d->options->audit_key_trouble)) {
        tell(d, DOCTOR_FAIL, "audit key", d->options->audit_key_trouble,
             "mend the file, or say where the key is: BILLOW_AUDIT_KEY_FILE or BILLOW_AUDIT_KEY");
        return;
    }
    if (key == NULL || !key->signs) {
        tell(d, DOCTOR_WARN, "audit key", STR("none here: anchors are not signed"),
             "say where it is: BILLOW_AUDIT_KEY_FILE or BILLOW_AUDIT_KEY; a new database gets one "
             "from billow serve");
        return;
    }
    struct str public_key = {(const char *)key->public_key, sizeof key->public_key};
    bool is_same = !is_signed || str_eq(anchor->public_key, public_key);
    tell(
        d, is_same ? DOCTOR_OK : DOCTOR_WARN, "audit key",
        SAY(d, "public key %.*s%s", STR_ARG(hex(d, public_key.ptr, public_key.len)),
            is_same ? "" : ", which did not sign the newest anchor"),
        "if nobody changed the key, find out who did; billow verify --audit-key-public takes both");
}

static enum err look_at_audit(struct doctor *d, int64_t chain_count)
{
    struct audit_anchor_row anchor;
    bool found = false;
    TRY(audit_anchor_newest(d->tx, &anchor, &found));
    tell(d, DOCTOR_OK, "audit trail",
         SAY(d, "%lld chains; billow verify proves them", (long long)chain_count), NULL);
    if (!found) {
        tell(d, DOCTOR_OK, "audit anchors", STR("none yet; billow serve makes one a day"), NULL);
        look_at_audit_key(d, NULL);
        return ERR_NONE;
    }
    struct audit_head_row *open = NULL;
    size_t open_count = 0;
    TRY(audit_unanchored_list(d->tx, &open, &open_count));
    bool is_signed = !str_is_null(anchor.signature);
    bool is_late = open_count > 0 && d->now - anchor.anchored_at > ANCHOR_WARN_US;
    tell(d, is_signed && !is_late ? DOCTOR_OK : DOCTOR_WARN, "audit anchors",
         SAY(d, "%lld, the newest %.*s ago, %s; %zu chains grew since",
             (long long)anchor.anchor_number, STR_ARG(span(d, d->now - anchor.anchored_at)),
             is_signed ? "signed" : "not signed", open_count),
         is_late ? "billow serve makes one a day: does it run?"
                 : "give it the key: BILLOW_AUDIT_KEY_FILE or BILLOW_AUDIT_KEY");
    look_at_audit_key(d, &anchor);
    return ERR_NONE;
}

static enum err look_at_mail(struct doctor *d)
{
    struct outbox_figures_row row;
    bool found = false;
    TRY(outbox_figures(d->tx, &(struct outbox_figures_in){.topic = MAIL_TOPIC, .now = d->now}, &row,
                       &found));
    bool is_set = !str_is_null(d->options->mail_way);
    int64_t late_us = row.oldest_at == TIME_NONE ? 0 : d->now - row.oldest_at;
    if (!str_is_null(d->options->mail_trouble))
        tell(d, DOCTOR_FAIL, "mail", d->options->mail_trouble,
             "mend the setting: billow serve does not start with it");
    else
        tell(d, is_set || d->is_trial ? DOCTOR_OK : DOCTOR_WARN, "mail",
             is_set ? d->options->mail_way : STR("is not sent: neither server nor folder is set"),
             "set BILLOW_SMTP_URL and BILLOW_MAIL_FROM, then restart billow serve; mails wait "
             "until then");
    tell(d, late_us > LATE_WARN_US ? DOCTOR_WARN : DOCTOR_OK, "mails waiting",
         row.oldest_at == TIME_NONE ? SAY(d, "%lld", (long long)row.waiting_count)
                                    : SAY(d, "%lld, the oldest is due since %.*s",
                                          (long long)row.waiting_count, STR_ARG(span(d, late_us))),
         "does billow serve run, and does the mail server answer? GET /api/v1/mails?status=waiting "
         "says what went wrong");
    tell(d, row.failed_count > 0 ? DOCTOR_WARN : DOCTOR_OK, "mails failed",
         SAY(d, "%lld given up", (long long)row.failed_count),
         "GET /api/v1/mails?status=failed says why; send them again when that is mended");
    return ERR_NONE;
}

/* Nothing is said where nobody is told anything. */
static enum err look_at_webhooks(struct doctor *d)
{
    struct webhook_endpoint_row *endpoints = NULL;
    struct webhook_count_row failed;
    size_t count = 0;
    int gone = 0;
    bool found = false;
    TRY(webhook_endpoint_list(d->tx, &endpoints, &count));
    if (count == 0)
        return ERR_NONE;
    for (size_t i = 0; i < count; i++)
        gone += str_eq(endpoints[i].disabled_reason, STR("gone"));
    TRY(webhook_count(d->tx,
                      &(struct webhook_count_in){.first_endpoint_id = list_first_id(UUID_NIL),
                                                 .last_endpoint_id = list_last_id(UUID_NIL),
                                                 .wanted_type = STR_NULL,
                                                 .wanted_status = STR("failed")},
                      &failed, &found));
    tell(d, gone > 0 || failed.total > 0 ? DOCTOR_WARN : DOCTOR_OK, "webhooks",
         SAY(d, "endpoints: %zu, gone: %d; messages given up: %lld", count, gone,
             (long long)failed.total),
         "GET /api/v1/webhooks?status=failed says why; enable the endpoint, and send them again, "
         "when that is mended");
    return ERR_NONE;
}

static enum err look_at_data(struct doctor *d)
{
    struct instance_row instance;
    struct newest_instants_row newest;
    struct queues queues;
    bool found = false;
    TRY(instance_load(d->tx, &instance, &found));
    if (!found) {
        tell(d, DOCTOR_WARN, "data", STR("the database is empty"), "billow serve fills it");
        return ERR_NONE;
    }
    TRY(newest_instants(d->tx, &newest, &found));
    TRY(look_at_clock(d, &instance, &newest));
    if (instance.test_clock_at != TIME_NONE)
        d->now = instance.test_clock_at;
    d->is_trial = instance.test_clock_at != TIME_NONE;
    TRY(queues_read(d->tx, d->now, &queues));
    look_at_queues(d, &queues);
    TRY(look_at_mail(d));
    TRY(look_at_webhooks(d));
    TRY(look_at_task(d, MAINTENANCE_BILLING, "last billing", 0, NULL));
    TRY(look_at_task(d, MAINTENANCE_BACKUP, "last backup", BACKUP_WARN_US,
                     "billow backup FILE, every day, onto another machine"));
    return look_at_audit(d, newest.audit_chain_count);
}

static enum err look_inside(struct doctor *d)
{
    int count = 0;
    TRY(look_at_engine(d));
    TRY(look_at_structure(d));
    TRY(migrate_look(d->tx, &count));
    tell(d, DOCTOR_OK, "schema", SAY(d, "all %d migrations, as this program has them", count),
         NULL);
    return look_at_data(d);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static const char *way_out_of(enum err err)
{
    if (err == ERR_NOT_FOUND)
        return "billow serve or billow migrate makes it; or --database names another one";
    if (err == ERR_CONFLICT)
        return "billow backup, then billow migrate (or a start of billow serve)";
    if (err == ERR_CORRUPT)
        return "use the program that made it, or a newer one; or restore the newest backup";
    return "is the address right, does the server run, may this user open it?";
}

static enum err look_at_database(struct doctor *d)
{
    TRY(store_open(d->options->database_url,
                   &(struct store_options){.must_exist = true, .read_only = true}, d->fault,
                   &d->store));
    look_at_disk(d);
    TRY(tx_begin(d->store, TX_READ, d->arena, d->fault, &d->tx));
    enum err err = look_inside(d);
    tx_rollback(d->tx);
    return err;
}

enum doctor_level doctor_run(const struct doctor_options *options, struct arena *arena)
{
    struct fault fault;
    struct clock clock;
    fault_init(&fault, arena);
    clock_init_real(&clock);
    struct doctor d = {
        .options = options, .arena = arena, .fault = &fault, .now = clock_now(&clock)};
    tell(&d, DOCTOR_OK, "program", SAY(&d, "billow %.*s", STR_ARG(options->version)), NULL);
    look_at_tzdata(&d);
    look_at_limits(&d);
    enum err err = look_at_database(&d);
    store_close(d.store);
    if (err != ERR_NONE)
        tell(&d, DOCTOR_FAIL, "database",
             str_is_null(fault.message) ? str_of(err_code(err)) : fault.message, way_out_of(err));
    return d.worst;
}
