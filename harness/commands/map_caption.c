/* map_caption.c - title, axis titles and captions. */
#include "harness/commands/map_caption.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "cases/matrix/axes.h"
#include "crafter/plain.h"

/* Appends to a text that may be full already. */
static void __attribute__((format(printf, 3, 4))) add(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + used, size - used, format, arguments);
	va_end(arguments);
}

static char *new_caption(struct picture *picture)
{
	char *text = picture->captions[picture->caption_count++];

	text[0] = '\0';
	return text;
}

/* "time-wait" as "TIME-WAIT", as the RFCs write it. */
static void add_upper(char *text, size_t size, const char *name)
{
	size_t used = strlen(text);

	for (; *name && used + 1 < size; name++)
		text[used++] = (char)toupper((unsigned char)*name);
	text[used] = '\0';
}

static void write_title(const struct options *options, struct picture *picture, const struct run_facts *facts)
{
	char *title = picture->title;

	title[0] = '\0';
	add_upper(title, PICTURE_TITLE_SIZE, stimulus_kind_name(options->cell.stimulus.kind));
	add(title, PICTURE_TITLE_SIZE, " in ");
	add_upper(title, PICTURE_TITLE_SIZE, state_name(options->cell.state));
	if (options->target)
		add(title, PICTURE_TITLE_SIZE, ": what %s answers", facts->target);
	else
		add(title, PICTURE_TITLE_SIZE, ": what Linux %s answers", facts->kernel);
}

/* What the picture's points have in common, as in their names; the state and the kind of the segment are the title. */
static void write_subtitle(const struct cell *cell, struct picture *picture)
{
	char part[CELL_NAME_SIZE], *text = picture->subtitle;

	text[0] = '\0';
	if (cell->state != STATE_LISTEN)
		add(text, PICTURE_TITLE_SIZE, "%s timestamps on the connection",
		    cell->connection_timestamps ? "with" : "without");
	for (const struct axis *axis = axes_next_in_name(NULL); axis; axis = axes_next_in_name(axis)) {
		if (axis->always || axis->id == AXIS_CONNECTION_TIMESTAMPS || axes_is_normal(axis, cell))
			continue;
		axis->type->format(axis, axes_value(axis, cell), part, sizeof(part));
		add(text, PICTURE_TITLE_SIZE, "%s%s", *text ? ", " : "", part);
	}
}

/* Those of the cell override those that the lab began with. */
static void add_sysctls(const struct cell *cell, struct picture *picture, const struct run_facts *facts)
{
	char *text = new_caption(picture);

	if (facts->kernel)
		add(text, PICTURE_CAPTION_SIZE, "Kernel %s (%s).", facts->kernel, facts->target);
	else
		add(text, PICTURE_CAPTION_SIZE, "Target %s.", facts->target);
	for (size_t i = 0; i < facts->sysctl_count; i++) {
		const char *own = conditions_value(&cell->conditions, facts->sysctls[i].name, true);

		add(text, PICTURE_CAPTION_SIZE, " %s=%s", facts->sysctls[i].name, own ? own : facts->sysctls[i].value);
	}
}

static void add_counts(const struct options *options, struct picture *picture, const struct tally *tally)
{
	const struct map *map = picture->map;
	const struct map_counts *counts = &picture->counts;
	size_t filled = map->cells - counts->asked - counts->shades[SHADE_UNKNOWN];
	char *text = new_caption(picture), number[DRAW_COUNT_SIZE], rest[DRAW_COUNT_SIZE];

	add(text, PICTURE_CAPTION_SIZE, "%zu x %zu pixels, ", map->seq.range.pixels, map->ts.range.pixels);
	if (map->cells != map->seq.range.pixels * map->ts.range.pixels)
		add(text, PICTURE_CAPTION_SIZE, "%s different cells, ", draw_count(map->cells, number));
	add(text, PICTURE_CAPTION_SIZE, "%s cells probed, each on its own connection. ",
	    draw_count(counts->asked, number));
	if (options->map.refine)
		add(text, PICTURE_CAPTION_SIZE, "Refined: first a coarse grid was probed, then its boundaries; "
		    "%s of %s cells were filled in, not probed. ", draw_count(filled, number), draw_count(map->cells, rest));
	add(text, PICTURE_CAPTION_SIZE, "%zu inconclusive", counts->shades[SHADE_INCONCLUSIVE]);
	if (tally->verdicts[VERDICT_MIXED])
		add(text, PICTURE_CAPTION_SIZE, ", %zu of them because their tries had different results",
		    tally->verdicts[VERDICT_MIXED]);
	add(text, PICTURE_CAPTION_SIZE, ".");
	if (tally->interrupted)
		add(text, PICTURE_CAPTION_SIZE, " Interrupted: %zu cells are not known.", counts->shades[SHADE_UNKNOWN]);
}

static void add_time(struct picture *picture, const struct run_facts *facts, const struct tally *tally)
{
	double seconds = (double)(tally->ended_ns - tally->begun_ns) / 1e9;
	char *text = new_caption(picture), date[64];
	time_t now = time(NULL);
	struct tm utc;

	gmtime_r(&now, &utc);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &utc);
	add(text, PICTURE_CAPTION_SIZE, "%s, %.1f s, %.0f cells/s, twprobe %s", date, seconds,
	    seconds > 0 ? (double)tally->cells / seconds : 0, facts->tool_version);
}

static void add_command(const struct map_caption *caption, struct picture *picture)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,+^@%-[]";
	char *text = new_caption(picture);

	add(text, PICTURE_CAPTION_SIZE, "twprobe");
	for (int i = 0; i < caption->argc; i++) {
		const char *word = caption->argv[i];
		bool quote = !*word || word[strspn(word, plain)];

		add(text, PICTURE_CAPTION_SIZE, quote ? " '%s'" : " %s", word);
	}
}

void map_caption_write(const struct map_caption *caption, struct picture *picture, const struct run_facts *facts,
		       const struct tally *tally)
{
	const struct options *options = caption->options;
	bool seq_wraps = map_range_wraps(&picture->map->seq.range), ts_wraps = map_range_wraps(&picture->map->ts.range);

	write_title(options, picture, facts);
	write_subtitle(&options->cell, picture);
	snprintf(picture->seq_label, sizeof(picture->seq_label), "sequence number minus rcv_nxt (bytes)");
	snprintf(picture->ts_label, sizeof(picture->ts_label), "TSval minus %s (ticks of its clock)",
		 options->cell.connection_timestamps ? "ts_recent" : "the value of our clock");
	picture->caption_count = 0;
	add_sysctls(&options->cell, picture, facts);
	add_counts(options, picture, tally);
	if (caption->options->map.output && strcmp(caption->options->map.output, "-") != 0 && (seq_wraps || ts_wraps))
		add(new_caption(picture), PICTURE_CAPTION_SIZE, "Beyond the frame the cells of the opposite edge follow: "
		    "numbers go around a circle of 2^32, and ±2^31 is one point of it.");
	add_time(picture, facts, tally);
	add_command(caption, picture);
	for (size_t i = 0; i < picture->caption_count; i++)
		plain_text(picture->captions[i]);
}
