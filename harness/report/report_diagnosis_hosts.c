/* report_diagnosis_hosts.c - which kernel each host may have, and which answers say so. */
#include <inttypes.h>
#include <string.h>

#include "harness/report/ndjson.h"
#include "harness/report/report_diagnosis_internal.h"
#include "harness/report/report_internal.h"
#include "harness/report/text.h"

enum { LINE_SIZE = 1024, EXPECTED_SIZE = 80, PLURAL_SIZE = 48, INDENT = 2 };

static void print_line(FILE *out, struct textbuf *line, size_t indent)
{
	fprintf(out, "%*s", (int)indent, "");
	text_wrap(out, line->text, indent, indent + INDENT);
	textbuf_init(line, line->text, line->size);
}

void report_diagnosis_hosts_take(struct report_diagnosis_hosts *hosts, const struct host *host)
{
	struct report_diagnosis_host *kept = &hosts->list[hosts->count];

	if (hosts->count == REPORT_DIAGNOSIS_HOSTS) {
		hosts->more++;
		return;
	}
	kept->host = *host;
	if (host->evidence_count)
		memcpy(kept->evidence, host->evidence, host->evidence_count * sizeof(*host->evidence));
	kept->host.evidence = kept->evidence;
	hosts->count++;
}

/* "silence or ACK" */
static const char *expected_text(uint8_t expected, char buffer[static EXPECTED_SIZE])
{
	char answer[ANSWER_TEXT_SIZE];
	struct textbuf out;

	textbuf_init(&out, buffer, EXPECTED_SIZE);
	for (unsigned i = 0; i < ANSWER_COUNT; i++)
		if (expected >> i & 1)
			textbuf_item(&out, " or ", "%s", report_answer_text((enum answer)i, ISN_NONE, answer));
	return buffer;
}

static void add_strange(struct textbuf *line, const struct host *host)
{
	char text[KERNEL_STEPS_TEXT_SIZE];

	textbuf_add(line, "does not answer like a Linux from 5.10 on: %" PRIu64 " of %" PRIu64 " certain answers",
		    host->strange, host->answers);
	if (host->telling && host->fits)
		textbuf_add(line, "; the others fit %s", kernel_steps_text(host->fits, text));
	for (enum book book = 0; book < BOOK_USUAL; book++)
		if (book == BOOK_RFC && host->books >> book & 1)
			textbuf_add(line, "; all of them are as the %s book expects", oracle_book_name(book));
}

static void add_fit(struct textbuf *line, const struct host *host)
{
	char text[KERNEL_STEPS_TEXT_SIZE];

	if (host->fits && host->usual && host->usual != host->fits)
		textbuf_add(line, "answers like Linux %s, unless its tcp_max_tw_buckets is reached",
			    kernel_steps_text(host->usual, text));
	else if (host->fits)
		textbuf_add(line, "answers like Linux %s", kernel_steps_text(host->fits, text));
	else
		textbuf_add(line, "no one kernel gives all of its answers, so several hosts may share this address; %" PRIu64
			    " of %" PRIu64 " answers that tell kernels apart fit Linux %s", host->best_count, host->telling,
			    kernel_steps_text(host->best, text));
}

static void print_host(const struct report_diagnosis_facts *facts, struct textbuf *line, const struct host *host)
{
	char address[ADDRESS_TEXT_SIZE], kernel[KERNEL_TEXT_SIZE], encounters[PLURAL_SIZE];
	uint64_t said = kernel_steps(&facts->kernel);

	textbuf_add(line, "%s: ", address_format(&host->address, address, sizeof(address)));
	if (host->strange)
		add_strange(line, host);
	else if (host->telling)
		add_fit(line, host);
	if (host->fits && !(host->fits & said))
		textbuf_add(line, ", not like %s", kernel_text(&facts->kernel, kernel));
	if (host->differ && !host->strange)
		textbuf_add(line, "%s%s not as the %s book expects, the first with frame %" PRIu64, host->telling ? "; " : "",
			    text_plural(host->differ, "encounter", encounters, sizeof(encounters)),
			    oracle_book_name(facts->decides), host->differs);
	print_line(facts->out, line, INDENT);
}

/* Its usual value is 0, but for tcp_timestamps. */
static const char *setting_text(const struct host_evidence *evidence)
{
	return oracle_doubt_text(evidence->settings, evidence->settings & FACT_RFC1337);
}

static void print_evidence(FILE *out, struct textbuf *line, const struct host_evidence *evidence)
{
	char answer[ANSWER_TEXT_SIZE], kernels[KERNEL_STEPS_TEXT_SIZE], expected[EXPECTED_SIZE];

	textbuf_add(line, "frame %" PRIu64, evidence->frame);
	if (evidence->count > 1)
		textbuf_add(line, " and %" PRIu64 " more", evidence->count - 1);
	textbuf_add(line, ": %s in %s (%s): ", report_answer_text(evidence->answer, evidence->isn, answer),
		    state_name(evidence->state), evidence->cause->title);
	if (evidence->kernels)
		textbuf_add(line, "%s", kernel_steps_text(evidence->usual ? evidence->usual : evidence->kernels, kernels));
	else
		textbuf_add(line, "Linux: %s", expected_text(evidence->expected, expected));
	if (evidence->settings)
		textbuf_add(line, ", %s", setting_text(evidence));
	if (evidence->usual != evidence->kernels)
		textbuf_add(line, ", %s its tcp_max_tw_buckets is reached", evidence->usual ? "unless" : "if");
	print_line(out, line, 2 * INDENT);
}

void report_diagnosis_hosts_print(const struct report_diagnosis_facts *facts, const struct report_diagnosis_hosts *hosts,
				  const struct diagnosis_counts *counts)
{
	char array[LINE_SIZE];
	struct textbuf line;

	textbuf_init(&line, array, sizeof(array));
	if (!hosts->count && counts->kernels != UINT64_MAX) {
		fputc('\n', facts->out);
		textbuf_add(&line, "No answer here tells which Linux, 5.10 or later, it was.");
		print_line(facts->out, &line, 0);
	}
	if (hosts->count) {
		fputc('\n', facts->out);
		textbuf_add(&line, "Which kernels, by the answers that tell them apart:");
		print_line(facts->out, &line, 0);
	}
	for (size_t i = 0; i < hosts->count; i++) {
		const struct host *host = &hosts->list[i].host;

		print_host(facts, &line, host);
		for (size_t k = 0; k < host->evidence_count; k++)
			print_evidence(facts->out, &line, &hosts->list[i].evidence[k]);
	}
	if (hosts->more)
		fprintf(facts->out, "  and %" PRIu64 " more hosts; --format=json lists them\n", hosts->more);
	if (counts->hosts_left_out)
		fprintf(facts->out, "  %" PRIu64 " encounters of further hosts are left out\n", counts->hosts_left_out);
}

static json_t *steps_json(uint64_t steps)
{
	char text[KERNEL_STEPS_TEXT_SIZE];

	return json_string(kernel_steps_text(steps, text));
}

static json_t *answers_json(uint8_t answers)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < ANSWER_COUNT; i++)
		if (answers >> i & 1)
			json_array_append_new(list, json_string(oracle_answer_name((enum answer)i)));
	return list;
}

static json_t *evidence_json(const struct host_evidence *evidence)
{
	const char *setting = setting_text(evidence);

	return json_pack("{s:I, s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "frame", (json_int_t)evidence->frame, "count",
			 (json_int_t)evidence->count, "finding", evidence->cause->name, "state", state_name(evidence->state),
			 "answer", oracle_answer_name(evidence->answer), "isn", ndjson_text(oracle_isn_name(evidence->isn)),
			 "expected", answers_json(evidence->expected), "kernels", steps_json(evidence->kernels), "usual",
			 steps_json(evidence->usual), "setting",
			 ndjson_text(setting));
}

static json_t *books_json(uint8_t books)
{
	json_t *list = json_array();

	for (enum book book = 0; book < BOOK_USUAL; book++)
		if (books >> book & 1)
			json_array_append_new(list, json_string(oracle_book_name(book)));
	return list;
}

void report_diagnosis_json_host(const struct report_diagnosis_facts *facts, const struct host *host)
{
	char address[ADDRESS_TEXT_SIZE];
	json_t *evidence = json_array();

	for (size_t i = 0; i < host->evidence_count; i++)
		json_array_append_new(evidence, evidence_json(&host->evidence[i]));
	ndjson_write(facts->out, json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "record", "host",
					   "address", address_format(&host->address, address, sizeof(address)), "answers",
					   (json_int_t)host->answers, "telling", (json_int_t)host->telling, "strange",
					   (json_int_t)host->strange, "differs", (json_int_t)host->differ, "kernels",
					   host->telling ? steps_json(host->fits) : json_null(), "usual",
					   host->telling ? steps_json(host->usual) : json_null(), "best",
					   host->telling && !host->fits ? steps_json(host->best) : json_null(), "books",
					   books_json(host->books), "evidence", evidence), NULL);
}
