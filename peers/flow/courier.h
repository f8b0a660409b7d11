// The Courier publishes reports: it gives each its message_id, ascending in the order they
// leave, writes the trace and the fold at that moment, holds back the function it was
// told to, and resends some, half of them word for word and fills half the time under a
// new message_id. It never has more on the way than the link's window. One thread.
#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "peers/flow/report.h"

namespace systask::peers {
class Link;
}

namespace systask::peers::flow {

class Fold;

struct CourierOptions {
  std::string origin;  // within message ids: who sent it, in which run
  double duplicate = 0;
  std::optional<Function> hold;
  std::string trace_path;  // empty: no trace
  std::uint64_t seed = 1;
};

class Courier {
 public:
  // Throws std::runtime_error where the trace cannot be written.
  Courier(Link& link, Fold& fold, CourierOptions options);
  ~Courier();
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  // Call only while the link has room.
  void send(const Report& report);
  // Sends one message that waits here: a released one, or a resend whose turn has come
  // (any resend where nothing else is left to send). False where there is none.
  bool send_waiting(bool nothing_else);
  // What was held back may go, in its order, before anything else; and nothing more is
  // held back until hold_again().
  void release();
  void hold_again() { holding_ = options_.hold.has_value(); }
  [[nodiscard]] bool holding() const { return holding_; }

  [[nodiscard]] std::int64_t sent() const { return sent_; }      // publications
  [[nodiscard]] std::int64_t unique() const { return unique_; }  // those that must count
  [[nodiscard]] std::size_t held() const { return held_.size(); }
  [[nodiscard]] std::size_t waiting() const { return released_.size() + resends_.size(); }
  void flush_trace();

 private:
  struct Resend {
    std::int64_t turn;  // of sent_
    Function function;
    std::string body;
  };
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void send_now(const Report& report);
  void plan_resend(const Report& report, const std::string& message_id, const std::string& body);
  std::string next_id(const Report& report);
  void trace(const std::string& line);

  Link& link_;
  Fold& fold_;
  CourierOptions options_;
  std::mt19937_64 random_;
  std::unique_ptr<std::FILE, CloseFile> trace_;
  std::deque<Report> held_;
  std::deque<Report> released_;
  std::deque<Resend> resends_;
  bool holding_ = false;
  std::int64_t ids_ = 0;
  std::int64_t sent_ = 0;
  std::int64_t unique_ = 0;
};

}  // namespace systask::peers::flow
