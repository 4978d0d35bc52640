#include "api/plan_part.h"

#include "api/fixed_charge.h"
#include "api/plan.h"

/* ---- reading --------------------------------------------------------------------------------- */

static struct plan_timing timing_of(const struct timing_request *request)
{
    return (struct plan_timing){
        .effective_at = request->effective_at,
        .applies_to = (enum plan_applies_to)request->applies_to,
        .cascade_updates = request->cascade_updates,
    };
}

struct plan_edit plan_part_named(const struct api_request *req, enum plan_part_kind kind,
                                 enum plan_part_act act)
{
    struct plan_edit edit = {.kind = kind, .act = act};
    bool is_there = act != PLAN_PART_ADD;
    if (is_there || kind == PLAN_PART_FILTER)
        edit.code = api_path(req, 1);
    if (is_there && kind == PLAN_PART_FILTER)
        edit.filter_id = api_path(req, 2);
    return edit;
}

static const struct bind_field remove_fields[] = {
    {"cascade_updates", BIND_BOOL(timing_request, cascade_updates)}, {0}};
static const struct bind_table remove_query = {NULL, remove_fields, 0};

enum err plan_part_read_removal(struct api_request *req, enum plan_part_kind kind,
                                struct plan_timing *timing)
{
    static const struct bind_table *const bodies[] = {
        [PLAN_PART_CHARGE] = &charge_remove_body,
        [PLAN_PART_FILTER] = &filter_remove_body,
        [PLAN_PART_FIXED_CHARGE] = &fixed_charge_remove_body,
    };
    struct timing_request body = {.effective_at = TIME_NONE};
    if (req->http->body.len > 0)
        TRY(api_body(req, bodies[kind], &body));
    *timing = timing_of(&body);
    return ERR_NONE;
}

/* A DELETE may have a body, as Lago's has, or say it in the query. */
static enum err read_removal(struct api_request *req, enum plan_part_kind kind,
                             struct plan_timing *timing)
{
    struct timing_request query = {0};
    TRY(api_query(req, &remove_query, &query));
    TRY(plan_part_read_removal(req, kind, timing));
    timing->cascade_updates |= query.cascade_updates;
    return ERR_NONE;
}

static enum err read_charge(struct api_request *req, struct plan_edit *edit,
                            struct plan_timing *timing)
{
    struct charge_request body = {0};
    bool adds = edit->act == PLAN_PART_ADD;
    TRY(api_body(req, adds ? &charge_body : &charge_change_body, &body));
    edit->charge = body.input;
    *timing = timing_of(&body.timing);
    return ERR_NONE;
}

static enum err read_filter(struct api_request *req, struct plan_edit *edit,
                            struct plan_timing *timing)
{
    struct filter_request body = {0};
    bool adds = edit->act == PLAN_PART_ADD;
    TRY(api_body(req, adds ? &filter_body : &filter_change_body, &body));
    edit->filter = body.input;
    *timing = timing_of(&body.timing);
    return ERR_NONE;
}

static enum err read_fixed(struct api_request *req, struct plan_edit *edit,
                           struct plan_timing *timing)
{
    struct fixed_charge_request body = {0};
    bool adds = edit->act == PLAN_PART_ADD;
    TRY(api_body(req, adds ? &fixed_charge_body : &fixed_charge_change_body, &body));
    edit->fixed = body.input;
    *timing = timing_of(&body.timing);
    return ERR_NONE;
}

enum err plan_part_read(struct api_request *req, enum plan_part_kind kind, enum plan_part_act act,
                        struct plan_edit *edit, struct plan_timing *timing)
{
    *edit = plan_part_named(req, kind, act);
    if (act == PLAN_PART_REMOVE)
        return read_removal(req, kind, timing);
    switch (kind) {
    case PLAN_PART_CHARGE:
        return read_charge(req, edit, timing);
    case PLAN_PART_FILTER:
        return read_filter(req, edit, timing);
    case PLAN_PART_FIXED_CHARGE:
        break;
    }
    return read_fixed(req, edit, timing);
}

/* ---- answering ------------------------------------------------------------------------------- */

enum err plan_part_answer(struct api_request *req, struct json_writer *out,
                          enum plan_part_kind kind, const struct plan_part *part)
{
    int64_t created_at = part->plan.version.effective_at;
    json_object(out, NULL);
    switch (kind) {
    case PLAN_PART_CHARGE:
        charge_write(out, req->face, "charge", part->charge, created_at);
        break;
    case PLAN_PART_FILTER:
        charge_filter_write(out, req->face, "filter", part->filter, part->charge->row.code);
        break;
    case PLAN_PART_FIXED_CHARGE:
        fixed_charge_write(out, req->face, "fixed_charge", part->fixed, created_at);
        break;
    }
    json_object_end(out);
    return ERR_NONE;
}

static size_t count_of(enum plan_part_kind kind, const struct plan_part *part)
{
    switch (kind) {
    case PLAN_PART_CHARGE:
        return part->plan.charge_count;
    case PLAN_PART_FILTER:
        return part->charge->filter_count;
    case PLAN_PART_FIXED_CHARGE:
        break;
    }
    return part->plan.fixed_charge_count;
}

static void write_one(struct api_request *req, struct json_writer *out, enum plan_part_kind kind,
                      const struct plan_part *part, size_t index)
{
    int64_t created_at = part->plan.version.effective_at;
    switch (kind) {
    case PLAN_PART_CHARGE:
        charge_write(out, req->face, NULL, &part->plan.charges[index], created_at);
        return;
    case PLAN_PART_FILTER:
        charge_filter_write(out, req->face, NULL, &part->charge->filters[index],
                            part->charge->row.code);
        return;
    case PLAN_PART_FIXED_CHARGE:
        fixed_charge_write(out, req->face, NULL, &part->plan.fixed_charges[index], created_at);
        return;
    }
}

void plan_part_list(struct api_request *req, struct json_writer *out, enum plan_part_kind kind,
                    const struct plan_part *part, const struct api_page *page)
{
    static const char *const lists[] = {
        [PLAN_PART_CHARGE] = "charges",
        [PLAN_PART_FILTER] = "filters",
        [PLAN_PART_FIXED_CHARGE] = "fixed_charges",
    };
    int64_t total = (int64_t)count_of(kind, part);
    api_list(out, lists[kind]);
    for (int64_t i = page->offset; i < total && i < page->offset + page->limit; i++)
        write_one(req, out, kind, part, (size_t)i);
    api_list_end(out, page, total);
}

/* ---- below a plan ---------------------------------------------------------------------------- */

static enum err list(struct api_request *req, struct json_writer *out, enum plan_part_kind kind)
{
    struct api_page page;
    struct plan_part part = {0};
    TRY(api_page_query(req, NULL, NULL, &page));
    if (kind == PLAN_PART_FILTER) {
        struct plan_edit edit = plan_part_named(req, PLAN_PART_CHARGE, PLAN_PART_CHANGE);
        TRY(plan_part_get(req->ctx, api_path(req, 0), &edit, &part));
    } else {
        TRY(plan_get(req->ctx, api_path(req, 0), &part.plan));
    }
    plan_part_list(req, out, kind, &part, &page);
    return ERR_NONE;
}

static enum err show(struct api_request *req, struct json_writer *out, enum plan_part_kind kind)
{
    struct plan_part part = {0};
    struct plan_edit edit = plan_part_named(req, kind, PLAN_PART_CHANGE);
    TRY(plan_part_get(req->ctx, api_path(req, 0), &edit, &part));
    return plan_part_answer(req, out, kind, &part);
}

static enum err edit(struct api_request *req, struct json_writer *out, enum plan_part_kind kind,
                     enum plan_part_act act)
{
    struct plan_edit edit;
    struct plan_timing timing;
    struct plan_part part = {0};
    TRY(plan_part_read(req, kind, act, &edit, &timing));
    TRY(plan_part_edit(req->ctx, api_path(req, 0), &edit, &timing, &part));
    if (act == PLAN_PART_ADD)
        api_created(req);
    return plan_part_answer(req, out, kind, &part);
}

#define HANDLERS(name, kind)                                                        \
    static enum err name##_index(struct api_request *req, struct json_writer *out)  \
    {                                                                               \
        return list(req, out, kind);                                                \
    }                                                                               \
    static enum err name##_show(struct api_request *req, struct json_writer *out)   \
    {                                                                               \
        return show(req, out, kind);                                                \
    }                                                                               \
    static enum err name##_add(struct api_request *req, struct json_writer *out)    \
    {                                                                               \
        return edit(req, out, kind, PLAN_PART_ADD);                                 \
    }                                                                               \
    static enum err name##_change(struct api_request *req, struct json_writer *out) \
    {                                                                               \
        return edit(req, out, kind, PLAN_PART_CHANGE);                              \
    }                                                                               \
    static enum err name##_remove(struct api_request *req, struct json_writer *out) \
    {                                                                               \
        return edit(req, out, kind, PLAN_PART_REMOVE);                              \
    }
HANDLERS(charge, PLAN_PART_CHARGE)
HANDLERS(filter, PLAN_PART_FILTER)
HANDLERS(fixed, PLAN_PART_FIXED_CHARGE)

#define CHARGES  "/plans/{code}/charges"
#define CHARGE   CHARGES "/{charge_code}"
#define FILTERS  CHARGE "/filters"
#define FILTER   FILTERS "/{filter_id}"
#define FIXED    "/plans/{code}/fixed_charges"
#define BODY_MAX ((size_t)4 << 20)

const struct api_route plan_part_routes[] = {
    {HTTP_GET, CHARGES, charge_index, 0, 0},
    {HTTP_POST, CHARGES, charge_add, 0, BODY_MAX},
    {HTTP_GET, CHARGE, charge_show, 0, 0},
    {HTTP_PUT, CHARGE, charge_change, 0, BODY_MAX},
    {HTTP_DELETE, CHARGE, charge_remove, 0, 0},
    {HTTP_GET, FILTERS, filter_index, 0, 0},
    {HTTP_POST, FILTERS, filter_add, 0, BODY_MAX},
    {HTTP_GET, FILTER, filter_show, 0, 0},
    {HTTP_PUT, FILTER, filter_change, 0, BODY_MAX},
    {HTTP_DELETE, FILTER, filter_remove, 0, 0},
    {HTTP_GET, FIXED, fixed_index, 0, 0},
    {HTTP_POST, FIXED, fixed_add, 0, BODY_MAX},
    {HTTP_GET, FIXED "/{fixed_charge_code}", fixed_show, 0, 0},
    {HTTP_PUT, FIXED "/{fixed_charge_code}", fixed_change, 0, BODY_MAX},
    {HTTP_DELETE, FIXED "/{fixed_charge_code}", fixed_remove, 0, 0},
    {0},
};
