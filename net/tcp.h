// The socket types of this room: bound to the io_context itself, not to a type-erased
// executor, because every frame costs several posts.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>

namespace systask::net {

using Executor = boost::asio::io_context::executor_type;
using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

// "127.0.0.1:49152", "[::1]:49152"; "?" where the other end has already gone.
[[nodiscard]] std::string remote_of(const TcpSocket& socket);

// The address at which the socket's other end found it: "127.0.0.1", "::1"; an IPv4 address that
// came in by IPv6 as IPv4. Empty where it is not known.
[[nodiscard]] std::string local_address_of(const TcpSocket& socket);

[[nodiscard]] std::string host_and_port(const std::string& host, const std::string& port);

}  // namespace systask::net
