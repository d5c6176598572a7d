/* module_file.h - a kernel module's file: read whole, unpacked where it is compressed, and what it depends on. */
#ifndef TWPROBE_HARNESS_ENGINE_MODULE_FILE_H
#define TWPROBE_HARNESS_ENGINE_MODULE_FILE_H

#include <stddef.h>

#include "crafter/fail.h"

struct module_file {
	char *bytes; /* a NUL follows */
	size_t size;
};

/* A path without its .xz, .zst or .gz is fine where only such a file is there. What unpacks the first two are the tools of
 * that name. 1: there is no such file; -1 with an error. */
int module_file_read(const char *path, struct module_file *file, struct error *error);
void module_file_free(struct module_file *file);
/* The names that it depends on, with commas between them; "": none. */
const char *module_file_depends(const struct module_file *file);

#endif
