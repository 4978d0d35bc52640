/* Keys and scopes, rate limits, CSV, request ids: what is the same for every route. */
#include "tests/app/conventions.h"

#define TAX(code) "{\"tax\":{\"name\":\"T\",\"code\":\"" code "\",\"rate\":\"20\"}}"

/* A new key with scopes; its text. */
static const char *new_key(struct service *s, const char *scopes)
{
    char body[300];
    snprintf(body, sizeof body, "{\"api_key\":{\"name\":\"n\",\"scopes\":\"%s\"}}", scopes);
    struct answer answer = ask(s, "POST /api/v1/api_keys", "", body);
    REQUIRE(answer.status == 201);
    const char *key = member(s, &answer, "key");
    answer_free(&answer);
    return key;
}

/* ---- scopes ---------------------------------------------------------------------------------- */

TEST(scopes_let_a_key_do_what_they_say)
{
    // clang-format off
    static const struct { const char *name; const char *call; int status; const char *wanted; } cases[] = {
        {"events:write", "POST /api/v1/events", 422, NULL}, /* may; the body is empty of sense */
        {"events:write", "GET /api/v1/events", 403, "events:read"},
        {"events:write", "POST /lago/api/v1/taxes", 403, "catalog:write"},
        {"events:write", "GET /api/v1/api_keys", 403, "admin"},
        {"catalog:read", "GET /api/v1/taxes", 200, NULL},
        {"catalog:read", "POST /api/v1/taxes", 403, "catalog:write"},
        {"catalog:write", "GET /api/v1/taxes", 403, "catalog:read"},
        {"*:read", "GET /api/v1/invoices", 200, NULL},
        {"*:read", "PUT /api/v1/organizations", 403, "settings:write"},
        {"*:read *:write", "GET /api/v1/api_keys", 403, "admin"},
        {"admin", "GET /api/v1/api_keys", 200, NULL},
        {"admin", "GET /api/v1/taxes", 403, "catalog:read"},
        {"all", "GET /api/v1/api_keys", 200, NULL},
    };
    // clang-format on
    struct service s;
    service_start(&s, NULL);
    EACH(c, cases) {
        struct answer answer =
            ask_with(&s, new_key(&s, c->name), c->call, "", "{\"event\":{\"code\":\"x\"}}");
        CHECK_INT(answer.status, c->status);
        if (c->wanted != NULL) {
            CHECK(strstr(answer.body, "insufficient_scope") != NULL);
            CHECK(strstr(answer.body, c->wanted) != NULL || strstr(c->call, "lago") != NULL);
        }
        answer_free(&answer);
    }
    service_stop(&s);
}

TEST(scopes_that_are_unknown_are_refused)
{
    // clang-format off
    static const struct { const char *name; const char *scopes; } cases[] = {
        {"empty", ""}, {"word", "everything"}, {"group", "boxes:read"}, {"verb", "events:delete"},
        {"no verb", "events"}, {"two spaces", "events:read  events:write"}, {"keys", "admin:read"},
    };
    // clang-format on
    uint64_t scopes = 0;
    struct str bad;
    EACH(c, cases)
        CHECK(!scopes_parse(str_of(c->scopes), &scopes, &bad));
    CHECK(scopes_parse(STR("events:write"), &scopes, &bad));
    CHECK(scopes_allow(scopes, SCOPE_EVENTS, true));
    CHECK(!scopes_allow(scopes, SCOPE_EVENTS, false));
}

/* ---- keys ------------------------------------------------------------------------------------ */

TEST(api_keys_are_rotated_with_an_overlap_and_revoked)
{
    struct service s;
    char call[200];
    service_start(&s, NULL);
    struct answer made = ask(&s, "POST /api/v1/api_keys", "",
                             "{\"api_key\":{\"name\":\"meter\",\"scopes\":\"catalog:read\"}}");
    const char *old_key = member(&s, &made, "key");
    const char *old_id = member(&s, &made, "id");
    snprintf(call, sizeof call, "POST /api/v1/api_keys/%s/rotate", old_id);
    struct answer rotated = ask(&s, call, "", "{\"overlap_seconds\":3600}");
    CHECK_INT(rotated.status, 201);
    const char *key = member(&s, &rotated, "key");
    const char *id = member(&s, &rotated, "id");
    CHECK_STR(str_of(member(&s, &rotated, "scopes")), "catalog:read");
    static const struct {
        const char *name; /* the time */
        int old_status, new_status;
    } steps[] = {
        {"2024-05-01T00:59:59Z", 200, 200},
        {"2024-05-01T01:00:00Z", 401, 200}, /* an hour after midnight */
    };
    EACH(step, steps) {
        at(&s.world, step->name);
        struct answer by_old = ask_with(&s, old_key, "GET /api/v1/taxes", "", "");
        struct answer by_new = ask_with(&s, key, "GET /api/v1/taxes", "", "");
        CHECK_INT(by_old.status, step->old_status);
        CHECK_INT(by_new.status, step->new_status);
        answer_free(&by_old);
        answer_free(&by_new);
    }
    snprintf(call, sizeof call, "DELETE /api/v1/api_keys/%s", id);
    must_ask(&s, 200, call, "");
    struct answer after = ask_with(&s, key, "GET /api/v1/taxes", "", "");
    CHECK_INT(after.status, 401);
    snprintf(call, sizeof call, "GET /api/v1/api_keys/%s", id);
    struct answer shown = ask(&s, call, "", "");
    CHECK(strstr(shown.body, "\"status\":\"revoked\"") != NULL);
    CHECK(strstr(shown.body, key) == NULL);
    answer_free(&made);
    answer_free(&rotated);
    answer_free(&after);
    answer_free(&shown);
    service_stop(&s);
}

TEST(api_key_is_not_kept_with_the_answer)
{
    static const char body[] = "{\"api_key\":{\"name\":\"n\"}}";
    struct service s;
    service_start(&s, NULL);
    struct answer first = ask(&s, "POST /api/v1/api_keys", "Idempotency-Key: k\r\n", body);
    struct answer again = ask(&s, "POST /api/v1/api_keys", "Idempotency-Key: k\r\n", body);
    const char *key = member(&s, &first, "key");
    CHECK_INT(strlen(key), 71);
    CHECK_STR(str_of(member(&s, &again, "key")), "(shown once)");
    CHECK_STR(str_of(member(&s, &again, "id")), member(&s, &first, "id"));
    answer_free(&first);
    answer_free(&again);
    service_stop(&s);
}

TEST(api_key_says_when_it_was_last_used)
{
    struct service s;
    struct api_key_use uses[4];
    struct api_key_row row;
    service_start(&s, &(struct limit_config){0});
    must_ask(&s, 200, "GET /api/v1/taxes", "");
    size_t count = limits_take_uses(s.limits, uses, 4);
    CHECK_INT(count, 1);
    CHECK_AT(uses[0].used_at, "2024-05-01T00:00:00Z");
    MUST(&s.world, api_key_used(&s.world.ctx, uses, count));
    MUST(&s.world, api_key_get(&s.world.ctx, uses[0].key_id, &row));
    CHECK_AT(row.last_used_at, "2024-05-01T00:00:00Z");
    CHECK_INT(limits_take_uses(s.limits, uses, 4), 0);
    service_stop(&s);
}

/* ---- limits ---------------------------------------------------------------------------------- */

TEST(limits_refuse_what_is_too_much)
{
    struct service s;
    service_start(&s, &(struct limit_config){.requests = 3, .events = 5, .failures = 2});
    const char *key = new_key(&s, "all");
    for (int i = 1; i <= 4; i++) {
        char left[8];
        struct answer answer = ask_with(&s, key, "GET /lago/api/v1/taxes", "", "");
        snprintf(left, sizeof left, "%d", i <= 3 ? 3 - i : 0);
        CHECK_INT(answer.status, i <= 3 ? 200 : 429);
        CHECK_STR(header_of(&answer, "RateLimit-Limit"), "3");
        CHECK_STR(header_of(&answer, "RateLimit-Remaining"), left);
        CHECK((header_of(&answer, "Retry-After").len > 0) == (i == 4));
        CHECK((strstr(answer.body, "rate_limited") != NULL) == (i == 4));
        answer_free(&answer);
    }
    /* Events have a limit of their own; the key given to the server has none. */
    make_metric(&s.world, "m", "count_agg", NULL);
    for (int i = 1; i <= 6; i++) {
        char body[200];
        snprintf(body, sizeof body,
                 "{\"event\":{\"transaction_id\":\"t%d\",\"external_subscription_id\":\"s\","
                 "\"code\":\"m\"}}",
                 i);
        struct answer answer = ask_with(&s, key, "POST /api/v1/events", "", body);
        CHECK_INT(answer.status, i <= 5 ? 200 : 429);
        answer_free(&answer);
    }
    for (int i = 1; i <= 5; i++)
        must_ask(&s, 200, "GET /api/v1/taxes", "");
    for (int i = 1; i <= 3; i++) {
        struct answer answer = ask_with(&s, "wrong", "GET /api/v1/taxes", "", "");
        CHECK_INT(answer.status, i <= 2 ? 401 : 429);
        answer_free(&answer);
    }
    must_ask(&s, 200, "GET /api/v1/taxes", ""); /* a good key is never refused for bad ones */
    service_stop(&s);
}

TEST(limits_fill_evenly)
{
    struct limits *limits = limits_new(&(struct limit_config){.requests = 60, .events = 100});
    struct uuid key = {.bytes = {1}};
    struct limit_state state;
    int64_t now = 1000000;
    for (int i = 0; i < 60; i++)
        CHECK(limit_request(limits, key, now, &state));
    CHECK_INT(state.remaining, 0);
    CHECK_INT(state.reset_s, 60);
    CHECK(!limit_request(limits, key, now + 999999, &state));
    CHECK_INT(state.retry_s, 1);
    CHECK(limit_request(limits, key, now + 1000000, &state)); /* one a second */
    CHECK(!limit_request(limits, key, now + 1000001, &state));
    /* More than a bucket: taken when it is full, made up for afterwards. */
    CHECK(limit_events(limits, key, 300, now, &state));
    CHECK_INT(state.remaining, 0);
    CHECK_INT(state.reset_s, 180);
    CHECK(!limit_events(limits, key, 1, now + 120000000, &state));
    CHECK(limit_events(limits, key, 1, now + 120600000, &state));
    CHECK(limit_events(limits, key, 300, now + 100000000000, &state));
    limits_free(limits);
}

/* ---- CSV ------------------------------------------------------------------------------------- */

TEST(csv_holds_the_whole_list)
{
    struct service s;
    service_start(&s, NULL);
    must_ask(&s, 201, "POST /api/v1/customers",
             "{\"customer\":{\"external_id\":\"a\",\"name\":\"=1+1\",\"legal_name\":\"x, "
             "\\\"y\\\"\\nz\","
             "\"email\":\"a@b.de\",\"currency\":\"EUR\",\"address_line1\":\"-12.50\","
             "\"address_line2\":\"@sum\",\"city\":\" b\"}}");
    must_ask(&s, 201, "POST /api/v1/customers", "{\"customer\":{\"external_id\":\"b\"}}");
    struct answer csv = ask(&s, "GET /api/v1/customers?format=csv", "", "");
    struct answer by_accept =
        ask(&s, "GET /api/v1/customers", "Accept: text/csv, application/json\r\n", "");
    struct answer json =
        ask(&s, "GET /api/v1/customers", "Accept: application/json, text/csv\r\n", "");
    CHECK_INT(csv.status, 200);
    CHECK_STR(header_of(&csv, "Content-Type"), "text/csv; charset=utf-8; header=present");
    CHECK_STR(str_of(by_accept.body), csv.body);
    CHECK(json.body[0] == '{');
    static const char *const wanted[] = {
        "id,external_id,sequential_id,billing_entity_id,billing_entity_code,",
        ",billing_configuration.document_locale,metadata,taxes,created_at,",
        ",a,1,", /* external_id and sequential_id */
        ",'=1+1,\"x, \"\"y\"\"\nz\",a@b.de,,-12.50,'@sum,\" b\",", /* name to city */
        ",[],[],2024-05-01T00:00:00Z,",
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        CHECK(strstr(csv.body, wanted[i]) != NULL);
    /* Newest first, as in JSON; each row ends with CR and LF. */
    CHECK(strstr(csv.body, ",b,2,") < strstr(csv.body, ",a,1,"));
    CHECK(strlen(csv.body) > 2 && strcmp(csv.body + strlen(csv.body) - 2, "\r\n") == 0);
    struct answer one = ask(&s, "GET /lago/api/v1/customers/b?format=csv", "", "");
    CHECK(strncmp(one.body, "lago_id,external_id,", 20) == 0);
    struct answer paged = ask(&s, "GET /api/v1/customers?format=csv&page=2", "", "");
    CHECK_INT(paged.status, 422);
    struct answer empty = ask(&s, "GET /api/v1/taxes?format=csv", "", "");
    CHECK_INT(empty.status, 200);
    CHECK_STR(str_of(empty.body), "");
    answer_free(&csv);
    answer_free(&by_accept);
    answer_free(&json);
    answer_free(&one);
    answer_free(&paged);
    answer_free(&empty);
    service_stop(&s);
}

/* ---- cursors --------------------------------------------------------------------------------- */

/* Page by page with payments coming in between: what was there is seen once each. */
TEST(cursors_are_not_moved_by_what_is_added)
{
    struct service s;
    char call[200];
    char body[200];
    char cursor[64] = "";
    bool seen[8] = {false};
    service_start(&s, NULL);
    make_plan(&s.world, (struct plan_input){.code = STR("p"), .amount_minor = 1000}, NULL);
    make_customer(&s.world, "c", "UTC");
    subscribe(&s.world, "c", "s", "p", "calendar");
    at(&s.world, "2024-06-01T00:00:00Z");
    (void)run(&s.world);
    struct invoice_view invoice = invoice_at(&s.world, "c", 0);
    for (int i = 1; i <= 5 + 3; i++) { /* five first, and one more between any two pages */
        struct str id = uuid_text(&s.world.arena, invoice.row.id);
        snprintf(body, sizeof body,
                 "{\"payment\":{\"invoice_id\":\"%.*s\",\"amount_cents\":1,\"reference\":\"r%d\"}}",
                 STR_ARG(id), i);
        must_ask(&s, 201, "POST /api/v1/payments", body);
        if (i < 5)
            continue;
        snprintf(call, sizeof call, "GET /api/v1/payments?per_page=2%s%s",
                 cursor[0] != '\0' ? "&starting_after=" : "", cursor);
        struct answer answer = ask(&s, call, "", "");
        CHECK_INT(answer.status, 200);
        for (int r = 1; r <= 5; r++) {
            char reference[32];
            snprintf(reference, sizeof reference, "\"reference\":\"r%d\"", r);
            if (strstr(answer.body, reference) == NULL)
                continue;
            CHECK(!seen[r]);
            seen[r] = true;
        }
        CHECK(strstr(answer.body, "\"reference\":\"r6\"") == NULL);
        bool last = strstr(answer.body, "\"next_cursor\":null") != NULL;
        CHECK_INT(last, i == 7);
        if (!last)
            snprintf(cursor, sizeof cursor, "%s", member(&s, &answer, "next_cursor"));
        answer_free(&answer);
        if (last)
            break;
    }
    for (int r = 1; r <= 5; r++)
        CHECK(seen[r]);
    static const struct {
        const char *name;
    } bad[] = {
        {"GET /api/v1/payments?starting_after=x"},
        {"GET /api/v1/payments?starting_after=00000000-0000-7000-8000-000000000001"},
        {"GET /api/v1/invoices?starting_after=00000000-0000-7000-8000-000000000001"},
        {"GET /api/v1/fees?starting_after=00000000-0000-7000-8000-000000000001"},
        {"GET /api/v1/fees?page=2&starting_after=00000000-0000-7000-8000-000000000001"},
        {"GET /api/v1/taxes?starting_after=00000000-0000-7000-8000-000000000001"},
    };
    EACH(c, bad)
        must_ask(&s, 422, c->name, "");
    service_stop(&s);
}

/* ---- request ids ----------------------------------------------------------------------------- */

TEST(request_id_is_in_the_answer_the_error_and_the_audit)
{
    struct service s;
    service_start(&s, NULL);
    struct answer good = ask(&s, "POST /api/v1/taxes", "Request-Id: r-77\r\n", TAX("a"));
    struct answer bad = ask(&s, "POST /api/v1/taxes", "Request-Id: r-78\r\n", TAX("a"));
    struct answer ours = ask(&s, "GET /api/v1/taxes/none", "", "");
    CHECK_STR(header_of(&good, "Request-Id"), "r-77");
    CHECK_STR(header_of(&bad, "Request-Id"), "r-78");
    CHECK(strstr(bad.body, "\"request_id\":\"r-78\"") != NULL);
    CHECK(header_of(&ours, "Request-Id").len > 0);
    CHECK(strstr(ours.body, arena_cstr(&s.world.arena, header_of(&ours, "Request-Id"))) != NULL);
    answer_free(&good);
    answer_free(&bad);
    answer_free(&ours);
    service_stop(&s);
}
