/* assets.h - styles, scripts, icons and the font of the pages, built in.
 *
 * assets/build.mjs makes them at build time and names each by its content, so that browsers may
 * keep them for ever; the table is in the generated assets_data.c. */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include "base/str.h"
#include "http/router.h"

enum asset {
    ASSET_STYLE,     /* for text from left to right */
    ASSET_STYLE_RTL, /* from right to left */
    ASSET_THEME_SCRIPT,
    ASSET_SCRIPT,
    ASSET_ICONS,
    ASSET_FONT,
    ASSET_LOGO,
    ASSET_NOTICES, /* licences of what others made */
    ASSET_COUNT
};

/* "/a/app-1a2b3c4d5e.css" */
struct str asset_url(enum asset asset);

/* GET /a/{name}: packed as the browser likes it, to be kept for ever; 404 for any other name. */
extern const struct route assets_routes[];

#endif
