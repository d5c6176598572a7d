/* compare_groups.c - gathers cells with the same values in every file, and finds what they share. */
#include "harness/results/compare_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/textbuf.h"

enum { TEXT_SIZE = 512 };

int compare_grouping_open(struct grouping *grouping, struct comparison *comparison, struct pool *pool)
{
	memset(grouping, 0, sizeof(*grouping));
	grouping->comparison = comparison;
	grouping->pool = pool;
	grouping->keys = intern_open();
	grouping->axis_keys = intern_open();
	grouping->buckets = intern_open();
	return grouping->keys && grouping->axis_keys && grouping->buckets ? 0 : -1;
}

void compare_grouping_close(struct grouping *grouping)
{
	free(grouping->axis_counts);
	intern_close(grouping->keys);
	intern_close(grouping->axis_keys);
	intern_close(grouping->buckets);
}

uint32_t compare_grouping_word(struct grouping *grouping, const char *text)
{
	uint32_t number = intern_add(grouping->pool->words, text);

	if (number != INTERN_NONE)
		return number;
	grouping->failed = true;
	return WORD_UNKNOWN;
}

/* "time-wait/syn/seq-below/ts-above/ipv6" -> bucket and axes; fewer parts leave the rest empty. */
static void split(const char *name, char buffer[static TEXT_SIZE], const char **bucket,
		  const char *axes[COMPARE_AXIS_COUNT])
{
	char *at = buffer;
	size_t axis;

	snprintf(buffer, TEXT_SIZE, "%s", name);
	*bucket = buffer;
	at = strchr(at, '/');
	at = at ? strchr(at + 1, '/') : NULL;
	for (axis = 0; axis < COMPARE_AXIS_COUNT; axis++) {
		axes[axis] = "";
		if (!at)
			continue;
		*at++ = '\0';
		axes[axis] = at;
		at = strchr(at, '/');
	}
}

/* True where the value is new for its owner ("g12", "b3"). */
static bool axis_meet(struct grouping *grouping, const char *owner, size_t number, size_t axis, const char *value)
{
	size_t before = intern_count(grouping->axis_keys);
	char key[TEXT_SIZE + 64];

	snprintf(key, sizeof(key), "%s%zu %zu %s", owner, number, axis, value);
	if (intern_add(grouping->axis_keys, key) == INTERN_NONE)
		grouping->failed = true;
	return intern_count(grouping->axis_keys) > before;
}

void compare_grouping_count(struct grouping *grouping, uint32_t cell)
{
	char buffer[TEXT_SIZE];
	const char *bucket, *axes[COMPARE_AXIS_COUNT];
	size_t axis, *grown;
	uint32_t number;

	split(intern_text(grouping->pool->cells, cell), buffer, &bucket, axes);
	number = intern_add(grouping->buckets, bucket);
	if (number == INTERN_NONE) {
		grouping->failed = true;
		return;
	}
	if (number >= grouping->bucket_room) {
		grown = realloc(grouping->axis_counts, (number + 64u) * COMPARE_AXIS_COUNT * sizeof(*grown));
		if (!grown) {
			grouping->failed = true;
			return;
		}
		memset(grown + grouping->bucket_room * COMPARE_AXIS_COUNT, 0,
		       (number + 64u - grouping->bucket_room) * COMPARE_AXIS_COUNT * sizeof(*grown));
		grouping->axis_counts = grown;
		grouping->bucket_room = number + 64u;
	}
	for (axis = 0; axis < COMPARE_AXIS_COUNT; axis++)
		grouping->axis_counts[number * COMPARE_AXIS_COUNT + axis] += axis_meet(grouping, "b", number, axis,
										       axes[axis]);
}

static void group_add(struct grouping *grouping, struct group *group, size_t number, uint32_t cell)
{
	char buffer[TEXT_SIZE];
	const char *bucket, *axes[COMPARE_AXIS_COUNT];
	uint32_t *grown;
	size_t axis;

	if (!(group->count & (group->count - 1))) { /* full: room is the next power of two */
		grown = realloc(group->members, (group->count ? group->count * 2 : 1) * sizeof(*grown));
		if (!grown) {
			grouping->failed = true;
			return;
		}
		group->members = grown;
	}
	group->members[group->count++] = cell;
	split(intern_text(grouping->pool->cells, cell), buffer, &bucket, axes);
	for (axis = 0; axis < COMPARE_AXIS_COUNT; axis++) {
		struct axis_share *share = &group->axes[axis];

		if (!axis_meet(grouping, "g", number, axis, axes[axis]))
			continue;
		if (share->count < COMPARE_AXIS_SHOWN)
			share->shown[share->count] = compare_grouping_word(grouping, axes[axis]);
		share->count++;
		share->of = grouping->axis_counts[intern_find(grouping->buckets, bucket) * COMPARE_AXIS_COUNT + axis];
	}
}

static struct group *group_new(struct grouping *grouping, enum likeness likeness, enum aspect aspect, uint32_t cell,
			       const uint32_t *values)
{
	struct comparison *comparison = grouping->comparison;
	char buffer[TEXT_SIZE];
	const char *bucket, *axes[COMPARE_AXIS_COUNT];
	struct group *group;

	if (comparison->group_count == grouping->group_room) {
		size_t room = grouping->group_room ? grouping->group_room * 2 : 64;

		group = realloc(comparison->groups, room * sizeof(*group));
		if (!group)
			return NULL;
		comparison->groups = group;
		grouping->group_room = room;
	}
	split(intern_text(grouping->pool->cells, cell), buffer, &bucket, axes);
	group = &comparison->groups[comparison->group_count++];
	memset(group, 0, sizeof(*group));
	group->likeness = likeness;
	group->aspect = aspect;
	group->bucket = compare_grouping_word(grouping, bucket);
	memcpy(group->values, values, comparison->files * sizeof(*values));
	return group;
}

/* Puts the cell into the group of its kind, which may be new. */
void compare_grouping_put(struct grouping *grouping, enum likeness likeness, enum aspect aspect, uint32_t cell,
			  const uint32_t *values)
{
	char buffer[TEXT_SIZE], key[TEXT_SIZE + COMPARE_FILES_MAX * 12];
	const char *bucket, *axes[COMPARE_AXIS_COUNT];
	struct textbuf out;
	uint32_t number;

	split(intern_text(grouping->pool->cells, cell), buffer, &bucket, axes);
	textbuf_init(&out, key, sizeof(key));
	textbuf_add(&out, "%d %d %s", (int)likeness, (int)aspect, bucket);
	for (size_t file = 0; file < grouping->comparison->files; file++)
		textbuf_add(&out, " %u", values[file]);
	number = intern_add(grouping->keys, key);
	if (number == INTERN_NONE || (number == grouping->comparison->group_count &&
				     !group_new(grouping, likeness, aspect, cell, values))) {
		grouping->failed = true;
		return;
	}
	group_add(grouping, &grouping->comparison->groups[number], number, cell);
}
