/* draw_plane.c - the cells of a map, and what the rule books say, drawn over them. */
#include <string.h>

#include "harness/map/draw_internal.h"

const struct draw_color *draw_color_of(enum shade shade)
{
	static const struct draw_color colors[SHADE_COUNT] = {
		[SHADE_CONTINUED] = { 0x00, 0x72, 0xb2, 25, 'C' },
		[SHADE_FRESH] = { 0x9a, 0xd3, 0xf5, 117, 'F' },
		[SHADE_ACK] = { 0xe6, 0x9f, 0x00, 214, 'a' },
		[SHADE_RST] = { 0xa3, 0x3b, 0x00, 130, 'R' },
		[SHADE_SILENCE] = { 0xec, 0xec, 0xec, 255, '.' },
		[SHADE_STAYS] = { 0xb4, 0xb4, 0xb4, 249, 's' },
		[SHADE_GONE] = { 0x4b, 0x14, 0x5c, 53, 'X' },
		[SHADE_OTHER] = { 0xcc, 0x79, 0xa7, 175, 'o' },
		[SHADE_INCONCLUSIVE] = { 0xf0, 0xe4, 0x42, 227, '?' },
		[SHADE_UNKNOWN] = { 0x6e, 0x6e, 0x6e, 242, ' ' },
	};

	return &colors[shade];
}

/* The plane with its repeated margins: columns from the left, rows from above. */
struct view {
	const struct picture *picture;
	const struct draw_layout *layout;
	int columns, rows;
};

static size_t number_in(const struct view *view, int column, int row)
{
	int columns = (int)view->layout->columns, rows = (int)view->layout->rows;
	int x = (column - (int)view->layout->pad_x + columns) % columns;
	int y = (row - (int)view->layout->pad_y + rows) % rows;

	return map_number_at(view->picture->map, (size_t)x, (size_t)(rows - 1 - y));
}

static double left_of(const struct view *view, int column)
{
	return view->layout->left + (double)((column - (int)view->layout->pad_x) * (int)view->layout->cell);
}

static double top_of(const struct view *view, int row)
{
	return view->layout->top + (double)((row - (int)view->layout->pad_y) * (int)view->layout->cell);
}

/* All cells as one image; each is a square of `cell` pixels, so that no viewer smoothes them into each other. */
static void draw_cells(cairo_t *cairo, const struct view *view)
{
	int side = (int)view->layout->cell;
	cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, view->columns * side, view->rows * side);
	unsigned char *data = cairo_image_surface_get_data(image);
	int stride = cairo_image_surface_get_stride(image);

	cairo_surface_flush(image);
	for (int y = 0; data && y < view->rows * side; y++) {
		for (int x = 0; x < view->columns * side; x++) {
			size_t number = number_in(view, x / side, y / side);
			const struct draw_color *color = draw_color_of((enum shade)view->picture->map->shades[number]);
			uint32_t pixel = (uint32_t)color->red << 16 | (uint32_t)color->green << 8 | color->blue;

			memcpy(data + (size_t)y * (size_t)stride + 4 * (size_t)x, &pixel, sizeof(pixel));
		}
	}
	cairo_surface_mark_dirty(image);
	cairo_set_source_surface(cairo, image, left_of(view, 0), top_of(view, 0));
	cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST);
	cairo_paint(cairo);
	cairo_surface_destroy(image);
}

static bool differ(const struct view *view, enum book book, int column, int row, bool above)
{
	const uint8_t *expected = view->picture->map->expected[book];

	return expected[number_in(view, column, row)] !=
	       expected[number_in(view, column - !above, row - above)];
}

/* Edges between neighbours of which the book expects different answers, joined to long lines so that dashes show. */
static void trace_boundaries(cairo_t *cairo, const struct view *view, enum book book, bool across)
{
	int lines = across ? view->rows : view->columns, length = across ? view->columns : view->rows;

	for (int line = 1; line < lines; line++) {
		for (int from = 0, to; from < length; from = to + 1) {
			for (to = from; to < length; to++)
				if (!differ(view, book, across ? to : line, across ? line : to, across))
					break;
			if (to == from)
				continue;
			cairo_move_to(cairo, left_of(view, across ? from : line), top_of(view, across ? line : from));
			cairo_line_to(cairo, left_of(view, across ? to : line), top_of(view, across ? line : to));
		}
	}
}

void draw_book_line(cairo_t *cairo, enum book book)
{
	static const struct {
		double halo, width, on, off, red, green, blue, halo_gray;
	} lines[BOOK_COUNT] = {
		[BOOK_LINUX] = { 4.4, 2.2, 0, 0, 0, 0, 0, 1 },
		[BOOK_RFC] = { 4.4, 2.4, 9, 9, 1, 1, 1, 0 },
		[BOOK_FOLK] = { 7, 4.6, 0.01, 12, 0.9, 0, 0.5, 1 },
		[BOOK_FREEBSD] = { 5.4, 3, 16, 6, 0.7, 0.1, 0, 1 },
	};
	double dashes[2] = { lines[book].on, lines[book].off };

	cairo_save(cairo);
	cairo_set_dash(cairo, dashes, dashes[1] > 0 ? 2 : 0, 0);
	cairo_set_line_cap(cairo, book == BOOK_FOLK ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT);
	cairo_set_source_rgb(cairo, lines[book].halo_gray, lines[book].halo_gray, lines[book].halo_gray);
	cairo_set_line_width(cairo, lines[book].halo);
	cairo_stroke_preserve(cairo);
	cairo_set_source_rgb(cairo, lines[book].red, lines[book].green, lines[book].blue);
	cairo_set_line_width(cairo, lines[book].width);
	cairo_stroke(cairo);
	cairo_restore(cairo);
}

void draw_book_hatch(cairo_t *cairo, enum book book, double left, double top, double width, double height)
{
	enum { SPACING = 11 };
	double reach = width + height;

	cairo_set_source_rgba(cairo, 0, 0, 0, 0.6);
	cairo_set_line_width(cairo, 1);
	for (double at = 0; at < reach; at += SPACING) {
		if (book == BOOK_FOLK) {
			cairo_move_to(cairo, left + at, top);
			cairo_line_to(cairo, left + at - reach, top + reach);
		} else if (book == BOOK_RFC) {
			cairo_move_to(cairo, left + width - at, top);
			cairo_line_to(cairo, left + width - at + reach, top + reach);
		} else if (book == BOOK_FREEBSD) {
			cairo_move_to(cairo, left + at, top);
			cairo_line_to(cairo, left + at, top + height);
		} else {
			cairo_move_to(cairo, left, top + at);
			cairo_line_to(cairo, left + width, top + at);
		}
	}
	cairo_stroke(cairo);
}

/* Hatched: where the book disagrees with the kernel. */
static void hatch(cairo_t *cairo, const struct view *view, enum book book)
{
	const struct map *map = view->picture->map;
	bool any = false;

	cairo_save(cairo);
	cairo_new_path(cairo);
	for (int row = 0; row < view->rows; row++) {
		for (int from = 0, to; from < view->columns; from = to + 1) {
			for (to = from; to < view->columns; to++) {
				size_t number = number_in(view, to, row);

				if (!map_otherwise(map, book, number))
					break;
			}
			if (to == from)
				continue;
			cairo_rectangle(cairo, left_of(view, from), top_of(view, row),
					left_of(view, to) - left_of(view, from), view->layout->cell);
			any = true;
		}
	}
	if (any) {
		cairo_clip(cairo);
		draw_book_hatch(cairo, book, left_of(view, 0), top_of(view, 0),
				left_of(view, view->columns) - left_of(view, 0),
				top_of(view, view->rows) - top_of(view, 0));
	}
	cairo_restore(cairo);
}

/* Around the cells that the margins repeat; white next to black, visible on every colour. */
static void draw_frame(cairo_t *cairo, const struct draw_layout *layout)
{
	double width = layout->columns * layout->cell, height = layout->rows * layout->cell;

	cairo_rectangle(cairo, layout->left - 1, layout->top - 1, width + 2, height + 2);
	cairo_set_source_rgb(cairo, 1, 1, 1);
	cairo_set_line_width(cairo, 4);
	cairo_stroke_preserve(cairo);
	cairo_set_source_rgb(cairo, 0, 0, 0);
	cairo_set_line_width(cairo, 1);
	cairo_stroke(cairo);
}

void draw_plane(cairo_t *cairo, const struct picture *picture, const struct draw_layout *layout)
{
	struct view view = {
		.picture = picture,
		.layout = layout,
		.columns = (int)(layout->columns + 2 * layout->pad_x),
		.rows = (int)(layout->rows + 2 * layout->pad_y),
	};

	draw_cells(cairo, &view);
	for (enum book book = 0; book < BOOK_COUNT; book++)
		if (picture->overlay & 1U << book)
			hatch(cairo, &view, book);
	draw_frame(cairo, layout);
	for (enum book book = 0; book < BOOK_COUNT; book++) {
		if (!(picture->overlay & 1U << book))
			continue;
		cairo_new_path(cairo);
		trace_boundaries(cairo, &view, book, false);
		trace_boundaries(cairo, &view, book, true);
		draw_book_line(cairo, book);
	}
}
