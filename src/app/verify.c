#include "app/verify.h"

#include "app/verify_parts.h"

#include <stdarg.h>

void verify_found(struct verifier *v, const char *format, ...)
{
    va_list args;
    struct arena_mark mark = arena_mark(v->ctx->arena);
    va_start(args, format);
    struct str line = arena_vfmt(v->ctx->arena, format, args);
    va_end(args);
    v->result->findings++;
    v->found(v->arg, line);
    arena_return(v->ctx->arena, mark);
}

static enum err verify_all(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct verifier *v = arg;
    v->ctx = ctx;
    v->tx = tx;
    *v->result = (struct verify_result){0};
    TRY(verify_events(v));
    TRY(verify_segments(v));
    TRY(verify_subscriptions(v));
    TRY(verify_invoices(v));
    TRY(verify_advance(v));
    TRY(verify_ledger(v));
    TRY(verify_audit(v));
    return verify_anchors(v);
}

enum err verify_books(struct ctx *ctx, void (*found)(void *arg, struct str line), void *arg,
                      struct verify_result *result)
{
    struct verifier v = {.result = result, .found = found, .arg = arg};
    return tx_run(ctx, TX_READ, verify_all, &v);
}
