#include "service/api/body.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "base/text.h"
#include "service/api/repeated_member.h"

namespace systask::service {
namespace {

constexpr std::size_t kLongestShown = 40;

// Whatever is kept of a request has an end: names, reasons, securities, parameters.
constexpr std::size_t kLongestText = 1'000;
constexpr std::size_t kLongestName = 128;
constexpr std::size_t kLongestValue = 4'096;
constexpr std::size_t kMostElements = 1'000;

// A body of a megabyte has room for some hundred thousand.
constexpr std::size_t kMostMistakes = 50;

std::string shown(const boost::json::value* value) {
  if (value == nullptr) return "is missing";
  std::string text = boost::json::serialize(*value);
  if (text.size() > kLongestShown) text = std::string{utf8_prefix(text, kLongestShown)} + "...";
  return "is " + text;
}

}  // namespace

Result<Body> Body::parse(std::string_view text) {
  if (text.empty()) return Body{{}};
  boost::system::error_code error;
  auto value = boost::json::parse({text.data(), text.size()}, error);
  if (error == boost::json::error::too_deep)
    return Refusal{"BAD_REQUEST",
                   "the body is nested more deeply than 32 levels: no request of this service is"};
  if (error)
    return Refusal{"BAD_JSON",
                   fmt::format("the body is no JSON: {}; send one JSON object", error.message())};
  if (!value.is_object())
    return Refusal{"BAD_JSON",
                   "the body is JSON, but no object: send {…} with the members of this "
                   "request"};
  if (auto twice = repeated_member(text)) return Refusal{"BAD_REQUEST", std::move(*twice)};
  return Body{std::move(value.get_object())};
}

Body::Body(boost::json::object object, std::string place)
    : object_(std::move(object)), place_(std::move(place)) {}

const boost::json::value* Body::find(std::string_view name) const {
  return object_.if_contains({name.data(), name.size()});
}

std::string Body::short_text(std::string_view name, const boost::json::value& value) {
  if (value.get_string().size() <= kLongestText) return std::string{value.get_string()};
  complain(fmt::format("'{}{}' has {} bytes, expected {} at most", place_, name,
                       value.get_string().size(), kLongestText));
  return {};
}

// Whether a list or an object has no more than it may.
bool Body::is_short(std::string_view name, std::size_t size) {
  if (size <= kMostElements) return true;
  complain(fmt::format("'{}{}' has {} elements, expected {} at most", place_, name, size,
                       kMostElements));
  return false;
}

void Body::complain(std::string mistake) {
  if (mistakes_.size() < kMostMistakes) mistakes_.push_back(std::move(mistake));
}

void Body::note(std::string_view name, std::string_view expected) {
  complain(fmt::format("'{}{}' {}, expected {}", place_, name, shown(find(name)), expected));
}

std::string Body::text(std::string_view name) {
  const auto* value = find(name);
  if (value != nullptr && value->is_string() && !value->get_string().empty())
    return short_text(name, *value);
  note(name, "a string that is not empty");
  return {};
}

std::int64_t Body::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  if (find(name) == nullptr) note(name, fmt::format("an integer from {} to {}", least, most));
  return optional_integer(name, least, most).value_or(0);
}

std::optional<std::int64_t> Body::optional_integer(std::string_view name, std::int64_t least,
                                                   std::int64_t most) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  boost::system::error_code error;
  const auto number = value->is_number() && !value->is_double()
                          ? value->to_number<std::int64_t>(error)
                          : std::int64_t{0};
  if (!value->is_number() || value->is_double() || error || number < least || number > most) {
    note(name, fmt::format("an integer from {} to {}", least, most));
    return std::nullopt;
  }
  return number;
}

std::vector<Body> Body::objects(std::string_view name) {
  const auto* value = find(name);
  std::vector<Body> inner;
  if (value != nullptr && value->is_array())
    for (const auto& element : value->get_array())
      if (element.is_object())
        inner.emplace_back(element.get_object(),
                           fmt::format("{}{}[{}].", place_, name, inner.size()));
  if (inner.empty() || inner.size() != value->get_array().size())
    note(name, "an array of one object or more");
  return inner;
}

std::string Body::text_or(std::string_view name, std::string_view otherwise) {
  const auto* value = find(name);
  if (value == nullptr) return std::string{otherwise};
  if (value->is_string()) return short_text(name, *value);
  note(name, "a string");
  return {};
}

std::map<std::string, std::string> Body::texts(std::string_view name) {
  const auto* value = find(name);
  std::map<std::string, std::string> found;
  if (value == nullptr) return found;
  if (!value->is_object()) {
    note(name, "an object of strings");
    return found;
  }
  if (!is_short(name, value->get_object().size())) return found;
  for (const auto& [key, member] : value->get_object()) {
    const bool is_text = member.is_string();
    if (is_text && key.size() <= kLongestName && member.get_string().size() <= kLongestValue)
      found.emplace(key, member.get_string());
    else if (is_text)
      complain(fmt::format("'{}{}.{}' has {} bytes, expected {} at most, and {} in its name",
                           place_, name, utf8_prefix({key.data(), key.size()}, kLongestName),
                           member.get_string().size(), kLongestValue, kLongestName));
    else
      complain(fmt::format("'{}{}.{}' {}, expected a string", place_, name, std::string_view{key},
                           shown(&member)));
  }
  return found;
}

std::vector<std::string> Body::text_list(std::string_view name) {
  const auto* value = find(name);
  std::vector<std::string> found;
  if (value == nullptr) return found;
  if (value->is_array() && !is_short(name, value->get_array().size())) return found;
  if (value->is_array())
    for (const auto& element : value->get_array())
      if (element.is_string() && !element.get_string().empty() &&
          element.get_string().size() <= kLongestText)
        found.emplace_back(element.get_string());
  if (!value->is_array() || found.size() != value->get_array().size())
    note(name,
         fmt::format("an array of strings that are not empty, of {} bytes at most", kLongestText));
  return found;
}

std::optional<Body> Body::object(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_object()) return Body{value->get_object(), fmt::format("{}{}.", place_, name)};
  note(name, "an object");
  return std::nullopt;
}

std::vector<Body> Body::objects_if_any(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr || (value->is_array() && value->get_array().empty())) return {};
  return objects(name);
}

void Body::take_mistakes(const Body& inner) {
  for (const std::string& mistake : inner.mistakes_)
    complain(mistake);
}

Refusal Body::refusal() const {
  return {"BAD_REQUEST",
          fmt::format("the body is not as expected: {}", fmt::join(mistakes_, "; "))};
}

}  // namespace systask::service
