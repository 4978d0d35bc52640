#include "sandbox/card.h"

#define DIGITS_MIN 12
#define DIGITS_MAX 19

const struct card cards[] = {
    {.number = "4242424242424242", .what = "is paid"},
    {.number = "4000002760003184", .what = "asks for approval, then is paid", .asks = true},
    {.number = "4000008260003178",
     .what = "asks for approval, then: insufficient funds",
     .decline = "insufficient_funds",
     .asks = true},
    {.number = "4000000000009995", .what = "insufficient funds", .decline = "insufficient_funds"},
    {.number = "4000000000000069", .what = "expired card", .decline = "expired_card"},
    {.number = "4000000000009987", .what = "lost card", .decline = "lost_card"},
    {.number = "4000000000009979", .what = "stolen card", .decline = "stolen_card"},
    {.number = "4000000000000101", .what = "do not honour", .decline = "do_not_honor"},
    {.number = "4000000000000002", .what = "declined", .decline = "generic_decline"},
    {.number = "4000000000000127", .what = "wrong security code", .decline = "incorrect_cvc"},
    {.number = "4000000000000119", .what = "processing error", .decline = "processing_error"},
    {.number = "4000000000000507", .what = "is paid, but no answer comes", .is_silent = true},
    {.number = "4000000000000606",
     .what = "is not paid, and no answer comes",
     .is_silent = true,
     .is_lost = true},
    {0},
};

/* The digits alone; -1: too many, or another character. */
static int digits_of(struct str number, char digits[DIGITS_MAX])
{
    int count = 0;
    for (size_t i = 0; i < number.len; i++) {
        char c = number.ptr[i];
        if (c == ' ' || c == '-')
            continue;
        if (c < '0' || c > '9' || count == DIGITS_MAX)
            return -1;
        digits[count++] = c;
    }
    return count;
}

bool card_number_is_valid(struct str number)
{
    char digits[DIGITS_MAX];
    int count = digits_of(number, digits);
    int sum = 0;
    for (int i = 0; i < count; i++) {
        int digit = digits[count - 1 - i] - '0';
        if (i % 2 == 1)
            digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return count >= DIGITS_MIN && sum % 10 == 0;
}

const struct card *card_find(struct str number)
{
    char digits[DIGITS_MAX];
    int count = digits_of(number, digits);
    if (count <= 0)
        return NULL;
    for (const struct card *card = cards; card->number != NULL; card++) {
        if (str_eq((struct str){digits, (size_t)count}, str_of(card->number)))
            return card;
    }
    return NULL;
}
