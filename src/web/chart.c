#include "web/chart.h"

#include "base/assert.h"
#include "base/buf.h"
#include "core/money.h"

/* Positions are tenths of the SVG's units; sums of amounts need more than 64 bits. */
__extension__ typedef __int128 wide;

#define CHART_BYTES_MAX ((size_t)4 << 20)
#define MANY_COLUMNS    14 /* more have no room for a name each, nor for a stop of the Tab key */
#define NARROW_COLUMNS  6
#define TICKS           4 /* wanted */
#define TICKS_MAX       12
#define LABEL_WIDTH     62            /* of a character, in tenths */
#define GAP             ((int64_t)20) /* between the parts of a column */
#define ROUND           ((int64_t)30) /* of a column's top */

struct frame_of_chart {
    const char *class;
    int64_t width, height, top, bottom; /* whole units; the axis is at `bottom` */
};

struct scale {
    wide max, min, step; /* max and min are multiples of step */
    int64_t top, height; /* tenths */
};

/* ---- text ---- */

static struct str figure(struct arena *arena, struct chart_figures figures, int64_t value)
{
    if (figures.currency == NULL)
        return locale_count(figures.locale, arena, value);
    return locale_money(figures.locale, arena, (struct money){value, figures.currency});
}

static struct str figure_short(struct arena *arena, struct chart_figures figures, int64_t value)
{
    if (figures.currency == NULL)
        return locale_count_short(figures.locale, arena, value);
    return locale_money_short(figures.locale, arena, (struct money){value, figures.currency});
}

static int64_t char_count(struct str text)
{
    int64_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

static void put_tenths(struct buf *out, int64_t tenths)
{
    if (tenths < 0)
        buf_char(out, '-');
    tenths = tenths < 0 ? -tenths : tenths;
    buf_int(out, tenths / 10);
    if (tenths % 10 != 0)
        buf_fmt(out, ".%d", (int)(tenths % 10));
}

static void put_attribute(struct buf *out, const char *name, int64_t tenths)
{
    buf_fmt(out, " %s=\"", name);
    put_tenths(out, tenths);
    buf_char(out, '"');
}

static void put_rect(struct buf *out, const char *class, int64_t x, int64_t y, int64_t width,
                     int64_t height)
{
    buf_fmt(out, "<rect class=\"%s\"", class);
    put_attribute(out, "x", x);
    put_attribute(out, "y", y);
    put_attribute(out, "width", width);
    put_attribute(out, "height", height);
    buf_add(out, STR("/>"));
}

/* The total of a column; false when it has more than 64 bits. */
static bool column_total(const struct chart_bars *bars, size_t column, int64_t *total)
{
    wide sum = 0;
    for (size_t i = 0; i < bars->series_count; i++)
        sum += bars->series[i].values[column];
    *total = (int64_t)sum;
    return sum >= INT64_MIN && sum <= INT64_MAX;
}

static bool has_total(const struct chart_bars *bars)
{
    return bars->total.len > 0 && bars->series_count > 1;
}

static struct str column_name(const struct chart_bars *bars, size_t column)
{
    return bars->names == NULL ? bars->shorts[column] : bars->names[column];
}

/* ---- the axis ---- */

/* The smallest round number that is not less than `least`: 1, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a
 * power of ten, and whole. */
static wide round_step(wide least)
{
    static const int tenfold[] = {10, 15, 20, 25, 30, 40, 50, 60, 80};
    for (wide power = 1;; power *= 10) {
        for (size_t i = 0; i < sizeof tenfold / sizeof *tenfold; i++) {
            wide step = tenfold[i] * power;
            if (step % 10 == 0 && step / 10 >= least)
                return step / 10;
        }
    }
}

static struct scale scale_of(const struct chart_bars *bars, size_t first,
                             const struct frame_of_chart *frame)
{
    wide max = 0;
    wide min = 0;
    for (size_t column = first; column < bars->column_count; column++) {
        wide above = 0;
        wide below = 0;
        for (size_t i = 0; i < bars->series_count; i++) {
            int64_t value = bars->series[i].values[column];
            *(value > 0 ? &above : &below) += value;
        }
        max = above > max ? above : max;
        min = below < min ? below : min;
    }
    wide range = max - min;
    wide step = round_step(range <= TICKS ? 1 : (range + TICKS - 1) / TICKS);
    struct scale scale = {.step = step,
                          .max = (max + step - 1) / step * step,
                          .min = -((-min + step - 1) / step * step),
                          .top = frame->top * 10,
                          .height = (frame->bottom - frame->top) * 10};
    if (scale.max == scale.min) /* all is zero */
        scale.max = step;
    return scale;
}

static int64_t scale_y(const struct scale *scale, wide value)
{
    return scale->top + (int64_t)((scale->max - value) * scale->height / (scale->max - scale->min));
}

/* Lines and their labels; returns where the columns may begin, in tenths. */
static int64_t put_axis(struct arena *arena, struct buf *out, const struct chart_bars *bars,
                        const struct scale *scale, const struct frame_of_chart *frame)
{
    struct str labels[TICKS_MAX] = {{0}};
    wide values[TICKS_MAX];
    size_t count = 0;
    int64_t longest = 0;
    for (wide value = scale->min; value <= scale->max; value += scale->step) {
        ASSERT(count < TICKS_MAX);
        values[count] = value;
        if (value >= INT64_MIN && value <= INT64_MAX)
            labels[count] = figure_short(arena, bars->figures, (int64_t)value);
        longest = char_count(labels[count]) > longest ? char_count(labels[count]) : longest;
        count++;
    }
    int64_t left = longest * LABEL_WIDTH + 140;
    for (size_t i = 0; i < count; i++) {
        int64_t y = scale_y(scale, values[i]);
        buf_fmt(out, "<line class=\"%s\"", values[i] == 0 && scale->min < 0 ? "zero" : "grid");
        put_attribute(out, "x1", left);
        put_attribute(out, "x2", (frame->width - 4) * 10);
        put_attribute(out, "y1", y);
        put_attribute(out, "y2", y);
        buf_add(out, STR("/><text class=\"ax\" text-anchor=\"end\""));
        put_attribute(out, "x", left - 80);
        put_attribute(out, "y", y + 40);
        buf_char(out, '>');
        buf_html(out, labels[i]);
        buf_add(out, STR("</text>"));
    }
    return left;
}

/* ---- columns ---- */

static void put_column_label(struct arena *arena, struct buf *out, const struct chart_bars *bars,
                             size_t column)
{
    int64_t total = 0;
    buf_add(out, STR(" aria-label=\""));
    buf_html(out, column_name(bars, column));
    for (size_t i = 0; i < bars->series_count; i++) {
        buf_add(out, i == 0 ? STR(": ") : STR(", "));
        if (bars->series_count > 1) {
            buf_html(out, bars->series[i].name);
            buf_char(out, ' ');
        }
        buf_html(out, figure(arena, bars->figures, bars->series[i].values[column]));
    }
    if (has_total(bars) && column_total(bars, column, &total)) {
        buf_add(out, STR(", "));
        buf_html(out, bars->total);
        buf_char(out, ' ');
        buf_html(out, figure(arena, bars->figures, total));
    }
    buf_char(out, '"');
}

/* A part from y to y + height; the outermost one upwards has round corners. */
static void put_part(struct buf *out, size_t series, int64_t x, int64_t y, int64_t width,
                     int64_t height, bool is_top)
{
    char class[] = "k1";
    class[1] = (char)('1' + series);
    if (!is_top || height < ROUND || width < 3 * ROUND) {
        put_rect(out, class, x, y, width, height);
        return;
    }
    buf_fmt(out, "<path class=\"%s\" d=\"M", class);
    put_tenths(out, x);
    buf_char(out, ' ');
    put_tenths(out, y + height);
    buf_char(out, 'V');
    put_tenths(out, y + ROUND);
    buf_add(out, STR("q0-3 3-3h"));
    put_tenths(out, width - 2 * ROUND);
    buf_add(out, STR("q3 0 3 3V"));
    put_tenths(out, y + height);
    buf_add(out, STR("z\"/>"));
}

static void put_parts(struct buf *out, const struct chart_bars *bars, const struct scale *scale,
                      size_t column, int64_t x, int64_t width)
{
    wide above = 0;
    wide below = 0;
    size_t top = bars->series_count;
    for (size_t i = 0; i < bars->series_count; i++)
        top = bars->series[i].values[column] > 0 ? i : top;
    for (size_t i = 0; i < bars->series_count; i++) {
        int64_t value = bars->series[i].values[column];
        wide *sum = value > 0 ? &above : &below;
        bool is_first = *sum == 0;
        int64_t from = scale_y(scale, value > 0 ? *sum + value : *sum);
        int64_t to = scale_y(scale, value > 0 ? *sum : *sum + value);
        *sum += value;
        if (value == 0)
            continue;
        if (!is_first && to - from > 2 * GAP) {
            to -= value > 0 ? GAP : 0;
            from += value > 0 ? 0 : GAP;
        }
        put_part(out, i, x, from, width, to - from > 10 ? to - from : 10, i == top);
    }
}

static void put_columns(struct arena *arena, struct buf *out, const struct chart_bars *bars,
                        const struct scale *scale, const struct frame_of_chart *frame, size_t first,
                        int64_t left)
{
    int64_t count = (int64_t)(bars->column_count - first);
    int64_t room = (frame->width - 8) * 10 - left;
    int64_t bar = room * 6 / 10 / count;
    bar = bar > 440 ? 440 : bar;
    size_t every = count <= MANY_COLUMNS ? 1 : (size_t)(count * 450 / room + 1);
    for (size_t column = first; column < bars->column_count; column++) {
        int64_t index = (int64_t)(column - first);
        int64_t x = left + room * index / count;
        int64_t width = left + room * (index + 1) / count - x;
        buf_fmt(out, "<g class=\"col\" role=\"img\"%s data-row=\"%zu\"",
                count <= MANY_COLUMNS ? " tabindex=\"0\"" : "", column);
        put_column_label(arena, out, bars, column);
        buf_char(out, '>');
        put_rect(out, "hit", x, scale->top, width, scale->height);
        put_parts(out, bars, scale, column, x + (width - bar) / 2, bar);
        if ((size_t)index % every == 0) {
            buf_add(out, STR("<text class=\"ax\" text-anchor=\"middle\""));
            put_attribute(out, "x", x + width / 2);
            put_attribute(out, "y", frame->bottom * 10 + 190);
            buf_char(out, '>');
            buf_html(out, bars->shorts[column]);
            buf_add(out, STR("</text>"));
        }
        buf_add(out, STR("</g>"));
    }
}

static void put_svg(struct arena *arena, struct buf *out, const struct chart_bars *bars,
                    const struct frame_of_chart *frame, size_t first)
{
    struct scale scale = scale_of(bars, first, frame);
    buf_fmt(out,
            "<svg class=\"chart %s\" viewBox=\"0 0 %d %d\" direction=\"ltr\" role=\"group\" "
            "aria-label=\"",
            frame->class, (int)frame->width, (int)frame->height);
    buf_html(out, bars->label);
    buf_add(out, STR("\">"));
    int64_t left = put_axis(arena, out, bars, &scale, frame);
    put_columns(arena, out, bars, &scale, frame, first, left);
    buf_add(out, STR("</svg>"));
}

/* ---- the table ---- */

static void put_head(struct buf *out, struct str words, const char *series)
{
    buf_add(out, STR("<th scope=\"col\" class=\"num\""));
    if (series != NULL)
        buf_fmt(out, " data-series=\"%s\"", series);
    buf_char(out, '>');
    buf_html(out, words);
    buf_add(out, STR("</th>"));
}

static void put_cell(struct buf *out, struct str text)
{
    buf_add(out, STR("<td class=\"num\"><bdi>"));
    buf_html(out, text);
    buf_add(out, STR("</bdi></td>"));
}

static void put_row(struct arena *arena, struct buf *out, const struct chart_bars *bars,
                    size_t column)
{
    int64_t total = 0;
    buf_add(out, STR("<tr><th scope=\"row\">"));
    buf_html(out, column_name(bars, column));
    buf_add(out, STR("</th>"));
    for (size_t i = 0; i < bars->series_count; i++)
        put_cell(out, figure(arena, bars->figures, bars->series[i].values[column]));
    if (has_total(bars))
        put_cell(out, column_total(bars, column, &total) ? figure(arena, bars->figures, total)
                                                         : STR("—"));
    buf_add(out, STR("</tr>"));
}

static void put_table(struct arena *arena, struct buf *out, const struct chart_bars *bars)
{
    buf_add(out, STR("<details class=\"as-table\"><summary>"));
    buf_html(out, bars->as_table);
    buf_add(out, STR("</summary><div class=\"table-responsive\" tabindex=\"0\" role=\"group\" "
                     "aria-label=\""));
    buf_html(out, bars->label);
    buf_add(out, STR("\"><table class=\"table table-sm\"><thead><tr><th scope=\"col\">"));
    buf_html(out, bars->column_head);
    buf_add(out, STR("</th>"));
    for (size_t i = 0; i < bars->series_count; i++) {
        char class[] = "k1";
        class[1] = (char)('1' + i);
        put_head(out, bars->series[i].name, class);
    }
    if (has_total(bars))
        put_head(out, bars->total, NULL);
    buf_add(out, STR("</tr></thead><tbody>"));
    for (size_t column = 0; column < bars->column_count; column++)
        put_row(arena, out, bars, column);
    buf_add(out, STR("</tbody></table></div></details>"));
}

struct html chart_bars(struct arena *arena, const struct chart_bars *bars)
{
    static const struct frame_of_chart full = {"chart-wide", 760, 260, 12, 232};
    static const struct frame_of_chart phone = {"chart-narrow", 340, 220, 12, 190};
    static const struct frame_of_chart small = {"chart-small", 340, 220, 12, 190};
    struct buf out;
    ASSERT(bars->series_count >= 1 && bars->series_count <= CHART_SERIES_MAX);
    if (bars->column_count == 0)
        return (struct html){STR("")};
    bool is_many = bars->column_count > MANY_COLUMNS;
    bool is_cut = bars->column_count > CHART_COLUMNS_MAX;
    size_t first = is_cut ? bars->column_count - CHART_COLUMNS_MAX : 0;
    size_t first_on_phones = is_many || bars->column_count <= NARROW_COLUMNS
                                 ? first
                                 : bars->column_count - NARROW_COLUMNS;
    buf_init(&out, arena, CHART_BYTES_MAX);
    buf_add(&out, STR("<div class=\"chart-wrap\">"));
    if (bars->is_small) {
        put_svg(arena, &out, bars, &small, first);
    } else {
        put_svg(arena, &out, bars, &full, first);
        put_svg(arena, &out, bars, &phone, first_on_phones);
    }
    put_table(arena, &out, bars);
    buf_add(&out, STR("</div>"));
    ASSERT(buf_ok(&out));
    return (struct html){buf_str(&out)};
}

struct html chart_legend(struct arena *arena, const struct chart_bars *bars)
{
    struct buf out;
    if (bars->series_count < 2)
        return (struct html){STR("")};
    buf_init(&out, arena, CHART_BYTES_MAX);
    buf_add(&out, STR("<div class=\"legend ms-auto\">"));
    for (size_t i = 0; i < bars->series_count; i++) {
        buf_fmt(&out, "<span><i class=\"dot k%zu\"></i>", i + 1);
        buf_html(&out, bars->series[i].name);
        buf_add(&out, STR("</span>"));
    }
    buf_add(&out, STR("</div>"));
    return (struct html){buf_str(&out)};
}

/* ---- small ones ---- */

#define SPARK_MARGIN 30 /* for the line's width and its dot */

struct html chart_spark(struct arena *arena, const struct chart_spark *spark)
{
    struct buf out;
    struct buf line;
    int64_t max = spark->count > 0 ? spark->values[0] : 0;
    int64_t min = max;
    ASSERT(spark->width > 10 && spark->height > 10 && spark->colour >= 1 && spark->colour <= 4);
    if (spark->count < 2)
        return (struct html){STR("")};
    for (size_t i = 0; i < spark->count; i++) {
        max = spark->values[i] > max ? spark->values[i] : max;
        min = spark->values[i] < min ? spark->values[i] : min;
    }
    int64_t width = spark->width * 10 - 40;
    int64_t height = spark->height * 10 - 2 * SPARK_MARGIN;
    int64_t x = 0;
    int64_t y = 0;
    buf_init(&out, arena, CHART_BYTES_MAX);
    buf_init(&line, arena, CHART_BYTES_MAX);
    for (size_t i = 0; i < spark->count; i++) {
        wide range = (wide)max - min;
        x = 20 + width * (int64_t)i / (int64_t)(spark->count - 1);
        /* A line that is level runs through the middle. */
        y = SPARK_MARGIN +
            (range == 0 ? height / 2 : (int64_t)(((wide)max - spark->values[i]) * height / range));
        buf_char(&line, i == 0 ? 'M' : 'L');
        put_tenths(&line, x);
        buf_char(&line, ' ');
        put_tenths(&line, y);
    }
    buf_fmt(&out, "<svg class=\"spark s%d\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\"",
            spark->colour, spark->width, spark->height, spark->width, spark->height);
    if (spark->label.len > 0) {
        buf_add(&out, STR(" role=\"img\" aria-label=\""));
        buf_html(&out, spark->label);
        buf_add(&out, STR("\">"));
    } else {
        buf_add(&out, STR(" aria-hidden=\"true\" focusable=\"false\">"));
    }
    buf_add(&out, STR("<path class=\"area\" d=\""));
    buf_add(&out, buf_str(&line));
    buf_fmt(&out, "L%d %dL2 %dZ\"/><path class=\"line\" d=\"", spark->width - 2, spark->height,
            spark->height);
    buf_add(&out, buf_str(&line));
    buf_add(&out, STR("\"/><circle r=\"2.2\""));
    put_attribute(&out, "cx", x);
    put_attribute(&out, "cy", y);
    buf_add(&out, STR("/></svg>"));
    ASSERT(buf_ok(&out));
    return (struct html){buf_str(&out)};
}

#define AGES_WIDTH  4000
#define AGES_GAP    20
#define AGES_LEAST  30 /* so that a small debt is seen */
#define AGES_HEIGHT 140

struct html chart_ages(struct arena *arena, struct chart_figures figures, struct str label,
                       const struct chart_age *ages, size_t age_count)
{
    struct buf out;
    wide sum = 0;
    int64_t shown = 0;
    ASSERT(age_count <= CHART_AGES_MAX);
    for (size_t i = 0; i < age_count; i++) {
        sum += ages[i].value > 0 ? ages[i].value : 0;
        shown += ages[i].value > 0;
    }
    buf_init(&out, arena, CHART_BYTES_MAX);
    buf_add(&out, STR("<svg class=\"age-bar\" viewBox=\"0 0 400 14\" preserveAspectRatio=\"none\" "
                      "role=\"img\" aria-label=\""));
    buf_html(&out, label);
    for (size_t i = 0; i < age_count; i++) {
        buf_add(&out, i == 0 ? STR(": ") : STR(", "));
        buf_html(&out, ages[i].name);
        buf_char(&out, ' ');
        buf_html(&out, figure(arena, figures, ages[i].value));
    }
    buf_add(&out, STR("\">"));
    int64_t room = AGES_WIDTH - shown * (AGES_GAP + AGES_LEAST) + AGES_GAP;
    int64_t x = 0;
    for (size_t i = 0; i < age_count; i++) {
        if (ages[i].value <= 0)
            continue;
        char class[] = "a0";
        class[1] = (char)('0' + i);
        int64_t width = AGES_LEAST + (int64_t)((wide)room * ages[i].value / sum);
        put_rect(&out, class, x, 0, width, AGES_HEIGHT);
        x += width + AGES_GAP;
    }
    buf_add(&out, STR("</svg>"));
    ASSERT(buf_ok(&out));
    return (struct html){buf_str(&out)};
}
