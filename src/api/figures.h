/* figures.h - what `GET /metrics` says that nobody counts: it is asked for when it is wanted.
 *
 * Queues are read from the database at most every FIGURES_AGE_US; when it does not answer, the last
 * ones stay and billow_database_up is 0. */
#ifndef API_FIGURES_H
#define API_FIGURES_H

#include "base/arena.h"

#define FIGURES_AGE_US 15000000

struct app;

void figures_gather(struct app *app, struct arena *arena);

#endif
