/* test_sequence.c - ladders as pictures: what is in them, where, and that a text is a text. */
#include <string.h>

#include "harness/report/report_ends.h"
#include "harness/report/sequence_internal.h"

#include "tests/unit/sample_record.h"

#include "tests/unit/suite.h"

/* fontconfig keeps what it has read until the process ends. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\n";
}

static struct ends_rung rung(const char *numbers, const char *note)
{
	return (struct ends_rung){ .time = "1.5", .from_left = true, .left = "syn-sent", .right = "", .numbers = numbers,
				   .note = note };
}

static char *svg(struct sequence *sequence)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct error error;

	ck_assert_int_eq(sequence_svg(sequence, out, &error), 0);
	fclose(out);
	return text;
}

START_TEST(a_ladder_is_a_picture)
{
	struct sequence *sequence = sequence_open();
	struct ends_rung one = rung("S iss", ""), other = rung("SA irs ack iss+1", "answer");
	char *text;

	other.from_left = false;
	other.hue = HUE_STRONG;
	other.right = "syn-recv";
	sequence_title(sequence, "What \"a\" & <b> say");
	sequence_names(sequence, "ms", "client", "server");
	sequence_rung(sequence, &one);
	sequence_rung(sequence, &other);
	sequence_words(sequence, "That was all.");
	text = svg(sequence);
	assert_has(text, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"186\" viewBox=\"0 0 900 186\"");
	assert_has(text, "<title>What &#34;a&#34; &#38; &#60;b&#62; say</title>");
	assert_has(text, "<text class=\"b\" x=\"206\" y=\"70\" text-anchor=\"middle\">client</text>");
	/* To the right, then to the left; each at its height, and the lines of the ends beside both. */
	assert_has(text, "<line class=\"l\" x1=\"768\" y1=\"80\" x2=\"768\" y2=\"144\"/>");
	assert_has(text, "<line class=\"a\" x1=\"206\" y1=\"105\" x2=\"759\" y2=\"105\"/>"
			 "<path class=\"t\" d=\"M768 105L759 101L759 109Z\"/>");
	assert_has(text, "<line class=\"a\" x1=\"768\" y1=\"137\" x2=\"215\" y2=\"137\"/>"
			 "<path class=\"t\" d=\"M206 137L215 133L215 141Z\"/>");
	assert_has(text, "<text class=\"n\" x=\"487\" y=\"96\" text-anchor=\"middle\">S iss</text>");
	assert_has(text, "<text class=\"n\" x=\"198\" y=\"109\" text-anchor=\"end\">syn-sent</text>");
	assert_has(text, "<text class=\"b\" x=\"529\" y=\"128\">answer</text>");
	assert_has(text, "<rect class=\"m\" x=\"207\" y=\"112\" width=\"560\" height=\"32\"/>");
	assert_has(text, ">That was all.</text>\n</svg>\n");
	free(text);
	sequence_close(sequence);
}
END_TEST

/* What is too long for a line goes on in the next, and the picture is as much higher. */
START_TEST(long_texts_have_several_lines)
{
	struct sequence *sequence = sequence_open();
	struct ends_rung one = rung("SA snd_nxt ack rcv_nxt <mss 1460,sackOK,TS val 1234567890 ecr 1234567890,"
				    "nop,wscale 7>", "a note");
	unsigned before;
	char *text;

	sequence_names(sequence, "ms", "client", "server");
	before = sequence_height(sequence);
	sequence_rung(sequence, &one);
	ck_assert_uint_eq(sequence_height(sequence), before + 32 + 2 * 18);
	text = svg(sequence);
	assert_has(text, "y=\"66\" text-anchor=\"middle\">SA snd_nxt ack rcv_nxt &#60;mss 1460,sackOK,"
			 "TS val 1234567890 ecr</text>\n"
			 "<text class=\"n\" x=\"487\" y=\"84\" text-anchor=\"middle\">1234567890,nop,wscale 7&#62;</text>\n"
			 "<text class=\"b\" x=\"487\" y=\"102\" text-anchor=\"middle\">a note</text>\n");
	free(text);
	sequence_close(sequence);
}
END_TEST

START_TEST(a_cell_is_a_picture)
{
	struct run_facts facts = sample_facts();
	struct record record = sample_record(-1000, 5);
	struct trace trace = { .count = 2 };
	char *text;

	trace.entries[0] = (struct trace_entry){ .time_ns = SAMPLE_SENT_NS, .ours = true, .segment = record.sent };
	trace.entries[1] = (struct trace_entry){ .time_ns = SAMPLE_SENT_NS + 23449, .segment = record.heard[0].segment };
	record.trace = &trace;
	text = sample_report(FORMAT_SVG, false, false, &facts, &record, 1);
	assert_has(text, "<title>time-wait/syn/seq-1000/ts+5, Linux 6.18.44</title>");
	assert_has(text, ">S rcv_nxt-1000 &#60;TS val ts_recent+5&#62;</text>");
	assert_has(text, ">stimulus</text>");
	assert_has(text, "text-anchor=\"end\">23.4</text>");
	assert_has(text, ">syn-recv</text>"); /* the subject's, at the end */
	assert_has(text, ">verdict: agrees: The kernel answers SYN-ACK continued, as linux expects; folk expects ACK.</text>");
	free(text);
}
END_TEST

/* The size that the picture says it has, twice as fine. */
START_TEST(a_png_has_the_size_of_the_picture)
{
	struct sequence *sequence = sequence_open();
	unsigned char data[32];
	struct error error;
	FILE *out = tmpfile();
	unsigned height;

	ck_assert_int_eq(sequence_prepare(&error), 0);
	sequence_title(sequence, "A title");
	height = sequence_height(sequence);
	ck_assert_int_eq(sequence_png(sequence, out, &error), 0);
	rewind(out);
	ck_assert_uint_eq(fread(data, 1, sizeof(data), out), sizeof(data));
	ck_assert_int_eq(memcmp(data, "\x89PNG\r\n\x1a\n", 8), 0);
	ck_assert_uint_eq((unsigned)data[18] << 8 | data[19], 2 * SEQUENCE_WIDTH);
	ck_assert_uint_eq((unsigned)data[22] << 8 | data[23], 2 * height);
	fclose(out);
	sequence_close(sequence);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, a_ladder_is_a_picture);
	tcase_add_test(tcase, long_texts_have_several_lines);
	tcase_add_test(tcase, a_cell_is_a_picture);
	tcase_add_test(tcase, a_png_has_the_size_of_the_picture);
	return run_suite("sequence", tcase, NULL);
}
