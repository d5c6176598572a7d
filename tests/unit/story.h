/* story.h - conversations as text, told to a tracker, and the encounters in them. Each line is a segment. */
#ifndef TWPROBE_TESTS_UNIT_STORY_H
#define TWPROBE_TESTS_UNIT_STORY_H

#include "harness/diagnose/tracker.h"

enum { STORY_FOUND_MAX = 32, STORY_CONNECTIONS_MAX = 4 };

struct story_found {
	size_t count;
	struct encounter list[STORY_FOUND_MAX];
};

/* What the last story had. */
extern struct story_found story_found;
extern struct tracked story_connections[STORY_CONNECTIONS_MAX]; /* by their numbers - 1 */
extern struct tracker_counts story_counts;

/* A tracker's sink that fills it. */
void story_take(void *context, const struct encounter *encounter, const struct tuple *tuple);
/* "C ..." is the client's (192.0.2.1:40000), "S ..." the server's (192.0.2.2:80); a number before it is the milliseconds since
 * the line before. Other letters are other connections: D and T have another client port, E and U another client, F and V
 * another server port; N and M the client behind a NAT (203.0.113.1:1024); G speaks of nothing
 * else. */
void story_segment(const char *line, struct segment *segment, uint8_t payload[SEGMENT_PAYLOAD_MAX], uint64_t *now_ns);
void story_line(struct tracker *tracker, const char *line, uint64_t frame, uint64_t *now_ns);
/* All of a capture; NULL ends it. */
void story_tell(const char *const *lines);

#endif
