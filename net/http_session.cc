#include "net/http_session.h"

#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <optional>

#include "base/clock.h"
#include "base/log.h"
#include "net/http_date.h"
#include "net/request_head.h"
#include "net/target.h"
#include "net/web_socket.h"

namespace systask::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Error = boost::beast::error_code;
using Stream = boost::beast::basic_stream<asio::ip::tcp, Executor>;
using Request = WebSocket::Request;

constexpr std::uint32_t kHeaderBytes = 16 << 10;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// RFC 9457. The texts are ours and need no escaping.
HttpResponse problem(http::status status, const std::string& detail) {
  const auto title = http::obsolete_reason(status);
  return {.status = static_cast<int>(status),
          .content_type = "application/problem+json",
          .body = R"({"type":"about:blank","title":")" + std::string{title.data(), title.size()} +
                  R"(","status":)" + std::to_string(static_cast<int>(status)) + R"(,"detail":")" +
                  detail + R"("})"};
}

HttpResponse busy(const std::string& what) {
  HttpResponse response = problem(http::status::service_unavailable, what + ": try again");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

std::string text_of(boost::beast::string_view view) { return {view.data(), view.size()}; }

std::string bearer_of(const Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const auto value = request[http::field::authorization];
  if (!boost::beast::iequals(value.substr(0, kScheme.size()), {kScheme.data(), kScheme.size()}))
    return {};
  return text_of(value.substr(kScheme.size()));
}

// The fields refer to the request.
RequestHead head_of(const Request& request) {
  RequestHead head{{request.target().data(), request.target().size()}, request.version(), {}};
  for (const auto& field : request)
    head.fields.emplace_back(
        std::string_view{field.name_string().data(), field.name_string().size()},
        std::string_view{field.value().data(), field.value().size()});
  return head;
}

class HttpSession final : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(TcpSocket socket, std::shared_ptr<const ServerContext> context)
      : remote_(remote_of(socket)),
        local_(local_address_of(socket)),
        stream_(std::move(socket)),
        context_(std::move(context)) {
    Error ignored;
    stream_.socket().set_option(asio::ip::tcp::no_delay{true}, ignored);
  }

  // Stopped by the server: an answer that is under way still goes out.
  void enlist() {
    slot_ = context_->open->add([weak = weak_from_this()] {
      if (const auto session = weak.lock()) session->stop();
    });
  }

  void read_header();
  void refuse() {
    respond(problem(http::status::service_unavailable,
                    "the server has as many connections as it may: try again later"));
  }

 private:
  enum class Stage { kReading, kAnswering, kEnding };

  void on_header(Error error);
  [[nodiscard]] std::size_t bytes_to_come() const;
  [[nodiscard]] std::optional<HeadRefusal> refusal_of(const Request& request) const;
  void read_body();
  void on_request();
  void ask(Request request, Target target);
  void upgrade(Request request, const Target& target);
  void on_broken(Error error);
  void respond(HttpResponse answer);
  void on_responded(Error error);
  void linger();
  void discard();
  void drop();
  void stop();

  const std::string remote_;
  const std::string local_;
  Stream stream_;
  std::shared_ptr<const ServerContext> context_;
  OpenSessions::Slot slot_;
  ByteBudget::Share body_share_;
  ByteBudget::Share answer_share_;
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  Stage stage_ = Stage::kReading;
  bool keep_alive_ = false;  // after the answer under way
  bool bodiless_ = false;    // the answer to a HEAD
  bool stopping_ = false;
};

// The time allowed covers the wait for the request and all of its bytes, however they drip.
void HttpSession::read_header() {
  stage_ = Stage::kReading;
  keep_alive_ = bodiless_ = false;
  parser_.emplace();
  parser_->body_limit(context_->options.body_bytes);
  parser_->header_limit(kHeaderBytes);
  stream_.expires_after(context_->options.read_timeout);
  http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](Error error, std::size_t) { self->on_header(error); });
}

// What is refused by its head is answered before its body is read, and closes the connection.
void HttpSession::on_header(Error error) {
  if (error) return on_broken(error);
  const Request& request = parser_->get();
  bodiless_ = request.method() == http::verb::head;
  if (const auto refusal = refusal_of(request))
    return respond(
        problem(http::int_to_status(static_cast<unsigned>(refusal->status)), refusal->detail));
  if (!context_->bodies.take(bytes_to_come(), body_share_))
    return respond(busy("too many bodies of requests are being read"));
  if (request[http::field::expect].empty()) return read_body();
  asio::async_write(stream_, asio::buffer(kContinue),
                    [self = shared_from_this()](Error failed, std::size_t) {
                      if (!failed) self->read_body();
                    });
}

// Of the body; where the head does not say, the most that it may have.
std::size_t HttpSession::bytes_to_come() const {
  if (parser_->get().chunked()) return context_->options.body_bytes;
  return static_cast<std::size_t>(parser_->content_length().value_or(0));
}

std::optional<HeadRefusal> HttpSession::refusal_of(const Request& request) const {
  const RequestHead head = head_of(request);
  if (auto refusal = framing_refusal(head)) return refusal;
  if (auto refusal = stranger_refusal(head, {context_->options.allowed_hosts, local_})) {
    log::warn("a request of a stranger was refused",
              {{"remote", remote_},
               {"host", text_of(request[http::field::host])},
               {"origin", text_of(request[http::field::origin])},
               {"why", refusal->detail}});
    return refusal;
  }
  const auto expected = request[http::field::expect];
  if (!expected.empty() && !boost::beast::iequals(expected, "100-continue"))
    return HeadRefusal{417, "nothing can be expected here but 100-continue"};
  return std::nullopt;
}

void HttpSession::read_body() {
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](Error error, std::size_t) {
                     if (error) return self->on_broken(error);
                     self->on_request();
                   });
}

void HttpSession::on_request() {
  stream_.expires_never();
  stage_ = Stage::kAnswering;
  Request request = parser_->release();
  keep_alive_ = request.keep_alive();
  std::optional<Target> target = parse_target({request.target().data(), request.target().size()});
  if (!target)
    return respond(problem(http::status::bad_request,
                           "the target is not a path with an optional query: check its escapes"));
  if (boost::beast::websocket::is_upgrade(request)) return upgrade(std::move(request), *target);
  ask(std::move(request), std::move(*target));
}

void HttpSession::ask(Request request, Target target) {
  HttpRequest asked{.method = text_of(request.method_string()),
                    .path = std::move(target.path),
                    .query = std::move(target.query),
                    .repeated = std::move(target.repeated),
                    .bearer = bearer_of(request),
                    .content_type = text_of(request[http::field::content_type]),
                    .body = std::move(request.body()),
                    .remote = remote_};
  const auto answered = std::make_shared<std::atomic<bool>>(false);
  HttpAnswer answer = [self = shared_from_this(), answered](HttpResponse response) {
    if (answered->exchange(true)) return;
    asio::dispatch(self->stream_.get_executor(), [self, response = std::move(response)]() mutable {
      self->respond(std::move(response));
    });
  };
  try {
    context_->handlers.on_request(std::move(asked), answer);
  } catch (const std::exception& error) {
    log::error("a request could not be handled", {{"remote", remote_}, {"error", error.what()}});
    answer(problem(http::status::internal_server_error,
                   "the request could not be handled: the service's log says why"));
  }
}

// The owner is asked before the handshake, so that a refusal is plain HTTP; what it sends
// meanwhile waits in the queue.
void HttpSession::upgrade(Request request, const Target& target) {
  const auto web_socket = WebSocket::make(
      stream_.release_socket(), {context_->options.limits, context_->options.handshake_timeout},
      boost::beast::buffers_to_string(buffer_.data()));
  HttpResponse refusal = problem(http::status::not_found, "there is no WebSocket on this path");
  std::shared_ptr<Peer> peer;
  try {
    if (const auto& ask = context_->handlers.on_connection) peer = ask(web_socket, target.path);
  } catch (const std::exception& error) {
    log::error("a WebSocket could not be served", {{"remote", remote_}, {"error", error.what()}});
    refusal = problem(http::status::internal_server_error,
                      "the WebSocket could not be served: the service's log says why");
  }
  if (!peer) {
    stream_.socket() = web_socket->decline();
    return respond(std::move(refusal));
  }
  web_socket->occupy(context_->open->add([weak = std::weak_ptr<WebSocket>{web_socket}] {
    if (const auto open = weak.lock()) open->close("the service is stopping");
  }));
  slot_.reset();
  web_socket->accept(std::move(request), std::move(peer));
}

void HttpSession::on_broken(Error error) {
  if (error == http::error::body_limit)
    return respond(problem(
        http::status::payload_too_large,
        "the body is longer than " + std::to_string(context_->options.body_bytes) + " bytes"));
  if (error == http::error::header_limit)
    return respond(problem(http::status::request_header_fields_too_large,
                           "the header is longer than " + std::to_string(kHeaderBytes) + " bytes"));
  const bool gone = error == http::error::end_of_stream || error == http::error::partial_message;
  if (!gone && error.category() == make_error_code(http::error::end_of_stream).category())
    return respond(problem(http::status::bad_request, "this is not an HTTP/1.1 request"));
  drop();  // it has left, or was too slow
}

void HttpSession::respond(HttpResponse answer) {
  stage_ = Stage::kAnswering;
  keep_alive_ = keep_alive_ && !stopping_;
  if (!context_->answers.take(answer.body.size(), answer_share_)) {
    log::warn("an answer was not given: too many wait to be taken",
              {{"remote", remote_}, {"bytes", answer.body.size()}});
    answer = busy("too many answers wait to be taken by slow readers");
  }
  response_ = {};
  response_.version(11);
  response_.result(static_cast<unsigned>(answer.status));
  response_.set(http::field::date, http_date(SystemClock{}.now()));
  if (!answer.content_type.empty()) response_.set(http::field::content_type, answer.content_type);
  for (const auto& [name, value] : answer.headers)
    response_.insert(boost::beast::string_view{name.data(), name.size()}, value);
  response_.keep_alive(keep_alive_);
  response_.body() = std::move(answer.body);
  response_.prepare_payload();
  // RFC 9110, 8.6: an answer that has no content by its status says no length.
  if (response_.result() == http::status::no_content) response_.erase(http::field::content_length);
  if (bodiless_) response_.body().clear();
  stream_.expires_after(context_->options.answer_timeout);
  http::async_write(stream_, response_, [self = shared_from_this()](Error error, std::size_t) {
    self->on_responded(error);
  });
}

void HttpSession::on_responded(Error error) {
  answer_share_.give_back();
  body_share_.give_back();
  response_ = {};
  if (error) {
    drop();
  } else if (keep_alive_ && !stopping_) {
    read_header();
  } else {
    linger();
  }
}

// Closing while the other end still sends would reset the connection before it has read the
// answer; so what comes is discarded until it ends, or for the time a request may take.
void HttpSession::linger() {
  stage_ = Stage::kEnding;
  Error ignored;
  stream_.socket().shutdown(asio::socket_base::shutdown_send, ignored);
  if (stopping_) return drop();
  stream_.expires_after(context_->options.read_timeout);
  buffer_.clear();
  discard();
}

void HttpSession::discard() {
  constexpr std::size_t kPiece = 16 << 10;
  stream_.async_read_some(buffer_.prepare(kPiece),
                          [self = shared_from_this()](Error error, std::size_t) {
                            if (!error) return self->discard();
                            self->drop();
                          });
}

void HttpSession::drop() {
  answer_share_.give_back();
  body_share_.give_back();
  stream_.close();
  slot_.reset();
}

void HttpSession::stop() {
  stopping_ = true;
  if (stage_ != Stage::kAnswering) stream_.close();
}

}  // namespace

void serve_http(TcpSocket socket, std::shared_ptr<const ServerContext> context) {
  const auto session = std::make_shared<HttpSession>(std::move(socket), std::move(context));
  session->enlist();
  session->read_header();
}

void refuse_http(TcpSocket socket, std::shared_ptr<const ServerContext> context) {
  const auto session = std::make_shared<HttpSession>(std::move(socket), std::move(context));
  session->enlist();
  session->refuse();
}

}  // namespace systask::net
