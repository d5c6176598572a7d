/* far_file.h - a capture of the far side as a file or through a pipe: one that grows meanwhile, is finished after the run, or
 * is only there then. */
#ifndef TWPROBE_HARNESS_WIRE_FAR_FILE_H
#define TWPROBE_HARNESS_WIRE_FAR_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/fail.h"
#include "listener/capture_file.h"

struct far_file;

/* "-": standard input. A file that is not there yet is opened when it is; its folder must be. NULL with an error. */
struct far_file *far_file_open(const char *path, struct error *error);
/* As capture_file_next(): 0: no more yet. */
int far_file_next(struct far_file *file, struct capture_frame *frame, struct error *error);
/* More may yet come: somebody writes it, or it is not there, and the last news are no older than a minute. */
bool far_file_grows(const struct far_file *file, uint64_t now_ns);
void far_file_close(struct far_file *file); /* NULL is fine */

#endif
