/* test_cell.c - cells and their names, both ways, and the sysctls of a cell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/named_cell.h"

/* Names as a design or a CI system fixes them. */
static const char *const stable[] = {
	"time-wait/syn/seq-below/ts-above",
	"fin-wait-2/rst/seq+1/ts-absent",
	"time-wait/rst/seq-equal/ts-absent/tcp_rfc1337=1",
	"time-wait/syn/seq-above/ts-absent/conn-ts-off",
	"time-wait/syn/seq-above/ts-above/tcp_timestamps=0@probe",
	"close-wait/syn/seq-above/ts-above/ipv6",
	"time-wait/syn/seq-1/ts-zero",
	"time-wait/syn/seq+1000/ts-equal",
	"time-wait/syn/seq+2^30/ts-1",
	"time-wait/syn/seq+2^31-1/ts+1",
	"time-wait/syn/seq-2^31+1/ts-2^31",
	"listen/null/seq+wnd-1/ts-absent",
	"fin-wait-2-half/syn-fin/seq+wnd/ts-absent",
	"established/data/seq-equal/ts-equal/ack+1",
	"established/ack/seq-equal/ts-equal/conn-ts-off/ack-below/tcp_timestamps=0/tcp_timestamps=1@probe/ipv6",
	"syn-recv/rst-ack/seq-equal/ts-equal/net.core.somaxconn=1",
	"established/ack/seq-equal/ts-equal/win=0",
	"time-wait/syn/seq-equal/ts-equal/win=60999",
	"time-wait/syn-ack/seq-equal/ts-equal/conn-ts-off/ack-below/win=61000/a=1/ipv6",
	"listen/SEC/seq-equal/ts-absent/payload=1",
	"established/FPU/seq-equal/ts-equal/urg=0",
	"syn-recv/ack/seq-equal/ts-equal/tsecr-1",
	"time-wait/syn/seq-below/ts-zero/conn-tsval=2147483649",
	("established/FSRPAUECe/seq+wnd+1/ts-equal/conn-ts-off/conn-tsval=0/ack+1/tsecr-zero/payload=256/win=0/urg=65535/"
	 "opt=131200ff/bad-checksum/a=1/ipv6"),
	"syn-recv/ack/seq-equal/ts-equal/queue-accept-full/defer-accept/linger-zero/keepalive=32767/user-timeout=5001/"
	"twice=10000/tcp_abort_on_overflow=1",
	"fin-wait-2-half/ack/seq-equal/ts-equal/opening-active/conn-ts-off/no-listener/unread=256/delay=50000/twice=0/"
	"ack+1",
	"established/ack/seq-equal/ts-equal/conn-tsval=1/rcv-wnd-shrunk/delay=1/tcp_shrink_window=1",
	"fin-wait-1/ack/seq-equal/ts-equal/rcv-wnd-small/linger2=0/keepalive=1",
	"established/ack/seq-equal/ts-equal/user-timeout=9000/min-ttl=64/delay=1/win=0/ttl=255",
	"syn-recv/SEC/seq-equal/ts-equal/conn-ts-off/conn-ecn/conn-tsval=3/bad-checksum/ecn-ect-0/ttl=1",
	"established/ack/seq-equal/ts-equal/opt=00010203040506070809101112131415161718192021222324252627",
};

START_TEST(stable_names)
{
	struct cell cell = named_cell(stable[_i]);
	char name[CELL_NAME_SIZE];

	ck_assert_str_eq(cell_name(&cell, name, sizeof(name)), stable[_i]);
}
END_TEST

static const struct {
	const char *name, *normal;
} other_ways[] = {
	{ "time-wait/syn/seq+0/ts-0", "time-wait/syn/seq-equal/ts-equal" },
	{ "time-wait/syn/seq-2147483648/ts+1073741824", "time-wait/syn/seq-2^31/ts+2^30" },
	{ "time-wait/ack/seq-equal/ts-equal/ack-equal", "time-wait/ack/seq-equal/ts-equal" },
	{ "time-wait/ack/seq-1/ts-1/ipv6/conn-ts-off", "time-wait/ack/seq-1/ts-1/conn-ts-off/ipv6" },
	{ "time-wait/ack/seq-1/ts-1/a=1/win=007/ack+1", "time-wait/ack/seq-1/ts-1/ack+1/win=7/a=1" },
	{ "time-wait/ack/seq-1/ts-1/net.ipv4.tcp_rfc1337=1", "time-wait/ack/seq-1/ts-1/tcp_rfc1337=1" },
	{ "time-wait/syn/seq-1/ts-1/no-listener/conn-ts-off/opening-active",
	  "time-wait/syn/seq-1/ts-1/opening-active/conn-ts-off/no-listener" },
	{ "syn-sent/syn-ack/seq-1/ts-1/opening-active/ack+1", "syn-sent/syn-ack/seq-1/ts-1/ack+1" },
	{ "syn-recv/syn/seq-1/ts-1/no-listener/opening-simultaneous",
	  "syn-recv/syn/seq-1/ts-1/opening-simultaneous/no-listener" },
	{ "time-wait/SA/seq-1/ts-1", "time-wait/syn-ack/seq-1/ts-1" },
	{ "time-wait/ack/seq-1/ts-1/bad-checksum/opt=FDFf", "time-wait/ack/seq-1/ts-1/opt=fdff/bad-checksum" },
	{ "time-wait/FRA/seq-1/ts-1/win=1/payload=01/tsecr+0/ack+1", "time-wait/FRA/seq-1/ts-1/ack+1/payload=1/win=1" },
};

START_TEST(other_ways_to_say_it)
{
	struct cell cell = named_cell(other_ways[_i].name);
	char name[CELL_NAME_SIZE];

	ck_assert_str_eq(cell_name(&cell, name, sizeof(name)), other_ways[_i].normal);
}
END_TEST

static const struct {
	const char *name, *message;
} bad[] = {
	{ "", "unknown state ''" },
	{ "time-wait", "expected STATE/SEGMENT/SEQ/TS" },
	{ "time-wait/syn/seq-below", "expected STATE/SEGMENT/SEQ/TS" },
	{ "close/syn/seq-below/ts-above", "unknown state 'close': expected one of closed, listen, syn-sent, syn-recv" },
	{ "syn-recv/syn/seq-below/ts-above/opening-active", "bad opening 'active': syn-recv comes after two SYNs" },
	{ "syn-sent/syn/seq-below/ts-above/opening-simultaneous", "bad opening 'simultaneous': syn-sent has no answer yet" },
	{ "closed/syn/seq-below/ts-above/opening-active", "bad opening 'active': closed is a state without a connection" },
	{ "established/syn/seq-below/ts-above/opening-both", "unknown opening 'both': expected one of passive, active, simul" },
	{ "listen/syn/seq-below/ts-above/no-listener", "bad listener 'gone': in listen the listener itself gets the segment" },
	{ "closed/syn/seq-below/ts-above/no-listener", "bad listener 'gone': in closed nobody has ever listened" },
	{ "syn-recv/syn/seq-below/ts-above/no-listener", "bad listener 'gone': in syn-recv the listener itself" },
	{ "fin-wait-1/ack/seq-equal/ts-equal/unread=1", "bad unread: fin-wait-1 cannot be reached, because the close() of a "
	  "socket with unread data sends an RST instead of a FIN; expected one of established, close-wait, fin-wait-1-half" },
	{ "last-ack-half/ack/seq-equal/ts-equal/unread=1", "bad unread: in last-ack-half the process has read all" },
	{ "syn-sent/ack/seq-equal/ts-equal/unread=1", "bad unread: syn-sent has no data to read" },
	{ "established/ack/seq-equal/ts-equal/unread=0", "bad unread '0': expected a whole number from 1 to 256, or none" },
	{ "established/ack/seq-equal/ts-equal/queue-syn-full", "bad queue 'syn-full': in established no segment asks for room "
	  "in it; expected one of listen, time-wait" },
	{ "listen/ack/seq-equal/ts-equal/queue-full", "unknown queue 'full': expected one of room, accept-full, syn-full" },
	{ "time-wait/ack/seq-equal/ts-equal/opening-active/queue-syn-full", "bad queue 'syn-full': the subject connected" },
	{ "time-wait/ack/seq-equal/ts-equal/no-listener/queue-syn-full", "bad queue 'syn-full': nobody listens" },
	{ "established/ack/seq-equal/ts-equal/defer-accept", "bad deferred-accept 'on': established has nothing" },
	{ "time-wait/ack/seq-equal/ts-equal/linger-zero", "bad linger 'zero': time-wait cannot be reached, because" },
	{ "established/ack/seq-equal/ts-equal/user-timeout=7000/delay=2000", "bad user-timeout '7000': the subject may give "
	  "the connection up before it is over; expected 7001 or more" },
	{ "time-wait/ack/seq-equal/ts-equal/rcv-wnd-closed", "bad receive-window 'closed': only data that nobody reads" },
	{ "listen/ack/seq-equal/ts-equal/rcv-wnd-small", "bad receive-window 'small': in listen there is no connection" },
	{ "established/ack/seq-equal/ts-equal/rcv-wnd-shrunk", "bad receive-window 'shrunk': Linux takes nothing back" },
	{ "established/ack/seq-equal/ts-equal/rcv-wnd-closed/unread=3", "bad receive-window 'closed': it decides itself" },
	{ "established/ack/seq-equal/ts-equal/rcv-wnd-closed/tcp_rmem=1,2,3", "bad receive-window 'closed': it sets tcp_rmem" },
	{ "time-wait/ack/seq-equal/ts-equal/linger2=3", "bad linger2 '3': only fin-wait-1 and fin-wait-2 have anything to do" },
	{ "fin-wait-2/ack/seq-equal/ts-equal/linger2=0", "bad linger2 '0': then there is no fin-wait-2" },
	{ "listen/ack/seq-equal/ts-equal/conn-ecn", "bad connection-ecn 'on': listen has no connection yet" },
	{ "time-wait/ack/seq-equal/ts-equal/opening-active/conn-ecn", "bad connection-ecn 'on': the subject connected" },
	{ "time-wait/ack/seq-equal/ts-equal/ecn-marked", "unknown ecn 'marked': expected one of not-ect, ect-1, ect-0, ce" },
	{ "closed/ack/seq-equal/ts-equal/min-ttl=2", "bad min-ttl '2': in closed there is no socket" },
	{ "time-wait/ack/seq-equal/ts-equal/min-ttl=2/path=a", "bad min-ttl '2': the path between lowers" },
	{ "time-wait/ack/seq-equal/ts-equal/ttl=2/path=a", "bad ttl '2': the path between lowers it" },
	{ "time-wait/ack/seq-equal/ts-equal/min-ttl=65", "bad min-ttl '65': expected a whole number from 1 to 64, or off" },
	{ "time-wait/ack/seq-equal/ts-equal/ttl=0", "bad ttl '0': expected a whole number from 1 to 255, or usual" },
	{ "time-wait/ack/seq-equal/ts-equal/delay=50001", "bad delay '50001': expected a whole number from 1 to 50000" },
	{ "time-wait/ack/seq-equal/ts-equal/twice=-1", "bad twice '-1': expected a whole number from 0 to 10000, or no" },
	{ "time-wait/sin/seq-below/ts-above", "unknown segment 'sin': expected one of syn, syn-ack" },
	{ "time-wait/AF/seq-below/ts-above", "bad segment 'AF': expected each flag once, in the order F S R P A U E C e: FA "
	  "(fin-ack)" },
	{ "time-wait/CES/seq-below/ts-above", "in the order F S R P A U E C e: SEC" },
	{ "time-wait/SS/seq-below/ts-above", "in the order F S R P A U E C e: S (syn)" },
	{ "time-wait/SX/seq-below/ts-above", "unknown segment 'SX': expected one of syn" },
	{ "time-wait/sec/seq-below/ts-above", "unknown segment 'sec'" },
	{ "time-wait/syn/seq-below/ts-above/tsecr+1", "'tsecr+1': syn echoes no timestamp" },
	{ "time-wait/ack/seq-below/ts-above/tsecr-absent", "bad tsecr offset 'absent': expected below" },
	{ "time-wait/ack/seq-below/ts-above/tsecr+wnd", "bad tsecr offset '+wnd'" },
	{ "time-wait/FPA/seq-below/ts-above/urg=1", "'urg=1': FPA has no URG flag" },
	{ "time-wait/AU/seq-below/ts-above/urg=65536", "bad urgent '65536': expected a whole number from 0 to 65535, or zero" },
	{ "time-wait/syn/seq-below/ts-above/payload=257", "bad payload '257': expected a whole number from 0 to 256" },
	{ "time-wait/syn/seq-below/ts-above/conn-tsval=4294967296", "bad connection-tsval '4294967296'" },
	{ "time-wait/syn/seq-below/ts-above/conn-tsval=99999999999999999999", "bad connection-tsval '99999999999999999999'" },
	{ "time-wait/ack/seq-below/ts-above/opt=", "bad options '': expected pairs of hexadecimal digits, such as 1e0300, or "
	  "none" },
	{ "time-wait/ack/seq-below/ts-above/opt=012", "bad options '012': expected pairs" },
	{ "time-wait/ack/seq-below/ts-above/opt=0x01", "bad options '0x01': expected pairs" },
	{ "time-wait/syn/seq-below/ts-above/opt=010203040506070809101112131415161718192021",
	  "bad options: 21 bytes, but a TCP header has room for 40, and syn has 20 of its own; expected at most 20" },
	{ "time-wait/ack/seq-below/ts-above/opt=0102030405060708091011121314151617181920212223242526272829",
	  "and ack has 12 of its own; expected at most 28" },
	{ "time-wait/ack/seq-below/ts-above/opt=0102030405060708091011121314151617181920"
	  "212223242526272829303132333435363738394041",
	  "41 bytes, and a TCP header has room for 40" },
	{ "time-wait/syn/seq-below/ts-above/path=", "bad path '': expected a name of letters" },
	{ "time-wait/syn/seq-below/ts-above/path=.", "bad path '.': " },
	{ "time-wait/syn/seq-below/ts-above/path=a b", "bad path 'a b': " },
	{ "time-wait/syn/seq-below/ts-above/path=a/path=b", "'path=b': a second value of path" },
	{ "time-wait/syn/seq-below/ts-above/path", "unknown condition 'path'" },
	{ "time-wait/syn/seq-below/ts-above/good-checksum", "unknown condition 'good-checksum'" },
	{ "time-wait/SEC/seq-below/ts-above/win=61001", "with 61000 to 61004 a SYN asks" },
	{ "time-wait/syn/below/ts-above", "'below' where seq and an offset was expected" },
	{ "time-wait/syn/seqbelow/ts-above", "'seqbelow' where seq" },
	{ "time-wait/syn/seq/ts-above", "'seq' where seq" },
	{ "time-wait/syn/seq-/ts-above", "bad seq offset '-'" },
	{ "time-wait/syn/seq--1/ts-above", "bad seq offset '--1'" },
	{ "time-wait/syn/seq+below/ts-above", "bad seq offset '+below'" },
	{ "time-wait/syn/seq-absent/ts-above", "bad seq offset 'absent'" },
	{ "time-wait/syn/seq+2^31/ts-above", "it is written -2^31" },
	{ "time-wait/syn/ts-above/seq-below", "'ts-above' where seq" },
	{ "time-wait/syn/seq-below/ts-wnd", "bad ts offset 'wnd'" },
	{ "time-wait/syn/seq-below/ts-above/", "unknown condition ''" },
	{ "listen/syn/seq-below/ts-above/defer-accept=3", "'defer-accept=3': this condition takes no value; write "
							  "'defer-accept'" },
	{ "time-wait/syn/seq-below/ts-above/no-listener=yes", "takes no value; write 'no-listener'" },
	{ "time-wait/syn/seq-below/ts-above/this-is-no-condition-of-any-kind-whatever-anybody-may-think",
	  "cell 'time-wait/syn/seq-below/ts-above/this-is-no-condition-of-any…': unknown condition "
	  "'this-is-no-condition-of-any-kind-whatever-anybody-may-think': " },
	{ "time-wait/syn/seq-below/ts-above/this-is-no-condition-of-any-kind-whatever-anybody-may-think-of",
	  "unknown condition 'this-is-no-condition-of-any-kind-whatever-anybody-may-think-…': " },
	{ "time-wait/syn/seq-below/ts-above/ipv4", "unknown condition 'ipv4'" },
	{ "time-wait/syn/seq-below/ts-above/ack+1", "'ack+1': syn acknowledges nothing" },
	{ "time-wait/ack/seq-below/ts-above/ack+1x", "bad ack offset '+1x'" },
	{ "time-wait/syn/seq-below/ts-above/a=", "no value" },
	{ "time-wait/syn/seq-below/ts-above/win=", "bad window '': expected a whole number from 0 to 65535, or usual" },
	{ "time-wait/syn/seq-below/ts-above/win=65536", "bad window '65536'" },
	{ "time-wait/syn/seq-below/ts-above/win=-1", "bad window '-1'" },
	{ "time-wait/syn/seq-below/ts-above/win=4294967296", "bad window '4294967296'" },
	{ "time-wait/syn/seq-below/ts-above/win=1x", "bad window '1x'" },
	{ "time-wait/syn/seq-below/ts-above/win", "unknown condition 'win': expected one of ack and an offset, tsecr and" },
	{ "time-wait/syn/seq-below/ts-above/win=61000", "bad window '61000': with 61000 to 61004 a SYN asks" },
	{ "time-wait/syn/seq-below/ts-above/win=61003", "bad window '61003'" },
	{ "time-wait/syn/seq-below/ts-above/tcp_x=1/tcp_x=2", "set twice" },
	{ "time-wait/syn/seq-below/ts-above/payload=1/win=1/payload=2", "'payload=2': a second value of payload" },
	{ "time-wait/syn/seq-below/ts-above/opening-active/opening-simultaneous", "a second value of opening" },
	{ "time-wait/syn/seq-below/ts-above/no-listener/no-listener", "'no-listener': a second value of listener" },
	{ "time-wait/syn/seq-below/ts-above/tcp_x=1@prob", "expected a value" },
};

START_TEST(bad_names)
{
	struct cell cell;
	struct error error = { "" };

	ck_assert_int_eq(cell_parse(bad[_i].name, &cell, &error), -1);
	ck_assert_msg(strstr(error.text, bad[_i].message) != NULL, "%s", error.text);
	ck_assert_msg(strncmp(error.text, "cell '", 6) == 0, "%s", error.text);
}
END_TEST

START_TEST(a_name_too_long)
{
	char name[2 * CELL_NAME_SIZE];
	struct cell cell;
	struct error error = { "" };

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(cell_parse(name, &cell, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "longer than"));
}
END_TEST

static void check_round_trip(const struct cell *cell)
{
	char name[CELL_NAME_SIZE], again[CELL_NAME_SIZE];
	struct cell read;

	cell_name(cell, name, sizeof(name));
	read = named_cell(name);
	ck_assert_msg(same_cell(cell, &read), "%s", name);
	ck_assert_str_eq(cell_name(&read, again, sizeof(again)), name);
}

/* Every state, kind, family and form of offset. */
START_TEST(names_are_read_back)
{
	static const struct offset offsets[] = {
		{ OFFSET_NUMBER, 0 }, { OFFSET_NUMBER, -1000 }, { OFFSET_NUMBER, INT64_C(-2147483648) },
		{ OFFSET_NUMBER, 2147483647 }, { OFFSET_BELOW, -1000 }, { OFFSET_ABOVE, 1000 },
		{ OFFSET_WINDOW, -1 }, { OFFSET_ABSENT, 0 }, { OFFSET_ZERO, 0 },
	};
	struct cell cell;

	for (size_t i = 0; i < (size_t)STATE_COUNT * KIND_COUNT * ROWS(offsets) * ROWS(offsets); i++) {
		const struct offset *seq = &offsets[i % ROWS(offsets)], *ts = &offsets[i / ROWS(offsets) % ROWS(offsets)];

		cell_default(&cell);
		cell.stimulus.seq = seq->form <= OFFSET_WINDOW ? *seq : offsets[0];
		cell.stimulus.ts = ts->form != OFFSET_WINDOW ? *ts : offsets[0];
		cell.stimulus.ack = seq->form <= OFFSET_ABOVE ? *seq : offsets[0];
		cell.stimulus.kind = (enum segment_kind)(i / ROWS(offsets) / ROWS(offsets) % KIND_COUNT);
		cell.state = (enum state)(i / ROWS(offsets) / ROWS(offsets) / KIND_COUNT);
		cell.family = i % 2 ? 4 : 6;
		cell.connection_timestamps = i % 3;
		check_round_trip(&cell);
	}
}
END_TEST

/* The longest name there can be is not cut. */
START_TEST(the_longest_name)
{
	char name[CELL_NAME_SIZE], sysctl[SYSCTL_NAME_SIZE + SYSCTL_VALUE_SIZE + 8];
	struct cell cell;
	struct error error = { "" };

	cell_default(&cell);
	cell.state = STATE_FIN_WAIT_2_HALF;
	cell.stimulus.kind = KIND_RST_ACK;
	cell.stimulus.seq = (struct offset){ OFFSET_WINDOW, -2147482648 };
	cell.stimulus.ts = cell.stimulus.ack = (struct offset){ OFFSET_NUMBER, -2147482648 };
	cell.stimulus.window = (struct choice){ true, 65535 };
	cell.connection_timestamps = false;
	cell.family = 6;
	for (int i = 0; i < CONDITIONS_MAX; i++) {
		snprintf(sysctl, sizeof(sysctl), "%0*d=%0*d", SYSCTL_NAME_SIZE - 1, i, SYSCTL_VALUE_SIZE - 1, i);
		ck_assert_msg(conditions_add(&cell.conditions, sysctl, true, &error) == 0, "%s", error.text);
	}
	cell_name(&cell, name, sizeof(name));
	ck_assert_str_eq(name + strlen(name) - 5, "/ipv6");
	check_round_trip(&cell);
}
END_TEST

START_TEST(parts_by_key)
{
	struct cell cell;
	struct error error = { "" };

	cell_default(&cell);
	ck_assert_int_eq(cell_set(&cell, "connection-timestamps", "off", &error), 0);
	ck_assert(!cell.connection_timestamps);
	ck_assert_int_eq(cell_set(&cell, "connection-timestamps", "on", &error), 0);
	ck_assert(cell.connection_timestamps);
	ck_assert_int_eq(cell_set(&cell, "family", "ipv6", &error), 0);
	ck_assert_uint_eq(cell.family, 6);
	ck_assert_int_eq(cell_set(&cell, "family", "4", &error), -1);
	ck_assert_str_eq(error.text, "bad family '4': expected ipv4 or ipv6");
	ck_assert_int_eq(cell_set(&cell, "connection-timestamps", "yes", &error), -1);
	ck_assert_str_eq(error.text, "bad connection-timestamps 'yes': expected on or off");
	ck_assert_int_eq(cell_set(&cell, "colour", "red", &error), -1);
	ck_assert_uint_eq(cell.family, 6);
}
END_TEST

static const struct {
	const char *text, *message;
} bad_sysctls[] = {
	{ "tcp_timestamps", "expected NAME=VALUE" },
	{ "", "expected NAME=VALUE" },
	{ "=1", "not a sysctl's name" },
	{ "tcp timestamps=1", "not a sysctl's name" },
	{ "../../etc/passwd=1", "not a sysctl's name" },
	{ "a..b=1", "not a sysctl's name" },
	{ ".a=1", "not a sysctl's name" },
	{ "a.=1", "not a sysctl's name" },
	{ "TCP=1", "not a sysctl's name" },
	{ "tcp_timestamps= ", "no value" },
	{ "tcp_rmem=1/2", "expected a value" },
	{ "tcp_rmem=1 2 !", "bad sysctl 'tcp_rmem=1 2 !': expected a value" },
	{ "tcp_timestamps=0@probe", "expected a value" },
	{ "a=1234567890 1234567890 1234567890 1234567", "value is longer than 39" },
	{ "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz=1", "name is longer than 47" },
	{ "tcp_sack=1", "tcp_sack is set twice" },
	{ "net.ipv4.tcp_sack=1", "tcp_sack is set twice" },
};

START_TEST(bad_sysctls_are_refused)
{
	struct conditions conditions = { 0 };
	struct error error = { "" };

	ck_assert_int_eq(conditions_add(&conditions, "tcp_sack=0", false, &error), 0);
	ck_assert_int_eq(conditions_add(&conditions, bad_sysctls[_i].text, false, &error), -1);
	ck_assert_msg(strstr(error.text, bad_sysctls[_i].message) != NULL, "%s", error.text);
	ck_assert_uint_eq(conditions.sysctl_count, 1);
}
END_TEST

static const struct {
	const char *text, *value;
} several_numbers[] = {
	{ "tcp_rmem=4096 131072 6291456", "4096,131072,6291456" },
	{ "tcp_rmem = 4096\t131072   6291456 ", "4096,131072,6291456" },
	{ "tcp_rmem=4096,131072,6291456", "4096,131072,6291456" },
	{ "tcp_rmem=4096, 131072 ,6291456", "4096,131072,6291456" },
	{ "ip_local_port_range=41000 41000", "41000,41000" },
	{ "tcp_rmem=1234567890 1234567890 1234567890", "1234567890,1234567890,1234567890" },
};

/* The kernel wants blanks between several numbers; a name has none, and can be read again. */
START_TEST(a_sysctl_of_several_numbers)
{
	struct error error = { "" };
	char name[CELL_NAME_SIZE];
	struct cell cell;

	cell_default(&cell);
	ck_assert_msg(conditions_add(&cell.conditions, several_numbers[_i].text, false, &error) == 0, "%s", error.text);
	ck_assert_str_eq(cell.conditions.sysctls[0].value, several_numbers[_i].value);
	ck_assert_ptr_null(strchr(cell_name(&cell, name, sizeof(name)), ' '));
	check_round_trip(&cell);
}
END_TEST

START_TEST(too_many_sysctls)
{
	struct conditions conditions = { 0 };
	struct error error = { "" };
	char text[] = "a=1";

	for (int i = 0; i < CONDITIONS_MAX; i++, text[0]++)
		ck_assert_int_eq(conditions_add(&conditions, text, false, &error), 0);
	ck_assert_int_eq(conditions_add(&conditions, text, false, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "at most 6"));
}
END_TEST

START_TEST(sysctls_have_values_at_two_moments)
{
	struct conditions one = { 0 }, other = { 0 };

	ck_assert(conditions_equal(&one, &other));
	ck_assert_ptr_null(conditions_value(&one, "tcp_timestamps", true));
	ck_assert_int_eq(conditions_add(&one, " tcp_timestamps = 0 ", false, NULL), 0);
	ck_assert(!conditions_any_at_probe(&one));
	ck_assert(!conditions_equal(&one, &other));
	ck_assert_str_eq(conditions_value(&one, "tcp_timestamps", false), "0");
	ck_assert_str_eq(conditions_value(&one, "tcp_timestamps", true), "0");
	ck_assert_int_eq(conditions_add(&one, "tcp_timestamps=1", true, NULL), 0);
	ck_assert(conditions_any_at_probe(&one));
	ck_assert_str_eq(conditions_value(&one, "tcp_timestamps", false), "0");
	ck_assert_str_eq(conditions_value(&one, "tcp_timestamps", true), "1");
	ck_assert_int_eq(conditions_parse(&other, "tcp_timestamps=1@probe", NULL), 0);
	ck_assert_ptr_null(conditions_value(&other, "tcp_timestamps", false));
	ck_assert_int_eq(conditions_parse(&other, "tcp_timestamps=0", NULL), 0);
	ck_assert(conditions_equal(&one, &other));
	other.sysctls[0].value[0] = '2';
	ck_assert(!conditions_equal(&one, &other));
}
END_TEST

START_TEST(the_same_cell)
{
	static const struct {
		const char *a, *b;
		bool same;
	} pairs[] = {
		{ "time-wait/syn/seq-below/ts-above", "time-wait/syn/seq-1000/ts+1000", true },
		{ "time-wait/syn/seq-below/ts-above", "time-wait/syn/seq-1001/ts+1000", false },
		{ "time-wait/syn/seq-below/ts-above", "time-wait/syn/seq-below/ts-above/ipv6", false },
		{ "time-wait/syn/seq-below/ts-above", "time-wait/syn/seq-below/ts-above/conn-ts-off", false },
		{ "time-wait/syn/seq-below/ts-above", "time-wait/ack/seq-below/ts-above", false },
		{ "time-wait/syn/seq-below/ts-above", "closing/syn/seq-below/ts-above", false },
		{ "time-wait/syn/seq-below/ts-absent", "time-wait/syn/seq-below/ts-zero", false },
		{ "time-wait/ack/seq-1/ts-1", "time-wait/ack/seq-1/ts-1/ack+1", false },
		{ "time-wait/ack/seq-1/ts-1", "time-wait/ack/seq-1/ts-1/win=0", false },
		{ "time-wait/ack/seq-1/ts-1/win=1", "time-wait/ack/seq-1/ts-1/win=0", false },
		{ "time-wait/ack/seq-1/ts-1/a=1/b=2", "time-wait/ack/seq-1/ts-1/b=2/a=1", true },
		{ "time-wait/ack/seq-1/ts-1/a=1", "time-wait/ack/seq-1/ts-1/a=1@probe", false },
	};
	struct cell a, b;

	for (size_t i = 0; i < ROWS(pairs); i++) {
		ck_assert_int_eq(cell_parse(pairs[i].a, &a, NULL), 0);
		ck_assert_int_eq(cell_parse(pairs[i].b, &b, NULL), 0);
		ck_assert_msg(same_cell(&a, &b) == pairs[i].same, "%s and %s", pairs[i].a, pairs[i].b);
	}
	/* A SYN has no acknowledgment to differ in. */
	a = b;
	a.stimulus.kind = b.stimulus.kind = KIND_SYN;
	a.stimulus.ack.value = 5;
	ck_assert(same_cell(&a, &b));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("names");

	tcase_add_loop_test(tcase, stable_names, 0, ROWS(stable));
	tcase_add_loop_test(tcase, other_ways_to_say_it, 0, ROWS(other_ways));
	tcase_add_loop_test(tcase, bad_names, 0, ROWS(bad));
	tcase_add_test(tcase, a_name_too_long);
	tcase_add_test(tcase, names_are_read_back);
	tcase_add_test(tcase, the_longest_name);
	tcase_add_test(tcase, parts_by_key);
	tcase_add_loop_test(tcase, bad_sysctls_are_refused, 0, ROWS(bad_sysctls));
	tcase_add_loop_test(tcase, a_sysctl_of_several_numbers, 0, ROWS(several_numbers));
	tcase_add_test(tcase, too_many_sysctls);
	tcase_add_test(tcase, sysctls_have_values_at_two_moments);
	tcase_add_test(tcase, the_same_cell);
	return run_suite("cell", tcase, NULL);
}
