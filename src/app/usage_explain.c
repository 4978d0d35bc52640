#include "app/usage_explain.h"

#include "base/assert.h"
#include "base/json_write.h"

#define INPUTS_BYTES_MAX ((size_t)4096)

/* The inputs of one step being written. */
struct inputs {
    struct buf buf;
    struct json_writer out;
};

static struct json_writer *begin(struct arena *arena, struct inputs *inputs, const char *op)
{
    buf_init(&inputs->buf, arena, INPUTS_BYTES_MAX);
    json_writer_init(&inputs->out, &inputs->buf);
    json_object(&inputs->out, NULL);
    json_str(&inputs->out, "op", str_of(op));
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

/* Where no time is billed there is nothing of it, whatever is there. */
static const char *unless_no_time(const struct usage *usage, struct decimal result, const char *op)
{
    return decimal_eq(usage->exact, result) ? op : "0";
}

static void add_stock(struct arena *arena, const struct usage_rule *rule, const struct usage *usage,
                      struct usage_steps *steps)
{
    struct inputs inputs;
    struct decimal both = usage->exact;
    if (rule->aggregation == AGGREGATION_UNIQUE) {
        struct json_writer *out = begin(arena, &inputs, "different");
        json_decimal(out, "different", usage->exact);
        json_decimal(out, "events", decimal_of(usage->total.event_count));
        add(steps, &inputs, STR("different values at the end, with those carried in"),
            usage->exact);
        return;
    }
    enum err err = decimal_add(usage->carried, usage->total.sum, &both);
    ASSERT(err == ERR_NONE); /* it was added up before */
    struct json_writer *out = begin(arena, &inputs, unless_no_time(usage, both, "carried + added"));
    json_decimal(out, "carried", usage->carried);
    json_decimal(out, "added", usage->total.sum);
    json_decimal(out, "events", decimal_of(usage->total.event_count));
    add(steps, &inputs,
        arena_fmt(arena, "%.*s carried in and %.*s added in the period",
                  STR_ARG(decimal_text(arena, usage->carried)),
                  STR_ARG(decimal_text(arena, usage->total.sum))),
        usage->exact);
}

static void add_weighted(struct arena *arena, const struct usage *usage, struct usage_steps *steps)
{
    struct inputs inputs;
    bool is_timeless = usage->whole_seconds <= 0 || decimal_is_zero(usage->exact);
    struct json_writer *out =
        begin(arena, &inputs, is_timeless ? "0" : "round(level_seconds / seconds_of_period, 15)");
    json_decimal(out, "carried", usage->carried);
    json_decimal(out, "level_at_the_end", usage->level);
    json_decimal(out, "level_seconds", usage->held);
    json_decimal(out, "seconds_of_period", decimal_of(usage->whole_seconds));
    json_decimal(out, "events", decimal_of(usage->total.event_count));
    add(steps, &inputs,
        arena_fmt(arena, "levels by the seconds for which they held: %.*s / %lld s of the period",
                  STR_ARG(decimal_text(arena, usage->held)), (long long)usage->whole_seconds),
        usage->exact);
}

static void add_average(struct arena *arena, const struct usage *usage, struct usage_steps *steps)
{
    struct inputs inputs;
    struct json_writer *out = begin(arena, &inputs, "round(sum / values, 15)");
    json_decimal(out, "sum", usage->total.sum);
    json_decimal(out, "values", decimal_of(usage->total.value_count));
    json_decimal(out, "events", decimal_of(usage->total.event_count));
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
    struct json_writer *out = begin(arena, &inputs, "next_highest");
    json_decimal(out, "percentile", rule->percentile.percentile);
    json_decimal(out, "slot_seconds", decimal_of(rule->percentile.slot_seconds));
    json_decimal(out, "slots", decimal_of(found->slot_count));
    json_decimal(out, "slots_with_events", decimal_of(found->filled_count));
    json_decimal(out, "slots_left_out", decimal_of(found->dropped_count));
    json_decimal(out, "next_highest", usage->exact);
    json_decimal(out, "events", decimal_of(usage->total.event_count));
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
    enum rounding rounding = rule->rounding.rounding;
    struct inputs inputs;
    struct json_writer *out = begin(arena, &inputs,
                                    rounding == ROUND_CEILING ? "ceil(quantity, decimals)"
                                    : rounding == ROUND_FLOOR ? "floor(quantity, decimals)"
                                                              : "round(quantity, decimals)");
    json_decimal(out, "quantity", usage->exact);
    json_decimal(out, "decimals", decimal_of(rule->rounding.decimals));
    add(steps, &inputs,
        arena_fmt(arena, "%s to %d decimals",
                  rounding == ROUND_CEILING ? "rounded up"
                  : rounding == ROUND_FLOOR ? "rounded down"
                                            : "rounded",
                  rule->rounding.decimals),
        usage->quantity);
}

/* What its events say themselves. */
static void add_plain(struct arena *arena, const struct usage_rule *rule, const struct usage *usage,
                      struct usage_steps *steps)
{
    static const struct {
        const char *name, *words;
    } tellings[] = {
        [AGGREGATION_COUNT] = {"events", "counted"},
        [AGGREGATION_SUM] = {"sum", "the sum of their values"},
        [AGGREGATION_MIN] = {"least", "the least of their values"},
        [AGGREGATION_MAX] = {"greatest", "the greatest of their values"},
        [AGGREGATION_AVERAGE] = {"average", "none with a value"},
        [AGGREGATION_LATEST] = {"newest", "the newest of their values"},
        [AGGREGATION_UNIQUE] = {"different", "their different values"},
    };
    struct inputs inputs;
    int64_t events = usage->total.event_count;
    ASSERT(rule->aggregation < sizeof tellings / sizeof tellings[0]);
    const char *name = tellings[rule->aggregation].name;
    struct json_writer *out = begin(arena, &inputs, name);
    if (rule->aggregation != AGGREGATION_COUNT)
        json_decimal(out, name, usage->exact);
    json_decimal(out, "events", decimal_of(events));
    add(steps, &inputs,
        arena_fmt(arena, "%lld %s: %s", (long long)events, events == 1 ? "event" : "events",
                  tellings[rule->aggregation].words),
        usage->exact);
}

static void add_aggregation(struct arena *arena, const struct usage_rule *rule,
                            const struct usage *usage, struct usage_steps *steps)
{
    if (usage->is_said)
        return;
    if (rule->aggregation == AGGREGATION_WEIGHTED)
        add_weighted(arena, usage, steps);
    else if (rule->is_recurring)
        add_stock(arena, rule, usage, steps);
    else if (rule->aggregation == AGGREGATION_AVERAGE && usage->total.value_count > 0)
        add_average(arena, usage, steps);
    else if (rule->aggregation == AGGREGATION_PERCENTILE)
        add_percentile(arena, rule, usage, steps);
}

struct usage_steps usage_explain(struct arena *arena, const struct usage_rule *rule,
                                 const struct usage *usage)
{
    struct usage_steps steps = {.count = 0};
    add_aggregation(arena, rule, usage, &steps);
    if (rule->rounding.is_on && !decimal_eq(usage->exact, usage->quantity))
        add_rounding(arena, rule, usage, &steps);
    return steps;
}

struct usage_steps usage_explain_plain(struct arena *arena, const struct usage_rule *rule,
                                       const struct usage *usage)
{
    struct usage_steps plain = {.count = 0};
    struct usage_steps told = {.count = 0};
    add_aggregation(arena, rule, usage, &told);
    if (told.count == 0)
        add_plain(arena, rule, usage, &plain);
    return plain;
}
