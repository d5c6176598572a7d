/* report_diagnosis_capture.h - a diagnosis as a capture: the frames again, with what is to be said about them as comments,
 * which Wireshark shows. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_DIAGNOSIS_CAPTURE_H
#define TWPROBE_HARNESS_REPORT_REPORT_DIAGNOSIS_CAPTURE_H

#include "harness/report/report_diagnosis.h"

struct report_diagnosis_capture;

/* `facts` and `name`, which errors have, must live as long; the descriptor stays the caller's. NULL with an error. */
struct report_diagnosis_capture *report_diagnosis_capture_open(const struct report_diagnosis_facts *facts, int descriptor,
							       const char *name, struct error *error);
/* As a diagnosis_listener hands them over. The first error is kept for report_diagnosis_capture_finish; then nothing more is
 * written. */
void report_diagnosis_capture_frame(struct report_diagnosis_capture *capture, const struct capture_frame *frame,
				    uint64_t settled);
void report_diagnosis_capture_take(struct report_diagnosis_capture *capture, const struct diagnosed *diagnosed);
/* The same without another frame: what is settled is in the file then. -1 with an error: nothing is written any more. */
int report_diagnosis_capture_settle(struct report_diagnosis_capture *capture, uint64_t settled, struct error *error);
/* What is held back or buffered goes to the file. What `written` points to lives as long as the capture. */
void report_diagnosis_capture_finish(struct report_diagnosis_capture *capture, struct report_diagnosis_written *written);
void report_diagnosis_capture_close(struct report_diagnosis_capture *capture); /* NULL is fine */

#endif
