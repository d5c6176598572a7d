/* test_draw.c - a map as a picture: which colour is where, what the page and the characters say of it. */
#include <cairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/map/draw.h"

#include "tests/unit/suite.h"

#define HALF (INT64_C(1) << 31)

/* fontconfig keeps what it has read until the process ends. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\n";
}

enum { COLUMNS = 16, LINES = 16 };

struct drawn {
	struct map map;
	struct picture picture;
	char *data; /* what was written, with a NUL behind it */
	size_t size;
};

/* A map of the whole circle (or of a part of it) whose every cell was asked; all shades are in it, in no order. */
static void open_map(struct drawn *drawn, bool whole)
{
	struct map_range seq = { SCALE_LINEAR, whole ? -HALF : -1000, whole ? HALF - 1 : 1000, COLUMNS };
	struct map_range ts = { SCALE_LINEAR, whole ? -HALF : -1000, whole ? HALF - 1 : 1000, LINES };
	struct kernel kernel = { .timestamps = true };
	struct cell cell;

	memset(drawn, 0, sizeof(*drawn));
	ck_assert_int_eq(map_open(&drawn->map, &seq, &ts, NULL), 0);
	cell_default(&cell);
	kernel_parse("6.18.0", &kernel);
	drawn->map.books |= 1U << BOOK_FREEBSD;
	map_expect(&drawn->map, &cell, &kernel);
	for (size_t i = 0; i < drawn->map.cells; i++)
		map_put(&drawn->map, i, (enum shade)(i * 7 % SHADE_COUNT));
	drawn->picture.map = &drawn->map;
	map_count(&drawn->map, &drawn->picture.counts);
	snprintf(drawn->picture.title, sizeof(drawn->picture.title), "SYN <in> \"TIME-WAIT\" & so on");
	snprintf(drawn->picture.subtitle, sizeof(drawn->picture.subtitle), "with timestamps");
	snprintf(drawn->picture.seq_label, sizeof(drawn->picture.seq_label), "the seq axis");
	snprintf(drawn->picture.ts_label, sizeof(drawn->picture.ts_label), "the ts axis");
	drawn->picture.caption_count = 1;
	snprintf(drawn->picture.captions[0], PICTURE_CAPTION_SIZE, "A caption.");
}

static void draw(struct drawn *drawn, enum picture_kind kind)
{
	FILE *out = open_memstream(&drawn->data, &drawn->size);
	struct error error = { "" };

	if (kind == PICTURE_BLOCKS)
		draw_blocks(&drawn->picture, false, out);
	else
		ck_assert_msg(draw_file(&drawn->picture, kind, out, &error) == 0, "%s", error.text);
	fclose(out);
}

static void close_map(struct drawn *drawn)
{
	map_close(&drawn->map);
	free(drawn->data);
}

struct source {
	const char *data;
	size_t at, size;
};

static cairo_status_t read_more(void *closure, unsigned char *data, unsigned length)
{
	struct source *source = closure;

	if (length > source->size - source->at)
		return CAIRO_STATUS_READ_ERROR;
	memcpy(data, source->data + source->at, length);
	source->at += length;
	return CAIRO_STATUS_SUCCESS;
}

/* The picture as a program that shows it would see it. */
static cairo_surface_t *seen(const struct drawn *drawn)
{
	struct source source = { drawn->data, 0, drawn->size };
	cairo_surface_t *surface = cairo_image_surface_create_from_png_stream(read_more, &source);

	ck_assert_int_eq(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS);
	cairo_surface_flush(surface);
	return surface;
}

static bool has_color(cairo_surface_t *surface, unsigned x, unsigned y, enum shade shade)
{
	const struct draw_color *color = draw_color_of(shade);
	uint32_t pixel;

	memcpy(&pixel, cairo_image_surface_get_data(surface) +
	       (size_t)y * (size_t)cairo_image_surface_get_stride(surface) + 4 * (size_t)x, sizeof(pixel));
	return (pixel & 0xffffff) == ((uint32_t)color->red << 16 | (uint32_t)color->green << 8 | color->blue);
}

/* The middle of a cell, x from the left and y from above, which may lie in the margins. */
static bool cell_is(cairo_surface_t *surface, const struct draw_layout *layout, int x, int y, enum shade shade)
{
	int cell = (int)layout->cell;

	return has_color(surface, (unsigned)((int)layout->left + x * cell + cell / 2),
			 (unsigned)((int)layout->top + y * cell + cell / 2), shade);
}

static enum shade shade_at(const struct map *map, int x, int y)
{
	return (enum shade)map->shades[map_number_at(map, (size_t)x, (size_t)(LINES - 1 - y))];
}

/* Every cell has its colour, rows from above falling; around a whole circle the opposite edge is repeated. */
START_TEST(each_cell_has_its_colour)
{
	bool whole = _i == 1;
	struct drawn drawn;
	struct draw_layout layout;
	cairo_surface_t *surface;

	open_map(&drawn, whole);
	draw(&drawn, PICTURE_PNG);
	draw_layout(&drawn.picture, &layout);
	surface = seen(&drawn);
	ck_assert_uint_eq((unsigned)cairo_image_surface_get_width(surface), layout.width);
	ck_assert_uint_eq((unsigned)cairo_image_surface_get_height(surface), layout.height);
	for (int y = 0; y < LINES; y++)
		for (int x = 0; x < COLUMNS; x++)
			ck_assert_msg(cell_is(surface, &layout, x, y, shade_at(&drawn.map, x, y)), "cell %d, %d", x, y);
	ck_assert_uint_eq(layout.pad_x > 0, whole);
	ck_assert_uint_eq(layout.pad_y > 0, whole);
	for (int x = 0; x < (int)layout.pad_x; x++) {
		ck_assert(cell_is(surface, &layout, -1 - x, 3, shade_at(&drawn.map, COLUMNS - 1 - x, 3)));
		ck_assert(cell_is(surface, &layout, COLUMNS + x, 3, shade_at(&drawn.map, x, 3)));
	}
	for (int y = 0; y < (int)layout.pad_y; y++) {
		ck_assert(cell_is(surface, &layout, 5, -1 - y, shade_at(&drawn.map, 5, LINES - 1 - y)));
		ck_assert(cell_is(surface, &layout, 5, LINES + y, shade_at(&drawn.map, 5, y)));
	}
	cairo_surface_destroy(surface);
	close_map(&drawn);
}
END_TEST

/* How many pixels of a cell are not its colour: what is drawn over it. */
static unsigned drawn_over(cairo_surface_t *surface, const struct draw_layout *layout, int x, int y, enum shade shade)
{
	unsigned count = 0;

	/* Not at its edges, where boundaries run. */
	for (unsigned i = 5; i + 5 < layout->cell; i++)
		for (unsigned j = 5; j + 5 < layout->cell; j++)
			count += !has_color(surface, layout->left + (unsigned)x * layout->cell + i,
					    layout->top + (unsigned)y * layout->cell + j, shade);
	return count;
}

/* A book hatches the cells where it disagrees, and no others. */
START_TEST(a_book_hatches_where_it_says_otherwise)
{
	enum book book = (enum book)_i;
	unsigned hatched = 0, clean = 0;
	struct drawn drawn;
	struct draw_layout layout;
	cairo_surface_t *surface;

	open_map(&drawn, false);
	drawn.picture.overlay = 1U << book;
	draw(&drawn, PICTURE_PNG);
	draw_layout(&drawn.picture, &layout);
	surface = seen(&drawn);
	for (int y = 0; y < LINES; y++) {
		for (int x = 0; x < COLUMNS; x++) {
			size_t number = map_number_at(&drawn.map, (size_t)x, (size_t)(LINES - 1 - y));
			bool otherwise = map_otherwise(&drawn.map, book, number);
			unsigned over = drawn_over(surface, &layout, x, y, shade_at(&drawn.map, x, y));

			if (!otherwise)
				ck_assert_msg(over == 0, "cell %d, %d is drawn over", x, y);
			hatched += otherwise && over > 0;
			clean += otherwise && over == 0;
		}
	}
	ck_assert_uint_gt(hatched, 0);
	ck_assert_uint_eq(clean, 0);
	cairo_surface_destroy(surface);
	close_map(&drawn);
}
END_TEST

START_TEST(file_formats)
{
	char wanted[80];
	struct draw_layout layout;
	struct drawn drawn;

	open_map(&drawn, false);
	draw_layout(&drawn.picture, &layout);
	draw(&drawn, PICTURE_PDF);
	ck_assert_int_eq(memcmp(drawn.data, "%PDF-", 5), 0);
	free(drawn.data);
	draw(&drawn, PICTURE_SVG);
	ck_assert_ptr_nonnull(strstr(drawn.data, "<svg"));
	snprintf(wanted, sizeof(wanted), "viewBox=\"0 0 %u %u\"", layout.width, layout.height);
	ck_assert_ptr_nonnull(strstr(drawn.data, wanted));
	close_map(&drawn);
}
END_TEST

/* What cannot be written is no picture. */
START_TEST(a_full_disk)
{
	FILE *full = fopen("/dev/full", "w");
	struct error error = { "" };
	struct drawn drawn;

	ck_assert_ptr_nonnull(full);
	open_map(&drawn, false);
	ck_assert_int_eq(draw_file(&drawn.picture, PICTURE_PNG, full, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "No space left on device"));
	fclose(full);
	close_map(&drawn);
}
END_TEST

/* More captions make the page longer, and not wider. */
START_TEST(captions_have_room)
{
	struct draw_layout before, after;
	struct drawn drawn;
	char *text;

	open_map(&drawn, false);
	draw_layout(&drawn.picture, &before);
	text = drawn.picture.captions[drawn.picture.caption_count++];
	for (int i = 0; i < 100; i++)
		snprintf(text + strlen(text), PICTURE_CAPTION_SIZE - strlen(text), "%sword", i ? " " : "");
	draw_layout(&drawn.picture, &after);
	ck_assert_uint_eq(after.width, before.width);
	ck_assert_uint_gt(after.height, before.height + 16);
	draw(&drawn, PICTURE_PNG);
	close_map(&drawn);
}
END_TEST

/* The page's script has the shade of each pixel, rows from above, as letters with how often each comes in a row. */
static void assert_shades(const struct drawn *drawn)
{
	const char *at = strstr(drawn->data, "] of \"");
	size_t pixel = 0;

	ck_assert_ptr_nonnull(at);
	for (at += strlen("] of \""); *at != '"';) {
		int shade = *at - 'A';
		char *end;
		size_t times = strtoul(at + 1, &end, 10);

		ck_assert_uint_gt(times, 0);
		for (at = end; times-- > 0; pixel++)
			ck_assert_int_eq(shade_at(&drawn->map, (int)(pixel % COLUMNS), (int)(pixel / COLUMNS)), shade);
	}
	ck_assert_uint_eq(pixel, COLUMNS * LINES);
}

/* The picture within the page is a whole one. Not compared: cairo numbers its parts, and begins at another number each time. */
static void assert_picture(const char *page, const char *size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = strstr(page, ";base64,");
	char *svg = calloc(1, strlen(page));
	uint32_t bits = 0;
	size_t used = 0;
	int count = 0;

	ck_assert_ptr_nonnull(at);
	for (at += strlen(";base64,"); *at != '"' && *at != '='; at++) {
		ck_assert_ptr_nonnull(strchr(digits, *at));
		bits = bits << 6 | (uint32_t)(strchr(digits, *at) - digits);
		count += 6;
		if (count >= 8)
			svg[used++] = (char)(bits >> (count -= 8));
	}
	ck_assert_uint_eq(strspn(at, "="), (3 - used % 3) % 3);
	ck_assert_ptr_nonnull(strstr(svg, size));
	ck_assert_str_eq(svg + used - strlen("</svg>\n"), "</svg>\n");
	free(svg);
}

START_TEST(the_page)
{
	char number[DRAW_COUNT_SIZE], row[200];
	struct draw_layout layout;
	struct drawn drawn;

	open_map(&drawn, false);
	draw_layout(&drawn.picture, &layout);
	draw(&drawn, PICTURE_HTML);
	snprintf(row, sizeof(row), "viewBox=\"0 0 %u %u\"", layout.width, layout.height);
	assert_picture(drawn.data, row);
	assert_shades(&drawn);
	ck_assert_ptr_nonnull(strstr(drawn.data, "<title>SYN &#60;in&#62; &#34;TIME-WAIT&#34; &#38; so on</title>"));
	for (enum shade shade = 0; shade < SHADE_COUNT; shade++) {
		snprintf(row, sizeof(row), "<td>%s</td><td class=\"n\">%s</td>", map_shade_words(shade),
			 draw_count(drawn.picture.counts.shades[shade], number));
		ck_assert_ptr_nonnull(strstr(drawn.data, row));
	}
	close_map(&drawn);
}
END_TEST

START_TEST(characters)
{
	struct drawn drawn;
	char *line;

	open_map(&drawn, false);
	draw(&drawn, PICTURE_BLOCKS);
	line = strstr(drawn.data, "up: the ts axis\n");
	ck_assert_ptr_nonnull(line);
	for (int y = 0; y < LINES; y++) {
		line = strchr(line, '\n') + 1;
		for (int x = 0; x < COLUMNS; x++)
			ck_assert_int_eq(line[11 + x], draw_color_of(shade_at(&drawn.map, x, y))->letter);
		ck_assert_int_eq(line[11 + COLUMNS], '\n');
	}
	/* The topmost tick of -1000 to 1000 is the high end's, in the first row; 0 is at the bottom, under the middle. */
	ck_assert_ptr_nonnull(strstr(drawn.data, "+1000 "));
	line = strchr(line, '\n') + 1;
	ck_assert_int_eq(line[11 + COLUMNS / 2], '0');
	ck_assert_ptr_nonnull(strstr(drawn.data, "right: the seq axis\n"));
	ck_assert_ptr_nonnull(strstr(drawn.data, "A caption."));
	close_map(&drawn);
}
END_TEST

/* In colour a character has two cells above each other: the upper one's colour before, the lower one's behind it. */
START_TEST(half_blocks)
{
	struct drawn drawn;
	FILE *out;
	char *line;

	open_map(&drawn, false);
	drawn.picture.overlay = 1U << BOOK_RFC;
	out = open_memstream(&drawn.data, &drawn.size);
	draw_blocks(&drawn.picture, true, out);
	fclose(out);
	line = strstr(drawn.data, "up: the ts axis\n");
	for (int y = 0; y < LINES; y += 2) {
		int upper = -1, lower = -1;

		line = strchr(line, '\n') + 1 + 11;
		for (int x = 0; x < COLUMNS; x++) {
			if (*line == '\033')
				ck_assert_int_eq(sscanf(line, "\033[38;5;%d;48;5;%dm", &upper, &lower), 2);
			line = strstr(line, "▀") + strlen("▀");
			ck_assert_int_eq(upper, draw_color_of(shade_at(&drawn.map, x, y))->terminal);
			ck_assert_int_eq(lower, draw_color_of(shade_at(&drawn.map, x, y + 1))->terminal);
		}
	}
	ck_assert_ptr_nonnull(strstr(line, "rfc     disagrees"));
	close_map(&drawn);
}
END_TEST

static const struct {
	size_t count;
	const char *text;
} counts[] = {
	{ 0, "0" }, { 999, "999" }, { 1000, "1,000" }, { 262144, "262,144" }, { 16777216, "16,777,216" },
};

START_TEST(counts_have_commas)
{
	char text[DRAW_COUNT_SIZE];

	ck_assert_str_eq(draw_count(counts[_i].count, text), counts[_i].text);
}
END_TEST

/* Two shades of one letter, or of one colour, could not be told apart. */
START_TEST(shades_differ)
{
	for (enum shade a = 0; a < SHADE_COUNT; a++) {
		for (enum shade b = a + 1; b < SHADE_COUNT; b++) {
			const struct draw_color *one = draw_color_of(a), *other = draw_color_of(b);

			ck_assert_int_ne(one->letter, other->letter);
			ck_assert_int_ne(one->terminal, other->terminal);
			ck_assert(one->red != other->red || one->green != other->green || one->blue != other->blue);
			ck_assert_str_ne(map_shade_words(a), map_shade_words(b));
		}
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("draw");
	struct error error;

	if (draw_prepare(&error) < 0) {
		fprintf(stderr, "test_draw: %s\n", error.text);
		return 1;
	}
	tcase_add_loop_test(tcase, each_cell_has_its_colour, 0, 2);
	tcase_add_loop_test(tcase, a_book_hatches_where_it_says_otherwise, 0, BOOK_COUNT);
	tcase_add_test(tcase, file_formats);
	tcase_add_test(tcase, a_full_disk);
	tcase_add_test(tcase, captions_have_room);
	tcase_add_test(tcase, the_page);
	tcase_add_test(tcase, characters);
	tcase_add_test(tcase, half_blocks);
	tcase_add_loop_test(tcase, counts_have_commas, 0, ROWS(counts));
	tcase_add_test(tcase, shades_differ);
	return run_suite("draw", tcase, NULL);
}
