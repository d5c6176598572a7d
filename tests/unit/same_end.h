/* same_end.h - two ends, field by field: padding may differ. */
#ifndef TWPROBE_TESTS_UNIT_SAME_END_H
#define TWPROBE_TESTS_UNIT_SAME_END_H

#include "crafter/end.h"

static inline bool same_syn(const struct end_syn *a, const struct end_syn *b)
{
	return a->seen == b->seen && a->scales == b->scales && a->timestamps == b->timestamps && a->sack == b->sack &&
	       a->wscale == b->wscale && a->mss == b->mss && a->window == b->window && a->payload_size == b->payload_size &&
	       a->seq == b->seq && a->tsval == b->tsval && a->time_ns == b->time_ns;
}

static inline bool same_sent(const struct end *a, const struct end *b)
{
	return a->iss == b->iss && a->snd_una == b->snd_una && a->snd_nxt == b->snd_nxt && a->snd_wnd == b->snd_wnd &&
	       a->max_snd_wnd == b->max_snd_wnd && a->snd_wl1 == b->snd_wl1 && a->snd_wl2 == b->snd_wl2 &&
	       a->fin_sent == b->fin_sent && a->fin_acked == b->fin_acked && a->text_sent == b->text_sent &&
	       a->text_acked == b->text_acked && a->fin_seq == b->fin_seq;
}

static inline bool same_got(const struct end *a, const struct end *b)
{
	return a->irs == b->irs && a->rcv_nxt == b->rcv_nxt && a->rcv_wnd == b->rcv_wnd &&
	       a->last_ack_sent == b->last_ack_sent && a->rcv_max == b->rcv_max && a->fin_came == b->fin_came &&
	       a->fin_queued == b->fin_queued && a->fin_taken == b->fin_taken && a->text_came == b->text_came &&
	       a->text_taken == b->text_taken && a->their_fin_seq == b->their_fin_seq;
}

static inline bool same_end(const struct end *a, const struct end *b)
{
	return a->state == b->state && a->known == b->known && a->passive == b->passive &&
	       a->any_timestamp == b->any_timestamp && a->lives == b->lives && same_sent(a, b) && same_got(a, b) &&
	       a->timestamps == b->timestamps && a->sack == b->sack && a->snd_wscale == b->snd_wscale &&
	       a->rcv_wscale == b->rcv_wscale && a->snd_mss == b->snd_mss && a->rcv_mss == b->rcv_mss &&
	       same_syn(&a->own_syn, &b->own_syn) && same_syn(&a->their_syn, &b->their_syn) &&
	       a->ts_recent == b->ts_recent && a->ts_recent_ns == b->ts_recent_ns && a->last_tsval == b->last_tsval &&
	       a->last_tsval_ns == b->last_tsval_ns;
}

#endif
