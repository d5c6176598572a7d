/* fuzz_capture_file.c - libFuzzer: any bytes as a capture file, as far as its reader and the decoder go: thousands a second,
 * where fuzz_capture, which follows the connections too, does some hundred. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "listener/capture_file.h"
#include "listener/ear.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static void hear(const struct capture_frame *frame)
{
	struct segment segment;
	struct notice notice;

	check(frame->size <= CAPTURE_FRAME_MAX && frame->number > 0);
	ear_take(frame->link_type, frame->bytes, frame->size, frame->length, &segment, &notice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int descriptor = -1;
	static char path[64];
	struct capture_file *file;
	struct capture_frame frame;
	struct error error;
	uint64_t last = 0;
	int result;

	if (descriptor < 0) {
		descriptor = memfd_create("capture", 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
	}
	check(ftruncate(descriptor, 0) == 0 && pwrite(descriptor, data, size, 0) == (ssize_t)size);
	error.text[0] = '\0';
	file = capture_file_open(path, &error);
	check(file || error.text[0]);
	if (!file)
		return 0;
	while ((result = capture_file_next(file, &frame, &error)) > 0) {
		check(frame.number == ++last);
		hear(&frame);
	}
	check(result == 0 || error.text[0]);
	capture_file_close(file);
	return 0;
}
