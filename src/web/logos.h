/* logos.h - the logos of sellers, for pages: GET /logos/{hash}.
 *
 * What an address shows never changes, so browsers keep it.  Nobody is asked to sign in: a logo is
 * on every invoice.  An SVG that is opened by itself runs nothing and loads nothing. */
#ifndef WEB_LOGOS_H
#define WEB_LOGOS_H

#include "app/ctx.h"
#include "http/router.h"

void logos_mount(struct router *router, struct app *app);

#endif
