/* focus.c - FOCUS files: every row is good, with values that read back as they were written, or is
 * told with its row and column; the same file twice says the same.
 *
 * Input that does not begin with a header gets one of the mandatory columns. */
#include "app/focus_row.h"
#include "base/buf.h"
#include "base/input.h"
#include "base/none.h"
#include "tests/fuzz/fuzz.h"

#define ROWS_MAX 500

#define HEADER                                                                                   \
    "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,"           \
    "BillingPeriodStart,ChargeCategory,ChargeClass,ChargeDescription,ChargePeriodEnd,"           \
    "ChargePeriodStart,ContractedCost,EffectiveCost,InvoiceIssuerName,ListCost,PricingQuantity," \
    "PricingUnit,ProviderName,PublisherName,ServiceCategory,ServiceName\n"

/* What reading a file came to. */
struct sums {
    enum err err;
    size_t good_count, bad_count;
    struct decimal billed;
    struct str words; /* of the first field that was wrong */
};

static void check_row(struct arena *arena, const struct focus_file *file,
                      const struct cost_row_row *row)
{
    struct decimal again;
    FUZZ_CHECK(!decimal_is_none(row->billed_cost) && !decimal_is_none(row->effective_cost));
    FUZZ_CHECK(decimal_parse(decimal_text(arena, row->billed_cost), &again) == ERR_NONE);
    FUZZ_CHECK(decimal_eq(again, row->billed_cost));
    FUZZ_CHECK(row->billing_period_start_at < row->billing_period_end_at);
    FUZZ_CHECK(row->charge_period_start_at < row->charge_period_end_at);
    FUZZ_CHECK(row->billing_currency.len == 3);
    FUZZ_CHECK(row->provider_name.len > 0 && str_is_text(row->provider_name));
    FUZZ_CHECK(row->service_name.len > 0 && str_is_text(row->service_name));
    /* The cost stands in the file as it was taken, but for zeros and exponent. */
    for (size_t i = 0; i < file->csv->column_count; i++) {
        if (!str_eq(file->csv->columns[i], STR("BilledCost")))
            continue;
        FUZZ_CHECK(decimal_parse(file->csv->fields[i].text, &again) == ERR_NONE);
        FUZZ_CHECK(decimal_eq(again, row->billed_cost));
    }
}

static struct sums read_file(struct arena *arena, struct str bytes)
{
    struct fault fault;
    struct csv csv;
    struct focus_file file;
    struct sums sums = {.billed = DECIMAL_ZERO, .words = STR("")};
    bool found = false;
    fault_init(&fault, arena);
    struct input *input = input_of(bytes, &fault);
    sums.err = csv_open(&csv, input, arena, &fault);
    if (sums.err == ERR_NONE) {
        focus_file_init(&file, &csv, arena, &fault);
        sums.err = fault_check(&fault);
    }
    while (sums.err == ERR_NONE && sums.good_count + sums.bad_count < ROWS_MAX) {
        struct fault row_fault;
        struct cost_row_row row = {0};
        bool is_generated = false;
        fault_init(&row_fault, arena);
        csv.fault = &row_fault;
        sums.err = csv_next(&csv, &found);
        if (sums.err != ERR_NONE || !found)
            break;
        if (!csv.is_bad)
            focus_row_read(&file, arena, &row_fault, &row, &is_generated);
        if (fault_check(&row_fault) == ERR_NONE) {
            sums.good_count++;
            check_row(arena, &file, &row);
            enum err err = decimal_add(sums.billed, row.billed_cost, &sums.billed);
            FUZZ_CHECK(err == ERR_NONE || err == ERR_OVERFLOW);
            continue;
        }
        sums.bad_count++;
        FUZZ_CHECK(row_fault.field_count > 0);
        for (size_t i = 0; i < row_fault.field_count; i++) {
            FUZZ_CHECK(str_starts(row_fault.fields[i].field, STR("row ")));
            FUZZ_CHECK(str_is_text(row_fault.fields[i].field));
            FUZZ_CHECK(row_fault.fields[i].expected.len > 0);
        }
        sums.words = row_fault.fields[0].field;
    }
    input_close(input);
    return sums;
}

void fuzz_one(struct arena *arena, struct str input)
{
    struct buf file;
    if (input.len > 100000 || str_starts(input, STR("\x1f\x8b")))
        return;
    buf_init(&file, arena, input.len + sizeof HEADER);
    if (!str_starts(input, STR("BilledCost,")))
        buf_add(&file, STR(HEADER));
    buf_add(&file, input);
    struct sums once = read_file(arena, buf_str(&file));
    struct sums twice = read_file(arena, buf_str(&file));
    FUZZ_CHECK(once.err == twice.err && once.good_count == twice.good_count);
    FUZZ_CHECK(once.bad_count == twice.bad_count && str_eq(once.words, twice.words));
    FUZZ_CHECK(decimal_eq(once.billed, twice.billed));
}
