/* audited.h - a watch of the store that finds what was changed without an audit entry.
 *
 * Every table is audited, or stands in the list below with the reason why not.  A transaction that
 * commits a write to an audited table and holds no audit entry is a fault of the use case.
 * world.h puts the watch on each of its databases. */
#ifndef TESTS_APP_AUDITED_H
#define TESTS_APP_AUDITED_H

#include "store/db.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Tables that change without an entry, and why. */
static const struct {
    const char *table;
    const char *why;
} not_audited[] = {
    {"audit_entry", "the trail itself"},
    {"audit_head", "the trail itself"},
    {"audit_anchor", "the trail itself"},
    {"audit_anchor_head", "the trail itself"},
    {"event", "arrives; never changed, proved by the digest in event_key"},
    {"event_key", "arrives with its event"},
    {"event_unmatched", "arrives; leaves when its subscription appears, which is audited"},
    {"usage_day", "derived from events"},
    {"usage_segment", "derived from events"},
    {"late_usage", "derived from events"},
    {"advance_event", "comes with its event, goes with its fees"},
    {"advance_passed", "counts events that went without fees"},
    {"ingest_checkpoint", "how far a file has been read; its events prove themselves"},
    {"idempotent_answer", "answers kept for repeats"},
    {"maintenance", "when work was last done; the work has its own entries"},
    {"outbox", "follows from what has its entry; its delivery changes nothing in the books"},
    {"webhook", "comes with the entry that it tells of; a person's resend has its own"},
    {"mail", "comes with its invoice or payment; a person's resend has its entry"},
    {"gateway_event", "which webhooks were taken in; what they changed has its entry"},
    {"portal_link", "who asked for a way in; the session that it opens has its entry"},
    {"number_counter", "a number stands in what it was given to"},
};

/* Queries on audited tables that change nothing anybody decided, and why. */
static const struct {
    const char *query;
    const char *why;
} no_change[] = {
    {"ingest_seq_next", "counts ingest commits"},
    {"ingest_commit_next", "counts ingest commits"},
    {"api_key_touch", "when a key was last seen"},
    {"user_session_touch", "when a session was last seen"},
    {"portal_session_touch", "when a session was last seen"},
    {"portal_session_show", "which of one's own customers is looked at"},
    {"subscription_put", "how far it is billed; the invoice has its entry when it is issued"},
    {"invoice_insert", "complete, not numbered yet; has its entry when it is issued"},
    {"invoice_subscription_insert", "comes with its invoice"},
    {"fee_insert", "comes with its invoice"},
    {"fee_tax_insert", "comes with its invoice"},
    {"invoice_tax_insert", "comes with its invoice"},
    {"due_cost_taken", "which cost periods are looked at again"},
    {"cost_period_billed", "what was taken up; stands on the invoice"},
    {"cost_exception_clear", "derived from cost and rules"},
    {"cost_exception_insert", "derived from cost and rules"},
    {"usage_period_counted", "comes with its invoice"},
    {"late_exception_put", "derived from events and bills"},
    {"payment_put_off", "when the gateway is asked next"},
    {"payment_look_soon", "when the gateway is asked next"},
    {"late_ended_due", "when it is looked at again; what is billed has its entry"},
};

#define AUDITED_OPEN_MAX 64

struct audited {
    pthread_mutex_t mutex;
    struct {
        const void *connection;
        bool is_audited;
        char wrote[64]; /* the first audited table written, and by which query */
        char query[64];
    } open[AUDITED_OPEN_MAX];
    int faults;
    struct store_watch watch;
};

/* The table that a query writes, behind INSERT INTO, UPDATE or DELETE FROM; false: it reads. */
static bool written_table(const struct query *query, char *table, size_t size)
{
    static const char *const verbs[] = {"INSERT INTO ", "UPDATE ", "DELETE FROM "};
    const char *sql = query->sqlite;
    for (int i = 0; i < 3; i++) {
        if (strncmp(sql, verbs[i], strlen(verbs[i])) != 0)
            continue;
        sql += strlen(verbs[i]);
        size_t len = strspn(sql, "abcdefghijklmnopqrstuvwxyz_0123456789");
        snprintf(table, size, "%.*s", (int)len, sql);
        return true;
    }
    return false;
}

static bool needs_entry(const char *table, const char *query)
{
    if (strcmp(table, "schema_migration") == 0) /* the program's own, no table of the schema */
        return false;
    for (size_t i = 0; i < sizeof not_audited / sizeof not_audited[0]; i++) {
        if (strcmp(not_audited[i].table, table) == 0)
            return false;
    }
    for (size_t i = 0; i < sizeof no_change / sizeof no_change[0]; i++) {
        if (strcmp(no_change[i].query, query) == 0)
            return false;
    }
    return true;
}

static void audited_note(void *arg, const void *connection, const char *call,
                         const struct query *query)
{
    struct audited *self = arg;
    char table[64];
    pthread_mutex_lock(&self->mutex);
    int at = 0;
    while (at < AUDITED_OPEN_MAX - 1 && self->open[at].connection != connection &&
           self->open[at].connection != NULL)
        at++;
    self->open[at].connection = connection;
    if (query != NULL && written_table(query, table, sizeof table)) {
        if (strcmp(table, "audit_entry") == 0) {
            self->open[at].is_audited = true;
        } else if (self->open[at].wrote[0] == '\0' && needs_entry(table, query->name)) {
            snprintf(self->open[at].wrote, sizeof self->open[at].wrote, "%s", table);
            snprintf(self->open[at].query, sizeof self->open[at].query, "%s", query->name);
        }
    } else if (query == NULL) {
        if (strcmp(call, "commit") == 0 && self->open[at].wrote[0] != '\0' &&
            !self->open[at].is_audited) {
            self->faults++;
            printf("    %s writes %s, and its transaction has no audit entry\n",
                   self->open[at].query, self->open[at].wrote);
        }
        self->open[at].is_audited = false;
        self->open[at].wrote[0] = '\0';
    }
    pthread_mutex_unlock(&self->mutex);
}

__attribute__((unused)) static const struct store_watch *audited_init(struct audited *self)
{
    memset(self, 0, sizeof *self);
    pthread_mutex_init(&self->mutex, NULL);
    self->watch = (struct store_watch){audited_note, self};
    return &self->watch;
}

#endif
