/* plan_part.h - a plan changed piece by piece: one charge, one filter, one fixed charge.
 *
 * Each is a change of the plan (app/plan_change.h): the next version, with everything else as it
 * was.  A charge is named by its code, or by its id; a filter by its id. */
#ifndef APP_PLAN_PART_H
#define APP_PLAN_PART_H

#include "app/plan_change.h"

enum plan_part_kind { PLAN_PART_CHARGE, PLAN_PART_FILTER, PLAN_PART_FIXED_CHARGE };
enum plan_part_act { PLAN_PART_ADD, PLAN_PART_CHANGE, PLAN_PART_REMOVE };

/* What is to be done. */
struct plan_edit {
    enum plan_part_kind kind;
    enum plan_part_act act;
    struct str code; /* the charge, or fixed charge, that it is about; none to ADD one */
    struct str filter_id;
    /* To add or to change; one that was sent empty keeps what is there. */
    struct charge_input charge;
    struct charge_filter_input filter;
    struct fixed_charge_input fixed;
};

/* When, and for whom. */
struct plan_timing {
    int64_t effective_at; /* as struct plan_change */
    enum plan_applies_to applies_to;
    bool cascade_updates;
};

/* A part of a version that was found or written. */
struct plan_part {
    struct plan_view plan;
    const struct charge_view *charge; /* also that of a filter */
    const struct charge_filter_row *filter;
    const struct fixed_charge_view *fixed;
};

/* What is removed is shown as it was.  ERR_NOT_FOUND: no such plan, charge, filter; ERR_INVALID
 * names bad fields of the part ("properties.amount"); a code that another has is one. */
MUST_CHECK enum err plan_part_edit(struct ctx *ctx, struct str plan_code,
                                   const struct plan_edit *edit, const struct plan_timing *timing,
                                   struct plan_part *part);

/* Finds what an edit is about; of the plan's current version. */
MUST_CHECK enum err plan_part_get(struct ctx *ctx, struct str plan_code,
                                  const struct plan_edit *edit, struct plan_part *part);

/* Within a transaction, for plans and for copies. */

/* Points into `part->plan`.  ERR_NOT_FOUND; ERR_INVALID: several have the code. */
MUST_CHECK enum err plan_part_find(struct ctx *ctx, const struct plan_edit *edit,
                                   struct plan_part *part);

/* An edit between its two ends. */
struct plan_editing {
    const struct plan_edit *edit;
    const struct plan_view *old; /* the version that it changes */
    struct plan_change change;   /* when and for whom, before; with the part, once it has begun */
    size_t index;                /* where the part stands */
    size_t filter_index;
};
MUST_CHECK enum err plan_edit_begin(struct ctx *ctx, struct tx *tx, struct plan_editing *e);
/* After the change was written, as `view`, or was not, and why: what was noted is told as of the
 * part, or else *part is what became of it. */
void plan_edit_end(struct fault *fault, const struct plan_editing *e, enum err written,
                   const struct plan_view *view, struct plan_part *part);

/* Whether a field begins with `from` and a dot, or is it; it then has `to` in its place ("" takes
 * it away). */
bool plan_field_rename(struct arena *arena, struct str *field, struct str from, struct str to);

#endif
