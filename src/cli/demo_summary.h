/* demo_summary.h - the demo's figures: a table for people, JSON for the oracle (docs/demo.md). */
#ifndef CLI_DEMO_SUMMARY_H
#define CLI_DEMO_SUMMARY_H

#include "app/ctx.h"

/* Prints the table, and writes the JSON to `json_path` unless it is STR_NULL. */
MUST_CHECK enum err demo_summarize(struct ctx *ctx, struct str json_path);

#endif
