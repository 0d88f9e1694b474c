//! Sockets: passed through, with the streams and polls of this component.

use alloc::string::String;
use alloc::vec::Vec;

use super::Component;
use super::bindings::exports::wasi::io::streams::{InputStream, OutputStream};
use super::bindings::exports::wasi::sockets::{
    ip_name_lookup, tcp, tcp_create_socket, udp, udp_create_socket,
};
use super::bindings::wasi::sockets as host;
use super::io::{input, output};
use host::network::{ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Network};
use host::tcp::ShutdownType;
use host::udp::{IncomingDatagram, OutgoingDatagram};

type Result<T> = core::result::Result<T, ErrorCode>;

/// A TCP socket of the host.
pub(crate) struct TcpSocket(host::tcp::TcpSocket);

impl tcp::Guest for Component {
    type TcpSocket = TcpSocket;
}

impl tcp_create_socket::Guest for Component {
    fn create_tcp_socket(family: IpAddressFamily) -> Result<tcp::TcpSocket> {
        Ok(tcp::TcpSocket::new(TcpSocket(host::tcp_create_socket::create_tcp_socket(family)?)))
    }
}

impl tcp::GuestTcpSocket for TcpSocket {
    fn finish_connect(&self) -> Result<(InputStream, OutputStream)> {
        let (incoming, outgoing) = self.0.finish_connect()?;
        Ok((input(incoming), output(outgoing)))
    }

    fn accept(&self) -> Result<(tcp::TcpSocket, InputStream, OutputStream)> {
        let (socket, incoming, outgoing) = self.0.accept()?;
        Ok((tcp::TcpSocket::new(TcpSocket(socket)), input(incoming), output(outgoing)))
    }

    pass! {
        subscribe;
        start_bind(network: &Network, address: IpSocketAddress) -> Result<()>;
        finish_bind() -> Result<()>;
        start_connect(network: &Network, address: IpSocketAddress) -> Result<()>;
        start_listen() -> Result<()>;
        finish_listen() -> Result<()>;
        local_address() -> Result<IpSocketAddress>;
        remote_address() -> Result<IpSocketAddress>;
        is_listening() -> bool;
        address_family() -> IpAddressFamily;
        set_listen_backlog_size(value: u64) -> Result<()>;
        keep_alive_enabled() -> Result<bool>;
        set_keep_alive_enabled(value: bool) -> Result<()>;
        keep_alive_idle_time() -> Result<u64>;
        set_keep_alive_idle_time(value: u64) -> Result<()>;
        keep_alive_interval() -> Result<u64>;
        set_keep_alive_interval(value: u64) -> Result<()>;
        keep_alive_count() -> Result<u32>;
        set_keep_alive_count(value: u32) -> Result<()>;
        hop_limit() -> Result<u8>;
        set_hop_limit(value: u8) -> Result<()>;
        receive_buffer_size() -> Result<u64>;
        set_receive_buffer_size(value: u64) -> Result<()>;
        send_buffer_size() -> Result<u64>;
        set_send_buffer_size(value: u64) -> Result<()>;
        shutdown(kind: ShutdownType) -> Result<()>;
    }
}

/// A UDP socket of the host.
pub(crate) struct UdpSocket(host::udp::UdpSocket);

/// The datagrams that a socket of the host receives.
pub(crate) struct Incoming(host::udp::IncomingDatagramStream);

/// The datagrams that a socket of the host sends.
pub(crate) struct Outgoing(host::udp::OutgoingDatagramStream);

impl udp::Guest for Component {
    type UdpSocket = UdpSocket;
    type IncomingDatagramStream = Incoming;
    type OutgoingDatagramStream = Outgoing;
}

impl udp_create_socket::Guest for Component {
    fn create_udp_socket(family: IpAddressFamily) -> Result<udp::UdpSocket> {
        Ok(udp::UdpSocket::new(UdpSocket(host::udp_create_socket::create_udp_socket(family)?)))
    }
}

impl udp::GuestUdpSocket for UdpSocket {
    fn stream(
        &self,
        remote: Option<IpSocketAddress>,
    ) -> Result<(udp::IncomingDatagramStream, udp::OutgoingDatagramStream)> {
        let (incoming, outgoing) = self.0.stream(remote)?;
        let incoming = udp::IncomingDatagramStream::new(Incoming(incoming));
        Ok((incoming, udp::OutgoingDatagramStream::new(Outgoing(outgoing))))
    }

    pass! {
        subscribe;
        start_bind(network: &Network, address: IpSocketAddress) -> Result<()>;
        finish_bind() -> Result<()>;
        local_address() -> Result<IpSocketAddress>;
        remote_address() -> Result<IpSocketAddress>;
        address_family() -> IpAddressFamily;
        unicast_hop_limit() -> Result<u8>;
        set_unicast_hop_limit(value: u8) -> Result<()>;
        receive_buffer_size() -> Result<u64>;
        set_receive_buffer_size(value: u64) -> Result<()>;
        send_buffer_size() -> Result<u64>;
        set_send_buffer_size(value: u64) -> Result<()>;
    }
}

impl udp::GuestIncomingDatagramStream for Incoming {
    pass! {
        subscribe;
        receive(max: u64) -> Result<Vec<IncomingDatagram>>;
    }
}

impl udp::GuestOutgoingDatagramStream for Outgoing {
    fn send(&self, datagrams: Vec<OutgoingDatagram>) -> Result<u64> {
        self.0.send(&datagrams)
    }

    pass! {
        subscribe;
        check_send() -> Result<u64>;
    }
}

/// The addresses of a name, as the host resolves it.
pub(crate) struct Addresses(host::ip_name_lookup::ResolveAddressStream);

impl ip_name_lookup::Guest for Component {
    type ResolveAddressStream = Addresses;

    fn resolve_addresses(network: &Network, name: String) -> Result<ip_name_lookup::ResolveAddressStream> {
        let addresses = host::ip_name_lookup::resolve_addresses(network, &name)?;
        Ok(ip_name_lookup::ResolveAddressStream::new(Addresses(addresses)))
    }
}

impl ip_name_lookup::GuestResolveAddressStream for Addresses {
    pass! {
        subscribe;
        resolve_next_address() -> Result<Option<IpAddress>>;
    }
}
