// Reading the JSON body of a request. A Body notes each member that is missing or of the
// wrong kind; after all were asked for, refusal() names them, with what was expected.
// Texts have limits, in bytes: 1 000 of one, 128 of a parameter's name and 4 096 of its value; 1
// 000 parameters and elements of a list of texts. A value of one thread.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace systask::service {

class Body {
 public:
  // BAD_JSON where the text is no JSON object, BAD_REQUEST where an object in it has a member
  // twice. An empty text is an empty object.
  static Result<Body> parse(std::string_view text);
  // `place` goes before the names of members in messages: "details[0].".
  explicit Body(boost::json::object object, std::string place = {});

  // Required members. Empty, 0 where the member is wrong, which is noted.
  std::string text(std::string_view name);
  std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most);
  // At least one object.
  std::vector<Body> objects(std::string_view name);

  std::string text_or(std::string_view name, std::string_view otherwise);
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t least,
                                               std::int64_t most);
  // An object whose members are all strings; empty where it is absent.
  std::map<std::string, std::string> texts(std::string_view name);

  // An array of strings that are not empty; empty where it is absent.
  std::vector<std::string> text_list(std::string_view name);
  // One object within, or nothing where it is absent.
  std::optional<Body> object(std::string_view name);
  // As objects(), but it may be absent or empty.
  std::vector<Body> objects_if_any(std::string_view name);

  // What an object within found wrong.
  void take_mistakes(const Body& inner);
  [[nodiscard]] bool wrong() const { return !mistakes_.empty(); }
  // BAD_REQUEST with every mistake, 50 at most.
  [[nodiscard]] Refusal refusal() const;

 private:
  const boost::json::value* find(std::string_view name) const;
  void note(std::string_view name, std::string_view expected);
  void complain(std::string mistake);
  std::string short_text(std::string_view name, const boost::json::value& value);
  bool is_short(std::string_view name, std::size_t size);

  boost::json::object object_;
  std::string place_;
  std::vector<std::string> mistakes_;
};

}  // namespace systask::service
