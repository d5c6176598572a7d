/* test_conformance.c - a run judged by the RFCs: what each rule obliges to, and when that is a failure. */
#include "cases/books/requirements.h"
#include "tests/unit/sample_record.h"
#include "tests/unit/suite.h"

static const struct {
	const char *citation;
	enum obligation obligation;
} citations[] = {
	{ "RFC 9293 3.9.2.2: MUST-56, soft errors", OBLIGATION_MUST },
	{ "RFC 9293 3.9.2.2: SHLD-26, hard errors", OBLIGATION_SHOULD },
	{ "RFC 7323 3.2: a segment without the option SHOULD be dropped", OBLIGATION_SHOULD },
	{ "RFC 9293 3.10.7.4, fifth: MAY-12 (RFC 5961 5.2)", OBLIGATION_MAY },
	{ "RFC 9293 3.6.1: MAY-1, half-duplex close; SHLD-3, RST for data after CLOSE", OBLIGATION_SHOULD },
	{ "RFC 9293 3.10.7.4, fourth: SYN in a synchronized state", OBLIGATION_NONE },
};

START_TEST(a_citation_names_the_obligation)
{
	ck_assert_int_eq(requirements_obligation(citations[_i].citation), citations[_i].obligation);
}
END_TEST

/* A cell whose answer is a SYN-ACK, of which the rfc book expects this, and says why. */
static struct record judged(int64_t ts, enum answer expected, const char *citation)
{
	struct record record = sample_record(1, ts);

	record.expected[BOOK_RFC].answer = expected;
	record.expected[BOOK_RFC].citation = citation;
	if (expected != ANSWER_SYN_ACK && expected != ANSWER_OPEN)
		sample_verdict(&record, VERDICT_DIFFERS, "no");
	return record;
}

START_TEST(only_a_must_is_a_failure)
{
	struct record should = judged(1, ANSWER_ACK, citations[1].citation);
	struct record step = judged(2, ANSWER_ACK, citations[5].citation);
	struct record must = judged(3, ANSWER_ACK, citations[0].citation);
	struct tally tally = { .musts_only = true }, strict = { .cells = 0 }, joined = { .cells = 0 };

	tally_add(&tally, &should);
	tally_add(&tally, &step);
	tally_add(&strict, &should);
	ck_assert_int_eq(tally_exit(&tally), 0);
	ck_assert_int_eq(tally_exit(&strict), 1);
	tally_add(&tally, &must);
	ck_assert_int_eq(tally_exit(&tally), 1);
	tally_join(&joined, &tally);
	tally_join(&joined, &strict);
	joined.musts_only = true;
	ck_assert_int_eq(tally_exit(&joined), 1);
	ck_assert_uint_eq(joined.musts, 1);
}
END_TEST

START_TEST(the_report_is_by_rule)
{
	static const char wanted[] =
		"MUST, and broken:\n"
		"  RFC 9293 3.9.2.2: MUST-56, soft errors: 4 of 5 cells\n"
		"      time-wait/syn/seq+1/ts+1,\n"
		"      time-wait/syn/seq+1/ts+2,\n"
		"      time-wait/syn/seq+1/ts+3 and 1 more (-v names all)\n"
		"SHOULD, and not followed:\n"
		"  RFC 9293 3.9.2.2: SHLD-26, hard errors: 1 cell\n"
		"      time-wait/syn/seq+1/ts+6\n"
		"Other steps than those of the RFC, which have no number there:\n"
		"  RFC 9293 3.10.7.4, fourth: SYN in a synchronized state: 1 cell\n"
		"      time-wait/syn/seq+1/ts+9\n"
		"Left open by the RFCs:\n"
		"  RFC 9293 3.10.7.4, fifth: MAY-12 (RFC 5961 5.2): 1 cell\n"
		"      time-wait/syn/seq+1/ts+8\n"
		"Kept: 1 rule, 1 cell.\n";
	const char *soft = citations[0].citation, *hard = citations[1].citation, *step = citations[5].citation;
	struct record records[] = {
		judged(1, ANSWER_ACK, soft), judged(2, ANSWER_ACK, soft), judged(3, ANSWER_ACK, soft),
		judged(4, ANSWER_ACK, soft), judged(5, ANSWER_SYN_ACK, soft), judged(6, ANSWER_ACK, hard),
		judged(7, ANSWER_SYN_ACK, "RFC 9293 3.1: MUST-6"), judged(8, ANSWER_OPEN, citations[3].citation),
		judged(9, ANSWER_RST, step), judged(10, ANSWER_SYN_ACK, soft),
	};
	size_t count = sizeof(records) / sizeof(records[0]);
	struct run_facts facts = sample_facts();
	char *text;

	facts.expect = "rfc";
	facts.conformance = true;
	sample_verdict(&records[9], VERDICT_INCONCLUSIVE, "drops"); /* says nothing of its rule */
	text = sample_report(FORMAT_TABLE, false, true, &facts, records, count);
	ck_assert_msg(strncmp(text, wanted, strlen(wanted)) == 0, "%s", text);
	free(text);
	facts.conformance = false;
	text = sample_report(FORMAT_TABLE, false, true, &facts, records, count);
	ck_assert_ptr_null(strstr(text, "MUST, and broken"));
	free(text);
}
END_TEST

int main(void)
{
	TCase *conformance = tcase_create("conformance");

	tcase_add_loop_test(conformance, a_citation_names_the_obligation, 0, ROWS(citations));
	tcase_add_test(conformance, only_a_must_is_a_failure);
	tcase_add_test(conformance, the_report_is_by_rule);
	return run_suite("conformance", conformance, NULL);
}
