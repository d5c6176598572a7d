/* play_internal.h - shared by the files that play a scenario; for them alone. */
#ifndef TWPROBE_HARNESS_PLAY_PLAY_INTERNAL_H
#define TWPROBE_HARNESS_PLAY_PLAY_INTERNAL_H

#include "cases/matrix/cell_ask.h"
#include "crafter/conversation.h"
#include "crafter/peer.h"
#include "crafter/textbuf.h"
#include "harness/lab/kernel_end.h"
#include "harness/play/play.h"

/* What a connection's server has sent that answers no step yet. */
struct unasked {
	size_t count;
	struct segment first;
	uint64_t first_ns, before_ns; /* the segment before it, in either direction */
};

/* A tuple that the part uses. */
struct connection {
	char name[STEP_ID_SIZE];
	bool used;
	size_t number;              /* from 1 */
	bool ours;                  /* crafted; else both ends are the kernel's */
	struct peer_rules rules;
	struct peer peer;
	bool reaching, asking, ready, done; /* its peer is stepped by what is heard, and what that led to */
	struct conversation conversation;   /* source: the client */
	bool server_crafted;                /* the kernel's client meets a crafted server: no witness knows that */
	bool calls;                         /* the subject connects: it is the client */
	bool client_unseen;                 /* bound to an interface, so that a lookup by tuple alone does not find it */
	struct segment sent, heard; /* last segment sent by a step; last answer */
	bool has_sent, has_heard;
	struct unasked unasked;
	uint64_t last_ns;           /* when its last segment passed, in either direction */
	uint64_t sent_ns, reached_ns;
	bool fresh;                 /* nothing was sent since it was reached: the rule book can say what follows */
	uint32_t client_isn, server_isn;
	bool has_isns;
	size_t last_line;           /* index + 1 of its last line, while its state was not asked for; 0: none */
};

/* What a step listens for after it sent something. */
struct listening {
	struct connection *connection; /* NULL: nothing is listened for */
	uint32_t stride;            /* from one of them to the next; 0: they are the same */
	unsigned copies, seen;      /* of what was sent; no copies: what the server sends unasked is what counts */
	uint64_t seen_ns;           /* when the last copy was seen */
	size_t answers;
	struct segment first;       /* the first answer */
	uint64_t first_ns, before_ns; /* the segment before it */
	uint64_t late_ns;           /* so late we were at most, meanwhile */
	bool noticed;               /* something came that is not an answer, and may have replaced one */
	struct notice notice;       /* the first of it */
};

/* What a client of the kernel's own is seen to do in one step. */
struct client_watch {
	struct kernel_end *end;     /* NULL: the part has none yet */
	struct connection *connection;
	bool crafted_server;
	uint32_t server_iss;        /* of its last connection */
	uint16_t port;              /* of this part's clients */
	uint32_t client_nxt, server_nxt; /* of the connection before; for its successor's ISN */
	uint32_t tsval;             /* the last one the client sent */
	unsigned syns;
	uint64_t syn_ns;            /* the first one */
	uint32_t syn_seq;
	bool answered;
	struct segment answer;      /* the first one */
	char story[FINDING_TEXT_SIZE];
	struct textbuf telling;     /* the story so far; points into it */
};

struct player {
	const struct scenario *scenario;
	const struct play_setup *setup;
	struct play *play;
	struct error *error;
	size_t part;
	const struct step *step;
	struct step_result *result;
	struct connection **connections; /* each stays where it is as long as the part lasts */
	size_t connection_count, connection_room;
	struct connection *current;
	struct listening listening;
	struct client_watch client;
	struct conditions conditions; /* sysctls that the part has set */
	uint64_t dropped, went_down;  /* the wire's health when the part began */
	uint64_t upto_ns;             /* everything was heard until then */
	uint16_t mark;                /* the IP ID of the last segment that both sides of a router must see */
	unsigned sequence;            /* for the numbers of the next connection */
	bool troubled;                /* play->reason says why the step has no outcome */
	bool stop;                    /* no room for the ladder */
};

/* play.c: everything below returns 0; -1: the wire failed, or the step has no outcome (play->reason says why). */
int play_trouble(struct player *player, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct connection *play_add_connection(struct player *player, const char *name);
struct connection *play_connection(struct player *player, const struct step *step);

/* play_check.c */
int play_check_after(struct player *player, const struct step *step);
/* Reads the step's counters into `values`; `after` it, what they grew by. */
int play_read_counters(struct player *player, const struct step *step, int64_t values[STEP_COUNTERS_MAX], bool after);

/* play_path.c */
/* Where the parts of this path are played; NULL: nowhere here. */
const struct play_setup *play_setup_for(const struct play_setup *first, const struct part *part);
/* Has both sides of a router know the segment again. */
void play_mark(struct player *player, struct segment *segment);
/* What the router had to do with the step, which is kept for the verdict, too. */
void play_cause(struct player *player, const struct side_view *view, char cause[static SIDES_TEXT_SIZE]);
/* What both sides of the router heard of the step: a remark, and the step's checks. `sent` NULL: the subject sent on its own
 * account, or should have. `base` is what was known before. */
int play_look_behind(struct player *player, const struct step *step, const struct connection *connection,
		     const struct segment *sent, const struct baseline *base);

/* play_turn.c */
uint64_t play_now(const struct player *player);
/* Sends what is queued, takes in what was heard, and waits at most until the deadline. */
int play_turn(struct player *player, uint64_t deadline_ns);
int play_wait(struct player *player, uint64_t deadline_ns);
struct line *play_add_line(struct player *player, enum line_kind kind, const struct connection *connection);
int play_remark(struct player *player, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A hundred samples are too many to read: of the lines since `from` the first and the last ones stay. */
void play_trim_lines(struct player *player, size_t from, size_t head, size_t tail);
int play_ask_witness(struct player *player, const struct connection *connection, struct sighting *sighting);
/* What was sent is also what arrived, and what was sent back is what was heard: or the step has no outcome. */
int play_prove_silence(struct player *player);
/* The balance of segments starts over. */
int play_rebase(struct player *player);

/* play_reach.c */
/* Brings a new connection into the state. `tuple`: use this one; NULL: a fresh one to the port. `witnessed`: the witness must
 * see the state. */
int play_reach(struct player *player, struct connection *connection, const struct step *step,
	       const struct tuple *tuple, bool witnessed);
void play_heard(struct player *player, struct connection *connection, const struct segment *segment, bool ours,
		uint64_t time_ns);
void play_noticed(struct player *player, struct connection *connection, const struct notice *notice, uint64_t time_ns);
/* Resets whatever is left of the part's connections, and forgets them. */
int play_tear_down(struct player *player);
void play_forget_connections(struct player *player);

/* play_send.c */
int play_hear(struct player *player, const struct step *step);
int play_process(struct player *player, const struct step *step);
/* What the linux book predicts, and whether that is certain: it may depend on what is not known about the kernel. */
bool play_ask_book(const struct player *player, const struct cell_question *question,
		   struct expectation *expectation);
int play_send(struct player *player, const struct step *step);
int play_reply(struct player *player, const struct step *step);
/* Sends copies of the segment and listens for `patience_ns` after the last was seen: to the end, or to the first answer. */
int play_exchange(struct player *player, struct connection *connection, const struct segment *segment,
		  unsigned copies, uint64_t patience_ns, bool to_the_end);

/* play_measure.c, play_cells.c, play_client.c */
int play_measure(struct player *player, const struct step *step);
int play_cells(struct player *player, const struct step *step);
int play_client(struct player *player, const struct step *step);
void play_client_heard(struct player *player, const struct connection *connection, const struct segment *segment,
		       bool ours, uint64_t time_ns);
void play_client_close(struct player *player);

#endif
