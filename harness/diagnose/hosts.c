/* hosts.c - a table of hosts by address; what tells kernels apart takes memory only for hosts that have such answers. */
#include "harness/diagnose/hosts.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 2 * HOSTS_MAX, EVIDENCE_FIRST = 256 };
_Static_assert((SLOTS & (SLOTS - 1)) == 0, "a mask of bits");

struct host_telling {
	struct host_evidence list[HOSTS_EVIDENCE];
	uint64_t votes[KERNEL_STEPS_MAX]; /* answers that each step may give, of those that tell kernels apart */
};

struct known_host {
	struct host host;
	struct host_telling *telling; /* NULL: nothing tells */
};

struct hosts {
	struct known_host *list;
	size_t count, room;
	uint32_t slots[SLOTS]; /* numbers in the list, from 1; 0: free */
	uint64_t all;          /* steps */
	uint64_t left_out;
};

struct hosts *hosts_open(void)
{
	struct hosts *hosts = calloc(1, sizeof(*hosts));

	if (hosts)
		hosts->all = kernel_steps(&(struct kernel){ 0 });
	return hosts;
}

/* FNV-1a. */
static size_t slot_of(const struct address *address)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < address_size(address->family); i++)
		hash = (hash ^ address->bytes[i]) * 16777619U;
	return hash & (SLOTS - 1);
}

static struct known_host *add(struct hosts *hosts, const struct address *address)
{
	if (hosts->count == HOSTS_MAX)
		return NULL;
	if (hosts->count == hosts->room) {
		size_t room = hosts->room ? 2 * hosts->room : EVIDENCE_FIRST;
		struct known_host *larger = realloc(hosts->list, room * sizeof(*larger));

		if (!larger)
			return NULL;
		hosts->list = larger;
		hosts->room = room;
	}
	hosts->list[hosts->count] = (struct known_host){
		.host = { .address = *address, .books = (1U << BOOK_USUAL) - 1, .fits = hosts->all, .usual = hosts->all },
	};
	return &hosts->list[hosts->count++];
}

/* NULL: there is no room. */
static struct known_host *find(struct hosts *hosts, const struct address *address)
{
	size_t slot = slot_of(address);
	struct known_host *known;

	for (; hosts->slots[slot]; slot = (slot + 1) & (SLOTS - 1))
		if (address_equal(&hosts->list[hosts->slots[slot] - 1].host.address, address))
			return &hosts->list[hosts->slots[slot] - 1];
	known = add(hosts, address);
	if (known)
		hosts->slots[slot] = (uint32_t)hosts->count;
	return known;
}

/* What no Linux gives is told apart by what it is. */
static bool says_same(const struct host_evidence *a, const struct host_evidence *b)
{
	if (a->kernels || b->kernels)
		return a->kernels == b->kernels && a->usual == b->usual && a->settings == b->settings;
	return a->expected == b->expected && a->cause == b->cause && a->state == b->state && a->answer == b->answer;
}

static void note(struct known_host *known, const struct host_evidence *evidence)
{
	struct host_telling *telling = known->telling;

	for (size_t step = 0; step < kernel_step_count(); step++)
		telling->votes[step] += evidence->kernels >> step & 1;
	known->host.telling += evidence->kernels != 0;
	for (size_t i = 0; i < known->host.evidence_count; i++)
		if (says_same(&telling->list[i], evidence)) {
			telling->list[i].count++;
			return;
		}
	if (known->host.evidence_count < HOSTS_EVIDENCE)
		telling->list[known->host.evidence_count++] = *evidence;
}

void hosts_take(struct hosts *hosts, const struct address *address, const struct encounter *encounter,
		const struct cause *cause, const struct judgement *judgement)
{
	const struct host_evidence evidence = {
		encounter->frame, 1, cause, encounter->subject.state, encounter_answer(encounter), encounter_isn(encounter),
		judgement->kernels, judgement->usual, judgement->settings, judgement->answers,
	};
	bool differs = judgement->verdict == VERDICT_DIFFERS;
	struct known_host *known = judgement->tells || differs ? find(hosts, address) : NULL;

	if (!known) {
		hosts->left_out += judgement->tells || differs;
		return;
	}
	if (differs && known->host.differ++ == 0)
		known->host.differs = encounter->frame;
	if (!judgement->tells)
		return;
	known->host.answers++;
	known->host.strange += judgement->kernels == 0;
	known->host.books &= judgement->books;
	if (judgement->kernels)
		known->host.fits &= judgement->kernels;
	if (judgement->usual)
		known->host.usual &= judgement->usual;
	if (judgement->kernels == hosts->all && judgement->usual == hosts->all && !judgement->settings)
		return;
	if (!known->telling)
		known->telling = calloc(1, sizeof(*known->telling));
	if (known->telling)
		note(known, &evidence);
}

static void choose_best(struct host *host, const struct host_telling *telling)
{
	for (size_t step = 0; step < kernel_step_count(); step++) {
		if (telling->votes[step] > host->best_count) {
			host->best_count = telling->votes[step];
			host->best = 0;
		}
		if (telling->votes[step] && telling->votes[step] == host->best_count)
			host->best |= UINT64_C(1) << step;
	}
}

bool hosts_next(struct hosts *hosts, size_t *number, struct host *host)
{
	while (*number < hosts->count) {
		const struct known_host *known = &hosts->list[(*number)++];

		if (!known->telling && !known->host.differ)
			continue;
		*host = known->host;
		host->evidence = known->telling ? known->telling->list : NULL;
		if (known->telling)
			choose_best(host, known->telling);
		return true;
	}
	return false;
}

uint64_t hosts_left_out(const struct hosts *hosts)
{
	return hosts->left_out;
}

void hosts_close(struct hosts *hosts)
{
	if (!hosts)
		return;
	for (size_t i = 0; i < hosts->count; i++)
		free(hosts->list[i].telling);
	free(hosts->list);
	free(hosts);
}
