/* test_engine.c - a request on its way into a guest, and which files are images. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/engine/engine_internal.h"
#include "harness/engine/guest.h"
#include "harness/engine/image.h"
#include "harness/engine/modules.h"
#include "harness/engine/packed_line.h"

#include "tests/unit/suite.h"

static const struct guest_request sample = {
	.rows = 24, .columns = 300, .error_terminal = true, .slow = true, .paths = true,
	.engine = "qemu", .folder = "/a b", .image_folder = "",
	.words = { "twprobe", "", "--x=\n", "A=1", "B=", "nft_masq", "x.pcap" },
	.counts = { [GUEST_ARGUMENTS] = 3, [GUEST_VARIABLES] = 2, [GUEST_MODULES] = 1, [GUEST_FILES] = 1 },
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
	ck_assert(!got.output_terminal && got.error_terminal && got.slow && got.paths);
	ck_assert_str_eq(got.engine, sample.engine);
	ck_assert_str_eq(got.folder, sample.folder);
	ck_assert_str_eq(got.image_folder, sample.image_folder);
	ck_assert_mem_eq(got.counts, sample.counts, sizeof(got.counts));
	for (size_t i = 0; i < 7; i++)
		ck_assert_str_eq(got.words[i], sample.words[i]);
	ck_assert_str_eq(got.words[guest_first(&got, GUEST_MODULES)], "nft_masq");
	ck_assert_str_eq(got.words[guest_first(&got, GUEST_FILES)], "x.pcap");
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
	struct guest_request request = { .engine = "uml", .folder = "/", .image_folder = "/" };
	struct error error;

	memset(word, 'x', sizeof(word) - 1);
	guest_add(&request, GUEST_ARGUMENTS, word);
	ck_assert_uint_eq(guest_pack(&request, bytes, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "longer than"));
	request.counts[GUEST_ARGUMENTS] = 0;
	for (size_t i = 0; i <= GUEST_WORDS_MAX; i++)
		guest_add(&request, GUEST_ARGUMENTS, "");
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

/* The setup header of a bzImage of 64 bits, whose text of the version is at 0x300; as large as it says. */
static const char *make_bzimage(char bytes[static 0x800], size_t size, bool wide)
{
	memset(bytes, 0, 0x800);
	bytes[0x1f1] = 1;                           /* setup sectors, of 512 bytes, and the first one */
	bytes[0x1f4] = (char)((size - 0x400) / 16); /* paragraphs of the rest */
	memcpy(bytes + 0x202, "HdrS", 4);
	bytes[0x20e] = 0;
	bytes[0x20f] = 1;
	bytes[0x236] = wide;
	strcpy(bytes + 0x300, "6.12.1-amd64 (somebody) #1 SMP");
	return bytes;
}

static const char uml[] = "\177ELF...uml_dir=<directory>...";
static const char virtual[] = "\177ELF...time-travel=inf-cpu...seccomp=<on/auto/off>...uml_dir=<directory>...";

START_TEST(images_are_told_apart)
{
	static char bzimage[0x800], narrow[0x800], cut[0x800];
	static const char vmlinux[] = "\177ELF...Linux version 6.12...";
	const struct {
		const char *name, *bytes;
		size_t size;
		mode_t mode;
		const char *error; /* NULL: it is one */
	} rows[] = {
		{ "uml", uml, sizeof(uml), 0755, NULL },
		{ "virtual", virtual, sizeof(virtual), 0755, NULL },
		{ "bzimage", make_bzimage(bzimage, 0x800, true), 0x800, 0644, NULL },
		{ "narrow", make_bzimage(narrow, 0x800, false), 0x800, 0644, "32 bits" },
		{ "cut", make_bzimage(cut, 0x900, true), 0x800, 0644, "cut short: a kernel of 2304 bytes, of which 2048" },
		{ "vmlinux", vmlinux, sizeof(vmlinux), 0755, "is a vmlinux" },
		{ "text", "hello", 5, 0755, "neither a user-mode Linux nor a bzImage" },
		{ "elf", "\177ELF", 4, 0755, "neither a user-mode Linux nor a bzImage" },
		{ "empty", "", 0, 0755, "neither a user-mode Linux nor a bzImage" },
		{ "plain", uml, sizeof(uml), 0644, "Permission denied" },
	};
	char folder[] = "/tmp/twprobe-image-XXXXXX", path[64];
	struct image image;
	struct error error;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool boots = strcmp(rows[i].name, "bzimage") == 0;

		snprintf(path, sizeof(path), "%s/%s", folder, rows[i].name);
		make_file(path, rows[i].bytes, rows[i].size, rows[i].mode);
		ck_assert_int_eq(image_find(path, IMAGE_ANY, &image, &error), rows[i].error ? -1 : 0);
		if (rows[i].error) {
			ck_assert_msg(strstr(error.text, rows[i].error) != NULL, "%s: %s", rows[i].name, error.text);
		} else {
			ck_assert(image.virtual_time == (rows[i].bytes == virtual) && image.seccomp == image.virtual_time);
			ck_assert_str_eq(image.path, path);
			ck_assert_int_eq(image.kind, boots ? IMAGE_BZIMAGE : IMAGE_UML);
			ck_assert_str_eq(image.release, boots ? "6.12.1-amd64" : "");
			ck_assert_str_eq(image.folder, folder);
			ck_assert_int_eq(image_find(path, boots ? IMAGE_UML : IMAGE_BZIMAGE, &image, &error), -1);
			ck_assert_msg(strstr(error.text, boots ? "--engine=qemu" : "--engine=uml") != NULL, "%s", error.text);
		}
		unlink(path);
	}
	rmdir(folder);
}
END_TEST

START_TEST(a_tree_has_what_was_built_in_it)
{
	static const char *const folders[] = { "", "/arch", "/arch/x86", "/arch/x86/boot" };
	static char bzimage[0x800];
	char tree[] = "/tmp/twprobe-tree-XXXXXX", path[96];
	struct image image;
	struct error error;

	ck_assert_ptr_nonnull(mkdtemp(tree));
	ck_assert_int_eq(image_find(tree, IMAGE_ANY, &image, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "not a kernel tree"));
	snprintf(path, sizeof(path), "%s/Kconfig", tree);
	make_file(path, "", 0, 0644);
	ck_assert_int_eq(image_find(tree, IMAGE_ANY, &image, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "no kernel was built in this tree: make ARCH=um linux, or make bzImage"));
	for (size_t i = 1; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", tree, folders[i]);
		ck_assert_int_eq(mkdir(path, 0755), 0);
	}
	strcat(path, "/bzImage");
	make_file(path, make_bzimage(bzimage, 0x800, true), 0x800, 0644);
	ck_assert_int_eq(image_find(tree, IMAGE_ANY, &image, &error), 0);
	ck_assert_int_eq(image.kind, IMAGE_BZIMAGE);
	ck_assert_str_eq(image.path, path);
	ck_assert_str_eq(image.folder, tree);
	ck_assert_int_eq(image_find(tree, IMAGE_UML, &image, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "make ARCH=um linux"));
	snprintf(path, sizeof(path), "%s/linux", tree);
	make_file(path, uml, sizeof(uml), 0755);
	ck_assert_int_eq(image_find(tree, IMAGE_ANY, &image, &error), 0);
	ck_assert_str_eq(image.path, path);
	ck_assert_int_eq(image_find(tree, IMAGE_BZIMAGE, &image, &error), 0);
	ck_assert_int_eq(image.kind, IMAGE_BZIMAGE);
	unlink(path);
	unlink(image.path);
	for (size_t i = sizeof(folders) / sizeof(folders[0]); i-- > 1;) {
		snprintf(path, sizeof(path), "%s%s", tree, folders[i]);
		rmdir(path);
	}
	snprintf(path, sizeof(path), "%s/Kconfig", tree);
	unlink(path);
	ck_assert_int_eq(rmdir(tree), 0);
}
END_TEST

/* A module as modules_walk sees it: what it depends on is in it. */
static void make_module(const char *folder, const char *name, const char *depends)
{
	char path[96], bytes[128];
	int size = snprintf(bytes, sizeof(bytes), "\177ELF%clicense=GPL%cdepends=%s%cname=%s", 0, 0, depends, 0, name);

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	make_file(path, bytes, (size_t)size, 0644);
}

static int note_name(void *context, const char *name, const void *bytes, size_t size, struct error *error)
{
	(void)error;
	ck_assert(size > 4 && memcmp(bytes, "\177ELF", 4) == 0);
	strcat(strcat(context, name), " ");
	return 0;
}

START_TEST(modules_come_after_what_they_need)
{
	static const char *const names[] = {
		"nf-nat.ko", "nf_conntrack.ko", "nf_defrag_ipv4.ko", "nft_masq.ko", "modules.builtin",
	};
	char folder[] = "/tmp/twprobe-modules-XXXXXX", path[96], order[256] = "";
	struct modules *modules;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/modules", folder);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	make_module(path, names[0], "nf_conntrack");
	make_module(path, names[1], "nf_defrag_ipv4,libcrc32c");
	make_module(path, names[2], "");
	make_module(path, names[3], "nf_conntrack,nf_nat");
	modules = modules_open(folder, "");
	ck_assert_int_eq(modules_walk(modules, "nft_masq", note_name, order, NULL), 0);
	ck_assert_int_eq(modules_walk(modules, "nf_nat", note_name, order, NULL), 0); /* it was there */
	ck_assert_int_eq(modules_walk(modules, "ip_vs", note_name, order, NULL), 1);
	ck_assert_str_eq(order, "nf_defrag_ipv4 nf_conntrack nf_nat nft_masq ");
	ck_assert_int_eq(modules_built_in(modules, "libcrc32c"), -1);
	modules_close(modules);
	snprintf(path, sizeof(path), "%s/modules/%s", folder, names[4]);
	make_file(path, "kernel/lib/libcrc32c.ko\n", 24, 0644);
	modules = modules_open(folder, "");
	ck_assert_int_eq(modules_built_in(modules, "libcrc32c"), 1);
	ck_assert_int_eq(modules_built_in(modules, "libcrc32"), 0);
	modules_close(modules);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/modules/%s", folder, names[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/modules", folder);
	rmdir(path);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(a_tree_lists_its_modules)
{
	static const char list[] = "net/ipv4/tcp_diag.o\nnet/ipv4/inet_diag.o\nnet/core/gone.o\n";
	static const char *const names[] = {
		"net/ipv4/tcp_diag.ko", "net/ipv4/inet_diag.ko", "net/ipv4", "net", "modules.order",
	};
	char folder[] = "/tmp/twprobe-modules-XXXXXX", path[96], order[256] = "";
	struct modules *modules;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (size_t i = 4; i-- > 2;) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		ck_assert_int_eq(mkdir(path, 0755), 0);
	}
	make_module(folder, names[0], "inet_diag");
	make_module(folder, names[1], "");
	snprintf(path, sizeof(path), "%s/modules.order", folder);
	make_file(path, list, sizeof(list) - 1, 0644);
	modules = modules_open(folder, "6.12.1");
	ck_assert_int_eq(modules_walk(modules, "tcp_diag", note_name, order, NULL), 0);
	ck_assert_int_eq(modules_walk(modules, "gone", note_name, order, NULL), 1);
	ck_assert_str_eq(order, "inet_diag tcp_diag ");
	modules_close(modules);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		remove(path);
	}
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

static void keep_bytes(void *context, const void *bytes, size_t size)
{
	FILE *file = context;

	fwrite(bytes, 1, size, file);
}

START_TEST(a_packed_line_gives_each_part_at_once)
{
	static const size_t sizes[] = { 1, 100, 0, 70000, 3 };
	struct packed_line *sender = packed_line_new_sender(), *receiver = packed_line_new_receiver();
	static char part[70000];
	size_t sent = 0, sizes_seen, packed_size;
	char *got, *packed;

	for (size_t i = 0; i < sizeof(part); i++)
		part[i] = (char)(i * 31 >> 7);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		FILE *line = open_memstream(&packed, &packed_size), *out = open_memstream(&got, &sizes_seen);

		ck_assert_int_eq(packed_line_pass(sender, part, sizes[i], keep_bytes, line), 0);
		fclose(line);
		for (size_t at = 0; at < packed_size; at += 1000) /* as a pipe cuts it */
			ck_assert_int_eq(packed_line_pass(receiver, packed + at, packed_size - at < 1000 ?
							  packed_size - at : 1000, keep_bytes, out), 0);
		fclose(out);
		ck_assert_uint_eq(sizes_seen, sizes[i]);
		ck_assert_mem_eq(got, part, sizes[i]);
		sent += packed_size;
		free(got);
		free(packed);
	}
	ck_assert_uint_lt(sent, 70000 / 4);
	ck_assert_int_eq(packed_line_pass(receiver, "\xff\xff\xff\xff", 4, keep_bytes, stderr), -1);
	packed_line_free(sender);
	packed_line_free(receiver);
}
END_TEST

START_TEST(the_console_tells_why)
{
	static const char *const rows[][2] = {
		{ "", "it said nothing" },
		{ "\r\n\r\n", "it said nothing" },
		{ "one\r\ntwo\r\n", "two" },
		{ "[    1.234567] mounted\n[    1.300000] stuck\n", "stuck" },
		{ "[x] no time\n", "[x] no time" },
		{ "[ 1.0] Kernel panic - not syncing: no init\r\n[ 1.1] Rebooting\r\n", "Kernel panic - not syncing: no init" },
		{ "fine\n" ENGINE_KILLED "9 (Killed)\n", ENGINE_KILLED "9 (Killed)" },
		{ "XZ-compressed data is corrupt\n\n -- System halted", "XZ-compressed data is corrupt" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct engine_console console = { .size = 0 };
		int ends[2];

		ck_assert_int_eq(pipe(ends), 0);
		for (size_t filler = 0; i >= 2 && filler < 3 * sizeof(console.tail); filler += 4) /* it keeps the end */
			ck_assert_int_eq(write(ends[1], "abc\n", 4), 4);
		ck_assert_int_eq(write(ends[1], rows[i][0], strlen(rows[i][0])), (ssize_t)strlen(rows[i][0]));
		close(ends[1]);
		while (engine_console_take(&console, ends[0]))
			;
		close(ends[0]);
		ck_assert(console.panicked == (strstr(rows[i][0], "panic") != NULL));
		ck_assert_str_eq(engine_console_line(&console), rows[i][1]);
	}
}
END_TEST

/* The kernel is gone, with all its lines, before the first byte of what it said was read. */
START_TEST(the_last_words_of_a_guest_are_heard)
{
	static const char words[] = "fthe guest's kernel has no module x\n";
	static struct engine_attended attended;
	struct image image = { .kind = IMAGE_UML };
	struct engine_request request = { .image = &image };
	int *lines[] = { attended.start.output, attended.start.errors, attended.start.console };

	attended = (struct engine_attended){ .signals = -1, .start.life = { -1, -1 } };
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, attended.start.control), 0);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		ck_assert_int_eq(pipe(lines[i]), 0);
		close(lines[i][1]);
	}
	ck_assert_int_eq(write(attended.start.control[1], words, sizeof(words) - 1), (ssize_t)sizeof(words) - 1);
	close(attended.start.control[1]);
	engine_attend(&attended, &request, NULL, 0);
	ck_assert(attended.failed);
	ck_assert_str_eq(attended.said, "the guest's kernel has no module x");
	close(attended.start.control[0]);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		close(lines[i][0]);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("engine");

	tcase_add_test(tests, a_request_comes_back);
	tcase_add_test(tests, a_part_of_a_request_is_none);
	tcase_add_test(tests, too_long_is_said);
	tcase_add_test(tests, images_are_told_apart);
	tcase_add_test(tests, a_tree_has_what_was_built_in_it);
	tcase_add_test(tests, modules_come_after_what_they_need);
	tcase_add_test(tests, a_tree_lists_its_modules);
	tcase_add_test(tests, the_console_tells_why);
	tcase_add_test(tests, the_last_words_of_a_guest_are_heard);
	tcase_add_test(tests, a_packed_line_gives_each_part_at_once);
	return run_suite("engine", tests, NULL);
}
