#include "app/usage_slices.h"

#include "app/metric_rule.h"
#include "base/assert.h"
#include "base/none.h"
#include "store/sql/event.h"

#include <stdlib.h>

/* ---- by which slice an event is told --------------------------------------------------------- */

static const struct usage_division *division_of(const struct usage_query *query, size_t part)
{
    static const struct usage_division none = {0};
    return query->divisions == NULL ? &none : &query->divisions[part];
}

void usage_splitter_init(struct usage_splitter *splitter, struct arena *arena,
                         const struct usage_query *query)
{
    *splitter = (struct usage_splitter){.query = query};
    group_set_init(&splitter->set, arena);
    for (size_t i = 0; i < usage_part_count(query); i++) {
        const struct group_keys *keys = &division_of(query, i)->groups;
        struct str group = keys->count == 0 ? STR("") : group_none(arena, keys);
        size_t number = group_set_number(&splitter->set, i, group);
        ASSERT(number == i);
    }
}

size_t usage_splitter_add(struct usage_splitter *splitter, const struct usage_slice *slice)
{
    return group_set_number(&splitter->set, slice->part,
                            str_is_null(slice->group) ? STR("") : slice->group);
}

size_t usage_splitter_pick(struct usage_splitter *splitter, struct arena *arena,
                           struct str properties)
{
    const struct usage_query *query = splitter->query;
    size_t part = query->filters == NULL ? 0 : filter_set_pick(arena, query->filters, properties);
    const struct group_keys *keys = &division_of(query, part)->groups;
    if (keys->count == 0)
        return part;
    return group_set_number(&splitter->set, part, group_text(arena, keys, properties));
}

/* ---- from raw events ------------------------------------------------------------------------- */

/* Folds by number. */
struct folds {
    struct usage_fold **items; /* they stay where they are */
    size_t count, capacity;
};

struct reading {
    struct arena arena; /* of one event's reading */
    struct arena *to;   /* of what stays */
    struct metric_rule rule;
    const struct usage_query *query;
    int64_t event_seq;
    bool keeps_values;
    struct usage_splitter splitter;
    struct folds slices;
    struct group_set shown; /* its owners are slices */
    struct folds shares;
};

static struct usage_fold *fold_at(struct reading *r, struct folds *folds, size_t number,
                                  bool keeps_values)
{
    while (folds->count <= number) {
        struct usage_fold *fold = ARENA_NEW(r->to, struct usage_fold);
        usage_fold_init(fold, r->to, &r->rule.usage, &r->query->span, keeps_values);
        folds->items =
            arena_grow(r->to, folds->items, folds->count, &folds->capacity, sizeof *folds->items);
        folds->items[folds->count++] = fold;
    }
    return folds->items[number];
}

static enum err add(struct reading *r, const struct event_row *row)
{
    struct usage_event event = metric_rule_event(&r->arena, &r->rule, row);
    size_t number = usage_splitter_pick(&r->splitter, &r->arena, row->properties);
    size_t part = group_set_owner(&r->splitter.set, number);
    const struct group_keys *shown = &division_of(r->query, part)->shown;
    TRY(usage_fold_add(fold_at(r, &r->slices, number, r->keeps_values), &event));
    if (shown->count == 0)
        return ERR_NONE;
    size_t share =
        group_set_number(&r->shown, number, group_text(&r->arena, shown, row->properties));
    return usage_fold_add(fold_at(r, &r->shares, share, false), &event);
}

static enum err add_event(void *arg, const struct event_row *row)
{
    struct reading *reading = arg;
    if (reading->event_seq != INT_NONE && row->seq > reading->event_seq)
        return ERR_NONE;
    enum err err = add(reading, row);
    arena_reset(&reading->arena);
    return err;
}

/* ---- what they come to ----------------------------------------------------------------------- */

static bool is_idle(const struct usage *usage)
{
    return usage->total.event_count == 0 && decimal_is_zero(usage->exact);
}

static int compare_shares(const void *a, const void *b)
{
    const struct usage_share *x = a;
    const struct usage_share *y = b;
    return str_cmp(x->group, y->group);
}

void usage_shares_sort(struct usage_share *shares, size_t count)
{
    if (count > 1)
        qsort(shares, count, sizeof *shares, compare_shares);
}

static enum err end_shares(struct reading *r, struct usage_slice *slices)
{
    size_t slice_count = r->splitter.set.count;
    for (size_t i = 0; i < r->shown.count; i++)
        slices[group_set_owner(&r->shown, i)].share_count++;
    for (size_t i = 0; i < slice_count; i++) {
        slices[i].shares = ARENA_ARRAY(r->to, slices[i].share_count, struct usage_share);
        slices[i].share_count = 0;
    }
    for (size_t i = 0; i < r->shown.count; i++) {
        struct usage_slice *slice = &slices[group_set_owner(&r->shown, i)];
        struct usage usage;
        TRY(usage_fold_end(r->shares.items[i], &usage));
        if (!is_idle(&usage))
            slice->shares[slice->share_count++] =
                (struct usage_share){group_set_text(&r->shown, i), usage.exact};
    }
    for (size_t i = 0; i < slice_count; i++)
        usage_shares_sort(slices[i].shares, slices[i].share_count);
    return ERR_NONE;
}

static int compare_slices(const void *a, const void *b)
{
    const struct usage_slice *x = a;
    const struct usage_slice *y = b;
    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    if (x->is_idle != y->is_idle)
        return x->is_idle ? -1 : 1;
    return str_cmp(x->group, y->group);
}

/* The groups of nulls are the first slices, each at its part's place. */
static void find_idle(struct arena *arena, struct usage_slice *slices, size_t count,
                      size_t part_count)
{
    bool *is_used = ARENA_ARRAY(arena, part_count, bool);
    for (size_t i = 0; i < count; i++) {
        slices[i].is_idle = !str_is_null(slices[i].group) && is_idle(&slices[i].usage);
        is_used[slices[i].part] |= !slices[i].is_idle;
    }
    for (size_t part = 0; part < part_count; part++)
        slices[part].is_idle &= is_used[part];
}

static enum err end(struct reading *r, struct usage_slices *slices)
{
    size_t count = r->splitter.set.count;
    *slices = (struct usage_slices){ARENA_ARRAY(r->to, count, struct usage_slice), count};
    for (size_t i = 0; i < count; i++) {
        struct usage_slice *slice = &slices->items[i];
        size_t part = group_set_owner(&r->splitter.set, i);
        bool is_divided = division_of(r->query, part)->groups.count > 0;
        slice->part = part;
        slice->group = is_divided ? group_set_text(&r->splitter.set, i) : STR_NULL;
        TRY(usage_fold_end(fold_at(r, &r->slices, i, r->keeps_values), &slice->usage));
    }
    TRY(end_shares(r, slices->items));
    find_idle(r->to, slices->items, count, usage_part_count(r->query));
    qsort(slices->items, count, sizeof *slices->items, compare_slices);
    return ERR_NONE;
}

enum err usage_of_events(struct tx *tx, struct arena *arena, const struct usage_query *query,
                         bool keeps_values, int64_t event_seq, struct usage_slices *slices)
{
    const struct usage_span *span = &query->span;
    struct reading r = {
        .to = arena, .query = query, .event_seq = event_seq, .keeps_values = keeps_values};
    TRY(metric_rule_load(tx, arena, query->metric_id, &r.rule));
    usage_splitter_init(&r.splitter, arena, query);
    group_set_init(&r.shown, arena);
    arena_init(&r.arena);
    enum err err = usage_each_event_carried(tx, query, r.rule.usage.is_recurring, span->from_at,
                                            span->to_at, add_event, &r);
    arena_clear(&r.arena);
    if (err == ERR_NONE)
        err = end(&r, slices);
    return usage_overflow(tx, err);
}

struct usage_slices usage_slices_of_parts(struct arena *arena, const struct usage *usages,
                                          size_t count)
{
    struct usage_slices slices = {ARENA_ARRAY(arena, count, struct usage_slice), count};
    for (size_t i = 0; i < count; i++)
        slices.items[i] = (struct usage_slice){.part = i, .group = STR_NULL, .usage = usages[i]};
    return slices;
}
