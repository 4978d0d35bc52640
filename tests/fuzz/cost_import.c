/* cost_import.c - cost files all the way into a database: a good one is kept whole and known when
 * it comes again, a bad one leaves nothing behind.
 *
 * Input that does not begin with a header gets one; the database
 * is in memory and made anew now and then. */
#include "app/cost_import.h"
#include "app/cost_read.h"
#include "base/buf.h"
#include "base/none.h"
#include "tests/fuzz/fuzz.h"

#define IMPORTS_A_DATABASE 300
#define INPUT_BYTES_MAX    20000

#define HEADER                                                                                   \
    "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,"           \
    "BillingPeriodStart,ChargeCategory,ChargeClass,ChargeDescription,ChargePeriodEnd,"           \
    "ChargePeriodStart,ContractedCost,EffectiveCost,InvoiceIssuerName,ListCost,PricingQuantity," \
    "PricingUnit,ProviderName,PublisherName,ServiceCategory,ServiceName,SubAccountId\n"

static struct arena kept; /* of the database */
static struct fault kept_fault;
static struct app app;

static void open_database(void)
{
    static int imports;
    struct str new_key = STR_NULL;
    if (imports++ % IMPORTS_A_DATABASE != 0)
        return;
    if (imports > 1) {
        app_close(&app);
        arena_clear(&kept);
    }
    arena_init(&kept);
    fault_init(&kept_fault, &kept);
    FUZZ_CHECK(app_open(&(struct app_options){.database_url = STR("sqlite::memory:"),
                                              .test_clock = true,
                                              .api_key = STR("fuzz")},
                        &kept, &kept_fault, &app, &new_key) == ERR_NONE);
}

static int64_t import_count(struct ctx *ctx)
{
    struct cost_import_row *rows = NULL;
    size_t count = 0;
    int64_t total = 0;
    FUZZ_CHECK(cost_import_list(ctx, (struct cost_page){.limit = 1}, &rows, &count, &total) ==
               ERR_NONE);
    return total;
}

void fuzz_one(struct arena *arena, struct str input)
{
    struct buf file;
    struct fault fault;
    struct cost_import_result first;
    struct cost_import_result again;
    if (input.len > INPUT_BYTES_MAX)
        return;
    open_database();
    buf_init(&file, arena, input.len + sizeof HEADER);
    if (!str_starts(input, STR("BilledCost,")) && !str_starts(input, STR("\x1f\x8b")))
        buf_add(&file, STR(HEADER));
    buf_add(&file, input);
    fault_init(&fault, arena);
    struct ctx ctx = {
        .app = &app, .arena = arena, .fault = &fault, .actor = STR("fuzz"), .origin = STR("fuzz")};
    struct cost_import_options options = {
        .path = STR_NULL, .content = buf_str(&file), .source = STR_NULL, .name = STR("fuzz.csv")};
    int64_t before = import_count(&ctx);
    enum err err = cost_import(&ctx, &options, &first);
    if (err != ERR_NONE) {
        FUZZ_CHECK(err == ERR_INVALID || err == ERR_MALFORMED || err == ERR_TOO_LARGE ||
                   err == ERR_OVERFLOW);
        FUZZ_CHECK(fault.message.len > 0 || fault.field_count > 0);
        fault_reset(&fault);
        FUZZ_CHECK(import_count(&ctx) == before);
        return;
    }
    FUZZ_CHECK(import_count(&ctx) == before + !first.is_known);
    FUZZ_CHECK(first.assigned_row_count == 0); /* nobody has an account here */
    FUZZ_CHECK(cost_import(&ctx, &options, &again) == ERR_NONE);
    FUZZ_CHECK(again.is_known && again.row_count == first.row_count);
    FUZZ_CHECK(decimal_eq(again.billed_cost, first.billed_cost));
    FUZZ_CHECK(decimal_eq(again.effective_cost, first.effective_cost));
    FUZZ_CHECK(decimal_eq(again.list_cost, first.list_cost));
    FUZZ_CHECK(decimal_eq(again.contracted_cost, first.contracted_cost));
    FUZZ_CHECK(import_count(&ctx) == before + !first.is_known);
}
