#include "peers/link/link.h"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>
#include <map>
#include <random>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "peers/link/frames.h"
#include "peers/link/publications.h"
#include "peers/link/secrets.h"

namespace systask::peers {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{20};
constexpr milliseconds kLongestPause{500};
// A connection that lived this long was a good one: the next pause is the first again.
constexpr std::chrono::seconds kGoodLife{1};

std::int64_t integer_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr) return 0;
  if (const auto* number = value->if_int64()) return *number;
  return 0;
}

std::string_view text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

const json::object& object_of(const json::object& object, std::string_view key) {
  static const json::object kEmpty;
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : kEmpty;
}

}  // namespace

class Link::Impl : public std::enable_shared_from_this<Link::Impl> {
 public:
  Impl(boost::asio::io_context& io, const Clock& clock, LinkOptions options, LinkHandler& handler)
      : io_(io),
        clock_(clock),
        options_(std::move(options)),
        handler_(handler),
        publications_(options_.window),
        random_(options_.seed),
        pause_timer_(io),
        beat_timer_(io),
        ack_timer_(io) {}

  void start() {
    if (running_) return;
    running_ = true;
    connect();
  }
  void stop();
  void lose(std::string_view reason);
  void ask(const Question& question, const json::object* body, OnAnswer on_answer);
  void send_publications();
  void gather_ack(std::int64_t plan, std::int64_t epoch, std::int64_t through);
  void gather_ack_out(std::int64_t through);
  void flush_acks();

  [[nodiscard]] bool logged_in() const { return logged_in_; }
  [[nodiscard]] MonotonicPoint last_heard() const { return last_heard_; }
  Publications& publications() { return publications_; }

 private:
  // One connection's peer. A link that has moved on to another connection no longer
  // listens to the frames of this one.
  class Wire final : public net::Peer {
   public:
    Wire(std::weak_ptr<Impl> link, std::uint64_t life) : link_(std::move(link)), life_(life) {}
    void on_text(std::string_view text) override {
      if (const auto link = link_.lock(); link && link->life_ == life_) link->take(text);
    }
    void on_closed(std::string_view reason) override {
      if (const auto link = link_.lock(); link && link->life_ == life_) link->lose(reason);
    }

   private:
    std::weak_ptr<Impl> link_;
    std::uint64_t life_;
  };

  void connect();
  void pause_and_connect();
  std::shared_ptr<net::Peer> opened(std::shared_ptr<net::Connection> connection,
                                    std::uint64_t life);
  void failed(const std::string& reason);
  void log_in();
  void prove(const json::object& challenge);
  void logged_in_with(const json::object& session);
  void refused(const Refusal& refusal);
  void give_up(const Refusal& refusal);
  void take(std::string_view text);
  void take_answer(const json::object& frame, std::int64_t id);
  void take_other(const json::object& frame);
  void dealt_with(std::size_t count);
  void wait_for_login();
  void beat();
  void arm_acks();
  bool send(std::string text) {
    return connection_ != nullptr && connection_->send(net::make_frame(std::move(text)));
  }

  boost::asio::io_context& io_;
  const Clock& clock_;
  const LinkOptions options_;
  LinkHandler& handler_;
  Publications publications_;
  std::mt19937_64 random_;
  boost::asio::steady_timer pause_timer_;
  boost::asio::steady_timer beat_timer_;
  boost::asio::steady_timer ack_timer_;

  std::shared_ptr<net::Connection> connection_;
  std::uint64_t life_ = 0;  // counts connections: what came of an older one is stale
  bool running_ = false;
  bool logged_in_ = false;
  bool acks_armed_ = false;
  int attempts_ = 0;
  MonotonicPoint last_heard_{};
  MonotonicPoint logged_in_at_{};
  milliseconds heartbeat_{};
  milliseconds silence_{};  // longer means that the connection is dead

  std::int64_t next_id_ = 1;
  std::unordered_map<std::int64_t, OnAnswer> asked_;
  std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> acks_;  // plan: epoch, through
  std::int64_t ack_out_ = 0;

  json::parser parser_;                       // kept, so that its working memory is allocated once
  std::array<unsigned char, 16'384> memory_;  // of one frame's values
};

void Link::Impl::connect() {
  const auto life = ++life_;
  net::connect(
      io_, options_.address, "/ws", {.timeout = options_.connect_timeout},
      [self = shared_from_this(), life](std::shared_ptr<net::Connection> connection) {
        return self->opened(std::move(connection), life);
      },
      [self = shared_from_this(), life](const std::string& reason) {
        if (self->life_ == life) self->failed(reason);
      });
}

void Link::Impl::failed(const std::string& reason) {
  if (attempts_ % 20 == 0)
    log::warn("cannot reach the platform; trying again",
              {{"name", options_.name}, {"reason", reason}});
  pause_and_connect();
}

void Link::Impl::pause_and_connect() {
  if (!running_) return;
  const auto grown = kFirstPause * (1 << std::min(attempts_, 5));
  ++attempts_;
  const auto longest = std::min(grown, kLongestPause).count();
  std::uniform_int_distribution<std::int64_t> jitter{longest / 2, longest};
  pause_timer_.expires_after(milliseconds{jitter(random_)});
  pause_timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error && self->running_) self->connect();
  });
}

std::shared_ptr<net::Peer> Link::Impl::opened(std::shared_ptr<net::Connection> connection,
                                              std::uint64_t life) {
  auto wire = std::make_shared<Wire>(weak_from_this(), life);
  if (!running_ || life != life_) {
    connection->close("no longer wanted");
    return wire;
  }
  connection_ = std::move(connection);
  last_heard_ = clock_.monotonic();
  log_in();
  return wire;
}

void Link::Impl::log_in() {
  wait_for_login();
  const json::object body{{"role", options_.role}, {"name", options_.name}};
  ask({.name = "login"}, &body, [this](const Answer& answer) {
    if (answer.has_value()) return prove(**answer);
    refused(answer.error());
  });
}

void Link::Impl::prove(const json::object& challenge) {
  const std::string text =
      std::string{text_of(challenge, "challenge")} + ":" + options_.role + ":" + options_.name;
  json::object body{{"proof", hmac_sha256(options_.secret, text)}};
  handler_.add_to_prove(body);
  ask({.name = "prove"}, &body, [this](const Answer& answer) {
    if (answer.has_value()) return logged_in_with(**answer);
    refused(answer.error());
  });
}

void Link::Impl::wait_for_login() {
  beat_timer_.expires_after(options_.connect_timeout);
  beat_timer_.async_wait(
      [self = shared_from_this(), life = life_](boost::system::error_code error) {
        if (!error && self->life_ == life && !self->logged_in_)
          self->lose("the login was not answered in time");
      });
}

void Link::Impl::refused(const Refusal& refusal) {
  if (refusal.code == "CONNECTION_LOST") return;
  if (refusal.code != "LOGIN_REFUSED") return lose(refusal.code + ": " + refusal.message);
  give_up(refusal);
}

// To connect again would throw the other process out, and that one us.
void Link::Impl::give_up(const Refusal& refusal) {
  stop();
  handler_.on_refused(refusal);
}

void Link::Impl::logged_in_with(const json::object& session) {
  logged_in_ = true;
  logged_in_at_ = clock_.monotonic();
  const auto beat_ms = integer_of(session, "heartbeat_ms");
  const auto timeout_ms = integer_of(session, "site_timeout_ms");
  heartbeat_ = beat_ms > 0 ? milliseconds{beat_ms} : options_.heartbeat;
  silence_ = timeout_ms > beat_ms ? milliseconds{timeout_ms - beat_ms} : 3 * heartbeat_;
  publications_.begin_again();
  const auto life = life_;
  beat();
  handler_.on_login(session);
  if (life == life_ && logged_in_) send_publications();
}

void Link::Impl::beat() {
  beat_timer_.expires_after(heartbeat_);
  beat_timer_.async_wait(
      [self = shared_from_this(), life = life_](boost::system::error_code error) {
        if (error || self->life_ != life || !self->logged_in_) return;
        if (self->clock_.monotonic() - self->last_heard_ > self->silence_)
          return self->lose("nothing was heard for too long");
        self->ask({.name = "heartbeat"}, nullptr, {});
        self->beat();
      });
}

void Link::Impl::lose(std::string_view reason) {
  if (!running_) return;
  const bool was_in = std::exchange(logged_in_, false);
  if (was_in && clock_.monotonic() - logged_in_at_ > kGoodLife) attempts_ = 0;
  ++life_;  // nothing of the old connection is listened to from here
  const std::string why{reason};
  if (connection_ != nullptr) std::exchange(connection_, nullptr)->close(why);
  beat_timer_.cancel();
  acks_.clear();  // the resume says what was applied
  ack_out_ = 0;
  log::info("connection lost", {{"name", options_.name}, {"reason", why}});
  pause_and_connect();
  const Refusal lost{"CONNECTION_LOST", "the connection broke before the answer came: " + why};
  for (auto& [id, on_answer] : std::exchange(asked_, {}))
    if (on_answer) on_answer(lost);
  if (was_in && running_) handler_.on_lost(why);
}

void Link::Impl::stop() {
  if (!running_) return;
  flush_acks();
  running_ = false;
  logged_in_ = false;
  ++life_;
  pause_timer_.cancel();
  beat_timer_.cancel();
  ack_timer_.cancel();
  asked_.clear();
  if (connection_ != nullptr) std::exchange(connection_, nullptr)->close("stopped");
}

void Link::Impl::ask(const Question& question, const json::object* body, OnAnswer on_answer) {
  const auto id = next_id_++;
  if (send(request_frame(id, question, body))) {
    asked_.emplace(id, std::move(on_answer));
  } else if (on_answer) {
    on_answer(Refusal{"CONNECTION_LOST", "there is no connection to ask by"});
  }
}

void Link::Impl::take(std::string_view text) {
  const auto self = shared_from_this();
  last_heard_ = clock_.monotonic();
  json::monotonic_resource memory{memory_.data(), memory_.size()};
  parser_.reset(&memory);
  boost::system::error_code error;
  parser_.write(text.data(), text.size(), error);
  if (error) return lose("the platform sent a frame that is no JSON: " + error.message());
  const json::value value = parser_.release();
  if (!value.is_object()) return lose("the platform sent a frame that is no JSON object");
  const json::object& frame = value.get_object();
  if (const auto* topic = frame.if_contains("topic"); topic != nullptr && topic->is_string()) {
    handler_.on_push({text_of(frame, "topic"), integer_of(frame, "plan"),
                      integer_of(frame, "epoch"), integer_of(frame, "seq"),
                      integer_of(frame, "out"), integer_of(frame, "line"),
                      object_of(frame, "body")});
  } else if (const auto* id = frame.if_contains("id"); id != nullptr && id->is_int64()) {
    take_answer(frame, id->get_int64());
  } else {
    take_other(frame);
  }
}

void Link::Impl::take_answer(const json::object& frame, std::int64_t id) {
  const auto found = asked_.find(id);
  if (found == asked_.end()) return;
  const OnAnswer on_answer = std::move(found->second);
  asked_.erase(found);
  if (!on_answer) return;
  if (const auto* error = frame.if_contains("error")) return on_answer(refusal_of(*error));
  on_answer(&object_of(frame, "ok"));
}

void Link::Impl::take_other(const json::object& frame) {
  if (const auto through = integer_of(frame, "acked"); through > 0)
    return dealt_with(publications_.acknowledged(through));
  const auto* error = frame.if_contains("error");
  if (error == nullptr) return;
  if (const auto number = integer_of(frame, "pub"); number > 0) {
    const Refusal why = refusal_of(*error);
    log::warn("the platform refused a publication", {{"number", number}, {"reason", why.message}});
    // Only this one counts as dealt with; any other is published again on a new connection.
    if (why.code != "EMPTY_BODY") return lose(why.code + ": " + why.message);
    return dealt_with(publications_.refused(number));
  }
  const Refusal why = refusal_of(*error);
  if (why.code == "REPLACED") return give_up(why);
  handler_.on_error(why, object_of(frame, "error"));
}

void Link::Impl::dealt_with(std::size_t count) {
  if (count > 0) handler_.on_published(count);
}

void Link::Impl::send_publications() {
  while (logged_in_) {
    std::string frame = publications_.next_frame();
    if (frame.empty() || !send(std::move(frame))) return;
  }
}

void Link::Impl::gather_ack(std::int64_t plan, std::int64_t epoch, std::int64_t through) {
  acks_[plan] = {epoch, through};
  arm_acks();
}

void Link::Impl::gather_ack_out(std::int64_t through) {
  ack_out_ = std::max(ack_out_, through);
  arm_acks();
}

void Link::Impl::arm_acks() {
  if (std::exchange(acks_armed_, true)) return;
  ack_timer_.expires_after(options_.ack_delay);
  ack_timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    self->acks_armed_ = false;
    if (!error) self->flush_acks();
  });
}

void Link::Impl::flush_acks() {
  if (!running_ || (acks_.empty() && ack_out_ == 0)) return;
  handler_.before_acks();
  for (const auto& [plan, ack] : std::exchange(acks_, {}))
    send(ack_frame(plan, ack.first, ack.second));
  if (ack_out_ != 0) send(ack_out_frame(std::exchange(ack_out_, 0)));
}

Link::Link(boost::asio::io_context& io, const Clock& clock, LinkOptions options,
           LinkHandler& handler)
    : impl_(std::make_shared<Impl>(io, clock, std::move(options), handler)) {}
Link::~Link() { stop(); }

void Link::start() { impl_->start(); }
void Link::stop() { impl_->stop(); }
void Link::reconnect(std::string_view reason) { impl_->lose(reason); }

void Link::request(const Question& question, const json::object& body, OnAnswer on_answer) {
  if (!impl_->logged_in() && on_answer)
    return on_answer(Refusal{"CONNECTION_LOST", "the link is not logged in"});
  if (impl_->logged_in()) impl_->ask(question, &body, std::move(on_answer));
}

void Link::request(const Question& question, OnAnswer on_answer) {
  request(question, json::object{}, std::move(on_answer));
}

bool Link::publish(std::string_view topic, std::string body) {
  if (!impl_->publications().add(topic, body)) return false;
  impl_->send_publications();
  return true;
}

std::size_t Link::unpublished() const { return impl_->publications().size(); }
std::size_t Link::room() const { return impl_->publications().room(); }

void Link::ack(std::int64_t plan, std::int64_t epoch, std::int64_t through) {
  impl_->gather_ack(plan, epoch, through);
}
void Link::ack_out(std::int64_t through) { impl_->gather_ack_out(through); }
void Link::flush_acks() { impl_->flush_acks(); }

bool Link::logged_in() const { return impl_->logged_in(); }
MonotonicPoint Link::last_heard() const { return impl_->last_heard(); }

}  // namespace systask::peers
