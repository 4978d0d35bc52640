#include "app/fee_shares.h"

#include "base/assert.h"
#include "base/json_read.h"

struct group_keys fee_shares_keys(struct arena *arena, const struct charge *model)
{
    struct str *keys = ARENA_ARRAY(arena, model->shown_keys.count, struct str);
    size_t count = 0;
    for (size_t i = 0; i < model->shown_keys.count; i++) {
        if (model->shown_on_invoice[i])
            keys[count++] = model->shown_keys.keys[i];
    }
    return (struct group_keys){keys, count};
}

/* Shares that are told apart only by what is not displayed are one. */
static bool add(struct fee_share *shares, size_t *count, struct str name, struct decimal units)
{
    size_t i = 0;
    while (i < *count && !str_eq(shares[i].name, name))
        i++;
    if (i < *count)
        return decimal_add(shares[i].units, units, &shares[i].units) == ERR_NONE;
    if (*count == FEE_SHARES_MAX)
        return false;
    shares[(*count)++] = (struct fee_share){name, units};
    return true;
}

/* {"presentation_by": {…}, "units": "3"}, behind its first brace. */
static void read_share(struct json_reader *reader, struct str *group, struct decimal *units)
{
    while (json_next(reader) == JSON_KEY) {
        if (str_eq(reader->text, STR("presentation_by"))) {
            bool read = json_skip(reader, group);
            ASSERT(read);
            continue;
        }
        enum json_token token = json_next(reader);
        ASSERT(token == JSON_STRING);
        enum err err = decimal_parse(reader->text, units);
        ASSERT(err == ERR_NONE);
    }
}

struct fee_share *fee_shares(struct arena *arena, const struct fee_view *fee, size_t *count)
{
    struct json_reader reader;
    bool has_room = true;
    *count = 0;
    if (fee->displayed_keys.count == 0 || str_is_null(fee->row.presentation_breakdowns))
        return NULL;
    struct fee_share *shares = ARENA_ARRAY(arena, FEE_SHARES_MAX, struct fee_share);
    json_reader_init(&reader, arena, fee->row.presentation_breakdowns);
    enum json_token token = json_next(&reader);
    ASSERT(token == JSON_ARRAY_START);
    while (has_room && json_next(&reader) == JSON_OBJECT_START) {
        struct str group = STR("{}");
        struct decimal units = DECIMAL_ZERO;
        read_share(&reader, &group, &units);
        struct str displayed = group_text(arena, &fee->displayed_keys, group);
        has_room = add(shares, count, group_name(arena, displayed), units);
    }
    return shares;
}
