// A strategy site: it logs in, starts the plans it is given, takes over those whose site
// died, runs their strategies, and stops acting when it can no longer hear the platform.
// One Site per io_context, on its one thread. It may be destroyed when that thread no
// longer runs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "peers/link/link.h"

namespace systask::peers {

struct SiteOptions {
  LinkOptions link;  // role, name and secret are filled in by whoever makes the site
  std::vector<std::string> strategies;
  std::string environment = "prod";
  std::int64_t capacity = 1000;
  std::string trace;  // a file, or empty
  std::chrono::milliseconds tick{50};
  // The login was refused; the site has stopped. May be empty.
  std::function<void(const Refusal&)> on_refused;
};

class Site {
 public:
  // Throws std::system_error where the trace file cannot be opened.
  Site(boost::asio::io_context& io, const Clock& clock, SiteOptions options);
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  void start();
  // Gives its plans back; `done` is called when the platform has said so, or at once where
  // it cannot be reached. The site is stopped then.
  void log_out(std::function<void()> done);
  void stop();
  // The D lines of the trace; and compares with the platform's digests, in the log.
  void dump_digests();

  [[nodiscard]] std::size_t plans() const;  // claimed or running
  // The digest of a plan it holds, or empty.
  [[nodiscard]] std::string digest(std::int64_t plan) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace systask::peers
