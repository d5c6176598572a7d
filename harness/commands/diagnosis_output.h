/* diagnosis_output.h - `-w FILE` of a diagnosis: the file, which is opened first and not touched before the first frame. */
#ifndef TWPROBE_HARNESS_COMMANDS_DIAGNOSIS_OUTPUT_H
#define TWPROBE_HARNESS_COMMANDS_DIAGNOSIS_OUTPUT_H

#include "harness/report/report_diagnosis_capture.h"

struct diagnosis_output {
	const char *path;
	struct output *file;                        /* NULL: no -w was given; the rest does nothing then */
	const struct report_diagnosis_facts *facts; /* set by the caller once it is open */
	struct report_diagnosis_capture *capture;   /* NULL: there was no frame yet */
	struct error failed;                        /* why there is no capture; "": nothing failed */
	struct report_diagnosis_written written;    /* once it is finished */
};

/* `path`: NULL: none; "-" is standard output, and what goes there otherwise goes to standard error from now on. `read`: the
 * capture that is read, which is never written; NULL: it is not a file. -1 with an error. */
int diagnosis_output_open(struct diagnosis_output *output, const char *path, const char *read, struct error *error);
/* As a diagnosis_listener hands them over. */
void diagnosis_output_frame(struct diagnosis_output *output, const struct capture_frame *frame, uint64_t settled);
void diagnosis_output_take(struct diagnosis_output *output, const struct diagnosed *diagnosed);
/* Live: what is settled is in the file then. -1 with an error: it cannot be written. */
int diagnosis_output_settle(struct diagnosis_output *output, uint64_t settled, struct error *error);
/* `whole`: the capture could be read; then even one without frames is written. Fills in `written`. */
void diagnosis_output_finish(struct diagnosis_output *output, bool whole);
void diagnosis_output_close(struct diagnosis_output *output);

#endif
