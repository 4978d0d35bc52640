/* audit.c - the audit trail: entries looked through, and the anchors that prove them. */
#include "app/audit_anchor.h"
#include "app/audit_list.h"

#include "api/api.h"

static const struct bind_field entry_query_fields[] = {
    {"external_customer_id", BIND_TEXT(audit_filter, external_customer_id)},
    {"customer_id", BIND_TEXT(audit_filter, customer_id)},
    {"object_id", BIND_TEXT(audit_filter, object_id)},
    {"actor", BIND_TEXT(audit_filter, actor)},
    {"action", BIND_TEXT(audit_filter, action)},
    {"from", BIND_INSTANT(audit_filter, from_at)},
    {"to", BIND_INSTANT(audit_filter, to_at)},
    {0},
};
static const struct bind_table entry_query = {NULL, entry_query_fields, 0};

static void json_hex(struct api_request *req, struct json_writer *out, const char *key,
                     struct str bytes)
{
    struct buf text;
    if (str_is_null(bytes)) {
        json_null(out, key);
        return;
    }
    buf_init(&text, req->arena, 256);
    buf_hex(&text, bytes.ptr, bytes.len);
    json_str(out, key, buf_str(&text));
}

static void write_entry(struct api_request *req, struct json_writer *out,
                        const struct audit_entry_row *row)
{
    bool of_customer = !uuid_eq(row->chain_id, req->ctx->app->organization_id);
    json_object(out, NULL);
    if (of_customer)
        face_ref(out, req->face, "customer", row->chain_id);
    face_ref(out, req->face, "chain", row->chain_id);
    json_int(out, "entry_number", row->entry_number);
    json_time(out, "created_at", row->created_at);
    json_str(out, "actor", row->actor);
    json_str(out, "origin", row->origin);
    json_str(out, "action", row->action);
    face_ref(out, req->face, "object", row->object_id);
    json_raw(out, "before", row->before);
    json_raw(out, "after", row->after);
    json_hex(req, out, "previous_hash", row->previous_hash);
    json_hex(req, out, "hash", row->hash);
    json_object_end(out);
}

static enum err list_entries(struct api_request *req, struct json_writer *out)
{
    struct audit_filter filter = {0};
    struct api_page page;
    struct audit_entries entries = {0};
    TRY(api_key_query(req, &entry_query, &filter, &page));
    filter.after = page.after;
    TRY(audit_list(req->ctx, &filter, page.limit, page.offset, &entries));
    api_list(out, "audit_entries");
    for (size_t i = 0; i < entries.count; i++)
        write_entry(req, out, &entries.items[i]);
    if (entries.count > 0) {
        const struct audit_entry_row *last = &entries.items[entries.count - 1];
        api_page_key(req, &page,
                     &(struct list_key){.at = last->created_at,
                                        .id = last->chain_id,
                                        .number = last->entry_number},
                     entries.count);
    }
    api_list_end(out, &page, entries.total);
    return ERR_NONE;
}

static void write_anchor(struct api_request *req, struct json_writer *out,
                         const struct audit_anchor_row *row)
{
    json_object(out, NULL);
    json_int(out, "anchor_number", row->anchor_number);
    json_time(out, "anchored_at", row->anchored_at);
    json_int(out, "chain_count", row->chain_count);
    json_hex(req, out, "heads_hash", row->heads_hash);
    json_hex(req, out, "previous_hash", row->previous_hash);
    json_hex(req, out, "public_key", row->public_key);
    json_hex(req, out, "hash", row->hash);
    json_hex(req, out, "signature", row->signature);
    json_object_end(out);
}

static enum err list_anchors(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct audit_anchors anchors = {0};
    TRY(api_page_query(req, NULL, NULL, &page));
    TRY(audit_anchor_list_page(req->ctx, page.limit, page.offset, &anchors));
    api_list(out, "audit_anchors");
    for (size_t i = 0; i < anchors.count; i++)
        write_anchor(req, out, &anchors.items[i]);
    api_list_end(out, &page, anchors.total);
    return ERR_NONE;
}

const struct api_route audit_routes[] = {
    {HTTP_GET, "/audit_entries", list_entries, 0, 0},
    {HTTP_GET, "/audit/anchors", list_anchors, 0, 0},
    {0},
};
