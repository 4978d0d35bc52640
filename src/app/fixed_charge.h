/* fixed_charge.h - the fixed charges of a plan: add-ons by a number of units that is agreed.
 *
 * A fixed charge belongs to a version of its plan and goes on, by its lineage, through the versions
 * that follow.  What decides when it is billed (pay_in_advance, prorated) and its add-on stay as
 * they are; units, prices and names may change with each version.  Another number of units holds
 * from the next period of fixed charges on, or, with units_at_once, from the version's effective_at
 * on (app/fixed_units.h). */
#ifndef APP_FIXED_CHARGE_H
#define APP_FIXED_CHARGE_H

#include "app/ctx.h"
#include "base/json_write.h"
#include "store/sql/rows.h"

#define FIXED_CHARGES_MAX  1000
#define FIXED_UNITS_DIGITS 15 /* before the point, and behind it */

/* Bits of fixed_charge_input.sent. */
enum fixed_charge_field {
    FIXED_DISPLAY_NAME = 1 << 0,
    FIXED_TAX_CODES = 1 << 1,
    FIXED_UNITS = 1 << 2,
    FIXED_PAY_IN_ADVANCE = 1 << 3,
    FIXED_PRORATED = 1 << 4,
};

struct fixed_charge_input {
    struct uuid lineage_id; /* of the one that it goes on from; nil: a new one */
    struct str add_on_id;   /* as sent; the add-on by id, or else by code */
    struct str add_on_code;
    struct str code; /* STR_NULL: made from the add-on's */
    struct str invoice_display_name;
    struct str charge_model; /* standard, graduated, volume */
    struct str properties;   /* JSON object of the model */
    struct decimal units;    /* 0 or more; counts where it was sent, else 0 or as it was */
    bool pay_in_advance;
    bool prorated;
    bool units_at_once; /* of a change: the units hold at once */
    bool is_new;        /* of a change: it goes on from none, whatever its code or add-on */
    const struct str *tax_codes;
    size_t tax_code_count;
    uint64_t sent;
};

struct fixed_charge_view {
    struct fixed_charge_row row;
    struct uuid parent_id; /* in a copy: of the plan's fixed charge; else nil */
    struct add_on_row add_on;
    struct tax_row *taxes; /* its own */
    size_t tax_count;
    struct tax_row *add_on_taxes;
    size_t add_on_tax_count;
};

/* Within a transaction: checks the inputs and, when nothing is wrong with the plan so far, writes
 * them for a version.  What is wrong is noted in the fault, below "fixed_charges.N". */
MUST_CHECK enum err fixed_charges_write(struct ctx *ctx, struct tx *tx, struct uuid version_id,
                                        const struct fixed_charge_input *inputs, size_t count);

/* The same for a plan that is only thought of: nothing is written, views[i] is the ith. */
MUST_CHECK enum err fixed_charges_draft(struct ctx *ctx, struct tx *tx, struct uuid version_id,
                                        const struct fixed_charge_input *inputs, size_t count,
                                        struct fixed_charge_view *views);

/* What a change makes of those of the version before: the ones that are sent, each going on from
 * the one with its lineage, or else from the only one with its code (its add-on's where none was
 * sent); any other is new.  Not sent at all: all of them as they are.  Mistakes are noted in the
 * fault. */
void fixed_charges_merge(struct ctx *ctx, const struct fixed_charge_view *old, size_t old_count,
                         bool are_sent, const struct fixed_charge_input *inputs, size_t count,
                         struct fixed_charge_input **merged, size_t *merged_count);

/* The input that makes one as it is. */
struct fixed_charge_input fixed_charge_input_of(struct arena *arena,
                                                const struct fixed_charge_view *view);

/* Within a transaction: those of a version, in their order. */
MUST_CHECK enum err fixed_charges_load(struct ctx *ctx, struct tx *tx, struct uuid version_id,
                                       struct fixed_charge_view **views, size_t *count);

/* "fixed_charges": [ ... ] of an audit entry. */
void fixed_charges_audit(struct json_writer *out, struct arena *arena,
                         const struct fixed_charge_view *views, size_t count);

/* The one of a lineage; NULL: none. */
const struct fixed_charge_view *fixed_charge_of(const struct fixed_charge_view *views, size_t count,
                                                struct uuid lineage_id);
/* Whether one of them is paid in advance, or in arrears. */
bool fixed_charges_any(const struct fixed_charge_view *views, size_t count, bool in_advance);

#endif
