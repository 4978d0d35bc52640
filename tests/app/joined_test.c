/* tx_run_joined: several use cases that are kept together, or not at all. */
#include "tests/app/world.h"

struct steps {
    bool fails;      /* the last step's result */
    bool swallows;   /* an error of a use case is passed over */
    int64_t fail_at; /* of the store's calls in the first try */
    int runs;
};

static enum err tax(struct ctx *ctx, const char *code)
{
    struct tax_view view;
    return tax_create(
        ctx,
        &(struct tax_input){.code = str_of(code), .name = str_of(code), .rate = decimal_lit("20")},
        &view);
}

static enum err work(struct ctx *ctx, void *arg)
{
    struct steps *steps = arg;
    struct tax_view view;
    steps->runs++;
    TRY(tax(ctx, "a"));
    TRY(tax_get(ctx, STR("a"), &view)); /* sees what is not committed yet */
    if (steps->fail_at > 0 && steps->runs == 1)
        store_fail_at(ctx->app->store, steps->fail_at);
    enum err err = tax(ctx, "b");
    if (steps->swallows) {
        err = tax(ctx, "b"); /* is there already */
        CHECK(err != ERR_NONE);
        return ERR_NONE;
    }
    TRY(err);
    return steps->fails ? fail(ctx, ERR_NOT_FOUND, "no") : ERR_NONE;
}

static int64_t taxes(struct world *w)
{
    struct tax_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    MUST(w, tax_list(&w->ctx, 10, 0, &views, &count, &total));
    return total;
}

TEST(joined_use_cases_are_kept_together)
{
    struct world w;
    struct steps steps = {0};
    world_open(&w);
    MUST(&w, tx_run_joined(&w.ctx, TX_WRITE, work, &steps));
    CHECK_INT(taxes(&w), 2);
    CHECK(w.ctx.tx == NULL);
    world_close(&w);
}

TEST(joined_use_cases_are_undone_together)
{
    struct world w;
    struct steps steps = {.fails = true};
    world_open(&w);
    CHECK_INT(tx_run_joined(&w.ctx, TX_WRITE, work, &steps), ERR_NOT_FOUND);
    CHECK_INT(taxes(&w), 0);
    CHECK(w.ctx.tx == NULL);
    world_close(&w);
}

TEST(joined_write_that_failed_is_never_kept)
{
    struct world w;
    struct steps steps = {.swallows = true};
    world_open(&w);
    CHECK_INT(tx_run_joined(&w.ctx, TX_WRITE, work, &steps), ERR_STORE);
    fault_reset(&w.fault);
    CHECK_INT(taxes(&w), 0);
    world_close(&w);
}

/* Wherever the store fails in the second use case, the first one is undone too; what is worth
 * trying again is tried again as a whole. */
TEST(joined_use_cases_survive_no_fault_halfway)
{
    bool done = false;
    for (int64_t at = 1; !done && at < 100; at++) {
        struct world w;
        struct steps steps = {.fail_at = at};
        world_open(&w);
        enum err err = tx_run_joined(&w.ctx, TX_WRITE, work, &steps);
        store_fail_at(w.app.store, 0);
        CHECK_INT(taxes(&w), err == ERR_NONE ? 2 : 0);
        done = err == ERR_NONE && steps.runs == 1;
        world_close(&w);
    }
    CHECK(done);
}
