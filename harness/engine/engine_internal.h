/* engine_internal.h - what starting a kernel and attending to it share, and the table of how each is started. */
#ifndef TWPROBE_HARNESS_ENGINE_ENGINE_INTERNAL_H
#define TWPROBE_HARNESS_ENGINE_ENGINE_INTERNAL_H

#include <sys/types.h>

#include "harness/engine/engine.h"
#include "harness/engine/guest.h"
#include "harness/engine/packed_line.h"

/* Our ends come first. */
struct engine_start {
	pid_t pid;
	int control[2], output[2], errors[2], console[2]; /* output: ours is -1 where another takes it (`work`) */
	int life[2]; /* ours is the second: its end, whatever brings that about, ends the kernel. -1: we ended it */
	char program[PATH_MAX];
	char starter[PATH_MAX]; /* what is executed to start the kernel */
	int files;              /* descriptor of the guest's own; 0: it has ours */
	bool fast;              /* by a way that may not work here although it seems so: then there is another (`prepare`) */
};

/* What the holding process writes to the console of a kernel that a signal has ended, before its number. */
#define ENGINE_KILLED "it was killed by signal "

/* The end of what the kernel says of itself. */
enum { ENGINE_TAIL_SIZE = 4096 };
struct engine_console {
	char tail[ENGINE_TAIL_SIZE + 1];
	size_t size;
	bool panicked;
};

/* Reads once. False: that was all. */
bool engine_console_take(struct engine_console *console, int from);
/* The line that tells the most: why the kernel panicked, or the last one. Changes the text. */
const char *engine_console_line(struct engine_console *console);

/* How a kind of kernel is started. */
struct engine_way {
	const char *name;
	bool shares_files;
	bool needs_scratch; /* a folder for its memory */
	/* In this process. -1 with an error. */
	int (*prepare)(const struct engine_request *request, struct engine_start *start, struct error *error);
	/* In a process that becomes the kernel's. Returns where it cannot, with errno. */
	void (*execute)(const struct engine_request *request, const struct engine_start *start, const char *scratch);
};

extern const struct engine_way engine_uml, engine_qemu;
const struct engine_way *engine_way_of(enum image_kind kind);

/* Arguments of a program that is executed: they live as long as the process. Ends with NULL. */
enum { ENGINE_ARGUMENTS_MAX = 64 };
void engine_add(char *arguments[ENGINE_ARGUMENTS_MAX + 1], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Where its standard error goes. */
int engine_errors(const struct engine_request *request);
int engine_start(const struct engine_request *request, struct engine_start *start, struct error *error);
/* Ends it at once. */
void engine_end(struct engine_start *start);

/* The files of a guest that does not have ours. Returns their descriptor, -1 with an error. */
int engine_files(const struct engine_request *request, const char *program, struct error *error);

/* A kernel that is attended to. */
struct engine_attended {
	struct engine_start start;
	int signals;
	/* What the guest said, or we found out. */
	bool ready, running, ended, failed;
	bool interrupted; /* by a signal, or because nobody takes what it says */
	bool silent;      /* it said nothing for too long */
	uint8_t code;
	struct packed_line *packed[GUEST_LINES]; /* NULL: the bytes come as they are */
	/* Bytes on the command's lines, modulo 2^32; `sent` is what the guest says at its end. */
	uint32_t got[GUEST_LINES], sent[GUEST_LINES];
	bool damaged;     /* what came was not what a guest packs */
	char said[512];   /* what failed in the guest */
	size_t said_size;
	struct engine_console console;
	int write_errno;  /* of what we write to; 0: none */
};

/* Until the kernel has ended. `bytes`: the request. */
void engine_attend(struct engine_attended *attended, const struct engine_request *request, const uint8_t *bytes, size_t size);

#endif
