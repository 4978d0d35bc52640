#include "cli/command.h"

#include "app/verify.h"

#include <stdio.h>

static const struct option options[] = {COMMAND_DATABASE_OPTION, {0}};

static void show(void *arg, struct str line)
{
    (void)arg;
    printf("wrong: %.*s\n", STR_ARG(line));
}

static int run(struct option_values *values, struct arena *arena, struct fault *fault)
{
    struct app app;
    struct ctx ctx;
    struct verify_result result;
    enum err err = command_open(values, DATABASE_EXISTING, arena, fault, &app, &ctx);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    err = verify_books(&ctx, show, NULL, &result);
    app_close(&app);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    printf("verified: %lld events, %lld running totals, %lld invoices with %lld fees, %lld "
           "payments, %lld postings, %lld audit entries (unsigned)\n",
           (long long)result.events, (long long)result.totals, (long long)result.invoices,
           (long long)result.fees, (long long)result.payments, (long long)result.postings,
           (long long)result.audit_entries);
    if (result.findings == 0)
        printf("nothing is wrong\n");
    else
        printf("%lld %s wrong\n", (long long)result.findings,
               result.findings == 1 ? "thing is" : "things are");
    return result.findings == 0 ? EXIT_OK : EXIT_FAILED_WORK;
}

const struct command verify_command = {
    .name = "verify",
    .usage = "",
    .summary = "derive the books again and say what does not fit",
    .options = options,
    .run = run,
};
