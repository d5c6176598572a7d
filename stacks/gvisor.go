// gVisor's netstack as a subject: on the tap and the addresses that the environment names, it does with each connection what the
// window of its SYN asks for (docs/stacks.md). Netstack does not show that window, so it is read from the frames on their way in.
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/fdbased"
	"gvisor.dev/gvisor/pkg/tcpip/link/tun"
	"gvisor.dev/gvisor/pkg/tcpip/network/arp"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

const (
	nic        = 1
	askClose   = 61000
	askHold    = 61001
	askHalf    = 61002
	askEOF     = 61003
	askEOFHalf = 61004
)

var (
	mutex sync.Mutex
	asked = map[string]uint16{} // windows of SYNs, by the client's address and port
	held  []net.Conn            // until they are reset
)

func die(what string, err interface{}) {
	fmt.Fprintln(os.Stderr, what, err)
	os.Exit(1)
}

func setting(name string) string {
	value := os.Getenv(name)
	if value == "" {
		die(name, "is not set; start it with twprobe --engine=exec")
	}
	return value
}

// As gVisor's own sandbox sets its stack up.
func makeStack() *stack.Stack {
	s := stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol, ipv6.NewProtocol, arp.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol},
	})
	sack, moderate := tcpip.TCPSACKEnabled(true), tcpip.TCPModerateReceiveBufferOption(true)
	s.SetTransportProtocolOption(tcp.ProtocolNumber, &sack)
	s.SetTransportProtocolOption(tcp.ProtocolNumber, &moderate)
	return s
}

func addAddress(s *stack.Stack, protocol tcpip.NetworkProtocolNumber, address net.IP, bits int) {
	with := tcpip.AddressWithPrefix{Address: tcpip.Address(address), PrefixLen: bits}
	err := s.AddProtocolAddress(nic, tcpip.ProtocolAddress{Protocol: protocol, AddressWithPrefix: with},
		stack.AddressProperties{})
	if err != nil {
		die("address", err)
	}
}

func configure(s *stack.Stack, endpoint stack.LinkEndpoint) {
	if err := s.CreateNIC(nic, endpoint); err != nil {
		die("interface", err)
	}
	gateway := tcpip.Address(net.ParseIP(setting("TWPROBE_GATEWAY")).To4())
	gateway6 := tcpip.Address(net.ParseIP(setting("TWPROBE_GATEWAY6")))
	addAddress(s, ipv4.ProtocolNumber, net.ParseIP(setting("TWPROBE_ADDRESS")).To4(), 24)
	addAddress(s, ipv6.ProtocolNumber, net.ParseIP(setting("TWPROBE_ADDRESS6")), 64)
	local := tcpip.AddressWithPrefix{Address: gateway, PrefixLen: 24}
	local6 := tcpip.AddressWithPrefix{Address: gateway6, PrefixLen: 64}
	s.SetRouteTable([]tcpip.Route{
		{Destination: local.Subnet(), NIC: nic}, {Destination: local6.Subnet(), NIC: nic},
		{Destination: header.IPv4EmptySubnet, Gateway: gateway, NIC: nic},
		{Destination: header.IPv6EmptySubnet, Gateway: gateway6, NIC: nic},
	})
}

func openTap() stack.LinkEndpoint {
	fd, err := tun.OpenTAP(setting("TWPROBE_TAP"))
	if err != nil {
		die("tap device:", err)
	}
	unix.SetNonblock(fd, true)
	mac, err := net.ParseMAC(setting("TWPROBE_MAC"))
	if err != nil {
		die("hardware address:", err)
	}
	endpoint, err := fdbased.New(&fdbased.Options{FDs: []int{fd}, MTU: 1500, EthernetHeader: true,
		Address: tcpip.LinkAddress(mac)})
	if err != nil {
		die("interface:", err)
	}
	return &watcher{LinkEndpoint: endpoint}
}

func hold(connection net.Conn) {
	mutex.Lock()
	held = append(held, connection)
	mutex.Unlock()
}

func serve(connection net.Conn) {
	client := connection.RemoteAddr()
	if client == nil { // reset already
		connection.Close()
		return
	}
	mutex.Lock()
	window := asked[client.String()]
	mutex.Unlock()
	switch window {
	case askHold:
		hold(connection)
	case askHalf:
		connection.(*gonet.TCPConn).CloseWrite()
		hold(connection)
	case askEOF:
		io.Copy(io.Discard, connection)
		connection.Close()
	case askEOFHalf:
		io.Copy(io.Discard, connection)
		connection.(*gonet.TCPConn).CloseWrite()
		hold(connection)
	default:
		connection.Close()
	}
}

func listen(s *stack.Stack, protocol tcpip.NetworkProtocolNumber, port uint16) {
	listener, err := gonet.ListenTCP(s, tcpip.FullAddress{NIC: nic, Port: port}, protocol)
	if err != nil {
		die("listening:", err)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			die("accepting:", err)
		}
		go serve(connection)
	}
}

func main() {
	port, err := strconv.ParseUint(setting("TWPROBE_PORT"), 10, 16)
	if err != nil {
		die("port:", err)
	}
	s := makeStack()
	configure(s, openTap())
	listen(s, ipv6.ProtocolNumber, uint16(port)) // and IPv4 with it
}

// watcher is the link endpoint with an eye on SYNs.
type watcher struct {
	stack.LinkEndpoint
	dispatcher stack.NetworkDispatcher
}

func (w *watcher) Attach(dispatcher stack.NetworkDispatcher) {
	w.dispatcher = dispatcher
	w.LinkEndpoint.Attach(w)
}

func noteWindow(source net.IP, segment []byte) {
	if len(segment) < header.TCPMinimumSize || segment[13]&0x12 != 2 { // SYN without ACK
		return
	}
	port := int(binary.BigEndian.Uint16(segment))
	mutex.Lock()
	asked[net.JoinHostPort(source.String(), strconv.Itoa(port))] = binary.BigEndian.Uint16(segment[14:])
	mutex.Unlock()
}

func (w *watcher) DeliverNetworkPacket(protocol tcpip.NetworkProtocolNumber, packet stack.PacketBufferPtr) {
	bytes := packet.Data().AsRange().ToSlice()
	if protocol == ipv4.ProtocolNumber && len(bytes) >= header.IPv4MinimumSize && bytes[9] == 6 {
		if size := int(bytes[0]&15) * 4; size <= len(bytes) {
			noteWindow(net.IP(bytes[12:16]), bytes[size:])
		}
	}
	if protocol == ipv6.ProtocolNumber && len(bytes) >= header.IPv6MinimumSize && bytes[6] == 6 {
		noteWindow(net.IP(bytes[8:24]), bytes[header.IPv6MinimumSize:])
	}
	w.dispatcher.DeliverNetworkPacket(protocol, packet)
}

func (w *watcher) DeliverLinkPacket(protocol tcpip.NetworkProtocolNumber, packet stack.PacketBufferPtr, incoming bool) {
	w.dispatcher.DeliverLinkPacket(protocol, packet, incoming)
}
