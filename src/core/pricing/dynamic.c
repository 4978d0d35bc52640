#include "core/pricing/charge.h"

static const struct price_form own_amounts = {"the exact amounts of {events} events",
                                              {"events", "precise_total_amount"},
                                              "precise_total_amount"};

enum err price_dynamic(struct arena *arena, const struct charge_use *use, struct price *price)
{
    return price_add_step(
        arena, price,
        &(struct price_step){.form = &own_amounts,
                             .inputs = {decimal_of(use->event_count), use->own_amount},
                             .result = use->own_amount});
}
