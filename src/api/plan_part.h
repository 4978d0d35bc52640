/* plan_part.h - the routes below a plan and below a subscription that show and edit parts alike. */
#ifndef API_PLAN_PART_H
#define API_PLAN_PART_H

#include "api/api.h"
#include "app/plan_part.h"

/* Reads the part of a request: what it is to be, and when; a body without sense for the act is
 * refused.  The path is /…/{}/charges/{code}/filters/{id}, or a beginning of it. */
MUST_CHECK enum err plan_part_read(struct api_request *req, enum plan_part_kind kind,
                                   enum plan_part_act act, struct plan_edit *edit,
                                   struct plan_timing *timing);
/* What the body of a DELETE says, if it has one. */
MUST_CHECK enum err plan_part_read_removal(struct api_request *req, enum plan_part_kind kind,
                                           struct plan_timing *timing);
/* The part that the path names. */
struct plan_edit plan_part_named(const struct api_request *req, enum plan_part_kind kind,
                                 enum plan_part_act act);

/* {"charge": ...}, {"filter": ...}, {"fixed_charge": ...} */
MUST_CHECK enum err plan_part_answer(struct api_request *req, struct json_writer *out,
                                     enum plan_part_kind kind, const struct plan_part *part);

/* A page of a plan's charges or fixed charges, or of a charge's filters. */
void plan_part_list(struct api_request *req, struct json_writer *out, enum plan_part_kind kind,
                    const struct plan_part *part, const struct api_page *page);

#endif
