/* card.h - the sandbox gateway's test cards: the number says what happens. */
#ifndef SANDBOX_CARD_H
#define SANDBOX_CARD_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct card {
    const char *number;
    const char *what;    /* shown beside it on the page */
    const char *decline; /* code; NULL: it is charged */
    bool asks;           /* its owner has to approve on a second page */
    bool is_silent;      /* the answer never comes */
    bool is_lost;        /* of a silent one: nothing was charged, the page stays open */
};

/* Ends with a NULL number. */
extern const struct card cards[];

/* By its number, with spaces or without; NULL: no test card. */
const struct card *card_find(struct str number);
/* 12 to 19 digits, spaces and hyphens between them, and a right last digit (Luhn). */
bool card_number_is_valid(struct str number);

#endif
