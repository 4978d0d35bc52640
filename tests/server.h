/* server.h - databases on the PostgreSQL server that tests are given (tests/with-postgres).
 *
 * Making the schema costs more than most tests do, so the first migrated database of a process is
 * kept as a template, from which the next ones are copied. */
#ifndef TESTS_SERVER_H
#define TESTS_SERVER_H

#include "tests/test.h"

#include "store/migrate.h"
#include "store/store.h"

#include <libpq-fe.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

/* The server's URL, to which "/DATABASE" is added; NULL: tests run on SQLite. */
__attribute__((unused)) static const char *test_server(void)
{
    const char *server = getenv("BILLOW_TEST_POSTGRES");
    return server == NULL || *server == '\0' ? NULL : server;
}

static void server_ignore_notice(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

static PGconn *server_connect(const char *database)
{
    char url[1200];
    snprintf(url, sizeof url, "%s/%s", test_server(), database);
    PGconn *connection = PQconnectdb(url);
    PQsetNoticeProcessor(connection, server_ignore_notice, NULL);
    return connection;
}

static PGconn *server_own;

static void server_leave(void)
{
    PQfinish(server_own);
    server_own = NULL;
}

/* To database postgres, kept to the end of the process: a connection costs more than making a
 * database does. */
static PGconn *server_connection(void)
{
    if (server_own == NULL) {
        server_own = server_connect("postgres");
        REQUIRE(atexit(server_leave) == 0);
    }
    return server_own;
}

/* One command on the server, beside the store. */
static void server_do(const char *database, const char *format, ...)
    __attribute__((unused, format(printf, 2, 3)));
static void server_do(const char *database, const char *format, ...)
{
    char sql[400];
    va_list args;
    va_start(args, format);
    vsnprintf(sql, sizeof sql, format, args);
    va_end(args);
    bool is_own = strcmp(database, "postgres") == 0;
    PGconn *connection = is_own ? server_connection() : server_connect(database);
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        printf("    %s: %s", sql, PQerrorMessage(connection));
    PQclear(result);
    if (!is_own)
        PQfinish(connection);
    REQUIRE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
}

/* File by file: block by block through the log, as is usual, takes twice as long. */
__attribute__((unused)) static void server_copy(const char *from, const char *to)
{
    server_do("postgres", "CREATE DATABASE %s TEMPLATE %s STRATEGY FILE_COPY", to, from);
}

static char server_template_name[64];

static void server_drop_template(void)
{
    server_do("postgres", "DROP DATABASE IF EXISTS %s WITH (FORCE)", server_template_name);
}

static void server_make_template(void)
{
    struct arena arena;
    struct fault fault;
    struct store *store = NULL;
    char url[1200];
    arena_init(&arena);
    fault_init(&fault, &arena);
    snprintf(server_template_name, sizeof server_template_name, "test_template_%ld",
             (long)getpid());
    server_do("postgres", "CREATE DATABASE %s", server_template_name);
    REQUIRE(atexit(server_drop_template) == 0);
    snprintf(url, sizeof url, "%s/%s", test_server(), server_template_name);
    REQUIRE(store_open(str_of(url), &(struct store_options){0}, &fault, &store) == ERR_NONE);
    REQUIRE(migrate(store, 1, &fault) == ERR_NONE);
    store_close(store);
    arena_clear(&arena);
}

/* An empty database of all tables. */
__attribute__((unused)) static void server_make_migrated(const char *name)
{
    if (server_template_name[0] == '\0')
        server_make_template();
    server_copy(server_template_name, name);
}

#endif
