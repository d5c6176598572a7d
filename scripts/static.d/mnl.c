/* mnl.c - the functions of libmnl that twprobe calls, for a static build: Debian has libmnl as a shared library only. Written from
 * libmnl.h and netlink(7); whatever twprobe does not call is not here, and the linker says so. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct mnl_socket {
	int descriptor;
	struct sockaddr_nl own;
};

struct mnl_socket *mnl_socket_open2(int bus, int flags)
{
	struct mnl_socket *netlink = calloc(1, sizeof(*netlink));

	if (!netlink)
		return NULL;
	netlink->descriptor = socket(AF_NETLINK, SOCK_RAW | flags, bus);
	if (netlink->descriptor >= 0)
		return netlink;
	free(netlink);
	return NULL;
}

int mnl_socket_bind(struct mnl_socket *netlink, unsigned groups, pid_t port)
{
	socklen_t size = sizeof(netlink->own);

	netlink->own = (struct sockaddr_nl){ .nl_family = AF_NETLINK, .nl_groups = groups, .nl_pid = (uint32_t)port };
	if (bind(netlink->descriptor, (struct sockaddr *)&netlink->own, size) < 0)
		return -1;
	return getsockname(netlink->descriptor, (struct sockaddr *)&netlink->own, &size);
}

int mnl_socket_close(struct mnl_socket *netlink)
{
	int result = close(netlink->descriptor);

	free(netlink);
	return result;
}

int mnl_socket_get_fd(const struct mnl_socket *netlink)
{
	return netlink->descriptor;
}

unsigned mnl_socket_get_portid(const struct mnl_socket *netlink)
{
	return netlink->own.nl_pid;
}

int mnl_socket_setsockopt(const struct mnl_socket *netlink, int option, void *value, socklen_t size)
{
	return setsockopt(netlink->descriptor, SOL_NETLINK, option, value, size);
}

ssize_t mnl_socket_sendto(const struct mnl_socket *netlink, const void *message, size_t size)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	return sendto(netlink->descriptor, message, size, 0, (const struct sockaddr *)&kernel, sizeof(kernel));
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *netlink, void *buffer, size_t room)
{
	struct sockaddr_nl from;
	struct iovec place = { buffer, room };
	struct msghdr message = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &place, .msg_iovlen = 1 };
	ssize_t size = recvmsg(netlink->descriptor, &message, 0);

	if (size < 0)
		return -1;
	if (message.msg_flags & MSG_TRUNC || message.msg_namelen != sizeof(from)) {
		errno = message.msg_flags & MSG_TRUNC ? ENOSPC : EINVAL;
		return -1;
	}
	return size;
}

struct nlmsghdr *mnl_nlmsg_put_header(void *buffer)
{
	struct nlmsghdr *head = memset(buffer, 0, MNL_NLMSG_HDRLEN);

	head->nlmsg_len = MNL_NLMSG_HDRLEN;
	return head;
}

static void *tail(struct nlmsghdr *head, size_t size)
{
	void *place = (char *)head + MNL_ALIGN(head->nlmsg_len);

	memset(place, 0, MNL_ALIGN(size));
	head->nlmsg_len = (uint32_t)(MNL_ALIGN(head->nlmsg_len) + MNL_ALIGN(size));
	return place;
}

void *mnl_nlmsg_put_extra_header(struct nlmsghdr *head, size_t size)
{
	return tail(head, size);
}

void *mnl_nlmsg_get_payload(const struct nlmsghdr *head)
{
	return (char *)head + MNL_NLMSG_HDRLEN;
}

size_t mnl_nlmsg_get_payload_len(const struct nlmsghdr *head)
{
	return head->nlmsg_len - MNL_NLMSG_HDRLEN;
}

void mnl_attr_put(struct nlmsghdr *head, uint16_t type, size_t size, const void *data)
{
	struct nlattr *attribute = tail(head, MNL_ATTR_HDRLEN + size);

	attribute->nla_type = type;
	attribute->nla_len = (uint16_t)(MNL_ATTR_HDRLEN + size);
	memcpy((char *)attribute + MNL_ATTR_HDRLEN, data, size);
}

void mnl_attr_put_u8(struct nlmsghdr *head, uint16_t type, uint8_t value)
{
	mnl_attr_put(head, type, sizeof(value), &value);
}

void mnl_attr_put_u16(struct nlmsghdr *head, uint16_t type, uint16_t value)
{
	mnl_attr_put(head, type, sizeof(value), &value);
}

void mnl_attr_put_u32(struct nlmsghdr *head, uint16_t type, uint32_t value)
{
	mnl_attr_put(head, type, sizeof(value), &value);
}

void mnl_attr_put_u64(struct nlmsghdr *head, uint16_t type, uint64_t value)
{
	mnl_attr_put(head, type, sizeof(value), &value);
}

void mnl_attr_put_strz(struct nlmsghdr *head, uint16_t type, const char *text)
{
	mnl_attr_put(head, type, strlen(text) + 1, text);
}

struct nlattr *mnl_attr_nest_start(struct nlmsghdr *head, uint16_t type)
{
	struct nlattr *nest = tail(head, MNL_ATTR_HDRLEN);

	nest->nla_type = NLA_F_NESTED | type;
	return nest;
}

void mnl_attr_nest_end(struct nlmsghdr *head, struct nlattr *nest)
{
	nest->nla_len = (uint16_t)((char *)head + head->nlmsg_len - (char *)nest);
}

uint16_t mnl_attr_get_type(const struct nlattr *attribute)
{
	return attribute->nla_type & NLA_TYPE_MASK;
}

uint16_t mnl_attr_get_payload_len(const struct nlattr *attribute)
{
	return (uint16_t)(attribute->nla_len - MNL_ATTR_HDRLEN);
}

void *mnl_attr_get_payload(const struct nlattr *attribute)
{
	return (char *)attribute + MNL_ATTR_HDRLEN;
}

uint8_t mnl_attr_get_u8(const struct nlattr *attribute)
{
	return *(uint8_t *)mnl_attr_get_payload(attribute);
}

uint16_t mnl_attr_get_u16(const struct nlattr *attribute)
{
	return *(uint16_t *)mnl_attr_get_payload(attribute);
}

uint32_t mnl_attr_get_u32(const struct nlattr *attribute)
{
	return *(uint32_t *)mnl_attr_get_payload(attribute);
}

const char *mnl_attr_get_str(const struct nlattr *attribute)
{
	return mnl_attr_get_payload(attribute);
}

/* A number has at least its own bytes, a text one, and a text that ends ends. */
int mnl_attr_validate(const struct nlattr *attribute, enum mnl_attr_data_type type)
{
	static const uint8_t least[MNL_TYPE_MAX] = {
		[MNL_TYPE_U8] = 1, [MNL_TYPE_U16] = 2, [MNL_TYPE_U32] = 4, [MNL_TYPE_U64] = 8, [MNL_TYPE_STRING] = 1,
		[MNL_TYPE_NUL_STRING] = 1, [MNL_TYPE_MSECS] = 8,
	};
	uint16_t size = mnl_attr_get_payload_len(attribute);
	const char *text = mnl_attr_get_payload(attribute);

	errno = (unsigned)type >= MNL_TYPE_MAX ? EINVAL : size < least[type] ? ERANGE :
		type == MNL_TYPE_NUL_STRING && text[size - 1] ? EINVAL : 0;
	return errno ? -1 : 0;
}

static int parse(const char *at, const char *end, mnl_attr_cb_t read, void *context)
{
	while (end - at >= (ssize_t)MNL_ATTR_HDRLEN) {
		const struct nlattr *attribute = (const void *)at;
		int result;

		if (attribute->nla_len < MNL_ATTR_HDRLEN || attribute->nla_len > end - at)
			break;
		result = read(attribute, context);
		if (result <= MNL_CB_STOP)
			return result;
		at += MNL_ALIGN(attribute->nla_len);
	}
	return MNL_CB_OK;
}

int mnl_attr_parse(const struct nlmsghdr *head, unsigned offset, mnl_attr_cb_t read, void *context)
{
	const char *begin = mnl_nlmsg_get_payload(head);

	return parse(begin + MNL_ALIGN(offset), (const char *)head + head->nlmsg_len, read, context);
}

int mnl_attr_parse_nested(const struct nlattr *nest, mnl_attr_cb_t read, void *context)
{
	return parse(mnl_attr_get_payload(nest), (const char *)nest + nest->nla_len, read, context);
}

/* A message that the kernel itself has a meaning for. */
static int control(const struct nlmsghdr *head)
{
	const struct nlmsgerr *problem = mnl_nlmsg_get_payload(head);

	if (head->nlmsg_type == NLMSG_DONE)
		return MNL_CB_STOP;
	if (head->nlmsg_type != NLMSG_ERROR)
		return MNL_CB_OK;
	errno = mnl_nlmsg_get_payload_len(head) < sizeof(*problem) ? EBADMSG : problem->error < 0 ? -problem->error :
		problem->error;
	return errno ? MNL_CB_ERROR : MNL_CB_STOP;
}

int mnl_cb_run(const void *buffer, size_t size, unsigned sequence, unsigned port, mnl_cb_t read, void *context)
{
	const char *at = buffer, *end = at + size;

	while (end - at >= (ssize_t)MNL_NLMSG_HDRLEN) {
		const struct nlmsghdr *head = (const void *)at;
		int result;

		if (head->nlmsg_len < MNL_NLMSG_HDRLEN || head->nlmsg_len > (size_t)(end - at))
			break;
		errno = head->nlmsg_pid && port && head->nlmsg_pid != port ? ESRCH :
			head->nlmsg_seq && sequence && head->nlmsg_seq != sequence ? EPROTO :
			head->nlmsg_flags & NLM_F_DUMP_INTR ? EINTR : 0;
		if (errno)
			return MNL_CB_ERROR;
		result = head->nlmsg_type < NLMSG_MIN_TYPE ? control(head) : read ? read(head, context) : MNL_CB_OK;
		if (result <= MNL_CB_STOP)
			return result;
		at += MNL_ALIGN(head->nlmsg_len);
	}
	return MNL_CB_OK;
}
