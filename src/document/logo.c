#include "document/logo.h"
#include "document/svg_rules.h"

#include <librsvg/rsvg.h>
#include <string.h>

/* How it is tried: twice the size that it has on a page. */
#define TRIAL_WIDTH  360
#define TRIAL_HEIGHT 80

/* ---- PNG ---- */

#define PNG_SIGNATURE    "\x89PNG\r\n\x1a\n"
#define PNG_HEADER_BYTES 33 /* with the first chunk, IHDR */

static bool is_png(struct str content)
{
    return str_starts(content, STR(PNG_SIGNATURE));
}

static int64_t png_number(struct str content, size_t at)
{
    const unsigned char *bytes = (const unsigned char *)content.ptr + at;
    return (int64_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

/* As its first chunk says. */
static bool png_size(struct str content, int64_t *width, int64_t *height)
{
    if (content.len < PNG_HEADER_BYTES || memcmp(content.ptr + 12, "IHDR", 4) != 0)
        return false;
    *width = png_number(content, 16);
    *height = png_number(content, 20);
    return *width > 0 && *height > 0;
}

static cairo_status_t read_bytes(void *arg, unsigned char *data, unsigned int len)
{
    struct str *rest = arg;
    if (rest->len < len)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(data, rest->ptr, len);
    *rest = str_slice(*rest, len, rest->len);
    return CAIRO_STATUS_SUCCESS;
}

static bool png_draw(cairo_t *cairo, struct str content, double left, double top, double width,
                     double height)
{
    cairo_surface_t *surface = cairo_image_surface_create_from_png_stream(read_bytes, &content);
    bool is_good = cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
    if (is_good) {
        cairo_save(cairo);
        cairo_translate(cairo, left, top);
        cairo_scale(cairo, width / cairo_image_surface_get_width(surface),
                    height / cairo_image_surface_get_height(surface));
        cairo_set_source_surface(cairo, surface, 0, 0);
        cairo_paint(cairo);
        cairo_restore(cairo);
    }
    cairo_surface_destroy(surface);
    return is_good;
}

/* ---- SVG ---- */

/* In pixels; of one that says only a viewBox, that. */
static bool svg_size(RsvgHandle *handle, double *width, double *height)
{
    RsvgRectangle box;
    gboolean has_box = FALSE;
    RsvgLength ignored;
    gboolean ignored_too = FALSE;
    if (rsvg_handle_get_intrinsic_size_in_pixels(handle, width, height))
        return *width > 0 && *height > 0;
    rsvg_handle_get_intrinsic_dimensions(handle, &ignored_too, &ignored, &ignored_too, &ignored,
                                         &has_box, &box);
    *width = box.width;
    *height = box.height;
    return has_box && box.width > 0 && box.height > 0;
}

static RsvgHandle *svg_open(struct str content)
{
    return rsvg_handle_new_from_data((const guint8 *)content.ptr, content.len, NULL);
}

static bool svg_draw(cairo_t *cairo, struct str content, double left, double top, double width,
                     double height)
{
    RsvgHandle *handle = svg_open(content);
    RsvgRectangle place = {left, top, width, height};
    bool is_good =
        handle != NULL && rsvg_handle_render_document(handle, cairo, &place, NULL) == TRUE;
    if (handle != NULL)
        g_object_unref(handle);
    return is_good;
}

/* ---- both ---- */

static bool size_of(struct str content, double *width, double *height)
{
    if (is_png(content)) {
        int64_t wide = 0;
        int64_t high = 0;
        bool is_known = png_size(content, &wide, &high);
        *width = (double)wide;
        *height = (double)high;
        return is_known;
    }
    RsvgHandle *handle = svg_open(content);
    bool is_known = handle != NULL && svg_size(handle, width, height);
    if (handle != NULL)
        g_object_unref(handle);
    return is_known;
}

bool logo_fit(struct str content, double width, double height, double *drawn_width,
              double *drawn_height)
{
    double wide = 0;
    double high = 0;
    if (!size_of(content, &wide, &high))
        return false;
    double scale = wide / high > width / height ? width / wide : height / high;
    *drawn_width = wide * scale;
    *drawn_height = high * scale;
    return true;
}

bool logo_draw(cairo_t *cairo, struct str content, double left, double top, double width,
               double height)
{
    return is_png(content) ? png_draw(cairo, content, left, top, width, height)
                           : svg_draw(cairo, content, left, top, width, height);
}

/* ---- checking ---- */

static bool shows_something(cairo_surface_t *surface)
{
    cairo_surface_flush(surface);
    const unsigned char *row = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; y < TRIAL_HEIGHT; y++, row += stride) {
        for (int x = 0; x < TRIAL_WIDTH * 4; x++) {
            if (row[x] != 0)
                return true;
        }
    }
    return false;
}

/* NULL: it was drawn; else what was wanted. */
static const char *try_drawing(struct str content)
{
    double width = 0;
    double height = 0;
    const char *wanted = NULL;
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, TRIAL_WIDTH, TRIAL_HEIGHT);
    cairo_t *cairo = cairo_create(surface);
    if (!logo_fit(content, TRIAL_WIDTH, TRIAL_HEIGHT, &width, &height) ||
        !logo_draw(cairo, content, 0, 0, width, height) ||
        cairo_status(cairo) != CAIRO_STATUS_SUCCESS)
        wanted = "a sound picture: this one can't be drawn";
    else if (!shows_something(surface))
        wanted = "a picture that shows something";
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    return wanted;
}

/* Written so that NaN fails. */
static bool has_good_size(struct str content, double side_max, double pixels_max)
{
    double width = 0;
    double height = 0;
    return size_of(content, &width, &height) && width >= 1 && height >= 1 && width <= side_max &&
           height <= side_max && width * height <= pixels_max && width <= height * LOGO_RATIO_MAX &&
           height <= width * LOGO_RATIO_MAX;
}

static const char *check_png(struct str content)
{
    if (!is_png(content))
        return "a PNG, as its type says";
    if (!has_good_size(content, LOGO_PIXELS_MAX, LOGO_PIXELS_MAX))
        return "a PNG of 1 to 1000000 pixels, at most 20 times as long as wide";
    return try_drawing(content);
}

static const char *check_svg(struct arena *arena, struct str content, struct str *reason)
{
    if (!svg_rules_check(arena, content, reason))
        return NULL;
    if (!has_good_size(content, LOGO_SIDE_MAX, (double)LOGO_SIDE_MAX * LOGO_SIDE_MAX))
        return "an SVG with a viewBox, or width and height, of 1 to 4000 pixels, at most 20 times "
               "as long as wide";
    return try_drawing(content);
}

bool logo_check(struct arena *arena, struct str media_type, struct str content, struct str *reason)
{
    const char *wanted = NULL;
    *reason = STR_NULL;
    if (content.len == 0 || content.len > LOGO_BYTES_MAX)
        wanted = "a file of 1 to 262144 bytes";
    else if (str_eq(media_type, STR(LOGO_PNG)))
        wanted = check_png(content);
    else if (str_eq(media_type, STR(LOGO_SVG)))
        wanted = check_svg(arena, content, reason);
    else
        wanted = "a file of the type image/svg+xml or image/png";
    if (wanted != NULL)
        *reason = str_of(wanted);
    return str_is_null(*reason);
}
