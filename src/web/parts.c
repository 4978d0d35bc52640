#include "web/parts.h"

struct status status_of(enum tone tone, struct str words)
{
    static const enum icon icons[] = {
        [TONE_PLAIN] = ICON_CIRCLE_DASHED, [TONE_GOOD] = ICON_CIRCLE_CHECK,
        [TONE_WARN] = ICON_CLOCK,          [TONE_BAD] = ICON_ALERT_TRIANGLE,
        [TONE_INFO] = ICON_INFO_CIRCLE,
    };
    return (struct status){.words = words, .tone = tone, .icon = icons[tone]};
}
