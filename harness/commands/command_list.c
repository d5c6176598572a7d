/* command_list.c - twprobe list [LIST]: the words a command line may use. */
#include "harness/commands/command_list.h"

#include <stdio.h>
#include <string.h>

#include "cases/matrix/matrix.h"
#include "cases/path/path.h"
#include "cases/scenario/scenario.h"
#include "crafter/icmp_error.h"
#include "crafter/plain.h"
#include "crafter/textbuf.h"
#include "harness/commands/commands.h"
#include "harness/commands/message.h"
#include "harness/commands/options.h"
#include "harness/diagnose/cause.h"
#include "harness/report/json_put.h"
#include "harness/report/ndjson.h"
#include "harness/report/report_requirements.h"
#include "harness/report/text.h"
#include "harness/results/shipped.h"
#include "harness/run/exit_code.h"

enum { MEANING = 19, MEANING_SCENARIO = 27 };

/* How a list is printed. */
struct listing {
	const char *word; /* of the list */
	size_t column;    /* where the meanings stand */
	bool bare;        /* names alone, one a line */
	bool json;
	struct error error; /* "": all was printed */
};

static void put_word(struct listing *listing, const char *name, const char *meaning)
{
	struct json_put json;

	json_put_open(&json);
	json_put_string(&json, "record", "word");
	json_put_string(&json, "list", listing->word);
	json_put_string(&json, "name", name);
	json_put_string(&json, "text", meaning);
	json_put_line(&json, stdout, &listing->error);
}

/* "  NAME   MEANING" */
static void entry(struct listing *listing, const char *name, const char *meaning)
{
	char term[2 * CASE_FILE_NAME_SIZE + 4];

	strcpy(term, "  ");
	plain_show(name, term + 2, sizeof(term) - 2);
	if (listing->json)
		put_word(listing, name, meaning);
	else if (listing->bare)
		puts(term + 2);
	else
		text_entry(stdout, term, listing->column, meaning);
}

static int list_states(struct listing *listing)
{
	for (enum state state = 0; state < STATE_COUNT; state++)
		entry(listing, state_name(state), state_plan(state)->meaning);
	return EXIT_AGREES;
}

/* "ICMP type 3, code 3; ICMPv6 type 1, code 4" */
static void list_icmp(struct listing *listing)
{
	uint8_t type, code;
	char meaning[80];

	for (enum icmp_error error = ICMP_ERROR_NONE + 1; error < ICMP_ERROR_COUNT; error++) {
		struct textbuf out;

		textbuf_init(&out, meaning, sizeof(meaning));
		if (icmp_error_codes(error, 4, &type, &code))
			textbuf_item(&out, "; ", "ICMP type %u, code %u", (unsigned)type, (unsigned)code);
		if (icmp_error_codes(error, 6, &type, &code))
			textbuf_item(&out, "; ", "ICMPv6 type %u, code %u", (unsigned)type, (unsigned)code);
		entry(listing, icmp_error_name(error), meaning);
	}
}

static int list_segments(struct listing *listing)
{
	char flags[FLAGS_TEXT_SIZE], meaning[FLAGS_TEXT_SIZE + 32];

	for (enum segment_kind kind = 0; kind < KIND_COUNT; kind++) {
		snprintf(meaning, sizeof(meaning), "flags %s%s", kind == KIND_NULL ? "none" :
			 segment_flags_format(stimulus_kind_flags(kind), flags), kind == KIND_DATA ? ", 10 bytes" : "");
		entry(listing, stimulus_kind_name(kind), meaning);
	}
	list_icmp(listing);
	if (!listing->bare && !listing->json)
		entry(listing, "SEC, FPU, ...", "any flags by their letters, in the order F S R P A U E C e");
	return EXIT_AGREES;
}

/* What a file is about, in one line; -1: it cannot be read. */
static int tell_matrix(const char *path, char *meaning, size_t size, struct error *error)
{
	struct matrix *matrix = matrix_load(path, error);

	if (!matrix)
		return -1;
	snprintf(meaning, size, "%s (%zu cells)", matrix_description(matrix), matrix_count(matrix));
	matrix_free(matrix);
	return 0;
}

static int tell_scenario(const char *path, char *meaning, size_t size, struct error *error)
{
	struct scenario *scenario = scenario_load(path, error);

	if (!scenario)
		return -1;
	snprintf(meaning, size, "%s%s", scenario->title, scenario_is_slow(scenario) ? " (more with --slow)" : "");
	scenario_free(scenario);
	return 0;
}

/* One that cannot be read is named, and the others are listed all the same. */
static int list_files(enum case_file_sort sort, struct listing *listing,
		      int (*tell)(const char *path, char *meaning, size_t size, struct error *error))
{
	char names[CASE_FILE_MANY][CASE_FILE_NAME_SIZE];
	size_t count = case_file_list(sort, names, CASE_FILE_MANY);
	int code = EXIT_AGREES;

	for (size_t i = 0; i < count; i++) {
		char path[4096], meaning[1024] = "";
		struct error error;

		if (!listing->bare && (case_file_find(sort, names[i], path, sizeof(path), &error) < 0 ||
				       tell(path, meaning, sizeof(meaning), &error) < 0))
			code = message_failed(&error, EXIT_USAGE);
		else
			entry(listing, names[i], meaning);
	}
	return code;
}

static int list_matrices(struct listing *listing)
{
	int code = list_files(CASE_FILE_MATRIX, listing, tell_matrix);

	if (!listing->bare)
		entry(listing, CASE_FILE_FULL, "all of these, each cell once");
	return code;
}

static int tell_path(const char *file, char *meaning, size_t size, struct error *error)
{
	struct path *path = path_load(file, error);

	if (!path)
		return -1;
	snprintf(meaning, size, "%s", path->title ? path->title : path->name);
	path_free(path);
	return 0;
}

static int list_paths(struct listing *listing)
{
	entry(listing, PATH_DIRECT, "Nothing between: one namespace, its loopback interface");
	return list_files(CASE_FILE_PATH, listing, tell_path);
}

static int list_scenarios(struct listing *listing)
{
	return list_files(CASE_FILE_SCENARIO, listing, tell_scenario);
}

static int list_baselines(struct listing *listing)
{
	char versions[SHIPPED_MAX][CASE_FILE_NAME_SIZE];
	size_t count = shipped_list(versions, SHIPPED_MAX);
	int code = EXIT_AGREES;

	for (size_t i = 0; i < count; i++) {
		struct results *results = NULL;
		char meaning[256] = "";
		struct shipped shipped;
		struct error error;

		if (!listing->bare && (shipped_find(versions[i], &shipped, &error) < 0 ||
				       !(results = results_read_run(shipped.path, &error)))) {
			code = message_failed(&error, EXIT_USAGE);
			continue;
		}
		if (results)
			snprintf(meaning, sizeof(meaning), "%zu cells on %.150s", results->planned, results->kernel);
		entry(listing, versions[i], meaning);
		results_free(results);
	}
	return code;
}

static int list_books(struct listing *listing)
{
	static const char *const meanings[BOOK_COUNT] = {
		[BOOK_LINUX] = "the kernel's code, per version where it differs",
		[BOOK_RFC] = "RFC 9293, 5961, 6191, 7323, 3168, 7413, 1337",
		[BOOK_FREEBSD] = "FreeBSD from 13 on, per version where it differs, and its sysctls: --kernel=freebsd-14",
		[BOOK_FOLK] = "the popular rule: a SYN is legal only if sequence number and timestamp are both greater",
	};

	for (enum book book = 0; book < BOOK_COUNT; book++)
		entry(listing, oracle_book_name(book), meanings[book]);
	return EXIT_AGREES;
}

static int list_findings(struct listing *listing)
{
	const struct cause *cause;

	for (size_t i = 0; (cause = cause_at(i)); i++)
		if (cause->kind != ENCOUNTER_NONE)
			entry(listing, cause->name, cause->title);
	return EXIT_AGREES;
}

static const struct {
	const char *word, *title;
	int (*print)(struct listing *listing);
	size_t column;
} lists[] = {
	{ "states", "States (--state)", list_states, MEANING },
	{ "segments", "Segments (--segment)", list_segments, MEANING },
	{ "matrices", "Matrices (--matrix)", list_matrices, MEANING },
	{ "scenarios", "Scenarios (twprobe scenario NAME)", list_scenarios, MEANING_SCENARIO },
	{ "paths", "Paths (--path)", list_paths, MEANING_SCENARIO },
	{ "books", "Rule books (--expect)", list_books, MEANING },
	{ "baselines", "Results of kernels (--baseline)", list_baselines, MEANING },
	{ "findings", "Findings (twprobe explain NAME)", list_findings, MEANING_SCENARIO },
};
enum { LISTS = sizeof(lists) / sizeof(lists[0]) };

const char *command_list_word(size_t number)
{
	return number < LISTS ? lists[number].word : NULL;
}

static void put_head(void)
{
	struct json_put json;
	struct error ignored; /* so little always has room */

	json_put_open(&json);
	json_put_string(&json, "record", "words");
	json_put_number(&json, "format_version", NDJSON_VERSION);
	json_put_string(&json, "tool_version", TWPROBE_VERSION);
	json_put_line(&json, stdout, &ignored);
}

int command_list(struct options *options)
{
	struct error error;
	int code = EXIT_AGREES;

	if (options->rfc)
		return report_requirements(stdout, options->format, &error) == 0 ? code :
		       message_failed(&error, EXIT_CANNOT_RUN);
	if (options->format == FORMAT_JSON)
		put_head();
	for (size_t i = 0; i < LISTS; i++) {
		struct listing listing = {
			.word = lists[i].word, .column = lists[i].column, .json = options->format == FORMAT_JSON,
			.bare = options->list && options->format != FORMAT_JSON,
		};
		int own;

		if (options->list && strcmp(options->list, lists[i].word) != 0)
			continue;
		if (!options->list && !listing.json)
			printf("%s%s:\n", i ? "\n" : "", lists[i].title);
		own = lists[i].print(&listing);
		if (*listing.error.text)
			return message_failed(&listing.error, EXIT_CANNOT_RUN);
		code = code ? code : own;
	}
	return code;
}
