/* text_file.h - a file with a text in a test's folder. */
#ifndef TWPROBE_TESTS_TEXT_FILE_H
#define TWPROBE_TESTS_TEXT_FILE_H

#include <stdio.h>
#include <stdlib.h>

static inline void text_file_write(const char *folder, const char *name, const char *text)
{
	char whole[300];
	FILE *file;

	snprintf(whole, sizeof(whole), "%s/%s", folder, name);
	file = fopen(whole, "w");
	if (!file)
		abort();
	fputs(text, file);
	fclose(file);
}

#endif
