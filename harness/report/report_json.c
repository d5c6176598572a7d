/* report_json.c - a run as NDJSON: one object a line, keys always in the same order. */
#include <string.h>
#include <time.h>

#include "crafter/units.h"
#include "harness/report/json_put.h"
#include "harness/report/ndjson.h"
#include "harness/report/report_internal.h"

static void put_count(struct json_put *json, const char *key, uint64_t value)
{
	json_put_number(json, key, (int64_t)value);
}

static void put_time(struct json_put *json, const char *key, uint64_t time_ns)
{
	time_t seconds = (time_t)(time_ns / NSEC_PER_SEC);
	struct tm utc;
	char buffer[40] = "";

	if (time_ns && gmtime_r(&seconds, &utc))
		strftime(buffer, sizeof(buffer), "%Y-%m-%dT%H:%M:%SZ", &utc);
	json_put_text(json, key, buffer);
}

static void put_shard(struct json_put *json, const struct run_facts *facts)
{
	char buffer[32] = "";

	if (facts->shards)
		snprintf(buffer, sizeof(buffer), "%u/%u", facts->shard, facts->shards);
	json_put_text(json, "shard", buffer);
}

static int json_begin(struct report *report, struct error *error)
{
	const struct run_facts *facts = &report->facts;
	struct json_put json;

	json_put_open(&json);
	json_put_string(&json, "record", "run");
	json_put_number(&json, "format_version", NDJSON_VERSION);
	json_put_text(&json, "tool_version", facts->tool_version);
	json_put_text(&json, "kernel", facts->kernel);
	json_put_text(&json, "local_kernel", facts->local_kernel);
	json_put_text(&json, "engine", facts->engine);
	json_put_text(&json, "matrix", facts->matrix);
	json_put_text(&json, "target", facts->target);
	json_put_text(&json, "path", facts->path);
	json_put_text(&json, "path_file", facts->path_file);
	json_put_text(&json, "expect", facts->expect);
	put_count(&json, "cells", facts->cells);
	put_count(&json, "matrix_cells", facts->matrix_cells ? facts->matrix_cells : facts->cells);
	json_put_number(&json, "repeat", facts->repeat ? facts->repeat : 1);
	put_shard(&json, facts);
	put_count(&json, "seed", facts->seed);
	put_time(&json, "started", facts->started_ns);
	json_put_object(&json, "sysctls");
	for (size_t i = 0; i < facts->sysctl_count; i++)
		json_put_text(&json, facts->sysctls[i].name, facts->sysctls[i].value);
	json_put_end(&json);
	json_put_text(&json, "libpcap", facts->libpcap);
	json_put_text(&json, "libnet", facts->libnet);
	json_put_text(&json, "rules", facts->rules);
	return json_put_line(&json, report->out, error);
}

static void put_books(struct json_put *json, const char *key, enum book decides, const size_t counts[BOOK_COUNT])
{
	json_put_object(json, key);
	for (enum book book = 0; book < BOOK_COUNT; book++)
		if (oracle_book_shown(book, decides))
			put_count(json, oracle_book_name(book), counts[book]);
	json_put_end(json);
}

static void put_verdicts(struct json_put *json, const struct tally *tally)
{
	static const enum verdict order[] = {
		VERDICT_AGREES, VERDICT_DIFFERS, VERDICT_INCONCLUSIVE, VERDICT_SKIPPED, VERDICT_MIXED,
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		put_count(json, verdict_name(order[i]), tally->verdicts[order[i]]);
}

static void put_kernels(struct json_put *json, const struct tally *tally)
{
	char kernels[KERNEL_STEPS_TEXT_SIZE];

	json_put_text(json, "kernels", tally->by_version ? kernel_steps_text(tally_kernels(tally), kernels) : NULL);
}

static int json_end(struct report *report, const struct tally *tally, struct error *error)
{
	double seconds = (double)(tally->ended_ns - tally->begun_ns) / 1e9;
	enum book decides = oracle_book_parse(report->facts.expect);
	struct json_put json;

	json_put_open(&json);
	json_put_string(&json, "record", "summary");
	put_count(&json, "cells", tally->cells);
	put_verdicts(&json, tally);
	put_books(&json, "otherwise", decides, tally->otherwise);
	put_books(&json, "open", decides, tally->open);
	json_put_real(&json, "seconds", seconds, 1000000);
	json_put_real(&json, "cells_per_second", seconds > 0 ? (double)tally->cells / seconds : 0, 10);
	put_count(&json, "capture_drops", tally->capture_dropped);
	put_count(&json, "segments_sent", tally->segments_sent);
	put_count(&json, "segments_heard", tally->segments_heard);
	put_count(&json, "set_up_segments", tally->set_up_segments);
	put_count(&json, "resent", tally->resent);
	json_put_boolean(&json, "interrupted", tally->interrupted);
	json_put_number(&json, "exit", tally_exit(tally));
	put_count(&json, "by_version", tally->by_version);
	put_count(&json, "by_process", tally->by_process);
	put_kernels(&json, tally);
	if (tally->left)
		json_put_boolean(&json, "left", true);
	return json_put_line(&json, report->out, error);
}

const struct report_style report_json_style = {
	.begin = json_begin,
	.cell = report_json_cell,
	.end = json_end,
};
