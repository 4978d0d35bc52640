#include "app/audit_export.h"

#include "base/assert.h"
#include "base/json_write.h"
#include "base/time.h"
#include "store/sql/audit.h"

#define LINE_BYTES_MAX ((size_t)64 << 20)

struct exporting {
    const struct audit_export_options *options;
    struct audit_export_result *result;
    struct arena scratch; /* of one line */
    struct buf line;
    struct json_writer json;
    struct tx *tx;
};

static void begin_line(struct exporting *e)
{
    arena_reset(&e->scratch);
    buf_init(&e->line, &e->scratch, LINE_BYTES_MAX);
    json_writer_init(&e->json, &e->line);
}

static enum err end_line(struct exporting *e)
{
    buf_char(&e->line, '\n');
    ASSERT(buf_ok(&e->line));
    return e->options->put(e->options->arg, buf_str(&e->line));
}

static struct str hex(struct exporting *e, struct str bytes)
{
    struct buf text;
    if (str_is_null(bytes))
        return STR_NULL;
    buf_init(&text, &e->scratch, 256);
    buf_hex(&text, bytes.ptr, bytes.len);
    return buf_str(&text);
}

static enum err put_json_entry(struct exporting *e, const struct audit_entry_row *row)
{
    struct json_writer *out = &e->json;
    begin_line(e);
    json_object(out, NULL);
    json_str(out, "type", STR("entry"));
    json_uuid(out, "chain_id", row->chain_id);
    json_int(out, "entry_number", row->entry_number);
    json_time(out, "created_at", row->created_at);
    json_str(out, "actor", row->actor);
    json_str(out, "origin", row->origin);
    json_str(out, "action", row->action);
    json_uuid(out, "object_id", row->object_id);
    json_str(out, "before", row->before);
    json_str(out, "after", row->after);
    json_str(out, "previous_hash", hex(e, row->previous_hash));
    json_str(out, "hash", hex(e, row->hash));
    json_object_end(out);
    return end_line(e);
}

/* RFC 4180; an absent text is empty, an empty one is "". */
static void put_csv(struct buf *line, struct str text)
{
    if (line->len > 0)
        buf_char(line, ',');
    if (str_is_null(text))
        return;
    buf_char(line, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            buf_char(line, '"');
        buf_char(line, text.ptr[i]);
    }
    buf_char(line, '"');
}

static enum err put_csv_entry(struct exporting *e, const struct audit_entry_row *row)
{
    begin_line(e);
    struct arena *arena = &e->scratch;
    put_csv(&e->line, uuid_text(arena, row->chain_id));
    put_csv(&e->line, arena_fmt(arena, "%lld", (long long)row->entry_number));
    put_csv(&e->line, time_text(arena, row->created_at));
    put_csv(&e->line, row->actor);
    put_csv(&e->line, row->origin);
    put_csv(&e->line, row->action);
    put_csv(&e->line, uuid_text(arena, row->object_id));
    put_csv(&e->line, row->before);
    put_csv(&e->line, row->after);
    put_csv(&e->line, hex(e, row->previous_hash));
    put_csv(&e->line, hex(e, row->hash));
    return end_line(e);
}

static enum err put_entry(void *arg, const struct audit_entry_row *row)
{
    struct exporting *e = arg;
    e->result->entries++;
    return e->options->format == AUDIT_CSV ? put_csv_entry(e, row) : put_json_entry(e, row);
}

static enum err put_head(void *arg, const struct audit_anchor_head_row *row)
{
    struct exporting *e = arg;
    json_object(&e->json, NULL);
    json_uuid(&e->json, "chain_id", row->chain_id);
    json_int(&e->json, "entry_number", row->entry_number);
    json_str(&e->json, "hash", hex(e, row->hash));
    json_object_end(&e->json);
    return ERR_NONE;
}

static enum err put_anchor(struct exporting *e, const struct audit_anchor_row *row)
{
    struct json_writer *out = &e->json;
    e->result->anchors++;
    begin_line(e);
    json_object(out, NULL);
    json_str(out, "type", STR("anchor"));
    json_int(out, "anchor_number", row->anchor_number);
    json_time(out, "anchored_at", row->anchored_at);
    json_int(out, "chain_count", row->chain_count);
    json_str(out, "heads_hash", hex(e, row->heads_hash));
    json_str(out, "previous_hash", hex(e, row->previous_hash));
    json_str(out, "public_key", hex(e, row->public_key));
    json_str(out, "hash", hex(e, row->hash));
    json_str(out, "signature", hex(e, row->signature));
    json_array(out, "heads");
    TRY(audit_anchor_head_each(
        e->tx, &(struct audit_anchor_head_each_in){.anchor_number = row->anchor_number}, put_head,
        e));
    json_array_end(out);
    json_object_end(out);
    return end_line(e);
}

static enum err export_all(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct exporting *e = arg;
    const struct audit_filter *filter = &e->options->filter;
    struct audit_anchor_row *anchors = NULL;
    struct uuid chain_id = UUID_NIL;
    size_t count = 0;
    *e->result = (struct audit_export_result){0};
    e->tx = tx;
    TRY(audit_filter_chain(ctx, tx, filter, &chain_id));
    if (e->options->format == AUDIT_CSV)
        TRY(e->options->put(e->options->arg,
                            STR("chain_id,entry_number,created_at,actor,origin,action,object_id,"
                                "before,after,previous_hash,hash\n")));
    TRY(audit_export_each(tx,
                          &(struct audit_export_each_in){.wanted_chain_id = chain_id,
                                                         .created_from = filter->from_at,
                                                         .created_to = filter->to_at},
                          put_entry, e));
    if (e->options->format == AUDIT_CSV)
        return ERR_NONE;
    TRY(audit_anchor_list(tx, &anchors, &count));
    for (size_t i = 0; i < count; i++)
        TRY(put_anchor(e, &anchors[i]));
    return ERR_NONE;
}

enum err audit_export(struct ctx *ctx, const struct audit_export_options *options,
                      struct audit_export_result *result)
{
    struct exporting e = {.options = options, .result = result};
    arena_init(&e.scratch);
    enum err err = tx_run(ctx, TX_READ, export_all, &e);
    arena_clear(&e.scratch);
    return err;
}
