/* genl.c - the header of generic netlink, and the controller that knows the families. */
#include "harness/lab/genl.h"

#include <linux/genetlink.h>
#include <string.h>

#include "listener/netlink.h"

void genl_begin(struct genl_request *request, uint16_t family, uint8_t command, uint8_t version, uint16_t flags)
{
	struct genlmsghdr *generic;

	memset(request->buffer, 0, sizeof(request->buffer));
	request->header = mnl_nlmsg_put_header(request->buffer);
	request->header->nlmsg_type = family;
	request->header->nlmsg_flags = NLM_F_REQUEST | flags;
	generic = mnl_nlmsg_put_extra_header(request->header, sizeof(*generic));
	generic->cmd = command;
	generic->version = version;
}

static int take_id(const struct nlattr *attribute, void *context)
{
	if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID)
		*(uint16_t *)context = mnl_attr_get_u16(attribute);
	return MNL_CB_OK;
}

static int read_family(const struct nlmsghdr *header, void *context)
{
	return mnl_attr_parse(header, sizeof(struct genlmsghdr), take_id, context);
}

uint16_t genl_family(struct mnl_socket *netlink, const char *name)
{
	struct genl_request request;
	uint16_t id = 0;

	genl_begin(&request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, 0);
	mnl_attr_put_strz(request.header, CTRL_ATTR_FAMILY_NAME, name);
	return netlink_run(netlink, request.header, read_family, &id) < 0 ? 0 : id;
}
