#include "mail/message.h"

#include "base/assert.h"
#include "base/time.h"

#include <gmime/gmime.h>
#include <pthread.h>
#include <string.h>

bool message_address_is_valid(struct str address)
{
    ptrdiff_t at = str_find(address, '@');
    if (str_is_null(address) || address.len > ADDRESS_BYTES_MAX || at <= 0)
        return false;
    for (size_t i = 0; i < address.len; i++) {
        unsigned char c = (unsigned char)address.ptr[i];
        if (c <= ' ' || c >= 0x7f || strchr("()<>[]:;,\\\"", c) != NULL)
            return false;
    }
    struct str domain = str_slice(address, (size_t)at + 1, address.len);
    return domain.len > 0 && str_find(domain, '@') < 0 && domain.ptr[0] != '.' &&
           domain.ptr[0] != '-' && domain.ptr[domain.len - 1] != '.';
}

enum err message_party_parse(struct str text, struct arena *arena, struct fault *fault,
                             struct message_party *party)
{
    struct str trimmed = str_trim(text);
    ptrdiff_t open = str_find(trimmed, '<');
    *party = (struct message_party){.name = STR_NULL, .address = trimmed};
    if (open >= 0 && str_ends(trimmed, STR(">"))) {
        struct str name = str_trim(str_slice(trimmed, 0, (size_t)open));
        if (name.len >= 2 && name.ptr[0] == '"' && str_ends(name, STR("\"")))
            name = str_slice(name, 1, name.len - 1);
        party->name = name.len == 0 ? STR_NULL : arena_str(arena, name);
        party->address = str_slice(trimmed, (size_t)open + 1, trimmed.len - 1);
    }
    party->address = arena_str(arena, party->address);
    if (!message_address_is_valid(party->address))
        return fault_set(fault, ERR_INVALID,
                         "%.*s is no mail address; wanted \"Name <billing@example.com>\" or "
                         "\"billing@example.com\"",
                         STR_ARG(text));
    return ERR_NONE;
}

/* One line: control characters, also those beyond ASCII (U+0080 to U+009F, U+2028, U+2029), become
 * spaces. */
static const char *one_line(struct arena *arena, struct str text)
{
    char *line = arena_alloc(arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        line[i] = (char)(c < ' ' || c == 0x7f ? ' ' : text.ptr[i]);
        if (i >= 1 && (unsigned char)line[i - 1] == 0xc2 && c >= 0x80 && c < 0xa0)
            line[i - 1] = line[i] = ' ';
        if (i >= 2 && (unsigned char)line[i - 2] == 0xe2 && (unsigned char)line[i - 1] == 0x80 &&
            (c == 0xa8 || c == 0xa9))
            line[i - 2] = line[i - 1] = line[i] = ' ';
    }
    line[text.len] = '\0';
    return line;
}

static void init(void)
{
    g_mime_init();
}

static void set_party(GMimeMessage *message, GMimeAddressType type, const struct message_party *who,
                      struct arena *arena)
{
    g_mime_message_add_mailbox(message, type,
                               str_is_null(who->name) ? NULL : one_line(arena, who->name),
                               arena_cstr(arena, who->address));
}

/* A part that holds these bytes. */
static void set_bytes(GMimePart *part, struct str bytes, GMimeContentEncoding encoding)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes.ptr, bytes.len);
    GMimeDataWrapper *content =
        g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
    g_mime_part_set_content(part, content);
    g_mime_part_set_content_encoding(part, encoding);
    g_object_unref(content);
    g_object_unref(stream);
}

static void add_text(GMimeMultipart *alternative, const char *subtype, struct str text)
{
    GMimePart *part = g_mime_part_new_with_type("text", subtype);
    g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
    set_bytes(part, text, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    g_mime_multipart_add(alternative, GMIME_OBJECT(part));
    g_object_unref(part);
}

/* The boundaries come from the id, so that the bytes are the same each time. */
static GMimeMultipart *new_multipart(const char *subtype, const char *id)
{
    char boundary[80];
    GMimeMultipart *part = g_mime_multipart_new_with_subtype(subtype);
    snprintf(boundary, sizeof boundary, "=_%s-%s", subtype, id);
    g_mime_multipart_set_boundary(part, boundary);
    return part;
}

static GMimeObject *new_body(const struct message *m, struct arena *arena, const char *id)
{
    GMimeMultipart *alternative = new_multipart("alternative", id);
    add_text(alternative, "plain", m->text);
    add_text(alternative, "html", m->html);
    if (str_is_null(m->file_name))
        return GMIME_OBJECT(alternative);
    GMimeMultipart *mixed = new_multipart("mixed", id);
    GMimePart *file = g_mime_part_new();
    GMimeContentType *type = g_mime_content_type_parse(NULL, m->file_type);
    g_mime_object_set_content_type(GMIME_OBJECT(file), type);
    g_object_unref(type);
    set_bytes(file, m->file_bytes, GMIME_CONTENT_ENCODING_BASE64);
    g_mime_object_set_disposition(GMIME_OBJECT(file), GMIME_DISPOSITION_ATTACHMENT);
    g_mime_part_set_filename(file, one_line(arena, m->file_name));
    g_mime_multipart_add(mixed, GMIME_OBJECT(alternative));
    g_mime_multipart_add(mixed, GMIME_OBJECT(file));
    g_object_unref(alternative);
    g_object_unref(file);
    return GMIME_OBJECT(mixed);
}

static GMimeMessage *new_message(const struct message *m, struct arena *arena)
{
    struct str id = uuid_text(arena, m->id);
    struct str domain =
        str_slice(m->from.address, (size_t)str_find(m->from.address, '@') + 1, m->from.address.len);
    GMimeMessage *message = g_mime_message_new(TRUE);
    GDateTime *date = g_date_time_new_from_unix_utc(m->date_at / TIME_SECOND);
    set_party(message, GMIME_ADDRESS_TYPE_FROM, &m->from, arena);
    if (!str_is_null(m->reply_to))
        set_party(message, GMIME_ADDRESS_TYPE_REPLY_TO,
                  &(struct message_party){.name = STR_NULL, .address = m->reply_to}, arena);
    set_party(message, GMIME_ADDRESS_TYPE_TO, &m->to, arena);
    g_mime_message_set_subject(message, one_line(arena, m->subject), "utf-8");
    g_mime_message_set_date(message, date);
    g_date_time_unref(date);
    g_mime_message_set_message_id(message,
                                  arena_fmt(arena, "%.*s@%.*s", STR_ARG(id), STR_ARG(domain)).ptr);
    g_mime_object_set_header(GMIME_OBJECT(message), "Content-Language",
                             one_line(arena, m->language), "utf-8");
    /* RFC 3834: nobody's machine shall answer this. */
    g_mime_object_set_header(GMIME_OBJECT(message), "Auto-Submitted", "auto-generated", "utf-8");
    GMimeObject *body = new_body(m, arena, arena_cstr(arena, id));
    g_mime_message_set_mime_part(message, body);
    g_object_unref(body);
    return message;
}

enum err message_write(const struct message *m, struct arena *arena, struct fault *fault,
                       struct buf *out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const struct str addresses[] = {m->from.address, m->to.address, m->reply_to};
    for (size_t i = 0; i < 3; i++) {
        if ((i < 2 || !str_is_null(addresses[i])) && !message_address_is_valid(addresses[i]))
            return fault_set(fault, ERR_INVALID, "%.*s is no address that mail can be sent to",
                             STR_ARG(addresses[i]));
    }
    pthread_once(&once, init);
    GMimeMessage *message = new_message(m, arena);
    GByteArray *bytes = g_byte_array_new();
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
    GMimeFormatOptions *options = g_mime_format_options_new();
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
    g_mime_object_write_to_stream(GMIME_OBJECT(message), options, stream);
    buf_add(out, (struct str){(const char *)bytes->data, bytes->len});
    g_mime_format_options_free(options);
    g_object_unref(stream);
    g_byte_array_free(bytes, TRUE);
    g_object_unref(message);
    return buf_ok(out) ? ERR_NONE
                       : fault_set(fault, ERR_TOO_LARGE, "the mail is larger than may be sent");
}
