#include "tests/unit/peers/fake_platform.h"

#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "peers/link/secrets.h"

namespace systask::peers {

namespace json = boost::json;

class FakePlatform::Session final : public net::Peer {
 public:
  Session(FakePlatform& platform, std::shared_ptr<net::Connection> connection)
      : platform_(platform), connection_(std::move(connection)) {}

  void on_text(std::string_view text) override {
    const json::object frame = json::parse(json::string_view{text.data(), text.size()}).as_object();
    if (platform_.silent) return;
    if (const auto* ack = frame.if_contains("ack")) {
      platform_.acks.push_back(ack->as_object());
    } else if (frame.contains("pub")) {
      platform_.pubs.push_back(frame);
    } else {
      take_request(frame);
    }
  }
  void on_closed(std::string_view) override {}

 private:
  void take_request(const json::object& frame) {
    const std::string name = name_of(frame);
    if (name == "login") return log_in(frame);
    if (name == "prove") return prove(frame);
    if (name == "heartbeat") {
      ++platform_.heartbeats;
      return answer(frame, ok({}));
    }
    platform_.requests.push_back(frame);
    const auto said = platform_.script ? platform_.script(frame) : ok({});
    if (said) answer(frame, *said);
  }

  void log_in(const json::object& frame) {
    const json::object& body = frame.at("body").as_object();
    who_ =
        std::string{body.at("role").as_string()} + ":" + std::string{body.at("name").as_string()};
    challenge_ = std::string(64, 'c');
    answer(frame, ok({{"challenge", challenge_}}));
  }

  void prove(const json::object& frame) {
    const json::object& body = frame.at("body").as_object();
    platform_.proofs.push_back(body);
    const std::string proof = hmac_sha256(platform_.secret, challenge_ + ":" + who_);
    if (platform_.refuse_logins || body.at("proof").as_string() != proof)
      return answer(frame, refusal("LOGIN_REFUSED", "the proof is wrong"));
    answer(frame, ok(platform_.session));
  }

  void answer(const json::object& frame, json::object said) {
    said["id"] = frame.at("id");
    connection_->send(net::make_frame(json::serialize(said)));
  }

  FakePlatform& platform_;
  std::shared_ptr<net::Connection> connection_;
  std::string who_;
  std::string challenge_;
};

FakePlatform::FakePlatform(boost::asio::io_context& io)
    : session(parse(R"({"site":2,"session":12,"resumed":false,"heartbeat_ms":200,
                        "site_timeout_ms":1000,"plans":[]})")),
      io_(io),
      server_(io, {.port = 0},
              {.on_request = {},
               .on_connection = [this](std::shared_ptr<net::Connection> connection,
                                       const std::string&) -> std::shared_ptr<net::Peer> {
                 last_ = connection;
                 ++connections;
                 return std::make_shared<Session>(*this, std::move(connection));
               }}) {
  server_.start();
}

FakePlatform::~FakePlatform() {
  server_.stop();
  last_.reset();
  io_.restart();
  io_.run_for(std::chrono::milliseconds{50});  // lets the connections close
}

void FakePlatform::push(const std::string& frame) { last_->send(net::make_frame(frame)); }

void FakePlatform::hang_up() { last_->close("the test hangs up"); }

bool FakePlatform::run_until(const std::function<bool()>& happened) {
  bool late = false;
  boost::asio::steady_timer limit{io_, std::chrono::seconds{10}};
  // Cancelled with this call's end, it comes later still, and must not touch what is gone.
  limit.async_wait([&late](boost::system::error_code error) {
    if (!error) late = true;
  });
  while (!happened() && !late) {
    io_.restart();
    io_.run_one();
  }
  return happened();
}

json::object ok(json::object body) { return {{"ok", std::move(body)}}; }

json::object refusal(const std::string& code, const std::string& message) {
  return {{"error", json::object{{"code", code}, {"message", message}}}};
}

json::object parse(const std::string& text) { return json::parse(text).as_object(); }

std::string name_of(const json::object& request) {
  return std::string{request.at("name").as_string()};
}

}  // namespace systask::peers
