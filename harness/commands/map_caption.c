/* map_caption.c - title, axis titles and captions. */
#include "harness/commands/map_caption.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#include "cases/matrix/axes.h"
#include "crafter/plain.h"
#include "crafter/textbuf.h"

static struct textbuf new_caption(struct picture *picture)
{
	struct textbuf text;

	textbuf_init(&text, picture->captions[picture->caption_count++], PICTURE_CAPTION_SIZE);
	return text;
}

/* "time-wait" as "TIME-WAIT", as the RFCs write it. */
static void add_upper(struct textbuf *text, const char *name)
{
	for (; *name; name++)
		textbuf_add(text, "%c", toupper((unsigned char)*name));
}

static void write_title(const struct options *options, struct picture *picture, const struct run_facts *facts)
{
	struct textbuf title;

	textbuf_init(&title, picture->title, PICTURE_TITLE_SIZE);
	add_upper(&title, stimulus_kind_name(options->cell.stimulus.kind));
	textbuf_add(&title, " in ");
	add_upper(&title, state_name(options->cell.state));
	if (!options_ask_lab(options))
		textbuf_add(&title, ": what %s answers", facts->target);
	else
		textbuf_add(&title, ": what Linux %s answers", facts->kernel);
}

/* What the picture's points have in common, as in their names; the state and the kind of the segment are the title. */
static void write_subtitle(const struct cell *cell, struct picture *picture)
{
	char part[CELL_NAME_SIZE];
	struct textbuf text;

	textbuf_init(&text, picture->subtitle, PICTURE_TITLE_SIZE);
	if (cell->state != STATE_LISTEN && cell->state != STATE_CLOSED)
		textbuf_add(&text, "%s timestamps on the connection",
			    cell->connection_timestamps ? "with" : "without");
	for (const struct axis *axis = axes_next_in_name(NULL); axis; axis = axes_next_in_name(axis)) {
		if (axis->always || axis->id == AXIS_CONNECTION_TIMESTAMPS || axes_is_normal(axis, cell))
			continue;
		axis->type->format(axis, axes_value(axis, cell), part, sizeof(part));
		textbuf_item(&text, ", ", "%s", part);
	}
}

/* Those of the cell override those that the lab began with. */
static void add_sysctls(const struct cell *cell, struct picture *picture, const struct run_facts *facts)
{
	struct textbuf text = new_caption(picture);

	if (facts->kernel)
		textbuf_add(&text, "Kernel %s (%s).", facts->kernel, facts->target);
	else
		textbuf_add(&text, "Target %s.", facts->target);
	for (size_t i = 0; i < facts->sysctl_count; i++) {
		const char *own = conditions_value(&cell->conditions, facts->sysctls[i].name, true);

		textbuf_add(&text, " %s=%s", facts->sysctls[i].name, own ? own : facts->sysctls[i].value);
	}
}

static void add_counts(const struct options *options, struct picture *picture, const struct tally *tally)
{
	const struct map *map = picture->map;
	const struct map_counts *counts = &picture->counts;
	size_t filled = map->cells - counts->asked - counts->shades[SHADE_UNKNOWN];
	char number[DRAW_COUNT_SIZE], rest[DRAW_COUNT_SIZE];
	struct textbuf text = new_caption(picture);

	textbuf_add(&text, "%zu x %zu pixels, ", map->seq.range.pixels, map->ts.range.pixels);
	if (map->cells != map->seq.range.pixels * map->ts.range.pixels)
		textbuf_add(&text, "%s different cells, ", draw_count(map->cells, number));
	textbuf_add(&text, "%s cells probed, each on its own connection. ",
		    draw_count(counts->asked, number));
	if (options->map.refine)
		textbuf_add(&text, "Refined: first a coarse grid was probed, then its boundaries; "
			    "%s of %s cells were filled in, not probed. ", draw_count(filled, number),
			    draw_count(map->cells, rest));
	textbuf_add(&text, "%zu inconclusive", counts->shades[SHADE_INCONCLUSIVE]);
	if (tally->verdicts[VERDICT_MIXED])
		textbuf_add(&text, ", %zu of them because their tries had different results",
			    tally->verdicts[VERDICT_MIXED]);
	textbuf_add(&text, ".");
	if (tally->interrupted)
		textbuf_add(&text, " Interrupted: %zu cells are not known.", counts->shades[SHADE_UNKNOWN]);
}

static void add_edges(struct picture *picture)
{
	struct textbuf text = new_caption(picture);

	textbuf_add(&text, "Beyond the frame the cells of the opposite edge follow: numbers go around a circle of "
		    "2^32, and ±2^31 is one point of it.");
}

static void add_time(struct picture *picture, const struct run_facts *facts, const struct tally *tally)
{
	double seconds = (double)(tally->ended_ns - tally->begun_ns) / 1e9;
	struct textbuf text = new_caption(picture);
	char date[64];
	time_t now = time(NULL);
	struct tm utc;

	gmtime_r(&now, &utc);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &utc);
	textbuf_add(&text, "%s, %.1f s, %.0f cells/s, twprobe %s", date, seconds,
		    seconds > 0 ? (double)tally->cells / seconds : 0, facts->tool_version);
}

static void add_command(const struct map_caption *caption, struct picture *picture)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,+^@%-[]";
	struct textbuf text = new_caption(picture);

	textbuf_add(&text, "twprobe");
	for (int i = 0; i < caption->argc; i++) {
		const char *word = caption->argv[i];
		bool quote = !*word || word[strspn(word, plain)];

		textbuf_add(&text, quote ? " '%s'" : " %s", word);
	}
}

void map_caption_write(const struct map_caption *caption, struct picture *picture, const struct run_facts *facts,
		       const struct tally *tally)
{
	const struct options *options = caption->options;
	bool seq_wraps = map_range_wraps(&picture->map->seq.range), ts_wraps = map_range_wraps(&picture->map->ts.range);
	struct cell cell = options->cell;

	write_title(options, picture, facts);
	if (facts->path)
		snprintf(cell.path, sizeof(cell.path), "%s", facts->path);
	write_subtitle(&cell, picture);
	snprintf(picture->seq_label, sizeof(picture->seq_label), "sequence number minus rcv_nxt (bytes)");
	snprintf(picture->ts_label, sizeof(picture->ts_label), "TSval minus %s (ticks of its clock)",
		 options->cell.connection_timestamps ? "ts_recent" : "the value of our clock");
	picture->caption_count = 0;
	add_sysctls(&options->cell, picture, facts);
	add_counts(options, picture, tally);
	if (caption->options->map.output && strcmp(caption->options->map.output, "-") != 0 && (seq_wraps || ts_wraps))
		add_edges(picture);
	add_time(picture, facts, tally);
	add_command(caption, picture);
	for (size_t i = 0; i < picture->caption_count; i++)
		plain_text(picture->captions[i]);
}
