#include "base/time.h"
#include "core/resale.h"
#include "tests/test.h"

static struct uuid id_of(int number)
{
    struct uuid id = {{0}};
    id.bytes[15] = (uint8_t)number;
    return id;
}

static struct resale_price priced(enum resale_method method, const char *percent, const char *cost,
                                  const char *currency)
{
    struct resale_rule rule = {.method = method, .percent = decimal_lit(percent)};
    struct resale_price price;
    struct decimal amount;
    REQUIRE(decimal_parse(str_of(cost), &amount) == ERR_NONE);
    REQUIRE(resale_price_of(&rule, amount, currency_find(str_of(currency)), &price) == ERR_NONE);
    return price;
}

/* The first rows are the domain's worked examples; the rest was computed with Python's decimal. */
TEST(resale_prices)
{
    // clang-format off
    static const struct {
        const char *name; enum resale_method method;
        const char *percent, *cost, *currency, *precise; int64_t want;
    } cases[] = {
        {"mark-up of 15 %",        RESALE_MARKUP,   "15",   "48",   "EUR", "55.2",                   5520},
        {"margin of 15 %",         RESALE_MARGIN,   "15",   "48",   "EUR", "56.47058823529411764706",5647},
        {"10 % off list",          RESALE_DISCOUNT, "10",   "60",   "EUR", "54",                     5400},
        {"distributor's 5 %",      RESALE_MARKUP,   "5",    "48",   "EUR", "50.4",                   5040},
        {"5 % off list",           RESALE_DISCOUNT, "5",    "60",   "EUR", "57",                     5700},
        {"promotion of 5 %",       RESALE_DISCOUNT, "5",    "115.2","EUR", "109.44",                 10944},
        {"3 % on top",             RESALE_MARKUP,   "3",    "7.20", "EUR", "7.416",                  742},
        {"passed on as it is",     RESALE_MARKUP,   "0",    "13.6164825497", "USD", "13.6164825497", 1362},
        {"21 decimals",            RESALE_MARKUP,   "12.5", "0.123456789012345678901", "USD",
                                                            "0.138888887638888888763625",            14},
        {"a credit",               RESALE_MARKUP,   "15",   "-0.1", "EUR", "-0.115",                 -12},
        {"a credit with margin",   RESALE_MARGIN,   "20",   "-1",   "EUR", "-1.25",                  -125},
        {"half a cent by margin",  RESALE_MARGIN,   "20",   "0.004","EUR", "0.005",                  1},
        {"micro amounts",          RESALE_MARKUP,   "15",   "0.000000001", "EUR", "0.00000000115",   0},
        {"nothing",                RESALE_MARGIN,   "15",   "0",    "EUR", "0",                      0},
        {"yen",                    RESALE_MARKUP,   "15",   "999",  "JPY", "1148.85",                1149},
        {"dinar",                  RESALE_MARGIN,   "15",   "48",   "KWD", "56.47058823529411764706",56471},
        {"nearly all margin",      RESALE_MARGIN,   "99.9", "1",    "EUR", "1000",                   100000},
    };
    // clang-format on
    EACH(c, cases) {
        struct resale_price price = priced(c->method, c->percent, c->cost, c->currency);
        CHECK_INT(price.amount.minor, c->want);
        CHECK(decimal_eq(price.precise, decimal_lit(c->precise)));
    }
}

TEST(resale_too_large)
{
    struct resale_rule rule = {.method = RESALE_MARKUP, .percent = decimal_lit("15")};
    struct resale_price price = {.amount = {.minor = 7}};
    const struct currency *eur = currency_find(STR("EUR"));
    CHECK_INT(resale_price_of(&rule, decimal_lit("1E+20"), eur, &price), ERR_OVERFLOW);
    CHECK_INT(
        resale_price_of(&rule, decimal_lit("9999999999999999999999999999999999"), eur, &price),
        ERR_OVERFLOW);
    rule.method = RESALE_MARGIN;
    CHECK_INT(
        resale_price_of(&rule, decimal_lit("9999999999999999999999999999999999"), eur, &price),
        ERR_OVERFLOW);
    CHECK_INT(price.amount.minor, 7);
}

TEST(resale_percentages)
{
    // clang-format off
    static const struct { const char *name; bool markup, others; } cases[] = {
        {"0", true, true},        {"15", true, true},       {"99.9999999999", true, true},
        {"100", true, false},     {"10000", true, false},   {"10000.01", false, false},
        {"-1", false, false},     {"0.00000000001", false, false},
    };
    // clang-format on
    EACH(c, cases) {
        struct decimal percent = decimal_lit(c->name);
        CHECK_INT(resale_percent_is_valid(RESALE_MARKUP, percent), c->markup);
        CHECK_INT(resale_percent_is_valid(RESALE_MARGIN, percent), c->others);
        CHECK_INT(resale_percent_is_valid(RESALE_DISCOUNT, percent), c->others);
    }
}

TEST(resale_words)
{
    enum resale_method method = RESALE_MARKUP;
    enum cost_column column = COST_BILLED;
    CHECK(resale_method_parse(STR("markup"), &method) && method == RESALE_MARKUP);
    CHECK(resale_method_parse(STR("margin"), &method) && method == RESALE_MARGIN);
    CHECK(resale_method_parse(STR("discount"), &method) && method == RESALE_DISCOUNT);
    CHECK(!resale_method_parse(STR("fixed"), &method));
    for (int i = COST_BILLED; i <= COST_CONTRACTED; i++) {
        CHECK(cost_column_parse(cost_column_word((enum cost_column)i), &column));
        CHECK_INT(column, i);
    }
    CHECK_STR(cost_column_word(COST_BILLED), "billed_cost");
    CHECK_STR(cost_column_word(COST_EFFECTIVE), "effective_cost");
    CHECK_STR(cost_column_word(COST_LIST), "list_cost");
    CHECK_STR(cost_column_word(COST_CONTRACTED), "contracted_cost");
    CHECK(!cost_column_parse(STR("BilledCost"), &column));
    CHECK(!cost_column_parse(STR_NULL, &column));
}

/* ---- which rule ------------------------------------------------------------------------------ */

enum { ACME = 100, OTHER = 101 };

static struct resale_rule rule(int id, int customer, const char *provider, const char *service,
                               int64_t valid_from_at)
{
    return (struct resale_rule){
        .id = id_of(id),
        .percent = DECIMAL_ZERO,
        .customer_id = customer == 0 ? (struct uuid){{0}} : id_of(customer),
        .provider_name = str_of(provider),
        .service_name = str_of(service),
        .valid_from_at = valid_from_at,
    };
}

static int found(const struct resale_rule *rules, size_t count, int customer, const char *provider,
                 const char *service, int64_t period_start_at)
{
    const struct resale_rule *best = resale_rule_find(
        rules, count, id_of(customer), str_of(provider), str_of(service), period_start_at);
    return best == NULL ? 0 : best->id.bytes[15];
}

/* From the most to the least specific; take the best away and the next one wins. */
TEST(resale_most_specific_rule_wins)
{
    struct resale_rule rules[] = {
        rule(1, ACME, "AWS", "S3", 0), rule(2, ACME, NULL, "S3", 0), rule(3, ACME, "AWS", NULL, 0),
        rule(4, ACME, NULL, NULL, 0),  rule(5, 0, "AWS", "S3", 0),   rule(6, 0, NULL, "S3", 0),
        rule(7, 0, "AWS", NULL, 0),    rule(8, 0, NULL, NULL, 0),
    };
    for (size_t i = 0; i < 8; i++)
        CHECK_INT(found(rules + i, 8 - i, ACME, "AWS", "S3", 0), i + 1);
    CHECK_INT(found(rules, 8, ACME, "AWS", "EC2", 0), 3);
    CHECK_INT(found(rules, 8, ACME, "Azure", "S3", 0), 2);
    CHECK_INT(found(rules, 8, ACME, "Azure", "VM", 0), 4);
    CHECK_INT(found(rules, 8, OTHER, "AWS", "S3", 0), 5);
    CHECK_INT(found(rules, 8, OTHER, "Azure", "S3", 0), 6);
    CHECK_INT(found(rules, 8, OTHER, "AWS", "EC2", 0), 7);
    CHECK_INT(found(rules, 8, OTHER, "Azure", "VM", 0), 8);
    CHECK_INT(found(rules, 7, OTHER, "Azure", "VM", 0), 0);
    CHECK_INT(found(rules, 0, ACME, "AWS", "S3", 0), 0);
}

TEST(resale_rules_in_time)
{
    struct resale_rule rules[] = {
        rule(1, 0, NULL, NULL, 100), rule(2, 0, NULL, NULL, 300), rule(3, 0, NULL, NULL, 200),
        rule(5, 0, NULL, NULL, 200), rule(4, 0, NULL, NULL, 200), rule(9, ACME, NULL, NULL, 250),
    };
    CHECK_INT(found(rules, 6, OTHER, "AWS", "S3", 99), 0);
    CHECK_INT(found(rules, 6, OTHER, "AWS", "S3", 100), 1);
    CHECK_INT(found(rules, 6, OTHER, "AWS", "S3", 200), 5); /* of equals the one made later */
    CHECK_INT(found(rules, 6, OTHER, "AWS", "S3", 299), 5);
    CHECK_INT(found(rules, 6, OTHER, "AWS", "S3", 300), 2);
    CHECK_INT(found(rules, 6, ACME, "AWS", "S3", 249), 5);
    CHECK_INT(found(rules, 6, ACME, "AWS", "S3", 400), 9); /* specific before newer */
}

/* The order of the rules does not matter. */
TEST(resale_rule_order_is_free)
{
    static const char *const names[] = {NULL, "AWS", "S3"};
    for (int i = 0; i < 1000; i++) {
        struct resale_rule rules[10], mixed[10];
        size_t count = (size_t)test_between(1, 10);
        for (size_t j = 0; j < count; j++) {
            rules[j] =
                rule((int)j + 1, test_between(0, 1) == 0 ? 0 : ACME, names[test_between(0, 1)],
                     names[test_between(0, 1) * 2], test_between(0, 2));
            mixed[j] = rules[j];
        }
        for (size_t j = count; j > 1; j--) {
            size_t other = (size_t)test_between(0, (int64_t)j - 1);
            struct resale_rule kept = mixed[j - 1];
            mixed[j - 1] = mixed[other];
            mixed[other] = kept;
        }
        REQUIRE(found(rules, count, ACME, "AWS", "S3", 1) ==
                found(mixed, count, ACME, "AWS", "S3", 1));
    }
}

/* A percentage of a cost between 0 and 100,000 with 9 decimals. */
static void draw(char *percent, char *cost, size_t size)
{
    snprintf(cost, size, "%" PRId64 ".%09" PRId64, test_between(0, 99999),
             test_between(0, 999999999));
    snprintf(percent, size, "%" PRId64 ".%02" PRId64, test_between(0, 99), test_between(0, 99));
}

/* A margin of m percent leaves the cost when m percent of the price are taken off again. */
TEST(resale_margin_is_of_the_price)
{
    for (int i = 0; i < 1000; i++) {
        char cost[32], percent[32];
        struct decimal kept, back, off;
        draw(percent, cost, sizeof cost);
        struct resale_price sold = priced(RESALE_MARGIN, percent, cost, "EUR");
        REQUIRE(decimal_sub(decimal_of(100), decimal_lit(percent), &kept) == ERR_NONE);
        REQUIRE(decimal_mul_div(sold.precise, kept, decimal_of(100), 18, ROUND_HALF_UP, &back) ==
                ERR_NONE);
        REQUIRE(decimal_sub(back, decimal_lit(cost), &off) == ERR_NONE);
        REQUIRE(decimal_cmp(decimal_abs(off), decimal_lit("0.000000000000000002")) < 0);
    }
}

/* Exact prices of two costs add up to the price of their sum. */
TEST(resale_prices_add_up)
{
    for (int i = 0; i < 1000; i++) {
        enum resale_method method = test_between(0, 1) == 0 ? RESALE_MARKUP : RESALE_DISCOUNT;
        char one[32], other[32], percent[32], sum_text[DECIMAL_TEXT_MAX];
        struct decimal sum, prices;
        struct buf text;
        draw(percent, one, sizeof one);
        draw(percent, other, sizeof other);
        REQUIRE(decimal_add(decimal_lit(one), decimal_lit(other), &sum) == ERR_NONE);
        buf_fixed(&text, sum_text, sizeof sum_text);
        buf_decimal(&text, sum);
        buf_char(&text, '\0');
        REQUIRE(decimal_add(priced(method, percent, one, "EUR").precise,
                            priced(method, percent, other, "EUR").precise, &prices) == ERR_NONE);
        REQUIRE(decimal_eq(prices, priced(method, percent, sum_text, "EUR").precise));
    }
}
