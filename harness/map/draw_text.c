/* draw_text.c - everything next to the plane: ticks, axis titles, the legend. */
#include <math.h>
#include <stdio.h>

#include "crafter/textbuf.h"
#include "harness/map/draw_internal.h"

void draw_font(cairo_t *cairo, double size, bool strong)
{
	cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
			       strong ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(cairo, size);
	cairo_set_source_rgb(cairo, 0, 0, 0);
}

/* "2^31" with a raised 31, a true minus sign; for labels of axes. */
static const char *number_text(const char *text, char buffer[static DRAW_TEXT_SIZE])
{
	static const char *const raised[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
	struct textbuf out;
	bool up = false;

	textbuf_init(&out, buffer, DRAW_TEXT_SIZE);
	for (; *text && out.length + 8 < DRAW_TEXT_SIZE; text++) {
		char plain[2] = { *text, '\0' };
		const char *piece = plain;

		if (*text == '^') {
			up = true;
			continue;
		}
		up = up && *text >= '0' && *text <= '9';
		if (up)
			piece = raised[*text - '0'];
		else if (*text == '-')
			piece = "−";
		else if (*text == '*')
			piece = "·";
		textbuf_add(&out, "%s", piece);
	}
	return buffer;
}

const char *draw_count(size_t count, char buffer[static DRAW_COUNT_SIZE])
{
	char digits[32];
	int length = snprintf(digits, sizeof(digits), "%zu", count);
	char *at = buffer;

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return buffer;
}

/* The part of the axis that a label takes, in pixels of the picture. */
struct span {
	double from, to;
};

static bool is_free(const struct span *taken, size_t count, const struct span *span)
{
	for (size_t i = 0; i < count; i++)
		if (span->from < taken[i].to && taken[i].from < span->to)
			return false;
	return true;
}

static void draw_tick(cairo_t *cairo, double x, double y, bool upright, double length)
{
	cairo_move_to(cairo, x, y);
	cairo_rel_line_to(cairo, upright ? 0 : -length, upright ? length : 0);
	cairo_set_line_width(cairo, 1);
	cairo_stroke(cairo);
}

/* One axis: its ticks, and as many labels as there is room for, the important ones first. Across: the horizontal one. */
static void draw_ticks(cairo_t *cairo, const struct map_range *range, const struct draw_layout *layout, bool across,
		       double edge)
{
	struct map_tick ticks[MAP_TICKS_MAX];
	struct span taken[MAP_TICKS_MAX];
	size_t count = map_range_ticks(range, ticks), used = 0;
	double end = layout->top + layout->rows * layout->cell;

	draw_font(cairo, DRAW_FONT, false);
	for (unsigned rank = 0; rank <= 2; rank++) {
		for (size_t i = 0; i < count; i++) {
			double at = ticks[i].position * layout->cell;
			double place = across ? layout->left + at : end - at;
			char text[DRAW_TEXT_SIZE];
			cairo_text_extents_t extents;
			struct span span;

			if (ticks[i].rank != rank)
				continue;
			cairo_text_extents(cairo, number_text(ticks[i].text, text), &extents);
			span.from = across ? place - extents.x_advance / 2 - 4 : place - DRAW_FONT * 0.7;
			span.to = across ? place + extents.x_advance / 2 + 4 : place + DRAW_FONT * 0.7;
			draw_tick(cairo, across ? place : edge, across ? edge : place, across, rank < 2 ? 7 : 4);
			if (!is_free(taken, used, &span))
				continue;
			taken[used++] = span;
			cairo_move_to(cairo, across ? place - extents.x_advance / 2 : edge - 10 - extents.x_advance,
				      across ? edge + 10 + DRAW_FONT : place + DRAW_FONT * 0.36);
			cairo_show_text(cairo, text);
		}
	}
}

static void draw_axis_titles(cairo_t *cairo, const struct picture *picture, const struct draw_layout *layout, double bottom)
{
	double width = layout->columns * layout->cell, height = layout->rows * layout->cell;
	cairo_text_extents_t extents;

	draw_font(cairo, DRAW_FONT, false);
	cairo_text_extents(cairo, picture->seq_label, &extents);
	cairo_move_to(cairo, layout->left + width / 2 - extents.x_advance / 2, bottom + 46);
	cairo_show_text(cairo, picture->seq_label);
	cairo_text_extents(cairo, picture->ts_label, &extents);
	cairo_save(cairo);
	cairo_move_to(cairo, 24, layout->top + height / 2 + extents.x_advance / 2);
	cairo_rotate(cairo, -M_PI / 2);
	cairo_show_text(cairo, picture->ts_label);
	cairo_restore(cairo);
}

void draw_axes(cairo_t *cairo, const struct picture *picture, const struct draw_layout *layout)
{
	double left = layout->left - (double)(layout->pad_x * layout->cell);
	double bottom = layout->top + (double)((layout->rows + layout->pad_y) * layout->cell);

	draw_ticks(cairo, &picture->map->seq.range, layout, true, bottom + 1);
	draw_ticks(cairo, &picture->map->ts.range, layout, false, left - 1);
	draw_axis_titles(cairo, picture, layout, bottom);
}

static void draw_swatch(cairo_t *cairo, enum shade shade, double left, double top)
{
	const struct draw_color *color = draw_color_of(shade);

	cairo_rectangle(cairo, left + 0.5, top + 0.5, 26, 15);
	cairo_set_source_rgb(cairo, color->red / 255.0, color->green / 255.0, color->blue / 255.0);
	cairo_fill_preserve(cairo);
	cairo_set_source_rgb(cairo, 0, 0, 0);
	cairo_set_line_width(cairo, 1);
	cairo_stroke(cairo);
}

static void draw_line_of_text(cairo_t *cairo, double left, double base, const char *text)
{
	cairo_move_to(cairo, left, base);
	cairo_show_text(cairo, text);
}

/* A share that is not nothing never reads "0.0 %", nor one that is not all "100.0 %". */
static void write_share(char *text, size_t size, size_t part, size_t all)
{
	double share = all ? 100.0 * (double)part / (double)all : 0;
	char number[DRAW_COUNT_SIZE];

	draw_count(part, number);
	if (part == 0)
		snprintf(text, size, "0");
	else if (share < 0.05)
		snprintf(text, size, "%s (< 0.1 %%)", number);
	else if (part < all && share >= 99.95)
		snprintf(text, size, "%s (> 99.9 %%)", number);
	else
		snprintf(text, size, "%s (%.1f %%)", number, share);
}

bool draw_in_legend(const struct picture *picture, enum shade shade)
{
	bool rare = shade == SHADE_STAYS || shade == SHADE_GONE || shade == SHADE_UNKNOWN;

	return !rare || picture->counts.shades[shade] > 0;
}

/* What a sign of the legend stands for, and below it its share of the cells. */
static void draw_entry(cairo_t *cairo, double left, double top, const char *words, size_t count, size_t cells)
{
	char text[DRAW_TEXT_SIZE * 2];

	draw_font(cairo, DRAW_FONT, false);
	draw_line_of_text(cairo, left, top, words);
	write_share(text, sizeof(text), count, cells);
	draw_font(cairo, DRAW_SMALL_FONT, false);
	cairo_set_source_rgb(cairo, 0.3, 0.3, 0.3);
	draw_line_of_text(cairo, left, top + 14, text);
}

static double draw_shades(cairo_t *cairo, const struct picture *picture, double left, double top)
{
	draw_font(cairo, DRAW_FONT, true);
	draw_line_of_text(cairo, left, top + 12, "The kernel's answer");
	top += 24;
	for (enum shade shade = 0; shade < SHADE_COUNT; shade++) {
		if (!draw_in_legend(picture, shade))
			continue;
		draw_swatch(cairo, shade, left, top);
		draw_entry(cairo, left + 36, top + 12, map_shade_words(shade), picture->counts.shades[shade],
			   picture->map->cells);
		top += 36;
	}
	return top;
}

static double draw_books(cairo_t *cairo, const struct picture *picture, double left, double top)
{
	static const char *const names[BOOK_COUNT] = {
		[BOOK_LINUX] = "linux: the kernel's code", [BOOK_RFC] = "rfc: the standards",
		[BOOK_FOLK] = "folk: the popular rule", [BOOK_FREEBSD] = "freebsd: its code",
	};

	draw_font(cairo, DRAW_FONT, true);
	draw_line_of_text(cairo, left, top + 12, "The boundary of a rule book");
	draw_line_of_text(cairo, left, top + 28, "(hatched: where the book");
	draw_line_of_text(cairo, left, top + 44, "disagrees)");
	top += 58;
	for (enum book book = 0; book < BOOK_COUNT; book++) {
		if (!(picture->overlay & 1U << book))
			continue;
		cairo_save(cairo);
		cairo_rectangle(cairo, left, top + 12, 38, 16);
		cairo_clip(cairo);
		draw_book_hatch(cairo, book, left, top + 12, 38, 16);
		cairo_restore(cairo);
		cairo_new_path(cairo);
		cairo_move_to(cairo, left, top + 6);
		cairo_line_to(cairo, left + 38, top + 6);
		draw_book_line(cairo, book);
		draw_entry(cairo, left + 48, top + 11, names[book], picture->counts.otherwise[book], picture->map->cells);
		top += 40;
	}
	return top;
}

double draw_legend(cairo_t *cairo, const struct picture *picture, double left, double top)
{
	double bottom = draw_shades(cairo, picture, left, top);

	if (picture->overlay)
		bottom = draw_books(cairo, picture, left, bottom + 14);
	return bottom - top;
}
