/* Every use case of src/app with the store failing at call 1, 2, 3 … of it; see harness.h for what
 * is proved, cases.h for the calls.  One case in three (on PostgreSQL, in ten) and about a tenth of
 * its points are drawn by the seed.  BILLOW_TEST_AGAIN=true, where another compiler's program runs
 * the same beside it: one case in ten.  BILLOW_TEST_ALL=true takes every case, and on SQLite every
 * point: the faults are made above the driver, and a world of PostgreSQL takes a hundred times as
 * long. FAULT_TELL=1 takes every case, too, and tells how many points it has. */
#include "tests/faults/harness.h"

#include "base/log.h"

#include "tests/faults/cases.h"
#include "tests/faults/session_cases.h"

/* Of each sweep at least so many points, about, and a tenth where that is fewer. */
#define POINTS_FEW    6 /* in one world */
#define POINTS_CLONED 2 /* where each needs a world of its own */
#define CASES_OF      3 /* one case in three is run, by the seed */
/* On PostgreSQL a world is a database to be made. */
#define CASES_OF_POSTGRES   10
#define CASES_OF_AGAIN      10
#define START_STEP          4
#define START_STEP_POSTGRES 60

static int64_t points_taken;

static bool is_postgres(void)
{
    const char *server = getenv("BILLOW_TEST_POSTGRES");
    return server != NULL && *server != '\0';
}

/* One case in so many is run. */
static int64_t cases_of(void)
{
    const char *again = getenv("BILLOW_TEST_AGAIN");
    if (is_postgres())
        return CASES_OF_POSTGRES;
    return again != NULL && strcmp(again, "true") == 0 ? CASES_OF_AGAIN : CASES_OF;
}

static bool is_chosen(int64_t point, int64_t count, int64_t few)
{
    if (test_is_all() && !is_postgres())
        return true;
    int64_t of = count / few < 10 ? 10 : count / few;
    return test_between(1, count <= few ? 1 : of) == 1 ||
           point == count; /* the last one is the commit */
}

static enum err call(struct faulted *w, const struct fault_case *c)
{
    arena_reset(&w->arena);
    fault_init(&w->fault, &w->arena);
    w->answer = 0;
    points_taken++;
    return c->call(w);
}

static void must_call(struct faulted *w, const struct fault_case *c)
{
    enum err err = call(w, c);
    if (err != ERR_NONE)
        printf("    %s without a fault: %s: %.*s\n", c->name, err_code(err),
               STR_ARG(w->fault.message));
    REQUIRE(err == ERR_NONE);
}

/* What a use case comes to when nothing fails. */
struct reference {
    int64_t calls;
    int64_t commits; /* of writes */
    int64_t answer;
    struct content before, after;
};

static bool has_steps(const struct fault_case *c)
{
    return c->kind >= FAULT_KIND_STEPS;
}

/* What failed is left to the next call, and nobody is told. */
static bool leaves(const struct fault_case *c)
{
    return c->kind >= FAULT_KIND_STEPS_LEFT;
}

static bool is_same_content(const struct fault_case *c, const struct content *a,
                            const struct content *b)
{
    return leaves(c) ? a->work == b->work : a->all == b->all;
}

static bool is_read(const struct fault_case *c)
{
    return c->kind == FAULT_KIND_READ || c->kind == FAULT_KIND_LONG_READ;
}

#define COUNTED (INT64_C(1) << 40)

static struct reference reference_of(const struct fault_case *c)
{
    struct faulted w;
    struct reference reference = {0};
    faulted_open(&w);
    reference.before = content_of(&w, false);
    store_fail_with(w.world.app.store, STORE_FAULT_ERROR, COUNTED);
    must_call(&w, c);
    reference.calls = COUNTED - store_fail_at(w.world.app.store, 0);
    reference.answer = w.answer;
    reference.after = content_of(&w, false);
    faulted_close(&w);
    CHECK((reference.after.all == reference.before.all) == is_read(c));
    if (is_read(c))
        return reference;
    faulted_open(&w);
    store_fail_with(w.world.app.store, STORE_FAULT_UNKNOWN, COUNTED);
    must_call(&w, c);
    reference.commits = COUNTED - store_fail_at(w.world.app.store, 0);
    bool comes_to_the_same = content_of(&w, false).all == reference.after.all;
    CHECK(comes_to_the_same); /* it must not depend on ids or the hour */
    if (!comes_to_the_same)
        content_of(&w, true);
    faulted_close(&w);
    CHECK(has_steps(c) || reference.commits == 1);
    return reference;
}

static void failed_at(const struct fault_case *c, const char *fault, int64_t point,
                      const struct reference *reference, const char *what)
{
    char text[300];
    snprintf(text, sizeof text, "%s, %s %" PRId64 " of %" PRId64 ": %s", c->name, fault, point,
             strcmp(fault, "commit") == 0 ? reference->commits : reference->calls, what);
    test_fail(__FILE__, __LINE__, text);
}

#define POINT(condition)                                            \
    do {                                                            \
        if (!(condition))                                           \
            failed_at(c, fault_name, point, reference, #condition); \
    } while (0)

/* The words are there, and are of the fault. */
static bool is_clear(const struct faulted *w, enum err err)
{
    bool is_told = false;
    for (size_t i = 0; i + 8 <= w->fault.message.len; i++)
        is_told = is_told || memcmp(w->fault.message.ptr + i, "injected", 8) == 0;
    if (err != ERR_STORE || !is_told)
        printf("    %s: %.*s\n", err_code(err), STR_ARG(w->fault.message));
    return err == ERR_STORE && is_told;
}

/* Nothing is held: a write and a read begin at once, and nobody else's transaction is open. */
static bool is_free(struct faulted *w)
{
    struct tx *tx = NULL;
    fault_reset(&w->fault);
    for (int mode = TX_READ; mode <= TX_WRITE; mode++) {
        if (tx_begin(w->ctx.app->store, (enum tx_mode)mode, &w->arena, &w->fault, &tx) != ERR_NONE)
            return false;
        tx_rollback(tx);
    }
    return store_use(w->ctx.app->store).in_use == 0;
}

static void check_books(struct faulted *w)
{
    struct verify_result result;
    fault_reset(&w->fault);
    MUST(w, verify_books(&w->ctx, print_finding, NULL, &result));
    CHECK_INT(result.findings, 0);
}

/* One world for all points: what fails leaves nothing. */
static void fail_each_call(const struct fault_case *c, const struct reference *reference)
{
    const char *fault_name = "call";
    struct faulted w;
    struct arena arena;
    arena_init(&arena);
    faulted_open(&w);
    struct store_digest before = digest_of(&w, &arena);
    for (int64_t point = 1; point <= reference->calls; point++) {
        if (!is_chosen(point, reference->calls, POINTS_FEW))
            continue;
        struct arena_mark mark = arena_mark(&arena);
        store_fail_at(w.world.app.store, point);
        enum err err = call(&w, c);
        POINT(store_fail_at(w.world.app.store, 0) == 0);
        POINT(is_clear(&w, err));
        struct store_digest after = digest_of(&w, &arena);
        const char *difference = store_digest_difference(&before, &after);
        if (difference != NULL)
            printf("    table %s has changed\n", difference);
        POINT(difference == NULL);
        POINT(is_free(&w));
        arena_return(&arena, mark);
        if (err == ERR_NONE || difference != NULL)
            break;
    }
    must_call(&w, c);
    CHECK_INT(w.answer, reference->answer);
    CHECK(content_of(&w, false).all == reference->after.all);
    if (!is_read(c))
        check_books(&w);
    faulted_close(&w);
    arena_clear(&arena);
}

/* A world for each point: what fails may have come some way, and goes on from there. */
static void fail_each_step(const struct fault_case *c, const struct reference *reference)
{
    const char *fault_name = "call";
    for (int64_t point = 1; point <= reference->calls; point++) {
        struct faulted w;
        if (!is_chosen(point, reference->calls, POINTS_CLONED))
            continue;
        faulted_open(&w);
        store_fail_at(w.world.app.store, point);
        enum err err = call(&w, c);
        store_fail_at(w.world.app.store, 0);
        if (err != ERR_NONE) {
            POINT(is_clear(&w, err));
            POINT(is_free(&w));
        }
        if (err != ERR_NONE || leaves(c))
            must_call(&w, c);
        struct content after = content_of(&w, false);
        bool is_same = is_same_content(c, &after, &reference->after);
        POINT(is_same);
        faulted_close(&w);
        if (!is_same)
            break;
    }
}

/* What may be tried again is, and comes to the same as one call. */
static void try_again_at_each_call(const struct fault_case *c, const struct reference *reference)
{
    const char *fault_name = "busy call";
    struct faulted w;
    bool is_open = false;
    if (c->kind == FAULT_KIND_LONG_READ || c->kind == FAULT_KIND_LONG_STEPS)
        return;
    for (int64_t point = 1; point <= reference->calls; point++) {
        if (!is_chosen(point, reference->calls, is_read(c) ? POINTS_FEW : POINTS_CLONED))
            continue;
        if (!is_open)
            faulted_open(&w);
        store_fail_with(w.world.app.store, STORE_FAULT_BUSY, point);
        enum err err = call(&w, c);
        store_fail_at(w.world.app.store, 0);
        if (err != ERR_NONE)
            printf("    %s: %.*s\n", err_code(err), STR_ARG(w.fault.message));
        POINT(err == ERR_NONE);
        POINT(w.answer == reference->answer);
        bool is_same = content_of(&w, false).all == reference->after.all;
        POINT(is_same);
        is_open = c->kind == FAULT_KIND_READ;
        if (!is_open)
            faulted_close(&w);
        if (!is_same)
            break;
    }
    if (is_open)
        faulted_close(&w);
}

/* The commit took effect and nobody was told. */
static void lose_each_commit(const struct fault_case *c, const struct reference *reference)
{
    const char *fault_name = "commit";
    for (int64_t point = 1; point <= reference->commits; point++) {
        struct faulted w;
        if (!is_chosen(point, reference->commits, POINTS_CLONED))
            continue;
        faulted_open(&w);
        store_fail_with(w.world.app.store, STORE_FAULT_UNKNOWN, point);
        enum err err = call(&w, c);
        store_fail_at(w.world.app.store, 0);
        POINT(has_steps(c) || is_clear(&w, err));
        POINT(is_free(&w));
        if (c->kind == FAULT_KIND_WRITE) {
            POINT(content_of(&w, false).all == reference->after.all);
        }
        if (err != ERR_NONE || leaves(c))
            err = call(&w, c);
        bool is_same = content_of(&w, false).work == reference->after.work;
        POINT(is_same == (c->again != AGAIN_TWICE));
        POINT((err == ERR_NONE) == (c->again != AGAIN_REFUSED));
        check_books(&w);
        faulted_close(&w);
    }
}

static void fault_prove(const struct fault_case *c)
{
    log_configure(LOG_ERROR + 1, false);              /* what is meant to fail need not be told */
    for (const char *at = c->name; *at != '\0'; at++) /* each test begins with the same seed */
        test_state = test_state * 31 + (unsigned char)*at;
    if (!test_is_all() && getenv("FAULT_TELL") == NULL && test_between(1, cases_of()) != 1)
        return;
    struct reference reference = reference_of(c);
    if (has_steps(c))
        fail_each_step(c, &reference);
    else
        fail_each_call(c, &reference);
    try_again_at_each_call(c, &reference);
    lose_each_commit(c, &reference);
    if (getenv("FAULT_TELL") != NULL)
        printf("%s: %" PRId64 " calls, %" PRId64 " commits; made %" PRId64 " times so far\n",
               c->name, reference.calls, reference.commits, points_taken);
}

/* An empty database that could not be filled to the end is filled by the next start. */
TEST(every_call_of_the_first_start_can_fail)
{
    struct arena arena;
    struct fault fault;
    char url[1100];
    char path[1100];
    int64_t point = 1;
    arena_init(&arena);
    if (!template.is_made)
        template_make();
    int64_t step = is_postgres() ? START_STEP_POSTGRES : START_STEP;
    if (test_is_all() && !is_postgres())
        step = 1;
    for (bool done = false; !done; point += test_between(1, step)) {
        struct app app;
        struct str key;
        struct app_options options = {.test_clock = true, .fail_at_call = point};
        REQUIRE(point < 100000);
        template_url(url, sizeof url, "work");
        snprintf(path, sizeof path, "%s/work.db", template.folder);
        unlink(path);
        if (template.server != NULL) {
            server_do("postgres", "DROP DATABASE IF EXISTS faults_work_%ld WITH (FORCE)",
                      (long)getpid());
            server_do("postgres", "CREATE DATABASE faults_work_%ld", (long)getpid());
        }
        options.database_url = str_of(url);
        fault_init(&fault, &arena);
        enum err err = app_open(&options, &arena, &fault, &app, &key);
        done = err == ERR_NONE;
        if (!done) {
            CHECK_INT(err, ERR_STORE);
            options.fail_at_call = 0;
            fault_reset(&fault);
            REQUIRE(app_open(&options, &arena, &fault, &app, &key) == ERR_NONE);
        }
        CHECK(!str_is_null(key)); /* a start that failed has shown none, so it has made none */
        app_close(&app);
        arena_reset(&arena);
    }
    CHECK(point > 10);
    arena_clear(&arena);
}

/* ---- none is forgotten ----------------------------------------------------------------------- */

/* Take a context or the application, but only work in memory. */
static const char *const without_store[] = {
    "billing_invoices_need", "billing_invoices_add", "customer_terms_of",
    "fail_cursor",           "fail_not_found",       "invoice_build_new",
    "metric_expression_try", "audit_key_parse",      "audit_key_read",
    "audit_key_make",        "audit_trust_keys",     "audit_trust_note",
    "ledger_batch_gathered", "ledger_batch_invoice", "test_clock_get",
    "password_hash",         "password_check",       "document_locale_open",
    "estimate_usages",       "rating_charge_add",    "rating_fixed_add_planned",
    "rating_too_large",
};
/* Run by another use case's test, or are what runs use cases; and which test that is. */
static const char *const tested_elsewhere[][2] = {
    {"tx_run", "runs every case"},
    {"app_migrate", "the same as app_open"},
    {"events_prepare", "ingest_now"},
    {"events_commit", "ingest_now"},
    {"idempotency_fill", "idempotency_claim"},
    {"late_exception_dismiss", "tests/app/late_usage_test.c: it needs a world of its own"},
    {"late_usage_due", "billing_run"},
    {"portal_session_switch",
     "tests/app/session_test.c: it changes one id, and contents have none"},
    {"app_open", "every_call_of_the_first_start_can_fail"},
    {"backup_restore", "tests/cli/backup.sh: it opens both databases itself"},
};

static bool is_known(const char *name)
{
    for (const struct fault_case *c = fault_case_first; c != NULL; c = c->next) {
        if (strcmp(c->name, name) == 0)
            return true;
    }
    for (size_t i = 0; i < sizeof without_store / sizeof *without_store; i++) {
        if (strcmp(without_store[i], name) == 0)
            return true;
    }
    for (size_t i = 0; i < sizeof tested_elsewhere / sizeof *tested_elsewhere; i++) {
        if (strcmp(tested_elsewhere[i][0], name) == 0)
            return true;
    }
    return false;
}

static bool takes(const char *params, const char *end, const char *type)
{
    const char *found = strstr(params, type);
    return found != NULL && found < end;
}

/* Each "enum err NAME(…)" of a header that can reach the store by itself: it is given the context,
 * the application or a place for words, and no transaction. */
static int check_header(const char *path, char *text)
{
    static const char head[] = "\nMUST_CHECK enum err ";
    int found = 0;
    for (char *at = text; (at = strstr(at, head)) != NULL;) {
        char *name = at + sizeof head - 1;
        char *open = strchr(name, '(');
        char *end = strchr(name, ';');
        REQUIRE(open != NULL && end != NULL && open < end);
        at = end;
        if (takes(open, end, "struct tx *") || takes(open, end, "struct verifier *") ||
            !(takes(open, end, "struct ctx *") || takes(open, end, "struct app *") ||
              takes(open, end, "struct fault *") || takes(open, end, "struct ingest_batch *")))
            continue;
        *open = '\0';
        found++;
        if (!is_known(name)) {
            printf("    %s: %s has no fault test: add FAULT_READ, FAULT_WRITE or FAULT_STEPS(%s) "
                   "to tests/faults/cases.h\n",
                   path, name, name);
            test_fail(__FILE__, __LINE__, "a use case has no fault test");
        }
    }
    return found;
}

TEST(every_use_case_has_a_fault_test)
{
    static char text[1 << 18];
    char pattern[600];
    const char *root = getenv("BILLOW_SOURCE");
    glob_t headers;
    int found = 0;
    snprintf(pattern, sizeof pattern, "%s/src/app/*.h", root == NULL ? "." : root);
    REQUIRE(glob(pattern, 0, NULL, &headers) == 0);
    for (size_t i = 0; i < headers.gl_pathc; i++) {
        FILE *file = fopen(headers.gl_pathv[i], "rb");
        REQUIRE(file != NULL);
        size_t len = fread(text, 1, sizeof text - 1, file);
        fclose(file);
        REQUIRE(len < sizeof text - 1);
        text[len] = '\0';
        found += check_header(headers.gl_pathv[i], text);
    }
    globfree(&headers);
    CHECK(found >= 60); /* they were really read */
}
