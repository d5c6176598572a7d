/* play_path.c - a step behind a router: what both sides of it heard. */
#include <stdio.h>
#include <string.h>

#include "crafter/units.h"
#include "harness/play/play_internal.h"

/* What crosses a router has crossed it by then. */
#define CROSSING (25 * NSEC_PER_MSEC)

static bool same_path(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

const struct play_setup *play_setup_for(const struct play_setup *first, const struct part *part)
{
	const struct play_setup *setup = first;

	while (setup && !setup->any_part && !same_path(setup->path, part->path))
		setup = setup->next;
	return setup;
}

void play_mark(struct player *player, struct segment *segment)
{
	if (player->setup->transport->crossed)
		segment->ip_id = ++player->mark ? player->mark : ++player->mark;
}

/* Behind a path of the user's (--far) there is nobody to ask what connection tracking knows, and others may talk. Where the
 * lab's own does not show it, it is neither as expected nor otherwise. */
static int check_word(struct player *player, const char *name, const char *expected, const char *observed)
{
	struct findings *findings = &player->result->findings;

	if (*expected && observed)
		findings_check_field(findings, name, expected, observed);
	else if (*expected && player->setup->lab)
		return play_trouble(player, "%s is not known: a frame was lost, or two that came through are alike", name);
	else if (*expected)
		findings->left_out |= NEED_PATH;
	return 0;
}

static int check(struct player *player, const struct path_checks *checks, const struct side_view *view, const char *cause)
{
	struct findings *findings = &player->result->findings;
	const bool known = view->set_up || view->stimulus != SIDE_FATE_UNKNOWN;

	if (check_word(player, "the stimulus, behind the router", checks->stimulus, sides_fate_name(view->stimulus)) ||
	    check_word(player, "whom the answer is from", checks->answer_from, sides_answerer_name(view->answerer)) ||
	    check_word(player, "the router's conntrack, before", checks->tracked_before, view->tracked_before) ||
	    check_word(player, "the router's conntrack, after", checks->tracked_after, view->tracked_after))
		return -1;
	if (*checks->says && !known && player->setup->lab)
		return check_word(player, "what the router did", checks->says, NULL);
	if (*checks->says && !player->setup->lab && !strstr(cause, checks->says)) /* rules are not known there */
		findings->left_out |= NEED_PATH;
	else if (*checks->says)
		findings_check_field(findings, "what the router did", checks->says,
				     strstr(cause, checks->says) ? checks->says : *cause ? cause : "nothing");
	return 0;
}

/* Everything until now was heard on both sides; false: something was lost. */
static int hear_all(struct player *player, bool *whole)
{
	const struct transport *transport = player->setup->transport;
	struct health health;

	if (transport->health(transport->self, &health, player->error) < 0)
		return -1;
	*whole = health.dropped == player->dropped && health.went_down == player->went_down;
	return 0;
}

static void tell(struct player *player, const struct connection *connection, const struct segment *sent,
		 const struct baseline *base, struct side_view *view)
{
	const struct transport *transport = player->setup->transport;
	const bool heard = player->listening.answers > 0;
	const struct side_progress progress = {
		.heard = true, .irs = connection->peer.crafted.irs, .rcv_nxt = base->snd_nxt, .snd_una = base->rcv_nxt,
	};
	const struct side_exchange exchange = {
		.sent = sent, .answer = sent && heard ? &connection->heard : NULL,
		.progress = sent ? NULL : &progress,
	};
	const struct pair pair = pair_of_target(&connection->conversation.tuple);

	transport->crossed(transport->self, &pair, &exchange, view);
	/* It was heard, and the router answers nobody unasked. */
	if (!sent && heard)
		view->answerer = SIDE_ANSWERER_SUBJECT;
}

void play_cause(struct player *player, const struct side_view *view, char cause[static SIDES_TEXT_SIZE])
{
	snprintf(player->result->path, sizeof(player->result->path), "%.199s", sides_cause(view, cause, SIDES_TEXT_SIZE));
}

int play_look_behind(struct player *player, const struct step *step, const struct connection *connection,
		     const struct segment *sent, const struct baseline *base)
{
	struct side_view view = { .routed = true, .answerer = SIDE_ANSWERER_UNKNOWN };
	bool asked = scenario_checks_need(&step->checks) & NEED_PATH, whole;
	char cause[SIDES_TEXT_SIZE];

	if (!player->setup->transport->crossed || step->times > 1) {
		player->result->findings.left_out |= asked ? (unsigned)NEED_PATH : 0;
		return 0;
	}
	if ((asked && play_wait(player, play_now(player) + CROSSING) < 0) || hear_all(player, &whole) < 0)
		return -1;
	if (whole)
		tell(player, connection, sent, base, &view);
	play_cause(player, &view, cause);
	if (check(player, &step->checks.path, &view, cause))
		return -1;
	return *cause ? play_remark(player, "%s", cause) : 0;
}
