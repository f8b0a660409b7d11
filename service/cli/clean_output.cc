#include "service/cli/clean_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <streambuf>

#include "base/text.h"

namespace systask::service {
namespace {

// How many bytes at the end may be the beginning of a character whose rest is still to come.
std::size_t unfinished(std::string_view text) {
  constexpr std::size_t kLongest = 3;
  for (std::size_t size = 1; size <= std::min(kLongest, text.size()); ++size) {
    const auto byte = static_cast<unsigned char>(text[text.size() - size]);
    if (byte < 0x80U) return 0;
    if (byte < 0xC0U) continue;  // goes on
    const std::size_t whole = byte >= 0xF0U ? 4 : byte >= 0xE0U ? 3 : 2;
    return whole > size ? size : 0;
  }
  return 0;
}

// Of a character of two or three bytes.
unsigned code_of(std::string_view character) {
  unsigned code =
      static_cast<unsigned char>(character[0]) & (character.size() == 2 ? 0x1FU : 0x0FU);
  for (const char c : character.substr(1))
    code = (code << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
  return code;
}

}  // namespace

class CleanOutput::Buffer final : public std::streambuf {
 public:
  explicit Buffer(std::ostream& stream) : stream_(stream), under_(stream.rdbuf(this)) {}
  ~Buffer() override {
    pass(clean_text(rest_));
    stream_.rdbuf(under_);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  void pass(std::string_view text) {
    if (!text.empty()) under_->sputn(text.data(), static_cast<std::streamsize>(text.size()));
  }

 protected:
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    rest_.append(text, static_cast<std::size_t>(size));
    const std::size_t kept = unfinished(rest_);
    pass(clean_text(std::string_view{rest_}.substr(0, rest_.size() - kept)));
    rest_.erase(0, rest_.size() - kept);
    return size;
  }
  int_type overflow(int_type character) override {
    if (traits_type::eq_int_type(character, traits_type::eof())) return 0;
    const char c = traits_type::to_char_type(character);
    xsputn(&c, 1);
    return character;
  }
  int sync() override { return under_->pubsync(); }

 private:
  std::ostream& stream_;
  std::streambuf* under_;
  std::string rest_;  // of a character that is not whole yet
};

CleanOutput::CleanOutput() : CleanOutput(std::cout, std::cerr) {}

CleanOutput::CleanOutput(std::ostream& out, std::ostream& err)
    : out_(std::make_unique<Buffer>(out)), err_(std::make_unique<Buffer>(err)) {}

CleanOutput::~CleanOutput() = default;

void to_terminal(std::ostream& out, std::string_view command) {
  if (auto* const cleaning = dynamic_cast<CleanOutput::Buffer*>(out.rdbuf()))
    cleaning->pass(command);
  else
    out << command;
}

std::string json_text(const boost::json::value& value) {
  const std::string text = boost::json::serialize(value);
  std::string safe;
  safe.reserve(text.size());
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view character = rest.substr(0, std::max<std::size_t>(utf8_size(rest), 1));
    if (character.size() > 1 && !is_shown(character))
      safe += fmt::format("\\u{:04x}", code_of(character));
    else
      safe += character == "\x7f" ? std::string_view{"\\u007f"} : character;
    rest.remove_prefix(character.size());
  }
  return safe;
}

}  // namespace systask::service
