/* article.c - which pages there are, and what they have besides a document. */
#include "harness/pages/article.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "cases/matrix/axes.h"
#include "crafter/icmp_error.h"
#include "crafter/segment.h"
#include "crafter/state.h"
#include "crafter/stimulus.h"
#include "harness/pages/markdown.h"

static void write_states(FILE *out)
{
	fputs("# STATES\n\n", out);
	for (enum state state = 0; state < STATE_COUNT; state++) {
		fprintf(out, "*%s*\n\t", state_name(state));
		markdown_plain(out, state_plan(state)->meaning);
		fputs("\n\n", out);
	}
}

static void write_segments(FILE *out)
{
	char flags[FLAGS_TEXT_SIZE];

	fputs("# SEGMENTS\n\nBy name, with their flags; any others by the letters of their flags, in the order\n"
	      "F S R P A U E C e.\n\n", out);
	for (enum segment_kind kind = 0; kind < KIND_COUNT; kind++)
		fprintf(out, "*%s*\n\t%s\n\n", stimulus_kind_name(kind),
			kind == KIND_NULL ? "no flag" : segment_flags_format(stimulus_kind_flags(kind), flags));
	fputs("ICMP errors about a connection:", out);
	for (enum icmp_error error = ICMP_ERROR_NONE + 1; error < ICMP_ERROR_COUNT; error++)
		fprintf(out, "%s *%s*", error > ICMP_ERROR_NONE + 1 ? "," : "", icmp_error_name(error));
	fputs(".\n\n", out);
}

/* What a name has after its first four parts, and only where it is not the normal case. */
static void write_names(FILE *out)
{
	fputs("# NAMES OF CELLS\n\n_STATE/SEGMENT/SEQ/TS_[_/CONDITION..._]. SEQ is *seq* and an offset from rcv_nxt, TS is "
	      "*ts* and an offset from ts_recent: *seq-below*, *ts+1*; *twprobe-case*(5) has all offsets. Conditions stand in "
	      "this order, each only where it is not the usual one:\n\n", out);
	for (const struct axis *axis = axes_next_in_name(NULL); axis; axis = axes_next_in_name(axis))
		if (!axis->always)
			fprintf(out, "*%s*\n\t%s\n\n", axis->expected, axis->help ? axis->help : axis->key);
}

static void write_words(FILE *out)
{
	write_names(out);
	write_states(out);
	write_segments(out);
}

static const struct article articles[] = {
	{ .name = "twprobe-case", .section = 5, .summary = "case files: the cells of a matrix", .document = "case-files.md" },
	{ .name = "twprobe-scenario", .section = 5, .summary = "scenario files: scripts of steps with what they expect",
	  .document = "scenarios.md" },
	{ .name = "twprobe-path", .section = 5, .summary = "path files: the router between the crafted end and the subject",
	  .document = "paths.md", .chapters = { "A path file", "Find the rule that breaks it", "What is said, and what is not",
						"The paths that ship" } },
	{ .name = "twprobe-records", .section = 5, .summary = "the records of --format=json", .document = "records.md" },
	{ .name = "twprobe", .section = 7, .summary = "the words of twprobe: states, segments, answers, verdicts",
	  .document = "architecture.md", .chapters = { "Words" }, .more = write_words },
};
enum { ARTICLES = sizeof(articles) / sizeof(articles[0]) };

const struct article *article_at(size_t number)
{
	return number < ARTICLES ? &articles[number] : NULL;
}

/* A link to a document that is a page, too: "*twprobe-case*(5)". */
static bool write_reference(FILE *out, const char *document, size_t length)
{
	for (size_t i = 0; i < ARTICLES; i++)
		if (!articles[i].chapters[0] && strlen(articles[i].document) == length &&
		    strncmp(articles[i].document, document, length) == 0) {
			fprintf(out, "*%s*(%d)", articles[i].name, articles[i].section);
			return true;
		}
	return false;
}

/* `context`: the one chapter that is wanted; NULL: all. */
static bool has_chapter(const void *context, const char *heading)
{
	return !context || (heading && strcmp(context, heading) == 0);
}

/* In the order of the page, which need not be that of the document. */
static void write_chapters(FILE *out, FILE *file, const struct article *article)
{
	struct markdown_taste taste = { .has_chapter = has_chapter, .reference = write_reference };

	if (!article->chapters[0]) {
		fputs("# DESCRIPTION\n\n", out);
		markdown_write(out, file, &taste);
	}
	for (size_t i = 0; i < ARTICLE_CHAPTERS_MAX && article->chapters[i]; i++) {
		rewind(file);
		taste.context = article->chapters[i];
		markdown_write(out, file, &taste);
	}
}

static void write_see_also(FILE *out, const struct article *own)
{
	fputs("# SEE ALSO\n\n*twprobe*(1)", out);
	for (size_t i = 0; i < ARTICLES; i++)
		if (&articles[i] != own)
			fprintf(out, ", *%s*(%d)", articles[i].name, articles[i].section);
	fputs("\n\nOther documents that are named are those of the source's folder _docs_; Debian's package of them is "
	      "_twprobe-doc_.\n", out);
}

int article_write(FILE *out, const struct article *article, const char *documents, struct error *error)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", documents, article->document);
	file = fopen(path, "r");
	if (!file)
		return fail(error, "%s: %s", path, strerror(errno));
	fprintf(out, "%s(%d)\n\n# NAME\n\n%s - %s\n\n", article->name, article->section, article->name, article->summary);
	write_chapters(out, file, article);
	fclose(file);
	if (article->more)
		article->more(out);
	write_see_also(out, article);
	return 0;
}
