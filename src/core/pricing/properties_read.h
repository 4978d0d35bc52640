/* properties_read.h - between the files that read and write a charge's properties. */
#ifndef CORE_PRICING_PROPERTIES_READ_H
#define CORE_PRICING_PROPERTIES_READ_H

#include "base/json_read.h"
#include "base/json_write.h"
#include "core/pricing/charge.h"

#define PRICE_WORDS "a price such as \"0.05\""

/* Where we are in the JSON, and where bad fields are noted. */
struct reading {
    struct arena *arena;
    struct fault *fault;
    struct json_reader json;
    struct str path; /* "charges.0.properties" */
    struct str top;  /* the same, of the properties themselves */
    struct charge *charge;
};

/* "charges.0.properties.NAME" */
struct str reading_below(struct reading *r, struct str name);
/* The text of the value that starts with the newest token, for showing what was sent. */
struct str reading_sent(struct reading *r, enum json_token token);

/* ---- objects -------------------------------------------------------------------------------- */

struct member {
    const char *name;
    struct decimal *value;
    bool may_be_null;   /* DECIMAL_NONE then */
    const char *needed; /* what should stand there, in words; NULL: may be left out */
    bool seen;
    /* For what is no decimal: reads the value that follows into *to, notes what is wrong. */
    void (*take)(struct reading *r, const struct member *member);
    void *to;
};

/* Reads the rest of an object, each member into its place; notes what is missing, stands twice or
 * is unknown. */
void read_members(struct reading *r, struct member *members, size_t count, const char *expected);
/* The value of the newest token, 0 or more, from a number or a text.  Notes what is wrong and gives
 * 0 then. */
struct decimal read_price(struct reading *r, enum json_token token, struct str field);

/* ---- what any model may have (properties_groups.c) ------------------------------------------- */

/* Reads what follows the name of a member that names group keys; false: it is another, nothing was
 * read. */
bool read_group_keys(struct reading *r, struct str name);
void write_group_keys(struct json_writer *w, const struct charge *charge);

/* ---- models with cells (properties_cells.c) -------------------------------------------------- */

void read_time_of_use(struct reading *r, struct charge *charge);
void read_price_table(struct reading *r, struct charge *charge);
void write_time_of_use(struct json_writer *w, const struct charge *charge);
void write_price_table(struct json_writer *w, const struct charge *charge);

#endif
