#include "cli/command.h"

#include "app/verify.h"

#include <stdio.h>

static const struct option options[] = {
    COMMAND_DATABASE_OPTION,
    {"audit-key-public", OPTION_TEXT, "KEY[,KEY...]",
     "whose signatures count, in place of the key at hand", .env = NULL},
    {"audit-anchor", OPTION_TEXT, "NUMBER:HASH", "an anchor that was noted, and must be there",
     .env = NULL},
    {0},
};

static enum err read_trust(struct option_values *values, struct fault *fault,
                           struct audit_trust *trust)
{
    struct str keys = option_text(values, "audit-key-public");
    struct str anchor = option_text(values, "audit-anchor");
    if (!str_is_null(keys))
        TRY(audit_trust_keys(keys, fault, trust));
    return str_is_null(anchor) ? ERR_NONE : audit_trust_note(anchor, fault, trust);
}

static void show_audit(struct arena *arena, const struct app *app,
                       const struct verify_result *result)
{
    const struct audit_trust *trust = &app->audit_trust;
    struct buf keys;
    buf_init(&keys, arena, 1024);
    for (size_t i = 0; i < trust->key_count; i++) {
        buf_add(&keys, i > 0 ? STR(", ") : STR(""));
        buf_hex(&keys, trust->keys[i], SIGN_PUBLIC_BYTES);
    }
    if (result->anchors == 0)
        printf("audit: not anchored yet, so unsigned\n");
    else if (result->signed_anchors == 0)
        printf("audit: %lld anchors, unsigned\n", (long long)result->anchors);
    else if (trust->key_count == 0)
        printf("audit: %lld anchors, %lld signed, by whom is not known: give --audit-key-public\n",
               (long long)result->anchors, (long long)result->signed_anchors);
    else
        printf("audit: %lld anchors, %lld signed by %.*s\n", (long long)result->anchors,
               (long long)result->signed_anchors, STR_ARG(buf_str(&keys)));
}

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
    err = read_trust(values, fault, &app.audit_trust);
    if (err == ERR_NONE)
        err = verify_books(&ctx, show, NULL, &result);
    app_close(&app);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    printf("verified: %lld events, %lld running totals, %lld invoices with %lld fees, %lld "
           "payments, %lld postings, %lld audit entries\n",
           (long long)result.events, (long long)result.totals, (long long)result.invoices,
           (long long)result.fees, (long long)result.payments, (long long)result.postings,
           (long long)result.audit_entries);
    show_audit(arena, &app, &result);
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
