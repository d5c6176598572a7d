/* sequence_png.c - a sequence diagram as PNG, by cairo, twice as fine as its pixels: for what shows no SVG. */
#include <cairo.h>

#include "crafter/stream.h"
#include "harness/report/cairo.h"
#include "harness/report/sequence_internal.h"

enum { SCALE = 2 };

static void ink(cairo_t *cairo, unsigned rgb)
{
	cairo_set_source_rgb(cairo, (rgb >> 16) / 255.0, (rgb >> 8 & 0xff) / 255.0, (rgb & 0xff) / 255.0);
}

static void choose_font(cairo_t *cairo, enum sequence_look look)
{
	const struct sequence_font *font = sequence_font(look);

	cairo_select_font_face(cairo, font->mono ? "monospace" : "sans-serif", CAIRO_FONT_SLANT_NORMAL,
			       font->bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(cairo, font->size);
	ink(cairo, font->faint ? 0x5a6472 : 0x1c2024);
}

static void png_text(void *context, unsigned x, unsigned y, enum sequence_anchor anchor, enum sequence_look look,
		     const char *text)
{
	cairo_text_extents_t extents;
	cairo_t *cairo = context;
	double left = x;

	choose_font(cairo, look);
	cairo_text_extents(cairo, text, &extents);
	if (anchor != ANCHOR_START)
		left -= anchor == ANCHOR_END ? extents.x_advance : extents.x_advance / 2;
	cairo_move_to(cairo, left, y);
	cairo_show_text(cairo, text);
}

static void png_band(void *context, unsigned x, unsigned y, unsigned width, unsigned height)
{
	ink(context, 0xfff3c4);
	cairo_rectangle(context, x, y, width, height);
	cairo_fill(context);
}

static void png_life(void *context, unsigned x, unsigned from_y, unsigned to_y)
{
	ink(context, 0x5a6472);
	cairo_set_line_width(context, 2);
	cairo_move_to(context, x, from_y);
	cairo_line_to(context, x, to_y);
	cairo_stroke(context);
}

static void png_arrow(void *context, unsigned from_x, unsigned to_x, unsigned y)
{
	double neck = to_x > from_x ? (double)to_x - SEQUENCE_HEAD_LENGTH : (double)to_x + SEQUENCE_HEAD_LENGTH;

	ink(context, 0x1c2024);
	cairo_set_line_width(context, 1.5);
	cairo_move_to(context, from_x, y);
	cairo_line_to(context, neck, y);
	cairo_stroke(context);
	cairo_move_to(context, to_x, y);
	cairo_line_to(context, neck, (double)y - SEQUENCE_HEAD_HALF);
	cairo_line_to(context, neck, (double)y + SEQUENCE_HEAD_HALF);
	cairo_close_path(context);
	cairo_fill(context);
}

static cairo_status_t write_some(void *context, const unsigned char *data, unsigned size)
{
	return fwrite(data, 1, size, context) == size ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

int sequence_prepare(struct error *error)
{
	cairo_text_extents_t extents;
	cairo_surface_t *surface;
	cairo_t *cairo;

	if (cairo_load(error) < 0)
		return -1;
	surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
	cairo = cairo_create(surface);
	for (enum sequence_look look = 0; look < LOOK_COUNT; look++) {
		choose_font(cairo, look);
		cairo_text_extents(cairo, "S", &extents);
	}
	cairo_destroy(cairo);
	cairo_surface_destroy(surface);
	return 0;
}

int sequence_png(struct sequence *sequence, FILE *out, struct error *error)
{
	int height = (int)sequence_height(sequence) * SCALE;
	struct sequence_pen pen = { png_text, png_band, png_life, png_arrow, NULL };
	cairo_surface_t *surface;
	cairo_status_t status;
	cairo_t *cairo;

	if (sequence_check(sequence, error) < 0)
		return -1;
	surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, SEQUENCE_WIDTH * SCALE, height);
	cairo = cairo_create(surface);
	cairo_scale(cairo, SCALE, SCALE);
	ink(cairo, 0xffffff);
	cairo_paint(cairo);
	pen.context = cairo;
	sequence_draw(sequence, &pen);
	status = cairo_status(cairo);
	cairo_destroy(cairo);
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_write_to_png_stream(surface, write_some, out);
	cairo_surface_destroy(surface);
	if (status == CAIRO_STATUS_WRITE_ERROR && stream_finish(out, "the picture", error) < 0)
		return -1;
	return status == CAIRO_STATUS_SUCCESS ? 0 : fail(error, "cannot draw the picture: %s", cairo_status_to_string(status));
}
