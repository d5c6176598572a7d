/* witness.c - one question to the kernel's socket diagnosis, one answer. */
#include "harness/lab/witness.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/lab/witness_proc.h"
#include "listener/netlink.h"

enum { ANSWER_SIZE = 4096 };

struct witness {
	struct mnl_socket *netlink;
	struct witness_proc *proc; /* instead of it, where the kernel lacks the module */
	uint32_t sequence;
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 request;
	} question;
	union {
		struct nlmsghdr header;
		char bytes[ANSWER_SIZE];
	} answer;
};

enum state witness_state(uint8_t kernel_state, uint32_t inode)
{
	switch (kernel_state) {
	case TCP_SYN_SENT:
		return STATE_SYN_SENT;
	case TCP_SYN_RECV:
	case 12: /* TCP_NEW_SYN_RECV, how some kernels list a request socket */
		return STATE_SYN_RECV;
	case TCP_ESTABLISHED:
		return STATE_ESTABLISHED;
	case TCP_FIN_WAIT1: /* a process holds it, or it is an orphan */
		return inode ? STATE_FIN_WAIT_1_HALF : STATE_FIN_WAIT_1;
	case TCP_FIN_WAIT2: /* a process holds it; else it is an orphan, or a TIME_WAIT socket's substate */
		return inode ? STATE_FIN_WAIT_2_HALF : STATE_FIN_WAIT_2;
	case TCP_CLOSING:
		return inode ? STATE_CLOSING_HALF : STATE_CLOSING;
	case TCP_TIME_WAIT:
		return STATE_TIME_WAIT;
	case TCP_CLOSE_WAIT:
		return STATE_CLOSE_WAIT;
	case TCP_LAST_ACK:
		return inode ? STATE_LAST_ACK_HALF : STATE_LAST_ACK;
	case TCP_CLOSE:
	case TCP_LISTEN: /* found because nothing has the tuple itself (inet_lookup) */
		return STATE_CLOSED;
	default:
		return STATE_UNKNOWN;
	}
}

static void put_endpoint(const struct endpoint *endpoint, uint32_t address[static 4], uint16_t *port)
{
	memcpy(address, endpoint->address.bytes, 16);
	*port = htons(endpoint->port);
}

static void question_for(struct witness *witness, const struct pair *pair)
{
	struct inet_diag_req_v2 *request = &witness->question.request;
	bool ipv6 = pair->subject.address.family == 6;

	witness->question.header = (struct nlmsghdr){
		.nlmsg_len = sizeof(witness->question), .nlmsg_type = SOCK_DIAG_BY_FAMILY,
		.nlmsg_flags = NLM_F_REQUEST, .nlmsg_seq = ++witness->sequence,
	};
	*request = (struct inet_diag_req_v2){
		.sdiag_family = ipv6 ? AF_INET6 : AF_INET, .sdiag_protocol = IPPROTO_TCP,
		.idiag_states = ~0U,
		/* Only sockets of a link-local address are bound to an interface (tcp_v6_init_req). */
		.id = { .idiag_if = pair->subject.address.scope, .idiag_cookie = { INET_DIAG_NOCOOKIE,
									   INET_DIAG_NOCOOKIE } },
	};
	put_endpoint(&pair->subject, request->id.idiag_src, &request->id.idiag_sport);
	put_endpoint(&pair->crafted, request->id.idiag_dst, &request->id.idiag_dport);
}

static ssize_t exchange(struct witness *witness)
{
	return netlink_ask(witness->netlink, &witness->question.header, witness->answer.bytes, ANSWER_SIZE);
}

/* The errno in an error's answer, or in the end of a dump; 0 for none. */
static int refusal(const struct nlmsghdr *header, ssize_t size)
{
	int number = 0;

	if ((header->nlmsg_type == NLMSG_ERROR || header->nlmsg_type == NLMSG_DONE) &&
	    size >= (ssize_t)(sizeof(*header) + sizeof(number)))
		memcpy(&number, mnl_nlmsg_get_payload(header), sizeof(number));
	return -number;
}

/* 1 and *socket when the kernel knows one, 0 when not. */
static int find(struct witness *witness, const struct pair *pair, struct kernel_socket *socket,
		struct error *error)
{
	const struct nlmsghdr *header = &witness->answer.header;
	const struct inet_diag_msg *message = mnl_nlmsg_get_payload(header);
	ssize_t size;
	int number;

	if (witness->proc)
		return witness_proc_find(witness->proc, pair, socket, error);
	question_for(witness, pair);
	size = exchange(witness);
	number = size < 0 ? errno : refusal(header, size);
	if (size >= 0 && number == ENOENT)
		return 0;
	if (number)
		return fail(error, "cannot ask the kernel for a socket's state: %s", strerror(number));
	if (size < (ssize_t)(sizeof(*header) + sizeof(*message)) || header->nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return fail(error, "the kernel's answer about a socket makes no sense (%zd bytes)", size);
	socket->kernel_state = message->idiag_state;
	socket->sighting = (struct sighting){
		.timer = message->idiag_timer, .retransmits = message->idiag_retrans,
		.expires_ms = message->idiag_expires, .recv_queue = message->idiag_rqueue,
		.send_queue = message->idiag_wqueue, .inode = message->idiag_inode,
	};
	return 1;
}

/* A dump of no states at all ends without an error only where a handler for TCP is there; the exact question cannot
 * tell (inet_diag_lock_handler, too, says ENOENT). */
static bool has_module(struct witness *witness)
{
	const struct pair any = { .subject.address.family = 4, .crafted.address.family = 4 };
	ssize_t size;

	question_for(witness, &any);
	witness->question.header.nlmsg_flags |= NLM_F_DUMP;
	witness->question.request.idiag_states = 0;
	size = exchange(witness);
	return size >= 0 && refusal(&witness->answer.header, size) == 0;
}

struct witness *witness_open(struct error *error)
{
	struct witness *witness = calloc(1, sizeof(*witness));

	if (!witness) {
		fail(error, "out of memory");
		return NULL;
	}
	witness->netlink = netlink_open(NETLINK_SOCK_DIAG);
	if (witness->netlink && has_module(witness))
		return witness;
	witness->proc = witness_proc_open(error);
	if (witness->proc)
		return witness;
	witness_close(witness);
	return NULL;
}

bool witness_is_slow(const struct witness *witness)
{
	return witness->proc;
}

int witness_ask(struct witness *witness, const struct pair *pair, struct sighting *sighting, struct error *error)
{
	struct kernel_socket socket;
	int found = find(witness, pair, &socket, error);

	if (found < 0)
		return -1;
	*sighting = (struct sighting){ .state = STATE_CLOSED, .listener = found && socket.kernel_state == TCP_LISTEN };
	if (!found || socket.kernel_state == TCP_LISTEN)
		return 0;
	*sighting = socket.sighting;
	sighting->state = witness_state(socket.kernel_state, sighting->inode);
	return 0;
}

int witness_ask_listener(struct witness *witness, const struct endpoint *listener, struct sighting *sighting,
			 struct error *error)
{
	struct pair pair = { .crafted.address.family = listener->address.family, .subject = *listener };
	struct kernel_socket socket;
	int found = find(witness, &pair, &socket, error);

	if (found < 0)
		return -1;
	if (!found || socket.kernel_state != TCP_LISTEN) {
		char text[ENDPOINT_TEXT_SIZE];

		return fail(error, "nothing listens on %s", endpoint_format(listener, text, sizeof(text)));
	}
	*sighting = socket.sighting;
	sighting->state = STATE_LISTEN;
	return 0;
}

void witness_close(struct witness *witness)
{
	if (!witness)
		return;
	if (witness->netlink)
		mnl_socket_close(witness->netlink);
	witness_proc_close(witness->proc);
	free(witness);
}
