/* report_who.c - whose TCP a target has, in words and as a record. */
#include "harness/report/report_who.h"

#include <inttypes.h>
#include <string.h>

#include "crafter/stream.h"
#include "crafter/textbuf.h"
#include "harness/report/json_put.h"
#include "harness/report/ndjson.h"
#include "harness/report/report_internal.h"
#include "harness/report/text.h"

enum { KERNELS_SIZE = KERNEL_STEPS_TEXT_SIZE + FREEBSD_TEXT_SIZE + 16 + SUSPECTS_STACKS_MAX * 30, ANSWERS_SIZE = 200,
       LINE_SIZE = 1200 };

/* "Linux 6.2 to 6.6.152, FreeBSD 13, lwIP 2.1.3"; "none" */
static const char *kernels_text(const struct suspects *suspects, uint64_t kernels, char buffer[static KERNELS_SIZE])
{
	char text[KERNEL_STEPS_TEXT_SIZE];
	struct textbuf out;

	textbuf_init(&out, buffer, KERNELS_SIZE);
	if (kernels & SUSPECTS_LINUX)
		textbuf_item(&out, ", ", "Linux %s", kernel_steps_text(kernels & SUSPECTS_LINUX, text));
	if (kernels & SUSPECTS_FREEBSD)
		textbuf_item(&out, ", ", "%s", kernel_steps_text(kernels & SUSPECTS_FREEBSD, text));
	for (size_t i = 0; i < suspects->stack_count; i++)
		if (kernels >> (SUSPECTS_STACKS + i) & 1)
			textbuf_item(&out, ", ", "%s", suspects->stacks[i].name);
	return kernels ? buffer : strcpy(buffer, "none");
}

/* What merely cannot be ruled out, because little is known of it, is no name. */
static bool is_known(const struct suspects *suspects)
{
	for (uint64_t left = suspects->fits; left; left &= left - 1)
		if (suspects->given[__builtin_ctzll(left)] >= WHO_ENOUGH)
			return true;
	return false;
}

enum who report_who_of(const struct suspects *suspects)
{
	uint64_t one, other;

	if (suspects->mixed)
		return suspects_pair(suspects, &one, &other) ? WHO_TWO : WHO_UNCLEAR;
	if (suspects->conclusive && !suspects->fits)
		return suspects->sure ? WHO_UNCLEAR : WHO_NOBODY;
	/* Who says one thing to everything may be a firewall. */
	return suspects->conclusive >= WHO_ENOUGH && __builtin_popcount(suspects->heard) > 1 && is_known(suspects) &&
	       suspects->sorts >= WHO_SORTS &&
	       __builtin_popcount(suspects->states) >= WHO_STATES ? WHO_NAMED : WHO_UNCLEAR;
}

static const char *const words[WHO_COUNT] = { "named", "two", "nobody", "unclear" };

/* "ACK"; "SYN-ACK fresh (2 of 5), ACK (3 of 5)" */
static const char *answers_text(const struct suspects_answer *answer, char buffer[static ANSWERS_SIZE])
{
	char text[ANSWER_TEXT_SIZE];
	struct textbuf out;

	textbuf_init(&out, buffer, ANSWERS_SIZE);
	for (uint8_t i = 0; i < answer->count; i++) {
		const struct observation *seen = &answer->seen[i].observation;

		textbuf_item(&out, " or ", "%s", report_answer_text(seen->answer, seen->isn, text));
		if (answer->count > 1)
			textbuf_add(&out, " (%u)", answer->seen[i].tries);
	}
	return buffer;
}

static void say(FILE *out, size_t indent, const char *text)
{
	fprintf(out, "%*s", (int)indent, "");
	text_wrap(out, text, indent, indent + 2);
}

static void print_sure(FILE *out, const struct suspects *suspects)
{
	unsigned telling = suspects_telling(suspects);
	char line[LINE_SIZE];
	struct textbuf text;

	textbuf_init(&text, line, sizeof(line));
	textbuf_add(&text, "All %zu answers are theirs", suspects->conclusive);
	if (telling)
		textbuf_add(&text, "; each other system that is known fails to give %u of them at least", telling);
	textbuf_add(&text, ". What is not known here, another stack or a changed kernel, may answer the same.");
	say(out, 0, line);
}

static void print_verdict(FILE *out, const char *target, const struct suspects *suspects)
{
	char kernels[KERNELS_SIZE], others[KERNELS_SIZE], line[LINE_SIZE];
	uint64_t one, other, nearest;
	unsigned against;

	switch (report_who_of(suspects)) {
	case WHO_NAMED:
		snprintf(line, sizeof(line), "%s answers like %s.", target, kernels_text(suspects, suspects->sure, kernels));
		say(out, 0, line);
		if (suspects->sure != suspects->fits) {
			snprintf(line, sizeof(line), "If nothing between drops segments, and each silence is its own: like %s.",
				 kernels_text(suspects, suspects->fits, kernels));
			say(out, 0, line);
		}
		print_sure(out, suspects);
		return;
	case WHO_TWO:
		suspects_pair(suspects, &one, &other);
		snprintf(line, sizeof(line), "Two stacks behind one address, or something between that answers as well: "
			 "the same question was not always answered alike. One may be %s, the other %s.",
			 kernels_text(suspects, one, kernels), kernels_text(suspects, other, others));
		break;
	case WHO_NOBODY:
		nearest = suspects_nearest(suspects, &against);
		snprintf(line, sizeof(line), "%s answers like no kernel in the books: no Linux from 5.10 on, no FreeBSD from "
			 "13 on, none of the %zu stacks that ship. Nearest are %s, and %u of %zu answers are not theirs.",
			 target, suspects->stack_count, kernels_text(suspects, nearest, kernels),
			 against, suspects->conclusive);
		break;
	default:
		if (suspects->mixed)
			snprintf(line, sizeof(line), "The same question was not always answered alike (%zu of %zu), and no "
				 "two kernels in the books explain it: several stacks behind one address, or something between "
				 "that answers as well.", suspects->mixed, suspects->count);
		else if (!suspects->fits && suspects->sure)
			snprintf(line, sizeof(line), "What %s answers is as %s would, but what it leaves unanswered is not: "
				 "something between may drop segments.", target,
				 kernels_text(suspects, suspects->sure, kernels));
		else if (suspects->conclusive >= WHO_ENOUGH && __builtin_popcount(suspects->heard) == 1)
			snprintf(line, sizeof(line), "The answer of %s to all %zu questions was the same, which may be a "
				 "firewall's: no name.", target, suspects->conclusive);
		else
			snprintf(line, sizeof(line), "Too little was heard for a name: %zu of %zu questions were answered with "
				 "certainty, of %zu sorts, in %d states.", suspects->conclusive, suspects->count,
				 suspects->sorts, __builtin_popcount(suspects->states));
	}
	say(out, 0, line);
}

static void print_answers(FILE *out, const struct suspects *suspects)
{
	bool named = report_who_of(suspects) == WHO_NAMED;
	char name[CELL_NAME_SIZE], answers[ANSWERS_SIZE], kernels[KERNELS_SIZE], line[LINE_SIZE];

	fputs("\nWhat was asked, what came, and whom that rules out:\n", out);
	for (size_t i = 0; i < suspects->count; i++) {
		const struct suspects_answer *answer = &suspects->answers[i];
		struct textbuf text;

		textbuf_init(&text, line, sizeof(line));
		textbuf_add(&text, "%s: ", cell_name(&answer->cell, name, sizeof(name)));
		if (!answer->count)
			textbuf_add(&text, "no certain answer (%s)", answer->reason);
		else
			textbuf_add(&text, "%s", answers_text(answer, answers));
		if (answer->count == 1 && named && answer->ruled_out)
			textbuf_add(&text, " - not %s", kernels_text(suspects, answer->ruled_out, kernels));
		else if (answer->count == 1 && !named)
			textbuf_add(&text, " - as %s", answer->seen[0].kernels ?
				    kernels_text(suspects, answer->seen[0].kernels, kernels) : "nobody in the books");
		say(out, 2, line);
	}
}

static void print_ttls(FILE *out, const struct suspects *suspects)
{
	char line[LINE_SIZE];
	struct textbuf text;

	textbuf_init(&text, line, sizeof(line));
	for (uint8_t i = 0; i < suspects->ttl_count; i++)
		textbuf_item(&text, ", ", "%u", suspects->ttls[i]);
	if (suspects->ttl_count > 1)
		textbuf_add(&text, ": answers come from different distances, so something between answers too, or there are "
			    "several ways, or it has no single one");
	if (suspects->ttl_count) {
		fputs("\nTTL of the answers: ", out);
		text_wrap(out, line, strlen("TTL of the answers: "), 2);
	}
}

int report_who(FILE *out, const char *target, const struct suspects *suspects, struct error *error)
{
	if (suspects->interrupted)
		say(out, 0, "Interrupted; more would have been asked. So far:");
	print_verdict(out, target, suspects);
	print_answers(out, suspects);
	print_ttls(out, suspects);
	fprintf(out, "\n%zu questions, %u connections.\n", suspects->count, suspects->connections);
	return stream_finish(out, "the report", error);
}

static void put_kernels(struct json_put *json, const struct suspects *suspects, const char *key, uint64_t kernels)
{
	char text[KERNELS_SIZE];

	json_put_text(json, key, kernels ? kernels_text(suspects, kernels, text) : NULL);
}

static void put_answer(struct json_put *json, const struct suspects *suspects, const struct suspects_answer *answer)
{
	char name[CELL_NAME_SIZE];

	json_put_object(json, NULL);
	json_put_string(json, "cell", cell_name(&answer->cell, name, sizeof(name)));
	json_put_text(json, "reason", answer->reason);
	json_put_array(json, "seen");
	for (uint8_t i = 0; i < answer->count; i++) {
		const struct suspects_seen *seen = &answer->seen[i];

		json_put_object(json, NULL);
		json_put_string(json, "answer", oracle_answer_name(seen->observation.answer));
		json_put_text(json, "isn", oracle_isn_name(seen->observation.isn));
		json_put_number(json, "tries", seen->tries);
		put_kernels(json, suspects, "kernels", seen->kernels);
		json_put_end(json);
	}
	json_put_end(json);
	put_kernels(json, suspects, "ruled_out", answer->ruled_out);
	json_put_end(json);
}

/* Of each system that fits, its versions. */
static void put_fits(struct json_put *json, const struct suspects *suspects)
{
	uint64_t of_linux = suspects->sure & SUSPECTS_LINUX, of_freebsd = suspects->sure & SUSPECTS_FREEBSD;
	uint64_t others = suspects->sure & ~(SUSPECTS_LINUX | SUSPECTS_FREEBSD);
	bool named = report_who_of(suspects) == WHO_NAMED;
	char text[KERNEL_STEPS_TEXT_SIZE];

	json_put_text(json, "linux", named && of_linux ? kernel_steps_text(of_linux, text) : NULL);
	json_put_text(json, "freebsd", named && of_freebsd ? kernel_steps_text(of_freebsd, text) : NULL);
	put_kernels(json, suspects, "stack", named ? others : 0);
	put_kernels(json, suspects, "if_direct", named && suspects->fits != suspects->sure ? suspects->fits : 0);
}

int report_who_json(FILE *out, const char *tool_version, const char *target, const struct suspects *suspects,
		    struct error *error)
{
	uint64_t one = 0, other = 0;
	unsigned against;
	uint64_t nearest = suspects_nearest(suspects, &against);
	enum who who = report_who_of(suspects);
	struct json_put json;

	suspects_pair(suspects, &one, &other);
	json_put_open(&json);
	json_put_string(&json, "record", "who");
	json_put_number(&json, "format_version", NDJSON_VERSION);
	json_put_string(&json, "tool_version", tool_version);
	json_put_string(&json, "target", target);
	json_put_string(&json, "verdict", words[who]);
	put_fits(&json, suspects);
	json_put_number(&json, "answers", (int64_t)suspects->conclusive);
	json_put_number(&json, "telling", suspects_telling(suspects));
	json_put_number(&json, "mixed", (int64_t)suspects->mixed);
	put_kernels(&json, suspects, "one", one);
	put_kernels(&json, suspects, "other", other);
	put_kernels(&json, suspects, "nearest", who == WHO_NOBODY ? nearest : 0);
	json_put_known(&json, "against", who == WHO_NOBODY, against);
	json_put_array(&json, "ttls");
	for (uint8_t i = 0; i < suspects->ttl_count; i++)
		json_put_number(&json, NULL, suspects->ttls[i]);
	json_put_end(&json);
	json_put_number(&json, "connections", suspects->connections);
	json_put_boolean(&json, "interrupted", suspects->interrupted);
	json_put_array(&json, "asked");
	for (size_t i = 0; i < suspects->count; i++)
		put_answer(&json, suspects, &suspects->answers[i]);
	json_put_end(&json);
	return json_put_line(&json, out, error);
}
