/* sample_results.h - result files made by hand in a folder of their own, gone with the test. */
#ifndef TWPROBE_TESTS_SAMPLE_RESULTS_H
#define TWPROBE_TESTS_SAMPLE_RESULTS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/results/results.h"

#include "tests/unit/text_file.h"

enum { SAMPLE_FILES = 8 };

struct sample_folder {
	char folder[64];
	char paths[SAMPLE_FILES][96];
	size_t count;
};

static inline void sample_folder_open(struct sample_folder *folder)
{
	memset(folder, 0, sizeof(*folder));
	strcpy(folder->folder, "/tmp/twprobe-results-XXXXXX");
	if (!mkdtemp(folder->folder))
		abort();
}

static inline void sample_folder_close(struct sample_folder *folder)
{
	while (folder->count)
		unlink(folder->paths[--folder->count]);
	rmdir(folder->folder);
}

/* Writes a file of this name and returns its path. */
static inline const char *sample_file(struct sample_folder *folder, const char *name, const char *text)
{
	char path[sizeof(folder->paths[0])];

	snprintf(path, sizeof(path), "%.60s/%.30s", folder->folder, name);
	memcpy(folder->paths[folder->count], path, sizeof(path));
	text_file_write(folder->folder, name, text);
	return folder->paths[folder->count++];
}

#define SAMPLE_RUN(KERNEL, CELLS)                                                                                   \
	"{\"record\":\"run\",\"format_version\":1,\"tool_version\":\"0.1.0\",\"kernel\":\"" KERNEL "\","             \
	"\"matrix\":\"m\",\"expect\":\"linux\",\"cells\":" #CELLS ",\"matrix_cells\":" #CELLS ",\"repeat\":1,"       \
	"\"shard\":null,\"seed\":1,\"sysctls\":{}}\n"
#define SAMPLE_SHARD(SHARD, CELLS, ALL, KERNEL)                                                                     \
	"{\"record\":\"run\",\"format_version\":1,\"tool_version\":\"0.1.0\",\"kernel\":\"" KERNEL "\","             \
	"\"matrix\":\"m\",\"expect\":\"linux\",\"cells\":" #CELLS ",\"matrix_cells\":" #ALL ",\"repeat\":1,"         \
	"\"shard\":\"" SHARD "\",\"seed\":1,\"started\":\"2026-01-01T00:00:0" #CELLS "Z\",\"sysctls\":{}}\n"
#define SAMPLE_CELL(NUMBER, NAME, ANSWER, ISN, AFTER)                                                               \
	"{\"record\":\"cell\",\"cell\":\"" NAME "\",\"number\":" #NUMBER ",\"answer\":" ANSWER ",\"isn\":" ISN       \
	",\"verdict\":\"agrees\",\"state_after\":" AFTER ",\"follow_up\":null,\"received\":[]}\n"
#define SAMPLE_ACK(NUMBER, NAME) SAMPLE_CELL(NUMBER, NAME, "\"ack\"", "null", "\"time-wait\"")
#define SAMPLE_SYN_ACK(NUMBER, NAME) SAMPLE_CELL(NUMBER, NAME, "\"syn-ack\"", "\"continued\"", "\"syn-recv\"")
#define SAMPLE_UNSURE(NUMBER, NAME)                                                                                 \
	"{\"record\":\"cell\",\"cell\":\"" NAME "\",\"number\":" #NUMBER ",\"answer\":null,\"isn\":null,"            \
	"\"verdict\":\"inconclusive\",\"state_after\":null,\"follow_up\":null,\"received\":[]}\n"
/* Its answer is that of one of its tries. */
#define SAMPLE_MIXED(NUMBER, NAME)                                                                                  \
	"{\"record\":\"cell\",\"cell\":\"" NAME "\",\"number\":" #NUMBER ",\"answer\":\"ack\",\"isn\":null,"            \
	"\"verdict\":\"mixed\",\"state_after\":null,\"follow_up\":null,\"received\":[]}\n"
#define SAMPLE_SKIPPED(NUMBER, NAME)                                                                                \
	"{\"record\":\"cell\",\"cell\":\"" NAME "\",\"number\":" #NUMBER ",\"answer\":null,\"isn\":null,"            \
	"\"verdict\":\"skipped\",\"state_after\":null,\"follow_up\":null,\"received\":[]}\n"
#define SAMPLE_SUMMARY(CELLS)                                                                                       \
	"{\"record\":\"summary\",\"cells\":" #CELLS ",\"agrees\":" #CELLS ",\"differs\":0,\"inconclusive\":0,"       \
	"\"otherwise\":{\"folk\":1},\"seconds\":0.5,\"cells_per_second\":1.0,\"interrupted\":false,\"exit\":0}\n"

#endif
