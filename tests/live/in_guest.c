/* in_guest.c - starts a kernel, loads modules there, and prints what /proc/modules has: in_guest [-b MS] IMAGE [MODULE...].
 * In a user-mode Linux it can run a program of this machine instead: in_guest IMAGE [MODULE...] -- PROGRAM [ARGUMENT...].
 * -b: how long the kernel may say nothing while it boots. It is the guest's first process, too. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/engine/engine.h"
#include "harness/engine/guest.h"

static int print_modules(void)
{
	char line[512];
	FILE *file = fopen("/proc/modules", "r");

	while (file && fgets(line, sizeof(line), file))
		printf("%.*s\n", (int)strcspn(line, " "), line);
	if (file)
		fclose(file);
	return 0;
}

static int run(struct engine_request *request, const char *path)
{
	static struct image image;
	struct error error;
	int code = -1;

	request->image = &image;
	if (image_find(path, IMAGE_ANY, &image, &error) == 0)
		code = engine_run(request, &error);
	if (code < 0)
		fprintf(stderr, "%s\n", error.text);
	return code < 0 ? 4 : code;
}

int main(int argc, char **argv)
{
	struct engine_request request = { .argc = argc, .argv = argv };
	int at = 1, end = 1;

	if (guest_is_here(argc, argv))
		guest_run();
	while (end < argc && strcmp(argv[end], "--") != 0)
		end++;
	if (guest_engine()) {
		if (end < argc - 1)
			execvp(argv[end + 1], argv + end + 1);
		return print_modules();
	}
	if (at + 1 < end && strcmp(argv[at], "-b") == 0) {
		request.boot_ms = (unsigned)atoi(argv[at + 1]);
		at += 2;
	}
	if (at == end)
		return 2;
	request.modules = (const char *const *)argv + at + 1;
	request.module_count = (size_t)(end - at - 1);
	signal(SIGPIPE, SIG_IGN);
	return run(&request, argv[at]);
}
