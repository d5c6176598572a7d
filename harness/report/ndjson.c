/* ndjson.c - how a record becomes a line. */
#include "harness/report/ndjson.h"

#include "cases/matrix/cell.h"

enum {
	/* 15 digits: numbers rounded to one decimal print as such (23.4, not 23.399999999999999). */
	DUMP_FLAGS = JSON_PRESERVE_ORDER | JSON_COMPACT | JSON_REAL_PRECISION(15),
	LINE_SIZE = 16384,
};

int ndjson_write(FILE *out, json_t *object, struct error *error)
{
	char line[LINE_SIZE];
	size_t size = object ? json_dumpb(object, line, sizeof(line) - 1, DUMP_FLAGS) : 0;
	int result = 0;

	/* json_dumpf writes each brace and comma separately; a whole line at once takes half the time. */
	if (size > 0 && size < sizeof(line)) {
		line[size] = '\n';
		fwrite(line, 1, size + 1, out);
	} else if (!object || (json_dumpf(object, out, DUMP_FLAGS) && !ferror(out))) {
		result = fail(error, "out of memory for a JSON record");
	} else {
		fputc('\n', out);
	}
	json_decref(object);
	return result;
}

json_t *ndjson_text(const char *string)
{
	char copy[CELL_NAME_SIZE];
	json_t *value;
	size_t i;

	if (!string || !*string)
		return json_null();
	value = json_string(string);
	if (value)
		return value;
	snprintf(copy, sizeof(copy), "%s", string);
	for (i = 0; copy[i]; i++)
		if ((unsigned char)copy[i] >= 0x80)
			copy[i] = '?';
	return json_string(copy);
}
