/* test_shipped.c - results of kernels that ship: which file a version means, compressed files, and a run held against them. */
#include "tests/unit/sample_results.h"

#include <sys/stat.h>
#include <zlib.h>

#include "harness/results/shipped.h"
#include "tests/unit/sample_record.h"

#include "tests/unit/suite.h"

static const char *const versions[] = {
	"7.3-rc7", "6.12.9", "7.3.4", "5.10.218", "6.12.118", "5.10.262", "6.17", "7.4-rc2", "notes",
};

static const char reduced[] =
	"{\"record\":\"run\",\"format_version\":1,\"kernel\":\"x\",\"matrix\":\"m\",\"cells\":1,"
	"\"matrix_cells\":1,\"repeat\":1}\n"
	SAMPLE_ACK(0, "time-wait/syn/seq-1/ts-1") SAMPLE_SUMMARY(1);

static char folder[64];
static struct pool pool;
static struct error trouble;

static void path_of(const char *name, char path[static 160])
{
	snprintf(path, 160, "%s/baselines/%s.ndjson.gz", folder, name);
}

static void write_packed(const char *name, const char *text)
{
	char path[160];
	gzFile file;

	path_of(name, path);
	file = gzopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_gt(gzputs(file, text), 0);
	ck_assert_int_eq(gzclose(file), Z_OK);
}

/* Its folder of cases has them beside it, and is the first to be searched. */
static void set_up(void)
{
	char path[160];

	strcpy(folder, "/tmp/twprobe-shipped-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/baselines", folder);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/cases", folder);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	setenv("TWPROBE_CASES", path, 1);
	for (int i = 0; i < ROWS(versions); i++)
		write_packed(versions[i], reduced);
	ck_assert_int_eq(results_pool_open(&pool, &trouble), 0);
}

static void tear_down(void)
{
	char path[160];

	results_pool_close(&pool);
	for (int i = 0; i < ROWS(versions); i++) {
		path_of(versions[i], path);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/baselines", folder);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/cases", folder);
	rmdir(path);
	rmdir(folder);
}

static const struct {
	const char *text, *version;
	bool instead;
} names[] = {
	{ "5.10", "5.10.262", false },
	{ "5.10.218", "5.10.218", false },
	{ "5.10.240", "5.10.262", true },
	{ "6.12", "6.12.118", false }, /* a number, not letters: 118 is above 9 */
	{ "6.12.9", "6.12.9", false },
	{ "6.12.118+deb13-cloud-amd64", "6.12.118", false },
	{ "5.10.0-46-cloud-amd64", "5.10.262", false }, /* a build's number: the series */
	{ "6.17", "6.17", false },
	{ "6.17.0", "6.17", false },
	{ "7.3", "7.3.4", false }, /* a release is newer than its candidates */
	{ "7.3-rc7", "7.3-rc7", false },
	{ "7.3-rc1", "7.3.4", true },
	{ "7.4", "7.4-rc2", false },
};

START_TEST(a_version_means_a_file)
{
	struct shipped shipped;
	char path[160], real[PATH_MAX];

	ck_assert_msg(shipped_find(names[_i].text, &shipped, &trouble) == 0, "%s", trouble.text);
	ck_assert_str_eq(shipped.version, names[_i].version);
	ck_assert_int_eq(shipped.instead, names[_i].instead);
	path_of(names[_i].version, path);
	ck_assert_ptr_nonnull(realpath(path, real));
	ck_assert_str_eq(shipped.path, real);
}
END_TEST

static const char *const unknown[] = { "6.5", "5", "foo", "any", "", "6.12foo", "-1.2", "7.3-rc", "99999.1" };

START_TEST(an_unknown_one_gets_the_list)
{
	struct shipped shipped;
	char wanted[512];

	ck_assert_int_eq(shipped_find(unknown[_i], &shipped, &trouble), -1);
	snprintf(wanted, sizeof(wanted), "no file '%s', and no results of such a kernel: there are those of 5.10.218, "
		 "5.10.262, 6.12.9, 6.12.118, 6.17, 7.3-rc7, 7.3.4, 7.4-rc2", unknown[_i]);
	ck_assert_str_eq(trouble.text, wanted);
}
END_TEST

/* A file is a file, also where its name is that of a kernel; a folder is not. */
START_TEST(a_file_is_a_file)
{
	static const char *const paths[] = { "./6.12", "x/6.12", "mine.ndjson", "6.12.ndjson.gz" };
	char old[PATH_MAX];
	struct shipped shipped;
	FILE *file;

	for (int i = 0; i < ROWS(paths); i++) {
		ck_assert_int_eq(shipped_find(paths[i], &shipped, &trouble), 0);
		ck_assert_str_eq(shipped.version, "");
		ck_assert_str_eq(shipped.path, paths[i]);
	}
	ck_assert_ptr_nonnull(getcwd(old, sizeof(old)));
	ck_assert_int_eq(chdir(folder), 0);
	file = fopen("6.12", "w");
	ck_assert_ptr_nonnull(file);
	fclose(file);
	ck_assert_int_eq(shipped_find("6.12", &shipped, &trouble), 0);
	ck_assert_str_eq(shipped.version, "");
	unlink("6.12");
	ck_assert_int_eq(mkdir("6.12", 0700), 0);
	ck_assert_int_eq(shipped_find("6.12", &shipped, &trouble), 0);
	ck_assert_str_eq(shipped.version, "6.12.118");
	rmdir("6.12");
	ck_assert_int_eq(chdir(old), 0);
}
END_TEST

START_TEST(what_ships_is_of_this_program)
{
	struct shipped shipped;
	struct results *results;

	ck_assert_int_eq(shipped_find("6.12", &shipped, &trouble), 0);
	results = shipped_read(&shipped, &pool, NULL, &trouble);
	ck_assert_msg(results, "%s", trouble.text);
	ck_assert_str_eq(results->tool_version, TWPROBE_VERSION);
	ck_assert_str_eq(results->kernel, "6.12.118");
	ck_assert_uint_eq(results->count, 1);
	results_free(results);
	results = results_read_run(shipped.path, &trouble);
	ck_assert_msg(results, "%s", trouble.text);
	ck_assert_str_eq(results->kernel, "x");
	ck_assert_uint_eq(results->planned, 1);
	ck_assert_uint_eq(results->count, 0);
	results_free(results);
}
END_TEST

#define LIKE(NAME, MATRIX, CELLS)                                                                                   \
	"{\"record\":\"run\",\"format_version\":1,\"kernel\":\"y\",\"matrix\":\"" MATRIX "\",\"cells\":" #CELLS ","     \
	"\"matrix_cells\":" #CELLS ",\"repeat\":1,\"like\":\"" NAME "\"}\n"
#define OWN(NAME, ANSWER)                                                                                           \
	"{\"record\":\"cell\",\"cell\":\"" NAME "\",\"answer\":\"" ANSWER "\",\"isn\":null,\"verdict\":\"agrees\","      \
	"\"state_after\":null,\"follow_up\":null}\n"
#define WHOLE "{\"record\":\"run\",\"format_version\":1,\"kernel\":\"x\",\"matrix\":\"m\",\"cells\":4,"             \
	"\"matrix_cells\":4,\"repeat\":1}\n" OWN("a", "ack") OWN("b", "ack") OWN("c", "rst") OWN("d", "ack") SAMPLE_SUMMARY(4)

static struct results *read_like(const char *text)
{
	char path[160];

	write_packed("7.3.4", WHOLE);
	write_packed("6.17", text);
	path_of("6.17", path);
	return results_read(path, &pool, false, NULL, &trouble);
}

/* A file with what differs from another has all of its cells. */
START_TEST(what_a_file_is_like)
{
	static const char *const answers[] = { "ack", "silence", "rst", "rst" };
	struct results *results = read_like(LIKE("7.3.4", "m", 4) OWN("b", "silence") OWN("d", "rst") SAMPLE_SUMMARY(4));

	ck_assert_msg(results, "%s", trouble.text);
	ck_assert_str_eq(results->kernel, "y");
	ck_assert_uint_eq(results->count, 4);
	for (size_t i = 0; i < results->count; i++) {
		const char name[] = { (char)('a' + i), '\0' };

		ck_assert_str_eq(intern_text(pool.cells, results->results[i].name), name);
		ck_assert_str_eq(intern_text(pool.words, results->results[i].values[ASPECT_ANSWER]), answers[i]);
		ck_assert_uint_eq(results->results[i].number, i);
	}
	results_free(results);
	results = read_like(LIKE("7.3.4", "m", 4) SAMPLE_SUMMARY(4));
	ck_assert_msg(results && results->count == 4, "%s", trouble.text);
	results_free(results);
}
END_TEST

static const struct {
	const char *text, *message;
} unlike[] = {
	{ LIKE("7.3.4", "m", 4) OWN("e", "ack") SAMPLE_SUMMARY(4), ":2: \"cell\": not one of the file that this one is like" },
	{ LIKE("7.3.4", "m", 4) OWN("d", "ack") OWN("b", "ack") SAMPLE_SUMMARY(4), ":3: \"cell\": not one of" },
	{ LIKE("7.3.4", "m", 4) OWN("b", "ack") OWN("b", "ack") SAMPLE_SUMMARY(4), ":3: \"cell\": not one of" },
	{ LIKE("7.3.4", "m", 5) SAMPLE_SUMMARY(5), "7.3.4.ndjson.gz has other cells" },
	{ LIKE("7.3.4", "n", 4) SAMPLE_SUMMARY(4), "7.3.4.ndjson.gz has other cells" },
	{ LIKE("9.9", "m", 4) SAMPLE_SUMMARY(4), ":1: \"like\": cannot read" },
	{ LIKE("6.17", "m", 4) SAMPLE_SUMMARY(4), "\"like\": a file that others are like has all cells itself" },
	{ LIKE("../baselines/7.3.4", "m", 4) SAMPLE_SUMMARY(4), "expected the name of a file beside this one" },
	{ LIKE("7.3.4", "m", 4) OWN("b", "ack"), "the file ends without a \"summary\" record" },
};

START_TEST(what_is_not_like_it_is_refused)
{
	char path[160];

	ck_assert_ptr_null(read_like(unlike[_i].text));
	path_of("6.17", path);
	ck_assert_msg(strncmp(trouble.text, path, strlen(path)) == 0, "%s", trouble.text);
	ck_assert_msg(strstr(trouble.text, unlike[_i].message), "%s", trouble.text);
}
END_TEST

/* Its lines cannot be merged: most are in another file. Its head needs no other. */
START_TEST(what_is_like_another_has_not_all_lines)
{
	char path[160];
	struct results *results;

	ck_assert_ptr_null(read_like(LIKE("9.9", "m", 4) SAMPLE_SUMMARY(4)));
	path_of("6.17", path);
	ck_assert_ptr_null(results_read_twice(path, &pool, NULL, &trouble));
	ck_assert_msg(strstr(trouble.text, "it has only what differs from 9.9"), "%s", trouble.text);
	results = results_read_run(path, &trouble);
	ck_assert_msg(results && strcmp(results->kernel, "y") == 0, "%s", trouble.text);
	results_free(results);
}
END_TEST

/* Any number of bytes missing at the end, or one damaged: one line that names the file. */
START_TEST(a_damaged_file_is_refused)
{
	struct results *results;
	char path[160];
	uint8_t bytes[4096];
	FILE *file;
	size_t size;

	path_of("notes", path);
	file = fopen(path, "r");
	size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	ck_assert_uint_gt(size, 40);
	for (size_t length = 0; length < size; length++) {
		file = fopen(path, "w");
		ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
		fclose(file);
		ck_assert_msg(!results_read(path, &pool, false, NULL, &trouble), "%zu of %zu bytes are enough", length, size);
		ck_assert_msg(strstr(trouble.text, path), "%s", trouble.text);
	}
	/* Its last bytes are the checksum and the length: every record is there, but no end. */
	ck_assert_msg(strstr(trouble.text, "the compressed data breaks off: the file was cut off"), "%s", trouble.text);
	results = results_read(path, &pool, true, NULL, &trouble);
	ck_assert_msg(results, "%s", trouble.text);
	ck_assert_uint_eq(results->count, 1);
	results_free(results);
	bytes[size / 2] ^= 0x55;
	file = fopen(path, "w");
	ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
	fclose(file);
	ck_assert_ptr_null(results_read(path, &pool, true, NULL, &trouble));
}
END_TEST

/* What a run collects is what its records say when they are read back. */
static void assert_like_its_record(const struct record *record)
{
	struct run_facts facts = sample_facts();
	struct results *own = results_open("this run", &trouble), *read;
	struct report *report;
	struct tally tally = { .cells = 1 };
	char path[160];
	FILE *out;

	path_of("notes", path);
	out = fopen(path, "w");
	facts.cells = 1;
	report = report_open(FORMAT_JSON, false, true, out, &facts, &trouble);
	ck_assert(report && report_begin(report, &trouble) == 0 && report_cell(report, record, &trouble) == 0 &&
		  report_end(report, &tally, &trouble) == 0);
	report_close(report);
	fclose(out);
	read = results_read(path, &pool, false, NULL, &trouble);
	ck_assert_msg(read, "%s", trouble.text);
	ck_assert_int_eq(results_add(own, &pool, record, &trouble), 0);
	ck_assert_uint_eq(own->count, 1);
	ck_assert_uint_eq(own->results[0].name, read->results[0].name);
	ck_assert_uint_eq(own->results[0].number, read->results[0].number);
	ck_assert_int_eq(own->results[0].verdict, read->results[0].verdict);
	for (int aspect = 0; aspect < ASPECT_FIELDS; aspect++)
		ck_assert_msg(own->results[0].values[aspect] == read->results[0].values[aspect], "%s: '%s', read back '%s'",
			      results_aspect_name((enum aspect)aspect),
			      intern_text(pool.words, own->results[0].values[aspect]),
			      intern_text(pool.words, read->results[0].values[aspect]));
	results_free(own);
	results_free(read);
}

START_TEST(a_run_collects_what_its_records_say)
{
	struct record record = sample_record(-1, 1);

	assert_like_its_record(&record);
	record.has_follow_up = true;
	record.follow_up_answer = ANSWER_SYN_ACK;
	record.follow_up_isn = ISN_FRESH;
	record.follow_up.flags = FLAG_SYN;
	assert_like_its_record(&record); /* not conclusive: not known */
	record.follow_up_conclusive = true;
	assert_like_its_record(&record);
	record = sample_silence(2, 2);
	record.after = STATE_UNKNOWN;
	record.number = 7;
	assert_like_its_record(&record);
	sample_verdict(&record, VERDICT_INCONCLUSIVE, "why");
	assert_like_its_record(&record);
	sample_verdict(&record, VERDICT_SKIPPED, "why");
	assert_like_its_record(&record);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("shipped");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_loop_test(tcase, a_version_means_a_file, 0, ROWS(names));
	tcase_add_loop_test(tcase, an_unknown_one_gets_the_list, 0, ROWS(unknown));
	tcase_add_test(tcase, a_file_is_a_file);
	tcase_add_test(tcase, what_ships_is_of_this_program);
	tcase_add_test(tcase, what_a_file_is_like);
	tcase_add_loop_test(tcase, what_is_not_like_it_is_refused, 0, ROWS(unlike));
	tcase_add_test(tcase, what_is_like_another_has_not_all_lines);
	tcase_add_test(tcase, a_damaged_file_is_refused);
	tcase_add_test(tcase, a_run_collects_what_its_records_say);
	return run_suite("shipped", tcase, NULL);
}
