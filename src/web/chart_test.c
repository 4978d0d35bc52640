#include "web/chart.h"

#include "core/currency.h"
#include "tests/test.h"

static struct arena arena;
static struct locale *locale;
static struct chart_figures euros;

static void begin(void)
{
    arena_init(&arena);
    REQUIRE(locale_open(STR("en"), &locale) == ERR_NONE);
    euros = (struct chart_figures){locale, currency_find(STR("EUR"))};
    REQUIRE(euros.currency != NULL);
}

static void end(void)
{
    locale_close(locale);
    arena_clear(&arena);
}

static const char *text(struct html html)
{
    return arena_cstr(&arena, html.str);
}

static int times(const char *in, const char *what)
{
    int count = 0;
    for (const char *at = in; (at = strstr(at, what)) != NULL; at += strlen(what))
        count++;
    return count;
}

static bool has(struct html html, const char *what)
{
    bool found = strstr(text(html), what) != NULL;
    if (!found)
        printf("    no %s in\n    %s\n", what, text(html));
    return found;
}

/* One series named "Usage", columns "0", "1" … */
static struct html bars_of(const int64_t *values, size_t count, bool is_money)
{
    struct str *shorts = ARENA_ARRAY(&arena, count + 1, struct str);
    for (size_t i = 0; i < count; i++)
        shorts[i] = arena_fmt(&arena, "%zu", i);
    return chart_bars(&arena, &(struct chart_bars){
                                  .figures = {locale, is_money ? euros.currency : NULL},
                                  .label = STR("Usage"),
                                  .column_head = STR("Day"),
                                  .shorts = shorts,
                                  .column_count = count,
                                  .series = &(struct chart_series){STR("Usage"), values},
                                  .series_count = 1,
                                  .as_table = STR("View as table"),
                                  .is_small = true,
                              });
}

TEST(bars_without_columns_are_nothing)
{
    begin();
    CHECK_INT(bars_of(NULL, 0, true).str.len, 0);
    end();
}

TEST(bars_of_zeros_have_an_axis_and_no_bars)
{
    static const int64_t zeros[3] = {0};
    begin();
    struct html html = bars_of(zeros, 3, true);
    CHECK_INT(times(text(html), "class=\"k1\""), 0);
    CHECK_INT(times(text(html), "class=\"col\""), 3);
    CHECK(has(html, ">€0</text>"));
    CHECK(has(html, "aria-label=\"0: €0.00\""));
    end();
}

TEST(bars_scale_to_a_round_axis)
{
    /* 240 in steps of 60: the axis ends at 240, where the full column begins at the top, y 12, and
     * ends at 190; half of it begins at 12 + 178 / 2 = 101. */
    static const int64_t values[2] = {24000, 12000};
    begin();
    struct html html = bars_of(values, 2, true);
    CHECK(has(html, ">€240</text>"));
    CHECK(has(html, ">€60</text>"));
    CHECK(has(html, " 190V15q0-3 3-3h"));
    CHECK(has(html, " 190V104q0-3 3-3h"));
    end();
}

TEST(bars_below_zero_hang_from_its_line)
{
    /* From -40 to 60 in steps of 25 the axis is -50 to 75: zero at 12 + 178 * 75 / 125 = 118.8; -40
     * ends 178 * 40 / 125 = 56.9 below it. */
    static const int64_t values[2] = {60, -40};
    begin();
    struct html html = bars_of(values, 2, false);
    CHECK(has(html, "class=\"zero\""));
    CHECK(has(html, ">-50</text>"));
    CHECK(has(html, " y=\"118.8\" width=\"44\" height=\"56.9\"/>"));
    CHECK(has(html, "aria-label=\"1: -40\""));
    end();
}

TEST(bars_of_one_column_and_of_one_unit)
{
    static const int64_t one[1] = {1};
    begin();
    CHECK(has(bars_of(one, 1, false), ">1</text>"));
    CHECK(has(bars_of(one, 1, true), "aria-label=\"0: €0.01\""));
    end();
}

TEST(bars_take_the_largest_numbers)
{
    static const int64_t largest[2] = {INT64_MAX, INT64_MIN};
    const struct chart_series series[2] = {{STR("A"), largest}, {STR("B"), largest}};
    const struct str shorts[2] = {STR("x"), STR("y")};
    begin();
    CHECK(has(bars_of(largest, 2, true), "€92,233,720,368,547,758.07"));
    struct html html = chart_bars(&arena, &(struct chart_bars){.figures = euros,
                                                               .label = STR("Sums"),
                                                               .shorts = shorts,
                                                               .column_count = 2,
                                                               .series = series,
                                                               .series_count = 2,
                                                               .total = STR("Total")});
    /* Twice the largest has no 64 bits: no total is said, and none is wrong. */
    CHECK_INT(times(text(html), "<bdi>—</bdi>"), 2);
    CHECK_INT(times(text(html), ", Total "), 0);
    end();
}

TEST(bars_escape_what_they_are_given)
{
    static const int64_t values[1] = {5};
    const struct chart_series series[2] = {{STR("<b>\"A\"&"), values}, {STR("B'"), values}};
    const struct str shorts[1] = {STR("<i>")};
    begin();
    const struct chart_bars bars = {.figures = euros,
                                    .label = STR("\"><script>"),
                                    .column_head = STR("<u>"),
                                    .shorts = shorts,
                                    .column_count = 1,
                                    .series = series,
                                    .series_count = 2,
                                    .total = STR("<s>"),
                                    .as_table = STR("<em>")};
    struct html html = chart_bars(&arena, &bars);
    static const char *const raw[] = {"<b>", "<i>", "<u>", "<s>", "<em>", "<script>", "\"A\""};
    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++)
        CHECK(strstr(text(html), raw[i]) == NULL);
    CHECK(strstr(text(chart_legend(&arena, &bars)), "<b>") == NULL);
    CHECK(has(html, "&lt;b&gt;&quot;A&quot;&amp; €0.05"));
    end();
}

TEST(bars_show_the_last_months_on_phones_and_thin_out_many_days)
{
    static const int64_t values[31] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    struct str shorts[31];
    begin();
    for (int i = 0; i < 31; i++)
        shorts[i] = arena_fmt(&arena, "c%d", i);
    struct chart_bars bars = {.figures = {locale, NULL},
                              .label = STR("L"),
                              .shorts = shorts,
                              .column_count = 12,
                              .series = &(struct chart_series){STR("S"), values},
                              .series_count = 1};
    struct html months = chart_bars(&arena, &bars);
    CHECK_INT(times(text(months), "class=\"col\""), 12 + 6);
    CHECK_INT(times(text(months), "tabindex=\"0\" data-row=\"11\""), 2);
    CHECK_INT(times(text(months), "<tr><th scope=\"row\">"), 12);
    bars.column_count = 31;
    struct html days = chart_bars(&arena, &bars);
    CHECK_INT(times(text(days), "class=\"col\""), 31 + 31);
    CHECK_INT(times(text(days), "tabindex=\"0\" data-row"), 0);
    CHECK(times(text(days), "text-anchor=\"middle\"") < 31);
    CHECK_INT(times(text(days), "<tr><th scope=\"row\">"), 31);
    end();
}

TEST(a_spark_of_fewer_than_two_values_is_nothing)
{
    static const int64_t values[3] = {7, 7, 7};
    begin();
    struct chart_spark spark = {values, 1, 84, 30, 1, STR("")};
    CHECK_INT(chart_spark(&arena, &spark).str.len, 0);
    spark.count = 0;
    CHECK_INT(chart_spark(&arena, &spark).str.len, 0);
    spark.count = 3; /* level: through the middle */
    CHECK(has(chart_spark(&arena, &spark), "class=\"line\" d=\"M2 15L42 15L82 15\""));
    CHECK(has(chart_spark(&arena, &spark), "aria-hidden=\"true\""));
    spark.label = STR("\"level\"");
    CHECK(has(chart_spark(&arena, &spark), "aria-label=\"&quot;level&quot;\""));
    end();
}

TEST(a_spark_takes_the_largest_numbers)
{
    static const int64_t values[2] = {INT64_MIN, INT64_MAX};
    begin();
    CHECK(has(chart_spark(&arena, &(struct chart_spark){values, 2, 84, 30, 2, STR("")}),
              "d=\"M2 27L82 3\""));
    end();
}

TEST(ages_are_parts_of_one_bar)
{
    /* Three parts take 3 of width each and gaps of 2: 400 - 3 * 5 + 2 = 387 are shared 1 : 1 : 2.
     */
    const struct chart_age ages[5] = {{STR("Not due"), 100},
                                      {STR("<1–30>"), 100},
                                      {STR("31–60"), 0},
                                      {STR("61–90"), -50},
                                      {STR("Over 90"), 200}};
    begin();
    struct html html = chart_ages(&arena, euros, STR("Overdue"), ages, 5);
    CHECK(has(html, "<rect class=\"a0\" x=\"0\" y=\"0\" width=\"99.7\" height=\"14\"/>"));
    CHECK(has(html, "<rect class=\"a1\" x=\"101.7\" y=\"0\" width=\"99.7\" height=\"14\"/>"));
    CHECK(has(html, "<rect class=\"a4\" x=\"203.4\" y=\"0\" width=\"196.5\" height=\"14\"/>"));
    CHECK_INT(times(text(html), "<rect"), 3);
    CHECK(has(html, "Overdue: Not due €1.00, &lt;1–30&gt; €1.00, 31–60 €0.00, 61–90 -€0.50"));
    end();
}

TEST(ages_without_any_debt)
{
    const struct chart_age ages[2] = {{STR("A"), 0}, {STR("B"), 0}};
    begin();
    CHECK_INT(times(text(chart_ages(&arena, euros, STR("Overdue"), ages, 2)), "<rect"), 0);
    CHECK(has(chart_ages(&arena, euros, STR("Overdue"), ages, 0), "aria-label=\"Overdue\""));
    end();
}

TEST(axes_are_written_in_the_readers_language)
{
    static const int64_t values[1] = {24000000};
    begin();
    locale_close(locale);
    REQUIRE(locale_open(STR("de"), &locale) == ERR_NONE);
    CHECK(has(bars_of(values, 1, true), ">240.000\302\240€</text>"));
    end();
}
