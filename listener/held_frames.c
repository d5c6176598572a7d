/* held_frames.c - a ring of frames, each with its comments. */
#include "listener/held_frames.h"

#include <stdlib.h>
#include <string.h>

enum { COMMENTS_MAX = 16, RING_FIRST = 1024 };

struct held_frame {
	struct capture_frame frame; /* its bytes and options are ours, in one piece */
	struct capture_comment *comments; /* NULL: none */
	uint32_t comment_count;
	size_t cost;
};

struct held_frames {
	struct capture_write *writer;
	struct held_frame *ring;      /* of a power of two */
	size_t room, first, count;
	size_t bytes, most;
	uint64_t written;       /* frames before the first that is held */
};

struct held_frames *held_frames_open(struct capture_write *writer, size_t most)
{
	struct held_frames *held = calloc(1, sizeof(*held));

	if (!held)
		return NULL;
	held->writer = writer;
	held->most = most;
	return held;
}

static struct held_frame *at(const struct held_frames *held, size_t place)
{
	return &held->ring[(held->first + place) & (held->room - 1)];
}

static void drop(struct held_frame *one)
{
	for (uint32_t i = 0; i < one->comment_count; i++)
		free((char *)one->comments[i].text);
	free(one->comments);
	free((uint8_t *)one->frame.bytes);
}

static int write_first(struct held_frames *held, struct error *error)
{
	struct held_frame *one = at(held, 0);
	int result = capture_write_frame(held->writer, &one->frame, one->comments, one->comment_count, error);

	held->bytes -= one->cost;
	drop(one);
	held->first = (held->first + 1) & (held->room - 1);
	held->count--;
	held->written++;
	return result;
}

static bool make_room(struct held_frames *held)
{
	size_t room = held->room ? 2 * held->room : RING_FIRST;
	struct held_frame *larger;

	if (held->count < held->room)
		return true;
	larger = malloc(room * sizeof(*larger));
	if (!larger)
		return false;
	for (size_t i = 0; i < held->count; i++)
		larger[i] = *at(held, i);
	free(held->ring);
	held->ring = larger;
	held->room = room;
	held->first = 0;
	return true;
}

static bool keep(struct held_frames *held, const struct capture_frame *frame)
{
	size_t size = frame->size + frame->options_size;
	uint8_t *bytes = malloc(size + 1);
	struct held_frame *one;

	if (!bytes || !make_room(held)) {
		free(bytes);
		return false;
	}
	one = at(held, held->count++);
	*one = (struct held_frame){ .frame = *frame, .cost = sizeof(*one) + size };
	memcpy(bytes, frame->bytes, frame->size);
	if (frame->options_size)
		memcpy(bytes + frame->size, frame->options, frame->options_size);
	one->frame.bytes = bytes;
	one->frame.options = bytes + frame->size;
	one->frame.interface_name = NULL; /* it is described already */
	held->bytes += one->cost;
	return true;
}

static int write_settled(struct held_frames *held, uint64_t settled, struct error *error)
{
	while (held->count && at(held, 0)->frame.number < settled)
		if (write_first(held, error) < 0)
			return -1;
	return 0;
}

int held_frames_settle(struct held_frames *held, uint64_t settled, struct error *error)
{
	return write_settled(held, settled, error) < 0 ? -1 : capture_write_flush(held->writer, error);
}

int held_frames_take(struct held_frames *held, const struct capture_frame *frame, uint64_t settled, struct error *error)
{
	if (write_settled(held, settled, error) < 0)
		return -1;
	if (!held->count && frame->number < settled) {
		held->written++;
		return capture_write_frame(held->writer, frame, NULL, 0, error);
	}
	if (capture_write_interface(held->writer, frame, error) < 0)
		return -1;
	if (!keep(held, frame))
		return fail(error, "out of memory for frames that wait for comments");
	while (held->bytes > held->most)
		if (write_first(held, error) < 0)
			return -1;
	return 0;
}

/* The place of the frame in the ring; `count`: it is not there. */
static size_t find(const struct held_frames *held, uint64_t number)
{
	size_t low = 0, high = held->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (at(held, middle)->frame.number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < held->count && at(held, low)->frame.number == number ? low : held->count;
}

uint64_t held_frames_number(const struct held_frames *held, uint64_t number)
{
	size_t place = find(held, number);

	return place < held->count ? held->written + place + 1 : 0;
}

bool held_frames_comment(struct held_frames *held, uint64_t number, const char *text)
{
	size_t place = find(held, number), size = strlen(text), cost = size;
	struct held_frame *one;

	if (place == held->count)
		return false;
	one = at(held, place);
	if (one->comment_count == COMMENTS_MAX)
		return false;
	if (!one->comments)
		one->comments = calloc(COMMENTS_MAX, sizeof(*one->comments));
	if (!one->comments)
		return false;
	cost += one->comment_count ? 0 : COMMENTS_MAX * sizeof(*one->comments);
	one->comments[one->comment_count] = (struct capture_comment){ strdup(text), size };
	if (!one->comments[one->comment_count].text)
		return false;
	one->comment_count++;
	one->cost += cost;
	held->bytes += cost;
	return true;
}

int held_frames_finish(struct held_frames *held, struct error *error)
{
	while (held->count)
		if (write_first(held, error) < 0)
			return -1;
	return capture_write_flush(held->writer, error);
}

void held_frames_close(struct held_frames *held)
{
	if (!held)
		return;
	for (size_t i = 0; i < held->count; i++)
		drop(at(held, i));
	free(held->ring);
	free(held);
}
