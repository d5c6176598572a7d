/* behaviour.h - what the subject's process does with a connection that it accepts. */
#ifndef TWPROBE_CRAFTER_BEHAVIOUR_H
#define TWPROBE_CRAFTER_BEHAVIOUR_H

enum behaviour {
	BEHAVIOUR_CLOSE, /* closes at once */
	BEHAVIOUR_HOLD,  /* keeps it open, reads nothing, until the connection dies */
	BEHAVIOUR_HALF,  /* shutdown(SHUT_WR) at once, then holds */
	BEHAVIOUR_EOF,   /* reads until end of file, then closes */
	BEHAVIOUR_EOF_HALF, /* reads until end of file, then shutdown(SHUT_WR), then holds */
	BEHAVIOUR_COUNT,
};

/* A client asks our subject for a behaviour with the window field of its SYN: BEHAVIOUR_WINDOW + behaviour. Any other
 * window leaves the choice to the subject. The window crosses NATs and firewalls untouched, and it costs no
 * byte of the connection, so the sequence numbers of every state stay the same. */
enum { BEHAVIOUR_WINDOW = 61000 };

const char *behaviour_name(enum behaviour behaviour);
/* BEHAVIOUR_COUNT: unknown name. */
enum behaviour behaviour_parse(const char *name);

#endif
