/* command_map.c - twprobe map [OPTIONS] [HOST:PORT] -o FILE: the answers over seq and TSval as a picture. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crafter/plain.h"
#include "crafter/stream.h"
#include "crafter/textbuf.h"
#include "harness/commands/commands.h"
#include "harness/commands/map_caption.h"
#include "harness/commands/message.h"
#include "harness/commands/output.h"
#include "harness/commands/session_cells.h"
#include "harness/engine/guest.h"
#include "harness/map/draw.h"
#include "harness/report/text.h"
#include "harness/run/defaults.h"

enum {
	SIZE = 512,                   /* cells of a picture's sides, by default */
	PLAIN_HEIGHT = 32,            /* in lines, where no terminal has a height */
	BESIDE = 13, BELOW = 19,      /* columns and lines of a terminal that are not the plane's */
	LONG_RUN_S = 60,
};

/* All of a map's making. */
struct map_session {
	const struct options *options;
	struct map map;
	struct refine *refine;  /* NULL: every cell is asked */
	struct matrix *matrix;
	size_t *numbers;        /* refine: of the cells in `matrix` */
	struct picture picture;
	struct map_caption caption;
	enum picture_kind kind;
	struct output *output;
	FILE *file;
	bool drawn;
};

static int find_kind(const char *path, enum picture_kind *kind, struct error *error)
{
	static const char *const endings[] = {
		[PICTURE_PNG] = ".png", [PICTURE_SVG] = ".svg", [PICTURE_PDF] = ".pdf", [PICTURE_HTML] = ".html",
	};
	size_t length = path ? strlen(path) : 0;

	if (!path)
		return fail(error, "map: no output file; expected -o FILE.png, .svg, .pdf or .html, or -o - for this terminal");
	*kind = PICTURE_BLOCKS;
	if (strcmp(path, "-") == 0)
		return 0;
	for (*kind = PICTURE_PNG; *kind <= PICTURE_HTML; (*kind)++)
		if (length > strlen(endings[*kind]) &&
		    strcasecmp(path + length - strlen(endings[*kind]), endings[*kind]) == 0)
			return 0;
	return fail(error, "-o %s: the name must end in .png, .svg, .pdf or .html, or be - for this terminal", path);
}

/* Options that cannot be combined. */
static int check(const struct options *options, enum picture_kind *kind, struct error *error)
{
	if (find_kind(options->map.output, kind, error) < 0)
		return -1;
	if (options->format == FORMAT_JSON && *kind == PICTURE_BLOCKS)
		return fail(error, "-o - and --format=json would both go to standard output; give -o a file");
	return 0;
}

/* Before anything is sent, and while we may still write where our user may. What is there stays until the new picture is. */
static int open_file(struct map_session *drawing, struct error *error)
{
	drawing->file = stdout;
	if (drawing->kind == PICTURE_BLOCKS || guest_worker() >= 0)
		return 0;
	drawing->output = output_open_whole("-o ", drawing->options->map.output, error);
	if (!drawing->output)
		return -1;
	drawing->file = fdopen(dup(output_descriptor(drawing->output)), "w");
	return drawing->file ? 0 : fail(error, "-o %s: %s", drawing->options->map.output, strerror(errno));
}

/* After an error that is not one of the command line, also reports what became of the file. */
static void close_file(struct map_session *drawing, int code)
{
	if (drawing->output && !drawing->drawn && code != EXIT_USAGE && !drawing->options->quiet)
		message_note("%.200s was not written", drawing->options->map.output);
	if (drawing->file && drawing->file != stdout)
		fclose(drawing->file);
	output_close(drawing->output);
}

static size_t within(size_t value, size_t least, size_t most)
{
	return value < least ? least : value > most ? most : value;
}

static void choose_size(const struct map_session *drawing, size_t *width, size_t *height)
{
	struct winsize window;
	bool color = options_color(drawing->options) && !plain_is_ascii();

	*width = *height = SIZE;
	if (drawing->kind != PICTURE_BLOCKS)
		return;
	*width = within(text_columns(stdout) - BESIDE, 16, 256);
	*height = PLAIN_HEIGHT;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_row > BELOW)
		*height = within(window.ws_row - (size_t)BELOW, 16, 128);
	/* Half blocks are as wide as they are high, letters twice as high. */
	*height *= color ? 2 : 1;
}

static int open_map(struct map_session *drawing, struct error *error)
{
	struct map_range seq = drawing->options->map.seq, ts = drawing->options->map.ts;

	if (seq.pixels == 0)
		choose_size(drawing, &seq.pixels, &ts.pixels);
	drawing->picture.map = &drawing->map;
	drawing->picture.overlay = drawing->options->map.overlay;
	if (map_open(&drawing->map, &seq, &ts, error) < 0)
		return -1;
	drawing->map.books |= drawing->picture.overlay;
	if (!drawing->options->map.refine)
		return 0;
	drawing->refine = map_refine_open(&drawing->map, error);
	drawing->numbers = calloc(drawing->map.cells, sizeof(*drawing->numbers));
	if (drawing->refine && !drawing->numbers)
		fail(error, "out of memory for %zu cells", drawing->map.cells);
	return drawing->refine && drawing->numbers ? 0 : -1;
}

static void write_offsets(const struct map_axis *axis, struct offset *offsets)
{
	for (size_t i = 0; i < axis->count; i++)
		offsets[i] = (struct offset){ .form = OFFSET_NUMBER, .value = axis->offsets[i] };
}

static struct matrix *make_plane(const struct map_session *drawing, struct error *error)
{
	static struct offset seqs[MAP_PIXELS_MAX], tss[MAP_PIXELS_MAX];
	const struct map *map = &drawing->map;

	write_offsets(&map->seq, seqs);
	write_offsets(&map->ts, tss);
	return matrix_plane(&drawing->options->cell, seqs, map->seq.count, tss, map->ts.count, error);
}

/* The cells to ask: all, or those that refine wants next. NULL: none are left, or an error. */
static struct matrix *next_matrix(void *context, struct error *error)
{
	struct map_session *drawing = context;
	bool first = !drawing->matrix;
	size_t count = 0;

	if (drawing->refine)
		count = map_refine_next(drawing->refine, drawing->numbers);
	if (!first && count == 0)
		return NULL;
	matrix_free(drawing->matrix);
	drawing->matrix = make_plane(drawing, error);
	if (drawing->matrix && drawing->refine && matrix_pick(drawing->matrix, drawing->numbers, count, error) < 0)
		return NULL;
	return drawing->matrix;
}

static int take_record(void *context, const struct record *record, struct error *error)
{
	struct map_session *drawing = context;

	(void)error;
	map_put(&drawing->map, drawing->refine ? drawing->numbers[record->number] : record->number, map_shade_of(record));
	return 0;
}

static void begin(void *context, const struct run_facts *facts, const struct kernel *kernel)
{
	struct map_session *drawing = context;

	(void)facts;
	map_expect(&drawing->map, &drawing->options->cell, kernel);
}

/* For who wants to read the picture by program. */
static void print_layout(const struct picture *picture)
{
	struct draw_layout layout;

	draw_layout(picture, &layout);
	message_note("%ux%u pixels; the plane begins at %u,%u from the upper left, a cell is %ux%u", layout.width,
		     layout.height, layout.left, layout.top, layout.cell, layout.cell);
}

/* "wrote plane.png: 512 x 512 pixels, 34,560 bytes; 262,144 cells probed in 12.3 s, 2 of them inconclusive" */
static void print_written(const struct map_session *drawing, const struct tally *tally)
{
	const struct map_counts *counts = &drawing->picture.counts;
	const struct map *map = &drawing->map;
	char bytes[DRAW_COUNT_SIZE], asked[DRAW_COUNT_SIZE], number[DRAW_COUNT_SIZE], line[512];
	struct stat file = { 0 };
	struct textbuf text;

	fflush(drawing->file);
	fstat(fileno(drawing->file), &file);
	textbuf_init(&text, line, sizeof(line));
	textbuf_add(&text, "wrote %.200s: %zu x %zu points, %s bytes; %s cells probed in %.1f s",
		    drawing->options->map.output, map->seq.range.pixels, map->ts.range.pixels,
		    draw_count((size_t)file.st_size, bytes), draw_count(counts->asked, asked),
		    (double)(tally->ended_ns - tally->begun_ns) / 1e9);
	if (counts->shades[SHADE_INCONCLUSIVE])
		textbuf_add(&text, ", %s inconclusive", draw_count(counts->shades[SHADE_INCONCLUSIVE], number));
	if (counts->shades[SHADE_UNKNOWN])
		textbuf_add(&text, "; interrupted, %s are unknown", draw_count(counts->shades[SHADE_UNKNOWN], number));
	text_message(stderr, "twprobe: ", line);
}

static int draw(void *context, const struct run_facts *facts, const struct tally *tally, struct error *error)
{
	struct map_session *drawing = context;
	struct picture *picture = &drawing->picture;

	map_count(&drawing->map, &picture->counts);
	map_caption_write(&drawing->caption, picture, facts, tally);
	if (drawing->kind == PICTURE_BLOCKS) {
		draw_blocks(picture, options_color(drawing->options) && !plain_is_ascii(), drawing->file);
		return stream_finish(drawing->file, "the map", error);
	}
	if (ftruncate(fileno(drawing->file), 0) < 0 && errno != EINVAL)
		return fail(error, "-o %s: %s", drawing->options->map.output, strerror(errno));
	if (drawing->options->verbose)
		print_layout(picture);
	if (draw_file(picture, drawing->kind, drawing->file, error) < 0)
		return fail_in(error, drawing->options->map.output);
	if (fflush(drawing->file) == EOF || output_keep(drawing->output) < 0)
		return fail(error, "-o %.300s: the picture cannot take its place", drawing->options->map.output);
	drawing->drawn = true;
	if (!drawing->options->quiet)
		print_written(drawing, tally);
	return 0;
}

static void warn(const struct map_session *drawing)
{
	const struct options *options = drawing->options;
	double rate = options->rate > 0 ? options->rate : GENTLE_RATE, seconds = (double)drawing->map.cells / rate;

	if (options->quiet || !options->target || isinf(options->rate) || seconds < LONG_RUN_S || options->map.refine)
		return;
	message_note("%zu cells at %g a second take %.0f minutes; --refine probes fewer, --rate=N probes faster",
		     drawing->map.cells, rate, ceil(seconds / 60));
}

static int map_all(struct map_session *drawing)
{
	struct session_extras extras = {
		.sink = take_record, .silent = drawing->options->format != FORMAT_JSON,
		.begin = begin, .next = next_matrix, .done = draw, .context = drawing,
	};
	struct error error = { "" };

	if (open_map(drawing, &error) < 0)
		return message_error(error.text, EXIT_CANNOT_RUN);
	if (open_file(drawing, &error) < 0)
		return message_failed(&error, EXIT_USAGE);
	if (!next_matrix(drawing, &error))
		return message_error(error.text, EXIT_CANNOT_RUN);
	if (drawing->kind != PICTURE_BLOCKS && draw_prepare(&error) < 0)
		return message_error(error.text, EXIT_CANNOT_RUN);
	warn(drawing);
	extras.cells = drawing->map.cells;
	return session_cells(drawing->options, drawing->matrix, "map", false, &extras);
}

int command_map(struct options *options)
{
	struct map_session drawing = { .options = options };
	struct error error;
	int code;

	if (check(options, &drawing.kind, &error) < 0)
		return message_failed(&error, EXIT_USAGE);
	options->no_witness = true; /* its answers would not be shown, and cost half the speed */
	drawing.caption = (struct map_caption){ .options = options, .argc = options->argc, .argv = options->argv };
	code = map_all(&drawing);
	close_file(&drawing, code);
	map_refine_close(drawing.refine);
	matrix_free(drawing.matrix);
	free(drawing.numbers);
	map_close(&drawing.map);
	return code;
}
