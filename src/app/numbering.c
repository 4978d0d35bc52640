#include "app/numbering.h"

#include "base/assert.h"
#include "base/time.h"
#include "base/zone.h"
#include "store/sql/instance.h"

#define NUMBER_MAX 512 /* bytes: a prefix of 255 characters and two numbers fit */

static enum err take(struct tx *tx, struct uuid scope_id, struct str series, int64_t *number)
{
    struct number_next_row row;
    bool found = false;
    TRY(number_next(tx, &(struct number_next_in){.scope_id = scope_id, .series = series}, &row,
                    &found));
    ASSERT(found);
    *number = row.last_number;
    return ERR_NONE;
}

static enum err write_entity_number(struct buf *out, const struct numbering *of, int64_t number)
{
    const struct zone *zone = NULL;
    TRY(zone_find(of->entity->timezone, &zone));
    struct civil date = civil_from_day(zone_day(zone, of->final_at));
    buf_int_padded(out, date.year, 4);
    buf_int_padded(out, date.month, 2);
    buf_char(out, '-');
    buf_int_padded(out, number, 3);
    return ERR_NONE;
}

enum err numbering_next(struct tx *tx, const struct numbering *of, struct str *number,
                        int64_t *sequential_id)
{
    ASSERT(of->final_at != TIME_NONE);
    struct arena *arena = tx_arena(tx);
    bool is_partner = str_eq(of->customer->account_type, STR("partner"));
    struct str entity_id = uuid_text(arena, of->entity->id);
    int64_t of_customer = 0;
    int64_t of_entity = 0;
    /* The customer's series is the customer's own row, so that a shard needs no other's. */
    TRY(take(tx, of->customer->id, arena_fmt(arena, "invoice %.*s", STR_ARG(entity_id)),
             &of_customer));
    if (!is_partner)
        TRY(take(tx, of->entity->id, STR("invoice"), &of_entity));

    struct buf out;
    buf_init(&out, arena, NUMBER_MAX);
    buf_add(&out, of->entity->document_number_prefix);
    buf_char(&out, '-');
    if (!is_partner && str_eq(of->entity->document_numbering, STR("per_billing_entity"))) {
        TRY(write_entity_number(&out, of, of_entity));
    } else {
        buf_int_padded(&out, of->customer->customer_number, 3);
        buf_char(&out, '-');
        buf_int_padded(&out, of_customer, 3);
    }
    ASSERT(buf_ok(&out));
    *number = buf_str(&out);
    *sequential_id = of_customer;
    return ERR_NONE;
}
