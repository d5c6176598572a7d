/* validate.c - holds outputs against the schemas: validate FOLDER FILE...; tests/live/lib.sh does so with every one it sees. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/schema.h"

static char *read_all(const char *path, size_t *size)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	*size = 0;
	while (file && !feof(file) && !ferror(file)) {
		if (*size == room) {
			char *more = realloc(text, room += 1 << 20);

			if (!more)
				break;
			text = more;
		}
		*size += fread(text + *size, 1, room - *size, file);
	}
	if (file)
		fclose(file);
	return text;
}

int main(int argc, char **argv)
{
	struct error error;
	struct schemas *schemas = argc > 2 ? schema_open(argv[1], &error) : NULL;
	int bad = 0;

	if (!schemas) {
		fprintf(stderr, "validate: %s\n", argc > 2 ? error.text : "validate FOLDER FILE...");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		size_t size;
		char *text = read_all(argv[i], &size);

		if (schema_check_text(schemas, text, size, &error)) {
			printf("%s: %s\n", argv[i], error.text);
			bad = 1;
		}
		free(text);
	}
	schema_close(schemas);
	return bad;
}
