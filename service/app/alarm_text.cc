#include "service/app/alarm_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using scheduler::Alarm;

constexpr std::size_t kSubjectBytes = 200;
constexpr std::size_t kEncodedBytes = 54;  // of one encoded word, without its frame
constexpr std::size_t kLineBytes = 76;
constexpr std::string_view kLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; }) &&
         text.find("=?") == std::string_view::npos;
}

// RFC 2047, "Q": words of at most 75 bytes, none of which cuts a character in two.
std::string encoded_words(std::string_view text) {
  std::string header;
  std::string word;
  const auto end_word = [&] {
    header += fmt::format("{}=?UTF-8?Q?{}?=", header.empty() ? "" : "\n ", word);
    word.clear();
  };
  while (!text.empty()) {
    const std::string_view character = text.substr(0, std::max<std::size_t>(utf8_size(text), 1));
    std::string piece;
    for (const char c : character)
      piece += kLetters.find(c) == std::string_view::npos
                   ? fmt::format("={:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)))
                   : std::string(1, c);
    if (word.size() + piece.size() > kEncodedBytes) end_word();
    word += piece;
    text.remove_prefix(character.size());
  }
  end_word();
  return header;
}

std::string header_value(std::string_view text) {
  const std::string line = one_line(text, kSubjectBytes);
  return is_plain(line) ? line : encoded_words(line);
}

// The sentence in lines that mail programs do not break.
std::string wrapped(const std::string& text) {
  std::string lines;
  std::string_view left = text;
  while (left.size() > kLineBytes) {
    std::size_t end = left.rfind(' ', kLineBytes);
    if (end == std::string_view::npos || end == 0) end = left.find(' ');
    if (end == std::string_view::npos) break;
    lines.append(left.substr(0, end)) += '\n';
    left.remove_prefix(end + 1);
  }
  return lines.append(left) += '\n';
}

std::string date_of(const Alarm& alarm) {
  return alarm.business_date == 0 ? "" : fmt::format("{}", alarm.business_date);
}

}  // namespace

std::string_view state_of(bool raised) { return raised ? "raised" : "cleared"; }

std::string alarm_as_json(const Alarm& alarm, bool raised) {
  json::value date;
  if (alarm.business_date != 0) date = alarm.business_date;
  return json::serialize(json::object{{"alarm", name_of(alarm.kind)},
                                      {"task", alarm.task->name},
                                      {"state", state_of(raised)},
                                      {"business_date", date},
                                      {"since", to_rfc3339(alarm.since)},
                                      {"says", alarm.says}});
}

std::string alarm_as_mail(const Alarm& alarm, bool raised, const scheduler::NotifyMail& mail) {
  std::string text;
  if (!mail.from.empty()) text += fmt::format("From: {}\n", mail.from);
  text += fmt::format("To: {}\n", fmt::join(mail.to, ",\n "));
  text += fmt::format("Subject: {}\n",
                      header_value(fmt::format("[systask] {} {}: {}", alarm.task->name,
                                               name_of(alarm.kind), raised ? "raised" : "over")));
  text +=
      "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n"
      "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n";
  text += wrapped(one_line(alarm.says, 4'000));
  text += fmt::format("\ntask:          {} ({})\n", one_line(alarm.task->name, kSubjectBytes),
                      alarm.task->id.value());
  text += fmt::format("alarm:         {}, {}\n", name_of(alarm.kind), state_of(raised));
  if (const std::string date = date_of(alarm); !date.empty())
    text += fmt::format("business date: {}\n", date);
  text += fmt::format("since:         {}\n", to_rfc3339(alarm.since));
  if (raised)
    text += fmt::format("\nLook at it with:\n  systask status\n  systask runs --task {}\n",
                        one_line(alarm.task->name, kSubjectBytes));
  return text;
}

}  // namespace systask::service
