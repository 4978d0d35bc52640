/* Idempotency-Key and If-Match: one effect, whatever comes twice, at once, or between. */
#include "tests/app/conventions.h"

#define TAX(code) "{\"tax\":{\"name\":\"T\",\"code\":\"" code "\",\"rate\":\"20\"}}"
#define THREADS   8

TEST(idempotency_key_answers_a_repeat_with_the_first_answer)
{
    struct service s;
    service_start(&s, NULL);
    struct answer first = ask(&s, "POST /api/v1/taxes", "Idempotency-Key: k1\r\n", TAX("vat"));
    struct answer again = ask(&s, "POST /api/v1/taxes", "Idempotency-Key: k1\r\n", TAX("vat"));
    struct answer other = ask(&s, "POST /api/v1/taxes", "Idempotency-Key: k2\r\n", TAX("vat"));
    CHECK_INT(first.status, 201);
    CHECK_STR(header_of(&first, "Idempotency-Replayed"), "");
    CHECK_INT(again.status, 201);
    CHECK_STR(header_of(&again, "Idempotency-Replayed"), "true");
    CHECK_STR(header_of(&again, "Content-Type"), "application/json");
    CHECK_STR(str_of(again.body), first.body);
    CHECK_INT(other.status, 422); /* the code is taken: without the key it is another request */
    CHECK_INT(total_of(&s, "taxes"), 1);
    answer_free(&first);
    answer_free(&again);
    answer_free(&other);
    service_stop(&s);
}

TEST(idempotency_key_is_of_one_request_and_one_key)
{
    // clang-format off
    static const struct { const char *name; const char *call; const char *body; int status; } cases[] = {
        {"same",         "POST /api/v1/taxes",           TAX("a"), 201},
        {"other body",   "POST /api/v1/taxes",           TAX("b"), 422},
        {"other path",   "POST /api/v1/billable_metrics", TAX("a"), 422},
        {"other face",   "POST /lago/api/v1/taxes",      TAX("a"), 422},
        {"other method", "PUT /api/v1/organizations",    TAX("a"), 422},
        {"other query",  "POST /api/v1/taxes?x=1",       TAX("a"), 422},
    };
    // clang-format on
    struct service s;
    service_start(&s, NULL);
    struct answer answer = ask(&s, "POST /api/v1/taxes", "Idempotency-Key: k\r\n", TAX("a"));
    CHECK_INT(answer.status, 201);
    answer_free(&answer);
    EACH(c, cases) {
        answer = ask(&s, c->call, "Idempotency-Key: k\r\n", c->body);
        CHECK_INT(answer.status, c->status);
        CHECK((strstr(answer.body, "idempotency_key_reused") != NULL) == (c->status == 422));
        answer_free(&answer);
    }
    /* Another API key has its own. */
    answer = ask(&s, "POST /api/v1/api_keys", "",
                 "{\"api_key\":{\"name\":\"other\",\"scopes\":\"catalog:write\"}}");
    const char *key = member(&s, &answer, "key");
    answer_free(&answer);
    answer = ask_with(&s, key, "POST /api/v1/taxes", "Idempotency-Key: k\r\n", TAX("c"));
    CHECK_INT(answer.status, 201);
    answer_free(&answer);
    service_stop(&s);
}

TEST(idempotency_key_must_be_visible_and_short)
{
    struct service s;
    char headers[600];
    char key[300];
    service_start(&s, NULL);
    memset(key, 'k', sizeof key);
    for (size_t len = 254; len <= 256; len++) {
        snprintf(headers, sizeof headers, "Idempotency-Key: %.*s\r\n", (int)len, key);
        struct answer answer =
            ask(&s, "PUT /api/v1/organizations", headers, "{\"organization\":{\"name\":\"N\"}}");
        CHECK_INT(answer.status, len <= 255 ? 200 : 422);
        CHECK((strstr(answer.body, "Idempotency-Key") != NULL) == (len > 255));
        answer_free(&answer);
    }
    struct answer answer =
        ask(&s, "POST /api/v1/taxes", "Idempotency-Key: two words\r\n", TAX("a"));
    CHECK_INT(answer.status, 422);
    answer_free(&answer);
    CHECK_INT(total_of(&s, "taxes"), 0);
    service_stop(&s);
}

TEST(idempotency_key_of_a_refused_request_stays_free)
{
    struct service s;
    service_start(&s, NULL);
    struct answer answer = ask(&s, "POST /api/v1/taxes", "Idempotency-Key: k\r\n",
                               "{\"tax\":{\"name\":\"T\",\"code\":\"a b\",\"rate\":\"20\"}}");
    CHECK_INT(answer.status, 422);
    answer_free(&answer);
    answer = ask(&s, "POST /api/v1/taxes", "Idempotency-Key: k\r\n", TAX("a"));
    CHECK_INT(answer.status, 201);
    CHECK_STR(header_of(&answer, "Idempotency-Replayed"), "");
    answer_free(&answer);
    service_stop(&s);
}

TEST(idempotency_key_is_forgotten_after_a_day)
{
    struct service s;
    int64_t purged = 0;
    service_start(&s, NULL);
    struct answer answer = ask(&s, "POST /api/v1/taxes", "Idempotency-Key: k\r\n", TAX("a"));
    answer_free(&answer);
    at(&s.world, "2024-05-01T23:59:59Z");
    MUST(&s.world, idempotency_purge(&s.world.ctx, &purged));
    CHECK_INT(purged, 0);
    answer = ask(&s, "POST /api/v1/taxes", "Idempotency-Key: k\r\n", TAX("a"));
    CHECK_INT(answer.status, 201);
    answer_free(&answer);
    at(&s.world, "2024-05-02T00:00:00Z"); /* gone by the clock, though still in the table */
    answer = ask(&s, "POST /api/v1/taxes", "Idempotency-Key: k\r\n", TAX("b"));
    CHECK_INT(answer.status, 201);
    CHECK_STR(header_of(&answer, "Idempotency-Replayed"), "");
    answer_free(&answer);
    at(&s.world, "2024-05-03T00:00:01Z");
    MUST(&s.world, idempotency_purge(&s.world.ctx, &purged));
    CHECK_INT(purged, 1);
    service_stop(&s);
}

/* ---- at once --------------------------------------------------------------------------------- */

struct racer {
    struct service *service;
    const char *call, *headers, *body;
    pthread_t thread;
    pthread_barrier_t *start;
    struct answer answer;
    int busy; /* how often it was told to come again */
};

static void *race(void *arg)
{
    struct racer *racer = arg;
    pthread_barrier_wait(racer->start);
    for (;;) {
        racer->answer = ask(racer->service, racer->call, racer->headers, racer->body);
        if (racer->answer.status != 409 || racer->busy == 10000)
            return NULL;
        CHECK_STR(header_of(&racer->answer, "Retry-After"), "1");
        racer->busy++;
        answer_free(&racer->answer);
    }
}

static void run_race(struct racer *racers, struct service *s, const char *call, const char *headers,
                     const char *body)
{
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        racers[i] = (struct racer){
            .service = s, .call = call, .headers = headers, .body = body, .start = &start};
        REQUIRE(pthread_create(&racers[i].thread, NULL, race, &racers[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(racers[i].thread, NULL);
    pthread_barrier_destroy(&start);
}

TEST(idempotency_key_sent_by_many_at_once_has_one_effect)
{
    struct service s;
    struct racer racers[THREADS];
    service_start(&s, NULL);
    run_race(racers, &s, "POST /api/v1/taxes", "Idempotency-Key: k\r\n", TAX("a"));
    int first = 0;
    for (int i = 0; i < THREADS; i++) {
        CHECK_INT(racers[i].answer.status, 201);
        CHECK_STR(str_of(racers[i].answer.body), racers[0].answer.body);
        first += header_of(&racers[i].answer, "Idempotency-Replayed").len == 0;
    }
    CHECK_INT(first, 1);
    CHECK_INT(total_of(&s, "taxes"), 1);
    for (int i = 0; i < THREADS; i++)
        answer_free(&racers[i].answer);
    service_stop(&s);
}

TEST(if_match_lets_one_of_many_change_it)
{
    struct service s;
    struct racer racers[THREADS];
    char headers[200];
    service_start(&s, NULL);
    struct answer shown = ask(&s, "GET /api/v1/organizations", "", "");
    snprintf(headers, sizeof headers, "If-Match: %.*s\r\n", STR_ARG(header_of(&shown, "ETag")));
    run_race(racers, &s, "PUT /api/v1/organizations", headers,
             "{\"organization\":{\"name\":\"Changed\"}}");
    int changed = 0;
    for (int i = 0; i < THREADS; i++) {
        changed += racers[i].answer.status == 200;
        CHECK(racers[i].answer.status == 200 || racers[i].answer.status == 412);
        answer_free(&racers[i].answer);
    }
    CHECK_INT(changed, 1);
    answer_free(&shown);
    service_stop(&s);
}

/* ---- deaths and faults ----------------------------------------------------------------------- */

/* Wherever the store fails: no answer of success without the effect and its record, and the repeat
 * has the one effect. */
TEST(idempotency_key_survives_every_fault_of_the_store)
{
    static const struct {
        const char *name, *call, *body, *list;
        int status;
    } writes[] = {
        {"a tax", "POST /api/v1/taxes", TAX("a"), "taxes", 201},
        {"a customer", "POST /api/v1/customers",
         "{\"customer\":{\"external_id\":\"c\",\"currency\":\"EUR\"}}", "customers", 201},
    };
    EACH(c, writes) {
        bool clean = false;
        struct service s;
        service_start(&s, NULL);
        for (int at = 3; !clean && at < 200; at++) { /* after the look-up of the API key */
            char headers[64];
            int64_t before = total_of(&s, c->list);
            snprintf(headers, sizeof headers, "Idempotency-Key: k%d\r\n", at);
            store_fail_at(s.world.app.store, at);
            struct answer hit = ask(&s, c->call, headers, c->body);
            store_fail_at(s.world.app.store, 0);
            int64_t after = total_of(&s, c->list);
            clean = hit.status == c->status && at > 60;
            CHECK(hit.status == c->status || after == before);
            struct answer again = ask(&s, c->call, headers, c->body);
            if (hit.status == c->status) {
                CHECK_STR(header_of(&again, "Idempotency-Replayed"), "true");
                CHECK_STR(str_of(again.body), hit.body);
            } else if (before == 0) {
                CHECK_INT(again.status, c->status);
            }
            CHECK_INT(total_of(&s, c->list), 1);
            answer_free(&hit);
            answer_free(&again);
        }
        service_stop(&s);
    }
}

/* The answer of the first never came (the process died after the commit, say): the record is all
 * that there is, and another process on the same database answers from it. */
TEST(idempotency_key_is_answered_by_a_process_that_did_not_see_the_first)
{
    struct service s;
    struct service second;
    service_start(&s, NULL);
    struct answer first = ask(&s, "POST /api/v1/taxes", "Idempotency-Key: k\r\n", TAX("a"));
    http_server_stop(s.server);
    ingest_stop(&s.world.app);
    second = s;
    MUST(&second.world, ingest_start(&second.world.app, &second.world.fault));
    MUST(&second.world, http_server_start(&(struct http_config){.listen = STR("127.0.0.1:0"),
                                                                .router = &second.router,
                                                                .env = &second.env,
                                                                .refuse = api_refuse},
                                          &second.world.fault, &second.server));
    second.port = http_server_port(second.server);
    struct answer again = ask(&second, "POST /api/v1/taxes", "Idempotency-Key: k\r\n", TAX("a"));
    CHECK_INT(again.status, 201);
    CHECK_STR(header_of(&again, "Idempotency-Replayed"), "true");
    CHECK_STR(str_of(again.body), first.body);
    answer_free(&first);
    answer_free(&again);
    service_stop(&second);
}

/* ---- events ---------------------------------------------------------------------------------- */

TEST(idempotency_key_of_events_is_kept_with_them)
{
    static const char event[] =
        "{\"event\":{\"transaction_id\":\"t1\",\"external_subscription_id\":\"s\",\"code\":\"m\"}}";
    struct service s;
    service_start(&s, NULL);
    make_metric(&s.world, "m", "count_agg", NULL);
    struct answer first = ask(&s, "POST /api/v1/events", "Idempotency-Key: k\r\n", event);
    struct answer again = ask(&s, "POST /api/v1/events", "Idempotency-Key: k\r\n", event);
    struct answer repeat = ask(&s, "POST /api/v1/events", "", event);
    struct answer lago = ask(&s, "POST /lago/api/v1/events", "Idempotency-Key: k\r\n", event);
    CHECK_INT(first.status, 200);
    CHECK(strstr(first.body, "\"outcome\":\"accepted\"") != NULL);
    CHECK_INT(again.status, 200);
    CHECK_STR(header_of(&again, "Idempotency-Replayed"), "true");
    CHECK_STR(str_of(again.body), first.body);
    CHECK(strstr(repeat.body, "\"outcome\":\"duplicate\"") != NULL);
    CHECK_INT(lago.status, 422);
    CHECK(strstr(lago.body, "idempotency_key_reused") != NULL);
    answer_free(&first);
    answer_free(&again);
    answer_free(&repeat);
    answer_free(&lago);
    service_stop(&s);
}

TEST(idempotency_key_of_events_sent_by_many_at_once_has_one_effect)
{
    struct service s;
    struct racer racers[THREADS];
    service_start(&s, NULL);
    make_metric(&s.world, "m", "count_agg", NULL);
    run_race(racers, &s, "POST /api/v1/events", "Idempotency-Key: k\r\n",
             "{\"event\":{\"transaction_id\":\"t1\",\"external_subscription_id\":\"s\","
             "\"code\":\"m\"}}");
    for (int i = 0; i < THREADS; i++) {
        CHECK_INT(racers[i].answer.status, 200);
        CHECK(strstr(racers[i].answer.body, "\"outcome\":\"accepted\"") != NULL);
        answer_free(&racers[i].answer);
    }
    CHECK_INT(total_of(&s, "unmatched_events"), 1);
    service_stop(&s);
}

/* ---- ETag ------------------------------------------------------------------------------------ */

TEST(etag_is_of_the_representation)
{
    struct service s;
    char headers[300];
    service_start(&s, NULL);
    must_ask(&s, 201, "POST /api/v1/taxes", TAX("a"));
    struct answer native = ask(&s, "GET /api/v1/taxes/a", "", "");
    struct answer lago = ask(&s, "GET /lago/api/v1/taxes/a", "", "");
    struct answer list = ask(&s, "GET /api/v1/taxes", "", "");
    CHECK_INT(header_of(&native, "ETag").len, 34);
    CHECK(!str_eq(header_of(&native, "ETag"), header_of(&lago, "ETag")));
    CHECK_STR(header_of(&list, "ETag"), "");
    snprintf(headers, sizeof headers, "If-None-Match: \"x\", W/%.*s\r\n",
             STR_ARG(header_of(&native, "ETag")));
    struct answer same = ask(&s, "GET /api/v1/taxes/a", headers, "");
    CHECK_INT(same.status, 304);
    CHECK_STR(str_of(same.body), "");
    CHECK(str_eq(header_of(&same, "ETag"), header_of(&native, "ETag")));
    struct answer differs = ask(&s, "GET /lago/api/v1/taxes/a", headers, "");
    CHECK_INT(differs.status, 200);
    answer_free(&native);
    answer_free(&lago);
    answer_free(&list);
    answer_free(&same);
    answer_free(&differs);
    service_stop(&s);
}

TEST(if_match_refuses_what_has_changed)
{
    static const char body[] = "{\"organization\":{\"name\":\"One\"}}";
    struct service s;
    char headers[300];
    service_start(&s, NULL);
    struct answer shown = ask(&s, "GET /api/v1/organizations", "", "");
    snprintf(headers, sizeof headers, "If-Match: %.*s\r\n", STR_ARG(header_of(&shown, "ETag")));
    struct answer first = ask(&s, "PUT /api/v1/organizations", headers, body);
    struct answer stale = ask(&s, "PUT /api/v1/organizations", headers, body);
    struct answer any = ask(&s, "PUT /api/v1/organizations", "If-Match: *\r\n", body);
    struct answer weak = ask(&s, "PUT /api/v1/organizations", "If-Match: W/\"x\"\r\n", body);
    struct answer nowhere = ask(&s, "POST /api/v1/taxes", "If-Match: *\r\n", TAX("a"));
    struct answer missing = ask(&s, "PUT /api/v1/billing_entities/nn", "If-Match: *\r\n",
                                "{\"billing_entity\":{\"name\":\"N\"}}");
    CHECK_INT(first.status, 200);
    CHECK_INT(stale.status, 412);
    CHECK(strstr(stale.body, "precondition_failed") != NULL);
    CHECK_INT(any.status, 200);
    CHECK_INT(weak.status, 412);
    CHECK_INT(nowhere.status, 422);
    CHECK_INT(missing.status, 404);
    CHECK_INT(total_of(&s, "taxes"), 0);
    answer_free(&shown);
    answer_free(&first);
    answer_free(&stale);
    answer_free(&any);
    answer_free(&weak);
    answer_free(&nowhere);
    answer_free(&missing);
    service_stop(&s);
}
