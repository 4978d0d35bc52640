/* sqlgen_text.c - SQL as tokens, and the texts that each engine gets.
 *
 * Texts keep their lines until the last step, so that an error found anywhere has its line. */
#include "tools/sqlgen.h"

#include <ctype.h>
#include <string.h>

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static size_t skip_space(struct str sql, size_t at)
{
    while (at < sql.len) {
        if (isspace((unsigned char)sql.ptr[at])) {
            at++;
        } else if (str_starts(str_slice(sql, at, sql.len), STR("--"))) {
            while (at < sql.len && sql.ptr[at] != '\n')
                at++;
        } else {
            break;
        }
    }
    return at;
}

static size_t end_of_token(struct str sql, size_t at)
{
    char c = sql.ptr[at++];
    bool param = c == ':' && at < sql.len && is_word_char(sql.ptr[at]);
    if (c == '\'' || c == '"') {
        while (at < sql.len && sql.ptr[at] != c)
            at++;
        return at < sql.len ? at + 1 : at;
    }
    if (is_word_char(c) || param) {
        while (at < sql.len && is_word_char(sql.ptr[at]))
            at++;
        return at;
    }
    if (at < sql.len && strchr("<>=|!:", c) != NULL && strchr("=>|:", sql.ptr[at]) != NULL)
        at++;
    return at;
}

struct str next_token(struct str sql, size_t *at)
{
    size_t start = skip_space(sql, *at);
    *at = start == sql.len ? start : end_of_token(sql, start);
    return start == sql.len ? STR_NULL : str_slice(sql, start, *at);
}

bool token_is(struct str token, const char *word)
{
    return str_eq_nocase(token, str_of(word));
}

bool token_is_word(struct str token)
{
    return token.len > 0 && is_word_char(token.ptr[0]);
}

bool token_is_param(struct str token)
{
    return token.len > 1 && token.ptr[0] == ':' && is_word_char(token.ptr[1]);
}

struct tokens tokens_of(struct gen *gen, struct str sql)
{
    struct tokens tokens = {0};
    struct str token;
    size_t at = 0;
    while (!str_is_null(token = next_token(sql, &at))) {
        tokens.items = arena_grow(&gen->arena, tokens.items, tokens.count, &tokens.capacity,
                                  sizeof *tokens.items);
        tokens.items[tokens.count++] = token;
    }
    return tokens;
}

struct str token_at(const struct tokens *tokens, size_t index, int by)
{
    size_t at = index + (size_t)by; /* wraps below the first */
    return at < tokens->count ? tokens->items[at] : STR("");
}

size_t token_close(const struct tokens *tokens, size_t open)
{
    int depth = 0;
    for (size_t i = open; i < tokens->count; i++) {
        depth += token_is(tokens->items[i], "(");
        depth -= token_is(tokens->items[i], ")");
        if (depth == 0)
            return i;
    }
    return tokens->count;
}

size_t token_open(const struct tokens *tokens, size_t close)
{
    int depth = 0;
    for (size_t i = close + 1; i-- > 0;) {
        depth += token_is(tokens->items[i], ")");
        depth -= token_is(tokens->items[i], "(");
        if (depth == 0)
            return i;
    }
    return close;
}

struct str text_for(struct gen *gen, struct str text, enum engine engine)
{
    struct buf out;
    struct str line;
    int wanted = SQLITE | POSTGRES;
    buf_init(&out, &gen->arena, GEN_TEXT_MAX);
    while (str_split(&text, '\n', &line)) {
        struct str trimmed = str_trim(line);
        if (str_eq(trimmed, STR("-- only: sqlite")))
            wanted = SQLITE;
        else if (str_eq(trimmed, STR("-- only: postgres")))
            wanted = POSTGRES;
        else if (str_eq(trimmed, STR("-- end")))
            wanted = SQLITE | POSTGRES;
        else if ((wanted & (int)engine) != 0)
            buf_add(&out, line);
        buf_char(&out, '\n');
    }
    return buf_str(&out);
}

/* A text that is copied with some of its tokens changed. */
struct rewrite {
    struct str sql;
    size_t at;     /* after `token` */
    size_t copied; /* so far */
    struct str token;
    struct buf out;
};

static struct rewrite rewrite_start(struct gen *gen, struct str sql)
{
    struct rewrite r = {.sql = sql};
    buf_init(&r.out, &gen->arena, GEN_TEXT_MAX);
    return r;
}

static bool rewrite_next(struct rewrite *r)
{
    r->token = next_token(r->sql, &r->at);
    return !str_is_null(r->token);
}

/* Puts a text in place of the token. */
static void rewrite_put(struct rewrite *r, struct str text)
{
    buf_add(&r->out, str_slice(r->sql, r->copied, r->at - r->token.len));
    buf_add(&r->out, text);
    r->copied = r->at;
}

static struct str rewrite_end(struct rewrite *r)
{
    buf_add(&r->out, str_slice(r->sql, r->copied, r->sql.len));
    return buf_str(&r->out);
}

/* Leaves out the token and, where it follows, this one. */
static bool rewrite_drop_next(struct rewrite *r, const char *word)
{
    size_t ahead = r->at;
    if (!token_is(next_token(r->sql, &ahead), word))
        return false;
    buf_add(&r->out, str_slice(r->sql, r->copied, r->at - r->token.len));
    r->at = r->copied = ahead;
    r->token = STR("");
    return true;
}

struct str text_sqlite(struct gen *gen, struct str text)
{
    struct rewrite r = rewrite_start(gen, text);
    while (rewrite_next(&r)) {
        if (token_is(r.token, "FOR") && rewrite_drop_next(&r, "UPDATE") &&
            rewrite_drop_next(&r, "SKIP"))
            (void)rewrite_drop_next(&r, "LOCKED");
    }
    return rewrite_end(&r);
}

struct str text_postgres_ddl(struct gen *gen, struct str text)
{
    struct rewrite r = rewrite_start(gen, text);
    struct str before = STR("");
    for (; rewrite_next(&r); before = r.token) {
        const struct type *type = type_find(r.token);
        if (token_is(r.token, "WITHOUT"))
            (void)rewrite_drop_next(&r, "ROWID");
        else if (type != NULL && token_is_word(before)) /* after a column's name */
            rewrite_put(&r, str_of(type->postgres));
    }
    return rewrite_end(&r);
}

/* VALUES (…) of a batch becomes SELECT … FROM unnest(arrays). */
static void put_arrays(struct rewrite *r, const struct query *query)
{
    struct buf *out = &r->out;
    rewrite_put(r, STR("\nFROM unnest("));
    columns_list(out, &query->params, "$", true);
    buf_add(out, STR(")\nAS u ("));
    columns_list(out, &query->params, "", false);
    buf_char(out, ')');
}

static void put_param(struct gen *gen, struct rewrite *r, const struct query *query)
{
    struct str name = str_slice(r->token, 1, r->token.len);
    const struct column *param = columns_find(&query->params, name);
    if (param == NULL)
        return; /* complained about before */
    size_t number = (size_t)(param - query->params.items) + 1;
    if (query->kind == KIND_BATCH)
        rewrite_put(r, arena_fmt(&gen->arena, "u.%.*s", STR_ARG(name)));
    else
        rewrite_put(r, arena_fmt(&gen->arena, "$%zu::%s", number, param->type->cast));
}

struct str text_postgres(struct gen *gen, struct str text, const struct query *query)
{
    struct rewrite r = rewrite_start(gen, text);
    struct str before = STR("");
    int depth = 0; /* within the VALUES of a batch */
    for (; rewrite_next(&r); before = r.token) {
        const struct type *type = type_find(r.token);
        if (query->kind == KIND_BATCH && token_is(r.token, "VALUES")) {
            rewrite_put(&r, STR("SELECT"));
            (void)rewrite_next(&r); /* the parenthesis */
            rewrite_put(&r, STR(""));
            depth = 1;
        } else if (depth > 0 && token_is(r.token, "(")) {
            depth++;
        } else if (depth > 0 && token_is(r.token, ")") && --depth == 0) {
            put_arrays(&r, query);
        } else if (token_is_param(r.token)) {
            put_param(gen, &r, query);
        } else if (type != NULL && token_is(before, "AS")) { /* CAST(… AS type) */
            rewrite_put(&r, str_of(type->cast));
        }
    }
    return rewrite_end(&r);
}

struct str text_tidy(struct gen *gen, struct str text)
{
    struct rewrite r = rewrite_start(gen, STR(""));
    struct buf *out = &r.out;
    struct str line;
    while (str_split(&text, '\n', &line)) {
        size_t at = 0;
        size_t end = 0;
        while (!str_is_null(next_token(line, &at)))
            end = at;
        if (end > 0 && out->len > 0)
            buf_char(out, '\n');
        buf_add(out, str_slice(line, 0, end));
    }
    return arena_str(&gen->arena, buf_str(out));
}

int text_line(struct str text, size_t offset)
{
    int line = 0;
    for (size_t i = 0; i < offset && i < text.len; i++)
        line += text.ptr[i] == '\n';
    return line;
}
