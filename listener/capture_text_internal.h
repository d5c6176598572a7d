/* capture_text_internal.h - what the parts of the reader of text captures share: a line, the packet that it shows. */
#ifndef TWPROBE_LISTENER_CAPTURE_TEXT_INTERNAL_H
#define TWPROBE_LISTENER_CAPTURE_TEXT_INTERNAL_H

#include "crafter/scan.h"
#include "listener/byte_stream.h"
#include "listener/capture_text.h"

enum {
	TEXT_RECORD_MAX = 8192, /* bytes of a packet in all its lines; what is longer is cut */
	TEXT_LINE_MAX = 4096,   /* bytes of one line that count */
	TEXT_NAME_MAX = 256,
};

/* One line without what mail and editors put around it, runs of blanks made one. */
struct text_line {
	uint64_t number;              /* from 1 */
	size_t size, indent;          /* of the text; blanks before it */
	size_t width;                 /* of the line as it is in the file */
	bool quoted;                  /* a single quote mark was taken away */
	char text[TEXT_LINE_MAX];     /* ends with a zero */
	uint32_t columns[TEXT_LINE_MAX]; /* of each byte, from 1 */
};

/* The next line; 0 at the end, -1 with an error. */
int capture_text_line(struct byte_stream *stream, struct text_line *line, struct error *error);

enum text_result {
	TEXT_PACKET,  /* understood */
	TEXT_MORE,    /* it goes on in the next line */
	TEXT_FAULT,   /* not understood */
	TEXT_NOTHING, /* no packet */
};

/* Where in a packet's text we are. */
struct text_reader {
	const char *text, *at;
	const char *expected; /* of a fault: what should be at `at` */
};

struct text_span {
	const char *at;
	size_t size;
};

/* How a packet's time is written. */
enum text_stamp {
	TEXT_STAMP_NONE,
	TEXT_STAMP_CLOCK, /* 12:34:56.123456: of day, since the first packet, or since the one before */
	TEXT_STAMP_EPOCH, /* seconds with a fraction */
	TEXT_STAMP_DATE,
};

/* A packet as the text shows it: names and relative numbers are still that. */
struct text_packet {
	uint64_t number, line;
	enum capture_text_kind kind;
	enum text_stamp stamp;
	bool before;           /* a minus before the time */
	uint64_t stamp_ns;
	bool any_interface;
	uint32_t place;
	uint8_t family;        /* 4 or 6, as the line says; where it has addresses, those count */
	struct text_span hosts[2], ports[2]; /* of the source, of the target */
	bool named;            /* an end has a name in place of its address */
	struct segment segment;
	bool has_seq;
	bool has_ip;           /* ttl, tos, ip_id; and ip_size: all behind the IP header, 0 where that is not known */
	uint32_t ip_size;
	bool wrong_checksum;
	uint16_t checksum;     /* where it is wrong */
	bool unfilled;         /* that of IP is missing */
	bool tshark;           /* each direction may count from its own first number */
	bool new_base;         /* and it begins again here */
	uint32_t window;       /* of tshark's: as it multiplies it where it knows the scale */
	bool may_have_options; /* an old form that goes on in the next line if that begins with '<' */
	unsigned lacks;
};

/* `expected` is what a fault's message says. Returns TEXT_FAULT. */
enum text_result capture_text_fault(struct text_reader *reader, const char *expected);
/* The same, but TEXT_MORE where the text ends, with no more than the beginning of a word. */
enum text_result capture_text_wants(struct text_reader *reader, const char *expected);
void capture_text_skip_blanks(struct text_reader *reader);

/* A packet's lines, joined. The spans point into `text`. */
enum text_result capture_text_packet(const char *text, struct text_packet *packet, struct text_reader *reader);
/* The rest of it from the flags on, as tcpdump 4 writes them, and as tcpdump 3 did. */
enum text_result capture_text_tcp(struct text_reader *reader, struct text_packet *packet);
bool capture_text_is_old_tcp(const char *text);
enum text_result capture_text_old_tcp(struct text_reader *reader, struct text_packet *packet);
/* A list of options behind its bracket, up to `close`, which is taken. `*bad`: tcpdump found a wrong length. */
enum text_result capture_text_options(struct text_reader *reader, char close, struct text_packet *packet, bool *bad);
/* The line goes on with options of a packet that seemed whole. */
bool capture_text_goes_on(const char *line);
bool capture_text_is_tshark(const char *line);
/* A line of tshark's; TEXT_NOTHING where it is none. */
enum text_result capture_text_tshark(const char *text, struct text_packet *packet, struct text_reader *reader);

/* "12:34:56.123456", "1700000000.123456" or a date and a time at the beginning of `at`; moves behind it. */
bool capture_text_stamp(const char **at, struct text_packet *packet);

/* How times are meant, which only several of them tell. */
enum text_clock {
	TEXT_CLOCK_DAY,     /* of day; and what says itself what it means */
	TEXT_CLOCK_BETWEEN, /* since the packet before */
	TEXT_CLOCK_UNKNOWN, /* one of both */
};

struct text_times {
	enum text_clock clock;
	uint64_t last_ns, day_ns;
};

void capture_text_clock(struct text_times *times, const struct text_packet *packets, size_t count);
/* In the order of the packets. False: the time is not known. */
bool capture_text_time(struct text_times *times, const struct text_packet *packet, uint64_t *time_ns);

/* Addresses and ports of what is written, names included. */
struct text_names;
struct text_names *capture_text_names_open(void);
int capture_text_host(struct text_names *names, struct text_span span, uint8_t family, struct address *address,
		      bool *named);
bool capture_text_port(struct text_span span, uint16_t *port);
const char *capture_text_names_at(const struct text_names *names, size_t number, struct address *address);
void capture_text_names_close(struct text_names *names);

/* Relative numbers, and those that are not shown. */
struct text_numbers;
struct text_numbers *capture_text_numbers_open(void);
/* Do the numbers count from each connection's first ones? */
void capture_text_numbers_decide(struct text_numbers *numbers, const struct text_packet *packets, size_t count);
/* False: too little is known of the segment's numbers. */
bool capture_text_number(struct text_numbers *numbers, struct text_packet *packet);
void capture_text_numbers_close(struct text_numbers *numbers);

#endif
