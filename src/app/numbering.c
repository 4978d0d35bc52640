#include "app/numbering.h"

#include "base/assert.h"
#include "base/time.h"
#include "base/zone.h"
#include "store/sql/instance.h"

#include <stdlib.h>

#define NUMBER_MAX 512 /* bytes: a prefix of 255 characters and two numbers fit */

/* How far the series of one customer, or of the entity, has come. */
struct series {
    struct uuid scope_id;
    int64_t wanted; /* how many are taken */
    int64_t next;
};

struct all_series {
    struct series *items; /* of customers in order of id; the entity's is the last, if wanted */
    size_t count;
};

static bool is_partner(const struct customer_row *customer)
{
    return str_eq(customer->account_type, STR("partner"));
}

static int by_id(const void *a, const void *b)
{
    const struct series *x = a;
    const struct series *y = b;
    return uuid_cmp(x->scope_id, y->scope_id);
}

static struct series *find(const struct all_series *all, struct uuid scope_id)
{
    struct series key = {.scope_id = scope_id};
    struct series *found = bsearch(&key, all->items, all->count, sizeof *all->items, by_id);
    ASSERT(found != NULL);
    return found;
}

/* The customers' series, each once. */
static struct all_series series_of(struct arena *arena, const struct numbering_item *items,
                                   size_t count)
{
    struct series *list = ARENA_ARRAY(arena, count, struct series);
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        list[i] = (struct series){.scope_id = items[i].customer->id, .wanted = 1};
    qsort(list, count, sizeof *list, by_id);
    for (size_t i = 0; i < count; i++) {
        if (used > 0 && uuid_eq(list[used - 1].scope_id, list[i].scope_id))
            list[used - 1].wanted++;
        else
            list[used++] = list[i];
    }
    return (struct all_series){.items = list, .count = used};
}

static enum err take_row(void *arg, const struct number_take_row *row)
{
    struct series *series = find(arg, row->scope_id);
    series->next = row->last_number - series->wanted + 1;
    return ERR_NONE;
}

static enum err take(struct ctx *ctx, struct tx *tx, struct all_series *all, struct str name)
{
    struct number_take_in *rows = ARENA_ARRAY(ctx->arena, all->count, struct number_take_in);
    for (size_t i = 0; i < all->count; i++)
        rows[i] = (struct number_take_in){.scope_id = all->items[i].scope_id,
                                          .series = name,
                                          .last_number = all->items[i].wanted};
    return number_take(tx, rows, all->count, take_row, all);
}

static struct str number_of(struct arena *arena, const struct billing_entity_row *entity,
                            const struct zone *zone, const struct numbering_item *item,
                            int64_t of_customer, int64_t of_entity)
{
    struct buf out;
    buf_init(&out, arena, NUMBER_MAX);
    buf_add(&out, entity->document_number_prefix);
    buf_char(&out, '-');
    if (!is_partner(item->customer) &&
        str_eq(entity->document_numbering, STR("per_billing_entity"))) {
        struct civil date = civil_from_day(zone_day(zone, item->invoice->finalize_at));
        buf_int_padded(&out, date.year, 4);
        buf_int_padded(&out, date.month, 2);
        buf_char(&out, '-');
        buf_int_padded(&out, of_entity, 3);
    } else {
        buf_int_padded(&out, item->customer->customer_number, 3);
        buf_char(&out, '-');
        buf_int_padded(&out, of_customer, 3);
    }
    ASSERT(buf_ok(&out));
    return buf_str(&out);
}

enum err numbering_give(struct ctx *ctx, struct tx *tx, const struct billing_entity_row *entity,
                        const struct numbering_item *items, size_t count)
{
    struct series of_entity = {.scope_id = entity->id};
    struct all_series entitys = {.items = &of_entity, .count = 1};
    struct all_series customers = series_of(ctx->arena, items, count);
    const struct zone *zone = NULL;
    TRY(zone_find(entity->timezone, &zone));
    for (size_t i = 0; i < count; i++)
        of_entity.wanted += !is_partner(items[i].customer);
    /* The customer's series is the customer's own row, so that a shard needs no other's. */
    struct str id = uuid_text(ctx->arena, entity->id);
    TRY(take(ctx, tx, &customers, arena_fmt(ctx->arena, "invoice %.*s", STR_ARG(id))));
    if (of_entity.wanted > 0)
        TRY(take(ctx, tx, &entitys, STR("invoice")));
    for (size_t i = 0; i < count; i++) {
        struct invoice_row *invoice = items[i].invoice;
        ASSERT(invoice->finalize_at != TIME_NONE);
        invoice->sequential_id = find(&customers, items[i].customer->id)->next++;
        invoice->number = number_of(ctx->arena, entity, zone, &items[i], invoice->sequential_id,
                                    is_partner(items[i].customer) ? 0 : of_entity.next++);
    }
    return ERR_NONE;
}
