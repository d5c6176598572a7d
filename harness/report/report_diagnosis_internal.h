/* report_diagnosis_internal.h - what the formats of a diagnosis share. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_DIAGNOSIS_INTERNAL_H
#define TWPROBE_HARNESS_REPORT_REPORT_DIAGNOSIS_INTERNAL_H

#include "crafter/textbuf.h"
#include "harness/diagnose/reproduction.h"
#include "harness/report/report_diagnosis.h"

/* "2026-11-26T10:00:01.204512Z" */
const char *report_diagnosis_clock(uint64_t time_ns, char *buffer, size_t size);
/* The command that asks the same question in the lab; NULL: there is none. */
const char *report_diagnosis_command(const struct reproduction *reproduction, char *buffer, size_t size);

void report_diagnosis_live_begin(const struct report_diagnosis_facts *facts);
/* What came since `before`. `held_back`: encounters that were not shown one by one. */
void report_diagnosis_live_interval(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts,
				    const struct diagnosis_counts *before, uint64_t now_ns, uint64_t held_back);
void report_diagnosis_live_interval_json(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts,
					 const struct diagnosis_counts *before, uint64_t now_ns);
/* What each book expects: "expected: linux: ACK, rfc: ACK", after `before`. Nothing where no book decides. */
void report_diagnosis_add_expected(struct textbuf *out, const char *before, const struct judgement *judgement);

void report_diagnosis_json_begin(const struct report_diagnosis_facts *facts);
void report_diagnosis_json_encounter(const struct report_diagnosis_facts *facts, const struct diagnosed *diagnosed);
void report_diagnosis_json_connection(const struct report_diagnosis_facts *facts, const struct tracked *connection);
void report_diagnosis_json_end(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts,
			       const char *damage);

#endif
