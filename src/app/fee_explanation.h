/* fee_explanation.h - how a fee was calculated, step by step: written with it, and read from what
 * it keeps of it.
 *
 * A step is {"text", "inputs", "kind", "result"}: `inputs` are decimals as text by name, and "op",
 * the formula of the result in these names.  Of a kind is what the result is of:
 *   quantity  of units, by which the steps that follow go
 *   cost      a vendor's; these add up
 *   total     money: all of the fee up to here, in place of what the steps before added up to
 *   (none)    money: adds to the fee
 * An input named quantity, cost or subtotal is what the steps before came to. docs/guide/explain.md
 * tells it to who reads it. */
#ifndef APP_FEE_EXPLANATION_H
#define APP_FEE_EXPLANATION_H

#include "base/arena.h"
#include "base/json_write.h"
#include "base/str.h"
#include "core/money.h"

#include <stddef.h>

struct fee_step {
    struct str text;   /* "tier 1: 10 units at 2 plus 0" */
    struct str result; /* "20" */
};

struct fee_explanation {
    struct fee_step *steps;
    size_t count;
    bool is_cut; /* there are more, which the fee itself has */
};

#define FEE_STEPS_MAX 200

/* From fee.explanation, an array of {"text", "inputs", "result"}. */
struct fee_explanation fee_explanation_read(struct arena *arena, struct str explanation);

/* ---- writing --------------------------------------------------------------------------------- */

struct fee_steps {
    struct buf buf;
    struct json_writer out;
};

void fee_steps_begin(struct fee_steps *steps, struct arena *arena, size_t bytes_max);
void fee_step_begin(struct fee_steps *steps, struct str text, const char *op);
void fee_step_input(struct fee_steps *steps, const char *name, struct decimal value);
/* `kind` as above; NULL: an amount that adds to the fee. */
void fee_step_end(struct fee_steps *steps, const char *kind, struct decimal result);
/* A step whose inputs are written already: a JSON object with "op". */
void fee_step_add(struct fee_steps *steps, struct str text, struct str inputs, const char *kind,
                  struct decimal result);
/* The array; STR_NULL where it is longer than bytes_max. */
struct str fee_steps_end(struct fee_steps *steps);

/* "rounded to 2 decimals": the total so far, as money. */
void fee_step_round(struct fee_steps *steps, struct arena *arena, struct decimal subtotal,
                    struct money amount);

/* Two such arrays as one. */
struct str fee_explanation_join(struct arena *arena, struct str first, struct str second);

#endif
