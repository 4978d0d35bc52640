#include "app/usage_explain.h"

#include "base/assert.h"
#include "base/json_write.h"

#define INPUTS_BYTES_MAX ((size_t)4096)

/* The inputs of one step being written. */
struct inputs {
    struct buf buf;
    struct json_writer out;
};

static struct json_writer *begin(struct arena *arena, struct inputs *inputs)
{
    buf_init(&inputs->buf, arena, INPUTS_BYTES_MAX);
    json_writer_init(&inputs->out, &inputs->buf);
    json_object(&inputs->out, NULL);
    return &inputs->out;
}

static void add(struct usage_steps *steps, struct inputs *inputs, struct str text,
                struct decimal result)
{
    json_object_end(&inputs->out);
    ASSERT(buf_ok(&inputs->buf) && steps->count < USAGE_STEPS_MAX);
    steps->steps[steps->count] =
        (struct usage_step){.text = text, .inputs = buf_str(&inputs->buf), .result = result};
    steps->count++;
}

static void add_stock(struct arena *arena, const struct usage_rule *rule, const struct usage *usage,
                      struct usage_steps *steps)
{
    struct inputs inputs;
    struct json_writer *out = begin(arena, &inputs);
    json_int(out, "events", usage->total.event_count);
    if (rule->aggregation == AGGREGATION_UNIQUE) {
        add(steps, &inputs, STR("different values at the end, with those carried in"),
            usage->exact);
        return;
    }
    json_decimal(out, "carried", usage->carried);
    json_decimal(out, "added", usage->total.sum);
    add(steps, &inputs,
        arena_fmt(arena, "%.*s carried in and %.*s added in the period",
                  STR_ARG(decimal_text(arena, usage->carried)),
                  STR_ARG(decimal_text(arena, usage->total.sum))),
        usage->exact);
}

static void add_weighted(struct arena *arena, const struct usage *usage, struct usage_steps *steps)
{
    struct inputs inputs;
    struct json_writer *out = begin(arena, &inputs);
    json_decimal(out, "carried", usage->carried);
    json_decimal(out, "level_at_the_end", usage->level);
    json_decimal(out, "level_seconds", usage->held);
    json_int(out, "seconds_of_period", usage->whole_seconds);
    add(steps, &inputs,
        arena_fmt(arena, "levels by the seconds for which they held: %.*s / %lld s of the period",
                  STR_ARG(decimal_text(arena, usage->held)), (long long)usage->whole_seconds),
        usage->exact);
}

static void add_average(struct arena *arena, const struct usage *usage, struct usage_steps *steps)
{
    struct inputs inputs;
    struct json_writer *out = begin(arena, &inputs);
    json_decimal(out, "sum", usage->total.sum);
    json_int(out, "values", usage->total.value_count);
    add(steps, &inputs,
        arena_fmt(arena, "average: %.*s / %lld values",
                  STR_ARG(decimal_text(arena, usage->total.sum)),
                  (long long)usage->total.value_count),
        usage->exact);
}

static void add_percentile(struct arena *arena, const struct usage_rule *rule,
                           const struct usage *usage, struct usage_steps *steps)
{
    const struct percentile_result *found = &usage->percentile;
    struct inputs inputs;
    struct json_writer *out = begin(arena, &inputs);
    json_decimal(out, "percentile", rule->percentile.percentile);
    json_int(out, "slot_seconds", rule->percentile.slot_seconds);
    json_int(out, "slots", found->slot_count);
    json_int(out, "slots_with_events", found->filled_count);
    json_int(out, "slots_left_out", found->dropped_count);
    add(steps, &inputs,
        arena_fmt(
            arena,
            "percentile %.*s: %lld slots of %lld s, %lld with events; the %lld highest left out",
            STR_ARG(decimal_text(arena, rule->percentile.percentile)), (long long)found->slot_count,
            (long long)rule->percentile.slot_seconds, (long long)found->filled_count,
            (long long)found->dropped_count),
        usage->exact);
}

static void add_rounding(struct arena *arena, const struct usage_rule *rule,
                         const struct usage *usage, struct usage_steps *steps)
{
    struct inputs inputs;
    struct json_writer *out = begin(arena, &inputs);
    json_decimal(out, "quantity", usage->exact);
    json_int(out, "decimals", rule->rounding.decimals);
    add(steps, &inputs,
        arena_fmt(arena, "%s to %d decimals",
                  rule->rounding.rounding == ROUND_CEILING ? "rounded up"
                  : rule->rounding.rounding == ROUND_FLOOR ? "rounded down"
                                                           : "rounded",
                  rule->rounding.decimals),
        usage->quantity);
}

struct usage_steps usage_explain(struct arena *arena, const struct usage_rule *rule,
                                 const struct usage *usage)
{
    struct usage_steps steps = {.count = 0};
    if (rule->aggregation == AGGREGATION_WEIGHTED)
        add_weighted(arena, usage, &steps);
    else if (rule->is_recurring)
        add_stock(arena, rule, usage, &steps);
    else if (rule->aggregation == AGGREGATION_AVERAGE && usage->total.value_count > 0)
        add_average(arena, usage, &steps);
    else if (rule->aggregation == AGGREGATION_PERCENTILE)
        add_percentile(arena, rule, usage, &steps);
    if (rule->rounding.is_on && !decimal_eq(usage->exact, usage->quantity))
        add_rounding(arena, rule, usage, &steps);
    return steps;
}
