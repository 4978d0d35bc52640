#include "core/pricing/charge.h"

enum err price_dynamic(struct arena *arena, const struct charge_use *use, struct price *price)
{
    struct str text =
        arena_fmt(arena, "the exact amounts of %lld events", (long long)use->event_count);
    const struct price_input inputs[] = {
        {"events", decimal_of(use->event_count)},
        {"precise_total_amount", use->own_amount},
        {NULL, DECIMAL_ZERO},
    };
    return price_add_step(arena, price, text, inputs, use->own_amount);
}
