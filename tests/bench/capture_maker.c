/* capture_maker.c - a capture of many connections on standard output: capture_maker SEGMENTS ordinary|parallel|hostile
 *
 * ordinary: each connection opens, asks, is answered, closes: 12 segments. parallel: a thousand connections ask and are
 * answered all the time, in turn. hostile: each stays open and gets resets far outside its window, SYNs and acknowledgments of
 * what was never sent, which are challenged: every other segment is an encounter. Raw IPv4, 100,000 segments a second;
 * addresses of RFC 5737 and the benchmark range of RFC 2544. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, HEADERS = 40, GAP_US = 10, PARALLEL = 1000 };

struct step {
	int from_server;
	uint32_t seq, ack;
	uint8_t flags;
	uint16_t size;
};

static const struct step ordinary[] = {
	{ 0, 1, 0, SYN, 0 },	     { 1, 9, 2, SYN | ACK, 0 },	      { 0, 2, 10, ACK, 0 },
	{ 0, 2, 10, PSH | ACK, 200 },  { 1, 10, 202, ACK, 0 },	      { 1, 10, 202, PSH | ACK, 1000 },
	{ 0, 202, 1010, ACK, 0 },      { 1, 1010, 202, PSH | ACK, 1000 }, { 0, 202, 2010, ACK, 0 },
	{ 0, 202, 2010, FIN | ACK, 0 }, { 1, 2010, 203, FIN | ACK, 0 },    { 0, 203, 2011, ACK, 0 },
};

/* The last four again and again, OPENING the others; so much is sent each time. */
enum { OPENING = 3, QUESTION = 200, ANSWER = 1000 };
static const struct step parallel[] = {
	{ 0, 1, 0, SYN, 0 },	     { 1, 9, 2, SYN | ACK, 0 },	      { 0, 2, 10, ACK, 0 },
	{ 0, 2, 10, PSH | ACK, QUESTION }, { 1, 10, 202, ACK, 0 },      { 1, 10, 202, PSH | ACK, ANSWER },
	{ 0, 202, 1010, ACK, 0 },
};

static const struct step hostile[] = {
	{ 0, 1, 0, SYN, 0 },	       { 1, 9, 2, SYN | ACK, 0 }, { 0, 2, 10, ACK, 0 },	     { 0, 1000000, 0, SYN, 0 },
	{ 1, 10, 2, ACK, 0 },	       { 0, 500, 10, RST, 0 },	  { 1, 10, 2, ACK, 0 },	     { 0, 2, 9999, ACK, 0 },
	{ 1, 10, 2, ACK, 0 },	       { 0, 2000002, 10, ACK, 0 }, { 1, 10, 2, ACK, 0 },     { 0, 3000002, 10, RST, 0 },
};

static uint64_t now_us = 1000000000;
static uint8_t packet[HEADERS + 1000];
static char written[1 << 20];

static uint16_t checksum(const uint8_t *bytes, size_t size, uint32_t sum)
{
	for (size_t i = 0; i + 1 < size; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	if (size & 1)
		sum += (uint32_t)bytes[size - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

/* `shift`: of both sides' numbers. */
static void put_segment(const struct step *step, uint32_t client, uint16_t port, uint32_t shift)
{
	uint32_t server = 0xc0000202, length = (uint32_t)HEADERS + step->size;
	uint32_t header[] = { (uint32_t)(now_us / 1000000), (uint32_t)(now_us % 1000000), length, length };
	uint8_t *tcp = packet + 20;

	memset(packet, 0, HEADERS);
	packet[0] = 0x45;
	put16(packet + 2, length);
	packet[8] = 64;
	packet[9] = 6;
	put32(packet + 12, step->from_server ? server : client);
	put32(packet + 16, step->from_server ? client : server);
	put16(packet + 10, checksum(packet, 20, 0));
	put16(tcp, step->from_server ? 80 : port);
	put16(tcp + 2, step->from_server ? port : 80);
	put32(tcp + 4, step->seq + shift);
	put32(tcp + 8, step->flags & ACK ? step->ack + shift : 0);
	tcp[12] = 0x50;
	tcp[13] = step->flags;
	put16(tcp + 14, 64240);
	/* The pseudo-header: addresses, protocol, length. */
	put16(tcp + 16, checksum(packet + 12, length - 12, 6 + 20 + step->size));
	fwrite(header, sizeof(header), 1, stdout);
	fwrite(packet, length, 1, stdout);
	now_us += GAP_US;
}

static void put_one(const struct step *step, uint32_t connection, uint32_t round)
{
	uint32_t client = QUESTION * round, server = ANSWER * round;
	struct step now = *step;

	now.seq += step->from_server ? server : client;
	now.ack += step->from_server ? client : server;
	put_segment(&now, 0xc6120000 + connection / 50000 % 65536, (uint16_t)(1024 + connection % 50000),
		    connection * 2654435761U);
}

static void put_parallel(long left)
{
	const uint32_t count = sizeof(parallel) / sizeof(parallel[0]);

	for (uint32_t i = 0; left > 0; i++) {
		uint32_t step = i < count ? i : OPENING + (i - OPENING) % (count - OPENING);

		for (uint32_t connection = 0; connection < PARALLEL && left > 0; connection++, left--)
			put_one(&parallel[step], connection, i < OPENING ? 0 : (i - OPENING) / (count - OPENING));
	}
}

static void put_in_turn(const struct step *steps, size_t count, long left)
{
	for (uint32_t connection = 0; left > 0; connection++)
		for (size_t i = 0; i < count && left > 0; i++, left--)
			put_one(&steps[i], connection, 0);
}

int main(int argc, char **argv)
{
	const uint32_t head[] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 65535, 101 };
	long left = argc == 3 ? atol(argv[1]) : 0;

	if (left <= 0) {
		fprintf(stderr, "usage: capture_maker SEGMENTS ordinary|parallel|hostile\n");
		return 2;
	}
	/* In large pieces, as cp writes and a disk is read: of a file that was written in small ones the kernel keeps each
	 * 4 KiB on their own, and reading it takes longer: bench.sh has one of those, too. */
	setvbuf(stdout, written, _IOFBF, sizeof(written));
	fwrite(head, sizeof(head), 1, stdout);
	if (strcmp(argv[2], "parallel") == 0)
		put_parallel(left);
	else if (strcmp(argv[2], "hostile") == 0)
		put_in_turn(hostile, sizeof(hostile) / sizeof(hostile[0]), left);
	else
		put_in_turn(ordinary, sizeof(ordinary) / sizeof(ordinary[0]), left);
	return fflush(stdout) ? 1 : 0;
}
