/* report_cell_names.c - a list of copies. */
#include "harness/report/report_cell_names.h"

#include <stdlib.h>
#include <string.h>

int report_cell_names_add(struct report_cell_names *names, bool every, const char *name)
{
	if (!every && names->count == REPORT_CELL_NAMES_FEW)
		return 0;
	if (names->count == names->room) {
		size_t room = names->room ? 2 * names->room : 4;
		char **list = realloc(names->list, room * sizeof(*list));

		if (!list)
			return -1;
		names->list = list;
		names->room = room;
	}
	names->list[names->count] = strdup(name);
	if (!names->list[names->count])
		return -1;
	names->count++;
	return 0;
}

void report_cell_names_free(struct report_cell_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
}
