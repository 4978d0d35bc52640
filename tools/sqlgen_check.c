/* sqlgen_check.c - what no query may do, found in its words. */
#include "tools/sqlgen.h"

#include <string.h>

static bool is_any(struct str token, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (token_is(token, *words))
            return true;
    }
    return false;
}

/* ---- decimals -------------------------------------------------------------------------------- */

static bool is_decimal(const struct gen *gen, const struct query *query, struct str token)
{
    const struct column *column = NULL;
    if (token_is_param(token))
        column = columns_find(&query->params, str_slice(token, 1, token.len));
    else if ((column = columns_find(&query->told, token)) == NULL)
        column = columns_find(&gen->known, token);
    return column != NULL && strcmp(column->type->db, "DB_DECIMAL") == 0;
}

/* An asterisk that multiplies, not that of count(*), SELECT * or t.* */
static bool is_times(const struct tokens *t, size_t index)
{
    struct str before = token_at(t, index, -1);
    return token_is(t->items[index], "*") && !token_is(before, "(") && !token_is(before, ".") &&
           !token_is(before, ",") && !token_is(before, "SELECT") && !token_is(before, "DISTINCT");
}

/* The value from `first` to `last` is a decimal: whether what stands around it counts with it. */
static bool is_misused(const struct tokens *t, size_t first, size_t last)
{
    static const char *const wrong[] = {"+", "-", "/", "%", "<", ">", "<=", ">=", "BETWEEN", NULL};
    static const char *const functions[] = {"SUM", "AVG",   "TOTAL", "MIN", "MAX",
                                            "ABS", "ROUND", "CAST",  NULL};
    static const char *const passing[] = {"COALESCE", "IFNULL", "NULLIF", "IIF", NULL};
    struct str before = token_at(t, first, -1);
    struct str after = token_at(t, last, 1);
    if (is_any(before, wrong) || is_any(after, wrong))
        return true;
    if ((first > 0 && is_times(t, first - 1)) || (token_is(after, "*") && is_times(t, last + 1)))
        return true;
    size_t open = first - (size_t)token_is(before, "DISTINCT");
    if (token_is(token_at(t, open, -1), "(") && is_any(token_at(t, open, -2), functions))
        return true;
    /* (value), and what hands the value on: the same question for the whole of it. */
    int depth = 0;
    for (size_t i = first; i-- > 0;) {
        depth += token_is(t->items[i], ")");
        depth -= token_is(t->items[i], "(");
        if (depth >= 0)
            continue;
        size_t close = token_close(t, i);
        bool passes = is_any(token_at(t, i, -1), passing);
        bool alone = i + 1 == first && close == last + 1 && !token_is_word(token_at(t, i, -1));
        return (passes || alone) && is_misused(t, passes ? i - 1 : i, close);
    }
    return false;
}

static bool ends_ordering(struct str token)
{
    static const char *const ends[] = {"LIMIT", "OFFSET", "UNION", "FOR", "RETURNING", NULL};
    return is_any(token, ends);
}

/* SQLite compares and adds decimals as text or as doubles: what would do so is refused. */
void check_decimals(struct gen *gen, const struct query *query, struct str sql)
{
    struct tokens t = tokens_of(gen, sql);
    bool ordering = false;
    int depth = 0; /* of parentheses within ORDER BY */
    for (size_t i = 0; i < t.count; i++) {
        struct str token = t.items[i];
        depth += token_is(token, "(");
        depth -= token_is(token, ")");
        if (token_is(token, "BY") && token_is(token_at(&t, i, -1), "ORDER")) {
            ordering = true;
            depth = 0;
        } else if (depth < 0 || ends_ordering(token)) {
            ordering = false;
        }
        if (!is_decimal(gen, query, token) || token_is(token_at(&t, i, 1), "(") ||
            token_is(token_at(&t, i, -1), "AS"))
            continue;
        bool qualified = token_is(token_at(&t, i, -1), ".");
        if (ordering || is_misused(&t, qualified ? i - 2 : i, i))
            gen_complain(gen, "%.*s is a decimal: add, compare and order it in C", STR_ARG(token));
    }
}

/* ---- the customer ---------------------------------------------------------------------------- */

/* customer_id = :x, customer_id BETWEEN, customer_id IN; of table customer the id. */
static bool is_filter(const struct tokens *t, size_t i, bool of_customer_table)
{
    static const char *const ranges[] = {"BETWEEN", "IN", NULL};
    if (!token_is(t->items[i], "customer_id") &&
        !(of_customer_table && token_is(t->items[i], "id")))
        return false;
    struct str next = token_at(t, i, 1);
    struct str value = token_at(t, i, 2);
    bool qualified = token_is(token_at(t, i, -1), ".");
    size_t first = qualified ? i - 2 : i;
    return (token_is(next, "=") && token_is_param(value)) || is_any(next, ranges) ||
           (token_is(token_at(t, first, -1), "=") && token_is_param(token_at(t, first, -2)));
}

void check_customer(struct gen *gen, const struct query *query, struct str sql)
{
    static const char *const uses[] = {"FROM", "JOIN", "UPDATE", NULL};
    struct tokens t = tokens_of(gen, sql);
    const struct table *of_customer = NULL;
    bool customer_itself = false;
    bool filtered = query->all_customers;
    for (size_t i = 0; i < t.count; i++) {
        const struct table *table = table_find(gen, t.items[i]);
        if (table == NULL || !table->of_customer || !is_any(token_at(&t, i, -1), uses))
            continue;
        of_customer = table;
        customer_itself |= str_eq(table->name, STR("customer"));
    }
    bool in_filter = false;
    for (size_t i = 0; i < t.count; i++) {
        in_filter |= token_is(t.items[i], "WHERE") || token_is(t.items[i], "ON");
        filtered |= in_filter && is_filter(&t, i, customer_itself);
    }
    if (of_customer != NULL && !filtered)
        gen_complain(gen,
                     "%.*s is a customer's table: filter on customer_id, or say "
                     "-- all customers: WHY",
                     STR_ARG(of_customer->name));
}

/* ---- batches --------------------------------------------------------------------------------- */

void check_batch(struct gen *gen, struct str sql)
{
    struct tokens t = tokens_of(gen, sql);
    size_t open = 0;
    while (open < t.count && !token_is(t.items[open], "VALUES"))
        open++;
    open++;
    if (!token_is(token_at(&t, 0, 0), "INSERT") || !token_is(token_at(&t, open, 0), "(")) {
        gen_complain(gen, "a :batch is INSERT INTO … VALUES (…)");
        return;
    }
    size_t close = token_close(&t, open);
    if (token_is(token_at(&t, close, 1), ",")) {
        gen_complain(gen, "a :batch has one row of VALUES");
        return;
    }
    for (size_t i = close; i < t.count; i++) {
        if (token_is_param(t.items[i]))
            gen_complain(gen,
                         "%.*s: behind VALUES (…) a :batch has no parameters; say excluded.NAME",
                         STR_ARG(t.items[i]));
    }
}

/* ---- what may be absent ---------------------------------------------------------------------- */

/* Whether the parentheses around index i, or any around those, stand in the place of a value: in
 * the list of a SELECT. */
static bool is_in_value(const struct tokens *t, size_t i)
{
    int depth = 0;
    bool below = false; /* within a parenthesis of the SELECT looked at */
    bool past_from = false;
    while (i-- > 0) {
        depth += token_is(t->items[i], ")");
        depth -= token_is(t->items[i], "(");
        if (depth < 0) {
            depth = 0;
            below = true;
            past_from = false;
        }
        if (depth > 0)
            continue;
        past_from |= token_is(t->items[i], "FROM");
        if (token_is(t->items[i], "SELECT") && below && !past_from)
            return true;
    }
    return false;
}

/* Whether index i is what a LEFT JOIN joins, or within its parentheses. */
static bool is_outer(const struct tokens *t, size_t i)
{
    int depth = 0;
    for (size_t at = i + 1; at-- > 0;) {
        depth += token_is(t->items[at], ")");
        depth -= token_is(t->items[at], "(");
        if (depth < 0)
            depth = 0;
        else if (at != i)
            continue;
        if (token_is(token_at(t, at, -1), "JOIN") &&
            (token_is(token_at(t, at, -2), "LEFT") ||
             (token_is(token_at(t, at, -2), "OUTER") && token_is(token_at(t, at, -3), "LEFT"))))
            return true;
    }
    return false;
}

bool check_may_be_absent(struct gen *gen, struct str sql, struct str table)
{
    struct tokens t = tokens_of(gen, sql);
    for (size_t i = 0; i < t.count; i++) {
        if (!str_eq_nocase(t.items[i], table))
            continue;
        if (!token_is(token_at(&t, i, -1), "FROM") && !token_is(token_at(&t, i, -1), "JOIN"))
            continue;
        if (is_outer(&t, i) || is_in_value(&t, i))
            return true;
    }
    return false;
}
