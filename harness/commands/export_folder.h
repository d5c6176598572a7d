/* export_folder.h - the files that scripts are written into. They come through a pipe from a process that has given up the
 * right to make any. */
#ifndef TWPROBE_HARNESS_COMMANDS_EXPORT_FOLDER_H
#define TWPROBE_HARNESS_COMMANDS_EXPORT_FOLDER_H

#include <stdio.h>

#include "crafter/fail.h"

/* Each script begins with such a line, which is in none of them: the file's name follows, with that of a subfolder at most. */
#define EXPORT_FOLDER_BEGINS "\f"

int export_folder_make(const char *folder, struct error *error);
/* Until the pipe ends. -1 with an error, also for a name that leads elsewhere. */
int export_folder_fill(const char *folder, FILE *scripts, struct error *error);

#endif
