/* test_capture_text.c - what people paste, written from the formats of tcpdump's print-tcp.c, print-ip.c, print-ip6.c,
 * print-sll.c and util-print.c and of tshark: the segments that are read from it, and what is said to be missing. */
#include "listener/capture_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crafter/segment_text.h"
#include "crafter/textbuf.h"

#include "tests/unit/suite.h"

enum { TOLD_SIZE = 8192 };

static char path[64];

static void setup(void)
{
	snprintf(path, sizeof(path), "/tmp/test_capture_text.%d", (int)getpid());
}

static void teardown(void)
{
	unlink(path);
}

static void write_text(const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

/* A line for each packet: the segment in our notation, without what the text does not show; and what that is. */
static void tell(struct textbuf *told, const struct capture_text_frame *frame)
{
	static const char *const kinds[] = { "", "unplaced", "icmp", "unsound", "other" };
	static const char *const lacks[] = { " ?options", " ?seq", " ?time", " ?base", "", " ?checksum", " ?others" };
	unsigned parts = frame->lacks & SEGMENT_LACKS_IP ? SEGMENT_TEXT_ALL & ~(unsigned)SEGMENT_TEXT_IP : SEGMENT_TEXT_ALL;
	char text[SEGMENT_TEXT_SIZE];

	if (frame->kind != CAPTURE_TEXT_SEGMENT) {
		textbuf_add(told, "%s\n", kinds[frame->kind]);
		return;
	}
	textbuf_add(told, "%s", segment_text_print(&frame->segment, NULL, parts, text, sizeof(text)));
	for (size_t i = 0; i < ROWS(lacks); i++)
		if (frame->lacks & 1u << i)
			textbuf_add(told, "%s", lacks[i]);
	textbuf_add(told, "%s\n", frame->unfilled ? " unfilled" : "");
}

static const char *read_text(const char *text, char told[static TOLD_SIZE])
{
	struct error error = { "" };
	struct capture_text_frame frame;
	struct capture_text *capture;
	struct textbuf buffer;
	int result;

	textbuf_init(&buffer, told, TOLD_SIZE);
	write_text(text);
	capture = capture_text_open(path, &error);
	ck_assert_msg(capture != NULL, "%s", error.text);
	while ((result = capture_text_next(capture, &frame, &error)) > 0)
		tell(&buffer, &frame);
	if (result < 0)
		textbuf_add(&buffer, "%s", strchr(error.text, ':') ? strchr(error.text, ':') + 2 : error.text);
	capture_text_close(capture);
	return told;
}

#define ENDS "10.0.0.1:40000 > 10.0.0.2:80 "
#define BACK "10.0.0.2:80 > 10.0.0.1:40000 "
#define T "12:00:00.000001 IP "
#define SYN_OPTIONS "options [mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7], length 0\n"
#define SYN_READ ENDS "S 1000:1000(0) win 64240 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>\n"

static const struct {
	const char *text, *told;
} rows[] = {
	/* -n alone: after the SYN-ACK, numbers count from those of the SYNs; a bare ACK has none. */
	{ "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n"
	  "listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n"
	  "12:00:00.000001 IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 3000000000, win 64240, options [mss "
	  "1460], length 0\n"
	  "12:00:00.000002 IP 10.0.0.2.80 > 10.0.0.1.40000: Flags [S.], seq 4000000000, ack 3000000001, win 65160, length 0\n"
	  "12:00:00.000003 IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [.], ack 1, win 502, length 0\n"
	  "12:00:00.000004 IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [P.], seq 1:11, ack 1, win 502, length 10: HTTP: GET\n"
	  "12:00:00.000005 IP 10.0.0.2.80 > 10.0.0.1.40000: Flags [.], ack 11, win 509, options [nop,nop,sack 1 "
	  "{5:9}], length 0\n"
	  "12:00:00.000006 IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [R], seq 3000000011, win 0, length 0\n"
	  "6 packets captured\n6 packets received by filter\n0 packets dropped by kernel\n",
	  ENDS "S 3000000000:3000000000(0) win 64240 <mss 1460>\n"
	  BACK "SA 4000000000:4000000000(0) ack 3000000001 win 65160\n"
	  ENDS "A 3000000001:3000000001(0) ack 4000000001 win 502 ?seq\n"
	  ENDS "PA 3000000001:3000000011(10) ack 4000000001 win 502\n"
	  BACK "A 4000000001:4000000001(0) ack 3000000011 win 509 <nop,nop,sack 3000000005:3000000009> ?seq\n"
	  ENDS "R 3000000011:3000000011(0) win 0\n" },
	/* -S: as they are, and the bare ACK's is still not shown. */
	{ T "10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 3000000000, win 64240, length 0\n"
	  T "10.0.0.2.80 > 10.0.0.1.40000: Flags [S.], seq 4000000000, ack 3000000001, win 65160, length 0\n"
	  T "10.0.0.1.40000 > 10.0.0.2.80: Flags [.], ack 4000000001, win 502, length 0\n"
	  T "10.0.0.1.40000 > 10.0.0.2.80: Flags [F.], seq 3000000001, ack 4000000001, win 502, length 0\n",
	  ENDS "S 3000000000:3000000000(0) win 64240\n" BACK "SA 4000000000:4000000000(0) ack 3000000001 win 65160\n"
	  ENDS "A 3000000001:3000000001(0) ack 4000000001 win 502 ?seq\n"
	  ENDS "FA 3000000001:3000000001(0) ack 4000000001 win 502\n" },
	/* A connection that is refused: the number that the reset acknowledges is the SYN's, however small. */
	{ T "10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 7000, win 64240, length 0\n"
	  T "10.0.0.2.80 > 10.0.0.1.40000: Flags [R.], seq 0, ack 7001, win 0, length 0\n",
	  ENDS "S 7000:7000(0) win 64240\n" BACK "RA 0:0(0) ack 7001 win 0\n" },
	/* The paste begins later: relative to nobody knows what, but to one another. */
	{ T "10.0.0.1.40000 > 10.0.0.2.80: Flags [P.], seq 1:11, ack 1, win 502, length 10\n"
	  T "10.0.0.2.80 > 10.0.0.1.40000: Flags [.e], ack 11, win 509, length 0\n"
	  T "10.0.0.1.40000 > 10.0.0.2.80: Flags [P.], seq 11:21, ack 1, win 502, length 10\n",
	  ENDS "PA 1:11(10) ack 1 win 502\n" BACK "Ae 1:1(0) ack 11 win 509 ?seq\n" ENDS "PA 11:21(10) ack 1 win 502\n" },
	/* -v: two lines; -vv: sequence numbers for all. */
	{ "12:00:00.000001 IP (tos 0x10, ttl 63, id 54321, offset 0, flags [DF], proto TCP (6), length 40)\n"
	  "    10.0.0.1.40000 > 10.0.0.2.80: Flags [.], cksum 0x1234 (correct), seq 5, ack 6, win 502, length 0\n",
	  ENDS "A 5:5(0) ack 6 win 502 ttl 63 tos 16 id 54321\n" },
	/* A wrong checksum; one that was left to a card, which has the pseudo-header's sum, here of 10.0.0.1, 10.0.0.2, 6 and
	 * 20: 0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 0x0006 + 0x0014 = 0x141d; and none at all. */
	{ T "(tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto TCP (6), length 40)\n"
	  "    10.0.0.1.40000 > 10.0.0.2.80: Flags [.], cksum 0x1234 (incorrect -> 0x5678), seq 5, ack 6, win 502, length 0\n"
	  T "(tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto TCP (6), length 40)\n"
	  "    10.0.0.1.40000 > 10.0.0.2.80: Flags [.], cksum 0x141d (incorrect -> 0x5678), seq 5, ack 6, win 502, length 0\n"
	  T "(tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto TCP (6), length 40)\n"
	  "    10.0.0.1.40000 > 10.0.0.2.80: Flags [.], cksum 0x0000 (incorrect -> 0x5678), seq 5, ack 6, win 502, length 0\n"
	  T "(tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto TCP (6), length 44, options (EOL), bad cksum 1234 (->5678)!)\n"
	  "    10.0.0.1.40000 > 10.0.0.2.80: Flags [.], cksum 0x1111 (correct), seq 5, ack 6, win 502, length 0\n",
	  "unsound\n" ENDS "A 5:5(0) ack 6 win 502 id 1\n" ENDS "A 5:5(0) ack 6 win 502 id 1 unfilled\n" "unsound\n" },
	/* A first fragment, and another one. */
	{ T "(tos 0x0, ttl 64, id 1, offset 0, flags [+], proto TCP (6), length 1500)\n"
	  "    10.0.0.1.40000 > 10.0.0.2.80: Flags [.], seq 5:1465, ack 6, win 502, length 1460\n"
	  T "(tos 0x0, ttl 64, id 1, offset 1480, flags [none], proto TCP (6), length 1500)\n"
	  "    10.0.0.1 > 10.0.0.2: ip-proto-6\n", "unsound\nunsound\n" },
	/* IPv6, its -v in one line, and TCP behind an extension header. */
	{ "12:00:00.000001 IP6 2001:db8::1.40000 > 2001:db8::2.80: Flags [SEW], seq 5, win 64800, options [mss "
	  "1440], length 0\n"
	  "12:00:00.000001 IP6 (class 0x02, flowlabel 0x71234, hlim 61, next-header TCP (6) payload length: 20) "
	  "2001:db8::1.40000 > 2001:db8::2.80: Flags [R], cksum 0x1111 (correct), seq 6, win 0, length 0\n"
	  "12:00:00.000001 IP6 2001:db8::1 > 2001:db8::2: DSTOPT (padn) 40000 > 80: Flags [R], seq 7, win 0, length 0\n",
	  "[2001:db8::1]:40000 > [2001:db8::2]:80 SEC 5:5(0) win 64800 <mss 1440>\n"
	  "[2001:db8::1]:40000 > [2001:db8::2]:80 R 6:6(0) win 0 ttl 61 tos 2 id 4660\n"
	  "[2001:db8::1]:40000 > [2001:db8::2]:80 R 7:7(0) win 0\n" },
	/* -e, with a VLAN; -i any; a loopback of BSD's; -#. */
	{ "12:00:00.000001 00:11:22:33:44:55 > 66:77:88:99:aa:bb, ethertype 802.1Q (0x8100), length 78: vlan 7, p 0, "
	  "ethertype IPv4 (0x0800), 10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 64240, " SYN_OPTIONS
	  "12:00:00.000001 eth0  In  IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 64240, " SYN_OPTIONS
	  "12:00:00.000001 eth0  In  ifindex 2 00:11:22:33:44:55 ethertype IPv4 (0x0800), length 80: 10.0.0.1.40000 > "
	  "10.0.0.2.80: Flags [S], seq 1000, win 64240, " SYN_OPTIONS
	  "12:00:00.000001 AF IPv4 (2), length 64: 10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 64240, " SYN_OPTIONS
	  "   17  12:00:00.000001 IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 64240, " SYN_OPTIONS,
	  SYN_READ SYN_READ SYN_READ SYN_READ SYN_READ },
	/* Hex dumps and payloads between. */
	{ T "10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 64240, " SYN_OPTIONS
	  "\t0x0000:  4500 003c 0001 4000 4006 26b9 0a00 0001  E..<..@.@.&.....\n\t0x0010:  0a00 0002 9c40 0050\n"
	  "E..<..@.@.&.....\nGET / HTTP/1.1\n"
	  T "10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 64240, " SYN_OPTIONS, SYN_READ SYN_READ },
	/* Without times. */
	{ "IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [none], seq 5:15, win 1, length 10\n"
	  "IP (tos 0x0, ttl 64, id 0, offset 0, flags [DF], proto TCP (6), length 40)\n"
	  "    10.0.0.1.40000 > 10.0.0.2.80: Flags [FPU.], seq 15, ack 3, win 1, urg 7, length 0\n",
	  ENDS "none 5:15(10) win 1 ?time\n" ENDS "FPAU 15:15(0) ack 3 win 1 urg 7 ?time\n" },
	/* tcpdump 3, before and after "IP". */
	{ "12:00:00.000001 10.0.0.1.40000 > 10.0.0.2.80: S 1000:1000(0) win 5840 <mss 1460,sackOK,timestamp 100 "
	  "0,nop,wscale 7> (DF)\n"
	  T "10.0.0.2.80 > 10.0.0.1.40000: S, cksum 0x1234 (correct), 90000000:90000000(0) ack 1001 win 5792 <mss 1460>\n"
	  T "10.0.0.1.40000 > 10.0.0.2.80: . ack 1 win 92 <nop,nop,sack sack 1 {5:9} > (DF) [tos 0x10]  (ttl 63, id "
	  "7, len 52)\n"
	  T "10.0.0.1.40000 > 10.0.0.2.80: P 1:11(10) ack 1 win 92 urg 3\n"
	  T "10.0.0.1.40000 > 10.0.0.2.80: R 1011:1011(0) win 0\n",
	  ENDS "S 1000:1000(0) win 5840 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>\n"
	  BACK "SA 90000000:90000000(0) ack 1001 win 5792 <mss 1460>\n"
	  ENDS "A 1001:1001(0) ack 90000001 win 92 <nop,nop,sack 90000005:90000009> ?seq\n"
	  ENDS "PAU 1001:1011(10) ack 90000001 win 92 urg 3\n" ENDS "R 1011:1011(0) win 0\n" },
	/* What mail, markdown and terminals do: marks, indentation, blanks, CRLF, a mark at the beginning, lines broken at
	 * blanks, in the middle of words, and before '>'. */
	{ "\xef\xbb\xbf> > 12:00:00.000001 IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S],\r\n> > seq 1000, win 64240, "
	  "options [mss\r\n"
	  "> > 1460,sackOK,TS val 100 ecr\r\n> > 0,nop,wscale 7], length 0\r\n\r\n"
	  "    12:00:00.000001 IP\t10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 64240, options [mss 14\n"
	  "60,sackOK,TS val 1\n00 ecr 0,nop,wscale 7], length 0\n"
	  "12:00:00.000001 IP 10.0.0.1.40000\n> 10.0.0.2.80: Flags [S], seq 1000, win 64240, " SYN_OPTIONS
	  "```\n12:00:00.000001 IP 10.0.0.1.40000 &gt; 10.0.0.2.80: Flags [S], seq 1000, win 64240, " SYN_OPTIONS
	  "3) 12:00:00.000001 IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 64240, " SYN_OPTIONS
	  "14:12:00:00.000001 IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 64240, " SYN_OPTIONS
	  "As you see, it\xe2\x80\x99s a SYN (seq 1000).\n",
	  SYN_READ SYN_READ SYN_READ SYN_READ SYN_READ SYN_READ },
	{ T "10.0.0.1.40000 > 10.0.0.2.80: S 1000:1000(0) win 64240\n<mss 1460,sackOK,timestamp 100 0,nop,wscale "
	  "7>\n", SYN_READ },
	/* Cut by the snapshot length, in the options or before them; options that make no sense. */
	{ T "10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 64240, options [mss 1460,sackOK,TS[|tcp]>\n"
	  T "10.0.0.3.40000 > 10.0.0.2.80: Flags [P.], seq 5:15, ack 1, win 9, options [nop,nop, [|tcp]\n"
	  T "10.0.0.1.40000 > 10.0.0.2.80: [|tcp]\n"
	  T "10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 64240, options [mss 1460[len 5]], length 0\n"
	  T "10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 64240, options [mss 1460,wscale[bad opt]>\n",
	  ENDS "S 1000:1000(0) win 64240 <mss 1460,sackOK> ?options\n" "10.0.0.3:40000 > 10.0.0.2:80 PA 5:15(10) ack "
	  "1 win 9 <nop,nop> ?options\n"
	  "unsound\nunsound\nunsound\n" },
	/* Options with data. */
	{ T "10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1, win 2, options [md5 shared secret not supplied with -M, "
	  "can't check - "
	  "00,tfo cookie 0102,mptcp 12 capable[flags [H]] v1 {0x1},unknown-99 0x0102,exp-tfo cookiereq,eol], length 0\n",
	  ENDS "S 1:1(0) win 2 <kind 19,kind 34,kind 30,kind 99,kind 254,eol>\n" },
	/* Other packets are counted; what ICMP quotes is none. */
	{ "12:00:00.000001 ARP, Request who-has 10.0.0.1 tell 10.0.0.2, length 28\n"
	  T "10.0.0.1.53 > 10.0.0.2.40000: 52352 1/0/0 A 192.0.2.1 (44)\n"
	  T "10.0.0.2 > 10.0.0.1: ICMP 10.0.0.2 tcp port 80 unreachable, length 68\n"
	  "\tIP (tos 0x0, ttl 63, id 1, offset 0, flags [DF], proto TCP (6), length 60)\n"
	  "    10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 64240, length 0\n"
	  T "10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 64240, " SYN_OPTIONS,
	  "other\nother\nicmp\n" SYN_READ },
	/* tshark: relative numbers, windows multiplied; as Wireshark copies it, with names, and of old versions; what shows no
	 * numbers counts; where a port is used again, nothing tells how the new numbers lie to the old ones. */
	{ "    1 1.000000000   10.0.0.1 \xe2\x86\x92 10.0.0.2    TCP 74 40000 \xe2\x86\x92 80 [SYN] Seq=0 Win=64240 "
	  "Len=0 MSS=1460 "
	  "SACK_PERM TSval=100 TSecr=0 WS=128\n"
	  "2\t1.000031000\t10.0.0.2\t10.0.0.1\tTCP\t74\t80 \xe2\x86\x92 40000 [SYN, ACK] Seq=0 Ack=1 Win=65160 Len=0\n"
	  "    MSS=1460 WS=1024\n"
	  "    3 1.000100000   10.0.0.1 -> 10.0.0.2    TCP 66 40000 > http [ACK] Seq=1 Ack=1 Win=64256 Len=0\n"
	  "    4 1.000200000   10.0.0.1 \xe2\x86\x92 10.0.0.2    HTTP 140 GET / HTTP/1.1\n"
	  "    5 1.000300000   10.0.0.2 \xe2\x86\x92 10.0.0.1    TCP 66 [TCP Dup ACK 2#1] http(80) \xe2\x86\x92 "
	  "40000(40000) [ACK] Seq=1 "
	  "Ack=75 Win=65536 Len=0 SLE=80 SRE=90\n"
	  "    6 1.000400000   10.0.0.1 \xe2\x86\x92 10.0.0.2    TCP 74 [TCP Port numbers reused] 40000 \xe2\x86\x92 "
	  "80 [SYN] Seq=0 "
	  "Win=64240 Len=0\n",
	  ENDS "S 0:0(0) win 64240 <mss 1460,sackOK,TS val 100 ecr 0,wscale 7>\n"
	  BACK "SA 0:0(0) ack 1 win 65160 <mss 1460,wscale 10>\n" ENDS "A 1:1(0) ack 1 win 502\n" "other\n"
	  BACK "A 1:1(0) ack 75 win 64 <sack 80:90>\n" ENDS "S 268435456:268435456(0) win 64240 ?base\n" },
	/* The same with -o tcp.relative_sequence_numbers:false. */
	{ "    1 1.000000000   10.0.0.1 \xe2\x86\x92 10.0.0.2    TCP 54 40000 \xe2\x86\x92 80 [SYN] Seq=7000 Win=64240 Len=0\n"
	  "    2 1.000400000   10.0.0.1 \xe2\x86\x92 10.0.0.2    TCP 54 [TCP Port numbers reused] 40000 \xe2\x86\x92 "
	  "80 [SYN] Seq=9000 "
	  "Win=64240 Len=0\n",
	  ENDS "S 7000:7000(0) win 64240\n" ENDS "S 9000:9000(0) win 64240\n" },
	/* A paste without the ends of its lines. */
	{ T "10.0.0.1.40000 > 10.0.0.2.80: Flags [R], seq 7, win 0, length 0 " T "10.0.0.1.40000 > 10.0.0.2.80: Flags [R], seq "
	  "8, win 0, length 0\n", ENDS "R 7:7(0) win 0 ?others\n" },
	/* Nothing tells what a null segment without a number has. */
	{ T "10.0.0.1.40000 > 10.0.0.2.80: Flags [none], win 1, length 0\n", "unplaced\n" },
};

START_TEST(what_is_read)
{
	char told[TOLD_SIZE];

	ck_assert_str_eq(read_text(rows[_i].text, told), rows[_i].told);
}
END_TEST

static const struct {
	const char *text, *message;
} refused[] = {
	{ "", "no line looks like a packet that tcpdump or tshark prints; it is empty" },
	{ "Hello,\n\nmy server at 10.0.0.2:80 resets > half of the connections: why?\n",
	  "no line looks like a packet that tcpdump or tshark prints" },
	{ T "10.0.0.1.40000 > 10.0.0.2.80: tcp 0\n",
	  "no packet could be read: line 1, column 54: expected flags and numbers, which tcpdump -q leaves out, not '0'" },
	{ "\n> " T "10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 4294967296, win 1, length 0\n",
	  "no packet could be read: line 2, column 67: expected a number up to 4294967295, not '4294967296,'" },
	{ T "10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1,\n   win 65536, length 0\n",
	  "no packet could be read: line 2, column 8: expected a number up to 65535, not '65536,'" },
	{ T "10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1, win 5\n",
	  "no packet could be read: line 1, column 73: expected a comma and seq, ack, win, urg, options or length; "
	  "the text ends "
	  "there" },
	{ T "10.0.0.1.40000 > 10.0.0.2.80: Flags [Q], seq 1, win 5, length 0\n",
	  "no packet could be read: line 1, column 57: expected flags from FSRP.UEWe, not 'Q],'" },
	{ T "10.0.0.1.40000 > 10.0.0.2.no-such-service: Flags [S], seq 1, win 5, length 0\n",
	  "no packet could be read: line 1, column 46: expected a port, or a name that is in /etc/services, not "
	  "'no-such-service:'" },
};

START_TEST(what_is_refused)
{
	char told[TOLD_SIZE];

	ck_assert_str_eq(read_text(refused[_i].text, told), refused[_i].message);
}
END_TEST

/* Not what its bytes say when they are taken for lines. */
START_TEST(a_capture_file_is_refused)
{
	static const char *const magics[] = { "\xa1\xb2\xc3\xd4", "\xd4\xc3\xb2\xa1", "\xa1\xb2\x3c\x4d", "\x4d\x3c\xb2\xa1",
					      "\xa1\xb2\xcd\x34", "\x0a\x0d\x0d\x0a" };
	struct error error;
	char text[200];

	snprintf(text, sizeof(text), "%s\n" T "10.0.0.1.1 > 10.0.0.2.80: Flags [S], seq 1, win 5, length 0\n", magics[_i]);
	write_text(text);
	ck_assert_ptr_null(capture_text_open(path, &error));
	ck_assert_ptr_nonnull(strstr(error.text, "this is a capture file, not text; read it without --text"));
}
END_TEST

/* What came before the fault and after it is read; all of it is in doubt. */
START_TEST(a_line_that_is_not_understood)
{
	const char *first;
	struct capture_text_frame frame;
	struct capture_text *capture;
	struct error error;

	write_text(T "10.0.0.1.1 > 10.0.0.2.80: Flags [S], seq 1, win 5, length 0\n"
		   T "10.0.0.1.1 > 10.0.0.2.80: Flags [S], seq one, win 5, length 0\n"
		   T "10.0.0.1.1 > 10.0.0.2.80: Flags [S], seq 1, win 5, length 0\n");
	capture = capture_text_open(path, &error);
	ck_assert_int_eq(capture_text_next(capture, &frame, &error), 1);
	ck_assert_int_eq(capture_text_next(capture, &frame, &error), 1);
	ck_assert_uint_eq(frame.number, 3);
	ck_assert_uint_eq(frame.line, 3);
	ck_assert_uint_ne(frame.lacks & SEGMENT_LACKS_OTHERS, 0);
	ck_assert_int_eq(capture_text_next(capture, &frame, &error), 0);
	ck_assert_uint_eq(capture_text_faults(capture, &first), 1);
	ck_assert_str_eq(first, "line 2, column 61: expected a number up to 4294967295, not 'one,'");
	capture_text_close(capture);
}
END_TEST

/* Times: how they begin, and what they are in nanoseconds. */
static const struct {
	const char *stamps[12];
	uint64_t times_us[12];
	bool known;
} clocks[] = {
	{ { "12:00:00.5", NULL }, { 0 }, false },
	{ { "23:59:59.000001", "00:00:01.000002", NULL }, { UINT64_C(86399000001), UINT64_C(86401000002) }, true },
	{ { "1700000000.000001", "1700000001.000002", NULL },
	  { UINT64_C(1700000000000001), UINT64_C(1700000001000002) }, true },
	{ { "2023-11-14 22:13:20.000001", "2023-11-14T22:13:21.000002Z", NULL },
	  { UINT64_C(1700000000000001), UINT64_C(1700000001000002) }, true },
	/* -ttt: since the one before. */
	{ { " 00:00:00.000000", " 00:00:00.500000", " 00:00:00.000100", " 00:00:02.000000", NULL },
	  { 0, 500000, 500100, 2500100 }, true },
	/* -ttttt: since the first one. */
	{ { " 00:00:00.000000", " 00:00:00.000001", " 00:00:00.000002", " 00:00:00.000003", " 00:00:00.000004",
	    " 00:00:00.000005", " 00:00:00.000006", " 00:00:00.000007", NULL }, { 0, 1, 2, 3, 4, 5, 6, 7 }, true },
	/* Either of both. */
	{ { " 00:00:00.000000", " 00:00:00.500000", NULL }, { 0, 500000 }, false },
};

START_TEST(times)
{
	char text[2048];
	struct textbuf buffer;
	struct capture_text_frame frame;
	struct capture_text *capture;
	struct error error;

	textbuf_init(&buffer, text, sizeof(text));
	for (size_t i = 0; clocks[_i].stamps[i]; i++)
		textbuf_add(&buffer, "%s IP 10.0.0.1.1 > 10.0.0.2.80: Flags [S], seq 1, win 5, length "
		"0\n", clocks[_i].stamps[i]);
	write_text(text);
	capture = capture_text_open(path, &error);
	for (size_t i = 0; clocks[_i].stamps[i]; i++) {
		ck_assert_int_eq(capture_text_next(capture, &frame, &error), 1);
		ck_assert_int_eq(frame.has_time, clocks[_i].known);
		if (clocks[_i].known)
			ck_assert_uint_eq(frame.time_ns / 1000, clocks[_i].times_us[i]);
	}
	ck_assert_int_eq(capture_text_next(capture, &frame, &error), 0);
	capture_text_close(capture);
}
END_TEST

/* Names get addresses that nothing else in the text has, the same ones every time. */
START_TEST(names)
{
	static const char *const wanted[] = {
		"192.0.2.9:40000 > 203.0.113.2:443 S 1:1(0) win 5\n", "203.0.113.2:443 > 192.0.2.9:40000 R 1:1(0) win 0\n",
		"203.0.113.1:22 > 203.0.113.2:8080 S 1:1(0) win 5\n",
		"[2001:db8:ffff::1]:40000 > [2001:db8:ffff::2]:80 S 1:1(0) win 5\n",
	};
	char told[TOLD_SIZE], all[TOLD_SIZE] = "", address_text[ADDRESS_TEXT_SIZE];
	struct address address;
	struct capture_text_frame frame;
	struct capture_text *capture;
	struct error error;

	for (size_t i = 0; i < ROWS(wanted); i++)
		strcat(all, wanted[i]);
	ck_assert_str_eq(read_text(T "192.0.2.9.40000 > 203.0.113.1.ssh: Flags [R], seq 1, win 0, length 0\n"
				   T "192.0.2.9.40000 > www.example.com.https: Flags [S], seq 1, win 5, length 0\n"
				   T "www.example.com.https > 192.0.2.9.40000: Flags [R], seq 1, win 0, length 0\n"
				   T "203.0.113.1.ssh > www.example.com.http-alt: Flags [S], seq 1, win 5, length 0\n"
				   "12:00:00.000001 IP6 a.example.40000 > b.example.http: Flags [S], seq 1, win 5, "
				   "length 0\n", told) +
			 strlen("192.0.2.9:40000 > 203.0.113.1:22 R 1:1(0) win 0\n"), all);
	capture = capture_text_open(path, &error);
	while (capture_text_next(capture, &frame, &error) > 0)
		;
	ck_assert_str_eq(capture_text_name(capture, 0, &address), "www.example.com");
	ck_assert_str_eq(address_format(&address, address_text, sizeof(address_text)), "203.0.113.2");
	ck_assert_str_eq(capture_text_name(capture, 2, &address), "b.example");
	ck_assert_ptr_null(capture_text_name(capture, 3, &address));
	capture_text_close(capture);
}
END_TEST

/* `tcpdump -i any` on a router. */
START_TEST(interfaces)
{
	struct capture_text_frame frames[3];
	struct capture_text *capture;
	struct error error;

	write_text("12:00:00.000001 eth0  In  IP 10.0.0.1.1 > 10.0.0.2.80: Flags [S], seq 1, win 5, length 0\n"
		   "12:00:00.000002 eth1  Out IP 10.0.0.1.1 > 10.0.0.2.80: Flags [S], seq 1, win 5, length 0\n"
		   "12:00:00.000003 eth0  In  IP 10.0.0.1.1 > 10.0.0.2.80: Flags [S], seq 1, win 5, length 0\n");
	capture = capture_text_open(path, &error);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(capture_text_next(capture, &frames[i], &error), 1);
		ck_assert(frames[i].any_interface);
	}
	ck_assert_uint_ne(frames[0].place, frames[1].place);
	ck_assert_uint_eq(frames[0].place, frames[2].place);
	capture_text_close(capture);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("capture_text");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, what_is_read, 0, ROWS(rows));
	tcase_add_loop_test(tests, what_is_refused, 0, ROWS(refused));
	tcase_add_loop_test(tests, a_capture_file_is_refused, 0, 6);
	tcase_add_test(tests, a_line_that_is_not_understood);
	tcase_add_loop_test(tests, times, 1, ROWS(clocks));
	tcase_add_test(tests, names);
	tcase_add_test(tests, interfaces);
	return run_suite("capture_text", tests, NULL);
}
