/* diagnosis_output.c - keeps a file from being read and written at once, and an old one until there is something better. */
#include "harness/commands/diagnosis_output.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/commands/output.h"

static bool same_file(int descriptor, const char *read)
{
	struct stat written, other;

	if (fstat(descriptor, &written) < 0 || !S_ISREG(written.st_mode))
		return false;
	if ((strcmp(read, "-") == 0 ? fstat(STDIN_FILENO, &other) : stat(read, &other)) < 0)
		return false;
	return written.st_dev == other.st_dev && written.st_ino == other.st_ino;
}

int diagnosis_output_open(struct diagnosis_output *output, const char *path, const char *read, struct error *error)
{
	*output = (struct diagnosis_output){ .path = path };
	if (!path)
		return 0;
	output->file = output_open("-w ", path, error);
	if (!output->file)
		return -1;
	if (!read || !same_file(output_descriptor(output->file), read))
		return 0;
	diagnosis_output_close(output);
	return fail(error, "-w %.200s: that is the capture which is read", path);
}

static bool begin(struct diagnosis_output *output)
{
	if (output->capture || output->failed.text[0])
		return output->capture;
	output->capture = report_diagnosis_capture_open(output->facts, output_descriptor(output->file),
							output_name(output->path), &output->failed);
	output_keep(output->file);
	return output->capture;
}

void diagnosis_output_frame(struct diagnosis_output *output, const struct capture_frame *frame, uint64_t settled)
{
	if (begin(output))
		report_diagnosis_capture_frame(output->capture, frame, settled);
}

void diagnosis_output_take(struct diagnosis_output *output, const struct diagnosed *diagnosed)
{
	if (output->capture)
		report_diagnosis_capture_take(output->capture, diagnosed);
}

int diagnosis_output_settle(struct diagnosis_output *output, uint64_t settled, struct error *error)
{
	if (output->failed.text[0])
		return fail(error, "%s", output->failed.text);
	return output->capture ? report_diagnosis_capture_settle(output->capture, settled, error) : 0;
}

void diagnosis_output_finish(struct diagnosis_output *output, bool whole)
{
	if (!output->file || (!output->capture && !whole))
		return;
	if (begin(output))
		report_diagnosis_capture_finish(output->capture, &output->written);
	else
		output->written = (struct report_diagnosis_written){ .name = output->path, .failed = output->failed.text };
}

void diagnosis_output_close(struct diagnosis_output *output)
{
	report_diagnosis_capture_close(output->capture);
	output_close(output->file);
	output->capture = NULL;
	output->file = NULL;
}
