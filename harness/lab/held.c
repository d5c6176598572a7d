/* held.c - a table by descriptor, threaded by a list in order of age. */
#include "harness/lab/held.h"

#include <stdlib.h>

void held_init(struct held_list *list)
{
	*list = (struct held_list){ .oldest = -1, .youngest = -1 };
}

static int grow(struct held_list *list, size_t wanted)
{
	size_t size = list->size ? list->size : 64;
	struct held *table;

	while (size < wanted)
		size *= 2;
	table = realloc(list->table, size * sizeof(*table));
	if (!table)
		return -1;
	list->table = table;
	list->size = size;
	return 0;
}

int held_add(struct held_list *list, int descriptor, enum behaviour behaviour, const struct address *client, uint64_t now_ns)
{
	if ((size_t)descriptor >= list->size && grow(list, (size_t)descriptor + 1))
		return -1;
	list->table[descriptor] = (struct held){
		.behaviour = behaviour, .client = *client, .since_ns = now_ns, .older = list->youngest,
		.younger = -1,
	};
	if (list->youngest >= 0)
		list->table[list->youngest].younger = descriptor;
	else
		list->oldest = descriptor;
	list->youngest = descriptor;
	list->count++;
	return 0;
}

void held_remove(struct held_list *list, int descriptor)
{
	const struct held *held = &list->table[descriptor];

	if (held->older >= 0)
		list->table[held->older].younger = held->younger;
	else
		list->oldest = held->younger;
	if (held->younger >= 0)
		list->table[held->younger].older = held->older;
	else
		list->youngest = held->older;
	list->count--;
}

void held_free(struct held_list *list)
{
	free(list->table);
	held_init(list);
}
