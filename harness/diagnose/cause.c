/* cause.c - the table of causes. docs/findings-in-captures.md has an example of each. */
#include "harness/diagnose/cause.h"

#include <string.h>

static const struct cause causes[] = {
	{ ENCOUNTER_RESET_OTHER_SENDER, ANSWER_COUNT, "reset-other-sender", "a reset that something on the way made",
	  "A reset came in the name of the other side, but with a TTL (or an IP ID) that no other segment of that "
	  "side has, and that side went on sending afterwards as before. So something on the way made it: a "
	  "firewall or load balancer that ends connections, an intrusion prevention system, or a router for which "
	  "the connection is unknown. The other side does not know about it.",
	  "The hops below say how far away it is: compare with traceroute to the other side. On a Linux router look "
	  "for \"reject with tcp reset\" in its rules, and for connections that its NAT does not know (nstat "
	  "TcpOutRsts, conntrack -S: invalid)." },
	{ ENCOUNTER_RESET_OTHER_TTL, ANSWER_COUNT, "reset-other-ttl", "a reset with an unusual TTL",
	  "The reset's TTL is not that of the segments before it, and nothing of that side came afterwards. Most "
	  "likely something on the way made it (a firewall, a load balancer). Two other explanations: the route "
	  "changed just then, or the process had set a TTL for its socket (IP_TTL), which the kernel's own resets "
	  "do not use.",
	  "Capture on the other side as well: does it send the reset? If not, look at what lies between the two; "
	  "the difference of the TTLs says how many hops away it is." },
	{ ENCOUNTER_HANDSHAKE_OTHER_TTL, ANSWER_COUNT, "handshake-other-ttl", "a SYN-ACK with another TTL than what follows",
	  "The SYN-ACK has another TTL than what came after it from the same side. Most likely something in front "
	  "of the server answered the SYN: a firewall or load balancer that protects it from SYN floods (SYN "
	  "cookies, synproxy), and that connects to the server only afterwards. What the client was promised in the "
	  "handshake (window, options) comes from the middlebox, and a server that is down looks as if it had "
	  "accepted. Two other things look the same: a route that changed just then, and a process that sets the "
	  "TTL of its connections (IP_TTL).",
	  "This is not a fault. Remember it when a connection opens and then hangs or is reset: the server may "
	  "never have seen it." },
	{ ENCOUNTER_OTHER_SENDER, ANSWER_COUNT, "other-sender", "a segment that something on the way made",
	  "A segment came in the name of the other side, but with a TTL that neither the segments before it nor "
	  "those after it have. Something else made it: a proxy, a load balancer, a filter that puts its own answer "
	  "into the connection, or somebody forging segments. (Where the packets of one connection take several "
	  "paths, different TTLs come again and again; that is not reported.)",
	  "The hops below say how far away its sender is: compare with traceroute to the other side, and look at "
	  "what is there." },

	{ ENCOUNTER_SYN_UNANSWERED, ANSWER_COUNT, "syn-unanswered", "a SYN that nobody answered",
	  "A client asked for a connection and got no answer: no SYN-ACK, no reset, no ICMP error. Linux drops a "
	  "SYN without a word when the accept queue is full (the process does not call accept() fast enough), or "
	  "when the queue of half-open connections is full and SYN cookies are off. Firewalls drop what they do not "
	  "want, rate limits what is too much. A host that is down and a path that loses everything are silent as "
	  "well. The client tries again after 1, 3 and 7 s (Linux from 6.5 on: each second at first) and gives up "
	  "after one to two minutes.",
	  "On the server: `nstat -az TcpExtListenOverflows TcpExtListenDrops TcpExtTCPReqQFullDrop`, `ss -ltn` "
	  "(Recv-Q above Send-Q: full), the counters of the firewall's rules. If ListenOverflows grows: a larger "
	  "backlog and net.core.somaxconn, and a process that accepts faster. If nothing grows, capture there: does "
	  "the SYN arrive?" },
	{ ENCOUNTER_SYN_UNREACHABLE, ANSWER_COUNT, "syn-unreachable", "a SYN answered by an ICMP error",
	  "A client asked for a connection, and a router, a firewall or the host itself answered with an ICMP error "
	  "instead of a segment. A program sees \"no route to host\", \"connection refused\" or a time-out, "
	  "depending on the error.",
	  "Look at the sender of the error: its routes, its neighbour table (host unreachable means that nobody "
	  "answered its ARP), or its rule that rejects (administratively prohibited, port unreachable)." },
	{ ENCOUNTER_SYN_LATE, ANSWER_COUNT, "syn-late", "a SYN answered only at the third try or later",
	  "The client had to send its SYN at least three times before it was answered. Two losses in a row are rare "
	  "on a path that works: more often the server's queue was full until then, or a rate limit held it back.",
	  "On the server: `nstat -az TcpExtListenOverflows TcpExtListenDrops TcpExtTCPReqQFullDrop`, and the "
	  "firewall's limits. A larger backlog and net.core.somaxconn help against short bursts." },

	{ ENCOUNTER_SYN_TIME_WAIT, ANSWER_ACK, "tw-syn-refused", "a SYN into TIME_WAIT, refused with an ACK",
	  "The client connects again from a port whose last connection the other side closed first and still "
	  "remembers (TIME_WAIT). To that kernel the SYN may be an old duplicate, because neither its sequence "
	  "number nor its timestamp is newer than the old connection's. It answers with the old connection's ACK, "
	  "not with a SYN-ACK. The client knows nothing of that connection, resets it, and sends its SYN again: "
	  "a second later, or a few milliseconds later if it is Linux 5.6 or newer. So long the user waits.",
	  "Switch timestamps on at both ends (net.ipv4.tcp_timestamps=1) and keep middleboxes from removing or "
	  "rewriting them. Let the client close first, or keep connections open. Give clients and NATs more ports "
	  "or addresses, so that none comes back within 60 s." },
	{ ENCOUNTER_SYN_TIME_WAIT, ANSWER_SYN_ACK, "tw-syn-accepted", "a SYN into TIME_WAIT, accepted",
	  "The client connects again from a port whose last connection the other side still remembers (TIME_WAIT). "
	  "The SYN's sequence number or timestamp is newer than the old connection's, so the new connection takes "
	  "its place at once. Wireshark calls this \"port numbers reused\"; nothing is wrong with it.", NULL },
	{ ENCOUNTER_SYN_TIME_WAIT, ANSWER_SILENCE, "tw-syn-dropped", "a SYN into TIME_WAIT, no answer",
	  "The client connects again from a port whose last connection the other side closed first. The SYN was "
	  "dropped without a word. Linux does not do that on its own: something between the two (a firewall that "
	  "tracks connections) may have dropped it, or its answer, or the kernel limits its answers "
	  "(net.ipv4.tcp_invalid_ratelimit) or is older than 4.12 with net.ipv4.tcp_tw_recycle=1.",
	  "Capture on the server as well: if the SYN arrives there, look at nstat for TCPACKSkippedTimeWait (or "
	  "PAWSPassive before 4.12); if not, at the counters of the firewall." },
	{ ENCOUNTER_SYN_TIME_WAIT, ANSWER_RST, "tw-syn-reset", "a SYN into TIME_WAIT, reset",
	  "The client connects again from a port whose last connection the other side closed first, and is reset. "
	  "A Linux that remembers the connection does not do that: even if nobody listens there any more, it sends "
	  "an ACK. Either it has forgotten the connection (restarted, tcp_max_tw_buckets reached, or another reset "
	  "ended it) and nobody listens, or the reset comes from something between the two: compare its TTL with "
	  "that of the server's other segments.",
	  "Check that the server still listens. Then look for a firewall or load balancer that answers for it." },
	{ ENCOUNTER_SYN_TIME_WAIT, ANSWER_COUNT, "tw-syn-odd", "a SYN into TIME_WAIT, and an odd answer",
	  "The client connects again from a port whose last connection the other side closed first, and gets an "
	  "answer that no TCP gives to a SYN.",
	  "Find out who sent it: compare its TTL with that of the server's other segments." },

	{ ENCOUNTER_SYN_ACK_OTHER, ANSWER_COUNT, "syn-ack-other", "a second SYN-ACK, with another sequence number",
	  "The client's SYN was answered twice, and the second SYN-ACK has another sequence number than the first one, "
	  "which the client has taken. So two hosts answer for the same server: a load balancer sent a SYN that came "
	  "twice to two of its servers, two hosts have one address, or something on the way answers as well. The "
	  "client sends an ACK of the first connection; the second host does not know that, and resets what it "
	  "believes is its own.",
	  "Compare the TTLs, windows and options of the two SYN-ACKs. Look at how the load balancer chooses (by the four "
	  "ports and addresses, or by chance), and for an address that two hosts have (arping -D)." },
	{ ENCOUNTER_SYN_IN_USE, ANSWER_ACK, "live-syn-challenged", "a SYN into a live connection, challenged",
	  "A SYN came on a connection that this side still has open. The kernel answers with a challenge ACK (RFC "
	  "5961) and keeps the connection. A client that has really lost it (it crashed, or its address went to "
	  "somebody else) answers the challenge with a reset, which ends the old connection; its next SYN is "
	  "accepted: a second later, or a few milliseconds later if the client is Linux 5.6 or newer.",
	  "Find out why the client forgot the connection: a crash, a NAT that dropped its entry, a connection that "
	  "was idle longer than a firewall keeps it. Keepalives shorter than that (net.ipv4.tcp_keepalive_time) "
	  "find it earlier." },
	{ ENCOUNTER_SYN_IN_USE, ANSWER_COUNT, "live-syn", "a SYN into a live connection",
	  "A SYN came on a connection that this side still has open. RFC 5961 asks for a challenge ACK; the capture "
	  "shows none. Kernels limit these ACKs (net.ipv4.tcp_invalid_ratelimit, half a second for a connection), "
	  "and firewalls drop what belongs to no connection that they know.",
	  "Capture on this side as well, and look at nstat for TCPSYNChallenge and TCPACKSkippedChallenge." },
	{ ENCOUNTER_SYN_RECV, ANSWER_COUNT, "handshake-syn", "another SYN during the handshake",
	  "Before the handshake of one SYN is over, a SYN with another sequence number comes from the same port: "
	  "the client has given up the first one, or two hosts share an address (a NAT that hands out a port "
	  "twice).", NULL },
	{ ENCOUNTER_SYN_SENT, ANSWER_RST, "syn-sent-ack-reset", "a SYN answered by an ACK, which the client resets",
	  "The client's SYN was answered by an ACK that does not belong to it: the other side still has a "
	  "connection with this port (TIME_WAIT, or one whose end it missed). The client resets that connection and "
	  "sends its SYN again: a second later, or a few milliseconds later if it is Linux 5.6 or newer.",
	  "See the encounter of the SYN just before: it says which state the other side is in." },
	{ ENCOUNTER_SYN_SENT, ANSWER_COUNT, "syn-sent-stray", "a stray segment in answer to a SYN",
	  "While the client waits for a SYN-ACK, it gets a segment that does not belong to its new connection. It "
	  "ignores it, or resets it.", NULL },
	{ ENCOUNTER_CROSSED_SYN, ANSWER_COUNT, "crossed-syn", "a SYN in answer to a SYN",
	  "A client that waits for a SYN-ACK gets a SYN without an acknowledgment. Either both ends connected to "
	  "each other at the same time (simultaneous open, RFC 9293 figure 7: each answers with a SYN-ACK, and "
	  "there is one connection), or the other side splits its handshake: it sends its SYN and its ACK as two "
	  "segments. Linux answers both in the same way. Firewalls that expect a SYN-ACK usually drop it.",
	  "Both ends of a peer-to-peer program do this on purpose. From a server it is a sign of a tool that evades "
	  "firewalls, or of a client that chose the server's own port." },
	{ ENCOUNTER_SYN_ACK_AGAIN, ANSWER_COUNT, "syn-ack-repeated", "a SYN-ACK sent again, though it was acknowledged",
	  "The client has answered the SYN-ACK and takes the connection for open, but the server sends its SYN-ACK "
	  "again: it did not take that acknowledgment. On Linux that is a full accept queue (the process does not "
	  "call accept() fast enough), a listener with TCP_DEFER_ACCEPT that waits for data, or an acknowledgment "
	  "lost between the place of the capture and the server. The client's data waits until the server has room; "
	  "if it never has, it gives up, and resets whatever the client sends next.",
	  "On the server: `ss -ltn` (Recv-Q above Send-Q is a full accept queue) and `nstat -az "
	  "TcpExtListenOverflows TcpExtListenDrops TcpExtTCPDeferAcceptDrop`. Let the process accept faster, raise "
	  "the backlog of its listen() and net.core.somaxconn. net.ipv4.tcp_abort_on_overflow=1 resets such clients "
	  "at once." },

	{ ENCOUNTER_RESET_TIME_WAIT, ANSWER_SILENCE, "reset-time-wait", "a reset into TIME_WAIT",
	  "A reset comes for a connection that is over and that this side still remembers (TIME_WAIT). With "
	  "net.ipv4.tcp_rfc1337=0, the default, Linux forgets the connection at once if the reset is exact and its "
	  "timestamp is not older (an older one counts only when the last one came more than 60 s ago): TIME_WAIT "
	  "assassination, RFC 1337. With 1 it stays. Without TIME_WAIT the next connection on these ports begins at "
	  "once, and old duplicates may reach it.",
	  "Usually harmless: the peer closed with data unread, or lost the connection. If late data shows up in new "
	  "connections, set net.ipv4.tcp_rfc1337=1." },
	{ ENCOUNTER_RESET_TIME_WAIT, ANSWER_COUNT, "reset-time-wait-answered", "a reset into TIME_WAIT that was answered",
	  "No kernel answers a reset for a connection in TIME_WAIT. What came here is something else.", NULL },
	{ ENCOUNTER_RESET_HANDSHAKE, ANSWER_COUNT, "reset-handshake", "the last ACK of the handshake, answered by a reset",
	  "The server had answered the SYN, but it resets the acknowledgment that completes the handshake. The "
	  "reset has the form that Linux gives to a segment without a connection, so no process accepted and closed "
	  "it: the accept queue is full and net.ipv4.tcp_abort_on_overflow is 1, the listener was closed in "
	  "between, a SYN cookie was not valid, or something between the two answered in the server's place.",
	  "On the server: `nstat -az TcpExtListenOverflows TcpExtSyncookiesFailed` and `sysctl "
	  "net.ipv4.tcp_abort_on_overflow`; a larger backlog and net.core.somaxconn, or a process that accepts "
	  "faster. Compare the TTL of the reset with that of the SYN-ACK." },
	{ ENCOUNTER_RESET_KEEPALIVE, ANSWER_COUNT, "reset-keepalive", "a keepalive answered by a reset",
	  "This side asked with a keepalive whether the connection is still there, and the other side's address "
	  "answered that it is not: the host was restarted, its process ended without a word that arrived, or a "
	  "NAT or firewall forgot the connection and resets what it does not know. The keepalive found a dead "
	  "connection, as it should.",
	  "The delay until it was found is net.ipv4.tcp_keepalive_time (2 hours) or TCP_KEEPIDLE of the socket: "
	  "make it shorter than the time after which firewalls and load balancers forget idle connections." },
	{ ENCOUNTER_RESET_GIVEN_UP, ANSWER_COUNT, "keepalive-given-up", "a connection given up after unanswered keepalives",
	  "The other side sent keepalives, got no answer to the last of them, and ended the connection with this "
	  "reset: for it, this side is gone or cut off.",
	  "Capture at this side: do the keepalives arrive, and do the answers leave? If not, a firewall on the way "
	  "has forgotten the connection, or the host was down." },
	{ ENCOUNTER_RESET_HALF_CLOSED, ANSWER_COUNT, "reset-half-closed", "a segment after a close, answered by a reset",
	  "One side closed, the other had more to send, and what it sent was answered by a reset. If the reset "
	  "comes at once, the process had called close(), not shutdown(): it cannot read any more, and its kernel "
	  "says so (TCPAbortOnData). If the connection was quiet for a minute before, either that kernel has "
	  "forgotten it (a FIN_WAIT_2 that no process holds ends after net.ipv4.tcp_fin_timeout, 60 s), or a "
	  "firewall on the way has (nf_conntrack_tcp_timeout_close_wait is 60 s, nf_conntrack_tcp_timeout_fin_wait "
	  "120 s).",
	  "Let the side that closes first use shutdown(SHUT_WR) and read until end of file. Do not leave a "
	  "half-closed connection idle for longer than the time-outs on the way." },
	{ ENCOUNTER_KEEPALIVE_SILENT, ANSWER_RST, "keepalive-late-reset", "a keepalive, reset at last",
	  "A keepalive without an answer was followed by one that was answered by a reset: the other side, or "
	  "something on the way, does not know the connection any more.", NULL },
	{ ENCOUNTER_KEEPALIVE_SILENT, ANSWER_COUNT, "keepalive-silent", "keepalives that nobody answers",
	  "The other side sends keepalives, and this side, which must answer each with an ACK, is silent: the host "
	  "is gone or cut off, or a firewall drops the segments of a connection that it has forgotten. After "
	  "net.ipv4.tcp_keepalive_probes (9) of them, net.ipv4.tcp_keepalive_intvl (75 s) apart, the sender gives "
	  "up.",
	  "Capture at this side: do the keepalives arrive? If not, look at the firewalls on the way (nf_conntrack: "
	  "`conntrack -L`, net.netfilter.nf_conntrack_tcp_timeout_established)." },
	{ ENCOUNTER_HALF_CLOSED_SILENT, ANSWER_RST, "half-closed-late-reset", "a segment after a close, reset at last",
	  "One side closed, the other had more to send; it was not answered at first, and then by a reset.", NULL },
	{ ENCOUNTER_HALF_CLOSED_SILENT, ANSWER_COUNT, "half-closed-silent", "a half-closed connection that was forgotten",
	  "One side closed, the other went on sending, and nothing answers any more, not even a reset: something on "
	  "the way has forgotten the connection and drops its segments (conntrack: "
	  "nf_conntrack_tcp_timeout_close_wait is 60 s, nf_conntrack_tcp_timeout_fin_wait 120 s), or the host is "
	  "gone. The sender repeats what it sent for up to 15 minutes (net.ipv4.tcp_retries2).",
	  "Keep half-closed connections busy, or let the side that is done close at once. On the firewall: "
	  "`conntrack -L` and the counters of the rule that drops invalid segments." },
	{ ENCOUNTER_DATA_SILENT, ANSWER_COUNT, "data-silent", "data that nobody acknowledges",
	  "One side sends the same data, or its FIN, again and again, and the other one acknowledges nothing and is silent, "
	  "for good or until the delay ends: that host is gone or cut off, or something on the way drops the segments or the "
	  "acknowledgments (a firewall or NAT that has forgotten the connection, a path that does not carry packets of this "
	  "size). The sender repeats them for up to 15 minutes (net.ipv4.tcp_retries2); so long its process waits, unless it "
	  "has a time-out of its own.",
	  "Capture at the other side: do they arrive, and are they acknowledged there? If only long segments are lost, it is "
	  "the MTU (`ping -M do -s 1472`; net.ipv4.tcp_mtu_probing=1 works around it). TCP_USER_TIMEOUT and keepalives find "
	  "a dead connection earlier." },
	{ ENCOUNTER_RESET, ANSWER_ACK, "reset-challenged", "a reset that is not exact, challenged",
	  "The reset's sequence number lies in the window but is not the next one expected, so it may be forged "
	  "(RFC 5961). The kernel sends back a challenge ACK; only a reset that answers it ends the connection.",
	  "If the sender meant it, it had missed part of the connection. A middlebox that injects resets does not "
	  "see the challenge: compare TTLs." },
	{ ENCOUNTER_RESET, ANSWER_SILENCE, "reset", "a reset",
	  "The connection was reset. Linux sets the ACK flag (RA in the ladder) if it still had the connection: the "
	  "process closed it, or ended, with data unread, or it had set SO_LINGER to 0, or somebody ended the "
	  "connection from outside (`ss -K`). It leaves the flag out (R) in answer to a segment for which it has no "
	  "connection, or only one that is closed; its firewall does so, too (reject with tcp reset). Other systems "
	  "and middleboxes may choose otherwise.",
	  "RA: look at what the process on the side that sent it did at that time, and at `nstat -az "
	  "TcpExtTCPAbortOnClose TcpExtTCPAbortOnData` there (data unread; SO_LINGER 0, or data after close()). R: "
	  "did that host or its process restart, does a firewall on the way reject? Capture there: is it sent?" },
	{ ENCOUNTER_RESET, ANSWER_COUNT, "reset-answered", "a reset that was answered",
	  "An exact reset ends the connection, and nothing answers it; one that is not exact gets a challenge ACK (RFC "
	  "5961), and nothing else. What came here is neither: something on the way dropped the reset or answered "
	  "for this side, or the stack of this side follows rules of its own.",
	  "Capture at this side: does the reset arrive, and does this side send the answer? Compare the TTLs." },

	{ ENCOUNTER_OLD_TIMESTAMP, ANSWER_COUNT, "paws", "a timestamp older than the last one",
	  "The segment's timestamp is older than the last one that this side took, so it counts as a duplicate "
	  "from the past (PAWS, RFC 7323) and is acknowledged without being taken. Segments that were overtaken on "
	  "the way do this once in a while. Many of them mean that two hosts with different clocks share one "
	  "address (NAT), or that a middlebox rewrites timestamps.",
	  "Look at nstat for PAWSEstab. Compare the TTL and the IP ID of the segments with older timestamps with "
	  "the others'." },
	{ ENCOUNTER_TIMESTAMPS_BACK, ANSWER_COUNT, "timestamps-back", "timestamps that go back and stay there",
	  "From this segment on the timestamps of one side are older than those with which its connection began. A "
	  "clock does not go back: another host sends now (a NAT gave the port to somebody else, an address has "
	  "moved), a middlebox rewrites timestamps, or a virtual machine was restored from an older state. The "
	  "other side accepts none of these segments (PAWS): it answers each with an ACK, and the connection hangs "
	  "until somebody gives up.",
	  "Look at nstat for PAWSEstab at the receiver. Find out what changed at that time: a failover, a "
	  "migration, a NAT that lost its table. Where a middlebox rewrites timestamps, it must do so for the whole "
	  "connection." },
	{ ENCOUNTER_TIMESTAMPS_VANISH, ANSWER_COUNT, "timestamps-vanish", "timestamps that vanish in mid-connection",
	  "Both ends agreed on timestamps in the handshake, and from this segment on one side's segments have none: "
	  "a middlebox strips the option (a \"TCP normalizer\", a failover to a device that does not know the "
	  "handshake), or another stack has taken over the connection. Linux accepts such segments; stacks that "
	  "follow RFC 7323 3.2 drop them, and the connection hangs.",
	  "Find the device that removes the option (nft: \"reset tcp option timestamp\"; Cisco: tcp-map; load "
	  "balancers: TCP profile) and make it remove the option from SYNs as well, or not at all." },
	{ ENCOUNTER_NO_TIMESTAMP, ANSWER_COUNT, "timestamp-missing", "a segment without a timestamp",
	  "Both ends agreed on timestamps, so every segment must carry one (RFC 7323 3.2). This one does not: it "
	  "was made by somebody else, or stripped on the way. Linux accepts it, other stacks drop it.",
	  "Look for a middlebox that injects segments or normalizes options." },
	{ ENCOUNTER_TIMESTAMP_AHEAD, ANSWER_COUNT, "timestamp-ahead", "a timestamp far ahead",
	  "The segment's timestamp is further ahead of the one before it than usual clocks go in that time. If this "
	  "side takes it, it becomes the last one seen, and all that the true sender sends with its own clock "
	  "counts as old (PAWS) and is dropped: the connection hangs although both hosts are well. A forged "
	  "segment does that, a middlebox that rewrites timestamps, or a clock that really jumped (a virtual "
	  "machine that was paused).",
	  "Look at nstat for PAWSEstab at the receiver, and at the TTL of this segment. If the next segments go on "
	  "from there, the sender's clock has jumped, which does no harm." },
	{ ENCOUNTER_TWO_CLOCKS, ANSWER_COUNT, "two-clocks", "two hosts behind one client address",
	  "The timestamps of the SYNs from this address to this server follow two clocks, so several hosts (or "
	  "containers, each with an offset of its own) share the address: a NAT. That is normal. But a server that "
	  "expects one clock for each address drops the SYNs of the host whose clock is behind (Linux before 4.12 "
	  "with net.ipv4.tcp_tw_recycle=1), and when the NAT gives a port of one host to another within 60 s, the "
	  "server's TIME_WAIT may refuse its SYN (see tw-syn-refused).",
	  "On old servers set net.ipv4.tcp_tw_recycle=0; nstat PAWSPassive counts what it dropped. Give the NAT "
	  "more addresses or ports, so that none comes back within 60 s." },
	{ ENCOUNTER_OUTSIDE_WINDOW, ANSWER_COUNT, "outside-window", "a segment outside the receive window",
	  "None of the segment lies in the window that this side offered. It is dropped, and answered with an ACK "
	  "that says what is expected. Where the capture misses nothing, the sender and this side disagree about "
	  "the connection: an old duplicate, a middlebox that shifts sequence numbers in one direction only, or a "
	  "forged segment.", NULL },
	{ ENCOUNTER_SACK_SHIFTED, ANSWER_COUNT, "sack-shifted", "SACK blocks for data that was never sent",
	  "The acknowledgment numbers of this side are right, but its SACK blocks are far from anything that the "
	  "other side has sent, always by about as much. A middlebox gives the connection other sequence numbers "
	  "and does not translate the SACK blocks: firewalls that randomize initial sequence numbers did that for "
	  "years. The sender ignores such blocks (or resends too much), so each loss costs a timeout instead of a "
	  "round trip: the connection is slow whenever something is lost, and nothing else is wrong.",
	  "Look at nstat for TcpExtTCPSACKDiscard at the sender. Capture on both sides of the firewall and compare "
	  "the sequence numbers. Update it, or switch the randomization off (Cisco ASA: set connection "
	  "random-sequence-number disable); as a last resort net.ipv4.tcp_sack=0." },
	{ ENCOUNTER_ACK_SHIFTED, ANSWER_COUNT, "ack-shifted", "ACKs that are off by the same number every time",
	  "The segment acknowledges what this side has never sent, off by exactly as much as those before it, although "
	  "more was sent meanwhile. So it does belong to the connection, but its numbers were shifted on "
	  "the way in one direction only: a middlebox that translates sequence numbers has lost its table (a "
	  "failover), or the two directions take different ways. From then on nothing is acknowledged any more.",
	  "Look for a firewall or load balancer that failed over at that time, and for asymmetric routes around one "
	  "that randomizes sequence numbers." },
	{ ENCOUNTER_ACK_UNSENT, ANSWER_COUNT, "ack-unsent", "an ACK of data that was never sent",
	  "The segment acknowledges more than this side has sent. Wireshark calls it \"ACKed unseen segment\": "
	  "usually the capture itself missed it. If it missed nothing, the segment belongs to another connection, "
	  "or is forged.",
	  "Check whether the capture dropped frames (tcpdump prints that at its end)." },
	{ ENCOUNTER_ACK_OLD, ANSWER_COUNT, "ack-old", "an ACK older than any window",
	  "The segment acknowledges less than this side may still wait for (RFC 5961 5.2): an old duplicate or a "
	  "forged segment.",
	  NULL },
	{ ENCOUNTER_NO_ACK, ANSWER_COUNT, "no-ack", "a segment without ACK",
	  "In a connection every segment acknowledges something. This one has neither ACK nor SYN nor RST: a "
	  "scanner or a broken middlebox sent it. It is dropped.", NULL },
	{ ENCOUNTER_CLOSED, ANSWER_RST, "after-close-reset", "a segment for a connection that is gone, reset",
	  "This side has closed or reset the connection and forgotten it; the other side still sends. Its segments "
	  "are answered with resets, and what they carried is lost. A keepalive that gets this answer has found a "
	  "dead connection.",
	  "If data was lost: let the receiver read until end of file before it closes, or shut down one direction "
	  "at a time." },
	{ ENCOUNTER_CLOSED, ANSWER_COUNT, "after-close", "a segment for a connection that is gone",
	  "This side has closed or reset the connection, and the other side still sends. The capture shows no "
	  "reset in answer.",
	  "Look for a firewall that drops segments of connections that it has forgotten." },
	{ ENCOUNTER_NONE, ANSWER_COUNT, "routine", "routine", "Nothing is wrong with it.", NULL },
};

enum { CAUSES = sizeof(causes) / sizeof(causes[0]) };

_Static_assert(sizeof(causes) / sizeof(causes[0]) <= CAUSE_MOST, "each cause has its counters");

static enum encounter_kind kind_of_marks(const struct encounter *encounter)
{
	if (encounter_is_second_syn_ack(encounter))
		return ENCOUNTER_SYN_ACK_OTHER;
	if (encounter->kind == ENCOUNTER_NO_TIMESTAMP && encounter->stamps.view == STAMPS_GONE)
		return ENCOUNTER_TIMESTAMPS_VANISH;
	if (encounter_has_shifted_ack(encounter))
		return ENCOUNTER_ACK_SHIFTED;
	if (encounter->kind == ENCOUNTER_OLD_TIMESTAMP && encounter->stamps.view == STAMPS_LOWER)
		return ENCOUNTER_TIMESTAMPS_BACK;
	return encounter->kind;
}

/* Where something else sent the segment, that tells more than the state it met. */
static enum encounter_kind told_kind(const struct encounter *encounter)
{
	bool reset = encounter->segment.flags & FLAG_RST;

	switch (encounter->origin.view) {
	case ORIGIN_PROXY:
		return encounter->kind == ENCOUNTER_OTHER_SENDER ? ENCOUNTER_HANDSHAKE_OTHER_TTL : encounter->kind;
	case ORIGIN_OTHER:
		return reset ? ENCOUNTER_RESET_OTHER_SENDER : ENCOUNTER_OTHER_SENDER;
	case ORIGIN_ODD:
		return encounter->kind == ENCOUNTER_RESET || (reset && encounter_is_routine(encounter)) ?
		       ENCOUNTER_RESET_OTHER_TTL : encounter->kind;
	case ORIGIN_OWN:
		break;
	}
	return kind_of_marks(encounter);
}

/* A challenge ACK asks whether a reset was meant that is not exact (RFC 5961 3.2). */
static enum answer told_answer(const struct encounter *encounter)
{
	enum answer answer = encounter_answer(encounter);
	bool exact = encounter->kind == ENCOUNTER_RESET && end_knows(&encounter->subject, END_RCV_NXT) &&
		     encounter->segment.seq == encounter->subject.rcv_nxt;

	return exact && answer == ANSWER_ACK ? ANSWER_OTHER : answer;
}

const struct cause *cause_of(const struct encounter *encounter)
{
	enum encounter_kind kind = told_kind(encounter);
	enum answer answer = told_answer(encounter);
	size_t i = 0;

	while (i < CAUSES - 1 && (causes[i].kind != kind ||
				  (causes[i].answer != answer && causes[i].answer != ANSWER_COUNT)))
		i++;
	return &causes[i];
}

const struct cause *cause_at(size_t number)
{
	return number < CAUSES ? &causes[number] : NULL;
}

size_t cause_number(const struct cause *cause)
{
	return (size_t)(cause - causes);
}

const struct cause *cause_find(const char *name)
{
	for (size_t i = 0; i < CAUSES; i++)
		if (causes[i].kind != ENCOUNTER_NONE && strcmp(causes[i].name, name) == 0)
			return &causes[i];
	return NULL;
}
