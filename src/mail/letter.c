#include "mail/letter.h"

#include "base/assert.h"
#include "base/buf.h"
#include "mail/letter_page.h"
#include "mail/templates.h"

#define LETTER_BYTES_MAX ((size_t)1 << 20)

/* Ours, and constant; in the head, because mail programs load nothing from elsewhere. */
// clang-format off
#define STYLE \
    "<style>" \
    "body{margin:0;background:#f4f5f7;color:#1b1f24;font:16px/1.5 Inter,system-ui,-apple-system," \
    "'Segoe UI',Roboto,'Noto Sans',sans-serif}" \
    ".around{padding:32px 16px}" \
    ".sheet{max-width:560px;background:#fff;border:1px solid #e3e6ea;border-radius:12px}" \
    ".sheet>tbody>tr>td{padding:32px}" \
    ".sender{margin:0 0 24px;font-weight:600}" \
    "h1{margin:0 0 16px;font-size:22px;line-height:1.3}" \
    "p{margin:0 0 16px}" \
    ".facts{margin:8px 0 24px;border-top:1px solid #e3e6ea}" \
    ".facts th,.facts td{padding:10px 0;border-bottom:1px solid #e3e6ea;vertical-align:top}" \
    ".facts th{text-align:start;font-weight:400;color:#59636e}" \
    ".facts td{text-align:end;font-weight:600}" \
    ".button{display:inline-block;padding:10px 20px;border-radius:8px;background:#3a5bd9;" \
    "color:#fff;font-weight:600;text-decoration:none}" \
    ".footer{margin:24px 0 0;font-size:13px;color:#59636e}" \
    "@media (prefers-color-scheme:dark){body{background:#0f1216;color:#e8eaed}" \
    ".sheet{background:#171b21;border-color:#2b313a}.facts,.facts th,.facts td{border-color:#2b313a}" \
    ".facts th,.footer{color:#9aa4b0}}" \
    "</style>"
// clang-format on

/* The inside of a line: what would begin another one becomes a space. */
static void add_line(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        buf_char(out, (char)((unsigned char)text.ptr[i] < ' ' ? ' ' : text.ptr[i]));
}

struct str letter_text(const struct letter *letter, struct arena *arena)
{
    struct buf out;
    buf_init(&out, arena, LETTER_BYTES_MAX);
    add_line(&out, letter->title);
    buf_add(&out, STR("\n\n"));
    for (size_t i = 0; i < letter->paragraph_count; i++) {
        add_line(&out, letter->paragraphs[i].text);
        buf_add(&out, STR("\n\n"));
    }
    for (size_t i = 0; i < letter->fact_count; i++) {
        add_line(&out, letter->facts[i].label);
        buf_add(&out, STR(": "));
        add_line(&out, letter->facts[i].value);
        buf_char(&out, '\n');
    }
    if (letter->fact_count > 0)
        buf_char(&out, '\n');
    if (letter->action_url.len > 0) {
        add_line(&out, letter->action_url);
        buf_add(&out, STR("\n\n"));
    }
    buf_add(&out, STR("-- \n")); /* RFC 3676 4.3 */
    add_line(&out, letter->footer);
    buf_char(&out, '\n');
    ASSERT(buf_ok(&out));
    return buf_str(&out);
}

struct str letter_html(const struct letter *letter, struct arena *arena)
{
    struct buf out;
    struct page_writer writer = {.buf = &out};
    const struct letter_page page = {.letter = letter, .style = {STR(STYLE)}};
    buf_init(&out, arena, LETTER_BYTES_MAX);
    tpl_mail_letter(&writer, &page);
    ASSERT(buf_ok(&out));
    return buf_str(&out);
}
