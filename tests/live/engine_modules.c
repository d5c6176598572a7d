/* engine_modules.c - starts a kernel (the first argument) with the modules that the others name, and prints what /proc/modules
 * has there; "boot=MS" is how long it may say nothing. Both the program that starts it and the guest's. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/engine/engine.h"
#include "harness/engine/guest.h"

static int print_modules(void)
{
	char line[512];
	FILE *file = fopen("/proc/modules", "r");

	if (!file) {
		printf("no modules\n");
		return 0;
	}
	while (fgets(line, sizeof(line), file))
		printf("%.*s\n", (int)strcspn(line, " "), line);
	fclose(file);
	return 0;
}

int main(int argc, char **argv)
{
	struct engine_request request = { .argc = argc, .argv = argv, .modules = (const char *const *)argv + 2 };
	struct image image;
	struct error error;
	int code;

	if (guest_is_here(argc, argv))
		guest_run();
	if (guest_engine())
		return print_modules();
	if (argc < 2)
		return 2;
	if (argc > 2 && strncmp(argv[2], "boot=", 5) == 0) {
		request.boot_ms = (unsigned)atoi(argv[2] + 5);
		request.modules++;
	}
	request.module_count = (size_t)(argc - (int)(request.modules - (const char *const *)argv));
	signal(SIGPIPE, SIG_IGN);
	if (image_find(argv[1], IMAGE_ANY, &image, &error) < 0 || (request.image = &image, code = engine_run(&request, &error)) < 0) {
		fprintf(stderr, "%s\n", error.text);
		return 4;
	}
	return code;
}
