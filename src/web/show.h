/* show.h - what console and portal have in common: amounts, days and states as they are shown,
 * addresses of the same list otherwise filtered, sorted or turned over. */
#ifndef WEB_SHOW_H
#define WEB_SHOW_H

#include "app/activity.h"
#include "app/customer_table.h"
#include "app/invoice_table.h"
#include "app/mail_list.h"
#include "base/zone.h"
#include "store/sql/rows.h"
#include "web/page.h"
#include "web/parts.h"

/* ---- values */

struct str show_money(const struct page *page, int64_t minor, struct str currency);
/* A decimal in major units, with all its digits. */
struct str show_price(const struct page *page, struct decimal major, struct str currency);
struct str show_number(const struct page *page, struct decimal number);
struct str show_count(const struct page *page, int64_t count);
/* "1 invoice", "214 invoices": "{}" stands in both. */
struct str show_counted(const struct page *page, const char *one, const char *many, int64_t count);
/* "Dec 2, 2026"; "" for DAY_NONE. */
struct str show_day(const struct page *page, int32_t day);
/* "Dec 2, 2026, 14:03"; "" for TIME_NONE. */
struct str show_instant(const struct page *page, const struct zone *zone, int64_t at_us);
/* The same with the zone's name. */
struct str show_instant_in_zone(const struct page *page, const struct zone *zone, int64_t at_us);
/* The days from `from_at` up to `to_at`: "Dec 1, 2026 – Dec 31, 2026"; one day alone. */
struct str show_period(const struct page *page, const struct zone *zone, int64_t from_at,
                       int64_t to_at);
/* Its name, else its external id. */
struct str show_customer_name(const struct customer_row *customer);
/* "12.5 %" of `part` in `whole`, to one decimal; "" where whole is 0. */
struct str show_percent(const struct page *page, int64_t part, int64_t whole);
/* "1234.50", for files; "" without a currency. */
struct str show_plain_amount(const struct page *page, int64_t minor, struct str currency);
/* STR("") for STR_NULL. */
struct str show_text(struct str text);

/* The operator's zone: that of the first billing entity. */
MUST_CHECK enum err show_zone(struct page *page, const struct zone **zone);

/* ---- addresses */

struct str show_customer_url(const struct page *page, struct uuid id);
struct str show_invoice_url(const struct page *page, struct uuid id);
struct str show_payment_json_url(const struct page *page, struct uuid id);
/* As a part of an address, which then also has nothing that a shell would take for its own. */
struct str show_encoded(const struct page *page, struct str text);
/* The command line that asks for `path` ("/invoices/…") by the API; what is data in it is encoded.
 */
struct str show_api_request(const struct page *page, struct str path);
/* Likewise one that creates. */
struct str show_api_create(const struct page *page, struct str body, struct str path);

/* ---- states */

/* What is said of an invoice: "Paid", "Due in 6 d", "38 d overdue".
 *   today   in the invoice's zone */
struct status show_invoice_state(const struct page *page, enum invoice_state state, int32_t due_day,
                                 int32_t today);
/* Of a customer: overdue, due, current, or without a subscription. */
struct status show_customer_state(const struct page *page, const struct customer_entry *entry,
                                  int32_t today);
/* Of a payment: paid, not paid, begun, or being confirmed. */
struct status show_payment_state(const struct page *page, const struct payment_row *row);
/* Why a payment failed, in a sentence. */
struct str show_failure(const struct page *page, const struct payment_row *row);
/* Why a payment is no money, or not yet; "" of one that is. */
struct str show_payment_why(const struct page *page, const struct payment_row *row);
/* The day of a payment: when it was paid, else when it was begun. */
struct str show_payment_day(const struct page *page, const struct zone *zone,
                            const struct payment_row *row);
struct status show_subscription_state(const struct page *page, struct str word);

/* "Receipt", where the mail has no subject of its own yet. */
struct str show_mail_subject(const struct page *page, const struct mail_view *mail);
struct status show_mail_state(const struct page *page, struct str word);

/* ---- lists */

#define SHOW_ROWS 50 /* of a page */

/* This page's address with a parameter of its query put in place of another, or without it where
 * `value` is empty; also without "page" and what belongs to no list. */
struct str show_url_with(const struct page *page, const char *name, struct str value);

/* Chips of a list's states: "All", then each of `states`, which are values of the parameter "state"
 * with English words for people.  `current`: the index of the one that is chosen; -1: all.
 *   counts  what each shows, "All" first; NULL: nothing */
struct chips show_state_chips(const struct page *page, const char *const *states,
                              const char *const *english, size_t count, int current,
                              const struct str *counts);

struct show_sort {
    const char *const *keys; /* ends with NULL; the first one is the preset */
    int current;
    bool is_ascending;
};

/* From "sort" and "order" of the address. */
struct show_sort show_sort_read(const struct page *page, const char *const *keys,
                                bool is_preset_ascending);
/* A head that sorts by keys[index]; index -1: it does not. */
struct column show_column(const struct page *page, const struct show_sort *sort, int index,
                          const char *english);

/* Which page of a list is asked for, from 0. */
int64_t show_page_index(const struct page *page);
struct pager show_pager(const struct page *page, int64_t index, size_t count, int64_t total);

/* ---- lists as files */

#define SHOW_CSV_AT_ONCE 1000 /* rows to be asked for in one go */

/* Begins a file with its head. */
void show_csv_begin(const struct page *page, const char *const *names, size_t count,
                    struct buf *out);
/* Answers with it.  ERR_TOO_LARGE: it has become too long for one file. */
MUST_CHECK enum err show_csv_end(struct page *page, struct str file_name, const struct buf *out);

/* ---- what happened */

/* `with_customer`: whose it was stands in the note. */
struct activities show_activities(struct page *page, const struct zone *zone,
                                  const struct activity *items, size_t count, bool with_customer);

#endif
