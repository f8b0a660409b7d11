// A platform for tests of peers: a real server on a loopback port, which answers the login
// as the protocol says and leaves everything else to the test's script. It runs on the
// test's own io_context; run_until() turns that loop until something has happened.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/server.h"

namespace systask::peers {

class FakePlatform {
 public:
  // What a request is answered with: {"ok":…} or {"error":…}; nothing leaves it unanswered.
  using Script = std::function<std::optional<boost::json::object>(const boost::json::object&)>;

  explicit FakePlatform(boost::asio::io_context& io);
  ~FakePlatform();

  [[nodiscard]] std::string port() const { return std::to_string(server_.port()); }
  void push(const std::string& frame);  // to the last connection
  void hang_up();                       // closes the last connection
  // Turns the loop until `happened` is true; false where it has not within 10 s.
  bool run_until(const std::function<bool()>& happened);

  boost::json::object session;  // what `prove` is answered with; a site's first is below
  std::string secret = "s3cret";
  Script script;
  bool silent = false;  // answers nothing more, but keeps the connection
  bool refuse_logins = false;

  std::vector<boost::json::object> proofs;    // bodies of `prove`
  std::vector<boost::json::object> requests;  // all others but heartbeats
  std::vector<boost::json::object> acks;      // the objects under "ack"
  std::vector<boost::json::object> pubs;      // whole publications
  int heartbeats = 0;
  int connections = 0;

 private:
  class Session;
  friend class Session;
  boost::asio::io_context& io_;
  net::Server server_;
  std::shared_ptr<net::Connection> last_;
};

boost::json::object ok(boost::json::object body);
boost::json::object refusal(const std::string& code, const std::string& message);
boost::json::object parse(const std::string& text);
std::string name_of(const boost::json::object& request);

}  // namespace systask::peers
