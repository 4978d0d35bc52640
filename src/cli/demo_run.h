/* demo_run.h - the demo's year, day by day: bills, vendor files, usage, payments, mails. */
#ifndef CLI_DEMO_RUN_H
#define CLI_DEMO_RUN_H

#include "app/ctx.h"
#include "cli/demo_config.h"

/* Mails go to ctx->app->mail, cards to the first of its gateways: a sandbox gateway. */
struct demo_run {
    struct ctx *ctx;
    const struct demo_config *config;
    struct str dir;   /* of demo.json and the real files */
    struct str files; /* of the generated ones */
    /* Called for each day; may be NULL. */
    void (*progress)(void *arg, int64_t day, int64_t days);
    void *arg;
};

/* Writes the generated months into a folder that exists. */
MUST_CHECK enum err demo_write_files(struct arena *arena, struct fault *fault,
                                     const struct demo_config *config, struct str dir,
                                     struct str out_dir);

/* From set-up to the clock's end. */
MUST_CHECK enum err demo_play(const struct demo_run *run);

#endif
