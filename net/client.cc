#include "net/client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <stdexcept>

#include "net/tcp.h"
#include "net/web_socket.h"

namespace systask::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using Error = boost::system::error_code;
using Resolver = asio::ip::basic_resolver<tcp, Executor>;
using OnOpen = std::function<std::shared_ptr<Peer>(std::shared_ptr<Connection>)>;
using OnFailed = std::function<void(std::string)>;

constexpr std::uint64_t kAnswerBytes = std::uint64_t{256} << 20;

// One attempt to open a WebSocket: resolves, connects, shakes hands, each in its time.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(asio::io_context& io, Address address, std::string path)
      : address_(std::move(address)),
        path_(std::move(path)),
        name_(host_and_port(address_.host, address_.port)),
        resolver_(io),
        socket_(io),
        timer_(io) {}

  void begin(const WebSocket::Options& options, OnOpen on_open, OnFailed on_failed) {
    options_ = options;
    on_open_ = std::move(on_open);
    on_failed_ = std::move(on_failed);
    arm("the name was not resolved");
    resolver_.async_resolve(
        address_.host, address_.port,
        [self = shared_from_this()](Error error, const Resolver::results_type& found) {
          if (error) return self->fail(error.message());
          self->connect(found);
        });
  }

 private:
  void connect(const Resolver::results_type& found) {
    if (done_) return;
    arm("no connection");
    asio::async_connect(socket_, found,
                        [self = shared_from_this()](Error error, const tcp::endpoint&) {
                          if (error) return self->fail(error.message());
                          self->shake_hands();
                        });
  }

  void shake_hands() {
    if (done_) return;
    timer_.cancel();
    const auto web_socket = WebSocket::make(std::move(socket_), options_, {});
    web_socket->handshake(name_, path_, [self = shared_from_this(), web_socket](std::string why) {
      if (!why.empty()) return self->fail(why);
      self->done_ = true;
      const OnOpen on_open = std::move(self->on_open_);
      self->on_failed_ = nullptr;
      web_socket->serve(on_open(web_socket));
    });
  }

  void arm(const char* missed) {
    timer_.expires_after(options_.timeout);
    timer_.async_wait([self = shared_from_this(), missed](Error error) {
      if (error) return;
      self->fail(std::string{missed} + " within " + std::to_string(self->options_.timeout.count()) +
                 " ms");
      Error ignored;
      self->resolver_.cancel();
      self->socket_.close(ignored);
    });
  }

  void fail(const std::string& why) {
    if (std::exchange(done_, true)) return;
    timer_.cancel();
    const OnFailed on_failed = std::move(on_failed_);
    on_open_ = nullptr;
    on_failed("connect " + name_ + ": " + why);
  }

  const Address address_;
  const std::string path_;
  const std::string name_;
  Resolver resolver_;
  TcpSocket socket_;
  asio::steady_timer timer_;
  WebSocket::Options options_{};
  OnOpen on_open_;
  OnFailed on_failed_;
  bool done_ = false;
};

// The parts of one http_request(), in the order in which they happen.
class Exchange {
 public:
  Exchange(const Address& address, http::request<http::string_body> request)
      : address_(address), request_(std::move(request)) {
    parser_.body_limit(kAnswerBytes);
    parser_.skip(request_.method() == http::verb::head);
  }

  // Empty where the answer has come, else what went wrong.
  std::string run(std::chrono::milliseconds timeout) {
    failure_ = "no answer within " + std::to_string(timeout.count()) + " ms";
    resolver_.async_resolve(address_.host, address_.port,
                            [this](Error error, const Resolver::results_type& found) {
                              if (!failed(error)) connect(found);
                            });
    io_.run_for(timeout);
    return failure_;
  }

  HttpResponse answer() {
    auto& response = parser_.get();
    const auto type = response[http::field::content_type];
    return {.status = static_cast<int>(response.result_int()),
            .content_type = {type.data(), type.size()},
            .body = std::move(response.body())};
  }

 private:
  bool failed(Error error) {
    if (error) failure_ = error.message();
    return error.failed();
  }

  void connect(const Resolver::results_type& found) {
    asio::async_connect(socket_, found, [this](Error error, const tcp::endpoint&) {
      if (failed(error)) return;
      http::async_write(socket_, request_, [this](Error unsent, std::size_t) {
        // A server that refuses early has answered although it did not read everything.
        if (unsent != asio::error::broken_pipe && failed(unsent)) return;
        read();
      });
    });
  }

  void read() {
    http::async_read(socket_, buffer_, parser_, [this](Error error, std::size_t) {
      if (!failed(error)) failure_.clear();
    });
  }

  const Address& address_;
  asio::io_context io_{1};
  Resolver resolver_{io_};
  TcpSocket socket_{io_};
  http::request<http::string_body> request_;
  http::response_parser<http::string_body> parser_;
  boost::beast::flat_buffer buffer_;
  std::string failure_;
};

}  // namespace

void connect(asio::io_context& io, const Address& address, const std::string& path,
             const Limits& limits, std::chrono::milliseconds timeout, OnOpen on_open,
             OnFailed on_failed) {
  std::make_shared<Attempt>(io, address, path)
      ->begin({limits, timeout}, std::move(on_open), std::move(on_failed));
}

HttpResponse http_request(const Address& address, const std::string& method,
                          const std::string& target, const std::string& body,
                          const std::string& bearer, std::chrono::milliseconds timeout) {
  const std::string name = host_and_port(address.host, address.port);
  http::request<http::string_body> request;
  request.version(11);
  request.method_string({method.data(), method.size()});
  request.target({target.data(), target.size()});
  request.set(http::field::host, name);
  request.keep_alive(false);
  if (!bearer.empty()) request.set(http::field::authorization, "Bearer " + bearer);
  if (!body.empty()) request.set(http::field::content_type, "application/json");
  request.body() = body;
  request.prepare_payload();

  Exchange exchange{address, std::move(request)};
  const std::string failure = exchange.run(timeout);
  if (!failure.empty())
    throw std::runtime_error(method + " http://" + name + target + ": " + failure +
                             ". Is the service running at this address?");
  return exchange.answer();
}

}  // namespace systask::net
