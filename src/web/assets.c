#include "web/assets.h"

struct str asset_url(enum asset asset)
{
    static const struct str urls[ASSET_COUNT] = {
        [ASSET_STYLE] = {"/a/app.css", 10},
        [ASSET_STYLE_RTL] = {"/a/app.rtl.css", 14},
        [ASSET_THEME_SCRIPT] = {"/a/theme.js", 11},
        [ASSET_SCRIPT] = {"/a/app.js", 9},
        [ASSET_ICONS] = {"/a/icons.svg", 12},
        [ASSET_FONT] = {"/a/inter.woff2", 14},
        [ASSET_FONT_EXT] = {"/a/inter-ext.woff2", 18},
        [ASSET_LOGO] = {"/a/logo.svg", 11},
        [ASSET_NOTICES] = {"/a/notices.txt", 14},
    };
    return urls[asset];
}

const struct route assets_routes[] = {{0}};
