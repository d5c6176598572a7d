/* test_oracle_freebsd.c - the freebsd book, row by row against FreeBSD's source: each condition with what it says of a cell, by
 * release and by setting. */
#include <stdlib.h>

#include "cases/books/freebsd.h"
#include "tests/unit/oracle_table.h"

/* What --kernel takes. */
static const struct {
	const char *named;
	struct oracle_row row;
} rows[] = {
	/* tcp_input_with_port(): no inp; blackhole */
	{ "freebsd", { "closed/syn/seq-equal/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED } },
	{ "freebsd", { "closed/rst/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED } },
	{ "freebsd,blackhole=1", { "closed/syn/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED } },
	{ "freebsd,blackhole=1", { "closed/ack/seq-equal/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED } },
	{ "freebsd,blackhole=2", { "closed/ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED } },
	{ "freebsd,blackhole=2", { "listen/ack/seq-equal/ts-equal", ANSWER_RST, ISN_NONE, STATE_LISTEN } },
	{ "freebsd-16,blackhole=3", { "listen/ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN } },
	{ "freebsd-14.0,blackhole=3", { "listen/ack/seq-equal/ts-equal", ANSWER_RST, ISN_NONE, STATE_LISTEN } },
	/* LISTEN: TH_SYN|TH_ACK; TH_FIN && V_drop_synfin */
	{ "freebsd-14", { "listen/syn-ack/seq-equal/ts-equal", ANSWER_RST, ISN_NONE, STATE_LISTEN } },
	{ "freebsd-16", { "listen/syn-ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN } },
	{ "freebsd", { "listen/syn-fin/seq-equal/ts-equal", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV } },
	{ "freebsd,drop_synfin=1", { "listen/syn-fin/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN } },
	{ "freebsd,drop_synfin=1", { "listen/syn/seq-equal/ts-equal", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV } },
	{ "freebsd", { "listen/null/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN } },
	{ "freebsd", { "listen/ack/seq-equal/ts-equal/bad-checksum", ANSWER_SILENCE, ISN_NONE, STATE_LISTEN } },
	/* syncache_chkrst() */
	{ "freebsd", { "syn-recv/rst/seq-equal/ts-below", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED } },
	{ "freebsd", { "syn-recv/rst/seq+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV } },
	{ "freebsd", { "syn-recv/rst/seq+wnd/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV } },
	{ "freebsd,insecure_rst=1", { "syn-recv/rst/seq+1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED } },
	{ "freebsd-13", { "syn-recv/rst-ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV } },
	{ "freebsd-14.0", { "syn-recv/rst-ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED } },
	/* syncache_expand() */
	{ "freebsd", { "syn-recv/ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "syn-recv/data/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "syn-recv/fin-ack/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT } },
	{ "freebsd", { "syn-recv/data/seq-equal/ts-below", ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV } },
	{ "freebsd", { "syn-recv/ack/seq-equal/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV } },
	{ "freebsd-14", { "syn-recv/ack/seq-1/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED } },
	{ "freebsd-16", { "syn-recv/ack/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_SYN_RECV } },
	{ "freebsd-14", { "syn-recv/ack/seq-equal/ts-equal/ack+1", ANSWER_RST, ISN_NONE, STATE_CLOSED } },
	{ "freebsd-16", { "syn-recv/ack/seq-equal/ts-equal/ack+1", ANSWER_RST, ISN_NONE, STATE_SYN_RECV } },
	/* syncache_add(): the entry exists */
	{ "freebsd", { "syn-recv/syn/seq-1/ts-equal", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV } },
	{ "freebsd", { "syn-recv/syn/seq+2^30/ts-absent", ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV } },
	{ "freebsd-14", { "syn-recv/syn-ack/seq-1/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED } },
	{ "freebsd-16", { "syn-recv/syn-ack/seq-1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV } },
	/* tcp_twcheck() */
	{ "freebsd", { "time-wait/rst/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT } },
	{ "freebsd", { "time-wait/syn/seq+1/ts-below", ANSWER_SYN_ACK, ISN_FRESH, STATE_SYN_RECV } },
	{ "freebsd", { "time-wait/syn/seq-equal/ts-above", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT } },
	{ "freebsd", { "time-wait/syn/seq-below/ts-above", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT } },
	{ "freebsd", { "time-wait/syn/seq+1/ts-below/no-listener", ANSWER_RST, ISN_NONE, STATE_CLOSED } },
	{ "freebsd-13", { "time-wait/syn-ack/seq+1/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED } },
	{ "freebsd-14", { "time-wait/syn-ack/seq+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT } },
	{ "freebsd-13,drop_synfin=1", { "time-wait/syn-fin/seq+1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED } },
	{ "freebsd-14,drop_synfin=1", { "time-wait/syn-fin/seq+1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT } },
	{ "freebsd", { "time-wait/ack/seq-equal/ts-below", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT } },
	{ "freebsd", { "time-wait/ack/seq-1/ts-below", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT } },
	{ "freebsd", { "time-wait/ack/seq-equal/ts-equal/ack-1", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT } },
	{ "freebsd", { "time-wait/data/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT } },
	{ "freebsd", { "time-wait/PA/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT } },
	{ "freebsd", { "time-wait/fin-ack/seq-1/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT } },
	{ "freebsd", { "time-wait/fin-ack/seq-1/ts-absent/conn-ts-off", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT } },
	{ "freebsd", { "time-wait/fin/seq-1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT } },
	/* tcp_do_segment(): missing timestamps */
	{ "freebsd", { "established/data/seq-equal/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "established/syn/seq-equal/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "established/rst/seq-equal/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED } },
	/* RST */
	{ "freebsd", { "established/rst/seq-1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "last-ack/rst/seq+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_LAST_ACK } },
	{ "freebsd,insecure_rst=1", { "last-ack/rst/seq+1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED } },
	{ "freebsd", { "established/rst/seq+wnd/ts-equal", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN } },
	{ "freebsd", { "established/rst/seq+2^30/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "established/rst/seq+1/ts-equal/rcv-wnd-closed", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN } },
	/* SYN */
	{ "freebsd", { "established/syn/seq+2^30/ts-below", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd,insecure_syn=1", { "established/syn/seq-equal/ts-below", ANSWER_RST, ISN_NONE, STATE_CLOSED } },
	{ "freebsd,insecure_syn=1", { "established/syn/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd,drop_synfin=1", { "established/syn-fin/seq-1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED } },
	/* PAWS: data is answered, the rest is not */
	{ "freebsd", { "established/data/seq-equal/ts-1", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "established/ack/seq-equal/ts-1", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "established/ack/seq-1/ts-below", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "established/ack/seq-1/ts-below/conn-ts-off", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED } },
	/* trimmed */
	{ "freebsd", { "established/ack/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "established/null/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "established/null/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "established/fin/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "established/ack/seq+2^30/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "established/data/seq+wnd/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "established/data/seq-equal/ts-equal/rcv-wnd-closed", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED } },
	/* TF_CLOSED and data; TCPS_HAVERCVDFIN */
	{ "freebsd", { "fin-wait-2/data/seq-equal/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED } },
	{ "freebsd", { "fin-wait-1/data/seq+1/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED } },
	{ "freebsd", { "fin-wait-2-half/data/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2_HALF } },
	{ "freebsd", { "fin-wait-1-half/data/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2_HALF } },
	{ "freebsd-14.0", { "closing/data/seq-equal/ts-equal", ANSWER_RST, ISN_NONE, STATE_CLOSED } },
	{ "freebsd-14.2", { "closing/data/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT } },
	{ "freebsd", { "close-wait/data/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSE_WAIT } },
	{ "freebsd", { "close-wait/fin-ack/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT } },
	{ "freebsd", { "close-wait/fin-ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSE_WAIT } },
	/* acknowledgments: unsent, older than the ISN */
	{ "freebsd", { "established/ack/seq-equal/ts-equal/ack+1", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd-14.1", { "established/ack/seq-equal/ts-equal/ack-1", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd-14.2", { "established/ack/seq-equal/ts-equal/ack-1", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd-14.2,insecure_ack=1",
	  { "established/ack/seq-equal/ts-equal/ack-1", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "established/ack/seq-equal/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "closing/fin-ack/seq-1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT } },
	{ "freebsd", { "last-ack/ack/seq-1/ts-equal", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED } },
	{ "freebsd", { "fin-wait-1/fin-ack/seq-equal/ts-equal", ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT } },
	{ "freebsd", { "fin-wait-1/fin-ack/seq-equal/ts-equal/ack-1", ANSWER_ACK, ISN_NONE, STATE_CLOSING } },
	{ "freebsd", { "established/fin-ack/seq+1/ts-equal", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED } },
	/* SYN_SENT, and SYN_RECEIVED from there */
	{ "freebsd", { "syn-sent/FSA/seq-equal/ts-equal/ack+1", ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT } },
	{ "freebsd", { "syn-recv/syn-ack/seq-1/ts-equal/opening-simultaneous", ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED } },
	{ "freebsd", { "syn-recv/ack/seq-equal/ts-equal/opening-simultaneous/ack-1", ANSWER_RST, ISN_NONE, STATE_SYN_RECV } },
	{ "freebsd", { "syn-recv/ack/seq-2/ts-equal/opening-simultaneous", ANSWER_RST, ISN_NONE, STATE_SYN_RECV } },
	{ "freebsd", { "syn-recv/null/seq-1/ts-equal/opening-simultaneous", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN } },
	/* tcp_ctlinput_with_port() */
	{ "freebsd", { "syn-sent/icmp-port-unreachable/seq-1/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_CLOSED } },
	{ "freebsd", { "syn-sent/icmp-host-unreachable/seq-1/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_SYN_SENT } },
	{ "freebsd", { "established/icmp-port-unreachable/seq-equal/ts-absent", ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED } },
	/* what is Linux's, or not in the book */
	{ "freebsd", { "listen/syn/seq-equal/ts-equal/queue-accept-full", ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN } },
	{ "freebsd", { "listen/syn/seq-equal/ts-equal/opt=131200112233445566778899aabbccddeeff", ANSWER_OPEN, ISN_NONE,
		       STATE_UNKNOWN } },
};

static struct kernel freebsd_of(const char *text)
{
	struct kernel kernel = { .timestamps = true };
	struct error error = { "" };

	ck_assert_msg(freebsd_choose(text, &kernel.freebsd, &error) == 0, "%s: %s", text, error.text);
	return kernel;
}

/* All that is expected of these releases, not only of the newest. */
START_TEST(of_source)
{
	const struct oracle_row *expected = &rows[_i].row;
	struct kernel kernel = freebsd_of(rows[_i].named);
	struct cell cell = named_cell(expected->cell);
	struct alternatives all;

	cell_ask_all(BOOK_FREEBSD, &cell, &kernel, NULL, &all);
	for (size_t i = 0; i < all.count; i++) {
		const struct expectation *said = &all.list[i].expectation;

		if (said->answer != expected->answer || said->isn != expected->isn || said->after != expected->after)
			ck_abort_msg("%s, %s: says %s/%s/%s, not %s/%s/%s (%s)", expected->cell, rows[_i].named,
				     oracle_answer_name(said->answer), oracle_isn_name(said->isn) ? : "-",
				     state_text(said->after), oracle_answer_name(expected->answer),
				     oracle_isn_name(expected->isn) ? : "-", state_text(expected->after), said->citation);
	}
}
END_TEST

/* Where releases differ, both answers come with their names. */
START_TEST(versions)
{
	struct kernel kernel = freebsd_of("freebsd");
	struct cell cell = named_cell("listen/syn-ack/seq-equal/ts-equal");
	struct alternatives all;
	char text[ALTERNATIVE_TEXT_SIZE];

	cell_ask_all(BOOK_FREEBSD, &cell, &kernel, NULL, &all);
	ck_assert_uint_eq(all.count, 2);
	ck_assert_int_eq(all.list[0].expectation.answer, ANSWER_SILENCE);
	ck_assert_str_eq(oracle_alternative_text(&all, 0, text), "kernels FreeBSD from 15 on");
	ck_assert_str_eq(oracle_alternative_text(&all, 1, text), "kernels FreeBSD 13 to 15");
	kernel = freebsd_of("freebsd-15");
	cell_ask_all(BOOK_FREEBSD, &cell, &kernel, NULL, &all);
	ck_assert_uint_eq(all.count, 2);
}
END_TEST

static const struct {
	const char *said, *error; /* NULL: it reads back as it was written */
} texts[] = {
	{ "freebsd", NULL },
	{ "freebsd-13", NULL },
	{ "freebsd-14.1", NULL },
	{ "freebsd-15,insecure_rst=1,insecure_syn=1,insecure_ack=1,drop_synfin=1,blackhole=3", NULL },
	{ "freebsd-12", "the freebsd book begins with FreeBSD 13, freebsd-12 is older" },
	{ "freebsd14", "is not a FreeBSD" },
	{ "freebsd-14.1-RELEASE", "is not a FreeBSD" },
	{ "freebsd-", "is not a FreeBSD" },
	{ "freebsd,blackhole=4", "blackhole=0..3" },
	{ "freebsd,drop_synfin=", "drop_synfin=0|1" },
	{ "freebsd,rfc1323=0", "insecure_rst=0|1" },
};

START_TEST(text)
{
	struct freebsd freebsd;
	struct error error = { "" };
	char buffer[FREEBSD_TEXT_SIZE];

	if (texts[_i].error) {
		ck_assert_int_eq(freebsd_choose(texts[_i].said, &freebsd, &error), -1);
		ck_assert_msg(strstr(error.text, texts[_i].error), "%s", error.text);
		return;
	}
	ck_assert_int_eq(freebsd_choose(texts[_i].said, &freebsd, &error), 0);
	ck_assert_str_eq(freebsd_text(&freebsd, buffer), texts[_i].said);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, of_source, 0, ROWS(rows));
	tcase_add_loop_test(tcase, text, 0, ROWS(texts));
	tcase_add_test(tcase, versions);
	return run_suite("oracle_freebsd", tcase, NULL);
}
