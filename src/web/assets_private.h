/* assets_private.h - private to web: the table that assets/build.mjs makes. */
#ifndef WEB_ASSETS_PRIVATE_H
#define WEB_ASSETS_PRIVATE_H

#include "base/str.h"
#include "web/assets.h"

enum asset_packing { ASSET_PLAIN, ASSET_GZIP, ASSET_BROTLI, ASSET_PACKING_COUNT };

struct asset_file {
    struct str url;  /* "/a/app-1a2b3c4d5e6f.css" */
    struct str name; /* "app-1a2b3c4d5e6f.css" */
    const char *type;
    struct str bodies[ASSET_PACKING_COUNT]; /* STR_NULL: not packed so */
};

extern const struct asset_file asset_files[ASSET_COUNT];

#endif
