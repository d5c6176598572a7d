/* proc_file.h - a file of /proc, whole, which its kernel generates at each read from the start. */
#ifndef TWPROBE_HARNESS_LAB_PROC_FILE_H
#define TWPROBE_HARNESS_LAB_PROC_FILE_H

#include <stddef.h>

#include "crafter/fail.h"

/* Reads it into `text`, of `size` bytes, with a '\0' at the end. A longer one is an error; `name` is for that. */
int proc_file_read(int file, const char *name, char *text, size_t size, struct error *error);

#endif
