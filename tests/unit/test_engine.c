/* test_engine.c - a request on its way into a guest, and which files are images. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/engine/guest.h"
#include "harness/engine/image.h"

#include "tests/unit/suite.h"

static const struct guest_request sample = {
	.rows = 24, .columns = 300, .error_terminal = true, .folder = "/a b", .modules = "/m",
	.words = { "twprobe", "", "--x=\n", "A=1", "B=" }, .arguments = 3, .variables = 2,
};

START_TEST(a_request_comes_back)
{
	static uint8_t bytes[GUEST_REQUEST_MAX];
	size_t size = guest_pack(&sample, bytes, NULL);
	struct guest_request got;

	ck_assert_uint_gt(size, 4);
	ck_assert_uint_eq((size_t)bytes[2] << 8 | bytes[3], size - 4);
	ck_assert_int_eq(guest_unpack((char *)bytes + 4, size - 4, &got), 0);
	ck_assert_uint_eq(got.rows, 24);
	ck_assert_uint_eq(got.columns, 300);
	ck_assert(!got.output_terminal && got.error_terminal);
	ck_assert_str_eq(got.folder, sample.folder);
	ck_assert_str_eq(got.modules, sample.modules);
	ck_assert_uint_eq(got.arguments, 3);
	ck_assert_uint_eq(got.variables, 2);
	for (size_t i = 0; i < 5; i++)
		ck_assert_str_eq(got.words[i], sample.words[i]);
}
END_TEST

START_TEST(a_part_of_a_request_is_none)
{
	static uint8_t bytes[GUEST_REQUEST_MAX];
	size_t size = guest_pack(&sample, bytes, NULL) - 4;
	struct guest_request got;

	for (size_t part = 0; part < size; part++) {
		char *copy = malloc(part ? part : 1);

		memcpy(copy, bytes + 4, part);
		ck_assert_int_eq(guest_unpack(copy, part, &got), -1);
		free(copy);
	}
}
END_TEST

START_TEST(too_long_is_said)
{
	static uint8_t bytes[GUEST_REQUEST_MAX];
	static char word[GUEST_REQUEST_MAX];
	struct guest_request request = { .folder = "/", .modules = "/", .words = { word }, .arguments = 1 };
	struct error error;

	memset(word, 'x', sizeof(word) - 1);
	ck_assert_uint_eq(guest_pack(&request, bytes, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "longer than"));
	request.arguments = GUEST_WORDS_MAX;
	request.variables = 1;
	ck_assert_uint_eq(guest_pack(&request, bytes, &error), 0);
}
END_TEST

/* A file with these bytes, in a folder of its own. */
static void make_file(const char *path, const char *bytes, size_t size, mode_t mode)
{
	int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	ck_assert_int_ge(descriptor, 0);
	ck_assert_int_eq(write(descriptor, bytes, size), (ssize_t)size);
	close(descriptor);
}

START_TEST(images_are_told_apart)
{
	static const char uml[] = "\177ELF...uml_dir=<directory>...";
	static const char virtual[] = "\177ELF...time-travel=inf-cpu...uml_dir=<directory>...";
	static char bzimage[0x300];
	static const struct {
		const char *name, *bytes;
		size_t size;
		mode_t mode;
		const char *error; /* NULL: it is one */
	} rows[] = {
		{ "uml", uml, sizeof(uml), 0755, NULL },
		{ "virtual", virtual, sizeof(virtual), 0755, NULL },
		{ "text", "hello", 5, 0755, "not a user-mode Linux" },
		{ "elf", "\177ELF", 4, 0755, "not a user-mode Linux" },
		{ "empty", "", 0, 0755, "not a user-mode Linux" },
		{ "bzimage", bzimage, sizeof(bzimage), 0755, "QEMU" },
		{ "plain", uml, sizeof(uml), 0644, "Permission denied" },
	};
	char folder[] = "/tmp/twprobe-image-XXXXXX", path[64];
	struct image image;
	struct error error;

	memcpy(bzimage + 0x202, "HdrS", 4);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, rows[i].name);
		make_file(path, rows[i].bytes, rows[i].size, rows[i].mode);
		ck_assert_int_eq(image_find(path, &image, &error), rows[i].error ? -1 : 0);
		if (rows[i].error)
			ck_assert_msg(strstr(error.text, rows[i].error) != NULL, "%s: %s", rows[i].name, error.text);
		else
			ck_assert(image.virtual_time == (rows[i].bytes == virtual) && strcmp(image.path, path) == 0);
		unlink(path);
	}
	ck_assert_int_eq(image_find(folder, &image, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "no kernel tree"));
	snprintf(path, sizeof(path), "%s/Kconfig", folder);
	make_file(path, "", 0, 0644);
	ck_assert_int_eq(image_find(folder, &image, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "make ARCH=um linux"));
	unlink(path);
	snprintf(path, sizeof(path), "%s/linux", folder);
	make_file(path, uml, sizeof(uml), 0755);
	ck_assert_int_eq(image_find(folder, &image, &error), 0);
	ck_assert_str_eq(image.path, path);
	unlink(path);
	rmdir(folder);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("engine");

	tcase_add_test(tests, a_request_comes_back);
	tcase_add_test(tests, a_part_of_a_request_is_none);
	tcase_add_test(tests, too_long_is_said);
	tcase_add_test(tests, images_are_told_apart);
	return run_suite("engine", tests, NULL);
}
