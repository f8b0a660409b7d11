#include "peers/flow/fix/log_reader.h"

#include <algorithm>
#include <utility>

#include "peers/flow/fix/cutter.h"

namespace systask::peers::flow::fix {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 16U;
constexpr std::size_t kMark = 5;  // of 8=FIX: so much of a text may be the beginning of one
constexpr std::size_t kShownOfLine = 60;

}  // namespace

LogReader::LogReader(const FileName& file, Tally& tally, std::string separator)
    : tally_(tally), separator_(std::move(separator)), file_(file) {
  read_more();
  first_line_ = text_.substr(0, std::min(text_.find('\n'), kShownOfLine));
}

std::optional<LogMessage> LogReader::next() {
  while (true) {
    const auto begin = find_message(text_, at_);
    if (begin == std::string::npos) {
      const auto kept = ended_ ? 0 : std::min(kMark, text_.size() - at_);
      pass(text_.size() - at_ - kept, false);
      if (ended_) {
        end_line();
        return {};
      }
      read_more();
      continue;
    }
    pass(begin - at_, false);
    Cut cut = cut_message(std::string_view{text_}.substr(at_), ended_, separator_);
    if (cut.state == Cut::State::kMore) {
      read_more();
      continue;
    }
    found_any_ = true;
    const auto line = line_;
    pass(cut.length, true);
    if (cut.state == Cut::State::kBroken) {
      tally_.count(Section::kBroken, cut.flaw, line);
      continue;
    }
    if (cut.mended)
      tally_.count(Section::kNoted,
                   separator_.empty()
                       ? "CheckSum or BodyLength missing or not right, computed anew (SOH "
                         "was replaced)"
                       : "CheckSum or BodyLength missing or not right, computed "
                         "anew (--separator)",
                   line);
    return LogMessage{line, std::move(cut.message)};
  }
}

void LogReader::read_more() {
  text_.erase(0, at_);
  at_ = 0;
  const auto had = text_.size();
  text_.resize(had + kPiece);
  const auto got = file_.read(std::span{text_}.subspan(had));
  text_.resize(had + got);
  ended_ = got == 0;
}

// Goes on in the text, which is a message or what stands around them.
void LogReader::pass(std::size_t length, bool message) {
  if (message) line_has_message_ = line_has_text_ = true;
  for (const auto end = at_ + length; at_ < end; ++at_) {
    if (text_[at_] == '\n') {
      if (message)
        ++line_;
      else
        end_line();
    } else if (text_[at_] != '\r' && text_[at_] != ' ' && text_[at_] != '\t') {
      line_has_text_ = true;
    }
  }
}

void LogReader::end_line() {
  if (line_has_text_ && !line_has_message_)
    tally_.count(Section::kAround, "lines without a message", line_);
  line_has_text_ = line_has_message_ = false;
  ++line_;
}

}  // namespace systask::peers::flow::fix
