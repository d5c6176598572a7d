/* nat.c - SYNs by their numbers, the pairs that they make, and the encounters that were told last. */
#include "harness/diagnose/nat.h"

#include "crafter/seq.h"
#include "harness/diagnose/tracks.h"

/* No router keeps a segment longer, and no two clocks that are worth merging differ more. */
#define ACROSS_NS NSEC_PER_SEC

static struct nat_syn *place_of(struct nat *nat, const struct nat_syn *syn)
{
	uint32_t hash = (syn->seq ^ syn->tsval) * UINT32_C(2654435761);

	return &nat->syns[hash >> 16 & (NAT_SYNS - 1)];
}

/* The MSS may be clamped on the way. */
static bool is_same_syn(const struct nat_syn *kept, const struct nat_syn *now)
{
	return kept->connection && kept->connection != now->connection && kept->seq == now->seq &&
	       kept->tsval == now->tsval && kept->window == now->window && kept->wscale == now->wscale &&
	       now->time_ns - kept->time_ns < ACROSS_NS;
}

static bool is_fixed(const struct nat *nat, uint32_t number)
{
	for (uint32_t i = 0; i < nat->fixed_count && i < NAT_FIXED; i++)
		if (nat->fixed[i] == number)
			return true;
	return false;
}

/* Behind a NAT that translates only the server's address, the client has the same port. */
static bool is_another_of_host(struct tracks *connections, const struct nat_syn *kept, const struct segment *syn,
			       uint64_t time_ns)
{
	const struct endpoint *client = &syn->tuple.source, *before;
	const struct track *other;

	if (!kept->connection || kept->seq != syn->seq)
		return false;
	other = tracks_at(connections, kept->slot);
	before = &other->is.conversation.tuple.source;
	return other->is.number == kept->connection && address_equal(&client->address, &before->address) &&
	       (client->port != before->port || time_ns - kept->time_ns >= ACROSS_NS);
}

static void note_fixed(struct nat *nat, uint32_t number)
{
	if (!is_fixed(nat, number))
		nat->fixed[nat->fixed_count++ % NAT_FIXED] = number;
	if (nat->counts.near.source.address.family && nat->counts.number == number)
		nat->counts.near = nat->counts.far = (struct tuple){ .source.port = 0 };
}

static void note_syn(struct nat *nat, struct tracks *connections, struct track *connection, const struct nat_syn *now,
		     const struct segment *syn)
{
	struct nat_syn *kept = place_of(nat, now);
	struct track *other;

	if (connection->is.number != kept->connection && is_another_of_host(connections, kept, syn, now->time_ns))
		note_fixed(nat, now->seq);
	if (!is_same_syn(kept, now)) {
		*kept = *now;
		return;
	}
	other = tracks_at(connections, kept->slot);
	if (other->is.number != kept->connection || connection->mate == kept->connection)
		return;
	connection->mate = kept->connection;
	connection->mate_slot = kept->slot;
	other->mate = now->connection;
	other->mate_slot = now->slot;
	connection->mate_sure = other->mate_sure = false;
}

/* The end that listened; NULL: its SYN-ACK has not passed yet. */
static const struct end *server_of(const struct tracked *connection)
{
	const struct conversation *conversation = &connection->conversation;
	const struct end *end = conversation->source.passive ? &conversation->source : &conversation->target;

	return end->passive && end_knows(end, END_ISS | END_IRS) ? end : NULL;
}

static bool is_same_handshake(const struct track *a, const struct track *b)
{
	const struct end *one = server_of(&a->is), *other = server_of(&b->is);

	return one && other && one->iss == other->iss && one->irs == other->irs;
}

static void join(struct nat_counts *counts, struct track *a, struct track *b)
{
	const struct end *server = server_of(&a->is);
	struct track *later = a->is.number > b->is.number ? a : b, *earlier = later == a ? b : a;

	a->mate_sure = b->mate_sure = true;
	if (later->is.nat_of == earlier->is.number)
		return;
	later->is.nat_of = earlier->is.number;
	if (!counts->near.source.address.family) {
		counts->number = server->irs;
		counts->near = earlier->is.conversation.tuple;
		counts->far = later->is.conversation.tuple;
	}
}

void nat_note(struct nat *nat, struct tracks *connections, struct track *connection, const struct segment *syn,
	      uint64_t time_ns)
{
	struct track *other;

	if (!(syn->flags & FLAG_ACK)) {
		note_syn(nat, connections, connection, &(struct nat_syn){
			time_ns, connection->is.number, syn->seq, syn->tsval, connection->slot, syn->window,
			syn->wscale }, syn);
		return;
	}
	if (!connection->mate || connection->mate_sure)
		return;
	other = tracks_at(connections, connection->mate_slot);
	if (other->is.number == connection->mate && is_same_handshake(connection, other) &&
	    !is_fixed(nat, server_of(&connection->is)->irs))
		join(&nat->counts, connection, other);
}

static const struct end *same_end(const struct conversation *conversation, const struct end *end)
{
	if (end_knows(&conversation->source, END_ISS) && conversation->source.iss == end->iss)
		return &conversation->source;
	return end_knows(&conversation->target, END_ISS) && conversation->target.iss == end->iss ? &conversation->target : NULL;
}

bool nat_disagrees(struct tracks *connections, const struct track *connection, const struct end *subject)
{
	const struct track *other;
	const struct end *there;

	if (!connection->mate_sure || !end_knows(subject, END_ISS))
		return false;
	other = tracks_at(connections, connection->mate_slot);
	if (other->is.number != connection->mate)
		return false;
	there = same_end(&other->is.conversation, subject);
	if (!there || !end_knows(there, END_SND_NXT | END_RCV_NXT) || !end_knows(subject, END_SND_NXT | END_RCV_NXT))
		return false;
	return seq_after(there->snd_nxt, subject->snd_nxt) || seq_after(subject->rcv_nxt, there->rcv_nxt);
}

void nat_tell(struct nat *nat, struct tracked *connection)
{
	const struct end *server = server_of(connection);

	if (server && is_fixed(nat, server->irs))
		connection->nat_of = 0;
	nat->counts.pairs += connection->nat_of != 0;
}

static bool is_same(const struct nat_told *a, const struct nat_told *b)
{
	return a->kind == b->kind && a->seq == b->seq && a->ack == b->ack && a->tsval == b->tsval && a->flags == b->flags &&
	       a->answered == b->answered && a->answer_seq == b->answer_seq && a->answer_ack == b->answer_ack &&
	       a->answer_flags == b->answer_flags && b->time_ns - a->time_ns < ACROSS_NS;
}

bool nat_repeats(struct nat *nat, const struct track *connection, const struct encounter *encounter)
{
	const struct segment *segment = &encounter->segment, *answer = &encounter->answer;
	const struct nat_told now = {
		encounter->connection, encounter->time_ns, encounter->kind, segment->seq, segment->ack, segment->tsval,
		answer->seq, answer->ack, segment->flags, answer->flags, encounter->answered,
	};

	if (!connection->mate_sure || is_fixed(nat, encounter->subject.passive ? encounter->subject.irs :
					       encounter->subject.iss))
		return false;
	for (int i = 0; i < NAT_TOLD; i++) {
		if (nat->told[i].connection != connection->mate || !is_same(&nat->told[i], &now))
			continue;
		nat->counts.repeats++;
		return true;
	}
	nat->told[nat->next++ % NAT_TOLD] = now;
	return false;
}
