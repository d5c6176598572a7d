/* late_close.c - see unix(7) on SCM_RIGHTS. */
#include "crafter/late_close.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Sends both through `to`: whoever would receive them is the first of the two. */
static int send_both(int to, int first, int second)
{
	const int both[2] = { first, second };
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(both))] = "";
	char byte = 0;
	struct iovec vector = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *part = CMSG_FIRSTHDR(&message);

	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof(both));
	memcpy(CMSG_DATA(part), both, sizeof(both));
	return sendmsg(to, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

struct late_close late_close_begin(int descriptor)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return (struct late_close){ -1, -1 };
	if (send_both(pair[1], pair[0], descriptor) == 0)
		return (struct late_close){ pair[0], pair[1] };
	close(pair[0]);
	close(pair[1]);
	return (struct late_close){ -1, -1 };
}

void late_close_end(const struct late_close *kept)
{
	if (kept->holder < 0)
		return;
	close(kept->holder);
	close(kept->waker);
}
