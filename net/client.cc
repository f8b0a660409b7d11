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

std::string text_of(boost::beast::string_view view) { return {view.data(), view.size()}; }

http::request<http::string_body> request_of(const HttpCall& call) {
  http::request<http::string_body> request;
  request.version(11);
  request.method_string({call.method.data(), call.method.size()});
  request.target({call.target.data(), call.target.size()});
  request.set(http::field::host, host_and_port(call.to.host, call.to.port));
  for (const auto& [name, value] : call.headers)
    request.set(boost::beast::string_view{name.data(), name.size()}, value);
  request.keep_alive(false);
  request.body() = call.body;
  request.prepare_payload();
  return request;
}

// The parts of one http_call(), in the order in which they happen.
class Exchange {
 public:
  explicit Exchange(const HttpCall& call) : call_(call), request_(request_of(call)) {
    parser_.body_limit(call.answer_bytes);
    parser_.skip(request_.method() == http::verb::head);
  }

  // Empty where the answer has come, else what went wrong.
  std::string run() {
    failure_ = "no answer within " + std::to_string(call_.timeout.count()) + " ms";
    resolver_.async_resolve(call_.to.host, call_.to.port,
                            [this](Error error, const Resolver::results_type& found) {
                              if (!failed(error)) connect(found);
                            });
    const std::stop_callback wake{call_.stop, [this] { io_.stop(); }};
    io_.run_for(call_.timeout);
    if (!failure_.empty() && call_.stop.stop_requested()) return "stopped before the answer came";
    return failure_;
  }

  HttpReply answer() {
    auto& response = parser_.get();
    const auto type = response[http::field::content_type];
    HttpReply reply{{.status = static_cast<int>(response.result_int()),
                     .content_type = {type.data(), type.size()},
                     .body = std::move(response.body())},
                    cut_};
    for (const auto& field : response)
      reply.response.headers.emplace_back(text_of(field.name_string()), text_of(field.value()));
    return reply;
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
      cut_ = error == http::error::body_limit;
      if (cut_ || !failed(error)) failure_.clear();
    });
  }

  const HttpCall& call_;
  asio::io_context io_{1};
  Resolver resolver_{io_};
  TcpSocket socket_{io_};
  http::request<http::string_body> request_;
  http::response_parser<http::string_body> parser_;
  boost::beast::flat_buffer buffer_;
  std::string failure_;
  bool cut_ = false;
};

HttpReply reply_to(const HttpCall& call, const char* advice) {
  Exchange exchange{call};
  const std::string failure = exchange.run();
  if (!failure.empty())
    throw std::runtime_error(call.method + " http://" + host_and_port(call.to.host, call.to.port) +
                             call.target + ": " + failure + advice);
  return exchange.answer();
}

}  // namespace

void connect(asio::io_context& io, const Address& address, const std::string& path,
             const ConnectOptions& options, OnOpen on_open, OnFailed on_failed) {
  std::make_shared<Attempt>(io, address, path)
      ->begin({options.limits, options.timeout}, std::move(on_open), std::move(on_failed));
}

HttpReply http_call(const HttpCall& call) { return reply_to(call, ""); }

HttpResponse http_request(const Address& address, const std::string& method,
                          const std::string& target, const std::string& body,
                          const std::string& bearer, std::chrono::milliseconds timeout) {
  HttpCall call{
      .to = address, .method = method, .target = target, .body = body, .timeout = timeout};
  if (!bearer.empty()) call.headers.emplace_back("Authorization", "Bearer " + bearer);
  if (!body.empty()) call.headers.emplace_back("Content-Type", "application/json");
  HttpReply reply = reply_to(call, ". Is the service running at this address?");
  if (reply.cut) throw std::runtime_error("the answer of " + address.host + " is too long");
  return std::move(reply.response);
}

}  // namespace systask::net
