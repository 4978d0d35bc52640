/* fee_explanation.h - how a fee was calculated, step by step, read from what it keeps of it. */
#ifndef APP_FEE_EXPLANATION_H
#define APP_FEE_EXPLANATION_H

#include "base/arena.h"
#include "base/str.h"

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

/* Two such arrays as one. */
struct str fee_explanation_join(struct arena *arena, struct str first, struct str second);

#endif
