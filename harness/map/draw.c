/* draw.c - the page: where its parts are, and the file formats that cairo writes. */
#include "harness/map/draw.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/stream.h"
#include "harness/map/draw_internal.h"
#include "harness/report/cairo.h"

enum {
	MARGIN = 16, LEFT = 104, TOP = 66, AXIS = 60, /* room below the plane for ticks and the axis title */
	LEGEND_GAP = 26, LEGEND = 240, CAPTION_LINE = 16,
	PLANE_LEAST = 512,    /* pixels of the longer side */
	PAD_SHARE = 16,       /* of an axis that goes all around, this part is repeated beyond each end */
	LEGEND_HEAD = 24, LEGEND_SHADE = 36, LEGEND_BOOKS = 14 + 58 + 40 * BOOK_COUNT,
};

/* Shows the text in lines of at most `width`, the first at `top`; returns how many lines. With `measure` shows nothing. */
static unsigned wrap(cairo_t *cairo, const char *text, double left, double top, double width, bool measure)
{
	char line[PICTURE_CAPTION_SIZE] = "";
	unsigned lines = 0;
	cairo_text_extents_t extents;

	while (*text) {
		size_t used = strlen(line), word = strcspn(text, " ");
		size_t blanks = strspn(text + word, " ");

		snprintf(line + used, sizeof(line) - used, "%s%.*s", used ? " " : "", (int)word, text);
		cairo_text_extents(cairo, line, &extents);
		if (used && extents.x_advance > width) {
			line[used] = '\0';
			cairo_move_to(cairo, left, top + CAPTION_LINE * lines++);
			if (!measure)
				cairo_show_text(cairo, line);
			snprintf(line, sizeof(line), "%.*s", (int)word, text);
		}
		text += word + blanks;
	}
	cairo_move_to(cairo, left, top + CAPTION_LINE * lines);
	if (!measure)
		cairo_show_text(cairo, line);
	return lines + 1;
}

static double draw_captions(cairo_t *cairo, const struct picture *picture, double top, double width, bool measure)
{
	unsigned lines = 0;

	draw_font(cairo, DRAW_SMALL_FONT + 1, false);
	for (size_t i = 0; i < picture->caption_count; i++)
		lines += wrap(cairo, picture->captions[i], MARGIN, top + lines * CAPTION_LINE, width - 2 * MARGIN, measure);
	return lines * CAPTION_LINE;
}

static cairo_t *scratch(void)
{
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
	cairo_t *cairo = cairo_create(surface);

	cairo_surface_destroy(surface);
	return cairo;
}

int draw_prepare(struct error *error)
{
	cairo_text_extents_t extents;
	cairo_t *cairo;

	if (cairo_load(error) < 0)
		return -1;
	cairo = scratch();
	draw_font(cairo, DRAW_TITLE_FONT, true);
	cairo_text_extents(cairo, "±2³¹", &extents);
	draw_font(cairo, DRAW_FONT, false);
	cairo_text_extents(cairo, "±2³¹", &extents);
	cairo_destroy(cairo);
	return 0;
}

/* Below and next to the plane: where the captions begin. */
static unsigned caption_top(const struct draw_layout *layout, const struct picture *picture)
{
	unsigned plane = layout->top + (layout->rows + layout->pad_y) * layout->cell + AXIS;
	unsigned legend = TOP + LEGEND_HEAD + (picture->overlay ? LEGEND_BOOKS : 0);

	for (enum shade shade = 0; shade < SHADE_COUNT; shade++)
		legend += draw_in_legend(picture, shade) ? LEGEND_SHADE : 0;
	return (plane > legend ? plane : legend) + CAPTION_LINE;
}

static unsigned legend_left(const struct draw_layout *layout)
{
	return layout->left + (layout->columns + layout->pad_x) * layout->cell + LEGEND_GAP;
}

void draw_layout(const struct picture *picture, struct draw_layout *layout)
{
	const struct map_range *seq = &picture->map->seq.range, *ts = &picture->map->ts.range;
	unsigned longer = (unsigned)(seq->pixels > ts->pixels ? seq->pixels : ts->pixels);
	cairo_t *cairo = scratch();

	memset(layout, 0, sizeof(*layout));
	layout->columns = (unsigned)seq->pixels;
	layout->rows = (unsigned)ts->pixels;
	layout->cell = longer < PLANE_LEAST ? PLANE_LEAST / longer : 1;
	layout->pad_x = map_range_wraps(seq) ? layout->columns / PAD_SHARE : 0;
	layout->pad_y = map_range_wraps(ts) ? layout->rows / PAD_SHARE : 0;
	layout->left = LEFT + layout->pad_x * layout->cell;
	layout->top = TOP + layout->pad_y * layout->cell;
	layout->width = legend_left(layout) + LEGEND;
	layout->height = caption_top(layout, picture) + MARGIN +
			 (unsigned)draw_captions(cairo, picture, 0, layout->width, true);
	cairo_destroy(cairo);
}

static void draw_page(cairo_t *cairo, const struct picture *picture, const struct draw_layout *layout)
{
	cairo_set_source_rgb(cairo, 1, 1, 1);
	cairo_paint(cairo);
	draw_font(cairo, DRAW_TITLE_FONT, true);
	cairo_move_to(cairo, MARGIN, 28);
	cairo_show_text(cairo, picture->title);
	draw_font(cairo, DRAW_FONT, false);
	cairo_move_to(cairo, MARGIN, 50);
	cairo_show_text(cairo, picture->subtitle);
	draw_plane(cairo, picture, layout);
	draw_axes(cairo, picture, layout);
	draw_legend(cairo, picture, legend_left(layout), TOP);
	draw_captions(cairo, picture, caption_top(layout, picture), layout->width, false);
}

/* A file's bytes in memory. */
struct bytes {
	uint8_t *data;
	size_t size, room;
};

static cairo_status_t keep(void *closure, const unsigned char *data, unsigned int size)
{
	struct bytes *bytes = closure;

	if (bytes->size + size > bytes->room) {
		size_t room = 2 * (bytes->size + size);
		uint8_t *larger = realloc(bytes->data, room);

		if (!larger)
			return CAIRO_STATUS_NO_MEMORY;
		bytes->data = larger;
		bytes->room = room;
	}
	memcpy(bytes->data + bytes->size, data, size);
	bytes->size += size;
	return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *open_surface(enum picture_kind kind, const struct draw_layout *layout, struct bytes *bytes)
{
	cairo_surface_t *surface;

	if (kind == PICTURE_PNG)
		return cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)layout->width, (int)layout->height);
	if (kind == PICTURE_PDF)
		return cairo_pdf_surface_create_for_stream(keep, bytes, layout->width, layout->height);
	surface = cairo_svg_surface_create_for_stream(keep, bytes, layout->width, layout->height);
	cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
	return surface;
}

static int render(const struct picture *picture, enum picture_kind kind, const struct draw_layout *layout,
		  struct bytes *bytes, struct error *error)
{
	cairo_surface_t *surface = open_surface(kind, layout, bytes);
	cairo_t *cairo = cairo_create(surface);
	cairo_status_t status;

	draw_page(cairo, picture, layout);
	status = cairo_status(cairo);
	cairo_destroy(cairo);
	if (status == CAIRO_STATUS_SUCCESS && kind == PICTURE_PNG)
		status = cairo_surface_write_to_png_stream(surface, keep, bytes);
	cairo_surface_finish(surface);
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_status(surface);
	cairo_surface_destroy(surface);
	if (status != CAIRO_STATUS_SUCCESS)
		return fail(error, "the picture could not be drawn: %s", cairo_status_to_string(status));
	return 0;
}

int draw_file(const struct picture *picture, enum picture_kind kind, FILE *out, struct error *error)
{
	struct bytes bytes = { NULL, 0, 0 };
	struct draw_layout layout;
	int result;

	draw_layout(picture, &layout);
	result = render(picture, kind, &layout, &bytes, error);
	if (result == 0 && kind == PICTURE_HTML)
		draw_html(picture, &layout, bytes.data, bytes.size, out);
	else if (result == 0)
		fwrite(bytes.data, 1, bytes.size, out);
	if (result == 0)
		result = stream_finish(out, "the picture", error);
	free(bytes.data);
	return result;
}
