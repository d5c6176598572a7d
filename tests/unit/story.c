/* story.c - lines in, encounters out. */
#include "tests/unit/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/segment_text.h"
#include "crafter/units.h"

#include "tests/unit/suite.h"

struct story_found story_found;
struct tracked story_connections[STORY_CONNECTIONS_MAX];
struct tracker_counts story_counts;

static void take_connection(void *context, const struct tracked *connection)
{
	(void)context;
	ck_assert_uint_le(connection->number, STORY_CONNECTIONS_MAX);
	story_connections[connection->number - 1] = *connection;
}

void story_take(void *context, const struct encounter *encounter, const struct tuple *tuple)
{
	(void)context;
	(void)tuple;
	ck_assert_uint_lt(story_found.count, STORY_FOUND_MAX);
	story_found.list[story_found.count++] = *encounter;
}

/* Who speaks: a letter for each direction. */
static const struct { char letter; const char *tuple; } speakers[] = {
	{ 'C', "192.0.2.1:40000 > 192.0.2.2:80" }, { 'S', "192.0.2.2:80 > 192.0.2.1:40000" },
	{ 'D', "192.0.2.1:40001 > 192.0.2.2:80" }, { 'T', "192.0.2.2:80 > 192.0.2.1:40001" },
	{ 'E', "192.0.2.9:40000 > 192.0.2.2:80" }, { 'U', "192.0.2.2:80 > 192.0.2.9:40000" },
	{ 'N', "203.0.113.1:1024 > 192.0.2.2:80" }, { 'M', "192.0.2.2:80 > 203.0.113.1:1024" },
	{ 'F', "192.0.2.1:40000 > 192.0.2.2:81" }, { 'V', "192.0.2.2:81 > 192.0.2.1:40000" },
	{ 'G', "192.0.2.8:40000 > 192.0.2.7:80" },
};

void story_segment(const char *line, struct segment *segment, uint8_t payload[SEGMENT_PAYLOAD_MAX], uint64_t *now_ns)
{
	struct error error = { "" };
	char text[256];
	int i = 0;

	if (*line >= '0' && *line <= '9') {
		*now_ns += strtoull(line, NULL, 10) * NSEC_PER_MSEC;
		line = strchr(line, ' ') + 1;
	}
	*now_ns += 10000;
	while (speakers[i].letter != *line)
		ck_assert_int_lt(++i, ROWS(speakers));
	snprintf(text, sizeof(text), "%s %s", speakers[i].tuple, line + 2);
	ck_assert_msg(segment_text_parse(text, NULL, segment, payload, &error) == 0, "%s: %s", text, error.text);
}

void story_line(struct tracker *tracker, const char *line, uint64_t frame, uint64_t *now_ns)
{
	uint8_t payload[SEGMENT_PAYLOAD_MAX];
	struct error error = { "" };
	struct segment segment;

	story_segment(line, &segment, payload, now_ns);
	ck_assert_int_eq(tracker_take(tracker, &segment, false, frame, *now_ns, &error), 0);
}

void story_tell(const char *const *lines)
{
	struct tracker *tracker = tracker_open(16, &(struct tracker_sink){ story_take, take_connection, NULL, NULL });
	uint64_t now_ns = NSEC_PER_SEC;

	memset(&story_found, 0, sizeof(story_found));
	memset(story_connections, 0, sizeof(story_connections));
	for (uint64_t frame = 1; lines[frame - 1]; frame++)
		story_line(tracker, lines[frame - 1], frame, &now_ns);
	tracker_finish(tracker);
	tracker_count(tracker, &story_counts);
	tracker_close(tracker);
}
