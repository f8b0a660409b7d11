// A FixRecording tells a log of FIX messages, of any sessions and versions, as reports.
// Orders are spread over the plans in turn. Memory grows with the open orders. One thread.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "peers/flow/fix/log_reader.h"
#include "peers/flow/fix/tally.h"
#include "peers/flow/fix/translator.h"
#include "peers/flow/recording.h"

namespace systask::peers::flow::fix {

class FixRecording final : public Recording {
 public:
  // Throws std::runtime_error where the file cannot be read or has no FIX message.
  explicit FixRecording(const ReplayOptions& options);

  std::optional<Recorded> next() override;
  [[nodiscard]] std::string account() const override { return tally_.to_text(shown_); }
  [[nodiscard]] std::string account_json() const override { return tally_.to_json(); }
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  void read_on();

  std::string shown_;
  int scale_;
  Tally tally_;
  LogReader reader_;
  Translator translator_;
  std::deque<Recorded> ready_;
  bool ended_ = false;
};

}  // namespace systask::peers::flow::fix
