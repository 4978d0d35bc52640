#include "document/canvas.h"

#include "document/logo.h"

#include <qrencode.h>

#define FONTS "Inter, Noto Sans, Noto Sans Arabic, Noto Sans Hebrew, Noto Sans CJK JP"

struct colour {
    double red, green, blue;
};

static void set_ink(struct canvas *canvas, enum canvas_ink ink)
{
    static const struct colour colours[] = {
        [INK_TEXT] = {0.07, 0.11, 0.20},  [INK_QUIET] = {0.36, 0.42, 0.50},
        [INK_RULE] = {0.85, 0.88, 0.91},  [INK_SHADE] = {0.93, 0.95, 0.97},
        [INK_ALERT] = {0.70, 0.14, 0.09},
    };
    const struct colour *colour = &colours[ink];
    cairo_set_source_rgb(canvas->cairo, colour->red, colour->green, colour->blue);
}

/* From the left, of something that begins at `x` on the side where reading begins. */
static double left_of(const struct canvas *canvas, double x, double width)
{
    return canvas->is_rtl ? PAGE_WIDTH - x - width : x;
}

/* ---- text ---- */

static PangoLayout *layout_of(struct canvas *canvas, const struct canvas_style *style,
                              struct str text)
{
    PangoLayout *layout = pango_layout_new(canvas->pango);
    PangoFontDescription *font = pango_font_description_from_string(FONTS);
    PangoAttrList *attributes = pango_attr_list_new();
    pango_font_description_set_absolute_size(font, style->size * PANGO_SCALE);
    pango_font_description_set_weight(font,
                                      style->is_bold ? PANGO_WEIGHT_SEMIBOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_attr_list_insert(attributes, pango_attr_font_features_new("tnum=1"));
    /* A number that is broken must not look like two with a minus between. */
    pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
    pango_layout_set_attributes(layout, attributes);
    pango_layout_set_auto_dir(layout, FALSE);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_text(layout, text.ptr == NULL ? "" : text.ptr, (int)text.len);
    pango_attr_list_unref(attributes);
    pango_font_description_free(font);
    return layout;
}

double canvas_text(struct canvas *canvas, const struct canvas_style *style, double x, double width,
                   struct str text)
{
    PangoLayout *layout = layout_of(canvas, style, text);
    int height = 0;
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    /* Pango's alignment is physical. */
    bool is_left = (style->side == SIDE_START) != canvas->is_rtl;
    pango_layout_set_alignment(layout, is_left ? PANGO_ALIGN_LEFT : PANGO_ALIGN_RIGHT);
    pango_layout_get_size(layout, NULL, &height);
    if (!canvas->is_dry) {
        set_ink(canvas, style->ink);
        cairo_move_to(canvas->cairo, left_of(canvas, x, width), canvas->y);
        pango_cairo_show_layout(canvas->cairo, layout);
    }
    g_object_unref(layout);
    return (double)height / PANGO_SCALE;
}

double canvas_text_width(struct canvas *canvas, const struct canvas_style *style, struct str text)
{
    PangoLayout *layout = layout_of(canvas, style, text);
    int width = 0;
    pango_layout_get_size(layout, &width, NULL);
    g_object_unref(layout);
    return (double)width / PANGO_SCALE;
}

/* ---- shapes ---- */

void canvas_box(struct canvas *canvas, double x, double width, double y, double height,
                enum canvas_ink ink)
{
    if (canvas->is_dry)
        return;
    set_ink(canvas, ink);
    cairo_rectangle(canvas->cairo, left_of(canvas, x, width), y, width, height);
    cairo_fill(canvas->cairo);
}

void canvas_rule(struct canvas *canvas, double x, double width, double y, double thickness,
                 enum canvas_ink ink)
{
    canvas_box(canvas, x, width, y, thickness, ink);
}

bool canvas_logo(struct canvas *canvas, double x, double width, double height, struct str logo,
                 double *drawn)
{
    double wide = 0;
    double high = 0;
    if (!logo_fit(logo, width, height, &wide, &high))
        return false;
    *drawn = high;
    return canvas->is_dry ||
           logo_draw(canvas->cairo, logo, left_of(canvas, x, wide), canvas->y, wide, high);
}

bool canvas_qr(struct canvas *canvas, double x, double y, double size, struct str text)
{
    QRcode *code =
        QRcode_encodeData((int)text.len, (const unsigned char *)text.ptr, 0, QR_ECLEVEL_M);
    if (code == NULL)
        return false;
    double module = size / code->width;
    if (!canvas->is_dry) {
        cairo_set_source_rgb(canvas->cairo, 0, 0, 0);
        for (int row = 0; row < code->width; row++) {
            for (int column = 0; column < code->width; column++) {
                if ((code->data[row * code->width + column] & 1) != 0)
                    cairo_rectangle(canvas->cairo, left_of(canvas, x, size) + column * module,
                                    y + row * module, module, module);
            }
        }
        cairo_fill(canvas->cairo);
    }
    QRcode_free(code);
    return true;
}
