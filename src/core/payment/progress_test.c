/* progress_test.c - every status against all that a gateway can say, as the header's table has it.
 */
#include "tests/test.h"

#include "base/time.h"
#include "core/payment/progress.h"

TEST(payment_progress)
{
    // clang-format off
    static const struct { const char *name; enum payment_status status; enum payment_word word; enum payment_step step; const char *next; } cases[] = {
        {"no answer yet",                 PAYMENT_PENDING,    PAYMENT_SAID_NOTHING,    PAYMENT_MOVES,   "unknown"},
        {"the page is still open",        PAYMENT_PENDING,    PAYMENT_SAID_OPEN,       PAYMENT_STAYS,   NULL},
        {"begun",                         PAYMENT_PENDING,    PAYMENT_SAID_PROCESSING, PAYMENT_MOVES,   "processing"},
        {"declined",                      PAYMENT_PENDING,    PAYMENT_SAID_FAILED,     PAYMENT_MOVES,   "failed"},
        {"paid",                          PAYMENT_PENDING,    PAYMENT_SAID_SUCCEEDED,  PAYMENT_SETTLES, "succeeded"},
        {"lost sight while processing",   PAYMENT_PROCESSING, PAYMENT_SAID_NOTHING,    PAYMENT_MOVES,   "unknown"},
        {"an older open",                 PAYMENT_PROCESSING, PAYMENT_SAID_OPEN,       PAYMENT_STAYS,   NULL},
        {"still processing",              PAYMENT_PROCESSING, PAYMENT_SAID_PROCESSING, PAYMENT_STAYS,   NULL},
        {"processing failed",             PAYMENT_PROCESSING, PAYMENT_SAID_FAILED,     PAYMENT_MOVES,   "failed"},
        {"processing done",               PAYMENT_PROCESSING, PAYMENT_SAID_SUCCEEDED,  PAYMENT_SETTLES, "succeeded"},
        {"still no answer",               PAYMENT_UNKNOWN,    PAYMENT_SAID_NOTHING,    PAYMENT_STAYS,   NULL},
        {"found open again",              PAYMENT_UNKNOWN,    PAYMENT_SAID_OPEN,       PAYMENT_MOVES,   "pending"},
        {"found processing",              PAYMENT_UNKNOWN,    PAYMENT_SAID_PROCESSING, PAYMENT_MOVES,   "processing"},
        {"found failed",                  PAYMENT_UNKNOWN,    PAYMENT_SAID_FAILED,     PAYMENT_MOVES,   "failed"},
        {"found paid",                    PAYMENT_UNKNOWN,    PAYMENT_SAID_SUCCEEDED,  PAYMENT_SETTLES, "succeeded"},
        {"nothing to be heard of a failed one", PAYMENT_FAILED, PAYMENT_SAID_NOTHING,  PAYMENT_STAYS,   NULL},
        {"an open from before it failed", PAYMENT_FAILED,     PAYMENT_SAID_OPEN,       PAYMENT_LATE,    NULL},
        {"processing from before",        PAYMENT_FAILED,     PAYMENT_SAID_PROCESSING, PAYMENT_LATE,    NULL},
        {"failed twice",                  PAYMENT_FAILED,     PAYMENT_SAID_FAILED,     PAYMENT_STAYS,   NULL},
        {"paid all the same",             PAYMENT_FAILED,     PAYMENT_SAID_SUCCEEDED,  PAYMENT_SETTLES, "succeeded"},
        {"a settled one is not asked about", PAYMENT_SUCCEEDED, PAYMENT_SAID_NOTHING,  PAYMENT_STAYS,   NULL},
        {"an open from before it was paid", PAYMENT_SUCCEEDED, PAYMENT_SAID_OPEN,      PAYMENT_LATE,    NULL},
        {"processing from before it was paid", PAYMENT_SUCCEEDED, PAYMENT_SAID_PROCESSING, PAYMENT_LATE, NULL},
        {"late failure after success",    PAYMENT_SUCCEEDED,  PAYMENT_SAID_FAILED,     PAYMENT_LATE,    NULL},
        {"paid, told twice",              PAYMENT_SUCCEEDED,  PAYMENT_SAID_SUCCEEDED,  PAYMENT_STAYS,   NULL},
    };
    // clang-format on
    bool seen[5][5] = {{false}};
    EACH(c, cases) {
        enum payment_status next = PAYMENT_FAILED; /* untouched where there is none */
        CHECK_INT(payment_progress(c->status, c->word, &next), c->step);
        CHECK_STR(payment_status_text(next), c->next == NULL ? "failed" : c->next);
        seen[c->status][c->word] = true;
    }
    for (int i = 0; i < 25; i++)
        CHECK(seen[i / 5][i % 5]);
}

/* In whatever order news comes: once there was money, it is booked exactly once. */
TEST(payment_progress_in_any_order)
{
    for (int order = 0; order < 5 * 5 * 5 * 5 * 5; order++) {
        enum payment_status status = PAYMENT_PENDING;
        int settled = 0;
        bool paid = false;
        int left = order;
        for (int i = 0; i < 5; i++, left /= 5) {
            enum payment_word word = (enum payment_word)(left % 5);
            enum payment_status next = status;
            settled += payment_progress(status, word, &next) == PAYMENT_SETTLES;
            paid = paid || word == PAYMENT_SAID_SUCCEEDED;
            status = next;
        }
        CHECK_INT(settled, paid);
        CHECK_INT(status == PAYMENT_SUCCEEDED, paid);
    }
}

TEST(payment_status_words)
{
    for (int i = PAYMENT_PENDING; i <= PAYMENT_SUCCEEDED; i++)
        CHECK_INT(payment_status_of(payment_status_text((enum payment_status)i)), i);
    CHECK_INT(payment_is_open(PAYMENT_PENDING), true);
    CHECK_INT(payment_is_open(PAYMENT_PROCESSING), true);
    CHECK_INT(payment_is_open(PAYMENT_UNKNOWN), true);
    CHECK_INT(payment_is_open(PAYMENT_FAILED), false);
    CHECK_INT(payment_is_open(PAYMENT_SUCCEEDED), false);
}

TEST(payment_lookup_pause)
{
    CHECK_INT(payment_lookup_pause_us(0), 60 * TIME_SECOND);
    CHECK_INT(payment_lookup_pause_us(1), 120 * TIME_SECOND);
    CHECK_INT(payment_lookup_pause_us(10), 61440 * TIME_SECOND);
    CHECK_INT(payment_lookup_pause_us(11), TIME_DAY);
    CHECK_INT(payment_lookup_pause_us(1000000), TIME_DAY);
}

TEST(payment_applied)
{
    // clang-format off
    static const struct { const char *name; int64_t received, due, want; } cases[] = {
        {"all of it", 100, 100, 100}, {"a part", 40, 100, 40}, {"more than is due", 100, 60, 60},
        {"paid meanwhile", 100, 0, 0}, {"more than paid", 100, -5, 0},
    };
    // clang-format on
    EACH(c, cases)
        CHECK_INT(payment_applied(c->received, c->due), c->want);
}
