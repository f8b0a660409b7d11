#include "net/server.h"

#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <stdexcept>

#include "base/log.h"
#include "net/http_session.h"

namespace systask::net {
namespace {

namespace asio = boost::asio;
using boost::asio::ip::tcp;
using Error = boost::system::error_code;

// So many more than the limit are told 503; beyond that they are closed without a word.
constexpr std::size_t kRefusedAtOnce = 64;
// Accepting fails where file descriptors run out: then it waits for some to come free.
constexpr std::chrono::milliseconds kAcceptPause{100};

// The address itself, or that of a name: the first of IPv4 where it has one. Waits for the
// system's resolver.
asio::ip::address address_of(const std::string& host) {
  Error error;
  const auto address = asio::ip::make_address(host, error);
  if (!error) return address;
  asio::io_context io;
  const auto found = tcp::resolver{io}.resolve(host, "0", tcp::resolver::passive);
  for (const auto& one : found)
    if (one.endpoint().address().is_v4()) return one.endpoint().address();
  return found.begin()->endpoint().address();
}

}  // namespace

std::string host_and_port(const std::string& host, const std::string& port) {
  if (host.find(':') != std::string::npos) return '[' + host + "]:" + port;
  return host + ':' + port;
}

std::string remote_of(const TcpSocket& socket) {
  Error error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return "?";
  return host_and_port(remote.address().to_string(), std::to_string(remote.port()));
}

std::string local_address_of(const TcpSocket& socket) {
  Error error;
  const auto local = socket.local_endpoint(error);
  if (error) return {};
  if (!local.address().is_v6()) return local.address().to_string();
  asio::ip::address_v6 address = local.address().to_v6();
  if (address.is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address).to_string();
  address.scope_id(0);
  return address.to_string();
}

class Server::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, ServerOptions options, Handlers handlers)
      : acceptor_(io), retry_(io), context_(std::make_shared<ServerContext>(std::move(options))) {
    context_->handlers = std::move(handlers);
  }

  void start() {
    const ServerOptions& options = context_->options;
    try {
      const tcp::endpoint endpoint{address_of(options.address), options.port};
      acceptor_.open(endpoint.protocol());
      acceptor_.set_option(asio::socket_base::reuse_address{true});
      acceptor_.bind(endpoint);
      acceptor_.listen();
      port_ = acceptor_.local_endpoint().port();
    } catch (const boost::system::system_error& error) {
      throw std::runtime_error(
          "cannot listen on " + host_and_port(options.address, std::to_string(options.port)) +
          ": " + error.code().message() + ". Choose a free address, or stop what has it.");
    }
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] { self->accept(); });
  }

  void stop() {
    asio::dispatch(acceptor_.get_executor(), [self = shared_from_this()] {
      Error ignored;
      self->stopped_ = true;
      self->acceptor_.close(ignored);
      self->retry_.cancel();
      self->context_->open->stop_all();
    });
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  [[nodiscard]] Busy busy() const {
    return {context_->bodies.refused(), context_->answers.refused(), refused_};
  }

 private:
  void accept() {
    if (stopped_) return;
    acceptor_.async_accept([self = shared_from_this()](Error error, TcpSocket socket) {
      if (self->stopped_) return;
      if (error) return self->accept_later(error);
      self->serve(std::move(socket));
      self->accept();
    });
  }

  void serve(TcpSocket socket) {
    const std::size_t open = context_->open->size();
    if (open < context_->options.connections) return serve_http(std::move(socket), context_);
    refused_ += 1;
    log::warn("a connection was refused: the server is full",
              {{"remote", remote_of(socket)}, {"open", open}});
    if (open < context_->options.connections + kRefusedAtOnce)
      refuse_http(std::move(socket), context_);
  }

  void accept_later(Error error) {
    log::warn("accepting a connection failed", {{"error", error.message()}});
    retry_.expires_after(kAcceptPause);
    retry_.async_wait([self = shared_from_this()](Error) { self->accept(); });
  }

  asio::basic_socket_acceptor<tcp, Executor> acceptor_;
  asio::steady_timer retry_;
  std::shared_ptr<ServerContext> context_;
  std::uint16_t port_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  bool stopped_ = false;  // on the io thread
};

Server::Server(asio::io_context& io, ServerOptions options, Handlers handlers)
    : impl_(std::make_shared<Impl>(io, std::move(options), std::move(handlers))) {}

Server::~Server() { stop(); }

void Server::start() { impl_->start(); }
void Server::stop() { impl_->stop(); }
std::uint16_t Server::port() const { return impl_->port(); }
Busy Server::busy() const { return impl_->busy(); }

}  // namespace systask::net
