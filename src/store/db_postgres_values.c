/* db_postgres_values.c - our values to PostgreSQL's binary form, and back. */
#include "store/db_postgres.h"

#include "base/assert.h"

#include <string.h>

#define VALUE_MAX  ((size_t)1 << 30) /* bytes of a value, as in PostgreSQL */
#define SCALAR_MAX ((size_t)128)     /* of one that is no text: a numeric has two for four digits */

/* https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_type.dat */
enum oid {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_VARCHAR = 1043,
    OID_NUMERIC = 1700,
    OID_UUID = 2950
};

unsigned pg_type(enum db_type type)
{
    static const unsigned oids[] = {
        [DB_UUID] = OID_UUID, [DB_TEXT] = OID_TEXT, [DB_DECIMAL] = OID_NUMERIC, [DB_INT] = OID_INT8,
        [DB_DAY] = OID_INT4,  [DB_BOOL] = OID_BOOL, [DB_BLOB] = OID_BYTEA,
    };
    return oids[type];
}

unsigned pg_array_type(enum db_type type)
{
    static const unsigned oids[] = {
        [DB_UUID] = 2951, [DB_TEXT] = 1009, [DB_DECIMAL] = 1231, [DB_INT] = 1016,
        [DB_DAY] = 1007,  [DB_BOOL] = 1000, [DB_BLOB] = 1001,
    };
    return oids[type];
}

bool pg_type_fits(enum db_type type, unsigned oid)
{
    if (type == DB_INT || type == DB_DAY)
        return oid == OID_INT8 || oid == OID_INT4 || oid == OID_INT2;
    return oid == pg_type(type) || (type == DB_TEXT && oid == OID_VARCHAR);
}

/* ---- out ------------------------------------------------------------------------------------- */

static void put_number(struct buf *buf, uint64_t value, int bytes)
{
    char out[8];
    for (int i = 0; i < bytes; i++)
        out[i] = (char)(value >> (8 * (bytes - 1 - i)));
    buf_add(buf, (struct str){out, (size_t)bytes});
}

/* Four decimal digits from `at` on; positions outside of the text are zeros. */
static uint64_t group_of(struct str digits, ptrdiff_t at)
{
    uint64_t group = 0;
    for (ptrdiff_t i = at; i < at + 4; i++)
        group = group * 10 +
                (i >= 0 && i < (ptrdiff_t)digits.len ? (uint64_t)(digits.ptr[i] - '0') : 0);
    return group;
}

/* A numeric: counts of its groups of four digits, the power of the first, sign, decimals shown;
 * then the groups, without those at either end that are zero. */
static bool put_numeric(struct buf *buf, struct decimal value)
{
    char storage[DECIMAL_TEXT_MAX];
    struct buf text;
    buf_fixed(&text, storage, sizeof storage);
    if (!db_decimal_text(value, &text))
        return false;
    struct str whole = buf_str(&text);
    bool negative = str_starts(whole, STR("-"));
    whole = str_slice(whole, negative, whole.len);
    ptrdiff_t point = str_find(whole, '.');
    struct str part = point < 0 ? STR("") : str_slice(whole, (size_t)point + 1, whole.len);
    whole = str_slice(whole, 0, point < 0 ? whole.len : (size_t)point);

    int before = (int)(whole.len + 3) / 4;
    int first = 0;
    int end = before + (int)(part.len + 3) / 4;
    uint64_t groups[DECIMAL_TEXT_MAX];
    for (int i = 0; i < end; i++)
        groups[i] = i < before ? group_of(whole, (ptrdiff_t)whole.len - 4 * (ptrdiff_t)(before - i))
                               : group_of(part, 4 * (ptrdiff_t)(i - before));
    while (first < end && groups[first] == 0)
        first++;
    while (end > first && groups[end - 1] == 0)
        end--;
    put_number(buf, (uint64_t)(end - first), 2);
    put_number(buf, (uint64_t)(int64_t)(first == end ? 0 : before - 1 - first), 2);
    put_number(buf, negative ? 0x4000 : 0, 2);
    put_number(buf, part.len, 2);
    for (int i = first; i < end; i++)
        put_number(buf, groups[i], 2);
    return true;
}

static bool is_none(enum db_type type, const void *member)
{
    switch (type) {
    case DB_UUID:
        return uuid_is_nil(*(const struct uuid *)member);
    case DB_TEXT:
    case DB_BLOB:
        return str_is_null(*(const struct str *)member);
    case DB_DECIMAL:
        return decimal_is_none(*(const struct decimal *)member);
    case DB_INT:
        return *(const int64_t *)member == INT_NONE;
    case DB_DAY:
        return *(const int32_t *)member == DAY_NONE;
    case DB_BOOL:
        return false;
    }
    return false;
}

/* A member that is not none; false: a decimal of too many digits. */
static bool put_value(struct buf *buf, enum db_type type, const void *member)
{
    int64_t number = 0;
    switch (type) {
    case DB_UUID:
        buf_add(buf, (struct str){(const char *)((const struct uuid *)member)->bytes, 16});
        return true;
    case DB_TEXT:
    case DB_BLOB:
        buf_add(buf, *(const struct str *)member);
        return true;
    case DB_DECIMAL:
        return put_numeric(buf, *(const struct decimal *)member);
    case DB_INT:
        number = *(const int64_t *)member;
        put_number(buf, (uint64_t)number, 8);
        return true;
    case DB_DAY:
        number = *(const int32_t *)member;
        put_number(buf, (uint64_t)number, 4);
        return true;
    case DB_BOOL:
        put_number(buf, *(const bool *)member, 1);
        return true;
    }
    return false;
}

static bool is_text(enum db_type type)
{
    return type == DB_TEXT || type == DB_BLOB;
}

static enum err inexact(struct fault *fault, const struct query *query,
                        const struct db_field *param)
{
    return fault_set(fault, ERR_INEXACT, "%s: %s has more digits than are stored", query->name,
                     param->name);
}

static enum err too_large(struct fault *fault, const struct query *query,
                          const struct db_field *param)
{
    return fault_set(fault, ERR_TOO_LARGE, "%s: %s is larger than %zu bytes", query->name,
                     param->name, VALUE_MAX);
}

static void make_params(struct arena *arena, const struct query *query, struct pg_params *params)
{
    size_t count = query->param_count + 1; /* never empty */
    params->values = ARENA_ARRAY(arena, count, const char *);
    params->lengths = ARENA_ARRAY(arena, count, int);
    params->formats = ARENA_ARRAY(arena, count, int);
    for (size_t i = 0; i < count; i++)
        params->formats[i] = 1;
}

enum err pg_scalars(struct arena *arena, struct fault *fault, const struct query *query,
                    const void *in, struct pg_params *params)
{
    make_params(arena, query, params);
    for (size_t i = 0; i < query->param_count; i++) {
        const struct db_field *param = &query->params[i];
        const void *member = (const char *)in + param->at;
        struct str value;
        if (is_none(param->type, member))
            continue;
        if (is_text(param->type)) {
            value = *(const struct str *)member;
        } else {
            struct buf buf;
            buf_fixed(&buf, arena_alloc(arena, SCALAR_MAX), SCALAR_MAX);
            if (!put_value(&buf, param->type, member))
                return inexact(fault, query, param);
            value = buf_str(&buf);
        }
        if (value.len >= VALUE_MAX)
            return too_large(fault, query, param);
        params->values[i] = value.ptr;
        params->lengths[i] = (int)value.len;
    }
    return ERR_NONE;
}

size_t pg_row_bytes(const struct query *query, const char *row)
{
    size_t bytes = 0;
    for (size_t i = 0; i < query->param_count; i++) {
        const struct db_field *param = &query->params[i];
        bytes += is_text(param->type)
                     ? 4 + ((const struct str *)(const void *)(row + param->at))->len
                     : 24;
    }
    return bytes;
}

/* An array: dimensions, whether there are NULLs, the type; length and first index of the one
 * dimension; each element behind its length, -1 for NULL. */
static enum err put_array(struct buf *buf, struct fault *fault, const struct query *query,
                          const struct db_field *param, const char *rows, size_t count,
                          size_t stride)
{
    bool has_none = false;
    for (size_t i = 0; i < count && !has_none; i++)
        has_none = is_none(param->type, rows + i * stride + param->at);
    put_number(buf, 1, 4);
    put_number(buf, has_none, 4);
    put_number(buf, pg_type(param->type), 4);
    put_number(buf, count, 4);
    put_number(buf, 1, 4);
    for (size_t i = 0; i < count; i++) {
        const void *member = rows + i * stride + param->at;
        size_t start = buf->len;
        put_number(buf, UINT32_MAX, 4);
        if (is_none(param->type, member))
            continue;
        if (!put_value(buf, param->type, member))
            return inexact(fault, query, param);
        if (!buf_ok(buf))
            break;
        size_t len = buf->len - start - 4;
        for (int byte = 0; byte < 4; byte++)
            buf->ptr[start + (size_t)byte] = (char)(len >> (8 * (3 - byte)));
    }
    return buf_ok(buf) ? ERR_NONE : too_large(fault, query, param);
}

enum err pg_arrays(struct arena *arena, struct fault *fault, const struct query *query,
                   const char *rows, size_t count, size_t stride, struct pg_params *params)
{
    make_params(arena, query, params);
    for (size_t i = 0; i < query->param_count; i++) {
        struct buf buf;
        buf_init(&buf, arena, VALUE_MAX);
        TRY(put_array(&buf, fault, query, &query->params[i], rows, count, stride));
        params->values[i] = buf.ptr;
        params->lengths[i] = (int)buf.len;
    }
    return ERR_NONE;
}

/* ---- in -------------------------------------------------------------------------------------- */

static uint64_t get_number(const char *at, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

/* A whole number of 2, 4 or 8 bytes. */
static bool read_int(struct str bytes, int64_t low, int64_t high, int64_t *value)
{
    if (bytes.len == 2)
        *value = (int16_t)get_number(bytes.ptr, 2);
    else if (bytes.len == 4)
        *value = (int32_t)get_number(bytes.ptr, 4);
    else if (bytes.len == 8)
        *value = (int64_t)get_number(bytes.ptr, 8);
    else
        return false;
    return *value >= low && *value <= high;
}

static bool read_numeric(struct str bytes, struct decimal *value)
{
    char storage[512];
    struct buf text;
    if (bytes.len < 8 || bytes.len % 2 != 0)
        return false;
    int count = (int)get_number(bytes.ptr, 2);
    int weight = (int16_t)get_number(bytes.ptr + 2, 2);
    uint64_t sign = get_number(bytes.ptr + 4, 2);
    if (bytes.len != 8 + 2 * (size_t)count || count > 32 || weight > 32 || weight < -32)
        return false;
    if (sign != 0 && sign != 0x4000) /* not a number, infinite */
        return false;
    buf_fixed(&text, storage, sizeof storage);
    buf_add(&text, sign == 0 ? STR("0") : STR("-0"));
    for (int i = weight < 0 ? weight + 1 : 0; i <= weight || i < count; i++) {
        /* Group i stands for 10000^(weight - i); those before the first are zeros. */
        uint64_t group = i < 0 || i >= count ? 0 : get_number(bytes.ptr + 8 + 2 * (size_t)i, 2);
        if (i == weight + 1)
            buf_char(&text, '.');
        buf_int_padded(&text, (int64_t)group, 4);
    }
    return buf_ok(&text) && decimal_parse(buf_str(&text), value) == ERR_NONE;
}

static bool read_uuid(struct str bytes, struct uuid *id)
{
    if (bytes.len != sizeof id->bytes)
        return false;
    memcpy(id->bytes, bytes.ptr, sizeof id->bytes);
    return true;
}

static void read_none(enum db_type type, void *member)
{
    switch (type) {
    case DB_UUID:
        *(struct uuid *)member = UUID_NIL;
        break;
    case DB_TEXT:
    case DB_BLOB:
        *(struct str *)member = STR_NULL;
        break;
    case DB_DECIMAL:
        *(struct decimal *)member = DECIMAL_NONE;
        break;
    case DB_INT:
        *(int64_t *)member = INT_NONE;
        break;
    case DB_DAY:
        *(int32_t *)member = DAY_NONE;
        break;
    case DB_BOOL:
        *(bool *)member = false;
        break;
    }
}

bool pg_read(enum db_type type, struct str bytes, struct arena *arena, void *member)
{
    int64_t number = 0;
    if (str_is_null(bytes)) {
        read_none(type, member);
        return true;
    }
    switch (type) {
    case DB_UUID:
        return read_uuid(bytes, member);
    case DB_TEXT:
    case DB_BLOB:
        *(struct str *)member = arena == NULL ? bytes : arena_str(arena, bytes);
        return true;
    case DB_DECIMAL:
        return read_numeric(bytes, member);
    case DB_INT:
        return read_int(bytes, INT64_MIN, INT64_MAX, member);
    case DB_DAY:
        if (!read_int(bytes, INT32_MIN, INT32_MAX, &number))
            return false;
        *(int32_t *)member = (int32_t)number;
        return true;
    case DB_BOOL:
        *(bool *)member = bytes.len == 1 && bytes.ptr[0] != 0;
        return bytes.len == 1;
    }
    return false;
}
