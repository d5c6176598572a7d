/* diagnosis_file.c - a capture file from its first frame to its last, handed to a diagnosis. */
#include "harness/diagnose/diagnosis.h"

enum { PROGRESS_EVERY = 8192 };

static int read_all(struct capture_file *file, struct diagnosis *diagnosis, const struct diagnosis_listener *listener,
		    struct error *error)
{
	struct capture_frame frame;
	uint64_t frames = 0;
	int result;

	while ((result = capture_file_next(file, &frame, error)) > 0) {
		if (diagnosis_frame(diagnosis, &frame, capture_file_interfaces(file) > 1, error) < 0)
			return -1;
		if (listener->progress && ++frames % PROGRESS_EVERY == 0)
			listener->progress(listener->context, capture_file_consumed(file), capture_file_size(file));
	}
	return result;
}

int diagnosis_run(const char *path, const struct diagnosis_options *options, const struct diagnosis_listener *listener,
		  struct diagnosis_counts *counts, struct error *error)
{
	struct diagnosis *diagnosis = diagnosis_open(options, listener, counts, error);
	struct capture_file *file = diagnosis ? capture_file_open(path, error) : NULL;
	int result = -1;

	if (file) {
		result = read_all(file, diagnosis, listener, error);
		counts->cut = capture_file_cut(file);
		diagnosis_finish(diagnosis);
	}
	capture_file_close(file);
	diagnosis_close(diagnosis);
	return result;
}
