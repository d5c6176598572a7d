/* draw_blocks.c - a map in characters, for a terminal. */
#include <string.h>

#include "crafter/plain.h"
#include "harness/map/draw_internal.h"
#include "harness/report/text.h"

enum { LABEL_WIDTH = 10 };

static enum shade shade_at(const struct picture *picture, size_t x, size_t y)
{
	return (enum shade)picture->map->shades[map_number_at(picture->map, x, y)];
}

/* The label of the tick in these rows (from below), right-aligned; else blanks. */
static void print_label(const struct picture *picture, size_t low, size_t high, FILE *out)
{
	struct map_tick ticks[MAP_TICKS_MAX];
	size_t count = map_range_ticks(&picture->map->ts.range, ticks), rows = picture->map->ts.range.pixels;
	const struct map_tick *best = NULL;
	char text[sizeof(ticks->text)];

	for (size_t i = 0; i < count; i++) {
		size_t row = ticks[i].position < (double)rows ? (size_t)ticks[i].position : rows - 1;

		if (row >= low && row <= high && (!best || ticks[i].rank < best->rank))
			best = &ticks[i];
	}
	plain_show(best ? best->text : "", text, sizeof(text));
	/* '±' is two bytes and one column. */
	fprintf(out, "%*s%s ", LABEL_WIDTH - (int)strlen(text) + (text[0] == '\xc2'), "", text);
}

static void print_half_blocks(const struct picture *picture, size_t top, FILE *out)
{
	int upper = -1, lower = -1;

	for (size_t x = 0; x < picture->map->seq.range.pixels; x++) {
		int above = draw_color_of(shade_at(picture, x, top))->terminal;
		int below = top ? draw_color_of(shade_at(picture, x, top - 1))->terminal : above;

		if (above != upper || below != lower)
			fprintf(out, "\033[38;5;%d;48;5;%dm", above, below);
		upper = above;
		lower = below;
		fputs("▀", out);
	}
	fputs("\033[0m\n", out);
}

/* Labels where there is room, the important ones first; each under its column. */
static void print_scale(const struct picture *picture, FILE *out)
{
	struct map_tick ticks[MAP_TICKS_MAX];
	size_t columns = picture->map->seq.range.pixels, count = map_range_ticks(&picture->map->seq.range, ticks);
	char line[MAP_PIXELS_MAX + 2 * LABEL_WIDTH + 1];
	/* A label at the edge may begin further left, so that it ends with the plane or a column later. */
	size_t width = columns + (size_t)LABEL_WIDTH + 2;

	memset(line, ' ', width);
	line[width] = '\0';
	for (unsigned rank = 0; rank <= 2; rank++) {
		for (size_t i = 0; i < count; i++) {
			/* '±' is one byte until the end. */
			char shown[sizeof(ticks->text)];
			const char *whole = plain_show(ticks[i].text, shown, sizeof(shown));
			const char *text = whole[0] == '\xc2' ? whole + 1 : whole;
			size_t length = strlen(text), start = (size_t)LABEL_WIDTH + 1 + (size_t)ticks[i].position - length / 2;

			if (start + length > width)
				start = width - length;
			if (ticks[i].rank != rank || strspn(line + start - 1, " ") < length + (start + length < width ? 2 : 1))
				continue;
			memcpy(line + start, text, length);
		}
	}
	while (width && line[width - 1] == ' ')
		line[--width] = '\0';
	for (const char *at = line; *at; at++) {
		if (*at == '\xb1')
			fputs("\xc2", out);
		fwrite(at, 1, 1, out);
	}
	fputc('\n', out);
}

static void print_legend(const struct picture *picture, bool color, FILE *out)
{
	char number[DRAW_COUNT_SIZE];

	for (enum shade shade = 0; shade < SHADE_COUNT; shade++) {
		const struct draw_color *look = draw_color_of(shade);

		if (!picture->counts.shades[shade])
			continue;
		if (color)
			fprintf(out, "\033[48;5;%dm    \033[0m", look->terminal);
		else
			fprintf(out, "%c   ", look->letter);
		fprintf(out, " %-20s %12s\n", map_shade_words(shade), draw_count(picture->counts.shades[shade],
										 number));
	}
	for (enum book book = 0; book < BOOK_COUNT; book++)
		if (picture->overlay & 1U << book)
			fprintf(out, "     %-7s disagrees %14s\n", oracle_book_name(book),
				draw_count(picture->counts.otherwise[book], number));
}

void draw_blocks(const struct picture *picture, bool color, FILE *out)
{
	size_t rows = picture->map->ts.range.pixels, step = color ? 2 : 1;

	text_wrap(out, picture->title, 0, 2);
	text_wrap(out, picture->subtitle, 0, 2);
	fprintf(out, "up: %s\n", picture->ts_label);
	for (size_t top = rows; top > 0; top = top > step ? top - step : 0) {
		size_t low = top >= step ? top - step : 0;

		print_label(picture, low, top - 1, out);
		if (color) {
			print_half_blocks(picture, top - 1, out);
			continue;
		}
		for (size_t x = 0; x < picture->map->seq.range.pixels; x++)
			fputc(draw_color_of(shade_at(picture, x, top - 1))->letter, out);
		fputc('\n', out);
	}
	print_scale(picture, out);
	fprintf(out, "right: %s\n\n", picture->seq_label);
	print_legend(picture, color, out);
	for (size_t i = 0; i < picture->caption_count; i++)
		text_wrap(out, picture->captions[i], 0, 2);
}
