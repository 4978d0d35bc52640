#include "app/overview.h"

#include "app/maintenance.h"
#include "base/assert.h"
#include "base/none.h"
#include "core/money.h"
#include "core/recurring.h"
#include "store/sql/catalog.h"
#include "store/sql/operate.h"
#include "store/sql/overview.h"

enum overview_age overview_age_of(int32_t days)
{
    if (days <= 0)
        return AGE_NOT_DUE;
    if (days <= 30)
        return AGE_30;
    if (days <= 60)
        return AGE_60;
    return days <= 90 ? AGE_90 : AGE_OLDER;
}

enum err overview_margin(const struct overview_currency *currency, size_t month,
                         struct decimal *margin)
{
    const struct overview_month *of = &currency->months[month];
    struct money resale = {of->resale_minor, currency_find(currency->currency)};
    return decimal_sub(money_major(resale), of->resale_cost, margin);
}

/* Reading one overview. */
struct reading {
    struct ctx *ctx;
    struct overview *overview;
    struct plan_version_row *versions;
    size_t version_count;
};

static enum err too_large(struct ctx *ctx)
{
    return fail(ctx, ERR_OVERFLOW, "a sum of all customers is too large");
}

static enum err add(struct ctx *ctx, int64_t *sum, int64_t value)
{
    return __builtin_add_overflow(*sum, value, sum) ? too_large(ctx) : ERR_NONE;
}

/* The currency's figures, made where there are none yet; others may move. */
static struct overview_currency *of_currency(struct reading *r, struct str code)
{
    struct overview *o = r->overview;
    size_t at = 0;
    while (at < o->currency_count && str_cmp(o->currencies[at].currency, code) < 0)
        at++;
    if (at < o->currency_count && str_eq(o->currencies[at].currency, code))
        return &o->currencies[at];
    o->currencies = arena_grow(r->ctx->arena, o->currencies, o->currency_count,
                               &o->currency_capacity, sizeof *o->currencies);
    for (size_t i = o->currency_count; i > at; i--)
        o->currencies[i] = o->currencies[i - 1];
    o->currency_count++;
    o->currencies[at] = (struct overview_currency){.currency = code};
    for (size_t i = 0; i < OVERVIEW_MONTHS; i++)
        o->currencies[at].months[i].resale_cost = DECIMAL_ZERO;
    return &o->currencies[at];
}

/* ---- instants and months --------------------------------------------------------------------- */

/* The same day some months before, or the last of a shorter month. */
static int32_t months_before(int32_t day, int32_t months)
{
    struct civil civil = civil_from_day(day);
    int32_t month = civil.year * 12 + civil.month - 1 - months;
    civil.year = month / 12;
    civil.month = month % 12 + 1;
    if (civil.day > days_in_month(civil.year, civil.month))
        civil.day = days_in_month(civil.year, civil.month);
    return day_from_civil(civil);
}

static enum err set_times(struct reading *r, struct tx *tx)
{
    struct overview *o = r->overview;
    struct billing_entity_row *entities = NULL;
    size_t count = 0;
    TRY(billing_entity_list(tx, &entities, &count));
    ASSERT(count > 0);
    TRY(zone_find(entities[0].timezone, &o->zone));
    int32_t today = zone_day(o->zone, o->at);
    int32_t first = today - civil_from_day(today).day + 1;
    int64_t time_of_day = o->at - zone_day_start(o->zone, today);
    for (int32_t i = 0; i < OVERVIEW_MONTHS; i++) {
        int32_t back = OVERVIEW_MONTHS - 1 - i;
        o->month_days[i] = months_before(first, back);
        o->mrr_at[i] = zone_day_start(o->zone, months_before(today, back)) + time_of_day;
    }
    o->mrr_at[OVERVIEW_MONTHS - 1] = o->at; /* also where the zone's clock was changed today */
    return ERR_NONE;
}

/* ---- what recurs ----------------------------------------------------------------------------- */

/* What held at an instant for those whose row says `mine`: a version after it that had taken effect
 * for all; or, where `mine` itself came later, the one before it.  Versions stand by plan and in
 * order. */
static const struct plan_version_row *version_at(const struct reading *r, size_t mine, int64_t at)
{
    size_t found = mine;
    for (size_t i = mine + 1;
         i < r->version_count && uuid_eq(r->versions[i].plan_id, r->versions[mine].plan_id); i++) {
        if (r->versions[i].effective_at <= at && str_eq(r->versions[i].applies_to, STR("all")))
            found = i;
    }
    while (r->versions[found].effective_at > at && found > 0 &&
           uuid_eq(r->versions[found - 1].plan_id, r->versions[mine].plan_id))
        found--;
    return &r->versions[found];
}

static size_t version_index(const struct reading *r, struct uuid id)
{
    size_t i = 0;
    while (i < r->version_count && !uuid_eq(r->versions[i].id, id))
        i++;
    ASSERT(i < r->version_count);
    return i;
}

/* Those who run on one version, while rows of it come. */
struct running {
    struct reading *reading;
    struct uuid version_id; /* nil: none came yet */
    int64_t counts[OVERVIEW_MONTHS];
};

static enum err add_running(struct running *running)
{
    struct reading *r = running->reading;
    struct overview *o = r->overview;
    if (uuid_is_nil(running->version_id))
        return ERR_NONE;
    size_t mine = version_index(r, running->version_id);
    for (size_t i = 0; i < OVERVIEW_MONTHS; i++) {
        int64_t count = running->counts[i];
        if (count == 0)
            continue;
        const struct plan_version_row *version = version_at(r, mine, o->mrr_at[i]);
        struct overview_currency *figures = of_currency(r, version->currency);
        int64_t yearly_minor = 0;
        if (__builtin_mul_overflow(version->yearly_minor, count, &yearly_minor))
            return too_large(r->ctx);
        TRY(add(r->ctx, &figures->mrr_minor[i], yearly_minor)); /* of a year until the end */
        if (i == OVERVIEW_MONTHS - 1)
            figures->running_count += count;
    }
    return ERR_NONE;
}

static enum err count_running(void *arg, const struct overview_running_each_row *row)
{
    struct running *running = arg;
    const struct overview *o = running->reading->overview;
    if (!uuid_eq(row->plan_version_id, running->version_id)) {
        TRY(add_running(running));
        *running =
            (struct running){.reading = running->reading, .version_id = row->plan_version_id};
    }
    for (size_t i = 0; i < OVERVIEW_MONTHS; i++) {
        if (row->started_at <= o->mrr_at[i] &&
            (row->terminated_at == TIME_NONE || row->terminated_at > o->mrr_at[i]))
            running->counts[i] += row->subscription_count;
    }
    return ERR_NONE;
}

static enum err read_recurring(struct reading *r, struct tx *tx)
{
    struct overview *o = r->overview;
    TRY(overview_version_list(tx, &r->versions, &r->version_count));
    struct running running = {.reading = r, .version_id = UUID_NIL};
    TRY(overview_running_each(
        tx,
        &(struct overview_running_each_in){.first_at = o->mrr_at[0],
                                           .last_at = o->mrr_at[OVERVIEW_MONTHS - 1]},
        count_running, &running));
    TRY(add_running(&running));
    for (size_t i = 0; i < o->currency_count; i++) {
        struct overview_currency *figures = &o->currencies[i];
        figures->yearly_minor = figures->mrr_minor[OVERVIEW_MONTHS - 1];
        for (size_t m = 0; m < OVERVIEW_MONTHS; m++)
            figures->mrr_minor[m] = recurring_month(figures->mrr_minor[m]);
    }
    return ERR_NONE;
}

/* ---- what is open ---------------------------------------------------------------------------- */

/* Rows of one customer and currency follow each other; what is open has made all currencies. */
struct debtors {
    struct reading *reading;
    struct uuid counted_id; /* the last customer who was counted */
    struct overview_currency *counted_in;
};

static enum err count_debtor(void *arg, const struct overview_debtor_each_row *row)
{
    struct debtors *debtors = arg;
    struct reading *r = debtors->reading;
    struct overview_currency *figures = of_currency(r, row->currency);
    const struct zone *zone = NULL;
    TRY(zone_find(row->timezone, &zone));
    if (overview_age_of(zone_day(zone, r->overview->at) - row->first_due_day) == AGE_NOT_DUE)
        return ERR_NONE;
    if (figures == debtors->counted_in && uuid_eq(row->customer_id, debtors->counted_id))
        return ERR_NONE;
    figures->overdue_customers++;
    debtors->counted_id = row->customer_id;
    debtors->counted_in = figures;
    return ERR_NONE;
}

static enum err read_open(struct reading *r, struct tx *tx)
{
    struct overview_open_list_row *rows = NULL;
    size_t count = 0;
    TRY(overview_open_list(tx, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        struct overview_currency *figures = of_currency(r, rows[i].currency);
        const struct zone *zone = NULL;
        TRY(zone_find(rows[i].timezone, &zone));
        int32_t days = zone_day(zone, r->overview->at) - rows[i].payment_due_day;
        enum overview_age age = overview_age_of(days);
        TRY(add(r->ctx, &figures->open_minor, rows[i].open_minor));
        figures->open_count += rows[i].invoice_count;
        figures->age_minor[age] += rows[i].open_minor; /* a part of the sum, which fits */
        figures->age_count[age] += rows[i].invoice_count;
        if (age == AGE_NOT_DUE)
            continue;
        figures->overdue_minor += rows[i].open_minor;
        figures->overdue_count += rows[i].invoice_count;
    }
    return overview_debtor_each(tx, count_debtor, &(struct debtors){.reading = r});
}

/* ---- what months brought --------------------------------------------------------------------- */

static struct overview_month *of_month(struct reading *r, struct str currency, int32_t day)
{
    size_t i = OVERVIEW_MONTHS - 1;
    while (i > 0 && r->overview->month_days[i] > day)
        i--;
    return &of_currency(r, currency)->months[i];
}

/* Income is a credit, so below zero in the books. */
static enum err add_income(struct reading *r, struct str currency, int32_t day, struct str account,
                           int64_t balance_minor)
{
    struct overview_month *month = of_month(r, currency, day);
    int64_t *sum = &month->resale_minor;
    if (str_eq(account, STR("income:subscription")) || str_eq(account, STR("income:fixed")))
        sum = &month->subscription_minor;
    else if (str_eq(account, STR("income:usage")))
        sum = &month->usage_minor;
    return __builtin_sub_overflow(*sum, balance_minor, sum) ? too_large(r->ctx) : ERR_NONE;
}

static enum err add_cost(void *arg, const struct overview_resale_each_row *row)
{
    struct reading *r = arg;
    struct overview_month *month = of_month(r, row->currency, row->issuing_day);
    struct decimal sum;
    if (decimal_add(month->resale_cost, row->vendor_cost, &sum) != ERR_NONE)
        return too_large(r->ctx);
    month->resale_cost = sum;
    return ERR_NONE;
}

/* Today is within the last month, whose end nothing is issued after but what is dated ahead. */
static enum err read_revenue(struct reading *r, struct tx *tx)
{
    struct overview_income_list_row *rows = NULL;
    struct overview_void_list_row *voids = NULL;
    size_t count = 0;
    int32_t from_day = r->overview->month_days[0];
    int32_t last = r->overview->month_days[OVERVIEW_MONTHS - 1];
    int32_t to_day = last + days_in_month(civil_from_day(last).year, civil_from_day(last).month);
    TRY(overview_income_list(
        tx, &(struct overview_income_list_in){.from_day = from_day, .to_day = to_day}, &rows,
        &count));
    for (size_t i = 0; i < count; i++)
        TRY(add_income(r, rows[i].currency, rows[i].booked_day, rows[i].account,
                       rows[i].balance_minor));
    TRY(overview_void_list(tx,
                           &(struct overview_void_list_in){.from_day = from_day, .to_day = to_day},
                           &voids, &count));
    for (size_t i = 0; i < count; i++)
        TRY(add_income(r, voids[i].currency, voids[i].issuing_day, voids[i].account,
                       voids[i].balance_minor));
    return overview_resale_each(
        tx, &(struct overview_resale_each_in){.from_day = from_day, .to_day = to_day}, add_cost, r);
}

/* ---- the billing run ------------------------------------------------------------------------- */

static int64_t earlier(int64_t a, int64_t b)
{
    if (a == TIME_NONE)
        return b;
    return b == TIME_NONE || a < b ? a : b;
}

static enum err read_run(struct reading *r, struct tx *tx)
{
    struct overview_run *run = &r->overview->run;
    struct maintenance_row last = {.started_at = TIME_NONE, .finished_at = TIME_NONE};
    struct overview_run_row row;
    bool found = false;
    TRY(maintenance_load(tx, &(struct maintenance_load_in){.task = MAINTENANCE_BILLING}, &last,
                         &found));
    run->started_at = last.started_at;
    run->finished_at = last.finished_at;
    run->words = last.words;
    TRY(overview_run(tx, &(struct overview_run_in){.now = r->overview->at}, &row, &found));
    ASSERT(found);
    run->due_subscriptions = row.due_subscription_count;
    run->due_invoices = row.due_draft_count;
    run->drafts = row.draft_count;
    run->unnumbered = row.complete_count;
    run->next_at = earlier(row.next_subscription_at, earlier(row.next_draft_at, row.next_cost_at));
    return ERR_NONE;
}

static enum err load(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct reading r = {.ctx = ctx, .overview = arg};
    *r.overview = (struct overview){.at = ctx_now(ctx)};
    TRY(set_times(&r, tx));
    TRY(read_recurring(&r, tx));
    TRY(read_open(&r, tx));
    TRY(read_revenue(&r, tx));
    return read_run(&r, tx);
}

enum err overview_load(struct ctx *ctx, struct overview *overview)
{
    return tx_run(ctx, TX_READ, load, overview);
}
