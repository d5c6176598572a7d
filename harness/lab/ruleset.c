/* ruleset.c - libnftables, as far as a path needs it. */
#include "harness/lab/ruleset.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FILE_NAME_SIZE = 40 };

/* As in nftables/libnftables.h, whose soname promises them (LIBNFTABLES_1 and later). */
struct nft_ctx;

struct library {
	void *handle;
	struct nft_ctx *(*open)(uint32_t flags);
	void (*close)(struct nft_ctx *context);
	int (*buffer_error)(struct nft_ctx *context);
	int (*buffer_output)(struct nft_ctx *context);
	const char *(*get_error)(struct nft_ctx *context);
	int (*run)(struct nft_ctx *context, const char *file);
};

static int load_library(struct library *library, struct error *error)
{
	const struct {
		const char *name;
		void *into;
	} symbols[] = {
		{ "nft_ctx_new", &library->open }, { "nft_ctx_free", &library->close },
		{ "nft_ctx_buffer_error", &library->buffer_error }, { "nft_ctx_buffer_output", &library->buffer_output },
		{ "nft_ctx_get_error_buffer", &library->get_error }, { "nft_run_cmd_from_filename", &library->run },
	};

	library->handle = dlopen("libnftables.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!library->handle)
		return fail(error, "a path with rules needs libnftables, which is not here (Debian's package is libnftables1)");
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *symbol = dlsym(library->handle, symbols[i].name);

		if (!symbol)
			return fail(error, "libnftables is too old: it has no %s", symbols[i].name);
		memcpy(symbols[i].into, &symbol, sizeof(symbol)); /* ISO C has no cast from data to function */
	}
	return 0;
}

/* "SOURCE:LINE:COLUMN-COLUMN: Error: TEXT\nthe line\n   ^^^" */
void ruleset_error(const char *said, const struct path *path, struct error *error)
{
	const char *at = strchr(said, ':'), *text = at ? strstr(at, "Error: ") : NULL;
	long line = at ? strtol(at + 1, NULL, 10) : 0;

	if (!text || line <= 0)
		text = *said ? said : "the rules are refused";
	if (line > 0 && text != said)
		fail(error, "%.200s:%ld: %.*s", path->file, line + path->rules_line - 1, (int)strcspn(text, "\n"), text);
	else
		fail(error, "%.200s: %.*s", path->file, (int)strcspn(text, "\n"), text);
}

/* Only what comes from a file has lines in libnftables' errors. */
static int make_file(const struct path *path, char name[static FILE_NAME_SIZE], struct error *error)
{
	size_t size = strlen(path->rules), done = 0;
	int descriptor = memfd_create("rules", MFD_CLOEXEC);

	while (descriptor >= 0 && done < size) {
		ssize_t written = write(descriptor, path->rules + done, size - done);

		if (written < 0) {
			close(descriptor);
			descriptor = -1;
		} else {
			done += (size_t)written;
		}
	}
	if (descriptor < 0)
		fail(error, "%.200s: the rules cannot be handed to libnftables: %s", path->file, strerror(errno));
	snprintf(name, FILE_NAME_SIZE, "/proc/self/fd/%d", descriptor);
	return descriptor;
}

static int run(const struct library *library, struct nft_ctx *context, const struct path *path, struct error *error)
{
	char name[FILE_NAME_SIZE];
	int file, result;

	if (library->buffer_error(context) || library->buffer_output(context))
		return fail(error, "out of memory");
	file = make_file(path, name, error);
	if (file < 0)
		return -1;
	result = library->run(context, name);
	close(file);
	if (result)
		ruleset_error(library->get_error(context), path, error);
	return result ? -1 : 0;
}

int ruleset_load(const struct path *path, struct error *error)
{
	struct library library = { 0 };
	struct nft_ctx *context;
	int result = load_library(&library, error);

	if (result == 0) {
		context = library.open(0);
		result = context ? run(&library, context, path, error) : fail(error, "libnftables: out of memory");
		if (context)
			library.close(context);
	}
	if (library.handle)
		dlclose(library.handle);
	return result;
}
