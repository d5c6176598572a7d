/* test_atlas.c - a page of a comparison with what is written down about it, and with stacks and paths beside it. */
#include "tests/unit/read_files.h"

#include <sys/stat.h>

#include "harness/results/atlas.h"
#include "harness/results/compare_print.h"
#include "harness/results/notes.h"

#include "tests/unit/has.h"

#include "tests/unit/suite.h"

static char folder[64];

static void path_of(const char *name, char path[static 160])
{
	snprintf(path, 160, "%s/%s", folder, name);
}

static const char *const folders[] = { "cases", "baselines", "baselines/stacks", "baselines/paths" };
static const char *const written[] = {
	"notes", "baselines/stacks/linux-9.9.ndjson.gz", "baselines/stacks/aaa-1.ndjson.gz", "baselines/paths/direct.ndjson.gz",
	"baselines/paths/wall.ndjson.gz",
};

/* zlib reads what is not compressed as it is. */
static void open_folder(void)
{
	char path[160];

	set_up();
	strcpy(folder, "/tmp/twprobe-atlas-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (int i = 0; i < ROWS(folders); i++) {
		path_of(folders[i], path);
		ck_assert_int_eq(mkdir(path, 0700), 0);
	}
	path_of("cases", path);
	setenv("TWPROBE_CASES", path, 1);
}

static void close_folder(void)
{
	char path[160];

	for (int i = 0; i < ROWS(written); i++) {
		path_of(written[i], path);
		unlink(path);
	}
	for (int i = ROWS(folders) - 1; i >= 0; i--) {
		path_of(folders[i], path);
		rmdir(path);
	}
	ck_assert_int_eq(rmdir(folder), 0);
	tear_down();
}

static struct notes *load(const char *text)
{
	char path[160];

	text_file_write(folder, "notes", text);
	path_of("notes", path);
	return notes_load(path, &error);
}

static char *page(struct comparison *comparison, const struct notes *notes, const struct atlas *atlas)
{
	return print_view(FORMAT_HTML, (struct compare_view){ .comparison = comparison, .notes = notes, .atlas = atlas });
}

static void add_two_kernels(void)
{
	add("a", SAMPLE_RUN("5.10", 2) SAMPLE_ACK(0, A) SAMPLE_ACK(1, E) SAMPLE_SUMMARY(2), false);
	add("b", SAMPLE_RUN("6.1", 2) SAMPLE_SYN_ACK(0, A) SAMPLE_SYN_ACK(1, E) SAMPLE_SUMMARY(2), false);
}

#define HEAD "{\"record\":\"note\",\"format_version\":1,"
#define NOTE(TITLE, CELLS, WHAT) \
	HEAD "\"title\":\"" TITLE "\",\"about\":\"since `9.9`\",\"says\":[\"a<b\",\"c\"]," \
	"\"for\":[{\"cells\":[" CELLS "],\"what\":[" WHAT "]}]}\n"

START_TEST(a_difference_is_explained)
{
	struct comparison *comparison;
	struct notes *notes;
	char *text;

	add_two_kernels();
	comparison = compare(files, count, &pool, false, false, &error);
	/* The first that fits, all of whose cells it is for. */
	notes = load(NOTE("no", "\"time-wait/*/ts+1\"", "\"answer\"") NOTE("nor this", "\"time-wait/*\"", "\"window\"")
		     NOTE("yes `x`", "\"time-wait/*\"", "\"answer\"") NOTE("late", "", ""));
	ck_assert_msg(notes, "%s", error.text);
	ck_assert_uint_eq(notes->count, 4);
	text = page(comparison, notes, NULL);
	assert_has(text, "why: <a href=\"#note-3\">yes `x`</a>");
	assert_has(text, "why: <a href=\"#note-4\">late</a>"); /* listen/syn: without patterns it is for any */
	assert_has(text, "<article id=\"note-3\"><p>yes <code>x</code> <span class=\"faint\">(1 cell)</span></p>\n"
		   "<p class=\"says\">a&#60;b</p>\n<p class=\"says\">c</p>\n<p class=\"faint\">since <code>9.9</code></p>\n");
	assert_lacks(text, "note-1\"");
	assert_lacks(text, "note-2\"");
	free(text);
	text = page(comparison, NULL, NULL);
	assert_lacks(text, "why:");
	free(text);
	notes_free(notes);
	compare_free(comparison);
}
END_TEST

static const struct {
	const char *text, *message;
} wrong[] = {
	{ "x", "notes:1: '[' or '{' expected near 'x' (column 1)" },
	{ NOTE("t", "", "") "[]\n", "notes:2: expected {\"record\":\"note\", ...}" },
	{ "{\"record\":\"note\",\"title\":\"a\",\"for\":[]}\n", "notes:1: \"format_version\" is not 1" },
	{ "{\"record\":\"cell\"}\n", "notes:1: expected {\"record\":\"note\"" },
	{ HEAD "\"for\":[]}\n", "notes:1: \"title\": expected text" },
	{ HEAD "\"title\":\"a\\u001b\",\"for\":[]}\n", "\"title\": expected text without control characters" },
	{ HEAD "\"title\":\"a\"}\n", "\"for\": expected a list of differences" },
	{ HEAD "\"title\":\"a\",\"for\":[1]}\n", "\"for\": expected objects" },
	{ HEAD "\"title\":\"a\",\"for\":[{\"cells\":[1]}]}\n", "\"cells\": expected text" },
	{ HEAD "\"title\":\"a\",\"for\":[],\"says\":\"b\"}\n", "\"says\": expected a list" },
};

START_TEST(what_is_no_note_is_refused)
{
	ck_assert_ptr_null(load(wrong[_i].text));
	ck_assert_msg(strstr(error.text, wrong[_i].message), "'%s' does not say '%s'", error.text, wrong[_i].message);
}
END_TEST

START_TEST(no_file_of_notes)
{
	ck_assert_ptr_null(notes_load("/nowhere/notes", &error));
	ck_assert_str_eq(error.text, "--notes: /nowhere/notes: No such file or directory");
}
END_TEST

/* A cell whose router has a word to say; nothing is said of one that did nothing. */
#define WALL \
	"{\"record\":\"cell\",\"cell\":\"" A "\",\"number\":0,\"answer\":\"silence\",\"isn\":null,"                   \
	"\"verdict\":\"agrees\",\"state_after\":null,\"follow_up\":null,"                                         \
	"\"path\":{\"says\":\"the router dropped the stimulus, at wall.nft:7: drop\"}}\n"

START_TEST(stacks_and_paths_are_beside_the_kernels)
{
	struct comparison *comparison;
	struct atlas *atlas;
	char *text;

	text_file_write(folder, written[1], SAMPLE_RUN("9.9", 2) SAMPLE_ACK(0, A) SAMPLE_ACK(1, C) SAMPLE_SUMMARY(2));
	text_file_write(folder, written[2], SAMPLE_RUN("x", 2) SAMPLE_ACK(0, A) SAMPLE_SYN_ACK(1, C) SAMPLE_SUMMARY(2));
	text_file_write(folder, written[3], SAMPLE_RUN("9.9", 2) SAMPLE_ACK(0, A) SAMPLE_ACK(1, E) SAMPLE_SUMMARY(2));
	text_file_write(folder, written[4], SAMPLE_RUN("9.9", 1) WALL SAMPLE_SUMMARY(1));
	add_two_kernels();
	atlas = atlas_read(&pool, NULL, &error);
	ck_assert_msg(atlas, "%s", error.text);
	ck_assert_uint_eq(atlas->families[0].count, 2);
	/* Not by the alphabet: Linux is what the others are held against, and no path that the paths are. */
	ck_assert_str_eq(atlas->families[0].names[0], "linux-9.9");
	ck_assert_str_eq(atlas->families[1].names[0], "direct");
	comparison = compare(files, count, &pool, false, false, &error);
	ck_assert_int_eq(atlas_compare(atlas, &pool, &error), 0);
	text = page(comparison, NULL, atlas);
	/* That of a stack is not among them. */
	assert_has(text, "<p class=\"i0\">2 cells in 2 files: 0 the same, 2 different.</p>");
	assert_has(text, "<h2>Other stacks</h2>");
	assert_has(text, "<p class=\"i0\">2 cells in 2 stacks: 1 the same, 1 different.</p>");
	assert_has(text, "<p class=\"i0\">1 cell in 2 paths: 0 the same, 1 different.</p>"); /* wall was not asked the other */
	assert_has(text, "\"views\":[\"5.10\",\"6.1\",\"linux-9.9\",\"aaa-1\",\"direct\",\"wall\"],"
			 "\"views_noun\":\"Answers of\",\"view\":1");
	assert_has(text, "\n\"stacks\tack -> time-wait: linux-9.9\n");
	assert_has(text, "\n\"routers\twall: the router dropped the stimulus, at wall.nft:7: drop\n");
	free(text);
	atlas_free(atlas);
	compare_free(comparison);
}
END_TEST

START_TEST(nothing_ships_beside)
{
	struct atlas *atlas = atlas_read(&pool, NULL, &error);
	struct comparison *comparison;
	char *text;

	ck_assert_msg(atlas, "%s", error.text);
	add_two_kernels();
	comparison = compare(files, count, &pool, false, false, &error);
	ck_assert_int_eq(atlas_compare(atlas, &pool, &error), 0);
	text = page(comparison, NULL, atlas);
	assert_lacks(text, "Other stacks");
	assert_has(text, "\"views\":[\"5.10\",\"6.1\"]");
	free(text);
	compare_free(comparison);
	atlas_free(atlas);
}
END_TEST

START_TEST(a_damaged_file_beside_is_named)
{
	text_file_write(folder, written[4], SAMPLE_RUN("9.9", 2) SAMPLE_ACK(0, A));
	ck_assert_ptr_null(atlas_read(&pool, NULL, &error));
	ck_assert_msg(strstr(error.text, "wall.ndjson.gz:2: the file ends without a \"summary\" record"), "%s", error.text);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("atlas");

	tcase_add_checked_fixture(tests, open_folder, close_folder);
	tcase_add_test(tests, a_difference_is_explained);
	tcase_add_loop_test(tests, what_is_no_note_is_refused, 0, ROWS(wrong));
	tcase_add_test(tests, no_file_of_notes);
	tcase_add_test(tests, stacks_and_paths_are_beside_the_kernels);
	tcase_add_test(tests, nothing_ships_beside);
	tcase_add_test(tests, a_damaged_file_beside_is_named);
	return run_suite("atlas", tests, NULL);
}
