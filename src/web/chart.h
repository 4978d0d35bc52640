/* chart.h - charts as SVG and HTML, written by the server.
 *
 * Everything is in integers; figures are amounts in minor units of one currency, or counts.  Each
 * chart has its figures as text too: a label for each column, and a table to open.  Words are in
 * the reader's language already; amounts are written by the chart.  Colours are classes: the series
 * of a chart are k1 to k5, the ages of a debt a0 to a4 (assets/css/chart.css). */
#ifndef WEB_CHART_H
#define WEB_CHART_H

#include "base/arena.h"
#include "base/str.h"
#include "core/currency.h"
#include "locale/locale.h"
#include "web/page_writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHART_COLUMNS_MAX 366
#define CHART_SERIES_MAX  5
#define CHART_AGES_MAX    5

/* How figures are written: amounts of `currency` in minor units; NULL: counts. */
struct chart_figures {
    const struct locale *locale;
    const struct currency *currency;
};

struct chart_series {
    struct str name;
    const int64_t *values; /* one for each column; negative ones hang below the line of zero */
};

struct chart_bars {
    struct chart_figures figures;
    struct str label;         /* "Revenue by month" */
    struct str column_head;   /* of the table: "Month" */
    const struct str *shorts; /* below the columns: "Dec" */
    const struct str *names;  /* in full: "December 2026"; NULL: the short ones */
    size_t column_count;      /* beyond CHART_COLUMNS_MAX the first are left out */
    const struct chart_series *series;
    size_t series_count; /* 1 to CHART_SERIES_MAX */
    struct str total;    /* "Total", where there is more than one series; empty: none is shown */
    struct str as_table; /* "View as table" */
    bool is_small;       /* for a third of the window: drawn as on phones at any width */
};

/* Stacked bars with axis, and the figures as a table.  No column, no chart: empty.  On phones the
 * last six columns are shown (all of them, thin, when there are more than 14). */
struct html chart_bars(struct arena *arena, const struct chart_bars *bars);
/* The names of the series with their colours, for the card's header; empty for one series. */
struct html chart_legend(struct arena *arena, const struct chart_bars *bars);

struct chart_spark {
    const int64_t *values;
    size_t count; /* fewer than 2: empty */
    int width, height;
    int colour; /* 1 to 4 */
    /* What it shows, read out; empty: it only repeats what the text beside it says. */
    struct str label;
};

/* A small line without axis. */
struct html chart_spark(struct arena *arena, const struct chart_spark *spark);

struct chart_age {
    struct str name; /* "1–30 days" */
    int64_t value;   /* below 0 counts as 0 */
};

/* One bar in parts from a0 (not due) to a4 (oldest); `label`: "Receivables by age". */
struct html chart_ages(struct arena *arena, struct chart_figures figures, struct str label,
                       const struct chart_age *ages, size_t age_count);

#endif
