/* sides_text.c - what both sides of a router heard, in words. */
#include "harness/wire/sides.h"

#include <stdio.h>

#include "crafter/textbuf.h"

/* Behind this nothing of TCP's is another; a segment that TCP did not get may have come too late in its life (SIDE_TTL). */
enum { USUAL = SIDE_ADDRESS | SIDE_PORT | SIDE_IP_ID | SIDE_DF };

const char *sides_changes_text(unsigned changes, char *buffer, size_t size)
{
	static const char *const names[] = {
		"address", "port", "seq", "ack", "timestamps", "options", "window", "IP ID", "TOS",
		"TTL", "DF",
	};
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (changes >> i & 1)
			textbuf_item(&out, ", ", "%s", names[i]);
	return buffer;
}

const char *sides_fate_name(enum side_fate fate)
{
	return fate == SIDE_FATE_REACHED ? "reached" : fate == SIDE_FATE_STOPPED ? "stopped" : NULL;
}

const char *sides_answerer_name(enum side_answerer answerer)
{
	static const char *const names[] = {
		[SIDE_ANSWERER_NOBODY] = "nobody", [SIDE_ANSWERER_UNKNOWN] = NULL, [SIDE_ANSWERER_SUBJECT] = "subject",
		[SIDE_ANSWERER_ROUTER] = "router", [SIDE_ANSWERER_STOPPED] = "stopped",
	};

	return names[answerer];
}

/* A new connection of a NAT's: the subject gets the stimulus from a stranger. */
static bool is_strange(const struct side_view *view)
{
	return view->stimulus == SIDE_FATE_REACHED && view->before.address.family && view->source.address.family &&
	       !endpoint_equal(&view->before, &view->source);
}

static void add_changes(struct textbuf *out, const char *what, unsigned changes)
{
	char names[SIDES_TEXT_SIZE];

	if (changes)
		textbuf_item(out, "; ", "the router changed %s of %s", sides_changes_text(changes, names, sizeof(names)), what);
}

static const char nothing_came[] = "nothing of the connection came out of the router";

/* Where it did. */
static void add_dropped_answer(struct textbuf *out, const struct side_view *view)
{
	char flags[FLAGS_TEXT_SIZE];

	if (sides_dropped_answer(view))
		textbuf_item(out, "; ", "the router dropped what the subject sent (%s)",
			     segment_flags_format(view->subject_answer.flags, flags));
	if (*view->rule && view->subject_answered)
		textbuf_add(out, ", at %s", view->rule);
}

/* Where something was stopped, or a stranger made of it. */
static void add_tracked(struct textbuf *out, const struct side_view *view)
{
	const char *before = view->tracked_before, *after = view->tracked_after;

	if (!before)
		return;
	textbuf_add(out, "%s(conntrack: %s before%s%s%s)", out->length ? " " : "", before, after ? ", " : "",
		    !after ? "" : after == before ? "the same" : after, after ? " after" : "");
}

/* All of it but the state of the connection tracking. */
static void add_cause(struct textbuf *out, const struct side_view *view)
{
	if (view->set_up && view->nothing_came)
		textbuf_add(out, "%s", nothing_came);
	if (view->set_up && view->nothing_came && *view->rule)
		textbuf_add(out, ": its SYN was dropped at %s", view->rule);
	if (view->set_up && view->router_reset)
		textbuf_item(out, "; ", "the reset is the router's own, the subject sent none");
	if (view->set_up)
		add_dropped_answer(out, view);
	if (view->stimulus == SIDE_FATE_STOPPED)
		textbuf_item(out, "; ", view->answerer == SIDE_ANSWERER_ROUTER ?
			     "the router answered the stimulus itself, and the subject never got it" :
			     "the router dropped the stimulus");
	if (view->stimulus == SIDE_FATE_STOPPED && *view->rule)
		textbuf_add(out, ", at %s", view->rule);
	if (is_strange(view))
		textbuf_item(out, "; ", view->untranslated ? "the router sent the stimulus on without translating its source" :
			     "the router sent the stimulus on from another port than the connection had");
	if (view->another_server)
		textbuf_item(out, "; ", "the router sent the stimulus to another server than the connection's");
	if (view->stimulus != SIDE_FATE_REACHED)
		return;
	if (view->reset)
		textbuf_item(out, "; ", "the router reset the subject's connection itself");
	add_dropped_answer(out, view);
	/* Where it comes from a stranger anyhow, that is said. */
	if (!out->length && view->follow_up_strange)
		textbuf_add(out, "the router sent the follow-up on as another connection");
	if (!out->length && view->follow_up == SIDE_FATE_STOPPED)
		textbuf_add(out, "the follow-up never came out of the router");
	if (view->answerer == SIDE_ANSWERER_ROUTER)
		textbuf_item(out, "; ", "the answer is the router's own");
	add_changes(out, "the stimulus", view->stimulus_changes & ~(unsigned)USUAL);
	add_changes(out, "the answer", view->answer_changes & ~(unsigned)USUAL);
}

const char *sides_cause(const struct side_view *view, char *buffer, size_t size)
{
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	add_cause(&out, view);
	if (out.length)
		add_tracked(&out, view);
	return buffer;
}

const char *sides_summary(const struct side_view *view, char *buffer, size_t size)
{
	if (view->set_up || view->stimulus != SIDE_FATE_UNKNOWN)
		return sides_cause(view, buffer, size);
	snprintf(buffer, size, "%s", view->nothing_came ? nothing_came : "what the router did is not known");
	return buffer;
}

const char *sides_story(const struct side_view *view, char *buffer, size_t size)
{
	char cause[SIDES_TEXT_SIZE], source[ENDPOINT_TEXT_SIZE];
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	if (view->stimulus == SIDE_FATE_UNKNOWN && !view->set_up)
		textbuf_add(&out, "%s", view->nothing_came ? nothing_came :
			    "what became of the stimulus behind the router is not known");
	if (view->stimulus == SIDE_FATE_REACHED)
		textbuf_add(&out, "the stimulus reached the subject%s", view->stimulus_changes ? "" : " unchanged");
	if (view->stimulus == SIDE_FATE_REACHED && view->stimulus_changes & (SIDE_ADDRESS | SIDE_PORT))
		textbuf_add(&out, ", from %s", endpoint_format(&view->source, source, sizeof(source)));
	if (view->answerer == SIDE_ANSWERER_SUBJECT)
		textbuf_item(&out, "; ", "the answer is the subject's%s", view->answer_changes ? "" : ", unchanged");
	if (view->answerer == SIDE_ANSWERER_NOBODY && view->stimulus == SIDE_FATE_REACHED)
		textbuf_item(&out, "; ", "the subject sent nothing");
	add_changes(&out, "the stimulus", view->stimulus_changes & (SIDE_IP_ID | SIDE_DF));
	add_changes(&out, "the answer", view->answer_changes & (SIDE_IP_ID | SIDE_DF));
	if (*sides_cause(view, cause, sizeof(cause)))
		textbuf_item(&out, "; ", "%s", cause);
	else
		add_tracked(&out, view);
	return buffer;
}
