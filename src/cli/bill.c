#include "cli/command.h"

#include "app/billing.h"
#include "base/time.h"

#include <stdio.h>

static const struct option options[] = {
    COMMAND_DATABASE_OPTION,
    {"until", OPTION_INSTANT, "TIME", "do what is due by then", .preset = NULL},
    {"threads", OPTION_INT, "N", "worker threads; 0: one a processor", .preset = "0", .min = 0,
     .max = 256},
    {0},
};

static void show(void *arg, const struct billing_progress *progress)
{
    progress_show(arg, "customers", progress->customers_done, progress->customers_total, false);
}

static int run(struct option_values *values, struct arena *arena, struct fault *fault)
{
    struct app app;
    struct ctx ctx;
    struct progress progress = {0};
    struct billing_progress result = {0};
    enum err err = command_open(values, DATABASE_EXISTING, arena, fault, &app, &ctx);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    int64_t until = option_int(values, "until");
    int64_t now = ctx_now(&ctx);
    if (until == TIME_NONE)
        until = now;
    if (until > now)
        err = fault_set(fault, ERR_INVALID,
                        "--until %.*s lies in the future: the database's clock shows %.*s",
                        STR_ARG(time_text(arena, until)), STR_ARG(time_text(arena, now)));
    else
        err = billing_run(&ctx,
                          &(struct billing_run_options){
                              .until_at = until,
                              .threads = (int)option_int(values, "threads"),
                              .progress = show,
                              .arg = &progress,
                          },
                          &result);
    if (err == ERR_NONE) {
        progress_show(&progress, "customers", result.customers_done, result.customers_total, true);
        printf("%lld invoices made, %lld finalized\n", (long long)result.invoices_made,
               (long long)result.invoices_finalized);
    }
    app_close(&app);
    return err == ERR_NONE ? EXIT_OK : command_failed(err, fault);
}

const struct command bill_command = {
    .name = "bill",
    .usage = "",
    .summary = "make and finalize the invoices that are due",
    .options = options,
    .run = run,
};
