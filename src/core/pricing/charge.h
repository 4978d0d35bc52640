/* charge.h - a charge: a charge model with its prices, and what usage costs by it.
 *
 *   standard   every unit at one price: {"amount": "0.05"}
 *   graduated  each unit at the price of its own tier, plus the flat amount of each tier entered;
 *              the first tier is entered at 0 units: {"graduated_ranges": [{"from_value": 0,
 *              "to_value": 10, "per_unit_amount": "2", "flat_amount": "1"}, …]}
 *   graduated_percentage
 *              each unit at the percentage of its own tier, plus the flat amount of each tier with
 *              units in it (at 0 units nothing): {"graduated_percentage_ranges": [{"from_value": 0,
 *              "to_value": 100, "rate": "5", "flat_amount": "1"}, …]}
 *   volume     all units at the price of the tier that the quantity reaches, plus its flat amount:
 *              {"volume_ranges": [ … ]}
 *   package    started packages of units, behind free ones: {"amount": "5", "package_size": 100,
 *              "free_units": 10}
 *   percentage rate percent of the quantity, and a fixed amount for each event: {"rate": "1.3",
 *              "fixed_amount": "2", "free_units_per_events": 3,
 *              "free_units_per_total_aggregation": "250", "per_transaction_min_amount": "1.75",
 *              "per_transaction_max_amount": "12"}.  Events are taken in order of their time, those
 *              of one instant in order of arrival.  An event is free while it is one of the first
 *              free_units_per_events and the running total, it included, is below
 *              free_units_per_total_aggregation (each where given).  The first event that reaches
 *              the free total pays the fixed amount in full and the rate on what is above; behind
 *              the free count nothing is free.  Minimum and maximum bound rate plus fixed amount
 *              of each event that is not free.  An event without a value is one of 0 units.
 *   dynamic    what the events say they cost (precise_total_amount_cents), added up exactly: {}
 *   capacity   what is committed at one price, used or not, and each unit above it: {"capacity":
 *              "1000", "amount": "800", "overage_amount": "1.25"}
 *   time_of_use
 *              each event's units at the price of the weekday and hour at which it happened, by the
 *              customer's clock; outside of the windows at `amount`: {"amount": "0.30", "windows":
 *              [{"name": "peak", "weekdays": [1, 2, 3, 4, 5], "from_hour": 8, "to_hour": 20,
 *              "amount": "0.50"}, …]}
 *   price_table
 *              each event's units at the price where the row of one property and the column of
 *              another meet; else at `amount`: {"row_key": "size", "column_key": "region", "rows":
 *              ["small"], "columns": ["eu", "us"], "amounts": [["1", "1.20"]], "amount": "5"}
 * Any model may have "pricing_group_keys": ["region"] (or "grouped_by", the older name), and
 * "presentation_group_keys": [{"value": "user", "options": {"display_in_invoice": true}}].
 * A tier is its upper bound, inclusive, any decimal; the last has none ("to_value": null).
 * `from_value` must be the to_value before it or that plus 1, and does not price: 10.5 units put
 * 0.5 into the second tier.  Prices are decimals in major units; amounts are exact, to be rounded
 * once on the fee.  A quantity or an amount below 0 counts as 0. */
#ifndef CORE_PRICING_CHARGE_H
#define CORE_PRICING_CHARGE_H

#include "base/arena.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"
#include "core/metering/group.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHARGE_TIERS_MAX   100
#define CHARGE_WINDOWS_MAX 100
#define CHARGE_LABELS_MAX  100  /* rows, or columns, of a price table */
#define CHARGE_CELLS_MAX   1000 /* rows by columns */

// clang-format off
/*  name        the API's word */
#define CHARGE_MODEL_MAP(X)       \
    X(STANDARD,   "standard")     \
    X(GRADUATED,  "graduated")    \
    X(VOLUME,     "volume")       \
    X(PACKAGE,    "package")      \
    X(PERCENTAGE, "percentage")   \
    X(DYNAMIC,    "dynamic")      \
    X(GRADUATED_PERCENTAGE, "graduated_percentage") \
    X(CAPACITY,   "capacity")     \
    X(TIME_OF_USE, "time_of_use") \
    X(PRICE_TABLE, "price_table")
// clang-format on

enum charge_model {
#define X(name, word) CHARGE_##name,
    CHARGE_MODEL_MAP(X)
#undef X
};

struct tier {
    struct decimal from;     /* as sent, only shown */
    struct decimal up_to;    /* inclusive; DECIMAL_NONE: no bound */
    struct decimal per_unit; /* of graduated_percentage: percent of a unit */
    struct decimal flat;
};

/* Hours of the week; no two windows share one. */
struct charge_window {
    struct str name;
    unsigned weekdays; /* bit 0 is Monday */
    int from_hour;     /* 0 to 23 */
    int to_hour;       /* exclusive, to 24 */
    struct decimal amount;
};

struct charge_table {
    struct str row_key, column_key; /* properties of an event */
    struct str *rows, *columns;
    size_t row_count, column_count;
    struct decimal *amounts; /* row by row */
};

struct charge {
    enum charge_model model;
    struct decimal amount;       /* standard: a unit's price; package: a package's; capacity: of it;
                                  * time_of_use, price_table: a unit's elsewhere */
    struct decimal package_size; /* package: units, above 0 */
    struct decimal free_units;   /* package: 0 or more; percentage: above 0 or DECIMAL_NONE */
    struct decimal capacity;     /* capacity: the units that `amount` pays for, above 0 */
    struct decimal overage;      /* capacity: a unit's price above them */
    struct decimal rate;         /* percentage: percent, 0 or more */
    struct decimal fixed_amount; /* percentage: for each event that is not free */
    int64_t free_events;         /* percentage: 0: none */
    struct decimal min_amount;   /* percentage: for each event that is not free; DECIMAL_NONE */
    struct decimal max_amount;   /* percentage: likewise */
    struct tier *tiers;          /* graduated, volume, graduated_percentage */
    size_t tier_count;
    struct charge_window *windows; /* time_of_use */
    size_t window_count;
    struct charge_table table; /* price_table */
    /* Of any model: the properties of events by whose values usage is divided, each group priced by
     * itself; and those by which it is only shown apart. */
    struct group_keys group_keys, shown_keys;
    const bool *shown_on_invoice; /* of each of shown_keys */
    bool prorated; /* standard, graduated, volume: units count by days (core/pricing/prorated.h) */
};

/* Reads a model's word and its properties (a JSON object).  Bad fields are noted in the fault
 * below `path` ("charges.0"), every one, with the codes value_is_mandatory, value_is_invalid,
 * value_is_out_of_range, value_is_too_long, value_already_exist, invalid_type, unknown_field,
 * duplicate_field and too_many_values; a model that Billow can't do yet as not_supported, which
 * also sets the fault's err.  Numbers may be JSON numbers or texts; "flat_amount" and "free_units"
 * may be left out or null, for 0. Without a fault, *charge is complete. */
void charge_parse(struct arena *arena, struct str model, struct str properties, struct str path,
                  struct fault *fault, struct charge *charge);

/* For a charge that was checked before, as in the store. */
struct charge charge_of(struct arena *arena, struct str model, struct str properties);

/* The properties in canonical form, as the API shows them and the store keeps them. */
struct str charge_properties_text(struct arena *arena, const struct charge *charge);

/* How a kind of step is told: `text` with {name} for an input, {result}, and {#} for the step's
 * number or {@} for its name; `inputs` are the names, up to a NULL; `op` is the formula of the
 * result, in these names (docs/guide/explain.md has what a formula may be). */
#define PRICE_INPUTS_MAX 5
struct price_form {
    const char *text;
    const char *inputs[PRICE_INPUTS_MAX + 1];
    const char *op;
};

/* One step of the arithmetic, for the explanation: what goes in, what comes out.  The results add
 * up to the amount.  Words are made only when they are asked for: most prices are only added up. */
struct price_step {
    const struct price_form *form;
    size_t number;   /* a tier's, from 1: {#} */
    struct str name; /* a window's or cell's: {@} */
    struct decimal inputs[PRICE_INPUTS_MAX];
    struct decimal result;
};

struct str price_step_text(struct arena *arena, const struct price_step *step);
/* A JSON object: "op", then the inputs. */
struct str price_step_inputs(struct arena *arena, const struct price_step *step);

struct price {
    struct decimal amount; /* exact, major units */
    struct price_step *steps;
    size_t step_count, step_capacity;
};

/* What is priced; what the model does not need may be left out. */
struct charge_use {
    struct decimal units; /* the metric's quantity */
    int64_t event_count;
    const struct decimal *values; /* of each event, in order, where charge_needs_events; the units
                                   * of each cell where there are cells; what prorating_end says,
                                   * or nothing where all units are there all the time */
    size_t value_count;
    struct decimal own_amount; /* dynamic: what the events say they cost, in major units */
};

/* Whether the price depends on each event and their order, not on totals alone. */
bool charge_needs_events(const struct charge *charge);

/* Models that price units by what their events say put them into cells: as many as this, the last
 * for all that fits no other; 0: the model has none.  Needs events, too. */
size_t charge_cell_count(const struct charge *charge);
/* The cell of an event.
 *   properties  its JSON object
 *   local_us    when it happened by the customer's clock, as zone_local_us says it
 *   arena       for reading */
size_t charge_cell(struct arena *arena, const struct charge *charge, struct str properties,
                   int64_t local_us);

/* The cell that is called so: the first window of that name, or where row and column meet.  As many
 * as there are cells: none is. */
size_t charge_cell_of_window(const struct charge *charge, struct str window);
size_t charge_cell_of_place(const struct charge *charge, struct str row, struct str column);

/* ERR_OVERFLOW: more than 34 digits; *price means nothing then. */
MUST_CHECK enum err charge_price(struct arena *arena, const struct charge *charge,
                                 const struct charge_use *use, struct price *price);

/* ---- between the files of this folder -------------------------------------------------------- */

/* Adds a step and its result to the price; its inputs stand there already. */
MUST_CHECK enum err price_add_step(struct arena *arena, struct price *price,
                                   const struct price_step *step);
MUST_CHECK enum err price_prorated(struct arena *arena, const struct charge *charge,
                                   const struct charge_use *use, struct price *price);
/* An amount below 0 counts as 0. */
MUST_CHECK enum err price_not_below_zero(struct arena *arena, struct price *price);
MUST_CHECK enum err price_standard(struct arena *arena, const struct charge *charge,
                                   struct decimal units, struct price *price);
MUST_CHECK enum err price_graduated(struct arena *arena, const struct charge *charge,
                                    struct decimal units, struct price *price);
MUST_CHECK enum err price_graduated_percentage(struct arena *arena, const struct charge *charge,
                                               struct decimal units, struct price *price);
MUST_CHECK enum err price_capacity(struct arena *arena, const struct charge *charge,
                                   struct decimal units, struct price *price);
/* Units of one cell. */
MUST_CHECK enum err price_cell(struct arena *arena, const struct charge *charge, size_t cell,
                               struct decimal units, struct price *price);
MUST_CHECK enum err price_cells(struct arena *arena, const struct charge *charge,
                                const struct charge_use *use, struct price *price);
MUST_CHECK enum err price_volume(struct arena *arena, const struct charge *charge,
                                 struct decimal units, struct price *price);
MUST_CHECK enum err price_package(struct arena *arena, const struct charge *charge,
                                  struct decimal units, struct price *price);
MUST_CHECK enum err price_percentage(struct arena *arena, const struct charge *charge,
                                     const struct charge_use *use, struct price *price);
MUST_CHECK enum err price_dynamic(struct arena *arena, const struct charge_use *use,
                                  struct price *price);

#endif
