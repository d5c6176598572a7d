/* compare_internal.h - how cells are grouped, and what the formats of a comparison share; for harness/compare*.c alone. */
#ifndef TWPROBE_HARNESS_RESULTS_COMPARE_INTERNAL_H
#define TWPROBE_HARNESS_RESULTS_COMPARE_INTERNAL_H

#include "harness/results/compare_print.h"

/* What one file has about one cell. */
enum sight { SIGHT_ABSENT, SIGHT_SKIPPED, SIGHT_INCONCLUSIVE, SIGHT_SEEN };

struct sighted {
	enum sight sight;
	uint32_t values[ASPECT_COUNT]; /* in pool.words */
	uint32_t says;                 /* as in struct result */
};

/* "silence, then ack -> closed": what a file saw of a cell; the state only with `after`. */
enum { COMPARE_OUTCOME_SIZE = 512 };
const char *compare_outcome_text(const struct comparison *comparison, const struct pool *pool, size_t file, uint32_t cell,
				 bool after, char buffer[static COMPARE_OUTCOME_SIZE]);

/* What the router did with it, in pool.words: of a repeated cell, the first time. WORD_UNKNOWN: there was none. */
uint32_t compare_says(const struct comparison *comparison, size_t file, uint32_t cell);

/* Cells with the same values in every file, gathered. */
struct grouping {
	struct comparison *comparison; /* borrowed; its groups are filled */
	struct pool *pool;             /* borrowed */
	struct intern *keys;            /* of the groups, in their order */
	struct intern *axis_keys;       /* "owner axis value" that were met */
	struct intern *buckets;
	size_t *axis_counts;           /* [bucket * COMPARE_AXIS_COUNT + axis] */
	size_t bucket_room, group_room;
	bool failed;                   /* out of memory; what follows does nothing of use */
};

int compare_grouping_open(struct grouping *grouping, struct comparison *comparison, struct pool *pool);
/* Every cell is counted first, so that a group can say "2 of 8 seq". */
void compare_grouping_count(struct grouping *grouping, uint32_t cell);
/* Puts the cell into the group of its kind, which may be new; one value a file. */
void compare_grouping_put(struct grouping *grouping, enum likeness likeness, enum aspect aspect, uint32_t cell,
			  const uint32_t *values);
/* The word's number in the pool. */
uint32_t compare_grouping_word(struct grouping *grouping, const char *text);
void compare_grouping_close(struct grouping *grouping);

enum { WHERE_SIZE = 512 };

/* "outcome" for the answer with all that belongs to it, else the field's name. */
const char *compare_group_what(const struct group *group);
/* What the group's cells share: "seq-below, seq-1; any ts; conn-ts-off". "" for a cell alone. */
const char *compare_group_where(const struct compare_view *view, const struct group *group,
				char buffer[static WHERE_SIZE]);
const char *compare_group_example(const struct compare_view *view, const struct group *group);
const char *compare_view_word(const struct compare_view *view, uint32_t number);

int compare_json(FILE *out, const struct compare_view *view, struct error *error);
int compare_tap(FILE *out, enum format format, const struct compare_view *view, struct error *error);
int compare_junit(FILE *out, const struct compare_view *view, struct error *error);
int compare_github(FILE *out, const struct compare_view *view, struct error *error);
/* Whether the file has the cell. */
bool compare_has(const struct comparison *comparison, size_t file, uint32_t cell);
/* Whether an earlier file has the same value. */
bool compare_is_told(const uint32_t *values, size_t file);
/* COMPARE_COLUMNS_MOST: files that have a column each on a page; of more, each answer is told once, with those who gave it. */
enum { COMPARE_COLUMNS_MOST = 4, COMPARE_FILES_TEXT_SIZE = COMPARE_FILES_MAX * 64 };
/* "5.10.218 to 6.1.192, 7.0.13": those of the files whose value is the same as that of `file`; they are in an order. */
void compare_files_text(const struct compare_view *view, const uint32_t *values, size_t file,
			char text[static COMPARE_FILES_TEXT_SIZE]);
/* Tables of what differs; and the notes that some group in them has. */
void compare_page_groups(FILE *out, const struct compare_view *view);
void compare_page_notes(FILE *out, const struct compare_view *view);
/* compare_page.c: one page for a browser. */
int compare_page(FILE *out, const struct compare_view *view, struct error *error);
/* "Different" */
const char *compare_likeness_title(enum likeness likeness);
/* What a table ends with. */
void compare_summary(FILE *out, const struct compare_view *view);
/* The same, unbroken. */
void compare_summary_line(FILE *out, const struct compare_view *view);

#endif
