/* icon.h - the icons that pages may show.
 *
 * The one list of them: assets/build.mjs makes the sprite of these icons of Tabler's set, and a
 * template that names another does not compile ({% icon ICON_HOME %}, templates/README.md). */
#ifndef WEB_ICON_H
#define WEB_ICON_H

/* X(constant, name in Tabler's set, turned round where text runs from right to left) */
// clang-format off
#define ICONS(X)                                        \
    X(ACTIVITY,         "activity",             false)  \
    X(ALERT_TRIANGLE,   "alert-triangle",       false)  \
    X(ARROW_DOWN,       "arrow-down",           false)  \
    X(ARROW_DOWN_RIGHT, "arrow-down-right",     true)   \
    X(ARROW_LEFT,       "arrow-left",           true)   \
    X(ARROW_RIGHT,      "arrow-right",          true)   \
    X(ARROW_UP,         "arrow-up",             false)  \
    X(ARROW_UP_RIGHT,   "arrow-up-right",       true)   \
    X(BAN,              "ban",                  false)  \
    X(BUILDING,         "building",             false)  \
    X(BUILDING_BANK,    "building-bank",        false)  \
    X(CALENDAR,         "calendar",             false)  \
    X(CASH_BANKNOTE,    "cash-banknote",        false)  \
    X(CHART_BAR,        "chart-bar",            false)  \
    X(CHART_DOTS,       "chart-dots-3",         false)  \
    X(CHECK,            "check",                false)  \
    X(CHEVRON_DOWN,     "chevron-down",         false)  \
    X(CHEVRON_LEFT,     "chevron-left",         true)   \
    X(CHEVRON_RIGHT,    "chevron-right",        true)   \
    X(CIRCLE_CHECK,     "circle-check",         false)  \
    X(CIRCLE_DASHED,    "circle-dashed",        false)  \
    X(CIRCLE_X,         "circle-x",             false)  \
    X(CLOCK,            "clock",                false)  \
    X(CLOCK_PLAY,       "clock-play",           false)  \
    X(CLOUD,            "cloud",                false)  \
    X(CODE,             "code",                 false)  \
    X(COPY,             "copy",                 false)  \
    X(CREDIT_CARD,      "credit-card",          false)  \
    X(DATABASE_IMPORT,  "database-import",      false)  \
    X(DOWNLOAD,         "download",             false)  \
    X(EXTERNAL_LINK,    "external-link",        true)   \
    X(EYE,              "eye",                  false)  \
    X(FILE_DESCRIPTION, "file-description",     false)  \
    X(FILE_INVOICE,     "file-invoice",         false)  \
    X(FILE_TYPE_CSV,    "file-type-csv",        false)  \
    X(FILE_TYPE_PDF,    "file-type-pdf",        false)  \
    X(FILTER,           "filter",               false)  \
    X(HASH,             "hash",                 false)  \
    X(HISTORY,          "history",              false)  \
    X(HOME,             "home",                 false)  \
    X(INBOX,            "inbox",                false)  \
    X(INFO_CIRCLE,      "info-circle",          false)  \
    X(KEY,              "key",                  false)  \
    X(KEYBOARD,         "keyboard",             false)  \
    X(LANGUAGE,         "language",             false)  \
    X(LINK,             "link",                 false)  \
    X(LOADER,           "loader-2",             false)  \
    X(LOCK,             "lock",                 false)  \
    X(LOGIN,            "login-2",              true)   \
    X(LOGOUT,           "logout",               true)   \
    X(MAIL,             "mail",                 false)  \
    X(MENU,             "menu-2",               true)   \
    X(MOON,             "moon",                 false)  \
    X(PACKAGES,         "packages",             false)  \
    X(PENCIL,           "pencil",               false)  \
    X(PLUS,             "plus",                 false)  \
    X(POINT,            "point",                false)  \
    X(RECEIPT,          "receipt",              false)  \
    X(REFRESH,          "refresh",              false)  \
    X(REPORT,           "report-analytics",     false)  \
    X(SEARCH,           "search",               false)  \
    X(SELECTOR,         "selector",             false)  \
    X(SEND,             "send",                 true)   \
    X(SERVER,           "server-2",             false)  \
    X(SETTINGS,         "settings",             false)  \
    X(SUN,              "sun",                  false)  \
    X(TAG,              "tag",                  false)  \
    X(USER,             "user",                 false)  \
    X(USER_PLUS,        "user-plus",            false)  \
    X(USERS,            "users",                false)  \
    X(WALLET,           "wallet",               false)  \
    X(CLOSE,            "x",                    false)

enum icon {
    ICON_NONE, /* shows nothing */
#define ICON_CONSTANT(constant, name, turns) ICON_##constant,
    ICONS(ICON_CONSTANT)
#undef ICON_CONSTANT
    ICON_COUNT
};
// clang-format on

#endif
