/* capture_file_internal.h - what the readers of pcap and pcapng share. */
#ifndef TWPROBE_LISTENER_CAPTURE_FILE_INTERNAL_H
#define TWPROBE_LISTENER_CAPTURE_FILE_INTERNAL_H

#include "crafter/bytes.h"
#include "listener/byte_stream.h"
#include "listener/capture_file.h"

enum { CAPTURE_INTERFACE_NAME_SIZE = 64 };

struct capture_interface {
	int link_type;
	char name[CAPTURE_INTERFACE_NAME_SIZE]; /* "": not known */
	uint32_t snap_length;      /* in a pcapng, of its simple packet blocks; 0: no limit */
	uint64_t ticks_per_second; /* of its timestamps */
	int64_t offset_s;          /* to be added to them */
};

struct capture_file {
	struct byte_stream *stream;
	bool unbegun; /* growing: its header has not been read */
	bool ng;          /* pcapng */
	bool little;      /* byte order of the file, or of this section */
	bool nanoseconds; /* pcap */
	bool cut;
	uint64_t frames;
	struct capture_interface *interfaces;
	uint32_t interface_count, interface_room;
	uint32_t section;   /* the first interface of this section */
	size_t pending;     /* bytes of the last frame, to be skipped */
};

static inline uint16_t capture_file_load16(const struct capture_file *file, const uint8_t *bytes)
{
	return (uint16_t)(file->little ? bytes[0] | bytes[1] << 8 : bytes[0] << 8 | bytes[1]);
}

static inline uint32_t capture_file_load32(const struct capture_file *file, const uint8_t *bytes)
{
	return file->little ? (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0] :
	       bytes_load32(bytes);
}

/* A LINKTYPE_ number of a file as the DLT_ number that decode knows. */
int capture_file_link_type(uint32_t number);
/* The error names the file and the byte where the frame or block begins; returns -1. */
int capture_file_fail(const struct capture_file *file, struct error *error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* NULL: out of memory, or too many; the error says it. */
struct capture_interface *capture_file_add_interface(struct capture_file *file, struct error *error);

int capture_file_next_pcapng(struct capture_file *file, struct capture_frame *frame, struct error *error);

#endif
