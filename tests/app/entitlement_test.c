/* Features, what plans grant of them, and what subscriptions have instead. */
#include "tests/app/world.h"

#include "app/entitlement.h"
#include "app/feature.h"
#include "app/plan_change.h"
#include "app/plan_copy.h"

static const struct str providers[] = {{"google", 6}, {"okta", 4}};
static const struct privilege_input seat_privileges[] = {
    {.code = {"max", 3}, .value_type = {"integer", 7}},
    {.code = {"root", 4}, .name = {"Root", 4}, .value_type = {"boolean", 7}},
    {.code = {"provider", 8}, .value_type = {"select", 6}, .options = providers, .option_count = 2},
    {.code = {"note", 4}}};

static struct feature_view make_feature(struct world *w, const char *code,
                                        const struct privilege_input *privileges, size_t count)
{
    struct feature_view view;
    MUST(w, feature_create(&w->ctx,
                           &(struct feature_input){.code = str_of(code),
                                                   .privileges = privileges,
                                                   .privilege_count = count},
                           &view));
    return view;
}

/* Features `seats`, with privileges of each type, `sso` and `support` without; plan p, subscription
 * s of it. */
static void begin(struct world *w)
{
    world_open(w);
    at(w, "2024-03-01T00:00:00Z");
    make_feature(w, "seats", seat_privileges, 4);
    make_feature(w, "sso", NULL, 0);
    make_feature(w, "support", NULL, 0);
    sell(w, (struct plan_input){0}, NULL);
}

static struct str text_of(struct world *w, const struct entitlements *all)
{
    return entitlements_text(&w->arena, all);
}

static struct str granted(struct world *w)
{
    struct entitlements all;
    MUST(w, plan_entitlements_get(&w->ctx, STR("p"), &all));
    return text_of(w, &all);
}

static struct str held(struct world *w)
{
    struct entitlements all;
    MUST(w, subscription_entitlements_get(&w->ctx, STR("s"), STR_NULL, &all));
    return text_of(w, &all);
}

static void grant(struct world *w, const char *text, bool replaces)
{
    struct entitlements all;
    MUST(w, plan_entitlements_set(&w->ctx, STR("p"), str_of(text), replaces, &all));
}

static void own(struct world *w, const char *text)
{
    struct entitlements all;
    MUST(w, subscription_entitlements_set(&w->ctx, STR("s"), STR_NULL, str_of(text), &all));
}

static void take(struct world *w, const char *feature, const char *privilege)
{
    struct entitlement was;
    MUST(w,
         subscription_entitlement_remove(&w->ctx, STR("s"), STR_NULL, str_of(feature),
                                         privilege == NULL ? STR_NULL : str_of(privilege), &was));
}

TEST(a_plan_grants)
{
    struct world w;
    struct entitlement was;
    begin(&w);
    CHECK_STR(granted(&w), "{}");
    grant(&w, "{\"seats\": {\"max\": 1e1, \"root\": true, \"provider\": \"okta\"}, \"sso\": {}}",
          false);
    CHECK_STR(granted(&w), "{\"seats\":{\"max\":\"10\",\"root\":\"true\",\"provider\":\"okta\"},"
                           "\"sso\":{}}");
    grant(&w, "{\"seats\": {\"max\": \"20\", \"note\": \"x\"}, \"support\": {}}", false);
    CHECK_STR(granted(&w), "{\"seats\":{\"max\":\"20\",\"root\":\"true\",\"provider\":\"okta\","
                           "\"note\":\"x\"},\"sso\":{},\"support\":{}}");
    MUST(&w, plan_entitlement_remove(&w.ctx, STR("p"), STR("seats"), STR("root"), &was));
    CHECK_INT(was.privilege_count, 3);
    MUST(&w, plan_entitlement_remove(&w.ctx, STR("p"), STR("sso"), STR_NULL, &was));
    CHECK_STR(was.feature.code, "sso");
    CHECK_STR(granted(&w), "{\"seats\":{\"max\":\"20\",\"provider\":\"okta\",\"note\":\"x\"},"
                           "\"support\":{}}");
    grant(&w, "{\"sso\": {}}", true);
    CHECK_STR(granted(&w), "{\"sso\":{}}");
    grant(&w, "{}", true);
    CHECK_STR(granted(&w), "{}");
    CHECK_INT(plan_entitlement_remove(&w.ctx, STR("p"), STR("sso"), STR_NULL, &was), ERR_NOT_FOUND);
    world_close(&w);
}

/* What plans grant is not copied: a copy has what its plan grants at any time. */
TEST(a_copy_has_what_its_plan_grants)
{
    struct world w;
    struct subscription_view view;
    struct entitlements all;
    const struct plan_override override = {
        .change = {.sent = PLAN_NAME, .input = {.name = STR("Agreed")}},
        .path = STR("plan_overrides"),
    };
    begin(&w);
    grant(&w, "{\"seats\": {\"max\": 10}}", true);
    MUST(&w, subscription_create(&w.ctx,
                                 &(struct subscription_input){.external_customer_id = STR("c"),
                                                              .external_id = STR("own"),
                                                              .plan_code = STR("p"),
                                                              .subscription_at = TIME_NONE,
                                                              .ending_at = TIME_NONE,
                                                              .override = &override},
                                 &view));
    CHECK(!uuid_is_nil(view.plan.row.parent_id));
    grant(&w, "{\"seats\": {\"max\": 20}, \"sso\": {}}", true);
    MUST(&w, subscription_entitlements_get(&w.ctx, STR("own"), STR_NULL, &all));
    CHECK_STR(text_of(&w, &all), "{\"seats\":{\"max\":\"20\"},\"sso\":{}}");
    world_close(&w);
}

TEST(a_subscription_has_its_own)
{
    struct world w;
    struct entitlements all;
    begin(&w);
    grant(&w, "{\"seats\": {\"max\": 10, \"root\": false}, \"sso\": {}}", true);
    CHECK_STR(held(&w), "{\"seats\":{\"max\":\"10\",\"root\":\"false\"},\"sso\":{}}");
    own(&w, "{\"seats\": {\"max\": 50, \"note\": \"agreed\"}, \"support\": {}}");
    CHECK_STR(held(&w), "{\"seats\":{\"max\":\"50\",\"root\":\"false\",\"note\":\"agreed\"},"
                        "\"sso\":{},\"support\":{}}");
    MUST(&w, subscription_entitlements_get(&w.ctx, STR("s"), STR("active"), &all));
    const struct entitled_privilege *max = &entitlement_of(&all, STR("seats"))->privileges[0];
    CHECK_STR(max->plan_value, "10");
    CHECK_STR(max->own_value, "50");
    /* The plan's other values go on holding. */
    grant(&w, "{\"seats\": {\"max\": 11, \"root\": true}}", false);
    CHECK_STR(held(&w), "{\"seats\":{\"max\":\"50\",\"root\":\"true\",\"note\":\"agreed\"},"
                        "\"sso\":{},\"support\":{}}");
    take(&w, "seats", "root");
    take(&w, "sso", NULL);
    take(&w, "support", NULL);
    CHECK_STR(held(&w), "{\"seats\":{\"max\":\"50\",\"note\":\"agreed\"}}");
    CHECK_STR(granted(&w), "{\"seats\":{\"max\":\"11\",\"root\":\"true\"},\"sso\":{}}");
    /* Told again, it is there again. */
    own(&w, "{\"sso\": {}, \"seats\": {\"root\": false}}");
    CHECK_STR(held(&w), "{\"seats\":{\"max\":\"50\",\"root\":\"false\",\"note\":\"agreed\"},"
                        "\"sso\":{}}");
    MUST(&w, subscription_entitlement_restore(&w.ctx, STR("s"), STR_NULL, STR("seats"), &all));
    CHECK_STR(text_of(&w, &all), "{\"seats\":{\"max\":\"11\",\"root\":\"true\"},\"sso\":{}}");
    world_close(&w);
}

/* What is its own goes on with the external id, what is the plan's does not. */
TEST(another_plan)
{
    struct world w;
    struct entitlements all;
    begin(&w);
    grant(&w, "{\"seats\": {\"max\": 10}, \"sso\": {}}", true);
    own(&w, "{\"seats\": {\"max\": 50}}");
    make_plan(&w, (struct plan_input){.code = STR("q"), .amount_minor = 100}, NULL);
    MUST(&w, plan_entitlements_set(&w.ctx, STR("q"),
                                   STR("{\"seats\": {\"max\": 20, \"root\": true}}"), true, &all));
    terminate(&w, "s");
    CHECK_INT(subscription_entitlements_get(&w.ctx, STR("s"), STR_NULL, &all), ERR_NOT_FOUND);
    fault_reset(&w.fault);
    subscribe(&w, "c", "s", "q", "calendar");
    CHECK_STR(held(&w), "{\"seats\":{\"max\":\"50\",\"root\":\"true\"}}");
    MUST(&w, subscription_entitlements_get(&w.ctx, STR("s"), STR("terminated"), &all));
    CHECK_STR(text_of(&w, &all), "{\"seats\":{\"max\":\"50\"},\"sso\":{}}");
    world_close(&w);
}

TEST(what_is_deleted_goes_everywhere)
{
    struct world w;
    struct feature_view view;
    const struct privilege_input fewer[] = {seat_privileges[3], seat_privileges[0]};
    begin(&w);
    grant(&w, "{\"seats\": {\"max\": 10, \"root\": true, \"provider\": \"okta\"}, \"sso\": {}}",
          true);
    own(&w, "{\"seats\": {\"max\": 50, \"root\": false}, \"sso\": {}}");
    MUST(&w, feature_privilege_remove(&w.ctx, STR("seats"), STR("root"), &view));
    CHECK_INT(view.privilege_count, 3);
    CHECK_STR(held(&w), "{\"seats\":{\"max\":\"50\",\"provider\":\"okta\"},\"sso\":{}}");
    MUST(&w, feature_change(&w.ctx, STR("seats"),
                            &(struct feature_input){.name = STR("Seats"),
                                                    .privileges = fewer,
                                                    .privilege_count = 2,
                                                    .sent = FEATURE_NAME | FEATURE_PRIVILEGES},
                            &view));
    CHECK_STR(view.row.name, "Seats");
    CHECK_STR(view.privileges[0].code, "note");
    CHECK_STR(held(&w), "{\"seats\":{\"max\":\"50\"},\"sso\":{}}");
    /* Made again, it is another one, without values. */
    MUST(&w, feature_change(&w.ctx, STR("seats"),
                            &(struct feature_input){.privileges = seat_privileges,
                                                    .privilege_count = 4,
                                                    .sent = FEATURE_PRIVILEGES},
                            &view));
    CHECK_STR(granted(&w), "{\"seats\":{\"max\":\"10\"},\"sso\":{}}");
    MUST(&w, feature_remove(&w.ctx, STR("seats"), &view));
    CHECK_STR(granted(&w), "{\"sso\":{}}");
    CHECK_STR(held(&w), "{\"sso\":{}}");
    CHECK_INT(feature_get(&w.ctx, STR("seats"), &view), ERR_NOT_FOUND);
    fault_reset(&w.fault);
    make_feature(&w, "seats", NULL, 0);
    CHECK_STR(held(&w), "{\"sso\":{}}");
    world_close(&w);
}

/* "field code" of all that is wrong. */
static struct str wrong(struct world *w)
{
    struct str text = STR("");
    for (size_t i = 0; i < w->fault.field_count; i++)
        text = arena_fmt(&w->arena, "%.*s%s%.*s %.*s", STR_ARG(text), i > 0 ? "; " : "",
                         STR_ARG(w->fault.fields[i].field), STR_ARG(w->fault.fields[i].code));
    fault_reset(&w->fault);
    return text;
}

TEST(grants_that_are_wrong)
{
    struct world w;
    struct entitlements all;
    begin(&w);
    grant(&w, "{\"sso\": {}}", true);
    CHECK_INT(
        plan_entitlements_set(&w.ctx, STR("p"),
                              STR("{\"none\": {\"a\": 1}, \"sso\": 5, \"support\": {\"x\": 1}, "
                                  "\"seats\": {\"max\": 1.5, \"root\": 1, \"provider\": "
                                  "\"azure\", \"note\": \"\", \"max\": 2, \"max\": 3}}"),
                              true, &all),
        ERR_INVALID);
    CHECK_STR(wrong(&w), "entitlements.none feature_not_found; entitlements.sso invalid_type; "
                         "entitlements.support.x privilege_not_found; "
                         "entitlements.seats.max value_is_invalid; "
                         "entitlements.seats.root value_is_invalid; "
                         "entitlements.seats.provider value_is_invalid; "
                         "entitlements.seats.note value_is_invalid; "
                         "entitlements.seats.max duplicate_field");
    CHECK_INT(subscription_entitlements_set(&w.ctx, STR("s"), STR_NULL,
                                            STR("{\"seats\": {\"max\": null, \"root\": [true], "
                                                "\"note\": 1e400}}"),
                                            &all),
              ERR_INVALID);
    CHECK_STR(wrong(&w), "entitlements.seats.max value_is_invalid; "
                         "entitlements.seats.root value_is_invalid; "
                         "entitlements.seats.note value_is_invalid");
    CHECK_STR(held(&w), "{\"sso\":{}}");
    CHECK_INT(plan_entitlements_set(&w.ctx, STR("none"), STR("{}"), true, &all), ERR_NOT_FOUND);
    fault_reset(&w.fault);
    world_close(&w);
}

TEST(features_that_are_wrong)
{
    struct world w;
    struct feature_view view;
    const struct str twice[] = {STR("a"), STR("a"), STR("")};
    const struct privilege_input bad[] = {
        {.code = STR("a"), .value_type = STR("number")},
        {.code = STR("a"), .value_type = STR("select")},
        {.code = STR("b"), .value_type = STR("select"), .options = twice, .option_count = 3},
        {.code = STR("c"), .value_type = STR("boolean"), .options = twice, .option_count = 1}};
    struct privilege_input changed[4];
    begin(&w);
    CHECK_INT(feature_create(&w.ctx,
                             &(struct feature_input){
                                 .code = STR("seats"), .privileges = bad, .privilege_count = 4},
                             &view),
              ERR_INVALID);
    CHECK_STR(wrong(&w), "code value_already_exist; privileges.0.value_type value_is_invalid; "
                         "privileges.1.code value_already_exist; "
                         "privileges.1.config.select_options value_is_mandatory; "
                         "privileges.2.config.select_options.1 value_already_exist; "
                         "privileges.2.config.select_options.2 value_is_invalid; "
                         "privileges.3.config.select_options value_is_invalid");
    /* Values that are granted must fit. */
    grant(&w, "{\"seats\": {\"max\": 10, \"provider\": \"okta\", \"note\": \"7\"}}", true);
    memcpy(changed, seat_privileges, sizeof changed);
    changed[0].value_type = STR("boolean");
    changed[2].option_count = 1; /* google alone */
    changed[3].value_type = STR("integer");
    struct feature_input input = {
        .privileges = changed, .privilege_count = 4, .sent = FEATURE_PRIVILEGES};
    CHECK_INT(feature_change(&w.ctx, STR("seats"), &input, &view), ERR_INVALID);
    CHECK_STR(wrong(&w), "privileges.0.value_type value_is_invalid");
    changed[0].value_type = STR("string");
    CHECK_INT(feature_change(&w.ctx, STR("seats"), &input, &view), ERR_INVALID);
    CHECK_STR(wrong(&w), "privileges.2.config.select_options value_is_invalid");
    changed[2].option_count = 2;
    MUST(&w, feature_change(&w.ctx, STR("seats"), &input, &view));
    CHECK_STR(view.privileges[3].value_type, "integer");
    world_close(&w);
}
