#include "core/payment/progress.h"

#include "base/assert.h"
#include "base/time.h"

#define FIRST_PAUSE_US (60 * TIME_SECOND)
#define DOUBLINGS_MAX  11 /* a minute doubled so often is more than a day */
#define STATUS_COUNT   (PAYMENT_SUCCEEDED + 1)
#define WORD_COUNT     (PAYMENT_SAID_SUCCEEDED + 1)

#define STAYS                          \
    {                                  \
        PAYMENT_STAYS, PAYMENT_PENDING \
    }
#define LATE                          \
    {                                 \
        PAYMENT_LATE, PAYMENT_PENDING \
    }
#define TO(status)                      \
    {                                   \
        PAYMENT_MOVES, PAYMENT_##status \
    }
#define SETTLES                            \
    {                                      \
        PAYMENT_SETTLES, PAYMENT_SUCCEEDED \
    }

struct step {
    enum payment_step step;
    enum payment_status next; /* of MOVES and SETTLES */
};

// clang-format off
static const struct step steps[STATUS_COUNT][WORD_COUNT] = {
    /*                      nothing       open         processing       failed      succeeded */
    [PAYMENT_PENDING]    = {TO(UNKNOWN),  STAYS,       TO(PROCESSING),  TO(FAILED), SETTLES},
    [PAYMENT_PROCESSING] = {TO(UNKNOWN),  STAYS,       STAYS,           TO(FAILED), SETTLES},
    [PAYMENT_UNKNOWN]    = {STAYS,        TO(PENDING), TO(PROCESSING),  TO(FAILED), SETTLES},
    [PAYMENT_FAILED]     = {STAYS,        LATE,        LATE,            STAYS,      SETTLES},
    [PAYMENT_SUCCEEDED]  = {STAYS,        LATE,        LATE,            LATE,       STAYS},
};
// clang-format on

static const struct str texts[STATUS_COUNT] = {
    [PAYMENT_PENDING] = {"pending", 7},     [PAYMENT_PROCESSING] = {"processing", 10},
    [PAYMENT_UNKNOWN] = {"unknown", 7},     [PAYMENT_FAILED] = {"failed", 6},
    [PAYMENT_SUCCEEDED] = {"succeeded", 9},
};

enum payment_step payment_progress(enum payment_status status, enum payment_word word,
                                   enum payment_status *next)
{
    ASSERT(status < STATUS_COUNT && word < WORD_COUNT);
    const struct step *step = &steps[status][word];
    if (step->step == PAYMENT_MOVES || step->step == PAYMENT_SETTLES)
        *next = step->next;
    return step->step;
}

struct str payment_status_text(enum payment_status status)
{
    ASSERT(status < STATUS_COUNT);
    return texts[status];
}

enum payment_status payment_status_of(struct str text)
{
    for (int i = 0; i < STATUS_COUNT; i++) {
        if (str_eq(text, texts[i]))
            return (enum payment_status)i;
    }
    ASSERT(false); /* the database's is none of ours */
    return PAYMENT_UNKNOWN;
}

bool payment_is_open(enum payment_status status)
{
    return status != PAYMENT_FAILED && status != PAYMENT_SUCCEEDED;
}

int64_t payment_lookup_pause_us(int64_t count)
{
    ASSERT(count >= 0);
    int64_t pause = FIRST_PAUSE_US << (count < DOUBLINGS_MAX ? count : DOUBLINGS_MAX);
    return pause < TIME_DAY ? pause : TIME_DAY;
}

int64_t payment_applied(int64_t received_minor, int64_t due_minor)
{
    ASSERT(received_minor > 0);
    if (due_minor <= 0)
        return 0;
    return received_minor < due_minor ? received_minor : due_minor;
}
