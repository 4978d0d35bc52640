#include "app/audit_list.h"

#include "base/time.h"
#include "store/sql/audit.h"
#include "store/sql/customer.h"

static void read_id(struct ctx *ctx, const char *field, struct str text, struct uuid *id)
{
    if (!str_is_null(text) && !uuid_parse(text, id))
        fault_field(ctx->fault, str_of(field), "value_is_invalid", text, "an id (UUID)");
}

enum err audit_filter_chain(struct ctx *ctx, struct tx *tx, const struct audit_filter *filter,
                            struct uuid *chain_id)
{
    struct customer_id_by_external_row customer;
    bool found = false;
    *chain_id = UUID_NIL;
    read_id(ctx, "customer_id", filter->customer_id, chain_id);
    TRY(fault_check(ctx->fault));
    if (str_is_null(filter->external_customer_id))
        return ERR_NONE;
    TRY(customer_id_by_external(
        tx, &(struct customer_id_by_external_in){.external_id = filter->external_customer_id},
        &customer, &found));
    if (!found)
        return fail_not_found(ctx, "customer", filter->external_customer_id);
    *chain_id = customer.customer_id;
    return ERR_NONE;
}

/* "plan" stands for "plan.create" and all others of the kind. */
static struct str like(struct arena *arena, struct str action)
{
    struct buf text;
    if (str_is_null(action))
        return STR_NULL;
    buf_init(&text, arena, 4096);
    for (size_t i = 0; i < action.len; i++) {
        char c = action.ptr[i];
        if (c == '%' || c == '_' || c == '!')
            buf_char(&text, '!');
        buf_char(&text, c);
    }
    if (str_find(action, '.') < 0)
        buf_add(&text, STR(".%"));
    return buf_str(&text);
}

struct listing {
    const struct audit_filter *filter;
    int64_t limit, offset;
    struct audit_entries *entries;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *listing = arg;
    const struct audit_filter *filter = listing->filter;
    struct uuid chain_id = UUID_NIL;
    struct uuid object_id = UUID_NIL;
    struct audit_count_row counted;
    bool found = false;
    read_id(ctx, "object_id", filter->object_id, &object_id);
    TRY(audit_filter_chain(ctx, tx, filter, &chain_id));
    struct str action_like = like(ctx->arena, filter->action);
    listing->entries->total = LIST_UNCOUNTED;
    if (!filter->after.is_set) {
        TRY(audit_count(tx,
                        &(struct audit_count_in){
                            .wanted_chain_id = chain_id,
                            .wanted_object_id = object_id,
                            .wanted_actor = filter->actor,
                            .action_like = action_like,
                            .created_from = filter->from_at,
                            .created_to = filter->to_at,
                        },
                        &counted, &found));
        listing->entries->total = counted.total;
    }
    return audit_page(tx,
                      &(struct audit_page_in){
                          .wanted_chain_id = chain_id,
                          .wanted_object_id = object_id,
                          .wanted_actor = filter->actor,
                          .action_like = action_like,
                          .created_from = filter->from_at,
                          .created_to = filter->to_at,
                          .before_at = list_before_at(&filter->after),
                          .before_chain_id = filter->after.id,
                          .before_number = filter->after.number,
                          .limit = listing->limit,
                          .offset = listing->offset,
                      },
                      &listing->entries->items, &listing->entries->count);
}

enum err audit_list(struct ctx *ctx, const struct audit_filter *filter, int64_t limit,
                    int64_t offset, struct audit_entries *entries)
{
    struct listing listing = {filter, limit, offset, entries};
    return tx_run(ctx, TX_READ, list, &listing);
}
