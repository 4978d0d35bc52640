/* tables_test.c - lists and look-ups of the pages: customers, invoices, finding, activity, usage.
 * Expected figures by hand. */
#include "tests/app/world.h"

#include "app/activity.h"
#include "app/audit.h"
#include "app/customer_due.h"
#include "app/customer_table.h"
#include "app/fee_explanation.h"
#include "app/find.h"
#include "app/invoice_table.h"
#include "app/payment_settle.h"
#include "app/usage_view.h"
#include "store/sql/payment.h"

#include <glob.h>

static void describe(struct world *w, const char *external_id, const char *name, const char *email,
                     const char *tax_number)
{
    struct customer_view view;
    MUST(w, customer_save(
                &w->ctx,
                &(struct customer_input){
                    .sent = CUSTOMER_NAME | CUSTOMER_EMAIL | CUSTOMER_TAX_IDENTIFICATION_NUMBER,
                    .external_id = str_of(external_id),
                    .name = str_of(name),
                    .email = str_of(email),
                    .tax_identification_number = str_of(tax_number),
                },
                &view));
}

/* Three customers; on 10 May
 *   acme   29.00 a month, invoices of 1 April and 1 May, 34.80 each with tax; the first is paid
 *   birch  10.00 a month and 240.00 a year; invoices of 12.00 on the same days, none paid
 *   cedar  nothing */
static void play(struct world *w)
{
    struct payment_view paid;
    at(w, "2024-03-01T00:00:00Z");
    make_tax(w, "VAT", "20", true);
    make_plan(w, (struct plan_input){.code = STR("large"), .amount_minor = 2900}, NULL);
    make_plan(w, (struct plan_input){.code = STR("small"), .amount_minor = 1000}, NULL);
    make_plan(w,
              (struct plan_input){
                  .code = STR("year"), .amount_minor = 24000, .billing_interval = STR("yearly")},
              NULL);
    make_customer(w, "acme", "UTC");
    describe(w, "acme", "Acme Rockets", "pay@acme.example", "DE 111");
    subscribe(w, "acme", "acme-1", "large", "calendar");
    at(w, "2024-03-01T00:01:00Z");
    make_customer(w, "birch", "UTC");
    describe(w, "birch", "Birch & Sons", "Bills@Birch.example", "DE 222");
    subscribe(w, "birch", "birch-1", "small", "calendar");
    subscribe(w, "birch", "birch-2", "year", "anniversary");
    at(w, "2024-03-01T00:02:00Z");
    make_customer(w, "cedar", "UTC");
    at(w, "2024-05-10T00:00:00Z");
    run(w);
    at(w, "2024-05-10T00:01:00Z");
    MUST(w, payment_create(&w->ctx,
                           &(struct payment_input){.invoice_id = invoice_at(w, "acme", 0).row.id,
                                                   .amount_minor = 3480,
                                                   .paid_at = TIME_NONE},
                           &paid));
}

struct customers {
    struct customer_entry *entries;
    size_t count;
    int64_t total;
};

static struct customers customers(struct world *w, struct customer_table_filter filter)
{
    struct customers c = {0};
    if (filter.limit == 0)
        filter.limit = 10;
    MUST(w, customer_table(&w->ctx, &filter, &c.entries, &c.count, &c.total));
    return c;
}

/* "acme birch" */
static struct str ids_of(struct world *w, struct customers c)
{
    struct str all = STR("");
    for (size_t i = 0; i < c.count; i++)
        all = arena_fmt(&w->arena, "%.*s%s%.*s", STR_ARG(all), i == 0 ? "" : " ",
                        STR_ARG(c.entries[i].row.external_id));
    return all;
}

TEST(customers_show_what_they_bring_and_owe)
{
    struct world w;
    world_open(&w);
    play(&w);
    struct customers c =
        customers(&w, (struct customer_table_filter){.sort = STR("name"), .is_ascending = true});
    CHECK_INT(c.total, 3);
    REQUIRE(c.count == 3);
    CHECK_STR(ids_of(&w, c), "acme birch cedar");
    CHECK_INT(c.entries[0].mrr_minor, 2900);
    CHECK_INT(c.entries[0].open_minor, 3480);
    CHECK_INT(c.entries[0].overdue_minor, 3480);
    CHECK_DAY(c.entries[0].oldest_due_day, "2024-05-01");
    CHECK_INT(c.entries[1].mrr_minor, 3000); /* 10.00 and a twelfth of 240.00 */
    CHECK_INT(c.entries[1].running_count, 2);
    CHECK_INT(c.entries[1].open_minor, 2400);
    CHECK_DAY(c.entries[1].oldest_due_day, "2024-04-01");
    CHECK_INT(c.entries[2].mrr_minor, 0);
    CHECK_INT(c.entries[2].running_count, 0);
    CHECK_INT(c.entries[2].open_minor, 0);
    world_close(&w);
}

TEST(customers_are_filtered_and_sorted)
{
    // clang-format off
    static const struct { const char *name, *search, *status, *sort; bool up; const char *want; } cases[] = {
        {"newest first",        NULL,      NULL,       NULL,      false, "cedar birch acme"},
        {"oldest first",        NULL,      NULL,       "created", true,  "acme birch cedar"},
        {"name, backwards",     NULL,      NULL,       "name",    false, "cedar birch acme"},
        {"most MRR",            NULL,      NULL,       "mrr",     false, "birch acme cedar"},
        {"least open",          NULL,      NULL,       "open",    true,  "cedar birch acme"},
        {"most overdue",        NULL,      NULL,       "overdue", false, "acme birch cedar"},
        {"by id",               "CED",     NULL,       NULL,      false, "cedar"},
        {"by name",             "& sons",  NULL,       NULL,      false, "birch"},
        {"by email",            "bills@",  NULL,       NULL,      false, "birch"},
        {"by tax number",       "de 111",  NULL,       NULL,      false, "acme"},
        {"a sign of LIKE",      "%",       NULL,       NULL,      false, ""},
        {"with subscriptions",  NULL,      "active",   "name",    true,  "acme birch"},
        {"without",             NULL,      "inactive", "name",    true,  "cedar"},
        {"overdue",             NULL,      "overdue",  "name",    true,  "acme birch"},
        {"both",                "rocket",  "open",     NULL,      false, "acme"},
        {"both, none",          "cedar",   "open",     NULL,      false, ""},
    };
    // clang-format on
    struct world w;
    world_open(&w);
    play(&w);
    EACH(c, cases) {
        struct customers found =
            customers(&w, (struct customer_table_filter){
                              .search = c->search == NULL ? STR_NULL : str_of(c->search),
                              .status = c->status == NULL ? STR_NULL : str_of(c->status),
                              .sort = c->sort == NULL ? STR_NULL : str_of(c->sort),
                              .is_ascending = c->up,
                          });
        CHECK_STR(ids_of(&w, found), c->want);
        CHECK_INT(found.total, found.count);
    }
    world_close(&w);
}

TEST(pages_of_customers_know_how_many_there_are)
{
    struct world w;
    world_open(&w);
    play(&w);
    struct customers second =
        customers(&w, (struct customer_table_filter){.limit = 2, .offset = 2});
    CHECK_STR(ids_of(&w, second), "acme");
    CHECK_INT(second.total, 3);
    struct customers behind =
        customers(&w, (struct customer_table_filter){.limit = 2, .offset = 4});
    CHECK_INT(behind.count, 0);
    CHECK_INT(behind.total, 3);
    CHECK_INT(customers(&w, (struct customer_table_filter){.currency = STR("USD")}).total, 0);
    world_close(&w);
}

TEST(a_customers_numbers_are_found_by_either_id)
{
    struct world w;
    struct customer_numbers numbers;
    world_open(&w);
    play(&w);
    MUST(&w, customer_numbers_get(&w.ctx, STR("acme"), &numbers));
    CHECK_INT(numbers.invoiced_minor, 6960);
    CHECK_INT(numbers.paid_minor, 3480);
    CHECK_INT(numbers.invoice_count, 2);
    CHECK_INT(numbers.draft_count, 0);
    CHECK_INT(numbers.entry.open_minor, 3480);
    struct str id = uuid_text(&w.arena, numbers.entry.row.id);
    MUST(&w, customer_numbers_get(&w.ctx, id, &numbers));
    CHECK_STR(numbers.entry.row.external_id, "acme");
    CHECK_INT(customer_numbers_get(&w.ctx, STR("nobody"), &numbers), ERR_NOT_FOUND);
    fault_reset(&w.fault);
    CHECK_INT(customer_numbers_get(&w.ctx, STR("01900000-0000-7000-8000-000000000000"), &numbers),
              ERR_NOT_FOUND);
    world_close(&w);
}

static void delete_customer(struct world *w, const char *external_id)
{
    struct customer_view view;
    MUST(w, customer_delete(&w->ctx, str_of(external_id), &view));
}

#define LIKE_AN_ID "01900000-0000-7000-8000-00000000abcd"

/* Whoever chooses external ids may choose UUIDs. */
TEST(a_customer_whose_external_id_looks_like_an_id_is_found)
{
    struct world w;
    struct customer_numbers numbers;
    world_open(&w);
    at(&w, "2024-03-01T00:00:00Z");
    make_customer(&w, LIKE_AN_ID, "UTC");
    MUST(&w, customer_numbers_get(&w.ctx, STR(LIKE_AN_ID), &numbers));
    CHECK_STR(numbers.entry.row.external_id, LIKE_AN_ID);
    delete_customer(&w, LIKE_AN_ID);
    CHECK_INT(customer_numbers_get(&w.ctx, STR(LIKE_AN_ID), &numbers), ERR_NOT_FOUND);
    fault_reset(&w.fault);
    CHECK_INT(customer_numbers_get(&w.ctx, uuid_text(&w.arena, numbers.entry.row.id), &numbers),
              ERR_NOT_FOUND); /* nor by its own */
    world_close(&w);
}

/* ---- invoices -------------------------------------------------------------------------------- */

struct invoice_rows {
    struct invoice_table_list_row *rows;
    size_t count;
    int64_t total;
};

static struct invoice_rows table(struct world *w, struct invoice_table_filter filter)
{
    struct invoice_rows t = {0};
    filter.limit = 10;
    MUST(w, invoice_table(&w->ctx, &filter, &t.rows, &t.count, &t.total));
    CHECK_INT(t.total, t.count);
    return t;
}

TEST(invoices_stand_in_one_state_each)
{
    struct world w;
    struct invoice_view view;
    int64_t counts[INVOICE_STATE_COUNT];
    world_open(&w);
    play(&w);
    MUST(&w, invoice_void(&w.ctx, invoice_at(&w, "birch", 0).row.id, &view));
    MUST(&w, invoice_state_counts(&w.ctx, counts));
    CHECK_INT(counts[INVOICE_STATE_DRAFT], 0);
    CHECK_INT(counts[INVOICE_STATE_OPEN], 0);
    CHECK_INT(counts[INVOICE_STATE_OVERDUE], 2); /* both of 1 May */
    CHECK_INT(counts[INVOICE_STATE_PAID], 1);
    CHECK_INT(counts[INVOICE_STATE_VOIDED], 1);
    for (int i = 0; i < INVOICE_STATE_COUNT; i++) {
        struct invoice_table_filter filter = INVOICE_TABLE_ALL;
        filter.state = invoice_state_word((enum invoice_state)i);
        struct invoice_rows t = table(&w, filter);
        CHECK_INT(t.total, counts[i]);
    }
    set_grace(&w, "acme", 5);
    at(&w, "2024-06-02T00:00:00Z");
    run(&w);
    MUST(&w, invoice_state_counts(&w.ctx, counts));
    CHECK_INT(counts[INVOICE_STATE_DRAFT], 1);
    world_close(&w);
}

/* A payment by a gateway, as it stands while nobody knows how it ends. */
static enum err begin_payment(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct invoice_row *invoice = arg;
    struct payment_row row = {
        .customer_id = invoice->customer_id,
        .id = ctx_new_id(ctx),
        .invoice_id = invoice->id,
        .payment_type = STR("provider"),
        .amount_minor = 3480,
        .currency = STR("EUR"),
        .status = STR("unknown"),
        .paid_at = TIME_NONE,
        .created_at = ctx_now(ctx),
        .gateway_code = STR("sandbox"),
        .gateway_reference = STR("r"),
        .lookup_at = TIME_NONE,
        .updated_at = TIME_NONE,
    };
    TRY(payment_insert(tx, &row));
    return audit_add(ctx, tx,
                     &(struct audit){.chain_id = row.customer_id,
                                     .action = "payment.begin",
                                     .object_id = row.id,
                                     .after = payment_row_json(ctx->arena, &row)});
}

TEST(a_customer_owes_what_is_open)
{
    struct world w;
    struct customer_due due;
    struct invoice_view view;
    world_open(&w);
    play(&w);
    struct invoice_row acme = invoice_at(&w, "acme", 0).row;
    struct uuid birch = invoice_at(&w, "birch", 0).row.customer_id;
    MUST(&w, customer_due_get(&w.ctx, acme.customer_id, &due));
    REQUIRE(due.currency_count == 1); /* the other one is paid */
    CHECK_STR(due.currencies[0].currency, "EUR");
    CHECK_INT(due.currencies[0].open_minor, 3480);
    CHECK_INT(due.currencies[0].open_count, 1);
    CHECK_INT(due.currencies[0].overdue_minor, 3480);
    CHECK_INT(due.payment_count, 0);
    MUST(&w, tx_run(&w.ctx, TX_WRITE, begin_payment, &acme));
    MUST(&w, customer_due_get(&w.ctx, acme.customer_id, &due));
    CHECK_INT(due.payment_count, 1);
    MUST(&w, customer_due_get(&w.ctx, birch, &due));
    CHECK_INT(due.currencies[0].open_minor, 2400);
    CHECK_INT(due.currencies[0].overdue_count, 2);
    CHECK_INT(due.payment_count, 0); /* acme's is not birch's */
    for (size_t i = 0; i < 2; i++)
        MUST(&w, invoice_void(&w.ctx, invoice_at(&w, "birch", i).row.id, &view));
    MUST(&w, customer_due_get(&w.ctx, birch, &due));
    CHECK_INT(due.currency_count, 0);
    world_close(&w);
}

/* With the tax of 20 %: acme 34.80, birch 12.00, whose invoice of May is void then. */
TEST(a_customer_sees_what_it_was_billed_by_day)
{
    struct world w;
    struct customer_billed billed;
    struct invoice_view view;
    int32_t april = day_of_instant(instant("2024-04-01T00:00:00Z"));
    int32_t may = day_of_instant(instant("2024-05-01T00:00:00Z"));
    world_open(&w);
    play(&w);
    struct uuid acme = invoice_at(&w, "acme", 0).row.customer_id;
    struct uuid birch = invoice_at(&w, "birch", 0).row.customer_id;
    MUST(&w, customer_billed_get(&w.ctx, acme, april, may + 1, &billed));
    REQUIRE(billed.day_count == 2);
    CHECK_STR(billed.days[0].currency, "EUR");
    CHECK_DAY(billed.days[0].issuing_day, "2024-04-01");
    CHECK_INT(billed.days[0].total_minor, 3480);
    CHECK_DAY(billed.days[1].issuing_day, "2024-05-01");
    REQUIRE(billed.newest_count == 1);
    CHECK_INT(billed.newest[0].fees_amount_minor, 2900);
    CHECK(uuid_eq(billed.newest[0].id, invoice_at(&w, "acme", 1).row.id));
    MUST(&w, customer_billed_get(&w.ctx, acme, april, may, &billed));
    CHECK_INT(billed.day_count, 1);
    CHECK_INT(billed.newest_count, 1); /* whenever it was */
    MUST(&w, invoice_void(&w.ctx, invoice_at(&w, "birch", 1).row.id, &view));
    MUST(&w, customer_billed_get(&w.ctx, birch, april, may + 1, &billed));
    REQUIRE(billed.day_count == 1);
    CHECK_DAY(billed.days[0].issuing_day, "2024-04-01");
    CHECK_INT(billed.days[0].total_minor, 1200);
    REQUIRE(billed.newest_count == 1);
    CHECK(uuid_eq(billed.newest[0].id, invoice_at(&w, "birch", 0).row.id));
    world_close(&w);
}

TEST(drafts_are_not_issued)
{
    struct world w;
    struct invoice_table_filter filter = INVOICE_TABLE_ALL;
    world_open(&w);
    play(&w);
    set_grace(&w, "acme", 5);
    at(&w, "2024-06-02T00:00:00Z");
    run(&w);
    CHECK_INT(table(&w, filter).count, 6);
    filter.state = STR("issued");
    CHECK_INT(table(&w, filter).count, 5); /* without the draft of acme */
    world_close(&w);
}

TEST(invoices_are_filtered_and_sorted)
{
    struct world w;
    world_open(&w);
    play(&w);
    struct invoice_table_filter any = INVOICE_TABLE_ALL;
    struct invoice_table_filter filter = any;
    filter.sort = STR("open");
    struct invoice_rows t = table(&w, filter);
    REQUIRE(t.count == 4);
    CHECK_STR(t.rows[0].external_id, "acme"); /* 34.80, then 12.00 twice, then the paid one */
    CHECK_STR(t.rows[1].external_id, "birch");
    CHECK_STR(t.rows[3].customer_name, "Acme Rockets");
    CHECK_STR(t.rows[3].payment_status, "succeeded");
    filter = any;
    filter.search = STR("birch");
    CHECK_INT(table(&w, filter).count, 2);
    filter.issuing_from_day = day_of_instant(instant("2024-04-02T00:00:00Z"));
    t = table(&w, filter);
    REQUIRE(t.count == 1);
    CHECK_DAY(t.rows[0].issuing_day, "2024-05-01");
    filter = any;
    filter.sort = STR("number");
    filter.is_ascending = true;
    t = table(&w, filter);
    CHECK(str_cmp(t.rows[0].number, t.rows[1].number) < 0);
    CHECK(str_cmp(t.rows[2].number, t.rows[3].number) < 0);
    filter = any;
    filter.customer_id = t.rows[0].customer_id;
    CHECK_INT(table(&w, filter).count, 2);
    filter = any;
    filter.state = STR("unpaid");
    CHECK_INT(table(&w, filter).count, 3);
    filter.due_to_day = day_of_instant(instant("2024-04-30T00:00:00Z"));
    CHECK_INT(table(&w, filter).count, 1); /* birch, 1 April */
    world_close(&w);
}

/* ---- finding --------------------------------------------------------------------------------- */

static struct find_result look_for(struct world *w, const char *text)
{
    struct find_result result;
    MUST(w, find(&w->ctx, str_of(text), &result));
    return result;
}

TEST(an_exact_id_name_number_or_address_finds_the_one)
{
    // clang-format off
    static const struct { const char *name, *text; enum find_kind kind; const char *title; } cases[] = {
        {"external id",        "acme",                 FIND_CUSTOMER,     "Acme Rockets"},
        {"name, any case",     "birch & SONS",         FIND_CUSTOMER,     "Birch & Sons"},
        {"email, any case",    "bills@birch.EXAMPLE",  FIND_CUSTOMER,     "Birch & Sons"},
        {"tax number, spaces", "  DE 222 ",            FIND_CUSTOMER,     "Birch & Sons"},
        {"a subscription",     "birch-2",              FIND_SUBSCRIPTION, "birch-2"},
        {"an invoice number",  "BIL-001-002",          FIND_INVOICE,      "BIL-001-002"},
    };
    // clang-format on
    struct world w;
    world_open(&w);
    play(&w);
    EACH(c, cases) {
        struct find_result result = look_for(&w, c->text);
        CHECK(result.is_exact);
        REQUIRE(result.count == 1);
        CHECK_INT(result.hits[0].kind, c->kind);
        CHECK_STR(result.hits[0].title, c->title);
    }
    test_case = "";
    struct uuid invoice_id = look_for(&w, "BIL-001-002").hits[0].id;
    struct find_result by_id =
        look_for(&w, arena_fmt(&w.arena, "%.*s", STR_ARG(uuid_text(&w.arena, invoice_id))).ptr);
    REQUIRE(by_id.is_exact && by_id.count == 1);
    CHECK_STR(by_id.hits[0].customer_name, "Acme Rockets");
    world_close(&w);
}

TEST(deleted_customers_are_not_found_but_their_invoices_are)
{
    struct world w;
    world_open(&w);
    play(&w);
    struct uuid acme = look_for(&w, "acme").hits[0].id;
    delete_customer(&w, "acme");
    CHECK_INT(
        look_for(&w, arena_fmt(&w.arena, "%.*s", STR_ARG(uuid_text(&w.arena, acme))).ptr).count, 0);
    CHECK_INT(look_for(&w, "Acme Rockets").count, 0);
    CHECK_INT(look_for(&w, "pay@acme.example").count, 0);
    CHECK_INT(look_for(&w, "rocket").count, 0);
    struct find_result result = look_for(&w, "BIL-001-001");
    REQUIRE(result.count == 1);
    CHECK_STR(result.hits[0].customer_name, "Acme Rockets");
    make_customer(&w, LIKE_AN_ID, "UTC");
    result = look_for(&w, LIKE_AN_ID);
    REQUIRE(result.is_exact && result.count == 1);
    CHECK_INT(result.hits[0].kind, FIND_CUSTOMER);
    CHECK_STR(result.hits[0].external_id, LIKE_AN_ID);
    world_close(&w);
}

TEST(a_part_finds_all_that_have_it)
{
    struct world w;
    world_open(&w);
    play(&w);
    struct find_result result = look_for(&w, "example");
    CHECK(!result.is_exact);
    CHECK_INT(result.count, 2);
    CHECK_INT(look_for(&w, "bil-00").count, 4); /* invoices of acme and birch */
    CHECK_INT(look_for(&w, "nothing of it").count, 0);
    CHECK_INT(look_for(&w, "   ").count, 0);
    CHECK_INT(look_for(&w, "%").count, 0);
    CHECK_INT(look_for(&w, "' OR 1=1 --").count, 0);
    world_close(&w);
}

/* ---- activity -------------------------------------------------------------------------------- */

/* Literals of that form that are no actions. */
static bool is_other(struct str word)
{
    static const char *const others[] = {
        "billow.key",  "config.select_options",       "hooks.example",     "mail.example",
        "pay.example", "plan_overrides.amount_cents", "properties.amount", "invoice.created",
    };
    bool is = false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        is |= str_eq(word, str_of(others[i]));
    return is;
}

/* "object.act" at a quote; STR_NULL: it is none. */
static struct str action_at(const char *quote)
{
    const char *end = quote + 1;
    int dots = 0;
    for (; (*end >= 'a' && *end <= 'z') || *end == '_' || *end == '.'; end++)
        dots += *end == '.';
    bool is_action = *end == '"' && dots == 1 && quote[1] != '.' && end[-1] != '.';
    return is_action ? (struct str){quote + 1, (size_t)(end - quote - 1)} : STR_NULL;
}

static int check_words(const char *path, const char *text)
{
    int found = 0;
    for (const char *quote = strchr(text, '"'); quote != NULL; quote = strchr(quote + 1, '"')) {
        struct str action = action_at(quote);
        if (str_is_null(action) || is_other(action))
            continue;
        found++;
        if (!activity_has_words(action))
            printf("    %s: %.*s has no words in the activity feed\n", path, STR_ARG(action));
        CHECK(activity_has_words(action));
    }
    return found;
}

/* Whatever src/app writes to the audit trail; webhook.c has types of its own. */
TEST(activity_has_words_for_every_action)
{
    static char text[1 << 18];
    char pattern[600];
    const char *root = getenv("BILLOW_SOURCE");
    glob_t sources;
    int found = 0;
    snprintf(pattern, sizeof pattern, "%s/src/app/*.c", root == NULL ? "." : root);
    REQUIRE(glob(pattern, 0, NULL, &sources) == 0);
    for (size_t i = 0; i < sources.gl_pathc; i++) {
        if (strstr(sources.gl_pathv[i], "/webhook.c") != NULL)
            continue;
        FILE *file = fopen(sources.gl_pathv[i], "rb");
        REQUIRE(file != NULL);
        size_t len = fread(text, 1, sizeof text - 1, file);
        fclose(file);
        REQUIRE(len < sizeof text - 1);
        text[len] = '\0';
        found += check_words(sources.gl_pathv[i], text);
    }
    globfree(&sources);
    CHECK(found >= 100); /* they were really read */
}

TEST(activity_says_in_words_what_happened_and_folds_runs)
{
    struct world w;
    struct activity *items = NULL;
    size_t count = 0;
    world_open(&w);
    play(&w);
    struct uuid acme = invoice_at(&w, "acme", 0).row.customer_id;
    MUST(&w, activity_list(&w.ctx, &(struct activity_query){.folds = true, .limit = 3}, &items,
                           &count));
    REQUIRE(count == 3);
    CHECK_STR(items[0].words, "Payment of invoice {} was recorded");
    CHECK_STR(items[0].label, "BIL-001-001");
    CHECK_STR(items[0].customer_name, "Acme Rockets");
    CHECK_INT(items[0].amount_minor, 3480);
    CHECK_STR(items[0].currency, "EUR");
    CHECK(uuid_eq(items[0].invoice_id, invoice_at(&w, "acme", 0).row.id));
    /* The run marked two invoices of May overdue, and before that finalized them, and so on. */
    CHECK_STR(items[1].action, "invoice.overdue");
    CHECK(items[1].count > 1);
    CHECK_STR(items[1].words, "{} invoices are overdue");
    CHECK(uuid_is_nil(items[1].invoice_id));
    MUST(&w, activity_list(&w.ctx, &(struct activity_query){.customer_id = acme, .limit = 50},
                           &items, &count));
    REQUIRE(count > 4);
    CHECK_STR(items[count - 1].words, "Customer {} was added");
    CHECK_STR(items[count - 1].label, "Acme Rockets");
    for (size_t i = 0; i < count; i++) {
        CHECK(uuid_eq(items[i].customer_id, acme));
        CHECK_INT(items[i].count, 1);
        CHECK(str_find(items[i].words, '{') >= 0 && items[i].words.len > 2); /* known ones */
    }
    world_close(&w);
}

static enum err except(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct payment_row *payment = arg;
    struct payment_exception_row row = {
        .customer_id = payment->customer_id,
        .id = ctx_new_id(ctx),
        .payment_id = payment->id,
        .invoice_id = payment->invoice_id,
        .reason = STR("overpaid"),
        .amount_minor = 250,
        .currency = STR("EUR"),
        .detail = STR("2.50 EUR more than was due"),
        .created_at = ctx_now(ctx),
        .resolved_at = TIME_NONE,
    };
    TRY(payment_exception_insert(tx, &row));
    TRY(audit_add(ctx, tx,
                  &(struct audit){.chain_id = row.customer_id,
                                  .action = "test.except",
                                  .object_id = row.id,
                                  .after = payment_exception_row_json(ctx->arena, &row)}));
    /* An entry as older versions wrote them. */
    return audit_add(ctx, tx,
                     &(struct audit){.chain_id = row.customer_id,
                                     .action = "payment.create",
                                     .object_id = row.id,
                                     .after = STR("{\"amount_cents\":77,\"currency\":\"EUR\"}")});
}

TEST(activity_of_one_customer_or_object_is_its_own_newest_first)
{
    struct world w;
    struct activity *items = NULL;
    size_t count = 0;
    struct payment_exception_view *open = NULL;
    struct payment_exception_view resolved;
    int64_t total = 0;
    struct payment_view *payments = NULL;
    world_open(&w);
    play(&w);
    MUST(&w, payment_list(&w.ctx,
                          &(struct payment_filter){
                              .paid_from_at = TIME_NONE, .paid_to_at = TIME_NONE, .limit = 1},
                          &payments, &count, &total));
    MUST(&w, tx_run(&w.ctx, TX_WRITE, except, &payments[0].row));
    MUST(&w, payment_exception_list(&w.ctx, &(struct payment_exception_filter){.limit = 1}, &open,
                                    &count, &total));
    REQUIRE(count == 1);
    at(&w, "2024-05-10T00:02:00Z");
    MUST(&w, payment_exception_resolve(&w.ctx, open[0].row.id, &resolved));
    struct activity_query of_object = {.object_id = open[0].row.id, .limit = 10};
    MUST(&w, activity_list(&w.ctx, &of_object, &items, &count));
    REQUIRE(count == 3);
    CHECK_STR(items[0].action, "payment_exception.resolve");
    CHECK_STR(items[0].words, "A payment problem was resolved");
    CHECK_INT(items[0].kind, ACTIVITY_PAYMENT);
    CHECK_STR(items[0].label, "BIL-001-001");
    CHECK_INT(items[0].amount_minor, 250);
    CHECK_STR(items[1].action, "payment.create");
    CHECK_INT(items[1].amount_minor, 77);
    CHECK_STR(items[2].words, "{}");
    CHECK_STR(items[2].label, "test.except");
    struct activity_query of_customer = {.customer_id = payments[0].row.customer_id, .limit = 2};
    MUST(&w, activity_list(&w.ctx, &of_customer, &items, &count));
    REQUIRE(count == 2);
    CHECK_STR(items[0].action, "payment_exception.resolve");
    CHECK_STR(items[1].action, "payment.create");
    world_close(&w);
}

/* ---- usage ----------------------------------------------------------------------------------- */

TEST(usage_is_told_by_metric_and_local_day)
{
    struct world w;
    struct usage_view view;
    world_open(&w);
    at(&w, "2024-03-01T00:00:00Z");
    make_metric(&w, "bytes", "sum_agg", "n");
    make_metric(&w, "calls", "count_agg", NULL);
    make_metric(&w, "peak", "max_agg", "n");
    make_metric(&w, "users", "unique_count_agg", "n");
    make_plan(&w, (struct plan_input){.code = STR("p"), .amount_minor = 100}, NULL);
    make_customer(&w, "c", "Asia/Tokyo");
    subscribe(&w, "c", "s", "p", "calendar");
    at(&w, "2024-03-20T00:00:00Z");
    send_event(&w, "s", "bytes", "2024-03-10T10:00:00Z", "{\"n\":\"1.5\"}");
    send_event(&w, "s", "bytes", "2024-03-10T16:00:00Z", "{\"n\":\"2\"}"); /* the 11th in Tokyo */
    send_event(&w, "s", "bytes", "2024-03-11T01:00:00Z", "{\"n\":\"4\"}");
    send_event(&w, "s", "calls", "2024-03-12T01:00:00Z", "{}");
    send_event(&w, "s", "peak", "2024-03-12T01:00:00Z", "{\"n\":\"9\"}");
    send_event(&w, "s", "peak", "2024-03-13T01:00:00Z", "{\"n\":\"7\"}");
    send_event(&w, "s", "users", "2024-03-12T01:00:00Z", "{\"n\":\"a\"}");
    MUST(&w, usage_view_load(&w.ctx,
                             &(struct usage_view_query){
                                 .external_subscription_id = STR("s"),
                                 .first_day = day_of_instant(instant("2024-03-10T00:00:00Z")),
                                 .end_day = day_of_instant(instant("2024-03-14T00:00:00Z")),
                             },
                             &view));
    CHECK_STR(view.timezone, "Asia/Tokyo");
    REQUIRE(view.metric_count == 4);
    const struct usage_view_metric *bytes = &view.metrics[0];
    CHECK_STR(bytes->metric.code, "bytes");
    CHECK_STR(decimal_text(&w.arena, bytes->quantity), "7.5");
    CHECK_INT(bytes->event_count, 3);
    CHECK_STR(decimal_text(&w.arena, bytes->days[0].quantity), "1.5");
    CHECK_STR(decimal_text(&w.arena, bytes->days[1].quantity), "6");
    CHECK_INT(bytes->days[1].event_count, 2);
    CHECK(decimal_is_none(bytes->days[2].quantity));
    CHECK_STR(decimal_text(&w.arena, view.metrics[1].quantity), "1");
    CHECK_STR(decimal_text(&w.arena, view.metrics[2].quantity), "9"); /* the greatest */
    CHECK(decimal_is_none(view.metrics[3].quantity));
    CHECK_INT(view.metrics[3].event_count, 1);
    /* The 30 days that end with today, the 20th in Tokyo. */
    MUST(&w, usage_view_load(&w.ctx,
                             &(struct usage_view_query){.external_subscription_id = STR("s"),
                                                        .first_day = DAY_NONE,
                                                        .end_day = DAY_NONE},
                             &view));
    CHECK_DAY(view.first_day, "2024-02-20");
    CHECK_DAY(view.end_day, "2024-03-21");
    CHECK_STR(decimal_text(&w.arena, view.metrics[0].quantity), "7.5");
    world_close(&w);
}

TEST(usage_of_wrong_days_or_subscriptions_is_refused)
{
    struct world w;
    struct usage_view view;
    struct usage_view_subscription_list_row *rows = NULL;
    size_t count = 0;
    int64_t total = 0;
    world_open(&w);
    play(&w);
    CHECK_INT(usage_view_load(&w.ctx,
                              &(struct usage_view_query){.external_subscription_id = STR("none"),
                                                         .first_day = DAY_NONE,
                                                         .end_day = DAY_NONE},
                              &view),
              ERR_NOT_FOUND);
    fault_reset(&w.fault);
    CHECK_INT(usage_view_load(&w.ctx,
                              &(struct usage_view_query){.external_subscription_id = STR("acme-1"),
                                                         .first_day = 100,
                                                         .end_day = 100},
                              &view),
              ERR_INVALID);
    fault_reset(&w.fault);
    CHECK_INT(usage_view_load(&w.ctx,
                              &(struct usage_view_query){.external_subscription_id = STR("acme-1"),
                                                         .first_day = 100,
                                                         .end_day = 501},
                              &view),
              ERR_INVALID);
    fault_reset(&w.fault);
    MUST(&w, usage_view_subscriptions(&w.ctx, STR("BIRCH"), 1, 0, &rows, &count, &total));
    CHECK_INT(total, 2);
    REQUIRE(count == 1);
    CHECK_STR(rows[0].customer_name, "Birch & Sons");
    MUST(&w, usage_view_subscriptions(&w.ctx, STR_NULL, 1, 9, &rows, &count, &total));
    CHECK_INT(total, 3);
    world_close(&w);
}

/* ---- how a fee was calculated ---------------------------------------------------------------- */

TEST(an_explanation_is_read_step_by_step)
{
    struct arena arena;
    arena_init(&arena);
    struct fee_explanation read = fee_explanation_read(
        &arena, STR("[{\"text\":\"tier 1: 10 units at 2\",\"inputs\":{\"a\":[1,{}]},\"result\":"
                    "\"20\"},{\"text\":\"\\u00e9\",\"inputs\":{},\"result\":\"0\"}]"));
    REQUIRE(read.count == 2);
    CHECK_STR(read.steps[0].text, "tier 1: 10 units at 2");
    CHECK_STR(read.steps[0].result, "20");
    CHECK_STR(read.steps[1].text, "é");
    CHECK(!read.is_cut);
    CHECK_INT(fee_explanation_read(&arena, STR("[]")).count, 0);
    CHECK_INT(fee_explanation_read(&arena, STR("")).count, 0);
    CHECK_INT(fee_explanation_read(&arena, STR("{\"text\":1}")).count, 0);
    arena_clear(&arena);
}
